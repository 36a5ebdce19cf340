/* Queries of CloudWatch Logs: how they are asked, looked at, stopped, and what their answers may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/logs.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/turn.h"

#define ROW(message) "[{\"field\":\"@message\",\"value\":\"" message "\"},{\"field\":\"@ptr\",\"value\":\"CloK\"}]"
#define STATISTICS(bytes, matched) "\"statistics\":{\"recordsMatched\":" #matched ",\"recordsScanned\":9.0," \
                                   "\"bytesScanned\":" #bytes "}"
#define LOOK(status, bytes, matched, rows) "{\"results\":[" rows "]," STATISTICS(bytes, matched) ",\"status\":\"" \
                                           status "\"}"

static const struct aws_target here = { NULL, "eu-west-1" };
static const char *const groups[] = { "/shop/checkout", "/shop/cart", NULL };
static const struct logs_query errors = {
	.groups = groups, .query = "fields @message | filter @message like /ERROR/", .from_ms = 1700000000500,
	.until_ms = 1700003600001, .limit = 100,
};

static void says(const char *operation, const char *body)
{
	aws_world_answer(operation, 200, NULL, body);
}

static void begins(void)
{
	says("StartQuery", "{\"queryId\":\"q-1\"}");
}

static struct aws_end read_logs(const struct logs_query *query, struct logs_result *result)
{
	struct aws_end end = { 0 };

	logs_read(cloud.bot.aws, &here, query, result, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end;
}

static const char *message_of(const struct logs_result *result, size_t row)
{
	return json_string(json_at(result->rows, row), "@message");
}

static int setup(void **state)
{
	aws_world_begin(state);
	(void)aws_world_start();
	return 0;
}

/* --- the ordinary way --- */

static void a_query_is_asked_for_and_its_rows_are_read(void **state)
{
	struct logs_result result = { 0 };
	struct aws_end end;

	(void)state;
	begins();
	says("GetQueryResults", LOOK("Complete", 4096.0, 2.0, ROW("ERROR one") "," ROW("ERROR two")));
	end = read_logs(&errors, &result);
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "Logs_20140328.StartQuery");
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/x-amz-json-1.1");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/logs/aws4_request"));
	assert_string_equal(cloud.asked[0].body, "{\"logGroupNames\":[\"/shop/checkout\",\"/shop/cart\"],\"queryString\":"
	                    "\"fields @message | filter @message like /ERROR/\",\"startTime\":1700000000,"
	                    "\"endTime\":1700003601,\"limit\":100}");
	assert_string_equal(cloud.asked[1].body, "{\"queryId\":\"q-1\"}");
	assert_int_equal(cloud.count, 2);
	assert_int_equal(json_count(result.rows), 2);
	assert_string_equal(message_of(&result, 1), "ERROR two");
	assert_false(json_has(json_at(result.rows, 0), "@ptr"));
	assert_int_equal(result.scanned_bytes, 4096);
	assert_int_equal(result.matched, 2);
	assert_false(result.stopped || result.cut);
	assert_int_equal(metrics_value("tocsin_logs_queries_total", "outcome", "complete"), 1);
	assert_int_equal(metrics_value("tocsin_logs_scanned_bytes_total", NULL, NULL), 4096);
	logs_result_free(&result);
}

static void it_is_looked_at_until_it_is_over(void **state)
{
	struct logs_result result = { .rows = json_new_array(), .matched = 7 }; /* of an earlier one */

	(void)state;
	begins();
	says("GetQueryResults", "{\"results\":[],\"status\":\"Scheduled\"}");
	says("GetQueryResults", LOOK("Running", 10.0, 1.0, ROW("one")));
	says("GetQueryResults", LOOK("Unknown", 20.0, 1.0, ROW("one")));
	says("GetQueryResults", LOOK("Complete", 30.0, 3.0, ROW("three") "," ROW("two") "," ROW("one")));
	assert_int_equal(read_logs(&errors, &result).err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 5);
	assert_int_equal(json_count(result.rows), 3);
	assert_string_equal(message_of(&result, 0), "three");
	assert_int_equal(result.scanned_bytes, 30);
	logs_result_free(&result);
}

