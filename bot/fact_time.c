/* Times of day, dates and weekdays in prose: "09:05", "9 am", "9 Uhr", "9h05", "Thu 26 Nov",
 * "2026-11-26T09:05Z". */
#include <string.h>
#include <strings.h>

#include "bot/fact_private.h"

#define HOUR_S 3600
#define MINUTE_S 60
#define DAY_S 86400

struct word_number {
	const char *word;
	int number;
};

static const struct word_number months[] = {
	{ "January", 1 },    { "Jan", 1 },        { "February", 2 },  { "Feb", 2 },        { "March", 3 },
	{ "Mar", 3 },        { "April", 4 },      { "Apr", 4 },       { "May", 5 },        { "June", 6 },
	{ "Jun", 6 },        { "July", 7 },       { "Jul", 7 },       { "August", 8 },     { "Aug", 8 },
	{ "September", 9 },  { "Sep", 9 },        { "Sept", 9 },      { "October", 10 },   { "Oct", 10 },
	{ "November", 11 },  { "Nov", 11 },       { "December", 12 }, { "Dec", 12 },       { "Januar", 1 },
	{ "Februar", 2 },    { "März", 3 },       { "Mai", 5 },       { "Juni", 6 },       { "Juli", 7 },
	{ "Oktober", 10 },   { "Dezember", 12 },  { "Okt", 10 },      { "Dez", 12 },       { "janvier", 1 },
	{ "février", 2 },    { "mars", 3 },       { "avril", 4 },     { "juin", 6 },       { "juillet", 7 },
	{ "août", 8 },       { "septembre", 9 },  { "octobre", 10 },  { "novembre", 11 },  { "décembre", 12 },
	{ "enero", 1 },      { "febrero", 2 },    { "marzo", 3 },     { "abril", 4 },      { "mayo", 5 },
	{ "junio", 6 },      { "julio", 7 },      { "agosto", 8 },    { "septiembre", 9 }, { "octubre", 10 },
	{ "noviembre", 11 }, { "diciembre", 12 }, { "janeiro", 1 },   { "fevereiro", 2 },  { "março", 3 },
	{ "maio", 5 },       { "junho", 6 },      { "julho", 7 },     { "setembro", 9 },   { "outubro", 10 },
	{ "novembro", 11 },  { "dezembro", 12 },
};

static const struct word_number weekdays[] = {
	{ "Sunday", 0 },     { "Monday", 1 },    { "Tuesday", 2 },  { "Wednesday", 3 },  { "Thursday", 4 },
	{ "Friday", 5 },     { "Saturday", 6 },  { "Sundays", 0 },  { "Mondays", 1 },    { "Tuesdays", 2 },
	{ "Wednesdays", 3 }, { "Thursdays", 4 }, { "Fridays", 5 },  { "Saturdays", 6 },  { "Sonntag", 0 },
	{ "Montag", 1 },     { "Dienstag", 2 },  { "Mittwoch", 3 }, { "Donnerstag", 4 }, { "Freitag", 5 },
	{ "Samstag", 6 },    { "dimanche", 0 },  { "lundi", 1 },    { "mardi", 2 },      { "mercredi", 3 },
	{ "jeudi", 4 },      { "vendredi", 5 },  { "samedi", 6 },   { "domingo", 0 },    { "lunes", 1 },
	{ "martes", 2 },     { "miércoles", 3 }, { "jueves", 4 },   { "viernes", 5 },    { "sábado", 6 },
	{ "日曜日", 0 },     { "月曜日", 1 },    { "火曜日", 2 },   { "水曜日", 3 },     { "木曜日", 4 },
	{ "金曜日", 5 },     { "土曜日", 6 },
};
/* Words of other meanings too: only before a date or a time. */
static const struct word_number short_weekdays[] = {
	{ "Sun", 0 }, { "Mon", 1 },  { "Tue", 2 },   { "Tues", 2 }, { "Wed", 3 },
	{ "Thu", 4 }, { "Thur", 4 }, { "Thurs", 4 }, { "Fri", 5 },  { "Sat", 6 },
};

