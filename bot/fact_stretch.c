/* A stretch of time: "25 min later", "lasted 45 min", "over the six hours". It is founded by two times that
 * belong together: two of the sentence; one of it and what was told before, what the data says of what the
 * sentence names, or where a series turns; or both of these. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define INSTANTS_MAX 48
#define TURNS_MAX 8
#define BOUNDS_MAX 64 /* of the data that are looked at for those of the incident */
#define DAYS_LEAST 2 /* from here on a stretch may lie between days */
#define DAY_S FACT_JUDGE_DAY_S

struct instant {
	int64_t at_s;
	bool dated;
};

struct instants {
	struct instant items[INSTANTS_MAX];
	size_t count;
};

static void add(struct instants *list, int64_t at_s, bool dated)
{
	if (list->count < INSTANTS_MAX)
		list->items[list->count++] = (struct instant) { at_s, dated };
}

bool fact_stretch_is_between_times(const struct fact *claim, int64_t from_s, int64_t to_s, bool dated)
{
	int64_t distance = dated ? llabs(from_s - to_s) : llabs(from_s % DAY_S - to_s % DAY_S);

	if (!dated && distance > DAY_S / 2)
		distance = DAY_S - distance; /* over midnight */
	for (size_t r = 0; r < claim->reading_count; r++)
		if (evidence_near(claim, r, (double)distance, 0))
			return true;
	return false;
}

static bool apart(const struct fact *claim, const struct instant *a, const struct instant *b)
{
	return fact_stretch_is_between_times(claim, a->at_s, b->at_s, a->dated && b->dated);
}

static bool any_apart(const struct fact *claim, const struct instants *a, const struct instants *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (apart(claim, &a->items[i], &b->items[j]))
				return true;
	return false;
}

/* But for the claim itself, which may be a time as well: "an hour ago". Days only for what takes days. */
static void add_facts(const struct evidence *evidence, const struct fact *times, size_t count,
		      const struct fact *claim, bool days, struct instants *list)
{
	for (size_t i = 0; i < count; i++) {
		int64_t at_s;
		bool dated, clock;

		if ((claim == NULL || times[i].from != claim->from) &&
		    evidence_fact_time(evidence, &times[i], &at_s, &dated, &clock) && (clock || (days && dated)))
			add(list, at_s, dated);
	}
}

/* Sentences of the data that have times and share the words of this one. */
static size_t best_shared(const struct evidence *evidence, const struct evidence_words *words)
{
	size_t best = 0;

	for (size_t i = 0; i < evidence->source_count; i++) {
		size_t shared =
		    evidence->sources[i].moments == 0 ? 0 : evidence_shared_words(evidence, i, words);

		best = shared > best ? shared : best;
	}
	return best;
}

static void add_moments(const struct evidence *evidence, size_t source, struct instants *list)
{
	const struct evidence_source *s = &evidence->sources[source];

	for (size_t i = 0; i < s->moments; i++) {
		const struct evidence_moment *moment = &evidence->moments[s->first_moment + i];

		if (moment->clock)
			add(list, moment->at_s, moment->dated);
	}
}

static void add_suiting(const struct evidence *evidence, const struct evidence_words *words,
			struct instants *list)
{
	size_t best = best_shared(evidence, words);

	for (size_t i = 0; i < evidence->source_count && best > 0; i++)
		if (evidence->sources[i].moments > 0 && evidence_shared_words(evidence, i, words) * 2 >= best)
			add_moments(evidence, i, list);
}

static void add_turns(const struct evidence *evidence, const struct evidence_context *context,
		      struct instants *list)
{
	for (size_t i = 0; i < evidence->line_count; i++) {
		struct evidence_turn turns[TURNS_MAX];
		size_t count;

		if (context->named.count == 0 ||
		    !fact_judge_is_named(&context->named, evidence->lines[i].subject))
			continue;
		count = evidence_line_turns(&evidence->lines[i], turns, TURNS_MAX);
		for (size_t j = 0; j < count; j++) {
			add(list, turns[j].at_s, evidence->lines[i].dated);
			add(list, turns[j].also_s, evidence->lines[i].dated);
		}
	}
}

/* Two times of one sentence of the data that is about the same: not those of its least and its greatest value.
 */
