#include "bot/str.h"

#include <endian.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "bot/mem.h"

#define FIRST_CAPACITY 64
#define BRISK_CAPACITY 4096 /* up to here it grows in few, large steps */

void str_init(struct str *s, size_t max)
{
	*s = (struct str){ .max = max, .capacity = FIRST_CAPACITY, .text = mem_resize(NULL, FIRST_CAPACITY) };
	s->text[0] = '\0';
}

void str_free(struct str *s)
{
	free(s->text);
	*s = (struct str){ 0 };
}

void str_clear(struct str *s)
{
	s->length = 0;
	s->text[0] = '\0';
	s->cut = false;
}

char *str_take(struct str *s)
{
	char *text = s->text;

	*s = (struct str){ 0 };
	return text;
}

/* Room for `more` bytes and the NUL; returns how many of them fit under the ceiling. */
static size_t make_room(struct str *s, size_t more)
{
	size_t room = s->max - s->length;
	size_t need;

	if (more > room) {
		more = room;
		s->cut = true;
	}
	need = s->length + more + 1;
	if (need > s->capacity) {
		while (s->capacity < need)
			s->capacity *= s->capacity < BRISK_CAPACITY ? 4 : 2;
		s->text = mem_resize(s->text, s->capacity);
	}
	return more;
}

void str_add_bytes(struct str *s, const void *bytes, size_t length)
{
	size_t fits = length;

	if (length > s->max - s->length || length >= s->capacity - s->length)
		fits = make_room(s, length);
	if (fits < length) /* the end of the text: not within a character */
		fits = str_utf8_prefix(bytes, length, fits);
	if (fits == 0)
		return;
	memcpy(s->text + s->length, bytes, fits);
	s->length += fits;
	s->text[s->length] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_add_bytes(s, text, strlen(text));
}

void str_add_char(struct str *s, char c)
{
	if (s->length == s->max || s->length + 2 > s->capacity) {
		str_add_bytes(s, &c, 1);
		return;
	}
	s->text[s->length++] = c;
	s->text[s->length] = '\0';
}

static size_t count_digits(uint64_t value)
{
	size_t count = 1;

	for (; value >= 10000; value /= 10000)
		count += 4;
	for (; value >= 10; value /= 10)
		count++;
	return count;
}

size_t str_format_int(char out[STR_INT_SIZE], int64_t value)
{
	/* Two digits a division. Byte by byte: a copy of two bytes to where only the run knows is a checked call. */
	static const char pairs[] =
		"0001020304050607080910111213141516171819"
		"2021222324252627282930313233343536373839"
		"4041424344454647484950515253545556575859"
		"6061626364656667686970717273747576777879"
		"8081828384858687888990919293949596979899";
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	size_t length = count_digits(rest) + (value < 0 ? 1 : 0), at = length;

	out[length] = '\0';
	for (; rest >= 100; rest /= 100) {
		out[--at] = pairs[rest % 100 * 2 + 1];
		out[--at] = pairs[rest % 100 * 2];
	}
	out[--at] = pairs[rest * 2 + 1];
	if (rest >= 10)
		out[--at] = pairs[rest * 2];
	if (value < 0)
		out[0] = '-';
	return length;
}

size_t str_format_wide(char out[STR_INT_SIZE], int64_t value, size_t width)
{
	char digits[STR_INT_SIZE];
	size_t length = str_format_int(digits, value), zeros = length < width ? width - length : 0;

	memset(out, '0', zeros);
	memcpy(out + zeros, digits, length + 1);
	return zeros + length;
}

void str_add_int(struct str *s, int64_t value)
{
	char digits[STR_INT_SIZE];

	str_add_bytes(s, digits, str_format_int(digits, value));
}

void str_addf(struct str *s, const char *format, ...)
{
	char small[256];
	char *large = NULL;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (length < 0)
		mem_none_left();
	if ((size_t)length < sizeof(small)) {
		str_add_bytes(s, small, (size_t)length);
		return;
	}
	va_start(args, format);
	length = vasprintf(&large, format, args);
	va_end(args);
	if (length < 0)
		mem_none_left();
	str_add_bytes(s, large, (size_t)length);
	free(large);
}

#define EACH_BYTE 0x0101010101010101u
#define HIGH_BITS 0x8080808080808080u

/* A high bit in the lowest byte that a JSON string must escape; those above it may be wrong. Per byte: less than 0x20,
 * or zero after exclusive or, borrows when that is subtracted; bytes from 0x80 on borrow never. */
static uint64_t json_specials(uint64_t eight)
{
	uint64_t quotes = eight ^ EACH_BYTE * '"', backslashes = eight ^ EACH_BYTE * '\\';

	return ((eight - EACH_BYTE * 0x20) | (quotes - EACH_BYTE) | (backslashes - EACH_BYTE)) & ~eight & HIGH_BITS;
}

static bool is_special(char c)
{
	return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes that a JSON string must escape. */
static unsigned json_specials_of_16(const char *text)
{
	__m128i bytes = _mm_loadu_si128((const void *)text);
	__m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
	__m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
	__m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls));
}
#endif

