/* Series that break arithmetic, the band for charts, quantities in words, and properties: shift, scale, order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/findings_private.h"
#include "bot/mem.h"
#include "tests/unit/support/findings_case.h"
#include "tests/unit/support/made_series.h"

#define SUNDAY ((int64_t)1738540800000)
#define STEP (5 * CASE_MINUTE)

static double constant(int64_t at, double noise)
{
	(void)at;
	(void)noise;
	return 42;
}

static double nothing(int64_t at, double noise)
{
	(void)at;
	(void)noise;
	return NAN;
}

static double infinite(int64_t at, double noise)
{
	return noise > 0 ? INFINITY : at % 2 == 0 ? -INFINITY : NAN;
}

static double enormous(int64_t at, double noise)
{
	(void)at;
	return noise > 0 ? 1.7e308 : -1.7e308;
}

static double zero(int64_t at, double noise)
{
	(void)at;
	(void)noise;
	return 0;
}

static double denormal(int64_t at, double noise)
{
	(void)at;
	return 5e-324 * floor(3 * fabs(noise));
}

static void strange_series_give_no_nonsense(void **state)
{
	static case_value_fn *const kinds[] = { constant, nothing, infinite, enormous, zero, denormal };

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (int days = 1; days <= 15; days += 7) {
			struct findings_case c;

			case_init(&c, NULL);
			(void)case_add(&c, "Strange", "Bytes", SUNDAY, days, STEP, kinds[k]);
			case_find(&c);
			assert_int_equal(case_abnormal(&c, 0), 0);
			case_free(&c);
		}
	}
}

static void few_points_give_none(void **state)
{
	(void)state;
	for (size_t count = 0; count < 20; count++) {
		struct findings_case c;

		case_init(&c, NULL);
		(void)case_add(&c, "Short", NULL, SUNDAY, 1, STEP, constant);
		c.series[0].count = count;
		for (size_t i = 0; i < count; i++)
			c.series[0].values[i] = i % 5 == 0 ? 1000 : (double)i;
		c.range.to_ms = series_end(&c.series[0]);
		c.range.from_ms = c.range.to_ms - CASE_DAY;
		case_find(&c);
		assert_int_equal(case_abnormal(&c, 0), 0);
		c.range.from_ms = c.range.to_ms + CASE_DAY; /* an empty range, and one the wrong way round */
		case_find(&c);
		assert_int_equal(c.findings.count, 0);
		case_free(&c);
	}
}

static void one_change_of_a_constant_is_found(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	(void)case_add(&c, "Errors", "Count", SUNDAY, 14, STEP, zero);
	c.series[0].values[c.series[0].count - 50] = 12;
	case_find(&c);
	assert_int_equal(case_abnormal(&c, 0), 1);
	assert_non_null(strstr(case_finding(&c, 0, FINDING_SUDDEN)->text, "Errors rose to 12 at 19:50 UTC (usual: 0)"));
	case_check_texts(&c);
	case_free(&c);
}

/* Without a day before it nothing is known about hours; a clear spike is seen all the same. */
static void a_spike_is_seen_without_a_baseline(void **state)
{
	struct made made;
	struct findings_subject s = { .title = "Young", .normal_below = NAN, .normal_above = NAN, .series = &made.series };
	struct findings_range range;
	struct findings findings;

	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		made_make(&made, MADE_DAILY, MADE_NOTHING, CASE_MINUTE, seed);
		made.series.count = 1200; /* 20 hours */
		range = (struct findings_range){ made.series.start_ms, series_end(&made.series), NULL };
		findings_find(&findings, &s, 1, &range);
		assert_int_equal(findings.count, 0);
		for (size_t i = 700; i < 705; i++)
			made.series.values[i] += 250;
		findings_find(&findings, &s, 1, &range);
		assert_int_equal(findings.count, 1);
		assert_int_equal(findings.items[0].kind, FINDING_SUDDEN);
		assert_int_equal(findings.items[0].from_ms, series_time(&made.series, 700));
		assert_int_equal(findings.items[0].to_ms, series_time(&made.series, 705));
		findings_free(&findings);
		series_free(&made.series);
	}
}

static struct findings found(struct made *made)
{
	struct findings_subject s = { .title = "Same", .normal_below = NAN, .normal_above = NAN, .series = &made->series };
	struct findings_range range = { made->judge_from_ms, made->to_ms, NULL };
	struct findings findings;

	findings_find(&findings, &s, 1, &range);
	return findings;
}

/* Another unit changes numbers, not findings; nor does what happens after the range. */
static void scale_changes_no_finding(void **state)
{
	(void)state;
	for (int event = MADE_SPIKE; event < MADE_EVENTS; event++) {
		struct made made;
		struct findings a, b;

		made_make(&made, MADE_DAILY, (enum made_event)event, STEP, 3);
		a = found(&made);
		for (size_t i = 0; i < made.series.count; i++)
			made.series.values[i] *= 1024; /* exact */
		b = found(&made);
		assert_int_equal(a.count, b.count);
		for (size_t i = 0; i < a.count; i++) {
			assert_int_equal(a.items[i].kind, b.items[i].kind);
			assert_int_equal(a.items[i].from_ms, b.items[i].from_ms);
			assert_int_equal(a.items[i].to_ms, b.items[i].to_ms);
			assert_true(fabs(a.items[i].strength - b.items[i].strength) < 1e-9);
		}
		findings_free(&a);
		findings_free(&b);
		series_free(&made.series);
	}
}

