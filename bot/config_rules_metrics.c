/* config_rules_metrics.c - sources of metrics, what is read from them, and formulas over it. */
#include "bot/config_rules.h"

#include <stdlib.h>
#include <string.h>

#include "bot/config.h"
#include "bot/config_problems.h"
#include "bot/config_types.h"
#include "bot/config_value.h"
#include "bot/config_yaml.h"
#include "bot/log_query.h"
#include "bot/metric.h"
#include "bot/metric_math.h"
#include "bot/str.h"

#define ALARM_GLOBS_MAX 50 /* each is a list that AWS is asked for */
#define LOG_GROUPS_MAX 50  /* of one query of Logs Insights */

static bool has(const struct config_node *map, const char *key)
{
	return !config_yaml_is_absent(config_yaml_member(map, key));
}

/* The text of a member, or what it is when absent. */
static const char *text_of(const struct config_node *map, const char *key, const char *fallback)
{
	return has(map, key) ? config_yaml_member(map, key)->text : fallback;
}

static int line_of(const struct config_node *map, const char *key)
{
	return has(map, key) ? config_yaml_member(map, key)->line : map->line;
}

/* --- prometheus --- */

static void check_log_in(struct config_problems *problems, const struct config_node *map)
{
	const char *url = config_yaml_member(map, "url")->text;
	bool basic = has(map, "user") || has(map, "password");

	if (has(map, "user") != has(map, "password"))
		config_problem(problems, map->line, "has only one of user and password; add the other, or "
		               "remove it");
	if (basic + has(map, "token") + has(map, "region") > 1)
		config_problem(problems, map->line, "logs in in more than one way; keep user and "
		               "password, or token, or region (which signs for Amazon Managed Prometheus)");
	if (strchr(text_of(map, "user", ""), ':') != NULL)
		config_problem(problems, line_of(map, "user"), "has a user with ':', which HTTP cannot "
		               "send; use another");
	if ((basic || has(map, "token") || has(map, "region")) && str_starts(url, "http://") &&
	    !config_url_is_loopback(url))
		config_problem(problems, line_of(map, "url"), "would send what it logs in with unencrypted; "
		               "use https:// (http:// is for loopback addresses only)");
}

CONFIG_RULE(config_rule_prometheus)
{
	const struct config_node *name = config_yaml_member(map, "name");

	(void)root;
	check_log_in(problems, map);
	if (strcmp(name->text, METRIC_SOURCE_CLOUDWATCH) != 0 && strcmp(name->text, METRIC_SOURCE_LOGS) != 0)
		return;
	size_t before = config_enter(problems, "name");
	config_problem(problems, name->line, "\"%s\" is the name of CloudWatch%s; use another", name->text,
	               strcmp(name->text, METRIC_SOURCE_LOGS) == 0 ? " Logs" : "");
	config_leave(problems, before);
}

/* --- one metric --- */

static bool is_from_cloudwatch(const struct config_node *metric)
{
	return strcmp(text_of(metric, "source", METRIC_SOURCE_CLOUDWATCH), METRIC_SOURCE_CLOUDWATCH) == 0;
}

static bool is_prometheus(const struct config_node *root, const char *source)
{
	const struct config_node *list = config_yaml_member(root, "prometheus");

	if (list == NULL || list->kind != CONFIG_NODE_LIST)
		return false;
	for (const struct config_node *entry = list->first; entry != NULL; entry = entry->next) {
		const struct config_node *name = config_yaml_member(entry, "name");
		if (name != NULL && name->text != NULL && strcmp(name->text, source) == 0)
			return true;
	}
	return false;
}

static void check_period(struct config_problems *problems, const struct config_node *map)
{
	const struct config_node *period = config_yaml_member(map, "period");
	char shown[CONFIG_SHOWN_SIZE];
	int64_t ms;

	if (config_yaml_is_absent(period) || !config_parse_duration(period->text, &ms) ||
	    metric_is_cloudwatch_period(ms))
		return;
	size_t before = config_enter(problems, "period");
	config_problem(problems, period->line, "%s is not a period of CloudWatch; use 1s, 5s, 10s, "
	               "20s, 30s or whole minutes", config_value_shown(period, shown));
	config_leave(problems, before);
}

