/*
 * Whatever Slack does with a text that is read while it is written, each word of it is shown once, in its order, and no
 * message is left open: adapters/slack/stream.h against a Slack that remembers what it shows, loses answers before or
 * after it did as it was told, limits, refuses, and ends streams when it likes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/stream.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/slack_fake.h"
#include "tests/unit/support/slack_stream_world.h"
#include "tests/unit/support/turn.h"

#define SHOWN_MAX 64
#define STREAMS 2
#define SLACK_ENDS_AT_S 300
#define SLACK_HOLDS 12000 /* bytes of one streamed message */
#define ROUNDS 40
#define WORDS_MAX 3500

struct shown {
	char ts[24], key[64];
	struct str text;
	bool streams, by_user, open, keyed, parts;
	int64_t begun_ms;
};

static struct shown shown[SHOWN_MAX];
static size_t shown_count;
static unsigned faults; /* percent of the calls */
static uint32_t dice;
static struct ending endings[STREAMS];

static unsigned roll(unsigned sides)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 8) % sides;
}

/* --- Slack ---------------------------------------------------------------------------------- */

static void refuse(struct slack_said *said, const char *code)
{
	str_clear(&said->body);
	str_addf(&said->body, "{\"ok\":false,\"error\":\"%s\"}", code);
}

/* What goes wrong before anything is done. True: it did. */
static bool goes_wrong(const struct slack_asked *asked, struct slack_said *said)
{
	bool starts = strcmp(asked->method, START) == 0;

	if (roll(100) >= faults)
		return false;
	switch (roll(starts ? 6 : 5)) {
	case 0:
		said->status = 429;
		said->retry_after_s = 1 + (int)roll(5);
		break;
	case 1:
		refuse(said, "service_unavailable");
		break;
	case 2:
		said->status = 500;
		break;
	case 3:
		refuse(said, "internal_error");
		break;
	case 4:
		said->status = 0;
		break;
	default:
		refuse(said, "channel_type_not_supported");
		break;
	}
	return true;
}

static struct shown *find(struct json_object *body)
{
	const char *ts = json_string(body, "ts");

	for (size_t i = 0; i < shown_count; i++)
		if (ts != NULL && strcmp(shown[i].ts, ts) == 0)
			return &shown[i];
	fail_msg("a message that does not exist: %s", ts == NULL ? "none" : ts);
	return NULL;
}

static struct shown *new_message(bool streamed)
{
	struct shown *message = &shown[shown_count++];

	assert_true(shown_count < SHOWN_MAX);
	*message = (struct shown){ .streams = streamed, .open = true, .begun_ms = clock_mono_ms() };
	(void)snprintf(message->ts, sizeof(message->ts), "200.%06zu", shown_count);
	str_init(&message->text, SIZE_MAX / 2);
	return message;
}

static void take_metadata(struct shown *message, struct json_object *body)
{
	const char *key = json_string(body, "metadata.event_payload.key");

	message->keyed = message->keyed || key != NULL;
	if (key != NULL)
		(void)snprintf(message->key, sizeof(message->key), "%s", key);
	message->open = json_flag(body, "metadata.event_payload.open", message->open);
}

/* Why Slack takes no more of it; NULL: it does. */
static const char *is_over(struct shown *message, struct json_object *body)
{
	const char *more = json_string(body, "markdown_text");

	if (message->streams && roll(300) < faults)
		message->by_user = roll(2) > 0;
	if (message->streams && (message->by_user || roll(300) < faults ||
	                         clock_mono_ms() - message->begun_ms >= SLACK_ENDS_AT_S))
		message->streams = false;
	if (!message->streams)
		return message->by_user ? "stopped_by_user" : "message_not_in_streaming_state";
	return more != NULL && message->text.length + strlen(more) > SLACK_HOLDS ? "msg_too_long" : NULL;
}

static void go_on(struct shown *message, struct json_object *body, bool ends, struct slack_said *said)
{
	const char *why = is_over(message, body), *more = json_string(body, "markdown_text");

	if (why != NULL) {
		refuse(said, why);
		return;
	}
	str_add(&message->text, more == NULL ? "" : more);
	if (!ends)
		return;
	take_metadata(message, body);
	message->streams = false;
	message->parts = json_has(body, "blocks");
}

