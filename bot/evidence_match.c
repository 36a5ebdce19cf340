/* One claim against figures and times of texts: whether a value is what was written, in whatever rounding and
 * unit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/evidence_private.h"

#define ABOUT 0.06        /* "about", of a figure */
#define ABOUT_TIMES 0.12  /* of a ratio */
#define BEYOND_FINE 0.02  /* "over 1,234": how far over it may be */
#define BEYOND 0.12       /* "over 12" */
#define BEYOND_ROUND 0.25 /* "over 1,000" */
#define ROUND_MOST 0.04   /* a whole number's zeros are taken for rounding up to this part of it */
#define COUNTED_TIMES 20
#define ROWS_LOOKED_MAX 64 /* of a log query, with one figure */
#define SUITING_WORDS 2   /* a sentence of the data that shares fewer suits by chance */

static bool is_round(const struct fact *claim, double value)
{
	double written = fabs(claim->factor > 0 ? value / claim->factor : value);
	double size = written > 0 ? pow(10, floor(log10(written) + 1e-9)) : 1;

	return fabs(written / size - round(written / size)) < 1e-9;
}

/* Three digits that count or more: "about 9,830" is not 9,380. */
static bool is_fine(const struct fact *claim, const struct fact_reading *r)
{
	return r->half > 0 && fabs(r->value) / (2 * r->half * pow(10, claim->zeros)) >= 99.5;
}

bool evidence_near(const struct fact *claim, size_t reading, double value, double half)
{
	const struct fact_reading *r = &claim->readings[reading];
	double size = fabs(r->value), own = r->half, low, high, beyond;

	if (claim->zeros > 0)
		own = fmax(own, fmin(r->half * pow(10, claim->zeros), ROUND_MOST * size));
	own = own * (1 + 1e-6) + size * 1e-9;
	if (claim->hedge == FACT_ABOUT)
		own = fmax(own, is_fine(claim, r) ? 3 * own
						  : size * (claim->kind == FACT_TIMES ? ABOUT_TIMES : ABOUT));
	(void)half; /* what was given rounded is not known better than it was written, and may not be told
		       better */
	low = r->value - own;
	high = r->value + own;
	beyond = size * (is_fine(claim, r) ? BEYOND_FINE : is_round(claim, r->value) ? BEYOND_ROUND : BEYOND);
	if (claim->hedge == FACT_AT_LEAST)
		high = fmax(high, r->value + beyond);
	if (claim->hedge == FACT_AT_MOST)
		low = fmin(low, r->value - beyond);
	return value >= low && value <= high;
}

/* With the claim's readings multiplied by `factor`. */
static bool near_times(const struct fact *claim, double value, double factor)
{
	struct fact scaled = *claim;

	for (size_t i = 0; i < claim->reading_count; i++) {
		scaled.readings[i].value *= factor;
		scaled.readings[i].half *= factor;
		if (evidence_near(&scaled, i, value, 0))
			return true;
		/* "fell by 12 %", "-12 %": the sign may be in the words. */
		if (value < 0 && scaled.readings[i].value > 0 && evidence_near(&scaled, i, -value, 0))
			return true;
	}
	return false;
}

bool evidence_equals(const struct fact *claim, double value, double half, enum fact_unit unit, bool unit_known,
		     bool is_count)
{
	(void)half;
	if (claim->unit == unit && near_times(claim, value, 1))
		return true;
	if (claim->unit == unit)
		return false;
	if (claim->unit == FACT_PLAIN) { /* the unit was left out: "0.196", "196" of milliseconds */
		if (unit == FACT_SECONDS)
			return near_times(claim, value, 1) || near_times(claim, value, 1e-3);
		return unit >= FACT_PERCENT && near_times(claim, value, 1);
	}
	if (unit != FACT_PLAIN || is_count)
		return false;
	if (claim->unit == FACT_PERCENT && fabs(value) <= 1.5 && near_times(claim, value, 0.01))
		return true; /* a share: 0.93 */
	/* Of an oven's temperature CloudWatch has no unit; people write one. */
	if (unit_known && claim->unit < FACT_VOLTS)
		return false;
	if (near_times(claim, value, 1))
		return true;
	return claim->factor > 0 && claim->factor != 1 && near_times(claim, value, 1 / claim->factor);
}

bool evidence_belongs(const struct evidence *evidence, size_t source, const struct evidence_named *named)
{
	return source == EVIDENCE_NO_SOURCE || evidence_shares(&evidence->sources[source].named, named);
}

