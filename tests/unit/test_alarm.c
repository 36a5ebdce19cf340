/* CloudWatch alarms by SNS, EventBridge and Lambda action: one normalised event. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/events.h"

/* ---- alarms by SNS ---- */

#define SNS_HEAD(state) \
	"\"AlarmName\":\"cpu\",\"AWSAccountId\":\"123456789012\",\"NewStateValue\":\"" state "\"," \
	"\"OldStateValue\":\"OK\",\"StateChangeTime\":\"2026-03-06T20:00:00.640+0000\"," \
	"\"Region\":\"EU (Ireland)\",\"AlarmDescription\":\"\""
#define CROSSED(datapoints)                                                                        \
	"\"NewStateReason\":\"Threshold Crossed: 2 out of the last 3 datapoints [" datapoints          \
	"] were greater "                                                                              \
	"than the threshold (80.0) (minimum 2 datapoints for OK -> ALARM transition).\""
#define TRIGGER(unit, rest)                                                                                     \
	"\"Trigger\":{\"MetricName\":\"CPUUtilization\",\"Namespace\":\"AWS/EC2\",\"StatisticType\":\"Statistic\"," \
	"\"Statistic\":\"AVERAGE\",\"Unit\":" unit                                                                  \
	",\"Dimensions\":[{\"value\":\"i-1\",\"name\":\"InstanceId\"}],"                                            \
	"\"Period\":300,\"EvaluationPeriods\":3,\"DatapointsToAlarm\":2,"                                           \
	"\"ComparisonOperator\":\"GreaterThanThreshold\",\"Threshold\":80.0" rest "}"
#define THREE "70.0 (06/03/26 19:55:00), 93.125 (06/03/26 19:50:00), 99.0 (06/03/26 19:45:00)"

static void reads_a_plain_alarm(void **state)
{
	struct alarm *a =
		parse_alarm("{" SNS_HEAD("ALARM") "," CROSSED(THREE) "," TRIGGER("\"Percent\"", "") "}");
	char *url = alarm_console_url(a);

	(void)state;
	assert_text(a->name, "cpu");
	assert_text(a->arn,
	            "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu"); /* made: old message */
	assert_text(a->account, "123456789012");
	assert_text(a->region, "eu-west-1"); /* of the topic, not the display name */
	assert_text(a->state, "ALARM");
	assert_text(a->old_state, "OK");
	assert_text(a->description, NULL);
	assert_text(a->type, "metric");
	assert_text(a->statistic, "Average");
	assert_text(a->unit, "Percent");
	assert_text(a->comparison, ">");
	assert_text(a->via, "SNS");
	assert_number(a->threshold, 80);
	assert_number(a->value, 93.125); /* the newest that breached, not the newest */
	assert_int_equal(a->period_s, 300);
	assert_int_equal(a->evaluation_periods, 3);
	assert_int_equal(a->datapoints_to_alarm, 2);
	assert_text(a->missing_data, NULL); /* as missing */
	assert_json(a->dimensions, "{\"InstanceId\":\"i-1\"}");
	assert_time(a->changed_ms, "2026-03-06T20:00:00.640Z");
	assert_condition(a, "CPUUtilization 93.12 % > 80 % (Average over 5 min, 2 of 3)");
	assert_key(a, "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu|1772827200640|ALARM");
	assert_text(url, "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
	                 "#alarmsV2:alarm/cpu");
	free(url);
}

