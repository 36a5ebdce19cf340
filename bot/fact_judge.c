/* One sentence: each of its facts is looked for; what is not found gets a mark. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define FACTS_MAX 600
#define DAYS_OF_TWO 2 /* of so many days a time without one is of the newest that suits */

enum pass {
	PASS_GIVEN,
	PASS_DERIVED,
	PASS_BLAME
};

struct fact_judge *fact_judge_new(const struct evidence *evidence)
{
	struct fact_judge *judge = mem_alloc(sizeof(*judge));

	judge->evidence = evidence;
	judge->facts = mem_alloc(FACTS_MAX * sizeof(*judge->facts));
	judge->found = mem_alloc(FACTS_MAX * sizeof(*judge->found));
	judge->asked = mem_alloc(FACTS_MAX * sizeof(*judge->asked));
	judge->denied = mem_alloc(FACTS_MAX * sizeof(*judge->denied));
	return judge;
}

void fact_judge_free(struct fact_judge *judge)
{
	if (judge == NULL)
		return;
	free(judge->facts);
	free(judge->found);
	free(judge->asked);
	free(judge->denied);
	free(judge);
}

void fact_judge_paragraph(struct fact_judge *judge)
{
	judge->time_count = 0;
	judge->is_now = false;
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

/* In English a comma is for thousands, a point for decimals. */
static bool is_english(const char *text, size_t length)
{
	static const char *const words[] = { "the", "of",   "at", "and",  "is",  "from", "to",   "by",
					     "for", "with", "it", "than", "its", "are",  "were", NULL };
	struct fact_cursor cursor = { text, length, 0 };

	for (size_t at = 0; at < length; at++)
		if ((at == 0 || text[at - 1] == ' ') && fact_word_is(&cursor, at, fact_word_length(&cursor, at), words))
			return true;
	return false;
}

/* "215,183 on Sun 6 Dec 18:30; 225,920 at 17:30": the day that was named goes on, where the data has several. */
static void take_days(struct fact_judge *judge)
{
	const struct fact *day = NULL;

	for (size_t i = 0; i < judge->count && evidence_days(judge->evidence) > DAYS_OF_TWO; i++) {
		struct fact *time = &judge->facts[i];

		if (time->kind != FACT_TIME)
			continue;
		if (time->month > 0 || time->weekday >= 0) {
			day = time;
		} else if (day != NULL && time->clock_s >= 0) {
			time->year = day->year;
			time->month = day->month;
			time->day = day->day;
			time->weekday = day->weekday;
		}
	}
}

static void read_sentence(struct fact_judge *judge, const char *text, size_t length)
{
	judge->count = fact_read(text, length, judge->facts, FACTS_MAX);
	judge->is_english = judge->is_english || is_english(text, length);
	for (size_t i = 0; i < judge->count && judge->is_english; i++) {
		struct fact *fact = &judge->facts[i];
		size_t kept = 0;

		if (fact->written < 2)
			continue;
		for (size_t j = 0; j < fact->reading_count; j += fact->written)
			fact->readings[kept++] = fact->readings[j];
		fact->reading_count = kept;
		fact->written = 1;
	}
	take_days(judge);
	fact_when_take_brackets(judge, text, length);
	fact_table_take_rows(judge, text, length);
	memset(judge->found, 0, FACTS_MAX * sizeof(*judge->found));
	memset(judge->asked, 0, FACTS_MAX * sizeof(*judge->asked));
	memset(judge->denied, 0, FACTS_MAX * sizeof(*judge->denied));
}

static void remember_times(struct fact_judge *judge)
{
	for (size_t i = 0; i < judge->count; i++) {
		if (judge->facts[i].kind != FACT_TIME || !judge->found[i])
			continue;
		if (judge->earlier_count == FACT_JUDGE_EARLIER_MAX) {
			memmove(judge->earlier, judge->earlier + 1,
				(FACT_JUDGE_EARLIER_MAX - 1) * sizeof(judge->earlier[0]));
			judge->earlier_count--;
		}
		judge->earlier[judge->earlier_count++] = judge->facts[i];
	}
}

/* The sentence's times; where it has none the paragraph's. */
static void set_times(struct fact_judge *judge, const char *text, size_t length, struct evidence_context *context)
{
	size_t count = 0;

	for (size_t i = 0; i < judge->count && count < FACT_JUDGE_TIMES_MAX; i++)
		if (judge->facts[i].kind == FACT_TIME)
			judge->times[count++] = judge->facts[i];
	if (count > 0)
		judge->time_count = count;
	for (size_t i = 0; i < judge->count && count < FACT_JUDGE_TIMES_MAX; i++)
		if (fact_window_relative(judge, text, length, &judge->facts[i], &judge->times[count]))
			judge->time_count = ++count;
	if (count == 0 && fact_window(judge, text, length, &judge->times[0]))
		judge->time_count = count = 1;
	context->own_times = count > 0;
	context->times = judge->times;
	context->time_count = judge->time_count;
}

/* "394 payments per minute" are 394 of "payments per minute". */
static void take_rate_of_name(struct fact_judge *judge, size_t index, const struct evidence_context *context)
{
	struct fact *fact = &judge->facts[index];

	for (size_t i = 0; i < judge->evidence->line_count && fact->rate; i++) {
		const struct evidence_line *line = &judge->evidence->lines[i];

		if (line->per_s == 0 || line->rate || line->unit != fact->unit ||
		    !fact_judge_is_named(&context->named, line->subject))
			continue;
		for (size_t r = 0; r < fact->reading_count; r++) {
			fact->readings[r].value *= line->per_s;
			fact->readings[r].half *= line->per_s;
		}
		fact->factor *= line->per_s;
		fact->rate = false;
	}
}

/* What is meant with one figure: by its own clause, and by the times of the sentence. */
static void meant(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		  struct evidence_words *clause, struct evidence_context *context)
{
	const struct fact *fact = &judge->facts[index];
	bool all_stretches = context->own_times;

	if (judge->in_table)
		return;
	fact_clause_words(judge, text, length, fact, clause);
	context->clause = clause;
	fact_clause_narrow(judge, text, length, fact, context);
	context->statistics = fact_clause_statistics(judge, text, length, fact, context->statistics);
	if (fact_clause_is_of_name(judge, context, "started began"))
		context->statistics &= ~(unsigned)EVIDENCE_FIRST;
	context->episode = !fact_clause_has_time(judge, text, length, fact);
	for (size_t i = 0; i < context->time_count; i++)
		all_stretches = all_stretches && context->times[i].relation != FACT_AT;
	if (all_stretches && fact->role == FACT_ROLE_VALUE)
		context->any_time = false;
}

/* "3 of the last 5": both together. False: the data counts nothing so. */
static bool judge_part(struct fact_judge *judge, size_t index)
{
	enum evidence_part part = evidence_part_match(judge->evidence, &judge->facts[index]);

	if (part == EVIDENCE_PART_UNKNOWN)
		return false;
	judge->asked[index] = true;
	judge->found[index] = part == EVIDENCE_PART_FOUND;
	if (part == EVIDENCE_PART_FOUND && index + 1 < judge->count)
		judge->found[index + 1] = true;
	return true;
}

static void judge_figure(struct fact_judge *judge, const char *text, size_t length, size_t index, enum pass pass,
			 struct evidence_context *sentence)
{
	struct evidence_context context = *sentence;
	const struct fact *fact = &judge->facts[index];
	struct evidence_words clause;
	size_t time;

	if (pass == PASS_BLAME && judge->found[index])
		return;
	meant(judge, text, length, index, &clause, &context);
	take_rate_of_name(judge, index, &context);
	judge->asked[index] = !fact_given_is_idle(judge, text, length, fact, &context);
	/* "Every one of the 14" is no part. */
	if (fact->whole > 0 && !(fact->word && fact->readings[0].value == 1) && judge_part(judge, index))
		return;
	if (judge->found[index] || !judge->asked[index])
		judge->found[index] = true;
	else if (pass == PASS_GIVEN)
		judge->found[index] = fact_given(judge, text, length, fact, &context, &sentence->named);
	else
		judge->found[index] = fact_derive(judge, text, length, index, &context);
	if (pass == PASS_BLAME && !judge->found[index])
		fact_blame(judge, text, length, index, &context);
	if (pass != PASS_GIVEN)
		return;
	fact_step(judge, text, length, index, &context);
	fact_limit(judge, text, length, index, &context);
	/* what was meant instead, too */
	context.named = sentence->named.count > context.named.count ? sentence->named : context.named;
	time = judge->found[index] && judge->asked[index] ? fact_when_of(judge, text, length, index) : judge->count;
	/* Of a value and a time that do not belong together nobody knows which one is wrong. */
	if (time < judge->count && fact_when_is_denied(judge, text, length, index, time, &context)) {
		judge->denied[time] = true;
		judge->denied[index] = true;
	}
}

/* First what stands in the data, then what follows from that; last, also from what was found since. */
static void judge_figures(struct fact_judge *judge, const char *text, size_t length, size_t from, size_t to,
			  struct evidence_context *sentence)
{
	static const enum pass passes[] = { PASS_GIVEN, PASS_DERIVED, PASS_BLAME };

	for (size_t p = 0; p < sizeof(passes) / sizeof(passes[0]); p++)
		for (size_t i = from; i < to; i++)
			if (judge->facts[i].kind == FACT_FIGURE || judge->facts[i].kind == FACT_TIMES)
				judge_figure(judge, text, length, i, passes[p], sentence);
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
			judge->found[i] = fact_when_is_given(judge, text, length, i, context);
			given = given && judge->found[i];
		}
	}
	return given;
}

