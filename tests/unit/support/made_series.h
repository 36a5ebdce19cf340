/*
 * made_series.h - metrics as they occur, made from a seed, with and without an event in the last day.
 *
 * The same seed makes the same series on every machine (own generator, own normal distribution).
 */
#ifndef TESTS_UNIT_SUPPORT_MADE_SERIES_H
#define TESTS_UNIT_SUPPORT_MADE_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/series.h"

enum made_base {
	MADE_LEVEL,     /* one level and noise */
	MADE_DAILY,     /* busy by day, calm at night; noise grows with the level */
	MADE_WEEKLY,    /* likewise, and calmer at weekends */
	MADE_WANDERING, /* noise with a memory of an hour */
	MADE_HEAVY,     /* log-normal: many values are far out */
	MADE_COUNTS,    /* Poisson counts that follow the day, near 0 at night */
	MADE_BATCH,     /* a level, and a nightly job that starts within a quarter of an hour */
	MADE_WEEKDAYS,  /* a level, and a job on weekdays */
	MADE_BURSTY,    /* mostly 0, bursts at any time */
	MADE_SPARSE,    /* daily, but one bucket in five has data */
	MADE_OFFICE,    /* high from nine to six on weekdays, with sharp edges */
	MADE_NEGATIVE,  /* around 0 */
	MADE_TINY,      /* level 1e-7, like MADE_LEVEL */
	MADE_HUGE,      /* level 1e13, like MADE_DAILY */
	MADE_ROUNDED,   /* per cent without decimals, quantised: few different values */
	MADE_BASES,
};

enum made_event {
	MADE_NOTHING,
	MADE_SPIKE,     /* a few values far above */
	MADE_DROP,      /* half an hour or more far below */
	MADE_BUMP,      /* some hours above, then back */
	MADE_SHIFT_UP,  /* from some hour on to the end */
	MADE_SHIFT_DOWN,
	MADE_TREND,     /* a rise of 60 % over all days */
	MADE_GAP,       /* an hour or more without data */
	MADE_SILENCE,   /* likewise, to the end: the series stops before its range */
	MADE_FLAT,      /* the last value repeats for hours */
	MADE_EVENTS,
};

struct made {
	struct series series;
	int64_t judge_from_ms, to_ms;   /* the last day */
	int64_t event_from_ms, event_to_ms;
};

const char *made_base_name(enum made_base base);
const char *made_event_name(enum made_event event);
/* Events make no sense on every base (a level shift of what is mostly 0 ...). */
bool made_makes_sense(enum made_base base, enum made_event event);
/* step: 1 min (8 days), 5 min (14 days) or 1 h (21 days). Ends at a midnight of some weekday. series_free when done. */
void made_make(struct made *made, enum made_base base, enum made_event event, int64_t step_ms, uint64_t seed);

#endif
