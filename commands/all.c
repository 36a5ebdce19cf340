/* The table of commands. A new one: its extern and its line. */
#include <stddef.h>

#include "bot/str.h"
#include "commands/announce.h"
#include "commands/command.h"
#include "commands/notify.h"

extern const struct command command_help;
extern const struct command command_ping;

const struct command *const commands[] = {
	&command_ping,
	&command_help,
	NULL,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]) - 1)

const struct flow_plan *const *all_plans(void)
{
	static const struct flow_plan *plans[COMMANDS + 3] = { &announce_plan, &notify_plan };

	for (size_t i = 0; i < COMMANDS; i++)
		plans[2 + i] = commands[i]->plan;
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
