/*
 * notify.h - one message for anything that is no alarm: other senders, warnings of our own.
 */
#ifndef COMMANDS_NOTIFY_H
#define COMMANDS_NOTIFY_H

#include "bot/flow.h"

struct bot;
struct notice;

extern const struct flow_plan notify_plan;

/* Posts the notice in slack.channel, once, whatever dies on the way; into the open journal batch. */
void notify(struct bot *bot, const struct notice *notice);
/* A warning of tocsin's own. */
void notify_warning(struct bot *bot, const char *title, const char *text);

#endif
