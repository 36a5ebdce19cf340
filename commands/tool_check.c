#include "commands/tool_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/zone.h"
#include "commands/tool_call.h"

#define LIST_MAX 50
#define ABOUT_MAX 4000 /* bytes */

static const struct tool_argument range_arguments[] = {
	{ "from", TOOL_TEXT, TOOL_FREE, false, 40, "ISO 8601, local time; default: the question's range", NULL },
	{ "until", TOOL_TEXT, TOOL_FREE, false, 40, "likewise", NULL },
	{ .name = NULL },
};

static const struct tool_argument place_arguments[] = {
	{ "account", TOOL_TEXT, TOOL_KNOWN, false, 64, "AWS account; default: own", NULL },
	{ "region", TOOL_TEXT, TOOL_KNOWN, false, 32, "default: the configured one", NULL },
	{ .name = NULL },
};

/* All arguments of a tool, one after the other: the nth; NULL: there are no more. */
static const struct tool_argument *argument_at(const struct tool *tool, size_t n)
{
	const struct tool_argument *const tables[] = { tool->arguments, tool->range_max_ms > 0 ? range_arguments : NULL,
	                                               tool->placed ? place_arguments : NULL };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct tool_argument *a = tables[i]; a != NULL && a->name != NULL; a++)
			if (n-- == 0)
				return a;
	return NULL;
}

/* --- for the model: no limit of length, which costs tokens and stops no model; the check has it --- */

static struct json_object *text_schema(const struct tool_argument *argument)
{
	struct json_object *schema = json_new_object(), *words;

	json_put_string(schema, "type", "string");
	if (argument->choices == NULL)
		return schema;
	words = json_new_array();
	for (const char *at = argument->choices; *at != '\0';) {
		size_t length = strcspn(at, "|");
		char *word = mem_copy_bytes(at, length);

		json_append_string(words, word);
		free(word);
		at += length + (at[length] == '|');
	}
	json_put(schema, "enum", words);
	return schema;
}

static struct json_object *argument_schema(const struct tool_argument *argument)
{
	struct json_object *schema = argument->type == TOOL_TEXT ? text_schema(argument) : json_new_object();

	if (argument->type == TOOL_COUNT) {
		json_put_string(schema, "type", "integer");
		json_put_int(schema, "minimum", 1);
		json_put_int(schema, "maximum", argument->most);
	} else if (argument->type == TOOL_LIST) {
		json_put_string(schema, "type", "array");
		json_put(schema, "items", text_schema(argument));
		json_put_int(schema, "minItems", 1);
		json_put_int(schema, "maxItems", LIST_MAX);
	} else if (argument->type == TOOL_MAP) {
		json_put_string(schema, "type", "object");
		json_put(schema, "additionalProperties", text_schema(argument));
	}
	json_put_string(schema, "description", argument->about);
	return schema;
}

struct json_object *tool_check_spec(const struct tool *tool, const struct config *config)
{
	struct json_object *schema = json_new_object(), *properties = json_new_object(), *required = json_new_array();
	struct json_object *input = json_new_object(), *spec = json_new_object(), *entry = json_new_object();
	const struct tool_argument *argument;
	struct str about;

	str_init(&about, ABOUT_MAX);
	str_add(&about, tool->about);
	if (tool->more != NULL)
		tool->more(config, &about);
	for (size_t i = 0; (argument = argument_at(tool, i)) != NULL; i++) {
		json_put(properties, argument->name, argument_schema(argument));
		if (argument->required)
			json_append_string(required, argument->name);
	}
	json_put_string(schema, "type", "object");
	json_put(schema, "properties", properties);
	json_put(schema, "required", required);
	json_put_bool(schema, "additionalProperties", false);
	json_put(input, "json", schema);
	json_put_string(spec, "name", tool->name);
	json_put_string(spec, "description", about.text);
	json_put(spec, "inputSchema", input);
	json_put(entry, "toolSpec", spec);
	str_free(&about);
	return entry;
}

/* --- what the model gave --- */

struct check {
	struct tool_call *call;
	const struct tool_argument *argument;
	struct str *why;
};

static bool refuse(const struct check *check, const char *what)
{
	str_addf(check->why, "%s: %s.", check->argument->name, what);
	return false;
}

static bool is_choice(const char *choices, const char *text)
{
	size_t length = strlen(text);

	for (const char *at = choices; *at != '\0';) {
		size_t word = strcspn(at, "|");

		if (word == length && strncmp(at, text, length) == 0)
			return true;
		at += word + (at[word] == '|');
	}
	return false;
}

static bool check_text(const struct check *check, struct json_object *value)
{
	const struct tool_argument *argument = check->argument;
	const char *text = json_string(value, "");

	if (text == NULL)
		return refuse(check, "must be a string");
	if (text[0] == '\0' || json_string_length(value, "") > (size_t)argument->most ||
	    strlen(text) != json_string_length(value, ""))
		return refuse(check, "is empty or too long");
	if (argument->choices != NULL && !is_choice(argument->choices, text)) {
		str_addf(check->why, "%s: must be one of %s.", argument->name, argument->choices);
		return false;
	}
	if (tool_call_knows(check->call, text, argument->trust))
		return true;
	if (argument->trust == TOOL_POINTED)
		return refuse(check, "neither the question nor an incident names it, so it cannot be proposed; a name "
		                     "that only stands in logs, reasons or lists does not do. Say to the person which "
		                     "one you mean instead");
	return refuse(check, "this name is not known from the question, the configuration, an incident or a list "
	                     "that a tool gave; one that only stands in free text (logs, reasons, descriptions) "
	                     "does not do. List what there is first, or ask the person to name it");
}

