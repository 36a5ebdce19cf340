/*
 * log_series.h - metrics from logs: queries of Logs Insights whose rows are series, read through logs.h.
 *
 * What scans costs, so little is asked for. A look reads day by day, the newest first, back to read.fresh_from_ms; what
 * an earlier look of this process read of older buckets is remembered (log_memory.h), as far back as read.from_ms. The
 * queries of one reading scan at most metric.max_scan bytes together; the one that would pass it is stopped, and what
 * was read until then counts. Two queries of one look run at once; the others that logs.h allows are left to
 * people's questions.
 *
 * A bucket without a row is zero for what counts (bot/log_query.h), and a gap for an average; it is a gap, too, where
 * nothing was read.
 */
#ifndef ADAPTERS_AWS_LOG_SERIES_H
#define ADAPTERS_AWS_LOG_SERIES_H

#include "adapters/aws/aws.h"
#include "bot/metric.h"

#define LOG_SERIES_SETTLE_MS 120000            /* logs arrive late */
#define LOG_SERIES_BASELINE_MS INT64_C(259200000) /* metric.baseline_ms where it is 0: three days */
#define LOG_SERIES_SCAN (INT64_C(1) << 30)     /* metric.max_scan where it is 0: 1 GiB */

/* As cloudwatch_read (cloudwatch.h): every read gets its result, done succeeds also when some failed. */
void log_series_read(struct aws *aws, struct metric_read *reads, size_t count, metric_progress_fn *progress, void *arg,
                     struct done done);

#endif
