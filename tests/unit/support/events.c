#include "tests/unit/support/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/json.h"

struct event event;

void parse_with(const char *message, const char *subject)
{
	event_free(&event);
	event_parse(&event, message, strlen(message), subject, EVENTS_TOPIC, EVENTS_SENT_MS);
	assert_true((event.alarm != NULL) != (event.notice != NULL));
}

struct alarm *parse_alarm(const char *message)
{
	parse_with(message, NULL);
	if (event.alarm == NULL)
		fail_msg("a notice: %s", event.notice->title);
	return event.alarm;
}

struct notice *parse_notice(const char *message)
{
	parse_with(message, NULL);
	assert_non_null(event.notice);
	assert_non_null(event.notice->title);
	assert_non_null(event.notice->severity);
	return event.notice;
}

int free_event(void **state)
{
	(void)state;
	event_free(&event);
	return 0;
}

void assert_text(const char *actual, const char *expected)
{
	if (expected == NULL)
		assert_null(actual);
	else
		assert_string_equal(actual != NULL ? actual : "(NULL)", expected);
}

void assert_number(double actual, double expected)
{
	if (isnan(expected) ? !isnan(actual) : fabs(actual - expected) > 1e-9)
		fail_msg("%g is not %g", actual, expected);
}

void assert_time(int64_t actual, const char *expected)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format_iso(actual, text);
	assert_string_equal(text, expected);
}

void assert_json(struct json_object *actual, const char *expected)
{
	assert_text(actual != NULL ? json_print(actual) : NULL, expected);
}

void assert_condition(const struct alarm *alarm, const char *expected)
{
	char *condition = alarm_condition(alarm);

	assert_string_equal(condition, expected);
	free(condition);
}

void assert_key(const struct alarm *alarm, const char *expected)
{
	char *key = alarm_change_key(alarm);

	assert_string_equal(key, expected);
	free(key);
}

const char *detail(const struct notice *notice, const char *name)
{
	for (size_t i = 0; i < json_count(notice->details); i++)
		if (strcmp(json_string(json_at(notice->details, i), "name"), name) == 0)
			return json_string(json_at(notice->details, i), "value");
	return NULL;
}
