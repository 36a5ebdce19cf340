/* chart_limits.c - the normal range and an alarm's threshold: a stripe, lines, and what they are. */
#include "bot/chart_private.h"

#include <math.h>
#include <stdio.h>

#define LABEL_HEIGHT 30.0
#define LABEL_SIZE 192 /* bytes; what is cut off is far behind what is drawn */
#define LIMITS_MAX 3

struct limit {
	double value;
	bool normal, lower;
	char label[LABEL_SIZE];
	double label_y; /* of its middle; set by place_labels */
};

static double inside(const struct chart_view *view, double value)
{
	return fmin(fmax(chart_y(view, value), view->plot.y), view->plot.y + view->plot.height);
}

void chart_normal_range_draw(const struct chart_view *view)
{
	const struct chart_panel *panel = view->panel;
	double top = view->plot.y, bottom = view->plot.y + view->plot.height;

	if (isnan(panel->normal_below) && isnan(panel->normal_above))
		return;
	if (!isnan(panel->normal_below))
		top = inside(view, panel->normal_below);
	if (!isnan(panel->normal_above))
		bottom = inside(view, panel->normal_above);
	if (top >= bottom)
		return;
	cairo_rectangle(view->cr, view->plot.x, top, view->plot.width, bottom - top);
	chart_ink(view->cr, INK_NORMAL, 0.10);
	cairo_fill(view->cr);
}

void chart_limit_stroke(cairo_t *cr, bool normal, double width, double from_x, double to_x, double y)
{
	static const double normal_dash[] = { 12, 6 }, alarm_dash[] = { 3, 4 };

	cairo_set_dash(cr, normal ? normal_dash : alarm_dash, 2, 0);
	cairo_set_line_width(cr, width);
	chart_ink(cr, normal ? INK_NORMAL : INK_ALARM, 1);
	cairo_move_to(cr, from_x, y);
	cairo_line_to(cr, to_x, y);
	cairo_stroke(cr);
	cairo_set_dash(cr, NULL, 0, 0);
}

static void draw_line(const struct chart_view *view, const struct limit *limit)
{
	double y = chart_y(view, limit->value);

	if (y >= view->plot.y - 1 && y <= view->plot.y + view->plot.height + 1)
		chart_limit_stroke(view->cr, limit->normal, view->small ? 2 : 3, view->plot.x,
		                   view->plot.x + view->plot.width, y);
}

/*
 * At the left, where the older values are, on the side of its line where values are not normal. Where another label is,
 * below that one, or at the bottom above it.
 */
static void place_labels(const struct chart_view *view, struct limit *limits, size_t count)
{
	double top = view->plot.y + LABEL_HEIGHT / 2 + 3;
	double bottom = view->plot.y + view->plot.height - LABEL_HEIGHT / 2 - 3;

	for (size_t i = 0; i < count; i++) {
		double away = (LABEL_HEIGHT / 2 + 4) * (limits[i].lower ? 1 : -1);
		double y = fmin(fmax(chart_y(view, limits[i].value) + away, top), bottom);

		for (size_t j = 0; j < i; j++) {
			if (fabs(y - limits[j].label_y) >= LABEL_HEIGHT)
				continue;
			y = limits[j].label_y + LABEL_HEIGHT + 2;
			if (y > bottom)
				y = limits[j].label_y - LABEL_HEIGHT - 2;
		}
		limits[i].label_y = y;
	}
}

static void draw_label(const struct chart_view *view, const struct limit *limit)
{
	struct chart_font font = { 21, true };
	struct chart_box box = { view->plot.x + 6, limit->label_y - LABEL_HEIGHT / 2, 0, LABEL_HEIGHT };
	double y = chart_y(view, limit->value), most = view->plot.width * 0.6;
	const char *where = y < view->plot.y - 1 ? "↑ " : y > view->plot.y + view->plot.height + 1 ? "↓ " : "";
	char text[LABEL_SIZE + 8];

	(void)snprintf(text, sizeof(text), "%s%s", where, limit->label);
	box.width = fmin(chart_text_width(view->cr, font, text), most) + 12;
	cairo_rectangle(view->cr, box.x, box.y, box.width, box.height);
	chart_ink(view->cr, INK_PAGE, 0.78);
	cairo_fill(view->cr);
	chart_ink(view->cr, limit->normal ? INK_NORMAL : INK_ALARM, 1);
	(void)chart_text(view->cr, font, text, box.x + 6, limit->label_y + 7.5, most, ALIGN_LEFT);
	chart_take(view->taken, &box);
}

/* words: before the value, or NULL and the label alone. */
static void add(const struct chart_view *view, struct limit *limits, size_t *count, double value, const char *words,
                const char *label)
{
	struct limit *limit = &limits[*count];
	char number[CHART_NUMBER_SIZE];

	if (isnan(value))
		return;
	chart_scale_value(&view->scale, value, number);
	*limit = (struct limit){ .value = value, .normal = words != NULL };
	if (words != NULL)
		(void)snprintf(limit->label, sizeof(limit->label), "%s %s", words, number);
	else
		(void)snprintf(limit->label, sizeof(limit->label), "%s", label != NULL ? label : number);
	(*count)++;
}

void chart_limits_draw(const struct chart_view *view)
{
	const struct chart_panel *panel = view->panel;
	struct limit limits[LIMITS_MAX];
	size_t count = 0;

	add(view, limits, &count, panel->threshold, NULL, panel->threshold_label);
	add(view, limits, &count, panel->normal_below, "normal below", NULL);
	add(view, limits, &count, panel->normal_above, "normal above", NULL);
	if (!isnan(panel->normal_above))
		limits[count - 1].lower = true;
	for (size_t i = 0; i < count; i++)
		draw_line(view, &limits[i]);
	if (view->small)
		return;
	place_labels(view, limits, count);
	for (size_t i = 0; i < count; i++)
		draw_label(view, &limits[i]);
}
