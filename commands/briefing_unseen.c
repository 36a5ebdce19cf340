/* What could not be seen, one line a thing: an answer must not look surer than it is. */
#include <stdlib.h>
#include <string.h>

#include "bot/str.h"
#include "commands/briefing_private.h"

#define PROBLEMS_SHOWN 5

static void add_result(struct str *out, const struct dashboard_data *data, size_t metric)
{
	const struct metric_result *result = dashboard_data_result(data, metric);
	char *title;

	if (result->why == NULL && result->left_out == 0)
		return;
	title = metric_title(&data->metrics[metric]);
	if (result->why != NULL)
		str_addf(out, "%s: %s\n", title, result->why);
	if (result->left_out > 0)
		str_addf(out, "%s: has %zu series; the first %zu were judged.\n", title,
		         result->count + result->left_out, result->count);
	free(title);
}

static void add_look(struct str *out, const struct briefing_look *look)
{
	if (look->why != NULL) {
		str_addf(out, "%s: %s\n", look->data->name, look->why);
		return;
	}
	for (size_t i = 0; i < look->data->metric_count; i++)
		add_result(out, look->data, i);
}

static void add_table(struct str *out, const struct briefing_place *place)
{
	if (place->no_table != NULL)
		str_addf(out, "%s: its table of metrics was not read: %s\n", place->name, place->no_table);
	for (size_t i = 0; i < place->read.problem_count && i < PROBLEMS_SHOWN; i++)
		str_addf(out, "%s: %s\n", place->name, place->read.problems[i]);
	if (place->read.problem_count > PROBLEMS_SHOWN)
		str_addf(out, "%s: %zu more items of its table are wrong.\n", place->name,
		         place->read.problem_count - PROBLEMS_SHOWN);
}

static void add_alarms(struct str *out, const struct briefing_place *place)
{
	if (place->no_alarms != NULL)
		str_addf(out, "%s: its alarms were not listed: %s\n", place->name, place->no_alarms);
	for (size_t i = 0; i < place->lines.problem_count && i < PROBLEMS_SHOWN; i++)
		str_addf(out, "%s: %s\n", place->name, place->lines.problems[i]);
	if (place->lines.problem_count > PROBLEMS_SHOWN)
		str_addf(out, "%s: %zu more of its alarms are left out.\n", place->name,
		         place->lines.problem_count - PROBLEMS_SHOWN);
}

static void add_unnamed(struct str *out, const struct briefing *briefing)
{
	str_add(out, "Nothing in the question named a metric, so ");
	if (briefing->topic != NULL)
		str_addf(out, "%zu of the summary's were looked at.\n", briefing->chosen);
	else
		str_addf(out, "%s %zu were looked at.\n", briefing->left_out > 0 ? "the first" : "all",
		         briefing->chosen);
}

void briefing_add_unseen(const struct briefing *briefing, struct str *out)
{
	if (briefing->chosen == 0)
		str_add(out, "No metric is configured, so no values were looked at.\n");
	else if (briefing->names_nothing)
		add_unnamed(out, briefing);
	if (briefing->left_out > 0)
		str_addf(out, "%zu more metrics were left out; name one, or a dashboard, to see it.\n",
		         briefing->left_out);
	for (size_t i = 0; i < briefing->look_count; i++)
		add_look(out, &briefing->looks[i]);
	for (size_t i = 0; i < briefing->place_count; i++) {
		add_table(out, &briefing->places[i]);
		add_alarms(out, &briefing->places[i]);
	}
}
