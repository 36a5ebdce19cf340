/*
 * seen.h - what has been received already, across restarts.
 *
 * SNS and Slack deliver more than once; a key that was remembered in the same commit as its
 * consequences makes the second delivery harmless, whenever it comes.
 */
#ifndef BOT_SEEN_H
#define BOT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct journal;
struct loop;
struct seen;

/* Loads what is remembered (blocking, at start). Forgets what has expired once an hour. */
struct seen *seen_new(struct loop *loop, struct journal *journal, struct err *err) MUST_CHECK;
void seen_free(struct seen *seen);

/* space: a short literal ("sns", "slack"). key: foreign text; long ones are kept as their hash. */
bool seen_before(const struct seen *seen, const char *space, const char *key);
/* Into the open journal batch: durable together with what the key caused. */
void seen_remember(struct seen *seen, const char *space, const char *key, int64_t ttl_ms);
/*
 * at_ms: the delivery's own time, the same each time it comes. Documents of one time lie side by side on the disk,
 * so that many deliveries at once alter few of its pages.
 */
void seen_remember_at(struct seen *seen, const char *space, const char *key, int64_t at_ms, int64_t ttl_ms);
size_t seen_count(const struct seen *seen);

#endif
