#include "bot/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/cron.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/zone.h"

#define KIND "schedule"

/* When. */
struct rule {
	char *line, *timezone;
	struct cron cron;
	struct zone *zone;
};

struct schedule {
	struct schedule *next;
	char *name;
	struct rule *rule;    /* as in the document; NULL: none that can be read */
	struct rule *wanted;  /* as in the configuration, from the next look on; NULL: the same */
	int64_t since_ms;     /* the rule holds for due times after it */
	int64_t forgotten_ms; /* due times until then are no longer in runs[]: they count as run */
	int64_t skipped_ms;   /* the last one of which that was said */
	int64_t told_ms;      /* see schedule_set_told */
	int64_t runs[SCHEDULE_REMEMBERED]; /* due times, ascending */
	size_t run_count;
	bool listed;          /* by the configuration */
};

struct schedules {
	struct journal *journal;
	struct loop_timer *timer;
	void (*due)(void *arg, const char *name, int64_t scheduled_ms);
	void *arg;
	struct schedule *first;
};

/* --- rules --- */

static void free_rule(struct rule *rule)
{
	if (rule == NULL)
		return;
	zone_free(rule->zone);
	free(rule->timezone);
	free(rule->line);
	free(rule);
}

static struct rule *make_rule(const char *line, const char *zone_name, struct err *err)
{
	struct rule *rule;
	struct cron cron;
	struct err why;
	struct zone *zone;

	if (!cron_parse(line, &cron, &why)) {
		(void)err_set(err, ERR_USAGE, "\"%.60s\" %s", line, why.text);
		return NULL;
	}
	zone = zone_load(zone_name, err);
	if (zone == NULL)
		return NULL;
	rule = mem_alloc(sizeof(*rule));
	*rule = (struct rule){ mem_copy_string(line), mem_copy_string(zone_name), cron, zone };
	return rule;
}

static bool is_rule(const struct rule *rule, const struct schedule_line *line)
{
	return rule != NULL && strcmp(rule->line, line->cron) == 0 && strcmp(rule->timezone, line->timezone) == 0;
}

/* --- documents --- */

static void put(struct schedules *schedules, const struct schedule *schedule)
{
	struct json_object *json = json_new_object(), *runs = json_new_array();

	if (schedule->rule != NULL) {
		json_put_string(json, "line", schedule->rule->line);
		json_put_string(json, "timezone", schedule->rule->timezone);
	}
	json_put_int(json, "since", schedule->since_ms);
	json_put_int(json, "forgotten", schedule->forgotten_ms);
	json_put_int(json, "skipped", schedule->skipped_ms);
	json_put_int(json, "told", schedule->told_ms);
	for (size_t i = 0; i < schedule->run_count; i++)
		json_append(runs, json_new_int(schedule->runs[i]));
	json_put(json, "runs", runs);
	journal_put(schedules->journal, KIND, schedule->name, json_print(json));
	json_free(json);
}

static struct schedule *find(const struct schedules *schedules, const char *name)
{
	struct schedule *schedule = schedules->first;

	while (schedule != NULL && strcmp(schedule->name, name) != 0)
		schedule = schedule->next;
	return schedule;
}

static struct schedule *add(struct schedules *schedules, const char *name)
{
	struct schedule *schedule = mem_alloc(sizeof(*schedule));

	schedule->name = mem_copy_string(name);
	schedule->next = schedules->first;
	schedules->first = schedule;
	return schedule;
}

static void free_schedule(struct schedule *schedule)
{
	free_rule(schedule->rule);
	free_rule(schedule->wanted);
	free(schedule->name);
	free(schedule);
}

static bool was_run(const struct schedule *schedule, int64_t due_ms)
{
	for (size_t i = schedule->run_count; i > 0; i--)
		if (schedule->runs[i - 1] == due_ms)
			return true;
	return due_ms <= schedule->forgotten_ms;
}

/* In its place: after the clock was set back, later ones may be there. The oldest makes room. */
static void remember(struct schedule *schedule, int64_t due_ms)
{
	size_t at = schedule->run_count;

	while (at > 0 && schedule->runs[at - 1] > due_ms)
		at--;
	if (schedule->run_count == SCHEDULE_REMEMBERED) {
		int64_t oldest_ms = at == 0 ? due_ms : schedule->runs[0];

		if (oldest_ms > schedule->forgotten_ms)
			schedule->forgotten_ms = oldest_ms;
		if (at == 0)
			return;
		at--;
		memmove(schedule->runs, schedule->runs + 1, at * sizeof(schedule->runs[0]));
	} else {
		memmove(schedule->runs + at + 1, schedule->runs + at,
		        (schedule->run_count - at) * sizeof(schedule->runs[0]));
		schedule->run_count++;
	}
	schedule->runs[at] = due_ms;
}

