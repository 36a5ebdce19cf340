/*
 * Pictures on their way into Slack: adapters/slack/upload.h, against a scripted Web API. One second
 * of waiting is one millisecond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/slack/upload.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/secret.h"
#include "tests/unit/support/slack_fake.h"
#include "tests/unit/support/turn.h"

#define URL "files.getUploadURLExternal"
#define BYTES "F0PICTURE1" /* the last part of the address that the script gives */
#define COMPLETE "files.completeUploadExternal"
#define INFO "files.info"
#define A_WHILE_MS 60
#define AT_ONCE 10 /* that the rate of files.getUploadURLExternal lets go together */

/* With a NUL and every other byte that a text would not survive. */
static const unsigned char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff&=%";

static struct loop *loop;
static struct http_client *http;
static struct slack_fake *fake;
static struct slack_web *web;
static struct slack_uploads *uploads;
static struct secret token;
static unsigned fatals;

struct result {
	unsigned times;
	struct err err; /* ERR_NONE: success */
	char *image;
};
static struct result results[SLACK_UPLOADS_MAX + 1];

static void no_line(const char *line)
{
	(void)line;
}

static void on_fatal(void *arg, const struct err *err)
{
	(void)arg;
	(void)err;
	fatals++;
}

static void new_uploads(bool loopback, int64_t deadline_ms)
{
	slack_uploads_free(uploads);
	uploads = slack_uploads_new(loop, web, loopback, deadline_ms);
}

static int begin(void **state)
{
	struct err err;

	(void)state;
	log_sink(no_line);
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
	uploads = NULL;
	new_uploads(true, 60000);
	return 0;
}

static int end(void **state)
{
	(void)state;
	slack_web_free(web);
	slack_uploads_free(uploads);
	http_client_free(http);
	slack_fake_free(fake);
	loop_free(loop);
	secret_free(&token);
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		free(results[i].image);
	clock_set_scale(1);
	metrics_reset();
	log_sink(NULL);
	return 0;
}

static void on_done(void *arg, const struct err *err)
{
	struct result *result = arg;

	result->times++;
	result->err = err == NULL ? (struct err){ 0 } : *err;
}

static void upload_bytes(size_t n, const unsigned char *bytes, size_t size)
{
	slack_upload(uploads, "cpu & memory.png", "CPU of i-1: 90 %", bytes, size, &results[n].image,
	             (struct done){ on_done, &results[n] });
	assert_int_equal(results[n].times, 0); /* never before the call has returned */
}

static void upload(size_t n)
{
	upload_bytes(n, png, sizeof(png));
}

static bool was_told(void *arg)
{
	return ((struct result *)arg)->times > 0;
}

static const struct err *outcome_of(size_t n)
{
	turn_until(loop, was_told, &results[n]);
	turn_for(loop, 5);
	assert_int_equal(results[n].times, 1);
	return &results[n].err;
}

static void expect_picture(size_t n)
{
	if (outcome_of(n)->kind != ERR_NONE)
		fail_msg("%s", results[n].err.text);
	assert_string_equal(results[n].image, BYTES);
}

