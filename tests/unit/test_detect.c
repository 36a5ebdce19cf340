/* The detector: causal, indifferent to scale and level, silent on what is usual, heard once on what is not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/detect.h"
#include "bot/season.h"
#include "bot/series_csv.h"
#include "bot/window.h"
#include "tests/unit/support/vectors.h"

#define STEP 300000
#define DAY_MS 86400000LL
#define DAY_ROWS 288
#define WEEK_ROWS ((size_t)7 * DAY_ROWS)
#define MOST 4032
#define MONDAY 1772409600000LL /* 2026-03-02 */

static uint64_t seed;
static struct series_point rows[MOST];
static double scores[MOST];

static double uniform(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 11) / 9007199254740992.0;
}

static double noise(void)
{
	double sum = -6.0;

	for (int i = 0; i < 12; i++)
		sum += uniform();
	return sum;
}

static void make(size_t count, int64_t step_ms, double level, double season, double spread)
{
	seed = 7;
	for (size_t i = 0; i < count; i++) {
		int64_t at = (int64_t)i * step_ms;

		rows[i].at_ms = MONDAY + at;
		rows[i].value = level + season * sin(6.283185307179586 * (double)(at % DAY_MS) / (double)DAY_MS) +
		                spread * noise();
	}
}

/* Two weeks of rows under valgrind show it nothing that one week does not. */
static void skip_under_valgrind(void)
{
	if (getenv("TOCSIN_UNDER_VALGRIND") != NULL)
		skip();
}

static size_t flags(size_t count, size_t from, size_t to)
{
	size_t flagged = 0;

	detect_scores(rows, count, scores);
	for (size_t i = 0; i < count; i++) {
		assert_true(scores[i] >= 0.0 && scores[i] <= 1.0);
		flagged += i >= from && i < to && scores[i] >= DETECT_THRESHOLD ? 1 : 0;
	}
	return flagged;
}

static void a_score_knows_nothing_of_later_rows(void **state)
{
	double whole[1500];

	(void)state;
	make(1500, STEP, 100, 40, 4);
	for (size_t i = 700; i < 710; i++)
		rows[i].value += 90;
	rows[800].value = NAN;
	rows[900].at_ms = rows[899].at_ms;         /* twice the same time */
	rows[1000].at_ms = rows[990].at_ms;        /* back in time */
	for (size_t i = 1100; i < 1500; i++)
		rows[i].at_ms += 7 * STEP;         /* a hole */
	detect_scores(rows, 1500, whole);
	for (size_t count = 1; count <= 1500; count += count < 60 ? 1 : 173) {
		detect_scores(rows, count, scores);
		assert_memory_equal(scores, whole, count * sizeof(*scores));
	}
}

static void an_episode_is_told_once(void **state)
{
	(void)state;
	make(WEEK_ROWS, STEP, 50, 0, 4);
	for (size_t i = 1500; i < 1560; i++)
		rows[i].value = 130;
	assert_int_equal(flags(WEEK_ROWS, 1400, WEEK_ROWS), 1);
	assert_true(scores[1500] >= DETECT_THRESHOLD);
	assert_true(scores[1501] < DETECT_THRESHOLD && scores[1501] > 0.25);
}

static void a_new_level_is_told_once(void **state)
{
	(void)state;
	skip_under_valgrind();
	make(2 * WEEK_ROWS, STEP, 20, 0, 1);
	for (size_t i = 2500; i < 2 * WEEK_ROWS; i++)
		rows[i].value += 15;
	assert_true(flags(2 * WEEK_ROWS, 2500, 2510) >= 1);
	assert_true(flags(2 * WEEK_ROWS, 2510, 2 * WEEK_ROWS) <= 1);
}

/* Exactly, for powers of two; the level to within rounding. */
static void scale_and_sign_do_not_matter(void **state)
{
	static const double factors[] = { 1.0 / 1073741824.0, 1073741824.0, -1.0, -0.0009765625 };
	double plain[WEEK_ROWS];

	(void)state;
	skip_under_valgrind();
	for (size_t k = 0; k < sizeof(factors) / sizeof(*factors); k++) {
		make(WEEK_ROWS, STEP, 0, 40, 4);
		rows[1200].value = 170;
		detect_scores(rows, WEEK_ROWS, plain);
		for (size_t i = 0; i < WEEK_ROWS; i++)
			rows[i].value *= factors[k];
		detect_scores(rows, WEEK_ROWS, scores);
		assert_memory_equal(scores, plain, sizeof(plain));
	}
}

