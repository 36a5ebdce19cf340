/* incidents - what is open, the oldest first, and what was resolved in the last day. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/silence.h"
#include "bot/str.h"
#include "commands/announce.h"
#include "commands/answer.h"
#include "commands/command.h"

#define OPEN_MAX 20
#define RESOLVED_MAX 10
#define RESOLVED_MS (24 * INT64_C(3600000))
#define NAME_MAX_BYTES 80

struct incidents_asked {
	struct origin origin;
};

static const struct field fields[] = { ORIGIN_FIELDS(incidents_asked), FIELDS_END };

/* The first `max` in their order; the others are counted. */
struct list {
	struct incident *items[OPEN_MAX];
	size_t max, count, all;
	int64_t since_ms; /* resolved ones: since then */
};

static bool is_before(const struct incident *a, const struct incident *b)
{
	if (incident_is_open(a))
		return a->fired_ms < b->fired_ms;
	return a->resolved_ms > b->resolved_ms;
}

static void add(struct list *list, struct incident *incident)
{
	size_t at = list->count;

	list->all++;
	while (at > 0 && is_before(incident, list->items[at - 1]))
		at--;
	if (at == list->max)
		return;
	list->count += list->count < list->max ? 1 : 0;
	memmove(&list->items[at + 1], &list->items[at], (list->count - 1 - at) * sizeof(list->items[0]));
	list->items[at] = incident;
}

static void add_if_open(void *arg, struct incident *incident)
{
	if (incident->opened_ms != 0 && incident_is_open(incident))
		add(arg, incident);
}

static void add_if_resolved(void *arg, struct incident *incident)
{
	struct list *list = arg;

	if (incident->opened_ms != 0 && !incident_is_open(incident) && incident->resolved_ms >= list->since_ms)
		add(list, incident);
}

static const char *lasted(struct flow *flow, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format_duration(ms, text);
	return mem_strdup(&flow->mem, text);
}

static void say_name(struct message *message, struct message_line *line, const struct incident *incident)
{
	const char *name = incident->alarm.name == NULL ? "unnamed alarm" : incident->alarm.name;
	size_t length = strlen(name), kept = str_utf8_prefix(name, length, NAME_MAX_BYTES);

	message_say(message, line, "%s. ", incident->id);
	message_bold(message, line,
	             incident_is_open(incident) ? alarm_state_word(incident->alarm.state) : "RESOLVED");
	message_say(message, line, "  %.*s%s", (int)kept, name, kept < length ? "…" : "");
}

static void say_links(struct flow *flow, struct message *message, struct message_line *line,
                      const struct incident *incident)
{
	char *url = announce_url(flow->bot, incident);

	if (incident->issue_key != NULL) {
		message_say(message, line, " · ");
		message_link(message, line, incident->issue_url, incident->issue_key);
	}
	if (url != NULL) {
		message_say(message, line, " · ");
		message_link(message, line, url, "message");
	}
	free(url);
}

static void say_open(struct flow *flow, struct message *message, const struct incident *incident)
{
	const struct silence *silence = silences_find(flow->bot->silences, &incident->alarm);
	struct message_line *line = message_paragraph(message);

	say_name(message, line, incident);
	message_say(message, line, " · for %s · ", lasted(flow, clock_wall_ms() - incident->fired_ms));
	if (incident->holder == NULL) {
		message_say(message, line, "nobody has it");
	} else {
		message_person(message, line, incident->holder);
		message_say(message, line, " has it");
	}
	if (silence != NULL) {
		message_say(message, line, " · silenced until ");
		message_time(message, line, silence->until_ms);
	}
	say_links(flow, message, line, incident);
}

static void say_resolved(struct flow *flow, struct message *message, const struct incident *incident)
{
	struct message_line *line = message_paragraph(message);

	say_name(message, line, incident);
	message_say(message, line, " · ");
	message_time(message, line, incident->resolved_ms);
	message_say(message, line, " after %s", lasted(flow, incident->resolved_ms - incident->fired_ms));
	if (incident->resolved_by != NULL) {
		message_say(message, line, " by ");
		message_person(message, line, incident->resolved_by);
	}
	if (incident->hushed)
		message_say(message, line, " · silenced");
	say_links(flow, message, line, incident);
}

static void say_left_out(struct message *message, const struct list *list, const char *what)
{
	if (list->all > list->count)
		message_say(message, message_context(message), "and %zu more %s", list->all - list->count, what);
}

static void build(struct flow *flow, struct message *message)
{
	struct list open = { .max = OPEN_MAX };
	struct list resolved = { .max = RESOLVED_MAX, .since_ms = clock_wall_ms() - RESOLVED_MS };

	incidents_each(flow->bot->incidents, add_if_open, &open);
	incidents_each(flow->bot->incidents, add_if_resolved, &resolved);
	message_init(message, open.all > 0 ? TONE_FIRING : TONE_NEUTRAL);
	message_headline(message, "%zu open incident%s", open.all, open.all == 1 ? "" : "s");
	message_text(message, "%zu open incident%s, %zu resolved in the last 24 hours", open.all,
	             open.all == 1 ? "" : "s", resolved.all);
	for (size_t i = 0; i < open.count; i++)
		say_open(flow, message, open.items[i]);
	say_left_out(message, &open, "open ones, younger");
	message_say(message, message_paragraph(message), "%s in the last 24 hours%s",
	            resolved.all == 0 ? "Nothing was resolved" : "Resolved", resolved.all == 0 ? "." : ":");
	for (size_t i = 0; i < resolved.count; i++)
		say_resolved(flow, message, resolved.items[i]);
	say_left_out(message, &resolved, "that were resolved earlier");
}

static enum flow_next answer(struct flow *flow)
{
	struct message message;
	enum flow_next next;

	build(flow, &message);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static const struct flow_step steps[] = { { "answer", answer, answer_find }, { NULL, NULL, NULL } };

static const struct flow_plan plan = {
	.name = "incidents",
	.state_size = sizeof(struct incidents_asked),
	.fields = fields,
	.steps = steps,
	.ended = answer_ended,
};

const struct command command_incidents = {
	.name = "incidents",
	.own_slash = true,
	.usage = "incidents",
	.summary = "What is open, who has it, and what was resolved in the last 24 hours",
	.plan = &plan,
};
