/*
 * status.h - "is reading 4 metrics" beside the bot's name in a thread (assistant.threads.setStatus; scope chat:write;
 * docs.slack.dev: it goes by itself with the next message, or after two minutes). Best effort: what Slack refuses is
 * not tried again for an hour.
 */
#ifndef ADAPTERS_SLACK_STATUS_H
#define ADAPTERS_SLACK_STATUS_H

#include "bot/chat.h"

struct slack_status;
struct slack_web;

#define SLACK_STATUS_MAX 100 /* UTF-16 units; ours: one line beside a name */

struct slack_status *slack_status_new(struct slack_web *web);
void slack_status_free(struct slack_status *status); /* after the web client, which completes its calls */
/* As chat_ops.status. */
void slack_status_set(struct slack_status *status, const struct chat_stream_place *place, const char *text);

#endif
