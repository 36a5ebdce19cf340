#include "commands/series_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/statistics.h"
#include "bot/zone.h"
#include "commands/dashboard_data.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define USUAL_LOW 0.05
#define USUAL_HIGH 0.95

static void take_range(const struct series *series, int64_t from_ms, int64_t until_ms, struct series_values *v)
{
	double sum = 0;

	for (size_t i = series_index(series, from_ms); i < series->count && series_time(series, i) < until_ms;
	     i++) {
		double value = series->values[i];

		v->count++;
		if (isnan(value))
			continue;
		if (v->known == 0 || value < v->least) {
			v->least = value;
			v->least_ms = series_time(series, i);
		}
		if (v->known == 0 || value > v->greatest) {
			v->greatest = value;
			v->greatest_ms = series_time(series, i);
		}
		v->last = value;
		v->last_ms = series_time(series, i);
		sum += value;
		v->known++;
	}
	if (v->known > 0)
		v->mean = sum / (double)v->known;
}

/* The same hours of each day before: by the local clock, over changes of it. */
static size_t same_hours(const struct zone *zone, const struct series *series, int64_t from_ms, int64_t until_ms,
                         double *values)
{
	size_t count = 0;

	if (until_ms - from_ms >= DAY_MS) /* all hours */
		return statistics_known(series->values, series_index(series, from_ms), values);
	for (int day = 1; day <= 400; day++) {
		struct zone_time a, b;
		int64_t begin_ms, end_ms;

		zone_local(zone, from_ms, &a);
		zone_local(zone, until_ms, &b);
		begin_ms = zone_instant(zone, a.year, a.month, a.day - day, a.hour, a.minute);
		end_ms = zone_instant(zone, b.year, b.month, b.day - day, b.hour, b.minute);
		if (end_ms <= series->start_ms)
			break;
		for (size_t i = series_index(series, begin_ms);
		     i < series->count && series_time(series, i) < end_ms && series_time(series, i) < from_ms;
		     i++)
			if (!isnan(series->values[i]))
				values[count++] = series->values[i];
	}
	return count;
}

static double at(const struct series *series, int64_t at_ms)
{
	size_t i = series_index(series, at_ms);

	return i < series->count && series_time(series, i) == at_ms ? series->values[i] : NAN;
}

void series_values(struct series_values *values, const struct dashboard_data *data, size_t subject,
                   const struct zone *zone, int64_t from_ms, int64_t until_ms)
{
	const struct series *series = data->inputs[subject].series;
	double *known = mem_alloc((series->count + 1) * sizeof(double));
	size_t count;

	*values = (struct series_values){
		.least = NAN, .greatest = NAN, .mean = NAN, .last = NAN, .low = NAN, .high = NAN
	};
	take_range(series, from_ms, until_ms, values);
	count = same_hours(zone, series, from_ms, until_ms, known);
	values->usual = statistics_median(known, count);
	values->usual_low = statistics_quantile(known, count, USUAL_LOW);
	values->usual_high = statistics_quantile(known, count, USUAL_HIGH);
	if (values->known > 0) {
		values->low = at(&data->subjects[subject].low, values->last_ms);
		values->high = at(&data->subjects[subject].high, values->last_ms);
	}
	free(known);
}
