/*
 * Messages as Block Kit. What is made is judged by a checker written here from Slack's documents,
 * which shares no code and no constant with adapters/slack.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/slack/blocks.h"
#include "adapters/slack/text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"

/* --- the checker ---------------------------------------------------------------------------- */

static size_t total; /* bytes of all strings but types and styles, as Slack is believed to count */

/* Length in UTF-16 units, written for this file alone; fails on bad UTF-8. */
static size_t units(const char *text)
{
	size_t count = 0;

	if (!str_utf8_valid(text, strlen(text)))
		fail_msg("not UTF-8: %s", text);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if ((*p & 0xC0) != 0x80)
			count++;
		if (*p >= 0xF0)
			count++;
	}
	return count;
}

static bool each_string(void *arg, const char *key, struct json_object *value);

static void count_strings(struct json_object *value)
{
	if (json_is_object(value))
		json_each(value, each_string, NULL);
	for (size_t i = 0; json_is_array(value) && i < json_count(value); i++)
		count_strings(json_at(value, i));
}

static bool each_string(void *arg, const char *key, struct json_object *value)
{
	(void)arg;
	if (json_is_string(value) && strcmp(key, "type") != 0 && strcmp(key, "style") != 0)
		total += json_string_length(value, "");
	count_strings(value);
	return true;
}

/* Of a member that has to be a string of 1 to `most` characters. */
static const char *text_of(struct json_object *object, const char *path, size_t most)
{
	const char *text = json_string(object, path);

	if (text == NULL)
		fail_msg("no %s in %s", path, json_print(object));
	if (text[0] == '\0' || units(text) > most)
		fail_msg("%s has %zu characters", path, units(text));
	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t')
			fail_msg("control character in %s", text);
	return text;
}

/* No mention but the one that is meant, no link but https, no stray entity. */
static void check_mrkdwn(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '<' && !str_starts(c, "<!date^") && !str_starts(c, "<https://") && !str_starts(c, "<@W0123ABC>"))
			fail_msg("unescaped < in %s", text);
		if (*c == '<')
			c = strchr(c, '>');
		if (c == NULL)
			fail_msg("a bracket that never ends in %s", text);
		else if (*c == '&' && !str_starts(c, "&amp;") && !str_starts(c, "&lt;") && !str_starts(c, "&gt;"))
			fail_msg("unescaped & in %s", text);
	}
}

static void check_plain(struct json_object *object, size_t most)
{
	assert_string_equal(json_string(object, "type"), "plain_text");
	(void)text_of(object, "text", most);
	assert_false(json_flag(object, "emoji", true));
}

static void check_inline(struct json_object *element)
{
	const char *type = json_string(element, "type");

	if (strcmp(type, "text") == 0) {
		(void)text_of(element, "text", 9000);
	} else if (strcmp(type, "link") == 0) {
		assert_true(str_starts(text_of(element, "url", 3000), "https://") ||
		            str_starts(text_of(element, "url", 3000), "http://127.0.0.1:"));
	} else if (strcmp(type, "user") == 0) {
		assert_true(slack_text_is_person(text_of(element, "user_id", 20)));
	} else if (strcmp(type, "date") == 0) {
		assert_true(json_int(element, "timestamp", -1) >= 0);
		(void)text_of(element, "format", 100);
		assert_true(str_ends(text_of(element, "fallback", 100), "UTC"));
	} else {
		fail_msg("element %s", type);
	}
}

static void check_rich(struct json_object *block)
{
	struct json_object *outer = json_get(block, "elements");

	assert_true(json_count(outer) > 0);
	for (size_t i = 0; i < json_count(outer); i++) {
		struct json_object *inner = json_get(json_at(outer, i), "elements");
		const char *type = json_string(json_at(outer, i), "type");

		assert_true(strcmp(type, "rich_text_section") == 0 || strcmp(type, "rich_text_preformatted") == 0);
		assert_true(json_count(inner) > 0);
		for (size_t k = 0; k < json_count(inner); k++)
			check_inline(json_at(inner, k));
	}
}

static void check_button(struct json_object *button)
{
	assert_string_equal(json_string(button, "type"), "button");
	check_plain(json_get(button, "text"), 75);
}

static void check_menu(struct json_object *menu)
{
	struct json_object *options = json_get(menu, "options");
	bool dots = strcmp(json_string(menu, "type"), "overflow") == 0;

	if (!dots) {
		assert_string_equal(json_string(menu, "type"), "static_select");
		check_plain(json_get(menu, "placeholder"), 150);
	}
	assert_in_range(json_count(options), 1, dots ? 5 : 100);
	for (size_t i = 0; i < json_count(options); i++) {
		check_plain(json_get(json_at(options, i), "text"), 75);
		(void)text_of(json_at(options, i), "value", 150);
	}
	assert_false(json_has(menu, "value") || json_has(menu, "style") || json_has(menu, "text"));
}

