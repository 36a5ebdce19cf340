/*
 * summary_page.h - lists within a ceiling: an item is shown whole or counted as left out; for summary_message.c.
 */
#ifndef COMMANDS_SUMMARY_PAGE_H
#define COMMANDS_SUMMARY_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/message.h"

struct summary_page {
	struct message *message;
	size_t left; /* bytes that all further sections have together */
};

/* A heading with items below it, in one paragraph. */
struct summary_section {
	struct summary_page *page;
	struct message_line *line;
	size_t left; /* bytes for its items */
	size_t left_out;
};

/* percent: of what is left on the page, all that it may take; what it does not take stays there. */
void summary_section_begin(struct summary_section *section, struct summary_page *page, unsigned percent,
                           const char *symbol, const char *heading);
/* The item's spans (made with message_say and its like on a line of the caller's) behind a line break; false: there is
 * no room (any more), and it is counted. */
bool summary_section_add(struct summary_section *section, const struct message_line *item);
/* "… and 7 more, in the thread", when there are such; where: ", in the thread", or "". */
void summary_section_end(struct summary_section *section, const char *where);

/* Foreign text on one line, at most so many characters long; in the message's scope. */
const char *summary_page_clip(struct message *message, const char *text, size_t units);

#endif
