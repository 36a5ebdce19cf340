/*
 * conversation.h - what a thread remembers: its questions, the answers as they were shown, and what they rested on.
 *
 * In the journal (kind "conversation", key "channel:thread"), so also across restarts; forgotten answers.remember_ms
 * after the last question; of a long one the oldest turns go first (20 turns, 64 KiB).
 */
#ifndef COMMANDS_CONVERSATION_H
#define COMMANDS_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct bot;
struct conversation;
struct conversations;
struct evidence;
struct json_object;

/* Owned by bot->conversations; loaded at start. */
struct conversations *conversations_new(struct bot *bot);
bool conversations_load(struct conversations *conversations, struct err *err) MUST_CHECK;
void conversations_free(struct conversations *conversations);

/* NULL: this thread has none. Borrowed until the next call that adds or forgets. */
const struct conversation *conversation_find(struct conversations *conversations, const char *channel,
                                             const char *thread);
/* One turn, in the open journal batch. context: what the thread's summary or briefing said, kept as evidence for later
 * turns; NULL: nothing. answer "" : it was interrupted. */
void conversation_add(struct conversations *conversations, const char *channel, const char *thread,
                      const char *question, const char *answer, const char *context);
size_t conversation_turns(const struct conversation *conversation);
const char *conversation_question(const struct conversation *conversation, size_t turn); /* 0: the oldest */
/* The last question; NULL: none. */
const char *conversation_last_question(const struct conversation *conversation);
/* Converse messages of the earlier turns, oldest first, roles taking turns, the foreign ones fenced. Owned. */
struct json_object *conversation_messages(const struct conversation *conversation, const char *fence);
void conversation_add_evidence(const struct conversation *conversation, struct evidence *evidence);

#endif
