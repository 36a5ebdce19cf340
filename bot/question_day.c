/* Days, weeks and months as people type them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/question_private.h"

/* --- dates ---------------------------------------------------------------------------------------- */

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && (leap || year == 0) ? 29 : days[month - 1];
}

static bool set_date(struct question_point *point, int year, int month, int date)
{
	if (month < 1 || month > 12 || date < 1 || date > days_in(year, month) ||
	    (year != 0 && (year < 1971 || year > 9998)))
		return false;
	point->day = DAY_DATE;
	point->year = year;
	point->month = month;
	point->date = date;
	return true;
}

/* Digits all through, at most four; -1: not so. */
static int whole_number(const char *word)
{
	size_t length = strspn(word, "0123456789");

	return length == 0 || length > 4 || word[length] != '\0' ? -1 : (int)strtol(word, NULL, 10);
}

/* "24", "24th"; 0: no day of a month. */
static int date_of(const char *word, bool *ordinal)
{
	static const char *const endings[] = { "st", "nd", "rd", "th", NULL };
	size_t length = strspn(word, "0123456789");
	long value = length >= 1 && length <= 2 ? strtol(word, NULL, 10) : 0;

	*ordinal = question_is_one_of(word + length, endings);
	return value >= 1 && value <= 31 && (word[length] == '\0' || *ordinal) ? (int)value : 0;
}

static int month_of(const char *word)
{
	static const char *const months[] = { "january",   "february", "march",    "april",
		                              "may",       "june",     "july",     "august",
		                              "september", "october",  "november", "december" };
	size_t length = strlen(word);

	for (int i = 0; i < 12; i++)
		if (length >= 3 && strncmp(word, months[i], length) == 0 &&
		    (length == 3 || months[i][length] == '\0'))
			return i + 1;
	return strcmp(word, "sept") == 0 ? 9 : 0;
}

static size_t read_year(const struct question_words *words, size_t i, int *year)
{
	int value = whole_number(question_word(words, i));

	if (value < 2000 || value > 2999)
		return 0;
	*year = value;
	return 1;
}

/* "24 nov", "24th of november 2026", "nov 24", "november 24th". */
static size_t read_month_date(const struct question_words *words, size_t i, struct question_point *point)
{
	bool ordinal;
	int date = date_of(question_word(words, i), &ordinal), month, year = 0;
	size_t used = 1;

	if (date > 0) {
		used += question_word_is(words, i + used, "of") ? 1 : 0;
		month = month_of(question_word(words, i + used++));
	} else {
		month = month_of(question_word(words, i));
		date = date_of(question_word(words, i + used++), &ordinal);
	}
	if (month == 0 || date == 0)
		return 0;
	used += read_year(words, i + used, &year);
	return set_date(point, year, month, date) ? used : 0;
}

/* "2026-11-24", "24.11.2026", "11/24", "24/11/2026"; not what may be either day or month. */
static bool take_figures(const char *word, struct question_point *point)
{
	char separator[3];
	int a, b, c = 0, end = 0, count;

	if (strspn(word, "0123456789-./") != strlen(word) || strlen(word) > 10)
		return false;
	count = sscanf(word, "%4d%1[-./]%2d%n", &a, separator, &b, &end);
	if (count != 3 || end == 0)
		return false;
	if (word[end] != '\0') {
		const char *third = word + end + 1;

		c = word[end] == separator[0] ? whole_number(third) : -1;
		if (c < 0)
			return false;
	}
	if (*separator == '-' || (*separator == '/' && a > 999))
		return c > 0 && a > 999 && set_date(point, a, b, c);
	if (*separator == '.')
		return c > 999 && set_date(point, c, b, a);
	if (c != 0 && c < 1000)
		return false;
	return b > 12 ? set_date(point, c, a, b) : a > 12 && set_date(point, c, b, a);
}

/* "2026-11-24t21:00", "2026-11-24t21:00:00z", "...+09:00". */
static bool take_iso(const char *word, struct question_point *point)
{
	char text[64];
	int year, month, date, hour, minute, second = 0, end = 0;
	const char *rest;

	if (sscanf(word, "%4d-%2d-%2dt%2d:%2d%n", &year, &month, &date, &hour, &minute, &end) != 5 || end == 0)
		return false;
	rest = word + end;
	if (*rest == ':' && isdigit((unsigned char)rest[1]) && isdigit((unsigned char)rest[2])) {
		second = (rest[1] - '0') * 10 + rest[2] - '0';
		rest += 3;
	}
	if (*rest == '.' || *rest == ',')
		rest += 1 + strspn(rest + 1, "0123456789");
	if (!set_date(point, year, month, date) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    second > 59)
		return false;
	if (*rest != '\0') {
		(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d%s", year, month, date, hour,
		               minute, second, *rest == 'z' ? "Z" : rest);
		point->exact = true;
		return clock_parse_iso(text, &point->at_ms);
	}
	point->clock = true;
	point->hour = hour;
	point->minute = minute;
	point->second = second;
	return true;
}

