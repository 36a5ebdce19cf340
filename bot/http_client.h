/*
 * http_client.h - outgoing HTTP(S): libcurl multi on the loop, name resolution on curl's thread.
 *
 * Every call has a deadline for the whole exchange, a ceiling for the answer, and never follows a
 * redirect. Answers are collected whole, or told piece by piece as they come. Certificates and host
 * names are always checked. A call that is not idempotent is sent at most once: curl's own silent
 * resend on a connection that died is switched off for it.
 * Outcome of one try: an answer of any status is success here (the caller judges the status);
 * ERR_RETRY when no byte of the request can have reached the peer (name, connect, TLS, proxy);
 * ERR_UNKNOWN when it may have; ERR_REFUSED for a certificate that does not fit (and nothing was
 * sent) or, to an idempotent call, an answer over the ceiling (else ERR_UNKNOWN).
 */
#ifndef BOT_HTTP_CLIENT_H
#define BOT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct http_client;
struct http_call; /* one running exchange */
struct loop;

struct http_client_options {
	const char *ca_file;           /* NULL: the system's */
	const char *const *connect_to; /* curl's CONNECT_TO lines, ended by NULL; may be NULL */
	/* CONNECT proxy "http://[user:pass@]host:port"; NULL or "": none. Never used for link-local
	 * addresses: the credentials of the machine and the container. */
	const char *proxy;
	unsigned max_connections;      /* in total; 0 = 32 */
	unsigned max_queued;           /* waiting and running calls; more are ERR_RETRY at once; 0 = 1024 */
};

struct http_header {
	const char *name;
	const char *value;
};

/* arg: of http_client_send. Called on the loop, outside of curl: it may cancel the call, which ends the pieces. */
typedef void http_piece_fn(void *arg, const char *bytes, size_t length);

struct http_request_out {
	const char *method; /* "GET", "POST"... */
	const char *url;    /* https, or http to a loopback address or where the configuration names it */
	const struct http_header *headers; /* ended by { NULL } ; may be NULL */
	const char *body;   /* copied; NULL: none */
	size_t body_length;
	int64_t timeout_ms; /* whole exchange, 1 ... 300,000; not scaled */
	size_t max_answer;  /* bytes of body; 0 = 1 MiB */
	bool idempotent;    /* may be sent twice without harm */
	unsigned max_tries; /* 0 or 1: one try. More only with idempotent: on ERR_RETRY, ERR_UNKNOWN and
	                       status 429, 500, 502, 503, 504; full jitter from 250 ms, at most 20 s,
	                       Retry-After obeyed (at most 60 s, else the answer is given back) */
	const char *metric; /* literal label for tocsin_http_client_*: "slack", "sns-certificate"... */
	/* Given: the body of an answer with a status of 200 to 299 is told as it comes and not collected; max_answer
	 * bounds the whole of it. Other answers are collected as ever. One try only. */
	http_piece_fn *piece;
	int64_t first_ms;   /* how long a try may wait for the first byte of its answer; 0: timeout_ms only */
	int64_t silence_ms; /* how long an answer may pause once it has begun; 0: timeout_ms only */
};

/* Borrowed during the callback. */
struct http_answer {
	int status;
	const char *body; /* NUL-terminated; body_length does not count it; "" when it was told in pieces */
	size_t body_length;
	const char *content_type;  /* "" when absent */
	int64_t retry_after_ms;    /* from Retry-After in seconds or as a date; 0 when absent or silly */
	int64_t date_ms;           /* from Date; 0 when absent */
	int64_t took_ms;
	struct http_call *call; /* for the functions below */
};

typedef void http_done_fn(void *arg, const struct http_answer *answer /* NULL on error */,
                          const struct err *err /* NULL on success */);

/* The value of an answer's header (any case), borrowed during the callback; NULL when absent. */
const char *http_answer_header(const struct http_answer *answer, const char *name);
/* The body, now the caller's to free(), without a copy of it; `body` is gone then. Once. */
char *http_answer_take(const struct http_answer *answer) MUST_CHECK;

struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options,
                                    struct err *err) MUST_CHECK;
/* Running calls complete with ERR_CANCELLED before it returns. Not from within a callback. */
void http_client_free(struct http_client *client);

/* Never completes before it has returned. The handle is valid until `done` is called. */
struct http_call *http_client_send(struct http_client *client, const struct http_request_out *request,
                                   http_done_fn *done, void *arg);
/* done is called (deferred) with ERR_CANCELLED; what was sent was sent. */
void http_client_cancel(struct http_call *call);
/* Resolves host (a name or an address) on curl's resolver thread is not offered by curl alone;
 * this runs getaddrinfo on a worker of the client. done: NUL-terminated numeric addresses,
 * count >= 1, borrowed; or count 0 and the error. connect_to is applied first: what it maps
 * (host, port) to is in *port afterwards. */
typedef void http_resolved_fn(void *arg, const char *const *addresses, unsigned count, int port,
                              const struct err *err);
void http_client_resolve(struct http_client *client, const char *host, int port,
                         http_resolved_fn *done, void *arg);

/* Percent-encoded form body "a=b&c=d" from name/value pairs ended by { NULL }; free() it. */
char *http_form_encode(const struct http_header *pairs);

#endif