static void edit(struct shown *message, struct json_object *body, struct slack_said *said)
{
	struct json_object *blocks = json_get(body, "blocks");
	bool words = json_count(blocks) > 0 && strcmp(json_string(body, "blocks[0].type"), "markdown") == 0;

	if (message->streams && clock_mono_ms() - message->begun_ms < SLACK_ENDS_AT_S) {
		refuse(said, "streaming_state_conflict");
		return;
	}
	message->streams = false;
	str_clear(&message->text);
	if (words)
		str_add(&message->text, json_string(body, "blocks[0].text"));
	message->parts = json_count(blocks) > (words ? 1 : 0);
	take_metadata(message, body);
}

static void list(struct slack_said *said)
{
	struct json_object *all = json_new_array();

	str_clear(&said->body);
	for (size_t i = 0; i < shown_count; i++) {
		struct json_object *message = json_new_object(), *metadata = json_new_object(), *payload = json_new_object();

		json_put_string(message, "ts", shown[i].ts);
		json_put_string(message, "bot_id", "B0BOT");
		json_put_string(payload, "key", shown[i].key);
		json_put_string(metadata, "event_type", "tocsin_delivery");
		json_put(metadata, "event_payload", payload);
		if (shown[i].keyed)
			json_put(message, "metadata", metadata);
		else
			json_free(metadata);
		json_append(all, message);
	}
	str_add(&said->body, "{\"ok\":true,\"messages\":");
	json_add(&said->body, all);
	str_add(&said->body, "}");
	json_free(all);
}

static void obey(const char *method, struct json_object *body, struct slack_said *said)
{
	struct shown *message;

	str_add(&said->body, "{\"ok\":true}");
	if (strcmp(method, REPLIES) == 0) {
		list(said);
	} else if (strcmp(method, START) == 0 || strcmp(method, POST) == 0) {
		message = new_message(strcmp(method, START) == 0);
		if (message->streams)
			str_add(&message->text, json_string(body, "markdown_text"));
		else
			edit(message, body, said);
		str_clear(&said->body);
		str_addf(&said->body, "{\"ok\":true,\"ts\":\"%s\"}", message->ts);
	} else if (strcmp(method, UPDATE) == 0) {
		edit(find(body), body, said);
	} else {
		go_on(find(body), body, strcmp(method, STOP) == 0, said);
	}
}

static void answer(void *arg, const struct slack_asked *asked, struct slack_said *said)
{
	struct json_object *body;
	struct err err;

	(void)arg;
	if (goes_wrong(asked, said))
		return;
	body = strcmp(asked->method, REPLIES) == 0 ? json_new_object() : json_parse(asked->body, asked->length, &err);
	assert_non_null(body);
	obey(asked->method, body, said);
	json_free(body);
	if (roll(200) < faults) /* it is done, and nobody hears of it */
		said->status = roll(2) > 0 ? 0 : 500;
	said->late = roll(100) < faults;
}

/* --- the text ------------------------------------------------------------------------------- */

static void forget(void)
{
	for (size_t i = 0; i < shown_count; i++)
		str_free(&shown[i].text);
	shown_count = 0;
}

/* Words with numbers, of one stream's letter; paragraphs, lists, code and fences. */
static char *new_text(char letter, size_t words)
{
	static const char *const between[] = { " ", " ", " ", ", ", ".\n\n", "\n- ", " **x** ", "`y` ", "\n```sh\nz\n```\n" };
	struct str text;

	str_init(&text, SIZE_MAX / 2);
	for (size_t i = 0; i < words; i++)
		str_addf(&text, "%c%05zu%s", letter, i, between[roll(sizeof(between) / sizeof(between[0]))]);
	return str_take(&text);
}

