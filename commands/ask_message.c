/* ask_message.c - what is shown of a question besides the answer's own words. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "commands/ask_private.h"
#include "commands/ask_turn.h"
#include "commands/briefing.h"
#include "commands/model_note.h"
#include "commands/tool.h"

#define BUTTON_VALUE_MAX 1900
#define UNSEEN_MAX (8u << 10)
#define UNSEEN_SHOWN 6
#define COST_MAX 400
#define QUESTION_SHOWN 600 /* bytes of it in the head */

/* --- the head ---------------------------------------------------------------------------------------- */

/* A slash command is seen by nobody: its head says what was asked, and by whom. */
static void say_question(struct message *message, struct flow *flow)
{
	const struct ask *ask = flow->state;
	struct message_line *line;
	size_t length = strlen(ask->question), shown = str_utf8_prefix(ask->question, length, QUESTION_SHOWN);

	if (ask->origin.thread != NULL || length == 0)
		return;
	line = message_paragraph(message);
	message_person(message, line, ask->origin.user);
	message_say(message, line, " asks: ");
	message_bold(message, line, mem_printf(&flow->mem, "%.*s%s", (int)shown, ask->question,
	                                       shown < length ? "…" : ""));
}

void ask_message_busy(struct message *message, struct flow *flow, const char *what)
{
	message_init(message, TONE_NEUTRAL);
	message_text(message, "%s …", what);
	say_question(message, flow);
	message_say(message, message_paragraph(message), "⏳ %s …", what);
	message_action(message, "ask_stop", "Stop", flow->id, STYLE_PLAIN, NULL);
}

/* Without its value the button asks the thread's last question. */
static void add_again(struct message *message, const struct ask *ask)
{
	char value[BUTTON_VALUE_MAX + 1];
	size_t length;

	if (ask->again == NULL)
		return;
	length = strlen(ask->again);
	if (length > BUTTON_VALUE_MAX)
		length = 0;
	memcpy(value, ask->again, length);
	value[length] = '\0';
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)value[i] < ' ')
			value[i] = ' ';
	message_action(message, "ask_again", ask->again_is_rest ? "Go on" : "Try again", value, STYLE_PRIMARY, NULL);
}

static void say_read(struct message *message, struct message_line *line, const struct ask *ask)
{
	if (ask->metrics > 0)
		message_say(message, line, " · %lld metric%s read, %s", (long long)ask->metrics,
		            ask->metrics == 1 ? "" : "s", ask->range);
	if (ask->cut)
		message_say(message, line,
		            " · the question was longer than 3,000 characters: only its beginning was read");
}

static const char *symbol_of(const struct ask *ask)
{
	if (strcmp(ask->outcome, ASK_ANSWERED) == 0)
		return "✅ Answered";
	if (strcmp(ask->outcome, ASK_PARTLY) == 0)
		return "⚠️ Answered in part";
	if (strcmp(ask->outcome, ASK_PLAIN) == 0)
		return "✅ Answered without a model";
	if (strcmp(ask->outcome, ASK_STOPPED) == 0)
		return "⏹ Stopped";
	return strcmp(ask->outcome, ASK_INTERRUPTED) == 0 ? "⚠️ Interrupted by a restart" : "⚠️ Not answered";
}

void ask_message_over(struct message *message, struct flow *flow)
{
	const struct ask *ask = flow->state;
	struct message_line *line;

	message_init(message, strcmp(ask->outcome, ASK_FAILED) == 0 ? TONE_WARNING : TONE_NEUTRAL);
	message_text(message, "%s%s%s", symbol_of(ask), ask->said == NULL ? "" : ": ",
	             ask->said == NULL ? "" : ask->said);
	say_question(message, flow);
	line = message_paragraph(message);
	message_say(message, line, "%s", symbol_of(ask));
	if (strcmp(ask->outcome, ASK_STOPPED) == 0 && ask->stopped_by != NULL) {
		message_say(message, line, " by ");
		message_person(message, line, ask->stopped_by);
	}
	if (ask->said != NULL)
		message_say(message, line, ": %s", ask->said);
	say_read(message, line, ask);
	if (ask->chart_why != NULL)
		message_say(message, message_context(message), "⚠️ A chart is missing: %s", ask->chart_why);
	if (strcmp(ask->outcome, ASK_INTERRUPTED) == 0 || strcmp(ask->outcome, ASK_FAILED) == 0)
		add_again(message, ask);
}

/* --- below the answer -------------------------------------------------------------------------------- */

static void say_unseen(struct message *message, const struct briefing *briefing)
{
	struct str unseen;
	char *rest, *line;
	size_t count = 0;

	if (briefing == NULL)
		return;
	str_init(&unseen, UNSEEN_MAX);
	briefing_add_unseen(briefing, &unseen);
	rest = unseen.text;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' && count++ < UNSEEN_SHOWN)
			message_say(message, message_context(message), "⚠️ %s", line);
	if (count > UNSEEN_SHOWN)
		message_say(message, message_context(message), "⚠️ and %zu more.", count - UNSEEN_SHOWN);
	str_free(&unseen);
}

