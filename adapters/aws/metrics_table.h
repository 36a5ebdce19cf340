/*
 * metrics_table.h - metric definitions in a DynamoDB table (awsJson1.0, DynamoDB_20120810.Scan).
 *
 * One item a metric, all strings: awsService (the key: the title, and the id is made of it), namespace, metricName,
 * stat, period (seconds), unit, dateRange (days; checked only), and dimensions as JSON text
 * [{"ClusterName":"c"},...] or the pair dimensionsName and dimensionsValue. Numbers may be of DynamoDB's type N.
 *
 * Facts: the service model of DynamoDB (2012-08-10): a page may be empty although more follows; the end is where
 * LastEvaluatedKey is absent.
 */
#ifndef ADAPTERS_AWS_METRICS_TABLE_H
#define ADAPTERS_AWS_METRICS_TABLE_H

#include "adapters/aws/aws.h"
#include "bot/metric.h"

#define METRICS_TABLE_MAX 500

struct metrics_table {
	struct metric *metrics; /* ordered by id; no limits of what is normal: the table has none */
	size_t count;
	/* "item alb-latency: period \"x\" is no number of seconds; ...": such items are left out. */
	char **problems;
	size_t problem_count;
};
void metrics_table_free(struct metrics_table *table); /* members; may be all zero */
/* ERR_NOT_FOUND: there is no such table. At most METRICS_TABLE_MAX items; that there are more is a problem. */
void metrics_table_read(struct aws *aws, const struct aws_target *target, const char *name, struct metrics_table *out,
                        struct done done);

#endif
