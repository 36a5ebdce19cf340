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

static void scripts_of_windows_go_to_powershell(void **state)
{
	struct aws *aws = aws_world_start();
	struct aws_end end = { 0 };
	char *id = NULL;

	(void)state;
	aws_world_answer("SendCommand", 200, NULL, "{\"Command\":{\"CommandId\":\"c\"}}");
	ssm_send(aws, &(struct ssm_command){ .target = here, .instance = INSTANCE, .windows = true, .script = "exit 3",
		.timeout_s = 999999 }, &id, aws_end_token(&end));
	aws_end_wait(&end);
	assert_body(0, "{\"DocumentName\":\"AWS-RunPowerShellScript\",\"InstanceIds\":[\"" INSTANCE "\"],"
	               "\"TimeoutSeconds\":30,\"Parameters\":{\"commands\":[\"exit 3\"],\"executionTimeout\":[\"172800\"]}}");
	free(id);
}

static void long_comments_are_cut_between_characters(void **state)
{
	struct aws *aws = aws_world_start();
	struct aws_end end = { 0 };
	char *id = NULL, comment[200];

	(void)state;
	memset(comment, 'x', 99);
	(void)snprintf(comment + 99, 10, "\xC3\xA4\xC3\xA4");
	aws_world_answer("SendCommand", 200, NULL, "{\"Command\":{\"CommandId\":\"c\"}}");
	ssm_send(aws, &(struct ssm_command){ .target = here, .instance = INSTANCE, .script = "a", .timeout_s = 1,
		.comment = comment }, &id, aws_end_token(&end));
	aws_end_wait(&end);
	comment[99] = '\0';
	assert_non_null(strstr(cloud.asked[0].body, comment));
	assert_null(strstr(cloud.asked[0].body, "\xC3"));
	free(id);
}

static void sending_is_not_repeated_in_doubt(void **state)
{
	struct aws *aws = aws_world_start();
	struct aws_end cut = { 0 }, odd = { 0 };
	const struct ssm_command command = { .target = here, .instance = INSTANCE, .script = "a", .timeout_s = 1 };
	char *id = NULL;

	(void)state;
	aws_world_answer("SendCommand", AWS_WORLD_CUT, NULL, NULL);
	ssm_send(aws, &command, &id, aws_end_token(&cut));
	aws_end_wait(&cut);
	assert_int_equal(cut.err.kind, ERR_UNKNOWN);
	aws_world_answer("SendCommand", 200, NULL, "{\"Command\":{}}");
	ssm_send(aws, &command, &id, aws_end_token(&odd));
	aws_end_wait(&odd);
	assert_int_equal(odd.err.kind, ERR_UNKNOWN);
	assert_int_equal(cloud.count, 2);
	assert_null(id);
}

static struct err send_error(const char *body)
{
	struct aws_end end = { 0 };
	char *id = NULL;

	aws_world_answer("SendCommand", 400, NULL, body);
	ssm_send(cloud.bot.aws, &(struct ssm_command){ .target = here, .instance = INSTANCE, .script = "a", .timeout_s = 1 },
	         &id, aws_end_token(&end));
	aws_end_wait(&end);
	return end.err;
}

static void assert_four_causes(const char *text)
{
	static const char *const causes[] = { INSTANCE, "no instance profile with AmazonSSMManagedInstanceCore",
		"SSM agent is down", "another region or account", "instance is not running" };

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strstr(text, causes[i]) == NULL)
			fail_msg("%s", text);
}

static void errors_say_what_to_do(void **state)
{
	struct err err;

	(void)state;
	(void)aws_world_start();
	err = send_error("{\"__type\":\"InvalidInstanceId\",\"message\":\"Instances not in a valid state\"}");
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_four_causes(err.text);
	err = send_error("{\"__type\":\"UnsupportedPlatformType\"}");
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "not for the platform of " INSTANCE));
	err = send_error("{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:sts::123456789012:x\"}");
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "IAM action ssm:SendCommand in account 123456789012, eu-west-1"));
}

static void instances_are_described(void **state)
{
	struct aws *aws = aws_world_start();
	struct ssm_instance out = { .computer = mem_copy_string("old") };
	struct aws_end end = { 0 }, none = { 0 };

	(void)state;
	/* A page may be empty although more follows. */
	aws_world_answer("DescribeInstanceInformation", 200, NULL, "{\"InstanceInformationList\":[],\"NextToken\":\"n\"}");
	aws_world_answer("DescribeInstanceInformation", 200, NULL, "{\"InstanceInformationList\":[{\"InstanceId\":\"" INSTANCE
	                 "\",\"PingStatus\":\"Online\",\"LastPingDateTime\":1.730419200123E9,\"PlatformType\":\"Windows\","
	                 "\"ComputerName\":\"\"}]}");
	ssm_describe(aws, &here, INSTANCE, &out, aws_end_token(&end));
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_body(0, "{\"Filters\":[{\"Key\":\"InstanceIds\",\"Values\":[\"" INSTANCE "\"]}]}");
	assert_body(1, "{\"Filters\":[{\"Key\":\"InstanceIds\",\"Values\":[\"" INSTANCE "\"]}],\"NextToken\":\"n\"}");
	assert_string_equal(out.platform, "Windows");
	assert_string_equal(out.ping, "Online");
	assert_null(out.computer);
	assert_int_equal(out.last_ping_ms, 1730419200123);
	aws_world_answer("DescribeInstanceInformation", 200, NULL, "{\"InstanceInformationList\":[]}");
	ssm_describe(aws, &here, INSTANCE, &out, aws_end_token(&none));
	aws_end_wait(&none);
	assert_int_equal(none.err.kind, ERR_NOT_FOUND);
	assert_four_causes(none.err.text);
	assert_string_equal(out.ping, "Online"); /* untouched */
	ssm_instance_free(&out);
}

