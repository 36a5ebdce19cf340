/*
 * When cron lines are due, over two years of several zones: against a clock that is looked at every minute (glibc's,
 * with TZ set) by the rules of cron(8). Then single days by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/cron.h"
#include "bot/zone.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MINUTES 1440

/* What a line means, said once more, in C. */

static bool quarter_past_two(const struct tm *t)
{
	return t->tm_hour == 2 && t->tm_min == 15;
}

static bool around_the_jumps(const struct tm *t)
{
	return t->tm_hour <= 3 && (t->tm_min == 0 || t->tm_min == 30);
}

static bool weekday_mornings(const struct tm *t)
{
	return t->tm_hour == 9 && t->tm_min == 0 && t->tm_wday >= 1 && t->tm_wday <= 5;
}

static bool sunday_nights(const struct tm *t)
{
	return t->tm_hour == 1 && t->tm_min == 45 && t->tm_wday == 0;
}

static bool midnight_of_either(const struct tm *t)
{
	return t->tm_hour == 0 && t->tm_min == 0 && (t->tm_mday == 13 || t->tm_wday == 5);
}

static bool each_twenty(const struct tm *t)
{
	return t->tm_min % 20 == 0;
}

static bool second_hours(const struct tm *t)
{
	return t->tm_hour % 2 == 0 && t->tm_min == 0;
}

static bool tens_of_two(const struct tm *t)
{
	return t->tm_hour == 2 && t->tm_min % 10 == 0;
}

static bool half_hours_of_sundays(const struct tm *t)
{
	return t->tm_min == 30 && t->tm_wday == 0 && (t->tm_mon == 2 || t->tm_mon == 9);
}

static bool hours_of_odd_mondays(const struct tm *t)
{
	return t->tm_min == 5 && t->tm_wday == 1 && t->tm_mday % 2 == 1;
}

static const struct {
	const char *text;
	bool (*matches)(const struct tm *t);
	bool by_clock;
} lines[] = {
	{ "15 2 * * *", quarter_past_two, false },
	{ "0,30 0-3 * * *", around_the_jumps, false },
	{ "0 9 * * 1-5", weekday_mornings, false },
	{ "45 1 * * sun", sunday_nights, false },
	{ "0 0 13 * fri", midnight_of_either, false },
	{ "*/20 * * * *", each_twenty, true },
	{ "0 */2 * * *", second_hours, true },
	{ "*/10 2 * * *", tens_of_two, true },
	{ "30 * * 3,10 sun", half_hours_of_sundays, true },
	{ "5 * */2 * mon", hours_of_odd_mondays, true },
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static const char *const zones[] = {
	"Australia/Lord_Howe", "Europe/Berlin", "America/New_York", "Africa/Casablanca", "Europe/Dublin", "Asia/Tokyo",
	"Asia/Kathmandu", "UTC", "America/Havana" /* midnight is skipped, and shown twice an hour later */,
};

static struct zone *load(const char *name)
{
	struct err err;
	struct zone *zone = zone_load(name, &err);

	if (zone == NULL)
		fail_msg("%s", err.text);
	return zone;
}

static struct cron parse(const char *text)
{
	struct cron cron;
	struct err err;

	if (!cron_parse(text, &cron, &err))
		fail_msg("\"%s\" %s", text, err.text);
	return cron;
}

static int64_t utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return timegm(&tm) * INT64_C(1000);
}

static const char *text_of(int64_t wall_ms)
{
	static char texts[2][CLOCK_TEXT_SIZE];
	static unsigned turn;
	char *text = texts[++turn % 2];

	if (wall_ms == CRON_NEVER)
		return "never";
	clock_format_iso(wall_ms, text);
	text[16] = '\0';
	return text;
}

/* The walk through one zone. */
struct walk {
	const char *zone_name;
	struct zone *zone;
	int64_t shown;       /* the latest local minute that the clock has shown */
	struct cron crons[LINES];
	int64_t last[LINES]; /* due time; CRON_NEVER: none yet */
	unsigned count;      /* of due times */
};

