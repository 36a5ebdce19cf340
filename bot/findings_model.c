/* What is to be expected of a series at each time, and how far its values usually lie from that. */
#include <math.h>

#include "bot/findings_pattern.h"
#include "bot/findings_private.h"
#include "bot/statistics.h"

#define KNOWN_LEAST 12             /* values, before anything is expected */
#define LOCAL_HALF_MS (90 * MINUTE_MS)
#define LOCAL_STEPS_LEAST 8
#define SHARP_HALF_MS (3 * HOUR_MS)
#define NO_CHANGE 0.01             /* of the level: what a person would call none */
#define NO_CHANGE_OF_VARIATION 0.15 /* likewise, where it moves but little beside its level */
#define LEAST_PART 0.05            /* of the level: below, parts of it mean nothing */
#define HOURS 24
#define HOUR_VALUES_LEAST 40       /* for a scale of that hour alone */
#define RESTLESS 3.5               /* the greatest distance in an hour, in scales, that is ordinary */

/* free() them: views of many series are kept at one time, and what only makes them must not be. */
static double *scratch(const struct view *view)
{
	double *values = mem_alloc((view->end + 1) * sizeof(*values));

	for (size_t i = 0; i < view->end; i++)
		values[i] = NAN;
	return values;
}

static double *new_values(struct view *view)
{
	double *values = scratch(view);

	mem_adopt(&view->mem, values);
	return values;
}

static void subtract(const double *a, const double *b, size_t count, double *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = a[i] - b[i];
}

static size_t hour_of(const struct view *view, size_t i)
{
	return (size_t)view->slot[i] * HOURS / view->slots;
}

static bool near_hour(size_t hour, size_t other)
{
	size_t apart = (other + HOURS - hour) % HOURS;

	return apart <= 1 || apart == HOURS - 1;
}

/* Buckets of one hour of one day. */
struct stretch {
	size_t from, to, hour;
};

struct stretches {
	struct stretch *items;
	size_t count;
};

/* Of [0, end); free() items. */
static struct stretches cut_by_hour(const struct view *view, size_t end)
{
	struct stretches cut = { mem_alloc((end + 1) * sizeof(*cut.items)), 0 };
	struct stretch *last = NULL;

	for (size_t i = 0; i < end; i++) {
		size_t hour = hour_of(view, i);

		if (last == NULL || last->hour != hour || view->day[i] != view->day[i - 1]) {
			last = &cut.items[cut.count++];
			*last = (struct stretch){ .from = i, .hour = hour };
		}
		last->to = i + 1;
	}
	return cut;
}

/* The values of the hour and its neighbours, where they are known. */
static size_t take_near(const struct stretches *cut, size_t hour, const double *rest, double *taken)
{
	size_t count = 0;

	for (size_t n = 0; n < cut->count; n++)
		if (near_hour(hour, cut->items[n].hour))
			count += statistics_known(rest + cut->items[n].from, cut->items[n].to - cut->items[n].from,
			                          taken + count);
	return count;
}

/* The scale of the hour and its neighbours, where it is busier or calmer than others. */
static void scale_by_hour(const struct view *view, const struct stretches *cut, const double *rest, double all,
                          double scales[HOURS])
{
	double *near = mem_alloc((view->reference + 1) * sizeof(*near));

	for (size_t hour = 0; hour < HOURS; hour++) {
		size_t count = take_near(cut, hour, rest, near);

		scales[hour] = all;
		if (count >= HOUR_VALUES_LEAST)
			scales[hour] = fmin(4 * all, statistics_scale(near, count, 0, all / 2));
	}
	free(near);
}

/* NaN: nothing is known. */
static double greatest_distance(const double *rest, const struct stretch *stretch)
{
	double greatest = NAN;

	for (size_t i = stretch->from; i < stretch->to; i++)
		if (!(fabs(rest[i]) <= greatest) && !isnan(rest[i]))
			greatest = fabs(rest[i]);
	return greatest;
}