static void check_actions(struct json_object *block)
{
	struct json_object *row = json_get(block, "elements");

	assert_in_range(json_count(row), 1, 25);
	for (size_t i = 0; i < json_count(row); i++) {
		struct json_object *button = json_at(row, i);
		const char *id = text_of(button, "action_id", 255);

		if (json_has(button, "options"))
			check_menu(button);
		else
			check_button(button);
		if (json_has(button, "value"))
			(void)text_of(button, "value", 2000);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(id, json_string(json_at(row, k), "action_id"));
		if (json_has(button, "confirm")) {
			check_plain(json_get(button, "confirm.title"), 100);
			check_plain(json_get(button, "confirm.text"), 300);
			check_plain(json_get(button, "confirm.confirm"), 30);
			check_plain(json_get(button, "confirm.deny"), 30);
		}
	}
}

static void check_context(struct json_object *block)
{
	struct json_object *elements = json_get(block, "elements");

	assert_in_range(json_count(elements), 1, 10);
	for (size_t i = 0; i < json_count(elements); i++) {
		struct json_object *element = json_at(elements, i);

		if (strcmp(json_string(element, "type"), "plain_text") == 0) {
			check_plain(element, 3000);
			continue;
		}
		assert_string_equal(json_string(element, "type"), "mrkdwn");
		assert_true(json_flag(element, "verbatim", false));
		check_mrkdwn(text_of(element, "text", 3000));
	}
}

static size_t pictures; /* that check_blocks has met */

static void check_picture(struct json_object *block)
{
	const char *id = text_of(block, "slack_file.id", 32);

	pictures++;
	assert_int_equal(id[0], 'F');
	assert_true(strlen(id) >= 9 && strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(id));
	text_of(block, "alt_text", 2000);
	if (json_has(block, "title"))
		check_plain(json_get(block, "title"), 2000);
	assert_false(json_has(block, "image_url"));
}

static void check_blocks(struct json_object *blocks)
{
	for (size_t i = 0; i < json_count(blocks); i++) {
		struct json_object *block = json_at(blocks, i);
		const char *type = json_string(block, "type");

		if (strcmp(type, "header") == 0)
			check_plain(json_get(block, "text"), 150);
		else if (strcmp(type, "rich_text") == 0)
			check_rich(block);
		else if (strcmp(type, "actions") == 0)
			check_actions(block);
		else if (strcmp(type, "context") == 0)
			check_context(block);
		else if (strcmp(type, "markdown") == 0)
			(void)text_of(block, "text", 12000);
		else if (strcmp(type, "image") == 0)
			check_picture(block);
		else
			fail_msg("block %s", type);
	}
}

/* A second parse: what goes onto the wire has to be JSON. */
static struct json_object *again(struct json_object *json)
{
	const char *text = json_print(json);
	struct err err;
	struct json_object *copy = json_parse(text, strlen(text), &err);

	if (copy == NULL)
		fail_msg("%s: %s", err.text, text);
	return copy;
}

static void check_total(struct json_object *blocks, struct json_object *bar)
{
	total = 0;
	count_strings(blocks);
	count_strings(bar);
	if (total > 13200)
		fail_msg("%zu bytes in all", total);
}

/* The blocks to send instead: as many, as valid, and a line where each picture was. */
static void check_without_pictures(const struct slack_content *content, struct json_object *bar)
{
	struct json_object *blocks;

	if (pictures == 0) {
		assert_null(content->without_pictures);
		return;
	}
	blocks = again(content->without_pictures);
	assert_int_equal(json_count(blocks), json_count(content->blocks));
	pictures = 0;
	check_blocks(blocks);
	assert_int_equal(pictures, 0);
	check_total(blocks, bar);
	json_free(blocks);
}

static void check(const struct slack_content *content)
{
	struct json_object *blocks = again(content->blocks), *attachments = again(content->attachments);
	struct json_object *bar = json_get(attachments, "[0].blocks");

	assert_true(json_is_array(blocks) && json_is_array(attachments));
	assert_in_range(json_count(blocks) + json_count(bar), 0, 50);
	assert_in_range(json_count(attachments), 0, 1);
	pictures = 0;
	check_blocks(blocks);
	assert_in_range(pictures, 0, SLACK_PICTURES_MAX);
	check_blocks(bar);
	if (json_count(attachments) > 0)
		assert_int_equal(strlen(json_string(attachments, "[0].color")), 7);
	check_total(blocks, bar);
	check_without_pictures(content, bar);
	assert_in_range(units(content->text), 1, 4000);
	assert_in_range(units(content->plain), 1, 4000);
	check_mrkdwn(content->text);
	check_mrkdwn(content->plain);
	json_free(attachments);
	json_free(blocks);
}

/* --- helpers -------------------------------------------------------------------------------- */

static struct message m;
static struct slack_content content;

static int begin(void **state)
{
	(void)state;
	message_init(&m, TONE_FIRING);
	return 0;
}

