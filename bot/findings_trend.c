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

static bool try_line(const struct view *view, const double *y, const struct blocks *blocks, size_t count,
                     struct line *line)
{
	const double *at = blocks->at + blocks->count - count, *values = blocks->middle + blocks->count - count;
	double needed = FAR + FAR_SHORT / (double)count, slope = trend_slope(at, values, count);
	double intercept = trend_intercept(at, values, count, slope);

	line->found = false;
	line->steadiness = steadiness(at, values, count, slope, intercept) / needed;
	if (line->steadiness < 1 || slope == 0 || !is_line(at, values, count, slope, intercept))
		return false;
	line->from = blocks->begin + (blocks->count - count) * blocks->length;
	line->slope = slope;
	line->at_end = intercept + slope * (double)view->end;
	line->found = matters(view, y, line);
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

static double limit_ahead(const struct view *view)
{
	return view->line.slope > 0 ? view->subject->normal_below : view->subject->normal_above;
}

/* With a limit on the other side only, it gets better. */
static bool gets_better(const struct view *view)
{
	double other = view->line.slope > 0 ? view->subject->normal_above : view->subject->normal_below;

	return isnan(limit_ahead(view)) && !isnan(other);
}

static void say_line(struct str *text, const struct view *view, double from, double to, double rate, double days)
{
	text_start(text, view);
	str_addf(text, " %s slowly: from about ", rate > 0 ? "rises" : "falls");
	text_quantity(text, view, from);
	str_add(text, " on ");
	text_time(text, view, view_time(view, view->line.from));
	str_add(text, " to about ");
	text_quantity(text, view, to);
	str_add(text, " at ");
	text_time(text, view, view_time(view, view->end));
	str_add(text, ", about ");
	text_quantity(text, view, fabs(rate));
	str_add(text, " a day.");
	if (isnan(days))
		return;
	str_add(text, " At this rate it reaches its limit of ");
	text_quantity(text, view, limit_ahead(view));
	str_add(text, " in about ");
	text_duration(text, (int64_t)(days * (double)DAY_MS));
	str_add_char(text, '.');
}

void findings_trend(struct findings *findings, const struct view *view)
{
	const struct line *line = &view->line;
	double rate = line->slope * (double)DAY_MS / (double)view->step_ms, limit, from, to, days = NAN;
	struct str text;

	if (!line->found || gets_better(view))
		return;
	limit = limit_ahead(view);
	to = view_median(view->expected, view->judged, view->end);
	to += line->slope * (double)(view->end - view->judged) / 2; /* that was its middle */
	from = to - line->slope * (double)(view->end - line->from);
	if (!isnan(limit) && (limit - to) / rate > 0)
		days = (limit - to) / rate;
	if (days > AWAY_DAYS)
		return;
	str_init(&text, FINDINGS_TEXT_MAX);
	say_line(&text, view, from, to, rate, days);
	findings_add(findings, view, FINDING_SLOW_CHANGE, (struct finding){
		.from_ms = view_time(view, line->from),
		.to_ms = view_time(view, view->end),
		.at_ms = view_time(view, view->end - 1),
		.strength = finding_strength(fmin(line->steadiness, 20)),
		.value = rate,
		.expected = from, /* where it would still be */
		.limit = limit,
		.text = str_take(&text),
	});
}
