/* CloudWatch's own dashboards: how one is asked for, and what is said when there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/dashboards.h"
#include "tests/unit/support/aws_world.h"

static const struct aws_target here = { NULL, "eu-west-1" };

static int setup(void **state)
{
	aws_world_begin(state);
	(void)aws_world_start();
	return 0;
}

static struct err get(const char *name, struct aws_dashboard *dashboard)
{
	struct aws_end end = { 0 };

	dashboards_get(cloud.bot.aws, &here, name, dashboard, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end.err;
}

static void absent(void)
{
	aws_world_answer("GetDashboard", 404, "x-amzn-query-error: ResourceNotFound;Sender\r\n",
	                 "{\"__type\":\"com.amazonaws.cloudwatch.v2010_08_01#DashboardNotFoundError\",\"message\":\"no\"}");
}

static void a_body_is_handed_over(void **state)
{
	struct aws_dashboard dashboard = { 0 };

	(void)state;
	aws_world_answer("GetDashboard", 200, NULL, "{\"DashboardName\":\"shop\",\"DashboardArn\":\"arn:aws:cloudwatch::"
	                 "123456789012:dashboard/shop\",\"DashboardBody\":\"{\\\"widgets\\\":[]}\"}");
	assert_int_equal(get("sh\"op", &dashboard).kind, ERR_NONE);
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "GraniteServiceVersion20100801.GetDashboard");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/eu-west-1/monitoring/aws4_request"));
	assert_string_equal(cloud.asked[0].body, "{\"DashboardName\":\"sh\\\"op\"}");
	assert_string_equal(dashboard.body, "{\"widgets\":[]}");
	assert_int_equal(dashboard.length, 14);
	assert_string_equal(dashboard.account, "123456789012");
	aws_dashboard_free(&dashboard);
	aws_world_answer("GetDashboard", 200, NULL, "{}");
	assert_int_equal(get("shop", &dashboard).kind, ERR_RETRY);
}

static void absence_says_what_there_is(void **state)
{
	struct aws_dashboard dashboard = { 0 };
	struct err err;

	(void)state;
	absent();
	aws_world_answer("ListDashboards", 200, NULL, "{\"DashboardEntries\":[{\"DashboardName\":\"web\"}],\"NextToken\":\"t\"}");
	aws_world_answer("ListDashboards", 200, NULL, "{\"DashboardEntries\":[{\"DashboardName\":\"db\"},{}]}");
	err = get("shop", &dashboard);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_string_equal(err.text, "CloudWatch has no dashboard shop; there are: db, web");
	assert_string_equal(cloud.asked[2].body, "{\"NextToken\":\"t\"}");
	absent();
	aws_world_answer("ListDashboards", 200, NULL, "{\"DashboardEntries\":[]}");
	assert_string_equal(get("shop", &dashboard).text, "CloudWatch has no dashboard shop; this account has none");
	absent();
	aws_world_answer("ListDashboards", 400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	assert_string_equal(get("shop", &dashboard).text, "CloudWatch has no dashboard shop; which there are could not be "
	                    "listed");
}

static void a_long_list_is_cut(void **state)
{
	struct aws_dashboard dashboard = { 0 };
	struct str list;
	struct err err;

	(void)state;
	str_init(&list, 100000);
	str_add(&list, "{\"DashboardEntries\":[");
	for (int i = 0; i < 1200; i++)
		str_addf(&list, "%s{\"DashboardName\":\"dashboard-%04d\"}", i == 0 ? "" : ",", i);
	str_add(&list, "]}");
	absent();
	aws_world_answer("ListDashboards", 200, NULL, list.text);
	str_free(&list);
	err = get("shop", &dashboard);
	assert_non_null(strstr(err.text, "there are: dashboard-0000, dashboard-0001, "));
	assert_non_null(strstr(err.text, " more..."));
	assert_true(strlen(err.text) < sizeof(err.text) - 1);
}

static void refusals_stay_what_they_are(void **state)
{
	struct aws_dashboard dashboard = { 0 };

	(void)state;
	aws_world_answer("GetDashboard", 400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	struct err err = get("shop", &dashboard);
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_non_null(strstr(err.text, "cloudwatch:GetDashboard"));
}

static void the_end_of_aws_ends_it(void **state)
{
	struct aws_dashboard dashboard = { 0 };
	struct aws_end end = { 0 };

	(void)state;
	absent();
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	dashboards_get(cloud.bot.aws, &here, "shop", &dashboard, aws_end_token(&end));
	aws_world_until(2);
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_int_equal(end.err.kind, ERR_CANCELLED);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, aws_world_end)
	const struct CMUnitTest tests[] = {
		T(a_body_is_handed_over),
		T(absence_says_what_there_is),
		T(a_long_list_is_cut),
		T(refusals_stay_what_they_are),
		T(the_end_of_aws_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
