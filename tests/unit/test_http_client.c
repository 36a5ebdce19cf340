/* Outgoing calls against peers that answer, stall, lie and die, each on a port of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bot/clock.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "support/http_called.h"

static void answers_are_given_as_they_are(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, called_serve_text,
	            "HTTP/1.1 404 No\r\nContent-Length: 5\r\nContent-Type: text/x\r\n"
	            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: 7\r\n\r\nhello");
	outcome = CALL(0);
	assert_int_equal(outcome.kind, ERR_NONE);
	assert_int_equal(outcome.status, 404);
	assert_string_equal(outcome.body, "hello");
	assert_int_equal(outcome.body_length, 5);
	assert_string_equal(outcome.content_type, "text/x");
	assert_int_equal(outcome.retry_after_ms, 7000);
	assert_int_equal(outcome.date_ms, 784111777000);
	assert_int_equal(metrics_value("tocsin_http_client_requests_total", "to", "test"), 1);
}

static void note_header(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct outcome *outcome = arg;

	assert_null(err);
	assert_string_equal(http_answer_header(answer, "x-AMZN-requestid"), "rid 1");
	assert_null(http_answer_header(answer, "X-Absent"));
	outcome->done = true;
	outcome->times++;
}

static void any_header_can_be_read(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome = { 0 };

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, called_serve_text,
	            "HTTP/1.1 400 No\r\nContent-Length: 0\r\nX-Amzn-RequestId:  rid 1\r\n\r\n");
	(void)http_client_send(fixture->client, &(struct http_request_out){ .method = "GET",
		.url = called_url(fixture, "/"), .timeout_ms = 20000 }, note_header, &outcome);
	(void)called_finish(fixture, &outcome);
}

static void requests_are_sent_as_asked(void **state)
{
	static const struct http_header headers[] = { { "X-One", "1" }, { "Content-Type", "text/y" },
		{ "X-Empty", "" }, { NULL, NULL } };
	struct fixture *fixture = *state;
	const char *seen = fixture->peer.last_request;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, called_serve_text, OK);
	(void)CALL(.method = "POST", .url = called_url(fixture, "/a/../b?c=%20"),
		.headers = headers, .body = "x\0y", .body_length = 3);
	assert_ptr_equal(strstr(seen, "POST /a/../b?c=%20 HTTP/1.1\r\n"), seen);
	assert_non_null(strstr(seen, "\r\nX-One: 1\r\n"));
	assert_non_null(strstr(seen, "\r\nContent-Type: text/y\r\n"));
	assert_non_null(strstr(seen, "\r\nX-Empty:\r\n"));
	assert_non_null(strstr(seen, "\r\nUser-Agent: tocsin/"));
	assert_non_null(strstr(seen, "\r\nContent-Length: 3\r\n"));
	assert_null(strstr(seen, "Expect"));
	assert_memory_equal(strstr(seen, "\r\n\r\n") + 4, "x\0y", 4);
	(void)CALL(.method = "POST");
	assert_non_null(strstr(seen, "\r\nContent-Length: 0\r\n"));
	assert_null(strstr(seen, "Content-Type"));
	(void)CALL(.method = "DELETE");
	assert_ptr_equal(strstr(seen, "DELETE / HTTP/1.1\r\n"), seen);
	(void)CALL(.method = "PUT", .body = "z", .body_length = 1);
	assert_ptr_equal(strstr(seen, "PUT / HTTP/1.1\r\n"), seen);
	assert_int_equal(atomic_load(&fixture->peer.connections), 1); /* one connection for all */
}

static void bad_requests_are_usage_errors(void **state)
{
	static const struct http_header injected[] = { { "A", "b\r\nC: d" }, { NULL, NULL } };
	static const struct http_header named[] = { { "A: x\nB", "b" }, { NULL, NULL } };
	static const struct http_request_out requests[] = {
		{ .url = "ftp://127.0.0.1/" },
		{ .url = "file:///etc/passwd" },
		{ .url = "nonsense" },
		{ .url = "http://" },
		{ .url = "http://h/\r\nX: y" },
		{ .url = "http://127.0.0.1:1/", .headers = injected },
		{ .url = "http://127.0.0.1:1/", .headers = named },
		{ .url = "http://127.0.0.1:1/", .method = "GET /x HTTP" },
	};
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		assert_int_equal(called_run(fixture, requests[i]).kind, ERR_USAGE);
}

