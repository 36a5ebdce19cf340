/*
 * body.h - what a message looks like in Jira: ADF for Cloud (v3), wiki text for Data Center (v2).
 *
 * Everything in a message is foreign text and appears literally. Headline, fields ("Name: value" lines),
 * paragraphs, code, small print and links are shown, times as UTC; buttons are left out.
 *
 * Jira refuses texts over 32,767 characters and does not say whether it counts the words or the
 * markup around them, so the final form itself is kept within JIRA_BODY_MAX: long code is cut
 * first, then long texts, then the last parts; each cut says how much is missing.
 */
#ifndef ADAPTERS_JIRA_BODY_H
#define ADAPTERS_JIRA_BODY_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct message;

#define JIRA_BODY_MAX 30000u   /* UTF-16 units */
#define JIRA_MARK_WORD "tocsin"

/*
 * message may be NULL. mark: letters, digits and "-", or NULL; it becomes a last small line "tocsin MARK".
 * The document is never empty: Jira refuses that. Owned by the caller.
 */
struct json_object *jira_body_adf(const struct message *message, const char *mark);
char *jira_body_wiki(const struct message *message, const char *mark); /* free() it */
/* A plain text as a document: what a rich-text field takes on Cloud. */
struct json_object *jira_body_adf_text(const char *text);

/* A body of either form with a mark behind it; takes body over. */
struct json_object *jira_body_marked(struct json_object *body, const char *mark);

/* The words of a comment as Jira gives it back: an ADF document or wiki text. free() it. */
char *jira_body_words(struct json_object *body);
/* True when words hold that mark's line. */
bool jira_body_has_mark(const char *words, const char *mark);

#endif