static bool source_makes(const struct evidence *evidence, const struct fact *claim,
			 const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->source_count; i++) {
		const struct evidence_source *s = &evidence->sources[i];

		if (s->moments < 2 || s->moments > 8 || !evidence_shares(&s->named, &context->named))
			continue;
		for (size_t j = 0; j < s->moments; j++)
			for (size_t k = 0; k < j; k++) {
				const struct evidence_moment *a = &evidence->moments[s->first_moment + j];
				const struct evidence_moment *b = &evidence->moments[s->first_moment + k];
				struct instant x = { a->at_s, a->dated }, y = { b->at_s, b->dated };

				if (a->clock && b->clock && !(a->of_value && b->of_value) &&
				    apart(claim, &x, &y))
					return true;
			}
	}
	return false;
}

/* From where a named series leaves what is quiet to where it returns. */
static bool line_lasts(const struct evidence *evidence, const struct fact *claim,
		       const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->line_count; i++) {
		struct evidence_line *line = &evidence->lines[i];
		struct evidence_turn turns[TURNS_MAX];
		size_t count;

		if (context->named.count == 0 || !fact_judge_is_named(&context->named, line->subject))
			continue;
		count = evidence_line_turns(line, turns, TURNS_MAX);
		for (size_t j = 0; j < count; j++) {
			int64_t end_s = j + 1 < count ? turns[j + 1].at_s
						      : line->points[line->count - 1].at_s + line->step_s;
			struct instant from = { turns[j].at_s, true }, also = { turns[j].also_s, true },
				       to = { end_s, true };

			if (turns[j].out && (apart(claim, &from, &to) || apart(claim, &also, &to)))
				return true;
		}
	}
	return false;
}

/* Whether a sentence of the data about the same tells how long something took: then it is not made of times. */
static bool is_told(const struct evidence *evidence, const struct evidence_words *words,
		    const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->source_count; i++) {
		const struct evidence_source *s = &evidence->sources[i];

		for (size_t j = 0; j < s->figures && evidence_shares(&s->named, &context->named); j++)
			if (evidence->figures[s->first_figure + j].duration &&
			    evidence_shared_words(evidence, i, words) > 0)
				return true;
	}
	return false;
}

/* "The last six hours": as long as what was asked about. */
static bool is_range(const struct evidence *evidence, const struct fact *claim)
{
	for (size_t i = 0; i < evidence->line_count; i++) {
		const struct evidence_line *line = &evidence->lines[i];
		struct instant from, to;

		if (line->count < 2 || line->is_wider || !line->dated)
			continue;
		from = (struct instant) { line->points[0].at_s, true };
		to = (struct instant) { line->points[line->count - 1].at_s + line->step_s, true };
		if (apart(claim, &from, &to))
			return true;
	}
	return false;
}

/* "A fired 24 min after B": between what the data says of A and of B. */
static bool events_make(const struct fact_judge *judge, const char *text, size_t length,
			const struct fact *claim, const struct instants *others)
{
	struct instants a = { .count = 0 }, b = { .count = 0 };
	struct evidence_words words;

	evidence_words_read(&words, text, claim->from);
	add_suiting(judge->evidence, &words, &a);
	evidence_words_read(&words, text + claim->to, length - claim->to);
	add_suiting(judge->evidence, &words, &b);
	return any_apart(claim, &a, &b) || any_apart(claim, &a, others) || any_apart(claim, &b, others);
}

bool fact_stretch_is(const struct fact *fact)
{
	return fact->kind == FACT_FIGURE && fact->unit == FACT_SECONDS && fact->readings[0].value >= 60;
}

const struct fact *fact_stretch_nearest(const struct fact *claim, const struct evidence_context *context)
{
	const struct fact *nearest = NULL;
	size_t least = 0;

	for (size_t i = 0; i < context->time_count && context->own_times; i++) {
		const struct fact *time = &context->times[i];
		size_t by = time->from < claim->from ? claim->from - time->from : time->from - claim->from;

		if (by > 0 && (nearest == NULL || by < least)) {
			nearest = time;
			least = by;
		}
	}
	return nearest;
}

bool fact_stretch_is_between(const struct fact *claim, const struct evidence_context *context)
{
	size_t others = 0;

	for (size_t i = 0; i < context->time_count && context->own_times; i++)
		others += context->times[i].from != claim->from ? 1 : 0;
	return fact_stretch_is(claim) && others > 1;
}

/* --- from the time that it stands with -----------------------------------------------------------------------
 */

