#include "adapters/aws/ssm_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/clock.h"
#include "bot/str.h"

#define KEPT_CHARACTERS 24000

static const struct status {
	const char *name; /* without spaces */
	enum ssm_phase phase;
	const char *why;
} statuses[] = {
	{ "Pending", SSM_WAITING, NULL },
	{ "Delayed", SSM_WAITING, NULL },
	{ "InProgress", SSM_RUNNING, NULL },
	{ "Cancelling", SSM_RUNNING, NULL },
	{ "Success", SSM_DONE, NULL },
	{ "Cancelled", SSM_FAILED, "was cancelled" },
	{ "DeliveryTimedOut", SSM_FAILED, "did not reach the instance in time: its SSM agent does not answer" },
	{ "Undeliverable", SSM_FAILED, "could not be delivered: the instance is gone or does not answer" },
	{ "Terminated", SSM_FAILED, "was ended by SSM: the whole command passed its limit of errors" },
	{ "InvalidPlatform", SSM_FAILED, "is not for the platform of the instance" },
	{ "AccessDenied", SSM_FAILED, "was refused: the role that sent it may not run it there" },
	{ "RateExceeded", SSM_FAILED, "was refused: too many commands are under way in the account" },
	{ "Incomplete", SSM_FAILED, "was not completed" },
	{ "ExecutionTimedOut", SSM_FAILED, NULL }, /* these three say more, below */
	{ "TimedOut", SSM_FAILED, NULL },
	{ "Failed", SSM_FAILED, NULL },
};

static const struct status *find_status(const char *text)
{
	char name[40];
	size_t length = 0;

	for (; *text != '\0' && length + 1 < sizeof(name); text++)
		if (*text != ' ')
			name[length++] = *text;
	name[length] = '\0';
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcasecmp(statuses[i].name, name) == 0)
			return &statuses[i];
	return NULL;
}

enum ssm_phase ssm_words_phase(const char *status)
{
	const struct status *found = find_status(status);

	return found == NULL ? SSM_RUNNING : found->phase;
}

/* ISO 8601: "PT1H2M3.5S". 0: absent or something else. */
static int64_t elapsed_ms(const char *text)
{
	int64_t ms = 0;

	if (text == NULL || !str_starts(text, "PT"))
		return 0;
	for (text += 2; *text != '\0';) {
		char *end;
		double value = strtod(text, &end);

		if (end == text || value < 0 || value > 1e6)
			return 0;
		ms += (int64_t)(value * (*end == 'H' ? 3600000 : *end == 'M' ? 60000 : 1000));
		text = *end == '\0' ? end : end + 1;
	}
	return ms;
}

void ssm_words_why(const char *status, int64_t exit_code, const char *elapsed, char *out, size_t size)
{
	const struct status *found = find_status(status);
	char duration[CLOCK_TEXT_SIZE] = "its time";
	bool timed_out = found != NULL && str_ends(found->name, "TimedOut");

	if (elapsed_ms(elapsed) >= 1000)
		clock_format_duration(elapsed_ms(elapsed), duration);
	if (found != NULL && found->why != NULL)
		(void)snprintf(out, size, "%s", found->why);
	else if (timed_out)
		(void)snprintf(out, size, "timed out on the instance after %s", duration);
	else if (exit_code > 0)
		(void)snprintf(out, size, "ended with exit status %lld", (long long)exit_code);
	else
		(void)snprintf(out, size, "failed before the script began (%.60s)", status);
}

void ssm_words_not_managed(const char *instance, enum err_kind kind, struct err *err)
{
	(void)err_set(err, kind, "SSM cannot reach %.24s: no instance profile with AmazonSSMManagedInstanceCore, or "
	              "the SSM agent is down, or it is registered in another region or account, or the instance is not "
	              "running", instance);
}

bool ssm_words_is_cut(const char *output)
{
	size_t characters = 0;

	if (str_ends(output, "---Output truncated---"))
		return true;
	for (; *output != '\0'; output++)
		characters += ((unsigned char)*output & 0xC0) != 0x80;
	return characters >= KEPT_CHARACTERS;
}
