/*
 * link.h - one WebSocket to Slack over libwebsockets: text messages in, text messages out.
 *
 * Names are resolved by the HTTP client's worker and handed over as addresses (libwebsockets would
 * block the loop); the name still goes into SNI, certificate check and Host. Text arrives put
 * together, at most 8 MiB; binary and empty messages are counted and dropped.
 */
#ifndef ADAPTERS_SLACK_LINK_H
#define ADAPTERS_SLACK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct http_client;
struct loop;
struct slack_link;
struct slack_wire;

#define SLACK_MESSAGE_MAX (8u << 20) /* bytes; real ones of 67 KB exist: python-slack-sdk#1230 */
#define SLACK_FRAME_OUT_MAX 20000    /* Slack closes or ignores from 20,480: slack-go#1196 */
#define SLACK_FRAMES_WAITING_MAX 1024
#define SLACK_CLOSE_WAIT_MS 1500     /* for the peer's CLOSE; Slack leaves TCP open after it */

struct slack_wire_options {
	struct loop *loop;
	struct http_client *http;
	const char *ca_file; /* NULL: the system's */
	const char *proxy;   /* "http://[user:pass@]host:port", percent-encoded; NULL or "": none */
	bool loopback;       /* ws:// to a loopback address is allowed */
};

/* What all links share: certificates, proxy. */
struct slack_wire *slack_wire_new(const struct slack_wire_options *options, struct err *err) MUST_CHECK;
void slack_wire_free(struct slack_wire *wire); /* after all its links were dropped */

struct slack_link_events {
	void (*opened)(void *arg);                                /* the upgrade succeeded */
	void (*text)(void *arg, const char *text, size_t length); /* NUL-terminated; borrowed */
	void (*ended)(void *arg, const char *why);                /* once, last; the link is gone after it */
};

/* url is a secret (it holds a ticket) and is not kept. False: it is refused, no link, no events. */
bool slack_link_open(struct slack_link **link, struct slack_wire *wire, const char *url,
                     const struct slack_link_events *events, void *arg, struct err *err) MUST_CHECK;
/* One unfragmented frame. False: not open, too long, or too many wait. */
bool slack_link_send(struct slack_link *link, const char *text, size_t length);
void slack_link_ping(struct slack_link *link);
/* When anything last came in (text or pong), or it was opened; clock_mono_ms. */
int64_t slack_link_heard_ms(const struct slack_link *link);
/* Sends what waits, then CLOSE(1000); `ended` follows, at the latest after SLACK_CLOSE_WAIT_MS. */
void slack_link_close(struct slack_link *link);
/* At once, without events. NULL is allowed. */
void slack_link_drop(struct slack_link *link);

#endif