static void expect_error(size_t n, enum err_kind kind, const char *part)
{
	assert_int_equal(outcome_of(n)->kind, kind);
	if (strstr(results[n].err.text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", results[n].err.text, part);
	assert_null(results[n].image);
}

/* --- what the script says ------------------------------------------------------------------- */

static void say(const char *method, const char *body)
{
	slack_fake_answer(fake, method, 200, 0, body);
}

static void say_address(void)
{
	char body[256];
	const char *base = slack_fake_url(fake);

	(void)snprintf(body, sizeof(body), "{\"ok\":true,\"upload_url\":\"%.*supload/v1/" BYTES "\",\"file_id\":\"" BYTES "\"}",
	               (int)(strlen(base) - strlen("api/")), base);
	say(URL, body);
}

static void say_complete(const char *mimetype)
{
	char body[256];

	(void)snprintf(body, sizeof(body), "{\"ok\":true,\"files\":[{\"id\":\"" BYTES "\",\"mimetype\":\"%s\"}]}", mimetype);
	say(COMPLETE, body);
}

static void say_info(const char *mimetype)
{
	char body[256];

	(void)snprintf(body, sizeof(body), "{\"ok\":true,\"file\":{\"id\":\"" BYTES "\",\"mimetype\":\"%s\"}}", mimetype);
	say(INFO, body);
}

/* --- the way of one picture ----------------------------------------------------------------- */

static void a_picture_is_handed_over_unseen(void **state)
{
	const struct slack_asked *asked;
	struct json_object *json;
	struct err err;

	(void)state;
	say_address();
	say(BYTES, "OK - 21");
	say_complete("");
	say_info("");
	say_info("image/png");
	upload(0);
	expect_picture(0);
	asked = slack_fake_asked(fake, URL, 0);
	assert_string_equal(asked->body, "filename=cpu%20%26%20memory.png&length=21&alt_txt=CPU%20of%20i-1%3A%2090%20%25");
	assert_non_null(strstr(asked->head, "Authorization: Bearer xoxb-test-token\r\n"));
	asked = slack_fake_asked(fake, BYTES, 0);
	assert_non_null(strstr(asked->head, "POST /upload/v1/" BYTES " "));
	assert_non_null(strstr(asked->head, "Content-Type: application/octet-stream\r\n"));
	assert_null(strcasestr(asked->head, "authorization"));
	assert_null(strstr(asked->head, "xoxb"));
	assert_int_equal(asked->length, sizeof(png));
	assert_memory_equal(asked->body, png, sizeof(png));
	asked = slack_fake_asked(fake, COMPLETE, 0);
	json = json_parse(asked->body, asked->length, &err);
	assert_string_equal(json_print(json), "{\"files\":[{\"id\":\"" BYTES "\",\"title\":\"cpu & memory.png\"}]}"); /* no channel */
	json_free(json);
	assert_string_equal(slack_fake_asked(fake, INFO, 1)->body, "file=" BYTES);
	assert_int_equal(slack_fake_count(fake, NULL), 5);
	assert_int_equal(metrics_value("tocsin_slack_uploads_total", "outcome", "ok"), 1);
}

static void what_is_processed_at_once_is_not_looked_at(void **state)
{
	(void)state;
	say_address();
	say_complete("image/png");
	upload(0);
	expect_picture(0);
	assert_int_equal(slack_fake_count(fake, INFO), 0);
}

static void without_alt_none_is_sent(void **state)
{
	(void)state;
	say_address();
	say_complete("image/png");
	slack_upload(uploads, "a.png", NULL, png, sizeof(png), &results[0].image, (struct done){ on_done, &results[0] });
	expect_picture(0);
	assert_string_equal(slack_fake_asked(fake, URL, 0)->body, "filename=a.png&length=21");
}

/* --- what goes wrong on the way ------------------------------------------------------------- */

static const struct fault {
	int status, retry_after_s;
	const char *body;
	bool same; /* the same step once more, not all from the beginning */
} faults[] = {
	{ 500, 0, "upstream error", false },
	{ 503, 0, "", false },
	{ 0, 0, "", false }, /* no answer: it may have happened */
	{ 429, 1, "{\"ok\":false,\"error\":\"ratelimited\"}", true },
	{ 403, 1, "<html>a proxy in between</html>", false },
};

/* A later step goes wrong once. */
static void expect_mended(const char *method, const struct fault *fault)
{
	size_t starts = slack_fake_count(fake, URL), times = slack_fake_count(fake, method);

	say_address();
	if (!fault->same)
		say_address();
	slack_fake_answer(fake, method, fault->status, fault->retry_after_s, fault->body);
	say_complete("image/png");
	upload(0);
	expect_picture(0);
	assert_int_equal(slack_fake_count(fake, URL), starts + (fault->same ? 1 : 2));
	assert_int_equal(slack_fake_count(fake, method), times + 2);
	results[0].times = 0;
	mem_set_string(&results[0].image, NULL);
}

static void a_fault_at_the_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		slack_fake_answer(fake, URL, faults[i].status, faults[i].retry_after_s, faults[i].body);
		say_address();
		say_complete("image/png");
		upload(0);
		expect_picture(0);
		assert_int_equal(slack_fake_count(fake, URL), 2 * (i + 1));
		results[0].times = 0;
		mem_set_string(&results[0].image, NULL);
	}
}

static void a_fault_at_the_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		expect_mended(BYTES, &faults[i]);
}

static void a_fault_at_the_completion(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		expect_mended(COMPLETE, &faults[i]);
}

