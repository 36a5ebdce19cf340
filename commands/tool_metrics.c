/* list_metrics - which metrics there are: those of the configured dashboards, and what CloudWatch lists. */
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/metric_list.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "commands/tool_call.h"
#include "commands/tool_metric.h"

#define TEXT_MAX 300 /* bytes of one text */

/* --- configured ones --- */

static void add_configured(struct tool_call *call)
{
	const struct config *config = call->context->bot->config;

	for (size_t i = 0; i < config->dashboards.count; i++) {
		const struct config_dashboard *dashboard = &config->dashboards.items[i];

		str_addf(&call->found, "dashboard %s:\n", dashboard->name);
		for (size_t k = 0; k < dashboard->metric_count; k++) {
			const struct metric *metric = &dashboard->metrics[k];
			char *title = metric_title(metric);

			if (!metric->hidden) {
				str_addf(&call->found, "  %s: ", metric->id);
				tool_call_add(call, title, TEXT_MAX);
				str_addf(&call->found, "%s%s\n", metric->unit == NULL ? "" : ", ",
				         metric->unit == NULL ? "" : metric->unit);
			}
			free(title);
		}
	}
}

/* --- CloudWatch's --- */

static bool add_dimension(void *out, const char *name, struct json_object *value)
{
	struct str *text = out;
	const char *string = json_string(value, "");

	str_addf(text, "%s%s=%s", text->length == 0 ? "" : " ", name, string == NULL ? "?" : string);
	return true;
}

static bool learn_value(void *arg, const char *name, struct json_object *value)
{
	(void)name;
	tool_call_learn(arg, json_string(value, ""));
	return true;
}

static void learn(struct tool_call *call, const struct metric_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		tool_call_learn(call, list->items[i].namespace_);
		tool_call_learn(call, list->items[i].metric);
		if (list->items[i].dimensions != NULL)
			json_each(list->items[i].dimensions, learn_value, call);
	}
}

static bool same_namespace(const struct metric_list_item *a, const struct metric_list_item *b)
{
	return strcmp(a->namespace_, b->namespace_) == 0;
}

static bool same_metric(const struct metric_list_item *a, const struct metric_list_item *b)
{
	return same_namespace(a, b) && strcmp(a->metric, b->metric) == 0;
}

/* The first of its kind in the list: whoever comes later stands with it. */
static bool is_first(const struct metric_list *list, size_t i,
                     bool (*same)(const struct metric_list_item *, const struct metric_list_item *))
{
	for (size_t k = 0; k < i; k++)
		if (same(&list->items[k], &list->items[i]))
			return false;
	return true;
}

/* "AWS/EC2: CPUUtilization, NetworkIn": names only, of everything. */
static void add_namespaces(struct tool_call *call, const struct metric_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!is_first(list, i, same_namespace))
			continue;
		tool_call_add(call, list->items[i].namespace_, TEXT_MAX);
		for (size_t k = i, n = 0; k < list->count; k++) {
			if (!same_namespace(&list->items[i], &list->items[k]) || !is_first(list, k, same_metric))
				continue;
			str_add(&call->found, n++ == 0 ? ": " : ", ");
			tool_call_add(call, list->items[k].metric, TEXT_MAX);
		}
		str_add_char(&call->found, '\n');
	}
}

/* "CPUUtilization: InstanceId=i-1; InstanceId=i-2": with dimensions, of one namespace. */
static void add_metrics(struct tool_call *call, const struct metric_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!is_first(list, i, same_metric))
			continue;
		tool_call_add(call, list->items[i].metric, TEXT_MAX);
		for (size_t k = i; k < list->count; k++) {
			struct str dimensions;

			if (!same_metric(&list->items[i], &list->items[k]))
				continue;
			str_init(&dimensions, 10 * TEXT_MAX);
			if (list->items[k].dimensions != NULL)
				json_each(list->items[k].dimensions, add_dimension, &dimensions);
			str_add(&call->found, k == i ? ": " : "; ");
			tool_call_add(call, dimensions.length == 0 ? "no dimensions" : dimensions.text,
			              10 * TEXT_MAX);
			str_free(&dimensions);
		}
		str_add_char(&call->found, '\n');
	}
}

static void listed(void *arg, const struct err *err)
{
	struct tool_call *call = arg;
	struct metric_list *list = call->state;

	if (err == NULL) {
		learn(call, list);
		str_addf(&call->said, "%zu metrics of CloudWatch%s.\n", list->count,
		         list->more ? "; there are more: name namespace, metric or a dimension" : "");
		if (json_get(call->input, "namespace") == NULL)
			add_namespaces(call, list);
		else
			add_metrics(call, list);
	}
	metric_list_free(list);
	free(list);
	tool_call_end(call, err);
}

static void run(struct tool_call *call)
{
	const char *namespace_ = json_string(call->input, "namespace"), *metric = json_string(call->input, "metric");
	const char *dimension = json_string(call->input, "dimension"), *value = json_string(call->input, "value");

	if ((namespace_ != NULL && !tool_metric_namespace_is_known(call, namespace_)) ||
	    (metric != NULL && namespace_ == NULL) || (value != NULL && dimension == NULL)) {
		tool_call_refuse(call, "namespace: must be AWS's own or one that a list without it gave; metric goes "
		                       "with it, and value with dimension.");
		return;
	}
	if (namespace_ == NULL)
		add_configured(call);
	call->state = mem_alloc(sizeof(struct metric_list));
	metric_list_read(call->context->bot->aws, &call->target, namespace_, metric, dimension, value,
	                 namespace_ == NULL, call->state, (struct done){ listed, call });
}

static const struct tool_argument arguments[] = {
	{ "namespace", TOOL_TEXT, TOOL_FREE, false, 255, "CloudWatch's: its metrics with their dimensions.", NULL },
	{ "metric", TOOL_TEXT, TOOL_FREE, false, 255, "Only this one of the namespace.", NULL },
	{ "dimension", TOOL_TEXT, TOOL_FREE, false, 255, "Only metrics that have this dimension: InstanceId", NULL },
	{ "value", TOOL_TEXT, TOOL_KNOWN, false, 1024, "with this value.", NULL },
	{ .name = NULL },
};

const struct tool tool_list_metrics = {
	.name = "list_metrics",
	.about = "Which metrics there are. Without arguments: the configured dashboards with their metrics' ids, and "
	         "names of CloudWatch's namespaces and metrics that have values now.",
	.title = "looking for metrics",
	.arguments = arguments,
	.placed = true,
	.run = run,
};
