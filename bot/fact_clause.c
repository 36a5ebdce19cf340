/* A sentence in its clauses: which subjects and statistics are meant of a figure is told by its own clause
 * first. */
#include <stdlib.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define LEAD_MAX 40    /* bytes of "Right now," */
#define CLAUSE_MAX 160 /* bytes to either side of a figure that may ask for something */

/* Whether a clause ends there: at a comma and the like, or at a word that begins another one. */
static bool is_clause_end(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "where",    "while",    "whereas", "and",      "but",    "when", "während",
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
void fact_clause_of(const struct fact_cursor *cursor, size_t *from, size_t *to)
{
	while (*from > 0 && !is_clause_end(cursor, *from - 1))
		(*from)--;
	while (*to < cursor->length && !is_clause_end(cursor, *to))
		(*to)++;
}

/* "Between 53 and 71 entries" asks the same of both. */
static bool ends_between(const struct fact_judge *judge, const struct fact_cursor *cursor, const struct fact *fact)
{
	const struct fact *first = fact - 1;
	size_t length, word, at;

	if (fact == judge->facts || first->kind != fact->kind)
		return false;
	word = fact_word_before(cursor, first->from, &length);
	at = fact_skip_space(cursor, first->to);
	return length > 0 && fact_stands(cursor, word, "between", true) && fact_stands(cursor, at, "and", true) &&
	       fact_skip_space(cursor, at + 3) == fact->from;
}

/* "From 486 ms to a maximum of 4.37 s": what stands behind "to" is the other one's. */
static size_t end_of_own(const struct fact_judge *judge, const struct fact_cursor *cursor, const struct fact *fact,
			 size_t to)
{
	const struct fact *next = fact + 1;
	size_t at = fact_skip_space(cursor, fact->to);

	return next < judge->facts + judge->count && next->kind == fact->kind && next->to <= to &&
		       fact_stands(cursor, at, "to", true)
		   ? fact->to
		   : to;
}

static bool leaves_out(const char *text, size_t length)
{
	static const char *const words[] = { "apart from", "aside from", "except", "excluding", "besides", "other than",
					     "but for",    "outside of", NULL };
	struct fact_cursor cursor = { text, length, 0 };

	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; words[i] != NULL; i++)
			if ((at == 0 || text[at - 1] == ' ') && fact_stands(&cursor, at, words[i], true))
				return true;
	return false;
}

/* "Now: success rate 98.8 %, p99 608 ms", "Right now, 27 workers are active and 80 jobs were done": what the begin of a
 * sentence says before it tells anything is said of all. */
static unsigned lead_statistics(const struct fact_judge *judge, const char *text, size_t to)
{
	size_t end = strcspn(text, ",:.;(");

	if (end >= to || end > LEAD_MAX || (judge->count > 0 && judge->facts[0].from < end))
		return 0;
	return evidence_words_statistics(text, end) & EVIDENCE_LAST;
}

/* What a figure's own clause asks for ("mean 361 ms, at the end 141 ms"); the sentence's where it has one
 * figure. */
unsigned fact_clause_statistics(const struct fact_judge *judge, const char *text, size_t length,
				const struct fact *fact, unsigned whole)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = fact->from, to = fact->to, levels = 0;
	unsigned own;

	if (ends_between(judge, &cursor, fact))
		return EVIDENCE_LEAST | EVIDENCE_GREATEST;
	fact_clause_of(&cursor, &from, &to);
	to = end_of_own(judge, &cursor, fact, to);
	from = fact->from - from > CLAUSE_MAX ? fact->from - CLAUSE_MAX : from;
	to = to - fact->to > CLAUSE_MAX ? fact->to + CLAUSE_MAX : to;
	own = evidence_words_statistics(text + from, to - from);
	if (own == 0 && from > 1 && text[from - 1] == '(') { /* "a gap in peak memory (32.4 GB vs 17.6 GB)" */
		size_t before = from - 1, end = from - 1;

		fact_clause_of(&cursor, &before, &end);
		own = evidence_words_statistics(text + before, from - 1 - before);
	}
	if (own == 0)
		own = lead_statistics(judge, text, from);
	if (own == 0 && judge->is_now && memchr(text, ':', from) != NULL)
		own = EVIDENCE_LAST; /* "Pending pods: 1." */
	for (size_t i = 0; i < judge->count; i++)
		levels += judge->facts[i].kind == FACT_FIGURE || judge->facts[i].kind == FACT_TIMES ? 1 : 0;
	own = own != 0 || levels > 1 ? own : whole;
	/* "Apart from 14:25, it never exceeded 1.28 %" */
	if ((own & (EVIDENCE_GREATEST | EVIDENCE_LEAST)) != 0 && leaves_out(text, length))
		own |= EVIDENCE_RUNNERS;
	return own;
}

