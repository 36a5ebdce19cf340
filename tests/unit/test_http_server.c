/* The listening port over real sockets: the peer is a thread that can be as rude as it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "bot/clock.h"
#include "bot/http_server.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "support/http_certs.h"
#include "support/http_raw.h"

#define MAX_BODY ((size_t)64 << 10)
#define OWED_MAX 8

/* What the handler does and what it saw. */
struct fixture {
	struct loop *loop;
	struct http_server *server;
	int port;
	long reply_after_ms;   /* 0: at once */
	size_t big_reply;      /* bytes of "x"; 0: echo "METHOD path query body" */
	unsigned handled;
	struct http_exchange *owed[OWED_MAX];
	unsigned owed_count;
	struct loop_timer *timer;
	char echoes[OWED_MAX][256];
};

static void answer(struct fixture *fixture, struct http_exchange *exchange, const char *echo)
{
	char *big;

	if (fixture->big_reply == 0) {
		http_reply(exchange, 200, "text/plain", echo, strlen(echo));
		return;
	}
	big = mem_alloc(fixture->big_reply);
	memset(big, 'x', fixture->big_reply);
	http_reply(exchange, 200, "text/plain", big, fixture->big_reply);
	free(big);
}

static void answer_owed(void *arg)
{
	struct fixture *fixture = arg;
	unsigned count = fixture->owed_count;

	fixture->owed_count = 0;
	for (unsigned i = 0; i < count; i++)
		answer(fixture, fixture->owed[i], fixture->echoes[i]);
}

static void on_request(void *arg, const struct http_request_in *request, struct http_exchange *exchange)
{
	struct fixture *fixture = arg;
	char *echo = fixture->echoes[fixture->owed_count];
	const char *header = http_request_header(exchange, "x-echo");

	fixture->handled++;
	(void)snprintf(echo, sizeof(fixture->echoes[0]), "%s %s %s %s%.100s", request->method, request->path,
	               request->query, header == NULL ? "" : header, request->body);
	if (fixture->reply_after_ms == 0) {
		answer(fixture, exchange, echo);
		/* It stays the handler's until it returns. */
		assert_int_equal(request->body[request->body_length], '\0');
		return;
	}
	fixture->owed[fixture->owed_count++] = exchange;
	loop_timer_set(fixture->timer, fixture->reply_after_ms);
}

static void silent(const char *line)
{
	(void)line;
}

static int setup(void **state)
{
	struct fixture *fixture = mem_alloc(sizeof(*fixture));
	struct err err;

	(void)signal(SIGPIPE, SIG_IGN);
	log_sink(silent);
	metrics_reset();
	fixture->loop = loop_new(&err);
	assert_non_null(fixture->loop);
	fixture->timer = loop_timer_new(fixture->loop, answer_owed, fixture);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	http_server_free(fixture->server);
	answer_owed(fixture); /* the peers have gone; nothing may be lost or touched */
	loop_timer_free(fixture->timer);
	loop_free(fixture->loop);
	free(fixture);
	return 0;
}

static void serve(struct fixture *fixture, struct http_server_options options)
{
	struct err err = { 0 };

	if (options.address == NULL)
		options.address = "127.0.0.1";
	if (options.max_body == 0)
		options.max_body = MAX_BODY;
	fixture->server = http_server_new(fixture->loop, &options, on_request, fixture, &err);
	if (fixture->server == NULL)
		fail_msg("%s", err.text);
	fixture->port = http_server_port(fixture->server);
	assert_true(fixture->port > 0);
}

/* A peer that sends `bytes` in pieces and notes the replies until the connection ends or `want`
 * of them have come. */
