/* Reading metrics from CloudWatch: what is asked, and what its answers and errors come to for each metric. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch.h"
#include "adapters/aws/cloudwatch_page.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/worker.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/turn.h"

#define MINUTE INT64_C(60000)
#define STEP (5 * MINUTE)
#define READS 8

static struct {
	struct metric metrics[READS];
	struct metric_read reads[READS];
	size_t count, progress[READS];
	int64_t from_ms; /* of the reads: a multiple of an hour */
	struct aws_end end;
} set;

static int begin(void **state)
{
	(void)aws_world_begin(state);
	memset(&set, 0, sizeof(set));
	cloud.bot.worker = worker_new(cloud.loop);
	set.from_ms = clock_wall_ms();
	set.from_ms -= set.from_ms % (60 * MINUTE) + 120 * MINUTE;
	return 0;
}

static int end(void **state)
{
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	worker_free(cloud.bot.worker);
	for (size_t i = 0; i < set.count; i++) {
		metric_free(&set.metrics[i]);
		metric_result_free(&set.reads[i].result);
	}
	return aws_world_end(state);
}

/* One more metric to read: six buckets of five minutes. */
static struct metric *add(const char *id)
{
	struct metric *metric = &set.metrics[set.count];

	*metric = (struct metric){ .id = mem_copy_string(id), .source = mem_copy_string("cloudwatch"),
	                           .namespace_ = mem_copy_string("AWS/EC2"), .metric = mem_copy_string("CPUUtilization"),
	                           .stat = mem_copy_string("Average"), .period_ms = STEP, .normal_below = NAN,
	                           .normal_above = NAN };
	set.reads[set.count++] = (struct metric_read){ .metric = metric, .from_ms = set.from_ms,
	                                               .to_ms = set.from_ms + 6 * STEP };
	return metric;
}

static struct metric *add_expression(const char *id, const char *expression)
{
	struct metric *metric = add(id);

	mem_set_string(&metric->namespace_, NULL);
	mem_set_string(&metric->metric, NULL);
	mem_set_string(&metric->stat, NULL);
	metric->expression = mem_copy_string(expression);
	return metric;
}

static void progress(void *arg, size_t finished, size_t count)
{
	size_t *steps = arg;

	assert_int_equal(count, set.count);
	while (*steps != 0)
		steps++;
	*steps = finished;
}

static void start(void)
{
	if (cloud.bot.aws == NULL)
		(void)aws_world_start();
	cloudwatch_read(cloud.bot.aws, set.reads, set.count, progress, set.progress, aws_end_token(&set.end));
	assert_false(set.end.done);
}

static void run(void)
{
	start();
	aws_end_wait(&set.end);
	assert_int_equal(set.end.err.kind, ERR_NONE);
	assert_int_equal(aws_world_unused(), 0);
}

/* "{ID ...: the values at these buckets}", as CloudWatch sends a result. points: "0=1.5 1=2". */
static const char *result(const char *id, const char *more, const char *points)
{
	static char texts[8][1000];
	static unsigned next;
	char *text = texts[next++ % 8], times[400] = "", values[400] = "";

	while (*points != '\0') {
		int bucket, skip;
		char value[32];

		assert_int_equal(sscanf(points, "%d=%31s%n", &bucket, value, &skip), 2);
		(void)snprintf(times + strlen(times), sizeof(times) - strlen(times), "%s%lld.0", times[0] == '\0' ? "" : ",",
		               (long long)((set.from_ms + bucket * STEP) / 1000));
		(void)snprintf(values + strlen(values), sizeof(values) - strlen(values), "%s%s", values[0] == '\0' ? "" : ",",
		               value);
		points += skip + (int)strspn(points + skip, " ");
	}
	(void)snprintf(text, sizeof(texts[0]), "{\"Id\":\"%s\",%s\"Timestamps\":[%s],\"Values\":[%s]}", id, more, times,
	               values);
	return text;
}

#define COMPLETE "\"StatusCode\":\"Complete\","
#define PART "\"StatusCode\":\"PartialData\","

