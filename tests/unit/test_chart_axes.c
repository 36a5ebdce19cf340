/* bot/chart_scale.c, chart_time.c, chart_describe.c: numbers, units, times and words of a chart. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/chart_private.h"
#include "bot/str.h"
#include "bot/zone.h"
#include "tests/unit/support/chart_cases.h"

#define HOUR_MS (3600 * (int64_t)1000)
#define DAY_MS (24 * HOUR_MS)

/* "0 20 40 [%]" */
static const char *ticks_of(double low, double high, const char *unit, int count)
{
	static struct str out;
	struct chart_scale scale;
	char text[CHART_NUMBER_SIZE];

	str_free(&out);
	str_init(&out, 1000);
	chart_scale_make(&scale, low, high, unit, count);
	assert_true(scale.step > 0 && scale.low <= low && scale.high >= high);
	for (int i = 0; i < scale.count; i++) {
		double value = scale.first + i * scale.step;

		assert_true(value >= scale.low - scale.step * 1e-6 && value <= scale.high + scale.step * 1e-6);
		chart_scale_tick(&scale, value, text);
		str_addf(&out, "%s%s", i == 0 ? "" : " ", text);
	}
	str_addf(&out, " [%s]", scale.unit);
	return out.text;
}

static void test_ticks_are_round_and_their_unit_fits(void **state)
{
	(void)state;
	assert_string_equal(ticks_of(0, 93, "Percent", 5), "0 20 40 60 80 100 [%]");
	assert_string_equal(ticks_of(0, 0.83, "Seconds", 5), "0 200 400 600 800 [ms]");
	assert_string_equal(ticks_of(0, 830, "Milliseconds", 5), "0 200 400 600 800 [ms]");
	assert_string_equal(ticks_of(0, 3e-6, "s", 3), "0 1 2 3 [µs]");
	assert_string_equal(ticks_of(0, 250, "s", 4), "0 2 4 [min]");
	assert_string_equal(ticks_of(0, 9 * 86400, "seconds", 4), "0 5 10 [d]");
	assert_string_equal(ticks_of(0, 6442450944, "Bytes", 3), "0 2 4 6 [GiB]");
	assert_string_equal(ticks_of(0, 5e6, "Bytes/Second", 5), "0 1 2 3 4 5 [MiB/s]");
	assert_string_equal(ticks_of(0, 5e6, "bits/s", 5), "0 1 2 3 4 5 [Mbit/s]");
	assert_string_equal(ticks_of(0, 41000, "Count", 4), "0 20k 40k []");
	assert_string_equal(ticks_of(0, 4100, NULL, 4), "0 2000 4000 []");
	assert_string_equal(ticks_of(-12, 31, "req/s", 4), "0 20 [req/s]");
	assert_string_equal(ticks_of(0.001, 0.0015, NULL, 5), "0.0010 0.0011 0.0012 0.0013 0.0014 0.0015 []");
	assert_string_equal(ticks_of(0, 2e-9, NULL, 2), "0 1e-9 2e-9 []");
	assert_string_equal(ticks_of(0, 4e20, "things", 4), "0 1e20 2e20 3e20 4e20 [things]");
	assert_string_equal(ticks_of(0, 4, "a unit that nobody knows", 4), "0 1 2 3 4 [a unit that n…]");
}

static void test_a_range_without_width_becomes_one(void **state)
{
	(void)state;
	assert_string_equal(ticks_of(5, 5, NULL, 4), "4.5 5.0 5.5 []");
	assert_string_equal(ticks_of(0, 0, "s", 2), "0 0.5 1.0 [s]");
	assert_string_equal(ticks_of(-3, -3, NULL, 2), "-3.5 -3.0 -2.5 []");
	assert_string_equal(ticks_of(1e15, 1e15 + 1, NULL, 2), "900T 1000T 1100T []");
	assert_string_equal(ticks_of(0, 5e-324, NULL, 2), "0 0.5 1.0 []");
}

static void test_every_range_has_few_finite_ticks(void **state)
{
	static const double values[] = { -1.7e308, -1e18, -7, -1e-9, -5e-324, 0, 5e-324, 3e-300, 1e-9, 0.1, 1, 99.9, 1e6, 1e15, 1e18, 1.7e308 };
	static const char *const units[] = { NULL, "Percent", "Seconds", "Bytes", "Count/Second", "x" };
	char text[CHART_NUMBER_SIZE];
	struct chart_scale scale;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		for (size_t j = i; j < sizeof(values) / sizeof(values[0]); j++)
			for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
				chart_scale_make(&scale, values[i], values[j], units[u], 5);
				assert_true(scale.count >= 2 && scale.count < 13);
				assert_true(isfinite(scale.high - scale.low) && scale.high > scale.low);
				chart_scale_value(&scale, values[j], text);
				assert_null(strstr(text, "nan"));
				assert_true(strlen(text) < 30);
			}
}

