/* The ways to a Jira site: addresses, login, kinds of site, what answers mean, pacing, queue, shutdown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapters/jira/address.h"
#include "adapters/jira/calls.h"
#include "adapters/jira/judge.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/secret.h"
#include "tests/unit/support/jira_world.h"
#include "tests/unit/support/turn.h"

#define STATUS "{\"fields\":{\"status\":{\"name\":\"Open\",\"statusCategory\":{\"key\":\"new\"}}}}"
#define OPS_1 "GET /rest/api/3/issue/OPS-1"

static char *status, *category;

static int tidy(void **state)
{
	free(status);
	free(category);
	status = category = NULL;
	return jira_world_end(state);
}

static void ask(void)
{
	RUN(jira_status(jira, "OPS-1", &status, &category, done));
}

/* --- addresses ----------------------------------------------------------------------------- */

static void addresses_are_read(void **state)
{
	static const struct {
		const char *url, *base;
		bool cloud, gateway;
	} good[] = {
		{ "https://example.atlassian.net", "https://example.atlassian.net", true, false },
		{ "https://example.atlassian.net///", "https://example.atlassian.net", true, false },
		{ "https://EXAMPLE.Atlassian.NET:443/", "https://EXAMPLE.Atlassian.NET:443", true, false },
		{ "https://api.atlassian.com/ex/jira/11223344-a/", "https://api.atlassian.com/ex/jira/11223344-a", true, true },
		{ "https://jira.example.com/jira/", "https://jira.example.com/jira", false, false },
		{ "http://127.0.0.1:8080/a/b//", "http://127.0.0.1:8080/a/b", false, false },
		{ "https://atlassian.net.example.com", "https://atlassian.net.example.com", false, false },
		{ "https://notatlassian.net", "https://notatlassian.net", false, false },
	};
	static const char *const bad[] = {
		"", "example.atlassian.net", "ftp://x", "https://", "https:///x", "https://user:pw@x", "https://x/?a", "https://x/#a",
		"https://x y", "https://x/rest/api/2", "https://x/browse/OPS-1",
	};
	struct jira_address address;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(jira_address_read(&address, good[i].url, &err));
		assert_string_equal(address.base, good[i].base);
		assert_int_equal(address.cloud_host, good[i].cloud);
		assert_int_equal(address.gateway, good[i].gateway);
		jira_address_free(&address);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.kind = ERR_NONE;
		assert_false(jira_address_read(&address, bad[i], &err));
		assert_int_equal(err.kind, ERR_USAGE);
		jira_address_free(&address);
	}
}

