/*
 * The Atlassian Document Format, written as JSON text. Nodes and marks used, and their rules
 * (developer.atlassian.com, "Document structure"): paragraph, text (never empty, no line breaks), hardBreak,
 * codeBlock (line breaks, no marks); strong, em, subsup, link, code (only link beside it).
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/jira/body.h"
#include "adapters/jira/markup.h"
#include "bot/message.h"
#include "bot/str.h"

#define HARD_BREAK "{\"type\":\"hardBreak\"}"
#define STRONG "{\"type\":\"strong\"}"
#define EM "{\"type\":\"em\"}"
#define CODE "{\"type\":\"code\"}"
#define SMALL "{\"type\":\"subsup\",\"attrs\":{\"type\":\"sub\"}}"

struct adf {
	struct str *out;
	const struct jira_cut *cut;
	const char *base; /* mark of everything in this paragraph, or NULL */
	size_t start;     /* of the open paragraph in out */
};

/* The comma before a further element of an array. */
static void separate(struct str *out)
{
	if (out->length > 0 && out->text[out->length - 1] != '[')
		str_add_char(out, ',');
}

static void add_marks(struct str *out, const char *one, const char *two)
{
	if (one == NULL && two == NULL)
		return;
	str_addf(out, ",\"marks\":[%s%s%s]", one == NULL ? "" : one, one != NULL && two != NULL ? "," : "",
	         two == NULL ? "" : two);
}

/* One text node a line; the breaks between them are nodes too. */
static void add_text(struct adf *adf, const char *text, const char *one, const char *two)
{
	for (;;) {
		size_t length = strcspn(text, "\n");

		if (length > 0) {
			separate(adf->out);
			str_add(adf->out, "{\"type\":\"text\",\"text\":");
			str_add_json(adf->out, text, length);
			add_marks(adf->out, one, two);
			str_add_char(adf->out, '}');
		}
		if (text[length] == '\0')
			return;
		separate(adf->out);
		str_add(adf->out, HARD_BREAK);
		text += length + 1;
	}
}

static void open_paragraph(struct adf *adf, const char *base)
{
	adf->base = base;
	adf->start = adf->out->length;
	separate(adf->out);
	str_add(adf->out, "{\"type\":\"paragraph\",\"content\":[");
}

/* One without words is taken back. */
static void close_paragraph(struct adf *adf)
{
	if (adf->out->text[adf->out->length - 1] != '[') {
		str_add(adf->out, "]}");
		return;
	}
	adf->out->length = adf->start;
	adf->out->text[adf->start] = '\0';
}

static void add_link(struct adf *adf, const struct message_span *span)
{
	char *label = jira_markup_text(span->text, adf->cut->text);
	struct str mark;

	str_init(&mark, SIZE_MAX / 2);
	if (jira_markup_is_link(span->url)) {
		str_add(&mark, "{\"type\":\"link\",\"attrs\":{\"href\":");
		str_add_char(&mark, '"');
		jira_markup_url(&mark, span->url);
		str_add(&mark, "\"}}");
	}
	add_text(adf, label, mark.length > 0 ? mark.text : NULL, adf->base);
	str_free(&mark);
	free(label);
}

static void add_time(struct adf *adf, int64_t wall_ms)
{
	struct str text;

	str_init(&text, 64);
	jira_markup_time(&text, wall_ms);
	add_text(adf, text.text, adf->base, NULL);
	str_free(&text);
}

static void add_span(struct adf *adf, const struct message_span *span)
{
	char *text;

	if (span->type == SPAN_LINK) {
		add_link(adf, span);
		return;
	}
	if (span->type == SPAN_TIME) {
		add_time(adf, span->wall_ms);
		return;
	}
	text = jira_markup_text(span->text, adf->cut->text);
	if (span->type == SPAN_CODE)
		add_text(adf, text, CODE, NULL);
	else
		add_text(adf, text, adf->base, span->type == SPAN_BOLD ? STRONG : NULL);
	free(text);
}

