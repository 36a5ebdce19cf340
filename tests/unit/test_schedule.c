/* bot/schedule.c: each due time at most once and none lost, over restarts, kills, clocks that are set, other lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/cron.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/schedule.h"
#include "bot/zone.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/journal_case.h"
#include "tests/unit/support/turn.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static _Atomic int64_t now_ms;
static struct schedules *schedules;
static char ran[1024];     /* "name@2026-11-27T09:00 ...": told to due(), since the last look at it */
static unsigned started;   /* documents that due() put */

static int64_t read_now(void)
{
	return now_ms;
}

static int64_t utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return timegm(&tm) * INT64_C(1000);
}

/* In place of a flow: a document of its own in the same batch. */
static void start_something(const char *name, int64_t scheduled_ms)
{
	char key[128];

	(void)snprintf(key, sizeof(key), "%s.%lld.%u", name, (long long)scheduled_ms, ++started);
	journal_put(case_journal, "run", key, "{}");
}

static void due(void *arg, const char *name, int64_t scheduled_ms)
{
	size_t length = strlen(ran);
	char text[CLOCK_TEXT_SIZE];

	assert_ptr_equal(arg, &now_ms);
	clock_format_iso(scheduled_ms, text);
	(void)snprintf(ran + length, sizeof(ran) - length, "%s%s@%.16s", length > 0 ? " " : "", name, text);
	start_something(name, scheduled_ms);
}

static void begin_process(void (*due_fn)(void *arg, const char *name, int64_t scheduled_ms))
{
	struct err err;

	schedules = schedule_new(case_loop, case_journal, due_fn, &now_ms, &err);
	if (schedules == NULL)
		fail_msg("%s", err.text);
}

static void end_process(void)
{
	schedule_free(schedules);
	schedules = NULL;
}

static void restart(void)
{
	end_process();
	case_reopen();
	begin_process(due);
}

/* What is not on the disk is lost. */
static void kill_process(void)
{
	fake_disk_set(FAKE_DISK_FULL);
	end_process();
	journal_close(case_journal);
	fake_disk_set(FAKE_DISK_WELL);
	case_open_it();
}

static void set_lines(const struct schedule_line *lines, size_t count)
{
	struct err err;

	if (!schedule_set(schedules, lines, count, &err))
		fail_msg("%s", err.text);
}

static void set(const char *cron, const char *zone)
{
	set_lines(&(struct schedule_line){ "summary", cron, zone }, 1);
}

/* Looks at that time; what was run, and that all of it is on the disk. */
static void at(const char *when, const char *expected)
{
	now_ms = utc(when);
	ran[0] = '\0';
	(void)schedule_look(schedules);
	assert_string_equal(ran, expected);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
}

static int set_up(void **state)
{
	(void)case_set_up(state);
	now_ms = utc("2026-11-27 08:00");
	clock_replace(read_now);
	started = 0;
	ran[0] = '\0';
	begin_process(due);
	return 0;
}

static int tear_down(void **state)
{
	end_process();
	(void)case_tear_down(state);
	clock_replace(NULL);
	random_seed_for_tests(0);
	return 0;
}

static void it_runs_at_its_time(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", ""); /* first seen: what was due at nine yesterday is none of its business */
	at("2026-11-27 08:59", "");
	at("2026-11-27 09:00", "summary@2026-11-27T09:00");
	at("2026-11-27 09:00", "");
	at("2026-11-27 23:59", "");
	at("2026-11-28 09:01", "summary@2026-11-28T09:00");
	assert_int_equal(schedule_next(schedules, "summary"), utc("2026-11-29 09:00"));
	assert_int_equal(schedule_next(schedules, "other"), 0);
}

static void its_start_and_its_document_are_one_commit(void **state)
{
	int64_t commits, rows;

	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	commits = metrics_value("tocsin_journal_commits_total", NULL, NULL);
	rows = metrics_value("tocsin_journal_rows_total", NULL, NULL);
	at("2026-11-27 09:00", "summary@2026-11-27T09:00");
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), commits + 1);
	assert_int_equal(metrics_value("tocsin_journal_rows_total", NULL, NULL), rows + 2);
	at("2026-11-27 09:01", "");
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), commits + 1); /* nothing new */
}

