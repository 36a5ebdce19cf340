/* ask_end.c - how an answer ends: shown whole or in part, without a model, or interrupted; and is remembered. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/str.h"
#include "bot/worker.h"
#include "commands/answer.h"
#include "commands/ask_private.h"
#include "commands/ask_turn.h"
#include "commands/briefing.h"
#include "commands/conversation.h"

#define CONTEXT_MAX (8u << 10)
#define HEAD_AGAIN_MS (5 * 60 * 1000)

static const char go_on[] = "Go on with your last answer from where it was cut.";

/* Nothing of an answer was shown: the findings speak, and why the model does not. */
static enum flow_next without_model(struct flow *flow, const char *why)
{
	struct ask *ask = flow->state;

	mem_set_string(&ask->why, why);
	ask->plain = true;
	return flow_goto(flow, "plain");
}

enum flow_next ask_end_conclude(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct ask_turn_result result;

	if (ask->turn == NULL)
		return flow_goto(flow, "interrupted");
	ask_turn_result(ask->turn, &result);
	if (result.end == ASK_TURN_SILENT)
		return without_model(flow, result.why);
	if (result.end == ASK_TURN_STOPPED && result.text[0] == '\0')
		return ask_conclude(flow, ASK_STOPPED, NULL);
	mem_set_string(&ask->answer, result.text);
	ask_chart_count(ask);
	ask->again_is_rest = result.end == ASK_TURN_CUT;
	if (result.end == ASK_TURN_CUT)
		mem_set_string(&ask->again, go_on);
	else if (result.end == ASK_TURN_BROKE_OFF)
		mem_set_string(&ask->again, ask->question);
	return FLOW_NEXT;
}

