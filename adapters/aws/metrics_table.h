/*
 * metrics_table.h - metric definitions in a DynamoDB table (awsJson1.0, DynamoDB_20120810.Scan).
 *
 * One item a metric, all strings: awsService (the key, becomes the id), namespace, metricName, stat, period (seconds),
 * unit, dateRange (days), and dimensions as JSON text [{"ClusterName":"c"},...] or the pair dimensionsName and dimensionsValue.
 */
#ifndef ADAPTERS_AWS_METRICS_TABLE_H
#define ADAPTERS_AWS_METRICS_TABLE_H

#include "adapters/aws/aws.h"
#include "bot/metric.h"

#define METRICS_TABLE_MAX 500

struct metrics_table {
	struct metric *metrics; /* ordered by id */
	size_t count;
	char **problems;        /* "item alb-latency: period \"x\" is not a number of seconds; ...": such items are left out */
	size_t problem_count;
};
void metrics_table_free(struct metrics_table *table); /* members; may be all zero */
void metrics_table_read(struct aws *aws, const struct aws_target *target, const char *name, struct metrics_table *out,
                        struct done done);

#endif