/* An answer with these results; rest: more members, each after a comma. */
static void answer(const char *needle, const char *results, const char *rest)
{
	char text[9000];

	(void)snprintf(text, sizeof(text), "{\"MetricDataResults\":[%s]%s}", results, rest);
	aws_world_answer(needle, 200, NULL, text);
}

/* What a read came to: "1 - 2.5" with '-' for gaps, series apart by " | label: ". */
static void assert_series(size_t i, const char *expected)
{
	const struct metric_result *found = &set.reads[i].result;
	char text[1000] = "";
	size_t length = 0;

	for (size_t s = 0; s < found->count; s++) {
		const struct series *series = &found->series[s].series;
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s%s", s > 0 ? " | " : "",
		                           found->series[s].label == NULL ? "" : found->series[s].label,
		                           found->series[s].label == NULL ? "" : ": ");
		assert_int_equal(series->start_ms, set.from_ms);
		assert_int_equal(series->step_ms, set.metrics[i].period_ms);
		for (size_t n = 0; n < series->count; n++)
			length += (size_t)(isnan(series->values[n]) ? snprintf(text + length, sizeof(text) - length, "%s-",
			                                                       n > 0 ? " " : "") :
			                   snprintf(text + length, sizeof(text) - length, "%s%g", n > 0 ? " " : "",
			                            series->values[n]));
	}
	assert_string_equal(text, expected);
}

static void assert_outcome(size_t i, enum metric_outcome outcome, const char *why)
{
	const struct metric_result *found = &set.reads[i].result;

	if (found->outcome != outcome || (why == NULL) != (found->why == NULL) ||
	    (why != NULL && strstr(found->why, why) == NULL))
		fail_msg("%d: %d %s", (int)i, (int)found->outcome, found->why == NULL ? "" : found->why);
	assert_true((found->count == 0) == (outcome == METRIC_EMPTY || outcome == METRIC_FAILED) ||
	            set.metrics[i].hidden);
}

static void what_is_asked_is_what_the_service_takes(void **state)
{
	struct metric *metric;
	char expected[2000];

	(void)state;
	metric = add("cpu");
	metric->dimensions = json_new_object();
	json_put_string(metric->dimensions, "InstanceId", "i-\"1\"");
	json_put_string(metric->dimensions, "Path", "/");
	mem_set_string(&metric->stat, "p90");
	mem_set_string(&metric->unit, "Percent"); /* would be a filter */
	(void)add("b");
	answer("GetMetricData", result("m0", COMPLETE, "0=1"), "");
	run();
	(void)snprintf(expected, sizeof(expected), "{\"MetricDataQueries\":[{\"Id\":\"m0\",\"MetricStat\":{\"Metric\":"
	               "{\"Namespace\":\"AWS/EC2\",\"MetricName\":\"CPUUtilization\",\"Dimensions\":[{\"Name\":\"InstanceId\","
	               "\"Value\":\"i-\\\"1\\\"\"},{\"Name\":\"Path\",\"Value\":\"/\"}]},\"Period\":300,\"Stat\":\"p90\"}},"
	               "{\"Id\":\"m1\",\"MetricStat\":{\"Metric\":{\"Namespace\":\"AWS/EC2\",\"MetricName\":\"CPUUtilization\","
	               "\"Dimensions\":[]},\"Period\":300,\"Stat\":\"Average\"}}],\"StartTime\":%lld,\"EndTime\":%lld,"
	               "\"ScanBy\":\"TimestampAscending\"}", (long long)set.from_ms / 1000,
	               (long long)(set.from_ms + 6 * STEP) / 1000);
	assert_string_equal(cloud.asked[0].body, expected);
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "GraniteServiceVersion20100801.GetMetricData");
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/x-amz-json-1.0");
	assert_string_equal(aws_world_header(0, "X-Amzn-Query-Mode"), "true");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/us-east-1/monitoring/aws4_request"));
	assert_outcome(0, METRIC_COMPLETE, NULL);
	assert_outcome(1, METRIC_FAILED, "leaves this metric out");
}

