/* silences - which alarms nobody is to hear of, until when, and who said so. */
#include "bot/bot.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/silence.h"
#include "commands/answer.h"
#include "commands/command.h"

#define SHOWN_MAX 15

struct silences_asked {
	struct origin origin;
};

static const struct field fields[] = { ORIGIN_FIELDS(silences_asked), FIELDS_END };

struct list {
	struct flow *flow;
	struct message *message;
	const struct silence *current;
	size_t held_back; /* open incidents of `current` */
	size_t count;
};

static void count_held_back(void *arg, struct incident *incident)
{
	struct list *list = arg;

	if (incident_is_open(incident) && silence_is_for(list->current, &incident->alarm))
		list->held_back++;
}

static void say_silence(void *arg, const struct silence *silence)
{
	struct list *list = arg;
	struct message *message = list->message;
	struct message_line *line;

	if (list->count++ >= SHOWN_MAX)
		return;
	list->current = silence;
	list->held_back = 0;
	incidents_each(list->flow->bot->incidents, count_held_back, list);
	line = message_paragraph(message);
	message_say(message, line, "%s. ", silence->id);
	message_inline_code(message, line, silence->pattern);
	message_say(message, line, silence->fingerprint == NULL ? "  until " : " (this one alarm)  until ");
	message_time(message, line, silence->until_ms);
	message_say(message, line, " by ");
	message_person(message, line, silence->by);
	if (silence->reason != NULL)
		message_say(message, line, ": %s", silence->reason);
	if (list->held_back > 0)
		message_say(message, line, " · %zu open incident%s", list->held_back, list->held_back == 1 ? "" : "s");
	message_action(message, "unsilence", mem_printf(&list->flow->mem, "End %s", silence->id), silence->id,
	               STYLE_PLAIN, NULL);
}

static enum flow_next answer(struct flow *flow)
{
	struct message message;
	struct list list = { .flow = flow, .message = &message };
	enum flow_next next;

	message_init(&message, TONE_NEUTRAL);
	message_headline(&message, "Silences");
	silences_each(flow->bot->silences, say_silence, &list);
	message_text(&message, "%zu silence%s", list.count, list.count == 1 ? "" : "s");
	if (list.count == 0)
		message_say(&message, message_paragraph(&message), "No alarm is silenced.");
	if (list.count > SHOWN_MAX)
		message_say(&message, message_context(&message), "and %zu more that end later", list.count - SHOWN_MAX);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static const struct flow_step steps[] = { { "answer", answer, answer_find }, { NULL, NULL, NULL } };

static const struct flow_plan plan = {
	.name = "silences",
	.state_size = sizeof(struct silences_asked),
	.fields = fields,
	.steps = steps,
	.ended = answer_ended,
};

const struct command command_silences = {
	.name = "silences",
	.usage = "silences",
	.summary = "The silences that hold, with a button to end each",
	.plan = &plan,
};
