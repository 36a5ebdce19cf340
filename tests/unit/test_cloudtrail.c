/* Changes out of CloudTrail, and the turns that calls take there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "adapters/aws/cloudtrail.h"
#include "bot/clock.h"
#include "bot/str.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/turn.h"

#define EVENT(at, name, more) "{\"EventTime\":" #at ",\"EventName\":\"" name "\",\"EventSource\":\"ecs.amazonaws.com\"" \
	",\"Username\":\"ada\"" more "}"

static const struct aws_target here = { NULL, "eu-west-1" };

static int setup(void **state)
{
	aws_world_begin(state);
	(void)aws_world_start();
	return 0;
}

static void look(const char *resource, struct cloudtrail_events *events, struct aws_end *end)
{
	cloudtrail_changes(cloud.bot.aws, &here, resource, 1700000000000, 1700003600000, events, aws_end_token(end));
	assert_false(end->done);
}

static struct aws_end changes(const char *resource, struct cloudtrail_events *events)
{
	struct aws_end end = { 0 };

	look(resource, events, &end);
	aws_end_wait(&end);
	return end;
}

static void says(const char *body)
{
	aws_world_answer("LookupEvents", 200, NULL, body);
}

static void changes_are_told_newest_first(void **state)
{
	struct cloudtrail_events events = { 0 };

	(void)state;
	says("{\"Events\":[" EVENT(1700000100, "UpdateService", ",\"ReadOnly\":\"false\",\"Resources\":[{\"ResourceName\":"
	     "\"checkout\",\"ResourceType\":\"AWS::ECS::Service\"},{\"ResourceType\":\"x\"},{\"ResourceName\":\"shop\"}],"
	     "\"CloudTrailEvent\":\"{\\\"eventVersion\\\":\\\"1.08\\\"}\"") ","
	     EVENT(1700003599.5, "DeleteService", ",\"CloudTrailEvent\":\"{\\\"errorCode\\\":\\\"AccessDenied\\\"}\"") ","
	     EVENT(1700003600, "TooLate", "") "," EVENT(1699999999, "TooEarly", "")
	     ",{\"EventTime\":1700000050}]}");
	assert_int_equal(changes(NULL, &events).err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "X-Amz-Target"),
	                    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents");
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/x-amz-json-1.1");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/cloudtrail/aws4_request"));
	assert_string_equal(cloud.asked[0].body, "{\"LookupAttributes\":[{\"AttributeKey\":\"ReadOnly\",\"AttributeValue\":"
	                    "\"false\"}],\"StartTime\":1700000000,\"EndTime\":1700003600,\"MaxResults\":50}");
	assert_int_equal(events.count, 3);
	assert_false(events.more);
	assert_string_equal(events.items[0].name, "DeleteService");
	assert_string_equal(events.items[0].error, "AccessDenied");
	assert_null(events.items[0].resources);
	assert_int_equal(events.items[0].at_ms, 1700003599500);
	assert_string_equal(events.items[1].name, "UpdateService");
	assert_string_equal(events.items[1].source, "ecs.amazonaws.com");
	assert_string_equal(events.items[1].user, "ada");
	assert_string_equal(events.items[1].resources, "checkout, shop");
	assert_null(events.items[1].error);
	assert_null(events.items[2].name);
	cloudtrail_free(&events);
}

static void of_a_resource_what_only_reads_is_left_out(void **state)
{
	struct cloudtrail_events events = { 0 };

	(void)state;
	says("{\"Events\":[" EVENT(1700000003, "DescribeInstances", ",\"ReadOnly\":\"true\"") ","
	     EVENT(1700000002, "StopInstances", ",\"ReadOnly\":\"false\"") ","
	     EVENT(1700000001, "GetThing", ",\"ReadOnly\":true") "]}");
	assert_int_equal(changes("i-1", &events).err.kind, ERR_NONE);
	assert_string_equal(cloud.asked[0].body, "{\"LookupAttributes\":[{\"AttributeKey\":\"ResourceName\","
	                    "\"AttributeValue\":\"i-1\"}],\"StartTime\":1700000000,\"EndTime\":1700003600,\"MaxResults\":50}");
	assert_int_equal(events.count, 1);
	assert_string_equal(events.items[0].name, "StopInstances");
	cloudtrail_free(&events);
}

static void answers_are_bounded(void **state)
{
	struct cloudtrail_events events = { 0 };
	struct str page;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		str_init(&page, 4u << 20);
		str_add(&page, "{\"Events\":[");
		for (unsigned j = 0; j < 50; j++)
			str_addf(&page, "%s{\"EventTime\":%u,\"EventName\":\"%0600d\"}", j > 0 ? "," : "", 1700000000 + j, 0);
		str_addf(&page, "],\"NextToken\":\"%u\"}", i);
		says(page.text);
		str_free(&page);
	}
	assert_int_equal(changes(NULL, &events).err.kind, ERR_NONE);
	assert_int_equal(events.count, CLOUDTRAIL_MAX);
	assert_true(events.more);
	assert_int_equal(strlen(events.items[0].name), 512);
	cloudtrail_free(&events);
}

/* Nothing but reads, page after page: a look comes to an end. */
static void pages_are_bounded(void **state)
{
	struct cloudtrail_events events = { 0 };
	char page[200];

	(void)state;
	for (unsigned i = 0; i < 25; i++) {
		(void)snprintf(page, sizeof(page), "{\"Events\":[" EVENT(1700000003, "Get", ",\"ReadOnly\":\"true\"")
		               "],\"NextToken\":\"%u\"}", i);
		says(page);
	}
	assert_int_equal(changes("i-1", &events).err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 20);
	assert_int_equal(events.count, 0);
	assert_true(events.more);
	cloudtrail_free(&events);
}

