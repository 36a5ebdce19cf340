/* Every public sample of an SNS payload, by its content. Inline shapes: test_alarm.c, test_notice.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/json.h"
#include "tests/unit/support/events.h"
#include "tests/unit/support/vectors.h"

struct sample {
	const char *folder, *file;
	int record; /* of a Lambda envelope; -1: the file is the message */
	const char *title; /* a notice's; NULL: an alarm */
	const char *second; /* a notice's severity, or an alarm's condition */
};

#define ALARMS "alarms/aws-lambda-go"
#define CW "eventbridge/docs-cloudwatch"
#define SSM "eventbridge/docs-ssm"
#define TF "sns-wrapped/terraform-aws-notify-slack/"
#define RUN "sns-wrapped/docs-ssm-run-command"
#define DOCS "sns-wrapped/docs"
#define WINDOW "Maintenance window mw-0ed7251d3fcf6e0c2: "

static const struct sample samples[] = {
	{ ALARMS, "cloudwatch-alarm-sns-payload-multiple-metrics.json", 0, NULL, "Expression1 1234 > 0 (over 1 min)" },
	{ ALARMS, "cloudwatch-alarm-sns-payload-single-metric.json", 0, NULL,
	  "NetworkOut 1234 bytes > 0 bytes (Average over 1 min)" },
	{ ALARMS, "sns-event.json", 0, "TestInvoke", "info" },
	{ CW, "00-state-change-for-a-single-metric-alarm.json", -1, NULL, "CPUUtilization 99.5 > 50 (Average over 5 min)" },
	{ CW, "01-state-change-for-a-metric-math-alarm.json", -1, NULL, "Total Network Traffic 45628 > 10000 (over 5 min)" },
	{ CW, "02-state-change-for-an-anomaly-detection-alarm.json", -1, NULL,
	  "CPUUtilization 0 outside its expected band (Average over 1 min)" },
	{ CW, "03-state-change-for-a-composite-alarm-with-a-suppressor-alarm.json", -1, NULL, "ServerCpuTooHigh is ALARM" },
	{ CW, "04-creation-of-a-composite-alarm.json", -1, "Alarm ServiceAggregatedAlarm was created", "info" },
	{ CW, "05-creation-of-a-composite-alarm-with-a-suppressor-alarm.json", -1,
	  "Alarm ServiceAggregatedAlarm was created", "info" },
	{ CW, "06-update-of-a-metric-alarm.json", -1, "Alarm ServerCpuTooHigh was changed", "info" },
	{ CW, "07-update-of-a-composite-alarm-with-a-suppressor-alarm.json", -1,
	  "Alarm ServiceAggregatedAlarm was changed", "info" },
	{ CW, "08-deletion-of-a-metric-math-alarm.json", -1, "Alarm TotalNetworkTrafficTooHigh was deleted", "warning" },
	{ CW, "09-deletion-of-a-composite-alarm-with-a-suppressor-alarm.json", -1,
	  "Alarm ServiceAggregatedAlarm was deleted", "warning" },
	{ SSM, "00-automation-step-status-change-notification.json", -1,
	  "Automation runcommand1, step runFixedCmds: Success", "info" },
	{ SSM, "01-automation-execution-status-change-notification.json", -1, "Automation runcommand1: Success", "info" },
	{ SSM, "02-calendar-open.json", -1, "Change calendar MyCalendar is OPEN", "info" },
	{ SSM, "03-calendar-closed.json", -1, "Change calendar MyCalendar is CLOSED", "info" },
	{ SSM, "04-association-compliant.json", -1, "i-01234567890abcdef is compliant (Association)", "info" },
	{ SSM, "05-association-non-compliant.json", -1, "i-01234567890abcdef is non_compliant (Association)", "warning" },
	{ SSM, "06-patch-compliant.json", -1, "i-01234567890abcdef is compliant (Patch)", "info" },
	{ SSM, "07-patch-non-compliant.json", -1, "i-01234567890abcdef is non_compliant (Patch)", "warning" },
	{ SSM, "08-the-other-valid-status-value-is-deregistered.json", -1,
	  WINDOW "target e7265f13-3cc5-4f2f-97a9-7d3ca86c32a6 REGISTERED", "info" },
	{ SSM, "09-the-other-valid-status-values-are-pending-in-progress-success-failed-t.json", -1,
	  WINDOW "execution TIMED_OUT", "warning" },
	{ SSM, "10-the-other-valid-status-values-are-in-progress-success-failed-and-timed.json", -1,
	  WINDOW "task TIMED_OUT", "warning" },
	{ SSM, "11-the-other-valid-status-values-are-in-progress-success-failed-and-timed.json", -1,
	  WINDOW "task on e7265f13-3cc5-4f2f-97a9-123456789012 TIMED_OUT", "warning" },
	{ SSM, "12-the-valid-status-values-are-enabled-and-disabled.json", -1,
	  "Maintenance window mw-123456789012 is DISABLED", "info" },
	{ SSM, "13-create-parameter.json", -1, "Parameter MyExampleParameter: Create", "info" },
	{ SSM, "14-update-parameter.json", -1, "Parameter MyExampleParameter: Update", "info" },
	{ SSM, "15-delete-parameter.json", -1, "Parameter MyExampleParameter: Delete", "info" },
	{ SSM, "16-run-command-status-change-notification.json", -1, "Run Command AWS-RunPowerShellScript: Success", "info" },
	{ SSM, "17-run-command-invocation-status-change-notification.json", -1,
	  "Run Command AWS-RunPowerShellScript on i-9bb89e2b: Success", "info" },
	{ SSM, "18-state-manager-association-state-change.json", -1,
	  "State Manager association of AWS-RunPowerShellScript: Success", "info" },
	{ SSM, "19-state-manager-instance-association-state-change.json", -1,
	  "State Manager association of my-custom-document on i-12345678: Success", "info" },
	{ TF "events", "aws_health_event.json", -1,
	  "AWS Health: EC2 issue: instance store drive performance degraded", "warning" },
	{ TF "events", "cloudwatch_alarm.json", -1, NULL, "Threshold Crossed" },
	{ TF "events", "guardduty_finding_high.json", -1,
	  "GuardDuty (critical): SAMPLE Unprotected port on EC2 instance i-123123123 is being probed", "critical" },
	{ TF "events", "guardduty_finding_low.json", -1,
	  "GuardDuty (low): SAMPLE Unprotected port on EC2 instance i-123123123 is being probed", "info" },
	{ TF "events", "guardduty_finding_medium.json", -1,
	  "GuardDuty (medium): SAMPLE Unprotected port on EC2 instance i-123123123 is being probed", "warning" },
	{ TF "messages", "backup.json", 0, "An AWS Backup job was completed successfully", "info" },
	{ TF "messages", "backup.json", 1, "An AWS Backup job failed", "warning" },
	{ TF "messages", "backup.json", 2, "An AWS Backup job failed to complete in time", "warning" },
	{ TF "messages", "backup.json", 3, "An AWS Copy job was completed but was failed or was aborted", "warning" },
	{ TF "messages", "cloudwatch_alarm.json", 0, NULL, "DBMigrationRequired 1, not < 1 (Sum over 1 min)" },
	{ TF "messages", "dms_notification.json", 0,
	  "DMS replication-task hello-world: Replication task has stopped.", "warning" },
	{ TF "messages", "glue_notification.json", 0, "Glue job test_job: FAILED", "warning" },
	{ TF "messages", "guardduty_finding.json", 0,
	  "GuardDuty (critical): SAMPLE Unprotected port on EC2 instance i-123123123 is being probed", "critical" },
	{ TF "messages", "guardduty_malware_protection_object_scan_result.json", 0,
	  "GuardDuty malware scan of APKAEIBAERJR2EXAMPLE in amzn-s3-demo-bucket: THREATS_FOUND", "critical" },
	{ TF "messages", "text_message.json", 0, "All Fine", "info" },
	{ RUN, "00-sample-json-output-for-command-summary-messages-using-instance-id-targ.json", -1,
	  "Run Command AWS-RunPowerShellScript: InProgress", "info" },
	{ RUN, "01-sample-json-output-for-command-summary-messages-using-tag-based-target.json", -1,
	  "Run Command AWS-RunPowerShellScript: InProgress", "info" },
	{ RUN, "02-sample-json-output-for-invocation-messages.json", -1,
	  "Run Command AWS-RunPowerShellScript on i-1234567890abcdef0: InProgress", "info" },
	{ DOCS, "codepipeline-approval-message.json", -1,
	  "CodePipeline MyFirstPipeline waits for an approval: MyApprovalStage / MyApprovalAction", "warning" },
	{ DOCS, "rds-event-message.json", -1, "RDS db-instance dbinstanceid: Finished DB Instance backup", "info" },
};

