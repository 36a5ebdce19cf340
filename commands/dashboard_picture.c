/* dashboard_picture.c - a dashboard's pictures: all its metrics as small multiples, or what one finding is about. */
#include "commands/dashboard_picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/chart.h"
#include "bot/mem.h"
#include "commands/dashboard_data.h"

/* Pictures show some of what was before, so that a change can be seen as one. */
#define BEFORE 2      /* times the judged range */
#define BEFORE_LONG 7 /* a week before a day: what recurs or goes on slowly is seen only there */

struct canvas {
	struct mem mem;
	struct chart_panel panels[CHART_PANELS_MAX];
	size_t count;
};

static bool is_about(const struct finding *finding, size_t subject)
{
	return finding->subject == subject || finding->other == subject;
}

/* The findings about a subject; `only` is one of them, or DASHBOARD_OVERVIEW for all. */
static void add_marks(struct mem *mem, struct chart_panel *panel, const struct dashboard_data *data, size_t subject,
                      size_t only)
{
	struct chart_mark *marks = mem_zalloc(mem, (data->findings.count + 1) * sizeof(*marks));
	size_t count = 0;

	for (size_t i = 0; i < data->findings.count; i++) {
		const struct finding *f = &data->findings.items[i];

		if (!is_about(f, subject) || (only != DASHBOARD_OVERVIEW && only != i))
			continue;
		/* What is about two series says nothing of a value. */
		marks[count++] = (struct chart_mark){
			.id = f->id,
			.from_ms = f->from_ms,
			.to_ms = f->to_ms,
			.at_ms = f->at_ms,
			.value = f->other == FINDING_NONE && f->kind != FINDING_SLOW_CHANGE ? f->value : NAN,
			.abnormal = finding_is_abnormal(f->kind),
		};
	}
	panel->marks = marks;
	panel->mark_count = count;
}

static void set_limits(struct chart_panel *panel, const struct metric *metric)
{
	panel->unit = metric->unit;
	panel->normal_below = metric->normal_below;
	panel->normal_above = metric->normal_above;
	panel->threshold = NAN;
}

static bool has_values(const struct series *series)
{
	for (size_t i = 0; i < series->count; i++)
		if (!isnan(series->values[i]))
			return true;
	return false;
}

/* A finding by CloudWatch's band shows that band; else ours is shown, and CloudWatch's where we expect nothing. */
static bool shows_cloudwatch(const struct dashboard_data *data, size_t subject, size_t only)
{
	size_t i = only == DASHBOARD_OVERVIEW ? 0 : only;

	if (data->inputs[subject].band_low == NULL)
		return false;
	while (only == DASHBOARD_OVERVIEW && i < data->findings.count && !is_about(&data->findings.items[i], subject))
		i++; /* to the strongest one */
	return (i < data->findings.count && data->findings.items[i].kind == FINDING_BAND) ||
	       !has_values(&data->subjects[subject].low);
}

static void set_band(struct chart_panel *panel, const struct dashboard_data *data, size_t subject, size_t only)
{
	bool cloudwatch = shows_cloudwatch(data, subject, only);

	panel->band_low = cloudwatch ? data->inputs[subject].band_low : &data->subjects[subject].low;
	panel->band_high = cloudwatch ? data->inputs[subject].band_high : &data->subjects[subject].high;
	panel->band_name = cloudwatch ? "expected by CloudWatch" : NULL;
}

void dashboard_picture_panel(struct mem *mem, struct chart_panel *panel, const struct dashboard_data *data,
                             size_t metric)
{
	const struct metric_result *result = dashboard_data_result(data, metric);
	struct chart_line *lines = mem_zalloc(mem, (result->count + 1) * sizeof(*lines));
	char *title = metric_title(&data->metrics[metric]);

	mem_adopt(mem, title);
	panel->title = title;
	set_limits(panel, &data->metrics[metric]);
	for (size_t i = 0; i < result->count; i++)
		lines[i] = (struct chart_line){ .label = result->series[i].label, .series = &result->series[i].series };
	panel->lines = lines;
	panel->line_count = result->count;
	panel->note = result->count == 0 ? result->why : NULL;
	for (size_t i = 0; i < data->subject_count; i++) {
		if (data->subjects[i].metric != metric)
			continue;
		if (result->count == 1)
			set_band(panel, data, i, DASHBOARD_OVERVIEW);
		if (panel->mark_count == 0) /* of several series, those of the first one that has any */
			add_marks(mem, panel, data, i, DASHBOARD_OVERVIEW);
	}
}

