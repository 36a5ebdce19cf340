#include "commands/summary_firings.h"

#include "bot/recent.h"

void summary_firings_add(struct summary_firings *firings, int64_t ms)
{
	firings->count++;
	firings->sum_ms += ms;
	firings->longest_ms = ms > firings->longest_ms ? ms : firings->longest_ms;
}

void summary_firings_add_all(struct summary_firings *firings, const struct summary_firings *more)
{
	firings->count += more->count;
	firings->sum_ms += more->sum_ms;
	firings->longest_ms = more->longest_ms > firings->longest_ms ? more->longest_ms : firings->longest_ms;
}

int64_t summary_firings_mean(const struct summary_firings *firings)
{
	return firings->count == 0 ? 0 : firings->sum_ms / (int64_t)firings->count;
}

void summary_firings_of(struct summary_firings *firings, const struct recent_change *changes, size_t count,
                        int64_t since_ms, int64_t until_ms)
{
	const struct recent_change *begin = NULL;
	char before = '\0';

	for (size_t i = 0; i < count; i++) {
		const struct recent_change *change = &changes[i];

		if (change->state == RECENT_ACTED[0])
			continue;
		if (change->state == 'O') {
			if (begin != NULL && change->at_ms >= since_ms && change->at_ms < until_ms)
				summary_firings_add(firings, change->at_ms - begin->at_ms);
			begin = NULL;
		} else if (begin == NULL || change->state == before) { /* twice the same: an end was not heard of */
			begin = change;
		}
		before = change->state;
	}
}
