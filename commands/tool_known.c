#include "commands/tool_known.h"

#include <stdlib.h>
#include <string.h>

#include "bot/arn.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/runbook.h"
#include "commands/tool_names.h"

static bool add_value(void *names, const char *name, struct json_object *value)
{
	(void)name;
	tool_names_add(names, json_string(value, ""), TOOL_KNOWN);
	return true;
}

/* The label values of a query that the configuration holds: job="api". */
static void add_quoted(struct tool_names *names, const char *query)
{
	while (query != NULL && (query = strpbrk(query, "\"'")) != NULL) {
		const char *end = strchr(query + 1, *query);
		char *text;

		if (end == NULL)
			return;
		text = mem_copy_bytes(query + 1, (size_t)(end - query - 1));
		tool_names_add(names, text, TOOL_KNOWN);
		free(text);
		query = end + 1;
	}
}

void tool_known_metric(struct tool_names *names, const struct metric *metric)
{
	const char *const plain[] = { metric->id, metric->source, metric->namespace_, metric->metric,
	                              metric->account, metric->region };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		tool_names_add(names, plain[i], TOOL_KNOWN);
	if (metric->dimensions != NULL)
		json_each(metric->dimensions, add_value, names);
	add_quoted(names, metric->query);
	add_quoted(names, metric->expression);
}

void tool_known_label(struct tool_names *names, const char *label)
{
	tool_names_add(names, label, TOOL_KNOWN);
	while (label != NULL && (label = strchr(label, '=')) != NULL) {
		char *value = mem_copy_bytes(label + 1, strcspn(label + 1, ","));

		tool_names_add(names, value, TOOL_KNOWN);
		free(value);
		label++;
	}
}

static void add_runbook(void *names, const struct runbook *runbook)
{
	tool_names_add(names, runbook->name, TOOL_POINTED); /* whoever configured it offers it */
}

static void add_arn(struct tool_names *names, const char *text)
{
	struct arn arn;

	if (text == NULL || !arn_split(text, &arn))
		return;
	tool_names_add(names, arn.account, TOOL_KNOWN);
	tool_names_add(names, arn.region, TOOL_KNOWN);
}

static void add_config(struct tool_names *names, const struct config *config)
{
	tool_names_add(names, config->aws.region, TOOL_KNOWN);
	for (size_t i = 0; i < config->sns.topics.count; i++)
		add_arn(names, config->sns.topics.items[i]);
	for (size_t i = 0; i < config->aws.account_count; i++) {
		tool_names_add(names, config->aws.accounts[i].id, TOOL_KNOWN);
		tool_names_add(names, config->aws.accounts[i].name, TOOL_KNOWN);
	}
	for (size_t i = 0; i < config->prometheus.count; i++)
		tool_names_add(names, config->prometheus.items[i].name, TOOL_KNOWN);
	for (size_t i = 0; i < config->answers.log_groups.count; i++)
		if (strpbrk(config->answers.log_groups.items[i], "*?") == NULL)
			tool_names_add(names, config->answers.log_groups.items[i], TOOL_KNOWN);
	for (size_t i = 0; i < config->dashboards.count; i++) {
		tool_names_add(names, config->dashboards.items[i].name, TOOL_KNOWN);
		for (size_t k = 0; k < config->dashboards.items[i].metric_count; k++)
			tool_known_metric(names, &config->dashboards.items[i].metrics[k]);
	}
	runbook_each(config, add_runbook, names);
}

/* One name, held against every incident: there may be ten thousand, and a model asks for a few. */
struct look {
	const char *name;
	enum tool_trust trust;
	bool found;
};

static void compare(struct look *look, const char *name, enum tool_trust trust)
{
	look->found = look->found || (trust >= look->trust && name != NULL && strcmp(name, look->name) == 0);
}

static bool compare_pointed(void *look, const char *name, struct json_object *value)
{
	(void)name;
	compare(look, json_string(value, ""), TOOL_POINTED);
	return true;
}

static void look_at_incident(void *arg, struct incident *incident)
{
	struct look *look = arg;
	const struct alarm *alarm = &incident->alarm;
	const char *const plain[] = { alarm->name, alarm->arn, alarm->account, alarm->region, alarm->namespace_,
	                              alarm->metric, incident->issue_key };

	if (look->found)
		return;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		compare(look, plain[i], TOOL_KNOWN);
	compare(look, runbook_instance_of(alarm), TOOL_POINTED);
	if (alarm->dimensions != NULL)
		json_each(alarm->dimensions, compare_pointed, look);
	for (size_t i = 0; i < json_count(alarm->metrics); i++) {
		struct json_object *metric = json_at(alarm->metrics, i);

		compare(look, json_string(metric, "namespace"), TOOL_KNOWN);
		compare(look, json_string(metric, "metric"), TOOL_KNOWN);
		if (json_is_object(json_get(metric, "dimensions")))
			json_each(json_get(metric, "dimensions"), compare_pointed, look);
	}
}

static bool incidents_know(void *incidents, const char *name, enum tool_trust trust)
{
	struct look look = { .name = name, .trust = trust };

	incidents_each(incidents, look_at_incident, &look);
	return look.found;
}

void tool_known_begin(struct tool_names *names, struct bot *bot)
{
	add_config(names, bot->config);
	tool_names_ask(names, incidents_know, bot->incidents);
}
