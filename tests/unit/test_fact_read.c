/* What is read out of prose: figures with their units, times, names; and what is none of these. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bot/fact_read.h"
#include "bot/str.h"

#define FACTS_MAX 16

struct example {
	const char *text;
	const char *words; /* of the one fact; NULL: there is none */
	double value;
	enum fact_unit unit;
};

static void one_fact(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct fact facts[FACTS_MAX];
		size_t found = fact_read(examples[i].text, strlen(examples[i].text), facts, FACTS_MAX);
		char words[200];

		if (found != (examples[i].words == NULL ? 0 : 1))
			fail_msg("%s: %zu facts", examples[i].text, found);
		if (found == 0)
			continue;
		(void)snprintf(words, sizeof(words), "%.*s", (int)(facts[0].to - facts[0].from), examples[i].text + facts[0].from);
		assert_string_equal(words, examples[i].words);
		if (fabs(facts[0].readings[0].value - examples[i].value) > 1e-9 * fabs(examples[i].value))
			fail_msg("%s: %g", examples[i].text, facts[0].readings[0].value);
		assert_int_equal(facts[0].unit, examples[i].unit);
	}
}

/* "0.11 to 0.14 s" are both seconds; "11:20–12:05" is a stretch. */
static void ranges_share_what_is_written_once(void **state)
{
	static const char *const figures[] = { "between 0.11 and 0.14 s", "0.11 to 0.14 s", "0.11–0.14 s", "0.11 → 0.14 s" };
	static const char *const times[] = { "11:20–12:05", "11:20 - 12:05", "11:20 to 12:05", "from 11:20 until 12:05" };
	struct fact facts[FACTS_MAX];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(fact_read(figures[i], strlen(figures[i]), facts, FACTS_MAX), 2);
		assert_int_equal(facts[0].unit, FACT_SECONDS);
		assert_int_equal(fact_read(times[i], strlen(times[i]), facts, FACTS_MAX), 2);
		assert_int_equal(facts[0].relation, FACT_SINCE);
		assert_int_equal(facts[1].relation, FACT_UNTIL);
	}
	assert_int_equal(fact_read("9 of 10 and 3 s", 15, facts, FACTS_MAX), 3);
	assert_int_equal(facts[1].unit, FACT_PLAIN);
	assert_int_equal(fact_read("0.5 to 0.7 GB", 13, facts, FACTS_MAX), 2);
	assert_int_equal(facts[0].unit, FACT_BYTES);
	assert_true(facts[0].readings[0].value > 4.9e8 && facts[0].readings[0].value < 5.1e8);
}

#define ONE(examples) one_fact(examples, sizeof(examples) / sizeof((examples)[0]))

static void figures_have_units_in_their_base(void **state)
{
	static const struct example examples[] = {
		{ "it was 0.196 s then", "0.196 s", 0.196, FACT_SECONDS },
		{ "it was 196ms then", "196ms", 0.196, FACT_SECONDS },
		{ "about 12 µs", "12 µs", 12e-6, FACT_SECONDS },
		{ "for 3 h 20 min now", "3 h 20 min", 12000, FACT_SECONDS },
		{ "for 1 hour and 5 minutes", "1 hour and 5 minutes", 3900, FACT_SECONDS },
		{ "twenty-five minutes long", "twenty-five minutes", 1500, FACT_SECONDS },
		{ "at 93 %", "93 %", 93, FACT_PERCENT },
		{ "at 93% now", "93%", 93, FACT_PERCENT },
		{ "12 percentage points", "12 percentage points", 12, FACT_PERCENT },
		{ "1.2 GB of it", "1.2 GB", 1.2e9, FACT_BYTES },
		{ "2 MiB of it", "2 MiB", 2097152, FACT_BYTES },
		{ "100 Mbit/s", "100 Mbit/s", 1e8, FACT_BITS },
		{ "1.2 million requests", "1.2 million", 1.2e6, FACT_PLAIN },
		{ "about 12k requests", "12k", 12000, FACT_PLAIN },
		{ "1,234 requests", "1,234", 1234, FACT_PLAIN },
		{ "1.234.567 Anfragen", "1.234.567", 1234567, FACT_PLAIN },
		{ "1.234,5 ms", "1.234,5 ms", 1.2345, FACT_SECONDS },
		{ "0,25 Sekunden", "0,25 Sekunden", 0.25, FACT_SECONDS },
		{ "660 requests per minute", "660", 11, FACT_PLAIN },
		{ "11 requests a second", "11", 11, FACT_PLAIN },
		{ "it is 1.2e-05 now", "1.2e-05", 1.2e-5, FACT_PLAIN },
		{ "by -12 %", "12 %", -12, FACT_PERCENT },
		{ "約12ミリ秒です", "12ミリ秒", 0.012, FACT_SECONDS },
	};

	(void)state;
	ONE(examples);
}

static void other_readings_are_kept(void **state)
{
	struct fact facts[2];

	(void)state;
	assert_int_equal(fact_read("1.234 ms", 8, facts, 2), 1);
	assert_int_equal(facts[0].reading_count, 2);
	assert_true(fabs(facts[0].readings[0].value - 0.001234) < 1e-12);
	assert_true(fabs(facts[0].readings[1].value - 1.234) < 1e-9);
	assert_int_equal(fact_read("10 MB", 5, facts, 2), 1);
	assert_true(fabs(facts[0].readings[1].value - 10485760) < 1e-3);
}

