#include "commands/dashboard_data.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/aws/cloudwatch.h"
#include "adapters/aws/log_series.h"
#include "adapters/prometheus/prometheus.h"
#include "bot/config.h"
#include "bot/cron.h"
#include "bot/mem.h"
#include "bot/zone.h"

#define POINTS_MAX 4000000 /* judged at one time: about 60 bytes each */
#define DAY_MS (24 * 3600 * 1000LL)

/* --- making and freeing --- */

static void add_metric(struct dashboard_data *data, const struct metric *metric)
{
	for (size_t i = 0; i < data->metric_count; i++)
		if (strcmp(data->metrics[i].id, metric->id) == 0)
			return;
	data->metrics = mem_resize(data->metrics, (data->metric_count + 1) * sizeof(struct metric));
	metric_copy(&data->metrics[data->metric_count++], metric);
}

/* Whether somebody looks on that weekday (0 Sunday): by the schedule, else from Monday to Friday. */
static bool is_run_day(const struct config_dashboard *dashboard, int weekday)
{
	struct cron cron;
	struct err err;

	if (dashboard->schedule == NULL || !cron_parse(dashboard->schedule, &cron, &err))
		return weekday >= 1 && weekday <= 5;
	return (cron.weekdays >> weekday & 1) != 0;
}

/* Monday's look reaches back over the days on which nobody looked. */
static int64_t judged_from(const struct config_dashboard *dashboard, const struct zone *zone, int64_t until_ms)
{
	int64_t from_ms = until_ms - dashboard->range_ms;

	if (!dashboard->weekend_aware)
		return from_ms;
	for (int days = 0; days < 6; days++) {
		struct zone_time local;

		zone_local(zone, from_ms, &local);
		if (is_run_day(dashboard, local.weekday))
			break;
		from_ms -= DAY_MS;
	}
	return from_ms;
}

struct dashboard_data *dashboard_data_new(const struct config_dashboard *dashboard, int64_t until_ms, struct err *err)
{
	struct zone *zone = zone_load(dashboard->timezone, err);
	struct dashboard_data *data;

	if (zone == NULL)
		return NULL;
	data = mem_alloc(sizeof(*data));
	data->name = mem_copy_string(dashboard->name);
	data->zone = zone;
	data->until_ms = until_ms;
	data->from_ms = judged_from(dashboard, zone, until_ms);
	data->baseline_ms = dashboard->baseline_ms;
	for (size_t i = 0; i < dashboard->metric_count; i++)
		add_metric(data, &dashboard->metrics[i]);
	return data;
}

static void free_subjects(struct dashboard_data *data)
{
	for (size_t i = 0; i < data->subject_count; i++) {
		free(data->subjects[i].title);
		series_free(&data->subjects[i].low);
		series_free(&data->subjects[i].high);
	}
	free(data->subjects);
	free(data->inputs);
}

void dashboard_data_free(struct dashboard_data *data)
{
	if (data == NULL)
		return;
	findings_free(&data->findings);
	free_subjects(data);
	for (size_t i = 0; data->reads != NULL && i < data->metric_count; i++)
		metric_result_free(&data->reads[i].result);
	for (size_t i = 0; i < data->metric_count; i++)
		metric_free(&data->metrics[i]);
	free(data->reads);
	free(data->read_of);
	free(data->metrics);
	metrics_table_free(&data->table);
	alarm_lines_free(&data->alarms);
	zone_free(data->zone);
	free(data->no_table);
	free(data->no_alarms);
	free(data->name);
	free(data->png);
	free(data->alt);
	free(data);
}

void dashboard_data_no_table(struct dashboard_data *data, const char *why)
{
	struct mem mem = { 0 };

	mem_set_string(&data->no_table, mem_printf(&mem, "The table of metrics was not read: %s", why));
	mem_free_all(&mem);
}

void dashboard_data_take_table(struct dashboard_data *data)
{
	for (size_t i = 0; i < data->table.count; i++)
		add_metric(data, &data->table.metrics[i]);
}

/* --- what is to be read --- */

enum source { FROM_CLOUDWATCH, FROM_PROMETHEUS, FROM_LOGS };

