/* Whether the data has a figure as it stands: in a text, or as a value or a statistic of a series. */
#include <math.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define CODE_LEAST 3 /* digits */
#define NOUN_WORDS 3  /* of what is counted */
#define TEXT_LEAST 1000 /* so great a figure is in a text by no chance */
#define ROWS_LOOKED 100
#define SMALL 10 /* "3 things": up to this a number alone claims nothing */

static bool lines_have(const struct fact_judge *judge, const struct fact *claim,
		       const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0; i < evidence->line_count; i++)
		if (fact_judge_is_named(&context->named, evidence->lines[i].subject) &&
		    evidence_line_match(evidence, &evidence->lines[i], claim, context) != EVIDENCE_NONE)
			return true;
	return false;
}

/* What is said to be usual, or a limit, is held against what the data calls so, where it does. */
static bool role_is_given(const struct fact_judge *judge, const struct fact *claim,
			  const struct evidence_context *context, bool *decided)
{
	struct evidence_context usual = *context;
	bool known;

	*decided = false;
	if (claim->kind != FACT_FIGURE || claim->change || claim->role == FACT_ROLE_VALUE)
		return false;
	if (evidence_role_match(judge->evidence, claim, context, &known))
		return *decided = true;
	*decided = known;
	if (claim->role != FACT_ROLE_USUAL)
		return false;
	usual.statistics = EVIDENCE_MEDIAN | (known ? 0 : EVIDENCE_MEAN);
	return lines_have(judge, claim, &usual);
}

/* "Has been waiting for 31 min": how old something is, rather than how long it was so. */
static bool is_waiting(const struct evidence_context *context)
{
	struct evidence_words words;
	static const char waits[] = "wait age old lag delay oldest";

	evidence_words_read(&words, waits, sizeof(waits) - 1);
	for (size_t i = 0; i < words.count && context->clause != NULL; i++)
		if (evidence_words_have(context->clause, words.words[i]))
			return true;
	return false;
}

/* "The oldest message was 90 min old": of a metric that is a time itself. */
static bool is_of_metric(const struct fact_judge *judge, const struct fact *claim,
			 const struct evidence_context *context)
{
	for (size_t i = 0; i < context->named.count; i++)
		if ((judge->evidence->subjects[context->named.subjects[i]].units & 1u << claim->unit) != 0)
			return !fact_stretch_is(claim) || !claim->spans || is_waiting(context);
	return false;
}

static bool figure_is_given(const struct fact_judge *judge, const struct fact *claim,
			    const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	enum evidence_match match;
	bool decided;

	if (claim->tallies)
		return evidence_tally_match(evidence, claim, context);
	if (role_is_given(judge, claim, context, &decided))
		return true;
	if (decided)
		return false;
	match = evidence_figure_match(evidence, claim, context);
	if (fact_stretch_is_between(claim, context) && !is_of_metric(judge, claim, context)) {
		struct evidence_context beside = *context;
		bool told = false;

		beside.time_count = 1;
		for (size_t i = 0; i < context->time_count && !told; i++) {
			beside.times = &context->times[i];
			told = evidence_figure_has_times(evidence, claim, &beside);
		}
		return told;
	}
	if (match != EVIDENCE_NONE)
		return true;
	if (claim->kind == FACT_TIMES)
		return false;
	if (claim->change || evidence_words_decide(context) || evidence_record_is_meant(evidence, context->clause))
		return false;
	return lines_have(judge, claim, context);
}

/* A status code and the like, by which something of the data is called: "502", "504s". */
bool fact_given_is_code(const struct fact_judge *judge, const char *text, const struct fact *fact)
{
	size_t digits = fact->digits_to - fact->from;

	if (fact->kind != FACT_FIGURE || fact->change || digits < CODE_LEAST ||
	    !(fact->to == fact->digits_to || (fact->to == fact->digits_to + 1 && text[fact->digits_to] == 's')))
		return false;
	for (size_t at = fact->from; at < fact->digits_to; at++)
		if (!fact_is_digit(text[at]))
			return false;
	return evidence_names_have(judge->evidence, text + fact->from, digits);
}

