#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bot/message.h"

static void parts_keep_their_order_and_texts(void **state)
{
	struct message m;
	struct message_line *line;
	char name[] = "Value";

	(void)state;
	message_init(&m, TONE_FIRING);
	message_headline(&m, "%s  %s", "ALARM", "checkout");
	message_text(&m, "checkout is %d %% over", 12);
	line = message_field(&m, name);
	name[0] = 'X'; /* it was copied */
	message_say(&m, line, "%d", 93);
	message_bold(&m, line, " now");
	message_action(&m, "ack", "Acknowledge", "alarm:1", STYLE_PRIMARY, NULL);
	message_action(&m, "resolve", "Resolve", "alarm:1", STYLE_DANGER, "Really?");

	assert_string_equal(m.headline, "ALARM  checkout");
	assert_string_equal(m.text, "checkout is 12 % over");
	assert_int_equal(m.first->type, PART_FIELD);
	assert_string_equal(m.first->name, "Value");
	assert_string_equal(m.first->line.first->text, "93");
	assert_int_equal(m.first->line.last->type, SPAN_BOLD);
	assert_null(m.first->next->confirm);
	assert_string_equal(m.last->confirm, "Really?");
	assert_null(m.last->next);
	message_free(&m);
	assert_null(m.first);
}

static void plain_shows_everything(void **state)
{
	struct message m;
	struct message_line *line;
	char *plain;

	(void)state;
	message_init(&m, TONE_NEUTRAL);
	message_headline(&m, "ALARM  checkout");
	line = message_field(&m, "Since");
	message_time(&m, line, INT64_C(1763694000123));
	line = message_paragraph(&m);
	message_say(&m, line, "see ");
	message_link(&m, line, "https://example.com/a", "console");
	message_inline_code(&m, line, " i-1");
	message_code(&m, "top\n  1");
	message_action(&m, "ack", "Acknowledge", "1", STYLE_PLAIN, NULL);
	message_menu(&m, "mute", "Mute", (const struct message_choice[]){ { "1 h", "1" }, { "4 h", "4" } }, 2, NULL);
	message_menu(&m, "resolve", NULL, (const struct message_choice[]){ { "Resolve", "1" } }, 1, NULL);
	message_say(&m, message_context(&m), "small print");
	plain = message_plain(&m);
	assert_string_equal(plain, "ALARM  checkout\n"
	                           "Since: 2025-11-21 03:00:00 UTC\n"
	                           "see console (https://example.com/a) i-1\n"
	                           "top\n  1\n"
	                           "[Acknowledge] [Mute: 1 h | 4 h] [Resolve]\n"
	                           "small print");
	free(plain);
	message_free(&m);
}

static void plain_without_headline_begins_with_the_text(void **state)
{
	struct message m;
	char *plain;

	(void)state;
	message_init(&m, TONE_NEUTRAL);
	plain = message_plain(&m);
	assert_string_equal(plain, "");
	free(plain);
	message_text(&m, "only this");
	plain = message_plain(&m);
	assert_string_equal(plain, "only this");
	free(plain);
	message_free(&m);
	message_free(&m);
	message_free(NULL);
}

static void null_and_huge_texts_are_bearable(void **state)
{
	struct message m;
	const size_t size = (1u << 20) + 4096;
	char *huge = malloc(size + 1), *plain;

	(void)state;
	assert_non_null(huge);
	for (size_t i = 0; i + 1 < size; i += 2)
		memcpy(huge + i, "é", 2);
	huge[size] = '\0';
	message_init(&m, TONE_NEUTRAL);
	message_code(&m, huge);
	message_say(&m, message_paragraph(&m), "%s", huge);
	message_bold(&m, message_paragraph(&m), NULL);
	message_action(&m, "a", "b", NULL, STYLE_PLAIN, NULL);
	assert_int_equal(strlen(m.first->code), 1u << 20);
	assert_string_equal(m.last->value, "");
	plain = message_plain(&m);
	assert_int_equal(strlen(plain), 1u << 20);
	free(plain);
	free(huge);
	message_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_keep_their_order_and_texts),
		cmocka_unit_test(plain_shows_everything),
		cmocka_unit_test(plain_without_headline_begins_with_the_text),
		cmocka_unit_test(null_and_huge_texts_are_bearable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
