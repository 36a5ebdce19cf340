/* A question's words, and lengths of time in them. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/question_private.h"
#include "bot/utf8.h"

#define LENGTH_MAX 100000.0 /* units */

const char *question_word(const struct question_words *words, size_t i)
{
	return i < words->count ? words->word[i] : "";
}

bool question_is_one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (*word == **list && strcmp(word, *list) == 0)
			return true;
	return false;
}

bool question_word_is(const struct question_words *words, size_t i, const char *word)
{
	return strcmp(question_word(words, i), word) == 0;
}

/* --- splitting --------------------------------------------------------------------------------- */

static void add_word(struct question_words *words, const char *text, size_t length)
{
	char *word;

	if (words->count == QUESTION_WORDS_MAX || length == 0)
		return;
	word = words->word[words->count++];
	if (length >= QUESTION_WORD_SIZE)
		length = 0; /* it stands for itself: what is beside it is not beside each other */
	for (size_t i = 0; i < length; i++)
		word[i] = (char)tolower((unsigned char)text[i]);
	word[length] = '\0';
}

/* "9-10:30", but neither "i-09" nor "2026-11-24". */
static const char *range_dash(const char *text, size_t length)
{
	const char *dash = memchr(text, '-', length), *end = text + length;

	if (dash == NULL || dash == text || dash + 1 == end ||
	    memchr(dash + 1, '-', (size_t)(end - dash - 1)) != NULL)
		return NULL;
	return isdigit((unsigned char)*text) && isdigit((unsigned char)dash[1]) ? dash : NULL;
}

static bool is_dash(uint32_t c)
{
	return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

/* One word as it stands between spaces, its typographic signs made plain. */
static void split_word(struct question_words *words, const char *text, size_t length)
{
	const char *dash;

	if (length == 1 && (*text == '-' || *text == '%')) {
		add_word(words, *text == '-' ? "to" : "%", *text == '-' ? 2 : 1);
		return;
	}
	if (length > 1 && (*text == '@' || *text == '~') && isdigit((unsigned char)text[1]))
		add_word(words, "at", 2);
	while (length > 0 && !isalnum((unsigned char)*text) && (unsigned char)*text < 0x80) {
		text++;
		length--;
	}
	while (length > 0 && strchr(".,;:?!)]}>\"'*_`", text[length - 1]) != NULL)
		length--;
	if (length > 2 && strncasecmp(text + length - 2, "'s", 2) == 0)
		length -= 2;
	dash = range_dash(text, length);
	if (dash != NULL) {
		add_word(words, text, (size_t)(dash - text));
		add_word(words, "to", 2);
		length -= (size_t)(dash + 1 - text);
		text = dash + 1;
	}
	add_word(words, text, length);
}

void question_words_split(struct question_words *words, const char *text)
{
	char word[4 * QUESTION_WORD_SIZE];
	size_t length = 0;

	words->count = 0;
	while (true) {
		uint32_t c = *text == '\0' ? '\0' : utf8_next(&text);
		bool space = c <= ' ' || c == 0xA0 || c == 0x202F || (c >= 0x2000 && c <= 0x200A) || c == 0x3000;

		if (space || length + 1 >= sizeof(word)) {
			word[length] = '\0';
			split_word(words, word, length);
			length = 0;
		}
		if (c == '\0')
			return;
		if (!space)
			word[length++] = (char)(is_dash(c) ? '-' : c == 0x2019 ? '\'' : c < 0x80 ? c : 0x80);
	}
}

/* --- lengths ------------------------------------------------------------------------------------ */

static const struct unit {
	const char *names[8];
	int64_t ms;
} units[] = {
	{ { "s", "sec", "secs", "second", "seconds" }, 1000 },
	{ { "m", "min", "mins", "minute", "minutes" }, MINUTE_MS },
	{ { "h", "hr", "hrs", "hour", "hours" }, HOUR_MS },
	{ { "d", "day", "days" }, DAY_MS },
	{ { "w", "wk", "wks", "week", "weeks" }, 7 * DAY_MS },
	{ { "fortnight", "fortnights" }, 14 * DAY_MS },
	{ { "mo", "month", "months" }, 30 * DAY_MS },
};

int64_t question_unit_ms(const char *word)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (question_is_one_of(word, units[i].names))
			return units[i].ms;
	return 0;
}

