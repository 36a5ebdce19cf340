#include "commands/mail.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/mail/mail.h"
#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/report.h"
#include "bot/str.h"
#include "commands/announce.h"

#define WAIT_MS (90 * 1000)
#define MAX_TRIES 6
#define SEND_AGAIN_MS (15 * 1000) /* what was the matter with SNS may be over then */
#define SENDS_MAX 2 /* the second only when nobody knows about the first */
#define BODY_MAX (200u << 10)

struct state {
	char *incident;            /* id */
	char *earlier;             /* flow of the mail about the change before; NULL: none was under way */
	struct json_object *alarm; /* the change that it is about */
	char *title, *output;      /* of the diagnosis */
	int64_t sends;
	bool incomplete;           /* it left without what was not there in time */
};

static const struct field fields[] = {
	FIELD(FIELD_STRING, state, incident), FIELD(FIELD_STRING, state, earlier), FIELD(FIELD_JSON, state, alarm),
	FIELD(FIELD_STRING, state, title),    FIELD(FIELD_STRING, state, output),  FIELD(FIELD_INT, state, sends),
	FIELD(FIELD_BOOL, state, incomplete),
	FIELDS_END,
};

static struct incident *incident_of(struct flow *flow)
{
	const struct state *s = flow->state;

	return incidents_find(flow->bot->incidents, s->incident);
}

static void say(struct flow *flow, struct incident *incident, const char *state, const char *note)
{
	if (incident == NULL || incident->mail_flow == NULL || strcmp(incident->mail_flow, flow->id) != 0)
		return; /* a later mail has the word */
	incident_set_stage(flow->bot->incidents, incident, &incident->mail, state, "%s", note);
	announce(flow->bot, incident);
}

static bool issue_is_missing(const struct incident *incident)
{
	return incident->issue_key == NULL && incident_stage_is(&incident->issue, STAGE_RUNNING);
}

static bool output_is_missing(const struct state *s, const struct incident *incident)
{
	return s->title == NULL && incident_stage_is(&incident->diagnosis, STAGE_RUNNING);
}

static bool is_complete(const struct state *s, const struct incident *incident)
{
	return !issue_is_missing(incident) && !output_is_missing(s, incident);
}

/* The mail about the change before; NULL: it has ended, or there is none. */
static struct flow *earlier_of(struct flow *flow)
{
	const struct state *s = flow->state;

	return flow_find(flow->bot->flows, s->earlier);
}

/* Entered again by each poke, and at the latest when the time is up. "It is over" in front of "it began" would be read
 * as the other way round. */
static enum flow_next wait(struct flow *flow)
{
	const struct state *s = flow->state;
	const struct incident *incident = incident_of(flow);
	int64_t passed_ms = flow_age_ms(flow);

	if (incident == NULL)
		return FLOW_DONE;
	if (passed_ms >= clock_wait_ms(WAIT_MS) ||
	    (is_complete(s, incident) && earlier_of(flow) == NULL))
		return flow_goto(flow, "count");
	return flow_sleep(flow, WAIT_MS - (int64_t)((double)passed_ms / clock_scale()), "wait");
}

/* Before the intent, so that the count is on the disk when the mail leaves. */
static enum flow_next count(struct flow *flow)
{
	struct state *s = flow->state;

	s->sends++;
	return FLOW_NEXT;
}

static void add_issue(struct str *body, const struct incident *incident)
{
	if (incident->issue_key != NULL)
		str_addf(body, "\nIncident details\nIssue: %s\nLink: %s\n", incident->issue_key, incident->issue_url);
	else if (issue_is_missing(incident))
		str_add(body, "\nThe issue is not there yet: Jira has not answered. It follows in the channel.\n");
	else if (incident_stage_is(&incident->issue, STAGE_FAILED))
		str_addf(body, "\nThere is no issue: %s\n", incident->issue.note);
}

static void add_output(struct str *body, const struct state *s, const struct incident *incident)
{
	if (s->title != NULL)
		str_addf(body, "\n%s\n%s\n", s->title, s->output == NULL ? "" : s->output);
	else if (output_is_missing(s, incident))
		str_addf(body, "\nThe diagnosis is not there yet (%s). It follows in the channel.\n",
		         incident->diagnosis.note);
	else if (incident->diagnosis.note != NULL)
		str_addf(body, "\nDiagnosis: %s\n", incident->diagnosis.note);
}

static char *make_body(struct flow *flow, const struct incident *incident, const struct alarm *alarm)
{
	const struct state *s = flow->state;
	char *url = announce_url(flow->bot, incident);
	struct message details;
	struct str body;
	char *text;

	report_build(&details, incident, alarm, flow->bot->config, url);
	text = message_plain(&details);
	str_init(&body, BODY_MAX);
	if (s->sends > 1)
		str_add(&body, "This mail may be a repeat: it is not known whether the first one was sent.\n\n");
	str_addf(&body, "%s\n", text);
	add_issue(&body, incident);
	add_output(&body, s, incident);
	str_add(&body, "\ntocsin\n");
	free(text);
	message_free(&details);
	free(url);
	return str_take(&body);
}