static void issue_keys_are_told_from_others(void **state)
{
	static const char *const good[] = { "OPS-1", "A1_B-99", "ops-7" };
	static const char *const bad[] = { "", "OPS", "OPS-", "-1", "OPS-1x", "OPS-1/..", "OPS 1", "OPS-1-2", "../OPS-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(jira_address_is_issue(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(jira_address_is_issue(bad[i]));
}

static void context_paths_and_slashes_make_whole_urls(void **state)
{
	char *url, expected[200];

	(void)state;
	jira_world_restart("/ctx//");
	jira_fake_answer(fake, "GET /ctx/rest/api/3/issue/OPS-1", 200, NULL, STATUS);
	ask();
	assert_int_equal(result.kind, ERR_NONE);
	url = jira_issue_url(jira, "OPS-1");
	(void)snprintf(expected, sizeof(expected), "%s/ctx/browse/OPS-1", jira_fake_url(fake));
	assert_string_equal(url, expected);
	free(url);
}

static void a_bad_url_makes_no_jira(void **state)
{
	struct err err = { 0 };

	(void)state;
	jira_world_options.url = "jira.example.com";
	assert_null(jira_new(&jira_world_options, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "jira.url must begin with https:// and the site's name");
}

/* --- login --------------------------------------------------------------------------------- */

static void a_user_means_basic_authentication(void **state)
{
	(void)state;
	jira_world_options.user = "bot@example.com";
	jira_world_restart("");
	jira_fake_answer(fake, OPS_1, 200, NULL, STATUS);
	ask();
	/* base64 of bot@example.com:t0ken-of-a-test */
	assert_non_null(strstr(jira_fake_asked(fake, OPS_1, 0)->head, "\r\nAuthorization: Basic Ym90QGV4YW1wbGUuY29tOnQwa2VuLW9mLWEtdGVzdA==\r\n"));
	assert_non_null(strstr(jira_fake_asked(fake, OPS_1, 0)->head, "\r\nAccept: application/json\r\n"));
	assert_non_null(strstr(jira_fake_asked(fake, OPS_1, 0)->head, "\r\nAccept-Language: en\r\n"));
}

/* --- kinds of site ------------------------------------------------------------------------- */

static void an_unknown_site_is_asked_once(void **state)
{
	static const struct {
		int status;
		const char *body;
		bool cloud;
	} cases[] = {
		{ 200, "{\"deploymentType\":\"Cloud\",\"baseUrl\":\"https://x\"}", true },
		{ 200, "{\"deploymentType\":\"Server\"}", false },
		{ 200, "{}", false },
		{ 404, "{}", false },
		{ 403, "{\"errorMessages\":[\"no\"]}", false },
	};

	(void)state;
	jira_world_options.api = JIRA_AUTO;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = cases[i].cloud ? OPS_1 : "GET /rest/api/2/issue/OPS-1";

		jira_world_restart("");
		jira_fake_answer(fake, "GET /rest/api/2/serverInfo", cases[i].status, NULL, cases[i].body);
		jira_fake_answer(fake, path, 200, NULL, STATUS);
		jira_fake_answer(fake, path, 200, NULL, STATUS);
		ask();
		assert_int_equal(result.kind, ERR_NONE);
		ask();
		assert_int_equal(result.kind, ERR_NONE);
		assert_int_equal(jira_fake_unused(fake), 0);
	}
	assert_int_equal(jira_fake_count(fake, NULL), 15);
}

static void silence_is_no_kind(void **state)
{
	char *findings = NULL;

	(void)state;
	jira_world_options.api = JIRA_AUTO;
	jira_world_restart("");
	jira_fake_answer(fake, "GET /rest/api/2/serverInfo", 403, "Content-Type: text/html\r\n", "<html>");
	ask();
	assert_int_equal(result.kind, ERR_REFUSED);
	jira_fake_answer(fake, "GET /rest/api/2/serverInfo", 401, NULL, "");
	RUN(jira_check(jira, &findings, done));
	assert_int_equal(result.kind, ERR_NONE);
	assert_non_null(strstr(findings, "login refused"));
	free(findings);
	for (int i = 0; i < 3; i++)
		jira_fake_answer(fake, "GET /rest/api/2/serverInfo", 503, NULL, "");
	ask();
	assert_int_equal(result.kind, ERR_RETRY);
	jira_fake_answer(fake, "GET /rest/api/2/serverInfo", 200, NULL, "{\"deploymentType\":\"Cloud\"}");
	jira_fake_answer(fake, OPS_1, 200, NULL, STATUS);
	ask();
	assert_int_equal(result.kind, ERR_NONE);
}

static void the_name_of_a_cloud_site_is_enough(void **state)
{
	char *url;

	(void)state;
	jira_world_options.api = JIRA_AUTO;
	jira_world_restart_at("http://example.atlassian.net/");
	jira_fake_answer(fake, OPS_1, 200, NULL, STATUS);
	ask();
	assert_int_equal(result.kind, ERR_NONE);
	assert_int_equal(jira_fake_count(fake, NULL), 1);
	url = jira_issue_url(jira, "OPS-1");
	assert_string_equal(url, "http://example.atlassian.net/browse/OPS-1");
	free(url);
}

static void behind_the_gateway_people_browse_the_site(void **state)
{
	static const char info[] = "{\"deploymentType\":\"Cloud\",\"baseUrl\":\"https://example.atlassian.net/\"}";
	char *url;

	(void)state;
	jira_world_options.api = JIRA_AUTO;
	jira_world_restart_at("http://api.atlassian.com/ex/jira/11-22/");
	for (int i = 0; i < 3; i++)
		jira_fake_answer(fake, "GET /ex/jira/11-22/rest/api/2/serverInfo", 503, NULL, "");
	jira_fake_answer(fake, "GET /ex/jira/11-22/rest/api/3/issue/OPS-1", 200, NULL, STATUS);
	ask(); /* it is Cloud whether that is said or not */
	assert_int_equal(result.kind, ERR_NONE);
	jira_fake_answer(fake, "GET /ex/jira/11-22/rest/api/2/serverInfo", 200, NULL, info);
	jira_fake_answer(fake, "GET /ex/jira/11-22/rest/api/3/issue/OPS-1", 200, NULL, STATUS);
	ask();
	assert_int_equal(result.kind, ERR_NONE);
	url = jira_issue_url(jira, "OPS-1");
	assert_string_equal(url, "https://example.atlassian.net/browse/OPS-1");
	free(url);
}

/* --- what answers mean --------------------------------------------------------------------- */

static void refusals_say_what_to_do(void **state)
{
	static const struct {
		int status;
		const char *headers, *body, *text;
	} cases[] = {
		{ 400, NULL, "{\"errorMessages\":[\"a\\nb\",\"c\"],\"errors\":{\"f\":\"d\"}}",
		  "Jira cannot tell the status of OPS-1 (HTTP 400): a b; c; f: d" },
		{ 401, NULL, "", "Jira cannot tell the status of OPS-1 (HTTP 401, login refused): check jira.user and jira.token (expired?); "
		  "a scoped token needs jira.url https://api.atlassian.com/ex/jira/CLOUD-ID" },
		{ 401, "Content-Type: text/html\r\n", "<html>", "Jira cannot tell the status of OPS-1 (HTTP 401, login refused): check "
		  "jira.user and jira.token (expired?); a scoped token needs jira.url https://api.atlassian.com/ex/jira/CLOUD-ID" },
		{ 403, "X-Authentication-Denied-Reason: CAPTCHA_CHALLENGE; login-url=https://x\r\n", "",
		  "Jira cannot tell the status of OPS-1 (HTTP 403, CAPTCHA wanted): log in to Jira once in a browser as this user, or use a token" },
		{ 403, NULL, "{\"message\":\"Basic auth with password is not allowed\"}",
		  "Jira cannot tell the status of OPS-1 (HTTP 403, forbidden): Basic auth with password is not allowed" },
		{ 410, NULL, "{\"errorMessages\":[\"Die API wurde entfernt\"]}",
		  "Jira cannot tell the status of OPS-1 (HTTP 410, this API is gone): Die API wurde entfernt; check jira.api" },
		{ 413, NULL, "", "Jira cannot tell the status of OPS-1 (HTTP 413, too much): a limit of this issue or of the site is reached" },
		{ 422, NULL, "{\"errorMessages\":[\"x\"]}", "Jira cannot tell the status of OPS-1 (HTTP 422): x" },
		{ 302, "Location: https://sso.example.com/login?ticket=s3cret\r\n", "", "Jira cannot tell the status of OPS-1 (HTTP 302, "
		  "a redirect): it sends us to sso.example.com: set jira.url to where Jira itself answers" },
		{ 301, NULL, "", "Jira cannot tell the status of OPS-1 (HTTP 301, a redirect): it sends us to the login page: set jira.url to "
		  "where Jira itself answers" },
		{ 200, "Content-Type: text/html;charset=utf-8\r\n", "<html>login", "Jira cannot tell the status of OPS-1 (HTTP 200, a web page): "
		  "not Jira answered but a login page or proxy: check jira.url" },
		{ 400, "Content-Type: text/html\r\n", "<html>", "Jira cannot tell the status of OPS-1 (HTTP 400, a web page): not Jira answered "
		  "but something before it: check jira.url and proxy" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		jira_fake_answer(fake, OPS_1, cases[i].status, cases[i].headers, cases[i].body);
		ask();
		assert_int_equal(result.kind, ERR_REFUSED);
		assert_string_equal(result.text, cases[i].text);
		assert_int_equal(jira_fake_count(fake, NULL), i + 1); /* none is asked again */
	}
	assert_int_equal(metrics_value("tocsin_jira_calls_total", "outcome", "refused"), sizeof(cases) / sizeof(cases[0]));
}

static void long_words_of_jira_are_cut(void **state)
{
	char body[2000];

	(void)state;
	memset(body, 'x', sizeof(body));
	memcpy(body, "{\"errorMessages\":[\"", 19);
	memcpy(body + sizeof(body) - 4, "\"]}", 4);
	jira_fake_answer(fake, OPS_1, 400, NULL, body);
	ask();
	assert_non_null(strstr(result.text, "xxx…"));
}

static void passing_failures_are_tried_three_times(void **state)
{
	static const int statuses[] = { 500, 502, 503, 504, 408, 429, 409, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		jira_fake_answer(fake, OPS_1, statuses[i], NULL, "<html>");
		jira_fake_answer(fake, OPS_1, statuses[i], NULL, "");
		jira_fake_answer(fake, OPS_1, 200, NULL, STATUS);
		ask();
		assert_int_equal(result.kind, ERR_NONE);
		for (int k = 0; k < 3; k++)
			jira_fake_answer(fake, OPS_1, statuses[i], NULL, "");
		ask();
		assert_int_equal(result.kind, ERR_RETRY);
		assert_int_equal(jira_fake_unused(fake), 0);
	}
	assert_int_equal(metrics_value("tocsin_jira_retries_total", NULL, NULL), 4 * 8);
}

static void an_answer_that_is_no_json_is_tried_again(void **state)
{
	(void)state;
	jira_fake_answer(fake, OPS_1, 200, NULL, "{\"fields\":");
	jira_fake_answer(fake, OPS_1, 200, NULL, STATUS);
	ask();
	assert_int_equal(result.kind, ERR_NONE);
	assert_string_equal(status, "Open");
}

/* --- limits -------------------------------------------------------------------------------- */

static void a_long_limit_is_handed_on_and_kept(void **state)
{
	(void)state;
	clock_set_scale(1); /* two minutes are long, and nothing waits for them */
	jira_fake_answer(fake, OPS_1, 429, "Retry-After: 120\r\nRateLimit-Reason: jira-burst-based\r\n", "");
	ask();
	assert_int_equal(result.kind, ERR_RETRY);
	assert_int_equal(result.retry_after_ms, 120000);
	assert_int_equal(metrics_value("tocsin_jira_limited_total", "scope", "call"), 1);
	ask(); /* the same kind of call is not even sent */
	assert_int_equal(result.kind, ERR_RETRY);
	assert_true(result.retry_after_ms > 0);
	assert_int_equal(jira_fake_count(fake, NULL), 1);
	jira_fake_answer(fake, "PUT /rest/api/3/issue/OPS-1/assignee", 204, NULL, "");
	RUN(jira_assign(jira, "OPS-1", "a", done)); /* others are */
	assert_int_equal(result.kind, ERR_NONE);
}

static void a_limited_issue_stops_writes_to_it_only(void **state)
{
	(void)state;
	clock_set_scale(1);
	jira_fake_answer(fake, "PUT /rest/api/3/issue/OPS-1/assignee", 429,
	                 "Retry-After: 120\r\nRateLimit-Reason: jira-per-issue-on-write\r\n", "");
	RUN(jira_assign(jira, "OPS-1", "a", done));
	assert_int_equal(result.kind, ERR_RETRY);
	assert_int_equal(metrics_value("tocsin_jira_limited_total", "scope", "issue"), 1);
	RUN(jira_assign(jira, "OPS-1", "a", done));
	assert_int_equal(result.kind, ERR_RETRY);
	assert_int_equal(jira_fake_count(fake, NULL), 1);
	jira_fake_answer(fake, "PUT /rest/api/3/issue/OPS-2/assignee", 204, NULL, "");
	RUN(jira_assign(jira, "OPS-2", "a", done));
	assert_int_equal(result.kind, ERR_NONE);
	jira_fake_answer(fake, OPS_1, 200, NULL, STATUS);
	ask();
	assert_int_equal(result.kind, ERR_NONE);
}

static int64_t wait_of(const char *headers)
{
	jira_world_restart("");
	jira_fake_answer(fake, OPS_1, 429, headers, "");
	ask();
	assert_int_equal(result.kind, ERR_RETRY);
	return result.retry_after_ms;
}

static void the_time_of_a_reset_is_read_in_all_its_forms(void **state)
{
	char headers[200], iso[CLOCK_TEXT_SIZE];
	int64_t at_ms = (clock_wall_ms() / 60000 + 30) * 60000, wait_ms;

	(void)state;
	clock_format_iso(at_ms, iso);
	(void)snprintf(headers, sizeof(headers), "X-RateLimit-Reset: %.16sZ\r\n", iso);
	wait_ms = wait_of(headers);
	assert_in_range(wait_ms, 28 * 60000, 30 * 60000);
	(void)snprintf(headers, sizeof(headers), "x-ratelimit-reset: %lld\r\n", (long long)(at_ms / 1000));
	assert_in_range(wait_of(headers), 28 * 60000, 30 * 60000);
	(void)snprintf(headers, sizeof(headers), "X-RateLimit-Reset: %lld\r\n", (long long)at_ms);
	assert_in_range(wait_of(headers), 28 * 60000, 30 * 60000);
	(void)snprintf(headers, sizeof(headers), "X-RateLimit-Reset: %.16sZ\r\nRetry-After: 77\r\n", iso);
	assert_int_equal(wait_of(headers), 77000);
	/* Jira's clock counts, not ours. */
	assert_int_equal(wait_of("Date: Fri, 21 Nov 2025 03:00:00 GMT\r\nX-RateLimit-Reset: 2025-11-21T03:40Z\r\n"), 2400000);
}

static void nonsense_in_a_reset_is_no_wait(void **state)
{
	static const char *const headers[] = { "", "X-RateLimit-Reset: soon\r\n", "X-RateLimit-Reset: 5\r\n",
		"X-RateLimit-Reset: 99999999999999\r\n", "Retry-After: -1\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		jira_fake_answer(fake, OPS_1, 429, headers[i], "");
		jira_fake_answer(fake, OPS_1, 200, NULL, STATUS);
		ask();
		assert_int_equal(result.kind, ERR_NONE);
	}
}

/* --- many at once -------------------------------------------------------------------------- */

#define MANY 400
static struct jira_result many[MANY];
static unsigned finished, order[MANY];

static void on_one(void *arg, const struct err *err)
{
	struct jira_result *one = arg;

	one->times++;
	one->kind = err == NULL ? ERR_NONE : err->kind;
	one->retry_after_ms = err == NULL ? 0 : err->retry_after_ms;
	order[finished++] = (unsigned)(one - many);
}

static bool all_finished(void *arg)
{
	return finished >= *(unsigned *)arg;
}

static void wait_for(unsigned count)
{
	turn_until(jira_world_loop, all_finished, &count);
}

static void reset_many(void)
{
	memset(many, 0, sizeof(many));
	finished = 0;
}

static bool enough_asked(void *arg)
{
	return jira_fake_count(fake, NULL) >= *(unsigned *)arg;
}

static void wait_until_asked(unsigned count)
{
	turn_until(jira_world_loop, enough_asked, &count);
	turn_for(jira_world_loop, 5); /* for what must not follow */
}

static void few_run_and_not_too_many_wait(void **state)
{
	static char *names[MANY], *categories[MANY];
	unsigned refused = 0;

	(void)state;
	reset_many();
	jira_fake_hold(fake, true);
	for (size_t i = 0; i < MANY; i++) {
		char issue[20];

		(void)snprintf(issue, sizeof(issue), "OPS-%zu", i);
		jira_status(jira, issue, &names[i], &categories[i], (struct done){ on_one, &many[i] });
	}
	wait_until_asked(JIRA_CALLS_AT_ONCE);
	assert_int_equal(jira_fake_count(fake, NULL), JIRA_CALLS_AT_ONCE);
	for (size_t i = 0; i < MANY; i++)
		refused += many[i].kind == ERR_RETRY && many[i].retry_after_ms == 10000;
	assert_int_equal(refused, MANY - JIRA_CALLS_AT_ONCE - JIRA_CALLS_WAITING);
	assert_int_equal(metrics_value("tocsin_jira_waiting", NULL, NULL), JIRA_CALLS_WAITING);
	jira_fake_hold(fake, false);
	wait_for(MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(many[i].times, 1);
		free(names[i]);
		free(categories[i]);
		names[i] = categories[i] = NULL;
	}
}

static void a_page_in_place_of_what_was_created_is_no_refusal(void **state)
{
	struct message message;

	(void)state;
	reset_many();
	message_init(&message, TONE_NEUTRAL);
	jira_fake_answer(fake, "POST /rest/api/3/issue/OPS-1/comment", 201, "Content-Type: text/html\r\n", "<html>");
	jira_comment(jira, "OPS-1", "m0", &message, (struct done){ on_one, &many[0] });
	message_free(&message);
	wait_for(1);
	assert_int_equal(many[0].kind, ERR_NONE); /* 201 is Jira's own: it was taken */
}

static void writes_to_one_issue_keep_their_order(void **state)
{
	(void)state;
	reset_many();
	for (int i = 0; i < 3; i++) {
		char mark[20];
		struct message message;

		message_init(&message, TONE_NEUTRAL);
		(void)snprintf(mark, sizeof(mark), "m%d", i);
		jira_fake_answer(fake, "POST /rest/api/3/issue/OPS-1/comment", i == 1 ? 502 : 201, NULL, "{}");
		jira_comment(jira, "OPS-1", mark, &message, (struct done){ on_one, &many[i] });
		message_free(&message);
	}
	jira_fake_hold(fake, true);
	wait_until_asked(1);
	assert_int_equal(jira_fake_count(fake, NULL), 1); /* one at a time */
	jira_fake_hold(fake, false);
	wait_for(3);
	for (unsigned i = 0; i < 3; i++) {
		char mark[20];

		(void)snprintf(mark, sizeof(mark), "tocsin m%u", i);
		assert_int_equal(order[i], i);
		assert_non_null(strstr(jira_fake_asked(fake, NULL, i)->body, mark));
	}
	assert_int_equal(many[1].kind, ERR_UNKNOWN);
	assert_int_equal(many[2].kind, ERR_NONE);
}

static void shutdown_ends_everything_once(void **state)
{
	static char *names[20], *categories[20];

	(void)state;
	reset_many();
	jira_fake_hold(fake, true);
	for (size_t i = 0; i < 20; i++)
		jira_status(jira, "OPS-1", &names[i], &categories[i], (struct done){ on_one, &many[i] });
	wait_until_asked(JIRA_CALLS_AT_ONCE);
	jira_free(jira);
	jira = NULL;
	assert_int_equal(finished, 20);
	turn_for(jira_world_loop, 5);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(many[i].times, 1);
		assert_int_equal(many[i].kind, ERR_CANCELLED);
	}
}

static void shutdown_while_the_kind_is_asked(void **state)
{
	struct message message;
	char *issue = NULL, *note = NULL, *findings = NULL;

	(void)state;
	reset_many();
	jira_world_options.api = JIRA_AUTO;
	jira_world_restart("");
	jira_fake_hold(fake, true);
	message_init(&message, TONE_NEUTRAL);
	jira_create(jira, &(struct jira_draft){ .key = "k", .summary = "s", .message = &message }, &issue, &note,
	            (struct done){ on_one, &many[0] });
	jira_comment(jira, "OPS-1", "m", &message, (struct done){ on_one, &many[1] });
	jira_find(jira, "k", NULL, 0, &issue, (struct done){ on_one, &many[2] });
	jira_find_comment(jira, "OPS-1", "m", (struct done){ on_one, &many[3] });
	jira_transition(jira, "OPS-1", "done", (struct done){ on_one, &many[4] });
	jira_link(jira, "OPS-1", "g", "https://x", "t", (struct done){ on_one, &many[5] });
	jira_assign(jira, "OPS-1", "u", (struct done){ on_one, &many[6] });
	jira_check(jira, &findings, (struct done){ on_one, &many[7] });
	jira_status(jira, "OPS-1", &status, &category, (struct done){ on_one, &many[8] });
	message_free(&message);
	wait_until_asked(1);
	assert_int_equal(jira_fake_count(fake, NULL), 1);
	jira_free(jira);
	jira = NULL;
	assert_int_equal(finished, 9);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(many[i].kind, ERR_CANCELLED);
	assert_null(issue);
	assert_null(findings);
}

/* --- secrets and logs ---------------------------------------------------------------------- */

static char logged[4000];

static void keep_line(const char *line)
{
	(void)snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%s\n", line);
}

static void a_failure_is_one_line_without_secrets(void **state)
{
	(void)state;
	logged[0] = '\0';
	log_sink(keep_line);
	jira_fake_answer(fake, OPS_1, 400, NULL, "{\"errorMessages\":[\"your token t0ken-of-a-test\\nis bad\"]}");
	ask();
	assert_non_null(strstr(logged, "jira.call_failed"));
	assert_non_null(strstr(logged, "outcome=refused"));
	assert_ptr_equal(strchr(logged, '\n'), logged + strlen(logged) - 1);
	assert_null(strstr(logged, "t0ken"));
}

#define CLOUD(name) cmocka_unit_test_setup_teardown(name, jira_world_begin_cloud, tidy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLOUD(a_failure_is_one_line_without_secrets), /* first: the log drops what comes in floods */
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(issue_keys_are_told_from_others),
		CLOUD(context_paths_and_slashes_make_whole_urls),
		CLOUD(a_bad_url_makes_no_jira),
		CLOUD(a_user_means_basic_authentication),
		CLOUD(an_unknown_site_is_asked_once),
		CLOUD(silence_is_no_kind),
		CLOUD(the_name_of_a_cloud_site_is_enough),
		CLOUD(behind_the_gateway_people_browse_the_site),
		CLOUD(refusals_say_what_to_do),
		CLOUD(long_words_of_jira_are_cut),
		CLOUD(passing_failures_are_tried_three_times),
		CLOUD(an_answer_that_is_no_json_is_tried_again),
		CLOUD(a_long_limit_is_handed_on_and_kept),
		CLOUD(a_limited_issue_stops_writes_to_it_only),
		CLOUD(the_time_of_a_reset_is_read_in_all_its_forms),
		CLOUD(nonsense_in_a_reset_is_no_wait),
		CLOUD(few_run_and_not_too_many_wait),
		CLOUD(a_page_in_place_of_what_was_created_is_no_refusal),
		CLOUD(writes_to_one_issue_keep_their_order),
		CLOUD(shutdown_ends_everything_once),
		CLOUD(shutdown_while_the_kind_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
