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
	bool rate, times, change, is_count; /* is_count: something is counted: "11 requests" */
	size_t source;
};

struct evidence_moment {
	int64_t at_s; /* as of a point; without a date: seconds since midnight */
	int32_t half_s;
	bool dated, clock; /* clock false: a day */
	size_t source;
};

struct evidence_source {
	size_t first_word, words; /* of evidence.source_words */
	size_t first_figure, figures;
	size_t first_moment, moments;
	size_t group; /* the text it is of: where it names nothing, the sentence before it counts */
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
	EVIDENCE_SUM = 64,
	EVIDENCE_ANY = 63 /* a sum is asked for by its word only */
};

/* What of a sentence a claim is held against. */
struct evidence_context {
	struct evidence_named named;
	const struct fact *times; /* of the sentence; of the paragraph where it has none */
	size_t time_count;
	bool own_times;      /* they are the sentence's */
	unsigned statistics; /* that its words name; 0: none */
	bool any_time;       /* its times belong to something else: statistics of everything may be meant */
};

/* How well a claim is founded. */
enum evidence_match { EVIDENCE_NONE, EVIDENCE_FOUND, EVIDENCE_FOUND_THEN /* and at the time that is named */ };

/* evidence_words.c */
void evidence_words_read(struct evidence_words *words, const char *text, size_t length);
bool evidence_words_have(const struct evidence_words *words, uint32_t word);
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
bool evidence_shares(const struct evidence_named *a, const struct evidence_named *b);
/* A name with hyphens that is nearly a known one, or begins like one: "checkout-latency-hihg". */
bool evidence_names_like(const struct evidence *evidence, const char *name, size_t length);
bool evidence_names_have(const struct evidence *evidence, const char *name, size_t length);
void evidence_names_add(struct evidence *evidence, const char *name, size_t length);

/* evidence_line.c */
struct evidence_line *evidence_line_add(struct evidence *evidence, const char *name, size_t length);
void evidence_line_point(struct evidence_line *line, int64_t at_s, double value);
void evidence_line_unit(struct evidence_line *line, const char *unit, size_t length, double *factor);
void evidence_line_free(struct evidence_line *line);
enum evidence_match evidence_line_match(const struct evidence *evidence, struct evidence_line *line,
					const struct fact *claim, const struct evidence_context *context);
/* What a sentence's words ask for: "peak", "on average"; 0: nothing. */
unsigned evidence_words_statistics(const char *text, size_t length);

/* Values that ratios and differences may be made of: least, greatest, mean ... and those at the times. */
size_t evidence_line_values(struct evidence_line *line, const struct evidence_context *context, double *values,
			    size_t max);
/* Whether the claim is true at that one of the context's times, or over the stretch that it begins or ends. */
bool evidence_line_supports(const struct evidence *evidence, struct evidence_line *line,
			    const struct fact *claim, const struct evidence_context *context, size_t time);

/* evidence_match.c */
bool evidence_near(const struct fact *claim, size_t reading, double value, double half);
/* value in `unit` (unit_known false: as it stands in a table without one). */
bool evidence_equals(const struct fact *claim, double value, double half, enum fact_unit unit, bool unit_known,
		     bool is_count);
enum evidence_match evidence_figure_match(const struct evidence *evidence, const struct fact *claim,
					  const struct evidence_context *context);
/* How many words a sentence of the data shares with those. */
size_t evidence_shared_words(const struct evidence *evidence, size_t source,
			     const struct evidence_words *words);
/* words: those around the time; a sentence of the data with that time must suit them nearly best. *suits: how
 * many words the best one shares with them; 0: they tell nothing. */
bool evidence_time_match(const struct evidence *evidence, const struct fact *time,
			 const struct evidence_context *context, const struct evidence_words *words,
			 size_t *suits);
/* Local seconds of a wall time. */
int64_t evidence_local_s(const struct evidence *evidence, int64_t wall_ms);
/* Where a written time may lie: in local seconds, dated or not; *half_s how exactly. False: nothing is written.
 */
bool evidence_fact_time(const struct evidence *evidence, const struct fact *time, int64_t *at_s, bool *dated,
			bool *clock);
int64_t evidence_day_number(int year, int month, int day);

#endif