static void add_line(struct adf *adf, const struct message_line *line)
{
	for (const struct message_span *span = line->first; span != NULL; span = span->next)
		add_span(adf, span);
}

static void add_paragraph(struct adf *adf, const char *clean, const char *one, const char *two)
{
	open_paragraph(adf, NULL);
	add_text(adf, clean, one, two);
	close_paragraph(adf);
}

static void add_headline(struct adf *adf, const struct message *message)
{
	char *clean = jira_markup_text(message->headline, adf->cut->text);

	add_paragraph(adf, clean, STRONG, NULL);
	free(clean);
}

static void add_code(struct adf *adf, const char *code)
{
	char *text = jira_markup_text(code, adf->cut->code);

	if (*text != '\0') {
		separate(adf->out);
		str_add(adf->out, "{\"type\":\"codeBlock\",\"content\":[{\"type\":\"text\",\"text\":");
		str_add_json(adf->out, text, strlen(text));
		str_add(adf->out, "}]}");
	}
	free(text);
}

static void add_field(struct adf *adf, const struct message_part *part, bool further)
{
	char *name = jira_markup_text(part->name, adf->cut->text);

	if (further)
		add_text(adf, "\n", NULL, NULL);
	else
		open_paragraph(adf, NULL);
	add_text(adf, name, STRONG, NULL);
	add_text(adf, ": ", NULL, NULL);
	add_line(adf, &part->line);
	if (part->next == NULL || part->next->type != PART_FIELD)
		close_paragraph(adf);
	free(name);
}

static void add_part(struct adf *adf, const struct message_part *part, bool after_field)
{
	switch (part->type) {
	case PART_FIELD:
		add_field(adf, part, after_field);
		break;
	case PART_TEXT:
	case PART_CONTEXT:
		open_paragraph(adf, part->type == PART_CONTEXT ? EM : NULL);
		add_line(adf, &part->line);
		close_paragraph(adf);
		break;
	case PART_MARKDOWN:
	case PART_CODE:
		add_code(adf, part->code);
		break;
	case PART_ACTION: /* left out already, as are pictures */
	case PART_IMAGE:
		break;
	}
}

static void add_rest(struct adf *adf, size_t parts)
{
	struct str note;

	str_init(&note, 128);
	jira_markup_rest(&note, parts);
	add_paragraph(adf, note.text, EM, NULL);
	str_free(&note);
}

static void add_parts(struct adf *adf, const struct message *message)
{
	const struct message_part *before = NULL;
	size_t shown = 0, left_out = 0;

	for (const struct message_part *part = message->first; part != NULL && !adf->out->cut; part = part->next) {
		if (shown++ < adf->cut->parts) {
			add_part(adf, part, before != NULL && before->type == PART_FIELD);
			before = part;
		} else {
			left_out++;
		}
	}
	if (left_out == 0 || adf->out->cut)
		return;
	if (before != NULL && before->type == PART_FIELD && before->next->type == PART_FIELD)
		close_paragraph(adf); /* the cut came between two fields */
	add_rest(adf, left_out);
}

static void add_mark(struct adf *adf, const char *mark)
{
	struct str text;

	str_init(&text, 256);
	str_addf(&text, JIRA_MARK_WORD " %s", mark);
	add_paragraph(adf, text.text, SMALL, EM);
	str_free(&text);
}

void jira_adf_write(struct str *out, const struct message *message, const char *mark,
                    const struct jira_cut *cut)
{
	struct adf adf = { .out = out, .cut = cut };
	size_t empty;

	str_add(out, "{\"version\":1,\"type\":\"doc\",\"content\":[");
	empty = out->length;
	if (message != NULL) {
		add_headline(&adf, message);
		add_parts(&adf, message);
	}
	if (mark != NULL)
		add_mark(&adf, mark);
	if (out->length == empty)
		add_paragraph(&adf, "(empty)", EM, NULL);
	str_add(out, "]}");
}
