/*
 * summary_message.h - a summary as messages: the one in the channel, and the details in its thread.
 *
 * However much there is, each keeps within SUMMARY_BYTES; what is left out is counted and said.
 */
#ifndef COMMANDS_SUMMARY_MESSAGE_H
#define COMMANDS_SUMMARY_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "commands/summary_data.h"

struct config;
struct message;

#define SUMMARY_BYTES 10400 /* of all texts in a message's body, as a chat counts them; its limit is 12,000 */

/* What else is in the message. Borrowed. */
struct summary_extra {
	const char *words;   /* a model's Markdown; NULL: none */
	const char *note;    /* about it, or why there are none; NULL: nothing */
	const char *trouble; /* what else the reader must know; NULL: nothing */
	const char *image, *alt; /* of the small multiples; NULL: not yet */
};

/* "Daily summary", "Weekly summary", "Summary". */
const char *summary_message_title(enum summary_kind kind);
void summary_message_reading(struct message *message, enum summary_kind kind, size_t finished, size_t count);
/* Returns how many incidents it could not name. */
size_t summary_message(struct message *message, const struct config *config, const struct summary_data *data,
                       const struct summary_extra *extra);
/* There is no such summary: what there is. */
void summary_message_unknown(struct message *message, const char *asked);
void summary_message_failure(struct message *message, enum summary_kind kind, const char *why);
/* The thread: every incident, as far as there is room. */
void summary_message_incidents(struct message *message, const struct config *config, const struct summary_data *data);

#endif
