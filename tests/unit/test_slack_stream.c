/* Text that is read while it is written: adapters/slack/stream.h, against a scripted Web API. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/stream.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/markdown_check.h"
#include "tests/unit/support/slack_fake.h"
#include "tests/unit/support/slack_stream_world.h"
#include "tests/unit/support/turn.h"

static const struct chat_stream_place channel = { "C1", "100.1", "U0ALICE" };
static struct ending ending;
static unsigned stops;

static void on_stopped(void *arg)
{
	(void)arg;
	stops++;
}

static int begin(void **state)
{
	ending = (struct ending){ 0 };
	stops = 0;
	return slack_world_begin(state);
}

static struct chat_stream *open_stream(void)
{
	return slack_stream_new(streams, &channel, (struct chat_stream_ears){ on_stopped, NULL });
}

static void say(struct chat_stream *stream, const char *text)
{
	slack_stream_say(stream, text, strlen(text));
}

static void end_with_parts(struct chat_stream *stream)
{
	struct message last;

	make_last(&last);
	slack_stream_end(stream, &last, into(&ending));
	message_free(&last);
	assert_int_equal(ending.times, 0); /* never before the call has returned */
}

/* --- streaming ------------------------------------------------------------------------------ */

static void the_first_text_goes_at_once(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	expect_calls("");
	say(stream, "The");
	expect_calls("start");
	assert_string_equal(sent(0, "channel"), "C1");
	assert_string_equal(sent(0, "thread_ts"), "100.1");
	assert_string_equal(sent(0, "recipient_user_id"), "U0ALICE");
	assert_string_equal(sent(0, "recipient_team_id"), "T0TEAM");
	assert_string_equal(sent(0, "markdown_text"), "The");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
}

static void small_pieces_are_gathered(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "One ");
	for (int i = 0; i < 20; i++)
		say(stream, "and more ");
	expect_calls("start"); /* the clock stands still: no second has passed */
	pass_ms(1);
	expect_calls("start append");
	say(stream, "then ");
	say(stream, "the end.");
	expect_calls("start append");
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("start append stop");
	assert_string_equal(sent(1, "ts"), "1.000000");
	assert_int_equal(strlen(sent(1, "markdown_text")), 20 * strlen("and more "));
	assert_string_equal(sent(2, "markdown_text"), "then the end.");
	assert_string_equal(sent(2, "blocks[0].type"), "context");
	assert_string_equal(sent(2, "blocks[1].elements[0].action_id"), "ask again");
	assert_string_equal(sent(2, "metadata.event_type"), "tocsin_delivery");
	assert_string_equal(sent(2, "metadata.event_payload.open"), "false");
}

static void a_word_that_stays_away_does_not_hold_the_others_up(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "One ");
	expect_calls("start");
	say(stream, "two thr");
	pass_ms(1);
	expect_calls("start append");
	assert_string_equal(sent(1, "markdown_text"), "two thr");
	say(stream, "ee.");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
	assert_string_equal(sent(2, "markdown_text"), "ee.");
	assert_string_equal(sent(2, "blocks"), "");
}

static void hostile_text_is_harmless_in_every_call(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "[a](https://evil.example) <!channel> ");
	expect_calls("start");
	say(stream, "@here htt");
	say(stream, "ps://evil.example ");
	pass_ms(1);
	expect_calls("start append");
	slack_fake_answer(stream_fake, STOP, 200, 0, NOT_STREAMING);
	say(stream, "<@U1>");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
	expect_calls("start append stop stop update");
	assert_null(markdown_check(sent(0, "markdown_text")));
	assert_null(markdown_check(sent(1, "markdown_text")));
	assert_null(markdown_check(sent(2, "markdown_text")));
	assert_null(markdown_check(sent(4, "blocks[0].text")));
	assert_null(strstr(sent(4, "text"), "<"));
	assert_string_equal(sent(4, "parse"), "none");
}

static void without_words_there_are_only_the_parts(void **state)
{
	(void)state;
	end_with_parts(open_stream());
	expect_shown(&ending);
	expect_calls("post");
	assert_string_equal(sent(0, "blocks[0].type"), "context");
	assert_string_equal(sent(0, "metadata.event_payload.open"), "false");
	ending = (struct ending){ 0 };
	slack_stream_end(open_stream(), NULL, into(&ending));
	expect_shown(&ending);
	expect_calls("post");
}

