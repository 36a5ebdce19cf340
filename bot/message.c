#include "bot/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/str.h"

/* Nothing that is said is longer; adapters cut far below. Keeps one runaway text from filling memory. */
#define TEXT_MAX (1u << 20)

static char *format_into(struct mem *mem, const char *format, va_list args)
{
	char *text = NULL;
	int length = vasprintf(&text, format, args);

	if (length < 0)
		mem_none_left();
	if ((size_t)length > TEXT_MAX)
		text[str_utf8_prefix(text, (size_t)length, TEXT_MAX)] = '\0';
	mem_adopt(mem, text);
	return text;
}

static char *copy_into(struct mem *mem, const char *text)
{
	size_t length;
	char *copy;

	if (text == NULL)
		text = "";
	length = strnlen(text, TEXT_MAX + 1);
	if (length > TEXT_MAX)
		length = str_utf8_prefix(text, length, TEXT_MAX);
	copy = mem_copy_bytes(text, length);
	mem_adopt(mem, copy);
	return copy;
}

void message_init(struct message *message, enum message_tone tone)
{
	*message = (struct message){ .tone = tone };
}

void message_free(struct message *message)
{
	if (message == NULL)
		return;
	mem_free_all(&message->mem);
	*message = (struct message){ 0 };
}

void message_headline(struct message *message, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message->headline = format_into(&message->mem, format, args);
	va_end(args);
}

void message_text(struct message *message, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message->text = format_into(&message->mem, format, args);
	va_end(args);
}

static struct message_part *add_part(struct message *message, enum message_part_type type)
{
	struct message_part *part = mem_zalloc(&message->mem, sizeof(*part));

	part->type = type;
	if (message->last == NULL)
		message->first = part;
	else
		message->last->next = part;
	message->last = part;
	return part;
}

struct message_line *message_field(struct message *message, const char *name)
{
	struct message_part *part = add_part(message, PART_FIELD);

	part->name = copy_into(&message->mem, name);
	return &part->line;
}

struct message_line *message_paragraph(struct message *message)
{
	return &add_part(message, PART_TEXT)->line;
}

struct message_line *message_context(struct message *message)
{
	return &add_part(message, PART_CONTEXT)->line;
}

void message_code(struct message *message, const char *text)
{
	add_part(message, PART_CODE)->code = copy_into(&message->mem, text);
}

void message_markdown(struct message *message, const char *markdown)
{
	add_part(message, PART_MARKDOWN)->code = copy_into(&message->mem, markdown);
}

static struct message_span *add_span(struct message *message, struct message_line *line,
                                     enum message_span_type type)
{
	struct message_span *span = mem_zalloc(&message->mem, sizeof(*span));

	span->type = type;
	if (line->last == NULL)
		line->first = span;
	else
		line->last->next = span;
	line->last = span;
	return span;
}

void message_action(struct message *message, const char *id, const char *label, const char *value,
                    enum message_style style, const char *confirm)
{
	struct message_part *part = add_part(message, PART_ACTION);

	part->name = copy_into(&message->mem, id);
	part->value = copy_into(&message->mem, value);
	part->style = style;
	part->confirm = confirm == NULL ? NULL : copy_into(&message->mem, confirm);
	add_span(message, &part->line, SPAN_TEXT)->text = copy_into(&message->mem, label);
}

void message_menu(struct message *message, const char *id, const char *label, const struct message_choice *choices,
                  size_t count, const char *confirm)
{
	struct message_choice *copies = mem_zalloc(&message->mem, count * sizeof(*copies));
	struct message_part *part = add_part(message, PART_ACTION);

	for (size_t i = 0; i < count; i++)
		copies[i] = (struct message_choice){
			.label = copy_into(&message->mem, choices[i].label),
			.value = copy_into(&message->mem, choices[i].value),
		};
	part->name = copy_into(&message->mem, id);
	part->value = "";
	part->confirm = confirm == NULL ? NULL : copy_into(&message->mem, confirm);
	part->choices = copies;
	part->choice_count = count;
	if (label != NULL)
		add_span(message, &part->line, SPAN_TEXT)->text = copy_into(&message->mem, label);
}

