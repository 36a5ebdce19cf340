/* markdown_word.h - is a word something that becomes a link or a mention by itself? Pure; for markdown.c. */
#ifndef ADAPTERS_SLACK_MARKDOWN_WORD_H
#define ADAPTERS_SLACK_MARKDOWN_WORD_H

#include <stdbool.h>
#include <stddef.h>

struct str;

/* An address of any kind: "https://x", "www.x", "mailto:x", "a@b.example", "host.example". Emphasis within counts for
 * nothing: "ht*tp*s://x" is one. */
bool slack_word_is_address(const char *word, size_t length);
/* Appends a word that is none as text: entities, and @ or # that would begin a mention as full-width ones. before: the
 * byte in front of it, 0: none. open: more may follow directly. */
void slack_word_add_text(struct str *out, const char *word, size_t length, char before, bool open);

#endif
