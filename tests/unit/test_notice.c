/* Everything that is no alarm: told so that it is understood at 03:00, and never dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/str.h"
#include "tests/unit/support/events.h"

static void tells_of_instances_and_groups(void **state)
{
	struct notice *n = parse_notice(
		"{\"detail-type\":\"EC2 Instance State-change Notification\",\"source\":\"aws.ec2\",\"account\":\"123456789012\","
		"\"time\":\"2026-03-06T20:00:00Z\",\"region\":\"us-east-1\",\"detail\":{\"instance-id\":\"i-0a\",\"state\":\"stopped\"}}");

	(void)state;
	assert_text(n->title, "EC2 instance i-0a is stopped");
	assert_text(n->severity, "warning");
	assert_text(n->source, "EventBridge aws.ec2");
	assert_text(n->account, "123456789012");
	assert_text(n->region, "us-east-1");
	assert_time(n->at_ms, "2026-03-06T20:00:00.000Z");
	n = parse_notice(
		"{\"detail-type\":\"EC2 Instance Launch Unsuccessful\",\"source\":\"aws.autoscaling\",\"detail\":"
		"{\"AutoScalingGroupName\":\"web\",\"StatusMessage\":\"no capacity\",\"LifecycleActionToken\":\"tok\"}}");
	assert_text(n->title, "Auto Scaling group web could not launch an instance");
	assert_text(n->text, "no capacity");
	assert_text(n->severity, "warning");
	assert_null(detail(n, "LifecycleActionToken"));
	n = parse_notice(
		"{\"Service\":\"AWS Auto Scaling\",\"AutoScalingGroupName\":\"web\",\"EC2InstanceId\":\"i-1\","
		"\"Event\":\"autoscaling:EC2_INSTANCE_TERMINATE\",\"Cause\":\"scale in\",\"Description\":"
		"\"Terminating EC2 instance: i-1\",\"StatusCode\":\"InProgress\"}");
	assert_text(n->title, "Auto Scaling group web: Terminating EC2 instance: i-1");
	assert_text(n->text, "scale in");
}

static void tells_of_other_senders(void **state)
{
	struct notice *n = parse_notice("{\"ElastiCache:SnapshotComplete\":\"cache-1\"}");

	(void)state;
	assert_text(n->title, "ElastiCache cache-1: SnapshotComplete");
	n = parse_notice(
		"{\"deploymentId\":\"d-1\",\"eventTriggerName\":\"t\",\"applicationName\":\"app\",\"status\":\"FAILED\","
		"\"deploymentGroupName\":\"prod\",\"completeTime\":\"Sun Jul 24 20:37:10 UTC 2016\"}");
	assert_text(n->title, "CodeDeploy app to prod: FAILED");
	assert_text(n->severity, "warning");
	assert_time(n->at_ms, "2016-07-24T20:37:10.000Z");
	n = parse_notice(
		"{\"notificationType\":\"Bounce\",\"mail\":{\"source\":\"a@x\",\"destination\":[\"b@y\",\"c@z\"]}}");
	assert_text(n->title, "SES Bounce: mail to 2 recipients");
	assert_text(n->severity, "warning");
	n = parse_notice(
		"{\"detail-type\":\"AWS Health Abuse Event\",\"source\":\"aws.health\",\"detail\":{\"service\":\"ABUSE\","
		"\"eventTypeCode\":\"AWS_ABUSE_DOS_REPORT\",\"eventTypeCategory\":\"issue\",\"startTime\":"
		"\"Thu, 02 Aug 2018 05:30:00 GMT\",\"eventDescription\":[{\"latestDescription\":\"a\\\\nb\"}]}}");
	assert_text(n->title, "AWS Health: ABUSE issue: dos report");
	assert_text(n->severity, "critical");
	assert_text(n->text, "a\nb");
}

static void reads_texts_with_a_form(void **state)
{
	struct notice *n = parse_notice(
		"StackId='arn:aws:cloudformation:us-east-1:1:stack/s/1'\nTimestamp='2026-03-06T20:00:00.000Z'\n"
		"LogicalResourceId='Db'\nResourceStatus='CREATE_FAILED'\nResourceStatusReason='no such subnet'\n"
		"StackName='shop'\n");

	(void)state;
	assert_text(n->title, "CloudFormation stack shop: Db is CREATE_FAILED");
	assert_text(n->severity, "warning");
	assert_text(detail(n, "Reason"), "no such subnet");
	n = parse_notice(
		"Timestamp: Sun Jul 24 20:37:10 UTC 2016\nMessage: Environment health has transitioned to Degraded\n"
		"Environment: shop-prod\nApplication: shop\n");
	assert_text(n->title,
	            "Elastic Beanstalk shop-prod: Environment health has transitioned to Degraded");
	assert_text(n->severity, "warning");
	assert_time(n->at_ms, "2016-07-24T20:37:10.000Z");
	parse_with("AWS Budget Notification\n...",
	           "AWS Budgets: shop has exceeded your alert threshold");
	assert_text(event.notice->source, "Budgets");
	assert_text(event.notice->severity, "warning");
}

static void shows_any_text(void **state)
{
	static const char nul[] = "one\0two\x01three";
	struct notice *n = parse_notice("first line\nsecond");
	struct str s;

	(void)state;
	assert_text(n->title, "first line");
	assert_text(n->text, "first line\nsecond");
	assert_true(n->at_ms == EVENTS_SENT_MS);
	assert_text(n->account, "111122223333");
	assert_text(parse_notice("")->title, "(an empty message)");
	assert_text(parse_notice("\"a string by a transformer\"")->text, "a string by a transformer");
	assert_text(parse_notice("{broken")->text, "{broken");
	event_free(&event);
	event_parse(&event, nul, sizeof(nul) - 1, "sub\nject", "no topic", 5);
	assert_text(event.notice->title, "sub ject");
	assert_text(event.notice->text, "one two three");
	assert_null(event.notice->account);
	str_init(&s, 1u << 20);
	for (int i = 0; i < 60000; i++)
		str_add(&s, "\xE2\x82\xAC");
	n = parse_notice(s.text);
	assert_true(strlen(n->text) < 8300 && strlen(n->title) < 310);
	assert_true(str_utf8_valid(n->text, strlen(n->text)) &&
	            str_utf8_valid(n->title, strlen(n->title)));
	assert_non_null(strstr(n->text, "bytes cut)"));
	str_free(&s);
}

static void leaves_secrets_out_of_unknown_json(void **state)
{
	struct notice *n = parse_notice(
		"{\"title\":\"the key is hunter22\",\"deep\":{\"list\":[{\"DbPassword\":\"hunter22\",\"user\":\"bob\"}]},"
		"\"link\":\"https://x/?t=hunter22\",\"inner\":\"{\\\"apiKey\\\":\\\"k-123456\\\",\\\"a\\\":1}\",\"token\":[1,2],"
		"\"UnsubscribeURL\":\"https://sns/?Action=Unsubscribe\",\"short\":\"plain\",\"nothing\":null}");

	(void)state;
	assert_null(strstr(n->raw, "hunter22"));
	assert_null(strstr(n->title, "hunter22"));
	assert_null(strstr(n->raw, "k-123456"));
	assert_null(strstr(n->raw, "Action=Unsubscribe"));
	assert_non_null(strstr(n->raw, "left out"));
	assert_non_null(strstr(n->raw, "\"user\": \"bob\""));
	assert_non_null(strstr(n->raw, "\"short\": \"plain\""));
	assert_non_null(strstr(n->raw, "\"a\": 1")); /* JSON inside a string is opened */
	assert_non_null(strstr(n->raw, "\"nothing\": null"));
}

