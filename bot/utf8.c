#include "bot/utf8.h"

#include "bot/mem.h"
#include "bot/str.h"

#define REPLACEMENT 0xFFFDu
#define ESCAPE 0x1Bu
#define ELLIPSIS "…"

uint32_t utf8_next(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = *p;
	unsigned count = c < 0x80 ? 1 : c < 0xC0 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF8 ? 4 : 0;

	*text += 1;
	if (count == 1)
		return c;
	if (count == 0)
		return REPLACEMENT;
	c &= 0x7Fu >> count;
	for (unsigned i = 1; i < count; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (c < least[count] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return REPLACEMENT;
	*text += count - 1;
	return c;
}

void utf8_add(struct str *out, uint32_t c)
{
	char bytes[4];
	size_t count = 0;

	if (c < 0x80) {
		bytes[count++] = (char)c;
	} else if (c < 0x800) {
		bytes[count++] = (char)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		bytes[count++] = (char)(0xE0 | c >> 12);
		bytes[count++] = (char)(0x80 | (c >> 6 & 0x3F));
	} else {
		bytes[count++] = (char)(0xF0 | c >> 18);
		bytes[count++] = (char)(0x80 | (c >> 12 & 0x3F));
		bytes[count++] = (char)(0x80 | (c >> 6 & 0x3F));
	}
	if (c >= 0x80)
		bytes[count++] = (char)(0x80 | (c & 0x3F));
	str_add_bytes(out, bytes, count);
}

size_t utf8_count(const char *clean)
{
	size_t count = 0;

	for (; *clean != '\0'; clean++)
		count += ((unsigned char)*clean & 0xC0) != 0x80;
	return count;
}

size_t utf8_units_of(uint32_t c)
{
	return c >= 0x10000 ? 2 : 1;
}

size_t utf8_units(const char *text)
{
	size_t units = 0;

	while (*text != '\0')
		units += utf8_units_of(utf8_next(&text));
	return units;
}

bool utf8_hidden(uint32_t c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C ||
	       c == 0x115F || c == 0x1160 || c == 0x180E || c == 0x200B || c == 0x200E || c == 0x200F ||
	       (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0x3164 || c == 0xFEFF ||
	       c == 0xFFA0 || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF) ||
	       (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

/* Bytes at text that need no thought. */
static size_t plain_run(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] < 0x7F)
		length++;
	return length;
}

/* Where a terminal's escape sequence ends, from behind its ESC (ECMA-35 and -48: CSI; OSC up to BEL
 * or the next ESC; others). A lone ESC skips nothing. */
static const char *after_escape(const char *text)
{
	if (*text == ']') {
		while (*text >= ' ')
			text++;
		return *text == '\a' ? text + 1 : text;
	}
	if (*text == '[')
		for (text++; *text >= '0' && *text <= '?'; text++)
			;
	while (*text >= ' ' && *text <= '/')
		text++;
	return *text >= '0' && *text <= '~' ? text + 1 : text;
}

char *utf8_clean(const char *text, bool one_line)
{
	struct str out;

	str_init(&out, SIZE_MAX / 2);
	while (text != NULL && *text != '\0') {
		size_t plain = plain_run(text);
		uint32_t c;

		str_add_bytes(&out, text, plain);
		text += plain;
		if (*text == '\0')
			break;
		c = utf8_next(&text);
		if (c == ESCAPE)
			text = after_escape(text);
		if (c == '\r' && *text == '\n')
			continue;
		if (c == '\r' || c == 0x2028 || c == 0x2029)
			c = '\n';
		if (utf8_hidden(c))
			continue;
		if (one_line && (c == '\n' || c == '\t'))
			c = ' ';
		utf8_add(&out, c);
	}
	return str_take(&out);
}

char *utf8_shorten(const char *clean, size_t max_units)
{
	const char *at = clean, *cut = clean;
	size_t units = 0;
	struct str out;

	while (*at != '\0' && units <= max_units) {
		if (units < max_units) /* the ellipsis would still fit here */
			cut = at;
		units += utf8_units_of(utf8_next(&at));
	}
	if (units <= max_units)
		return mem_copy_string(clean);
	str_init(&out, SIZE_MAX / 2);
	str_add_bytes(&out, clean, (size_t)(cut - clean));
	str_add(&out, ELLIPSIS);
	return str_take(&out);
}
