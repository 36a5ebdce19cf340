/* briefing_alarms.c - what a dashboard has from alarms, for questions, by the rules of the dashboard itself. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/config.h"
#include "bot/mem.h"
#include "commands/briefing_private.h"
#include "commands/dashboard_data.h"

void briefing_keep_alarms(struct briefing_place *place, const struct config_dashboard *dashboard)
{
	place->alarms.items = mem_alloc((dashboard->alarms.count + 1) * sizeof(char *));
	for (size_t i = 0; i < dashboard->alarms.count; i++)
		place->alarms.items[place->alarms.count++] = mem_copy_string(dashboard->alarms.items[i]);
	place->alarms_account = mem_copy_string(dashboard->alarms_account);
	place->alarms_region = mem_copy_string(dashboard->alarms_region);
}

void briefing_free_alarms(struct briefing_place *place)
{
	for (size_t i = 0; i < place->alarms.count; i++)
		free(place->alarms.items[i]);
	free(place->alarms.items);
	free(place->alarms_account);
	free(place->alarms_region);
	free(place->no_alarms);
	alarm_lines_free(&place->lines);
}

/* The place's candidates in their order; *metrics: borrowed from them. */
static size_t list_metrics(const struct briefing *briefing, size_t place, struct metric *metrics)
{
	size_t count = 0;

	for (size_t i = 0; i < briefing->candidate_count; i++)
		if (briefing->candidates[i].place == place)
			metrics[count++] = briefing->candidates[i].metric;
	return count;
}

static struct briefing_candidate *find_candidate(struct briefing *briefing, size_t place, const char *id)
{
	for (size_t i = 0; i < briefing->candidate_count; i++)
		if (briefing->candidates[i].place == place && strcmp(briefing->candidates[i].metric.id, id) == 0)
			return &briefing->candidates[i];
	return NULL;
}

static void take_metrics(struct briefing *briefing, size_t place, const struct dashboard_data *data)
{
	for (size_t i = 0; i < data->metric_count; i++) {
		struct briefing_candidate *known = find_candidate(briefing, place, data->metrics[i].id);

		if (known == NULL) {
			briefing_add_candidate(briefing, place, &data->metrics[i]);
			continue;
		}
		known->metric.normal_below = data->metrics[i].normal_below;
		known->metric.normal_above = data->metrics[i].normal_above;
		known->metric.limit_is_normal = data->metrics[i].limit_is_normal;
		known->metric.anomaly_band = data->metrics[i].anomaly_band;
	}
}

void briefing_take_alarms(struct briefing *briefing, size_t index)
{
	struct briefing_place *place = &briefing->places[index];
	struct metric *metrics = mem_alloc((briefing->candidate_count + 1) * sizeof(*metrics));
	const struct config_dashboard dashboard = {
		.name = place->name, .timezone = briefing->timezone, .metrics = metrics,
		.metric_count = list_metrics(briefing, index, metrics),
	};
	struct err err;
	struct dashboard_data *data = dashboard_data_new(&dashboard, briefing->now_ms, &err);

	free(metrics);
	if (data == NULL) { /* its time zone was read a moment ago */
		place->no_alarms = mem_copy_string(err.text);
		return;
	}
	data->alarms = place->lines;
	dashboard_data_take_alarms(data, briefing->bot->config->aws.region);
	take_metrics(briefing, index, data);
	place->lines = data->alarms; /* with its problems */
	data->alarms = (struct alarm_lines){ 0 };
	dashboard_data_free(data);
}