struct talk {
	struct fixture *fixture;
	const char *address;
	const char *bytes;
	size_t length, piece;
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

static void play_talk(void *arg)
{
	struct talk *talk = arg;
	int fd = http_raw_connect(talk->address == NULL ? "127.0.0.1" : talk->address, talk->fixture->port);
	size_t sent = 0;

	while (sent < talk->length) {
		size_t give = talk->piece > 0 && talk->length - sent > talk->piece ? talk->piece : talk->length - sent;

		if (!http_raw_send(fd, talk->bytes + sent, give))
			break;
		sent += give;
		if (talk->pause_ms > 0 && sent < talk->length)
			http_raw_pause(talk->pause_ms);
	}
	if (talk->half_close)
		(void)shutdown(fd, SHUT_WR);
	while (talk->count < talk->want) {
		free(talk->last.body);
		if (!http_raw_read(fd, &talk->last, !talk->no_body))
			break;
		talk->closes = talk->last.closes;
		talk->statuses[talk->count++] = talk->last.status;
	}
	if (talk->count < talk->want || talk->closes || talk->want == 0)
		talk->ended = http_raw_ended(fd);
	(void)close(fd);
}

static void run_talk(struct talk *talk)
{
	if (talk->length == 0 && talk->bytes != NULL)
		talk->length = strlen(talk->bytes);
	http_raw_run(talk->fixture->loop, play_talk, talk);
}

#define POST "POST /sns HTTP/1.1\r\nHost: h\r\n"

/* The cases by hand of facts/libraries.md, and what a sane server says. */
static void requests_by_hand(void **state)
{
	static const struct {
		const char *bytes;
		int statuses[4];
		bool closes;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: h\r\n\r\n", { 200 }, false },
		{ "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", { 200 }, true },
		{ "GET / HTTP/1.0\r\n\r\n", { 200 }, true },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", { 200 }, false },
		{ POST "Content-Length: 5\r\n\r\nhello", { 200 }, false },
		{ POST "Content-Length: 0\r\n\r\n", { 200 }, false },
		{ POST "\r\n", { 200 }, false },
		{ POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", { 200 }, false },
		{ POST "X-A: 1\r\nContent-Length: 5\r\n\r\nhello", { 200 }, false },
		/* 177 bytes like these hang the HTTP role of libwebsockets 4.1.6 for ever. */
		{ "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789"
		  "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n0", { 200, 200 }, false },
		{ POST "Content-Length: 1\r\n\r\naGET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n"
		  "Connection: close\r\n\r\nGET /never HTTP/1.1\r\nHost: h\r\n\r\n", { 200, 200, 200 }, true },
		{ POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", { 400 }, true },
		{ POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", { 400 }, true },
		{ POST "Transfer-Encoding: gzip\r\n\r\n", { 400 }, true },
		{ POST "Content-Length : 5\r\n\r\nhello", { 400 }, true },
		{ POST "Content-Length: -1\r\n\r\n", { 400 }, true },
		{ POST "Content-Length: 99999999999999999999\r\n\r\n", { 400 }, true },
		{ POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n", { 400 }, true },
		{ "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n", { 400 }, true },
		{ "GET / HTTP/1.1\nHost: h\n\n", { 400 }, true },
		{ "GET / HTTP/1.1\r\n\r\n", { 400 }, true },
		{ "GET /\r\n\r\n", { 400 }, true },
		{ "\x16\x03\x01\x02\x01\x01\n", { 400 }, true },
		{ "nonsense\r\n\r\n", { 400 }, true },
		{ "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", { 400 }, true },
		{ "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n", { 400 }, true },
		{ "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", { 405 }, true },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", { 501 }, true },
		{ "GET / HTTP/3.0\r\nHost: h\r\n\r\n", { 505 }, true },
		{ POST "Content-Length: 65537\r\n\r\n", { 413 }, true },
		{ POST "Transfer-Encoding: chunked\r\n\r\n10001\r\n", { 413 }, true },
		{ POST "Content-Length: 5\r\nExpect: 200-ok\r\n\r\n", { 417 }, true },
		{ POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", { 200 }, false },
		{ "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", { 200, 200 }, false },
	};
	struct fixture *fixture = *state;

	serve(fixture, (struct http_server_options){ 0 });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk talk = { .fixture = fixture, .bytes = cases[i].bytes };

		print_message("%.60s\n", cases[i].bytes);
		while (talk.want < 4 && cases[i].statuses[talk.want] != 0)
			talk.want++;
		run_talk(&talk);
		assert_int_equal(talk.count, talk.want);
		for (unsigned n = 0; n < talk.want; n++)
			assert_int_equal(talk.statuses[n], cases[i].statuses[n]);
		assert_int_equal(talk.closes, cases[i].closes);
		assert_int_equal(talk.ended, cases[i].closes);
		free(talk.last.body);
	}
	assert_true(metrics_value("tocsin_http_refused_total", "reason", "framing") >= 5);
	assert_int_equal(metrics_value("tocsin_http_refused_total", "reason", "body_size"), 2);
}

static void handler_sees_the_request(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .want = 1, .piece = 1,
		.bytes = "POST /a/b?c=d HTTP/1.1\r\nHost: h\r\nX-Echo: e!\r\nContent-Length: 3\r\n\r\nxyz" };

	serve(fixture, (struct http_server_options){ 0 });
	run_talk(&talk);
	assert_int_equal(talk.statuses[0], 200);
	assert_string_equal(talk.last.body, "POST /a/b c=d e!xyz");
	assert_non_null(strstr(talk.last.head, "Content-Type: text/plain\r\n"));
	assert_non_null(strstr(talk.last.head, " GMT\r\n"));
	free(talk.last.body);
	assert_int_equal(metrics_value("tocsin_http_requests_total", "status", "2xx"), 1);
	assert_int_equal(fixture->handled, 1);
}

static void head_gets_a_length_and_no_body(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .want = 2, .no_body = true,
		.bytes = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nHEAD /b HTTP/1.1\r\nHost: h\r\n\r\n" };

	serve(fixture, (struct http_server_options){ 0 });
	run_talk(&talk);
	assert_int_equal(talk.statuses[1], 200);
	assert_non_null(strstr(talk.last.head, "Content-Length: 9\r\n"));
	free(talk.last.body);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .want = 3,
		.bytes = POST "Content-Length: 1\r\n\r\n1" POST "Content-Length: 1\r\n\r\n2"
		         POST "Content-Length: 1\r\nConnection: close\r\n\r\n3" };

	serve(fixture, (struct http_server_options){ 0 });
	fixture->reply_after_ms = 2;
	run_talk(&talk);
	assert_int_equal(talk.count, 3);
	assert_string_equal(talk.last.body, "POST /sns  3");
	assert_true(talk.ended);
	free(talk.last.body);
}

static void pipelined_byte_by_byte_with_late_replies(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .want = 3, .piece = 1,
		.bytes = POST "Content-Length: 1\r\n\r\n1" POST "Transfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n"
		         POST "Content-Length: 1\r\n\r\n3" };

	serve(fixture, (struct http_server_options){ 0 });
	fixture->reply_after_ms = 2;
	run_talk(&talk);
	assert_int_equal(talk.count, 3);
	assert_string_equal(talk.last.body, "POST /sns  3");
	free(talk.last.body);
}

/* A peer that closes its writing half still gets its answer, at once or late. */
static void half_closed_peers_get_their_answer(void **state)
{
	struct fixture *fixture = *state;

	serve(fixture, (struct http_server_options){ 0 });
	for (int late = 0; late < 2; late++) {
		struct talk talk = { .fixture = fixture, .want = 1, .half_close = true,
			.bytes = "GET / HTTP/1.1\r\nHost: h\r\n\r\n" };

		fixture->reply_after_ms = late ? 20 : 0;
		run_talk(&talk);
		assert_int_equal(talk.statuses[0], 200);
		free(talk.last.body);
	}
}

static void slow_requests_get_408(void **state)
{
	static const char *const slow[] = {
		"GET / HTTP/1.1\r\nHost: h\r\nA: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n",
		POST "Content-Length: 1000\r\n\r\n0123456789012345678901234567890123456789012345678901234567890123456789",
		POST "Transfer-Encoding: chunked\r\n\r\n3e8\r\n012345678901234567890123456789012345678901234567890123456789",
	};
	struct fixture *fixture = *state;

	serve(fixture, (struct http_server_options){ .request_timeout_ms = 100 });
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		struct talk talk = { .fixture = fixture, .bytes = slow[i], .piece = 1, .pause_ms = 5, .want = 1 };

		run_talk(&talk);
		assert_int_equal(talk.statuses[0], 408);
		assert_true(talk.ended);
		free(talk.last.body);
	}
	assert_int_equal(fixture->handled, 0);
	assert_int_equal(metrics_value("tocsin_http_refused_total", "reason", "slow"), 3);
}

static void idle_connections_are_closed(void **state)
{
	struct fixture *fixture = *state;
	struct talk fresh = { .fixture = fixture };
	struct talk idle = { .fixture = fixture, .bytes = "GET / HTTP/1.1\r\nHost: h\r\n\r\n", .want = 2 };

	serve(fixture, (struct http_server_options){ .request_timeout_ms = 60, .idle_timeout_ms = 60 });
	run_talk(&fresh); /* never says a word */
	assert_true(fresh.ended);
	run_talk(&idle); /* a second reply will not come */
	assert_int_equal(idle.count, 1);
	assert_true(idle.ended);
	free(idle.last.body);
}

/* The slow handler is ours, not the peer's fault: no deadline of the port hits it. */
static void slow_handlers_are_waited_for(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .bytes = "GET / HTTP/1.1\r\nHost: h\r\n\r\n", .want = 1 };

