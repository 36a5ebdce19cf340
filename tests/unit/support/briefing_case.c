#include "tests/unit/support/briefing_case.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/alarm.h"
#include "bot/fields.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "tests/unit/support/turn.h"

#define PERIOD_MS (5 * BRIEFING_CASE_MINUTE_MS)
#define DAY_MS (24 * 60 * BRIEFING_CASE_MINUTE_MS)

static char utc[] = "UTC", web[] = "web", db[] = "db", other[] = "other", channel[] = "C0DEFAULT";

struct metric *briefing_case_add(struct briefing_case *shop, size_t dashboard, const char *id, const char *title,
                                 const char *unit)
{
	struct config_dashboard *d = &shop->dashboards[dashboard];
	struct metric *metric = &d->metrics[d->metric_count++];

	*metric = (struct metric){
		.id = mem_copy_string(id),
		.title = mem_copy_string(title),
		.source = mem_copy_string(METRIC_SOURCE_CLOUDWATCH),
		.namespace_ = mem_copy_string("Shop"),
		.metric = mem_copy_string(id),
		.stat = mem_copy_string("Average"),
		.unit = mem_copy_string(unit),
		.period_ms = PERIOD_MS,
		.normal_below = NAN,
		.normal_above = NAN,
	};
	return metric;
}

void briefing_case_init(struct briefing_case *shop)
{
	static char *const names[] = { web, db, other };

	*shop = (struct briefing_case){ .slow = 1, .more = 1, .slow_until_ms = INT64_MAX };
	for (size_t i = 0; i < 3; i++)
		shop->dashboards[i] = (struct config_dashboard){ .name = names[i],
			                                         .timezone = utc,
			                                         .range_ms = DAY_MS,
			                                         .baseline_ms = 14 * DAY_MS,
			                                         .metrics = shop->metrics[i] };
	shop->config.dashboards.items = shop->dashboards;
	shop->config.dashboards.count = 2;
	shop->config.answers.timezone = utc;
	shop->bot.config = &shop->config;
	briefing_case_add(shop, 0, "latency", "Checkout latency", "Seconds");
	briefing_case_add(shop, 0, "requests", "Requests", "Count");
	briefing_case_add(shop, 0, "cpu", "CPU", "Percent");
	briefing_case_add(shop, 0, "errors", "Errors", "Count");
	briefing_case_add(shop, 1, "db_cpu", "Database CPU", "Percent");
	briefing_case_add(shop, 1, "storage", "Free storage", "Bytes");
	shop->metrics[0][0].about = mem_copy_string("How long the checkout takes, at the load balancer");
}

struct incident *briefing_case_alarm(struct briefing_case *shop, const char *name, const char *metric,
                                     int64_t minutes)
{
	struct alarm alarm = { .threshold = 0.5,
		               .value = 0.765,
		               .period_s = 300,
		               .evaluation_periods = 3,
		               .datapoints_to_alarm = 2,
		               .changed_ms = BRIEFING_CASE_NOW_MS - minutes * BRIEFING_CASE_MINUTE_MS };
	struct incident *incident = NULL;
	struct err err;

	if (shop->bot.journal == NULL) {
		shop->config.slack.channel = channel;
		shop->bot.loop = turn_new_loop();
		shop->bot.journal = journal_open(shop->bot.loop, scratch_path("journal.db"), &err);
		assert_non_null(shop->bot.journal);
		shop->bot.incidents = incidents_new(&shop->bot);
		assert_true(incidents_load(shop->bot.incidents, &err));
	}
	mem_set_string(&alarm.name, name);
	mem_set_string(&alarm.account, "123456789012");
	mem_set_string(&alarm.region, "us-east-1");
	mem_set_string(&alarm.old_state, ALARM_STATE_OK);
	mem_set_string(&alarm.state, ALARM_STATE_ALARM);
	mem_set_string(&alarm.reason, "Threshold Crossed: 2 datapoints were greater than the threshold (0.5).");
	mem_set_string(&alarm.namespace_, "Shop");
	mem_set_string(&alarm.metric, metric);
	mem_set_string(&alarm.statistic, "Average");
	mem_set_string(&alarm.comparison, ">");
	mem_set_string(&alarm.unit, "Seconds");
	mem_set_string(&alarm.via, "SNS");
	assert_int_equal(incidents_apply(shop->bot.incidents, &alarm, false, &incident), INCIDENT_OPENED);
	fields_free(alarm_fields, &alarm);
	return incident;
}

