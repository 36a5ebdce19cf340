/* CloudWatch's evaluation of an alarm: its documented tables row by row, an oracle, properties, recorded changes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/alarm.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/noise_private.h"
#include "tests/unit/support/vectors.h"

#define MINUTE ((int64_t)60000)
#define START (MINUTE * 29000000)

static uint64_t seed;

static size_t below(size_t limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)((seed >> 33) % limit);
}

/* '0' inside the threshold, 'X' breaching, '-' missing; spaces are left out. */
static size_t read_points(const char *text, signed char *points)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		if (*text != ' ')
			points[count++] = *text == '-' ? NOISE_POINT_GAP : *text == 'X' ? NOISE_POINT_BREACH : NOISE_POINT_INSIDE;
	return count;
}

static enum noise_state decide(const char *text, size_t datapoints, size_t periods, enum noise_missing missing,
                               enum noise_state state)
{
	struct noise_setting setting = { .period_ms = 5 * MINUTE, .evaluation_periods = periods,
	                                 .datapoints = datapoints, .missing = missing };
	signed char points[16];
	size_t count = read_points(text, points);

	return noise_decide(&setting, points + count - 1, 1, count, state);
}

/* The states by missing, ignore, breaching, notBreaching: A, O, N (no data) or = (what it was). */
struct row {
	const char *points, *states;
};

static void check_rows(const struct row *rows, size_t count, size_t datapoints, size_t periods)
{
	static const char letters[] = { 'N', 'O', 'A' };

	for (size_t r = 0; r < count; r++) {
		for (int missing = NOISE_MISSING; missing <= NOISE_NOT_BREACHING; missing++) {
			for (int was = NOISE_NO_DATA; was <= NOISE_ALARM; was++) {
				char wanted = rows[r].states[missing];
				enum noise_state got = decide(rows[r].points, datapoints, periods, (enum noise_missing)missing,
				                              (enum noise_state)was);

				if (letters[got] != (wanted == '=' ? letters[was] : wanted)) {
					print_error("%zu of %zu, \"%s\", %s, was %c: %c\n", datapoints, periods, rows[r].points,
					            noise_missing_name((enum noise_missing)missing), letters[was], letters[got]);
					fail();
				}
			}
		}
	}
}

/* The user guide's order of columns: missing, ignore, breaching, not breaching. */
static void documented_three_of_three(void **state)
{
	static const struct row rows[] = {
		{ "0 - X - X", "OOOO" },
		{ "0 - - - -", "OOOO" },
		{ "- - - - -", "N=AO" },
		{ "0 X X - X", "AAAA" },
		{ "- - X - -", "A=AO" },
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), 3, 3);
}

static void documented_two_of_three(void **state)
{
	static const struct row rows[] = {
		{ "0 - X - X", "AAAA" },
		{ "0 0 X 0 X", "AAAA" },
		{ "0 - X - -", "OOAO" },
		{ "- - - - 0", "OOAO" },
		{ "- - - X -", "A=AO" },
	};

	(void)state;
	check_rows(rows, sizeof(rows) / sizeof(rows[0]), 2, 3);
}

/* "Avoiding premature transitions": not yet an alarm, though what follows may become one; and none after a good value. */
static void documented_premature(void **state)
{
	static const struct row early[] = {
		{ "- - - - X", "==AO" },
		{ "- - - X -", "==AO" },
		{ "- - - X 0", "OOOO" },
		{ "- - X - 0", "OOOO" },
	};

	(void)state;
	check_rows(early, sizeof(early) / sizeof(early[0]), 3, 3);
}

/* What the text says beside the tables: enough values in the range make the setting for missing ones idle. */
static void enough_values(void **state)
{
	static const struct row one[] = {
		{ "X - -", "AAAA" }, { "0 - -", "OOOO" }, { "X - 0", "OOOO" }, { "- - -", "N=AO" },
	};
	static const struct row five[] = {
		{ "0 X 0 X - X 0", "AAAA" },
		{ "0 0 X 0 - X 0", "OOOO" },
		{ "- - X - X - X", "AAAA" },
		{ "- - 0 - X - X", "OOAO" },
	};

	(void)state;
	check_rows(one, sizeof(one) / sizeof(one[0]), 1, 1);
	check_rows(five, sizeof(five) / sizeof(five[0]), 3, 5);
}

