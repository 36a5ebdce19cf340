/* Which calls of GetMetricData read a set of metrics, and what the age of a range does to a period. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch_plan.h"
#include "bot/json.h"
#include "bot/mem.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOW (INT64_C(20000) * DAY + 10 * HOUR + 17 * MINUTE)
#define SETTLE MINUTE

static char cloudwatch[] = "cloudwatch", name[] = "m";
static char long_name[257], tab[] = "a\tb", umlaut[] = "Gr\xc3\xb6\xc3\x9f""e", blanks[] = "  ", colon[] = ":m";

/* Metrics "a0", "a1"... to read over the last `days`. */
struct set {
	struct metric *metrics;
	struct metric_read *reads;
	size_t count;
	struct cloudwatch_plan plan;
};

static struct metric *add(struct set *set, int64_t period_ms, const char *expression)
{
	struct metric *metric;
	char id[24];

	(void)snprintf(id, sizeof(id), "a%zu", set->count);
	set->metrics = mem_resize(set->metrics, (set->count + 1) * sizeof(*set->metrics));
	metric = &set->metrics[set->count++];
	*metric = (struct metric){ .source = cloudwatch, .namespace_ = name, .metric = name, .period_ms = period_ms };
	metric->id = mem_copy_string(id);
	metric->expression = mem_copy_string(expression);
	return metric;
}

static void plan(struct set *set, int64_t range_ms)
{
	set->reads = mem_alloc((set->count + 1) * sizeof(*set->reads));
	for (size_t i = 0; i < set->count; i++)
		metric_range(&set->metrics[i], NOW - range_ms, NOW, NOW, SETTLE, &set->reads[i]);
	cloudwatch_plan_make(&set->plan, set->reads, set->count, NOW);
}

static void release(struct set *set)
{
	cloudwatch_plan_free(&set->plan);
	for (size_t i = 0; i < set->count; i++) {
		metric_result_free(&set->reads[i].result);
		free(set->metrics[i].id);
		free(set->metrics[i].expression);
	}
	free(set->metrics);
	free(set->reads);
	*set = (struct set){ 0 };
}

/* Limits hold, and every query that has no result yet is in exactly one call. */
static void assert_whole(const struct set *set)
{
	size_t in_calls = 0, open = 0;

	for (size_t i = 0; i < set->plan.call_count; i++) {
		const struct cloudwatch_call *call = &set->plan.calls[i];
		in_calls += call->count;
		assert_in_range(call->count, 1, CLOUDWATCH_QUERIES_MAX);
		for (size_t j = 0; j < call->count; j++) {
			const struct cloudwatch_query *q = &set->plan.queries[call->queries[j]];
			assert_true(call->from_ms <= q->from_ms && call->to_ms >= q->to_ms);
			assert_int_equal(call->from_ms % q->period_ms, 0);
		}
	}
	for (size_t i = 0; i < set->plan.count; i++)
		open += !set->plan.queries[i].settled;
	assert_int_equal(in_calls, open);
}

static size_t calls_for(size_t metrics, int64_t period_ms, int64_t range_ms)
{
	struct set set = { 0 };
	size_t calls;

	for (size_t i = 0; i < metrics; i++)
		(void)add(&set, period_ms, NULL);
	plan(&set, range_ms);
	assert_whole(&set);
	for (size_t i = 0; i < set.plan.call_count; i++)
		assert_in_range(set.plan.calls[i].points, 1, CLOUDWATCH_POINTS_MAX);
	calls = set.plan.call_count;
	release(&set);
	return calls;
}

static void calls_are_as_few_as_can_be(void **state)
{
	(void)state;
	assert_int_equal(calls_for(0, 5 * MINUTE, DAY), 0);
	assert_int_equal(calls_for(1, 5 * MINUTE, DAY), 1);
	assert_int_equal(calls_for(500, 15 * MINUTE, DAY), 1);     /* 500 * 96 values */
	assert_int_equal(calls_for(501, 15 * MINUTE, DAY), 2);
	assert_int_equal(calls_for(500, 5 * MINUTE, DAY), 2);      /* 500 * 288, of which 348 fit */
	assert_int_equal(calls_for(25, 5 * MINUTE, 14 * DAY - 5 * MINUTE), 1); /* 25 * 4032 = 100800 exactly */
	assert_int_equal(calls_for(26, 5 * MINUTE, 14 * DAY - 5 * MINUTE), 2);
	assert_int_equal(calls_for(500, HOUR, 14 * DAY), 2);
	assert_int_equal(calls_for(500, DAY, 400 * DAY), 2);
}

