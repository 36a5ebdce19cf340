/*
 * markup.h - the two forms of a body; private to adapters/jira/body.c and the forms themselves.
 */
#ifndef ADAPTERS_JIRA_MARKUP_H
#define ADAPTERS_JIRA_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message;
struct str;

/* How much of a message is shown. */
struct jira_cut {
	size_t code;  /* characters of each block of code */
	size_t text;  /* characters of each other text */
	size_t parts;
};

/*
 * Appends the message in one form; once the ceiling of out is passed the rest makes no sense and is not
 * worked out. The message's texts are clean (bot/utf8.h) already; it may be NULL.
 */
typedef void jira_markup_fn(struct str *out, const struct message *message, const char *mark,
                            const struct jira_cut *cut);
jira_markup_fn jira_adf_write;
jira_markup_fn jira_wiki_write;

/* text cut to max characters, with "… (N more characters not shown)" behind. free() it. */
char *jira_markup_text(const char *clean, size_t max);
/* The note for parts that are left out altogether. */
void jira_markup_rest(struct str *out, size_t parts);
/* "2026-11-21 03:00:00 UTC". */
void jira_markup_time(struct str *out, int64_t wall_ms);
/* https and http only: no other kind of link can be planted. */
bool jira_markup_is_link(const char *url);
/* A URL that ends no markup and no JSON string: what could is percent-encoded, as readers of URLs undo. */
void jira_markup_url(struct str *out, const char *url);

#endif
