/* Numbers in digits and words, their units, and durations: "1,234", "1.234,5", "1.2 million", "3 h 20 min". */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/fact_private.h"

#define ABBREVIATED 3 /* letters of a scale that a full stop belongs to */
#define DIGITS_MAX 40
#define RATE_WORDS_MAX 4

static const struct word_value {
	const char *word;
	int value;
} small[] = {
	{ "zero", 0 },     { "one", 1 },      { "two", 2 },        { "three", 3 },     { "four", 4 },
	{ "five", 5 },     { "six", 6 },      { "seven", 7 },      { "eight", 8 },     { "nine", 9 },
	{ "ten", 10 },     { "eleven", 11 },  { "twelve", 12 },    { "thirteen", 13 }, { "fourteen", 14 },
	{ "fifteen", 15 }, { "sixteen", 16 }, { "seventeen", 17 }, { "eighteen", 18 }, { "nineteen", 19 },
	{ "twenty", 20 },  { "thirty", 30 },  { "forty", 40 },     { "fifty", 50 },    { "sixty", 60 },
	{ "seventy", 70 }, { "eighty", 80 },  { "ninety", 90 },    { "hundred", 100 }, { "zwei", 2 },
	{ "drei", 3 },     { "vier", 4 },     { "fünf", 5 },       { "sechs", 6 },     { "sieben", 7 },
	{ "acht", 8 },     { "neun", 9 },     { "zehn", 10 },      { "deux", 2 },      { "trois", 3 },
	{ "quatre", 4 },   { "cinq", 5 },     { "dix", 10 },       { "dos", 2 },       { "tres", 3 },
	{ "cuatro", 4 },   { "cinco", 5 },    { "diez", 10 },      { "dois", 2 },      { "duas", 2 },
	{ "três", 3 },     { "quatro", 4 },   { "dez", 10 },
};

static int small_word(const struct fact_cursor *cursor, size_t at, size_t *length)
{
	*length = fact_word_length(cursor, at);
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		if (strlen(small[i].word) == *length &&
		    strncasecmp(cursor->text + at, small[i].word, *length) == 0)
			return small[i].value;
	return -1;
}

int fact_number_of_words(const struct fact_cursor *cursor, size_t at, size_t *length)
{
	int value = small_word(cursor, at, length), more;
	size_t next, second;
	char c = fact_char(cursor, at + *length);

	if (value < 20 || value > 90 || (c != '-' && c != ' '))
		return value;
	next = at + *length + 1;
	more = small_word(cursor, next, &second);
	if (more < 1 || more > 9)
		return value;
	*length += 1 + second;
	return value + more;
}

/* The bytes of a separator of thousands or decimals that stands between two digits; 0: none. */
static size_t separator(const struct fact_cursor *cursor, size_t at, char *kind)
{
	static const char *const wide[] = { "\u00a0", "\u202f", "\u2009" };
	char c = fact_char(cursor, at);

	if (c == ',' || c == '.' || c == '\'') {
		*kind = c;
		return fact_is_digit(fact_char(cursor, at + 1)) ? 1 : 0;
	}
	for (size_t i = 0; i < 3; i++) {
		size_t length = strlen(wide[i]);

		if (!fact_stands(cursor, at, wide[i], false))
			continue;
		*kind = ' ';
		for (size_t digit = 0; digit < 3; digit++)
			if (!fact_is_digit(fact_char(cursor, at + length + digit)))
				return 0;
		return fact_is_digit(fact_char(cursor, at + length + 3)) ? 0 : length;
	}
	return 0;
}

struct groups {                  /* a number as it is written */
	char digits[DIGITS_MAX]; /* without separators */
	size_t count;            /* of digits */
	size_t groups;
	size_t last, first;     /* digits of the last and of the first group */
	char kinds[DIGITS_MAX]; /* the separators */
	bool even;              /* all groups but the first have three digits */
	size_t end;
};

static bool read_groups(const struct fact_cursor *cursor, struct groups *g)
{
	size_t at = cursor->at, step, run;

	memset(g, 0, sizeof(*g));
	g->even = true;
	for (;;) {
		for (run = 0; fact_is_digit(fact_char(cursor, at)); run++, at++) {
			if (g->count >= DIGITS_MAX - 2)
				return false;
			g->digits[g->count++] = cursor->text[at];
		}
		if (g->groups == 0)
			g->first = run;
		else if (run != 3)
			g->even = false;
		g->last = run;
		g->groups++;
		step = separator(cursor, at, &g->kinds[g->groups - 1]);
		if (step == 0)
			break;
		at += step;
	}
	g->end = at;
	return true;
}

