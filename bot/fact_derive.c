/*
 * Figures that follow in one step from others: "40 times", "12 % more", "3 s slower".
 *
 * Among a few hundred figures some pair has nearly any ratio. So a comparison is made with what the sentence
 * asks for: its own figures; "usual", "the limit", "the peak"; the sentence before; and only then what one
 * subject's data offers, in the few pairs that people speak of. A sentence that names two figures of one unit
 * compares these and nothing else.
 */
#include <math.h>
#include <string.h>

#include "bot/fact_derive_private.h"
#include "bot/fact_private.h"

#define VALUES_MAX FACT_DERIVE_VALUES_MAX
#define POOL_NEAR 6        /* figures of the paragraph before that a comparison may be with */
#define RECENT 3           /* of them of one unit, where a sentence refers back */
#define ROUNDING_MOST 0.04 /* more than this part of a result is no rounding of what it is made of */

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
	return (struct value) { fact->readings[0].value, half, fact->unit, fact->role };
}

static void add(struct values *values, double value, double half, enum fact_unit unit)
{
	if (values->count < VALUES_MAX)
		values->items[values->count++] = (struct value) { value, half, unit, FACT_ROLE_VALUE };
}

/* A result of two rounded values may lie some way to both sides, and nobody knows where. */
bool fact_derive_makes(const struct fact *claim, size_t reading, double value, double half)
{
	double said = claim->readings[reading].value, most = ROUNDING_MOST * fabs(value);

	half = fmin(half, most);
	return evidence_near(claim, reading, fmin(fmax(said, value - half), value + half), 0);
}

static bool makes_change(const struct fact *claim, size_t reading, double change, double half)
{
	return fact_derive_makes(claim, reading, fabs(change), half) ||
	       fact_derive_makes(claim, reading, -fabs(change), half);
}

/* A part of a greater one. */
static bool makes_part(const struct fact *claim, size_t reading, const struct value *a, const struct value *b)
{
	return claim->unit == FACT_PERCENT && !claim->change && a->unit == FACT_PLAIN && a->value >= 0 &&
	       b->value > a->value && fact_derive_makes(claim, reading, a->value / b->value * 100, 0);
}

/* A part of a greater one, or of both together. */
bool fact_derive_share(const struct fact *claim, size_t reading, const struct value *a, const struct value *b)
{
	return makes_part(claim, reading, a, b) ||
	       (claim->unit == FACT_PERCENT && a->unit == FACT_PLAIN && a->value >= 0 && b->value > 0 &&
		fact_derive_makes(claim, reading, a->value / (a->value + b->value) * 100, 0));
}

/* Of two figures of the sentence. */
static bool own_share(const struct fact *claim, const struct values *own)
{
	for (size_t i = 0; i < own->count; i++)
		for (size_t j = 0; j < own->count; j++)
			for (size_t r = 0;
			     r < claim->reading_count && i != j && claim->kind == FACT_FIGURE && !claim->change;
			     r++)
				if (own->items[i].unit == own->items[j].unit &&
				    fact_derive_share(claim, r, &own->items[i], &own->items[j]))
					return true;
	return false;
}

/* Whether `claim` is what two values make of each other. */
bool fact_derive_pair(const struct fact *claim, const struct value *a, const struct value *b, bool shares)
{
	double ratio = b->value != 0 ? a->value / b->value : 0, half = 0;

	if (a->unit != b->unit)
		return false;
	if (ratio != 0)
		half = fabs(ratio) * (a->half / fabs(a->value) + b->half / fabs(b->value));
	for (size_t r = 0; r < claim->reading_count; r++) {
		if (claim->kind == FACT_TIMES && b->value != 0 && fact_derive_makes(claim, r, ratio, half))
			return true;
		if (claim->kind != FACT_FIGURE)
			continue;
		if (claim->unit == FACT_PERCENT && claim->change && !claim->points && b->value != 0 &&
		    makes_change(claim, r, (ratio - 1) * 100, half * 100))
			return true;
		if (shares && makes_part(claim, r, a, b))
			return true;
		if (claim->unit == a->unit && (claim->change || claim->duration) &&
		    makes_change(claim, r, a->value - b->value, a->half + b->half))
			return true;
	}
	return false;
}

