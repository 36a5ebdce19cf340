/* One sentence: each of its facts is looked for; what is not found gets a mark. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define FACTS_MAX 600
#define SMALL 10 /* "3 things": up to this a number alone claims nothing */

struct fact_judge *fact_judge_new(const struct evidence *evidence)
{
	struct fact_judge *judge = mem_alloc(sizeof(*judge));

	judge->evidence = evidence;
	judge->facts = mem_alloc(FACTS_MAX * sizeof(*judge->facts));
	judge->found = mem_alloc(FACTS_MAX * sizeof(*judge->found));
	judge->asked = mem_alloc(FACTS_MAX * sizeof(*judge->asked));
	return judge;
}

void fact_judge_free(struct fact_judge *judge)
{
	if (judge == NULL)
		return;
	free(judge->facts);
	free(judge->found);
	free(judge->asked);
	free(judge);
}

void fact_judge_paragraph(struct fact_judge *judge)
{
	judge->time_count = 0;
	judge->in_table = false;
	judge->head_count = 0;
}

static void pool_add(struct pool *pool, struct value value)
{
	if (pool->count == FACT_JUDGE_POOL_MAX) {
		memmove(pool->items, pool->items + 1, (FACT_JUDGE_POOL_MAX - 1) * sizeof(pool->items[0]));
		pool->count--;
	}
	pool->items[pool->count++] = value;
}

bool fact_judge_is_named(const struct evidence_named *named, size_t subject)
{
	for (size_t i = 0; i < named->count; i++)
		if (named->subjects[i] == subject)
			return true;
	return named->count == 0;
}

static bool figure_is_given(const struct fact_judge *judge, const struct fact *claim,
			    const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	enum evidence_match match;

	match = evidence_figure_match(evidence, claim, context);
	if (match == EVIDENCE_FOUND_THEN ||
	    (match == EVIDENCE_FOUND && !fact_derive_is_between(claim, context)))
		return true;
	if (claim->kind == FACT_TIMES)
		return false;
	if (claim->change || fact_derive_is_between(claim, context))
		return false;
	for (size_t i = 0; i < evidence->line_count; i++)
		if (fact_judge_is_named(&context->named, evidence->lines[i].subject) &&
		    evidence_line_match(evidence, &evidence->lines[i], claim, context) != EVIDENCE_NONE)
			return true;
	return false;
}

/* "two things", "3 steps": nothing of the data is claimed. */
static bool is_idle(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
		    bool about_something)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t next;

	if (fact->kind != FACT_FIGURE || fact->unit != FACT_PLAIN || fact->rate || fact->change)
		return false;
	if (fact->word)
		return true;
	next = fact_skip_space(&cursor, fact->to);
	if (fact->readings[0].half < 0.5 || fabs(fact->readings[0].value) > SMALL)
		return false;
	if (fact_counts(&cursor, next))
		return !evidence_counts(judge->evidence, text + next, fact_word_length(&cursor, next));
	return !about_something;
}

static bool name_is_known(const struct fact_judge *judge, const char *name, size_t length)
{
	const struct evidence *evidence = judge->evidence;

	if (name[0] == 'F' && length <= 4 && length >= 2 && fact_is_digit(name[1]))
		return evidence->finding_ids == 0 || evidence_names_have(evidence, name, length);
	if (evidence_names_have(evidence, name, length))
		return true;
	/* Parts that are known each: "checkout/latency". */
	for (size_t begin = 0, end; begin < length; begin = end + 1) {
		end = begin;
		while (end < length && strchr("/:,=", name[end]) == NULL)
			end++;
		if (end == length && begin == 0)
			return false;
		if (end > begin && !evidence_names_have(evidence, name + begin, end - begin))
			return false;
	}
	return true;
}

/* A time is founded by a sentence of the data that has it and suits the words that it stands with: those since
 * the time before it; up to the next one where these tell nothing; or the whole sentence's. */
static bool time_is_given(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			  const struct evidence_context *context)
{
	const struct fact *time = &judge->facts[index];
	size_t from = 0, to = length, suits = 0;
	struct evidence_words words;
	bool found;

	for (size_t i = 0; i < judge->count; i++) {
		if (judge->facts[i].kind != FACT_TIME || i == index)
			continue;
		if (i < index)
			from = judge->facts[i].to;
		else if (to == length)
			to = judge->facts[i].from;
	}
	evidence_words_read(&words, text + from, time->from - from);
	found = evidence_time_match(judge->evidence, time, context, &words, &suits);
	if (suits > 0)
		return found;
	evidence_words_read(&words, text + from, to - from);
	found = evidence_time_match(judge->evidence, time, context, &words, &suits);
	if (suits > 0)
		return found;
	evidence_words_read(&words, text, length);
	return evidence_time_match(judge->evidence, time, context, &words, &suits);
}

