/* What is read: titles, ranges, results, and the names in formulas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/metric_math.h"
#include "bot/str.h"

#define MINUTE INT64_C(60000)

static char text_a[] = "a", text_cpu[] = "CPUUtilization", text_stat[] = "p90", text_query[] = "sum(up)",
            text_title[] = "Latency", text_expression[] = "a / b";

static void assert_title(const struct metric *metric, const char *expected)
{
	char *title = metric_title(metric);

	assert_string_equal(title, expected);
	free(title);
}

static void titles_say_what_is_read(void **state)
{
	struct metric metric = { .id = text_a, .metric = text_cpu, .stat = text_stat };
	char long_title[400];

	(void)state;
	assert_title(&metric, "CPUUtilization (p90)");
	metric.dimensions = json_new_object();
	json_put_string(metric.dimensions, "InstanceId", "i-1");
	json_put_string(metric.dimensions, "Path", "/");
	assert_title(&metric, "CPUUtilization i-1 / (p90)");
	metric.title = text_title;
	assert_title(&metric, "Latency");
	json_free(metric.dimensions);
	assert_title(&(struct metric){ .id = text_a, .query = text_query }, "sum(up)");
	assert_title(&(struct metric){ .id = text_a, .expression = text_expression }, "a / b");
	for (size_t i = 0; i < sizeof(long_title) - 1; i++)
		long_title[i] = i % 2 == 0 ? '\xC3' : '\xA4'; /* cut between characters */
	long_title[sizeof(long_title) - 1] = '\0';
	char *title = metric_title(&(struct metric){ .id = text_a, .title = long_title });
	assert_in_range(strlen(title), 199, 200);
	assert_true(str_utf8_valid(title, strlen(title)));
	free(title);
}

static void copies_are_whole(void **state)
{
	struct metric from = { .id = text_a, .metric = text_cpu, .stat = text_stat, .period_ms = MINUTE, .hidden = true };
	struct metric to;

	(void)state;
	from.dimensions = json_new_object();
	json_put_string(from.dimensions, "A", "1");
	metric_copy(&to, &from);
	json_put_string(from.dimensions, "A", "2");
	json_free(from.dimensions);
	assert_string_equal(to.metric, text_cpu);
	assert_ptr_not_equal(to.metric, from.metric);
	assert_string_equal(json_print(to.dimensions), "{\"A\":\"1\"}");
	assert_true(to.hidden && to.period_ms == MINUTE && to.title == NULL);
	metric_free(&to);
	metric_free(&to); /* nothing is left */
}

static void ranges_leave_out_the_bucket_that_is_not_over(void **state)
{
	static const struct {
		int64_t period, from, until, now, settle, want_from, want_to;
	} cases[] = { /* in seconds */
		{ 300, 1000, 3000, 9000, 60, 900, 3000 },  /* wholly in the past */
		{ 300, 900, 3100, 9000, 60, 900, 3000 },   /* down at the end */
		{ 300, 900, 3100, 3100, 60, 900, 3000 },   /* until now */
		{ 300, 900, 3059, 3059, 60, 900, 2700 },   /* ended 59 s ago */
		{ 300, 900, 3060, 3060, 60, 900, 3000 },   /* ended 60 s ago */
		{ 300, 900, 9000, 3060, 60, 900, 3000 },   /* the future is not asked for */
		{ 15, 901, 1000, 1000, 0, 900, 990 },
		{ 3600, 3500, 3550, 3600, 0, 0, 0 },       /* shorter than a bucket: nothing */
		{ 300, 5000, 3000, 9000, 0, 4800, 4800 },  /* the wrong way round */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct metric metric = { .period_ms = cases[i].period * 1000 };
		struct metric_read read;

		metric_range(&metric, cases[i].from * 1000, cases[i].until * 1000, cases[i].now * 1000,
		             cases[i].settle * 1000, &read);
		assert_int_equal(read.from_ms, cases[i].want_from * 1000);
		assert_int_equal(read.to_ms, cases[i].want_to * 1000);
		assert_ptr_equal(read.metric, &metric);
		assert_null(read.result.series);
	}
}

static void failures_replace_what_was_there(void **state)
{
	struct metric_result result = { 0 };

	(void)state;
	result.series = mem_alloc(sizeof(*result.series));
	result.count = 1;
	result.series[0].label = mem_copy_string("a");
	series_make_empty(&result.series[0].series, 0, MINUTE, 3);
	result.why = mem_copy_string("half of it");
	metric_result_fail(&result, "%s: %d", "gone", 3);
	assert_int_equal(result.outcome, METRIC_FAILED);
	assert_string_equal(result.why, "gone: 3");
	assert_true(result.series == NULL && result.count == 0);
	metric_result_fail(&result, "again, after %s", result.why); /* what it says may come from what it frees */
	assert_string_equal(result.why, "again, after gone: 3");
	metric_result_free(&result);
	metric_result_free(&result);
}

static void assert_names(const char *expression, const char *expected)
{
	const char *at = expression, *name;
	struct str names;
	size_t length;

	str_init(&names, 1000);
	while ((name = metric_math_next(&at, &length)) != NULL)
		str_addf(&names, "%s%.*s", names.length > 0 ? " " : "", (int)length, name);
	assert_string_equal(names.text, expected);
	str_free(&names);
}

static void assert_renamed(const char *expression, const char *expected)
{
	static const struct metric_math_name names[] = {
		{ "m1", "a_m1", true }, { "m2", "a_m2", true }, { "e1", "m1", false },
	};
	const char *unknown = NULL;
	size_t length = 0;
	char *renamed = metric_math_rename(expression, names, 3, &unknown, &length);

	if (renamed == NULL)
		renamed = mem_copy_bytes(unknown, length);
	assert_string_equal(renamed, expected);
	free(renamed);
}

