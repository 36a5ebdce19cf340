/*
 * The Web API client against a scripted server. Time stands still unless a test moves it, and one
 * second of waiting is one millisecond, so that nothing depends on the speed of the machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/slack/history.h"
#include "adapters/slack/inbound.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/secret.h"
#include "tests/unit/support/slack_fake.h"
#include "tests/unit/support/turn.h"

#define POST "chat.postMessage"
#define UPDATE "chat.update"
#define A_WHILE_MS 60 /* for what must not happen: with a clock that stands still, any while will do */

static struct loop *loop;
static struct http_client *http;
static struct slack_fake *fake;
static struct slack_web *web;
static struct secret token;
static int64_t now_ms;
static struct err fatal_err;
static unsigned fatals;

struct result {
	unsigned times;
	enum err_kind kind; /* ERR_NONE: success */
	char text[256];
	int64_t retry_after_ms;
	char ts[64];
};
static struct result results[5000];

static int64_t still(void)
{
	return now_ms;
}

static void on_fatal(void *arg, const struct err *err)
{
	(void)arg;
	fatals++;
	fatal_err = *err;
}

static int begin(void **state)
{
	struct err err;

	(void)state;
	now_ms = 1000000;
	clock_replace(still);
	clock_set_scale(0.001);
	metrics_reset();
	memset(results, 0, sizeof(results));
	fatals = 0;
	loop = turn_new_loop();
	fake = slack_fake_new(loop);
	http = http_client_new(loop, &(struct http_client_options){ 0 }, &err);
	assert_non_null(http);
	secret_set(&token, "xoxb-test-token");
	web = slack_web_new(&(struct slack_web_options){
		.loop = loop, .http = http, .api_url = slack_fake_url(fake), .token = &token, .fatal = on_fatal });
	return 0;
}

static int end(void **state)
{
	(void)state;
	slack_web_free(web);
	http_client_free(http);
	slack_fake_free(fake);
	loop_free(loop);
	secret_free(&token);
	clock_replace(NULL);
	clock_set_scale(1);
	metrics_reset();
	return 0;
}

static void on_done(void *arg, struct json_object *answer, const struct err *err)
{
	struct result *result = arg;
	const char *ts = json_string(answer, "ts");

	result->times++;
	result->kind = err == NULL ? ERR_NONE : err->kind;
	(void)snprintf(result->text, sizeof(result->text), "%s", err == NULL ? "" : err->text);
	(void)snprintf(result->ts, sizeof(result->ts), "%s", ts == NULL ? "" : ts);
	result->retry_after_ms = err == NULL ? 0 : err->retry_after_ms;
}

static void send_call(size_t n, enum slack_method method, const char *channel, const char *message,
                      enum chat_priority priority)
{
	char body[128];

	(void)snprintf(body, sizeof(body), "{\"n\":\"<%zu>\",\"channel\":\"%s\"}", n, channel);
	slack_web_send(web, &(struct slack_call){
		.method = method, .priority = priority, .channel = channel, .message = message,
		.body = mem_copy_string(body), .text_only = mem_copy_string("{\"plain\":true}"), .done = on_done,
		.arg = &results[n] });
	assert_int_equal(results[n].times, 0); /* never before the call has returned */
}

static void post(size_t n, const char *channel)
{
	send_call(n, SLACK_POST, channel, NULL, CHAT_NORMAL);
}

static bool was_told(void *arg)
{
	return ((struct result *)arg)->times > 0;
}

static const struct result *result_of(size_t n)
{
	turn_until(loop, was_told, &results[n]);
	return &results[n];
}

static void expect_ok(size_t n)
{
	if (result_of(n)->kind != ERR_NONE)
		fail_msg("call %zu: %s", n, results[n].text);
}

struct wanted {
	const char *method;
	size_t count;
};

static bool has_asked(void *arg)
{
	struct wanted *wanted = arg;

	return slack_fake_count(fake, wanted->method) >= wanted->count;
}

/* So many requests come, and no more while the clock stands still. */
static void expect_asked(const char *method, size_t count)
{
	struct wanted wanted = { method, count };

	turn_until(loop, has_asked, &wanted);
	turn_for(loop, A_WHILE_MS);
	assert_int_equal(slack_fake_count(fake, method), count);
}

static void expect_order(const char *method, const char *const *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strstr(slack_fake_asked(fake, method, i)->body, numbers[i]) == NULL)
			fail_msg("request %zu is %s, not %s", i, slack_fake_asked(fake, method, i)->body, numbers[i]);
}

/* --- the request ---------------------------------------------------------------------------- */

