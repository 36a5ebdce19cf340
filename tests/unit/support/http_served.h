/* http_served.h - a listening port with a handler that tells what it saw, for the tests of it. */
#ifndef TESTS_HTTP_SERVED_H
#define TESTS_HTTP_SERVED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "bot/http_server.h"
#include "http_raw.h"

#define MAX_BODY ((size_t)64 << 10)
#define OWED_MAX 8
#define GET "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
#define POST "POST /sns HTTP/1.1\r\nHost: h\r\n"

/* What the handler does and what it saw. */
struct fixture {
	struct loop *loop;
	struct http_server *server;
	int port;
	long reply_after_ms;   /* 0: at once */
	size_t big_reply;      /* bytes of "x"; 0: echo "METHOD path query body" */
	atomic_uint handled;   /* requests; a peer may wait for it */
	struct http_exchange *owed[OWED_MAX];
	unsigned owed_count;
	struct loop_timer *timer;
	char echoes[OWED_MAX][256];
};

/* cmocka's setup and teardown: *state is the fixture, without a server. */
int served_setup(void **state);
int served_teardown(void **state);
/* Gives the replies that are owed. */
void served_answer_owed(void *fixture);
/* Starts the server; what the options leave out becomes fit for tests. */
void served_start(struct fixture *fixture, struct http_server_options options);
void served_on_request(void *arg, const struct http_request_in *request,
                       struct http_exchange *exchange);
void served_no_log(const char *line); /* a log sink */

/* A peer that sends `bytes` in pieces and notes the replies until the connection ends or `want`
 * of them have come. */
struct talk {
	struct fixture *fixture;
	const char *address;
	const char *bytes;
	size_t length, at_once, piece; /* at_once: bytes before the pieces begin */
	long pause_ms;       /* between pieces */
	bool half_close;     /* after the last piece */
	unsigned want;
	bool no_body;        /* a reply has none (HEAD) */
	int statuses[8];
	unsigned count;
	bool ended;          /* by the server, after the replies; not looked at before `want` came */
	bool closes;         /* the last reply said so */
	struct http_raw_reply last;
};

void served_talk(struct talk *talk);

#endif
