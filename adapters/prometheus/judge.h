/*
 * judge.h - what an answer of Prometheus that is no success means, in words: the one place that reads statuses.
 *
 * Facts: Prometheus' HTTP API, "Format overview": 400 bad parameters, 422 cannot be executed, 503 timed out or aborted;
 * {"status":"error","errorType":...,"error":...}. Amazon Managed Prometheus refuses as AWS does.
 */
#ifndef ADAPTERS_PROMETHEUS_JUDGE_H
#define ADAPTERS_PROMETHEUS_JUDGE_H

#include <stdbool.h>

#include "bot/err.h"

struct http_answer;

/* Exactly one of answer and err is set. False fills *why, a sentence that begins with the entry's name. */
bool prometheus_judge(const char *entry, bool signed_, const struct http_answer *answer, const struct err *err,
                      struct err *why) MUST_CHECK;
/* The credentials of a signed request are over; new ones may do. */
bool prometheus_judge_expired(const struct http_answer *answer);

#endif
