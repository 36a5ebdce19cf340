#include "commands/alarm_metrics.h"

#include <math.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"

#define METRICS_MAX 20

struct list {
	struct metric *metrics;
	size_t count;
};

static void set_common(struct metric *metric, const struct alarm *alarm)
{
	metric->source = mem_copy_string(METRIC_SOURCE_CLOUDWATCH);
	metric->account = mem_copy_string(alarm->account);
	metric->region = mem_copy_string(alarm->region);
	metric->normal_below = metric->normal_above = NAN;
}

static void take_plain(struct list *list, const struct alarm *alarm)
{
	struct metric *metric = &list->metrics[list->count++];

	set_common(metric, alarm);
	metric->id = mem_copy_string("alarm");
	metric->namespace_ = mem_copy_string(alarm->namespace_);
	metric->metric = mem_copy_string(alarm->metric);
	metric->stat = mem_copy_string(alarm->statistic == NULL ? "Average" : alarm->statistic);
	metric->dimensions = json_copy(alarm->dimensions);
	metric->period_ms = metric_fit_period_ms(alarm->period_s);
}

static void take_entry(struct list *list, const struct alarm *alarm, struct json_object *entry)
{
	struct metric *metric = &list->metrics[list->count++];

	set_common(metric, alarm);
	metric->id = mem_copy_string(json_string(entry, "id"));
	metric->title = mem_copy_string(json_string(entry, "label"));
	metric->expression = mem_copy_string(json_string(entry, "expression"));
	metric->namespace_ = mem_copy_string(json_string(entry, "namespace"));
	metric->metric = mem_copy_string(json_string(entry, "metric"));
	metric->stat = mem_copy_string(json_string(entry, "statistic"));
	metric->dimensions = json_copy(json_get(entry, "dimensions"));
	metric->period_ms = metric_fit_period_ms(json_int(entry, "period_s", alarm->period_s));
	metric->hidden = !json_flag(entry, "returned", false);
}

/* A band is two series of one name, whose order nothing documents: the metric is drawn without it. */
static bool is_band(struct json_object *entry)
{
	const char *expression = json_string(entry, "expression");

	return expression != NULL && strstr(expression, "ANOMALY_DETECTION_BAND") != NULL;
}

static bool is_readable(struct json_object *entry)
{
	return json_string(entry, "id") != NULL &&
	       (json_string(entry, "expression") != NULL ||
	        (json_string(entry, "namespace") != NULL && json_string(entry, "metric") != NULL));
}

bool alarm_metrics_are_known(const struct alarm *alarm)
{
	size_t count = json_count(alarm->metrics);

	if (alarm->region == NULL || (alarm->type != NULL && strcmp(alarm->type, "promql") == 0))
		return false;
	if (count == 0)
		return alarm->namespace_ != NULL && alarm->metric != NULL;
	for (size_t i = 0; i < count; i++)
		if (!is_readable(json_at(alarm->metrics, i)))
			return false;
	return count <= METRICS_MAX && !(count == 1 && is_band(json_at(alarm->metrics, 0)));
}

struct metric *alarm_metrics_take(const struct alarm *alarm, size_t *count)
{
	size_t entries = json_count(alarm->metrics);
	struct list list = { mem_alloc((entries + 1) * sizeof(struct metric)), 0 };

	if (entries == 0)
		take_plain(&list, alarm);
	for (size_t i = 0; i < entries; i++)
		if (!is_band(json_at(alarm->metrics, i)))
			take_entry(&list, alarm, json_at(alarm->metrics, i));
	*count = list.count;
	return list.metrics;
}
