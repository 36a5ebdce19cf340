/* One point in time as people type it: a clock time, a part of the day, a moment some time ago, or with its day.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/question_private.h"

static bool is_any(const struct question_words *words, size_t i, const char *const *list)
{
	return question_is_one_of(question_word(words, i), list);
}

/* --- clock times -------------------------------------------------------------------------------- */

/* Up to `most` digits; -1: none. */
static int digits(const char **text, int most)
{
	int value = 0, count = 0;

	for (; count < most && isdigit((unsigned char)**text); count++)
		value = value * 10 + *(*text)++ - '0';
	return count == 0 ? -1 : value;
}

/* "am", "p.m", "z" behind a time; false: it is something else. */
static bool take_suffix(const char *suffix, struct question_point *point)
{
	static const char *const am[] = { "am", "a.m", "a.m.", NULL }, *const pm[] = { "pm", "p.m", "p.m.",
		                                                                       NULL };
	static const char *const utc[] = { "z", "utc", "gmt", "zulu", NULL };
	bool is_pm = question_is_one_of(suffix, pm);

	if (question_is_one_of(suffix, utc)) {
		point->utc = true;
		point->loose = false;
		return true;
	}
	if ((!is_pm && !question_is_one_of(suffix, am)) || point->hour < 1 || point->hour > 12)
		return false;
	point->hour = point->hour % 12 + (is_pm ? 12 : 0);
	point->loose = false;
	point->half = true;
	return true;
}

/* "0930": not a year. */
static bool take_military(const char *word, struct question_point *point)
{
	const char *p = word;
	int value = digits(&p, 4);

	if (p != word + 4 || *p != '\0' || value % 100 > 59 || value > 2359 || (value >= 1900 && value < 2100))
		return false;
	point->hour = value / 100;
	point->minute = value % 100;
	return true;
}

/* "9", "09", "9:30", "21:00:30", "9.30", "9h", "9h30", "9pm", "09:00z". *plain: it may be any number. */
static bool take_figures(const char *word, struct question_point *point, bool *plain)
{
	const char *p = word;
	char separator;

	*plain = true;
	if (take_military(word, point))
		return true;
	point->hour = digits(&p, 2);
	if (point->hour < 0 || point->hour > 24)
		return false;
	point->loose = *word != '0' && point->hour >= 1 && point->hour <= 12;
	separator = *p;
	if ((separator == ':' || separator == '.' || separator == 'h') && isdigit((unsigned char)p[1])) {
		p++;
		if (!isdigit((unsigned char)p[1]))
			return false;
		point->minute = digits(&p, 2);
		*plain = separator == '.';
		point->loose = false;
		if (*p == ':') {
			p++;
			point->second = digits(&p, 2);
		}
	} else if (separator == 'h') {
		p++;
		*plain = point->loose = false;
	}
	if (point->minute < 0 || point->minute > 59 || point->second < 0 || point->second > 59 ||
	    (point->hour == 24 && point->minute + point->second > 0))
		return false;
	if (*p != '\0') {
		*plain = false;
		return take_suffix(p, point);
	}
	return true;
}

static int hour_of_name(const char *word)
{
	static const char *const names[] = { "one",   "two",  "three", "four",   "five",   "six", "seven",
		                             "eight", "nine", "ten",   "eleven", "twelve", NULL };

	for (int i = 0; names[i] != NULL; i++)
		if (strcmp(word, names[i]) == 0)
			return i + 1;
	return 0;
}

static int minute_of_name(const char *word)
{
	static const struct {
		const char *name;
		int minute;
	} names[] = {
		{ "ten", 10 },   { "fifteen", 15 },    { "twenty", 20 }, { "thirty", 30 },
		{ "forty", 40 }, { "forty-five", 45 }, { "fifty", 50 },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i].name) == 0)
			return names[i].minute;
	return 0;
}

/* "nine", "nine thirty", or the "9" of "half past 9". */
static size_t read_hour(const struct question_words *words, size_t i, struct question_point *point)
{
	const char *word = question_word(words, i), *p = word;

	point->hour = hour_of_name(word);
	if (point->hour == 0)
		point->hour = digits(&p, 2);
	if (point->hour < 1 || point->hour > 12 || (p != word && *p != '\0'))
		return 0;
	point->loose = true;
	if (p != word)
		return 1;
	point->minute = minute_of_name(question_word(words, i + 1));
	return point->minute > 0 ? 2 : 1;
}

