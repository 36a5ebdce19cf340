/* The grid of rows whose clock is not exact: no gap that the rows' distances do not show, and none that is lost. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bot/series.h"
#include "bot/series_grid.h"
#include "tests/unit/support/series_help.h"

#define T0 1757289600000LL /* a midnight */
#define STEP 300000LL
#define ROWS 2016

static struct series_point points[ROWS];
static size_t count;
static uint64_t seed;

static int setup(void **state)
{
	(void)state;
	count = 0;
	seed = 1;
	return 0;
}

/* -most ... most */
static int64_t jitter(int64_t most)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)((seed >> 33) % (uint64_t)(2 * most + 1)) - most;
}

static void add(int64_t at_ms, double value)
{
	points[count++] = (struct series_point){ at_ms, value };
}

static void make(struct series *series, int64_t step_ms)
{
	struct err err;

	assert_true(series_make(series, points, count, step_ms, &err));
}

/* Row i of an exact clock, ROWS of them, in bucket i: with the value i, or none where `lost` says so. */
static void check(bool (*lost)(int i), int64_t origin_ms, int64_t step_ms)
{
	struct series series;

	make(&series, 0);
	assert_int_equal(series.step_ms, step_ms);
	assert_int_equal(series.start_ms, origin_ms);
	assert_int_equal(series.count, ROWS);
	for (int i = 0; i < ROWS; i++) {
		if (lost != NULL && lost(i))
			assert_true(isnan(series.values[i]));
		else
			assert_true(series.values[i] == i);
	}
	series_free(&series);
}

static bool in_an_outage(int i)
{
	return (i >= 400 && i < 424) || i == 1000 || (i >= 1500 && i < 1800);
}

static bool by_night(int i)
{
	return i % 288 >= 120 && i > 0 && i < ROWS - 1;
}

static bool more_often_than_not(int i)
{
	return i > 1 && i < ROWS - 1 && (uint32_t)i * 2654435761u >> 16 & 1 && i % 3 > 0;
}

static void fill(bool (*lost)(int i), int64_t origin_ms, int64_t step_ms, int64_t most)
{
	count = 0;
	for (int i = 0; i < ROWS; i++)
		if (lost == NULL || !lost(i))
			add(origin_ms + i * step_ms + (most > 0 ? jitter(most) : 0), i);
}

static void a_clock_that_jitters_has_the_step_that_was_meant(void **state)
{
	static const int64_t most[] = { 120000, 3, 400, 10000, 60000 };
	size_t tried = getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 1 : sizeof(most) / sizeof(most[0]);

	(void)state;
	for (size_t i = 0; i < tried; i++) {
		fill(NULL, T0, STEP, most[i]);
		check(NULL, T0, STEP);
	}
}

static void only_what_is_lost_is_a_gap(void **state)
{
	static bool (*const lost[])(int i) = { in_an_outage, by_night, more_often_than_not };
	static const int64_t most[] = { 40000, 0, 10000, 2000 };
	size_t tried = getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 1 : sizeof(most) / sizeof(most[0]);

	(void)state;
	for (size_t i = 0; i < tried; i++)
		for (size_t k = 0; k < sizeof(lost) / sizeof(lost[0]); k++) {
			fill(lost[k], T0, STEP, most[i]);
			check(lost[k], T0, STEP);
		}
}

static void seconds_and_odd_steps_stay_as_they_are(void **state)
{
	(void)state;
	fill(in_an_outage, T0 + 17000, STEP, 0); /* always 17 s late */
	check(in_an_outage, T0 + 17000, STEP);
	fill(NULL, T0 + 17000, 301000, 0); /* a second longer than is round */
	check(NULL, T0 + 17000, 301000);
	fill(NULL, T0, 60000, 15000);
	check(NULL, T0, 60000);
	fill(NULL, T0, 3600000, 600000);
	check(NULL, T0, 3600000);
}

static void an_odd_step_is_not_made_round(void **state)
{
	struct series series;

	(void)state;
	fill(NULL, T0, 301000, 10000);
	make(&series, 0);
	assert_in_range(series.step_ms, 300990, 301010);
	assert_int_equal(series_known(&series), ROWS);
	assert_int_equal(series.count, ROWS);
	series_free(&series);
}

