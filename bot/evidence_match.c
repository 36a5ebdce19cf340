/* One claim against figures and times of texts: whether a value is what was written, in whatever rounding and
 * unit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/evidence_private.h"

#define ABOUT 0.06        /* "about", of a figure */
#define ABOUT_TIMES 0.12  /* of a ratio */
#define BEYOND_FINE 0.02  /* "over 1,234": how far over it may be */
#define BEYOND 0.12       /* "over 12" */
#define BEYOND_ROUND 0.25 /* "over 1,000" */
#define ROUND_MOST 0.04   /* a whole number's zeros are taken for rounding up to this part of it */
#define COUNTED_TIMES 20
#define ROWS_LOOKED_MAX 64 /* of a log query, with one figure */
#define SUITING_WORDS 2   /* a sentence of the data that shares fewer suits by chance */
#define DAYS_OF_TWO 2 /* of so many days a time without one is of the newest */
#define DAY_S 86400

static bool is_round(const struct fact *claim, double value)
{
	double written = fabs(claim->factor > 0 ? value / claim->factor : value);
	double size = written > 0 ? pow(10, floor(log10(written) + 1e-9)) : 1;

	return fabs(written / size - round(written / size)) < 1e-9;
}

/* Three digits that count or more: "about 9,830" is not 9,380. */
static bool is_fine(const struct fact *claim, const struct fact_reading *r)
{
	return r->half > 0 && fabs(r->value) / (2 * r->half * pow(10, claim->zeros)) >= 99.5;
}

bool evidence_near(const struct fact *claim, size_t reading, double value, double half)
{
	const struct fact_reading *r = &claim->readings[reading];
	double size = fabs(r->value), own = r->half, low, high, beyond;

	if (claim->zeros > 0)
		own = fmax(own, fmin(r->half * pow(10, claim->zeros), ROUND_MOST * size));
	own = own * (1 + 1e-6) + size * 1e-9;
	if (claim->hedge == FACT_ABOUT)
		own = fmax(own, is_fine(claim, r) ? 3 * own
						  : size * (claim->kind == FACT_TIMES ? ABOUT_TIMES : ABOUT));
	(void)half; /* what was given rounded is not known better than it was written, and may not be told
		       better */
	low = r->value - own;
	high = r->value + own;
	beyond = size * (is_fine(claim, r) ? BEYOND_FINE : is_round(claim, r->value) ? BEYOND_ROUND : BEYOND);
	if (claim->hedge == FACT_AT_LEAST)
		high = fmax(high, r->value + beyond);
	if (claim->hedge == FACT_AT_MOST)
		low = fmin(low, r->value - beyond);
	return value >= low && value <= high;
}

/* With the claim's readings multiplied by `factor`. */
static bool near_times(const struct fact *claim, double value, double factor)
{
	struct fact scaled = *claim;

	for (size_t i = 0; i < claim->reading_count; i++) {
		scaled.readings[i].value *= factor;
		scaled.readings[i].half *= factor;
		if (evidence_near(&scaled, i, value, 0))
			return true;
		/* "fell by 12 %", "-12 %": the sign may be in the words. */
		if (value < 0 && scaled.readings[i].value > 0 && evidence_near(&scaled, i, -value, 0))
			return true;
	}
	return false;
}

bool evidence_equals(const struct fact *claim, double value, double half, enum fact_unit unit, bool unit_known,
		     bool is_count)
{
	(void)half;
	if (claim->unit == unit && near_times(claim, value, 1))
		return true;
	if (claim->unit == unit)
		return false;
	if (claim->unit == FACT_PLAIN) { /* the unit was left out: "0.196", "196" of milliseconds */
		if (unit == FACT_SECONDS)
			return near_times(claim, value, 1) || near_times(claim, value, 1e-3);
		return unit >= FACT_PERCENT && near_times(claim, value, 1);
	}
	if (unit != FACT_PLAIN || is_count)
		return false;
	if (claim->unit == FACT_PERCENT && fabs(value) <= 1.5 && near_times(claim, value, 0.01))
		return true; /* a share: 0.93 */
	if (unit_known)
		return false;
	if (near_times(claim, value, 1))
		return true;
	return claim->factor > 0 && claim->factor != 1 && near_times(claim, value, 1 / claim->factor);
}

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

