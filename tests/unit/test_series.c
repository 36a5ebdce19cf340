/* A series on its grid, and the reader of CSV files: what people and exporters really write, and hostile bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/mem.h"
#include "bot/series.h"
#include "bot/series_csv.h"
#include "bot/str.h"
#include "tests/unit/support/series_help.h"

#define T0 1393635600000LL /* 2014-03-01T01:00:00Z */
#define STEP 300000LL

static void make(struct series *series, const struct series_point *points, size_t count, int64_t step_ms)
{
	struct err err;

	assert_true(series_make(series, points, count, step_ms, &err));
}

static void the_commonest_distance_is_the_step(void **state)
{
	const struct series_point points[] = {
		{ T0 + 5 * STEP, 6 }, { T0, 1 }, { T0 + STEP, 2 }, { T0 + 2 * STEP, 3 }, { T0 + 2 * STEP, 4 },
	};
	struct series series;

	(void)state;
	make(&series, points, 5, 0);
	assert_int_equal(series.start_ms, T0);
	assert_int_equal(series.step_ms, STEP);
	assert_int_equal(series.count, 6);
	assert_true(series.values[0] == 1 && series.values[1] == 2 && series.values[5] == 6);
	assert_true(series.values[2] == 4); /* the later in the list */
	assert_true(isnan(series.values[3]) && isnan(series.values[4]));
	assert_int_equal(series_known(&series), 4);
	assert_int_equal(series_end(&series), T0 + 6 * STEP);
	series_free(&series);
	assert_null(series.values);
}

static void a_clock_that_jitters_makes_no_gaps(void **state)
{
	struct series_point points[100];
	struct series series;

	(void)state;
	for (int i = 0; i < 100; i++)
		points[i] = (struct series_point){ T0 + i * STEP + (i % 3 == 0 ? 0 : i % 3 == 1 ? 900 : -900), i };
	make(&series, points, 100, STEP);
	assert_int_equal(series.count, 100);
	for (int i = 0; i < 100; i++)
		assert_true(series.values[i] == i);
	series_free(&series);
}

static void what_is_not_finite_is_a_gap(void **state)
{
	const struct series_point points[] = { { T0, INFINITY }, { T0 + STEP, -INFINITY }, { T0 + 2 * STEP, NAN } };
	struct series series, copy;

	(void)state;
	make(&series, points, 3, 0);
	assert_int_equal(series.count, 3);
	assert_int_equal(series_known(&series), 0);
	assert_true(isnan(series.values[0]));
	series_copy(&copy, &series);
	series_free(&series);
	assert_true(copy.count == 3 && isnan(copy.values[2]));
	series_free(&copy);
}

