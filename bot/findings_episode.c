/*
 * What stands out of the expected, as episodes.
 *
 * Means over windows of 1, 3, 9 ... values are compared with the same means in the baseline, so a single value must be
 * far out, and many may each be a little out. What counts as far is learnt from the baseline: its spread, the shape of
 * its tail, and the greatest thing that happened before.
 */
#include <math.h>

#include "bot/findings_private.h"
#include "bot/statistics.h"

#define WINDOWS 7            /* 1, 3, 9, 27, 81, 243, 729 */
#define SIGMAS 5.5           /* of the windows' own spread */
#define CLIP 8.0             /* in windows of several values none counts for more scales */
#define GREATER 1.3          /* than anything of the kind before */
#define ISOLATED 0.6         /* one past event is left out when the next one is smaller than this share */
#define PEAKS 8              /* greatest events of the baseline, from which the tail is followed */
#define RARER 20.0           /* to what happens once in so many baselines */
#define SCALES 4.0           /* of single values, when these never moved */
#define BLUNT 4.0            /* the fewer windows there are, the less their spread is believed */
#define LEVEL_LEAST_MS (2 * HOUR_MS)
#define LEVEL_LEAST_STEPS 6
#define MANY 4
#define JOIN_MS (30 * MINUTE_MS)
#define OUT_OF_ALL 0.6       /* of the baseline's range beyond its extremes: never before */
#define OUT_ABOVE 2.0        /* upwards so many times as far: tails have no end there */
#define DAYS_FOR_NEVER 2.0
#define VALUES_FOR_NEVER 100
#define PASSES_MAX 64        /* windows that are looked for; neighbours become one episode afterwards */
#define OLDEST 3             /* what has gone on for more than a third of the baseline is its habit */
#define GOING_ON 6           /* values at the judged range's begin that tell whether something goes on there; */
#define GOING_ON_SCALES 3.0  /* that far off in their middle */

struct scan {
	const struct view *view;
	double *z;            /* of the known buckets, in order; what is told already becomes 0 */
	signed char *told;    /* the sign of the episode that a value was told in; 0: none */
	size_t *bucket;
	size_t reference, judged, count;
	size_t width[WINDOWS];
	double *untold;       /* z of the reference as it was before anything was told */
	double low, high, out; /* the baseline's extremes, and how far beyond is out of all; 0: not known */
	double calm[WINDOWS]; /* a mean within it never is outstanding, whatever is learnt; 0: that width is not used */
	double least[WINDOWS][2]; /* a mean beyond is outstanding: upwards, downwards; 0: not learnt yet */
};

static double clip(double z, size_t width)
{
	if (width == 1)
		return z;
	return z > CLIP ? CLIP : z < -CLIP ? -CLIP : z; /* by fmin and fmax it would cost a call each */
}

/* The means of every window of [from, to), `stride` apart. */
static size_t window_means(const double *z, size_t from, size_t to, size_t width, size_t stride, double *means)
{
	size_t count = 0;
	double sum = 0;

	for (size_t i = from; i < to; i++) {
		sum += clip(z[i], width);
		if (i - from + 1 < width)
			continue;
		if ((i - from + 1 - width) % stride == 0)
			means[count++] = sum / (double)width;
		sum -= clip(z[i + 1 - width], width);
	}
	return count;
}

static size_t greatest(const double *values, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (values[i] > values[best])
			best = i;
	return best;
}

/* Takes the episode around its greatest value out of the sample. */
static void leave_out(double *values, size_t count, size_t peak, size_t around)
{
	double half = values[peak] / 2;
	size_t from = peak, to = peak + 1;

	while (from > 0 && values[from - 1] > half)
		from--;
	while (to < count && values[to] > half)
		to++;
	from = from > around ? from - around : 0;
	to = to + around < count ? to + around : count;
	for (size_t i = from; i < to; i++)
		values[i] = -INFINITY;
}

/* Without up to `most` events that stand alone, if there are such: they were no habit. */
static void forget_events(double *values, size_t count, size_t around, size_t most, double *spare)
{
	double last = values[greatest(values, count)];

	memcpy(spare, values, count * sizeof(*spare));
	for (size_t n = 0; n < most; n++) {
		double next;

		leave_out(spare, count, greatest(spare, count), around);
		next = spare[greatest(spare, count)];
		if (next < ISOLATED * last) {
			memcpy(values, spare, count * sizeof(*spare));
			return;
		}
		last = next;
	}
}

/* The `most` greatest events, each once; takes them out of the sample. */
static size_t peaks_of(double *values, size_t count, size_t around, size_t most, double *peaks)
{
	size_t found = 0;

	while (found < most) {
		size_t at = greatest(values, count);

		if (!(values[at] > 0))
			break;
		peaks[found++] = values[at];
		leave_out(values, count, at, around);
	}
	return found;
}

