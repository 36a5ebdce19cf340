/*
 * ask.h - a question in plain words, answered in a thread: docs in commands/ask.c.
 */
#ifndef COMMANDS_ASK_H
#define COMMANDS_ASK_H

#include <stdbool.h>

#include "bot/err.h"

struct bot;
struct chat_heard;
struct flow_plan;

extern const struct flow_plan ask_plan;

/* The state of a new flow of ask_plan, from a question's words. */
void ask_parse(void *state, const char *question);
/* The buttons of an answer; value: what the button carries. False: *err says why nothing happened. */
bool ask_stop(struct bot *bot, const struct chat_heard *heard, struct err *err);
bool ask_again(struct bot *bot, const struct chat_heard *heard, struct err *err);
bool ask_propose(struct bot *bot, const struct chat_heard *heard, struct err *err);
/* Whether a reply without a mention is a question: its thread has a conversation, or an answer under way, and is no
 * incident's. */
bool ask_hears(struct bot *bot, const struct chat_heard *heard);

#endif
