/* event_input.h - what the parsers of bot/alarm.h's events share. Private to them. */
#ifndef BOT_EVENT_INPUT_H
#define BOT_EVENT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/arn.h"

struct alarm;
struct json_object;
struct notice;

struct event_input {
	struct json_object *json; /* the message as JSON, or NULL */
	const char *message; /* for notice_from_text only: NUL-terminated, without NULs inside */
	const char *subject; /* or NULL */
	bool has_topic;
	struct arn topic;    /* when has_topic */
	int64_t sent_ms;
};

/* The alarm of a CloudWatch message as SNS carries it; NULL: it is none. alarm_sns.c */
struct alarm *alarm_from_sns(const struct event_input *input);
/* The alarm of a "CloudWatch Alarm State Change" event or a Lambda alarm action; NULL: it is none.
 * alarm_eventbridge.c */
struct alarm *alarm_from_eventbridge(const struct event_input *input);

/* Each gives a notice or NULL: not mine. */
struct notice *notice_from_eventbridge(const struct event_input *input); /* notice_eventbridge.c */
struct notice *notice_from_sender(const struct event_input *input);      /* notice_sender.c */
struct notice *notice_from_contributor(const struct event_input *input); /* notice_cloudwatch.c */
struct notice *notice_from_alarm_change(const struct event_input *input);
/* Always a notice. notice_text.c */
struct notice *notice_from_text(const struct event_input *input);
struct notice *notice_from_json(const struct event_input *input);

#endif
