/* Slow worsening: a line through the days' medians; and the steps of a baseline that has more than one level. */
#include <math.h>

#include "bot/findings_private.h"
#include "bot/statistics.h"
#include "bot/trend.h"

#define BLOCKS_MAX 150
#define BLOCKS_LEAST 5
#define WEEKS_LEAST 3            /* pairs of days of one name */
#define DAYS_FOR_DAYS 5          /* fewer are looked at in quarters */
#define FAR 10.0                 /* least length of the line in distances from it; */
#define FAR_SHORT 80.0           /* and so much more over the number of days */
#define TAU_LEAST 0.7
#define CHANGE_LEAST 0.1         /* of the level, over the whole line */
#define AWAY_DAYS 90             /* a limit that is further away is none yet */
#define SOONER 0.7
#define AROUND 12                /* buckets on either side of a fall back */
#define BACK_LEAST 0.5           /* of the whole change */

struct blocks {
	size_t count;
	size_t length;               /* buckets */
	size_t begin;                /* bucket of the first */
	double at[BLOCKS_MAX];       /* the middle, in buckets */
	double middle[BLOCKS_MAX];
};

/* Blocks of that length that end at `end`, without gaps between; one that is mostly empty ends the row. */
static void cut_blocks(const double *y, size_t end, size_t length, struct blocks *blocks)
{
	double known[BLOCKS_MAX], *some = mem_alloc((length + 1) * sizeof(*some));
	size_t count = 0;

	for (size_t to = end; to >= length && length > 0 && count < BLOCKS_MAX; to -= length) {
		size_t values = statistics_known(y + to - length, length, some);

		if (values * 4 < length)
			break;
		known[count++] = statistics_median_of(some, values);
	}
	*blocks = (struct blocks){ .count = count, .length = length, .begin = end - count * length };
	for (size_t b = 0; b < count; b++) {
		blocks->middle[b] = known[count - 1 - b];
		blocks->at[b] = (double)(blocks->begin + b * length) + (double)length / 2;
	}
	free(some);
}

static double distances(const double *values, size_t count, double center)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += fabs(values[i] - center);
	return sum;
}

/* The split into two levels that leaves least; `count` when there is nothing to split. */
static size_t best_split(const double *values, size_t count, double *left)
{
	size_t best = count;

	*left = INFINITY;
	for (size_t split = 1; split < count; split++) {
		double sum = distances(values, split, statistics_median(values, split)) +
		             distances(values + split, count - split, statistics_median(values + split, count - split));

		if (sum < *left) {
			*left = sum;
			best = split;
		}
	}
	return best;
}

/*
 * How far the line goes, in usual distances from it. A walk at random looks like a line too, and the more so the
 * shorter it is: of 1,000 walks of 5, 7, 10, 14 or 21 days 3 come to 27, 25, 16, 15 and 16 (measured).
 */
static double steadiness(const double *at, const double *values, size_t count, double slope, double intercept)
{
	double squares = 0, off, length = fabs(slope) * (at[count - 1] - at[0]);

	for (size_t i = 0; i < count; i++)
		squares += pow(values[i] - intercept - slope * at[i], 2);
	off = sqrt(squares / (double)count);
	return off > 0 ? fmin(1000, length / off) : length > 0 ? 1000 : 0;
}

static double off_line(const double *at, const double *values, size_t count, double slope, double intercept)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += fabs(values[i] - intercept - slope * at[i]);
	return sum;
}

/* Is it a line, and not a step, nor over already? */
static bool is_line(const double *at, const double *values, size_t count, double slope, double intercept)
{
	size_t last = count / 3 < 3 ? 3 : count / 3;
	double split, recent = trend_slope(at + count - last, values + count - last, last);

	(void)best_split(values, count, &split);
	return fabs(trend_tau(at, values, count)) >= TAU_LEAST && recent / slope > 0.25 &&
	       off_line(at, values, count, slope, intercept) < 0.7 * split;
}

static bool matters(const struct view *view, const double *y, const struct line *line)
{
	double change = fabs(line->slope) * (double)(view->end - line->from);
	double *rest = mem_alloc((view->end + 1) * sizeof(*rest)), scale;

	for (size_t i = line->from; i < view->end; i++)
		rest[i - line->from] = y[i] - line->at_end - line->slope * ((double)i - (double)view->end);
	scale = statistics_scale(rest, view->end - line->from, 0, 0);
	free(rest);
	return change >= CHANGE_LEAST * fabs(view->level) && change >= scale;
}

