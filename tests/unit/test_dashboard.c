/* What one look at a dashboard is made of: the range that is judged, what is read, what is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/chart.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_message.h"
#include "commands/dashboard_picture.h"
#include "tests/unit/support/series_help.h"

#define HOUR_MS (3600 * 1000LL)
#define DAY_MS (24 * HOUR_MS)
#define PERIOD_MS (5 * 60 * 1000LL)

static char cpu[] = "cpu", latency[] = "latency", source[] = "cloudwatch", prometheus[] = "prom";
static char namespace_[] = "AWS/EC2", name_cpu[] = "CPUUtilization", name_latency[] = "Latency", average[] = "Average";
static char query[] = "up", web[] = "web", utc[] = "UTC", tokyo[] = "Asia/Tokyo";

static struct metric metric_of(char *id, char *metric)
{
	return (struct metric){ .id = id, .source = source, .namespace_ = namespace_, .metric = metric, .stat = average,
		                .period_ms = PERIOD_MS, .normal_below = NAN, .normal_above = NAN };
}

static struct config_dashboard dashboard_of(struct metric *metrics, size_t count)
{
	return (struct config_dashboard){ .name = web, .timezone = utc, .range_ms = DAY_MS, .baseline_ms = 14 * DAY_MS,
		                          .metrics = metrics, .metric_count = count };
}

static int64_t at(const char *iso)
{
	int64_t ms;

	assert_true(clock_parse_iso(iso, &ms));
	return ms;
}

static void judged_from_is(const struct config_dashboard *dashboard, const char *until, const char *from)
{
	struct err err;
	struct dashboard_data *data = dashboard_data_new(dashboard, at(until), &err);

	assert_non_null(data);
	if (data->from_ms != at(from))
		fail_msg("until %s: %lld is not %s", until, (long long)data->from_ms, from);
	dashboard_data_free(data);
}

static void monday_reaches_back_over_the_weekend(void **state)
{
	static char weekdays[] = "0 9 * * 1-5", not_wednesday[] = "0 9 * * mon,tue,thu,fri", daily[] = "0 9 * * *";
	struct metric metric = metric_of(cpu, name_cpu);
	struct config_dashboard dashboard = dashboard_of(&metric, 1);

	(void)state;
	dashboard.schedule = weekdays;
	judged_from_is(&dashboard, "2026-11-23T09:00:00Z", "2026-11-22T09:00:00Z"); /* a Monday, not aware */
	dashboard.weekend_aware = true;
	judged_from_is(&dashboard, "2026-11-23T09:00:00Z", "2026-11-20T09:00:00Z"); /* since Friday's */
	judged_from_is(&dashboard, "2026-11-24T09:00:00Z", "2026-11-23T09:00:00Z"); /* Tuesday: a day */
	judged_from_is(&dashboard, "2026-11-22T12:00:00Z", "2026-11-20T12:00:00Z"); /* asked on a Sunday */
	dashboard.schedule = not_wednesday;
	judged_from_is(&dashboard, "2026-11-26T09:00:00Z", "2026-11-24T09:00:00Z");
	dashboard.schedule = daily;
	judged_from_is(&dashboard, "2026-11-23T09:00:00Z", "2026-11-22T09:00:00Z");
	dashboard.schedule = NULL; /* Monday to Friday */
	judged_from_is(&dashboard, "2026-11-23T09:00:00Z", "2026-11-20T09:00:00Z");
}

/* Monday 08:00 in Tokyo is still Sunday in London: the team's weekdays count. */
static void the_weekday_is_the_teams(void **state)
{
	struct metric metric = metric_of(cpu, name_cpu);
	struct config_dashboard dashboard = dashboard_of(&metric, 1);

	(void)state;
	dashboard.weekend_aware = true;
	dashboard.timezone = tokyo;
	judged_from_is(&dashboard, "2026-11-22T23:00:00Z", "2026-11-19T23:00:00Z");
	dashboard.timezone = utc;
	judged_from_is(&dashboard, "2026-11-22T23:00:00Z", "2026-11-20T23:00:00Z");
}