void message_image(struct message *message, const char *image, const char *title, const char *alt)
{
	struct message_part *part = add_part(message, PART_IMAGE);

	part->image = copy_into(&message->mem, image);
	part->name = title == NULL ? NULL : copy_into(&message->mem, title);
	part->alt = copy_into(&message->mem, alt);
}

void message_say(struct message *message, struct message_line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_span(message, line, SPAN_TEXT)->text = format_into(&message->mem, format, args);
	va_end(args);
}

void message_bold(struct message *message, struct message_line *line, const char *text)
{
	add_span(message, line, SPAN_BOLD)->text = copy_into(&message->mem, text);
}

void message_inline_code(struct message *message, struct message_line *line, const char *text)
{
	add_span(message, line, SPAN_CODE)->text = copy_into(&message->mem, text);
}

void message_time(struct message *message, struct message_line *line, int64_t wall_ms)
{
	add_span(message, line, SPAN_TIME)->wall_ms = wall_ms;
}

void message_link(struct message *message, struct message_line *line, const char *url, const char *label)
{
	struct message_span *span = add_span(message, line, SPAN_LINK);

	span->url = copy_into(&message->mem, url);
	span->text = copy_into(&message->mem, label);
}

void message_person(struct message *message, struct message_line *line, const char *id)
{
	add_span(message, line, SPAN_PERSON)->text = copy_into(&message->mem, id);
}

static void print_span(struct str *out, const struct message_span *span)
{
	char iso[CLOCK_TEXT_SIZE];

	switch (span->type) {
	case SPAN_TEXT:
	case SPAN_BOLD:
	case SPAN_CODE:
		str_add(out, span->text);
		break;
	case SPAN_TIME:
		clock_format_iso(span->wall_ms, iso);
		str_addf(out, "%.10s %.8s UTC", iso, iso + 11);
		break;
	case SPAN_LINK:
		str_addf(out, "%s (%s)", span->text, span->url);
		break;
	case SPAN_PERSON:
		str_addf(out, "@%s", span->text);
		break;
	}
}

static void print_line(struct str *out, const struct message_line *line)
{
	for (const struct message_span *span = line->first; span != NULL; span = span->next)
		print_span(out, span);
}

/* [Approve], [Silence…: 1 hour | 4 hours], [Mark as resolved] */
static void print_action(struct str *out, const struct message_part *part)
{
	str_add_char(out, '[');
	print_line(out, &part->line);
	for (size_t i = 0; i < part->choice_count; i++)
		str_addf(out, "%s%s", i > 0 ? " | " : part->line.first != NULL ? ": " : "", part->choices[i].label);
	str_add_char(out, ']');
}

static void print_part(struct str *out, const struct message_part *part)
{
	switch (part->type) {
	case PART_FIELD:
		str_addf(out, "%s: ", part->name);
		print_line(out, &part->line);
		break;
	case PART_TEXT:
	case PART_CONTEXT:
		print_line(out, &part->line);
		break;
	case PART_MARKDOWN:
	case PART_CODE:
		str_add(out, part->code);
		break;
	case PART_ACTION:
		print_action(out, part);
		break;
	case PART_IMAGE:
		str_addf(out, "[picture: %s]", part->alt);
		break;
	}
}

char *message_plain(const struct message *message)
{
	struct str out;
	enum message_part_type before = PART_TEXT;

	str_init(&out, TEXT_MAX);
	if (message->headline != NULL)
		str_add(&out, message->headline);
	else if (message->text != NULL)
		str_add(&out, message->text);
	for (const struct message_part *part = message->first; part != NULL; part = part->next) {
		bool same_row = part->type == PART_ACTION && before == PART_ACTION;

		if (out.length > 0)
			str_add_char(&out, same_row ? ' ' : '\n');
		print_part(&out, part);
		before = part->type;
	}
	return str_take(&out);
}
