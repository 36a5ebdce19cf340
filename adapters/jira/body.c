#include "adapters/jira/body.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/jira/markup.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define PARTS_MAX 1000
#define BYTES_MAX (3 * JIRA_BODY_MAX + 1) /* more bytes are more units: three at most are one */
#define DEPTH_MAX 20 /* of documents that others wrote */

/* --- for both forms ------------------------------------------------------------------------ */

char *jira_markup_text(const char *clean, size_t max)
{
	const char *at = clean;
	struct str out;

	for (size_t count = 0; count < max && *at != '\0'; count++)
		(void)utf8_next(&at);
	if (*at == '\0')
		return mem_copy_string(clean);
	str_init(&out, SIZE_MAX / 2);
	str_add_bytes(&out, clean, (size_t)(at - clean));
	str_addf(&out, "… (%zu more characters not shown)", utf8_count(at));
	return str_take(&out);
}

void jira_markup_rest(struct str *out, size_t parts)
{
	str_addf(out, "… (%zu more parts not shown)", parts);
}

void jira_markup_time(struct str *out, int64_t wall_ms)
{
	char iso[CLOCK_TEXT_SIZE];

	clock_format_iso(wall_ms, iso);
	str_addf(out, "%.10s %.8s UTC", iso, iso + 11);
}

bool jira_markup_is_link(const char *url)
{
	return str_starts(url, "https://") || str_starts(url, "http://");
}

void jira_markup_url(struct str *out, const char *url)
{
	for (; *url != '\0'; url++) {
		unsigned char c = (unsigned char)*url;

		if (c <= ' ' || c >= 0x7F || strchr("[]{}|\\^\"<>!", c) != NULL)
			str_addf(out, "%%%02X", c);
		else
			str_add_char(out, *url);
	}
}

/* --- cleaning ------------------------------------------------------------------------------ */

static void copy_span(struct message *to, struct message_line *line, const struct message_span *span)
{
	bool one_line = span->type == SPAN_CODE || span->type == SPAN_LINK;
	char *clean = utf8_clean(span->text, one_line);

	if (span->type == SPAN_LINK && *clean == '\0') {
		free(clean);
		clean = utf8_clean(span->url, true);
	}
	switch (span->type) {
	case SPAN_TEXT:
		message_say(to, line, "%s", clean);
		break;
	case SPAN_BOLD:
		message_bold(to, line, clean);
		break;
	case SPAN_CODE:
		message_inline_code(to, line, clean);
		break;
	case SPAN_TIME:
		message_time(to, line, span->wall_ms);
		break;
	case SPAN_LINK:
		message_link(to, line, span->url, clean);
		break;
	case SPAN_PERSON: /* the chat's ids mean nobody here */
		message_say(to, line, "@%s", clean);
		break;
	}
	free(clean);
}

static void copy_line(struct message *to, struct message_line *line, const struct message_line *from)
{
	for (const struct message_span *span = from->first; span != NULL; span = span->next)
		copy_span(to, line, span);
}

static void copy_part(struct message *to, const struct message_part *part)
{
	char *clean;

	switch (part->type) {
	case PART_FIELD:
		clean = utf8_clean(part->name, true);
		copy_line(to, message_field(to, clean), &part->line);
		free(clean);
		break;
	case PART_TEXT:
		copy_line(to, message_paragraph(to), &part->line);
		break;
	case PART_CONTEXT:
		copy_line(to, message_context(to), &part->line);
		break;
	case PART_MARKDOWN:
	case PART_CODE:
		clean = utf8_clean(part->code, false);
		message_code(to, clean);
		free(clean);
		break;
	case PART_ACTION: /* there is nothing to click in Jira */
	case PART_IMAGE:  /* the chat's pictures are its own */
		break;
	}
}

/* The same message with clean texts and without its buttons; its headline is always set. */
static void copy_clean(struct message *to, const struct message *from)
{
	char *clean = utf8_clean(from->headline == NULL ? from->text : from->headline, false);

	message_init(to, from->tone);
	message_headline(to, "%s", clean);
	free(clean);
	for (const struct message_part *part = from->first; part != NULL; part = part->next)
		copy_part(to, part);
}

