/* judge_metrics - what tocsin's own detector finds in a metric or a dashboard over a range. docs/FINDINGS.md */
#include <stdlib.h>
#include <string.h>

#include "bot/answer_check.h"
#include "bot/bot.h"
#include "bot/findings.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_read.h"
#include "commands/tool_call.h"
#include "commands/tool_metric.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define PERIOD_MS (5 * 60 * INT64_C(1000)) /* of a metric that no dashboard has */
#define FINDINGS_SHOWN 20
#define TEXT_MAX 700

struct judging {
	struct tool_metric metric;
	struct dashboard_data *data;
};

static void add_finding(struct tool_call *call, const struct finding *finding)
{
	str_addf(&call->found, "%s (%s): ", tool_call_number(call), finding_kind_name(finding->kind));
	tool_call_add(call, finding->text, TEXT_MAX);
	str_add_char(&call->found, '\n');
	if (finding->kind == FINDING_TOGETHER || finding->kind == FINDING_LOAD)
		answer_check_add_reason(call->context->check, finding->text);
}

/* What could not be judged is told metric by metric. */
static void add_troubles(struct tool_call *call, const struct dashboard_data *data)
{
	if (data->no_table != NULL) {
		tool_call_add(call, data->no_table, TEXT_MAX);
		str_add_char(&call->found, '\n');
		tool_call_missed(call, data->name, data->no_table);
	}
	for (size_t i = 0; i < data->metric_count; i++) {
		const struct metric_result *result = dashboard_data_result(data, i);
		char *title;

		if (result->why == NULL || data->metrics[i].hidden)
			continue;
		title = metric_title(&data->metrics[i]);
		str_add(&call->found, "not judged, or not wholly: ");
		tool_call_add(call, title, TEXT_MAX);
		str_add(&call->found, ": ");
		tool_call_add(call, result->why, TEXT_MAX);
		str_add_char(&call->found, '\n');
		tool_metric_missed(call, title, result);
		free(title);
	}
}

static void tell(struct tool_call *call, const struct dashboard_data *data)
{
	size_t shown = data->findings.count < FINDINGS_SHOWN ? data->findings.count : FINDINGS_SHOWN;
	size_t readable, visible;

	dashboard_data_count(data, &readable, &visible);
	str_addf(&call->said, "%zu of %zu metrics were judged from ", readable, visible);
	tool_call_add_time(call, &call->said, data->from_ms);
	str_add(&call->said, " to ");
	tool_call_add_time(call, &call->said, data->until_ms);
	str_addf(&call->said, ": %zu findings, %zu of them abnormal", data->findings.count,
	         dashboard_data_abnormal(data));
	if (shown < data->findings.count)
		str_addf(&call->said, "; the %zu strongest", shown);
	str_add(&call->said, ".\n");
	for (size_t i = 0; i < shown; i++)
		add_finding(call, &data->findings.items[i]);
	add_troubles(call, data);
}

static void judged(void *arg, const struct err *err)
{
	struct tool_call *call = arg;
	struct judging *judging = call->state;

	if (err == NULL)
		tell(call, judging->data);
	dashboard_data_free(judging->data);
	tool_metric_free(&judging->metric);
	free(judging);
	tool_call_end(call, err);
}

static void run(struct tool_call *call)
{
	struct judging *judging = mem_alloc(sizeof(*judging));
	struct config_dashboard *dashboard = &judging->metric.dashboard;
	struct err err;

	if (!tool_metric_resolve(call, &judging->metric)) {
		free(judging);
		return;
	}
	if (json_get(call->input, "dashboard") == NULL && json_get(call->input, "id") == NULL)
		dashboard->metrics[0].period_ms = PERIOD_MS;
	judging->data = dashboard_data_new(dashboard, call->until_ms, &err);
	if (judging->data == NULL) {
		tool_metric_free(&judging->metric);
		free(judging);
		tool_call_end(call, &err);
		return;
	}
	call->state = judging;
	dashboard_read(call->context->bot, dashboard, judging->data, NULL, NULL, (struct done){ judged, call });
}

static const struct tool_argument arguments[] = { TOOL_METRIC_ARGUMENTS, { .name = NULL } };

const struct tool tool_judge_metrics = {
	.name = "judge_metrics",
	.about = "What is abnormal in a metric or a whole dashboard over a range, compared with the two weeks before, "
	         "and what moved together. Takes what read_metric takes; dashboard alone: all of it.",
	.title = "judging metrics",
	.arguments = arguments,
	.range_max_ms = 14 * DAY_MS,
	.placed = true,
	.run = run,
};
