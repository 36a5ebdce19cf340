/* "From 85 to 46": a step, or a way, of one series. What stands before "to" was so earlier than what stands behind it;
 * with a time or two both have theirs. */
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

struct step {
	const struct fact *first, *second;
	size_t from, to; /* facts: the times of both; the judge's count: none is told */
	bool at_once;    /* "at 18:40 from 85 to 46" */
};

static bool stands_before(const struct fact_cursor *cursor, size_t at, const char *word, size_t *begin)
{
	size_t length;

	*begin = fact_word_before(cursor, at, &length);
	return length > 0 && fact_stands(cursor, *begin, word, true);
}

static bool is_time(const struct fact_judge *judge, size_t index, enum fact_relation relation)
{
	return judge->facts[index].kind == FACT_TIME && judge->facts[index].clock_s >= 0 &&
	       judge->facts[index].relation == relation;
}

/* Whether the figure at `index` ends a step. */
static bool read_step(const struct fact_judge *judge, const char *text, size_t length, size_t index, struct step *step)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *second = &judge->facts[index], *first = second - 1;
	size_t begin, at, when;

	if (index == 0 || first->kind != FACT_FIGURE || second->kind != FACT_FIGURE || first->unit != second->unit ||
	    first->change || second->change || first->role != second->role || first->duration != second->duration)
		return false;
	at = fact_skip_space(&cursor, first->to);
	if (!stands_before(&cursor, first->from, "from", &begin) || !fact_stands(&cursor, at, "to", true) ||
	    fact_skip_space(&cursor, at + 2) != second->from)
		return false;
	*step = (struct step) { first, second, judge->count, judge->count, false };
	if (index > 1 && is_time(judge, index - 2, FACT_AT) && fact_skip_space(&cursor, (first - 1)->to) == begin) {
		step->at_once = true;
		step->to = index - 2;
		return true;
	}
	when = fact_when_of(judge, text, length, index);
	step->to = when;
	if (when == judge->count && index > 2 && is_time(judge, index - 3, FACT_SINCE) &&
	    is_time(judge, index - 2, FACT_UNTIL)) {
		step->from = index - 3;
		step->to = index - 2;
	}
	return true;
}

/* Of the named lines with values of the figures' unit: whether one takes such a step; *known: there are some. */
static bool lines_step(const struct fact_judge *judge, const struct step *step, const struct evidence_context *context,
		       bool *known)
{
	const struct evidence *evidence = judge->evidence;
	const struct fact *from = step->from < judge->count ? &judge->facts[step->from] : NULL;
	const struct fact *to = step->to < judge->count ? &judge->facts[step->to] : NULL;

	*known = false;
	for (size_t i = 0; i < evidence->line_count && context->named.count > 0; i++) {
		struct evidence_line *line = &evidence->lines[i];

		if (!fact_judge_is_named(&context->named, line->subject) || line->unit != step->first->unit ||
		    line->coarse)
			continue;
		*known = true;
		if (evidence_line_steps(evidence, line, step->first, step->second, from, to, step->at_once))
			return true;
	}
	return false;
}

/* "Then 62 %", "199 in the next" */
static bool tells_next(const struct fact_cursor *cursor, const struct fact *fact)
{
	size_t begin;

	return stands_before(cursor, fact->from, "then", &begin) ||
	       fact_stands(cursor, fact_skip_space(cursor, fact->to), "in the next", true);
}

/* "70.4 % from 02:00 on, then 62 %, then 61 %": the value after that of the figure before, in one series or table. */
static bool comes_next(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		       const struct evidence_context *context)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *fact = &judge->facts[index];
	size_t before = index;

	while (before > 0 && judge->facts[before - 1].kind == FACT_TIME)
		before--;
	if (before == 0 || fact->kind != FACT_FIGURE || fact->change || judge->facts[before - 1].kind != FACT_FIGURE ||
	    judge->facts[before - 1].unit != fact->unit || !judge->found[before - 1] ||
	    !tells_next(&cursor, fact))
		return false;
	for (size_t i = 0; i < judge->evidence->line_count && context->named.count > 0; i++)
		if (fact_judge_is_named(&context->named, judge->evidence->lines[i].subject) &&
		    evidence_line_follows(&judge->evidence->lines[i], &judge->facts[before - 1], fact))
			return true;
	return false;
}

void fact_step(struct fact_judge *judge, const char *text, size_t length, size_t index,
	       const struct evidence_context *context)
{
	struct step step;
	bool known;

	if (comes_next(judge, text, length, index, context))
		judge->found[index] = true;
	if (!read_step(judge, text, length, index, &step))
		return;
	if (step.first->readings[0].value == step.second->readings[0].value) { /* "from 87 to 87" */
		judge->denied[index - 1] = true;
		judge->denied[index] = true;
	} else if (lines_step(judge, &step, context, &known)) {
		judge->found[index - 1] = true;
		judge->found[index] = true;
	} else if (known && (step.from < judge->count || step.at_once)) {
		judge->denied[index - 1] = true;
		judge->denied[index] = true;
		judge->denied[step.to] = judge->denied[step.to] || step.at_once;
	}
}
