/* What alarms watch, as metrics: plain ones, formulas, and what is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/alarm_lines.h"
#include "bot/json.h"
#include "tests/unit/support/aws_world.h"

static const struct aws_target here = { NULL, "eu-west-1" };

static int setup(void **state)
{
	aws_world_begin(state);
	(void)aws_world_start();
	return 0;
}

static struct err read_lines(const char *const *globs, struct alarm_lines *lines)
{
	struct aws_end end = { 0 };

	alarm_lines_read(cloud.bot.aws, &here, globs, lines, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end.err;
}

static void says(const char *body)
{
	aws_world_answer("DescribeAlarms", 200, NULL, body);
}

#define PLAIN(name, more) "{\"AlarmName\":\"" name "\",\"Namespace\":\"AWS/ELB\",\"MetricName\":\"Latency\",\"Statistic\":" \
	"\"Average\",\"Period\":60,\"Threshold\":2.5,\"ComparisonOperator\":\"GreaterThanThreshold\"" more "}"

static void plain_alarms_become_their_metrics(void **state)
{
	static const char *const globs[] = { "shop-*", NULL };
	struct alarm_lines lines = { 0 };

	(void)state;
	says("{\"MetricAlarms\":[" PLAIN("shop-slow", ",\"Dimensions\":[{\"Name\":\"LoadBalancer\",\"Value\":\"app/a.b\"}],"
	     "\"Unit\":\"Seconds\"") ",{\"AlarmName\":\"shop-few\",\"Namespace\":\"App\",\"MetricName\":\"Orders\","
	     "\"ExtendedStatistic\":\"p99\",\"Period\":10,\"Threshold\":3,\"ComparisonOperator\":"
	     "\"LessThanOrEqualToThreshold\"}," PLAIN("shopping", "") "],\"CompositeAlarms\":[{\"AlarmName\":\"shop-all\"},"
	     "{\"AlarmName\":\"other\"}]}");
	assert_int_equal(read_lines(globs, &lines).kind, ERR_NONE);
	assert_string_equal(cloud.asked[0].body, "{\"AlarmTypes\":[\"MetricAlarm\",\"CompositeAlarm\"],\"AlarmNamePrefix\":"
	                    "\"shop-\",\"MaxRecords\":100}");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/monitoring/aws4_request"));
	assert_int_equal(lines.count, 2);
	assert_int_equal(lines.items[0].count, 1);
	const struct metric *few = &lines.items[0].metrics[0], *slow = &lines.items[1].metrics[0];
	assert_string_equal(lines.items[1].alarm, "shop-slow");
	assert_string_equal(slow->id, "alarm_shop_slow");
	assert_string_equal(slow->title, "shop-slow (Latency Average)");
	assert_string_equal(slow->source, "cloudwatch");
	assert_string_equal(slow->region, "eu-west-1");
	assert_null(slow->account);
	assert_string_equal(slow->unit, "Seconds");
	assert_string_equal(json_print(slow->dimensions), "{\"LoadBalancer\":\"app/a.b\"}");
	assert_true(slow->normal_below == 2.5 && isnan(slow->normal_above) && slow->limit_is_normal);
	assert_int_equal(slow->period_ms, 60000);
	assert_string_equal(few->title, "shop-few (Orders p99)");
	assert_true(few->normal_above == 3 && isnan(few->normal_below) && !few->limit_is_normal);
	assert_int_equal(few->period_ms, 60000); /* finer ones are not kept */
	assert_int_equal(lines.problem_count, 1);
	assert_string_equal(lines.problems[0], "alarm shop-all is left out: it is composite, and watches alarms, not a metric");
	alarm_lines_free(&lines);
}

#define STAT(id, name, period) "{\"Id\":\"" id "\",\"ReturnData\":false,\"MetricStat\":{\"Metric\":{\"Namespace\":\"App\"," \
	"\"MetricName\":\"" name "\",\"Dimensions\":[]},\"Period\":" period ",\"Stat\":\"Sum\"}}"