static void commands_are_found_by_their_comment(void **state)
{
	struct aws *aws = aws_world_start();
	struct aws_end end = { 0 }, none = { 0 };
	char *id = NULL;

	(void)state;
	aws_world_answer("ListCommands", 200, NULL, "{\"Commands\":[{\"CommandId\":\"a\",\"Comment\":\"nonce-10\"},"
	                 "{\"CommandId\":\"b\"}],\"NextToken\":\"more\"}");
	aws_world_answer("\"NextToken\":\"more\"", 200, NULL,
	                 "{\"Commands\":[{\"CommandId\":\"c\",\"Comment\":\"nonce-1\"}],\"NextToken\":\"x\"}");
	ssm_find(aws, &here, INSTANCE, "nonce-1", 1730419500999, &id, aws_end_token(&end));
	aws_end_wait(&end);
	assert_string_equal(id, "c");
	assert_body(0, "{\"InstanceId\":\"" INSTANCE "\",\"MaxResults\":50,\"Filters\":[{\"key\":\"InvokedAfter\","
	               "\"value\":\"2024-11-01T00:00:00Z\"}]}"); /* five minutes before */
	aws_world_answer("ListCommands", 200, NULL, "{\"Commands\":[]}");
	ssm_find(aws, &here, INSTANCE, "nonce-1", 1730419500999, &id, aws_end_token(&none));
	aws_end_wait(&none);
	assert_int_equal(none.err.kind, ERR_NOT_FOUND);
	free(id);
}

/* Else a command whose answer was lost would be sent a second time. */
static void an_answer_without_its_list_says_nothing(void **state)
{
	static const char *const answers[] = { "", "{}" };
	struct aws *aws = aws_world_start();
	char *id = NULL;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct ssm_instance out = { 0 };
		struct aws_end found = { 0 }, described = { 0 };

		aws_world_answer("ListCommands", 200, NULL, answers[i]);
		ssm_find(aws, &here, INSTANCE, "nonce-1", 1730419500999, &id, aws_end_token(&found));
		aws_end_wait(&found);
		assert_int_equal(found.err.kind, ERR_RETRY);
		aws_world_answer("DescribeInstanceInformation", 200, NULL, answers[i]);
		ssm_describe(aws, &here, INSTANCE, &out, aws_end_token(&described));
		aws_end_wait(&described);
		assert_int_equal(described.err.kind, ERR_RETRY);
	}
}

static void endless_lists_end(void **state)
{
	struct aws *aws = aws_world_start();
	struct aws_end end = { 0 };
	char *id = NULL;

	(void)state;
	for (int i = 0; i < 30; i++)
		aws_world_answer("ListCommands", 200, NULL, "{\"Commands\":[],\"NextToken\":\"again\"}");
	ssm_find(aws, &here, INSTANCE, "nonce", 1730419500999, &id, aws_end_token(&end));
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_RETRY);
	assert_int_equal(cloud.count, 20);
}

static struct ssm_result poll_once(int status, const char *body)
{
	struct ssm_result out = { 0 };
	struct aws_end end = { 0 };

	aws_world_answer("GetCommandInvocation", status, NULL, body);
	ssm_poll(cloud.bot.aws, &here, "cmd", INSTANCE, &out, aws_end_token(&end));
	aws_end_wait(&end);
	if (end.err.kind != ERR_NONE)
		fail_msg("%s", end.err.text);
	return out;
}

