/* What a figure is said to be: what is usual, a limit, or a value like others. By the words that stand right
 * before it ("a usual 0.12 s", "its limit of 90 s") or behind ("267 usual"); what follows a colon keeps it
 * ("usual: 0.1 to 0.2 s"). */
#include <string.h>
#include <strings.h>

#include "bot/fact_private.h"

#define BETWEEN_MAX 6 /* words between that word and the figure */
#define NAMED_MAX 9   /* of them, where they name what is meant */

static const char *const usual[] = {
	"usual",          "usually",  "normal",        "normally",      "norm",      "typical",
	"typically",      "baseline", "ordinarily",    "ordinary",      "customary", "median",
	"otherwise",      "üblich",   "üblicherweise", "normalerweise", "sonst",     "habituel",
	"habituellement", "habitual", "habitualmente", "normalmente",   NULL
};
static const char *const limits[] = { "limit", "limits", "threshold", "thresholds", "ceiling",
				      "slo",   "quota",  "Grenze",    "Schwelle",   "Grenzwert",
				      "seuil", "limite", "umbral",    NULL };

/* What may stand between such a word and its figure. */
static bool is_joining(const struct fact_cursor *cursor, size_t at, size_t length)
{
	static const char *const words[] = {
		"is",     "was",    "are",        "were",          "of",      "at",     "these",   "those",
		"that",   "this",   "hour",       "hours",         "about",   "around", "roughly", "level",
		"levels", "value",  "values",     "rate",          "range",   "being",  "near",    "sits",
		"sit",    "sat",    "runs",       "run",           "ran",     "lies",   "lay",     "stays",
		"stayed", "hovers", "to",         "between",       "from",    "the",    "a",       "an",
		"its",    "on",     "days",       "median",        "average", "mean",   "usual",   "above",
		"below",  "under",  "over",       "approximately", "some",    "only",   "just",    "day",
		"alarm",  "there",  "been",       "had",           "has",     "circa",  "than",    "it",
		"reads",  "set",    "configured", "von",           "bei",     "ist",    "de",      "es",
		"est",    "é",      "del",        "time",          "in",      NULL
	};

	return fact_word_is(cursor, at, length, words);
}

/* "is normal", "back to normal": that it is so now, no level. */
static bool is_said_of_now(const struct fact_cursor *cursor, size_t word, size_t length)
{
	static const char *const states[] = { "normal", NULL };
	static const char *const before[] = { "to",    "is",  "are",  "looks", "look",    "back",
					      "seems", "was", "were", "again", "near",    "very",
					      "fully", "all", "now",  "still", "looking", NULL };
	size_t size, at = fact_word_before(cursor, word, &size);

	return fact_word_is(cursor, word, length, states) && size > 0 && fact_word_is(cursor, at, size, before);
}

static enum fact_role role_of_word(const struct fact_cursor *cursor, size_t at, size_t length)
{
	if (length == 0)
		return FACT_ROLE_VALUE;
	if (fact_word_is(cursor, at, length, usual))
		return FACT_ROLE_USUAL;
	return fact_word_is(cursor, at, length, limits) ? FACT_ROLE_LIMIT : FACT_ROLE_VALUE;
}

/* "other days", "days before": what is compared with. */
static bool is_other_days(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "on other days", "on normal days", "is usual",   "is normal",
					     "are usual",     "are normal",	"as usual",   NULL };

	for (size_t i = 0; words[i] != NULL; i++)
		if (fact_stands(cursor, at, words[i], true))
			return true;
	return false;
}

/* "Where 1 at most is usual" */
static size_t behind_bound(const struct fact_cursor *cursor, size_t at)
{
	return fact_stands(cursor, at, "at most", true) || fact_stands(cursor, at, "at best", true)
		   ? fact_skip_space(cursor, at + 7)
	       : fact_stands(cursor, at, "at least", true) ? fact_skip_space(cursor, at + 8)
							   : at;
}

static enum fact_role role_behind(const struct fact_cursor *cursor, size_t end)
{
	size_t at = behind_bound(cursor, fact_skip_space(cursor, end)), length = fact_word_length(cursor, at);
	enum fact_role role = role_of_word(cursor, at, length);

	if (is_other_days(cursor, at))
		return FACT_ROLE_USUAL;
	if (fact_stands(cursor, at, "otherwise", true) || fact_stands(cursor, at, "normal", true))
		return FACT_ROLE_VALUE; /* "is 98 % otherwise normal" */
	if (fact_stands(cursor, at, "median", true) || fact_stands(cursor, at, "baseline", true))
		return FACT_ROLE_VALUE;
	return role;
}

/* The word before, of a name: "p95", and "no" of "no-read", are some, too. */
static size_t name_word_before(const struct fact_cursor *cursor, size_t at, size_t *length)
{
	size_t begin, end = at;

	while (end > 0 && (fact_is_space(cursor->text[end - 1]) || cursor->text[end - 1] == '-'))
		end--;
	begin = end;
	while (begin > 0 && (fact_is_letter(cursor->text[begin - 1]) || fact_is_digit(cursor->text[begin - 1])))
		begin--;
	*length = end - begin;
	return begin;
}

