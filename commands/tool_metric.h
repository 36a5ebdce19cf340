/*
 * tool_metric.h - which metric, or dashboard, a model means: for the tools that read and judge. As a dashboard of its
 * own, which outlives a reload of the configuration.
 */
#ifndef COMMANDS_TOOL_METRIC_H
#define COMMANDS_TOOL_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/config.h"
#include "commands/tool_call.h"

struct metric_result;

/* `dashboard` and `id`; or `namespace`, `metric`, `dimensions`, `stat`; or `source` and `query`. */
#define TOOL_METRIC_ARGUMENTS \
	{ "dashboard", TOOL_TEXT, TOOL_KNOWN, false, 64, "A configured dashboard.", NULL }, \
	{ "id", TOOL_TEXT, TOOL_KNOWN, false, 64, "A metric of it.", NULL }, \
	{ "namespace", TOOL_TEXT, TOOL_FREE, false, 255, "Else a metric of CloudWatch: AWS/EC2", NULL }, \
	{ "metric", TOOL_TEXT, TOOL_FREE, false, 255, "its name: CPUUtilization", NULL }, \
	{ "dimensions", TOOL_MAP, TOOL_KNOWN, false, 1024, "all of its dimensions", NULL }, \
	{ "stat", TOOL_TEXT, TOOL_FREE, false, 32, "Average (default), Sum, Maximum, SampleCount, p99 ...", NULL }, \
	{ "source", TOOL_TEXT, TOOL_KNOWN, false, 64, "Else a configured Prometheus", NULL }, \
	{ "query", TOOL_TEXT, TOOL_FREE, false, 1000, "and PromQL; label values that are names must be known.", NULL }

struct tool_metric {
	struct config_dashboard dashboard; /* one metric, with what its formula needs, hidden; without an id all */
	size_t wanted;                     /* the metric; metric_count: all */
};

/* False: the call was refused and has ended. */
bool tool_metric_resolve(struct tool_call *call, struct tool_metric *metric) MUST_CHECK;
void tool_metric_free(struct tool_metric *metric); /* members */
/* One that could not be read is told to whoever asked, unless the model alone can mend it: its own words for a metric
 * that it made up. */
void tool_metric_missed(struct tool_call *call, const char *title, const struct metric_result *result);
/* A namespace that everybody knows (AWS's own), or that is known here. */
bool tool_metric_namespace_is_known(const struct tool_call *call, const char *namespace_);

#endif
