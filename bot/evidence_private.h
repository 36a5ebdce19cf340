/*
 * evidence_private.h - how evidence is kept, and how a claim is held against it; for bot/evidence*.c and
 * bot/fact_check*.c alone.
 *
 * Everything belongs to a subject where one can be told: a line (the values of one metric over time, given as a
 * series or as a column of a table) by its name, a source (a sentence, or a cell of a table without times) by
 * the subjects that its words name. A claim that names subjects is held against theirs only.
 */
#ifndef BOT_EVIDENCE_PRIVATE_H
#define BOT_EVIDENCE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/evidence.h"
#include "bot/fact_read.h"

#define EVIDENCE_WORDS_MAX 96 /* of one sentence; what is beyond is not looked at */
#define EVIDENCE_NAMED_MAX 40 /* subjects that one sentence may name */
#define EVIDENCE_INITIALS_MAX 8
#define EVIDENCE_NO_SOURCE ((size_t)-1)

struct evidence_words { /* stems by their hash, each once */
	uint32_t words[EVIDENCE_WORDS_MAX];
	size_t count;
};

struct evidence_named {
	uint16_t subjects[EVIDENCE_NAMED_MAX];
	size_t count; /* 0: none is named, everything may be meant */
};

struct evidence_subject {
	uint32_t *words;
	size_t count;
	uint32_t initials[EVIDENCE_INITIALS_MAX]; /* of its words: "time to first byte" is TTFB */
	size_t initial_count;
	bool has_line;    /* values over time are known of it */
	unsigned units;   /* of these values: 1 << enum fact_unit each */
	bool has_figures; /* or figures of a text */
};

struct evidence_point {
	int64_t
	    at_s; /* local time of the zone as if it were UTC; of an undated line seconds since some midnight */
	double value; /* in the unit's base: s, bytes, bits, percent */
};

struct evidence_line {
	size_t subject;
	enum fact_unit unit;
	bool unit_known, rate, dated;
	bool is_counted;  /* its unit is a count: the values of a stretch may be added */
	bool is_wider;    /* another one of its subject is a part of it */
	bool is_range;    /* it is a part of another one: the range that was asked about */
	double per_s;     /* "payments per minute": 60; 0: its name tells none */
	bool coarse; /* buckets of a table whose values are known more finely */
	double half; /* of what a table wrote last; 0: exact */
	struct evidence_point *points;
	size_t count, capacity;
	int64_t step_s;
	double *sorted; /* made when it is first asked for */
	size_t sorted_count;
	double mean, sum;
};

struct evidence_figure {
	double value, half;
	enum fact_unit unit;
	enum fact_role role;
	double whole;        /* as of a fact */
	unsigned statistics; /* what its clause says that it is: "greatest 12 at 09:00"; 0: nothing */
	bool rate, times, change, duration, is_count; /* is_count: something is counted: "11 requests" */
	bool tallies, spans; /* as of a fact */
	size_t source;
};

/* What a time of the data is of. */
enum evidence_moment_role {
	EVIDENCE_EVENT,
	EVIDENCE_BEGIN, /* "since", "from" */
	EVIDENCE_END    /* "to", "until", "back to usual at" */
};

struct evidence_moment {
	enum evidence_moment_role role;
	int64_t at_s; /* as of a point; without a date: seconds since midnight */
	int32_t half_s;
	bool dated, clock; /* clock false: a day */
	bool of_value;     /* that of a value: "greatest 0.9 s at 09:00"; which is figures[figure] */
	size_t figure;
	size_t source;
};

struct evidence_source {
	size_t first_word, words; /* of evidence.source_words */
	size_t first_figure, figures;
	size_t first_moment, moments;
	size_t group; /* the text it is of */
	bool goes_on; /* where it names nothing, the sentence before it counts */
	bool is_record; /* a row of keys and values */
	char *row;      /* the same as it was written; else NULL */
	int finding;    /* of which one it tells: 3 of F3; 0: of none */
	char *event;    /* the line, where it tells what happened when; else NULL */
	struct evidence_named named;
	bool resolved;
};

#define EVIDENCE_COUNTED_MAX 16

struct evidence_name_set { /* of lower-case names, by hash */
	char **names;
	size_t count, capacity;
};

