/*
 * trend.h - a straight line through values, of which a quarter may be wrong.
 *
 * Theil (1950), Sen (1968): the slope is the median of the slopes between all pairs. Kendall's tau says how steadily
 * the values rise (1) or fall (-1).
 */
#ifndef BOT_TREND_H
#define BOT_TREND_H

#include <stddef.h>

#define TREND_COUNT_MAX 1000 /* half a million slopes */

/* Of values[i] over at[i], in units of a value by unit of `at`. Pairs of one time, and NaN, are left out; NaN when no
 * pair is left. count at most TREND_COUNT_MAX. */
double trend_slope(const double *at, const double *values, size_t count);
/* The value of the line with this slope at `at` 0: the median of what is left. NaN without values. */
double trend_intercept(const double *at, const double *values, size_t count, double slope);
/* Kendall's tau-a over the pairs of different times: (rising - falling) / all. NaN without pairs. */
double trend_tau(const double *at, const double *values, size_t count);

#endif
