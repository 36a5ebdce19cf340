/* url.h - the few URLs that this adapter takes apart: Slack's wss:// address and the proxy's. */
#ifndef ADAPTERS_SLACK_URL_H
#define ADAPTERS_SLACK_URL_H

#include <stdbool.h>

#include "bot/err.h"

#define SLACK_HOST_MAX 256
#define SLACK_PATH_MAX 2048
#define SLACK_USER_MAX 256

struct slack_url {
	bool websocket; /* ws or wss */
	bool tls;       /* wss or https */
	char user[SLACK_USER_MAX]; /* "user:password", percent-decoded; "" when absent */
	char host[SLACK_HOST_MAX]; /* IPv6 without brackets */
	int port;
	char path[SLACK_PATH_MAX]; /* with the query; at least "/" */
};

/* ws, wss, http, https. The error text holds nothing of the URL: it may be a secret. */
bool slack_url_parse(struct slack_url *out, const char *text, struct err *err) MUST_CHECK;
bool slack_url_is_loopback(const struct slack_url *url);
/* May a request go to this address that Slack gave us? https; http only with loopback, and only to it. NULL: no. */
bool slack_url_is_good(const char *text, bool loopback);

#endif
