/*
 * client.h - one call of one AWS operation: what every service of this folder stands on. Private to
 * adapters/aws and the adapters that speak to a service of AWS (mail).
 *
 * A call takes credentials, signs, sends, reads the answer, and tries again where that is safe: the
 * signature is made anew at every try. At most 16 calls run at once, 512 wait; calls for credentials
 * do not wait behind those that need them, and slow ones (at most 8) do not make the others wait.
 */
#ifndef ADAPTERS_AWS_CLIENT_H
#define ADAPTERS_AWS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/aws/aws.h"
#include "adapters/aws/fault.h"

struct aws_call;
struct aws_credentials;
struct json_object;
struct log_memory;
struct secret;
struct xml_node;

struct aws_service {
	const char *prefix;  /* of the host; also the label of metrics: a literal */
	const char *signing; /* in the signature's scope */
	const char *iam;     /* of IAM's actions: "ssm" of ssm:SendCommand; people know services by it */
	enum aws_protocol protocol;
	const char *version; /* awsJson: the first half of X-Amz-Target; query: Version */
	bool spoke_query;    /* awsJson of a service that left the query protocol: errors keep their old codes */
};

/* arg: of aws_call. It may cancel the call, which ends the pieces. */
typedef void aws_piece_fn(void *arg, const char *bytes, size_t length);

struct aws_request {
	const struct aws_service *service;
	const char *operation;
	struct aws_target target;
	const char *path;    /* REST: behind the endpoint's '/', percent-encoded; else NULL */
	/* JSON: the object. Query: "&Name=Value..." behind Action and Version, or "". */
	const char *body;
	bool idempotent;     /* may be done twice without harm */
	int64_t timeout_ms;  /* 0: 30 s */
	const char *expected_code; /* an error that is an ordinary answer: not logged; may be NULL */
	/* For those that make credentials: sign with these, or not at all. */
	struct aws_credentials *credentials;
	bool unsigned_;
	bool ahead;          /* others wait for its answer with their turn taken, so it needs none */
	/* It takes minutes: it needs no turn, but only so many such calls run at once (more are ERR_RETRY), and one try
	 * may take all of the time. */
	bool slow;
	const struct secret *bearer; /* this key instead of a signature; copied; NULL: signed */
	/* Given: the body of a good answer is told as it comes; once some was told, the call is not tried again. */
	aws_piece_fn *piece;
	int64_t first_ms, silence_ms; /* as in bot/http_client.h; 0: none */
	bool raw;            /* JSON: the answer's text is handed over unread: it is long, and read off the loop */
};

/* Borrowed during the callback. */
struct aws_answer {
	const struct aws_fault *fault; /* the service's error; NULL on success */
	struct json_object *json;      /* JSON, on success, unless raw or told in pieces */
	char *body;                    /* raw, on success: the callback's to free() */
	size_t body_length;
	const struct xml_node *xml;    /* query: the root, on success */
};

/* answer: NULL when the service gave none. err: NULL on success; else kind and words are complete, and
 * may be replaced by a service that knows better (see answer->fault). */
typedef void aws_answer_fn(void *arg, const struct aws_answer *answer, const struct err *err);

/* Never completes before it has returned. The handle is valid until `done` is called. */
struct aws_call *aws_call(struct aws *aws, const struct aws_request *request, aws_answer_fn *done, void *arg);
/* done is called (deferred) with ERR_CANCELLED, and the connection of a try under way is closed. */
void aws_call_cancel(struct aws_call *call);
/* While `done` is called: whether AWS may have carried it out, if only in part. Not when no try reached it, or it said
 * of each that it did not: throttled, not ready, refused. */
bool aws_call_maybe_done(const struct aws_call *call);

/*
 * For work that goes on after an answer, without a call under way: gone(arg) is called by aws_free, after
 * which nothing may be asked. Never after aws_guard_remove, which may be called of a guard that is not there.
 * Owned by the caller; all zero before it is added.
 */
struct aws_guard {
	void (*gone)(void *arg);
	void (*stop)(void *arg); /* called by aws_stop, which leaves the guard where it is; may be NULL */
	void *arg;
	struct aws_guard *previous, *next;
};
void aws_guard_add(struct aws *aws, struct aws_guard *guard);
void aws_guard_remove(struct aws *aws, struct aws_guard *guard);

/* What the services of this folder keep with a client. Times: clock_mono_ms. */
struct aws_shared {
	int64_t cloudtrail_turn_ms, history_turn_ms; /* when their next call may be made: aws_pages */
	unsigned log_queries;                        /* that run */
	struct log_memory *log_memory;               /* of log_series.c; NULL: nothing yet */
};
struct aws_shared *aws_shared(struct aws *aws);

/* The region of a target. ERR_REFUSED: none is known, or it cannot be one. Borrowed. */
const char *aws_region(struct aws *aws, const struct aws_target *target, struct err *err);
/* What a server of AWS takes for the present: our clock, or AWS's own carried on by the monotonic clock once it refused
 * ours. Not as what ours lacks: that changes when our clock is set, or Slack's time is heard. */
int64_t aws_now_ms(const struct aws *aws);
const int64_t *aws_ahead_ms(const struct aws *aws); /* for aws_credentials_cache_new */
struct bot *aws_bot(const struct aws *aws);

#endif
