#include "tests/unit/support/slack_stream_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/stream.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/loop.h"
#include "bot/secret.h"
#include "bot/str.h"
#include "tests/unit/support/slack_fake.h"
#include "tests/unit/support/turn.h"

#define SENT_KEPT 8

struct loop *stream_loop;
struct slack_fake *stream_fake;
struct slack_web *stream_web;
struct slack_self stream_self;
struct slack_streams *streams;

static struct http_client *http;
static struct secret token;
static int64_t now_ms;
static char *kept[SENT_KEPT];
static size_t next_kept;

static int64_t still(void)
{
	return now_ms;
}

static void no_line(const char *line)
{
	(void)line;
}

int slack_world_begin(void **state)
{
	static char user[] = "U0BOT", bot[] = "B0BOT", team[] = "T0TEAM";
	struct err err;

	(void)state;
	now_ms = INT64_C(1795700000000);
	clock_replace(still);
	clock_set_scale(0.001);
	metrics_reset();
	log_sink(no_line);
	stream_self = (struct slack_self){ user, bot, team };
	stream_loop = turn_new_loop();
	stream_fake = slack_fake_new(stream_loop);
	http = http_client_new(stream_loop, &(struct http_client_options){ 0 }, &err);
	assert_non_null(http);
	secret_set(&token, "xoxb-test-token");
	stream_web = slack_web_new(&(struct slack_web_options){
		.loop = stream_loop, .http = http, .api_url = slack_fake_url(stream_fake), .token = &token });
	streams = slack_streams_new(stream_loop, stream_web, &stream_self);
	return 0;
}

void slack_world_free_web(void)
{
	slack_web_free(stream_web);
	slack_streams_free(streams);
	stream_web = NULL;
	streams = NULL;
}

int slack_world_end(void **state)
{
	(void)state;
	slack_world_free_web();
	http_client_free(http);
	slack_fake_free(stream_fake);
	loop_free(stream_loop);
	secret_free(&token);
	for (size_t i = 0; i < SENT_KEPT; i++) {
		free(kept[i]);
		kept[i] = NULL;
	}
	clock_replace(NULL);
	clock_set_scale(1);
	metrics_reset();
	log_sink(NULL);
	return 0;
}

void pass_ms(int64_t ms)
{
	now_ms += ms;
}

static void on_end(void *arg, const struct err *err)
{
	struct ending *ending = arg;

	ending->times++;
	ending->err = err == NULL ? (struct err){ 0 } : *err;
}

struct done into(struct ending *ending)
{
	return (struct done){ on_end, ending };
}

static bool is_told(void *arg)
{
	return ((struct ending *)arg)->times > 0;
}

/* As long as it takes by the clock, too. */
static bool is_told_in_time(void *arg)
{
	now_ms++;
	return is_told(arg);
}

void until_told(struct ending *ending)
{
	turn_until(stream_loop, is_told_in_time, ending);
	assert_int_equal(ending->times, 1);
}

void expect_shown(struct ending *ending)
{
	until_told(ending);
	if (ending->err.kind != ERR_NONE)
		fail_msg("%s", ending->err.text);
}

static void list_calls(struct str *out)
{
	static const struct {
		const char *method, *name;
	} names[] = {
		{ START, "start" }, { APPEND, "append" }, { STOP, "stop" }, { POST, "post" }, { UPDATE, "update" },
		{ REPLIES, "replies" }, { "assistant.threads.setStatus", "status" },
	};

	for (size_t i = 0; i < slack_fake_count(stream_fake, NULL); i++) {
		const char *name = "?";

		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (strcmp(slack_fake_asked(stream_fake, NULL, i)->method, names[k].method) == 0)
				name = names[k].name;
		str_addf(out, "%s%s", i == 0 ? "" : " ", name);
	}
}

static bool are_so_many(void *arg)
{
	return slack_fake_count(stream_fake, NULL) >= *(size_t *)arg;
}

void await_calls(size_t count)
{
	turn_until(stream_loop, are_so_many, &count);
}

void expect_calls(const char *calls)
{
	size_t count = calls[0] == '\0' ? 0 : 1;
	struct str now;

	for (const char *c = calls; *c != '\0'; c++)
		count += *c == ' ' ? 1 : 0;
	await_calls(count);
	turn_for(stream_loop, A_WHILE_MS);
	str_init(&now, 100000);
	list_calls(&now);
	assert_string_equal(now.text, calls);
	str_free(&now);
}

const char *sent(size_t nth, const char *path)
{
	const struct slack_asked *asked = slack_fake_asked(stream_fake, NULL, nth);
	struct err err;
	struct json_object *body = json_parse(asked->body, asked->length, &err), *value;
	char **slot = &kept[next_kept++ % SENT_KEPT];

	assert_non_null(body);
	value = json_get(body, path);
	mem_set_string(slot, value == NULL ? "" : json_text(body, path) != NULL ? json_text(body, path) : json_print(value));
	json_free(body);
	return *slot;
}

void make_last(struct message *last)
{
	message_init(last, TONE_NEUTRAL);
	message_say(last, message_context(last), "2,100 tokens, 3 ct");
	message_action(last, "ask again", "Try again", "v", STYLE_PLAIN, NULL);
}