static void a_post(void **state)
{
	const struct slack_asked *asked;

	(void)state;
	post(0, "C1");
	expect_ok(0);
	assert_string_equal(results[0].ts, "1.000000");
	asked = slack_fake_asked(fake, NULL, 0);
	assert_string_equal(asked->method, POST);
	assert_non_null(strstr(asked->head, "Authorization: Bearer xoxb-test-token\r\n"));
	assert_non_null(strstr(asked->head, "Content-Type: application/json; charset=utf-8\r\n"));
	assert_int_equal(slack_web_waiting(web), 0);
	assert_int_equal(metrics_value("tocsin_slack_calls_ok_total", "method", POST), 1);
}

static void respond(size_t n)
{
	char url[128];

	(void)snprintf(url, sizeof(url), "%sresponse", slack_fake_url(fake));
	slack_web_send(web, &(struct slack_call){ .method = SLACK_RESPOND, .url = url, .body = mem_copy_string("{}"),
		.done = on_done, .arg = &results[n] });
}

static void a_private_answer_carries_no_token(void **state)
{
	(void)state;
	slack_fake_answer(fake, "response", 200, 0, "ok"); /* not even JSON */
	respond(0);
	expect_ok(0);
	assert_null(strstr(slack_fake_asked(fake, NULL, 0)->head, "Authorization"));
	slack_fake_answer(fake, "response", 404, 0, "{\"ok\":false,\"error\":\"used_url\"}");
	respond(1);
	assert_int_equal(result_of(1)->kind, ERR_REFUSED);
	assert_null(strstr(results[1].text, "response\""));
}

/* --- pacing --------------------------------------------------------------------------------- */

static void a_channel_gets_three_at_once_and_then_one_a_second(void **state)
{
	(void)state;
	for (size_t i = 0; i < 6; i++)
		post(i, "C1");
	expect_asked(POST, 3);
	now_ms += 1;
	expect_asked(POST, 4);
	now_ms += 1;
	expect_asked(POST, 5);
	now_ms += 100; /* a pause fills the burst again, and not more */
	expect_asked(POST, 6);
	for (size_t i = 6; i < 12; i++)
		post(i, "C1");
	expect_asked(POST, 8);
}

static void channels_do_not_wait_for_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++)
		post(i, "C1");
	post(4, "C2");
	expect_ok(4);
	expect_asked(POST, 4);
}

static void the_workspace_gets_twenty_at_once(void **state)
{
	char channel[16];

	(void)state;
	/* Its interval, 200 ms, is scaled to less than 1 ms, which is rounded up. */
	for (size_t i = 0; i < 30; i++) {
		(void)snprintf(channel, sizeof(channel), "C%zu", i);
		post(i, channel);
	}
	expect_asked(POST, 20);
	now_ms += 1;
	expect_asked(POST, 21);
	now_ms += 4;
	expect_asked(POST, 25);
}

static void edits_have_the_rate_of_their_tier(void **state)
{
	char ts[16];

	(void)state;
	for (size_t i = 0; i < 14; i++) {
		(void)snprintf(ts, sizeof(ts), "%zu.0", i);
		send_call(i, SLACK_UPDATE, "C1", ts, CHAT_NORMAL);
	}
	expect_asked(UPDATE, 10);
	now_ms += 1;
	expect_asked(UPDATE, 11);
}

static void the_urgent_go_first(void **state)
{
	static const char *const order[] = { "<0>", "<1>", "<2>", "<6>", "<4>", "<5>", "<3>" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		post(i, "C1");
		expect_ok(i);
	}
	send_call(3, SLACK_POST, "C1", NULL, CHAT_BACKGROUND);
	send_call(4, SLACK_POST, "C1", NULL, CHAT_NORMAL);
	send_call(5, SLACK_POST, "C1", NULL, CHAT_NORMAL);
	send_call(6, SLACK_POST, "C1", NULL, CHAT_URGENT);
	for (size_t i = 4; i <= 7; i++) {
		now_ms += 1;
		expect_asked(POST, i);
	}
	expect_order(POST, order, 7);
}

static void too_many_are_told_to_come_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < SLACK_WAITING_MAX + 4; i++)
		post(i, "C1");
	/* three were sent at once, so one is too many */
	assert_int_equal(slack_web_waiting(web), SLACK_WAITING_MAX);
	assert_int_equal(result_of(SLACK_WAITING_MAX + 3)->kind, ERR_RETRY);
	assert_true(results[SLACK_WAITING_MAX + 3].retry_after_ms > 0);
	assert_int_equal(results[SLACK_WAITING_MAX + 2].times, 0);
}

/* --- rate limits ---------------------------------------------------------------------------- */

static void a_limited_post_waits_and_is_sent_again(void **state)
{
	(void)state;
	slack_fake_answer(fake, POST, 429, 30, "{\"ok\":false,\"error\":\"ratelimited\"}");
	post(0, "C1");
	expect_asked(POST, 1);
	post(1, "C1"); /* behind it */
	post(2, "C2"); /* not concerned */
	expect_ok(2);
	now_ms += 29;
	expect_asked(POST, 2);
	assert_int_equal(results[0].times, 0);
	now_ms += 1;
	expect_ok(0);
	expect_ok(1);
	assert_string_equal(slack_fake_asked(fake, POST, 0)->body, slack_fake_asked(fake, POST, 2)->body);
	assert_int_equal(metrics_value("tocsin_slack_calls_limited_total", "method", POST), 1);
}