static void formulas_go_to_other_places(void **state)
{
	(void)state;
	assert_renamed("100*(m1 / m2) + e1", "100*(a_m1 / a_m2) + m1");
	assert_renamed("IF(m1 > 1e3, m1, FILL(m2, REPEAT)) # m", "m");
	assert_renamed("SUM(METRICS())", "SUM([a_m1, a_m2])");
	assert_renamed("SUM( METRICS ( 'm2' ) )*2", "SUM( [a_m2] )*2");
	assert_renamed("SUM(METRICS(\"x\"))", "METRICS");
	assert_renamed("SUM(METRICS(m1))", "METRICS");
	assert_renamed("SEARCH('{AWS/EC2,InstanceId} m1=\"x\"', 'p90', 300)", "SEARCH('{AWS/EC2,InstanceId} m1=\"x\"', 'p90', 300)");
	assert_renamed("SELECT MAX(m1) FROM x", "SELECT MAX(m1) FROM x");
	assert_renamed("m1 + m3", "m3");
	assert_renamed("", "");
}

static void ids_are_made_of_names(void **state)
{
	char *id = metric_id_of("ALB latency"), *number = metric_id_of("5xx"), *none = metric_id_of("");
	struct json_object *a = json_new_object(), *b = json_new_object();

	(void)state;
	assert_string_equal(id, "aLB_latency");
	assert_string_equal(number, "m_5xx");
	assert_string_equal(none, "m_");
	free(id);
	free(number);
	free(none);
	assert_int_equal(metric_fit_period_ms(-1), MINUTE);
	assert_int_equal(metric_fit_period_ms(30), MINUTE / 2);
	assert_int_equal(metric_fit_period_ms(61), 2 * MINUTE);
	assert_int_equal(metric_fit_period_ms(INT64_MAX), 7 * 24 * 60 * MINUTE);
	json_put_string(a, "Load.Balancer", "x");
	assert_false(metric_same_dimensions(a, NULL));
	json_put_string(b, "Zone", "z");
	assert_false(metric_same_dimensions(a, b));
	json_put_string(b, "Load.Balancer", "x");
	json_put_string(a, "Zone", "z");
	assert_true(metric_same_dimensions(a, b) && metric_same_dimensions(NULL, NULL));
	json_free(a);
	json_free(b);
}

static void bands_are_of_one_metric(void **state)
{
	static const char *const no_bands[] = { "ANOMALY_DETECTION_BAND", "ANOMALY_DETECTION_BAND(m1", "ANOMALY_DETECTION_BAND()",
		"ANOMALY_DETECTION_BAND(METRICS(), 2)", "ANOMALY_DETECTION_BAND(m1, 0)", "ANOMALY_DETECTION_BAND(m1, x)",
		"ANOMALY_DETECTION_BAND(m1, nan)", "ANOMALY_DETECTION_BAND(m1, 2) * 2", "ANOMALY_DETECTION_BAND(m1 + 2)",
		"ANOMALY_DETECTION_BANDS(m1)", "SUM(m1)", "", NULL };
	const char *id;
	size_t length;
	double width;

	(void)state;
	assert_true(metric_math_is_band(" anomaly_detection_band ( m1 , 2.5 )", &id, &length, &width));
	assert_true(length == 2 && strncmp(id, "m1", 2) == 0 && fabs(width - 2.5) < 1e-9);
	assert_true(metric_math_is_band("ANOMALY_DETECTION_BAND(e_2)", &id, &length, &width) && fabs(width - 2) < 1e-9);
	for (size_t i = 0; no_bands[i] != NULL; i++)
		assert_false(metric_math_is_band(no_bands[i], &id, &length, &width));
}

static void formulas_name_ids(void **state)
{
	(void)state;
	assert_names("100*(errors/requests)", "errors requests");
	assert_names("IF(m1 > 1e3 AND m2 < 0.5, m1, FILL(m_3, REPEAT))", "m1 m2 m1 m_3");
	assert_names("SEARCH('{AWS/EC2,InstanceId} m1=\"x\"', \"p90\", 300)", "");
	assert_names(" select max(m1) FROM x WHERE y = 'z'", "");
	assert_names("selected + 1", "selected");
	assert_names("abs (m1) + 'never closed m2", "m1");
	assert_names("", "");
	assert_true(metric_math_is_query("\n SELECT AVG(a)"));
	assert_false(metric_math_is_query("SELECTED"));
	assert_true(metric_math_uses("a + b", "b"));
	assert_false(metric_math_uses("a + bb", "b"));
	assert_false(metric_math_uses("a + 'b'", "b"));
	assert_true(metric_math_uses("SUM(METRICS())", "b"));
	assert_true(metric_math_uses_all("AVG(METRICS(\"cpu\"))"));
	assert_false(metric_math_uses_all("AVG('METRICS()')"));
	assert_false(metric_math_uses_all("METRICS2()"));
	assert_true(metric_math_is_many("SEARCH('x', 'Sum', 300)") && metric_math_is_many("METRICS()"));
	assert_true(metric_math_is_many("SELECT a FROM b group BY c"));
	assert_false(metric_math_is_many("SELECT a FROM b") || metric_math_is_many("a + b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(titles_say_what_is_read),
		cmocka_unit_test(copies_are_whole),
		cmocka_unit_test(ranges_leave_out_the_bucket_that_is_not_over),
		cmocka_unit_test(failures_replace_what_was_there),
		cmocka_unit_test(formulas_go_to_other_places),
		cmocka_unit_test(ids_are_made_of_names),
		cmocka_unit_test(bands_are_of_one_metric),
		cmocka_unit_test(formulas_name_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
