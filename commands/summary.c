/*
 * summary [weekly] - what happened since the last one, in one message; by cron line, or when somebody asks.
 *
 * A run by schedule posts when its text is whole, so that what a phone shows of it is the news; one that was asked for
 * says "reading" first and is edited. Then come the small multiples, into the message, and the details, into its thread
 * (summary_thread.c). What was read lives in memory only: after a crash it is read again, over the same time, and the
 * flow goes on where it was; a model is not asked again.
 */
#include "commands/summary.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/schedule.h"
#include "bot/worker.h"
#include "bot/zone.h"
#include "commands/answer.h"
#include "commands/dashboard_data.h"
#include "commands/summary_data.h"
#include "commands/summary_message.h"
#include "commands/summary_noise.h"
#include "commands/summary_private.h"
#include "commands/summary_read.h"
#include "commands/summary_schedule.h"
#include "commands/summary_words.h"

#define MAX_TRIES 12
#define BLANKS " \t\r\n"
#define PROGRESS_EVERY_MS 2000
#define DAY_MS (24 * 3600 * INT64_C(1000))
#define AT_ONCE 2    /* summaries in memory: each may hold millions of values */
#define TURN_MS 3000 /* so long, and up to twice as long, the others wait before they look again */

static const struct field fields[] = {
	ORIGIN_FIELDS(summary),
	FIELD(FIELD_INT, summary, kind),         FIELD(FIELD_STRING, summary, name),
	FIELD(FIELD_STRING, summary, timezone),  FIELD(FIELD_JSON, summary, dashboards),
	FIELD(FIELD_STRING, summary, unknown),   FIELD(FIELD_JSON, summary, parts),
	FIELD(FIELD_INT, summary, since_ms),     FIELD(FIELD_INT, summary, until_ms),
	FIELD(FIELD_STRING, summary, words),     FIELD(FIELD_STRING, summary, note),
	FIELD(FIELD_BOOL, summary, words_over),  FIELD(FIELD_BOOL, summary, shown),
	FIELD(FIELD_BOOL, summary, remembered),  FIELD(FIELD_BOOL, summary, picture_over),
	FIELD(FIELD_INT, summary, readable),     FIELD(FIELD_STRING, summary, trouble),
	FIELD(FIELD_STRING, summary, image),     FIELD(FIELD_STRING, summary, alt),
	FIELD(FIELD_INT, summary, told),         FIELD(FIELD_INT, summary, told_looks),
	FIELD(FIELD_SCRATCH, summary, told_message), FIELD(FIELD_SCRATCH, summary, chart),
	FIELDS_END,
};

static void forget_data(struct summary *s)
{
	summary_thread_drop_charts(s);
	if (s->picture != NULL)
		summary_picture_free(s->picture);
	free(s->picture);
	s->picture = NULL;
	summary_words_free(s->wording);
	s->wording = NULL;
	summary_data_free(s->data);
	s->data = NULL;
}

static void release(void *state)
{
	forget_data(state);
}

static bool is_asked(const struct summary *s)
{
	return s->kind == SUMMARY_ASKED;
}

/* --- what is told ----------------------------------------------------------------------------- */

static bool is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcasecmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

static void parse(void *state, const char *words)
{
	static const char *const week[] = { "weekly", "week", NULL }, *const day[] = { "", "daily", "day", NULL };
	struct summary *s = state;
	const char *begin = words + strspn(words, BLANKS);
	size_t length = strlen(begin);
	char *word;

	while (length > 0 && strchr(BLANKS, begin[length - 1]) != NULL)
		length--;
	word = mem_copy_bytes(begin, length);
	s->kind = SUMMARY_ASKED;
	s->until_ms = clock_wall_ms();
	s->since_ms = s->until_ms - (is_one_of(word, week) ? 7 * DAY_MS : DAY_MS);
	if (!is_one_of(word, week) && !is_one_of(word, day))
		mem_set_string(&s->unknown, word);
	free(word);
}

