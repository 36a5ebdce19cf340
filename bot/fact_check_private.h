/* fact_check_private.h - the parts of a check: what is withheld, how a sentence is judged, how causes are
 * worded. */
#ifndef BOT_FACT_CHECK_PRIVATE_H
#define BOT_FACT_CHECK_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/evidence_private.h"
#include "bot/fact_check.h"
#include "bot/str.h"

#define FACT_CHECK_SENTENCE_MAX 1536 /* bytes; what is longer is judged in parts */

/* fact_leak.c: runs of the instructions' own words. */
struct fact_leak;
struct fact_leak *fact_leak_new(const char *instructions);
void fact_leak_free(struct fact_leak *leak);
/* What is surely no part of such a run is appended; what may be is held back. */
void fact_leak_feed(struct fact_leak *leak, const char *text, size_t length, struct str *out);
void fact_leak_flush(struct fact_leak *leak, struct str *out);
int64_t fact_leak_count(const struct fact_leak *leak);

/* An edit of a sentence: at `at`, `take` bytes are replaced. */
struct fact_edit {
	size_t begin; /* of the words that it is about */
	size_t at, take;
	const char *text; /* lives as long as the program */
};
struct fact_edits {
	struct fact_edit items[2 * FACT_CHECK_SENTENCE_MAX / 3];
	size_t count;
};
void fact_edits_add(struct fact_edits *edits, struct fact_edit edit);

/* fact_cause.c: `edits` of causes that nothing in the evidence stands behind; returns how many. */
size_t fact_cause_soften(const struct evidence *evidence, const char *text, size_t length,
			 struct fact_edits *edits);
/* Of the last words of a stream: may they begin a phrase of a cause? */
enum fact_cause { FACT_CAUSE_NONE, FACT_CAUSE_BEGUN, FACT_CAUSE_TOLD };
enum fact_cause fact_cause_at(const char *words, size_t length);

/* fact_judge.c: one sentence after the other; what was named before is remembered within a paragraph. */
struct fact_judge;
struct fact_judge *fact_judge_new(const struct evidence *evidence);
void fact_judge_free(struct fact_judge *judge);
void fact_judge_sentence(struct fact_judge *judge, const char *text, size_t length, struct fact_edits *edits,
			 struct fact_check_counts *counts);
void fact_judge_paragraph(struct fact_judge *judge); /* an empty line */

#endif