static void add_subject_panel(struct canvas *canvas, const struct dashboard_data *data, size_t subject, size_t finding)
{
	struct chart_panel *panel = &canvas->panels[canvas->count++];
	struct chart_line *line = mem_zalloc(&canvas->mem, sizeof(*line));

	line->series = data->inputs[subject].series;
	panel->title = data->subjects[subject].title;
	panel->lines = line;
	panel->line_count = 1;
	set_limits(panel, &data->metrics[data->subjects[subject].metric]);
	set_band(panel, data, subject, finding);
	add_marks(&canvas->mem, panel, data, subject, finding);
}

static bool has_finding(const struct dashboard_data *data, size_t metric)
{
	for (size_t i = 0; i < data->findings.count; i++)
		if (data->subjects[data->findings.items[i].subject].metric == metric)
			return true;
	return false;
}

/* When not all fit, those with findings go first; the order stays the dashboard's. */
static void add_overview(struct canvas *canvas, const struct dashboard_data *data)
{
	bool *chosen = mem_zalloc(&canvas->mem, (data->metric_count + 1) * sizeof(bool));
	size_t count = 0;

	for (int outstanding = 1; outstanding >= 0; outstanding--)
		for (size_t i = 0; i < data->metric_count && count < CHART_PANELS_MAX; i++)
			if (!chosen[i] && !data->metrics[i].hidden && has_finding(data, i) == (outstanding == 1)) {
				chosen[i] = true;
				count++;
			}
	for (size_t i = 0; i < data->metric_count; i++)
		if (chosen[i])
			dashboard_picture_panel(&canvas->mem, &canvas->panels[canvas->count++], data, i);
}

static int64_t shown_from(const struct dashboard_data *data, int64_t times)
{
	int64_t before_ms = times * (data->until_ms - data->from_ms);

	return data->from_ms - (before_ms < data->baseline_ms ? before_ms : data->baseline_ms);
}

int64_t dashboard_picture_from(const struct dashboard_data *data)
{
	return shown_from(data, BEFORE);
}

static int64_t times_before(const struct finding *finding)
{
	if (finding == NULL)
		return BEFORE;
	return finding->kind == FINDING_RECURRING || finding->kind == FINDING_SLOW_CHANGE ? BEFORE_LONG : BEFORE;
}

bool dashboard_data_draw(void *arg, struct err *err)
{
	struct dashboard_data *data = arg;
	bool overview = data->drawn == DASHBOARD_OVERVIEW;
	const struct finding *finding = overview ? NULL : &data->findings.items[data->drawn];
	struct canvas canvas = { .count = 0 };
	struct chart chart = {
		.title = overview ? data->name : mem_printf(&canvas.mem, "%s  %s", finding->id, data->name),
		.from_ms = shown_from(data, times_before(finding)),
		.to_ms = data->until_ms,
		.judged_from_ms = data->from_ms,
		.zone = data->zone,
		.panels = canvas.panels,
	};
	bool drawn;

	if (overview) {
		add_overview(&canvas, data);
	} else {
		add_subject_panel(&canvas, data, finding->subject, data->drawn);
		if (finding->other != FINDING_NONE)
			add_subject_panel(&canvas, data, finding->other, data->drawn);
	}
	chart.panel_count = canvas.count;
	free(data->png);
	free(data->alt);
	data->png = NULL;
	data->alt = chart_describe(&chart);
	drawn = chart_draw(&chart, &data->png, &data->png_size, err);
	mem_free_all(&canvas.mem);
	return drawn;
}
