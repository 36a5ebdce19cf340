/* chart_cases.h - charts as operators see them, always the same; for tests, the bench, and to be looked at. */
#ifndef TESTS_CHART_CASES_H
#define TESTS_CHART_CASES_H

#include <stddef.h>

#include "bot/chart.h"
#include "bot/series.h"

#define CHART_CASE_SERIES 24

struct chart_case {
	struct chart chart;
	struct zone *zone;
	struct series series[CHART_CASE_SERIES];
	struct chart_line lines[CHART_CASE_SERIES];
	struct chart_mark marks[12];
	struct chart_panel panels[14];
};

struct chart_example {
	const char *name;
	void (*make)(struct chart_case *c);
};
extern const struct chart_example chart_examples[]; /* ends with a NULL name */

void chart_case_make(struct chart_case *c, const char *name);
void chart_case_free(struct chart_case *c);

#define CHART_CASE_START_MS 1763596800000 /* 2025-11-20 00:00 UTC, a Thursday */

/* For tests that make their own: a panel of one line without anything else, over the series' own time. */
void chart_case_plain(struct chart_case *c, const double *values, size_t count);

#endif
