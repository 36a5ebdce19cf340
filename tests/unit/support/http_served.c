#include "http_served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"

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

void served_answer_owed(void *arg)
{
	struct fixture *fixture = arg;
	unsigned count = fixture->owed_count;

	fixture->owed_count = 0;
	for (unsigned i = 0; i < count; i++)
		answer(fixture, fixture->owed[i], fixture->echoes[i]);
}

void served_on_request(void *arg, const struct http_request_in *request,
                       struct http_exchange *exchange)
{
	struct fixture *fixture = arg;
	char *echo = fixture->echoes[fixture->owed_count];
	const char *header = http_request_header(exchange, "x-echo");

	fixture->handled++;
	(void)snprintf(echo, sizeof(fixture->echoes[0]), "%s %s %s %s%.100s", request->method,
	               request->path, request->query, header == NULL ? "" : header, request->body);
	if (fixture->reply_after_ms == 0) {
		answer(fixture, exchange, echo);
		/* It stays the handler's until it returns. */
		assert_int_equal(request->body[request->body_length], '\0');
		return;
	}
	fixture->owed[fixture->owed_count++] = exchange;
	loop_timer_set(fixture->timer, fixture->reply_after_ms);
}

void served_no_log(const char *line)
{
	(void)line;
}

int served_setup(void **state)
{
	struct fixture *fixture = mem_alloc(sizeof(*fixture));
	struct err err;

	(void)signal(SIGPIPE, SIG_IGN);
	log_sink(served_no_log);
	metrics_reset();
	fixture->loop = loop_new(&err);
	assert_non_null(fixture->loop);
	fixture->timer = loop_timer_new(fixture->loop, served_answer_owed, fixture);
	*state = fixture;
	return 0;
}

int served_teardown(void **state)
{
	struct fixture *fixture = *state;

	http_server_free(fixture->server);
	served_answer_owed(fixture); /* the peers have gone; nothing may be lost or touched */
	loop_timer_free(fixture->timer);
	loop_free(fixture->loop);
	free(fixture);
	return 0;
}

void served_start(struct fixture *fixture, struct http_server_options options)
{
	struct err err = { 0 };

	if (options.address == NULL)
		options.address = "127.0.0.1";
	if (options.max_body == 0)
		options.max_body = MAX_BODY;
	fixture->server = http_server_new(fixture->loop, &options, served_on_request, fixture, &err);
	if (fixture->server == NULL)
		fail_msg("%s", err.text);
	fixture->port = http_server_port(fixture->server);
	assert_true(fixture->port > 0);
}

static size_t next_piece(const struct talk *talk, size_t sent)
{
	if (sent < talk->at_once)
		return talk->at_once - sent;
	return talk->piece > 0 && talk->length - sent > talk->piece ? talk->piece : talk->length - sent;
}

static void send_pieces(const struct talk *talk, int fd)
{
	size_t sent = 0;

	while (sent < talk->length) {
		size_t give = next_piece(talk, sent);

		if (!http_raw_send(fd, talk->bytes + sent, give))
			return;
		sent += give;
		if (talk->pause_ms > 0 && sent < talk->length)
			http_raw_pause(talk->pause_ms);
	}
}

static void play_talk(void *arg)
{
	struct talk *talk = arg;
	const char *address = talk->address == NULL ? "127.0.0.1" : talk->address;
	int fd = http_raw_connect(address, talk->fixture->port);

	send_pieces(talk, fd);
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

void served_talk(struct talk *talk)
{
	if (talk->length == 0 && talk->bytes != NULL)
		talk->length = strlen(talk->bytes);
	http_raw_run(talk->fixture->loop, play_talk, talk);
}
