#include "commands/ask_turn.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/bedrock.h"
#include "bot/answer_check.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/config.h"
#include "bot/fence.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"
#include "commands/ask_prompt.h"
#include "commands/ask_told.h"
#include "commands/briefing.h"
#include "commands/conversation.h"
#include "commands/model_call.h"
#include "commands/tool.h"

#define SHOWN_MAX (256u << 10)
#define LAST_ROUND \
	"No more tools can be called for this answer. Answer now with what you have, and say what is missing."
#define GO_ON \
	"Your answer broke off there, and what you were about to write is lost. The reader has the text above: do " \
	"not write it again. Go on behind it with a new paragraph, and call once more what you wanted to call."
#define TOO_MANY "This answer has used all of its tool calls. Answer with what you have."

struct ask_call { /* of one round */
	struct ask_turn *turn;
	const char *id; /* of the toolUse block; borrowed from the content */
	char *result;
	bool failed;
};

struct ask_turn {
	struct bot *bot;
	struct mem mem;
	const char *id, *user, *channel, *thread;
	struct ask_told told;
	void (*progress)(void *arg, const char *what);
	void (*stopped)(void *arg);
	void *arg;
	char fence[FENCE_WORD_SIZE];
	char *system;
	struct answer_check *check;
	struct tool_session *tools;
	struct json_object *tool_config, *messages;
	struct chat_stream *stream; /* NULL: nothing is shown yet, or it is ended */
	struct str shown;
	size_t shown_before;        /* the last call of the model, bytes */
	bool begins_anew;           /* what comes next is a paragraph of its own */
	bool stop, retried, prepared;
	int64_t number;             /* of calls of the model */
	char *call_id;              /* the present one's, for the budget */
	char *extended;             /* the last one's, if this one repeats it and its tokens are known */
	struct bedrock_call *call;
	enum bedrock_stop model_stop;
	struct err err;             /* of the last call; kind ERR_NONE: it went well */
	bool ends;                  /* the program does: nobody can be told */
	struct json_object *content;
	int64_t rounds, calls;
	struct ask_call *round;
	size_t round_count, running;
	struct done token;
	enum ask_turn_end end;
	const char *why, *trouble;
	struct budget_tokens tokens;
	bool tokens_unknown;
};

static void complete(struct ask_turn *turn, const struct err *err)
{
	struct done token = turn->token;

	turn->token.fn = NULL;
	token.fn(token.arg, err);
}

/* --- beginning and end --------------------------------------------------------------------------------- */

static void say(struct ask_turn *turn, const char *text, size_t length);

static void on_checked(void *arg, const char *text, size_t length)
{
	struct ask_turn *turn = arg;

	if (!turn->stop)
		say(turn, text, length);
}

struct ask_turn *ask_turn_new(const struct ask_turn_start *start)
{
	struct ask_turn *turn = mem_alloc(sizeof(*turn));
	struct tool_context context;

	turn->bot = start->bot;
	turn->id = mem_strdup(&turn->mem, start->id);
	turn->user = mem_strdup(&turn->mem, start->user);
	turn->channel = mem_strdup(&turn->mem, start->channel);
	turn->thread = mem_strdup(&turn->mem, start->thread);
	turn->progress = start->progress;
	turn->stopped = start->stopped;
	turn->arg = start->arg;
	str_init(&turn->shown, SHOWN_MAX);
	fence_word(turn->fence);
	turn->told = (struct ask_told){
		.briefing = start->briefing, .earlier = conversation_copy(start->earlier), .fence = turn->fence,
		.question = mem_strdup(&turn->mem, start->question),
		.incident = mem_strdup(&turn->mem, start->incident),
	};
	turn->system = ask_prompt(turn->bot->config);
	turn->check = answer_check_new(turn->bot->loop, turn->bot->worker, briefing_zone(start->briefing),
	                               turn->system, on_checked, turn);
	context = (struct tool_context){
		.bot = turn->bot, .user = turn->user, .channel = turn->channel, .question = turn->told.question,
		.fence = turn->fence, .zone = briefing_zone(start->briefing),
		.from_ms = briefing_from_ms(start->briefing), .until_ms = briefing_until_ms(start->briefing),
		.now_ms = start->now_ms, .check = turn->check,
	};
	turn->tools = tool_session_new(&context);
	tool_session_know(turn->tools, start->briefing);
	for (size_t i = 0; start->earlier != NULL && i < conversation_turns(start->earlier); i++)
		tool_session_asked(turn->tools, conversation_question(start->earlier, i));
	turn->tool_config = tool_config(turn->bot);
	return turn;
}

static void forget_round(struct ask_turn *turn)
{
	for (size_t i = 0; i < turn->round_count; i++)
		free(turn->round[i].result);
	free(turn->round);
	turn->round = NULL;
	turn->round_count = 0;
}

