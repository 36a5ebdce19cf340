#include "adapters/slack/blocks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/blocks_private.h"
#include "adapters/slack/fallback.h"
#include "adapters/slack/text.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define CONTEXTS_MAX 5 /* kept free for small print */
#define DATE_FORMAT "{date_short_pretty} {time_secs}"
/* Strings that come with every text element but are not its text; a generous guess. */
#define ELEMENT_COST 16
#define TIME_COST 80
#define CUT_NOTE_MAX 64
#define CONTEXT_KEPT 400

void slack_block_spend(struct slack_builder *b, size_t bytes)
{
	b->bytes_left = slack_minus(b->bytes_left, bytes);
}

struct json_object *slack_block_new(const char *type)
{
	struct json_object *object = json_new_object();

	json_put_string(object, "type", type);
	return object;
}

void slack_block_add(struct slack_builder *b, struct json_object *list, struct json_object *block)
{
	json_append(list, block);
	b->blocks_left--;
}

struct json_object *slack_block_plain(struct slack_builder *b, const char *text, size_t max, size_t max_bytes)
{
	struct json_object *object = slack_block_new("plain_text");
	char *clean = utf8_clean(text, true);
	char *fit = slack_text_fit(clean, max, max_bytes);

	json_put_string(object, "text", fit[0] == '\0' ? " " : fit);
	json_put_bool(object, "emoji", false);
	slack_block_spend(b, strlen(fit));
	free(fit);
	free(clean);
	return object;
}

size_t slack_block_room(const struct slack_builder *b)
{
	return slack_minus(b->bytes_left, b->bytes_for_actions + b->bytes_for_contexts + b->bytes_for_pictures);
}

/* --- rich text ---------------------------------------------------------------------------- */

static void add_text(struct slack_builder *b, struct json_object *elements, const char *text, size_t max,
                     const char *style)
{
	struct json_object *element, *styles;
	char *clean, *fit;

	if (slack_block_room(b) <= ELEMENT_COST)
		return;
	clean = utf8_clean(text, false);
	fit = slack_text_fit(clean, max, slack_block_room(b) - ELEMENT_COST);
	if (fit[0] != '\0') {
		element = slack_block_new("text");
		json_put_string(element, "text", fit);
		if (style != NULL) {
			styles = json_new_object();
			json_put_bool(styles, style, true);
			json_put(element, "style", styles);
		}
		json_append(elements, element);
		slack_block_spend(b, strlen(fit) + ELEMENT_COST);
	}
	free(fit);
	free(clean);
}

static void format_utc(int64_t wall_ms, char out[CLOCK_TEXT_SIZE])
{
	char iso[CLOCK_TEXT_SIZE];

	clock_format_iso(wall_ms, iso);
	(void)snprintf(out, CLOCK_TEXT_SIZE, "%.10s %.8s UTC", iso, iso + 11);
}

static void add_time(struct slack_builder *b, struct json_object *elements, int64_t wall_ms)
{
	struct json_object *element;
	char utc[CLOCK_TEXT_SIZE];

	if (slack_block_room(b) < TIME_COST)
		return;
	element = slack_block_new("date");
	format_utc(wall_ms, utc);
	json_put_int(element, "timestamp", wall_ms / 1000);
	json_put_string(element, "format", DATE_FORMAT);
	json_put_string(element, "fallback", utc);
	json_append(elements, element);
	slack_block_spend(b, TIME_COST);
}

static bool has_good_scheme(const char *url)
{
	return str_starts(url, "https://") || str_starts(url, "http://127.0.0.1:") ||
	       str_starts(url, "http://localhost:");
}

static bool is_good_url(const char *url)
{
	return has_good_scheme(url) && strlen(url) <= SLACK_URL_MAX && str_utf8_valid(url, strlen(url)) &&
	       strpbrk(url, " \t\r\n<>|\"\\^`{}") == NULL;
}

static void add_link(struct slack_builder *b, struct json_object *elements, const struct message_span *span)
{
	struct json_object *element;
	char *clean, *fit;
	size_t cost = strlen(span->url) + ELEMENT_COST;

	if (!is_good_url(span->url) || slack_block_room(b) < cost + SLACK_BUTTON_TEXT_MAX) {
		add_text(b, elements, span->text, SLACK_PARAGRAPH_MAX, NULL);
		return;
	}
	clean = utf8_clean(span->text, true);
	fit = slack_text_fit(clean, SLACK_PARAGRAPH_MAX, slack_block_room(b) - cost);
	element = slack_block_new("link");
	json_put_string(element, "url", span->url);
	if (fit[0] != '\0')
		json_put_string(element, "text", fit);
	json_append(elements, element);
	slack_block_spend(b, cost + strlen(fit));
	free(fit);
	free(clean);
}

