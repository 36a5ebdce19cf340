/*
 * evidence.h - what an answer may rest on: the numbers, times and names that the model was given.
 *
 * Pure: no clock, no network. Everything that goes to the model goes in here as well; bot/fact_check.h holds a
 * text against it.
 */
#ifndef BOT_EVIDENCE_H
#define BOT_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

struct series;
struct zone;

struct evidence;

/* zone: of times without one, in what is given and in answers; NULL: UTC. Borrowed. */
struct evidence *evidence_new(const struct zone *zone);
void evidence_free(struct evidence *evidence); /* may be NULL */

/* All numbers (with their units), times, dates, durations and names that stand in a text: a finding, a table, what a
 * tool gave, the question itself. */
void evidence_text(struct evidence *evidence, const char *text);
/* A value; unit by the words of finding_quantity; NULL: none. */
void evidence_number(struct evidence *evidence, double value, const char *unit);
void evidence_time(struct evidence *evidence, int64_t wall_ms);
/* A metric, dashboard, alarm, instance, dimension's value... by which something may be called. */
void evidence_name(struct evidence *evidence, const char *name);
/* Something of which every count is given, as "incidents": small ones are looked for, too. A literal. */
void evidence_counted(struct evidence *evidence, const char *noun);
/* The values of one metric in [from_ms, until_ms), with what may be computed of them in one step: least, greatest,
 * mean, median, sum, count, first, last, change and ratio of any two. */
void evidence_series(struct evidence *evidence, const char *name, const struct series *series, int64_t from_ms,
                     int64_t until_ms, const char *unit);
/* Something that a claim of a cause may rest on: a change that was made (a deploy, a restart), or two series that
 * move together or of which one explains the other. what: its words, for instance the finding's text. */
void evidence_reason(struct evidence *evidence, const char *what);

#endif
