/*
 * cloudwatch_result.h - from the pieces that GetMetricData gives to the result of each read. Pure. Private to
 * adapters/aws.
 */
#ifndef ADAPTERS_AWS_CLOUDWATCH_RESULT_H
#define ADAPTERS_AWS_CLOUDWATCH_RESULT_H

#include "adapters/aws/cloudwatch_page.h"
#include "adapters/aws/cloudwatch_plan.h"

/*
 * Adds a piece to its query's series, on the query's grid; pages are numbered from 1. *room: buckets that the whole
 * reading may still take; a series for which there is none is left out.
 */
void cloudwatch_result_add(struct cloudwatch_query *query, struct cloudwatch_piece *piece, unsigned page, size_t *room);
/* An empty series on the query's grid: the read's own, unless it had to be a coarser one. */
void cloudwatch_result_empty(const struct cloudwatch_query *query, struct series *series);
/* Puts a value where it belongs; false: another metric's longer range brought it along. */
bool cloudwatch_result_place(const struct cloudwatch_query *query, const struct series *series, int64_t at_ms,
                             size_t *index);
/* A message about the whole call. */
void cloudwatch_result_note(struct cloudwatch_query *query, const char *note);
/* No more will come; region: where it was asked. err: why the call ended early; NULL: it did not. */
void cloudwatch_result_end(struct cloudwatch_query *query, const char *region, const struct err *err);

#endif
