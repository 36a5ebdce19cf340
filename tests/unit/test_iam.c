/* The least policy of a configuration: what it allows, and how narrowly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/iam.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/mem.h"

static struct json_object *policy_of(const struct config *config)
{
	char *text = iam_policy(config);
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);

	assert_non_null(json);
	free(text);
	return json;
}

static struct json_object *statement(struct json_object *policy, const char *sid)
{
	struct json_object *list = json_get(policy, "Statement");

	for (size_t i = 0; i < json_count(list); i++)
		if (strcmp(json_string(json_at(list, i), "Sid"), sid) == 0)
			return json_at(list, i);
	return NULL;
}

/* Members of a statement as one line of JSON; "" when there is no such statement, or it has no such member. */
static void assert_member(struct json_object *policy, const char *sid, const char *member, const char *expected)
{
	struct json_object *found = json_get(statement(policy, sid), member);

	assert_string_equal(found == NULL ? "" : json_print(found), expected);
}

static struct mem mem;

/* A configuration's own text, until the end of the tests. */
static char *text_of(const char *text)
{
	return mem_strdup(&mem, text);
}

static struct config with_model(const char *model)
{
	return (struct config){
		.aws.region = text_of("eu-west-1"), .bedrock.model = text_of(model), .answers.changes = true,
	};
}

static void without_a_model_nothing_of_answers_is_allowed(void **state)
{
	char *groups[] = { text_of("/shop/*"), NULL };
	struct config config = { .aws.region = text_of("eu-west-1"), .answers.changes = true,
		.answers.log_groups = { groups, 1 } };
	char *bare = iam_policy(NULL), *text = iam_policy(&config);

	(void)state;
	assert_string_equal(bare, text);
	assert_null(strstr(text, "bedrock:"));
	assert_null(strstr(text, "logs:"));
	assert_null(strstr(text, "cloudtrail:"));
	assert_null(strstr(text, "DescribeAlarms"));
	free(bare);
	free(text);
}

static void a_summary_asks_how_alarms_are_set(void **state)
{
	struct config_dashboard dashboard = { .schedule = text_of("0 9 * * *") };
	struct config configs[] = {
		{ .summary.schedule = text_of("0 9 * * *") },
		{ .summary.weekly = text_of("0 9 * * 1") },
		{ .dashboards = { &dashboard, 1 } },
	};
	struct config with_answers = with_model("zai.glm-4.7");
	struct json_object *policy;

	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		policy = policy_of(&configs[i]);
		assert_member(policy, "Alarms", "Action", "[\"cloudwatch:DescribeAlarms\"]");
		assert_member(policy, "Alarms", "Resource", "[\"*\"]");
		json_free(policy);
	}
	with_answers.summary.schedule = text_of("0 9 * * *");
	policy = policy_of(&with_answers);
	assert_null(statement(policy, "Alarms")); /* Answers has it */
	json_free(policy);
}

static void a_model_is_called_by_its_arn(void **state)
{
	struct config config = with_model("anthropic.claude-3-haiku-20240307-v1:0");
	struct json_object *policy = policy_of(&config);

	(void)state;
	assert_member(policy, "Model", "Action", "[\"bedrock:InvokeModel\",\"bedrock:InvokeModelWithResponseStream\"]");
	assert_member(policy, "Model", "Resource",
	              "[\"arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0\"]");
	assert_null(statement(policy, "ModelBehind"));
	assert_null(statement(policy, "Guardrail"));
	assert_null(statement(policy, "Logs"));
	assert_member(policy, "Answers", "Action", "[\"cloudwatch:DescribeAlarms\",\"cloudwatch:DescribeAlarmHistory\","
	              "\"cloudwatch:ListMetrics\",\"cloudtrail:LookupEvents\"]");
	assert_member(policy, "Answers", "Resource", "[\"*\"]");
	json_free(policy);
}

