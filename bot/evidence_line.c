/*
 * Values over time, and what may be said of them.
 *
 * A few thousand values cover nearly every figure of two digits. So a value counts only at the time that the
 * sentence names (or as least, greatest, mean... over the stretch that it names, or over all); without a time
 * one single value counts only where the neighbourhood of the figure is so empty that an invented figure would
 * hardly have hit one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/evidence_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define LINES_MAX 1000
#define POINTS_MAX 20000
#define DAY_S 86400
#define NEAR_S 300  /* a bucket up to this is also called by its end */
#define EPISODES_MAX 6
#define COMMON 0.15 /* of all values */
#define CHANCE 0.05 /* of an invented figure near by to hit a value */
#define AROUND 0.25 /* how far from a figure an invented one is looked for */

struct evidence_line *evidence_line_add(struct evidence *evidence, const char *name, size_t length)
{
	struct evidence_line *line;

	if (evidence->line_count == LINES_MAX)
		return NULL;
	if (evidence->line_count == evidence->line_capacity) {
		evidence->line_capacity = evidence->line_capacity * 2 + 16;
		evidence->lines =
		    mem_resize(evidence->lines, evidence->line_capacity * sizeof(*evidence->lines));
	}
	line = &evidence->lines[evidence->line_count++];
	*line = (struct evidence_line) { .subject = evidence_subject_add(evidence, name, length), .step_s = 1 };
	if (evidence->subject_count > line->subject)
		evidence->subjects[line->subject].has_line = true;
	return line;
}

void evidence_line_free(struct evidence_line *line)
{
	free(line->points);
	free(line->sorted);
}

void evidence_line_point(struct evidence_line *line, int64_t at_s, double value)
{
	if (line->count == POINTS_MAX || isnan(value) || isinf(value))
		return;
	if (line->count == line->capacity) {
		line->capacity = line->capacity * 2 + 64;
		line->points = mem_resize(line->points, line->capacity * sizeof(*line->points));
	}
	line->points[line->count++] = (struct evidence_point) { at_s, value };
	line->sum += value;
	line->mean = line->sum / (double)line->count;
	free(line->sorted);
	line->sorted = NULL;
}

