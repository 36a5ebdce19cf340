#include "bot/chart_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE 46.0   /* px: the little picture before each text */
#define ITEMS_MAX 20
#define ROWS_MAX 2

enum kind {
	KIND_SERIES,
	KIND_MORE,
	KIND_BAND,
	KIND_NORMAL,
	KIND_ALARM,
	KIND_GAP,
	KIND_ABNORMAL,
	KIND_KNOWN,
};

struct item {
	enum kind kind;
	size_t series;
	char text[96];
};

struct legend {
	struct item items[ITEMS_MAX];
	size_t count;
	bool several; /* panels */
};

static void add(struct legend *legend, enum kind kind, size_t series, const char *text)
{
	struct item *item = &legend->items[legend->count];

	if (legend->count == ITEMS_MAX)
		return;
	for (size_t i = 0; i < legend->count; i++)
		if (kind != KIND_SERIES && legend->items[i].kind == kind)
			return;
	item->kind = kind;
	item->series = series;
	(void)snprintf(item->text, sizeof(item->text), "%s", text); /* a character cut in half is dropped when drawn */
	legend->count++;
}

static void note_gap(void *arg, int64_t from_ms, int64_t to_ms)
{
	(void)from_ms;
	(void)to_ms;
	add(arg, KIND_GAP, 0, "no data");
}

static void collect_lines(struct legend *legend, const struct chart_panel *panel)
{
	char more[32];

	for (size_t i = 0; i < panel->line_count && i < CHART_SERIES_MAX; i++)
		if (panel->lines[i].label != NULL)
			add(legend, KIND_SERIES, i, panel->lines[i].label);
	if (panel->line_count > CHART_SERIES_MAX) {
		(void)snprintf(more, sizeof(more), "and %zu more", panel->line_count - CHART_SERIES_MAX);
		add(legend, KIND_MORE, 0, more);
	}
}

static void collect(struct legend *legend, const struct chart *chart, const struct chart_panel *panel)
{
	if (!legend->several)
		collect_lines(legend, panel);
	if (panel->band_low != NULL && panel->band_high != NULL)
		add(legend, KIND_BAND, 0, panel->band_name != NULL ? panel->band_name : "expected");
	/* One chart names its limits at their lines. */
	if (legend->several && (!isnan(panel->normal_below) || !isnan(panel->normal_above)))
		add(legend, KIND_NORMAL, 0, "normal range");
	if (legend->several && !isnan(panel->threshold))
		add(legend, KIND_ALARM, 0, "alarm");
	chart_gaps(chart, panel, note_gap, legend);
	for (size_t i = 0; i < panel->mark_count; i++)
		add(legend, panel->marks[i].abnormal ? KIND_ABNORMAL : KIND_KNOWN, 0,
		    panel->marks[i].abnormal ? "abnormal" : "noted, not abnormal");
}

static int by_kind(const void *a, const void *b)
{
	const struct item *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return left->series < right->series ? -1 : 1;
}

static void draw_sample(cairo_t *cr, const struct item *item, bool alone, double x, double y)
{
	struct chart_box box = { x + 4, y - 10, SAMPLE - 8, 20 };

	switch (item->kind) {
	case KIND_SERIES:
		chart_series_style(cr, item->series, 3.5);
		cairo_move_to(cr, x, y);
		cairo_line_to(cr, x + SAMPLE, y);
		cairo_stroke(cr);
		if (!alone)
			chart_series_marker(cr, item->series, x + SAMPLE / 2, y, 7.5);
		break;
	case KIND_BAND:
		cairo_rectangle(cr, box.x, box.y, box.width, box.height);
		chart_ink(cr, INK_BAND, 0.45);
		cairo_fill(cr);
		break;
	case KIND_NORMAL:
	case KIND_ALARM:
		chart_limit_stroke(cr, item->kind == KIND_NORMAL, 3, x, x + SAMPLE, y);
		break;
	case KIND_GAP:
		chart_hatch(cr, &box, 0.6);
		break;
	default:
		chart_mark_point(cr, item->kind == KIND_ABNORMAL, x + SAMPLE / 2, y, 9);
		break;
	}
}

static double item_width(cairo_t *cr, const struct item *item, struct chart_font font, double most)
{
	double sample = item->kind == KIND_MORE ? 0 : SAMPLE + 8;

	return fmin(sample + chart_text_width(cr, font, item->text), most);
}

double chart_legend_draw(cairo_t *cr, const struct chart *chart, double x, double bottom, double width)
{
	struct chart_font font = { 22, false };
	struct legend legend = { .several = chart->panel_count > 1 };
	size_t rows[ITEMS_MAX], row = 0;
	double lefts[ITEMS_MAX], at = x, most = width / 2 - 30, height = 32;

	for (size_t i = 0; i < chart->panel_count; i++)
		collect(&legend, chart, &chart->panels[i]);
	qsort(legend.items, legend.count, sizeof(legend.items[0]), by_kind);
	for (size_t i = 0; i < legend.count; i++) {
		double needed = item_width(cr, &legend.items[i], font, most);

		if (at + needed > x + width && at > x) {
			row++;
			at = x;
		}
		rows[i] = row;
		lefts[i] = at;
		at += needed + 30;
	}
	if (legend.count == 0)
		return 0;
	row = row < ROWS_MAX ? row : ROWS_MAX - 1;
	for (size_t i = 0; i < legend.count && rows[i] <= row; i++) {
		const struct item *item = &legend.items[i];
		double y = bottom - height * (double)(row - rows[i]) - 12, left = lefts[i];

		if (item->kind != KIND_MORE) {
			draw_sample(cr, item, chart->panels[0].line_count < 2, left, y);
			left += SAMPLE + 8;
		}
		chart_ink(cr, INK_TEXT, 1);
		(void)chart_text(cr, font, item->text, left, y + 8, lefts[i] + most - left, ALIGN_LEFT);
	}
	return height * (double)(row + 1) + 4;
}