static void forms_of_models_lead_to_what_is_behind_them(void **state)
{
	static const struct {
		const char *model, *resource, *behind, *condition;
	} cases[] = {
		{ "eu.anthropic.claude-x-v1:0", "[\"arn:aws:bedrock:eu-west-1:*:inference-profile/eu.anthropic.claude-x-v1:0\"]",
		  "[\"arn:aws:bedrock:*::foundation-model/anthropic.claude-x-v1:0\"]",
		  "{\"StringLike\":{\"bedrock:InferenceProfileArn\":"
		  "\"arn:aws:bedrock:eu-west-1:*:inference-profile/eu.anthropic.claude-x-v1:0\"}}" },
		{ "apac.amazon.nova-lite-v1:0", "[\"arn:aws:bedrock:eu-west-1:*:inference-profile/apac.amazon.nova-lite-v1:0\"]",
		  "[\"arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0\"]",
		  "{\"StringLike\":{\"bedrock:InferenceProfileArn\":"
		  "\"arn:aws:bedrock:eu-west-1:*:inference-profile/apac.amazon.nova-lite-v1:0\"}}" },
		{ "global.anthropic.claude-x", "[\"arn:aws:bedrock:eu-west-1:*:inference-profile/global.anthropic.claude-x\"]",
		  "[\"arn:aws:bedrock:*::foundation-model/anthropic.claude-x\","
		  "\"arn:aws:bedrock:::foundation-model/anthropic.claude-x\"]",
		  "{\"StringLike\":{\"bedrock:InferenceProfileArn\":"
		  "\"arn:aws:bedrock:eu-west-1:*:inference-profile/global.anthropic.claude-x\"}}" },
		{ "zai.glm-4.7", "[\"arn:aws:bedrock:eu-west-1::foundation-model/zai.glm-4.7\"]", "", "" },
		{ "arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0",
		  "[\"arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-pro-v1:0\"]", "", "" },
		{ "arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.meta.llama-1",
		  "[\"arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.meta.llama-1\"]",
		  "[\"arn:aws:bedrock:*::foundation-model/meta.llama-1\"]",
		  "{\"StringLike\":{\"bedrock:InferenceProfileArn\":"
		  "\"arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.meta.llama-1\"}}" },
		{ "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a1b2c3",
		  "[\"arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a1b2c3\"]",
		  "[\"arn:aws:bedrock:*::foundation-model/*\"]",
		  "{\"StringLike\":{\"bedrock:InferenceProfileArn\":"
		  "\"arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a1b2c3\"}}" },
		{ "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.meta.llama-1",
		  "[\"arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.meta.llama-1\"]",
		  "[\"arn:aws-us-gov:bedrock:*::foundation-model/meta.llama-1\"]",
		  "{\"StringLike\":{\"bedrock:InferenceProfileArn\":"
		  "\"arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.meta.llama-1\"}}" },
		{ "arn:aws:bedrock:us-west-2:123456789012:provisioned-model/p1",
		  "[\"arn:aws:bedrock:us-west-2:123456789012:provisioned-model/p1\"]", "", "" },
		{ "arn:aws:bedrock:us-west-2:123456789012:default-prompt-router/anthropic.claude:1",
		  "[\"arn:aws:bedrock:us-west-2:123456789012:default-prompt-router/anthropic.claude:1\"]",
		  "[\"arn:aws:bedrock:*::foundation-model/*\",\"arn:aws:bedrock:*:*:inference-profile/*\"]", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config config = with_model(cases[i].model);
		struct json_object *policy = policy_of(&config);

		assert_member(policy, "Model", "Resource", cases[i].resource);
		assert_member(policy, "ModelBehind", "Resource", cases[i].behind);
		assert_member(policy, "ModelBehind", "Condition", cases[i].condition);
		json_free(policy);
	}
}

static void regions_decide_the_partition(void **state)
{
	struct config config = with_model("amazon.nova-lite-v1:0");
	struct json_object *policy;

	(void)state;
	config.bedrock.region = text_of("us-gov-west-1");
	policy = policy_of(&config);
	assert_member(policy, "Model", "Resource",
	              "[\"arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-lite-v1:0\"]");
	json_free(policy);
	config.bedrock.region = config.aws.region = NULL;
	policy = policy_of(&config);
	assert_member(policy, "Model", "Resource", "[\"arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0\"]");
	json_free(policy);
}

static void a_guardrail_may_be_applied(void **state)
{
	struct config config = with_model("amazon.nova-lite-v1:0");
	struct json_object *policy;

	(void)state;
	config.bedrock.guardrail = text_of("gr123");
	policy = policy_of(&config);
	assert_member(policy, "Guardrail", "Action", "[\"bedrock:ApplyGuardrail\"]");
	assert_member(policy, "Guardrail", "Resource", "[\"arn:aws:bedrock:eu-west-1:*:guardrail/gr123\"]");
	json_free(policy);
	config.bedrock.guardrail = text_of("arn:aws:bedrock:eu-west-1:123456789012:guardrail/gr123");
	policy = policy_of(&config);
	assert_member(policy, "Guardrail", "Resource", "[\"arn:aws:bedrock:eu-west-1:123456789012:guardrail/gr123\"]");
	json_free(policy);
}

static void logs_are_narrowed_to_the_groups(void **state)
{
	char *groups[] = { text_of("/aws/lambda/shop-*"), text_of("/ecs/web"), NULL };
	struct config config = with_model("amazon.nova-lite-v1:0");
	struct json_object *policy;

	(void)state;
	config.answers.changes = false;
	config.answers.log_groups = (struct config_list){ groups, 2 };
	policy = policy_of(&config);
	assert_member(policy, "Logs", "Action", "[\"logs:StartQuery\"]");
	assert_member(policy, "Logs", "Resource", "[\"arn:aws:logs:*:*:log-group:/aws/lambda/shop-*\","
	              "\"arn:aws:logs:*:*:log-group:/aws/lambda/shop-*:*\",\"arn:aws:logs:*:*:log-group:/ecs/web\","
	              "\"arn:aws:logs:*:*:log-group:/ecs/web:*\"]");
	assert_member(policy, "LogQueries", "Action", "[\"logs:DescribeLogGroups\",\"logs:GetQueryResults\","
	              "\"logs:StopQuery\"]");
	assert_member(policy, "Answers", "Action", "[\"cloudwatch:DescribeAlarms\",\"cloudwatch:DescribeAlarmHistory\","
	              "\"cloudwatch:ListMetrics\"]");
	json_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_model_nothing_of_answers_is_allowed),
		cmocka_unit_test(a_summary_asks_how_alarms_are_set),
		cmocka_unit_test(a_model_is_called_by_its_arn),
		cmocka_unit_test(forms_of_models_lead_to_what_is_behind_them),
		cmocka_unit_test(regions_decide_the_partition),
		cmocka_unit_test(a_guardrail_may_be_applied),
		cmocka_unit_test(logs_are_narrowed_to_the_groups),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	mem_free_all(&mem);
	return failed;
}