static void knows_what_missing_data_means(void **state)
{
	static const char *const rows[][2] = {
		{ "\"missing\"", NULL }, { "\"\"", NULL }, { "7", NULL }, { "\"notBreaching\"", "notBreaching" },
		{ "\"- TreatMissingData:                    Breaching\"", "breaching" }, { "\"ignore\"", "ignore" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text;

		str_init(&text, 4096);
		str_addf(&text, "{" SNS_HEAD("ALARM") "," CROSSED(THREE) "," TRIGGER("null", ",\"TreatMissingData\":%s")
		         "}", rows[i][0]);
		assert_text(parse_alarm(text.text)->missing_data, rows[i][1]);
		str_free(&text);
	}
}

static void shows_the_newest_value_when_it_is_over(void **state)
{
	struct alarm *a =
		parse_alarm("{" SNS_HEAD("OK") "," CROSSED(THREE) "," TRIGGER("null", "") "}");

	(void)state;
	assert_number(a->value, 70);
	assert_text(a->unit, NULL);
	assert_condition(a, "CPUUtilization 70, not > 80 (Average over 5 min, 2 of 3)");
}

static void reads_no_data_and_odd_reasons(void **state)
{
	struct alarm *a = parse_alarm("{" SNS_HEAD(
		"INSUFFICIENT_DATA") ",\"NewStateReason\":\"Insufficient Data: 3 "
	                         "datapoints were unknown.\"," TRIGGER("\"None\"", "") "}");

	(void)state;
	assert_text(a->state, "INSUFFICIENT_DATA");
	assert_number(a->value, (double)NAN);
	assert_condition(a, "Insufficient Data: 3 datapoints were unknown.");
	a = parse_alarm(
		"{" SNS_HEAD("ALARM") ",\"NewStateReason\":\"I set it: [5 (01/01/20 00:00:00)]\"," TRIGGER(
			"\"None\"", "") "}");
	assert_number(a->value, (double)NAN); /* SetAlarmState may say anything */
	a = parse_alarm("{" SNS_HEAD("ALARM") "}");
	assert_text(a->type, "unknown");
	assert_condition(a, "no reason given");
}

/* A CPUUtilization alarm over 80; NaN = no value. The strings are only read. */
static struct alarm cpu_alarm(const char *alarm_state, double value, const char *reason)
{
	return (struct alarm){
		.state = (char *)(uintptr_t)alarm_state,
		.metric = (char *)(uintptr_t)"CPUUtilization",
		.comparison = (char *)(uintptr_t)">",
		.threshold = 80,
		.value = value,
		.reason = (char *)(uintptr_t)reason,
	};
}

static void claims_no_comparison_that_does_not_hold(void **state)
{
	static const struct {
		const char *comparison, *state;
		double value;
		const char *reason, *condition;
	} cases[] = {
		/* without a value, only the reason */
		{ ">", "INSUFFICIENT_DATA", (double)NAN, "unknown\nmore", "unknown" },
		{ ">", "INSUFFICIENT_DATA", (double)NAN, NULL, "no data for CPUUtilization" },
		{ ">", "INSUFFICIENT_DATA", 93, NULL, "no data for CPUUtilization" },
		{ ">", "INSUFFICIENT_DATA", 70, "unknown", "unknown" },
		{ ">", "OK", (double)NAN, " \r\n by hand\nmore", "by hand" },
		{ ">", "OK", (double)NAN, NULL, "no reason given" },
		{ ">", "OK", (double)INFINITY, "by hand", "by hand" },
		/* OK with a value: at the threshold, beyond it (1 of 3), or of a band not kept here */
		{ ">", "OK", 80, "by hand", "CPUUtilization 80, not > 80" },
		{ ">=", "OK", 80, "2 of 3 were not", "2 of 3 were not" },
		{ "<", "OK", 80, "by hand", "CPUUtilization 80, not < 80" },
		{ "<=", "OK", 80, "2 of 3 were not", "2 of 3 were not" },
		{ ">", "OK", 93, "2 of 3 were not", "2 of 3 were not" },
		{ "<", "OK", 70, NULL, "no reason given" },
		{ "outside", "OK", 70, "in the band", "in the band" },
		/* ALARM: missing data may breach as well */
		{ ">", "ALARM", 93, "by hand", "CPUUtilization 93 > 80" },
		{ ">=", "ALARM", 80, "by hand", "CPUUtilization 80 >= 80" },
		{ "<=", "ALARM", 80, "by hand", "CPUUtilization 80 <= 80" },
		{ ">", "ALARM", 80, "missing: [Breaching]", "missing: [Breaching]" },
		{ "<", "ALARM", 93, NULL, "CPUUtilization < 80" },
		{ ">", "ALARM", (double)NAN, "by hand", "by hand" },
		{ ">", "ALARM", (double)NAN, NULL, "CPUUtilization > 80" },
		{ "outside", "ALARM", 70, "x", "CPUUtilization 70 outside its expected band" },
	};
	char long_reason[5000] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct alarm a = cpu_alarm(cases[i].state, cases[i].value, cases[i].reason);

		a.comparison = (char *)(uintptr_t)cases[i].comparison;
		assert_condition(&a, cases[i].condition);
	}
	memset(long_reason, 'x', sizeof(long_reason) - 1);
	const struct alarm a = cpu_alarm("OK", (double)NAN, long_reason);
	char *condition = alarm_condition(&a);

	assert_in_range(strlen(condition), 900, 1010);
	free(condition);
}

