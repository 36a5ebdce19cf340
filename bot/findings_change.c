/* Sudden changes and new levels: which episodes a person should hear of, and in what words. */
#include <math.h>

#include "bot/findings_private.h"

#define SMALL_SOON 0.1       /* of the expected: ups and downs of so much within an hour are ignored */
#define SMALL_LONG 0.05      /* what lasts longer may be smaller */
#define MOVES_SOON 1.25      /* of what the metric moves by anyway, where that is less than the share of the level */
#define MOVES_LONG 0.75
#define NEAR_SUDDEN 0.75     /* of the way to the limit: below that a configured limit says it is normal */
#define NEAR_LEVEL 0.5
#define NOTHING 0.05         /* of the expected: fallen to (nearly) nothing */
#define BACK_MS (20 * MINUTE_MS) /* after an episode, in which most values must be usual to say so */
#define BACK_STEPS 6

static bool is_short(const struct view *view, const struct episode *e)
{
	return (int64_t)e->longest * view->step_ms <= HOUR_MS;
}

/* By how much it is off, as a person would see it: the peak of a short one, the middle of a long one. */
static void measure(const struct view *view, const struct episode *e, double *value, double *expected)
{
	bool peak = is_short(view, e) || e->longest < 3;

	*value = peak ? view->x[e->peak] : e->value;
	*expected = peak ? view->expected[e->peak] : e->expected;
}

bool findings_is_small(const struct view *view, const struct episode *e, double value, double expected)
{
	bool soon = is_short(view, e);
	double least = (soon ? SMALL_SOON : SMALL_LONG) * fabs(expected);

	if (view->variation > 0)
		least = fmin(least, (soon ? MOVES_SOON : MOVES_LONG) * view->variation);
	return e->sign * (value - expected) <= least;
}

/* Somebody said what is normal on that side: within it, only what comes near the limit is told. */
static bool is_within_limit(const struct view *view, const struct episode *e, double value, double expected)
{
	double limit = e->sign > 0 ? view->subject->normal_below : view->subject->normal_above;
	double near = e->lasts ? NEAR_LEVEL : NEAR_SUDDEN;

	return e->sign * (limit - expected) > 0 && (value - expected) / (limit - expected) < near; /* not NaN */
}

static bool has_such_days(const struct view *view, bool weekend)
{
	size_t count = 0;

	for (size_t i = 0; i < view->judged; i++)
		count += !isnan(view->x[i]) && view_is_weekend(view->day[i]) == weekend ? 1 : 0;
	return count * 3 >= view->slots;
}

/* The first weekend that is seen is calmer, the first weekday busier: no wonder where the time of day counts. */
static bool is_first_of_kind(const struct view *view, const struct episode *e, double value, double expected)
{
	bool weekend = view_is_weekend(view->day[e->from]);

	return view->pattern == PATTERN_DAY && weekend == (e->sign < 0) && !has_such_days(view, weekend) &&
	       !(e->sign < 0 && expected > 0 && value <= NOTHING * expected);
}

/* A line in that direction was told. */
static bool is_on_its_way(const struct findings *findings, const struct view *view, int sign)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];

		if (f->subject == view->index && f->kind == FINDING_SLOW_CHANGE && (f->value > 0) == (sign > 0))
			return true;
	}
	return false;
}

/* Outside of its limit it is told already; and is at least as strong as such a change without a limit. */
static bool is_told_as_limit(struct findings *findings, const struct view *view, const struct episode *e)
{
	bool told = false;

	for (size_t i = 0; i < findings->count; i++) {
		struct finding *f = &findings->items[i];

		if (f->subject != view->index || f->kind != FINDING_LIMIT || f->from_ms >= view_time(view, e->to) ||
		    f->to_ms <= view_time(view, e->from))
			continue;
		f->strength = fmax(f->strength, finding_strength(e->ratio));
		told = true;
	}
	return told;
}

static bool is_told(const struct findings *findings, const struct view *view, const struct episode *e)
{
	if (view->line.found && e->lasts && (view->line.slope > 0) == (e->sign > 0))
		return true;
	if (e->lasts && is_on_its_way(findings, view, e->sign))
		return true;
	return findings_is_flat(view, e);
}

static void say_limit(struct str *text, const struct view *view, const struct episode *e, double value)
{
	double limit = e->sign > 0 ? view->subject->normal_below : view->subject->normal_above;

	if (isnan(limit) || e->sign * (limit - value) <= 0)
		return;
	str_addf(text, " It stays %s its limit of ", e->sign > 0 ? "below" : "above");
	text_quantity(text, view, limit);
	str_add_char(text, '.');
}

