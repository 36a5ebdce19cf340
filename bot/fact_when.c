/* Whether a time is founded: by a sentence of the data, by a figure that is true then, or because a series
 * turns then. */
#include <stdlib.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define CROSSING_WORDS 3 /* before a figure that may tell so */
#define NORMAL_AROUND 40 /* bytes to both sides of a time */
#define VAGUE_S 1800     /* so far from "around noon" */
#define TURNS_MAX 8
#define TELLS_LEAST 7 /* words of a clause that tells something by itself */

/* "Around noon (the twenty minutes from 11:40)": then, as the bracket tells it. */
void fact_when_take_brackets(struct fact_judge *judge, const char *text, size_t length)
{
	struct fact_cursor cursor = { text, length, 0 };

	for (size_t i = 0; i + 1 < judge->count; i++) {
		struct fact *time = &judge->facts[i];
		size_t open = fact_skip_space(&cursor, time->to), next = i + 1;

		if (time->kind != FACT_TIME || time->clock_s < 0 || fact_char(&cursor, open) != '(' ||
		    fact_hedge_of(&cursor, time->from) != FACT_ABOUT)
			continue;
		while (next + 1 < judge->count && judge->facts[next].kind != FACT_TIME)
			next++;
		if (judge->facts[next].kind == FACT_TIME && judge->facts[next].clock_s >= 0 &&
		    memchr(text + open, ')', judge->facts[next].from - open) == NULL &&
		    abs(judge->facts[next].clock_s - time->clock_s) <= VAGUE_S)
			time->clock_s = judge->facts[next].clock_s;
	}
}

/* "The last of them", "the first one": one of those that were told of right before. */
static bool tells_order(const char *text, size_t length)
{
	static const char *const words[] = { "them", "these", "those", NULL };

	return fact_has_word(text, length, words);
}

/* Those of [from, to) without the time's own: "Fri 4 Dec". */
static void words_around(const char *text, size_t from, size_t to, const struct fact *time,
			 struct evidence_words *words)
{
	char *plain = mem_copy_bytes(text + from, to - from);

	memset(plain + (time->from - from), ' ', time->to - time->from);
	evidence_words_read(words, plain, to - from);
	free(plain);
}

/* A time is founded by a sentence of the data that has it and suits the words that it stands with: those since
 * the time before it; up to the next one where these tell nothing; or the whole sentence's. */
bool fact_when_is_given(const struct fact_judge *judge, const char *text, size_t length, size_t index,
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
	if (tells_order(text + from, time->from - from)) { /* "3 changes since 15:00, the last of them at 20:27" */
		evidence_words_read(&words, text, from);
		if (evidence_time_match(judge->evidence, time, context, &words, &suits))
			return true;
	}
	words_around(text, from, to, time, &words);
	found = evidence_time_match(judge->evidence, time, context, &words, &suits);
	if (suits > 0)
		return found;
	evidence_words_read(&words, text, length);
	return evidence_time_match(judge->evidence, time, context, &words, &suits);
}

static bool is_figure_found(const struct fact_judge *judge, size_t i)
{
	return judge->facts[i].kind == FACT_FIGURE && judge->found[i] && judge->asked[i];
}

static size_t words_between(const struct fact_cursor *cursor, size_t from, size_t to)
{
	size_t words = 0;

	for (size_t at = from; at < to; at++) {
		size_t length = fact_word_length(cursor, at);

		words += length > 0 && fact_is_letter(cursor->text[at]) ? 1 : 0;
		at += length;
	}
	return words;
}

/* By a semicolon something else is told. */
static bool is_parted(const char *text, const struct fact *a, const struct fact *b)
{
	size_t from = a->to < b->from ? a->to : b->to, to = a->to < b->from ? b->from : a->from;

	return to > from && memchr(text + from, ';', to - from) != NULL;
}

static bool are_found(const struct fact_judge *judge)
{
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_FIGURE && judge->asked[i] && !judge->found[i])
			return false;
	return true;
}

