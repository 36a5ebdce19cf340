/* recent_changes - who changed what, by CloudTrail: what a claim of a cause may rest on. */
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudtrail.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "commands/tool_call.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define BEFORE_MS (2 * 3600 * INT64_C(1000)) /* a change comes before what it causes */
#define TEXT_MAX 300

/* Names of resources are CloudTrail's own list; who did it may have chosen the name of the session. */
static void learn_resources(struct tool_call *call, const char *resources)
{
	for (const char *at = resources; at != NULL && *at != '\0';) {
		size_t length = strcspn(at, ",");
		char *name = mem_copy_bytes(at, length);

		tool_call_learn(call, name);
		free(name);
		at += length;
		at += strspn(at, ", ");
	}
}

static void add_event(struct tool_call *call, const struct cloudtrail_event *event)
{
	struct str *out = &call->found;

	tool_call_add_time(call, out, event->at_ms);
	str_add_char(out, ' ');
	tool_call_add(call, event->name, TEXT_MAX);
	str_add(out, " (");
	tool_call_add(call, event->source, TEXT_MAX);
	str_add(out, ") by ");
	tool_call_add(call, event->user, TEXT_MAX);
	if (event->resources != NULL) {
		str_add(out, " on ");
		tool_call_add(call, event->resources, TEXT_MAX);
	}
	if (event->error == NULL) {
		tool_call_reason(call);
	} else {
		str_add(out, ", refused: ");
		tool_call_add(call, event->error, TEXT_MAX);
	}
	str_add_char(out, '\n');
	learn_resources(call, event->resources);
}

static void changes_read(void *arg, const struct err *err)
{
	struct tool_call *call = arg;
	struct cloudtrail_events *events = call->state;

	if (err == NULL) {
		str_addf(&call->said, "%zu changes from ", events->count);
		tool_call_add_time(call, &call->said, call->from_ms);
		str_addf(&call->said, " on, newest first%s. What only reads is left out.\n",
		         events->more ? "; older ones were not read" : "");
		for (size_t i = 0; i < events->count; i++)
			add_event(call, &events->items[i]);
	}
	cloudtrail_free(events);
	free(events);
	tool_call_end(call, err);
}

static void run(struct tool_call *call)
{
	struct cloudtrail_events *events = mem_alloc(sizeof(*events));

	if (json_string(call->input, "from") == NULL)
		call->from_ms -= BEFORE_MS;
	call->state = events;
	cloudtrail_changes(call->context->bot->aws, &call->target, json_string(call->input, "resource"), call->from_ms,
	                   call->until_ms, events, (struct done){ changes_read, call });
}

static bool is_offered(const struct config *config)
{
	return config->answers.changes;
}

static const struct tool_argument arguments[] = {
	{ "resource", TOOL_TEXT, TOOL_KNOWN, false, 255, "Only changes of this resource: its name or id.", NULL },
	{ .name = NULL },
};

const struct tool tool_recent_changes = {
	.name = "recent_changes",
	.about = "What was changed in AWS and by whom (CloudTrail): deploys, restarts, settings. Default: the "
	         "question's range and the two hours before it.",
	.title = "looking for recent changes",
	.arguments = arguments,
	.range_max_ms = 30 * DAY_MS,
	.placed = true,
	.offered = is_offered,
	.run = run,
};
