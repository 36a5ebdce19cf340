/*
 * series_grid.h - the grid on which rows lie, though their clock is not exact.
 *
 * Whoever reads a value every five minutes reads it some seconds early or late, for days. Such rows have one step
 * and one phase, which are looked for here, and each row has a bucket of its own.
 */
#ifndef BOT_SERIES_GRID_H
#define BOT_SERIES_GRID_H

#include <stddef.h>
#include <stdint.h>

struct series_grid {
	int64_t origin_ms; /* of bucket 0: the first row's, or at most a step off it */
	int64_t step_ms;   /* > 0 */
};

/*
 * at_ms: rising, count > 0. step_ms 0: what most rows keep, when they do exactly; else what fits all of them best, or
 * the round period that they cannot be told from. A single time: a minute.
 */
struct series_grid series_grid_find(const int64_t *at_ms, size_t count, int64_t step_ms);

/*
 * The bucket of each row, from 0 on, rising: the nearest one, but where the distance of two rows says otherwise their
 * neighbours', at most one bucket away, so that rows half a step apart do not share a bucket beside an empty
 * one, and no more buckets are empty between two rows than the time between them says.
 */
void series_grid_place(const struct series_grid *grid, const int64_t *at_ms, size_t count, size_t *buckets);

#endif