/* Whether a clause ends there: at a comma and the like, or at a word that begins another one. */
static bool is_clause_end(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "while",    "whereas", "and",      "but",    "when", "während",
					     "und",      "aber",    "et",       "tandis", "mais", "y",
					     "mientras", "e",       "enquanto", "versus", "vs",   NULL };
	char c = cursor->text[at];

	if (c == '(' || c == ')')
		return true;
	if (c == ',' || c == ';' || c == ':')
		return !fact_is_digit(fact_char(cursor, at + 1));
	return c == ' ' && fact_is_letter(fact_char(cursor, at + 1)) &&
	       fact_word_is(cursor, at + 1, fact_word_length(cursor, at + 1), words);
}

/* The clause around [*from, *to). */
static void clause_of(const struct fact_cursor *cursor, size_t *from, size_t *to)
{
	while (*from > 0 && !is_clause_end(cursor, *from - 1))
		(*from)--;
	while (*to < cursor->length && !is_clause_end(cursor, *to))
		(*to)++;
}

static bool is_figure_found(const struct fact_judge *judge, size_t i)
{
	return judge->facts[i].kind == FACT_FIGURE && judge->found[i] && judge->asked[i];
}

/* A time is that of the figures of its own clause, if that has any: "peaked at 1.53 s at 08:35, against a usual
 * 0.12 s" is not right because it was 0.12 s then. */
static bool time_is_supported(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			      const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	struct fact_cursor cursor = { text, length, 0 };
	size_t time = 0, from = judge->facts[index].from, to = judge->facts[index].to, own = 0;

	while (time < context->time_count && context->times[time].from != judge->facts[index].from)
		time++;
	if (time == context->time_count)
		return false;
	clause_of(&cursor, &from, &to);
	for (size_t j = 0; j < judge->count; j++)
		own += judge->facts[j].kind == FACT_FIGURE && judge->asked[j] && !judge->facts[j].duration &&
			       judge->facts[j].from >= from && judge->facts[j].to <= to
			   ? 1
			   : 0;
	for (size_t i = 0; i < evidence->line_count; i++) {
		if (!fact_judge_is_named(&context->named, evidence->lines[i].subject))
			continue;
		for (size_t j = 0; j < judge->count; j++)
			if (is_figure_found(judge, j) &&
			    (own == 0 || (judge->facts[j].from >= from && judge->facts[j].to <= to)) &&
			    evidence_line_supports(evidence, &evidence->lines[i], &judge->facts[j], context,
						   time))
				return true;
	}
	return false;
}

/* The sentence's times; where it has none the paragraph's. */
static void set_times(struct fact_judge *judge, struct evidence_context *context)
{
	size_t count = 0;

	for (size_t i = 0; i < judge->count && count < FACT_JUDGE_TIMES_MAX; i++)
		if (judge->facts[i].kind == FACT_TIME)
			judge->times[count++] = judge->facts[i];
	if (count > 0)
		judge->time_count = count;
	context->own_times = count > 0;
	context->times = judge->times;
	context->time_count = judge->time_count;
}

/* The subjects of a figure's own clause, where one of them has values of its kind; else those of the sentence.
 */
static void narrow(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
		   struct evidence_context *context)
{
	struct fact_cursor cursor = { text, length, 0 };
	struct evidence_words words, whole;
	struct evidence_named named;
	size_t from = fact->from, to = fact->to;

	clause_of(&cursor, &from, &to);
	if (from == 0 && to == length)
		return;
	evidence_words_read(&words, text + from, to - from);
	evidence_words_read(&whole, text, length);
	evidence_subject_find(judge->evidence, &words, &whole, &named);
	for (size_t i = 0; i < judge->evidence->line_count && named.count > 0; i++)
		if (fact_judge_is_named(&named, judge->evidence->lines[i].subject) &&
		    judge->evidence->lines[i].unit == fact->unit) {
			context->named = named;
			return;
		}
}

