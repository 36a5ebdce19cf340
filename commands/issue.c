#include "commands/issue.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/jira/jira.h"
#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/event_text.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/report.h"
#include "commands/announce.h"
#include "commands/mail.h"

#define MAX_TRIES 7 /* of one step: about two minutes; then a person is told */
#define UNANSWERED_SHOWN 3 /* look-ups go on without end: somebody may have to mend something */
#define SOUGHT_BEFORE_MS (3600 * 1000) /* clocks differ */
/* It goes on all the same: Jira may be down for hours. */
#define TRY_AGAIN_MS (5 * 60 * 1000)
#define NO_ADDRESS_MS 10000
#define GIVE_UP_MS (24 * 3600 * 1000LL)
#define MAYBE_TWICE "Jira left it open whether an earlier try had worked: look for a duplicate"
#define REOPEN_TO "indeterminate" /* Jira's category of what is in progress */
#define WISH_RESOLVE "resolve"
#define WISH_REOPEN "reopen"

struct state {
	char *incident; /* id */
	char *created;  /* key of the issue that the present step made */
	char *note;     /* what Jira did not take of it */
	bool unknown;   /* a create ended without an answer */
	bool again;     /* and was repeated, for it was not to be found */
	char *wish;     /* that the move under way is for; the incident's may be another by then */
	int64_t lines;  /* in the comment under way */
	int64_t skipped;
};

static const struct field fields[] = {
	FIELD(FIELD_STRING, state, incident), FIELD(FIELD_STRING, state, created), FIELD(FIELD_STRING, state, note),
	FIELD(FIELD_BOOL, state, unknown),    FIELD(FIELD_BOOL, state, again),     FIELD(FIELD_STRING, state, wish),
	FIELD(FIELD_INT, state, lines),       FIELD(FIELD_INT, state, skipped),
	FIELDS_END,
};

static struct incident *incident_of(struct flow *flow)
{
	const struct state *s = flow->state;

	return incidents_find(flow->bot->incidents, s->incident);
}

/* What it lacks for good is said with whatever else it is that is done. */
static void say(struct flow *flow, struct incident *incident, const char *state, const char *note)
{
	const char *lacks = strcmp(state, STAGE_DONE) == 0 ? incident->issue_trouble : NULL;
	const char *between = lacks != NULL && note[0] != '\0' ? "; " : "";

	incident_set_stage(flow->bot->incidents, incident, &incident->issue, state, "%s%s%s", note, between,
	                   lacks == NULL ? "" : lacks);
	announce(flow->bot, incident);
}

/* The same once, and no more than a card has room for. */
static void note_trouble(struct flow *flow, struct incident *incident, const char *what, const struct err *err)
{
	const char *known = incident->issue_trouble;

	if (known == NULL)
		mem_set_string(&incident->issue_trouble, mem_printf(&flow->mem, "%s: %s", what, err->text));
	else if (strstr(known, what) == NULL)
		mem_set_string(&incident->issue_trouble, mem_printf(&flow->mem, "%s; %s: %s", known, what, err->text));
	say(flow, incident, STAGE_DONE, "");
}

/* The status that a wish asks for; NULL: none, or not configured. What is resolved by us is reopened by us. */
static const char *status_of(const struct bot *bot, const char *wish)
{
	const struct config *config = bot->config;

	if (wish == NULL)
		return NULL;
	if (strcmp(wish, WISH_RESOLVE) == 0)
		return config->jira.resolve_to;
	if (config->jira.reopen_to == NULL && config->jira.resolve_to != NULL)
		return REOPEN_TO;
	return config->jira.reopen_to;
}

static enum flow_next look(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	if (incident->issue_key == NULL)
		return flow_goto(flow, "create");
	if (incident->comments.count > 0) {
		s->lines = (int64_t)report_lines_of_next_comment(incident);
		s->skipped = (size_t)s->lines == incident->comments.count ? incident->comments_skipped : 0;
		return flow_goto(flow, "comment");
	}
	if (status_of(flow->bot, incident->issue_wish) != NULL)
		return flow_goto(flow, "move");
	if (!incident->linked && incident->message != NULL)
		return flow_goto(flow, "link");
	if (!incident_stage_is(&incident->issue, STAGE_DONE)) /* everything was told after all */
		say(flow, incident, STAGE_DONE, "");
	return FLOW_DONE;
}

/* --- the issue ------------------------------------------------------------------------------ */

static const char *key_of(struct flow *flow, const struct incident *incident)
{
	return mem_printf(&flow->mem, "%s.issue", incident->key);
}

