/*
 * alarm_sns.c - a CloudWatch alarm as its SNS action sends it.
 *
 * Shape (real samples of 2015 ... 2026): AlarmName, NewStateValue, OldStateValue, NewStateReason,
 * StateChangeTime ("...+0000"), AWSAccountId, Region (a display name), AlarmArn (since 2020), and
 * either Trigger{MetricName... | Metrics[]...} or AlarmRule with TriggeringChildren[].
 */
#include <math.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/alarm_build.h"
#include "bot/clock.h"
#include "bot/event_input.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/noise.h"

static const struct alarm_metric_paths paths = {
	.id = "Id", .expression = "Expression", .label = "Label", .returned = "ReturnData",
	.period = "Period",
	.namespace_ = "MetricStat.Metric.Namespace", .metric = "MetricStat.Metric.MetricName",
	.dimensions = "MetricStat.Metric.Dimensions", .statistic = "MetricStat.Stat",
	.stat_period = "MetricStat.Period",
};

/* SNS has "None" and null for no unit. */
static char *read_unit(struct json_object *trigger)
{
	const char *unit = json_string(trigger, "Unit");

	return unit == NULL || strcmp(unit, "None") == 0 ? NULL : event_line(unit, 64);
}

static void read_single(struct alarm *alarm, struct json_object *trigger)
{
	const char *statistic = json_string(trigger, "ExtendedStatistic");

	if (statistic == NULL)
		statistic = json_string(trigger, "Statistic");
	alarm->type = mem_copy_string("metric");
	alarm->metric = event_line(json_string(trigger, "MetricName"), 300);
	alarm->namespace_ = event_line(json_string(trigger, "Namespace"), 300);
	alarm->statistic = alarm_statistic(statistic);
	alarm->dimensions = alarm_dimensions(json_get(trigger, "Dimensions"));
}

/* An alarm over a PromQL query has no metric (shape lenient: no sample is public). */
static bool read_promql(struct alarm *alarm, struct json_object *trigger, struct json_object *json)
{
	static const char criteria[] = "EvaluationCriteria.PromQLCriteria";
	struct json_object *found = json_get(trigger, criteria);

	if (found == NULL)
		found = json_get(json, criteria);
	if (found == NULL)
		return false;
	alarm->type = mem_copy_string("promql");
	alarm->metric = event_line(json_string(found, "Query"), 300);
	return true;
}

static char *read_missing(struct json_object *trigger)
{
	enum noise_missing missing = noise_missing_read(json_string(trigger, "TreatMissingData"));

	return missing == NOISE_MISSING ? NULL : mem_copy_string(noise_missing_name(missing));
}

void alarm_take_trigger(struct alarm *alarm, struct json_object *trigger, struct json_object *json)
{
	alarm->unit = read_unit(trigger);
	alarm->period_s = json_int(trigger, "Period", 0);
	alarm->evaluation_periods = json_int(trigger, "EvaluationPeriods", 0);
	alarm->datapoints_to_alarm = json_int(trigger, "DatapointsToAlarm", 0);
	alarm->comparison =
		mem_copy_string(alarm_comparison(json_string(trigger, "ComparisonOperator")));
	alarm->threshold = json_number(trigger, "Threshold", (double)NAN);
	alarm->missing_data = read_missing(trigger);
	if (read_promql(alarm, trigger, json))
		return;
	if (json_count(json_get(trigger, "Metrics")) > 0)
		alarm_take_metrics(alarm, json_get(trigger, "Metrics"), &paths);
	else
		read_single(alarm, trigger);
}

static void read_composite(struct alarm *alarm, struct json_object *json)
{
	alarm->type = mem_copy_string("composite");
	alarm->rule = event_text(json_string(json, "AlarmRule"), ALARM_RULE_MAX);
	alarm_take_children(alarm, json_get(json, "TriggeringChildren"), "Arn", "State.Value");
}

struct alarm *alarm_from_sns(const struct event_input *input)
{
	struct json_object *json = input->json, *trigger = json_get(json, "Trigger");
	const char *name = json_string(json, "AlarmName");
	const char *state = alarm_known_state(json_string(json, "NewStateValue"));
	struct alarm *alarm;

	if (name == NULL || *name == '\0' || state == NULL)
		return NULL;
	alarm = alarm_new("SNS");
	alarm->state = mem_copy_string(state);
	alarm->old_state = mem_copy_string(alarm_known_state(json_string(json, "OldStateValue")));
	alarm_identify(alarm, input, name, json_string(json, "AlarmArn"),
	               json_text(json, "AWSAccountId"), NULL);
	alarm->description = event_text(json_string(json, "AlarmDescription"), ALARM_TEXT_MAX);
	if (!clock_parse_iso(json_string(json, "StateChangeTime"), &alarm->changed_ms))
		alarm->changed_ms = input->sent_ms;
	if (json_is_object(trigger))
		alarm_take_trigger(alarm, trigger, json);
	else if (json_has(json, "AlarmRule") || json_has(json, "TriggeringChildren"))
		read_composite(alarm, json);
	else if (!read_promql(alarm, NULL, json))
		alarm->type = mem_copy_string("unknown");
	alarm_take_reason(alarm, json_string(json, "NewStateReason"), NULL);
	return alarm;
}
