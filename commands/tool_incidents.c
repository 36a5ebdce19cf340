/* list_incidents - what tocsin itself knows of: open incidents, and those that ended lately. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/incident.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/silence.h"
#include "commands/tool_call.h"

#define SHOWN_MAX 40
#define RECENT_MS (7 * 24 * 3600 * INT64_C(1000))
#define TEXT_MAX 300 /* bytes of one text */
#define METRIC_MAX 1000

struct list {
	struct tool_call *call;
	struct incident *items[SHOWN_MAX];
	size_t count, left_out;
};

static bool is_before(const struct incident *a, const struct incident *b)
{
	if (incident_is_open(a) != incident_is_open(b))
		return incident_is_open(a);
	return a->changed_ms > b->changed_ms;
}

/* Open ones first, then the newest. */
static void add(void *arg, struct incident *incident)
{
	struct list *list = arg;
	size_t at = list->count;

	if (incident->opened_ms == 0 || (!incident_is_open(incident) &&
	                                 incident->changed_ms < list->call->context->now_ms - RECENT_MS))
		return;
	while (at > 0 && is_before(incident, list->items[at - 1]))
		at--;
	if (list->count == SHOWN_MAX)
		list->left_out++;
	else
		list->count++;
	if (at == SHOWN_MAX)
		return;
	memmove(&list->items[at + 1], &list->items[at], (list->count - 1 - at) * sizeof(list->items[0]));
	list->items[at] = incident;
}

static bool add_dimension(void *out, const char *name, struct json_object *value)
{
	str_addf(out, " %s=%s", name, json_text(value, ""));
	return true;
}

static void add_metric(struct tool_call *call, const struct alarm *alarm)
{
	struct str metric;

	str_init(&metric, METRIC_MAX);
	str_addf(&metric, "%s %s", alarm->namespace_ == NULL ? "" : alarm->namespace_,
	         alarm->metric == NULL ? "" : alarm->metric);
	if (alarm->dimensions != NULL)
		json_each(alarm->dimensions, add_dimension, &metric);
	str_add(&call->found, "; ");
	tool_call_add(call, metric.text, METRIC_MAX);
	str_free(&metric);
}

static void add_diagnosis(struct tool_call *call, const struct incident_stage *stage)
{
	if (stage->state == NULL)
		return;
	str_addf(&call->found, "; diagnosis %s", stage->state);
	if (stage->note == NULL)
		return;
	str_add(&call->found, ": ");
	tool_call_add(call, stage->note, TEXT_MAX);
}

static void add_text(struct tool_call *call, const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	str_addf(&call->found, "\n  %s: ", name);
	tool_call_add(call, text, TEXT_MAX);
}

static void describe(struct tool_call *call, const struct incident *incident)
{
	struct str *out = &call->found;
	const struct alarm *alarm = &incident->alarm;
	char *condition = alarm_condition(alarm);

	str_addf(out, "incident %s: ", incident->id);
	tool_call_add(call, alarm->name, TEXT_MAX);
	str_addf(out, ", %s, since ", incident->state);
	tool_call_add_time(call, out, incident_is_open(incident) ? incident->fired_ms : incident->changed_ms);
	if (!incident_is_open(incident)) {
		str_add(out, ", fired ");
		tool_call_add_time(call, out, incident->fired_ms);
	}
	str_addf(out, "; %lld changes; account %s, region %s\n  ", (long long)incident->changes,
	         alarm->account == NULL ? "?" : alarm->account, alarm->region == NULL ? "?" : alarm->region);
	tool_call_add(call, condition, TEXT_MAX);
	add_metric(call, alarm);
	add_diagnosis(call, &incident->diagnosis);
	if (incident->holder != NULL && incident_is_open(incident))
		str_add(out, "; acknowledged");
	if (silences_find(call->context->bot->silences, alarm) != NULL)
		str_add(out, "; silenced");
	if (incident->issue_key != NULL)
		str_addf(out, "; issue %s", incident->issue_key);
	add_text(call, "description", alarm->description);
	add_text(call, "reason", alarm->reason);
	str_add_char(out, '\n');
	free(condition);
}

static void run(struct tool_call *call)
{
	struct list list = { .call = call };

	incidents_each(call->context->bot->incidents, add, &list);
	str_addf(&call->said, "%zu open, %zu shown", incidents_open_count(call->context->bot->incidents), list.count);
	if (list.left_out > 0)
		str_addf(&call->said, ", %zu older ones left out", list.left_out);
	str_add(&call->said, "; of those that are over, the last 7 days.\n");
	for (size_t i = 0; i < list.count; i++) {
		describe(call, list.items[i]);
		tool_call_learn(call, list.items[i]->alarm.name);
	}
	tool_call_end(call, NULL);
}

static const struct tool_argument arguments[] = { { .name = NULL } };

const struct tool tool_list_incidents = {
	.name = "list_incidents",
	.about = "Incidents that alarms opened: all open ones, and those of the last 7 days, with metric, dimensions "
	         "and reason.",
	.title = "looking at incidents",
	.arguments = arguments,
	.run = run,
};