static void one_point_none_and_too_many(void **state)
{
	const struct series_point one = { T0, 1 };
	const struct series_point far[] = { { T0, 1 }, { T0 + 1000, 1 }, { T0 + 2000, 1 }, { T0 + 1000000000000, 1 } };
	const struct series_point ends[] = { { INT64_MIN, 1 }, { INT64_MAX, 1 }, { 0, 1 } };
	struct series series;
	struct err err;

	(void)state;
	make(&series, &one, 1, 0);
	assert_int_equal(series.count, 1);
	series_free(&series);
	assert_false(series_make(&series, &one, 0, 0, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(series_make(&series, far, 4, 0, &err));
	assert_non_null(strstr(err.text, "1000 ms"));
	assert_false(series_make(&series, ends, 3, STEP, &err));
	make(&series, ends, 3, 0);
	assert_true(series.count <= 3);
	series_free(&series);
}

static void times_and_buckets(void **state)
{
	struct series series;

	(void)state;
	series_make_empty(&series, T0, STEP, 10);
	assert_int_equal(series_time(&series, 3), T0 + 3 * STEP);
	assert_int_equal(series_index(&series, INT64_MIN), 0);
	assert_int_equal(series_index(&series, T0), 0);
	assert_int_equal(series_index(&series, T0 + 1), 1);
	assert_int_equal(series_index(&series, T0 + STEP), 1);
	assert_int_equal(series_index(&series, T0 + 10 * STEP), 10);
	assert_int_equal(series_index(&series, INT64_MAX), 10);
	series_free(&series);
	series_make_empty(&series, T0, STEP, 0);
	assert_null(series.values);
	series_free(&series);
}

static bool parse(struct series_csv *csv, const char *text, size_t length, struct err *err)
{
	return series_csv_parse(csv, mem_copy_bytes(text, length), length, err);
}

static void good(const char *text, size_t count, int64_t at_ms, double value)
{
	struct series_csv csv;
	struct err err = { .text = "" };

	if (!parse(&csv, text, strlen(text), &err)) {
		print_error("%s\n%s\n", text, err.text);
		fail();
	}
	assert_int_equal(csv.count, count);
	assert_int_equal(csv.points[0].at_ms, at_ms);
	if (isnan(value))
		assert_true(isnan(csv.points[0].value));
	else
		assert_true(csv.points[0].value == value);
	series_csv_free(&csv);
}

static void what_exporters_write(void **state)
{
	(void)state;
	good("timestamp,value\n2014-03-01 01:00:00,4.5\n", 1, T0, 4.5);
	good("timestamp,value\n2014-03-01T01:00:00Z,4.5", 1, T0, 4.5); /* no last line feed */
	good("Time;stamp,v\r\n2014-03-01T02:00:00.000+01:00,-1e3\r\n\r\n", 1, T0, -1000);
	good("\xEF\xBB\xBFtimestamp,value\n1393635600,0\n", 1, T0, 0);
	good("timestamp,value\n1393635600.25,+7.\n", 1, T0 + 250, 7);
	good("\"timestamp\" , \"value\"\n \"2014-03-01 01:00:00\" , \"4.5\" \n", 1, T0, 4.5);
	good("timestamp,value\n\"2014-03-01T01:00:00,250Z\",1\n", 1, T0 + 250, 1);
	good("timestamp,value\n2014-03-01,5\n2014-03-02,6\n", 2, T0 - 3600000, 5);
	good("2014-03-01 01:00:00,4\n2014-03-01 01:05:00,5\n", 2, T0, 4); /* no header line */
	good("t,value,host\n1393635600,1,\"a, \"\"b\"\"\"\n1393635900,2,c\n", 2, T0, 1);
	good("t,v\n2014-03-01 01:00:00,\n", 1, T0, NAN);
	good("t,v\n2014-03-01 01:00:00,NaN\n", 1, T0, NAN);
	good("t,v\n2014-03-01 01:00:00,-Inf\n", 1, T0, NAN);
	good("t,v\n2014-03-01 01:00:00,1e999\n", 1, T0, NAN);
	good("t,v\n-86400,1\n", 1, -86400000, 1);
}

static void bad(const char *text, size_t length, const char *said)
{
	struct series_csv csv;
	struct err err = { .text = "" };

	assert_false(parse(&csv, text, length, &err));
	assert_null(csv.text);
	assert_int_equal(err.kind, ERR_USAGE);
	if (strstr(err.text, said) == NULL) {
		print_error("%s: %s\n", text, err.text);
		fail();
	}
	assert_true(str_utf8_valid(err.text, strlen(err.text)));
}

#define BAD(text, said) bad(text, sizeof(text) - 1, said)

static void a_bad_line_is_named(void **state)
{
	(void)state;
	BAD("", "no rows");
	BAD("timestamp,value\n", "no rows");
	BAD("\n\n\n", "no rows");
	BAD("timestamp\n1,2\n", "line 1: there must be two fields, timestamp,value: timestamp");
	BAD("t,v\n1393635600,1\nyesterday,2\n", "line 3: the first field must be a time");
	BAD("t,v\n2014-02-30 01:00:00,1\n", "line 2: the first field must be a time");
	BAD("t,v\n1393635600,12ms\n", "line 2: the second field must be a number, or empty for a gap: 12ms");
	BAD("t,v\n1393635600,0x10\n", "line 2: the second field");
	BAD("t,v\n1393635600,1 2\n", "line 2: the second field");
	BAD("t,v\n1393635600,-\n", "line 2: the second field");
	BAD("t,v\n1393635600,1,5\n", "line 2: the row has not as many fields as the first line");
	BAD("t,v\n1393635600000,1\n", "in milliseconds, perhaps?");
	BAD("t,v\n1393635600,\"1\n2\"\n", "line 2: a field has a quote that does not end");
	BAD("t,v\n1393635600,\"1\"2\n", "line 2: a field has a quote");
	BAD("t,v\n1393635600,1\n1393635\0" "600,1\n", "line 3: there is a NUL byte");
	BAD("t,v\n1393635600,\xff\x1b[31m\n", "line 2: the second field");
}

static void the_words_stay_as_they_are(void **state)
{
	static const char text[] = "t,v\n2014-03-01 01:05:00, 1.50\n1393635600,\"nan\"\n2014-03-01T01:05:00Z,\n";
	struct series_csv csv;
	struct err err;

	(void)state;
	assert_true(parse(&csv, text, sizeof(text) - 1, &err));
	assert_int_equal(csv.count, 3); /* unsorted, and two of one time: as the file has them */
	assert_string_equal(csv.times[0], "2014-03-01 01:05:00");
	assert_string_equal(csv.values[0], "1.50");
	assert_string_equal(csv.times[1], "1393635600");
	assert_string_equal(csv.values[1], "nan");
	assert_string_equal(csv.values[2], "");
	series_csv_free(&csv);
}

static void no_more_rows_than_are_allowed(void **state)
{
	struct str text;
	struct series_csv csv;
	struct err err;

	(void)state;
	str_init(&text, SERIES_CSV_SIZE_MAX);
	for (int i = 0; i < SERIES_COUNT_MAX; i++)
		str_add(&text, "1,2\n");
	assert_true(parse(&csv, text.text, text.length, &err));
	assert_int_equal(csv.count, SERIES_COUNT_MAX);
	series_csv_free(&csv);
	str_add(&text, "1,2\n");
	bad(text.text, text.length, "line 200001: the file has more rows");
	str_free(&text);
}

static void the_longest_series(void **state)
{
	struct series_point points[] = { { 1000, 1 }, { 1000 + (SERIES_COUNT_MAX - 1) * INT64_C(60000), 2 } };
	struct series series;
	struct err err;

	(void)state;
	assert_true(series_make(&series, points, 2, 60000, &err));
	assert_int_equal(series.count, SERIES_COUNT_MAX);
	assert_true(series.values[SERIES_COUNT_MAX - 1] == 2);
	series_free(&series);
	points[1].at_ms += 30000; /* as near to the bucket behind as to its own */
	assert_true(series_make(&series, points, 2, 60000, &err));
	series_free(&series);
	points[1].at_ms++;
	assert_false(series_make(&series, points, 2, 60000, &err));
	assert_non_null(strstr(err.text, "spans 200001 buckets"));
}

static void files(void **state)
{
	char path[] = "/tmp/test_series_XXXXXX";
	int fd = mkstemp(path);
	struct series_point *points;
	size_t count;
	struct err err;

	(void)state;
	assert_true(fd >= 0 && write(fd, "t,v\n1,2\n61,\n", 12) == 12);
	assert_int_equal(close(fd), 0);
	assert_true(series_read_csv(path, &points, &count, &err));
	assert_int_equal(count, 2);
	assert_true(points[0].at_ms == 1000 && points[0].value == 2 && isnan(points[1].value));
	free(points);
	assert_int_equal(unlink(path), 0);
	assert_false(series_read_csv(path, &points, &count, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_null(points);
	assert_false(series_read_csv("/", &points, &count, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_commonest_distance_is_the_step),
		cmocka_unit_test(a_clock_that_jitters_makes_no_gaps),
		cmocka_unit_test(what_is_not_finite_is_a_gap),
		cmocka_unit_test(one_point_none_and_too_many),
		cmocka_unit_test(times_and_buckets),
		cmocka_unit_test(what_exporters_write),
		cmocka_unit_test(a_bad_line_is_named),
		cmocka_unit_test(the_words_stay_as_they_are),
		cmocka_unit_test(no_more_rows_than_are_allowed),
		cmocka_unit_test(the_longest_series),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