static void check_expression(struct config_problems *problems, const struct config_node *map)
{
	static const char *const instead[] = { "namespace", "metric", "dimensions", "stat" };
	const struct config_node *expression = config_yaml_member(map, "expression");

	for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]); i++)
		if (has(map, instead[i]))
			config_problem(problems, map->line, "has an expression and %s; remove one of them "
			               "(what an expression computes with is a metric of its own, named by its id)",
			               instead[i]);
	if (strlen(expression->text) <= METRIC_MATH_MAX)
		return;
	size_t before = config_enter(problems, "expression");
	config_problem(problems, expression->line, "is longer than %d bytes; shorten it", METRIC_MATH_MAX);
	config_leave(problems, before);
}

static void check_band(struct config_problems *problems, const struct config_node *map)
{
	if (!has(map, "anomaly_band"))
		return;
	size_t before = config_enter(problems, "anomaly_band");
	if (strcmp(text_of(map, "hidden", "false"), "true") == 0)
		config_problem(problems, line_of(map, "anomaly_band"), "the metric is hidden, and what is hidden is "
		               "not judged; remove one of the two");
	if (metric_math_is_many(text_of(map, "expression", "")))
		config_problem(problems, line_of(map, "anomaly_band"), "the expression may come to several series, and "
		               "CloudWatch has a band for one; remove it, or write the metrics out");
	config_leave(problems, before);
}

static void check_cloudwatch(struct config_problems *problems, const struct config_node *map)
{
	const struct config_node *dimensions = config_yaml_member(map, "dimensions");

	if (has(map, "expression"))
		check_expression(problems, map);
	else if (!has(map, "namespace") || !has(map, "metric"))
		config_problem(problems, map->line, "is from CloudWatch and needs namespace and metric "
		               "(or expression); add them, or name a prometheus entry as the source");
	check_band(problems, map);
	if (has(map, "query"))
		config_problem(problems, map->line, "is from CloudWatch and has a query; remove it, or "
		               "name a prometheus entry as the source");
	if (!config_yaml_is_absent(dimensions) && dimensions->count > METRIC_DIMENSIONS_MAX)
		config_problem(problems, dimensions->line, "has more than %d dimensions, which no metric of "
		               "CloudWatch has; remove some", METRIC_DIMENSIONS_MAX);
	check_period(problems, map);
}

/* --- one metric from logs --- */

static int64_t period_of(const struct config_node *metric)
{
	int64_t ms = 0;

	return config_parse_duration(text_of(metric, "period", "5m"), &ms) ? ms : 0;
}


static const char *const logs_only[] = { "log_groups", "baseline", "max_scan", NULL };

static void check_log_query(struct config_problems *problems, const struct config_node *map)
{
	const struct config_node *text = config_yaml_member(map, "query");
	size_t before = config_enter(problems, "query");
	struct log_query query;
	struct err err;

	if (!log_query_read(text->text, &query, &err))
		config_problem(problems, text->line, "%s", err.text);
	else if (query.bin_ms != period_of(map))
		config_problem(problems, text->line, "its bin is not the metric's period (%s); give both the same, as "
		               "period: 5m and bin(5m)", text_of(map, "period", "5m"));
	log_query_free(&query);
	config_leave(problems, before);
}

static void check_log_groups(struct config_problems *problems, const struct config_node *map)
{
	const struct config_node *groups = config_yaml_member(map, "log_groups");
	size_t before = config_enter(problems, "log_groups");

	if (groups->count > LOG_GROUPS_MAX)
		config_problem(problems, groups->line, "has more than %d entries, which one query cannot read; split "
		               "the metric", LOG_GROUPS_MAX);
	for (const struct config_node *group = groups->first; group != NULL; group = group->next)
		if (group->text != NULL && strpbrk(group->text, "*?") != NULL)
			config_problem(problems, group->line, "has a wildcard, and a query reads groups by name; write "
			               "the names out");
	config_leave(problems, before);
}