/* Whether most of what follows at once is usual: only then it may be called so. */
static bool is_back(const struct view *view, const struct episode *e)
{
	size_t until = e->to + (view_steps(view, BACK_MS) < BACK_STEPS ? BACK_STEPS : view_steps(view, BACK_MS));
	size_t known = 0, usual = 0;

	for (size_t i = e->to; i < view->end && i < until; i++) {
		double low, high;

		if (isnan(view->x[i]))
			continue;
		view_band(view, i, &low, &high);
		known++;
		usual += view->x[i] >= low && view->x[i] <= high ? 1 : 0;
	}
	return known > 0 && usual * 2 >= known;
}

/* ", 5 times between 01:20 and 17:20, each for about 5 min" */
static void say_parts(struct str *text, const struct view *view, const struct episode *e)
{
	str_addf(text, ", %zu times between ", e->parts);
	text_time(text, view, view_time(view, e->from));
	str_add(text, " and ");
	text_time(text, view, view_time(view, e->to));
	str_addf(text, ", each for %s", e->longest > 2 * e->shortest ? "" : "about ");
	if (e->longest > 2 * e->shortest) {
		text_duration(text, (int64_t)e->shortest * view->step_ms);
		str_add(text, " to ");
	}
	text_duration(text, (int64_t)e->longest * view->step_ms);
	str_add_char(text, '.');
}

static void say_sudden(struct str *text, const struct view *view, const struct episode *e)
{
	bool ended = e->to < view->end;

	text_start(text, view);
	str_addf(text, " %s to ", e->sign > 0 ? "rose" : "fell");
	text_quantity(text, view, view->x[e->peak]);
	str_add(text, " at ");
	text_first_time(text, view, view_time(view, e->peak));
	text_band(text, view, e->peak);
	if (e->parts > 1) {
		say_parts(text, view, e);
		return;
	}
	if (e->to - e->from > 1) {
		str_add(text, ", unusual since ");
		text_time(text, view, view_time(view, e->from));
	}
	str_add(text, !ended ? "; still so at " : is_back(view, e) ? "; back to usual at " : "; until ");
	text_time(text, view, view_time(view, e->to));
	if (e->to - e->from > 1) {
		str_addf(text, "%s ", ended && is_back(view, e) ? " after" : ", for");
		text_duration(text, (int64_t)(e->to - e->from) * view->step_ms);
	}
	str_add_char(text, '.');
}

static void say_level(struct str *text, const struct view *view, const struct episode *e, double value,
                      double expected)
{
	text_start(text, view);
	str_addf(text, " has been %s since ", e->sign > 0 ? "higher" : "lower");
	text_first_time(text, view, view_time(view, e->from));
	str_add(text, ": about ");
	text_quantity(text, view, value);
	str_add(text, ", where about ");
	text_quantity(text, view, expected);
	str_add(text, " was usual; for ");
	text_duration(text, (int64_t)(e->to - e->from) * view->step_ms);
	str_add(text, " now, and still so at ");
	text_time(text, view, view_time(view, e->to));
	str_add_char(text, '.');
}

static void add_change(struct findings *findings, const struct view *view, const struct episode *e)
{
	enum finding_kind kind = e->lasts ? FINDING_LEVEL_SHIFT : FINDING_SUDDEN;
	double value = view->x[e->peak], expected = view->expected[e->peak];
	struct str text;

	str_init(&text, FINDINGS_TEXT_MAX);
	if (e->lasts) {
		value = view_median(view->x, e->from, e->to);
		expected = view_median(view->expected, e->from, e->to);
		say_level(&text, view, e, value, expected);
	} else {
		say_sudden(&text, view, e);
	}
	say_limit(&text, view, e, value);
	findings_add(findings, view, kind, (struct finding){
		.from_ms = view_time(view, e->from),
		.to_ms = view_time(view, e->to),
		.at_ms = view_time(view, e->lasts ? e->from : e->peak),
		.strength = finding_strength(e->ratio),
		.value = value,
		.expected = expected,
		.limit = e->sign > 0 ? view->subject->normal_below : view->subject->normal_above,
		.text = str_take(&text),
	});
}

void findings_change(struct findings *findings, struct view *view)
{
	struct episode episodes[EPISODES_MAX];
	size_t count = findings_episodes(view, episodes);

	for (size_t i = 0; i < count; i++) {
		const struct episode *e = &episodes[i];
		double value, expected;

		if (!view->moves || e->ratio > view->moved.ratio)
			view->moved = *e;
		view->moves = true;
		measure(view, e, &value, &expected);
		if (is_told_as_limit(findings, view, e) || findings_is_small(view, e, value, expected) ||
		    is_told(findings, view, e) || is_within_limit(view, e, value, expected) ||
		    is_first_of_kind(view, e, value, expected) || findings_is_timing(view, e) ||
		    findings_precedent(view, view->z, e).recurs)
			continue;
		add_change(findings, view, e);
	}
}
