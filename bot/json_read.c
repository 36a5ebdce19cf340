/*
 * json_read.c - text into json-c's values, by RFC 8259 to the letter.
 *
 * json-c's own reader takes 'single quotes', NaN and raw control characters even when it is strict,
 * and looks at each byte of a string several times; what comes here is mostly long strings.
 */
#include "bot/json.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/str.h"

#define MAX_DEPTH 64
#define SCRATCH_KEPT (64u << 10)
#define SHORT_TEXT 128 /* names and numbers up to this are copied to the stack */

struct reader {
	const char *at, *end;
	unsigned depth;
	bool unique;   /* no name twice in an object */
	const char *why; /* literal */
};

/* For strings with escapes; never longer than the text. Kept from one text to the next. */
static char *scratch;
static size_t scratch_size;

static bool read_value(struct reader *r, struct json_object **value);

static bool refuse(struct reader *r, const char *why)
{
	r->why = why;
	return false;
}

static char next(const struct reader *r)
{
	return r->at < r->end ? *r->at : '\0';
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

static bool take(struct reader *r, char wanted)
{
	skip_blanks(r);
	if (next(r) != wanted)
		return false;
	r->at++;
	return true;
}

/* --- strings --- */

static bool read_hex(struct reader *r, unsigned *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		char c = next(r);
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
	const char *behind;

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
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char c = next(r);
	const char *known = c == '\0' ? NULL : strchr(escapes, c);

	if (known == NULL && c != 'u')
		return refuse(r, "an unknown escape");
	r->at++;
	if (known == NULL)
		return read_unicode(r, out);
	*(*out)++ = meanings[known - escapes];
	return true;
}

static const char *end_of_run(const char *at, const char *end)
{
	while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20)
		at++;
	return at;
}

/* The string that starts at `run`, from its first escape on, into the scratch. */
static bool read_escaped(struct reader *r, const char *run, size_t *length)
{
	char *out;

	if (scratch_size < (size_t)(r->end - run)) {
		scratch_size = (size_t)(r->end - run);
		scratch = mem_resize(scratch, scratch_size);
	}
	out = scratch;
	for (;;) {
		memcpy(out, run, (size_t)(r->at - run));
		out += r->at - run;
		*length = (size_t)(out - scratch);
		if (next(r) != '\\')
			return true;
		r->at++;
		if (!read_escape(r, &out))
			return false;
		run = r->at;
		r->at = end_of_run(run, r->end);
	}
}

/* The quote is next. *bytes points into the text or, with escapes, into the scratch: until the next string. */
static bool read_string(struct reader *r, const char **bytes, size_t *length)
{
	const char *run = ++r->at;

	r->at = end_of_run(run, r->end);
	*bytes = run;
	*length = (size_t)(r->at - run);
	if (next(r) == '\\') {
		if (!read_escaped(r, run, length))
			return false;
		*bytes = scratch;
	}
	if (next(r) != '"')
		return refuse(r, r->at == r->end ? "a string does not end" : "a control character in a string");
	r->at++;
	return true;
}

/* --- numbers --- */

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* The end of the number at the reader, or NULL. */
static const char *end_of_number(const struct reader *r, bool *whole)
{
	const char *at = r->at + (*r->at == '-'), *digits = at;

	*whole = true;
	at = skip_digits(at, r->end);
	if (at == digits || (*digits == '0' && at != digits + 1))
		return NULL;
	if (at < r->end && *at == '.') {
		*whole = false;
		digits = ++at;
		at = skip_digits(at, r->end);
		if (at == digits)
			return NULL;
	}
	if (at < r->end && (*at == 'e' || *at == 'E')) {
		*whole = false;
		at++;
		at += at < r->end && (*at == '+' || *at == '-');
		digits = at;
		at = skip_digits(at, r->end);
		if (at == digits)
			return NULL;
	}
	return at;
}

/* What no integer holds keeps its digits as a double. */
static struct json_object *number_of(const char *text, bool whole)
{
	int64_t integer;
	uint64_t large;

	errno = 0;
	integer = strtoll(text, NULL, 10);
	if (whole && errno == 0)
		return json_object_new_int64(integer);
	errno = 0;
	large = strtoull(text, NULL, 10);
	if (whole && errno == 0 && *text != '-')
		return json_object_new_uint64(large);
	return json_object_new_double_s(strtod(text, NULL), text);
}

