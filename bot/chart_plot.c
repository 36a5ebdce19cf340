#include "bot/chart_private.h"

#include <math.h>

#define HATCH_STEP 14.0
#define EDGE_BUCKETS 2 /* the newest bucket is not complete yet: so much at an end is no gap */

double chart_x(const struct chart_view *view, int64_t at_ms)
{
	double share = ((double)at_ms - (double)view->chart->from_ms) /
	               ((double)view->chart->to_ms - (double)view->chart->from_ms);

	return view->plot.x + share * view->plot.width;
}

/* Far outside values end a little outside, so that cairo's fixed-point numbers hold them. */
double chart_y(const struct chart_view *view, double value)
{
	double share = (value - view->scale.low) / (view->scale.high - view->scale.low);

	share = share > 3 ? 3 : share < -2 ? -2 : share;
	return view->plot.y + (1 - share) * view->plot.height;
}

void chart_hatch(cairo_t *cr, const struct chart_box *box, double alpha)
{
	/* Anchored to the picture, so that neighbours fit together. */
	double first = floor((box->x - box->height) / HATCH_STEP) * HATCH_STEP;

	cairo_save(cr);
	cairo_rectangle(cr, box->x, box->y, box->width, box->height);
	cairo_clip(cr);
	for (int i = 0; first + i * HATCH_STEP < box->x + box->width; i++) {
		double x = first + i * HATCH_STEP;

		cairo_move_to(cr, x, box->y + box->height);
		cairo_line_to(cr, x + box->height, box->y);
	}
	cairo_set_line_width(cr, 2);
	chart_ink(cr, INK_MUTED, alpha);
	cairo_stroke(cr);
	cairo_restore(cr);
}

/* --- where nothing is known -------------------------------------------------------------------------- */
/* The first bucket at or after `at_ms` with data (wanted) or without, as a time; `end` when there is none. */
static int64_t next_in(const struct series *series, int64_t at_ms, int64_t end, bool wanted)
{
	size_t i = series_index(series, at_ms);

	if (!wanted) {
		/* A value covers its bucket. */
		if (i > 0 && series_time(series, i) > at_ms && isfinite(series->values[i - 1]))
			at_ms = i < series->count ? series_time(series, i) : series_end(series);
		for (; i < series->count && series_time(series, i) <= at_ms && isfinite(series->values[i]); i++)
			at_ms = series_time(series, i + 1);
		return at_ms < end ? at_ms : end;
	}
	while (i < series->count && !isfinite(series->values[i]))
		i++;
	return i < series->count && series_time(series, i) < end ? series_time(series, i) : end;
}

static int64_t all_know_nothing_from(const struct chart_panel *panel, int64_t at_ms, int64_t end)
{
	for (bool moved = true; moved && at_ms < end;) {
		moved = false;
		for (size_t i = 0; i < panel->line_count && i < CHART_SERIES_MAX; i++) {
			int64_t next = next_in(panel->lines[i].series, at_ms, end, false);

			moved = moved || next > at_ms;
			at_ms = next;
		}
	}
	return at_ms;
}

static int64_t longest_step(const struct chart_panel *panel)
{
	int64_t step = 0;

	for (size_t i = 0; i < panel->line_count && i < CHART_SERIES_MAX; i++)
		step = panel->lines[i].series->step_ms > step ? panel->lines[i].series->step_ms : step;
	return step;
}

void chart_gaps(const struct chart *chart, const struct chart_panel *panel,
                void (*each)(void *arg, int64_t from_ms, int64_t to_ms), void *arg)
{
	int64_t edge = EDGE_BUCKETS * longest_step(panel), at = chart->from_ms;

	if (panel->line_count == 0)
		return;
	while (at < chart->to_ms) {
		int64_t from = all_know_nothing_from(panel, at, chart->to_ms), to = chart->to_ms;
		bool at_edge;

		for (size_t i = 0; i < panel->line_count && i < CHART_SERIES_MAX; i++)
			to = next_in(panel->lines[i].series, from, to, true);
		at_edge = from == chart->from_ms || to == chart->to_ms;
		if (to > from && (!at_edge || to - from > edge))
			each(arg, from, to);
		at = to;
	}
}

static void draw_gap(void *arg, int64_t from_ms, int64_t to_ms)
{
	const struct chart_view *view = arg;
	double left = chart_x(view, from_ms), right = chart_x(view, to_ms);
	struct chart_box box = { left, view->plot.y, fmax(right - left, 3), view->plot.height };

	cairo_rectangle(view->cr, box.x, box.y, box.width, box.height);
	chart_ink(view->cr, INK_MUTED, 0.10);
	cairo_fill(view->cr);
	chart_hatch(view->cr, &box, 0.34);
}

