/* The listening port itself: how many, how it opens, how it closes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bot/log.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "support/http_served.h"

static void play_crowd(void *arg)
{
	struct talk *talk = arg;
	int fds[4];

	for (int i = 0; i < 2; i++) {
		fds[i] = http_raw_connect("127.0.0.1", talk->fixture->port);
		(void)http_raw_send_text(fds[i], GET);
		talk->statuses[i] = http_raw_status(fds[i]);
	}
	fds[2] = http_raw_connect("127.0.0.1", talk->fixture->port);
	(void)http_raw_send_text(fds[2], "GET /"); /* and the rest never comes */
	talk->ended = http_raw_ended(fds[0]);
	fds[3] = http_raw_connect("127.0.0.1", talk->fixture->port);
	(void)http_raw_send_text(fds[3], GET);
	talk->statuses[2] = http_raw_status(fds[3]);
	talk->closes = http_raw_ended(fds[1]);
	for (int i = 0; i < 4; i++)
		(void)close(fds[i]);
}

/* Whoever is given time for longest leaves: who comes with a request is served. */
static void idle_connections_make_room(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };

	served_start(fixture, (struct http_server_options){ .max_connections = 2 });
	http_raw_run(fixture->loop, play_crowd, &talk);
	assert_int_equal(talk.statuses[0], 200);
	assert_int_equal(talk.statuses[1], 200);
	assert_true(talk.ended);
	assert_true(talk.closes);
	assert_int_equal(talk.statuses[2], 200);
	assert_int_equal(metrics_value("tocsin_http_refused_total", "reason", "crowded_out"), 2);
}

static void play_busy_crowd(void *arg)
{
	struct talk *talk = arg;
	int fds[3];

	for (int i = 0; i < 3; i++) {
		fds[i] = http_raw_connect("127.0.0.1", talk->fixture->port);
		if (i < 2)
			(void)http_raw_send_text(fds[i], GET);
		http_raw_pause(20);
	}
	talk->ended = http_raw_ended(fds[2]);
	for (int i = 0; i < 2; i++)
		talk->statuses[i] = http_raw_status(fds[i]);
	for (int i = 0; i < 3; i++)
		(void)close(fds[i]);
}

static void connections_at_work_have_a_cap(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };
	int64_t refused = metrics_value("tocsin_http_refused_total", "reason", "connections");

	fixture->reply_after_ms = 300;
	served_start(fixture, (struct http_server_options){ .max_connections = 2 });
	http_raw_run(fixture->loop, play_busy_crowd, &talk);
	assert_true(talk.ended);
	assert_int_equal(talk.statuses[0], 200);
	assert_int_equal(talk.statuses[1], 200);
	assert_int_equal(metrics_value("tocsin_http_refused_total", "reason", "connections"), refused + 1);
}

#define HALVES 8
#define HALF 40000 /* of a body; of the fixture's 64 KiB */

static void play_halves(void *arg)
{
	struct talk *talk = arg;
	char body[HALF] = { 0 };
	int fds[HALVES], fd;

	memset(body, 'x', sizeof(body));
	for (int i = 0; i < HALVES; i++) {
		fds[i] = http_raw_connect("127.0.0.1", talk->fixture->port);
		(void)http_raw_send_text(fds[i], POST "Content-Length: 65536\r\n\r\n");
		(void)http_raw_send(fds[i], body, sizeof(body));
		http_raw_pause(5);
	}
	talk->ended = http_raw_ended(fds[0]) && http_raw_ended(fds[1]);
	fd = http_raw_connect("127.0.0.1", talk->fixture->port);
	(void)http_raw_send_text(fd, POST "Content-Length: 5\r\n\r\nhello");
	talk->statuses[0] = http_raw_status(fd);
	(void)close(fd);
	(void)http_raw_send(fds[HALVES - 1], body, 65536 - HALF);
	talk->statuses[1] = http_raw_status(fds[HALVES - 1]);
	for (int i = 0; i < HALVES; i++)
		(void)close(fds[i]);
}

/* All bodies together have a ceiling: those that have been on their way for longest go. */
static void bodies_under_way_have_a_ceiling(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };
	int64_t before = metrics_value("tocsin_http_refused_total", "reason", "memory");

	served_start(fixture, (struct http_server_options){ .max_bodies = 3 * 65536 });
	http_raw_run(fixture->loop, play_halves, &talk);
	assert_true(talk.ended);
	assert_int_equal(talk.statuses[0], 200);
	assert_int_equal(talk.statuses[1], 200);
	assert_true(metrics_value("tocsin_http_refused_total", "reason", "memory") >= before + 4);
}