void ask_turn_free(struct ask_turn *turn)
{
	if (turn == NULL)
		return;
	loop_defer_cancel(turn->bot->loop, turn);
	forget_round(turn);
	json_free(turn->content);
	json_free(turn->messages);
	json_free(turn->tool_config);
	tool_session_free(turn->tools);
	answer_check_free(turn->check);
	conversation_copy_free(turn->told.earlier);
	json_free(turn->told.messages);
	str_free(&turn->shown);
	free(turn->system);
	free(turn->call_id);
	free(turn->extended);
	mem_free_all(&turn->mem);
	free(turn);
}

/* --- what the reader sees ---------------------------------------------------------------------------- */

static void on_stopped(void *arg)
{
	struct ask_turn *turn = arg;

	turn->stopped(turn->arg);
}

static void say(struct ask_turn *turn, const char *text, size_t length)
{
	const struct chat_stream_place place = { turn->channel, turn->thread, turn->user };
	struct chat *chat = turn->bot->chat;

	if (length == 0)
		return;
	if (turn->stream == NULL)
		turn->stream = chat->ops->stream(chat, &place, (struct chat_stream_ears){ on_stopped, turn });
	if (turn->begins_anew && turn->shown.length > 0) {
		chat->ops->stream_say(turn->stream, "\n\n", 2);
		str_add(&turn->shown, "\n\n");
	}
	turn->begins_anew = false;
	chat->ops->stream_say(turn->stream, text, length);
	str_add_bytes(&turn->shown, text, length);
}

static void on_text(void *arg, const char *text, size_t length)
{
	struct ask_turn *turn = arg;

	answer_check_feed(turn->check, text, length);
}

/* All that the check held back is shown. */
static void flushed(void *arg, const struct err *err)
{
	struct ask_turn *turn = arg;

	turn->begins_anew = true;
	complete(turn, turn->ends ? &turn->err : err);
}

/* --- what the model is told -------------------------------------------------------------------------- */

/* Behind what was shown, from there on, when its call is made anew: else all would be read twice. */
static void tell_shown(struct ask_turn *turn, size_t from)
{
	const char *text = turn->shown.text + from;
	struct json_object *said, *wish;

	text += strspn(text, " \t\r\n");
	if (text[0] == '\0')
		return;
	said = json_new_array();
	wish = json_new_array();
	model_call_append_text(said, text);
	model_call_append_text(wish, GO_ON);
	json_append(turn->messages, model_call_message("assistant", said));
	json_append(turn->messages, model_call_message("user", wish));
}

static void prepared(void *arg, const struct err *err)
{
	struct ask_turn *turn = arg;

	json_free(turn->messages);
	turn->messages = turn->told.messages;
	turn->told.messages = NULL;
	turn->prepared = true;
	if (err == NULL) /* else the program ends, and there may be no messages */
		tell_shown(turn, 0);
	complete(turn, err);
}

bool ask_turn_is_prepared(const struct ask_turn *turn)
{
	return turn->prepared;
}

void ask_turn_prepare(struct ask_turn *turn, struct done done)
{
	turn->token = done;
	answer_check_work(turn->check, ask_told_make, &turn->told, (struct done){ prepared, turn });
}

/* --- one call of the model --------------------------------------------------------------------------- */

static bool is_over(struct ask_turn *turn, enum ask_turn_end end, const char *why)
{
	turn->end = end;
	turn->why = mem_strdup(&turn->mem, why);
	return false;
}

bool ask_turn_reserve(struct ask_turn *turn)
{
	struct budget_request request = {
		.kind = BUDGET_QUESTION,
		.person = turn->user,
		.answer = turn->id,
		.extends = turn->extended,
		.output_tokens = turn->bot->config->bedrock.max_tokens,
	};
	struct err err;

	if (turn->stop)
		return is_over(turn, ASK_TURN_STOPPED, NULL);
	request.id = mem_printf(&turn->mem, "%s.%lld", turn->id, (long long)++turn->number);
	mem_set_string(&turn->call_id, request.id);
	request.input_bytes = model_call_bytes(turn->system, turn->messages, turn->tool_config);
	if (budget_reserve(turn->bot->budget, &request, &err))
		return true;
	mem_set_string(&turn->call_id, NULL);
	return is_over(turn, turn->shown.length > 0 ? ASK_TURN_BROKE_OFF : ASK_TURN_SILENT, err.text);
}

static void settle(struct ask_turn *turn, const struct bedrock_usage *usage, bool maybe_charged)
{
	model_call_settle(turn->bot, turn->call_id, usage, maybe_charged);
	mem_set_string(&turn->extended, usage->known ? turn->call_id : NULL);
	turn->tokens_unknown = turn->tokens_unknown || (maybe_charged && !usage->known);
	turn->tokens.input += usage->input;
	turn->tokens.output += usage->output;
	turn->tokens.cache_read += usage->cache_read;
	turn->tokens.cache_write += usage->cache_write;
}