static void reads_are_by_source_and_end_with_whole_buckets(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu), metric_of(latency, NULL), metric_of(web, name_latency) };
	struct config_dashboard dashboard = dashboard_of(metrics, 3);
	int64_t now_ms = at("2026-11-26T09:07:30Z");
	struct dashboard_data *data;
	struct err err;

	(void)state;
	metrics[1].source = prometheus;
	metrics[1].query = query;
	data = dashboard_data_new(&dashboard, now_ms, &err);
	assert_non_null(data);
	assert_true(dashboard_data_plan(data, now_ms, &err));
	assert_int_equal(data->cloudwatch_count, 2);
	assert_int_equal(data->read_of[0], 0);
	assert_int_equal(data->read_of[1], 2);
	assert_int_equal(data->read_of[2], 1);
	assert_int_equal(data->reads[0].to_ms, at("2026-11-26T09:05:00Z"));
	assert_int_equal(data->reads[0].from_ms, at("2026-11-11T09:05:00Z"));
	dashboard_data_free(data);
}

/* --- alarms as lines ---------------------------------------------------------------------------- */

static struct metric watched_of(const char *id, const char *title, const char *metric, double below)
{
	return (struct metric){ .id = mem_copy_string(id), .title = mem_copy_string(title),
		.source = mem_copy_string(source), .namespace_ = mem_copy_string(namespace_),
		.metric = mem_copy_string(metric), .stat = mem_copy_string(average), .period_ms = PERIOD_MS,
		.normal_below = below, .normal_above = NAN };
}

static void add_alarm(struct dashboard_data *data, const char *name, struct metric watched)
{
	struct alarm_lines *alarms = &data->alarms;
	struct alarm_line *line;

	alarms->items = mem_resize(alarms->items, (alarms->count + 1) * sizeof(*alarms->items));
	line = &alarms->items[alarms->count++];
	*line = (struct alarm_line){ .alarm = mem_copy_string(name), .metrics = mem_alloc(sizeof(watched)), .count = 1 };
	line->metrics[0] = watched;
}

static void alarms_become_lines_once(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu), metric_of(latency, name_latency) };
	struct config_dashboard dashboard = dashboard_of(metrics, 2);
	struct dashboard_data *data;
	struct err err;

	(void)state;
	metrics[1].normal_below = 7;
	metrics[0].anomaly_band = NAN;
	metrics[1].anomaly_band = 0; /* somebody said that it has none */
	data = dashboard_data_new(&dashboard, at("2026-11-26T09:00:00Z"), &err);
	assert_non_null(data);
	add_alarm(data, "busy", watched_of("alarm_busy", "busy", "CPUUtilization", 80));
	data->alarms.items[0].metrics[0].region = mem_copy_string("eu-west-1"); /* which is the program's own */
	add_alarm(data, "slow", watched_of("alarm_slow", "slow", "Latency", 3));
	add_alarm(data, "disk-warn", watched_of("alarm_disk_warn", "disk-warn", "Disk", 80));
	add_alarm(data, "disk-full", watched_of("alarm_disk_full", "disk-full", "Disk", 70));
	add_alarm(data, "own", watched_of("cpu", "own", "Other", 1));
	data->alarms.items[3].metrics[0].limit_is_normal = true;
	data->alarms.items[0].metrics[0].anomaly_band = 3;
	data->alarms.items[1].metrics[0].anomaly_band = 3;
	data->alarms.items[2].metrics[0].anomaly_band = 3;
	data->alarms.items[3].metrics[0].anomaly_band = 2.5;
	dashboard_data_take_alarms(data, "eu-west-1");
	assert_int_equal(data->metric_count, 3);
	assert_true(data->metrics[0].normal_below == 80); /* it had none */
	assert_string_equal(data->metrics[0].id, "cpu");
	assert_true(data->metrics[1].normal_below == 7); /* somebody's own */
	assert_string_equal(data->metrics[2].title, "disk-warn, disk-full");
	assert_true(data->metrics[2].normal_below == 70 && data->metrics[2].limit_is_normal);
	assert_true(data->metrics[0].anomaly_band == 3 && data->metrics[1].anomaly_band == 0);
	assert_true(data->metrics[2].anomaly_band == 2.5); /* the narrower one */
	assert_int_equal(data->alarms.problem_count, 1);
	assert_non_null(strstr(data->alarms.problems[0], "alarm own is left out"));
	dashboard_data_free(data);
}