/* Each clause names its own: of two that are called alike the second would else be overlooked. */
static void add_clauses(const struct fact_judge *judge, const char *text, size_t length,
			const struct evidence_words *whole, struct evidence_named *named)
{
	struct fact_cursor cursor = { text, length, 0 };
	struct evidence_words words;
	struct evidence_named more;
	size_t from = 0;

	for (size_t to = 0; to <= length; to++) {
		if (to < length && !is_clause_end(&cursor, to))
			continue;
		if (from > 0 || to < length) {
			evidence_words_read(&words, text + from, to - from);
			evidence_subject_find(judge->evidence, &words, whole, &more);
			for (size_t i = 0; i < more.count && more.count <= 4; i++)
				if (!fact_judge_is_named(named, more.subjects[i]) &&
				    named->count < EVIDENCE_NAMED_MAX)
					named->subjects[named->count++] = more.subjects[i];
		}
		from = to;
	}
}

/* "The backlog peaked at 23,489 messages": where what is named first has no values of that kind (the age of the oldest
 * message), what has them is meant. */
static bool other_kind_is_given(const struct fact_judge *judge, const char *text, size_t length,
				const struct fact *fact, const struct evidence_context *context,
				struct evidence_named *named)
{
	struct evidence_context other = *context;
	struct evidence_words words;

	if (fact->kind != FACT_FIGURE || fact->change || fact->duration || context->named.count == 0)
		return false;
	for (size_t i = 0; i < context->named.count; i++)
		if ((judge->evidence->subjects[context->named.subjects[i]].units & 1u << fact->unit) != 0)
			return false;
	evidence_words_read(&words, text, length);
	evidence_subject_find_of(judge->evidence, &words, fact->unit, &other.named);
	if (other.named.count == 0 || !figure_is_given(judge, fact, &other))
		return false;
	for (size_t i = 0; i < other.named.count && named->count < EVIDENCE_NAMED_MAX; i++)
		if (!fact_judge_is_named(named, other.named.subjects[i]))
			named->subjects[named->count++] = other.named.subjects[i];
	return true;
}

/* "per 5 min", "each 5-minute bucket": how long the data's buckets are. */
static bool is_bucket(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact)
{
	static const char *const before[] = { "per", "every", "each", "in",   "pro",
					      "je",  "par",   "por",  "cada", NULL };
	static const char *const behind[] = { "bucket",  "buckets",  "interval", "intervals",  "period",
					      "periods", "average",  "averages", "window",     "windows",
					      "steps",   "resolution", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t words, begin = fact_word_before(&cursor, fact->from, &words);
	size_t next = fact_skip_space(&cursor, fact->to);

	if (fact->kind != FACT_FIGURE || !fact->duration ||
	    (!(words > 0 && fact_word_is(&cursor, begin, words, before)) &&
	     !fact_word_is(&cursor, next, fact_word_length(&cursor, next), behind)))
		return false;
	for (size_t i = 0; i < judge->evidence->line_count; i++)
		if (fabs(fact->readings[0].value - (double)judge->evidence->lines[i].step_s) < 0.5)
			return true;
	return false;
}

/* Whether the data has it as it stands. */
static bool is_given(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
		     const struct evidence_context *context, struct evidence_named *named)
{
	return figure_is_given(judge, fact, context) ||
	       other_kind_is_given(judge, text, length, fact, context, named) ||
	       is_bucket(judge, text, length, fact);
}

static void judge_figures(struct fact_judge *judge, const char *text, size_t length, size_t from, size_t to,
			  struct evidence_context *sentence)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = from; i < to; i++) {
			const struct fact *fact = &judge->facts[i];

			struct evidence_context context = *sentence;

			if (fact->kind != FACT_FIGURE && fact->kind != FACT_TIMES)
				continue;
			if (!judge->in_table)
				narrow(judge, text, length, fact, &context);
			judge->asked[i] = !is_idle(judge, text, length, fact, context.named.count > 0);
			judge->found[i] = judge->found[i] || !judge->asked[i] ||
					  (pass == 0 ? is_given(judge, text, length, fact, &context,
								&sentence->named)
						     : fact_derive(judge, text, length, i, &context));
		}
}

/* What the texts say of names and times; whether all times are theirs. */
static bool judge_given(struct fact_judge *judge, const char *text, size_t length,
			const struct evidence_context *context)
{
	bool given = true;

	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];

		if (fact->kind == FACT_NAME) {
			judge->found[i] = name_is_known(judge, text + fact->from, fact->to - fact->from);
			judge->asked[i] =
			    !fact->maybe || judge->found[i] ||
			    evidence_names_like(judge->evidence, text + fact->from, fact->to - fact->from);
		}
		if (fact->kind == FACT_TIME) {
			judge->asked[i] = true;
			judge->found[i] = time_is_given(judge, text, length, i, context);
			given = given && judge->found[i];
		}
	}
	return given;
}

