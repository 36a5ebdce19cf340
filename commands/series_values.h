/*
 * series_values.h - what a series did in a range, and what it usually does at those hours. Pure.
 */
#ifndef COMMANDS_SERIES_VALUES_H
#define COMMANDS_SERIES_VALUES_H

#include <stddef.h>
#include <stdint.h>

struct dashboard_data;
struct zone;

struct series_values { /* NaN: nothing is known */
	size_t known, count; /* buckets with a value, and all */
	double least, greatest, mean, last;
	int64_t least_ms, greatest_ms, last_ms; /* begin of their buckets */
	double usual, usual_low,
		usual_high; /* of the same hours of the days before: the median; 9 of 10 lie between */
	double low, high;   /* what was to be expected at `last` */
};
/* Of one subject in [from_ms, until_ms); zone: whose hours. */
void series_values(struct series_values *values, const struct dashboard_data *data, size_t subject,
                   const struct zone *zone, int64_t from_ms, int64_t until_ms);

#endif
