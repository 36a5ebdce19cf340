/* A model's Markdown on its way to Slack: adapters/slack/markdown.h, and where it may be cut: markdown_cut.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "adapters/slack/markdown.h"
#include "adapters/slack/markdown_cut.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/markdown_check.h"

static void expect_safe(const char *from, const char *to)
{
	char *safe = slack_markdown_safe(from);

	assert_string_equal(safe, to);
	assert_null(markdown_check(safe));
	free(safe);
}

static void test_form_stays(void **state)
{
	static const char *const kept[] = {
		"", "plain words", "**bold**, *italics*, _italics_, ~~gone~~ and ***both***",
		"# One\n## Two\n\ntext\n===\n---\n", "- a\n- b\n  - c\n\n1. x\n2) y\n\n* z\n+ w\n", "> quoted\n> > twice\n",
		"`code` and `two words`", "```\nx < y\n```", "```bash\nls -l | wc\n\n  indented\n```\nafter",
		"| a | b |\n|---|--:|\n| 1 | **2** |\n", ":rocket: 95 % at 09:14:03, 1.5 GB, e.g. p99.9 (0.25 s), v1.2.3!",
		"arn:aws:ecs:eu-west-1:123456789012:service/checkout", "i-0abc12 costs $5 & more", "AWS/EC2 CPUUtilization",
		"naïve – “quoted” … 日本語 👩‍🚀", "CPU rose.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		char *safe = slack_markdown_safe(kept[i]), *plain = safe;

		if (strstr(kept[i], "& more") != NULL) {
			assert_non_null(strstr(safe, "&amp; more"));
		} else {
			assert_string_equal(plain, kept[i]);
		}
		assert_null(markdown_check(safe));
		free(safe);
	}
}

static void test_nothing_links(void **state)
{
	(void)state;
	expect_safe("[a](https://evil.example/x)", "\\[a\\] (`https://evil.example/x`)");
	expect_safe("[a][b] and [c]\n\n[b]: https://evil.example\n", "\\[a\\] \\[b\\] and \\[c\\]\n\n\\[b\\] : `https://evil.example`\n");
	expect_safe("![pic](evil.example/p.png)", "!\\[pic\\] (`evil.example/p.png`)");
	expect_safe("[^1] text\n[^1]: note", "\\[^1\\] text\n\\[^1\\] : note");
	expect_safe("<https://evil.example>", "&lt;`https://evil.example`&gt;");
	expect_safe("https://evil.example.", "`https://evil.example`.");
	expect_safe("see www.evil.example, or mailto:a@b, slack://open?x=1", "see `www.evil.example`, or `mailto:a@b`, `slack://open?x=1`");
	expect_safe("mail bob@evil.example now", "mail `bob@evil.example` now");
	expect_safe("**https://evil.example**", "**`https://evil.example`**");
	expect_safe("h*tt*ps://evil.example", "`h*tt*ps://evil.example`");
	expect_safe("https\\://evil\\.example", "`https://evil.example`");
	expect_safe("\\[a\\](b) \\\\[a](b)", "\\[a\\] (b) \\\\\\[a\\] (b)");
	expect_safe("x\\mailto:a", "`x\\mailto:a`");
	expect_safe("HTTPS://EVIL.EXAMPLE", "`HTTPS://EVIL.EXAMPLE`");
	expect_safe("ftp://x `a`https://evil.example", "`ftp://x` `a` `https://evil.example`");
	expect_safe("edit checkout.service on web-1.prod.internal", "edit `checkout.service` on `web-1.prod.internal`");
}

static void test_nothing_mentions(void **state)
{
	(void)state;
	expect_safe("<!channel> <!here|x> <@U123> <#C123> <!subteam^S1>",
	            "&lt;!channel&gt; &lt;!here|x&gt; &lt;＠U123&gt; &lt;＃C123&gt; &lt;!subteam^S1&gt;");
	expect_safe("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;");
	expect_safe("@here, @everyone (@channel) @*here* \\@here …@here", "＠here, ＠everyone (＠channel) ＠*here* ＠here …＠here");
	expect_safe("#general and issue #12", "＃general and issue #12");
	expect_safe("#\\`x @— #→ 3", "＃ˋx ＠— ＃→ 3"); /* to a reader who knows no letters but ASCII's, all others are some */
	expect_safe("`@here <!channel> <@U1> a<b 1 < 2 root@host`", "`＠here ‹!channel> ‹@U1> a‹b 1 < 2 root@host`");
	expect_safe("x`@here` mail`a@here`", "x`＠here` mail`a@here`");
	expect_safe("<div onclick=x>", "&lt;div onclick=x&gt;");
}

