/*
 * Figures that follow in one step from others: "40 times", "12 % more", "3 s slower", "25 min later".
 *
 * Among a few hundred figures some pair has nearly any ratio. So only figures that belong together are
 * compared: those of the sentence and of its paragraph that were found themselves, those of one sentence of the
 * data, and least, greatest, mean, median, first and last of one series. A sentence that names two figures of
 * one unit compares these and nothing else.
 */
#include <math.h>
#include <stdlib.h>

#include "bot/fact_judge_private.h"

#define LINE_VALUES_MAX 8
#define ROUNDING_MOST 0.04   /* more than this part of a result is no rounding of what it is made of */
#define LINES_FOR_RATIOS 12 /* of more lines, a ratio of some pair would nearly always fit */

/* What is counted is exact: 5 of 6 are 83 %, not 84 %. */
static bool is_whole_count(enum fact_unit unit, double value, double half)
{
	return unit == FACT_PLAIN && half == 0.5 && value == floor(value);
}

struct value fact_derive_value(const struct fact *fact)
{
	double size = fabs(fact->readings[0].value), half = fact->readings[0].half;

	if (is_whole_count(fact->unit, size, half))
		half = 0;
	else if (fact->zeros > 0)
		half = fmax(half, fmin(half * pow(10, fact->zeros), ROUNDING_MOST * size));
	return (struct value) { fact->readings[0].value, half, fact->unit };
}

/* A result of two rounded values may lie some way to both sides, and nobody knows where. */
static bool makes(const struct fact *claim, size_t reading, double value, double half)
{
	double said = claim->readings[reading].value, most = ROUNDING_MOST * fabs(value);

	half = fmin(half, most);
	return evidence_near(claim, reading, fmin(fmax(said, value - half), value + half), 0);
}

static bool makes_change(const struct fact *claim, size_t reading, double change, double half)
{
	return makes(claim, reading, fabs(change), half) || makes(claim, reading, -fabs(change), half);
}

/* Whether `claim` is what two values make of each other. */
static bool pair_makes(const struct fact *claim, const struct value *a, const struct value *b, bool shares)
{
	double ratio = b->value != 0 ? a->value / b->value : 0, half = 0;

	if (a->unit != b->unit)
		return false;
	if (ratio != 0)
		half = fabs(ratio) * (a->half / fabs(a->value) + b->half / fabs(b->value));
	for (size_t r = 0; r < claim->reading_count; r++) {
		if (claim->kind == FACT_TIMES && b->value != 0 && makes(claim, r, ratio, half))
			return true;
		if (claim->kind != FACT_FIGURE)
			continue;
		if (claim->unit == FACT_PERCENT && claim->change && b->value != 0 &&
		    makes_change(claim, r, (ratio - 1) * 100, half * 100))
			return true;
		if (claim->unit == FACT_PERCENT && shares && a->unit == FACT_PLAIN && b->value > a->value &&
		    makes(claim, r, ratio * 100, half * 100))
			return true;
		if (claim->unit == a->unit && (claim->change || claim->duration) &&
		    makes_change(claim, r, a->value - b->value, a->half + b->half))
			return true;
	}
	return false;
}

static bool group_makes(const struct fact *claim, const struct value *values, size_t count, bool shares)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++)
			if (i != j && pair_makes(claim, &values[i], &values[j], shares))
				return true;
	return false;
}

/* Figures of this sentence that are in the data, and those of the paragraph before. */
static bool sentence_makes(const struct fact_judge *judge, size_t index)
{
	struct value values[FACT_JUDGE_POOL_MAX * 2];
	size_t count = 0;

	for (size_t i = 0; i < judge->pool.count; i++)
		values[count++] = judge->pool.items[i];
	for (size_t i = 0; i < judge->count && count < FACT_JUDGE_POOL_MAX * 2; i++)
		if (i != index && judge->facts[i].kind == FACT_FIGURE && judge->found[i])
			values[count++] = fact_derive_value(&judge->facts[i]);
	return group_makes(&judge->facts[index], values, count, true);
}

static bool sources_make(const struct fact_judge *judge, const struct fact *claim,
			 const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0; i < evidence->source_count; i++) {
		const struct evidence_source *source = &evidence->sources[i];
		struct value values[12];
		size_t count = 0;

		if (source->figures < 2 || source->figures > 12 ||
		    !evidence_shares(&source->named, &context->named))
			continue;
		for (size_t j = 0; j < source->figures; j++) {
			const struct evidence_figure *figure = &evidence->figures[source->first_figure + j];

			if (!figure->times)
				values[count++] = (struct value) {
					figure->value,
					is_whole_count(figure->unit, figure->value, figure->half) ? 0 : figure->half,
					figure->unit
				};
		}
		if (group_makes(claim, values, count, true))
			return true;
	}
	return false;
}

static bool lines_make(const struct fact_judge *judge, const struct fact *claim,
		       const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;

	if (context->named.count == 0 && evidence->line_count > LINES_FOR_RATIOS)
		return false;
	for (size_t i = 0; i < evidence->line_count; i++) {
		double values[LINE_VALUES_MAX];
		struct value items[LINE_VALUES_MAX];
		size_t count;

		if (!fact_judge_is_named(&context->named, evidence->lines[i].subject))
			continue;
		count = evidence_line_values(&evidence->lines[i], context, values, LINE_VALUES_MAX);
		for (size_t j = 0; j < count; j++)
			items[j] = (struct value) { values[j], 0, evidence->lines[i].unit };
		if (group_makes(claim, items, count, false))
			return true;
	}
	return false;
}

