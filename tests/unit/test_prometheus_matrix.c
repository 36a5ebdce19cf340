/* What answers of query_range come to: values on the grid, gaps, labels, limits, notes, hostile text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/prometheus/matrix.h"
#include "adapters/prometheus/scan.h"
#include "bot/metric.h"
#include "bot/str.h"

#define FROM_MS 1795721100000
#define STEP_MS 300000
#define COUNT 5
#define MATRIX(result) "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" result "]}}"
#define A "[1795721100,\"0.846981\"]"
#define B "[1795721700,\"-2.5e+06\"]"

static struct prometheus_matrix *matrix;
static struct metric_result result;
static struct err why;

static int setup(void **state)
{
	(void)state;
	matrix = prometheus_matrix_new(FROM_MS, STEP_MS, COUNT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	prometheus_matrix_free(matrix);
	metric_result_free(&result);
	return 0;
}

static bool add(const char *body)
{
	return prometheus_matrix_add(matrix, body, strlen(body), &why);
}

static void finish(void)
{
	prometheus_matrix_finish(matrix, "up", &result);
}

static void check(size_t series, const double expected[COUNT])
{
	const struct series *found = &result.series[series].series;

	assert_int_equal(found->start_ms, FROM_MS);
	assert_int_equal(found->step_ms, STEP_MS);
	assert_int_equal(found->count, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		assert_true(isnan(expected[i]) ? isnan(found->values[i]) : found->values[i] == expected[i]);
}

/* --- values --- */

/* As Prometheus 2.42 wrote it, byte for byte. */
static void an_answer_of_the_real_server(void **state)
{
	(void)state;
	assert_true(add("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":"
	                "\"http_latency\",\"instance\":\"a\",\"job\":\"web\"},\"values\":[[1795721100,\"0.846981\"],"
	                "[1795721400,\"0.868565\"],[1795721700,\"0.890211\"],[1795722000,\"0.911909\"],[1795722300,"
	                "\"0.933649\"]]},{\"metric\":{\"__name__\":\"http_latency\",\"instance\":\"b\",\"job\":\"web\"},"
	                "\"values\":[[1795721100,\"0.846981\"],[1795721400,\"+Inf\"],[1795721700,\"NaN\"],"
	                "[1795722000,\"-Inf\"]]}]}}"));
	finish();
	assert_int_equal(result.outcome, METRIC_COMPLETE);
	assert_null(result.why);
	assert_int_equal(result.count, 2);
	assert_string_equal(result.series[0].label, "instance=a");
	assert_string_equal(result.series[1].label, "instance=b");
	check(0, (double[]){ 0.846981, 0.868565, 0.890211, 0.911909, 0.933649 });
	check(1, (double[]){ 0.846981, NAN, NAN, NAN, NAN });
}

static void one_series_needs_no_label(void **state)
{
	(void)state;
	assert_true(add(MATRIX("{\"metric\":{},\"values\":[" A "," B "]}")));
	finish();
	assert_int_equal(result.count, 1);
	assert_null(result.series[0].label);
	check(0, (double[]){ 0.846981, NAN, -2.5e6, NAN, NAN });
}

static void members_in_any_order_with_spaces_and_strangers(void **state)
{
	(void)state;
	assert_true(add(" { \"infos\" : [ \"x\" ] , \"data\" : { \"stats\":{\"a\":[1,{}]}, \"result\" : [ { \"values\" : [ "
	                "[ 1795721400.0 , \"7\" ] ] , \"new\" : null, \"metric\" : { } } ] , \"resultType\" : \"matrix\" } ,"
	                "\"status\" : \"success\" }\n"));
	finish();
	check(0, (double[]){ NAN, 7, NAN, NAN, NAN });
}

static void times_off_the_grid_go_to_the_nearest_or_nowhere(void **state)
{
	(void)state;
	assert_true(add(MATRIX("{\"metric\":{},\"values\":[[1795721100.4,\"1\"],[1795721399.999,\"2\"],[1795720800,\"3\"],"
	                       "[1795722600,\"4\"],[1e300,\"5\"],[-1e300,\"6\"]]}")));
	finish();
	check(0, (double[]){ 1, 2, NAN, NAN, NAN });
}

static void no_values_are_an_answer_too(void **state)
{
	(void)state;
	assert_true(add(MATRIX("")));
	finish();
	assert_int_equal(result.outcome, METRIC_EMPTY);
	assert_string_equal(result.why, "Prometheus has no values in this time for up");
	assert_true(add(MATRIX("{\"metric\":{\"a\":\"b\"},\"values\":[[1795721100,\"NaN\"]]}")));
	finish();
	assert_int_equal(result.outcome, METRIC_EMPTY);
	assert_int_equal(result.count, 0);
}