static void nothing_found_is_an_empty_list(void **state)
{
	struct logs_result result = { 0 };

	(void)state;
	begins();
	says("GetQueryResults", "{\"results\":[],\"status\":\"Complete\"}");
	assert_int_equal(read_logs(&errors, &result).err.kind, ERR_NONE);
	assert_true(json_is_array(result.rows));
	assert_int_equal(json_count(result.rows), 0);
	logs_result_free(&result);
}

static void further_pages_are_read_up_to_the_limit(void **state)
{
	struct logs_result result = { 0 };
	struct logs_query few = errors;

	(void)state;
	few.limit = 3;
	begins();
	says("GetQueryResults", "{\"results\":[" ROW("1") "],\"status\":\"Complete\",\"nextToken\":\"a\"," STATISTICS(5, 9) "}");
	says("GetQueryResults", "{\"results\":[" ROW("2") "],\"status\":\"Complete\",\"nextToken\":\"b\"}");
	says("GetQueryResults", "{\"results\":[" ROW("3") "," ROW("4") "],\"status\":\"Complete\",\"nextToken\":\"c\"}");
	assert_int_equal(read_logs(&few, &result).err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 4);
	assert_string_equal(cloud.asked[3].body, "{\"queryId\":\"q-1\",\"nextToken\":\"b\"}");
	assert_int_equal(json_count(result.rows), 3);
	assert_string_equal(message_of(&result, 2), "3");
	assert_int_equal(result.matched, 9);
	logs_result_free(&result);
}

/* --- stopped --- */

static void a_query_that_scans_too_much_is_stopped(void **state)
{
	struct logs_result result = { 0 };
	struct logs_query dear = errors;

	(void)state;
	dear.max_bytes = 1000;
	begins();
	says("GetQueryResults", LOOK("Running", 1000.0, 1.0, ROW("one")));
	says("GetQueryResults", LOOK("Running", 1001.0, 1.0, ROW("one")));
	says("StopQuery", "{\"success\":true}");
	says("GetQueryResults", LOOK("Cancelled", 1500.0, 2.0, ROW("one") "," ROW("two")));
	assert_int_equal(read_logs(&dear, &result).err.kind, ERR_NONE);
	assert_non_null(strstr(cloud.asked[3].head, "Logs_20140328.StopQuery"));
	assert_string_equal(cloud.asked[3].body, "{\"queryId\":\"q-1\"}");
	assert_int_equal(cloud.count, 5);
	assert_true(result.stopped);
	assert_int_equal(result.scanned_bytes, 1500);
	assert_int_equal(json_count(result.rows), 2);
	assert_int_equal(metrics_value("tocsin_logs_queries_total", "outcome", "stopped"), 1);
	logs_result_free(&result);
}

static int64_t now_ms;

static int64_t replaced_clock(void)
{
	return now_ms;
}

static void a_query_that_lasts_too_long_is_stopped(void **state)
{
	struct logs_result result = { 0 };
	struct aws_end end = { 0 };

	(void)state;
	now_ms = clock_wall_ms();
	clock_replace(replaced_clock);
	begins();
	says("GetQueryResults", LOOK("Running", 10.0, 1.0, ROW("one")));
	says("StopQuery", "{\"success\":true}");
	aws_world_answer("GetQueryResults", 400, NULL, "{\"__type\":\"InvalidParameterException\",\"message\":\"gone\"}");
	logs_read(cloud.bot.aws, &here, &errors, &result, aws_end_token(&end));
	aws_world_until(2);
	now_ms += 60001; /* without a deadline of its own it has a minute */
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_true(result.stopped);
	assert_int_equal(json_count(result.rows), 1); /* of the look before the last, which failed */
	assert_int_equal(aws_world_unused(), 0);
	logs_result_free(&result);
}

