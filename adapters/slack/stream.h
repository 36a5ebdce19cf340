/*
 * stream.h - text that is read while it is written: chat.startStream, appendStream, stopStream (docs.slack.dev; scope
 * chat:write), or, where Slack refuses to stream, a message that is edited.
 *
 * The first text starts the message, at once; from then on what has come is appended once a second. Slack ends a
 * stream five minutes after its start (python-slack-sdk#1859) and at about 12,000 characters (CopilotKit#6063), so
 * that a new message begins before: what is open at the cut (a fence, a table) is closed and opened anew.
 *
 * Appending is not idempotent, ending with text neither: what Slack did not answer well is ended without text and then
 * edited to the whole, which is. Who may not stream is told by chat.postMessage: when that passes, streaming was what
 * Slack refused, and is not tried again for an hour.
 */
#ifndef ADAPTERS_SLACK_STREAM_H
#define ADAPTERS_SLACK_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/chat.h"

struct loop;
struct slack_self;
struct slack_streams;
struct slack_web;

#define SLACK_STREAM_SOFT_MAX 7500          /* bytes; from here on a message ends with its paragraph */
#define SLACK_STREAM_MAX 9000               /* bytes of a message; Slack's limit counts more than the text */
#define SLACK_STREAM_TEXT_MAX (256u << 10)  /* bytes of a whole stream that wait to be sent; what is more is cut */
#define SLACK_STREAM_LIFE_MS (4 * 60 * 1000)
#define SLACK_STREAM_REFUSED_MS (60 * 60 * 1000)

/* self must outlive it. */
struct slack_streams *slack_streams_new(struct loop *loop, struct slack_web *web, const struct slack_self *self);
/* Those that were ended complete with ERR_CANCELLED; no other may be used any more. After slack_web_free. */
void slack_streams_free(struct slack_streams *streams);

/* As chat_ops.stream, stream_say, stream_end. */
struct chat_stream *slack_stream_new(struct slack_streams *streams, const struct chat_stream_place *place,
                                     struct chat_stream_ears ears);
void slack_stream_say(struct chat_stream *stream, const char *markdown, size_t length);
void slack_stream_end(struct chat_stream *stream, const struct message *last, struct done done);

/* Is this one of the messages that this process writes, or wrote lately? */
bool slack_streams_own(const struct slack_streams *streams, const char *channel, const char *ts);
/* Is a message of which the id is not known yet being begun in that thread? */
bool slack_streams_begin_in(const struct slack_streams *streams, const char *channel, const char *thread);
/* Somebody pressed the stop button of the chat. */
void slack_streams_stopped(struct slack_streams *streams, const char *channel, const char *thread);

void slack_streams_describe_metrics(void);

#endif
