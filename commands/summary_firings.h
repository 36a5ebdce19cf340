/*
 * summary_firings.h - how long firings lasted that ended in a time: each of an incident's, also of one that flaps.
 */
#ifndef COMMANDS_SUMMARY_FIRINGS_H
#define COMMANDS_SUMMARY_FIRINGS_H

#include <stddef.h>
#include <stdint.h>

struct incident;
struct recent_change;

struct summary_firings {
	size_t count;
	int64_t sum_ms, longest_ms;
};

void summary_firings_add(struct summary_firings *firings, int64_t ms);
void summary_firings_add_all(struct summary_firings *firings, const struct summary_firings *more);
/* 0: there are none. */
int64_t summary_firings_mean(const struct summary_firings *firings);

/*
 * Those of an alarm's changes (the oldest first) that ended in [since_ms, until_ms), by its own time. A firing begins
 * with an ALARM, or with missing data that is told, and ends with an OK. One whose end is not known (many alarms send
 * none) or whose beginning is not kept any more counts for nothing.
 */
void summary_firings_of(struct summary_firings *firings, const struct recent_change *changes, size_t count,
                        int64_t since_ms, int64_t until_ms);

#endif