static void parse_record(const struct sample *sample, const char *text, size_t length)
{
	struct json_object *json, *record;
	struct err err;
	char path[64];

	if (sample->record < 0) {
		parse_with(text, NULL);
		return;
	}
	json = json_parse(text, length, &err);
	(void)snprintf(path, sizeof(path), "Records[%d].Sns", sample->record);
	record = json_get(json, path);
	parse_with(json_string(record, "Message"), json_string(record, "Subject"));
	json_free(json);
}

/* Reads sample `number`; false where there are no vectors. */
static bool parse_sample(const struct sample *sample)
{
	char path[256], *text;
	size_t length;

	(void)snprintf(path, sizeof(path), "%s/%s", sample->folder, sample->file);
	text = vector_read(path, &length);
	if (text == NULL)
		return false;
	parse_record(sample, text, length);
	free(text);
	return true;
}

static bool parse_file(const char *folder, const char *file)
{
	return parse_sample(&(struct sample){ .folder = folder, .file = file, .record = -1 });
}

static void understands_every_sample(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];

		if (!parse_sample(s))
			skip();
		if ((event.alarm != NULL) != (s->title == NULL))
			fail_msg("%s is of the other kind", s->file);
		if (event.alarm != NULL) {
			assert_condition(event.alarm, s->second);
			assert_non_null(event.alarm->arn);
			assert_true(event.alarm->changed_ms > 0);
			continue;
		}
		assert_text(event.notice->title, s->title);
		assert_text(event.notice->severity, s->second);
		assert_null(event.notice->raw);
	}
}

