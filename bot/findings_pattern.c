#include "bot/findings_pattern.h"

#include <math.h>

#include "bot/sliding.h"
#include "bot/statistics.h"

#define EVERY_DAY (-1)
#define WEEKS_FOR_WEEK 4
#define VALUES_LEAST 15               /* that a value of the pattern rests on */
#define REACH_MOST_MS (20 * MINUTE_MS)
#define ERROR_MAX 8.0                 /* an error counts at most as so many usual ones */

struct fit {
	enum pattern pattern;
	size_t groups, slots, reach; /* kinds of days; slots of each; neighbours taken in on each side */
	double *value;               /* groups * slots */
	uint32_t *key;               /* of each bucket: which of these is its own */
};

static size_t group_of(enum pattern pattern, int32_t day)
{
	if (pattern == PATTERN_CLASS)
		return view_is_weekend(day) ? 1 : 0;
	return pattern == PATTERN_WEEK ? view_weekday(day) : 0;
}

static void set_keys(struct fit *fit, const struct view *view)
{
	size_t first = 0; /* key of the day */

	fit->key = mem_alloc((view->end + 1) * sizeof(*fit->key));
	for (size_t i = 0; i < view->end && fit->pattern != PATTERN_LEVEL; i++) {
		if (i == 0 || view->day[i] != view->day[i - 1])
			first = group_of(fit->pattern, view->day[i]) * fit->slots;
		fit->key[i] = (uint32_t)(first + (size_t)view->slot[i]);
	}
}

static bool is_used(const struct view *view, const double *y, size_t i, int parity)
{
	return !isnan(y[i]) && (parity == EVERY_DAY || (view->day[i] & 1) == parity);
}

/* Buckets sorted by key: those of key k are buckets[begin[k] ... begin[k + 1]). */
struct by_key {
	size_t *begin;
	uint32_t *buckets;
};

static void sort_by_key(const struct fit *fit, const struct view *view, const double *y, int parity,
                        struct by_key *sorted)
{
	size_t keys = fit->groups * fit->slots, *begin = mem_alloc((keys + 2) * sizeof(*begin));

	sorted->begin = begin;
	sorted->buckets = mem_alloc((view->judged + 1) * sizeof(*sorted->buckets));
	for (size_t i = 0; i < view->judged; i++)
		if (is_used(view, y, i, parity))
			begin[fit->key[i] + 2]++;
	for (size_t k = 2; k <= keys + 1; k++)
		begin[k] += begin[k - 1];
	for (size_t i = 0; i < view->judged; i++)
		if (is_used(view, y, i, parity))
			sorted->buckets[begin[fit->key[i] + 1]++] = (uint32_t)i;
}

static void put_slot(struct sliding *window, const struct by_key *sorted, size_t key)
{
	for (size_t n = sorted->begin[key]; n < sorted->begin[key + 1]; n++)
		sliding_put(window, sorted->buckets[n]);
}

static void take_slot(struct sliding *window, const struct by_key *sorted, size_t key)
{
	for (size_t n = sorted->begin[key]; n < sorted->begin[key + 1]; n++)
		sliding_take(window, sorted->buckets[n]);
}

/* Each slot's median with its neighbours', around the clock. */
static void fit_group(struct fit *fit, size_t group, const struct sliding_ranks *y, const struct by_key *sorted)
{
	size_t first = group * fit->slots, slots = fit->slots, reach = fit->reach;
	struct sliding window;

	sliding_begin(&window, y);
	for (size_t n = 0; n < 2 * reach + 1; n++)
		put_slot(&window, sorted, first + (slots + n - reach) % slots);
	for (size_t slot = 0; slot < slots; slot++) {
		fit->value[first + slot] = sliding_median(&window);
		take_slot(&window, sorted, first + (slot + slots - reach) % slots);
		put_slot(&window, sorted, first + (slot + reach + 1) % slots);
	}
	sliding_end(&window);
}

