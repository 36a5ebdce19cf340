#include "commands/tool_metric.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/config_types.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/zone.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define PERIOD_MS 60000 /* until whoever reads it chooses one */

/* --- what is known without having been seen --- */

/* A model knows AWS's own names; they point at nothing of ours. */
static bool is_public_namespace(const char *namespace_)
{
	static const char *const names[] = { "CWAgent", "ContainerInsights", "ECS/ContainerInsights", "LambdaInsights",
	                                     "CloudWatchSynthetics" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(namespace_, names[i]) == 0)
			return true;
	return str_starts(namespace_, "AWS/") && namespace_[strspn(namespace_, LETTERS DIGITS "/")] == '\0';
}

bool tool_metric_namespace_is_known(const struct tool_call *call, const char *namespace_)
{
	return is_public_namespace(namespace_) || tool_call_knows(call, namespace_, TOOL_KNOWN);
}

/* Words like "idle" or "GET", and codes like "5.." point at nothing either. */
static bool is_vocabulary(const char *text, size_t length)
{
	return strspn(text, LETTERS) == length || strspn(text, DIGITS ".[]+*|^$-") == length;
}

static bool is_known(const struct tool_call *call, const char *text, size_t length)
{
	char *name = mem_copy_bytes(text, length);
	bool known = is_vocabulary(name, length) || tool_call_knows(call, name, TOOL_KNOWN);

	free(name);
	return known;
}

/* Every string of a PromQL query: the values of labels. */
static bool strings_are_known(const struct tool_call *call, const char *query)
{
	while ((query = strpbrk(query, "\"'`")) != NULL) {
		const char *end = strchr(query + 1, *query);

		if (end == NULL || memchr(query, '\\', (size_t)(end - query)) != NULL ||
		    !is_known(call, query + 1, (size_t)(end - query - 1)))
			return false;
		query = end + 1;
	}
	return true;
}

/* --- making one --- */

static void begin(struct tool_call *call, struct tool_metric *metric, const char *name)
{
	struct config_dashboard *dashboard = &metric->dashboard;

	*dashboard = (struct config_dashboard){
		.name = mem_copy_string(name),
		.timezone = mem_copy_string(zone_name(call->context->zone)),
		.range_ms = call->until_ms - call->from_ms,
		.baseline_ms = 14 * DAY_MS,
	};
}

static struct metric *add(struct tool_metric *metric)
{
	struct config_dashboard *dashboard = &metric->dashboard;

	dashboard->metrics = mem_resize(dashboard->metrics, (dashboard->metric_count + 1) * sizeof(struct metric));
	dashboard->metrics[dashboard->metric_count] = (struct metric){ 0 };
	return &dashboard->metrics[dashboard->metric_count++];
}

/* The one of that name; without a name the only one, or the only one that has the metric `id`. */
static const struct config_dashboard *find_dashboard(const struct config *config, const char *name, const char *id)
{
	const struct config_dashboard *found = NULL;

	for (size_t i = 0; i < config->dashboards.count; i++) {
		const struct config_dashboard *dashboard = &config->dashboards.items[i];
		bool suits = name != NULL ? strcmp(dashboard->name, name) == 0 : config->dashboards.count == 1;

		for (size_t k = 0; name == NULL && id != NULL && k < dashboard->metric_count; k++)
			suits = suits || strcmp(dashboard->metrics[k].id, id) == 0;
		if (suits && found != NULL)
			return NULL;
		if (suits)
			found = dashboard;
	}
	return found;
}

/* A formula is read with all that its dashboard has, which it may compute with. */
static bool take_one(const struct config_dashboard *dashboard, const char *id, struct tool_metric *metric)
{
	size_t i = 0;

	while (i < dashboard->metric_count && strcmp(dashboard->metrics[i].id, id) != 0)
		i++;
	if (i == dashboard->metric_count)
		return false;
	if (dashboard->metrics[i].expression == NULL) {
		metric_copy(add(metric), &dashboard->metrics[i]);
		metric->wanted = 0;
		return true;
	}
	for (size_t k = 0; k < dashboard->metric_count; k++) {
		struct metric *copy;

		if (strcmp(dashboard->metrics[k].source, METRIC_SOURCE_CLOUDWATCH) != 0)
			continue;
		copy = add(metric);
		metric_copy(copy, &dashboard->metrics[k]);
		copy->hidden = k != i;
		if (k == i)
			metric->wanted = metric->dashboard.metric_count - 1;
	}
	return true;
}

