/* What rows of keys and values make together: the sum of those with one value ("3,859 rejections with code LG-409"),
 * its part of all that match, and a row that the words name against a count that was told before. */
#include <string.h>
#include <strings.h>

#include "bot/fact_derive_private.h"
#include "bot/fact_private.h"

#define ROWS_MAX 64 /* of one text, and texts' rows that are looked at */
#define VALUE_LEAST 2

static bool is_same(const struct fact_pair *a, const struct fact_pair *b)
{
	return a->key_length == b->key_length && a->value_length == b->value_length &&
	       memcmp(a->key, b->key, a->key_length) == 0 && memcmp(a->value, b->value, a->value_length) == 0;
}

/* Whether the row has that pair. */
static bool has_pair(const char *row, const struct fact_pair *wanted)
{
	struct fact_pair pair;

	while (fact_row_next(&row, &pair))
		if (is_same(&pair, wanted))
			return true;
	return false;
}

static bool is_name(const struct fact_pair *pair)
{
	for (size_t i = 0; i < pair->value_length; i++)
		if (fact_is_letter(pair->value[i]))
			return pair->value_length >= VALUE_LEAST;
	return false;
}

/* Whether the sentence has its value, as a word. */
static bool is_said(const char *text, size_t length, const struct fact_pair *pair)
{
	size_t size = pair->value_length;

	for (size_t at = 0; at + size <= length; at++)
		if (strncasecmp(text + at, pair->value, size) == 0 &&
		    (at == 0 || (!fact_is_letter(text[at - 1]) && strchr("-_", text[at - 1]) == NULL)) &&
		    (at + size == length || (!fact_is_letter(text[at + size]) && !fact_is_digit(text[at + size]) &&
					     strchr("-_", text[at + size]) == NULL)))
			return true;
	return false;
}

/* A row's count: the last plain figure of it. */
static const struct evidence_figure *count_of(const struct evidence *evidence, const struct evidence_source *source)
{
	const struct evidence_figure *f =
	    source->figures == 0 ? NULL : &evidence->figures[source->first_figure + source->figures - 1];

	return f != NULL && f->unit == FACT_PLAIN ? f : NULL;
}

/* Of all rows of the text with that pair; false: but one has it. */
static bool add_up(const struct evidence *evidence, size_t group, const struct fact_pair *pair, double *sum)
{
	size_t rows = 0;

	*sum = 0;
	for (size_t i = 0; i < evidence->source_count && rows < ROWS_MAX; i++) {
		const struct evidence_source *source = &evidence->sources[i];
		const struct evidence_figure *f =
		    source->group == group && source->row != NULL ? count_of(evidence, source) : NULL;

		if (f == NULL || !has_pair(source->row, pair))
			continue;
		*sum += f->value;
		rows++;
	}
	return rows > 1;
}

/* Whether the claim is that sum, or its part of a greater figure of the text's head: "3 rows of 4063 that match". */
static bool is_of_sum(const struct evidence *evidence, size_t group, const struct fact *claim, double sum)
{
	if (claim->unit == FACT_PLAIN)
		return claim->kind == FACT_FIGURE && !claim->change && fact_derive_makes(claim, 0, sum, 0);
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		struct value part = { sum, 0, FACT_PLAIN, FACT_ROLE_VALUE },
			     all = { f->value, 0, f->unit, FACT_ROLE_VALUE };

		if (f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].group == group &&
		    evidence->sources[f->source].row == NULL && f->value > sum &&
		    fact_derive_pair(claim, &part, &all, true))
			return true;
	}
	return false;
}

static bool sums_make(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0, looked = 0; i < evidence->source_count && looked < ROWS_MAX; i++) {
		const char *at = evidence->sources[i].row;
		struct fact_pair pair;
		double sum;

		if (at == NULL)
			continue;
		looked++;
		while (fact_row_next(&at, &pair))
			if (is_name(&pair) && is_said(text, length, &pair) &&
			    add_up(evidence, evidence->sources[i].group, &pair, &sum) &&
			    is_of_sum(evidence, evidence->sources[i].group, claim, sum))
				return true;
	}
	return false;
}

/* "The CRC errors (892) would fit a bad cable. Timeouts are 5.7 times as frequent." */
static bool row_makes(const struct fact_judge *judge, const char *text, const struct fact *claim)
{
	const struct evidence *evidence = judge->evidence;
	const struct value *told = judge->pool.count == 0 ? NULL : &judge->pool.items[judge->pool.count - 1];
	struct evidence_words words;

	if (claim->kind != FACT_TIMES || told == NULL || told->unit != FACT_PLAIN)
		return false;
	evidence_words_read(&words, text, claim->from);
	for (size_t i = 0, looked = 0; i < evidence->source_count && looked < ROWS_MAX; i++) {
		const struct evidence_source *source = &evidence->sources[i];
		const struct evidence_figure *f = source->row == NULL ? NULL : count_of(evidence, source);
		struct value row = { f == NULL ? 0 : f->value, 0, FACT_PLAIN, FACT_ROLE_VALUE };

		looked += source->row == NULL ? 0 : 1;
		if (f != NULL && evidence_record_row(evidence, i, &words, &words) == EVIDENCE_ROW_MEANT &&
		    fact_derive_pair(claim, &row, told, false))
			return true;
	}
	return false;
}

bool fact_rows(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	const struct fact *claim = &judge->facts[index];
	bool counts = claim->kind == FACT_FIGURE && !claim->change && !claim->rate && claim->role == FACT_ROLE_VALUE &&
		      (claim->unit == FACT_PERCENT || (claim->unit == FACT_PLAIN && !claim->tallies));

	return (counts && sums_make(judge, text, length, claim)) || row_makes(judge, text, claim);
}
