#include "bot/incident_act.h"

#include "bot/clock.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/message.h"

struct incident_line incident_act_line(const struct incident_act *act)
{
	return (struct incident_line){
		.at_ms = clock_wall_ms(),
		.title = mem_copy_string(act->what),
		.by = mem_copy_string(act->by),
		.whom = mem_copy_string(act->whom),
		.why = mem_copy_string(act->why),
		.until_ms = act->at_ms,
		.loud = act->loud,
	};
}

struct incident_act incident_act_of(const struct incident_line *line)
{
	return (struct incident_act){
		.by = line->by,
		.what = line->title,
		.whom = line->whom,
		.at_ms = line->until_ms,
		.why = line->why,
		.loud = line->loud,
	};
}

void incident_act_say(struct message *message, struct message_line *line, const struct incident_act *act)
{
	if (act->by != NULL)
		message_person(message, line, act->by);
	message_say(message, line, "%s%s", act->by == NULL ? "" : " ", act->what);
	if (act->whom != NULL) {
		message_say(message, line, " ");
		message_person(message, line, act->whom);
	}
	if (act->at_ms != 0) {
		message_say(message, line, " ");
		message_time(message, line, act->at_ms);
	}
	if (act->why != NULL)
		message_say(message, line, ": %s", act->why);
}