static void one_that_was_over_before_it_was_stopped_is_whole(void **state)
{
	struct logs_result result = { 0 };
	struct logs_query dear = errors;

	(void)state;
	dear.max_bytes = 1;
	begins();
	says("GetQueryResults", LOOK("Running", 10.0, 1.0, ROW("one")));
	aws_world_answer("StopQuery", 400, NULL, "{\"__type\":\"InvalidParameterException\",\"message\":\"Query is not "
	                 "running\"}");
	says("GetQueryResults", LOOK("Complete", 20.0, 2.0, ROW("one") "," ROW("two")));
	assert_int_equal(read_logs(&dear, &result).err.kind, ERR_NONE);
	assert_false(result.stopped);
	assert_int_equal(json_count(result.rows), 2);
	logs_result_free(&result);
}

static void one_that_cannot_be_looked_at_is_stopped_and_fails(void **state)
{
	struct logs_result result = { 0 };
	struct aws_end end;

	(void)state;
	begins();
	aws_world_answer("GetQueryResults", 400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	says("StopQuery", "{\"success\":true}");
	says("GetQueryResults", LOOK("Cancelled", 20.0, 2.0, ROW("one")));
	end = read_logs(&errors, &result);
	assert_int_equal(end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(end.err.text, "IAM action logs:GetQueryResults"));
	assert_null(result.rows);
	assert_int_equal(aws_world_unused(), 0);
	assert_int_equal(metrics_value("tocsin_logs_scanned_bytes_total", NULL, NULL), 20);
}

static void stopping_the_process_stops_a_waiting_query(void **state)
{
	struct logs_result result = { 0 };
	struct aws_end end = { 0 };

	(void)state;
	clock_set_scale(100); /* it waits for its second look */
	begins();
	logs_read(cloud.bot.aws, &here, &errors, &result, aws_end_token(&end));
	aws_world_until(1);
	turn_for(cloud.loop, 20);
	says("StopQuery", "{\"success\":true}");
	says("GetQueryResults", LOOK("Cancelled", 20.0, 2.0, ROW("one")));
	aws_stop(cloud.bot.aws);
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_CANCELLED);
	assert_non_null(strstr(cloud.asked[1].head, "StopQuery"));
	assert_null(result.rows);
}

static void stopping_the_process_stops_a_query_that_just_begins(void **state)
{
	struct logs_result result = { 0 };
	struct aws_end end = { 0 };

	(void)state;
	begins();
	says("StopQuery", "{\"success\":true}");
	says("GetQueryResults", LOOK("Cancelled", 20.0, 2.0, ""));
	logs_read(cloud.bot.aws, &here, &errors, &result, aws_end_token(&end));
	aws_stop(cloud.bot.aws);
	aws_stop(cloud.bot.aws);
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_CANCELLED);
	assert_int_equal(aws_world_unused(), 0);
}

static void at_the_end_everything_is_given_up(void **state)
{
	struct logs_result result = { 0 };
	struct aws_end waiting = { 0 }, asking = { 0 }, unsent = { 0 };
	struct logs_query wrong = errors;

	(void)state;
	clock_set_scale(100);
	begins();
	logs_read(cloud.bot.aws, &here, &errors, &result, aws_end_token(&waiting));
	aws_world_until(1);
	turn_for(cloud.loop, 20);
	aws_world_answer("StartQuery", AWS_WORLD_SILENT, NULL, NULL);
	logs_read(cloud.bot.aws, &here, &errors, &result, aws_end_token(&asking));
	aws_world_until(2);
	wrong.limit = 1;
	wrong.groups = groups + 2;
	logs_read(cloud.bot.aws, &here, &wrong, &result, aws_end_token(&unsent));
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_true(waiting.done && asking.done && unsent.done);
	assert_int_equal(waiting.err.kind, ERR_CANCELLED);
	assert_int_equal(asking.err.kind, ERR_CANCELLED);
	assert_int_equal(unsent.err.kind, ERR_CANCELLED);
	turn_for(cloud.loop, 5);
	assert_int_equal(waiting.times + asking.times + unsent.times, 3);
}

