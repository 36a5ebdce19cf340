/*
 * check_jira.h - will Jira take our issues? Asked at start, until it has answered. What it would refuse
 * is in the log, and once in the chat.
 */
#ifndef COMMANDS_CHECK_JIRA_H
#define COMMANDS_CHECK_JIRA_H

#include "bot/flow.h"

struct bot;

extern const struct flow_plan check_jira_plan;

/* After the saved flows were loaded. Nothing where Jira is not configured. */
void check_jira(struct bot *bot);

#endif
