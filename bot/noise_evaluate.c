/*
 * CloudWatch's evaluation of one metric alarm over a series.
 *
 * Where its documentation is silent - fewer values than Evaluation Periods, all of them breaching, none old enough for
 * an alarm yet - the state stays what it was: nothing speaks for another one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/mem.h"
#include "bot/noise_private.h"

/* The documented example looks at two periods more than are asked for. How many in general is not published; alarms
 * of one minute were seen to use values of the last six, whatever their Evaluation Periods. */
#define RANGE_EXTRA 2
#define RANGE_LEAST_MS ((int64_t)6 * 60 * 1000)
#define PERIODS_MAX 1440 /* a day of minutes */

static const char *const missing_names[] = { "missing", "ignore", "breaching", "notBreaching" };

const char *noise_missing_name(enum noise_missing missing)
{
	return missing_names[missing];
}

enum noise_missing noise_missing_read(const char *text)
{
	const char *word;

	if (text == NULL)
		return NOISE_MISSING;
	word = text + strlen(text);
	while (word > text && word[-1] != ' ' && word[-1] != ':')
		word--;
	if (strcasecmp(word, "nonBreaching") == 0)
		return NOISE_NOT_BREACHING;
	for (int i = NOISE_MISSING; i <= NOISE_NOT_BREACHING; i++)
		if (strcasecmp(word, missing_names[i]) == 0)
			return (enum noise_missing)i;
	return NOISE_MISSING;
}

