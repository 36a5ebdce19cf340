#include "http_called.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"

void called_done(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct outcome *outcome = arg;

	assert_false(outcome->sending);
	outcome->done = true;
	outcome->times++;
	if (err != NULL) {
		assert_null(answer);
		outcome->kind = err->kind;
		(void)snprintf(outcome->text, sizeof(outcome->text), "%s", err->text);
		return;
	}
	outcome->status = answer->status;
	outcome->body_length = answer->body_length;
	outcome->retry_after_ms = answer->retry_after_ms;
	outcome->date_ms = answer->date_ms;
	(void)snprintf(outcome->body, sizeof(outcome->body), "%s", answer->body);
	(void)snprintf(outcome->content_type, sizeof(outcome->content_type), "%s",
	               answer->content_type);
}

static void silent(const char *line)
{
	(void)line;
}

int called_setup(void **state)
{
	struct fixture *fixture = mem_alloc(sizeof(*fixture));
	struct err err;

	(void)signal(SIGPIPE, SIG_IGN);
	log_sink(silent);
	metrics_reset();
	clock_set_scale(1.0);
	fixture->loop = loop_new(&err);
	assert_non_null(fixture->loop);
	*state = fixture;
	return 0;
}

int called_teardown(void **state)
{
	struct fixture *fixture = *state;

	http_client_free(fixture->client);
	if (fixture->peer_runs)
		http_peer_stop(&fixture->peer);
	loop_free(fixture->loop);
	free(fixture);
	clock_set_scale(1.0);
	return 0;
}

void called_client(struct fixture *fixture, struct http_client_options options)
{
	struct err err = { 0 };

	fixture->client = http_client_new(fixture->loop, &options, &err);
	if (fixture->client == NULL)
		fail_msg("%s", err.text);
}

void called_peer(struct fixture *fixture, void (*serve)(struct http_peer *, int, int),
                 const void *arg)
{
	http_peer_start(&fixture->peer, serve, arg);
	fixture->peer_runs = true;
}

void called_stop_peer(struct fixture *fixture)
{
	http_peer_stop(&fixture->peer);
	fixture->peer_runs = false;
}

const char *called_url(struct fixture *fixture, const char *path)
{
	static char url[256];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", fixture->peer.port, path);
	return url;
}

struct http_call *called_begin(struct fixture *fixture, struct http_request_out request,
                               struct outcome *outcome)
{
	struct http_call *call;

	if (request.method == NULL)
		request.method = "GET";
	if (request.url == NULL)
		request.url = called_url(fixture, "/");
	if (request.timeout_ms == 0)
		request.timeout_ms = 20000;
	request.metric = "test";
	outcome->sending = true;
	call = http_client_send(fixture->client, &request, called_done, outcome);
	outcome->sending = false;
	assert_non_null(call);
	assert_false(outcome->done);
	return call;
}

struct outcome called_finish(struct fixture *fixture, struct outcome *outcome)
{
	http_raw_run_until(fixture->loop, &outcome->done);
	assert_true(outcome->done);
	assert_int_equal(outcome->times, 1);
	return *outcome;
}

struct outcome called_run(struct fixture *fixture, struct http_request_out request)
{
	struct outcome outcome = { 0 };

	(void)called_begin(fixture, request, &outcome);
	return called_finish(fixture, &outcome);
}

void called_serve_text(struct http_peer *peer, int fd, int number)
{
	(void)number;
	while (http_peer_read(peer, fd))
		if (!http_raw_send_text(fd, peer->arg))
			return;
}

void called_turn(struct fixture *fixture)
{
	struct outcome tick = { 0 };

	(void)called_begin(fixture, (struct http_request_out){ .url = "nonsense" }, &tick);
	(void)called_finish(fixture, &tick);
}