/*
 * An hour in which something happens on most days, if not at the same minute, is restless: what is usual there is
 * measured by each day's greatest distance.
 */
static void widen_restless(const struct view *view, const struct stretches *cut, const double *rest,
                           double scales[HOURS])
{
	size_t days = view->reference == 0 ? 0 : (size_t)(view->day[view->reference - 1] - view->day[0]) + 1;
	double *greatest = mem_alloc((days * HOURS + 1) * sizeof(*greatest));
	double *some = mem_alloc((days + 1) * sizeof(*some));

	for (size_t k = 0; k < days * HOURS; k++)
		greatest[k] = NAN;
	for (size_t n = 0; n < cut->count; n++) {
		const struct stretch *stretch = &cut->items[n];
		double *slot = &greatest[stretch->hour * days + (size_t)(view->day[stretch->from] - view->day[0])];

		*slot = fmax(*slot, greatest_distance(rest, stretch)); /* the other one for NaN */
	}
	for (size_t hour = 0; hour < HOURS && days >= 3; hour++) {
		const double *own = greatest + hour * days, *next = greatest + (hour + 1) % HOURS * days;
		double usual;

		for (size_t d = 0; d < days; d++)
			some[d] = isnan(own[d]) ? NAN : fmax(own[d], next[d]);
		usual = statistics_median(some, days) / RESTLESS;
		if (usual > scales[hour])
			scales[hour] = usual;
	}
	free(greatest);
	free(some);
}

/* The level is no measure of a metric that moves by a thousandth of it: availability, degrees above absolute zero. */
static double no_change(const struct view *view)
{
	double of_level = NO_CHANGE * fabs(view->level);

	return view->variation > 0 ? fmin(of_level, NO_CHANGE_OF_VARIATION * view->variation) : of_level;
}

static void find_scale(struct view *view, const double *rest)
{
	double all = statistics_scale(rest, view->reference, 0, no_change(view)), scales[HOURS];

	for (size_t hour = 0; hour < HOURS; hour++)
		scales[hour] = all;
	if (view->slots >= HOURS && view->pattern != PATTERN_LOCAL) {
		struct stretches cut = cut_by_hour(view, view->reference);

		scale_by_hour(view, &cut, rest, all, scales);
		widen_restless(view, &cut, rest, scales);
		free(cut.items);
	}
	for (size_t i = 0; i < view->end; i++)
		view->scale[i] = scales[hour_of(view, i)];
}

/* A baseline that never moved has no scale: the smallest change that is seen makes one. */
static double smallest_change(const double *rest, size_t count)
{
	double smallest = INFINITY;

	for (size_t i = 0; i < count; i++)
		if (rest[i] != 0 && fabs(rest[i]) < smallest) /* not NaN */
			smallest = fabs(rest[i]);
	return isinf(smallest) ? 1 : smallest / 8;
}

static void find_z(struct view *view)
{
	double *rest = scratch(view), least;

	subtract(view->x, view->expected, view->end, rest);
	find_scale(view, rest);
	least = smallest_change(rest, view->end);
	for (size_t i = 0; i < view->end; i++) {
		if (!(view->scale[i] > 0))
			view->scale[i] = least;
		view->z[i] = rest[i] / view->scale[i];
	}
	free(rest);
	view->z_low = fmin(0, statistics_quantile(view->z, view->reference, 0.01));
	view->z_high = fmax(0, statistics_quantile(view->z, view->reference, 0.99));
}

static void find_sharp(struct view *view, const struct sliding_ranks *ranks_of_x)
{
	size_t half = view_steps(view, SHARP_HALF_MS);

	view_rolling(ranks_of_x, half < 3 ? 3 : half, view->sharp);
	subtract(view->x, view->sharp, view->end, view->sharp);
	view->sharp_scale = statistics_scale(view->sharp, view->reference, 0, NO_CHANGE * fabs(view->level));
}

