/* One walk over a text: at each word it is asked what begins there. */
#include "bot/fact_read.h"

#include <string.h>
#include <strings.h>

#include "bot/fact_private.h"

#define PERCENT_MOST 100 /* more is hardly meant before "or 20 %" */
#define LINK_MAX 2000

bool fact_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool fact_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

bool fact_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

char fact_char(const struct fact_cursor *cursor, size_t at)
{
	return at < cursor->length ? cursor->text[at] : '\0';
}

bool fact_stands(const struct fact_cursor *cursor, size_t at, const char *word, bool whole)
{
	size_t length;
	char next;

	if (at >= cursor->length || (cursor->text[at] | 0x20) != (word[0] | 0x20))
		return false;
	length = strlen(word);
	if (cursor->length - at < length ||
	    strncasecmp(cursor->text + at, word, length) != 0)
		return false;
	next = fact_char(cursor, at + length);
	if (!whole || (unsigned char)next >= 0xE2) /* signs, Japanese: no letters of this word */
		return true;
	return !fact_is_letter(next) && !fact_is_digit(next) && next != '_';
}

static size_t space_at(const struct fact_cursor *cursor, size_t at)
{
	if (fact_char(cursor, at) == ' ' || fact_char(cursor, at) == '\t' || fact_char(cursor, at) == '\n')
		return 1;
	if (fact_stands(cursor, at, "\u00a0", false))
		return 2;
	return fact_stands(cursor, at, "\u202f", false) || fact_stands(cursor, at, "\u2009", false) ? 3 : 0;
}

size_t fact_skip_space(const struct fact_cursor *cursor, size_t at)
{
	/* A few are read over, not a page of them: each look is bounded. */
	for (int i = 0; i < 4; i++) {
		size_t length = space_at(cursor, at);

		if (length == 0)
			return at;
		at += length;
	}
	return at;
}

size_t fact_word_length(const struct fact_cursor *cursor, size_t at)
{
	size_t length = 0;

	while (length < 64 && (fact_is_letter(fact_char(cursor, at + length)) ||
			       fact_is_digit(fact_char(cursor, at + length))))
		length++;
	return length;
}

size_t fact_word_before(const struct fact_cursor *cursor, size_t at, size_t *length)
{
	size_t end = at, begin, spaces = 0;

	while (end > 0 && spaces < 4 &&
	       (fact_is_space(cursor->text[end - 1]) || cursor->text[end - 1] == '*')) {
		end--;
		spaces++;
	}
	for (begin = end; begin > 0 && end - begin < 32 && fact_is_letter(cursor->text[begin - 1]);)
		begin--;
	*length = spaces == 0 ? 0 : end - begin;
	return begin;
}

bool fact_word_is(const struct fact_cursor *cursor, size_t at, size_t length, const char *const *words)
{
	char first = length == 0 ? '\0' : (char)(cursor->text[at] | 0x20);

	for (; *words != NULL && length > 0; words++)
		if (((*words)[0] | 0x20) == first && strlen(*words) == length &&
		    strncasecmp(cursor->text + at, *words, length) == 0)
			return true;
	return false;
}

bool fact_has_word(const char *text, size_t length, const char *const *words)
{
	struct fact_cursor cursor = { text, length, 0 };

	for (size_t at = 0; at < length; at++)
		if ((at == 0 || !fact_is_letter(text[at - 1])) &&
		    fact_word_is(&cursor, at, fact_word_length(&cursor, at), words))
			return true;
	return false;
}

bool fact_counts(const struct fact_cursor *cursor, size_t at)
{
	static const char *const others[] = {
		"at",     "on",     "in",    "to",    "and",  "or",       "by",      "while",   "for",
		"from",   "since",  "until", "is",    "was",  "were",     "are",     "between", "but",
		"with",   "before", "after", "when",  "over", "during",   "as",      "then",    "than",
		"around", "again",  "per",   "a",     "an",   "um",       "und",     "à",       "et",
		"a",      "y",      "e",     "bis",   "im",   "now",      "within",  "through", "up",
		"down",   "of",     "which", "where", "that", "compared", "instead", "today",   "yesterday",
		"so",     "early",  NULL
	};
	size_t length = fact_word_length(cursor, at);

	return length > 0 && fact_is_letter(cursor->text[at]) && !fact_word_is(cursor, at, length, others);
}

bool fact_tallies(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "value",   "values",   "datapoint", "datapoints", "points",  "samples",
					     "Werte",   "readings", "Werten",    "valeurs",    "valores", NULL };

	for (int i = 0; i < 3; i++) {
		size_t next = fact_skip_space(cursor, at), length = fact_word_length(cursor, next);

		if (length == 0 || next == at || !fact_counts(cursor, next))
			return false;
		if (fact_word_is(cursor, next, length, words))
			return true;
		at = next + length;
	}
	return false;
}

