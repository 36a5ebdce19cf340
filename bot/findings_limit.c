/* Outside of the normal range that somebody configured: no statistics needed. */
#include <math.h>

#include "bot/findings_private.h"

#define JOIN_MS HOUR_MS

/* Normal is *below*, *above*: the limit itself is outside, unless somebody says otherwise. */
static bool is_outside(const struct view *view, double value, double limit, int sign)
{
	if (value == limit)
		return !view->subject->limit_is_normal;
	return sign > 0 ? value > limit : value < limit;
}

static void say_limit(struct str *text, const struct view *view, const struct episode *e, double limit, size_t outside)
{
	bool lasts = e->to == view->end;

	text_start(text, view);
	str_addf(text, " was %s its limit of ", view->x[e->peak] == limit ? "at" : e->sign > 0 ? "over" : "under");
	text_quantity(text, view, limit);
	if (e->to - e->from == 1) {
		str_add(text, " at ");
	} else {
		str_addf(text, " %s ", lasts ? "since" : "from");
	}
	text_first_time(text, view, view_time(view, e->from));
	if (e->to - e->from > 1 && !lasts) {
		str_add(text, " to ");
		text_time(text, view, view_time(view, e->to));
	}
	str_addf(text, ": %s ", e->to - e->from == 1 ? "it was" : e->sign > 0 ? "highest" : "lowest");
	text_quantity(text, view, view->x[e->peak]);
	if (e->to - e->from > 1) {
		str_add(text, " at ");
		text_time(text, view, view_time(view, e->peak));
		str_addf(text, ", outside in %zu of %zu values", outside, e->to - e->from);
	}
	text_band(text, view, e->peak);
	str_add(text, lasts ? "; still so at the end." : ".");
}

static void add_limit(struct findings *findings, const struct view *view, struct episode *e, double limit)
{
	double unit = fmax(fabs(limit), fabs(view->level)), beyond;
	size_t outside = 0;
	struct str text;

	e->peak = e->from > view->judged ? e->from : view->judged; /* the worst of what is judged */
	for (size_t i = e->from; i < e->to; i++) {
		if (isnan(view->x[i]) || !is_outside(view, view->x[i], limit, e->sign))
			continue;
		outside++;
		if (i >= view->judged && e->sign * view->x[i] > e->sign * view->x[e->peak])
			e->peak = i;
	}
	beyond = unit > 0 ? fabs(view->x[e->peak] - limit) / unit : 1;
	str_init(&text, FINDINGS_TEXT_MAX);
	say_limit(&text, view, e, limit, outside);
	findings_add(findings, view, FINDING_LIMIT, (struct finding){
		.from_ms = view_time(view, e->from),
		.to_ms = view_time(view, e->to),
		.at_ms = view_time(view, e->peak),
		.strength = finding_strength((1 + 2 * beyond) * (1 + log2((double)outside) / 4) * 1.2),
		.value = view->x[e->peak],
		.expected = view->expected == NULL ? NAN : view->expected[e->peak],
		.limit = limit,
		.text = str_take(&text),
	});
}

/* The judged range's begin, or where what is outside there went outside. */
static size_t begin_of(const struct view *view, double limit, int sign, size_t join)
{
	size_t begin = view->judged;

	if (begin == view->end || isnan(view->x[begin]) || !is_outside(view, view->x[begin], limit, sign))
		return begin;
	for (size_t i = begin; i > 0 && begin - (i - 1) <= join + 1; i--)
		if (!isnan(view->x[i - 1]) && is_outside(view, view->x[i - 1], limit, sign))
			begin = i - 1;
	return begin;
}

static void one_side(struct findings *findings, const struct view *view, double limit, int sign)
{
	size_t join = view_steps(view, JOIN_MS);
	struct episode e = { .sign = sign };
	bool open = false;

	for (size_t i = begin_of(view, limit, sign, join); i < view->end; i++) {
		if (isnan(view->x[i]) || !is_outside(view, view->x[i], limit, sign))
			continue;
		if (open && i - e.to > join) {
			add_limit(findings, view, &e, limit);
			open = false;
		}
		if (!open)
			e.from = i;
		open = true;
		e.to = i + 1;
	}
	if (open)
		add_limit(findings, view, &e, limit);
}

void findings_limit(struct findings *findings, const struct view *view)
{
	if (!isnan(view->subject->normal_below))
		one_side(findings, view, view->subject->normal_below, 1);
	if (!isnan(view->subject->normal_above))
		one_side(findings, view, view->subject->normal_above, -1);
}
