/* What is known, as a model reads it: compact, all foreign words fenced. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/fence.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

#define FENCE_MAX BRIEFING_TEXT_MAX
#define TITLE_MAX 200
#define ABOUT_MAX 500
#define FINDINGS_TEXT_MAX (12 * 1024)
#define INCIDENTS_MAX 10
#define TABLES_MAX (32 * 1024)
#define LINES_MAX 96 /* of one series */
#define LINES_MIN 4
#define LINE_BYTES 34 /* "Wed 25 Nov 09:00 0.1234 0.1234 0.1234\n", on average */

static void add_time(struct str *out, const struct zone *zone, int64_t at_ms, bool with_day)
{
	static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct zone_time local;

	zone_local(zone, at_ms, &local);
	if (with_day)
		str_addf(out, "%s %d %s ", weekdays[local.weekday], local.day, months[local.month - 1]);
	str_addf(out, "%02d:%02d", local.hour, local.minute);
	if (local.second != 0)
		str_addf(out, ":%02d", local.second);
}

static void add_number(struct str *out, double value)
{
	if (isnan(value))
		str_add(out, "-");
	else
		str_addf(out, "%.4g", value);
}

/* --- one series ---------------------------------------------------------------------------------------- */

struct bucket {
	double sum, least, greatest;
	size_t known;
};

static struct bucket bucket_of(const struct series *series, size_t from, size_t until)
{
	struct bucket bucket = { 0, NAN, NAN, 0 };

	for (size_t i = from; i < until; i++) {
		double value = series->values[i];

		if (isnan(value))
			continue;
		bucket.least = bucket.known == 0 ? value : fmin(bucket.least, value);
		bucket.greatest = bucket.known == 0 ? value : fmax(bucket.greatest, value);
		bucket.sum += value;
		bucket.known++;
	}
	return bucket;
}

static void add_rows(struct str *out, const struct briefing *briefing, const struct series *series, size_t from,
                     size_t until, size_t each)
{
	struct zone_time last = { .day = 0 }, local;

	for (size_t i = from; i < until; i += each) {
		size_t end = i + each < until ? i + each : until;
		struct bucket bucket = bucket_of(series, i, end);

		zone_local(briefing->zone, series_time(series, i), &local);
		add_time(out, briefing->zone, series_time(series, i), local.day != last.day);
		last = local;
		str_add_char(out, ' ');
		if (each == 1 || bucket.known == 0) {
			add_number(out, bucket.known == 0 ? NAN : bucket.sum);
		} else {
			add_number(out, bucket.sum / (double)bucket.known);
			str_add_char(out, ' ');
			add_number(out, bucket.least);
			str_add_char(out, ' ');
			add_number(out, bucket.greatest);
		}
		str_add_char(out, '\n');
	}
}

static void add_table(struct str *out, const struct briefing *briefing, const struct series *series, size_t lines)
{
	int64_t range_ms = briefing->range.until_ms - briefing->range.from_ms;
	int64_t before_ms = range_ms > BRIEFING_BEFORE_MS ? range_ms : BRIEFING_BEFORE_MS;
	size_t begin = series_index(series, briefing->range.from_ms - before_ms);
	size_t from = series_index(series, briefing->range.from_ms);
	size_t until = series_index(series, briefing->range.until_ms);
	size_t fine = lines * 3 / 4, each;
	char step[CLOCK_TEXT_SIZE];

	each = (until - from + fine - 1) / fine;
	each = each == 0 ? 1 : each;
	clock_format_duration((int64_t)each * series->step_ms, step);
	str_addf(out, "table of the range, one line for %s: %s\n", step,
	         each == 1 ? "time value" : "time mean least greatest");
	add_rows(out, briefing, series, from, until, each);
	if (from == begin)
		return;
	each = (from - begin + lines / 4 - 1) / (lines / 4);
	clock_format_duration((int64_t)each * series->step_ms, step);
	str_addf(out, "before the range, one line for %s: %s\n", step,
	         each == 1 ? "time value" : "time mean least greatest");
	add_rows(out, briefing, series, begin, from, each);
}

static void add_summary(struct str *out, const struct briefing *briefing, const struct briefing_values *v)
{
	if (v->known == 0) {
		str_add(out, "no values in the range\n");
		return;
	}
	str_add(out, "in the range: least ");
	add_number(out, v->least);
	str_add(out, " at ");
	add_time(out, briefing->zone, v->least_ms, true);
	str_add(out, ", greatest ");
	add_number(out, v->greatest);
	str_add(out, " at ");
	add_time(out, briefing->zone, v->greatest_ms, true);
	str_add(out, ", mean ");
	add_number(out, v->mean);
	str_add(out, ", last ");
	add_number(out, v->last);
	str_add(out, " at ");
	add_time(out, briefing->zone, v->last_ms, true);
	str_add(out, "\nusual at these hours: median ");
	add_number(out, v->usual);
	str_add(out, ", 9 of 10 values between ");
	add_number(out, v->usual_low);
	str_add(out, " and ");
	add_number(out, v->usual_high);
	str_add_char(out, '\n');
}

/* --- one metric ---------------------------------------------------------------------------------------- */

static void add_line(struct str *out, const char *name, const char *text)
{
	if (text != NULL)
		str_addf(out, "%s: %s\n", name, text);
}