static bool belongs(const struct evidence *evidence, size_t source, const struct evidence_named *named)
{
	return source == EVIDENCE_NO_SOURCE || evidence_shares(&evidence->sources[source].named, named);
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

static bool source_has_time(const struct evidence *evidence, size_t source,
			    const struct evidence_context *context)
{
	const struct evidence_source *s = &evidence->sources[source];

	for (size_t i = 0; i < s->moments; i++)
		for (size_t j = 0; j < context->time_count; j++)
			if (same_time(evidence, &context->times[j], &evidence->moments[s->first_moment + i]))
				return true;
	return false;
}

bool evidence_source_has_time(const struct evidence *evidence, size_t source, const struct fact *time)
{
	struct evidence_context one = { .times = time, .time_count = 1 };

	return source_has_time(evidence, source, &one);
}

size_t evidence_shared_words(const struct evidence *evidence, size_t source, const struct evidence_words *words)
{
	const struct evidence_source *s = &evidence->sources[source];
	size_t count = 0;

	for (size_t i = 0; i < s->words; i++)
		count += evidence_words_have(words, evidence->source_words[s->first_word + i]) ? 1 : 0;
	return count;
}

size_t evidence_most_shared(const struct evidence *evidence, const struct evidence_words *words, size_t *group)
{
	size_t most = 0;

	for (size_t i = 0; i < evidence->source_count; i++) {
		size_t shared = evidence->sources[i].figures == 0 ? 0 : evidence_shared_words(evidence, i, words);

		if (shared > most) {
			most = shared;
			*group = evidence->sources[i].group;
		}
	}
	return most;
}

/* Whether a sentence of the data suits the words of this one best, whatever subjects both name. */
static bool suits(const struct evidence *evidence, size_t source, const struct evidence_context *context)
{
	return source != EVIDENCE_NO_SOURCE && context->words != NULL && context->most_shared >= SUITING_WORDS &&
	       evidence_shared_words(evidence, source, context->words) * 2 > context->most_shared;
}

bool evidence_figure_has_times(const struct evidence *evidence, const struct fact *claim,
			       const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		struct evidence_context one = { .time_count = 1 };
		bool all = f->source != EVIDENCE_NO_SOURCE && f->unit == claim->unit &&
			   evidence_equals(claim, f->value, f->half, f->unit, true, f->is_count) &&
			   belongs(evidence, f->source, &context->named);

		for (size_t j = 0; j < context->time_count && all; j++) {
			one.times = &context->times[j];
			all = source_has_time(evidence, f->source, &one);
		}
		if (all)
			return true;
	}
	return false;
}

/* "It answered 512 times" counts, "5 times as much" compares. */
static bool counts_times(const struct evidence *evidence, const struct fact *claim, const struct evidence_figure *f)
{
	return !claim->loose && !claim->compares && claim->unit == FACT_PLAIN && f->unit == FACT_PLAIN &&
	       (f->value >= COUNTED_TIMES ||
		(f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record));
}

/* Asked for is the last value, and the data calls it the greatest, or usual, or a limit. */
static bool is_another_statistic(const struct fact *claim, const struct evidence_figure *f,
				 const struct evidence_context *context)
{
	/* "The average response time reached 1.53 s": a metric may be one of averages. */
	if ((context->statistics & ~(unsigned)(EVIDENCE_MEAN | EVIDENCE_MEDIAN)) == 0 ||
	    claim->kind != FACT_FIGURE || claim->change || claim->hedge == FACT_AT_LEAST ||
	    claim->hedge == FACT_AT_MOST || claim->role != FACT_ROLE_VALUE)
		return false;
	if (f->role == FACT_ROLE_LIMIT)
		return true;
	if (f->role == FACT_ROLE_USUAL)
		return (context->statistics & (EVIDENCE_MEAN | EVIDENCE_MEDIAN)) == 0;
	return f->statistics != 0 && (f->statistics & context->statistics) == 0;
}

/* Whether a named subject has values of the claim's kind: then no other one is meant. */
static bool named_have(const struct evidence *evidence, const struct fact *claim,
		       const struct evidence_context *context)
{
	for (size_t i = 0; i < context->named.count; i++)
		if ((evidence->subjects[context->named.subjects[i]].units & 1u << claim->unit) != 0)
			return true;
	return false;
}

static bool names_line(const struct evidence *evidence, size_t source)
{
	const struct evidence_named *named = &evidence->sources[source].named;

	for (size_t i = 0; i < named->count; i++)
		if (evidence->subjects[named->subjects[i]].has_line)
			return true;
	return named->count == 0;
}

