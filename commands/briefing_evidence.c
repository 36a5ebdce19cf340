/* Everything that a model was told, for the check of its answer. */
#include "commands/briefing_evidence.h"

#include <stdlib.h>
#include <string.h>

#include "bot/evidence.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

#define TEXT_MAX (64 * 1024)
#define SENTENCES_MAX 4000
#define PARTLY 0.25 /* of the growth, as findings_load.c calls it */

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

/* The sentences about one series, each with its name, so that a figure belongs to it. */
static void add_sentences(struct evidence *evidence, const char *title, const char *lines)
{
	struct str text;

	str_init(&text, SENTENCES_MAX);
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");

		str_addf(&text, "%s %.*s\n", title, (int)length, lines);
		lines += length + (lines[length] != '\0' ? 1 : 0);
	}
	evidence_text(evidence, text.text);
	str_free(&text);
}

static void add_means(struct evidence *evidence, const char *title, const struct series *series,
                      const struct briefing_grid *grid, const char *unit)
{
	struct series means;

	if (grid->each == 1 || grid->from >= grid->until)
		return;
	briefing_grid_means(series, grid, &means);
	evidence_series(evidence, title, &means, means.start_ms, series_end(&means), unit);
	series_free(&means);
}

static void add_subject(const struct briefing *briefing, const struct briefing_shown *shown,
                        struct evidence *evidence)
{
	const struct dashboard_data *data = briefing->looks[shown->look].data;
	const struct dashboard_subject *subject = &data->subjects[shown->subject];
	const struct findings_subject *input = &data->inputs[shown->subject];
	struct series_values values;
	struct briefing_grids grids;
	struct str lines;

	str_init(&lines, SENTENCES_MAX);
	briefing_values(briefing, data, shown->subject, &values);
	briefing_say_summary(&lines, briefing, &values, input->unit);
	say_limits(&lines, &data->metrics[subject->metric]);
	add_sentences(evidence, subject->title, lines.text);
	str_free(&lines);
	evidence_series(evidence, subject->title, input->series,
	                briefing->range.from_ms - briefing_before_ms(briefing), briefing->range.until_ms,
	                input->unit);
	/* The range alone, too: its first value, its sum, its length. */
	evidence_series(evidence, subject->title, input->series, briefing->range.from_ms, briefing->range.until_ms,
	                input->unit);
	if (shown->lines == 0)
		return;
	briefing_grids(briefing, input->series, shown->lines, &grids);
	add_means(evidence, subject->title, input->series, &grids.before, input->unit);
	add_means(evidence, subject->title, input->series, &grids.range, input->unit);
}

void briefing_evidence_names(const struct dashboard_data *data, struct evidence *evidence)
{
	evidence_name(evidence, data->name);
	for (size_t i = 0; i < data->metric_count; i++)
		add_metric(evidence, &data->metrics[i]);
}

/* What moves together, and load that explains at least a part. */
static bool is_reason(const struct finding *finding)
{
	return finding->kind == FINDING_TOGETHER || (finding->kind == FINDING_LOAD && finding->value >= PARTLY);
}

void briefing_evidence_finding(const struct finding *finding, struct evidence *evidence)
{
	struct mem mem = { 0 };

	evidence_text(evidence, mem_printf(&mem, "%s: %s", finding->id, finding->text));
	evidence_name(evidence, finding->id);
	mem_free_all(&mem);
	if (is_reason(finding))
		evidence_reason(evidence, finding->text);
}

static void add_findings(const struct briefing *briefing, struct evidence *evidence)
{
	struct briefing_finding *list;
	size_t count = briefing_findings(briefing, &list);

	for (size_t i = 0; i < count; i++)
		briefing_evidence_finding(list[i].finding, evidence);
	free(list);
}

static void add_alarm_names(const char *names, struct evidence *evidence)
{
	while (names != NULL && *names != '\0') {
		size_t length = strcspn(names, "\n");
		char *name = mem_copy_bytes(names, length);

		evidence_name(evidence, name);
		free(name);
		names += length + (names[length] == '\n' ? 1 : 0);
	}
}

/* What is no table of values is evidence as the model reads it. */
static void add_rest(const struct briefing *briefing, struct evidence *evidence)
{
	struct str text;

	str_init(&text, TEXT_MAX);
	if (briefing->incidents != NULL)
		str_add(&text, briefing->incidents);
	briefing_add_unseen(briefing, &text);
	str_addf(&text, "%s\n", briefing->range.range_words);
	evidence_text(evidence, text.text);
	evidence_text(evidence, briefing->question);
	evidence_time(evidence, briefing->now_ms);
	evidence_time(evidence, briefing->range.from_ms);
	evidence_time(evidence, briefing->range.until_ms);
	add_alarm_names(briefing->alarms, evidence);
	str_free(&text);
}

void briefing_add_evidence(const struct briefing *briefing, struct evidence *evidence)
{
	struct briefing_shown *list;
	size_t count = briefing_shown(briefing, &list);

	for (size_t i = 0; i < briefing->look_count; i++)
		briefing_evidence_names(briefing->looks[i].data, evidence);
	for (size_t i = 0; i < count; i++)
		add_subject(briefing, &list[i], evidence);
	add_findings(briefing, evidence);
	add_rest(briefing, evidence);
	free(list);
}