/* "25 minutes, until 11:05": a sentence of the data about the same has that time, and another one so far from it. */
static bool source_has_both(const struct evidence *evidence, const struct fact *claim, const struct instant *time,
			    const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->source_count; i++) {
		struct instants moments = { .count = 0 };
		bool has = false, makes = false;

		if (evidence->sources[i].moments < 2 || evidence->sources[i].moments > 8 ||
		    context->named.count == 0 ||
		    !evidence_shares(&evidence->sources[i].named, &context->named))
			continue;
		add_moments(evidence, i, &moments);
		for (size_t j = 0; j < moments.count; j++) {
			has = has || moments.items[j].at_s % DAY_S == time->at_s % DAY_S;
			makes = makes || apart(claim, time, &moments.items[j]);
		}
		if (has && makes)
			return true;
	}
	return false;
}

static bool leads_to_event(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "before", "after", "until", "later", "when", "vor", "nach", NULL };
	size_t next = fact_skip_space(cursor, at);

	return fact_word_is(cursor, next, fact_word_length(cursor, next), words);
}

/* When the data says that what is named began or ended; that anything began, where nothing is named. */
static void add_bounds(const struct evidence *evidence, const struct evidence_context *context, struct instants *list)
{
	for (size_t i = 0; i < evidence->moment_count; i++) {
		const struct evidence_moment *moment = &evidence->moments[i];
		bool may_be = moment->role == EVIDENCE_BEGIN ||
			      (moment->role == EVIDENCE_END && context->named.count > 0);

		if (may_be && moment->source != EVIDENCE_NO_SOURCE &&
		    evidence_shares(&evidence->sources[moment->source].named, &context->named))
			add(list, moment->at_s, moment->dated);
	}
}

/* When most of what the data tells began, or ended: "the incident"; all: whenever several things did so together, "the
 * second stop". */
static void add_together(const struct evidence *evidence, enum evidence_moment_role role, bool all,
			 struct instants *list)
{
	struct instants bounds = { .count = 0 };
	size_t most = 1, which = 0;

	for (size_t i = 0; i < evidence->moment_count && bounds.count < BOUNDS_MAX; i++) {
		const struct evidence_moment *moment = &evidence->moments[i];

		if (moment->role == role && moment->clock && moment->source != EVIDENCE_NO_SOURCE)
			add(&bounds, moment->at_s, moment->dated);
	}
	for (size_t i = 0; i < bounds.count; i++) {
		size_t same = 0;

		for (size_t j = 0; j < bounds.count; j++)
			same += bounds.items[i].at_s % DAY_S == bounds.items[j].at_s % DAY_S ? 1 : 0;
		if (same > 1 && all)
			add(list, bounds.items[i].at_s, bounds.items[i].dated);
		if (same > most) {
			most = same;
			which = i;
		}
	}
	if (most > 1 && !all)
		add(list, bounds.items[which].at_s, bounds.items[which].dated);
}

static void add_incident(const struct evidence *evidence, bool all, struct instants *list)
{
	add_together(evidence, EVIDENCE_BEGIN, all, list);
	add_together(evidence, EVIDENCE_END, all, list);
}

/* "6 minutes before the jump", "two hours older": told from something else that happened. */
static bool relates(const char *text, size_t length)
{
	static const char *const words[] = { "before",   "after",     "later",    "earlier", "older",
					     "preceded", "preceding", "followed", "follows", "prior",
					     "precedes", "vor",       "nach",     NULL };
	struct fact_cursor cursor = { text, length, 0 };

	for (size_t at = 1; at < length; at++)
		if (!fact_is_letter(text[at - 1]) &&
		    fact_word_is(&cursor, at, fact_word_length(&cursor, at), words))
			return true;
	return false;
}

/* "Stayed over 95 % for 1 h 55 min, with a maximum at 11:50": from begin to end of one sentence of the data about
 * the same. */
static bool source_lasts(const struct evidence *evidence, const struct fact *claim,
			 const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->source_count && context->named.count > 0; i++) {
		const struct evidence_source *s = &evidence->sources[i];
		const struct evidence_moment *m;

		if (s->moments == 0 || s->named.count == 0 || !evidence_shares(&s->named, &context->named))
			continue;
		m = &evidence->moments[s->first_moment];
		for (size_t j = 0; j < s->moments; j++)
			for (size_t k = 0; k < s->moments; k++) {
				struct instant from = { m[j].at_s, m[j].dated }, to = { m[k].at_s, m[k].dated };

				if (m[j].role == EVIDENCE_BEGIN && m[k].role == EVIDENCE_END &&
				    apart(claim, &from, &to))
					return true;
			}
	}
	return false;
}

