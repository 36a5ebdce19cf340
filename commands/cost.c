/* cost [month] - what the model cost in a month, by person and kind of use; today's spending against the ceiling. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/flow.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "commands/answer.h"
#include "commands/command.h"
#include "commands/cost_message.h"

#define MONTH_MAX 40 /* bytes of what is typed: more is no month */

struct cost {
	struct origin origin;
	char *month; /* as it was typed; NULL: this one */
};

static const struct field fields[] = { ORIGIN_FIELDS(cost), FIELD(FIELD_STRING, cost, month), FIELDS_END };

static void parse(void *state, const char *arguments)
{
	struct cost *c = state;
	size_t length = strlen(arguments);

	while (length > 0 && strchr(" \t\r\n", arguments[length - 1]) != NULL)
		length--;
	if (length > 0) {
		free(c->month);
		c->month = mem_copy_bytes(arguments, str_utf8_prefix(arguments, length, MONTH_MAX));
	}
}

static enum flow_next answer(struct flow *flow)
{
	const struct cost *c = flow->state;
	struct message message;
	enum flow_next next;

	cost_message(&message, flow->bot, c->month);
	next = answer_post(flow, &message);
	message_free(&message);
	return next;
}

static const struct flow_step steps[] = { { "answer", answer, answer_find }, { NULL, NULL, NULL } };

static const struct flow_plan plan = {
	.name = "cost",
	.state_size = sizeof(struct cost),
	.fields = fields,
	.steps = steps,
	.ended = answer_ended,
};

const struct command command_cost = {
	.name = "cost",
	.usage = "cost [month]",
	.summary = "What the model cost this month, by person",
	.parse = parse,
	.plan = &plan,
	.yields_to_question = true,
};
