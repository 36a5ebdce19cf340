/* The addresses that Slack and the environment name: taken apart, and refused when they are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "adapters/slack/url.h"

static struct slack_url parse(const char *text)
{
	struct slack_url url;
	struct err err;

	if (!slack_url_parse(&url, text, &err))
		fail_msg("%s: %s", text, err.text);
	return url;
}

static void the_parts_of_a_url(void **state)
{
	struct slack_url url = parse("wss://wss-primary.slack.com/link/?ticket=a-b&app_id=c#x");

	(void)state;
	assert_true(url.websocket && url.tls);
	assert_int_equal(url.port, 443);
	assert_string_equal(url.host, "wss-primary.slack.com");
	assert_string_equal(url.path, "/link/?ticket=a-b&app_id=c");
	assert_string_equal(url.user, "");
	url = parse("ws://127.0.0.1:8123");
	assert_true(url.websocket && !url.tls);
	assert_int_equal(url.port, 8123);
	assert_string_equal(url.path, "/");
	url = parse("https://files.slack.com?x=1");
	assert_true(!url.websocket && url.tls);
	assert_string_equal(url.path, "/?x=1");
	url = parse("http://proxy:");
	assert_int_equal(url.port, 80);
	assert_string_equal(url.host, "proxy");
}

static void who_asks_a_proxy(void **state)
{
	struct slack_url url = parse("http://me%40corp:p%3Aw%2Fd%2g%@[2001:db8::1]:3128");

	(void)state;
	assert_string_equal(url.user, "me@corp:p:w/d%2g%");
	assert_string_equal(url.host, "2001:db8::1");
	assert_int_equal(url.port, 3128);
	assert_int_equal(parse("https://[::1]/").port, 443);
}

static void what_is_no_url(void **state)
{
	static const char *const wrong[] = {
		"", "wss", "ftp://host/", "//host/", "wss://", "wss:///path", "wss://:443/", "https://host:0/", "https://host:65536/",
		"https://host:123456/", "https://host:12a/", "https://host:-1/", "https://[::1/", "https://[::1]x/", "https://[]/",
		"https://ho st/", "https://host/\r\nX: y", "https://host/\x7f", "https://h\xc3\xb6st/", "https://user@/",
	};
	char text[4096] = "https://";
	struct slack_url url;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (slack_url_parse(&url, wrong[i], &err))
			fail_msg("%s", wrong[i]);
		assert_int_equal(err.kind, ERR_REFUSED);
	}
	memset(text + 8, 'a', SLACK_HOST_MAX); /* a host that is too long, bare, in brackets, and as a user's name */
	assert_false(slack_url_parse(&url, text, &err));
	text[8 + SLACK_HOST_MAX] = '@';
	text[9 + SLACK_HOST_MAX] = 'h';
	assert_false(slack_url_parse(&url, text, &err));
	text[8] = '[';
	text[8 + SLACK_HOST_MAX] = 'a';
	text[9 + SLACK_HOST_MAX] = ']';
	assert_false(slack_url_parse(&url, text, &err));
}

static void a_path_has_a_bound(void **state)
{
	char text[4096] = "https://h/";
	struct slack_url url;
	struct err err;

	(void)state;
	memset(text + 10, 'p', SLACK_PATH_MAX - 2);
	assert_int_equal(strlen(parse(text).path), SLACK_PATH_MAX - 1);
	text[10 + SLACK_PATH_MAX - 2] = 'p';
	assert_false(slack_url_parse(&url, text, &err));
	text[9] = '?'; /* a '/' comes before it */
	assert_false(slack_url_parse(&url, text, &err));
	text[10 + SLACK_PATH_MAX - 3] = '\0';
	assert_int_equal(strlen(parse(text).path), SLACK_PATH_MAX - 1);
}

static void where_requests_may_go(void **state)
{
	(void)state;
	assert_true(slack_url_is_good("https://files.slack.com/upload/v1/x", false));
	assert_false(slack_url_is_good("http://files.slack.com/upload/v1/x", false));
	assert_false(slack_url_is_good("wss://files.slack.com/", false));
	assert_false(slack_url_is_good("http://127.0.0.1:80/", false));
	assert_true(slack_url_is_good("http://127.0.0.1:80/", true));
	assert_false(slack_url_is_good("http://169.254.169.254/latest", true));
	assert_false(slack_url_is_good("javascript:alert(1)", true));
	assert_false(slack_url_is_good(NULL, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_of_a_url),
		cmocka_unit_test(who_asks_a_proxy),
		cmocka_unit_test(what_is_no_url),
		cmocka_unit_test(a_path_has_a_bound),
		cmocka_unit_test(where_requests_may_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