/* --- fitting ------------------------------------------------------------------------------- */

struct fitting {
	jira_markup_fn *write;
	const struct message *message;
	const char *mark;
	struct jira_cut cut;
	struct str out;
};

static bool fits(struct fitting *fit)
{
	str_clear(&fit->out);
	fit->write(&fit->out, fit->message, fit->mark, &fit->cut);
	return !fit->out.cut && utf8_units(fit->out.text) <= JIRA_BODY_MAX;
}

/* The largest *limit with which everything fits, at least 0. True when one was found. */
static bool shrink(struct fitting *fit, size_t *limit)
{
	size_t low = 0, high = *limit; /* high does not fit */

	*limit = 0;
	if (!fits(fit))
		return false;
	while (high - low > 1) {
		*limit = low + (high - low) / 2;
		if (fits(fit))
			low = *limit;
		else
			high = *limit;
	}
	*limit = low;
	return fits(fit);
}

static char *fit_body(jira_markup_fn *write, const struct message *message, const char *mark)
{
	struct message clean;
	struct fitting fit = {
		.write = write, .message = message == NULL ? NULL : &clean, .mark = mark,
		.cut = { .code = JIRA_BODY_MAX, .text = JIRA_BODY_MAX, .parts = PARTS_MAX },
	};

	message_init(&clean, TONE_NEUTRAL);
	if (message != NULL)
		copy_clean(&clean, message);
	str_init(&fit.out, BYTES_MAX);
	if (!fits(&fit) && !shrink(&fit, &fit.cut.code) && !shrink(&fit, &fit.cut.text))
		(void)shrink(&fit, &fit.cut.parts);
	message_free(&clean);
	return str_take(&fit.out);
}

static struct json_object *parse_own(char *text)
{
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);

	if (json == NULL)
		abort(); /* our own writing */
	free(text);
	return json;
}

struct json_object *jira_body_adf(const struct message *message, const char *mark)
{
	return parse_own(fit_body(jira_adf_write, message, mark));
}

char *jira_body_wiki(const struct message *message, const char *mark)
{
	return fit_body(jira_wiki_write, message, mark);
}

struct json_object *jira_body_adf_text(const char *text)
{
	struct message message;
	struct json_object *json;

	message_init(&message, TONE_NEUTRAL);
	message_say(&message, message_paragraph(&message), "%s", text);
	json = jira_body_adf(&message, NULL);
	message_free(&message);
	return json;
}

struct json_object *jira_body_marked(struct json_object *body, const char *mark)
{
	struct json_object *last;
	struct str text;

	if (!json_is_string(body)) {
		last = jira_body_adf(NULL, mark);
		json_append(json_get(body, "content"), json_keep(json_get(last, "content[0]")));
		json_free(last);
		return body;
	}
	str_init(&text, SIZE_MAX / 2);
	str_addf(&text, "%s\n\n" JIRA_MARK_WORD " %s", json_string(body, ""), mark);
	json_free(body);
	body = json_new_string(text.text);
	str_free(&text);
	return body;
}

/* --- reading ------------------------------------------------------------------------------- */

static void add_words(struct str *out, struct json_object *node, unsigned depth)
{
	const char *text = json_string(node, "text");
	struct json_object *content = json_get(node, "content");

	if (depth > DEPTH_MAX)
		return;
	if (text != NULL)
		str_add(out, text);
	for (size_t i = 0; i < json_count(content); i++)
		add_words(out, json_at(content, i), depth + 1);
	if (text == NULL)
		str_add_char(out, '\n'); /* the end of a block, or a hardBreak */
}

char *jira_body_words(struct json_object *body)
{
	struct str out;

	str_init(&out, (size_t)1 << 20);
	if (json_is_string(body))
		str_add(&out, json_string(body, ""));
	else
		add_words(&out, body, 0);
	return str_take(&out);
}

static bool goes_on(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool jira_body_has_mark(const char *words, const char *mark)
{
	char line[128];
	size_t length = (size_t)snprintf(line, sizeof(line), JIRA_MARK_WORD " %.100s", mark);

	for (const char *at = strstr(words, line); at != NULL; at = strstr(at + 1, line))
		if (!goes_on(at[length]))
			return true;
	return false;
}
