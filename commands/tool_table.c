/* tool_table.c - all tools, in the order in which the model is told of them. */
#include <string.h>

#include "commands/tool_call.h"

const struct tool *const tools[] = {
	&tool_list_metrics,
	&tool_read_metric,
	&tool_judge_metrics,
	&tool_list_incidents,
	&tool_list_alarms,
	&tool_alarm_history,
	&tool_recent_changes,
	&tool_list_log_groups,
	&tool_query_logs,
	&tool_propose_runbook,
	NULL,
};

const struct tool *tool_find(const char *name)
{
	for (size_t i = 0; tools[i] != NULL; i++)
		if (strcmp(tools[i]->name, name) == 0)
			return tools[i];
	return NULL;
}