static void range_of_setting(void **state)
{
	struct noise_setting setting = { .period_ms = 5 * MINUTE, .evaluation_periods = 3, .datapoints = 2 };

	(void)state;
	assert_int_equal(noise_range(&setting), 5); /* the documented example */
	setting.period_ms = MINUTE;
	setting.evaluation_periods = 1;
	assert_int_equal(noise_range(&setting), 6);
	setting.evaluation_periods = 10;
	assert_int_equal(noise_range(&setting), 12);
}

/* The same rules once more, by filling a list as the user guide tells it. */
static enum noise_state oracle(const struct noise_setting *setting, const signed char *points, size_t count,
                               enum noise_state was)
{
	size_t n = setting->evaluation_periods, real = 0, bad = 0, good = 0, age_of_oldest = 0;
	size_t fill;

	for (size_t i = 0; i < count; i++)
		real += points[i] != NOISE_POINT_GAP;
	for (size_t i = 0, seen = 0; i < count; i++) {
		if (points[i] == NOISE_POINT_GAP)
			continue;
		if (real - seen++ > n) /* extra ones from farther back */
			continue;
		bad += points[i] == NOISE_POINT_BREACH;
		good += points[i] == NOISE_POINT_INSIDE;
		if (age_of_oldest == 0)
			age_of_oldest = count - i;
	}
	fill = n - bad - good;
	if (fill == 0)
		return bad >= setting->datapoints ? NOISE_ALARM : NOISE_OK;
	switch (setting->missing) {
	case NOISE_BREACHING:
		return bad + fill >= setting->datapoints ? NOISE_ALARM : NOISE_OK;
	case NOISE_NOT_BREACHING:
		return n - good - fill >= setting->datapoints ? NOISE_ALARM : NOISE_OK;
	case NOISE_MISSING:
		if (real == 0)
			return NOISE_NO_DATA;
		if (good == 0 && age_of_oldest >= setting->datapoints)
			return NOISE_ALARM;
		break;
	case NOISE_IGNORE:
		break;
	}
	if (bad >= setting->datapoints)
		return NOISE_ALARM;
	return good > 0 ? NOISE_OK : was;
}

static void agrees_with_oracle(void **state)
{
	signed char points[17];

	(void)state;
	seed = 7;
	for (int round = 0; round < 60000; round++) {
		size_t n = 1 + below(15), range = n + below(3), gaps = below(5);
		struct noise_setting setting = { .period_ms = MINUTE, .evaluation_periods = n, .datapoints = 1 + below(n),
		                                 .missing = (enum noise_missing)below(4) };
		enum noise_state was = (enum noise_state)below(3);

		for (size_t i = 0; i < range; i++)
			points[i] = below(5) < gaps ? NOISE_POINT_GAP : (signed char)below(2);
		assert_int_equal(noise_decide(&setting, points + range - 1, 1, range, was), oracle(&setting, points, range, was));
	}
}

/* Every range of 5 for 3 periods: 243 of them. More to ask for is never more alarm; nor is better missing data. */
static void monotone(void **state)
{
	(void)state;
	for (size_t code = 0; code < 243; code++) {
		signed char points[5];
		size_t rest = code;

		for (size_t i = 0; i < 5; i++, rest /= 3)
			points[i] = (signed char)(rest % 3) - 1;
		for (size_t m = 1; m <= 3; m++) {
			bool alarm[4];

			for (int missing = 0; missing < 4; missing++) {
				struct noise_setting setting = { .period_ms = 5 * MINUTE, .evaluation_periods = 3, .datapoints = m,
				                                 .missing = (enum noise_missing)missing };

				alarm[missing] = noise_decide(&setting, points + 4, 1, 5, NOISE_OK) == NOISE_ALARM;
				setting.datapoints++;
				if (m < 3 && !alarm[missing])
					assert_int_not_equal(noise_decide(&setting, points + 4, 1, 5, NOISE_OK), NOISE_ALARM);
			}
			assert_true(alarm[NOISE_BREACHING] || !alarm[NOISE_MISSING]);
			assert_true(alarm[NOISE_MISSING] || !alarm[NOISE_NOT_BREACHING]);
			assert_true(alarm[NOISE_MISSING] || !alarm[NOISE_IGNORE]);
		}
	}
}