/* "half past nine", "half nine", "quarter to ten", "20 past 9". */
static size_t read_fraction(const struct question_words *words, size_t i, struct question_point *point)
{
	const char *word = question_word(words, i), *p = word;
	bool half = strcmp(word, "half") == 0, quarter = strcmp(word, "quarter") == 0;
	bool past = question_word_is(words, i + 1, "past"), to = question_word_is(words, i + 1, "to");
	int minute = half ? 30 : quarter ? 15 : minute_of_name(word);
	size_t used, hour;

	if (minute == 0) {
		minute = digits(&p, 2);
		if (minute < 1 || minute > 59 || *p != '\0')
			return 0;
	}
	if (!past && !(quarter && to) && !half)
		return 0;
	used = past || to ? 2 : 1;
	hour = read_hour(words, i + used, point);
	if (hour == 0 || point->minute > 0)
		return 0;
	point->minute = quarter && to ? 60 - minute : minute;
	point->hour -= quarter && to ? 1 : 0;
	return used + hour;
}

/* Behind a plain number: it counts or measures something, "9 instances", "5 ms", "3 of 4". */
static bool is_counted(const char *word)
{
	static const char *const units[] = { "%",    "percent", "ms",  "us",     "x",    "times", "of",  "out",
		                             "k",    "kb",      "mb",  "gb",     "tb",   "rps",   "qps", "req/s",
		                             "more", "new",     "per", "alarms", "pods", NULL };
	static const char *const others[] = { "this",       "was", "has",   "does", "is", "always",
		                              "yesterdays", "us",  "hours", "hrs",  NULL };
	size_t length = strlen(word);

	if (question_is_one_of(word, units))
		return true;
	return question_unit_ms(word) != 0 || (length > 3 && word[length - 1] == 's' && word[length - 2] != 's' &&
	                                       !question_is_one_of(word, others));
}

static size_t behind_clock(const struct question_words *words, size_t i, struct question_point *point,
                           bool *plain)
{
	static const char *const clock_words[] = { "o'clock", "oclock", "uhr", NULL };
	size_t used = 0;

	if (is_any(words, i, clock_words)) {
		used++;
		*plain = false;
	}
	if (take_suffix(question_word(words, i + used), point)) {
		used++;
		*plain = false;
	}
	if (!point->utc && take_suffix(question_word(words, i + used), point)) /* "9 pm utc" */
		used++;
	return used;
}

static bool take_named(const char *word, struct question_point *point)
{
	static const char *const noon[] = { "noon", "midday", "noontime", NULL };

	if (question_is_one_of(word, noon)) {
		point->hour = 12;
		return true;
	}
	return strcmp(word, "midnight") == 0; /* hour 0 */
}

size_t question_read_clock(const struct question_words *words, size_t i, enum question_trust trust,
                           struct question_point *point)
{
	struct question_point read = *point;
	bool plain = true;
	size_t used;

	read.clock = true;
	if (take_named(question_word(words, i), &read)) {
		*point = read;
		return 1;
	}
	used = read_fraction(words, i, &read);
	if (used > 0) {
		plain = false;
	} else {
		read = *point;
		read.clock = true;
		used = take_figures(question_word(words, i), &read, &plain) ? 1 : 0;
		if (used == 0) {
			read = *point;
			read.clock = true;
			used = read_hour(words, i, &read);
		}
	}
	if (used == 0)
		return 0;
	used += behind_clock(words, i + used, &read, &plain);
	if (plain && (trust == TRUST_NONE || (trust == TRUST_SOME && is_counted(question_word(words, i + used)))))
		return 0;
	*point = read;
	return used;
}

/* --- parts of the day ----------------------------------------------------------------------------- */

static const struct part {
	const char *name;
	int from, until;
} parts[] = {
	{ "morning", 5, 12 },
	{ "afternoon", 12, 18 },
	{ "evening", 17, 24 },
	{ "night", 20, 30 },
};

