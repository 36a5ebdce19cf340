/*
 * policy.h - who may do what.
 *
 * Everybody is an operator unless roles.operator names some. roles.approver confirms what changes
 * something; an approver may do all that an operator may. Without an approver any operator confirms,
 * the one who asked too. With approvers another one than who asked must confirm. A proposal that tocsin
 * made itself is nobody's request.
 */
#ifndef BOT_POLICY_H
#define BOT_POLICY_H

#include <stdbool.h>

#include "bot/err.h"

struct config;
struct runbook;

/* The chat's user groups. handle: without the '@'. Unknown groups, and ones that could not be looked up,
 * have no members. */
struct policy_groups {
	bool (*has)(void *arg, const char *handle, const char *user);
	void *arg;
};

/* All of these: user is the chat's id; NULL is nobody, who may nothing that is not everybody's. False:
 * *err (ERR_REFUSED) says who may. */
bool policy_may_operate(const struct config *config, const struct policy_groups *groups,
                        const char *user, struct err *err) MUST_CHECK;
/* Ask for this runbook (by its roles); what changes something still needs policy_may_approve. */
bool policy_may_run(const struct config *config, const struct policy_groups *groups,
                    const struct runbook *runbook, const char *user, struct err *err) MUST_CHECK;
/* Press the button for what `requester` asked for; NULL: tocsin proposed it. */
bool policy_may_approve(const struct config *config, const struct policy_groups *groups,
                        const char *user, const char *requester, struct err *err) MUST_CHECK;

#endif
