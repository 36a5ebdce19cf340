#include "bot/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/chart_private.h"
#include "bot/mem.h"
#include "bot/zone.h"

#define TIME_MIN_MS (-62135596800000) /* year 1 ... 9999: beyond it no axis makes sense */
#define TIME_MAX_MS 253402300799000

static const struct {
	double red, green, blue;
} inks[] = {
	[INK_PAGE] = { 0.075, 0.094, 0.125 },
	[INK_GROUND] = { 0.125, 0.153, 0.196 },
	[INK_FRAME] = { 0.290, 0.340, 0.410 },
	[INK_TEXT] = { 0.953, 0.961, 0.973 },
	[INK_MUTED] = { 0.690, 0.737, 0.796 },
	[INK_GRID] = { 0.270, 0.315, 0.380 },
	[INK_NORMAL] = { 0.180, 0.840, 0.620 },
	[INK_ALARM] = { 1.000, 0.450, 0.260 },
	[INK_BAND] = { 0.560, 0.650, 0.760 },
	[INK_SERIES] = { 0.340, 0.730, 0.950 },
	[INK_SERIES + 1] = { 0.960, 0.680, 0.120 },
	[INK_SERIES + 2] = { 0.900, 0.580, 0.780 },
	[INK_SERIES + 3] = { 0.950, 0.900, 0.300 },
	[INK_SERIES + 4] = { 0.930, 0.940, 0.960 },
	[INK_SERIES + 5] = { 0.100, 0.700, 0.560 },
	[INK_SERIES + 6] = { 0.480, 0.560, 0.980 },
	[INK_SERIES + 7] = { 0.800, 0.700, 0.560 },
};

void chart_ink(cairo_t *cr, int ink, double alpha)
{
	cairo_set_source_rgba(cr, inks[ink].red, inks[ink].green, inks[ink].blue, alpha);
}

void chart_series_style(cairo_t *cr, size_t i, double width)
{
	cairo_set_line_width(cr, width);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_BEVEL);
	chart_ink(cr, INK_SERIES + (int)i, 1);
}

static void polygon(cairo_t *cr, int corners, double turn, double x, double y, double radius)
{
	for (int i = 0; i < corners; i++) {
		double angle = turn + 2 * M_PI * i / corners;

		cairo_line_to(cr, x + radius * sin(angle), y - radius * cos(angle));
	}
	cairo_close_path(cr);
}

void chart_series_marker(cairo_t *cr, size_t i, double x, double y, double radius)
{
	cairo_new_path(cr);
	switch (i % 4) {
	case 0:
		cairo_arc(cr, x, y, radius * 0.85, 0, 2 * M_PI);
		break;
	case 1:
		polygon(cr, 4, M_PI / 4, x, y, radius * 1.15);
		break;
	case 2:
		polygon(cr, 3, 0, x, y, radius * 1.25);
		break;
	default:
		polygon(cr, 3, M_PI, x, y, radius * 1.25);
		break;
	}
	chart_ink(cr, i < 4 ? INK_SERIES + (int)i : INK_PAGE, 1);
	cairo_fill_preserve(cr);
	chart_ink(cr, i < 4 ? INK_PAGE : INK_SERIES + (int)i, 1);
	cairo_set_line_width(cr, 2);
	cairo_stroke(cr);
}


/* --- the picture ------------------------------------------------------------------------------------------ */
static void frame(cairo_t *cr)
{
	chart_ink(cr, INK_PAGE, 1);
	cairo_paint(cr);
	cairo_rectangle(cr, 1, 1, CHART_WIDTH - 2, CHART_HEIGHT - 2);
	chart_ink(cr, INK_FRAME, 1);
	cairo_set_line_width(cr, 2);
	cairo_stroke(cr);
}

/* Title and range of time. Returns where the rest begins. */
static double draw_head(cairo_t *cr, const struct chart *chart, const struct zone *zone, const char *title)
{
	const struct chart_font large = { 34, true }, normal = { 23, false };
	double width = CHART_WIDTH - 2 * CHART_MARGIN;
	char range[CHART_RANGE_SIZE + 40];

	chart_time_range(chart, zone, range);
	if (chart->panel_count > CHART_PANELS_MAX)
		(void)snprintf(range + strlen(range), 40, " · %d of %zu charts", CHART_PANELS_MAX, chart->panel_count);
	chart_ink(cr, INK_TEXT, 1);
	(void)chart_text(cr, large, title != NULL ? title : "", CHART_MARGIN, 50, width, ALIGN_LEFT);
	chart_ink(cr, INK_MUTED, 1);
	(void)chart_text(cr, normal, range, CHART_MARGIN, 83, width, ALIGN_LEFT);
	return 96;
}

struct grid {
	size_t columns, rows;
};

static struct grid grid_of(size_t count)
{
	struct grid grid = { count <= 3 ? 1 : count <= 6 ? 2 : 3, 0 };

	grid.rows = (count + grid.columns - 1) / grid.columns;
	return grid;
}

