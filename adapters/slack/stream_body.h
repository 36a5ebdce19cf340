/* stream_body.h - what the calls of a stream say, as JSON; for stream.c and stream_mend.c. All owned: free() them. */
#ifndef ADAPTERS_SLACK_STREAM_BODY_H
#define ADAPTERS_SLACK_STREAM_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/slack/blocks.h"

struct json_object;
struct message;
struct slack_call;

#define SLACK_STREAM_PARTS_MAX 3600 /* bytes of the parts below a text: with it they stay below a message's ceiling */

/* Which message, and what of it. */
struct slack_stream_body {
	const char *channel, *thread; /* thread: of a new message */
	const char *ts;               /* of one that exists */
	const char *user, *team;      /* startStream: the recipient; NULL: none */
	const char *key;              /* metadata; NULL: none */
	const char *text;             /* safe Markdown; NULL or "": none */
	size_t length;
	bool open;                    /* with a key: more will come */
	const struct slack_content *parts; /* below the text; NULL: none */
};

/* The parts below a text, fit for both chat.stopStream and blocks. */
void slack_stream_parts(struct slack_content *parts, const struct message *last);

char *slack_stream_start_body(const struct slack_stream_body *body);
char *slack_stream_append_body(const struct slack_stream_body *body);
/* Fill in the body and those to send instead when Slack refuses the blocks. */
void slack_stream_stop_bodies(struct slack_call *call, const struct slack_stream_body *body);
void slack_stream_message_bodies(struct slack_call *call, const struct slack_stream_body *body);
/* A message as Slack told it, with parts below it. */
void slack_stream_told_bodies(struct slack_call *call, const struct slack_stream_body *body, struct json_object *told);

struct json_object *slack_stream_metadata(const char *key, bool open);
/* Safe Markdown as plain text, escaped for a message's top-level text; never empty. */
char *slack_stream_plain(const char *text, size_t length);

#endif
