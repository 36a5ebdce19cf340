/* fact_private.h - what the files of the reader share. */
#ifndef BOT_FACT_PRIVATE_H
#define BOT_FACT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/fact_read.h"

struct fact_cursor {
	const char *text;
	size_t length, at;
};

/* Bytes. A byte of a multi-byte character counts as a letter. */
bool fact_is_digit(char c);
bool fact_is_letter(char c);
bool fact_is_space(char c);
/* 0 beyond the end. */
char fact_char(const struct fact_cursor *cursor, size_t at);
/* Whether `word` stands there, whatever its case (ASCII); whole: and no letter or digit follows. */
bool fact_stands(const struct fact_cursor *cursor, size_t at, const char *word, bool whole);
/* Behind spaces, no-break spaces and thin spaces. */
size_t fact_skip_space(const struct fact_cursor *cursor, size_t at);
/* The length of the run of letters and digits there. */
size_t fact_word_length(const struct fact_cursor *cursor, size_t at);
/* The word before `at`, with what separates them stepped over when it is spaces only; its begin, *length 0:
 * none. */
size_t fact_word_before(const struct fact_cursor *cursor, size_t at, size_t *length);
/* Whether a thing that is counted stands there: a word that is no preposition or the like. */
bool fact_counts(const struct fact_cursor *cursor, size_t at);
/* "values", "data points" there, one word may stand before it: "11 hourly values". */
bool fact_tallies(const struct fact_cursor *cursor, size_t at);
bool fact_word_is(const struct fact_cursor *cursor, size_t at, size_t length, const char *const *words);
bool fact_has_word(const char *text, size_t length, const char *const *words); /* one of them, anywhere */

/* A unit as it stands behind a number. */
struct fact_unit_word {
	const char *word;
	enum fact_unit unit;
	double factor;   /* to s, bytes, bits, percent */
	double binary;   /* the same by 1024s; 0: none */
	bool long_time;  /* min and longer */
	bool exact_case; /* "M" is no "m" */
};
/* The unit that stands at `at` (spaces were skipped), *length what it takes; NULL: none. */
const struct fact_unit_word *fact_unit_at(const struct fact_cursor *cursor, size_t at, size_t *length);
/* "k", "million", "Mio."...: its factor; 0: none. */
double fact_scale_at(const struct fact_cursor *cursor, size_t at, bool near, size_t *length);
/* "/s", "per minute"...: how many a second one of them is; 0: none. */
double fact_rate_at(const struct fact_cursor *cursor, size_t at, size_t *length);
/* "times", "x", "-fold": the length; 0: none. */
size_t fact_times_at(const struct fact_cursor *cursor, size_t at);

/* Each reads what begins at cursor->at and steps over it; false: nothing of that kind, nothing is moved. */
bool fact_number(struct fact_cursor *cursor, struct fact *fact);
bool fact_number_word(struct fact_cursor *cursor, struct fact *fact);
bool fact_ratio(struct fact_cursor *cursor, struct fact *fact); /* "doubled", "a third of" */
bool fact_time(struct fact_cursor *cursor, struct fact *fact);
bool fact_name(struct fact_cursor *cursor, struct fact *fact);
/* The number of a finding's id: 3 of "F3"; 0: the name is none. */
int fact_name_finding(const char *text, const struct fact *name);
bool fact_ratio_may_use(const char *word, size_t length);
enum fact_hedge fact_hedge_of(const struct fact_cursor *cursor, size_t at);
/* Of the number that stands in [begin, end): whether the words make it a difference. */
bool fact_hedge_change(const struct fact_cursor *cursor, size_t begin, size_t end);
/* Sets the roles of the figures among `count` facts of one text. */
void fact_role_tell(const struct fact_cursor *cursor, struct fact *facts, size_t count);
/* Whether a word of the text tells that role. */
bool fact_role_has(const char *text, size_t length, enum fact_role role);
/* The first role that a word of the text tells: of a table's heading. */
enum fact_role fact_role_named(const char *text, size_t length);
/* Whether the words make it a stretch between two times. */
bool fact_hedge_spans(const struct fact_cursor *cursor, size_t begin, size_t end);
bool fact_number_may_use(const char *word, size_t length);
bool fact_time_may_use(const char *word, size_t length);
/* The digits of a number in words below 100, "twenty-five"; *length what it takes; -1: none. */
int fact_number_of_words(const struct fact_cursor *cursor, size_t at, size_t *length);

#endif