static void make(struct series *series, const char *text)
{
	size_t count = 0;

	series_make_empty(series, START, MINUTE, strlen(text));
	for (; *text != '\0'; text++)
		series->values[count++] = *text == '-' ? NAN : *text == 'X' ? 10 : 1;
}

static const struct noise_alarm plain = { .comparison = ">", .threshold = 5, .statistic = "Average" };

/* "3A 7O": the minute after which it is in ALARM, OK, no data. */
static void changes_are(const struct noise_alarm *alarm, const struct noise_setting *setting, const char *text,
                        const char *wanted)
{
	struct series series;
	struct noise_run run;
	char got[256] = "";
	size_t length = 0;

	make(&series, text);
	noise_simulate(&run, alarm, setting, &series);
	for (size_t i = 0; i < run.count; i++)
		length += (size_t)snprintf(got + length, sizeof(got) - length, "%s%lld%c", i == 0 ? "" : " ",
		                           (long long)((run.changes[i].at_ms - START) / MINUTE), "NOA"[run.changes[i].to]);
	assert_string_equal(got, wanted);
	noise_run_free(&run);
	series_free(&series);
}

static void changes_over_time(void **state)
{
	struct noise_setting setting = { .period_ms = MINUTE, .evaluation_periods = 1, .datapoints = 1 };

	(void)state;
	changes_are(&plain, &setting, "000000X00XX0", "6O 7A 8O 10A 12O");
	changes_are(&plain, &setting, "000000X-------0", "6O 7A 13N 15O"); /* the last value counts until it is too old */
	setting.missing = NOISE_NOT_BREACHING;
	changes_are(&plain, &setting, "000000X-------0", "6O 7A 13O");
	setting.missing = NOISE_IGNORE;
	changes_are(&plain, &setting, "000000X-------0", "6O 7A 15O");
	setting.missing = NOISE_BREACHING;
	changes_are(&plain, &setting, "0000000-------0", "6O 13A 15O");
	setting = (struct noise_setting){ .period_ms = MINUTE, .evaluation_periods = 3, .datapoints = 2 };
	changes_are(&plain, &setting, "000000X0X0000", "6O 9A 10O");
	setting.missing = NOISE_MISSING;
	changes_are(&plain, &setting, "0000", ""); /* shorter than what is looked at */
}

/* A period of several buckets: windows end with each of them. 10, 1, 1: the mean is 4, or the sum 12. */
static void windows_slide(void **state)
{
	struct noise_alarm alarm = plain;
	struct noise_setting setting = { .period_ms = 3 * MINUTE, .evaluation_periods = 1, .datapoints = 1 };

	(void)state;
	changes_are(&alarm, &setting, "000000000000X000", "9O");
	changes_are(&alarm, &setting, "000000000000XX000", "9O 14A 16O");
	changes_are(&alarm, &setting, "000000000000X-000", "9O 14A 16O"); /* of what is there */
	alarm.statistic = "Maximum";
	changes_are(&alarm, &setting, "000000000000X000", "9O 13A 16O");
	alarm.statistic = "Sum";
	changes_are(&alarm, &setting, "000000000000X000", "9O 13A 16O");
	alarm.statistic = "Minimum";
	changes_are(&alarm, &setting, "000000000000XX000", "9O");
	alarm.comparison = "<";
	changes_are(&alarm, &setting, "XXXXXXXXXXXX0XXXX", "9O 13A 16O");
	alarm.comparison = "<=";
	alarm.threshold = 1;
	changes_are(&alarm, &setting, "XXXXXXXXXXXX0XXXX", "9O 13A 16O");
	alarm.comparison = "<";
	changes_are(&alarm, &setting, "XXXXXXXXXXXX0XXXX", "9O");
}

