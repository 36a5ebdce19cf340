#include "tests/unit/support/summary_words_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/zone.h"
#include "commands/summary_noise.h"

#define MINUTE_MS BRIEFING_CASE_MINUTE_MS
#define NOW_MS BRIEFING_CASE_NOW_MS

struct summary_incident *summary_words_case_incident(struct summary_words_case *c, const char *alarm, const char *reason,
                                                     int64_t fired_minutes, int64_t resolved_minutes)
{
	struct summary_data *data = c->data;
	struct summary_incident *incident;

	data->incidents = mem_resize(data->incidents, (data->incident_count + 1) * sizeof(*incident));
	incident = &data->incidents[data->incident_count++];
	*incident = (struct summary_incident){
		.id = mem_copy_string("0"),
		.alarm = mem_copy_string(alarm),
		.account = mem_copy_string("123456789012"),
		.region = mem_copy_string("eu-west-1"),
		.state = mem_copy_string(resolved_minutes == 0 ? INCIDENT_FIRING : INCIDENT_RESOLVED),
		.reason = mem_copy_string(reason),
		.opened_ms = NOW_MS - fired_minutes * MINUTE_MS,
		.fired_ms = NOW_MS - fired_minutes * MINUTE_MS,
		.changed_ms = NOW_MS - (resolved_minutes == 0 ? fired_minutes : resolved_minutes) * MINUTE_MS,
		.resolved_ms = resolved_minutes == 0 ? 0 : NOW_MS - resolved_minutes * MINUTE_MS,
		.changes = 1,
		.is_new = fired_minutes < 24 * 60,
	};
	if (resolved_minutes > 0)
		summary_firings_add(&incident->ended, incident->resolved_ms - incident->fired_ms);
	incident->id[0] = (char)('0' + data->incident_count % 10);
	data->open_count += resolved_minutes == 0;
	return incident;
}

static void add_incidents(struct summary_words_case *c)
{
	struct summary_incident *incident;

	incident = summary_words_case_incident(c, "orders-missing", "Threshold Crossed: no orders (0.0).", 36 * 60, 0);
	incident->holder = mem_copy_string("U0ALICE001");
	incident->issue_key = mem_copy_string("OPS-12");
	incident = summary_words_case_incident(c, "checkout-latency",
	                                       "Threshold Crossed: 2 datapoints were greater than the threshold (0.5).", 255, 0);
	incident->proposed = mem_copy_string("Restart the agent on i-0123?");
	(void)summary_words_case_incident(c, "disk-db-1", NULL, 40, 0);
	incident = summary_words_case_incident(c, "queue-depth", NULL, 600, 565);
	incident->changes = 6;
	(void)summary_words_case_incident(c, "cpu-web-3", NULL, 1000, 940);
}

static void add_noise(struct summary_data *data)
{
	struct summary_noise_row *row;

	data->noise = mem_alloc(sizeof(*data->noise));
	data->noise->rows = row = mem_alloc(sizeof(*row));
	data->noise->count = 1;
	*row = (struct summary_noise_row){ .alarm = mem_copy_string("queue-depth"), .firings = 14, .is_judged = true };
	row->report = (struct noise_report){
		.outcome = NOISE_PROPOSED,
		.now = { .period_ms = MINUTE_MS, .evaluation_periods = 1, .datapoints = 1, .missing = NOISE_MISSING },
		.proposed = { .period_ms = MINUTE_MS, .evaluation_periods = 5, .datapoints = 4, .missing = NOISE_MISSING },
		.before = 14, .after = 3, .short_ms = 5 * MINUTE_MS, .short_count = 11, .count = 12, .hidden = 7,
		.longest_hidden_ms = 3 * MINUTE_MS, .worst_delay_ms = 4 * MINUTE_MS, .lasting_delay_ms = 3 * MINUTE_MS,
		.on_before_ms = 95 * MINUTE_MS, .on_after_ms = 52 * MINUTE_MS, .seen = 14, .seen_alike = 14,
	};
	row->report.episodes = mem_alloc(row->report.count * sizeof(*row->report.episodes));
	for (size_t i = 0; i < row->report.count; i++)
		row->report.episodes[i].fate = i < 3 ? NOISE_KEPT : i < 10 ? NOISE_HIDDEN : NOISE_MERGED;
	row->text = noise_text(&row->report, row->alarm, "since yesterday");
}

static void add_silence(struct summary_data *data)
{
	data->silences = mem_alloc(sizeof(*data->silences));
	data->silence_count = 1;
	data->silences[0] = (struct summary_silence){
		.what = mem_copy_string("batch-*"), .by = mem_copy_string("U0BOB00001"),
		.reason = mem_copy_string("the migration of the orders database"), .until_ms = NOW_MS + 150 * MINUTE_MS,
	};
}

static void add_looks(struct summary_words_case *c)
{
	struct summary_data *data = c->data;

	for (size_t i = 0; i < 2; i++)
		c->shop.dashboards[i].baseline_ms = 4 * 24 * 60 * MINUTE_MS; /* enough, and soon judged */
	c->shop.slow = 8;
	c->shop.slow_from_ms = NOW_MS - 260 * MINUTE_MS;
	c->briefing = briefing_case_read(&c->shop, "what happened?");
	data->looks = mem_alloc((c->briefing->look_count + 1) * sizeof(*data->looks));
	for (size_t i = 0; i < c->briefing->look_count; i++)
		data->looks[data->look_count++] = (struct summary_look){
			.name = mem_copy_string(c->briefing->looks[i].data->name), .data = c->briefing->looks[i].data };
	data->looks[data->look_count++] = (struct summary_look){
		.name = mem_copy_string("edge"), .why = mem_copy_string("cloudwatch:GetMetricData is not allowed.") };
}

void summary_words_case_begin(struct summary_words_case *c)
{
	struct err err;

	*c = (struct summary_words_case){ .data = mem_alloc(sizeof(*c->data)) };
	briefing_case_init(&c->shop);
	c->data->kind = SUMMARY_DAILY;
	c->data->name = mem_copy_string("daily");
	c->data->timezone = mem_copy_string("UTC");
	c->data->zone = zone_load("UTC", &err);
	assert_non_null(c->data->zone);
	c->data->until_ms = NOW_MS;
	c->data->since_ms = NOW_MS - 24 * 60 * MINUTE_MS;
	c->data->spent_since = 1.24;
	c->data->spent_month = 17.5;
	add_incidents(c);
	add_noise(c->data);
	add_silence(c->data);
	add_looks(c);
}

void summary_words_case_end(struct summary_words_case *c)
{
	for (size_t i = 0; i < c->data->look_count; i++)
		c->data->looks[i].data = NULL; /* the briefing's */
	summary_data_free(c->data);
	briefing_free(c->briefing);
	briefing_case_free(&c->shop);
}
