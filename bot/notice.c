#include "bot/notice.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/alarm.h"
#include "bot/arn.h"
#include "bot/event_input.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_TITLE 300
#define MAX_DETAILS 40
#define MAX_VALUE 500

static bool is_account(const char *text)
{
	return text != NULL && strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

struct notice *notice_new(const struct event_input *input, const char *source)
{
	struct notice *notice = mem_alloc(sizeof(*notice));
	const char *account = json_text(input->json, "account");
	const char *region = json_string(input->json, "region");

	if (!is_account(account))
		account =
			input->has_topic && is_account(input->topic.account) ? input->topic.account : NULL;
	if (!region_is_plausible(region))
		region = input->has_topic && region_is_plausible(input->topic.region) ? input->topic.region
		                                                                      : NULL;
	notice->source = event_line(source, 100);
	notice->account = mem_copy_string(account);
	notice->region = mem_copy_string(region);
	notice->severity = mem_copy_string("info");
	if (!event_time(json_string(input->json, "time"), &notice->at_ms))
		notice->at_ms = input->sent_ms;
	return notice;
}

static void set_title(struct notice *notice, struct str *title)
{
	free(notice->title);
	notice->title = event_line(title->text, MAX_TITLE);
	if (notice->title == NULL)
		notice->title = mem_copy_string("(no title)");
	str_free(title);
}

void notice_title(struct notice *notice, const char *format, ...)
{
	struct str title;
	char *text = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		mem_none_left();
	str_init(&title, (size_t)length);
	str_add(&title, text);
	free(text);
	set_title(notice, &title);
}

const char *notice_last_part(const char *arn)
{
	const char *slash, *colon;

	if (arn == NULL)
		return NULL;
	slash = strrchr(arn, '/');
	colon = strrchr(arn, ':');
	if (slash != NULL && slash[1] != '\0')
		return slash + 1;
	return colon != NULL && colon[1] != '\0' ? colon + 1 : arn;
}

static void add_member(struct str *out, const char *path, struct json_object *json, const char *arn)
{
	const char *value = strcmp(path, "arn") == 0 ? notice_last_part(arn) : json_text(json, path);
	char *line = event_line(value, 200);

	str_add(out, line == NULL ? "?" : line);
	free(line);
}

void notice_title_from(struct notice *notice, const char *pattern, struct json_object *json,
                       const char *arn)
{
	struct str title;

	str_init(&title, 4096);
	while (*pattern != '\0') {
		size_t plain = strcspn(pattern, "{");
		char path[64];
		size_t length;

		str_add_bytes(&title, pattern, plain);
		pattern += plain;
		if (*pattern == '\0')
			break;
		length = strcspn(++pattern, "}");
		(void)snprintf(path, sizeof(path), "%.*s", (int)length, pattern);
		add_member(&title, path, json, arn);
		pattern += length + (pattern[length] == '}');
	}
	set_title(notice, &title);
}

void notice_set_text(struct notice *notice, const char *text)
{
	free(notice->text);
	notice->text = event_text(text, NOTICE_TEXT_MAX);
}

void notice_detail(struct notice *notice, const char *name, const char *value)
{
	char *n = event_line(name, 100), *v = event_line(value, MAX_VALUE);

	if (n != NULL && v != NULL && json_count(notice->details) < MAX_DETAILS) {
		struct json_object *detail = json_new_object();

		json_put_string(detail, "name", n);
		json_put_string(detail, "value", v);
		if (notice->details == NULL)
			notice->details = json_new_array();
		json_append(notice->details, detail);
	}
	free(n);
	free(v);
}

static bool add_scalar(void *arg, const char *key, struct json_object *value)
{
	struct notice *notice = arg;
	const char *text = json_text(value, "");

	if (text == NULL || notice_name_is_secret(key))
		return true;
	if ((notice->title == NULL || strstr(notice->title, text) == NULL) &&
	    (notice->text == NULL || strcmp(notice->text, text) != 0))
		notice_detail(notice, key, text);
	return true;
}

void notice_details_of(struct notice *notice, struct json_object *object)
{
	json_each(object, add_scalar, notice);
}

void notice_severity(struct notice *notice, const char *severity)
{
	mem_set_string(&notice->severity, severity);
}

const char *notice_severity_of(const char *words)
{
	static const char *const bad[] = {
		"fail", "error", "unsuccessful", "timed", "timeout", "abort", "denied", "non_compliant",
		"noncompliant", "unhealthy", "impaired", "degraded", "rollback", "rolled back", "expired",
		"exceeded", "stopped", "stopping", "terminated", "shutting-down", "threat", "undeliverable",
	};

	for (size_t i = 0; words != NULL && i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strcasestr(words, bad[i]) != NULL)
			return "warning";
	return "info";
}
