/* Who is in a user group: adapters/slack/groups.h, against a scripted Web API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "adapters/slack/groups.h"
#include "adapters/slack/web_api.h"
#include "bot/http_client.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/secret.h"
#include "tests/unit/support/slack_fake.h"
#include "tests/unit/support/turn.h"

#define LIST "usergroups.list"

static struct loop *loop;
static struct http_client *http;
static struct slack_fake *fake;
static struct slack_web *web;
static struct slack_groups *groups;
static struct secret token;

static char oncall[] = "@oncall";
static char *handles[] = { oncall, NULL };

static void no_line(const char *line)
{
	(void)line;
}

static int begin(void **state)
{
	struct err err;

	(void)state;
	log_sink(no_line);
	loop = turn_new_loop();
	fake = slack_fake_new(loop);
	http = http_client_new(loop, &(struct http_client_options){ 0 }, &err);
	assert_non_null(http);
	secret_set(&token, "xoxb-test-token");
	web = slack_web_new(&(struct slack_web_options){
		.loop = loop, .http = http, .api_url = slack_fake_url(fake), .token = &token });
	groups = slack_groups_new(loop, web);
	return 0;
}

static int end(void **state)
{
	(void)state;
	slack_web_free(web);
	slack_groups_free(groups);
	http_client_free(http);
	slack_fake_free(fake);
	loop_free(loop);
	secret_free(&token);
	log_sink(NULL);
	return 0;
}

static bool is_read(void *arg)
{
	(void)arg;
	return slack_groups_has(groups, "@oncall", "U1") != CHAT_MEMBERS_UNKNOWN;
}

static void nothing_is_asked_where_no_role_names_a_group(void **state)
{
	char *none[] = { NULL };

	(void)state;
	slack_groups_watch(groups, none);
	turn_for(loop, 30);
	assert_int_equal(slack_fake_count(fake, LIST), 0);
}

static void members_are_known_once_the_list_is_read(void **state)
{
	(void)state;
	slack_fake_answer(fake, LIST, 200, 0,
	                  "{\"ok\":true,\"usergroups\":[{\"handle\":\"other\",\"users\":[\"U9\"]},"
	                  "{\"handle\":\"oncall\",\"users\":[\"U1\",\"U2\"]}]}");
	assert_int_equal(slack_groups_has(groups, "@oncall", "U1"), CHAT_MEMBERS_UNKNOWN);
	slack_groups_watch(groups, handles);
	turn_until(loop, is_read, NULL);
	assert_int_equal(slack_groups_has(groups, "@oncall", "U1"), CHAT_IS_MEMBER);
	assert_int_equal(slack_groups_has(groups, "@oncall", "U2"), CHAT_IS_MEMBER);
	assert_int_equal(slack_groups_has(groups, "@oncall", "U9"), CHAT_NO_MEMBER);
	assert_int_equal(slack_groups_has(groups, "@unheard-of", "U1"), CHAT_NO_MEMBER);
	assert_int_equal(slack_fake_count(fake, LIST), 1);
	assert_non_null(strstr(slack_fake_asked(fake, LIST, 0)->body, "include_users=true"));
	assert_non_null(strstr(slack_fake_asked(fake, LIST, 0)->head, "application/x-www-form-urlencoded"));
}

static bool was_asked(void *arg)
{
	(void)arg;
	return slack_fake_count(fake, LIST) > 0;
}

static void a_refusal_leaves_the_members_unknown(void **state)
{
	(void)state;
	slack_fake_answer(fake, LIST, 200, 0, "{\"ok\":false,\"error\":\"missing_scope\"}");
	slack_groups_watch(groups, handles);
	turn_until(loop, was_asked, NULL);
	turn_for(loop, 30);
	assert_int_equal(slack_groups_has(groups, "@oncall", "U1"), CHAT_MEMBERS_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_asked_where_no_role_names_a_group, begin, end),
		cmocka_unit_test_setup_teardown(members_are_known_once_the_list_is_read, begin, end),
		cmocka_unit_test_setup_teardown(a_refusal_leaves_the_members_unknown, begin, end),
	};

	return cmocka_run_group_tests_name("slack_groups", tests, NULL, NULL);
}
