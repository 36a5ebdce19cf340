/* How far something is beyond its limit, and at what pace it goes on: "18.6 min, 3.6 min over the limit of 15 min",
 * "from 872 to 339 in 45 minutes, at that pace (roughly 12 a minute)". */
#include <math.h>
#include <string.h>

#include "bot/fact_derive_private.h"
#include "bot/fact_private.h"

#define TOPS 4    /* figures of the paragraph that may be beyond it */
#define PARTS 8   /* figures of sentence and paragraph that make a pace */
#define STRETCH_S 60

/* "Over the limit", "under its threshold" behind the claim. */
static bool is_beyond_limit(const char *text, size_t length, const struct fact *claim)
{
	static const char *const ways[] = { "over", "above", "under", "below", "beyond", "past", NULL };
	static const char *const articles[] = { "the", "its", "their", "that", "this", NULL };
	static const char *const limits[] = { "limit", "threshold", "ceiling", "quota", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t at = fact_skip_space(&cursor, claim->to), size = fact_word_length(&cursor, at);

	if (!fact_word_is(&cursor, at, size, ways))
		return false;
	at = fact_skip_space(&cursor, at + size);
	size = fact_word_length(&cursor, at);
	if (fact_word_is(&cursor, at, size, articles))
		at = fact_skip_space(&cursor, at + size);
	return fact_word_is(&cursor, at, fact_word_length(&cursor, at), limits);
}

/* The figures that were found: the last ones of the paragraph, and of the sentence those before the one at `index`. */
static void add_told(const struct fact_judge *judge, size_t index, size_t most, struct values *values)
{
	size_t first = judge->pool.count > most ? judge->pool.count - most : 0;

	for (size_t i = first; i < judge->pool.count; i++)
		values->items[values->count++] = judge->pool.items[i];
	for (size_t i = 0; i < index && values->count < FACT_DERIVE_VALUES_MAX; i++)
		if (judge->facts[i].kind == FACT_FIGURE && judge->found[i] && judge->asked[i])
			values->items[values->count++] = fact_derive_value(&judge->facts[i]);
}

bool fact_exceed(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	const struct fact *next = &judge->facts[index + 1];
	struct fact change = judge->facts[index];
	struct values tops = { .count = 0 };
	struct value limit;

	if (change.kind != FACT_FIGURE || index + 1 >= judge->count || next->kind != FACT_FIGURE ||
	    next->role != FACT_ROLE_LIMIT || !judge->found[index + 1] || !is_beyond_limit(text, length, &change))
		return false;
	change.change = true;
	limit = fact_derive_value(next);
	add_told(judge, index, TOPS, &tops);
	for (size_t i = 0; i < tops.count; i++)
		if (tops.items[i].role == FACT_ROLE_VALUE && fact_derive_pair(&change, &tops.items[i], &limit, false))
			return true;
	return false;
}

static bool tells_pace(const char *text, size_t length)
{
	static const char *const words[] = { "pace", "speed", NULL };

	return fact_has_word(text, length, words);
}

/* Whether the claim is that pace, or what is left takes so long at it. */
static bool is_of_pace(const struct fact *claim, double a_second, const struct value *left)
{
	return claim->rate ? claim->unit == left->unit && fact_derive_makes(claim, 0, a_second, 0)
			   : fact_derive_makes(claim, 0, left->value / a_second, 0);
}

bool fact_pace(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	const struct fact *claim = &judge->facts[index];
	struct values told = { .count = 0 };

	if (claim->kind != FACT_FIGURE || claim->change || !(claim->rate || fact_stretch_is(claim)) ||
	    !tells_pace(text, length))
		return false;
	add_told(judge, index, PARTS, &told);
	for (size_t i = 0; i + 1 < told.count; i++) /* "from 872 to 339 in 45 minutes" */
		for (size_t j = 0; j < told.count; j++) {
			const struct value *from = &told.items[i], *to = from + 1, *stretch = &told.items[j];

			if (from->unit != FACT_SECONDS && from->unit == to->unit && from->value != to->value &&
			    stretch->unit == FACT_SECONDS && stretch->value >= STRETCH_S &&
			    is_of_pace(claim, fabs(from->value - to->value) / stretch->value, to))
				return true;
		}
	return false;
}
