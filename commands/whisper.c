#include "commands/whisper.h"

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/fields.h"
#include "bot/flow.h"
#include "bot/log.h"
#include "bot/mem.h"

#define MAX_TRIES 4 /* of what certainly did not arrive: somebody waits, and the link does not last */

struct state {
	char *response_url;
	int64_t tone;
	char *headline, *text, *details;
};

static const struct field fields[] = {
	FIELD(FIELD_STRING, state, response_url), FIELD(FIELD_INT, state, tone),
	FIELD(FIELD_STRING, state, headline),     FIELD(FIELD_STRING, state, text),
	FIELD(FIELD_STRING, state, details),
	FIELDS_END,
};

static enum flow_next tell(struct flow *flow)
{
	const struct state *s = flow->state;
	struct message message;

	message_init(&message, (enum message_tone)s->tone);
	if (s->headline != NULL)
		message_headline(&message, "%s", s->headline);
	message_text(&message, "%s%s%s", s->headline == NULL ? "" : s->headline, s->headline == NULL ? "" : ": ",
	             s->text);
	message_say(&message, message_paragraph(&message), "%s", s->text);
	if (s->details != NULL)
		message_say(&message, message_context(&message), "%s", s->details);
	flow->bot->chat->ops->respond(flow->bot->chat, s->response_url, &message, flow_wake(flow));
	message_free(&message);
	return FLOW_WAIT;
}

/* Nobody can tell whether it came. */
static enum flow_next was_told(struct flow *flow)
{
	log_event(LOG_WARN, "whisper.unknown", "flow", flow->id, "why",
	          "a restart or the network came in between: not said again", NULL);
	return FLOW_DONE;
}

static void ended(struct flow *flow, const struct err *err)
{
	if (err != NULL && err->kind != ERR_CANCELLED)
		log_event(LOG_WARN, "whisper.failed", "flow", flow->id, "why", err->text, NULL);
}

static const struct flow_step steps[] = { { "tell", tell, was_told }, { NULL, NULL, NULL } };

const struct flow_plan whisper_plan = {
	.name = "whisper",
	.state_size = sizeof(struct state),
	.fields = fields,
	.steps = steps,
	.max_tries = MAX_TRIES,
	.ended = ended,
};

void whisper(struct bot *bot, const struct whisper *words)
{
	struct flow *flow;
	struct state *s;

	if (words->response_url == NULL)
		return;
	flow = flow_new(bot->flows, &whisper_plan);
	s = flow->state;
	s->tone = (int64_t)words->tone;
	mem_set_string(&s->response_url, words->response_url);
	mem_set_string(&s->headline, words->headline);
	mem_set_string(&s->text, words->text);
	mem_set_string(&s->details, words->details);
	flow_start(flow);
}