static void pages_are_put_together(void **state)
{
	char results[2000];

	(void)state;
	(void)add("a");
	(void)add("b");
	(void)snprintf(results, sizeof(results), "%s,%s", result("m0", PART, "0=1 1=2"), result("m1", COMPLETE, "5=9"));
	answer(NULL, results, ",\"NextToken\":\"second\"");
	answer("\"NextToken\":\"second\"", "", ",\"NextToken\":\"third\""); /* an empty page is an ordinary one */
	answer("\"NextToken\":\"third\"", result("m0", COMPLETE, "3=4 4=5"), "");
	run();
	assert_int_equal(cloud.count, 3);
	assert_outcome(0, METRIC_COMPLETE, NULL);
	assert_outcome(1, METRIC_COMPLETE, NULL);
	assert_series(0, "1 2 - 4 5 -");
	assert_series(1, "- - - - - 9");
	assert_int_equal(set.progress[0], 2);
	assert_int_equal(set.progress[1], 0);
}

static void order_repetition_and_strays_do_no_harm(void **state)
{
	(void)state;
	(void)add("a");
	answer(NULL, result("m0", "", "4=5 0=1 4=6 2=\"NaN\" 3=\"-Infinity\" 6=7 -1=8 100=9"), "");
	run();
	assert_outcome(0, METRIC_COMPLETE, NULL);
	assert_series(0, "1 - - - 6 -");
}

static void what_is_partial_says_so(void **state)
{
	char results[4000];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		(void)add("a");
	(void)snprintf(results, sizeof(results), "%s,%s,%s,%s,%s,%s,%s,%s", result("m0", PART, "0=1"),
	               result("m1", "\"StatusCode\":\"InternalError\",", "0=1"),
	               result("m2", "\"StatusCode\":\"InternalError\",", ""),
	               result("m3", "\"StatusCode\":\"Forbidden\",\"Messages\":[{\"Code\":\"NotShared\",\"Value\":\"ask\\nthem\"}],",
	                      "0=1"),
	               result("m4", "\"StatusCode\":\"NewWord\",", "0=1"), result("m5", PART, ""),
	               result("m6", COMPLETE "\"Messages\":[{\"Code\":\"C\",\"Value\":\"V\"},7,{\"Value\":\"W\"}],", "1=3"),
	               result("m7", COMPLETE, ""));
	answer(NULL, results, "");
	run();
	assert_outcome(0, METRIC_PARTIAL, "CloudWatch gave only a part of the values");
	assert_series(0, "1 - - - - -");
	assert_true(set.reads[0].result.unread);
	assert_outcome(1, METRIC_PARTIAL, "internal error");
	assert_true(set.reads[1].result.unread);
	assert_false(set.reads[6].result.unread); /* what CloudWatch says of it is no gap */
	assert_outcome(2, METRIC_FAILED, "could not read this metric (internal error)");
	assert_outcome(3, METRIC_FAILED, "not allowed: IAM action cloudwatch:GetMetricData for this metric, us-east-1; add it "
	               "to the policy of tocsin's role; CloudWatch says: NotShared: ask them");
	assert_outcome(4, METRIC_PARTIAL, "internal error");
	assert_outcome(5, METRIC_FAILED, "(partial data)");
	assert_outcome(6, METRIC_PARTIAL, "CloudWatch says: C: V; W");
	assert_outcome(7, METRIC_EMPTY, "CloudWatch has no values of AWS/EC2 CPUUtilization, Average of 5 min, ");
}

