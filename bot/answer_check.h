/*
 * answer_check.h - what one answer rests on (bot/evidence.h) and its check (bot/fact_check.h), off the loop's thread.
 *
 * Reading a briefing for its figures and judging a dense answer take far longer than the loop may be held up. So both
 * live on bot/worker, fed by copies: what is called here is done in the order of the calls, in pieces, so that several
 * answers take turns. What was added before a text is known when the text is judged.
 */
#ifndef BOT_ANSWER_CHECK_H
#define BOT_ANSWER_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct answer_check;
struct evidence;
struct fact_check_counts;
struct loop;
struct series;
struct worker;
struct zone;

/* On the loop: checked text, as it may be shown. */
typedef void answer_check_say_fn(void *arg, const char *text, size_t length);

/* zone and instructions as in evidence.h and fact_check.h; both borrowed. say: what becomes of what is fed; NULL:
 * nothing is. */
struct answer_check *answer_check_new(struct loop *loop, struct worker *worker, const struct zone *zone,
                                      const char *instructions, answer_check_say_fn *say, void *arg);
/* Not while a done is out, nor before what was fed is flushed. May be NULL. */
void answer_check_free(struct answer_check *check);

/* Evidence; all is copied. These wait until something below asks for work. */
void answer_check_add_text(struct answer_check *check, const char *text);
void answer_check_add_name(struct answer_check *check, const char *name);
void answer_check_add_reason(struct answer_check *check, const char *what);
void answer_check_add_series(struct answer_check *check, const char *name, const struct series *series, int64_t from_ms,
                             int64_t until_ms, const char *unit);
/* A sentence that stands apart from the answer: *sentence (NULL: none) becomes what it is when checked, before the next
 * done is told. */
void answer_check_apart(struct answer_check *check, char **sentence);

/* work(arg, evidence) on the worker's thread, where it touches nothing but these two; then done. Success, or
 * ERR_CANCELLED: the program ends, and whether it was done is unknown. */
void answer_check_work(struct answer_check *check, void (*work)(void *arg, struct evidence *evidence), void *arg,
                       struct done done);

/* The next piece of the answer, however it is cut. */
void answer_check_feed(struct answer_check *check, const char *text, size_t length);
/* There is no more for now: done comes after all of it was said. As for work. */
void answer_check_flush(struct answer_check *check, struct done done);
/* Nothing is said any more; what was fed and not yet judged is forgotten. Evidence and work go on. */
void answer_check_stop(struct answer_check *check);
/* Of what was said so far. */
void answer_check_counts(const struct answer_check *check, struct fact_check_counts *counts);

#endif