struct evidence_reason {
	struct evidence_words words;
};

struct evidence {
	const struct zone *zone;
	struct evidence_subject *subjects;
	size_t subject_count, subject_capacity;
	struct evidence_line *lines;
	size_t line_count, line_capacity, series_count;
	struct evidence_figure *figures;
	size_t figure_count, figure_capacity;
	struct evidence_moment *moments;
	size_t moment_count, moment_capacity;
	struct evidence_source *sources;
	size_t source_count, source_capacity, group;
	uint32_t *source_words;
	size_t source_word_count, source_word_capacity;
	struct evidence_name_set names;
	struct evidence_reason *reasons;
	size_t reason_count, reason_capacity;
	size_t finding_ids, values;
	const char *counted[EVIDENCE_COUNTED_MAX]; /* nouns */
	size_t counted_count;
};

/* What may be meant of a stretch of values. */
enum {
	EVIDENCE_GREATEST = 1,
	EVIDENCE_LEAST = 2,
	EVIDENCE_MEAN = 4,
	EVIDENCE_MEDIAN = 8,
	EVIDENCE_FIRST = 16,
	EVIDENCE_LAST = 32,
	EVIDENCE_ANY = 63, /* all of these; what follows is asked for by its words only */
	EVIDENCE_SUM = 64,
	EVIDENCE_RUNNERS = 128 /* the second and third from both ends */
};

/* What of a sentence a claim is held against. */
struct evidence_context {
	struct evidence_named named;
	const struct fact *times; /* of the sentence; of the paragraph where it has none */
	size_t time_count;
	bool own_times;      /* they are the sentence's */
	const struct evidence_words *words; /* of the sentence; NULL: of no prose */
	const struct evidence_words *clause; /* of the figure's own clause; NULL: it has none */
	size_t most_shared, best_group;     /* of them, with one sentence of the data that has figures; its text */
	const struct fact *facts;           /* of the sentence */
	size_t fact_count;
	unsigned statistics; /* that its words name; 0: none */
	bool beside_name;    /* only sentences of the data that name no series */
	bool episode;        /* the figure's clause has none of them */
	bool of_steps;       /* the sentence speaks of the means of a table's steps */
	bool any_time;       /* its times belong to something else: statistics of everything may be meant */
};

/* How well a claim is founded. */
enum evidence_match { EVIDENCE_NONE, EVIDENCE_FOUND, EVIDENCE_FOUND_THEN /* and at the time that is named */ };

/* evidence_words.c */
void evidence_words_read(struct evidence_words *words, const char *text, size_t length);
/* The initials of runs of at least three words, as words. */
size_t evidence_words_initials(const char *text, size_t length, uint32_t *initials, size_t max);
bool evidence_words_have(const struct evidence_words *words, uint32_t word);
/* "payments per minute", "logins/s": of what stretch of time a name's values are, in seconds; 0: it tells none. */
double evidence_words_per_s(const char *name);
bool evidence_is_count_noun(const char *word, size_t length);
/* Such a noun, or one of which every count is given. */
bool evidence_counts(const struct evidence *evidence, const char *word, size_t length);

/* evidence_subject.c */
size_t evidence_subject_add(struct evidence *evidence, const char *name, size_t length);
/* whole: of the whole sentence, which decides between equals; may be the same. */
void evidence_subject_find(const struct evidence *evidence, const struct evidence_words *words,
			   const struct evidence_words *whole, struct evidence_named *named);
/* The same among subjects with values of that unit. */
void evidence_subject_find_of(const struct evidence *evidence, const struct evidence_words *words,
			      enum fact_unit unit, struct evidence_named *named);
