/*
 * fallback.h - a message as text alone: for phones, screen readers, and where Slack refuses its blocks.
 */
#ifndef ADAPTERS_SLACK_FALLBACK_H
#define ADAPTERS_SLACK_FALLBACK_H

struct message;

/* Both escaped, never empty (Slack refuses an empty text), at most SLACK_TEXT_MAX. free() them. */
char *slack_fallback_text(const struct message *message);  /* the news in a sentence */
char *slack_fallback_plain(const struct message *message); /* the whole */

#endif
