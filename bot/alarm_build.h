/* alarm_build.h - what the readers of CloudWatch alarms share: of both notifications, and of DescribeAlarms. */
#ifndef BOT_ALARM_BUILD_H
#define BOT_ALARM_BUILD_H

#include <stdbool.h>
#include <stdint.h>

struct alarm;
struct event_input;
struct json_object;

#define ALARM_NAME_MAX 1000 /* bytes; CloudWatch allows 255 characters */
#define ALARM_ARN_MAX 1200
#define ALARM_TEXT_MAX 4096
#define ALARM_RULE_MAX 12288 /* AlarmRule may have 10,240 characters */

struct alarm *alarm_new(const char *via);

/* One of ALARM_STATE_*, or NULL. */
const char *alarm_known_state(const char *text);

/*
 * Name, ARN, account and region, each from the best of: the payload's own word, the ARN, the
 * topic. region: a code or anything else (SNS has a display name, which is of no use).
 */
void alarm_identify(struct alarm *alarm, const struct event_input *input, const char *name,
                    const char *arn, const char *account, const char *region);

/* Paths of one entry of a metrics list, which SNS and EventBridge spell differently. */
struct alarm_metric_paths {
	const char *id, *expression, *label, *returned, *period;
	const char *namespace_, *metric, *dimensions, *statistic, *stat_period;
};
/* Fills type, metric, namespace_, dimensions, statistic, period_s and metrics. */
void alarm_take_metrics(struct alarm *alarm, struct json_object *list,
                        const struct alarm_metric_paths *paths);

/* [{"name","value"}], [{"Name","Value"}] or {"name":"value"} to {"name":"value"}; NULL when
 * empty. */
struct json_object *alarm_dimensions(struct json_object *from);
/* "AVERAGE" to "Average"; percentiles and the rest as they are. NULL for NULL. free() it. */
char *alarm_statistic(const char *text);
/* "GreaterThanThreshold" to ">"; NULL when unknown. A literal. */
const char *alarm_comparison(const char *operator_);

/* Fills children from a list whose entries have their ARN and state at these paths. */
void alarm_take_children(struct alarm *alarm, struct json_object *list, const char *arn_path,
                         const char *state_path);

/* What an SNS notification says in its Trigger, and DescribeAlarms of each metric alarm in the same words: metric,
 * condition and setting. trigger may be NULL; json: what PromQL's criteria may stand beside it in. alarm_sns.c */
void alarm_take_trigger(struct alarm *alarm, struct json_object *trigger, struct json_object *json);

/* From the state's reason, and its reasonData (JSON text or NULL): value, and where the alarm lacks
 * them threshold, comparison, periods. Needs state. alarm_reason.c */
void alarm_take_reason(struct alarm *alarm, const char *reason, const char *reason_data);

#endif
