/*
 * fact_read.h - the figures, times and names that stand in prose, read as a person would. Pure.
 *
 * The same reader serves both sides: what the model is given (bot/evidence.h) and what it answers
 * (bot/fact_check.h). English first; the commonest forms of German, French, Spanish, Portuguese and Japanese
 * too.
 */
#ifndef BOT_FACT_READ_H
#define BOT_FACT_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FACT_READINGS_MAX 4

enum fact_kind {
	FACT_FIGURE, /* a number, with or without a unit; also a duration */
	FACT_TIMES,  /* a ratio: "40 times", "doubled", "a third" */
	FACT_TIME,   /* a time of day, a date, or both */
	FACT_NAME,   /* what looks like an identifier: i-0abc, CPUUtilization, http_requests, `web` */
};

enum fact_unit {
	FACT_PLAIN,
	FACT_SECONDS,
	FACT_BYTES,
	FACT_BITS,
	FACT_PERCENT,
	FACT_VOLTS, /* from here on those of devices: none is another one's */
	FACT_AMPERES,
	FACT_WATTS,
	FACT_CELSIUS,
	FACT_FAHRENHEIT,
	FACT_DECIBELS,
	FACT_HERTZ
};

enum fact_hedge { FACT_AS_WRITTEN, FACT_ABOUT, FACT_AT_LEAST, FACT_AT_MOST };

/* What the words around a figure say that it is. */
enum fact_role { FACT_ROLE_VALUE, FACT_ROLE_USUAL, FACT_ROLE_LIMIT };

/* What a time is for the sentence: a moment, or the begin or end of a stretch. */
enum fact_relation { FACT_AT, FACT_SINCE, FACT_UNTIL };

/* Of a time that bounds something: what it bounds. */
enum fact_bound {
	FACT_BOUND_ANY,
	FACT_BOUND_LIMIT, /* being over a limit: no time of an extreme, nor an event's */
	FACT_BOUND_BEGIN,
	FACT_BOUND_MOVE, /* "began to rise": no finding's begin */
	FACT_BOUND_END
};

/* One way to read a number: 1.234 may be a thousand or one and a bit, 1 MB a million bytes or 1024 * 1024. */
struct fact_reading {
	double value; /* in s, bytes, bits, percent, or as it stands */
	double half;  /* half of what the last written digit is worth */
};

struct fact {
	enum fact_kind kind;
	size_t from, to; /* bytes of the text */
	size_t mark;     /* where a mark may stand: `to`, or behind the code or link that it is in */
	struct fact_reading readings[FACT_READINGS_MAX];
	size_t reading_count;
	size_t written; /* how many of them are due to separators: 1.234; the others are due to the unit */
	enum fact_unit unit;
	enum fact_hedge hedge;
	enum fact_role role;
	double whole;     /* "3 of the last 5": 5; 0: it is no part */
	bool rate;        /* each second: per minute and per hour are converted */
	bool word;        /* "five", not "5" */
	bool loose;       /* a word for a ratio: "doubled" need not be 2.00 */
	bool duration;    /* minutes, hours, days: a stretch of time rather than a metric's value */
	bool spans;       /* "for 45 min", "7 min before": it lies between two times */
	bool change;      /* "12 % more", "up 3 s", "by 40": a difference, not a level */
	bool compares;    /* "13 times as many"; "answered 13 times" need not */
	bool tallies;     /* "over 41 values": of the series' values so many */
	bool points;      /* "12 percentage points" */
	bool is_signed;   /* "+12 %" */
	int zeros;        /* that a whole number ends with: how it was rounded is not written */
	double factor;    /* the value as written times this is the reading's; 1 without unit and rate */
	size_t digits_to; /* where the digits end, before unit and the like */
	bool quoted;      /* a name in backticks or quotation marks */
	bool maybe;       /* words with hyphens: a name only where a known one looks like it */
	/* FACT_TIME */
	enum fact_relation relation;
	bool of_row; /* a row of a table has its values then: it begins and ends nothing */
	bool bounds; /* it begins or ends something: "since 09:05", "it ended at 10:00" */
	enum fact_bound bound;
	int32_t clock_s;      /* since midnight; -1: none */
	int32_t clock_half_s; /* how exactly it is written: 30 for 09:05, 1800 for "9 am" */
	bool utc;             /* UTC (or an offset, converted) is written with it; else the zone's time */
	int year, month, day; /* 0: not written */
	int weekday;          /* 0 Sunday ... 6; -1: none */
};

/* At most `max` facts, in their order; what is beyond is not read. Linear in length. */
size_t fact_read(const char *text, size_t length, struct fact *facts, size_t max);

/* Whether this word (lower or upper case, without its neighbours) may be part of a fact: a stream that shows
 * words as they come stops before the first such one. Never false for a word that fact_read uses. */
bool fact_read_may_use(const char *word, size_t length);

#endif