static enum source source_of(const struct metric *metric)
{
	if (strcmp(metric->source, METRIC_SOURCE_CLOUDWATCH) == 0)
		return FROM_CLOUDWATCH;
	return strcmp(metric->source, METRIC_SOURCE_LOGS) == 0 ? FROM_LOGS : FROM_PROMETHEUS;
}

static void plan_read(struct dashboard_data *data, size_t metric, size_t read, int64_t now_ms)
{
	static const int64_t settle_ms[] = { CLOUDWATCH_SETTLE_MS, PROMETHEUS_SETTLE_MS, LOG_SERIES_SETTLE_MS };
	const struct metric *m = &data->metrics[metric];

	data->read_of[metric] = read;
	metric_range(m, data->from_ms - data->baseline_ms, data->until_ms, now_ms, settle_ms[source_of(m)],
	             &data->reads[read]);
	data->reads[read].metric = m;
	data->reads[read].fresh_from_ms = data->from_ms -
		(m->baseline_ms > 0 ? m->baseline_ms : LOG_SERIES_BASELINE_MS);
}

bool dashboard_data_plan(struct dashboard_data *data, int64_t now_ms, struct err *err)
{
	size_t next = 0;
	int64_t points = 0;

	data->reads = mem_alloc((data->metric_count + 1) * sizeof(struct metric_read));
	data->read_of = mem_alloc((data->metric_count + 1) * sizeof(size_t));
	for (enum source source = FROM_CLOUDWATCH; source <= FROM_LOGS; source++) {
		size_t before = next;

		for (size_t i = 0; i < data->metric_count; i++)
			if (source_of(&data->metrics[i]) == source)
				plan_read(data, i, next++, now_ms);
		if (source == FROM_CLOUDWATCH)
			data->cloudwatch_count = next;
		else if (source == FROM_PROMETHEUS)
			data->prometheus_count = next - before;
	}
	for (size_t i = 0; i < data->metric_count; i++)
		points += (data->reads[i].to_ms - data->reads[i].from_ms) / data->reads[i].metric->period_ms *
		          (data->reads[i].metric->anomaly_band > 0 ? 3 : 1); /* itself and two edges */
	if (points > POINTS_MAX)
		return err_set(err, ERR_USAGE, "%s would read %lld values, more than %d; give its metrics a longer "
		               "period, or the dashboard a shorter baseline",
		               data->name, (long long)points, POINTS_MAX);
	return true;
}

/* --- what is found --- */

static bool contains(const char *text, const char *word)
{
	return text != NULL && strcasestr(text, word) != NULL;
}

static bool is_latency(const struct metric *metric)
{
	static const char *const units[] = { "seconds", "milliseconds", "microseconds", "s", "ms", "us", NULL };

	for (size_t i = 0; metric->unit != NULL && units[i] != NULL; i++)
		if (strcasecmp(metric->unit, units[i]) == 0)
			return true;
	return contains(metric->metric, "Latency") || contains(metric->metric, "ResponseTime");
}

static bool is_load(const struct metric *metric)
{
	return !is_latency(metric) && (contains(metric->metric, "Request") || contains(metric->metric, "Invocations") ||
	                               contains(metric->query, "request") || contains(metric->id, "request"));
}

static void add_subject(struct dashboard_data *data, size_t metric, const struct metric_series *series)
{
	const struct metric_result *result = dashboard_data_result(data, metric);
	bool labelled = result->count + result->left_out > 1;
	const struct metric *m = &data->metrics[metric];
	struct dashboard_subject *subject = &data->subjects[data->subject_count];
	struct findings_subject *input = &data->inputs[data->subject_count++];
	char *title = metric_title(m);
	struct mem mem = { 0 };

	subject->metric = metric;
	if (labelled && series->label != NULL)
		subject->title = mem_copy_string(mem_printf(&mem, "%s %s", title, series->label));
	else
		subject->title = mem_copy_string(title);
	*input = (struct findings_subject){
		.title = subject->title,
		.unit = m->unit,
		.load = is_load(m),
		.latency = is_latency(m),
		.unread = result->unread,
		.normal_below = m->normal_below,
		.normal_above = m->normal_above,
		.limit_is_normal = m->limit_is_normal,
		.series = &series->series,
		.band_low = !labelled && result->band_low.count > 0 ? &result->band_low : NULL,
		.band_high = !labelled && result->band_low.count > 0 ? &result->band_high : NULL,
	};
	mem_free_all(&mem);
	free(title);
}

