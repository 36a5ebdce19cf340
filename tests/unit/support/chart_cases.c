#include "tests/unit/support/chart_cases.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/zone.h"

#define MINUTE_MS ((int64_t)60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static uint32_t seed;

/* About -1 ... 1, the same numbers in every run. */
static double noise(void)
{
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		seed = seed * 1664525u + 1013904223u;
		sum += (double)(seed >> 8) / (double)(1u << 24) - 0.5;
	}
	return sum / 1.5;
}

/* A day's rhythm, with the peak at 15:00 UTC. */
static double day(int64_t at_ms)
{
	return sin(((double)(at_ms % DAY_MS) / (double)DAY_MS - 0.375) * 2 * M_PI);
}

static struct series *add_series(struct chart_case *c, size_t i, int64_t step_ms, double level, double swing, double rough)
{
	struct series *series = &c->series[i];

	series_make_empty(series, c->chart.from_ms, step_ms, (size_t)((c->chart.to_ms - c->chart.from_ms) / step_ms));
	for (size_t n = 0; n < series->count; n++)
		series->values[n] = fmax(0, level + swing * day(series_time(series, n)) + rough * noise());
	return series;
}

static void add_panel(struct chart_case *c, size_t i, const char *title, const char *unit, size_t first_line, size_t lines)
{
	for (size_t n = first_line; n < first_line + lines; n++)
		c->lines[n].series = &c->series[n];
	c->panels[i] = (struct chart_panel){
		.title = title, .unit = unit, .lines = &c->lines[first_line], .line_count = lines,
		.normal_below = NAN, .normal_above = NAN, .threshold = NAN,
	};
	c->chart.panels = c->panels;
	c->chart.panel_count = i + 1;
}

static void set_range(struct chart_case *c, const char *zone, int64_t from_ms, int64_t length_ms)
{
	struct err err;

	c->zone = zone_load(zone, &err);
	if (c->zone == NULL)
		fail_msg("%s", err.text);
	c->chart.zone = c->zone;
	c->chart.from_ms = from_ms;
	c->chart.to_ms = from_ms + length_ms;
}

static void fill(struct series *series, int64_t from_ms, int64_t to_ms, double value)
{
	for (size_t i = series_index(series, from_ms); i < series_index(series, to_ms); i++)
		series->values[i] = value;
}

/* An alarm's metric around its breach. */
static void make_alarm(struct chart_case *c)
{
	struct series *cpu;

	set_range(c, "Asia/Tokyo", CHART_CASE_START_MS + 15 * HOUR_MS, 3 * HOUR_MS);
	cpu = add_series(c, 0, MINUTE_MS, 38, 4, 9);
	for (size_t i = 128; i < 168; i++)
		cpu->values[i] = fmin(100, 88 + 10 * noise());
	c->chart.title = "ALARM web-1-cpu-high";
	add_panel(c, 0, "CPUUtilization i-0123456789abcdef0 (Average, 1 min)", "Percent", 0, 1);
	c->panels[0].threshold = 80;
	c->panels[0].threshold_label = "> 80 % for 3 of 5 min (alarm)";
}

/* A week of a latency, the last day judged: a spike, what recurs, a gap, single values, a band. */
static void make_latency(struct chart_case *c)
{
	struct series *p90, *low, *high;
	int64_t judged;

	set_range(c, "Asia/Tokyo", CHART_CASE_START_MS - 9 * HOUR_MS, 7 * DAY_MS);
	judged = c->chart.judged_from_ms = c->chart.to_ms - DAY_MS;
	p90 = add_series(c, 0, 5 * MINUTE_MS, 0.20, 0.07, 0.05);
	low = add_series(c, 1, 5 * MINUTE_MS, 0.13, 0.07, 0);
	high = add_series(c, 2, 5 * MINUTE_MS, 0.27, 0.07, 0);
	fill(low, 0, judged, NAN);
	fill(high, 0, judged, NAN);
	fill(p90, judged + 9 * HOUR_MS, judged + 9 * HOUR_MS + 20 * MINUTE_MS, 0.83);
	fill(p90, judged - 30 * HOUR_MS, judged - 24 * HOUR_MS, NAN);
	p90->values[series_index(p90, judged - 27 * HOUR_MS)] = 0.22;
	c->chart.title = "ALB target response time (p90)";
	add_panel(c, 0, "TargetResponseTime app/web/0123456789abcdef", "Seconds", 0, 1);
	c->lines[0].label = "p90";
	c->panels[0].normal_below = 0.5;
	c->panels[0].band_low = low;
	c->panels[0].band_high = high;
	c->marks[0] = (struct chart_mark){ "F1", judged + 9 * HOUR_MS, judged + 9 * HOUR_MS + 20 * MINUTE_MS,
		judged + 9 * HOUR_MS, 0.83, true };
	c->marks[1] = (struct chart_mark){ "F2", judged + 14 * HOUR_MS, judged + 17 * HOUR_MS, judged + 15 * HOUR_MS,
		p90->values[series_index(p90, judged + 15 * HOUR_MS)], false };
	c->panels[0].marks = c->marks;
	c->panels[0].mark_count = 2;
}

