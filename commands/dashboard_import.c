/*
 * dashboard import <name> - the configuration for a dashboard that CloudWatch has, to be pasted.
 *
 * In parts where it is long: the first is the answer, the others stand in its thread. It lives in memory only; after a
 * crash it is read again.
 */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "commands/answer.h"
#include "commands/command.h"
#include "commands/import_read.h"

#define MAX_TRIES 6
#define NAME_MAX_BYTES 255
#define PART_BYTES 6000 /* a block of code that a chat shows whole */
#define PARTS_MAX 8     /* who needs more prints it */

struct import_command {
	struct origin origin;
	char *name;
	char *failure; /* a sentence: there is nothing to show */
	int64_t told;  /* parts */
	char *yaml;    /* scratch: NULL after a crash */
	char *posted;  /* scratch */
};

static const struct field fields[] = {
	ORIGIN_FIELDS(import_command),
	FIELD(FIELD_STRING, import_command, name),    FIELD(FIELD_STRING, import_command, failure),
	FIELD(FIELD_INT, import_command, told),       FIELD(FIELD_SCRATCH, import_command, yaml),
	FIELD(FIELD_SCRATCH, import_command, posted), FIELDS_END,
};

static void parse(void *state, const char *words)
{
	struct import_command *c = state;
	size_t length = strcspn(words, " \t\r\n");
	char *name = mem_copy_bytes(words, length < NAME_MAX_BYTES ? length : NAME_MAX_BYTES);

	mem_set_string(&c->name, name);
	free(name);
}

/* --- parts --- */

/* The length of the next part: whole lines, and whole metrics if there is more than one. */
static size_t part_length(const char *text)
{
	size_t length = strlen(text), line = 0, entry = 0;

	if (length <= PART_BYTES)
		return length;
	for (size_t i = 1; i < PART_BYTES; i++) {
		if (text[i - 1] != '\n')
			continue;
		line = i;
		if (strncmp(text + i, "      - ", 8) == 0)
			entry = i;
	}
	return entry > 0 ? entry : line > 0 ? line : PART_BYTES;
}

/* The part of that number, from 0; NULL: there are fewer. *more: others follow. */
static char *part_of(struct import_command *c, int64_t number, bool *more)
{
	const char *at = c->yaml;

	for (; number > 0 && *at != '\0'; number--)
		at += part_length(at);
	*more = at[part_length(at)] != '\0';
	return *at == '\0' ? NULL : mem_copy_bytes(at, part_length(at));
}

static void word(struct message *message, const struct import_command *c, const char *part, bool more)
{
	message_init(message, TONE_NEUTRAL);
	message_text(message, "The configuration of CloudWatch's dashboard %s", c->name);
	if (c->told == 0)
		message_say(message, message_paragraph(message), "%s of %s, to be pasted into mine%s:",
		            "The configuration", c->name, more ? " (the rest is in the thread)" : "");
	message_code(message, part);
	if (more && c->told + 1 == PARTS_MAX)
		message_say(message, message_context(message), "There is more than a chat can show: run tocsin import "
		            "dashboard %s --config FILE, which prints all of it.", c->name);
}

/* --- steps --- */

static enum flow_next read_dashboard(struct flow *flow)
{
	struct import_command *c = flow->state;

	import_read(flow->bot, c->name, NULL, &c->yaml, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next choose(struct flow *flow)
{
	const struct import_command *c = flow->state;

	return flow_goto(flow, c->told > 0 ? "next part" : "answer");
}

static enum flow_next answer(struct flow *flow)
{
	struct import_command *c = flow->state;
	struct message message;
	enum flow_next next;
	bool more;
	char *part;

	if (c->yaml == NULL)
		return flow_goto(flow, "read");
	part = part_of(c, 0, &more);
	word(&message, c, part == NULL ? "" : part, more);
	next = answer_post(flow, &message);
	message_free(&message);
	free(part);
	return next;
}

static enum flow_next part_told(struct flow *flow)
{
	struct import_command *c = flow->state;

	c->told++;
	return FLOW_NEXT;
}

static enum flow_next next_part(struct flow *flow)
{
	struct import_command *c = flow->state;
	struct message message;
	enum flow_next next;
	bool more;
	char *part;

	if (c->told >= PARTS_MAX)
		return FLOW_DONE;
	if (c->yaml == NULL)
		return flow_goto(flow, "read");
	part = part_of(c, c->told, &more);
	if (part == NULL)
		return FLOW_DONE;
	word(&message, c, part, more);
	next = answer_reply(flow, c->told, CHAT_NORMAL, &message, &c->posted);
	message_free(&message);
	free(part);
	return next;
}

static enum flow_next find_part(struct flow *flow)
{
	struct import_command *c = flow->state;

	return answer_find_reply(flow, c->told, &c->posted);
}

static enum flow_next another_told(struct flow *flow)
{
	struct import_command *c = flow->state;

	c->told++;
	return flow_goto(flow, "next part");
}

static enum flow_next fail(struct flow *flow)
{
	const struct import_command *c = flow->state;
	struct message message;
	enum flow_next next;

	message_init(&message, TONE_WARNING);
	message_text(&message, "%s", c->failure);
	message_say(&message, message_paragraph(&message), "%s", c->failure);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next end(struct flow *flow)
{
	(void)flow;
	return FLOW_DONE;
}

/* What is shown already stays when it cannot be read again. */
static const char *rescue(struct flow *flow, const struct err *err)
{
	struct import_command *c = flow->state;

	if (strcmp(flow_step_name(flow), "read") != 0)
		return NULL;
	mem_set_string(&c->failure, err->text);
	return c->told > 0 ? "end" : "fail";
}

static const struct flow_step steps[] = {
	{ "read", read_dashboard, NULL },
	{ "choose", choose, NULL },
	{ "answer", answer, answer_find },
	{ "part told", part_told, NULL },
	{ "next part", next_part, find_part },
	{ "another told", another_told, NULL },
	{ "fail", fail, answer_find },
	{ "end", end, NULL },
	{ NULL, NULL, NULL },
};

static const struct flow_plan plan = {
	.name = "dashboard import",
	.state_size = sizeof(struct import_command),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.rescue = rescue,
	.ended = answer_ended,
};

const struct command command_dashboard_import = {
	.name = "import",
	.usage = "dashboard import <name>",
	.summary = "The configuration for a dashboard that CloudWatch has",
	.parse = parse,
	.plan = &plan,
};