/*
 * A fall back by half of all it rose, between two neighbours and to stay: a counter that began anew, a disk that was
 * cleaned. Lines across that are none.
 */
static bool is_reset(const double *y, size_t from, size_t end, double change, size_t day)
{
	for (size_t i = from + AROUND; i + AROUND <= end; i++) {
		size_t before = i - from < day ? i - from : day, after = end - i < day ? end - i : day;

		if (!((y[i] - y[i - 1]) / change < -BACK_LEAST)) /* not NaN */
			continue;
		if ((view_median(y, i, i + after) - view_median(y, i - before, i)) / change < -BACK_LEAST)
			return true;
	}
	return false;
}

static bool try_line(const struct view *view, const double *y, const struct blocks *blocks, size_t count,
                     struct line *line)
{
	const double *at = blocks->at + blocks->count - count, *values = blocks->middle + blocks->count - count;
	double needed = FAR + FAR_SHORT / (double)count, slope = trend_slope(at, values, count);
	double intercept = trend_intercept(at, values, count, slope), change;

	line->found = false;
	line->steadiness = steadiness(at, values, count, slope, intercept) / needed;
	if (line->steadiness < 1 || slope == 0 || !is_line(at, values, count, slope, intercept))
		return false;
	line->from = blocks->begin + (blocks->count - count) * blocks->length;
	line->slope = slope;
	line->at_end = intercept + slope * (double)view->end;
	change = slope * (double)(view->end - line->from);
	line->found = matters(view, y, line) &&
	              !is_reset(y, line->from, view->end, change, view_steps(view, DAY_MS));
	return line->found;
}

/* The median slope between days of the same name, which weekends do not bend. */
static double slope_by_weeks(const struct blocks *blocks)
{
	double slopes[BLOCKS_MAX];
	size_t count = 0;

	for (size_t b = 7; b < blocks->count; b++)
		slopes[count++] = (blocks->middle[b] - blocks->middle[b - 7]) / (7 * (double)blocks->length);
	return count < WEEKS_LEAST ? NAN : statistics_median(slopes, count);
}

void findings_draft_line(const struct view *view, struct line *line)
{
	struct blocks blocks;

	cut_blocks(view->x, view->end, view_steps(view, DAY_MS), &blocks);
	*line = (struct line){ .from = blocks.begin };
	line->slope = slope_by_weeks(&blocks);
	if (isnan(line->slope))
		line->slope = blocks.count < BLOCKS_LEAST ? 0 : trend_slope(blocks.at, blocks.middle, blocks.count);
	if (isnan(line->slope))
		line->slope = 0;
}

void findings_line(struct view *view, const double *y, struct line *line)
{
	static const size_t shorter[] = { 10, 7, BLOCKS_LEAST };
	struct blocks blocks;
	size_t day = view_steps(view, DAY_MS);

	cut_blocks(y, view->end, day, &blocks);
	if (blocks.count < DAYS_FOR_DAYS && view->pattern == PATTERN_LEVEL && day >= 16)
		cut_blocks(y, view->end, day / 4, &blocks);
	*line = (struct line){ .found = false };
	if (blocks.count < BLOCKS_LEAST || try_line(view, y, &blocks, blocks.count, line))
		return;
	for (size_t n = 0; n < sizeof(shorter) / sizeof(shorter[0]); n++)
		if (shorter[n] < blocks.count && try_line(view, y, &blocks, shorter[n], line))
			return;
}

/* The bucket from which on y is nearer to `after` than to `before`, around the boundary of two blocks. */
static size_t step_begin(const double *y, size_t from, size_t to, double before, double after)
{
	double sum = 0, least = 0;
	size_t best = from;

	for (size_t i = from; i < to; i++) {
		if (isnan(y[i]))
			continue;
		sum += fabs(y[i] - before) - fabs(y[i] - after);
		if (sum < least) {
			least = sum;
			best = i + 1;
		}
	}
	return best;
}

static bool only_weekend(const struct view *view, size_t from)
{
	for (size_t i = from; i < view->judged; i++)
		if (!view_is_weekend(view->day[i]))
			return false;
	return true;
}

