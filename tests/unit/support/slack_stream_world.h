/*
 * slack_stream_world.h - the Web API client against a scripted server, and a clock that stands still unless a test
 * moves it; one second of waiting is one millisecond of it. For the tests of what streams.
 */
#ifndef TESTS_SLACK_STREAM_WORLD_H
#define TESTS_SLACK_STREAM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/chat.h"
#include "bot/err.h"
#include "bot/message.h"

struct loop;
struct slack_fake;
struct slack_self;
struct slack_streams;
struct slack_web;

#define START "chat.startStream"
#define APPEND "chat.appendStream"
#define STOP "chat.stopStream"
#define POST "chat.postMessage"
#define UPDATE "chat.update"
#define REPLIES "conversations.replies"
#define A_WHILE_MS 40 /* for what must not happen */
#define REFUSED(code) "{\"ok\":false,\"error\":\"" code "\"}"
#define NOT_STREAMING REFUSED("message_not_in_streaming_state")

extern struct loop *stream_loop;
extern struct slack_fake *stream_fake;
extern struct slack_web *stream_web;
extern struct slack_self stream_self;
extern struct slack_streams *streams;

struct ending {
	unsigned times;
	struct err err; /* ERR_NONE: success */
};

int slack_world_begin(void **state);
int slack_world_end(void **state);
void slack_world_free_web(void); /* before the end, as at a shutdown */
void pass_ms(int64_t ms);        /* of the clock: so many seconds of waiting */

struct done into(struct ending *ending);
void until_told(struct ending *ending);
void expect_shown(struct ending *ending); /* told of success, once */

/* Fails the test unless the calls so far were these, in this order: "start append stop post update replies". Waits for
 * them, then a while for more. */
void expect_calls(const char *calls);
void await_calls(size_t count);
/* A member of the nth call's body ("" when it is absent); good until the next but seven such calls. */
const char *sent(size_t nth, const char *path);

/* A line of small print and a button. */
void make_last(struct message *last);

#endif