/* It waits five minutes after each measurement: no phase to be found, and yet no gap. */
static void rows_that_wander_off_the_grid_make_no_gaps(void **state)
{
	struct series series;
	int64_t at = T0;
	size_t gaps = 0;

	(void)state;
	for (int i = 0; i < ROWS; i++) {
		add(at, i);
		at += STEP + 10000 + jitter(10000) + (i == 900 ? 7 * STEP / 2 : 0);
	}
	make(&series, 0);
	assert_in_range(series.step_ms, 308000, 313000);
	for (size_t i = 0; i < series.count; i++)
		gaps += isnan(series.values[i]) ? 1 : 0;
	assert_in_range(gaps, 2, 6); /* three are real */
	assert_true(series_known(&series) >= ROWS - 4);
	series_free(&series);
}

static void rows_of_one_time_are_one(void **state)
{
	struct series series;

	(void)state;
	for (int i = 0; i < 300; i++) /* an hour of local time that there is twice, or not at all */
		add(T0 + (i >= 100 && i < 112 ? 112 : i) * STEP, i);
	make(&series, 0);
	assert_int_equal(series.step_ms, STEP);
	assert_int_equal(series.count, 300);
	assert_int_equal(series_known(&series), 288);
	assert_true(series.values[99] == 99 && isnan(series.values[100]) && isnan(series.values[111]));
	assert_true(series.values[112] == 112);
	series_free(&series);
	count = 0;
	for (int i = 0; i < 5; i++)
		add(T0, i);
	make(&series, 0);
	assert_true(series.count == 1 && series.step_ms == 60000 && series.values[0] == 4);
	series_free(&series);
}

static void two_rows_are_a_step_apart(void **state)
{
	struct series series;

	(void)state;
	add(T0 + 1234, 1);
	add(T0, 0);
	make(&series, 0);
	assert_true(series.count == 2 && series.step_ms == 1234 && series.start_ms == T0);
	assert_true(series.values[0] == 0 && series.values[1] == 1);
	series_free(&series);
}

static void a_row_written_twice_stays_in_its_bucket(void **state)
{
	struct series series;

	(void)state;
	fill(in_an_outage, T0, STEP, 0);
	points[400].value = -1; /* the one behind the first outage, again, a second later */
	points[count - 1] = (struct series_point){ points[400].at_ms + 1000, 8 };
	make(&series, 0);
	assert_int_equal(series.step_ms, STEP);
	assert_true(series.values[424] == 8 && isnan(series.values[423]));
	series_free(&series);
}

static void neighbours_share_no_bucket_beside_an_empty_one(void **state)
{
	/* In steps: nearest are 0 1 1 3 4 4 6. */
	static const int64_t at_ms[] = { 0, 600, 1400, 2600, 3600, 4400, 5600 };
	const struct series_grid grid = { 0, 1000 };
	size_t buckets[7];

	(void)state;
	series_grid_place(&grid, at_ms, 7, buckets);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(buckets[i], i);
}

static void a_given_step_is_kept(void **state)
{
	struct series series;

	(void)state;
	fill(NULL, T0, STEP, 10000);
	make(&series, 2 * STEP);
	assert_int_equal(series.step_ms, 2 * STEP);
	assert_in_range(series.count, ROWS / 2, ROWS / 2 + 1);
	assert_int_equal(series_known(&series), series.count);
	series_free(&series);
}

#define GRID_TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GRID_TEST(a_clock_that_jitters_has_the_step_that_was_meant),
		GRID_TEST(only_what_is_lost_is_a_gap),
		GRID_TEST(seconds_and_odd_steps_stay_as_they_are),
		GRID_TEST(an_odd_step_is_not_made_round),
		GRID_TEST(rows_that_wander_off_the_grid_make_no_gaps),
		GRID_TEST(rows_of_one_time_are_one),
		GRID_TEST(two_rows_are_a_step_apart),
		GRID_TEST(a_row_written_twice_stays_in_its_bucket),
		GRID_TEST(neighbours_share_no_bucket_beside_an_empty_one),
		GRID_TEST(a_given_step_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
