/*
 * json_read.c - text into values, by RFC 8259 to the letter.
 *
 * The text is copied once, into the block of its values. Names, strings and numbers stay where they are in that
 * copy: an escape is never shorter than what it stands for, and the NUL at the end takes a byte that has been read.
 */
#include "bot/json.h"

#include <limits.h>
#include <string.h>

#include "bot/json_value.h"
#include "bot/str.h"

#define MAX_DEPTH 64
/* Room for values beside the text: what alarms need; more is found when it is needed. */
#define VALUES_A_BYTE 3
#define VALUES_AT_LEAST 256

struct reader {
	struct json_block *block;
	char *at, *end; /* in the copy, whose byte before the text is free and whose end is a NUL */
	unsigned depth;
	bool unique;   /* no name twice in an object */
	const char *why; /* literal */
};

static bool read_value(struct reader *r, struct json_object **value);

static bool refuse(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static void skip_blanks(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r')
		r->at++;
}

static bool take(struct reader *r, char wanted)
{
	skip_blanks(r);
	if (*r->at != wanted)
		return false;
	r->at++;
	return true;
}

/* --- strings --- */

static bool read_hex(struct reader *r, unsigned *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		char c = *r->at;
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') :
		                 c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 :
		                 c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;

		if (digit == 16)
			return refuse(r, "a \\u needs four hexadecimal digits");
		*value = *value << 4 | digit;
	}
	return true;
}

static char *add_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xC0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*out++ = (char)(0xE0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	} else {
		*out++ = (char)(0xF0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3F));
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	}
	return out;
}