static void check_logs(struct config_problems *problems, const struct config_node *map)
{
	static const char *const not_for_logs[] = { "namespace", "metric", "dimensions", "stat", "expression",
	                                             "anomaly_band", NULL };
	const struct config_node *groups = config_yaml_member(map, "log_groups");

	for (size_t i = 0; not_for_logs[i] != NULL; i++)
		if (has(map, not_for_logs[i]))
			config_problem(problems, map->line, "is from logs and has %s, which is for CloudWatch's "
			               "metrics; remove it", not_for_logs[i]);
	if (period_of(map) % 60000 != 0)
		config_problem(problems, line_of(map, "period"), "is from logs and has a period of less than a "
		               "minute; use whole minutes");
	if (!has(map, "query") || config_yaml_is_absent(groups) || groups->count == 0) {
		config_problem(problems, map->line, "is from logs and needs log_groups and query; add them");
		return;
	}
	check_log_groups(problems, map);
	check_log_query(problems, map);
}

static void refuse_logs_only(struct config_problems *problems, const struct config_node *map)
{
	for (size_t i = 0; logs_only[i] != NULL; i++)
		if (has(map, logs_only[i]))
			config_problem(problems, map->line, "has %s, which is for source: logs; remove it",
			               logs_only[i]);
}

CONFIG_RULE(config_rule_metric)
{
	static const char *const cloudwatch_only[] = { "namespace", "metric", "dimensions", "stat", "expression",
	                                               "account", "region", "anomaly_band" };

	if (strcmp(text_of(map, "source", ""), METRIC_SOURCE_LOGS) == 0) {
		check_logs(problems, map);
		return;
	}
	refuse_logs_only(problems, map);
	if (is_from_cloudwatch(map)) {
		check_cloudwatch(problems, map);
		return;
	}
	if (!is_prometheus(root, text_of(map, "source", "")))
		config_problem(problems, line_of(map, "source"), "has a source that is no entry of prometheus; use "
		               "cloudwatch or logs, or add the entry");
	if (!has(map, "query"))
		config_problem(problems, map->line, "is from Prometheus and needs a query; add it");
	for (size_t i = 0; i < sizeof(cloudwatch_only) / sizeof(cloudwatch_only[0]); i++)
		if (has(map, cloudwatch_only[i]))
			config_problem(problems, map->line, "is from Prometheus and has %s, which is for "
			               "CloudWatch; remove it", cloudwatch_only[i]);
}

CONFIG_RULE(config_rule_normal)
{
	const struct config_node *below = config_yaml_member(map, "below");
	const struct config_node *above = config_yaml_member(map, "above");

	(void)root;
	if (config_yaml_is_absent(below) || config_yaml_is_absent(above))
		return;
	if (strtod(above->text, NULL) >= strtod(below->text, NULL))
		config_problem(problems, map->line, "no value is above %s and below %s; "
		               "`above` is the lower limit, `below` the upper one", above->text, below->text);
}

/* --- formulas, which know the other metrics of their dashboard --- */

static const struct config_node *find_metric(const struct config_node *metrics, const char *id, size_t length)
{
	for (const struct config_node *metric = metrics->first; metric != NULL; metric = metric->next) {
		const char *text = config_yaml_member(metric, "id")->text;
		if (strlen(text) == length && strncmp(text, id, length) == 0)
			return metric;
	}
	return NULL;
}

/* Whether both go into one call, and on one grid. */
static void check_input(struct config_problems *problems, const struct config_node *formula,
                        const struct config_node *input)
{
	const char *id = config_yaml_member(input, "id")->text;
	int line = line_of(formula, "expression");

	if (!is_from_cloudwatch(input))
		config_problem(problems, line, "computes with %.60s, which CloudWatch does not have; write "
		               "one query for Prometheus instead", id);
	else if (strcmp(text_of(input, "account", ""), text_of(formula, "account", "")) != 0 ||
	         strcmp(text_of(input, "region", ""), text_of(formula, "region", "")) != 0)
		config_problem(problems, line, "computes with %.60s, which is of another account or region, "
		               "and CloudWatch cannot; give both the same", id);
	else if (period_of(input) != period_of(formula))
		config_problem(problems, line, "computes with %.60s, which has another period; give both "
		               "the same", id);
}

