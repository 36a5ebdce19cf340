#include "commands/buttons.h"

#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/incident.h"
#include "bot/incident_history.h"
#include "bot/log.h"
#include "bot/runbook.h"
#include "commands/ask.h"
#include "commands/deed.h"
#include "commands/issue.h"
#include "commands/permit.h"
#include "commands/runbook_run.h"
#include "commands/whisper.h"

/* False: *err says why nothing happened. */
typedef bool button_fn(struct bot *bot, const struct chat_heard *heard, struct err *err);

static struct permit_act act_of(const struct chat_heard *heard)
{
	return (struct permit_act){ heard->user, heard->channel };
}

static bool approve(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	return runbook_decide(bot, heard->text, act_of(heard), true, err) == RUNBOOK_DECIDED;
}

static bool reject(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	return runbook_decide(bot, heard->text, act_of(heard), false, err) == RUNBOOK_DECIDED;
}

static struct incident *incident_of(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	struct incident *incident = incidents_find(bot->incidents, heard->text);

	if (incident == NULL)
		(void)err_set(err, ERR_NOT_FOUND, "I do not know this incident any more.");
	return incident;
}

/* The runbook that the incident's alarm had, once more. */
static bool diagnose(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	struct incident *incident = incident_of(bot, heard, err);
	bool no_data = incident != NULL && strcmp(incident->alarm.state, ALARM_STATE_NO_DATA) == 0;
	const struct runbook *runbook;

	if (incident == NULL)
		return false;
	runbook = no_data ? runbook_find(bot->config, RUNBOOK_AGENT) : runbook_for(bot->config, &incident->alarm);
	if (runbook == NULL)
		return err_set(err, ERR_NOT_FOUND, "No runbook is for this alarm. Name one: top i-0123456789abcdef0");
	if (!permit_runbook(bot, runbook, act_of(heard), err))
		return false;
	if (incident->run != NULL)
		return err_set(err, ERR_CONFLICT, "It is being diagnosed already.");
	runbook_start(bot, incident, runbook->name, no_data, heard->user);
	return true;
}

static bool ticket(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	struct incident *incident = incident_of(bot, heard, err);

	if (incident == NULL || !permit_operator(bot, act_of(heard), err))
		return false;
	if (bot->jira == NULL)
		return err_set(err, ERR_REFUSED, "I have no Jira: the configuration has no section jira.");
	incident_acted(bot->incidents, incident);
	issue_open(bot, incident);
	return true;
}

static const struct {
	const char *action;
	button_fn *fn;
} buttons[] = {
	{ "approve", approve },
	{ "reject", reject },
	{ "diagnose", diagnose },
	{ "ticket", ticket },
	{ "ack", ack_click },
	{ "silence", silence_click },
	{ "unsilence", unsilence_click },
	{ "resolve", resolve_click },
	{ "ask_stop", ask_stop },
	{ "ask_again", ask_again },
	{ "ask_propose", ask_propose },
};

void buttons_tell(struct bot *bot, const struct chat_heard *heard, enum message_tone tone, const char *text)
{
	whisper(bot, &(struct whisper){ .response_url = heard->response_url, .tone = tone, .text = text });
}

void buttons_click(struct bot *bot, const struct chat_heard *heard)
{
	struct err err;

	for (size_t i = 0; i < sizeof(buttons) / sizeof(buttons[0]); i++) {
		if (strcmp(buttons[i].action, heard->word) != 0)
			continue;
		log_event(LOG_INFO, "button.clicked", "button", heard->word, "on", heard->text, "user", heard->user,
		          NULL);
		if (!buttons[i].fn(bot, heard, &err))
			buttons_tell(bot, heard, TONE_WARNING, err.text);
		return;
	}
	log_event(LOG_WARN, "button.unknown", "button", heard->word, NULL);
}
