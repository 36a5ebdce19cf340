/* markdown_private.h - Markdown on its way to Slack; for markdown.c (lines) and markdown_inline.c (what is in them). */
#ifndef ADAPTERS_SLACK_MARKDOWN_PRIVATE_H
#define ADAPTERS_SLACK_MARKDOWN_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/str.h"

#define SLACK_GRAVE "ˋ" /* a backtick that is none */
#define SLACK_WORD_MAX 1500 /* bytes; a longer word comes out in parts */
#define SLACK_RUN_KEPT 256 /* bytes of the parts before */

enum slack_markdown_place {
	LINE_START, /* blanks and quote marks so far */
	FENCE_RUN,  /* backticks or tildes where a fence may begin */
	FENCE_INFO, /* what follows three of them */
	TEXT,
	CODE,       /* within a line */
	BLOCK_START, /* fenced code: nothing of the line but blanks and perhaps the closing fence */
	BLOCK,
};

struct slack_markdown {
	enum slack_markdown_place place;
	char bytes[4]; /* of a character that is not whole yet */
	size_t have;
	bool after_return;
	bool alone;         /* no more than blanks before this on the line, no quote mark */
	enum { BARE, BULLET, DIGITS, MARK, ITEM, WORDS } lead; /* what the line's text is so far; ITEM: "- " or "1. " */
	struct str indent;  /* blanks at the beginning of a line */
	size_t run;         /* of the same characters, as far as it matters: `, or the fence's */
	char fence;         /* ` or ~ */
	size_t fence_run, fence_indent;
	struct str info;
	struct str word;    /* that has begun; emphasis that was escaped keeps its backslash */
	struct str before;  /* parts of the same word that came out already */
	size_t bare;        /* bytes at its end that came out behind code */
	bool escaped;       /* a backslash */
	bool bracket;       /* a ] */
	size_t tildes;      /* in a row */
	size_t code_run;    /* backticks that end this code; in fenced code: those in a row */
	size_t code_length; /* bytes of it that came out */
	size_t backslashes; /* at its end */
	bool angle, at;     /* a < or @ within code, of which the next character decides */
	bool pipe, pipe_above;  /* a | within code: in this line, in the one above */
	bool row, row_dash, row_pipe; /* nothing on this line that a table's second line does not have */
	bool table;
	char last;          /* byte that came out */
};

void slack_markdown_put_bytes(struct slack_markdown *m, struct str *out, const char *bytes, size_t length);
void slack_markdown_put(struct slack_markdown *m, struct str *out, const char *text);
void slack_markdown_put_code(struct slack_markdown *m, struct str *out, const char *text);
void slack_markdown_settle_code(struct slack_markdown *m, struct str *out, uint32_t c);
void slack_markdown_read_code(struct slack_markdown *m, uint32_t c, struct str *out);
void slack_markdown_close_code(struct slack_markdown *m, struct str *out);
void slack_markdown_end_word(struct slack_markdown *m, struct str *out, bool open);
void slack_markdown_add_to_word(struct slack_markdown *m, uint32_t c, bool escaped, struct str *out);
void slack_markdown_read_text(struct slack_markdown *m, uint32_t c, struct str *out);

#endif