static void add_person(struct slack_builder *b, struct json_object *elements, const char *id)
{
	struct json_object *element;

	if (!slack_text_is_person(id)) {
		add_text(b, elements, id, SLACK_PERSON_MAX, NULL);
		return;
	}
	if (slack_block_room(b) <= SLACK_PERSON_MAX + ELEMENT_COST)
		return;
	element = slack_block_new("user");
	json_put_string(element, "user_id", id);
	json_append(elements, element);
	slack_block_spend(b, strlen(id) + ELEMENT_COST);
}

static void add_line(struct slack_builder *b, struct json_object *elements, const struct message_line *line)
{
	for (const struct message_span *span = line->first; span != NULL; span = span->next) {
		if (span->type == SPAN_TIME)
			add_time(b, elements, span->wall_ms);
		else if (span->type == SPAN_LINK)
			add_link(b, elements, span);
		else if (span->type == SPAN_PERSON)
			add_person(b, elements, span->text);
		else
			add_text(b, elements, span->text, SLACK_PARAGRAPH_MAX,
			         span->type == SPAN_BOLD ? "bold" : span->type == SPAN_CODE ? "code" : NULL);
	}
}

/* A block with one element that holds `elements` (taken over); nothing when they are none. */
static void add_rich(struct slack_builder *b, const char *type, struct json_object *elements)
{
	struct json_object *block, *outer, *inner;

	if (json_count(elements) == 0) {
		json_free(elements);
		return;
	}
	inner = slack_block_new(type);
	json_put(inner, "elements", elements);
	outer = json_new_array();
	json_append(outer, inner);
	block = slack_block_new("rich_text");
	json_put(block, "elements", outer);
	slack_block_add(b, b->blocks, block);
}

/* A run of fields shares one block: a line each, in the order given. Returns the last of the run. */
static const struct message_part *add_fields(struct slack_builder *b, const struct message_part *part)
{
	struct json_object *elements = json_new_array();

	for (;; part = part->next) {
		size_t before;

		if (json_count(elements) > 0)
			add_text(b, elements, "\n", 1, NULL);
		add_text(b, elements, part->name, SLACK_FIELD_NAME_MAX, "bold");
		add_text(b, elements, "  ", 2, NULL);
		before = json_count(elements);
		add_line(b, elements, &part->line);
		if (json_count(elements) == before)
			add_text(b, elements, "–", 1, NULL);
		if (slack_block_room(b) <= ELEMENT_COST && part->next != NULL && part->next->type == PART_FIELD)
			b->parts_cut++;
		if (part->next == NULL || part->next->type != PART_FIELD)
			break;
	}
	add_rich(b, "rich_text_section", elements);
	return part;
}

static void add_paragraph(struct slack_builder *b, const struct message_line *line)
{
	struct json_object *elements = json_new_array();

	add_line(b, elements, line);
	add_rich(b, "rich_text_section", elements);
}

static void add_code(struct slack_builder *b, const char *code)
{
	struct json_object *elements = json_new_array();

	add_text(b, elements, code, SLACK_CODE_MAX, NULL);
	add_rich(b, "rich_text_preformatted", elements);
}

/* --- small print --------------------------------------------------------------------------- */

static void add_mrkdwn_span(struct str *out, const struct message_span *span)
{
	char *clean, *escaped, utc[CLOCK_TEXT_SIZE];

	if (span->type == SPAN_TIME) {
		format_utc(span->wall_ms, utc);
		str_addf(out, "<!date^%lld^" DATE_FORMAT "|%s>", (long long)(span->wall_ms / 1000), utc);
		return;
	}
	if (span->type == SPAN_PERSON && slack_text_is_person(span->text)) {
		str_addf(out, "<@%s>", span->text);
		return;
	}
	clean = utf8_clean(span->text, true);
	escaped = slack_text_escape(clean, SLACK_CONTEXT_MAX / 4, SLACK_CONTEXT_MAX);
	if (span->type == SPAN_LINK && is_good_url(span->url) && strlen(span->url) < SLACK_CONTEXT_MAX / 4) {
		str_add(out, "<");
		for (const char *c = span->url; *c != '\0'; c++)
			str_add_bytes(out, *c == '&' ? "&amp;" : c, *c == '&' ? 5 : 1);
		str_addf(out, "|%s>", escaped);
	} else if (span->type == SPAN_BOLD && escaped[0] != '\0') {
		str_addf(out, "*%s*", escaped);
	} else if (span->type == SPAN_CODE && escaped[0] != '\0') {
		str_addf(out, "`%s`", escaped);
	} else {
		str_add(out, escaped);
	}
	free(escaped);
	free(clean);
}

