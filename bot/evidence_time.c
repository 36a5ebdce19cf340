/* Times of the data: which one a written time is, and whether a sentence of the data founds it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/evidence_private.h"

#define DAYS_OF_TWO 2 /* of so many days a time without one is of the newest */
#define DAY_S 86400

bool evidence_fact_time(const struct evidence *evidence, const struct fact *time, int64_t *at_s, bool *dated,
			bool *clock)
{
	int64_t day = 0;

	*clock = time->clock_s >= 0 || (time->utc && time->year > 0);
	*dated = time->month > 0;
	if (*dated) {
		int year = time->year;

		if (year == 0) { /* that of the data */
			for (size_t i = 0; i < evidence->line_count && year == 0; i++)
				if (evidence->lines[i].dated && evidence->lines[i].count > 0) {
					int64_t last =
					    evidence->lines[i].points[evidence->lines[i].count - 1].at_s;

					year = (int)(1970 + last / 31556952);
				}
			for (size_t i = 0; i < evidence->moment_count && year == 0; i++)
				if (evidence->moments[i].dated)
					year = (int)(1970 + evidence->moments[i].at_s / 31556952);
			year = year == 0 ? 1970 : year;
		}
		day = clock_day_number(year, time->month, time->day);
	}
	*at_s = day * DAY_S + (*clock ? time->clock_s : 0);
	if (*clock && time->utc && evidence->zone != NULL) {
		int64_t shift = evidence_local_s(evidence, *at_s * 1000) - *at_s;

		if (!*dated) {
			for (size_t i = 0; i < evidence->line_count; i++)
				if (evidence->lines[i].dated && evidence->lines[i].count > 0) {
					int64_t last =
					    evidence->lines[i].points[evidence->lines[i].count - 1].at_s;

					shift = evidence_local_s(evidence, last * 1000) - last;
					break;
				}
		}
		*at_s += shift;
		if (!*dated)
			*at_s = ((*at_s % DAY_S) + DAY_S) % DAY_S;
	}
	return *clock || *dated || time->weekday >= 0;
}

int64_t evidence_last_s(const struct evidence *evidence)
{
	int64_t last = 0;

	for (size_t i = 0; i < evidence->line_count; i++) {
		const struct evidence_line *line = &evidence->lines[i];
		int64_t end = line->count == 0 || !line->dated ? 0 : line->points[line->count - 1].at_s + line->step_s;

		last = end > last ? end : last;
	}
	return last;
}

double evidence_days(const struct evidence *evidence)
{
	double most = 0;

	for (size_t i = 0; i < evidence->line_count; i++) {
		const struct evidence_line *line = &evidence->lines[i];

		if (line->count > 1 && line->dated)
			most = fmax(most, (double)(line->points[line->count - 1].at_s - line->points[0].at_s) / DAY_S);
	}
	return most;
}

/* What the data tells without a day is of its last one, where it has several. */
static bool is_same_day(const struct evidence *evidence, const struct fact *time, int64_t at_s, bool dated,
			const struct evidence_moment *moment)
{
	bool is_known = moment->dated || evidence_days(evidence) > DAYS_OF_TWO;
	int64_t day = (moment->dated ? moment->at_s : evidence_last_s(evidence) - 1) / DAY_S;

	if (!is_known || (!dated && time->weekday < 0))
		return true;
	return dated ? at_s / DAY_S == day : (day + 4) % 7 == time->weekday;
}

static bool same_time(const struct evidence *evidence, const struct fact *time,
		      const struct evidence_moment *moment)
{
	int64_t at_s, apart, slack = time->clock_half_s > 60 ? 20 * 60 : 59;
	bool dated, clock;

	if (!evidence_fact_time(evidence, time, &at_s, &dated, &clock))
		return false;
	if (!clock || !moment->clock) { /* days */
		int64_t day = moment->at_s / DAY_S;

		if (clock && !moment->clock)
			return false;
		if (dated)
			return moment->dated && at_s / DAY_S == day;
		return moment->dated && (day + 4) % 7 == time->weekday;
	}
	if (dated && moment->dated)
		return llabs(at_s - moment->at_s) <= slack;
	if (!is_same_day(evidence, time, at_s, dated, moment))
		return false;
	apart = llabs(at_s % DAY_S - moment->at_s % DAY_S);
	return apart <= slack || apart >= DAY_S - slack;
}