static void a_limited_post_keeps_its_place(void **state)
{
	static const char *const order[] = { "<1>", "<2>", "<0>", "<0>", "<3>" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		post(i + 1, "C1"); /* use the burst up */
		expect_ok(i + 1);
	}
	slack_fake_answer(fake, POST, 429, 30, "");
	post(0, "C1");
	post(3, "C1");
	expect_asked(POST, 3);
	now_ms += 30;
	expect_ok(0);
	expect_ok(3);
	assert_int_equal(slack_fake_count(fake, POST), 5);
	expect_order(POST, order, 5);
}

static void a_limit_on_posts_does_not_stop_edits(void **state)
{
	(void)state;
	slack_fake_answer(fake, POST, 429, 30, "");
	post(0, "C1");
	expect_asked(POST, 1);
	send_call(1, SLACK_UPDATE, "C1", "1.0", CHAT_NORMAL);
	expect_ok(1);
	assert_int_equal(results[0].times, 0);
}

static void a_limit_without_a_time_is_half_a_minute(void **state)
{
	(void)state;
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"rate_limited\"}");
	post(0, "C1");
	expect_asked(POST, 1);
	now_ms += 29;
	turn_for(loop, A_WHILE_MS);
	assert_int_equal(slack_fake_count(fake, POST), 1);
	now_ms += 1;
	expect_ok(0);
}

/* --- edits ---------------------------------------------------------------------------------- */

static void later_edits_replace_those_that_wait(void **state)
{
	(void)state;
	slack_fake_hold(fake, true);
	send_call(0, SLACK_UPDATE, "C1", "1.0", CHAT_NORMAL);
	expect_asked(UPDATE, 1);
	send_call(1, SLACK_UPDATE, "C1", "1.0", CHAT_NORMAL);
	send_call(2, SLACK_UPDATE, "C1", "1.0", CHAT_URGENT);
	send_call(3, SLACK_UPDATE, "C1", "1.0", CHAT_BACKGROUND);
	send_call(4, SLACK_UPDATE, "C1", "2.0", CHAT_NORMAL); /* another message */
	send_call(5, SLACK_UPDATE, "C2", "1.0", CHAT_NORMAL); /* another channel */
	expect_ok(1);
	expect_ok(2);
	/* The one on its way is not overtaken. */
	expect_asked(UPDATE, 3);
	assert_int_equal(results[0].times + results[3].times, 0);
	slack_fake_hold(fake, false);
	expect_ok(0);
	expect_ok(3);
	assert_int_equal(slack_fake_count(fake, UPDATE), 4);
	assert_non_null(strstr(slack_fake_asked(fake, UPDATE, 3)->body, "<3>"));
	assert_int_equal(metrics_value("tocsin_slack_edits_coalesced_total", NULL, NULL), 2);
}

static void a_replaced_edit_takes_the_more_urgent_place(void **state)
{
	char ts[16];

	(void)state;
	for (size_t i = 0; i < 10; i++) { /* use the burst up */
		(void)snprintf(ts, sizeof(ts), "%zu.0", i);
		send_call(i, SLACK_UPDATE, "C1", ts, CHAT_NORMAL);
		expect_ok(i);
	}
	send_call(10, SLACK_UPDATE, "C1", "20.0", CHAT_BACKGROUND);
	send_call(11, SLACK_UPDATE, "C1", "21.0", CHAT_NORMAL);
	send_call(12, SLACK_UPDATE, "C1", "20.0", CHAT_URGENT);
	now_ms += 1;
	expect_asked(UPDATE, 11);
	assert_non_null(strstr(slack_fake_asked(fake, UPDATE, 10)->body, "<12>"));
}

/* As a dashboard's "reading 3 of 5" and its result: the one on its way must not be sent again behind the newer one. */
static void an_edit_that_comes_back_makes_way_for_a_newer_one(void **state)
{
	(void)state;
	slack_fake_answer(fake, UPDATE, 429, 30, "");
	slack_fake_hold(fake, true);
	send_call(0, SLACK_UPDATE, "C1", "1.0", CHAT_NORMAL);
	expect_asked(UPDATE, 1);
	send_call(1, SLACK_UPDATE, "C1", "1.0", CHAT_URGENT);
	slack_fake_hold(fake, false);
	expect_asked(UPDATE, 1);
	now_ms += 30;
	expect_ok(1);
	expect_ok(0);
	expect_asked(UPDATE, 2);
	assert_non_null(strstr(slack_fake_asked(fake, UPDATE, 1)->body, "<1>"));
	assert_int_equal(slack_web_waiting(web), 0);
}

/* --- what answers mean ---------------------------------------------------------------------- */

