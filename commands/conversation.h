/*
 * conversation.h - what a thread remembers: what it is about, its questions, the answers as they were shown, and what
 * they rested on.
 *
 * In the journal (kind "conversation", key "channel:thread"), so also across restarts; forgotten answers.remember_ms
 * after the last question; of a long one the oldest turns go first (20 turns, 64 KiB), never what it is about.
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
/* What a thread is about before anybody asks there: a summary that was posted. */
#define CONVERSATION_TOPIC_TEXT_MAX (10u << 10)
#define CONVERSATION_TOPIC_WORDS_MAX 4000u
#define CONVERSATION_TOPIC_PLACES_MAX (2u << 10)
struct conversation_topic {
	char *text;   /* what it tells, in lines: for the model, and for the check; foreign, without secrets */
	char *words;  /* what a model has said of it, as it was shown; NULL: nothing */
	char *places; /* what it is about, one a line: "dashboard", or "dashboard<tab>metric's id" of what stands out */
	int64_t from_ms, until_ms; /* the time that questions are about when they name none */
};

/* The thread begins with it, or it takes the place of the one before; in the open journal batch. Copied; each text is
 * cut at its ceiling. */
void conversation_begin(struct conversations *conversations, const char *channel, const char *thread,
                        const struct conversation_topic *topic);
/* NULL: it is about nothing but its questions. Borrowed as the conversation is. */
const struct conversation_topic *conversation_topic(const struct conversation *conversation);
/* One turn, in the open journal batch. context: what the briefing said, kept as evidence for later turns; NULL:
 * nothing. answer "" : it was interrupted. */
void conversation_add(struct conversations *conversations, const char *channel, const char *thread,
                      const char *question, const char *answer, const char *context);
/* Of one that stays as it is, for work on another thread. conversation_copy_free it. NULL gives NULL. */
struct conversation *conversation_copy(const struct conversation *conversation);
void conversation_copy_free(struct conversation *copy);
size_t conversation_turns(const struct conversation *conversation);
const char *conversation_question(const struct conversation *conversation, size_t turn); /* 0: the oldest */
/* The last question; NULL: none. */
const char *conversation_last_question(const struct conversation *conversation);
/* Converse messages of the earlier turns, oldest first, roles taking turns, the foreign ones fenced. Owned. */
struct json_object *conversation_messages(const struct conversation *conversation, const char *fence);
void conversation_add_evidence(const struct conversation *conversation, struct evidence *evidence);

#endif
