/*
 * http_call.h - one outgoing call; private to http_client.c, http_request.c, http_try.c and http_resolve.c.
 *
 * A call is tried once or several times. http_request.c copies what is asked for; http_try.c is
 * the only file that knows how a request is described to curl and how curl's result is read; http_client.c
 * decides what happens next.
 */
#ifndef BOT_HTTP_CALL_H
#define BOT_HTTP_CALL_H

/* curl declares the call that banned.h bans. */
#pragma push_macro("curl_easy_perform")
#undef curl_easy_perform
#include <curl/curl.h>
#pragma pop_macro("curl_easy_perform")

#include "bot/http_client.h"
#include "bot/str.h"

struct http_lookup;
struct loop_worker;

struct http_call_list {
	struct http_call *first, *last;
};

struct http_client {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer; /* curl's */
	char *ca_file, *proxy;
	char **connect_to;        /* ended by NULL */
	struct curl_slist *connect_to_list;
	unsigned max_connections, max_queued;
	unsigned call_count, running_count;
	struct http_call_list queued, running, others; /* others: waiting for a retry, or ended */
	CURL **spare;             /* easy handles for the next tries */
	unsigned spare_count;
	bool pumping;             /* pump is deferred */
	bool closing;
	struct loop_worker *resolver;
	struct http_lookup *lookups;
};

enum http_call_state { HTTP_CALL_QUEUED, HTTP_CALL_RUNNING, HTTP_CALL_PAUSED, HTTP_CALL_ENDED };

struct http_call {
	struct http_client *client;
	struct http_call *next, *previous;
	enum http_call_state state;
	/* The request, copied. */
	char *method, *url, *host, *body;
	size_t body_length;
	struct curl_slist *headers;
	size_t max_answer;
	bool idempotent;
	unsigned max_tries;
	const char *metric;
	http_piece_fn *piece;     /* NULL: the answer is collected */
	int64_t first_ms, silence_ms;
	http_done_fn *done;
	void *arg;
	int64_t started_ms, deadline_ms;
	struct loop_timer *timer; /* of the deadline or the peer's silence, or of the next try */
	unsigned tries;
	bool maybe_sent;          /* an earlier try may have reached the peer */
	struct err early;         /* why it ended without curl: the queue was full, cancelled... */
	/* The present try. */
	CURL *easy;
	bool handed;              /* curl has begun to send the request */
	bool resend_refused;      /* ... and was stopped from sending it again */
	bool too_large;
	bool head_complete;       /* the empty line after the answer's headers has come */
	size_t head_bytes, body_bytes;
	bool telling;             /* http_call_tell is deferred */
	size_t sent_bytes;        /* counted in the test build only, for its kill point */
	struct str answer;
	char problem[CURL_ERROR_SIZE];
};

/* Copies it into the call; false: call->early says what is wrong with it. */
bool http_request_copy(struct http_call *call, const struct http_request_out *request);
/* Tells what has come of the body. arg: the call. */
void http_call_tell(void *arg);
/* The peer has `ms` from now to say something; 0: until the deadline. */
void http_call_listen(struct http_call *call, int64_t ms);

/* Describes the call to its easy handle for one try. */
void http_try_prepare(struct http_call *call);
/* The outcome of a try that gave no answer. */
void http_try_failed(const struct http_call *call, CURLcode code, struct err *err);
/* The same for one that its deadline ended. */
void http_try_timed_out(const struct http_call *call, struct err *err);
/* False when curl calls a success what is none: an answer that ended within its headers. */
bool http_try_is_whole(const struct http_call *call);
/* Fills the answer from the handle; body and content_type are borrowed from the call. */
void http_try_answer(struct http_call *call, struct http_answer *answer);

/* "HOST:PORT:CONNECT-HOST:CONNECT-PORT" as curl defines it. */
bool http_connect_to_valid(const char *line);
/* Ends all lookups with ERR_CANCELLED. */
void http_resolve_end(struct http_client *client);

#endif