struct meaning {
	enum slack_method method;
	int status;
	const char *body;
	enum err_kind kind;
	const char *says; /* part of the text */
};

static void classes_of_answers(void **state)
{
	static const struct meaning table[] = {
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"internal_error\"}", ERR_UNKNOWN, "internal_error" },
		{ SLACK_UPDATE, 200, "{\"ok\":false,\"error\":\"internal_error\"}", ERR_RETRY, "internal_error" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"fatal_error\"}", ERR_UNKNOWN, "fatal_error" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"service_unavailable\"}", ERR_RETRY, "service_unavailable" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"request_timeout\"}", ERR_RETRY, "" },
		{ SLACK_POST, 500, "", ERR_UNKNOWN, "500" },
		{ SLACK_POST, 503, "<html>", ERR_UNKNOWN, "503" },
		{ SLACK_UPDATE, 503, "<html>", ERR_RETRY, "503" },
		{ SLACK_POST, 200, "<html>", ERR_UNKNOWN, "" },
		{ SLACK_POST, 200, "", ERR_UNKNOWN, "" },
		{ SLACK_POST, 200, "{\"ok\":tru", ERR_UNKNOWN, "" },
		{ SLACK_POST, 200, "{}", ERR_UNKNOWN, "" },
		{ SLACK_POST, 200, "[]", ERR_UNKNOWN, "" },
		{ SLACK_POST, 0, "", ERR_UNKNOWN, "" },
		{ SLACK_UPDATE, 0, "", ERR_RETRY, "" },
		/* Not Slack's words: something on the way answered, and Slack saw nothing. */
		{ SLACK_POST, 403, "<html>", ERR_RETRY, "403" },
		{ SLACK_POST, 407, "", ERR_RETRY, "407" },
		{ SLACK_POST, 408, "{}", ERR_RETRY, "408" },
		{ SLACK_UPDATE, 404, "no", ERR_RETRY, "404" },
		{ SLACK_POST, 403, "{\"ok\":false,\"error\":\"is_archived\"}", ERR_REFUSED, "archived" },
		{ SLACK_POST, 302, "", ERR_REFUSED, "302" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"channel_not_found\"}", ERR_REFUSED, "Slack knows no channel C1" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"is_archived\"}", ERR_REFUSED, "channel C1 is archived" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"restricted_action\"}", ERR_REFUSED, "workspace admin" },
		{ SLACK_UPDATE, 200, "{\"ok\":false,\"error\":\"message_not_found\"}", ERR_REFUSED, "deleted" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"something_new\"}", ERR_REFUSED, "something_new" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"<!channel> \\n\"}", ERR_REFUSED, "Slack refused chat.postMessage" },
		{ SLACK_POST, 200, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"chat:write\"}", ERR_REFUSED, "the scope chat:write" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct meaning *m = &table[i];

		now_ms += 100000;
		slack_fake_answer(fake, m->method == SLACK_POST ? POST : UPDATE, m->status, 0, m->body);
		send_call(i, m->method, "C1", "1.0", CHAT_NORMAL);
		if (result_of(i)->kind != m->kind || strstr(results[i].text, m->says) == NULL)
			fail_msg("%d %s: %s, \"%s\"", m->status, m->body, err_kind_name(results[i].kind), results[i].text);
		assert_null(strchr(results[i].text, '<'));
	}
	assert_int_equal(slack_fake_count(fake, NULL), sizeof(table) / sizeof(table[0])); /* none was repeated */
}

static void nobody_there_did_not_happen(void **state)
{
	char url[] = "http://127.0.0.1:1/api/";
	struct slack_web *deaf = slack_web_new(&(struct slack_web_options){
		.loop = loop, .http = http, .api_url = url, .token = &token });

	(void)state;
	slack_web_send(deaf, &(struct slack_call){ .method = SLACK_POST, .channel = "C1", .body = mem_copy_string("{}"),
		.done = on_done, .arg = &results[0] });
	assert_int_equal(result_of(0)->kind, ERR_RETRY);
	slack_web_free(deaf);
}

static void who_answers_instead_of_slack_is_given_time(void **state)
{
	(void)state;
	slack_fake_answer(fake, POST, 407, 0, "<html>");
	post(0, "C1");
	assert_int_equal(result_of(0)->kind, ERR_RETRY);
	assert_int_equal(results[0].retry_after_ms, 30000);
	slack_fake_answer(fake, POST, 403, 90, "<html>");
	post(1, "C1");
	assert_int_equal(result_of(1)->retry_after_ms, 90000);
}

static void a_private_answer_that_is_too_late_is_refused(void **state)
{
	static const struct http_answer gone = { .status = 404, .body = "gone", .body_length = 4 };
	static const struct http_answer blocked = { .status = 403, .body = "no", .body_length = 2 };
	struct slack_outcome outcome;

	(void)state;
	slack_judge(&outcome, SLACK_RESPOND, NULL, &gone, NULL);
	assert_int_equal(outcome.err.kind, ERR_REFUSED);
	slack_judge(&outcome, SLACK_RESPOND, NULL, &blocked, NULL);
	assert_int_equal(outcome.err.kind, ERR_RETRY);
}