static size_t calls_with_bands(size_t metrics, size_t bands, int64_t period_ms, int64_t range_ms)
{
	struct set set = { 0 };
	size_t calls;

	for (size_t i = 0; i < metrics; i++)
		add(&set, period_ms, NULL)->anomaly_band = i < bands ? 2 : 0;
	plan(&set, range_ms);
	assert_whole(&set);
	assert_int_equal(set.plan.read_count, metrics);
	assert_int_equal(set.plan.count, metrics + bands);
	calls = set.plan.call_count;
	release(&set);
	return calls;
}

/* A band is one query more, with two series. */
static void bands_are_read_along(void **state)
{
	(void)state;
	assert_int_equal(calls_with_bands(1, 1, 5 * MINUTE, DAY), 1);
	assert_int_equal(calls_with_bands(250, 250, HOUR, DAY), 1); /* 500 queries */
	assert_int_equal(calls_with_bands(251, 250, HOUR, DAY), 2);
	assert_int_equal(calls_with_bands(251, 249, HOUR, DAY), 1);
	assert_int_equal(calls_with_bands(25, 0, 5 * MINUTE, 14 * DAY - 5 * MINUTE), 1);
	assert_int_equal(calls_with_bands(25, 1, 5 * MINUTE, 14 * DAY - 5 * MINUTE), 2);
	assert_int_equal(calls_with_bands(8, 8, 5 * MINUTE, 14 * DAY - 5 * MINUTE), 1); /* 24 * 4032 values */
}

static void bands_stay_with_their_metrics(void **state)
{
	struct set set = { 0 };
	char id[CLOUDWATCH_ID_SIZE], band[CLOUDWATCH_BAND_SIZE];

	(void)state;
	(void)add(&set, 5 * MINUTE, NULL);
	add(&set, 5 * MINUTE, NULL)->anomaly_band = 2.5;
	add(&set, 5 * MINUTE, "SEARCH('x', 'Sum', 300)")->anomaly_band = 2; /* several series have none */
	plan(&set, DAY);
	assert_whole(&set);
	assert_int_equal(set.plan.count, 4);
	for (size_t i = 0; i < set.plan.call_count; i++) {
		const struct cloudwatch_call *call = &set.plan.calls[i];

		if (call->formulas)
			continue;
		assert_int_equal(call->count, 3);
		cloudwatch_plan_band(&set.plan, call, 2, band);
		assert_string_equal(band, "ANOMALY_DETECTION_BAND(m1, 2.5)");
		assert_int_equal(cloudwatch_plan_find(&set.plan, call, "m2"), 3);
	}
	release(&set);

	add(&set, 5 * MINUTE, NULL)->anomaly_band = 2;
	add(&set, 5 * MINUTE, "a0 * 2")->anomaly_band = 3;
	plan(&set, DAY);
	assert_whole(&set);
	assert_int_equal(set.plan.call_count, 1);
	cloudwatch_plan_band(&set.plan, &set.plan.calls[0], 3, band);
	assert_string_equal(band, "ANOMALY_DETECTION_BAND(a1, 3)");
	cloudwatch_plan_id(&set.plan, &set.plan.calls[0], 3, id);
	assert_int_equal(cloudwatch_plan_find(&set.plan, &set.plan.calls[0], id), 3);
	assert_int_equal(cloudwatch_plan_find(&set.plan, &set.plan.calls[0], "a1"), 1);
	assert_int_equal(cloudwatch_plan_find(&set.plan, &set.plan.calls[0], "tocsin_band_4"), set.plan.count);
	assert_false(cloudwatch_plan_split(&set.plan, 0)); /* one unit */
	release(&set);
}

static void different_periods_share_a_call(void **state)
{
	static const int64_t periods[] = { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 5 * MINUTE, 10000 };
	struct set set = { 0 };

	(void)state;
	for (size_t i = 0; i < 6; i++)
		(void)add(&set, periods[i], NULL);
	plan(&set, 90 * MINUTE);
	assert_whole(&set);
	assert_int_equal(set.plan.call_count, 1);
	assert_int_equal(set.plan.calls[0].from_ms, NOW - 17 * MINUTE - 2 * HOUR); /* of the hour */
	assert_int_equal(set.plan.calls[0].to_ms, NOW - MINUTE);
	release(&set);

	(void)add(&set, 5 * MINUTE, NULL);
	(void)add(&set, 7 * MINUTE, NULL); /* no common beginning of buckets: a call of its own, or the same by luck */
	plan(&set, DAY);
	assert_whole(&set);
	release(&set);
}

