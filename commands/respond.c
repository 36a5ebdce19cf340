#include "commands/respond.h"

#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/incident_act.h"
#include "bot/journal.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/runbook.h"
#include "bot/silence.h"
#include "commands/announce.h"
#include "commands/issue.h"
#include "commands/mail.h"
#include "commands/picture.h"
#include "commands/runbook_run.h"

/* An alarm that flaps must not run commands and send mails for ever. */
#define LOST "not finished: this version of tocsin does not know how to go on with it"
#define CHANGED "no longer needed: the alarm has changed"
#define ANEW "no longer needed: its silence is over, and it is diagnosed anew"
#define RESPONSES_MAX 3
#define RESPONSES_WITHIN_MS (3600 * 1000)

static bool is_in(const struct alarm *alarm, const char *state)
{
	return strcmp(alarm->state, state) == 0;
}

/* False: it acted so often already that one more time tells nobody anything new. */
static bool may_respond(struct incident *incident)
{
	int64_t now_ms = clock_wall_ms();

	if (now_ms - incident->responses_ms >= RESPONSES_WITHIN_MS || now_ms < incident->responses_ms) {
		incident->responses_ms = now_ms;
		incident->responses = 0;
	}
	return incident->responses++ < RESPONSES_MAX;
}

/* Not while an earlier one still runs: its result is awaited. */
static void skip(struct bot *bot, struct incident *incident, const char *why)
{
	if (incident->run == NULL)
		incident_set_stage(bot->incidents, incident, &incident->diagnosis, STAGE_SKIPPED, "%s", why);
}

/* What waits for a decision on an earlier change is void. */
static void drop_proposal(struct bot *bot, struct incident *incident, const char *why)
{
	if (incident->proposal == NULL)
		return;
	flow_cancel(flow_find(bot->flows, incident->proposal));
	mem_set_string(&incident->proposal, NULL);
	mem_set_string(&incident->decision, why);
	incident->revision++;
}

/* The new change is diagnosed instead. */
static void drop_run(struct bot *bot, struct incident *incident)
{
	if (!runbook_may_be_dropped(bot, incident->run))
		return;
	flow_cancel(flow_find(bot->flows, incident->run));
	mem_set_string(&incident->run, NULL);
}

/* Of the earlier change: the mail would tell it as this one's. */
static void forget_diagnosis(struct incident *incident)
{
	mem_set_string(&incident->diagnosis.state, NULL);
	mem_set_string(&incident->diagnosis.note, NULL);
}

static void diagnose_alarm(struct bot *bot, struct incident *incident)
{
	const struct runbook *runbook = runbook_for(bot->config, &incident->alarm);

	if (runbook == NULL)
		return;
	if (runbook_instance_of(&incident->alarm) == NULL)
		skip(bot, incident, "the alarm names no instance, so nothing was run");
	else
		runbook_start(bot, incident, runbook->name, false, NULL);
}

static void diagnose_silence(struct bot *bot, struct incident *incident)
{
	if (runbook_instance_of(&incident->alarm) == NULL)
		skip(bot, incident, "no data, and the alarm names no instance that could be asked");
	else
		runbook_start(bot, incident, RUNBOOK_AGENT, true, NULL);
}

static void diagnose(struct bot *bot, struct incident *incident)
{
	if (incident->late)
		skip(bot, incident, "this alarm came late, so nothing was run by itself");
	else if (is_in(&incident->alarm, ALARM_STATE_ALARM))
		diagnose_alarm(bot, incident);
	else
		diagnose_silence(bot, incident);
}

static bool was_diagnosed(const struct incident *incident)
{
	const struct incident_stage *stage = &incident->diagnosis;

	return incident_stage_is(stage, STAGE_DONE) || incident_stage_is(stage, STAGE_FAILED);
}

/* It shows how it ended last time, and would pass for what is now. */
static void forget_picture(struct incident *incident)
{
	mem_set_string(&incident->image, NULL);
	mem_set_string(&incident->image_alt, NULL);
	mem_set_string(&incident->image_trouble, NULL);
}

static void on_firing(struct bot *bot, struct incident *incident, enum incident_change change)
{
	bool may = may_respond(incident);

	incident->held_back = false;
	drop_proposal(bot, incident, CHANGED);
	if (change != INCIDENT_OPENED)
		issue_tell_change(bot, incident);
	if (change == INCIDENT_REOPENED) {
		forget_picture(incident);
		issue_reopen(bot, incident);
	}
	issue_open(bot, incident);
	if (!may) {
		metrics_count("tocsin_responses_held_back_total", NULL, NULL);
		if (was_diagnosed(incident))
			skip(bot, incident, "it fires again and again: diagnosed 3 times within the hour already");
		return;
	}
	drop_run(bot, incident);
	forget_diagnosis(incident);
	mail_start(bot, incident);
	diagnose(bot, incident);
	picture_start(bot, incident);
}

