/* ARNs, partitions, endpoints and where they are configured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/endpoint.h"
#include "adapters/aws/profile.h"
#include "bot/arn.h"
#include "bot/json.h"
#include "bot/str.h"
#include "tests/unit/support/aws_world.h"
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
	assert_string_equal(partition->dual_stack_suffix, json_string(one_partition, "outputs.dualStackDnsSuffix"));
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
	assert_endpoint("sns", "us-east-1", "https://sns.us-east-1.amazonaws.com");
	assert_endpoint("cloudtrail", "eu-central-1", "https://cloudtrail.eu-central-1.amazonaws.com");
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
	aws_world_env("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/all/");
	aws_world_env("AWS_ENDPOINT_URL_SNS", "https://sns.test:8443");
	aws_world_env("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "  ");
	aws_world_env("AWS_ENDPOINT_URL_CLOUDTRAIL", "https://trail.test");
	assert_endpoint("sns", "us-east-1", "https://sns.test:8443");
	assert_endpoint("ssm", "us-east-1", "http://127.0.0.1:4566/all");
	assert_endpoint("logs", "us-east-1", "http://127.0.0.1:4566/all"); /* blank is unset */
	assert_endpoint("cloudtrail", "us-east-1", "https://trail.test");
	aws_world_env("AWS_ENDPOINT_URL_SNS", "ftp://x");
	assert_false(aws_endpoint("sns", "us-east-1", &url, &err));
	assert_non_null(strstr(err.text, "AWS_ENDPOINT_URL_SNS"));
	aws_world_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
	assert_endpoint("sns", "us-east-1", "https://sns.us-east-1.amazonaws.com");
}

static void put_config(const char *text)
{
	(void)aws_world_file(".aws/config", text, strlen(text));
	aws_profiles_reload();
}

static void obeys_the_profile(void **state)
{
	struct err err;
	char *url = NULL;

	(void)state;
	put_config("[default]\nservices = mine\nendpoint_url = https://all.test/\n[services mine]\nssm =\n"
	           "  endpoint_url = https://ssm.test/x/\ncloudwatch_logs =\n  endpoint_url = https://logs.test\n");
	assert_endpoint("ssm", "us-east-1", "https://ssm.test/x");
	assert_endpoint("logs", "us-east-1", "https://logs.test");
	assert_endpoint("sts", "us-east-1", "https://all.test");
	put_config("[default]\nendpoint_url = nonsense\n");
	assert_false(aws_endpoint("sts", "us-east-1", &url, &err));
	assert_non_null(strstr(err.text, "endpoint_url of the profile is not an http(s) URL"));
	put_config("[default\n");
	assert_false(aws_endpoint("sts", "us-east-1", &url, &err));
	assert_non_null(strstr(err.text, "line 1"));
}

static void knows_fips_and_dual_stack(void **state)
{
	(void)state;
	aws_world_env("AWS_USE_FIPS_ENDPOINT", "true");
	assert_endpoint("ssm", "us-east-1", "https://ssm-fips.us-east-1.amazonaws.com");
	assert_endpoint("ssm", "us-gov-west-1", "https://ssm.us-gov-west-1.amazonaws.com");
	assert_endpoint("bedrock-runtime", "us-gov-west-1", "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com");
	aws_world_env("AWS_USE_DUALSTACK_ENDPOINT", "True");
	assert_endpoint("ssm", "us-gov-west-1", "https://ssm-fips.us-gov-west-1.api.aws");
	assert_endpoint("monitoring", "us-gov-west-1", "https://monitoring.us-gov-west-1.api.aws");
	assert_endpoint("ec2", "cn-north-1", "https://ec2-fips.cn-north-1.api.amazonwebservices.com.cn");
	aws_world_env("AWS_USE_FIPS_ENDPOINT", "false");
	assert_endpoint("ec2", "us-east-1", "https://ec2.us-east-1.api.aws");
	aws_world_env("AWS_USE_DUALSTACK_ENDPOINT", " ");
	put_config("[default]\nuse_dualstack_endpoint = true\n");
	assert_endpoint("sts", "eusc-de-east-1", "https://sts.eusc-de-east-1.api.amazonwebservices.eu");
}

