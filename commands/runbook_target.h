/*
 * runbook_target.h - which instance a runbook is for, and in which account and region it is.
 *
 * People say "i-0123", or nothing in an incident's thread. Where an instance is, is known from the
 * incidents that name it; else every configured account is asked, in every region that alarms come from.
 */
#ifndef COMMANDS_RUNBOOK_TARGET_H
#define COMMANDS_RUNBOOK_TARGET_H

#include <stdbool.h>

#include "bot/err.h"

struct bot;
struct runbook_run;

/* Fills instance, arguments and, where it is known, account and region; false: *err asks for what is missing. */
bool runbook_target_find(struct bot *bot, struct runbook_run *run, struct err *err) MUST_CHECK;
/* Sets account and region to the present candidate's. */
void runbook_target_try(struct bot *bot, struct runbook_run *run);
/* It is not there: on to the next candidate; false: there is none. */
bool runbook_target_next(struct bot *bot, struct runbook_run *run);

#endif
