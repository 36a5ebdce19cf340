#include "commands/router.h"

#include <string.h>

#include "bot/bot.h"
#include "bot/flow.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/seen.h"
#include "commands/command.h"

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

/* What was asked, as a command and its arguments; help when it is no command. */
static const struct command *choose(const struct chat_heard *heard, const char **arguments)
{
	const char *text = heard->text == NULL ? "" : heard->text;
	const struct command *command;
	char word[WORD_MAX + 1];

	*arguments = text;
	if (heard->type == HEARD_SLASH && heard->word != NULL && strcmp(heard->word, "tocsin") != 0) {
		command = command_find(heard->word);
		return command != NULL ? command : command_find("help");
	}
	*arguments = take_word(text, word);
	command = command_find(word);
	if (command != NULL)
		return command;
	*arguments = skip_blanks(text);
	return command_find("help");
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
	const char *arguments;
	const struct command *command = choose(heard, &arguments);
	struct flow *flow = flow_new(bot->flows, command->plan);

	set_origin(flow->state, heard);
	log_event(LOG_INFO, "command.heard", "command", command->name, "user", heard->user, "channel",
	          heard->channel, "flow", flow->id, NULL);
	metrics_count("tocsin_commands_total", "command", command->name);
	if (command->parse != NULL)
		command->parse(flow->state, arguments);
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
	/* Talk among people in an incident's thread, and clicks on what has no command: nothing to do. */
	if (heard->type != HEARD_REPLY && heard->type != HEARD_CLICK)
		start(bot, heard);
	journal_commit(bot->journal, durable);
}

struct chat_ears router_ears(struct bot *bot)
{
	return (struct chat_ears){ heard_something, bot };
}
