/* top - runs the runbook `top` on an instance. In an incident's thread the instance may be left out. */
#include "commands/runbook_run.h"

static void parse(void *state, const char *words)
{
	runbook_parse(state, "top", words);
}

const struct command command_top = {
	.name = "top",
	.own_slash = true,
	.usage = "top <instance> [count]",
	.summary = "What uses an instance's processor now",
	.parse = parse,
	.plan = &runbook_plan,
};
