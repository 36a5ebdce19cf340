/* EC2 DescribeInstances: the question, and its answers as EC2 writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/ec2.h"
#include "bot/mem.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/vectors.h"

#define INSTANCE "i-0123456789abcdef0"

static const struct aws_target here = { NULL, "eu-west-1" };

static struct aws_end describe(struct ec2_instance *out, int status, const char *body)
{
	struct aws_end end = { 0 };

	aws_world_answer("DescribeInstances", status, NULL, body);
	ec2_describe(cloud.bot.aws, &here, INSTANCE, out, aws_end_token(&end));
	aws_end_wait(&end);
	return end;
}

static void instances_are_read(void **state)
{
	struct ec2_instance out = { .reason = mem_copy_string("old") };
	struct aws_end end;

	(void)state;
	(void)aws_world_start();
	end = describe(&out, 200, "<?xml version=\"1.0\"?><DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/"
	               "2016-11-15/\"><requestId>r</requestId><reservationSet><item><instancesSet><item><instanceId>" INSTANCE
	               "</instanceId><instanceState><code>16</code><name>running</name></instanceState><reason/>"
	               "<instanceType>t3.micro</instanceType><launchTime>2024-11-01T00:00:00.000Z</launchTime>"
	               "<platform>windows</platform><tagSet><item><key>Env</key><value>prod</value></item><item>"
	               "<key>Name</key><value>web &amp; co</value></item></tagSet></item></instancesSet></item>"
	               "</reservationSet></DescribeInstancesResponse>");
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_string_equal(cloud.asked[0].body, "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=instance-id&"
	                    "Filter.1.Value.1=" INSTANCE);
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/ec2/aws4_request"));
	assert_string_equal(out.state, "running");
	assert_null(out.reason);
	assert_string_equal(out.type, "t3.micro");
	assert_string_equal(out.name, "web & co");
	assert_true(out.windows);
	assert_int_equal(out.launched_ms, 1730419200000);
	ec2_instance_free(&out);
	assert_null(out.state);
}

static void unknown_instances_are_not_found(void **state)
{
	struct ec2_instance out = { 0 };
	struct aws_end end;

	(void)state;
	(void)aws_world_start();
	end = describe(&out, 200, "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>");
	assert_int_equal(end.err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(end.err.text, "no instance " INSTANCE));
	assert_null(out.state);
}

static void refusals_name_the_action(void **state)
{
	struct ec2_instance out = { 0 };
	struct aws_end end;

	(void)state;
	(void)aws_world_start();
	end = describe(&out, 403, "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not "
	               "authorized</Message></Error></Errors><RequestID>r</RequestID></Response>");
	assert_int_equal(end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(end.err.text, "IAM action ec2:DescribeInstances"));
}

/* A real answer, with several reservations of stopped instances. */
static void botocores_sample_is_read(void **state)
{
	size_t length;
	char *text = vector_read("protocols/botocore-response-parsing/xml/responses/ec2-describe-instances.xml", &length);
	struct ec2_instance out = { 0 };

	(void)state;
	if (text == NULL)
		skip();
	(void)aws_world_start();
	assert_int_equal(describe(&out, 200, text).err.kind, ERR_NONE);
	assert_string_equal(out.state, "stopped");
	assert_string_equal(out.reason, "User initiated (2013-03-01 17:24:16 GMT)");
	assert_string_equal(out.type, "m1.small");
	assert_false(out.windows);
	assert_int_equal(out.launched_ms, 1350417613000);
	ec2_instance_free(&out);
	free(text);
}

#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(instances_are_read),
		T(unknown_instances_are_not_found),
		T(refusals_name_the_action),
		T(botocores_sample_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