static int word_at(const struct fact_cursor *cursor, size_t at, const struct word_number *words, size_t count,
		   size_t *length)
{
	for (size_t i = 0; i < count; i++) {
		bool whole = (unsigned char)words[i].word[0] < 0x80;

		if (!fact_stands(cursor, at, words[i].word, whole))
			continue;
		*length = strlen(words[i].word);
		return words[i].number;
	}
	return -1;
}

#define WORD_AT(cursor, at, words, length)                                                                     \
	word_at(cursor, at, words, sizeof(words) / sizeof((words)[0]), length)

/* Up to `most` digits; *length 0: none. */
static int digits_at(const struct fact_cursor *cursor, size_t at, size_t most, size_t *length)
{
	int value = 0;

	for (*length = 0; *length < most && fact_is_digit(fact_char(cursor, at + *length)); (*length)++)
		value = value * 10 + (cursor->text[at + *length] - '0');
	return value;
}

/* Exactly so many digits and no more. */
static bool exactly(const struct fact_cursor *cursor, size_t at, size_t count, int *value)
{
	size_t length;

	*value = digits_at(cursor, at, count + 1, &length);
	return length == count;
}

/* "am", "p.m." behind the hour: *hour by 24. */
static size_t half_of_day(const struct fact_cursor *cursor, size_t at, int *hour)
{
	size_t next = fact_skip_space(cursor, at), length;
	char c = fact_char(cursor, next);
	bool pm = c == 'p' || c == 'P';

	if (*hour < 1 || *hour > 12 || (!pm && c != 'a' && c != 'A'))
		return 0;
	if (fact_stands(cursor, next + 1, ".m.", false) && next + 3 < cursor->length)
		length = 4;
	else if (fact_stands(cursor, next + 1, "m", true))
		length = 2;
	else
		return 0;
	*hour = *hour % 12 + (pm ? 12 : 0);
	return next + length - at;
}

/* A zone behind the time: UTC and Z, or an offset, which is taken off; the zone's own abbreviation means
 * nothing new. */
static size_t zone_behind(const struct fact_cursor *cursor, size_t at, struct fact *fact)
{
	size_t next = fact_skip_space(cursor, at);
	int hours, minutes = 0;
	char sign = fact_char(cursor, at);

	if (next == at && fact_stands(cursor, at, "Z", true)) {
		fact->utc = true;
		return 1;
	}
	if (fact_stands(cursor, next, "UTC", true) || fact_stands(cursor, next, "GMT", true)) {
		fact->utc = true;
		return next + 3 - at;
	}
	if ((sign != '+' && sign != '-') || fact->year == 0 || !fact_is_digit(fact_char(cursor, at + 1)))
		return 0;
	hours = (fact_char(cursor, at + 1) - '0') * 10 + (fact_char(cursor, at + 2) - '0');
	if (!fact_is_digit(fact_char(cursor, at + 2)))
		return 0;
	next = at + 3 + (fact_char(cursor, at + 3) == ':' ? 1 : 0);
	if (!exactly(cursor, next, 2, &minutes))
		return 0;
	fact->utc = true;
	fact->clock_s -= (sign == '-' ? -1 : 1) * (hours * HOUR_S + minutes * MINUTE_S);
	/* The date is that of the offset's zone: what leaves the day is carried over where it is used. */
	return next + 2 - at;
}

static void set_clock(struct fact *fact, int hour, int minute, int second, int32_t half_s)
{
	fact->clock_s = hour * HOUR_S + minute * MINUTE_S + second;
	fact->clock_half_s = half_s;
}

