/*
 * findings_private.h - what the parts of findings share; for bot/findings*.c alone.
 *
 * A `view` is one subject made ready: its values beside what is to be expected of them. Each kind of finding is a
 * file that looks at a view and adds to the list. Indices are buckets of the series; the baseline is
 * [0, judged), what is judged [judged, end).
 */
#ifndef BOT_FINDINGS_PRIVATE_H
#define BOT_FINDINGS_PRIVATE_H

#include "bot/findings.h"
#include "bot/mem.h"
#include "bot/sliding.h"
#include "bot/str.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define WIDE_STEP_MS (30 * MINUTE_MS) /* from here on a neighbouring bucket is another time of day */

/* What the expected value depends on. */
enum pattern {
	PATTERN_NONE,  /* too little is known: nothing is expected */
	PATTERN_LOCAL, /* no day before the judged range: the median of the hours around */
	PATTERN_LEVEL, /* one level at all hours */
	PATTERN_DAY,   /* the time of day */
	PATTERN_CLASS, /* the time of day, on weekdays and at weekends */
	PATTERN_WEEK,  /* the time of the week */
};

struct episode {
	size_t from, to;    /* buckets [from, to); from: may be in the baseline, where it goes on from there */
	int sign;           /* 1: above what is expected, -1: below */
	size_t peak;        /* the most outstanding bucket */
	double ratio;       /* how far beyond what is reported, >= 1 */
	bool lasts;         /* to the end of what is judged, and long enough to be a level */
	double value, expected; /* the middle of the buckets that stand out in it */
	size_t parts;       /* more than 1: it came and went so many times, */
	size_t shortest, longest; /* for so many buckets each */
};
#define EPISODES_MAX 16

struct line { /* a steady change over days */
	bool found;
	size_t from;        /* the first bucket it is seen in; it lasts until `end` */
	double slope;       /* a bucket */
	double of_level;    /* it grows as a whole, by this part of it a bucket; 0: evenly at all hours */
	double at_end;      /* the line's value at `end`, without the time of day */
	double steadiness;  /* how many times as sure as is asked for, >= 1 */
};

struct approach { /* of a configured limit, over hours or a few days */
	size_t from;        /* the first bucket it is seen in; it lasts until `end` */
	double slope;       /* a bucket */
	double now, limit;  /* the line's value at `end`, and what it goes to */
	double steps;       /* until it is there */
	double ratio;       /* how soon: 1 is twice as far as it was seen */
};

struct view {
	const struct findings_subject *subject;
	const struct findings_range *range;
	size_t index;            /* of the subject */
	int64_t start_ms, step_ms;
	size_t judged, end;
	size_t known;            /* buckets with data in the baseline */
	size_t reference;        /* [0, reference) is compared with: the baseline, or all (PATTERN_LOCAL) */
	const double *x;         /* the series, without what is no number */
	const int32_t *day;      /* local days since 1970 */
	const int32_t *slot;     /* of the local day: 0 ... slots - 1 */
	size_t slots;
	enum pattern pattern;
	double level;            /* the baseline's median */
	double variation;        /* from the 1st to the 99th percentile of the baseline; 0: it never moves */
	bool positive;           /* the baseline is never below 0 */
	double *expected;        /* by time and trend; NaN: unknown */
	double *scale;           /* the usual distance from it, as a standard deviation */
	double *z;               /* (x - expected) / scale */
	double *sharp;           /* x - the median of the hours around it */
	double sharp_scale;
	double z_low, z_high;    /* of 100 values of the baseline 98 lie between */
	double caution;          /* >= 1: how much wider than the baseline's own residuals new ones are by nature */
	struct line line;
	bool moves;              /* something stood out, told or not: */
	struct episode moved;    /* the most outstanding of it */
	struct mem mem;
};

void view_init(struct view *view, const struct findings_subject *subject, size_t index,
               const struct findings_range *range);