static bool check_member(void *arg, const char *name, struct json_object *value)
{
	struct check *check = arg;

	if (name[0] == '\0' || strlen(name) > 255)
		return refuse(check, "has a name that is empty or too long");
	return check_text(check, value);
}

static bool check_value(struct check *check, struct json_object *value)
{
	size_t before = check->why->length;

	switch (check->argument->type) {
	case TOOL_TEXT:
		return check_text(check, value);
	case TOOL_COUNT:
		if (json_int(value, "", 0) < 1 || json_int(value, "", 0) > check->argument->most) {
			str_addf(check->why, "%s: must be a whole number from 1 to %lld.", check->argument->name,
			         (long long)check->argument->most);
			return false;
		}
		return true;
	case TOOL_LIST:
		if (!json_is_array(value) || json_count(value) < 1 || json_count(value) > LIST_MAX)
			return refuse(check, "must be a list of 1 to 50 strings");
		for (size_t i = 0; i < json_count(value); i++)
			if (!check_text(check, json_at(value, i)))
				return false;
		return true;
	case TOOL_MAP:
		if (!json_is_object(value) || json_count(value) > 30)
			return refuse(check, "must be an object of at most 30 strings");
		json_each(value, check_member, check);
		return check->why->length == before;
	}
	return false;
}

static bool check_argument(void *arg, const char *name, struct json_object *value)
{
	struct check *check = arg;

	if (value == NULL) /* null: not given */
		return true;
	for (size_t i = 0; (check->argument = argument_at(check->call->tool, i)) != NULL; i++)
		if (strcmp(check->argument->name, name) == 0)
			return check_value(check, value);
	str_add(check->why, "There is an argument that this tool does not have.");
	return false;
}

/* --- range and place --- */

static bool has_offset(const char *text)
{
	const char *clock = strpbrk(text, "Tt ");

	return clock != NULL && strpbrk(clock + 1, "Zz+-") != NULL;
}

/* Of one without an offset: the instant at which the zone's clocks show it. */
static bool read_time(const struct zone *zone, const char *text, int64_t *wall_ms)
{
	time_t seconds;
	struct tm tm;

	if (!clock_parse_iso(text, wall_ms))
		return false;
	if (has_offset(text))
		return true;
	seconds = (time_t)(*wall_ms / 1000);
	if (gmtime_r(&seconds, &tm) == NULL)
		return false;
	*wall_ms = zone_instant(zone, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min) +
	           tm.tm_sec * INT64_C(1000);
	return true;
}

static bool set_range(struct tool_call *call, struct str *why)
{
	const struct tool_context *context = call->context;
	const char *from = json_string(call->input, "from"), *until = json_string(call->input, "until");
	int64_t most_ms = call->tool->range_max_ms;

	call->from_ms = context->from_ms;
	call->until_ms = until == NULL && from != NULL ? context->now_ms : context->until_ms;
	if (most_ms == 0)
		return true;
	if ((from != NULL && !read_time(context->zone, from, &call->from_ms)) ||
	    (until != NULL && !read_time(context->zone, until, &call->until_ms))) {
		str_add(why, "from, until: must be times like 2026-11-26T09:00, or with an offset.");
		return false;
	}
	if (call->until_ms > context->now_ms)
		call->until_ms = context->now_ms;
	if (call->from_ms >= call->until_ms) {
		str_add(why, "from, until: the range is empty, or not yet.");
		return false;
	}
	if (call->until_ms - call->from_ms > most_ms) {
		call->from_ms = call->until_ms - most_ms;
		str_addf(&call->said, "Only the last %lld days of that range were looked at. ",
		         (long long)(most_ms / (24 * 3600 * INT64_C(1000))));
	}
	return true;
}

static void set_target(struct tool_call *call)
{
	const struct config *config = call->context->bot->config;
	const char *account = json_string(call->input, "account");

	for (size_t i = 0; account != NULL && i < config->aws.account_count; i++)
		if (config->aws.accounts[i].name != NULL && strcmp(config->aws.accounts[i].name, account) == 0)
			account = config->aws.accounts[i].id;
	mem_set_string(&call->account, account);
	call->target = (struct aws_target){ call->account, json_string(call->input, "region") };
}

bool tool_check(struct tool_call *call, struct str *why)
{
	struct check check = { .call = call, .why = why };
	const struct tool_argument *argument;

	if (!json_is_object(call->input)) {
		str_add(why, "The arguments must be an object.");
		return false;
	}
	for (size_t i = 0; (argument = argument_at(call->tool, i)) != NULL; i++)
		if (argument->required && json_get(call->input, argument->name) == NULL) {
			str_addf(why, "%s: is missing.", argument->name);
			return false;
		}
	json_each(call->input, check_argument, &check);
	if (why->length > 0)
		return false;
	if (call->tool->placed)
		set_target(call);
	return set_range(call, why);
}