/* Twice a second is allowed: here a tenth of that wait. */
static void calls_take_turns(void **state)
{
	struct cloudtrail_events events[2] = { 0 };
	struct aws_end ends[2] = { 0 };
	int64_t begun_us = clock_mono_us();

	(void)state;
	clock_set_scale(0.1);
	says("{\"Events\":[],\"NextToken\":\"t\"}");
	for (unsigned i = 0; i < 2; i++)
		says("{\"Events\":[]}");
	look(NULL, &events[0], &ends[0]);
	look(NULL, &events[1], &ends[1]);
	aws_end_wait(&ends[0]);
	aws_end_wait(&ends[1]);
	assert_int_equal(cloud.count, 3);
	assert_true(clock_mono_us() - begun_us >= 2 * 55000 - 2000); /* the clock of turns counts whole ms */
	cloudtrail_free(&events[0]);
	cloudtrail_free(&events[1]);
}

static void too_many_are_refused(void **state)
{
	struct cloudtrail_events events[60] = { 0 };
	struct aws_end ends[60] = { 0 };
	unsigned refused = 0;

	(void)state;
	clock_set_scale(1);
	says("{\"Events\":[]}");
	for (unsigned i = 0; i < 60; i++)
		look(NULL, &events[i], &ends[i]);
	aws_end_wait(&ends[0]);
	aws_end_wait(&ends[59]);
	assert_int_equal(ends[59].err.kind, ERR_RETRY);
	assert_non_null(strstr(ends[59].err.text, "too many such calls are waiting"));
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	for (unsigned i = 0; i < 60; i++) {
		assert_int_equal(ends[i].times, 1);
		refused += ends[i].err.kind == ERR_RETRY;
		cloudtrail_free(&events[i]);
	}
	assert_in_range(refused, 4, 10); /* half a minute has room for 53 */
}

static void throttled_looks_are_repeated(void **state)
{
	struct cloudtrail_events events = { 0 };

	(void)state;
	aws_world_answer("LookupEvents", 400, NULL, "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}");
	says("{\"Events\":[" EVENT(1700000003, "A", "") "],\"NextToken\":\"t\"}");
	for (unsigned i = 0; i < 3; i++)
		aws_world_answer("LookupEvents", 400, NULL, "{\"__type\":\"ThrottlingException\"}");
	assert_int_equal(changes(NULL, &events).err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 5);
	assert_int_equal(events.count, 1);
	assert_true(events.more);
	cloudtrail_free(&events);
}

static void odd_answers_are_errors_or_nothing(void **state)
{
	struct cloudtrail_events events = { 0 };

	(void)state;
	says("{\"Events\":{}}");
	assert_int_equal(changes(NULL, &events).err.kind, ERR_RETRY);
	says("{\"Events\":[null,7,[],{\"EventTime\":\"x\"},{\"EventTime\":1e300,\"EventName\":{}},"
	     EVENT(1700000003, "A", ",\"Resources\":{},\"CloudTrailEvent\":\"\\\"errorCode\\\" {\"") "]}");
	assert_int_equal(changes(NULL, &events).err.kind, ERR_NONE);
	assert_int_equal(events.count, 1);
	assert_null(events.items[0].error);
	cloudtrail_free(&events);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(changes_are_told_newest_first),
		T(of_a_resource_what_only_reads_is_left_out),
		T(answers_are_bounded),
		T(pages_are_bounded),
		T(calls_take_turns),
		T(too_many_are_refused),
		T(throttled_looks_are_repeated),
		T(odd_answers_are_errors_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