/* A time is that of the figures of its own clause, if that has any: "peaked at 1.53 s at 08:35, against a usual
 * 0.12 s" is not right because it was 0.12 s then. */
bool fact_when_is_supported(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			    const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	struct fact_cursor cursor = { text, length, 0 };
	size_t time = 0, from = judge->facts[index].from, to = judge->facts[index].to, own = 0;
	bool tells;

	while (time < context->time_count && context->times[time].from != judge->facts[index].from)
		time++;
	if (time == context->time_count)
		return false;
	fact_clause_of(&cursor, &from, &to);
	tells = words_between(&cursor, from, to) > TELLS_LEAST;
	for (size_t j = 0; j < judge->count; j++)
		tells = tells && !(judge->facts[j].kind == FACT_FIGURE && judge->facts[j].from >= from &&
				   judge->facts[j].to <= to);
	for (size_t j = 0; j < judge->count; j++)
		own += judge->facts[j].kind == FACT_FIGURE && judge->asked[j] && !judge->facts[j].duration &&
			       judge->facts[j].from >= from && judge->facts[j].to <= to
			   ? 1
			   : 0;
	for (size_t i = 0; i < evidence->line_count; i++) {
		if (!fact_judge_is_named(&context->named, evidence->lines[i].subject) ||
		    (evidence->lines[i].coarse && context->of_steps && !are_found(judge))) /* both extremes, or none */
			continue;
		for (size_t j = 0; j < judge->count; j++)
			if (is_figure_found(judge, j) &&
			    ((own == 0 && !tells && !is_parted(text, &judge->facts[index], &judge->facts[j])) ||
			     (judge->facts[j].from >= from && judge->facts[j].to <= to)) &&
			    evidence_line_supports(evidence, &evidence->lines[i], &judge->facts[j], context,
						   time))
				return true;
	}
	return false;
}

/* --- a series turns then ------------------------------------------------------------------------------------
 */

/* Whether a bucket begins or ends then: one within it (09:33 of 5 minutes) is nobody's. */
static bool is_then(const struct evidence *evidence, const struct fact *time, int64_t at_s)
{
	int64_t then_s, apart;
	bool dated, clock;

	if (!evidence_fact_time(evidence, time, &then_s, &dated, &clock) || !clock)
		return false;
	apart =
	    dated ? then_s - at_s : ((then_s - at_s) % FACT_JUDGE_DAY_S + FACT_JUDGE_DAY_S) % FACT_JUDGE_DAY_S;
	return apart >= 0 && apart < 60;
}

/* "Ran normally from 01:00 until 02:30", "until 09:20 everything was ordinary": what ends there is what is usual. */
static bool tells_normal(const char *text, size_t length, const struct fact *time)
{
	static const char *const words[] = { "normal",  "normally", "ordinary",     "ordinarily", "usual", "fine",
					     "quiet",   "healthy",  "unremarkable", "worked",     "calm",  "nothing",
					     "flawless", "fault",   "well",         NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = time->from > NORMAL_AROUND ? time->from - NORMAL_AROUND : 0,
	       to = time->to + NORMAL_AROUND < length ? time->to + NORMAL_AROUND : length;

	if (time->relation == FACT_AT)
		return false;
	for (size_t at = from; at < to; at++)
		if ((at == 0 || text[at - 1] == ' ') && fact_word_is(&cursor, at, fact_word_length(&cursor, at), words))
			return true;
	return false;
}

static bool line_turns_then(const struct fact_judge *judge, size_t index, const struct fact *time, bool is_normal,
			    bool *turns_at_all)
{
	struct evidence_line *line = &judge->evidence->lines[index];
	struct evidence_turn turns[TURNS_MAX];
	size_t count = evidence_line_turns(line, turns, TURNS_MAX);

	*turns_at_all = *turns_at_all || count > 0;
	for (size_t i = 0; i < count; i++)
		if (is_then(judge->evidence, time, turns[i].at_s) ||
		    is_then(judge->evidence, time, turns[i].also_s) ||
		    ((!turns[i].out || is_normal) && is_then(judge->evidence, time, turns[i].at_s - line->step_s)))
			return true;
	return false;
}

/* "It began to climb at 07:00": a table in coarse steps has the turn in the row that begins then. */
static bool row_turns_then(const struct fact_judge *judge, const struct fact *time,
			   const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0; i < evidence->line_count && time->bound == FACT_BOUND_MOVE; i++) {
		struct evidence_turn turns[TURNS_MAX];
		size_t count = evidence_line_turns(&evidence->lines[i], turns, TURNS_MAX);

		for (size_t j = 0; j < evidence->line_count && context->named.count > 0; j++) {
			const struct evidence_line *table = &evidence->lines[j];
			int64_t first_s = table->count > 0 ? table->points[0].at_s : 0;

			if (!table->coarse || table->subject != evidence->lines[i].subject ||
			    !fact_judge_is_named(&context->named, table->subject))
				continue;
			for (size_t k = 0; k < count; k++)
				if (turns[k].also_s >= first_s &&
				    is_then(evidence, time,
					    turns[k].also_s - (turns[k].also_s - first_s) % table->step_s))
					return true;
		}
	}
	return false;
}