static void what_cannot_be_followed(void **state)
{
	struct noise_alarm alarm = plain;
	struct noise_setting setting = { .period_ms = 5 * MINUTE, .evaluation_periods = 3, .datapoints = 2 };
	struct series series;
	struct err err;

	(void)state;
	make(&series, "0000");
	assert_true(noise_check(&alarm, &setting, &series, &err));
	alarm.statistic = "p99";
	assert_false(noise_check(&alarm, &setting, &series, &err));
	assert_string_equal(err.text, "p99 of a longer period cannot be made from that of shorter ones");
	setting.period_ms = MINUTE;
	assert_true(noise_check(&alarm, &setting, &series, &err));
	setting.period_ms = MINUTE + 1;
	assert_false(noise_check(&alarm, &setting, &series, &err));
	setting.period_ms = MINUTE;
	setting.datapoints = 4;
	assert_false(noise_check(&alarm, &setting, &series, &err));
	setting.datapoints = 0;
	assert_false(noise_check(&alarm, &setting, &series, &err));
	setting.datapoints = 1;
	alarm.comparison = "outside";
	assert_false(noise_check(&alarm, &setting, &series, &err));
	alarm.comparison = NULL;
	assert_false(noise_check(&alarm, &setting, &series, &err));
	alarm.comparison = ">=";
	alarm.threshold = NAN;
	assert_false(noise_check(&alarm, &setting, &series, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	series_free(&series);
}

static void words_for_missing(void **state)
{
	(void)state;
	assert_int_equal(noise_missing_read(NULL), NOISE_MISSING);
	assert_int_equal(noise_missing_read(""), NOISE_MISSING);
	assert_int_equal(noise_missing_read("notBreaching"), NOISE_NOT_BREACHING);
	assert_int_equal(noise_missing_read("- TreatMissingData:                    missing"), NOISE_MISSING);
	assert_int_equal(noise_missing_read("- TreatMissingData:NonBreaching"), NOISE_NOT_BREACHING);
	assert_int_equal(noise_missing_read("- TreatMissingData:    Breaching"), NOISE_BREACHING);
	assert_int_equal(noise_missing_read("ignore"), NOISE_IGNORE);
	assert_string_equal(noise_missing_name(NOISE_IGNORE), "ignore");
}

static size_t recorded;

/* A state and the datapoints that CloudWatch gave as its reason: the same state comes of them here. */
static void check_recorded(const char *wanted, struct json_object *reason)
{
	struct json_object *values = json_get(reason, "recentDatapoints");
	struct noise_alarm alarm = { .comparison = ">", .threshold = json_number(reason, "threshold", NAN),
	                             .statistic = "Average" };
	struct noise_setting setting = { .period_ms = 1000 * json_int(reason, "period", 0),
	                                 .evaluation_periods = json_count(values), .datapoints = json_count(values) };
	struct series series;
	struct noise_run run;
	size_t room, count = json_count(values);

	if (count == 0 || isnan(alarm.threshold))
		return;
	recorded++;
	room = noise_range(&setting);
	series_make_empty(&series, START, setting.period_ms, room);
	for (size_t i = 0; i < count; i++)
		series.values[room - count + i] = json_number(json_at(values, i), "", NAN);
	noise_simulate(&run, &alarm, &setting, &series);
	assert_int_equal(run.count, 1);
	assert_string_equal(run.changes[0].to == NOISE_ALARM ? ALARM_STATE_ALARM : ALARM_STATE_OK, wanted);
	noise_run_free(&run);
	series_free(&series);
}

static void one_event(const char *name, const char *text, size_t length)
{
	struct err err;
	struct json_object *event = json_parse(text, length, &err), *reason = NULL;
	const char *data = json_string(event, "detail.state.reasonData");

	(void)name;
	if (data != NULL)
		reason = json_parse(data, strlen(data), &err);
	check_recorded(json_string(event, "detail.state.value"), reason);
	json_free(reason);
	json_free(event);
}

static void recorded_changes(void **state)
{
	(void)state;
	if (vector_each("eventbridge/docs-cloudwatch", one_event) > 0)
		assert_true(recorded >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documented_three_of_three),
		cmocka_unit_test(documented_two_of_three),
		cmocka_unit_test(documented_premature),
		cmocka_unit_test(enough_values),
		cmocka_unit_test(range_of_setting),
		cmocka_unit_test(agrees_with_oracle),
		cmocka_unit_test(monotone),
		cmocka_unit_test(changes_over_time),
		cmocka_unit_test(windows_slide),
		cmocka_unit_test(what_cannot_be_followed),
		cmocka_unit_test(words_for_missing),
		cmocka_unit_test(recorded_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