static void empty_answers_say_what_was_asked(void **state)
{
	char expected[400], from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE];
	struct metric *metric;

	(void)state;
	metric = add("a");
	metric->dimensions = json_new_object();
	json_put_string(metric->dimensions, "InstanceId", "i-1");
	mem_set_string(&metric->region, "eu-west-3");
	answer(NULL, result("m0", COMPLETE, ""), "");
	run();
	clock_format_iso(set.from_ms, from);
	clock_format_iso(set.from_ms + 6 * STEP, to);
	(void)snprintf(expected, sizeof(expected), "CloudWatch has no values of AWS/EC2 CPUUtilization, InstanceId=i-1, Average "
	               "of 5 min, %.16sZ to %.16sZ, in eu-west-3; check the names and all dimensions, and that something was "
	               "running then", from, to);
	assert_string_equal(set.reads[0].result.why, expected);
	assert_outcome(0, METRIC_EMPTY, expected);
}

static void messages_about_the_call_are_shown(void **state)
{
	(void)state;
	(void)add("a");
	answer(NULL, result("m0", COMPLETE, "0=1"), ",\"Messages\":[{\"Code\":\"MaxMetricsExceeded\",\"Value\":\"too many\"}]");
	run();
	assert_outcome(0, METRIC_PARTIAL, "CloudWatch says: MaxMetricsExceeded: too many");
}

static void values_of_a_wrong_type_are_counted(void **state)
{
	(void)state;
	(void)add("a");
	(void)add("b");
	answer(NULL, "{\"Id\":\"m0\",\"StatusCode\":\"Complete\",\"Timestamps\":[0,\"x\",1e300,null],\"Values\":[true,1,2,3,4]},"
	       "{\"Id\":\"m1\",\"Timestamps\":{},\"Values\":7},{\"Id\":7},{\"Id\":\"m2\"},[],3,null", "");
	run();
	assert_outcome(0, METRIC_FAILED, "none of the 5 values that CloudWatch gave can be read");
	assert_outcome(1, METRIC_EMPTY, "no values");
}

static void answers_that_are_none_fail_their_metrics(void **state)
{
	static const char *const bodies[] = { "", "no json", "{}", "{\"MetricDataResults\":{}}", "[]" };

	(void)state;
	(void)add("a");
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		set.end = (struct aws_end){ 0 };
		aws_world_answer(NULL, 200, NULL, bodies[i]); /* it is asked for twice */
		aws_world_answer(NULL, 200, NULL, bodies[i]);
		run();
		assert_outcome(0, METRIC_FAILED, "CloudWatch's answer");
	}
}

static void formulas_go_with_their_inputs(void **state)
{
	char results[1000];

	(void)state;
	(void)add_expression("rate", "errors / requests");
	add("errors")->hidden = true;
	(void)add("requests");
	(void)snprintf(results, sizeof(results), "%s,%s", result("rate", COMPLETE "\"Label\":\"rate\",", "0=0.5"),
	               result("requests", COMPLETE, "0=4"));
	answer("{\"Id\":\"rate\",\"Expression\":\"errors / requests\",\"Period\":300},{\"Id\":\"errors\",\"MetricStat\":{",
	       results, "");
	run();
	assert_non_null(strstr(cloud.asked[0].body, "\"Stat\":\"Average\"},\"ReturnData\":false},{\"Id\":\"requests\""));
	assert_series(0, "0.5 - - - - -");
	assert_outcome(1, METRIC_COMPLETE, NULL);
	assert_series(2, "4 - - - - -");
}

static void one_formula_may_give_several_series(void **state)
{
	char results[3000];

	(void)state;
	(void)add_expression("s", "SEARCH('{AWS/EC2,InstanceId} CPU', 'Average', 300)");
	(void)snprintf(results, sizeof(results), "%s,%s,%s,%s", result("s", PART "\"Label\":\"web\",", "0=1"),
	               result("s", COMPLETE "\"Label\":\"db\",", "1=2"), result("s", COMPLETE "\"Label\":\"db\",", "2=3"),
	               result("s", COMPLETE "\"Label\":\"idle\",", ""));
	answer(NULL, results, ",\"NextToken\":\"n\"");
	answer(NULL, result("s", COMPLETE "\"Label\":\"web\",", "3=4"), "");
	run();
	assert_outcome(0, METRIC_COMPLETE, NULL);
	assert_series(0, "db: - 2 - - - - | db (2): - - 3 - - - | idle: - - - - - - | web: 1 - - 4 - -");
}

