#include "bot/trend.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "bot/mem.h"
#include "bot/statistics.h"

static bool is_pair(const double *at, const double *values, size_t i, size_t j)
{
	return at[i] != at[j] && !isnan(values[i]) && !isnan(values[j]);
}

double trend_slope(const double *at, const double *values, size_t count)
{
	double *slopes, middle;
	size_t used = 0;

	assert(count <= TREND_COUNT_MAX);
	slopes = mem_alloc((count * count / 2 + 1) * sizeof(*slopes));
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			if (is_pair(at, values, i, j))
				slopes[used++] = (values[j] - values[i]) / (at[j] - at[i]);
	middle = used == 0 ? NAN : statistics_median_of(slopes, used);
	free(slopes);
	return middle;
}

double trend_intercept(const double *at, const double *values, size_t count, double slope)
{
	double *rest = mem_alloc((count + 1) * sizeof(*rest)), middle;

	for (size_t i = 0; i < count; i++)
		rest[i] = values[i] - slope * at[i];
	middle = statistics_median(rest, count);
	free(rest);
	return middle;
}

double trend_tau(const double *at, const double *values, size_t count)
{
	double sum = 0;
	size_t pairs = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			double rise = (values[j] - values[i]) * (at[j] > at[i] ? 1 : -1);

			if (!is_pair(at, values, i, j))
				continue;
			pairs++;
			sum += rise > 0 ? 1 : rise < 0 ? -1 : 0;
		}
	}
	return pairs == 0 ? NAN : sum / (double)pairs;
}