static enum flow_next begin(struct flow *flow)
{
	struct summary *s = flow->state;

	json_free(s->dashboards);
	s->dashboards = summary_group_dashboards(flow->bot->config, NULL);
	if (s->unknown == NULL)
		metrics_count("tocsin_summaries_total", NULL, NULL);
	return FLOW_NEXT;
}

static enum flow_next tell(struct flow *flow)
{
	const struct summary *s = flow->state;
	struct message message;
	enum flow_next next;

	if (s->unknown != NULL)
		summary_message_unknown(&message, s->unknown);
	else
		summary_message_reading(&message, (enum summary_kind)s->kind, 0, 0);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void count_in_memory(void *arg, struct flow *flow)
{
	const struct summary *s = flow->state;
	size_t *count = arg;

	*count += s->data != NULL;
}

static bool has_turn(struct flow *flow)
{
	const struct summary *s = flow->state;
	size_t count = 0;

	flow_each(flow->bot->flows, &summary_plan, count_in_memory, &count);
	return s->data != NULL || count < AT_ONCE;
}

static void progress_shown(void *arg, const struct err *err)
{
	(void)arg; /* the result follows anyhow */
	(void)err;
}

static void tell_progress(void *arg, size_t finished, size_t count)
{
	struct flow *flow = arg;
	struct summary *s = flow->state;
	struct chat *chat = flow->bot->chat;
	int64_t now_ms = clock_mono_ms();
	struct message message;

	if (!is_asked(s) || s->shown || finished == count || now_ms - s->progress_ms < clock_wait_ms(PROGRESS_EVERY_MS))
		return;
	s->progress_ms = now_ms;
	summary_message_reading(&message, (enum summary_kind)s->kind, finished, count);
	chat->ops->edit(chat, s->origin.channel, s->origin.posted, &message, CHAT_NORMAL,
	                (struct done){ progress_shown, NULL });
	message_free(&message);
}

static enum flow_next read_dashboards(struct flow *flow)
{
	struct summary *s = flow->state;
	struct err err;

	if (s->unknown != NULL || (s->shown && s->picture_over && summary_thread_is_over(s)))
		return FLOW_DONE;
	if (!has_turn(flow))
		return flow_sleep(flow, TURN_MS + random_up_to(TURN_MS), "read");
	forget_data(s);
	s->data = summary_data_new(flow->bot, (enum summary_kind)s->kind, s->name, s->timezone, s->since_ms,
	                           s->until_ms, &err);
	if (s->data == NULL)
		return flow_fail(flow, err.kind, "%s", err.text);
	for (size_t i = 0; i < json_count(s->dashboards); i++)
		summary_data_add_look(s->data, json_string(json_at(s->dashboards, i), ""));
	if (s->progress_ms == 0)
		s->progress_ms = clock_mono_ms();
	summary_read(flow->bot, s->data, tell_progress, flow, flow_wake(flow));
	return FLOW_WAIT;
}

/* "since Fri 09:00": for the texts about noise. */
static const char *span_of(struct flow *flow)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	const struct summary *s = flow->state;
	struct zone_time local;

	zone_local(s->data->zone, s->since_ms, &local);
	if (s->until_ms - s->since_ms >= 7 * DAY_MS)
		return mem_printf(&flow->mem, "since %d-%02d-%02d", local.year, local.month, local.day);
	return mem_printf(&flow->mem, "since %s %02d:%02d", days[local.weekday], local.hour, local.minute);
}

static enum flow_next read_noise(struct flow *flow)
{
	struct summary *s = flow->state;

	if (s->data == NULL)
		return flow_goto(flow, "read");
	s->data->noise = summary_noise_new(flow->bot, s->since_ms, s->until_ms);
	summary_noise_read(flow->bot, s->data->noise, span_of(flow), flow_wake(flow));
	return FLOW_WAIT;
}

/* --- a model's words -------------------------------------------------------------------------- */

