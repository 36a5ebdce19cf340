/*
 * alarm_metrics.h - what an alarm watches, as metrics that can be read: for its chart and for questions about it.
 */
#ifndef COMMANDS_ALARM_METRICS_H
#define COMMANDS_ALARM_METRICS_H

#include <stdbool.h>
#include <stddef.h>

struct alarm;
struct metric;

/* False: the alarm watches nothing that can be read (composite, PromQL, another program's). */
bool alarm_metrics_are_known(const struct alarm *alarm);
/* The metrics of such an alarm, those that only a formula needs hidden. The array is to be freed with metric_free of
 * each and free(). */
struct metric *alarm_metrics_take(const struct alarm *alarm, size_t *count);

#endif
