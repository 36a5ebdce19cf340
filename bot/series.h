/*
 * series.h - the values of one metric on a grid of time.
 *
 * Times are UTC since 1970 in ms; a value belongs to the bucket that begins at its time. A bucket
 * without data is NaN: a gap is never zero. Infinite values are gaps too.
 */
#ifndef BOT_SERIES_H
#define BOT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

#define SERIES_COUNT_MAX 200000 /* buckets: 138 days at 1 min */

struct series {
	int64_t start_ms; /* of the first bucket */
	int64_t step_ms;  /* > 0 */
	size_t count;
	double *values;   /* owned; NULL when count is 0 */
};

struct series_point {
	int64_t at_ms;
	double value;
};

/*
 * Points in any order. step_ms 0: the points' own, though their clock jitters; series_grid.h says how, and which
 * bucket a point gets. Of two in one bucket the later one counts, of one time the later in the list. The grid
 * begins with the first point's bucket and ends behind the last one's. ERR_USAGE: no points, or the grid would
 * be longer than SERIES_COUNT_MAX.
 */
bool series_make(struct series *series, const struct series_point *points, size_t count, int64_t step_ms,
                 struct err *err) MUST_CHECK;
/* All gaps. count at most SERIES_COUNT_MAX. */
void series_make_empty(struct series *series, int64_t start_ms, int64_t step_ms, size_t count);
void series_free(struct series *series);                        /* members; may be all zero */

int64_t series_time(const struct series *series, size_t i); /* also of `count`: where it ends */
int64_t series_end(const struct series *series);
/* The first bucket that begins at or after then: 0 ... count. */
size_t series_index(const struct series *series, int64_t at_ms);

/*
 * A CSV file "timestamp,value" with a header line: ISO 8601 times (with T or a space; fractions, Z or an
 * offset allowed; UTC where none is given), or Unix seconds; an empty value or NaN is a gap. The rows as they
 * stand, owned by the caller. The error names the line. At most SERIES_COUNT_MAX rows.
 */
bool series_read_csv(const char *path, struct series_point **points, size_t *count, struct err *err) MUST_CHECK;

#endif