static void say_check(void *arg, const char *sentence)
{
	struct message *message = arg;

	message_say(message, message_context(message), "🔎 %s", sentence);
}

static const char *dollars(struct flow *flow, double value)
{
	char text[BUDGET_DOLLARS_SIZE];

	budget_dollars(value, text);
	return mem_strdup(&flow->mem, text);
}

static void say_cost(struct message *message, struct flow *flow, const struct ask_turn_result *result)
{
	struct str cost;

	str_init(&cost, COST_MAX);
	model_note_cost(&cost, flow->bot, flow->id, &result->tokens, result->tokens_known, result->calls);
	message_say(message, message_context(message), "%s", cost.text);
	str_free(&cost);
}

/* The button carries what a person would type; it is judged when it is clicked. */
static void add_proposals(struct message *message, struct flow *flow, const struct ask_turn_result *result)
{
	for (size_t i = 0; i < result->proposal_count; i++) {
		const struct tool_proposal *proposal = &result->proposals[i];
		const char *target = proposal->target == NULL ? "" : proposal->target;
		const char *words = mem_printf(&flow->mem, "%s%s%s%s%s", proposal->runbook, *target == '\0' ? "" : " ",
		                               target, proposal->arguments == NULL ? "" : " ",
		                               proposal->arguments == NULL ? "" : proposal->arguments);
		struct message_line *line = message_paragraph(message);

		message_say(message, line, "💡 Proposed: ");
		message_inline_code(message, line, words);
		if (proposal->reason != NULL)
			message_say(message, line, "  %s", proposal->reason);
		message_action(message, "ask_propose", mem_printf(&flow->mem, "Run %s", proposal->runbook), words,
		               STYLE_PLAIN, mem_printf(&flow->mem, "Run %s?", words));
	}
}

/* What failed is told in small letters and without an end, to stand behind a colon. */
static const char *sentence(struct flow *flow, const char *text)
{
	size_t length = strlen(text);
	bool over = length > 0 && strchr(".!?", text[length - 1]) != NULL;
	char first = text[0] >= 'a' && text[0] <= 'z' ? (char)(text[0] - ('a' - 'A')) : text[0];

	return length == 0 ? text : mem_printf(&flow->mem, "%c%s%s", first, text + 1, over ? "" : ".");
}

/* What the model asked for and did not get: it may have answered without. */
static void say_failures(struct message *message, struct flow *flow, const struct ask_turn_result *result)
{
	for (size_t i = 0; i < result->failure_count; i++) {
		const struct tool_failure *failure = &result->failures[i];
		const char *text = mem_printf(&flow->mem, "%s failed: %s%s%s", failure->title,
		                              failure->what == NULL ? "" : failure->what,
		                              failure->what == NULL ? "" : ": ", failure->why);

		message_say(message, message_context(message), "⚠️ %s", sentence(flow, text));
	}
}

static const char *state_of(const struct ask *ask, const struct ask_turn_result *result)
{
	if (result->end == ASK_TURN_STOPPED)
		return ask->stopped_by == NULL ? "⏹ Stopped." : "⏹ Stopped by ";
	return result->end == ASK_TURN_BROKE_OFF ? "⚠️ The answer broke off. " : "⚠️ ";
}

void ask_message_last(struct message *message, struct flow *flow, const struct ask_turn_result *result)
{
	const struct ask *ask = flow->state;
	struct message_line *line;

	message_init(message, TONE_NEUTRAL);
	if (result->end != ASK_TURN_WHOLE) {
		line = message_paragraph(message);
		message_say(message, line, "%s", state_of(ask, result));
		if (result->end == ASK_TURN_STOPPED && ask->stopped_by != NULL)
			message_person(message, line, ask->stopped_by);
		if (result->why != NULL)
			message_say(message, line, "%s", sentence(flow, result->why));
	}
	add_proposals(message, flow, result);
	add_again(message, ask);
	say_unseen(message, ask->briefing);
	say_failures(message, flow, result);
	model_note_checks(&result->counts, say_check, message);
	say_cost(message, flow, result);
}

void ask_message_interrupted(struct message *message, struct flow *flow)
{
	(void)flow;
	message_init(message, TONE_WARNING);
	message_text(message, "This answer was interrupted by a restart of mine.");
	message_say(message, message_paragraph(message),
	            "⚠️ This answer was interrupted by a restart of mine: what stands above may be incomplete.");
}

const char *ask_message_why(struct flow *flow)
{
	const struct ask *ask = flow->state;

	return ask->why == NULL ? NULL : sentence(flow, ask->why);
}

void ask_message_plain(struct message *message, struct flow *flow)
{
	const struct ask *ask = flow->state;
	double spent = budget_answer(flow->bot->budget, flow->id);

	if (spent > 0)
		message_say(message, message_context(message), "Asking the model cost up to %s all the same.",
		            dollars(flow, spent));
	add_again(message, ask);
}