static void killed_before_the_commit_it_runs_in_the_next_process(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	now_ms = utc("2026-11-27 09:00");
	(void)schedule_look(schedules);
	assert_string_equal(ran, "summary@2026-11-27T09:00");
	kill_process();
	assert_string_equal(case_contents("run"), "");
	begin_process(due);
	set("0 9 * * *", "UTC");
	at("2026-11-27 09:01", "summary@2026-11-27T09:00");
	restart();
	set("0 9 * * *", "UTC");
	at("2026-11-27 09:02", "");
}

static void first_seen_is_durable(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:59", "");
	kill_process();
	begin_process(due);
	set("0 9 * * *", "UTC");
	at("2026-11-27 09:05", "summary@2026-11-27T09:00");
}

static void of_several_missed_the_newest_is_caught_up(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	restart();
	set("0 9 * * *", "UTC");
	at("2026-11-30 20:59", "summary@2026-11-30T09:00");
	at("2026-11-30 21:00", "");
	at("2026-12-01 09:00", "summary@2026-12-01T09:00");
}

static void what_is_too_late_is_skipped_and_said_once(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	at("2026-11-27 21:01", "");
	at("2026-11-27 21:02", "");
	restart();
	set("0 9 * * *", "UTC");
	at("2026-11-27 22:00", "");
	assert_int_equal(metrics_value("tocsin_schedule_skipped_total", NULL, NULL), 1);
	at("2026-11-28 09:00", "summary@2026-11-28T09:00");
	assert_int_equal(metrics_value("tocsin_schedule_skipped_total", NULL, NULL), 1);
	assert_int_equal(metrics_value("tocsin_schedule_runs_total", NULL, NULL), 1);
	/* Twelve hours to the millisecond are not too late. */
	at("2026-11-29 21:00", "summary@2026-11-29T09:00");
}

static void a_clock_that_was_ahead_takes_nothing_and_doubles_nothing(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	at("2026-11-30 09:30", "summary@2026-11-30T09:00"); /* set three days ahead */
	at("2026-11-27 08:30", "");                         /* and back */
	at("2026-11-27 09:00", "summary@2026-11-27T09:00");
	at("2026-11-27 08:59", "");
	at("2026-11-27 09:00", "");
	restart();
	set("0 9 * * *", "UTC");
	at("2026-11-28 09:00", "summary@2026-11-28T09:00");
	at("2026-11-29 09:00", "summary@2026-11-29T09:00");
	at("2026-11-30 09:00", ""); /* that one was run */
	at("2026-12-01 09:00", "summary@2026-12-01T09:00");
}

static void a_clock_that_began_in_the_future_holds_nothing_up(void **state)
{
	(void)state;
	now_ms = utc("2031-01-01 00:00");
	set("0 * * * *", "UTC");
	at("2031-01-01 00:10", "");
	at("2026-11-27 09:30", ""); /* set right; what was due at nine is from before */
	restart();
	set("0 * * * *", "UTC");
	at("2026-11-27 10:10", "summary@2026-11-27T10:00");
}

static void a_long_time_in_the_future_is_forgotten(void **state)
{
	(void)state;
	set("0 * * * *", "UTC");
	at("2026-11-27 08:00", "");
	now_ms = utc("2031-01-01 00:00");
	for (int i = 0; i < SCHEDULE_REMEMBERED + 20; i++) {
		(void)schedule_look(schedules);
		now_ms += HOUR_MS;
	}
	assert_int_equal(metrics_value("tocsin_schedule_runs_total", NULL, NULL), SCHEDULE_REMEMBERED + 20);
	at("2026-11-27 09:00", "");
	at("2026-11-27 10:00", "summary@2026-11-27T10:00");
	/* The remembered ones are so still. */
	at("2031-01-05 20:00", "");
}

/* As many as are remembered, half a day ahead: earlier ones find no room, and come in their time all the same. */
static void with_all_of_memory_in_the_future(void **state)
{
	(void)state;
	set("*/5 * * * *", "UTC");
	at("2026-11-27 08:00", "");
	now_ms = utc("2026-11-28 04:00");
	for (int i = 0; i < SCHEDULE_REMEMBERED; i++) {
		(void)schedule_look(schedules);
		now_ms += 5 * MINUTE_MS;
	}
	at("2026-11-27 08:05", "summary@2026-11-27T08:05");
	at("2026-11-27 08:10", "summary@2026-11-27T08:10");
	at("2026-11-27 08:05", "");
	at("2026-11-28 04:05", "");
}