static void histograms_are_said(void **state)
{
	static const char only[] = MATRIX("{\"metric\":{\"le\":\"1\"},\"histograms\":[[1795721100,{\"count\":\"1\"}]]}");
	static const char both[] = MATRIX("{\"metric\":{},\"values\":[" A "]},{\"metric\":{\"le\":\"1\"},"
	                                  "\"histograms\":[[1795721100,{}]]}");

	(void)state;
	assert_true(add(only));
	finish();
	assert_int_equal(result.outcome, METRIC_FAILED);
	assert_non_null(strstr(result.why, "histogram_quantile()"));
	(void)teardown(NULL);
	(void)setup(NULL);
	assert_true(add(both));
	finish();
	assert_int_equal(result.outcome, METRIC_PARTIAL);
	assert_string_equal(result.why, "1 series are native histograms, which have no single value: use "
	                    "histogram_quantile() or histogram_avg() in the query");
}

static void warnings_make_it_partial(void **state)
{
	(void)state;
	assert_true(add("{\"status\":\"success\",\"warnings\":[\"store \\u001b[31mb\\u0000 is\\ndown\",\"store c\"],\"data\":"
	                "{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":[" A "]}]}}"));
	prometheus_matrix_note(matrix, "store c");
	finish();
	assert_int_equal(result.outcome, METRIC_PARTIAL);
	assert_string_equal(result.why, "store b; store c");
}

/* --- parts of a range --- */

static void parts_are_joined_by_labels(void **state)
{
	(void)state;
	assert_true(add(MATRIX("{\"metric\":{\"h\":\"a\"},\"values\":[[1795721100,\"1\"]]},"
	                       "{\"metric\":{\"h\":\"b\"},\"values\":[[1795721100,\"2\"]]}")));
	assert_true(add(MATRIX("{\"metric\":{\"h\":\"b\"},\"values\":[[1795721400,\"3\"]]},"
	                       "{\"metric\":{\"h\":\"c\"},\"values\":[[1795721400,\"4\"]]}")));
	finish();
	assert_int_equal(result.count, 3);
	assert_int_equal(result.left_out, 0);
	check(0, (double[]){ 1, NAN, NAN, NAN, NAN });
	check(1, (double[]){ 2, 3, NAN, NAN, NAN });
	check(2, (double[]){ NAN, 4, NAN, NAN, NAN });
}