/* A certificate that does not fit: whoever that is, Slack was asked nothing. */
static void a_stranger_in_slacks_place_is_no_refusal(void **state)
{
	static const enum slack_method asked[] = { SLACK_POST, SLACK_UPDATE, SLACK_CONNECT, SLACK_RESPOND };
	struct slack_outcome outcome;
	struct err err;

	(void)state;
	(void)err_set(&err, ERR_REFUSED, "slack.com: certificate has expired");
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		slack_judge(&outcome, asked[i], "C1", NULL, &err);
		assert_int_equal(outcome.verdict, SLACK_FAILED);
		assert_int_equal(outcome.err.kind, ERR_RETRY);
		assert_string_equal(outcome.err.text, err.text);
		assert_false(outcome.fatal);
	}
}

static void denied_access_is_fatal_only_where_the_app_itself_is_denied(void **state)
{
	static const char body[] = "{\"ok\":false,\"error\":\"access_denied\"}";
	const struct http_answer denied = { .status = 200, .body = body, .body_length = strlen(body) };

	(void)state;
	for (enum slack_method method = 0; method < SLACK_METHODS; method++) {
		struct slack_outcome outcome;

		if (method == SLACK_UPLOAD_BYTES) /* does not speak for Slack */
			continue;
		slack_judge(&outcome, method, "C1", &denied, NULL);
		assert_int_equal(outcome.err.kind, ERR_REFUSED);
		assert_int_equal(outcome.fatal, method == SLACK_AUTH_TEST || method == SLACK_CONNECT);
	}
}

static void tokens_that_are_of_no_use_are_told_once(void **state)
{
	(void)state;
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"token_revoked\"}");
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"token_revoked\"}");
	post(0, "C1");
	post(1, "C1");
	assert_int_equal(result_of(0)->kind, ERR_REFUSED);
	assert_int_equal(result_of(1)->kind, ERR_REFUSED);
	assert_int_equal(fatals, 1);
	assert_non_null(strstr(fatal_err.text, "token_revoked"));
}

static void a_missing_scope_is_fatal_only_where_it_is_vital(void **state)
{
	(void)state;
	slack_fake_answer(fake, "conversations.history", 200, 0, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"channels:history\"}");
	send_call(0, SLACK_HISTORY, "C1", NULL, CHAT_NORMAL);
	assert_int_equal(result_of(0)->kind, ERR_REFUSED);
	assert_int_equal(fatals, 0);
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"chat:write\"}");
	post(1, "C1");
	assert_int_equal(result_of(1)->kind, ERR_REFUSED);
	assert_int_equal(fatals, 1);
}

/* --- second chances ------------------------------------------------------------------------- */

static void a_public_channel_is_joined_once(void **state)
{
	(void)state;
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"not_in_channel\"}");
	post(0, "C1");
	expect_ok(0);
	assert_int_equal(slack_fake_count(fake, "conversations.join"), 1);
	assert_string_equal(slack_fake_asked(fake, "conversations.join", 0)->body, "{\"channel\":\"C1\"}");
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"not_in_channel\"}");
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"not_in_channel\"}");
	now_ms += 100;
	post(1, "C1");
	assert_int_equal(result_of(1)->kind, ERR_REFUSED);
	assert_int_equal(slack_fake_count(fake, "conversations.join"), 2);
}

static void where_joining_is_refused_a_person_is_asked(void **state)
{
	(void)state;
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"not_in_channel\"}");
	slack_fake_answer(fake, "conversations.join", 200, 0, "{\"ok\":false,\"error\":\"method_not_supported_for_channel_type\"}");
	post(0, "C1");
	assert_int_equal(result_of(0)->kind, ERR_REFUSED);
	assert_non_null(strstr(results[0].text, "channel C1: invite it there with /invite @tocsin"));
	now_ms += 100;
	slack_fake_answer(fake, POST, 200, 0, "{\"ok\":false,\"error\":\"not_in_channel\"}");
	slack_fake_answer(fake, "conversations.join", 503, 0, "");
	post(1, "C1");
	assert_int_equal(result_of(1)->kind, ERR_RETRY);
	assert_int_equal(fatals, 0);
}

