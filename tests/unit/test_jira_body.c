/* Messages as Jira shows them: foreign words stay words, in ADF and in wiki text, within the limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/jira/body.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"

static struct message m;

static int begin(void **state)
{
	(void)state;
	message_init(&m, TONE_FIRING);
	return 0;
}

static int end(void **state)
{
	(void)state;
	message_free(&m);
	return 0;
}

/* --- the rules of ADF ---------------------------------------------------------------------- */

static void check_text(struct json_object *node, bool in_code)
{
	const char *text = json_string(node, "text");
	struct json_object *marks = json_get(node, "marks");
	bool code = false, others = false;

	assert_non_null(text);
	assert_true(*text != '\0');
	assert_true(in_code || strchr(text, '\n') == NULL);
	assert_true(!in_code || marks == NULL);
	for (size_t i = 0; i < json_count(marks); i++) {
		const char *type = json_string(json_at(marks, i), "type");

		code = code || strcmp(type, "code") == 0;
		others = others || (strcmp(type, "code") != 0 && strcmp(type, "link") != 0);
		if (strcmp(type, "link") == 0)
			assert_non_null(json_string(json_at(marks, i), "attrs.href"));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(type, json_string(json_at(marks, k), "type"));
	}
	assert_false(code && others);
}

static void check_block(struct json_object *block)
{
	const char *type = json_string(block, "type");
	struct json_object *content = json_get(block, "content");
	bool is_code = strcmp(type, "codeBlock") == 0;

	assert_true(is_code || strcmp(type, "paragraph") == 0);
	assert_true(json_count(content) > 0);
	for (size_t i = 0; i < json_count(content); i++) {
		struct json_object *node = json_at(content, i);

		if (strcmp(json_string(node, "type"), "text") == 0)
			check_text(node, is_code);
		else
			assert_string_equal(json_print(node), "{\"type\":\"hardBreak\"}");
	}
}

static void check_document(struct json_object *adf)
{
	struct json_object *content = json_get(adf, "content");

	assert_int_equal(json_count(adf), 3);
	assert_int_equal(json_int(adf, "version", 0), 1);
	assert_string_equal(json_string(adf, "type"), "doc");
	assert_true(json_count(content) > 0);
	for (size_t i = 0; i < json_count(content); i++)
		check_block(json_at(content, i));
	assert_true(utf8_units(json_print(adf)) <= JIRA_BODY_MAX);
}

static void expect_adf(const char *mark, const char *content)
{
	struct json_object *adf = jira_body_adf(&m, mark);
	struct str whole;

	check_document(adf);
	str_init(&whole, 100000);
	str_addf(&whole, "{\"version\":1,\"type\":\"doc\",\"content\":[%s]}", content);
	assert_string_equal(json_print(adf), whole.text);
	str_free(&whole);
	json_free(adf);
}

static void expect_wiki(const char *mark, const char *text)
{
	char *wiki = jira_body_wiki(&m, mark);

	assert_string_equal(wiki, text);
	free(wiki);
}

/* --- forms --------------------------------------------------------------------------------- */

static void say_everything(void)
{
	struct message_line *line;

	message_headline(&m, "ALARM  checkout p99");
	message_say(&m, message_field(&m, "Account"), "123456789012");
	line = message_field(&m, "Since");
	message_time(&m, line, INT64_C(1763694000000));
	line = message_paragraph(&m);
	message_say(&m, line, "first\nsecond ");
	message_bold(&m, line, "strong");
	message_say(&m, line, " and ");
	message_inline_code(&m, line, "x=1");
	message_code(&m, "USER  PID\nroot  1");
	line = message_context(&m);
	message_say(&m, line, "see ");
	message_link(&m, line, "https://example.com/?a=1&b=[2]", "console");
	message_action(&m, "ack", "Acknowledge", "v", STYLE_PLAIN, NULL);
}