/* Whatever their order in the answers. */
static void the_first_series_by_label_are_kept(void **state)
{
	struct str body;

	(void)state;
	for (int part = 0; part < 2; part++) {
		str_init(&body, 100000);
		str_add(&body, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[");
		for (int i = 0; i < 50; i++)
			str_addf(&body, "%s{\"metric\":{\"h\":\"%02d\"},\"values\":[[%d,\"%d\"]]}", i > 0 ? "," : "",
			         part == 0 ? 59 - i : (i * 7) % 50, 1795721100 + part * 300, part == 0 ? 59 - i : (i * 7) % 50);
		str_add(&body, "]}}");
		assert_true(add(body.text));
		str_free(&body);
	}
	finish();
	assert_int_equal(result.count, METRIC_SERIES_MAX);
	assert_int_equal(result.left_out, 40);
	for (size_t i = 0; i < METRIC_SERIES_MAX; i++) {
		char label[10];

		(void)snprintf(label, sizeof(label), "h=%02zu", i);
		assert_string_equal(result.series[i].label, label);
		check(i, (double[]){ i < 10 ? NAN : (double)i, (double)i, NAN, NAN, NAN });
	}
}

/* --- labels --- */

static void labels_that_all_share_are_left_out(void **state)
{
	(void)state;
	assert_true(add(MATRIX("{\"metric\":{\"job\":\"web\",\"host\":\"a\",\"zone\":\"1\"},\"values\":[" A "]},"
	                       "{\"metric\":{\"host\":\"a\",\"job\":\"web\",\"zone\":\"2\",\"extra\":\"x\"},\"values\":[" A "]},"
	                       "{\"metric\":{\"__name__\":\"other\",\"job\":\"web\"},\"values\":[" A "]},"
	                       "{\"metric\":{\"job\":\"web\"},\"values\":[" A "]}")));
	finish();
	assert_string_equal(result.series[0].label, "extra=x, host=a, zone=2");
	assert_string_equal(result.series[1].label, "host=a, zone=1");
	assert_string_equal(result.series[2].label, "other");
	assert_string_equal(result.series[3].label, "without labels");
}

static void hostile_labels_become_plain_text(void **state)
{
	(void)state;
	assert_true(add(MATRIX("{\"metric\":{\"h\":\"<!channel>\\u202e\\n\\ud83d\\ude00\\ud800\\\"\"},\"values\":[" A "]},"
	                       "{\"metric\":{\"h\":\"\xff\xfe\"},\"values\":[" A "]}")));
	finish();
	assert_string_equal(result.series[0].label, "h=<!channel> \xf0\x9f\x98\x80\xef\xbf\xbd\"");
	assert_true(str_utf8_valid(result.series[1].label, strlen(result.series[1].label)));
}

static void long_labels_lose_their_middle_not_their_end(void **state)
{
	char x[81] = { 0 }, body[1000];

	(void)state;
	memset(x, 'x', 80);
	(void)snprintf(body, sizeof(body), MATRIX("{\"metric\":{\"h\":\"%s1\"},\"values\":[" A "]},{\"metric\":{\"h\":"
	               "\"%s2\"},\"values\":[" A "]},{\"metric\":{\"h\":\"%sy%s2\"},\"values\":[" A "]}"), x, x, x, x);
	assert_true(add(body));
	finish();
	assert_string_equal(result.series[0].label, "h=xxxxxxxxxxxxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxxxxxxxxxxx1");
	assert_string_equal(result.series[1].label, "h=xxxxxxxxxxxxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxxxxxxxxxxx2");
	assert_string_equal(result.series[2].label, "h=xxxxxxxxxxxxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxxxxxxxxxxx2 #2");
}

/* --- what is no such answer --- */

static void other_answers_are_refused(void **state)
{
	static const struct {
		const char *body, *words;
	} wrong[] = {
		{ "", "Prometheus' API" },
		{ "<html>", "Prometheus' API" },
		{ "{}", "Prometheus' API" },
		{ "[]", "Prometheus' API" },
		{ "{\"status\":\"error\",\"error\":\"x\"}", "Prometheus' API" },
		{ MATRIX("") "x", "Prometheus' API" },
		{ "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}", "Prometheus' API" },
		{ "{\"status\":\"success\"}", "type is \"\"" },
		{ "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[]}}", "type is \"streams\"" },
		{ "{\"status\":\"success\",\"data\":{\"resultType\":\"mat\x18rix\",\"result\":[]}}", "type is \"matrix\"" },
		{ "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\"}}", "series cannot be read" },
		{ MATRIX("{\"metric\":{}}"), "series cannot be read" },
		{ MATRIX("{\"metric\":{},\"values\":[[1,2]]}"), "series cannot be read" },
		{ MATRIX("{\"metric\":{},\"values\":[[1,\"\"]]}"), "series cannot be read" },
		{ MATRIX("{\"metric\":{},\"values\":[[1,\"1x\"]]}"), "series cannot be read" },
		{ MATRIX("{\"metric\":{},\"values\":[[\"1\",\"1\"]]}"), "series cannot be read" },
		{ MATRIX("{\"metric\":{},\"values\":[[1,\"1\"]"), "Prometheus' API" },
		{ MATRIX("{\"metric\":{\"a\":\"\\u12\"},\"values\":[]}"), "Prometheus' API" },
		{ MATRIX("{\"metric\":{\"a\":1},\"values\":[]}"), "series cannot be read" },
		{ MATRIX("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"), "Prometheus' API" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why.text[0] = '\0';
		if (add(wrong[i].body) || strstr(why.text, wrong[i].words) == NULL)
			fail_msg("%s: %s", wrong[i].body, why.text);
		assert_int_equal(why.kind, ERR_REFUSED);
	}
}

/* Every byte where an answer may be cut. */
static void a_cut_answer_is_never_a_whole_one(void **state)
{
	static const char whole[] = MATRIX("{\"metric\":{\"h\":\"\\u00e9\\\\\"},\"values\":[" A "," B "]}");

	(void)state;
	for (size_t length = 0; length < sizeof(whole) - 1; length++) {
		char *cut = malloc(length + 1);

		memcpy(cut, whole, length);
		cut[length] = '\0';
		assert_false(prometheus_matrix_add(matrix, cut, length, &why));
		free(cut);
	}
	assert_true(add(whole));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_answer_of_the_real_server),
		TEST(one_series_needs_no_label),
		TEST(members_in_any_order_with_spaces_and_strangers),
		TEST(times_off_the_grid_go_to_the_nearest_or_nowhere),
		TEST(no_values_are_an_answer_too),
		TEST(histograms_are_said),
		TEST(warnings_make_it_partial),
		TEST(parts_are_joined_by_labels),
		TEST(the_first_series_by_label_are_kept),
		TEST(labels_that_all_share_are_left_out),
		TEST(hostile_labels_become_plain_text),
		TEST(long_labels_lose_their_middle_not_their_end),
		TEST(other_answers_are_refused),
		TEST(a_cut_answer_is_never_a_whole_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