static void a_lost_completion_is_a_new_upload(void **state)
{
	static const struct fault already = { 200, 0, "{\"ok\":false,\"error\":\"file_not_found\"}", false };

	(void)state;
	expect_mended(COMPLETE, &already);
}

static void a_fault_at_the_look_is_another_look(void **state)
{
	(void)state;
	say_address();
	say_complete("");
	slack_fake_answer(fake, INFO, 500, 0, "");
	slack_fake_answer(fake, INFO, 0, 0, "");
	slack_fake_answer(fake, INFO, 429, 1, "{\"ok\":false,\"error\":\"ratelimited\"}");
	say(INFO, "{\"ok\":false,\"error\":\"file_not_found\"}"); /* not yet everywhere */
	say_info("image/png");
	upload(0);
	expect_picture(0);
	assert_int_equal(slack_fake_count(fake, URL), 1);
	assert_int_equal(slack_fake_count(fake, INFO), 5);
}

static void three_tries_are_enough(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		say_address();
		slack_fake_answer(fake, BYTES, 500, 0, "");
	}
	upload(0);
	expect_error(0, ERR_RETRY, "upload_url: HTTP status 500");
	assert_int_equal(slack_fake_count(fake, URL), 3);
	assert_int_equal(slack_fake_count(fake, COMPLETE), 0);
	assert_int_equal(metrics_value("tocsin_slack_uploads_total", "outcome", "retry"), 1);
}

static void what_is_never_processed_comes_to_an_end(void **state)
{
	(void)state;
	say_address();
	say_complete("");
	for (size_t i = 0; i < 20; i++)
		say_info("");
	upload(0);
	expect_error(0, ERR_RETRY, "has not processed it");
	assert_int_equal(slack_fake_count(fake, INFO), 18);
	assert_int_equal(slack_fake_count(fake, URL), 1);
}

static void every_upload_has_a_deadline(void **state)
{
	(void)state;
	new_uploads(true, 30);
	slack_fake_hold(fake, true);
	upload(0);
	expect_error(0, ERR_RETRY, "takes too long");
	slack_fake_hold(fake, false); /* the answer comes: nobody is told again, and nothing is asked */
	turn_for(loop, A_WHILE_MS);
	assert_int_equal(results[0].times, 1);
	assert_int_equal(slack_fake_count(fake, NULL), 1);
}

/* --- what a person has to mend -------------------------------------------------------------- */

static void expect_refused_once(const char *method, const char *part)
{
	upload(0);
	expect_error(0, ERR_REFUSED, part);
	assert_int_equal(slack_fake_count(fake, URL), 1);
	assert_int_equal(slack_fake_count(fake, method), 1);
	assert_int_equal(fatals, 0);
}

static void a_missing_scope_is_named(void **state)
{
	(void)state;
	say(URL, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"files:write\"}");
	expect_refused_once(URL, "lacks the scope files:write (for files.getUploadURLExternal)");
}

static void a_missing_scope_for_the_look_is_named(void **state)
{
	(void)state;
	say_address();
	say_complete("");
	say(INFO, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"files:read\"}");
	expect_refused_once(INFO, "lacks the scope files:read (for files.info)");
}

static void a_workspace_without_uploads(void **state)
{
	(void)state;
	say(URL, "{\"ok\":false,\"error\":\"file_uploads_disabled\"}");
	expect_refused_once(URL, "ask a workspace admin (file_uploads_disabled)");
}

static void a_token_of_no_use_is_fatal_here_too(void **state)
{
	(void)state;
	say(URL, "{\"ok\":false,\"error\":\"invalid_auth\"}");
	upload(0);
	expect_error(0, ERR_REFUSED, "Slack refuses the token");
	assert_int_equal(fatals, 1);
}

static void what_slack_sees_no_picture_in(void **state)
{
	(void)state;
	say_address();
	say_complete("text/plain");
	expect_refused_once(COMPLETE, "does not see a picture");
}

static void a_redirect_is_not_followed(void **state)
{
	(void)state;
	say_address();
	slack_fake_answer(fake, BYTES, 302, 0, "");
	expect_refused_once(BYTES, "HTTP status 302");
}

/* The words of a stranger are not Slack's: they stop nothing. */
static void the_address_cannot_speak_for_slack(void **state)
{
	(void)state;
	say_address();
	say_address();
	slack_fake_answer(fake, BYTES, 400, 1, "{\"ok\":false,\"error\":\"token_revoked\"}");
	say_complete("image/png");
	upload(0);
	expect_picture(0);
	assert_int_equal(fatals, 0);
}

