#include "commands/router.h"

#include <string.h>

#include "bot/bot.h"
#include "bot/flow.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/runbook.h"
#include "bot/seen.h"
#include "commands/buttons.h"
#include "commands/command.h"
#include "commands/runbook_run.h"

#define REMEMBER_MS (24LL * 3600 * 1000) /* the chat repeats within an hour; a day is safe */
#define WORD_MAX 32

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

/* Splits "top i-123" into the word (lower-cased, at most WORD_MAX) and what follows. */
static const char *take_word(const char *text, char word[WORD_MAX + 1])
{
	const char *start = skip_blanks(text);
	size_t length = strcspn(start, " \t\r\n");

	if (*start == '/') { /* people type the slash in a mention as well */
		start++;
		length--;
	}
	for (size_t i = 0; i < length && i < WORD_MAX; i++)
		word[i] = start[i] >= 'A' && start[i] <= 'Z' ? (char)(start[i] + ('a' - 'A')) : start[i];
	word[length < WORD_MAX ? length : WORD_MAX] = '\0';
	return skip_blanks(start + length);
}

/* What was asked. */
struct choice {
	const struct command *command; /* NULL: a configured runbook that has no command of its own */
	const struct flow_plan *plan;
	char word[WORD_MAX + 1];
	const char *arguments;
};

static void choose_help(struct choice *choice, const char *text)
{
	choice->command = command_find("help");
	choice->arguments = skip_blanks(text);
}

static void choose(struct bot *bot, const struct chat_heard *heard, struct choice *choice)
{
	const char *text = heard->text == NULL ? "" : heard->text;
	bool own_slash = heard->type == HEARD_SLASH && heard->word != NULL && strcmp(heard->word, "tocsin") != 0;

	choice->arguments = take_word(own_slash ? heard->word : text, choice->word);
	if (own_slash)
		choice->arguments = text;
	choice->command = command_find(choice->word);
	if (choice->command == NULL && !own_slash && runbook_find(bot->config, choice->word) != NULL) {
		choice->plan = &runbook_plan;
		return;
	}
	if (choice->command == NULL)
		choose_help(choice, text);
	choice->plan = choice->command->plan;
}

static void set_origin(struct origin *origin, const struct chat_heard *heard)
{
	mem_set_string(&origin->user, heard->user);
	mem_set_string(&origin->channel, heard->channel);
	mem_set_string(&origin->thread, heard->thread);
	mem_set_string(&origin->response_url, heard->response_url);
}

static void start(struct bot *bot, const struct chat_heard *heard)
{
	struct choice choice = { 0 };
	struct flow *flow;

	choose(bot, heard, &choice);
	flow = flow_new(bot->flows, choice.plan);
	set_origin(flow->state, heard);
	log_event(LOG_INFO, "command.heard", "command", choice.word, "user", heard->user, "channel", heard->channel,
	          "flow", flow->id, NULL);
	metrics_count("tocsin_commands_total", "command", choice.command == NULL ? "runbook" : choice.command->name);
	if (choice.command == NULL)
		runbook_parse(flow->state, choice.word, choice.arguments);
	else if (choice.command->parse != NULL)
		choice.command->parse(flow->state, choice.arguments);
	flow_start(flow);
}

static void heard_something(void *arg, const struct chat_heard *heard, struct done durable)
{
	struct bot *bot = arg;

	/* Known: acknowledged once what the first copy caused is durable. */
	if (seen_before(bot->seen, "slack", heard->key)) {
		metrics_count("tocsin_heard_duplicates_total", NULL, NULL);
		journal_commit(bot->journal, durable);
		return;
	}
	seen_remember(bot->seen, "slack", heard->key, REMEMBER_MS);
	if (heard->type == HEARD_CLICK)
		buttons_click(bot, heard);
	else if (heard->type != HEARD_REPLY) /* talk among people in an incident's thread */
		start(bot, heard);
	journal_commit(bot->journal, durable);
}

struct chat_ears router_ears(struct bot *bot)
{
	return (struct chat_ears){ heard_something, bot };
}
