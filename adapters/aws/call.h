/*
 * call.h - one running call; private to client.c (lists, beginning, end) and call.c (tries).
 *
 * A call waits for its turn, asks for credentials, and is sent, perhaps after a pause again. Whoever
 * completes later (the credential cache, the HTTP client) holds a ticket: a call that ends before
 * them takes its name off it.
 */
#ifndef ADAPTERS_AWS_CALL_H
#define ADAPTERS_AWS_CALL_H

#include "adapters/aws/account.h"
#include "adapters/aws/client.h"
#include "adapters/aws/retry.h"
#include "adapters/aws/sigv4.h"

#define AWS_ID_SIZE 37

struct loop_timer;

struct aws {
	struct bot *bot;
	struct http_client *http;     /* bot->http, or ... */
	struct http_client *own_http; /* ... one that trusts AWS_CA_BUNDLE; NULL: none is needed */
	struct aws_accounts *accounts;
	struct aws_retry_bucket bucket;
	struct sigv4_keys keys;
	int64_t ahead_ms; /* AWS's clock minus our monotonic one, once ours was refused; 0: ours is believed */
	struct aws_call *first, *last;
	struct aws_guard *guards;
	struct aws_shared shared;
	unsigned count, running; /* running: of those that take a slot */
	unsigned slow;
	bool closing;
};

enum aws_call_state { AWS_CALL_WAITING, AWS_CALL_STARTING, AWS_CALL_ASKING, AWS_CALL_SENT, AWS_CALL_PAUSED };

struct aws_ticket {
	struct aws_call *call; /* NULL: it has ended */
};

struct aws_call {
	struct aws *aws;
	enum aws_call_state state;
	struct aws_call *previous, *next;
	const struct aws_service *service;
	const char *operation, *expected_code;
	bool idempotent, unsigned_, makes_credentials, has_slot, raw, slow;
	bool told;      /* some of the answer's body */
	bool maybe_done; /* a try may have been carried out */
	char *account;  /* NULL: ours */
	char *region, *endpoint, *path, *body; /* path: "" unless REST */
	struct secret bearer; /* unset: signed */
	size_t body_length;
	char id[AWS_ID_SIZE];
	aws_piece_fn *piece;
	aws_answer_fn *done;
	void *arg;
	struct err early;         /* why it ends before it began */
	int64_t try_ms, deadline_ms, first_ms, silence_ms;
	struct loop_timer *timer; /* of the deadline, or of the pause */
	struct aws_ticket *ticket;
	struct http_call *http;   /* the try under way, or NULL */
	struct aws_credentials *credentials; /* of this try */
	struct aws_retry retry;
	int64_t signed_ms;        /* the time in the signature of this try */
	bool refreshed, corrected; /* new credentials, the clock: each is tried once */
};

/* What still comes, comes to nobody; a try under way is given up. */
void aws_call_detach(struct aws_call *call);
/* Begins the next try. arg: the call. */
void aws_call_start(void *arg);
/* Ends the call: with the service's answer, or without one. */
void aws_call_end(struct aws_call *call, const struct aws_answer *answer, const struct err *err);
/* The same without an answer, with a line in the log. */
void aws_call_fail(struct aws_call *call, const struct err *err);
/* What goes on the wire; free() it. */
char *aws_call_body(const struct aws_request *request, size_t *length);

#endif
