/* What is outside of CloudWatch's band: told once, unless our own findings say it already, and not when it is short. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/support/findings_case.h"

#define END ((int64_t)1738281600000) /* 2025-01-31 00:00 UTC: Thursday the 30th is judged */
#define STEP (5 * CASE_MINUTE)
#define AT(hours, minutes) (END - CASE_DAY + (hours) * CASE_HOUR + (minutes) * CASE_MINUTE)

static struct findings_case c;
static struct series low, high;

static double steady(int64_t at, double noise)
{
	(void)at;
	return 100 + 5 * noise;
}

static double calm(int64_t at, double noise)
{
	(void)at;
	return 100 + 0.5 * noise;
}

static double burst(int64_t at, double noise)
{
	return steady(at, noise) + (at >= AT(10, 0) && at < AT(10, 40) ? 200 : 0);
}

/* One series of 14 days with a band of 80 to 120. */
static struct findings_subject *begin(int64_t step_ms, case_value_fn *value)
{
	struct findings_subject *subject;

	case_init(&c, NULL);
	subject = case_add(&c, "CPU", "Percent", END, 14, step_ms, value);
	series_make_empty(&low, c.series[0].start_ms, step_ms, c.series[0].count);
	series_make_empty(&high, c.series[0].start_ms, step_ms, c.series[0].count);
	for (size_t i = 0; i < low.count; i++) {
		low.values[i] = 80;
		high.values[i] = 120;
	}
	subject->band_low = &low;
	subject->band_high = &high;
	return subject;
}

/* There CloudWatch expects something else. */
static void expects(int64_t from_ms, int64_t to_ms, double from, double to)
{
	for (size_t i = series_index(&low, from_ms); i < series_index(&low, to_ms); i++) {
		low.values[i] = from;
		high.values[i] = to;
	}
}

static int end(void **state)
{
	(void)state;
	case_free(&c);
	series_free(&low);
	series_free(&high);
	return 0;
}

static void finds(size_t bands, size_t abnormal)
{
	case_find(&c);
	case_check_texts(&c);
	assert_int_equal(case_abnormal(&c, 0), abnormal);
	assert_int_equal(case_count(&c, 0, FINDING_BAND), bands);
}