static void falls_back_on_a_region(void **state)
{
	(void)state;
	aws_profiles_reload();
	assert_null(aws_default_region());
	put_config("[default]\nregion = eu-west-3\n");
	assert_string_equal(aws_default_region(), "eu-west-3");
	aws_world_env("AWS_DEFAULT_REGION", "eu-west-2");
	assert_string_equal(aws_default_region(), "eu-west-2");
	aws_world_env("AWS_REGION", "eu-west-1");
	assert_string_equal(aws_default_region(), "eu-west-1");
}

/* --- botocore's table of configured endpoints: profiles, environments, what is chosen --- */

static struct str config_text;

static struct json_object *suite;

/* Members are leaves: read through their holder. */
static bool add_profile(void *arg, const char *name, struct json_object *profile)
{
	static const char *const keys[] = { "endpoint_url", "services", "ignore_configured_endpoint_urls" };

	(void)arg;
	str_addf(&config_text, "[profile %s]\nregion = x\n", name);
	for (size_t i = 0; i < 3; i++)
		if (json_text(profile, keys[i]) != NULL)
			str_addf(&config_text, "%s = %s\n", keys[i], json_text(profile, keys[i]));
	return true;
}

/* S3 is not spoken here: SNS takes its part. */
static const char *ours(const char *service)
{
	return strcmp(service, "s3") == 0 ? "sns" : service;
}

static bool add_block(void *arg, const char *name, struct json_object *block)
{
	(void)arg;
	str_addf(&config_text, "%s =\n  endpoint_url = %s\n", ours(name), json_string(block, "endpoint_url"));
	return true;
}

static bool add_services(void *arg, const char *name, struct json_object *services)
{
	str_addf(&config_text, "[services %s]\n", name);
	json_each(services, add_block, arg);
	return true;
}

static void set_environment(struct json_object *environment)
{
	static const char *const names[][2] = {
		{ "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL" }, { "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SNS" },
		{ "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB" },
		{ "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" },
	};

	for (size_t i = 0; i < 4; i++)
		if (json_string(environment, names[i][0]) != NULL)
			aws_world_env(names[i][1], json_string(environment, names[i][0]));
}

static void check_endpoint_case(struct json_object *one)
{
	const char *service = ours(json_string(one, "service")), *expected = json_string(one, "output.endpointUrl");
	struct json_object *environment = json_get(json_get(suite, "environments"), json_string(one, "environment"));
	char *url = NULL;
	struct err err;

	(void)aws_world_begin(NULL);
	aws_world_env("AWS_PROFILE", json_string(one, "profile"));
	put_config(config_text.text);
	set_environment(environment);
	if (!aws_endpoint(service, "fake-region-10", &url, &err))
		fail_msg("%s", err.text);
	if (str_starts(expected, "https://s3.fake"))
		assert_string_equal(url, "https://sns.fake-region-10.amazonaws.com");
	else if (strcmp(url, expected) != 0)
		fail_msg("%s: %s", json_string(one, "name"), url);
	free(url);
	(void)aws_world_end(NULL);
}

static void agrees_on_configured_endpoints(void **state)
{
	size_t length;
	char *text = vector_read("endpoints/configured_endpoint_urls/profile-tests.json", &length);
	struct json_object *json, *cases;
	struct err err;
	unsigned checked = 0;

	(void)state;
	if (text == NULL)
		skip();
	json = json_parse(text, length, &err);
	suite = json_get(json, "testSuites[0]");
	str_init(&config_text, 1u << 16);
	json_each(json_get(suite, "profiles"), add_profile, NULL);
	json_each(json_get(suite, "services"), add_services, NULL);
	cases = json_get(suite, "endpointUrlTests");
	for (size_t i = 0; i < json_count(cases); i++) {
		struct json_object *one = json_at(cases, i);

		if (strcmp(json_string(one, "client_config"), "default") != 0)
			continue; /* an endpoint given in code: there is none here */
		check_endpoint_case(one);
		checked++;
	}
	assert_true(checked >= 19);
	str_free(&config_text);
	json_free(json);
	free(text);
}

#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_arns),
		cmocka_unit_test(refuses_what_is_no_arn),
		cmocka_unit_test(knows_partitions),
		cmocka_unit_test(agrees_with_botocore),
		T(finds_endpoints),
		T(obeys_the_environment),
		T(obeys_the_profile),
		T(knows_fips_and_dual_stack),
		T(falls_back_on_a_region),
		cmocka_unit_test(agrees_on_configured_endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