static void is_due(struct walk *walk, size_t line, int64_t at_ms)
{
	const struct cron *cron = &walk->crons[line];
	int64_t last_ms = walk->last[line], next_ms;

	walk->last[line] = at_ms;
	walk->count++;
	if (last_ms == CRON_NEVER)
		return;
	next_ms = cron_next(cron, walk->zone, last_ms);
	if (next_ms != at_ms)
		fail_msg("\"%s\" in %s: after %s comes %s", lines[line].text, walk->zone_name, text_of(last_ms),
		         text_of(next_ms));
	next_ms = cron_previous(cron, walk->zone, at_ms - 1);
	if (next_ms != last_ms)
		fail_msg("\"%s\" in %s: before %s was %s", lines[line].text, walk->zone_name, text_of(at_ms),
		         text_of(next_ms));
	if (walk->count % 7 != 0) /* enough, and sooner done */
		return;
	next_ms = cron_next(cron, walk->zone, at_ms - 1);
	if (next_ms != at_ms)
		fail_msg("\"%s\" in %s: just before %s comes %s", lines[line].text, walk->zone_name, text_of(at_ms),
		         text_of(next_ms));
	next_ms = cron_previous(cron, walk->zone, at_ms + MINUTE_MS - 1);
	if (next_ms != at_ms)
		fail_msg("\"%s\" in %s: %s, not %s", lines[line].text, walk->zone_name, text_of(at_ms),
		         text_of(next_ms));
}

/* cron(8): what the clock skipped has its turn at the jump; set back, fixed times wait until it has caught up. */
static bool fixed_is_due(const struct walk *walk, size_t line, int64_t now)
{
	for (int64_t minute = walk->shown + 1; minute <= now; minute++) {
		time_t seconds = (time_t)minute * 60;
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		if (lines[line].matches(&tm))
			return true;
	}
	return false;
}

static void look_at_clock(struct walk *walk, time_t at)
{
	struct tm tm;
	int64_t minute;

	assert_non_null(localtime_r(&at, &tm));
	minute = (at + tm.tm_gmtoff) / 60;
	for (size_t i = 0; i < LINES; i++) {
		bool due;

		if (lines[i].by_clock)
			due = lines[i].matches(&tm);
		else if (minute == walk->shown + 1)
			due = lines[i].matches(&tm); /* the same, faster */
		else
			due = fixed_is_due(walk, i, minute);
		if (due)
			is_due(walk, i, at * INT64_C(1000));
	}
	if (minute > walk->shown)
		walk->shown = minute;
}

static void walk_through(const char *zone_name, time_t from, time_t to)
{
	struct walk walk = { .zone_name = zone_name, .zone = load(zone_name) };
	struct tm tm;

	assert_int_equal(setenv("TZ", zone_name, 1), 0);
	tzset();
	assert_non_null(localtime_r(&from, &tm));
	walk.shown = (from + tm.tm_gmtoff) / 60;
	for (size_t i = 0; i < LINES; i++) {
		walk.crons[i] = parse(lines[i].text);
		assert_int_equal(walk.crons[i].by_clock, lines[i].by_clock);
		walk.last[i] = CRON_NEVER;
	}
	for (time_t at = from + 60; at < to; at += 60)
		look_at_clock(&walk, at);
	assert_true(walk.count > (unsigned)((to - from) / 86400) * 80);
	zone_free(walk.zone);
	(void)unsetenv("TZ");
	tzset();
}

static void two_years_of_zones(void **state)
{
	bool light = getenv("TOCSIN_UNDER_VALGRIND") != NULL;
	time_t from = utc("2026-01-01 00:00") / 1000, to = utc(light ? "2026-05-01 00:00" : "2028-01-01 00:00") / 1000;

	(void)state;
	for (size_t i = 0; i < (light ? 1 : sizeof(zones) / sizeof(zones[0])); i++)
		walk_through(zones[i], from, to);
}

/* Newfoundland's clock was set back a minute after midnight, into the day before. */
static void a_midnight_that_comes_twice(void **state)
{
	(void)state;
	walk_through("America/St_Johns", utc("2010-10-20 00:00") / 1000, utc("2010-11-20 00:00") / 1000);
}

static void next_is(const char *line, const char *zone_name, const char *after, const char *expected)
{
	struct zone *zone = load(zone_name);
	struct cron cron = parse(line);

	assert_string_equal(text_of(cron_next(&cron, zone, utc(after))), expected);
	zone_free(zone);
}

static void previous_is(const char *line, const char *zone_name, const char *until, const char *expected)
{
	struct zone *zone = load(zone_name);
	struct cron cron = parse(line);

	assert_string_equal(text_of(cron_previous(&cron, zone, utc(until))), expected);
	zone_free(zone);
}

