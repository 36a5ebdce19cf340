/* Metric definitions in a DynamoDB table: both spellings, pages, and items that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/metrics_item.h"
#include "adapters/aws/metrics_table.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "tests/unit/support/aws_world.h"

static const struct aws_target here = { NULL, "eu-west-1" };

#define ITEM(key, more) "{\"awsService\":{\"S\":\"" key "\"},\"namespace\":{\"S\":\"AWS/ECS\"}," \
	"\"metricName\":{\"S\":\"CPUUtilization\"}" more "}"

static struct err read_table(struct metrics_table *table)
{
	struct aws_end end = { 0 };

	if (cloud.bot.aws == NULL)
		(void)aws_world_start();
	metrics_table_read(cloud.bot.aws, &here, "dashboards", table, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	assert_int_equal(aws_world_unused(), 0);
	return end.err;
}

static void both_spellings_are_read(void **state)
{
	struct metrics_table table = { 0 };

	(void)state;
	aws_world_answer("Scan", 200, NULL, "{\"Items\":["
	                 ITEM("ecs-cpu", ",\"stat\":{\"S\":\"p90\"},\"period\":{\"S\":\"60\"},\"unit\":{\"S\":\"Percent\"},"
	                      "\"dateRange\":{\"S\":\"3\"},\"dimensions\":{\"S\":\"[{\\\"ClusterName\\\":\\\"c\\\"},"
	                      "{\\\"ServiceName\\\":\\\"s\\\"}]\"}") ","
	                 ITEM("ALB latency", ",\"period\":{\"N\":\"3600\"},\"dateRange\":{\"N\":\"14\"},\"dimensionsName\":"
	                      "{\"S\":\"LoadBalancer\"},\"dimensionsValue\":{\"S\":\"app/web/1\"},\"dimensions\":{\"S\":\"\"}") ","
	                 ITEM("2nd", "") "],\"Count\":3}");
	assert_int_equal(read_table(&table).kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "DynamoDB_20120810.Scan");
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/x-amz-json-1.0");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/dynamodb/aws4_request"));
	assert_string_equal(cloud.asked[0].body, "{\"TableName\":\"dashboards\",\"Limit\":100}");
	assert_int_equal(table.problem_count, 0);
	assert_int_equal(table.count, 3);
	const struct metric *alb = &table.metrics[0], *ecs = &table.metrics[1], *second = &table.metrics[2];
	assert_string_equal(alb->id, "aLB_latency");
	assert_string_equal(alb->title, "ALB latency");
	assert_string_equal(json_print(alb->dimensions), "{\"LoadBalancer\":\"app/web/1\"}");
	assert_true(alb->period_ms == 3600000 && alb->unit == NULL);
	assert_string_equal(ecs->id, "ecs_cpu");
	assert_string_equal(ecs->source, METRIC_SOURCE_CLOUDWATCH);
	assert_string_equal(ecs->namespace_, "AWS/ECS");
	assert_string_equal(ecs->metric, "CPUUtilization");
	assert_string_equal(ecs->stat, "p90");
	assert_string_equal(ecs->unit, "Percent");
	assert_string_equal(json_print(ecs->dimensions), "{\"ClusterName\":\"c\",\"ServiceName\":\"s\"}");
	assert_true(ecs->period_ms == 60000 && isnan(ecs->normal_below) && isnan(ecs->normal_above) && !ecs->hidden);
	assert_string_equal(second->id, "m_2nd");
	assert_string_equal(second->stat, "Average");
	assert_true(second->period_ms == 300000 && second->dimensions == NULL);
	metrics_table_free(&table);
	metrics_table_free(&table);
}

static void pages_may_be_empty(void **state)
{
	struct metrics_table table = { 0 };

	(void)state;
	aws_world_answer("Scan", 200, NULL, "{\"Items\":[" ITEM("b", "") "],\"LastEvaluatedKey\":{\"awsService\":{\"S\":\"b\"}}}");
	aws_world_answer("\"ExclusiveStartKey\":{\"awsService\":{\"S\":\"b\"}}", 200, NULL,
	                 "{\"Items\":[],\"Count\":0,\"LastEvaluatedKey\":{\"awsService\":{\"S\":\"x\"}}}");
	aws_world_answer("\"ExclusiveStartKey\":{\"awsService\":{\"S\":\"x\"}}", 200, NULL, "{\"Items\":[" ITEM("a", "") "]}");
	assert_int_equal(read_table(&table).kind, ERR_NONE);
	assert_int_equal(table.count, 2);
	assert_string_equal(table.metrics[0].id, "a"); /* ordered */
	metrics_table_free(&table);
}

