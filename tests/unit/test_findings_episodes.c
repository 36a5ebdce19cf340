/* Where an episode begins and ends: to its true end, from its true begin, and many of a day told as one. */
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

static double healthy_hosts(int64_t at, double noise)
{
	(void)noise;
	return at >= SUNDAY - 10 * CASE_HOUR ? 0 : 3;
}

static double few_errors(int64_t at, double noise)
{
	double rate = at >= SUNDAY - 15 * CASE_HOUR ? 6 : 0;

	return fmax(0, floor(rate + (rate > 0 ? 3 * noise : noise > 2.2 ? 2 : 0)));
}

static void an_outage_that_goes_on_is_not_called_over(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Healthy hosts", NULL, SUNDAY, 3, CASE_MINUTE, healthy_hosts);
	(void)case_add(&c, "Errors", NULL, SUNDAY, 3, CASE_MINUTE, few_errors);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	assert_int_equal(case_finding(&c, 0, FINDING_LEVEL_SHIFT)->from_ms, SUNDAY - 10 * CASE_HOUR);
	assert_int_equal(case_finding(&c, 0, FINDING_LEVEL_SHIFT)->to_ms, SUNDAY);
	assert_int_equal(case_abnormal(&c, 1), 1);
	assert_true(llabs(case_finding(&c, 1, FINDING_LEVEL_SHIFT)->from_ms - (SUNDAY - 15 * CASE_HOUR)) <= 5 * CASE_MINUTE);
	case_check_texts(&c);
	case_free(&c);
}

/* Up for an hour, then down for an hour. */
static double up_then_down(int64_t at, double noise)
{
	int64_t since = at - (SUNDAY - 8 * CASE_HOUR);

	return 40 + noise + (since < 0 ? 0 : since < CASE_HOUR ? 30 : since < 2 * CASE_HOUR ? -30 : 0);
}

static void back_to_usual_is_said_where_it_is(void **state)
{
	struct findings_case c;
	bool up = false, down = false;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Queue", NULL, SUNDAY, 14, STEP, up_then_down);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 2);
	for (size_t i = 0; i < c.findings.count; i++) {
		const char *text = c.findings.items[i].text;

		if (strstr(text, "rose to") != NULL)
			up = strstr(text, "; until 17:00 UTC, for 1 h 0 min.") != NULL;
		if (strstr(text, "fell to") != NULL)
			down = strstr(text, "; back to usual at 18:00 UTC after 1 h 0 min.") != NULL;
	}
	assert_true(up && down);
	case_check_texts(&c);
	case_free(&c);
}

static double five_spikes(int64_t at, double noise)
{
	int64_t since = at - (SUNDAY - 22 * CASE_HOUR);

	return 20 + noise + (since >= 0 && since <= 16 * CASE_HOUR && since % (4 * CASE_HOUR) == 0 ? 30 : 0);
}

static void many_of_a_day_are_told_once_with_their_number(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Load", NULL, SUNDAY, 14, STEP, five_spikes);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	f = case_finding(&c, 0, FINDING_SUDDEN);
	assert_non_null(strstr(f->text, "5 times between 02:00 UTC and 18:05 UTC, each for about 5 min"));
	assert_int_equal(f->from_ms, SUNDAY - 22 * CASE_HOUR);
	assert_int_equal(f->to_ms, SUNDAY - 6 * CASE_HOUR + STEP);
	assert_true(f->value > 45);
	case_check_texts(&c);
	case_free(&c);
}

static double over_since_saturday_night(int64_t at, double noise)
{
	return (at >= SUNDAY - 26 * CASE_HOUR && at < SUNDAY - 8 * CASE_HOUR ? 60 : 20) + noise;
}

/* "16:00" alone would be today's, though the last 16:00 was yesterday's. */
static void a_time_of_an_earlier_day_has_its_day(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	case_add(&c, "Load", NULL, SUNDAY + 12 * CASE_HOUR, 14, STEP, over_since_saturday_night)->normal_below = 40;
	c.range.from_ms = SUNDAY - 60 * CASE_HOUR;
	case_find(&c);
	assert_non_null(strstr(case_finding(&c, 0, FINDING_LIMIT)->text, " from Sat 1 Feb 22:00 UTC to Sun 2 Feb 16:00 UTC: "));
	case_check_texts(&c);
	case_free(&c);
}

