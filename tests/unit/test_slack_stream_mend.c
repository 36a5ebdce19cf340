/* What a process before this one left streaming, and the status: adapters/slack/stream_mend.h, status.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/status.h"
#include "adapters/slack/stream.h"
#include "adapters/slack/stream_mend.h"
#include "bot/loop.h"
#include "bot/str.h"
#include "tests/unit/support/slack_fake.h"
#include "tests/unit/support/slack_stream_world.h"
#include "tests/unit/support/turn.h"

#define SINCE INT64_C(1795700000000)
#define ROOT "{\"ts\":\"100.1\",\"bot_id\":\"B0BOT\",\"text\":\"alarm\"}"
#define OTHERS "{\"ts\":\"100.2\",\"user\":\"U0ALICE\",\"text\":\"why?\"},{\"ts\":\"100.3\",\"bot_id\":\"B7\",\"text\":\"x\"}"
#define OPEN(ts) "{\"ts\":\"" ts "\",\"bot_id\":\"B0BOT\",\"text\":\"One\",\"streaming_state\":\"in_progress\"," \
	"\"blocks\":[{\"type\":\"rich_text\",\"elements\":[]}]}"
#define KEYED(ts, more) "{\"ts\":\"" ts "\",\"bot_id\":\"B0BOT\",\"text\":\"One\",\"metadata\":" \
	"{\"event_type\":\"tocsin_delivery\",\"event_payload\":{\"key\":\"k\"" more "}}}"
#define THREAD(messages) "{\"ok\":true,\"messages\":[" ROOT "," OTHERS messages "]}"

static const struct chat_stream_place place = { "C1", "100.1", "U0ALICE" };
static struct slack_mender *mender;
static struct ending ending;

static int begin(void **state)
{
	(void)slack_world_begin(state);
	ending = (struct ending){ 0 };
	mender = slack_mender_new(stream_loop, stream_web, &stream_self, streams);
	return 0;
}

static int end(void **state)
{
	slack_mender_free(mender);
	return slack_world_end(state);
}

static void mend(void)
{
	struct message last;

	make_last(&last);
	slack_stream_mend(mender, &place, SINCE, &last, into(&ending));
	message_free(&last);
	assert_int_equal(ending.times, 0);
}

static void what_streams_is_ended_with_the_parts(void **state)
{
	(void)state;
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," KEYED("100.4", "") "," OPEN("100.5")));
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," KEYED("100.4", "") "," KEYED("100.5", ",\"open\":false")));
	mend();
	expect_shown(&ending);
	expect_calls("replies stop replies");
	assert_non_null(strstr(slack_fake_asked(stream_fake, NULL, 0)->body, "oldest=1795699940.000000"));
	assert_string_equal(sent(1, "ts"), "100.5");
	assert_string_equal(sent(1, "blocks[0].type"), "context");
	assert_string_equal(sent(1, "metadata.event_payload.open"), "false");
}

static void what_slack_ended_by_itself_is_edited(void **state)
{
	(void)state;
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," OPEN("100.5")));
	slack_fake_answer(stream_fake, STOP, 200, 0, NOT_STREAMING);
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," KEYED("100.5", ",\"open\":false")));
	mend();
	expect_shown(&ending);
	expect_calls("replies stop update replies");
	assert_string_equal(sent(2, "text"), "One");
	assert_string_equal(sent(2, "blocks[0].type"), "rich_text");
	assert_string_equal(sent(2, "blocks[1].type"), "context");
	assert_string_equal(sent(2, "metadata.event_payload.open"), "false");
}

static void what_was_posted_and_edited_too(void **state)
{
	(void)state;
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," KEYED("100.5", ",\"open\":true")));
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," KEYED("100.5", ",\"open\":false")));
	mend();
	expect_shown(&ending);
	expect_calls("replies update replies");
}

static void of_several_the_last_gets_the_parts(void **state)
{
	(void)state;
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," OPEN("100.5") "," OPEN("100.6")));
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," KEYED("100.5", ",\"open\":false") "," OPEN("100.6")));
	slack_fake_answer(stream_fake, REPLIES, 200, 0,
	                  THREAD("," KEYED("100.5", ",\"open\":false") "," KEYED("100.6", ",\"open\":false")));
	mend();
	expect_shown(&ending);
	expect_calls("replies stop replies stop replies");
	assert_string_equal(sent(1, "ts"), "100.5");
	assert_string_equal(sent(1, "blocks"), "");
	assert_string_equal(sent(3, "ts"), "100.6");
	assert_string_equal(sent(3, "blocks[0].type"), "context");
}

static void where_nothing_was_shown_the_parts_are_posted_once(void **state)
{
	(void)state;
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," KEYED("100.4", "")));
	slack_fake_answer(stream_fake, POST, 0, 0, "");
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," KEYED("100.9", ",\"open\":false")));
	mend();
	expect_shown(&ending);
	expect_calls("replies post replies"); /* it was found */
	assert_string_equal(sent(1, "thread_ts"), "100.1");
	assert_string_equal(sent(1, "blocks[0].type"), "context");
}

static void without_parts_there_may_be_nothing_to_do(void **state)
{
	(void)state;
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD(""));
	slack_stream_mend(mender, &place, SINCE, NULL, into(&ending));
	expect_shown(&ending);
	expect_calls("replies");
}

