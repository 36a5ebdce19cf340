/* Theil-Sen against its definition, Spearman against the GNU Scientific Library, both by their properties. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "bot/correlation.h"
#include "bot/mem.h"
#include "bot/trend.h"

#define MOST 120

static uint64_t seed;

static double uniform(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 11) / 9007199254740992.0;
}

static void near(double got, double wanted)
{
	if (!(fabs(got - wanted) <= 1e-9 * (1.0 + fabs(wanted)))) {
		print_error("%.17g instead of %.17g\n", got, wanted);
		fail();
	}
}

/* Kinds: a line with noise, many ties, wild. */
static void fill(double *at, double *values, size_t count, int kind)
{
	for (size_t i = 0; i < count; i++) {
		at[i] = (double)i + (kind == 2 ? floor(uniform() * 3) : 0);
		values[i] = kind == 0 ? 3.0 * (double)i + uniform() : kind == 1 ? floor(uniform() * 4) : 1 / (uniform() + 1e-6);
	}
}

static double slope_by_definition(const double *at, const double *values, size_t count)
{
	double *slopes = mem_alloc((count * count + 1) * sizeof(*slopes)), median;
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (at[i] > at[j] || at[i] < at[j])
				slopes[used++] = (values[i] - values[j]) / (at[i] - at[j]);
	gsl_sort(slopes, 1, used);
	median = gsl_stats_median_from_sorted_data(slopes, 1, used);
	free(slopes);
	return median;
}

static void the_slope_is_that_of_the_definition(void **state)
{
	double at[MOST], values[MOST];

	(void)state;
	seed = 1;
	for (size_t count = 2; count <= MOST; count = count * 3 / 2) {
		for (int kind = 0; kind < 3; kind++) {
			fill(at, values, count, kind);
			at[0] = -1; /* at least one pair of different times */
			near(trend_slope(at, values, count), slope_by_definition(at, values, count));
		}
	}
}

static void the_slope_has_its_properties(void **state)
{
	double at[MOST], values[MOST], scaled[MOST], slope, intercept;

	(void)state;
	seed = 2;
	fill(at, values, MOST, 0);
	slope = trend_slope(at, values, MOST);
	intercept = trend_intercept(at, values, MOST, slope);
	assert_true(fabs(slope - 3) < 0.01 && fabs(intercept - 0.5) < 0.5);
	for (size_t i = 0; i < MOST; i++)
		scaled[i] = -7 * values[i] + 1000;
	near(trend_slope(at, scaled, MOST), -7 * slope);
	near(trend_tau(at, scaled, MOST), -trend_tau(at, values, MOST));
	for (size_t i = 0; i < MOST / 5; i++) /* a fifth is wrong: the slope stays */
		values[(i * 5) % MOST] = 1e6 * uniform();
	assert_true(fabs(trend_slope(at, values, MOST) - 3) < 0.5);
}

static void little_has_no_slope(void **state)
{
	double at[3] = { 5, 5, 5 }, values[3] = { 1, 2, 3 }, later[3] = { 1, 2, 3 };

	(void)state;
	assert_true(isnan(trend_slope(at, values, 3)));
	assert_true(isnan(trend_slope(later, values, 0)));
	assert_true(isnan(trend_slope(later, values, 1)));
	assert_true(isnan(trend_tau(at, values, 3)));
	values[1] = NAN;
	near(trend_slope(later, values, 3), 1);
	near(trend_tau(later, values, 3), 1);
	assert_true(isnan(trend_intercept(later, values, 0, 1)));
}

static void spearman_is_gsls(void **state)
{
	double a[MOST], b[MOST], at[MOST], work[2 * MOST];
	size_t used;

	(void)state;
	seed = 3;
	for (size_t count = 3; count <= MOST; count = count * 3 / 2) {
		for (int kind = 0; kind < 9; kind++) {
			fill(at, a, count, kind % 3);
			fill(at, b, count, kind / 3);
			a[0] = -1;
			b[1] = -1;
			near(correlation_spearman(a, b, count, &used), gsl_stats_spearman(a, 1, b, 1, count, work));
			assert_int_equal(used, count);
		}
	}
}

static void gaps_are_left_out_pair_by_pair(void **state)
{
	double a[6] = { 1, NAN, 3, 4, 5, 6 }, b[6] = { 2, 9, 6, 8, NAN, 12 };
	size_t used;

	(void)state;
	near(correlation_spearman(a, b, 6, &used), 1);
	assert_int_equal(used, 4);
	for (size_t i = 0; i < 6; i++)
		b[i] = 7; /* stands still */
	assert_true(isnan(correlation_spearman(a, b, 6, &used)));
	assert_true(isnan(correlation_spearman(a, b, 0, &used)));
	assert_int_equal(used, 0);
}

static void only_the_order_counts(void **state)
{
	double a[MOST], b[MOST], at[MOST], same;
	size_t used;

	(void)state;
	seed = 4;
	fill(at, a, MOST, 2);
	fill(at, b, MOST, 2);
	same = correlation_spearman(a, b, MOST, &used);
	for (size_t i = 0; i < MOST; i++) {
		a[i] = log(a[i]);
		b[i] = -b[i];
	}
	near(correlation_spearman(a, b, MOST, &used), -same);
}

static void the_lag_is_found_in_both_directions(void **state)
{
	struct correlation best;

	(void)state;
	seed = 5;
	for (int lag = -12; lag <= 12; lag += 3) {
		double a[MOST], b[MOST], noise[MOST + 24];

		for (size_t i = 0; i < MOST + 24; i++)
			noise[i] = uniform();
		for (int i = 0; i < MOST; i++) {
			a[i] = noise[i + 12];
			b[i] = -2 * noise[i + 12 - lag] + 0.1 * uniform(); /* moves `lag` after a, the other way */
		}
		assert_true(correlation_best(a, b, MOST, 12, 30, &best));
		assert_int_equal(best.lag, lag);
		assert_true(best.rho < -0.95);
		assert_int_equal(best.used, MOST - abs(lag));
		assert_false(correlation_best(a, b, 10, 12, 30, &best));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_slope_is_that_of_the_definition),
		cmocka_unit_test(the_slope_has_its_properties),
		cmocka_unit_test(little_has_no_slope),
		cmocka_unit_test(spearman_is_gsls),
		cmocka_unit_test(gaps_are_left_out_pair_by_pair),
		cmocka_unit_test(only_the_order_counts),
		cmocka_unit_test(the_lag_is_found_in_both_directions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
