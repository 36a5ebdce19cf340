#include "bot/series_grid.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bot/mem.h"
#include "bot/statistics.h"

#define PLACE_MAX 9e15 /* beyond any grid, and still a whole number of size_t */
#define STEP_OF_ONE_TIME_MS 60000
#define ALIKE 1.5             /* times the least of them: distances that may be one step */
#define CENTRINGS 8           /* the median moves the middle, and that the median: by then not by a thousandth */
#define SEARCH_STEPS 512      /* the step is looked for in so many of them, */
#define SEARCH_SHARE 0.15     /* so much more or less than is usual, */
#define SEARCH_FINE 4         /* in parts of what lets the last row slip by a step */
#define ROUNDS 3              /* of finding the buckets for a line and the line for the buckets */
#define TWO_PI 6.283185307179586
#define STEP_MOST 9.0e18      /* ms, below INT64_MAX */

/* Periods at which people let things be measured, in seconds; and each of these times 60 and 3600. */
static const double ROUND_PERIODS[] = { 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 };
#define MINUTE_MS 60000
#define DAY_MS 86400000

/* Time over index: the bucket's number is the whole number nearest to (time - origin) / step. */
struct line {
	double origin, step;
};

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double distance(int64_t earlier, int64_t later)
{
	return (double)((uint64_t)later - (uint64_t)earlier);
}

/* How many of the sorted distances are smaller than `most`. */
static size_t below(const double *sorted, size_t count, double most)
{
	size_t low = 0;

	for (size_t high = count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] < most)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One of the commonest distances, some time early or late allowed; of several equally common the least. */
static double commonest(const double *sorted, size_t count)
{
	size_t best = 0, best_size = 0, end = 0;

	for (size_t i = 0; i < count; i++) {
		while (end < count && sorted[end] <= ALIKE * sorted[i])
			end++;
		if (end - i > best_size) {
			best = i;
			best_size = end - i;
		}
	}
	return sorted[best + (best_size - 1) / 2];
}

/*
 * The median of all distances that are nearer to it than half of it: neither rows written twice nor missing ones count.
 * `exact`: the middle half of them are this to the millisecond.
 */
static double usual_distance(const double *sorted, size_t count, bool *exact)
{
	double usual = commonest(sorted, count);

	for (int i = 0; i < CENTRINGS; i++) {
		size_t from = below(sorted, count, 0.5 * usual), size = below(sorted, count, 1.5 * usual) - from;

		usual = sorted[from + (size - 1) / 2];
		*exact = sorted[from + size / 4] == sorted[from + size - 1 - size / 4];
	}
	return usual;
}

/* 0: all rows have one time. */
static double step_between(const int64_t *at_ms, size_t count, bool *exact)
{
	double *apart = mem_alloc(count * sizeof(*apart)), step;
	size_t known = 0;

	for (size_t i = 1; i < count; i++)
		if (at_ms[i] > at_ms[i - 1])
			apart[known++] = distance(at_ms[i - 1], at_ms[i]);
	qsort(apart, known, sizeof(*apart), by_size);
	step = known > 0 ? fmin(usual_distance(apart, known, exact), STEP_MOST) : 0;
	free(apart);
	return step;
}

/* How far a time is from the middle of its bucket. */
static double beside(const struct line *line, double time)
{
	return time - line->origin - line->step * round((time - line->origin) / line->step);
}

/*
 * Where in a step most rows are, from the line: the mean on a circle, since a step's end is the next one's begin.
 * `together`: how much they keep to one phase; count when all do, hardly more than its root when none does.
 */
static double phase_of(const struct line *line, const double *times, size_t count, double *together)
{
	double east = 0, north = 0;

	for (size_t i = 0; i < count; i++) {
		double angle = TWO_PI * beside(line, times[i]) / line->step;

		east += cos(angle);
		north += sin(angle);
	}
	*together = hypot(east, north);
	return atan2(north, east) / TWO_PI * line->step;
}

static void turn_to_phase(struct line *line, const double *times, size_t count)
{
	double together;

	line->origin += phase_of(line, times, count, &together);
}

/* The step by which the first rows keep best to one phase: their median distance may be some per cent off. */
static void search(struct line *line, const double *times, size_t count)
{
	double best = 0, usual = line->step, fine = usual / (SEARCH_FINE * times[count - 1]);
	size_t tries = (size_t)(2 * SEARCH_SHARE / fine);

	if (times[count - 1] <= 0) /* rows of one time */
		return;
	for (size_t i = 0; i <= tries; i++) {
		struct line tried = { line->origin, usual / (1 - SEARCH_SHARE + (double)i * fine) };
		double together;

		(void)phase_of(&tried, times, count, &together);
		if (together > best) {
			best = together;
			line->step = tried.step;
		}
	}
}

/* Least squares of time over the number of the bucket. */
static void fit(struct line *line, const double *times, size_t count)
{
	double mean_number = 0, mean_time = 0, squares = 0, products = 0;

	for (size_t i = 0; i < count; i++) {
		mean_number += round((times[i] - line->origin) / line->step) / (double)count;
		mean_time += times[i] / (double)count;
	}
	for (size_t i = 0; i < count; i++) {
		double number = round((times[i] - line->origin) / line->step) - mean_number;

		squares += number * number;
		products += number * (times[i] - mean_time);
	}
	if (squares <= 0 || products < squares)
		return; /* a step below a millisecond is none */
	line->step = products / squares;
	line->origin = mean_time - line->step * mean_number;
}

