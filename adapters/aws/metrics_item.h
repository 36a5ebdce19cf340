/* metrics_item.h - one item of the table to a metric. Pure. Private to adapters/aws. */
#ifndef ADAPTERS_AWS_METRICS_ITEM_H
#define ADAPTERS_AWS_METRICS_ITEM_H

#include <stdbool.h>

#include "bot/metric.h"

struct json_object;

/*
 * An item as Scan gives it: {"awsService":{"S":"alb-latency"},...}. False: *problem (the caller's) names it and says
 * what is wrong and what to do, in one line fit for chat.
 */
bool metrics_item_read(struct metric *metric, struct json_object *item, char **problem);

#endif
