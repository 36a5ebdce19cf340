/*
 * web_api.h - Slack's Web API: what waits, in which order, how fast, and what an answer means.
 *
 * Rates (docs.slack.dev rate-limits; chat.postMessage): about one message a second and channel
 * with bursts, several hundred a minute and workspace; other methods by their tier, for each
 * method. Slack's 429 pauses that method in that channel; the request is kept and sent again.
 * Within a channel urgent calls go first; an idle queue sends at once.
 */
#ifndef ADAPTERS_SLACK_WEB_API_H
#define ADAPTERS_SLACK_WEB_API_H

#include <stddef.h>

#include "adapters/slack/judge.h"
#include "bot/chat.h"

struct http_client;
struct json_object;
struct loop;
struct secret;
struct slack_web;

#define SLACK_WAITING_MAX 4096 /* calls that wait for their turn; more are ERR_RETRY at once */

struct slack_web_options {
	struct loop *loop;
	struct http_client *http;
	const char *api_url;        /* ends with '/' */
	const struct secret *token; /* bot token; must outlive the client */
	void (*fatal)(void *arg, const struct err *err); /* told once: the token or app is of no use */
	void *arg;
};

/* answer is borrowed, NULL on error; NULL also on success of SLACK_RESPOND and SLACK_UPLOAD_BYTES. */
typedef void slack_web_fn(void *arg, struct json_object *answer, const struct err *err);

struct slack_call {
	enum slack_method method;
	enum chat_priority priority;
	const char *channel;  /* copied; NULL where the method has none */
	const char *message;  /* SLACK_UPDATE: id; a later edit of it replaces one that waits */
	const char *url;      /* SLACK_RESPOND, SLACK_UPLOAD_BYTES: copied; a secret, never logged; gets no token */
	char *body;           /* taken over: JSON for writes, a form for reads */
	size_t body_length;   /* 0: body is a string */
	/* Taken over: sent instead when Slack refuses the blocks, and when it refuses those; NULL: none.
	 * A refused message was not shown, so what follows is never a second one. */
	char *without_pictures, *text_only;
	char **scopes;        /* SLACK_AUTH_TEST: becomes the token's, "a,b" (owned); NULL: not wanted */
	char *code;           /* of SLACK_CODE_SIZE: becomes Slack's error word, before done; NULL: not wanted */
	slack_web_fn *done;
	void *arg;
};

struct slack_web *slack_web_new(const struct slack_web_options *options);
/* Every call completes with ERR_CANCELLED; a SLACK_RESPOND that was not sent, with ERR_RETRY. */
void slack_web_free(struct slack_web *web);
/* Never completes before it has returned. */
void slack_web_send(struct slack_web *web, const struct slack_call *call);
/* Asks nothing; completes with err (copied) after it has returned. */
void slack_web_fail_later(struct slack_web *web, const struct err *err, slack_web_fn *done, void *arg);
size_t slack_web_waiting(const struct slack_web *web);

#endif
