/* Values of a line in their order: from one to another, one after the other, or the same for long. */
#include "bot/evidence_private.h"

#define STEP_MOST 3 /* values that a step may take */

/* Whether one of [from, to) is the claim's value. */
static bool any_fits(const struct evidence_line *line, const struct fact *claim, size_t from, size_t to)
{
	for (size_t i = from; i < to && i < line->count; i++)
		if (evidence_line_fits(line, claim, line->points[i].value))
			return true;
	return false;
}

bool evidence_line_has(const struct evidence_line *line, const struct fact *claim)
{
	return any_fits(line, claim, 0, line->count);
}

bool evidence_line_stayed(const struct evidence *evidence, const struct evidence_line *line, const struct fact *claim,
			  const struct fact *time)
{
	struct evidence_window then[2];
	size_t count = evidence_line_buckets(evidence, line, time, then);

	return count > 0 && then[0].to > STEP_MOST + 1 &&
	       evidence_line_fits(line, claim, line->points[then[0].to - STEP_MOST].value) &&
	       evidence_line_fits(line, claim, line->points[then[0].to - STEP_MOST - 1].value);
}

bool evidence_line_follows(const struct evidence_line *line, const struct fact *first, const struct fact *second)
{
	for (size_t i = 0; i + 1 < line->count; i++)
		if (evidence_line_fits(line, first, line->points[i].value) &&
		    evidence_line_fits(line, second, line->points[i + 1].value))
			return true;
	return false;
}

/* Whether it is the second's value then, and was the first's before; at_once: a few values before. */
static bool comes_to(const struct evidence_line *line, const struct fact *first, const struct fact *second,
		     struct evidence_window then, bool at_once)
{
	size_t since = at_once && then.from > STEP_MOST ? then.from - STEP_MOST : 0;
	size_t from = at_once ? then.to - 1 : then.from, to = then.to + (at_once ? 1 : 0);

	return then.to > 0 && any_fits(line, second, from, to) && any_fits(line, first, since, then.to);
}

bool evidence_line_steps(const struct evidence *evidence, const struct evidence_line *line, const struct fact *first,
			 const struct fact *second, const struct fact *from, const struct fact *to, bool at_once)
{
	struct evidence_window begin[2], end[2];
	size_t begins = from == NULL ? 0 : evidence_line_buckets(evidence, line, from, begin),
	       ends = to == NULL ? 0 : evidence_line_buckets(evidence, line, to, end);

	for (size_t i = 0; to == NULL && i + 1 < line->count; i++)
		if (evidence_line_fits(line, first, line->points[i].value) &&
		    any_fits(line, second, i + 1, i + STEP_MOST))
			return true;
	for (size_t i = 0; i < ends; i++) {
		if (from == NULL && comes_to(line, first, second, end[i], at_once))
			return true;
		for (size_t j = 0; j < begins; j++)
			if (any_fits(line, first, begin[j].from, begin[j].to) &&
			    any_fits(line, second, end[i].from, end[i].to))
				return true;
	}
	return false;
}
