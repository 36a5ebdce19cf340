/*
 * prometheus.h - reading metrics from Prometheus' HTTP API (query_range), and from what speaks it: Amazon Managed
 * Prometheus (signed), Thanos, Mimir, VictoriaMetrics.
 *
 * Times are Prometheus' own, as every other tool shows them: a bucket's value is what the query gives at the moment the
 * bucket begins. A query that looks back, rate(x[5m]), so speaks of the time before.
 */
#ifndef ADAPTERS_PROMETHEUS_PROMETHEUS_H
#define ADAPTERS_PROMETHEUS_PROMETHEUS_H

#include "bot/err.h"
#include "bot/metric.h"

struct bot;
struct prometheus;

#define PROMETHEUS_SETTLE_MS 0
#define PROMETHEUS_AT_ONCE 4          /* requests to one entry */
#define PROMETHEUS_READ_MS 120000     /* then what has not begun fails; one request ends within 30 s */

/* All entries of the configuration; reads bot->config at each call. Uses bot->http and bot->worker; bot->aws signs. */
struct prometheus *prometheus_new(struct bot *bot);
/* What is under way completes with ERR_CANCELLED. Before http_client_free and aws_free. */
void prometheus_free(struct prometheus *prometheus);
/*
 * Each read's metric->source names its entry. As cloudwatch_read: every read gets its own result, done succeeds
 * also when some failed; reads are borrowed until done; progress may be NULL. A range of more points than a server
 * gives at once (PROMETHEUS_ASK_POINTS in ask.h) is asked for in parts; when some of them fail the result is
 * METRIC_PARTIAL. Of more than 16 million values in all, those that come late keep one series each.
 */
void prometheus_read(struct prometheus *prometheus, struct metric_read *reads, size_t count,
                     metric_progress_fn *progress, void *arg, struct done done);

#endif
