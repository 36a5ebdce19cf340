/*
 * groups.h - who is in the user groups that the configuration names (usergroups.list with
 * include_users; scope usergroups:read; docs.slack.dev, tier 2). Read at once and every five
 * minutes; what was read last counts until it is read again.
 */
#ifndef ADAPTERS_SLACK_GROUPS_H
#define ADAPTERS_SLACK_GROUPS_H

#include "bot/chat.h"

struct loop;
struct slack_groups;
struct slack_web;

struct slack_groups *slack_groups_new(struct loop *loop, struct slack_web *web);
void slack_groups_free(struct slack_groups *groups); /* after the web client, which completes its calls */
/* handles: "@oncall", ended by NULL; none: nothing is asked any more. */
void slack_groups_watch(struct slack_groups *groups, char *const *handles);
enum chat_membership slack_groups_has(const struct slack_groups *groups, const char *handle, const char *user);

#endif