/* Last, times that figures found. */
static void judge_others(struct fact_judge *judge, const char *text, size_t length,
			 const struct evidence_context *context)
{
	(void)judge_given(judge, text, length, context);
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_TIME && !judge->found[i])
			judge->found[i] = time_is_supported(judge, text, length, i, context);
}

static void judge_prose(struct fact_judge *judge, const char *text, size_t length,
			struct evidence_context *context)
{
	context->any_time = judge_given(judge, text, length, context);
	judge_figures(judge, text, length, 0, judge->count, context);
	judge_others(judge, text, length, context);
}

/* The cells of a table's line, by where they begin and end. */
static size_t cells_of(const char *text, size_t length, size_t begins[], size_t ends[])
{
	size_t count = 0, at = 0;

	while (at < length && text[at] != '|')
		at++;
	while (at < length && count < FACT_JUDGE_CELLS_MAX) {
		size_t end = ++at;

		while (end < length && text[end] != '|' && text[end] != '\n')
			end++;
		begins[count] = at;
		ends[count++] = end;
		at = end;
		if (end < length && text[end] == '\n')
			break;
	}
	return count;
}

static bool has_figures(const struct fact_judge *judge)
{
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_FIGURE || judge->facts[i].clock_s >= 0)
			return true;
	return false;
}

/* Each cell is about what its heading names, or else what the row begins with. */
static void judge_row(struct fact_judge *judge, const char *text, size_t length,
		      struct evidence_context *context)
{
	size_t begins[FACT_JUDGE_CELLS_MAX], ends[FACT_JUDGE_CELLS_MAX],
	    count = cells_of(text, length, begins, ends), first = 0;
	struct evidence_named all = { .count = 0 };

	if (!judge->in_table && !has_figures(judge)) {
		for (size_t i = 0; i < count; i++)
			evidence_words_read(&judge->heads[i], text + begins[i], ends[i] - begins[i]);
		judge->head_count = count;
	}
	judge->in_table = true;
	for (size_t c = 0; c < count; c++) {
		struct evidence_context cell = *context;
		struct evidence_words words = { .count = 0 }, row;
		size_t last;

		while (first < judge->count && judge->facts[first].from < begins[c])
			first++;
		for (last = first; last < judge->count && judge->facts[last].from < ends[c];)
			last++;
		if (c < judge->head_count)
			words = judge->heads[c];
		evidence_words_read(&row, text + begins[0], ends[0] - begins[0]);
		for (size_t i = 0; i < row.count && words.count < EVIDENCE_WORDS_MAX; i++)
			if (!evidence_words_have(&words, row.words[i]))
				words.words[words.count++] = row.words[i];
		evidence_subject_find(judge->evidence, &words, &words, &cell.named);
		if (cell.named.count == 0)
			cell.named = judge->named;
		for (size_t i = 0; i < cell.named.count && all.count < EVIDENCE_NAMED_MAX; i++)
			all.subjects[all.count++] = cell.named.subjects[i];
		judge_figures(judge, text, length, first, last, &cell);
		first = last;
	}
	context->named = all;
	judge_others(judge, text, length, context);
}

void fact_judge_sentence(struct fact_judge *judge, const char *text, size_t length, struct fact_edits *edits,
			 struct fact_check_counts *counts)
{
	struct evidence_words words;
	struct evidence_context context = { 0 };

	judge->count = fact_read(text, length, judge->facts, FACTS_MAX);
	memset(judge->found, 0, FACTS_MAX * sizeof(*judge->found));
	memset(judge->asked, 0, FACTS_MAX * sizeof(*judge->asked));
	evidence_resolve(judge->evidence);
	evidence_words_read(&words, text, length);
	evidence_subject_find(judge->evidence, &words, &words, &context.named);
	add_clauses(judge, text, length, &words, &context.named);
	if (context.named.count > 0)
		judge->named = context.named;
	context.named = judge->named;
	context.statistics = evidence_words_statistics(text, length);
	set_times(judge, &context);
	if (text[strspn(text, " \t")] == '|') {
		judge_row(judge, text, length, &context);
	} else {
		judge->in_table = false;
		judge->head_count = 0;
		judge_prose(judge, text, length, &context);
	}
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];

		counts->checked += judge->asked[i] ? 1 : 0;
		if (judge->asked[i] && !judge->found[i]) {
			counts->marked++;
			fact_edits_add(edits,
				       (struct fact_edit) { fact->from, fact->mark, 0, FACT_CHECK_MARK });
		}
		if (judge->found[i] && fact->kind == FACT_FIGURE)
			pool_add(&judge->pool, fact_derive_value(fact));
	}
}
