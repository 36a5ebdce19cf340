/* Noisy alarms: ranked by the incidents, read from CloudWatch, judged, told. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/bot.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/incident_history.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "commands/summary_noise.h"
#include "commands/summary_noise_private.h"
#include "tests/unit/support/tool_world.h"

#define MINUTE 60000LL
#define DAY (1440 * MINUTE)
#define NOW (TOOL_WORLD_NOW - TOOL_WORLD_NOW % MINUTE)
#define FROM (NOW - DAY)
#define LATE (90 * 1000LL) /* of the record behind the metric */

static struct summary_noise *noise;

static int set_up(void **state)
{
	noise = NULL;
	(void)tool_world_begin(state);
	cloud.config.incidents.reopen_within_ms = 30 * MINUTE;
	return 0;
}

static int tear_down(void **state)
{
	summary_noise_free(noise);
	return tool_world_end(state);
}

/* --- what was recorded --- */

static struct alarm plain(const char *name)
{
	struct alarm alarm = { .threshold = 5, .value = (double)NAN, .period_s = 60, .evaluation_periods = 1,
	                       .datapoints_to_alarm = 1, .dimensions = json_new_object() };

	mem_set_string(&alarm.name, name);
	mem_set_string(&alarm.region, "eu-west-1"); /* our own account */
	mem_set_string(&alarm.type, "metric");
	mem_set_string(&alarm.namespace_, "Shop");
	mem_set_string(&alarm.metric, "Latency");
	mem_set_string(&alarm.statistic, "Average");
	mem_set_string(&alarm.comparison, ">");
	json_put_string(alarm.dimensions, "Api", name);
	return alarm;
}

static struct incident *change(struct alarm *alarm, const char *state, int64_t at_ms)
{
	struct incident *incident;

	mem_set_string(&alarm->state, state);
	alarm->changed_ms = at_ms;
	(void)incidents_apply(cloud.bot.incidents, alarm, false, &incident);
	return incident;
}

/* `count` firings of two minutes, an hour apart, from so many minutes behind FROM on. */
static struct incident *fire(const char *name, int64_t minute, size_t count)
{
	struct alarm alarm = plain(name);
	struct incident *incident = NULL;

	for (size_t i = 0; i < count; i++) {
		int64_t at_ms = FROM + (minute + (int64_t)i * 60) * MINUTE + LATE;

		(void)change(&alarm, "ALARM", at_ms);
		incident = change(&alarm, "OK", at_ms + 2 * MINUTE);
	}
	fields_free(alarm_fields, &alarm);
	return incident;
}

static void rank(void)
{
	summary_noise_free(noise);
	noise = summary_noise_new(&cloud.bot, FROM, NOW);
}

static void the_noisiest_come_first(void **state)
{
	(void)state;
	fire("before", -400, 6); /* five before, one since */
	fire("twice", 100, 2);
	fire("thrice", 100, 3);
	fire("often", 100, 7);
	fire("again", 100, 3);
	rank();
	assert_int_equal(noise->count, 3);
	assert_string_equal(noise->rows[0].alarm, "often");
	assert_int_equal(noise->rows[0].firings, 7);
	assert_string_equal(noise->rows[1].alarm, "again");
	assert_string_equal(noise->rows[2].alarm, "thrice");
	assert_int_equal(noise->rows[2].firings, 3);
	assert_string_equal(noise->rows[2].fingerprint, "-/eu-west-1/thrice");
	assert_int_equal(noise->left_out, 0);
	fire("x", 100, 4);
	fire("y", 100, 4);
	fire("z", 100, 4);
	rank();
	assert_int_equal(noise->count, SUMMARY_NOISE_MAX);
	assert_int_equal(noise->left_out, 1);
	assert_string_equal(noise->rows[4].alarm, "again");
}

