/* What the words around a number make of it: about, at least, a difference rather than a level. */
#include <string.h>

#include "bot/fact_private.h"

/* What the words right behind say: "12 % more", "3 s slower". */
static bool change_behind(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "more",      "less",      "higher",      "lower",       "fewer",
					     "slower",    "faster",    "above",       "below",       "increase",
					     "decrease",  "rise",      "drop",        "jump",        "growth",
					     "decline",   "reduction", "larger",      "greater",     "smaller",
					     "worse",     "better",    "mehr",        "weniger",     "höher",
					     "niedriger", "langsamer", "más",         "menos",       "mais",
					     "supérieur", "Anstieg",   "improvement", "degradation", "longer",
					     "shorter",   "busier",    "uptick",      "difference",  "change",
					     "hike",      "climb",     "fall",        NULL };
	size_t next = fact_skip_space(cursor, at), length = fact_word_length(cursor, next);

	if (fact_stands(cursor, next, "points", true)) {
		next = fact_skip_space(cursor, next + 6);
		length = fact_word_length(cursor, next);
	}
	if (fact_stands(cursor, next, "short of", true) || fact_stands(cursor, next, "under it", true) ||
	    fact_stands(cursor, next, "over it", true) || fact_stands(cursor, next, "extra", true))
		return true;
	return length > 0 && fact_word_is(cursor, next, length, words);
}

/* "They make up 3,704 lines" */
static bool is_made_up(const struct fact_cursor *cursor, size_t at)
{
	static const char *const makes[] = { "make", "makes", "made", "making", NULL };
	size_t length, word = fact_word_before(cursor, at, &length);

	return fact_stands(cursor, at, "up", true) && fact_word_is(cursor, word, length, makes);
}

/* "by 12 %", "up 12 %", "increase of 12 %"; not "rose to". */
static bool change_before(const struct fact_cursor *cursor, size_t at)
{
	static const char *const by[] = { "by", "up", "down", "um", "grew", "gained", "lost", "shed", "added", NULL };
	static const char *const of[] = { "of", "von", "de", "d", NULL };
	static const char *const about[] = { "about",  "around", "roughly", "approximately",
					     "nearly", "almost", "some",    "over",
					     "a",      "an",     "than",    "more",
					     "only",   "just",   "another", NULL };
	static const char *const nouns[] = { "increase", "decrease", "rise",   "drop",       "jump",
					     "growth",   "decline",  "fall",   "reduction",  "Anstieg",
					     "surge",    "spike",    "change", "difference", "gap",
					     "gain",     "hausse",   "baisse", "aumento",    "aumento",
					     "queda",    "caída",    NULL };
	size_t length, begin = fact_word_before(cursor, at, &length);

	for (int i = 0; i < 3 && length > 0 && fact_word_is(cursor, begin, length, about); i++)
		begin = fact_word_before(cursor, begin, &length);
	if (length == 0)
		return false;
	if (fact_word_is(cursor, begin, length, by))
		return !is_made_up(cursor, begin);
	if (!fact_word_is(cursor, begin, length, of))
		return false;
	begin = fact_word_before(cursor, begin, &length);
	return length > 0 && fact_word_is(cursor, begin, length, nouns);
}

enum fact_hedge fact_hedge_of(const struct fact_cursor *cursor, size_t at)
{
	static const char *const about[] = { "about",
					     "around",
					     "roughly",
					     "approximately",
					     "approx",
					     "circa",
					     "ca",
					     "some",
					     "near",
					     "etwa",
					     "ungefähr",
					     "rund",
					     "environ",
					     "unos",
					     "unas",
					     "cerca",
					     "aproximadamente",
					     "gegen",
					     "vers",
					     "quase",
					     "casi",
					     "fast",
					     "nearly",
					     "almost",
					     "beinahe",
					     "presque",
					     "約",
					     "およそ",
					     NULL };
	static const char *const more[] = { "over", "above", "exceeding", "exceeded", "least",
					    "über", "past",  "topped",    NULL };
	static const char *const less[] = { "under", "below", "most", "unter", "within", NULL };
	static const char *const than[] = { "than", "als", "de", "que", "do", NULL };
	static const char *const bigger[] = { "more", "greater", "higher", "longer", "mehr",
					      "plus", "más",     "mais",   "slower", NULL };
	static const char *const smaller[] = { "less",  "fewer",   "lower",  "weniger", "moins",
					       "menos", "shorter", "faster", NULL };
	size_t length, begin = fact_word_before(cursor, at, &length);

	if (length == 0)
		return at > 0 && cursor->text[at - 1] == '~'                   ? FACT_ABOUT
		       : at >= 3 && memcmp(cursor->text + at - 3, "≈", 3) == 0 ? FACT_ABOUT
		       : at > 0 && cursor->text[at - 1] == '>'                 ? FACT_AT_LEAST
		       : at > 0 && cursor->text[at - 1] == '<'                 ? FACT_AT_MOST
									       : FACT_AS_WRITTEN;
	if (fact_word_is(cursor, begin, length, about))
		return FACT_ABOUT;
	if (fact_word_is(cursor, begin, length, more) || fact_word_is(cursor, begin, length, less)) {
		bool over = fact_word_is(cursor, begin, length, more);
		static const char *const nots[] = { "never", "nothing", "not", "t",     "nie", "nicht",
						    "ne",    "no",      "não", "nunca", NULL };

		/* "never exceeded 16,043", "did not go below 108 ms": that was the greatest, the least. */
		for (int i = 0; i < 2 && length > 0; i++) {
			begin = fact_word_before(cursor, begin, &length);
			if (length > 0 && fact_word_is(cursor, begin, length, nots))
				return FACT_AS_WRITTEN;
		}
		return over ? FACT_AT_LEAST : FACT_AT_MOST;
	}
	if (!fact_word_is(cursor, begin, length, than))
		return FACT_AS_WRITTEN;
	begin = fact_word_before(cursor, begin, &length);
	if (length > 0 && fact_word_is(cursor, begin, length, bigger))
		return FACT_AT_LEAST;
	return length > 0 && fact_word_is(cursor, begin, length, smaller) ? FACT_AT_MOST : FACT_AS_WRITTEN;
}

bool fact_hedge_change(const struct fact_cursor *cursor, size_t begin, size_t end)
{
	return change_behind(cursor, end) || change_before(cursor, begin);
}

bool fact_hedge_spans(const struct fact_cursor *cursor, size_t begin, size_t end)
{
	static const char *const before[] = { "for",   "lasted", "lasting", "lasts", "took", "takes", "within", "after",
					      "nach",  "dauerte", "duró",   "durant", NULL };
	static const char *const behind[] = { "before", "after", "later",  "earlier", "afterwards", "long", "ago",
					      "später", "plus",  "después", NULL };
	size_t length, word = fact_word_before(cursor, begin, &length), next = fact_skip_space(cursor, end);

	return (length > 0 && fact_word_is(cursor, word, length, before)) ||
	       fact_word_is(cursor, next, fact_word_length(cursor, next), behind);
}
