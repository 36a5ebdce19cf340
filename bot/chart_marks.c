/* chart_marks.c - findings: the episode as a stripe, the point, and a tag with the id. */
#include "bot/chart_private.h"

#include <math.h>
#include <string.h>

static bool overlap(const struct chart_box *a, const struct chart_box *b)
{
	return a->x < b->x + b->width + 3 && b->x < a->x + a->width + 3 && a->y < b->y + b->height + 3 &&
	       b->y < a->y + a->height + 3;
}

bool chart_is_free(const struct chart_taken *taken, const struct chart_box *box)
{
	for (size_t i = 0; i < taken->count; i++)
		if (overlap(&taken->boxes[i], box))
			return false;
	return true;
}

void chart_take(struct chart_taken *taken, const struct chart_box *box)
{
	if (taken->count < CHART_TAKEN_MAX)
		taken->boxes[taken->count++] = *box;
}

/* Above the point, else below it, else higher or lower; a little to the side where that is full. */
static struct chart_box place_tag(const struct chart_view *view, double x, double y, double width, double height)
{
	double away = view->small ? 12 : 18;
	const struct chart_box *plot = &view->plot;
	struct chart_box box = { 0, 0, width, height }, first = { 0 };

	for (int ring = 0; ring < 12; ring++) {
		double side = (ring / 4) * (width + 4) * (ring % 2 == 0 ? 1 : -1);
		double up = ring % 2 == 0 ? -away - height : away;

		if (ring % 4 >= 2)
			up += ring % 2 == 0 ? -height - 4 : height + 4;
		box.x = fmin(fmax(x - width / 2 + side, plot->x + 2), plot->x + plot->width - width - 2);
		box.y = fmin(fmax(y + up, plot->y + 2), plot->y + plot->height - height - 2);
		if (ring == 0)
			first = box;
		/* Pushed back by an edge it would lie on its own point. */
		if (chart_is_free(view->taken, &box) && (box.y + height <= y - away / 2 || box.y >= y + away / 2))
			return box;
	}
	return first;
}

static void draw_episode(const struct chart_view *view, const struct chart_mark *mark)
{
	double left = fmax(chart_x(view, mark->from_ms), view->plot.x);
	double right = fmin(chart_x(view, mark->to_ms), view->plot.x + view->plot.width);

	if (right < view->plot.x || left > view->plot.x + view->plot.width)
		return;
	if (right - left < 4) {
		double middle = (left + right) / 2;

		left = middle - 2;
		right = middle + 2;
	}
	cairo_rectangle(view->cr, left, view->plot.y, right - left, view->plot.height);
	chart_ink(view->cr, mark->abnormal ? INK_ALARM : INK_TEXT, mark->abnormal ? 0.24 : 0.13);
	cairo_fill(view->cr);
}

void chart_mark_point(cairo_t *cr, bool abnormal, double x, double y, double radius)
{
	cairo_new_path(cr);
	if (abnormal) { /* a diamond; what is known to be no anomaly is a circle */
		cairo_move_to(cr, x, y - radius * 1.2);
		cairo_line_to(cr, x + radius * 1.2, y);
		cairo_line_to(cr, x, y + radius * 1.2);
		cairo_line_to(cr, x - radius * 1.2, y);
		cairo_close_path(cr);
	} else {
		cairo_arc(cr, x, y, radius, 0, 2 * M_PI);
	}
	chart_ink(cr, abnormal ? INK_ALARM : INK_PAGE, 1);
	cairo_fill_preserve(cr);
	chart_ink(cr, INK_TEXT, 1);
	cairo_set_line_width(cr, 2.25);
	cairo_stroke(cr);
}

static void round_box(cairo_t *cr, const struct chart_box *box, double radius)
{
	double right = box->x + box->width - radius, bottom = box->y + box->height - radius;

	cairo_new_path(cr);
	cairo_arc(cr, right, box->y + radius, radius, -M_PI / 2, 0);
	cairo_arc(cr, right, bottom, radius, 0, M_PI / 2);
	cairo_arc(cr, box->x + radius, bottom, radius, M_PI / 2, M_PI);
	cairo_arc(cr, box->x + radius, box->y + radius, radius, M_PI, 3 * M_PI / 2);
	cairo_close_path(cr);
}