/* "1." at the begin of a line numbers it; "## 2." too. */
static size_t list_number(const struct fact_cursor *cursor, size_t at)
{
	size_t end = at, begin = at;

	while (begin > 0 && cursor->text[begin - 1] != '\n' && at - begin < 64) {
		if (strchr(" \t#>*_-", cursor->text[begin - 1]) == NULL)
			return 0;
		begin--;
	}
	while (fact_is_digit(fact_char(cursor, end)) && end - at < 4)
		end++;
	if (end == at || (fact_char(cursor, end) != '.' && fact_char(cursor, end) != ')'))
		return 0;
	end++;
	return end >= cursor->length || fact_is_space(fact_char(cursor, end)) || fact_char(cursor, end) == '*'
		   ? end - at
		   : 0;
}

/* Where marks may not stand: within code in one line, and within the address of a link. */
struct spans {
	size_t from, to;
};

static void next_span(const struct fact_cursor *cursor, size_t at, struct spans *span)
{
	for (; at < cursor->length; at++) {
		char c = cursor->text[at];
		const char *end = NULL;

		if (c == '`')
			end = memchr(cursor->text + at + 1, '`', cursor->length - at - 1);
		else if (c == ']' && fact_char(cursor, at + 1) == '(')
			end = memchr(cursor->text + at + 2, ')', cursor->length - at - 2);
		else if (c == '<' &&
			 (fact_stands(cursor, at + 1, "http", false) || fact_char(cursor, at + 1) == '@'))
			end = memchr(cursor->text + at + 1, '>', cursor->length - at - 1);
		if (end == NULL || (c == '`' && end == cursor->text + at + 1))
			continue;
		*span = (struct spans) { at, (size_t)(end - cursor->text) + 1 };
		return;
	}
	*span = (struct spans) { (size_t)-1, (size_t)-1 };
}

/* A link's text is followed by its address: the mark goes behind both. */
static size_t behind_link(const struct fact_cursor *cursor, size_t to)
{
	const char *bracket, *end;

	if (fact_char(cursor, to) != ']' || fact_char(cursor, to + 1) != '(')
		return to;
	bracket = cursor->text + to;
	end = memchr(bracket, ')', cursor->length - to);
	return end == NULL ? to : (size_t)(end - cursor->text) + 1;
}

static bool read_one(struct fact_cursor *cursor, struct fact *fact)
{
	size_t begin = cursor->at, number;

	if (fact_time(cursor, fact)) /* "26. November" first: its period is no list's */
		return true;
	number = list_number(cursor, begin);
	if (number > 0) {
		cursor->at += number;
		return false;
	}
	if (fact_name(cursor, fact))
		return true;
	if (cursor->at > begin)
		return false;
	return fact_ratio(cursor, fact) || fact_number(cursor, fact) || fact_number_word(cursor, fact);
}

static bool begins_word(const struct fact_cursor *cursor, size_t at)
{
	char c = cursor->text[at], before = at == 0 ? ' ' : cursor->text[at - 1];

	if (!fact_is_letter(c) && !fact_is_digit(c) && c != '/' && c != '_')
		return false;
	if ((unsigned char)before >= 0x80) /* behind a sign or a character of Japanese everything may begin */
		return ((unsigned char)c < 0x80 || (unsigned char)c >= 0xC0) &&
		       (fact_is_digit(c) || (unsigned char)c >= 0xE3 || at < 3 ||
			(unsigned char)cursor->text[at - 3] >= 0xE2);
	return !fact_is_letter(before) && !fact_is_digit(before) && before != '_';
}

/* Whether nothing but a word or sign of a range stands there: " to ", "–", " -> ". */
static bool joins(const struct fact_cursor *cursor, size_t from, size_t to, bool is_between)
{
	static const char *const signs[] = { "–", "—", "->", "→", "-", "…", "..", "~", NULL };
	static const char *const words[] = { "to", "bis", "à", "a", "until", "through", "or", NULL };
	static const char *const ands[] = { "and", "und", "et", "y", "e", NULL };
	size_t at = fact_skip_space(cursor, from), length = fact_word_length(cursor, at);

	for (size_t i = 0; signs[i] != NULL; i++)
		if (fact_stands(cursor, at, signs[i], false))
			return fact_skip_space(cursor, at + strlen(signs[i])) == to;
	return length > 0 && fact_skip_space(cursor, at + length) == to &&
	       (fact_word_is(cursor, at, length, words) || (is_between && fact_word_is(cursor, at, length, ands)));
}

