/* resolve - a person says that an incident is over: its alarm was deleted, or will not say OK for other reasons. */
#include "bot/bot.h"
#include "bot/chat.h"
#include "commands/answer.h"
#include "commands/deed.h"
#include "commands/issue.h"
#include "commands/respond.h"

static bool resolve(struct bot *bot, struct deed *deed, struct err *err)
{
	const char *reason;
	struct incident *incident = deed_incident(bot, deed, &reason, err);

	if (incident == NULL || !deed_is_permitted(bot, deed, err))
		return false;
	if (!incident_is_open(incident))
		return err_set(err, ERR_CONFLICT, "Incident %s is over already.", incident->id);
	deed_say(deed, "marked it as resolved", NULL, 0, reason);
	incidents_resolve(bot->incidents, incident, deed->origin.user);
	respond_to_resolve(bot, incident);
	deed_tell(bot, deed, incident);
	return true;
}

bool resolve_click(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	return deed_click(bot, heard, resolve, err);
}

static enum flow_next do_resolve(struct flow *flow)
{
	return deed_do(flow, resolve);
}

static const struct flow_step steps[] = {
	{ "do", do_resolve, NULL }, { "answer", deed_answer, answer_find }, { NULL, NULL, NULL },
};

static const struct flow_plan plan = {
	.name = "resolve",
	.state_size = sizeof(struct deed),
	.fields = deed_fields,
	.steps = steps,
	.ended = answer_ended,
};

const struct command command_resolve = {
	.name = "resolve",
	.usage = "resolve [incident] [reason]",
	.summary = "The incident is over, though its alarm does not say so; when it fires again it is open again",
	.parse = deed_parse,
	.plan = &plan,
};
