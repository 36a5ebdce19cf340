/* Parts of a whole: of counts that are called alike, or stand in one text; and how steep a line is. */
#include <string.h>

#include "bot/fact_derive_private.h"
#include "bot/fact_private.h"

#define PAIRS_MAX 200000 /* figures of texts that are looked at for one share */
#define SHARED_LEAST 2   /* words that a sentence of the data must share to be meant */
#define BESIDE_MAX 6     /* words between a count and its share */

static bool is_named(const struct fact_judge *judge, const struct evidence_context *context, size_t line)
{
	return context->named.count > 0 &&
	       fact_judge_is_named(&context->named, judge->evidence->lines[line].subject);
}

/* Two lines that are called alike: what was counted in the range, at a time, or over a stretch, of both. */
static bool lines_share(const struct fact_judge *judge, const struct fact *claim,
			const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0; i < evidence->line_count; i++)
		for (size_t j = 0; j < evidence->line_count; j++) {
			struct evidence_line *a = &evidence->lines[i], *b = &evidence->lines[j];
			struct value x = { a->sum, 0, FACT_PLAIN, FACT_ROLE_VALUE },
				     y = { b->sum, 0, FACT_PLAIN, FACT_ROLE_VALUE };
			double then_a[16], then_b[16];
			size_t count;

			if (i == j || !is_named(judge, context, i) || !a->is_counted || !b->is_counted ||
			    a->step_s != b->step_s || a->count != b->count || a->coarse || a->is_wider ||
			    !evidence_are_related(evidence, a->subject, b->subject))
				continue;
			for (size_t r = 0; r < claim->reading_count; r++)
				if (fact_derive_share(claim, r, &x, &y))
					return true;
			count = evidence_line_then(evidence, a, context, 0, then_a, 16);
			if (count != evidence_line_then(evidence, b, context, 0, then_b, 16))
				continue;
			for (size_t k = 0; k < count; k++) {
				x.value = then_a[k];
				y.value = then_b[k];
				for (size_t r = 0; r < claim->reading_count; r++)
					if (fact_derive_share(claim, r, &x, &y))
						return true;
			}
		}
	return false;
}

static bool is_own(const struct values *own, const struct evidence_figure *f)
{
	for (size_t i = 0; i < own->count; i++)
		if (own->items[i].unit == FACT_PLAIN && own->items[i].value == f->value)
			return true;
	return false;
}

/* A figure of a row that the words tell from others. */
static bool is_row_of(const struct evidence *evidence, const struct evidence_figure *f,
		      const struct evidence_words *words)
{
	return f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record &&
	       evidence_record_row(evidence, f->source, words, words) == EVIDENCE_ROW_MEANT;
}

/* A count of the data against another one of the same text: of a figure of the sentence, or of what suits its
 * words. */
static bool texts_share(const struct fact_judge *judge, const char *text, size_t length,
			const struct fact *claim, const struct values *own)
{
	const struct evidence *evidence = judge->evidence;
	struct evidence_words words;
	size_t best, group = 0, looked = 0;
	bool part;

	evidence_words_read(&words, text, length);
	best = evidence_most_shared(evidence, &words, &group);
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *x = &evidence->figures[i];
		struct value a = { x->value, 0, x->unit, FACT_ROLE_VALUE };
		bool meant;

		if (x->source == EVIDENCE_NO_SOURCE || x->unit != FACT_PLAIN)
			continue;
		meant = is_own(own, x);
		part = !meant && own->count > 0 && is_row_of(evidence, x, &words);
		if (!meant && !part && (own->count > 0 || best < SHARED_LEAST ||
			       evidence_shared_words(evidence, x->source, &words) < best))
			continue;
		for (size_t j = 0; j < evidence->figure_count; j++) {
			const struct evidence_figure *y = &evidence->figures[j];
			struct value b = { y->value, 0, y->unit, FACT_ROLE_VALUE };

			if (looked++ > PAIRS_MAX)
				return false;
			if (j == i || y->source == EVIDENCE_NO_SOURCE || y->unit != FACT_PLAIN ||
			    (part && !is_own(own, y)) ||
			    evidence->sources[y->source].group != evidence->sources[x->source].group)
				continue;
			for (size_t r = 0; r < claim->reading_count; r++)
				if (fact_derive_share(claim, r, &a, &b))
					return true;
		}
	}
	return false;
}

/* "falls by 1 GB a day": how steep a named line is over all. */
bool fact_share_slope(const struct fact_judge *judge, const struct fact *claim,
			const struct evidence_context *context)
{
	for (size_t i = 0; i < judge->evidence->line_count; i++) {
		const struct evidence_line *line = &judge->evidence->lines[i];
		double slope;

		if (!is_named(judge, context, i) || line->count < 2 || line->unit != claim->unit ||
		    line->coarse || (line->is_counted && line->unit == FACT_PLAIN))
			continue;
		slope = (line->points[line->count - 1].value - line->points[0].value) /
			(double)(line->points[line->count - 1].at_s - line->points[0].at_s);
		for (size_t r = 0; r < claim->reading_count; r++)
			if ((fact_derive_makes(claim, r, slope, 0) || fact_derive_makes(claim, r, -slope, 0)))
				return true;
	}
	return false;
}