/* Of what names nothing, only what suits its words. */
static bool may_be_meant(const struct evidence *evidence, const struct evidence_figure *f, const struct fact *claim,
			 const struct evidence_context *context)
{
	if (context->beside_name && (f->source == EVIDENCE_NO_SOURCE || names_line(evidence, f->source)))
		return false;
	if (f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record) {
		enum evidence_row row = evidence_record_row(evidence, f->source, context->clause, context->words);

		if (row != EVIDENCE_ROW_ANY)
			return row == EVIDENCE_ROW_MEANT;
	}
	if (!named_have(evidence, claim, context) && suits(evidence, f->source, context))
		return true;
	if (evidence_words_decide(context))
		return f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].group == context->best_group;
	return belongs(evidence, f->source, &context->named);
}

bool evidence_words_decide(const struct evidence_context *context)
{
	return context->named.count == 0 && context->words != NULL && context->most_shared >= SUITING_WORDS;
}

/* "98.5 ms" is no bare 98.5 of a metric that is in percent. */
static bool is_of_other_unit(const struct evidence *evidence, const struct fact *claim, const struct evidence_figure *f,
			     const struct evidence_context *context)
{
	unsigned units = 0;

	for (size_t i = 0; i < context->named.count; i++)
		units |= evidence->subjects[context->named.subjects[i]].units;
	return f->unit == FACT_PLAIN && claim->unit != FACT_PLAIN && units != 0 && (units & 1u << claim->unit) == 0;
}

static bool is_of_own(const struct evidence *evidence, const struct evidence_figure *f,
		      const struct evidence_context *context)
{
	return f->source != EVIDENCE_NO_SOURCE && context->named.count > 0 &&
	       evidence->sources[f->source].named.count > 0 &&
	       evidence_shares(&evidence->sources[f->source].named, &context->named);
}

/* Whether the data tells how long something of what is named took: then another's stretch is not meant. */
static bool have_lasted(const struct evidence *evidence, const struct evidence_context *context)
{
	for (size_t i = 0; i < evidence->figure_count; i++)
		if (evidence->figures[i].spans && is_of_own(evidence, &evidence->figures[i], context))
			return true;
	return false;
}

enum evidence_match evidence_figure_match(const struct evidence *evidence, const struct fact *claim,
					  const struct evidence_context *context)
{
	enum evidence_match best = EVIDENCE_NONE;
	bool lasts = claim->spans && have_lasted(evidence, context);
	size_t rows = 0;

	for (size_t i = 0; i < evidence->figure_count && best != EVIDENCE_FOUND_THEN; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->times != (claim->kind == FACT_TIMES) && !counts_times(evidence, claim, f))
			continue;
		/* Of rows one is enough: they may be many, and all alike. */
		if (f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record &&
		    (best != EVIDENCE_NONE || rows == ROWS_LOOKED_MAX))
			continue;
		if ((claim->rate && !f->rate) || is_another_statistic(claim, f, context))
			continue;
		if (claim->change && !f->change && !claim->duration)
			continue;
		if ((claim->spans && f->unit == FACT_SECONDS && (!f->spans || (lasts && !is_of_own(evidence, f, context)))) || is_of_other_unit(evidence, claim, f, context))
			continue;
		if (!evidence_equals(claim, f->value, f->half, f->unit, f->unit != FACT_PLAIN, f->is_count))
			continue;
		rows += f->source != EVIDENCE_NO_SOURCE && evidence->sources[f->source].is_record ? 1 : 0;
		if (!may_be_meant(evidence, f, claim, context))
			continue;
		best = EVIDENCE_FOUND;
		if (f->source != EVIDENCE_NO_SOURCE && context->time_count > 0 &&
		    source_has_time(evidence, f->source, context))
			best = EVIDENCE_FOUND_THEN;
	}
	return best;
}

enum evidence_part evidence_part_match(const struct evidence *evidence, const struct fact *claim)
{
	enum evidence_part found = EVIDENCE_PART_UNKNOWN;

	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];

		if (f->whole == 0)
			continue;
		if (f->value == claim->readings[0].value && f->whole == claim->whole)
			return EVIDENCE_PART_FOUND;
		if (f->whole == claim->whole || f->value == claim->readings[0].value)
			found = EVIDENCE_PART_OTHER;
	}
	return found;
}

void evidence_of_limit(const struct evidence *evidence, const struct fact *claim, struct evidence_named *named)
{
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		const struct evidence_named *own = f->source == EVIDENCE_NO_SOURCE ? NULL : &evidence->sources[f->source].named;

		if (own == NULL || f->role != FACT_ROLE_LIMIT || !evidence_equals(claim, f->value, f->half, f->unit, true, false))
			continue;
		for (size_t j = 0; j < own->count && named->count < EVIDENCE_NAMED_MAX; j++)
			named->subjects[named->count++] = own->subjects[j];
	}
}

