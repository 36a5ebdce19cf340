#include "adapters/slack/blocks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* A message on its way to JSON. What later parts need is kept free for them. */
struct builder {
	struct json_object *blocks, *bar; /* bar: the blocks of the attachment, or NULL */
	const struct message_part *last_body;
	size_t bytes_left, bytes_for_actions, bytes_for_contexts;
	size_t blocks_left, blocks_kept;
	size_t parts_cut;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t minus(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

static size_t room(const struct builder *b)
{
	return minus(b->bytes_left, b->bytes_for_actions + b->bytes_for_contexts);
}

static void spend(struct builder *b, size_t bytes)
{
	b->bytes_left = minus(b->bytes_left, bytes);
}

static struct json_object *new_typed(const char *type)
{
	struct json_object *object = json_new_object();

	json_put_string(object, "type", type);
	return object;
}

static void add_block(struct builder *b, struct json_object *list, struct json_object *block)
{
	json_append(list, block);
	b->blocks_left--;
}

static struct json_object *new_plain(struct builder *b, const char *text, size_t max, size_t max_bytes)
{
	struct json_object *object = new_typed("plain_text");
	char *clean = utf8_clean(text, true);
	char *fit = slack_text_fit(clean, max, max_bytes);

	json_put_string(object, "text", fit[0] == '\0' ? " " : fit);
	json_put_bool(object, "emoji", false);
	spend(b, strlen(fit));
	free(fit);
	free(clean);
	return object;
}

/* --- rich text ---------------------------------------------------------------------------- */

static void add_text(struct builder *b, struct json_object *elements, const char *text, size_t max,
                     const char *style)
{
	struct json_object *element, *styles;
	char *clean, *fit;

	if (room(b) <= ELEMENT_COST)
		return;
	clean = utf8_clean(text, false);
	fit = slack_text_fit(clean, max, room(b) - ELEMENT_COST);
	if (fit[0] != '\0') {
		element = new_typed("text");
		json_put_string(element, "text", fit);
		if (style != NULL) {
			styles = json_new_object();
			json_put_bool(styles, style, true);
			json_put(element, "style", styles);
		}
		json_append(elements, element);
		spend(b, strlen(fit) + ELEMENT_COST);
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

static void add_time(struct builder *b, struct json_object *elements, int64_t wall_ms)
{
	struct json_object *element;
	char utc[CLOCK_TEXT_SIZE];

	if (room(b) < TIME_COST)
		return;
	element = new_typed("date");
	format_utc(wall_ms, utc);
	json_put_int(element, "timestamp", wall_ms / 1000);
	json_put_string(element, "format", DATE_FORMAT);
	json_put_string(element, "fallback", utc);
	json_append(elements, element);
	spend(b, TIME_COST);
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

static void add_link(struct builder *b, struct json_object *elements, const struct message_span *span)
{
	struct json_object *element;
	char *clean, *fit;
	size_t cost = strlen(span->url) + ELEMENT_COST;

	if (!is_good_url(span->url) || room(b) < cost + SLACK_BUTTON_TEXT_MAX) {
		add_text(b, elements, span->text, SLACK_PARAGRAPH_MAX, NULL);
		return;
	}
	clean = utf8_clean(span->text, true);
	fit = slack_text_fit(clean, SLACK_PARAGRAPH_MAX, room(b) - cost);
	element = new_typed("link");
	json_put_string(element, "url", span->url);
	if (fit[0] != '\0')
		json_put_string(element, "text", fit);
	json_append(elements, element);
	spend(b, cost + strlen(fit));
	free(fit);
	free(clean);
}

static void add_person(struct builder *b, struct json_object *elements, const char *id)
{
	struct json_object *element;

	if (!slack_text_is_person(id)) {
		add_text(b, elements, id, SLACK_PERSON_MAX, NULL);
		return;
	}
	if (room(b) <= SLACK_PERSON_MAX + ELEMENT_COST)
		return;
	element = new_typed("user");
	json_put_string(element, "user_id", id);
	json_append(elements, element);
	spend(b, strlen(id) + ELEMENT_COST);
}

static void add_line(struct builder *b, struct json_object *elements, const struct message_line *line)
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
static void add_rich(struct builder *b, const char *type, struct json_object *elements)
{
	struct json_object *block, *outer, *inner;

	if (json_count(elements) == 0) {
		json_free(elements);
		return;
	}
	inner = new_typed(type);
	json_put(inner, "elements", elements);
	outer = json_new_array();
	json_append(outer, inner);
	block = new_typed("rich_text");
	json_put(block, "elements", outer);
	add_block(b, b->blocks, block);
}

/* A run of fields shares one block: a line each, in the order given. Returns the last of the run. */
static const struct message_part *add_fields(struct builder *b, const struct message_part *part)
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
		if (room(b) <= ELEMENT_COST && part->next != NULL && part->next->type == PART_FIELD)
			b->parts_cut++;
		if (part->next == NULL || part->next->type != PART_FIELD)
			break;
	}
	add_rich(b, "rich_text_section", elements);
	return part;
}

static void add_paragraph(struct builder *b, const struct message_line *line)
{
	struct json_object *elements = json_new_array();

	add_line(b, elements, line);
	add_rich(b, "rich_text_section", elements);
}

static void add_code(struct builder *b, const char *code)
{
	struct json_object *elements = json_new_array();

	add_text(b, elements, code, SLACK_CODE_MAX, NULL);
	add_rich(b, "rich_text_preformatted", elements);
}

/* --- small print and buttons -------------------------------------------------------------- */

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

/* Plain text where that is enough, since Slack leaves that alone; else mrkdwn. */
static struct json_object *new_context_element(struct builder *b, const struct message_line *line)
{
	const struct message_span *only = line->first;
	size_t left = minus(b->bytes_left, b->bytes_for_actions);
	size_t max = smaller(SLACK_CONTEXT_MAX, left < CUT_NOTE_MAX ? CUT_NOTE_MAX : left);
	struct json_object *element;
	struct str text, span_text;

	if (only == NULL || (only->next == NULL && only->type == SPAN_TEXT))
		return new_plain(b, only == NULL ? "" : only->text, max, max);
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
	element = new_typed("mrkdwn");
	json_put_string(element, "text", text.length == 0 ? " " : text.text);
	json_put_bool(element, "verbatim", true);
	spend(b, text.length);
	str_free(&span_text);
	str_free(&text);
	return element;
}

static void add_context(struct builder *b, struct json_object *list, const struct message_line *line)
{
	struct json_object *elements = json_new_array();
	struct json_object *block = new_typed("context");

	json_append(elements, new_context_element(b, line));
	json_put(block, "elements", elements);
	add_block(b, list, block);
	b->bytes_for_contexts = minus(b->bytes_for_contexts, CONTEXT_KEPT);
}

static struct json_object *new_confirm(struct builder *b, const char *question, const char *label)
{
	struct json_object *confirm = json_new_object();

	json_put(confirm, "title", new_plain(b, "Are you sure?", 100, 100));
	json_put(confirm, "text", new_plain(b, question, SLACK_CONFIRM_TEXT_MAX, SLACK_CONFIRM_TEXT_MAX * 3));
	json_put(confirm, "confirm", new_plain(b, label, SLACK_CONFIRM_BUTTON_MAX, SLACK_CONFIRM_BUTTON_MAX * 3));
	json_put(confirm, "deny", new_plain(b, "Cancel", SLACK_CONFIRM_BUTTON_MAX, SLACK_CONFIRM_BUTTON_MAX * 3));
	return confirm;
}

static const char *label_of(const struct message_part *part)
{
	return part->line.first == NULL || part->line.first->text[0] == '\0' ? part->name : part->line.first->text;
}

static size_t action_cost(const struct message_part *part)
{
	size_t label = strlen(label_of(part));
	size_t cost = strlen(part->name) + strlen(part->value) + smaller(label, SLACK_BUTTON_TEXT_MAX * 3);

	if (part->confirm != NULL)
		cost += smaller(strlen(part->confirm), SLACK_CONFIRM_TEXT_MAX * 3) +
		        smaller(label, SLACK_CONFIRM_BUTTON_MAX * 3) + 32;
	return cost;
}

static bool is_token(const char *text, size_t max)
{
	size_t length = strlen(text);

	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			return false;
	return length <= max && str_utf8_valid(text, length);
}

/* A button whose id or value Slack would refuse or change would come back as something else. */
static bool action_is_valid(const struct message_part *part)
{
	return part->name[0] != '\0' && is_token(part->name, SLACK_ACTION_ID_MAX) &&
	       is_token(part->value, SLACK_BUTTON_VALUE_MAX);
}

static struct json_object *new_button(struct builder *b, const struct message_part *part)
{
	const char *label = label_of(part);
	struct json_object *button = new_typed("button");

	json_put(button, "text", new_plain(b, label, SLACK_BUTTON_TEXT_MAX, SLACK_BUTTON_TEXT_MAX * 3));
	json_put_string(button, "action_id", part->name);
	if (part->value[0] != '\0')
		json_put_string(button, "value", part->value);
	if (part->style != STYLE_PLAIN)
		json_put_string(button, "style", part->style == STYLE_PRIMARY ? "primary" : "danger");
	if (part->confirm != NULL)
		json_put(button, "confirm", new_confirm(b, part->confirm, label));
	spend(b, strlen(part->name) + strlen(part->value));
	return button;
}

/* An id must be unique within its block (Slack answers invalid_blocks otherwise). */
static bool fits_row(struct json_object *row, const char *id)
{
	if (json_count(row) >= SLACK_ACTIONS_MAX)
		return false;
	for (size_t i = 0; i < json_count(row); i++)
		if (strcmp(json_string(json_at(row, i), "action_id"), id) == 0)
			return false;
	return true;
}

static void add_row(struct builder *b, struct json_object *row)
{
	struct json_object *block;

	if (json_count(row) == 0) {
		json_free(row);
		return;
	}
	block = new_typed("actions");
	json_put(block, "elements", row);
	add_block(b, b->blocks, block);
}

static const struct message_part *add_actions(struct builder *b, const struct message_part *part)
{
	struct json_object *row = json_new_array();

	for (;; part = part->next) {
		if (action_is_valid(part))
			b->bytes_for_actions = minus(b->bytes_for_actions, action_cost(part));
		if (!action_is_valid(part) || action_cost(part) > b->bytes_left || b->blocks_left < 2) {
			log_event(LOG_ERROR, "slack.button_dropped", "action", part->name, NULL);
			b->parts_cut++;
		} else {
			if (!fits_row(row, part->name)) {
				add_row(b, row);
				row = json_new_array();
			}
			json_append(row, new_button(b, part));
		}
		if (part->next == NULL || part->next->type != PART_ACTION)
			break;
	}
	add_row(b, row);
	return part;
}

/* --- the whole ---------------------------------------------------------------------------- */

/* Buttons and small print come last but must not fall victim to a long text before them. */
static void keep_room(struct builder *b, const struct message *message)
{
	size_t contexts = 0;

	for (const struct message_part *part = message->first; part != NULL; part = part->next) {
		if (part->type == PART_ACTION) {
			b->bytes_for_actions += action_is_valid(part) ? action_cost(part) : 0;
			b->blocks_kept++;
		} else if (part->type == PART_CONTEXT) {
			contexts++;
		} else {
			b->last_body = part;
		}
	}
	contexts = smaller(contexts, CONTEXTS_MAX);
	b->blocks_kept = smaller(b->blocks_kept, SLACK_BLOCKS_MAX / 2) + contexts;
	b->bytes_for_actions = smaller(b->bytes_for_actions, SLACK_CONTENT_MAX / 2);
	b->bytes_for_contexts = contexts * CONTEXT_KEPT + CUT_NOTE_MAX;
}

static const struct message_part *add_body(struct builder *b, const struct message_part *part)
{
	if (b->blocks_left <= b->blocks_kept + 1 || room(b) <= ELEMENT_COST) {
		b->parts_cut++;
		return part;
	}
	if (part->type == PART_FIELD)
		return add_fields(b, part);
	if (part->type == PART_CODE)
		add_code(b, part->code);
	else
		add_paragraph(b, &part->line);
	return part;
}

static void add_parts(struct builder *b, const struct message *message)
{
	bool past_body = b->last_body == NULL;

	for (const struct message_part *part = message->first; part != NULL; part = part->next) {
		const struct message_part *first = part;

		if (part->type == PART_ACTION)
			part = add_actions(b, part);
		else if (part->type != PART_CONTEXT)
			part = add_body(b, part);
		else if (b->blocks_left < 2 || minus(b->bytes_left, b->bytes_for_actions) < CONTEXT_KEPT)
			b->parts_cut++;
		else
			add_context(b, past_body && b->bar != NULL ? b->bar : b->blocks, &part->line);
		for (; first != part->next && !past_body; first = first->next)
			past_body = first == b->last_body;
	}
}

static void add_headline(struct builder *b, const char *headline)
{
	struct json_object *header = new_typed("header");
	struct message_span whole = { .type = SPAN_BOLD, .text = headline };

	json_put(header, "text", new_plain(b, headline, SLACK_HEADER_MAX, SLACK_HEADER_MAX * 3));
	add_block(b, b->blocks, header);
	if (utf8_units(headline) > SLACK_HEADER_MAX)
		add_paragraph(b, &(struct message_line){ &whole, &whole });
}

static void add_cut_note(struct builder *b)
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
	struct builder b = { .blocks = json_new_array(), .bytes_left = SLACK_CONTENT_MAX,
		.blocks_left = SLACK_BLOCKS_MAX };
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
	json_free(content->attachments);
	*content = (struct slack_content){ 0 };
}