static int end(void **state)
{
	(void)state;
	slack_content_free(&content);
	message_free(&m);
	return 0;
}

static void make(void)
{
	slack_content_free(&content);
	slack_content_make(&content, &m);
	check(&content);
}

static struct json_object *block(size_t index)
{
	struct json_object *found = json_at(content.blocks, index);

	if (found == NULL)
		fail_msg("no block %zu in %s", index, json_print(content.blocks));
	return found;
}

static bool contains(const char *what)
{
	return strstr(json_print(content.blocks), what) != NULL || strstr(json_print(content.attachments), what) != NULL;
}

static char *repeated(const char *piece, size_t bytes)
{
	struct str s;

	str_init(&s, bytes);
	while (s.length + strlen(piece) <= bytes)
		str_add(&s, piece);
	return str_take(&s);
}

/* --- shape ---------------------------------------------------------------------------------- */

static void a_whole_alarm(void **state)
{
	struct message_line *line;

	(void)state;
	message_headline(&m, "ALARM  checkout p99  prod/eu-west-1");
	message_text(&m, "ALARM: checkout p99 is 2.1 s, above 1 s, in prod/eu-west-1");
	message_say(&m, message_field(&m, "Value"), "2.1 > 1");
	message_time(&m, message_field(&m, "Since"), INT64_C(1763694000123));
	line = message_paragraph(&m);
	message_say(&m, line, "see ");
	message_link(&m, line, "https://console.example.com/a?b=1&c=2", "the console");
	message_code(&m, "top - 1\n  2");
	message_action(&m, "ack", "Acknowledge", "alarm:1", STYLE_PRIMARY, NULL);
	message_action(&m, "resolve", "Resolve", "alarm:1", STYLE_DANGER, "Really?");
	message_say(&m, message_context(&m), "small print");
	make();
	assert_int_equal(json_count(content.blocks), 5);
	assert_string_equal(json_string(block(0), "text.text"), "ALARM  checkout p99  prod/eu-west-1");
	assert_string_equal(json_string(block(1), "elements[0].elements[0].text"), "Value");
	assert_true(json_flag(block(1), "elements[0].elements[0].style.bold", false));
	assert_string_equal(json_string(block(1), "elements[0].elements[2].text"), "2.1 > 1");
	assert_string_equal(json_string(block(1), "elements[0].elements[6].fallback"), "2025-11-21 03:00:00 UTC");
	assert_int_equal(json_int(block(1), "elements[0].elements[6].timestamp", 0), 1763694000);
	assert_string_equal(json_string(block(2), "elements[0].elements[1].url"), "https://console.example.com/a?b=1&c=2");
	assert_string_equal(json_string(block(3), "elements[0].type"), "rich_text_preformatted");
	assert_string_equal(json_string(block(3), "elements[0].elements[0].text"), "top - 1\n  2");
	assert_int_equal(json_count(json_get(block(4), "elements")), 2);
	assert_string_equal(json_string(block(4), "elements[1].style"), "danger");
	assert_string_equal(json_string(block(4), "elements[1].confirm.text.text"), "Really?");
	assert_string_equal(json_string(content.attachments, "[0].color"), "#a30200");
	assert_string_equal(json_string(content.attachments, "[0].blocks[0].elements[0].text"), "small print");
	assert_string_equal(content.text, "ALARM: checkout p99 is 2.1 s, above 1 s, in prod/eu-west-1");
}

static void without_tone_there_is_no_bar(void **state)
{
	(void)state;
	m.tone = TONE_NEUTRAL;
	message_say(&m, message_context(&m), "small print");
	make();
	assert_int_equal(json_count(content.attachments), 0);
	assert_int_equal(json_count(content.blocks), 1);
}

static void small_print_in_the_middle_stays_there(void **state)
{
	(void)state;
	message_say(&m, message_context(&m), "first");
	message_say(&m, message_paragraph(&m), "body");
	message_say(&m, message_context(&m), "last");
	make();
	assert_string_equal(json_string(block(0), "elements[0].text"), "first");
	assert_int_equal(json_count(content.blocks), 2);
	assert_string_equal(json_string(content.attachments, "[0].blocks[0].elements[0].text"), "last");
}

static void there_is_always_a_text(void **state)
{
	(void)state;
	make();
	assert_string_equal(content.text, "(empty message)");
	message_say(&m, message_paragraph(&m), "only a body");
	make();
	assert_string_equal(content.text, "only a body");
	message_headline(&m, "headline");
	make();
	assert_string_equal(content.text, "headline");
	message_text(&m, "\n ");
	make();
	assert_string_equal(content.text, "headline");
}

static void a_bare_text_is_shown(void **state)
{
	(void)state;
	message_text(&m, "No instance <i-1>");
	make();
	assert_string_equal(json_string(block(0), "elements[0].elements[0].text"), "No instance <i-1>");
	assert_string_equal(content.text, "No instance &lt;i-1&gt;");
}

