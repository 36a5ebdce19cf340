/*
 * http_server.h - the one listening port: sockets of its own, http_parser, TLS by OpenSSL.
 *
 * (The HTTP role of libwebsockets 4.1.6 can be hung for ever by 177 bytes; see ARCHITECTURE.md.)
 * HTTP/1.0 and 1.1, keep-alive, pipelining in order, Content-Length and chunked bodies, Expect:
 * 100-continue. Refused with a status and closed: ambiguous framing (400), headers over 8 KiB
 * (431), a body over its ceiling (413), a slow request (408). Of too many connections the one closes that has waited
 * longest for a request or its rest; while all are at work the new one. Where half bodies fill the memory that there is
 * for them, those close that have been on their way for longest.
 */
#ifndef BOT_HTTP_SERVER_H
#define BOT_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct http_exchange; /* one request waiting for its reply */
struct http_server;
struct loop;

struct http_server_options {
	const char *address;     /* "127.0.0.1", "::1", "0.0.0.0" */
	int port;                /* 0: any free one; see http_server_port */
	const char *certificate; /* PEM file; NULL: plain HTTP */
	const char *key;
	size_t max_body;         /* bytes; 0 = 2 MiB */
	size_t max_bodies;       /* of all requests that are not yet whole; 0 = 32 MiB */
	unsigned max_connections; /* 0 = 512 */
	int64_t request_timeout_ms; /* first byte to last byte of one request; 0 = 10,000 */
	int64_t idle_timeout_ms;    /* keep-alive; 0 = 30,000 */
};

/* Borrowed until the handler returns; keep what you need. */
struct http_request_in {
	const char *method; /* "GET" */
	const char *path;   /* without query; percent-encoding kept */
	const char *query;  /* "" when absent */
	const char *body;   /* NUL-terminated; may hold NULs inside */
	size_t body_length;
	const char *peer;   /* address, for the log */
};

/*
 * Must lead to exactly one http_reply for the exchange, now or later, on the loop thread. The
 * exchange stays valid until then even when the peer has gone.
 */
typedef void http_handler_fn(void *arg, const struct http_request_in *request,
                             struct http_exchange *exchange);

struct http_server *http_server_new(struct loop *loop, const struct http_server_options *options,
                                    http_handler_fn *handler, void *arg, struct err *err) MUST_CHECK;
/* Not from within a handler. Replies still owed may be given later; nobody hears them. */
void http_server_free(struct http_server *server);
int http_server_port(const struct http_server *server);
/* Header of the request, any case, or NULL. Within the handler only. */
const char *http_request_header(const struct http_exchange *exchange, const char *name);
/* content_type may be NULL for an empty body. Copies. */
void http_reply(struct http_exchange *exchange, int status, const char *content_type,
                const char *body, size_t length);
/* Takes the certificate files again; the old ones stay in use when the new ones are wrong. */
bool http_server_reload_tls(struct http_server *server, struct err *err) MUST_CHECK;
/* No new connections; open ones finish their request (Connection: close) and go. */
void http_server_quiesce(struct http_server *server);

#endif