void briefing_case_free(struct briefing_case *shop)
{
	if (shop->bot.journal != NULL) {
		incidents_free(shop->bot.incidents);
		journal_commit(shop->bot.journal, (struct done){ NULL, NULL });
		journal_close(shop->bot.journal);
		loop_free(shop->bot.loop);
	}
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < shop->dashboards[i].metric_count; k++)
			metric_free(&shop->metrics[i][k]);
}

/* Between -1 and 1, the same for the same bucket. */
static double noise(int64_t bucket, uint64_t seed)
{
	uint64_t z = (uint64_t)bucket * 0x9E3779B97F4A7C15u + seed * 0xBF58476D1CE4E5B9u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return (double)((z ^ (z >> 31)) >> 11) / (double)(UINT64_C(1) << 52) - 1;
}

/* 0 at night, 1 in the afternoon. */
static double daytime(int64_t at_ms)
{
	return 0.5 - 0.5 * cos(2 * 3.14159265358979 * ((double)(at_ms % DAY_MS) / (double)DAY_MS - 0.08));
}

static double value_of(const struct briefing_case *shop, const char *id, int64_t at_ms)
{
	int64_t bucket = at_ms / PERIOD_MS;
	bool is_slow = at_ms >= shop->slow_from_ms && at_ms < shop->slow_until_ms;

	if (strcmp(id, "latency") == 0)
		return (0.15 + 0.02 * noise(bucket, 1)) * (is_slow ? shop->slow : 1);
	if (strcmp(id, "requests") == 0)
		return round((1000 + 2000 * daytime(at_ms) + 60 * noise(bucket, 2)) * (is_slow ? shop->more : 1));
	if (strcmp(id, "cpu") == 0)
		return 25 + 10 * daytime(at_ms) + 2 * noise(bucket, 3);
	if (strcmp(id, "errors") == 0)
		return round(4 + 3 * noise(bucket, 4));
	if (strcmp(id, "db_cpu") == 0)
		return 40 + 3 * noise(bucket, 5) +
		       (is_slow && at_ms / (12 * PERIOD_MS) % 2 == 0 ? shop->database : 0);
	return 2e11 + 1e8 * noise(bucket, 6);
}

static void fill_metric(const struct briefing_case *shop, struct dashboard_data *data, size_t index)
{
	struct metric_read *read = &data->reads[data->read_of[index]];
	struct metric_series *series;

	if (shop->gone != NULL && strcmp(data->metrics[index].id, shop->gone) == 0) {
		metric_result_fail(&read->result, "cloudwatch:GetMetricData is not allowed.");
		return;
	}
	series = mem_alloc(sizeof(*series));
	series_make_empty(&series->series, read->from_ms, PERIOD_MS,
	                  (size_t)((read->to_ms - read->from_ms) / PERIOD_MS));
	for (size_t i = 0; i < series->series.count; i++)
		series->series.values[i] = value_of(shop, data->metrics[index].id,
		                                    series_time(&series->series, i));
	read->result.series = series;
	read->result.count = 1;
}

void briefing_case_fill(struct briefing_case *shop, struct briefing *briefing)
{
	struct err err;

	briefing_make_looks(briefing);
	for (size_t i = 0; i < briefing->look_count; i++) {
		struct dashboard_data *data = briefing->looks[i].data;

		assert_true(dashboard_data_plan(data, BRIEFING_CASE_NOW_MS, &err));
		for (size_t k = 0; k < data->metric_count; k++)
			if (!data->metrics[k].hidden)
				fill_metric(shop, data, k);
		assert_true(dashboard_data_judge(data, &err));
	}
	briefing_number_findings(briefing);
	briefing_note_incidents(briefing);
}

struct briefing *briefing_case_read(struct briefing_case *shop, const char *question)
{
	struct err err;
	struct briefing *briefing = briefing_new(&shop->bot, question, NULL, BRIEFING_CASE_NOW_MS, &err);

	assert_non_null(briefing);
	briefing_case_fill(shop, briefing);
	return briefing;
}