static void add_reading(struct fact *fact, const char *digits, size_t decimals)
{
	double worth = pow(10, -(double)decimals);

	if (fact->reading_count == FACT_READINGS_MAX)
		return;
	fact->readings[fact->reading_count++] =
	    (struct fact_reading) { strtod(digits, NULL) * worth, worth / 2 };
}

/* False: it is no number but a version or an address. */
static bool interpret(const struct groups *g, struct fact *fact)
{
	size_t seps = g->groups - 1;
	bool same = true;

	for (size_t i = 1; i < seps; i++)
		same = same && g->kinds[i] == g->kinds[0];
	if (seps == 0) {
		add_reading(fact, g->digits, 0);
		return true;
	}
	if (seps == 1) {
		bool thousands = g->even && g->first <= 3 && g->digits[0] != '0';
		char kind = g->kinds[0];

		if (kind == ' ' || kind == '\'')
			return add_reading(fact, g->digits, 0), true;
		if (thousands && kind == ',')
			add_reading(fact, g->digits, 0);
		add_reading(fact, g->digits, g->last);
		if (thousands && kind == '.')
			add_reading(fact, g->digits, 0);
		return true;
	}
	if (same) {
		if (!g->even || g->first > 3)
			return false;
		add_reading(fact, g->digits, 0);
		return true;
	}
	for (size_t i = 1; i + 1 < seps; i++)
		if (g->kinds[i] != g->kinds[0])
			return false;
	add_reading(fact, g->digits, g->last);
	return true;
}

/* "1.2e-05" */
static void read_exponent(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	char c = fact_char(cursor, *at), sign = fact_char(cursor, *at + 1);
	size_t next = *at + 1 + (sign == '-' || sign == '+' ? 1 : 0), digits = 0;
	int exponent = 0;

	if (c != 'e' && c != 'E')
		return;
	for (; fact_is_digit(fact_char(cursor, next)) && digits < 3; next++, digits++)
		exponent = exponent * 10 + (cursor->text[next] - '0');
	if (digits == 0 || fact_is_letter(fact_char(cursor, next)) || fact_is_digit(fact_char(cursor, next)))
		return;
	for (size_t i = 0; i < fact->reading_count; i++) {
		double factor = pow(10, sign == '-' ? -exponent : exponent);

		fact->readings[i].value *= factor;
		fact->readings[i].half *= factor;
	}
	*at = next;
}

static void scale_readings(struct fact *fact, double factor)
{
	for (size_t i = 0; i < fact->reading_count; i++) {
		fact->readings[i].value *= factor;
		fact->readings[i].half *= fabs(factor);
	}
	fact->factor *= factor;
}

/* MB may be a million bytes or 1024 * 1024. */
static void apply_unit(struct fact *fact, const struct fact_unit_word *unit)
{
	size_t count = fact->reading_count;

	fact->unit = unit->unit;
	fact->duration = unit->long_time;
	if (unit->binary > 0) {
		for (size_t i = 0; i < count && fact->reading_count < FACT_READINGS_MAX; i++) {
			struct fact_reading more = fact->readings[i];

			more.value *= unit->binary / unit->factor;
			more.half *= unit->binary / unit->factor;
			fact->readings[fact->reading_count++] = more;
		}
	}
	scale_readings(fact, unit->factor);
}

/* "8.8 percentage points": nobody says so of a level. */
static bool is_points(const struct fact_unit_word *unit)
{
	static const char *const words[] = { "pp", "point", "punkt", "punto", "ponto" };

	for (size_t i = 0; unit->unit == FACT_PERCENT && i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(unit->word, words[i]) != NULL)
			return true;
	return false;
}

static const struct fact_unit_word *unit_behind(const struct fact_cursor *cursor, size_t at, size_t *end)
{
	size_t next = fact_skip_space(cursor, at), length;
	const struct fact_unit_word *unit;

	if (next == at && fact_char(cursor, at) == '-' && fact_is_letter(fact_char(cursor, at + 1)))
		next++; /* "5-minute" */
	unit = fact_unit_at(cursor, next, &length);
	/* "9 AM", "3 M rows", "the 5 d": one letter that stands alone for a long time needs no space before it
	 * or is "h" or "d"; "m" with a space is a metre. */
	if (unit == NULL || (strcmp(unit->word, "m") == 0 && next > at))
		return NULL;
	*end = next + length;
	return unit;
}

