/*
 * ask <question> - a question in plain words, answered in a thread from metrics, findings and what tools read.
 *
 * A head message says what is being done and has the stop button. What suits the question is read (briefing.h); the
 * model's words are checked and streamed below the head (ask_turn.h); without a model the same findings are said in
 * our own sentences. Then come the charts of the findings that the answer cites.
 *
 * A call of the model is never repeated after a crash: its text may have been read, and its tokens are paid. The
 * answer then counts as interrupted, and a button asks again. What was only read is read once more.
 * ask_queue.c says which question has its turn.
 */
#include "commands/ask.h"

#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/redact.h"
#include "bot/report.h"
#include "bot/str.h"
#include "commands/answer.h"
#include "commands/ask_private.h"
#include "commands/ask_turn.h"
#include "commands/briefing.h"
#include "commands/conversation.h"

#define MAX_TRIES 6
#define QUESTION_CHARACTERS_MAX 3000
#define LOOK_AGAIN_MS 1000
#define WAIT_AT_MOST_MS (15 * 60 * 1000LL)
#define PROGRESS_EVERY_MS 2000

static const struct field fields[] = {
	ORIGIN_FIELDS(ask),
	FIELD(FIELD_STRING, ask, question),       FIELD(FIELD_BOOL, ask, cut),
	FIELD(FIELD_INT, ask, now_ms),            FIELD(FIELD_INT, ask, metrics),
	FIELD(FIELD_BOOL, ask, waited),
	FIELD(FIELD_BOOL, ask, active),           FIELD(FIELD_BOOL, ask, asked),
	FIELD(FIELD_INT, ask, asked_ms),          FIELD(FIELD_BOOL, ask, stopped),
	FIELD(FIELD_STRING, ask, stopped_by),     FIELD(FIELD_BOOL, ask, plain),
	FIELD(FIELD_STRING, ask, why),            FIELD(FIELD_STRING, ask, outcome),
	FIELD(FIELD_STRING, ask, said),           FIELD(FIELD_STRING, ask, again),
	FIELD(FIELD_BOOL, ask, again_is_rest),    FIELD(FIELD_STRING, ask, answer),
	FIELD(FIELD_STRING, ask, range),          FIELD(FIELD_BOOL, ask, head_waits),
	FIELD(FIELD_STRING, ask, chart_why),
	FIELD(FIELD_INT, ask, charts),            FIELD(FIELD_INT, ask, told),
	FIELD(FIELD_SCRATCH, ask, chart),         FIELD(FIELD_SCRATCH, ask, chart_alt),
	FIELD(FIELD_SCRATCH, ask, told_message),  FIELD(FIELD_SCRATCH, ask, context),
	FIELDS_END,
};

void ask_forget(struct ask *ask)
{
	ask_turn_free(ask->turn);
	ask->turn = NULL;
	ask_end_free_plain(ask);
	briefing_free(ask->briefing);
	ask->briefing = NULL;
}

static void release(void *state)
{
	ask_forget(state);
}

/* The beginning, of so many characters. */
static size_t cut_at(const char *text)
{
	size_t at = 0;

	for (size_t count = 0; text[at] != '\0'; at++)
		if (((unsigned char)text[at] & 0xC0) != 0x80 && count++ == QUESTION_CHARACTERS_MAX)
			break;
	return at;
}

void ask_parse(void *state, const char *question)
{
	struct ask *ask = state;
	char *clean = redact(question + strspn(question, " \t\r\n"), NULL);
	size_t length = cut_at(clean);

	ask->cut = clean[length] != '\0';
	clean[length] = '\0';
	mem_set_string(&ask->question, clean);
	free(clean);
}

/* --- the thread -------------------------------------------------------------------------------------- */

static const struct conversation *earlier_of(struct flow *flow)
{
	const struct ask *ask = flow->state;

	return conversation_find(flow->bot->conversations, ask->origin.channel, ask->origin.thread);
}

static const struct incident *incident_of(struct flow *flow)
{
	const struct ask *ask = flow->state;

	return incidents_find_message(flow->bot->incidents, ask->origin.channel, ask->origin.thread);
}

/* Its details in words; NULL: the thread is about none. */
static const char *incident_text(struct flow *flow)
{
	const struct incident *incident = incident_of(flow);
	struct message message;
	char *text;

	if (incident == NULL)
		return NULL;
	report_build(&message, incident, &incident->alarm, flow->bot->config, NULL);
	text = message_plain(&message);
	message_free(&message);
	mem_adopt(&flow->mem, text);
	return text;
}