size_t evidence_shared_words(const struct evidence *evidence, size_t source, const struct evidence_words *words)
{
	const struct evidence_source *s = &evidence->sources[source];
	size_t count = 0;

	for (size_t i = 0; i < s->words; i++)
		count += evidence_words_have(words, evidence->source_words[s->first_word + i]) ? 1 : 0;
	return count;
}

size_t evidence_most_shared(const struct evidence *evidence, const struct evidence_words *words, size_t *group)
{
	size_t most = 0;

	for (size_t i = 0; i < evidence->source_count; i++) {
		size_t shared = evidence->sources[i].figures == 0 ? 0 : evidence_shared_words(evidence, i, words);

		if (shared > most) {
			most = shared;
			*group = evidence->sources[i].group;
		}
	}
	return most;
}

/* Whether a sentence of the data suits the words of this one best, whatever subjects both name. */
static bool suits(const struct evidence *evidence, size_t source, const struct evidence_context *context)
{
	return source != EVIDENCE_NO_SOURCE && context->words != NULL && context->most_shared >= SUITING_WORDS &&
	       evidence_shared_words(evidence, source, context->words) * 2 > context->most_shared;
}

bool evidence_figure_has_times(const struct evidence *evidence, const struct fact *claim,
			       const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		struct evidence_context one = { .time_count = 1 };
		bool all = f->source != EVIDENCE_NO_SOURCE && f->unit == claim->unit &&
			   evidence_equals(claim, f->value, f->half, f->unit, true, f->is_count) &&
			   evidence_belongs(evidence, f->source, &context->named);

		for (size_t j = 0; j < context->time_count && all; j++) {
			one.times = &context->times[j];
			all = evidence_source_has_times(evidence, f->source, &one);
		}
		if (all)
			return true;
	}
	return false;
}

/* "It answered 512 times" counts, "5 times as much" compares. */
static bool counts_times(const struct evidence *evidence, const struct fact *claim, const struct evidence_figure *f)
{
	return !claim->loose && !claim->compares && claim->unit == FACT_PLAIN && f->unit == FACT_PLAIN &&
	       (f->value >= COUNTED_TIMES ||
		(f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record));
}

/* Asked for is the last value, and the data calls it the greatest, or usual, or a limit. */
static bool is_another_statistic(const struct fact *claim, const struct evidence_figure *f,
				 const struct evidence_context *context)
{
	/* "The average response time reached 1.53 s": a metric may be one of averages. */
	if ((context->statistics & ~(unsigned)(EVIDENCE_MEAN | EVIDENCE_MEDIAN)) == 0 ||
	    claim->kind != FACT_FIGURE || claim->change || claim->hedge == FACT_AT_LEAST ||
	    claim->hedge == FACT_AT_MOST || claim->role != FACT_ROLE_VALUE)
		return false;
	if (f->role == FACT_ROLE_LIMIT)
		return true;
	if (f->role == FACT_ROLE_USUAL)
		return (context->statistics & (EVIDENCE_MEAN | EVIDENCE_MEDIAN)) == 0;
	return f->statistics != 0 && (f->statistics & context->statistics) == 0;
}

/* Whether a named subject has values of the claim's kind: then no other one is meant. */
static bool named_have(const struct evidence *evidence, const struct fact *claim,
		       const struct evidence_context *context)
{
	for (size_t i = 0; i < context->named.count; i++)
		if ((evidence->subjects[context->named.subjects[i]].units & 1u << claim->unit) != 0)
			return true;
	return false;
}

static bool names_line(const struct evidence *evidence, size_t source)
{
	const struct evidence_named *named = &evidence->sources[source].named;

	for (size_t i = 0; i < named->count; i++)
		if (evidence->subjects[named->subjects[i]].has_line)
			return true;
	return named->count == 0;
}

/* "3 rows of 1131 that match": of the text of a row that the words name. */
static bool heads_rows(const struct evidence *evidence, size_t source, const struct evidence_context *context)
{
	size_t group = source == EVIDENCE_NO_SOURCE ? 0 : evidence->sources[source].group;

	for (size_t i = source == EVIDENCE_NO_SOURCE ? evidence->source_count : source + 1;
	     i < evidence->source_count && evidence->sources[i].group == group && i < source + ROWS_LOOKED_MAX; i++)
		if (evidence->sources[i].is_record &&
		    evidence_record_row(evidence, i, context->clause, context->words) == EVIDENCE_ROW_MEANT)
			return true;
	return false;
}