static void empty_parts_leave_nothing_behind(void **state)
{
	(void)state;
	message_code(&m, "");
	(void)message_paragraph(&m);
	(void)message_field(&m, "Nothing");
	(void)message_context(&m);
	message_action(&m, "a", "", "", STYLE_PLAIN, NULL);
	message_link(&m, message_paragraph(&m), "https://example.com/", "");
	make();
	assert_true(contains("–"));
	assert_true(contains("\"action_id\":\"a\""));
	assert_false(contains("preformatted"));
}

/* --- limits --------------------------------------------------------------------------------- */

static void a_long_headline_is_shown_below_as_well(void **state)
{
	char *long_text = repeated("ALARM üé ", 400);

	(void)state;
	message_headline(&m, "%s", long_text);
	make();
	assert_true(str_ends(json_string(block(0), "text.text"), "…"));
	assert_string_equal(json_string(block(1), "elements[0].elements[0].text"), long_text);
	free(long_text);
}

static void markdown_is_made_harmless(void **state)
{
	const char *text;

	(void)state;
	message_markdown(&m, "Two are **open** <!channel> [here](https://evil.example)");
	message_say(&m, message_paragraph(&m), "below");
	slack_content_make(&content, &m);
	check(&content);
	assert_string_equal(json_string(content.blocks, "[0].type"), "markdown");
	text = json_string(content.blocks, "[0].text");
	assert_non_null(strstr(text, "**open**"));
	assert_null(strstr(text, "<!channel>"));
	assert_null(strstr(text, "](https"));
	assert_string_equal(json_string(content.blocks, "[1].elements[0].elements[0].text"), "below");
}

static void long_markdown_leaves_room_and_stays_whole(void **state)
{
	const char *text;
	struct str long_text;

	(void)state;
	str_init(&long_text, 1 << 16);
	str_add(&long_text, "```\n");
	while (long_text.length < 20000)
		str_add(&long_text, "a line of code & more\n");
	message_markdown(&m, long_text.text);
	message_say(&m, message_paragraph(&m), "below");
	slack_content_make(&content, &m);
	check(&content);
	text = json_string(content.blocks, "[0].text");
	assert_in_range(strlen(text), SLACK_MARKDOWN_MAX / 2, SLACK_MARKDOWN_MAX);
	assert_non_null(strstr(text, "\n```\n\n…")); /* closed, and said to be cut */
	assert_string_equal(json_string(content.blocks, "[1].elements[0].elements[0].text"), "below");
	str_free(&long_text);
}

static void cuts_say_how_much_is_missing(void **state)
{
	char *long_text = repeated("x", 5000), expected[64];
	const char *shown;

	(void)state;
	message_say(&m, message_paragraph(&m), "%s", long_text);
	message_text(&m, "%s", long_text);
	make();
	shown = json_string(block(0), "elements[0].elements[0].text");
	(void)snprintf(expected, sizeof(expected), "x… (%zu more characters not shown)", 5000 - strspn(shown, "x"));
	assert_true(str_ends(shown, expected));
	(void)snprintf(expected, sizeof(expected), "x… (%zu more characters not shown)", 5000 - strspn(content.text, "x"));
	assert_true(str_ends(content.text, expected));
	free(long_text);
}

static void a_hundred_kilobytes_of_anything(void **state)
{
	static const char *const pieces[] = { "a", "é", "日", "🔥", "👩🏽‍🚒", "<!channel> ", "&", "`", "```\n", "*_~", "\n", "\\\"", "\x01",
		"\xFF", "\xF0\x9F", "\xE2\x80\xAE", "&amp;", ">", "@here ", "\xED\xA0\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		char *huge = repeated(pieces[i], 100000);

		message_free(&m);
		message_init(&m, TONE_FIRING);
		message_headline(&m, "%s", huge);
		message_text(&m, "%s", huge);
		for (int k = 0; k < 3; k++) {
			message_say(&m, message_field(&m, huge), "%s", huge);
			message_bold(&m, message_paragraph(&m), huge);
			message_inline_code(&m, message_context(&m), huge);
			message_say(&m, message_context(&m), "%s", huge);
			message_link(&m, message_context(&m), "https://example.com/a?b&c", huge);
			message_code(&m, huge);
		}
		message_action(&m, "ack", huge, "v", STYLE_PRIMARY, huge);
		make();
		assert_true(contains("\"action_id\":\"ack\"")); /* whatever the texts, the buttons survive */
		free(huge);
	}
}

static void too_many_parts_are_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 120; i++)
		message_say(&m, message_paragraph(&m), "paragraph %d", i);
	message_action(&m, "ack", "Acknowledge", "v", STYLE_PRIMARY, NULL);
	make();
	assert_true(contains("more parts not shown"));
	assert_true(contains("\"action_id\":\"ack\""));
	assert_true(contains("paragraph 40"));
}

static void many_fields_share_a_block(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		message_say(&m, message_field(&m, "Name"), "value %d", i);
	make();
	assert_true(contains("value 99"));
	assert_int_equal(json_count(content.blocks), 1);
}