static void assert_problem(const char *item, const char *expected)
{
	struct err err;
	struct json_object *json = json_parse(item, strlen(item), &err);
	struct metric metric;
	char *problem = NULL;

	assert_non_null(json);
	assert_false(metrics_item_read(&metric, json, &problem));
	assert_string_equal(problem, expected);
	free(problem);
	json_free(json);
}

static void items_that_are_wrong_are_named(void **state)
{
	(void)state;
	assert_problem("{}", "an item: awsService is missing; add it");
	assert_problem("{\"awsService\":{\"S\":\"a\\nb\"}}", "item a b: namespace is missing; add it");
	assert_problem("{\"awsService\":{\"S\":\"a\"},\"namespace\":{\"BOOL\":true}}",
	               "item a: namespace is no string; store it as one");
	assert_problem("{\"awsService\":{\"S\":\"a\"},\"namespace\":7}", "item a: namespace is no string; store it as one");
	assert_problem("{\"awsService\":{\"S\":\"a\"},\"namespace\":{\"S\":\"n\"},\"metricName\":{\"S\":\"\"}}",
	               "item a: metricName is missing; add it");
	assert_problem(ITEM("a", ",\"period\":{\"S\":\"x\"}"), "item a: period \"x\" is no number of seconds; write one like 300");
	assert_problem(ITEM("a", ",\"period\":{\"S\":\"-60\"}"),
	               "item a: period \"-60\" is no number of seconds; write one like 300");
	assert_problem(ITEM("a", ",\"period\":{\"S\":\"61\"}"),
	               "item a: period 61 is none of CloudWatch's; use 1, 5, 10, 20, 30 or whole minutes, as 300");
	assert_problem(ITEM("a", ",\"period\":{\"S\":\"99999999999999999999\"}"), "item a: period \"99999999999999999999\" is no "
	               "number of seconds; write one like 300");
	assert_problem(ITEM("a", ",\"dateRange\":{\"S\":\"\\u00e4\"}"),
	               "item a: dateRange \"\xc3\xa4\" is no number of days; write one like 300");
	assert_problem(ITEM("a", ",\"dateRange\":{\"S\":\"456\"}"),
	               "item a: dateRange 456 is longer than the 455 days that CloudWatch keeps; use fewer");
	assert_problem(ITEM("a", ",\"stat\":{\"S\":\"median\"}"), "item a: stat \"median\" is no statistic of CloudWatch; use "
	               "Average, Sum, Minimum, Maximum, SampleCount, or one like p90");
}

#define DIMENSIONS(text) ITEM("a", ",\"dimensions\":{\"S\":\"" text "\"}")
#define FORM "write [{\"ClusterName\":\"c\"},{\"ServiceName\":\"s\"}]"

static void dimensions_that_are_wrong_are_named(void **state)
{
	(void)state;
	assert_problem(DIMENSIONS("x"), "item a: dimensions is no JSON list; " FORM);
	assert_problem(DIMENSIONS("{\\\"A\\\":\\\"b\\\"}"), "item a: dimensions is no JSON list; " FORM);
	assert_problem(DIMENSIONS("[1]"), "item a: dimensions has an entry that is no object; " FORM);
	assert_problem(DIMENSIONS("[{\\\"A\\\":1}]"), "item a: dimensions has a name or a value that is empty or no text; " FORM);
	assert_problem(DIMENSIONS("[{\\\"A\\\":\\\"\\\"}]"),
	               "item a: dimensions has a name or a value that is empty or no text; " FORM);
	assert_problem(DIMENSIONS("[{\\\"A\\\":\\\"b\\\"},{\\\"A\\\":\\\"c\\\"}]"), "item a: dimensions has A twice; remove one");
	assert_problem(ITEM("a", ",\"dimensionsName\":{\"S\":\"A\"}"),
	               "item a: has only one of dimensionsName and dimensionsValue; add the other, or remove it");
	assert_problem(ITEM("a", ",\"dimensionsName\":{\"S\":\"A\"},\"dimensionsValue\":{\"S\":\"b\"},\"dimensions\":"
	                         "{\"S\":\"[]\"}"), "item a: has dimensions and dimensionsName; remove one of them");
}