/* What runs goes on: its output tells what happened while it fired. */
static void on_ok(struct bot *bot, struct incident *incident)
{
	drop_proposal(bot, incident, CHANGED);
	issue_tell_change(bot, incident);
	issue_resolve(bot, incident);
	if (incident->responses <= RESPONSES_MAX)
		picture_start(bot, incident);
	if (bot->config->mail.on_ok && incident->responses <= RESPONSES_MAX) /* the firing was mailed, too */
		mail_start(bot, incident);
}

/* Nobody wants to hear of it. What is recorded elsewhere is recorded further: an issue that is there says what the
 * alarm says. */
static void on_hushed(struct bot *bot, struct incident *incident, enum incident_change change)
{
	metrics_count("tocsin_changes_silenced_total", NULL, NULL);
	incident->held_back = true;
	drop_proposal(bot, incident, CHANGED);
	issue_tell_change(bot, incident);
	if (change == INCIDENT_CLOSED)
		issue_resolve(bot, incident);
	if (change == INCIDENT_REOPENED) {
		forget_picture(incident);
		issue_reopen(bot, incident);
	}
}

/* An older change that arrived late is history: nothing is done about it. */
static bool is_newest(const struct incident *incident, const struct alarm *alarm)
{
	return incident->alarm.changed_ms == alarm->changed_ms && strcmp(incident->alarm.state, alarm->state) == 0;
}

void respond(struct bot *bot, struct incident *incident, enum incident_change change, const struct alarm *alarm)
{
	if (change == INCIDENT_NOTHING || change == INCIDENT_DUPLICATE || !is_newest(incident, alarm))
		return;
	if (incident->hushed)
		on_hushed(bot, incident, change);
	else if (change == INCIDENT_CLOSED)
		on_ok(bot, incident);
	else if (incident_is_open(incident))
		on_firing(bot, incident, change);
	incident_save(bot->incidents, incident); /* also what no flow of the above has saved */
}

/* What had been told, diagnosed and mailed before the silence is not done again. */
static void announce_at_last(struct bot *bot, struct incident *incident)
{
	const struct incident_act act = {
		.what = "The silence is over. It has been firing since",
		.at_ms = incident->fired_ms,
		.loud = incident->message != NULL, /* an edit rings no phone */
	};

	incident->hushed = false;
	incident->revision++;
	incident_add_act(bot->incidents, incident, INCIDENT_THREAD, &act);
	if (!incident->held_back)
		return;
	drop_proposal(bot, incident, ANEW);
	on_firing(bot, incident, INCIDENT_OPENED);
}

struct change_of_silence {
	struct bot *bot;
	const struct silence *silence;
};

static void follow_silence(void *arg, struct incident *incident)
{
	const struct change_of_silence *change = arg;
	struct bot *bot = change->bot;
	bool holds;

	if (!incident_is_open(incident) ||
	    (change->silence == NULL ? !incident->hushed : !silence_is_for(change->silence, &incident->alarm)))
		return;
	holds = silences_find(bot->silences, &incident->alarm) != NULL;
	if (holds ? change->silence == NULL : !incident->hushed) /* it is silenced still; it was announced already */
		return;
	if (holds) {
		incident->hushed = true;
		incident->revision++;
	} else {
		announce_at_last(bot, incident);
	}
	incident_save(bot->incidents, incident);
	announce(bot, incident);
}

void respond_to_silence(struct bot *bot, const struct silence *silence)
{
	struct change_of_silence change = { bot, silence };

	incidents_each(bot->incidents, follow_silence, &change);
}

void respond_to_resolve(struct bot *bot, struct incident *incident)
{
	drop_proposal(bot, incident, "no longer needed: the incident is over");
	issue_resolve(bot, incident);
}

static bool is_lost(struct bot *bot, const char *id)
{
	return id != NULL && flow_find(bot->flows, id) == NULL;
}

static void forget_lost(void *arg, struct incident *incident)
{
	struct bot *bot = arg;
	bool run = is_lost(bot, incident->run), mail = is_lost(bot, incident->mail_flow);
	bool picture = is_lost(bot, incident->picture_flow);

	if (!run && !mail && !picture && !is_lost(bot, incident->proposal))
		return;
	if (picture)
		mem_set_string(&incident->picture_flow, NULL);
	if (run)
		mem_set_string(&incident->run, NULL);
	if (run && incident_stage_is(&incident->diagnosis, STAGE_RUNNING))
		incident_set_stage(bot->incidents, incident, &incident->diagnosis, STAGE_FAILED, LOST);
	if (mail)
		mem_set_string(&incident->mail_flow, NULL);
	if (mail && incident_stage_is(&incident->mail, STAGE_RUNNING))
		incident_set_stage(bot->incidents, incident, &incident->mail, STAGE_FAILED, LOST);
	if (is_lost(bot, incident->proposal))
		mem_set_string(&incident->proposal, NULL);
	incident->revision++;
	incident_save(bot->incidents, incident);
}

void respond_forget_lost(struct bot *bot)
{
	incidents_each(bot->incidents, forget_lost, bot);
	journal_commit(bot->journal, (struct done){ NULL, NULL });
}
