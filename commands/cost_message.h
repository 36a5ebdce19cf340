/* cost_message.h - what the answer to "cost" says. */
#ifndef COMMANDS_COST_MESSAGE_H
#define COMMANDS_COST_MESSAGE_H

struct bot;
struct message;

/* month: as somebody typed it: "2026-10", "last month", "" or NULL for this one. Initialises the message. */
void cost_message(struct message *message, const struct bot *bot, const char *month);

#endif