static void back_by_less_than_a_day_nothing_comes_again(void **state)
{
	(void)state;
	set("*/5 * * * *", "UTC");
	at("2026-11-27 08:00", "");
	for (int i = 0; i < 2 * SCHEDULE_REMEMBERED; i++) {
		now_ms += 5 * MINUTE_MS;
		(void)schedule_look(schedules);
	}
	assert_int_equal(metrics_value("tocsin_schedule_runs_total", NULL, NULL), 2 * SCHEDULE_REMEMBERED);
	at("2026-11-27 09:00", "");
	restart();
	set("*/5 * * * *", "UTC");
	at("2026-11-27 12:00", "");
	at("2026-11-28 00:40", ""); /* the last of them */
	at("2026-11-28 00:45", "summary@2026-11-28T00:45");
}

static void a_changed_line_counts_from_then_on(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	at("2026-11-27 09:00", "summary@2026-11-27T09:00");
	set("0 8 * * *", "UTC");
	at("2026-11-27 10:00", ""); /* eight o'clock was not due today */
	set("30 10 * * *", "UTC");
	at("2026-11-27 10:00", "");
	at("2026-11-27 10:30", "summary@2026-11-27T10:30");
	/* Another zone in which the same time comes later: that is another time. */
	set("30 10 * * *", "America/New_York");
	at("2026-11-27 10:31", "");
	at("2026-11-27 15:30", "summary@2026-11-27T15:30");
	/* The same instant in other words. */
	set("30 15 * * *", "UTC");
	at("2026-11-27 15:30", "");
	at("2026-11-28 15:30", "summary@2026-11-28T15:30");
}

static void what_the_old_line_missed_is_caught_up(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	restart();
	set("0 8 * * *", "Europe/Berlin"); /* 07:00 */
	at("2026-11-27 12:00", "summary@2026-11-27T09:00");
	at("2026-11-27 12:01", "");
	at("2026-11-28 07:00", "summary@2026-11-28T07:00");
	at("2026-11-28 09:00", "");
	/* Changed and changed back between two looks: as if nothing had been. */
	set("0 10 * * *", "UTC");
	set("0 8 * * *", "Europe/Berlin");
	at("2026-11-29 07:30", "summary@2026-11-29T07:00");
}

static void what_is_taken_out_is_forgotten(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	set_lines(NULL, 0);
	at("2026-11-27 09:00", "");
	assert_string_equal(case_contents("schedule"), "");
	set("0 9 * * *", "UTC");
	at("2026-11-27 09:01", "");
	at("2026-11-28 09:00", "summary@2026-11-28T09:00");
}

static void several_and_a_weekly_one(void **state)
{
	static const struct schedule_line lines[] = {
		{ "summary", "0 9 * * 1-5", "Asia/Tokyo" },
		{ "weekly", "0 9 * * mon", "Asia/Tokyo" },
	};

	(void)state;
	set_lines(lines, 2);
	at("2026-11-27 08:00", "");
	at("2026-11-29 23:59", "");
	at("2026-11-30 00:00", "weekly@2026-11-30T00:00 summary@2026-11-30T00:00");
	at("2026-12-01 00:00", "summary@2026-12-01T00:00");
	end_process();
	case_reopen();
	begin_process(due);
	set_lines(lines, 2);
	at("2026-12-07 11:00", "weekly@2026-12-07T00:00 summary@2026-12-07T00:00");
}