/*
 * What would be rare: from the excess of the greatest events over the least of them, along an exponential tail; for
 * single values, which may have any tail, along a power law (Hill's estimate), which reaches further.
 */
static double tail_limit(const double *peaks, size_t count, size_t width)
{
	double least = peaks[count - 1], excess = 0, steps = log((double)count * RARER);

	for (size_t i = 0; i + 1 < count; i++)
		excess += width == 1 ? log(peaks[i] / least) : peaks[i] - least;
	excess /= (double)(count - 1);
	return width == 1 ? least * exp(excess * steps) : least + excess * steps;
}

/* values: means of the baseline's windows, of one sign; used up. */
static double beyond_events(double *values, size_t count, size_t events, size_t width, double *spare)
{
	size_t stride = width / 4 + 1, around = width / stride + 2;
	double peaks[PEAKS], apart = (double)count * (double)stride / (double)width;
	size_t found, most = apart / 4 < PEAKS ? (size_t)(apart / 4) : PEAKS;

	forget_events(values, count, around, events, spare);
	found = peaks_of(values, count, around, most < 1 ? 1 : most, peaks);
	if (found == 0)
		return 0;
	return fmax(GREATER * peaks[0], found < 3 ? 0 : tail_limit(peaks, found, width));
}

/* Costs much, so it is done only when a mean is seen that is no calm one. */
static void learn(struct scan *scan, size_t n)
{
	size_t width = scan->width[n], stride = width / 4 + 1, room = scan->reference + 1;
	double *means = mem_alloc(3 * room * sizeof(*means)), *signed_means = means + room, *spare = means + 2 * room;
	size_t count = window_means(scan->untold, 0, scan->reference, width, stride, means);
	size_t events = 1 + (size_t)((int64_t)scan->view->reference * scan->view->step_ms / (7 * DAY_MS));
	double apart = (double)scan->reference / (double)width - 1, spread = statistics_scale(means, count, 0, 0);
	double least = fmax(SIGMAS * spread * (1 + BLUNT / apart), SCALES / sqrt((double)width));

	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < count; i++)
			signed_means[i] = side == 0 ? means[i] : -means[i];
		scan->least[n][side] = fmax(least, beyond_events(signed_means, count, events, width, spare));
		scan->least[n][side] *= scan->view->caution;
	}
	free(means);
}

/* How far back what goes on at the judged range's begin has gone on: the run of the greatest sum that ends there. */
static size_t run_back(const struct scan *scan, int sign, double half)
{
	size_t best_at = scan->judged, oldest = scan->judged - scan->judged / OLDEST;
	double sum = 0, best = 0;

	for (size_t i = scan->judged; i > oldest; i--) {
		sum += sign * clip(scan->view->z[scan->bucket[i - 1]], 2) - half;
		if (sum > best) {
			best = sum;
			best_at = i - 1;
		}
		if (sum < best - 2 * CLIP)
			break;
	}
	return best_at;
}

/* What began before the judged range and goes on in it is no habit to compare it with. */
static void forget_what_goes_on(struct scan *scan)
{
	size_t count = scan->count - scan->judged < GOING_ON ? scan->count - scan->judged : GOING_ON;
	double middle = statistics_median(scan->z + scan->judged, count);

	if (!(fabs(middle) >= GOING_ON_SCALES) || scan->reference > scan->judged)
		return;
	for (size_t i = run_back(scan, middle > 0 ? 1 : -1, fmin(fabs(middle), CLIP) / 2); i < scan->judged; i++)
		scan->z[i] = 0;
}

/* By how much single values are out of all there was: never before, and by a good share of its range. */
static void learn_extremes(struct scan *scan)
{
	const struct view *view = scan->view;
	double days = (double)view->judged * (double)view->step_ms / (double)DAY_MS;

	scan->low = INFINITY;
	scan->high = -INFINITY;
	for (size_t i = 0; i < view->judged; i++) { /* NaN is neither; by fmin and fmax it would cost two calls */
		scan->low = view->x[i] < scan->low ? view->x[i] : scan->low;
		scan->high = view->x[i] > scan->high ? view->x[i] : scan->high;
	}
	scan->out = days < DAYS_FOR_NEVER || view->known < VALUES_FOR_NEVER ? 0 : OUT_OF_ALL * (scan->high - scan->low);
}

