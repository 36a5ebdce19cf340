/*
 * markdown_cut.h - where a long text may be cut so that each part is read as before. Pure; for text that came out of
 * markdown.c, whose code has one form only.
 */
#ifndef ADAPTERS_SLACK_MARKDOWN_CUT_H
#define ADAPTERS_SLACK_MARKDOWN_CUT_H

#include <stddef.h>

struct str;

enum slack_cut {
	SLACK_CUT_ANYWHERE, /* between characters */
	SLACK_CUT_WORD,
	SLACK_CUT_SENTENCE,
	SLACK_CUT_LINE,
	SLACK_CUT_PARAGRAPH,
};

/*
 * The last of the best places in from < place <= to, at least as good as `least`; 0: there is none. Places within code
 * or a table count as ANYWHERE, but for the ends of lines (WORD).
 */
size_t slack_markdown_cut(const char *text, size_t from, size_t to, enum slack_cut least);

/* What is open at that place: appends what closes it to `end`, what opens it anew to `begin` (a fence, code, a table's
 * first two lines). */
void slack_markdown_bridge(const char *text, size_t at, struct str *end, struct str *begin);

#endif