bool fact_clause_is_of_name(const struct fact_judge *judge, const struct evidence_context *context, const char *words)
{
	struct evidence_words known;

	evidence_words_read(&known, words, strlen(words));
	for (size_t i = 0; i < context->named.count; i++) {
		const struct evidence_subject *subject = &judge->evidence->subjects[context->named.subjects[i]];

		for (size_t j = 0; j < subject->count && subject->has_line; j++)
			if (evidence_words_have(&known, subject->words[j]))
				return true;
	}
	return false;
}

bool fact_clause_has_time(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = fact->from, to = fact->to;

	fact_clause_of(&cursor, &from, &to);
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_TIME && judge->facts[i].from >= from && judge->facts[i].to <= to)
			return true;
	return false;
}

/* But its figures, which may look like codes. */
void fact_clause_words(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
		       struct evidence_words *words)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = fact->from, to = fact->to;
	char *plain;

	fact_clause_of(&cursor, &from, &to);
	plain = mem_copy_bytes(text + from, to - from);
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *other = &judge->facts[i];

		if ((other->kind == FACT_FIGURE || other->kind == FACT_TIMES) && other->from >= from &&
		    other->digits_to <= to && other->digits_to > other->from && !fact_given_is_code(judge, text, other))
			memset(plain + (other->from - from), ' ', other->digits_to - other->from);
	}
	evidence_words_read(words, plain, to - from);
	free(plain);
}

/* "40 workers finished 25 jobs": of what the clause names, what the word behind the figure tells. */
static void narrow_by_noun(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			   struct evidence_context *context)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t at = fact_skip_space(&cursor, fact->to), size = fact_word_length(&cursor, at);
	struct evidence_named own = { .count = 0 };
	struct evidence_words noun;

	evidence_words_read(&noun, text + at, size);
	if (fact->kind != FACT_FIGURE || fact->unit != FACT_PLAIN || fact->change || noun.count != 1)
		return;
	for (size_t i = 0; i < context->named.count; i++) {
		const struct evidence_subject *s = &judge->evidence->subjects[context->named.subjects[i]];

		for (size_t j = 0; j < s->count && s->has_line; j++)
			if (s->words[j] == noun.words[0])
				own.subjects[own.count++] = context->named.subjects[i];
	}
	if (own.count > 0 && own.count < context->named.count)
		context->named = own;
}

/* Several figures, each alone in brackets. */
static bool is_listed(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact)
{
	size_t count = 0;
	bool own = false;

	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *one = &judge->facts[i];

		if (one->kind != FACT_FIGURE || one->from == 0 || one->to == length || text[one->from - 1] != '(' ||
		    text[one->to] != ')')
			continue;
		count++;
		own = own || one == fact;
	}
	return own && count > 1;
}

static bool has_line_of(const struct evidence *evidence, const struct evidence_named *named, enum fact_unit unit)
{
	for (size_t i = 0; i < evidence->line_count && named->count > 0; i++)
		if (fact_judge_is_named(named, evidence->lines[i].subject) && evidence->lines[i].unit == unit)
			return true;
	return false;
}

