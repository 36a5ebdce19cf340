/* The listening port over real sockets: the peer is a thread that can be as rude as it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bot/mem.h"
#include "bot/metrics.h"
#include "support/http_served.h"

static void play_breath(void *arg)
{
	(void)arg;
	http_raw_pause(5);
}

static void run_until_connections(struct fixture *fixture, int64_t count)
{
	for (int i = 0; i < 5000; i++) {
		if (metrics_value("tocsin_http_connections", NULL, NULL) == count)
			return;
		http_raw_run(fixture->loop, play_breath, NULL);
	}
	fail_msg("still not %lld connections", (long long)count);
}

/* What a sane server says to what insane peers send. */
static void requests_by_hand(void **state)
{
	static const struct {
		const char *bytes;
		int statuses[4];
		bool closes;
	} cases[] = {
		{ GET, { 200 }, false },
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
		{ POST "Content-Length: 1\r\n\r\na" GET POST "Connection: close\r\n\r\n" GET,
		  { 200, 200, 200 }, true },
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
		{ POST "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", { 400 }, true },
		{ POST "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n", { 400 }, true },
		{ "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", { 405 }, true },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", { 501 }, true },
		{ "GET / HTTP/3.0\r\nHost: h\r\n\r\n", { 505 }, true },
		{ POST "Content-Length: 65537\r\n\r\n", { 413 }, true },
		{ POST "Transfer-Encoding: chunked\r\n\r\n10001\r\n", { 413 }, true },
		{ POST "Content-Length: 5\r\nExpect: 200-ok\r\n\r\n", { 417 }, true },
		{ POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", { 200 }, false },
		{ "\r\n" GET "\r\n" GET, { 200, 200 }, false },
	};
	struct fixture *fixture = *state;

	served_start(fixture, (struct http_server_options){ 0 });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk talk = { .fixture = fixture, .bytes = cases[i].bytes };

		print_message("%.60s\n", cases[i].bytes);
		while (talk.want < 4 && cases[i].statuses[talk.want] != 0)
			talk.want++;
		served_talk(&talk);
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
	struct talk talk = {
		.fixture = fixture,
		.want = 1,
		.piece = 1,
		.bytes = "POST /a/b?c=d HTTP/1.1\r\nHost: h\r\nX-Echo: e!\r\nContent-Length: 3\r\n\r\nxyz"
	};

	served_start(fixture, (struct http_server_options){ 0 });
	served_talk(&talk);
	assert_int_equal(talk.statuses[0], 200);
	assert_string_equal(talk.last.body, "POST /a/b c=d e!xyz");
	assert_non_null(strstr(talk.last.head, "Content-Type: text/plain\r\n"));
	assert_non_null(strstr(talk.last.head, " GMT\r\n"));
	free(talk.last.body);
	assert_int_equal(metrics_value("tocsin_http_requests_total", "status", "2xx"), 1);
}

static void head_gets_a_length_and_no_body(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .want = 2, .no_body = true,
		.bytes = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nHEAD /b HTTP/1.1\r\nHost: h\r\n\r\n" };

	served_start(fixture, (struct http_server_options){ 0 });
	served_talk(&talk);
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

	served_start(fixture, (struct http_server_options){ 0 });
	fixture->reply_after_ms = 2;
	served_talk(&talk);
	assert_int_equal(talk.count, 3);
	assert_string_equal(talk.last.body, "POST /sns  3");
	assert_true(talk.ended);
	free(talk.last.body);
}

static void pipelined_byte_by_byte_with_late_replies(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture,
		                 .want = 3,
		                 .piece = 1,
		                 .bytes = POST "Content-Length: 1\r\n\r\n1" POST
		                               "Transfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n" POST
		                               "Content-Length: 1\r\n\r\n3" };

	served_start(fixture, (struct http_server_options){ 0 });
	fixture->reply_after_ms = 2;
	served_talk(&talk);
	assert_int_equal(talk.count, 3);
	assert_string_equal(talk.last.body, "POST /sns  3");
	free(talk.last.body);
}

/* A peer that closes its writing half still gets its answer, at once or late. */
static void half_closed_peers_get_their_answer(void **state)
{
	struct fixture *fixture = *state;

	served_start(fixture, (struct http_server_options){ 0 });
	for (int late = 0; late < 2; late++) {
		struct talk talk = { .fixture = fixture, .want = 1, .half_close = true,
			.bytes = GET };

		fixture->reply_after_ms = late ? 20 : 0;
		served_talk(&talk);
		assert_int_equal(talk.statuses[0], 200);
		free(talk.last.body);
		run_until_connections(fixture, 0); /* its end came with the request, and is not forgotten */
	}
}