static size_t left_for_context(const struct slack_builder *b)
{
	return slack_minus(b->bytes_left, b->bytes_for_actions + b->bytes_for_pictures);
}

/* Plain text where that is enough, since Slack leaves that alone; else mrkdwn. */
static struct json_object *new_context_element(struct slack_builder *b, const struct message_line *line)
{
	const struct message_span *only = line->first;
	size_t left = left_for_context(b);
	size_t max = slack_smaller(SLACK_CONTEXT_MAX, left < CUT_NOTE_MAX ? CUT_NOTE_MAX : left);
	struct json_object *element;
	struct str text, span_text;

	if (only == NULL || (only->next == NULL && only->type == SPAN_TEXT))
		return slack_block_plain(b, only == NULL ? "" : only->text, max, max);
	str_init(&text, max);
	str_init(&span_text, SLACK_CONTEXT_MAX * 2);
	for (const struct message_span *span = only; span != NULL; span = span->next) {
		str_clear(&span_text);
		add_mrkdwn_span(&span_text, span);
		/* A span is shown whole or not at all: half a link would be no link. */
		if (text.length + span_text.length > text.max - strlen("…")) {
			str_add(&text, "…");
			break;
		}
		str_add_bytes(&text, span_text.text, span_text.length);
	}
	element = slack_block_new("mrkdwn");
	json_put_string(element, "text", text.length == 0 ? " " : text.text);
	json_put_bool(element, "verbatim", true);
	slack_block_spend(b, text.length);
	str_free(&span_text);
	str_free(&text);
	return element;
}

static void add_context(struct slack_builder *b, struct json_object *list, const struct message_line *line)
{
	struct json_object *elements = json_new_array();
	struct json_object *block = slack_block_new("context");

	json_append(elements, new_context_element(b, line));
	json_put(block, "elements", elements);
	slack_block_add(b, list, block);
	b->bytes_for_contexts = slack_minus(b->bytes_for_contexts, CONTEXT_KEPT);
}

/* --- the whole ---------------------------------------------------------------------------- */

static void keep_room(struct slack_builder *b, const struct message *message)
{
	size_t contexts = 0, pictures = 0;

	for (const struct message_part *part = message->first; part != NULL; part = part->next) {
		if (part->type == PART_ACTION) {
			b->bytes_for_actions += slack_button_cost(part);
			b->blocks_kept++;
		} else if (part->type == PART_IMAGE && slack_picture_cost(part) > 0 && pictures < SLACK_PICTURES_MAX) {
			b->bytes_for_pictures += slack_picture_cost(part);
			b->last_body = part;
			pictures++;
		} else if (part->type == PART_CONTEXT) {
			contexts++;
		} else {
			b->last_body = part;
		}
	}
	contexts = slack_smaller(contexts, CONTEXTS_MAX);
	b->blocks_kept = slack_smaller(b->blocks_kept, SLACK_BLOCKS_MAX / 2) + contexts + pictures;
	b->bytes_for_actions = slack_smaller(b->bytes_for_actions, b->bytes_left / 2);
	b->bytes_for_contexts = contexts * CONTEXT_KEPT + CUT_NOTE_MAX;
}

static const struct message_part *add_body(struct slack_builder *b, const struct message_part *part)
{
	if (b->blocks_left <= b->blocks_kept + 1 || slack_block_room(b) <= ELEMENT_COST) {
		b->parts_cut++;
		return part;
	}
	if (part->type == PART_FIELD)
		return add_fields(b, part);
	if (part->type == PART_MARKDOWN)
		slack_markdown_add(b, part->code);
	else if (part->type == PART_CODE)
		add_code(b, part->code);
	else
		add_paragraph(b, &part->line);
	return part;
}

