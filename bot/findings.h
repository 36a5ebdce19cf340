/*
 * findings.h - what an operator should know about metrics: computed, never guessed. docs/FINDINGS.md explains it.
 *
 * Pure: no clock, no network, no globals; runs on a worker. The judged range is compared with the baseline
 * before it. One finding an episode. Every number and time in a text stands in the finding or in the data.
 */
#ifndef BOT_FINDINGS_H
#define BOT_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/metric.h"
#include "bot/series.h"

struct zone;

enum finding_kind {
	FINDING_LIMIT,         /* outside the configured normal range */
	FINDING_SUDDEN,        /* a sudden change: spike or drop that ends, or still lasts */
	FINDING_LEVEL_SHIFT,   /* another level since then, to the end of what is judged */
	FINDING_SLOW_CHANGE,   /* robust trend over days; time to the limit where there is one */
	FINDING_MISSING,       /* data that should be there is not */
	FINDING_FLAT,          /* a series that always moved stands still */
	FINDING_BAND,          /* outside of what CloudWatch's anomaly detection expects, and none of the above */
	FINDING_RECURRING,     /* outstanding, but so it is at that hour of other days or weeks: no anomaly */
	FINDING_TOGETHER,      /* two series move together, in this order; never a cause */
	FINDING_LOAD,          /* does growth of requests explain growth of latency? says yes, partly, or no */
};
/* "limit", "sudden_change", "level_shift", "slow_change", "missing_data", "flat_line", "outside_band", "recurring",
 * "moves_together", "load". */
const char *finding_kind_name(enum finding_kind kind);
/* Worth a person's attention: not FINDING_RECURRING, FINDING_TOGETHER, FINDING_LOAD. */
bool finding_is_abnormal(enum finding_kind kind);

#define FINDING_NONE ((size_t)-1)

struct finding {
	char id[8];      /* "F1", "F2"...: by strength within the abnormal ones, then the others */
	enum finding_kind kind;
	size_t subject;  /* index into the input */
	size_t other;    /* the second series of TOGETHER and LOAD; else FINDING_NONE */
	int64_t from_ms, to_ms; /* the episode: begin of its first bucket, end of its last one */
	int64_t at_ms;   /* begin of the bucket that `value` is of */
	double strength; /* 0 ... 1; 0.5 is the least that is reported as abnormal */
	double value;    /* the episode's most outstanding value, new level, rate a day, correlation ...; NaN: none */
	double expected; /* what was to be expected at that time; NaN: none */
	double limit;    /* the normal range's limit that counts; NaN: none */
	int64_t lag_ms;  /* TOGETHER: how much later `other` moves than `subject` */
	char *text;      /* one or two plain sentences with numbers, unit and times in the zone; owned */
};

struct findings_subject {
	const char *title; /* "ALB target response time" or with its label */
	const char *unit;  /* for people, "Seconds"; NULL: none */
	bool load;         /* counts requests: whether its growth explains latency is asked */
	bool latency;      /* is a time to answer */
	bool unread;       /* a gap may be a value that was not read: that data is missing is not said */
	double normal_below, normal_above; /* NaN: none */
	bool limit_is_normal; /* what is at its limit is within it */
	const struct series *series;       /* baseline and judged range */
	const struct series *band_low, *band_high; /* what CloudWatch expects, on the same grid; NULL: not known */
};

struct findings_range {
	int64_t from_ms, to_ms;  /* what is judged; what lies before is the baseline */
	const struct zone *zone; /* for hours, weekdays and texts; NULL: UTC */
};

struct findings {
	struct finding *items; /* abnormal ones first, strongest first */
	size_t count;
};

/* Subjects and what they point to are borrowed during the call. */
void findings_find(struct findings *findings, const struct findings_subject *subjects, size_t count,
                   const struct findings_range *range);
struct findings_band {
	struct series low, high;
};
/* The same, and what is to be expected of each subject, as findings_expected has it, at hardly any further cost. bands:
 * one for each; the caller frees their members. */
void findings_find_bands(struct findings *findings, const struct findings_subject *subjects, size_t count,
                         const struct findings_range *range, struct findings_band *bands);
void findings_free(struct findings *findings); /* members */

/* What is to be expected of a series in [from_ms, to_ms) by its baseline, a band for the chart; low and high on the
 * series' grid over that range, NaN where nothing is known. The caller frees them. */
void findings_expected(const struct series *series, const struct findings_range *range, struct series *low,
                       struct series *high);

/* "0.196 s", "11 requests", "1.2 GB", "93 %": a value as people read it, by CloudWatch's and Prometheus' unit words
 * (Seconds, Milliseconds, Percent, Bytes, Bytes/Second, Count, Count/Second, None...); others behind the number as
 * they are. free() it. */
char *finding_quantity(double value, const char *unit);

#endif