static void buttons_fill_rows(void **state)
{
	char id[16];

	(void)state;
	for (int i = 0; i < 60; i++) {
		(void)snprintf(id, sizeof(id), "a%d", i);
		message_action(&m, id, "Press", "v", STYLE_PLAIN, NULL);
	}
	make();
	assert_int_equal(json_count(content.blocks), 3);
	assert_int_equal(json_count(json_get(block(0), "elements")), 25);
}

static void the_same_button_twice_gets_a_row_of_its_own(void **state)
{
	(void)state;
	message_action(&m, "ack", "One", "1", STYLE_PLAIN, NULL);
	message_action(&m, "ack", "Two", "2", STYLE_PLAIN, NULL);
	make();
	assert_int_equal(json_count(content.blocks), 2);
}

static void a_menu_stands_beside_the_buttons(void **state)
{
	const struct message_choice choices[] = { { "for 1 hour", "7 1h" }, { "for 4 hours", "7 4h" } };

	(void)state;
	message_action(&m, "ack", "Acknowledge", "7", STYLE_PRIMARY, NULL);
	message_menu(&m, "silence", "Silence…", choices, 2, NULL);
	message_menu(&m, "resolve", NULL, choices, 1, "Really?");
	make();
	assert_int_equal(json_count(json_get(block(0), "elements")), 3);
	assert_string_equal(json_string(block(0), "elements[1].type"), "static_select");
	assert_string_equal(json_string(block(0), "elements[1].placeholder.text"), "Silence…");
	assert_string_equal(json_string(block(0), "elements[1].options[1].text.text"), "for 4 hours");
	assert_string_equal(json_string(block(0), "elements[1].options[1].value"), "7 4h");
	assert_string_equal(json_string(block(0), "elements[2].type"), "overflow");
	assert_string_equal(json_string(block(0), "elements[2].confirm.text.text"), "Really?");
	assert_string_equal(json_string(block(0), "elements[2].confirm.confirm.text"), "for 1 hour");
}

static void a_menu_that_slack_would_refuse_is_left_out(void **state)
{
	struct message_choice six[] = {
		{ "a", "1" }, { "b", "2" }, { "c", "3" }, { "d", "4" }, { "e", "5" }, { "f", "6" },
	};
	char value[152];

	(void)state;
	memset(value, 'v', 151);
	value[151] = '\0';
	message_menu(&m, "dots", NULL, six, 6, NULL); /* too many for three dots */
	message_menu(&m, "select", "Six", six, 6, NULL);
	six[5].value = value; /* too long */
	message_menu(&m, "long", "Six", six, 6, NULL);
	six[5] = (struct message_choice){ "", "6" };
	message_menu(&m, "empty", "Six", six, 6, NULL);
	make();
	assert_int_equal(json_count(json_get(block(0), "elements")), 1);
	assert_string_equal(json_string(block(0), "elements[0].action_id"), "select");
}

static void a_button_that_slack_would_refuse_is_left_out(void **state)
{
	char *value = repeated("v", 2001), *id = repeated("i", 256);

	(void)state;
	message_action(&m, "bad", "Bad", value, STYLE_PLAIN, NULL);
	message_action(&m, id, "Bad", "v", STYLE_PLAIN, NULL);
	message_action(&m, "", "Bad", "v", STYLE_PLAIN, NULL);
	value[2000] = '\0';
	id[255] = '\0';
	message_action(&m, id, "Good", value, STYLE_PLAIN, NULL);
	make();
	assert_false(contains("Bad"));
	assert_true(contains("Good"));
	assert_true(contains("3 more parts not shown"));
	free(value);
	free(id);
}

static void large_values_leave_room_for_what_is_said(void **state)
{
	char *value = repeated("v", 2000), *long_text = repeated("y", 9000), id[16];

	(void)state;
	message_say(&m, message_paragraph(&m), "the news");
	message_code(&m, long_text);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(id, sizeof(id), "a%d", i);
		message_action(&m, id, "Press", value, STYLE_PLAIN, NULL);
	}
	make();
	assert_true(contains("the news"));
	assert_true(contains("\"a0\""));
	free(value);
	free(long_text);
}

/* --- hostile text --------------------------------------------------------------------------- */

/* --- pictures ------------------------------------------------------------------------------- */

