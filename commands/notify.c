#include "commands/notify.h"

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/card.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"

#define TRY_AGAIN_MS (5 * 60 * 1000) /* after a refusal that a person must mend */

struct state {
	struct json_object *notice;
	char *channel;
	char *posted;
};

static const struct field fields[] = {
	FIELD(FIELD_JSON, state, notice), FIELD(FIELD_STRING, state, channel),
	FIELD(FIELD_STRING, state, posted), FIELDS_END,
};

static enum flow_next post(struct flow *flow)
{
	struct state *s = flow->state;
	struct notice notice = { 0 };
	struct message message;
	struct chat_post args = {
		.channel = s->channel,
		.key = flow_key(flow, 0),
		.priority = CHAT_NORMAL,
		.message = &message,
	};

	fields_load(notice_fields, &notice, s->notice);
	card_build_notice(&message, &notice, flow->bot->config);
	flow->bot->chat->ops->post(flow->bot->chat, &args, &s->posted, flow_wake(flow));
	message_free(&message);
	fields_free(notice_fields, &notice);
	return FLOW_WAIT;
}

static enum flow_next find(struct flow *flow)
{
	struct state *s = flow->state;

	flow->bot->chat->ops->find(flow->bot->chat, s->channel, NULL, flow_key(flow, 0), flow->intent_ms,
	                           &s->posted, flow_wake(flow));
	return FLOW_WAIT;
}

static enum flow_next done(struct flow *flow)
{
	(void)flow;
	return FLOW_DONE;
}

static enum flow_next wait(struct flow *flow)
{
	return flow_sleep(flow, TRY_AGAIN_MS, "post");
}

static const struct flow_step steps[] = {
	{ "post", post, find },
	{ "done", done, NULL },
	{ "wait", wait, NULL },
	{ NULL, NULL, NULL },
};

static void launch(struct bot *bot, struct json_object *notice, const char *channel, const char *step)
{
	struct flow *flow = flow_new(bot->flows, &notify_plan);
	struct state *s = flow->state;

	s->notice = json_keep(notice);
	mem_set_string(&s->channel, channel);
	flow_start_at(flow, step);
}

/* Refused for good (the bot is not in the channel...): it is kept and tried again, never dropped. */
static void ended(struct flow *flow, const struct err *err)
{
	struct state *s = flow->state;

	if (err == NULL || err->kind == ERR_CANCELLED)
		return;
	log_event(LOG_ERROR, "notice.cannot_be_shown", "channel", s->channel, "why", err->text, NULL);
	launch(flow->bot, s->notice, flow->bot->config->slack.channel, "wait");
}

const struct flow_plan notify_plan = {
	.name = "notify",
	.state_size = sizeof(struct state),
	.fields = fields,
	.steps = steps,
	.ended = ended,
};

void notify(struct bot *bot, const struct notice *notice)
{
	struct json_object *json = fields_save(notice_fields, notice);

	launch(bot, json, bot->config->slack.channel, "post");
	json_free(json);
}

void notify_warning(struct bot *bot, const char *title, const char *text)
{
	struct notice notice = { .at_ms = clock_wall_ms() };

	mem_set_string(&notice.source, "tocsin");
	mem_set_string(&notice.title, title);
	mem_set_string(&notice.text, text);
	mem_set_string(&notice.severity, "warning");
	notify(bot, &notice);
	fields_free(notice_fields, &notice);
}
