/* config_rules.c - keys that need or exclude one another. */
#include "bot/config_rules.h"

#include "bot/arn.h"
#include "bot/config_problems.h"
#include "bot/config_yaml.h"

static bool has(const struct config_node *map, const char *key)
{
	return !config_yaml_is_absent(config_yaml_member(map, key));
}

CONFIG_RULE(config_rule_account)
{
	const struct config_node *role = config_yaml_member(map, "role_arn");
	const struct config_node *id = config_yaml_member(map, "id");
	struct arn arn;

	(void)root;
	if (config_yaml_is_absent(role) || !arn_split(role->text, &arn) ||
	    strcmp(arn.account, id->text) == 0)
		return;
	size_t before = config_enter(problems, "role_arn");
	config_problem(problems, role->line, "is a role of another account than id says; "
	               "name a role of that account");
	config_leave(problems, before);
}

CONFIG_RULE(config_rule_bedrock)
{
	const struct config_node *ceiling = config_yaml_member(map, "max_cost_per_day");
	const struct config_node *model = config_yaml_member(map, "model");

	(void)root;
	if (config_yaml_is_absent(ceiling) || has(config_yaml_member(map, "prices"), model->text))
		return;
	size_t before = config_enter(problems, "max_cost_per_day");
	config_problem(problems, ceiling->line, "cannot be kept without a price for the model; "
	               "add the model to bedrock.prices, or remove the ceiling");
	config_leave(problems, before);
}

CONFIG_RULE(config_rule_prometheus)
{
	const struct config_node *name = config_yaml_member(map, "name");

	(void)root;
	if (strcmp(name->text, "cloudwatch") != 0)
		return;
	size_t before = config_enter(problems, "name");
	config_problem(problems, name->line, "\"cloudwatch\" is the name of CloudWatch; use another");
	config_leave(problems, before);
}

CONFIG_RULE(config_rule_trigger)
{
	(void)root;
	if (has(map, "metric") == has(map, "alarm"))
		config_problem(problems, map->line, "needs either metric or alarm; give one of them");
	else if (has(map, "alarm") && has(map, "namespace"))
		config_problem(problems, map->line, "namespace goes with metric only; remove it, or use metric");
}

CONFIG_RULE(config_rule_runbook)
{
	(void)root;
	if (!has(map, "linux") && !has(map, "windows"))
		config_problem(problems, map->line, "has no commands; add linux, windows or both");
}

CONFIG_RULE(config_rule_dashboard)
{
	const struct config_node *metrics = config_yaml_member(map, "metrics");

	(void)root;
	if (!has(map, "metrics_table") && (!has(map, "metrics") || metrics->count == 0))
		config_problem(problems, map->line, "has no metrics; add metrics or metrics_table");
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

CONFIG_RULE(config_rule_metric)
{
	static const char *const cloudwatch_only[] = { "namespace", "metric", "dimensions", "stat" };
	const struct config_node *source = config_yaml_member(map, "source");

	if (config_yaml_is_absent(source) || strcmp(source->text, "cloudwatch") == 0) {
		if (!has(map, "namespace") || !has(map, "metric"))
			config_problem(problems, map->line, "is from CloudWatch and needs namespace and metric; "
			               "add them, or name a prometheus entry as the source");
		if (has(map, "query"))
			config_problem(problems, map->line, "is from CloudWatch and has a query; remove it, or "
			               "name a prometheus entry as the source");
		return;
	}
	if (!is_prometheus(root, source->text))
		config_problem(problems, source->line, "has a source that is no entry of prometheus; use "
		               "cloudwatch, or add the entry");
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