static enum flow_next tell_model(struct flow *flow)
{
	struct summary *s = flow->state;

	if (s->words_over)
		return flow_goto(flow, "show");
	if (s->data == NULL)
		return flow_goto(flow, "read");
	summary_words_free(s->wording);
	s->wording = summary_words_new(flow->bot, s->data, flow->id);
	summary_words_tell(s->wording, flow_wake(flow));
	return FLOW_WAIT;
}

/* A call that was begun may have been charged, and its answer is lost. */
static enum flow_next words_lost(struct flow *flow)
{
	struct summary *s = flow->state;

	if (!s->words_over && flow->bot->config->bedrock.model != NULL)
		mem_set_string(&s->note, "There is no wording: I was restarted while the model wrote it.");
	return flow_goto(flow, "words over");
}

/* The money that was set aside for it is in the journal. */
static enum flow_next ask_words(struct flow *flow)
{
	struct summary *s = flow->state;

	if (s->wording == NULL) /* a shutdown came between the two */
		return words_lost(flow);
	summary_words_ask(s->wording, &s->words, &s->note, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next words_over(struct flow *flow)
{
	struct summary *s = flow->state;

	s->words_over = true;
	summary_words_free(s->wording);
	s->wording = NULL;
	return FLOW_NEXT;
}

/* --- showing ---------------------------------------------------------------------------------- */

static void make(struct message *message, struct flow *flow)
{
	const struct summary *s = flow->state;
	const struct summary_extra extra = {
		.words = s->words, .note = s->note, .trouble = s->trouble, .image = s->image, .alt = s->alt,
	};

	(void)summary_message(message, flow->bot->config, s->data, &extra);
}

static int64_t readable_now(const struct summary_data *data)
{
	int64_t count = 0;

	for (size_t i = 0; i < data->look_count; i++) {
		size_t readable = 0, visible;

		if (data->looks[i].data != NULL)
			dashboard_data_count(data->looks[i].data, &readable, &visible);
		count += (int64_t)readable;
	}
	return count;
}

static enum flow_next edit(struct flow *flow)
{
	const struct summary *s = flow->state;
	struct chat *chat = flow->bot->chat;
	struct message message;

	make(&message, flow);
	chat->ops->edit(chat, s->origin.channel, s->origin.posted, &message, CHAT_URGENT, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

static enum flow_next show(struct flow *flow)
{
	struct summary *s = flow->state;

	if (s->shown)
		return flow_goto(flow, "remember");
	if (s->data == NULL)
		return flow_goto(flow, "read");
	s->readable = readable_now(s->data);
	if (s->origin.posted == NULL)
		return flow_goto(flow, "post");
	return edit(flow);
}

static enum flow_next edited(struct flow *flow)
{
	return flow_goto(flow, "shown");
}

static enum flow_next post(struct flow *flow)
{
	const struct summary *s = flow->state;
	struct message message;
	enum flow_next next;

	if (s->data == NULL)
		return flow_goto(flow, "read");
	make(&message, flow);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

/* In one commit with the step behind it: only what was shown has been told. */
static enum flow_next shown(struct flow *flow)
{
	struct summary *s = flow->state;

	s->shown = true;
	if (!is_asked(s))
		schedule_set_told(flow->bot->schedules, s->name, s->until_ms);
	for (size_t i = 0; i < json_count(s->parts); i++)
		schedule_set_told(flow->bot->schedules, json_string(json_at(s->parts, i), ""), s->until_ms);
	return FLOW_NEXT;
}

/* In one commit with the step behind it. */
static enum flow_next remember(struct flow *flow)
{
	struct summary *s = flow->state;

	if (s->remembered)
		return FLOW_NEXT;
	if (s->data == NULL)
		return flow_goto(flow, "read");
	summary_words_remember(flow->bot, s->data, s->origin.channel, answer_thread(&s->origin), s->words);
	s->remembered = true;
	return FLOW_NEXT;
}

/* --- the picture ------------------------------------------------------------------------------ */

static enum flow_next draw(struct flow *flow)
{
	struct summary *s = flow->state;

	if (s->picture_over)
		return flow_goto(flow, "next detail");
	if (s->data == NULL)
		return flow_goto(flow, "read");
	if (s->picture == NULL)
		s->picture = mem_alloc(sizeof(*s->picture));
	s->picture->data = s->data;
	worker_run(flow->bot->worker, summary_picture_draw, s->picture, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next upload(struct flow *flow)
{
	struct summary *s = flow->state;
	struct chat *chat = flow->bot->chat;

	if (s->picture == NULL)
		return flow_goto(flow, "read");
	if (s->picture->png == NULL)
		return flow_goto(flow, "picture over");
	mem_set_string(&s->alt, s->picture->alt);
	chat->ops->upload(chat, "summary.png", s->picture->alt, s->picture->png, s->picture->png_size, &s->image,
	                  flow_wake(flow));
	return FLOW_WAIT;
}

/* What was said stays when less can be read after a crash. */
static enum flow_next show_picture(struct flow *flow)
{
	struct summary *s = flow->state;

	if (s->data == NULL)
		return flow_goto(flow, "read");
	if (readable_now(s->data) < s->readable)
		return FLOW_NEXT;
	return edit(flow);
}

static enum flow_next picture_over(struct flow *flow)
{
	struct summary *s = flow->state;

	s->picture_over = true;
	return FLOW_NEXT;
}

/* --- when it does not go well ----------------------------------------------------------------- */

static bool is_step(const char *step, const char *a, const char *b)
{
	return strcmp(step, a) == 0 || strcmp(step, b) == 0;
}

/* The channel of a summary refuses: it goes where incidents go, and says so. */
static const char *elsewhere(struct flow *flow, const struct err *err)
{
	struct summary *s = flow->state;
	const char *channel = flow->bot->config->slack.channel;

	if (err->kind != ERR_REFUSED || is_asked(s) || strcmp(s->origin.channel, channel) == 0)
		return NULL;
	mem_set_string(&s->trouble, mem_printf(&flow->mem, "This was meant for the channel %s: %s", s->origin.channel,
	                                       err->text));
	mem_set_string(&s->origin.channel, channel);
	return "post";
}

static const char *rescue(struct flow *flow, const struct err *err)
{
	struct summary *s = flow->state;
	const char *step = flow_step_name(flow);

	if (strcmp(step, "post") == 0)
		return elsewhere(flow, err);
	if (is_step(step, "draw", "upload")) {
		metrics_count("tocsin_pictures_failed_total", NULL, NULL);
		if (s->trouble == NULL)
			mem_set_string(&s->trouble, mem_printf(&flow->mem, "There is no picture: %s", err->text));
		return "picture";
	}
	if (strcmp(step, "picture") == 0)
		return "picture over";
	if (is_step(step, "next detail", "upload detail")) {
		metrics_count("tocsin_pictures_failed_total", NULL, NULL);
		summary_thread_no_more_charts(s);
		return "post detail";
	}
	if (strcmp(step, "noise") == 0)
		return "tell model";
	return is_step(step, "tell model", "words") ? "words over" : NULL;
}

static void ended(struct flow *flow, const struct err *err)
{
	const struct summary *s = flow->state;

	answer_ended(flow, err);
	if (err == NULL || err->kind == ERR_CANCELLED)
		return;
	metrics_count("tocsin_summaries_failed_total", NULL, NULL);
	log_event(LOG_ERROR, "summary.failed", "summary", s->name == NULL ? "asked" : s->name, "channel",
	          s->origin.channel, "step", flow_step_name(flow), "why", err->text, NULL);
}

static const struct flow_step steps[] = {
	{ "begin", begin, NULL },
	{ "tell", tell, answer_find },
	{ "read", read_dashboards, NULL },
	{ "noise", read_noise, NULL },
	{ "tell model", tell_model, NULL },
	{ "words", ask_words, words_lost },
	{ "words over", words_over, NULL },
	{ "show", show, NULL },
	{ "edited", edited, NULL },
	{ "post", post, answer_find },
	{ "shown", shown, NULL },
	{ "remember", remember, NULL },
	{ "draw", draw, NULL },
	{ "upload", upload, NULL },
	{ "picture", show_picture, NULL },
	{ "picture over", picture_over, NULL },
	{ "next detail", summary_thread_next, NULL },
	{ "upload detail", summary_thread_upload, NULL },
	{ "detail drawn", summary_thread_take, NULL },
	{ "post detail", summary_thread_post, summary_thread_find },
	{ "detail told", summary_thread_told, NULL },
	{ NULL, NULL, NULL },
};

const struct flow_plan summary_plan = {
	.name = "summary",
	.state_size = sizeof(struct summary),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.rescue = rescue,
	.ended = ended,
	.release = release,
};

const struct command command_summary = {
	.name = "summary",
	.usage = "summary [weekly]",
	.summary = "What happened in the last day or week, in one message",
	.parse = parse,
	.plan = &summary_plan,
};

/* --- by schedule ------------------------------------------------------------------------------ */

static const struct summary_group *find_group(const struct summary_group *groups, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	return NULL;
}

/* When the first run comes to nothing, the second begins where it would have begun. */
static int64_t since_told(struct bot *bot, const struct summary_group *group, int64_t scheduled_ms)
{
	int64_t told_ms = schedule_told(bot->schedules, group->name);
	int64_t since_ms = summary_since(group, told_ms, scheduled_ms);

	if (told_ms == 0)
		schedule_set_told(bot->schedules, group->name, since_ms);
	return since_ms;
}

static bool is_part_of_another(struct bot *bot, const struct summary_group *groups, size_t count,
                               const struct summary_group *group, int64_t scheduled_ms)
{
	for (size_t i = 0; i < count; i++)
		if (summary_is_part(bot->schedules, &groups[i], group, scheduled_ms))
			return true;
	return false;
}

/* The daily ones that a weekly one tells as well: it begins where the first of them would. */
static void take_parts(struct summary *s, struct bot *bot, const struct summary_group *groups, size_t count,
                       const struct summary_group *group, int64_t scheduled_ms)
{
	s->parts = json_new_array();
	for (size_t i = 0; i < count; i++) {
		int64_t since_ms;

		if (!summary_is_part(bot->schedules, group, &groups[i], scheduled_ms))
			continue;
		json_append(s->parts, json_new_string(groups[i].name));
		since_ms = since_told(bot, &groups[i], scheduled_ms);
		s->since_ms = since_ms < s->since_ms ? since_ms : s->since_ms;
	}
}

void summary_due(void *arg, const char *name, int64_t scheduled_ms)
{
	struct bot *bot = arg;
	struct mem mem = { 0 };
	struct summary_group *groups;
	size_t count = summary_groups(bot->config, &mem, &groups);
	const struct summary_group *group = find_group(groups, count, name);
	struct flow *flow;
	struct summary *s;

	if (group != NULL && !is_part_of_another(bot, groups, count, group, scheduled_ms)) {
		flow = flow_new(bot->flows, &summary_plan);
		s = flow->state;
		s->kind = group->kind;
		mem_set_string(&s->name, group->name);
		mem_set_string(&s->timezone, group->timezone);
		mem_set_string(&s->origin.channel, group->channel);
		s->dashboards = summary_group_dashboards(bot->config, group);
		s->since_ms = since_told(bot, group, scheduled_ms);
		take_parts(s, bot, groups, count, group, scheduled_ms);
		s->until_ms = clock_wall_ms();
		metrics_count("tocsin_summaries_total", NULL, NULL);
		flow_start_at(flow, "read");
	}
	mem_free_all(&mem);
}
