/*
 * issue.h - makes the issue in Jira say what an incident says: opened once, each change and output
 * as a comment, its status following the alarm where that is configured.
 *
 * One flow an incident, as commands/announce.c is for the chat: it works until nothing is left to tell.
 */
#ifndef COMMANDS_ISSUE_H
#define COMMANDS_ISSUE_H

#include "bot/flow.h"

struct alarm;
struct bot;
struct incident;
struct incident_act;

extern const struct flow_plan issue_plan;

/* There shall be an issue; into the open journal batch. Nothing where Jira is not configured. */
void issue_open(struct bot *bot, struct incident *incident);
/* Something to tell: the newest state change; words and a text (NULL: none). Kept until there is an issue. */
void issue_tell_change(struct bot *bot, struct incident *incident);
void issue_tell(struct bot *bot, struct incident *incident, const char *title, const char *text);
void issue_tell_act(struct bot *bot, struct incident *incident, const struct incident_act *act);
/* The alarm is over, or fires again: the issue's status follows where jira.resolve_to or reopen_to say so. */
void issue_resolve(struct bot *bot, struct incident *incident);
void issue_reopen(struct bot *bot, struct incident *incident);
/* The incident has its message in the chat: the issue can link to it. */
void issue_shown(struct bot *bot, struct incident *incident);
/* At start: incidents whose flow is gone, or gave up, while something is left to tell. */
void issue_all_waiting(struct bot *bot);

#endif
