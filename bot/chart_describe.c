/* chart_describe.c - a chart in words. */
#include "bot/chart_private.h"

#include <math.h>
#include <stdlib.h>

#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"
#include "bot/zone.h"

#define TEXT_MAX 1000  /* bytes */
#define NAME_MAX_UNITS 120
#define ELLIPSIS "…"

static void add_name(struct str *out, const char *name)
{
	char *clean = utf8_clean(name, true), *cut = utf8_shorten(clean, NAME_MAX_UNITS);

	str_add(out, cut);
	free(cut);
	free(clean);
}

static void add_value(struct str *out, const struct chart_scale *scale, double value)
{
	char text[CHART_NUMBER_SIZE];

	chart_scale_value(scale, value, text);
	str_add(out, text);
}

/* "12 to 93 %, last 41 %" */
static void add_line(struct str *out, const struct chart *chart,
                     const struct chart_scale *scale, const struct series *series)
{
	double low = INFINITY, high = -INFINITY, last = chart_last(chart, series);
	char number[CHART_NUMBER_SIZE];

	for (size_t i = series_index(series, chart->from_ms); i < series_index(series, chart->to_ms); i++) {
		if (!isfinite(series->values[i]))
			continue;
		low = fmin(low, series->values[i]);
		high = fmax(high, series->values[i]);
	}
	if (low > high) {
		str_add(out, "no data");
		return;
	}
	chart_scale_number(scale, low, number);
	str_addf(out, "%s to ", number);
	add_value(out, scale, high);
	if (isfinite(last)) {
		chart_scale_number(scale, last, number);
		str_addf(out, ", last %s", number);
	}
}

static void add_limits(struct str *out, const struct chart_panel *panel, const struct chart_scale *scale)
{
	if (!isnan(panel->normal_above)) {
		str_add(out, "; normal above ");
		add_value(out, scale, panel->normal_above);
	}
	if (!isnan(panel->normal_below)) {
		str_add(out, "; normal below ");
		add_value(out, scale, panel->normal_below);
	}
	if (isnan(panel->threshold))
		return;
	str_add(out, "; threshold ");
	if (panel->threshold_label != NULL)
		add_name(out, panel->threshold_label);
	else
		add_value(out, scale, panel->threshold);
}

static void add_marks(struct str *out, const struct chart *chart,
                      const struct zone *zone, const struct chart_panel *panel)
{
	char text[40];

	for (size_t i = 0; i < panel->mark_count; i++) {
		chart_time_moment(chart, zone, panel->marks[i].at_ms, text);
		str_add(out, "; ");
		add_name(out, panel->marks[i].id);
		str_addf(out, "%s at %s", panel->marks[i].abnormal ? "" : " (not abnormal)", text);
	}
}

static void add_panel(struct str *out, const struct chart *chart,
                      const struct zone *zone, const struct chart_panel *panel)
{
	struct chart_scale scale;

	if (out->length > 0)
		str_add(out, ". ");
	if (panel->title != NULL || chart->title != NULL) {
		add_name(out, panel->title != NULL ? panel->title : chart->title);
		str_add(out, ": ");
	}
	if (!chart_scale_of_panel(&scale, chart, panel, 5)) {
		add_name(out, panel->note != NULL ? panel->note : "no data");
		return;
	}
	for (size_t i = 0; i < panel->line_count && i < CHART_SERIES_MAX; i++) {
		if (i > 0)
			str_add(out, "; ");
		if (panel->line_count > 1 && panel->lines[i].label != NULL) {
			add_name(out, panel->lines[i].label);
			str_add_char(out, ' ');
		}
		add_line(out, chart, &scale, panel->lines[i].series);
	}
	if (panel->line_count > CHART_SERIES_MAX)
		str_addf(out, "; and %zu more", panel->line_count - CHART_SERIES_MAX);
	add_limits(out, panel, &scale);
	add_marks(out, chart, zone, panel);
}

char *chart_describe(const struct chart *chart)
{
	struct err err;
	struct zone *utc = chart->zone == NULL ? zone_load("UTC", &err) : NULL;
	struct chart sane = chart_sane(chart);
	char range[CHART_RANGE_SIZE];
	struct str out;

	str_init(&out, 8 * TEXT_MAX);
	for (size_t i = 0; i < sane.panel_count && i < CHART_PANELS_MAX; i++)
		add_panel(&out, &sane, utc != NULL ? utc : chart->zone, &sane.panels[i]);
	chart_time_range(&sane, utc != NULL ? utc : chart->zone, range);
	str_addf(&out, "%s%s", sane.panel_count == 0 ? "An empty chart. " : ". ", range);
	zone_free(utc);
	if (out.length > TEXT_MAX) {
		out.length = str_utf8_prefix(out.text, out.length, TEXT_MAX - (sizeof(ELLIPSIS) - 1));
		out.text[out.length] = '\0';
		str_add(&out, ELLIPSIS);
	}
	return str_take(&out);
}