static void series_beyond_the_limit_are_counted(void **state)
{
	struct str body;

	(void)state;
	(void)add_expression("s", "SEARCH('x', 'Sum', 300)");
	str_init(&body, 100000);
	for (int page = 0; page < 2; page++) {
		str_clear(&body);
		str_add(&body, "{\"MetricDataResults\":[");
		for (int i = 0; i < 30; i++)
			str_addf(&body, "%s{\"Id\":\"s\",\"Label\":\"l%02d\",\"Timestamps\":[%lld],\"Values\":[%d]}", i > 0 ? "," : "",
			         29 - i, (long long)(set.from_ms + page * STEP) / 1000, 29 - i);
		str_addf(&body, "]%s}", page == 0 ? ",\"NextToken\":\"n\"" : "");
		aws_world_answer(NULL, 200, NULL, body.text);
	}
	str_free(&body);
	run();
	assert_int_equal(set.reads[0].result.count, METRIC_SERIES_MAX);
	assert_int_equal(set.reads[0].result.left_out, 10);
	for (size_t i = 0; i < METRIC_SERIES_MAX; i++) {
		const struct metric_series *series = &set.reads[0].result.series[i];
		char label[8];
		(void)snprintf(label, sizeof(label), "l%02d", (int)i);
		assert_string_equal(series->label, label);
		assert_true((int)series->series.values[0] == (int)i && (int)series->series.values[1] == (int)i);
	}
}

static void one_call_that_fails_costs_only_its_metrics(void **state)
{
	(void)state;
	(void)add("a");
	mem_set_string(&add("b")->region, "eu-west-1");
	(void)add("c");
	mem_set_string(&add("d")->region, "nowhere at all");
	aws_world_answer("/eu-west-1/monitoring", 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: "
	                 "arn:aws:sts::123456789012:x\"}");
	answer("/us-east-1/monitoring", result("m0", COMPLETE, "0=1"), "");
	run();
	assert_series(0, "1 - - - - -");
	assert_outcome(1, METRIC_FAILED, "IAM action cloudwatch:GetMetricData in account 123456789012, eu-west-1");
	assert_outcome(2, METRIC_FAILED, "leaves this metric out");
	assert_outcome(3, METRIC_FAILED, "cannot be an AWS region");
	assert_int_equal(set.progress[2], 4);
}

/* CloudWatch refuses a whole call and does not say for which metric. */
static void one_metric_that_is_refused_costs_only_itself(void **state)
{
	static const char refused[] = "{\"__type\":\"InvalidParameterValueException\",\"message\":\"bad\"}";

	(void)state;
	for (size_t i = 0; i < 5; i++)
		(void)add("a");
	mem_set_string(&set.metrics[3].metric, "bad");
	for (size_t i = 0; i < 4; i++) /* all five; 2, 3, 4; 3, 4; 3 */
		aws_world_answer("\"bad\"", 400, "x-amzn-query-error: InvalidParameterValue;Sender\r\n", refused);
	answer("\"m1\"", "{\"Id\":\"m0\",\"Timestamps\":[],\"Values\":[]},{\"Id\":\"m1\",\"Timestamps\":[],\"Values\":[]}", "");
	for (size_t i = 0; i < 2; i++) /* 2; 4 */
		answer("\"m0\"", "{\"Id\":\"m0\",\"Timestamps\":[],\"Values\":[]}", "");
	run();
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(set.reads[i].result.outcome, i == 3 ? METRIC_FAILED : METRIC_EMPTY);
	assert_non_null(strstr(set.reads[3].result.why, "InvalidParameterValue: bad"));
	assert_int_equal(cloud.count, 7);
}

