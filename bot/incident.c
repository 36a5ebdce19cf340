#include "bot/incident.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident_act.h"
#include "bot/incident_history.h"
#include "bot/incident_store.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/silence.h"
#include "bot/str.h"

#define PENDING_MAX 100 /* thread lines that wait; a flapping alarm is counted beyond that */
#define REASON_MAX 400
#define STAGE_NOTE_MAX 400

static const char *state_for(const struct alarm *alarm)
{
	if (strcmp(alarm->state, ALARM_STATE_OK) == 0)
		return INCIDENT_RESOLVED;
	return strcmp(alarm->state, ALARM_STATE_NO_DATA) == 0 ? INCIDENT_NO_DATA : INCIDENT_FIRING;
}

bool incident_is_open(const struct incident *incident)
{
	return strcmp(incident->state, INCIDENT_RESOLVED) != 0;
}

static bool matches(const char *wanted, const char *value)
{
	return wanted == NULL || (value != NULL && str_glob(wanted, value));
}

/* The first route that fits, else slack.channel. */
static const char *route(const struct config *config, const struct alarm *alarm)
{
	for (size_t i = 0; i < config->routes.count; i++) {
		const struct config_route *r = &config->routes.items[i];

		if (matches(r->alarm, alarm->name) && matches(r->account, alarm->account) &&
		    matches(r->namespace_, alarm->namespace_) && matches(r->state, alarm->state))
			return r->channel;
	}
	return config->slack.channel;
}

static bool has_change(const struct incident *incident, const struct alarm *alarm)
{
	return recent_has(&incident->recent, alarm->changed_ms, alarm->state);
}

static struct incident_line line_of_change(const struct alarm *alarm, bool late, bool loud)
{
	const char *reason = alarm->reason;

	return (struct incident_line){
		.at_ms = alarm->changed_ms,
		.state = mem_copy_string(alarm->state),
		.old_state = mem_copy_string(alarm->old_state),
		.reason = reason == NULL ? NULL
		                         : mem_copy_bytes(reason, str_utf8_prefix(reason, strlen(reason), REASON_MAX)),
		.late = late,
		.loud = loud,
	};
}

static void add_line(struct incidents *incidents, struct incident *incident, const struct alarm *alarm,
                     bool late, bool loud)
{
	/* What rings a phone is kept longer. */
	if (incident->pending.count >= (loud ? 2 * PENDING_MAX : PENDING_MAX))
		incident->pending_skipped++;
	else
		incident_store_add_line(incidents, incident, INCIDENT_THREAD, line_of_change(alarm, late, loud));
}

void incident_add_comment_of_change(struct incidents *incidents, struct incident *incident)
{
	if (incident->comments.count >= PENDING_MAX)
		incident->comments_skipped++;
	else
		incident_store_add_line(incidents, incident, INCIDENT_ISSUE,
		                        line_of_change(&incident->alarm, incident->late, false));
	incident_save(incidents, incident);
}

/* Takes `line` over. */
static void add_other_line(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                           struct incident_line line)
{
	if (incident_store_lines(incident, queue)->count >= 2 * PENDING_MAX) {
		*(queue == INCIDENT_THREAD ? &incident->pending_skipped : &incident->comments_skipped) += 1;
		incident_store_free_line(&line);
	} else {
		incident_store_add_line(incidents, incident, queue, line);
	}
	incident_save(incidents, incident);
}

void incident_add_line(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                       const char *title, const char *code)
{
	struct incident_line line = {
		.at_ms = clock_wall_ms(),
		.title = mem_copy_string(title),
		.code = mem_copy_string(code),
	};

	add_other_line(incidents, incident, queue, line);
}

void incident_add_act(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                      const struct incident_act *act)
{
	add_other_line(incidents, incident, queue, incident_act_line(act));
}

void incident_set_holder(struct incidents *incidents, struct incident *incident, const char *user)
{
	mem_set_string(&incident->holder, user);
	incident->held_ms = user == NULL ? 0 : clock_wall_ms();
	incident->revision++;
	incident_save(incidents, incident);
}

