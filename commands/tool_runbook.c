/*
 * propose_runbook - a button for people; nothing runs here, and nothing runs before somebody pressed it who may.
 *
 * Whoever presses reads what stands on it, so every word of it comes from a place that people chose: the runbook from
 * the configuration, the instance from the question or an incident, arguments likewise or at least from a list.
 */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/runbook.h"
#include "commands/tool_call.h"

/* As a person would type them: each in quotes. False: one cannot be quoted. */
static bool typed(struct json_object *values, struct str *out)
{
	for (size_t i = 0; i < json_count(values); i++) {
		const char *value = json_string(json_at(values, i), "");
		const char *quote = strpbrk(value, " \t\"'") == NULL ? "" : strchr(value, '"') == NULL ? "\"" : "'";

		if (quote[0] != '\0' && strchr(value, quote[0]) != NULL)
			return false;
		str_addf(out, "%s%s%s%s", i == 0 ? "" : " ", quote, value, quote);
	}
	return !out->cut;
}

/* Which system the instance runs is not known here: either will do, and the run checks again. */
static bool is_valid(const struct runbook *runbook, const char *arguments, struct err *err)
{
	char *script = NULL;
	bool valid = (runbook->linux_script != NULL && runbook_script(runbook, false, arguments, &script, err)) ||
	             (runbook->windows_script != NULL && runbook_script(runbook, true, arguments, &script, err));

	free(script);
	return valid;
}

static bool is_number(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

/* A number points at nothing. */
static bool all_known(const struct tool_call *call, struct json_object *values)
{
	for (size_t i = 0; i < json_count(values); i++) {
		const char *value = json_string(json_at(values, i), "");

		if (!is_number(value) && !tool_call_knows(call, value, TOOL_KNOWN))
			return false;
	}
	return true;
}

static void propose(struct tool_call *call, const struct runbook *runbook, const char *arguments)
{
	struct json_object *input = call->input;
	struct mem mem = { 0 };
	const struct tool_proposal proposal = {
		.runbook = mem_strdup(&mem, runbook->name),
		.target = mem_strdup(&mem, json_string(input, "instance")),
		.arguments = arguments[0] == '\0' ? NULL : mem_strdup(&mem, arguments),
		.reason = mem_strdup(&mem, json_string(input, "reason")),
	};

	if (tool_call_propose(call, &proposal)) {
		str_add(&call->said, "Proposed: people get a button below the answer. It was not run, and will not be "
		                     "before somebody presses it; say so.");
		tool_call_end(call, NULL);
	} else {
		tool_call_refuse(call, "It is proposed already, or %d are, which is the most.", TOOL_PROPOSALS_MAX);
	}
	mem_free_all(&mem);
}

static void run(struct tool_call *call)
{
	const struct runbook *runbook = runbook_find(call->context->bot->config, json_string(call->input, "runbook"));
	struct json_object *values = json_get(call->input, "arguments");
	struct str arguments;
	struct err err;

	str_init(&arguments, RUNBOOK_ARGUMENTS_MAX * RUNBOOK_PATH_MAX);
	if (runbook == NULL)
		tool_call_refuse(call, "runbook: there is none of that name.");
	else if (!runbook_instance_valid(json_string(call->input, "instance")))
		tool_call_refuse(call, "instance: must be an instance id, i-... or mi-...");
	else if (!all_known(call, values))
		tool_call_refuse(call, "arguments: one is not known from the question, the configuration, an incident "
		                       "or a list that a tool gave. Ask the person to name it.");
	else if (!typed(values, &arguments) || !is_valid(runbook, arguments.text, &err))
		tool_call_refuse(call, "arguments: they are not what this runbook takes: number, or type.");
	else
		propose(call, runbook, arguments.text);
	str_free(&arguments);
}

/* "; disk [path]: how full..." */
static void add_runbook(void *about, const struct runbook *runbook)
{
	str_addf(about, "; %s", runbook->name);
	for (const struct runbook_argument *a = runbook->arguments; a->name != NULL; a++)
		str_addf(about, a->optional ? " [%s: %s]" : " %s: %s", a->name, a->type);
	str_addf(about, " (%s%s)", runbook->summary == NULL ? "no description" : runbook->summary,
	         runbook->changes ? "; changes something" : "");
}

static void add_runbooks(const struct config *config, struct str *about)
{
	str_add(about, " Runbooks");
	runbook_each(config, add_runbook, about);
}

static const struct tool_argument arguments[] = {
	{ "runbook", TOOL_TEXT, TOOL_KNOWN, true, 64, "Name of a runbook.", NULL },
	{ "instance", TOOL_TEXT, TOOL_POINTED, true, 32, "Instance id that the person or an incident named.", NULL },
	{ "arguments", TOOL_LIST, TOOL_FREE, false, RUNBOOK_PATH_MAX, "The runbook's arguments, in order.", NULL },
	{ "reason", TOOL_TEXT, TOOL_FREE, true, 500, "Why, in a sentence.", NULL },
	{ .name = NULL },
};

const struct tool tool_propose_runbook = {
	.name = "propose_runbook",
	.about = "Offers people a button that runs a runbook on an instance. Nothing runs now. Only what the question "
	         "or an incident points at.",
	.title = "preparing a proposal",
	.more = add_runbooks,
	.arguments = arguments,
	.run = run,
};