static bool any_makes(const struct fact *claim, const struct values *a, const struct values *b, bool shares)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (fact_derive_pair(claim, &a->items[i], &b->items[j], shares) ||
			    fact_derive_pair(claim, &b->items[j], &a->items[i], shares))
				return true;
	return false;
}

/* "12 times the usual": the one of the other, not the other way round. */
static bool each_makes(const struct fact *claim, const struct values *tops, const struct values *refs)
{
	for (size_t i = 0; i < tops->count; i++)
		for (size_t j = 0; j < refs->count; j++)
			if (fact_derive_pair(claim, &tops->items[i], &refs->items[j], true))
				return true;
	return false;
}

/* --- the sentence itself, and the one before */

/* "The 237 mismatches are 79 times its usual 3 an hour": where an hour is what the values are counted over. */
static struct value in_buckets(const struct fact_judge *judge, const struct fact *fact)
{
	struct value value = fact_derive_value(fact);

	for (size_t i = 0; i < judge->evidence->line_count && fact->rate && fact->unit == FACT_PLAIN; i++) {
		const struct evidence_line *line = &judge->evidence->lines[i];

		if (!line->is_counted || line->coarse || judge->named.count == 0 ||
		    !fact_judge_is_named(&judge->named, line->subject))
			continue;
		value.value *= (double)line->step_s;
		value.half *= (double)line->step_s;
		return value;
	}
	return value;
}

/* The other figures of the sentence that are in the data. */
static void add_own(const struct fact_judge *judge, size_t index, struct values *own)
{
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];

		if (i != index && fact->kind == FACT_FIGURE && judge->found[i] && judge->asked[i] &&
		    !fact->change && own->count < VALUES_MAX)
			own->items[own->count++] = in_buckets(judge, fact);
	}
}

static void add_pool(const struct fact_judge *judge, struct values *pool)
{
	size_t first = judge->pool.count > POOL_NEAR ? judge->pool.count - POOL_NEAR : 0;

	for (size_t i = first; i < judge->pool.count && pool->count < VALUES_MAX; i++)
		pool->items[pool->count++] = judge->pool.items[i];
}

static bool has_usual(const struct values *own)
{
	for (size_t i = 0; i < own->count; i++)
		if (own->items[i].role == FACT_ROLE_USUAL)
			return true;
	return false;
}

/* "shrank from 3.02 GB to 1.7 GB, so 1.3 GB are gone": of two others of the sentence. */
static bool difference_makes(const struct fact *claim, const struct values *own)
{
	struct fact change = *claim;

	change.change = true;
	for (size_t i = 0; i < own->count; i++)
		for (size_t j = 0; j < i; j++)
			if (claim->kind == FACT_FIGURE && own->items[i].unit == claim->unit &&
			    fact_derive_pair(&change, &own->items[i], &own->items[j], false))
				return true;
	return false;
}

/* Whether the sentence itself has two figures of one unit: then it compares these. */
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

/* By a semicolon something else is told, and nothing there that it is made of. */
static bool is_apart(const struct fact_judge *judge, const char *text, size_t index)
{
	const struct fact *claim = &judge->facts[index];
	size_t from = claim->from;

	while (from > 0 && text[from - 1] != ';')
		from--;
	for (size_t i = 0; i < index; i++)
		if (judge->facts[i].kind == FACT_FIGURE && judge->facts[i].from >= from &&
		    judge->facts[i].unit == claim->unit)
			return false;
	return from > 0;
}

/* "15,630 of them are of msg-c, so 83 %; another 2,944 ...": of the one figure before it. */
static bool concludes_from_one(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	size_t before = 0;

	for (size_t i = 0; i < index; i++)
		before += judge->facts[i].kind == FACT_FIGURE ? 1 : 0;
	return before == 1 && fact_clause_concludes(text, length, &judge->facts[index]);
}

