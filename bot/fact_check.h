/*
 * fact_check.h - an answer is held against what the model was given, before anybody reads it.
 *
 * Every number, time, metric, instance and alarm name in a sentence is looked for in the evidence, in whatever unit
 * and rounding, as part of a range, or derived from it in one step ("40 times", "a third", "12 % more"). What is not
 * there is marked in place and counted. A cause that is claimed without a reason in the evidence becomes a
 * possibility, in place. A run of the instructions' own words is withheld.
 *
 * It works on a stream: text goes in as it comes and comes out checked as soon as it can be judged: plain words at
 * once, from the first figure, time, name or cause on the rest of its sentence when it ends, since its subject or
 * unit may stand there. How the stream is cut changes nothing. docs/ANSWERS.md says how and why.
 */
#ifndef BOT_FACT_CHECK_H
#define BOT_FACT_CHECK_H

#include <stddef.h>
#include <stdint.h>

struct evidence;
struct fact_check;
struct str;

/* Behind what could not be found, within the text. */
#define FACT_CHECK_MARK " [not in the data]"

struct fact_check_counts {
	int64_t checked;  /* figures, times and names that were looked for */
	int64_t marked;   /* of them, not found */
	int64_t softened; /* causes that were worded as possibilities */
	int64_t withheld; /* runs of the instructions */
};

/* evidence may grow meanwhile; borrowed. instructions: what must not be told; NULL: nothing. */
struct fact_check *fact_check_new(const struct evidence *evidence, const char *instructions);
void fact_check_free(struct fact_check *check); /* may be NULL */
/* The next piece, Markdown in UTF-8, however it is cut; what can be shown now is appended to out. */
void fact_check_feed(struct fact_check *check, const char *text, size_t length, struct str *out);
/* There is no more (for now: a tool is called, or it is the end): the rest is appended. May be fed again. */
void fact_check_flush(struct fact_check *check, struct str *out);
void fact_check_counts(const struct fact_check *check, struct fact_check_counts *counts);

#endif
