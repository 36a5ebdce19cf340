#include "adapters/slack/rate.h"

#include "bot/clock.h"

static int64_t interval_ms(const struct rate *rate)
{
	return rate->interval_ms == 0 ? 0 : clock_wait_ms(rate->interval_ms);
}

int64_t rate_ready_at(const struct rate *rate, const struct bucket *bucket)
{
	return bucket->free_at_ms - (rate->burst - 1) * interval_ms(rate);
}

void rate_take(const struct rate *rate, struct bucket *bucket, int64_t now_ms)
{
	if (bucket->free_at_ms < now_ms)
		bucket->free_at_ms = now_ms;
	bucket->free_at_ms += interval_ms(rate);
}