static const char *value_of(double value, double most, const char *unit)
{
	static char text[CHART_NUMBER_SIZE];
	struct chart_scale scale;

	chart_scale_make(&scale, 0, most, unit, 5);
	chart_scale_value(&scale, value, text);
	return text;
}

static void test_values_have_three_digits(void **state)
{
	(void)state;
	assert_string_equal(value_of(0.196, 0.5, "Seconds"), "196 ms");
	assert_string_equal(value_of(0.5, 2, "Seconds"), "0.5 s");
	assert_string_equal(value_of(93.04, 100, "%"), "93 %");
	assert_string_equal(value_of(93.06, 100, "%"), "93.1 %");
	assert_string_equal(value_of(3001, 3500, "Count"), "3001");
	assert_string_equal(value_of(38123, 50000, "Count"), "38.1k");
	assert_string_equal(value_of(0.5, 50000, "Count"), "0.5");
	assert_string_equal(value_of(1234, 5e12, NULL), "1.23e+03");
	assert_string_equal(value_of(0, 5, "bytes"), "0 B");
	assert_string_equal(value_of(-7, 100, "%"), "-7 %");
}

static const char *times_of(const char *zone_name, int64_t from_ms, int64_t length_ms, size_t most)
{
	static struct str out;
	struct chart chart = { .from_ms = from_ms, .to_ms = from_ms + length_ms };
	struct chart_tick ticks[CHART_TICKS_MAX];
	struct err err;
	struct zone *zone = zone_load(zone_name, &err);
	size_t count;

	assert_non_null(zone);
	str_free(&out);
	str_init(&out, 4000);
	count = chart_times(&chart, zone, most, ticks);
	assert_true(count <= most);
	for (size_t i = 0; i < count; i++) {
		assert_true(ticks[i].at_ms >= chart.from_ms && ticks[i].at_ms <= chart.to_ms);
		assert_true(i == 0 || ticks[i].at_ms > ticks[i - 1].at_ms);
		str_addf(&out, "%s%s", i == 0 ? "" : " ", ticks[i].text);
	}
	zone_free(zone);
	return out.text;
}

static void test_times_are_round_where_people_live(void **state)
{
	(void)state;
	assert_string_equal(times_of("Asia/Tokyo", CHART_CASE_START_MS + 14 * HOUR_MS, 4 * HOUR_MS, 10),
	                    "23:00 23:30 Fri 21 00:30 01:00 01:30 02:00 02:30 03:00");
	assert_string_equal(times_of("Asia/Kolkata", CHART_CASE_START_MS, DAY_MS, 5), "06:00 12:00 18:00 Fri 21");
	assert_string_equal(times_of("UTC", CHART_CASE_START_MS, 7 * DAY_MS, 10),
	                    "Thu 20 Fri 21 Sat 22 Sun 23 Mon 24 Tue 25 Wed 26 Thu 27");
	assert_string_equal(times_of("UTC", CHART_CASE_START_MS, 28 * DAY_MS, 10), "24 Nov 1 Dec 8 Dec 15 Dec");
	assert_string_equal(times_of("UTC", CHART_CASE_START_MS, 200 * DAY_MS, 10),
	                    "1 Dec 1 Jan 1 Feb 1 Mar 1 Apr 1 May 1 Jun");
	assert_string_equal(times_of("UTC", 0, 3650 * DAY_MS, 12),
	                    "Jan 1970 Jan 1971 Jan 1972 Jan 1973 Jan 1974 Jan 1975 Jan 1976 Jan 1977 Jan 1978 Jan 1979");
	assert_string_equal(times_of("UTC", 0, 100000 * DAY_MS, 12), "");
	assert_string_equal(times_of("UTC", CHART_CASE_START_MS + 1, 1, 10), "");
}

/* 2:00 to 3:00 does not exist in one night of spring, and comes twice in autumn: then it is written once. */
static void test_times_when_the_clocks_change(void **state)
{
	(void)state;
	assert_string_equal(times_of("Europe/Berlin", 1774738800000 /* 2026-03-28 23:00 UTC */, 6 * HOUR_MS, 8),
	                    "Sun 29 01:00 03:00 04:00 05:00 06:00 07:00");
	assert_string_equal(times_of("Europe/Berlin", 1792879200000 /* 2026-10-24 22:00 UTC */, 6 * HOUR_MS, 8),
	                    "Sun 25 01:00 02:00 03:00 04:00 05:00");
	/* Days stay days: no tick is an hour off behind the change. */
	assert_string_equal(times_of("Europe/Berlin", 1774566000000 /* 2026-03-26 23:00 UTC */, 4 * DAY_MS, 10),
	                    "Fri 27 12:00 Sat 28 12:00 Sun 29 12:00 Mon 30 12:00 Tue 31");
	/* Here the day itself begins at 01:00. */
	assert_string_equal(times_of("America/Sao_Paulo", 1541214000000 /* 2018-11-03 03:00 UTC */, 2 * DAY_MS, 6),
	                    "Sat 3 12:00 Sun 4 12:00 Mon 5");
}

