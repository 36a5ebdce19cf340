#include "adapters/slack/markdown.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/markdown_private.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define RUN_MAX 12        /* backticks: more are as good as so many */
#define INFO_MAX 100      /* what may stand behind an opening fence; more is none */
#define LANGUAGE_MAX 20
#define INDENT_MAX 80
#define FENCE "```"

static void read_char(struct slack_markdown *m, uint32_t c, struct str *out);

/* --- lines ------------------------------------------------------------------------------------ */

static void begin_line(struct slack_markdown *m)
{
	m->place = LINE_START;
	m->alone = true;
	m->lead = BARE;
	m->pipe_above = m->pipe;
	m->pipe = m->bracket = false;
	m->tildes = 0;
	m->table = m->table || (m->row && m->row_dash && m->row_pipe);
	m->row = true;
	m->row_dash = m->row_pipe = false;
	str_clear(&m->indent);
}

/* A run of backticks is over: it opens code, closes it, or is part of it. */
static void end_run(struct slack_markdown *m, struct str *out)
{
	size_t run = m->run;

	m->run = 0;
	if (m->place == TEXT) {
		m->place = CODE;
		m->code_run = run;
		m->code_length = m->backslashes = 0;
	} else if (run == m->code_run) {
		slack_markdown_close_code(m, out);
	} else {
		slack_markdown_settle_code(m, out, '`');
		for (; run > 0; run--)
			slack_markdown_put_code(m, out, SLACK_GRAVE);
	}
}

/* All that a line has begun, and that does not go on in the next one. */
static void end_text(struct slack_markdown *m, struct str *out)
{
	if (m->run > 0)
		end_run(m, out);
	if (m->place == CODE)
		slack_markdown_close_code(m, out);
	if (m->escaped)
		slack_markdown_add_to_word(m, '\\', true, out);
	m->escaped = false;
	slack_markdown_end_word(m, out, false);
}

static void note_lead(struct slack_markdown *m, uint32_t c)
{
	if (m->lead == BARE && c < 0x80 && strchr("-*+", (int)c) != NULL)
		m->lead = BULLET;
	else if ((m->lead == BARE || m->lead == DIGITS) && c >= '0' && c <= '9')
		m->lead = DIGITS;
	else if (m->lead == DIGITS && (c == '.' || c == ')'))
		m->lead = MARK;
	else if ((m->lead == BULLET || m->lead == MARK || m->lead == ITEM) && c == ' ')
		m->lead = ITEM;
	else
		m->lead = WORDS;
}

static void read_inline(struct slack_markdown *m, uint32_t c, struct str *out)
{
	if (c == '\n') {
		end_text(m, out);
		slack_markdown_put(m, out, "\n");
		begin_line(m);
		return;
	}
	if (c == '`' && !(m->place == TEXT && m->escaped)) {
		if (m->place == TEXT && m->run == 0)
			slack_markdown_end_word(m, out, false);
		if (m->lead == ITEM && m->place == TEXT && m->run == 0) {
			m->place = FENCE_RUN;
			m->fence = '`';
		}
		m->run += m->run < RUN_MAX ? 1 : 0;
		return;
	}
	if (m->run > 0)
		end_run(m, out);
	note_lead(m, c);
	if (m->place == CODE)
		slack_markdown_read_code(m, c, out);
	else
		slack_markdown_read_text(m, c, out);
}

static void begin_text(struct slack_markdown *m, uint32_t c, struct str *out)
{
	slack_markdown_put_bytes(m, out, m->indent.text, m->indent.length);
	str_clear(&m->indent);
	m->place = TEXT;
	/* The line above has a | within code: were it a table's first line, its cells would tear the code apart. It is
	 * read as if it were escaped, so that what becomes code has no backslash before its backtick. */
	m->escaped = m->pipe_above && !m->table && (c == '|' || c == ':' || c == '-');
}

static void read_line_start(struct slack_markdown *m, uint32_t c, struct str *out)
{
	if (c == ' ' || c == '\t') {
		if (m->indent.length < INDENT_MAX)
			str_add_char(&m->indent, (char)c);
	} else if (c == '>') {
		slack_markdown_put_bytes(m, out, m->indent.text, m->indent.length);
		str_clear(&m->indent);
		slack_markdown_put(m, out, ">");
		m->alone = false;
	} else if (c == '\n') {
		m->table = m->row = false;
		slack_markdown_put(m, out, "\n");
		begin_line(m);
	} else if (m->alone && (c == '`' || c == '~')) {
		m->place = FENCE_RUN;
		m->fence = (char)c;
		m->run = 1;
	} else {
		begin_text(m, c, out);
		read_inline(m, c, out);
	}
}

