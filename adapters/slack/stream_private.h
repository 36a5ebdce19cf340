/* stream_private.h - a stream between its calls; for stream.c and stream_calls.c. */
#ifndef ADAPTERS_SLACK_STREAM_PRIVATE_H
#define ADAPTERS_SLACK_STREAM_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/slack/judge.h"
#include "adapters/slack/stream.h"
#include "bot/str.h"

struct json_object;
struct loop_timer;
struct slack_content;
struct slack_markdown;

#define SLACK_STREAM_KEY_BYTES 12

enum slack_stream_calling {
	SLACK_CALL_NONE,
	SLACK_CALL_START,
	SLACK_CALL_APPEND,
	SLACK_CALL_STOP, /* for good: the message is whole */
	SLACK_CALL_HALT, /* without text: an update follows */
	SLACK_CALL_POST,
	SLACK_CALL_UPDATE,
	SLACK_CALL_FIND, /* did the message come into being? */
};

struct chat_stream {
	struct chat_stream *next;
	struct slack_streams *streams;
	char *channel, *thread, *user;
	struct chat_stream_ears ears;
	struct slack_markdown *markdown;
	struct loop_timer *timer, *word_timer;

	/* the message that is being written */
	struct str text;       /* safe Markdown: what is shown, then what waits */
	size_t head;           /* bytes of it that only open anew what the message before left open */
	size_t shown;          /* bytes of it that Slack has */
	char *ts;              /* NULL: there is none yet */
	char *above;           /* of the message before; NULL: this is the first */
	char key[SLACK_STREAM_KEY_BYTES * 2 + 1];
	bool edited;           /* not streamed (any more) */
	bool halt;             /* edited, and Slack may still take it for streaming */
	bool lost;             /* a call may have made it: to be looked for */
	int64_t begun_ms, sent_ms;
	uint64_t number;       /* of its start, among those of all streams */
	size_t messages;       /* before this one */

	enum slack_stream_calling calling;
	size_t sending;        /* shown becomes this when the call succeeds */
	bool whole, final;     /* the call ends the message; all of the stream is shown then */
	char code[SLACK_CODE_SIZE];
	unsigned tries;
	bool waiting;          /* for the next try */
	bool refused;          /* chat.startStream was, for this message */
	bool cannot;           /* and so it will be for every other one */

	bool ended, told_stopped;
	struct slack_content *parts; /* of the end; NULL: none */
	struct done done;
	struct err failed;     /* kind ERR_NONE: not */
};

/* Of a list of messages that was asked for a while ago, these are not the ones that nobody knows. */
struct slack_stream_known {
	char channel[32], ts[32];
};

#define SLACK_STREAMS_KNOWN 128

struct slack_streams {
	struct loop *loop;
	struct slack_web *web;
	const struct slack_self *self;
	struct chat_stream *first;
	int64_t refused_until_ms; /* mono; 0: not refused */
	struct slack_stream_known known[SLACK_STREAMS_KNOWN]; /* the last ones that were begun */
	size_t next_known;
	uint64_t starts;
};

bool slack_stream_is_direct(const struct chat_stream *s);

/* Each sends one call, which slack_stream_on_answer answers; `until`: bytes of the text that it shows. */
void slack_stream_start(struct chat_stream *s, size_t until);
void slack_stream_append(struct chat_stream *s, size_t until);
/* With all that is left up to there: the message is whole. */
void slack_stream_stop(struct chat_stream *s, size_t until);
/* Without text; an edit follows. */
void slack_stream_halt(struct chat_stream *s);
/* Posts the message, or edits the one that exists, to the whole of its text up to there. */
void slack_stream_edit(struct chat_stream *s, size_t until, bool whole);

void slack_stream_on_answer(void *arg, struct json_object *answer, const struct err *err);

#endif