/* "3 h 20 min": the next smaller unit follows at once. */
static void read_composite(const struct fact_cursor *cursor, size_t *at, struct fact *fact, double unit_s)
{
	for (;;) {
		struct fact_cursor inner = *cursor;
		const struct fact_unit_word *unit;
		size_t next = fact_skip_space(cursor, *at), end, digits = 0;
		double value = 0;

		if (fact_stands(cursor, next, "and", true) || fact_stands(cursor, next, "und", true))
			next = fact_skip_space(cursor, next + 3);
		for (inner.at = next; fact_is_digit(fact_char(cursor, inner.at)) && digits < 3;
		     inner.at++, digits++)
			value = value * 10 + (cursor->text[inner.at] - '0');
		if (digits == 0)
			return;
		unit = unit_behind(cursor, inner.at, &end);
		if (unit == NULL || unit->unit != FACT_SECONDS || unit->factor >= unit_s || unit->factor < 1)
			return;
		fact->readings[0].value += value * unit->factor;
		fact->readings[0].half = unit->factor / 2;
		fact->reading_count = 1;
		unit_s = unit->factor;
		*at = end;
	}
}

/* "120 requests a minute", "120 rejected write requests per minute": words may stand between, of which the mark stands
 * before. */
static double rate_behind(const struct fact_cursor *cursor, size_t at, bool words, size_t *length)
{
	double rate = fact_rate_at(cursor, at, length);

	for (int i = 0; i < RATE_WORDS_MAX && words && rate == 0; i++) {
		size_t next = fact_skip_space(cursor, at), size = fact_word_length(cursor, next);

		if (next == at || size == 0 || fact_is_digit(cursor->text[next]))
			return 0;
		at = next + size;
		if (i == 0 || fact_char(cursor, at) == '/' ||
		    fact_stands(cursor, fact_skip_space(cursor, at), "per", true))
			rate = fact_rate_at(cursor, at, length);
		*length = 0;
	}
	return rate;
}

static void read_rate(const struct fact_cursor *cursor, size_t *at, struct fact *fact)
{
	size_t length = 0;
	double rate = rate_behind(cursor, *at, fact->unit == FACT_PLAIN, &length);
	size_t next = fact_skip_space(cursor, *at);

	if (rate == 0 && (fact_stands(cursor, next, "more", true) || fact_stands(cursor, next, "less", true))) {
		rate = fact_rate_at(cursor, next + strlen("more"), &length); /* "0.7 % more each day" */
		length = 0;
	}

	if (rate == 0 || (fact->unit == FACT_SECONDS && fact->duration))
		return;
	fact->rate = true;
	scale_readings(fact, rate);
	*at += length;
}

/* "a factor of 7.9" */
static bool is_factor(const struct fact_cursor *cursor, size_t begin)
{
	static const char *const ofs[] = { "of", "about", "roughly", "around", "nearly", "almost", "von", "de", NULL };
	static const char *const factors[] = { "factor", "Faktor", "facteur", "fator", NULL };
	size_t length, word = fact_word_before(cursor, begin, &length);

	for (int i = 0; i < 2 && length > 0 && fact_word_is(cursor, word, length, ofs); i++)
		word = fact_word_before(cursor, word, &length);
	return length > 0 && fact_word_is(cursor, word, length, factors);
}

/* "13x", "13 times the usual", "13 times as many"; "answered 512 times" counts. */
static bool is_comparing(const struct fact_cursor *cursor, size_t at, size_t length)
{
	static const char *const counting[] = { "times", "mal", "fois", "veces", "vezes", NULL };
	static const char *const behind[] = { "as",   "the",  "its",    "their",  "more",    "higher", "usual",
					      "that", "what", "this",   "of",     "than",    "longer", "greater",
					      "so",   "than", "larger", "slower", NULL };
	size_t next = fact_skip_space(cursor, at + length);

	return !fact_word_is(cursor, at, length, counting) ||
	       fact_word_is(cursor, next, fact_word_length(cursor, next), behind);
}

/* "The last 12 values" are any. */
static bool is_of_last(const struct fact_cursor *cursor, size_t begin)
{
	static const char *const words[] = { "last",  "first",   "next",     "previous", "past",
					     "these", "letzten", "derniers", NULL };
	size_t length, word = fact_word_before(cursor, begin, &length);

	return length > 0 && fact_word_is(cursor, word, length, words);
}