/* --- refusals --- */

static void errors_say_what_to_do(void **state)
{
	static const struct {
		const char *body;
		enum err_kind kind;
		const char *text;
	} cases[] = {
		{ "{\"__type\":\"MalformedQueryException\",\"message\":\"unexpected symbol found ; at line 1 and position 7 "
		  "(Service: AWSLogs; Status Code: 400; Error Code: MalformedQueryException)\"}", ERR_REFUSED,
		  "the query cannot be read: unexpected symbol found ; at line 1 and position 7" },
		{ "{\"__type\":\"ResourceNotFoundException\",\"message\":\"Log group '/shop/checkout' does not exist\"}",
		  ERR_REFUSED, "a log group does not exist in eu-west-1: Log group '/shop/checkout' does not exist" },
		{ "{\"__type\":\"InvalidParameterException\",\"message\":\"too early\"}", ERR_REFUSED,
		  "CloudWatch Logs refuses the query: too early" },
		{ "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}", ERR_REFUSED, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct logs_result result = { 0 };
		struct aws_end end;

		aws_world_answer("StartQuery", 400, NULL, cases[i].body);
		end = read_logs(&errors, &result);
		assert_int_equal(end.err.kind, cases[i].kind);
		if (cases[i].text != NULL)
			assert_string_equal(end.err.text, cases[i].text);
		else
			assert_non_null(strstr(end.err.text, "IAM action logs:StartQuery"));
		assert_null(result.rows);
		assert_int_equal(result.malformed, strstr(cases[i].body, "Malformed") != NULL);
	}
}

static void a_query_that_failed_there_may_be_asked_again(void **state)
{
	struct logs_result result = { 0 };

	(void)state;
	begins();
	says("GetQueryResults", LOOK("Failed", 20.0, 0.0, ""));
	assert_int_equal(read_logs(&errors, &result).err.kind, ERR_RETRY);
}

/* Twice begun is twice charged: an answer that is lost is not asked for again. */
static void a_lost_start_is_not_repeated(void **state)
{
	struct logs_result result = { 0 };

	(void)state;
	aws_world_answer("StartQuery", AWS_WORLD_CUT, NULL, NULL);
	begins();
	assert_int_equal(read_logs(&errors, &result).err.kind, ERR_RETRY);
	assert_int_equal(cloud.count, 1);
}

static void throttled_starts_and_looks_are_repeated(void **state)
{
	struct logs_result result = { 0 };

	(void)state;
	aws_world_answer("StartQuery", 400, NULL, "{\"__type\":\"LimitExceededException\",\"message\":\"30 run\"}");
	begins();
	aws_world_answer("GetQueryResults", 400, NULL, "{\"__type\":\"ThrottlingException\"}");
	says("GetQueryResults", LOOK("Complete", 20.0, 1.0, ROW("one")));
	assert_int_equal(read_logs(&errors, &result).err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 4);
	logs_result_free(&result);
}

static void four_run_at_once(void **state)
{
	struct logs_result results[6] = { 0 };
	struct aws_end ends[6] = { 0 };

	(void)state;
	clock_set_scale(100);
	for (unsigned i = 0; i < 5; i++) {
		if (i < 4)
			begins();
		logs_read(cloud.bot.aws, &here, &errors, &results[i], aws_end_token(&ends[i]));
	}
	aws_end_wait(&ends[4]);
	assert_int_equal(ends[4].err.kind, ERR_RETRY);
	assert_non_null(strstr(ends[4].err.text, "4 queries of logs are running"));
	aws_world_until(4);
	for (unsigned i = 0; i < 4; i++) {
		says("StopQuery", "{}");
		says("GetQueryResults", LOOK("Cancelled", 1.0, 0.0, ""));
	}
	aws_stop(cloud.bot.aws);
	for (unsigned i = 0; i < 4; i++)
		aws_end_wait(&ends[i]);
	clock_set_scale(0.001);
	begins();
	says("GetQueryResults", LOOK("Complete", 20.0, 1.0, ""));
	logs_read(cloud.bot.aws, &here, &errors, &results[5], aws_end_token(&ends[5]));
	aws_end_wait(&ends[5]);
	assert_int_equal(ends[5].err.kind, ERR_NONE);
	logs_result_free(&results[5]);
}

static void what_cannot_be_asked_is_refused_here(void **state)
{
	static const char *many[52];
	char *longest = mem_alloc(10002);
	struct logs_query wrong[4] = { errors, errors, errors, errors };

	(void)state;
	memset(longest, 'x', 10001);
	for (unsigned i = 0; i < 51; i++)
		many[i] = "/a";
	wrong[0].groups = groups + 2;
	wrong[1].groups = many;
	wrong[2].query = longest;
	wrong[3].until_ms = wrong[3].from_ms;
	for (unsigned i = 0; i < 4; i++) {
		struct logs_result result = { 0 };

		assert_int_equal(read_logs(&wrong[i], &result).err.kind, ERR_REFUSED);
	}
	assert_int_equal(cloud.count, 0);
	free(longest);
}

/* Else the query's own words would decide which groups are read. */
static void a_query_must_not_name_groups(void **state)
{
	static const char *const wrong[] = {
		"SOURCE logGroups(namePrefix: ['/secret']) | fields @message", " \t\nsource '/secret'",
		"fields @message | SOURCE '/secret'", "fields @message |# note\n  Source '/secret'", "# a\n#b |\nsource x",
		"filter @message like '#' | SOURCE '/secret'", "fields @message |\xc2\xa0\fsource '/secret'",
		"fields @message | join type=left left=a right=b where a.x=b.x ( source '/secret' )",
	};
	static const char *const right[] = {
		"fields @message, source", "filter source = 'x'", "fields @message # a source",
		"filter @message like /source/",
	};
	struct logs_query query = errors;
	struct logs_result result = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct aws_end end;

		query.query = wrong[i];
		end = read_logs(&query, &result);
		assert_int_equal(end.err.kind, ERR_REFUSED);
		assert_non_null(strstr(end.err.text, "SOURCE"));
	}
	assert_int_equal(cloud.count, 0);
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		begins();
		says("GetQueryResults", LOOK("Complete", 1, 0, ""));
		query.query = right[i];
		assert_int_equal(read_logs(&query, &result).err.kind, ERR_NONE);
	}
	logs_result_free(&result);
}