static void in_a_direct_message_there_is_no_recipient(void **state)
{
	const struct chat_stream_place direct = { "D1", "100.1", "U0ALICE" };
	struct chat_stream *stream = slack_stream_new(streams, &direct, (struct chat_stream_ears){ 0 });

	(void)state;
	say(stream, "Hi.");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
	expect_calls("start stop");
	assert_string_equal(sent(0, "recipient_user_id"), "");
	assert_string_equal(sent(0, "recipient_team_id"), "");
}

static void a_limited_piece_is_sent_again_and_the_rest_follows(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "One ");
	expect_calls("start");
	slack_fake_answer(stream_fake, APPEND, 429, 2, "{}");
	say(stream, "two ");
	pass_ms(1);
	expect_calls("start append");
	say(stream, "three ");
	pass_ms(2);
	expect_calls("start append append append");
	assert_string_equal(sent(2, "markdown_text"), "two ");
	assert_string_equal(sent(3, "markdown_text"), "three ");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
}

/* --- new messages --------------------------------------------------------------------------- */

static char *paragraphs(size_t count)
{
	struct str text;

	str_init(&text, SIZE_MAX / 2);
	for (size_t i = 0; i < count; i++)
		str_addf(&text, "Paragraph %zu of an answer that does not end. It says the same as the one before it.\n\n", i);
	return str_take(&text);
}

static void a_long_text_goes_on_in_new_messages(void **state)
{
	struct chat_stream *stream = open_stream();
	char *text = paragraphs(250);
	size_t messages = 0;
	struct str all;

	(void)state;
	say(stream, text);
	end_with_parts(stream);
	expect_shown(&ending);
	str_init(&all, SIZE_MAX / 2);
	for (size_t i = 0; i < slack_fake_count(stream_fake, NULL); i++) {
		const char *said = sent(i, "markdown_text");

		str_add(&all, said);
		assert_true(strlen(said) <= SLACK_STREAM_MAX);
		assert_true(strlen(said) == 0 || str_ends(said, "\n\n"));
		messages += strcmp(slack_fake_asked(stream_fake, NULL, i)->method, START) == 0 ? 1 : 0;
	}
	assert_string_equal(all.text, text);
	assert_int_equal(messages, 3);
	assert_string_equal(sent(1, "blocks"), "");
	assert_string_equal(sent(slack_fake_count(stream_fake, NULL) - 1, "blocks[0].type"), "context");
	str_free(&all);
	free(text);
}

static void a_fence_is_closed_and_opened_anew(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "```sh\n");
	for (int i = 0; i < 400; i++)
		say(stream, "kubectl get pods --namespace x\n");
	say(stream, "```\nDone.");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
	for (size_t i = 0; i < slack_fake_count(stream_fake, NULL); i++)
		if (strcmp(slack_fake_asked(stream_fake, NULL, i)->method, START) == 0)
			assert_true(str_starts(sent(i, "markdown_text"), "```sh\n"));
	assert_int_equal(slack_fake_count(stream_fake, START), 2);
}

static void a_stream_is_ended_before_slack_ends_it(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "One. ");
	expect_calls("start");
	pass_ms(SLACK_STREAM_LIFE_MS / 1000 - 1);
	expect_calls("start");
	pass_ms(1);
	expect_calls("start stop"); /* nothing was said: it would be shown as broken */
	assert_string_equal(sent(1, "markdown_text"), "");
	assert_string_equal(sent(1, "metadata.event_payload.open"), "false");
	say(stream, "Two.");
	expect_calls("start stop start");
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("start stop start stop");
}

static void an_end_during_a_new_page_still_shows_its_parts(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "One. ");
	expect_calls("start");
	slack_fake_hold(stream_fake, true);
	pass_ms(SLACK_STREAM_LIFE_MS / 1000);
	expect_calls("start stop");
	end_with_parts(stream);
	slack_fake_hold(stream_fake, false);
	expect_shown(&ending);
	expect_calls("start stop post");
	assert_string_equal(sent(2, "blocks[0].type"), "context");
}

/* --- trouble -------------------------------------------------------------------------------- */

static struct chat_stream *stream_of_two(const char *method, int status, const char *answer)
{
	struct chat_stream *stream = open_stream();

	say(stream, "One ");
	expect_calls("start");
	slack_fake_answer(stream_fake, method, status, 0, answer);
	say(stream, "two ");
	return stream;
}