static void too_much_is_refused(void **state)
{
	struct metric metric = metric_of(cpu, name_cpu);
	struct config_dashboard dashboard = dashboard_of(&metric, 1);
	struct dashboard_data *data;
	struct err err;

	(void)state;
	dashboard.baseline_ms = 455 * DAY_MS;
	metric.period_ms = 1000;
	data = dashboard_data_new(&dashboard, at("2026-11-26T09:00:00Z"), &err);
	assert_non_null(data);
	assert_false(dashboard_data_plan(data, at("2026-11-26T09:00:00Z"), &err));
	assert_non_null(strstr(err.text, "shorter baseline"));
	dashboard_data_free(data);
}

static void a_zone_that_is_gone_is_said(void **state)
{
	static char nowhere[] = "Nowhere/Never";
	struct metric metric = metric_of(cpu, name_cpu);
	struct config_dashboard dashboard = dashboard_of(&metric, 1);
	struct err err;

	(void)state;
	dashboard.timezone = nowhere;
	assert_null(dashboard_data_new(&dashboard, at("2026-11-26T09:00:00Z"), &err));
	assert_non_null(strstr(err.text, "Nowhere/Never"));
}

/* --- with values -------------------------------------------------------------------------------- */

static void give(struct dashboard_data *data, size_t metric, double (*value)(size_t i))
{
	struct metric_read *read = &data->reads[data->read_of[metric]];
	struct metric_series *series = mem_alloc(sizeof(*series));

	series_make_empty(&series->series, read->from_ms, PERIOD_MS, (size_t)((read->to_ms - read->from_ms) / PERIOD_MS));
	for (size_t i = 0; i < series->series.count; i++)
		series->series.values[i] = value(i);
	read->result.series = series;
	read->result.count = 1;
}

static double steady(size_t i)
{
	return 20 + (double)(i * 7919 % 13) / 10;
}

static double burst(size_t i)
{
	return i >= 14 * 288 + 100 && i < 14 * 288 + 112 ? 90 : steady(i);
}

static char *said(const struct dashboard_data *data, const char *trouble)
{
	struct message message;
	char *text;

	dashboard_message_result(&message, data, "F0123456789", "a chart", trouble);
	text = message_plain(&message);
	message_free(&message);
	return text;
}

static void says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static struct dashboard_data *look(struct metric *metrics, size_t count)
{
	const struct config_dashboard dashboard = dashboard_of(metrics, count);
	struct err err;
	struct dashboard_data *data = dashboard_data_new(&dashboard, at("2026-11-26T09:00:00Z"), &err);

	assert_non_null(data);
	assert_true(dashboard_data_plan(data, at("2026-11-26T09:05:00Z"), &err));
	return data;
}

static void what_is_found_is_said_and_drawn(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu), metric_of(latency, name_latency) };
	struct dashboard_data *data = look(metrics, 2);
	struct err err;
	char *text;

	(void)state;
	give(data, 0, burst);
	give(data, 1, steady);
	assert_true(dashboard_data_judge(data, &err));
	assert_int_equal(dashboard_data_abnormal(data), 1);
	text = said(data, NULL);
	says(text, "web: 1 finding");
	says(text, "F1");
	says(text, "CPUUtilization");
	says(text, "[picture: a chart]");
	says(text, "against the 14 days before");
	assert_null(strstr(text, "⚠"));
	free(text);
	data->drawn = DASHBOARD_OVERVIEW;
	assert_true(dashboard_data_draw(data, &err));
	assert_true(data->png_size > 1000 && memcmp(data->png, "\x89PNG", 4) == 0);
	says(data->alt, "CPUUtilization");
	data->drawn = 0;
	assert_true(dashboard_data_draw(data, &err));
	assert_true(data->png_size > 1000);
	dashboard_data_free(data);
}

static void what_is_missing_is_named(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu), metric_of(latency, name_latency) };
	struct dashboard_data *data = look(metrics, 2);
	struct err err;
	char *text;

	(void)state;
	give(data, 0, steady);
	metric_result_fail(&data->reads[data->read_of[1]].result, "access denied; allow cloudwatch:GetMetricData");
	assert_true(dashboard_data_judge(data, &err));
	text = said(data, "There is no picture: nobody drew it");
	says(text, "no abnormality in the 1 of 2 metrics that have data");
	says(text, "Latency");
	says(text, "allow cloudwatch:GetMetricData");
	says(text, "nobody drew it");
	free(text);
	data->drawn = DASHBOARD_OVERVIEW;
	assert_true(dashboard_data_draw(data, &err)); /* a panel says that there is nothing */
	dashboard_data_free(data);
}