static void a_formula_that_is_refused_does_not_cost_its_inputs(void **state)
{
	(void)state;
	(void)add("a");
	(void)add_expression("e", "a +");
	aws_world_answer("a +", 400, NULL, "{\"__type\":\"ValidationError\",\"message\":\"Error in expression 'e'\"}");
	answer("\"m0\"", result("m0", COMPLETE, "0=1"), "");
	run();
	assert_series(0, "1 - - - - -");
	assert_outcome(1, METRIC_FAILED, "Error in expression 'e'");
	assert_int_equal(set.progress[0], 2);
}

/* The values of an edge, as assert_series has them. */
static void assert_edge(const struct series *edge, const char *expected)
{
	char text[400] = "";

	for (size_t n = 0; n < edge->count; n++) {
		size_t length = strlen(text);

		if (isnan(edge->values[n]))
			(void)snprintf(text + length, sizeof(text) - length, "%s-", n > 0 ? " " : "");
		else
			(void)snprintf(text + length, sizeof(text) - length, "%s%g", n > 0 ? " " : "", edge->values[n]);
	}
	assert_string_equal(text, expected);
}

/* Which of the two series is the upper one, nobody says: it may differ from page to page. */
static void a_band_comes_with_its_metric(void **state)
{
	const struct metric_result *found = &set.reads[0].result;
	char results[2000];

	(void)state;
	add("a")->anomaly_band = 2;
	(void)snprintf(results, sizeof(results), "%s,%s,%s", result("m1", PART, "0=8 1=9 9=1"), result("m0", COMPLETE, "0=5"),
	               result("m1", PART, "0=2 1=3 2=4"));
	answer("{\"Id\":\"m1\",\"Expression\":\"ANOMALY_DETECTION_BAND(m0, 2)\",\"Period\":300}", results,
	       ",\"NextToken\":\"second\"");
	(void)snprintf(results, sizeof(results), "%s,%s", result("m1", COMPLETE, "3=1 4=-2"), result("m1", COMPLETE, "3=7 4=-2"));
	answer("\"NextToken\":\"second\"", results, "");
	run();
	assert_outcome(0, METRIC_COMPLETE, NULL);
	assert_series(0, "5 - - - - -");
	assert_edge(&found->band_low, "2 3 - 1 -2 -"); /* of the third bucket one edge is missing */
	assert_edge(&found->band_high, "8 9 - 7 -2 -");
	assert_null(found->no_band);
	assert_int_equal(set.progress[0], 1);
}

static void no_model_is_said_and_costs_nothing(void **state)
{
	char results[2000];

	(void)state;
	add("a")->anomaly_band = 2;
	add("b")->anomaly_band = 2;
	(void)snprintf(results, sizeof(results), "%s,%s,%s", result("m0", COMPLETE, "0=1"), result("m1", COMPLETE, ""),
	               result("m3", "\"StatusCode\":\"Forbidden\",", ""));
	answer(NULL, results, "");
	run();
	assert_outcome(0, METRIC_COMPLETE, NULL);
	assert_non_null(strstr(set.reads[0].result.no_band, "no anomaly detection model of this metric and statistic is trained"));
	assert_int_equal(set.reads[0].result.band_low.count, 0);
	assert_outcome(1, METRIC_FAILED, "leaves this metric out"); /* by its own answer */
	assert_non_null(strstr(set.reads[1].result.no_band, "not allowed"));
	assert_int_equal(set.progress[0], 2);
}

/* Some metrics cannot have one. */
static void a_band_that_is_refused_does_not_cost_its_metric(void **state)
{
	char results[1000];

	(void)state;
	(void)add("a");
	add_expression("e", "a * 2")->anomaly_band = 2;
	aws_world_answer("BAND(e, 2)", 400, NULL, "{\"__type\":\"ValidationError\",\"message\":\"no band of this\"}");
	(void)snprintf(results, sizeof(results), "%s,%s", result("a", COMPLETE, "0=1"), result("e", COMPLETE, "0=2"));
	answer("\"a * 2\"", results, "");
	run();
	assert_null(strstr(cloud.asked[1].body, "BAND"));
	assert_outcome(0, METRIC_COMPLETE, NULL);
	assert_outcome(1, METRIC_COMPLETE, NULL);
	assert_series(1, "2 - - - - -");
	assert_non_null(strstr(set.reads[1].result.no_band, "no band of this"));
	assert_null(set.reads[0].result.no_band);
}