static void level_does_not_matter(void **state)
{
	double plain[WEEK_ROWS];

	(void)state;
	skip_under_valgrind();
	make(WEEK_ROWS, STEP, 0, 40, 4);
	rows[1200].value = 170;
	detect_scores(rows, WEEK_ROWS, plain);
	for (size_t i = 0; i < WEEK_ROWS; i++)
		rows[i].value += 4096.0;
	detect_scores(rows, WEEK_ROWS, scores);
	for (size_t i = 0; i < WEEK_ROWS; i++)
		assert_true(fabs(scores[i] - plain[i]) < 1e-3);
}

static void what_never_changes_is_silent_until_it_changes(void **state)
{
	(void)state;
	make(WEEK_ROWS, STEP, 42, 0, 0);
	assert_int_equal(flags(WEEK_ROWS, 0, WEEK_ROWS), 0);
	for (size_t i = 1000; i < WEEK_ROWS; i++)
		rows[i].value = 41;
	assert_int_equal(flags(WEEK_ROWS, 0, WEEK_ROWS), 1);
	assert_true(scores[1000] >= DETECT_THRESHOLD);
}

static void what_comes_every_night_is_no_news(void **state)
{
	(void)state;
	skip_under_valgrind();
	make(2 * WEEK_ROWS, STEP, 10, 0, 1);
	for (size_t day = 0; day < 14; day++)
		for (size_t i = 0; i < 6; i++)
			rows[day * DAY_ROWS + 24 + day % 3 + i].value = 50 + 10 * uniform();
	assert_int_equal(flags(2 * WEEK_ROWS, 3 * DAY_ROWS, 2 * WEEK_ROWS), 0);
	for (size_t i = 0; i < 6; i++)
		rows[10 * DAY_ROWS + 170 + i].value = 120; /* in the afternoon, and more */
	assert_int_equal(flags(2 * WEEK_ROWS, 3 * DAY_ROWS, 2 * WEEK_ROWS), 1);
}

/* A value that every noon has, at midnight. */
static void the_hour_matters(void **state)
{
	(void)state;
	for (int64_t step_ms = STEP; step_ms <= 3600000; step_ms += 3300000) {
		size_t count = step_ms == STEP ? MOST : 1008, odd = (size_t)(9 * DAY_MS + 18 * 3600000) / (size_t)step_ms;

		make(count, step_ms, 100, 40, 3);
		assert_int_equal(flags(count, count / 5, count), 0);
		rows[odd].value = 135;
		assert_int_equal(flags(count, count / 5, count), 1);
		assert_true(scores[odd] >= DETECT_THRESHOLD);
	}
}

/* Its Saturdays and Sundays are flat. The first such is no news; on the second one it is known that they are. */
static void the_first_weekend_is_no_news(void **state)
{
	(void)state;
	skip_under_valgrind();
	make(2 * WEEK_ROWS, STEP, 100, 40, 3);
	for (size_t i = 0; i < 2 * WEEK_ROWS; i++)
		rows[i].value = i / DAY_ROWS % 7 >= 5 ? 100 + 0.2 * (rows[i].value - 100) : rows[i].value;
	assert_int_equal(flags(2 * WEEK_ROWS, 5 * DAY_ROWS + 12, 2 * WEEK_ROWS), 0);
	rows[12 * DAY_ROWS + 216].value = 130; /* the second Saturday: no evening was like that */
	assert_int_equal(flags(2 * WEEK_ROWS, 5 * DAY_ROWS + 12, 2 * WEEK_ROWS), 1);
}

/* And one that knows no weekend: its first Saturday is a day as any other. */
static void the_first_saturday_is_watched(void **state)
{
	(void)state;
	make(WEEK_ROWS, STEP, 100, 40, 3);
	rows[5 * DAY_ROWS + 216].value = 130; /* a noon's value at 18:00 */
	assert_int_equal(flags(WEEK_ROWS, 2 * DAY_ROWS, WEEK_ROWS), 1);
	assert_true(scores[5 * DAY_ROWS + 216] >= DETECT_THRESHOLD);
}

static void fifty_rows_are_enough_for_a_spike(void **state)
{
	(void)state;
	make(50, STEP, 12, 0, 1);
	assert_int_equal(flags(50, 0, 50), 0);
	rows[44].value = 40;
	assert_int_equal(flags(50, 0, 50), 1);
	assert_true(scores[44] >= DETECT_THRESHOLD);
	assert_int_equal(flags(10, 0, 10), 0);
}

static void nothing_breaks_it(void **state)
{
	static const double odd[] = { 1.7e308, -1.7e308, 5e-324, -0.0, INFINITY, -INFINITY, NAN, 1e300, 0.0 };

	(void)state;
	detect_scores(rows, 0, scores);
	for (size_t i = 0; i < 1000; i++)
		rows[i] = (struct series_point){ (int64_t)i * 1000, NAN };
	assert_int_equal(flags(1000, 0, 1000), 0);
	seed = 11;
	for (size_t i = 0; i < 2000; i++)
		rows[i] = (struct series_point){
			(int64_t)((uniform() - 0.5) * (i % 2 == 0 ? 1e9 : 4e14)), odd[(size_t)(uniform() * 9.0)],
		};
	(void)flags(2000, 0, 2000);
	for (size_t i = 0; i < 2000; i++)
		rows[i].at_ms = i % 2 == 0 ? INT64_MIN : INT64_MAX;
	(void)flags(2000, 0, 2000);
}