/* "nine times out of ten", "every one of the 14" */
static bool is_figure_of_speech(const char *text, size_t length, const struct fact *fact)
{
	struct fact_cursor cursor = { text, length, 0 };

	return fact->word && fact->kind == FACT_TIMES && !fact->loose &&
	       fact_stands(&cursor, fact_skip_space(&cursor, fact->to), "out of", true);
}

/* "5 active servers", where a series is called so. */
static bool counts_named(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			 const struct evidence_context *context)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = fact_skip_space(&cursor, fact->to), to = from;
	struct evidence_words noun;

	for (int i = 0; i < NOUN_WORDS && fact_counts(&cursor, fact_skip_space(&cursor, to)); i++) {
		to = fact_skip_space(&cursor, to);
		to += fact_word_length(&cursor, to);
	}
	evidence_words_read(&noun, text + from, to - from);
	for (size_t i = 0; i < context->named.count && context->named.count < EVIDENCE_NAMED_MAX; i++) {
		const struct evidence_subject *s = &judge->evidence->subjects[context->named.subjects[i]];
		size_t shared = 0;

		for (size_t j = 0; j < s->count; j++)
			shared += evidence_words_have(&noun, s->words[j]) ? 1 : 0;
		if (s->has_line && s->units == 1u << FACT_PLAIN && shared > 0 &&
		    (shared == s->count || (shared > 1 && shared == noun.count)))
			return true;
	}
	return false;
}

/* "5 errors for `search-svc-5d8f7c-9kk2p`": of a row that is called so. */
static bool counts_row(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact)
{
	const struct evidence *evidence = judge->evidence;
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = fact->from, to = fact->to;

	fact_clause_of(&cursor, &from, &to);
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *name = &judge->facts[i];
		struct evidence_words words;

		if (name->kind != FACT_NAME || name->from < from || name->to > to)
			continue;
		evidence_words_read(&words, text + name->from, name->to - name->from);
		for (size_t j = 0, looked = 0; j < evidence->source_count && looked < ROWS_LOOKED; j++) {
			if (!evidence->sources[j].is_record)
				continue;
			looked++;
			if (words.count > 1 && evidence_shared_words(evidence, j, &words) == words.count)
				return true;
		}
	}
	return false;
}

/* "Version 7": of what is called "kuromoji-v7". */
static bool is_version(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact)
{
	const struct evidence_name_set *names = &judge->evidence->names;
	struct fact_cursor cursor = { text, length, 0 };
	size_t size, digits = fact->digits_to - fact->from, at = fact_word_before(&cursor, fact->from, &size);

	for (size_t i = 0; i < names->capacity && size > 0 && fact_stands(&cursor, at, "version", true); i++) {
		size_t known = names->names[i] == NULL ? 0 : strlen(names->names[i]);

		if (known > digits && names->names[i][known - digits - 1] == 'v' &&
		    memcmp(names->names[i] + known - digits, text + fact->from, digits) == 0)
			return true;
	}
	return false;
}

/* "two things", "3 steps": nothing of the data is claimed. */
bool fact_given_is_idle(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			const struct evidence_context *context)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t next;

	if (fact_given_is_code(judge, text, fact) || is_figure_of_speech(text, length, fact) ||
	    is_version(judge, text, length, fact))
		return true;
	if (fact->kind != FACT_FIGURE || fact->unit != FACT_PLAIN || fact->rate)
		return false;
	if (fact->word && fact->change && fact->readings[0].value <= 1) /* "one more thing" */
		return true;
	if (fact->change)
		return false;
	if (fact->word)
		return true;
	next = fact_skip_space(&cursor, fact->to);
	if (fact->tallies || evidence_record_is_meant(judge->evidence, context->clause))
		return false;
	if (fact->readings[0].half < 0.5 || fabs(fact->readings[0].value) > SMALL)
		return false;
	if (counts_named(judge, text, length, fact, context) || counts_row(judge, text, length, fact))
		return false;
	if (fact_counts(&cursor, next))
		return !evidence_counts(judge->evidence, text + next, fact_word_length(&cursor, next));
	return context->named.count == 0;
}