static void results_are_read(void **state)
{
	struct ssm_result out;

	(void)state;
	(void)aws_world_start();
	out = poll_once(200, "{\"Status\":\"Success\",\"StatusDetails\":\"Success\",\"ResponseCode\":0,"
	                     "\"StandardOutputContent\":\"a\\nb\\n\",\"StandardErrorContent\":\"\"}");
	assert_body(0, "{\"CommandId\":\"cmd\",\"InstanceId\":\"" INSTANCE "\"}");
	assert_int_equal(out.phase, SSM_DONE);
	assert_string_equal(out.output, "a\nb\n");
	assert_string_equal(out.errors, "");
	assert_null(out.why);
	assert_int_equal(out.exit_code, 0);
	assert_false(out.cut);
	ssm_result_free(&out);
	out = poll_once(200, "{\"Status\":\"TimedOut\",\"StatusDetails\":\"Execution Timed Out\",\"ResponseCode\":-1,"
	                     "\"ExecutionElapsedTime\":\"PT1M0.012S\",\"StandardErrorContent\":\"e\"}");
	assert_int_equal(out.phase, SSM_FAILED);
	assert_string_equal(out.status, "Execution Timed Out");
	assert_string_equal(out.why, "timed out on the instance after 1 min");
	assert_string_equal(out.errors, "e");
	ssm_result_free(&out);
	str_clear(&cloud.log);
	out = poll_once(400, "{\"__type\":\"InvocationDoesNotExist\",\"Message\":\"\"}");
	assert_int_equal(out.phase, SSM_WAITING);
	assert_int_equal(out.exit_code, -1);
	assert_string_equal(out.output, "");
	assert_null(strstr(cloud.log.text, "aws.call_failed"));
	ssm_result_free(&out);
}

static void statuses_have_plain_words(void **state)
{
	static const struct {
		const char *status;
		enum ssm_phase phase;
		int64_t exit_code;
		const char *why;
	} cases[] = {
		{ "Pending", SSM_WAITING, -1, NULL },
		{ "Delayed", SSM_WAITING, -1, NULL },
		{ "InProgress", SSM_RUNNING, -1, NULL },
		{ "In Progress", SSM_RUNNING, -1, NULL },
		{ "Cancelling", SSM_RUNNING, -1, NULL },
		{ "SomethingNew", SSM_RUNNING, -1, NULL },
		{ "Success", SSM_DONE, 0, NULL },
		{ "Failed", SSM_FAILED, 2, "ended with exit status 2" },
		{ "Failed", SSM_FAILED, -1, "failed before the script began (Failed)" },
		{ "Cancelled", SSM_FAILED, -1, "was cancelled" },
		{ "Delivery Timed Out", SSM_FAILED, -1, "did not reach the instance in time: its SSM agent does not answer" },
		{ "DeliveryTimedOut", SSM_FAILED, -1, "did not reach the instance in time: its SSM agent does not answer" },
		{ "ExecutionTimedOut", SSM_FAILED, -1, "timed out on the instance after its time" },
		{ "TimedOut", SSM_FAILED, -1, "timed out on the instance after its time" },
		{ "Undeliverable", SSM_FAILED, -1, "could not be delivered: the instance is gone or does not answer" },
		{ "Terminated", SSM_FAILED, -1, "was ended by SSM: the whole command passed its limit of errors" },
		{ "Invalid Platform", SSM_FAILED, -1, "is not for the platform of the instance" },
		{ "Access Denied", SSM_FAILED, -1, "was refused: the role that sent it may not run it there" },
	};
	char why[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ssm_words_phase(cases[i].status), cases[i].phase);
		ssm_words_why(cases[i].status, cases[i].exit_code, NULL, why, sizeof(why));
		if (cases[i].why != NULL)
			assert_string_equal(why, cases[i].why);
	}
	ssm_words_why("ExecutionTimedOut", -1, "PT1H0M30S", why, sizeof(why));
	assert_string_equal(why, "timed out on the instance after 1 h 0 min");
	ssm_words_why("ExecutionTimedOut", -1, "PTxS", why, sizeof(why));
	assert_string_equal(why, "timed out on the instance after its time");
}

static void cut_outputs_are_known(void **state)
{
	char *long_output = mem_alloc(24001);

	(void)state;
	memset(long_output, 'x', 23999);
	assert_false(ssm_words_is_cut(long_output));
	long_output[23999] = 'y';
	assert_true(ssm_words_is_cut(long_output));
	assert_true(ssm_words_is_cut("short\n---Output truncated---"));
	assert_false(ssm_words_is_cut(""));
	free(long_output);
}

static void commands_are_cancelled(void **state)
{
	struct aws *aws = aws_world_start();
	struct aws_end end = { 0 };

	(void)state;
	aws_world_answer("CancelCommand", 200, NULL, "{}");
	ssm_cancel(aws, &here, "cmd", INSTANCE, aws_end_token(&end));
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_body(0, "{\"CommandId\":\"cmd\",\"InstanceIds\":[\"" INSTANCE "\"]}");
}

#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(commands_are_sent_as_lines),
		T(scripts_of_windows_go_to_powershell),
		T(long_comments_are_cut_between_characters),
		T(sending_is_not_repeated_in_doubt),
		T(errors_say_what_to_do),
		T(instances_are_described),
		T(commands_are_found_by_their_comment),
		T(an_answer_without_its_list_says_nothing),
		T(endless_lists_end),
		T(results_are_read),
		cmocka_unit_test(statuses_have_plain_words),
		cmocka_unit_test(cut_outputs_are_known),
		T(commands_are_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
