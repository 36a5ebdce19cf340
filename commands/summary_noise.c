#include "commands/summary_noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/alarms.h"
#include "adapters/aws/cloudwatch.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"
#include "bot/utf8.h"
#include "bot/worker.h"
#include "commands/alarm_metrics.h"
#include "commands/summary_noise_private.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define LOOK_BACK_MS DAY_MS /* what evaluation looks back at */
#define KEPT_MS (15 * DAY_MS - HOUR_MS) /* so long CloudWatch keeps values of a minute; less what a call may wait */
#define TEXT_MAX 2000
#define NAME_UNITS 120

/* One alarm on its way: its setting, its metric, the worker. */
struct part {
	struct reading *reading;
	struct summary_noise_row *row;
	struct alarm alarm;     /* how it is set: by CloudWatch, or by its last notification */
	char *unasked;          /* why CloudWatch could not be asked; NULL: it was */
	char *why;              /* it cannot be judged, as the rest of a sentence; NULL: it can, so far */
	struct metric *metrics; /* what it watches; with a formula also its inputs */
	size_t metric_count;
	struct metric_read *reads; /* of the metrics; borrowed from the reading */
};

struct reading {
	struct bot *bot;
	struct summary_noise *noise;
	char *span;
	struct done done;
	struct part parts[SUMMARY_NOISE_MAX];
	struct metric_read *reads;
	size_t waiting; /* answers of the present step */
	bool cancelled;
};

/* --- in words --- */

static void tell_unjudged(struct part *p)
{
	struct summary_noise_row *row = p->row;
	char *clean = utf8_clean(row->alarm, true), *name = utf8_shorten(clean, NAME_UNITS);
	struct str out;

	str_init(&out, TEXT_MAX);
	str_addf(&out, "%s fired %zu times %s. No other setting was computed: %s.", name, row->firings,
	         p->reading->span, p->why);
	if (p->unasked != NULL)
		str_addf(&out, " CloudWatch could not be asked (%s).", p->unasked);
	str_utf8_mend(out.text);
	free(row->text);
	row->text = str_take(&out);
	free(name);
	free(clean);
}

static void tell_judged(struct part *p)
{
	struct summary_noise_row *row = p->row;
	const struct noise_report *report = &row->report;
	char *text = noise_text(report, row->alarm, p->reading->span), length[CLOCK_TEXT_SIZE];
	struct str out;

	str_init(&out, TEXT_MAX);
	str_add(&out, text);
	free(text);
	if (report->from_ms - p->reading->noise->from_ms > HOUR_MS) {
		clock_format_duration(report->to_ms - report->from_ms, length);
		str_addf(&out, " Only the last %s could be judged.", length);
	}
	if (p->unasked != NULL)
		str_addf(&out, " Its setting is that of its last notification: CloudWatch could not be asked (%s).",
		         p->unasked);
	str_utf8_mend(out.text);
	free(row->text);
	row->text = str_take(&out);
}

/* --- the end --- */

static void free_part(struct part *p)
{
	for (size_t i = 0; i < p->metric_count; i++) {
		if (p->reads != NULL)
			metric_result_free(&p->reads[i].result);
		metric_free(&p->metrics[i]);
	}
	fields_free(alarm_fields, &p->alarm);
	free(p->metrics);
	free(p->unasked);
	free(p->why);
}

static void finish(struct reading *r)
{
	struct done done = r->done;
	struct err cancelled;

	const struct err *err = NULL;

	for (size_t i = 0; i < r->noise->count; i++) {
		struct part *p = &r->parts[i];

		if (p->row->is_judged)
			tell_judged(p);
		else if (!r->cancelled)
			tell_unjudged(p);
		free_part(p);
	}
	if (r->cancelled) {
		(void)err_set(&cancelled, ERR_CANCELLED, "tocsin is stopping");
		err = &cancelled;
	}
	free(r->reads);
	free(r->span);
	free(r);
	done.fn(done.arg, err);
}

static void note_cancel(struct reading *r, const struct err *err)
{
	r->cancelled = r->cancelled || (err != NULL && err->kind == ERR_CANCELLED);
}

/* --- judging --- */

static void set_why(struct part *p, const char *why)
{
	if (p->why == NULL)
		p->why = mem_copy_string(why);
}

static size_t shown(const struct part *p)
{
	size_t at = 0;

	while (at < p->metric_count && p->metrics[at].hidden)
		at++;
	return at;
}

static struct noise_alarm noise_alarm_of(const struct part *p)
{
	const struct alarm *alarm = &p->alarm;
	int64_t datapoints = alarm->datapoints_to_alarm > 0 ? alarm->datapoints_to_alarm : alarm->evaluation_periods;
	int64_t period_ms = alarm->period_s > 0 ? alarm->period_s * 1000 : p->metrics[shown(p)].period_ms;

