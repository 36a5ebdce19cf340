/*
 * text.h - foreign text made fit for Slack, and Slack's text made plain.
 *
 * Slack does not say what its limits count. Lengths of single texts are kept in UTF-16 units (never
 * fewer than characters), the size of a whole message in bytes.
 */
#ifndef ADAPTERS_SLACK_TEXT_H
#define ADAPTERS_SLACK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A copy of at most max_units UTF-16 units and max_bytes bytes; what is cut is announced at the
 * end ("… (123 more characters not shown)", or just "…" where there is little room). Never cuts
 * within a character, nor between an emoji and its modifiers. clean: from utf8_clean. free() it.
 */
char *slack_text_fit(const char *clean, size_t max_units, size_t max_bytes);

/*
 * The same for where Slack parses mrkdwn: & < > become entities, and characters that would format
 * (* _ ~ ` > at the places where they do) become look-alikes: invisible separators do not stop
 * Slack's parser reliably. The limits count the escaped text. free() it.
 */
char *slack_text_escape(const char *clean, size_t max_units, size_t max_bytes);

/*
 * What a person typed, from a text field of Slack: entities decoded, <https://x|x> the words that
 * were typed, <@U1|name> and <#C1|name> reduced to the id (<@U1>), every mention of the user `me`
 * removed (NULL: none), blanks trimmed. free() it.
 */
char *slack_text_typed(const char *text, const char *me);
/* True when text mentions the user `me`. */
bool slack_text_mentions(const char *text, const char *me);

#define SLACK_PERSON_MAX 20
/* "U0123ABC" or "W0123ABC": the id of somebody. Anything else is shown as text. */
bool slack_text_is_person(const char *id);

#define SLACK_FILE_MAX 32
/* "F0123ABCD": ^F[A-Z0-9]{8,}$, as Slack wants a file's id in a block. */
bool slack_text_is_file(const char *id);

#endif
