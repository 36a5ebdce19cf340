/* A limit that will be reached soon, by what was seen in hours or a few days: too short for a line over all of them. */
#include <math.h>

#include "bot/findings_private.h"
#include "bot/statistics.h"
#include "bot/trend.h"

#define BLOCKS 12            /* that a horizon is cut into; each stands by its median */
#define BLOCK_VALUES_LEAST 2
#define BENT_MOST 0.12       /* of the way: the blocks' greatest distance from the line */
#define TAU_LEAST 0.85
#define WAY_LEAST 5.0        /* usual distances */
#define AHEAD 2.0            /* horizons: a line says nothing of what is further ahead than that */
#define OWN_LEAST 0.5        /* of the way is beyond what the time of day brings anyway */

static const int64_t horizons[] = { /* the longest one that is straight counts */
	14 * DAY_MS, 7 * DAY_MS, 4 * DAY_MS, 2 * DAY_MS, DAY_MS, 12 * HOUR_MS, 6 * HOUR_MS,
};

struct horizon {
	size_t from, to;         /* buckets */
	double at[BLOCKS], middle[BLOCKS];
};

static bool cut(const struct view *view, int64_t ms, struct horizon *horizon)
{
	size_t length = view_steps(view, ms) / BLOCKS;

	*horizon = (struct horizon){ .from = view->end - length * BLOCKS, .to = view->end };
	if (length * BLOCKS >= view->end || length < BLOCK_VALUES_LEAST)
		return false; /* with nothing before it nobody knows whether that is new */
	for (size_t b = 0; b < BLOCKS; b++) {
		size_t from = horizon->from + b * length;

		horizon->at[b] = (double)from + (double)length / 2;
		horizon->middle[b] = view_median(view->x, from, from + length);
		if (isnan(horizon->middle[b]))
			return false;
	}
	return true;
}

static double median_of_expected(const struct view *view, const struct horizon *horizon, size_t block)
{
	size_t length = (horizon->to - horizon->from) / BLOCKS, from = horizon->from + block * length;

	return view->expected == NULL ? NAN : view_median(view->expected, from, from + length);
}

/* Nearer to the limit than all but a hundredth of what was before: no saw-tooth or wave as usual. */
static bool is_new(const struct view *view, const struct horizon *horizon, int sign)
{
	double most = statistics_quantile(view->x, horizon->from, sign > 0 ? 0.99 : 0.01);
	double way = horizon->middle[BLOCKS - 1] - horizon->middle[0];
	double by_time = median_of_expected(view, horizon, BLOCKS - 1) - median_of_expected(view, horizon, 0);

	if (view->line.found) /* is no time of day */
		by_time -= view->line.slope * (horizon->at[BLOCKS - 1] - horizon->at[0]);
	return sign * (horizon->middle[BLOCKS - 1] - most) > 0 &&
	       (view->pattern < PATTERN_DAY || sign * (way - by_time) >= OWN_LEAST * sign * way);
}

static bool is_straight(const struct horizon *horizon, double slope, double intercept)
{
	double way = fabs(slope) * (horizon->at[BLOCKS - 1] - horizon->at[0]), bent = 0;

	for (size_t b = 0; b < BLOCKS; b++)
		bent = fmax(bent, fabs(horizon->middle[b] - intercept - slope * horizon->at[b]));
	return fabs(trend_tau(horizon->at, horizon->middle, BLOCKS)) >= TAU_LEAST && bent <= BENT_MOST * way;
}

/* A usual distance between neighbours: what a line must be told from. */
static double roughness(const struct view *view, size_t from)
{
	double *steps = mem_alloc((view->end - from + 1) * sizeof(*steps)), usual;

	for (size_t i = from + 1; i < view->end; i++)
		steps[i - from - 1] = fabs(view->x[i] - view->x[i - 1]);
	usual = statistics_median(steps, view->end - from - 1);
	free(steps);
	return usual;
}

static bool try_horizon(const struct view *view, int64_t ms, struct approach *approach)
{
	struct horizon horizon;
	double slope, intercept, limit, now, way;
	int sign;

	if (!cut(view, ms, &horizon))
		return false;
	slope = trend_slope(horizon.at, horizon.middle, BLOCKS);
	intercept = trend_intercept(horizon.at, horizon.middle, BLOCKS, slope);
	sign = slope > 0 ? 1 : -1;
	limit = sign > 0 ? view->subject->normal_below : view->subject->normal_above;
	now = intercept + slope * (double)view->end;
	way = fabs(slope) * (double)(horizon.to - horizon.from);
	if (!(sign * (limit - now) > 0) || !((limit - now) / slope <= AHEAD * (double)(horizon.to - horizon.from)) ||
	    !(way >= WAY_LEAST * roughness(view, horizon.from)) || !is_straight(&horizon, slope, intercept) ||
	    !is_new(view, &horizon, sign))
		return false;
	*approach = (struct approach){ .from = horizon.from, .slope = slope, .now = now, .limit = limit,
	                               .steps = (limit - now) / slope };
	approach->ratio = AHEAD * (double)(horizon.to - horizon.from) / fmax(1, approach->steps);
	return true;
}

bool findings_approach(const struct view *view, struct approach *approach)
{
	if (isnan(view->subject->normal_below) && isnan(view->subject->normal_above))
		return false;
	for (size_t n = 0; n < sizeof(horizons) / sizeof(horizons[0]); n++)
		if (try_horizon(view, horizons[n], approach))
			return true;
	return false;
}