static void formulas_bring_what_they_compute_with(void **state)
{
	static const char *const globs[] = { "*", NULL };
	struct alarm_lines lines = { 0 };

	(void)state;
	says("{\"MetricAlarms\":[{\"AlarmName\":\"err rate\",\"ComparisonOperator\":\"GreaterThanOrEqualToThreshold\","
	     "\"Threshold\":1,\"Metrics\":[{\"Id\":\"e1\",\"Expression\":\"100 * m1 / SUM(METRICS('m2'))\",\"Label\":"
	     "\"Errors\\n%\"}," STAT("m1", "Errors", "300") "," STAT("m2", "Requests", "300") "," STAT("m3", "Idle", "300") "]}]}");
	assert_int_equal(read_lines(globs, &lines).kind, ERR_NONE);
	assert_string_equal(cloud.asked[0].body, "{\"AlarmTypes\":[\"MetricAlarm\",\"CompositeAlarm\"],\"MaxRecords\":100}");
	assert_int_equal(lines.count, 1);
	assert_int_equal(lines.items[0].count, 3); /* without m3, which nothing needs */
	const struct metric *metrics = lines.items[0].metrics;
	assert_string_equal(metrics[0].id, "alarm_err_rate__m1");
	assert_true(metrics[0].hidden && metrics[1].hidden && !metrics[2].hidden);
	assert_string_equal(metrics[1].metric, "Requests");
	assert_string_equal(metrics[2].id, "alarm_err_rate");
	assert_string_equal(metrics[2].expression, "100 * alarm_err_rate__m1 / SUM([alarm_err_rate__m2])");
	assert_string_equal(metrics[2].title, "err rate (Errors %)");
	assert_int_equal(metrics[2].period_ms, 300000);
	assert_true(metrics[2].normal_below == 1 && !metrics[2].limit_is_normal && isnan(metrics[0].normal_below));
	assert_null(metrics[2].stat);
	alarm_lines_free(&lines);
}

static void a_band_is_no_limit(void **state)
{
	static const char *const globs[] = { "odd", NULL };
	struct alarm_lines lines = { 0 };

	(void)state;
	says("{\"MetricAlarms\":[{\"AlarmName\":\"odd\",\"ComparisonOperator\":\"LessThanLowerOrGreaterThanUpperThreshold\","
	     "\"ThresholdMetricId\":\"ad1\",\"Metrics\":[{\"Id\":\"ad1\",\"Expression\":\"ANOMALY_DETECTION_BAND(m1, 1.5)\"},"
	     "{\"Id\":\"m1\",\"MetricStat\":{\"Metric\":{\"Namespace\":\"App\",\"MetricName\":\"Orders\"},\"Period\":300,"
	     "\"Stat\":\"Sum\"}}]}]}");
	assert_int_equal(read_lines(globs, &lines).kind, ERR_NONE);
	assert_int_equal(lines.count, 1);
	assert_int_equal(lines.items[0].count, 1);
	assert_string_equal(lines.items[0].metrics[0].metric, "Orders");
	assert_false(lines.items[0].metrics[0].hidden);
	assert_true(isnan(lines.items[0].metrics[0].normal_below) && isnan(lines.items[0].metrics[0].normal_above));
	assert_true(fabs(lines.items[0].metrics[0].anomaly_band - 1.5) < 1e-9);
	alarm_lines_free(&lines);
}

static void what_cannot_be_read_is_named(void **state)
{
	static const char *const globs[] = { "*", NULL };
	struct alarm_lines lines = { 0 };

	(void)state;
	says("{\"MetricAlarms\":[{\"AlarmName\":\"none\"},{\"AlarmName\":\"query\",\"Metrics\":[{\"Id\":\"q\",\"Expression\":"
	     "\"m1 + m9\"}," STAT("m1", "A", "60") "]},{\"AlarmName\":\"mixed\",\"Metrics\":[{\"Id\":\"q\",\"Expression\":"
	     "\"m1 + m2\"}," STAT("m1", "A", "60") "," STAT("m2", "B", "300") "]},{\"Namespace\":\"nameless\"},"
	     PLAIN("a.b", "") "," PLAIN("a_b", "") ",{\"AlarmName\":\"band\",\"Metrics\":[{\"Id\":\"ad\",\"Expression\":"
	     "\"ANOMALY_DETECTION_BAND(m1)\"}]}]}");
	assert_int_equal(read_lines(globs, &lines).kind, ERR_NONE);
	assert_int_equal(lines.count, 1);
	assert_int_equal(lines.problem_count, 5);
	assert_string_equal(lines.problems[0], "alarm none is left out: what it watches is no metric with a statistic that "
	                    "can be read");
	assert_string_equal(lines.problems[1], "alarm query is left out: its formula names something that is not part of it");
	assert_string_equal(lines.problems[2], "alarm mixed is left out: it computes with metrics of different periods");
	assert_string_equal(lines.problems[3], "alarm a_b is left out: its name is too like another alarm's");
	assert_string_equal(lines.problems[4], "alarm band is left out: it watches no metric");
	alarm_lines_free(&lines);
}