/* Every subject that is called like one of these, and has values of the unit. */
static void add_related(const struct evidence *evidence, const struct evidence_named *to, enum fact_unit unit,
			struct evidence_named *named)
{
	for (size_t i = 0; i < evidence->subject_count; i++)
		for (size_t j = 0; j < to->count; j++)
			if ((evidence->subjects[i].units & 1u << unit) != 0 &&
			    named->count < EVIDENCE_NAMED_MAX &&
			    evidence_are_related(evidence, i, to->subjects[j]) &&
			    !(named->count > 0 && fact_judge_is_named(named, i)))
				named->subjects[named->count++] = (uint16_t)i;
}

static bool is_given_of(const struct fact_judge *judge, const struct fact *fact, struct evidence_context *other,
			struct evidence_named *named)
{
	if (other->named.count == 0 || !figure_is_given(judge, fact, other))
		return false;
	for (size_t i = 0; i < other->named.count && named->count < EVIDENCE_NAMED_MAX; i++)
		if (!fact_judge_is_named(named, other->named.subjects[i]))
			named->subjects[named->count++] = other->named.subjects[i];
	return true;
}

/* "The backlog peaked at 23,489 messages": where what is named first has no values of that kind (the age of the
 * oldest message), what has them is meant: by its words, or because it was spoken of before, or is called
 * alike. */
static bool other_kind_is_given(const struct fact_judge *judge, const struct fact *fact,
				const struct evidence_context *context, struct evidence_named *named)
{
	struct evidence_context other = *context;

	if (fact->kind != FACT_FIGURE || fact->change || fact->duration || context->named.count == 0 ||
	    is_of_metric(judge, fact, context))
		return false;
	evidence_subject_find_of(judge->evidence, context->words, fact->unit, &other.named);
	if (is_given_of(judge, fact, &other, named))
		return true;
	other.named = judge->before;
	if (is_given_of(judge, fact, &other, named))
		return true;
	if (fact->unit != FACT_PLAIN)
		return false;
	other.named.count = 0;
	add_related(judge->evidence, &context->named, fact->unit, &other.named);
	return is_given_of(judge, fact, &other, named);
}