static void series_that_are_too_many_are_said(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu) };
	struct dashboard_data *data = look(metrics, 1);
	struct err err;
	char *text;

	(void)state;
	give(data, 0, steady);
	data->reads[0].result.left_out = 6;
	assert_true(dashboard_data_judge(data, &err));
	text = said(data, NULL);
	says(text, "has 7 series; the first 1 are judged");
	free(text);
	dashboard_data_free(data);
}

static double stops(size_t i)
{
	return i >= 14 * 288 + 200 ? NAN : steady(i);
}

/* A page that failed leaves a gap that is no finding: nobody knows whether the data is missing. */
static void what_was_not_read_is_not_called_missing(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu) };

	(void)state;
	for (int unread = 0; unread < 2; unread++) {
		struct dashboard_data *data = look(metrics, 1);
		struct metric_result *result = &data->reads[0].result;
		struct err err;
		char *text;

		give(data, 0, stops);
		result->unread = unread == 1;
		result->outcome = unread == 1 ? METRIC_PARTIAL : METRIC_COMPLETE;
		result->why = unread == 1 ? mem_copy_string("only a part was read: AWS answers 500") : NULL;
		assert_true(dashboard_data_judge(data, &err));
		text = said(data, NULL);
		assert_int_equal(dashboard_data_abnormal(data), 1 - unread);
		assert_true((strstr(text, "has no data since") != NULL) == (unread == 0));
		says(text, unread == 0 ? "web: 1 finding" : "web: no abnormality in what could be read");
		assert_null(strstr(text, "✅"));
		free(text);
		dashboard_data_free(data);
	}
}

/* "No abnormality" alone is said where all was looked at. */
static void a_clean_verdict_is_about_everything(void **state)
{
	static char broken[] = "item x: period is missing; add it";
	static char *problems[] = { broken };
	struct metric metrics[] = { metric_of(cpu, name_cpu) };

	(void)state;
	for (int flaw = 0; flaw < 4; flaw++) {
		struct dashboard_data *data = look(metrics, 1);
		struct err err;
		char *text;

		give(data, 0, steady);
		if (flaw == 1)
			dashboard_data_no_table(data, "access denied");
		if (flaw == 2)
			data->table = (struct metrics_table){ .problems = problems, .problem_count = 1 };
		if (flaw == 3)
			data->reads[0].result.left_out = 6;
		assert_true(dashboard_data_judge(data, &err));
		text = said(data, "There is no picture: nobody drew it");
		says(text, "web: no abnormality");
		assert_true((strstr(text, "in what could be read") != NULL) == (flaw > 0));
		assert_true((strstr(text, "✅ No abnormality.") != NULL) == (flaw == 0));
		if (flaw == 1)
			says(text, "The table of metrics was not read: access denied");
		free(text);
		data->table = (struct metrics_table){ 0 };
		dashboard_data_free(data);
	}
}

/* Many series of many metrics: each metric keeps as many, and what is cut is said by its label. */
static void more_than_can_be_judged_is_left_out(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu), metric_of(latency, name_latency) };
	struct dashboard_data *data = look(metrics, 2);
	struct metric_result *result = &data->reads[data->read_of[0]].result;
	size_t buckets;
	struct err err;
	char *text;

	(void)state;
	give(data, 0, burst);
	give(data, 1, steady);
	buckets = result->series[0].series.count;
	result->series = mem_resize(result->series, 3 * sizeof(*result->series));
	for (size_t k = 1; k < 3; k++)
		series_copy(&result->series[k].series, &result->series[0].series);
	result->series[0].label = mem_copy_string("instance=a");
	result->series[1].label = mem_copy_string("instance=b");
	result->series[2].label = mem_copy_string("instance=c");
	result->count = 3;
	dashboard_data_fit(data, 4 * buckets);
	assert_int_equal(result->count, 3);
	dashboard_data_fit(data, 3 * buckets);
	assert_int_equal(result->count, 2);
	dashboard_data_fit(data, 1); /* one is always left */
	assert_int_equal(result->count, 1);
	assert_int_equal(result->left_out, 2);
	assert_true(dashboard_data_judge(data, &err));
	text = said(data, NULL);
	says(text, "has 3 series; the first 1 are judged");
	says(text, "CPUUtilization (Average) instance=a rose");
	free(text);
	dashboard_data_free(data);
}