/* Before it was run, and afterwards; but never what will not be run. */
static void what_is_due_is_known(void **state)
{
	(void)state;
	assert_false(schedule_is_due(schedules, "summary", utc("2026-11-27 09:00")));
	set("0 9 * * *", "UTC");
	at("2026-11-27 09:30", "");
	assert_false(schedule_is_due(schedules, "summary", utc("2026-11-27 09:00"))); /* it did not hold then */
	now_ms = utc("2026-11-28 09:00");
	assert_true(schedule_is_due(schedules, "summary", utc("2026-11-28 09:00")));
	assert_false(schedule_is_due(schedules, "summary", utc("2026-11-28 08:59")));
	assert_false(schedule_is_due(schedules, "other", utc("2026-11-28 09:00")));
	at("2026-11-28 09:01", "summary@2026-11-28T09:00");
	assert_true(schedule_is_due(schedules, "summary", utc("2026-11-28 09:00")));
	now_ms = utc("2026-11-28 21:01");
	assert_false(schedule_is_due(schedules, "summary", utc("2026-11-28 09:00"))); /* too late */
	set_lines(NULL, 0);
	assert_false(schedule_is_due(schedules, "summary", utc("2026-11-28 09:00")));
}

/* A run that came late has told more than its due time says, and one that came to nothing has told nothing. */
static void what_was_told_is_remembered(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	at("2026-11-27 14:00", "summary@2026-11-27T09:00");
	assert_int_equal(schedule_told(schedules, "summary"), 0);
	schedule_set_told(schedules, "summary", now_ms);
	schedule_set_told(schedules, "other", now_ms);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	at("2026-11-28 09:00", "summary@2026-11-28T09:00");
	assert_int_equal(schedule_told(schedules, "summary"), utc("2026-11-27 14:00"));
	set("0 8 * * *", "UTC"); /* another line, another process */
	at("2026-11-28 09:01", "");
	restart();
	set("0 8 * * *", "UTC");
	assert_int_equal(schedule_told(schedules, "summary"), utc("2026-11-27 14:00"));
	schedule_set_told(schedules, "summary", utc("2026-11-26 09:00")); /* an older one that ended later */
	assert_int_equal(schedule_told(schedules, "summary"), utc("2026-11-27 14:00"));
	now_ms = utc("2026-11-27 10:00"); /* the clock was ahead */
	assert_int_equal(schedule_told(schedules, "summary"), 0);
	schedule_set_told(schedules, "summary", now_ms);
	assert_int_equal(schedule_told(schedules, "summary"), now_ms);
	assert_int_equal(schedule_told(schedules, "other"), 0);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
}

static void a_wrong_line_changes_nothing(void **state)
{
	static const struct schedule_line wrong[] = { { "summary", "0 7 * * *", "UTC" }, { "b", "0 25 * * *", "UTC" } };
	static const struct schedule_line nowhere = { "summary", "0 7 * * *", "Nowhere/City" };
	struct err err;

	(void)state;
	set("0 9 * * *", "UTC");
	at("2026-11-27 08:00", "");
	assert_false(schedule_set(schedules, wrong, 2, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.text, "\"0 25 * * *\" has a wrong hour"));
	assert_false(schedule_set(schedules, &nowhere, 1, &err));
	assert_non_null(strstr(err.text, "Nowhere/City"));
	at("2026-11-27 09:00", "summary@2026-11-27T09:00");
}

/* They may be from another version, or of a zone that is gone: the schedule begins anew, what was run stays so. */
static void documents_that_say_nothing(void **state)
{
	(void)state;
	journal_put(case_journal, "schedule", "summary",
	            "{\"line\":\"0 9 * * *\",\"timezone\":\"No/Where\",\"runs\":[1,\"x\",null,1795860000000]}");
	journal_put(case_journal, "schedule", "broken", "{");
	journal_put(case_journal, "schedule", "empty", "{}");
	journal_put(case_journal, "schedule", "list", "[]");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	restart();
	set_lines((const struct schedule_line[]){ { "summary", "0 10 * * *", "UTC" }, { "broken", "0 11 * * *", "UTC" },
	                                          { "empty", "0 12 * * *", "UTC" } }, 3);
	at("2026-11-27 09:30", "");
	at("2026-11-27 10:00", "summary@2026-11-27T10:00");
	at("2026-11-27 11:00", "broken@2026-11-27T11:00");
	at("2026-11-27 12:00", "empty@2026-11-27T12:00");
	at("2026-11-28 10:00", ""); /* in runs */
}

