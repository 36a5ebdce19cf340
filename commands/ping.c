/* ping - answers with what is connected: the proof that the way there and back works. */
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/message.h"
#include "bot/str.h"
#include "commands/answer.h"
#include "commands/command.h"

struct ping {
	struct origin origin;
};

static const struct field fields[] = { ORIGIN_FIELDS(ping), FIELDS_END };

static enum flow_next answer(struct flow *flow)
{
	struct bot *bot = flow->bot;
	struct message message;
	struct message_line *line;
	struct str sockets;
	char up[CLOCK_TEXT_SIZE];
	enum flow_next next;

	message_init(&message, TONE_NEUTRAL);
	message_headline(&message, "pong");
	message_text(&message, "pong: tocsin is here");
	str_init(&sockets, 1000);
	bot->chat->ops->describe(bot->chat, &sockets);
	message_say(&message, message_field(&message, "Slack"), "%s", sockets.text);
	str_free(&sockets);
	message_say(&message, message_field(&message, "Journal"), "%s",
	            journal_healthy(bot->journal) ? "writable" : "cannot write: new alarms are refused until it can");
	message_say(&message, message_field(&message, "Incidents"), "%zu open",
	            incidents_open_count(bot->incidents));
	clock_format_duration(clock_wall_ms() - bot->started_ms, up);
	line = message_context(&message);
	message_say(&message, line, "tocsin " TOCSIN_VERSION ", up %s", up);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static const struct flow_step steps[] = { { "answer", answer, answer_find }, { NULL, NULL, NULL } };

static const struct flow_plan plan = {
	.name = "ping",
	.state_size = sizeof(struct ping),
	.fields = fields,
	.steps = steps,
	.ended = answer_ended,
};

const struct command command_ping = {
	.name = "ping",
	.usage = "ping",
	.summary = "Is tocsin alive, and what is connected?",
	.plan = &plan,
};