size_t str_json_run(const char *text, size_t length)
{
	size_t run = 0;
	uint64_t eight, special;

#ifdef __SSE2__ /* each body is read twice, as a string and as what is in it */
	for (; length - run >= 16; run += 16) {
		unsigned found = json_specials_of_16(text + run);

		if (found != 0)
			return run + (size_t)__builtin_ctz(found);
	}
#endif
	for (; length - run >= sizeof(eight); run += sizeof(eight)) {
		memcpy(&eight, text + run, sizeof(eight));
		special = json_specials(le64toh(eight));
		if (special != 0)
			return run + (size_t)__builtin_ctzll(special) / 8;
	}
	while (run < length && !is_special(text[run]))
		run++;
	return run;
}

static void add_escape(struct str *s, char c)
{
	const char *letter = c == '\n' ? "n" : c == '\t' ? "t" : c == '\r' ? "r" : NULL;

	if (letter == NULL && (unsigned char)c < 0x20) {
		str_addf(s, "\\u%04x", (unsigned)c);
		return;
	}
	str_add_char(s, '\\');
	str_add_char(s, letter != NULL ? *letter : c);
}

void str_add_json(struct str *s, const char *text, size_t length)
{
	str_add_char(s, '"');
	for (size_t i = 0;; i++) {
		size_t run = str_json_run(text + i, length - i);

		str_add_bytes(s, text + i, run);
		i += run;
		if (i == length)
			break;
		add_escape(s, text[i]);
	}
	str_add_char(s, '"');
}

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.' || c == '~';
}

void str_add_percent(struct str *s, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (is_unreserved(c))
			str_add_char(s, (char)c);
		else
			str_addf(s, "%%%02X", c);
	}
}

/* Both halves of the product: what would cancel in the lower one, whatever the start is, shows in the upper. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)(hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t str_hash(uint64_t start, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	uint64_t hash = mix(start, length), word;

	for (; length >= sizeof(word); at += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = mix(hash, word);
	}
	for (word = 0; length > 0; length--)
		word = word << 8 | at[length - 1];
	return mix(hash, word);
}

bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
	size_t length = strlen(text), tail = strlen(suffix);

	return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}

static const char *next_character(const char *text)
{
	do
		text++;
	while (((unsigned char)*text & 0xC0) == 0x80);
	return text;
}

/* Linear in practice: on a mismatch only the last star moves on. */
bool str_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			resume = text;
		} else if (*pattern == '?') {
			pattern++;
			text = next_character(text);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = resume = next_character(resume);
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

size_t str_utf8_prefix(const char *text, size_t length, size_t max)
{
	if (length <= max)
		return length;
	while (max > 0 && ((unsigned char)text[max] & 0xC0) == 0x80)
		max--;
	return max;
}

/* Bytes of the well-formed character at text (RFC 3629: no overlong forms, no surrogates), 0 if none. */
static size_t utf8_character(const unsigned char *t, size_t left)
{
	size_t size;
	unsigned char low = 0x80, high = 0xBF;

	if (t[0] < 0x80)
		return 1;
	if (t[0] >= 0xC2 && t[0] <= 0xDF)
		size = 2;
	else if (t[0] >= 0xE0 && t[0] <= 0xEF)
		size = 3;
	else if (t[0] >= 0xF0 && t[0] <= 0xF4)
		size = 4;
	else
		return 0;
	if (t[0] == 0xE0)
		low = 0xA0;
	else if (t[0] == 0xED)
		high = 0x9F;
	else if (t[0] == 0xF0)
		low = 0x90;
	else if (t[0] == 0xF4)
		high = 0x8F;
	if (left < size || t[1] < low || t[1] > high)
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((t[i] & 0xC0) != 0x80)
			return 0;
	return size;
}

/* Bytes below 0x80 from here on; a few at the end of a run may be left for the caller. */
static size_t ascii_run(const unsigned char *t, size_t left)
{
	size_t run = 0;
	uint64_t words[4];

	for (; left - run >= sizeof(words); run += sizeof(words)) {
		memcpy(words, t + run, sizeof(words));
		if (((words[0] | words[1] | words[2] | words[3]) & HIGH_BITS) != 0)
			break;
	}
	for (; left - run >= sizeof(words[0]); run += sizeof(words[0])) {
		memcpy(words, t + run, sizeof(words[0]));
		if ((words[0] & HIGH_BITS) != 0)
			break;
	}
	return run;
}

bool str_utf8_valid(const char *text, size_t length)
{
	const unsigned char *t = (const unsigned char *)text;

	for (size_t i = 0; i < length;) {
		size_t size;

		i += ascii_run(t + i, length - i);
		size = i == length ? 0 : utf8_character(t + i, length - i);
		if (size == 0)
			return i == length;
		i += size;
	}
	return true;
}

void str_utf8_mend(char *text)
{
	size_t length = strlen(text), kept = 0, size;

	for (size_t i = 0; i < length; i += size) {
		size = utf8_character((const unsigned char *)text + i, length - i);
		if (size > 0) {
			memmove(text + kept, text + i, size);
			kept += size;
			continue;
		}
		for (size = 1; ((unsigned char)text[i + size] & 0xC0) == 0x80;)
			size++;
		text[kept++] = '?';
	}
	text[kept] = '\0';
}

#define WORD_MAX 63

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the usual table. */
size_t str_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1], length_a = strlen(a), length_b = strlen(b);
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	if (length_a > WORD_MAX || length_b > WORD_MAX)
		return WORD_MAX + 1;
	for (size_t j = 0; j <= length_b; j++)
		above[j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t *free_row = before;

		row[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;

			row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = free_row;
	}
	return above[length_b];
}
