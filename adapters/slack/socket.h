/*
 * socket.h - Socket Mode: keeps `connections` WebSockets to Slack open, whatever happens.
 *
 * One state machine and one reconnect timer for each slot. A connection that Slack is about to end
 * is replaced first, then drained: it is read and acknowledged until Slack closes it or 10 s have
 * passed (waits.h). Never more sockets than `connections` plus one, those that are closing included: ghosts
 * at Slack swallow messages for hours (python-slack-sdk#1940). For the same reason every
 * connection ends with CLOSE(1000) where the network still lets us. Waits grow from 1 s to 60 s (to 5 s
 * while the old connection is still read) and start over only after one has lived a minute, not on `hello`.
 *
 * Protocol: docs.slack.dev apis/events-api/using-socket-mode.
 */
#ifndef ADAPTERS_SLACK_SOCKET_H
#define ADAPTERS_SLACK_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct http_client;
struct json_object;
struct loop;
struct secret;
struct slack_sockets;
struct str;

struct slack_sockets_options {
	struct loop *loop;
	struct http_client *http;
	const char *api_url;            /* ends with '/' */
	const struct secret *app_token; /* must outlive the sockets */
	unsigned connections;           /* 1 ... 10, Slack's ceiling for an app */
	const char *ca_file, *proxy;    /* see link.h */
	bool loopback;
	/* connection: for slack_sockets_ack. envelope: borrowed. */
	void (*envelope)(void *arg, uint64_t connection, struct json_object *envelope);
	void (*fatal)(void *arg, const struct err *err); /* the app-level token is of no use; no more tries */
	void *arg;
};

/* Connects the first slot at once. */
struct slack_sockets *slack_sockets_new(const struct slack_sockets_options *options, struct err *err) MUST_CHECK;
void slack_sockets_free(struct slack_sockets *sockets);

/* False when that very connection can no longer carry it: Slack will deliver again. */
bool slack_sockets_ack(struct slack_sockets *sockets, uint64_t connection, const char *envelope_id);
unsigned slack_sockets_live(const struct slack_sockets *sockets); /* have said hello and still are read */
/* One line for each slot; why the first one that is not live is not, into *why (may be NULL). */
void slack_sockets_describe(const struct slack_sockets *sockets, struct str *out);
const char *slack_sockets_trouble(const struct slack_sockets *sockets);
/* Closes all properly; done.fn is called when they are closed or 2 s have passed. */
void slack_sockets_quiesce(struct slack_sockets *sockets, struct done done);

#endif