static double shifted_yesterday(int64_t at, double noise)
{
	return (at >= SUNDAY - 30 * CASE_HOUR ? 35 : 20) + noise;
}

static double silent_yesterday(int64_t at, double noise)
{
	return at >= SUNDAY - 30 * CASE_HOUR && at < SUNDAY - 20 * CASE_HOUR ? NAN : 20 + noise;
}

static double wave(int64_t at, double noise)
{
	return 20 + 8 * sin((double)(at % CASE_DAY) / (double)CASE_DAY * 6.283185307) + noise;
}

static double stuck_for_days(int64_t at, double noise)
{
	return at >= SUNDAY - 3 * CASE_DAY ? 20 : wave(at, noise);
}

static double stuck_after_a_jump(int64_t at, double noise)
{
	return at >= SUNDAY - 30 * CASE_HOUR ? 20 : wave(at, noise);
}

/* Rounded to two digits: 0.00, now and then 0.01. */
static double collapsed(int64_t at, double noise)
{
	return round(exp(-2.3 + 0.25 * noise) * (at >= SUNDAY - 10 * CASE_HOUR ? 3 : 100)) / 100;
}

static void a_collapse_is_one_change_and_not_many_flat_lines(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Latency", "Seconds", SUNDAY, 3, CASE_MINUTE, collapsed);
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	assert_int_equal(case_finding(&c, 0, FINDING_LEVEL_SHIFT)->to_ms, SUNDAY);
	case_free(&c);
}

static double over_since_yesterday(int64_t at, double noise)
{
	return (at >= SUNDAY - 30 * CASE_HOUR && at < SUNDAY - 20 * CASE_HOUR ? 95 : 50) + noise;
}

static void what_began_before_the_range_is_told_from_its_begin(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Shifted", NULL, SUNDAY, 14, STEP, shifted_yesterday);
	(void)case_add(&c, "Silent", NULL, SUNDAY, 14, STEP, silent_yesterday);
	(void)case_add(&c, "Stuck", NULL, SUNDAY, 14, STEP, stuck_for_days);
	(void)case_add(&c, "Stuck after a jump", NULL, SUNDAY, 14, STEP, stuck_after_a_jump);
	case_add(&c, "Over", NULL, SUNDAY, 14, STEP, over_since_yesterday)->normal_below = 90;
	case_find(&c);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(case_abnormal(&c, i), 1);
	assert_int_equal(case_finding(&c, 0, FINDING_LEVEL_SHIFT)->from_ms, SUNDAY - 30 * CASE_HOUR);
	assert_int_equal(case_finding(&c, 1, FINDING_MISSING)->from_ms, SUNDAY - 30 * CASE_HOUR);
	assert_non_null(strstr(case_finding(&c, 1, FINDING_MISSING)->text, "for 10 h 0 min"));
	assert_int_equal(case_finding(&c, 2, FINDING_FLAT)->from_ms, SUNDAY - 3 * CASE_DAY);
	assert_non_null(strstr(case_finding(&c, 2, FINDING_FLAT)->text, "stands still at 20 since Fri 31 Jan 00:00 UTC"));
	assert_int_equal(case_finding(&c, 3, FINDING_FLAT)->from_ms, SUNDAY - 30 * CASE_HOUR);
	assert_int_equal(case_finding(&c, 4, FINDING_LIMIT)->from_ms, SUNDAY - 30 * CASE_HOUR);
	assert_int_equal(case_finding(&c, 4, FINDING_LIMIT)->to_ms, SUNDAY - 20 * CASE_HOUR);
	case_check_texts(&c);
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_outage_that_goes_on_is_not_called_over),
		cmocka_unit_test(back_to_usual_is_said_where_it_is),
		cmocka_unit_test(a_time_of_an_earlier_day_has_its_day),
		cmocka_unit_test(many_of_a_day_are_told_once_with_their_number),
		cmocka_unit_test(a_collapse_is_one_change_and_not_many_flat_lines),
		cmocka_unit_test(what_began_before_the_range_is_told_from_its_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
