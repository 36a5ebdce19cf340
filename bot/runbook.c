/* runbook.c - finding the runbook of a name or of an alarm, and the instance that it is for. */
#include "bot/runbook.h"

#include <ctype.h>

#include "bot/alarm.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/str.h"

static const struct runbook *configured(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->runbooks.count; i++)
		if (strcmp(config->runbooks.items[i].runbook.name, name) == 0)
			return &config->runbooks.items[i].runbook;
	return NULL;
}

static const struct runbook *built_in(const char *name)
{
	for (const struct runbook *runbook = runbook_built_in; runbook->name != NULL; runbook++)
		if (strcmp(runbook->name, name) == 0)
			return runbook;
	return NULL;
}

const struct runbook *runbook_find(const struct config *config, const char *name)
{
	const struct runbook *found = configured(config, name);

	return found != NULL ? found : built_in(name);
}

void runbook_each(const struct config *config,
                  void (*each)(void *arg, const struct runbook *runbook), void *arg)
{
	for (const struct runbook *runbook = runbook_built_in; runbook->name != NULL; runbook++)
		each(arg, runbook_find(config, runbook->name));
	for (size_t i = 0; i < config->runbooks.count; i++)
		if (built_in(config->runbooks.items[i].runbook.name) == NULL)
			each(arg, &config->runbooks.items[i].runbook);
}

static bool is_or_any(const char *wanted, const char *text)
{
	return wanted == NULL || (text != NULL && strcmp(wanted, text) == 0);
}

static bool fires(const struct runbook *runbook, const struct alarm *alarm)
{
	for (const struct runbook_trigger *on = runbook->triggers; on->to != NULL; on++) {
		if (!is_or_any(on->to, alarm->state) || !is_or_any(on->from, alarm->old_state))
			continue;
		if (!is_or_any(on->metric, alarm->metric) || !is_or_any(on->namespace_, alarm->namespace_))
			continue;
		if (on->alarm == NULL || (alarm->name != NULL && str_glob(on->alarm, alarm->name)))
			return true;
	}
	return false;
}

const struct runbook *runbook_for(const struct config *config, const struct alarm *alarm)
{
	for (size_t i = 0; i < config->runbooks.count; i++)
		if (fires(&config->runbooks.items[i].runbook, alarm))
			return &config->runbooks.items[i].runbook;
	for (const struct runbook *runbook = runbook_built_in; runbook->name != NULL; runbook++)
		if (configured(config, runbook->name) == NULL && fires(runbook, alarm))
			return runbook;
	return NULL;
}

bool runbook_instance_valid(const char *text)
{
	const char *digits = strchr(text, '-');
	size_t length = digits == NULL ? 0 : strspn(digits + 1, "0123456789abcdef");

	if (digits == NULL || digits[1 + length] != '\0')
		return false;
	if (str_starts(text, "mi-"))
		return length == 17;
	return str_starts(text, "i-") && (length == 8 || length == 17);
}

static const char *instance_in(struct json_object *dimensions)
{
	const char *id = json_string(dimensions, "InstanceId");

	return id != NULL && runbook_instance_valid(id) ? id : NULL;
}

const char *runbook_instance_of(const struct alarm *alarm)
{
	const char *found = instance_in(alarm->dimensions);
	size_t count = json_count(alarm->metrics);

	if (found != NULL)
		return found;
	for (size_t i = 0; i < count; i++) {
		struct json_object *dimensions = json_get(json_at(alarm->metrics, i), "dimensions");
		const char *id = instance_in(dimensions);
		if (id == NULL && json_has(dimensions, "InstanceId"))
			return NULL;
		if (id != NULL && found != NULL && strcmp(id, found) != 0)
			return NULL;
		found = id != NULL ? id : found;
	}
	return found;
}