void view_free(struct view *view);
/* Whether buckets of the two are of the same times. */
bool view_same_grid(const struct view *a, const struct view *b);
int64_t view_time(const struct view *view, size_t i);
bool view_is_weekend(int32_t day);
size_t view_weekday(int32_t day); /* 0 Sunday */
size_t view_steps(const struct view *view, int64_t ms); /* rounded up, at least 1 */
/* What is usual at bucket i: 98 of 100 values lie in it. NaN: unknown. */
void view_band(const struct view *view, size_t i, double *low, double *high);
/* The median of y[from ... to), NaN: nothing known. */
double view_median(const double *y, size_t from, size_t to);
/* The median of the hours around, for every bucket. */
void view_rolling(const struct sliding_ranks *y, size_t half, double *out);

/* findings_model.c: fills pattern, expected, scale, z... */
void findings_model(struct view *view);
/* findings_trend.c, before the model is finished. A draft is the slope of x as it stands, whatever it is worth. */
void findings_draft_line(const struct view *view, struct line *line);
/* From y, which has no time of day any more. */
void findings_line(struct view *view, const double *y, struct line *line);
/* The level's steps within the baseline, taken off: `offset[i]` is what a bucket lies beside the newest level. */
void findings_steps(struct view *view, const double *y, double *offset);

/* findings_approach.c: false: no limit is approached, or not soon. */
bool findings_approach(const struct view *view, struct approach *approach);

/* findings_episode.c: what stands out of the expected, the strongest first. */
size_t findings_episodes(const struct view *view, struct episode episodes[EPISODES_MAX]);

struct precedent {
	size_t days;     /* looked at */
	size_t alike;    /* of them with the same at that hour */
	const char *of;  /* "days", "weekdays", "Sundays" */
	bool recurs;
};
/* findings_recurring.c: was y as outstanding at that time of earlier days? y: z or sharp. */
struct precedent findings_precedent(const struct view *view, const double *y, const struct episode *episode);
/* Short, and but a little sooner or later than on other days: within a quarter of an hour it is what is expected. */
bool findings_is_timing(const struct view *view, const struct episode *episode);

/* findings_change.c: does it matter to nobody, though it stands out? Looks at the episode's sign and longest. */
bool findings_is_small(const struct view *view, const struct episode *episode, double value, double expected);

/* findings_flat.c: is it no more than that the series stands still while the time of day goes on? */
bool findings_is_flat(const struct view *view, const struct episode *episode);

/* The list under construction. */
void findings_add(struct findings *findings, const struct view *view, enum finding_kind kind, struct finding finding);
bool findings_overlap(const struct findings *findings, const struct view *view, enum finding_kind kind, size_t from,
                      size_t to);
double finding_strength(double ratio); /* ratio >= 1: 0.5 ... 1 */

/* One file a kind. */
void findings_limit(struct findings *findings, const struct view *view);
void findings_missing(struct findings *findings, const struct view *view);
void findings_trend(struct findings *findings, const struct view *view);
void findings_change(struct findings *findings, struct view *view); /* after limits and lines; fills moves, moved */
void findings_flat(struct findings *findings, const struct view *view); /* after the changes */
void findings_band(struct findings *findings, const struct view *view); /* after all that is abnormal */
void findings_recurring(struct findings *findings, const struct view *view);
void findings_together(struct findings *findings, const struct view *views, size_t count);
void findings_load(struct findings *findings, const struct view *views, size_t count);

/* findings_text.c: parts of sentences. */
#define FINDINGS_TEXT_MAX 600
void text_start(struct str *text, const struct view *view);
void text_first_time(struct str *text, const struct view *view, int64_t at_ms); /* of a sentence */
void text_time(struct str *text, const struct view *view, int64_t at_ms);
void text_quantity(struct str *text, const struct view *view, double value);
void text_range(struct str *text, const struct view *view, double low, double high); /* "22 to 25 %" */
void text_band(struct str *text, const struct view *view, size_t i); /* " (usual at that hour: 22 to 25 %)" */
void text_duration(struct str *text, int64_t ms);

#endif
