/*
 * alarm_lines.h - what alarms watch, as metrics to be read: DescribeAlarms.
 *
 * An alarm of one metric is one metric, with the alarm's threshold as its limit. An alarm of a formula is the formula,
 * with what it computes with as hidden metrics before it; their ids are renamed, so that several alarms fit beside one
 * another. One that compares with what CloudWatch expects (ANOMALY_DETECTION_BAND) is its metric, without a limit and
 * with that band.
 * Composite alarms watch no metric, and are named as a problem.
 *
 * Facts: the service model of CloudWatch (monitoring, 2010-08-01): MetricAlarm, MetricDataQuery, ComparisonOperator.
 */
#ifndef ADAPTERS_AWS_ALARM_LINES_H
#define ADAPTERS_AWS_ALARM_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/aws/aws.h"
#include "bot/metric.h"

#define ALARM_LINES_MAX 100 /* alarms of one reading; that there are more is a problem */

struct alarm_line {
	char *alarm;            /* its name */
	struct metric *metrics; /* the one that it watches is the last */
	size_t count;           /* at least 1 */
};

struct alarm_lines {
	struct alarm_line *items; /* by name */
	size_t count;
	char **problems; /* sentences: what was left out, and why */
	size_t problem_count;
};
void alarm_lines_free(struct alarm_lines *lines); /* members; may be all zero */

/*
 * The alarms whose name one of the globs (ended by NULL) matches, each once. Reads fail one by one: a list that breaks
 * off is a problem; an error only when nothing could be listed.
 */
void alarm_lines_read(struct aws *aws, const struct aws_target *target, const char *const *globs,
                      struct alarm_lines *out, struct done done);

#endif
