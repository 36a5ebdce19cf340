/*
 * metric_math.h - which other metrics a formula of CloudWatch's metric math computes with.
 *
 * Facts: the User Guide's "Metric math syntax and functions": ids begin with a lower-case letter, functions and
 * their keywords with an upper-case one, text stands in single or double quotes; METRICS() stands for every metric of
 * the request. A Metrics Insights query (SELECT ...) names no ids.
 */
#ifndef BOT_METRIC_MATH_H
#define BOT_METRIC_MATH_H

#include <stdbool.h>
#include <stddef.h>

#define METRIC_MATH_MAX 2048 /* bytes of a formula */

/* A Metrics Insights query. */
bool metric_math_is_query(const char *expression);
/* METRICS() or METRICS("part of an id"): computes with whatever is asked for together with it. */
bool metric_math_uses_all(const char *expression);
#define METRIC_MATH_BAND "ANOMALY_DETECTION_BAND"
#define METRIC_MATH_BAND_WIDTH 2 /* CloudWatch's own, when the formula says none */
/*
 * ANOMALY_DETECTION_BAND(m1) or ANOMALY_DETECTION_BAND(m1, 2), and nothing else: what CloudWatch expects of m1, so many
 * standard deviations to either side. *id is borrowed from the expression, *length bytes; *width is above 0.
 */
bool metric_math_is_band(const char *expression, const char **id, size_t *length, double *width);
/* May come to several series: SEARCH, METRICS, a query that groups. */
bool metric_math_is_many(const char *expression);
/*
 * The next id at or behind *at (at first the formula's begin), which then stands behind it; NULL: no more. Ids that
 * are used twice come twice.
 */
const char *metric_math_next(const char **at, size_t *length);
/* What an id becomes when a formula goes to another place. */
struct metric_math_name {
	const char *old, *now;
	bool plain; /* a metric, not a formula: METRICS() stands for it */
};
/*
 * The formula with its ids renamed, and METRICS() written out as a list, so that it computes with the same as before
 * wherever it stands. NULL: it names an id that is not among them, which *unknown tells (borrowed from the
 * expression, *length bytes). free() the result.
 */
char *metric_math_rename(const char *expression, const struct metric_math_name *names, size_t count,
                         const char **unknown, size_t *length);
/* Whether the formula names this id, or uses all. */
bool metric_math_uses(const char *expression, const char *id);

#endif