static void serve_script(struct http_peer *peer, int fd, int number)
{
	(void)number;
	if (http_peer_read(peer, fd))
		(void)http_raw_send_text(fd, peer->arg); /* and ends the connection */
}

/* What broken answers come to after the request has been read. */
static void broken_answers_are_unknown_outcomes(void **state)
{
	static const char *const answers[] = {
		"",
		"HTTP/1.1 200 OK\r\nContent-Le",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"garbage\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n",
	};
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct outcome outcome;

		called_peer(fixture, serve_script, answers[i]);
		outcome = CALL(.method = "POST", .body = "b", .body_length = 1);
		print_message("%s\n", outcome.text);
		assert_int_equal(outcome.kind, ERR_UNKNOWN);
		assert_ptr_equal(strstr(outcome.text, "127.0.0.1: "), outcome.text);
		assert_int_equal(atomic_load(&fixture->peer.requests), 1);
		called_stop_peer(fixture);
	}
}

static void whole_answers_of_odd_forms_are_taken(void **state)
{
	static const struct {
		const char *answer;
		const char *body;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
		  "hello" },
		{ "HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end" },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok" },
		{ "HTTP/1.1 204 No Content\r\n\r\n", "" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRetry-After: soon\r\nDate: never\r\n\r\nok",
		  "ok" },
	};
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome outcome;

		called_peer(fixture, serve_script, cases[i].answer);
		outcome = CALL(0);
		assert_int_equal(outcome.kind, ERR_NONE);
		assert_string_equal(outcome.body, cases[i].body);
		assert_int_equal(outcome.retry_after_ms, 0);
		assert_int_equal(outcome.date_ms, 0);
		called_stop_peer(fixture);
	}
}

static void redirects_are_not_followed(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, called_serve_text,
	            "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
	outcome = CALL(0);
	assert_int_equal(outcome.status, 302);
	assert_int_equal(atomic_load(&fixture->peer.requests), 1);
}

static void serve_endless(struct http_peer *peer, int fd, int number)
{
	static const char line[] = "X-Header: 0123456789012345678901234567890123456789\r\n";

	(void)number;
	if (!http_peer_read(peer, fd))
		return;
	(void)http_raw_send_text(fd, peer->arg);
	while (http_raw_send_text(fd, line))
		continue;
}

static void answers_have_a_ceiling(void **state)
{
	static const char *const starts[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n",
		"HTTP/1.0 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\n", /* headers without end */
	};
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct outcome outcome;

		called_peer(fixture, serve_endless, starts[i]);
		outcome = CALL(.max_answer = 5000, .idempotent = true, .max_tries = 3);
		assert_int_equal(outcome.kind, ERR_REFUSED);
		assert_int_equal(atomic_load(&fixture->peer.requests), 1); /* no use in trying again */
		called_stop_peer(fixture);
	}
	called_peer(fixture, called_serve_text, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	assert_int_equal(CALL(.max_answer = 5).kind, ERR_NONE);
	assert_int_equal(CALL(.max_answer = 4, .idempotent = true).kind, ERR_REFUSED);
	assert_int_equal(CALL(.max_answer = 4).kind, ERR_UNKNOWN); /* it was sent, and may have worked */
}

static int free_port(void)
{
	struct http_peer peer;

	http_peer_start(&peer, called_serve_text, OK);
	http_peer_stop(&peer);
	return peer.port;
}

static void nothing_sent_may_be_tried_again(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;
	char url[128];

	called_client(fixture, (struct http_client_options){ 0 });
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/?token=secret", free_port());
	outcome = CALL(.method = "POST", .url = url);
	assert_int_equal(outcome.kind, ERR_RETRY);
	assert_null(strstr(outcome.text, "secret"));
	outcome = CALL(.method = "POST", .url = "http://no-such-name.invalid/",
		.timeout_ms = 20000);
	assert_int_equal(outcome.kind, ERR_RETRY);
	assert_non_null(strstr(outcome.text, "no-such-name.invalid"));
	assert_int_equal(metrics_value("tocsin_http_client_errors_total", "kind", "retry"), 2);
}

