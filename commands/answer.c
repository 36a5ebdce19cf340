#include "commands/answer.h"

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/log.h"
#include "bot/message.h"
#include "commands/command.h"

enum flow_next answer_post(struct flow *flow, const struct message *message)
{
	struct origin *origin = flow->state;
	struct chat_post args = {
		.channel = origin->channel,
		.thread = origin->thread,
		.key = flow_key(flow, 0),
		.priority = CHAT_URGENT, /* a person waits */
		.message = message,
	};

	flow->bot->chat->ops->post(flow->bot->chat, &args, &origin->posted, flow_wake(flow));
	return FLOW_WAIT;
}

enum flow_next answer_find(struct flow *flow)
{
	struct origin *origin = flow->state;

	flow->bot->chat->ops->find(flow->bot->chat, origin->channel, origin->thread, flow_key(flow, 0),
	                           flow->intent_ms, &origin->posted, flow_wake(flow));
	return FLOW_WAIT;
}

const char *answer_thread(const struct origin *origin)
{
	return origin->thread != NULL ? origin->thread : origin->posted;
}

enum flow_next answer_reply(struct flow *flow, int64_t n, enum chat_priority priority, const struct message *message,
                            char **id)
{
	const struct origin *origin = flow->state;
	const struct chat_post args = {
		.channel = origin->channel,
		.thread = answer_thread(origin),
		.key = flow_key(flow, (unsigned)n),
		.priority = priority,
		.message = message,
	};

	flow->bot->chat->ops->post(flow->bot->chat, &args, id, flow_wake(flow));
	return FLOW_WAIT;
}

enum flow_next answer_find_reply(struct flow *flow, int64_t n, char **id)
{
	const struct origin *origin = flow->state;

	flow->bot->chat->ops->find(flow->bot->chat, origin->channel, answer_thread(origin), flow_key(flow, (unsigned)n),
	                           flow->intent_ms, id, flow_wake(flow));
	return FLOW_WAIT;
}

static void responded(void *arg, const struct err *err)
{
	(void)arg;
	if (err != NULL)
		log_event(LOG_WARN, "command.private_answer_failed", "why", err->text, NULL);
}

void answer_ended(struct flow *flow, const struct err *err)
{
	struct origin *origin = flow->state;
	struct message message;

	if (err == NULL || err->kind == ERR_CANCELLED || origin->response_url == NULL)
		return;
	message_init(&message, TONE_WARNING);
	message_headline(&message, "I could not answer here");
	message_text(&message, "I could not answer here: %s", err->text);
	message_say(&message, message_paragraph(&message), "%s", err->text);
	message_say(&message, message_context(&message), "Details are in my log under %s.", flow->id);
	flow->bot->chat->ops->respond(flow->bot->chat, origin->response_url, &message,
	                              (struct done){ responded, NULL });
	message_free(&message);
}
