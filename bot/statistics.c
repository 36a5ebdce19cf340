#include "bot/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "bot/mem.h"

#define SMALL 12   /* values that are sorted by insertion */
#define NINTHER 200 /* from so many values on more of them are looked at for a good pivot */

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

/*
 * What is less than the pivot goes to the front; returns how many. Lomuto's partition, without a branch that depends on
 * the values: half of these would be foretold wrongly, and that would cost more than all the rest.
 */
static size_t put_less_first(double *values, size_t count, double pivot)
{
	size_t less = 0;

	for (size_t i = 0; i < count; i++) {
		double value = values[i];

		values[i] = values[less];
		values[less] = value;
		less += value < pivot;
	}
	return less;
}

static size_t put_not_greater_first(double *values, size_t count, double pivot)
{
	size_t not_greater = 0;

	for (size_t i = 0; i < count; i++) {
		double value = values[i];

		values[i] = values[not_greater];
		values[not_greater] = value;
		not_greater += value <= pivot;
	}
	return not_greater;
}

static double any_pivot(const double *values, size_t count)
{
	size_t part = count / 8;
	double low, middle, high;

	if (count < NINTHER)
		return middle_of_three(values[0], values[count / 2], values[count - 1]);
	low = middle_of_three(values[0], values[part], values[2 * part]);
	middle = middle_of_three(values[3 * part], values[4 * part], values[5 * part]);
	high = middle_of_three(values[6 * part], values[7 * part], values[count - 1]);
	return middle_of_three(low, middle, high);
}

double statistics_select(double *known, size_t count, size_t rank)
{
	double *values = known;
	int tries = 0;

	while (count > SMALL) {
		double pivot = any_pivot(values, count);
		size_t less = put_less_first(values, count, pivot), same;

		if (++tries > 64) { /* such pivots are no accident */
			qsort(values, count, sizeof(*values), by_value);
			return values[rank];
		}
		if (rank < less) {
			count = less;
			continue;
		}
		values += less;
		rank -= less;
		count -= less;
		if (less > count / 8) /* hardly any are the same: no need to set them apart */
			continue;
		same = put_not_greater_first(values, count, pivot);
		if (rank < same)
			return pivot;
		values += same;
		rank -= same;
		count -= same;
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
	double *apart = deviations(values, count, center);
	double least = 0.1 * STATISTICS_MEAN_TO_SIGMA * statistics_mean(apart, count);
	double scale = STATISTICS_MAD_TO_SIGMA * statistics_median_of(apart, statistics_known(apart, count, apart));

	free(apart);
	if (isnan(scale))
		return NAN;
	scale = scale < least ? least : scale;
	return scale < floor ? floor : scale;
}
