#include "adapters/aws/cloudwatch_result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch_band.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define WHY_MAX 800
#define DROPPED_MAX 1000 /* labels that are counted; beyond them some may count twice */

/* --- pieces --- */

/* What tells a query's series apart: nothing for a plain metric, whose label may change from page to page. */
static char *key_of(const struct cloudwatch_query *q, const struct cloudwatch_piece *piece)
{
	struct str key;

	str_init(&key, 300);
	if (q->read->metric->expression != NULL) {
		str_add(&key, piece->label == NULL ? "" : piece->label);
		if (piece->repeat > 0)
			str_addf(&key, " (%u)", piece->repeat + 1);
	}
	str_utf8_mend(key.text);
	return str_take(&key);
}

static void drop(struct cloudwatch_query *q, char *label)
{
	for (size_t i = 0; i < q->dropped_count; i++)
		if (strcmp(q->dropped[i], label) == 0) {
			free(label);
			return;
		}
	q->read->result.left_out++;
	if (q->dropped_count == DROPPED_MAX) {
		free(label);
		return;
	}
	q->dropped = mem_resize(q->dropped, (q->dropped_count + 1) * sizeof(*q->dropped));
	q->dropped[q->dropped_count++] = label;
}

/* The read's own grid, unless it had to be a coarser one. */
static int64_t grid_start(const struct cloudwatch_query *q)
{
	return q->coarser ? q->from_ms : q->read->from_ms;
}

static size_t grid_count(const struct cloudwatch_query *q)
{
	return (size_t)((q->to_ms - grid_start(q)) / q->period_ms);
}

void cloudwatch_result_empty(const struct cloudwatch_query *q, struct series *series)
{
	series_make_empty(series, grid_start(q), q->period_ms, grid_count(q));
}

bool cloudwatch_result_place(const struct cloudwatch_query *q, const struct series *series, int64_t at_ms,
                             size_t *index)
{
	if (at_ms < q->from_ms || at_ms >= q->to_ms)
		return false;
	*index = (size_t)((at_ms - series->start_ms) / series->step_ms);
	return true;
}

static void insert(struct metric_result *result, size_t at, char *label, const struct cloudwatch_query *q)
{
	struct metric_series *list = mem_resize(result->series, (result->count + 1) * sizeof(*list));

	memmove(&list[at + 1], &list[at], (result->count - at) * sizeof(*list));
	list[at].label = label;
	cloudwatch_result_empty(q, &list[at].series);
	result->series = list;
	result->count++;
}

/* The series of this label, in their order; NULL: it is left out. */
static struct series *find_series(struct cloudwatch_query *q, char *label, size_t *room)
{
	struct metric_result *result = &q->read->result;
	size_t at = 0, buckets = grid_count(q);

	while (at < result->count && strcmp(result->series[at].label, label) < 0)
		at++;
	if (at < result->count && strcmp(result->series[at].label, label) == 0) {
		free(label);
		return &result->series[at].series;
	}
	if (at == METRIC_SERIES_MAX || (result->count < METRIC_SERIES_MAX && *room < buckets)) {
		drop(q, label);
		return NULL;
	}
	if (result->count == METRIC_SERIES_MAX) { /* its place, and its room */
		result->count--;
		drop(q, result->series[result->count].label);
		series_free(&result->series[result->count].series);
	} else {
		*room -= buckets;
	}
	insert(result, at, label, q);
	return &result->series[at].series;
}

static void put(struct cloudwatch_query *q, struct series *series, const struct series_point *point)
{
	size_t index;

	if (!cloudwatch_result_place(q, series, point->at_ms, &index))
		return;
	series->values[index] = point->value;
	q->known = true;
}

void cloudwatch_result_note(struct cloudwatch_query *q, const char *note)
{
	if (note != NULL && q->note == NULL)
		q->note = mem_copy_string(note);
}

void cloudwatch_result_add(struct cloudwatch_query *q, struct cloudwatch_piece *piece, unsigned page, size_t *room)
{
	struct series *series;

	/* The last page that speaks of a metric says how it ended; there, the worst of its series. */
	if (page != q->page || piece->status > q->status)
		q->status = piece->status;
	q->page = page;
	cloudwatch_result_note(q, piece->note);
	q->odd += piece->odd;
	if (piece->status == CLOUDWATCH_DENIED)
		return;
	if (q->band) {
		cloudwatch_band_add(q, piece, room);
		return;
	}
	series = find_series(q, key_of(q, piece), room);
	for (size_t i = 0; series != NULL && i < piece->count; i++)
		put(q, series, &piece->points[i]);
}

/* --- the end --- */

static bool add_dimension(void *words, const char *name, struct json_object *value)
{
	const char *text = json_string(value, "");

	str_addf(words, ", %s=%s", name, text == NULL ? "" : text);
	return true;
}