/* "09:05", "9:05:30.123 pm", "9.05 Uhr", "9h05" */
static bool clock_of_digits(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	size_t length, next, step, more = 0;
	int hour = digits_at(cursor, *at, 3, &length), minute, second = 0;
	bool seconds = false;
	char c;

	if (length == 0 || length > 2 || hour > 24)
		return false;
	next = *at + length;
	c = fact_char(cursor, next);
	if ((c != ':' && c != 'h' && c != '.') || !exactly(cursor, next + 1, 2, &minute) || minute > 59)
		return false;
	next += 3;
	if (c == '.' && !fact_stands(cursor, fact_skip_space(cursor, next), "Uhr", true) &&
	    half_of_day(cursor, next, &hour) == 0)
		return false;
	if (c == ':' && fact_char(cursor, next) == ':' && exactly(cursor, next + 1, 2, &second) &&
	    second <= 60) {
		seconds = true;
		next += 3;
		if ((fact_char(cursor, next) == '.' || fact_char(cursor, next) == ',') &&
		    fact_is_digit(fact_char(cursor, next + 1))) {
			(void)digits_at(cursor, next + 1, 9, &more);
			next += 1 + more;
		}
	}
	step = fact_skip_space(cursor, next);
	if (fact_stands(cursor, step, "Uhr", true) || fact_stands(cursor, step, "hrs", true))
		next = step + 3;
	else
		next += half_of_day(cursor, next, &hour);
	if (fact_is_digit(fact_char(cursor, next)) || fact_char(cursor, next) == '_')
		return false;
	set_clock(fact, hour, minute, second, seconds ? 1 : 30);
	*at = next;
	return true;
}

/* "since nine", "at 9", "um 9": only where what follows is no thing that is counted. */
static bool is_hour_by_words(const struct fact_cursor *cursor, size_t begin, size_t end)
{
	static const char *const before[] = { "since",  "at",    "until", "till", "before", "after",
					      "around", "from",  "by",    "um",   "seit",   "gegen",
					      "vers",   "desde", "las",   "às",   NULL };
	static const char *const behind[] = { "this",    "yesterday", "today",   "on", "in",   "and",   "until",
					      "onwards", "last",      "tonight", "o",  "when", "while", NULL };
	size_t length, word = fact_word_before(cursor, begin, &length), next;
	char c = fact_char(cursor, end);
	bool strict;

	if (length == 0 || !fact_word_is(cursor, word, length, before))
		return false;
	strict = fact_stands(cursor, word, "at", true) || fact_stands(cursor, word, "by", true) ||
		 fact_stands(cursor, word, "from", true) || fact_stands(cursor, word, "around", true);
	if (c == '\'' || c == '?')
		return true;
	if (c == '.' || c == ',' || c == '\0' || c == ')')
		return !strict && !fact_is_digit(fact_char(cursor, end + 1));
	next = fact_skip_space(cursor, end);
	length = fact_word_length(cursor, next);
	if (next >= cursor->length)
		return !strict;
	if (strict)
		return fact_stands(cursor, next, "o'clock", true) ||
		       fact_stands(cursor, next, "this morning", true) ||
		       fact_stands(cursor, next, "yesterday", true) || fact_stands(cursor, next, "today", true);
	return length > 0 && fact_word_is(cursor, next, length, behind);
}

/* "9 am", "9 Uhr", "9 h" is a duration, "9時5分", "since nine" */
static bool clock_of_hour(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	size_t length, next, half;
	int hour = digits_at(cursor, *at, 3, &length), minute;

	if (length == 0)
		hour = fact_number_of_words(cursor, *at, &length);
	if (length == 0 || hour < 0 || hour > 24 || (fact_is_digit(fact_char(cursor, *at)) && length > 2))
		return false;
	next = *at + length;
	half = half_of_day(cursor, next, &hour);
	if (half > 0) {
		set_clock(fact, hour, 0, 0, HOUR_S / 2);
		*at = next + half;
		return true;
	}
	if (fact_stands(cursor, next, "時", false) && !fact_stands(cursor, next, "時間", false)) {
		next += strlen("時");
		minute = digits_at(cursor, next, 2, &length);
		if (length > 0 && fact_stands(cursor, next + length, "分", false)) {
			set_clock(fact, hour, minute, 0, 30);
			*at = next + length + strlen("分");
			return true;
		}
		set_clock(fact, hour, 0, 0, HOUR_S / 2);
		*at = next;
		return true;
	}
	if (fact_stands(cursor, fact_skip_space(cursor, next), "Uhr", true) ||
	    fact_stands(cursor, fact_skip_space(cursor, next), "o'clock", true)) {
		next = fact_skip_space(cursor, next);
		set_clock(fact, hour, 0, 0, HOUR_S / 2);
		*at = next + (fact_stands(cursor, next, "Uhr", true) ? 3 : 7);
		return true;
	}
	if (!is_hour_by_words(cursor, *at, next))
		return false;
	set_clock(fact, hour, 0, 0, HOUR_S / 2);
	*at = next;
	return true;
}

