/* A dashboard of CloudWatch asked for and written as configuration, off the loop's thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bot/worker.h"
#include "commands/import_read.h"
#include "tests/unit/support/aws_world.h"

static char *yaml;

static int setup(void **state)
{
	aws_world_begin(state);
	(void)aws_world_start();
	cloud.bot.worker = worker_new(cloud.loop);
	return 0;
}

static int teardown(void **state)
{
	worker_free(cloud.bot.worker);
	free(yaml);
	yaml = NULL;
	return aws_world_end(state);
}

static struct err import(const char *name)
{
	struct aws_end end = { 0 };

	import_read(&cloud.bot, name, "eu-west-1", &yaml, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	assert_int_equal(end.times, 1);
	return end.err;
}

static void a_dashboard_becomes_configuration(void **state)
{
	(void)state;
	aws_world_answer("GetDashboard", 200, NULL,
	                 "{\"DashboardArn\":\"arn:aws:cloudwatch::123456789012:dashboard/shop\",\"DashboardBody\":"
	                 "\"{\\\"widgets\\\":[{\\\"type\\\":\\\"metric\\\",\\\"properties\\\":{\\\"metrics\\\":"
	                 "[[\\\"AWS/SQS\\\",\\\"NumberOfMessagesSent\\\",\\\"QueueName\\\",\\\"orders\\\"]]}}]}\"}");
	assert_int_equal(import("shop").kind, ERR_NONE);
	assert_non_null(strstr(yaml, "NumberOfMessagesSent"));
	assert_non_null(strstr(yaml, "eu-west-1"));
}

static void what_cannot_be_imported_changes_nothing(void **state)
{
	struct err err;

	(void)state;
	yaml = strdup("before");
	aws_world_answer("GetDashboard", 200, NULL, "{\"DashboardBody\":\"no dashboard\"}");
	err = import("shop");
	assert_int_not_equal(err.kind, ERR_NONE);
	assert_int_not_equal(err.text[0], '\0');
	aws_world_answer("GetDashboard", 400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}");
	assert_int_equal(import("shop").kind, ERR_REFUSED);
	assert_string_equal(yaml, "before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_dashboard_becomes_configuration, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_imported_changes_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