void findings_steps(struct view *view, const double *y, double *offset)
{
	struct blocks blocks;
	double before, after, left, judged = view_median(y, view->judged, view->end);
	size_t split, begin;

	for (size_t i = 0; i < view->end; i++)
		offset[i] = 0;
	cut_blocks(y, view->judged, view_steps(view, DAY_MS), &blocks);
	split = best_split(blocks.middle, blocks.count, &left);
	if (blocks.count < 4 || split == blocks.count)
		return;
	before = statistics_median(blocks.middle, split);
	after = statistics_median(blocks.middle + split, blocks.count - split);
	if (left > 0.5 * distances(blocks.middle, blocks.count, statistics_median(blocks.middle, blocks.count)) ||
	    fabs(after - before) < 4 * left / (double)blocks.count || fabs(judged - after) > fabs(judged - before))
		return;
	begin = step_begin(y, blocks.begin + (split - 1) * blocks.length,
	                   blocks.begin + (split + 1) * blocks.length, before, after);
	if (view->pattern != PATTERN_CLASS && view->pattern != PATTERN_WEEK && only_weekend(view, begin))
		return;
	for (size_t i = 0; i < begin; i++)
		offset[i] = before - after;
}

struct told {
	size_t from;                 /* bucket; to the end */
	double begin, now, rate;     /* values, and how many a day */
	double limit, days;          /* NaN: none, none yet */
	double ratio;
};

static void say_line(struct str *text, const struct view *view, const struct told *told)
{
	text_start(text, view);
	str_addf(text, " %s slowly: from about ", told->rate > 0 ? "rises" : "falls");
	text_quantity(text, view, told->begin);
	str_add(text, " on ");
	text_first_time(text, view, view_time(view, told->from));
	str_add(text, " to about ");
	text_quantity(text, view, told->now);
	str_add(text, " at ");
	text_time(text, view, view_time(view, view->end));
	str_add(text, ", about ");
	text_quantity(text, view, fabs(told->rate));
	str_add(text, " a day.");
	if (isnan(told->days))
		return;
	str_add(text, " At this rate it reaches its limit of ");
	text_quantity(text, view, told->limit);
	str_add(text, " in about ");
	text_duration(text, (int64_t)(told->days * (double)DAY_MS));
	str_add_char(text, '.');
}

static double days_of(const struct view *view, double steps)
{
	return steps * (double)view->step_ms / (double)DAY_MS;
}

/* The line over days; false: there is none, or its limit is far. */
static bool long_line(const struct view *view, struct told *told)
{
	const struct line *line = &view->line;

	if (!line->found)
		return false;
	*told = (struct told){ .from = line->from, .rate = line->slope / days_of(view, 1), .days = NAN };
	told->limit = line->slope > 0 ? view->subject->normal_below : view->subject->normal_above;
	told->now = view_median(view->expected, view->judged, view->end);
	told->now += line->slope * (double)(view->end - view->judged) / 2; /* that was its middle */
	told->begin = told->now - line->slope * (double)(view->end - line->from);
	told->ratio = fmin(line->steadiness, 20);
	if ((told->limit - told->now) / told->rate > 0)
		told->days = (told->limit - told->now) / told->rate;
	return !(told->days > AWAY_DAYS);
}

static bool short_line(const struct view *view, struct told *told)
{
	struct approach near;

	if (!findings_approach(view, &near))
		return false;
	*told = (struct told){ .from = near.from, .now = near.now, .rate = near.slope / days_of(view, 1),
	                       .limit = near.limit, .days = days_of(view, near.steps), .ratio = near.ratio };
	told->begin = near.now - near.slope * (double)(view->end - near.from);
	return true;
}

/* The line over days, unless a limit is reached clearly sooner than by that. */
void findings_trend(struct findings *findings, const struct view *view)
{
	struct told told, near;
	bool far_line = long_line(view, &told), near_line = short_line(view, &near);
	struct str text;

	if (near_line && !(far_line && told.days * SOONER <= near.days))
		told = near;
	else if (!far_line)
		return;
	str_init(&text, FINDINGS_TEXT_MAX);
	say_line(&text, view, &told);
	findings_add(findings, view, FINDING_SLOW_CHANGE, (struct finding){
		.from_ms = view_time(view, told.from),
		.to_ms = view_time(view, view->end),
		.at_ms = view_time(view, view->end - 1),
		.strength = finding_strength(told.ratio),
		.value = told.rate,
		.expected = told.begin, /* where it would still be */
		.limit = told.limit,
		.text = str_take(&text),
	});
}
