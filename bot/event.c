/* event.c - tells by its shape, never by its subject, what a message is (alarm.h). */
#include <string.h>

#include "bot/alarm.h"
#include "bot/event_input.h"
#include "bot/json.h"
#include "bot/mem.h"

static struct alarm *find_alarm(const struct event_input *input)
{
	struct alarm *alarm = alarm_from_sns(input);

	return alarm != NULL ? alarm : alarm_from_eventbridge(input);
}

static struct notice *find_notice(const struct event_input *input)
{
	static struct notice *(*const readers[])(const struct event_input *) = {
		notice_from_alarm_change, notice_from_eventbridge, notice_from_sender, notice_from_json,
	};
	struct notice *notice = NULL;

	for (size_t i = 0; notice == NULL && i < sizeof(readers) / sizeof(readers[0]); i++)
		notice = readers[i](input);
	return notice;
}

static void parse_json(struct event *event, const struct event_input *input)
{
	event->notice =
		notice_from_contributor(input); /* looks like an alarm, but speaks for a part of one */
	if (event->notice == NULL)
		event->alarm = find_alarm(input);
	if (event->notice == NULL && event->alarm == NULL)
		event->notice = find_notice(input);
}

/* As text, where a NUL would end it, NULs become spaces. */
static void parse_text(struct event *event, struct event_input *input, const char *message,
                       size_t length)
{
	char *text = mem_copy_bytes(message, length);

	for (char *nul = text; (nul = memchr(nul, '\0', (size_t)(text + length - nul))) != NULL;)
		*nul = ' ';
	input->message = text;
	if (json_is_string(input->json)) /* an InputTransformer's template that is one string */
		input->message = json_string(input->json, "");
	event->notice = notice_from_text(input);
	free(text);
}

void event_parse(struct event *event, const char *message, size_t length, const char *subject,
                 const char *topic, int64_t sent_ms)
{
	struct event_input input = { .subject = subject, .sent_ms = sent_ms };
	struct err ignored;

	*event = (struct event){ 0 };
	input.has_topic = arn_split(topic, &input.topic);
	input.json = json_parse(message, length, &ignored);
	if (json_is_object(input.json))
		parse_json(event, &input);
	else if (json_is_array(input.json))
		event->notice = notice_from_json(&input);
	else
		parse_text(event, &input, message, length);
	json_free(input.json);
}

void event_free(struct event *event)
{
	if (event->alarm != NULL)
		fields_free(alarm_fields, event->alarm);
	if (event->notice != NULL)
		fields_free(notice_fields, event->notice);
	free(event->alarm);
	free(event->notice);
	*event = (struct event){ 0 };
}