static void addresses_that_the_bytes_do_not_go_to(void **state)
{
	static const char *const bad[] = {
		"\"upload_url\":\"http://files.example.com/upload/v1/x\",\"file_id\":\"" BYTES "\"",
		"\"upload_url\":\"ftp://127.0.0.1/upload\",\"file_id\":\"" BYTES "\"",
		"\"upload_url\":\"wss://127.0.0.1/upload\",\"file_id\":\"" BYTES "\"",
		"\"upload_url\":\"\",\"file_id\":\"" BYTES "\"",
		"\"file_id\":\"" BYTES "\"",
		"\"upload_url\":\"https://files.slack.com/upload/v1/x\",\"file_id\":\"F1&x=../\"",
		"\"upload_url\":\"https://files.slack.com/upload/v1/x\"",
	};
	char body[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(body, sizeof(body), "{\"ok\":true,%s}", bad[i]);
		say(URL, body);
		upload(i);
		expect_error(i, ERR_REFUSED, "Slack did not take the picture");
	}
	new_uploads(false, 60000); /* http to this machine is for tests only */
	say_address();
	upload(20);
	expect_error(20, ERR_REFUSED, "not https");
	assert_int_equal(slack_fake_count(fake, NULL), slack_fake_count(fake, URL));
}

/* --- limits and the end --------------------------------------------------------------------- */

static void sizes_are_bounded(void **state)
{
	static unsigned char large[SLACK_PICTURE_MAX + 1];

	(void)state;
	upload_bytes(0, large, 0);
	upload_bytes(1, large, sizeof(large));
	expect_error(0, ERR_REFUSED, "has 0 bytes");
	expect_error(1, ERR_REFUSED, "has 4194305 bytes");
	assert_int_equal(slack_fake_count(fake, NULL), 0);
}

static bool so_many_go_together(void *arg)
{
	(void)arg;
	return slack_fake_count(fake, URL) >= AT_ONCE;
}

static void so_many_at_once(void **state)
{
	(void)state;
	slack_fake_hold(fake, true);
	for (size_t i = 0; i <= SLACK_UPLOADS_MAX; i++)
		upload(i);
	expect_error(SLACK_UPLOADS_MAX, ERR_RETRY, "on their way already");
	turn_until(loop, so_many_go_together, NULL); /* the rest waits for its turn */
}

static bool is_looked_at(void *arg)
{
	(void)arg;
	return slack_fake_count(fake, INFO) > 0;
}

static void all_are_told_at_the_end(void **state)
{
	(void)state;
	say_address();
	say_complete("");
	say_info("");
	upload(0); /* will wait for a timer */
	turn_until(loop, is_looked_at, NULL);
	slack_fake_hold(fake, true);
	upload(1); /* waits for an answer */
	upload_bytes(2, png, 0); /* waits to be refused */
	slack_web_free(web);
	web = NULL;
	slack_uploads_free(uploads);
	uploads = NULL;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(results[i].times, 1);
		assert_int_equal(results[i].err.kind, ERR_CANCELLED);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_picture_is_handed_over_unseen),
		TEST(what_is_processed_at_once_is_not_looked_at),
		TEST(without_alt_none_is_sent),
		TEST(a_fault_at_the_address),
		TEST(a_fault_at_the_bytes),
		TEST(a_fault_at_the_completion),
		TEST(a_lost_completion_is_a_new_upload),
		TEST(a_fault_at_the_look_is_another_look),
		TEST(three_tries_are_enough),
		TEST(what_is_never_processed_comes_to_an_end),
		TEST(every_upload_has_a_deadline),
		TEST(a_missing_scope_is_named),
		TEST(a_missing_scope_for_the_look_is_named),
		TEST(a_workspace_without_uploads),
		TEST(a_token_of_no_use_is_fatal_here_too),
		TEST(what_slack_sees_no_picture_in),
		TEST(a_redirect_is_not_followed),
		TEST(the_address_cannot_speak_for_slack),
		TEST(addresses_that_the_bytes_do_not_go_to),
		TEST(sizes_are_bounded),
		TEST(so_many_at_once),
		TEST(all_are_told_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