	serve(fixture, (struct http_server_options){ .request_timeout_ms = 20, .idle_timeout_ms = 20 });
	fixture->reply_after_ms = 150;
	run_talk(&talk);
	assert_int_equal(talk.statuses[0], 200);
	free(talk.last.body);
}

static void play_deaf(void *arg)
{
	struct talk *talk = arg;
	int fd = http_raw_connect("127.0.0.1", talk->fixture->port);
	char piece[65536];
	ssize_t got;

	(void)http_raw_send_text(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	http_raw_pause(300);
	while ((got = recv(fd, piece, sizeof(piece), 0)) > 0)
		talk->length += (size_t)got;
	(void)close(fd);
}

static void peers_that_do_not_read_are_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };

	serve(fixture, (struct http_server_options){ .request_timeout_ms = 50 });
	fixture->big_reply = (size_t)64 << 20;
	http_raw_run(fixture->loop, play_deaf, &talk);
	assert_true(talk.length > 0 && talk.length < fixture->big_reply);
}

static void large_replies_arrive_whole(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .want = 2,
		.bytes = "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n" };

	serve(fixture, (struct http_server_options){ 0 });
	fixture->big_reply = (size_t)5 << 20;
	run_talk(&talk);
	assert_int_equal(talk.count, 2);
	assert_int_equal(talk.last.body_length, fixture->big_reply);
	assert_int_equal(strspn(talk.last.body, "x"), fixture->big_reply);
	free(talk.last.body);
}