static void log_call(const struct ask_turn *turn, const struct bedrock_result *result)
{
	log_event(LOG_INFO, "ask.model", "answer", turn->id, "stop", result->stop_word, "first_ms",
	          LOG_INT(result->first_ms), "input", LOG_INT(result->usage.input), "output",
	          LOG_INT(result->usage.output), "cache_read", LOG_INT(result->usage.cache_read), "error",
	          turn->err.kind == ERR_NONE ? NULL : turn->err.text, NULL);
}

static void on_done(void *arg, const struct bedrock_result *result, const struct err *err)
{
	static const struct bedrock_result nothing = { .stop_word = "" };
	struct ask_turn *turn = arg;
	bool maybe_charged = bedrock_maybe_charged(turn->call);

	turn->call = NULL;
	turn->err = (struct err){ .kind = ERR_NONE };
	if (err != NULL)
		turn->err = *err;
	turn->ends = turn->err.kind == ERR_CANCELLED && !turn->stop;
	if (turn->ends) {
		answer_check_stop(turn->check);
		answer_check_flush(turn->check, (struct done){ flushed, turn });
		return;
	}
	if (result == NULL)
		result = &nothing;
	turn->model_stop = result->stop;
	json_free(turn->content);
	turn->content = json_count(result->content) == 0 ? NULL : json_keep(result->content);
	settle(turn, &result->usage, maybe_charged);
	if (err == NULL)
		model_call_note(turn->bot->config, result);
	log_call(turn, result);
	answer_check_flush(turn->check, (struct done){ flushed, turn });
}

void ask_turn_converse(struct ask_turn *turn, struct done done)
{
	static const struct bedrock_listener listener = { .text = on_text, .done = on_done };
	struct bedrock_request request = model_call_request(turn->bot->config);

	request.system = turn->system;
	request.cache_system = true;
	request.messages = turn->messages;
	request.tools = turn->tool_config;
	turn->token = done;
	turn->shown_before = turn->shown.length;
	metrics_count("tocsin_model_calls_total", NULL, NULL);
	turn->call = bedrock_converse(turn->bot->aws, &request, &listener, turn);
	if (turn->stop)
		bedrock_cancel(turn->call);
}

void ask_turn_stop(struct ask_turn *turn)
{
	turn->stop = true;
	answer_check_stop(turn->check);
	if (turn->call != NULL)
		bedrock_cancel(turn->call);
}

/* --- what comes next --------------------------------------------------------------------------------- */

static enum ask_turn_next over(struct ask_turn *turn, enum ask_turn_end end, const char *why)
{
	(void)is_over(turn, turn->shown.length == 0 && end != ASK_TURN_STOPPED ? ASK_TURN_SILENT : end, why);
	return ASK_TURN_OVER;
}

/* Without the thread's earlier questions, and with the first part of the data. */
static enum ask_turn_next with_less(struct ask_turn *turn)
{
	if (turn->told.reduced)
		return over(turn, ASK_TURN_BROKE_OFF, "The model cannot take so much data: ask about less.");
	turn->told.reduced = true;
	turn->prepared = false;
	mem_set_string(&turn->extended, NULL);
	return ASK_TURN_AGAIN;
}

static enum ask_turn_next with_tools(struct ask_turn *turn)
{
	if (turn->rounds >= ASK_TURN_ROUNDS_MAX)
		return over(turn, ASK_TURN_BROKE_OFF, "The model kept asking for more data than one answer may take.");
	return ASK_TURN_TOOLS;
}

enum ask_turn_next ask_turn_judge(struct ask_turn *turn)
{
	if (turn->stop)
		return over(turn, ASK_TURN_STOPPED, NULL);
	if (turn->err.kind != ERR_NONE)
		return over(turn, ASK_TURN_BROKE_OFF, turn->err.text);
	switch (turn->model_stop) {
	case BEDROCK_STOP_TOOL:
		return with_tools(turn);
	case BEDROCK_STOP_LENGTH:
		return over(turn, ASK_TURN_CUT, "The answer was cut at the model's limit (bedrock.max_tokens).");
	case BEDROCK_STOP_GUARDRAIL:
		return over(turn, ASK_TURN_REFUSED, "The guardrail of the configuration stepped in.");
	case BEDROCK_STOP_FILTERED:
		return over(turn, ASK_TURN_REFUSED, "The model's own filter held the answer back.");
	case BEDROCK_STOP_MALFORMED:
		if (turn->retried)
			return over(turn, ASK_TURN_BROKE_OFF, "The model's answer was malformed, twice.");
		turn->retried = true;
		tell_shown(turn, turn->shown_before);
		return ASK_TURN_AGAIN;
	case BEDROCK_STOP_CONTEXT:
		return with_less(turn);
	case BEDROCK_STOP_UNKNOWN:
	case BEDROCK_STOP_END:
	case BEDROCK_STOP_SEQUENCE:
		break;
	}
	return over(turn, ASK_TURN_WHOLE, turn->shown.length == 0 ? "The model gave no answer." : NULL);
}

