/*
 * storm.h - whose turn it is in a channel that takes about one message a second, and what is told meanwhile.
 *
 * Only a few incidents of a channel post at a time; the others wait: first messages of those that fire before those
 * without data before those that are over, then lines of threads; of each kind the oldest first. Each gets its turn.
 * When many wait, one card in the channel says how many and which, edited in place until nobody waits any more (a
 * flow, so that a restart goes on with the same card).
 *
 * Nothing but the card is saved: who waits is an incident with something to post and without a flow, and
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

/* May it post now? True: it has its turn, until storm_leave. False: it waits, in its channel, and is announced
 * when its turn has come. Once it has entered, or waits, a further call changes nothing. */
bool storm_enter(struct bot *bot, struct incident *incident);
/* A post that is under way already, after a restart: it has its turn whoever else has one. */
void storm_hold(struct bot *bot, struct incident *incident);
/* Its post is there, or will not come soon: the next ones are announced, into the open journal batch. Does nothing
 * without a turn. */
void storm_leave(struct bot *bot, struct incident *incident);
/* Somebody waits in this channel for a first message. */
bool storm_is_on(const struct bot *bot, const char *channel);

#endif
