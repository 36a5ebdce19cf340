/* The table of commands. A new one: its extern and its line. */
#include <stddef.h>

#include "bot/str.h"
#include "commands/announce.h"
#include "commands/check_jira.h"
#include "commands/command.h"
#include "commands/issue.h"
#include "commands/mail.h"
#include "commands/notify.h"
#include "commands/picture.h"
#include "commands/runbook_run.h"
#include "commands/storm.h"
#include "commands/whisper.h"

extern const struct command command_ack;
extern const struct command command_agent;
extern const struct command command_ask;
extern const struct command command_cost;
extern const struct command command_dashboard;
extern const struct command command_disk;
extern const struct command command_help;
extern const struct command command_incidents;
extern const struct command command_memory;
extern const struct command command_ping;
extern const struct command command_resolve;
extern const struct command command_silence;
extern const struct command command_silences;
extern const struct command command_summary;
extern const struct command command_ticket;
extern const struct command command_top;
extern const struct command command_unack;
extern const struct command command_unsilence;

const struct command *const commands[] = {
	&command_top,
	&command_memory,
	&command_disk,
	&command_agent,
	&command_ticket,
	&command_incidents,
	&command_ack,
	&command_unack,
	&command_resolve,
	&command_silence,
	&command_silences,
	&command_unsilence,
	&command_ask,
	&command_dashboard,
	&command_summary,
	&command_cost,
	&command_ping,
	&command_help,
	NULL,
};

#define OWN_PLANS 9
#define COMMANDS (sizeof(commands) / sizeof(commands[0]) - 1)

static bool is_listed(const struct flow_plan *const *plans, size_t count, const struct flow_plan *plan)
{
	for (size_t i = 0; i < count; i++)
		if (plans[i] == plan)
			return true;
	return false;
}

const struct flow_plan *const *all_plans(void)
{
	static const struct flow_plan *plans[2 * COMMANDS + OWN_PLANS + 1] = {
		&announce_plan, &storm_plan, &notify_plan, &runbook_plan, &issue_plan, &mail_plan, &picture_plan,
		&check_jira_plan, &whisper_plan,
	};
	size_t count = OWN_PLANS;

	for (size_t i = 0; i < COMMANDS; i++) {
		if (!is_listed(plans, count, commands[i]->plan)) /* commands named after a runbook share one */
			plans[count++] = commands[i]->plan;
		if (commands[i]->sub != NULL)
			plans[count++] = commands[i]->sub->plan;
	}
	return plans;
}

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c != NULL; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

const struct command *command_nearest(const char *name)
{
	const struct command *best = NULL;
	size_t best_distance = 3; /* further away is no typing mistake */

	for (const struct command *const *c = commands; *c != NULL; c++) {
		size_t distance = str_distance((*c)->name, name);

		if (distance < best_distance) {
			best_distance = distance;
			best = *c;
		}
	}
	return best;
}