static void a_whole_message_as_adf(void **state)
{
	(void)state;
	say_everything();
	expect_adf("5f2a",
	           "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"ALARM  checkout p99\","
	           "\"marks\":[{\"type\":\"strong\"}]}]},"
	           "{\"type\":\"paragraph\",\"content\":["
	           "{\"type\":\"text\",\"text\":\"Account\",\"marks\":[{\"type\":\"strong\"}]},"
	           "{\"type\":\"text\",\"text\":\": \"},{\"type\":\"text\",\"text\":\"123456789012\"},"
	           "{\"type\":\"hardBreak\"},"
	           "{\"type\":\"text\",\"text\":\"Since\",\"marks\":[{\"type\":\"strong\"}]},"
	           "{\"type\":\"text\",\"text\":\": \"},{\"type\":\"text\",\"text\":\"2025-11-21 03:00:00 UTC\"}]},"
	           "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"first\"},"
	           "{\"type\":\"hardBreak\"},{\"type\":\"text\",\"text\":\"second \"},"
	           "{\"type\":\"text\",\"text\":\"strong\",\"marks\":[{\"type\":\"strong\"}]},"
	           "{\"type\":\"text\",\"text\":\" and \"},"
	           "{\"type\":\"text\",\"text\":\"x=1\",\"marks\":[{\"type\":\"code\"}]}]},"
	           "{\"type\":\"codeBlock\",\"content\":[{\"type\":\"text\",\"text\":\"USER  PID\\nroot  1\"}]},"
	           "{\"type\":\"paragraph\",\"content\":["
	           "{\"type\":\"text\",\"text\":\"see \",\"marks\":[{\"type\":\"em\"}]},"
	           "{\"type\":\"text\",\"text\":\"console\",\"marks\":[{\"type\":\"link\",\"attrs\":"
	           "{\"href\":\"https://example.com/?a=1&b=%5B2%5D\"}},{\"type\":\"em\"}]}]},"
	           "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"tocsin 5f2a\","
	           "\"marks\":[{\"type\":\"subsup\",\"attrs\":{\"type\":\"sub\"}},{\"type\":\"em\"}]}]}");
}

static void a_whole_message_as_wiki_text(void **state)
{
	(void)state;
	say_everything();
	expect_wiki("5f2a",
	            "*ALARM  checkout p99*\n\n"
	            "*Account*: 123456789012\n"
	            "*Since*: 2025-11-21 03:00:00 UTC\n\n"
	            "first\nsecond *strong* and {{x=1}}\n\n"
	            "{noformat}\nUSER  PID\nroot  1\n{noformat}\n\n"
	            "see [console|https://example.com/?a=1&b=%5B2%5D]\n\n"
	            "tocsin 5f2a");
}

static void nothing_to_say_is_still_a_document(void **state)
{
	char *wiki = jira_body_wiki(NULL, NULL);

	(void)state;
	assert_string_equal(wiki, "\\(empty)");
	free(wiki);
	message_code(&m, "\x1B[0m\x01");
	message_say(&m, message_paragraph(&m), "%s", "");
	expect_adf(NULL, "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"(empty)\","
	                 "\"marks\":[{\"type\":\"em\"}]}]}");
	expect_wiki(NULL, "\\(empty)");
}

static void the_sentence_stands_in_for_a_headline(void **state)
{
	(void)state;
	message_text(&m, "It fires.");
	expect_wiki(NULL, "*It fires.*");
}

/* --- hostile words ------------------------------------------------------------------------- */

struct hostile {
	const char *text, *wiki;
};

