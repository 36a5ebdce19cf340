/* What the issue and the mail say: bot/report.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/report.h"

static struct config config;
static struct config_account accounts[1];
static struct incident incident;

static int set_up(void **state)
{
	struct err err;
	struct alarm *alarm = &incident.alarm;

	(void)state;
	mem_set_string(&accounts[0].id, "123456789012");
	mem_set_string(&accounts[0].name, "prod");
	config.aws.accounts = accounts;
	config.aws.account_count = 1;
	mem_set_string(&config.jira.client, "Example Corp");
	mem_set_string(&incident.id, "7");
	mem_set_string(&alarm->name, "cpu-high");
	mem_set_string(&alarm->account, "123456789012");
	mem_set_string(&alarm->region, "eu-west-1");
	mem_set_string(&alarm->state, "ALARM");
	mem_set_string(&alarm->old_state, "OK");
	mem_set_string(&alarm->namespace_, "AWS/EC2");
	mem_set_string(&alarm->metric, "CPUUtilization");
	mem_set_string(&alarm->unit, "Percent");
	mem_set_string(&alarm->comparison, ">");
	mem_set_string(&alarm->reason, "Threshold Crossed");
	alarm->threshold = 42.5;
	alarm->value = 93.125;
	alarm->changed_ms = incident.opened_ms = 1763780400000LL;
	alarm->dimensions = json_parse("{\"InstanceId\":\"i-0123456789abcdef0\"}", 36, &err);
	assert_non_null(alarm->dimensions);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fields_free(alarm_fields, &incident.alarm);
	free(incident.id);
	free(accounts[0].id);
	free(accounts[0].name);
	free(config.jira.client);
	memset(&incident, 0, sizeof(incident));
	memset(&config, 0, sizeof(config));
	memset(accounts, 0, sizeof(accounts));
	return 0;
}

static void equal_and_free(char *text, const char *expected)
{
	assert_string_equal(text, expected);
	free(text);
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' is missing in\n%s", part, text);
}

static char *details(void)
{
	struct message message;
	char *plain;

	report_build(&message, &incident, &incident.alarm, &config, "https://x.slack.com/archives/C1/p1");
	plain = message_plain(&message);
	message_free(&message);
	return plain;
}

static void the_summary_names_client_account_instance_metric_and_value(void **state)
{
	(void)state;
	equal_and_free(report_summary(&incident.alarm, &config),
	               "Example Corp | prod | i-0123456789abcdef0 | CPUUtilization | Metric Value: 93.12");
}

/* Metric math, composite and load balancer alarms have no instance; some have no value. */
static void what_an_alarm_does_not_have_is_not_made_up(void **state)
{
	(void)state;
	json_free(incident.alarm.dimensions);
	incident.alarm.dimensions = NULL;
	incident.alarm.value = (double)NAN;
	mem_set_string(&incident.alarm.metric, NULL);
	mem_set_string(&incident.alarm.type, "composite");
	mem_set_string(&config.jira.client, NULL);
	equal_and_free(report_summary(&incident.alarm, &config), "prod | cpu-high | composite | Metric Value: NA");
}

static void the_subject_begins_with_the_incident(void **state)
{
	(void)state;
	equal_and_free(report_subject(&incident, &incident.alarm, &config),
	               "[incident 7] ALARM: CPUUtilization on i-0123456789abcdef0, prod/eu-west-1");
}

static void the_details_are_the_alarms_own(void **state)
{
	char *plain = details();

	(void)state;
	has(plain, "Client: Example Corp");
	has(plain, "Account: prod (123456789012)");
	has(plain, "Region: eu-west-1");
	has(plain, "Alarm: cpu-high");
	has(plain, "Instance: i-0123456789abcdef0");
	has(plain, "Timestamp: 2025-11-22 03:00:00 UTC");
	has(plain, "Current state: ALARM");
	has(plain, "Previous state: OK");
	has(plain, "Metric value: 93.12 %");
	has(plain, "Threshold: > 42.5 %"); /* never a constant */
	has(plain, "Reason: Threshold Crossed");
	has(plain, "console.aws.amazon.com");
	has(plain, "Conversation: Slack (https://x.slack.com/archives/C1/p1)");
	has(plain, "Incident: 7");
	free(plain);
}

static void an_alarm_that_came_late_says_so(void **state)
{
	char *plain;

	(void)state;
	incident.late = true;
	plain = details();
	has(plain, "Late: ");
	free(plain);
}

static void changes_share_a_comment_and_a_text_has_its_own(void **state)
{
	char firing[] = "ALARM", ok[] = "OK", no_data[] = "INSUFFICIENT_DATA", reason[] = "crossed";
	char title[] = "top on i-1", code[] = "{code} *x*";
	struct incident_line lines[] = {
		{ .at_ms = 1763780400000, .state = firing, .old_state = ok, .reason = reason },
		{ .at_ms = 1763780460000, .state = no_data, .old_state = firing },
		{ .at_ms = 1763780470000, .title = title, .code = code },
		{ .at_ms = 1763780480000, .state = ok },
	};
	struct message message;
	char *plain;

	(void)state;
	incident.comments = (struct incident_lines){ .items = lines, .count = 4 };
	assert_int_equal(report_lines_of_next_comment(&incident), 2);
	report_build_comment(&message, &incident, 2, 3);
	plain = message_plain(&message);
	has(plain, "2025-11-22 03:00:00 UTC  OK → ALARM  crossed");
	has(plain, "ALARM → NO DATA");
	has(plain, "and 3 more changes");
	free(plain);
	message_free(&message);
	incident.comments = (struct incident_lines){ .items = lines + 2, .count = 2 };
	assert_int_equal(report_lines_of_next_comment(&incident), 1);
	report_build_comment(&message, &incident, 1, 0);
	plain = message_plain(&message);
	has(plain, "top on i-1\n{code} *x*");
	free(plain);
	message_free(&message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_summary_names_client_account_instance_metric_and_value),
		TEST(what_an_alarm_does_not_have_is_not_made_up),
		TEST(the_subject_begins_with_the_incident),
		TEST(the_details_are_the_alarms_own),
		TEST(an_alarm_that_came_late_says_so),
		TEST(changes_share_a_comment_and_a_text_has_its_own),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
