/* "(F3)": what a sentence tells before it cites a finding is of that finding. A name of which that tells nothing, or a
 * time that is another one's, does not belong there. */
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define CITED_MAX 8

struct cited {
	int findings[CITED_MAX];
	size_t count;
	size_t from, to; /* bytes: what is told of them */
	struct evidence_named named; /* of what they tell */
};

static bool is_of(const struct cited *cited, const struct evidence_source *source)
{
	for (size_t i = 0; i < cited->count; i++)
		if (source->finding == cited->findings[i])
			return true;
	return false;
}

/* The findings of one bracket, from the id at `index` on; returns the fact behind them. */
static size_t read_bracket(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			   struct cited *cited)
{
	size_t end = judge->facts[index].from;

	while (end < length && text[end] != ')')
		end++;
	cited->count = 0;
	for (; index < judge->count && judge->facts[index].from < end; index++) {
		const struct fact *fact = &judge->facts[index];
		int finding = fact->kind == FACT_NAME && judge->found[index] ? fact_name_finding(text, fact) : 0;

		if (finding > 0 && cited->count < CITED_MAX)
			cited->findings[cited->count++] = finding;
	}
	return index;
}

/* What the cited ones name; false: one of them is not known by what it tells, or names nothing. */
static bool find_named(const struct evidence *evidence, struct cited *cited)
{
	size_t known = 0;

	cited->named.count = 0;
	for (size_t i = 0; i < evidence->source_count; i++) {
		const struct evidence_source *source = &evidence->sources[i];

		if (!is_of(cited, source))
			continue;
		known++;
		for (size_t j = 0; j < source->named.count && cited->named.count < EVIDENCE_NAMED_MAX; j++)
			if (cited->named.count == 0 || !fact_judge_is_named(&cited->named, source->named.subjects[j]))
				cited->named.subjects[cited->named.count++] = source->named.subjects[j];
	}
	return known >= cited->count && cited->named.count > 0;
}

/* Whether the words have one by which what is cited is called. */
static bool has_word(const struct evidence *evidence, const struct cited *cited, const struct evidence_words *words)
{
	for (size_t i = 0; i < evidence->source_count; i++)
		if (is_of(cited, &evidence->sources[i]) && evidence_shared_words(evidence, i, words) > 0)
			return true;
	return false;
}

/* Names something with values, and nothing of what is cited. */
static bool names_other(const struct evidence *evidence, const struct cited *cited, const char *text, size_t length)
{
	struct evidence_named named;
	struct evidence_words words;
	bool has_line = false;

	evidence_words_read(&words, text, length);
	evidence_subject_find(evidence, &words, &words, &named);
	for (size_t i = 0; i < named.count; i++)
		has_line = has_line || evidence->subjects[named.subjects[i]].has_line;
	return has_line && !evidence_shares(&named, &cited->named) && !has_word(evidence, cited, &words);
}

static bool is_told(const struct evidence *evidence, const struct cited *cited, const struct fact *time)
{
	for (size_t i = 0; i < evidence->source_count; i++)
		if ((is_of(cited, &evidence->sources[i]) || evidence->sources[i].event != NULL) &&
		    evidence_source_has_time(evidence, i, time))
			return true;
	return false;
}

/* Whether a figure is true then, of the time's clause or, where that has none, of what is told of the cited ones. */
static bool is_of_figure(const struct fact_judge *judge, const struct cited *cited, size_t from, size_t to,
			 size_t index, const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	struct evidence_context then = *context;
	size_t own = 0;

	then.times = &judge->facts[index];
	then.time_count = 1;
	for (size_t j = 0; j < judge->count; j++)
		own += judge->facts[j].kind == FACT_FIGURE && judge->facts[j].from >= from && judge->facts[j].to <= to
			   ? 1
			   : 0;
	if (own == 0) {
		from = cited->from;
		to = cited->to;
	}
	for (size_t j = 0; j < judge->count; j++) {
		const struct fact *figure = &judge->facts[j];

		if (figure->kind != FACT_FIGURE || !judge->found[j] || figure->from < from || figure->to > to)
			continue;
		for (size_t i = 0; i < evidence->line_count; i++)
			if (fact_judge_is_named(&context->named, evidence->lines[i].subject) &&
			    evidence_line_supports(evidence, &evidence->lines[i], figure, &then, 0))
				return true;
	}
	return false;
}

/* A time is the finding's, an event's, that of a figure or a turn of what the finding is about. */
static void judge_time(struct fact_judge *judge, const char *text, size_t length, const struct cited *cited,
		       size_t index, const struct evidence_context *sentence)
{
	struct evidence_context context = *sentence;
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *time = &judge->facts[index];
	size_t from = time->from, to = time->to;

	if (time->kind != FACT_TIME || time->clock_s < 0 ||
	    fact_bound_is_measured(judge, index, false) ||
	    time->from < cited->from || time->to > cited->to)
		return;
	fact_clause_of(&cursor, &from, &to);
	context.named = cited->named;
	if (is_told(judge->evidence, cited, time) || names_other(judge->evidence, cited, text + from, to - from) ||
	    is_of_figure(judge, cited, from, to, index, &context) ||
	    fact_when_turns(judge, text, length, index, &context))
		return;
	judge->found[index] = false;
}

void fact_cite(struct fact_judge *judge, const char *text, size_t length, const struct evidence_context *context)
{
	struct cited cited = { .from = 0 };

	for (size_t i = 0; i < judge->count;) {
		const struct fact *id = &judge->facts[i];
		size_t next;

		if (id->kind != FACT_NAME || fact_name_finding(text, id) == 0 || id->from == 0 ||
		    text[id->from - 1] != '(') {
			i++;
			continue;
		}
		cited.to = id->from;
		next = read_bracket(judge, text, length, i, &cited);
		if (cited.count > 0 && find_named(judge->evidence, &cited)) {
			if (names_other(judge->evidence, &cited, text + cited.from, cited.to - cited.from))
				judge->found[i] = false;
			for (size_t j = 0; j < i; j++)
				judge_time(judge, text, length, &cited, j, context);
		}
		cited.from = next > 0 ? judge->facts[next - 1].to : cited.to;
		i = next;
	}
}