/* "An hour ago" is right when what was then is. */
static void judge_relative(struct fact_judge *judge, const char *text, size_t length,
			   const struct evidence_context *context)
{
	struct fact time;

	for (size_t i = 0; i < judge->count; i++)
		if (!judge->found[i] && fact_window_relative(judge, text, length, &judge->facts[i], &time))
			judge->found[i] = fact_when_is_supported(judge, text, length, i, context);
}

static bool is_pair(const struct fact_judge *judge, size_t index)
{
	const struct fact *begin = &judge->facts[index], *end = begin + 1;

	return begin->kind == FACT_TIME && end->kind == FACT_TIME && begin->relation == FACT_SINCE &&
	       end->relation == FACT_UNTIL && begin->clock_s >= 0 && end->clock_s >= 0;
}

static bool is_told_earlier(const struct fact_judge *judge, size_t index)
{
	for (size_t i = 0; i < judge->earlier_count; i++)
		if (judge->earlier[i].clock_s == judge->facts[index].clock_s)
			return true;
	return false;
}

static bool is_true_time(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			 const struct evidence_context *context)
{
	bool measured = fact_bound_is_measured(judge, index, false);

	if (fact_when_is_supported(judge, text, length, index, context) ||
	    fact_table_is_row(judge, text, length, index) || fact_bound_is_incident(judge, text, length, index) ||
	    (measured && is_told_earlier(judge, index)))
		return true;
	return (judge->found[index] || fact_when_turns(judge, text, length, index, context)) &&
	       (measured || !fact_bound_is_other(judge, text, length, index));
}

