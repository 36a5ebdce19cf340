/* Envelopes of Socket Mode: what a person did, what is ignored and why, and what is the same again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/text.h"
#include "bot/json.h"
#include "bot/str.h"
#include "tests/unit/support/vectors.h"

static char me[] = "U0BOT", bot[] = "B0BOT";
static const struct slack_self self = { .user_id = me, .bot_id = bot }, unknown = { 0 };

static struct json_object *envelopes; /* an array that keeps what results borrow from */

static struct slack_inbound read_as(const char *text, const struct slack_self *who)
{
	struct slack_inbound in;
	struct err err;
	struct json_object *envelope = json_parse(text, strlen(text), &err);

	if (envelope == NULL)
		fail_msg("%s in %s", err.text, text);
	if (envelopes == NULL)
		envelopes = json_new_array();
	json_append(envelopes, envelope);
	slack_inbound_read(&in, envelope, who);
	return in;
}

static int forget_envelopes(void **state)
{
	(void)state;
	json_free(envelopes);
	envelopes = NULL;
	return 0;
}

static void expect_ignored(const char *text, const char *why)
{
	struct slack_inbound in = read_as(text, &self);

	assert_int_equal(in.count, 0);
	assert_string_equal(in.ignored, why);
	slack_inbound_free(&in);
}

#define EVENT(more) "{\"type\":\"events_api\",\"envelope_id\":\"e\",\"payload\":{\"type\":\"event_callback\",\"event_id\":\"Ev1\",\"event\":{" more "}}}"
#define MESSAGE "\"type\":\"message\",\"user\":\"U1\",\"channel\":\"C1\",\"ts\":\"10.000100\",\"channel_type\":\"channel\""

static void a_slash_command(void **state)
{
	struct slack_inbound in = read_as(
		"{\"type\":\"slash_commands\",\"envelope_id\":\"e\",\"payload\":{\"command\":\"/top\",\"text\":\"  i-1 &amp;&lt;x&gt; <@U9|ann> <#C9|general> \","
		"\"user_id\":\"U1\",\"channel_id\":\"C1\",\"trigger_id\":\"1.2.abc\",\"response_url\":\"https://hooks.slack.com/x\"}}", &self);

	(void)state;
	assert_int_equal(in.count, 1);
	assert_int_equal(in.heard[0].type, HEARD_SLASH);
	assert_string_equal(in.heard[0].word, "top");
	assert_string_equal(in.heard[0].text, "i-1 &<x> <@U9> <#C9>");
	assert_string_equal(in.heard[0].user, "U1");
	assert_string_equal(in.heard[0].channel, "C1");
	assert_string_equal(in.heard[0].response_url, "https://hooks.slack.com/x");
	assert_null(in.heard[0].thread);
	assert_true(str_starts(in.heard[0].key, "slash:"));
	assert_null(strstr(in.heard[0].key, "abc")); /* a trigger_id is a credential */
	slack_inbound_free(&in);
}

static void slash_without_trigger_is_told_apart_by_envelope(void **state)
{
	static const char text[] = "{\"type\":\"slash_commands\",\"envelope_id\":\"%s\",\"payload\":{\"command\":\"/top\",\"user_id\":\"U1\",\"channel_id\":\"C1\"}}";
	char first[256], second[256];
	struct slack_inbound a, b, c;

	(void)state;
	(void)snprintf(first, sizeof(first), text, "e1");
	(void)snprintf(second, sizeof(second), text, "e2");
	a = read_as(first, &self);
	b = read_as(first, &self);
	c = read_as(second, &self);
	assert_string_equal(a.heard[0].key, b.heard[0].key);
	assert_string_not_equal(a.heard[0].key, c.heard[0].key);
	assert_string_equal(a.heard[0].text, "");
	slack_inbound_free(&a);
	slack_inbound_free(&b);
	slack_inbound_free(&c);
}