static void a_piece_of_unknown_fate_is_not_sent_again(void **state)
{
	struct chat_stream *stream = stream_of_two(APPEND, 0, "");

	(void)state;
	pass_ms(1);
	await_calls(3);
	pass_ms(2);
	expect_calls("start append stop update");
	assert_string_equal(sent(2, "markdown_text"), "");
	assert_string_equal(sent(3, "ts"), "1.000000");
	assert_string_equal(sent(3, "blocks[0].text"), "One two ");
	assert_string_equal(sent(3, "metadata.event_payload.open"), "true");
	say(stream, "three.");
	pass_ms(2);
	expect_calls("start append stop update update");
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("start append stop update update update");
	assert_string_equal(sent(5, "blocks[0].text"), "One two three.");
	assert_string_equal(sent(5, "blocks[1].type"), "context");
	assert_string_equal(sent(5, "metadata.event_payload.open"), "false");
}

static void what_slack_has_ended_is_edited(void **state)
{
	struct chat_stream *stream = stream_of_two(APPEND, 200, NOT_STREAMING);

	(void)state;
	slack_fake_answer(stream_fake, STOP, 200, 0, NOT_STREAMING);
	pass_ms(1);
	await_calls(3);
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("start append stop update");
	assert_string_equal(sent(3, "blocks[0].text"), "One two ");
	assert_int_equal(stops, 0);
}

static void an_end_of_unknown_fate_is_edited_in(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "One ");
	expect_calls("start");
	slack_fake_answer(stream_fake, STOP, 0, 0, "");
	slack_fake_answer(stream_fake, STOP, 0, 0, "");
	slack_fake_answer(stream_fake, UPDATE, 200, 0, REFUSED("streaming_state_conflict"));
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("start stop stop stop update stop update");
	assert_string_equal(sent(6, "blocks[0].text"), "One ");
	assert_string_equal(sent(6, "blocks[1].type"), "context");
}

static void refused_parts_are_said_in_words(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	say(stream, "One ");
	expect_calls("start");
	slack_fake_answer(stream_fake, STOP, 200, 0, REFUSED("invalid_blocks"));
	slack_fake_answer(stream_fake, UPDATE, 200, 0, REFUSED("invalid_blocks"));
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("start stop stop update update");
	assert_string_equal(sent(4, "text"), "One \n\n2,100 tokens, 3 ct\n[Try again]");
}

static void a_reader_may_stop_it(void **state)
{
	struct chat_stream *stream = stream_of_two(APPEND, 200, REFUSED("stopped_by_user"));

	(void)state;
	slack_fake_answer(stream_fake, STOP, 200, 0, REFUSED("stopped_by_user"));
	pass_ms(1);
	await_calls(3);
	assert_int_equal(stops, 1);
	slack_streams_stopped(streams, "C1", "100.1");
	assert_int_equal(stops, 1); /* heard of it already */
	end_with_parts(stream);
	expect_shown(&ending);
	assert_string_equal(sent(slack_fake_count(stream_fake, NULL) - 1, "blocks[0].text"), "One two ");
}

static void a_stop_button_is_heard(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	slack_streams_stopped(streams, "C1", "other");
	assert_int_equal(stops, 0);
	slack_streams_stopped(streams, "C1", "100.1");
	assert_int_equal(stops, 1);
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
}

static void what_did_not_happen_is_tried_again(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	slack_fake_answer(stream_fake, START, 200, 0, REFUSED("service_unavailable"));
	slack_fake_answer(stream_fake, STOP, 200, 0, REFUSED("service_unavailable"));
	say(stream, "One ");
	await_calls(2);
	say(stream, "two");
	end_with_parts(stream);
	expect_shown(&ending);
	assert_int_equal(slack_fake_count(stream_fake, START), 2);
	assert_int_equal(slack_fake_count(stream_fake, STOP), 2);
	assert_int_equal(slack_fake_count(stream_fake, UPDATE), 0);
}

static void at_the_end_tries_are_bounded(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	for (int i = 0; i < 30; i++)
		slack_fake_answer(stream_fake, START, 200, 0, REFUSED("service_unavailable"));
	say(stream, "One ");
	slack_stream_end(stream, NULL, into(&ending));
	until_told(&ending);
	assert_int_equal(ending.err.kind, ERR_RETRY);
	assert_in_range(slack_fake_count(stream_fake, START), 5, 20);
}

