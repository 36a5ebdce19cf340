#include "adapters/slack/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define ROOM_FOR_COUNT 200 /* below so many units a cut is marked by "…" alone */
#define NOTE_SIZE 64

/* Belongs to the character before it. */
static bool is_modifier(uint32_t c)
{
	return c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x1F3FB && c <= 0x1F3FF) ||
	       (c >= 0x300 && c <= 0x36F) || c == 0x20E3;
}

static bool is_word(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static bool is_blank(uint32_t c)
{
	return c == 0 || c == ' ' || c == '\n' || c == '\t';
}

/* A character that mrkdwn would act on between these neighbours, as one that it does not. */
static uint32_t disarm(uint32_t before, uint32_t c, uint32_t after)
{
	if (c == '`')
		return 0x2CB;
	if (c == '>' && (before == 0 || before == '\n'))
		return 0x203A;
	if (c != '*' && c != '_' && c != '~')
		return c;
	if ((is_word(before) && is_word(after)) || (is_blank(before) && is_blank(after)))
		return c;
	return c == '*' ? 0x2217 : c == '_' ? 0x2CD : 0x223C;
}

static const char *entity(uint32_t c)
{
	return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
}

static void add_escaped(struct str *out, uint32_t before, uint32_t c, uint32_t after)
{
	c = disarm(before, c, after);
	if (entity(c) != NULL)
		str_add(out, entity(c));
	else
		utf8_add(out, c);
}

static uint32_t peek_char(const char *text)
{
	return *text == '\0' ? 0 : utf8_next(&text);
}

/* What a walk over a text has written so far, and where it could have stopped. */
struct fit {
	struct str out;
	size_t units;
	size_t cut_length; /* of out, at the last place where the note would still have fitted */
	const char *cut_at;
};

static void fit_walk(struct fit *fit, const char *text, size_t max_units, size_t max_bytes, bool escape)
{
	size_t note = max_units < ROOM_FOR_COUNT ? 1 : NOTE_SIZE;
	size_t note_bytes = max_units < ROOM_FOR_COUNT ? 3 : NOTE_SIZE;
	uint32_t before = 0;

	fit->cut_at = text;
	while (*text != '\0') {
		const char *at = text;
		size_t length = fit->out.length;
		uint32_t c = utf8_next(&text);

		if (!is_modifier(c) && before != 0x200D && fit->units + note <= max_units &&
		    length + note_bytes <= max_bytes) {
			fit->cut_length = length;
			fit->cut_at = at;
		}
		if (escape)
			add_escaped(&fit->out, before, c, peek_char(text));
		else
			utf8_add(&fit->out, c);
		/* Only entities are longer than their character, and they are ASCII. */
		fit->units += escape && entity(c) != NULL ? fit->out.length - length : utf8_units_of(c);
		before = c;
		if (fit->units > max_units || fit->out.length > max_bytes)
			return;
	}
	fit->cut_at = NULL;
}

static char *fit_text(const char *clean, size_t max_units, size_t max_bytes, bool escape)
{
	struct fit fit = { 0 };
	size_t length = strlen(clean);

	if (!escape && length <= max_units && length <= max_bytes) /* never more units than bytes */
		return mem_copy_bytes(clean, length);
	str_init(&fit.out, SIZE_MAX / 2);
	fit_walk(&fit, clean, max_units, max_bytes, escape);
	if (fit.cut_at == NULL)
		return str_take(&fit.out);
	fit.out.length = fit.cut_length;
	fit.out.text[fit.cut_length] = '\0';
	if (max_bytes < 3 || max_units < 1)
		return str_take(&fit.out);
	str_add(&fit.out, "…");
	if (max_units >= ROOM_FOR_COUNT && max_bytes >= NOTE_SIZE)
		str_addf(&fit.out, " (%zu more characters not shown)", utf8_count(fit.cut_at));
	return str_take(&fit.out);
}

char *slack_text_fit(const char *clean, size_t max_units, size_t max_bytes)
{
	return fit_text(clean, max_units, max_bytes, false);
}

char *slack_text_escape(const char *clean, size_t max_units, size_t max_bytes)
{
	return fit_text(clean, max_units, max_bytes, true);
}

/* The id of "<@U1>" or "<@U1|name>" at text, its length in *length; NULL when it is none. */
static const char *mention_at(const char *text, size_t *length)
{
	if (text[0] != '<' || text[1] != '@')
		return NULL;
	*length = strspn(text + 2, ID_CHARACTERS);
	return *length > 0 && (text[2 + *length] == '>' || text[2 + *length] == '|') ? text + 2 : NULL;
}

static bool mentions_at(const char *text, const char *me)
{
	size_t length;
	const char *id = mention_at(text, &length);

	return me != NULL && id != NULL && strlen(me) == length && memcmp(id, me, length) == 0;
}

bool slack_text_mentions(const char *text, const char *me)
{
	for (const char *at = text; at != NULL; at = strchr(at + 1, '<')) {
		if (mentions_at(at, me))
			return true;
		if (*at == '\0')
			break;
	}
	return false;
}

static void add_decoded(struct str *out, const char *text, size_t length)
{
	static const struct {
		const char *entity, *text;
	} table[] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" } };

	for (size_t i = 0; i < length;) {
		size_t step = 1;

		for (size_t k = 0; text[i] == '&' && k < sizeof(table) / sizeof(table[0]); k++) {
			size_t size = strlen(table[k].entity);

			if (size <= length - i && memcmp(text + i, table[k].entity, size) == 0) {
				str_add(out, table[k].text);
				step = size;
				break;
			}
		}
		if (step == 1)
			str_add_char(out, text[i]);
		i += step;
	}
}

/* Slack makes links of words: "<http://host.example|host.example>" was typed "host.example". */
static bool label_is_typed(const char *url, size_t url_length, const char *label, size_t label_length)
{
	static const char *const schemes[] = { "http://", "https://", "mailto:", "tel:" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t size = strlen(schemes[i]);

		if (url_length == size + label_length && memcmp(url, schemes[i], size) == 0 &&
		    memcmp(url + size, label, label_length) == 0)
			return true;
	}
	return false;
}

/* One "<...>"; inner does not hold the brackets. */
static void add_bracket(struct str *out, const char *inner, size_t length)
{
	const char *bar = memchr(inner, '|', length);
	size_t first = bar == NULL ? length : (size_t)(bar - inner);

	if (length > 0 && (inner[0] == '@' || inner[0] == '#' || inner[0] == '!')) {
		str_add_char(out, '<');
		add_decoded(out, inner, first);
		str_add_char(out, '>');
	} else if (bar != NULL && label_is_typed(inner, first, bar + 1, length - first - 1)) {
		add_decoded(out, bar + 1, length - first - 1);
	} else {
		add_decoded(out, inner, first);
	}
}

static char *trimmed(struct str *s)
{
	size_t start = strspn(s->text, " \t\r\n");
	size_t end = s->length;
	char *text;

	while (end > start && strchr(" \t\r\n", s->text[end - 1]) != NULL)
		end--;
	text = mem_copy_bytes(s->text + start, end - start);
	str_free(s);
	return text;
}

char *slack_text_typed(const char *text, const char *me)
{
	struct str out;

	str_init(&out, SIZE_MAX / 2);
	while (text != NULL && *text != '\0') {
		/* Slack escapes brackets inside brackets: the next one ends this or begins another. */
		size_t plain = strcspn(text + 1, *text == '<' ? "<>" : "<") + 1;
		const char *end = *text == '<' && text[plain] == '>' ? text + plain : NULL;

		if (end == NULL) {
			add_decoded(&out, text, plain);
			text += plain;
			continue;
		}
		if (!mentions_at(text, me))
			add_bracket(&out, text + 1, (size_t)(end - text - 1));
		else if (out.length == 0 || out.text[out.length - 1] == ' ')
			end += strspn(end + 1, " ");
		text = end + 1;
	}
	return trimmed(&out);
}

bool slack_text_is_person(const char *id)
{
	return (id[0] == 'U' || id[0] == 'W') && id[1] != '\0' && strlen(id) <= SLACK_PERSON_MAX &&
	       strspn(id, ID_CHARACTERS) == strlen(id);
}

bool slack_text_is_file(const char *id)
{
	size_t length = strlen(id);

	return id[0] == 'F' && length >= 9 && length <= SLACK_FILE_MAX && strspn(id, ID_CHARACTERS) == length;
}
