/*
 * Jira's wiki text, in which foreign words stay words.
 *
 * How Atlassian's renderer works decides the escapes: backslashes take the markup from
 * - # * _ + ? ^ ~ | [ ] ( ) ! @ unless another backslash stands before them, which is why a backslash itself
 * becomes an entity (two of them are a line break). An escaped brace becomes a bare one before
 * monospaced text is looked for, so \{\{ would still be markup: braces are entities, and so is
 * the colon where an emoticon or a link would begin. Entities are shown as what they name, hence
 * an "&" that would begin one is escaped too. Inside {noformat} nothing of that holds: only the end
 * tag counts, and a {code} tag confuses some versions; an invisible character breaks both up.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/jira/body.h"
#include "adapters/jira/markup.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define ZERO_WIDTH "\xE2\x80\x8B"

/* Where words stand. */
enum place {
	PLACE_TEXT,
	PLACE_TIGHT, /* within {{ }} or the label of a link: a backslash does not help everywhere there */
};

struct wiki {
	struct str *out;
	const struct jira_cut *cut;
};

/* --- words --------------------------------------------------------------------------------- */

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
	return c == '\0' || c == ' ' || c == '\n' || c == '\t';
}

/* Only blanks since the last line break: where lists, headings and rules begin. */
static bool at_line_start(const struct str *out)
{
	size_t i = out->length;

	while (i > 0 && (out->text[i - 1] == ' ' || out->text[i - 1] == '\t'))
		i--;
	return i == 0 || out->text[i - 1] == '\n';
}

/* Markup around words: not within a word, nor when it stands alone. What follows a span is not known. */
static bool is_harmless(const struct str *out, const char *at)
{
	char before = out->length == 0 ? '\0' : out->text[out->length - 1];

	if (at_line_start(out))
		return false;
	return (is_word(before) && is_word(at[1])) || (is_blank(before) && at[1] != '\0' && is_blank(at[1]));
}

static bool begins_block(const char *at)
{
	return strncmp(at, "bq.", 3) == 0 || (*at == 'h' && at[1] >= '1' && at[1] <= '6' && at[2] == '.');
}

