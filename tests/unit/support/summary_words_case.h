/*
 * summary_words_case.h - a summary of briefing_case.h's shop: three open incidents, two resolved ones, a noisy alarm,
 * a silence, the two dashboards (the checkout has been slow since 10:00), one that could not be read, and what it cost.
 *
 * Thursday 2026-11-26, from 14:20 the day before to 14:20, in UTC.
 */
#ifndef TESTS_UNIT_SUPPORT_SUMMARY_WORDS_CASE_H
#define TESTS_UNIT_SUPPORT_SUMMARY_WORDS_CASE_H

#include "commands/summary_data.h"
#include "tests/unit/support/briefing_case.h"

struct summary_words_case {
	struct briefing_case shop;
	struct briefing *briefing; /* its looks are the summary's */
	struct summary_data *data;
};

void summary_words_case_begin(struct summary_words_case *c);
void summary_words_case_end(struct summary_words_case *c);
/* One more; alarm and reason are foreign. resolved_minutes: so many before now; 0: it is open. */
struct summary_incident *summary_words_case_incident(struct summary_words_case *c, const char *alarm, const char *reason,
                                                     int64_t fired_minutes, int64_t resolved_minutes);

#endif
