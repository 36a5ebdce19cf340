/* "Exceeded 800 from 23:25 to 03:25 (F3)": what began when the data says that a limit was passed is told of that limit,
 * although the values were over many a figure then. */
#include <math.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

/* Of a sentence of the data the limit with the claim's unit; NULL: it tells none. */
static const struct evidence_figure *limit_of(const struct evidence *evidence, const struct evidence_source *source,
					      const struct fact *claim)
{
	for (size_t i = 0; i < source->figures; i++) {
		const struct evidence_figure *figure = &evidence->figures[source->first_figure + i];

		if (figure->role == FACT_ROLE_LIMIT && figure->unit == claim->unit && !figure->times && !figure->change)
			return figure;
	}
	return NULL;
}

static bool has_begin(const struct evidence *evidence, const struct evidence_source *source, const struct fact *time)
{
	for (size_t i = 0; i < source->moments; i++) {
		const struct evidence_moment *moment = &evidence->moments[source->first_moment + i];

		if (moment->role == EVIDENCE_BEGIN && moment->clock && time->clock_s >= 0 &&
		    ((moment->at_s - time->clock_s) % FACT_JUDGE_DAY_S + FACT_JUDGE_DAY_S) % FACT_JUDGE_DAY_S == 0)
			return true;
	}
	return false;
}

/* Whether one of the times of the figure's clause is that at which the source says something began. */
static bool begins_in_clause(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim,
			     const struct evidence_source *source)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = claim->from, to = claim->to;

	fact_clause_of(&cursor, &from, &to);
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_TIME && judge->facts[i].from >= from && judge->facts[i].to <= to &&
		    has_begin(judge->evidence, source, &judge->facts[i]))
			return true;
	return false;
}

static bool is_other(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		     const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	const struct fact *claim = &judge->facts[index];
	bool other = false;

	if (claim->kind != FACT_FIGURE || claim->change || claim->tallies || claim->role != FACT_ROLE_VALUE ||
	    (claim->hedge != FACT_AT_LEAST && claim->hedge != FACT_AT_MOST))
		return false;
	for (size_t i = 0; i < evidence->source_count && context->named.count > 0; i++) {
		const struct evidence_source *source = &evidence->sources[i];
		const struct evidence_figure *limit = limit_of(evidence, source, claim);

		if (limit == NULL || !evidence_shares(&source->named, &context->named) ||
		    !begins_in_clause(judge, text, length, claim, source))
			continue;
		if (fabs(claim->readings[0].value - limit->value) <= claim->readings[0].half + limit->half)
			return false;
		other = true;
	}
	return other;
}

void fact_limit(struct fact_judge *judge, const char *text, size_t length, size_t index,
		const struct evidence_context *context)
{
	judge->denied[index] = judge->denied[index] || is_other(judge, text, length, index, context);
}
