/* Alarms and their history, as CloudWatch tells them in JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/alarms.h"
#include "bot/alarm.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/aws_world.h"

static const struct aws_target here = { NULL, "eu-west-1" };

static int setup(void **state)
{
	aws_world_begin(state);
	(void)aws_world_start();
	return 0;
}

static struct aws_end list(const char *prefix, const char *state, struct aws_alarms *alarms)
{
	struct aws_end end = { 0 };

	alarms_list(cloud.bot.aws, &here, prefix, state, alarms, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end;
}

static struct aws_end history(int64_t from_ms, int64_t until_ms, struct aws_alarm_history *found)
{
	struct aws_end end = { 0 };

	alarms_history(cloud.bot.aws, &here, "web-cpu", from_ms, until_ms, found, aws_end_token(&end));
	aws_end_wait(&end);
	return end;
}

static void says(const char *operation, const char *body)
{
	aws_world_answer(operation, 200, NULL, body);
}

/* --- the list --- */

static void alarms_of_both_kinds_are_listed_by_name(void **state)
{
	struct aws_alarms alarms = { 0 };

	(void)state;
	says("DescribeAlarms", "{\"MetricAlarms\":[{\"AlarmName\":\"web-cpu\",\"AlarmArn\":\"arn:aws:cloudwatch:eu-west-1:"
	     "123456789012:alarm:web-cpu\",\"AlarmDescription\":\"CPU\",\"StateValue\":\"ALARM\",\"StateReason\":\"Threshold "
	     "Crossed\",\"StateUpdatedTimestamp\":1700000100,\"StateTransitionedTimestamp\":1700000000.5,\"Namespace\":"
	     "\"AWS/EC2\",\"MetricName\":\"CPUUtilization\",\"Statistic\":\"Average\",\"Dimensions\":[{\"Name\":\"InstanceId\","
	     "\"Value\":\"i-1\"},{\"Name\":\"Zone\",\"Value\":\"a\"}],\"Period\":60,\"EvaluationPeriods\":3,"
	     "\"DatapointsToAlarm\":2,\"Threshold\":90.0,\"ComparisonOperator\":\"GreaterThanThreshold\"}],"
	     "\"CompositeAlarms\":[{\"AlarmName\":\"all\",\"AlarmRule\":\"ALARM(web-cpu) OR ALARM(db)\",\"StateValue\":\"OK\","
	     "\"StateUpdatedTimestamp\":1700000100}]}");
	assert_int_equal(list("", "ALARM", &alarms).err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "GraniteServiceVersion20100801.DescribeAlarms");
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/x-amz-json-1.0");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/monitoring/aws4_request"));
	assert_string_equal(cloud.asked[0].body, "{\"AlarmTypes\":[\"MetricAlarm\",\"CompositeAlarm\"],\"StateValue\":"
	                    "\"ALARM\",\"MaxRecords\":100}");
	assert_int_equal(alarms.count, 2);
	assert_false(alarms.more);
	assert_string_equal(alarms.items[0].name, "all");
	assert_string_equal(alarms.items[0].rule, "ALARM(web-cpu) OR ALARM(db)");
	assert_null(alarms.items[0].metric);
	assert_null(alarms.items[0].dimensions);
	assert_int_equal(alarms.items[0].since_ms, 1700000100000);
	assert_string_equal(alarms.items[1].name, "web-cpu");
	assert_string_equal(alarms.items[1].arn, "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:web-cpu");
	assert_string_equal(alarms.items[1].state, "ALARM");
	assert_string_equal(alarms.items[1].reason, "Threshold Crossed");
	assert_string_equal(alarms.items[1].description, "CPU");
	assert_string_equal(alarms.items[1].namespace_, "AWS/EC2");
	assert_string_equal(alarms.items[1].metric, "CPUUtilization");
	assert_string_equal(alarms.items[1].stat, "Average");
	assert_string_equal(alarms.items[1].dimensions, "InstanceId=i-1, Zone=a");
	assert_string_equal(alarms.items[1].rule, "GreaterThanThreshold 90.0 for 2 of 3 periods of 60 s");
	assert_int_equal(alarms.items[1].since_ms, 1700000000500);
	aws_alarms_free(&alarms);
}

