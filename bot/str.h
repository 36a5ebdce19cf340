/*
 * str.h - a growing string with a ceiling.
 *
 * Invariants: `text` is never NULL after str_init and always ends with NUL; what would pass the
 * ceiling is cut and `cut` stays true, so that a writer checks once, at the end.
 */
#ifndef BOT_STR_H
#define BOT_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

#define STR_INT_SIZE 24 /* for the digits of any int64_t */

struct str {
	char *text;
	size_t length;   /* bytes before the NUL */
	size_t capacity; /* bytes allocated */
	size_t max;      /* ceiling for length */
	bool cut;
};

void str_init(struct str *s, size_t max);
void str_free(struct str *s); /* the struct may be initialised again */
void str_clear(struct str *s);
char *str_take(struct str *s); /* the text, now the caller's to free(); s is freed */

void str_add(struct str *s, const char *text);
void str_add_bytes(struct str *s, const void *bytes, size_t length);
void str_add_char(struct str *s, char c);
void str_add_int(struct str *s, int64_t value); /* many times faster than str_addf */
size_t str_format_int(char out[STR_INT_SIZE], int64_t value); /* returns the length */
/* With zeros in front up to `width` digits (below STR_INT_SIZE); value >= 0. Sorts as text. */
size_t str_format_wide(char out[STR_INT_SIZE], int64_t value, size_t width);
void str_addf(struct str *s, const char *format, ...) PRINTF(2, 3);
void str_add_json(struct str *s, const char *text, size_t length); /* quoted and escaped */
/* How many bytes come before the first that a JSON string must escape: a quote, a backslash, a control. */
size_t str_json_run(const char *text, size_t length);
void str_add_percent(struct str *s, const char *text, size_t length); /* RFC 3986 unreserved kept */

/* Of bytes that others choose: `start` is a secret (random_u64). */
uint64_t str_hash(uint64_t start, const void *bytes, size_t length);
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);
bool str_glob(const char *pattern, const char *text); /* '*' and '?' (one character), case-sensitive */
/* The longest prefix of at most `max` bytes that does not split a UTF-8 character. */
size_t str_utf8_prefix(const char *text, size_t length, size_t max);
/* Edits (insert, delete, replace, swap of neighbours) between two words, for "did you mean"; words
 * over 63 bytes count as far away (64). */
size_t str_distance(const char *a, const char *b);
bool str_utf8_valid(const char *text, size_t length);
/* In place: what a cut or a "%.30s" left of a character becomes one '?'. */
void str_utf8_mend(char *text);

#endif