static const struct part *part_of(const char *word)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(word, parts[i].name) == 0)
			return &parts[i];
	return NULL;
}

static void set_part(struct question_point *point, int from, int until)
{
	point->part = true;
	point->part_from = from;
	point->part_until = until;
	if (point->day == DAY_NONE)
		point->day = DAY_AGO;
}

/* "this morning", "last night", "overnight", "in the evening", "morning" behind a day. */
static size_t read_part(const struct question_words *words, size_t i, struct question_point *point)
{
	static const char *const before[] = { "this", "last", "the", "early", "late", NULL };
	size_t used = 0;
	bool last = question_word_is(words, i, "last"), the = question_word_is(words, i, "the");
	const struct part *part;

	if (question_word_is(words, i, "tonight") || question_word_is(words, i, "overnight")) {
		bool tonight = question_word_is(words, i, "tonight");

		set_part(point, tonight ? 18 : -2, tonight ? 30 : 8);
		return 1;
	}
	while (used < 3 && is_any(words, i + used, before))
		used++;
	part = part_of(question_word(words, i + used));
	if (part == NULL || (used == 0 && point->day == DAY_NONE && !point->clock))
		return 0;
	if (part->until > 24 && point->day == DAY_NONE && (last || the || point->clock)) {
		set_part(point, -4, 8); /* the night that is today's beginning */
	} else {
		set_part(point, part->from, part->until);
		if (last)
			point->ago = 1;
	}
	return used + 1;
}

/* --- all together --------------------------------------------------------------------------------- */

/* "now", "2 hours ago", "an hour back". */
static size_t read_ago(const struct question_words *words, size_t i, int64_t now_ms, struct question_point *point)
{
	static const char *const ago[] = { "ago", "back", "earlier", NULL };
	int64_t length_ms, unit_ms;
	size_t used = question_read_length(words, i, &length_ms, &unit_ms);

	if (question_word_is(words, i, "now")) {
		point->exact = true;
		point->at_ms = now_ms;
		return 1;
	}
	if (used == 0 || !is_any(words, i + used, ago))
		return 0;
	if (unit_ms >= DAY_MS && length_ms % DAY_MS == 0) { /* "3 days ago" is a day, or a time on it */
		point->day = DAY_AGO;
		point->ago = (int)(length_ms / DAY_MS);
	} else {
		point->exact = true;
		point->at_ms = now_ms - length_ms;
	}
	return used + 1;
}

static size_t connectors(const struct question_words *words, size_t i)
{
	static const char *const list[] = {
		"at",      "on",      "in",    "of",   "the", "around", "about", "during", "approximately",
		"roughly", "exactly", "circa", "like", NULL
	};
	size_t used = 0;

	while (used < 3 && is_any(words, i + used, list))
		used++;
	return used;
}

/* One more piece of the same point. */
static size_t read_piece(const struct question_words *words, size_t i, enum question_trust trust,
                         struct question_point *point)
{
	size_t used = 0;

	if (!point->part)
		used = read_part(words, i, point);
	if (used == 0 && (point->day == DAY_NONE || (point->part && point->day == DAY_AGO && point->ago == 0)))
		used = question_read_day(words, i, trust, point);
	if (used == 0 && !point->clock)
		used = question_read_clock(words, i, trust, point);
	return used;
}

size_t question_read_point(const struct question_words *words, size_t i, enum question_trust trust,
                           int64_t now_ms, struct question_point *point)
{
	size_t used, more, skipped = 0;

	*point = (struct question_point){ .exact = false };
	if (trust != TRUST_NONE)
		skipped = connectors(words, i);
	used = read_ago(words, i + skipped, now_ms, point);
	if (used == 0)
		used = read_piece(words, i + skipped, trust, point);
	if (used == 0 && skipped > 0 &&
	    question_word_is(words, i + skipped - 1, "the")) /* "the night", "the 24th" */
		used = read_piece(words, i + --skipped, trust, point);
	if (used == 0)
		return 0;
	used += skipped;
	while (!point->exact) {
		skipped = connectors(words, i + used);
		more = read_piece(words, i + used + skipped, skipped > 0 ? TRUST_SOME : TRUST_NONE, point);
		if (more == 0)
			break;
		used += skipped + more;
	}
	return used;
}
