#include "bot/incident_act.h"

#include "bot/clock.h"
#include "bot/json.h"
#include "bot/message.h"

struct json_object *incident_act_line(const struct incident_act *act)
{
	struct json_object *line = json_new_object();

	json_put_int(line, "t", clock_wall_ms());
	json_put_string(line, "title", act->what);
	json_put_string(line, "by", act->by);
	json_put_string(line, "whom", act->whom);
	json_put_string(line, "why", act->why);
	if (act->at_ms != 0)
		json_put_int(line, "at", act->at_ms);
	if (act->loud)
		json_put_bool(line, "loud", true);
	return line;
}

struct incident_act incident_act_of(struct json_object *line)
{
	return (struct incident_act){
		.by = json_string(line, "by"),
		.what = json_string(line, "title"),
		.whom = json_string(line, "whom"),
		.at_ms = json_int(line, "at", 0),
		.why = json_string(line, "why"),
		.loud = json_flag(line, "loud", false),
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
