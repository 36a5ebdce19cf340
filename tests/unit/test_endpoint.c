/* ARNs, partitions, endpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/endpoint.h"
#include "bot/arn.h"
#include "bot/json.h"
#include "tests/unit/support/vectors.h"

static void splits_arns(void **state)
{
	struct arn arn;

	(void)state;
	assert_true(arn_split("arn:aws:sns:us-east-1:123456789012:alarms", &arn));
	assert_string_equal(arn.partition, "aws");
	assert_string_equal(arn.service, "sns");
	assert_string_equal(arn.region, "us-east-1");
	assert_string_equal(arn.account, "123456789012");
	assert_string_equal(arn.resource, "alarms");
	assert_true(arn_split("arn:aws:cloudwatch:eu-west-1:1:alarm:a:b/c d", &arn));
	assert_string_equal(arn.resource, "alarm:a:b/c d");
	assert_true(arn_split("arn:aws:iam::123456789012:role/x", &arn));
	assert_string_equal(arn.region, "");
}

static void refuses_what_is_no_arn(void **state)
{
	static const char *const bad[] = {
		"",
		"arn",
		"arn:",
		"arn:aws:sns:EXAMPLE",
		"arn:aws:sns:us-east-1:1",
		"arn:aws:sns:us-east-1:1:",
		"arn::sns:us-east-1:1:x",
		"arn:aws::us-east-1:1:x",
		"ARN:aws:sns:us-east-1:1:x",
		"arn:aws:sns:us-east-1.evil.example/:1:x",
		"arn:aws:sns:US-EAST-1:1:x",
		"arn:aws:sns:us east:1:x",
		"arn:aws:sns:averyveryveryverylongregionname-1:1:x",
		"arn:aws:sns:us-east-1:12345678901234567:x",
	};
	struct arn arn;

	(void)state;
	assert_false(arn_split(NULL, &arn));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (arn_split(bad[i], &arn))
			fail_msg("taken for an ARN: %s", bad[i]);
}

static const char *partition_id(const char *region)
{
	const struct partition *partition = partition_of_region(region);

	return partition == NULL ? "none" : partition->id;
}

static void knows_partitions(void **state)
{
	(void)state;
	assert_string_equal(partition_id("us-east-1"), "aws");
	assert_string_equal(partition_id("xx-new-9"), "aws");
	assert_string_equal(partition_id("us-gov-west-1"), "aws-us-gov");
	assert_string_equal(partition_id("cn-north-1"), "aws-cn");
	assert_string_equal(partition_id("us-iso-east-1"), "aws-iso");
	assert_string_equal(partition_id("us-isob-east-1"), "aws-iso-b");
	assert_string_equal(partition_id("us-isof-south-1"), "aws-iso-f");
	assert_string_equal(partition_id("eu-isoe-west-1"), "aws-iso-e");
	assert_string_equal(partition_id("eusc-de-east-1"), "aws-eusc");
	assert_string_equal(partition_id(""), "none");
	assert_string_equal(partition_id("EU - Ireland"), "none");
	assert_string_equal(partition_id("us-east-1.evil.example"), "none");
	assert_string_equal(partition_of_region("eusc-de-east-1")->console_host,
	                    "console.amazonaws-eusc.eu");
	assert_null(partition_of_region("us-iso-east-1")->console_host);
	assert_null(partition_of_region(NULL));
}

static struct json_object *one_partition;

static bool check_region(void *arg, const char *region, struct json_object *value)
{
	const struct partition *partition = partition_of_region(region);
	int *checked = arg;

	(void)value;
	assert_non_null(partition);
	assert_string_equal(partition->id, json_string(one_partition, "id"));
	assert_string_equal(partition->dns_suffix, json_string(one_partition, "outputs.dnsSuffix"));
	(*checked)++;
	return true;
}

static void agrees_with_botocore(void **state)
{
	size_t length;
	char *text = vector_read("endpoints/partitions.json", &length);
	struct json_object *json;
	struct err err;
	int checked = 0;

	(void)state;
	if (text == NULL)
		skip();
	json = json_parse(text, length, &err);
	assert_non_null(json);
	for (size_t i = 0; i < json_count(json_get(json, "partitions")); i++) {
		one_partition = json_at(json_get(json, "partitions"), i);
		json_each(json_get(one_partition, "regions"), check_region, &checked);
	}
	assert_true(checked > 40);
	json_free(json);
	free(text);
}

static void clear_environment(void)
{
	unsetenv("AWS_ENDPOINT_URL");
	unsetenv("AWS_ENDPOINT_URL_SNS");
	unsetenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS");
	unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
}

static void assert_endpoint(const char *service, const char *region, const char *expected)
{
	struct err err = { 0 };
	char *url = NULL;

	if (!aws_endpoint(service, region, &url, &err))
		fail_msg("%s", err.text);
	assert_string_equal(url, expected);
	free(url);
}

static void finds_endpoints(void **state)
{
	struct err err;
	char *url = NULL;

	(void)state;
	clear_environment();
	assert_endpoint("sns", "us-east-1", "https://sns.us-east-1.amazonaws.com");
	assert_endpoint("monitoring", "cn-north-1", "https://monitoring.cn-north-1.amazonaws.com.cn");
	assert_endpoint("bedrock-runtime", "eusc-de-east-1",
	                "https://bedrock-runtime.eusc-de-east-1.amazonaws.eu");
	assert_false(aws_endpoint("sns", "evil.example/", &url, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(aws_endpoint("s4", "us-east-1", &url, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_null(url);
}

static void obeys_the_environment(void **state)
{
	struct err err;
	char *url = NULL;

	(void)state;
	clear_environment();
	setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/all/", 1);
	setenv("AWS_ENDPOINT_URL_SNS", "https://sns.test:8443", 1);
	setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "  ", 1);
	assert_endpoint("sns", "us-east-1", "https://sns.test:8443");
	assert_endpoint("ssm", "us-east-1", "http://127.0.0.1:4566/all");
	assert_endpoint("logs", "us-east-1", "http://127.0.0.1:4566/all"); /* blank is unset */
	setenv("AWS_ENDPOINT_URL_SNS", "ftp://x", 1);
	assert_false(aws_endpoint("sns", "us-east-1", &url, &err));
	assert_non_null(strstr(err.text, "AWS_ENDPOINT_URL_SNS"));
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE", 1);
	assert_endpoint("sns", "us-east-1", "https://sns.us-east-1.amazonaws.com");
	clear_environment();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_arns),        cmocka_unit_test(refuses_what_is_no_arn),
		cmocka_unit_test(knows_partitions),   cmocka_unit_test(agrees_with_botocore),
		cmocka_unit_test(finds_endpoints),    cmocka_unit_test(obeys_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