static void add_parts(struct slack_builder *b, const struct message *message)
{
	bool past_body = b->last_body == NULL;

	for (const struct message_part *part = message->first; part != NULL; part = part->next) {
		const struct message_part *first = part;

		if (part->type == PART_ACTION)
			part = slack_buttons_add(b, part);
		else if (part->type == PART_IMAGE)
			slack_picture_add(b, part);
		else if (part->type != PART_CONTEXT)
			part = add_body(b, part);
		else if (b->blocks_left < 2 || left_for_context(b) < CONTEXT_KEPT)
			b->parts_cut++;
		else
			add_context(b, past_body && b->bar != NULL ? b->bar : b->blocks, &part->line);
		for (; first != part->next && !past_body; first = first->next)
			past_body = first == b->last_body;
	}
}

static void add_headline(struct slack_builder *b, const char *headline)
{
	struct json_object *header = slack_block_new("header");
	struct message_span whole = { .type = SPAN_BOLD, .text = headline };

	json_put(header, "text", slack_block_plain(b, headline, SLACK_HEADER_MAX, SLACK_HEADER_MAX * 3));
	slack_block_add(b, b->blocks, header);
	if (utf8_units(headline) > SLACK_HEADER_MAX)
		add_paragraph(b, &(struct message_line){ &whole, &whole });
}

static void add_cut_note(struct slack_builder *b)
{
	struct message_span span = { .type = SPAN_TEXT };
	char text[CUT_NOTE_MAX];

	if (b->parts_cut == 0 || b->blocks_left == 0)
		return;
	(void)snprintf(text, sizeof(text), "… (%zu more parts not shown)", b->parts_cut);
	span.text = text;
	add_context(b, b->blocks, &(struct message_line){ &span, &span });
}

/* The palette that people know from other on-call tools. Colour only repeats the state word. */
static const char *colour(enum message_tone tone)
{
	switch (tone) {
	case TONE_FIRING:
		return "#a30200";
	case TONE_NO_DATA:
	case TONE_WARNING:
		return "#e8b71a";
	case TONE_ACKNOWLEDGED:
		return "#daa038";
	case TONE_RESOLVED:
		return "#2eb886";
	case TONE_SILENCED:
		return "#dddddd";
	case TONE_NEUTRAL:
		break;
	}
	return NULL;
}

/* Clients may fold an attachment: it holds small print only, and it is what carries the colour. */
static void finish_bar(struct slack_content *content, struct json_object *bar, const struct message *message)
{
	struct json_object *attachment;

	if (bar == NULL || json_count(bar) == 0) {
		json_free(bar);
		return;
	}
	attachment = json_new_object();
	json_put_string(attachment, "color", colour(message->tone));
	json_put(attachment, "blocks", bar);
	json_append(content->attachments, attachment);
}

void slack_content_make(struct slack_content *content, const struct message *message)
{
	slack_content_make_below(content, message, SLACK_CONTENT_MAX);
}

void slack_content_make_below(struct slack_content *content, const struct message *message, size_t most)
{
	/* One block is the text above, where there is one. */
	struct slack_builder b = { .blocks = json_new_array(), .bytes_left = most,
		.blocks_left = most < SLACK_CONTENT_MAX ? SLACK_BLOCKS_MAX - 1 : SLACK_BLOCKS_MAX };
	const char *headline = message->headline == NULL ? "" : message->headline;
	const char *text = message->text == NULL ? "" : message->text;

	content->plain = slack_fallback_plain(message);
	content->text = slack_fallback_text(message);
	if (colour(message->tone) != NULL)
		b.bar = json_new_array();
	keep_room(&b, message);
	if (headline[0] != '\0')
		add_headline(&b, headline);
	if (headline[0] == '\0' && b.last_body == NULL && text[0] != '\0') {
		struct message_span span = { .type = SPAN_TEXT, .text = text };

		add_paragraph(&b, &(struct message_line){ &span, &span });
	}
	add_parts(&b, message);
	add_cut_note(&b);
	content->blocks = b.blocks;
	content->without_pictures = slack_pictures_replace(b.blocks);
	content->attachments = json_new_array();
	finish_bar(content, b.bar, message);
}

void slack_content_free(struct slack_content *content)
{
	if (content == NULL)
		return;
	free(content->text);
	free(content->plain);
	json_free(content->blocks);
	json_free(content->without_pictures);
	json_free(content->attachments);
	*content = (struct slack_content){ 0 };
}
