/* memory - runs the runbook `memory` on an instance. In an incident's thread the instance may be left out. */
#include "commands/runbook_run.h"

static void parse(void *state, const char *words)
{
	runbook_parse(state, "memory", words);
}

const struct command command_memory = {
	.name = "memory",
	.own_slash = true,
	.usage = "memory <instance> [count]",
	.summary = "What uses an instance's memory, and what grows",
	.parse = parse,
	.plan = &runbook_plan,
};
