/*
 * alarm_eventbridge.c - a CloudWatch alarm as EventBridge sends it, and as a Lambda alarm action
 * does (alarmArn, accountId, alarmData).
 *
 * Source: CloudWatch user guide, "Alarm events and EventBridge". There is no threshold, operator or
 * number of periods in `configuration`: they are in the state's reason and its reasonData.
 */
#include <string.h>

#include "bot/alarm.h"
#include "bot/alarm_build.h"
#include "bot/clock.h"
#include "bot/event_input.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

static const struct alarm_metric_paths paths = {
	.id = "id", .expression = "expression", .label = "label", .returned = "returnData",
	.period = "period",
	.namespace_ = "metricStat.metric.namespace", .metric = "metricStat.metric.name",
	.dimensions = "metricStat.metric.dimensions", .statistic = "metricStat.stat",
	.stat_period = "metricStat.period",
};

/* reasonData of a composite: {"triggeringAlarms":[{"arn","state":{"value","timestamp"}}]} */
static void read_children(struct alarm *alarm, const char *reason_data)
{
	struct err ignored;
	struct json_object *data =
		reason_data == NULL ? NULL : json_parse(reason_data, strlen(reason_data), &ignored);

	alarm_take_children(alarm, json_get(data, "triggeringAlarms"), "arn", "state.value");
	json_free(data);
}

static void read_configuration(struct alarm *alarm, struct json_object *configuration,
                               const char *reason_data)
{
	static const char criteria[] = "evaluationCriteria.promQLCriteria";

	alarm->description = event_text(json_string(configuration, "description"), ALARM_TEXT_MAX);
	if (json_has(configuration, "alarmRule")) {
		alarm->type = mem_copy_string("composite");
		alarm->rule = event_text(json_string(configuration, "alarmRule"), ALARM_RULE_MAX);
		read_children(alarm, reason_data);
	} else if (json_has(configuration, criteria)) {
		alarm->type = mem_copy_string("promql");
		alarm->metric = event_line(json_string(json_get(configuration, criteria), "query"), 300);
	} else if (json_count(json_get(configuration, "metrics")) > 0) {
		alarm_take_metrics(alarm, json_get(configuration, "metrics"), &paths);
	} else {
		alarm->type = mem_copy_string("unknown");
	}
}

static void read_suppression(struct alarm *alarm, struct json_object *detail)
{
	const char *why = json_string(detail, "state.actionsSuppressedReason");
	const char *rule = json_string(detail, "muteDetail.mutedByArn"), *name;
	struct str s;

	if (why == NULL)
		why = json_string(detail, "state.actionsSuppressedBy");
	alarm->suppressed_by = event_line(why, 300);
	if (alarm->suppressed_by != NULL || rule == NULL)
		return;
	name = strrchr(rule, ':');
	str_init(&s, 1024);
	str_addf(&s, "muted by rule %s", name == NULL ? rule : name + 1);
	if (json_string(detail, "muteDetail.muteWindowEnd") != NULL)
		str_addf(&s, " until %s", json_string(detail, "muteDetail.muteWindowEnd"));
	alarm->suppressed_by = event_line(s.text, 300);
	str_free(&s);
}

static struct alarm *read_detail(const struct event_input *input, struct json_object *detail,
                                 const char *arn, const char *account)
{
	const char *name = json_string(detail, "alarmName");
	const char *state = alarm_known_state(json_string(detail, "state.value"));
	const char *reason_data = json_string(detail, "state.reasonData");
	struct alarm *alarm;

	if (name == NULL || *name == '\0' || state == NULL)
		return NULL;
	alarm = alarm_new("EventBridge");
	alarm->state = mem_copy_string(state);
	alarm->old_state =
		mem_copy_string(alarm_known_state(json_string(detail, "previousState.value")));
	alarm_identify(alarm, input, name, arn, account, json_string(input->json, "region"));
	if (!clock_parse_iso(json_string(detail, "state.timestamp"), &alarm->changed_ms) &&
	    !clock_parse_iso(json_string(input->json, "time"), &alarm->changed_ms))
		alarm->changed_ms = input->sent_ms;
	read_configuration(alarm, json_get(detail, "configuration"), reason_data);
	read_suppression(alarm, detail);
	alarm_take_reason(alarm, json_string(detail, "state.reason"), reason_data);
	return alarm;
}

struct alarm *alarm_from_eventbridge(const struct event_input *input)
{
	struct json_object *json = input->json;
	const char *kind = json_string(json, "detail-type");

	if (json_has(json, "alarmData.alarmName"))
		return read_detail(input, json_get(json, "alarmData"), json_string(json, "alarmArn"),
		                   json_text(json, "accountId"));
	if (kind == NULL || strcmp(kind, "CloudWatch Alarm State Change") != 0)
		return NULL;
	return read_detail(input, json_get(json, "detail"), json_string(json, "resources[0]"),
	                   json_text(json, "account"));
}