/* So many neighbours that a value rests on enough of the series, but all at about the same time of day. */
static size_t reach_of(const struct view *view, enum pattern pattern)
{
	double share = (double)view->known / (double)(view->judged + 1);
	double each = fmax(0.1, share * pattern_days(view, pattern)); /* values a slot */
	double reach = ceil((VALUES_LEAST / each - 1) / 2);
	int64_t most = REACH_MOST_MS / view->step_ms;

	return (size_t)fmax(1, fmin(reach, (double)most));
}

static struct fit fit_begin(const struct view *view, enum pattern pattern)
{
	struct fit fit = { .pattern = pattern, .groups = 1, .slots = pattern == PATTERN_LEVEL ? 1 : view->slots };

	if (pattern == PATTERN_CLASS)
		fit.groups = 2;
	if (pattern == PATTERN_WEEK)
		fit.groups = 7;
	if (pattern != PATTERN_LEVEL && view->step_ms < WIDE_STEP_MS)
		fit.reach = reach_of(view, pattern);
	if (2 * fit.reach + 1 > fit.slots)
		fit.reach = 0;
	fit.value = mem_alloc(fit.groups * fit.slots * sizeof(*fit.value));
	set_keys(&fit, view);
	return fit;
}

static void fit_end(struct fit *fit)
{
	free(fit->value);
	free(fit->key);
}

/* What a group says of which no value is known: the middle of all others. */
static double middle_of_all(const struct sliding_ranks *y, const struct by_key *sorted, size_t keys)
{
	struct sliding window;
	double middle;

	sliding_begin(&window, y);
	for (size_t key = 0; key < keys; key++)
		put_slot(&window, sorted, key);
	middle = sliding_median(&window);
	sliding_end(&window);
	return middle;
}

static bool is_empty(const struct fit *fit, const struct by_key *sorted, size_t group)
{
	return sorted->begin[group * fit->slots] == sorted->begin[(group + 1) * fit->slots];
}

/* A slot without a value has that of the last one before it that has. */
static void fill_slots(double *value, size_t slots, double otherwise)
{
	double last = otherwise;

	for (size_t n = 0; n < 2 * slots; n++) { /* twice around: before the first comes the last */
		if (!isnan(value[n % slots]))
			last = value[n % slots];
		else if (n >= slots)
			value[n % slots] = last;
	}
}

static void fit_values(struct fit *fit, const struct view *view, const struct sliding_ranks *y, int parity)
{
	struct by_key sorted;

	sort_by_key(fit, view, y->values, parity, &sorted);
	for (size_t group = 0; group < fit->groups; group++) {
		double otherwise = NAN;

		fit_group(fit, group, y, &sorted);
		if (is_empty(fit, &sorted, group))
			otherwise = middle_of_all(y, &sorted, fit->groups * fit->slots);
		fill_slots(fit->value + group * fit->slots, fit->slots, otherwise);
	}
	free(sorted.begin);
	free(sorted.buckets);
}

static double fit_says(const struct fit *fit, size_t i)
{
	return fit->value[fit->key[i]];
}

double pattern_days(const struct view *view, enum pattern pattern)
{
	double days = (double)(view->judged * (uint64_t)view->step_ms) / (double)DAY_MS;

	switch (pattern) {
	case PATTERN_CLASS: return days * 2 / 7;
	case PATTERN_WEEK: return days / 7;
	case PATTERN_NONE: case PATTERN_LOCAL: case PATTERN_LEVEL: case PATTERN_DAY: break;
	}
	return days;
}

/* Days of each group on both sides of the fold, else there is nothing to foretell from. */
static bool has_days(const struct view *view, enum pattern pattern)
{
	size_t seen[7][2] = { { 0 } }, groups = pattern == PATTERN_WEEK ? 7 : pattern == PATTERN_CLASS ? 2 : 1;

	if (pattern == PATTERN_WEEK && pattern_days(view, PATTERN_DAY) < 7 * WEEKS_FOR_WEEK)
		return false;
	for (size_t i = 0; i < view->judged; i++)
		seen[group_of(pattern, view->day[i])][view->day[i] & 1]++;
	for (size_t g = 0; g < groups; g++)
		if (seen[g][0] * 3 < view->slots || seen[g][1] * 3 < view->slots)
			return false;
	return true;
}