/* "0.11 to 0.14 s": the unit of the second is the first one's too. */
static void take_unit(struct fact *first, const struct fact *second)
{
	size_t count = first->reading_count;
	double binary = second->reading_count == 2 ? second->readings[1].value / second->readings[0].value : 0;

	for (size_t i = 0; i < count; i++) {
		first->readings[i].value *= second->factor;
		first->readings[i].half *= second->factor;
		if (second->unit == FACT_BYTES && binary > 1 && first->reading_count < FACT_READINGS_MAX)
			first->readings[first->reading_count++] = (struct fact_reading) {
				first->readings[i].value * binary, first->readings[i].half * binary
			};
	}
	first->unit = second->unit;
	first->factor = second->factor;
	first->duration = second->duration;
	first->rate = second->rate;
}

/* "Too high by 372 ms, or 74 %": the same said again. */
static bool says_again(const struct fact_cursor *cursor, const struct fact *first, const struct fact *second)
{
	static const char *const words[] = { ", or ", " or ", " (", ", i.e. ", ", that is ", NULL };
	size_t behind = fact_skip_space(cursor, first->to);

	behind += fact_word_length(cursor, behind); /* "4,891 fewer, or 23 %" */
	if (first->kind != FACT_FIGURE || second->kind != FACT_FIGURE || !first->change ||
	    first->unit == second->unit || second->unit != FACT_PERCENT)
		return false;
	for (size_t i = 0; words[i] != NULL; i++)
		if ((second->from == first->to + strlen(words[i]) && fact_stands(cursor, first->to, words[i], false)) ||
		    (second->from == behind + strlen(words[i]) && fact_stands(cursor, behind, words[i], false)))
			return true;
	return false;
}

/* Two that make a range: of figures both have the unit, of times the first begins what the second ends. */
static void join(const struct fact_cursor *cursor, struct fact *first, struct fact *second)
{
	static const char *const between[] = { "between", "zwischen", "entre", NULL };
	size_t length, word = fact_word_before(cursor, first->from, &length);
	bool is_between = length > 0 && fact_word_is(cursor, word, length, between);

	second->change = second->change || says_again(cursor, first, second);
	if (first->kind != second->kind || !joins(cursor, first->to, second->from, is_between))
		return;
	if (first->kind == FACT_TIME && first->relation == FACT_AT) {
		first->relation = FACT_SINCE;
		second->relation = FACT_UNTIL;
	}
	/* "4,220 or 20 %" is no range. */
	if (first->kind == FACT_FIGURE && first->unit == FACT_PLAIN && second->unit != FACT_PLAIN &&
	    !first->rate && first->factor == 1 &&
	    !(second->unit == FACT_PERCENT && first->readings[0].value > PERCENT_MOST &&
	      first->readings[0].value * second->factor > second->readings[0].value))
		take_unit(first, second);
}

size_t fact_read(const char *text, size_t length, struct fact *facts, size_t max)
{
	struct fact_cursor cursor = { text, length, 0 };
	struct spans span;
	size_t count = 0;

	next_span(&cursor, 0, &span);
	while (cursor.at < length && count < max) {
		size_t before = cursor.at;

		if (!begins_word(&cursor, cursor.at) || !read_one(&cursor, &facts[count])) {
			cursor.at = cursor.at > before ? cursor.at : before + 1;
			continue;
		}
		if (cursor.at <= before) /* cannot be; a fact of nothing would never end */
			cursor.at = before + 1;
		while (span.to <= facts[count].from)
			next_span(&cursor, span.to, &span);
		facts[count].mark = facts[count].to;
		if (facts[count].to > span.from && facts[count].from < span.to)
			facts[count].mark = span.to > facts[count].to ? span.to : facts[count].to;
		facts[count].mark = behind_link(&cursor, facts[count].mark);
		if (count > 0)
			join(&cursor, &facts[count - 1], &facts[count]);
		count++;
	}
	fact_role_tell(&cursor, facts, count);
	return count;
}

bool fact_read_may_use(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = word[i];
		bool plain = (c >= 'a' && c <= 'z') || (i == 0 && c >= 'A' && c <= 'Z') ||
			     (unsigned char)c >= 0x80 || strchr("*.,;:!?()'\"", c) != NULL;

		if (!plain || (unsigned char)c >= 0xE2)
			return true;
	}
	while (length > 0 && strchr("*.,;:!?()'\"", word[0]) != NULL) {
		word++;
		length--;
	}
	while (length > 0 && strchr("*.,;:!?()'\"", word[length - 1]) != NULL)
		length--;
	for (size_t i = 1; i + 1 < length; i++)
		if (strchr(".:", word[i]) != NULL)
			return true; /* dotted.name */
	return fact_number_may_use(word, length) || fact_time_may_use(word, length);
}
