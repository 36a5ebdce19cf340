/*
 * summary_thread.c - the details of a summary, in its thread.
 *
 * The thread has places in a fixed order, so that each is told once whatever dies, and whatever is read the next time:
 * all incidents (when the message could not name them), one for each dashboard (told when there is something to tell,
 * to at most LOOKS_TOLD of them), and how many of these were left out.
 */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/worker.h"
#include "commands/answer.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_message.h"
#include "commands/summary_data.h"
#include "commands/summary_message.h"
#include "commands/summary_private.h"

#define LOOKS_TOLD 10

static size_t place_count(const struct summary *s)
{
	return json_count(s->dashboards) + 2;
}

bool summary_thread_is_over(const struct summary *s)
{
	return (size_t)s->told >= place_count(s);
}

/* NULL: this place is no dashboard's. */
static struct summary_look *look_at(const struct summary *s)
{
	size_t place = (size_t)s->told;

	return place > 0 && place <= s->data->look_count ? &s->data->looks[place - 1] : NULL;
}

static bool has_details(const struct summary_look *look)
{
	return look->data != NULL && (dashboard_data_abnormal(look->data) > 0 || !dashboard_data_is_whole(look->data));
}

static size_t looks_with_details(const struct summary_data *data)
{
	size_t count = 0;

	for (size_t i = 0; i < data->look_count; i++)
		count += has_details(&data->looks[i]);
	return count;
}

static bool has_left_out_incidents(const struct summary *s, const struct config *config)
{
	const struct summary_extra extra = { .words = s->words };
	struct message message;
	size_t left_out = summary_message(&message, config, s->data, &extra);

	message_free(&message);
	return left_out > 0;
}

static bool is_told(const struct summary *s, const struct config *config)
{
	const struct summary_look *look = look_at(s);

	if (s->told == 0)
		return has_left_out_incidents(s, config);
	if (look != NULL)
		return s->told_looks < LOOKS_TOLD && has_details(look);
	return looks_with_details(s->data) > LOOKS_TOLD;
}

/* --- charts ----------------------------------------------------------------------------------- */

void summary_thread_drop_charts(struct summary *s)
{
	for (size_t i = 0; i < SUMMARY_CHARTS_MAX; i++) {
		mem_set_string(&s->charts[i], NULL);
		mem_set_string(&s->charts_alt[i], NULL);
	}
	s->chart_count = 0;
	s->charts_over = false;
}

void summary_thread_no_more_charts(struct summary *s)
{
	s->charts_over = true;
}

/* All of it first, then its findings by strength. */
static bool needs_chart(const struct summary *s)
{
	const struct summary_look *look = look_at(s);

	return look != NULL && !s->charts_over && s->chart_count < SUMMARY_CHARTS_MAX &&
	       (size_t)s->chart_count <= dashboard_data_abnormal(look->data) && dashboard_data_has_values(look->data);
}

enum flow_next summary_thread_next(struct flow *flow)
{
	struct summary *s = flow->state;
	struct dashboard_data *data;

	if (s->data == NULL)
		return flow_goto(flow, "read");
	while (!summary_thread_is_over(s) && !is_told(s, flow->bot->config))
		s->told++;
	if (summary_thread_is_over(s))
		return FLOW_DONE;
	if (!needs_chart(s))
		return flow_goto(flow, "post detail");
	data = look_at(s)->data;
	data->drawn = s->chart_count == 0 ? DASHBOARD_OVERVIEW : (size_t)s->chart_count - 1;
	worker_run(flow->bot->worker, dashboard_data_draw, data, flow_wake(flow));
	return FLOW_WAIT;
}

enum flow_next summary_thread_upload(struct flow *flow)
{
	struct summary *s = flow->state;
	struct chat *chat = flow->bot->chat;
	const struct dashboard_data *data;

	if (s->data == NULL || look_at(s) == NULL || look_at(s)->data == NULL || look_at(s)->data->png == NULL)
		return flow_goto(flow, "read");
	data = look_at(s)->data;
	chat->ops->upload(chat, mem_printf(&flow->mem, "%s.png", data->name), data->alt, data->png, data->png_size,
	                  &s->chart, flow_wake(flow));
	return FLOW_WAIT;
}

enum flow_next summary_thread_take(struct flow *flow)
{
	struct summary *s = flow->state;
	const struct summary_look *look = s->data == NULL ? NULL : look_at(s);

	if (look == NULL || look->data == NULL || s->chart == NULL)
		return flow_goto(flow, "read");
	mem_set_string(&s->charts[s->chart_count], s->chart);
	mem_set_string(&s->charts_alt[s->chart_count], look->data->alt);
	s->chart_count++;
	return flow_goto(flow, "next detail");
}

/* --- messages --------------------------------------------------------------------------------- */

static void add_finding_charts(struct message *message, const struct summary *s, const struct dashboard_data *data)
{
	size_t abnormal = dashboard_data_abnormal(data), drawn = (size_t)s->chart_count;
	size_t without = drawn == 0 ? abnormal : abnormal + 1 - drawn; /* the first chart is of all */

	for (size_t i = 1; i < drawn; i++)
		message_image(message, s->charts[i], data->findings.items[i - 1].id, s->charts_alt[i]);
	if (!dashboard_data_has_values(data))
		message_say(message, message_context(message),
		            "There are no charts: so many values are not kept. `dashboard %s` shows them.", data->name);
	else if (without > 0)
		message_say(message, message_context(message),
		            "%zu finding%s without a chart of its own here; `dashboard %s` shows them.", without,
		            without == 1 ? "" : "s", data->name);
}

static void make_left_out(struct message *message, const struct summary *s)
{
	size_t left = looks_with_details(s->data) - LOOKS_TOLD;

	message_init(message, TONE_NEUTRAL);
	message_text(message, "%zu more dashboard%s with findings or trouble; `dashboard NAME` shows one.", left,
	             left == 1 ? "" : "s");
	message_say(message, message_paragraph(message), "%s", message->text);
}

static void make_detail(struct message *message, const struct summary *s, const struct config *config)
{
	const struct summary_look *look = look_at(s);

	if (s->told == 0) {
		summary_message_incidents(message, config, s->data);
	} else if (look != NULL) {
		dashboard_message_result(message, look->data, s->charts[0], s->charts_alt[0], NULL);
		add_finding_charts(message, s, look->data);
	} else {
		make_left_out(message, s);
	}
}

enum flow_next summary_thread_post(struct flow *flow)
{
	struct summary *s = flow->state;
	struct message message;
	enum flow_next next;

	/* After a crash its charts are gone, or less can be read. */
	if (s->data == NULL || !is_told(s, flow->bot->config) || needs_chart(s))
		return flow_goto(flow, s->data == NULL ? "read" : "next detail");
	make_detail(&message, s, flow->bot->config);
	next = answer_reply(flow, s->told, CHAT_BACKGROUND, &message, &s->told_message);
	message_free(&message);
	return next;
}

enum flow_next summary_thread_find(struct flow *flow)
{
	struct summary *s = flow->state;

	return answer_find_reply(flow, s->told, &s->told_message);
}

enum flow_next summary_thread_told(struct flow *flow)
{
	struct summary *s = flow->state;

	summary_thread_drop_charts(s);
	s->told_looks += s->told > 0;
	s->told++;
	return flow_goto(flow, "next detail");
}
