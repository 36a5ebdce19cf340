/*
 * notice_cloudwatch.c - what CloudWatch says about alarms that is no state change of an alarm.
 *
 * "CloudWatch Alarm Configuration Change": operation create | update | delete, configuration,
 * previousConfiguration (CloudWatch user guide, "Alarm events and EventBridge").
 * "CloudWatch Alarm Contributor State Change": one time series of an alarm over many; the alarm
 * itself is told separately, so this must neither open nor end its incident. By SNS such a message
 * has AlarmContributorId beside the members of an alarm (names as in the API; no sample is public).
 */
#include <string.h>

#include "bot/alarm.h"
#include "bot/event_input.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/notice.h"
#include "bot/str.h"

static const char *detail_type(const struct event_input *input)
{
	const char *kind = json_string(input->json, "detail-type");

	return kind != NULL ? kind : "";
}

static bool add_attribute(void *arg, const char *key, struct json_object *value)
{
	notice_detail(arg, key, json_text(value, ""));
	return true;
}

static struct notice *contributor(const struct event_input *input, const char *name,
                                  const char *state, const char *reason, const char *id,
                                  struct json_object *attributes)
{
	struct notice *notice = notice_new(input, "CloudWatch");

	notice_title(notice, "Alarm %s: one of its series is %s", name == NULL ? "?" : name,
	             state == NULL ? "?" : state);
	notice_set_text(notice, reason);
	notice_severity(notice,
	                state != NULL && strcmp(state, ALARM_STATE_ALARM) == 0 ? "warning" : "info");
	json_each(attributes, add_attribute, notice);
	notice_detail(notice, "Contributor", id);
	return notice;
}

struct notice *notice_from_contributor(const struct event_input *input)
{
	struct json_object *json = input->json;

	if (strcmp(detail_type(input), "CloudWatch Alarm Contributor State Change") == 0)
		return contributor(
			input, json_string(json, "detail.alarmName"), json_string(json, "detail.state.value"),
			json_string(json, "detail.state.reason"), json_text(json, "detail.alarmContributor.id"),
			json_get(json, "detail.alarmContributor.attributes"));
	if (json_has(json, "AlarmName") && json_has(json, "AlarmContributorId"))
		return contributor(input, json_string(json, "AlarmName"),
		                   json_string(json, "NewStateValue"), json_string(json, "NewStateReason"),
		                   json_text(json, "AlarmContributorId"),
		                   json_get(json, "AlarmContributorAttributes"));
	return NULL;
}

struct change {
	struct notice *notice;
	struct json_object *old;
	struct str text;
};

static bool add_change(void *arg, const char *key, struct json_object *value)
{
	struct change *c = arg;
	struct json_object *old = json_get(c->old, key);
	char *now, *before;

	if (strcmp(key, "timestamp") == 0 || strcmp(key, "metrics") == 0)
		return true; /* metrics carry new ids at each update */
	now = event_line(value == NULL ? "none" : json_print(value), 300);
	before = event_line(old == NULL ? "none" : json_print(old), 300);
	if (strcmp(now, before) != 0)
		str_addf(&c->text, "%s: %s → %s\n", key, before, now);
	free(now);
	free(before);
	return true;
}

struct notice *notice_from_alarm_change(const struct event_input *input)
{
	struct json_object *detail = json_get(input->json, "detail");
	const char *operation = json_string(detail, "operation");
	struct change c = { .old = json_get(detail, "previousConfiguration") };

	if (strcmp(detail_type(input), "CloudWatch Alarm Configuration Change") != 0)
		return NULL;
	c.notice = notice_new(input, "CloudWatch");
	notice_title_from(c.notice, "Alarm {alarmName} was changed ({operation})", detail, NULL);
	if (operation != NULL && strcmp(operation, "create") == 0)
		notice_title_from(c.notice, "Alarm {alarmName} was created", detail, NULL);
	else if (operation != NULL && strcmp(operation, "update") == 0)
		notice_title_from(c.notice, "Alarm {alarmName} was changed", detail, NULL);
	else if (operation != NULL && strcmp(operation, "delete") == 0)
		notice_title_from(c.notice, "Alarm {alarmName} was deleted", detail, NULL);
	if (operation != NULL && strcmp(operation, "delete") == 0)
		notice_severity(c.notice, "warning");
	str_init(&c.text, 1u << 20); /* notice_set_text cuts, and says so */
	if (json_is_object(c.old))
		json_each(json_get(detail, "configuration"), add_change, &c);
	notice_set_text(c.notice, c.text.text);
	str_free(&c.text);
	notice_detail(c.notice, "Description", json_string(detail, "configuration.description"));
	notice_detail(c.notice, "State", json_string(detail, "state.value"));
	notice_detail(c.notice, "Rule", json_string(detail, "configuration.alarmRule"));
	notice_detail(c.notice, "Threshold", json_text(detail, "configuration.threshold"));
	notice_detail(c.notice, "Comparison", json_string(detail, "configuration.comparisonOperator"));
	return c.notice;
}
