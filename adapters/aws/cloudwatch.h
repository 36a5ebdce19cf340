/*
 * cloudwatch.h - reading metrics by GetMetricData (CloudWatch's JSON protocol, awsJson1.0, GraniteServiceVersion20100801).
 *
 * Facts: the service model of CloudWatch (monitoring, 2010-08-01): at most 500 queries and 100,800 points a call; the
 * pages of one call spread one query's values; NextToken comes with PartialData results; periods are limited by age.
 */
#ifndef ADAPTERS_AWS_CLOUDWATCH_H
#define ADAPTERS_AWS_CLOUDWATCH_H

#include "adapters/aws/aws.h"
#include "bot/metric.h"

/* How long after a bucket's end its value may still be missing or change. */
#define CLOUDWATCH_SETTLE_MS 60000

/*
 * Reads all of them with as few calls as the limits allow (one account, region and range share calls). Every read gets
 * its result; a metric that fails does not touch the others. done: success also when some or all failed, ERR_CANCELLED at
 * aws_free. reads: borrowed until done. A period that is too fine for the age of the range is made
 * coarser, and the result says so (METRIC_PARTIAL). progress may be NULL.
 */
void cloudwatch_read(struct aws *aws, struct metric_read *reads, size_t count, metric_progress_fn *progress, void *arg,
                     struct done done);

#endif
