/* http_called.h - a client and a peer for it, for the tests of outgoing calls. */
#ifndef TESTS_HTTP_CALLED_H
#define TESTS_HTTP_CALLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/http_client.h"
#include "http_raw.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/x\r\n\r\nok"

struct fixture {
	struct loop *loop;
	struct http_client *client;
	struct http_peer peer;
	bool peer_runs;
};

/* What a call came to. */
struct outcome {
	bool done;
	unsigned times;
	bool sending; /* http_client_send is on the stack */
	enum err_kind kind;
	char text[256];
	int status;
	char body[256];
	size_t body_length;
	char content_type[64];
	int64_t retry_after_ms, date_ms;
};

/* cmocka's setup and teardown: *state is the fixture, without client and peer. */
int called_setup(void **state);
int called_teardown(void **state);
void called_client(struct fixture *fixture, struct http_client_options options);
void called_peer(struct fixture *fixture, void (*serve)(struct http_peer *, int, int),
                 const void *arg);
void called_stop_peer(struct fixture *fixture);
const char *called_url(struct fixture *fixture, const char *path);
/* Begins a call; what the request leaves out becomes fit for tests. */
struct http_call *called_begin(struct fixture *fixture, struct http_request_out request,
                               struct outcome *outcome);
/* Runs the loop until the call has ended. */
struct outcome called_finish(struct fixture *fixture, struct outcome *outcome);
struct outcome called_run(struct fixture *fixture, struct http_request_out request);
/* The same, with the fixture of the test: CALL(.method = "POST"); CALL(0) is a plain GET. */
#define CALL(...) called_run(fixture, (struct http_request_out){ __VA_ARGS__ })
void called_done(void *arg, const struct http_answer *answer, const struct err *err);
/* Runs the loop for a moment. */
void called_turn(struct fixture *fixture);

/* For start_peer: every request of every connection gets peer->arg as its answer. */
void called_serve_text(struct http_peer *peer, int fd, int number);

#endif
