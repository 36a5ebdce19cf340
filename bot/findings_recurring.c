/* What happens at that hour of other days too: known, and told as such. */
#include <math.h>

#include "bot/findings_private.h"
#include "bot/statistics.h"

#define HOUR_OFF_MS HOUR_MS   /* jobs start a little sooner or later */
#define TIMING_MS (15 * MINUTE_MS)
#define ALIKE 0.5             /* of the height */
#define ALIKE_ONCE 0.7        /* when one day is all there is to compare with */
#define MOST 0.6              /* of the days */
#define OUTSTANDING 6.0       /* scales */
#define LONGEST_MS (3 * HOUR_MS)
#define EDGE_MS (15 * MINUTE_MS)
#define OF_DAY 0.3            /* of what a day goes up and down anyway */
#define OF_LEVEL 0.1
#define CANDIDATES_MAX 4      /* a series that does so all day has no hour for it */

struct tally {
	size_t days, alike;
	double worst; /* the smallest height among them, of the episode's */
};

/* The bucket of the same local time, so many days ago; may be below 0. */
static int64_t days_ago(const struct view *view, size_t i, int64_t days)
{
	int64_t then = (int64_t)i - days * DAY_MS / view->step_ms, off;

	if (then < 0 || then >= (int64_t)view->end)
		return then;
	off = view->slot[i] - view->slot[then];
	if (off > (int64_t)view->slots / 2)
		off -= (int64_t)view->slots;
	if (off < -(int64_t)view->slots / 2)
		off += (int64_t)view->slots;
	return then + off; /* the clock was changed in between */
}

/* The greatest mean of sign * y over `length` buckets within [from, to); NaN: mostly unknown. */
static double highest(const double *y, int64_t from, int64_t to, size_t length, int sign)
{
	double best = NAN, sum = 0;
	size_t known = 0;

	for (int64_t i = from; i < to; i++) {
		if (!isnan(y[i])) {
			sum += sign * y[i];
			known++;
		}
		if (i - from >= (int64_t)length && !isnan(y[i - (int64_t)length])) {
			sum -= sign * y[i - (int64_t)length];
			known--;
		}
		if (i - from + 1 >= (int64_t)length && 2 * known >= length && known > 0)
			best = fmax(isnan(best) ? -INFINITY : best, sum / (double)known);
	}
	return best;
}

static void count_day(struct tally *tally, double share)
{
	tally->days++;
	tally->alike += share >= ALIKE;
	tally->worst = tally->days == 1 ? share : fmin(tally->worst, share);
}

static double share_of(const struct tally *tally)
{
	return tally->days == 0 ? 0 : (double)tally->alike / (double)tally->days;
}

static struct precedent decide(const struct tally *all, const struct tally *kind, const struct tally *same,
                               bool weekend, size_t weekday)
{
	static const char *const names[] = { "Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays",
	                                     "Saturdays" };
	bool by_all = all->days >= 3 && share_of(all) >= MOST;
	bool once = weekend && kind->days == 1 && kind->worst >= ALIKE_ONCE; /* a week has no more */
	bool by_kind = once || (kind->days >= (weekend ? 2u : 3u) && share_of(kind) >= MOST);
	bool by_same = same->days >= 1 && same->alike == same->days && (same->days > 1 || same->worst >= ALIKE_ONCE);

	if (by_kind && (!by_all || share_of(kind) > share_of(all)))
		return (struct precedent){ kind->days, kind->alike, weekend ? "weekend days" : "weekdays", true };
	if (by_all)
		return (struct precedent){ all->days, all->alike, "days", true };
	return (struct precedent){ same->days, same->alike, names[weekday], by_same };
}

struct precedent findings_precedent(const struct view *view, const double *y, const struct episode *e)
{
	size_t length = e->to - e->from, off = view_steps(view, HOUR_OFF_MS);
	double height = highest(y, (int64_t)e->from, (int64_t)e->to, length, e->sign);
	struct tally all = { 0 }, kind = { 0 }, same = { 0 };
	bool weekend = view_is_weekend(view->day[e->from]);
	size_t weekday = view_weekday(view->day[e->from]);

