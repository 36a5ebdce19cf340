/*
 * cloudwatch_plan.h - which calls of GetMetricData read a set of metrics: as few as its limits allow. Pure.
 * Private to adapters/aws.
 *
 * Facts: GetMetricData's reference and the limits of CloudWatch: 500 queries a call, 100,800 values (beyond them
 * there are pages), one Metrics Insights query a call; values of less than a minute are kept for 3 hours, of a
 * minute for 15 days, of five minutes for 63 days, of an hour for 455 days, and whoever asks for finer ones gets
 * nothing, without an error.
 */
#ifndef ADAPTERS_AWS_CLOUDWATCH_PLAN_H
#define ADAPTERS_AWS_CLOUDWATCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/metric.h"

#define CLOUDWATCH_QUERIES_MAX 500
#define CLOUDWATCH_POINTS_MAX 100800
#define CLOUDWATCH_ID_SIZE 256
#define CLOUDWATCH_BAND_SIZE (CLOUDWATCH_ID_SIZE + 60)

enum cloudwatch_status { /* of a result, the worse the later */
	CLOUDWATCH_UNMENTIONED,
	CLOUDWATCH_COMPLETE,
	CLOUDWATCH_PART,     /* PartialData */
	CLOUDWATCH_BROKEN,   /* InternalError */
	CLOUDWATCH_DENIED,   /* Forbidden */
};

/* One metric on its way, or the band of one (what CloudWatch expects of it): what is asked for it, and
 * (cloudwatch_result.h) what has come so far. */
struct cloudwatch_query {
	struct metric_read *read;
	/* Later than the read's where nothing as old is kept; all on a coarser grid where that would lose much. */
	int64_t from_ms, to_ms, period_ms;
	bool coarser;
	bool settled; /* has its result already: in no call */
	size_t unit;  /* the same for a formula and all that it computes with, for a metric and its band */
	bool band;
	size_t of;    /* a band's: the index of its metric's query */
	/* What has come. */
	enum cloudwatch_status status;
	unsigned page;       /* that the status is from */
	size_t odd;          /* values that are none */
	bool known;          /* there are values */
	char *note;          /* CloudWatch's own message about it; NULL: none */
	char **dropped;      /* labels beyond METRIC_SERIES_MAX */
	size_t dropped_count;
};

struct cloudwatch_call {
	size_t *queries; /* indices, units together */
	size_t count;
	int64_t from_ms, to_ms; /* holds all of the queries' */
	size_t points;
	bool formulas;   /* ids are the metrics' own, because formulas name them; else "m0", "m1"... */
	bool alone;      /* METRICS(): nothing else may be in it */
	unsigned insights;
};

struct cloudwatch_plan {
	struct cloudwatch_query *queries; /* one a read, in their order; behind them those of the bands */
	size_t read_count, count;
	struct cloudwatch_call *calls;
	size_t call_count;
};

/* Reads that cannot be asked for get their result here. reads are borrowed as long as the plan. */
void cloudwatch_plan_make(struct cloudwatch_plan *plan, struct metric_read *reads, size_t count, int64_t now_ms);
void cloudwatch_plan_free(struct cloudwatch_plan *plan);
/*
 * Moves the second half of a call into a new one at the end of the plan (pointers to calls move): one metric that
 * CloudWatch refuses must not cost the others. False: it is one unit.
 */
bool cloudwatch_plan_split(struct cloudwatch_plan *plan, size_t call);
/* The id of a call's query. */
void cloudwatch_plan_id(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call, size_t position,
                        char id[CLOUDWATCH_ID_SIZE]);

/* "ANOMALY_DETECTION_BAND(m0, 2)" of a band that stands in this call. */
void cloudwatch_plan_band(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call, size_t position,
                          char expression[CLOUDWATCH_BAND_SIZE]);
/* The index of the call's query that has this id; plan->count: none has. */
size_t cloudwatch_plan_find(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call, const char *id);

#endif