static void draw_tag(const struct chart_view *view, const struct chart_mark *mark, double x, double y)
{
	struct chart_font font = { view->small ? 18 : 24, true };
	double width = fmin(chart_text_width(view->cr, font, mark->id), 120) + font.size * 0.7;
	struct chart_box box = place_tag(view, x, y, width, font.size * 1.35);
	double from = box.y > y ? box.y : box.y + box.height;

	chart_ink(view->cr, INK_TEXT, 0.9);
	cairo_set_line_width(view->cr, 2);
	cairo_move_to(view->cr, x, y);
	cairo_line_to(view->cr, fmin(fmax(x, box.x + 6), box.x + width - 6), from);
	cairo_stroke(view->cr);
	chart_mark_point(view->cr, mark->abnormal, x, y, view->small ? 6 : 9);
	round_box(view->cr, &box, font.size * 0.25);
	chart_ink(view->cr, mark->abnormal ? INK_ALARM : INK_PAGE, 1);
	cairo_fill_preserve(view->cr);
	chart_ink(view->cr, INK_TEXT, 1);
	cairo_set_line_width(view->cr, 2);
	cairo_stroke(view->cr);
	chart_ink(view->cr, mark->abnormal ? INK_PAGE : INK_TEXT, 1);
	(void)chart_text(view->cr, font, mark->id, box.x + width / 2, box.y + font.size * 1.03, 120, ALIGN_CENTRE);
	chart_take(view->taken, &box);
}

/* At the top of the plot beside the line between the two, or where a tag lies there at the bottom. */
static void draw_period(const struct chart_view *view, const char *name, double x, double room, enum chart_align align)
{
	struct chart_font font = { 20, false };
	double width = chart_text_width(view->cr, font, name);
	struct chart_box box = { align == ALIGN_LEFT ? x : x - width, view->plot.y + 6, width, font.size * 1.2 };

	if (!chart_is_free(view->taken, &box))
		box.y = view->plot.y + view->plot.height - box.height - 6;
	if (width > room || !chart_is_free(view->taken, &box))
		return;
	chart_ink(view->cr, INK_MUTED, 1);
	(void)chart_text(view->cr, font, name, box.x, box.y + font.size * 0.9, width + 1, ALIGN_LEFT);
}

static void draw_periods(const struct chart_view *view)
{
	const struct chart *chart = view->chart;
	double x = chart_x(view, chart->judged_from_ms), right = view->plot.x + view->plot.width;

	if (view->small || chart->judged_from_ms <= chart->from_ms || chart->judged_from_ms >= chart->to_ms)
		return;
	draw_period(view, "baseline", x - 10, x - 16 - view->plot.x, ALIGN_RIGHT);
	draw_period(view, "judged", x + 10, right - x - 16, ALIGN_LEFT);
}

void chart_marks_draw(const struct chart_view *view)
{
	size_t count = view->panel->mark_count < CHART_MARKS_MAX ? view->panel->mark_count : CHART_MARKS_MAX;

	cairo_save(view->cr);
	cairo_rectangle(view->cr, view->plot.x, view->plot.y, view->plot.width, view->plot.height);
	cairo_clip(view->cr);
	for (size_t i = 0; i < count; i++)
		draw_episode(view, &view->panel->marks[i]);
	cairo_restore(view->cr);
	for (size_t i = 0; i < count; i++) {
		const struct chart_mark *mark = &view->panel->marks[i];
		double x = chart_x(view, mark->at_ms), y = view->plot.y + 12;

		if (x < view->plot.x || x > view->plot.x + view->plot.width)
			continue;
		if (isfinite(mark->value))
			y = fmin(fmax(chart_y(view, mark->value), view->plot.y), view->plot.y + view->plot.height);
		draw_tag(view, mark, x, y);
	}
	draw_periods(view);
}