static void test_what_cannot_be_seen_goes(void **state)
{
	(void)state;
	expect_safe("a\xe2\x80\xae" "b\xe2\x80\x8b" "c\xef\xbb\xbf\x01\x1b" "d\r\ne\rf", "abcd\ne\nf");
	expect_safe("w\xe2\x80\x8bww.evil.example", "`www.evil.example`");
	expect_safe("\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd");
}

static void test_code_has_one_form(void **state)
{
	(void)state;
	expect_safe("``a`b`` c", "`aˋb` c");
	expect_safe("it`s open https://evil.example\nhttps://evil.example", "it`s open https://evil.example`\n`https://evil.example`");
	expect_safe("~~~python\nprint('```')\n~~~\nx", "```python\nprint('``ˋ')\n```\nx");
	expect_safe("````md\n```\nx\n```\n````", "```md\n``ˋ\nx\n``ˋ\n```");
	expect_safe("1. Do:\n   ```sh\n   ls\n     x\n   ```\n2. y", "1. Do:\n```sh\nls\n  x\n```\n2. y");
	expect_safe("- ```sh\n  ls\n  ```\nx", "- \n```sh\n  ls\n```\nx");
	expect_safe("```a``` b", "`a` b");
	expect_safe("```js <!channel>\nx", "```js\nx\n```");
	expect_safe("> ```\n> https://evil.example\n", "> \n> `https://evil.example`\n");
	expect_safe("C:\\ in `C:\\` x", "C:\\\\ in `C:\\ ` x");
	expect_safe("- ~~~~ x", "- ~~∼∼ x");
}

/* GitHub's tables end a cell at every | that has no backslash before it, within code too. */
static void test_a_table_does_not_tear_code_apart(void **state)
{
	(void)state;
	expect_safe("| a |\n|--|--|\n| `b | https://evil.example` |\n", "| a |\n|--|--|\n| `b \\| https://evil.example` |\n");
	expect_safe("`b | https://evil.example`\n|--|--|\n", "`b | https://evil.example`\n\\|--|--|\n");
	expect_safe("| a | b |\n|--|-\\-|\n| `[ | b` |\n", "| a | b |\n|--|-\\-|\n| `[ | b` |\n");
	expect_safe("| a | b |\n|--|--`\n| `x | https://x` |\n", "| a | b |\n|--|--\n| `x \\| https://x` |\n");
	expect_safe("`a | https://x`\n\\--|--\n", "`a | https://x`\n\\--|--\n");
	expect_safe("`a | b`\n:https://evil.example\n", "`a | b`\n`:https://evil.example`\n");
	expect_safe("`a | b`\n-https://evil.example\n", "`a | b`\n`-https://evil.example`\n");
	expect_safe("| a |\n|--|\n| `b\\|c` |\n", "| a |\n|--|\n| `b\\|c` |\n");
}

/* --- piece by piece ------------------------------------------------------------------------- */

static const char answer[] =
	"## Why\n\n**p99** of `checkout` rose to 830\xc2\xa0ms, [see](https://evil.example) <!channel>.\n\n"
	"| m | v |\n|---|---|\n| `a\\|b` | www.evil.example |\n\n```sh\nkubectl get pods | grep `x`\n```\n~~~\ny\n~~~\n"
	"1. ``a`b``\n- ```\n  z\n  ```\n> @here \\[x\\](y) mailto:a@b.example\r\nend\xf0\x9f\x9a\x80";