/* Of what is named; where that turns nowhere, or nothing is named ("it began at 10:40"), of anything. */
bool fact_when_turns(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		     const struct evidence_context *context)
{
	const struct fact *time = &judge->facts[index];
	bool turns = false, other = false, is_normal = tells_normal(text, length, time);

	if (!is_normal && evidence_is_other_bound(judge->evidence, time, context))
		return false;
	if ((is_normal && evidence_time_begins(judge->evidence, time, context)) ||
	    row_turns_then(judge, time, context))
		return true;
	for (size_t i = 0; i < judge->evidence->line_count; i++)
		if (context->named.count > 0 &&
		    fact_judge_is_named(&context->named, judge->evidence->lines[i].subject) &&
		    line_turns_then(judge, i, time, is_normal, &turns))
			return true;
	for (size_t i = 0; i < judge->evidence->line_count && !turns; i++)
		if (line_turns_then(judge, i, time, is_normal, &other))
			return true;
	return false;
}

/* --- the time that a figure is said to be of ----------------------------------------------------------------
 */

/* At most `max` words that lead from one to the other, none of which begins something else. */
static bool leads(const struct fact_cursor *cursor, size_t from, size_t to, size_t max)
{
	static const char *const others[] = { "after", "before", "since",     "until", "when",  "while",
					      "and",   "with",   "but",       "as",    "than",  "from",
					      "later", "then",   "following", "to",    "vs",    "nach",
					      "vor",   "seit",   "bis",       "avant", "until", NULL };
	size_t words = 0;

	for (size_t at = from; at < to; at++) {
		size_t length = fact_word_length(cursor, at);

		if (strchr(";.?!|()\n", cursor->text[at]) != NULL)
			return false;
		if (length == 0)
			continue;
		if (fact_word_is(cursor, at, length, others) || ++words > max)
			return false;
		at += length - 1;
	}
	return true;
}

static bool is_clock(const struct fact *time)
{
	return time->kind == FACT_TIME && time->relation == FACT_AT && time->clock_s >= 0;
}

/* "12 errors at 09:05", "12 (09:05)", "12 @ 09:05" */
static bool is_told_behind(const struct fact_cursor *cursor, const struct fact *figure, const struct fact *time)
{
	static const char *const ats[] = { "at", "around", "near", "um", "gegen", "à", "vers", NULL };
	size_t length, word = fact_word_before(cursor, time->from, &length), end = word;
	char sign = time->from > 0 ? cursor->text[time->from - 1] : ' ';

	if (sign == ' ' && time->from > 1)
		sign = cursor->text[time->from - 2];
	if (length == 0 && (sign == '(' || sign == '@'))
		end = time->from - 1;
	else if (length == 0 || !fact_word_is(cursor, word, length, ats))
		return false;
	return end >= figure->to && leads(cursor, figure->to, end, 3) &&
	       memchr(cursor->text + figure->to, ',', end - figure->to) == NULL;
}

