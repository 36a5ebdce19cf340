/* ask_chart.c - the charts of the findings that an answer cites, into its thread. */
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/findings.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/worker.h"
#include "commands/answer.h"
#include "commands/ask_private.h"
#include "commands/briefing.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_message.h"

#define CHARTS_MAX 3
#define NOT_THERE "what it shows is not in what was read anew after a restart of mine"

/* "(F3)" but neither "F30" nor "PDF3". */
static bool cites(const char *text, const char *id)
{
	size_t length = strlen(id);

	for (const char *at = text; (at = strstr(at, id)) != NULL; at += length) {
		char after = at[length], ahead = at == text ? ' ' : at[-1];
		bool begins = !((ahead >= 'A' && ahead <= 'Z') || (ahead >= 'a' && ahead <= 'z') ||
		                (ahead >= '0' && ahead <= '9'));

		if (begins && !(after >= '0' && after <= '9'))
			return true;
	}
	return false;
}

/* The n-th finding that the answer cites; NULL: there are not so many. */
static struct dashboard_data *cited(const struct ask *ask, int64_t n, size_t *finding)
{
	struct dashboard_data *look;

	for (size_t i = 0; (look = briefing_look(ask->briefing, i)) != NULL; i++)
		for (size_t k = 0; k < look->findings.count; k++)
			if (cites(ask->answer, look->findings.items[k].id) && n-- == 0) {
				*finding = k;
				return look;
			}
	return NULL;
}

void ask_chart_count(struct ask *ask)
{
	size_t finding;

	ask->charts = 0;
	while (ask->charts < CHARTS_MAX && cited(ask, ask->charts, &finding) != NULL)
		ask->charts++;
}

const char *ask_chart_missing(struct ask *ask, const char *why)
{
	if (ask->told < ask->charts) {
		mem_set_string(&ask->chart_why, why);
		ask->head_waits = true;
	}
	return "last head";
}

enum flow_next ask_chart_next(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct dashboard_data *look;
	size_t finding;

	mem_set_string(&ask->chart, NULL);
	if (ask->told >= ask->charts || strcmp(ask->outcome, ASK_INTERRUPTED) == 0)
		return flow_goto(flow, "last head");
	if (ask->briefing == NULL)
		return flow_goto(flow, "read");
	look = cited(ask, ask->told, &finding);
	if (look == NULL)
		return flow_goto(flow, ask_chart_missing(ask, NOT_THERE));
	look->drawn = finding;
	worker_run(flow->bot->worker, dashboard_data_draw, look, flow_wake(flow));
	return FLOW_WAIT;
}

enum flow_next ask_chart_upload(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct chat *chat = flow->bot->chat;
	struct dashboard_data *look;
	size_t finding;

	if (ask->briefing == NULL)
		return flow_goto(flow, "read");
	look = cited(ask, ask->told, &finding);
	if (look == NULL || look->png == NULL)
		return flow_goto(flow, "next chart");
	mem_set_string(&ask->chart_alt, look->alt);
	chat->ops->upload(chat, mem_printf(&flow->mem, "%s.png", look->findings.items[finding].id), look->alt,
	                  look->png, look->png_size, &ask->chart, flow_wake(flow));
	return FLOW_WAIT;
}

enum flow_next ask_chart_post(struct flow *flow)
{
	struct ask *ask = flow->state;
	struct message message;
	struct dashboard_data *look;
	enum flow_next next;
	size_t finding;

	if (ask->briefing == NULL || ask->chart == NULL)
		return flow_goto(flow, "next chart");
	look = cited(ask, ask->told, &finding);
	if (look == NULL)
		return flow_goto(flow, ask_chart_missing(ask, NOT_THERE));
	dashboard_message_finding(&message, &look->findings.items[finding], ask->chart, ask->chart_alt);
	next = answer_reply(flow, ask->told, CHAT_NORMAL, &message, &ask->told_message);
	message_free(&message);
	return next;
}

enum flow_next ask_chart_find(struct flow *flow)
{
	struct ask *ask = flow->state;

	return answer_find_reply(flow, ask->told, &ask->told_message);
}

enum flow_next ask_chart_told(struct flow *flow)
{
	struct ask *ask = flow->state;

	ask->told++;
	return flow_goto(flow, "next chart");
}