/* Every word of that letter, once and in order, over all messages. */
static void expect_words(char letter, size_t words)
{
	size_t next = 0;

	for (size_t i = 0; i < shown_count; i++)
		for (const char *at = shown[i].text.text; (at = strchr(at, letter)) != NULL; at++) {
			if (strspn(at + 1, "0123456789") != 5)
				continue;
			if (strtoul(at + 1, NULL, 10) != next)
				fail_msg("%s: %.6s where %c%05zu should be", shown[i].ts, at, letter, next);
			next++;
		}
	if (next != words)
		fail_msg("%zu words of %zu of %c", next, words, letter);
}

static void expect_all_ended(void)
{
	size_t parts = 0;

	for (size_t i = 0; i < shown_count; i++) {
		if (shown[i].streams || !shown[i].keyed || shown[i].open)
			fail_msg("%s was left open", shown[i].ts);
		parts += shown[i].parts ? 1 : 0;
	}
	assert_int_equal(parts, STREAMS);
}

/* --- a conversation ------------------------------------------------------------------------- */

static bool are_told(void *arg)
{
	(void)arg;
	pass_ms(1);
	slack_fake_hold(stream_fake, false);
	for (size_t i = 0; i < STREAMS; i++)
		if (endings[i].times == 0)
			return false;
	return true;
}

static void say_some(struct chat_stream *stream, const char *text, size_t *said)
{
	size_t left = strlen(text) - *said, piece = 1 + roll(roll(4) == 0 ? 4000 : 60);

	piece = piece < left ? piece : left;
	slack_stream_say(stream, text + *said, piece);
	*said += piece;
}

static void talk(struct chat_stream *const streams_of[STREAMS], char *const text[STREAMS])
{
	size_t said[STREAMS] = { 0 };

	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < STREAMS; i++) {
			say_some(streams_of[i], text[i], &said[i]);
			more = more || said[i] < strlen(text[i]);
		}
		if (roll(3) == 0) {
			turn_for(stream_loop, 1 + roll(3));
			slack_fake_hold(stream_fake, roll(4) == 0 && faults > 0);
			pass_ms(roll(50) == 0 ? roll(400) : roll(3));
		}
	}
}

static void end_all(struct chat_stream *const streams_of[STREAMS])
{
	struct message last;

	for (size_t i = 0; i < STREAMS; i++) {
		endings[i] = (struct ending){ 0 };
		make_last(&last);
		slack_stream_end(streams_of[i], &last, into(&endings[i]));
		message_free(&last);
	}
	turn_until(stream_loop, are_told, NULL);
}

/* The sockets have a say in what happens: a seed that failed need not fail again at once. */
static void round_of(uint32_t seed)
{
	static const struct chat_stream_place place = { "C1", "100.1", "U0ALICE" };
	struct chat_stream *of[STREAMS];
	char *text[STREAMS];
	size_t words[STREAMS];
	bool failed = false;

	dice = seed * 7919u + 1u;
	faults = roll(4) * 12;
	for (size_t i = 0; i < STREAMS; i++) {
		words[i] = 1 + roll(roll(3) == 0 ? WORDS_MAX : 300);
		text[i] = new_text((char)('A' + i), words[i]);
		of[i] = slack_stream_new(streams, &place, (struct chat_stream_ears){ 0 });
	}
	talk(of, text);
	end_all(of);
	for (size_t i = 0; i < STREAMS; i++) {
		assert_int_equal(endings[i].times, 1);
		if (endings[i].err.kind == ERR_NONE)
			expect_words((char)('A' + i), words[i]);
		failed = failed || endings[i].err.kind != ERR_NONE;
		/* Else it was tried long enough. */
		if (endings[i].err.kind == ERR_REFUSED || endings[i].err.kind == ERR_CANCELLED)
			fail_msg("%s", endings[i].err.text);
		free(text[i]);
	}
	if (!failed)
		expect_all_ended();
	forget();
}

static void every_word_is_shown_once(void **state)
{
	const char *first = getenv("STREAM_SEED"), *rounds = getenv("STREAM_ROUNDS");
	uint32_t from = first == NULL ? 1 : (uint32_t)strtoul(first, NULL, 10);
	uint32_t count = getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 3 : ROUNDS;

	count = rounds == NULL ? count : (uint32_t)strtoul(rounds, NULL, 10);
	for (uint32_t seed = from; seed < from + count; seed++) {
		(void)slack_world_begin(state);
		slack_fake_answer_by(stream_fake, answer, NULL);
		round_of(seed);
		(void)slack_world_end(state);
	}
}