/* "The usual tunnel throughput of 2.89 GB/s", "the usual range of vision server CPU is 45 %": the name of what is meant
 * stands between. */
static enum fact_role role_of_named(const struct fact_cursor *cursor, size_t from, size_t begin)
{
	static const char *const links[] = { "of", "is", "was", "are", "were", "lies", "lay", NULL };
	static const char *const usuals[] = { "usual", "normal", "typical", NULL };
	static const char *const parts[] = { "and",    "but", "while", "when", "after",
					"before", "to",  "as",    "than", NULL };
	size_t length, word = fact_word_before(cursor, begin, &length);

	if (length == 0 || !fact_word_is(cursor, word, length, links))
		return FACT_ROLE_VALUE;
	for (int i = 0; i < NAMED_MAX; i++) {
		word = name_word_before(cursor, word, &length);
		if (length == 0 || word < from || fact_word_is(cursor, word, length, parts))
			return FACT_ROLE_VALUE;
		if (fact_word_is(cursor, word, length, usuals))
			return is_said_of_now(cursor, word, length) ? FACT_ROLE_VALUE : FACT_ROLE_USUAL;
	}
	return FACT_ROLE_VALUE;
}

/* Words before the figure, back to the end of what was told before. */
static enum fact_role role_before(const struct fact_cursor *cursor, size_t from, size_t begin)
{
	size_t length, end = begin;

	if (end > from && strchr("~<>≈", cursor->text[end - 1]) != NULL)
		end--;
	/* AWS writes "the threshold (20.0)". */
	if (end >= from + 11 && strncasecmp(cursor->text + end - 11, "threshold (", 11) == 0)
		return FACT_ROLE_LIMIT;
	for (int i = 0; i < BETWEEN_MAX; i++) {
		size_t word = fact_word_before(cursor, end, &length);
		enum fact_role role;

		if (length == 0 || word < from)
			return FACT_ROLE_VALUE;
		role = role_of_word(cursor, word, length);
		if (role == FACT_ROLE_USUAL && is_said_of_now(cursor, word, length) &&
		    !fact_stands(cursor, fact_skip_space(cursor, word + length), "is", true))
			return FACT_ROLE_VALUE;
		if (role != FACT_ROLE_VALUE)
			return role;
		if (!is_joining(cursor, word, length))
			return FACT_ROLE_VALUE;
		end = word;
	}
	return FACT_ROLE_VALUE;
}

/* Whether what was said of the figure before goes on: "0.1 to 0.2 s", "above 10 and below 20", "median 1, 9 of
 * 10 values 2". */
static bool goes_on(const struct fact_cursor *cursor, size_t from, size_t to, bool listed)
{
	static const char *const words[] = { "to", "and",   "or",    "bis",   "und",    "values",
					     "of", "above", "below", "until", "median", "about",
					     "is", "at",    "under", "over",  NULL };

	for (size_t at = from; at < to; at++) {
		size_t length = fact_word_length(cursor, at);

		if (strchr(";.()\n", cursor->text[at]) != NULL || (!listed && cursor->text[at] == ','))
			return false;
		if (length == 0)
			continue;
		if (!fact_word_is(cursor, at, length, words))
			return false;
		at += length - 1;
	}
	return true;
}

static bool only_joining(const struct fact_cursor *cursor, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++) {
		size_t length = fact_word_length(cursor, at);

		if (length > 0 && !is_joining(cursor, at, length))
			return false;
		at += length > 0 ? length - 1 : 0;
	}
	return true;
}

/* Since the last fact a colon that such a word introduces: "usual at these hours: median". */
static enum fact_role role_of_colon(const struct fact_cursor *cursor, size_t from, size_t to)
{
	for (size_t colon = to; colon > from; colon--) {
		if (strchr(";.()\n", cursor->text[colon - 1]) != NULL)
			return FACT_ROLE_VALUE;
		if (cursor->text[colon - 1] != ':')
			continue;
		if (!goes_on(cursor, colon, to, true))
			return FACT_ROLE_VALUE;
		for (size_t at = from; at < colon; at++) {
			size_t length = at > from && fact_is_letter(cursor->text[at - 1])
					    ? 0
					    : fact_word_length(cursor, at);
			enum fact_role role = role_of_word(cursor, at, length);

			/* "normal: below 90 s" is what was configured. */
			if (role == FACT_ROLE_USUAL && fact_stands(cursor, at, "normal:", false))
				return FACT_ROLE_LIMIT;
			if (role != FACT_ROLE_VALUE)
				return only_joining(cursor, at + length, colon - 1) ? role : FACT_ROLE_VALUE;
		}
		return FACT_ROLE_VALUE;
	}
	return FACT_ROLE_VALUE;
}