/* "4.1 points under its limit" */
static bool is_points_off(const struct fact_cursor *cursor, size_t at)
{
	static const char *const off[] = { "under", "over", "below", "above", "short", "left", NULL };
	size_t next = fact_skip_space(cursor, at);

	if (!fact_stands(cursor, next, "points", true))
		return false;
	next = fact_skip_space(cursor, next + strlen("points"));
	return fact_word_is(cursor, next, fact_word_length(cursor, next), off);
}

/* "It has used 9.8 points": what is counted has no decimals. */
static bool is_points_of_percent(const struct fact_cursor *cursor, size_t at, const struct fact_unit_word *unit,
				 const struct fact *fact)
{
	return unit == NULL && fact->kind == FACT_FIGURE && fact->readings[0].half < 0.5 &&
	       fact_stands(cursor, fact_skip_space(cursor, at), "points", true);
}

/* What follows the digits or the word: scale, unit or "times", rate, and what the words around make of it. */
static void finish(struct fact_cursor *cursor, size_t begin, size_t at, struct fact *fact)
{
	size_t length, next, end;
	const struct fact_unit_word *unit;
	double factor;
	bool compares;

	next = fact_skip_space(cursor, at);
	fact->digits_to = at;
	fact->written = fact->reading_count;
	factor = fact_scale_at(cursor, next, next == at, &length);
	/* "5 M" is five million, "5 MB" is not: fact_scale_at wants the word's end there. */
	if (factor > 0) {
		scale_readings(fact, factor);
		fact->factor = 1; /* a million is no unit */
		at = next + length;
		if (fact_char(cursor, at) == '.' && (factor == 1e6 || factor == 1e9) && length == ABBREVIATED)
			at++; /* "Mio.", "Mrd."; not "57 million." */
	}
	next = fact_skip_space(cursor, at);
	length = fact_times_at(cursor, next);
	compares = length > 0 && is_comparing(cursor, next, length);
	if (length == 0 && is_factor(cursor, begin))
		fact->kind = FACT_TIMES;
	if (length == 0 && next == at && fact_char(cursor, at) == '-')
		length = fact_times_at(cursor, at);
	unit = fact->kind == FACT_TIMES || length > 0 ? NULL : unit_behind(cursor, at, &end);
	if (length > 0) {
		fact->kind = FACT_TIMES;
		at = next + length;
	} else if (unit != NULL) {
		apply_unit(fact, unit);
		at = end;
		if (unit->long_time)
			read_composite(cursor, &at, fact, unit->factor);
	}
	fact->compares = compares || is_factor(cursor, begin);
	if (fact->kind == FACT_FIGURE)
		read_rate(cursor, &at, fact);
	fact->tallies = fact->kind == FACT_FIGURE && unit == NULL && !fact->rate && fact->written > 0 &&
			fact_tallies(cursor, at) && !is_of_last(cursor, begin);
	fact->spans = fact->duration && fact_hedge_spans(cursor, begin, at);
	fact->hedge = fact_hedge_of(cursor, begin);
	/* "crossed by 3 of the last 5" changes nothing. */
	fact->points = unit != NULL && is_points(unit);
	fact->change = (unit == NULL && is_points_off(cursor, at)) ||
		       (fact->is_signed && !(fact->unit >= FACT_VOLTS && fact->readings[0].value < 0)) ||
		       fact->points ||
		       (fact_hedge_change(cursor, begin, at) &&
			!(unit == NULL && fact_stands(cursor, fact_skip_space(cursor, at), "of", true)));
	fact->change = fact->change || is_points_of_percent(cursor, at, unit, fact);
	if (fact->change && unit == NULL && fact->unit == FACT_PLAIN && !fact->rate &&
	    fact_stands(cursor, fact_skip_space(cursor, at), "points", true)) { /* "grew by 34 points" */
		fact->unit = FACT_PERCENT;
		fact->points = true;
	}
	fact->from = begin;
	fact->to = at;
	cursor->at = at;
}

static int zeros_at_end(const struct groups *g)
{
	size_t zeros = 0;

	while (zeros + 1 < g->count && g->digits[g->count - 1 - zeros] == '0')
		zeros++;
	return g->digits[0] == '0' ? 0 : (int)zeros;
}