bool fact_share(const struct fact_judge *judge, const char *text, size_t length,
			const struct fact *claim, const struct values *own,
			const struct evidence_context *context)
{
	if (claim->kind != FACT_FIGURE || claim->unit != FACT_PERCENT || claim->change)
		return false;
	return lines_share(judge, claim, context) || texts_share(judge, text, length, claim, own);
}

/* "43 % of the devices were missing (7,286 instead of 12,851)": what is left out of the greater one. */
bool fact_share_lost(const struct fact *claim, const char *text, size_t length, const struct values *values)
{
	static const char *const words[] = { "missing", "gone",   "lost",    "worked", "cleared", "drained",
					     "absent",  "fehlen", "manquent", "faltan", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = claim->from, to = claim->to;
	bool lost = false;

	fact_clause_of(&cursor, &from, &to);
	for (size_t at = claim->to; at < to && !lost; at++)
		lost = text[at - 1] == ' ' && fact_word_is(&cursor, at, fact_word_length(&cursor, at), words);
	for (size_t i = 0; i < values->count && lost; i++)
		for (size_t j = 0; j < values->count; j++) {
			const struct value *left = &values->items[i], *all = &values->items[j];

			for (size_t r = 0; r < claim->reading_count && left->unit == all->unit; r++)
				if (left->value >= 0 && all->value > left->value &&
				    fact_derive_makes(claim, r, (1 - left->value / all->value) * 100, 0))
					return true;
		}
	return false;
}

/* The counts of the row that the words name: of "fact_orders" the one that is said whole, not "fact_order_lines". */
static void counts_of_row(const struct evidence *evidence, const char *text, size_t length, struct values *values)
{
	struct evidence_words words;
	size_t row = EVIDENCE_NO_SOURCE;

	evidence_words_read(&words, text, length);
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->unit != FACT_PLAIN || !is_row_of(evidence, f, &words) ||
		    (row != EVIDENCE_NO_SOURCE && evidence->sources[row].words < evidence->sources[f->source].words))
			continue;
		if (row != f->source)
			values->count = 0;
		row = f->source;
		if (values->count < FACT_DERIVE_VALUES_MAX)
			values->items[values->count++] =
			    (struct value) { f->value, 0, FACT_PLAIN, FACT_ROLE_VALUE };
	}
}

bool fact_share_rows(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim)
{
	struct values a = { .count = 0 }, b = { .count = 0 };

	if (claim->kind != FACT_TIMES)
		return false;
	counts_of_row(judge->evidence, text, claim->from, &a);
	counts_of_row(judge->evidence, text + claim->to, length - claim->to, &b);
	for (size_t i = 0; i < a.count; i++)
		for (size_t j = 0; j < b.count; j++)
			if (fact_derive_pair(claim, &a.items[i], &b.items[j], false))
				return true;
	return false;
}

/* The count right before the claim, with few words between; NULL: another figure, or none, stands there. */
static const struct fact *count_before(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *before;
	size_t words = 0;

	if (index == 0)
		return NULL;
	before = &judge->facts[index - 1];
	/* "2,871 were of `interest-accrual`, 71 %", "38,914 are status 503, 75 %" */
	while (before > judge->facts && (before->kind == FACT_NAME || !judge->asked[before - judge->facts]))
		before--;
	if (before->kind != FACT_FIGURE || before->unit != FACT_PLAIN || before->change ||
	    !judge->found[before - judge->facts])
		return NULL;
	for (size_t at = before->to; at < judge->facts[index].from; at++) {
		size_t size = fact_word_length(&cursor, at);

		if (strchr(";.:\n", text[at]) != NULL)
			return NULL;
		words += size > 0 ? 1 : 0;
		at += size > 0 ? size - 1 : 0;
	}
	return words <= BESIDE_MAX ? before : NULL;
}

bool fact_share_of_before(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			  const struct values *own, bool *decided)
{
	const struct fact *claim = &judge->facts[index], *before = count_before(judge, text, length, index);
	struct value count;

	*decided = false;
	if (claim->kind != FACT_FIGURE || claim->unit != FACT_PERCENT || claim->change || before == NULL)
		return false;
	count = fact_derive_value(before);
	for (size_t i = 0; i < own->count; i++) {
		if (own->items[i].unit != FACT_PLAIN || own->items[i].value == count.value)
			continue;
		*decided = *decided || own->items[i].value > count.value;
		for (size_t r = 0; r < claim->reading_count; r++)
			if (fact_derive_share(claim, r, &count, &own->items[i]) ||
			    fact_derive_share(claim, r, &own->items[i], &count))
				return true;
	}
	return false;
}