static void each_alarm_counts_once(void **state)
{
	static const char *const globs[] = { "a*", "*z", NULL };
	struct alarm_lines lines = { 0 };

	(void)state;
	says("{\"MetricAlarms\":[" PLAIN("abz", "") "],\"NextToken\":\"t\"}");
	says("{\"MetricAlarms\":[" PLAIN("abz", "") "," PLAIN("ac", "") "]}");
	says("{\"MetricAlarms\":[" PLAIN("abz", "") "," PLAIN("yz", "") "]}");
	assert_int_equal(read_lines(globs, &lines).kind, ERR_NONE);
	assert_int_equal(cloud.count, 3);
	assert_int_equal(lines.count, 3);
	assert_int_equal(lines.problem_count, 0);
	alarm_lines_free(&lines);
}

static void sizes_are_bounded(void **state)
{
	static const char *const globs[] = { "*", "never", NULL };
	struct alarm_lines lines = { 0 };
	struct str body;

	(void)state;
	str_init(&body, 1 << 20);
	str_add(&body, "{\"MetricAlarms\":[");
	for (int i = 0; i < ALARM_LINES_MAX + 1; i++)
		str_addf(&body, "%s{\"AlarmName\":\"a%d\",\"Namespace\":\"n\",\"MetricName\":\"m\",\"Statistic\":\"Sum\"}",
		         i == 0 ? "" : ",", i);
	for (int i = 0; i < 30; i++)
		str_addf(&body, "%s{\"AlarmName\":\"b%d\"}", i == 0 ? "],\"CompositeAlarms\":[" : ",", i);
	str_add(&body, "],\"NextToken\":\"t\"}");
	says(body.text);
	str_free(&body);
	assert_int_equal(read_lines(globs, &lines).kind, ERR_NONE);
	assert_int_equal(cloud.count, 1); /* neither a further page nor the other list */
	assert_int_equal(lines.count, ALARM_LINES_MAX);
	assert_int_equal(lines.problem_count, 1);
	assert_non_null(strstr(lines.problems[0], "more than 100 alarms match"));
	alarm_lines_free(&lines);
}

static void problems_are_bounded(void **state)
{
	static const char *const globs[] = { "*", NULL };
	struct alarm_lines lines = { 0 };
	struct str body;

	(void)state;
	str_init(&body, 1 << 20);
	for (int i = 0; i < 30; i++)
		str_addf(&body, "%s{\"AlarmName\":\"b%d\"}", i == 0 ? "{\"CompositeAlarms\":[" : ",", i);
	str_add(&body, "]}");
	says(body.text);
	str_free(&body);
	assert_int_equal(read_lines(globs, &lines).kind, ERR_NONE);
	assert_int_equal(lines.problem_count, 20);
	assert_string_equal(lines.problems[19], "and 11 more alarms are left out");
	alarm_lines_free(&lines);
}

static void one_list_that_fails_does_not_cost_the_other(void **state)
{
	static const char *const globs[] = { "a*", "b*", NULL };
	struct alarm_lines lines = { 0 };

	(void)state;
	aws_world_answer("DescribeAlarms", 400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	says("{\"MetricAlarms\":[" PLAIN("b", "") "]}");
	assert_int_equal(read_lines(globs, &lines).kind, ERR_NONE);
	assert_int_equal(lines.count, 1);
	assert_int_equal(lines.problem_count, 1);
	assert_non_null(strstr(lines.problems[0], "alarms like a* were not listed: "));
	assert_non_null(strstr(lines.problems[0], "cloudwatch:DescribeAlarms"));
	alarm_lines_free(&lines);
	aws_world_answer("DescribeAlarms", 400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	aws_world_answer("DescribeAlarms", 400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	assert_int_equal(read_lines(globs, &lines).kind, ERR_REFUSED);
	assert_int_equal(lines.count + lines.problem_count, 0);
}

static void the_end_of_aws_ends_it(void **state)
{
	static const char *const globs[] = { "a*", "b*", NULL };
	struct alarm_lines lines = { 0 };
	struct aws_end end = { 0 };

	(void)state;
	says("{\"MetricAlarms\":[" PLAIN("a", "") "]}");
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	alarm_lines_read(cloud.bot.aws, &here, globs, &lines, aws_end_token(&end));
	aws_world_until(2);
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_int_equal(end.err.kind, ERR_CANCELLED);
	assert_int_equal(lines.count, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, aws_world_end)
	const struct CMUnitTest tests[] = {
		T(plain_alarms_become_their_metrics),
		T(formulas_bring_what_they_compute_with),
		T(a_band_is_no_limit),
		T(what_cannot_be_read_is_named),
		T(each_alarm_counts_once),
		T(sizes_are_bounded),
		T(problems_are_bounded),
		T(one_list_that_fails_does_not_cost_the_other),
		T(the_end_of_aws_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
