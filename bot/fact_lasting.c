/* How long something took by the data's own begin and end, where no times of the sentence tell it: "reconnects over
 * their limit for 2 h 10 min", "4 h 45 min of cache misses", "in ALARM for 2 h 34 min". And a table's steps. */
#include <math.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

/* What the claim's own clause names; else what the sentence does. */
static void named_by_clause(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim,
			    const struct evidence_context *context, struct evidence_named *named)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = claim->from, to = claim->to;
	struct evidence_words words, whole;

	fact_clause_of(&cursor, &from, &to);
	evidence_words_read(&words, text + from, to - from);
	evidence_words_read(&whole, text, length);
	evidence_subject_find(judge->evidence, &words, &whole, named);
	if (named->count == 0)
		*named = context->named;
}

/* From the begin that a sentence of the data tells to its end; where it tells none, up to now. */
static bool source_takes(const struct evidence *evidence, const struct evidence_source *source,
			 const struct fact *claim)
{
	const struct evidence_moment *m;
	bool ends = false;

	if (source->moments == 0)
		return false;
	m = &evidence->moments[source->first_moment];
	for (size_t i = 0; i < source->moments; i++)
		ends = ends || m[i].role == EVIDENCE_END;
	for (size_t i = 0; i < source->moments; i++)
		for (size_t j = 0; j < source->moments && m[i].role == EVIDENCE_BEGIN && m[i].clock; j++) {
			int64_t end_s = ends ? m[j].at_s : evidence_last_s(evidence);

			if ((!ends || m[j].role == EVIDENCE_END) &&
			    fact_stretch_is_between_times(claim, m[i].at_s, end_s, m[i].dated && (!ends || m[j].dated)))
				return true;
		}
	return false;
}

/* "Reconnects for 2 h 10 min", "4 h 45 min of cache misses" */
static bool is_whole(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim,
		     const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	struct fact_cursor cursor = { text, length, 0 };
	size_t size, before = fact_word_before(&cursor, claim->from, &size),
		     behind = fact_skip_space(&cursor, claim->to);
	struct evidence_named named;

	if (!fact_stands(&cursor, behind, "of", true) &&
	    (!(size > 0 && fact_stands(&cursor, before, "for", true)) ||
	     fact_clause_has_time(judge, text, length, claim)))
		return false;
	named_by_clause(judge, text, length, claim, context, &named);
	for (size_t i = 0; i < evidence->source_count && named.count > 0; i++)
		if (evidence->sources[i].finding > 0 && evidence->sources[i].named.count > 0 &&
		    evidence_shares(&evidence->sources[i].named, &named) &&
		    source_takes(evidence, &evidence->sources[i], claim))
			return true;
	return false;
}

static bool is_change_of_state(const struct evidence_source *source)
{
	return source->event != NULL && source->moments > 0 && strstr(source->event, " -> ") != NULL;
}

/* "It was in ALARM for 2 h 34 min and fired again 3 h 9 min later": from one change of its state to the next. */
static bool is_between_states(const struct fact_judge *judge, const char *text, size_t length,
			      const struct fact *claim)
{
	static const char *const words[] = { "alarm", "fired", "fires", "cleared", "recovered", "OK", NULL };
	const struct evidence *evidence = judge->evidence;
	bool tells = fact_has_word(text, length, words);

	for (size_t i = 0; i + 1 < evidence->source_count && tells; i++) {
		const struct evidence_source *a = &evidence->sources[i], *b = a + 1;

		if (is_change_of_state(a) && is_change_of_state(b) && a->group == b->group &&
		    fact_stretch_is_between_times(claim, evidence->moments[a->first_moment].at_s,
						  evidence->moments[b->first_moment].at_s, true))
			return true;
	}
	return false;
}

bool fact_lasting_tells_steps(const char *text, size_t length)
{
	static const char *const steps[] = { "minute means", "minute averages", "hour means", "hour averages",
					     "means of",     "averages of",     NULL };
	struct fact_cursor cursor = { text, length, 0 };

	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; steps[i] != NULL && (at == 0 || !fact_is_letter(text[at - 1])); i++)
			if (fact_stands(&cursor, at, steps[i], true))
				return true;
	return false;
}

/* "The alarm needed 9 minutes after 11:00 to fire": from the time that stands with it to when a named alarm went. */
static bool is_until_alarm(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim,
			   const struct evidence_context *context)
{
	static const char *const words[] = { "alarm", "alarms", NULL };
	const struct evidence *evidence = judge->evidence;
	const struct fact *time = claim + 1, *end = judge->facts + judge->count;
	int64_t at_s;
	bool dated, clock;

	while (time < end && time->kind != FACT_TIME)
		time++;
	if (time == end || !fact_has_word(text, length, words) ||
	    !evidence_fact_time(evidence, time, &at_s, &dated, &clock) || !clock)
		return false;
	for (size_t i = 0; i < evidence->source_count; i++) {
		const struct evidence_source *source = &evidence->sources[i];
		const struct evidence_moment *m;

		if (source->event == NULL || source->moments == 0)
			continue;
		m = &evidence->moments[source->first_moment];
		if (m->role == EVIDENCE_BEGIN &&
		    fact_has_word(source->event, strlen(source->event), words) &&
		    evidence_belongs(evidence, i, &context->named) &&
		    fact_stretch_is_between_times(claim, at_s, m->at_s, dated && m->dated))
			return true;
	}
	return false;
}

