/*
 * inbound.h - what a Socket Mode envelope says, as things a person did. Pure: no I/O, no state.
 *
 * Shapes: docs.slack.dev reference/events, interaction payloads; every member but `type` is
 * treated as optional, since Slack leaves members out.
 */
#ifndef ADAPTERS_SLACK_INBOUND_H
#define ADAPTERS_SLACK_INBOUND_H

#include <stddef.h>

#include "bot/chat.h"
#include "bot/mem.h"

struct json_object;

#define SLACK_ACTIONS_HEARD_MAX 16 /* of one block_actions payload; Slack sends one */

struct slack_self { /* from auth.test; NULL until it has answered */
	char *user_id;
	char *bot_id;
	char *team_id;
};

struct slack_inbound {
	struct mem mem;              /* owns what the texts in heard need */
	struct chat_heard heard[SLACK_ACTIONS_HEARD_MAX];
	size_t count;                /* 0: nothing for us, acknowledge at once */
	const char *ignored;         /* a literal: why count is 0, for the metric */
	/* A person stopped the text that streams there (agent_session_stopped); NULL: nobody did. */
	const char *stopped_channel, *stopped_thread;
};

/* Texts in `out` also borrow from `envelope`. End with slack_inbound_free in any case. */
void slack_inbound_read(struct slack_inbound *out, struct json_object *envelope,
                        const struct slack_self *self);
void slack_inbound_free(struct slack_inbound *inbound);

#endif
