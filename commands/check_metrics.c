#include "commands/check_metrics.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch.h"
#include "adapters/aws/metrics_table.h"
#include "adapters/prometheus/prometheus.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"

#define RANGE_MS (INT64_C(24) * 3600 * 1000)
#define TEXT_MAX 65536

/* --- one account --- */

struct account {
	struct metric metric;
	struct metric_read read;
	struct done done;
};

static void account_was_read(void *arg, const struct err *err)
{
	struct account *a = arg;
	struct err why;

	if (err == NULL && a->read.result.outcome == METRIC_FAILED) {
		(void)err_set(&why, ERR_REFUSED, "%s", a->read.result.why);
		err = &why;
	}
	a->done.fn(a->done.arg, err);
	metric_result_free(&a->read.result);
	metric_free(&a->metric);
	free(a);
}

void check_metrics_account(struct bot *bot, const char *account, struct done done)
{
	struct account *a = mem_alloc(sizeof(*a));
	int64_t now_ms = clock_wall_ms();

	/* One that every account may ask for; that it has no values is well. */
	a->metric = (struct metric){
		.id = mem_copy_string("cpu"), .source = mem_copy_string(METRIC_SOURCE_CLOUDWATCH),
		.namespace_ = mem_copy_string("AWS/EC2"), .metric = mem_copy_string("CPUUtilization"),
		.stat = mem_copy_string("Average"), .account = mem_copy_string(account), .period_ms = 300000 };
	a->done = done;
	metric_range(&a->metric, now_ms - a->metric.period_ms * 3, now_ms, now_ms, CLOUDWATCH_SETTLE_MS, &a->read);
	cloudwatch_read(bot->aws, &a->read, 1, NULL, NULL, (struct done){ account_was_read, a });
}

/* --- one dashboard --- */

struct dashboard {
	struct bot *bot;
	struct metrics_table table;
	struct metric *metrics; /* the configured ones and the table's */
	size_t count, cloudwatch_count;
	struct metric_read *reads; /* those of CloudWatch first */
	char **good, **wrong;
	struct done done;
};

static bool is_from_cloudwatch(const struct metric *metric)
{
	return strcmp(metric->source, METRIC_SOURCE_CLOUDWATCH) == 0;
}

static void finish(struct dashboard *d, const struct err *err)
{
	d->done.fn(d->done.arg, err);
	for (size_t i = 0; i < d->count; i++) {
		metric_free(&d->metrics[i]);
		if (d->reads != NULL)
			metric_result_free(&d->reads[i].result);
	}
	metrics_table_free(&d->table);
	free(d->metrics);
	free(d->reads);
	free(d);
}

static void report(struct dashboard *d)
{
	size_t visible = 0, known = 0;
	struct str good, wrong;

	str_init(&good, TEXT_MAX);
	str_init(&wrong, TEXT_MAX);
	for (size_t i = 0; i < d->table.problem_count; i++)
		str_addf(&wrong, "metrics_table: %s\n", d->table.problems[i]);
	for (size_t i = 0; i < d->count; i++) {
		const struct metric_result *result = &d->reads[i].result;
		const struct metric *metric = d->reads[i].metric;

		if (result->outcome == METRIC_FAILED)
			str_addf(&wrong, "%s: %s\n", metric->id, result->why);
		if (metric->hidden)
			continue;
		visible++;
		known += result->count > 0;
		if (result->outcome == METRIC_EMPTY)
			str_addf(&good, "%s %s", good.length == 0 ? "; nothing of" : ",", metric->id);
	}
	char *empty = str_take(&good);
	str_init(&good, TEXT_MAX);
	str_addf(&good, "%zu of %zu metrics have values of the last day%s", known, visible, empty);
	free(empty);
	mem_set_string(d->good, good.text);
	mem_set_string(d->wrong, wrong.text);
	str_free(&good);
	str_free(&wrong);
	finish(d, NULL);
}

static void prometheus_was_read(void *arg, const struct err *err)
{
	if (err != NULL)
		finish(arg, err);
	else
		report(arg);
}

static void cloudwatch_was_read(void *arg, const struct err *err)
{
	struct dashboard *d = arg;

	if (err != NULL)
		finish(d, err);
	else
		prometheus_read(d->bot->prometheus, d->reads + d->cloudwatch_count, d->count - d->cloudwatch_count,
		                NULL, NULL, (struct done){ prometheus_was_read, d });
}

static void add_metric(struct dashboard *d, const struct metric *metric)
{
	d->metrics = mem_resize(d->metrics, (d->count + 1) * sizeof(*d->metrics));
	metric_copy(&d->metrics[d->count++], metric);
}

static size_t plan(struct dashboard *d, bool cloudwatch, size_t next)
{
	int64_t now_ms = clock_wall_ms(), settle_ms = cloudwatch ? CLOUDWATCH_SETTLE_MS : PROMETHEUS_SETTLE_MS;

	for (size_t i = 0; i < d->count; i++)
		if (is_from_cloudwatch(&d->metrics[i]) == cloudwatch)
			metric_range(&d->metrics[i], now_ms - RANGE_MS, now_ms, now_ms, settle_ms, &d->reads[next++]);
	return next;
}

static void read_metrics(struct dashboard *d)
{
	d->reads = mem_alloc((d->count + 1) * sizeof(*d->reads));
	d->cloudwatch_count = plan(d, true, 0);
	(void)plan(d, false, d->cloudwatch_count);
	cloudwatch_read(d->bot->aws, d->reads, d->cloudwatch_count, NULL, NULL,
	                (struct done){ cloudwatch_was_read, d });
}

static void table_was_read(void *arg, const struct err *err)
{
	struct dashboard *d = arg;

	if (err != NULL) {
		finish(d, err);
		return;
	}
	for (size_t i = 0; i < d->table.count; i++)
		add_metric(d, &d->table.metrics[i]);
	read_metrics(d);
}

void check_metrics_dashboard(struct bot *bot, const struct config_dashboard *dashboard, char **good, char **wrong,
                             struct done done)
{
	struct dashboard *d = mem_alloc(sizeof(*d));

	d->bot = bot;
	d->good = good;
	d->wrong = wrong;
	d->done = done;
	for (size_t i = 0; i < dashboard->metric_count; i++)
		add_metric(d, &dashboard->metrics[i]);
	if (dashboard->metrics_table == NULL)
		read_metrics(d);
	else
		metrics_table_read(bot->aws, &(struct aws_target){ NULL, NULL }, dashboard->metrics_table, &d->table,
		                   (struct done){ table_was_read, d });
}
