/*
 * check_metrics.h - `tocsin check --live` for metrics: whether CloudWatch, DynamoDB and Prometheus give what a
 * dashboard reads.
 */
#ifndef COMMANDS_CHECK_METRICS_H
#define COMMANDS_CHECK_METRICS_H

#include "bot/err.h"

struct bot;
struct config_dashboard;
struct metric;

/* Whether metrics of an account (NULL: our own) may be read; alarms' charts need it. ERR_REFUSED: they may not. */
void check_metrics_account(struct bot *bot, const char *account, struct done done);
/*
 * Reads a dashboard's definitions (table and alarms, if it has any), and a day of its metrics. *good: a line about
 * what can be read. *wrong: what cannot, a line each, which ends with "\n". Both are the caller's. Error: nothing
 * can be read. The dashboard is borrowed until this has returned. Metrics from logs are not
 * read: what they scan costs.
 */
void check_metrics_dashboard(struct bot *bot, const struct config_dashboard *dashboard, char **good, char **wrong,
                             struct done done);
/* Whether a metric from logs may be read, by requests that are refused for their form (may.h): of its first group
 * only. */
void check_metrics_logs(struct bot *bot, const struct metric *metric, struct done done);

#endif
