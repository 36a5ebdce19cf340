/* thread.h - our own messages in a thread: what became of one whose call had no clear answer, or of a process before
 * this one (conversations.replies with metadata; scopes as for history.h). */
#ifndef ADAPTERS_SLACK_THREAD_H
#define ADAPTERS_SLACK_THREAD_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct json_object;
struct slack_self;
struct slack_web;

/* messages: array, oldest first, without the thread's first one; borrowed; NULL on error. */
typedef void slack_thread_fn(void *arg, struct json_object *messages, const struct err *err);

/* self must outlive it. since_ms: wall clock; a minute more is looked through, as clocks differ. ERR_RETRY also when
 * the thread is too long to look through (2,000 messages). */
void slack_thread_own(struct slack_web *web, const struct slack_self *self, const char *channel, const char *thread,
                      int64_t since_ms, slack_thread_fn *done, void *arg);

/* The delivery key that a message carries; NULL: none, as a message has that is being streamed. */
const char *slack_thread_key(struct json_object *message);
/* A text that nobody has ended: without a key, or with one that says so. */
bool slack_thread_is_open(struct json_object *message);

#endif