/* "At 08:17, ...; the one on connections followed 14 minutes later": what the clause before it tells of. */
static bool event_ahead(const struct fact_judge *judge, const char *text, size_t length,
			const struct fact *claim, const struct evidence_context *context)
{
	struct fact_cursor cursor = { text, length, 0 };
	struct instants own = { .count = 0 }, events = { .count = 0 };
	struct evidence_words words;
	size_t begin = claim->from, end = claim->to, next = fact_skip_space(&cursor, claim->to);

	if (!fact_stands(&cursor, next, "later", true) && !fact_stands(&cursor, next, "earlier", true))
		return false;
	fact_clause_of(&cursor, &begin, &end);
	add_facts(judge->evidence, context->times, context->time_count, claim, false, &own);
	evidence_words_read(&words, text + begin, claim->from - begin);
	add_suiting(judge->evidence, &words, &events);
	return any_apart(claim, &own, &events);
}

/* "09:13, 7 minutes before the first deferrals": between that time and what the data says of what follows. */
static bool event_behind(const struct fact_judge *judge, const char *text, size_t length,
			 const struct fact *claim, const struct instant *time, const struct evidence_context *context)
{
	struct fact_cursor cursor = { text, length, 0 };
	struct evidence_context behind = { 0 }, about = { 0 };
	struct instants events = { .count = 0 }, from = { .items = { *time }, .count = 1 }, own = { .count = 0 },
			bounds = { .count = 0 };
	struct evidence_words words, whole;
	size_t begin = claim->to, end = claim->to;

	if (!leads_to_event(&cursor, claim->to))
		return false;
	fact_clause_of(&cursor, &begin, &end);
	evidence_words_read(&words, text + claim->to, end - claim->to);
	evidence_words_read(&whole, text, length);
	add_suiting(judge->evidence, &words, &events);
	evidence_subject_find(judge->evidence, &words, &whole, &behind.named);
	if (behind.named.count > 0)
		add_bounds(judge->evidence, &behind, &bounds);
	add_turns(judge->evidence, &behind, &events);
	if (behind.named.count == 0)
		add_incident(judge->evidence, false, &events);
	if (events.count == 0) { /* "after the limit was crossed": of what the sentence is about */
		add_turns(judge->evidence, context, &events);
		add_bounds(judge->evidence, context, &events);
	}
	if (any_apart(claim, &from, &events))
		return true;
	/* "Another 40 minutes after encoding had recovered": from that to what the sentence is about. */
	begin = fact_word_before(&cursor, claim->from, &end);
	for (size_t i = 0; i < context->named.count && behind.named.count > 0 && end > 0 &&
			   fact_stands(&cursor, begin, "another", true); i++)
		if (!fact_judge_is_named(&behind.named, context->named.subjects[i]))
			about.named.subjects[about.named.count++] = context->named.subjects[i];
	if (about.named.count > 0)
		add_bounds(judge->evidence, &about, &own);
	return any_apart(claim, &bounds, &own);
}

static bool stands_with(const struct fact_judge *judge, const char *text, size_t length, const struct fact *claim,
			const struct evidence_context *context)
{
	const struct fact *nearest = fact_stretch_nearest(claim, context);
	struct instants one = { .count = 0 };

	if (nearest != NULL)
		add_facts(judge->evidence, nearest, 1, NULL, false, &one);
	return one.count == 1 && (source_has_both(judge->evidence, claim, &one.items[0], context) ||
				  event_behind(judge, text, length, claim, &one.items[0], context) ||
				  event_ahead(judge, text, length, claim, context));
}

/* "An hour ago" is right when what was then is. */
static bool is_told_from_now(const char *text, size_t length, const struct fact *claim)
{
	struct fact_cursor cursor = { text, length, 0 };

	return fact_stands(&cursor, fact_skip_space(&cursor, claim->to), "ago", true);
}

/* "Two weeks ago the disk was at 65.6 %": a day that a sentence of the data about the same tells. */
static bool is_day_ago(const struct evidence *evidence, const struct fact *claim,
		       const struct evidence_context *context)
{
	struct instant now = { evidence_last_s(evidence), true };

	for (size_t i = 0; i < evidence->moment_count; i++) {
		const struct evidence_moment *moment = &evidence->moments[i];
		struct instant then = { moment->at_s, moment->dated };

		if (moment->dated && moment->source != EVIDENCE_NO_SOURCE &&
		    evidence_shares(&evidence->sources[moment->source].named, &context->named) &&
		    apart(claim, &then, &now))
			return true;
	}
	return false;
}