/* --- fenced code ------------------------------------------------------------------------------ */

static void read_again(struct slack_markdown *m, const char *text, struct str *out)
{
	while (*text != '\0')
		read_char(m, utf8_next(&text), out);
}

/* It was no fence. */
static void back_to_text(struct slack_markdown *m, struct str *out)
{
	size_t run = m->run;
	char *info = mem_copy_string(m->info.text);

	str_clear(&m->info);
	if (m->lead != ITEM)
		begin_text(m, (uint32_t)m->fence, out);
	m->place = TEXT;
	if (m->fence == '~') {
		m->run = 0;
		for (; run > 0; run--)
			read_inline(m, '~', out);
	} else {
		m->lead = WORDS;
	}
	read_again(m, info, out);
	free(info);
}

static void open_block(struct slack_markdown *m, struct str *out)
{
	const char *language = m->info.text + strspn(m->info.text, " \t");
	size_t length = strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#._-");

	if (m->lead == ITEM) /* the code of a list's item begins on a line of its own */
		slack_markdown_put(m, out, "\n");
	slack_markdown_put(m, out, FENCE);
	slack_markdown_put_bytes(m, out, language, length > LANGUAGE_MAX ? LANGUAGE_MAX : length);
	slack_markdown_put(m, out, "\n");
	m->fence_run = m->run;
	m->fence_indent = m->indent.length;
	begin_line(m);
	m->table = m->row = false;
	str_clear(&m->info);
	m->run = m->code_run = 0;
	m->place = BLOCK_START;
}

static void read_fence(struct slack_markdown *m, uint32_t c, struct str *out)
{
	if (m->place == FENCE_RUN && c == (uint32_t)m->fence) {
		m->run += m->run < RUN_MAX ? 1 : 0;
		return;
	}
	if (m->place == FENCE_RUN && m->run < strlen(FENCE)) {
		back_to_text(m, out);
		read_char(m, c, out);
		return;
	}
	m->place = FENCE_INFO;
	if (c == '\n') {
		open_block(m, out);
	} else if (m->fence == '`' && (c == '`' || m->info.length >= INFO_MAX)) {
		back_to_text(m, out);
		read_char(m, c, out);
	} else if (m->info.length < INFO_MAX) {
		utf8_add(&m->info, c);
	}
}

static void put_block_char(struct slack_markdown *m, uint32_t c, struct str *out)
{
	m->place = BLOCK;
	m->code_run = c == '`' ? m->code_run + 1 : 0;
	if (c == '`' && m->code_run >= strlen(FENCE)) {
		slack_markdown_settle_code(m, out, c);
		slack_markdown_put(m, out, SLACK_GRAVE);
	} else if (c == '|') {
		slack_markdown_settle_code(m, out, c);
		slack_markdown_put(m, out, "|");
	} else {
		slack_markdown_read_code(m, c, out);
	}
}

static void end_block_line(struct slack_markdown *m, struct str *out)
{
	slack_markdown_settle_code(m, out, 0);
	m->run = m->code_run = 0;
	m->place = BLOCK_START;
	slack_markdown_put(m, out, "\n");
}

/* The line's beginning was no closing fence. */
static void release_block(struct slack_markdown *m, struct str *out)
{
	size_t cut = m->indent.length < m->fence_indent ? m->indent.length : m->fence_indent;

	m->place = BLOCK;
	slack_markdown_put_bytes(m, out, m->indent.text + cut, m->indent.length - cut);
	for (; m->run > 0; m->run--)
		put_block_char(m, (uint32_t)m->fence, out);
	slack_markdown_put_bytes(m, out, m->info.text, m->info.length);
	m->code_run = m->info.length > 0 ? 0 : m->code_run;
	str_clear(&m->indent);
	str_clear(&m->info);
}

static void close_block(struct slack_markdown *m, struct str *out)
{
	slack_markdown_put(m, out, FENCE);
	m->run = m->code_run = m->code_length = m->backslashes = 0;
	str_clear(&m->info);
	begin_line(m);
}