void pattern_fit(const struct view *view, enum pattern pattern, const struct sliding_ranks *y, bool by_folds,
                 double *expected)
{
	struct fit fit = fit_begin(view, pattern);
	bool folds = by_folds && pattern != PATTERN_LEVEL && has_days(view, pattern);

	for (int parity = 0; parity < 2 && folds; parity++) {
		fit_values(&fit, view, y, parity);
		for (size_t i = 0; i < view->judged; i++)
			if ((view->day[i] & 1) != parity)
				expected[i] = fit_says(&fit, i);
	}
	fit_values(&fit, view, y, EVERY_DAY);
	for (size_t i = folds ? view->judged : 0; i < view->end; i++)
		expected[i] = fit_says(&fit, i);
	fit_end(&fit);
}

struct errors {
	double plain;  /* the sum of the errors, each limited */
	double square; /* of their squares: what is rare and great counts */
};

static void add_error(struct errors *errors, double error, double unit)
{
	error = fabs(error) / unit;
	errors->plain += error < ERROR_MAX ? error : ERROR_MAX; /* NaN counts as the most */
	errors->square += error * error < 1e6 ? error * error : 1e6;
}

/* With a single day before the judged range there is nothing to hold out but what is judged. */
static struct errors errors_ahead(const struct view *view, enum pattern pattern, const struct sliding_ranks *y,
                                  double unit)
{
	struct fit fit = fit_begin(view, pattern);
	struct errors errors = { 0 };

	fit_values(&fit, view, y, EVERY_DAY);
	for (size_t i = view->judged; i < view->end; i++)
		if (!isnan(y->values[i]))
			add_error(&errors, y->values[i] - fit_says(&fit, i), unit);
	fit_end(&fit);
	return errors;
}

static struct errors errors_across(const struct view *view, enum pattern pattern, const struct sliding_ranks *y,
                                   double unit)
{
	struct fit fit = fit_begin(view, pattern);
	struct errors errors = { 0 };

	for (int parity = 0; parity < 2; parity++) {
		fit_values(&fit, view, y, parity);
		for (size_t i = 0; i < view->judged; i++)
			if (is_used(view, y->values, i, 1 - parity))
				add_error(&errors, y->values[i] - fit_says(&fit, i), unit);
	}
	fit_end(&fit);
	return errors;
}

static bool is_better(const struct errors *a, const struct errors *b)
{
	return a->plain < 0.95 * b->plain || (a->square < 0.6 * b->square && a->plain < 1.1 * b->plain);
}

enum pattern pattern_choose(const struct view *view, const struct sliding_ranks *y)
{
	static const enum pattern richer[] = { PATTERN_DAY, PATTERN_CLASS, PATTERN_WEEK };
	enum pattern best = PATTERN_LEVEL;
	double middle = view_median(y->values, 0, view->judged);
	double unit = statistics_scale(y->values, view->judged, middle, fabs(middle) * 1e-9);
	bool few = pattern_days(view, PATTERN_DAY) < 2;
	struct errors least, errors;

	if (view->slots < 2 || !(unit > 0))
		return PATTERN_LEVEL; /* nothing to tell apart */
	least = few ? errors_ahead(view, best, y, unit) : errors_across(view, best, y, unit);
	for (size_t n = 0; n < sizeof(richer) / sizeof(richer[0]); n++) {
		if (few ? richer[n] != PATTERN_DAY : !has_days(view, richer[n]))
			continue;
		errors = few ? errors_ahead(view, richer[n], y, unit) : errors_across(view, richer[n], y, unit);
		if (!is_better(&errors, &least))
			continue;
		least = errors;
		best = richer[n];
	}
	return best;
}