static void what_streams_now_is_left_alone(void **state)
{
	struct chat_stream *stream = slack_stream_new(streams, &place, (struct chat_stream_ears){ 0 });

	(void)state;
	slack_fake_answer(stream_fake, START, 200, 0, "{\"ok\":true,\"ts\":\"100.5\"}");
	slack_fake_hold(stream_fake, true);
	slack_stream_say(stream, "One ", 4);
	expect_calls("start");
	slack_stream_mend(mender, &place, SINCE, NULL, into(&ending));
	expect_calls("start"); /* its id is not known yet */
	slack_fake_answer(stream_fake, REPLIES, 200, 0, THREAD("," OPEN("100.5")));
	slack_fake_hold(stream_fake, false);
	expect_shown(&ending);
	expect_calls("start replies");
	ending = (struct ending){ 0 };
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
}

static void late_begin(void *arg, const struct slack_asked *asked, struct slack_said *said)
{
	(void)arg;
	said->late = strcmp(asked->method, REPLIES) != 0;
	str_add(&said->body, said->late ? "{\"ok\":true,\"ts\":\"100.5\"}" : THREAD("," OPEN("100.5")));
}

/* In both ways that a text has of being begun. */
static void what_is_begun_while_the_thread_is_read_is_left_alone(void **state)
{
	(void)state;
	slack_fake_answer_by(stream_fake, late_begin, NULL);
	for (unsigned way = 0; way < 2; way++) {
		const struct chat_stream_place nobody = { "C1", "100.1", way == 0 ? "U0ALICE" : NULL };
		struct chat_stream *stream = slack_stream_new(streams, &nobody, (struct chat_stream_ears){ 0 });

		ending = (struct ending){ 0 };
		slack_stream_mend(mender, &place, SINCE, NULL, into(&ending));
		slack_stream_say(stream, "One ", 4);
		await_calls(way * 4 + 2);
		turn_for(stream_loop, A_WHILE_MS);
		slack_fake_hold(stream_fake, false);
		expect_shown(&ending);
		assert_int_equal(slack_fake_count(stream_fake, STOP), way);
		ending = (struct ending){ 0 };
		slack_fake_answer(stream_fake, way == 0 ? STOP : UPDATE, 200, 0, "{\"ok\":true}");
		slack_stream_end(stream, NULL, into(&ending));
		expect_shown(&ending);
	}
	assert_int_equal(slack_fake_count(stream_fake, STOP), 1);
	assert_int_equal(slack_fake_count(stream_fake, UPDATE), 1);
}

static void trouble_passes_or_is_told(void **state)
{
	(void)state;
	slack_fake_answer(stream_fake, REPLIES, 200, 0, REFUSED("service_unavailable"));
	slack_fake_answer(stream_fake, REPLIES, 200, 0, REFUSED("thread_not_found"));
	mend();
	until_told(&ending);
	assert_int_equal(ending.err.kind, ERR_NOT_FOUND);
	expect_calls("replies replies");
	ending = (struct ending){ 0 };
	for (int i = 0; i < 20; i++)
		slack_fake_answer(stream_fake, REPLIES, 200, 0, REFUSED("service_unavailable"));
	mend();
	until_told(&ending);
	assert_int_equal(ending.err.kind, ERR_RETRY);
}

static void who_we_are_must_be_known(void **state)
{
	(void)state;
	stream_self.bot_id = NULL;
	mend();
	until_told(&ending);
	assert_int_equal(ending.err.kind, ERR_RETRY);
	expect_calls("");
}

static void a_shutdown_tells_who_waits(void **state)
{
	(void)state;
	slack_fake_hold(stream_fake, true);
	mend();
	await_calls(1);
	slack_world_free_web();
	assert_int_equal(ending.times, 1);
	assert_int_equal(ending.err.kind, ERR_CANCELLED);
	stream_self.bot_id = NULL;
}

/* --- status --------------------------------------------------------------------------------- */

static void a_status_is_shown_and_goes(void **state)
{
	struct slack_status *status = slack_status_new(stream_web);

	(void)state;
	slack_status_set(status, &place, "is reading\n4 <!here> metrics");
	slack_status_set(status, &place, NULL);
	expect_calls("status status");
	assert_string_equal(sent(0, "channel_id"), "C1");
	assert_string_equal(sent(0, "thread_ts"), "100.1");
	assert_string_equal(sent(0, "status"), "is reading 4 &lt;!here&gt; metrics");
	assert_string_equal(sent(1, "status"), "");
	slack_status_free(status);
}

static void a_refused_status_is_left_for_an_hour(void **state)
{
	struct slack_status *status = slack_status_new(stream_web);

	(void)state;
	slack_fake_answer(stream_fake, "assistant.threads.setStatus", 200, 0,
	                  REFUSED("method_not_supported_for_channel_type"));
	slack_status_set(status, &place, "reads");
	expect_calls("status");
	slack_status_set(status, &place, "reads");
	expect_calls("status");
	pass_ms(3600);
	slack_status_set(status, &place, "reads");
	expect_calls("status status");
	slack_status_free(status);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_streams_is_ended_with_the_parts), TEST(what_slack_ended_by_itself_is_edited),
		TEST(what_was_posted_and_edited_too), TEST(of_several_the_last_gets_the_parts),
		TEST(where_nothing_was_shown_the_parts_are_posted_once), TEST(without_parts_there_may_be_nothing_to_do),
		TEST(what_streams_now_is_left_alone), TEST(what_is_begun_while_the_thread_is_read_is_left_alone),
		TEST(trouble_passes_or_is_told), TEST(who_we_are_must_be_known),
		TEST(a_shutdown_tells_who_waits), TEST(a_status_is_shown_and_goes),
		TEST(a_refused_status_is_left_for_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
