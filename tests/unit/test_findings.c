/* Each kind of finding on a series made for it, in words; what must not be found; and series that break arithmetic. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/zone.h"
#include "tests/unit/support/findings_case.h"

#define THURSDAY_JST ((int64_t)1738249200000) /* 2025-01-31 00:00 JST: Thursday the 30th is judged */
#define SUNDAY ((int64_t)1738540800000)       /* 2025-02-03 00:00 UTC: Sunday the 2nd is judged */
#define STEP (5 * CASE_MINUTE)

static struct zone *load(const char *name)
{
	struct err err;
	struct zone *zone = zone_load(name, &err);

	if (zone == NULL)
		print_message("%s: skipped\n", err.text);
	return zone;
}

static int64_t since_midnight(int64_t at, int64_t offset)
{
	return (at + offset) % CASE_DAY;
}

static bool is_weekend(int64_t local)
{
	int64_t day = local / CASE_DAY % 7; /* 0 Thursday */

	return day == 2 || day == 3;
}

static bool in_batch(int64_t at)
{
	int64_t local = at + 9 * CASE_HOUR, since = local % CASE_DAY;

	return !is_weekend(local) && since >= 5 * CASE_HOUR && since < 5 * CASE_HOUR + 35 * CASE_MINUTE;
}

static double ecs_cpu(int64_t at, double noise)
{
	return in_batch(at) ? 90 + fmin(3, fabs(noise)) : 23.5 + 0.5 * noise;
}

static double response_time(int64_t at, double noise)
{
	return in_batch(at) ? 0.196 : 0.12 + 0.005 * noise;
}

/* The published findings of the reference system: a batch at five on weekdays, 0.196 s against a limit of 0.5 s. */
static void a_weekday_batch_is_recurring_and_below_its_limit(void **state)
{
	struct zone *tokyo = load("Asia/Tokyo");
	struct findings_case c;
	const struct finding *f;

	(void)state;
	if (tokyo == NULL)
		skip();
	case_init(&c, tokyo);
	(void)case_add(&c, "ECS CPU", "Percent", THURSDAY_JST, 14, STEP, ecs_cpu);
	case_add(&c, "ALB target response time", "Seconds", THURSDAY_JST, 14, STEP, response_time)->normal_below = 0.5;
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0) + case_abnormal(&c, 1), 0);
	f = case_finding(&c, 0, FINDING_RECURRING);
	assert_int_equal(f->from_ms, THURSDAY_JST - 19 * CASE_HOUR);
	assert_int_equal(f->to_ms, THURSDAY_JST - 19 * CASE_HOUR + 35 * CASE_MINUTE);
	assert_non_null(strstr(f->text, "recurring"));
	assert_non_null(strstr(f->text, " JST"));
	assert_non_null(strstr(f->text, "9 of 9 weekdays"));
	assert_true(f->strength <= 0.5);
	f = case_finding(&c, 1, FINDING_RECURRING);
	assert_non_null(strstr(f->text, "rose to 0.196 s at 05:"));
	assert_non_null(strstr(f->text, "below its limit of 0.5 s"));
	case_check_texts(&c);
	case_free(&c);
	zone_free(tokyo);
}

static double once_slower(int64_t at, double noise)
{
	return at == THURSDAY_JST - 19 * CASE_HOUR ? 0.196 : 0.12 + 0.005 * noise;
}

static void what_stays_below_its_limit_is_normal(void **state)
{
	struct findings_case c;
	struct findings_subject *s;

	(void)state;
	case_init(&c, NULL);
	s = case_add(&c, "ALB target response time", "Seconds", THURSDAY_JST, 14, STEP, once_slower);
	s->normal_below = 0.5;
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 0);
	s->normal_below = 0.19; /* now it is over */
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	assert_non_null(strstr(case_finding(&c, 0, FINDING_LIMIT)->text, "over its limit of 0.19 s"));
	case_check_texts(&c);
	s->normal_below = NAN; /* without a limit it is a change */
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	assert_non_null(strstr(case_finding(&c, 0, FINDING_SUDDEN)->text, "rose to 0.196 s at Wed 29 Jan 20:00 UTC"));
	case_check_texts(&c);
	case_free(&c);
}