void evidence_resolve(const struct evidence *evidence); /* which subjects the sources name */
/* Whether their names share a word that not most names have. */
/* evidence_time.c; whether that sentence of the data has one of the context's times. */
bool evidence_source_has_times(const struct evidence *evidence, size_t source, const struct evidence_context *context);
/* Whether it has that time. */
bool evidence_source_has_time(const struct evidence *evidence, size_t source, const struct fact *time);
/* And not as that of a value: "from 10:10 to 10:40: highest 32.4 GB at 10:20". */
bool evidence_source_has_bound(const struct evidence *evidence, size_t source, const struct fact *time);
bool evidence_are_related(const struct evidence *evidence, size_t a, size_t b);
bool evidence_shares(const struct evidence_named *a, const struct evidence_named *b);
/* A name with hyphens that is nearly a known one, or begins like one: "checkout-latency-hihg". */
bool evidence_names_like(const struct evidence *evidence, const char *name, size_t length);
bool evidence_names_have(const struct evidence *evidence, const char *name, size_t length);
void evidence_names_add(struct evidence *evidence, const char *name, size_t length);

/* evidence_record.c */
/* A row of at least two "key=value", as prose: to be freed; NULL: it is none. Versions become known names. */
char *evidence_record(struct evidence *evidence, const char *line, size_t length);
/* Whether the words of the clause, or else of the sentence, tell that row of its text from others. */
enum evidence_row { EVIDENCE_ROW_ANY, EVIDENCE_ROW_MEANT, EVIDENCE_ROW_OTHER };
enum evidence_row evidence_record_row(const struct evidence *evidence, size_t source,
				      const struct evidence_words *clause, const struct evidence_words *sentence);

/* Whether the clause's words tell some rows of a text from others, and name nothing with values over time. */
bool evidence_record_is_meant(const struct evidence *evidence, const struct evidence_words *clause);

/* evidence_line.c */
struct evidence_line *evidence_line_add(struct evidence *evidence, const char *name, size_t length);
void evidence_line_point(struct evidence_line *line, int64_t at_s, double value);
void evidence_line_unit(struct evidence_line *line, const char *unit, size_t length, double *factor);
void evidence_line_free(struct evidence_line *line);
enum evidence_match evidence_line_match(const struct evidence *evidence, struct evidence_line *line,
					const struct fact *claim, const struct evidence_context *context);
bool evidence_line_fits(const struct evidence_line *line, const struct fact *claim, double value);
struct evidence_window {
	size_t from, to; /* points [from, to) */
};
/* The values around that time, of one or two days; 0: it has none, or the time is a day. */
size_t evidence_line_buckets(const struct evidence *evidence, const struct evidence_line *line, const struct fact *time,
			     struct evidence_window buckets[2]);
/* What a sentence's words ask for: "peak", "on average"; 0: nothing. */
unsigned evidence_words_statistics(const char *text, size_t length);

/* The values in their order of size; the line's, until it gets more points. */
const double *evidence_line_sorted(struct evidence_line *line);
/* One of least, greatest, mean, median, first, last; the line has points. */
double evidence_line_statistic(struct evidence_line *line, unsigned which);
/* The values at the context's times, and of each stretch that they make greatest, least and mean: those of
 * `which`; 0: all, and the values at its ends. */
size_t evidence_line_then(const struct evidence *evidence, const struct evidence_line *line,
			  const struct evidence_context *context, unsigned which, double *values, size_t max);
/* Whether the claim is true at that one of the context's times, or over the stretch that it begins or ends. */
bool evidence_line_supports(const struct evidence *evidence, struct evidence_line *line,
			    const struct fact *claim, const struct evidence_context *context, size_t time);
/* Whether it has values around the context's first time. */
bool evidence_line_covers(const struct evidence *evidence, const struct evidence_line *line,
			  const struct evidence_context *context);
/* Whether it comes to the claim's value, or leaves it, at the context's first time: "drops below 95 % at 11:20". */
bool evidence_line_crosses(const struct evidence *evidence, const struct evidence_line *line, const struct fact *claim,
			   const struct evidence_context *context);

/* evidence_step.c. Whether it goes from the first claim's value to the second's: from the one's time to the other's;
 * where there is but the later time, to the second then, from the first before (at_once: right before); without times
 * from one value to the next. */
bool evidence_line_steps(const struct evidence *evidence, const struct evidence_line *line, const struct fact *first,
			 const struct fact *second, const struct fact *from, const struct fact *to, bool at_once);

/* Whether the values before that time were the claim's already. */
bool evidence_line_stayed(const struct evidence *evidence, const struct evidence_line *line, const struct fact *claim,
			  const struct fact *time);
