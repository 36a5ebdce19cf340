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
#include "bot/str.h"
#include "commands/ask.h"
#include "commands/buttons.h"
#include "commands/command.h"
#include "commands/runbook_run.h"

#define REMEMBER_MS (24LL * 3600 * 1000) /* the chat repeats within an hour; a day is safe */
#define WORD_MAX 32
#define BLANKS " \t\r\n"
#define SHORT_WORD 4
#define WORDS_OF_A_COMMAND 3

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, BLANKS);
}

/* Splits "top i-123" into the word (lower-cased, at most WORD_MAX) and what follows. */
static const char *take_word(const char *text, char word[WORD_MAX + 1])
{
	const char *start = skip_blanks(text);
	size_t length = strcspn(start, BLANKS);

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

static void choose_named(struct choice *choice, const char *name, const char *text)
{
	choice->command = command_find(name);
	choice->arguments = skip_blanks(text);
}

static size_t count_words(const char *text)
{
	size_t count = 0;

	for (text = skip_blanks(text); *text != '\0'; text = skip_blanks(text + strcspn(text, BLANKS)))
		count++;
	return count;
}

/* A command with a slip in it: "tpo i-0123", but not "how slow is it?". */
static bool is_mistyped(const char *word, const char *text)
{
	const struct command *near = command_nearest(word);
	size_t allowed = strlen(word) <= SHORT_WORD ? 1 : 2;

	return near != NULL && count_words(text) <= WORDS_OF_A_COMMAND && str_distance(near->name, word) <= allowed;
}

/* "memory of web-1 since nine?": a command's word, and yet a question. */
static bool is_question(const struct choice *choice, const char *text)
{
	size_t length = strlen(text);

	while (length > 0 && strchr(BLANKS, text[length - 1]) != NULL)
		length--;
	return length > 0 && text[length - 1] == '?' && count_words(text) >= WORDS_OF_A_COMMAND &&
	       (choice->command == NULL || choice->command->yields_to_question ||
	        choice->command->plan == &runbook_plan);
}

/* "dashboard import NAME" is another command than "dashboard NAME", and "dashboard import" is the latter. */
static void choose_sub(struct choice *choice)
{
	const struct command *sub = choice->command == NULL ? NULL : choice->command->sub;
	char first[WORD_MAX + 1];
	const char *rest;

	if (sub == NULL)
		return;
	rest = take_word(choice->arguments, first);
	if (strcmp(first, sub->name) != 0 || *rest == '\0')
		return;
	choice->command = sub;
	choice->arguments = rest;
}

/* What is no command is a question, but for slash commands and slips. */
static void choose_other(struct choice *choice, const struct chat_heard *heard, const char *text)
{
	bool help = heard->type == HEARD_SLASH || *skip_blanks(text) == '\0' || is_mistyped(choice->word, text);

	choose_named(choice, help ? "help" : "ask", text);
}

static void choose(struct bot *bot, const struct chat_heard *heard, struct choice *choice)
{
	const char *text = heard->text == NULL ? "" : heard->text;
	bool own_slash = heard->type == HEARD_SLASH && heard->word != NULL && strcmp(heard->word, "tocsin") != 0;

	if (heard->type == HEARD_REPLY) { /* people among each other type no commands */
		choose_named(choice, "ask", text);
		choice->plan = choice->command->plan;
		return;
	}
	choice->arguments = take_word(own_slash ? heard->word : text, choice->word);
	if (own_slash)
		choice->arguments = text;
	choice->command = command_find(choice->word);
	if (heard->type != HEARD_SLASH && is_question(choice, text))
		choose_named(choice, "ask", text);
	if (choice->command == NULL && !own_slash && runbook_find(bot->config, choice->word) != NULL) {
		choice->plan = &runbook_plan;
		return;
	}
	if (choice->command == NULL)
		choose_other(choice, heard, text);
	choose_sub(choice);
	choice->plan = choice->command->plan;
}

static void set_origin(struct origin *origin, const struct chat_heard *heard, const char *thread)
{
	mem_set_string(&origin->user, heard->user);
	mem_set_string(&origin->channel, heard->channel);
	mem_set_string(&origin->thread, thread);
	mem_set_string(&origin->response_url, heard->response_url);
}

/* An answer to a question is a thread of its own, also in a direct message. */
static const char *thread_of(const struct chat_heard *heard, const struct flow_plan *plan)
{
	return heard->thread == NULL && plan == &ask_plan ? heard->message : heard->thread;
}

static void start(struct bot *bot, const struct chat_heard *heard)
{
	struct choice choice = { 0 };
	struct flow *flow;

	choose(bot, heard, &choice);
	flow = flow_new(bot->flows, choice.plan);
	set_origin(flow->state, heard, thread_of(heard, choice.plan));
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

	if (heard->type == HEARD_REPLY && !ask_hears(bot, heard)) { /* talk among people */
		journal_commit(bot->journal, durable);
		return;
	}
	/* Known: acknowledged once what the first copy caused is durable. */
	if (seen_before(bot->seen, "slack", heard->key)) {
		metrics_count("tocsin_heard_duplicates_total", NULL, NULL);
		journal_commit(bot->journal, durable);
		return;
	}
	seen_remember(bot->seen, "slack", heard->key, REMEMBER_MS);
	if (heard->type == HEARD_CLICK)
		buttons_click(bot, heard);
	else
		start(bot, heard);
	journal_commit(bot->journal, durable);
}

struct chat_ears router_ears(struct bot *bot)
{
	return (struct chat_ears){ heard_something, bot };
}