static bool clock_of_words(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	static const struct word_number words[] = { { "noon", 12 },   { "midday", 12 },     { "midnight", 0 },
						    { "Mittag", 12 }, { "Mitternacht", 0 }, { "midi", 12 },
						    { "minuit", 0 },  { "medianoche", 0 },  { "mediodía", 12 },
						    { "正午", 12 } };
	size_t length;
	int hour = WORD_AT(cursor, *at, words, &length);

	if (hour < 0)
		return false;
	set_clock(fact, hour, 0, 0, 30);
	*at += length;
	return true;
}

static bool read_clock(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	if (!clock_of_digits(cursor, at, fact) && !clock_of_hour(cursor, at, fact) &&
	    !clock_of_words(cursor, at, fact))
		return false;
	*at += zone_behind(cursor, *at, fact);
	return true;
}

/* "26.11." is a date behind such a word; else "31.7." ends a sentence. */
static bool stands_for_date(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = {
		"am", "vom", "den", "dem", "bis", "ab", "seit", "zum", "beim", NULL
	};
	size_t length, begin = fact_word_before(cursor, at, &length);

	return length > 0 && fact_word_is(cursor, begin, length, words);
}

/* "2026-11-26", "26.11.2026", "26.11." */
static bool date_of_digits(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	int year, month, day;
	size_t length, next;

	if (exactly(cursor, *at, 4, &year) && year >= 1970 && year < 2200) {
		char c = fact_char(cursor, *at + 4);

		if ((c == '-' || c == '/') && exactly(cursor, *at + 5, 2, &month) &&
		    fact_char(cursor, *at + 7) == c && exactly(cursor, *at + 8, 2, &day) && month >= 1 &&
		    month <= 12 && day >= 1 && day <= 31) {
			fact->year = year, fact->month = month, fact->day = day;
			*at += 10;
			return true;
		}
	}
	day = digits_at(cursor, *at, 3, &length);
	if (length == 0 || length > 2 || day < 1 || day > 31 || fact_char(cursor, *at + length) != '.')
		return false;
	next = *at + length + 1;
	month = digits_at(cursor, next, 3, &length);
	if (length == 0 || length > 2 || month < 1 || month > 12 || fact_char(cursor, next + length) != '.')
		return false;
	next += length + 1;
	if (exactly(cursor, next, 4, &year)) {
		fact->year = year;
		next += 4;
	} else if (fact_is_digit(fact_char(cursor, next)) || !stands_for_date(cursor, *at)) {
		return false;
	}
	fact->month = month, fact->day = day;
	*at = next;
	return true;
}

static void year_behind(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	size_t next = fact_skip_space(cursor, *at + (fact_char(cursor, *at) == ',' ? 1 : 0));
	int year;

	if (next == *at || !exactly(cursor, next, 4, &year) || year < 1970 || year > 2200)
		return;
	if (fact_char(cursor, next + 4) == ':' || fact_char(cursor, next + 4) == '.')
		if (fact_is_digit(fact_char(cursor, next + 5)))
			return;
	fact->year = year;
	*at = next + 4;
}