/* "Runners of A rose to 120, where 67 to 78 are usual, and those of B to 80": what the nearest clause before it names,
 * no further back than a semicolon. */
static void name_before(const struct fact_judge *judge, const char *text, size_t from,
			const struct evidence_words *whole, struct evidence_named *named)
{
	struct fact_cursor cursor = { text, from, 0 };

	while (from > 0 && named->count == 0 && text[from - 1] != ';') {
		size_t end = --from, to = end;
		struct evidence_words words;

		fact_clause_of(&cursor, &from, &to);
		evidence_words_read(&words, text + from, end - from);
		evidence_subject_find(judge->evidence, &words, whole, named);
	}
}

/* The subjects of a figure's own clause, where one of them has values of its kind; else those of the sentence.
 */
void fact_clause_narrow(const struct fact_judge *judge, const char *text, size_t length,
			const struct fact *fact, struct evidence_context *context)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct evidence_words *whole = context->words;
	struct evidence_words words;
	struct evidence_named named;
	size_t from = fact->from, to = fact->to;

	fact_clause_of(&cursor, &from, &to);
	if (from == 0 && to == length) {
		narrow_by_noun(judge, text, length, fact, context);
		return;
	}
	evidence_words_read(&words, text + from, to - from);
	evidence_subject_find(judge->evidence, &words, whole, &named);
	if (named.count == 0 && is_listed(judge, text, length, fact)) { /* "geo p99 (300 ms), match time (60 s)" */
		size_t before = from - 1, end = from - 1;

		fact_clause_of(&cursor, &before, &end);
		evidence_words_read(&words, text + before, from - 1 - before);
		evidence_subject_find(judge->evidence, &words, whole, &named);
	}
	if (named.count == 0 && from > 0 && (fact->role != FACT_ROLE_VALUE || text[from - 1] == ','))
		name_before(judge, text, from, whole, &named);
	if (has_line_of(judge->evidence, &named, fact->unit)) {
		context->named = named;
		narrow_by_noun(judge, text, length, fact, context);
	}
}

/* Each clause names its own: of two that are called alike the second would else be overlooked. */
void fact_clause_add(const struct fact_judge *judge, const char *text, size_t length,
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
			for (size_t i = 0; i < more.count && more.count > 1 && more.count <= 4; i++)
				if (fact_judge_is_named(named, more.subjects[i]) && named->count > 0)
					more.count = 0; /* "restore wait", of the tier that is named besides */
			for (size_t i = 0; i < more.count && more.count <= 4; i++)
				if (!fact_judge_is_named(named, more.subjects[i]) &&
				    named->count < EVIDENCE_NAMED_MAX)
					named->subjects[named->count++] = more.subjects[i];
		}
		from = to;
	}
}

struct fact_clause fact_clause_around(const struct fact_judge *judge, const char *text, size_t length,
				      size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	struct fact_clause clause = { judge->facts[index].from, judge->facts[index].to, false, 0, 0, 0 };

	fact_clause_of(&cursor, &clause.from, &clause.to);
	clause.has_role = fact_role_named(text + clause.from, clause.to - clause.from) != FACT_ROLE_VALUE;
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];

		if (i == index || fact->kind != FACT_FIGURE || !judge->asked[i] || fact->from < clause.from ||
		    fact->to > clause.to)
			continue;
		clause.before += i < index ? 1 : 0;
		clause.behind += i > index ? 1 : 0;
		clause.reference = i;
	}
	return clause;
}

/* "..., so 37 % of the usual", "..., which is 41 % more", "..., i.e. 2.7 times the limit" */
bool fact_clause_concludes(const char *text, size_t length, const struct fact *claim)
{
	static const char *const words[] = { "so", "which",  "i",    "that", "thus", "hence",
					     "or", "making", "also", "donc", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = claim->from, to = claim->to, at;

	fact_clause_of(&cursor, &from, &to);
	at = fact_skip_space(&cursor, from);
	return from > 0 && fact_word_is(&cursor, at, fact_word_length(&cursor, at), words);
}
