#include "adapters/slack/markdown_cut.h"

#include <stdbool.h>
#include <string.h>

#include "adapters/slack/markdown_word.h"
#include "bot/str.h"

#define FENCE "```"
#define TABLE_HEAD_MAX 1000 /* bytes; a longer one is not repeated */
#define WORD_SEEN 300       /* bytes of a word around a cut */
#define WITHIN_KEPT 256     /* places within words that are tried */
#define LABEL_MAX 63        /* bytes, of a host's name (RFC 1035) */
#define NOWHERE (-2)
#define WITHIN_WORD (-1)    /* ANYWHERE, unless it makes an address */
#define ENDS_WORD " \n()[]<>\"',;{}|`"

/* A walk through the lines of a text. */
struct walk {
	const char *text;
	size_t line;         /* where it begins */
	size_t fence;        /* where the open fence's line begins; valid with fenced */
	bool fenced;
	size_t head, rows;   /* of the table: its first line, what follows its second; valid with table */
	bool table;
	bool text_above;     /* the line before is one of text */
	bool code;           /* a backtick of the line is open where the walk is; kept by slack_markdown_cut */
};

static bool is_fence(const char *line)
{
	return str_starts(line, FENCE);
}

static bool is_blank(const char *line)
{
	line += strspn(line, " \t");
	return *line == '\n' || *line == '\0';
}

/* The second line of a table: "|---|:--|". */
static bool is_rule(const char *line)
{
	size_t length = strspn(line, "|:- \t");

	return (line[length] == '\n' || line[length] == '\0') && memchr(line, '|', length) != NULL &&
	       memchr(line, '-', length) != NULL;
}

/* To the line after this one, which begins at `next`. */
static void walk_line(struct walk *walk, size_t next)
{
	const char *line = walk->text + walk->line;
	bool below_text = walk->text_above;

	walk->text_above = !walk->fenced && !is_fence(line) && !is_blank(line);
	if (is_fence(line)) {
		walk->fenced = !walk->fenced;
		walk->fence = walk->line;
		walk->table = false;
	} else if (walk->fenced) {
		;
	} else if (is_blank(line)) {
		walk->table = false;
	} else if (!walk->table && is_rule(line) && below_text) {
		walk->table = true;
		walk->rows = next;
		for (walk->head = walk->line - 1; walk->head > 0 && walk->text[walk->head - 1] != '\n';)
			walk->head--;
	}
	walk->line = next;
}

static void walk_to(struct walk *walk, const char *text, size_t at)
{
	*walk = (struct walk){ .text = text };
	for (const char *end; (end = strchr(text + walk->line, '\n')) != NULL && (size_t)(end - text) < at;)
		walk_line(walk, (size_t)(end - text) + 1);
}

/* Is a backtick open at the end of this part of a line? */
static bool in_code(const char *line, size_t length)
{
	bool open = false;

	for (size_t i = 0; i < length; i++)
		open = line[i] == '`' ? !open : open;
	return open;
}

static bool ends_sentence(const char *text, size_t at)
{
	return at >= 2 && strchr(".!?:", text[at - 2]) != NULL;
}

/* Neither within a character, nor within an entity, nor between a backslash and what it escapes,
 * nor within a word before what would be a mention at its beginning. */
static bool is_between(const char *text, size_t at)
{
	size_t backslashes = 0;

	while (backslashes < at && text[at - 1 - backslashes] == '\\')
		backslashes++;
	if (((unsigned char)text[at] & 0xC0) == 0x80 || backslashes % 2 == 1)
		return false;
	if ((text[at] == '@' || text[at] == '#') && text[at - 1] != ' ' && text[at - 1] != '\n')
		return false;
	for (size_t back = 1; back <= 4 && back <= at; back++)
		if (text[at - back] == '&')
			return memchr(text + at - back, ';', back) != NULL;
	return true;
}