/* "At 09:05 it was 12", "- 09:05: 12 errors": the time begins its clause. */
static bool is_told_before(const struct fact_cursor *cursor, const struct fact *figure, const struct fact *time)
{
	static const char *const ats[] = { "at", "around", "um", "gegen", "à", "vers", NULL };
	size_t length, begin = fact_word_before(cursor, time->from, &length);

	if (length == 0 || !fact_word_is(cursor, begin, length, ats))
		begin = time->from;
	while (begin > 0 && strchr(" *_-\n", cursor->text[begin - 1]) != NULL)
		begin--;
	return (begin == 0 || strchr(",;:(", cursor->text[begin - 1]) != NULL) &&
	       leads(cursor, time->to, figure->from, 8);
}

size_t fact_when_of(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *figure = &judge->facts[index];

	if (figure->kind != FACT_FIGURE || figure->change || figure->role != FACT_ROLE_VALUE)
		return judge->count;
	if (index + 1 < judge->count && is_clock(figure + 1) && is_told_behind(&cursor, figure, figure + 1))
		return index + 1;
	if (index > 0 && is_clock(figure - 1) && is_told_before(&cursor, figure, figure - 1))
		return index - 1;
	return judge->count;
}

/* A stretch that ends before it begins, not over midnight. */
bool fact_when_is_backward(const struct fact_judge *judge, size_t index)
{
	const struct fact *begin = &judge->facts[index], *end = begin + 1;
	int32_t by = begin->clock_s - (index + 1 < judge->count ? end->clock_s : 0);

	return index + 1 < judge->count && begin->kind == FACT_TIME && end->kind == FACT_TIME &&
	       begin->relation == FACT_SINCE && end->relation == FACT_UNTIL && begin->clock_s >= 0 &&
	       end->clock_s >= 0 && begin->day == end->day && begin->weekday == end->weekday &&
	       begin->utc == end->utc && by >= 0 && by < FACT_JUDGE_DAY_S / 2;
}

/* "From 10:10 to 10:20": where no series turns then, one sentence of the data has both, or each is an event's. */
bool fact_when_is_pair(const struct fact_judge *judge, size_t index)
{
	const struct evidence *evidence = judge->evidence;
	const struct fact *begin = &judge->facts[index], *end = begin + 1;
	bool begins = false, ends = false;

	for (size_t i = 0; i < evidence->source_count; i++) {
		bool first = evidence_source_has_bound(evidence, i, begin),
		     second = evidence_source_has_bound(evidence, i, end);

		if (first && second)
			return true;
		begins = begins || (first && evidence->sources[i].event != NULL);
		ends = ends || (second && evidence->sources[i].event != NULL);
	}
	return begins && ends;
}

/* "Back above 95 %", "drops below 95 %": that it came by there, not that it was there. */
static bool tells_crossing(const char *text, size_t length, const struct fact *figure)
{
	static const char *const words[] = { "back",   "drop",  "drops", "dropped", "fall",    "falls",  "fell",
					     "rise",   "rises", "rose",  "cross",   "crosses", "crossed", "climbs",
					     "climbed", "sank", "sinks", "passed",  "passes",  NULL };
	struct fact_cursor cursor = { text, length, 0 };
	size_t at = figure->from, size;

	for (int i = 0; i < CROSSING_WORDS; i++) {
		at = fact_word_before(&cursor, at, &size);
		if (size == 0)
			return false;
		if (fact_word_is(&cursor, at, size, words))
			return true;
	}
	return false;
}