static void rules_are_told_of_formulas_and_bands(void **state)
{
	struct aws_alarms alarms = { 0 };

	(void)state;
	says("DescribeAlarms", "{\"MetricAlarms\":[{\"AlarmName\":\"a-band\",\"ComparisonOperator\":"
	     "\"GreaterThanUpperThreshold\",\"EvaluationPeriods\":2,\"ThresholdMetricId\":\"ad1\",\"Metrics\":[{\"Id\":\"ad1\","
	     "\"Expression\":\"ANOMALY_DETECTION_BAND(m1, 2)\",\"ReturnData\":true},{\"Id\":\"m1\",\"MetricStat\":{\"Metric\":{\"Namespace\":\"App\",\"MetricName\":\"Latency\",\"Dimensions\":[{\"Name\":\"Api\","
	     "\"Value\":\"pay\"}]},\"Period\":300,\"Stat\":\"p99\"},\"ReturnData\":true}]},{\"AlarmName\":\"b-formula\",\"ComparisonOperator\":"
	     "\"LessThanThreshold\",\"Threshold\":5,\"EvaluationPeriods\":1,\"Metrics\":[{\"Id\":\"e1\",\"Expression\":"
	     "\"100 * m1 / m2\"},{\"Id\":\"m1\",\"ReturnData\":false,\"MetricStat\":{\"Metric\":{},\"Period\":60,\"Stat\":"
	     "\"Sum\"}}]},{\"AlarmName\":\"c-strange\"}]}");
	assert_int_equal(list(NULL, NULL, &alarms).err.kind, ERR_NONE);
	assert_int_equal(alarms.count, 3);
	assert_string_equal(alarms.items[0].rule, "GreaterThanUpperThreshold ANOMALY_DETECTION_BAND(m1, 2) for 2 of 2 "
	                    "periods of 300 s");
	assert_string_equal(alarms.items[0].metric, "Latency");
	assert_string_equal(alarms.items[0].stat, "p99");
	assert_string_equal(alarms.items[0].dimensions, "Api=pay");
	assert_string_equal(alarms.items[1].rule, "LessThanThreshold 5 for 1 of 1 periods of 60 s, of 100 * m1 / m2");
	assert_null(alarms.items[1].metric);
	assert_null(alarms.items[2].rule);
	assert_null(alarms.items[2].state);
	assert_int_equal(alarms.items[2].since_ms, 0);
	aws_alarms_free(&alarms);
}

static void pages_are_joined_and_names_sorted(void **state)
{
	struct aws_alarms alarms = { 0 };

	(void)state;
	says("DescribeAlarms", "{\"MetricAlarms\":[{\"AlarmName\":\"b\"}],\"NextToken\":\"t/1\"}");
	says("DescribeAlarms", "{\"CompositeAlarms\":[],\"NextToken\":\"t/2\"}");
	says("DescribeAlarms", "{\"MetricAlarms\":[{\"AlarmName\":\"a\"}],\"NextToken\":\"\"}");
	assert_int_equal(list("we\"b", NULL, &alarms).err.kind, ERR_NONE);
	assert_string_equal(cloud.asked[2].body, "{\"AlarmTypes\":[\"MetricAlarm\",\"CompositeAlarm\"],\"AlarmNamePrefix\":"
	                    "\"we\\\"b\",\"MaxRecords\":100,\"NextToken\":\"t/2\"}");
	assert_int_equal(alarms.count, 2);
	assert_string_equal(alarms.items[0].name, "a");
	assert_false(alarms.more);
	aws_alarms_free(&alarms);
}