static void throttling_is_waited_out(void **state)
{
	(void)state;
	(void)add("a");
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}");
	aws_world_answer(NULL, 500, NULL, "{\"__type\":\"InternalServiceFault\"}");
	answer(NULL, result("m0", COMPLETE, "0=1"), "");
	run();
	assert_outcome(0, METRIC_COMPLETE, NULL);
}

static void what_cannot_be_read_is_asked_for_once_more(void **state)
{
	(void)state;
	(void)add("a");
	aws_world_answer(NULL, 200, NULL, "<html>");
	answer(NULL, result("m0", PART, "0=1"), ",\"NextToken\":\"second\"");
	answer("\"NextToken\":\"second\"", result("m0", COMPLETE, "3=4"), "");
	run();
	assert_int_equal(cloud.count, 3);
	assert_outcome(0, METRIC_COMPLETE, NULL);
	assert_series(0, "1 - - 4 - -");
}

static void a_later_page_that_fails_keeps_the_first(void **state)
{
	(void)state;
	(void)add("a");
	(void)add("b");
	answer(NULL, result("m0", PART, "0=1"), ",\"NextToken\":\"n\"");
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"InvalidNextTokenException\",\"message\":\"old\"}");
	run();
	assert_outcome(0, METRIC_PARTIAL, "only a part was read: cloudwatch:GetMetricData in us-east-1: AWS answers 400");
	assert_series(0, "1 - - - - -");
	assert_outcome(1, METRIC_FAILED, "InvalidNextToken");
}

static void endless_pages_end(void **state)
{
	(void)state;
	(void)add("a");
	for (int i = 0; i < 2; i++)
		answer(NULL, result("m0", PART, "0=1"), ",\"NextToken\":\"again\"");
	run();
	assert_outcome(0, METRIC_PARTIAL, "the same page again");
	assert_true(set.reads[0].result.unread);
	assert_int_equal(cloud.count, 2);
}

static void coarser_values_say_so(void **state)
{
	const int64_t day = 24 * 60 * MINUTE;
	struct metric_read *read;
	char body[200];

	(void)state;
	add("a")->period_ms = MINUTE;
	read = &set.reads[0];
	read->from_ms -= 20 * day;
	read->to_ms = read->from_ms + 7 * MINUTE; /* one bucket of five, and what is no bucket yet */
	(void)snprintf(body, sizeof(body), "{\"Id\":\"m0\",\"Timestamps\":[%lld],\"Values\":[2]}", (long long)read->from_ms / 1000);
	answer("\"Period\":300", body, "");
	run();
	assert_outcome(0, METRIC_PARTIAL, "each value is of 5 min instead of 1 min");
	assert_false(read->result.unread);
	assert_int_equal(read->result.series[0].series.step_ms, STEP);
	assert_int_equal(read->result.series[0].series.start_ms, read->from_ms);
	assert_int_equal(read->result.series[0].series.count, 1);
}

static void nothing_to_read_is_done_at_once(void **state)
{
	(void)state;
	run();
	assert_int_equal(cloud.count, 0);
	set.end = (struct aws_end){ 0 };
	(void)add("a");
	set.reads[0].to_ms = set.reads[0].from_ms;
	run();
	assert_outcome(0, METRIC_EMPTY, "no value of 5 min is complete in this range yet");
	assert_int_equal(set.progress[0], 1);
}

