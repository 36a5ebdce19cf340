/* CloudWatch's list of metrics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "adapters/aws/metric_list.h"
#include "bot/json.h"
#include "bot/str.h"
#include "tests/unit/support/aws_world.h"

static const struct aws_target here = { NULL, "eu-west-1" };

static int setup(void **state)
{
	aws_world_begin(state);
	(void)aws_world_start();
	return 0;
}

static struct aws_end list(const char *namespace_, const char *metric, const char *dimension, const char *value,
                           bool recent, struct metric_list *found)
{
	struct aws_end end = { 0 };

	metric_list_read(cloud.bot.aws, &here, namespace_, metric, dimension, value, recent, found,
	                 aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end;
}

static void says(const char *body)
{
	aws_world_answer("ListMetrics", 200, NULL, body);
}

static void metrics_are_listed(void **state)
{
	struct metric_list found = { 0 };

	(void)state;
	says("{\"Metrics\":[{\"Namespace\":\"AWS/EC2\",\"MetricName\":\"CPUUtilization\",\"Dimensions\":[{\"Name\":"
	     "\"InstanceId\",\"Value\":\"i-1\"},{\"Name\":\"Zone\",\"Value\":\"a\"}]}],\"NextToken\":\"t\",\"OwningAccounts\":[]}");
	says("{\"Metrics\":[{\"Namespace\":\"App\",\"MetricName\":\"Orders\",\"Dimensions\":[]}]}");
	assert_int_equal(list("AWS/EC2", "CPUUtilization", "InstanceId", "i-1", true, &found).err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "GraniteServiceVersion20100801.ListMetrics");
	assert_string_equal(cloud.asked[0].body, "{\"Namespace\":\"AWS/EC2\",\"MetricName\":\"CPUUtilization\","
	                    "\"Dimensions\":[{\"Name\":\"InstanceId\",\"Value\":\"i-1\"}],\"RecentlyActive\":\"PT3H\"}");
	assert_int_equal(found.count, 2);
	assert_false(found.more);
	assert_string_equal(found.items[0].namespace_, "AWS/EC2");
	assert_string_equal(json_print(found.items[0].dimensions), "{\"InstanceId\":\"i-1\",\"Zone\":\"a\"}");
	assert_string_equal(found.items[1].metric, "Orders");
	assert_string_equal(json_print(found.items[1].dimensions), "{}");
	metric_list_free(&found);
}

static void any_is_asked_for_by_leaving_out(void **state)
{
	struct metric_list found = { 0 };

	(void)state;
	says("{\"Metrics\":[]}");
	assert_int_equal(list(NULL, "", "Host", NULL, false, &found).err.kind, ERR_NONE);
	assert_string_equal(cloud.asked[0].body, "{\"Dimensions\":[{\"Name\":\"Host\"}]}");
	metric_list_free(&found);
	says("{\"Metrics\":[]}");
	assert_int_equal(list(NULL, NULL, NULL, "a value of nothing", false, &found).err.kind, ERR_NONE);
	assert_string_equal(cloud.asked[1].body, "{}");
	metric_list_free(&found);
}

static void answers_are_bounded(void **state)
{
	struct metric_list found = { 0 };
	struct str page;

	(void)state;
	str_init(&page, 4u << 20);
	str_add(&page, "{\"Metrics\":[7,{\"Namespace\":\"no name\"}");
	for (unsigned i = 0; i <= METRIC_LIST_MAX; i++)
		str_addf(&page, ",{\"Namespace\":\"App\",\"MetricName\":\"m%u\",\"Dimensions\":[{\"Name\":\"%02000d\","
		         "\"Value\":\"v\"},{\"Value\":\"v\"}]}", i, 0);
	str_add(&page, "]}");
	says(page.text);
	str_free(&page);
	assert_int_equal(list(NULL, NULL, NULL, NULL, false, &found).err.kind, ERR_NONE);
	assert_int_equal(found.count, METRIC_LIST_MAX);
	assert_true(found.more);
	assert_int_equal(json_count(found.items[0].dimensions), 1);
	assert_int_equal(strlen(json_print(found.items[0].dimensions)), 1024 + strlen("{\"\":\"v\"}"));
	metric_list_free(&found);
}

static void refusals_name_the_action(void **state)
{
	struct metric_list found = { 0 };
	struct aws_end end;

	(void)state;
	aws_world_answer("ListMetrics", 403, NULL, "{\"__type\":\"AccessDenied\"}");
	end = list(NULL, NULL, NULL, NULL, false, &found);
	assert_int_equal(end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(end.err.text, "IAM action cloudwatch:ListMetrics"));
	says("{}");
	assert_int_equal(list(NULL, NULL, NULL, NULL, false, &found).err.kind, ERR_RETRY);
	assert_null(found.items);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(metrics_are_listed),
		T(any_is_asked_for_by_leaving_out),
		T(answers_are_bounded),
		T(refusals_name_the_action),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