/* Of what names nothing, only what suits its words. */
static bool may_be_meant(const struct evidence *evidence, const struct evidence_figure *f, const struct fact *claim,
			 const struct evidence_context *context)
{
	if (context->beside_name && (f->source == EVIDENCE_NO_SOURCE || names_line(evidence, f->source)))
		return false;
	if (f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record) {
		enum evidence_row row = evidence_record_row(evidence, f->source, context->clause, context->words);

		if (row != EVIDENCE_ROW_ANY)
			return row == EVIDENCE_ROW_MEANT;
	}
	if (!named_have(evidence, claim, context) && suits(evidence, f->source, context))
		return true;
	if (evidence_words_decide(context))
		return f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].group == context->best_group;
	return evidence_belongs(evidence, f->source, &context->named) ||
	       (f->unit == FACT_PLAIN && heads_rows(evidence, f->source, context));
}

bool evidence_words_decide(const struct evidence_context *context)
{
	return context->named.count == 0 && context->words != NULL && context->most_shared >= SUITING_WORDS;
}

/* "98.5 ms" is no bare 98.5 of a metric that is in percent. */
static bool is_of_other_unit(const struct evidence *evidence, const struct fact *claim, const struct evidence_figure *f,
			     const struct evidence_context *context)
{
	unsigned units = 0;

	for (size_t i = 0; i < context->named.count; i++)
		units |= evidence->subjects[context->named.subjects[i]].units;
	return f->unit == FACT_PLAIN && claim->unit != FACT_PLAIN && claim->unit < FACT_VOLTS && units != 0 &&
	       (units & 1u << claim->unit) == 0;
}

static bool is_of_own(const struct evidence *evidence, const struct evidence_figure *f,
		      const struct evidence_context *context)
{
	return f->source != EVIDENCE_NO_SOURCE && context->named.count > 0 &&
	       evidence->sources[f->source].named.count > 0 &&
	       evidence_shares(&evidence->sources[f->source].named, &context->named);
}

/* A stretch of another than what is named; one that is told of nobody, an average, may be meant anywhere. */
static bool is_of_another(const struct evidence *evidence, const struct evidence_figure *f,
			  const struct evidence_context *context)
{
	return f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].named.count > 0 &&
	       !is_of_own(evidence, f, context);
}

/* Whether the data tells how long something of what is named took: then another's stretch is not meant. */
static bool have_lasted(const struct evidence *evidence, const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->figure_count; i++)
		if (evidence->figures[i].spans && is_of_own(evidence, &evidence->figures[i], context))
			return true;
	return false;
}

/* "290 jobs" are not the 291 of a row: by one zero nobody rounds what was counted, but says "about". */
static bool is_miscounted(const struct evidence *evidence, const struct fact *claim, const struct evidence_figure *f)
{
	return f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record &&
	       claim->kind == FACT_FIGURE && claim->unit == FACT_PLAIN && claim->zeros == 1 && claim->factor == 1 &&
	       claim->hedge == FACT_AS_WRITTEN && fabs(claim->readings[0].value - f->value) >= 0.5;
}

enum evidence_match evidence_figure_match(const struct evidence *evidence, const struct fact *claim,
					  const struct evidence_context *context)
{
	enum evidence_match best = EVIDENCE_NONE;
	bool lasts = claim->spans && have_lasted(evidence, context);
	size_t rows = 0;

	for (size_t i = 0; i < evidence->figure_count && best != EVIDENCE_FOUND_THEN; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->times != (claim->kind == FACT_TIMES) && !counts_times(evidence, claim, f))
			continue;
		/* Of rows one is enough: they may be many, and all alike. */
		if (f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record &&
		    (best != EVIDENCE_NONE || rows == ROWS_LOOKED_MAX))
			continue;
		if ((claim->rate && !f->rate) || is_another_statistic(claim, f, context))
			continue;
		if (claim->change && !f->change && !claim->duration && !(claim->rate && f->rate))
			continue;
		if (claim->spans && f->unit == FACT_SECONDS &&
		    (!f->spans || (lasts && is_of_another(evidence, f, context))))
			continue;
		if (is_of_other_unit(evidence, claim, f, context))
			continue;
		if (!evidence_equals(claim, f->value, f->half, f->unit, f->unit != FACT_PLAIN, f->is_count))
			continue;
		if (is_miscounted(evidence, claim, f))
			continue;
		rows += f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record ? 1 : 0;
		if (!may_be_meant(evidence, f, claim, context))
			continue;
		best = EVIDENCE_FOUND;
		if (f->source != EVIDENCE_NO_SOURCE && context->time_count > 0 &&
		    evidence_source_has_times(evidence, f->source, context))
			best = EVIDENCE_FOUND_THEN;
	}
	return best;
}

enum evidence_part evidence_part_match(const struct evidence *evidence, const struct fact *claim)
{
	enum evidence_part found = EVIDENCE_PART_UNKNOWN;

