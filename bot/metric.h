/*
 * metric.h - what a dashboard's line asks for, and what reading it gave; independent of the source.
 */
#ifndef BOT_METRIC_H
#define BOT_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/config_list.h"
#include "bot/err.h"
#include "bot/series.h"

struct json_object;

#define METRIC_SERIES_MAX 20 /* of one metric; of more, the first ones by label are kept and it is said */
#define METRIC_SOURCE_CLOUDWATCH "cloudwatch"
#define METRIC_SOURCE_LOGS "logs" /* CloudWatch Logs Insights */
#define METRIC_DIMENSIONS_MAX 30 /* CloudWatch's */

/* Owned strings; NULL where absent. Shape and limits: docs/CONFIGURATION.md, dashboards[].metrics[]. */
struct metric {
	char *id;    /* unique within its dashboard: ^[a-z][A-Za-z0-9_]*$ */
	char *title; /* for people; NULL: metric_title makes one */
	char *source; /* "cloudwatch", "logs" or the name of a prometheus entry; never NULL */
	char *query;  /* Prometheus: PromQL; logs: a query of Logs Insights whose rows are series (bot/log_query.h) */
	struct config_list log_groups;    /* logs: their names */
	int64_t baseline_ms;              /* logs: how far back is scanned at most; 0: a default */
	int64_t max_scan;                 /* logs: bytes that one reading may scan; 0: a default */
	char *namespace_, *metric, *stat; /* CloudWatch; stat "Average", "p90" ... */
	char *expression; /* CloudWatch: metric math over ids of the same dashboard, a search or a query; then
	                   * no namespace_ */
	struct json_object *dimensions;   /* {"LoadBalancer":"app/web/..."}; owned; NULL: none */
	char *account, *region;           /* CloudWatch and logs; NULL: the program's own */
	char *unit;                       /* for display; never sent as a filter */
	char *about;                      /* what it means, in a sentence */
	int64_t period_ms;                /* of a bucket */
	double normal_below, normal_above; /* the limits of what is normal; NaN: none */
	bool limit_is_normal;             /* the limit itself is, as to an alarm for what is *greater than* it */
	double anomaly_band;              /* CloudWatch: so many standard deviations wide is what CloudWatch expects
	                                   * of it, which is read along; 0: it is not; NaN: nobody said */
	bool hidden;                      /* read only because an expression needs it; not shown or judged */
};
/* CloudWatch has values of this period: 1, 5, 10, 20, 30 s, or whole minutes up to a day. */
bool metric_is_cloudwatch_period(int64_t period_ms);
/* The nearest of them that is not shorter, for a number of seconds that may be anything; at most a week. */
int64_t metric_fit_period_ms(int64_t period_s);
/* The same dimensions, in any order; NULL: none. */
bool metric_same_dimensions(struct json_object *a, struct json_object *b);
/* "ALB latency" to "aLB_latency": an id, not yet unique; at most METRIC_ID_MAX bytes. free() it. */
char *metric_id_of(const char *name);
#define METRIC_ID_MAX 200
/* The title, or "CPUUtilization i-123 (Average)", or the query. free() it. */
char *metric_title(const struct metric *metric);
void metric_copy(struct metric *to, const struct metric *from);
void metric_free(struct metric *metric); /* members */

enum metric_outcome {
	METRIC_COMPLETE,
	METRIC_PARTIAL, /* there are values, and `why` says what is missing */
	METRIC_EMPTY,   /* the source answered, without a value; `why` says what was asked */
	METRIC_FAILED,  /* `why` is a sentence with what to do */
};

struct metric_series {
	char *label; /* what tells it from the metric's others: "instance=a"; NULL where there is but one */
	struct series series;
};

struct metric_result {
	enum metric_outcome outcome;
	char *why;                     /* NULL when METRIC_COMPLETE */
	struct metric_series *series;  /* ordered by label */
	size_t count;
	size_t left_out;               /* series beyond METRIC_SERIES_MAX */
	struct series band_low, band_high; /* what CloudWatch expects of the one series, on its grid; count 0: none */
	char *no_band;                 /* a sentence: why that is missing, or a part of it; NULL: it is not, or nobody
	                                * asked. Of no meaning without a series */
	bool misasked;                 /* METRIC_FAILED by its own query or name, which the source cannot read */
	bool unread;                   /* a gap may be a value that is there and was not read */
};
void metric_series_free(struct metric_series *series); /* members */
void metric_result_free(struct metric_result *result); /* members; may be all zero */
/* METRIC_FAILED with this sentence; frees what it held. */
void metric_result_fail(struct metric_result *result, const char *format, ...) PRINTF(2, 3);

/*
 * One metric to read over [from_ms, to_ms), both multiples of its period, to_ms not later than the end of the
 * last complete bucket (metric_range). The result's series lie on the grid from_ms + n * period, all of
 * it: what the source did not give is a gap. Only where `why` says that the source keeps no values as fine is
 * their grid a coarser one (series.step_ms).
 */
struct metric_read {
	const struct metric *metric; /* borrowed until done */
	int64_t from_ms, to_ms;
	int64_t fresh_from_ms; /* logs: what is older is only remembered, never asked for */
	struct metric_result result;
};
/*
 * Rounds outwards at the beginning and down at the end; a bucket that ended less than `settle_ms` before now_ms
 * is not complete yet. Nothing is left when the range is too short: to_ms == from_ms. Times are positive.
 */
void metric_range(const struct metric *metric, int64_t from_ms, int64_t until_ms, int64_t now_ms,
                  int64_t settle_ms, struct metric_read *read);

/* Told whenever some metrics of a read are finished: how many of how many. */
typedef void metric_progress_fn(void *arg, size_t finished, size_t count);

#endif