/* How much of what a sentence of the data names, and of its figures, the claim's sentence has. */
static size_t in_common(const struct evidence *evidence, size_t source, const struct fact *claim,
			const struct evidence_context *context)
{
	const struct evidence_source *s = &evidence->sources[source];
	size_t count = 0;

	for (size_t i = 0; i < context->named.count && s->named.count > 0; i++)
		for (size_t j = 0; j < s->named.count; j++)
			count += s->named.subjects[j] == context->named.subjects[i] ? 2 : 0;
	for (size_t i = 0; i < context->fact_count; i++)
		for (size_t j = 0; j < s->figures && context->facts[i].kind == FACT_FIGURE; j++) {
			const struct evidence_figure *f = &evidence->figures[s->first_figure + j];

			count += context->facts[i].from != claim->from && context->facts[i].unit == f->unit &&
					 evidence_equals(&context->facts[i], f->value, f->half, f->unit, true, f->is_count)
				     ? 1
				     : 0;
		}
	return count;
}

bool evidence_tally_match(const struct evidence *evidence, const struct fact *claim,
			  const struct evidence_context *context)
{
	size_t best = 0;
	bool found = false;

	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		size_t common;
		bool same;

		if (!f->tallies || f->source == EVIDENCE_NO_SOURCE)
			continue;
		common = in_common(evidence, f->source, claim, context);
		same = claim->readings[0].value == f->value ||
		       (claim->hedge != FACT_AS_WRITTEN && evidence_equals(claim, f->value, f->half, f->unit, true, true));
		if (common > best)
			found = false;
		if (common >= best)
			found = found || same;
		best = common > best ? common : best;
	}
	return found;
}

bool evidence_role_match(const struct evidence *evidence, const struct fact *claim,
			 const struct evidence_context *context, bool *known)
{
	*known = false;
	for (size_t i = 0; i < evidence->figure_count; i++) {
		const struct evidence_figure *f = &evidence->figures[i];
		bool one_kind = f->unit == claim->unit || claim->unit == FACT_PLAIN || f->unit == FACT_PLAIN;

		if (f->role != claim->role || f->times || f->change || !one_kind ||
		    is_of_other_unit(evidence, claim, f, context) || !belongs(evidence, f->source, &context->named))
			continue;
		*known = *known || f->unit == claim->unit || claim->unit == FACT_PLAIN;
		if (evidence_equals(claim, f->value, f->half, f->unit, f->unit != FACT_PLAIN, f->is_count))
			return true;
	}
	return false;
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
		if (happened && may_bound(evidence, time, moment, context) && same_time(evidence, time, moment))
			return false;
		if (happened || !is_own(evidence, moment, context))
			continue;
		if (same_time(evidence, time, moment))
			return false;
		has = true;
	}
	return has;
}

/* "Both on Sunday": something of the data was on that day. */
static bool is_day_of_any(const struct evidence *evidence, const struct fact *time)
{
	for (size_t i = 0; i < evidence->moment_count; i++)
		if (same_time(evidence, time, &evidence->moments[i]))
			return true;
	return false;
}

bool evidence_time_match(const struct evidence *evidence, const struct fact *time,
			 const struct evidence_context *context, const struct evidence_words *words,
			 size_t *suits)
{
	size_t best = 0, own = 0, others = 0;
	bool found = false;

	for (size_t i = 0; i < evidence->moment_count; i++) {
		const struct evidence_moment *moment = &evidence->moments[i];
		bool same = same_time(evidence, time, moment);
		size_t shared;

		if (moment->source == EVIDENCE_NO_SOURCE && same)
			return *suits = 1, true;
		if (moment->source == EVIDENCE_NO_SOURCE || !is_spoken_of(evidence, moment, context) ||
		    (time->bounds && !may_bound(evidence, time, moment, context)))
			continue;
		shared = evidence_shared_words(evidence, moment->source, words);
		best = shared > best ? shared : best;
		others = same && shared > others ? shared : others;
		if (!same || !belongs(evidence, moment->source, &context->named))
			continue;
		found = true;
		own = shared > own ? shared : own;
	}
	*suits = best;
	if (time->clock_s < 0 && (found || others > 0 || is_day_of_any(evidence, time)))
		return *suits = 1, true;
	if (evidence_is_other_bound(evidence, time, context))
		return false;
	/* Of another subject only where no other sentence suits the words better. */
	return (found && own * 2 >= best) || (others > 0 && others == best);
}
