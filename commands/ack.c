/* ack, unack - somebody looks after an incident, or does so no more. Who says it when another has it takes it over. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/mem.h"
#include "commands/answer.h"
#include "commands/deed.h"

static struct incident *open_incident(struct bot *bot, const struct deed *deed, struct err *err)
{
	const char *rest;
	struct incident *incident = deed_incident(bot, deed, &rest, err);

	if (incident == NULL || !deed_is_permitted(bot, deed, err))
		return NULL;
	if (incident_is_open(incident))
		return incident;
	(void)err_set(err, ERR_CONFLICT, "Incident %s is over: nobody needs to look after it.", incident->id);
	return NULL;
}

static bool has_it(const struct incident *incident, const struct deed *deed)
{
	return incident->holder != NULL && strcmp(incident->holder, deed->origin.user) == 0;
}

static bool take(struct bot *bot, struct deed *deed, struct err *err)
{
	struct incident *incident = open_incident(bot, deed, err);

	if (incident == NULL)
		return false;
	if (has_it(incident, deed))
		return err_set(err, ERR_CONFLICT, "You have incident %s already. To give it back: unack %s",
		               incident->id, incident->id);
	deed_say(deed, incident->holder == NULL ? "has it now" : "took it over from", incident->holder, 0, NULL);
	incident_set_holder(bot->incidents, incident, deed->origin.user);
	deed_tell(bot, deed, incident);
	return true;
}

static bool give_back(struct bot *bot, struct deed *deed, struct err *err)
{
	struct incident *incident = open_incident(bot, deed, err);
	bool own;

	if (incident == NULL)
		return false;
	if (incident->holder == NULL)
		return err_set(err, ERR_CONFLICT, "Nobody has incident %s.", incident->id);
	own = has_it(incident, deed);
	deed_say(deed, own ? "gave it back: nobody looks after it" : "set it free; before, it was with",
	         own ? NULL : incident->holder, 0, NULL);
	incident_set_holder(bot->incidents, incident, NULL);
	deed_tell(bot, deed, incident);
	return true;
}

bool ack_click(struct bot *bot, const struct chat_heard *heard, struct err *err)
{
	return deed_click(bot, heard, take, err);
}

static enum flow_next do_take(struct flow *flow)
{
	return deed_do(flow, take);
}

static enum flow_next do_give_back(struct flow *flow)
{
	return deed_do(flow, give_back);
}

static const struct flow_step take_steps[] = {
	{ "do", do_take, NULL }, { "answer", deed_answer, answer_find }, { NULL, NULL, NULL },
};

static const struct flow_plan take_plan = {
	.name = "ack",
	.state_size = sizeof(struct deed),
	.fields = deed_fields,
	.steps = take_steps,
	.ended = answer_ended,
};

static const struct flow_step give_back_steps[] = {
	{ "do", do_give_back, NULL }, { "answer", deed_answer, answer_find }, { NULL, NULL, NULL },
};

static const struct flow_plan give_back_plan = {
	.name = "unack",
	.state_size = sizeof(struct deed),
	.fields = deed_fields,
	.steps = give_back_steps,
	.ended = answer_ended,
};

const struct command command_ack = {
	.name = "ack",
	.usage = "ack [incident]",
	.summary = "You look after this incident from now on; takes it over from whoever has it",
	.parse = deed_parse,
	.plan = &take_plan,
};

const struct command command_unack = {
	.name = "unack",
	.usage = "unack [incident]",
	.summary = "Nobody looks after it any more",
	.parse = deed_parse,
	.plan = &give_back_plan,
};