static void malformed_commands_and_clicks_are_ignored(void **state)
{
	(void)state;
	expect_ignored("{\"type\":\"slash_commands\",\"payload\":{\"command\":\"top\",\"user_id\":\"U1\",\"channel_id\":\"C1\",\"trigger_id\":\"t\"}}", "malformed");
	expect_ignored("{\"type\":\"slash_commands\",\"payload\":{\"command\":\"/\",\"user_id\":\"U1\",\"channel_id\":\"C1\",\"trigger_id\":\"t\"}}", "malformed");
	expect_ignored("{\"type\":\"slash_commands\",\"payload\":{\"command\":\"/top\",\"channel_id\":\"C1\",\"trigger_id\":\"t\"}}", "malformed");
	expect_ignored("{\"type\":\"slash_commands\",\"payload\":{\"command\":\"/top\",\"user_id\":\"U1\",\"trigger_id\":\"t\"}}", "malformed");
	expect_ignored("{\"type\":\"slash_commands\",\"payload\":{\"command\":\"/top\",\"user_id\":\"U1\",\"channel_id\":\"\",\"trigger_id\":\"t\"}}", "malformed");
	expect_ignored("{\"type\":\"slash_commands\",\"payload\":{\"command\":7,\"user_id\":[],\"trigger_id\":{}}}", "malformed");
	expect_ignored("{\"type\":\"interactive\",\"payload\":{}}", "malformed");
	expect_ignored("{\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\"},\"actions\":{}}}", "malformed");
	expect_ignored("{\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\"},\"actions\":[{},5,null]}}", "malformed");
	expect_ignored("{\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"actions\":[{\"action_id\":\"a\"}]}}", "malformed");
	expect_ignored("{\"type\":\"interactive\",\"payload\":{\"type\":\"view_submission\"}}", "interaction");
	expect_ignored("{\"type\":\"interactive\",\"payload\":{\"type\":\"shortcut\"}}", "interaction");
}

#define CLICK(more, actions) "{\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\"},\"channel\":{\"id\":\"C1\"}," \
	"\"trigger_id\":\"1.2.x\",\"response_url\":\"https://hooks.slack.com/y\"" more ",\"actions\":[" actions "]}}"
#define IN_CHANNEL ",\"container\":{\"type\":\"message\",\"message_ts\":\"5.1\",\"channel_id\":\"C1\",\"is_ephemeral\":false},\"message\":{\"ts\":\"5.1\"}"

static void a_click(void **state)
{
	struct slack_inbound in = read_as(CLICK(IN_CHANNEL, "{\"type\":\"button\",\"action_id\":\"ack\",\"value\":\"alarm:1\",\"action_ts\":\"9.9\"}"), &self);

	(void)state;
	assert_int_equal(in.count, 1);
	assert_int_equal(in.heard[0].type, HEARD_CLICK);
	assert_string_equal(in.heard[0].word, "ack");
	assert_string_equal(in.heard[0].text, "alarm:1");
	assert_string_equal(in.heard[0].message, "5.1");
	assert_string_equal(in.heard[0].thread, "5.1"); /* answers go below the message */
	assert_string_equal(in.heard[0].channel, "C1");
	slack_inbound_free(&in);
}

static void several_actions_have_several_keys(void **state)
{
	struct slack_inbound in = read_as(CLICK(IN_CHANNEL,
		"{\"type\":\"button\",\"action_id\":\"ack\",\"action_ts\":\"9.9\"},"
		"{\"type\":\"static_select\",\"action_id\":\"silence\",\"action_ts\":\"9.9\",\"selected_option\":{\"value\":\"1h\"}}"), &self);
	struct slack_inbound again = read_as(CLICK(IN_CHANNEL, "{\"type\":\"button\",\"action_id\":\"ack\",\"action_ts\":\"9.9\"}"), &self);

	(void)state;
	assert_int_equal(in.count, 2);
	assert_null(in.heard[0].text);
	assert_string_equal(in.heard[1].text, "1h");
	assert_string_not_equal(in.heard[0].key, in.heard[1].key);
	assert_string_equal(in.heard[0].key, again.heard[0].key);
	slack_inbound_free(&in);
	slack_inbound_free(&again);
}

static void clicks_in_threads_private_messages_and_views(void **state)
{
	struct slack_inbound thread = read_as(CLICK(",\"container\":{\"message_ts\":\"6.1\",\"thread_ts\":\"5.1\"}", "{\"action_id\":\"a\"}"), &self);
	struct slack_inbound private = read_as(CLICK(",\"container\":{\"message_ts\":\"6.1\",\"is_ephemeral\":true}", "{\"action_id\":\"a\"}"), &self);
	struct slack_inbound view = read_as(CLICK(",\"container\":{\"type\":\"view\",\"view_id\":\"V1\"}", "{\"action_id\":\"a\"}"), &self);

	(void)state;
	assert_string_equal(thread.heard[0].thread, "5.1");
	assert_string_equal(thread.heard[0].message, "6.1");
	assert_null(private.heard[0].thread);
	assert_null(view.heard[0].message);
	slack_inbound_free(&thread);
	slack_inbound_free(&private);
	slack_inbound_free(&view);
}