static void ratios(void **state)
{
	static const struct example examples[] = {
		{ "40 times the usual", "40 times", 40, FACT_PLAIN },    { "2.5x the median", "2.5x", 2.5, FACT_PLAIN },
		{ "a 40-fold rise", "40-fold", 40, FACT_PLAIN },         { "ten times as many", "ten times", 10, FACT_PLAIN },
		{ "it doubled", "doubled", 2.025, FACT_PLAIN },          { "a third of it", "a third of", 0.335, FACT_PLAIN },
		{ "the third alarm", NULL, 0, FACT_PLAIN },              { "40 % more", "40 %", 40, FACT_PERCENT },
	};

	(void)state;
	ONE(examples);
}

static void nothing_is_claimed(void **state)
{
	static const char *const texts[] = {
		"look at p99 and 5xx", "1. Check the logs.", "2) Roll back.", "## 3. Summary", "HTTP/2 and S3", "the 3rd one",
		"EC2 and DynamoDB", "e.g. the database", "read/write and and/or", "the CPU of both", "a well-known, up-to-date word",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct fact facts[4];
		size_t count = fact_read(texts[i], strlen(texts[i]), facts, 4);

		for (size_t k = 0; k < count; k++)
			if (!facts[k].maybe && !facts[k].word) /* words of numbers are for the judge */
				fail_msg("%s: %.*s", texts[i], (int)(facts[k].to - facts[k].from), texts[i] + facts[k].from);
	}
}

struct moment {
	const char *text, *words;
	int clock_s, year, month, day, weekday;
};

static void times_and_dates(void **state)
{
	static const struct moment examples[] = {
		{ "at 09:05 JST", "09:05", 32700, 0, 0, 0, -1 },
		{ "at 9:05 pm.", "9:05 pm", 75900, 0, 0, 0, -1 },
		{ "at 9 a.m. sharp", "9 a.m.", 32400, 0, 0, 0, -1 },
		{ "since nine", "nine", 32400, 0, 0, 0, -1 },
		{ "um 9 Uhr war", "9 Uhr", 32400, 0, 0, 0, -1 },
		{ "à 9h05 hier", "9h05", 32700, 0, 0, 0, -1 },
		{ "9時5分に", "9時5分", 32700, 0, 0, 0, -1 },
		{ "before noon", "noon", 43200, 0, 0, 0, -1 },
		{ "Thu 26 Nov 05:00 UTC", "Thu 26 Nov 05:00 UTC", 18000, 0, 11, 26, 4 },
		{ "on Thursday at 9 am", "Thursday at 9 am", 32400, 0, 0, 0, 4 },
		{ "2026-11-26T05:00:30.123Z", "2026-11-26T05:00:30.123Z", 18030, 2026, 11, 26, -1 },
		{ "2026-11-26 05:00", "2026-11-26 05:00", 18000, 2026, 11, 26, -1 },
		{ "Nov 26, 2026", "Nov 26, 2026", -1, 2026, 11, 26, -1 },
		{ "26. November 2026", "26. November 2026", -1, 2026, 11, 26, -1 },
		{ "am 26.11. war", "26.11.", -1, 0, 11, 26, -1 },
		{ "11月26日に", "11月26日", -1, 0, 11, 26, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct moment *e = &examples[i];
		struct fact facts[4];
		char words[100];

		if (fact_read(e->text, strlen(e->text), facts, 4) != 1 || facts[0].kind != FACT_TIME)
			fail_msg("%s", e->text);
		(void)snprintf(words, sizeof(words), "%.*s", (int)(facts[0].to - facts[0].from), e->text + facts[0].from);
		assert_string_equal(words, e->words);
		assert_int_equal(facts[0].clock_s, e->clock_s);
		assert_int_equal(facts[0].year, e->year);
		assert_int_equal(facts[0].month, e->month);
		assert_int_equal(facts[0].day, e->day);
		assert_int_equal(facts[0].weekday, e->weekday);
	}
}

static void names(void **state)
{
	static const char *const examples[] = {
		"i-0abc123def4567890", "CPUUtilization", "http_requests_total", "HTTPCode_Target_5XX_Count", "app/web/50dc6c495c0c9188",
		"arn:aws:sns:eu-west-1:123456789012:ops", "ip-10-0-0-1.ec2.internal", "10.0.12.7", "v2.5.18x1", "db.t3.large", "F1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct fact facts[4];

		if (fact_read(examples[i], strlen(examples[i]), facts, 4) != 1 || facts[0].kind != FACT_NAME ||
		    facts[0].to != strlen(examples[i]))
			fail_msg("%s", examples[i]);
	}
}

static void a_mark_stands_outside_of_code_and_links(void **state)
{
	struct fact facts[4];
	const char *code = "`i-0abc123` is", *link = "[0.2 s](https://x.example) is";

	(void)state;
	assert_int_equal(fact_read(code, strlen(code), facts, 4), 1);
	assert_int_equal(facts[0].mark, 11);
	assert_true(fact_read(link, strlen(link), facts, 4) >= 1);
	assert_int_equal(facts[0].mark, strlen("[0.2 s](https://x.example)"));
}

static void words_that_may_be_used_are_told(void **state)
{
	static const char *const yes[] = { "12", "0.2", "twice", "doubled", "noon", "Thursday", "Nov", "`x`", "i-0a", "a_b", "CamelCase", "third" };
	static const char *const no[] = { "the", "Latency", "rose", "to", "**bold**", "so,", "end." };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!fact_read_may_use(yes[i], strlen(yes[i])))
			fail_msg("%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (fact_read_may_use(no[i], strlen(no[i])))
			fail_msg("%s", no[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_have_units_in_their_base),
		cmocka_unit_test(other_readings_are_kept),
		cmocka_unit_test(ratios),
		cmocka_unit_test(nothing_is_claimed),
		cmocka_unit_test(times_and_dates),
		cmocka_unit_test(names),
		cmocka_unit_test(a_mark_stands_outside_of_code_and_links),
		cmocka_unit_test(ranges_share_what_is_written_once),
		cmocka_unit_test(words_that_may_be_used_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