/* The refusal arrives although the peer is still sending: no reset may overtake it. */
static void a_413_is_readable_while_the_body_is_sent(void **state)
{
	struct fixture *fixture = *state;
	size_t length = (size_t)4 << 20;
	char *bytes = mem_alloc(length);
	struct talk talk = { .fixture = fixture, .bytes = bytes, .length = length, .want = 1 };

	memset(bytes, 'x', length);
	memcpy(bytes, POST "Content-Length: 4000000\r\n\r\n", strlen(POST "Content-Length: 4000000\r\n\r\n"));
	serve(fixture, (struct http_server_options){ 0 });
	run_talk(&talk);
	assert_int_equal(talk.statuses[0], 413);
	assert_true(talk.closes);
	assert_int_equal(fixture->handled, 0);
	free(talk.last.body);
	free(bytes);
}

static void long_heads_get_431(void **state)
{
	struct fixture *fixture = *state;
	char bytes[9000];
	struct talk talk = { .fixture = fixture, .bytes = bytes, .length = sizeof(bytes), .want = 1 };

	memset(bytes, 'a', sizeof(bytes));
	memcpy(bytes, "GET / HTTP/1.1\r\nA: ", 19);
	serve(fixture, (struct http_server_options){ 0 });
	run_talk(&talk);
	assert_int_equal(talk.statuses[0], 431);
	assert_true(talk.ended);
	free(talk.last.body);
}