static void has(const struct finding *f, const char *words)
{
	if (strstr(f->text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, f->text);
}

static void a_stay_outside_is_one_finding(void **state)
{
	const struct finding *f;

	(void)state;
	(void)begin(STEP, steady);
	expects(AT(10, 0), AT(10, 40), 20, 60);
	expects(AT(10, 15), AT(10, 20), 80, 120); /* inside once: an interruption */
	expects(AT(18, 0), AT(18, 20), 130, 180);
	finds(2, 2);
	f = case_finding(&c, 0, FINDING_BAND);
	assert_string_equal(finding_kind_name(f->kind), "outside_band");
	assert_true(finding_is_abnormal(f->kind));
	has(f, "CPU was above what CloudWatch expects from 10:00 UTC to 10:40 UTC, for 40 min: highest 1");
	has(f, ", where it expects 20 to 60 %; outside in 7 of 8 values.");
	assert_true(f->from_ms == AT(10, 0) && f->to_ms == AT(10, 40) && f->at_ms >= f->from_ms && f->at_ms < f->to_ms);
	assert_true(f->expected > 39.9 && f->expected < 40.1 && isnan(f->limit) && f->value > 90);
	assert_true(f->strength > 0.7 && f->strength < 1);
	assert_string_equal(f->id, "F1");
	has(&c.findings.items[1], "CPU was below what CloudWatch expects from 18:00 UTC to 18:20 UTC");
	has(&c.findings.items[1], ": lowest ");
}

/* Of noise a band of two standard deviations leaves one value of twenty outside. */
static void what_is_short_or_small_is_not_told(void **state)
{
	(void)state;
	(void)begin(STEP, steady);
	expects(AT(0, 0), END, 90, 110);
	finds(0, 0);
	expects(AT(10, 0), AT(10, 10), 20, 40); /* ten minutes, however far */
	finds(0, 0);
	(void)end(NULL);
	(void)begin(STEP, calm);
	expects(AT(0, 0), END, 98.2, 99.2); /* for a day, by one in a hundred */
	finds(0, 0);
	expects(AT(0, 0), END, 96, 97);
	finds(1, 1);
}

/* What it did twice before is nothing new; what it did once may have been an incident. */
static void a_habit_is_not_told(void **state)
{
	(void)state;
	(void)begin(STEP, steady);
	expects(AT(10, 0), AT(10, 40), 60, 80);
	expects(AT(-50, 0), AT(-49, 0), 60, 80);
	finds(1, 1);
	expects(AT(-90, 0), AT(-89, 0), 60, 80);
	finds(0, 0);
	expects(AT(10, 0), AT(10, 40), 20, 40); /* farther */
	finds(1, 1);
}

static void our_own_finding_of_the_same_stands(void **state)
{
	struct findings_subject *subject;

	(void)state;
	subject = begin(STEP, burst);
	finds(0, 1);
	has(case_finding(&c, 0, FINDING_SUDDEN), " It was outside of what CloudWatch expects, too.");
	assert_null(strstr(strstr(case_finding(&c, 0, FINDING_SUDDEN)->text, "too.") + 1, "too.")); /* said once */
	subject->normal_below = 250;
	finds(0, 1);
	has(case_finding(&c, 0, FINDING_LIMIT), " It was outside of what CloudWatch expects, too.");
	expects(AT(10, 0), AT(10, 40), 80, 400); /* CloudWatch does not agree */
	finds(0, 1);
	assert_null(strstr(case_finding(&c, 0, FINDING_LIMIT)->text, "CloudWatch"));
	expects(AT(15, 0), AT(15, 40), 20, 40); /* another time */
	finds(1, 2);
	expects(AT(10, 0), AT(10, 40), 500, 600); /* the same time, and the other way */
	finds(2, 3);
}

static void what_goes_on_is_told_from_its_true_begin(void **state)
{
	const struct finding *f;

	(void)state;
	(void)begin(STEP, steady);
	expects(AT(-2, 0), AT(1, 0), 20, 40);
	finds(1, 1);
	f = case_finding(&c, 0, FINDING_BAND);
	assert_true(f->from_ms == AT(-2, 0) && f->at_ms >= AT(0, 0));
	has(f, "from Wed 29 Jan 22:00 UTC to 01:00 UTC, for 3 h");
	expects(AT(-3, 0), AT(0, 0), 20, 40); /* over before: an earlier report's */
	expects(AT(0, 0), AT(22, 0), 80, 120);
	expects(AT(22, 0), END, 20, 40);
	finds(1, 1);
	has(case_finding(&c, 0, FINDING_BAND), "since 22:00 UTC, for 2 h");
	has(case_finding(&c, 0, FINDING_BAND), "; still so at the end.");
}

static void one_value_of_an_hour_is_enough(void **state)
{
	const struct finding *f;

	(void)state;
	(void)begin(CASE_HOUR, steady);
	expects(AT(10, 0), AT(11, 0), 20, 40);
	finds(1, 1);
	f = case_finding(&c, 0, FINDING_BAND);
	has(f, "CPU was above what CloudWatch expects at 10:00 UTC: it was ");
	has(f, ", where it expects 20 to 40 %.");
}

static void what_is_not_known_is_not_outside(void **state)
{
	struct findings_subject *subject;
	struct series other = { 0 };

	(void)state;
	subject = begin(STEP, steady);
	expects(AT(0, 0), END, NAN, NAN);
	finds(0, 0);
	expects(AT(0, 0), END, 20, 40);
	for (size_t i = series_index(&low, AT(0, 0)); i < low.count; i++)
		c.series[0].values[i] = NAN;
	subject->unread = true;
	finds(0, 0);
	(void)end(NULL);
	subject = begin(STEP, steady);
	series_make_empty(&other, low.start_ms, 2 * STEP, low.count);
	subject->band_low = subject->band_high = &other; /* of another grid */
	finds(0, 0);
	series_free(&other);
}

/* A band without any width, around nothing. */
static void a_band_may_be_a_line(void **state)
{
	(void)state;
	(void)begin(STEP, steady);
	expects(AT(0, 0), END, 0, 0);
	finds(1, 1);
	assert_true(case_finding(&c, 0, FINDING_BAND)->strength < 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, end)
	const struct CMUnitTest tests[] = {
		T(a_stay_outside_is_one_finding),
		T(what_is_short_or_small_is_not_told),
		T(a_habit_is_not_told),
		T(our_own_finding_of_the_same_stands),
		T(what_goes_on_is_told_from_its_true_begin),
		T(one_value_of_an_hour_is_enough),
		T(what_is_not_known_is_not_outside),
		T(a_band_may_be_a_line),
	};

	return cmocka_run_group_tests_name("findings_band", tests, NULL, NULL);
}
