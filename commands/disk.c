/* disk - runs the runbook `disk` on an instance. In an incident's thread the instance may be left out. */
#include "commands/runbook_run.h"

static void parse(void *state, const char *words)
{
	runbook_parse(state, "disk", words);
}

const struct command command_disk = {
	.name = "disk",
	.own_slash = true,
	.usage = "disk <instance> [path]",
	.summary = "What fills an instance's disks",
	.parse = parse,
	.plan = &runbook_plan,
};