static void load_runs(struct schedule *schedule, struct json_object *runs)
{
	for (size_t i = 0; i < json_count(runs); i++) {
		int64_t due_ms = json_int(json_at(runs, i), "", INT64_MIN);

		if (due_ms != INT64_MIN)
			remember(schedule, due_ms);
	}
}

static void load_rule(struct schedule *schedule, const char *line, const char *zone_name)
{
	struct err err = { .text = "it is missing" };

	if (line != NULL && zone_name != NULL)
		schedule->rule = make_rule(line, zone_name, &err);
	if (schedule->rule == NULL) /* a zone may have left the database */
		log_event(LOG_WARN, "schedule.rule_unreadable", "schedule", schedule->name, "why", err.text, NULL);
}

/* A document that cannot be read is taken for none: the schedule begins anew. */
static void load_one(void *arg, const char *key, const char *text, int64_t revision)
{
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);
	struct schedule *schedule;

	(void)revision;
	if (json == NULL) {
		journal_damage_unreadable(KIND, key);
		return;
	}
	schedule = add(arg, key);
	load_rule(schedule, json_string(json, "line"), json_string(json, "timezone"));
	schedule->since_ms = json_int(json, "since", 0);
	schedule->forgotten_ms = json_int(json, "forgotten", 0);
	schedule->skipped_ms = json_int(json, "skipped", 0);
	schedule->told_ms = json_int(json, "told", 0);
	load_runs(schedule, json_get(json, "runs"));
	json_free(json);
}

/* --- what is due --- */

static void log_due(enum log_level level, const char *event, const struct schedule *schedule, int64_t due_ms,
                    int64_t now_ms)
{
	char due[CLOCK_TEXT_SIZE], late[CLOCK_TEXT_SIZE];

	clock_format_iso(due_ms, due);
	clock_format_duration(now_ms - due_ms, late);
	log_event(level, event, "schedule", schedule->name, "due", due, "late", late, NULL);
}

/* True: the document has changed. */
static bool skip(struct schedule *schedule, int64_t due_ms, int64_t now_ms)
{
	if (schedule->skipped_ms == due_ms)
		return false;
	schedule->skipped_ms = due_ms;
	metrics_count("tocsin_schedule_skipped_total", NULL, NULL);
	log_due(LOG_WARN, "schedule.skipped", schedule, due_ms, now_ms);
	return true;
}

static bool run_due(struct schedules *schedules, struct schedule *schedule, int64_t now_ms)
{
	int64_t due_ms = cron_previous(&schedule->rule->cron, schedule->rule->zone, now_ms);

	if (due_ms == CRON_NEVER || due_ms <= schedule->since_ms || was_run(schedule, due_ms))
		return false;
	if (now_ms - due_ms > SCHEDULE_LATE_MS)
		return skip(schedule, due_ms, now_ms);
	metrics_count("tocsin_schedule_runs_total", NULL, NULL);
	log_due(LOG_INFO, "schedule.run", schedule, due_ms, now_ms);
	schedules->due(schedules->arg, schedule->name, due_ms);
	remember(schedule, due_ms);
	return true;
}

/* The clock was set back: what was written by the wrong one must not hold everything up until it is that time again. */
static bool come_back(struct schedule *schedule, int64_t now_ms)
{
	bool changed = false;

	if (schedule->since_ms > now_ms) {
		schedule->since_ms = now_ms;
		changed = true;
	}
	if (schedule->forgotten_ms > now_ms + SCHEDULE_AHEAD_MS) {
		log_event(LOG_WARN, "schedule.clock_was_ahead", "schedule", schedule->name, NULL);
		schedule->forgotten_ms = now_ms;
		changed = true;
	}
	return changed;
}

static bool look_at(struct schedules *schedules, struct schedule *schedule, int64_t now_ms)
{
	bool changed = come_back(schedule, now_ms);

	if (schedule->rule != NULL)
		changed |= run_due(schedules, schedule, now_ms);
	if (schedule->wanted != NULL) {
		free_rule(schedule->rule);
		schedule->rule = schedule->wanted;
		schedule->wanted = NULL;
		schedule->since_ms = now_ms;
		changed = true;
	}
	if (changed)
		put(schedules, schedule);
	return changed;
}

int64_t schedule_look(struct schedules *schedules)
{
	int64_t now_ms = clock_wall_ms(), wait_ms = SCHEDULE_LOOK_MS;
	bool changed = false;

	for (struct schedule *schedule = schedules->first; schedule != NULL; schedule = schedule->next) {
		int64_t next_ms;

		if (!schedule->listed)
			continue;
		changed |= look_at(schedules, schedule, now_ms);
		next_ms = cron_next(&schedule->rule->cron, schedule->rule->zone, now_ms);
		if (next_ms != CRON_NEVER && next_ms - now_ms < wait_ms)
			wait_ms = next_ms - now_ms;
	}
	if (changed)
		journal_commit(schedules->journal, (struct done){ NULL, NULL });
	return wait_ms;
}