/* A minus sign before `at`, that is no hyphen or range. */
static size_t sign_before(const struct fact_cursor *cursor, size_t at, bool *negative)
{
	size_t length = 0;
	char before;

	if (at >= 1 && (cursor->text[at - 1] == '-' || cursor->text[at - 1] == '+'))
		length = 1;
	else if (at >= 3 && memcmp(cursor->text + at - 3, "−", 3) == 0)
		length = 3;
	if (length == 0)
		return 0;
	before = at > length ? cursor->text[at - length - 1] : ' ';
	if (!fact_is_space(before) && before != '(' && before != '|' && before != '*')
		return 0;
	if (at == length || (at == length + 1 && cursor->text[0] == '\n'))
		return 0; /* a list's dash */
	*negative = cursor->text[at - length] != '+';
	return length;
}

bool fact_number(struct fact_cursor *cursor, struct fact *fact)
{
	size_t begin = cursor->at, end;
	struct groups g;
	bool negative = false;

	*fact = (struct fact) { .kind = FACT_FIGURE, .clock_s = -1, .weekday = -1, .factor = 1 };
	if (!fact_is_digit(fact_char(cursor, begin)) || !read_groups(cursor, &g) || !interpret(&g, fact))
		return false;
	end = g.end;
	read_exponent(cursor, &end, fact);
	fact->is_signed = sign_before(cursor, begin, &negative) > 0;
	if (negative)
		for (size_t i = 0; i < fact->reading_count; i++)
			fact->readings[i].value = -fact->readings[i].value;
	fact->zeros = fact->readings[0].half >= 0.5 ? zeros_at_end(&g) : 0;
	finish(cursor, begin, end, fact);
	if (fact->to == end && (fact_is_letter(fact_char(cursor, end)) || fact_char(cursor, end) == '_') &&
	    (unsigned char)fact_char(cursor, end) < 0x80) { /* "5xx", "3rd" */
		cursor->at = begin;
		return false;
	}
	return true;
}

/* "for an hour", "half an hour later"; "requests an hour" is no stretch of time. */
static bool fact_number_hour(struct fact_cursor *cursor, struct fact *fact)
{
	static const char *const before[] = { "for",    "about",  "within", "over",  "than",
					      "nearly", "almost", "around", "after", "roughly",
					      "lasted", "took",   "just",   "under", NULL };
	static const char *const behind[] = { "later", "earlier", "before", "after", "ago", "long", NULL };
	size_t begin = cursor->at, length, word = fact_word_before(cursor, begin, &length), next;
	bool half = fact_stands(cursor, begin, "half an hour", true);
	bool stands = half || fact_stands(cursor, begin, "an hour", true);

	if (!stands)
		return false;
	next = fact_skip_space(cursor, begin + (half ? 12 : 7));
	if (!(length > 0 && fact_word_is(cursor, word, length, before)) &&
	    !fact_word_is(cursor, next, fact_word_length(cursor, next), behind))
		return false;
	*fact = (struct fact) { .kind = FACT_FIGURE,
				.unit = FACT_SECONDS,
				.duration = true,
				.word = true,
				.loose = true,
				.readings = { { half ? 1800 : 3600, half ? 240 : 600 } },
				.reading_count = 1,
				.factor = 1,
				.from = begin,
				.to = begin + (half ? 12 : 7),
				.clock_s = -1,
				.weekday = -1 };
	cursor->at = fact->to;
	return true;
}

bool fact_number_word(struct fact_cursor *cursor, struct fact *fact)
{
	size_t length, begin = cursor->at;
	int value = fact_number_of_words(cursor, begin, &length);

	*fact = (struct fact) { .kind = FACT_FIGURE, .clock_s = -1, .weekday = -1, .word = true, .factor = 1 };
	if (value < 0)
		return fact_number_hour(cursor, fact);
	fact->readings[fact->reading_count++] = (struct fact_reading) { value, 0.5 };
	fact->zeros = value >= 10 && value % 10 == 0 ? 1 : 0;
	finish(cursor, begin, begin + length, fact);
	return true;
}

bool fact_number_may_use(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		if (strlen(small[i].word) == length && strncasecmp(small[i].word, word, length) == 0)
			return true;
	if (fact_ratio_may_use(word, length))
		return true;
	return (length == 4 && strncasecmp(word, "half", 4) == 0) ||
	       (length == 2 && strncasecmp(word, "an", 2) == 0);
}
