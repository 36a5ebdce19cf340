/* read_metric - the values of one metric over a range, coarse enough to be read. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch.h"
#include "adapters/aws/log_series.h"
#include "adapters/prometheus/prometheus.h"
#include "bot/answer_check.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "commands/tool_call.h"
#include "commands/tool_metric.h"

#define MINUTE INT64_C(60000)
#define DAY_MS (24 * 60 * MINUTE)
#define ROWS_MAX 96 /* a day of quarters of an hour */
#define SERIES_SHOWN 8
#define TEXT_MAX 300

struct reading {
	struct tool_metric metric;
	struct metric_read *reads; /* one a metric */
};

/* The finest of these of which a range has few enough, and that its source has. */
static int64_t period_for(const struct metric *metric, int64_t range_ms)
{
	static const int64_t periods[] = { MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 360 * MINUTE, DAY_MS };
	size_t i = 0;

	while (i < 5 && (range_ms / periods[i] > ROWS_MAX || periods[i] < metric->period_ms))
		i++;
	return periods[i];
}

/* --- the table --- */

static void add_value(struct str *out, double value)
{
	if (isnan(value))
		str_add(out, " -");
	else
		str_addf(out, " %.6g", value);
}

static void add_summary(const struct tool_call *call, const struct series *series, struct str *out)
{
	size_t least = series->count, greatest = series->count, last = series->count, count = 0;
	double sum = 0;

	for (size_t i = 0; i < series->count; i++) {
		double value = series->values[i];

		if (isnan(value))
			continue;
		least = least == series->count || value < series->values[least] ? i : least;
		greatest = greatest == series->count || value > series->values[greatest] ? i : greatest;
		last = i;
		sum += value;
		count++;
	}
	if (count == 0) {
		str_add(out, "no values");
		return;
	}
	str_addf(out, "least %.6g at ", series->values[least]);
	tool_call_add_time(call, out, series_time(series, least));
	str_addf(out, ", greatest %.6g at ", series->values[greatest]);
	tool_call_add_time(call, out, series_time(series, greatest));
	str_addf(out, ", mean %.6g, last %.6g", sum / (double)count, series->values[last]);
}

/* All series of a result lie on one grid. */
static void add_rows(struct tool_call *call, const struct metric_result *result, size_t shown)
{
	const struct series *first = &result->series[0].series;

	for (size_t i = 0; i < first->count; i++) {
		tool_call_add_time(call, &call->found, series_time(first, i));
		for (size_t k = 0; k < shown; k++) {
			const struct series *series = &result->series[k].series;

			add_value(&call->found, i < series->count ? series->values[i] : NAN);
		}
		str_add_char(&call->found, '\n');
	}
}

static void add_series(struct tool_call *call, const struct metric *metric, const char *title,
                       const struct metric_series *series, size_t number)
{
	const char *name = series->label == NULL ? title : series->label;

	str_addf(&call->found, "series %zu: ", number);
	tool_call_add(call, name, TEXT_MAX);
	str_add(&call->found, ": ");
	add_summary(call, &series->series, &call->found);
	str_add_char(&call->found, '\n');
	tool_call_learn_label(call, series->label);
	answer_check_add_series(call->context->check, name, &series->series, call->from_ms, call->until_ms,
	                        metric->unit);
}

static void tell(struct tool_call *call, const struct metric *metric, const struct metric_result *result)
{
	size_t shown = result->count < SERIES_SHOWN ? result->count : SERIES_SHOWN;
	char *title = metric_title(metric);
	char period[CLOCK_TEXT_SIZE];

	tool_call_add(call, title, TEXT_MAX);
	str_addf(&call->found, ", unit %s\n", metric->unit == NULL ? "not told" : metric->unit);
	if (result->why != NULL) {
		tool_call_add(call, result->why, TEXT_MAX);
		str_add_char(&call->found, '\n');
	}
	for (size_t k = 0; k < shown; k++)
		add_series(call, metric, title, &result->series[k], k + 1);
	if (shown > 0) {
		clock_format_duration(result->series[0].series.step_ms, period);
		str_addf(&call->said, "One value each %s, of the time that begins then", period);
		if (shown < result->count + result->left_out)
			str_addf(&call->said, "; %zu series, the first %zu are shown", result->count + result->left_out,
			         shown);
		add_rows(call, result, shown);
	} else {
		str_add(&call->said, result->outcome == METRIC_FAILED ? "It could not be read" : "There are no values");
	}
	str_add(&call->said, ".\n");
	tool_metric_missed(call, title, result);
	free(title);
}

static void read_done(void *arg, const struct err *err)
{
	struct tool_call *call = arg;
	struct reading *reading = call->state;
	size_t count = reading->metric.dashboard.metric_count;

	if (err == NULL)
		tell(call, &reading->metric.dashboard.metrics[reading->metric.wanted],
		     &reading->reads[reading->metric.wanted].result);
	for (size_t i = 0; i < count; i++)
		metric_result_free(&reading->reads[i].result);
	free(reading->reads);
	tool_metric_free(&reading->metric);
	free(reading);
	tool_call_end(call, err);
}

static void start(struct tool_call *call, struct reading *reading)
{
	struct config_dashboard *dashboard = &reading->metric.dashboard;
	const struct metric *wanted = &dashboard->metrics[reading->metric.wanted];
	bool cloudwatch = strcmp(wanted->source, METRIC_SOURCE_CLOUDWATCH) == 0;
	bool logs = strcmp(wanted->source, METRIC_SOURCE_LOGS) == 0;
	int64_t period_ms = logs ? wanted->period_ms : period_for(wanted, call->until_ms - call->from_ms);

	call->state = reading;
	reading->reads = mem_alloc(dashboard->metric_count * sizeof(*reading->reads));
	for (size_t i = 0; i < dashboard->metric_count; i++) {
		dashboard->metrics[i].period_ms = period_ms;
		metric_range(&dashboard->metrics[i], call->from_ms, call->until_ms, clock_wall_ms(),
		             cloudwatch ? CLOUDWATCH_SETTLE_MS : logs ? LOG_SERIES_SETTLE_MS : PROMETHEUS_SETTLE_MS,
		             &reading->reads[i]);
	}
	if (cloudwatch)
		cloudwatch_read(call->context->bot->aws, reading->reads, dashboard->metric_count, NULL, NULL,
		                (struct done){ read_done, call });
	else if (logs)
		log_series_read(call->context->bot->aws, reading->reads, 1, NULL, NULL,
		                (struct done){ read_done, call });
	else
		prometheus_read(call->context->bot->prometheus, reading->reads, 1, NULL, NULL,
		                (struct done){ read_done, call });
}

static void run(struct tool_call *call)
{
	struct reading *reading = mem_alloc(sizeof(*reading));

	if (!tool_metric_resolve(call, &reading->metric)) {
		free(reading);
		return;
	}
	if (reading->metric.wanted == reading->metric.dashboard.metric_count) {
		tool_metric_free(&reading->metric);
		free(reading);
		tool_call_refuse(call, "id: which metric of the dashboard? judge_metrics takes a whole one.");
		return;
	}
	start(call, reading);
}

static const struct tool_argument arguments[] = { TOOL_METRIC_ARGUMENTS, { .name = NULL } };

const struct tool tool_read_metric = {
	.name = "read_metric",
	.about = "The values of one metric over a range as a table of at most 96 rows: dashboard and id, or namespace, "
	         "metric and dimensions, or source and query.",
	.title = "reading a metric",
	.arguments = arguments,
	.range_max_ms = 30 * DAY_MS,
	.placed = true,
	.run = run,
};