static void test_cuts_do_not_matter(void **state)
{
	char *whole = slack_markdown_safe(answer);

	(void)state;
	for (size_t step = 1; step < 40; step++) {
		struct slack_markdown *markdown = slack_markdown_new();
		struct str out;

		str_init(&out, SIZE_MAX / 2);
		for (size_t at = 0; at < sizeof(answer) - 1; at += step)
			slack_markdown_feed(markdown, answer + at,
			                    sizeof(answer) - 1 - at < step ? sizeof(answer) - 1 - at : step, &out);
		slack_markdown_end(markdown, &out);
		assert_string_equal(out.text, whole);
		str_free(&out);
		slack_markdown_free(markdown);
	}
	assert_null(markdown_check(whole));
	free(whole);
}

static void expect_paused(const char *first, const char *shown, const char *second, const char *all)
{
	struct slack_markdown *markdown = slack_markdown_new();
	struct str out;

	str_init(&out, SIZE_MAX / 2);
	slack_markdown_feed(markdown, first, strlen(first), &out);
	slack_markdown_pause(markdown, &out);
	assert_string_equal(out.text, shown);
	slack_markdown_feed(markdown, second, strlen(second), &out);
	slack_markdown_end(markdown, &out);
	assert_string_equal(out.text, all);
	assert_null(markdown_check(out.text));
	str_free(&out);
	slack_markdown_free(markdown);
}

static void test_a_word_may_come_late(void **state)
{
	(void)state;
	expect_paused("The cau", "The cau", "se is", "The cause is");
	expect_paused("https", "https", "://evil.example x", "https`://evil.example` x");
	expect_paused("evil.", "evil.", "example", "evil.`example`");
	expect_paused("ww", "ww", "w.evil.example", "ww`w.evil.example`");
	expect_paused("https://ev", "`https://ev`", "il.example", "`https://ev` `il.example`");
	expect_paused("x @", "x ", "here", "x ＠here");
	expect_paused("x@", "x@", "here", "x@here");
	expect_paused("#", "", " Title", "# Title");
	expect_paused("bob", "bob", "@evil.example", "bob`＠evil.example`");
}

/* What is kept of a long word's parts tells no more that they came out as code: there a word begins to its reader. */
static void test_a_word_may_begin_behind_code(void **state)
{
	struct str first, shown, all;

	(void)state;
	str_init(&first, SIZE_MAX / 2);
	str_init(&shown, SIZE_MAX / 2);
	str_init(&all, SIZE_MAX / 2);
	str_add(&first, "https://");
	for (unsigned i = 0; i < 300; i++)
		str_add_char(&first, 'a');
	str_addf(&shown, "`%s`", first.text);
	str_addf(&all, "%s `mailto:a`", shown.text);
	expect_paused(first.text, shown.text, "mailto:a", all.text);
	str_free(&all);
	str_free(&shown);
	str_free(&first);
}

static void test_a_very_long_word_comes_in_parts(void **state)
{
	char *text = mem_alloc(40001), *safe;

	(void)state;
	memset(text, 'a', 40000);
	safe = slack_markdown_safe(text);
	assert_string_equal(safe, text);
	free(safe);
	memcpy(text, "https://evil.example/", 21);
	safe = slack_markdown_safe(text);
	assert_null(markdown_check(safe));
	assert_true(strlen(safe) >= 40000);
	free(safe);
	free(text);
}

static void test_it_may_be_fed_anew(void **state)
{
	struct slack_markdown *markdown = slack_markdown_new();
	struct str out;

	(void)state;
	str_init(&out, SIZE_MAX / 2);
	slack_markdown_feed(markdown, "```\nx", 5, &out);
	slack_markdown_end(markdown, &out);
	assert_string_equal(out.text, "```\nx\n```");
	str_clear(&out);
	slack_markdown_feed(markdown, "`y", 2, &out);
	slack_markdown_end(markdown, &out);
	assert_string_equal(out.text, "`y`");
	str_free(&out);
	slack_markdown_free(markdown);
}

/* --- cutting -------------------------------------------------------------------------------- */

static void expect_cut(const char *text, size_t from, size_t to, enum slack_cut least, const char *first)
{
	size_t at = slack_markdown_cut(text, from, to, least);
	char *part = mem_copy_bytes(text, at);

	assert_string_equal(part, first);
	free(part);
}