static void a_picture_with_its_words(void **state)
{
	(void)state;
	message_headline(&m, "ALARM  web-1");
	message_say(&m, message_paragraph(&m), "CPU is at 91 %%");
	message_image(&m, "F0123ABCD", "CPU of web-1", "CPU rises from 20 % to 91 % at 05:00");
	message_say(&m, message_context(&m), "small print");
	make();
	assert_int_equal(json_count(content.blocks), 3); /* in its place: before the small print */
	assert_string_equal(json_print(block(2)),
		"{\"type\":\"image\",\"slack_file\":{\"id\":\"F0123ABCD\"},"
		"\"alt_text\":\"CPU rises from 20 % to 91 % at 05:00\","
		"\"title\":{\"type\":\"plain_text\",\"text\":\"CPU of web-1\",\"emoji\":false}}");
	assert_true(contains("small print"));
	assert_non_null(strstr(content.plain, "[picture: CPU rises from 20 % to 91 % at 05:00]"));
	assert_string_equal(json_print(json_at(content.without_pictures, 2)),
		"{\"type\":\"context\",\"elements\":[{\"type\":\"plain_text\",\"text\":\"The picture could not be shown: "
		"CPU rises from 20 % to 91 % at 05:00\",\"emoji\":false}]}");
}

static void pictures_have_words_and_need_no_title(void **state)
{
	(void)state;
	message_image(&m, "F0123ABCD", NULL, "");
	message_image(&m, "F0123ABCE", "", "\x01 ");
	make();
	assert_int_equal(json_count(content.blocks), 2);
	assert_string_equal(json_string(block(0), "alt_text"), "a picture");
	assert_string_equal(json_string(block(1), "alt_text"), "a picture");
	assert_false(json_has(block(0), "title"));
	assert_false(json_has(block(1), "title"));
}

static void a_picture_that_slack_would_refuse_is_left_out(void **state)
{
	static const char *const bad[] = { "", "F123", "f0123ABCD", "F0123ABC-", "U0123ABCD", "F0123ABCD ", "https://x/F0123ABCD",
		"F00000000000000000000000000000000000" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		message_image(&m, bad[i], "t", "words");
	make();
	assert_int_equal(json_count(content.blocks), 1);
	assert_true(contains("8 more parts not shown"));
	assert_null(content.without_pictures);
}

static void ten_pictures_are_enough(void **state)
{
	(void)state;
	for (size_t i = 0; i < 12; i++)
		message_image(&m, "F0123ABCD", NULL, "words");
	make();
	assert_int_equal(pictures, 0); /* of the blocks without them, which were checked last */
	assert_int_equal(json_count(content.blocks), 11);
	assert_true(contains("2 more parts not shown"));
}

static void long_texts_leave_room_for_pictures(void **state)
{
	char *text = repeated("0123456789", 50000);

	(void)state;
	message_say(&m, message_context(&m), "%s", text);
	for (size_t i = 0; i < 6; i++)
		message_say(&m, message_paragraph(&m), "%s", text);
	message_code(&m, text);
	message_image(&m, "F0123ABCD", text, text);
	message_action(&m, "ack", "Acknowledge", "1", STYLE_PLAIN, NULL);
	make();
	assert_true(contains("F0123ABCD"));
	assert_true(contains("Acknowledge"));
	free(text);
}

static void mentions_stay_words(void **state)
{
	static const char evil[] = "<!channel> <!here> <@U123> <#C1> <https://evil.example|click> @channel &lt;!everyone&gt;";
	struct message_line *line;

	(void)state;
	message_headline(&m, "%s", evil);
	message_text(&m, "%s", evil);
	line = message_paragraph(&m);
	message_say(&m, line, "%s", evil);
	message_inline_code(&m, line, evil);
	message_bold(&m, line, evil);
	message_code(&m, evil);
	line = message_context(&m);
	message_say(&m, line, "%s", evil);
	message_bold(&m, line, evil);
	make();
	assert_string_equal(json_string(block(1), "elements[0].elements[0].text"), evil);
	assert_false(contains("\"broadcast\""));
	assert_string_equal(json_string(content.attachments, "[0].blocks[0].elements[0].type"), "mrkdwn");
	assert_null(strstr(json_string(content.attachments, "[0].blocks[0].elements[0].text"), "<"));
	assert_non_null(strstr(content.text, "&amp;lt;!everyone&amp;gt;"));
	assert_true(str_starts(content.text, "&lt;!channel&gt;"));
}

static void links_are_https_or_no_links(void **state)
{
	static const char *const bad[] = { "http://example.com/", "javascript:alert(1)", "https://a b", "https://a|b", "https://a>b",
		"https://a\nb", "", "//x", "slack://x" };
	struct message_line *line = message_paragraph(&m);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		message_link(&m, line, bad[i], "label");
		message_link(&m, message_context(&m), bad[i], "label");
	}
	make();
	assert_false(contains("\"link\""));
	assert_false(contains("<"));
	assert_true(contains("label"));
}

/* A Data Center on this machine, and the sandbox. */
static void links_to_this_machine_may_be_plain(void **state)
{
	(void)state;
	message_link(&m, message_paragraph(&m), "http://127.0.0.1:8080/browse/OPS-1", "OPS-1");
	make();
	assert_string_equal(json_string(block(0), "elements[0].elements[0].type"), "link");
	assert_string_equal(json_string(block(0), "elements[0].elements[0].url"), "http://127.0.0.1:8080/browse/OPS-1");
}