/* --- the ground --------------------------------------------------------------------------------------- */
static void fill_box(const struct chart_view *view, double left, double top, double right, double bottom, int ink,
                     double alpha)
{
	cairo_rectangle(view->cr, left, top, right - left, bottom - top);
	chart_ink(view->cr, ink, alpha);
	cairo_fill(view->cr);
}

static void draw_ground(const struct chart_view *view)
{
	const struct chart_box *plot = &view->plot;
	double right = plot->x + plot->width, bottom = plot->y + plot->height;
	double judged = fmin(chart_x(view, view->chart->judged_from_ms), right);

	fill_box(view, plot->x, plot->y, right, bottom, INK_GROUND, 1);
	if (view->chart->judged_from_ms > view->chart->from_ms)
		fill_box(view, plot->x, plot->y, judged, bottom, INK_PAGE, 0.75);
}

static void rule(const struct chart_view *view, double x1, double y1, double x2, double y2)
{
	cairo_move_to(view->cr, x1, y1);
	cairo_line_to(view->cr, x2, y2);
	cairo_stroke(view->cr);
}

static void draw_grid(const struct chart_view *view)
{
	const struct chart_box *plot = &view->plot;
	const struct chart_scale *scale = &view->scale;

	cairo_set_line_width(view->cr, 1);
	for (int i = 0; i < scale->count; i++) {
		double y = round(chart_y(view, scale->first + i * scale->step)) + 0.5;

		chart_ink(view->cr, INK_GRID, 0.6);
		rule(view, plot->x, y, plot->x + plot->width, y);
	}
	for (size_t i = 0; i < view->tick_count; i++) {
		double x = round(chart_x(view, view->ticks[i].at_ms)) + 0.5;

		chart_ink(view->cr, INK_GRID, view->ticks[i].day ? 1 : 0.4);
		rule(view, x, plot->y, x, plot->y + plot->height);
	}
}

static void draw_judged(const struct chart_view *view)
{
	double x = chart_x(view, view->chart->judged_from_ms);
	const double dots[] = { 2, 6 };

	if (view->chart->judged_from_ms <= view->chart->from_ms || view->chart->judged_from_ms >= view->chart->to_ms)
		return;
	chart_ink(view->cr, INK_MUTED, 1);
	cairo_set_line_width(view->cr, 2);
	cairo_set_dash(view->cr, dots, 2, 0);
	rule(view, x, view->plot.y, x, view->plot.y + view->plot.height);
	cairo_set_dash(view->cr, NULL, 0, 0);
}

/* --- data ----------------------------------------------------------------------------------------------- */
/* One stretch of known values; of those in one column of pixels only what shows is drawn. */
struct pen {
	const struct chart_view *view;
	bool drawing;    /* the path has a current point */
	size_t points;   /* of this stretch */
	double x, y;     /* the last point */
	double column;   /* the pixel column that is collected, and in it: */
	double low, high, last;
	bool low_first;
	size_t collected;
};

static void flush(struct pen *pen)
{
	cairo_t *cr = pen->view->cr;

	if (pen->collected == 0)
		return;
	if (pen->collected > 1 && pen->drawing) {
		cairo_line_to(cr, pen->column, pen->low_first ? pen->low : pen->high);
		cairo_line_to(cr, pen->column, pen->low_first ? pen->high : pen->low);
	} else if (pen->collected > 1) {
		cairo_move_to(cr, pen->column, pen->low_first ? pen->low : pen->high);
		cairo_line_to(cr, pen->column, pen->low_first ? pen->high : pen->low);
		pen->drawing = true;
	}
	if (!pen->drawing)
		cairo_move_to(cr, pen->column, pen->last);
	else
		cairo_line_to(cr, pen->column, pen->last);
	pen->drawing = true;
	pen->collected = 0;
}

static void pen_point(struct pen *pen, double x, double y, bool dense)
{
	if (dense)
		x = floor(x) + 0.5;
	if (pen->collected > 0 && x > pen->column)
		flush(pen);
	if (pen->collected == 0) {
		pen->column = x;
		pen->low = pen->high = y;
	}
	if (y < pen->low) {
		pen->low = y;
		pen->low_first = false;
	}
	if (y > pen->high) {
		pen->high = y;
		pen->low_first = true;
	}
	pen->last = y;
	pen->collected++;
	pen->points++;
	pen->x = x;
	pen->y = y;
}