static void refused_blocks_are_sent_as_text_once(void **state)
{
	static const char refusal[] = "{\"ok\":false,\"error\":\"invalid_blocks\",\"response_metadata\":{\"messages\":[\"[ERROR] at /blocks/0\"]}}";

	(void)state;
	slack_fake_answer(fake, POST, 200, 0, refusal);
	post(0, "C1");
	expect_ok(0);
	assert_string_equal(slack_fake_asked(fake, POST, 1)->body, "{\"plain\":true}");
	assert_int_equal(metrics_value("tocsin_slack_blocks_refused_total", NULL, NULL), 1);
	slack_fake_answer(fake, UPDATE, 200, 0, refusal);
	slack_fake_answer(fake, UPDATE, 200, 0, refusal);
	send_call(1, SLACK_UPDATE, "C1", "1.0", CHAT_NORMAL);
	assert_int_equal(result_of(1)->kind, ERR_REFUSED);
	assert_int_equal(slack_fake_count(fake, UPDATE), 2);
}

static void a_refused_picture_costs_the_picture_only(void **state)
{
	static const char refusal[] = "{\"ok\":false,\"error\":\"invalid_blocks\",\"errors\":[\"invalid slack file "
	                              "[json-pointer:/blocks/2/slack_file]\"],\"response_metadata\":{\"messages\":"
	                              "[\"[ERROR] invalid slack file [json-pointer:/blocks/2/slack_file]\"]}}";
	struct slack_call call = { .method = SLACK_POST, .priority = CHAT_NORMAL, .channel = "C1",
		.body = mem_copy_string("{\"form\":1}"), .without_pictures = mem_copy_string("{\"form\":2}"),
		.text_only = mem_copy_string("{\"form\":3}"), .done = on_done, .arg = &results[0] };

	(void)state;
	slack_fake_answer(fake, POST, 200, 0, refusal);
	slack_web_send(web, &call);
	expect_ok(0);
	assert_int_equal(slack_fake_count(fake, POST), 2);
	assert_string_equal(slack_fake_asked(fake, POST, 1)->body, "{\"form\":2}");
	assert_int_equal(metrics_value("tocsin_slack_pictures_refused_total", NULL, NULL), 1);
	assert_int_equal(metrics_value("tocsin_slack_blocks_refused_total", NULL, NULL), 0);

	now_ms += 10; /* three forms of one message are three posts for the channel's rate */
	/* It was something else in the blocks: the text is still told, and the news is posted once. */
	slack_fake_answer(fake, POST, 200, 0, refusal);
	slack_fake_answer(fake, POST, 200, 0, refusal);
	call.body = mem_copy_string("{\"form\":1}");
	call.without_pictures = mem_copy_string("{\"form\":2}");
	call.text_only = mem_copy_string("{\"form\":3}");
	call.arg = &results[1];
	slack_web_send(web, &call);
	expect_ok(1);
	assert_int_equal(slack_fake_count(fake, POST), 5);
	assert_string_equal(slack_fake_asked(fake, POST, 4)->body, "{\"form\":3}");
	assert_int_equal(metrics_value("tocsin_slack_blocks_refused_total", NULL, NULL), 1);
}

/* What may have happened is not sent in another form: that could be a second message. */
static void a_doubtful_post_with_pictures_is_not_repeated(void **state)
{
	(void)state;
	slack_fake_answer(fake, POST, 500, 0, "");
	slack_web_send(web, &(struct slack_call){ .method = SLACK_POST, .priority = CHAT_NORMAL, .channel = "C1",
		.body = mem_copy_string("{\"form\":1}"), .without_pictures = mem_copy_string("{\"form\":2}"),
		.text_only = mem_copy_string("{\"form\":3}"), .done = on_done, .arg = &results[0] });
	assert_int_equal(result_of(0)->kind, ERR_UNKNOWN);
	assert_int_equal(slack_fake_count(fake, POST), 1);
}

static void the_scopes_of_the_token_are_told(void **state)
{
	char *scopes = mem_copy_string("before");

	(void)state; /* the script sends no such header */
	slack_web_send(web, &(struct slack_call){ .method = SLACK_AUTH_TEST, .priority = CHAT_URGENT,
		.body = mem_copy_string(""), .scopes = &scopes, .done = on_done, .arg = &results[0] });
	expect_ok(0);
	assert_null(scopes);
}

/* --- looking posts up ----------------------------------------------------------------------- */

static char user[] = "U0BOT", bot[] = "B0BOT";
static const struct slack_self self = { .user_id = user, .bot_id = bot };
static char *found;

static void on_found(void *arg, const struct err *err)
{
	on_done(arg, NULL, err);
}

static void find_since(size_t n, const char *thread, int64_t since_ms)
{
	slack_history_find(web, &self, "C1", thread, "key-1", since_ms, &found, (struct done){ on_found, &results[n] });
}

static void find(size_t n, const char *thread)
{
	find_since(n, thread, clock_wall_ms());
}

static bool asked_from(const char *body, int64_t oldest_ms)
{
	char text[40];

	(void)snprintf(text, sizeof(text), "oldest=%lld.%03d000", (long long)(oldest_ms / 1000), (int)(oldest_ms % 1000));
	return strstr(body, text) != NULL;
}