static void serve_reset(struct http_peer *peer, int fd, int number)
{
	(void)number;
	(void)http_peer_read(peer, fd);
	http_raw_reset(dup(fd));
	(void)shutdown(fd, SHUT_RDWR);
}

static void resets_after_sending_are_unknown(void **state)
{
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_reset, NULL);
	assert_int_equal(CALL(.method = "POST").kind, ERR_UNKNOWN);
	assert_int_equal(atomic_load(&fixture->peer.requests), 1);
}

/* Answers the first request of a connection, reads the second and dies. */
static void serve_dying(struct http_peer *peer, int fd, int number)
{
	if (!http_peer_read(peer, fd))
		return;
	(void)http_raw_send_text(fd, OK);
	if (number == 0) /* the first connection dies, later ones do not */
		(void)http_peer_read(peer, fd);
	else
		called_serve_text(peer, fd, number);
}

/* curl alone would send the second request again, without a word, on a new connection. */
static void a_dying_connection_gets_one_copy(void **state)
{
	static const char *const methods[] = { "POST", "PUT", "DELETE", "PATCH" };
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	for (int with_body = 0; with_body < 2; with_body++)
		for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
			struct http_request_out request = { .method = methods[i] };
			struct outcome outcome;

			if (with_body) {
				request.body = "body";
				request.body_length = 4;
			}
			called_peer(fixture, serve_dying, OK);
			assert_int_equal(called_run(fixture, request).status, 200);
			outcome = called_run(fixture, request);
			assert_int_equal(outcome.kind, ERR_UNKNOWN);
			called_stop_peer(fixture);
			assert_int_equal(atomic_load(&fixture->peer.requests), 2);
		}
}

/* What may be sent twice is; that is what the flag is for. */
static void a_dying_connection_is_no_matter_to_idempotent_calls(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_dying, OK);
	assert_int_equal(CALL(.idempotent = true).status, 200);
	outcome = CALL(.idempotent = true);
	assert_int_equal(outcome.status, 200);
	assert_int_equal(atomic_load(&fixture->peer.requests), 3);
}

static void serve_stall(struct http_peer *peer, int fd, int number)
{
	(void)number;
	if (!http_peer_read(peer, fd))
		return;
	if (peer->arg != NULL)
		(void)http_raw_send_text(fd, peer->arg);
	(void)http_raw_ended(fd);
}

static void deadlines_end_calls(void **state)
{
	static const char *const starts[] = { NULL,
		                                  "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel" };
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct outcome outcome;

		called_peer(fixture, serve_stall, starts[i]);
		outcome = CALL(.timeout_ms = 500);
		assert_int_equal(outcome.kind, ERR_UNKNOWN);
		assert_non_null(strstr(outcome.text, "no answer within"));
		called_stop_peer(fixture);
	}
}

/* A listener that never takes the TLS hello: nothing of the request can have arrived. */
static void a_deadline_before_sending_is_harmless(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome;
	char url[64];

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_stall, NULL);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/", fixture->peer.port);
	outcome = CALL(.url = url, .timeout_ms = 60);
	assert_int_equal(outcome.kind, ERR_RETRY);
	assert_non_null(strstr(outcome.text, "no connection within"));
}

static void queueing_counts_to_the_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct outcome first = { 0 }, second = { 0 }, third = { 0 };

	called_client(fixture, (struct http_client_options){ .max_connections = 1, .max_queued = 2 });
	called_peer(fixture, serve_stall, NULL);
	(void)called_begin(fixture, (struct http_request_out){ .timeout_ms = 1000 }, &first);
	(void)called_begin(fixture, (struct http_request_out){ .timeout_ms = 300 }, &second);
	(void)called_begin(fixture, (struct http_request_out){ .timeout_ms = 300 }, &third);
	assert_int_equal(called_finish(fixture, &third).kind, ERR_RETRY); /* at once: two are waiting */
	assert_non_null(strstr(third.text, "too many calls"));
	assert_false(second.done);
	assert_int_equal(called_finish(fixture, &second).kind, ERR_RETRY);
	assert_non_null(strstr(second.text, "no free connection within"));
	assert_int_equal(called_finish(fixture, &first).kind, ERR_UNKNOWN);
}

