/* Any bytes as an SNS Message: always one event, bounded, valid UTF-8, the same after saving. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

static void need(int good)
{
	if (!good)
		abort();
}

/* What was saved and loaded again must save to the same. */
static void save_and_load(const struct field *fields, const void *object, void *copy)
{
	struct json_object *saved = fields_save(fields, object), *again;
	char *text = mem_copy_string(json_print(saved));

	need(str_utf8_valid(text, strlen(text)) && strlen(text) < (2u << 20));
	fields_load(fields, copy, saved);
	again = fields_save(fields, copy);
	need(strcmp(text, json_print(again)) == 0);
	free(text);
	json_free(saved);
	json_free(again);
}

static void check_alarm(const struct alarm *alarm)
{
	char *key = alarm_change_key(alarm), *condition = alarm_condition(alarm);
	char *url = alarm_console_url(alarm);
	struct alarm copy = { 0 };

	need(strlen(key) <= 450 && *condition != '\0' && str_utf8_valid(condition, strlen(condition)));
	need(alarm->name != NULL && alarm->state != NULL && alarm->type != NULL && alarm->via != NULL);
	need(url == NULL || str_starts(url, "https://"));
	save_and_load(alarm_fields, alarm, &copy);
	(void)alarm_merge(&copy, alarm);
	need(!alarm_merge(&copy, alarm));
	fields_free(alarm_fields, &copy);
	free(key);
	free(condition);
	free(url);
}

static void check_notice(const struct notice *notice)
{
	struct notice copy = { 0 };

	need(notice->title != NULL && notice->severity != NULL && notice->source != NULL);
	need(strlen(notice->title) < 310 && strchr(notice->title, '\n') == NULL);
	need(notice->text == NULL || strlen(notice->text) < 8300);
	need(notice->raw == NULL || strlen(notice->raw) < 8300);
	save_and_load(notice_fields, notice, &copy);
	fields_free(notice_fields, &copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte chooses whether there is a subject. SNS messages are valid UTF-8. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct event event;
	const char *text;

	if (size == 0 || !str_utf8_valid((const char *)data + 1, size - 1))
		return 0;
	text = (const char *)data + 1;
	event_parse(&event, text, size - 1, data[0] % 2 == 0 ? NULL : "Subject",
	            "arn:aws:sns:us-east-1:123456789012:alarms", 1772827200000LL);
	need((event.alarm != NULL) != (event.notice != NULL));
	if (event.alarm != NULL)
		check_alarm(event.alarm);
	else
		check_notice(event.notice);
	event_free(&event);
	return 0;
}