#define KEYED(bot_id, key, ts) "{\"ts\":\"" ts "\",\"bot_id\":\"" bot_id "\",\"metadata\":{\"event_type\":\"tocsin_delivery\",\"event_payload\":{\"key\":\"" key "\"}}}"

static void a_post_is_found_by_its_key(void **state)
{
	const char *body;

	(void)state;
	slack_fake_answer(fake, "conversations.history", 200, 0, "{\"ok\":true,\"messages\":[{\"ts\":\"1.1\"},"
		KEYED("B0BOT", "key-2", "1.2") "," KEYED("B7", "key-1", "1.3") "," KEYED("B0BOT", "key-1", "1.4") "]}");
	find(0, NULL);
	expect_ok(0);
	assert_string_equal(found, "1.4");
	body = slack_fake_asked(fake, NULL, 0)->body;
	assert_true(asked_from(body, now_ms - 60000));
	assert_non_null(strstr(body, "include_all_metadata=true"));
	assert_non_null(strstr(slack_fake_asked(fake, NULL, 0)->head, "application/x-www-form-urlencoded"));
	mem_set_string(&found, NULL);
	now_ms += 48 * 3600000;
	find_since(2, NULL, now_ms + 3600000); /* by a clock that was ahead */
	(void)result_of(2);
	assert_true(asked_from(slack_fake_asked(fake, NULL, 1)->body, now_ms - 24 * 3600000 - 60000));
	mem_set_string(&found, NULL);
	find(1, "9.9");
	assert_int_equal(result_of(1)->kind, ERR_NOT_FOUND);
	assert_null(found);
	assert_non_null(strstr(slack_fake_asked(fake, "conversations.replies", 0)->body, "ts=9.9"));
}

#define HISTORY "conversations.history"
#define MORE(messages) "{\"ok\":true,\"messages\":[" messages "],\"has_more\":true,\"response_metadata\":{\"next_cursor\":\"next=\"}}"

/* As was_told, and time goes by: pages have a rate. */
static bool was_told_in_time(void *arg)
{
	now_ms += 10;
	return was_told(arg);
}

static void pages_are_read_until_the_key_is_found(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		slack_fake_answer(fake, HISTORY, 200, 0, MORE(""));
	slack_fake_answer(fake, HISTORY, 200, 0, MORE(KEYED("B0BOT", "key-1", "1.4")));
	find(0, NULL);
	turn_until(loop, was_told_in_time, &results[0]);
	expect_ok(0);
	assert_string_equal(found, "1.4");
	assert_int_equal(slack_fake_count(fake, NULL), 21);
	assert_null(strstr(slack_fake_asked(fake, NULL, 0)->body, "cursor"));
	assert_non_null(strstr(slack_fake_asked(fake, NULL, 20)->body, "cursor=next%3D"));
}

static void only_after_the_last_page_it_is_not_there(void **state)
{
	(void)state;
	for (int i = 0; i < 49; i++)
		slack_fake_answer(fake, HISTORY, 200, 0, MORE(""));
	slack_fake_answer(fake, HISTORY, 200, 0, "{\"ok\":true,\"messages\":[],\"response_metadata\":{\"next_cursor\":\"\"}}");
	find(0, NULL);
	turn_until(loop, was_told_in_time, &results[0]);
	assert_int_equal(results[0].kind, ERR_NOT_FOUND);
	assert_int_equal(slack_fake_count(fake, NULL), 50);
}

static void a_search_that_was_given_up_found_nothing_out(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++)
		slack_fake_answer(fake, HISTORY, 200, 0, MORE(""));
	find(0, NULL);
	turn_until(loop, was_told_in_time, &results[0]);
	assert_int_equal(results[0].kind, ERR_RETRY);
	assert_int_equal(slack_fake_count(fake, NULL), 50);
}

static void nothing_is_looked_for_without_a_channel(void **state)
{
	(void)state;
	slack_history_find(web, &self, NULL, NULL, "key-1", 0, &found, (struct done){ on_found, &results[0] });
	assert_int_equal(results[0].times, 0); /* never before the call has returned */
	assert_int_equal(result_of(0)->kind, ERR_NOT_FOUND);
	assert_int_equal(slack_fake_count(fake, NULL), 0);
}

static void a_look_up_that_fails_is_no_answer(void **state)
{
	(void)state;
	slack_fake_answer(fake, "conversations.history", 503, 0, "");
	find(0, NULL);
	assert_int_equal(result_of(0)->kind, ERR_RETRY);
}

static void where_there_is_no_channel_or_thread_there_is_no_post(void **state)
{
	(void)state;
	slack_fake_answer(fake, HISTORY, 200, 0, "{\"ok\":false,\"error\":\"channel_not_found\"}");
	find(0, NULL);
	assert_int_equal(result_of(0)->kind, ERR_NOT_FOUND);
	slack_fake_answer(fake, "conversations.replies", 200, 0, "{\"ok\":false,\"error\":\"thread_not_found\"}");
	find(1, "9.9");
	assert_int_equal(result_of(1)->kind, ERR_NOT_FOUND);
	slack_fake_answer(fake, HISTORY, 200, 0, "{\"ok\":false,\"error\":\"missing_scope\"}");
	find(2, NULL);
	assert_int_equal(result_of(2)->kind, ERR_REFUSED);
}

