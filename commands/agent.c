/* agent - runs the runbook `agent` on an instance. In an incident's thread the instance may be left out. */
#include "commands/runbook_run.h"

static void parse(void *state, const char *words)
{
	runbook_parse(state, "agent", words);
}

const struct command command_agent = {
	.name = "agent",
	.own_slash = true,
	.usage = "agent <instance>",
	.summary = "Does an instance's CloudWatch agent run?",
	.parse = parse,
	.plan = &runbook_plan,
};