static void wiki_markup_stays_literal(void **state)
{
	static const struct hostile cases[] = {
		{ "{code}x{code}", "&#123;code&#125;x&#123;code&#125;" },
		{ "{{mono}} {noformat}", "&#123;&#123;mono&#125;&#125; &#123;noformat&#125;" },
		{ "*b* _i_ -d- +u+ ^s^ ~l~ ??c??", "\\*b\\* \\_i\\_ \\-d\\- \\+u\\+ \\^s\\^ \\~l\\~ \\?\\?c\\?\\?" },
		{ "a*b snake_case 2026-11-21 i-0abc x ~ y a - b why? yes",
		  "a*b snake_case 2026-11-21 i-0abc x ~ y a - b why? yes" },
		{ "[link|http://x] [~user] [^file]", "\\[link\\|http&#58;//x\\] \\[\\~user\\] \\[\\^file\\]" },
		{ "!http://x/i.png! wow!", "\\!http&#58;//x/i.png! wow\\!" },
		{ "h1. big\nbq. quote\nh7. no\nthe h1. in text", "&#104;1. big\n&#98;q. quote\nh7. no\nthe h1. in text" },
		{ "* item\n  - item\n# item\n----\n|a|b|\n||h||",
		  "\\* item\n  \\- item\n\\# item\n\\-\\-\\-\\-\n\\|a\\|b\\|\n\\|\\|h\\|\\|" },
		{ ":) :( :D :P :p ;) (y) (/) (flagoff) (used by many people)",
		  "&#58;\\) &#58;( &#58;D &#58;P &#58;p ;\\) \\(y) \\(/) \\(flagoff) (used by many people)" },
		{ "C:\\temp\\\\share \\{x\\}", "C:&#92;temp&#92;&#92;share &#92;&#123;x&#92;&#125;" },
		{ "&lt;b&gt; &#123; a & b; AT&T", "&amp;lt;b&amp;gt; &amp;#123; a & b; AT&T" },
		{ "@all user@host mailto:a@b", "\\@all user@host mailto&#58;a@b" },
		{ "\x1B[31mred\x1B[0m\x07 a\rb\xE2\x80\xAE" "c \xFF", "red a\nbc \xEF\xBF\xBD" },
		{ "&#123;) {)", "&amp;#123;\\) &#123;\\)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		message_free(&m);
		message_init(&m, TONE_FIRING);
		message_say(&m, message_paragraph(&m), "%s", cases[i].text);
		expect_wiki(NULL, cases[i].wiki);
	}
}

static void adf_takes_everything_as_it_is(void **state)
{
	(void)state;
	message_say(&m, message_paragraph(&m), "%s", "\n{code} *b* \"q\" \\ :) [~user]\n\n\x01\x1B[31mend\tx");
	expect_adf(NULL, "{\"type\":\"paragraph\",\"content\":[{\"type\":\"hardBreak\"},"
	                 "{\"type\":\"text\",\"text\":\"{code} *b* \\\"q\\\" \\\\ :) [~user]\"},"
	                 "{\"type\":\"hardBreak\"},{\"type\":\"hardBreak\"},"
	                 "{\"type\":\"text\",\"text\":\"end\\tx\"}]}");
}

static void a_block_of_code_cannot_be_left(void **state)
{
	(void)state;
	message_code(&m, "a {noformat} b {noformat:nopanel=true} {CODE:java} {code} {x} \\\n* y");
	expect_wiki(NULL, "{noformat}\na {\xE2\x80\x8Bnoformat} b {\xE2\x80\x8Bnoformat:nopanel=true} {\xE2\x80\x8B" "CODE:java} "
	                  "{\xE2\x80\x8B" "code} {x} \\\n* y\n{noformat}");
	expect_adf(NULL, "{\"type\":\"codeBlock\",\"content\":[{\"type\":\"text\",\"text\":"
	                 "\"a {noformat} b {noformat:nopanel=true} {CODE:java} {code} {x} \\\\\\n* y\"}]}");
}

static void links_and_spans_cannot_be_left(void **state)
{
	struct message_line *line = message_paragraph(&m);

	(void)state;
	message_link(&m, line, "https://x/?a|b]{c}\\\"", "la]b|el {x}\n!");
	message_say(&m, line, " ");
	message_inline_code(&m, line, "a}} {b} [c] *d*\ne");
	message_inline_code(&m, line, "code");
	message_inline_code(&m, line, "code it");
	message_say(&m, line, " ");
	message_bold(&m, line, "a* b");
	message_bold(&m, line, " spaced ");
	message_link(&m, line, "javascript:alert(1)", "click");
	expect_wiki(NULL, "[la&#93;b&#124;el &#123;x&#125; &#33;|https://x/?a%7Cb%5D%7Bc%7D%5C%22] "
	                  "{{a&#125;&#125; &#123;b&#125; &#91;c&#93; &#42;d&#42; e}}{{&#99;ode}}{{code it}} *a\\* b* spaced click");
}

static void a_link_of_another_kind_is_no_link_in_adf(void **state)
{
	(void)state;
	message_link(&m, message_paragraph(&m), "javascript:alert(1)", "click");
	expect_adf(NULL, "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"click\"}]}");
}

/* --- limits -------------------------------------------------------------------------------- */

static char *long_text(const char *piece, size_t times)
{
	struct str out;

	str_init(&out, SIZE_MAX / 2);
	for (size_t i = 0; i < times; i++)
		str_add(&out, piece);
	return str_take(&out);
}

static void check_both(const char *must_hold)
{
	struct json_object *adf = jira_body_adf(&m, "5f2a");
	char *words = jira_body_words(adf), *wiki = jira_body_wiki(&m, "5f2a");

	check_document(adf);
	assert_true(utf8_units(wiki) <= JIRA_BODY_MAX);
	assert_true(str_utf8_valid(wiki, strlen(wiki)));
	assert_true(jira_body_has_mark(words, "5f2a"));
	assert_true(jira_body_has_mark(wiki, "5f2a"));
	if (must_hold != NULL) {
		assert_non_null(strstr(words, must_hold));
		assert_non_null(strstr(wiki, must_hold));
	}
	free(wiki);
	free(words);
	json_free(adf);
}

static void long_code_is_cut_and_the_rest_is_kept(void **state)
{
	char *code = long_text("\"\\\n日本😀", 30000);

	(void)state;
	message_headline(&m, "head");
	message_code(&m, code);
	message_say(&m, message_paragraph(&m), "the last words");
	check_both("the last words");
	check_both("more characters not shown)");
	free(code);
}

static void what_just_fits_is_whole(void **state)
{
	char *code = long_text("x", 29000);
	char *wiki;

	(void)state;
	message_code(&m, code);
	check_both(code);
	message_free(&m);
	message_init(&m, TONE_FIRING);
	free(code);
	code = long_text("x", JIRA_BODY_MAX - 23);
	message_code(&m, code);
	wiki = jira_body_wiki(&m, NULL);
	assert_null(strstr(wiki, "not shown"));
	assert_int_equal(strlen(wiki), JIRA_BODY_MAX - 1);
	free(wiki);
	free(code);
}

static void long_texts_and_many_parts_are_cut_too(void **state)
{
	char *text = long_text("*[~{", getenv("TOCSIN_UNDER_VALGRIND") == NULL ? 20000 : 4000);

	(void)state;
	for (int i = 0; i < 20; i++)
		message_say(&m, message_paragraph(&m), "%s", text);
	check_both("more characters not shown)");
	for (int i = 0; i < 3000; i++)
		message_say(&m, message_field(&m, "name"), "%s", "value");
	check_both("more parts not shown)");
	free(text);
}

/* --- marks --------------------------------------------------------------------------------- */

static void a_mark_is_a_whole_word(void **state)
{
	(void)state;
	assert_true(jira_body_has_mark("x\ntocsin 5f2a", "5f2a"));
	assert_true(jira_body_has_mark("tocsin 5f2ab tocsin 5f2a.", "5f2a"));
	assert_false(jira_body_has_mark("tocsin 5f2ab", "5f2a"));
	assert_false(jira_body_has_mark("tocsin 5f2a-1", "5f2a"));
	assert_false(jira_body_has_mark("tocsin  5f2a", "5f2a"));
	assert_false(jira_body_has_mark("", "5f2a"));
}

static void words_of_deep_documents_end(void **state)
{
	struct json_object *node = json_new_object();
	char *words;

	(void)state;
	json_put_string(node, "text", "deep");
	for (int i = 0; i < 200; i++) {
		struct json_object *outer = json_new_object(), *content = json_new_array();

		json_append(content, node);
		json_put(outer, "content", content);
		node = outer;
	}
	words = jira_body_words(node);
	assert_null(strstr(words, "deep"));
	free(words);
	json_free(node);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_message_as_adf),
		TEST(a_whole_message_as_wiki_text),
		TEST(nothing_to_say_is_still_a_document),
		TEST(the_sentence_stands_in_for_a_headline),
		TEST(wiki_markup_stays_literal),
		TEST(adf_takes_everything_as_it_is),
		TEST(a_block_of_code_cannot_be_left),
		TEST(links_and_spans_cannot_be_left),
		TEST(a_link_of_another_kind_is_no_link_in_adf),
		TEST(long_code_is_cut_and_the_rest_is_kept),
		TEST(what_just_fits_is_whole),
		TEST(long_texts_and_many_parts_are_cut_too),
		TEST(a_mark_is_a_whole_word),
		TEST(words_of_deep_documents_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
