/*
 * announce.h - makes the chat show what an incident says: its one message and its thread.
 */
#ifndef COMMANDS_ANNOUNCE_H
#define COMMANDS_ANNOUNCE_H

#include "bot/flow.h"

struct bot;
struct incident;

extern const struct flow_plan announce_plan;

/* There is something new to show; into the open journal batch. Does nothing while a flow of this
 * incident is at work: it looks again before it ends. Of a hushed incident (its alarm is silenced)
 * only the message is edited, where there is one, and what a person did or asked for is told. */
void announce(struct bot *bot, struct incident *incident);
/* The address of its message for people; NULL while there is none. free() it. */
char *announce_url(struct bot *bot, const struct incident *incident);
/* At start: incidents whose flow is gone while something is left to show. */
void announce_all_waiting(struct bot *bot);

#endif