static double requests(int64_t at, double noise)
{
	if (at >= SUNDAY - 10 * CASE_HOUR && at < SUNDAY - 8 * CASE_HOUR)
		return 0;
	return floor(120 + 10 * noise);
}

static void requests_fallen_to_nothing_are_told_whatever_the_limit(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	case_add(&c, "Requests", "requests", SUNDAY, 14, STEP, requests)->normal_below = 500;
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	f = case_finding(&c, 0, FINDING_SUDDEN);
	assert_int_equal(f->from_ms, SUNDAY - 10 * CASE_HOUR);
	assert_int_equal(f->to_ms, SUNDAY - 8 * CASE_HOUR);
	assert_true(f->value == 0);
	assert_non_null(strstr(f->text, "Requests fell to 0 requests"));
	assert_non_null(strstr(f->text, "back to usual at 16:00 UTC after 2 h 0 min"));
	case_check_texts(&c);
	case_free(&c);
}

static double shifted(int64_t at, double noise)
{
	return (at >= SUNDAY - 6 * CASE_HOUR ? 47 : 30) + noise + (at == SUNDAY - 3 * CASE_HOUR ? 30 : 0);
}

static void a_spike_within_a_new_level_is_not_two_findings(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Memory", "Percent", SUNDAY, 14, STEP, shifted);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	f = case_finding(&c, 0, FINDING_LEVEL_SHIFT);
	assert_int_equal(f->from_ms, SUNDAY - 6 * CASE_HOUR);
	assert_int_equal(f->to_ms, SUNDAY);
	assert_true(fabs(f->value - 47) < 1 && fabs(f->expected - 30) < 1);
	case_check_texts(&c);
	case_free(&c);
}

static double old_level(int64_t at, double noise)
{
	return (at >= SUNDAY - 4 * CASE_DAY ? 47 : 30) + noise;
}

static void a_level_that_is_days_old_is_no_news(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Memory", "Percent", SUNDAY, 14, STEP, old_level);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 0);
	case_free(&c);
}

static double filling(int64_t at, double noise)
{
	return 80 + (double)(at - SUNDAY) / (double)CASE_DAY * 1.5 + 0.3 * noise;
}

static void a_slow_rise_says_when_it_reaches_its_limit(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	case_add(&c, "Disk", "Percent", SUNDAY, 14, STEP, filling)->normal_below = 90;
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	f = case_finding(&c, 0, FINDING_SLOW_CHANGE);
	assert_true(fabs(f->value - 1.5) < 0.1);
	assert_non_null(strstr(f->text, "reaches its limit of 90 % in about 6 d"));
	case_check_texts(&c);
	c.subjects[0].normal_below = NAN;
	c.subjects[0].normal_above = 10; /* which says nothing of a rise */
	case_find(&c);
	f = case_finding(&c, 0, FINDING_SLOW_CHANGE);
	assert_true(isnan(f->limit) && strstr(f->text, "limit") == NULL);
	case_free(&c);
}

static double with_gap(int64_t at, double noise)
{
	return at >= SUNDAY - 5 * CASE_HOUR && at < SUNDAY - 4 * CASE_HOUR ? NAN : 10 + noise;
}

static void missing_data_is_found_and_a_range_beyond_the_series_too(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Select latency", "Milliseconds", SUNDAY, 14, STEP, with_gap);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	f = case_finding(&c, 0, FINDING_MISSING);
	assert_int_equal(f->from_ms, SUNDAY - 5 * CASE_HOUR);
	assert_int_equal(f->to_ms, SUNDAY - 4 * CASE_HOUR);
	assert_non_null(strstr(f->text, "from 19:00 UTC to 20:00 UTC, for 1 h 0 min"));
	assert_true(isnan(f->value));
	case_check_texts(&c);
	c.range.to_ms += 2 * CASE_HOUR; /* the source was asked until then, and gave nothing */
	case_find(&c);
	assert_int_equal(case_count(&c, 0, FINDING_MISSING), 2);
	assert_int_equal(case_finding(&c, 0, FINDING_MISSING)->to_ms, SUNDAY + 2 * CASE_HOUR);
	case_check_texts(&c);
	case_free(&c);
}