static void play_continue(void *arg)
{
	struct talk *talk = arg;
	int fd = http_raw_connect("127.0.0.1", talk->fixture->port);

	(void)http_raw_send_text(fd, POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	if (http_raw_read(fd, &talk->last, false)) /* the body is sent only then */
		talk->statuses[0] = talk->last.status;
	free(talk->last.body);
	(void)http_raw_send_text(fd, "hello");
	talk->statuses[1] = http_raw_status(fd);
	(void)http_raw_send_text(fd, POST "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
	talk->statuses[2] = http_raw_status(fd); /* refused before a byte of the body */
	(void)close(fd);
}

static void expect_continue_is_answered(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };

	serve(fixture, (struct http_server_options){ 0 });
	http_raw_run(fixture->loop, play_continue, &talk);
	assert_int_equal(talk.statuses[0], 100);
	assert_int_equal(talk.statuses[1], 200);
	assert_int_equal(talk.statuses[2], 413);
}

static void play_leave(void *arg)
{
	struct talk *talk = arg;

	for (int i = 0; i < 4; i++) {
		int fd = http_raw_connect("127.0.0.1", talk->fixture->port);

		(void)http_raw_send_text(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
		http_raw_pause(20); /* the handler has it, the reply is owed */
		if (i % 2 == 0)
			http_raw_reset(fd);
		else
			(void)close(fd);
	}
	http_raw_pause(150);
}

static void peers_may_leave_while_a_reply_is_owed(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };
	struct talk next = { .fixture = fixture, .bytes = "GET / HTTP/1.1\r\nHost: h\r\n\r\n", .want = 1 };

	serve(fixture, (struct http_server_options){ 0 });
	fixture->reply_after_ms = 100;
	http_raw_run(fixture->loop, play_leave, &talk);
	assert_int_equal(fixture->handled, 4);
	assert_true(metrics_value("tocsin_http_refused_total", "reason", "peer_gone") >= 2);
	run_talk(&next);
	assert_int_equal(next.statuses[0], 200);
	free(next.last.body);
}

/* The server ends first; http_reply comes later, in the teardown. */
static void the_server_may_end_while_a_reply_is_owed(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };

	serve(fixture, (struct http_server_options){ 0 });
	fixture->reply_after_ms = 100000;
	http_raw_run(fixture->loop, play_leave, &talk);
	assert_int_equal(fixture->owed_count, 4);
	assert_int_equal(metrics_value("tocsin_http_connections", NULL, NULL), 2);
}