	return (struct noise_alarm){
		.comparison = alarm->comparison, .threshold = alarm->threshold,
		.statistic = p->metrics[shown(p)].stat,
		.setting = { .period_ms = period_ms, .evaluation_periods = (size_t)alarm->evaluation_periods,
		             .datapoints = (size_t)datapoints, .missing = noise_missing_read(alarm->missing_data) },
	};
}

/* On the worker. */
static bool judge(void *arg, struct err *err)
{
	struct part *p = arg;
	const struct summary_noise_past *past = p->row->past;
	const struct series *series = &p->reads[shown(p)].result.series[0].series;
	const struct noise_alarm alarm = noise_alarm_of(p);
	int64_t end_ms = series_end(series);
	struct noise_request request = { .alarm = &alarm, .series = series, .from_ms = past->since_ms,
		.to_ms = p->reading->noise->until_ms < end_ms ? p->reading->noise->until_ms : end_ms,
		.keep_ms = NOISE_KEEP_MS, .seen = past->seen, .seen_count = past->seen_count };

	while (request.seen_count > 0 && request.seen->from_ms < request.from_ms) {
		request.seen++;
		request.seen_count--;
	}
	while (request.seen_count > 0 && request.seen[request.seen_count - 1].from_ms >= request.to_ms)
		request.seen_count--;
	return noise_report_make(&p->row->report, &request, err);
}

static void judged(void *arg, const struct err *err)
{
	struct part *p = arg;
	struct reading *r = p->reading;

	note_cancel(r, err);
	p->row->is_judged = err == NULL;
	if (err != NULL)
		set_why(p, err->text);
	if (--r->waiting == 0)
		finish(r);
}

static void check_values(struct part *p)
{
	const struct metric_result *result = &p->reads[shown(p)].result;

	if (result->outcome == METRIC_FAILED || result->outcome == METRIC_EMPTY || result->unread)
		set_why(p, result->why);
	else if (result->count != 1 || result->left_out > 0)
		set_why(p, "it comes to several series");
}

static bool nothing(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return true;
}

static void nothing_done(void *arg, const struct err *err)
{
	struct reading *r = arg;

	note_cancel(r, err);
	if (--r->waiting == 0)
		finish(r);
}

/* Also when there is nothing to judge the end comes by the worker, so later. */
static void judge_all(struct reading *r)
{
	r->waiting = 1;
	for (size_t i = 0; i < r->noise->count; i++) {
		struct part *p = &r->parts[i];

		if (p->why == NULL)
			check_values(p);
		if (p->why != NULL)
			continue;
		r->waiting++;
		worker_run(r->bot->worker, judge, p, (struct done){ judged, p });
	}
	worker_run(r->bot->worker, nothing, r, (struct done){ nothing_done, r });
}

/* --- the metrics --- */

static bool is_type(const struct alarm *alarm, const char *type)
{
	return alarm->type != NULL && strcmp(alarm->type, type) == 0;
}

static size_t count_inputs(const struct alarm *alarm)
{
	size_t inputs = 0;

	for (size_t i = 0; i < json_count(alarm->metrics); i++)
		inputs += json_string(json_at(alarm->metrics, i), "expression") == NULL;
	return inputs;
}

/* NULL: it can be followed, as far as its setting tells. */
static const char *cannot_be_followed(const struct alarm *alarm)
{
	if (is_type(alarm, "composite"))
		return "it watches other alarms, and has no metric of its own";
	if (is_type(alarm, "promql"))
		return "it watches a PromQL query, whose evaluation cannot be followed";
	if (is_type(alarm, "anomaly") || (alarm->comparison != NULL && strchr("<>", alarm->comparison[0]) == NULL))
		return "its limit is a band that moves with the metric";
	if (is_type(alarm, "math") && count_inputs(alarm) != 1)
		return "it watches a formula that is not of one metric";
	if (!alarm_metrics_are_known(alarm))
		return "what it watches is not known";
	if (alarm->comparison == NULL || isnan(alarm->threshold) || alarm->evaluation_periods <= 0)
		return "how it is set is not known";
	if (alarm->period_s > 0 && alarm->period_s % 60 != 0)
		return "it looks at values of less than a minute, which CloudWatch keeps for three hours";
	return NULL;
}

/* An alarm of five minutes is evaluated every minute: by values of a minute, where they make up those of five. */
static void choose_period(struct part *p)
{
	if (p->metric_count == 1 && p->metrics[0].expression == NULL && noise_adds_up(p->metrics[0].stat))
		p->metrics[0].period_ms = MINUTE_MS;
}