/* --- names ---------------------------------------------------------------------------------------- */

static int weekday_of(const char *word, bool *whole)
{
	static const char *const names[] = { "sunday",   "monday", "tuesday", "wednesday",
		                             "thursday", "friday", "saturday" };
	static const char *const more[][4] = {
		{ "sun" }, { "mon" }, { "tue", "tues" }, { "wed", "weds" }, { "thu", "thur", "thurs" },
		{ "fri" }, { "sat" }
	};

	for (int i = 0; i < 7; i++) {
		*whole = strcmp(word, names[i]) == 0;
		if (*whole || question_is_one_of(word, more[i]))
			return i;
	}
	return -1;
}

/* "week", "weekend", "month" behind "this" or "last". */
static size_t read_long(const struct question_words *words, size_t i, struct question_point *point)
{
	static const struct {
		const char *name;
		enum point_day day;
	} names[] = {
		{ "week", DAY_WEEK },
		{ "month", DAY_MONTH },
		{ "weekend", DAY_WEEKEND },
	};
	bool last = question_word_is(words, i, "last") || question_word_is(words, i, "previous");
	bool this_one = question_word_is(words, i, "this") || question_word_is(words, i, "current");
	bool the = question_word_is(words, i, "the") || question_word_is(words, i, "past");
	const char *word = question_word(words, i + 1);

	if (!last && !this_one && !(the && strcmp(word, "weekend") == 0))
		return 0;
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		if (strcmp(word, names[n].name) != 0)
			continue;
		point->day = names[n].day;
		point->ago = last && names[n].day != DAY_WEEKEND ? 1 : 0;
		return 2;
	}
	return 0;
}

static size_t set_ago(struct question_point *point, int ago, size_t used)
{
	point->day = DAY_AGO;
	point->ago = ago;
	return used;
}

static size_t read_named(const struct question_words *words, size_t i, enum question_trust trust,
                         struct question_point *point)
{
	static const char *const before[] = { "last", "this", "past", "previous", NULL };
	static const char *const yesterday[] = { "yesterday", "yday", "ystd", "yest", NULL };
	size_t the = question_word_is(words, i, "the") ? 1 : 0, used = 0;
	bool whole;

	if (question_word_is(words, i, "today"))
		return set_ago(point, 0, 1);
	if (question_is_one_of(question_word(words, i), yesterday))
		return set_ago(point, 1, 1);
	if (question_word_is(words, i + the, "day") && question_word_is(words, i + the + 1, "before") &&
	    question_word_is(words, i + the + 2, "yesterday"))
		return set_ago(point, 2, the + 3);
	if (question_is_one_of(question_word(words, i), before))
		used = 1;
	point->weekday = weekday_of(question_word(words, i + used), &whole);
	if (point->weekday < 0 || (!whole && trust == TRUST_NONE && used == 0))
		return 0;
	point->day = DAY_WEEKDAY;
	return used + 1;
}

size_t question_read_day(const struct question_words *words, size_t i, enum question_trust trust,
                         struct question_point *point)
{
	struct question_point read = *point;
	const char *word = question_word(words, i);
	size_t used = take_iso(word, &read) ? 1 : 0, the;
	bool ordinal = false;

	if (used == 0) {
		read = *point;
		used = take_figures(word, &read) ? 1 : 0;
	}
	if (used == 0)
		used = read_month_date(words, i, &read);
	if (used == 0)
		used = read_long(words, i, &read);
	if (used == 0)
		used = read_named(words, i, trust, &read);
	the = strcmp(word, "the") == 0 ? 1 : 0;
	if (used == 0 && trust != TRUST_NONE) {
		read.date = date_of(question_word(words, i + the), &ordinal);
		if (ordinal && read.date > 0) { /* "on the 24th" */
			read.day = DAY_DATE;
			read.year = read.month = 0;
			used = the + 1;
		}
	}
	if (used > 0)
		*point = read;
	return used;
}