void evidence_line_unit(struct evidence_line *line, const char *unit, size_t length, double *factor)
{
	struct fact_cursor cursor = { unit, length, 0 };
	const char *slash = memchr(unit, '/', length);
	size_t used = 0, base = slash == NULL ? length : (size_t)(slash - unit);
	const struct fact_unit_word *word = NULL;
	static const struct {
		const char *name;
		enum fact_unit unit;
		double factor;
	} more[] = { { "Kilobits", FACT_BITS, 1e3 },
		     { "Megabits", FACT_BITS, 1e6 },
		     { "Gigabits", FACT_BITS, 1e9 },
		     { "Terabits", FACT_BITS, 1e12 } };

	*factor = 1;
	line->unit = FACT_PLAIN;
	line->rate = slash != NULL;
	cursor.length = base;
	if (base > 0)
		word = fact_unit_at(&cursor, 0, &used);
	if (word != NULL && used == base) {
		line->unit = word->unit;
		*factor = word->factor;
	}
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (fact_stands(&cursor, 0, more[i].name, true) && strlen(more[i].name) == base) {
			line->unit = more[i].unit;
			*factor = more[i].factor;
		}
	line->unit_known = word != NULL || base > 0;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void sort(struct evidence_line *line)
{
	if (line->sorted != NULL && line->sorted_count == line->count)
		return;
	free(line->sorted);
	line->sorted = mem_alloc((line->count + 1) * sizeof(double));
	for (size_t i = 0; i < line->count; i++)
		line->sorted[i] = line->points[i].value;
	line->sorted_count = line->count;
	qsort(line->sorted, line->count, sizeof(double), by_size);
}

const double *evidence_line_sorted(struct evidence_line *line)
{
	sort(line);
	return line->sorted;
}

static size_t lower_bound(const struct evidence_line *line, double value)
{
	size_t low = 0, high = line->sorted_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (line->sorted[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static double quantile(const struct evidence_line *line, double q)
{
	double at = q * (double)(line->sorted_count - 1);
	size_t low = (size_t)at, high = low + 1 < line->sorted_count ? low + 1 : low;

	return line->sorted[low] + (line->sorted[high] - line->sorted[low]) * (at - (double)low);
}

bool evidence_line_fits(const struct evidence_line *line, const struct fact *claim, double value)
{
	double per_s = (double)line->step_s;

	if (claim->unit >= FACT_VOLTS && line->is_counted)
		return false;
	/* Counted each bucket, told each second. */
	if (claim->rate && !line->rate && line->is_counted && line->step_s > 1)
		return evidence_equals(claim, value / per_s, line->half / per_s, line->unit, line->unit_known, false);
	return evidence_equals(claim, value, line->half, line->unit, line->unit_known, false);
}

/* The first point at or after then. */
static size_t point_index(const struct evidence_line *line, int64_t at_s)
{
	size_t low = 0, high = line->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (line->points[middle].at_s < at_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}


/* Where a written time may lie in the line: the newest two such times, or the one of its date. */
static size_t instants(const struct evidence *evidence, const struct evidence_line *line,
		       const struct fact *time, int64_t instants[2], bool *is_day)
{
	int64_t at_s, first, last, day;
	bool dated, clock;

	if (line->count == 0 || !evidence_fact_time(evidence, time, &at_s, &dated, &clock))
		return 0;
	*is_day = !clock;
	first = line->points[0].at_s - line->step_s;
	last = line->points[line->count - 1].at_s + line->step_s;
	if (time->weekday >= 0 && time->month == 0) {
		day = last / DAY_S; /* 1970-01-01 was a Thursday */
		day -= ((day + 4) % 7 - time->weekday + 7) % 7;
		instants[0] = day * DAY_S + (clock ? at_s % DAY_S : 0);
		return instants[0] + (clock ? 0 : DAY_S) >= first ? 1 : 0;
	}
	if (dated) {
		instants[0] = at_s;
		return at_s + (clock ? 0 : DAY_S) >= first && at_s <= last ? 1 : 0;
	}
	day = last / DAY_S * DAY_S;
	if (day + at_s > last)
		day -= DAY_S;
	instants[0] = day + at_s;
	instants[1] = day + at_s - DAY_S;
	return instants[0] < first ? 0 : instants[1] < first ? 1 : 2;
}

/* The buckets of an instant: that which holds it, and the one before. */
static struct evidence_window around(const struct evidence_line *line, int64_t at_s, int64_t half_s, bool is_day)
{
	int64_t slack = half_s > 60 ? half_s : 0;

	if (is_day)
		return (struct evidence_window) { point_index(line, at_s), point_index(line, at_s + DAY_S) };
	/* A bucket is called by its begin, a short one sometimes by its end; what is known more finely only by
	 * its begin. */
	if (line->coarse)
		return (struct evidence_window) { point_index(line, at_s), point_index(line, at_s + 1) };
	if (line->step_s > NEAR_S)
		return (struct evidence_window) { point_index(line, at_s - line->step_s + 1),
					 point_index(line, at_s + slack + 1) };
	return (struct evidence_window) { point_index(line, at_s - line->step_s - slack),
				 point_index(line, at_s + slack + 1) };
}

size_t evidence_line_buckets(const struct evidence *evidence, const struct evidence_line *line,
			     const struct fact *time, struct evidence_window buckets[2])
{
	int64_t at[2];
	bool is_day = false;
	size_t count = instants(evidence, line, time, at, &is_day);

	for (size_t i = 0; i < count && !is_day; i++)
		buckets[i] = around(line, at[i], 0, false);
	return is_day ? 0 : count;
}

/* Those that the order of the values tells. */
static bool fits_order(const struct evidence_line *line, const struct fact *claim, const double *sorted,
		       size_t count, unsigned which)
{
	bool found = ((which & EVIDENCE_LEAST) != 0 && evidence_line_fits(line, claim, sorted[0])) ||
		     ((which & EVIDENCE_GREATEST) != 0 && evidence_line_fits(line, claim, sorted[count - 1])) ||
		     ((which & EVIDENCE_MEDIAN) != 0 &&
		      (evidence_line_fits(line, claim, sorted[count / 2]) ||
		       evidence_line_fits(line, claim, (sorted[count / 2] + sorted[(count - 1) / 2]) / 2)));

	for (size_t i = 1; i < 3 && i < count && !found && (which & EVIDENCE_RUNNERS) != 0; i++)
		found = evidence_line_fits(line, claim, sorted[i]) ||
			evidence_line_fits(line, claim, sorted[count - 1 - i]);
	return found;
}

static bool fits_statistics(const struct evidence_line *line, const struct fact *claim, struct evidence_window w,
			    unsigned which)
{
	size_t count = w.to - w.from;
	double sum = 0, *values;
	bool found;

	if (w.to <= w.from)
		return false;
	values = mem_alloc(count * sizeof(*values));
	for (size_t i = 0; i < count; i++) {
		values[i] = line->points[w.from + i].value;
		sum += values[i];
	}
	found = ((which & EVIDENCE_MEAN) != 0 && evidence_line_fits(line, claim, sum / (double)count)) ||
		((which & EVIDENCE_FIRST) != 0 && evidence_line_fits(line, claim, values[0])) ||
		((which & EVIDENCE_LAST) != 0 && evidence_line_fits(line, claim, values[count - 1])) ||
		((which & EVIDENCE_SUM) != 0 && evidence_line_fits(line, claim, sum));
	qsort(values, count, sizeof(*values), by_size);
	found = found || fits_order(line, claim, values, count, which);
	free(values);
	return found;
}

static bool fits_whole(struct evidence_line *line, const struct fact *claim, unsigned which)
{
	sort(line);
	return fits_order(line, claim, line->sorted, line->count, which) ||
	       ((which & EVIDENCE_MEAN) != 0 && evidence_line_fits(line, claim, line->mean)) ||
	       ((which & EVIDENCE_FIRST) != 0 && evidence_line_fits(line, claim, line->points[0].value)) ||
	       ((which & EVIDENCE_LAST) != 0 && evidence_line_fits(line, claim, line->points[line->count - 1].value)) ||
	       ((which & EVIDENCE_SUM) != 0 && evidence_line_fits(line, claim, line->sum));
}

/* The time that ends the stretch which begins there; the count: none. */
static size_t end_of_stretch(const struct evidence_context *context, size_t begin)
{
	for (size_t i = begin + 1; i < context->time_count; i++)
		if (context->times[i].relation == FACT_UNTIL)
			return i;
	return context->time_count;
}

static bool fits_stretch(const struct evidence *evidence, const struct evidence_line *line,
			 const struct fact *claim, const struct evidence_context *context, size_t time,
			 unsigned which)
{
	const struct fact *fact = &context->times[time];
	size_t other = context->time_count, count, ends;
	int64_t begin[2], end[2];
	bool is_day;

	count = instants(evidence, line, fact, begin, &is_day);
	if (fact->relation == FACT_UNTIL) {
		for (size_t i = 0; i < time; i++)
			if (context->times[i].relation == FACT_SINCE && end_of_stretch(context, i) == time)
				return fits_stretch(evidence, line, claim, context, i, which);
		for (size_t i = 0; i < count; i++)
			if (fits_statistics(line, claim, (struct evidence_window) { 0, point_index(line, begin[i]) },
					    which))
				return true;
		return false;
	}
	other = end_of_stretch(context, time);
	if (other == context->time_count) {
		for (size_t i = 0; i < count; i++)
			if (fits_statistics(line, claim,
					    (struct evidence_window) { point_index(line, begin[i]), line->count },
					    which))
				return true;
		return false;
	}
	ends = instants(evidence, line, &context->times[other], end, &is_day);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < ends; j++) {
			size_t first = point_index(line, begin[i]);

			/* Up to the bucket that begins then, or only those that are over by then. */
			if (end[j] <= begin[i] || end[j] - begin[i] > DAY_S + DAY_S / 2)
				continue;
			if (fits_statistics(line, claim,
					    (struct evidence_window) { first, point_index(line, end[j] + 1) }, which) ||
			    fits_statistics(line, claim, (struct evidence_window) { first, point_index(line, end[j]) },
					    which))
				return true;
		}
	return false;
}

/* Whether so much of a line has that value that it tells no time from another. */
static bool is_common(const struct evidence_line *line, const struct fact *claim)
{
	size_t count = 0;

	for (size_t i = 0; i < line->count; i++)
		count += evidence_line_fits(line, claim, line->points[i].value) ? 1 : 0;
	return (double)count > COMMON * (double)line->count;
}

static bool is_true_then(const struct evidence *evidence, const struct evidence_line *line, const struct fact *claim,
			 const struct evidence_context *context, size_t time, unsigned which)
{
	const struct fact *fact = &context->times[time];
	bool is_day = false;
	int64_t at[2];
	size_t count;

	if (line->count == 0)
		return false;
	count = instants(evidence, line, fact, at, &is_day);
	for (size_t i = 0; i < count; i++) {
		struct evidence_window w = around(line, at[i], fact->clock_half_s, is_day);

		if (is_day && fits_statistics(line, claim, w, which))
			return true;
		for (size_t k = w.from; k < w.to && !is_day; k++)
			if (evidence_line_fits(line, claim, line->points[k].value) &&
			    (!fact->bounds || !is_common(line, claim)))
				return true;
	}
	return fact->relation != FACT_AT && (!line->coarse || context->of_steps) && which != 0 &&
	       fits_stretch(evidence, line, claim, context, time, which);
}

/* Right behind the newest value: "at 21:30", where the last bucket is that of 21:20. */
static bool is_now(const struct evidence *evidence, const struct evidence_line *line, const struct fact *time)
{
	int64_t at_s, last;
	bool dated, clock;

	if (line->count == 0 || time->relation != FACT_AT ||
	    !evidence_fact_time(evidence, time, &at_s, &dated, &clock) || !clock)
		return false;
	last = line->points[line->count - 1].at_s + line->step_s;
	at_s = dated ? at_s : last / DAY_S * DAY_S + at_s;
	return at_s > last && at_s <= last + line->step_s;
}

bool evidence_line_supports(const struct evidence *evidence, struct evidence_line *line,
			    const struct fact *claim, const struct evidence_context *context, size_t time)
{
	const struct fact *fact = &context->times[time];
	unsigned which = context->statistics;

	if (is_now(evidence, line, fact))
		return evidence_line_fits(line, claim, line->points[line->count - 1].value);
	/* "Up to 418 since 09:55": what is greatest of all need not have begun then, or ended. */
	if (fact->relation != FACT_AT && !(line->coarse && context->of_steps) &&
	    (which == 0 || line->count == 0 || fits_whole(line, claim, which)))
		which &= EVIDENCE_MEAN;
	else if (which == 0)
		which = EVIDENCE_MEAN | EVIDENCE_MEDIAN;
	return is_true_then(evidence, line, claim, context, time, which);
}

bool evidence_line_covers(const struct evidence *evidence, const struct evidence_line *line,
			  const struct evidence_context *context)
{
	int64_t at[2];
	bool is_day = false;

	return (instants(evidence, line, &context->times[0], at, &is_day) > 0 && !is_day) ||
	       is_now(evidence, line, &context->times[0]);
}

bool evidence_line_crosses(const struct evidence *evidence, const struct evidence_line *line, const struct fact *claim,
			   const struct evidence_context *context)
{
	int64_t at[2];
	bool is_day = false;
	size_t count = instants(evidence, line, &context->times[0], at, &is_day);

	for (size_t i = 0; i < count && !is_day; i++) {
		struct evidence_window w = around(line, at[i], 0, false);

		for (size_t k = w.from > 0 ? w.from : 1; k < w.to; k++)
			for (size_t r = 0; r < claim->reading_count; r++)
				if ((line->points[k - 1].value - claim->readings[r].value) *
					(line->points[k].value - claim->readings[r].value) <= 0)
					return true;
	}
	return false;
}

/* One single value, where hardly any other lies near: a chance hit is improbable. */
static bool fits_rarely(struct evidence_line *line, const struct fact *claim)
{
	sort(line);
	for (size_t r = 0; r < claim->reading_count; r++) {
		double value = claim->readings[r].value, half = fmax(claim->readings[r].half, line->half), cell,
		       low, high;
		size_t covered = 0, at, end;
		double last = -INFINITY;

		if (half <= 0 || value == 0)
			continue;
		at = lower_bound(line, value - half);
		if (at == line->count || line->sorted[at] > value + half)
			continue;
		if (!evidence_line_fits(line, claim, line->sorted[at]))
			continue;
		cell = 2 * half;
		low = value - AROUND * fabs(value);
		high = value + AROUND * fabs(value);
		end = lower_bound(line, high);
		for (size_t i = lower_bound(line, low); i < end && (double)covered * cell < (high - low); i++) {
			double own = floor(line->sorted[i] / cell);

			covered += own > last ? 1 : 0;
			last = own;
		}
		if ((double)covered * cell <= CHANCE * (high - low))
			return true;
	}
	return false;
}

/* "On average during the episode", "never fewer than 294": over what lies outside of what is quiet. */
static bool fits_episode(struct evidence_line *line, const struct fact *claim, unsigned which)
{
	struct evidence_turn turns[EPISODES_MAX];
	size_t count;

	which &= EVIDENCE_MEAN | EVIDENCE_LEAST | EVIDENCE_GREATEST | EVIDENCE_FIRST;
	count = which == 0 ? 0 : evidence_line_turns(line, turns, EPISODES_MAX);
	for (size_t i = 0; i < count; i++) {
		size_t from = point_index(line, turns[i].at_s), also = point_index(line, turns[i].also_s),
		       to = i + 1 < count ? point_index(line, turns[i + 1].at_s) : line->count;

		if (turns[i].out && (fits_statistics(line, claim, (struct evidence_window) { from, to }, which) ||
				     fits_statistics(line, claim, (struct evidence_window) { also, to }, which)))
			return true;
	}
	return false;
}

enum evidence_match evidence_line_match(const struct evidence *evidence, struct evidence_line *line,
					const struct fact *claim, const struct evidence_context *context)
{
	unsigned which = context->statistics;

	if (line->count == 0)
		return EVIDENCE_NONE;
	for (size_t i = 0; i < context->time_count; i++)
		if (is_true_then(evidence, line, claim, context, i, which == 0 ? EVIDENCE_ANY : which))
			return EVIDENCE_FOUND_THEN;
	if (line->coarse)
		return EVIDENCE_NONE;
	if (which == 0 && (!context->own_times || context->any_time))
		which = EVIDENCE_ANY | (line->is_counted ? EVIDENCE_SUM : 0);
	/* What is greatest, first, or a sum is so of the range that was asked about; what is usual is not. */
	if (claim->role == FACT_ROLE_USUAL ? line->is_range : line->is_wider)
		which = 0;
	if (which != 0 && (fits_whole(line, claim, which) || ((!context->own_times || context->episode) &&
					  fits_episode(line, claim, (which & EVIDENCE_MEAN) | context->statistics))))
		return EVIDENCE_FOUND;
	return !context->own_times && context->statistics == 0 && fits_rarely(line, claim) ? EVIDENCE_FOUND
											   : EVIDENCE_NONE;
}

double evidence_line_statistic(struct evidence_line *line, unsigned which)
{
	sort(line);
	return which == EVIDENCE_LEAST	     ? line->sorted[0]
	       : which == EVIDENCE_GREATEST ? line->sorted[line->count - 1]
	       : which == EVIDENCE_MEAN	     ? line->mean
	       : which == EVIDENCE_FIRST    ? line->points[0].value
	       : which == EVIDENCE_LAST	     ? line->points[line->count - 1].value
					     : quantile(line, 0.5);
}

/* Of greatest, least and mean of points [from, to) what is asked for. */
static size_t add_window(const struct evidence_line *line, struct evidence_window w, unsigned which, double *values,
			 size_t count, size_t max)
{
	double least = INFINITY, greatest = -INFINITY, sum = 0;

	if (w.to <= w.from || count + 3 > max)
		return count;
	for (size_t i = w.from; i < w.to; i++) {
		least = fmin(least, line->points[i].value);
		greatest = fmax(greatest, line->points[i].value);
		sum += line->points[i].value;
	}
	if ((which & EVIDENCE_GREATEST) != 0)
		values[count++] = greatest;
	if ((which & EVIDENCE_LEAST) != 0)
		values[count++] = least;
	if ((which & EVIDENCE_MEAN) != 0)
		values[count++] = sum / (double)(w.to - w.from);
	return count;
}

size_t evidence_line_then(const struct evidence *evidence, const struct evidence_line *line,
			  const struct evidence_context *context, unsigned which, double *values, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < context->time_count; i++) {
		size_t other = end_of_stretch(context, i);
		int64_t at[2], end[2];
		bool is_day;

		if (instants(evidence, line, &context->times[i], at, &is_day) == 0 || is_day)
			continue;
		if (context->times[i].relation == FACT_SINCE && other < context->time_count &&
		    instants(evidence, line, &context->times[other], end, &is_day) > 0 && !is_day)
			count = add_window(
			    line, (struct evidence_window) { point_index(line, at[0]), point_index(line, end[0]) },
			    which == 0 ? EVIDENCE_ANY : which, values, count, max);
		if (context->times[i].relation != FACT_AT && which != 0)
			continue;
		for (size_t k = point_index(line, at[0] - line->step_s + 1);
		     k < line->count && line->points[k].at_s <= at[0] && count < max; k++)
			values[count++] = line->points[k].value;
	}
	return count;
}