static size_t buckets_of(const struct dashboard_data *data, size_t series)
{
	size_t count = 0;

	for (size_t i = 0; i < data->metric_count; i++)
		for (size_t k = 0; k < data->reads[i].result.count && k < series; k++)
			count += data->reads[i].result.series[k].series.count;
	return count;
}

void dashboard_data_fit(struct dashboard_data *data, size_t buckets)
{
	size_t most = METRIC_SERIES_MAX;

	while (most > 1 && buckets_of(data, most) > buckets)
		most--;
	for (size_t i = 0; i < data->metric_count; i++) {
		struct metric_result *result = &data->reads[i].result;

		for (; result->count > most; result->left_out++)
			metric_series_free(&result->series[--result->count]);
	}
}

static void make_subjects(struct dashboard_data *data)
{
	size_t count = 0;

	for (size_t i = 0; i < data->metric_count; i++)
		count += data->reads[i].result.count;
	data->subjects = mem_alloc((count + 1) * sizeof(struct dashboard_subject));
	data->inputs = mem_alloc((count + 1) * sizeof(struct findings_subject));
	for (size_t i = 0; i < data->metric_count; i++) {
		const struct metric_result *result = dashboard_data_result(data, i);

		for (size_t k = 0; k < result->count && !data->metrics[i].hidden; k++)
			add_subject(data, i, &result->series[k]);
	}
}

static struct findings_range range_of(const struct dashboard_data *data)
{
	return (struct findings_range){ .from_ms = data->from_ms, .to_ms = data->until_ms, .zone = data->zone };
}

bool dashboard_data_judge(void *arg, struct err *err)
{
	struct dashboard_data *data = arg;
	const struct findings_range range = range_of(data);
	struct findings_band *bands;

	(void)err;
	dashboard_data_fit(data, POINTS_MAX);
	make_subjects(data);
	bands = mem_alloc((data->subject_count + 1) * sizeof(*bands));
	findings_find_bands(&data->findings, data->inputs, data->subject_count, &range, bands);
	for (size_t i = 0; i < data->subject_count; i++) {
		data->subjects[i].low = bands[i].low;
		data->subjects[i].high = bands[i].high;
	}
	free(bands);
	return true;
}

void dashboard_data_drop_values(struct dashboard_data *data)
{
	for (size_t i = 0; i < data->metric_count; i++) {
		struct metric_result *result = &data->reads[i].result;

		for (size_t k = 0; k < result->count; k++)
			series_free(&result->series[k].series);
		series_free(&result->band_low);
		series_free(&result->band_high);
	}
	for (size_t i = 0; i < data->subject_count; i++) {
		series_free(&data->subjects[i].low);
		series_free(&data->subjects[i].high);
	}
}

bool dashboard_data_has_values(const struct dashboard_data *data)
{
	for (size_t i = 0; i < data->subject_count; i++)
		if (data->inputs[i].series->count > 0)
			return true;
	return false;
}

size_t dashboard_data_abnormal(const struct dashboard_data *data)
{
	size_t count = 0;

	while (count < data->findings.count && finding_is_abnormal(data->findings.items[count].kind))
		count++;
	return count;
}

const struct metric_result *dashboard_data_result(const struct dashboard_data *data, size_t metric)
{
	return &data->reads[data->read_of[metric]].result;
}

void dashboard_data_count(const struct dashboard_data *data, size_t *readable, size_t *visible)
{
	*readable = *visible = 0;
	for (size_t i = 0; i < data->metric_count; i++) {
		if (data->metrics[i].hidden)
			continue;
		(*visible)++;
		*readable += dashboard_data_result(data, i)->count > 0;
	}
}

bool dashboard_data_is_whole(const struct dashboard_data *data)
{
	size_t readable, visible;

	dashboard_data_count(data, &readable, &visible);
	for (size_t i = 0; i < data->metric_count; i++)
		if (dashboard_data_result(data, i)->unread || dashboard_data_result(data, i)->left_out > 0)
			return false;
	return readable == visible && data->no_table == NULL && data->table.problem_count == 0 &&
	       data->no_alarms == NULL;
}