static bool from_config(struct tool_call *call, struct tool_metric *metric)
{
	const char *name = json_string(call->input, "dashboard"), *id = json_string(call->input, "id");
	const struct config_dashboard *dashboard = find_dashboard(call->context->bot->config, name, id);

	if (dashboard == NULL) {
		tool_call_refuse(call, "dashboard: there is none of that name, or it is not clear which one is meant; "
		                       "list_metrics says which there are.");
		return false;
	}
	begin(call, metric, dashboard->name);
	if (id == NULL) {
		for (size_t i = 0; i < dashboard->metric_count; i++)
			metric_copy(add(metric), &dashboard->metrics[i]);
		metric->dashboard.metrics_table = mem_copy_string(dashboard->metrics_table);
		metric->dashboard.baseline_ms = dashboard->baseline_ms;
		metric->wanted = metric->dashboard.metric_count;
		return true;
	}
	if (take_one(dashboard, id, metric))
		return true;
	tool_metric_free(metric);
	tool_call_refuse(call, "id: this dashboard has no such metric; list_metrics says which it has.");
	return false;
}

static bool from_prometheus(struct tool_call *call, struct tool_metric *metric)
{
	const char *query = json_string(call->input, "query"), *source = json_string(call->input, "source");
	const struct config *config = call->context->bot->config;
	struct metric *made;
	size_t i = 0;

	while (i < config->prometheus.count && strcmp(config->prometheus.items[i].name, source) != 0)
		i++;
	if (i == config->prometheus.count || query == NULL) {
		tool_call_refuse(call, "source, query: a configured Prometheus and PromQL are needed, both.");
		return false;
	}
	if (!strings_are_known(call, query)) {
		tool_call_refuse(call, "query: a label's value in it is not known from the question, the "
		                       "configuration, an incident or what a tool gave as a label. Leave it out and "
		                       "read the labels of what comes.");
		return false;
	}
	begin(call, metric, source);
	made = add(metric);
	*made = (struct metric){ .id = mem_copy_string("m"), .source = mem_copy_string(source),
	                         .query = mem_copy_string(query), .period_ms = PERIOD_MS, .normal_below = NAN,
	                         .normal_above = NAN };
	return true;
}

static bool from_cloudwatch(struct tool_call *call, struct tool_metric *metric)
{
	const char *namespace_ = json_string(call->input, "namespace"), *name = json_string(call->input, "metric");
	const char *stat = json_string(call->input, "stat");
	struct json_object *dimensions = json_get(call->input, "dimensions");
	struct metric *made;

	if (namespace_ == NULL || name == NULL) {
		tool_call_refuse(call, "Which metric? dashboard and id, or namespace and metric, or source and query.");
		return false;
	}
	if (!tool_metric_namespace_is_known(call, namespace_) ||
	    (!is_public_namespace(namespace_) && !tool_call_knows(call, name, TOOL_KNOWN))) {
		tool_call_refuse(call, "namespace, metric: not known from the question, the configuration, an "
		                       "incident or a list; list_metrics says which there are.");
		return false;
	}
	if (stat != NULL && !config_is_statistic(stat)) {
		tool_call_refuse(call, "stat: CloudWatch has no such statistic; say Average, Sum, Maximum, p99 ...");
		return false;
	}
	begin(call, metric, name);
	made = add(metric);
	*made = (struct metric){
		.id = mem_copy_string("m"), .source = mem_copy_string(METRIC_SOURCE_CLOUDWATCH),
		.namespace_ = mem_copy_string(namespace_), .metric = mem_copy_string(name),
		.stat = mem_copy_string(stat == NULL ? "Average" : stat),
		.dimensions = dimensions == NULL ? NULL : json_copy(dimensions),
		.account = mem_copy_string(call->target.account), .region = mem_copy_string(call->target.region),
		.period_ms = PERIOD_MS, .normal_below = NAN, .normal_above = NAN,
	};
	return true;
}

static bool is_configured(const struct tool_call *call)
{
	return json_get(call->input, "dashboard") != NULL || json_get(call->input, "id") != NULL;
}

bool tool_metric_resolve(struct tool_call *call, struct tool_metric *metric)
{
	struct json_object *input = call->input;
	bool configured = is_configured(call);
	bool cloudwatch = json_get(input, "namespace") != NULL || json_get(input, "metric") != NULL;
	bool prometheus = json_get(input, "source") != NULL || json_get(input, "query") != NULL;

	*metric = (struct tool_metric){ .wanted = 0 };
	if (configured + cloudwatch + prometheus > 1) {
		tool_call_refuse(call, "Either dashboard and id, or namespace and metric, or source and query.");
		return false;
	}
	if (configured)
		return from_config(call, metric);
	if (prometheus && json_string(input, "source") != NULL)
		return from_prometheus(call, metric);
	return from_cloudwatch(call, metric);
}

void tool_metric_missed(struct tool_call *call, const char *title, const struct metric_result *result)
{
	if (result->outcome == METRIC_FAILED && (is_configured(call) || !result->misasked))
		tool_call_missed(call, title, result->why);
}

void tool_metric_free(struct tool_metric *metric)
{
	struct config_dashboard *dashboard = &metric->dashboard;

	for (size_t i = 0; i < dashboard->metric_count; i++)
		metric_free(&dashboard->metrics[i]);
	free(dashboard->metrics);
	free(dashboard->metrics_table);
	free(dashboard->name);
	free(dashboard->timezone);
	*metric = (struct tool_metric){ .wanted = 0 };
}
