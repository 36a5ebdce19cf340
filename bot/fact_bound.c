/* Times at which something began or ended: "It began at 09:05", "over since 10:00". */
#include <stdlib.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define BOUND_WORDS 6 /* "beginning of the second stop at" */

/* Whether one of the words stands in [from, to). */
static bool has(const struct fact_cursor *cursor, size_t from, size_t to, const char *const *words)
{
	for (size_t at = from; at < to; at++)
		if ((at == from || !fact_is_letter(cursor->text[at - 1])) &&
		    fact_word_is(cursor, at, fact_word_length(cursor, at), words))
			return true;
	return false;
}

static bool has_level(const struct fact_judge *judge, size_t from, size_t to)
{
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];

		if (fact->from >= from && fact->to <= to &&
		    (fact->kind == FACT_TIMES || (fact->kind == FACT_FIGURE && !fact->duration)))
			return true;
	}
	return false;
}

/* "Began to climb" */
static bool tells_move(const struct fact_cursor *cursor, size_t from, size_t to)
{
	static const char *const begins[] = { "began to", "begins to", "begin to", "started to", "starts to", NULL };
	static const char *const moves[] = { "rise", "climb", "grow", "increase", "fall",
					     "drop", "sink",  "decline", NULL };

	for (size_t at = from; at < to; at++)
		for (size_t i = 0; begins[i] != NULL && (at == from || !fact_is_letter(cursor->text[at - 1])); i++) {
			size_t move = fact_skip_space(cursor, at + strlen(begins[i]));

			if (fact_stands(cursor, at, begins[i], true) &&
			    fact_word_is(cursor, move, fact_word_length(cursor, move), moves))
				return true;
		}
	return false;
}

/* What the words before the time say that it bounds; names: the sentence names what is over its limit. */
static enum fact_bound bound_of(const struct fact_cursor *cursor, size_t from, const struct fact *time, size_t to,
				bool names)
{
	static const char *const limits[] = { "limit", "limits", "threshold", "Grenze", NULL };
	static const char *const begins[] = { "began", "begin", "begins", "started", "starts", "onset", NULL };
	static const char *const ends[] = { "ended",    "ends",   "recovered", "recovers",
					    "returned", "normal", "usual",     NULL };
	static const char *const besides[] = { "after", "before", NULL };
	static const char *const again[] = { "again", "back", "recovered", "ended", NULL };

	if (time->relation != FACT_AT)
		return names && has(cursor, from, to, limits) ? FACT_BOUND_LIMIT : FACT_BOUND_ANY;
	if (tells_move(cursor, from, to))
		return FACT_BOUND_MOVE;
	if (has(cursor, from, time->from, besides)) /* "it began 4 minutes after the snapshot at 04:16" */
		return FACT_BOUND_ANY;
	if (has(cursor, from, time->from, ends) && has(cursor, from, time->from, again))
		return FACT_BOUND_END;
	return has(cursor, from, time->from, begins) ? FACT_BOUND_BEGIN : FACT_BOUND_ANY;
}

void fact_bound(struct fact_judge *judge, const char *text, size_t length, bool names)
{
	static const char *const words[] = { "began",     "begin",    "begins",   "start",    "started", "starts",
					     "starting",  "ended",    "ends",     "over",     "back",    "recovered",
					     "recovers",  "returned", "returns",  "appeared", "appear",  "stopped",
					     "onset",     "resumed",  "restored", "cleared",  "begann",  "endete",
					     "commencé",  "terminé",  "empezó",   "terminó",  NULL };
	static const char *const moves[] = { "fell", "dropped", "collapsed", "collapses", "again", NULL };
	struct fact_cursor cursor = { text, length, 0 };

	for (size_t i = 0; i < judge->count; i++) {
		struct fact *time = &judge->facts[i];
		size_t from = time->from, to = time->to;

		if (time->kind != FACT_TIME || time->of_row)
			continue;
		fact_clause_of(&cursor, &from, &to);
		time->bounds = time->relation != FACT_AT || has(&cursor, from, time->from, words) ||
			       (has(&cursor, from, time->from, moves) && !has_level(judge, from, to));
		time->bound = bound_of(&cursor, from, time, to, names);
		if (i > 0 && (time - 1)->kind == FACT_TIME && (time - 1)->relation == FACT_SINCE &&
		    time->relation == FACT_UNTIL && time->bound == FACT_BOUND_ANY)
			time->bound = (time - 1)->bound; /* "between 10:05 and 14:45" */
	}
}

