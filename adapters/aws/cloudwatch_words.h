/*
 * cloudwatch_words.h - whether CloudWatch can know a metric of such words. Private to adapters/aws.
 *
 * Facts: the references of MetricDatum and Dimension: names of 1 to 255 characters, values of 1 to 1,024, ASCII without
 * control characters, not only blanks, no name begins with a colon. One metric that breaks this is refused with the
 * whole call.
 */
#ifndef ADAPTERS_AWS_CLOUDWATCH_WORDS_H
#define ADAPTERS_AWS_CLOUDWATCH_WORDS_H

#include <stdbool.h>

#include "bot/metric.h"

/* False: the result says which word is wrong. An expression is CloudWatch's own to judge. */
bool cloudwatch_words_check(const struct metric *metric, struct metric_result *result);

#endif
