/*
 * buttons.h - what a click on a button of ours does. One table: action id, and what it means.
 */
#ifndef COMMANDS_BUTTONS_H
#define COMMANDS_BUTTONS_H

#include "bot/message.h"

struct bot;
struct chat_heard;

/* Into the open journal batch. Who may not, or comes too late, is told so privately. */
void buttons_click(struct bot *bot, const struct chat_heard *heard);
/* To the person who pressed it, and nobody else (whisper.h). */
void buttons_tell(struct bot *bot, const struct chat_heard *heard, enum message_tone tone, const char *text);

#endif
