/* What things are called, apart from what is said about them: a model may ask tools for these. */
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/incident.h"
#include "bot/json.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

static void add_name(struct str *out, const char *name)
{
	if (name != NULL)
		str_addf(out, "%s\n", name);
}

static bool add_dimension(void *arg, const char *name, struct json_object *value)
{
	(void)name;
	add_name(arg, json_string(value, ""));
	return true;
}

static void add_dimensions(struct str *out, struct json_object *dimensions)
{
	if (dimensions != NULL)
		json_each(dimensions, add_dimension, out);
}

static void add_metric(struct str *out, const struct metric *metric)
{
	char *title = metric_title(metric);

	add_name(out, metric->id);
	add_name(out, title);
	add_name(out, metric->namespace_);
	add_name(out, metric->metric);
	add_dimensions(out, metric->dimensions);
	free(title);
}

struct names_added {
	const struct briefing *briefing;
	struct str *out;
};

static void add_alarm(void *arg, struct incident *incident)
{
	const struct names_added *added = arg;
	const char *own = added->briefing->incident;

	if (!incident_is_open(incident) && (own == NULL || strcmp(own, incident->id) != 0))
		return;
	add_name(added->out, incident->alarm.name);
	add_name(added->out, incident->alarm.metric);
	add_dimensions(added->out, incident->alarm.dimensions);
}

void briefing_add_names(const struct briefing *briefing, struct str *out)
{
	struct names_added added = { briefing, out };

	for (size_t i = 0; i < briefing->look_count; i++) {
		const struct dashboard_data *data = briefing->looks[i].data;

		add_name(out, data->name);
		for (size_t k = 0; k < data->metric_count; k++)
			add_metric(out, &data->metrics[k]);
		for (size_t k = 0; k < data->subject_count; k++)
			add_name(out, data->subjects[k].title);
	}
	if (briefing->bot->incidents != NULL)
		incidents_each(briefing->bot->incidents, add_alarm, &added);
}