bool fact_bound_is_other(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	struct evidence_context context = { .time_count = 0 };
	const struct fact *time = &judge->facts[index];
	struct evidence_words words, whole;
	size_t from = time->from, to = time->to;

	if (!time->bounds || (time->relation != FACT_AT && time->bound == FACT_BOUND_ANY))
		return false;
	fact_clause_of(&cursor, &from, &to);
	evidence_words_read(&words, text + from, to - from);
	evidence_words_read(&whole, text, length);
	evidence_subject_find(judge->evidence, &words, &whole, &context.named);
	return context.named.count > 0 && evidence_is_other_bound(judge->evidence, time, &context);
}

static bool is_clock(const struct fact *fact)
{
	return fact->kind == FACT_TIME && fact->clock_s >= 0;
}

/* "The beginning of the stop at 09:25" */
static bool tells_bound(const struct fact_cursor *cursor, size_t from, const struct fact *time,
			enum evidence_moment_role *role)
{
	static const char *const begins[] = { "beginning", "begin", "start", "onset", NULL };
	static const char *const ends[] = { "end", NULL };
	size_t length, at = time->from;

	for (int i = 0; i < BOUND_WORDS; i++) {
		at = fact_word_before(cursor, at, &length);
		if (length == 0 || at < from)
			return false;
		*role = fact_word_is(cursor, at, length, begins) ? EVIDENCE_BEGIN : EVIDENCE_END;
		if (*role == EVIDENCE_BEGIN || fact_word_is(cursor, at, length, ends))
			return true;
	}
	return false;
}

bool fact_bound_is_incident(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *time = &judge->facts[index];
	size_t from = time->from, to = time->to;
	enum evidence_moment_role role;
	struct evidence_words words;
	struct evidence_named named;

	if (!is_clock(time))
		return false;
	fact_clause_of(&cursor, &from, &to);
	if (tells_bound(&cursor, from, time, &role))
		return evidence_bounds_then(judge->evidence, time, role) > 1;
	/* "It was unusual until 10:10" is of what was told before. */
	if (time->relation == FACT_AT ||
	    (time->relation == FACT_UNTIL && from > 0 && !(index > 0 && (time - 1)->relation == FACT_SINCE)))
		return false;
	evidence_words_read(&words, text + from, to - from);
	evidence_subject_find(judge->evidence, &words, &words, &named);
	return named.count == 0 &&
	       (evidence_bounds_then(judge->evidence, time, EVIDENCE_BEGIN) > 1 ||
		evidence_bounds_then(judge->evidence, time, EVIDENCE_END) > 1);
}
bool fact_bound_is_measured(const struct fact_judge *judge, size_t index, bool ahead)
{
	const struct fact *time = &judge->facts[index];

	for (size_t i = 0; i < (ahead ? index : judge->count) && is_clock(time); i++) {
		const struct fact *stretch = &judge->facts[i];

		if (!fact_stretch_is(stretch) || !stretch->duration || !judge->found[i])
			continue;
		for (size_t j = 0; j < judge->count; j++) {
			int32_t apart = abs(time->clock_s - judge->facts[j].clock_s);

			if (j == index || !is_clock(&judge->facts[j]) || judge->facts[j].utc != time->utc)
				continue;
			if (evidence_near(stretch, 0, apart, 0) ||
			    evidence_near(stretch, 0, FACT_JUDGE_DAY_S - apart, 0))
				return true;
		}
	}
	return false;
}
