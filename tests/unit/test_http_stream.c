/* Answers that are told piece by piece: what comes when, who may stop it, and when waiting ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bot/http_client.h"
#include "bot/loop.h"
#include "tests/unit/support/http_called.h"

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

/* What was told. `outcome` is first: it is what called_done is given. */
struct heard {
	struct outcome outcome;
	struct fixture *fixture;
	struct http_call *call;
	char text[256];
	size_t length;
	unsigned pieces, cancel_at;
	size_t bytes;
};

static void on_piece(void *arg, const char *bytes, size_t length)
{
	struct heard *heard = arg;

	assert_false(heard->outcome.sending);
	assert_false(heard->outcome.done);
	assert_true(length > 0);
	heard->pieces++;
	heard->bytes += length;
	for (size_t i = 0; i < length && heard->length < sizeof(heard->text) - 1; i++)
		heard->text[heard->length++] = bytes[i];
	if (heard->pieces == heard->cancel_at)
		http_client_cancel(heard->call);
}

static void listen_to(struct fixture *fixture, struct heard *heard, struct http_request_out request)
{
	heard->fixture = fixture;
	request.piece = on_piece;
	heard->call = called_begin(fixture, request, &heard->outcome);
}

static struct heard run(struct fixture *fixture, struct http_request_out request)
{
	struct heard heard = { 0 };

	listen_to(fixture, &heard, request);
	(void)called_finish(fixture, &heard.outcome);
	return heard;
}

/* Says the first part, waits until the test has heard it (its second request is that word), says the rest. */
static void serve_in_turns(struct http_peer *peer, int fd, int number)
{
	static int first_fd = -1;

	if (!http_peer_read(peer, fd))
		return;
	if (number == 0) {
		first_fd = dup(fd);
		(void)http_raw_send_text(fd, HEAD "one");
		return;
	}
	(void)http_raw_send_text(first_fd, "two");
	(void)close(first_fd);
	(void)http_raw_send_text(fd, OK);
}

static void pieces_come_as_they_are_sent(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard = { 0 };

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_in_turns, NULL);
	listen_to(fixture, &heard, (struct http_request_out){ .method = "POST", .body = "x", .body_length = 1 });
	while (heard.pieces == 0)
		called_turn(fixture);
	assert_string_equal(heard.text, "one");
	assert_false(heard.outcome.done);
	assert_int_equal(CALL(0).status, 200);
	(void)called_finish(fixture, &heard.outcome);
	assert_string_equal(heard.text, "onetwo");
	assert_int_equal(heard.outcome.status, 200);
	assert_int_equal(heard.outcome.body_length, 0); /* it was told */
}

static void other_answers_are_collected(void **state)
{
	static const char *const answers[] = { "HTTP/1.1 400 No\r\nContent-Length: 3\r\n\r\nwhy",
		"HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nwhy", "HTTP/1.1 302 No\r\nContent-Length: 3\r\n\r\nwhy" };
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	for (size_t i = 0; i < 3; i++) {
		struct heard heard;

		called_peer(fixture, called_serve_text, answers[i]);
		heard = run(fixture, (struct http_request_out){ .idempotent = true, .max_tries = 3 });
		assert_int_equal(heard.pieces, 0);
		assert_string_equal(heard.outcome.body, "why");
		assert_int_equal(fixture->peer.requests, 1); /* what may have been told is not asked for again */
		called_stop_peer(fixture);
	}
}

static void who_is_told_may_cancel(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard = { .cancel_at = 1 };

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, called_serve_text, HEAD "one"); /* never ends by itself */
	listen_to(fixture, &heard, (struct http_request_out){ 0 });
	(void)called_finish(fixture, &heard.outcome);
	assert_int_equal(heard.outcome.kind, ERR_CANCELLED);
	assert_int_equal(heard.pieces, 1);
}

/* The last piece and the end come at once. */
static void cancelling_at_the_end_is_cancelling(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard = { .cancel_at = 1 };

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, called_serve_text, OK);
	listen_to(fixture, &heard, (struct http_request_out){ 0 });
	(void)called_finish(fixture, &heard.outcome);
	assert_int_equal(heard.outcome.kind, ERR_CANCELLED);
	assert_string_equal(heard.text, "ok");
}

static void serve_half(struct http_peer *peer, int fd, int number)
{
	(void)number;
	if (http_peer_read(peer, fd))
		(void)http_raw_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
}

static void an_answer_cut_short_is_no_success(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_half, NULL);
	heard = run(fixture, (struct http_request_out){ .idempotent = true });
	assert_string_equal(heard.text, "half");
	assert_int_equal(heard.outcome.kind, ERR_UNKNOWN);
}

static void serve_much(struct http_peer *peer, int fd, int number)
{
	static const char block[1024];

	(void)number;
	if (!http_peer_read(peer, fd) || !http_raw_send_text(fd, HEAD))
		return;
	for (int i = 0; i < 64; i++)
		if (!http_raw_send(fd, block, sizeof(block)))
			return;
}

static void the_whole_is_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_much, NULL);
	heard = run(fixture, (struct http_request_out){ .max_answer = 10000, .idempotent = true });
	assert_int_equal(heard.outcome.kind, ERR_REFUSED);
	assert_non_null(strstr(heard.outcome.text, "larger than 10000 bytes"));
	assert_true(heard.bytes <= 10000);
	heard = run(fixture, (struct http_request_out){ .max_answer = 65536 });
	assert_int_equal(heard.outcome.kind, ERR_NONE);
	assert_int_equal(heard.bytes, 65536);
}

static void serve_nothing(struct http_peer *peer, int fd, int number)
{
	(void)number;
	if (http_peer_read(peer, fd))
		(void)http_raw_ended(fd);
}

static void serve_beginning(struct http_peer *peer, int fd, int number)
{
	(void)number;
	if (http_peer_read(peer, fd) && http_raw_send_text(fd, HEAD "one"))
		(void)http_raw_ended(fd);
}

static void silence_has_an_end(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_nothing, NULL);
	heard = run(fixture, (struct http_request_out){ .first_ms = 300, .silence_ms = 300000, .timeout_ms = 300000 });
	assert_int_equal(heard.outcome.kind, ERR_UNKNOWN);
	assert_non_null(strstr(heard.outcome.text, "no answer within"));
	called_stop_peer(fixture);
	called_peer(fixture, serve_beginning, NULL);
	heard = run(fixture, (struct http_request_out){ .first_ms = 300000, .silence_ms = 200, .timeout_ms = 300000 });
	assert_int_equal(heard.outcome.kind, ERR_UNKNOWN);
	assert_string_equal(heard.text, "one");
	assert_non_null(strstr(heard.outcome.text, "silent for 200 ms in the middle of its answer"));
	heard = run(fixture, (struct http_request_out){ .timeout_ms = 200 }); /* neither: the whole deadline */
	assert_int_equal(heard.outcome.kind, ERR_UNKNOWN);
	assert_non_null(strstr(heard.outcome.text, "no answer within"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, called_setup, called_teardown)
		TEST(pieces_come_as_they_are_sent),
		TEST(other_answers_are_collected),
		TEST(who_is_told_may_cancel),
		TEST(cancelling_at_the_end_is_cancelling),
		TEST(an_answer_cut_short_is_no_success),
		TEST(the_whole_is_bounded),
		TEST(silence_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