static void the_others_go_on(void **state)
{
	struct metrics_table table = { 0 };

	(void)state;
	aws_world_answer(NULL, 200, NULL, "{\"Items\":[" ITEM("a", "") "," ITEM("b", ",\"period\":{\"S\":\"x\"}") ",7,null,"
	                 ITEM("c d", "") "," ITEM("c.d", "") "]}");
	assert_int_equal(read_table(&table).kind, ERR_NONE);
	assert_int_equal(table.count, 2);
	assert_string_equal(table.metrics[1].title, "c d");
	assert_int_equal(table.problem_count, 4);
	assert_true(strstr(table.problems[0], "item b: period \"x\"") == table.problems[0]);
	assert_string_equal(table.problems[1], "an item: awsService is missing; add it");
	assert_string_equal(table.problems[3], "item c.d: has the id c_d, as item c d; rename one of them");
	metrics_table_free(&table);
}

static void sizes_are_bounded(void **state)
{
	struct metrics_table table = { 0 };
	struct str body;

	(void)state;
	str_init(&body, 1 << 20);
	str_add(&body, "{\"Items\":[");
	for (int i = 0; i < METRICS_TABLE_MAX + 1; i++)
		str_addf(&body, "%s{\"awsService\":{\"S\":\"k%d\"}%s}", i > 0 ? "," : "", i, i % 2 == 0 ? "" :
		         ",\"namespace\":{\"S\":\"n\"},\"metricName\":{\"S\":\"m\"}");
	str_add(&body, "],\"LastEvaluatedKey\":{\"awsService\":{\"S\":\"k\"}}}");
	aws_world_answer(NULL, 200, NULL, body.text);
	str_free(&body);
	assert_int_equal(read_table(&table).kind, ERR_NONE);
	assert_int_equal(cloud.count, 1);
	assert_int_equal(table.count, METRICS_TABLE_MAX / 2);
	assert_int_equal(table.problem_count, 52);
	assert_string_equal(table.problems[50], "200 more items are wrong");
	assert_string_equal(table.problems[51], "table dashboards has more than 500 items; the rest is left out: is it the right "
	                    "table?");
	metrics_table_free(&table);
}

static void errors_say_what_to_do(void **state)
{
	struct metrics_table table = { 0 };
	struct err err;

	(void)state;
	aws_world_answer(NULL, 200, NULL, "{\"Items\":[" ITEM("a", "") "]}");
	(void)read_table(&table);
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\","
	                 "\"message\":\"Requested resource not found\"}");
	err = read_table(&table);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_string_equal(err.text, "DynamoDB has no table dashboards in this account and region; create it, or correct "
	                    "metrics_table");
	assert_int_equal(table.count, 1); /* untouched */
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:sts::123456789012:x\"}");
	err = read_table(&table);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "IAM action dynamodb:Scan in account 123456789012, eu-west-1"));
	aws_world_answer(NULL, 200, NULL, "{\"Items\":{}}");
	assert_int_equal(read_table(&table).kind, ERR_RETRY);
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"ProvisionedThroughputExceededException\"}");
	aws_world_answer(NULL, 200, NULL, "{\"Items\":[]}");
	assert_int_equal(read_table(&table).kind, ERR_NONE);
	assert_int_equal(table.count, 0);
	metrics_table_free(&table);
}

static void the_end_of_aws_ends_it(void **state)
{
	struct metrics_table table = { 0 };
	struct aws_end end = { 0 };

	(void)state;
	(void)aws_world_start();
	aws_world_answer(NULL, 200, NULL, "{\"Items\":[" ITEM("a", "") "],\"LastEvaluatedKey\":{\"awsService\":{\"S\":\"k\"}}}");
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	metrics_table_read(cloud.bot.aws, &here, "t-t", &table, aws_end_token(&end));
	aws_world_until(2);
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_int_equal(end.err.kind, ERR_CANCELLED);
	assert_int_equal(table.count, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)
	const struct CMUnitTest tests[] = {
		T(both_spellings_are_read),
		T(pages_may_be_empty),
		cmocka_unit_test(items_that_are_wrong_are_named),
		cmocka_unit_test(dimensions_that_are_wrong_are_named),
		T(the_others_go_on),
		T(sizes_are_bounded),
		T(errors_say_what_to_do),
		T(the_end_of_aws_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