	for (int64_t days = 1; days * DAY_MS <= (int64_t)e->to * view->step_ms && view->slots > 1; days++) {
		int64_t then = days_ago(view, e->from, days), from = then - (int64_t)off;
		int64_t to = then + (int64_t)(length + off);
		double share;

		if (then < 0)
			break;
		from = from < 0 ? 0 : from;
		to = to > (int64_t)view->judged ? (int64_t)view->judged : to;
		share = to - from < (int64_t)length ? NAN : highest(y, from, to, length, e->sign) / height;
		if (isnan(share))
			continue;
		count_day(&all, share);
		if (view_is_weekend(view->day[then]) == weekend)
			count_day(&kind, share);
		if (view_weekday(view->day[then]) == weekday)
			count_day(&same, share);
	}
	return decide(&all, &kind, &same, weekend, weekday);
}

/* The least distance of x from what is expected at that time or within `off` steps of it, in scales. */
static double distance_nearby(const struct view *view, size_t i, size_t off)
{
	size_t from = i > off ? i - off : 0, to = i + off + 1 < view->end ? i + off + 1 : view->end;
	double least = INFINITY;

	for (size_t j = from; j < to; j++)
		least = fmin(least, fabs(view->x[i] - view->expected[j]) / view->scale[i]);
	return least;
}

bool findings_is_timing(const struct view *view, const struct episode *e)
{
	size_t off = (size_t)(TIMING_MS / view->step_ms);
	double here = 0, nearby = 0;

	if (e->to - e->from > off)
		return false;
	for (size_t i = e->from; i < e->to; i++) {
		if (isnan(view->z[i]))
			continue;
		here += fabs(view->z[i]);
		nearby += distance_nearby(view, i, off);
	}
	return nearby < here / 2;
}

static size_t edge(const struct view *view)
{
	size_t steps = view_steps(view, EDGE_MS);

	return steps < 2 ? 2 : steps;
}

static bool is_below(const struct view *view, const struct episode *e, size_t i, double height)
{
	return e->sign * view->sharp[i] < height / 4 && e->sign * (view->x[e->peak] - view->x[i]) > height / 2;
}

/* It comes and goes at once, as no rise of the day does; its values too, which the edge of a plateau does not. */
static bool has_edges(const struct view *view, const struct episode *e)
{
	double height = e->sign * view->sharp[e->peak];
	bool before = e->from == 0, after = e->to >= view->end;

	for (size_t n = 0; n < edge(view); n++) {
		before = before || e->from <= n || is_below(view, e, e->from - 1 - n, height);
		after = after || e->to + n >= view->end || is_below(view, e, e->to + n, height);
	}
	return before && after;
}

static double range_of_day(const struct view *view)
{
	double *smooth = mem_alloc((view->end + 1) * sizeof(*smooth)), range;

	for (size_t i = 0; i < view->end; i++)
		smooth[i] = view->x[i] - view->sharp[i];
	range = statistics_quantile(smooth, view->end, 0.95) - statistics_quantile(smooth, view->end, 0.05);
	free(smooth);
	return range;
}

/* The episode around `peak`: as far as half its height goes, over single buckets below. */
static struct episode around(const struct view *view, size_t peak, int sign)
{
	double half = sign * view->sharp[peak] / 2;
	struct episode e = { .from = peak, .to = peak + 1, .sign = sign, .peak = peak };

	for (size_t i = peak, misses = 0; i > view->judged && misses < 2; i--) {
		bool high = sign * view->sharp[i - 1] > half;

		misses = high ? 0 : misses + 1;
		e.from = high ? i - 1 : e.from;
	}
	for (size_t i = peak + 1, misses = 0; i < view->end && misses < 2; i++) {
		bool high = sign * view->sharp[i] > half;

		misses = high ? 0 : misses + 1;
		e.to = high ? i + 1 : e.to;
	}
	return e;
}

