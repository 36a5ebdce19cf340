/* What the figures of one sentence make together, and figures that are told again: "3,704 on a and 2,825 on b, together
 * 6,529", "from 56,930 to 30,100 is 47 % less". */
#include <math.h>
#include <string.h>

#include "bot/fact_derive_private.h"
#include "bot/fact_private.h"

#define PARTS_MAX 4
#define SUM_LEAST 11  /* what is less may be a sum by chance */
#define AGAIN_DIGITS 3 /* of a figure that is no other one by chance */

/* Whether two to four that stand in a row make it. */
static bool any_run_makes(const struct fact *claim, const struct values *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		double sum = parts->items[i].value;

		for (size_t j = i + 1; j < parts->count && j < i + PARTS_MAX; j++) {
			sum += parts->items[j].value;
			if (fact_derive_makes(claim, 0, sum, 0))
				return true;
		}
	}
	return false;
}

static bool is_count(const struct fact *fact)
{
	return fact->kind == FACT_FIGURE && fact->unit == FACT_PLAIN && !fact->change && !fact->rate &&
	       fact->role == FACT_ROLE_VALUE && fact->reading_count > 0 &&
	       fact->readings[0].value == floor(fact->readings[0].value);
}

static bool refers_back(const char *text, size_t length)
{
	static const char *const words[] = { "that", "this", "these", "together", "both", "so", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t at = fact_skip_space(&cursor, 0);

	return fact_word_is(&cursor, at, fact_word_length(&cursor, at), words);
}

static bool tells_sum(const char *text, size_t length)
{
	static const char *const words[] = { "together", "altogether", "total", "sum",     "combined",
					     "both",     "zusammen",   "ensemble", "juntos", NULL };

	return fact_has_word(text, length, words);
}

/* "6,529 say so (3,704 on a, 2,825 on b)" */
static bool opens_bracket(const struct fact_judge *judge, const char *text, size_t index)
{
	for (size_t i = index + 1; i < judge->count; i++)
		if (is_count(&judge->facts[i]) && text[judge->facts[i].from - 1] == '(')
			return true;
	return false;
}

bool fact_sum(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	const struct fact *claim = &judge->facts[index];
	struct values parts = { .count = 0 };

	if (!is_count(claim) || claim->readings[0].value < SUM_LEAST)
		return false;
	for (size_t i = 0; i < judge->count && parts.count < FACT_DERIVE_VALUES_MAX; i++)
		if (i != index && is_count(&judge->facts[i]) && judge->found[i] && judge->asked[i])
			parts.items[parts.count++] = fact_derive_value(&judge->facts[i]);
	if ((tells_sum(text, length) || opens_bracket(judge, text, index)) && any_run_makes(claim, &parts))
		return true;
	parts.count = 0;
	for (size_t i = judge->pool.count > PARTS_MAX ? judge->pool.count - PARTS_MAX : 0; i < judge->pool.count; i++)
		if (judge->pool.items[i].unit == FACT_PLAIN)
			parts.items[parts.count++] = judge->pool.items[i];
	return refers_back(text, length) && any_run_makes(claim, &parts);
}

/* A ratio, a change or a part: what is told again is compared. */
static bool compares(const struct fact_judge *judge, const struct fact *claim)
{
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];

		if (fact == claim)
			continue;
		if (fact->kind == FACT_TIMES && fact->compares)
			return true;
		if (fact->kind == FACT_FIGURE &&
		    (fact->change || (fact->unit == FACT_PERCENT && claim->unit == FACT_PLAIN)))
			return true;
	}
	return false;
}

bool fact_sum_is_told_again(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	const struct fact *claim = &judge->facts[index];

	if (claim->kind != FACT_FIGURE || claim->change || claim->duration || claim->word ||
	    claim->role != FACT_ROLE_VALUE || claim->digits_to - claim->from < AGAIN_DIGITS ||
	    !compares(judge, claim) || fact_clause_has_time(judge, text, length, claim))
		return false;
	for (size_t i = 0; i < judge->pool.count; i++)
		if (judge->pool.items[i].unit == claim->unit &&
		    judge->pool.items[i].value == claim->readings[0].value)
			return true;
	return false;
}

/* The figure before, with nothing but times between; the count: none. */
static size_t figure_before(const struct fact_judge *judge, size_t index)
{
	while (index > 0 && judge->facts[index - 1].kind == FACT_TIME)
		index--;
	return index > 0 && judge->facts[index - 1].kind == FACT_FIGURE && judge->found[index - 1] ? index - 1
												   : judge->count;
}

bool fact_sum_is_difference(const struct fact_judge *judge, size_t index)
{
	size_t second = figure_before(judge, index),
	       first = second < judge->count ? figure_before(judge, second) : judge->count;
	struct value a, b;

	if (first == judge->count)
		return false;
	a = fact_derive_value(&judge->facts[second]);
	b = fact_derive_value(&judge->facts[first]);
	return a.unit == judge->facts[index].unit && fact_derive_pair(&judge->facts[index], &a, &b, false);
}