static void reads_other_spellings(void **state)
{
	struct alarm *a = parse_alarm("{" SNS_HEAD(
		"ALARM") ",\"Trigger\":{\"MetricName\":\"Latency\",\"Namespace\":\"App\",\"StatisticType\":"
	             "\"ExtendedStatistic\",\"ExtendedStatistic\":\"p99.9\",\"Dimensions\":[{\"Name\":\"a.b\",\"Value\":\"x\"},"
	             "{\"name\":\"n\"}],\"Period\":60,\"EvaluationPeriods\":1,\"ComparisonOperator\":"
	             "\"LessThanOrEqualToThreshold\",\"Threshold\":1}}");

	(void)state;
	assert_text(a->statistic, "p99.9");
	assert_text(a->comparison, "<=");
	assert_json(a->dimensions, "{\"a.b\":\"x\"}");
	assert_number(a->threshold, 1);
	a = parse_alarm(
		"{" SNS_HEAD("ALARM") ",\"Trigger\":{\"MetricName\":\"m\",\"Dimensions\":[],\"Statistic\":"
							  "\"SAMPLECOUNT\"}}");
	assert_text(a->statistic, "SampleCount");
	assert_json(a->dimensions, NULL);
}

static void reads_an_anomaly_alarm(void **state)
{
	struct alarm *a = parse_alarm("{" SNS_HEAD(
		"ALARM") ",\"NewStateReason\":\"Thresholds Crossed: 1 out of the last 1 datapoints [0.5 "
	             "(06/03/26 19:55:00)] was less than the lower thresholds [1.0] or greater than the upper thresholds [2.0] "
	             "(minimum 1 datapoint for OK -> ALARM transition).\",\"Trigger\":{\"Period\":60,\"EvaluationPeriods\":1,"
	             "\"ComparisonOperator\":\"LessThanLowerOrGreaterThanUpperThreshold\",\"ThresholdMetricId\":\"ad1\","
	             "\"Metrics\":[{\"Id\":\"ad1\",\"Expression\":\"ANOMALY_DETECTION_BAND(m1, 2)\",\"ReturnData\":true},"
	             "{\"Id\":\"m1\",\"MetricStat\":{\"Metric\":{\"Dimensions\":[{\"value\":\"q\",\"name\":\"Queue\"}],"
	             "\"MetricName\":\"Depth\",\"Namespace\":\"AWS/SQS\"},\"Period\":60,\"Stat\":\"Sum\"},\"ReturnData\":true}]}}");

	(void)state;
	assert_text(a->type, "anomaly");
	assert_text(a->metric, "Depth");
	assert_text(a->namespace_, "AWS/SQS");
	assert_text(a->statistic, "Sum");
	assert_text(a->comparison, "outside");
	assert_number(a->threshold, (double)NAN);
	assert_number(a->value, 0.5);
	assert_int_equal(json_count(a->metrics), 2);
	assert_condition(a, "Depth 0.5 outside its expected band (Sum over 1 min)");
}

static void keeps_what_is_common_to_a_formula(void **state)
{
	struct alarm *a = parse_alarm("{" SNS_HEAD(
		"ALARM") ",\"Trigger\":{\"Period\":60,\"EvaluationPeriods\":1,\"ComparisonOperator\":"
	             "\"GreaterThanThreshold\",\"Threshold\":5,\"Metrics\":[{\"Id\":\"a\",\"MetricStat\":{\"Metric\":{\"Dimensions\":"
	             "[{\"name\":\"Host\",\"value\":\"h\"},{\"name\":\"Disk\",\"value\":\"1\"}],\"MetricName\":\"x\",\"Namespace\":\"N\"},"
	             "\"Stat\":\"Sum\"},\"ReturnData\":false},{\"Id\":\"b\",\"MetricStat\":{\"Metric\":{\"Dimensions\":[{\"name\":"
	             "\"Host\",\"value\":\"h\"},{\"name\":\"Disk\",\"value\":\"2\"}],\"MetricName\":\"y\",\"Namespace\":\"M\"},\"Stat\":"
	             "\"Sum\"},\"ReturnData\":false},{\"Id\":\"e\",\"Expression\":\"a/b\",\"ReturnData\":true}]}}");

	(void)state;
	assert_text(a->type, "math");
	assert_text(a->metric, "a/b");
	assert_text(a->namespace_, NULL);
	assert_text(a->statistic, NULL);
	assert_json(a->dimensions, "{\"Host\":\"h\"}");
	assert_condition(a, "a/b > 5 (over 1 min)");
}