static void a_page_that_leads_to_itself_ends_the_list(void **state)
{
	struct aws_alarms alarms = { 0 };

	(void)state;
	says("DescribeAlarms", "{\"MetricAlarms\":[{\"AlarmName\":\"a\"}],\"NextToken\":\"same\"}");
	says("DescribeAlarms", "{\"MetricAlarms\":[{\"AlarmName\":\"b\"}],\"NextToken\":\"same\"}");
	assert_int_equal(list(NULL, NULL, &alarms).err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 2);
	assert_int_equal(alarms.count, 2);
	assert_true(alarms.more);
	aws_alarms_free(&alarms);
}

static void what_came_before_a_failure_is_told(void **state)
{
	struct aws_alarms alarms = { 0 };

	(void)state;
	says("DescribeAlarms", "{\"MetricAlarms\":[{\"AlarmName\":\"a\"}],\"NextToken\":\"t\"}");
	aws_world_answer("DescribeAlarms", 400, NULL, "{\"__type\":\"InvalidNextToken\",\"message\":\"no\"}");
	assert_int_equal(list(NULL, NULL, &alarms).err.kind, ERR_NONE);
	assert_int_equal(alarms.count, 1);
	assert_true(alarms.more);
	says("DescribeAlarms", "{\"MetricAlarms\":[{\"AlarmName\":\"z\"}],\"NextToken\":\"t\"}");
	says("DescribeAlarms", "{\"Message\":\"no list\"}");
	assert_int_equal(list(NULL, NULL, &alarms).err.kind, ERR_NONE);
	assert_string_equal(alarms.items[0].name, "z"); /* and what was there before is freed */
	assert_true(alarms.more);
	aws_alarms_free(&alarms);
}

static void a_first_page_that_fails_is_the_error(void **state)
{
	struct aws_alarms alarms = { 0 };
	struct aws_end end;

	(void)state;
	aws_world_answer("DescribeAlarms", 403, NULL, "{\"__type\":\"AccessDeniedException\"}");
	end = list(NULL, NULL, &alarms);
	assert_int_equal(end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(end.err.text, "IAM action cloudwatch:DescribeAlarms"));
	says("DescribeAlarms", "{}");
	assert_int_equal(list(NULL, NULL, &alarms).err.kind, ERR_RETRY);
	assert_null(alarms.items);
}

/* Two hundred to a page, more than are asked for, and each with a long text. */
static void answers_are_bounded(void **state)
{
	struct aws_alarms alarms = { 0 };
	struct str page;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		str_init(&page, 4u << 20);
		str_add(&page, "{\"MetricAlarms\":[");
		for (unsigned j = 0; j < 200; j++)
			str_addf(&page, "%s{\"AlarmName\":\"%u-%u\",\"AlarmDescription\":\"%01500d\"}", j > 0 ? "," : "", i, j,
			         0);
		str_addf(&page, "],\"NextToken\":\"%u\"}", i);
		says("DescribeAlarms", page.text);
		str_free(&page);
	}
	assert_int_equal(list(NULL, NULL, &alarms).err.kind, ERR_NONE);
	assert_int_equal(alarms.count, ALARMS_MAX);
	assert_true(alarms.more);
	assert_int_equal(strlen(alarms.items[0].description), 1024);
	assert_int_equal(cloud.count, 3);
	aws_alarms_free(&alarms);
}

/* --- one setting --- */

static struct aws_end find(const char *name, struct alarm *alarm)
{
	struct aws_end end = { 0 };