/* --- the end -------------------------------------------------------------------------------- */

static bool is_limited(void *arg)
{
	(void)arg;
	return metrics_value("tocsin_slack_calls_limited_total", "method", "response_url") == 1;
}

/* Nobody could ask Slack afterwards whether it came. */
static void a_private_answer_that_was_not_sent_is_known_not_to_be(void **state)
{
	(void)state;
	slack_fake_answer(fake, "response", 429, 30, "");
	respond(0);
	turn_until(loop, is_limited, NULL);
	slack_fake_hold(fake, true);
	slack_web_free(web);
	web = NULL;
	assert_int_equal(results[0].times, 1);
	assert_int_equal(results[0].kind, ERR_RETRY);
}

static void a_private_answer_on_its_way_may_have_come(void **state)
{
	(void)state;
	slack_fake_hold(fake, true);
	respond(0);
	expect_asked("response", 1);
	slack_web_free(web);
	web = NULL;
	assert_int_equal(results[0].kind, ERR_CANCELLED);
}

static void everything_is_told_at_the_end(void **state)
{
	struct err err;

	(void)state;
	slack_fake_answer(fake, "conversations.history", 200, 0, "{\"ok\":false,\"error\":\"not_in_channel\"}");
	send_call(9, SLACK_HISTORY, "C9", NULL, CHAT_NORMAL);
	expect_asked("conversations.join", 1);
	slack_fake_hold(fake, true);
	for (size_t i = 0; i < 5; i++)
		post(i, "C1");
	find(5, NULL);
	expect_asked(POST, 3);
	slack_web_free(web);
	for (size_t i = 0; i <= 5; i++) {
		assert_int_equal(results[i].times, 1);
		assert_int_equal(results[i].kind, ERR_CANCELLED);
	}
	turn_for(loop, A_WHILE_MS);
	http_client_free(http);
	for (size_t i = 0; i <= 5; i++)
		assert_int_equal(results[i].times, 1);
	assert_int_equal(results[9].times, 1);
	http = http_client_new(loop, &(struct http_client_options){ 0 }, &err);
	web = NULL;
}

static int end_all(void **state)
{
	(void)state;
	free(found);
	found = NULL;
	return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_post),
		TEST(a_private_answer_carries_no_token),
		TEST(a_channel_gets_three_at_once_and_then_one_a_second),
		TEST(channels_do_not_wait_for_each_other),
		TEST(the_workspace_gets_twenty_at_once),
		TEST(edits_have_the_rate_of_their_tier),
		TEST(the_urgent_go_first),
		TEST(too_many_are_told_to_come_again),
		TEST(a_limited_post_waits_and_is_sent_again),
		TEST(a_limited_post_keeps_its_place),
		TEST(a_limit_on_posts_does_not_stop_edits),
		TEST(a_limit_without_a_time_is_half_a_minute),
		TEST(later_edits_replace_those_that_wait),
		TEST(a_replaced_edit_takes_the_more_urgent_place),
		TEST(an_edit_that_comes_back_makes_way_for_a_newer_one),
		TEST(classes_of_answers),
		TEST(nobody_there_did_not_happen),
		TEST(who_answers_instead_of_slack_is_given_time),
		TEST(a_private_answer_that_is_too_late_is_refused),
		TEST(a_stranger_in_slacks_place_is_no_refusal),
		TEST(denied_access_is_fatal_only_where_the_app_itself_is_denied),
		TEST(tokens_that_are_of_no_use_are_told_once),
		TEST(a_missing_scope_is_fatal_only_where_it_is_vital),
		TEST(a_public_channel_is_joined_once),
		TEST(where_joining_is_refused_a_person_is_asked),
		TEST(refused_blocks_are_sent_as_text_once),
		TEST(a_refused_picture_costs_the_picture_only),
		TEST(a_doubtful_post_with_pictures_is_not_repeated),
		TEST(the_scopes_of_the_token_are_told),
		TEST(a_post_is_found_by_its_key),
		TEST(pages_are_read_until_the_key_is_found),
		TEST(only_after_the_last_page_it_is_not_there),
		TEST(a_search_that_was_given_up_found_nothing_out),
		TEST(nothing_is_looked_for_without_a_channel),
		TEST(a_look_up_that_fails_is_no_answer),
		TEST(where_there_is_no_channel_or_thread_there_is_no_post),
		TEST(a_private_answer_that_was_not_sent_is_known_not_to_be),
		TEST(a_private_answer_on_its_way_may_have_come),
		TEST(everything_is_told_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, end_all);
}