/* Twelve findings of one day, eight of them abnormal, and limits on both sides. */
static void make_crowd(struct chart_case *c)
{
	static const char *const ids[] = { "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12" };

	make_latency(c);
	for (int i = 0; i < 12; i++) {
		int64_t at = c->chart.judged_from_ms + i * 2 * HOUR_MS / (i % 2 == 0 ? 3 : 1);

		c->marks[i] = (struct chart_mark){ ids[i], at, at + HOUR_MS, at,
			c->series[0].values[series_index(&c->series[0], at)], i % 3 != 2 };
	}
	c->panels[0].mark_count = 12;
	c->panels[0].normal_above = 0.1;
	c->panels[0].threshold = 0.6;
}

/* Five lines of 2,016 points: what the cost is measured with. */
static void make_five(struct chart_case *c)
{
	static const char *const labels[] = { "eu-west-1a", "eu-west-1b", "eu-west-1c", "us-east-1a", "us-east-1b" };

	set_range(c, "Europe/Berlin", CHART_CASE_START_MS, 7 * DAY_MS);
	for (size_t i = 0; i < 5; i++) {
		(void)add_series(c, i, 5 * MINUTE_MS, 3e6 + 2.6e6 * (double)i, 1e6, 5e5);
		c->lines[i].label = labels[i];
	}
	c->series[3].values[1200] = 31e6;
	c->chart.title = "Network out by zone";
	add_panel(c, 0, "NetworkOut", "Bytes/Second", 0, 5);
}

/* All that one picture can hold. */
static void make_eight(struct chart_case *c)
{
	static const char *const labels[] = { "checkout", "search", "catalogue", "login", "payments", "images", "mail", "export",
		"ninth", "tenth" };

	set_range(c, "UTC", CHART_CASE_START_MS, 6 * HOUR_MS);
	for (size_t i = 0; i < 10; i++) {
		(void)add_series(c, i, 5 * MINUTE_MS, 10 + 12 * (double)i, 2, 5);
		c->lines[i].label = labels[i];
	}
	c->chart.title = "Requests by service";
	add_panel(c, 0, "http_requests_total, rate over 5 min", "req/s", 0, 10);
}

static void make_dashboard_of(struct chart_case *c, size_t count)
{
	static const struct {
		const char *title, *unit;
		double level, swing, rough, below;
	} metrics[] = {
		{ "ECS CPU", "Percent", 34, 12, 8, 80 }, { "ECS memory", "Percent", 61, 2, 1, 90 },
		{ "ALB requests", "Count", 24000, 15000, 2500, NAN }, { "ALB latency p90", "Seconds", 0.21, 0.06, 0.04, 0.5 },
		{ "ALB 5xx", "Count", 0.3, 0, 1.2, 10 }, { "RDS CPU", "Percent", 22, 9, 5, 80 },
		{ "RDS connections", "Count", 84, 30, 9, 400 }, { "RDS freeable memory", "Bytes", 3.1e9, 2e8, 8e7, NAN },
		{ "RDS read latency", "Seconds", 0.0009, 0.0002, 0.0003, NAN }, { "Queue age", "Seconds", 35, 20, 30, 300 },
		{ "Redis evictions", "Count/Second", 0, 0, 0, NAN }, { "Disk used", "Percent", 71, 0, 0.1, 85 },
		{ "thirteenth", "Percent", 71, 0, 0.1, 85 },
	};

	set_range(c, "Asia/Tokyo", CHART_CASE_START_MS - 9 * HOUR_MS, 7 * DAY_MS);
	c->chart.judged_from_ms = c->chart.to_ms - DAY_MS;
	for (size_t i = 0; i < count; i++) {
		(void)add_series(c, i, 5 * MINUTE_MS, metrics[i].level, metrics[i].swing, metrics[i].rough);
		add_panel(c, i, metrics[i].title, metrics[i].unit, i, 1);
		c->panels[i].normal_below = metrics[i].below;
	}
	c->chart.title = "Dashboard shop-production";
}

static void make_dashboard(struct chart_case *c)
{
	int64_t judged;

	make_dashboard_of(c, 12);
	judged = c->chart.judged_from_ms;
	c->panels[8].line_count = 0;
	c->panels[8].note = "no data: access denied to account 123456789012, ask for cloudwatch:GetMetricData";
	fill(&c->series[3], judged + 9 * HOUR_MS, judged + 10 * HOUR_MS, 0.83);
	fill(&c->series[4], judged + 9 * HOUR_MS, judged + 10 * HOUR_MS, 42);
	fill(&c->series[6], judged + 6 * HOUR_MS, c->chart.to_ms, NAN);
	c->marks[0] = (struct chart_mark){ "F1", judged + 9 * HOUR_MS, judged + 10 * HOUR_MS, judged + 9 * HOUR_MS, 0.83, true };
	c->marks[1] = (struct chart_mark){ "F2", judged + 9 * HOUR_MS, judged + 10 * HOUR_MS, judged + 9 * HOUR_MS, 42, true };
	c->marks[2] = (struct chart_mark){ "F3", judged + 6 * HOUR_MS, c->chart.to_ms, judged + 6 * HOUR_MS, NAN, true };
	c->marks[3] = (struct chart_mark){ "F4", judged + 14 * HOUR_MS, judged + 17 * HOUR_MS, judged + 15 * HOUR_MS,
		c->series[0].values[series_index(&c->series[0], judged + 15 * HOUR_MS)], false };
	for (size_t i = 0; i < 4; i++) {
		static const size_t at[] = { 3, 4, 6, 0 };

		c->panels[at[i]].marks = &c->marks[i];
		c->panels[at[i]].mark_count = 1;
	}
}