	if (claim->readings[0].value > claim->whole)
		return EVIDENCE_PART_OTHER;
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		/* "9 of 10 values 1 to 3" is no such count. */
		if (f->whole == 0 || f->role == FACT_ROLE_USUAL)
			continue;
		if (f->value == claim->readings[0].value && f->whole == claim->whole)
			return EVIDENCE_PART_FOUND;
		if (f->whole == claim->whole || f->value == claim->readings[0].value)
			found = EVIDENCE_PART_OTHER;
	}
	return found;
}

void evidence_of_limit(const struct evidence *evidence, const struct fact *claim, struct evidence_named *named)
{
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		const struct evidence_named *own =
		    f->source == EVIDENCE_NO_SOURCE ? NULL : &evidence->sources[f->source].named;

		if (own == NULL || f->role != FACT_ROLE_LIMIT ||
		    !evidence_equals(claim, f->value, f->half, f->unit, true, false))
			continue;
		for (size_t j = 0; j < own->count && named->count < EVIDENCE_NAMED_MAX; j++)
			named->subjects[named->count++] = own->subjects[j];
	}
}

/* How much of what a sentence of the data names, and of its figures, the claim's sentence has. */
static size_t in_common(const struct evidence *evidence, size_t source, const struct fact *claim,
			const struct evidence_context *context)
{
	const struct evidence_source *s = &evidence->sources[source];
	size_t count = 0;

	for (size_t i = 0; i < context->named.count && s->named.count > 0; i++)
		for (size_t j = 0; j < s->named.count; j++)
			count += s->named.subjects[j] == context->named.subjects[i] ? 2 : 0;
	for (size_t i = 0; i < context->fact_count; i++)
		for (size_t j = 0; j < s->figures && context->facts[i].kind == FACT_FIGURE; j++) {
			const struct evidence_figure *f = &evidence->figures[s->first_figure + j];

			/* "All 17 and all 5 values of the two": another such number is of another sentence. */
			count += context->facts[i].from != claim->from && context->facts[i].unit == f->unit &&
					 !f->tallies && f->whole == 0 &&
					 evidence_equals(&context->facts[i], f->value, f->half, f->unit, true,
							 f->is_count)
				     ? 1
				     : 0;
		}
	return count;
}

bool evidence_tally_match(const struct evidence *evidence, const struct fact *claim,
			  const struct evidence_context *context)
{
	size_t best = 0;
	bool found = false;

	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		size_t common;
		bool same;

		if (!f->tallies || f->source == EVIDENCE_NO_SOURCE)
			continue;
		common = in_common(evidence, f->source, claim, context);
		same = claim->readings[0].value == f->value ||
		       (claim->hedge == FACT_ABOUT && /* "over 40 values" are 40 */
			evidence_equals(claim, f->value, f->half, f->unit, true, true));
		if (common > best)
			found = false;
		if (common >= best)
			found = found || same;
		best = common > best ? common : best;
	}
	return found;
}

/* Whether the data writes such a figure of what is named with a unit: then "30 ms" is no bare 30. */
static bool role_has_unit(const struct evidence *evidence, const struct fact *claim,
			  const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->figure_count && claim->unit != FACT_PLAIN; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->role == claim->role && f->unit == claim->unit && !f->times && !f->change &&
		    evidence_belongs(evidence, f->source, &context->named))
			return true;
	}
	return false;
}

bool evidence_role_match(const struct evidence *evidence, const struct fact *claim,
			 const struct evidence_context *context, bool *known)
{
	bool median = false; /* "its median is 11.6 %": that alone, where the data tells it */
	bool has_unit = role_has_unit(evidence, claim, context);

	*known = false;
	for (size_t i = 0; i < evidence->figure_count && context->statistics == EVIDENCE_MEDIAN; i++)
		median = median || (evidence->figures[i].role == claim->role &&
				    evidence->figures[i].unit == claim->unit &&
				    evidence->figures[i].statistics == EVIDENCE_MEDIAN &&
				    evidence_belongs(evidence, evidence->figures[i].source, &context->named));
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		bool one_kind = f->unit == claim->unit || claim->unit == FACT_PLAIN || f->unit == FACT_PLAIN;

		if (f->role != claim->role || f->times || f->change || !one_kind ||
		    (has_unit && f->unit == FACT_PLAIN) || is_of_other_unit(evidence, claim, f, context) ||
		    !evidence_belongs(evidence, f->source, &context->named))
			continue;
		*known = *known || f->unit == claim->unit || claim->unit == FACT_PLAIN;
		if (median && f->statistics != EVIDENCE_MEDIAN)
			continue;
		if (evidence_equals(claim, f->value, f->half, f->unit, f->unit != FACT_PLAIN, f->is_count))
			return true;
	}
	return false;
}