/* "26 Nov 2026", "26. November", "26 de noviembre", "11月26日" */
static bool date_day_first(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	size_t length, next;
	int day = digits_at(cursor, *at, 3, &length), month;

	if (length == 0 || length > 2 || day < 1 || day > 31)
		return false;
	next = *at + length;
	if (fact_stands(cursor, next, "月", false) && day <= 12) {
		int inner = digits_at(cursor, next + strlen("月"), 2, &length);

		next += strlen("月") + length;
		if (length == 0 || !fact_stands(cursor, next, "日", false))
			return false;
		fact->month = day, fact->day = inner;
		*at = next + strlen("日");
		return true;
	}
	if (fact_stands(cursor, next, "th", true) || fact_stands(cursor, next, "st", true) ||
	    fact_stands(cursor, next, "nd", true) || fact_stands(cursor, next, "rd", true))
		next += 2;
	if (fact_char(cursor, next) == '.')
		next++;
	next = fact_skip_space(cursor, next);
	if (fact_stands(cursor, next, "de", true) || fact_stands(cursor, next, "of", true))
		next = fact_skip_space(cursor, next + 2);
	month = WORD_AT(cursor, next, months, &length);
	if (month < 0)
		return false;
	fact->month = month, fact->day = day;
	*at = next + length;
	if (fact_char(cursor, *at) == '.' && length <= 4 && fact_char(cursor, *at + 1) == ' ' &&
	    fact_is_digit(fact_char(cursor, *at + 2)))
		(*at)++;
	year_behind(cursor, at, fact);
	return true;
}

/* "Nov 26, 2026", "November 26th" */
static bool date_month_first(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	size_t length, next;
	int month = WORD_AT(cursor, *at, months, &length), day;

	if (month < 0)
		return false;
	next = *at + length + (fact_char(cursor, *at + length) == '.' ? 1 : 0);
	next = fact_skip_space(cursor, next);
	day = digits_at(cursor, next, 3, &length);
	if (length == 0 || length > 2 || day < 1 || day > 31 || fact_char(cursor, next + length) == ':')
		return false;
	next += length;
	if (fact_stands(cursor, next, "th", true) || fact_stands(cursor, next, "st", true) ||
	    fact_stands(cursor, next, "nd", true) || fact_stands(cursor, next, "rd", true))
		next += 2;
	fact->month = month, fact->day = day;
	*at = next;
	year_behind(cursor, at, fact);
	return true;
}

static bool read_date(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	return date_of_digits(cursor, at, fact) || date_day_first(cursor, at, fact) ||
	       date_month_first(cursor, at, fact);
}

/* Over what stands between the parts of one time: spaces, a comma, "at", "um", "T". */
static size_t between(const struct fact_cursor *cursor, size_t at, bool with_t)
{
	size_t next = at;

	if (with_t && (fact_char(cursor, at) == 'T' || fact_char(cursor, at) == 't'))
		return at + 1;
	if (fact_char(cursor, next) == ',' || fact_char(cursor, next) == '.')
		next++;
	next = fact_skip_space(cursor, next);
	if (fact_stands(cursor, next, "at", true) || fact_stands(cursor, next, "um", true) ||
	    fact_stands(cursor, next, "on", true))
		next = fact_skip_space(cursor, next + 2);
	return next;
}

/* "Thu 26 Nov 05:00", "on Thursday at 9 am" */
static bool read_weekday(struct fact_cursor *cursor, struct fact *fact)
{
	size_t at = cursor->at, length, next;
	int weekday = WORD_AT(cursor, at, weekdays, &length);
	bool is_short = weekday < 0;

	if (is_short)
		weekday = WORD_AT(cursor, at, short_weekdays, &length);
	if (weekday < 0)
		return false;
	fact->weekday = weekday;
	at += length;
	next = between(cursor, at, false);
	if (read_date(cursor, &next, fact)) {
		at = next;
		next = between(cursor, at, false);
		is_short = false;
	}
	if (read_clock(cursor, &next, fact)) {
		at = next;
		is_short = false;
	}
	if (is_short)
		return false;
	cursor->at = at;
	return true;
}