static void reads_composite_alarms(void **state)
{
	struct alarm *a = parse_alarm("{" SNS_HEAD(
		"ALARM") ",\"AlarmArn\":\"arn:aws:cloudwatch:us-west-2:210987654321:alarm:web\",\"OldStateValue\":"
	             "\"ALARM\",\"AlarmRule\":\"ALARM(a) OR ALARM(b)\",\"TriggeringChildren\":[{\"Arn\":"
	             "\"arn:aws:cloudwatch:us-west-2:1:alarm:a\",\"State\":{\"Value\":\"ALARM\",\"Timestamp\":\"x\"}},{\"Arn\":"
	             "\"arn:aws:cloudwatch:us-west-2:1:alarm:b: c\"},{}]}");

	(void)state;
	assert_text(a->type, "composite");
	assert_text(a->region, "us-west-2"); /* the ARN's, before the topic's */
	assert_text(a->account, "123456789012");
	assert_text(a->state, a->old_state); /* composites notify again: ALARM to ALARM */
	assert_text(a->rule, "ALARM(a) OR ALARM(b)");
	assert_int_equal(json_count(a->children), 2);
	assert_condition(a, "a is ALARM, b: c is ?");
	a = parse_alarm("{" SNS_HEAD("ALARM") ",\"NewStateReason\":\"because\",\"AlarmRule\":\"TRUE\","
	                "\"TriggeringChildren\":[]}");
	assert_text(a->type, "composite");
	assert_json(a->children, NULL);
	assert_condition(a, "because");
}

static void names_some_children_of_many(void **state)
{
	struct str s;
	char *condition;

	(void)state;
	str_init(&s, 1u << 20);
	str_add(&s, "{" SNS_HEAD("ALARM") ",\"AlarmRule\":\"x\",\"TriggeringChildren\":[");
	for (int i = 0; i < 600; i++)
		str_addf(&s, "%s{\"Arn\":\"arn:aws:cloudwatch:us-west-2:1:alarm:%0120d\"}",
		         i > 0 ? "," : "", i);
	str_add(&s, "]}");
	assert_int_equal(json_count(parse_alarm(s.text)->children), 500);
	condition = alarm_condition(event.alarm);
	assert_non_null(strstr(condition, " and 495 more"));
	free(condition);
	str_free(&s);
}

static void reads_promql_leniently(void **state)
{
	struct alarm *a = parse_alarm(
		"{" SNS_HEAD("ALARM") ",\"Trigger\":{\"EvaluationCriteria\":{\"PromQLCriteria\":"
							  "{\"Query\":\"up == 0\"}}}}");

	(void)state;
	assert_text(a->type, "promql");
	assert_text(a->metric, "up == 0");
	assert_condition(a, "no reason given");
	a = parse_alarm(
		"{\"detail-type\":\"CloudWatch Alarm State Change\",\"detail\":{\"alarmName\":\"p\",\"state\":"
		"{\"value\":\"OK\"},\"configuration\":{\"evaluationCriteria\":{\"promQLCriteria\":{\"query\":\"up\"}}}}}");
	assert_text(a->type, "promql");
	assert_text(a->metric, "up");
	assert_true(a->changed_ms == EVENTS_SENT_MS);
}

/* ---- alarms by EventBridge ---- */

#define EB(detail)                                                                                                   \
	"{\"detail-type\":\"CloudWatch Alarm State Change\",\"source\":\"aws.cloudwatch\",\"account\":\"123456789012\"," \
	"\"time\":\"2026-03-06T20:00:00Z\",\"region\":\"eu-west-1\",\"resources\":"                                      \
	"[\"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu\"],\"detail\":" detail "}"