/* Does either part of a word become an address when it is cut there? */
static bool makes_address(const char *text, size_t at)
{
	size_t before = 0, after = strcspn(text + at, ENDS_WORD);

	while (before < at && before < WORD_SEEN && strchr(ENDS_WORD, text[at - 1 - before]) == NULL)
		before++;
	after = after < WORD_SEEN ? after : WORD_SEEN;
	return slack_word_is_address(text + at - before, before) || slack_word_is_address(text + at, after);
}

static int rank(const struct walk *walk, const char *text, size_t at)
{
	size_t line = walk->line;
	bool start = at == line || text[at - 1] == '\n';

	if (!is_between(text, at))
		return NOWHERE;
	if (walk->fenced || (start && walk->table) || is_fence(text + line))
		return start ? SLACK_CUT_WORD : SLACK_CUT_ANYWHERE;
	if (start)
		return at >= 2 && text[at - 2] == '\n' ? SLACK_CUT_PARAGRAPH : SLACK_CUT_LINE;
	if (walk->code) /* not right behind its beginning, or before its end */
		return text[at - 1] == '`' || text[at] == '`' ? NOWHERE : SLACK_CUT_ANYWHERE;
	if (text[at - 1] != ' ')
		return WITHIN_WORD;
	if (walk->table)
		return SLACK_CUT_ANYWHERE;
	return ends_sentence(text, at) ? SLACK_CUT_SENTENCE : SLACK_CUT_WORD;
}

/*
 * The last place within a word behind `place`. To look for addresses takes long: it is done only where it matters.
 * Where more places than a label is long would all make one, what looks like a label is none, and any will do.
 */
static size_t within_word(const char *text, const size_t places[WITHIN_KEPT], size_t count, size_t place)
{
	for (size_t i = count; i > 0 && count - i < WITHIN_KEPT && places[(i - 1) % WITHIN_KEPT] > place; i--)
		if (!makes_address(text, places[(i - 1) % WITHIN_KEPT]))
			return places[(i - 1) % WITHIN_KEPT];
	return place == 0 && count > LABEL_MAX ? places[(count - 1) % WITHIN_KEPT] : place;
}

size_t slack_markdown_cut(const char *text, size_t from, size_t to, enum slack_cut least)
{
	int best = (int)least;
	size_t place = 0, within[WITHIN_KEPT], count = 0;
	struct walk walk;

	walk_to(&walk, text, from);
	walk.code = in_code(text + walk.line, from - walk.line);
	for (size_t at = from + 1; at <= to; at++) {
		int now;

		walk.code = text[at - 1] == '`' ? !walk.code : walk.code && text[at - 1] != '\n';
		if (text[at - 1] == '\n')
			walk_line(&walk, at);
		now = rank(&walk, text, at);
		if (now == WITHIN_WORD)
			within[count++ % WITHIN_KEPT] = at;
		if (now >= best) {
			best = now;
			place = at;
		}
	}
	return best > SLACK_CUT_ANYWHERE ? place : within_word(text, within, count, place);
}

void slack_markdown_bridge(const char *text, size_t at, struct str *end, struct str *begin)
{
	struct walk walk;
	const char *line;

	walk_to(&walk, text, at);
	if (at > 0 && text[at - 1] == '\n' && walk.line < at)
		walk_line(&walk, at);
	line = text + walk.line;
	if (walk.fenced) {
		str_add(end, at > 0 && text[at - 1] == '\n' ? FENCE : "\n" FENCE);
		str_add_bytes(begin, text + walk.fence, strcspn(text + walk.fence, "\n"));
		str_add(begin, "\n");
		return;
	}
	if (walk.table && at >= walk.rows && walk.rows - walk.head <= TABLE_HEAD_MAX)
		str_add_bytes(begin, text + walk.head, walk.rows - walk.head);
	if (in_code(line, at - walk.line)) {
		str_add(end, "`");
		str_add(begin, "`");
	}
}