/* --- what the data has of the subjects */

static bool is_named(const struct fact_judge *judge, const struct evidence_context *context, size_t line)
{
	return context->named.count > 0 &&
	       fact_judge_is_named(&context->named, judge->evidence->lines[line].subject);
}

static void add_statistics(struct evidence_line *line, unsigned which, struct values *values)
{
	static const unsigned all[] = { EVIDENCE_GREATEST, EVIDENCE_LEAST, EVIDENCE_MEAN,
					EVIDENCE_MEDIAN,   EVIDENCE_FIRST, EVIDENCE_LAST };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) && line->count > 0; i++)
		if ((which & all[i]) != 0)
			add(values, evidence_line_statistic(line, all[i]), 0, line->unit);
}

/* The values at the times that are spoken of, and mean and extremes of a stretch between two of them. */
static void add_at_times(const struct fact_judge *judge, const struct evidence_context *context, size_t index,
			 struct values *values)
{
	double found[16];
	size_t count = evidence_line_then(judge->evidence, &judge->evidence->lines[index], context,
					  context->statistics, found, 16);

	for (size_t i = 0; i < count; i++)
		add(values, found[i], 0, judge->evidence->lines[index].unit);
}

/* What the data calls usual, or a limit, of the named subjects; of a line also its median. */
static void add_role(const struct fact_judge *judge, const struct evidence_context *context,
		     enum fact_role role, struct values *values)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->role == role && !f->times && !f->change &&
		    (f->source == EVIDENCE_NO_SOURCE ||
		     evidence_shares(&evidence->sources[f->source].named, &context->named)))
			add(values, f->value, f->half, f->unit);
	}
	for (size_t i = 0; i < evidence->line_count && role == FACT_ROLE_USUAL; i++)
		if (is_named(judge, context, i) && !evidence->lines[i].coarse)
			add_statistics(&evidence->lines[i], EVIDENCE_MEDIAN, values);
}

/* What a comparison is made with, by its words: "above the usual", "of its limit", "below the peak". */
static bool asked_for(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim,
		      const struct evidence_context *context, struct values *refs)
{
	const struct evidence *evidence = judge->evidence;
	size_t end = claim->to;
	unsigned which;

	while (end < length && strchr(",;:()", text[end]) == NULL)
		end++;
	which = evidence_words_statistics(text + claim->to, end - claim->to);
	if (fact_role_has(text, length, FACT_ROLE_USUAL))
		add_role(judge, context, FACT_ROLE_USUAL, refs);
	else if (fact_role_has(text, length, FACT_ROLE_LIMIT))
		add_role(judge, context, FACT_ROLE_LIMIT, refs);
	else
		for (size_t i = 0; i < evidence->line_count && which != 0; i++)
			if (is_named(judge, context, i) && !evidence->lines[i].is_wider)
				add_statistics(&evidence->lines[i], which, refs);
	return refs->count > 0;
}

/* Of a sentence of the data that tells what is usual, too: "was about 388 (usual 212)". */
static void add_beside_usual(const struct fact_judge *judge, const struct evidence_context *context,
			     struct values *tops)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0; i < evidence->source_count; i++) {
		const struct evidence_source *s = &evidence->sources[i];
		const struct evidence_figure *f;
		bool has_usual = false;

		if (s->figures == 0) /* there may be none at all */
			continue;
		f = &evidence->figures[s->first_figure];
		for (size_t j = 0; j < s->figures; j++)
			has_usual = has_usual || f[j].role == FACT_ROLE_USUAL;
		for (size_t j = 0; j < s->figures && has_usual && evidence_shares(&s->named, &context->named);
		     j++)
			if (f[j].role == FACT_ROLE_VALUE && !f[j].times && !f[j].change)
				add(tops, f[j].value, f[j].half, f[j].unit);
	}
}