bool evidence_source_has_times(const struct evidence *evidence, size_t source,
			    const struct evidence_context *context)
{
	const struct evidence_source *s = &evidence->sources[source];

	for (size_t i = 0; i < s->moments; i++)
		for (size_t j = 0; j < context->time_count; j++)
			if (same_time(evidence, &context->times[j], &evidence->moments[s->first_moment + i]))
				return true;
	return false;
}

bool evidence_source_has_bound(const struct evidence *evidence, size_t source, const struct fact *time)
{
	const struct evidence_source *s = &evidence->sources[source];
	bool ends = false;

	for (size_t i = 0; i < s->moments; i++)
		ends = ends || evidence->moments[s->first_moment + i].role == EVIDENCE_END;
	for (size_t i = 0; i < s->moments; i++)
		if (!(ends && evidence->moments[s->first_moment + i].of_value) &&
		    same_time(evidence, time, &evidence->moments[s->first_moment + i]))
			return true;
	return false;
}

bool evidence_source_has_time(const struct evidence *evidence, size_t source, const struct fact *time)
{
	struct evidence_context one = { .times = time, .time_count = 1 };

	return evidence_source_has_times(evidence, source, &one);
}

/* The time of an extreme counts only where the sentence speaks of that: by its figure, or by "peak" and the like. */
static bool is_spoken_of(const struct evidence *evidence, const struct evidence_moment *moment,
			 const struct evidence_context *context)
{
	const struct evidence_figure *f;

	if (!moment->of_value)
		return true;
	f = &evidence->figures[moment->figure];
	if (context->named.count > 0 && !evidence_shares(&evidence->sources[moment->source].named, &context->named))
		return false;
	if (context->statistics != 0)
		return true;
	for (size_t i = 0; i < context->fact_count; i++)
		if (context->facts[i].kind == FACT_TIMES || context->facts[i].change ||
		    (context->facts[i].kind == FACT_FIGURE &&
		     evidence_equals(&context->facts[i], f->value, f->half, f->unit, f->unit != FACT_PLAIN,
				     f->is_count)))
			return true;
	return false;
}

/* Whether that sentence of the data is about one of the named subjects, and says so. */
static bool is_own(const struct evidence *evidence, const struct evidence_moment *moment,
		   const struct evidence_context *context)
{
	const struct evidence_named *named = &evidence->sources[moment->source].named;

	return named->count > 0 && context->named.count > 0 && evidence_shares(named, &context->named);
}

/* What began or ended then is told by the data's own "since" and "until", or by an event; by the time of an extreme
 * only of what is named. */
static bool may_bound(const struct evidence *evidence, const struct fact *time, const struct evidence_moment *moment,
		      const struct evidence_context *context)
{
	return !moment->of_value || (time->relation != FACT_AT && is_own(evidence, moment, context));
}

/* "Over its limit since 09:05" is of a stretch's begin or end, "normal again at 10:00" of its end. */
static bool suits_bound(const struct fact *time, const struct evidence_moment *moment)
{
	if (time->bound == FACT_BOUND_ANY)
		return true;
	if (time->bound == FACT_BOUND_MOVE)
		return false;
	if (time->bound == FACT_BOUND_LIMIT)
		return moment->role != EVIDENCE_EVENT;
	return moment->role == (time->bound == FACT_BOUND_BEGIN ? EVIDENCE_BEGIN : EVIDENCE_END);
}