enum flow_next ask_end_show(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct ask_turn_result result;
	struct message message;

	if (ask->turn == NULL)
		return flow_goto(flow, "interrupted");
	ask_turn_result(ask->turn, &result);
	ask_message_last(&message, flow, &result);
	ask_turn_end(ask->turn, &message, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static const char *outcome_of(const struct ask_turn_result *result)
{
	if (result->end == ASK_TURN_STOPPED)
		return ASK_STOPPED;
	return result->end == ASK_TURN_WHOLE && result->trouble == NULL ? ASK_ANSWERED : ASK_PARTLY;
}

enum flow_next ask_end_shown(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct ask_turn_result result;

	if (ask->turn == NULL)
		return flow_goto(flow, "interrupted");
	ask_turn_result(ask->turn, &result);
	mem_set_string(&ask->outcome, outcome_of(&result));
	if (result.trouble != NULL)
		mem_set_string(&ask->said, mem_printf(&flow->mem, "not all of it could be shown: %s", result.trouble));
	return FLOW_NEXT;
}

struct recall {
	struct ask *ask; /* the worker reads its briefing */
	struct str context;
	struct done done;
};

static bool word_context(void *arg, struct err *err)
{
	struct recall *recall = arg;

	(void)err;
	briefing_add_text(recall->ask->briefing, "-", &recall->context);
	return true;
}

static void context_worded(void *arg, const struct err *err)
{
	struct recall *recall = arg;
	struct done done = recall->done;

	mem_set_string(&recall->ask->context, recall->context.text);
	str_free(&recall->context);
	free(recall);
	done.fn(done.arg, err);
}

/* What the answer rested on, as the thread is to know it. */
enum flow_next ask_end_recall(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct recall *recall;

	if (ask->briefing == NULL)
		return FLOW_NEXT;
	recall = mem_alloc(sizeof(*recall));
	recall->ask = ask;
	recall->done = flow_wake(flow);
	str_init(&recall->context, CONTEXT_MAX);
	worker_run(flow->bot->worker, word_context, recall, (struct done){ context_worded, recall });
	return FLOW_WAIT;
}

/* The thread knows it from now on. */
enum flow_next ask_end_remember(struct flow *flow)
{
	struct ask *ask = flow->state;

	conversation_add(flow->bot->conversations, ask->origin.channel, answer_thread(&ask->origin), ask->question,
	                 ask->answer == NULL ? "" : ask->answer, ask->context);
	return FLOW_NEXT;
}

static void count_outcome(const char *outcome)
{
	static const char *const outcomes[] = { /* what is counted must be a literal */
		ASK_ANSWERED, ASK_PARTLY, ASK_PLAIN, ASK_STOPPED, ASK_INTERRUPTED, ASK_FAILED,
	};

	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(outcome, outcomes[i]) == 0)
			metrics_count("tocsin_answers_total", "outcome", outcomes[i]);
}

static enum flow_next edit_head(struct flow *flow)
{
	const struct ask *ask = flow->state;
	struct chat *chat = flow->bot->chat;
	struct message message;

	ask_message_over(&message, flow);
	chat->ops->edit(chat, ask->origin.channel, ask->origin.posted, &message, CHAT_URGENT, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

enum flow_next ask_end_head(struct flow *flow)
{
	const struct ask *ask = flow->state;

	count_outcome(ask->outcome);
	ask_queue_leave(flow);
	ask_status(flow, NULL);
	return edit_head(flow);
}

/* --- a head that is not what it should be ------------------------------------------------------------ */

enum flow_next ask_end_last_head(struct flow *flow)
{
	const struct ask *ask = flow->state;

	return ask->head_waits ? FLOW_NEXT : FLOW_DONE;
}

enum flow_next ask_end_head_again(struct flow *flow)
{
	return edit_head(flow);
}

/* Maybe for hours, and many of them: megabytes each are not held meanwhile. */
enum flow_next ask_end_wait_for_head(struct flow *flow)
{
	ask_forget(flow->state);
	return flow_sleep(flow, HEAD_AGAIN_MS, "head again");
}

enum flow_next ask_end_say(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct message message;
	enum flow_next next;

	ask_message_over(&message, flow);
	message_say(&message, message_context(&message),
	            "Said here because the message above could not be edited.");
	next = answer_reply(flow, 0, CHAT_URGENT, &message, &ask->told_message);
	message_free(&message);
	return next;
}

enum flow_next ask_end_find_said(struct flow *flow)
{
	struct ask *ask = flow->state;

	return answer_find_reply(flow, 0, &ask->told_message);
}

/* --- without a model --------------------------------------------------------------------------------- */

struct plain {
	struct flow *flow;
	const char *why;
	struct message *message;
	struct done done;
};

static bool word_plain(void *arg, struct err *err)
{
	struct plain *plain = arg;
	const struct ask *ask = plain->flow->state;

	(void)err;
	plain->message = mem_alloc(sizeof(*plain->message));
	briefing_plain(ask->briefing, plain->why, plain->message);
	return true;
}

void ask_end_free_plain(struct ask *ask)
{
	if (ask->plain_message == NULL)
		return;
	message_free(ask->plain_message);
	free(ask->plain_message);
	ask->plain_message = NULL;
}

static void plain_worded(void *arg, const struct err *err)
{
	struct plain *plain = arg;
	struct ask *ask = plain->flow->state;
	struct done done = plain->done;

	ask_end_free_plain(ask);
	ask->plain_message = plain->message;
	if (plain->message != NULL)
		ask_message_plain(plain->message, plain->flow);
	free(plain);
	done.fn(done.arg, err);
}

enum flow_next ask_end_plain(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct plain *plain;

	ask->plain = true;
	if (ask->briefing == NULL)
		return flow_goto(flow, "read");
	if (ask->why != NULL)
		mem_set_string(&ask->again, ask->question);
	plain = mem_alloc(sizeof(*plain));
	plain->flow = flow;
	plain->why = ask_message_why(flow);
	plain->done = flow_wake(flow);
	worker_run(flow->bot->worker, word_plain, plain, (struct done){ plain_worded, plain });
	return FLOW_WAIT;
}

/* Its words are saved before they are shown: the thread remembers them. */
enum flow_next ask_end_plain_worded(struct flow *flow)
{
	struct ask *ask = flow->state;
	char *text;

	if (ask->plain_message == NULL)
		return flow_goto(flow, "plain");
	text = message_plain(ask->plain_message);
	mem_set_string(&ask->answer, text);
	ask_chart_count(ask);
	free(text);
	return FLOW_NEXT;
}

enum flow_next ask_end_say_plain(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (ask->plain_message == NULL) /* a shutdown came between the two */
		return flow_goto(flow, "plain");
	return answer_reply(flow, 0, CHAT_URGENT, ask->plain_message, &ask->told_message);
}

enum flow_next ask_end_find_plain(struct flow *flow)
{
	struct ask *ask = flow->state;

	return answer_find_reply(flow, 0, &ask->told_message);
}

enum flow_next ask_end_plain_told(struct flow *flow)
{
	struct ask *ask = flow->state;

	mem_set_string(&ask->outcome, ASK_PLAIN);
	mem_set_string(&ask->said, ask->why);
	return flow_goto(flow, "recall");
}

/* --- when it does not go well ------------------------------------------------------------------------ */

enum flow_next ask_end_mend(struct flow *flow)
{
	struct ask *ask = flow->state;
	const struct chat_stream_place place = { ask->origin.channel, answer_thread(&ask->origin), ask->origin.user };
	struct message message;

	ask_message_interrupted(&message, flow);
	flow->bot->chat->ops->stream_mend(flow->bot->chat, &place, ask->asked_ms, &message, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

enum flow_next ask_end_mended(struct flow *flow)
{
	struct ask *ask = flow->state;

	mem_set_string(&ask->outcome, ASK_INTERRUPTED);
	mem_set_string(&ask->again, ask->question);
	ask->again_is_rest = false;
	mem_set_string(&ask->answer, NULL);
	return flow_goto(flow, "recall");
}
