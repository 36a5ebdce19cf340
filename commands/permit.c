#include "commands/permit.h"

#include <string.h>

#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/config.h"
#include "bot/runbook.h"
#include "bot/str.h"

#define NAMES_MAX 120 /* of those who may, in a refusal */

/* Is the person one of these: by id, or by a group of the chat? */
static enum chat_membership is_listed(struct bot *bot, const struct config_list *list, const char *user)
{
	enum chat_membership found = CHAT_NO_MEMBER;

	for (size_t i = 0; i < list->count; i++) {
		const char *who = list->items[i];
		enum chat_membership now;

		if (who[0] == '@')
			now = bot->chat->ops->in_group(bot->chat, who, user);
		else
			now = strcmp(who, user) == 0 ? CHAT_IS_MEMBER : CHAT_NO_MEMBER;
		if (now == CHAT_IS_MEMBER)
			return now;
		if (now == CHAT_MEMBERS_UNKNOWN)
			found = now;
	}
	return found;
}

static bool refuse(const struct config_list *list, enum chat_membership membership, const char *role,
                   struct err *err)
{
	struct str names;

	if (membership == CHAT_MEMBERS_UNKNOWN)
		return err_set(err, ERR_REFUSED, "Only %ss may do that, and I have not read Slack's groups yet: "
		               "try again in a minute.", role);
	str_init(&names, NAMES_MAX);
	for (size_t i = 0; i < list->count; i++)
		str_addf(&names, "%s%s", i == 0 ? "" : ", ", list->items[i]);
	(void)err_set(err, ERR_REFUSED, "Only %ss may do that: %s%s. Ask one, or change `roles` in the "
	              "configuration.", role, names.text, names.cut ? "..." : "");
	str_free(&names);
	return false;
}

static bool is_approver(struct bot *bot, const char *user, struct err *err)
{
	const struct config_list *approvers = &bot->config->roles.approvers;
	enum chat_membership membership = is_listed(bot, approvers, user);

	return membership == CHAT_IS_MEMBER || refuse(approvers, membership, "approver", err);
}

/* A channel that incidents go to: who is in it is trusted with them. */
static bool is_for_incidents(const struct config *config, const char *channel)
{
	if (channel == NULL)
		return false;
	for (size_t i = 0; i < config->routes.count; i++)
		if (strcmp(config->routes.items[i].channel, channel) == 0)
			return true;
	return strcmp(config->slack.channel, channel) == 0;
}

/* An approver is always one. */
bool permit_operator(struct bot *bot, struct permit_act act, struct err *err)
{
	const struct config_list *operators = &bot->config->roles.operators;
	enum chat_membership membership;

	if (is_listed(bot, &bot->config->roles.approvers, act.user) == CHAT_IS_MEMBER)
		return true;
	if (operators->count == 0)
		return is_for_incidents(bot->config, act.channel) ||
		       err_set(err, ERR_REFUSED, "I do that only in a channel that incidents go to. For elsewhere, "
		               "list operators under `roles` in the configuration.");
	membership = is_listed(bot, operators, act.user);
	return membership == CHAT_IS_MEMBER || refuse(operators, membership, "operator", err);
}

bool permit_runbook(struct bot *bot, const struct runbook *runbook, struct permit_act act, struct err *err)
{
	bool approvers_only = runbook->for_approver && !runbook->for_operator;

	if (approvers_only && bot->config->roles.approvers.count > 0)
		return is_approver(bot, act.user, err);
	return permit_operator(bot, act, err);
}

bool permit_approval(struct bot *bot, const struct runbook *runbook, const char *asker, struct permit_act act,
                     struct err *err)
{
	if (bot->config->roles.approvers.count == 0)
		return permit_runbook(bot, runbook, act, err);
	if (asker != NULL && strcmp(asker, act.user) == 0)
		return err_set(err, ERR_REFUSED, "You asked for it, so somebody else has to approve it.");
	return is_approver(bot, act.user, err);
}