/* The series without its time of day; that is taken from what is left without `offset`. */
static void without_pattern(struct view *view, const double *offset, double *y, double *rest)
{
	struct sliding_ranks ranks;

	subtract(view->x, offset, view->end, y);
	sliding_rank(&ranks, y, view->end);
	view->pattern = pattern_choose(view, &ranks);
	pattern_fit(view, view->pattern, &ranks, false, view->expected);
	sliding_ranks_free(&ranks);
	subtract(view->x, view->expected, view->end, rest);
}

/* What a bucket lies beside the end of the line. */
static void set_offset(const struct view *view, const struct line *line, double *offset)
{
	for (size_t i = 0; i < view->end; i++)
		offset[i] = line->slope * ((double)(i < line->from ? line->from : i) - (double)view->end);
}

static double part_at(const struct view *view, const struct line *line, size_t i)
{
	return 1 + line->of_level * ((double)(i < line->from ? line->from : i) - (double)view->end);
}

/* What a series that grows as a whole by the draft lies beside its pattern, in parts of its level; false: it cannot. */
static bool as_parts(const struct view *view, struct line *draft, double *y, double *parts)
{
	double *pattern = parts; /* becomes the parts */
	struct sliding_ranks ranks;

	draft->of_level = draft->slope / view->level;
	if (!(view->level > 0) || !(part_at(view, draft, draft->from) > LEAST_PART) ||
	    fabs(draft->of_level) * (double)view->end < LEAST_PART)
		return false;
	for (size_t i = 0; i < view->end; i++)
		y[i] = view->x[i] / part_at(view, draft, i);
	sliding_rank(&ranks, y, view->end);
	pattern_fit(view, view->pattern, &ranks, false, pattern);
	sliding_ranks_free(&ranks);
	for (size_t i = 0; i < view->end; i++) {
		if (!(pattern[i] > LEAST_PART * view->level))
			return false;
		parts[i] = (view->x[i] / pattern[i] - 1) * view->level;
	}
	return true;
}

/* The pattern of what is left without line or steps, and these again upon it. */
static void expect(struct view *view, const struct sliding_ranks *ranks_of_x, const double *offset, double *y)
{
	bool changed = view->line.found || offset[0] != 0, whole = view->line.found && view->line.of_level != 0;
	struct sliding_ranks ranks;

	for (size_t i = 0; i < view->end && changed; i++)
		y[i] = whole ? view->x[i] / part_at(view, &view->line, i) : view->x[i] - offset[i];
	if (changed) {
		sliding_rank(&ranks, y, view->end);
		view->pattern = pattern_choose(view, &ranks);
		pattern_fit(view, view->pattern, &ranks, true, view->expected);
		sliding_ranks_free(&ranks);
	} else { /* the draft has shown the pattern, and y is x */
		pattern_fit(view, view->pattern, ranks_of_x, true, view->expected);
	}
	if (whole)
		view->line.slope = view->line.of_level * view_median(view->expected, view->judged, view->end);
	for (size_t i = 0; i < view->end; i++) {
		if (whole)
			view->expected[i] *= part_at(view, &view->line, i);
		else
			view->expected[i] += offset[i];
	}
}

static double misfit(const struct view *view)
{
	double *off = mem_alloc((view->judged + 1) * sizeof(*off)), mean;

	for (size_t i = 0; i < view->judged; i++)
		off[i] = fabs(view->x[i] - view->expected[i]);
	mean = statistics_mean(off, view->judged);
	free(off);
	return mean;
}

/* Does it rise evenly at all hours, or grow as a whole? Of two lines the one that leaves less. */
static void expect_with_line(struct view *view, const struct sliding_ranks *ranks_of_x, const struct line *even,
                             const struct line *whole, double *offset, double *y)
{
	double left = INFINITY;

	if (even->found) {
		view->line = *even;
		set_offset(view, even, offset);
		expect(view, ranks_of_x, offset, y);
		left = misfit(view);
	}
	if (!whole->found)
		return;
	view->line = *whole;
	expect(view, ranks_of_x, offset, y);
	if (misfit(view) <= left)
		return;
	view->line = *even;
	expect(view, ranks_of_x, offset, y);
}