static void a_window_is_sorted_and_forgets(void **state)
{
	struct window window;

	(void)state;
	window_init(&window, 5);
	assert_true(isnan(window_quantile(&window, 0.5)));
	assert_true(isinf(window_nearest(&window, 1)));
	for (int i = 0; i < 100; i++) {
		window_add(&window, (i * 7) % 10);
		for (size_t k = 1; k < window.count; k++)
			assert_true(window.sorted[k - 1] <= window.sorted[k]);
	}
	assert_int_equal(window.count, 5); /* 5 2 9 6 3 */
	assert_true(window_quantile(&window, 0) == 2 && window_quantile(&window, 1) == 9);
	assert_true(window_quantile(&window, 0.5) == 5 && window_quantile(&window, 0.625) == 5.5);
	assert_true(window_nearest(&window, 7.75) == 1.25);
	assert_true(window_nearest_episodes(&window, 3, 2, 2) == 1); /* itself; its neighbour in time is 6 */
	assert_true(window_nearest_episodes(&window, 6, 2, 2) == 1); /* 6, then 5: four before */
	assert_true(isinf(window_nearest_episodes(&window, 6, 8, 2)));
	window_free(&window);
}

static void a_season_is_of_days_of_one_kind(void **state)
{
	struct season *season = season_new();
	double residual = 0;

	(void)state;
	for (int day = 0; day < 11; day++) { /* Monday ... Thursday of the next week */
		season_add(season, MONDAY + day * DAY_MS, day % 7 >= 5 ? 10 : 100);
		assert_int_equal(season_residual(season, MONDAY + (day + 1) * DAY_MS, 100, false, &residual),
		                 (day + 1) % 7 < 5 && day >= 1);
	}
	assert_true(residual == 0);
	assert_true(season_residual(season, MONDAY + 12 * DAY_MS, 100, false, &residual)); /* Saturday */
	assert_true(residual == 90);
	assert_true(season_residual(season, MONDAY + 11 * DAY_MS, 10, false, &residual)); /* Friday */
	assert_true(residual == -90);
	assert_false(season_residual(season, MONDAY + 11 * DAY_MS + DAY_MS / 2, 10, false, &residual));
	assert_true(season_excess(season, MONDAY + 11 * DAY_MS, STEP, 90, 50) < 0);
	assert_true(season_excess(season, MONDAY + 11 * DAY_MS + 7 * 3600000, STEP, 90, 50) == INFINITY);
	season_free(season);
	season = season_new();
	season_add(season, -9 * DAY_MS, 1); /* before 1970 */
	season_add(season, -8 * DAY_MS, 3);
	assert_true(season_residual(season, -2 * DAY_MS, 1, false, &residual));
	season_free(season);
}

/* The public file without an anomaly: CPU use of a machine with a spike a day. */
static void the_quiet_file_stays_quiet(void **state)
{
	struct series_csv csv;
	struct err err;
	size_t length, flagged = 0;
	char *text = vector_read("nab/realAWSCloudwatch/ec2_cpu_utilization_c6585a.csv", &length);

	(void)state;
	if (text == NULL)
		skip();
	assert_true(series_csv_parse(&csv, text, length, &err));
	assert_int_equal(csv.count, MOST);
	detect_scores(csv.points, csv.count, scores);
	for (size_t i = 604; i < csv.count; i++)
		flagged += scores[i] >= DETECT_THRESHOLD ? 1 : 0;
	assert_true(flagged <= 2);
	series_csv_free(&csv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_score_knows_nothing_of_later_rows),
		cmocka_unit_test(an_episode_is_told_once),
		cmocka_unit_test(a_new_level_is_told_once),
		cmocka_unit_test(scale_and_sign_do_not_matter),
		cmocka_unit_test(level_does_not_matter),
		cmocka_unit_test(what_never_changes_is_silent_until_it_changes),
		cmocka_unit_test(what_comes_every_night_is_no_news),
		cmocka_unit_test(the_hour_matters),
		cmocka_unit_test(the_first_weekend_is_no_news),
		cmocka_unit_test(the_first_saturday_is_watched),
		cmocka_unit_test(fifty_rows_are_enough_for_a_spike),
		cmocka_unit_test(nothing_breaks_it),
		cmocka_unit_test(a_window_is_sorted_and_forgets),
		cmocka_unit_test(a_season_is_of_days_of_one_kind),
		cmocka_unit_test(the_quiet_file_stays_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