static void play_answered_bodies(void *arg)
{
	struct talk *talk = arg;
	char body[HALF] = { 0 };
	int fds[HALVES], half;

	memset(body, 'x', sizeof(body));
	half = http_raw_connect("127.0.0.1", talk->fixture->port);
	(void)http_raw_send_text(half, POST "Content-Length: 65536\r\n\r\n");
	(void)http_raw_send(half, body, sizeof(body));
	for (int i = 0; i < HALVES; i++) {
		fds[i] = http_raw_connect("127.0.0.1", talk->fixture->port);
		(void)http_raw_send_text(fds[i], POST "Connection: close\r\nContent-Length: 40000\r\n\r\n");
		(void)http_raw_send(fds[i], body, sizeof(body));
		talk->count += http_raw_status(fds[i]) == 200;
	}
	(void)http_raw_send(half, body, 65536 - HALF);
	talk->statuses[0] = http_raw_status(half);
	(void)close(half);
	for (int i = 0; i < HALVES; i++)
		(void)close(fds[i]);
}

/* Whoever has its answer and does not close holds no body any more, and costs nobody its place. */
static void answered_bodies_are_given_back(void **state)
{
	struct fixture *fixture = *state;
	struct talk talk = { .fixture = fixture };

	served_start(fixture, (struct http_server_options){ .max_bodies = 3 * 65536 });
	http_raw_run(fixture->loop, play_answered_bodies, &talk);
	assert_int_equal(talk.count, HALVES);
	assert_int_equal(talk.statuses[0], 200);
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

	http_raw_pause(250);
	(void)setrlimit(RLIMIT_NOFILE, &shortage->before);
	(void)close(shortage->fd); /* valgrind's accept has lost it */
	shortage->fd = http_raw_connect("127.0.0.1", shortage->fixture->port);
	(void)http_raw_send_text(shortage->fd, GET);
	shortage->status = http_raw_status(shortage->fd);
}

/* Out of descriptors the loop sleeps and tries again; it does not spin. */
static void accept_survives_a_shortage_of_descriptors(void **state)
{
	struct fixture *fixture = *state;
	struct shortage shortage = { .fixture = fixture };
	struct rlimit tight;
	int lowest_free;

	served_start(fixture, (struct http_server_options){ 0 });
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
	log_sink(served_no_log);
	assert_int_equal(shortage.status, 200);
	assert_in_range(failures_logged, 1, 50);
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
	(void)http_raw_send_text(closing->idle_fd, GET);
	(void)http_raw_status(closing->idle_fd);
	closing->busy_fd = http_raw_connect("127.0.0.1", closing->fixture->port);
	(void)http_raw_send_text(closing->busy_fd,
	                         POST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	(void)http_raw_status(closing->busy_fd); /* 100: it is under way */
}

static void play_closing(void *arg)
{
	struct closing *closing = arg;
	struct http_raw_reply reply;
	int fd;

	closing->idle_ended = http_raw_ended(closing->idle_fd);
	fd = http_raw_connect("127.0.0.1", closing->fixture->port);
	closing->refused = fd < 0;
	(void)http_raw_send_text(closing->busy_fd, "hello");
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

	served_start(fixture, (struct http_server_options){ 0 });
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
	served_start(fixture, (struct http_server_options){ .address = "::1" });
	served_talk(&talk);
	assert_string_equal(talk.last.body, "GET /six  ");
	free(talk.last.body);
}

static void bind_errors_say_what_to_do(void **state)
{
	struct fixture *fixture = *state;
	struct err err = { 0 };
	char expected[128];
	struct http_server_options options = { .address = "127.0.0.1" };

	served_start(fixture, options);
	options.port = fixture->port;
	assert_null(http_server_new(fixture->loop, &options, served_on_request, fixture, &err));
	assert_int_equal(err.kind, ERR_LOCAL);
	(void)snprintf(expected, sizeof(expected),
	               "cannot listen on 127.0.0.1:%d: Address already in use; change "
	               "http.listen or stop the program that has it",
	               fixture->port);
	assert_string_equal(err.text, expected);
	options.address = "localhost.invalid";
	assert_null(http_server_new(fixture->loop, &options, served_on_request, fixture, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	options = (struct http_server_options){ .address = "127.0.0.1",
		                                    .certificate = "/nonexistent",
		                                    .key = "/x" };
	assert_null(http_server_new(fixture->loop, &options, served_on_request, fixture, &err));
	assert_string_equal(err.text,
	                    "cannot read the TLS certificate /nonexistent: No such file or directory");
	options.key = NULL;
	assert_null(http_server_new(fixture->loop, &options, served_on_request, fixture, &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, served_setup, served_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(idle_connections_make_room),
		TEST(connections_at_work_have_a_cap),
		TEST(bodies_under_way_have_a_ceiling),
		TEST(answered_bodies_are_given_back),
		TEST(accept_survives_a_shortage_of_descriptors),
		TEST(quiesce_lets_requests_finish),
		TEST(listens_on_ipv6),
		TEST(bind_errors_say_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
