/*
 * permit.h - may this person do that? By the configuration's roles and the chat's groups.
 */
#ifndef COMMANDS_PERMIT_H
#define COMMANDS_PERMIT_H

#include <stdbool.h>

#include "bot/err.h"

struct bot;
struct runbook;

/* Somebody, and where it was asked. Where no operators are configured, everybody in a channel that
 * incidents go to is one, there: not in other channels, nor in direct messages. */
struct permit_act {
	const char *user;
	const char *channel;
};

/* False: *err says who may. */
bool permit_operator(struct bot *bot, struct permit_act act, struct err *err) MUST_CHECK;
bool permit_runbook(struct bot *bot, const struct runbook *runbook, struct permit_act act,
                    struct err *err) MUST_CHECK;
/* asker: who asked for it; NULL: tocsin itself, which is nobody's request. Where approvers are
 * configured, nobody approves what they asked for themselves. */
bool permit_approval(struct bot *bot, const struct runbook *runbook, const char *asker, struct permit_act act,
                     struct err *err) MUST_CHECK;

#endif