static double in_office_hours(int64_t at, double noise)
{
	int64_t since = since_midnight(at, 0);

	return since >= 9 * CASE_HOUR && since < 17 * CASE_HOUR ? 10 + noise : NAN;
}

static double now_and_then(int64_t at, double noise)
{
	return noise > 1.6 || at == SUNDAY - CASE_DAY ? 10 + noise : NAN; /* one bucket in twenty */
}

static void gaps_that_are_a_habit_are_normal(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Office", NULL, SUNDAY, 14, STEP, in_office_hours);
	(void)case_add(&c, "Seldom", NULL, SUNDAY, 14, STEP, now_and_then);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0) + case_abnormal(&c, 1), 0);
	case_free(&c);
}

static double stuck(int64_t at, double noise)
{
	return at >= SUNDAY - 12 * CASE_HOUR && at < SUNDAY - 6 * CASE_HOUR ? 10.5 : 10 + noise;
}

static void a_line_that_stands_still_is_found(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Load", NULL, SUNDAY, 14, STEP, stuck);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	f = case_finding(&c, 0, FINDING_FLAT);
	assert_int_equal(f->from_ms, SUNDAY - 12 * CASE_HOUR);
	assert_int_equal(f->to_ms, SUNDAY - 6 * CASE_HOUR);
	assert_non_null(strstr(f->text, "stands still at 10.5 from 12:00 UTC to 18:00 UTC: 72 equal values"));
	case_check_texts(&c);
	case_free(&c);
}

static double berlin_job(int64_t at, double noise)
{
	/* 02:30 local time: 01:30 UTC until 2025-03-30 01:00 UTC, 00:30 afterwards */
	int64_t offset = at < (int64_t)1743296400000 ? CASE_HOUR : 2 * CASE_HOUR, since = since_midnight(at, offset);

	return since >= 150 * CASE_MINUTE && since < 180 * CASE_MINUTE ? 80 + noise : 20 + noise;
}

static void a_clock_change_does_not_move_what_recurs(void **state)
{
	struct zone *berlin = load("Europe/Berlin");
	struct findings_case c;

	(void)state;
	if (berlin == NULL)
		skip();
	case_init(&c, berlin);
	(void)case_add(&c, "Backup", "Percent", 1743458400000, 14, STEP, berlin_job); /* 2025-04-01 00:00 local */
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 0);
	assert_int_equal(case_count(&c, 0, FINDING_RECURRING), 1);
	case_check_texts(&c);
	case_free(&c);
	zone_free(berlin);
}

static double ups_and_downs(int64_t at, double noise)
{
	return 100 + 1.8 * noise + (at >= SUNDAY - 5 * CASE_HOUR && at < SUNDAY - 280 * CASE_MINUTE ? 7 : 0);
}

static void ten_per_cent_within_an_hour_are_ignored(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Steady", NULL, SUNDAY, 14, STEP, ups_and_downs);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 0);
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weekday_batch_is_recurring_and_below_its_limit),
		cmocka_unit_test(what_stays_below_its_limit_is_normal),
		cmocka_unit_test(requests_fallen_to_nothing_are_told_whatever_the_limit),
		cmocka_unit_test(a_spike_within_a_new_level_is_not_two_findings),
		cmocka_unit_test(a_level_that_is_days_old_is_no_news),
		cmocka_unit_test(a_slow_rise_says_when_it_reaches_its_limit),
		cmocka_unit_test(missing_data_is_found_and_a_range_beyond_the_series_too),
		cmocka_unit_test(gaps_that_are_a_habit_are_normal),
		cmocka_unit_test(a_line_that_stands_still_is_found),
		cmocka_unit_test(a_clock_change_does_not_move_what_recurs),
		cmocka_unit_test(ten_per_cent_within_an_hour_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