static bool read_number(struct reader *r, struct json_object **value)
{
	bool whole;
	const char *end = end_of_number(r, &whole);
	char short_text[SHORT_TEXT], *text = short_text;
	size_t length;

	if (end == NULL)
		return refuse(r, "a malformed number");
	length = (size_t)(end - r->at);
	if (length < sizeof(short_text)) {
		memcpy(text, r->at, length);
		text[length] = '\0';
	} else {
		text = mem_copy_bytes(r->at, length);
	}
	*value = number_of(text, whole);
	if (text != short_text)
		free(text);
	r->at = end;
	return true;
}

/* --- the rest --- */

/* The count-th member. */
static bool read_member(struct reader *r, struct json_object *object, size_t count)
{
	char short_name[SHORT_TEXT], *name = short_name;
	struct json_object *value = NULL;
	const char *bytes;
	size_t length;
	bool good;

	skip_blanks(r);
	if (next(r) != '"')
		return refuse(r, "a member needs a name");
	if (!read_string(r, &bytes, &length))
		return false;
	if (memchr(bytes, '\0', length) != NULL)
		return refuse(r, "a name with a NUL in it");
	if (!take(r, ':'))
		return refuse(r, "a colon is missing");
	if (length < sizeof(short_name)) {
		memcpy(name, bytes, length);
		name[length] = '\0';
	} else {
		name = mem_copy_bytes(bytes, length);
	}
	good = read_value(r, &value);
	if (good)
		json_put(object, name, value);
	if (good && r->unique && json_count(object) != count)
		good = refuse(r, "a member is named twice");
	if (name != short_name)
		free(name);
	return good;
}

static bool read_object(struct reader *r, struct json_object **value)
{
	struct json_object *object = json_new_object();
	size_t count = 0;
	bool good = true;

	r->at++;
	if (!take(r, '}')) {
		do
			good = read_member(r, object, ++count);
		while (good && take(r, ','));
		if (good && !take(r, '}'))
			good = refuse(r, "a comma or } is missing");
	}
	if (good)
		*value = object;
	else
		json_free(object);
	return good;
}

static bool read_array(struct reader *r, struct json_object **value)
{
	struct json_object *array = json_new_array(), *element;
	bool good = true;

	r->at++;
	if (!take(r, ']')) {
		do {
			element = NULL;
			good = read_value(r, &element);
			if (good)
				json_append(array, element);
		} while (good && take(r, ','));
		if (good && !take(r, ']'))
			good = refuse(r, "a comma or ] is missing");
	}
	if (good)
		*value = array;
	else
		json_free(array);
	return good;
}

static bool read_word(struct reader *r, const char *word, struct json_object *value, struct json_object **out)
{
	size_t length = strlen(word);

	if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0) {
		json_free(value);
		return refuse(r, "an unknown word");
	}
	r->at += length;
	*out = value;
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
	const char *bytes;
	size_t length;

	skip_blanks(r);
	switch (next(r)) {
	case '{':
	case '[':
		return read_nested(r, value);
	case '"':
		if (!read_string(r, &bytes, &length))
			return false;
		*value = json_object_new_string_len(bytes, (int)length);
		return true;
	case 't':
		return read_word(r, "true", json_new_bool(true), value);
	case 'f':
		return read_word(r, "false", json_new_bool(false), value);
	case 'n':
		return read_word(r, "null", NULL, value);
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
	struct reader r = { .at = text, .end = text + length, .unique = unique };
	struct json_object *value = NULL;

	if (length >= INT_MAX) {
		(void)err_set(err, ERR_USAGE, "not JSON: too long");
		return NULL;
	}
	if (!read_all(&r, &value)) {
		(void)err_set(err, ERR_USAGE, "not JSON: %s at byte %zu", r.why, (size_t)(r.at - text));
		json_free(value);
		value = NULL;
	} else if (value == NULL) { /* callers need to tell it from failure */
		(void)err_set(err, ERR_USAGE, "the JSON value is null");
	}
	if (scratch_size > SCRATCH_KEPT) {
		free(scratch);
		scratch = NULL;
		scratch_size = 0;
	}
	return value;
}

struct json_object *json_parse(const char *text, size_t length, struct err *err)
{
	return parse(text, length, false, err);
}

struct json_object *json_parse_unique(const char *text, size_t length, struct err *err)
{
	return parse(text, length, true, err);
}