static void firings_are_counted_over_incidents_and_within_one(void **state)
{
	struct alarm alarm = plain("flaps");
	struct incident *incident;

	(void)state;
	(void)fire("flaps", 60, 3); /* an incident each, for an hour lies between them */
	for (int64_t i = 0; i < 40; i++) /* and one that flaps */
		incident = change(&alarm, i % 2 == 0 ? "ALARM" : "OK", FROM + (400 + i * 4) * MINUTE);
	rank();
	assert_int_equal(noise->count, 1);
	assert_int_equal(noise->rows[0].firings, 23);
	assert_string_equal(noise->rows[0].incident, incident->id);
	assert_int_equal(noise->rows[0].past->seen[3].to_ms - noise->rows[0].past->seen[3].from_ms, 4 * MINUTE);
	assert_int_equal(noise->rows[0].past->since_ms, FROM + 50 * MINUTE + LATE); /* nobody listened before */
	/* It sends no OK: each ALARM is another one; and one without data is none. */
	(void)change(&alarm, "ALARM", FROM + 700 * MINUTE);
	(void)change(&alarm, "ALARM", FROM + 710 * MINUTE);
	(void)change(&alarm, "INSUFFICIENT_DATA", FROM + 720 * MINUTE);
	rank();
	assert_int_equal(noise->rows[0].firings, 25);
	assert_int_equal(noise->rows[0].past->seen[23].to_ms, FROM + 710 * MINUTE);
	assert_int_equal(noise->rows[0].past->seen[24].to_ms, FROM + 720 * MINUTE);
	fields_free(alarm_fields, &alarm);
}

/* Of six firings in one incident, those that somebody did something about. */
static void what_people_did_belongs_to_a_firing(void **state)
{
	struct alarm alarm = plain("a");
	struct incident *incident = NULL;
	const struct noise_seen *seen;

	(void)state;
	for (int64_t i = 0; i < 12; i++)
		incident = change(&alarm, i % 2 == 0 ? "ALARM" : "OK", NOW - (100 - i * 4) * MINUTE);
	mem_set_string(&incident->holder, "U1");
	incident->held_ms = NOW - 90 * MINUTE; /* the second fires */
	rank();
	seen = noise->rows[0].past->seen;
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(seen[i].acted, i == 1);
	incident_acted(cloud.bot.incidents, incident); /* now: after the last */
	rank();
	seen = noise->rows[0].past->seen;
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(seen[i].acted, i == 1 || i == 5);
	/* An earlier version did not note when. */
	mem_set_string(&incident->holder, NULL);
	incident->acts = 0;
	incident->recent.count--;
	mem_set_string(&incident->decision, "approved");
	rank();
	seen = noise->rows[0].past->seen;
	for (size_t i = 0; i < 6; i++)
		assert_true(seen[i].acted);
	fields_free(alarm_fields, &alarm);
}

static void what_is_not_recorded_whole_is_not_judged(void **state)
{
	struct alarm alarm = plain("wild");
	int64_t changes = INCIDENT_HISTORY_BLOCKS * RECENT_MAX + 200;

	(void)state;
	(void)fire("listened", -700, 1);
	for (int64_t i = 0; i < changes; i++)
		(void)change(&alarm, i % 2 == 0 ? "ALARM" : "OK", FROM + i * 30000);
	rank();
	assert_true(noise->rows[0].firings < (size_t)changes / 2);
	assert_int_equal(noise->rows[0].past->since_ms, noise->rows[0].past->seen[0].from_ms);
	assert_true(noise->rows[0].past->since_ms > FROM + 90 * MINUTE);
	fields_free(alarm_fields, &alarm);
}

/* --- what is read --- */

#define SETTING(name, more)                                                                                   \
	"{\"AlarmName\":\"" name "\",\"Namespace\":\"Shop\",\"MetricName\":\"Latency\",\"Statistic\":\"Average\"," \
	"\"Dimensions\":[{\"Name\":\"Api\",\"Value\":\"" name "\"}],\"EvaluationPeriods\":1,\"Threshold\":5,"    \
	"\"TreatMissingData\":\"missing\"," more "\"ComparisonOperator\":\"GreaterThanThreshold\"}"

static void is_set(const char *name, const char *json)
{
	struct mem mem = { 0 };

	aws_world_answer(mem_printf(&mem, "\"AlarmNames\":[\"%s\"]", name), 200, NULL,
	                 mem_printf(&mem, "{\"MetricAlarms\":[%s]}", json));
	mem_free_all(&mem);
}

/* One result: calm but for those breaches, each {minutes behind FROM, minutes}. */
static void add_values(struct str *out, const char *id, const int64_t (*breaches)[2], size_t count)
{
	str_addf(out, "{\"Id\":\"%s\",\"StatusCode\":\"Complete\",\"Timestamps\":[", id);
	for (int64_t at_ms = FROM - DAY; at_ms < NOW; at_ms += MINUTE)
		str_addf(out, "%s%lld", at_ms == FROM - DAY ? "" : ",", (long long)(at_ms / 1000));
	str_add(out, "],\"Values\":[");
	for (int64_t minute = -1440; minute < 1440; minute++) {
		bool breaching = false;

		for (size_t i = 0; i < count; i++)
			breaching = breaching || (minute >= breaches[i][0] && minute < breaches[i][0] + breaches[i][1]);
		str_addf(out, "%s%d", minute == -1440 ? "" : ",", breaching ? 10 : 1);
	}
	str_add(out, "]}");
}

