/*
 * check_live.h - `tocsin check --live`: asks every remote system, read-only, whether the rights suffice.
 */
#ifndef COMMANDS_CHECK_LIVE_H
#define COMMANDS_CHECK_LIVE_H

struct bot;
struct slack_options;

/* Prints one line a question to standard output and stops the loop after the last. *failed: how many went wrong. */
void check_live(struct bot *bot, const struct slack_options *slack, unsigned *failed);

#endif