#define MESSAGE(ts, more) "{\"ok\":true,\"messages\":[{\"ts\":\"100.1\",\"user\":\"U0ALICE\"}," \
	"{\"ts\":\"" ts "\",\"bot_id\":\"B0BOT\",\"text\":\"x\"" more "}]}"

static void a_start_of_unknown_fate_is_looked_for(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	slack_fake_answer(stream_fake, START, 0, 0, "");
	slack_fake_answer(stream_fake, REPLIES, 200, 0, MESSAGE("100.7", ",\"streaming_state\":\"in_progress\""));
	say(stream, "One ");
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("start replies stop update");
	assert_string_equal(sent(2, "ts"), "100.7");
	assert_string_equal(sent(3, "ts"), "100.7");
	assert_string_equal(sent(3, "blocks[0].text"), "One ");
}

static void a_start_that_did_not_happen_is_repeated(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	slack_fake_answer(stream_fake, START, 0, 0, "");
	slack_fake_answer(stream_fake, REPLIES, 200, 0, MESSAGE("100.7",
		",\"metadata\":{\"event_type\":\"tocsin_delivery\",\"event_payload\":{\"key\":\"another\"}}"));
	say(stream, "One ");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
	expect_calls("start replies start stop");
}

/* --- where Slack does not stream ------------------------------------------------------------ */

static void where_it_does_not_stream_it_is_posted_and_edited(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	slack_fake_answer(stream_fake, START, 200, 0, REFUSED("channel_type_not_supported"));
	say(stream, "One <!here> ");
	expect_calls("start post");
	assert_string_equal(sent(1, "blocks[0].type"), "markdown");
	assert_string_equal(sent(1, "blocks[0].text"), "One &lt;!here&gt; ");
	assert_string_equal(sent(1, "text"), "One &lt;!here&gt; ");
	assert_string_equal(sent(1, "unfurl_links"), "false");
	assert_string_equal(sent(1, "metadata.event_payload.open"), "true");
	say(stream, "two ");
	expect_calls("start post");
	pass_ms(2);
	expect_calls("start post update");
	say(stream, "three.");
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("start post update update");
	assert_string_equal(sent(3, "blocks[0].text"), "One &lt;!here&gt; two three.");
	assert_string_equal(sent(3, "blocks[2].elements[0].action_id"), "ask again");
}

static void a_refusal_is_remembered_for_an_hour(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	slack_fake_answer(stream_fake, START, 200, 0, REFUSED("unknown_method"));
	say(stream, "One ");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
	expect_calls("start post");
	ending = (struct ending){ 0 };
	stream = open_stream();
	say(stream, "One ");
	expect_calls("start post post");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
	pass_ms(SLACK_STREAM_REFUSED_MS / 1000);
	ending = (struct ending){ 0 };
	stream = open_stream();
	say(stream, "One ");
	expect_calls("start post post update start");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
}

static void a_refusal_of_one_text_or_channel_is_that_answers(void **state)
{
	static const char *const refusals[] = { REFUSED("channel_type_not_supported"), REFUSED("invalid_arguments"),
		                                REFUSED("message_limit_reached") };

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct chat_stream *stream = open_stream();

		slack_fake_answer(stream_fake, START, 200, 0, refusals[i]);
		say(stream, "One ");
		slack_stream_end(stream, NULL, into(&ending));
		expect_shown(&ending);
		ending = (struct ending){ 0 };
	}
	expect_calls("start post start post start post");
}

static void a_channel_that_refuses_everything_is_told(void **state)
{
	struct chat_stream *stream = open_stream();

	(void)state;
	slack_fake_answer(stream_fake, START, 200, 0, REFUSED("is_archived"));
	slack_fake_answer(stream_fake, POST, 200, 0, REFUSED("is_archived"));
	say(stream, "One ");
	expect_calls("start post");
	say(stream, "two ");
	slack_stream_end(stream, NULL, into(&ending));
	until_told(&ending);
	assert_int_equal(ending.err.kind, ERR_REFUSED);
	assert_non_null(strstr(ending.err.text, "archived"));
	ending = (struct ending){ 0 };
	stream = open_stream(); /* it was the channel, not streaming */
	say(stream, "One ");
	expect_calls("start post start");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
}

