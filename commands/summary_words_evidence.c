/* What a summary tells, for the check of what a model makes of it. */
#include <stdlib.h>

#include "bot/evidence.h"
#include "commands/briefing_evidence.h"
#include "commands/dashboard_data.h"
#include "commands/summary_noise.h"
#include "commands/summary_words_private.h"

/* All of them are told by number. */
static const char *const counted[] = { "incident", "incidents", "finding", "findings", "dashboard", "dashboards",
	                               "silence", "silences" };

static void add_piece(void *arg, const char *label, const char *lines)
{
	struct evidence *evidence = arg;

	if (label != NULL)
		evidence_text(evidence, label);
	evidence_text(evidence, lines);
}

static void add_names(const struct summary_data *data, struct evidence *evidence)
{
	for (size_t i = 0; i < data->incident_count; i++) {
		evidence_name(evidence, data->incidents[i].alarm);
		evidence_name(evidence, data->incidents[i].issue_key);
		evidence_name(evidence, data->incidents[i].account);
		evidence_name(evidence, data->incidents[i].region);
	}
	for (size_t i = 0; i < data->silence_count; i++)
		evidence_name(evidence, data->silences[i].what);
	for (size_t i = 0; data->noise != NULL && i < data->noise->count; i++)
		evidence_name(evidence, data->noise->rows[i].alarm);
	for (size_t i = 0; i < data->look_count; i++) {
		evidence_name(evidence, data->looks[i].name);
		if (data->looks[i].data != NULL)
			briefing_evidence_names(data->looks[i].data, evidence);
	}
}

/* told: how many of them the model sees. */
static void add_series(const struct summary_data *data, size_t told, struct evidence *evidence)
{
	struct summary_words_series *list;

	(void)summary_words_series(data, &list);
	for (size_t i = 0; i < told; i++) {
		const struct dashboard_data *d = list[i].data;
		const struct findings_subject *input = &d->inputs[list[i].subject];
		char *title = summary_words_title(data, &list[i]);

		evidence_name(evidence, title);
		evidence_series(evidence, title, input->series, d->from_ms, d->until_ms, input->unit);
		free(title);
	}
	free(list);
}

static void add_findings(const struct dashboard_data *data, struct evidence *evidence)
{
	for (size_t i = 0; i < data->findings.count; i++)
		briefing_evidence_finding(&data->findings.items[i], evidence);
}

void summary_words_add_evidence(const struct summary_data *data, struct evidence *evidence)
{
	size_t told = summary_words_pieces(data, SUMMARY_WORDS_TEXT_MAX, true, add_piece, evidence);

	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		evidence_counted(evidence, counted[i]);
	add_names(data, evidence);
	add_series(data, told, evidence);
	evidence_time(evidence, data->since_ms);
	evidence_time(evidence, data->until_ms);
	for (size_t i = 0; i < data->look_count; i++)
		if (data->looks[i].data != NULL)
			add_findings(data->looks[i].data, evidence);
}