/* What comes at once and what then comes byte by byte, so slowly that no gap is long. */
static void slow_requests_get_408(void **state)
{
	static const char *const slow[][2] = {
		{ "", "GET / HTTP/1.1\r\nHost: h\r\nA: 0123456789012345678901234567890123456789\r\n\r\n" },
		{ POST "Content-Length: 1000\r\n\r\n", "01234567890123456789012345678901234567890123" },
		{ POST "Transfer-Encoding: chunked\r\n\r\n3e8\r\n", "0123456789012345678901234567890123" },
	};
	struct fixture *fixture = *state;

	served_start(fixture, (struct http_server_options){ .request_timeout_ms = 300 });
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		struct talk talk = { .fixture = fixture, .piece = 1, .pause_ms = 10, .want = 1 };
		char bytes[256];

		(void)snprintf(bytes, sizeof(bytes), "%s%s", slow[i][0], slow[i][1]);
		talk.bytes = bytes;
		talk.at_once = strlen(slow[i][0]);
		served_talk(&talk);
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
	struct talk idle = { .fixture = fixture, .bytes = GET, .want = 2 };

	served_start(fixture,
	             (struct http_server_options){ .request_timeout_ms = 300, .idle_timeout_ms = 300 });
	served_talk(&fresh); /* never says a word */
	assert_true(fresh.ended);
	served_talk(&idle); /* a second reply will not come */
	assert_int_equal(idle.count, 1);
	assert_true(idle.ended);
	free(idle.last.body);
}

/* The slow handler is ours, not the peer's fault: no deadline of the port hits it. */
static void slow_handlers_are_waited_for(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .bytes = GET, .want = 1 };

	served_start(fixture,
	             (struct http_server_options){ .request_timeout_ms = 200, .idle_timeout_ms = 200 });
	fixture->reply_after_ms = 500;
	served_talk(&talk);
	assert_int_equal(talk.statuses[0], 200);
	free(talk.last.body);
}

static void peers_that_do_not_read_are_dropped(void **state)
{
	struct fixture *fixture = *state;
	char piece[65536];
	size_t length = 0;
	ssize_t got;
	int fd;

	served_start(fixture, (struct http_server_options){ .request_timeout_ms = 50 });
	fixture->big_reply = (size_t)16 << 20;
	fd = http_raw_connect("127.0.0.1", fixture->port);
	assert_true(http_raw_send_text(fd, GET));
	run_until_connections(fixture, 1);
	run_until_connections(fixture, 0);
	while ((got = recv(fd, piece, sizeof(piece), 0)) > 0)
		length += (size_t)got;
	assert_true(length > 0 && length < fixture->big_reply);
	(void)close(fd);
}

static void large_replies_arrive_whole(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture, .want = 2,
		.bytes = GET GET };

	served_start(fixture, (struct http_server_options){ 0 });
	fixture->big_reply = (size_t)5 << 20;
	served_talk(&talk);
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
	memcpy(bytes, POST "Content-Length: 4000000\r\n\r\n",
	       strlen(POST "Content-Length: 4000000\r\n\r\n"));
	served_start(fixture, (struct http_server_options){ 0 });
	served_talk(&talk);
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
	served_start(fixture, (struct http_server_options){ 0 });
	served_talk(&talk);
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

	served_start(fixture, (struct http_server_options){ 0 });
	http_raw_run(fixture->loop, play_continue, &talk);
	assert_int_equal(talk.statuses[0], 100);
	assert_int_equal(talk.statuses[1], 200);
	assert_int_equal(talk.statuses[2], 413);
}

/* Two peers reset, two just close, each when the handler has its request. */
static void play_leave(void *arg)
{
	struct fixture *fixture = arg;

	for (unsigned i = 0; i < 4; i++) {
		int fd = http_raw_connect("127.0.0.1", fixture->port);

		(void)http_raw_send_text(fd, GET);
		while (atomic_load(&fixture->handled) <= i)
			http_raw_pause(1);
		if (i % 2 == 0)
			http_raw_reset(fd);
		else
			(void)close(fd);
	}
}

static void peers_may_leave_while_a_reply_is_owed(void **state)
{
	struct fixture *fixture = *state;
	struct talk next = { .fixture = fixture, .bytes = GET, .want = 1 };

	served_start(fixture, (struct http_server_options){ 0 });
	fixture->reply_after_ms = 1000000;
	http_raw_run(fixture->loop, play_leave, fixture);
	run_until_connections(fixture, 2);
	assert_int_equal(metrics_value("tocsin_http_refused_total", "reason", "peer_gone"), 2);
	served_answer_owed(fixture);
	run_until_connections(fixture, 0);
	fixture->reply_after_ms = 0;
	served_talk(&next);
	assert_int_equal(next.statuses[0], 200);
	free(next.last.body);
}

/* The server ends first; http_reply comes later, in the teardown. */
static void the_server_may_end_while_a_reply_is_owed(void **state)
{
	struct fixture *fixture = *state;

	served_start(fixture, (struct http_server_options){ 0 });
	fixture->reply_after_ms = 1000000;
	http_raw_run(fixture->loop, play_leave, fixture);
	run_until_connections(fixture, 2);
	assert_int_equal(fixture->owed_count, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, served_setup, served_teardown)

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