static void queued_calls_run_in_order(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcomes[10] = { 0 };

	called_client(fixture, (struct http_client_options){ .max_connections = 1 });
	called_peer(fixture, called_serve_text, OK);
	for (int i = 0; i < 10; i++)
		(void)called_begin(fixture, (struct http_request_out){ 0 }, &outcomes[i]);
	(void)called_finish(fixture, &outcomes[9]);
	for (int i = 0; i < 10; i++)
		assert_int_equal(outcomes[i].status, 200);
	assert_int_equal(atomic_load(&fixture->peer.connections), 1);
}

static void calls_can_be_cancelled(void **state)
{
	struct fixture *fixture = *state;
	struct outcome running = { 0 }, queued = { 0 }, fresh = { 0 };
	struct http_call *running_call, *queued_call;
	bool requested = false;

	called_client(fixture, (struct http_client_options){ .max_connections = 1 });
	called_peer(fixture, serve_stall, NULL);
	running_call = called_begin(fixture, (struct http_request_out){ 0 }, &running);
	queued_call = called_begin(fixture, (struct http_request_out){ 0 }, &queued);
	while (!requested) { /* until the first is on the wire */
		called_turn(fixture);
		requested = atomic_load(&fixture->peer.requests) == 1;
	}
	http_client_cancel(queued_call);
	http_client_cancel(running_call);
	assert_false(running.done);
	assert_int_equal(called_finish(fixture, &running).kind, ERR_CANCELLED);
	assert_int_equal(called_finish(fixture, &queued).kind, ERR_CANCELLED);
	http_client_cancel(called_begin(fixture, (struct http_request_out){ 0 }, &fresh));
	assert_int_equal(called_finish(fixture, &fresh).kind, ERR_CANCELLED);
}

struct resender {
	struct fixture *fixture;
	struct outcome outcome;
	bool resent;
};

static void resend(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct resender *resender = arg;
	struct http_request_out request = { .method = "GET",
		                                .url = "http://127.0.0.1:1/",
		                                .timeout_ms = 1000 };

	assert_null(answer);
	assert_int_equal(err->kind, ERR_CANCELLED);
	resender->resent = true;
	(void)http_client_send(resender->fixture->client, &request, called_done, &resender->outcome);
}

/* Also those that a callback sends while the client is ending. */
static void the_end_cancels_everything(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcomes[3] = { 0 };
	struct resender resender = { .fixture = fixture };
	struct http_request_out request = { .method = "GET", .timeout_ms = 1000 };

	called_client(fixture, (struct http_client_options){ .max_connections = 1 });
	called_peer(fixture, serve_stall, NULL);
	for (int i = 0; i < 3; i++)
		(void)called_begin(fixture, (struct http_request_out){ 0 }, &outcomes[i]);
	request.url = called_url(fixture, "/");
	(void)http_client_send(fixture->client, &request, resend, &resender);
	called_turn(fixture);
	http_client_free(fixture->client);
	fixture->client = NULL;
	for (int i = 0; i < 3; i++)
		assert_int_equal(outcomes[i].kind, ERR_CANCELLED);
	assert_true(resender.resent);
	assert_int_equal(resender.outcome.kind, ERR_CANCELLED);
}

/* --- retries ----------------------------------------------------------------------------- */

/* Answers with each of the texts in turn, the last one for ever; NULL: ends the connection. */
static void serve_in_turn(struct http_peer *peer, int fd, int number)
{
	const char *const *answers = peer->arg;

	(void)number;
	while (http_peer_read(peer, fd)) {
		int at = atomic_load(&peer->requests) - 1;

		if (answers[at] == NULL || !http_raw_send_text(fd, answers[at]))
			return;
	}
}

#define BUSY "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
#define LIMITED(s) "HTTP/1.1 429 Slowly\r\nRetry-After: " s "\r\nContent-Length: 0\r\n\r\n"

