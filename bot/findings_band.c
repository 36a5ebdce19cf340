/* Outside of what CloudWatch's anomaly detection expects: a second opinion, told where our own kinds say nothing. */
#include <math.h>
#include <stdlib.h>

#include "bot/findings_private.h"

#define LEAST_MS (15 * MINUTE_MS) /* outside for less than that is no news: a few of 100 values always are */
#define JOIN_MS (10 * MINUTE_MS)  /* so long inside is but an interruption */
#define JUST_REPORTED 1.0         /* half widths beyond the edge, times the root of how many values */
#define DEPTH_MAX 10.0            /* half widths: a band may be as narrow as its metric was still */
#define NARROWEST 0.02            /* of the expected: half of a band is at least taken for that */
#define AGREES " It was outside of what CloudWatch expects, too."

struct outside {
	struct episode e;
	size_t count;           /* values outside */
	double depth;           /* their sum */
	double values, middles; /* likewise: what they were, and what was expected */
};

static bool has_band(const struct view *view)
{
	const struct series *low = view->subject->band_low, *high = view->subject->band_high;

	return low != NULL && high != NULL && low->start_ms == view->start_ms && low->step_ms == view->step_ms &&
	       low->count >= view->end && high->count >= view->end;
}

static double low_of(const struct view *view, size_t i)
{
	return view->subject->band_low->values[i];
}

static double high_of(const struct view *view, size_t i)
{
	return view->subject->band_high->values[i];
}

static double middle_of(const struct view *view, size_t i)
{
	return (low_of(view, i) + high_of(view, i)) / 2;
}

/* 1: above, -1: below; 0: inside, or not known. */
static int side_of(const struct view *view, size_t i)
{
	return view->x[i] > high_of(view, i) ? 1 : view->x[i] < low_of(view, i) ? -1 : 0;
}

/* How far beyond the edge, in halves of the band's width. */
static double depth_of(const struct view *view, size_t i, int sign)
{
	double beyond = sign > 0 ? view->x[i] - high_of(view, i) : low_of(view, i) - view->x[i];
	double half = fmax((high_of(view, i) - low_of(view, i)) / 2, NARROWEST * fabs(middle_of(view, i)));

	return half > 0 ? fmin(beyond / half, DEPTH_MAX) : DEPTH_MAX;
}

/* So many buckets inside do not end a stay. */
static size_t join_of(const struct view *view)
{
	return (size_t)(JOIN_MS / view->step_ms);
}

/* The judged range's begin, or where what is outside there went outside: at most a third of the baseline back. */
static size_t begin_of(const struct view *view, int sign)
{
	size_t begin = view->judged, least = view->judged - view->judged / 3;
	size_t join = join_of(view);

	if (begin == view->end || side_of(view, begin) != sign)
		return begin;
	for (size_t i = begin; i > least && begin - (i - 1) <= join + 1; i--)
		if (side_of(view, i - 1) == sign)
			begin = i - 1;
	return begin;
}

static void take_bucket(const struct view *view, struct outside *o, size_t i)
{
	double depth = depth_of(view, i, o->e.sign);

	if (o->count == 0)
		o->e.from = i;
	/* The worst of what is judged. */
	if (o->count == 0 || (i >= view->judged && (o->e.peak < view->judged ||
	                                            depth > depth_of(view, o->e.peak, o->e.sign))))
		o->e.peak = i;
	o->e.to = i + 1;
	o->count++;
	o->depth += depth;
	o->values += view->x[i];
	o->middles += middle_of(view, i);
}

/* The next stay on one side within [*at, end), after which *at stands. False: there is none. */
static bool next_outside(const struct view *view, int sign, size_t *at, size_t end, struct outside *o)
{
	*o = (struct outside){ .e.sign = sign };
	for (; *at < end; (*at)++) {
		if (o->count > 0 && *at - o->e.to > join_of(view))
			break;
		if (side_of(view, *at) == sign)
			take_bucket(view, o, *at);
	}
	o->e.longest = o->e.to - o->e.from;
	return o->count > 0;
}

static bool is_short(const struct view *view, const struct outside *o)
{
	return o->count < view_steps(view, LEAST_MS) || o->count * 2 < o->e.to - o->e.from;
}

/* Far and long together: what is twice as long need not be as far. */
static double size_of(const struct outside *o)
{
	return o->depth / (double)o->count * sqrt((double)o->count);
}

/* What a stay must be greater than: some metrics leave their band every day. One incident of the past is no habit. */
static double least_size(const struct view *view, int sign, size_t end)
{
	double greatest = JUST_REPORTED, second = JUST_REPORTED;
	struct outside o;
	size_t at = 0;

	while (next_outside(view, sign, &at, end, &o)) {
		if (is_short(view, &o) || size_of(&o) <= second)
			continue;
		second = fmin(greatest, size_of(&o));
		greatest = fmax(greatest, size_of(&o));
	}
	return second;
}

