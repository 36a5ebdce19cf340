/*
 * mail.h - the mail about a state change: all its details, the issue and the output.
 *
 * It waits for issue and output at most 90 s, then goes saying what is missing; mails of one incident go in
 * the order of its changes. SNS cannot be asked
 * whether a mail was sent: after a crash or an ambiguous answer it is sent once more, and never a third
 * time; its subject carries the incident's id.
 */
#ifndef COMMANDS_MAIL_H
#define COMMANDS_MAIL_H

#include "bot/flow.h"

struct bot;
struct incident;

extern const struct flow_plan mail_plan;

/* About the incident's newest change; into the open journal batch. Nothing where mail is not configured. */
void mail_start(struct bot *bot, struct incident *incident);
/* The output that the mail of this flow (id, may be NULL) waits for; text may be NULL. */
void mail_take_output(struct bot *bot, const char *flow, const char *title, const char *text);
/* What the incident's mails wait for may have come. */
void mail_poke(struct bot *bot, struct incident *incident);

#endif
