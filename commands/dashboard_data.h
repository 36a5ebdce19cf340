/*
 * dashboard_data.h - what one look at a dashboard is made of: its metrics, what was read of them, what was
 * found, its pictures. In memory only; after a crash it is read again.
 *
 * The order: dashboard_data_new, dashboard_data_take_table and _take_alarms (definitions from elsewhere, if any),
 * dashboard_data_plan, the reads are carried out, dashboard_data_judge, then dashboard_data_draw as often as needed.
 */
#ifndef COMMANDS_DASHBOARD_DATA_H
#define COMMANDS_DASHBOARD_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/alarm_lines.h"
#include "adapters/aws/metrics_table.h"
#include "bot/err.h"
#include "bot/findings.h"
#include "bot/metric.h"

struct config_dashboard;
struct zone;

#define DASHBOARD_OVERVIEW FINDING_NONE /* for dashboard_data_draw: the small multiples */

/* One series that is judged. */
struct dashboard_subject {
	size_t metric;  /* index */
	char *title;    /* the metric's, with the series' label where there are several */
	struct series low, high; /* what is to be expected over the judged range */
};

struct dashboard_data {
	char *name;
	struct zone *zone;
	int64_t from_ms, until_ms; /* what is judged */
	int64_t baseline_ms;       /* how long before it */
	struct metric *metrics;    /* in the dashboard's order */
	size_t metric_count;
	struct metrics_table table;
	char *no_table;            /* a sentence: its metrics are missing; NULL: they are not */
	struct alarm_lines alarms;
	char *no_alarms;           /* likewise */
	struct metric_read *reads; /* one a metric: those of CloudWatch first, then Prometheus', then those of logs */
	size_t cloudwatch_count, prometheus_count; /* of them */
	size_t *read_of;           /* metric: index of its read */
	struct dashboard_subject *subjects;
	struct findings_subject *inputs; /* of the subjects, in the same order */
	size_t subject_count;
	struct findings findings;
	size_t drawn;              /* what dashboard_data_draw draws: DASHBOARD_OVERVIEW, or a finding's index */
	unsigned char *png;
	size_t png_size;
	char *alt;                 /* the picture in words */
};

/* What is judged ends at until_ms. ERR_USAGE: its time zone cannot be read. */
struct dashboard_data *dashboard_data_new(const struct config_dashboard *dashboard, int64_t until_ms,
                                          struct err *err) MUST_CHECK;
void dashboard_data_free(struct dashboard_data *data); /* may be NULL */
void dashboard_data_no_table(struct dashboard_data *data, const char *why); /* it could not be read */
/* The table's definitions behind the configured ones; of two with one id the configured one counts. */
void dashboard_data_take_table(struct dashboard_data *data);
void dashboard_data_no_alarms(struct dashboard_data *data, const char *why); /* they could not be listed */
/* What the alarms watch, behind all others. A metric that is there already stays as it is: it only gets an alarm's
 * limit, or band, when it has none. region: what a metric without one is read from; NULL: unknown. */
void dashboard_data_take_alarms(struct dashboard_data *data, const char *region);
/* Lays out the reads. ERR_USAGE: it would be too much; the text says what to change. */
bool dashboard_data_plan(struct dashboard_data *data, int64_t now_ms, struct err *err) MUST_CHECK;
/* Leaves so many series to each metric that all of them have at most so many buckets, at least one; the rest counts as
 * left out. Part of dashboard_data_judge. */
void dashboard_data_fit(struct dashboard_data *data, size_t buckets);
/* For the worker: subjects, findings, bands. arg: the data. */
bool dashboard_data_judge(void *arg, struct err *err);
/* For the worker: the picture of data->drawn (commands/dashboard_picture.c). arg: the data. */
bool dashboard_data_draw(void *arg, struct err *err);

/* Gives the memory of the values back: findings and what is said stay, pictures cannot be drawn any more. */
void dashboard_data_drop_values(struct dashboard_data *data);
bool dashboard_data_has_values(const struct dashboard_data *data);

/* Abnormal findings. */
size_t dashboard_data_abnormal(const struct dashboard_data *data);
const struct metric_result *dashboard_data_result(const struct dashboard_data *data, size_t metric);
/* Whether all that the dashboard is about was judged. */
bool dashboard_data_is_whole(const struct dashboard_data *data);
/* Visible metrics that could be read at least in part, and all visible ones. */
void dashboard_data_count(const struct dashboard_data *data, size_t *readable, size_t *visible);

#endif
