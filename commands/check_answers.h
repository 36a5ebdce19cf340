/*
 * check_answers.h - `tocsin check --live` for answers: may the model be asked, and may it look at alarms, metrics'
 * names, changes and logs? Only where a model is configured. Nothing that is asked is charged for.
 *
 * account: NULL: our own. *answer: what was found, for people, with what it proves; the caller's.
 */
#ifndef COMMANDS_CHECK_ANSWERS_H
#define COMMANDS_CHECK_ANSWERS_H

#include "bot/err.h"

struct bot;

void check_answers_model(struct bot *bot, char **answer, struct done done);
/* Alarms, their history, and the list of metrics. */
void check_answers_alarms(struct bot *bot, const char *account, struct done done);
void check_answers_changes(struct bot *bot, const char *account, struct done done);
/* The groups that answers.log_groups names, and whether one of them may be queried. */
void check_answers_logs(struct bot *bot, const char *account, char **answer, struct done done);

#endif
