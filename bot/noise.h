/*
 * noise.h - which alarm fires for nothing, and which setting would have been quieter. docs/SUMMARY.md explains it.
 *
 * CloudWatch's evaluation of an alarm is followed over the metric's own history, first with the setting that the
 * alarm has, then with others; the threshold is never changed. Pure: no clock, no network, no globals; runs on a
 * worker. All times are UTC since 1970 in ms.
 *
 * Source of CloudWatch's rules: its user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat
 * missing data", whose two tables are rows of tests/unit/test_noise_evaluate.c.
 */
#ifndef BOT_NOISE_H
#define BOT_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/series.h"

#define NOISE_KEEP_MS ((int64_t)10 * 60 * 1000) /* a sensible keep_ms */

enum noise_missing { /* TreatMissingData */
	NOISE_MISSING,
	NOISE_IGNORE,
	NOISE_BREACHING,
	NOISE_NOT_BREACHING,
};
/* CloudWatch's word: "missing", "ignore", "breaching", "notBreaching". */
const char *noise_missing_name(enum noise_missing missing);
/* From the API's word, or from a notification's ("- TreatMissingData:   NonBreaching"); NULL, "" and what is not
 * known: NOISE_MISSING, as CloudWatch has it. */
enum noise_missing noise_missing_read(const char *text);

/* Whether values of short periods make that of a long one. An average's do when all have as many samples. */
bool noise_adds_up(const char *statistic);

struct noise_setting {
	int64_t period_ms;
	size_t evaluation_periods;  /* N: 1 ... 1,440 */
	size_t datapoints;          /* M: 1 ... N */
	enum noise_missing missing;
};

struct noise_alarm { /* strings are borrowed */
	const char *comparison; /* ">" ">=" "<" "<=", as struct alarm has it; bands cannot be followed */
	double threshold;
	const char *statistic;  /* "Average", "Sum", "Minimum", "Maximum", "SampleCount", "p99"...; NULL: unknown */
	struct noise_setting setting; /* as it is */
};

enum noise_state { NOISE_NO_DATA, NOISE_OK, NOISE_ALARM };

struct noise_change {
	int64_t at_ms; /* the end of the newest bucket that was evaluated; CloudWatch is a minute or two later */
	enum noise_state from, to;
};

struct noise_firing {
	int64_t from_ms, to_ms; /* in ALARM; to_ms: the series' end while `open` */
	bool open;
};

struct noise_run {
	struct noise_change *changes; /* in order of time */
	size_t count;
	struct noise_firing *firings; /* the stretches in ALARM, likewise */
	size_t firing_count;
};

/*
 * Can this alarm, with this setting, be followed over this series? ERR_USAGE with a sentence when not: a band or an
 * unknown comparison, a setting out of range, a period that is no multiple of the series' step, or one
 * for which the statistic's values cannot be put together (percentiles: the step must be the period).
 */
bool noise_check(const struct noise_alarm *alarm, const struct noise_setting *setting, const struct series *series,
                 struct err *err) MUST_CHECK;

/*
 * The alarm's changes of state over the series, which must have passed noise_check. Evaluated once a bucket, with
 * windows of a period that end there, as CloudWatch does once a minute; from the first bucket on that has a whole
 * evaluation range behind it, in NOISE_NO_DATA before.
 */
void noise_simulate(struct noise_run *run, const struct noise_alarm *alarm, const struct noise_setting *setting,
                    const struct series *series);
void noise_run_free(struct noise_run *run); /* members; may be all zero */

/* A firing as it was recorded. */
struct noise_seen {
	int64_t from_ms, to_ms; /* to_ms 0: it still goes on */
	bool acted;             /* somebody did something about it: no proposal may hide it */
};

struct noise_request { /* borrowed during the call */
	const struct noise_alarm *alarm;
	const struct series *series; /* should begin a day before from_ms: evaluation looks back */
	int64_t from_ms, to_ms;      /* firings that began here are judged; to_ms not behind the series' end */
	int64_t keep_ms;             /* > 0: what lasted at least that long is never hidden */
	const struct noise_seen *seen; /* what was recorded in [from_ms, to_ms), in order; NULL: not known */
	size_t seen_count;
};

enum noise_outcome {
	NOISE_QUIET,    /* fewer than three firings */
	NOISE_UNLIKE,   /* the series does not explain what was recorded: nothing is said about other settings */
	NOISE_AS_GOOD,  /* no setting is clearly quieter and hides nothing that counts */
	NOISE_PROPOSED,
};

enum noise_fate {
	NOISE_KEPT,      /* the proposed setting fires for it */
	NOISE_MERGED,    /* it falls into a firing that began for an earlier one */
	NOISE_HIDDEN,
	NOISE_UNDECIDED, /* it still goes on, and is too short to tell */
};

/* Firings of the present setting with no more than half of keep_ms between them. */
struct noise_episode {
	int64_t from_ms, to_ms;
	size_t firings;   /* > 0 */
	bool open, acted;
	enum noise_fate fate; /* with the proposed setting */
	int64_t delay_ms; /* NOISE_KEPT: how much later that fires; >= 0 */
};

struct noise_report {
	enum noise_outcome outcome;
	int64_t from_ms, to_ms;  /* what was judged: from_ms is later than asked for when the series begins too late */
	struct noise_setting now, proposed; /* proposed: that of `now` unless NOISE_PROPOSED */
	size_t before, after;    /* firings */
	int64_t short_ms;        /* a round length under which at least half of `before` lasted, or 0; */
	size_t short_count;      /* so many did */
	struct noise_episode *episodes; /* of `before`; fates only with NOISE_PROPOSED */
	size_t count;
	size_t hidden;           /* of the episodes; */
	int64_t longest_hidden_ms; /* 0: none */
	int64_t worst_delay_ms;  /* of those that are kept; 0: none is, or none later */
	int64_t lasting_delay_ms; /* how much later a breach without end is told, by the settings alone */
	int64_t on_before_ms, on_after_ms; /* in ALARM all together, of the firings */
	size_t seen, seen_alike; /* recorded, and how many of them the present setting's firings explain */
};

/* False, with noise_check's ERR_USAGE, when the alarm cannot be followed. */
bool noise_report_make(struct noise_report *report, const struct noise_request *request, struct err *err) MUST_CHECK;
void noise_report_free(struct noise_report *report); /* members; may be all zero */

/* "3 of 5 datapoints", and where they differ from `other` (NULL: nothing does) period and missing data: "3 of 5
 * datapoints of 5 min, missing data as notBreaching". free() it. */
char *noise_setting_text(const struct noise_setting *setting, const struct noise_setting *other);
/*
 * For people: "checkout-latency fired 14 times this week, 11 of them for under 5 min. 3 of 5 datapoints instead of
 * 1 of 1 would have fired 3 times: it would have hidden nothing longer than 6 min, and been 4 min later at worst."
 * Every number is a member of the report. NOISE_AS_GOOD, NOISE_UNLIKE: the first sentence, and why there is no other;
 * NOISE_QUIET: the first one. name: any text; its controls become spaces. span: "this week". free() it.
 */
char *noise_text(const struct noise_report *report, const char *name, const char *span);

#endif
