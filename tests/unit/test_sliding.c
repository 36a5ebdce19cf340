/* bot/sliding.c: the median of a window that slides, against the median of what is in it. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/sliding.h"
#include "bot/statistics.h"

#define MOST 700

static uint64_t seed;

static uint64_t some(uint64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % below;
}

/* Two doubles are the same, or both NaN. */
static void is(double got, double wanted)
{
	if (!(got == wanted || (isnan(got) && isnan(wanted)))) {
		print_error("%.17g instead of %.17g\n", got, wanted);
		fail();
	}
}

/* Many kinds of values: continuous, ties, gaps, both signs, the greatest and the least there are. */
static void fill(double *values, size_t count, int kind)
{
	static const double odd[] = { 0.0, -0.0, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN, DBL_TRUE_MIN, NAN, 1e150, -1.0 };

	for (size_t i = 0; i < count; i++)
		values[i] = kind == 0 ? (double)some(1000000) / 7.0 - 50000.0 :
		            kind == 1 ? (double)some(5) :
		            kind == 2 ? (some(3) == 0 ? NAN : (double)some(100)) :
		            kind == 3 ? odd[some(sizeof(odd) / sizeof(odd[0]))] : 7.0;
}

static double median_of(const double *values, const unsigned char *in, size_t count)
{
	double taken[MOST];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (in[i])
			taken[n++] = values[i];
	return statistics_median(taken, n);
}

static void a_window_has_the_median_of_what_is_in_it(void **state)
{
	double values[MOST];
	unsigned char in[MOST];

	(void)state;
	seed = 1;
	for (size_t count = 1; count <= MOST; count = count * 3 + 1) {
		for (int kind = 0; kind < 5; kind++) {
			struct sliding_ranks ranks;
			struct sliding window;

			fill(values, count, kind);
			memset(in, 0, sizeof(in));
			sliding_rank(&ranks, values, count);
			sliding_begin(&window, &ranks);
			is(sliding_median(&window), NAN);
			for (int step = 0; step < 300; step++) {
				size_t i = (size_t)some(count);

				if (in[i])
					sliding_take(&window, i);
				else
					sliding_put(&window, i);
				in[i] = !in[i];
				is(sliding_median(&window), median_of(values, in, count));
			}
			sliding_end(&window);
			sliding_ranks_free(&ranks);
		}
	}
}

/* Emptied and filled anew, far from where it was. */
static void a_window_may_be_emptied(void **state)
{
	double values[MOST];
	struct sliding_ranks ranks;
	struct sliding window;

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		values[i] = (double)i;
	sliding_rank(&ranks, values, MOST);
	sliding_begin(&window, &ranks);
	for (size_t from = 0; from < MOST; from += 350) {
		for (size_t i = from; i < from + 350; i++)
			sliding_put(&window, i);
		is(sliding_median(&window), (double)from + 174.5);
		for (size_t i = from; i < from + 350; i++)
			sliding_take(&window, i);
		is(sliding_median(&window), NAN);
	}
	sliding_put(&window, 3);
	is(sliding_median(&window), 3);
	sliding_end(&window);
	sliding_ranks_free(&ranks);
}

static void nothing_has_no_median(void **state)
{
	struct sliding_ranks ranks;
	struct sliding window;
	double gap = NAN;

	(void)state;
	sliding_rank(&ranks, &gap, 1);
	sliding_begin(&window, &ranks);
	sliding_put(&window, 0);
	is(sliding_median(&window), NAN);
	sliding_take(&window, 0);
	sliding_end(&window);
	sliding_ranks_free(&ranks);
	sliding_rank(&ranks, NULL, 0);
	sliding_begin(&window, &ranks);
	is(sliding_median(&window), NAN);
	sliding_end(&window);
	sliding_ranks_free(&ranks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_has_the_median_of_what_is_in_it),
		cmocka_unit_test(a_window_may_be_emptied),
		cmocka_unit_test(nothing_has_no_median),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