/* Last, times that figures found. */
static void judge_others(struct fact_judge *judge, const char *text, size_t length,
			 const struct evidence_context *context)
{
	(void)judge_given(judge, text, length, context);
	for (size_t i = 0; i < judge->count; i++)
		if (fact_when_is_backward(judge, i)) { /* nobody knows which of the two is wrong */
			judge->denied[i] = true;
			judge->denied[i + 1] = true;
		}
	for (size_t i = 0; i + 1 < judge->count; i++)
		if (judge->found[i] && judge->found[i + 1] && is_pair(judge, i) && !fact_when_is_pair(judge, i)) {
			judge->found[i] = false; /* by the texts alone; a series may know them */
			judge->found[i + 1] = false;
		}
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_TIME)
			judge->found[i] = !judge->denied[i] && is_true_time(judge, text, length, i, context);
}

/* "0.9 s at 09:05": where one of the two is not in the data, and the other one not so, neither is. */
static void deny_pairs(struct fact_judge *judge, const char *text, size_t length,
		       const struct evidence_context *context)
{
	for (size_t i = 0; i < judge->count; i++) {
		size_t time = judge->asked[i] ? fact_when_of(judge, text, length, i) : judge->count;

		if (time < judge->count && judge->found[i] != judge->found[time] &&
		    !fact_when_is_true(judge, i, time, context, !judge->found[i]))
			judge->denied[judge->found[i] ? i : time] = true;
	}
}