static bool same(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

static bool is_total(const char *statistic)
{
	return same(statistic, "Sum") || same(statistic, "SampleCount");
}

bool noise_adds_up(const char *statistic)
{
	return is_total(statistic) || same(statistic, "Average") || same(statistic, "Minimum") ||
	       same(statistic, "Maximum");
}

bool noise_check(const struct noise_alarm *alarm, const struct noise_setting *setting, const struct series *series,
                 struct err *err)
{
	const char *comparison = alarm->comparison;

	if (!same(comparison, ">") && !same(comparison, ">=") && !same(comparison, "<") && !same(comparison, "<="))
		return err_set(err, ERR_USAGE, "only alarms with a fixed threshold can be followed over their metric");
	if (!isfinite(alarm->threshold))
		return err_set(err, ERR_USAGE, "the alarm's threshold is not known");
	if (setting->evaluation_periods < 1 || setting->evaluation_periods > PERIODS_MAX || setting->datapoints < 1 ||
	    setting->datapoints > setting->evaluation_periods)
		return err_set(err, ERR_USAGE, "the alarm's datapoints (%zu of %zu) are out of range",
		               setting->datapoints, setting->evaluation_periods);
	if (setting->period_ms <= 0 || series->step_ms <= 0 || setting->period_ms % series->step_ms != 0)
		return err_set(err, ERR_USAGE, "the alarm's period is no multiple of what the metric was read with");
	if (setting->period_ms != series->step_ms && !noise_adds_up(alarm->statistic))
		return err_set(err, ERR_USAGE, "%s of a longer period cannot be made from that of shorter ones",
		               alarm->statistic == NULL ? "the statistic" : alarm->statistic);
	return true;
}

/* What is there of a window; NaN: nothing. */
static double window_value(const char *statistic, const double *values, size_t count)
{
	double sum = 0, low = INFINITY, high = -INFINITY;
	size_t known = 0;

	for (size_t i = 0; i < count; i++) {
		if (!isfinite(values[i]))
			continue;
		known++;
		sum += values[i];
		low = fmin(low, values[i]);
		high = fmax(high, values[i]);
	}
	if (known == 0)
		return NAN;
	if (count == 1 || is_total(statistic))
		return sum;
	if (same(statistic, "Minimum"))
		return low;
	return same(statistic, "Maximum") ? high : sum / (double)known;
}

static bool breaches(const struct noise_alarm *alarm, double value)
{
	bool or_equal = alarm->comparison[1] == '=';

	if (or_equal && value == alarm->threshold)
		return true;
	return alarm->comparison[0] == '>' ? value > alarm->threshold : value < alarm->threshold;
}

signed char *noise_points(const struct noise_alarm *alarm, int64_t period_ms, const struct series *series)
{
	size_t width = (size_t)(period_ms / series->step_ms);
	signed char *points = mem_alloc(series->count + 1);

	for (size_t i = 0; i < series->count; i++) {
		double value = i + 1 < width ? NAN :
		               window_value(alarm->statistic, series->values + (i + 1 - width), width);

		points[i] = isnan(value) ? NOISE_POINT_GAP :
		            breaches(alarm, value) ? NOISE_POINT_BREACH : NOISE_POINT_INSIDE;
	}
	return points;
}

size_t noise_range(const struct noise_setting *setting)
{
	size_t documented = setting->evaluation_periods + RANGE_EXTRA;
	size_t least = (size_t)(RANGE_LEAST_MS / setting->period_ms);

	return documented > least ? documented : least;
}

enum noise_state noise_decide(const struct noise_setting *setting, const signed char *newest, size_t stride,
                              size_t range, enum noise_state state)
{
	size_t known = 0, breaching = 0, oldest = 0, wanted = setting->evaluation_periods;

	for (size_t age = 0; age < range && known < wanted; age++) {
		signed char point = *(newest - age * stride);

		if (point == NOISE_POINT_GAP)
			continue;
		known++;
		breaching += point == NOISE_POINT_BREACH;
		oldest = age + 1;
	}
	if (breaching >= setting->datapoints)
		return NOISE_ALARM;
	if (known == wanted || setting->missing == NOISE_NOT_BREACHING)
		return NOISE_OK;
	if (setting->missing == NOISE_BREACHING)
		return breaching + (wanted - known) >= setting->datapoints ? NOISE_ALARM : NOISE_OK;
	if (known == 0)
		return setting->missing == NOISE_IGNORE ? state : NOISE_NO_DATA;
	if (breaching < known)
		return NOISE_OK;
	/* "Premature alarm state": nothing but breaching values, and M periods were time enough for another one. */
	if (setting->missing == NOISE_MISSING && oldest >= setting->datapoints)
		return NOISE_ALARM;
	return state;
}

static void add_change(struct noise_run *run, size_t *room, int64_t at_ms, enum noise_state from,
                       enum noise_state to)
{
	if (run->count == *room) {
		*room = *room == 0 ? 16 : *room * 2;
		run->changes = mem_resize(run->changes, *room * sizeof(*run->changes));
	}
	run->changes[run->count++] = (struct noise_change){ .at_ms = at_ms, .from = from, .to = to };
}

static void find_firings(struct noise_run *run, int64_t end_ms)
{
	if (run->count == 0)
		return;
	run->firings = mem_alloc(run->count * sizeof(*run->firings));
	for (size_t i = 0; i < run->count; i++) {
		const struct noise_change *change = &run->changes[i];
		bool open = i + 1 == run->count;

		if (change->to != NOISE_ALARM)
			continue;
		run->firings[run->firing_count++] = (struct noise_firing){
			.from_ms = change->at_ms, .to_ms = open ? end_ms : change[1].at_ms, .open = open };
	}
}

void noise_follow(struct noise_run *run, const struct noise_setting *setting, const struct series *series,
                  const signed char *points)
{
	size_t stride = (size_t)(setting->period_ms / series->step_ms), range = noise_range(setting), room = 0;
	enum noise_state state = NOISE_NO_DATA;

	*run = (struct noise_run){ 0 };
	for (size_t i = range * stride - 1; i < series->count; i++) {
		enum noise_state next = noise_decide(setting, points + i, stride, range, state);

		if (next != state)
			add_change(run, &room, series_time(series, i + 1), state, next);
		state = next;
	}
	find_firings(run, series_end(series));
}

void noise_simulate(struct noise_run *run, const struct noise_alarm *alarm, const struct noise_setting *setting,
                    const struct series *series)
{
	signed char *points = noise_points(alarm, setting->period_ms, series);

	noise_follow(run, setting, series, points);
	free(points);
}

void noise_run_free(struct noise_run *run)
{
	free(run->changes);
	free(run->firings);
	*run = (struct noise_run){ 0 };
}
