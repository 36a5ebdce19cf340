/*
 * cloudwatch_page.h - one answer to GetMetricData, read from its text. Pure; may run on any thread. Private to
 * adapters/aws.
 *
 * Facts: GetMetricData's reference; in the JSON protocol times are numbers of seconds, and what is no JSON number is
 * the text "NaN", "Infinity" or "-Infinity".
 */
#ifndef ADAPTERS_AWS_CLOUDWATCH_PAGE_H
#define ADAPTERS_AWS_CLOUDWATCH_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/aws/cloudwatch_plan.h"
#include "bot/err.h"
#include "bot/series.h"

#define CLOUDWATCH_RESULTS_MAX 5000 /* of one page: many times more than there are queries */

/* One result: a part of one series. */
struct cloudwatch_piece {
	char *id, *label; /* label NULL: none */
	unsigned repeat;  /* how many earlier pieces of the page have this id and label */
	enum cloudwatch_status status;
	char *note;       /* messages; NULL: none */
	struct series_point *points; /* gaps (NaN) left out */
	size_t count;
	size_t odd; /* values and times that are none, or lack their partner */
};

struct cloudwatch_page {
	struct cloudwatch_piece *pieces;
	size_t count;
	char *token; /* of the next page; NULL: this is the last */
	char *note;  /* messages about the whole call; NULL: none */
};

/* ERR_RETRY: this is no answer to GetMetricData. */
bool cloudwatch_page_read(struct cloudwatch_page *page, const char *body, size_t length, struct err *err) MUST_CHECK;
void cloudwatch_page_free(struct cloudwatch_page *page); /* members; may be all zero */

#endif