/* Follows the names from one formula; true when they come back to it. `steps` ends what goes round without it. */
static bool comes_back(const struct config_node *metrics, const struct config_node *from,
                       const struct config_node *wanted, size_t *steps)
{
	const char *at = text_of(from, "expression", ""), *name;
	size_t length;

	while ((name = metric_math_next(&at, &length)) != NULL) {
		const struct config_node *next = find_metric(metrics, name, length);
		if (next == wanted)
			return true;
		if (next != NULL && (*steps)-- > 1 && comes_back(metrics, next, wanted, steps))
			return true;
		if (*steps <= 1)
			return false;
	}
	return false;
}

static void check_formula(struct config_problems *problems, const struct config_node *metrics,
                          const struct config_node *formula)
{
	const struct config_node *expression = config_yaml_member(formula, "expression");
	const char *at = expression->text, *name;
	size_t length, steps = 200; /* far more than a formula of METRIC_MATH_MAX bytes needs */

	while ((name = metric_math_next(&at, &length)) != NULL) {
		const struct config_node *input = find_metric(metrics, name, length);
		if (input != NULL)
			check_input(problems, formula, input);
		else
			config_problem(problems, expression->line, "names %.*s, which is no id of this dashboard's "
			               "metrics; add such a metric (hidden: true keeps it from being shown), or "
			               "correct the name",
			               (int)(length < 60 ? length : 60), name);
	}
	if (comes_back(metrics, formula, formula, &steps))
		config_problem(problems, expression->line, "needs its own result; take the circle apart");
}

static bool is_used(const struct config_node *metrics, const char *id)
{
	for (const struct config_node *metric = metrics->first; metric != NULL; metric = metric->next)
		if (metric_math_uses(text_of(metric, "expression", ""), id))
			return true;
	return false;
}

static void check_metrics(struct config_problems *problems, const struct config_node *metrics)
{
	size_t index = 0;

	for (const struct config_node *metric = metrics->first; metric != NULL; metric = metric->next) {
		const char *id = config_yaml_member(metric, "id")->text;
		size_t before = config_enter_index(problems, index++), inside;

		if (has(metric, "expression")) {
			inside = config_enter(problems, "expression");
			check_formula(problems, metrics, metric);
			config_leave(problems, inside);
		}
		if (strcmp(text_of(metric, "hidden", "false"), "true") == 0 && !is_used(metrics, id)) {
			inside = config_enter(problems, "hidden");
			config_problem(problems, line_of(metric, "hidden"), "no expression computes with %.60s; "
			               "remove hidden, or the metric", id);
			config_leave(problems, inside);
		}
		config_leave(problems, before);
	}
}

static void check_alarms(struct config_problems *problems, const struct config_node *map)
{
	const struct config_node *alarms = config_yaml_member(map, "alarms");

	if (has(map, "alarms_from") && config_yaml_is_absent(alarms))
		config_problem(problems, line_of(map, "alarms_from"), "has alarms_from without alarms; add alarms, or "
		               "remove it");
	if (config_yaml_is_absent(alarms) || alarms->count <= ALARM_GLOBS_MAX)
		return;
	size_t before = config_enter(problems, "alarms");
	config_problem(problems, alarms->line, "has more than %d entries; use wildcards, as checkout-*",
	               ALARM_GLOBS_MAX);
	config_leave(problems, before);
}

CONFIG_RULE(config_rule_dashboard)
{
	const struct config_node *metrics = config_yaml_member(map, "metrics");
	const struct config_node *alarms = config_yaml_member(map, "alarms");
	bool some = !config_yaml_is_absent(metrics) && metrics->count > 0;
	bool some_alarms = !config_yaml_is_absent(alarms) && alarms->count > 0;

	(void)root;
	if (!has(map, "metrics_table") && !some && !some_alarms)
		config_problem(problems, map->line, "has no metrics; add metrics, metrics_table or alarms");
	check_alarms(problems, map);
	if (!some)
		return;
	size_t before = config_enter(problems, "metrics");
	check_metrics(problems, metrics);
	config_leave(problems, before);
}