static bool has_unit(const struct values *values, enum fact_unit unit)
{
	for (size_t i = 0; i < values->count; i++)
		if (values->items[i].unit == unit)
			return true;
	return false;
}

/* What is compared with `refs`: the sentence's own figure; else the one before, the values then, or what it asks
 * for. */
static void add_tops(const struct fact_judge *judge, const struct evidence_context *context,
		     const struct values *own, const struct values *refs, struct values *tops)
{
	const struct evidence *evidence = judge->evidence;
	unsigned which =
	    context->statistics != 0 ? context->statistics : EVIDENCE_GREATEST | EVIDENCE_LEAST | EVIDENCE_LAST;

	for (size_t i = 0; i < own->count; i++)
		if (own->items[i].role == FACT_ROLE_VALUE && has_unit(refs, own->items[i].unit) &&
		    tops->count < VALUES_MAX)
			tops->items[tops->count++] = own->items[i];
	if (tops->count > 0 && !context->own_times)
		return;
	for (size_t i = 0; i < evidence->line_count; i++) {
		if (!is_named(judge, context, i) || evidence->lines[i].coarse)
			continue;
		add_at_times(judge, context, i, tops);
		if (!context->own_times && !evidence->lines[i].is_wider)
			add_statistics(&evidence->lines[i], which, tops);
	}
	if (!context->own_times && context->statistics == 0)
		add_pool(judge, tops);
	if (!context->own_times && context->statistics == 0)
		add_beside_usual(judge, context, tops);
}

static bool sources_make(const struct fact_judge *judge, const struct fact *claim,
			 const struct evidence_context *context, bool findings_only)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0; i < evidence->source_count; i++) {
		const struct evidence_source *source = &evidence->sources[i];
		struct values values = { .count = 0 };

		if (source->figures < 2 || source->figures > 12 || (findings_only && source->finding == 0) ||
		    !evidence_shares(&source->named, &context->named))
			continue;
		for (size_t j = 0; j < source->figures; j++) {
			const struct evidence_figure *f = &evidence->figures[source->first_figure + j];

			if (!f->times)
				add(&values, f->value, is_whole_count(f->unit, f->value, f->half) ? 0 : f->half,
				    f->unit);
		}
		if (any_makes(claim, &values, &values, true))
			return true;
	}
	return false;
}

/* The pairs that people speak of: an extreme, the last value, or that of the time, against what was first or
 * usual. */
static bool lines_make(const struct fact_judge *judge, const struct fact *claim,
		       const struct evidence_context *context)
{
	for (size_t i = 0; i < judge->evidence->line_count; i++) {
		struct evidence_line *line = &judge->evidence->lines[i];
		struct values tops = { .count = 0 }, refs = { .count = 0 }, then = { .count = 0 };

		if (!is_named(judge, context, i) || line->coarse)
			continue;
		add_at_times(judge, context, i, &then);
		if (any_makes(claim, &then, &then, false))
			return true;
		if (!context->own_times)
			add_statistics(line, EVIDENCE_GREATEST | EVIDENCE_LEAST | EVIDENCE_LAST, &tops);
		for (size_t j = 0; j < then.count && tops.count < VALUES_MAX; j++)
			tops.items[tops.count++] = then.items[j];
		add_statistics(line, EVIDENCE_MEDIAN | (line->is_wider ? 0 : EVIDENCE_FIRST | EVIDENCE_LEAST),
			       &refs);
		if (any_makes(claim, &tops, &refs, false))
			return true;
	}
	return false;
}

/* --- in their order */

/* "15 times slower than the median of 85.9 ms": what was told before, against the figure that follows. */
static bool follows_reference(const struct fact_judge *judge, size_t index, const struct fact_clause *clause)
{
	const struct fact *claim = &judge->facts[index];
	struct values refs = { .count = 0 }, pool = { .count = 0 };

	if (claim->kind != FACT_TIMES || clause->before > 0 || clause->behind != 1 ||
	    !judge->found[clause->reference])
		return false;
	refs.items[refs.count++] = fact_derive_value(&judge->facts[clause->reference]);
	add_pool(judge, &pool);
	return each_makes(claim, &pool, &refs);
}