static bool is_small(const struct view *view, const struct outside *o)
{
	bool peak = (int64_t)o->e.longest * view->step_ms <= HOUR_MS;

	return findings_is_small(view, &o->e, peak ? view->x[o->e.peak] : o->values / (double)o->count,
	                         peak ? middle_of(view, o->e.peak) : o->middles / (double)o->count);
}

/* --- our own finding of the same --- */

/* Into which direction a finding goes; 0: into any. */
static int direction_of(const struct view *view, const struct finding *f)
{
	if (f->kind == FINDING_LIMIT)
		return f->limit == view->subject->normal_below ? 1 : -1;
	if (f->kind == FINDING_SLOW_CHANGE)
		return f->value > 0 ? 1 : -1;
	return f->kind == FINDING_FLAT ? 0 : f->value > f->expected ? 1 : -1;
}

static bool is_same(const struct view *view, const struct finding *f, const struct episode *e)
{
	int direction;

	if (f->subject != view->index || f->from_ms >= view_time(view, e->to) || f->to_ms <= view_time(view, e->from) ||
	    f->kind == FINDING_MISSING || f->kind == FINDING_BAND)
		return false;
	if (f->kind == FINDING_SLOW_CHANGE && e->to < view->end)
		return false; /* of hours, within days */
	direction = direction_of(view, f);
	return direction == 0 || direction == e->sign;
}

static void say_agreement(struct finding *f)
{
	struct str text;

	if (str_ends(f->text, AGREES))
		return;
	str_init(&text, FINDINGS_TEXT_MAX);
	str_add(&text, f->text);
	str_add(&text, AGREES);
	free(f->text);
	f->text = str_take(&text);
}

/* Ours stands, and says that CloudWatch agrees. False: there is none. */
static bool is_ours(struct findings *findings, const struct view *view, const struct episode *e)
{
	bool ours = false;

	for (size_t i = 0; i < findings->count; i++) {
		if (!is_same(view, &findings->items[i], e))
			continue;
		say_agreement(&findings->items[i]);
		ours = true;
	}
	return ours;
}

/* --- telling --- */

static void say_when(struct str *text, const struct view *view, const struct episode *e)
{
	bool lasts = e->to == view->end, single = e->to - e->from == 1;

	text_start(text, view);
	str_addf(text, " was %s what CloudWatch expects %s ", e->sign > 0 ? "above" : "below",
	         single ? "at" : lasts ? "since" : "from");
	text_first_time(text, view, view_time(view, e->from));
	if (single)
		return;
	if (!lasts) {
		str_add(text, " to ");
		text_time(text, view, view_time(view, e->to));
	}
	str_add(text, ", for ");
	text_duration(text, (int64_t)(e->to - e->from) * view->step_ms);
}

static void say_outside(struct str *text, const struct view *view, const struct outside *o)
{
	const struct episode *e = &o->e;
	bool single = e->to - e->from == 1;

	say_when(text, view, e);
	str_addf(text, ": %s ", single ? "it was" : e->sign > 0 ? "highest" : "lowest");
	text_quantity(text, view, view->x[e->peak]);
	if (!single) {
		str_add(text, " at ");
		text_time(text, view, view_time(view, e->peak));
	}
	str_add(text, ", where it expects ");
	text_range(text, view, low_of(view, e->peak), high_of(view, e->peak));
	if (!single)
		str_addf(text, "; outside in %zu of %zu values", o->count, e->to - e->from);
	str_add(text, e->to == view->end ? "; still so at the end." : ".");
}

static void add_outside(struct findings *findings, const struct view *view, const struct outside *o, double ratio)
{
	const struct episode *e = &o->e;
	struct str text;

	str_init(&text, FINDINGS_TEXT_MAX);
	say_outside(&text, view, o);
	findings_add(findings, view, FINDING_BAND, (struct finding){
		.from_ms = view_time(view, e->from),
		.to_ms = view_time(view, e->to),
		.at_ms = view_time(view, e->peak),
		.strength = finding_strength(ratio),
		.value = view->x[e->peak],
		.expected = middle_of(view, e->peak),
		.limit = NAN,
		.text = str_take(&text),
	});
}

static void one_side(struct findings *findings, const struct view *view, int sign)
{
	size_t at = begin_of(view, sign);
	double least = least_size(view, sign, at);
	struct outside o;

	while (next_outside(view, sign, &at, view->end, &o))
		if (!is_short(view, &o) && size_of(&o) >= least && !is_small(view, &o) &&
		    !is_ours(findings, view, &o.e))
			add_outside(findings, view, &o, size_of(&o) / least);
}

void findings_band(struct findings *findings, const struct view *view)
{
	if (!has_band(view))
		return;
	one_side(findings, view, 1);
	one_side(findings, view, -1);
}