/* An error in the step grows with the distance: so the line is made longer only as it is known better. */
static void refine(struct line *line, const double *times, size_t count)
{
	size_t rows = below(times, count < SEARCH_STEPS ? count : SEARCH_STEPS, SEARCH_STEPS * line->step);

	if (rows > 2)
		search(line, times, rows);
	for (;; rows = rows > count / 2 ? count : 2 * rows) {
		for (int round = 0; round < ROUNDS; round++) {
			turn_to_phase(line, times, rows);
			fit(line, times, rows);
		}
		if (rows == count)
			return;
	}
}

/* The period for people that is nearest. */
static double round_period(double step)
{
	static const double units[] = { 1000, 60000, 3600000 };
	double best = DAY_MS;

	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++)
		for (size_t i = 0; i < sizeof(ROUND_PERIODS) / sizeof(ROUND_PERIODS[0]); i++)
			if (fabs(units[u] * ROUND_PERIODS[i] - step) < fabs(best - step))
				best = units[u] * ROUND_PERIODS[i];
	return best;
}

/* How far off rows usually are; in the place of the times. */
static double jitter_of(const struct line *line, const double *times, size_t count, double *off)
{
	for (size_t i = 0; i < count; i++)
		off[i] = fabs(beside(line, times[i]));
	return statistics_median_of(off, count);
}

/* A round step that over the whole series leads no further off than rows are anyway is the one that was meant. */
static void prefer_round(struct line *line, const double *times, size_t count, double *off)
{
	double period = round_period(line->step), steps = times[count - 1] / line->step;

	if (fabs(period - line->step) * steps / 2 <= jitter_of(line, times, count, off))
		line->step = period;
	line->step = fmax(1, round(line->step));
}

/* The median row lies in the middle of its bucket; or a whole minute does, if rows are that far off it. */
static void settle_phase(struct line *line, const double *times, size_t count, int64_t first_ms, double *off)
{
	double clock = (double)(((first_ms % MINUTE_MS) + MINUTE_MS) % MINUTE_MS), wrong;

	turn_to_phase(line, times, count);
	for (size_t i = 0; i < count; i++)
		off[i] = beside(line, times[i]);
	line->origin = round(line->origin + statistics_select(off, count, (count - 1) / 2));
	wrong = remainder(clock + line->origin, MINUTE_MS);
	if (fmod(line->step, MINUTE_MS) == 0 && fabs(wrong) <= jitter_of(line, times, count, off))
		line->origin -= wrong;
}

struct series_grid series_grid_find(const int64_t *at_ms, size_t count, int64_t step_ms)
{
	bool exact = true;
	struct line line = { 0, step_ms > 0 ? (double)step_ms : step_between(at_ms, count, &exact) };
	struct series_grid grid = { at_ms[0], STEP_OF_ONE_TIME_MS };
	double *times, *off;

	if (line.step <= 0)
		return grid;
	times = mem_alloc(count * sizeof(*times));
	off = mem_alloc(count * sizeof(*off));
	for (size_t i = 0; i < count; i++)
		times[i] = distance(at_ms[0], at_ms[i]);
	if (!exact) {
		refine(&line, times, count);
		prefer_round(&line, times, count, off);
	}
	settle_phase(&line, times, count, at_ms[0], off);
	free(times);
	free(off);
	/* The bucket of the first row is 0. */
	line.origin += line.step * round(-line.origin / line.step);
	grid.step_ms = (int64_t)line.step;
	if (__builtin_add_overflow(at_ms[0], (int64_t)line.origin, &grid.origin_ms))
		grid.origin_ms = at_ms[0];
	return grid;
}

/* A row that shares its neighbour's bucket, though it comes half a step later: the free one before or behind. */
static double apart_from(size_t i, size_t *buckets, double place, double last)
{
	if (i >= 2 && (double)buckets[i - 2] < last - 1) {
		buckets[i - 1]--;
		return last;
	}
	return place >= last ? last + 1 : last;
}

void series_grid_place(const struct series_grid *grid, const int64_t *at_ms, size_t count, size_t *buckets)
{
	double step = (double)grid->step_ms;

	for (size_t i = 0; i < count; i++) {
		double place = (distance(at_ms[0], at_ms[i]) + (double)(at_ms[0] - grid->origin_ms)) / step;
		double bucket = fmax(0, round(place)), last, apart;

		if (i > 0) {
			last = (double)buckets[i - 1];
			apart = distance(at_ms[i - 1], at_ms[i]) / step;
			bucket = fmax(bucket, last);
			if (bucket == last && apart >= 0.5)
				bucket = apart_from(i, buckets, place, last);
			else if (bucket > last + fmax(1, round(apart)))
				bucket = fmax(last + fmax(1, round(apart)), ceil(place - 1));
		}
		buckets[i] = (size_t)fmin(bucket, PLACE_MAX);
	}
}