static void only_an_id_of_somebody_becomes_a_mention(void **state)
{
	static const char *const bad[] = { "", "U", "C0123ABC", "U0123abc", "U0123ABC>", "<!channel>", "channel",
		"U012345678901234567890123" };
	struct message_line *line = message_paragraph(&m);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		message_person(&m, line, bad[i]);
		message_person(&m, message_context(&m), bad[i]);
	}
	make();
	assert_false(contains("\"user\""));
	assert_false(contains("<@"));
	for (size_t i = 0; i < json_count(json_get(content.attachments, "[0].blocks")); i++)
		assert_null(strstr(json_print(json_at(json_get(content.attachments, "[0].blocks"), i)), "<!"));
	slack_content_free(&content);
	message_free(&m);
	message_init(&m, TONE_NEUTRAL);
	message_person(&m, message_paragraph(&m), "U0123ABC");
	line = message_context(&m);
	message_say(&m, line, "by ");
	message_person(&m, line, "W0123ABC");
	make();
	assert_string_equal(json_string(block(0), "elements[0].elements[0].type"), "user");
	assert_string_equal(json_string(block(0), "elements[0].elements[0].user_id"), "U0123ABC");
	assert_true(contains("by <@W0123ABC>"));
}

static void a_link_in_small_print_is_escaped(void **state)
{
	struct message_line *line = message_context(&m);

	(void)state;
	message_say(&m, line, "see ");
	message_link(&m, line, "https://example.com/?a=1&b=2", "a > b | c");
	message_time(&m, line, INT64_C(1763694000000));
	make();
	assert_string_equal(json_string(content.attachments, "[0].blocks[0].elements[0].text"),
	                    "see <https://example.com/?a=1&amp;b=2|a &gt; b | c>"
	                    "<!date^1763694000^{date_short_pretty} {time_secs}|2025-11-21 03:00:00 UTC>");
}

static void expect_clean(const char *text, const char *clean)
{
	char *got = utf8_clean(text, false);

	assert_string_equal(got, clean);
	free(got);
}

static void hidden_characters_go(void **state)
{
	(void)state;
	expect_clean("a\x01\x1B[31mb\x7F\tc\r\nd\re", "ab\tc\nd\ne");
	expect_clean("\x1B[1;31mred\x1B[0m \x1B]0;title\x07 \x1B]8;;http://x\x1B\\link\x1B(B\x1B[", "red  link");
	expect_clean("a\xE2\x80\xAE" "b\xE2\x80\x8F" "c\xE2\x81\xA6" "d\xD8\x9C" "e", "abcde");
	expect_clean("a\xC2\x85" "b\xE2\x80\xA8" "c", "ab\nc");
	expect_clean("zero\xE2\x80\x8Bwidth\xEF\xBB\xBF", "zerowidth");
	expect_clean("tag\xF3\xA0\x81\xA1s", "tags");
	expect_clean("bad \xFF \xC3( \xE2\x82 \xED\xA0\x80 \xF5\x80\x80\x80 \xC0\x80", "bad � �( �� ��� ���� ��");
	expect_clean("👩🏽‍🚒 é ü 日本", "👩🏽‍🚒 é ü 日本");
	expect_clean(NULL, "");
}

static void expect_escaped(const char *text, const char *escaped)
{
	char *got = slack_text_escape(text, 1000, 1000);

	assert_string_equal(got, escaped);
	free(got);
}

static void formatting_characters_are_disarmed(void **state)
{
	(void)state;
	expect_escaped("snake_case_name 5 * 3 a*b", "snake_case_name 5 * 3 a*b");
	expect_escaped("*bold* _it_ ~s~ `c` ```x```", "∗bold∗ ˍitˍ ∼s∼ ˋcˋ ˋˋˋxˋˋˋ");
	expect_escaped("> quote\n>x a > b", "› quote\n›x a &gt; b");
	expect_escaped("a & <b> &amp;", "a &amp; &lt;b&gt; &amp;amp;");
}

static void entities_are_not_cut_in_two(void **state)
{
	char *text = repeated("&", 300);

	(void)state;
	for (size_t most = 1; most < 400; most++) {
		char *got = slack_text_escape(text, most, most * 4);

		assert_true(units(got) <= most);
		check_mrkdwn(got);
		free(got);
	}
	free(text);
}

static void emoji_are_not_cut_in_two(void **state)
{
	static const char firefighter[] = "👩🏽‍🚒"; /* woman, skin tone, joiner, engine: one sign of 7 units */
	char *text = repeated(firefighter, 30 * strlen(firefighter));

	(void)state;
	for (size_t most = 1; most < 199; most++) {
		char *got = slack_text_fit(text, most, most * 4);
		size_t length = strlen(got) - strlen("…");

		assert_true(units(got) <= most);
		assert_true(str_ends(got, "…"));
		assert_int_equal(length % strlen(firefighter), 0);
		free(got);
	}
	free(text);
}

