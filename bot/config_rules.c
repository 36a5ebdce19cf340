/* config_rules.c - keys that need or exclude one another. */
#include "bot/config_rules.h"

#include <strings.h>

#include "bot/arn.h"
#include "bot/config_problems.h"
#include "bot/config_yaml.h"
#include "bot/runbook.h"
#include "bot/str.h"

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
	static const char *const ceilings[] = { "max_cost_per_answer", "max_cost_per_day" };
	const struct config_node *model = config_yaml_member(map, "model");

	(void)root;
	for (size_t i = 0; i < sizeof(ceilings) / sizeof(ceilings[0]); i++) {
		const struct config_node *ceiling = config_yaml_member(map, ceilings[i]);
		if (config_yaml_is_absent(ceiling) || has(config_yaml_member(map, "prices"), model->text))
			continue;
		size_t before = config_enter(problems, ceilings[i]);
		config_problem(problems, ceiling->line, "cannot be kept without a price for the model; "
		               "add the model to bedrock.prices, or remove the ceiling");
		config_leave(problems, before);
	}
}

CONFIG_RULE(config_rule_trigger)
{
	(void)root;
	if (has(map, "metric") == has(map, "alarm"))
		config_problem(problems, map->line, "needs either metric or alarm; give one of them");
	else if (has(map, "alarm") && has(map, "namespace"))
		config_problem(problems, map->line, "namespace goes with metric only; remove it, or use metric");
}

/* What people type for something else: a runbook of that name could not be reached. */
static void check_runbook_name(struct config_problems *problems, const struct config_node *name)
{
	static const char *const taken[] = { "ping", "help", "ticket", "tocsin", "ask", "dashboard",
	                                     "incidents", "ack", "silence", "resolve", "approve", "reject",
	                                     "diagnose", "cost", "summary" };

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (strcasecmp(name->text, taken[i]) != 0)
			continue;
		size_t before = config_enter(problems, "name");
		config_problem(problems, name->line, "\"%s\" is a command of tocsin; use another", name->text);
		config_leave(problems, before);
	}
}

static bool is_argument(const struct config_node *arguments, const char *name, size_t length)
{
	const struct config_node *entry = arguments == NULL ? NULL : arguments->first;

	for (; entry != NULL; entry = entry->next) {
		const struct config_node *known = config_yaml_member(entry, "name");
		if (strlen(known->text) == length && strncmp(known->text, name, length) == 0)
			return true;
	}
	return false;
}

/* No "#!" at all, or one that names a shell of that family, by itself or through env. */
static bool is_for_a_shell(const char *script)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh" };
	char line[128];
	char *rest = line, *word;

	if (!str_starts(script, "#!"))
		return true;
	(void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(script + 2, "\n"), script + 2);
	while ((word = strsep(&rest, " \t")) != NULL) {
		const char *slash = strrchr(word, '/');
		const char *name = slash == NULL ? word : slash + 1;
		for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
			if (strcmp(name, shells[i]) == 0)
				return true;
		if (name[0] != '\0' && strcmp(name, "env") != 0)
			return false;
	}
	return false;
}

/* Every {{NAME}} of a script is one of the arguments. */
static void check_script(struct config_problems *problems, const struct config_node *map,
                         const char *key)
{
	const struct config_node *script = config_yaml_member(map, key);
	const struct config_node *arguments = config_yaml_member(map, "arguments");
	const char *name;
	size_t length;

	if (config_yaml_is_absent(script))
		return;
	size_t before = config_enter(problems, key);
	if (has(map, "arguments") && !is_for_a_shell(script->text))
		config_problem(problems, script->line, "is not for a POSIX shell, and arguments are quoted for "
		               "one; begin it with #!/bin/sh, or remove the arguments");
	for (const char *at = script->text; (name = runbook_placeholder(at, &length)) != NULL;) {
		if (!is_argument(arguments, name, length))
			config_problem(problems, script->line, "{{%.*s}} is no argument; add it to arguments, or "
			               "write {{ %.*s }} if it is not meant as one", (int)length, name, (int)length,
			               name);
		at = name + length;
	}
	config_leave(problems, before);
}

static bool script_uses(const struct config_node *script, const char *wanted)
{
	const char *name;
	size_t length;

	if (config_yaml_is_absent(script))
		return false;
	for (const char *at = script->text; (name = runbook_placeholder(at, &length)) != NULL;
	     at = name + length)
		if (strlen(wanted) == length && strncmp(name, wanted, length) == 0)
			return true;
	return false;
}

static void check_arguments(struct config_problems *problems, const struct config_node *map)
{
	const struct config_node *arguments = config_yaml_member(map, "arguments");
	const struct config_node *entry = config_yaml_is_absent(arguments) ? NULL : arguments->first;
	bool optional = false;

	size_t before = config_enter(problems, "arguments");
	if (entry != NULL && arguments->count > RUNBOOK_ARGUMENTS_MAX)
		config_problem(problems, arguments->line, "has more than %d entries; shorten it",
		               RUNBOOK_ARGUMENTS_MAX);
	for (size_t i = 0; entry != NULL; entry = entry->next) {
		const struct config_node *name = config_yaml_member(entry, "name");
		const struct config_node *may_lack = config_yaml_member(entry, "optional");
		bool required = config_yaml_is_absent(may_lack) || strcmp(may_lack->text, "true") != 0;
		size_t above = config_enter_index(problems, i++);
		if (optional && required)
			config_problem(problems, entry->line, "stands behind an optional one; put those last");
		optional = optional || !required;
		if (!script_uses(config_yaml_member(map, "linux"), name->text) &&
		    !script_uses(config_yaml_member(map, "windows"), name->text))
			config_problem(problems, name->line, "no script has {{%s}}; use it there, or remove it here",
			               name->text);
		config_leave(problems, above);
	}
	config_leave(problems, before);
}

CONFIG_RULE(config_rule_runbook)
{
	const struct config_node *changes = config_yaml_member(map, "changes");
	const struct config_node *automatic = config_yaml_member(map, "automatic");

	(void)root;
	check_runbook_name(problems, config_yaml_member(map, "name"));
	if (!has(map, "linux") && !has(map, "windows"))
		config_problem(problems, map->line, "has no commands; add linux, windows or both");
	check_script(problems, map, "linux");
	check_script(problems, map, "windows");
	check_arguments(problems, map);
	if (config_yaml_is_absent(automatic) || strcmp(automatic->text, "true") != 0)
		return;
	if (!config_yaml_is_absent(changes) && strcmp(changes->text, "true") == 0)
		return;
	size_t before = config_enter(problems, "automatic");
	config_problem(problems, automatic->line, "has no effect without changes: true (what changes "
	               "nothing needs no button); remove it, or add changes: true");
	config_leave(problems, before);
}

static bool has_schedule(const struct config_node *list)
{
	if (config_yaml_is_absent(list) || list->kind != CONFIG_NODE_LIST)
		return false;
	for (const struct config_node *entry = list->first; entry != NULL; entry = entry->next)
		if (has(entry, "schedule"))
			return true;
	return false;
}

CONFIG_RULE(config_rule_summary)
{
	if (has(map, "schedule") || has(map, "weekly") || has_schedule(config_yaml_member(root, "dashboards")))
		return;
	config_problem(problems, map->line, "is never due; add schedule or weekly, like \"0 9 * * 1-5\", or remove "
	               "summary");
}
