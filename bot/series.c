#include "bot/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/series_grid.h"

struct row {
	int64_t at_ms;
	size_t order; /* in the list */
	double value;
};

static int by_time(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->at_ms != right->at_ms)
		return left->at_ms > right->at_ms ? 1 : -1;
	return (left->order > right->order) - (left->order < right->order);
}

static uint64_t distance(int64_t earlier, int64_t later)
{
	return (uint64_t)later - (uint64_t)earlier;
}

static struct row *sorted_rows(const struct series_point *points, size_t count)
{
	struct row *rows = mem_alloc(count * sizeof(*rows));

	for (size_t i = 0; i < count; i++)
		rows[i] = (struct row){ points[i].at_ms, i, points[i].value };
	qsort(rows, count, sizeof(*rows), by_time);
	return rows;
}

static void fill(struct series *series, const struct series_grid *grid, const struct row *rows, const size_t *buckets,
                 size_t count)
{
	series_make_empty(series, grid->origin_ms, grid->step_ms, buckets[count - 1] + 1);
	for (size_t i = 0; i < count; i++)
		series->values[buckets[i]] = isfinite(rows[i].value) ? rows[i].value : NAN;
}

bool series_make(struct series *series, const struct series_point *points, size_t count, int64_t step_ms,
                 struct err *err)
{
	struct series_grid grid;
	struct row *rows;
	int64_t *at_ms;
	size_t *buckets, last;

	memset(series, 0, sizeof(*series));
	if (count == 0)
		return err_set(err, ERR_USAGE, "the series has no points");
	rows = sorted_rows(points, count);
	at_ms = mem_alloc(count * sizeof(*at_ms));
	for (size_t i = 0; i < count; i++)
		at_ms[i] = rows[i].at_ms;
	grid = series_grid_find(at_ms, count, step_ms);
	buckets = mem_alloc(count * sizeof(*buckets));
	series_grid_place(&grid, at_ms, count, buckets);
	last = buckets[count - 1];
	if (last < SERIES_COUNT_MAX)
		fill(series, &grid, rows, buckets, count);
	free(rows);
	free(at_ms);
	free(buckets);
	if (last < SERIES_COUNT_MAX)
		return true;
	return err_set(err, ERR_USAGE,
	               "the series spans %zu buckets of %lld ms; at most %d are read: give a shorter range",
	               last + 1, (long long)grid.step_ms, SERIES_COUNT_MAX);
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
