/* A limit that will be reached soon; and what looks like a line but is none. */
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

/* Days since then, 0 before. */
static double days_since(int64_t at, double days_ago)
{
	return fmax(0, (double)(at - SUNDAY) / (double)CASE_DAY + days_ago);
}

static double fills_since_three_days(int64_t at, double noise)
{
	return 60 + 7 * days_since(at, 3) + 0.2 * noise;
}

static double fills_faster(int64_t at, double noise)
{
	return 60 + 0.3 * days_since(at, 14) + 5.7 * days_since(at, 2) + 0.2 * noise;
}

static double fills_since_this_morning(int64_t at, double noise)
{
	return 60 + 30 * days_since(at, 0.5) + 0.2 * noise;
}

static double runs_dry(int64_t at, double noise)
{
	return 40 - 7 * days_since(at, 3) + 0.2 * noise;
}

static void a_limit_that_is_reached_soon_is_told(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	case_add(&c, "Three days", "Percent", SUNDAY, 14, STEP, fills_since_three_days)->normal_below = 90;
	case_add(&c, "Faster", "Percent", SUNDAY, 14, STEP, fills_faster)->normal_below = 90;
	case_add(&c, "Half a day", "Percent", SUNDAY, 14, STEP, fills_since_this_morning)->normal_below = 90;
	case_add(&c, "Credits", NULL, SUNDAY, 14, STEP, runs_dry)->normal_above = 10;
	case_find(&c);
	for (size_t i = 0; i < c.count; i++) {
		assert_int_equal(case_abnormal(&c, i), 1);
		assert_non_null(strstr(case_finding(&c, i, FINDING_SLOW_CHANGE)->text, "reaches its limit of "));
	}
	assert_non_null(strstr(case_finding(&c, 0, FINDING_SLOW_CHANGE)->text, "in about 1 d "));
	assert_true(fabs(case_finding(&c, 1, FINDING_SLOW_CHANGE)->value - 6) < 0.5);
	assert_true(fabs(case_finding(&c, 2, FINDING_SLOW_CHANGE)->value - 30) < 1);
	case_check_texts(&c);
	case_free(&c);
}

/* Filled and emptied every other day; and up each morning: never above what it was. */
static double saw(int64_t at, double noise)
{
	return 30 + 40 * (double)(at % (2 * CASE_DAY)) / (double)(2 * CASE_DAY) + 0.2 * noise;
}

static double wave(int64_t at, double noise)
{
	return 50 + 20 * sin((double)(at % CASE_DAY) / (double)CASE_DAY * 6.283185307 - 1.5) + 0.5 * noise;
}

static double slowly(int64_t at, double noise)
{
	return 50 + 0.1 * days_since(at, 14) + noise;
}

static void what_comes_and_goes_approaches_nothing(void **state)
{
	static case_value_fn *const kinds[] = { saw, wave, slowly };
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	for (size_t i = 0; i < 3; i++)
		case_add(&c, "Disk", "Percent", SUNDAY, 14, STEP, kinds[i])->normal_below = 90;
	case_find(&c);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(case_abnormal(&c, i), 0);
	case_free(&c);
}

static double counter(int64_t at, double noise)
{
	int64_t since = at - (SUNDAY - 7 * CASE_DAY), reset = 6 * CASE_DAY + 18 * CASE_HOUR;

	return floor((double)(since >= reset ? since - reset : since + 10 * CASE_HOUR) / 60000 * 20 + 3 * fabs(noise));
}

static void a_counter_that_began_anew_has_no_line(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Requests so far", NULL, SUNDAY, 7, CASE_MINUTE, counter);
	case_find(&c);
	assert_int_equal(case_count(&c, 0, FINDING_SLOW_CHANGE), 0);
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_that_is_reached_soon_is_told),
		cmocka_unit_test(what_comes_and_goes_approaches_nothing),
		cmocka_unit_test(a_counter_that_began_anew_has_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