/* --- hostile answers --- */

static void answers_are_bounded(void **state)
{
	struct logs_result result = { 0 };
	struct str body;
	char *piece = mem_alloc(20001);

	(void)state;
	memset(piece, 'x', 20000);
	str_init(&body, 4u << 20);
	str_add(&body, "{\"results\":[");
	for (unsigned i = 0; i < 150; i++)
		str_addf(&body, "%s[{\"field\":\"@message\",\"value\":\"\xc3\xa4%s\"}]", i > 0 ? "," : "", piece);
	str_add(&body, "],\"status\":\"Complete\"}");
	begins();
	says("GetQueryResults", body.text);
	assert_int_equal(read_logs(&(struct logs_query){ .groups = groups, .query = "fields @message", .from_ms = 1,
	                           .until_ms = 2, .limit = 1000 }, &result).err.kind, ERR_NONE);
	assert_true(result.cut);
	assert_int_equal(strlen(message_of(&result, 0)), 8192);
	assert_in_range(json_count(result.rows), 120, 130); /* a MiB of them */
	logs_result_free(&result);
	str_free(&body);
	free(piece);
}

static void odd_answers_do_no_harm(void **state)
{
	static const char *const odd[] = {
		"{\"status\":\"Complete\",\"results\":{\"a\":1}}",
		"{\"status\":\"Complete\",\"results\":[7,\"x\",[7,{}],[{\"field\":3,\"value\":\"a\"}],[{\"field\":\"a\"}]]}",
		"{\"status\":\"Complete\",\"results\":[],\"statistics\":{\"bytesScanned\":-1e300,\"recordsMatched\":1e300}}",
		"{\"status\":\"Complete\",\"results\":[],\"statistics\":[]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct logs_result result = { 0 };

		begins();
		says("GetQueryResults", odd[i]);
		assert_int_equal(read_logs(&errors, &result).err.kind, ERR_NONE);
		assert_int_equal(result.scanned_bytes, 0);
		assert_int_equal(result.matched, 0);
		logs_result_free(&result);
	}
}