static void fitting_texts_are_left_alone(void **state)
{
	char *got = slack_text_fit("exactly ten", 11, 11);

	(void)state;
	assert_string_equal(got, "exactly ten");
	free(got);
	got = slack_text_fit("exactly ten", 10, 100);
	assert_string_equal(got, "exactly t…");
	free(got);
	got = slack_text_fit("日本語", 10, 6);
	assert_string_equal(got, "日…");
	free(got);
	got = slack_text_fit("abc", 0, 0);
	assert_string_equal(got, "");
	free(got);
}

/* --- anything at all ------------------------------------------------------------------------ */

static uint64_t state_of_chance = 88172645463325252u;

static size_t chance(size_t below)
{
	state_of_chance ^= state_of_chance << 13;
	state_of_chance ^= state_of_chance >> 7;
	state_of_chance ^= state_of_chance << 17;
	return (size_t)(state_of_chance % below);
}

static const char *any_text(void)
{
	static char text[6000];
	static const char alphabet[] = "<>&@!#|*_~`\"\\\n\t aZ0\xC3\xA9\xF0\x9F\x94\xA5\xE2\x80\xAE\x01\xFF";
	size_t length = chance(4) == 0 ? chance(sizeof(text)) : chance(60);

	for (size_t i = 0; i < length; i++)
		text[i] = alphabet[chance(sizeof(alphabet) - 1)];
	text[length] = '\0';
	return text;
}

static void add_any_part(void)
{
	struct message_line *line = NULL;

	switch (chance(7)) {
	case 0:
		line = message_field(&m, any_text());
		break;
	case 1:
		line = message_paragraph(&m);
		break;
	case 2:
		line = message_context(&m);
		break;
	case 3:
		message_code(&m, any_text());
		return;
	case 6:
		message_menu(&m, any_text(), chance(2) ? any_text() : NULL,
		             (const struct message_choice[]){ { any_text(), any_text() }, { any_text(), any_text() } }, 2,
		             chance(2) ? any_text() : NULL);
		return;
	case 4:
		message_image(&m, chance(4) ? "F0123ABCD" : any_text(), chance(2) ? any_text() : NULL, any_text());
		return;
	default:
		message_action(&m, any_text(), any_text(), any_text(), (enum message_style)chance(3), chance(2) ? any_text() : NULL);
		return;
	}
	for (size_t i = chance(5); i > 0; i--) {
		if (chance(4) == 0)
			message_time(&m, line, (int64_t)chance(4000000000) * 1000);
		else if (chance(3) == 0)
			message_link(&m, line, chance(2) ? "https://example.com/a&b" : any_text(), any_text());
		else if (chance(2))
			message_bold(&m, line, any_text());
		else
			message_inline_code(&m, line, any_text());
	}
}

static void any_message_makes_valid_blocks(void **state)
{
	(void)state;
	for (int round = 0; round < 400; round++) {
		message_free(&m);
		message_init(&m, (enum message_tone)chance(7));
		if (chance(2))
			message_headline(&m, "%s", any_text());
		if (chance(2))
			message_text(&m, "%s", any_text());
		for (size_t i = chance(round % 20 == 0 ? 120 : 12); i > 0; i--)
			add_any_part();
		make();
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_whole_alarm),
		TEST(without_tone_there_is_no_bar),
		TEST(small_print_in_the_middle_stays_there),
		TEST(there_is_always_a_text),
		TEST(a_bare_text_is_shown),
		TEST(empty_parts_leave_nothing_behind),
		TEST(a_long_headline_is_shown_below_as_well),
		TEST(markdown_is_made_harmless),
		TEST(long_markdown_leaves_room_and_stays_whole),
		TEST(cuts_say_how_much_is_missing),
		TEST(a_hundred_kilobytes_of_anything),
		TEST(too_many_parts_are_counted),
		TEST(many_fields_share_a_block),
		TEST(buttons_fill_rows),
		TEST(the_same_button_twice_gets_a_row_of_its_own),
		TEST(a_menu_stands_beside_the_buttons),
		TEST(a_menu_that_slack_would_refuse_is_left_out),
		TEST(a_button_that_slack_would_refuse_is_left_out),
		TEST(large_values_leave_room_for_what_is_said),
		TEST(a_picture_with_its_words),
		TEST(pictures_have_words_and_need_no_title),
		TEST(a_picture_that_slack_would_refuse_is_left_out),
		TEST(ten_pictures_are_enough),
		TEST(long_texts_leave_room_for_pictures),
		TEST(mentions_stay_words),
		TEST(links_are_https_or_no_links),
		TEST(a_link_in_small_print_is_escaped),
		TEST(links_to_this_machine_may_be_plain),
		TEST(only_an_id_of_somebody_becomes_a_mention),
		TEST(hidden_characters_go),
		TEST(formatting_characters_are_disarmed),
		TEST(entities_are_not_cut_in_two),
		TEST(emoji_are_not_cut_in_two),
		TEST(fitting_texts_are_left_alone),
		TEST(any_message_makes_valid_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
