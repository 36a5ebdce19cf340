#include "tests/unit/support/sns_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/http_server.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "tests/unit/support/sns_sender.h"
#include "tests/unit/support/turn.h"

struct sns_world world;
int64_t world_now_ms;

static char *good_certificate;

static int64_t read_clock(void)
{
	return world_now_ms;
}

static void keep_line(const char *line)
{
	str_addf(&world.log, "%s\n", line);
}

static void answer(struct http_exchange *exchange, bool confirms)
{
	const char *body = confirms ? world.confirm_xml : world.certificate;

	http_reply(exchange, confirms ? world.confirm_status : world.certificate_status, "text/plain",
	           body, strlen(body));
}

static void serve(void *arg, const struct http_request_in *request, struct http_exchange *exchange)
{
	bool confirms = strcmp(request->method, "POST") == 0 && strcmp(request->path, "/") == 0;

	(void)arg;
	if (confirms) {
		world.confirmations++;
		(void)snprintf(world.last_form, sizeof(world.last_form), "%s", request->body);
	} else if (str_starts(request->path, "/SimpleNotificationService-")) {
		world.downloads++;
	} else {
		http_reply(exchange, 404, NULL, "", 0);
		return;
	}
	if (!world.hold || world.held_count == WORLD_HELD_MAX) {
		answer(exchange, confirms);
		return;
	}
	world.held_confirms[world.held_count] = confirms;
	world.held[world.held_count++] = exchange;
}

void sns_world_release(void)
{
	world.hold = false;
	for (unsigned i = 0; i < world.held_count; i++)
		answer(world.held[i], world.held_confirms[i]);
	world.held_count = 0;
}

static void start_host(void)
{
	struct http_pair pair;
	struct err err = { 0 };

	http_certs_issue(&world.certs, "sns", SENDER_HOST, 1, 1, &pair);
	world.host = http_server_new(world.loop, &(struct http_server_options){
		.address = "127.0.0.1", .certificate = pair.certificate, .key = pair.key,
		.request_timeout_ms = 60000, .idle_timeout_ms = 60000,
	}, serve, NULL, &err);
	if (world.host == NULL)
		fail_msg("%s", err.text);
}

static void start_client(void)
{
	char mapping[128];
	const char *const connect_to[] = { mapping, NULL };
	struct err err = { 0 };

	(void)snprintf(mapping, sizeof(mapping), SENDER_HOST ":443:127.0.0.1:%d",
	               http_server_port(world.host));
	world.client = http_client_new(world.loop,
	                               &(struct http_client_options){
									   .ca_file = world.certs.ca_path,
									   .connect_to = connect_to,
									   .max_connections = 64,
									   .max_queued = 4096,
								   },
	                               &err);
	if (world.client == NULL)
		fail_msg("%s", err.text);
}

int sns_world_start(void **state)
{
	(void)state;
	str_init(&world.log, 1u << 20);
	log_sink(keep_line);
	world_now_ms = SENDER_SENT_MS + 1000;
	clock_replace(read_clock);
	good_certificate = sender_good_certificate(SENDER_SENT_MS);
	world.loop = turn_new_loop();
	http_certs_make(&world.certs);
	start_host();
	start_client();
	return 0;
}

int sns_world_stop(void **state)
{
	(void)state;
	http_client_free(world.client);
	http_server_free(world.host);
	loop_free(world.loop);
	http_certs_free(&world.certs);
	free(good_certificate);
	clock_replace(NULL);
	log_sink(NULL);
	str_free(&world.log);
	return 0;
}

int sns_world_reset(void **state)
{
	(void)state;
	world_now_ms = SENDER_SENT_MS + 1000;
	world.certificate_status = 200;
	world.certificate = good_certificate;
	world.confirm_status = 200;
	world.confirm_xml = WORLD_CONFIRMED_XML;
	world.downloads = 0;
	world.confirmations = 0;
	world.hold = false;
	str_clear(&world.log);
	metrics_reset();
	return 0;
}

struct goal {
	const unsigned *counter;
	unsigned count;
};

static bool reached(void *arg)
{
	const struct goal *goal = arg;

	return *goal->counter >= goal->count;
}

void sns_world_until(const unsigned *counter, unsigned count)
{
	struct goal goal = { counter, count };

	turn_until(world.loop, reached, &goal);
}