/* "3 of the last 5", "8 out of 8": the whole that the first is a part of. */
static double whole_of(const struct fact_cursor *cursor, const struct fact *part, const struct fact *whole)
{
	static const char *const words[] = {
		"of", "out", "the", "last", "all", "past", "those", "these", NULL
	};
	bool of = false;

	if (part->kind != FACT_FIGURE || whole->kind != FACT_FIGURE || part->unit != FACT_PLAIN ||
	    whole->unit != FACT_PLAIN || part->digits_to != part->to)
		return 0;
	for (size_t at = part->to; at < whole->from; at++) {
		size_t length = fact_word_length(cursor, at);

		if (length == 0 && cursor->text[at] != ' ')
			return 0;
		if (length > 0 && !fact_word_is(cursor, at, length, words))
			return 0;
		of = of || fact_stands(cursor, at, "of", true);
		at += length > 0 ? length - 1 : 0;
	}
	return of ? whole->readings[0].value : 0;
}

/* "Where 67 to 78 are usual": the first of the two is said to be so as well. */
static void tell_first_of_two(const struct fact_cursor *cursor, struct fact *first)
{
	const struct fact *second = first + 1;
	size_t at = fact_skip_space(cursor, first->to), length, before = fact_word_before(cursor, first->from, &length);

	if (first->kind != FACT_FIGURE || second->kind != FACT_FIGURE || first->role != FACT_ROLE_VALUE ||
	    second->role != FACT_ROLE_USUAL || (length > 0 && fact_stands(cursor, before, "from", true)))
		return;
	if (fact_stands(cursor, at, "to", true) && fact_skip_space(cursor, at + 2) == second->from &&
	    role_behind(cursor, second->to) == second->role)
		first->role = second->role;
}

/* "Nine out of ten values lie between 1 and 4" */
static bool is_of_most(const struct fact_cursor *cursor, const struct fact *facts, size_t index)
{
	static const char *const words[] = { "values", "are", "lie", "lay", "were", "between", "from", NULL };
	const struct fact *whole = &facts[index - 1];

	if (index < 2 || !whole->tallies || whole->readings[0].value != 10 || facts[index - 2].whole != 10)
		return false;
	for (size_t at = whole->digits_to; at < facts[index].from; at++) {
		size_t length = fact_word_length(cursor, at);

		if (length > 0 && !fact_word_is(cursor, at, length, words))
			return false;
		at += length > 0 ? length - 1 : 0;
	}
	return true;
}

void fact_role_tell(const struct fact_cursor *cursor, struct fact *facts, size_t count)
{
	enum fact_role last = FACT_ROLE_VALUE;
	bool listed = false;
	size_t from = 0, told = 0;

	for (size_t i = 0; i < count; i++) {
		struct fact *fact = &facts[i];

		fact->whole = i + 1 < count ? whole_of(cursor, fact, fact + 1) : 0;
		if (fact->kind == FACT_FIGURE) {
			enum fact_role colon = role_of_colon(cursor, from, fact->from);

			fact->role = role_before(cursor, from, fact->from);
			if (fact->role == FACT_ROLE_VALUE)
				fact->role = role_behind(cursor, fact->to);
			if (fact->role == FACT_ROLE_VALUE && !fact->change)
				fact->role = role_of_named(cursor, told, fact->from);
			if (fact->role == FACT_ROLE_VALUE)
				fact->role = colon;
			if (i > 0 && facts[i - 1].kind == FACT_FIGURE && is_of_most(cursor, facts, i))
				fact->role = FACT_ROLE_USUAL;
			if (fact->role == FACT_ROLE_VALUE && last != FACT_ROLE_VALUE &&
			    goes_on(cursor, from, fact->from, listed))
				fact->role = last;
			listed = colon != FACT_ROLE_VALUE || (listed && fact->role == last);
			last = fact->role;
		} else if (fact->kind == FACT_TIME) {
			last = FACT_ROLE_VALUE;
		}
		from = fact->to;
		told = fact->kind == FACT_NAME ? told : fact->to; /* "no-read" may be one */
	}
	for (size_t i = 0; i + 1 < count; i++)
		tell_first_of_two(cursor, &facts[i]);
}

static enum fact_role next_role(const struct fact_cursor *cursor, size_t *at)
{
	for (; *at < cursor->length; (*at)++) {
		size_t size =
		    *at > 0 && fact_is_letter(cursor->text[*at - 1]) ? 0 : fact_word_length(cursor, *at);
		enum fact_role role = role_of_word(cursor, *at, size);

		if (role != FACT_ROLE_VALUE)
			return (*at)++, role;
	}
	return FACT_ROLE_VALUE;
}

bool fact_role_has(const char *text, size_t length, enum fact_role role)
{
	struct fact_cursor cursor = { text, length, 0 };
	enum fact_role found;

	while ((found = next_role(&cursor, &cursor.at)) != FACT_ROLE_VALUE)
		if (found == role)
			return true;
	return false;
}

enum fact_role fact_role_named(const char *text, size_t length)
{
	struct fact_cursor cursor = { text, length, 0 };

	return next_role(&cursor, &cursor.at);
}
