/* SSM Run Command: what is asked, and what its answers and errors come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/ssm.h"
#include "adapters/aws/ssm_words.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "tests/unit/support/aws_world.h"

#define INSTANCE "i-0123456789abcdef0"

static const struct aws_target here = { NULL, "eu-west-1" };

static void assert_body(size_t nth, const char *expected)
{
	struct err err;
	struct json_object *json = json_parse(expected, strlen(expected), &err);

	assert_non_null(json);
	assert_true(nth < cloud.count);
	assert_string_equal(cloud.asked[nth].body, json_print(json));
	json_free(json);
}

static void commands_are_sent_as_lines(void **state)
{
	struct aws *aws = aws_world_start();
	struct aws_end end = { 0 };
	char *id = mem_copy_string("old");

	(void)state;
	aws_world_answer("SendCommand", 200, NULL, "{\"Command\":{\"CommandId\":\"0b0e2ad5\",\"Status\":\"Pending\"}}");
	ssm_send(aws, &(struct ssm_command){ .target = here, .instance = INSTANCE, .script = "set -e\n\necho \"a b\"\n",
		.timeout_s = 60, .comment = "tocsin abc" }, &id, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_string_equal(id, "0b0e2ad5");
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "AmazonSSM.SendCommand");
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/x-amz-json-1.1");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/ssm/aws4_request"));
	assert_body(0, "{\"DocumentName\":\"AWS-RunShellScript\",\"InstanceIds\":[\"" INSTANCE "\"],"
	               "\"TimeoutSeconds\":30,\"Comment\":\"tocsin abc\",\"Parameters\":{\"commands\":[\"set -e\",\"\","
	               "\"echo \\\"a b\\\"\"],\"executionTimeout\":[\"60\"]}}");
	free(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(commands_are_sent_as_lines, aws_world_begin, aws_world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