/* "per 5 min", "each 5-minute bucket": how long the data's buckets are. */
static bool is_bucket(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact)
{
	static const char *const before[] = { "per",     "every", "each",   "in",    "pro",     "je",  "par",
					      "por",     "cada",  "within", "worst", "one",     "any", "single",
					      "busiest", "last",  "first",  "next",  "slowest", NULL };
	static const char *const behind[] = { "bucket",  "buckets",    "interval", "intervals", "period",
					      "periods", "average",    "averages", "window",    "windows",
					      "steps",   "resolution", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t words, begin = fact_word_before(&cursor, fact->from, &words);
	size_t next = fact_skip_space(&cursor, fact->to);
	/* The briefing's tables have wider ones. */
	bool is_each = !fact_stands(&cursor, begin, "in", true) && !fact_stands(&cursor, begin, "within", true);

	if (words > 0 && fact_stands(&cursor, begin, "the", true)) /* "in the ten minutes from 19:00 on" */
		begin = fact_word_before(&cursor, begin, &words);
	if (fact->kind != FACT_FIGURE || !fact->duration ||
	    (!(words > 0 && fact_word_is(&cursor, begin, words, before)) &&
	     !fact_word_is(&cursor, next, fact_word_length(&cursor, next), behind)))
		return false;
	for (size_t i = 0; i < judge->evidence->line_count; i++)
		if ((!judge->evidence->lines[i].coarse || is_each) &&
		    fabs(fact->readings[0].value - (double)judge->evidence->lines[i].step_s) < 0.5)
			return true;
	return false;
}

/* "203.0.113.77 sent 8,840 requests": a sentence of the data about what has a name, and no series, although its clause
 * names a series, too. */
static bool is_beside_name(const struct fact_judge *judge, const struct fact *fact,
			   const struct evidence_context *context, const struct evidence_named *named)
{
	struct evidence_context other = *context;

	other.named.count = 0;
	other.beside_name = true;
	for (size_t i = 0; i < named->count; i++)
		if (!judge->evidence->subjects[named->subjects[i]].has_line)
			other.named.subjects[other.named.count++] = named->subjects[i];
	return fact->kind == FACT_FIGURE && other.named.count > 0 && !fact->tallies &&
	       evidence_figure_match(judge->evidence, fact, &other) != EVIDENCE_NONE;
}

/* "466 unfulfilled of 1,892 requests at 20:55": its value right then, of what the sentence names besides, named before,
 * or what is called alike. */
static bool is_then_of_other(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			     const struct evidence_context *context, const struct evidence_named *named)
{
	struct evidence_context other = *context;
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = fact->from, to = fact->to;

	if (fact->kind != FACT_FIGURE || fact->change || fact->duration || fact->role != FACT_ROLE_VALUE ||
	    context->statistics != 0 || !context->own_times || context->named.count == 0)
		return false;
	fact_clause_of(&cursor, &from, &to);
	/* What the clause names has its figure already. */
	if (fact == judge->facts || (fact - 1)->kind != FACT_FIGURE || (fact - 1)->from < from ||
	    (fact - 1)->unit != fact->unit || !judge->found[fact - 1 - judge->facts])
		return false;
	other.time_count = 0;
	for (size_t i = 0; i < context->time_count; i++)
		if (context->times[i].relation == FACT_AT && context->times[i].from >= from &&
		    context->times[i].to <= to) {
			other.times = &context->times[i];
			other.time_count = 1;
		}
	other.named = *named;
	for (size_t i = 0; i < judge->before.count && other.named.count < EVIDENCE_NAMED_MAX; i++)
		other.named.subjects[other.named.count++] = judge->before.subjects[i];
	add_related(judge->evidence, &context->named, fact->unit, &other.named);
	for (size_t i = 0; i < judge->evidence->line_count && other.time_count > 0; i++)
		if (fact_judge_is_named(&other.named, judge->evidence->lines[i].subject) &&
		    judge->evidence->lines[i].unit == fact->unit &&
		    evidence_line_match(judge->evidence, &judge->evidence->lines[i], fact, &other) ==
			EVIDENCE_FOUND_THEN)
			return true;
	return false;
}

/* "That is 9 more than the usual 71, which fits a backlog": what is named behind it only is not meant yet. */
static bool is_of_before(const struct fact_judge *judge, const char *text, const struct fact *fact,
			 const struct evidence_context *context)
{
	struct evidence_context before = *context;
	struct evidence_words words;
	bool decided;

	evidence_words_read(&words, text, fact->to);
	evidence_subject_find(judge->evidence, &words, &words, &before.named);
	if (before.named.count > 0 || judge->before.count == 0)
		return false;
	before.named = judge->before;
	return role_is_given(judge, fact, &before, &decided);
}

/* "92.4 to 94.8 %", "between 36 and 57.2": of the second one the first; else the fact itself. */
static const struct fact *begin_of_range(const struct fact_judge *judge, const struct fact_cursor *cursor,
					 const struct fact *fact)
{
	size_t at = fact == judge->facts ? 0 : fact_skip_space(cursor, (fact - 1)->to),
	       size = fact_word_length(cursor, at);
	static const char *const joins[] = { "to", "and", NULL };

	return fact > judge->facts && (fact - 1)->kind == FACT_FIGURE && (fact - 1)->unit == fact->unit &&
		       fact_word_is(cursor, at, size, joins) && fact_skip_space(cursor, at + size) == fact->from
		   ? fact - 1
		   : fact;
}

/* "It stays between 36 and 57.2": what it does all the time is what is usual. */
static bool is_habit(const struct fact_cursor *cursor, size_t between)
{
	static const char *const words[] = { "stays", "lies", "keeps", "ranges", "varies", "moves", "hovers", NULL };
	size_t size, at = fact_word_before(cursor, between, &size);

	return fact_stands(cursor, between, "between", true) && fact_word_is(cursor, at, size, words);
}

/* "161 instead of 202", "4,369 ms vs. 487 ms": what a value is held against is what is usual, if nothing else. */
static bool is_held_against(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			    const struct evidence_context *context)
{
	static const char *const words[] = { "of", "vs", "versus", "against", "to", "with", "than", NULL };
	static const char *const before[] = { "instead", "vs", "compared", "versus", "against", "rather", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	struct evidence_context usual = *context;
	struct fact claim = *fact;
	size_t first = begin_of_range(judge, &cursor, fact)->from, size, at = first;
	bool decided, held = false;

	if (at > 2 && text[at - 1] == ' ' && text[at - 2] == '.') /* "vs. 487 ms" */
		at -= 2;
	at = at < first && at >= 2 ? at - 2 : fact_word_before(&cursor, at, &size);
	held = is_habit(&cursor, at);
	if (at + 2 <= first && fact_word_is(&cursor, at, fact_word_length(&cursor, at), words)) {
		held = held || fact_word_is(&cursor, at, fact_word_length(&cursor, at), before);
		at = fact_word_before(&cursor, at, &size);
		held = held || (size > 0 && fact_word_is(&cursor, at, size, before));
	}
	claim.role = FACT_ROLE_USUAL;
	usual.statistics = 0;
	return held && fact->kind == FACT_FIGURE && fact->role == FACT_ROLE_VALUE && !fact->change &&
	       role_is_given(judge, &claim, &usual, &decided);
}

/* Whether its own words name a series; else it is about one only because the sentence before it is. */
static bool names_line(const struct evidence *evidence, size_t source)
{
	const struct evidence_source *s = &evidence->sources[source];

	for (size_t i = 0; i < s->named.count; i++) {
		const struct evidence_subject *subject = &evidence->subjects[s->named.subjects[i]];
		struct evidence_words words = { .count = 0 };

		for (size_t j = 0; j < subject->count && subject->has_line && j < EVIDENCE_WORDS_MAX; j++)
			words.words[words.count++] = subject->words[j];
		if (evidence_shared_words(evidence, source, &words) > 0)
			return true;
	}
	return false;
}

/* "It sent 8,840 requests": word for word what a text says that is about no series. */
static bool is_of_text(const struct fact_judge *judge, const struct fact *fact, const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;

	if (fact->kind != FACT_FIGURE || fact->unit != FACT_PLAIN || fact->readings[0].value < TEXT_LEAST ||
	    fact->factor != 1 || fact->readings[0].half != 0.5 || fact->change || context->words == NULL)
		return false;
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->value == fact->readings[0].value && f->source != EVIDENCE_NO_SOURCE && f->unit == FACT_PLAIN &&
		    !evidence->sources[f->source].is_record && f->statistics == 0 && !names_line(evidence, f->source) &&
		    evidence_shared_words(evidence, f->source, context->words) > 0)
			return true;
	}
	return false;
}

/* Whether the data has it as it stands. */
bool fact_given(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
		const struct evidence_context *context, struct evidence_named *named)
{
	if (fact->tallies)
		return figure_is_given(judge, fact, context);
	return figure_is_given(judge, fact, context) ||
	       other_kind_is_given(judge, fact, context, named) ||
	       is_of_before(judge, text, fact, context) ||
	       is_then_of_other(judge, text, length, fact, context, named) ||
	       is_beside_name(judge, fact, context, named) || is_bucket(judge, text, length, fact) ||
	       is_held_against(judge, text, length, fact, context) || is_of_text(judge, fact, context);
}
