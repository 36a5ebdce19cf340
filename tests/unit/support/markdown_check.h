/*
 * markdown_check.h - does a Markdown text mention, link or show anything? A reader of its own, that knows nothing of
 * adapters/slack/markdown.c; for its unit tests and its fuzz target.
 *
 * The text is read twice, since nobody knows how Slack reads it: as GitHub's Markdown (code within a paragraph, tables
 * whose cells end at every | without a backslash), and as simply as mrkdwn (three backticks anywhere are a fence, one is
 * code to the end of its line). It must be harmless in both.
 */
#ifndef TESTS_MARKDOWN_CHECK_H
#define TESTS_MARKDOWN_CHECK_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bot/str.h"
#include "bot/utf8.h"

static inline bool check_letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

static inline bool check_starts(const char *text, size_t length, size_t i, const char *word)
{
	size_t size = strlen(word);

	return length - i >= size && strncasecmp(text + i, word, size) == 0;
}

static inline size_t check_backslashes(const char *text, size_t i)
{
	size_t count = 0;

	while (count < i && text[i - count - 1] == '\\')
		count++;
	return count;
}

/* A label of two letters at least behind the dot (of 63 at most: RFC 1035), and the end of the name behind that. */
static inline bool check_is_host(const char *text, size_t length, size_t dot)
{
	size_t i = dot + 1;

	if (dot == 0 || !isalnum((unsigned char)text[dot - 1]))
		return false;
	while (i < length && isalpha((unsigned char)text[i]))
		i++;
	return i - dot > 2 && i - dot <= 64 && (i == length || !isalnum((unsigned char)text[i]));
}

/* In text that is read as text. */
static inline const char *check_text(const char *text, size_t length, size_t i)
{
	static const char *const schemes[] = { "mailto:", "tel:", "slack:", "javascript:", "http:", "https:" };
	bool boundary = i == 0 || !isalnum((unsigned char)text[i - 1]);
	char next = i + 1 < length ? text[i + 1] : ' ';

	if (text[i] == '<')
		return "a < in text";
	if ((text[i] == '[' || text[i] == ']') && check_backslashes(text, i) % 2 == 0)
		return "an open bracket";
	if (text[i] == ']' && (next == '(' || next == '[' || next == ':'))
		return "a link torn together";
	if (text[i] == '&' && !check_starts(text, length, i, "&amp;") && !check_starts(text, length, i, "&lt;") &&
	    !check_starts(text, length, i, "&gt;"))
		return "an open &";
	if ((text[i] == '@' || text[i] == '#') && boundary && check_letter(next) &&
	    !check_starts(text, length, i + 1, "＠") && !check_starts(text, length, i + 1, "＃"))
		return "a mention";
	if (check_starts(text, length, i, "://"))
		return "an address";
	if (boundary && check_starts(text, length, i, "www.") && i + 4 < length && isalnum((unsigned char)text[i + 4]))
		return "a www address";
	for (size_t k = 0; boundary && k < sizeof(schemes) / sizeof(schemes[0]); k++) {
		size_t end = i + strlen(schemes[k]);

		if (check_starts(text, length, i, schemes[k]) && end < length && isalnum((unsigned char)text[end]))
			return "a scheme";
	}
	return text[i] == '.' && check_is_host(text, length, i) ? "a host name" : NULL;
}

/* In text that is read as code: what Slack's own markup would make of it. */
static inline const char *check_code(const char *text, size_t length, size_t i)
{
	char next = i + 1 < length ? text[i + 1] : ' ';

	if (text[i] == '<' && (isalpha((unsigned char)next) || next == '!' || next == '@' || next == '#'))
		return "markup of Slack's in code";
	if (text[i] == '@' && (i == 0 || !isalnum((unsigned char)text[i - 1])) &&
	    (check_starts(text, length, i + 1, "here") || check_starts(text, length, i + 1, "channel") ||
	     check_starts(text, length, i + 1, "everyone")))
		return "a broadcast in code";
	return NULL;
}

/* --- as mrkdwn ------------------------------------------------------------------------------ */