static void a_skipped_time_is_due_at_the_jump(void **state)
{
	(void)state;
	next_is("30 2 * * *", "Europe/Berlin", "2026-03-28 12:00", "2026-03-29T01:00");
	next_is("30 2 * * *", "Europe/Berlin", "2026-03-29 01:00", "2026-03-30T00:30");
	previous_is("30 2 * * *", "Europe/Berlin", "2026-03-29 01:00", "2026-03-29T01:00");
	previous_is("30 2 * * *", "Europe/Berlin", "2026-03-29 00:59", "2026-03-28T01:30");
	/* Three skipped times and the one after the jump: once. */
	next_is("0,20,40 2,3 29 3 *", "Europe/Berlin", "2026-03-29 00:00", "2026-03-29T01:00");
	next_is("0,20,40 2,3 29 3 *", "Europe/Berlin", "2026-03-29 01:00", "2026-03-29T01:20");
	/* Half an hour, and a whole day. */
	next_is("10 2 4 10 *", "Australia/Lord_Howe", "2026-10-01 00:00", "2026-10-03T15:30");
	next_is("0 9 30 12 *", "Pacific/Apia", "2011-12-01 00:00", "2011-12-30T10:00");
}

static void a_doubled_time_is_due_the_first_time(void **state)
{
	(void)state;
	next_is("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", "2026-10-25T00:30");
	next_is("30 2 * * *", "Europe/Berlin", "2026-10-25 00:30", "2026-10-26T01:30");
	previous_is("30 2 * * *", "Europe/Berlin", "2026-10-25 01:30", "2026-10-25T00:30");
	previous_is("0 0 * * *", "America/St_Johns", "2010-11-07 03:00", "2010-11-07T02:30"); /* 23:30 the day before */
	previous_is("50 1 * * *", "Australia/Lord_Howe", "2026-04-04 15:10", "2026-04-04T14:50");
}

static void a_line_by_the_clock_goes_on_by_elapsed_time(void **state)
{
	(void)state;
	next_is("*/15 * * * *", "Europe/Berlin", "2026-03-29 00:45", "2026-03-29T01:00");
	next_is("*/15 2 * * *", "Europe/Berlin", "2026-03-28 01:45", "2026-03-30T00:00"); /* nothing to make up for */
	next_is("*/15 2 * * *", "Europe/Berlin", "2026-10-25 00:45", "2026-10-25T01:00"); /* the second two o'clock */
	next_is("0 * * * *", "Asia/Kathmandu", "2026-06-01 00:00", "2026-06-01T00:15");
	previous_is("0 * * * *", "Australia/Lord_Howe", "2026-04-04 15:29", "2026-04-04T14:00");
}

static void days_of_month_and_of_week(void **state)
{
	(void)state;
	next_is("0 9 13 * fri", "UTC", "2026-11-01 00:00", "2026-11-06T09:00"); /* either */
	next_is("0 9 13 * fri", "UTC", "2026-12-11 10:00", "2026-12-13T09:00");
	next_is("0 9 */2 * fri", "UTC", "2026-11-01 00:00", "2026-11-13T09:00"); /* both: the first begins with * */
	next_is("0 9 * * 1-5", "Asia/Tokyo", "2026-11-27 00:00", "2026-11-30T00:00");
	previous_is("0 9 * * 1-5", "Asia/Tokyo", "2026-11-29 23:59", "2026-11-27T00:00");
}

static void rare_days_and_days_that_never_come(void **state)
{
	(void)state;
	next_is("0 9 29 2 *", "UTC", "2096-02-29 09:00", "2104-02-29T09:00");
	next_is("0 9 29 2 */7", "UTC", "2088-02-29 09:00", "2128-02-29T09:00");
	next_is("* * 29 2 */7", "UTC", "2088-02-29 23:59", "2128-02-29T00:00");
	previous_is("* * 29 2 */7", "UTC", "2128-02-28 23:59", "2088-02-29T23:59");
	next_is("0 9 30 2 *", "Europe/Berlin", "2026-01-01 00:00", "never");
	next_is("* * 30 2 *", "Europe/Berlin", "2026-01-01 00:00", "never");
	previous_is("0 9 30 2 *", "Europe/Berlin", "2026-01-01 00:00", "never");
	previous_is("* * 31 4 *", "Europe/Berlin", "2026-01-01 00:00", "never");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_years_of_zones),
		cmocka_unit_test(a_midnight_that_comes_twice),
		cmocka_unit_test(a_skipped_time_is_due_at_the_jump),
		cmocka_unit_test(a_doubled_time_is_due_the_first_time),
		cmocka_unit_test(a_line_by_the_clock_goes_on_by_elapsed_time),
		cmocka_unit_test(days_of_month_and_of_week),
		cmocka_unit_test(rare_days_and_days_that_never_come),
	};

	return cmocka_run_group_tests_name("cron_times", tests, NULL, NULL);
}
