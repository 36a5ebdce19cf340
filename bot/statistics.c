#include "bot/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "bot/mem.h"

#define SMALL 24 /* values that are sorted by insertion */

size_t statistics_known(const double *values, size_t count, double *known)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!isnan(values[i]))
			known[kept++] = values[i];
	return kept;
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void sort_few(double *values, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		double value = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
}

static double middle_of_three(double a, double b, double c)
{
	double low = a < b ? a : b, high = a < b ? b : a;

	return c < low ? low : c > high ? high : c;
}

/* Hoare's partition: afterwards values[0 ... *high] <= pivot <= values[*low ... count - 1]. */
static void partition(double *values, size_t count, double pivot, size_t *low, ptrdiff_t *high)
{
	ptrdiff_t i = 0, j = (ptrdiff_t)count - 1;

	while (i <= j) {
		while (values[i] < pivot)
			i++;
		while (values[j] > pivot)
			j--;
		if (i <= j) {
			double swap = values[i];

			values[i++] = values[j];
			values[j--] = swap;
		}
	}
	*low = (size_t)i;
	*high = j;
}

double statistics_select(double *known, size_t count, size_t rank)
{
	double *values = known;
	int tries = 0;

	while (count > SMALL) {
		double pivot = middle_of_three(values[0], values[count / 2], values[count - 1]);
		size_t low;
		ptrdiff_t high;

		if (++tries > 64) { /* such pivots are no accident */
			qsort(values, count, sizeof(*values), by_value);
			return values[rank];
		}
		partition(values, count, pivot, &low, &high);
		if ((ptrdiff_t)rank <= high) {
			count = (size_t)high + 1;
		} else if (rank >= low) {
			values += low;
			rank -= low;
			count -= low;
		} else {
			return pivot;
		}
	}
	sort_few(values, count);
	return values[rank];
}

double statistics_quantile_of(double *known, size_t count, double q)
{
	double place, below, above;
	size_t rank;

	if (count == 0)
		return NAN;
	place = q * (double)(count - 1);
	rank = (size_t)place;
	if (rank >= count - 1)
		return statistics_select(known, count, count - 1);
	below = statistics_select(known, count, rank);
	if (place <= (double)rank)
		return below;
	above = known[rank + 1]; /* what stands behind is not smaller: the least of it is the next */
	for (size_t i = rank + 2; i < count; i++)
		above = known[i] < above ? known[i] : above;
	place -= (double)rank;
	return below * (1.0 - place) + above * place;
}

double statistics_median_of(double *known, size_t count)
{
	return statistics_quantile_of(known, count, 0.5);
}

double statistics_quantile(const double *values, size_t count, double q)
{
	double *known = mem_alloc(count * sizeof(*known));
	double result = statistics_quantile_of(known, statistics_known(values, count, known), q);

	free(known);
	return result;
}

double statistics_median(const double *values, size_t count)
{
	return statistics_quantile(values, count, 0.5);
}

double statistics_mean(const double *values, size_t count)
{
	size_t known = 0;
	double sum = 0.0;

	for (size_t i = 0; i < count; i++)
		known += isnan(values[i]) ? 0 : 1;
	for (size_t i = 0; i < count; i++) /* divided first: the sum of great values may not exist */
		sum += isnan(values[i]) ? 0.0 : values[i] / (double)known;
	return known > 0 ? sum : NAN;
}

static double *deviations(const double *values, size_t count, double center)
{
	double *result = mem_alloc(count * sizeof(*result));

	for (size_t i = 0; i < count; i++)
		result[i] = fabs(values[i] - center);
	return result;
}

double statistics_mad(const double *values, size_t count, double center)
{
	double *apart = deviations(values, count, center);
	double result = statistics_median_of(apart, statistics_known(apart, count, apart));

	free(apart);
	return result;
}

double statistics_mean_deviation(const double *values, size_t count, double center)
{
	double *apart = deviations(values, count, center);
	double result = statistics_mean(apart, count);

	free(apart);
	return result;
}

double statistics_scale(const double *values, size_t count, double center, double floor)
{
	double scale = STATISTICS_MAD_TO_SIGMA * statistics_mad(values, count, center);
	double least = 0.1 * STATISTICS_MEAN_TO_SIGMA * statistics_mean_deviation(values, count, center);

	if (isnan(scale))
		return NAN;
	scale = scale < least ? least : scale;
	return scale < floor ? floor : scale;
}