static void judge_prose(struct fact_judge *judge, const char *text, size_t length,
			struct evidence_context *context)
{
	context->any_time = judge_given(judge, text, length, context);
	judge_figures(judge, text, length, 0, judge->count, context);
	judge_relative(judge, text, length, context);
	judge_others(judge, text, length, context);
	deny_pairs(judge, text, length, context);
	fact_change(judge, text, length);
	fact_cite(judge, text, length, context);
	fact_row(judge, text, length);
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

static void read_head(struct fact_judge_head *head, const char *text, size_t length)
{
	evidence_words_read(&head->words, text, length);
	head->statistics = evidence_words_statistics(text, length);
	head->role = fact_role_named(text, length);
}

/* "worst", "usual": what the heading of a cell asks for. */
static void tell_head(struct fact_judge *judge, size_t column, size_t first, size_t last,
		      struct evidence_context *cell)
{
	if (column >= judge->head_count)
		return;
	cell->statistics = judge->heads[column].statistics;
	for (size_t i = first; i < last; i++)
		judge->facts[i].role = judge->heads[column].role;
}

/* The one time of a row is that of its values, of one of them at least. */
static void deny_row(struct fact_judge *judge, const char *text, size_t length, const struct evidence_context *context)
{
	size_t time = judge->count;
	bool denied = false;

	for (size_t i = 0; i < judge->count; i++) {
		if (judge->facts[i].kind != FACT_TIME || judge->facts[i].clock_s < 0)
			continue;
		if (time < judge->count)
			return;
		time = i;
	}
	for (size_t i = 0; i < judge->count && time < judge->count; i++) {
		if (judge->facts[i].kind != FACT_FIGURE || judge->facts[i].role != FACT_ROLE_VALUE ||
		    !judge->asked[i] || !judge->found[i] || judge->facts[i].change)
			continue;
		denied = fact_when_is_denied(judge, text, length, i, time, context);
		if (!denied)
			return;
	}
	if (denied)
		judge->denied[time] = true;
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
			read_head(&judge->heads[i], text + begins[i], ends[i] - begins[i]);
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
			words = judge->heads[c].words;
		tell_head(judge, c, first, last, &cell);
		if (c > 0 && cell.statistics == 0) /* "CPU, max" */
			cell.statistics = evidence_words_statistics(text + begins[0], ends[0] - begins[0]);
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
	deny_row(judge, text, length, context);
	judge_others(judge, text, length, context);
}

void fact_judge_sentence(struct fact_judge *judge, const char *text, size_t length, struct fact_edits *edits,
			 struct fact_check_counts *counts)
{
	struct evidence_words words;
	struct evidence_context context = { 0 };

	read_sentence(judge, text, length);
	evidence_resolve(judge->evidence);
	evidence_words_read(&words, text, length);
	evidence_subject_find(judge->evidence, &words, &words, &context.named);
	fact_clause_add(judge, text, length, &words, &context.named);
	/* "The limit of 2 s was exceeded by 3.06 s": what has that limit. */
	for (size_t i = 0; i < judge->count && context.named.count == 0 && judge->named.count == 0; i++)
		if (judge->facts[i].kind == FACT_FIGURE && judge->facts[i].role == FACT_ROLE_LIMIT)
			evidence_of_limit(judge->evidence, &judge->facts[i], &context.named);
	fact_bound(judge, text, length, context.named.count > 0);
	judge->before = judge->named;
	if (context.named.count > 0)
		judge->named = context.named;
	context.named = judge->named;
	context.statistics = evidence_words_statistics(text, length);
	set_times(judge, text, length, &context);
	context.words = &words;
	context.most_shared = evidence_most_shared(judge->evidence, &words, &context.best_group);
	context.facts = judge->facts;
	context.fact_count = judge->count;
	context.of_steps = fact_lasting_tells_steps(text, length);
	if (text[strspn(text, " \t")] == '|') {
		judge_row(judge, text, length, &context);
	} else {
		judge->in_table = false;
		judge->head_count = 0;
		judge_prose(judge, text, length, &context);
	}
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];

		judge->found[i] = judge->found[i] && !judge->denied[i];
		counts->checked += judge->asked[i] ? 1 : 0;
		if (judge->asked[i] && !judge->found[i]) {
			counts->marked++;
			fact_edits_add(edits,
				       (struct fact_edit) { fact->from, fact->mark, 0, FACT_CHECK_MARK });
		}
		if (judge->found[i] && judge->asked[i] && fact->kind == FACT_FIGURE && !fact->change)
			pool_add(&judge->pool, fact_derive_value(fact));
	}
	remember_times(judge);
	/* "The cluster is fine now. Pending pods: 1. Restarts: 0." */
	judge->is_now = judge->count == 0 ? evidence_words_statistics(text, length) == EVIDENCE_LAST
					  : judge->is_now && memchr(text, ':', length) != NULL;
}
