/*
 * briefing_private.h - what the parts of a briefing share; for commands/briefing*.c alone, and their tests.
 *
 * briefing.c reads, briefing_choose.c says what; briefing_values.c computes what a series did; briefing_text.c
 * words it for a model, briefing_evidence.c for the check, briefing_plain.c for people.
 */
#ifndef COMMANDS_BRIEFING_PRIVATE_H
#define COMMANDS_BRIEFING_PRIVATE_H

#include "adapters/aws/metrics_table.h"
#include "bot/metric.h"
#include "bot/question.h"
#include "bot/zone.h"
#include "commands/briefing.h"
#include "commands/dashboard_data.h"

#define BRIEFING_BASELINE_MS (14 * 24 * 3600 * 1000LL) /* of an alarm's metrics, as dashboards have it */
#define BRIEFING_BEFORE_MS (3600 * 1000LL)             /* at least so much before the range is shown, too */

/* Where metrics come from: a dashboard, or the alarm of the thread's incident. */
struct briefing_place {
	char *name;
	int64_t baseline_ms;
	char *table; /* of metrics; NULL: none */
	bool is_alarm;
	struct metrics_table read;
	char *no_table; /* why it could not be read */
};

struct briefing_candidate {
	struct metric metric;
	size_t place;
	double score;        /* how well it suits the question */
	bool watched;        /* by the alarm of the thread's incident */
	bool chosen, needed; /* needed: an expression that is chosen computes with it */
};

struct briefing_look {
	struct briefing *briefing;
	size_t place;
	struct dashboard_data *data;
	char *why;       /* it could not be read at all; NULL: it was */
	size_t finished; /* metrics */
};

struct briefing {
	struct bot *bot;
	char *question, *earlier; /* earlier may be NULL */
	int64_t now_ms;
	char *timezone;
	struct zone *zone;
	struct question range;
	struct briefing_place *places;
	size_t place_count;
	struct briefing_candidate *candidates;
	size_t candidate_count;
	size_t chosen;      /* of them */
	size_t left_out;    /* visible ones that suit, and are too many */
	bool names_nothing; /* no metric suits */
	struct briefing_look *looks;
	size_t look_count, next, running;
	size_t next_table;
	struct err failed; /* ERR_NONE: not */
	metric_progress_fn *progress;
	void *arg;
	struct done done;
};

/* briefing_choose.c */
void briefing_add_candidate(struct briefing *briefing, size_t place, const struct metric *metric);
void briefing_choose(struct briefing *briefing);
/* One look a place with chosen metrics; nothing is read yet. */
void briefing_make_looks(struct briefing *briefing);
/* Whether the metric suits the question, and is not only read along. */
bool briefing_suits(const struct briefing *briefing, size_t look, size_t metric);

/* briefing_order.c: a finding of all looks, the most relevant first: abnormal ones, those of metrics that suit.
 */
struct briefing_finding {
	size_t look, index;
	struct finding *finding;
	bool suits;
};
/* How many; the list is the caller's to free(). */
size_t briefing_findings(const struct briefing *briefing, struct briefing_finding **list);
void briefing_number_findings(struct briefing *briefing); /* ids of all looks: F1... */

/* briefing_values.c: what a series did in [from_ms, until_ms); NaN: nothing is known. */
struct briefing_values {
	size_t known, count;
	double least, greatest, mean, last;
	int64_t least_ms, greatest_ms, last_ms; /* begin of their buckets */
	double usual;                           /* the median of the same hours of the days before */
	double usual_low, usual_high;           /* 9 of 10 of those values lie between */
	double low, high;                       /* what is to be expected at `last` */
};
void briefing_values(const struct briefing *briefing, const struct dashboard_data *data, size_t subject,
                     struct briefing_values *values);

#endif