static void make_two(struct chart_case *c)
{
	make_dashboard_of(c, 2);
}

static void make_three(struct chart_case *c)
{
	make_dashboard_of(c, 3);
}

static void make_five_panels(struct chart_case *c)
{
	make_dashboard_of(c, 5);
}

static void make_too_many(struct chart_case *c)
{
	make_dashboard_of(c, 13);
}

/* The night on which the clocks go back, one tick an hour. */
static void make_clock_change(struct chart_case *c)
{
	set_range(c, "Europe/Berlin", 1761422400000 /* 2025-10-25 20:00 UTC */, 12 * HOUR_MS);
	(void)add_series(c, 0, 5 * MINUTE_MS, 120, 10, 20);
	c->chart.title = "Connections, while the clocks go back";
	add_panel(c, 0, NULL, NULL, 0, 1);
}

static void make_texts(struct chart_case *c)
{
	static char longest[1001];

	memset(longest, 'W', 1000);
	memcpy(longest, "Latência — задержка — καθυστέρηση — 東京リージョンの遅延 ", strlen("Latência — задержка — καθυστέρηση — 東京リージョンの遅延 "));
	make_latency(c);
	c->chart.title = longest;
	c->panels[0].title = "bad \xff\xfe\xc3 bytes, \x1b[31mescape\x1b[0m,\nline\tbreak, \xe2\x80\xae" "override; المراقبة";
	c->panels[0].unit = "a unit that nobody has ever heard of, 東京";
	c->lines[0].label = longest;
	c->marks[0].id = "F1234567890123456789";
	c->panels[0].threshold = 0.52;
	c->panels[0].threshold_label = longest;
}

/* Limits that the values are far from, one beyond each edge. */
static void make_far_limits(struct chart_case *c)
{
	set_range(c, "UTC", CHART_CASE_START_MS, DAY_MS);
	(void)add_series(c, 0, 5 * MINUTE_MS, 50, 1, 1);
	c->chart.title = "Limits far from the values";
	add_panel(c, 0, NULL, "Count", 0, 1);
	c->panels[0].normal_above = -1000;
	c->panels[0].normal_below = 3000;
	c->panels[0].threshold = 3001;
}

static void make_note(struct chart_case *c)
{
	set_range(c, "UTC", CHART_CASE_START_MS, DAY_MS);
	c->chart.title = "ECS CPU";
	add_panel(c, 0, NULL, "Percent", 0, 0);
	c->panels[0].note = "no data: CloudWatch has no metric AWS/ECS CPUUtilization with ClusterName=shop, ServiceName=web in eu-west-1; "
		"check the dimensions";
}

static void make_nothing(struct chart_case *c)
{
	set_range(c, "UTC", CHART_CASE_START_MS, DAY_MS);
	c->chart.title = "Dashboard without metrics";
}

const struct chart_example chart_examples[] = {
	{ "alarm", make_alarm }, { "latency", make_latency }, { "crowd", make_crowd }, { "five", make_five }, { "eight", make_eight },
	{ "dashboard", make_dashboard }, { "two", make_two }, { "three", make_three }, { "five_panels", make_five_panels },
	{ "too_many", make_too_many }, { "clock_change", make_clock_change }, { "texts", make_texts },
	{ "far_limits", make_far_limits }, { "note", make_note }, { "nothing", make_nothing }, { NULL, NULL },
};

void chart_case_make(struct chart_case *c, const char *name)
{
	const struct chart_example *example = chart_examples;

	memset(c, 0, sizeof(*c));
	seed = 1;
	while (example->name != NULL && strcmp(example->name, name) != 0)
		example++;
	assert_non_null(example->name);
	example->make(c);
}

void chart_case_plain(struct chart_case *c, const double *values, size_t count)
{
	memset(c, 0, sizeof(*c));
	set_range(c, "UTC", CHART_CASE_START_MS, (int64_t)(count > 0 ? count : 1) * HOUR_MS);
	series_make_empty(&c->series[0], CHART_CASE_START_MS, HOUR_MS, count);
	for (size_t i = 0; i < count; i++)
		c->series[0].values[i] = values[i];
	c->chart.title = "plain";
	add_panel(c, 0, NULL, NULL, 0, 1);
}

void chart_case_free(struct chart_case *c)
{
	for (size_t i = 0; i < CHART_CASE_SERIES; i++)
		series_free(&c->series[i]);
	zone_free(c->zone);
}