/*
 * First the time of day, without a draft of what changed over the days, which would pass for a difference between
 * weekdays and weekends; then what really changed; then the time of day without that.
 */
static void expect_by_time(struct view *view, const struct sliding_ranks *ranks_of_x)
{
	double *rest = scratch(view), *offset = scratch(view), *y = scratch(view), *parts = scratch(view);
	struct line draft, even, whole = { 0 };

	findings_draft_line(view, &draft);
	set_offset(view, &draft, offset);
	without_pattern(view, offset, y, rest);
	findings_line(view, rest, &even);
	if (as_parts(view, &draft, y, parts)) {
		findings_line(view, parts, &whole);
		whole.of_level = whole.slope / view->level;
		whole.found = whole.found && part_at(view, &whole, whole.from) > LEAST_PART;
	}
	if (even.found || whole.found) {
		expect_with_line(view, ranks_of_x, &even, &whole, offset, y);
	} else {
		findings_steps(view, rest, offset);
		expect(view, ranks_of_x, offset, y);
	}
	free(rest);
	free(offset);
	free(y);
	free(parts);
}

/* Distances of the baseline are honest where it was foretold by folds; else what is new lies further off. */
static double caution(const struct view *view)
{
	if (view->pattern == PATTERN_LEVEL || pattern_days(view, PATTERN_DAY) >= 2)
		return view->pattern == PATTERN_LOCAL ? 1.3 : 1;
	return 1.5;
}

/* Not a day before the judged range; or but one, of which each hour has a single value. */
static bool is_young(const struct view *view)
{
	int64_t baseline = (int64_t)view->judged * view->step_ms;

	return view->slots > 1 && baseline < (view->step_ms < WIDE_STEP_MS ? 1 : 2) * DAY_MS;
}

static double variation(const struct view *view)
{
	double *known = mem_alloc((view->reference + 1) * sizeof(*known)), high;
	size_t count = statistics_known(view->x, view->reference, known);

	high = statistics_quantile_of(known, count, 0.99); /* reorders, which spares the second one work */
	high -= statistics_quantile_of(known, count, 0.01);
	free(known);
	return high;
}

void findings_model(struct view *view)
{
	struct sliding_ranks ranks_of_x;
	size_t judged = 0;

	view->expected = new_values(view);
	view->scale = new_values(view);
	view->z = new_values(view);
	view->sharp = new_values(view);
	for (size_t i = view->judged; i < view->end; i++)
		judged += isnan(view->x[i]) ? 0 : 1;
	view->reference = view->judged;
	view->pattern = view->known < KNOWN_LEAST ? PATTERN_NONE : PATTERN_LEVEL;
	if (is_young(view)) {
		view->pattern = view->known + judged < 2 * KNOWN_LEAST ? PATTERN_NONE : PATTERN_LOCAL;
		view->reference = view->end;
	}
	if (view->pattern == PATTERN_NONE)
		return;
	view->level = view_median(view->x, 0, view->reference);
	view->variation = variation(view);
	sliding_rank(&ranks_of_x, view->x, view->end);
	if (view->pattern == PATTERN_LOCAL) {
		size_t half = view_steps(view, LOCAL_HALF_MS);

		view_rolling(&ranks_of_x, half < LOCAL_STEPS_LEAST ? LOCAL_STEPS_LEAST : half, view->expected);
	} else {
		expect_by_time(view, &ranks_of_x);
	}
	view->caution = caution(view);
	find_z(view);
	find_sharp(view, &ranks_of_x);
	sliding_ranks_free(&ranks_of_x);
}
