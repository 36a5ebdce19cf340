/*
 * picture.h - an incident's chart: the alarm's metric and its threshold around the breach, in the
 * incident's one message.
 *
 * A flow of its own beside the diagnosis, the issue and the mail: nothing waits for it, and when it fails the message
 * stays without one.
 */
#ifndef COMMANDS_PICTURE_H
#define COMMANDS_PICTURE_H

#include "bot/flow.h"

struct bot;
struct incident;

extern const struct flow_plan picture_plan;

/* Into the open journal batch. Does nothing while one of this incident is at work (it looks again before it
 * ends), nor for an alarm without a metric of CloudWatch's, nor where
 * incidents.charts is off. */
void picture_start(struct bot *bot, struct incident *incident);

#endif
