/*
 * chat_double.h - a chat that says nothing to anybody and remembers everything, for tests of commands. Whatever it is
 * asked succeeds, in the loop's next pass, unless the test tells it otherwise.
 */
#ifndef TESTS_CHAT_DOUBLE_H
#define TESTS_CHAT_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/chat.h"

struct chat_double;
struct loop;

enum chat_double_act {
	DOUBLE_POST,
	DOUBLE_EDIT,
	DOUBLE_FIND,
	DOUBLE_RESPOND,
	DOUBLE_UPLOAD,
	DOUBLE_STREAM, /* one for each stream: text grows, and `ended` tells that it is over */
	DOUBLE_MEND,
	DOUBLE_STATUS,
};

/* One thing that was asked. NULL where it does not apply. */
struct chat_double_said {
	enum chat_double_act act;
	char *channel, *thread, *user, *key, *id; /* id: given by the double ("1.000000"), or asked for */
	char *text;            /* a message as plain text; a stream: all Markdown said; a status; an upload's name */
	char *last;            /* stream, mend: the parts below, as plain text; NULL: none */
	char *actions;         /* ids of the buttons of the message or of `last`, each with a blank behind it */
	int64_t since_ms;      /* find, mend */
	size_t pieces;         /* stream: calls of stream_say */
	bool ended;
	struct chat_stream_ears ears;
};

struct chat_double *chat_double_new(struct loop *loop);
void chat_double_free(struct chat_double *twin); /* what still waits is not completed */
struct chat *chat_double_chat(struct chat_double *twin);

size_t chat_double_count(const struct chat_double *twin, enum chat_double_act act);
/* The nth (from 0) of that kind; fails the test when there is none. Good until the next act. */
const struct chat_double_said *chat_double_said(const struct chat_double *twin, enum chat_double_act act, size_t nth);

/* The next one of that kind fails so; text is copied. Finds fail with ERR_NOT_FOUND unless chat_double_finds was told
 * an id (NULL: none again). */
void chat_double_fail_next(struct chat_double *twin, enum chat_double_act act, enum err_kind kind, const char *text);
void chat_double_finds(struct chat_double *twin, const char *id);
/* Answers of that kind wait until it is false. */
void chat_double_hold(struct chat_double *twin, enum chat_double_act act, bool hold);
/* The reader of the nth stream presses the chat's stop button. */
void chat_double_stop(struct chat_double *twin, size_t nth);

#endif