/* The stretch ends: a line, or for a single value a dot. */
static void pen_up(struct pen *pen, double radius)
{
	flush(pen);
	if (pen->points == 1) {
		cairo_new_path(pen->view->cr);
		cairo_arc(pen->view->cr, pen->x, pen->y, radius, 0, 2 * M_PI);
		cairo_fill(pen->view->cr);
	} else if (pen->points > 1) {
		cairo_stroke(pen->view->cr);
	}
	pen->drawing = false;
	pen->points = 0;
}

static double series_width(const struct chart_view *view)
{
	if (view->small)
		return 2.25;
	return view->panel->line_count > 2 ? 2.5 : 3;
}

static void draw_line(const struct chart_view *view, const struct series *series, size_t number)
{
	struct pen pen = { .view = view };
	double width = series_width(view);
	size_t begin = series_index(series, view->chart->from_ms), end = series_index(series, view->chart->to_ms);
	bool dense = (double)(end - begin) > view->plot.width * 2;

	/* One bucket more on each side, so that the line comes from outside and leaves; the clip cuts it. */
	begin -= begin > 0;
	end += end < series->count;
	chart_series_style(view->cr, number, width);
	for (size_t i = begin; i < end; i++) {
		if (isfinite(series->values[i]))
			pen_point(&pen, chart_x(view, series_time(series, i)), chart_y(view, series->values[i]), dense);
		else
			pen_up(&pen, width * 1.5);
	}
	pen_up(&pen, width * 1.5);
}

/* Forms tell several series apart, also without colours. */
static void draw_markers(const struct chart_view *view, const struct series *series, size_t number, size_t count)
{
	double apart = view->small ? 90 : 150;
	double next = view->plot.x + apart * (0.5 + (double)number) / (double)count;

	for (size_t i = series_index(series, view->chart->from_ms); i < series->count; i++) {
		double x = chart_x(view, series_time(series, i));

		if (x > view->plot.x + view->plot.width)
			return;
		if (x < next || !isfinite(series->values[i]))
			continue;
		chart_series_marker(view->cr, number, x, chart_y(view, series->values[i]), view->small ? 5 : 7.5);
		while (next <= x)
			next += apart;
	}
}

/* The stretch [begin, end) of both edges as one filled shape. */
static void fill_band(const struct chart_view *view, size_t begin, size_t end)
{
	const struct series *low = view->panel->band_low, *high = view->panel->band_high;

	for (size_t i = begin; i < end; i++)
		cairo_line_to(view->cr, chart_x(view, series_time(high, i)), chart_y(view, high->values[i]));
	for (size_t i = end; i-- > begin;)
		cairo_line_to(view->cr, chart_x(view, series_time(high, i)),
		              chart_y(view, low->values[series_index(low, series_time(high, i))]));
	cairo_close_path(view->cr);
	chart_ink(view->cr, INK_BAND, 0.30);
	cairo_fill_preserve(view->cr);
	chart_ink(view->cr, INK_BAND, 0.55);
	cairo_set_line_width(view->cr, 1);
	cairo_stroke(view->cr);
}

static bool band_known(const struct series *low, const struct series *high, size_t i)
{
	size_t l = series_index(low, series_time(high, i));

	return isfinite(high->values[i]) && l < low->count && isfinite(low->values[l]);
}

static void draw_band(const struct chart_view *view)
{
	const struct series *low = view->panel->band_low, *high = view->panel->band_high;
	size_t begin, last;

	if (low == NULL || high == NULL)
		return;
	begin = series_index(high, view->chart->from_ms);
	begin -= begin > 0;
	last = series_index(high, view->chart->to_ms);
	last += last < high->count;
	while (begin < last) {
		size_t end = begin;

		while (end < last && band_known(low, high, end))
			end++;
		if (end > begin)
			fill_band(view, begin, end);
		begin = end + 1;
	}
}

void chart_plot_draw(const struct chart_view *view)
{
	size_t count = view->panel->line_count < CHART_SERIES_MAX ? view->panel->line_count : CHART_SERIES_MAX;

	cairo_save(view->cr);
	/* A little more, for the half of a line at an edge. */
	cairo_rectangle(view->cr, view->plot.x, view->plot.y - 2, view->plot.width, view->plot.height + 4);
	cairo_clip(view->cr);
	draw_ground(view);
	chart_normal_range_draw(view);
	draw_grid(view);
	chart_gaps(view->chart, view->panel, draw_gap, (void *)(uintptr_t)view);
	draw_band(view);
	draw_judged(view);
	for (size_t i = count; i-- > 0;)
		draw_line(view, view->panel->lines[i].series, i);
	for (size_t i = 0; i < count && count > 1; i++)
		draw_markers(view, view->panel->lines[i].series, i, count);
	chart_limits_draw(view);
	cairo_restore(view->cr);
}