static void shows_unknown_json(void **state)
{
	struct notice *n =
		parse_notice("{\"detail-type\":\"New Thing Failed\",\"source\":\"aws.new\",\"resources\":"
	                 "[\"arn:aws:new:us-east-1:1:thing/x1\"],\"detail\":{\"a\":1}}");
	struct str s;

	(void)state;
	assert_text(n->title, "New Thing Failed: x1");
	assert_text(n->severity, "warning");
	assert_non_null(strstr(n->raw, "\"a\": 1"));
	assert_text(parse_notice("{}")->title, "A message of unknown form");
	assert_non_null(strstr(parse_notice("[1,[2]]")->raw, "2"));
	str_init(&s, 1u << 20);
	str_add(&s, "{\"big\":[0");
	for (int i = 0; i < 60000; i++)
		str_addf(&s, ",%d", i);
	str_add(&s, "]}");
	n = parse_notice(s.text);
	assert_true(strlen(n->raw) < 8300);
	assert_non_null(strstr(n->raw, "bytes cut)"));
	str_free(&s);
}

#define TEST(name) cmocka_unit_test_teardown(name, free_event)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_of_instances_and_groups),
		TEST(tells_of_other_senders),
		TEST(reads_texts_with_a_form),
		TEST(shows_any_text),
		TEST(leaves_secrets_out_of_unknown_json),
		TEST(shows_unknown_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