/* "5.8 times the usual 13.4 s": of what the sentence names, against the figure that stands right behind. */
static bool reference_behind(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			     const struct evidence_context *context)
{
	const struct fact *claim = &judge->facts[index], *next = claim + 1;
	struct values refs = { .count = 0 }, tops = { .count = 0 }, none = { .count = 0 };
	struct evidence_context own = *context;

	if (claim->kind != FACT_TIMES || index + 1 == judge->count || next->kind != FACT_FIGURE ||
	    next->role == FACT_ROLE_VALUE || !judge->found[index + 1])
		return false;
	refs.items[refs.count++] = fact_derive_value(next);
	own.own_times = own.own_times && fact_clause_has_time(judge, text, length, claim);
	add_tops(judge, &own, &none, &refs, &tops);
	return each_makes(claim, &tops, &refs);
}

/* "The mean latency is 220 ms, which is 24 % more than usual": the figure right before it. */
static bool concludes(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		      const struct evidence_context *context)
{
	const struct fact *claim = &judge->facts[index];
	struct fact_clause clause = fact_clause_around(judge, text, length, index);
	enum fact_role role = fact_role_named(text + clause.from, clause.to - clause.from);
	struct values refs = { .count = 0 }, tops = { .count = 0 };

	if (index == 0 || (claim - 1)->kind != FACT_FIGURE || !judge->found[index - 1] || clause.before > 0 ||
	    role == FACT_ROLE_VALUE || !fact_clause_concludes(text, length, claim))
		return false;
	add_role(judge, context, role, &refs);
	tops.items[tops.count++] = fact_derive_value(claim - 1);
	return each_makes(claim, &tops, &refs);
}

/* "That is about 10 times the usual 888 ms", "That is a decline of 64 %": of what was told right before. False: of
 * nothing so. */