/* "The 25 minutes from 11:10", "means of ten minutes": the steps of what is named, or of all. */
static bool is_step(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim)
{
	static const char *const means[] = { "mean", "means", "average", "averages", "averaged", NULL };
	const struct evidence *evidence = judge->evidence;
	struct fact_cursor cursor = { text, length, 0 };
	size_t size, before = fact_word_before(&cursor, claim->from, &size),
		     behind = fact_skip_space(&cursor, claim->to);
	bool told = size > 0 && fact_stands(&cursor, before, "the", true) &&
		    fact_stands(&cursor, behind, "from", true);

	told = told || fact_word_is(&cursor, behind, fact_word_length(&cursor, behind), means);
	if (size > 0 && fact_stands(&cursor, before, "of", true)) {
		before = fact_word_before(&cursor, before, &size);
		told = told || fact_word_is(&cursor, before, size, means);
	}
	for (size_t i = 0; i < evidence->line_count && told; i++)
		if (fabs(claim->readings[0].value - (double)evidence->lines[i].step_s) < 0.5)
			return true;
	return false;
}

/* "Intervals", or "5" behind "17 intervals in the morning and": how many steps something took. */
static bool counts_steps(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	static const char *const steps[] = { "interval", "intervals", "bucket", "buckets", "periods", "values", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *fact = &judge->facts[index];
	size_t at = fact_skip_space(&cursor, fact->to), size;

	if (fact->kind != FACT_FIGURE || fact->unit != FACT_PLAIN || fact->change || fact->rate || fact->word)
		return false;
	if (fact_word_is(&cursor, at, fact_word_length(&cursor, at), steps))
		return true;
	at = fact_word_before(&cursor, fact->from, &size);
	return index > 0 && size > 0 && fact_stands(&cursor, at, "and", true) &&
	       counts_steps(judge, text, length, index - 1);
}

bool fact_lasting_steps(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	struct fact took = judge->facts[index];

	if (!counts_steps(judge, text, length, index))
		return false;
	for (size_t i = 0; i < evidence->line_count; i++) {
		const struct evidence_line *line = &evidence->lines[i];

		if (line->coarse || !fact_judge_is_named(&context->named, line->subject))
			continue;
		took.readings[0].value = judge->facts[index].readings[0].value * (double)line->step_s;
		for (size_t j = 0; j < evidence->source_count; j++)
			if (evidence->sources[j].finding > 0 && context->named.count > 0 &&
			    fact_judge_is_named(&evidence->sources[j].named, line->subject) &&
			    source_takes(evidence, &evidence->sources[j], &took))
				return true;
	}
	return false;
}

static bool lies_between(const struct evidence *evidence, const struct fact *claim, const struct fact *from,
			 const struct fact *to)
{
	int64_t from_s, to_s;
	bool from_dated, to_dated, clock;

	return evidence_fact_time(evidence, from, &from_s, &from_dated, &clock) && clock &&
	       evidence_fact_time(evidence, to, &to_s, &to_dated, &clock) && clock &&
	       fact_stretch_is_between_times(claim, from_s, to_s, from_dated && to_dated);
}

/* "You asked about 4:00 to 8:00. Of those four hours": as long as two times lie apart that were told before. */
static bool is_told_before(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim)
{
	static const char *const words[] = { "those", "these", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t size, before = fact_word_before(&cursor, claim->from, &size);

	for (size_t i = 0; i + 1 < judge->earlier_count && fact_word_is(&cursor, before, size, words); i++)
		if (lies_between(judge->evidence, claim, &judge->earlier[i], &judge->earlier[i + 1]))
			return true;
	return false;
}

/* "It was changed at 16:41. 4 minutes later, at 16:45, ...": from a time of the sentence before to the next one. */
static bool goes_on(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *claim = &judge->facts[index], *next = claim + 1;

	if (index > 0 || judge->count < 2 || judge->earlier_count == 0 || next->kind != FACT_TIME ||
	    next->from - claim->to > strlen(" later, at ") ||
	    !fact_stands(&cursor, fact_skip_space(&cursor, claim->to), "later", true))
		return false;
	return lies_between(judge->evidence, claim, &judge->earlier[judge->earlier_count - 1], next);
}

bool fact_lasting(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		  const struct evidence_context *context)
{
	const struct fact *claim = &judge->facts[index];

	return is_whole(judge, text, length, claim, context) ||
	       is_until_alarm(judge, text, length, claim, context) || is_between_states(judge, text, length, claim) ||
	       is_step(judge, text, length, claim) || is_told_before(judge, text, length, claim) ||
	       goes_on(judge, text, length, index);
}
