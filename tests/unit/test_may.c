/* Whether we may use a model or query logs: what is asked, and which refusals are good news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "adapters/aws/may.h"
#include "tests/unit/support/aws_world.h"

#define MODEL "eu.anthropic.claude-x-v1:0"
#define MALFORMED "{\"message\":\"Malformed input request: #: required key [messages] not found\"}"

static const struct aws_target here = { NULL, "eu-west-1" };

static int setup(void **state)
{
	aws_world_begin(state);
	return 0;
}

static void refuses(const char *needle, int status, const char *code, const char *body)
{
	char header[128];

	(void)snprintf(header, sizeof(header), "x-amzn-ErrorType: %s\r\n", code);
	aws_world_answer(needle, status, header, body);
}

static struct aws_end ask_model(void)
{
	struct aws_end end = { 0 };

	may_use_model(cloud.bot.aws, &here, MODEL, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end;
}

static struct aws_end ask_logs(void)
{
	struct aws_end end = { 0 };

	may_query_logs(cloud.bot.aws, &here, "/shop/checkout", aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end;
}

/* --- the model --- */

static void a_refused_form_is_a_permission(void **state)
{
	(void)state;
	(void)aws_world_start();
	refuses("/invoke ", 400, "ValidationException", MALFORMED);
	refuses("/invoke-with-response-stream ", 400, "ValidationException", MALFORMED);
	assert_int_equal(ask_model().err.kind, ERR_NONE);
	assert_non_null(strstr(cloud.asked[0].head, "POST /model/eu.anthropic.claude-x-v1%3A0/invoke HTTP"));
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/bedrock/aws4_request"));
	assert_string_equal(cloud.asked[0].body, "{}");
	assert_string_equal(cloud.asked[1].body, "{}");
	assert_int_equal(cloud.count, 2);
	assert_null(strstr(cloud.log.text, "call_failed")); /* it is an ordinary answer */
}

static void a_key_is_used_where_it_is_given(void **state)
{
	(void)state;
	(void)aws_world_start();
	aws_world_env("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-x");
	refuses("/invoke ", 400, "ValidationException", MALFORMED);
	aws_world_answer("/invoke-with-response-stream ", 200, NULL, "{}"); /* a model that takes anything */
	assert_int_equal(ask_model().err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "Authorization"), "Bearer bedrock-api-key-x");
	assert_string_equal(aws_world_header(1, "Authorization"), "Bearer bedrock-api-key-x");
}

static void what_is_wrong_with_a_model_is_said(void **state)
{
	static const struct {
		int status;
		const char *code, *message, *words;
	} cases[] = {
		{ 403, "AccessDeniedException", "You don't have access to the model with the specified model ID.",
		  "may not be used by this account" },
		{ 403, "AccessDeniedException", "User: x is not authorized to perform: bedrock:InvokeModel",
		  "IAM action bedrock:InvokeModel " },
		{ 400, "ValidationException", "The provided model identifier is invalid.", "is no model of this region" },
		{ 400, "ValidationException", "Invocation of model ID x with on-demand throughput isn't supported.",
		  "inference profiles only" },
		{ 404, "ResourceNotFoundException", "x", "is not known in this account and region" },
	};

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char body[200];
		struct aws_end end;

		(void)snprintf(body, sizeof(body), "{\"message\":\"%s\"}", cases[i].message);
		refuses("/invoke ", cases[i].status, cases[i].code, body);
		end = ask_model();
		assert_int_equal(end.err.kind, ERR_REFUSED);
		assert_non_null(strstr(end.err.text, cases[i].words));
	}
	assert_int_equal(cloud.count, 5);
}

static void streaming_is_a_permission_of_its_own(void **state)
{
	struct aws_end end;

	(void)state;
	(void)aws_world_start();
	refuses("/invoke ", 400, "ValidationException", MALFORMED);
	refuses("/invoke-with-response-stream ", 403, "AccessDeniedException", "{\"message\":\"no\"}");
	end = ask_model();
	assert_int_equal(end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(end.err.text, "IAM action bedrock:InvokeModelWithResponseStream"));
}

/* --- logs --- */

static void a_refused_query_is_a_permission(void **state)
{
	(void)state;
	(void)aws_world_start();
	refuses("StartQuery", 400, "MalformedQueryException", "{}");
	refuses("GetQueryResults", 400, "ResourceNotFoundException", "{}");
	refuses("StopQuery", 400, "InvalidParameterException", "{}");
	assert_int_equal(ask_logs().err.kind, ERR_NONE);
	assert_non_null(strstr(cloud.asked[0].body, "{\"logGroupNames\":[\"/shop/checkout\"],\"queryString\":\"tocsin "));
	assert_int_equal(cloud.count, 3);
}

static void each_permission_is_asked_for(void **state)
{
	static const char *const operations[] = { "StartQuery", "GetQueryResults", "StopQuery" };

	(void)state;
	(void)aws_world_start();
	for (size_t denied = 0; denied < 3; denied++) {
		char words[64];
		struct aws_end end;

		for (size_t i = 0; i <= denied; i++)
			refuses(operations[i], 400, i == denied ? "AccessDeniedException" : "ResourceNotFoundException", "{}");
		end = ask_logs();
		(void)snprintf(words, sizeof(words), "IAM action logs:%s ", operations[denied]);
		assert_int_equal(end.err.kind, ERR_REFUSED);
		assert_non_null(strstr(end.err.text, words));
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_refused_form_is_a_permission),
		T(a_key_is_used_where_it_is_given),
		T(what_is_wrong_with_a_model_is_said),
		T(streaming_is_a_permission_of_its_own),
		T(a_refused_query_is_a_permission),
		T(each_permission_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
