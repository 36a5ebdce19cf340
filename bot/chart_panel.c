/* chart_panel.c - one panel: its title, its axes, and around them what others draw. */
#include "bot/chart_private.h"

#include <math.h>
#include <stdio.h>

/* From the top; one that would touch the one above it is left out. */
static void draw_axis_numbers(const struct chart_view *view, const struct chart_sizes *sizes)
{
	double size = sizes->axis.size, lowest = view->plot.y - size;
	double highest = view->plot.y + size * (view->small ? 0.74 : 0.36); /* below the title of a small one */
	char text[CHART_NUMBER_SIZE];

	chart_ink(view->cr, INK_TEXT, 1);
	for (int i = view->scale.count - 1; i >= 0; i--) {
		double value = view->scale.first + i * view->scale.step;
		double baseline = fmax(chart_y(view, value) + size * 0.36, highest);

		if (baseline - lowest < size * 0.95)
			continue;
		lowest = baseline;
		chart_scale_tick(&view->scale, value, text);
		(void)chart_text(view->cr, sizes->axis, text, view->plot.x - 10, baseline, sizes->left, ALIGN_RIGHT);
	}
}

static void draw_time(const struct chart_view *view, struct chart_font font, const struct chart_tick *tick,
                      struct chart_taken *taken)
{
	double half, x = chart_x(view, tick->at_ms);
	struct chart_box box = { 0, 0, 0, font.size };

	font.bold = tick->day;
	half = chart_text_width(view->cr, font, tick->text) / 2;
	x = fmin(fmax(x, CHART_MARGIN / 2 + half), CHART_WIDTH - CHART_MARGIN / 2 - half);
	box.x = x - half;
	box.width = 2 * half;
	if (!chart_is_free(taken, &box))
		return;
	chart_take(taken, &box);
	chart_ink(view->cr, tick->day ? INK_TEXT : INK_MUTED, 1);
	(void)chart_text(view->cr, font, tick->text, x, view->plot.y + view->plot.height + font.size * 1.4,
	                 2 * half + 1, ALIGN_CENTRE);
}

/* Days first: where there is no room for all, hours give way. */
static void draw_times(const struct chart_view *view, struct chart_font font)
{
	struct chart_taken taken = { 0 };

	for (int days = 1; days >= 0; days--)
		for (size_t i = 0; i < view->tick_count; i++)
			if (view->ticks[i].day == (days == 1))
				draw_time(view, font, &view->ticks[i], &taken);
}

double chart_last(const struct chart *chart, const struct series *series)
{
	size_t end = series_index(series, chart->to_ms);

	return end > 0 ? series->values[end - 1] : NAN;
}

/* "CPU of web-1  %", and at the right what the newest value is. */
static void draw_panel_title(const struct chart_view *view, const struct chart_sizes *sizes, bool with_data, double x,
                             double baseline, double width)
{
	double last = NAN, used = 0, room;
	bool unit;
	char text[CHART_NUMBER_SIZE + 8];

	if (with_data && view->panel->line_count == 1)
		last = chart_last(view->chart, view->panel->lines[0].series);
	if (isfinite(last)) {
		size_t before = view->small ? 0 : (size_t)snprintf(text, sizeof(text), "last ");

		chart_scale_value(&view->scale, last, text + before);
		chart_ink(view->cr, INK_TEXT, 1);
		used = chart_text(view->cr, sizes->title, text, x + width, baseline, width / 2, ALIGN_RIGHT) + 16;
	}
	unit = with_data && view->scale.unit[0] != '\0' && !(view->small && isfinite(last)); /* the value has it */
	room = width - used - (unit ? chart_text_width(view->cr, sizes->unit, view->scale.unit) + 12 : 0);
	chart_ink(view->cr, INK_TEXT, 1);
	if (view->panel->title != NULL)
		x += chart_text(view->cr, sizes->title, view->panel->title, x, baseline, room, ALIGN_LEFT) + 12;
	chart_ink(view->cr, INK_MUTED, 1);
	if (unit)
		(void)chart_text(view->cr, sizes->unit, view->scale.unit, x, baseline, width, ALIGN_LEFT);
}

static void draw_note(const struct chart_view *view, const struct chart_sizes *sizes)
{
	const char *note = view->panel->note != NULL ? view->panel->note : "no data in this time";
	struct chart_box box = view->plot;

	cairo_rectangle(view->cr, box.x, box.y, box.width, box.height);
	chart_ink(view->cr, INK_GROUND, 1);
	cairo_fill(view->cr);
	chart_hatch(view->cr, &box, 0.10);
	box.x += 12;
	box.width -= 24;
	chart_ink(view->cr, INK_TEXT, 1);
	chart_text_wrapped(view->cr, view->small ? sizes->axis : sizes->unit, note, &box);
}

/* The widest number of the axis. */
static double axis_width(cairo_t *cr, const struct chart_scale *scale, struct chart_font font)
{
	double widest = 0;
	char text[CHART_NUMBER_SIZE];

	for (int i = 0; i < scale->count; i++) {
		chart_scale_tick(scale, scale->first + i * scale->step, text);
		widest = fmax(widest, chart_text_width(cr, font, text));
	}
	return widest;
}

double chart_panel_axis(cairo_t *cr, const struct chart *chart, const struct chart_panel *panel,
                        const struct chart_sizes *sizes)
{
	struct chart_scale scale;

	return chart_scale_of_panel(&scale, chart, panel, sizes->value_ticks) ? axis_width(cr, &scale, sizes->axis) : 0;
}

void chart_panel_draw(struct chart_view *view, const struct chart_sizes *sizes, const struct chart_box *box,
                      bool times)
{
	double head = sizes->title.size * (view->small ? 1.4 : 1.75), foot = times ? sizes->axis.size * 1.65 : 8;
	bool with_data = chart_scale_of_panel(&view->scale, view->chart, view->panel, sizes->value_ticks);

	view->taken->count = 0;
	view->plot = (struct chart_box){
		box->x + sizes->left, box->y + head, box->width - sizes->left, box->height - head - foot,
	};
	draw_panel_title(view, sizes, with_data, box->x, box->y + sizes->title.size * 1.05, box->width);
	if (!with_data) {
		view->plot.x = box->x; /* there are no numbers beside it */
		view->plot.width = box->width;
		draw_note(view, sizes);
		return;
	}
	chart_plot_draw(view);
	draw_axis_numbers(view, sizes);
	chart_marks_draw(view);
	if (times)
		draw_times(view, sizes->axis);
}