static void ids_follow_weight(void **state)
{
	struct findings_case c;

	(void)state;
	case_init(&c, NULL);
	for (int i = 0; i < 3; i++) {
		(void)case_add(&c, "Errors", NULL, SUNDAY, 14, STEP, zero);
		c.series[i].values[c.series[i].count - 50] = 12;
	}
	c.subjects[1].normal_below = 1;
	case_find(&c);
	assert_true(c.findings.count >= 3);
	for (size_t i = 0; i < c.findings.count; i++) {
		const struct finding *f = &c.findings.items[i], *before = i > 0 ? f - 1 : f;
		char id[24];

		(void)snprintf(id, sizeof(id), "F%d", (int)i + 1);
		assert_string_equal(f->id, id);
		assert_true(finding_is_abnormal(before->kind) || !finding_is_abnormal(f->kind));
		assert_true(finding_is_abnormal(before->kind) != finding_is_abnormal(f->kind) || before->strength >= f->strength);
		assert_true(f->strength >= (finding_is_abnormal(f->kind) ? 0.5 : 0) && f->strength <= 1);
	}
	case_free(&c);
}

static void the_band_holds_what_is_usual(void **state)
{
	struct made made;
	struct findings_range range;
	struct series low, high;
	size_t inside = 0;

	(void)state;
	made_make(&made, MADE_DAILY, MADE_NOTHING, STEP, 1);
	range = (struct findings_range){ made.judge_from_ms, made.to_ms, NULL };
	findings_expected(&made.series, &range, &low, &high);
	assert_int_equal(low.count, 288);
	assert_int_equal(low.start_ms, made.judge_from_ms);
	assert_int_equal(high.count, 288);
	for (size_t i = 0; i < low.count; i++) {
		double value = made.series.values[made.series.count - 288 + i];

		assert_true(low.values[i] < high.values[i] && low.values[i] >= 0);
		inside += value >= low.values[i] && value <= high.values[i] ? 1 : 0;
	}
	assert_in_range(inside, 275, 288); /* about 98 of 100 */
	series_free(&low);
	series_free(&high);
	for (size_t i = 0; i < made.series.count; i++)
		made.series.values[i] = NAN;
	findings_expected(&made.series, &range, &low, &high);
	for (size_t i = 0; i < low.count; i++)
		assert_true(isnan(low.values[i]) && isnan(high.values[i]));
	series_free(&low);
	series_free(&high);
	series_free(&made.series);
}

static void quantities_read_well(void **state)
{
	static const struct {
		double value;
		const char *unit, *words;
	} cases[] = {
		{ 0.196, "Seconds", "0.196 s" }, { 0.5, "Seconds", "0.5 s" }, { 0.0015, "Seconds", "1.5 ms" },
		{ 0, "Seconds", "0 s" }, { 75, "Seconds", "75 s" }, { 1500, "Seconds", "25 min" }, { 2e-5, "Seconds", "20 µs" },
		{ 196, "Milliseconds", "196 ms" }, { 2500, "Milliseconds", "2.5 s" }, { 0, "Milliseconds", "0 s" },
		{ 93, "Percent", "93 %" }, { 93.456, "Percent", "93.5 %" }, { 99.96, "Percent", "100 %" },
		{ 11, "requests", "11 requests" }, { 11, "Count", "11" }, { 11, NULL, "11" }, { 11, "None", "11" },
		{ 1.2e9, "Bytes", "1.2 GB" }, { 1.2e6, "Kilobytes", "1.2 GB" }, { 512, "Bytes", "512 B" },
		{ 3.5e6, "Bytes/Second", "3.5 MB/s" }, { 12.25, "Count/Second", "12.2/s" }, { 8e6, "Bits/Second", "8 Mbit/s" },
		{ 12345, "Count", "12,345" }, { 1234567, "Count", "1.23 M" }, { 999999.9, "Count", "1 M" },
		{ -12345, "Count", "-12,345" }, { -0.5, "Percent", "-0.5 %" }, { 1e-7, NULL, "1e-07" },
		{ NAN, "Seconds", "no value" }, { INFINITY, "Seconds", "no value" }, { 3, "a\nb", "3 a b" },
		{ 1e300, NULL, "1e+300" }, { 0.99999, "Bytes", "1 B" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *words = finding_quantity(cases[i].value, cases[i].unit);

		assert_string_equal(words, cases[i].words);
		free(words);
	}
}

/* "usual: 6.25e-17 to 0.12 %" */
static void a_band_ends_at_no_remainder(void **state)
{
	double expected = 0.3000000000000002, scale = 0.1, low, high;
	struct view view = {
		.pattern = PATTERN_DAY, .end = 1, .expected = &expected, .scale = &scale, .z_low = -3, .z_high = 3,
	};

	(void)state;
	view_band(&view, 0, &low, &high);
	assert_true(low == 0 && high > 0.59 && high < 0.61);
	scale = 0.099;
	view_band(&view, 0, &low, &high);
	assert_true(low > 0.0029 && low < 0.0031);
}

static void kinds_have_names(void **state)
{
	static const char *const names[] = { "limit", "sudden_change", "level_shift", "slow_change", "missing_data",
	                                     "flat_line", "outside_band", "recurring", "moves_together", "load" };

	(void)state;
	for (int kind = FINDING_LIMIT; kind <= FINDING_LOAD; kind++) {
		assert_string_equal(finding_kind_name((enum finding_kind)kind), names[kind]);
		assert_int_equal(finding_is_abnormal((enum finding_kind)kind), kind < FINDING_RECURRING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strange_series_give_no_nonsense),
		cmocka_unit_test(few_points_give_none),
		cmocka_unit_test(one_change_of_a_constant_is_found),
		cmocka_unit_test(a_spike_is_seen_without_a_baseline),
		cmocka_unit_test(scale_changes_no_finding),
		cmocka_unit_test(ids_follow_weight),
		cmocka_unit_test(the_band_holds_what_is_usual),
		cmocka_unit_test(quantities_read_well),
		cmocka_unit_test(a_band_ends_at_no_remainder),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