/* What an expression only computes with is neither judged nor counted. */
static void hidden_metrics_are_not_shown(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu), metric_of(latency, name_latency) };
	struct dashboard_data *data;
	struct err err;
	size_t readable, visible;
	char *text;

	(void)state;
	metrics[0].hidden = true;
	data = look(metrics, 2);
	give(data, 0, burst);
	give(data, 1, steady);
	assert_true(dashboard_data_judge(data, &err));
	dashboard_data_count(data, &readable, &visible);
	assert_int_equal(readable, 1);
	assert_int_equal(visible, 1);
	text = said(data, NULL);
	says(text, "web: no abnormality");
	assert_null(strstr(text, "CPUUtilization"));
	free(text);
	dashboard_data_free(data);
}

/* --- what CloudWatch expects -------------------------------------------------------------------- */

static void give_band(struct dashboard_data *data, size_t metric, size_t from, size_t to)
{
	struct metric_result *result = &data->reads[data->read_of[metric]].result;
	const struct series *series = &result->series[0].series;

	series_make_empty(&result->band_low, series->start_ms, series->step_ms, series->count);
	series_make_empty(&result->band_high, series->start_ms, series->step_ms, series->count);
	for (size_t i = 0; i < series->count; i++) {
		result->band_low.values[i] = i >= from && i < to ? 60 : 10;
		result->band_high.values[i] = i >= from && i < to ? 70 : 30;
	}
}

/* The panel of a metric has this band: ours or CloudWatch's. */
static void shows_band(const struct dashboard_data *data, size_t metric, bool cloudwatch)
{
	struct chart_panel panel = { .title = NULL };
	struct mem mem = { 0 };

	dashboard_picture_panel(&mem, &panel, data, metric);
	assert_ptr_equal(panel.band_low, cloudwatch ? &data->reads[data->read_of[metric]].result.band_low
	                                            : &data->subjects[metric].low);
	assert_true((panel.band_name != NULL) == cloudwatch);
	mem_free_all(&mem);
}

static void what_cloudwatch_expects_is_a_second_opinion(void **state)
{
	struct metric metrics[] = { metric_of(cpu, name_cpu), metric_of(latency, name_latency), metric_of(web, name_cpu) };
	struct dashboard_data *data = look(metrics, 3);
	struct err err;
	char *text;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		give(data, i, steady);
	give_band(data, 0, 14 * 288 + 100, 14 * 288 + 112);
	give_band(data, 1, 0, 0);
	data->reads[2].result.no_band = mem_copy_string("no model of it is trained");
	assert_true(dashboard_data_judge(data, &err));
	assert_int_equal(dashboard_data_abnormal(data), 1);
	assert_int_equal(data->findings.items[0].kind, FINDING_BAND);
	text = said(data, NULL);
	says(text, "CPUUtilization (Average) was below what CloudWatch expects from ");
	says(text, "no model of it is trained");
	says(text, "3 metrics");
	free(text);
	assert_true(dashboard_data_is_whole(data)); /* that there is no model is no gap */
	shows_band(data, 0, true);
	shows_band(data, 1, false);
	for (size_t i = 0; i < data->subjects[1].low.count; i++)
		data->subjects[1].low.values[i] = NAN;
	shows_band(data, 1, true); /* we expect nothing */
	data->drawn = 0;
	assert_true(dashboard_data_draw(data, &err));
	assert_non_null(data->png);
	dashboard_data_drop_values(data);
	dashboard_data_free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monday_reaches_back_over_the_weekend),
		cmocka_unit_test(the_weekday_is_the_teams),
		cmocka_unit_test(reads_are_by_source_and_end_with_whole_buckets),
		cmocka_unit_test(alarms_become_lines_once),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(a_zone_that_is_gone_is_said),
		cmocka_unit_test(what_is_found_is_said_and_drawn),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(series_that_are_too_many_are_said),
		cmocka_unit_test(what_was_not_read_is_not_called_missing),
		cmocka_unit_test(a_clean_verdict_is_about_everything),
		cmocka_unit_test(more_than_can_be_judged_is_left_out),
		cmocka_unit_test(hidden_metrics_are_not_shown),
		cmocka_unit_test(what_cloudwatch_expects_is_a_second_opinion),
	};

	return cmocka_run_group_tests_name("dashboard", tests, NULL, NULL);
}