static void more_actions_than_fit_are_left_out(void **state)
{
	struct slack_inbound in;
	struct str text;

	(void)state;
	str_init(&text, 1 << 20);
	str_add(&text, "{\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\"},"
	               "\"trigger_id\":\"t\",\"actions\":[{\"action_id\":\"first\"}");
	for (int i = 0; i < 100; i++)
		str_addf(&text, ",{\"action_id\":\"a%d\"}", i);
	str_add(&text, "]}}");
	in = read_as(text.text, &self);
	assert_int_equal(in.count, SLACK_ACTIONS_HEARD_MAX);
	slack_inbound_free(&in);
	str_free(&text);
}

static void mention_and_message_are_the_same_act(void **state)
{
	struct slack_inbound mention = read_as(EVENT("\"type\":\"app_mention\",\"user\":\"U1\",\"channel\":\"C1\",\"ts\":\"10.000100\",\"text\":\"<@U0BOT> top i-1\""), &self);
	struct slack_inbound message = read_as(EVENT(MESSAGE ",\"text\":\"<@U0BOT> top i-1\""), &self);

	(void)state;
	assert_int_equal(mention.count, 1);
	assert_int_equal(message.count, 1);
	assert_int_equal(mention.heard[0].type, HEARD_MENTION);
	assert_int_equal(message.heard[0].type, HEARD_MENTION);
	assert_string_equal(mention.heard[0].key, message.heard[0].key);
	assert_string_equal(mention.heard[0].key, "message:C1:10.000100");
	assert_string_equal(mention.heard[0].text, "top i-1");
	assert_string_equal(message.heard[0].text, "top i-1");
	assert_string_equal(mention.heard[0].thread, "10.000100");
	slack_inbound_free(&mention);
	slack_inbound_free(&message);
}

static void retries_are_heard_with_the_same_key(void **state)
{
	static const char text[] = "{\"type\":\"events_api\",\"retry_attempt\":%d,\"retry_reason\":\"timeout\",\"envelope_id\":\"e%d\","
		"\"payload\":{\"event\":{\"type\":\"app_mention\",\"user\":\"U1\",\"channel\":\"C1\",\"ts\":\"1.2\",\"text\":\"x\"}}}";

	(void)state;
	for (int i = 0; i < 4; i++) {
		char one[512];
		struct slack_inbound in;

		(void)snprintf(one, sizeof(one), text, i, i);
		in = read_as(one, &self);
		assert_int_equal(in.count, 1);
		assert_string_equal(in.heard[0].key, "message:C1:1.2");
		slack_inbound_free(&in);
	}
}

static void direct_messages(void **state)
{
	struct slack_inbound in = read_as(EVENT("\"type\":\"message\",\"user\":\"U1\",\"channel\":\"D1\",\"ts\":\"1.2\",\"channel_type\":\"im\",\"text\":\"hi\""), &self);
	struct slack_inbound thread = read_as(EVENT("\"type\":\"message\",\"user\":\"U1\",\"channel\":\"D1\",\"ts\":\"1.3\",\"thread_ts\":\"1.2\",\"text\":\"<@U0BOT> hi\",\"subtype\":\"file_share\""), &self);

	(void)state;
	assert_int_equal(in.heard[0].type, HEARD_DIRECT);
	assert_null(in.heard[0].thread);
	assert_int_equal(thread.heard[0].type, HEARD_DIRECT);
	assert_string_equal(thread.heard[0].thread, "1.2");
	assert_string_equal(thread.heard[0].text, "hi");
	slack_inbound_free(&in);
	slack_inbound_free(&thread);
}