static void wake(void *arg)
{
	struct schedules *schedules = arg;

	loop_timer_set(schedules->timer, schedule_look(schedules));
}

/* --- for others --- */

static void describe_metrics(void)
{
	metrics_describe("tocsin_schedule_runs_total", "counter", "Due times of schedules that were run.");
	metrics_describe("tocsin_schedule_skipped_total", "counter", "Due times found too late to be run.");
}

struct schedules *schedule_new(struct loop *loop, struct journal *journal,
                               void (*due)(void *arg, const char *name, int64_t scheduled_ms), void *arg,
                               struct err *err)
{
	struct schedules *schedules = mem_alloc(sizeof(*schedules));

	*schedules = (struct schedules){ .journal = journal, .due = due, .arg = arg };
	schedules->timer = loop_timer_new(loop, wake, schedules);
	describe_metrics();
	if (journal_load(journal, KIND, load_one, schedules, err))
		return schedules;
	schedule_free(schedules);
	return NULL;
}

void schedule_free(struct schedules *schedules)
{
	if (schedules == NULL)
		return;
	while (schedules->first != NULL) {
		struct schedule *schedule = schedules->first;

		schedules->first = schedule->next;
		free_schedule(schedule);
	}
	loop_timer_free(schedules->timer);
	free(schedules);
}

/* Takes the rule over. */
static void want(struct schedules *schedules, const struct schedule_line *line, struct rule *rule)
{
	struct schedule *schedule = find(schedules, line->name);

	if (schedule == NULL)
		schedule = add(schedules, line->name);
	schedule->listed = true;
	free_rule(schedule->wanted);
	schedule->wanted = rule;
	if (!is_rule(schedule->rule, line))
		return;
	free_rule(rule);
	schedule->wanted = NULL;
}

static void drop_unlisted(struct schedules *schedules)
{
	struct schedule **slot = &schedules->first;
	bool changed = false;

	while (*slot != NULL) {
		struct schedule *schedule = *slot;

		if (schedule->listed) {
			slot = &schedule->next;
			continue;
		}
		*slot = schedule->next;
		journal_delete(schedules->journal, KIND, schedule->name);
		free_schedule(schedule);
		changed = true;
	}
	if (changed)
		journal_commit(schedules->journal, (struct done){ NULL, NULL });
}

bool schedule_set(struct schedules *schedules, const struct schedule_line *lines, size_t count, struct err *err)
{
	struct rule **rules = mem_alloc((count + 1) * sizeof(struct rule *));
	size_t made = 0;

	while (made < count && (rules[made] = make_rule(lines[made].cron, lines[made].timezone, err)) != NULL)
		made++;
	if (made < count) {
		for (size_t i = 0; i < made; i++)
			free_rule(rules[i]);
		free(rules);
		return false;
	}
	for (struct schedule *schedule = schedules->first; schedule != NULL; schedule = schedule->next)
		schedule->listed = false;
	for (size_t i = 0; i < count; i++)
		want(schedules, &lines[i], rules[i]);
	free(rules);
	drop_unlisted(schedules);
	loop_timer_set(schedules->timer, 1);
	return true;
}

void schedule_stop(struct schedules *schedules)
{
	loop_timer_stop(schedules->timer);
}

void schedule_set_told(struct schedules *schedules, const char *name, int64_t until_ms)
{
	struct schedule *schedule = find(schedules, name);

	if (schedule == NULL || (until_ms <= schedule->told_ms && schedule->told_ms <= clock_wall_ms()))
		return;
	schedule->told_ms = until_ms;
	put(schedules, schedule);
}

int64_t schedule_told(const struct schedules *schedules, const char *name)
{
	const struct schedule *schedule = find(schedules, name);

	return schedule == NULL || schedule->told_ms > clock_wall_ms() ? 0 : schedule->told_ms;
}

bool schedule_is_due(const struct schedules *schedules, const char *name, int64_t at_ms)
{
	const struct schedule *schedule = find(schedules, name);

	if (schedule == NULL || !schedule->listed || schedule->rule == NULL || at_ms <= schedule->since_ms)
		return false;
	/* After a pause only the newest of its due times is run. */
	return cron_previous(&schedule->rule->cron, schedule->rule->zone, clock_wall_ms()) == at_ms &&
	       clock_wall_ms() - at_ms <= SCHEDULE_LATE_MS;
}

int64_t schedule_next(const struct schedules *schedules, const char *name)
{
	const struct schedule *schedule = find(schedules, name);
	const struct rule *rule;
	int64_t next_ms;

	if (schedule == NULL)
		return 0;
	rule = schedule->wanted != NULL ? schedule->wanted : schedule->rule;
	if (rule == NULL)
		return 0;
	next_ms = cron_next(&rule->cron, rule->zone, clock_wall_ms());
	return next_ms == CRON_NEVER ? 0 : next_ms;
}
