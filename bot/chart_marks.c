/* chart_marks.c - findings: the episode as a stripe, the point, and a tag with the id. */
#include "bot/chart_private.h"

#include <math.h>

#define LEVELS 16 /* places that are tried for a tag: rows above and below its point */
#define SIDES 5   /* and in each row */
#define TAG_WIDTH_MAX 120

static double point_radius(const struct chart_view *view)
{
	return view->small ? 6 : 9;
}

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

/* The free place nearest to the point, above it rather than below; where there is none, just above. */
static struct chart_box place_tag(const struct chart_view *view, double x, double y, double width, double height)
{
	double away = view->small ? 12 : 18, nearest = INFINITY;
	const struct chart_box *plot = &view->plot;
	struct chart_box box = { 0, 0, width, height }, best = { 0 };

	for (int place = 0; place < LEVELS * SIDES; place++) {
		int level = place / SIDES, side = place % SIDES - SIDES / 2, rows = level / 2;
		double up = away + height / 2 + rows * (height + 4), aside = side * (width + 4), distance;
		double middle = level % 2 == 0 ? y - up : y + up;

		box.x = fmin(fmax(x - width / 2 + aside, plot->x + 2), plot->x + plot->width - width - 2);
		box.y = fmin(fmax(middle - height / 2, plot->y + 2), plot->y + plot->height - height - 2);
		distance = hypot(box.x + width / 2 - x, box.y + height / 2 - y) + (level % 2 == 0 ? 0 : 4);
		if (place == SIDES / 2)
			best = box;
		if (distance < nearest && chart_is_free(view->taken, &box)) {
			nearest = distance;
			best = box;
		}
	}
	return best;
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

struct tag {
	const struct chart_mark *mark;
	double x, y; /* of its point */
	struct chart_box box;
};

static struct chart_font tag_font(const struct chart_view *view)
{
	return (struct chart_font){ view->small ? 18 : 24, true };
}

static void place(const struct chart_view *view, struct tag *tag)
{
	struct chart_font font = tag_font(view);
	double width = fmin(chart_text_width(view->cr, font, tag->mark->id), TAG_WIDTH_MAX) + font.size * 0.7;

	tag->box = place_tag(view, tag->x, tag->y, width, font.size * 1.35);
	chart_take(view->taken, &tag->box);
}

static void draw_point(const struct chart_view *view, const struct tag *tag)
{
	double from = tag->box.y > tag->y ? tag->box.y : tag->box.y + tag->box.height;
	double to = fmin(fmax(tag->x, tag->box.x + 6), tag->box.x + tag->box.width - 6);

	chart_ink(view->cr, INK_TEXT, 0.9);
	cairo_set_line_width(view->cr, 2);
	cairo_move_to(view->cr, tag->x, tag->y);
	cairo_line_to(view->cr, to, from);
	cairo_stroke(view->cr);
	chart_mark_point(view->cr, tag->mark->abnormal, tag->x, tag->y, point_radius(view));
}

static void draw_tag(const struct chart_view *view, const struct tag *tag)
{
	struct chart_font font = tag_font(view);

	round_box(view->cr, &tag->box, font.size * 0.25);
	chart_ink(view->cr, tag->mark->abnormal ? INK_ALARM : INK_PAGE, 1);
	cairo_fill_preserve(view->cr);
	chart_ink(view->cr, INK_TEXT, 1);
	cairo_set_line_width(view->cr, 2);
	cairo_stroke(view->cr);
	chart_ink(view->cr, tag->mark->abnormal ? INK_PAGE : INK_TEXT, 1);
	(void)chart_text(view->cr, font, tag->mark->id, tag->box.x + tag->box.width / 2, tag->box.y + font.size * 1.03,
	                 TAG_WIDTH_MAX, ALIGN_CENTRE);
}

/* The marks whose points can be seen; no tag may lie on any of them. */
static size_t collect(const struct chart_view *view, struct tag tags[CHART_MARKS_MAX])
{
	double radius = point_radius(view);
	size_t count = 0;

	for (size_t i = 0; i < view->panel->mark_count && i < CHART_MARKS_MAX; i++) {
		const struct chart_mark *mark = &view->panel->marks[i];
		double x = chart_x(view, mark->at_ms), y = view->plot.y + 12;
		struct chart_box box;

		if (x < view->plot.x || x > view->plot.x + view->plot.width)
			continue;
		if (isfinite(mark->value))
			y = fmin(fmax(chart_y(view, mark->value), view->plot.y), view->plot.y + view->plot.height);
		box = (struct chart_box){ x - radius, y - radius, 2 * radius, 2 * radius };
		chart_take(view->taken, &box);
		tags[count++] = (struct tag){ .mark = mark, .x = x, .y = y };
	}
	return count;
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
	struct tag tags[CHART_MARKS_MAX];
	size_t count;

	cairo_save(view->cr);
	cairo_rectangle(view->cr, view->plot.x, view->plot.y, view->plot.width, view->plot.height);
	cairo_clip(view->cr);
	for (size_t i = 0; i < view->panel->mark_count && i < CHART_MARKS_MAX; i++)
		draw_episode(view, &view->panel->marks[i]);
	cairo_restore(view->cr);
	count = collect(view, tags);
	for (size_t i = 0; i < count; i++)
		place(view, &tags[i]);
	for (size_t i = 0; i < count; i++)
		draw_point(view, &tags[i]);
	for (size_t i = 0; i < count; i++)
		draw_tag(view, &tags[i]);
	draw_periods(view);
}
