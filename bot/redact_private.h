/*
 * redact_private.h - the parts of redact.c: each marks what it takes for a secret.
 *
 * A mark begins and ends beside ASCII characters, so that no UTF-8 character is cut. Each part looks
 * at a byte a bounded number of times, whatever the text.
 */
#ifndef BOT_REDACT_PRIVATE_H
#define BOT_REDACT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

struct redact_text {
	const char *text; /* ends with NUL: looking one byte ahead is always allowed */
	size_t length;
	bool *marks; /* of each byte */
};

void redact_mark(struct redact_text *r, size_t from, size_t to); /* `to` is not included */

void redact_tokens(struct redact_text *r);   /* redact_tokens.c: what has a form of its own */
void redact_names(struct redact_text *r);    /* redact_names.c: values of telling names */
void redact_commands(struct redact_text *r); /* redact_commands.c: options of programs */

/* Whether a name ("db.password", "--clientSecret", "AWS_SECRET_ACCESS_KEY") tells of a secret. */
bool redact_name_tells(const char *name, size_t length);

bool redact_is_blank(char c);    /* space, tab, line breaks */
bool redact_is_alnum(char c);    /* ASCII only, whatever the locale */
char redact_lower(char c);
/* Whether the text goes on with a word, in any case. */
bool redact_goes_on(const char *text, const char *word);

#endif