/* Two minutes every hour, as fire() records it: the newest bucket that breaches ends a minute later. */
static void give_hours(size_t results, size_t count)
{
	int64_t breaches[20][2];
	struct str body;

	for (size_t i = 0; i < count; i++) {
		breaches[i][0] = 99 + (int64_t)i * 60;
		breaches[i][1] = 2;
	}
	str_init(&body, 4u << 20);
	str_add(&body, "{\"MetricDataResults\":[");
	for (size_t i = 0; i < results; i++) {
		char id[] = { 'm', (char)('0' + i), '\0' };

		str_add(&body, i == 0 ? "" : ",");
		add_values(&body, id, (const int64_t(*)[2])breaches, count);
	}
	str_add(&body, "]}");
	aws_world_answer("GetMetricData", 200, NULL, body.text);
	str_free(&body);
}

static struct aws_end read_all(void)
{
	struct aws_end end = { 0 };

	rank();
	summary_noise_read(&cloud.bot, noise, "since yesterday", aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	assert_int_equal(end.times, 1);
	return end;
}

static void text_is(size_t row, const char *wanted)
{
	assert_string_equal(noise->rows[row].text, wanted);
}

#define QUIETER " fired 8 times since yesterday, each time for under 5 min. 3 of 3 datapoints instead of 1 of 1 would not " \
	"have fired: it would have hidden nothing longer than 2 min; a breach that lasts would be told 2 min later."

static void two_alarms_share_a_call(void **state)
{
	(void)state;
	fire("listened", -700, 1);
	fire("one", 100, 8);
	fire("two", 100, 8);
	is_set("one", SETTING("one", "\"Period\":60,"));
	is_set("two", SETTING("two", "\"Period\":60,\"DatapointsToAlarm\":1,"));
	give_hours(2, 8);
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_non_null(strstr(aws_world_header(i, "Authorization"), "/eu-west-1/monitoring/"));
	assert_true(noise->rows[0].is_judged && noise->rows[1].is_judged);
	assert_int_equal(noise->rows[0].report.outcome, NOISE_PROPOSED);
	assert_int_equal(noise->rows[0].report.seen_alike, 8);
	assert_int_equal(noise->rows[0].report.after, 0);
	text_is(0, "one" QUIETER);
	text_is(1, "two" QUIETER);
}

static void what_was_acted_upon_is_not_hidden(void **state)
{
	struct incident *incident;

	(void)state;
	fire("listened", -700, 1);
	incident = fire("one", 100, 8);
	mem_set_string(&incident->holder, "U1");
	incident->held_ms = incident->fired_ms + 1;
	is_set("one", SETTING("one", "\"Period\":60,"));
	give_hours(1, 8);
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_int_equal(noise->rows[0].report.outcome, NOISE_AS_GOOD);
	assert_true(noise->rows[0].report.episodes[7].acted && !noise->rows[0].report.episodes[6].acted);
}

static void what_the_metric_does_not_explain_is_said(void **state)
{
	(void)state;
	fire("listened", -700, 1);
	fire("one", 130, 8);
	is_set("one", SETTING("one", "\"Period\":60,"));
	give_hours(1, 8);
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_int_equal(noise->rows[0].report.outcome, NOISE_UNLIKE);
	text_is(0, "one fired 8 times since yesterday. By its metric it should have fired 8 times, of which 0 agree with "
	           "the record: not enough to propose a setting.");
}

static void longer_periods_are_read_by_the_minute(void **state)
{
	(void)state;
	fire("listened", -700, 1);
	fire("one", 100, 8);
	is_set("one", SETTING("one", "\"Period\":300,"));
	give_hours(1, 8);
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_non_null(strstr(cloud.asked[1].body, "\"Period\":60"));
	assert_int_equal(noise->rows[0].report.now.period_ms, 5 * MINUTE);
	fire("two", 100, 9);
	is_set("two", "{\"AlarmName\":\"two\",\"Namespace\":\"Shop\",\"MetricName\":\"Latency\",\"ExtendedStatistic\":\"p99\","
	       "\"Period\":300,\"EvaluationPeriods\":1,\"Threshold\":5,\"ComparisonOperator\":\"GreaterThanThreshold\"}");
	is_set("one", SETTING("one", "\"Period\":300,"));
	aws_world_answer("GetMetricData", 200, NULL, "{\"MetricDataResults\":[]}");
	aws_world_forget();
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_non_null(strstr(cloud.asked[2].body, "\"Period\":300,\"Stat\":\"p99\""));
	assert_false(noise->rows[0].is_judged || noise->rows[1].is_judged);
	assert_non_null(strstr(noise->rows[0].text, "two fired 9 times since yesterday. No other setting was computed: "));
}

static void without_an_answer_the_notification_counts(void **state)
{
	(void)state;
	fire("listened", -700, 1);
	fire("one", 100, 8);
	aws_world_answer("DescribeAlarms", 403, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	give_hours(1, 8);
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_int_equal(noise->rows[0].report.outcome, NOISE_PROPOSED);
	assert_true(strncmp(noise->rows[0].text, "one" QUIETER, strlen("one" QUIETER)) == 0);
	assert_non_null(strstr(noise->rows[0].text, " Its setting is that of its last notification: CloudWatch could not be "
	                                            "asked (not allowed: IAM action cloudwatch:DescribeAlarms"));
}

static void a_refusal_is_said_where_the_notification_tells_too_little(void **state)
{
	struct incident *incident;

	(void)state;
	fire("listened", -700, 1);
	incident = fire("one", 100, 8);
	mem_set_string(&incident->alarm.metric, NULL);
	aws_world_answer("DescribeAlarms", 403, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_non_null(strstr(noise->rows[0].text, "what it watches is not known. CloudWatch could not be asked (not allowed: IAM"));
}

static void only_what_was_listened_to_is_judged(void **state)
{
	(void)state;
	fire("one", 100, 8);
	is_set("one", SETTING("one", "\"Period\":60,"));
	give_hours(1, 8);
	assert_int_equal(read_all().err.kind, ERR_NONE);
	text_is(0, "one" QUIETER " Only the last 22 h 27 min could be judged.");
}

/* --- what is not followed --- */

static void is_unjudged(const char *json, const char *why)
{
	struct mem mem = { 0 };

	is_set("one", json);
	aws_world_forget();
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 1);
	assert_false(noise->rows[0].is_judged);
	text_is(0, mem_printf(&mem, "one fired 8 times since yesterday. No other setting was computed: %s.", why));
	mem_free_all(&mem);
}

#define FORMULA(first, second, more)                                                                           \
	"{\"AlarmName\":\"one\",\"EvaluationPeriods\":1," more "\"Metrics\":[" first "," second "]}"
#define INPUT(id, returned)                                                                                  \
	"{\"Id\":\"" id "\",\"ReturnData\":" returned ",\"MetricStat\":{\"Period\":60,\"Stat\":\"Sum\",\"Metric\":{"    \
	"\"Namespace\":\"Shop\",\"MetricName\":\"Errors\"}}}"
#define EXPRESSION(text) "{\"Id\":\"e1\",\"Expression\":\"" text "\",\"ReturnData\":true}"
#define ABOVE "\"Threshold\":5,\"ComparisonOperator\":\"GreaterThanThreshold\","

static void what_cannot_be_followed_is_told_why(void **state)
{
	(void)state;
	fire("listened", -700, 1);
	fire("one", 100, 8);
	is_unjudged("", "CloudWatch has no alarm of that name any more");
	is_unjudged(FORMULA(INPUT("m1", "true"), EXPRESSION("ANOMALY_DETECTION_BAND(m1)"),
	                    "\"ComparisonOperator\":\"GreaterThanUpperThreshold\",\"ThresholdMetricId\":\"e1\","),
	            "its limit is a band that moves with the metric");
	is_unjudged(FORMULA(INPUT("m1", "false") "," INPUT("m2", "false"), EXPRESSION("m1 / m2"), ABOVE),
	            "it watches a formula that is not of one metric");
	is_unjudged("{\"AlarmName\":\"one\",\"EvaluationCriteria\":{\"PromQLCriteria\":{\"Query\":\"up\"}}}",
	            "it watches a PromQL query, whose evaluation cannot be followed");
	is_unjudged(SETTING("one", "\"Period\":10,"),
	            "it looks at values of less than a minute, which CloudWatch keeps for three hours");
	is_unjudged("{\"AlarmName\":\"one\",\"Period\":60,\"EvaluationPeriods\":1,\"Threshold\":5}",
	            "what it watches is not known");
	is_unjudged("{\"AlarmName\":\"one\",\"Namespace\":\"Shop\",\"MetricName\":\"Latency\",\"Period\":60}",
	            "how it is set is not known");
	aws_world_answer("DescribeAlarms", 200, NULL, "{\"CompositeAlarms\":[{\"AlarmName\":\"one\"}]}");
	aws_world_forget();
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 1);
	assert_non_null(strstr(noise->rows[0].text, "it watches other alarms, and has no metric of its own."));
}

/* Of one metric: read with what it computes with, and its period stays. */
static void a_formula_over_one_metric_is_followed(void **state)
{
	struct str body;
	const int64_t breaches[][2] = { { 99, 2 }, { 159, 2 }, { 219, 2 }, { 279, 2 }, { 339, 2 }, { 399, 2 } };

	(void)state;
	fire("listened", -700, 1);
	fire("one", 100, 6);
	is_set("one", FORMULA(INPUT("m1", "false"), EXPRESSION("m1 / 10"), ABOVE));
	str_init(&body, 4u << 20);
	str_add(&body, "{\"MetricDataResults\":[");
	add_values(&body, "e1", breaches, 6);
	str_add(&body, "]}");
	aws_world_answer("GetMetricData", 200, NULL, body.text);
	str_free(&body);
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_non_null(strstr(cloud.asked[1].body, "\"Expression\":\"m1 / 10\""));
	assert_int_equal(noise->rows[0].report.outcome, NOISE_PROPOSED);
	assert_int_equal(noise->rows[0].report.proposed.period_ms, MINUTE);
}

static void a_metric_that_may_not_be_read_is_said(void **state)
{
	(void)state;
	fire("one", 100, 8);
	is_set("one", SETTING("one", "\"Period\":60,"));
	aws_world_answer("GetMetricData", 403, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_non_null(strstr(noise->rows[0].text, "No other setting was computed: not allowed: IAM action "
	                                            "cloudwatch:GetMetricData"));
}

static void a_strange_name_stays_on_its_line(void **state)
{
	(void)state;
	fire("on\ne", 100, 3);
	aws_world_answer("DescribeAlarms", 200, NULL, "{\"MetricAlarms\":[]}");
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_true(strncmp(noise->rows[0].text, "on e fired 3 times since yesterday. ", 36) == 0);
}

/* --- the end --- */

static void nothing_noisy_ends_later_as_well(void **state)
{
	(void)state;
	assert_int_equal(read_all().err.kind, ERR_NONE);
	assert_int_equal(noise->count, 0);
	assert_int_equal(cloud.count, 0);
}

static void is_cancelled(size_t requests)
{
	struct aws_end end = { 0 };

	rank();
	summary_noise_read(&cloud.bot, noise, "since yesterday", aws_end_token(&end));
	aws_world_until(requests);
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_true(end.done);
	assert_int_equal(end.err.kind, ERR_CANCELLED);
	assert_null(noise->rows[0].text);
}

static void the_end_of_the_program_ends_it(void **state)
{
	(void)state;
	fire("one", 100, 8);
	is_set("one", SETTING("one", "\"Period\":60,"));
	aws_world_answer("GetMetricData", AWS_WORLD_SILENT, NULL, NULL);
	is_cancelled(2);
}

static void the_end_of_the_program_ends_it_early(void **state)
{
	(void)state;
	fire("one", 100, 8);
	aws_world_answer("AlarmNames", AWS_WORLD_SILENT, NULL, NULL);
	is_cancelled(1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_noisiest_come_first),
		T(firings_are_counted_over_incidents_and_within_one),
		T(what_people_did_belongs_to_a_firing),
		T(what_is_not_recorded_whole_is_not_judged),
		T(two_alarms_share_a_call),
		T(what_was_acted_upon_is_not_hidden),
		T(what_the_metric_does_not_explain_is_said),
		T(longer_periods_are_read_by_the_minute),
		T(without_an_answer_the_notification_counts),
		T(a_refusal_is_said_where_the_notification_tells_too_little),
		T(only_what_was_listened_to_is_judged),
		T(what_cannot_be_followed_is_told_why),
		T(a_formula_over_one_metric_is_followed),
		T(a_metric_that_may_not_be_read_is_said),
		T(a_strange_name_stays_on_its_line),
		T(nothing_noisy_ends_later_as_well),
		T(the_end_of_the_program_ends_it),
		T(the_end_of_the_program_ends_it_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
