/* help - what can be asked; also the answer to a word that is no command. */
#include "bot/bot.h"
#include "bot/flow.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/runbook.h"
#include "bot/str.h"
#include "commands/answer.h"
#include "commands/command.h"

#define WORD_MAX 40

struct help {
	struct origin origin;
	char *unknown; /* the word that is no command, or NULL */
};

static const struct field fields[] = {
	ORIGIN_FIELDS(help), FIELD(FIELD_STRING, help, unknown), FIELDS_END,
};

static void parse(void *state, const char *arguments)
{
	struct help *h = state;
	size_t length = strcspn(arguments, " \t\n");
	char *word;

	if (length == 0)
		return;
	word = mem_copy_bytes(arguments, str_utf8_prefix(arguments, length, WORD_MAX));
	if (command_find(word) == NULL)
		mem_set_string(&h->unknown, word);
	free(word);
}

static void say_unknown(struct message *message, const char *word)
{
	const struct command *near = command_nearest(word);
	struct message_line *line = message_paragraph(message);

	message_say(message, line, "I do not know ");
	message_inline_code(message, line, word);
	if (near != NULL) {
		message_say(message, line, ". Did you mean ");
		message_inline_code(message, line, near->name);
		message_say(message, line, "?");
	}
}

/* Those that have no command of their own. */
static void say_runbook(void *arg, const struct runbook *runbook)
{
	struct message *message = arg;
	struct message_line *line;
	char usage[80];

	if (command_find(runbook->name) != NULL)
		return;
	(void)snprintf(usage, sizeof(usage), "/tocsin %s <instance>", runbook->name);
	line = message_paragraph(message);
	message_inline_code(message, line, usage);
	message_say(message, line, "  %s%s", runbook->summary == NULL ? "A runbook of this team" : runbook->summary,
	            runbook->changes ? " (asks for approval)" : "");
}

static void say_command(struct message *message, const struct command *command, bool own_slash)
{
	struct message_line *line = message_paragraph(message);

	message_inline_code(message, line, mem_printf(&message->mem, "/%s%s", own_slash ? "" : "tocsin ",
	                                              command->usage));
	message_say(message, line, "  %s", command->summary);
}

static enum flow_next answer(struct flow *flow)
{
	const struct help *h = flow->state;
	struct message message;
	enum flow_next next;

	message_init(&message, TONE_NEUTRAL);
	message_headline(&message, "What I can do");
	message_text(&message, "%s", h->unknown == NULL ? "What tocsin can do"
	                                                 : "I do not know that word; this is what I can do");
	if (h->unknown != NULL)
		say_unknown(&message, h->unknown);
	for (const struct command *const *c = commands; *c != NULL; c++) {
		say_command(&message, *c, (*c)->own_slash);
		if ((*c)->sub != NULL)
			say_command(&message, (*c)->sub, (*c)->own_slash);
	}
	runbook_each(flow->bot->config, say_runbook, &message);
	message_say(&message, message_context(&message),
	            "The same words work when you mention me in a channel or thread, or write to me directly.");
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static const struct flow_step steps[] = { { "answer", answer, answer_find }, { NULL, NULL, NULL } };

static const struct flow_plan plan = {
	.name = "help",
	.state_size = sizeof(struct help),
	.fields = fields,
	.steps = steps,
	.ended = answer_ended,
};

const struct command command_help = {
	.name = "help",
	.usage = "help",
	.summary = "This list",
	.parse = parse,
	.plan = &plan,
};