static bool apart(const struct fact *claim, int64_t a, int64_t b, bool dated)
{
	int64_t distance = llabs(a - b);

	if (!dated && distance > FACT_JUDGE_DAY_S / 2)
		distance = FACT_JUDGE_DAY_S - distance; /* over midnight */
	for (size_t r = 0; r < claim->reading_count; r++)
		if (evidence_near(claim, r, (double)distance, 0))
			return true;
	return false;
}

/* A stretch of time between two that the sentence, or one sentence of the data, names. */
static bool times_make(const struct fact_judge *judge, const struct fact *claim,
		       const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	int64_t at[2];
	bool dated[2], clock;

	for (size_t i = 0; i < context->time_count; i++)
		for (size_t j = 0; j < i; j++)
			if (evidence_fact_time(evidence, &context->times[i], &at[0], &dated[0], &clock) &&
			    evidence_fact_time(evidence, &context->times[j], &at[1], &dated[1], &clock) &&
			    apart(claim, dated[0] == dated[1] ? at[0] : at[0] % FACT_JUDGE_DAY_S,
				  dated[0] == dated[1] ? at[1] : at[1] % FACT_JUDGE_DAY_S,
				  dated[0] && dated[1]))
				return true;
	if (context->own_times && context->time_count >= 2)
		return false; /* it is of these two */
	for (size_t i = 0; i < evidence->source_count; i++) {
		const struct evidence_source *source = &evidence->sources[i];

		if (source->moments < 2 || source->moments > 8 ||
		    !evidence_shares(&source->named, &context->named))
			continue;
		for (size_t j = 0; j < source->moments; j++)
			for (size_t k = 0; k < j; k++) {
				const struct evidence_moment *a = &evidence->moments[source->first_moment + j];
				const struct evidence_moment *b = &evidence->moments[source->first_moment + k];

				if (a->clock && b->clock &&
				    apart(claim, a->dated && b->dated ? a->at_s : a->at_s % FACT_JUDGE_DAY_S,
					  a->dated && b->dated ? b->at_s : b->at_s % FACT_JUDGE_DAY_S,
					  a->dated && b->dated))
					return true;
			}
	}
	return false;
}

static bool is_stretch(const struct fact *fact)
{
	return fact->kind == FACT_FIGURE && fact->unit == FACT_SECONDS && fact->readings[0].value >= 60;
}

bool fact_derive_is_between(const struct fact *claim, const struct evidence_context *context)
{
	return is_stretch(claim) && context->own_times && context->time_count > 1;
}

/* The sentence of the data with a time that shares most words with those; the count: none does. */
static size_t best_source(const struct evidence *evidence, const struct evidence_words *words)
{
	size_t best = 0, found = evidence->source_count;

	for (size_t i = 0; i < evidence->source_count; i++) {
		size_t shared =
		    evidence->sources[i].moments == 0 ? 0 : evidence_shared_words(evidence, i, words);

		if (shared > best) {
			best = shared;
			found = i;
		}
	}
	return found;
}

/* "A fired 24 min after B": between what the data says of A and of B. */
static bool events_make(const struct fact_judge *judge, const char *text, size_t length,
			const struct fact *claim)
{
	const struct evidence *evidence = judge->evidence;
	struct evidence_words words;
	size_t a, b;

	evidence_words_read(&words, text, claim->from);
	a = best_source(evidence, &words);
	evidence_words_read(&words, text + claim->to, length - claim->to);
	b = best_source(evidence, &words);
	if (a == b || a == evidence->source_count || b == evidence->source_count)
		return false;
	for (size_t i = 0; i < evidence->sources[a].moments; i++)
		for (size_t j = 0; j < evidence->sources[b].moments; j++) {
			const struct evidence_moment *m =
			    &evidence->moments[evidence->sources[a].first_moment + i];
			const struct evidence_moment *n =
			    &evidence->moments[evidence->sources[b].first_moment + j];
			bool dated = m->dated && n->dated;

			if (m->clock && n->clock &&
			    apart(claim, dated ? m->at_s : m->at_s % FACT_JUDGE_DAY_S,
				  dated ? n->at_s : n->at_s % FACT_JUDGE_DAY_S, dated))
				return true;
		}
	return false;
}

/* Whether the sentence itself has two figures of one unit that are in the data: then it compares these. */
static bool compares_own(const struct fact_judge *judge, size_t index)
{
	for (size_t i = 0; i < judge->count; i++)
		for (size_t j = 0; j < i; j++)
			if (i != index && j != index && judge->facts[i].kind == FACT_FIGURE &&
			    judge->facts[j].kind == FACT_FIGURE && judge->asked[i] && judge->asked[j] &&
			    judge->facts[i].unit == judge->facts[j].unit &&
			    judge->facts[i].duration == judge->facts[j].duration)
				return true;
	return false;
}

bool fact_derive(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		 const struct evidence_context *context)
{
	const struct fact *claim = &judge->facts[index];

	if (is_stretch(claim) && times_make(judge, claim, context))
		return true;
	if (fact_derive_is_between(claim, context))
		return false;
	if (is_stretch(claim) && events_make(judge, text, length, claim))
		return true;
	if (sentence_makes(judge, index))
		return true;
	if (compares_own(judge, index))
		return false;
	return sources_make(judge, claim, context) || lines_make(judge, claim, context);
}