static void play_crowd(void *arg)
{
	struct talk *talk = arg;
	int fds[3];

	for (int i = 0; i < 3; i++) {
		fds[i] = http_raw_connect("127.0.0.1", talk->fixture->port);
		if (i < 2) {
			(void)http_raw_send_text(fds[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
			talk->statuses[i] = http_raw_status(fds[i]);
		}
	}
	talk->ended = http_raw_ended(fds[2]);
	(void)close(fds[0]);
	for (int i = 0; i < 500 && talk->statuses[2] == 0; i++) { /* until the server has noticed */
		int fd = http_raw_connect("127.0.0.1", talk->fixture->port);

		(void)http_raw_send_text(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
		talk->statuses[2] = http_raw_status(fd);
		(void)close(fd);
		http_raw_pause(10);
	}
	(void)close(fds[1]);
	(void)close(fds[2]);
}

static void connections_have_a_cap(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };

	serve(fixture, (struct http_server_options){ .max_connections = 2 });
	http_raw_run(fixture->loop, play_crowd, &talk);
	assert_int_equal(talk.statuses[0], 200);
	assert_int_equal(talk.statuses[1], 200);
	assert_true(talk.ended);
	assert_int_equal(talk.statuses[2], 200);
	assert_true(metrics_value("tocsin_http_refused_total", "reason", "connections") >= 1);
}

struct shortage {
	struct fixture *fixture;
	struct rlimit before;
	int fd;
	int status;
};

static unsigned failures_logged;

static void count_failures(const char *line)
{
	failures_logged += strstr(line, "http.cannot_accept") != NULL;
}


static void play_shortage(void *arg)
{
	struct shortage *shortage = arg;

	(void)http_raw_send_text(shortage->fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	http_raw_pause(250);
	(void)setrlimit(RLIMIT_NOFILE, &shortage->before);
	shortage->status = http_raw_status(shortage->fd);
}

/* Out of descriptors the loop sleeps and tries again; it does not spin. */
static void accept_survives_a_shortage_of_descriptors(void **state)
{
	struct fixture *fixture = *state;
	struct shortage shortage = { .fixture = fixture };
	struct rlimit tight;
	int lowest_free;

	serve(fixture, (struct http_server_options){ 0 });
	shortage.fd = http_raw_connect("127.0.0.1", fixture->port); /* waits in the backlog */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &shortage.before), 0);
	tight = shortage.before;
	lowest_free = dup(0);
	(void)close(lowest_free);
	tight.rlim_cur = (rlim_t)lowest_free + 1; /* that one is for http_raw_run */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	failures_logged = 0;
	log_sink(count_failures);
	http_raw_run(fixture->loop, play_shortage, &shortage);
	log_sink(silent);
	assert_int_equal(shortage.status, 200);
	assert_in_range(failures_logged, 1, 4);
	(void)close(shortage.fd);
}

struct closing {
	struct fixture *fixture;
	int idle_fd, busy_fd;
	bool idle_ended, busy_closes, refused;
	int busy_status;
};

static void play_open(void *arg)
{
	struct closing *closing = arg;

	closing->idle_fd = http_raw_connect("127.0.0.1", closing->fixture->port);
	(void)http_raw_send_text(closing->idle_fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	(void)http_raw_status(closing->idle_fd);
	closing->busy_fd = http_raw_connect("127.0.0.1", closing->fixture->port);
	(void)http_raw_send_text(closing->busy_fd, POST "Content-Length: 5\r\n\r\nhe");
	http_raw_pause(30);
}

static void play_closing(void *arg)
{
	struct closing *closing = arg;
	struct http_raw_reply reply;
	int fd;

	closing->idle_ended = http_raw_ended(closing->idle_fd);
	fd = http_raw_connect("127.0.0.1", closing->fixture->port);
	closing->refused = fd < 0;
	(void)http_raw_send_text(closing->busy_fd, "llo");
	if (http_raw_read(closing->busy_fd, &reply, true)) {
		closing->busy_status = reply.status;
		closing->busy_closes = reply.closes && http_raw_ended(closing->busy_fd);
	}
	free(reply.body);
	(void)close(closing->idle_fd);
	(void)close(closing->busy_fd);
}

static void quiesce_lets_requests_finish(void **state)
{
	struct fixture *fixture = *state;
	struct closing closing = { .fixture = fixture };

	serve(fixture, (struct http_server_options){ 0 });
	http_raw_run(fixture->loop, play_open, &closing);
	http_server_quiesce(fixture->server);
	http_raw_run(fixture->loop, play_closing, &closing);
	assert_true(closing.idle_ended);
	assert_true(closing.refused);
	assert_int_equal(closing.busy_status, 200);
	assert_true(closing.busy_closes);
}

static void listens_on_ipv6(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .address = "::1", .want = 1,
		.bytes = "GET /six HTTP/1.1\r\nHost: [::1]\r\n\r\n" };
	int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (probe < 0) {
		print_message("skipped: no IPv6 here\n");
		skip();
	}
	(void)close(probe);
	serve(fixture, (struct http_server_options){ .address = "::1" });
	run_talk(&talk);
	assert_string_equal(talk.last.body, "GET /six  ");
	free(talk.last.body);
}

static void bind_errors_say_what_to_do(void **state)
{
	struct fixture *fixture = *state;
	struct err err = { 0 };
	char expected[128];
	struct http_server_options options = { .address = "127.0.0.1" };

	serve(fixture, options);
	options.port = fixture->port;
	assert_null(http_server_new(fixture->loop, &options, on_request, fixture, &err));
	assert_int_equal(err.kind, ERR_LOCAL);
	(void)snprintf(expected, sizeof(expected), "cannot listen on 127.0.0.1:%d: Address already in use; change "
	               "http.listen or stop the program that has it", fixture->port);
	assert_string_equal(err.text, expected);
	options.address = "localhost.invalid";
	assert_null(http_server_new(fixture->loop, &options, on_request, fixture, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	options = (struct http_server_options){ .address = "127.0.0.1", .certificate = "/nonexistent", .key = "/x" };
	assert_null(http_server_new(fixture->loop, &options, on_request, fixture, &err));
	assert_string_equal(err.text, "cannot read the TLS certificate /nonexistent: No such file or directory");
	options.key = NULL;
	assert_null(http_server_new(fixture->loop, &options, on_request, fixture, &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

/* --- TLS --------------------------------------------------------------------------------- */

/* A TLS client that stays open, to see whether a reload disturbs it. */
struct tls_peer {
	struct fixture *fixture;
	SSL_CTX *context;
	SSL *ssl;
	int fd;
	int version;         /* highest it offers; 0: any */
	bool connected;
	char name[64];       /* of the certificate it was shown */
	char alpn[16];
	int status, key_type;
};

static void tls_note_certificate(struct tls_peer *peer)
{
	X509 *certificate = SSL_get0_peer_certificate(peer->ssl);
	const unsigned char *alpn;
	unsigned length;

	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, peer->name,
	                                sizeof(peer->name));
	peer->key_type = EVP_PKEY_base_id(X509_get0_pubkey(certificate));
	SSL_get0_alpn_selected(peer->ssl, &alpn, &length);
	if (length < sizeof(peer->alpn))
		memcpy(peer->alpn, alpn, length);
}

static void tls_play_connect(void *arg)
{
	struct tls_peer *peer = arg;
	static const unsigned char offers[] = "\x02h2\x08http/1.1";

	peer->context = SSL_CTX_new(TLS_client_method());
	if (peer->version != 0) {
		SSL_CTX_set_security_level(peer->context, 0);
		(void)SSL_CTX_set_max_proto_version(peer->context, peer->version);
	}
	(void)SSL_CTX_set_alpn_protos(peer->context, offers, sizeof(offers) - 1);
	peer->ssl = SSL_new(peer->context);
	peer->fd = http_raw_connect("127.0.0.1", peer->fixture->port);
	(void)SSL_set_fd(peer->ssl, peer->fd);
	(void)SSL_set_tlsext_host_name(peer->ssl, "any.example");
	peer->connected = SSL_connect(peer->ssl) == 1;
	if (peer->connected)
		tls_note_certificate(peer);
}

static void tls_play_request(void *arg)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	struct tls_peer *peer = arg;
	char reply[4096];
	int got;

	peer->status = 0;
	if (SSL_write(peer->ssl, request, sizeof(request) - 1) <= 0)
		return;
	got = SSL_read(peer->ssl, reply, sizeof(reply) - 1);
	if (got > 9)
		peer->status = (int)strtol(reply + 9, NULL, 10);
}

static void tls_close(struct tls_peer *peer)
{
	SSL_free(peer->ssl);
	SSL_CTX_free(peer->context);
	(void)close(peer->fd);
}

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	char bytes[8192];
	size_t length;

	assert_true(in != NULL && out != NULL);
	length = fread(bytes, 1, sizeof(bytes), in);
	assert_int_equal(fwrite(bytes, 1, length, out), length);
	assert_int_equal(fclose(in) | fclose(out), 0);
}

static void serve_tls(struct fixture *fixture, struct http_certs *certs, struct http_pair *used)
{
	struct http_pair first;

	http_certs_make(certs);
	http_certs_issue(certs, "first", "first.example", 10, 1, &first);
	http_certs_issue(certs, "used", "unused.example", 10, 1, used);
	copy_file(first.certificate, used->certificate);
	copy_file(first.key, used->key);
	serve(fixture, (struct http_server_options){ .certificate = used->certificate, .key = used->key,
		.request_timeout_ms = 2000 });
}

static void tls_certificates_are_replaced_in_flight(void **state)
{
	struct fixture *fixture = *state;
	struct tls_peer before = { .fixture = fixture }, after = { .fixture = fixture };
	struct http_certs certs;
	struct http_pair used, second;
	struct err err = { 0 };

	serve_tls(fixture, &certs, &used);
	http_certs_issue(&certs, "second", "second.example", 10, 0, &second);
	http_raw_run(fixture->loop, tls_play_connect, &before);
	assert_string_equal(before.name, "first.example");
	assert_string_equal(before.alpn, "http/1.1"); /* not h2, although offered first */
	http_raw_run(fixture->loop, tls_play_request, &before);
	assert_int_equal(before.status, 200);
	copy_file(second.certificate, used.certificate); /* an RSA key before, a P-256 key now */
	copy_file(second.key, used.key);
	assert_true(http_server_reload_tls(fixture->server, &err));
	http_raw_run(fixture->loop, tls_play_connect, &after);
	assert_string_equal(after.name, "second.example");
	assert_int_equal(after.key_type, EVP_PKEY_EC);
	http_raw_run(fixture->loop, tls_play_request, &after);
	assert_int_equal(after.status, 200);
	http_raw_run(fixture->loop, tls_play_request, &before); /* the old connection lives on */
	assert_int_equal(before.status, 200);
	tls_close(&before);
	tls_close(&after);
	http_certs_free(&certs);
}

static void wrong_certificates_are_not_taken(void **state)
{
	struct fixture *fixture = *state;
	struct tls_peer peer = { .fixture = fixture };
	struct http_certs certs;
	struct http_pair used, other;
	struct err err = { 0 };

	serve_tls(fixture, &certs, &used);
	http_certs_issue(&certs, "other", "other.example", 10, 1, &other);
	copy_file(other.key, used.key);
	assert_false(http_server_reload_tls(fixture->server, &err));
	assert_non_null(strstr(err.text, "does not belong to the certificate"));
	copy_file(certs.ca_path, used.key); /* no key at all */
	assert_false(http_server_reload_tls(fixture->server, &err));
	assert_non_null(strstr(err.text, "the TLS key"));
	copy_file(used.key, used.certificate);
	(void)unlink(used.key);
	assert_false(http_server_reload_tls(fixture->server, &err));
	assert_non_null(strstr(err.text, "cannot read the TLS key"));
	http_raw_run(fixture->loop, tls_play_connect, &peer);
	assert_string_equal(peer.name, "first.example");
	tls_close(&peer);
	http_certs_free(&certs);
}

static void old_tls_versions_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct tls_peer old = { .fixture = fixture, .version = TLS1_1_VERSION };
	struct tls_peer oldest_good = { .fixture = fixture, .version = TLS1_2_VERSION };
	struct http_certs certs;
	struct http_pair used;

	serve_tls(fixture, &certs, &used);
	http_raw_run(fixture->loop, tls_play_connect, &old);
	assert_false(old.connected);
	http_raw_run(fixture->loop, tls_play_connect, &oldest_good);
	assert_true(oldest_good.connected);
	http_raw_run(fixture->loop, tls_play_request, &oldest_good);
	assert_int_equal(oldest_good.status, 200);
	tls_close(&old);
	tls_close(&oldest_good);
	http_certs_free(&certs);
}

/* No word, half a hello, or plain HTTP instead of a handshake: closed, and no slot stays taken. */
static void handshakes_that_stall_are_ended(void **state)
{
	static const char *const hellos[] = { "", "\x16\x03\x01\x02", "GET / HTTP/1.1\r\nHost: h\r\n\r\n" };
	struct fixture *fixture = *state;
	struct http_certs certs;
	struct http_pair used;

	http_certs_make(&certs);
	http_certs_issue(&certs, "used", "first.example", 10, 0, &used);
	serve(fixture, (struct http_server_options){ .certificate = used.certificate, .key = used.key,
		.request_timeout_ms = 80 });
	for (int i = 0; i < 3; i++) {
		struct talk talk = { .fixture = fixture, .bytes = hellos[i], .want = 1 };

		run_talk(&talk);
		assert_int_equal(talk.count, 0);
		free(talk.last.body);
	}
	assert_int_equal(metrics_value("tocsin_http_connections", NULL, NULL), 0);
	http_certs_free(&certs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_by_hand),
		TEST(handler_sees_the_request),
		TEST(head_gets_a_length_and_no_body),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(pipelined_byte_by_byte_with_late_replies),
		TEST(half_closed_peers_get_their_answer),
		TEST(slow_requests_get_408),
		TEST(idle_connections_are_closed),
		TEST(slow_handlers_are_waited_for),
		TEST(peers_that_do_not_read_are_dropped),
		TEST(large_replies_arrive_whole),
		TEST(a_413_is_readable_while_the_body_is_sent),
		TEST(long_heads_get_431),
		TEST(expect_continue_is_answered),
		TEST(peers_may_leave_while_a_reply_is_owed),
		TEST(the_server_may_end_while_a_reply_is_owed),
		TEST(connections_have_a_cap),
		TEST(accept_survives_a_shortage_of_descriptors),
		TEST(quiesce_lets_requests_finish),
		TEST(listens_on_ipv6),
		TEST(bind_errors_say_what_to_do),
		TEST(tls_certificates_are_replaced_in_flight),
		TEST(wrong_certificates_are_not_taken),
		TEST(old_tls_versions_are_refused),
		TEST(handshakes_that_stall_are_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