	alarms_find(cloud.bot.aws, &here, name, alarm, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end;
}

static void a_setting_is_found_by_the_very_name(void **state)
{
	struct alarm alarm = { .reason = mem_copy_string("of before") };

	(void)state;
	says("DescribeAlarms", "{\"CompositeAlarms\":[],\"MetricAlarms\":[{\"AlarmName\":\"web-cpu\",\"AlarmArn\":\"arn:aws:"
	     "cloudwatch:eu-west-1:123456789012:alarm:web-cpu\",\"Namespace\":\"AWS/EC2\",\"MetricName\":\"CPUUtilization\","
	     "\"ExtendedStatistic\":\"p99\",\"Dimensions\":[{\"Name\":\"InstanceId\",\"Value\":\"i-1\"}],\"Period\":300,"
	     "\"EvaluationPeriods\":5,\"DatapointsToAlarm\":3,\"Threshold\":0.5,\"TreatMissingData\":\"notBreaching\","
	     "\"ComparisonOperator\":\"GreaterThanOrEqualToThreshold\"}]}");
	assert_int_equal(find("web-cpu", &alarm).err.kind, ERR_NONE);
	assert_string_equal(cloud.asked[0].body, "{\"AlarmNames\":[\"web-cpu\"],\"AlarmTypes\":[\"MetricAlarm\","
	                    "\"CompositeAlarm\"]}");
	assert_null(alarm.reason);
	assert_string_equal(alarm.name, "web-cpu");
	assert_string_equal(alarm.type, "metric");
	assert_string_equal(alarm.namespace_, "AWS/EC2");
	assert_string_equal(alarm.metric, "CPUUtilization");
	assert_string_equal(alarm.statistic, "p99");
	assert_string_equal(json_print(alarm.dimensions), "{\"InstanceId\":\"i-1\"}");
	assert_string_equal(alarm.comparison, ">=");
	assert_string_equal(alarm.missing_data, "notBreaching");
	assert_true(alarm.threshold == 0.5);
	assert_int_equal(alarm.period_s, 300);
	assert_int_equal(alarm.evaluation_periods, 5);
	assert_int_equal(alarm.datapoints_to_alarm, 3);
	fields_free(alarm_fields, &alarm);
}

static void a_composite_setting_is_its_rule(void **state)
{
	struct alarm alarm = { 0 };

	(void)state;
	says("DescribeAlarms", "{\"MetricAlarms\":[],\"CompositeAlarms\":[{\"AlarmName\":\"all\",\"AlarmRule\":\"ALARM(a)\"}]}");
	assert_int_equal(find("all", &alarm).err.kind, ERR_NONE);
	assert_string_equal(alarm.type, "composite");
	assert_string_equal(alarm.rule, "ALARM(a)");
	fields_free(alarm_fields, &alarm);
}

static void a_setting_that_is_not_there_is_no_alarm(void **state)
{
	struct alarm alarm = { .name = mem_copy_string("kept") };

	(void)state;
	says("DescribeAlarms", "{\"MetricAlarms\":[],\"CompositeAlarms\":[]}");
	assert_int_equal(find("gone", &alarm).err.kind, ERR_NOT_FOUND);
	says("DescribeAlarms", "{\"MetricAlarms\":7}");
	assert_int_equal(find("odd", &alarm).err.kind, ERR_RETRY);
	aws_world_answer("DescribeAlarms", 403, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	assert_int_equal(find("secret", &alarm).err.kind, ERR_REFUSED);
	assert_string_equal(alarm.name, "kept");
	fields_free(alarm_fields, &alarm);
}

/* --- history --- */

#define CHANGE(at, from, to) "{\"AlarmName\":\"web-cpu\",\"HistoryItemType\":\"StateUpdate\",\"Timestamp\":" #at \
	",\"HistorySummary\":\"Alarm updated from " from " to " to "\",\"HistoryData\":\"{\\\"version\\\":\\\"1.0\\\"," \
	"\\\"oldState\\\":{\\\"stateValue\\\":\\\"" from "\\\"},\\\"newState\\\":{\\\"stateValue\\\":\\\"" to "\\\"," \
	"\\\"stateReason\\\":\\\"because " to "\\\"}}\"}"

static void history_is_told_newest_first(void **state)
{
	struct aws_alarm_history found = { 0 };

	(void)state;
	says("DescribeAlarmHistory", "{\"AlarmHistoryItems\":[" CHANGE(1700000300, "ALARM", "OK") ","
	     CHANGE(1700000300.001, "OK", "ALARM") "],\"NextToken\":\"t\"}");
	says("DescribeAlarmHistory", "{\"AlarmHistoryItems\":[" CHANGE(1700000000.5, "OK", "ALARM") ","
	     CHANGE(1700000000.499, "ALARM", "OK") ",{\"Timestamp\":1700000200,\"HistoryData\":\"{\\\"cut\",\"HistorySummary\":"
	     "\"Alarm updated from INSUFFICIENT_DATA to OK. Metric alarm evaluated.\"},{\"Timestamp\":1700000250,"
	     "\"HistorySummary\":\"strange\"}]}");
	assert_int_equal(history(1700000000500, 1700000300001, &found).err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "GraniteServiceVersion20100801.DescribeAlarmHistory");
	assert_string_equal(cloud.asked[0].body, "{\"AlarmName\":\"web-cpu\",\"AlarmTypes\":[\"MetricAlarm\","
	                    "\"CompositeAlarm\"],\"HistoryItemType\":\"StateUpdate\",\"StartDate\":1700000000,\"EndDate\":"
	                    "1700000301,\"ScanBy\":\"TimestampDescending\",\"MaxRecords\":100}");
	assert_int_equal(found.count, 3);
	assert_int_equal(found.items[0].at_ms, 1700000300000);
	assert_string_equal(found.items[0].from, "ALARM");
	assert_string_equal(found.items[0].to, "OK");
	assert_string_equal(found.items[0].reason, "because OK");
	assert_string_equal(found.items[1].from, "INSUFFICIENT_DATA"); /* by the summary: the data were cut */
	assert_string_equal(found.items[1].to, "OK");
	assert_null(found.items[1].reason);
	assert_int_equal(found.items[2].at_ms, 1700000000500);
	assert_false(found.more);
	aws_alarm_history_free(&found);
}

static void an_unknown_alarm_has_no_history(void **state)
{
	struct aws_alarm_history found = { 0 };

	(void)state;
	says("DescribeAlarmHistory", "{\"AlarmHistoryItems\":[]}");
	assert_int_equal(history(0, 1, &found).err.kind, ERR_NONE);
	assert_int_equal(found.count, 0);
	aws_alarm_history_free(&found);
	says("DescribeAlarmHistory", "[]");
	assert_int_equal(history(0, 1, &found).err.kind, ERR_RETRY);
}

static void history_is_bounded(void **state)
{
	struct aws_alarm_history found = { 0 };
	struct str page;

	(void)state;
	str_init(&page, 4u << 20);
	str_add(&page, "{\"AlarmHistoryItems\":[");
	for (unsigned i = 0; i <= ALARMS_HISTORY_MAX; i++)
		str_addf(&page, "%s{\"Timestamp\":%u,\"HistorySummary\":\"Alarm updated from OK to ALARM\"}", i > 0 ? "," : "",
		         1000 + i);
	str_add(&page, "]}");
	says("DescribeAlarmHistory", page.text);
	str_free(&page);
	assert_int_equal(history(0, 10000000, &found).err.kind, ERR_NONE);
	assert_int_equal(found.count, ALARMS_HISTORY_MAX);
	assert_true(found.more);
	assert_true(found.items[0].at_ms > found.items[1].at_ms);
	aws_alarm_history_free(&found);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(alarms_of_both_kinds_are_listed_by_name),
		T(rules_are_told_of_formulas_and_bands),
		T(pages_are_joined_and_names_sorted),
		T(a_page_that_leads_to_itself_ends_the_list),
		T(what_came_before_a_failure_is_told),
		T(a_first_page_that_fails_is_the_error),
		T(answers_are_bounded),
		T(a_setting_is_found_by_the_very_name),
		T(a_composite_setting_is_its_rule),
		T(a_setting_that_is_not_there_is_no_alarm),
		T(history_is_told_newest_first),
		T(an_unknown_alarm_has_no_history),
		T(history_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