static void test_cuts_are_where_a_reader_would_cut(void **state)
{
	static const char text[] = "One two. Three four\nfive six. Seven\n\neight nine ten";

	(void)state;
	expect_cut(text, 0, sizeof(text) - 1, SLACK_CUT_ANYWHERE, "One two. Three four\nfive six. Seven\n\n");
	expect_cut(text, 0, 30, SLACK_CUT_ANYWHERE, "One two. Three four\n");
	expect_cut(text, 0, 18, SLACK_CUT_ANYWHERE, "One two. ");
	expect_cut(text, 0, 6, SLACK_CUT_ANYWHERE, "One ");
	expect_cut(text, 4, 7, SLACK_CUT_ANYWHERE, "One two");
	expect_cut(text, 0, 18, SLACK_CUT_PARAGRAPH, "");
	expect_cut("a &amp; b", 0, 5, SLACK_CUT_ANYWHERE, "a ");
	expect_cut("x\n```\nls. ls\n```\ny. z", 1, 13, SLACK_CUT_ANYWHERE, "x\n```\nls. ls\n");
	expect_cut("xmailto:a", 0, 1, SLACK_CUT_ANYWHERE, "");
	expect_cut("mail@here", 0, 4, SLACK_CUT_ANYWHERE, "mai");
	expect_cut("One.\n\n# Two", 0, 11, SLACK_CUT_ANYWHERE, "One.\n\n");
	expect_cut("aé", 0, 2, SLACK_CUT_ANYWHERE, "a");
	expect_cut("x. `a. b. c` d", 0, 10, SLACK_CUT_ANYWHERE, "x. ");
}

/* Each place within it is the end of what looks like a host's name. */
static void test_a_word_without_a_good_place_is_not_cut_within_an_entity(void **state)
{
	struct str text;
	size_t at;

	(void)state;
	str_init(&text, SIZE_MAX / 2);
	str_add(&text, "a.");
	for (unsigned i = 0; i < 100; i++)
		str_add(&text, "é");
	at = text.length;
	str_add(&text, "&amp;");
	assert_int_equal(slack_markdown_cut(text.text, 20, at + 3, SLACK_CUT_ANYWHERE), at);
	str_free(&text);
}

static void expect_bridge(const char *text, size_t at, const char *end, const char *begin)
{
	struct str ends, begins;

	str_init(&ends, SIZE_MAX / 2);
	str_init(&begins, SIZE_MAX / 2);
	slack_markdown_bridge(text, at, &ends, &begins);
	assert_string_equal(ends.text, end);
	assert_string_equal(begins.text, begin);
	str_free(&ends);
	str_free(&begins);
}

static void test_what_is_open_is_closed_and_opened_anew(void **state)
{
	static const char block[] = "x\n```sh\nls\nls -l\n```\ny", table[] = "x\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nz";

	(void)state;
	expect_bridge(block, 2, "", "");
	expect_bridge(block, 11, "```", "```sh\n");
	expect_bridge(block, 13, "\n```", "```sh\n");
	expect_bridge(block, sizeof(block) - 1, "", "");
	expect_bridge(table, 33, "", "| a | b |\n|---|---|\n");
	expect_bridge(table, sizeof(table) - 1, "", "");
	expect_bridge("```\n```\n---|---\n| 1 | 2 |\n", 18, "", "");
	expect_bridge("a `b c` d", 4, "`", "`");
	expect_bridge("a `b c` d", 8, "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form_stays),
		cmocka_unit_test(test_nothing_links),
		cmocka_unit_test(test_nothing_mentions),
		cmocka_unit_test(test_what_cannot_be_seen_goes),
		cmocka_unit_test(test_code_has_one_form),
		cmocka_unit_test(test_a_table_does_not_tear_code_apart),
		cmocka_unit_test(test_cuts_do_not_matter),
		cmocka_unit_test(test_a_word_may_come_late),
		cmocka_unit_test(test_a_word_may_begin_behind_code),
		cmocka_unit_test(test_a_very_long_word_comes_in_parts),
		cmocka_unit_test(test_it_may_be_fed_anew),
		cmocka_unit_test(test_cuts_are_where_a_reader_would_cut),
		cmocka_unit_test(test_a_word_without_a_good_place_is_not_cut_within_an_entity),
		cmocka_unit_test(test_what_is_open_is_closed_and_opened_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
