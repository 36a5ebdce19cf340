/*
 * matrix.h - the series of one metric, gathered from the answers to one query or to the parts of its range.
 *
 * Nothing here waits or knows the network; adding is heavy enough for a worker's thread. Facts: Prometheus' HTTP API,
 * "Range vectors" and "Format overview": {"status":"success","data":{"resultType":"matrix","result":[{"metric":
 * {label: value},"values":[[seconds, "value"], ...]}]},"warnings":[...]}. A value is a string, because it may be NaN or
 * infinite; those are gaps here, as are times that have no value (a series that ended is stale).
 */
#ifndef ADAPTERS_PROMETHEUS_MATRIX_H
#define ADAPTERS_PROMETHEUS_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct metric_result;
struct prometheus_matrix;

/* On the grid from_ms + n * step_ms, n < count. */
struct prometheus_matrix *prometheus_matrix_new(int64_t from_ms, int64_t step_ms, size_t count);
void prometheus_matrix_free(struct prometheus_matrix *matrix);
/*
 * The body of a success, NUL-terminated. Of more than METRIC_SERIES_MAX series the first ones in the order of their
 * labels are kept. ERR_REFUSED: it is no matrix; what came before the fault stays.
 */
bool prometheus_matrix_add(struct prometheus_matrix *matrix, const char *body, size_t length,
                           struct err *err) MUST_CHECK;
/* Something that the values lack, a sentence of one line. */
void prometheus_matrix_note(struct prometheus_matrix *matrix, const char *note);
/* Outcome, reason and series. The matrix is empty afterwards. query: for the reason of METRIC_EMPTY. */
void prometheus_matrix_finish(struct prometheus_matrix *matrix, const char *query, struct metric_result *result);

#endif
