/*
 * rate.h - "so many at once, then one each interval", as the generic cell rate algorithm: one
 * number of state. Times: clock_mono_ms; intervals are shortened by the time scale.
 */
#ifndef ADAPTERS_SLACK_RATE_H
#define ADAPTERS_SLACK_RATE_H

#include <stdint.h>

struct rate {
	int64_t interval_ms; /* 0: no limit */
	int64_t burst;       /* 1 or more */
};

struct bucket {
	int64_t free_at_ms; /* when all of the burst is there again */
};

int64_t rate_ready_at(const struct rate *rate, const struct bucket *bucket);
void rate_take(const struct rate *rate, struct bucket *bucket, int64_t now_ms);

#endif
