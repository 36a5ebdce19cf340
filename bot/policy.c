#include "bot/policy.h"

#include "bot/config.h"
#include "bot/runbook.h"
#include "bot/str.h"

static bool is_in(const struct config_list *list, const struct policy_groups *groups, const char *user)
{
	for (size_t i = 0; user != NULL && i < list->count; i++) {
		const char *member = list->items[i];
		if (member[0] == '@' ? groups->has(groups->arg, member + 1, user) : strcmp(member, user) == 0)
			return true;
	}
	return false;
}

/* "only @oncall, U0123456789 and 3 more may do this" */
static bool refuse(struct err *err, const struct config_list *list, const char *what)
{
	struct str names;

	str_init(&names, 120);
	for (size_t i = 0; i < list->count; i++) {
		if (names.length + strlen(list->items[i]) + 20 > names.max) {
			str_addf(&names, " and %zu more", list->count - i);
			break;
		}
		str_addf(&names, "%s%s", i == 0 ? "" : ", ", list->items[i]);
	}
	err_set(err, ERR_REFUSED, "only %s may %s", names.text, what);
	str_free(&names);
	return false;
}

static bool is_operator(const struct config *config, const struct policy_groups *groups, const char *user)
{
	if (config->roles.operators.count == 0)
		return true;
	return is_in(&config->roles.operators, groups, user) || is_in(&config->roles.approvers, groups, user);
}

bool policy_may_operate(const struct config *config, const struct policy_groups *groups,
                        const char *user, struct err *err)
{
	return is_operator(config, groups, user) ||
	       refuse(err, &config->roles.operators, "run commands (roles.operator)");
}

bool policy_may_run(const struct config *config, const struct policy_groups *groups,
                    const struct runbook *runbook, const char *user, struct err *err)
{
	if (!runbook->for_approver || runbook->for_operator || config->roles.approvers.count == 0)
		return policy_may_operate(config, groups, user, err);
	return is_in(&config->roles.approvers, groups, user) ||
	       refuse(err, &config->roles.approvers, "run this (roles.approver)");
}

bool policy_may_approve(const struct config *config, const struct policy_groups *groups,
                        const char *user, const char *requester, struct err *err)
{
	if (config->roles.approvers.count == 0)
		return is_operator(config, groups, user) ||
		       refuse(err, &config->roles.operators, "confirm this (roles.operator)");
	if (!is_in(&config->roles.approvers, groups, user))
		return refuse(err, &config->roles.approvers, "confirm this (roles.approver)");
	if (requester != NULL && strcmp(requester, user) == 0)
		return refuse(err, &config->roles.approvers, "confirm this, and not who asked for it");
	return true;
}
