/*
 * stream_mend.h - texts that a process before this one left streaming are ended.
 *
 * A streamed message carries no key while it streams (chat.startStream takes no metadata); whoever ends it gives it
 * one. So our messages in that thread without a key, or with one that says "open", are those that nobody ended.
 */
#ifndef ADAPTERS_SLACK_STREAM_MEND_H
#define ADAPTERS_SLACK_STREAM_MEND_H

#include <stdint.h>

#include "bot/chat.h"

struct loop;
struct slack_self;
struct slack_streams;
struct slack_web;

struct slack_mender;

/* All must outlive it; what `streams` write is left alone. */
struct slack_mender *slack_mender_new(struct loop *loop, struct slack_web *web, const struct slack_self *self,
                                      const struct slack_streams *streams);
/* What is under way completes with ERR_CANCELLED. After slack_web_free. */
void slack_mender_free(struct slack_mender *mender);

/*
 * As chat_ops.stream_mend. `last` stands below the last of them; when nothing was shown before the crash it becomes a
 * message of its own, once; where what was written since then has been ended already, nothing is added.
 */
void slack_stream_mend(struct slack_mender *mender, const struct chat_stream_place *place, int64_t since_ms,
                       const struct message *last, struct done done);

#endif
