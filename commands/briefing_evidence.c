/* Everything that a model was told, for the check of its answer. */
#include <stdlib.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/evidence.h"
#include "bot/incident.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

#define TEXT_MAX (2 * BRIEFING_TEXT_MAX)

static bool add_dimension(void *arg, const char *name, struct json_object *value)
{
	(void)name;
	if (json_string(value, "") != NULL)
		evidence_name(arg, json_string(value, ""));
	return true;
}

static void add_metric(struct evidence *evidence, const struct metric *metric)
{
	char *title = metric_title(metric);

	evidence_name(evidence, metric->id);
	evidence_name(evidence, title);
	if (metric->metric != NULL)
		evidence_name(evidence, metric->metric);
	if (metric->dimensions != NULL)
		json_each(metric->dimensions, add_dimension, evidence);
	free(title);
}

static void add_look(const struct briefing *briefing, const struct dashboard_data *data,
                     struct evidence *evidence)
{
	int64_t range_ms = briefing->range.until_ms - briefing->range.from_ms;
	int64_t before_ms = range_ms > BRIEFING_BEFORE_MS ? range_ms : BRIEFING_BEFORE_MS;

	evidence_name(evidence, data->name);
	for (size_t i = 0; i < data->metric_count; i++)
		add_metric(evidence, &data->metrics[i]);
	for (size_t i = 0; i < data->subject_count; i++) {
		const struct dashboard_subject *subject = &data->subjects[i];

		evidence_name(evidence, subject->title);
		evidence_series(evidence, subject->title, data->inputs[i].series,
		                briefing->range.from_ms - before_ms, briefing->range.until_ms,
		                data->metrics[subject->metric].unit);
	}
}

/* What moves together, and load that explains at least a part. */
static bool is_reason(const struct finding *finding)
{
	return finding->kind == FINDING_TOGETHER || (finding->kind == FINDING_LOAD && finding->value > 0.25);
}

static void add_incident(void *arg, struct incident *incident)
{
	if (incident_is_open(incident) && incident->alarm.name != NULL)
		evidence_name(arg, incident->alarm.name);
}

void briefing_add_evidence(const struct briefing *briefing, struct evidence *evidence)
{
	struct briefing_finding *list;
	size_t count = briefing_findings(briefing, &list);
	struct str text;

	str_init(&text, TEXT_MAX);
	briefing_add_text(briefing, "0", &text);
	evidence_text(evidence, text.text);
	evidence_text(evidence, briefing->question);
	for (size_t i = 0; i < briefing->look_count; i++)
		if (briefing->looks[i].why == NULL)
			add_look(briefing, briefing->looks[i].data, evidence);
	for (size_t i = 0; i < count; i++)
		if (is_reason(list[i].finding))
			evidence_reason(evidence, list[i].finding->text);
	if (briefing->bot->incidents != NULL)
		incidents_each(briefing->bot->incidents, add_incident, evidence);
	str_free(&text);
	free(list);
}