static size_t seen_files;

static void count_sample(const char *name, const char *text, size_t length)
{
	(void)text;
	(void)length;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		if (strcmp(samples[i].file, name) == 0) {
			seen_files++;
			return;
		}
	}
	fail_msg("no expectation for %s", name);
}

static void expects_something_of_every_file(void **state)
{
	static const char *const folders[] = { ALARMS, CW, SSM, TF "events", TF "messages", RUN, DOCS };

	(void)state;
	seen_files = 0;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		(void)vector_each(folders[i], count_sample);
	if (seen_files == 0)
		skip();
	assert_int_equal(seen_files, 50);
}

static void reads_the_samples_details(void **state)
{
	(void)state;
	if (!parse_file(CW, "06-update-of-a-metric-alarm.json"))
		skip();
	assert_text(event.notice->text, "threshold: 70 → 80");
	assert_true(parse_file(CW, "03-state-change-for-a-composite-alarm-with-a-suppressor-alarm.json"));
	assert_text(event.alarm->suppressed_by, "Actions suppressed by WaitPeriod");
	assert_text(event.alarm->rule, "ALARM(ServerCpuTooHigh) OR ALARM(TotalNetworkTrafficTooHigh)");
	assert_true(parse_file(CW, "00-state-change-for-a-single-metric-alarm.json"));
	assert_text(event.alarm->description, "Goes into alarm when server CPU utilization is too high!");
	assert_json(event.alarm->dimensions, "{\"InstanceId\":\"i-12345678901234567\"}");
	assert_text(event.alarm->region, "us-east-1");
	assert_true(parse_file(TF "events", "aws_health_event.json"));
	assert_text(event.notice->text, "A description of the event will be provided here");
	assert_text(detail(event.notice, "Affected"), "i-abcd1111");
	assert_time(event.notice->at_ms, "2016-06-05T15:10:09.000Z");
	assert_true(parse_file(DOCS, "codepipeline-approval-message.json"));
	assert_text(event.notice->text, "Review the latest changes and approve or reject within seven days.");
	assert_null(strstr(json_print(event.notice->details), "XAMPLETOKEN"));
	assert_true(parse_file(TF "events", "guardduty_finding_high.json"));
	assert_text(detail(event.notice, "Count"), "1234");
	assert_text(event.notice->source, "EventBridge");
}

#define TEST(name) cmocka_unit_test_teardown(name, free_event)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(understands_every_sample),
		TEST(expects_something_of_every_file),
		TEST(reads_the_samples_details),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