static void idempotent_calls_are_tried_again(void **state)
{
	static const char *const answers[] = { BUSY, NULL, LIMITED("1"), OK, NULL };
	struct fixture *fixture = *state;
	struct outcome outcome;

	clock_set_scale(0.02); /* 20 ms for the second of Retry-After */
	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_in_turn, answers);
	outcome = CALL(.idempotent = true, .max_tries = 5);
	assert_int_equal(outcome.status, 200);
	assert_int_equal(atomic_load(&fixture->peer.requests), 4);
	/* The connection that died as it was used again was curl's own retry. */
	assert_int_equal(metrics_value("tocsin_http_client_retries_total", "to", "test"), 2);
	assert_int_equal(metrics_value("tocsin_http_client_requests_total", "to", "test"), 1);
}

static void retries_end(void **state)
{
	static const char *const busy[] = { BUSY, BUSY, BUSY, OK, NULL };
	static const char *const patience[] = { LIMITED("61"), OK, NULL };
	struct fixture *fixture = *state;
	struct outcome outcome;

	clock_set_scale(0.01);
	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_in_turn, busy);
	/* The last answer is given as it is. */
	outcome = CALL(.idempotent = true, .max_tries = 3);
	assert_int_equal(outcome.status, 503);
	assert_int_equal(atomic_load(&fixture->peer.requests), 3);
	called_stop_peer(fixture);
	/* Longer than a minute is the caller's affair. */
	called_peer(fixture, serve_in_turn, patience);
	outcome = CALL(.idempotent = true, .max_tries = 3);
	assert_int_equal(outcome.status, 429);
	assert_int_equal(outcome.retry_after_ms, 61000);
	called_stop_peer(fixture);
	/* A wait that would pass the deadline is not begun. */
	clock_set_scale(1.0);
	called_peer(fixture, serve_in_turn, (const char *const[]){ LIMITED("30"), NULL });
	outcome = CALL(.idempotent = true, .max_tries = 3, .timeout_ms = 10000);
	assert_int_equal(outcome.status, 429);
}

static void other_calls_are_tried_once(void **state)
{
	static const char *const answers[] = { BUSY, OK, NULL };
	struct fixture *fixture = *state;

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_in_turn, answers);
	assert_int_equal(CALL(.method = "POST", .max_tries = 5).status, 503);
	assert_int_equal(atomic_load(&fixture->peer.requests), 1);
}

/* A try that may have arrived is not forgotten because the next one certainly did not. */
static void doubt_survives_a_refused_retry(void **state)
{
	struct fixture *fixture = *state;
	struct outcome outcome = { 0 };

	called_client(fixture, (struct http_client_options){ 0 });
	called_peer(fixture, serve_script, "");
	random_seed_for_tests(5);
	(void)called_begin(fixture, (struct http_request_out){ .idempotent = true, .max_tries = 2 },
	                   &outcome);
	while (metrics_value("tocsin_http_client_retries_total", "to", "test") == 0) {
		called_turn(fixture);
	}
	called_stop_peer(fixture);
	assert_int_equal(called_finish(fixture, &outcome).kind, ERR_UNKNOWN);
	random_seed_for_tests(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, called_setup, called_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_are_given_as_they_are),
		TEST(any_header_can_be_read),
		TEST(requests_are_sent_as_asked),
		TEST(bad_requests_are_usage_errors),
		TEST(broken_answers_are_unknown_outcomes),
		TEST(whole_answers_of_odd_forms_are_taken),
		TEST(redirects_are_not_followed),
		TEST(answers_have_a_ceiling),
		TEST(nothing_sent_may_be_tried_again),
		TEST(resets_after_sending_are_unknown),
		TEST(a_dying_connection_gets_one_copy),
		TEST(a_dying_connection_is_no_matter_to_idempotent_calls),
		TEST(deadlines_end_calls),
		TEST(a_deadline_before_sending_is_harmless),
		TEST(queueing_counts_to_the_deadline),
		TEST(queued_calls_run_in_order),
		TEST(calls_can_be_cancelled),
		TEST(the_end_cancels_everything),
		TEST(idempotent_calls_are_tried_again),
		TEST(retries_end),
		TEST(other_calls_are_tried_once),
		TEST(doubt_survives_a_refused_retry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
