/*
 * markdown.h - hostile Markdown in, Markdown that mentions, links and shows nothing out: for `markdown_text` and
 * markdown blocks (docs.slack.dev markdown-block: standard Markdown; what becomes of <!channel> in it is not
 * documented, so it is escaped as elsewhere).
 *
 * Kept: bold, italics, strike-through, lists, headings, block quotes, code, fenced code, tables. Made harmless:
 *  - links, reference links, footnotes, images: every bracket is escaped and "](" is torn apart;
 *  - addresses (any scheme, www., mailto:, mail addresses, host names): the whole word becomes code. Markdown makes
 *    no link within code, what a person copies is what came in, and the reader sees where it would have led. Breaking
 *    it up with invisible characters would do neither, and does not stop Slack's parser reliably;
 *  - <!channel>, <@U1>, <#C1>, HTML, autolinks: & < > become entities, within code < becomes a look-alike;
 *  - @here, @name, #channel: a full-width @ or #;
 *  - control, bidirectional and invisible characters are taken out (utf8_hidden).
 *
 * Code has one form on the way out: one backtick on each side, closed on its own line; three backticks at the
 * beginning of a line. What Slack takes for code then is what we take for it, whatever the input nests.
 */
#ifndef ADAPTERS_SLACK_MARKDOWN_H
#define ADAPTERS_SLACK_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

struct slack_markdown;
struct str;

struct slack_markdown *slack_markdown_new(void);
void slack_markdown_free(struct slack_markdown *markdown); /* may be NULL */

/*
 * The next piece, however it is cut, even within a character; what can be shown is appended to out. What comes out in
 * all does not depend on the cuts. A word comes out when it has ended.
 */
void slack_markdown_feed(struct slack_markdown *markdown, const char *text, size_t length, struct str *out);
/* Nothing more comes for now: the word that has begun is appended. Its rest, should it come, makes no link either. */
void slack_markdown_pause(struct slack_markdown *markdown, struct str *out);
/* It is the end: appends the rest and closes what is open. May be fed again, with a new text. */
void slack_markdown_end(struct slack_markdown *markdown, struct str *out);
bool slack_markdown_holds(const struct slack_markdown *markdown); /* would a pause append something? */

/* All of a text at once. free() it. */
char *slack_markdown_safe(const char *text);

#endif