static void scan_init(struct scan *scan, const struct view *view)
{
	size_t room = view->end + 1, width = 1;

	memset(scan, 0, sizeof(*scan));
	scan->view = view;
	scan->z = mem_alloc(room * sizeof(*scan->z));
	scan->untold = mem_alloc(room * sizeof(*scan->untold));
	scan->bucket = mem_alloc(room * sizeof(*scan->bucket));
	scan->told = mem_alloc(room * sizeof(*scan->told));
	for (size_t i = 0; i < view->end; i++) {
		scan->reference = i == view->reference ? scan->count : scan->reference;
		scan->judged = i == view->judged ? scan->count : scan->judged;
		if (isnan(view->z[i]))
			continue;
		scan->bucket[scan->count] = i;
		scan->z[scan->count++] = view->z[i];
	}
	scan->reference = view->reference == view->end ? scan->count : scan->reference;
	scan->judged = view->judged == view->end ? scan->count : scan->judged;
	forget_what_goes_on(scan);
	memcpy(scan->untold, scan->z, scan->reference * sizeof(*scan->z));
	learn_extremes(scan);
	for (size_t n = 0; n < WINDOWS; n++, width *= 3) {
		scan->width[n] = width;
		if (width * 5 <= scan->reference && width <= scan->count - scan->judged)
			scan->calm[n] = SCALES / sqrt((double)width) * view->caution;
	}
}

static void scan_free(struct scan *scan)
{
	free(scan->z);
	free(scan->untold);
	free(scan->bucket);
	free(scan->told);
}

/* >= 1: it is. */
static double out_of_all(const struct scan *scan, size_t i)
{
	double x = scan->view->x[scan->bucket[i]];

	if (scan->out == 0 || scan->z[i] == 0)
		return 0;
	return scan->z[i] > 0 ? (x - scan->high) / (OUT_ABOVE * scan->out) : (scan->low - x) / scan->out;
}

struct window {
	size_t from, to; /* of scan's values */
	int sign;
	double ratio, mean;
};

/* How many times as far out as is outstanding; of what is not that far also 0. */
static double ratio_of(struct scan *scan, size_t n, double mean)
{
	if (fabs(mean) < scan->calm[n])
		return 0;
	if (!(scan->least[n][0] > 0))
		learn(scan, n);
	return fabs(mean) / scan->least[n][mean > 0 ? 0 : 1];
}

static struct window most_outstanding(struct scan *scan)
{
	struct window best = { 0 };

	for (size_t n = 0; n < WINDOWS; n++) {
		size_t width = scan->width[n];
		double sum = 0;

		if (!(scan->calm[n] > 0))
			continue;
		for (size_t i = scan->judged; i < scan->count; i++) {
			double mean, ratio;

			sum += clip(scan->z[i], width);
			if (i - scan->judged + 1 < width)
				continue;
			mean = sum / (double)width;
			ratio = ratio_of(scan, n, mean);
			if (width == 1)
				ratio = fmax(ratio, out_of_all(scan, i));
			if (ratio > best.ratio)
				best = (struct window){ i + 1 - width, i + 1, mean > 0 ? 1 : -1, ratio, fabs(mean) };
			sum -= clip(scan->z[i + 1 - width], width);
		}
	}
	return best;
}

/* The segment of the greatest sum within [from, to): there it is nearer to the window's level than to the expected. */
static void fit_within(const struct scan *scan, struct window *window, size_t from, size_t to, double half)
{
	double sum = 0, best = 0;
	size_t begin = from;

	for (size_t i = from; i < to; i++) {
		if (sum <= 0) {
			sum = 0;
			begin = i;
		}
		sum += window->sign * clip(scan->z[i], 2) - half;
		if (sum > best) {
			best = sum;
			window->from = begin;
			window->to = i + 1;
		}
	}
}

/* As far as the window's level goes: while the segment touches the end of where it was looked for, twice as far. */
static void fit_edges(const struct scan *scan, struct window *window)
{
	const struct window first = *window;
	double half = fmin(first.mean, CLIP) / 2;
	bool more = true;

	for (size_t reach = 4 * (first.to - first.from) + 2; more; reach *= 2) {
		size_t from = first.from > scan->judged + reach ? first.from - reach : scan->judged;
		size_t to = first.to + reach < scan->count ? first.to + reach : scan->count;

		*window = first;
		fit_within(scan, window, from, to, half);
		more = (window->from == from && from > scan->judged) || (window->to == to && to < scan->count);
	}
}

static struct episode to_episode(const struct scan *scan, const struct window *window)
{
	const struct view *view = scan->view;
	struct episode e = { .sign = window->sign, .ratio = window->ratio, .parts = 1 };
	size_t from = window->from;

	e.from = e.peak = scan->bucket[window->from];
	e.to = scan->bucket[window->to - 1] + 1;
	for (size_t i = e.from; i < e.to; i++)
		if (e.sign * view->z[i] > e.sign * view->z[e.peak])
			e.peak = i;
	if (window->from == scan->judged)
		from = run_back(scan, window->sign, fmin(window->mean, CLIP) / 2);
	e.from = scan->bucket[from];
	memset(scan->told + from, window->sign, window->to - from);
	return e;
}

