/* What is too small to tell: by the level, by what the metric does anyway, and by limits that somebody set. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/support/findings_case.h"

#define SUNDAY ((int64_t)1738540800000) /* 2025-02-03 00:00 UTC: Sunday the 2nd is judged */
#define STEP (5 * CASE_MINUTE)

static bool between(int64_t at, int64_t hours, int64_t until)
{
	return at >= SUNDAY - hours * CASE_HOUR && at < SUNDAY - until * CASE_HOUR;
}

static double availability(int64_t at, double noise)
{
	return fmin(100, 99.95 + 0.05 * noise) - (between(at, 6, 4) ? 5 : 0);
}

static double kelvin(int64_t at, double noise)
{
	return 293 + 0.3 * noise + (between(at, 6, 4) ? 6 : 0);
}

static double far_from_zero(int64_t at, double noise)
{
	double wave = 8 * sin((double)(at % CASE_DAY) / (double)CASE_DAY * 6.283185307);

	return 1e6 + 20 + wave + noise + (between(at, 6, 5) ? 40 : 0);
}

static void where_the_level_is_no_measure_the_metric_itself_is(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Availability", "Percent", SUNDAY, 14, STEP, availability);
	(void)case_add(&c, "Room", "K", SUNDAY, 14, STEP, kelvin);
	(void)case_add(&c, "Far from zero", NULL, SUNDAY, 14, STEP, far_from_zero);
	case_find(&c);
	for (size_t i = 0; i < c.count; i++) {
		assert_int_equal(case_abnormal(&c, i), 1);
		assert_int_equal(case_finding(&c, i, FINDING_SUDDEN)->from_ms, SUNDAY - 6 * CASE_HOUR);
	}
	case_check_texts(&c);
	case_free(&c);
}

/* 15 % of the level for 20 minutes is told, 7 % is not, where values move by as much anyway. */
static double ordinary(int64_t at, double noise)
{
	int64_t from = SUNDAY - 5 * CASE_HOUR, later = SUNDAY - 2 * CASE_HOUR;

	return 100 + 1.5 * noise + (at >= from && at < from + 20 * CASE_MINUTE ? 7 : 0) +
	       (at >= later && at < later + 20 * CASE_MINUTE ? 15 : 0);
}

static void an_ordinary_metric_may_move_by_a_tenth(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "CPU", "Percent", SUNDAY, 14, STEP, ordinary);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	assert_int_equal(case_finding(&c, 0, FINDING_SUDDEN)->from_ms, SUNDAY - 2 * CASE_HOUR);
	case_free(&c);
}

static double eightfold(int64_t at, double noise)
{
	return (20 + noise) * (between(at, 10, 0) ? 8 : 1);
}

static double less_than_a_third(int64_t at, double noise)
{
	return (200 + 10 * noise) * (between(at, 10, 0) ? 0.3 : 1);
}

/* Without a limit on a side nobody has said what is normal there. */
static void a_limit_on_one_side_says_nothing_of_the_other(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	case_add(&c, "Queue", NULL, SUNDAY, 14, STEP, eightfold)->normal_above = 5;
	case_add(&c, "Requests", NULL, SUNDAY, 14, STEP, less_than_a_third)->normal_below = 5000;
	case_find(&c);
	for (size_t i = 0; i < c.count; i++) {
		assert_int_equal(case_abnormal(&c, i), 1);
		assert_int_equal(case_finding(&c, i, FINDING_LEVEL_SHIFT)->from_ms, SUNDAY - 10 * CASE_HOUR);
		assert_true(isnan(case_finding(&c, i, FINDING_LEVEL_SHIFT)->limit));
	}
	case_check_texts(&c);
	case_free(&c);
}

/* A saw-tooth of memory between 38 and 79, whose own distances hide everything; then nothing at all. */
static double fallen_out_of_all(int64_t at, double noise)
{
	return between(at, 6, 5) ? 0 : 40 + 36 * (double)(at % (37 * CASE_HOUR)) / (double)(37 * CASE_HOUR) + noise;
}

static void what_never_was_by_far_is_told(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Memory", "Percent", SUNDAY, 14, STEP, fallen_out_of_all);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	assert_int_equal(case_finding(&c, 0, FINDING_SUDDEN)->from_ms, SUNDAY - 6 * CASE_HOUR);
	assert_int_equal(case_finding(&c, 0, FINDING_SUDDEN)->to_ms, SUNDAY - 5 * CASE_HOUR);
	case_check_texts(&c);
	case_free(&c);
}

/* By itself a limit of 140 would be broken by 14 % only. */
static void a_broken_limit_is_no_weaker_than_the_same_change(void **state)
{
	struct findings_case c;
	const struct finding *limit;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Queue", NULL, SUNDAY, 14, STEP, eightfold);
	case_add(&c, "Limited", NULL, SUNDAY, 14, STEP, eightfold)->normal_below = 140;
	memcpy(c.series[1].values, c.series[0].values, c.series[0].count * sizeof(double));
	case_find(&c);
	limit = case_finding(&c, 1, FINDING_LIMIT);
	assert_true(limit->strength >= case_finding(&c, 0, FINDING_LEVEL_SHIFT)->strength);
	assert_non_null(strstr(limit->text, "highest "));
	case_check_texts(&c);
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_the_level_is_no_measure_the_metric_itself_is),
		cmocka_unit_test(an_ordinary_metric_may_move_by_a_tenth),
		cmocka_unit_test(a_broken_limit_is_no_weaker_than_the_same_change),
		cmocka_unit_test(what_never_was_by_far_is_told),
		cmocka_unit_test(a_limit_on_one_side_says_nothing_of_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
