/* markdown_inline.c - words and code within a line of Markdown. */
#include <string.h>

#include "adapters/slack/markdown_private.h"
#include "adapters/slack/markdown_word.h"
#include "bot/utf8.h"

#define ANGLE "‹" /* a < that is none */
#define AT_SIGN "＠"
#define TILDE 0x223C /* a ~ that is none */

/* --- coming out ------------------------------------------------------------------------------ */

/* Every byte that comes out passes here. */
static void note(struct slack_markdown *m, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		m->row = m->row && (bytes[i] == '\n' || strchr("|:- \t>", bytes[i]) != NULL);
		m->row_dash = m->row_dash || bytes[i] == '-';
		m->row_pipe = m->row_pipe || bytes[i] == '|';
	}
	m->last = length > 0 ? bytes[length - 1] : m->last;
}

void slack_markdown_put_bytes(struct slack_markdown *m, struct str *out, const char *bytes, size_t length)
{
	str_add_bytes(out, bytes, length);
	note(m, bytes, length);
}

void slack_markdown_put(struct slack_markdown *m, struct str *out, const char *text)
{
	slack_markdown_put_bytes(m, out, text, strlen(text));
}

static void put_char(struct slack_markdown *m, struct str *out, uint32_t c)
{
	size_t before = out->length;

	utf8_add(out, c);
	note(m, out->text + before, out->length - before);
}

/* --- code within a line ----------------------------------------------------------------------- */

/* The opening backtick comes with the first of the code: two together would open another code. */
static void open_code(struct slack_markdown *m, struct str *out)
{
	if (m->code_length > 0)
		return;
	if (m->last == '`')
		slack_markdown_put(m, out, " ");
	slack_markdown_put(m, out, "`");
}

void slack_markdown_put_code(struct slack_markdown *m, struct str *out, const char *text)
{
	if (m->place != BLOCK)
		open_code(m, out);
	m->code_length += strlen(text);
	m->backslashes = strcmp(text, "\\") == 0 ? m->backslashes + 1 : 0;
	slack_markdown_put(m, out, text);
}

static void put_code_char(struct slack_markdown *m, struct str *out, uint32_t c)
{
	char text[8] = { 0 };
	struct str one;

	str_init(&one, sizeof(text));
	utf8_add(&one, c);
	memcpy(text, one.text, one.length);
	str_free(&one);
	slack_markdown_put_code(m, out, text);
}

/* Whether a < or @ that was held back is harmless before c (0: the end). */
void slack_markdown_settle_code(struct slack_markdown *m, struct str *out, uint32_t c)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	if (m->angle)
		slack_markdown_put_code(m, out, letter || c == '!' || c == '@' || c == '#' ? ANGLE : "<");
	if (m->at)
		slack_markdown_put_code(m, out, letter && strchr("hHcCeE", (int)c) != NULL ? AT_SIGN : "@");
	m->angle = m->at = false;
}

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is what comes next within a word? Code that has not opened yet opens before it. */
static bool is_in_word(const struct slack_markdown *m)
{
	return is_word_byte(m->last) && (m->place == BLOCK || m->code_length > 0);
}

void slack_markdown_read_code(struct slack_markdown *m, uint32_t c, struct str *out)
{
	slack_markdown_settle_code(m, out, c);
	if (c == '<') {
		m->angle = true;
	} else if (c == '@' && !is_in_word(m)) {
		m->at = true;
	} else if (c == '|') {
		/* A table's cells end at every | that has no backslash before it, also within code. */
		m->pipe = !m->table || m->pipe;
		if (m->table && m->backslashes % 2 == 0)
			slack_markdown_put_code(m, out, "\\");
		slack_markdown_put_code(m, out, "|");
	} else {
		put_code_char(m, out, c);
	}
}

void slack_markdown_close_code(struct slack_markdown *m, struct str *out)
{
	slack_markdown_settle_code(m, out, 0);
	if (m->code_length > 0) {
		/* Not every reader of Markdown knows that there are no escapes within code. */
		slack_markdown_put(m, out, m->backslashes > 0 ? " `" : "`");
	}
	m->code_length = m->backslashes = 0;
	m->place = TEXT;
}

/* --- words ------------------------------------------------------------------------------------ */

static void put_text(struct slack_markdown *m, struct str *out, const char *word, size_t length, bool open)
{
	size_t before = out->length;

	slack_word_add_text(out, word, length, m->last, open);
	note(m, out->text + before, out->length - before);
}

