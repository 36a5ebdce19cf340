/*
 * question.h - what a question in plain words is about: which time, which words. Pure.
 */
#ifndef BOT_QUESTION_H
#define BOT_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct question_bag; /* the words of a text, and what they mean */
struct zone;

struct question {
	int64_t from_ms, until_ms; /* the range that is asked about */
	bool says_when;            /* it stands in the words; else the last 24 hours */
	char *range_words;         /* the range for people: "since 09:00 (Asia/Tokyo)"; owned */
};

/*
 * "since nine", "since 9:30", "since 9pm yesterday", "between 2 and 4", "yesterday", "last 2 hours", "past week",
 * "this morning", "on Monday", "at 03:00", "on 2026-11-24", ISO times... in the zone; of a time of day the newest
 * one that is over. until_ms is never later than now_ms, from_ms < until_ms, at most 30 days before.
 * Anything else is not a time: "p99", "i-09", "v9", "9 instances".
 */
void question_read(struct question *question, const char *text, const struct zone *zone, int64_t now_ms);
/* A range that stands in no words; at most what question_read takes, and not later than now. Frees what it held. */
void question_set_range(struct question *question, int64_t from_ms, int64_t until_ms, const struct zone *zone,
                        int64_t now_ms);
void question_free(struct question *question); /* members */
/* NULL: no words. free() it. */
struct question_bag *question_bag(const char *text);
/* How well a title, id or dimension suits the question's words: 0: not at all; more is better. Plurals and
 * common words of operations are understood (slow: latency, duration; errors: 5xx, fail; load: cpu, requests...).
 */
double question_suits(const struct question_bag *asked, const char *title);

#endif