static int by_begin(const void *a, const void *b)
{
	size_t x = ((const struct episode *)a)->from, y = ((const struct episode *)b)->from;

	return (x > y) - (x < y);
}

/* Neighbours on the same side are one episode; a gap may be longer between long ones. */
static size_t join(const struct view *view, struct episode *episodes, size_t count)
{
	size_t kept = 0;

	qsort(episodes, count, sizeof(*episodes), by_begin);
	for (size_t i = 0; i < count; i++) {
		struct episode *last = kept > 0 ? &episodes[kept - 1] : NULL, *e = &episodes[i];
		size_t gap = last == NULL || e->from < last->to ? 0 : e->from - last->to;

		if (last == NULL || e->sign != last->sign ||
		    (gap > view_steps(view, JOIN_MS) && gap * 6 > e->to - last->from)) {
			episodes[kept++] = *e;
			continue;
		}
		last->to = e->to > last->to ? e->to : last->to;
		last->ratio = fmax(last->ratio, e->ratio);
		if (e->sign * view->z[e->peak] > e->sign * view->z[last->peak])
			last->peak = e->peak;
	}
	return kept;
}

/* Many of one side that come and go are one restless day, told once. */
static size_t join_many(struct episode *episodes, size_t count, int sign)
{
	size_t alike = 0, kept = 0;
	struct episode *first = NULL;

	for (size_t i = 0; i < count; i++)
		alike += episodes[i].sign == sign && !episodes[i].lasts ? 1 : 0;
	if (alike < MANY)
		return count;
	for (size_t i = 0; i < count; i++) {
		struct episode e = episodes[i];

		if (e.sign != sign || e.lasts || first == NULL) {
			episodes[kept] = e;
			first = e.sign == sign && !e.lasts ? &episodes[kept] : first;
			kept++;
			continue;
		}
		first->to = e.to;
		first->peak = e.ratio > first->ratio ? e.peak : first->peak;
		first->ratio = fmax(first->ratio, e.ratio);
		first->shortest = e.shortest < first->shortest ? e.shortest : first->shortest;
		first->longest = e.longest > first->longest ? e.longest : first->longest;
		first->parts += e.parts;
	}
	return kept;
}

static void mark_lasting(const struct scan *scan, struct episode *e)
{
	const struct view *view = scan->view;
	size_t last = scan->bucket[scan->count - 1] + 1, length = e->to - e->from, slack = 2 + length / 10;

	e->lasts = e->to + slack >= last && length >= LEVEL_LEAST_STEPS &&
	           (int64_t)length * view->step_ms >= LEVEL_LEAST_MS;
	if (e->lasts)
		e->to = last;
}

/* The middle of what stands out in it, without what lies between. */
static void measure(const struct scan *scan, struct episode *e)
{
	const struct view *view = scan->view;
	double *values = mem_alloc(2 * (scan->count + 1) * sizeof(*values)), *expected = values + scan->count + 1;
	size_t count = 0;

	for (size_t i = 0; i < scan->count; i++) {
		if (scan->told[i] != e->sign || scan->bucket[i] < e->from || scan->bucket[i] >= e->to)
			continue;
		values[count] = view->x[scan->bucket[i]];
		expected[count++] = view->expected[scan->bucket[i]];
	}
	e->value = statistics_median(values, count);
	e->expected = statistics_median(expected, count);
	free(values);
}

static size_t find_all(struct scan *scan, struct episode all[PASSES_MAX])
{
	size_t count = 0;

	while (count < PASSES_MAX) {
		struct window window = most_outstanding(scan);

		if (window.ratio < 1)
			break;
		fit_edges(scan, &window);
		all[count++] = to_episode(scan, &window);
		for (size_t i = window.from; i < window.to; i++)
			scan->z[i] = 0;
	}
	return count;
}

size_t findings_episodes(const struct view *view, struct episode episodes[EPISODES_MAX])
{
	struct episode all[PASSES_MAX];
	struct scan scan;
	size_t count;

	if (view->pattern == PATTERN_NONE)
		return 0;
	scan_init(&scan, view);
	count = join(view, all, find_all(&scan, all));
	for (size_t i = 0; i < count; i++) {
		mark_lasting(&scan, &all[i]);
		all[i].shortest = all[i].longest = all[i].to - all[i].from;
	}
	count = join_many(all, count, 1);
	count = join_many(all, count, -1);
	count = count < EPISODES_MAX ? count : EPISODES_MAX;
	for (size_t i = 0; i < count; i++) {
		measure(&scan, &all[i]);
		episodes[i] = all[i];
	}
	scan_free(&scan);
	return count;
}