static void finds_the_same_change_by_both_paths(void **state)
{
	struct alarm *a = parse_alarm(EB(
		"{\"alarmName\":\"cpu\",\"previousState\":{\"value\":\"OK\"},\"state\":{\"value\":\"ALARM\",\"timestamp\":"
		"\"2026-03-06T20:00:00.640+0000\",\"reason\":\"Threshold Crossed: 2 out of the last 3 datapoints [" THREE
		"] were greater than the threshold (80.0) (minimum 2 datapoints for OK -> ALARM transition).\",\"reasonData\":"
		"\"{\\\"period\\\":300,\\\"unit\\\":\\\"Percent\\\",\\\"threshold\\\":80.0,\\\"recentDatapoints\\\":"
		"[99.0,93.125,70.0]}\"},\"configuration\":{\"description\":\"d\",\"metrics\":[{\"id\":\"m\",\"metricStat\":"
		"{\"metric\":{\"namespace\":\"AWS/EC2\",\"name\":\"CPUUtilization\",\"dimensions\":{\"InstanceId\":\"i-1\"}},"
		"\"period\":300,\"stat\":\"Average\"},\"returnData\":true}]}}"));
	struct event other = event;
	char *condition;

	(void)state;
	assert_key(a, "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu|1772827200640|ALARM");
	condition = alarm_condition(a);
	event = (struct event){ 0 };
	assert_condition(
		parse_alarm("{" SNS_HEAD("ALARM") "," CROSSED(THREE) "," TRIGGER("\"Percent\"", "") "}"),
		condition);
	assert_key(event.alarm,
	           "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:cpu|1772827200640|ALARM");
	assert_true(alarm_merge(event.alarm, other.alarm));
	assert_text(event.alarm->description, "d");
	assert_text(event.alarm->via, "SNS");
	assert_false(alarm_merge(event.alarm, other.alarm));
	free(condition);
	event_free(&other);
}

