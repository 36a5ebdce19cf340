/* Order statistics: against the GNU Scientific Library, by their properties, and on what breaks them. */
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

#include "bot/statistics.h"

#define MOST 600

static uint64_t seed;

static double uniform(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 11) / 9007199254740992.0;
}

/* Four kinds: continuous, many ties, mostly constant, heavy tails. */
static void fill(double *values, size_t count, int kind)
{
	for (size_t i = 0; i < count; i++) {
		double u = uniform();

		values[i] = kind == 0 ? u * 100.0 - 50.0 :
		            kind == 1 ? floor(u * 5.0) :
		            kind == 2 ? (u < 0.9 ? 7.0 : u) :
		                        1.0 / (u + 1e-9) * (uniform() < 0.5 ? -1.0 : 1.0);
	}
}

static void near(double got, double wanted)
{
	if (!(fabs(got - wanted) <= 1e-12 * (1.0 + fabs(wanted)))) {
		print_error("%.17g instead of %.17g\n", got, wanted);
		fail();
	}
}

static void as_gsl_has_it(void **state)
{
	double values[MOST], work[MOST];

	(void)state;
	seed = 1;
	for (size_t count = 1; count <= MOST; count = count * 5 / 4 + 1) {
		for (int kind = 0; kind < 4; kind++) {
			fill(values, count, kind);
			memcpy(work, values, count * sizeof(*values));
			gsl_sort(work, 1, count);
			for (double q = 0.0; q <= 1.0; q += 0.125)
				near(statistics_quantile(values, count, q),
				     gsl_stats_quantile_from_sorted_data(work, 1, count, q));
			near(statistics_median(values, count), gsl_stats_median_from_sorted_data(work, 1, count));
			near(statistics_mean(values, count), gsl_stats_mean(values, 1, count));
			near(statistics_mad(values, count, statistics_median(values, count)),
			     gsl_stats_mad0(values, 1, count, work));
			near(STATISTICS_MAD_TO_SIGMA * statistics_mad(values, count, statistics_median(values, count)),
			     gsl_stats_mad(values, 1, count, work));
			near(statistics_mean_deviation(values, count, 3.0), gsl_stats_absdev_m(values, 1, count, 3.0));
		}
	}
}

/* Against a full sort, at every rank, and the two sides really are split. */
static void every_rank_is_selected(void **state)
{
	double values[MOST], sorted[MOST], work[MOST];

	(void)state;
	seed = 2;
	for (size_t count = 1; count < 80; count++) {
		fill(values, count, (int)(count % 4));
		memcpy(sorted, values, count * sizeof(*values));
		gsl_sort(sorted, 1, count);
		for (size_t rank = 0; rank < count; rank++) {
			memcpy(work, values, count * sizeof(*values));
			assert_true(statistics_select(work, count, rank) == sorted[rank]);
			for (size_t i = 0; i < count; i++)
				assert_true(i < rank ? work[i] <= sorted[rank] : work[i] >= sorted[rank]);
		}
	}
}

/* Patterns that make a naive quickselect quadratic: 200,000 values would then take minutes. */
static void hostile_orders_cost_nothing(void **state)
{
	size_t count = getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 20000 : 200000;
	double *values = malloc(count * sizeof(*values));

	(void)state;
	for (int order = 0; order < 5; order++) {
		for (size_t i = 0; i < count; i++)
			values[i] = order == 0 ? (double)i : order == 1 ? (double)(count - i) : order == 2 ? 1.0 :
			            order == 3 ? (double)(i < count / 2 ? i : count - i) : (double)(i % 2);
		if (order == 0)
			assert_true(statistics_median(values, count) == (double)(count - 1) / 2.0);
		else
			assert_true(isfinite(statistics_median(values, count)));
	}
	/* The median of three's worst case: the next pivot is always among the smallest. */
	for (size_t i = 0; i < count; i++)
		values[i] = (double)(i % 2 == 0 ? i : count + i);
	assert_true(isfinite(statistics_quantile_of(values, count, 0.99)));
	free(values);
}

