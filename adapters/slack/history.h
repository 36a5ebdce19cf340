/*
 * history.h - "was it posted?": looks a delivery key up in a channel or thread.
 *
 * Slack has no idempotency key; each post carries ours as message metadata, which
 * conversations.history and .replies give back with include_all_metadata.
 */
#ifndef ADAPTERS_SLACK_HISTORY_H
#define ADAPTERS_SLACK_HISTORY_H

#include <stdint.h>

#include "bot/err.h"

#define SLACK_KEY_EVENT_TYPE "tocsin_delivery"

struct slack_self;
struct slack_web;

/*
 * As chat_ops.find. self must outlive the search. ERR_NOT_FOUND only after the last page;
 * ERR_RETRY when it was given up before that (10,000 messages). Without a channel: ERR_NOT_FOUND.
 */
void slack_history_find(struct slack_web *web, const struct slack_self *self, const char *channel,
                        const char *thread, const char *key, int64_t since_ms, char **id, struct done done);

#endif