/* Whether one of its values is the claim's. */
bool evidence_line_has(const struct evidence_line *line, const struct fact *claim);
/* Whether the second claim's value comes right after the first's. */
bool evidence_line_follows(const struct evidence_line *line, const struct fact *first, const struct fact *second);

/* evidence_turn.c */
struct evidence_turn {
	int64_t at_s;   /* local time, as of a point: the first value that is surely outside, or quiet, again */
	int64_t also_s; /* where the way there began, or was over */
	bool out;
};
/* Where the line leaves its quiet level and returns, in their order; 0: nowhere, or more than `max`. */
size_t evidence_line_turns(struct evidence_line *line, struct evidence_turn *turns, size_t max);

/* evidence_match.c */
bool evidence_near(const struct fact *claim, size_t reading, double value, double half);
/* value in `unit` (unit_known false: as it stands in a table without one). */
bool evidence_equals(const struct fact *claim, double value, double half, enum fact_unit unit, bool unit_known,
		     bool is_count);
enum evidence_match evidence_figure_match(const struct evidence *evidence, const struct fact *claim,
					  const struct evidence_context *context);
/* "3 of the last 5": whether the data says so, or another part of as many, or that part of another whole. */
enum evidence_part { EVIDENCE_PART_UNKNOWN, EVIDENCE_PART_FOUND, EVIDENCE_PART_OTHER };
enum evidence_part evidence_part_match(const struct evidence *evidence, const struct fact *claim);
/* What the data says has that limit. */
void evidence_of_limit(const struct evidence *evidence, const struct fact *claim, struct evidence_named *named);
/* "Over 41 values": against the sentences that tell such a number, those about most of what this one names. */
bool evidence_tally_match(const struct evidence *evidence, const struct fact *claim,
			  const struct evidence_context *context);
/* A claim with a role, against figures of that role; *known: there are some of these subjects and of its kind. */
bool evidence_role_match(const struct evidence *evidence, const struct fact *claim,
			 const struct evidence_context *context, bool *known);
/* Whether a sentence of the data with that figure has all the context's times. */
bool evidence_figure_has_times(const struct evidence *evidence, const struct fact *claim,
			       const struct evidence_context *context);
/* Whether it is about one of these, or about nothing in particular. */
bool evidence_belongs(const struct evidence *evidence, size_t source, const struct evidence_named *named);
/* How many words a sentence of the data shares with those. */
size_t evidence_shared_words(const struct evidence *evidence, size_t source,
			     const struct evidence_words *words);
/* A sentence that names no subject, but has words that sentences of the data have, is about these. */
bool evidence_words_decide(const struct evidence_context *context);
/* The most words that one with figures shares; *group: the text that this one is of. */
size_t evidence_most_shared(const struct evidence *evidence, const struct evidence_words *words, size_t *group);
/* words: those around the time; a sentence of the data with that time must suit them nearly best. *suits: how
 * many words the best one shares with them; 0: they tell nothing. */
bool evidence_time_match(const struct evidence *evidence, const struct fact *time,
			 const struct evidence_context *context, const struct evidence_words *words,
			 size_t *suits);
/* Whether what is named has times of its own at which it began or ended, and this is none of them. */
bool evidence_is_other_bound(const struct evidence *evidence, const struct fact *time,
			     const struct evidence_context *context);
/* How many things began then, or ended, by the data. */
size_t evidence_bounds_then(const struct evidence *evidence, const struct fact *time, enum evidence_moment_role role);
/* Whether something that is named began then, to end what was usual. */
bool evidence_time_begins(const struct evidence *evidence, const struct fact *time,
			  const struct evidence_context *context);
/* The local end of what was given: of the newest value; 0: no dated ones. */
int64_t evidence_last_s(const struct evidence *evidence);
/* How many days the longest of its dated series has. */
double evidence_days(const struct evidence *evidence);
/* Local seconds of a wall time. */
int64_t evidence_local_s(const struct evidence *evidence, int64_t wall_ms);
/* Where a written time may lie: in local seconds, dated or not; *half_s how exactly. False: nothing is written.
 */
bool evidence_fact_time(const struct evidence *evidence, const struct fact *time, int64_t *at_s, bool *dated,
			bool *clock);

#endif