static void shift_scale_order_and_duplicates(void **state)
{
	double values[200], other[400];
	double median, mad, q;

	(void)state;
	seed = 3;
	fill(values, 200, 0);
	median = statistics_median(values, 200);
	mad = statistics_mad(values, 200, median);
	q = statistics_quantile(values, 200, 0.9);
	for (size_t i = 0; i < 200; i++)
		other[i] = 4.0 * values[199 - i] + 1000.0;
	near(statistics_median(other, 200), 4.0 * median + 1000.0);
	near(statistics_quantile(other, 200, 0.9), 4.0 * q + 1000.0);
	assert_true(fabs(statistics_mad(other, 200, 4.0 * median + 1000.0) - 4.0 * mad) < 1e-9);
	for (size_t i = 0; i < 200; i++)
		other[i] = -values[i];
	near(statistics_quantile(other, 200, 0.1), -q);
	for (size_t i = 0; i < 400; i++)
		other[i] = values[i / 2];
	near(statistics_median(other, 400), median);
	near(statistics_mean(other, 400), statistics_mean(values, 200));
}

static void gaps_are_left_out(void **state)
{
	double values[300], gappy[600], known[600];
	size_t count = 0;

	(void)state;
	seed = 4;
	fill(values, 300, 3);
	for (size_t i = 0; i < 300; i++) {
		for (int gap = 0; gap < 3 && uniform() < 0.3; gap++)
			gappy[count++] = NAN;
		gappy[count++] = values[i];
	}
	assert_true(count > 320);
	near(statistics_median(gappy, count), statistics_median(values, 300));
	near(statistics_mean(gappy, count), statistics_mean(values, 300));
	near(statistics_mad(gappy, count, 1.0), statistics_mad(values, 300, 1.0));
	near(statistics_mean_deviation(gappy, count, 1.0), statistics_mean_deviation(values, 300, 1.0));
	near(statistics_scale(gappy, count, 1.0, 0.0), statistics_scale(values, 300, 1.0, 0.0));
	assert_int_equal(statistics_known(gappy, count, known), 300);
	assert_memory_equal(known, values, sizeof(values));
}

static void of_nothing_comes_nan(void **state)
{
	const double gaps[] = { NAN, NAN };

	(void)state;
	for (size_t count = 0; count <= 2; count += 2) {
		assert_true(isnan(statistics_median(gaps, count)));
		assert_true(isnan(statistics_mean(gaps, count)));
		assert_true(isnan(statistics_quantile(gaps, count, 0.5)));
		assert_true(isnan(statistics_mad(gaps, count, 0.0)));
		assert_true(isnan(statistics_scale(gaps, count, 0.0, 1.0)));
	}
}

static void the_scale_falls_back(void **state)
{
	double values[101];

	(void)state;
	for (size_t i = 0; i < 101; i++)
		values[i] = (double)i;
	near(statistics_scale(values, 101, 50.0, 0.0), STATISTICS_MAD_TO_SIGMA * 25.0);
	near(statistics_scale(values, 101, 50.0, 100.0), 100.0);
	for (size_t i = 0; i < 101; i++) /* MAD 0: one spike */
		values[i] = i == 60 ? 1010.0 : 0.0;
	near(statistics_scale(values, 101, 0.0, 0.0), 0.1 * STATISTICS_MEAN_TO_SIGMA * 10.0);
	values[60] = 0.0; /* constant: only the floor is left */
	near(statistics_scale(values, 101, 0.0, 0.0), 0.0);
	near(statistics_scale(values, 101, 0.0, 0.5), 0.5);
}

static void great_values_do_not_overflow(void **state)
{
	const double values[] = { 1.7e308, 1.7e308, 1.7e308, -1.7e308 };

	(void)state;
	near(statistics_mean(values, 4) / 1e308, 0.85);
	near(statistics_median(values, 4) / 1e308, 1.7);
	assert_true(isfinite(statistics_quantile(values, 4, 0.2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_gsl_has_it),
		cmocka_unit_test(every_rank_is_selected),
		cmocka_unit_test(hostile_orders_cost_nothing),
		cmocka_unit_test(shift_scale_order_and_duplicates),
		cmocka_unit_test(gaps_are_left_out),
		cmocka_unit_test(of_nothing_comes_nan),
		cmocka_unit_test(the_scale_falls_back),
		cmocka_unit_test(great_values_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
