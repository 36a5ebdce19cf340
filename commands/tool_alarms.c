/* list_alarms, alarm_history - what CloudWatch's alarms say, and what they did. */
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/alarms.h"
#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "commands/tool_call.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))
#define TEXT_MAX 300 /* bytes of one text */

/* --- list_alarms --- */

/* "InstanceId=i-1, Device=sda": what is behind each "=". */
static void learn_dimensions(struct tool_call *call, const char *dimensions)
{
	for (const char *at = dimensions; at != NULL && *at != '\0';) {
		size_t length = strstr(at, ", ") == NULL ? strlen(at) : (size_t)(strstr(at, ", ") - at);
		const char *value = memchr(at, '=', length);

		if (value != NULL) {
			char *name = mem_copy_bytes(value + 1, length - (size_t)(value + 1 - at));

			tool_call_learn(call, name);
			free(name);
		}
		at += length;
		at += str_starts(at, ", ") ? 2 : 0;
	}
}

static void add_alarm(struct tool_call *call, const struct aws_alarm *alarm)
{
	struct str *out = &call->found;

	tool_call_add(call, alarm->name, TEXT_MAX);
	str_addf(out, ": %s", alarm_state_word(alarm->state));
	if (alarm->since_ms > 0) {
		str_add(out, " since ");
		tool_call_add_time(call, out, alarm->since_ms);
	}
	if (alarm->metric != NULL) {
		str_add(out, "; ");
		tool_call_add(call, alarm->namespace_, TEXT_MAX);
		str_add_char(out, ' ');
		tool_call_add(call, alarm->metric, TEXT_MAX);
		str_add_char(out, ' ');
		tool_call_add(call, alarm->stat == NULL ? "" : alarm->stat, TEXT_MAX);
		str_add_char(out, ' ');
		tool_call_add(call, alarm->dimensions == NULL ? "" : alarm->dimensions, TEXT_MAX);
	}
	if (alarm->rule != NULL) {
		str_add(out, "; ");
		tool_call_add(call, alarm->rule, TEXT_MAX);
	}
	if (alarm->reason != NULL && strcmp(alarm->state, ALARM_STATE_OK) != 0) {
		str_add(out, "; reason: ");
		tool_call_add(call, alarm->reason, TEXT_MAX);
	}
	str_add_char(out, '\n');
	tool_call_learn(call, alarm->name);
	tool_call_learn(call, alarm->namespace_);
	tool_call_learn(call, alarm->metric);
	learn_dimensions(call, alarm->dimensions);
}

/* Those that ring first. */
static void add_alarms(struct tool_call *call, const struct aws_alarms *alarms)
{
	static const char *const states[] = { ALARM_STATE_ALARM, ALARM_STATE_NO_DATA, ALARM_STATE_OK };
	size_t counts[3] = { 0 };

	for (size_t s = 0; s < 3; s++)
		for (size_t i = 0; i < alarms->count; i++)
			if (alarms->items[i].state != NULL && strcmp(alarms->items[i].state, states[s]) == 0) {
				add_alarm(call, &alarms->items[i]);
				counts[s]++;
			}
	str_addf(&call->said, "%zu in ALARM, %zu without data, %zu OK%s.\n", counts[0], counts[1], counts[2],
	         alarms->more ? "; there are more, which were not read" : "");
}

static void listed(void *arg, const struct err *err)
{
	struct tool_call *call = arg;
	struct aws_alarms *alarms = call->state;

	if (err == NULL)
		add_alarms(call, alarms);
	aws_alarms_free(alarms);
	free(alarms);
	tool_call_end(call, err);
}

static void list(struct tool_call *call)
{
	struct aws_alarms *alarms = mem_alloc(sizeof(*alarms));

	call->state = alarms;
	alarms_list(call->context->bot->aws, &call->target, json_string(call->input, "prefix"),
	            json_string(call->input, "state"), alarms, (struct done){ listed, call });
}

static const struct tool_argument list_arguments[] = {
	{ "state", TOOL_TEXT, TOOL_FREE, false, 32, "Only these.", "ALARM|OK|INSUFFICIENT_DATA" },
	{ "prefix", TOOL_TEXT, TOOL_KNOWN, false, 255, "Only alarms whose names begin so.", NULL },
	{ .name = NULL },
};

const struct tool tool_list_alarms = {
	.name = "list_alarms",
	.about = "CloudWatch's alarms: state and since when, metric, dimensions, rule, reason. Those that ring come "
	         "first.",
	.title = "looking at alarms",
	.arguments = list_arguments,
	.placed = true,
	.run = list,
};

/* --- alarm_history --- */

static void add_history(struct tool_call *call, const struct aws_alarm_history *history)
{
	str_addf(&call->said, "%zu state changes, newest first%s.\n", history->count,
	         history->more ? "; older ones were not read" : "");
	for (size_t i = 0; i < history->count; i++) {
		const struct aws_alarm_change *change = &history->items[i];

		tool_call_add_time(call, &call->found, change->at_ms);
		str_addf(&call->found, " %s -> %s: ", alarm_state_word(change->from), alarm_state_word(change->to));
		tool_call_add(call, change->reason == NULL ? "" : change->reason, TEXT_MAX);
		str_add_char(&call->found, '\n');
	}
}

static void history_read(void *arg, const struct err *err)
{
	struct tool_call *call = arg;
	struct aws_alarm_history *history = call->state;

	if (err == NULL)
		add_history(call, history);
	aws_alarm_history_free(history);
	free(history);
	tool_call_end(call, err);
}

static void read_history(struct tool_call *call)
{
	struct aws_alarm_history *history = mem_alloc(sizeof(*history));

	call->state = history;
	alarms_history(call->context->bot->aws, &call->target, json_string(call->input, "alarm"), call->from_ms,
	               call->until_ms, history, (struct done){ history_read, call });
}

static const struct tool_argument history_arguments[] = {
	{ "alarm", TOOL_TEXT, TOOL_KNOWN, true, 255, "The alarm's name.", NULL },
	{ .name = NULL },
};

const struct tool tool_alarm_history = {
	.name = "alarm_history",
	.about = "The state changes of one CloudWatch alarm over a range.",
	.title = "reading an alarm's history",
	.arguments = history_arguments,
	.range_max_ms = 30 * DAY_MS,
	.placed = true,
	.run = read_history,
};
