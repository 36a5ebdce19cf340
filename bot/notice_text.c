/*
 * notice_text.c - messages that are plain text, and JSON that nobody knows.
 *
 * Texts with a form of their own: AWS Backup (sentences with ARNs), CloudFormation (lines
 * Key='value'), Elastic Beanstalk (lines Key: value). Everything else is shown as it is.
 */
#include <string.h>
#include <strings.h>

#include "bot/alarm.h"
#include "bot/event_input.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/notice.h"
#include "bot/str.h"

/* What follows `key` up to one of `ends` or the end of its line; NULL when absent. free() it. */
static char *value_after(const char *text, const char *key, const char *ends)
{
	const char *at = strstr(text, key);
	char *copy, *line;

	if (at == NULL)
		return NULL;
	at += strlen(key);
	copy = mem_copy_bytes(at, strcspn(at, ends));
	line = event_line(copy, 500);
	free(copy);
	return line;
}

static void detail_after(struct notice *notice, const char *name, const char *text, const char *key,
                         const char *ends)
{
	char *value = value_after(text, key, ends);
	size_t length = value == NULL ? 0 : strlen(value);

	if (length > 0 && value[length - 1] == '.')
		value[length - 1] = '\0';
	notice_detail(notice, name, value);
	free(value);
}

/* "An AWS Backup job failed. Resource ARN : arn... BackupJob ID : ..." */
static bool is_backup(const char *text)
{
	return str_starts(text, "An AWS Backup ") || str_starts(text, "An AWS Copy ") ||
	       str_starts(text, "An AWS Restore ");
}

static void backup(struct notice *notice, const char *text)
{
	char *sentence = mem_copy_bytes(text, strcspn(text, ".\n"));

	notice_title(notice, "%s", sentence);
	notice_severity(notice, notice_severity_of(sentence));
	free(sentence);
	mem_set_string(&notice->source, "Backup");
	detail_after(notice, "Resource", text, "Resource ARN : ", " \n");
	detail_after(notice, "Recovery point", text, "Recovery point ARN: ", " \n");
	detail_after(notice, "Job", text, "BackupJob ID : ", " \n");
	detail_after(notice, "Job", text, "Copy Job Id : ", " \n");
}

static void cloud_formation(struct notice *notice, const char *text)
{
	char *stack = value_after(text, "StackName='", "'\n");
	char *status = value_after(text, "ResourceStatus='", "'\n");
	char *what = value_after(text, "LogicalResourceId='", "'\n");

	notice_title(notice, "CloudFormation stack %s: %s is %s", stack == NULL ? "?" : stack,
	             what == NULL ? "?" : what, status == NULL ? "?" : status);
	notice_severity(notice, notice_severity_of(status));
	mem_set_string(&notice->source, "CloudFormation");
	detail_after(notice, "Reason", text, "ResourceStatusReason='", "'\n");
	detail_after(notice, "Resource type", text, "ResourceType='", "'\n");
	free(stack);
	free(status);
	free(what);
}

static void beanstalk(struct notice *notice, const char *text)
{
	char *environment = value_after(text, "Environment: ", "\n");
	char *message = value_after(text, "Message: ", "\n");
	char *time = value_after(text, "Timestamp: ", "\n");

	notice_title(notice, "Elastic Beanstalk %s: %s", environment == NULL ? "?" : environment,
	             message == NULL ? "?" : message);
	notice_severity(notice, notice_severity_of(message));
	mem_set_string(&notice->source, "Elastic Beanstalk");
	(void)event_time(time, &notice->at_ms);
	detail_after(notice, "Application", text, "Application: ", "\n");
	free(environment);
	free(message);
	free(time);
}

static void plain(struct notice *notice, const struct event_input *input)
{
	char *subject = event_line(input->subject, 200);
	const char *start = input->message + strspn(input->message, " \t\r\n");
	char *first = mem_copy_bytes(start, strcspn(start, "\n"));

	notice_title(notice, "%s",
	             subject != NULL  ? subject
	             : *first != '\0' ? first
	                              : "(an empty message)");
	notice_severity(notice, notice_severity_of(notice->title));
	if (subject != NULL && strncasecmp(subject, "AWS Budgets", strlen("AWS Budgets")) == 0) {
		mem_set_string(&notice->source, "Budgets");
		notice_severity(notice, "warning");
	}
	free(subject);
	free(first);
}

struct notice *notice_from_text(const struct event_input *input)
{
	const char *text = input->message;
	struct notice *notice = notice_new(input, "SNS");

	if (is_backup(text))
		backup(notice, text);
	else if (strstr(text, "StackName='") != NULL && strstr(text, "ResourceStatus='") != NULL)
		cloud_formation(notice, text);
	else if (str_starts(text, "Timestamp: ") && strstr(text, "\nEnvironment: ") != NULL)
		beanstalk(notice, text);
	else
		plain(notice, input);
	notice_set_text(notice, text);
	return notice;
}

struct notice *notice_from_json(const struct event_input *input)
{
	static const char *const titles[] = {
		"detail-type", "title",   "Title",   "summary", "message",
		"Message",     "subject", "Subject", "event",   "name",
	};
	struct notice *notice = notice_new(input, "SNS");
	struct json_object *safe = notice_redact(input->json);
	char *title = event_line(input->subject, 200);

	for (size_t i = 0; title == NULL && i < sizeof(titles) / sizeof(titles[0]); i++)
		title = event_line(json_string(safe, titles[i]), 200);
	notice_title(notice, "%s", title != NULL ? title : "A message of unknown form");
	free(title);
	notice_severity(notice, notice_severity_of(notice->title));
	notice->raw = event_text(json_print_pretty(safe), NOTICE_TEXT_MAX);
	json_free(safe);
	return notice;
}
