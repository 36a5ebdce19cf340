/*
 * buttons.h - what a click on a button of ours does. One table: action id, and what it means.
 */
#ifndef COMMANDS_BUTTONS_H
#define COMMANDS_BUTTONS_H

struct bot;
struct chat_heard;

/* Into the open journal batch. Who may not, or comes too late, is told so privately. */
void buttons_click(struct bot *bot, const struct chat_heard *heard);

#endif