static void replies_are_heard_in_any_thread(void **state)
{
	static const char *const events[] = {
		EVENT(MESSAGE ",\"thread_ts\":\"9.9\",\"parent_user_id\":\"U0BOT\",\"text\":\"looking\",\"subtype\":\"thread_broadcast\""),
		EVENT(MESSAGE ",\"thread_ts\":\"9.9\",\"parent_user_id\":\"U7\",\"text\":\"x\""),
		EVENT(MESSAGE ",\"thread_ts\":\"9.9\",\"text\":\"x\""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct slack_inbound in = read_as(events[i], &self);

		assert_int_equal(in.count, 1);
		assert_int_equal(in.heard[0].type, HEARD_REPLY);
		assert_string_equal(in.heard[0].thread, "9.9");
		slack_inbound_free(&in);
	}
	expect_ignored(EVENT(MESSAGE ",\"text\":\"talk <@U9>\""), "not_for_us");
	expect_ignored(EVENT(MESSAGE), "not_for_us");
}

static void not_everything_is_a_person_speaking(void **state)
{
	(void)state;
	expect_ignored(EVENT(MESSAGE ",\"text\":\"<@U0BOT> x\",\"subtype\":\"message_changed\""), "subtype");
	expect_ignored(EVENT(MESSAGE ",\"text\":\"<@U0BOT> x\",\"subtype\":\"channel_join\""), "subtype");
	expect_ignored(EVENT(MESSAGE ",\"text\":\"<@U0BOT> x\",\"bot_id\":\"B0BOT\""), "own");
	expect_ignored(EVENT(MESSAGE ",\"text\":\"<@U0BOT> x\",\"bot_id\":\"B7\""), "bot");
	expect_ignored(EVENT("\"type\":\"message\",\"user\":\"U0BOT\",\"channel\":\"C1\",\"ts\":\"1.2\",\"text\":\"<@U0BOT> x\""), "own");
	expect_ignored(EVENT("\"type\":\"message\",\"user\":\"USLACKBOT\",\"channel\":\"D1\",\"ts\":\"1.2\",\"text\":\"x\""), "nobody");
	expect_ignored(EVENT("\"type\":\"app_mention\",\"channel\":\"C1\",\"ts\":\"1.2\",\"text\":\"x\""), "nobody");
	expect_ignored(EVENT("\"type\":\"app_mention\",\"user\":\"U1\",\"ts\":\"1.2\",\"text\":\"x\""), "malformed");
	expect_ignored(EVENT("\"type\":\"app_home_opened\",\"user\":\"U1\""), "event");
	expect_ignored(EVENT("\"user\":\"U1\""), "malformed");
	expect_ignored("{\"type\":\"events_api\",\"payload\":{\"type\":\"app_rate_limited\"}}", "rate_limited");
	expect_ignored("{\"type\":\"events_api\"}", "malformed");
	expect_ignored("{\"type\":\"surprise\",\"payload\":{}}", "unknown");
	expect_ignored("{\"payload\":{}}", "malformed");
	expect_ignored("[1,2]", "malformed");
}

static void before_auth_test_the_authorization_names_us(void **state)
{
	struct slack_inbound in = read_as(
		"{\"type\":\"events_api\",\"payload\":{\"authorizations\":[{\"user_id\":\"U222\",\"is_bot\":true}],"
		"\"event\":{\"type\":\"app_mention\",\"user\":\"U1\",\"channel\":\"C1\",\"ts\":\"1.2\",\"text\":\"<@U222> hey\"}}}", &unknown);

	(void)state;
	assert_string_equal(in.heard[0].text, "hey");
	slack_inbound_free(&in);
}

static void a_stop_button_names_its_thread(void **state)
{
	struct slack_inbound in = read_as(EVENT("\"type\":\"agent_session_stopped\",\"channel\":\"C1\",\"user\":\"U1\","
		"\"thread_ts\":\"1.1\",\"streaming_message_ts\":[\"1.2\"]"), &self);

	(void)state;
	assert_int_equal(in.count, 0);
	assert_string_equal(in.stopped_channel, "C1");
	assert_string_equal(in.stopped_thread, "1.1");
	slack_inbound_free(&in);
	in = read_as(EVENT("\"type\":\"agent_session_stopped\",\"user\":\"U1\",\"thread_ts\":\"1.1\""), &self);
	assert_null(in.stopped_thread);
	assert_string_equal(in.ignored, "malformed");
	slack_inbound_free(&in);
}

static void overlong_ids_are_refused(void **state)
{
	char id[300], text[900];

	(void)state;
	memset(id, 'A', sizeof(id));
	id[sizeof(id) - 1] = '\0';
	(void)snprintf(text, sizeof(text), "{\"type\":\"events_api\",\"payload\":{\"event\":{\"type\":\"app_mention\",\"user\":\"U1\",\"channel\":\"%s\",\"ts\":\"1.2\",\"text\":\"x\"}}}", id);
	expect_ignored(text, "malformed");
	(void)snprintf(text, sizeof(text), "{\"type\":\"interactive\",\"payload\":{\"type\":\"block_actions\",\"user\":{\"id\":\"U1\"},\"trigger_id\":\"t\",\"actions\":[{\"action_id\":\"%s\"}]}}", id);
	expect_ignored(text, "malformed");
}

static void expect_typed(const char *text, const char *plain)
{
	char *typed = slack_text_typed(text, "U0BOT");

	assert_string_equal(typed, plain);
	free(typed);
}

static void text_as_it_was_typed(void **state)
{
	(void)state;
	expect_typed(NULL, "");
	expect_typed("", "");
	expect_typed("<@U0BOT>", "");
	expect_typed("  <@U0BOT|tocsin>   top  i-1 ", "top  i-1");
	expect_typed("hey <@U0BOT> top", "hey top");
	expect_typed("hey<@U0BOT>top", "heytop");
	expect_typed("<@U0BOTX> <@U0BO>", "<@U0BOTX> <@U0BO>");
	expect_typed("<http://web-1.example.com|web-1.example.com>", "web-1.example.com");
	expect_typed("<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&c=2");
	expect_typed("<https://example.com/|other words>", "https://example.com/");
	expect_typed("<mailto:a@example.com|a@example.com>", "a@example.com");
	expect_typed("<!here> <!subteam^S1|@ops>", "<!here> <!subteam^S1>");
	expect_typed("a &lt;b&gt; &amp;amp; &quot;", "a <b> &amp; &quot;");
	expect_typed("1 < 2 <", "1 < 2 <");
	expect_typed("<>", "");
	expect_typed("a\xFF", "a\xFF");
}

static void a_flood_of_brackets_takes_no_time(void **state)
{
	const size_t size = 4u << 20; /* quadratic work on this would take minutes */
	char *text = malloc(size + 1), *typed;

	(void)state;
	assert_non_null(text);
	memset(text, '<', size);
	text[size] = '\0';
	typed = slack_text_typed(text, "U0BOT");
	assert_int_equal(strlen(typed), size);
	assert_false(slack_text_mentions(text, "U0BOT"));
	free(typed);
	free(text);
}

static void read_sample(const char *name, const char *text, size_t length)
{
	struct err err;
	struct json_object *json = json_parse(text, length, &err);
	struct slack_inbound in;

	assert_non_null(json);
	slack_inbound_read(&in, json, &self);
	assert_true((in.count > 0) == (in.ignored == NULL));
	for (size_t i = 0; i < in.count; i++) {
		assert_non_null(in.heard[i].key);
		assert_non_null(in.heard[i].user);
	}
	if (strstr(name, "app_mention") != NULL || strstr(name, "slash") != NULL || strstr(name, "block_actions") != NULL ||
	    strstr(name, "events_api-message") != NULL)
		assert_int_equal(in.count, strstr(name, "events_api-message") != NULL ? 0 : 1);
	slack_inbound_free(&in);
	json_free(json);
}

static void samples_of_the_sdks(void **state)
{
	size_t count = vector_each("slack-samples/socket-mode", read_sample);

	(void)state;
	if (count == 0)
		skip();
	assert_true(count >= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slash_command),
		cmocka_unit_test(slash_without_trigger_is_told_apart_by_envelope),
		cmocka_unit_test(malformed_commands_and_clicks_are_ignored),
		cmocka_unit_test(a_click),
		cmocka_unit_test(several_actions_have_several_keys),
		cmocka_unit_test(clicks_in_threads_private_messages_and_views),
		cmocka_unit_test(more_actions_than_fit_are_left_out),
		cmocka_unit_test(mention_and_message_are_the_same_act),
		cmocka_unit_test(retries_are_heard_with_the_same_key),
		cmocka_unit_test(direct_messages),
		cmocka_unit_test(replies_are_heard_in_any_thread),
		cmocka_unit_test(not_everything_is_a_person_speaking),
		cmocka_unit_test(before_auth_test_the_authorization_names_us),
		cmocka_unit_test(overlong_ids_are_refused),
		cmocka_unit_test(a_stop_button_names_its_thread),
		cmocka_unit_test(text_as_it_was_typed),
		cmocka_unit_test(a_flood_of_brackets_takes_no_time),
		cmocka_unit_test(samples_of_the_sdks),
	};

	return cmocka_run_group_tests(tests, NULL, forget_envelopes);
}
