/* alarm_lines_take.h - one alarm of DescribeAlarms to a line. Pure. Private to adapters/aws. */
#ifndef ADAPTERS_AWS_ALARM_LINES_TAKE_H
#define ADAPTERS_AWS_ALARM_LINES_TAKE_H

#include <stdbool.h>

#include "adapters/aws/alarm_lines.h"

struct json_object;

/*
 * A MetricAlarm, which has a name. Account and region: of its metrics, as they were asked for; NULL: our own. False:
 * *why is a reason that follows the alarm's name, the caller's.
 */
bool alarm_lines_take(struct alarm_line *line, struct json_object *alarm, const struct aws_target *target, char **why);
void alarm_line_free(struct alarm_line *line); /* members */

#endif