static const char *range_of(const char *zone_name, int64_t from_ms, int64_t length_ms)
{
	static char text[CHART_RANGE_SIZE];
	struct chart chart = { .from_ms = from_ms, .to_ms = from_ms + length_ms };
	struct err err;
	struct zone *zone = zone_load(zone_name, &err);

	assert_non_null(zone);
	chart_time_range(&chart, zone, text);
	zone_free(zone);
	return text;
}

static void test_the_zone_is_named(void **state)
{
	(void)state;
	assert_string_equal(range_of("Asia/Tokyo", CHART_CASE_START_MS, 3 * HOUR_MS),
	                    "20 Nov 09:00 – 12:00, 2025 · Asia/Tokyo (JST)");
	assert_string_equal(range_of("America/Sao_Paulo", CHART_CASE_START_MS, 3 * DAY_MS),
	                    "19 Nov 21:00 – 22 Nov 21:00, 2025 · America/Sao_Paulo (UTC-03)");
	assert_string_equal(range_of("UTC", CHART_CASE_START_MS, 60 * DAY_MS), "20 Nov 2025 00:00 – 19 Jan 2026 00:00 · UTC");
	assert_string_equal(range_of("Europe/Berlin", 1792879200000, DAY_MS),
	                    "25 Oct 00:00 – 23:00, 2026 · Europe/Berlin (CEST, then CET)");
}

static void test_a_chart_in_words(void **state)
{
	struct chart_case c;
	char *text;

	(void)state;
	chart_case_make(&c, "latency");
	text = chart_describe(&c.chart);
	assert_string_equal(text, "TargetResponseTime app/web/0123456789abcdef: 87.1 to 830 ms, last 270; normal below 500 ms; "
	                    "F1 at 26 Nov 09:00; F2 (not abnormal) at 26 Nov 15:00. "
	                    "20 Nov 00:00 – 27 Nov 00:00, 2025 · Asia/Tokyo (JST)");
	free(text);
	chart_case_free(&c);
	chart_case_make(&c, "alarm");
	text = chart_describe(&c.chart);
	assert_string_equal(text, "CPUUtilization i-0123456789abcdef0 (Average, 1 min): 34.2 to 95.2 %, last 38.4; "
	                    "threshold > 80 % for 3 of 5 min (alarm). 21 Nov 00:00 – 03:00, 2025 · Asia/Tokyo (JST)");
	free(text);
	chart_case_free(&c);
	chart_case_make(&c, "nothing");
	text = chart_describe(&c.chart);
	assert_string_equal(text, "An empty chart. 20 Nov 00:00 – 21 Nov 00:00, 2025 · UTC");
	free(text);
	chart_case_free(&c);
}

static void test_words_are_clean_and_at_most_1000_bytes(void **state)
{
	(void)state;
	for (const struct chart_example *example = chart_examples; example->name != NULL; example++) {
		struct chart_case c;
		char *text;

		chart_case_make(&c, example->name);
		for (size_t i = 0; i < c.chart.panel_count; i++)
			if (strcmp(example->name, "too_many") == 0)
				c.panels[i].title = "Überlänge ist hier ein längerer Name, der sich gewaschen hat, und er hört nicht auf";
		text = chart_describe(&c.chart);
		assert_true(strlen(text) <= 1000);
		assert_true(str_utf8_valid(text, strlen(text)));
		for (const char *t = text; *t != '\0'; t++)
			assert_true((unsigned char)*t >= ' ');
		if (strcmp(example->name, "too_many") == 0)
			assert_true(str_ends(text, "…"));
		free(text);
		chart_case_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ticks_are_round_and_their_unit_fits),
		cmocka_unit_test(test_a_range_without_width_becomes_one),
		cmocka_unit_test(test_every_range_has_few_finite_ticks),
		cmocka_unit_test(test_values_have_three_digits),
		cmocka_unit_test(test_times_are_round_where_people_live),
		cmocka_unit_test(test_times_when_the_clocks_change),
		cmocka_unit_test(test_the_zone_is_named),
		cmocka_unit_test(test_a_chart_in_words),
		cmocka_unit_test(test_words_are_clean_and_at_most_1000_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
