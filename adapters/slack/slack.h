/*
 * slack.h - Slack as the program's chat: Socket Mode in, Web API out. See bot/chat.h.
 *
 * What is heard is acknowledged only after ears.heard's `durable` has completed well, on the very
 * connection that brought it; otherwise Slack delivers again, and `key` tells that it is the same.
 */
#ifndef ADAPTERS_SLACK_SLACK_H
#define ADAPTERS_SLACK_SLACK_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/chat.h"
#include "bot/err.h"

struct http_client;
struct loop;
struct secret;

struct slack_options {
	struct loop *loop;
	struct http_client *http;        /* must outlive the chat, like loop and the tokens */
	const char *api_url;             /* "https://slack.com/api/"; ends with '/' */
	bool loopback;                   /* api_url is a loopback address: ws:// to loopback is allowed */
	const struct secret *app_token;  /* xapp-…, scope connections:write */
	const struct secret *bot_token;  /* xoxb-… */
	unsigned connections;            /* 1 ... 10 */
	const char *ca_file;             /* NULL: the system's */
	const char *proxy;               /* NULL or "": none. connect_to: as the HTTP client was told */
	struct chat_ears ears;
	void (*fatal)(void *arg, const struct err *err); /* nothing works until a person acts; told once */
	void *fatal_arg;
};

/* Starts connecting at once; calls back only from the loop. chat->ops->free ends it. */
struct chat *slack_new(const struct slack_options *options, struct err *err) MUST_CHECK;

/* Read-only, without a connection: does Slack take the bot token (loop, http, api_url, bot_token of the options),
 * and has it every scope of the manifest?
 * *who (owned by the caller) becomes the bot's name. */
void slack_check(const struct slack_options *options, char **who, struct done done);

struct slack_manifest_command {
	const char *word;        /* "top": becomes "/top" */
	const char *description; /* at most 2,000 characters */
	const char *usage_hint;  /* "[instance]"; at most 1,000; NULL: none */
};

/*
 * The app manifest for a workspace's administrator to paste: JSON, indented, exactly the scopes and
 * events that are used. count is at most 50 (Slack's ceiling). free() it.
 */
char *slack_manifest(const struct slack_manifest_command *commands, size_t count);

#endif