static void it_wakes_in_time_and_each_minute(void **state)
{
	(void)state;
	set("0 9 * * *", "UTC");
	assert_int_equal(schedule_look(schedules), SCHEDULE_LOOK_MS);
	now_ms = utc("2026-11-27 08:58") + 59999;
	assert_int_equal(schedule_look(schedules), SCHEDULE_LOOK_MS);
	now_ms = utc("2026-11-27 08:59") + 17;
	assert_int_equal(schedule_look(schedules), MINUTE_MS - 17); /* no drift */
	now_ms = utc("2026-11-27 09:00") - 1;
	assert_int_equal(schedule_look(schedules), 1);
	assert_string_equal(ran, "");
	now_ms++;
	assert_int_equal(schedule_look(schedules), SCHEDULE_LOOK_MS);
	assert_string_equal(ran, "summary@2026-11-27T09:00");
	set("0 9 30 2 *", "UTC"); /* never */
	assert_int_equal(schedule_look(schedules), SCHEDULE_LOOK_MS);
	assert_int_equal(schedule_next(schedules, "summary"), 0);
}

/* A clock that goes, from five to nine on. */
static struct timespec began;

static int64_t going(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return utc("2026-11-27 09:00") - 100 + (t.tv_sec - began.tv_sec) * 1000 + (t.tv_nsec - began.tv_nsec) / 1000000;
}

static bool has_run(void *arg)
{
	(void)arg;
	return ran[0] != '\0';
}

static void the_timer_does_it(void **state)
{
	(void)state;
	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	clock_replace(going);
	set("0 9 * * *", "UTC");
	turn_until(case_loop, has_run, NULL);
	assert_string_equal(ran, "summary@2026-11-27T09:00");
	assert_true(clock_wall_ms() >= utc("2026-11-27 09:00"));
	now_ms = utc("2026-11-28 09:00");
	clock_replace(read_now);
	ran[0] = '\0';
	schedule_stop(schedules);
	turn_for(case_loop, 20);
	assert_string_equal(ran, "");
}

/*
 * Property: whatever happens, no due time is run twice, none is run that was not due, and after each look that reaches
 * the disk the newest due time stands as run, unless it is too old or from before its line held.
 */
#define RUNS_MAX 4096

static struct {
	int64_t done[RUNS_MAX]; /* on the disk */
	size_t done_count;
	int64_t fresh[8];       /* told to due() since */
	size_t fresh_count;
	size_t line;            /* of the configuration */
	struct cron cron;       /* in force */
	struct zone *zone;
	int64_t since_ms;
	bool adopted;
} model;

static const struct schedule_line choices[] = {
	{ "s", "0 9 * * *", "Europe/Berlin" }, { "s", "*/20 * * * *", "UTC" }, { "s", "0 * * * *", "Asia/Kathmandu" },
	{ "s", "30 1-3 * * *", "Europe/Berlin" }, { "s", "0 */6 * * *", "America/New_York" },
	{ "s", "0 8 * * *", "UTC" }, { "s", "15,45 1,2 * * sun", "Australia/Lord_Howe" },
};
#define CHOICES (sizeof(choices) / sizeof(choices[0]))

static bool is_done(int64_t due_ms)
{
	for (size_t i = 0; i < model.done_count; i++)
		if (model.done[i] == due_ms)
			return true;
	return false;
}

static void model_due(void *arg, const char *name, int64_t scheduled_ms)
{
	(void)arg;
	assert_true(scheduled_ms <= now_ms && now_ms - scheduled_ms <= SCHEDULE_LATE_MS);
	assert_int_equal(cron_previous(&model.cron, model.zone, scheduled_ms), scheduled_ms);
	assert_true(scheduled_ms > model.since_ms);
	assert_false(is_done(scheduled_ms));
	assert_true(model.fresh_count < 1); /* one look runs one */
	model.fresh[model.fresh_count++] = scheduled_ms;
	start_something(name, scheduled_ms);
}

static void model_configure(void)
{
	set_lines(&choices[model.line], 1);
}

/* The line in force is that of the configuration from the end of a look on. */
static void model_adopt(void)
{
	struct err err;

	zone_free(model.zone);
	model.zone = zone_load(choices[model.line].timezone, &err);
	assert_non_null(model.zone);
	assert_true(cron_parse(choices[model.line].cron, &model.cron, &err));
	model.since_ms = now_ms;
	model.adopted = true;
}

