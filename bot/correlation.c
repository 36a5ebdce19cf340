#include "bot/correlation.h"

#include <math.h>

#include "bot/mem.h"

#define NOTEWORTHY 0.3 /* less is not worth stating exactly */
#define LAG_GAIN 0.02 /* noise alone makes a lag a little better than none */

struct ranked {
	double value;
	size_t index;
};

static int by_value(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;

	return (x > y) - (x < y);
}

void correlation_ranks(const double *values, size_t count, double *ranks)
{
	struct ranked *order = mem_alloc((count + 1) * sizeof(*order));
	size_t known = 0;

	for (size_t i = 0; i < count; i++) {
		ranks[i] = NAN;
		if (!isnan(values[i]))
			order[known++] = (struct ranked){ values[i], i };
	}
	qsort(order, known, sizeof(*order), by_value);
	for (size_t first = 0, next; first < known; first = next) {
		for (next = first + 1; next < known && order[next].value == order[first].value;)
			next++;
		for (size_t i = first; i < next; i++)
			ranks[order[i].index] = (double)(first + 1 + next) / 2;
	}
	free(order);
}

/* Of the pairs that are known on both sides: Pearson's coefficient. */
static double pearson(const double *a, const double *b, size_t count, size_t *used)
{
	double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (isnan(a[i]) || isnan(b[i]))
			continue;
		n++;
		mean_a += a[i];
		mean_b += b[i];
	}
	*used = n;
	if (n < 2)
		return NAN;
	mean_a /= (double)n;
	mean_b /= (double)n;
	for (size_t i = 0; i < count; i++) {
		double da = a[i] - mean_a, db = b[i] - mean_b;

		if (isnan(da) || isnan(db))
			continue;
		aa += da * da;
		bb += db * db;
		ab += da * db;
	}
	return aa > 0 && bb > 0 ? fmax(-1, fmin(1, ab / sqrt(aa * bb))) : NAN;
}

double correlation_spearman(const double *a, const double *b, size_t count, size_t *used)
{
	double *ranks = mem_alloc((4 * count + 1) * sizeof(*ranks)), rho;
	double *common_a = ranks + 2 * count, *common_b = ranks + 3 * count;

	for (size_t i = 0; i < count; i++) {
		bool both = !isnan(a[i]) && !isnan(b[i]);

		common_a[i] = both ? a[i] : NAN;
		common_b[i] = both ? b[i] : NAN;
	}
	correlation_ranks(common_a, count, ranks);
	correlation_ranks(common_b, count, ranks + count);
	rho = pearson(ranks, ranks + count, count, used);
	free(ranks);
	return rho;
}

bool correlation_best(const double *a, const double *b, size_t count, int lag_max, size_t least,
                      struct correlation *best)
{
	double *ranks = mem_alloc((2 * count + 1) * sizeof(*ranks)), greatest = -1;
	int found = 0;

	correlation_ranks(a, count, ranks);
	correlation_ranks(b, count, ranks + count);
	for (int n = 0; n <= 2 * lag_max; n++) {
		int lag = n % 2 == 0 ? -n / 2 : (n + 1) / 2; /* 0, 1, -1, 2 ... */
		size_t shift = (size_t)abs(lag), used;
		double rho;

		if (shift >= count)
			break;
		rho = lag >= 0 ? pearson(ranks, ranks + count + shift, count - shift, &used)
		               : pearson(ranks + shift, ranks + count, count - shift, &used);
		if (used < least || isnan(rho) || fabs(rho) <= greatest + (lag != 0 && found == 0 ? LAG_GAIN : 0))
			continue;
		greatest = fabs(rho);
		found = lag;
	}
	free(ranks);
	if (greatest < NOTEWORTHY)
		return false;
	best->lag = found;
	best->rho = found >= 0 ? correlation_spearman(a, b + found, count - (size_t)found, &best->used)
	                       : correlation_spearman(a - found, b, count - (size_t)-found, &best->used);
	return !isnan(best->rho);
}
