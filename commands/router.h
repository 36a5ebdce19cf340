/*
 * router.h - from something a person did in the chat to the command that answers it.
 */
#ifndef COMMANDS_ROUTER_H
#define COMMANDS_ROUTER_H

#include "bot/chat.h"

struct bot;

/* The ears given to the chat adapter: dedupe, find the command, start its flow, one commit. */
struct chat_ears router_ears(struct bot *bot);

#endif
