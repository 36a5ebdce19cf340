/*
 * alarms.h - which alarms CloudWatch has, how they are set, in which state, and what they did: DescribeAlarms,
 * DescribeAlarmHistory.
 *
 * What came before a later page failed is a success with `more`. DescribeAlarmHistory may be called three times a
 * second: calls take turns.
 *
 * Facts: the service model of CloudWatch (monitoring, 2010-08-01); without AlarmTypes only metric alarms come;
 * HistoryData is JSON in a string of at most 4095 characters, and may be cut.
 */
#ifndef ADAPTERS_AWS_ALARMS_H
#define ADAPTERS_AWS_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/aws.h"

struct alarm;

#define ALARMS_MAX 500         /* of one answer; more are said by `more` */
#define ALARMS_HISTORY_MAX 500 /* likewise */

struct aws_alarm { /* owned strings; NULL where absent */
	char *name, *arn, *state, *reason, *description;
	char *namespace_, *metric, *stat; /* of a plain metric alarm, or of the one metric that an alarm watches */
	char *dimensions;                 /* "InstanceId=i-1, ..." */
	char *rule;        /* composite: its rule; others: "GreaterThanThreshold 90 for 3 of 3 periods of 60 s", and
	                    * ", of m1 / m2" for a formula */
	int64_t since_ms;  /* in this state; 0: not told */
};

struct aws_alarms {
	struct aws_alarm *items; /* by name */
	size_t count;
	bool more;
};

struct aws_alarm_change {
	int64_t at_ms;
	char *from, *to, *reason; /* states; from may be NULL */
};

struct aws_alarm_history {
	struct aws_alarm_change *items; /* newest first */
	size_t count;
	bool more;
};

/* prefix of the name and state may be NULL: any. */
void alarms_list(struct aws *aws, const struct aws_target *target, const char *prefix, const char *state,
                 struct aws_alarms *alarms, struct done done);
/*
 * What the alarm of this very name watches and how it is set, as a notification of it would say: members of *alarm
 * (bot/alarm.h) but for state, reason, value and the like; a composite alarm's type and rule. Its own members are
 * freed first. ERR_NOT_FOUND: there is none.
 */
void alarms_find(struct aws *aws, const struct aws_target *target, const char *name, struct alarm *alarm,
                 struct done done);
/* State changes in [from_ms, until_ms). ERR_NOT_FOUND never: an unknown alarm has no history. */
void alarms_history(struct aws *aws, const struct aws_target *target, const char *name, int64_t from_ms,
                    int64_t until_ms, struct aws_alarm_history *history, struct done done);
void aws_alarms_free(struct aws_alarms *alarms);                 /* members */
void aws_alarm_history_free(struct aws_alarm_history *history); /* members */

#endif
