/*
 * prometheus.h - reading metrics from Prometheus' HTTP API (query_range), and from what speaks it: Amazon Managed
 * Prometheus (signed), Thanos, Mimir, VictoriaMetrics.
 */
#ifndef ADAPTERS_PROMETHEUS_PROMETHEUS_H
#define ADAPTERS_PROMETHEUS_PROMETHEUS_H

#include "bot/err.h"
#include "bot/metric.h"

struct bot;
struct prometheus;

#define PROMETHEUS_SETTLE_MS 0

/* All entries of the configuration; reads bot->config at each call. Uses bot->aws to sign. */
struct prometheus *prometheus_new(struct bot *bot);
void prometheus_free(struct prometheus *prometheus); /* what is under way completes with ERR_CANCELLED */
/*
 * Each read's metric->source names its entry. As cloudwatch_read: every read gets its own result, done succeeds also when
 * some failed; reads are borrowed until done; progress may be NULL.
 */
void prometheus_read(struct prometheus *prometheus, struct metric_read *reads, size_t count,
                     metric_progress_fn *progress, void *arg, struct done done);

#endif