static void no_status_and_no_id_are_errors(void **state)
{
	struct logs_result result = { 0 };

	(void)state;
	says("StartQuery", "{}");
	assert_int_equal(read_logs(&errors, &result).err.kind, ERR_RETRY);
	begins();
	says("GetQueryResults", "{\"results\":[]}");
	says("StopQuery", "{}");
	says("GetQueryResults", "{}");
	assert_int_equal(read_logs(&errors, &result).err.kind, ERR_RETRY);
	assert_int_equal(aws_world_unused(), 0);
}

/* --- groups --- */

static void groups_are_listed_by_prefix(void **state)
{
	struct aws_end end = { 0 };
	char **names = mem_alloc(2 * sizeof(*names));

	(void)state;
	names[0] = mem_copy_string("old");
	says("DescribeLogGroups", "{\"logGroups\":[{\"logGroupName\":\"/shop/a\"},{\"arn\":\"no name\"}],\"nextToken\":\"t\"}");
	says("DescribeLogGroups", "{\"logGroups\":[{\"logGroupName\":\"/shop/b\"}]}");
	logs_groups(cloud.bot.aws, &here, "/shop/", &names, aws_end_token(&end));
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_string_equal(cloud.asked[0].body, "{\"logGroupNamePrefix\":\"/shop/\",\"limit\":50}");
	assert_string_equal(cloud.asked[1].body, "{\"logGroupNamePrefix\":\"/shop/\",\"limit\":50,\"nextToken\":\"t\"}");
	assert_string_equal(names[0], "/shop/a");
	assert_string_equal(names[1], "/shop/b");
	assert_null(names[2]);
	for (char **name = names; *name != NULL; name++)
		free(*name);
	free(names);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_query_is_asked_for_and_its_rows_are_read),
		T(it_is_looked_at_until_it_is_over),
		T(nothing_found_is_an_empty_list),
		T(further_pages_are_read_up_to_the_limit),
		T(a_query_that_scans_too_much_is_stopped),
		T(a_query_that_lasts_too_long_is_stopped),
		T(one_that_was_over_before_it_was_stopped_is_whole),
		T(one_that_cannot_be_looked_at_is_stopped_and_fails),
		T(stopping_the_process_stops_a_waiting_query),
		T(stopping_the_process_stops_a_query_that_just_begins),
		T(at_the_end_everything_is_given_up),
		T(errors_say_what_to_do),
		T(a_query_that_failed_there_may_be_asked_again),
		T(a_lost_start_is_not_repeated),
		T(throttled_starts_and_looks_are_repeated),
		T(four_run_at_once),
		T(what_cannot_be_asked_is_refused_here),
		T(a_query_must_not_name_groups),
		T(answers_are_bounded),
		T(odd_answers_do_no_harm),
		T(no_status_and_no_id_are_errors),
		T(groups_are_listed_by_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
