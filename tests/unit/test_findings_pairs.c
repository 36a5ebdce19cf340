/* Two series: what moves together and in which order, and whether requests explain latency. */
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

/* A rise of two hours from 14:00 on, like a hill. */
static double hill(int64_t at)
{
	double x = (double)(at - (SUNDAY - 9 * CASE_HOUR)) / (double)CASE_HOUR;

	return fabs(x) < 1 ? 1 - x * x : 0;
}

static double first(int64_t at, double noise)
{
	return 30 + noise + 40 * hill(at);
}

static double second(int64_t at, double noise)
{
	return 200 + 6 * noise + 300 * hill(at - 10 * CASE_MINUTE);
}

static double alone(int64_t at, double noise)
{
	(void)at;
	return 7 + noise;
}

static double opposite(int64_t at, double noise)
{
	return 900 + 6 * noise - 500 * hill(at);
}

static void order_and_correlation_are_told(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Latency", NULL, SUNDAY, 14, STEP, second);
	(void)case_add(&c, "CPU", "Percent", SUNDAY, 14, STEP, first);
	(void)case_add(&c, "Threads", NULL, SUNDAY, 14, STEP, alone);
	case_find(&c);
	f = case_finding(&c, 1, FINDING_TOGETHER);
	assert_int_equal(f->other, 0);
	assert_int_equal(f->lag_ms, 10 * CASE_MINUTE);
	assert_true(f->value > 0.6 && f->value <= 1);
	assert_non_null(strstr(f->text, "CPU and Latency moved together, in the same direction, the first one 10 min before"));
	assert_int_equal(case_count(&c, 0, FINDING_TOGETHER) + case_count(&c, 2, FINDING_TOGETHER), 0);
	assert_int_equal(case_abnormal(&c, 0) + case_abnormal(&c, 1), 2);
	case_check_texts(&c);
	case_free(&c);
}

static void the_opposite_direction_is_said(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "CPU", "Percent", SUNDAY, 14, STEP, first);
	(void)case_add(&c, "Free", NULL, SUNDAY, 14, STEP, opposite);
	case_find(&c);
	f = case_finding(&c, 0, FINDING_TOGETHER);
	assert_int_equal(f->lag_ms, 0);
	assert_true(f->value < -0.6);
	assert_non_null(strstr(f->text, "in opposite direction, at the same time"));
	case_check_texts(&c);
	case_free(&c);
}

static void where_nothing_is_abnormal_nothing_moves_together(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "A", NULL, SUNDAY, 14, STEP, alone);
	(void)case_add(&c, "B", NULL, SUNDAY, 14, STEP, alone);
	memcpy(c.series[1].values, c.series[0].values, c.series[0].count * sizeof(double)); /* the very same */
	case_find(&c);
	assert_int_equal(c.findings.count, 0);
	case_free(&c);
}

/* Other grids are not compared; nothing may break over them. */
static void other_steps_are_left_alone(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "A", NULL, SUNDAY, 14, STEP, first);
	(void)case_add(&c, "B", NULL, SUNDAY, 14, CASE_MINUTE, second);
	(void)case_add(&c, "C", NULL, SUNDAY - 3 * CASE_DAY, 3, STEP, second); /* ends before the range */
	case_find(&c);
	assert_int_equal(case_count(&c, 0, FINDING_TOGETHER) + case_count(&c, 1, FINDING_TOGETHER), 0);
	case_free(&c);
}

static double busy(int64_t at, double noise)
{
	return 1000 * (1 + 0.5 * sin((double)at * 6.283185307179586 / (double)CASE_DAY)) + 20 * noise + 900 * hill(at);
}

static double busy_usual(int64_t at, double noise)
{
	return 1000 * (1 + 0.5 * sin((double)at * 6.283185307179586 / (double)CASE_DAY)) + 20 * noise;
}