/* After "\u". Half a surrogate pair alone becomes U+FFFD: shown, not refused. */
static bool read_unicode(struct reader *r, char **out)
{
	unsigned c, low;
	char *behind;

	if (!read_hex(r, &c))
		return false;
	behind = r->at;
	if (c >= 0xD800 && c < 0xDC00 && r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u') {
		r->at += 2;
		if (!read_hex(r, &low))
			return false;
		if (low >= 0xDC00 && low < 0xE000)
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		else
			r->at = behind;
	}
	*out = add_utf8(*out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
	return true;
}

/* After the backslash. An escape is never shorter than what it stands for. */
static bool read_escape(struct reader *r, char **out)
{
	char c = *r->at++;

	switch (c) {
	case '"':
	case '\\':
	case '/':
		break;
	case 'b':
		c = '\b';
		break;
	case 'f':
		c = '\f';
		break;
	case 'n':
		c = '\n';
		break;
	case 'r':
		c = '\r';
		break;
	case 't':
		c = '\t';
		break;
	case 'u':
		return read_unicode(r, out);
	default:
		r->at--;
		return refuse(r, "an unknown escape");
	}
	*(*out)++ = c;
	return true;
}

/* The quote is next. */
static bool read_string(struct reader *r, const char **text, size_t *length)
{
	char *out;

	*text = ++r->at;
	r->at += str_json_run(r->at, (size_t)(r->end - r->at));
	out = r->at;
	while (*r->at == '\\') {
		size_t run;

		r->at++;
		if (!read_escape(r, &out))
			return false;
		run = str_json_run(r->at, (size_t)(r->end - r->at));
		memmove(out, r->at, run);
		r->at += run;
		out += run;
	}
	if (*r->at != '"')
		return refuse(r, r->at == r->end ? "a string does not end" : "a control character in a string");
	r->at++;
	*out = '\0';
	*length = (size_t)(out - *text);
	return true;
}

/* --- numbers --- */

static char *skip_digits(char *at)
{
	while (*at >= '0' && *at <= '9')
		at++;
	return at;
}

/* The end of the number at the reader, or NULL. */
static char *end_of_number(const struct reader *r, bool *whole)
{
	char *at = r->at + (*r->at == '-'), *digits = at;

	*whole = true;
	at = skip_digits(at);
	if (at == digits || (*digits == '0' && at != digits + 1))
		return NULL;
	if (*at == '.') {
		*whole = false;
		digits = ++at;
		at = skip_digits(at);
		if (at == digits)
			return NULL;
	}
	if (*at == 'e' || *at == 'E') {
		*whole = false;
		at++;
		at += *at == '+' || *at == '-';
		digits = at;
		at = skip_digits(at);
		if (at == digits)
			return NULL;
	}
	return at;
}

/* The digits move one byte to the front, where something was read already, so that a NUL can follow them. */
static bool read_number(struct reader *r, struct json_object **value)
{
	bool whole;
	char *end = end_of_number(r, &whole), *text = r->at - 1;

	if (end == NULL)
		return refuse(r, "a malformed number");
	memmove(text, r->at, (size_t)(end - r->at));
	end[-1] = '\0';
	if (strcmp(text, "-0") == 0)
		text++;
	*value = json_value_new(r->block, whole ? JSON_INT : JSON_NUMBER, text, (size_t)(end - 1 - text));
	r->at = end;
	return true;
}

/* --- the rest --- */

static bool add_member(struct reader *r, struct json_object *object, const char *name, size_t length,
                       struct json_object *value)
{
	struct json_container *container = json_container_of(object);
	struct json_member *same = json_container_find(container, name, length);

	if (same == NULL)
		json_container_add(container, name, length, value);
	else if (r->unique)
		return refuse(r, "a member is named twice");
	else
		same->value = value;
	return true;
}

static bool read_member(struct reader *r, struct json_object *object)
{
	struct json_object *value = NULL;
	const char *name;
	size_t length;

	skip_blanks(r);
	if (*r->at != '"')
		return refuse(r, "a member needs a name");
	if (!read_string(r, &name, &length))
		return false;
	if (strlen(name) != length)
		return refuse(r, "a name with a NUL in it");
	if (!take(r, ':'))
		return refuse(r, "a colon is missing");
	return read_value(r, &value) && add_member(r, object, name, length, value);
}

static bool read_object(struct reader *r, struct json_object **value)
{
	*value = json_container_new(r->block, JSON_OBJECT);
	r->at++;
	if (take(r, '}'))
		return true;
	do
		if (!read_member(r, *value))
			return false;
	while (take(r, ','));
	return take(r, '}') || refuse(r, "a comma or } is missing");
}

static bool read_array(struct reader *r, struct json_object **value)
{
	struct json_object *element;

	*value = json_container_new(r->block, JSON_ARRAY);
	r->at++;
	if (take(r, ']'))
		return true;
	do {
		element = NULL;
		if (!read_value(r, &element))
			return false;
		json_container_add(json_container_of(*value), NULL, 0, element);
	} while (take(r, ','));
	return take(r, ']') || refuse(r, "a comma or ] is missing");
}

static bool read_word(struct reader *r, const char *word, struct json_object **value)
{
	size_t length = strlen(word);

	if (strncmp(r->at, word, length) != 0)
		return refuse(r, "an unknown word");
	r->at += length;
	*value = *word == 'n' ? NULL : json_value_new(r->block, JSON_BOOL, word, length);
	return true;
}

static bool read_nested(struct reader *r, struct json_object **value)
{
	bool good;

	if (r->depth == MAX_DEPTH)
		return refuse(r, "nested too deep");
	r->depth++;
	good = *r->at == '{' ? read_object(r, value) : read_array(r, value);
	r->depth--;
	return good;
}

static bool read_value(struct reader *r, struct json_object **value)
{
	const char *text;
	size_t length;

	skip_blanks(r);
	switch (*r->at) {
	case '{':
	case '[':
		return read_nested(r, value);
	case '"':
		if (!read_string(r, &text, &length))
			return false;
		*value = json_value_new(r->block, JSON_STRING, text, length);
		return true;
	case 't':
		return read_word(r, "true", value);
	case 'f':
		return read_word(r, "false", value);
	case 'n':
		return read_word(r, "null", value);
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		return read_number(r, value);
	default:
		return refuse(r, r->at == r->end ? "it ends too early" : "an unexpected character");
	}
}

static bool read_all(struct reader *r, struct json_object **value)
{
	if (!str_utf8_valid(r->at, (size_t)(r->end - r->at)))
		return refuse(r, "not UTF-8");
	if (!read_value(r, value))
		return false;
	skip_blanks(r);
	return r->at == r->end || refuse(r, "something follows the value");
}

static struct json_object *parse(const char *text, size_t length, bool unique, struct err *err)
{
	struct reader r = { .unique = unique };
	struct json_object *value = NULL;
	char *copy;

	if (length >= INT_MAX) {
		(void)err_set(err, ERR_USAGE, "not JSON: too long");
		return NULL;
	}
	r.block = json_block_new(length + 2 + length * VALUES_A_BYTE + VALUES_AT_LEAST);
	copy = json_block_take(r.block, length + 2);
	r.at = memcpy(copy + 1, text, length);
	r.end = r.at + length;
	*r.end = '\0';
	if (!read_all(&r, &value))
		(void)err_set(err, ERR_USAGE, "not JSON: %s at byte %zu", r.why, (size_t)(r.at - copy - 1));
	else if (value == NULL) /* callers need to tell it from failure */
		(void)err_set(err, ERR_USAGE, "the JSON value is null");
	else
		return value;
	json_block_free(r.block);
	return NULL;
}

struct json_object *json_parse(const char *text, size_t length, struct err *err)
{
	return parse(text, length, false, err);
}

struct json_object *json_parse_unique(const char *text, size_t length, struct err *err)
{
	return parse(text, length, true, err);
}