static void accounts_and_regions_do_not_share_calls(void **state)
{
	static char account[] = "123456789012", region[] = "eu-west-1";
	struct set set = { 0 };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		struct metric *metric = add(&set, 5 * MINUTE, NULL);
		metric->account = i % 2 == 0 ? NULL : account;
		metric->region = i % 4 < 2 ? NULL : region;
	}
	plan(&set, DAY);
	assert_whole(&set);
	assert_int_equal(set.plan.call_count, 4);
	release(&set);
}

static void formulas_stay_with_what_they_need(void **state)
{
	struct set set = { 0 };
	char id[CLOUDWATCH_ID_SIZE];

	(void)state;
	for (size_t i = 0; i < 30; i++)
		(void)add(&set, 5 * MINUTE, NULL);
	(void)add(&set, 5 * MINUTE, "a0 + a29");
	(void)add(&set, 5 * MINUTE, "a30 * 2");
	plan(&set, 14 * DAY - 5 * MINUTE); /* 25 to a call */
	assert_whole(&set);
	assert_int_equal(set.plan.call_count, 2);
	assert_true(set.plan.calls[0].formulas && !set.plan.calls[1].formulas);
	assert_int_equal(set.plan.calls[0].queries[0], 0);
	assert_int_equal(set.plan.calls[0].queries[1], 29);
	assert_int_equal(set.plan.calls[0].queries[2], 30);
	assert_int_equal(set.plan.calls[0].queries[3], 31);
	cloudwatch_plan_id(&set.plan, &set.plan.calls[0], 1, id);
	assert_string_equal(id, "a29");
	cloudwatch_plan_id(&set.plan, &set.plan.calls[1], 1, id);
	assert_string_equal(id, "m1");
	assert_int_equal(cloudwatch_plan_find(&set.plan, &set.plan.calls[0], "a29"), 29);
	assert_int_equal(cloudwatch_plan_find(&set.plan, &set.plan.calls[0], "m1"), set.count);
	assert_int_equal(cloudwatch_plan_find(&set.plan, &set.plan.calls[1], "m1"), set.plan.calls[1].queries[1]);
	static const char *const strange[] = { "", "m", "m-1", "m 1", "m1x", "m99", "m99999999999999999999", "a29", "n1" };
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		assert_int_equal(cloudwatch_plan_find(&set.plan, &set.plan.calls[1], strange[i]), set.count);
	release(&set);
}

static void assert_refused(const struct set *set, size_t i, const char *why)
{
	assert_true(set->plan.queries[i].settled);
	assert_int_equal(set->reads[i].result.outcome, METRIC_FAILED);
	if (strstr(set->reads[i].result.why, why) == NULL)
		fail_msg("%s", set->reads[i].result.why);
}

static void formulas_that_cannot_be_asked_for_say_so(void **state)
{
	static char region[] = "eu-west-1";
	struct set set = { 0 };

	(void)state;
	(void)add(&set, 5 * MINUTE, NULL);
	add(&set, 5 * MINUTE, NULL)->region = region;
	(void)add(&set, MINUTE, NULL);
	(void)add(&set, 5 * MINUTE, "a0 + a9");
	(void)add(&set, 5 * MINUTE, "a0 + a1");
	(void)add(&set, 5 * MINUTE, "a0 + a2");
	(void)add(&set, 5 * MINUTE, "a7 * 3");
	(void)add(&set, 5 * MINUTE, "a3 * 2");
	(void)add(&set, 5 * MINUTE, "a0 * 2");
	plan(&set, DAY);
	assert_whole(&set);
	assert_refused(&set, 3, "names a9, which is not read together with it");
	assert_refused(&set, 4, "a1 of another account or region");
	assert_refused(&set, 5, "a2 of another period");
	assert_refused(&set, 6, "computes with a7, which cannot be read: the expression computes with a3");
	assert_refused(&set, 7, "a3, which cannot be read: the expression names a9");
	assert_false(set.plan.queries[8].settled);
	release(&set);
}