static bool refers_back(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim,
			const struct evidence_context *context, const struct values *own, bool *follows)
{
	static const char *const words[] = { "that", "this", "so", "thus", "hence", "das", "cela", "eso", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	struct values recent = { .count = 0 }, refs = { .count = 0 };
	size_t at = fact_skip_space(&cursor, 0), last = judge->pool.count;
	enum fact_unit unit;

	if (!fact_word_is(&cursor, at, fact_word_length(&cursor, at), words) || own->count > 1 || last == 0 ||
	    (claim->kind != FACT_TIMES && claim->unit != FACT_PERCENT))
		return false;
	(void)asked_for(judge, text, length, claim, context, &refs);
	/* "It fell to 41,421 for 3 h. That is 54 % below the usual": of what is usual. */
	unit = own->count > 0 ? own->items[0].unit
			      : refs.count > 0 ? refs.items[0].unit : judge->pool.items[last - 1].unit;
	for (size_t i = last; i > 0 && recent.count < RECENT; i--)
		if (judge->pool.items[i - 1].unit == unit)
			recent.items[recent.count++] = judge->pool.items[i - 1];
	*follows = any_makes(claim, &recent, own, true) ||
		   each_makes(claim, &recent, &refs) ||
		   (own->count == 0 && any_makes(claim, &recent, &recent, true)) ||
		   fact_share_lost(claim, text, length, &recent);
	return recent.count > (own->count > 0 || refs.count > 0 ? 0 : 1);
}

/* A difference is of its own unit: "7.2 GB more than usual" is not of a count. */
static void keep_unit(const struct fact *claim, struct values *values)
{
	size_t kept = 0;

	for (size_t i = 0; i < values->count; i++)
		if (claim->kind != FACT_FIGURE || claim->unit == FACT_PERCENT || values->items[i].unit == claim->unit)
			values->items[kept++] = values->items[i];
	values->count = kept;
}

static bool compares(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		     const struct evidence_context *context)
{
	const struct fact *claim = &judge->facts[index];
	struct values own = { .count = 0 }, pool = { .count = 0 }, refs = { .count = 0 }, tops = { .count = 0 },
		      none = { .count = 0 }, asked = { .count = 0 };
	struct fact_clause clause = fact_clause_around(judge, text, length, index);
	/* "It peaked at 20 times its usual level, and ... (40.9 min instead of 37.6 s)": not these two. */
	bool asks_itself = claim->kind == FACT_TIMES && (clause.has_role || claim->loose) &&
			   clause.before + clause.behind == 0;
	bool follows, decided, compares_two = !asks_itself && compares_own(judge, index);

	add_own(judge, index, &own);
	follows = fact_share_of_before(judge, text, length, index, &own, &decided);
	if (follows || decided)
		return follows;
	if (any_makes(claim, &own, &own, true) || difference_makes(claim, &own) || own_share(claim, &own))
		return true;
	add_pool(judge, &pool);
	if (follows_reference(judge, index, &clause) || reference_behind(judge, text, length, index, context) ||
	    concludes(judge, text, length, index, context) || fact_share_rows(judge, text, length, claim))
		return true;
	if (claim->kind == FACT_FIGURE && claim->unit == FACT_PERCENT && !claim->change &&
	    (fact_share_lost(claim, text, length, &own) ||
	     (own.count < 2 && fact_share_lost(claim, text, length, &pool))))
		return true;
	if ((!compares_two || concludes_from_one(judge, text, length, index)) &&
	    fact_share(judge, text, length, claim, &own, context))
		return true;
	if (claim->kind == FACT_FIGURE && !claim->change && claim->unit != FACT_PERCENT)
		return false;
	if (claim->points && is_apart(judge, text, index) && sources_make(judge, claim, context, true))
		return true;
	if (compares_two && (has_usual(&own) || !clause.has_role || fact_clause_concludes(text, length, claim)))
		return false;
	if (refers_back(judge, text, length, claim, context, &own, &follows))
		return follows;
	if (asked_for(judge, text, length, claim, context, &refs)) {
		keep_unit(claim, &refs);
		add_tops(judge, context, &own, &refs, &tops);
		if (asks_itself)
			add_tops(judge, context, &none, &refs, &asked);
		if (each_makes(claim, &tops, &refs) || each_makes(claim, &asked, &refs))
			return true;
		/* "It has doubled, and there are 11.6 % left to the limit" is not about the limit. */
		if (clause.has_role || !claim->loose)
			return false;
	}
	return any_makes(claim, &own, &pool, true) || any_makes(claim, &pool, &pool, true) ||
	       sources_make(judge, claim, context, false) || lines_make(judge, claim, context);
}

/* "Its limit of 300 s"; not "over its limit for 2 hours", "the limit is 36 % of that". */
static bool is_limit(const char *text, size_t length, const struct fact *claim)
{
	struct fact_cursor cursor = { text, length, 0 };

	return claim->kind == FACT_FIGURE && claim->role == FACT_ROLE_LIMIT && !claim->change && !claim->spans &&
	       !fact_stands(&cursor, fact_skip_space(&cursor, claim->to), "of", true);
}

bool fact_derive(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		 const struct evidence_context *context)
{
	const struct fact *claim = &judge->facts[index];

	if (is_limit(text, length, claim))
		return false; /* it was configured */
	if (fact_lasting_steps(judge, text, length, index, context) || fact_exceed(judge, text, length, index) ||
	    fact_pace(judge, text, length, index))
		return true;
	if (fact_stretch_is(claim) && (fact_stretch(judge, text, length, index, context) ||
				       fact_lasting(judge, text, length, index, context)))
		return true;
	if (claim->change && fact_sum_is_difference(judge, index))
		return true;
	if (fact_stretch_is_between(claim, context))
		return false;
	if (fact_rows(judge, text, length, index) || fact_sum(judge, text, length, index) ||
	    fact_sum_is_told_again(judge, text, length, index))
		return true;
	if (claim->rate && fact_share_slope(judge, claim, context))
		return true;
	return compares(judge, text, length, index, context);
}