/* With what lies before it, and no further back than values of a minute are kept. */
static void set_ranges(struct part *p)
{
	const struct summary_noise *noise = p->reading->noise;
	int64_t now_ms = clock_wall_ms(), from_ms = noise->from_ms - LOOK_BACK_MS;

	if (from_ms < now_ms - KEPT_MS)
		from_ms = now_ms - KEPT_MS;
	for (size_t i = 0; i < p->metric_count; i++)
		metric_range(&p->metrics[i], from_ms, noise->until_ms, now_ms, CLOUDWATCH_SETTLE_MS, &p->reads[i]);
}

static void read_done(void *arg, const struct err *err)
{
	struct reading *r = arg;

	note_cancel(r, err); /* every other trouble is in the results */
	if (--r->waiting > 0)
		return;
	if (r->cancelled)
		finish(r);
	else
		judge_all(r);
}

/* Plain metrics share calls; a formula names its inputs, which others may be named, too: it is read by itself. */
static void read_metrics(struct reading *r)
{
	const struct done done = { read_done, r };
	size_t all = 0, plain = 0;

	for (size_t i = 0; i < r->noise->count; i++)
		all += r->parts[i].metric_count;
	r->reads = mem_alloc((all + 1) * sizeof(*r->reads));
	for (size_t i = 0; i < r->noise->count; i++) {
		struct part *p = &r->parts[i];

		if (p->metric_count != 1)
			continue;
		p->reads = &r->reads[plain++];
		set_ranges(p);
	}
	all = plain;
	r->waiting = 1;
	for (size_t i = 0; i < r->noise->count; i++) {
		struct part *p = &r->parts[i];

		if (p->metric_count <= 1)
			continue;
		p->reads = &r->reads[all];
		all += p->metric_count;
		set_ranges(p);
		r->waiting++;
		cloudwatch_read(r->bot->aws, p->reads, p->metric_count, NULL, NULL, done);
	}
	cloudwatch_read(r->bot->aws, r->reads, plain, NULL, NULL, done);
}

static void plan(struct reading *r)
{
	for (size_t i = 0; i < r->noise->count; i++) {
		struct part *p = &r->parts[i];
		const char *why = cannot_be_followed(&p->alarm);

		if (why != NULL)
			set_why(p, why);
		if (p->why != NULL)
			continue;
		p->metrics = alarm_metrics_take(&p->alarm, &p->metric_count);
		choose_period(p);
	}
	read_metrics(r);
}

/* --- the settings --- */

static void found(void *arg, const struct err *err)
{
	struct part *p = arg;
	struct reading *r = p->reading;
	const struct alarm *known = &p->row->past->alarm;

	note_cancel(r, err);
	if (err != NULL && err->kind == ERR_NOT_FOUND) {
		set_why(p, "CloudWatch has no alarm of that name any more");
	} else if (err != NULL) {
		p->unasked = mem_copy_string(err->text);
		fields_copy(alarm_fields, &p->alarm, known);
	}
	/* CloudWatch's answer does not say where it is from. */
	mem_set_string(&p->alarm.account, known->account);
	mem_set_string(&p->alarm.region, known->region);
	if (--r->waiting > 0)
		return;
	if (r->cancelled)
		finish(r);
	else
		plan(r);
}

static bool is_cloudwatchs(const struct alarm *alarm)
{
	return alarm->region != NULL && alarm->name != NULL;
}

static void ask_settings(struct reading *r)
{
	for (size_t i = 0; i < r->noise->count; i++)
		r->waiting += is_cloudwatchs(&r->parts[i].row->past->alarm);
	for (size_t i = 0; i < r->noise->count; i++) {
		struct part *p = &r->parts[i];
		const struct alarm *alarm = &p->row->past->alarm;
		const struct aws_target target = { alarm->account, alarm->region };

		if (is_cloudwatchs(alarm))
			alarms_find(r->bot->aws, &target, alarm->name, &p->alarm, (struct done){ found, p });
		else
			set_why(p, "where it is set is not known");
	}
}

void summary_noise_read(struct bot *bot, struct summary_noise *noise, const char *span, struct done done)
{
	struct reading *r = mem_alloc(sizeof(*r));

	r->bot = bot;
	r->noise = noise;
	r->span = mem_copy_string(span);
	r->done = done;
	for (size_t i = 0; i < noise->count; i++) {
		r->parts[i].reading = r;
		r->parts[i].row = &noise->rows[i];
	}
	ask_settings(r);
	if (r->waiting == 0)
		judge_all(r);
}