/* "Drops to 46 at 19:40", where it had been 46 for long, and no sentence of the data says so. */
static bool has_long_been(const struct fact_judge *judge, const char *text, size_t length, const struct fact *figure,
			  const struct evidence_line *line, const struct evidence_context *then)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t size, at = fact_word_before(&cursor, figure->from, &size);

	return size > 0 && (fact_stands(&cursor, at, "to", true) || fact_stands(&cursor, at, "hit", true)) &&
	       (fact_stands(&cursor, at, "hit", true) || tells_crossing(text, length, figure)) &&
	       evidence_line_stayed(judge->evidence, line, figure, &then->times[0]) &&
	       !evidence_figure_has_times(judge->evidence, figure, then);
}

bool fact_when_is_true(const struct fact_judge *judge, size_t index, size_t time,
		       const struct evidence_context *context, bool elsewhere)
{
	const struct fact *figure = &judge->facts[index];
	struct evidence_context then = *context;
	bool known = false;

	then.times = &judge->facts[time];
	then.time_count = 1;
	for (size_t i = 0; i < judge->evidence->line_count && context->named.count > 0; i++) {
		struct evidence_line *line = &judge->evidence->lines[i];

		if (!fact_judge_is_named(&context->named, line->subject) || line->unit != figure->unit ||
		    line->coarse || !evidence_line_covers(judge->evidence, line, &then))
			continue;
		if (evidence_line_supports(judge->evidence, line, figure, &then, 0))
			return true;
		known = known || !elsewhere || evidence_line_has(line, figure);
	}
	return !known || evidence_figure_has_times(judge->evidence, figure, &then);
}

/* "At 15:35 it was 24.4 ms": in a table whose lines are wider than the values are known. */
static bool is_table_value(const struct fact_judge *judge, const struct fact *figure,
			   const struct evidence_context *then)
{
	for (size_t i = 0; i < judge->evidence->line_count && then->named.count > 0; i++) {
		struct evidence_line *line = &judge->evidence->lines[i];

		if (line->coarse && line->unit == figure->unit && fact_judge_is_named(&then->named, line->subject) &&
		    figure->hedge == FACT_AS_WRITTEN &&
		    evidence_line_match(judge->evidence, line, figure, then) == EVIDENCE_FOUND_THEN)
			return true;
	}
	return false;
}

/* Whether the series that the figure is of say something else of that time. */
bool fact_when_is_denied(const struct fact_judge *judge, const char *text, size_t length, size_t index, size_t time,
			 const struct evidence_context *context)
{
	const struct fact *figure = &judge->facts[index];
	struct evidence_context then = *context;
	bool known = false, bounded = figure->hedge == FACT_AT_LEAST || figure->hedge == FACT_AT_MOST,
	     elsewhere = bounded, crosses = bounded && tells_crossing(text, length, figure);

	then.times = &judge->facts[time];
	then.time_count = 1;
	if (is_table_value(judge, figure, &then))
		return false;
	for (size_t i = 0; i < judge->evidence->line_count; i++) {
		struct evidence_line *line = &judge->evidence->lines[i];
		struct evidence_context any = { .named = context->named,
						.statistics = EVIDENCE_ANY | EVIDENCE_RUNNERS };
		bool has;

		if (!fact_judge_is_named(&context->named, line->subject) || line->unit != figure->unit ||
		    line->coarse || !evidence_line_covers(judge->evidence, line, &then))
			continue;
		has = evidence_line_match(judge->evidence, line, figure, &any) != EVIDENCE_NONE;
		if (context->named.count == 0 && !has)
			continue;
		known = true;
		if (has_long_been(judge, text, length, figure, line, &then))
			return true;
		/* "2.79 million at 01:30" is not right because it came by there on its way at 01:00. */
		if ((!crosses && evidence_line_supports(judge->evidence, line, figure, &then, 0)) ||
		    ((!has || bounded) && evidence_line_crosses(judge->evidence, line, figure, &then)))
			return false;
		elsewhere = elsewhere || has;
	}
	return known && elsewhere;
}