static enum flow_next send(struct flow *flow)
{
	struct state *s = flow->state;
	const struct config *config = flow->bot->config;
	struct incident *incident = incident_of(flow);
	struct alarm alarm = { 0 };
	char *subject, *body;

	if (incident == NULL)
		return FLOW_DONE;
	if (config->mail.topic == NULL) {
		say(flow, incident, STAGE_SKIPPED, "not sent: the configuration has no mail.topic any more");
		return FLOW_DONE;
	}
	fields_load(alarm_fields, &alarm, s->alarm);
	subject = report_subject(incident, &alarm, config);
	body = make_body(flow, incident, &alarm);
	s->incomplete = !is_complete(s, incident);
	mail_send(flow->bot->aws, config->mail.topic, subject, body, flow_wake(flow));
	free(body);
	free(subject);
	fields_free(alarm_fields, &alarm);
	return FLOW_WAIT;
}

/* Nobody can tell whether it was sent. */
static enum flow_next not_known(struct flow *flow)
{
	const struct state *s = flow->state;

	if (s->sends < SENDS_MAX)
		return flow_sleep(flow, SEND_AGAIN_MS, "count");
	return flow_goto(flow, "unsure");
}

static enum flow_next sent(struct flow *flow)
{
	const struct state *s = flow->state;

	metrics_count("tocsin_mails_total", NULL, NULL);
	say(flow, incident_of(flow), STAGE_DONE, s->incomplete ? "sent, without what was not there in time" : "sent");
	return FLOW_DONE;
}

static enum flow_next unsure(struct flow *flow)
{
	say(flow, incident_of(flow), STAGE_FAILED, "it is not known whether it was sent: SNS answered to neither of "
	                                           "two tries. Look into the mailbox, and at the topic's delivery");
	return FLOW_DONE;
}

static void waits(struct flow *flow, const struct err *err)
{
	say(flow, incident_of(flow), STAGE_RUNNING, mem_printf(&flow->mem, "trying again: %s", err->text));
}

/* Whoever waits for this one waits for the one before it from now on. */
static void step_aside(struct flow *flow, const struct incident *incident)
{
	const struct state *own = flow->state;
	struct flow *later = flow_find(flow->bot->flows, incident->mail_flow);

	for (; later != NULL; later = earlier_of(later)) {
		struct state *s = later->state;

		if (s->earlier == NULL || strcmp(s->earlier, flow->id) != 0)
			continue;
		mem_set_string(&s->earlier, own->earlier);
		flow_save(later);
	}
}

static void ended(struct flow *flow, const struct err *err)
{
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return;
	if (err != NULL && err->kind != ERR_CANCELLED)
		say(flow, incident, STAGE_FAILED, err->text);
	if (incident->mail_flow != NULL && strcmp(incident->mail_flow, flow->id) == 0) {
		/* One that it overtook is the latest now: whatever comes waits for that. */
		mem_set_string(&incident->mail_flow, earlier_of(flow) == NULL ? NULL : earlier_of(flow)->id);
		incident_save(flow->bot->incidents, incident);
	}
	step_aside(flow, incident);
	mail_poke(flow->bot, incident); /* a later one waits for this one */
}

static const struct flow_step steps[] = {
	{ "wait", wait, NULL },
	{ "count", count, NULL },
	{ "send", send, not_known },
	{ "sent", sent, NULL },
	{ "unsure", unsure, NULL },
	{ NULL, NULL, NULL },
};

const struct flow_plan mail_plan = {
	.name = "mail",
	.state_size = sizeof(struct state),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.waits = waits,
	.ended = ended,
};

void mail_start(struct bot *bot, struct incident *incident)
{
	struct flow *flow;
	struct state *s;

	if (bot->config->mail.topic == NULL)
		return;
	flow = flow_new(bot->flows, &mail_plan);
	s = flow->state;
	mem_set_string(&s->incident, incident->id);
	mem_set_string(&s->earlier, incident->mail_flow);
	s->alarm = fields_save(alarm_fields, &incident->alarm);
	mem_set_string(&incident->mail_flow, flow->id);
	incident_set_stage(bot->incidents, incident, &incident->mail, STAGE_RUNNING, "waits for ticket and output");
	flow_start(flow);
	announce(bot, incident);
}

void mail_take_output(struct bot *bot, const char *id, const char *title, const char *text)
{
	struct flow *flow = flow_find(bot->flows, id);
	struct state *s;

	if (flow == NULL)
		return;
	s = flow->state;
	mem_set_string(&s->title, title);
	mem_set_string(&s->output, text);
	flow_save(flow);
	flow_poke(flow);
}

void mail_poke(struct bot *bot, struct incident *incident)
{
	/* From the latest one on: thousands of other incidents may have theirs. */
	for (struct flow *flow = flow_find(bot->flows, incident->mail_flow); flow != NULL; flow = earlier_of(flow))
		flow_poke(flow);
}