static void model_look(bool killed)
{
	int64_t since_ms = model.since_ms, newest_ms = CRON_NEVER;

	model.fresh_count = 0;
	if (model.since_ms > now_ms)
		model.since_ms = now_ms;
	if (model.zone != NULL)
		newest_ms = cron_previous(&model.cron, model.zone, now_ms);
	if (killed)
		fake_disk_set(FAKE_DISK_FULL);
	(void)schedule_look(schedules);
	if (killed) {
		kill_process();
		begin_process(model_due);
		model_configure();
		model.since_ms = since_ms;
		return;
	}
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	for (size_t i = 0; i < model.fresh_count; i++) {
		assert_true(model.done_count < RUNS_MAX);
		model.done[model.done_count++] = model.fresh[i];
	}
	if (newest_ms != CRON_NEVER && newest_ms > model.since_ms && now_ms - newest_ms <= SCHEDULE_LATE_MS)
		assert_true(is_done(newest_ms));
	if (!model.adopted)
		model_adopt();
}

static void model_reconfigure(void)
{
	size_t line = (size_t)random_up_to(CHOICES - 1);

	if (line == model.line)
		return;
	model.line = line;
	model.adopted = false;
	model_configure();
}

static void count_one(void *arg, const char *key, const char *json, int64_t revision)
{
	(void)key;
	(void)json;
	(void)revision;
	(*(size_t *)arg)++;
}

static void model_story(uint64_t seed, int events)
{
	int64_t true_ms = utc("2026-03-27 00:00"); /* Berlin's clock jumps on the 29th, Lord Howe's a week later */
	size_t on_disk = 0;
	struct err err;

	random_seed_for_tests(seed);
	end_process();
	memset(&model, 0, sizeof(model));
	now_ms = true_ms;
	begin_process(model_due);
	model.line = (size_t)random_up_to(CHOICES - 1);
	model_configure();
	for (int i = 0; i < events; i++) {
		int64_t skew_ms = random_up_to(9) == 0 ? random_up_to(20) * HOUR_MS - 10 * HOUR_MS : 0;

		true_ms += random_up_to(random_up_to(15) == 0 ? 20 * HOUR_MS : 90 * MINUTE_MS);
		now_ms = true_ms + skew_ms;
		if (random_up_to(19) == 0)
			model_reconfigure();
		if (random_up_to(9) == 0) {
			end_process();
			case_reopen();
			begin_process(model_due);
			model_configure();
		}
		model_look(random_up_to(9) == 0);
	}
	assert_true(journal_load(case_journal, "run", count_one, &on_disk, &err));
	assert_int_equal(on_disk, model.done_count);
	assert_true(model.done_count > 0);
	zone_free(model.zone);
}

static void stories(void **state)
{
	bool light = getenv("TOCSIN_UNDER_VALGRIND") != NULL;

	for (uint64_t seed = 1; seed <= (light ? 2 : 12); seed++) {
		print_message("story %u\n", (unsigned)seed);
		model_story(seed, light ? 40 : 120);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_runs_at_its_time),
		TEST(its_start_and_its_document_are_one_commit),
		TEST(killed_before_the_commit_it_runs_in_the_next_process),
		TEST(first_seen_is_durable),
		TEST(of_several_missed_the_newest_is_caught_up),
		TEST(what_is_too_late_is_skipped_and_said_once),
		TEST(a_clock_that_was_ahead_takes_nothing_and_doubles_nothing),
		TEST(a_clock_that_began_in_the_future_holds_nothing_up),
		TEST(a_long_time_in_the_future_is_forgotten),
		TEST(with_all_of_memory_in_the_future),
		TEST(back_by_less_than_a_day_nothing_comes_again),
		TEST(a_changed_line_counts_from_then_on),
		TEST(what_the_old_line_missed_is_caught_up),
		TEST(what_is_taken_out_is_forgotten),
		TEST(several_and_a_weekly_one),
		TEST(what_is_due_is_known),
		TEST(what_was_told_is_remembered),
		TEST(a_wrong_line_changes_nothing),
		TEST(documents_that_say_nothing),
		TEST(it_wakes_in_time_and_each_minute),
		TEST(the_timer_does_it),
		TEST(stories),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