static void what_means_all_metrics_is_alone_with_them(void **state)
{
	struct set set = { 0 };

	(void)state;
	(void)add(&set, 5 * MINUTE, "SUM(METRICS())");
	(void)add(&set, 5 * MINUTE, NULL);
	(void)add(&set, MINUTE, NULL); /* another grid: not of those that are meant */
	(void)add(&set, 5 * MINUTE, NULL);
	plan(&set, DAY);
	assert_whole(&set);
	assert_int_equal(set.plan.call_count, 2);
	assert_int_equal(set.plan.calls[0].count, 3);
	assert_true(set.plan.calls[0].alone);
	release(&set);

	for (size_t i = 0; i < 500; i++)
		(void)add(&set, 5 * MINUTE, NULL);
	(void)add(&set, 5 * MINUTE, "SUM(METRICS())");
	(void)add(&set, 5 * MINUTE, "a500 / 2");
	plan(&set, HOUR);
	assert_whole(&set);
	assert_refused(&set, 500, "more than 500 metrics in one call");
	assert_int_equal(set.plan.call_count, 1);
	release(&set);
}

static void insights_queries_have_a_call_each(void **state)
{
	struct set set = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		(void)add(&set, 5 * MINUTE, "SELECT AVG(x) FROM y");
	(void)add(&set, 5 * MINUTE, NULL);
	plan(&set, HOUR);
	assert_whole(&set);
	assert_int_equal(set.plan.call_count, 3);
	assert_int_equal(set.plan.calls[0].count, 2);
	release(&set);
}

/* Ids that two dashboards share do not meet where formulas make them matter. */
static void equal_ids_do_not_meet_a_formula(void **state)
{
	struct set set = { 0 };

	(void)state;
	(void)add(&set, 5 * MINUTE, NULL);
	(void)add(&set, 5 * MINUTE, "a0 * 2");
	mem_set_string(&add(&set, 5 * MINUTE, NULL)->id, "a0");
	plan(&set, DAY);
	assert_whole(&set);
	assert_int_equal(set.plan.call_count, 2);
	assert_int_equal(set.plan.calls[1].queries[0], 2);
	release(&set);
}