/* 500 metrics over a day at 15 minutes: one request; three days: three, of which two at a time. */
static void many_metrics_need_few_calls(void **state)
{
	struct metric *metric = add("a");
	struct metric_read *reads = mem_alloc(500 * sizeof(*reads));

	(void)state;
	metric->period_ms = 15 * MINUTE;
	(void)aws_world_start();
	for (int days = 1; days <= 3; days += 2) {
		struct aws_end over = { 0 };
		size_t before = cloud.count;

		for (size_t i = 0; i < 500; i++) {
			metric_result_free(&reads[i].result);
			metric_range(metric, set.from_ms - days * 24 * 60 * MINUTE, set.from_ms, set.from_ms + STEP, MINUTE, &reads[i]);
		}
		for (int i = 0; i < (days == 1 ? 1 : 2); i++)
			aws_world_answer(NULL, 200, NULL, "{\"MetricDataResults\":[]}");
		cloudwatch_read(cloud.bot.aws, reads, 500, NULL, NULL, aws_end_token(&over));
		aws_end_wait(&over);
		assert_int_equal(cloud.count - before, days == 1 ? 1 : 2);
	}
	for (size_t i = 0; i < 500; i++)
		metric_result_free(&reads[i].result);
	free(reads);
}

static void the_end_of_aws_ends_a_reading(void **state)
{
	(void)state;
	(void)add("a");
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	start();
	aws_world_until(1);
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_int_equal(set.end.times, 1);
	assert_int_equal(set.end.err.kind, ERR_CANCELLED);
}

static void the_end_of_aws_comes_before_the_first_call(void **state)
{
	(void)state;
	(void)add("a");
	start();
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_int_equal(set.end.times, 1);
	assert_int_equal(set.end.err.kind, ERR_CANCELLED);
}

static sem_t held;

static bool hold(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return sem_wait(&held) == 0;
}

static void ignore(void *arg, const struct err *err)
{
	(void)arg;
	(void)err;
}

static bool answer_was_taken(void *arg)
{
	(void)arg;
	return metrics_value("tocsin_aws_calls_total", "service", "monitoring") == 1;
}

/* The answer waits for the worker, which is busy; it is freed later, for nobody. */
static void the_end_of_aws_does_not_wait_for_the_worker(void **state)
{
	(void)state;
	(void)add("a");
	assert_int_equal(sem_init(&held, 0, 0), 0);
	worker_run(cloud.bot.worker, hold, NULL, (struct done){ ignore, NULL });
	answer(NULL, result("m0", PART, "0=1"), ",\"NextToken\":\"n\"");
	start();
	turn_until(cloud.loop, answer_was_taken, NULL);
	assert_false(set.end.done);
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_int_equal(set.end.times, 1);
	assert_int_equal(set.end.err.kind, ERR_CANCELLED);
	assert_int_equal(sem_post(&held), 0);
	turn_for(cloud.loop, 20);
	assert_int_equal(set.end.times, 1);
	(void)sem_destroy(&held);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		T(what_is_asked_is_what_the_service_takes),
		T(pages_are_put_together),
		T(order_repetition_and_strays_do_no_harm),
		T(what_is_partial_says_so),
		T(empty_answers_say_what_was_asked),
		T(messages_about_the_call_are_shown),
		T(values_of_a_wrong_type_are_counted),
		T(answers_that_are_none_fail_their_metrics),
		T(formulas_go_with_their_inputs),
		T(one_formula_may_give_several_series),
		T(series_beyond_the_limit_are_counted),
		T(one_call_that_fails_costs_only_its_metrics),
		T(one_metric_that_is_refused_costs_only_itself),
		T(a_formula_that_is_refused_does_not_cost_its_inputs),
		T(a_band_comes_with_its_metric),
		T(no_model_is_said_and_costs_nothing),
		T(a_band_that_is_refused_does_not_cost_its_metric),
		T(throttling_is_waited_out),
		T(what_cannot_be_read_is_asked_for_once_more),
		T(a_later_page_that_fails_keeps_the_first),
		T(endless_pages_end),
		T(coarser_values_say_so),
		T(nothing_to_read_is_done_at_once),
		T(many_metrics_need_few_calls),
		T(the_end_of_aws_ends_a_reading),
		T(the_end_of_aws_comes_before_the_first_call),
		T(the_end_of_aws_does_not_wait_for_the_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
