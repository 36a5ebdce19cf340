#include "bot/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

#define STEP_OF_ONE_POINT_MS 60000

static int by_time(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static uint64_t distance(int64_t earlier, int64_t later)
{
	return (uint64_t)later - (uint64_t)earlier;
}

/* The value that occurs most often in sorted ones; of several the smallest. 0 is left out. */
static int64_t commonest(const int64_t *sorted, size_t count)
{
	int64_t best = 0;
	size_t best_run = 0, run = 0;

	for (size_t i = 0; i < count; i++) {
		run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
		if (sorted[i] > 0 && run > best_run) {
			best = sorted[i];
			best_run = run;
		}
	}
	return best;
}

static int64_t usual_step(const struct series_point *points, size_t count)
{
	int64_t *times = mem_alloc(count * sizeof(*times));
	int64_t step;

	for (size_t i = 0; i < count; i++)
		times[i] = points[i].at_ms;
	qsort(times, count, sizeof(*times), by_time);
	for (size_t i = 0; i + 1 < count; i++) {
		uint64_t apart = distance(times[i], times[i + 1]);

		times[i] = apart > INT64_MAX ? INT64_MAX : (int64_t)apart;
	}
	qsort(times, count - 1, sizeof(*times), by_time);
	step = commonest(times, count - 1);
	free(times);
	return step > 0 ? step : STEP_OF_ONE_POINT_MS;
}

/* The nearest bucket: a clock that jitters must neither make gaps nor lose values. */
static uint64_t nearest(uint64_t ahead, uint64_t step)
{
	return ahead / step + (ahead % step > step / 2);
}

bool series_make(struct series *series, const struct series_point *points, size_t count, int64_t step_ms,
                 struct err *err)
{
	int64_t first, last;
	uint64_t buckets;

	memset(series, 0, sizeof(*series));
	if (count == 0)
		return err_set(err, ERR_USAGE, "the series has no points");
	first = last = points[0].at_ms;
	for (size_t i = 1; i < count; i++) {
		first = points[i].at_ms < first ? points[i].at_ms : first;
		last = points[i].at_ms > last ? points[i].at_ms : last;
	}
	if (step_ms <= 0)
		step_ms = usual_step(points, count);
	buckets = nearest(distance(first, last), (uint64_t)step_ms) + 1;
	if (buckets > SERIES_COUNT_MAX)
		return err_set(err, ERR_USAGE,
		               "the series spans %llu buckets of %lld ms; at most %d are read: give a shorter range",
		               (unsigned long long)buckets, (long long)step_ms, SERIES_COUNT_MAX);
	series_make_empty(series, first, step_ms, (size_t)buckets);
	series->count = 0;
	for (size_t i = 0; i < count; i++) {
		size_t at = (size_t)nearest(distance(first, points[i].at_ms), (uint64_t)step_ms);

		series->values[at] = isfinite(points[i].value) ? points[i].value : NAN;
		series->count = at + 1 > series->count ? at + 1 : series->count;
	}
	return true;
}

void series_make_empty(struct series *series, int64_t start_ms, int64_t step_ms, size_t count)
{
	series->start_ms = start_ms;
	series->step_ms = step_ms;
	series->count = count;
	series->values = count > 0 ? mem_alloc(count * sizeof(double)) : NULL;
	for (size_t i = 0; i < count; i++)
		series->values[i] = NAN;
}

void series_copy(struct series *to, const struct series *from)
{
	*to = *from;
	to->values = NULL;
	if (from->count == 0)
		return;
	to->values = mem_alloc(from->count * sizeof(double));
	memcpy(to->values, from->values, from->count * sizeof(double));
}

void series_free(struct series *series)
{
	free(series->values);
	memset(series, 0, sizeof(*series));
}

int64_t series_time(const struct series *series, size_t i)
{
	return series->start_ms + (int64_t)i * series->step_ms;
}

int64_t series_end(const struct series *series)
{
	return series_time(series, series->count);
}

size_t series_index(const struct series *series, int64_t at_ms)
{
	uint64_t ahead, step = (uint64_t)series->step_ms, at;

	if (at_ms <= series->start_ms)
		return 0;
	ahead = distance(series->start_ms, at_ms);
	at = ahead / step + (ahead % step > 0);
	return at > series->count ? series->count : (size_t)at;
}

size_t series_known(const struct series *series)
{
	size_t known = 0;

	for (size_t i = 0; i < series->count; i++)
		known += isnan(series->values[i]) ? 0 : 1;
	return known;
}
