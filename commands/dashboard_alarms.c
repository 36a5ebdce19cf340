/* dashboard_alarms.c - the metrics that alarms watch become lines of a dashboard. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "commands/dashboard_data.h"

#define TITLE_MAX_BYTES 200

void dashboard_data_no_alarms(struct dashboard_data *data, const char *why)
{
	struct mem mem = { 0 };

	mem_set_string(&data->no_alarms, mem_printf(&mem, "The alarms were not listed: %s", why));
	mem_free_all(&mem);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static const char *region_of(const struct metric *metric, const char *region)
{
	return metric->region != NULL ? metric->region : region;
}

/* One metric of CloudWatch, by whatever name. Formulas are not compared. */
static bool is_same_metric(const struct metric *a, const struct metric *b, const char *region)
{
	return a->expression == NULL && b->expression == NULL && a->metric != NULL && b->metric != NULL &&
	       is_same(a->source, b->source) && is_same(a->namespace_, b->namespace_) &&
	       is_same(a->metric, b->metric) && is_same(a->stat, b->stat) && a->period_ms == b->period_ms &&
	       is_same(a->account, b->account) && is_same(region_of(a, region), region_of(b, region)) &&
	       metric_same_dimensions(a->dimensions, b->dimensions);
}

static struct metric *find_same(struct dashboard_data *data, const struct metric *metric, const char *region)
{
	for (size_t i = 0; i < data->metric_count; i++)
		if (!data->metrics[i].hidden && is_same_metric(&data->metrics[i], metric, region))
			return &data->metrics[i];
	return NULL;
}

static void join_titles(struct metric *to, const struct metric *from)
{
	struct mem mem = { 0 };

	if (strlen(to->title) + strlen(from->title) < TITLE_MAX_BYTES)
		mem_set_string(&to->title, mem_printf(&mem, "%s, %s", to->title, from->title));
	mem_free_all(&mem);
}

/* Of two alarms the one that rings first counts. */
static void join_limits(struct metric *to, const struct metric *from)
{
	if (isnan(to->normal_below) && isnan(to->normal_above))
		to->limit_is_normal = from->limit_is_normal;
	else if (from->normal_below < to->normal_below || from->normal_above > to->normal_above)
		to->limit_is_normal = from->limit_is_normal;
	to->normal_below = fmin(to->normal_below, from->normal_below); /* a number, if there is one */
	to->normal_above = fmax(to->normal_above, from->normal_above);
}

/* Of two the narrower one: it is left first. */
static void join_bands(struct metric *to, const struct metric *from)
{
	if (from->anomaly_band > 0 && !(to->anomaly_band > 0 && to->anomaly_band <= from->anomaly_band))
		to->anomaly_band = from->anomaly_band;
}

static void add_line(struct dashboard_data *data, const struct alarm_line *line)
{
	data->metrics = mem_resize(data->metrics, (data->metric_count + line->count) * sizeof(struct metric));
	for (size_t i = 0; i < line->count; i++)
		metric_copy(&data->metrics[data->metric_count++], &line->metrics[i]);
}

/* An id of the configuration that looks like ours counts first. */
static bool has_its_id(const struct dashboard_data *data, const struct alarm_line *line)
{
	for (size_t i = 0; i < data->metric_count; i++)
		for (size_t k = 0; k < line->count; k++)
			if (strcmp(data->metrics[i].id, line->metrics[k].id) == 0)
				return true;
	return false;
}

static void add_problem(struct dashboard_data *data, const char *alarm)
{
	struct alarm_lines *alarms = &data->alarms;
	struct mem mem = { 0 };

	alarms->problems = mem_resize(alarms->problems, (alarms->problem_count + 1) * sizeof(char *));
	alarms->problems[alarms->problem_count++] = mem_copy_string(mem_printf(
		&mem, "alarm %.200s is left out: another metric has the id that it would get", alarm));
	mem_free_all(&mem);
}

void dashboard_data_take_alarms(struct dashboard_data *data, const char *region)
{
	size_t configured = data->metric_count;

	for (size_t i = 0; i < data->alarms.count; i++) {
		const struct alarm_line *line = &data->alarms.items[i];
		const struct metric *watched = &line->metrics[line->count - 1];
		struct metric *same = line->count == 1 ? find_same(data, watched, region) : NULL;
		bool is_configured = same != NULL && (size_t)(same - data->metrics) < configured;

		if (same == NULL && has_its_id(data, line)) {
			add_problem(data, line->alarm);
		} else if (same == NULL) {
			add_line(data, line);
		} else if (!is_configured) {
			join_titles(same, watched);
			join_limits(same, watched);
			join_bands(same, watched);
		} else {
			if (isnan(same->normal_below) && isnan(same->normal_above))
				join_limits(same, watched);
			if (isnan(same->anomaly_band)) /* nothing is configured, not even that there is none */
				join_bands(same, watched);
		}
	}
}