static size_t highest_left(const struct view *view, const bool *taken)
{
	size_t best = view->end;

	for (size_t i = view->judged; i < view->end; i++)
		if (!taken[i] && !isnan(view->sharp[i]) &&
		    (best == view->end || fabs(view->sharp[i]) > fabs(view->sharp[best])))
			best = i;
	return best;
}

/* What stands out of the hours around it; one more than CANDIDATES_MAX: too much. */
static size_t candidates(const struct view *view, struct episode found[CANDIDATES_MAX + 1])
{
	double range = range_of_day(view);
	bool *taken = mem_alloc((view->end + 1) * sizeof(*taken));
	size_t count = 0;

	memset(taken, 0, (view->end + 1) * sizeof(*taken));
	while (count <= CANDIDATES_MAX) {
		size_t peak = highest_left(view, taken);
		double height = peak == view->end ? 0 : fabs(view->sharp[peak]);
		struct episode e;

		if (height < OUTSTANDING * view->sharp_scale || height <= OF_DAY * range ||
		    height <= OF_LEVEL * fabs(view->level))
			break;
		e = around(view, peak, view->sharp[peak] > 0 ? 1 : -1);
		for (size_t i = e.from; i < e.to; i++)
			taken[i] = true;
		if ((int64_t)(e.to - e.from) * view->step_ms <= LONGEST_MS && has_edges(view, &e))
			found[count++] = e;
	}
	free(taken);
	return count;
}

static void add_recurring(struct findings *findings, const struct view *view, const struct episode *e,
                          const struct precedent *known)
{
	double limit = e->sign > 0 ? view->subject->normal_below : view->subject->normal_above;
	double value = view->x[e->peak];
	struct str text;

	str_init(&text, FINDINGS_TEXT_MAX);
	text_start(&text, view);
	str_addf(&text, " %s to ", e->sign > 0 ? "rose" : "fell");
	text_quantity(&text, view, value);
	str_add(&text, " at ");
	text_first_time(&text, view, view_time(view, e->peak));
	str_addf(&text, ", as at that hour on %zu of %zu %s before: recurring.", known->alike, known->days, known->of);
	if (!isnan(limit) && e->sign * (limit - value) > 0) {
		str_addf(&text, " It stays %s its limit of ", e->sign > 0 ? "below" : "above");
		text_quantity(&text, view, limit);
		str_add_char(&text, '.');
	}
	findings_add(findings, view, FINDING_RECURRING, (struct finding){
		.from_ms = view_time(view, e->from),
		.to_ms = view_time(view, e->to),
		.at_ms = view_time(view, e->peak),
		.strength = 0.5 * (double)known->alike / (double)known->days,
		.value = value,
		.expected = view->expected[e->peak],
		.limit = limit,
		.text = str_take(&text),
	});
}

static bool is_told(const struct findings *findings, const struct view *view, const struct episode *e)
{
	static const enum finding_kind kinds[] = { FINDING_LIMIT, FINDING_SUDDEN, FINDING_LEVEL_SHIFT, FINDING_FLAT,
	                                            FINDING_BAND };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (findings_overlap(findings, view, kinds[i], e->from, e->to))
			return true;
	return false;
}

void findings_recurring(struct findings *findings, const struct view *view)
{
	struct episode found[CANDIDATES_MAX + 1];
	size_t count;

	if (view->pattern == PATTERN_NONE || view->pattern == PATTERN_LOCAL || view->judged == view->end)
		return;
	count = candidates(view, found);
	for (size_t i = 0; i < count && count <= CANDIDATES_MAX; i++) {
		struct precedent known = findings_precedent(view, view->sharp, &found[i]);

		if (known.recurs && !is_told(findings, view, &found[i]))
			add_recurring(findings, view, &found[i], &known);
	}
}
