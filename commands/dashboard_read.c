#include "commands/dashboard_read.h"

#include <stdlib.h>

#include "adapters/aws/cloudwatch.h"
#include "adapters/aws/log_series.h"
#include "adapters/prometheus/prometheus.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/worker.h"
#include "commands/dashboard_data.h"

/* Under way: the table, the alarms, then CloudWatch, Prometheus and logs, then the worker. */
struct reading {
	struct bot *bot;
	struct dashboard_data *data;
	struct config_list alarms; /* a copy; no items: none */
	char *account, *region;    /* of those */
	metric_progress_fn *progress;
	void *arg;
	struct done done;
	struct err err; /* why nothing can be read */
};

static void finish(struct reading *r, const struct err *err)
{
	struct done done = r->done;

	for (size_t i = 0; i < r->alarms.count; i++)
		free(r->alarms.items[i]);
	free(r->alarms.items);
	free(r->account);
	free(r->region);
	free(r);
	done.fn(done.arg, err);
}

static void worker_done(void *arg, const struct err *err)
{
	finish(arg, err);
}

static void read_logs_done(void *arg, const struct err *err)
{
	struct reading *r = arg;

	if (err != NULL) {
		finish(r, err);
		return;
	}
	worker_run(r->bot->worker, dashboard_data_judge, r->data, (struct done){ worker_done, r });
}

static void on_logs(void *arg, size_t finished, size_t count)
{
	struct reading *r = arg;

	if (r->progress != NULL)
		r->progress(r->arg, r->data->metric_count - count + finished, r->data->metric_count);
}

static void read_prometheus_done(void *arg, const struct err *err)
{
	struct reading *r = arg;
	size_t first = r->data->cloudwatch_count + r->data->prometheus_count;

	if (err != NULL || first == r->data->metric_count) {
		read_logs_done(r, err);
		return;
	}
	log_series_read(r->bot->aws, r->data->reads + first, r->data->metric_count - first, on_logs, r,
	                (struct done){ read_logs_done, r });
}

static void on_prometheus(void *arg, size_t finished, size_t count)
{
	struct reading *r = arg;

	(void)count;
	if (r->progress != NULL)
		r->progress(r->arg, r->data->cloudwatch_count + finished, r->data->metric_count);
}

static void read_cloudwatch_done(void *arg, const struct err *err)
{
	struct reading *r = arg;
	size_t first = r->data->cloudwatch_count;

	if (err != NULL || r->data->prometheus_count == 0) {
		read_prometheus_done(r, err);
		return;
	}
	prometheus_read(r->bot->prometheus, r->data->reads + first, r->data->prometheus_count, on_prometheus, r,
	                (struct done){ read_prometheus_done, r });
}

static void on_cloudwatch(void *arg, size_t finished, size_t count)
{
	struct reading *r = arg;

	(void)count;
	if (r->progress != NULL)
		r->progress(r->arg, finished, r->data->metric_count);
}

static bool lay_out(struct dashboard_data *data, const char *region, struct err *err)
{
	const char *missing = data->no_table != NULL ? data->no_table : data->no_alarms;

	dashboard_data_take_table(data);
	dashboard_data_take_alarms(data, region);
	if (data->metric_count == 0 && missing != NULL)
		return err_set(err, ERR_USAGE, "%.250s", missing);
	if (data->metric_count == 0 && data->alarms.problem_count > 0)
		return err_set(err, ERR_USAGE, "%.250s", data->alarms.problems[0]);
	if (data->metric_count == 0)
		return err_set(err, ERR_USAGE, "%.100s has no metric that can be read.", data->name);
	return dashboard_data_plan(data, clock_wall_ms(), err);
}

/* On the worker, so that a reading which never began ends as one that did: later, and also when the program ends. */
static bool refuse(void *arg, struct err *err)
{
	const struct reading *r = arg;

	*err = r->err;
	return false;
}

static void start_reads(struct reading *r)
{
	if (!lay_out(r->data, r->bot->config->aws.region, &r->err))
		worker_run(r->bot->worker, refuse, r, (struct done){ worker_done, r });
	else if (r->data->cloudwatch_count == 0)
		read_cloudwatch_done(r, NULL);
	else
		cloudwatch_read(r->bot->aws, r->data->reads, r->data->cloudwatch_count, on_cloudwatch, r,
		                (struct done){ read_cloudwatch_done, r });
}

static void alarms_done(void *arg, const struct err *err)
{
	struct reading *r = arg;

	if (err != NULL && err->kind == ERR_CANCELLED) {
		finish(r, err);
		return;
	}
	if (err != NULL)
		dashboard_data_no_alarms(r->data, err->text);
	start_reads(r);
}

static void read_alarms(struct reading *r)
{
	const struct aws_target target = { r->account, r->region };

	if (r->alarms.count == 0)
		start_reads(r);
	else
		alarm_lines_read(r->bot->aws, &target, (const char *const *)r->alarms.items, &r->data->alarms,
		                 (struct done){ alarms_done, r });
}

/* Without its table a dashboard still has the metrics of the configuration. */
static void table_done(void *arg, const struct err *err)
{
	struct reading *r = arg;

	if (err != NULL && err->kind == ERR_CANCELLED) {
		finish(r, err);
		return;
	}
	if (err != NULL)
		dashboard_data_no_table(r->data, err->text);
	read_alarms(r);
}

/* The configuration may be replaced before they are asked for. */
static void copy_alarms(struct reading *r, const struct config_dashboard *dashboard)
{
	r->alarms.items = mem_alloc((dashboard->alarms.count + 1) * sizeof(char *));
	for (size_t i = 0; i < dashboard->alarms.count; i++)
		r->alarms.items[r->alarms.count++] = mem_copy_string(dashboard->alarms.items[i]);
	r->account = mem_copy_string(dashboard->alarms_account);
	r->region = mem_copy_string(dashboard->alarms_region);
}

void dashboard_read(struct bot *bot, const struct config_dashboard *dashboard, struct dashboard_data *data,
                    metric_progress_fn *progress, void *arg, struct done done)
{
	const struct aws_target own = { NULL, NULL };
	struct reading *r = mem_alloc(sizeof(*r));

	*r = (struct reading){ .bot = bot, .data = data, .progress = progress, .arg = arg, .done = done };
	copy_alarms(r, dashboard);
	if (dashboard->metrics_table == NULL)
		read_alarms(r);
	else
		metrics_table_read(bot->aws, &own, dashboard->metrics_table, &data->table,
		                   (struct done){ table_done, r });
}