/* With one time of its own. */
static bool from_one(const struct fact_judge *judge, const char *text, size_t length,
		     const struct fact *claim, const struct evidence_context *context,
		     const struct instant *one, struct instants *others)
{
	const struct evidence *evidence = judge->evidence;
	struct instants own = { .items = { *one }, .count = 1 };
	struct evidence_words words;
	bool tells_order = relates(text, length);

	if (tells_order)
		add_incident(evidence, true, others);
	evidence_words_read(&words, text, length);
	add_suiting(evidence, &words, others);
	return any_apart(claim, &own, others) ||
	       (!tells_order && !fact_clause_has_time(judge, text, length, claim) &&
		source_lasts(evidence, claim, context));
}

/* With none. */
static bool from_none(const struct fact_judge *judge, const char *text, size_t length,
		      const struct fact *claim, const struct evidence_context *context,
		      struct instants *others, const struct instants *turns)
{
	const struct evidence *evidence = judge->evidence;
	struct evidence_words words;

	if (relates(text, length))
		add_incident(evidence, false, others);
	if (any_apart(claim, others, others) || any_apart(claim, others, turns))
		return true;
	evidence_words_read(&words, text, length);
	if (source_lasts(evidence, claim, context))
		return true;
	if (is_told(evidence, &words, context))
		return false;
	for (size_t i = 0; i < turns->count; i++)
		add(others, turns->items[i].at_s, turns->items[i].dated);
	return source_makes(evidence, claim, context) || line_lasts(evidence, claim, context) ||
	       events_make(judge, text, length, claim, others);
}

static bool is_clock(const struct fact *fact)
{
	return fact->kind == FACT_TIME && fact->clock_s >= 0;
}

static bool are_apart(const struct evidence *evidence, const struct fact *claim, const struct fact *from,
		      const struct fact *to)
{
	struct instants a = { .count = 0 }, b = { .count = 0 };

	add_facts(evidence, from, 1, NULL, false, &a);
	add_facts(evidence, to, 1, NULL, false, &b);
	return any_apart(claim, &a, &b);
}

/* "From 13:45 to 16:15, 2 h 30 min": the two times right before it. */
static bool follows_pair(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *claim = &judge->facts[index];

	return index >= 2 && is_clock(claim - 2) && is_clock(claim - 1) && (claim - 2)->relation == FACT_SINCE &&
	       (claim - 1)->relation == FACT_UNTIL && claim->from - (claim - 1)->to <= 2 &&
	       !leads_to_event(&cursor, claim->to);
}

/* "11:45, 25 minutes before the maximum at 12:10": the times to both sides. */
static bool lies_between(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	struct fact_cursor cursor = { text, length, 0 };
	const struct fact *claim = &judge->facts[index];
	size_t next = index + 1, at = fact_skip_space(&cursor, claim->to);

	if (!fact_stands(&cursor, at, "before", true) && !fact_stands(&cursor, at, "after", true))
		return false;
	while (next < judge->count && judge->facts[next].kind != FACT_TIME)
		next++;
	if (index == 0 || next == judge->count || !is_clock(claim - 1) || !is_clock(&judge->facts[next]) ||
	    claim->from - (claim - 1)->to > 2)
		return false;
	for (at = claim->to; at < judge->facts[next].from; at++)
		if (strchr(",;(:", text[at]) != NULL)
			return false;
	return true;
}

bool fact_stretch(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		  const struct evidence_context *context)
{
	const struct evidence *evidence = judge->evidence;
	const struct fact *claim = &judge->facts[index];
	struct instants own = { .count = 0 }, others = { .count = 0 }, turns = { .count = 0 };
	bool days = claim->readings[0].value >= DAYS_LEAST * DAY_S;

	if (context->own_times)
		add_facts(evidence, context->times, context->time_count, claim, days, &own);
	if (own.count > 1 && follows_pair(judge, text, length, index))
		return are_apart(evidence, claim, claim - 2, claim - 1);
	if (own.count == 2 && lies_between(judge, text, length, index))
		return any_apart(claim, &own, &own);
	if (own.count > 1)
		return any_apart(claim, &own, &own) || stands_with(judge, text, length, claim, context);
	if (own.count == 0 && is_told_from_now(text, length, claim))
		return days && is_day_ago(evidence, claim, context);
	if (is_range(evidence, claim))
		return true;
	add_turns(evidence, context, &turns);
	add_facts(evidence, judge->earlier, judge->earlier_count, NULL, days, &others);
	if (days) /* "it has doubled in five weeks": up to now */
		add(&others, evidence_last_s(evidence), true);
	if (own.count == 1)
		return from_one(judge, text, length, claim, context, &own.items[0], &others) ||
		       any_apart(claim, &own, &turns);
	return from_none(judge, text, length, claim, context, &others, &turns);
}