bool incident_stage_is(const struct incident_stage *stage, const char *state)
{
	return stage->state != NULL && strcmp(stage->state, state) == 0;
}

bool incident_stage_is_over(const struct incident_stage *stage)
{
	return stage->state != NULL && strcmp(stage->state, STAGE_RUNNING) != 0;
}

void incident_set_stage(struct incidents *incidents, struct incident *incident, struct incident_stage *stage,
                        const char *state, const char *format, ...)
{
	char note[STAGE_NOTE_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(note, sizeof(note), format, args);
	va_end(args);
	str_utf8_mend(note); /* a document that is no UTF-8 could not be read again */
	if (incident_stage_is(stage, state) && stage->note != NULL && strcmp(stage->note, note) == 0)
		return;
	mem_set_string(&stage->state, state);
	mem_set_string(&stage->note, note);
	incident->revision++;
	incident_save(incidents, incident);
}

/* The newest change becomes what the incident says. */
static void take_over(struct incidents *incidents, struct incident *incident, const struct alarm *alarm)
{
	/* Two dozen strings that nobody has looked at for a while: their hash is at hand. */
	if (alarm_identity_hash(alarm, incidents->seed) != incident->alarm_hash) {
		fields_copy(alarm_identity_fields, &incident->alarm, alarm);
		incident_store_note_alarm(incidents, incident);
	}
	fields_copy(alarm_change_fields, &incident->alarm, alarm);
	incident->changed_ms = alarm->changed_ms;
}

static void count_change(struct incidents *incidents, struct incident *incident, const struct alarm *alarm)
{
	recent_add(&incident->recent, alarm->changed_ms, alarm->state);
	incident->changes++;
	incident_history_note(incidents, incident);
}

static void set_state(struct incident *incident, const char *state, int64_t at_ms)
{
	mem_set_string(&incident->state, state);
	incident->resolved_ms = strcmp(state, INCIDENT_RESOLVED) == 0 ? at_ms : 0;
	incident->resolved_heard_ms = incident->resolved_ms != 0 ? clock_wall_ms() : 0;
	mem_set_string(&incident->resolved_by, NULL);
}

/* Whether anything is said of this firing; an end alters nothing about that. */
static bool is_silenced(const struct incidents *incidents, const struct alarm *alarm)
{
	return silences_find(incidents->bot->silences, alarm) != NULL;
}

static void log_change(const char *event, const struct incident *incident)
{
	char when[CLOCK_TEXT_SIZE];

	clock_format_iso(incident->changed_ms, when);
	log_event(LOG_INFO, event, "incident", incident->id, "alarm", incident->alarm.name, "account",
	          incident->alarm.account, "region", incident->alarm.region, "state",
	          incident->alarm.state, "changed", when, NULL);
}

static struct incident *create(struct incidents *incidents, const struct alarm *alarm, const char *fingerprint)
{
	struct incident *incident = incident_store_add(incidents, fingerprint);

	take_over(incidents, incident, alarm);
	set_state(incident, state_for(alarm), alarm->changed_ms);
	count_change(incidents, incident, alarm);
	return incident;
}

static enum incident_change open_new(struct incidents *incidents, const struct incident *previous,
                                     const struct alarm *alarm, bool late, const char *fingerprint,
                                     struct incident **incident)
{
	struct incident *opened = create(incidents, alarm, fingerprint);

	if (previous != NULL)
		mem_set_string(&opened->previous, previous->id);
	mem_set_string(&opened->channel, route(incidents->bot->config, alarm));
	opened->opened_ms = opened->fired_ms = alarm->changed_ms;
	opened->fired_heard_ms = clock_wall_ms();
	opened->late = late;
	opened->hushed = is_silenced(incidents, alarm);
	opened->revision = 1;
	add_line(incidents, opened, alarm, late, false);
	*incident = opened;
	metrics_count("tocsin_incidents_opened_total", NULL, NULL);
	log_change("incident.opened", opened);
	return INCIDENT_OPENED;
}

/* An OK without an incident. It is kept, unseen, so that an ALARM that was overtaken by its own OK
 * on the way is shown as over, not as firing. */
static enum incident_change keep_quiet(struct incidents *incidents, const struct alarm *alarm,
                                       const char *fingerprint, struct incident **incident)
{
	struct incident *quiet = create(incidents, alarm, fingerprint);

	incident_save(incidents, quiet);
	log_change("incident.nothing_open", quiet);
	*incident = NULL;
	return INCIDENT_NOTHING;
}

static bool is_firing(const char *state)
{
	return strcmp(state, ALARM_STATE_OK) != 0;
}

/* A slow copy of a change that an earlier incident of the alarm has told. */
static bool was_told(struct incidents *incidents, const struct incident *incident, const struct alarm *alarm)
{
	struct incident *previous = incidents_find(incidents, incident->previous);

	return previous != NULL && has_change(previous, alarm);
}

/* Whether the alarm fired without a break from then until the start that is known. */
static bool same_firing(struct incidents *incidents, const struct incident *incident, int64_t at_ms)
{
	const struct incident *previous = incidents_find(incidents, incident->previous);

	if (at_ms >= incident->fired_ms || (previous != NULL && at_ms <= previous->changed_ms))
		return false;
	return !recent_has_ok(&incident->recent, at_ms, incident->fired_ms);
}

static void move_start(struct incident *incident, int64_t at_ms)
{
	if (incident->opened_ms == incident->fired_ms)
		incident->opened_ms = at_ms;
	incident->fired_ms = at_ms;
}

/* A change that is older than what is known: history, not state. */
static enum incident_change overtaken(struct incidents *incidents, struct incident *incident,
                                      const struct alarm *alarm)
{
	bool fires = is_firing(alarm->state), unseen = incident->opened_ms == 0;

	count_change(incidents, incident, alarm);
	if (unseen && !fires) {
		incident_save(incidents, incident);
		return INCIDENT_NOTHING;
	}
	if (unseen) { /* only its OK was known: it fired and is over */
		mem_set_string(&incident->channel, route(incidents->bot->config, alarm));
		if (alarm_merge_identity(&incident->alarm, alarm))
			incident_store_note_alarm(incidents, incident);
		incident->hushed = is_silenced(incidents, alarm);
		metrics_count("tocsin_incidents_opened_total", NULL, NULL);
	}
	if (unseen) {
		incident->opened_ms = incident->fired_ms = alarm->changed_ms;
		incident->fired_heard_ms = incident->resolved_heard_ms = clock_wall_ms();
	} else if (fires && same_firing(incidents, incident, alarm->changed_ms)) {
		move_start(incident, alarm->changed_ms);
	}
	incident->revision++;
	add_line(incidents, incident, alarm, true, false);
	if (unseen) /* the OK, which had no thread to stand in */
		add_line(incidents, incident, &incident->alarm, false, false);
	log_change("incident.overtaken", incident);
	return INCIDENT_UPDATED;
}

static enum incident_change change_open(struct incidents *incidents, struct incident *incident,
                                        const struct alarm *alarm, bool late)
{
	const char *state = state_for(alarm);
	bool over = strcmp(state, INCIDENT_RESOLVED) == 0;

	take_over(incidents, incident, alarm);
	count_change(incidents, incident, alarm);
	set_state(incident, state, alarm->changed_ms);
	if (!over)
		incident->hushed = is_silenced(incidents, alarm);
	incident->revision++;
	add_line(incidents, incident, alarm, late, false);
	log_change(over ? "incident.resolved" : "incident.changed", incident);
	return over ? INCIDENT_CLOSED : INCIDENT_UPDATED;
}

static enum incident_change reopen(struct incidents *incidents, struct incident *incident,
                                   const struct alarm *alarm, bool late)
{
	bool unseen = incident->hushed && incident->message == NULL; /* its message is yet to ring */

	take_over(incidents, incident, alarm);
	count_change(incidents, incident, alarm);
	set_state(incident, state_for(alarm), alarm->changed_ms);
	incident->hushed = is_silenced(incidents, alarm);
	incident->fired_ms = alarm->changed_ms;
	incident->fired_heard_ms = clock_wall_ms();
	incident->late = late;
	incident->reopened++;
	incident->revision++;
	/* An edit does not ring a phone: say it aloud. */
	add_line(incidents, incident, alarm, late, !unseen && !incident->hushed);
	metrics_count("tocsin_incidents_reopened_total", NULL, NULL);
	log_change("incident.reopened", incident);
	return INCIDENT_REOPENED;
}

static enum incident_change merge(struct incidents *incidents, struct incident *incident,
                                  const struct alarm *alarm)
{
	if (alarm->changed_ms == incident->changed_ms && alarm_merge(&incident->alarm, alarm)) {
		incident_store_note_alarm(incidents, incident);
		incident->revision++;
		incident_save(incidents, incident);
	}
	return INCIDENT_DUPLICATE;
}

/* A resolved incident that takes the next firing as its own. */
static bool reopens(const struct incidents *incidents, const struct incident *incident,
                    const struct alarm *alarm)
{
	return incident->opened_ms != 0 &&
	       alarm->changed_ms - incident->resolved_ms <= incidents->bot->config->incidents.reopen_within_ms;
}

static enum incident_change apply_newest(struct incidents *incidents, struct incident *known,
                                         const struct alarm *alarm, bool late, const char *fingerprint,
                                         struct incident **incident)
{
	bool fires = is_firing(alarm->state);

	if (known != NULL && incident_is_open(known))
		return change_open(incidents, known, alarm, late);
	if (!fires && known != NULL) { /* OK again: nothing new, but the newest time counts */
		take_over(incidents, known, alarm);
		count_change(incidents, known, alarm);
		incident_save(incidents, known);
		*incident = NULL;
		return INCIDENT_NOTHING;
	}
	if (!fires)
		return keep_quiet(incidents, alarm, fingerprint, incident);
	if (known != NULL && reopens(incidents, known, alarm))
		return reopen(incidents, known, alarm, late);
	return open_new(incidents, known, alarm, late, fingerprint, incident);
}

void incidents_resolve(struct incidents *incidents, struct incident *incident, const char *user)
{
	int64_t now_ms = clock_wall_ms();

	set_state(incident, INCIDENT_RESOLVED, now_ms > incident->fired_ms ? now_ms : incident->fired_ms);
	mem_set_string(&incident->resolved_by, user);
	incident->revision++;
	incidents->open_count--;
	incident_save(incidents, incident);
	log_change("incident.resolved_by_hand", incident);
}

enum incident_change incidents_apply(struct incidents *incidents, const struct alarm *alarm, bool late,
                                     struct incident **incident)
{
	char *fingerprint = alarm_fingerprint(alarm);
	struct incident *known = incident_store_latest(incidents, fingerprint);
	bool was_open = known != NULL && incident_is_open(known);
	enum incident_change change;

	*incident = known;
	if (known != NULL && (has_change(known, alarm) || was_told(incidents, known, alarm)))
		change = merge(incidents, known, alarm);
	else if (known != NULL && alarm->changed_ms < known->changed_ms)
		change = overtaken(incidents, known, alarm);
	else
		change = apply_newest(incidents, known, alarm, late, fingerprint, incident);
	if (*incident != NULL)
		incidents->open_count += (size_t)incident_is_open(*incident) - (size_t)was_open;
	if (change == INCIDENT_NOTHING)
		*incident = NULL;
	else if (change != INCIDENT_DUPLICATE)
		incident_save(incidents, *incident);
	free(fingerprint);
	return change;
}
