/*
 * cloudwatch.h - reading metrics by GetMetricData, in CloudWatch's JSON protocol (awsJson1.0,
 * GraniteServiceVersion20100801, query-compatible: X-Amzn-Query-Mode).
 *
 * Facts: the service model of CloudWatch (monitoring, 2010-08-01) and GetMetricData's reference: at most 500 queries
 * and 100,800 values a call; pages spread one query's values; NextToken comes with PartialData; finer values are kept
 * for less long (cloudwatch_plan.h).
 */
#ifndef ADAPTERS_AWS_CLOUDWATCH_H
#define ADAPTERS_AWS_CLOUDWATCH_H

#include "adapters/aws/aws.h"
#include "bot/metric.h"

/* How long after a bucket's end its value may still be missing or change. */
#define CLOUDWATCH_SETTLE_MS 60000

/*
 * Reads all of them with as few calls as the limits allow (one account, region and range share calls); answers
 * are read on bot->worker, which must not end before aws. Every read gets its result; a metric that fails does
 * not touch the others. done: success also when some or all failed, ERR_CANCELLED at aws_free (results are of
 * no use then). reads: borrowed until done. progress may be NULL.
 *
 * - An expression's inputs must be among the reads, with its account, region, period and range. A hidden metric
 *   is computed with and not fetched: its result is METRIC_COMPLETE without series.
 * - A period that is too fine for the age of the range becomes coarser: the result is METRIC_PARTIAL, says so, and its
 *   series have that step, on multiples of it. What is only a little too old is a gap at the beginning instead.
 * - What CloudWatch expects of a metric with an anomaly_band is read along; that it is not there costs nothing else.
 * - One series has no label; several have CloudWatch's.
 */
void cloudwatch_read(struct aws *aws, struct metric_read *reads, size_t count, metric_progress_fn *progress, void *arg,
                     struct done done);

#endif