/* --- two at the same time ------------------------------------------------------------------- */

#define TS "200.000001"

static const char *late_method;

/* One message in the thread, the other stream's; answers of one method are late. */
static void with_one_message(void *arg, const struct slack_asked *asked, struct slack_said *said)
{
	(void)arg;
	str_add(&said->body, strcmp(asked->method, REPLIES) == 0 ?
	                     "{\"ok\":true,\"messages\":[{\"ts\":\"" TS "\",\"bot_id\":\"B0BOT\"}]}" :
	                     "{\"ok\":true,\"ts\":\"" TS "\"}");
	said->late = strcmp(asked->method, late_method) == 0;
}

/* The first one's start is lost, so that it looks for its message. */
static void begin_beside(const char *late, struct chat_stream *of[STREAMS])
{
	static const struct chat_stream_place place = { "C1", "100.1", "U0ALICE" };

	late_method = late;
	slack_fake_answer(stream_fake, START, 0, 0, "");
	slack_fake_answer_by(stream_fake, with_one_message, NULL);
	for (size_t i = 0; i < STREAMS; i++) {
		endings[i] = (struct ending){ 0 };
		of[i] = slack_stream_new(streams, &place, (struct chat_stream_ears){ 0 });
		slack_stream_say(of[i], i == 0 ? "One " : "Two ", strlen("One "));
	}
}

static void the_others_message_is_not_taken_for_it(void **state)
{
	struct chat_stream *of[STREAMS];

	(void)state;
	begin_beside(START, of);
	await_calls(4);
	assert_int_equal(slack_fake_count(stream_fake, START), 2); /* it goes on looking */
	assert_int_equal(slack_fake_count(stream_fake, STOP), 0);
	slack_fake_answer(stream_fake, START, 200, 0, "{\"ok\":true,\"ts\":\"200.000002\"}");
	slack_fake_hold(stream_fake, false);
	end_all(of);
	assert_int_equal(slack_fake_count(stream_fake, START), 3);
	assert_int_equal(slack_fake_count(stream_fake, UPDATE), 0);
}

static void what_was_ended_since_the_thread_was_read_is_not_taken_for_it(void **state)
{
	struct chat_stream *of[STREAMS];

	(void)state;
	begin_beside(REPLIES, of);
	expect_calls("start start replies");
	slack_stream_end(of[1], NULL, into(&endings[1]));
	expect_shown(&endings[1]);
	expect_calls("start start replies stop");
	slack_fake_hold(stream_fake, false);
	expect_calls("start start replies stop start");
	slack_stream_end(of[0], NULL, into(&endings[0]));
	expect_shown(&endings[0]);
}

static void a_message_without_an_id_is_looked_for(void **state)
{
	static const struct chat_stream_place place = { "C1", "100.1", "U0ALICE" };
	struct chat_stream *stream = slack_stream_new(streams, &place, (struct chat_stream_ears){ 0 });

	(void)state;
	slack_fake_answer(stream_fake, START, 200, 0, "{\"ok\":true}");
	slack_fake_answer(stream_fake, REPLIES, 200, 0,
	                  "{\"ok\":true,\"messages\":[{\"ts\":\"" TS "\",\"bot_id\":\"B0BOT\"}]}");
	slack_stream_say(stream, "One ", strlen("One "));
	endings[0] = (struct ending){ 0 };
	slack_stream_end(stream, NULL, into(&endings[0]));
	expect_shown(&endings[0]);
	expect_calls("start replies stop update");
	assert_string_equal(sent(3, "ts"), TS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_shown_once),
		cmocka_unit_test_setup_teardown(a_message_without_an_id_is_looked_for, slack_world_begin, slack_world_end),
		cmocka_unit_test_setup_teardown(the_others_message_is_not_taken_for_it, slack_world_begin, slack_world_end),
		cmocka_unit_test_setup_teardown(what_was_ended_since_the_thread_was_read_is_not_taken_for_it,
		                                slack_world_begin, slack_world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