/* A word that is an address, as code: without what stands around it, and with the escapes undone. */
static void put_address(struct slack_markdown *m, struct str *out)
{
	const char *word = m->word.text, *at, *end = word + m->word.length;
	size_t start = strspn(word, "*_~");

	while (end > word + start && strchr("*_~.,:!?", end[-1]) != NULL && (end < word + 2 || end[-2] != '\\'))
		end--;
	put_text(m, out, word, start, true);
	for (at = word + start; at < end;) {
		if (*at == '\\' && at + 1 < end)
			at++;
		slack_markdown_read_code(m, utf8_next(&at), out);
	}
	slack_markdown_close_code(m, out);
	m->bare = m->word.length - (size_t)(end - word);
	put_text(m, out, end, m->bare, true);
}

/* Together with the parts before it, or to a reader for whom a word begins behind code. */
static bool is_address(const struct slack_markdown *m)
{
	const struct str *all = &m->before;

	return slack_word_is_address(all->text, all->length) ||
	       slack_word_is_address(all->text + all->length - m->bare, m->bare);
}

static void forget_parts(struct slack_markdown *m)
{
	str_clear(&m->before);
	m->bare = 0;
}

/* open: more of it may follow. */
void slack_markdown_end_word(struct slack_markdown *m, struct str *out, bool open)
{
	size_t kept = m->before.length;

	if (m->word.length > 0) {
		str_add_bytes(&m->before, m->word.text, m->word.length);
		m->bare += m->word.length;
		if (is_address(m))
			put_address(m, out);
		else
			put_text(m, out, m->word.text, m->word.length, open);
		str_clear(&m->word);
	}
	if (!open) {
		forget_parts(m);
	} else if (m->before.length > kept && m->before.length > SLACK_RUN_KEPT) {
		size_t drop = m->before.length - SLACK_RUN_KEPT;

		memmove(m->before.text, m->before.text + drop, SLACK_RUN_KEPT + 1);
		m->before.length = SLACK_RUN_KEPT;
		m->bare = m->bare < SLACK_RUN_KEPT ? m->bare : SLACK_RUN_KEPT;
	}
}

void slack_markdown_add_to_word(struct slack_markdown *m, uint32_t c, bool escaped, struct str *out)
{
	m->tildes = c == '~' ? m->tildes + 1 : 0;
	if (escaped)
		str_add_char(&m->word, '\\');
	/* Three are no form of a word, but a fence where a line begins, also within a quote or an item. */
	utf8_add(&m->word, m->tildes < 3 ? c : TILDE);
	if (m->word.length > SLACK_WORD_MAX)
		slack_markdown_end_word(m, out, true);
}

/* Punctuation, arrows, symbols and emoji of Unicode end a word as ASCII's brackets, quotes and commas do. */
static bool ends_word(uint32_t c)
{
	if (c < 0x80)
		return c != 0 && strchr(" \t()[]<>\"',;{}|", (int)c) != NULL;
	return (c >= 0x2010 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x303F) || c >= 0x1F000;
}

/* Who knows no letters but ASCII's takes what stands behind a @ or # at the word's end for the name's beginning. */
static void end_word_before(struct slack_markdown *m, uint32_t c, struct str *out)
{
	slack_markdown_end_word(m, out, c >= 0x80);
	forget_parts(m);
}

static void put_end_of_word(struct slack_markdown *m, uint32_t c, struct str *out)
{
	end_word_before(m, c, out);
	m->tildes = 0;
	if (c == '[' || c == ']')
		slack_markdown_put(m, out, "\\");
	if (c == '<' || c == '>')
		slack_markdown_put(m, out, c == '<' ? "&lt;" : "&gt;");
	else
		put_char(m, out, c);
	m->bracket = c == ']';
}

static void read_plain(struct slack_markdown *m, uint32_t c, struct str *out)
{
	if (m->bracket && (c == '(' || c == '[' || c == ':'))
		slack_markdown_put(m, out, " ");
	m->bracket = false;
	if (ends_word(c))
		put_end_of_word(m, c, out);
	else
		slack_markdown_add_to_word(m, c, false, out);
}

static void read_escaped(struct slack_markdown *m, uint32_t c, struct str *out)
{
	m->escaped = false;
	/* These stay escaped; - and : because they might make a line a table's second one. */
	if (c < 0x80 && c != 0 && strchr("*_~\\-:", (int)c) != NULL) {
		slack_markdown_add_to_word(m, c, true, out);
	} else if (c == '|' || c == '`') {
		end_word_before(m, c == '|' ? '|' : 0x80, out);
		slack_markdown_put(m, out, c == '|' ? "\\|" : SLACK_GRAVE);
	} else {
		if (c >= 0x80 || c <= ' ' || is_word_byte((char)c))
			slack_markdown_add_to_word(m, '\\', true, out);
		read_plain(m, c, out);
	}
}

void slack_markdown_read_text(struct slack_markdown *m, uint32_t c, struct str *out)
{
	if (m->escaped)
		read_escaped(m, c, out);
	else if (c == '\\')
		m->escaped = true;
	else
		read_plain(m, c, out);
}

