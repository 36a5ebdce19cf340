#include "commands/check_metrics.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch.h"
#include "adapters/aws/may.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_read.h"

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

struct checking {
	struct dashboard_data *data;
	char **good, **wrong;
	struct done done;
	struct err err; /* why it was not even begun */
};

static void report_wrong(const struct dashboard_data *data, struct str *wrong)
{
	if (data->no_table != NULL)
		str_addf(wrong, "%s\n", data->no_table);
	if (data->no_alarms != NULL)
		str_addf(wrong, "%s\n", data->no_alarms);
	for (size_t i = 0; i < data->table.problem_count; i++)
		str_addf(wrong, "metrics_table: %s\n", data->table.problems[i]);
	for (size_t i = 0; i < data->metric_count; i++)
		if (dashboard_data_result(data, i)->outcome == METRIC_FAILED)
			str_addf(wrong, "%s: %s\n", data->metrics[i].id, dashboard_data_result(data, i)->why);
}

/* What is left out of the alarms is no failure: composite ones are, always. */
static void report_good(const struct dashboard_data *data, struct str *good)
{
	size_t known, visible, empty = 0;

	dashboard_data_count(data, &known, &visible);
	str_addf(good, "%zu of %zu metrics have values of the last day", known, visible);
	for (size_t i = 0; i < data->metric_count; i++)
		if (!data->metrics[i].hidden && dashboard_data_result(data, i)->outcome == METRIC_EMPTY)
			str_addf(good, "%s %s", empty++ == 0 ? "; nothing of" : ",", data->metrics[i].id);
	for (size_t i = 0; i < data->alarms.problem_count; i++)
		str_addf(good, "; %s", data->alarms.problems[i]);
}

static void dashboard_was_read(void *arg, const struct err *err)
{
	struct checking *c = arg;
	struct str good, wrong;

	if (err == NULL) {
		str_init(&good, TEXT_MAX);
		str_init(&wrong, TEXT_MAX);
		report_wrong(c->data, &wrong);
		report_good(c->data, &good);
		mem_set_string(c->good, good.text);
		mem_set_string(c->wrong, wrong.text);
		str_free(&good);
		str_free(&wrong);
	}
	c->done.fn(c->done.arg, err);
	dashboard_data_free(c->data);
	free(c);
}

static void not_begun(void *arg)
{
	struct checking *c = arg;

	dashboard_was_read(c, &c->err);
}

/* A look at one day, without anything to compare it with. */
void check_metrics_dashboard(struct bot *bot, const struct config_dashboard *dashboard, char **good, char **wrong,
                             struct done done)
{
	struct config_dashboard day = *dashboard;
	struct checking *c = mem_alloc(sizeof(*c));

	day.metrics = mem_alloc((dashboard->metric_count + 1) * sizeof(*day.metrics));
	day.metric_count = 0;
	for (size_t i = 0; i < dashboard->metric_count; i++) /* borrowed; a query of logs costs, and is not run */
		if (strcmp(dashboard->metrics[i].source, METRIC_SOURCE_LOGS) != 0)
			day.metrics[day.metric_count++] = dashboard->metrics[i];
	day.range_ms = RANGE_MS;
	day.baseline_ms = 0;
	day.weekend_aware = false;
	c->good = good;
	c->wrong = wrong;
	c->done = done;
	c->data = dashboard_data_new(&day, clock_wall_ms(), &c->err);
	free(day.metrics);
	day.metrics = NULL;
	if (c->data == NULL)
		loop_defer(bot->loop, not_begun, c);
	else
		dashboard_read(bot, &day, c->data, NULL, NULL, (struct done){ dashboard_was_read, c });
}

void check_metrics_logs(struct bot *bot, const struct metric *metric, struct done done)
{
	const struct aws_target target = { metric->account, metric->region };

	may_query_logs(bot->aws, &target, metric->log_groups.items[0], done);
}
