/*
 * incident_act.h - a line about what a person did to an incident: "@ann took it over from @bob", "@ann silenced it
 * until 14:00: maintenance". Told in the thread and in the issue, beside the state changes.
 */
#ifndef BOT_INCIDENT_ACT_H
#define BOT_INCIDENT_ACT_H

#include <stdbool.h>
#include <stdint.h>

struct incident_line;
struct message;
struct message_line;

struct incident_act {
	const char *by;   /* the chat's id; NULL: nobody, it came by itself */
	const char *what; /* "has it now" */
	const char *whom; /* the chat's id, behind `what`; NULL: nobody */
	int64_t at_ms;    /* a time behind that; 0: none */
	const char *why;  /* in the person's own words, behind a colon; NULL: none */
	bool loud;        /* shown in the channel, too: an edit rings no phone */
};

struct incident_line incident_act_line(const struct incident_act *act); /* as it waits; its strings are copies */
struct incident_act incident_act_of(const struct incident_line *line);  /* borrows from the line */
void incident_act_say(struct message *message, struct message_line *line, const struct incident_act *act);

#endif
