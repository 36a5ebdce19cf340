/* chart_private.h - what the parts of a chart share: bot/chart.c lays out, chart_plot.c draws data, and so on. */
#ifndef BOT_CHART_PRIVATE_H
#define BOT_CHART_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cairo.h>

#include "bot/chart.h"

/* Colours: a dark ground of our own, so that the page around it does not matter. Hues of Okabe and Ito's palette,
 * which people with any colour blindness tell apart, lightened for the dark. */
enum chart_ink {
	INK_PAGE,
	INK_GROUND, /* of the plot */
	INK_FRAME,
	INK_TEXT,
	INK_MUTED,
	INK_GRID,
	INK_NORMAL,
	INK_ALARM,
	INK_BAND,
	INK_SERIES, /* the first of CHART_SERIES_MAX */
};
void chart_ink(cairo_t *cr, int ink, double alpha);

/* With a range of time that an axis can show, whatever was asked for. */
struct chart chart_sane(const struct chart *chart);

struct chart_box {
	double x, y, width, height;
};

/* --- chart_text.c: foreign text, in what fonts there are ----------------------------------------- */
enum chart_align {
	ALIGN_LEFT,
	ALIGN_CENTRE,
	ALIGN_RIGHT,
};

struct chart_font {
	double size; /* px */
	bool bold;
};

/* Draws one line with its baseline at y, in the colour that is set; what is wider than max_width ends in "…".
 * Returns the width drawn. Invalid UTF-8 and control characters never come through. */
double chart_text(cairo_t *cr, struct chart_font font, const char *text, double x, double y, double max_width,
                  enum chart_align align);
double chart_text_width(cairo_t *cr, struct chart_font font, const char *text);
/* In as many lines as the box holds, broken at spaces, centred. */
void chart_text_wrapped(cairo_t *cr, struct chart_font font, const char *text, const struct chart_box *box);

/* --- chart_scale.c: values and their unit --------------------------------------------------------- */
struct chart_scale {
	double low, high;       /* of the axis, in the metric's own unit */
	double first, step;     /* ticks: first + i * step */
	int count;
	double divide;          /* shown is value / divide */
	char suffix[8];         /* behind each number: "k", "e-9" */
	char unit[64];          /* "ms", "MiB/s", "%"; "" where there is none */
	int decimals;           /* of a tick */
};

/* For values low ... high (low <= high, finite), with about `ticks` steps. */
void chart_scale_make(struct chart_scale *scale, double low, double high, const char *unit, int ticks);
#define CHART_NUMBER_SIZE 96
/* A tick: "250", "2k". */
void chart_scale_tick(const struct chart_scale *scale, double value, char out[CHART_NUMBER_SIZE]);
/* A value for people, to three or four digits, without its unit. */
void chart_scale_number(const struct chart_scale *scale, double value, char out[CHART_NUMBER_SIZE]);
/* "196 ms" */
void chart_scale_value(const struct chart_scale *scale, double value, char out[CHART_NUMBER_SIZE]);
/* What a panel's axis must hold; false: it has no data. */
bool chart_scale_of_panel(struct chart_scale *scale, const struct chart *chart, const struct chart_panel *panel,
                          int ticks);

/* --- chart_time.c: the axis of time ---------------------------------------------------------------- */
#define CHART_TICKS_MAX 40
struct chart_tick {
	int64_t at_ms;
	char text[24];
	bool day; /* a day begins here */
};
/* At most `most` ticks at round local times, in order; returns how many. */
size_t chart_times(const struct chart *chart, const struct zone *zone, size_t most,
                   struct chart_tick ticks[CHART_TICKS_MAX]);
/* "20 Nov 09:00 – 27 Nov 09:00 2026 · Asia/Tokyo (JST)" */
#define CHART_RANGE_SIZE 192
/* "26 Nov 09:00", or "09:00" where all that is shown lies in one day. */
void chart_time_moment(const struct chart *chart, const struct zone *zone, int64_t at_ms, char out[40]);
void chart_time_range(const struct chart *chart, const struct zone *zone, char out[CHART_RANGE_SIZE]);

/* --- a panel being drawn ---------------------------------------------------------------------------- */
#define CHART_TAKEN_MAX 40
struct chart_taken { /* where labels lie already */
	struct chart_box boxes[CHART_TAKEN_MAX];
	size_t count;
};
bool chart_is_free(const struct chart_taken *taken, const struct chart_box *box);
void chart_take(struct chart_taken *taken, const struct chart_box *box);

struct chart_view {
	cairo_t *cr;
	const struct chart *chart;
	const struct chart_panel *panel;
	const struct chart_tick *ticks;
	size_t tick_count;
	struct chart_box plot;
	struct chart_scale scale;
	bool small; /* one of several: thinner, with less text */
	struct chart_taken *taken;
};

/* chart_panel.c */
#define CHART_MARGIN 24.0
struct chart_sizes {
	struct chart_font title, unit, axis;
	int value_ticks; /* about so many steps */
	double left;     /* room for the numbers of the axis */
};
/* The width of its numbers; 0 without data. */
double chart_panel_axis(cairo_t *cr, const struct chart *chart, const struct chart_panel *panel,
                        const struct chart_sizes *sizes);
/* Fills in the view's plot and scale. times: with the axis of time below. */
void chart_panel_draw(struct chart_view *view, const struct chart_sizes *sizes, const struct chart_box *box,
                      bool times);

/* The newest value of a series before the end of what is shown; NaN: it is a gap, or there is none. */
double chart_last(const struct chart *chart, const struct series *series);
double chart_x(const struct chart_view *view, int64_t at_ms);
double chart_y(const struct chart_view *view, double value);

void chart_plot_draw(const struct chart_view *view);  /* chart_plot.c: ground, grid, data */
void chart_normal_range_draw(const struct chart_view *view); /* chart_limits.c: below the data */
void chart_limits_draw(const struct chart_view *view);       /* and their lines, above it */
/* A horizontal line in the style of a limit: the normal range's, else an alarm's. */
void chart_limit_stroke(cairo_t *cr, bool normal, double width, double from_x, double to_x, double y);
void chart_marks_draw(const struct chart_view *view); /* chart_marks.c; and what is baseline, what is judged */
void chart_mark_point(cairo_t *cr, bool abnormal, double x, double y, double radius);

/* The line and the marker of series i, as in the plot. width: of the stroke. Lines are never dashed: a spike
 * could fall into a gap of the dashes. */
void chart_series_style(cairo_t *cr, size_t i, double width);
void chart_series_marker(cairo_t *cr, size_t i, double x, double y, double radius);
/* Where no series of the panel has data: calls back for each stretch of the shown range. */
void chart_gaps(const struct chart *chart, const struct chart_panel *panel,
                void (*each)(void *arg, int64_t from_ms, int64_t to_ms), void *arg);
void chart_hatch(cairo_t *cr, const struct chart_box *box, double alpha);

/* chart_legend.c: draws the rows upwards from `bottom`, at most two; returns the height they take. */
double chart_legend_draw(cairo_t *cr, const struct chart *chart, double x, double bottom, double width);

#endif
