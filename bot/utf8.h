/*
 * utf8.h - foreign text, character by character, and made plain before it goes into any markup.
 */
#ifndef BOT_UTF8_H
#define BOT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str;

/* Reads one character and steps over it; bytes that are no UTF-8 give U+FFFD, one for each byte. */
uint32_t utf8_next(const char **text);
void utf8_add(struct str *out, uint32_t c);
size_t utf8_count(const char *clean); /* characters of valid UTF-8 */
/* UTF-16 units, which is what most services count: never fewer than characters. */
size_t utf8_units(const char *text);
size_t utf8_units_of(uint32_t c);

/* Not seen, but changes what is seen or hides text from the reader: controls (not line feed and tab), bidirectional
 * overrides, invisible format characters, noncharacters. */
bool utf8_hidden(uint32_t c);

/*
 * A copy that is valid UTF-8 and shows what it holds: no control characters (line feed and tab
 * stay), no terminal escape sequences, no bidirectional overrides, no invisible format
 * characters. one_line: line feeds and tabs become spaces. NULL gives "". free() it.
 */
char *utf8_clean(const char *text, bool one_line);
/* clean, cut to at most max_units with "…" as its last character. free() it. */
char *utf8_shorten(const char *clean, size_t max_units);

#endif