/* One for each alarm, so that labels do not pile up. */
static const char *label_of(struct flow *flow, const struct incident *incident)
{
	char hash[17];

	event_hash(incident->fingerprint, hash);
	return mem_printf(&flow->mem, "tocsin-%s", hash);
}

static enum flow_next create(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);
	struct message message;
	struct jira_draft draft;
	char *summary, *url;

	if (incident == NULL)
		return FLOW_DONE;
	s->again = s->again || s->unknown;
	summary = report_summary(&incident->alarm, flow->bot->config);
	url = announce_url(flow->bot, incident);
	report_build(&message, incident, &incident->alarm, flow->bot->config, url);
	draft = (struct jira_draft){ .key = key_of(flow, incident), .label = label_of(flow, incident),
		.summary = summary, .message = &message };
	jira_create(flow->bot->jira, &draft, &s->created, &s->note, flow_wake(flow));
	message_free(&message);
	free(url);
	free(summary);
	return FLOW_WAIT;
}

static enum flow_next find_created(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	jira_find(flow->bot->jira, key_of(flow, incident), label_of(flow, incident), flow->intent_ms,
	          &s->created, flow_wake(flow));
	return FLOW_WAIT;
}

/* An earlier flow gave up, maybe without knowing what became of its create: first it is looked for. */
static enum flow_next seek(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	jira_find(flow->bot->jira, key_of(flow, incident), label_of(flow, incident),
	          incident->opened_ms - SOUGHT_BEFORE_MS, &s->created, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next sought(struct flow *flow)
{
	return flow_goto(flow, "created");
}

static enum flow_next created(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	mem_set_string(&incident->issue_key, s->created);
	free(incident->issue_url);
	incident->issue_url = jira_issue_url(flow->bot->jira, s->created);
	metrics_count("tocsin_issues_opened_total", NULL, NULL);
	log_event(LOG_INFO, "issue.opened", "incident", incident->id, "issue", s->created, "note", s->note, NULL);
	say(flow, incident, STAGE_DONE, s->note != NULL ? s->note : s->again ? MAYBE_TWICE : "");
	mail_poke(flow->bot, incident);
	return flow_goto(flow, "look");
}

/* --- comments ------------------------------------------------------------------------------- */

static const char *mark_of(struct flow *flow, const struct incident *incident)
{
	return mem_printf(&flow->mem, "%s-%lld", incident->key, (long long)incident->comments_told);
}

static enum flow_next comment(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);
	struct message message;

	if (incident == NULL)
		return FLOW_DONE;
	report_build_comment(&message, incident, (size_t)s->lines, s->skipped);
	jira_comment(flow->bot->jira, incident->issue_key, mark_of(flow, incident), &message, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static enum flow_next find_comment(struct flow *flow)
{
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	jira_find_comment(flow->bot->jira, incident->issue_key, mark_of(flow, incident), flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next commented(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	incident->comments_skipped -= s->skipped;
	incident->comments_told++;
	incident_drop_lines(flow->bot->incidents, incident, INCIDENT_ISSUE, (size_t)s->lines);
	incident_save(flow->bot->incidents, incident);
	return flow_goto(flow, "look");
}

/* --- status and link ------------------------------------------------------------------------ */

static enum flow_next move(struct flow *flow)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);
	const char *status = incident == NULL ? NULL : status_of(flow->bot, incident->issue_wish);

	if (status == NULL)
		return flow_goto(flow, "look");
	mem_set_string(&s->wish, incident->issue_wish);
	jira_transition(flow->bot->jira, incident->issue_key, status, flow_wake(flow));
	return FLOW_WAIT;
}

/* Also after a refusal: a wish is tried once, and what came of it is said. One that came meanwhile (the
 * alarm flaps) stays. */
static void drop_wish(struct flow *flow, struct incident *incident)
{
	const struct state *s = flow->state;

	if (incident->issue_wish != NULL && s->wish != NULL && strcmp(incident->issue_wish, s->wish) == 0)
		mem_set_string(&incident->issue_wish, NULL);
	incident_save(flow->bot->incidents, incident);
}

static enum flow_next moved(struct flow *flow)
{
	const struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	if (status_of(flow->bot, s->wish) != NULL)
		say(flow, incident, STAGE_DONE, mem_printf(&flow->mem, "moved to %s", status_of(flow->bot, s->wish)));
	drop_wish(flow, incident);
	return flow_goto(flow, "look");
}

static enum flow_next add_link(struct flow *flow)
{
	struct incident *incident = incident_of(flow);
	char *url;

	if (incident == NULL)
		return FLOW_DONE;
	url = announce_url(flow->bot, incident);
	if (url == NULL) /* after a start the chat does not know it yet; meanwhile comments may wait */
		return flow_sleep(flow, NO_ADDRESS_MS, "look");
	jira_link(flow->bot->jira, incident->issue_key, mem_printf(&flow->mem, "tocsin=%s", incident->key), url,
	          mem_printf(&flow->mem, "Slack: incident %s", incident->id), flow_wake(flow));
	free(url);
	return FLOW_WAIT;
}

static enum flow_next linked(struct flow *flow)
{
	struct incident *incident = incident_of(flow);

	if (incident == NULL)
		return FLOW_DONE;
	incident->linked = true;
	incident_save(flow->bot->incidents, incident);
	return flow_goto(flow, "look");
}

/* --- trouble -------------------------------------------------------------------------------- */

/* Told now; tried again later. */
static enum flow_next wait(struct flow *flow)
{
	return flow_sleep(flow, TRY_AGAIN_MS, "again");
}

static enum flow_next again(struct flow *flow)
{
	const struct incident *incident = incident_of(flow);

	return flow_goto(flow, incident != NULL && incident->issue_key == NULL ? "seek" : "look");
}

static void tell_failed(struct flow *flow, struct incident *incident, const char *why)
{
	say(flow, incident, STAGE_FAILED, why);
	mail_poke(flow->bot, incident);
}

static bool may_pass(const struct flow *flow, const struct err *err)
{
	return (err->kind == ERR_RETRY || err->kind == ERR_UNKNOWN) &&
	       flow_age_ms(flow) < clock_wait_ms(GIVE_UP_MS);
}

/* One comment, move or link that Jira will never take must not hold up what follows. */
static const char *rescue(struct flow *flow, const struct err *err)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);
	const char *step = flow_step_name(flow);

	if (strcmp(step, "seek") == 0 && err->kind == ERR_NOT_FOUND)
		return "create";
	if (incident != NULL && may_pass(flow, err)) {
		tell_failed(flow, incident, mem_printf(&flow->mem, "%s; I try again every 5 minutes", err->text));
		return "wait";
	}
	if (incident == NULL || err->kind != ERR_REFUSED)
		return NULL;
	if (strcmp(step, "comment") == 0) {
		note_trouble(flow, incident, "a comment was not taken", err);
		incident_drop_lines(flow->bot->incidents, incident, INCIDENT_ISSUE, (size_t)s->lines);
	} else if (strcmp(step, "move") == 0) {
		say(flow, incident, STAGE_DONE, mem_printf(&flow->mem, "its status was not changed: %s", err->text));
		drop_wish(flow, incident);
	} else if (strcmp(step, "link") == 0) {
		incident->linked = true;
		note_trouble(flow, incident, "it has no link back to here", err);
	} else {
		return NULL;
	}
	incident_save(flow->bot->incidents, incident);
	return "look";
}

static void waits(struct flow *flow, const struct err *err)
{
	struct state *s = flow->state;
	struct incident *incident = incident_of(flow);

	if (err->kind == ERR_UNKNOWN && strcmp(flow_step_name(flow), "create") == 0)
		s->unknown = true;
	if (incident == NULL || incident_stage_is(&incident->issue, STAGE_FAILED))
		return;
	if (incident->issue_key == NULL || flow->unanswered >= UNANSWERED_SHOWN)
		say(flow, incident, STAGE_RUNNING, mem_printf(&flow->mem, "trying again: %s", err->text));
}

static bool is_its_flow(const struct incident *incident, const struct flow *flow)
{
	return incident != NULL && incident->issue_flow != NULL && strcmp(incident->issue_flow, flow->id) == 0;
}

static void ended(struct flow *flow, const struct err *err)
{
	struct incident *incident = incident_of(flow);

	if (!is_its_flow(incident, flow))
		return;
	mem_set_string(&incident->issue_flow, NULL);
	if (err != NULL && err->kind != ERR_CANCELLED)
		tell_failed(flow, incident, err->text);
	incident_save(flow->bot->incidents, incident);
}

static const struct flow_step steps[] = {
	{ "look", look, NULL },
	{ "seek", seek, NULL },
	{ "sought", sought, NULL },
	{ "create", create, find_created },
	{ "created", created, NULL },
	{ "comment", comment, find_comment },
	{ "commented", commented, NULL },
	{ "move", move, NULL },
	{ "moved", moved, NULL },
	{ "link", add_link, NULL },
	{ "linked", linked, NULL },
	{ "wait", wait, NULL },
	{ "again", again, NULL },
	{ NULL, NULL, NULL },
};

const struct flow_plan issue_plan = {
	.name = "issue",
	.state_size = sizeof(struct state),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.waits = waits,
	.rescue = rescue,
	.ended = ended,
};

/* --- what others say ------------------------------------------------------------------------ */

static void launch(struct bot *bot, struct incident *incident, const char *step)
{
	struct flow *flow = flow_new(bot->flows, &issue_plan);
	struct state *s = flow->state;

	mem_set_string(&s->incident, incident->id);
	mem_set_string(&incident->issue_flow, flow->id);
	incident_save(bot->incidents, incident);
	flow_start_at(flow, step);
}

static const char *first_step(const struct incident *incident)
{
	if (incident->issue_key != NULL)
		return "look";
	return incident->issue.state == NULL ? "create" : "seek";
}

/* A flow at work looks again before it ends. What is over gets no issue any more by what is told of it: the one that
 * was refused or given up while it fired would call people to what has passed. One that still waits for Jira is made,
 * and a person's press of the button (issue_open) makes one at any time. */
static void follow(struct bot *bot, struct incident *incident)
{
	bool too_late = incident->issue_key == NULL && !incident_is_open(incident);

	if (bot->jira != NULL && incident->issue_flow == NULL && !too_late)
		launch(bot, incident, first_step(incident));
}

void issue_open(struct bot *bot, struct incident *incident)
{
	if (bot->jira == NULL)
		return;
	if (incident->issue_flow == NULL)
		launch(bot, incident, first_step(incident));
	flow_poke(flow_find(bot->flows, incident->issue_flow)); /* one that waits for better times tries now */
	if (incident->issue_key == NULL) {
		incident_set_stage(bot->incidents, incident, &incident->issue, STAGE_RUNNING, "opening the issue");
		announce(bot, incident);
	}
}

/* Incidents that never got an issue (Jira was not configured then) get none by a comment. */
static bool has_issue(const struct bot *bot, const struct incident *incident)
{
	return bot->jira != NULL && (incident->issue_key != NULL || incident->issue.state != NULL);
}

void issue_tell_change(struct bot *bot, struct incident *incident)
{
	if (!has_issue(bot, incident))
		return;
	incident_add_comment_of_change(bot->incidents, incident);
	follow(bot, incident);
}

void issue_tell(struct bot *bot, struct incident *incident, const char *title, const char *text)
{
	if (!has_issue(bot, incident))
		return;
	incident_add_line(bot->incidents, incident, INCIDENT_ISSUE, title, text);
	follow(bot, incident);
}

void issue_tell_act(struct bot *bot, struct incident *incident, const struct incident_act *act)
{
	if (!has_issue(bot, incident))
		return;
	incident_add_act(bot->incidents, incident, INCIDENT_ISSUE, act);
	follow(bot, incident);
}

static void wish(struct bot *bot, struct incident *incident, const char *what)
{
	if (!has_issue(bot, incident))
		return;
	mem_set_string(&incident->issue_wish, what);
	incident_save(bot->incidents, incident);
	follow(bot, incident);
}

void issue_resolve(struct bot *bot, struct incident *incident)
{
	wish(bot, incident, WISH_RESOLVE);
}

void issue_reopen(struct bot *bot, struct incident *incident)
{
	wish(bot, incident, WISH_REOPEN);
}

void issue_shown(struct bot *bot, struct incident *incident)
{
	if (incident->issue_key != NULL && !incident->linked)
		follow(bot, incident);
}

/* Its flow gave up: Jira was down, or the configuration wrong. */
static bool is_left_behind(const struct bot *bot, const struct incident *incident)
{
	return has_issue(bot, incident) &&
	       (incident->issue_key != NULL ? incident->comments.count > 0 : incident_is_open(incident));
}

static void follow_if_waiting(void *arg, struct incident *incident)
{
	struct bot *bot = arg;
	bool lost = incident->issue_flow != NULL && flow_find(bot->flows, incident->issue_flow) == NULL;

	if (!lost && (incident->issue_flow != NULL || !is_left_behind(bot, incident)))
		return;
	mem_set_string(&incident->issue_flow, NULL);
	if (lost && bot->jira != NULL)
		launch(bot, incident, first_step(incident));
	else
		follow(bot, incident);
}

void issue_all_waiting(struct bot *bot)
{
	incidents_each(bot->incidents, follow_if_waiting, bot);
	journal_commit(bot->journal, (struct done){ NULL, NULL });
}