/* By the word before it: "since 9", "until 10", "between 9 and 10". */
static enum fact_relation relation_of(const struct fact_cursor *cursor, size_t begin)
{
	static const char *const since[] = { "since", "from", "after",    "between", "starting", "seit",
					     "ab",    "von",  "zwischen", "nach",    "depuis",   "entre",
					     "desde", "após", "después",  "past",    NULL };
	static const char *const until[] = { "until", "till", "to",    "before", "through", "and", "und",
					     "bis",   "vor",  "et",    "à",      "y",       "e",   "hasta",
					     "até",   "a",    "avant", "antes",  "avance",  NULL };
	size_t length, word = fact_word_before(cursor, begin, &length), before;

	if (begin > 0 &&
	    (cursor->text[begin - 1] == '-' || (begin >= 3 && memcmp(cursor->text + begin - 3, "–", 3) == 0)))
		return FACT_UNTIL;
	if (length == 0)
		return FACT_AT;
	if (fact_word_is(cursor, word, length, since)) {
		size_t size, apart = fact_word_before(cursor, word, &size);
		static const char *const but[] = { "apart", "aside", "away", NULL };

		return size > 0 && fact_word_is(cursor, apart, size, but) ? FACT_AT : FACT_SINCE;
	}
	if (!fact_word_is(cursor, word, length, until))
		return FACT_AT;
	/* "and" and the like only right behind another time: "at 9 and 10" is none, but nobody says that of a
	 * range. */
	before = word;
	while (before > 0 && fact_is_space(cursor->text[before - 1]))
		before--;
	return before > 0 || fact_stands(cursor, word, "until", true) ||
		       fact_stands(cursor, word, "before", true)
		   ? FACT_UNTIL
		   : FACT_AT;
}

bool fact_time(struct fact_cursor *cursor, struct fact *fact)
{
	size_t begin = cursor->at, at = begin, next;

	*fact = (struct fact) { .kind = FACT_TIME, .clock_s = -1, .weekday = -1, .from = begin };
	if (read_weekday(cursor, fact)) {
		fact->to = cursor->at;
		fact->relation = relation_of(cursor, begin);
		return true;
	}
	*fact = (struct fact) { .kind = FACT_TIME, .clock_s = -1, .weekday = -1, .from = begin };
	if (read_date(cursor, &at, fact)) {
		next = between(cursor, at, true);
		if (read_clock(cursor, &next, fact))
			at = next;
	} else if (read_clock(cursor, &at, fact)) {
		next = between(cursor, at, false);
		if (!read_date(cursor, &next, fact)) {
			int weekday;
			size_t length;

			next = between(cursor, at, false);
			weekday = WORD_AT(cursor, next, weekdays, &length);
			if (weekday >= 0) {
				fact->weekday = weekday;
				at = next + length;
			}
		} else {
			at = next;
		}
	} else {
		return false;
	}
	fact->to = at;
	fact->relation = relation_of(cursor, begin);
	cursor->at = at;
	return true;
}

static bool is_among(const char *word, size_t length, const struct word_number *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i].word) == length && strncasecmp(words[i].word, word, length) == 0)
			return true;
	return false;
}

bool fact_time_may_use(const char *word, size_t length)
{
	static const char *const others[] = { "noon", "midday", "midnight",   "mittag",  "mitternacht",
					      "midi", "minuit", "medianoche", "mediodía" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strlen(others[i]) == length && strncasecmp(others[i], word, length) == 0)
			return true;
	return is_among(word, length, months, sizeof(months) / sizeof(months[0])) ||
	       is_among(word, length, weekdays, sizeof(weekdays) / sizeof(weekdays[0])) ||
	       is_among(word, length, short_weekdays, sizeof(short_weekdays) / sizeof(short_weekdays[0]));
}
