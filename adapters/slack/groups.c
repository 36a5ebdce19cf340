#include "adapters/slack/groups.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/slack/web_api.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"

#define READ_EVERY_MS (5 * 60 * 1000)
#define READ_AGAIN_MS (30 * 1000) /* after a failure */

struct slack_groups {
	struct slack_web *web;
	struct loop_timer *timer;
	struct json_object *list; /* Slack's "usergroups"; NULL: not read yet */
	bool wanted, asking;
};

static void on_list(void *arg, struct json_object *answer, const struct err *err)
{
	struct slack_groups *groups = arg;

	groups->asking = false;
	if (err != NULL && err->kind == ERR_CANCELLED)
		return;
	if (err == NULL) {
		json_free(groups->list);
		groups->list = json_keep(json_get(answer, "usergroups"));
	} else {
		log_event(LOG_WARN, "slack.groups_unread", "why", err->text, NULL);
	}
	loop_timer_set(groups->timer, err == NULL ? READ_EVERY_MS : READ_AGAIN_MS);
}

static void ask(void *arg)
{
	struct slack_groups *groups = arg;

	if (!groups->wanted || groups->asking)
		return;
	groups->asking = true;
	slack_web_send(groups->web, &(struct slack_call){ .method = SLACK_GROUPS, .priority = CHAT_NORMAL,
		.body = mem_copy_string("include_users=true"), .done = on_list, .arg = groups });
}

struct slack_groups *slack_groups_new(struct loop *loop, struct slack_web *web)
{
	struct slack_groups *groups = mem_alloc(sizeof(*groups));

	groups->web = web;
	groups->timer = loop_timer_new(loop, ask, groups);
	return groups;
}

void slack_groups_free(struct slack_groups *groups)
{
	if (groups == NULL)
		return;
	loop_timer_free(groups->timer);
	json_free(groups->list);
	free(groups);
}

void slack_groups_watch(struct slack_groups *groups, char *const *handles)
{
	groups->wanted = handles != NULL && handles[0] != NULL;
	ask(groups);
}

static bool lists(struct json_object *users, const char *user)
{
	for (size_t i = 0; i < json_count(users); i++) {
		const char *id = json_string(json_at(users, i), "");

		if (id != NULL && strcmp(id, user) == 0)
			return true;
	}
	return false;
}

enum chat_membership slack_groups_has(const struct slack_groups *groups, const char *handle, const char *user)
{
	const char *plain = handle[0] == '@' ? handle + 1 : handle;

	if (groups->list == NULL)
		return CHAT_MEMBERS_UNKNOWN;
	for (size_t i = 0; i < json_count(groups->list); i++) {
		struct json_object *group = json_at(groups->list, i);
		const char *name = json_string(group, "handle");

		if (name != NULL && strcmp(name, plain) == 0)
			return lists(json_get(group, "users"), user) ? CHAT_IS_MEMBER : CHAT_NO_MEMBER;
	}
	return CHAT_NO_MEMBER;
}
