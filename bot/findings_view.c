/* A series made ready to be judged: numbers only, the local calendar, and helpers over buckets. */
#include <math.h>

#include "bot/findings_private.h"
#include "bot/sliding.h"
#include "bot/statistics.h"
#include "bot/zone.h"

#define VALUE_MAX 1e150       /* squares must stay finite; nothing that is measured is greater */
#define SLOT_LEAST_MS MINUTE_MS
#define REMAINDER 1e-9        /* of what is expected: what a difference of nearly equal numbers leaves; it is 0 */

int64_t view_time(const struct view *view, size_t i)
{
	return view->start_ms + (int64_t)i * view->step_ms;
}

bool view_same_grid(const struct view *a, const struct view *b)
{
	return a->step_ms == b->step_ms && (a->start_ms - b->start_ms) % a->step_ms == 0;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

size_t view_weekday(int32_t day)
{
	return (size_t)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

bool view_is_weekend(int32_t day)
{
	size_t weekday = view_weekday(day);

	return weekday == 0 || weekday == 6;
}

size_t view_steps(const struct view *view, int64_t ms)
{
	int64_t steps = (ms + view->step_ms - 1) / view->step_ms;

	return steps < 1 ? 1 : (size_t)steps;
}

static int64_t offset_ms(const struct zone *zone, int64_t at_ms)
{
	struct zone_time local;

	if (zone == NULL)
		return 0;
	zone_local(zone, at_ms, &local);
	return (int64_t)local.offset_s * 1000;
}

/* Clocks change at full quarters of an hour, so one question a quarter is enough. */
static void calendar(struct view *view)
{
	int32_t *days = mem_zalloc(&view->mem, (view->end + 1) * sizeof(*days));
	int32_t *slots = mem_zalloc(&view->mem, (view->end + 1) * sizeof(*slots));
	int64_t width = view->step_ms > SLOT_LEAST_MS ? view->step_ms : SLOT_LEAST_MS;
	int64_t quarter = INT64_MIN, offset = 0;

	view->slots = width >= DAY_MS ? 1 : (size_t)((DAY_MS + width - 1) / width);
	for (size_t i = 0; i < view->end; i++) {
		int64_t at = view_time(view, i), local;

		if (floor_div(at, 15 * MINUTE_MS) != quarter) {
			quarter = floor_div(at, 15 * MINUTE_MS);
			offset = offset_ms(view->range->zone, at);
		}
		local = at + offset;
		days[i] = (int32_t)floor_div(local, DAY_MS);
		slots[i] = width >= DAY_MS ? 0 : (int32_t)((local - days[i] * DAY_MS) / width);
	}
	view->day = days;
	view->slot = slots;
}

void view_init(struct view *view, const struct findings_subject *subject, size_t index,
               const struct findings_range *range)
{
	const struct series *series = subject->series;
	double *x;

	memset(view, 0, sizeof(*view));
	view->subject = subject;
	view->range = range;
	view->index = index;
	view->start_ms = series->start_ms;
	view->step_ms = series->step_ms;
	view->end = series_index(series, range->to_ms);
	view->judged = series_index(series, range->from_ms);
	view->judged = view->judged > view->end ? view->end : view->judged;
	x = mem_zalloc(&view->mem, (view->end + 1) * sizeof(*x));
	for (size_t i = 0; i < view->end; i++) {
		double value = series->values[i];

		x[i] = fabs(value) <= VALUE_MAX ? value : NAN;
		view->known += i < view->judged && !isnan(x[i]);
	}
	view->x = x;
	view->positive = true;
	for (size_t i = 0; i < view->judged; i++)
		view->positive = view->positive && !(x[i] < 0);
	calendar(view);
	findings_model(view);
}

void view_free(struct view *view)
{
	mem_free_all(&view->mem);
}

double view_median(const double *y, size_t from, size_t to)
{
	return from < to ? statistics_median(y + from, to - from) : NAN;
}

/* The median at every eighth of the window, in between along a line: more often costs more and shows no more. */
void view_rolling(const struct sliding_ranks *y, size_t half, double *out)
{
	size_t stride = half / 4 + 1, before = 0, from = 0, to = 0;
	struct sliding window;
	double last = NAN;

	sliding_begin(&window, y);
	for (size_t i = 0; i < y->count; i += stride) {
		double median;

		while (to < i + half + 1 && to < y->count)
			sliding_put(&window, to++);
		while (from + half < i)
			sliding_take(&window, from++);
		median = sliding_median(&window);
		out[i] = median;
		for (size_t j = before + 1; j < i; j++)
			out[j] = last + (median - last) * (double)(j - before) / (double)(i - before);
		before = i;
		last = median;
	}
	for (size_t j = before + 1; j < y->count; j++)
		out[j] = last;
	sliding_end(&window);
}

void view_band(const struct view *view, size_t i, double *low, double *high)
{
	*low = *high = NAN;
	if (view->pattern == PATTERN_NONE || i >= view->end || isnan(view->expected[i]))
		return;
	*low = view->expected[i] + view->z_low * view->scale[i];
	if (view->positive && *low < 0) /* nobody expects a negative count */
		*low = fmin(0, view->expected[i]);
	*high = view->expected[i] + view->z_high * view->scale[i];
	if (fabs(*low) < REMAINDER * fabs(view->expected[i]))
		*low = 0;
	if (fabs(*high) < REMAINDER * fabs(view->expected[i]))
		*high = 0;
}