/* "2", "1.5", "two"; NaN: no number. */
static double number_of(const char *word)
{
	static const char *const names[] = { "zero",  "one",   "two",  "three", "four",   "five",  "six",
		                             "seven", "eight", "nine", "ten",   "eleven", "twelve" };
	static const struct {
		const char *name;
		double value;
	} others[] = {
		{ "a", 1 },       { "an", 1 },           { "couple", 2 },      { "few", 3 },
		{ "several", 3 }, { "half", 0.5 },       { "fifteen", 15 },    { "twenty", 20 },
		{ "thirty", 30 }, { "forty", 40 },       { "fifty", 50 },      { "sixty", 60 },
		{ "ninety", 90 }, { "twenty-four", 24 }, { "forty-five", 45 }, { "forty-eight", 48 },
	};
	char *end;
	double value;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word, names[i]) == 0)
			return (double)i;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(word, others[i].name) == 0)
			return others[i].value;
	if (!isdigit((unsigned char)*word) || strspn(word, "0123456789.") != strlen(word))
		return NAN;
	value = strtod(word, &end);
	return *end == '\0' && value <= LENGTH_MAX ? value : NAN;
}

/* "90m", "2h30m", "1d". */
static bool glued_length(const char *word, int64_t *length_ms, int64_t *unit_ms)
{
	int64_t total_ms = 0, longest_ms = 0;

	if (!isdigit((unsigned char)*word))
		return false;
	while (*word != '\0') {
		char unit[QUESTION_WORD_SIZE];
		char *end;
		double value = strtod(word, &end);
		size_t letters = 0;
		int64_t ms;

		while (end[letters] >= 'a' && end[letters] <= 'z') {
			unit[letters] = end[letters];
			letters++;
		}
		unit[letters] = '\0';
		ms = question_unit_ms(unit);
		if (end == word || ms == 0 || !(value >= 0 && value <= LENGTH_MAX))
			return false;
		total_ms += (int64_t)(value * (double)ms);
		longest_ms = ms > longest_ms ? ms : longest_ms;
		word = end + letters;
	}
	*length_ms = total_ms;
	*unit_ms = longest_ms;
	return true;
}

static bool is_article(const char *word)
{
	static const char *const list[] = { "a", "an", "of", NULL };

	return question_is_one_of(word, list);
}

/* "two", "half an", "a couple of", "2 to 3": the number; how many words. */
static size_t read_number(const struct question_words *words, size_t i, double *value)
{
	size_t used = 1;
	double second;

	*value = number_of(question_word(words, i));
	if (isnan(*value))
		return 0;
	if (is_article(question_word(words, i)) && !isnan(second = number_of(question_word(words, i + 1)))) {
		*value = second; /* "a few", "a couple" */
		used++;
	}
	while (is_article(question_word(words, i + used)))
		used++;
	second = number_of(question_word(words, i + used + 1));
	if ((question_word_is(words, i + used, "to") || question_word_is(words, i + used, "or")) &&
	    !isnan(second)) {
		*value = fmax(*value, second);
		used += 2;
	}
	return used;
}

size_t question_read_length(const struct question_words *words, size_t i, int64_t *length_ms, int64_t *unit_ms)
{
	double value;
	size_t used;

	if (glued_length(question_word(words, i), length_ms, unit_ms))
		return *length_ms > 0 ? 1 : 0;
	used = read_number(words, i, &value);
	*unit_ms = used == 0 ? 0 : question_unit_ms(question_word(words, i + used));
	if (*unit_ms == 0 || !(value > 0))
		return 0;
	*length_ms = (int64_t)(value * (double)*unit_ms);
	used++;
	if (question_word_is(words, i + used, "and") && question_word_is(words, i + used + 1, "a") &&
	    question_word_is(words, i + used + 2, "half")) { /* "an hour and a half" */
		*length_ms += *unit_ms / 2;
		used += 3;
	}
	return used;
}
