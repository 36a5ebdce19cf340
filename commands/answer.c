#include "commands/answer.h"

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/mem.h"
#include "commands/command.h"
#include "commands/whisper.h"

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

void answer_ended(struct flow *flow, const struct err *err)
{
	const struct origin *origin = flow->state;

	if (err == NULL || err->kind == ERR_CANCELLED)
		return;
	whisper(flow->bot, &(struct whisper){
		.response_url = origin->response_url,
		.tone = TONE_WARNING,
		.headline = "I could not answer here",
		.text = err->text,
		.details = mem_printf(&flow->mem, "Details are in my log under %s.", flow->id),
	});
}