/* What a question may refer back to. */
static const char *before(struct flow *flow)
{
	const struct conversation *earlier = earlier_of(flow);

	return earlier == NULL ? NULL : conversation_last_question(earlier);
}

static void head_edited(void *arg, const struct err *err)
{
	(void)arg; /* the next one says more */
	(void)err;
}

void ask_status(struct flow *flow, const char *what)
{
	const struct ask *ask = flow->state;
	const struct chat_stream_place place = { ask->origin.channel, answer_thread(&ask->origin), ask->origin.user };

	flow->bot->chat->ops->status(flow->bot->chat, &place, what);
}

/* In the head and beside the bot's name. */
static void tell_progress(struct flow *flow, const char *what)
{
	const struct ask *ask = flow->state;
	struct chat *chat = flow->bot->chat;
	struct message message;

	ask_message_busy(&message, flow, what);
	chat->ops->edit(chat, ask->origin.channel, ask->origin.posted, &message, CHAT_NORMAL,
	                (struct done){ head_edited, NULL });
	message_free(&message);
	ask_status(flow, mem_printf(&flow->mem, "is %s", what));
}

enum flow_next ask_conclude(struct flow *flow, const char *outcome, const char *said)
{
	struct ask *ask = flow->state;

	mem_set_string(&ask->outcome, outcome);
	mem_set_string(&ask->said, said);
	return flow_goto(flow, ask->origin.posted == NULL ? "answer" : "head");
}

/* --- what is asked ----------------------------------------------------------------------------------- */

static bool prepare_briefing(struct flow *flow, struct err *err)
{
	const struct incident *incident = incident_of(flow);
	const struct conversation *earlier = earlier_of(flow);
	struct ask *ask = flow->state;

	briefing_free(ask->briefing);
	ask->briefing = briefing_new(flow->bot, ask->question, before(flow), ask->now_ms, err);
	if (ask->briefing == NULL)
		return false;
	if (incident != NULL)
		briefing_set_incident(ask->briefing, incident);
	if (earlier != NULL && conversation_topic(earlier) != NULL)
		briefing_set_topic(ask->briefing, conversation_topic(earlier));
	ask->metrics = (int64_t)briefing_metric_count(ask->briefing);
	mem_set_string(&ask->range, briefing_range_words(ask->briefing));
	return true;
}

static enum flow_next begin(struct flow *flow)
{
	struct ask *ask = flow->state;
	const char *full = ask_queue_full(flow);
	struct err err;

	ask->now_ms = clock_wall_ms();
	if (ask->question == NULL || ask->question[0] == '\0')
		return ask_conclude(flow, ASK_FAILED,
		                    "I need a question, for example: ask why is checkout slow since 9?");
	if (full != NULL)
		return ask_conclude(flow, ASK_FAILED, full);
	if (!prepare_briefing(flow, &err))
		return ask_conclude(flow, ASK_FAILED, err.text);
	metrics_count("tocsin_questions_total", NULL, NULL);
	return FLOW_NEXT;
}

static const char *reading(struct flow *flow)
{
	const struct ask *ask = flow->state;

	if (ask->metrics == 0)
		return "looking at what is known";
	return mem_printf(&flow->mem, "reading %lld metric%s %s", (long long)ask->metrics, ask->metrics == 1 ? "" : "s",
	                  ask->range);
}