static void draw_panels(cairo_t *cr, const struct chart *chart, const struct zone *zone, const struct chart_box *area)
{
	bool small = chart->panel_count > 1;
	struct grid grid = grid_of(chart->panel_count);
	double gap = 26, times = small ? 28 : 0;
	struct chart_sizes sizes = small ? (struct chart_sizes){ { 22, true }, { 20, false }, { 19, false }, 2, 0 }
	                                 : (struct chart_sizes){ { 26, true }, { 23, false }, { 23, false }, 5, 0 };
	struct chart_tick ticks[CHART_TICKS_MAX];
	struct chart_taken taken = { 0 };
	struct chart_view view = { .cr = cr, .chart = chart, .ticks = ticks, .small = small, .taken = &taken };
	double width = (area->width - gap * (double)(grid.columns - 1)) / (double)grid.columns;
	double height = (area->height - times) / (double)grid.rows, tick_width;

	for (size_t i = 0; i < chart->panel_count; i++)
		sizes.left = fmax(sizes.left, chart_panel_axis(cr, chart, &chart->panels[i], &sizes));
	sizes.left = fmin(sizes.left, width / 3) + 12;
	tick_width = sizes.axis.size * (small ? 3.7 : 4.4);
	view.tick_count = chart_times(chart, zone, (size_t)((width - sizes.left) / tick_width), ticks);
	for (size_t i = 0; i < chart->panel_count; i++) {
		size_t column = i % grid.columns, row = i / grid.columns;
		bool last = i + grid.columns >= chart->panel_count;
		struct chart_box box = {
			area->x + (width + gap) * (double)column, area->y + height * (double)row,
			width, height + (last ? times : 0),
		};

		view.panel = &chart->panels[i];
		chart_panel_draw(&view, &sizes, &box, last);
	}
}

static void draw(cairo_t *cr, const struct chart *chart, const struct zone *zone)
{
	const struct chart_font font = { 30, false };
	struct chart_box area = { CHART_MARGIN, 0, CHART_WIDTH - 2 * CHART_MARGIN, 0 };
	double bottom = CHART_HEIGHT - 12;
	const char *title = chart->title;
	struct chart_panel alone;
	struct chart shown = *chart;

	frame(cr);
	if (chart->panel_count == 1 && (title == NULL || title[0] == '\0')) {
		alone = chart->panels[0];
		title = alone.title;
		alone.title = NULL;
		shown.panels = &alone;
	}
	area.y = draw_head(cr, chart, zone, title);
	if (chart->panel_count == 0) {
		chart_ink(cr, INK_MUTED, 1);
		(void)chart_text(cr, font, "There is nothing to show.", CHART_WIDTH / 2.0, CHART_HEIGHT / 2.0,
		                 CHART_WIDTH, ALIGN_CENTRE);
		return;
	}
	if (shown.panel_count > CHART_PANELS_MAX)
		shown.panel_count = CHART_PANELS_MAX;
	bottom -= chart_legend_draw(cr, &shown, CHART_MARGIN, bottom, area.width);
	area.height = bottom - area.y;
	draw_panels(cr, &shown, zone, &area);
}

struct png {
	unsigned char *bytes;
	size_t size, capacity;
};

static cairo_status_t take_bytes(void *arg, const unsigned char *bytes, unsigned length)
{
	struct png *png = arg;

	if (length > CHART_BYTES_MAX - png->size)
		return CAIRO_STATUS_WRITE_ERROR;
	if (png->size + length > png->capacity) {
		png->capacity = (png->size + length) * 2;
		png->bytes = mem_resize(png->bytes, png->capacity);
	}
	memcpy(png->bytes + png->size, bytes, length);
	png->size += length;
	return CAIRO_STATUS_SUCCESS;
}

static int64_t within(int64_t ms, int64_t least, int64_t most)
{
	return ms < least ? least : ms > most ? most : ms;
}

struct chart chart_sane(const struct chart *chart)
{
	struct chart sane = *chart;

	sane.from_ms = within(chart->from_ms, TIME_MIN_MS, TIME_MAX_MS - 1);
	sane.to_ms = within(chart->to_ms, sane.from_ms + 1, TIME_MAX_MS);
	return sane;
}

bool chart_draw(const struct chart *chart, unsigned char **png, size_t *size, struct err *err)
{
	struct chart sane = chart_sane(chart);
	struct zone *utc = chart->zone == NULL ? zone_load("UTC", err) : NULL;
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, CHART_WIDTH, CHART_HEIGHT);
	cairo_t *cr = cairo_create(surface);
	struct png out = { 0 };
	cairo_status_t status;

	draw(cr, &sane, utc != NULL ? utc : chart->zone);
	status = cairo_status(cr);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png_stream(surface, take_bytes, &out);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	zone_free(utc);
	if (status != CAIRO_STATUS_SUCCESS) {
		free(out.bytes);
		return err_set(err, ERR_LOCAL, "the chart cannot be drawn: %s", cairo_status_to_string(status));
	}
	*png = out.bytes;
	*size = out.size;
	return true;
}