static void old_ranges_are_coarser(void **state)
{
	static const struct {
		int64_t period, range, want_period;
		bool coarser;
	} cases[] = {
		{ 1000, 2 * HOUR, 1000, false },
		{ 1000, 4 * HOUR, MINUTE, true },
		{ 30000, 2 * DAY, MINUTE, true },
		{ MINUTE, 14 * DAY, MINUTE, false },
		{ MINUTE, 20 * DAY, 5 * MINUTE, true },
		{ 7 * MINUTE, 20 * DAY, 10 * MINUTE, true },
		{ 10 * MINUTE, 20 * DAY, 10 * MINUTE, false },
		{ 5 * MINUTE, 62 * DAY, 5 * MINUTE, false },
		{ 5 * MINUTE, 70 * DAY, HOUR, true },
		{ 90 * MINUTE, 70 * DAY, 2 * HOUR, true },
		{ HOUR, 400 * DAY, HOUR, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct set set = { 0 };
		(void)add(&set, cases[i].period, NULL);
		plan(&set, cases[i].range);
		assert_whole(&set);
		const struct cloudwatch_query *q = &set.plan.queries[0];
		assert_int_equal(q->period_ms, cases[i].want_period);
		assert_int_equal(q->coarser, cases[i].coarser);
		assert_true(q->from_ms % q->period_ms == 0 && q->to_ms % q->period_ms == 0);
		assert_true(q->from_ms <= NOW - cases[i].range && q->to_ms <= set.reads[0].to_ms);
		release(&set);
	}
}

/* A day and a baseline of fourteen reach to the edge of what is kept: no reason to lose the minutes. */
static void a_little_too_old_is_left_out(void **state)
{
	struct set set = { 0 };

	(void)state;
	(void)add(&set, MINUTE, NULL);
	plan(&set, 15 * DAY);
	assert_whole(&set);
	const struct cloudwatch_query *q = &set.plan.queries[0];
	assert_false(q->coarser);
	assert_int_equal(q->period_ms, MINUTE);
	assert_int_equal(q->from_ms, NOW - 15 * DAY + 10 * MINUTE);
	assert_int_equal(q->from_ms % MINUTE, 0);
	release(&set);
}

/* A read that is not too old does not share a call with one whose beginning would make it so. */
static void ages_do_not_share_a_call(void **state)
{
	struct set set = { 0 };

	(void)state;
	(void)add(&set, MINUTE, NULL);
	(void)add(&set, HOUR, NULL);
	set.reads = mem_alloc(2 * sizeof(*set.reads));
	metric_range(&set.metrics[0], NOW - 15 * DAY + 20 * MINUTE, NOW, NOW, SETTLE, &set.reads[0]);
	metric_range(&set.metrics[1], NOW - 15 * DAY - HOUR, NOW, NOW, SETTLE, &set.reads[1]);
	cloudwatch_plan_make(&set.plan, set.reads, 2, NOW);
	assert_whole(&set);
	assert_int_equal(set.plan.call_count, 2);
	release(&set);
}

static void ranges_that_hold_nothing_are_not_asked_for(void **state)
{
	struct set set = { 0 };

	(void)state;
	(void)add(&set, HOUR, NULL);
	plan(&set, 20 * MINUTE);
	assert_int_equal(set.plan.call_count, 1); /* outwards: the hour before */
	release(&set);
	(void)add(&set, DAY, NULL);
	plan(&set, 10 * HOUR);
	assert_int_equal(set.plan.call_count, 0);
	assert_int_equal(set.reads[0].result.outcome, METRIC_EMPTY);
	assert_string_equal(set.reads[0].result.why, "no value of 1 d 0 h is complete in this range yet; ask for a longer one");
	release(&set);
}

static void calls_split_between_units(void **state)
{
	struct set set = { 0 };

	(void)state;
	(void)add(&set, 5 * MINUTE, NULL);
	(void)add(&set, 5 * MINUTE, NULL);
	(void)add(&set, 5 * MINUTE, NULL);
	(void)add(&set, 5 * MINUTE, "a0 + a1 + a2");
	(void)add(&set, 5 * MINUTE, NULL);
	plan(&set, DAY);
	assert_int_equal(set.plan.call_count, 1);
	assert_true(cloudwatch_plan_split(&set.plan, 0));
	assert_whole(&set);
	assert_int_equal(set.plan.calls[0].count, 4);
	assert_int_equal(set.plan.calls[1].count, 1);
	assert_false(cloudwatch_plan_split(&set.plan, 0));
	assert_false(cloudwatch_plan_split(&set.plan, 1));
	release(&set);
	for (size_t i = 0; i < 7; i++)
		(void)add(&set, 5 * MINUTE, NULL);
	plan(&set, DAY);
	for (size_t i = 0; i < set.plan.call_count;)
		i += !cloudwatch_plan_split(&set.plan, i);
	assert_int_equal(set.plan.call_count, 7);
	assert_whole(&set);
	release(&set);
}

/* One of them would have the whole call refused. */
static void words_that_no_metric_has(void **state)
{
	char *const bad[] = { long_name, tab, umlaut, blanks, colon };
	struct set set = { 0 };

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	(void)add(&set, MINUTE, NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		add(&set, MINUTE, NULL)->metric = bad[i];
		add(&set, MINUTE, NULL)->namespace_ = bad[i];
		if (bad[i] == colon) /* a dimension's value may begin with one */
			continue;
		add(&set, MINUTE, NULL)->dimensions = json_new_object();
		json_put_string(set.metrics[set.count - 1].dimensions, "Host", bad[i] == long_name ? "" : bad[i]);
	}
	plan(&set, HOUR);
	assert_int_equal(set.plan.call_count, 1);
	assert_int_equal(set.plan.calls[0].count, 1);
	for (size_t i = 1; i < set.count; i++) {
		assert_int_equal(set.reads[i].result.outcome, METRIC_FAILED);
		assert_non_null(strstr(set.reads[i].result.why, set.metrics[i].dimensions != NULL ? "a dimension" : "namespace"));
		json_free(set.metrics[i].dimensions);
	}
	release(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_no_metric_has),
		cmocka_unit_test(calls_are_as_few_as_can_be),
		cmocka_unit_test(bands_are_read_along),
		cmocka_unit_test(bands_stay_with_their_metrics),
		cmocka_unit_test(different_periods_share_a_call),
		cmocka_unit_test(accounts_and_regions_do_not_share_calls),
		cmocka_unit_test(formulas_stay_with_what_they_need),
		cmocka_unit_test(formulas_that_cannot_be_asked_for_say_so),
		cmocka_unit_test(what_means_all_metrics_is_alone_with_them),
		cmocka_unit_test(insights_queries_have_a_call_each),
		cmocka_unit_test(equal_ids_do_not_meet_a_formula),
		cmocka_unit_test(old_ranges_are_coarser),
		cmocka_unit_test(a_little_too_old_is_left_out),
		cmocka_unit_test(ages_do_not_share_a_call),
		cmocka_unit_test(ranges_that_hold_nothing_are_not_asked_for),
		cmocka_unit_test(calls_split_between_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
