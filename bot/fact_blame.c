/* A derived figure that is not what the sentence makes of its others: "from 34 to 103, 6 times as much", "12:17, 32
 * minutes after 13:05". Where the data makes it of the rest, without one of these, that one is wrong, too. */
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define BLAMED_MOST 2 /* figures that a derived one is made of */

/* By a semicolon, a line's end or a "while" something else is told. */
static bool is_parted(const char *text, const struct fact *a, const struct fact *b)
{
	static const char *const words[] = { "while", "whereas", "während", NULL };
	size_t from = a->to < b->from ? a->to : b->to, to = a->to < b->from ? b->from : a->from;
	struct fact_cursor cursor = { text, to, 0 };

	for (size_t at = from; at < to; at++)
		if (text[at] == ';' || text[at] == '\n' ||
		    (at > from && text[at - 1] == ' ' &&
		     fact_word_is(&cursor, at, fact_word_length(&cursor, at), words)))
			return true;
	return false;
}

/* Without the figure at `other`. */
static bool follows_without(const struct fact_judge *judge, const char *text, size_t length, size_t index, size_t other,
			    const struct evidence_context *context)
{
	bool follows;

	judge->asked[other] = false;
	judge->found[other] = false;
	follows = fact_derive(judge, text, length, index, context);
	judge->asked[other] = true;
	judge->found[other] = true;
	return follows;
}

static void blame_figures(struct fact_judge *judge, const char *text, size_t length, size_t index,
			  const struct evidence_context *context)
{
	size_t blamed[BLAMED_MOST], count = 0;

	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];

		if (i == index || fact->kind != FACT_FIGURE || fact->change || !judge->asked[i] ||
		    is_parted(text, &judge->facts[index], fact))
			continue;
		if (!judge->found[i] || fact->rate) /* that one is, or it is told by another measure */
			return;
		if (!follows_without(judge, text, length, index, i, context))
			continue;
		if (count == BLAMED_MOST)
			return;
		blamed[count++] = i;
	}
	while (count > 0)
		judge->denied[blamed[--count]] = true;
}

/* --- stretches between two times ---------------------------------------------------------------------------- */

/* The time before or behind that fact, which no other stretch ends at or parts from it; judge->count: none. */
static size_t time_beside(const struct fact_judge *judge, const char *text, size_t index, bool behind)
{
	for (size_t i = index; behind ? ++i < judge->count : i-- > 0;) {
		if (fact_stretch_is(&judge->facts[i]))
			return judge->count;
		if (judge->facts[i].kind == FACT_TIME && judge->facts[i].clock_s >= 0)
			return is_parted(text, &judge->facts[index], &judge->facts[i]) ||
				       (!behind && i > 0 && fact_stretch_is(&judge->facts[i - 1]))
				   ? judge->count
				   : i;
	}
	return judge->count;
}

/* Whether the stretch begins or ends at that time, by the data. */
static bool is_from(const struct fact_judge *judge, const char *text, size_t length, size_t index, size_t time,
		    const struct evidence_context *context)
{
	struct evidence_context one = *context;

	one.times = &judge->facts[time];
	one.time_count = 1;
	return fact_stretch(judge, text, length, index, &one);
}

/* A figure stands with it that is true then. */
static bool has_figure(const struct fact_judge *judge, const char *text, size_t length, size_t time)
{
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_FIGURE && judge->asked[i] && judge->found[i] &&
		    fact_when_of(judge, text, length, i) == time)
			return true;
	return false;
}

/* The two times between which it lies by how it is told; false: there are none. */
static bool find_ends(const struct fact_judge *judge, const char *text, size_t length, size_t index, size_t ends[2])
{
	static const char *const tells[] = { "before", "after", "vor", "nach", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t at = fact_skip_space(&cursor, judge->facts[index].to);
	size_t before = time_beside(judge, text, index, false), behind = time_beside(judge, text, index, true);
	bool leads = fact_word_is(&cursor, at, fact_word_length(&cursor, at), tells);

	ends[0] = before;
	ends[1] = behind;
	if (before < judge->count && (behind == judge->count || !leads)) {
		ends[0] = time_beside(judge, text, before, false);
		ends[1] = before;
	}
	if (ends[0] == judge->count && behind < judge->count) {
		ends[0] = behind;
		ends[1] = time_beside(judge, text, behind, true);
	}
	return ends[0] < judge->count && ends[1] < judge->count;
}

static void blame_times(struct fact_judge *judge, const char *text, size_t length, size_t index,
			const struct evidence_context *context)
{
	size_t ends[2];
	bool from[2];

	if (!find_ends(judge, text, length, index, ends))
		return;
	for (int i = 0; i < 2; i++)
		from[i] = is_from(judge, text, length, index, ends[i], context);
	for (int i = 0; i < 2; i++)
		if (from[1 - i] && !from[i] && !has_figure(judge, text, length, ends[i]))
			judge->denied[ends[i]] = true;
}

/* --- a value at another time -------------------------------------------------------------------------------- */

/* The time that stands with it: in its clause, or right before it; judge->count: none, or several. */
static size_t time_with(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = judge->facts[index].from, to = judge->facts[index].to, count = 0;
	size_t own = fact_when_of(judge, text, length, index);

	if (own < judge->count)
		return own;
	fact_clause_of(&cursor, &from, &to);
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_TIME && judge->facts[i].from >= from && judge->facts[i].to <= to) {
			own = i;
			count++;
		}
	if (count == 0 && index > 0 && judge->facts[index - 1].kind == FACT_TIME)
		return is_parted(text, &judge->facts[index - 1], &judge->facts[index]) ? judge->count : index - 1;
	return count == 1 ? own : judge->count;
}

/* "713 s from 16:00", which it was at another time: nobody knows which of the two is wrong. */
static void blame_time_of_value(struct fact_judge *judge, const char *text, size_t length, size_t index,
				const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	const struct fact *claim = &judge->facts[index];
	size_t time = time_with(judge, text, length, index);

	if (time == judge->count || has_figure(judge, text, length, time))
		return;
	for (size_t i = 0; i < evidence->line_count && context->named.count > 0; i++)
		if (fact_judge_is_named(&context->named, evidence->lines[i].subject) &&
		    evidence->lines[i].unit == claim->unit && evidence_line_has(&evidence->lines[i], claim))
			judge->denied[time] = true;
}

void fact_blame(struct fact_judge *judge, const char *text, size_t length, size_t index,
		const struct evidence_context *context)
{
	const struct fact *claim = &judge->facts[index];

	if (fact_stretch_is(claim))
		blame_times(judge, text, length, index, context);
	if (claim->kind == FACT_TIMES || claim->change || claim->unit == FACT_PERCENT)
		blame_figures(judge, text, length, index, context);
	if (claim->kind == FACT_FIGURE && !claim->change && !claim->spans && claim->role == FACT_ROLE_VALUE)
		blame_time_of_value(judge, text, length, index, context);
}