static void read_block_start(struct slack_markdown *m, uint32_t c, struct str *out)
{
	if (c == ' ' || c == '\t') {
		struct str *blanks = m->run > 0 ? &m->info : &m->indent;

		if (blanks->length < INDENT_MAX)
			str_add_char(blanks, (char)c);
	} else if (c == (uint32_t)m->fence && m->info.length == 0) {
		m->run++;
	} else if (c == '\n' && m->run >= m->fence_run) {
		close_block(m, out);
		slack_markdown_put(m, out, "\n");
	} else if (c == '\n') {
		release_block(m, out);
		end_block_line(m, out);
	} else {
		release_block(m, out);
		put_block_char(m, c, out);
	}
}

/* --- reading ---------------------------------------------------------------------------------- */

static void read_char(struct slack_markdown *m, uint32_t c, struct str *out)
{
	switch (m->place) {
	case LINE_START:
		read_line_start(m, c, out);
		break;
	case FENCE_RUN:
	case FENCE_INFO:
		read_fence(m, c, out);
		break;
	case TEXT:
	case CODE:
		read_inline(m, c, out);
		break;
	case BLOCK_START:
		read_block_start(m, c, out);
		break;
	case BLOCK:
		if (c == '\n')
			end_block_line(m, out);
		else
			put_block_char(m, c, out);
		break;
	}
}

static void clean_char(struct slack_markdown *m, uint32_t c, struct str *out)
{
	bool second = c == '\n' && m->after_return;

	m->after_return = c == '\r';
	if (c == '\r' || c == 0x2028 || c == 0x2029)
		c = '\n';
	if (!second && !utf8_hidden(c))
		read_char(m, c, out);
}

static size_t bytes_of(unsigned char lead)
{
	return lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
}

static void end_broken_char(struct slack_markdown *m, struct str *out)
{
	if (m->have > 0)
		clean_char(m, 0xFFFD, out);
	m->have = 0;
}

void slack_markdown_feed(struct slack_markdown *m, const char *text, size_t length, struct str *out)
{
	for (size_t i = 0; i < length; i++) {
		char whole[5] = { 0 };
		const char *at = whole;

		if (m->have > 0 && ((unsigned char)text[i] & 0xC0) != 0x80)
			end_broken_char(m, out);
		m->bytes[m->have++] = text[i];
		if (m->have < bytes_of((unsigned char)m->bytes[0]))
			continue;
		memcpy(whole, m->bytes, m->have);
		m->have = 0;
		clean_char(m, utf8_next(&at), out);
	}
}

bool slack_markdown_holds(const struct slack_markdown *m)
{
	/* Not yet known what they are: a heading or a channel, a list or emphasis. */
	return m->word.length > strspn(m->word.text, "#@*_~-+=.\\");
}

void slack_markdown_pause(struct slack_markdown *m, struct str *out)
{
	if (slack_markdown_holds(m))
		slack_markdown_end_word(m, out, true);
}

void slack_markdown_end(struct slack_markdown *m, struct str *out)
{
	end_broken_char(m, out);
	if (m->place == FENCE_RUN && m->run < strlen(FENCE))
		back_to_text(m, out);
	if (m->place == FENCE_RUN || m->place == FENCE_INFO)
		open_block(m, out);
	if (m->place == BLOCK_START && m->run >= m->fence_run) {
		close_block(m, out);
	} else if (m->place == BLOCK_START || m->place == BLOCK) {
		if (m->place == BLOCK_START)
			release_block(m, out);
		slack_markdown_settle_code(m, out, 0);
		if (m->last != '\n')
			slack_markdown_put(m, out, "\n");
		close_block(m, out);
	}
	end_text(m, out);
	begin_line(m);
	m->table = m->row = m->pipe_above = m->after_return = false;
	m->row = true;
	m->last = '\n';
}

struct slack_markdown *slack_markdown_new(void)
{
	struct slack_markdown *m = mem_alloc(sizeof(*m));

	str_init(&m->indent, INDENT_MAX);
	str_init(&m->info, INFO_MAX + 8);
	str_init(&m->word, SLACK_WORD_MAX + 16);
	str_init(&m->before, SLACK_WORD_MAX + SLACK_RUN_KEPT + 16);
	m->row = m->alone = true;
	m->last = '\n';
	return m;
}

void slack_markdown_free(struct slack_markdown *m)
{
	if (m == NULL)
		return;
	str_free(&m->indent);
	str_free(&m->info);
	str_free(&m->word);
	str_free(&m->before);
	free(m);
}

char *slack_markdown_safe(const char *text)
{
	struct slack_markdown *m = slack_markdown_new();
	struct str out;

	str_init(&out, SIZE_MAX / 2);
	slack_markdown_feed(m, text, strlen(text), &out);
	slack_markdown_end(m, &out);
	slack_markdown_free(m);
	return str_take(&out);
}
