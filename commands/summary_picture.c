#include "commands/summary_picture.h"

#include <stdlib.h>
#include <string.h>

#include "bot/chart.h"
#include "bot/mem.h"
#include "commands/dashboard_data.h"
#include "commands/dashboard_picture.h"
#include "commands/summary_data.h"
#include "commands/summary_message.h"

struct choice {
	const struct dashboard_data *data;
	size_t metric;
};

struct choices {
	struct choice items[CHART_PANELS_MAX];
	size_t count;
};

static void choose(struct choices *choices, const struct dashboard_data *data, size_t metric)
{
	if (choices->count == CHART_PANELS_MAX || data->metrics[metric].hidden ||
	    dashboard_data_result(data, metric)->count == 0)
		return;
	for (size_t i = 0; i < choices->count; i++)
		if (choices->items[i].data == data && choices->items[i].metric == metric)
			return;
	choices->items[choices->count++] = (struct choice){ data, metric };
}

static bool can_be_drawn(const struct summary_look *look)
{
	return look->data != NULL && dashboard_data_has_values(look->data);
}

/* The dashboard whose next abnormal finding is the strongest; NULL: there is none any more. */
static const struct summary_look *strongest(const struct summary_data *data, const size_t *told)
{
	const struct summary_look *best = NULL;
	double strength = -1;

	for (size_t i = 0; i < data->look_count; i++) {
		const struct summary_look *look = &data->looks[i];

		if (!can_be_drawn(look) || told[i] >= dashboard_data_abnormal(look->data) ||
		    look->data->findings.items[told[i]].strength <= strength)
			continue;
		strength = look->data->findings.items[told[i]].strength;
		best = look;
	}
	return best;
}

static void choose_abnormal(struct choices *choices, const struct summary_data *data, struct mem *mem)
{
	size_t *told = mem_zalloc(mem, (data->look_count + 1) * sizeof(*told));
	const struct summary_look *look;

	while (choices->count < CHART_PANELS_MAX && (look = strongest(data, told)) != NULL) {
		const struct finding *finding = &look->data->findings.items[told[look - data->looks]++];

		choose(choices, look->data, look->data->subjects[finding->subject].metric);
	}
}

/* The first metric of each dashboard, then the second ones... */
static void choose_others(struct choices *choices, const struct summary_data *data)
{
	bool more = true;

	for (size_t metric = 0; more && choices->count < CHART_PANELS_MAX; metric++) {
		more = false;
		for (size_t i = 0; i < data->look_count; i++) {
			const struct summary_look *look = &data->looks[i];

			if (!can_be_drawn(look) || metric >= look->data->metric_count)
				continue;
			more = true;
			choose(choices, look->data, metric);
		}
	}
}

static void set_panels(const struct choices *choices, struct mem *mem, struct chart *chart, struct chart_panel *panels)
{
	for (size_t i = 0; i < choices->count; i++) {
		const struct dashboard_data *data = choices->items[i].data;
		int64_t from_ms = dashboard_picture_from(data);

		dashboard_picture_panel(mem, &panels[i], data, choices->items[i].metric);
		panels[i].title = mem_printf(mem, "%s: %s", data->name, panels[i].title);
		if (i == 0 || from_ms < chart->from_ms)
			chart->from_ms = from_ms;
		if (i == 0 || data->from_ms < chart->judged_from_ms)
			chart->judged_from_ms = data->from_ms;
	}
}

bool summary_picture_draw(void *arg, struct err *err)
{
	struct summary_picture *picture = arg;
	const struct summary_data *data = picture->data;
	struct chart_panel panels[CHART_PANELS_MAX] = { 0 };
	struct choices choices = { .count = 0 };
	struct mem mem = { 0 };
	struct chart chart = { .title = summary_message_title(data->kind), .to_ms = data->until_ms, .zone = data->zone,
		               .panels = panels };
	bool drawn = true;

	summary_picture_free(picture);
	choose_abnormal(&choices, data, &mem);
	choose_others(&choices, data);
	set_panels(&choices, &mem, &chart, panels);
	chart.panel_count = choices.count;
	if (choices.count > 0) {
		picture->alt = chart_describe(&chart);
		drawn = chart_draw(&chart, &picture->png, &picture->png_size, err);
	}
	mem_free_all(&mem);
	return drawn;
}

void summary_picture_free(struct summary_picture *picture)
{
	free(picture->png);
	free(picture->alt);
	picture->png = NULL;
	picture->alt = NULL;
}