static void who_asked_or_our_team_may_be_unknown(void **state)
{
	const struct chat_stream_place nobody = { "C1", "100.1", NULL };
	struct chat_stream *stream = slack_stream_new(streams, &nobody, (struct chat_stream_ears){ 0 });

	(void)state;
	say(stream, "One ");
	expect_calls("post");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
	stream_self.team_id = NULL;
	ending = (struct ending){ 0 };
	stream = open_stream();
	say(stream, "One ");
	expect_calls("post update post");
	slack_stream_end(stream, NULL, into(&ending));
	expect_shown(&ending);
}

static void a_post_of_unknown_fate_is_found_by_its_key(void **state)
{
	struct chat_stream *stream = open_stream();
	struct str page;

	(void)state;
	stream_self.team_id = NULL;
	slack_fake_answer(stream_fake, POST, 0, 0, "");
	slack_fake_hold(stream_fake, true);
	say(stream, "One ");
	await_calls(1);
	str_init(&page, 10000);
	str_addf(&page, MESSAGE("100.8", ",\"metadata\":{\"event_type\":\"tocsin_delivery\",\"event_payload\":{\"key\":\"%s\"}}"),
	         sent(0, "metadata.event_payload.key"));
	slack_fake_answer(stream_fake, REPLIES, 200, 0, page.text);
	slack_fake_hold(stream_fake, false);
	end_with_parts(stream);
	expect_shown(&ending);
	expect_calls("post replies update");
	assert_string_equal(sent(2, "ts"), "100.8");
	str_free(&page);
}

static void a_long_text_is_edited_into_new_messages_too(void **state)
{
	struct chat_stream *stream = open_stream();
	char *text = paragraphs(150);

	(void)state;
	stream_self.team_id = NULL;
	say(stream, text);
	end_with_parts(stream);
	expect_shown(&ending);
	assert_int_equal(slack_fake_count(stream_fake, POST), 2);
	for (size_t i = 0; i < slack_fake_count(stream_fake, NULL); i++)
		assert_true(strlen(sent(i, "blocks[0].text")) <= SLACK_STREAM_MAX && strlen(sent(i, "text")) <= 4000);
	free(text);
}

static void a_shutdown_tells_who_waits(void **state)
{
	struct chat_stream *stream = open_stream(), *other = open_stream();

	(void)state;
	say(other, "One ");
	say(stream, "One ");
	slack_stream_end(stream, NULL, into(&ending));
	slack_fake_hold(stream_fake, true);
	expect_calls("start start");
	slack_world_free_web();
	assert_int_equal(ending.times, 1);
	assert_int_equal(ending.err.kind, ERR_CANCELLED);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, slack_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_text_goes_at_once), TEST(small_pieces_are_gathered),
		TEST(a_word_that_stays_away_does_not_hold_the_others_up), TEST(hostile_text_is_harmless_in_every_call),
		TEST(without_words_there_are_only_the_parts), TEST(in_a_direct_message_there_is_no_recipient),
		TEST(a_limited_piece_is_sent_again_and_the_rest_follows), TEST(a_long_text_goes_on_in_new_messages),
		TEST(a_fence_is_closed_and_opened_anew), TEST(a_stream_is_ended_before_slack_ends_it),
		TEST(an_end_during_a_new_page_still_shows_its_parts), TEST(a_piece_of_unknown_fate_is_not_sent_again),
		TEST(what_slack_has_ended_is_edited), TEST(an_end_of_unknown_fate_is_edited_in),
		TEST(refused_parts_are_said_in_words), TEST(a_reader_may_stop_it), TEST(a_stop_button_is_heard),
		TEST(what_did_not_happen_is_tried_again), TEST(at_the_end_tries_are_bounded),
		TEST(a_start_of_unknown_fate_is_looked_for), TEST(a_start_that_did_not_happen_is_repeated),
		TEST(where_it_does_not_stream_it_is_posted_and_edited), TEST(a_refusal_is_remembered_for_an_hour),
		TEST(a_refusal_of_one_text_or_channel_is_that_answers),
		TEST(a_channel_that_refuses_everything_is_told), TEST(who_asked_or_our_team_may_be_unknown),
		TEST(a_post_of_unknown_fate_is_found_by_its_key), TEST(a_long_text_is_edited_into_new_messages_too),
		TEST(a_shutdown_tells_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