static void add_head(struct str *out, const struct dashboard_data *data, size_t metric)
{
	const struct metric *m = &data->metrics[metric];
	char *title = metric_title(m);
	char period[CLOCK_TEXT_SIZE];

	clock_format_duration(m->period_ms, period);
	add_line(out, "dashboard", data->name);
	add_line(out, "title", title);
	add_line(out, "unit", m->unit);
	add_line(out, "statistic", m->stat);
	add_line(out, "period", period);
	if (!isnan(m->normal_below))
		str_addf(out, "normal: below %.6g\n", m->normal_below);
	if (!isnan(m->normal_above))
		str_addf(out, "normal: above %.6g\n", m->normal_above);
	add_line(out, "about", m->about);
	free(title);
}

static void add_metric(struct str *out, const struct briefing *briefing, const struct dashboard_data *data,
                       size_t metric, const char *fence, size_t lines)
{
	struct str block, label;
	struct briefing_values values;

	str_init(&block, TABLES_MAX);
	str_init(&label, TITLE_MAX);
	add_head(&block, data, metric);
	for (size_t i = 0; i < data->subject_count; i++) {
		if (data->subjects[i].metric != metric)
			continue;
		if (dashboard_data_result(data, metric)->count > 1)
			add_line(&block, "series", data->subjects[i].title);
		briefing_values(briefing, data, i, &values);
		add_summary(&block, briefing, &values);
		add_table(&block, briefing, data->inputs[i].series, lines);
	}
	str_addf(&label, "metric %s", data->metrics[metric].id);
	fence_add(out, fence, label.text, block.text, FENCE_MAX);
	str_free(&block);
	str_free(&label);
}

static size_t series_count(const struct briefing *briefing)
{
	size_t count = 0;

	for (size_t i = 0; i < briefing->look_count; i++)
		count += briefing->looks[i].data->subject_count;
	return count;
}

static void add_metrics(struct str *out, const struct briefing *briefing, const char *fence)
{
	size_t count = series_count(briefing), lines = TABLES_MAX / LINE_BYTES / (count == 0 ? 1 : count);

	lines = lines > LINES_MAX ? LINES_MAX : lines < LINES_MIN ? LINES_MIN : lines;
	for (size_t i = 0; i < briefing->look_count; i++) {
		const struct dashboard_data *data = briefing->looks[i].data;

		for (size_t k = 0; briefing->looks[i].why == NULL && k < data->metric_count; k++)
			if (!data->metrics[k].hidden && dashboard_data_result(data, k)->count > 0)
				add_metric(out, briefing, data, k, fence, lines);
	}
}

/* --- findings, incidents, what is missing ----------------------------------------------------------------- */

static void add_findings(struct str *out, const struct briefing *briefing, const char *fence)
{
	struct briefing_finding *list;
	size_t count = briefing_findings(briefing, &list);
	struct str block;

	str_init(&block, FINDINGS_TEXT_MAX);
	for (size_t i = 0; i < count; i++)
		str_addf(&block, "%s (%s): %s\n", list[i].finding->id, finding_kind_name(list[i].finding->kind),
		         list[i].finding->text);
	if (count == 0)
		str_add(&block, "none\n");
	fence_add(out, fence, "findings", block.text, FENCE_MAX);
	str_free(&block);
	free(list);
}

struct incidents_text {
	const struct briefing *briefing;
	struct str block;
	size_t count;
};

static void add_incident(void *arg, struct incident *incident)
{
	struct incidents_text *text = arg;
	char age[CLOCK_TEXT_SIZE];

	if (!incident_is_open(incident) || text->count++ >= INCIDENTS_MAX)
		return;
	clock_format_duration(text->briefing->now_ms - incident->fired_ms, age);
	str_addf(&text->block, "incident %s, %s for %s since ", incident->id, incident->state, age);
	add_time(&text->block, text->briefing->zone, incident->fired_ms, true);
	str_addf(&text->block, "\nalarm: %s\n", incident->alarm.name == NULL ? "?" : incident->alarm.name);
	if (incident->alarm.reason != NULL)
		str_addf(&text->block, "reason: %.300s\n", incident->alarm.reason);
}

static void add_incidents(struct str *out, const struct briefing *briefing, const char *fence)
{
	struct incidents_text text = { .briefing = briefing };

	if (briefing->bot->incidents == NULL)
		return;
	str_init(&text.block, FINDINGS_TEXT_MAX);
	incidents_each(briefing->bot->incidents, add_incident, &text);
	if (text.count == 0)
		str_add(&text.block, "none\n");
	if (text.count > INCIDENTS_MAX)
		str_addf(&text.block, "and %zu more\n", text.count - INCIDENTS_MAX);
	fence_add(out, fence, "open incidents", text.block.text, FENCE_MAX);
	str_free(&text.block);
}

static void add_unseen(struct str *out, const struct briefing *briefing, const char *fence)
{
	struct str block;

	str_init(&block, FINDINGS_TEXT_MAX);
	briefing_add_unseen(briefing, &block);
	if (block.length > 0)
		fence_add(out, fence, "what could not be read", block.text, FENCE_MAX);
	str_free(&block);
}

void briefing_add_text(const struct briefing *briefing, const char *fence, struct str *out)
{
	str_add(out, "Now: ");
	add_time(out, briefing->zone, briefing->now_ms, true);
	str_addf(out, " (%s; all times are of this zone)\nRange asked about: %s, that is ",
	         zone_name(briefing->zone), briefing->range.range_words);
	add_time(out, briefing->zone, briefing->range.from_ms, true);
	str_add(out, " to ");
	add_time(out, briefing->zone, briefing->range.until_ms, true);
	str_add_char(out, '\n');
	add_findings(out, briefing, fence);
	add_incidents(out, briefing, fence);
	add_unseen(out, briefing, fence);
	add_metrics(out, briefing, fence);
}