static inline const char *check_simply(const char *text, size_t length)
{
	bool fenced = false, code = false;

	for (size_t i = 0; i < length; i++) {
		const char *wrong;

		if (check_starts(text, length, i, "```")) {
			fenced = !fenced;
			i += 2;
			continue;
		}
		if (!fenced && text[i] == '`')
			code = !code;
		if (text[i] == '\n')
			code = false;
		wrong = fenced || code ? check_code(text, length, i) : check_text(text, length, i);
		if (wrong != NULL)
			return wrong;
	}
	return fenced ? "a fence without an end" : NULL;
}

/* --- as Markdown ---------------------------------------------------------------------------- */

static inline size_t check_run(const char *text, size_t length, size_t i)
{
	size_t run = 0;

	while (i + run < length && text[i + run] == '`')
		run++;
	return run;
}

/* A paragraph or a cell: code begins at a run of backticks and ends at the next of the same length. */
static inline const char *check_inline(const char *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t run = check_backslashes(text, i) % 2 == 0 ? check_run(text, length, i) : 0, end = i + run, other;
		const char *wrong = NULL;

		while (run > 0 && end < length && (other = check_run(text, length, end)) != run)
			end += other > 0 ? other : 1;
		if (run == 0 || end >= length) { /* no code: backticks as they are */
			wrong = check_text(text, length, i);
			i += 1;
		} else {
			for (size_t k = i + run; k < end && wrong == NULL; k++)
				wrong = check_code(text, end, k);
			i = end + run;
		}
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

static inline const char *check_cells(const char *line, size_t length)
{
	size_t start = 0;

	for (size_t i = 0; i <= length; i++) {
		const char *wrong;

		if (i < length && (line[i] != '|' || check_backslashes(line, i) % 2 == 1))
			continue;
		wrong = check_inline(line + start, i - start);
		if (wrong != NULL)
			return wrong;
		start = i + 1;
	}
	return NULL;
}

static inline bool check_is_rule(const char *line, size_t length)
{
	return strspn(line, "|:- \t>") >= length && memchr(line, '|', length) != NULL && memchr(line, '-', length) != NULL;
}

static inline bool check_is_blank(const char *line, size_t length)
{
	return strspn(line, " \t") >= length;
}

static inline const char *check_as_markdown(const char *text, size_t size)
{
	const char *paragraph = text, *line = text, *above = NULL, *end = text + size, *wrong = NULL;
	size_t above_length = 0;
	bool fenced = false, table = false;

	for (; line < end && wrong == NULL;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((stop == NULL ? end : stop) - line), blanks = strspn(line, " ");
		bool fence = blanks < 4 && check_starts(line, length, blanks < length ? blanks : 0, "```");

		if (blanks < 4 && check_starts(line, length, blanks < length ? blanks : 0, "~~~") && !fenced)
			return "a fence of tildes";
		if (fence || fenced || check_is_blank(line, length)) {
			if (!fenced)
				wrong = check_inline(paragraph, (size_t)(line - paragraph));
			for (size_t i = 0; fenced && !fence && i < length && wrong == NULL; i++)
				wrong = check_code(line, length, i);
			fenced = fence ? !fenced : fenced;
			paragraph = line + length + (stop == NULL ? 0 : 1);
			table = false;
		} else if (table) {
			wrong = check_cells(line, length);
		} else if (above != NULL && check_is_rule(line, length)) {
			table = true;
			wrong = check_cells(above, above_length);
		}
		above = fence || fenced || check_is_blank(line, length) ? NULL : line;
		above_length = length;
		line += length + (stop == NULL ? 0 : 1);
	}
	return wrong != NULL || fenced ? wrong : check_inline(paragraph, (size_t)(end - paragraph));
}

/* What is wrong with it; NULL: it is harmless. */
static inline const char *markdown_check(const char *text)
{
	size_t length = strlen(text);
	const char *wrong;

	if (!str_utf8_valid(text, length))
		return "no UTF-8";
	for (const char *at = text; *at != '\0';)
		if (utf8_hidden(utf8_next(&at)))
			return "an invisible character";
	wrong = check_simply(text, length);
	return wrong != NULL ? wrong : check_as_markdown(text, length);
}

#endif
