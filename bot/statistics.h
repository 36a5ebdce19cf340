/*
 * statistics.h - order statistics of a sample: what stays true when a tenth of the values is wrong.
 *
 * Everywhere: NaN is left out, infinite values are not allowed, the order of the values does not matter,
 * and a statistic of no values is NaN. Selection is linear in time (introselect), also on hostile input nearly so.
 */
#ifndef BOT_STATISTICS_H
#define BOT_STATISTICS_H

#include <stddef.h>

/* A normal distribution's standard deviation over its MAD and its mean absolute deviation. */
#define STATISTICS_MAD_TO_SIGMA 1.482602218505602
#define STATISTICS_MEAN_TO_SIGMA 1.2533141373155003

/* The values that are not NaN, in their order, into `known` (room for count); returns how many. */
size_t statistics_known(const double *values, size_t count, double *known);

double statistics_mean(const double *values, size_t count);
double statistics_median(const double *values, size_t count);
/* q: 0 ... 1. Between two values linearly: Hyndman & Fan's type 7, as R and GSL do. */
double statistics_quantile(const double *values, size_t count, double q);
/* The median of |value - center|, not yet multiplied by STATISTICS_MAD_TO_SIGMA. */
double statistics_mad(const double *values, size_t count, double center);
double statistics_mean_deviation(const double *values, size_t count, double center);
/*
 * How far values usually lie from `center`, as a standard deviation: 1.4826 MAD, but never less than a tenth of
 * 1.2533 * the mean deviation (the MAD of a series that mostly stands still is 0), nor less than `floor`
 * (what a person would call no change: a fraction of the level, a metric's resolution). 0 only when all of them are.
 */
double statistics_scale(const double *values, size_t count, double center, double floor);

/*
 * In place: `known` has no NaN and is reordered. For callers that do it often.
 * select: the value that would stand at `rank` (< count) if they were sorted; what stands before it then is
 * not greater, what stands behind it not smaller.
 */
double statistics_select(double *known, size_t count, size_t rank);
double statistics_quantile_of(double *known, size_t count, double q);
double statistics_median_of(double *known, size_t count);

#endif
