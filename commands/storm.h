/*
 * storm.h - whose turn it is in a channel that takes about one message a second, and what is told meanwhile.
 *
 * Only a few incidents of a channel post their first message at a time; the others wait, those that fire before
 * those without data before those that are over, and of these the oldest first. Each gets its message in the end.
 * When many wait, one card in the channel says how many and which, edited in place until nobody waits any more (a
 * flow, so that a restart goes on with the same card).
 *
 * Nothing but the card is saved: who waits is an incident without a message and without a flow, and
 * announce_all_waiting finds it again after a restart.
 */
#ifndef COMMANDS_STORM_H
#define COMMANDS_STORM_H

#include <stdbool.h>

#include "bot/flow.h"

struct bot;
struct incident;
struct storm;

extern const struct flow_plan storm_plan;

struct storm *storm_new(void);
void storm_free(struct storm *storm);

/* May its message go now? True: it has its turn, until storm_leave. False: it waits, in its channel, and is announced
 * when its turn has come. Once it has entered, or waits, a further call changes nothing. */
bool storm_enter(struct bot *bot, struct incident *incident);
/* A post that is under way already, after a restart: it has its turn whoever else has one. */
void storm_hold(struct bot *bot, struct incident *incident);
/* Its message is there, or will not come soon: the next ones are announced, into the open journal batch. Does nothing
 * without a turn. */
void storm_leave(struct bot *bot, struct incident *incident);
/* Somebody waits for a turn in this channel. */
bool storm_is_on(const struct bot *bot, const char *channel);

#endif