static enum flow_next tell(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct message message;
	enum flow_next next;

	ask->waited = !ask_queue_has_turn(flow);
	ask_message_busy(&message, flow, ask->waited ? "waiting for other answers to end" : reading(flow));
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next enter(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (ask->stopped)
		return ask_conclude(flow, ASK_STOPPED, NULL);
	if (!ask_queue_has_turn(flow)) {
		if (flow_age_ms(flow) < clock_wait_ms(WAIT_AT_MOST_MS))
			return flow_sleep(flow, LOOK_AGAIN_MS, "enter");
		mem_set_string(&ask->again, ask->question);
		return ask_conclude(flow, ASK_FAILED, "other answers took too long");
	}
	ask->active = true;
	return FLOW_NEXT;
}

/* --- reading ----------------------------------------------------------------------------------------- */

static void on_read(void *arg, size_t finished, size_t count)
{
	struct flow *flow = arg;
	struct ask *ask = flow->state;
	int64_t now_ms = clock_mono_ms();

	if (ask->outcome != NULL || ask->stopped || finished == count ||
	    now_ms - ask->progress_ms < clock_wait_ms(PROGRESS_EVERY_MS))
		return;
	ask->progress_ms = now_ms;
	tell_progress(flow, mem_printf(&flow->mem, "reading: %zu of %zu metrics", finished, count));
}

/* Again after a crash, over the same range. */
static enum flow_next read_metrics(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct err err;

	if (ask->briefing == NULL && !prepare_briefing(flow, &err)) /* for its charts alone */
		return ask->outcome != NULL ? flow_goto(flow, ask_chart_missing(ask, err.text))
		                            : ask_conclude(flow, ASK_FAILED, err.text);
	ask->progress_ms = clock_mono_ms();
	if (ask->outcome == NULL && ask->waited)
		tell_progress(flow, reading(flow));
	else if (ask->outcome == NULL)
		ask_status(flow, mem_printf(&flow->mem, "is %s", reading(flow)));
	ask->waited = false;
	briefing_read(ask->briefing, on_read, flow, flow_wake(flow));
	return FLOW_WAIT;
}

static void on_progress(void *arg, const char *what)
{
	tell_progress(arg, what);
}

void ask_stop_flow(struct flow *flow, const char *user)
{
	struct ask *ask = flow->state;

	ask->stopped = true;
	mem_set_string(&ask->stopped_by, user);
	if (ask->origin.posted != NULL) /* tools and sources that were asked still answer */
		tell_progress(flow, "stopping");
	if (ask->turn != NULL)
		ask_turn_stop(ask->turn);
	log_event(LOG_INFO, "ask.stopped", "answer", flow->id, "user", user, NULL);
	flow_save(flow);
	flow_poke(flow);
}

static void on_chats_stop(void *arg)
{
	struct flow *flow = arg;
	const struct ask *ask = flow->state;

	if (!ask->stopped && ask->outcome == NULL)
		ask_stop_flow(flow, NULL);
}

static struct ask_turn *new_turn(struct flow *flow)
{
	struct ask *ask = flow->state;
	const struct ask_turn_start start = {
		.bot = flow->bot,
		.id = flow->id,
		.user = ask->origin.user,
		.channel = ask->origin.channel,
		.thread = answer_thread(&ask->origin),
		.question = ask->question,
		.incident = incident_text(flow),
		.earlier = earlier_of(flow),
		.briefing = ask->briefing,
		.now_ms = ask->now_ms,
		.progress = on_progress,
		.stopped = on_chats_stop,
		.arg = flow,
	};

	return ask_turn_new(&start);
}

/* What was read is there: what is it for? */
static enum flow_next choose(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (ask->briefing == NULL) /* a shutdown came between the two */
		return flow_goto(flow, "read");
	ask->metrics = (int64_t)briefing_metric_count(ask->briefing);
	if (ask->outcome != NULL)
		return flow_goto(flow, "next chart");
	if (ask->stopped)
		return ask_conclude(flow, ASK_STOPPED, NULL);
	if (ask->plain || flow->bot->config->bedrock.model == NULL)
		return flow_goto(flow, "plain");
	ask_turn_free(ask->turn);
	ask->turn = new_turn(flow);
	ask->asked_ms = clock_true_ms();
	tell_progress(flow, "thinking");
	return FLOW_NEXT;
}

/* --- the model --------------------------------------------------------------------------------------- */

static enum flow_next prepare(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (ask->turn == NULL)
		return flow_goto(flow, ask->asked ? "interrupted" : "read");
	if (ask_turn_is_prepared(ask->turn))
		return FLOW_NEXT;
	ask_turn_prepare(ask->turn, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next reserve(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (ask->turn == NULL)
		return flow_goto(flow, ask->asked ? "interrupted" : "read");
	if (!ask_turn_reserve(ask->turn))
		return flow_goto(flow, "conclude");
	ask->asked = true;
	return FLOW_NEXT;
}

static enum flow_next converse(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (ask->turn == NULL) /* a shutdown came between the two */
		return flow_goto(flow, "interrupted");
	ask_turn_converse(ask->turn, flow_wake(flow));
	return FLOW_WAIT;
}

/* The `check` of what must not be done again by a process that does not know what was shown. */
static enum flow_next was_interrupted(struct flow *flow)
{
	return flow_goto(flow, "interrupted");
}

static enum flow_next judge(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (ask->turn == NULL)
		return flow_goto(flow, "interrupted");
	switch (ask_turn_judge(ask->turn)) {
	case ASK_TURN_TOOLS:
		return FLOW_NEXT;
	case ASK_TURN_AGAIN:
		return flow_goto(flow, "prepare");
	case ASK_TURN_OVER:
		break;
	}
	return flow_goto(flow, "conclude");
}

static enum flow_next use_tools(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (ask->turn == NULL)
		return flow_goto(flow, "interrupted");
	ask_turn_tools(ask->turn, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next tools_used(struct flow *flow)
{
	const struct ask *ask = flow->state;

	if (ask->turn != NULL && !ask->stopped)
		ask_status(flow, "is thinking");
	return flow_goto(flow, "reserve");
}

/* --- when it does not go well ------------------------------------------------------------------------ */

/* There is no head: it could not even be begun. */
static enum flow_next answer(struct flow *flow)
{
	struct message message;
	enum flow_next next;

	ask_message_over(&message, flow);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static enum flow_next end(struct flow *flow)
{
	(void)flow;
	return FLOW_DONE;
}

static bool is_step(const char *step, const char *a, const char *b)
{
	return strcmp(step, a) == 0 || strcmp(step, b) == 0;
}

/* Its end must not stay unsaid: a chat that is away is asked again at long intervals, and one that refuses the edit
 * gets the same words below the answer. */
static const char *rescue_head(struct ask *ask, const char *step, const struct err *err)
{
	bool may_pass = err->kind == ERR_RETRY || err->kind == ERR_UNKNOWN;

	ask->head_waits = true;
	if (strcmp(step, "head") == 0) /* the charts come first */
		return "next chart";
	return may_pass ? "wait for head" : "say end";
}

/* Neither a head nor a chart that fails costs the answer. */
static const char *rescue(struct flow *flow, const struct err *err)
{
	struct ask *ask = flow->state;
	const char *step = flow_step_name(flow);

	if (is_step(step, "head", "head again"))
		return rescue_head(ask, step, err);
	if (strcmp(step, "interrupted") == 0)
		return "mended";
	if (strcmp(step, "recall") == 0)
		return "remember";
	if (is_step(step, "next chart", "upload chart") || strcmp(step, "post chart") == 0) {
		metrics_count("tocsin_pictures_failed_total", NULL, NULL);
		mem_set_string(&ask->chart_why, err->text);
		ask->head_waits = true;
		return "chart told";
	}
	if (ask->origin.posted == NULL || strcmp(step, "say end") == 0)
		return NULL;
	if (ask->outcome != NULL) /* what is read again for its charts */
		return ask_chart_missing(ask, err->text);
	mem_set_string(&ask->outcome, ASK_FAILED);
	mem_set_string(&ask->said, err->text);
	mem_set_string(&ask->again, ask->question);
	return "head";
}

static void ended(struct flow *flow, const struct err *err)
{
	ask_queue_leave(flow);
	answer_ended(flow, err);
}

/* A step that waits is followed by the one below it; the others say where they go. */
static const struct flow_step steps[] = {
	{ "begin", begin, NULL },
	{ "tell", tell, answer_find },
	{ "enter", enter, NULL },
	{ "read", read_metrics, NULL },
	{ "choose", choose, NULL },
	{ "prepare", prepare, NULL },
	{ "reserve", reserve, NULL },
	{ "converse", converse, was_interrupted },
	{ "judge", judge, NULL },
	{ "tools", use_tools, NULL },
	{ "tools used", tools_used, NULL },
	{ "conclude", ask_end_conclude, NULL },
	{ "show", ask_end_show, was_interrupted },
	{ "shown", ask_end_shown, NULL },
	{ "recall", ask_end_recall, NULL },
	{ "remember", ask_end_remember, NULL },
	{ "head", ask_end_head, NULL },
	{ "next chart", ask_chart_next, NULL },
	{ "upload chart", ask_chart_upload, NULL },
	{ "post chart", ask_chart_post, ask_chart_find },
	{ "chart told", ask_chart_told, NULL },
	{ "plain", ask_end_plain, NULL },
	{ "plain worded", ask_end_plain_worded, NULL },
	{ "say plain", ask_end_say_plain, ask_end_find_plain },
	{ "plain told", ask_end_plain_told, NULL },
	{ "last head", ask_end_last_head, NULL },
	{ "head again", ask_end_head_again, NULL },
	{ "head shown", end, NULL },
	{ "wait for head", ask_end_wait_for_head, NULL },
	{ "say end", ask_end_say, ask_end_find_said },
	{ "end said", end, NULL },
	{ "interrupted", ask_end_mend, NULL },
	{ "mended", ask_end_mended, NULL },
	{ "answer", answer, answer_find },
	{ "answered", end, NULL },
	{ NULL, NULL, NULL },
};

const struct flow_plan ask_plan = {
	.name = "ask",
	.state_size = sizeof(struct ask),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.rescue = rescue,
	.ended = ended,
	.release = release,
};

const struct command command_ask = {
	.name = "ask",
	.own_slash = true,
	.usage = "ask <question>",
	.summary = "A question in plain words, answered from metrics, alarms and changes",
	.parse = ask_parse,
	.plan = &ask_plan,
};
