/*
 * question_private.h - what the parts of reading a question share; for bot/question*.c alone.
 *
 * A `point` is what stands for a moment or a span in the words: "nine", "9pm yesterday", "Monday morning", "2 h
 * ago". It is read from the words (question_point.c) and becomes times in the zone (question_resolve.c);
 * question.c knows the phrases around it, question_suits.c which titles a question means.
 */
#ifndef BOT_QUESTION_PRIVATE_H
#define BOT_QUESTION_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MINUTE_MS ((int64_t)60 * 1000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

#define QUESTION_WORDS_MAX 400 /* of a longer question, its first ones */
#define QUESTION_WORD_SIZE 40  /* a longer word is no time */

struct question_words {
	char word[QUESTION_WORDS_MAX][QUESTION_WORD_SIZE]; /* lower case, without what stands around it */
	size_t count;
};
void question_words_split(struct question_words *words, const char *text);
const char *question_word(const struct question_words *words, size_t i); /* "" beyond the last */
bool question_is_one_of(const char *word, const char *const *list /* ended by NULL */);
bool question_word_is(const struct question_words *words, size_t i, const char *word);

enum point_day {
	DAY_NONE,
	DAY_AGO,     /* `ago` days before today */
	DAY_WEEKDAY, /* the newest one that is over */
	DAY_DATE,
	DAY_WEEK,    /* from Monday, `ago` weeks before this one */
	DAY_WEEKEND, /* the newest that has begun */
	DAY_MONTH,   /* `ago` months before this one */
};

struct question_point {
	bool exact; /* at_ms is it; else: */
	int64_t at_ms;
	enum point_day day;
	int ago;
	int weekday;           /* 0 Sunday */
	int year, month, date; /* DAY_DATE; year 0, month 0: the newest such day */
	bool clock;
	int hour, minute, second;
	bool loose; /* "nine": in the morning or in the evening */
	bool half;  /* "9pm": it is said which */
	bool utc;   /* said behind the time */
	bool part;  /* of the day: hours from its midnight, from may be below 0 and until above 24: */
	int part_from, part_until;
};

/* What stands before decides what may be a time. */
enum question_trust {
	TRUST_NONE, /* nothing: only what can be nothing else: "9:30", "3am", "Monday" */
	TRUST_SOME, /* "at", "from": "9", "mon" too, but not "9 instances" */
	TRUST_MUCH, /* "since": "9 errors" is nine o'clock */
};

/* A number of units: "2 hours", "90m", "half an hour", "a couple of days". How many words; 0: it is none.
 * unit_ms: of the longest one in it. */
size_t question_read_length(const struct question_words *words, size_t i, int64_t *length_ms, int64_t *unit_ms);
/* A unit alone: "hour", "min"; 0: it is none. */
int64_t question_unit_ms(const char *word);
/* How many words from i on are one clock time; 0: none. Fills the clock's members. */
size_t question_read_clock(const struct question_words *words, size_t i, enum question_trust trust,
                           struct question_point *point);
/* How many words from i on are one day (or week, or month); 0: none. Fills the day's members. */
size_t question_read_day(const struct question_words *words, size_t i, enum question_trust trust,
                         struct question_point *point);
/* How many words from i on are one point; 0: none. */
size_t question_read_point(const struct question_words *words, size_t i, enum question_trust trust,
                           int64_t now_ms, struct question_point *point);

struct zone;
/* The span that a point stands for; of a moment both are the same. False: it has not begun. */
bool question_resolve(const struct question_point *point, const struct zone *zone, int64_t now_ms,
                      int64_t *from_ms, int64_t *until_ms);
/* "from a to b": both together, because one tells day and half of the day of the other. */
bool question_resolve_pair(const struct question_point *a, const struct question_point *b,
                           const struct zone *zone, int64_t now_ms, int64_t *from_ms, int64_t *until_ms);

#endif
