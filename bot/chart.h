/*
 * chart.h - series as a PNG picture that is read on a phone, bright or dark.
 *
 * Pure and slow (tens of ms): runs on a worker. Texts are foreign: cut, never interpreted.
 */
#ifndef BOT_CHART_H
#define BOT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/series.h"

struct zone;

#define CHART_WIDTH 1200
#define CHART_HEIGHT 600
#define CHART_SERIES_MAX 8  /* drawn in one panel; the legend says how many more there are */
#define CHART_PANELS_MAX 12 /* in one picture; likewise */
#define CHART_MARKS_MAX 12  /* drawn in one panel, the first ones; more would hide the data */
#define CHART_BYTES_MAX (1u << 20)

struct chart_line {
	const char *label; /* for the legend; NULL: none */
	const struct series *series;
};

struct chart_mark {
	const char *id;         /* "F1" */
	int64_t from_ms, to_ms; /* the episode */
	int64_t at_ms;          /* where the point with the id is drawn, at `value` (NaN: at the top) */
	double value;
	bool abnormal;          /* colour, and form: colour is never the only carrier */
};

struct chart_panel {
	const char *title;
	const char *unit; /* for the axis: "s", "%", "bytes"... as given; NULL: none */
	const struct chart_line *lines;
	size_t line_count;
	double normal_below, normal_above;            /* the normal range; NaN: none */
	double threshold;                             /* an alarm's; NaN: none */
	const char *threshold_label;                  /* "> 80 (alarm)"; NULL: the number */
	const struct series *band_low, *band_high;    /* what is to be expected; NULL: none */
	const char *band_name;                        /* for the legend; NULL: "expected" */
	const struct chart_mark *marks;
	size_t mark_count;
	const char *note; /* instead of data: "no data: ..."; NULL: none */
};

struct chart {
	const char *title;
	int64_t from_ms, to_ms;   /* what is shown */
	int64_t judged_from_ms;   /* before it is baseline, shown shaded; 0: nothing is */
	const struct zone *zone;  /* named in the picture; NULL: UTC */
	const struct chart_panel *panels; /* one: a big chart; more: small multiples */
	size_t panel_count;
};

/*
 * *png: owned by the caller, *size bytes, at most CHART_BYTES_MAX. ERR_LOCAL: out of memory. Any chart can be drawn:
 * one without panels, series without values, times in the wrong order.
 */
bool chart_draw(const struct chart *chart, unsigned char **png, size_t *size, struct err *err) MUST_CHECK;
/*
 * The picture in words, for those who do not see it: "CPU: 12 to 93 %, last 41; F1 at 05:00. 20 Nov 00:00 – 12:00,
 * 2025 · UTC". One line, at most 1,000 bytes. free() it.
 */
char *chart_describe(const struct chart *chart);

#endif