/* --- tools ------------------------------------------------------------------------------------------- */

static struct json_object *result_block(const struct ask_call *call)
{
	struct json_object *block = json_new_object(), *result = json_new_object(), *content = json_new_array();

	model_call_append_text(content, call->result == NULL || call->result[0] == '\0' ? "(nothing)" : call->result);
	json_put_string(result, "toolUseId", call->id);
	json_put(result, "content", content);
	json_put_string(result, "status", call->failed ? "error" : "success");
	json_put(block, "toolResult", result);
	return block;
}

static void round_over(void *arg)
{
	struct ask_turn *turn = arg;
	struct json_object *content = json_new_array();

	for (size_t i = 0; i < turn->round_count; i++)
		json_append(content, result_block(&turn->round[i]));
	if (turn->rounds >= ASK_TURN_ROUNDS_MAX || turn->calls >= ASK_TURN_CALLS_MAX)
		model_call_append_text(content, LAST_ROUND);
	json_append(turn->messages, model_call_message("assistant", json_keep(turn->content)));
	json_append(turn->messages, model_call_message("user", content));
	forget_round(turn);
	complete(turn, NULL);
}

static void tool_done(void *arg, const struct err *err)
{
	struct ask_call *call = arg;

	(void)err; /* what went wrong stands in the result */
	if (--call->turn->running == 0)
		round_over(call->turn);
}

static void run_one(struct ask_turn *turn, struct ask_call *call, struct json_object *use)
{
	const char *name = json_string(use, "name");
	struct json_object *input = json_get(use, "input");
	char *title;

	call->turn = turn;
	call->id = json_string(use, "toolUseId");
	if (turn->calls >= ASK_TURN_CALLS_MAX) {
		mem_set_string(&call->result, TOO_MANY);
		call->failed = true;
		return;
	}
	turn->calls++;
	turn->running++;
	title = tool_title(name, input);
	log_event(LOG_INFO, "ask.tool", "answer", turn->id, "tool", name, NULL);
	turn->progress(turn->arg, title);
	free(title);
	tool_run(turn->tools, name, input, &call->result, &call->failed, (struct done){ tool_done, call });
}

void ask_turn_tools(struct ask_turn *turn, struct done done)
{
	size_t count = 0;

	turn->token = done;
	turn->rounds++;
	for (size_t i = 0; i < json_count(turn->content); i++)
		count += json_has(json_at(turn->content, i), "toolUse") ? 1 : 0;
	turn->round = mem_alloc((count + 1) * sizeof(struct ask_call));
	for (size_t i = 0; i < json_count(turn->content); i++) {
		struct json_object *use = json_get(json_at(turn->content, i), "toolUse");

		if (use != NULL)
			run_one(turn, &turn->round[turn->round_count++], use);
	}
	if (turn->running == 0)
		loop_defer(turn->bot->loop, round_over, turn);
}

/* --- the end ----------------------------------------------------------------------------------------- */

static void stream_ended(void *arg, const struct err *err)
{
	struct ask_turn *turn = arg;

	if (err != NULL && err->kind == ERR_CANCELLED) {
		complete(turn, err);
		return;
	}
	if (err != NULL) {
		turn->trouble = mem_strdup(&turn->mem, err->text);
		log_event(LOG_WARN, "ask.not_all_shown", "answer", turn->id, "why", err->text, NULL);
	}
	complete(turn, NULL);
}

void ask_turn_end(struct ask_turn *turn, const struct message *last, struct done done)
{
	struct chat_stream *stream = turn->stream;

	turn->token = done;
	turn->stream = NULL;
	turn->bot->chat->ops->stream_end(stream, last, (struct done){ stream_ended, turn });
}

void ask_turn_result(const struct ask_turn *turn, struct ask_turn_result *result)
{
	*result = (struct ask_turn_result){
		.end = turn->end, .why = turn->why, .text = turn->shown.text, .trouble = turn->trouble,
		.tokens = turn->tokens, .tokens_known = !turn->tokens_unknown, .calls = turn->calls,
	};
	answer_check_counts(turn->check, &result->counts);
	result->proposal_count = tool_session_proposals(turn->tools, &result->proposals);
	result->failure_count = tool_session_failures(turn->tools, &result->failures);
}