/* Whether what is named has times of its own at which it began or ended, and this is none of them. */
bool evidence_is_other_bound(const struct evidence *evidence, const struct fact *time,
			     const struct evidence_context *context)
{
	bool has = false;

	for (size_t i = 0; i < evidence->moment_count && time->bounds; i++) {
		const struct evidence_moment *moment = &evidence->moments[i];
		bool happened;

		if (moment->source == EVIDENCE_NO_SOURCE)
			continue;
		happened = moment->role == EVIDENCE_EVENT || evidence->sources[moment->source].event != NULL;
		if (happened && time->bound != FACT_BOUND_LIMIT && may_bound(evidence, time, moment, context) &&
		    same_time(evidence, time, moment))
			return false;
		if (happened || !is_own(evidence, moment, context) || !suits_bound(time, moment))
			continue;
		if (same_time(evidence, time, moment))
			return false;
		has = true;
	}
	return has;
}

size_t evidence_bounds_then(const struct evidence *evidence, const struct fact *time, enum evidence_moment_role role)
{
	size_t count = 0;

	for (size_t i = 0; i < evidence->moment_count; i++)
		count += evidence->moments[i].role == role && evidence->moments[i].source != EVIDENCE_NO_SOURCE &&
				 evidence->sources[evidence->moments[i].source].finding > 0 &&
				 same_time(evidence, time, &evidence->moments[i])
			     ? 1
			     : 0;
	return count;
}

bool evidence_time_begins(const struct evidence *evidence, const struct fact *time,
			  const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->moment_count && time->relation == FACT_UNTIL; i++) {
		const struct evidence_moment *moment = &evidence->moments[i];

		if (moment->source != EVIDENCE_NO_SOURCE && moment->role == EVIDENCE_BEGIN &&
		    same_time(evidence, time, moment) &&
		    evidence_shares(&evidence->sources[moment->source].named, &context->named))
			return true;
	}
	return false;
}

/* "Both on Sunday": something of the data was on that day. */
static bool is_day_of_any(const struct evidence *evidence, const struct fact *time)
{
	for (size_t i = 0; i < evidence->moment_count; i++)
		if (same_time(evidence, time, &evidence->moments[i]))
			return true;
	return false;
}

/* "The second deployment at 21:02": what is called a change is one of the data's. */
static bool tells_change(const struct evidence_words *words)
{
	static const char changes[] = "change deployment update modification rollback edit";
	struct evidence_words known;

	evidence_words_read(&known, changes, sizeof(changes) - 1);
	for (size_t i = 0; i < known.count; i++)
		if (evidence_words_have(words, known.words[i]))
			return true;
	return false;
}

static bool is_change(const struct evidence *evidence, const struct evidence_moment *moment)
{
	const char *event = moment->role == EVIDENCE_EVENT ? evidence->sources[moment->source].event : NULL;

	return event != NULL && strstr(event, " by ") != NULL && strstr(event, " -> ") == NULL;
}

bool evidence_time_match(const struct evidence *evidence, const struct fact *time,
			 const struct evidence_context *context, const struct evidence_words *words,
			 size_t *suits)
{
	size_t best = 0, own = 0, others = 0;
	bool found = false, changes = tells_change(words);

	for (size_t i = 0; i < evidence->moment_count; i++) {
		const struct evidence_moment *moment = &evidence->moments[i];
		bool same = same_time(evidence, time, moment);
		size_t shared;

		if (moment->source == EVIDENCE_NO_SOURCE && same)
			return *suits = 1, true;
		if (moment->source == EVIDENCE_NO_SOURCE || !is_spoken_of(evidence, moment, context) ||
		    (time->bounds && !may_bound(evidence, time, moment, context)))
			continue;
		if (changes && same && is_change(evidence, moment))
			return *suits = 1, true;
		shared = evidence_shared_words(evidence, moment->source, words);
		best = shared > best ? shared : best;
		others = same && shared > others ? shared : others;
		if (!same || !evidence_belongs(evidence, moment->source, &context->named))
			continue;
		found = true;
		own = shared > own ? shared : own;
	}
	*suits = best;
	if (time->clock_s < 0 && (found || others > 0 || is_day_of_any(evidence, time)))
		return *suits = 1, true;
	if (evidence_is_other_bound(evidence, time, context) && !(changes && found))
		return false;
	/* Of another subject only where no other sentence suits the words better. */
	return (found && own * 2 >= best) || (others > 0 && others == best);
}