/* "AWS/EC2 CPUUtilization, InstanceId=i-1, Average of 5 min, 2026-11-25T00:00Z to 2026-11-26T00:00Z, in us-east-1" */
static void add_question(struct str *words, const struct cloudwatch_query *q, const char *region)
{
	const struct metric *metric = q->read->metric;
	char period[CLOCK_TEXT_SIZE], from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE];

	clock_format_duration(q->period_ms, period);
	clock_format_iso(q->from_ms, from);
	clock_format_iso(q->to_ms, to);
	if (metric->expression != NULL)
		str_addf(words, "%.300s,", metric->expression);
	else
		str_addf(words, "%s %s", metric->namespace_, metric->metric);
	if (metric->dimensions != NULL)
		json_each(metric->dimensions, add_dimension, words);
	if (metric->stat != NULL)
		str_addf(words, ", %s", metric->stat);
	str_addf(words, " of %s, %.16sZ to %.16sZ, in %s%s%s", period, from, to, region,
	         metric->account != NULL ? " of account " : "", metric->account != NULL ? metric->account : "");
}

static void set_why(struct metric_result *result, struct str *words)
{
	str_utf8_mend(words->text);
	free(result->why);
	result->why = str_take(words);
}

static void drop_series(struct metric_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		metric_series_free(&result->series[i]);
	free(result->series);
	result->series = NULL;
	result->count = 0;
}

static void end_empty(struct cloudwatch_query *q, const char *region)
{
	struct metric_result *result = &q->read->result;
	struct str words;

	drop_series(result);
	result->outcome = METRIC_EMPTY;
	str_init(&words, WHY_MAX);
	str_add(&words, "CloudWatch has no values of ");
	add_question(&words, q, region);
	if (q->coarser)
		str_add(&words, " (no finer ones are kept so long)");
	if (q->note != NULL)
		str_addf(&words, "; it says: %s", q->note);
	else
		str_add(&words, "; check the names and all dimensions, and that something was running then");
	set_why(result, &words);
}

/* Without any value, for a reason of CloudWatch's own. True when it has been said. */
static bool end_failed(struct cloudwatch_query *q, const char *region, const struct err *err)
{
	const char *account = q->read->metric->account, *note = q->note != NULL ? q->note : "";
	const char *says = q->note != NULL ? "; CloudWatch says: " : "";
	struct metric_result *result = &q->read->result;

	if (err != NULL)
		metric_result_fail(result, "%s", err->text);
	else if (q->status == CLOUDWATCH_DENIED)
		metric_result_fail(result, "not allowed: IAM action cloudwatch:GetMetricData for this metric%s%s, %s; "
		                   "add it to the policy of tocsin's role%s%s", account != NULL ? " in account " : "",
		                   account != NULL ? account : "", region, says, note);
	else if (q->status == CLOUDWATCH_UNMENTIONED)
		metric_result_fail(result, "CloudWatch's answer leaves this metric out; ask again");
	else if (q->status != CLOUDWATCH_COMPLETE)
		metric_result_fail(result, "CloudWatch could not read this metric (%s); ask again%s%s",
		                   q->status == CLOUDWATCH_BROKEN ? "internal error" : "partial data", says, note);
	else if (q->odd > 0)
		metric_result_fail(result, "none of the %zu values that CloudWatch gave can be read", q->odd);
	else
		return false;
	return true;
}

static void add_reason(struct str *words, const char *format, ...) PRINTF(2, 3);
static void add_reason(struct str *words, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_addf(words, "%s%s", words->length > 0 ? "; " : "", text);
}

/* There are values; what is missing, if anything. */
static void end_known(struct cloudwatch_query *q, const struct err *err)
{
	struct metric_result *result = &q->read->result;
	char fine[CLOCK_TEXT_SIZE], coarse[CLOCK_TEXT_SIZE];
	struct str words;

	str_init(&words, WHY_MAX);
	if (err != NULL)
		add_reason(&words, "only a part was read: %s", err->text);
	else if (q->status == CLOUDWATCH_PART)
		add_reason(&words, "CloudWatch gave only a part of the values; ask again");
	else if (q->status == CLOUDWATCH_BROKEN)
		add_reason(&words, "CloudWatch had an internal error and gave only a part of the values; ask again");
	if (q->note != NULL)
		add_reason(&words, "CloudWatch says: %s", q->note);
	if (q->odd > 0)
		add_reason(&words, "%zu values that CloudWatch gave cannot be read", q->odd);
	if (q->coarser) {
		clock_format_duration(q->read->metric->period_ms, fine);
		clock_format_duration(q->period_ms, coarse);
		add_reason(&words, "each value is of %s instead of %s: so far back CloudWatch keeps no finer ones",
		           coarse, fine);
	}
	result->unread = err != NULL || q->status == CLOUDWATCH_PART || q->status == CLOUDWATCH_BROKEN || q->odd > 0;
	result->outcome = words.length > 0 ? METRIC_PARTIAL : METRIC_COMPLETE;
	if (words.length > 0)
		set_why(result, &words);
	else
		str_free(&words);
	if (result->count == 1 && result->left_out == 0)
		mem_set_string(&result->series[0].label, NULL);
}

void cloudwatch_result_end(struct cloudwatch_query *q, const char *region, const struct err *err)
{
	bool silent = q->read->metric->hidden && q->status <= CLOUDWATCH_COMPLETE;

	if (q->band) {
		cloudwatch_band_end(q, err);
		return;
	}
	if (q->status == CLOUDWATCH_DENIED)
		q->known = false;
	if (q->known)
		end_known(q, err);
	else if (err == NULL && silent)
		drop_series(&q->read->result); /* was computed with, and not asked for */
	else if (!end_failed(q, region, err))
		end_empty(q, region);
}