/* "&name;" or "&#123;", which would be shown as a character. */
static bool begins_entity(const char *at)
{
	size_t length = strspn(at + 1, "#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return length > 0 && at[1 + length] == ';';
}

/* "(y)", "(flagoff)": short words in parentheses are pictures. */
static bool begins_picture(const char *at)
{
	size_t length = strcspn(at, ")\n");

	return at[length] == ')' && length < 10;
}

static void add_entity(struct str *out, char c)
{
	str_addf(out, "&#%d;", c);
}

static bool needs_entity(const struct str *out, const char *at)
{
	switch (*at) {
	case '\\':
	case '{':
	case '}':
		return true;
	case ':':
		return (at[1] != '\0' && strchr("()DPp/", at[1]) != NULL) || str_ends(out->text, "mailto");
	case 'h':
	case 'b':
		return at_line_start(out) && begins_block(at);
	default:
		return false;
	}
}

static bool needs_backslash(const struct str *out, const char *at)
{
	char before = out->length == 0 ? '\0' : out->text[out->length - 1];

	switch (*at) {
	case '[':
	case ']':
	case '|':
		return true;
	case '!':
		return at[1] == '\0' || !is_blank(at[1]);
	case '?':
		return before == '?' || at[1] == '?' || at[1] == '\0';
	case '#':
		return at_line_start(out);
	case '*':
	case '_':
	case '-':
	case '+':
	case '^':
	case '~':
	case '@':
		return !is_harmless(out, at);
	case '(':
		return begins_picture(at);
	case ')':
		return before == ';';
	default:
		return false;
	}
}

static void add_char(struct str *out, const char *at, enum place place)
{
	if (*at == '&' && begins_entity(at)) {
		str_add(out, "&amp;");
	} else if (needs_entity(out, at)) {
		add_entity(out, *at);
	} else if (!needs_backslash(out, at)) {
		str_add_char(out, *at);
	} else if (place == PLACE_TIGHT) {
		add_entity(out, *at);
	} else {
		str_add_char(out, '\\');
		str_add_char(out, *at);
	}
}

static void add_words(struct str *out, const char *clean, enum place place)
{
	for (; *clean != '\0' && !out->cut; clean++)
		add_char(out, clean, place);
}

/* --- spans --------------------------------------------------------------------------------- */

static void add_bold(struct wiki *wiki, const char *clean)
{
	size_t length = strlen(clean);
	bool bold = length > 0 && !is_blank(clean[0]) && !is_blank(clean[length - 1]) && strchr(clean, '\n') == NULL;

	if (bold)
		str_add_char(wiki->out, '*');
	add_words(wiki->out, clean, PLACE_TEXT);
	if (bold)
		str_add_char(wiki->out, '*');
}

/* {{code}} would be a macro in braces. */
static bool is_macro_name(const char *text)
{
	size_t length = 0;

	while (is_word(text[length]) || text[length] == '-' || text[length] == '_')
		length++;
	return length > 0 && (text[length] == '\0' || text[length] == ':' || text[length] == '|');
}

static void add_monospaced(struct wiki *wiki, const char *clean)
{
	if (*clean == '\0')
		return;
	str_add(wiki->out, "{{");
	if (is_macro_name(clean))
		add_entity(wiki->out, *clean++);
	add_words(wiki->out, clean, PLACE_TIGHT);
	str_add(wiki->out, "}}");
}

static void add_link(struct wiki *wiki, const struct message_span *span)
{
	char *label = jira_markup_text(span->text, wiki->cut->text);

	if (!jira_markup_is_link(span->url)) {
		add_words(wiki->out, label, PLACE_TEXT);
	} else {
		str_add_char(wiki->out, '[');
		add_words(wiki->out, label, PLACE_TIGHT);
		if (*label != '\0')
			str_add_char(wiki->out, '|');
		jira_markup_url(wiki->out, span->url);
		str_add_char(wiki->out, ']');
	}
	free(label);
}

static void add_span(struct wiki *wiki, const struct message_span *span)
{
	char *text;

	if (span->type == SPAN_LINK) {
		add_link(wiki, span);
		return;
	}
	if (span->type == SPAN_TIME) {
		jira_markup_time(wiki->out, span->wall_ms);
		return;
	}
	text = jira_markup_text(span->text, wiki->cut->text);
	if (span->type == SPAN_BOLD)
		add_bold(wiki, text);
	else if (span->type == SPAN_CODE)
		add_monospaced(wiki, text);
	else
		add_words(wiki->out, text, PLACE_TEXT);
	free(text);
}

/* --- blocks -------------------------------------------------------------------------------- */

static void end_line(struct str *out)
{
	if (out->length > 0 && out->text[out->length - 1] != '\n')
		str_add_char(out, '\n');
}

/* An empty line ends a paragraph. */
static void end_block(struct str *out)
{
	end_line(out);
	if (out->length > 1 && out->text[out->length - 2] != '\n')
		str_add_char(out, '\n');
}

static void add_line(struct wiki *wiki, const struct message_line *line)
{
	for (const struct message_span *span = line->first; span != NULL; span = span->next)
		add_span(wiki, span);
}

static void add_field(struct wiki *wiki, const struct message_part *part)
{
	char *name = jira_markup_text(part->name, wiki->cut->text);

	add_bold(wiki, name);
	str_add(wiki->out, ": ");
	add_line(wiki, &part->line);
	end_line(wiki->out);
	if (part->next == NULL || part->next->type != PART_FIELD)
		end_block(wiki->out);
	free(name);
}

static bool is_tag(const char *at)
{
	return strncasecmp(at, "{noformat", 9) == 0 || strncasecmp(at, "{code", 5) == 0;
}

static void add_code(struct wiki *wiki, const char *code)
{
	char *text = jira_markup_text(code, wiki->cut->code);

	if (*text != '\0') {
		end_block(wiki->out);
		str_add(wiki->out, "{noformat}\n");
		for (const char *at = text; *at != '\0'; at++) {
			str_add_char(wiki->out, *at);
			if (is_tag(at))
				str_add(wiki->out, ZERO_WIDTH);
		}
		end_line(wiki->out);
		str_add(wiki->out, "{noformat}\n\n");
	}
	free(text);
}

static void add_part(struct wiki *wiki, const struct message_part *part)
{
	switch (part->type) {
	case PART_FIELD:
		add_field(wiki, part);
		break;
	case PART_TEXT:
	case PART_CONTEXT:
		end_block(wiki->out);
		add_line(wiki, &part->line);
		end_block(wiki->out);
		break;
	case PART_MARKDOWN:
	case PART_CODE:
		add_code(wiki, part->code);
		break;
	case PART_ACTION: /* left out already, as are pictures */
	case PART_IMAGE:
		break;
	}
}

static void add_message(struct wiki *wiki, const struct message *message)
{
	char *clean = jira_markup_text(message->headline, wiki->cut->text);
	size_t count = 0, left_out = 0;

	add_bold(wiki, clean);
	end_block(wiki->out);
	for (const struct message_part *part = message->first; part != NULL && !wiki->out->cut; part = part->next) {
		if (count++ < wiki->cut->parts)
			add_part(wiki, part);
		else
			left_out++;
	}
	if (left_out > 0) {
		end_block(wiki->out);
		jira_markup_rest(wiki->out, left_out);
		end_block(wiki->out);
	}
	free(clean);
}

void jira_wiki_write(struct str *out, const struct message *message, const char *mark,
                     const struct jira_cut *cut)
{
	struct wiki wiki = { .out = out, .cut = cut };

	if (message != NULL)
		add_message(&wiki, message);
	if (mark != NULL) {
		str_add(out, JIRA_MARK_WORD " ");
		add_words(out, mark, PLACE_TEXT);
	}
	if (strspn(out->text, " \n\t") == out->length)
		str_add(out, "\\(empty)");
	while (out->length > 0 && out->text[out->length - 1] == '\n')
		out->text[--out->length] = '\0';
}
