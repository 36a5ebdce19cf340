/*
 * cloudwatch_band.h - what CloudWatch expects of a metric (ANOMALY_DETECTION_BAND), from the pieces that GetMetricData
 * gives. Pure. Private to adapters/aws.
 *
 * Facts: GetMetricData's reference and "Using CloudWatch anomaly detection": the function returns two series, the
 * band's upper and lower edge, whose order and labels nothing documents; without a trained model they are empty.
 */
#ifndef ADAPTERS_AWS_CLOUDWATCH_BAND_H
#define ADAPTERS_AWS_CLOUDWATCH_BAND_H

#include "adapters/aws/cloudwatch_page.h"
#include "adapters/aws/cloudwatch_plan.h"

/* Adds a piece of either edge to its metric's result: of the values of one bucket the least and the greatest count. */
void cloudwatch_band_add(struct cloudwatch_query *query, const struct cloudwatch_piece *piece, size_t *room);
/* After its metric's end: whatever the band did, the metric's outcome stays. */
void cloudwatch_band_end(struct cloudwatch_query *query, const struct err *err);

#endif