static bool is_of_one_change(const char *name)
{
	static const char *const names[] = { "state", "old_state", "reason", "changed_ms", "value",
		                                 "children", "suppressed_by", "via" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Every member set, or all but those of one change. */
static struct alarm full_alarm(bool identity_only)
{
	struct json_object *json = json_new_object();
	struct alarm alarm = { 0 };

	for (const struct field *f = alarm_fields; f->name != NULL; f++) {
		if (identity_only && is_of_one_change(f->name))
			continue;
		if (f->type == FIELD_STRING)
			json_put_string(json, f->name, f->name);
		else if (f->type == FIELD_JSON)
			json_put(json, f->name, json_new_object());
		else if (f->type == FIELD_NUMBER)
			json_put_number(json, f->name, 7);
		else
			json_put_int(json, f->name, 7);
	}
	fields_load(alarm_fields, &alarm, json);
	json_free(json);
	return alarm;
}

static void assert_same(const struct alarm *a, const struct alarm *b)
{
	struct json_object *one = fields_save(alarm_fields, a), *other = fields_save(alarm_fields, b);

	assert_string_equal(json_print(one), json_print(other));
	json_free(one);
	json_free(other);
}

static void merges_only_the_identity_of_another_change(void **state)
{
	struct alarm all = full_alarm(false), identity = full_alarm(true), into = { 0 };

	(void)state;
	into.threshold = into.value = (double)NAN;
	mem_set_string(&into.type, "unknown");
	assert_true(alarm_merge_identity(&into, &all));
	assert_same(&into, &identity);
	assert_false(alarm_merge_identity(&into, &all));
	assert_true(alarm_merge(&into, &all)); /* the same change: the rest as well */
	assert_same(&into, &all);
	assert_false(alarm_merge(&into, &all));
	fields_free(alarm_fields, &all);
	fields_free(alarm_fields, &identity);
	fields_free(alarm_fields, &into);
}

/* reasonData as its JSON text inside the event. */
static double value_of(const char *state, const char *reason_data)
{
	struct str s;

	str_init(&s, 1u << 16);
	str_addf(
		&s,
		"{\"detail-type\":\"CloudWatch Alarm State Change\",\"detail\":{\"alarmName\":\"a\",\"state\":{"
		"\"value\":\"%s\",\"reason\":\"Threshold Crossed: were greater than the threshold (10.0)\","
		"\"reasonData\":",
		state);
	str_add_json(&s, reason_data, strlen(reason_data));
	str_add(&s, "}}}");
	(void)parse_alarm(s.text);
	str_free(&s);
	return event.alarm->value;
}

static void picks_the_datapoint(void **state)
{
	(void)state;
	assert_number(value_of("ALARM", "{\"recentDatapoints\":[20,30,5]}"), 30);
	assert_number(value_of("OK", "{\"recentDatapoints\":[20,30,5]}"), 5);
	assert_number(value_of("ALARM", "{\"recentDatapoints\":[1,2,3]}"), 3);
	assert_number(value_of("ALARM", "{\"recentDatapoints\":[1,null,\"x\"]}"), 1);
	assert_number(value_of("ALARM", "{\"recentDatapoints\":[20,30],\"evaluatedDatapoints\":["
	                       "{\"timestamp\":\"2026-03-06T20:02:00.000+0000\"},"
	                       "{\"timestamp\":\"2026-03-06T20:01:00.000+0000\",\"value\":30},"
	                       "{\"timestamp\":\"2026-03-06T20:00:00.000+0000\",\"value\":20}]}"), 30);
	assert_number(value_of("ALARM", "{\"recentDatapoints\":[]}"), (double)NAN);
	assert_number(value_of("ALARM", "not JSON"), (double)NAN);
	assert_number(value_of("ALARM", "{\"threshold\":50,\"recentDatapoints\":[60,20]}"), 60);
	assert_number(event.alarm->threshold, 50);
}

static void tells_suppression_and_mutes(void **state)
{
	(void)state;
	assert_text(
		parse_alarm(
			EB("{\"alarmName\":\"c\",\"state\":{\"value\":\"ALARM\",\"actionsSuppressedBy\":\"Alarm\"},"
	           "\"configuration\":{\"alarmRule\":\"x\"}}"))
			->suppressed_by,
		"Alarm");
	assert_text(
		parse_alarm(
			EB("{\"alarmName\":\"c\",\"state\":{\"value\":\"ALARM\"},\"muteDetail\":{\"mutedByArn\":"
	           "\"arn:aws:cloudwatch:eu-west-1:1:alarm-mute-rule:night\",\"muteWindowEnd\":\"06:00\"}}"))
			->suppressed_by,
		"muted by rule night until 06:00");
}

static void reads_a_lambda_action(void **state)
{
	struct alarm *a = parse_alarm(
		"{\"source\":\"aws.cloudwatch\",\"alarmArn\":\"arn:aws:cloudwatch:us-east-1:444455556666:alarm:lambda\","
		"\"accountId\":\"444455556666\",\"time\":\"2023-08-04T12:36:15.490+0000\",\"region\":\"us-east-1\",\"alarmData\":"
		"{\"alarmName\":\"lambda\",\"state\":{\"value\":\"ALARM\",\"timestamp\":\"2023-08-04T12:36:15.490+0000\"},"
		"\"previousState\":{\"value\":\"INSUFFICIENT_DATA\"},\"configuration\":{\"metrics\":[]}}}");

	(void)state;
	assert_text(a->arn, "arn:aws:cloudwatch:us-east-1:444455556666:alarm:lambda");
	assert_text(a->account, "444455556666");
	assert_text(a->old_state, "INSUFFICIENT_DATA");
	assert_time(a->changed_ms, "2023-08-04T12:36:15.490Z");
}

/* One series of an alarm over many must not open or end the alarm's own incident. */
static void tells_series_from_alarms(void **state)
{
	struct notice *n = parse_notice(
		"{\"detail-type\":\"CloudWatch Alarm Contributor State Change\",\"source\":\"aws.cloudwatch\",\"detail\":"
		"{\"alarmName\":\"many\",\"alarmContributor\":{\"id\":\"6d44\",\"attributes\":{\"TableName\":\"orders\"}},"
		"\"state\":{\"value\":\"ALARM\",\"reason\":\"it crossed\"}}}");

	(void)state;
	assert_text(n->title, "Alarm many: one of its series is ALARM");
	assert_text(n->text, "it crossed");
	assert_text(detail(n, "TableName"), "orders");
	assert_text(n->severity, "warning");
	n = parse_notice("{" SNS_HEAD(
		"OK") ",\"AlarmContributorId\":\"6d44\",\"AlarmContributorAttributes\":{\"a\":\"b\"}}");
	assert_text(n->title, "Alarm cpu: one of its series is OK");
	assert_text(detail(n, "a"), "b");
}

/* ---- bounds ---- */

static char *long_alarm(char last)
{
	struct str s;

	str_init(&s, 1u << 20);
	str_add(&s, "{\"AlarmName\":\"");
	for (int i = 0; i < 100000; i++)
		str_add_char(&s, 'n');
	str_add_char(&s, last);
	str_add(
		&s,
		"\",\"AWSAccountId\":\"123456789012\",\"NewStateValue\":\"ALARM\",\"NewStateReason\":\"");
	for (int i = 0; i < 50000; i++)
		str_add(&s, "\xC3\xA9");
	str_add(&s, "\"}");
	return str_take(&s);
}

static void bounds_long_names_without_mixing_them(void **state)
{
	char *one = long_alarm('a'), *two = long_alarm('b'), *first, *again, *second;

	(void)state;
	first = alarm_change_key(parse_alarm(one));
	assert_true(strlen(event.alarm->name) <= 1000);
	assert_true(strlen(event.alarm->reason) < 4200);
	assert_non_null(strstr(event.alarm->reason, "bytes cut)"));
	assert_true(str_utf8_valid(event.alarm->reason, strlen(event.alarm->reason)));
	assert_true(strlen(first) <= 450);
	again = alarm_change_key(parse_alarm(one));
	second = alarm_change_key(parse_alarm(two));
	assert_string_equal(first, again);
	assert_string_not_equal(first, second);
	free(one);
	free(two);
	free(first);
	free(again);
	free(second);
}

static void survives_saving(void **state)
{
	struct alarm copy = { 0 };
	struct json_object *saved, *again;

	(void)state;
	saved = fields_save(alarm_fields, parse_alarm("{" SNS_HEAD("ALARM") "," CROSSED(THREE) ","
	                                              TRIGGER("\"Percent\"", "") "}"));
	fields_load(alarm_fields, &copy, saved);
	again = fields_save(alarm_fields, &copy);
	assert_string_equal(json_print(saved), json_print(again));
	assert_string_equal(json_string(saved, "namespace"), "AWS/EC2");
	fields_free(alarm_fields, &copy);
	json_free(saved);
	json_free(again);
}

static void knows_no_alarm_where_there_is_none(void **state)
{
	static const char *const others[] = {
		"{\"AlarmName\":\"a\",\"NewStateValue\":\"BROKEN\"}",
		"{\"AlarmName\":\"\",\"NewStateValue\":\"ALARM\"}",
		"{\"AlarmName\":7,\"NewStateValue\":\"ALARM\"}",
		"{\"NewStateValue\":\"ALARM\"}",
		EB("{\"state\":{\"value\":\"ALARM\"}}"),
		EB("{\"alarmName\":\"a\"}"),
		EB("7"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_non_null(parse_notice(others[i])->raw);
}

#define TEST(name) cmocka_unit_test_teardown(name, free_event)

static void links_to_names_with_odd_characters(void **state)
{
	char name[] = "ecs/up scale#1", region[] = "us-east-1";
	const struct alarm alarm = { .name = name, .region = region };
	char *url = alarm_console_url(&alarm);

	(void)state;
	assert_string_equal(url, "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
	                         "#alarmsV2:alarm/ecs$2Fup%20scale%231");
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_a_plain_alarm),
		TEST(knows_what_missing_data_means),
		TEST(links_to_names_with_odd_characters),
		TEST(shows_the_newest_value_when_it_is_over),
		TEST(reads_no_data_and_odd_reasons),
		TEST(claims_no_comparison_that_does_not_hold),
		TEST(reads_other_spellings),
		TEST(reads_an_anomaly_alarm),
		TEST(keeps_what_is_common_to_a_formula),
		TEST(reads_composite_alarms),
		TEST(names_some_children_of_many),
		TEST(reads_promql_leniently),
		TEST(finds_the_same_change_by_both_paths),
		TEST(merges_only_the_identity_of_another_change),
		TEST(picks_the_datapoint),
		TEST(tells_suppression_and_mutes),
		TEST(reads_a_lambda_action),
		TEST(tells_series_from_alarms),
		TEST(bounds_long_names_without_mixing_them),
		TEST(survives_saving),
		TEST(knows_no_alarm_where_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