/* 0.1 ms more for each request. */
static double as_busy(int64_t at, double noise)
{
	return 0.05 + 1e-4 * busy(at, 0) + 0.001 * noise;
}

static double slower_than_that(int64_t at, double noise)
{
	return 0.05 + 1e-4 * busy(at, 0) + 0.001 * noise + 0.1 * hill(at);
}

static double slow_alone(int64_t at, double noise)
{
	return 0.05 + 1e-4 * busy_usual(at, 0) + 0.001 * noise + 0.3 * hill(at);
}

static const struct finding *ask(struct findings_case *c, case_value_fn *load, case_value_fn *latency)
{
	case_init(c, NULL);
	case_add(c, "Requests", "requests", SUNDAY, 14, STEP, load)->load = true;
	case_add(c, "Response time", "Seconds", SUNDAY, 14, STEP, latency)->latency = true;
	case_find(c);
	return case_finding(c, 1, FINDING_LOAD);
}

static void requests_explain_latency_yes_partly_or_no(void **state)
{
	struct findings_case c;
	const struct finding *f = ask(&c, busy, as_busy);

	(void)state;
	assert_int_equal(f->other, 0);
	assert_true(f->value >= 0.7);
	assert_non_null(strstr(f->text, "? Yes, as far as the numbers go: Requests was about "));
	case_free(&c);
	f = ask(&c, busy, slower_than_that);
	assert_true(f->value >= 0.25 && f->value < 0.7);
	assert_non_null(strstr(f->text, "? Partly: "));
	case_free(&c);
	f = ask(&c, busy_usual, slow_alone);
	assert_true(f->value < 0.25);
	assert_non_null(strstr(f->text, "? No: "));
	case_free(&c);
}

#define MANY 24

/* Where everything moves, as in an incident of many targets, each latency gets one answer, and few get one. */
static void answers_stay_few_where_everything_moves(void **state)
{
	struct findings_subject subjects[MANY];
	size_t answers[MANY] = { 0 }, all = 0;
	struct findings_case c;

	(void)state;
	(void)ask(&c, busy, as_busy);
	findings_free(&c.findings);
	for (size_t i = 0; i < MANY; i++)
		subjects[i] = c.subjects[i % 2];
	findings_find(&c.findings, subjects, MANY, &c.range);
	for (size_t i = 0; i < c.findings.count; i++) {
		if (c.findings.items[i].kind != FINDING_LOAD)
			continue;
		answers[c.findings.items[i].subject]++;
		all++;
	}
	assert_in_range(all, 1, 5);
	for (size_t i = 0; i < MANY; i++)
		assert_in_range(answers[i], 0, 1);
	case_free(&c);
}

/* Of two loads the one that explains the latency is told, whichever comes first. */
static void the_load_that_explains_is_told(void **state)
{
	struct findings_case c;
	const struct finding *f;

	(void)state;
	case_init(&c, NULL);
	case_add(&c, "Other requests", "requests", SUNDAY, 14, STEP, busy_usual)->load = true;
	case_add(&c, "Response time", "Seconds", SUNDAY, 14, STEP, as_busy)->latency = true;
	case_add(&c, "Requests", "requests", SUNDAY, 14, STEP, busy)->load = true;
	case_find(&c);
	f = case_finding(&c, 1, FINDING_LOAD);
	assert_int_equal(f->other, 2);
	assert_true(f->value >= 0.7);
	assert_int_equal(case_count(&c, 1, FINDING_LOAD), 1);
	case_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_correlation_are_told),
		cmocka_unit_test(the_opposite_direction_is_said),
		cmocka_unit_test(where_nothing_is_abnormal_nothing_moves_together),
		cmocka_unit_test(other_steps_are_left_alone),
		cmocka_unit_test(requests_explain_latency_yes_partly_or_no),
		cmocka_unit_test(answers_stay_few_where_everything_moves),
		cmocka_unit_test(the_load_that_explains_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
