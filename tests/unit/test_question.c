/* Which time a question in plain words is about: virtual time, several zones, both changes of the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/question.h"
#include "bot/zone.h"

struct example {
	const char *text, *from, *until; /* UTC; from NULL: no time is said; until NULL: now */
};

static int64_t at(const char *iso)
{
	int64_t ms;

	assert_true(clock_parse_iso(iso, &ms));
	return ms;
}

static unsigned check_one(const struct example *example, const struct zone *zone, int64_t now_ms)
{
	int64_t from_ms = example->from == NULL ? now_ms - INT64_C(86400000) : at(example->from);
	int64_t until_ms = example->until == NULL ? now_ms : at(example->until);
	char from[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
	struct question question;
	bool good;

	question_read(&question, example->text, zone, now_ms);
	good = question.says_when == (example->from != NULL) && question.from_ms == from_ms &&
	       question.until_ms == until_ms && question.range_words[0] != '\0';
	clock_format_iso(question.from_ms, from);
	clock_format_iso(question.until_ms, until);
	if (!good)
		print_error("\"%s\": %s, %s to %s (%s)\n", example->text,
		            question.says_when ? "said" : "not said", from, until, question.range_words);
	question_free(&question);
	return good ? 0 : 1;
}

static void check(const struct example *examples, size_t count, const char *zone_name_, const char *now)
{
	struct err err;
	struct zone *zone = zone_load(zone_name_, &err);
	unsigned wrong = 0;

	assert_non_null(zone);
	for (size_t i = 0; i < count; i++)
		wrong += check_one(&examples[i], zone, at(now));
	zone_free(zone);
	if (wrong > 0)
		fail_msg("%u of %zu are wrong", wrong, count);
}

#define CHECK(examples, zone, now) check(examples, sizeof(examples) / sizeof((examples)[0]), zone, now)

/* Thursday 26 November 2026, 14:20. */
static void in_the_afternoon(void **state)
{
	static const struct example examples[] = {
		{ "Why is checkout slow since nine?", "2026-11-26T09:00:00Z", NULL },
		{ "why is checkout slow since 9", "2026-11-26T09:00:00Z", NULL },
		{ "since 09", "2026-11-26T09:00:00Z", NULL },
		{ "slow since 9:30?", "2026-11-26T09:30:00Z", NULL },
		{ "slow since 9.30?", "2026-11-26T09:30:00Z", NULL },
		{ "since 9h30", "2026-11-26T09:30:00Z", NULL },
		{ "since 0930", "2026-11-26T09:30:00Z", NULL },
		{ "since 9am", "2026-11-26T09:00:00Z", NULL },
		{ "since 9 AM", "2026-11-26T09:00:00Z", NULL },
		{ "since 9 a.m.", "2026-11-26T09:00:00Z", NULL },
		{ "since nine o'clock", "2026-11-26T09:00:00Z", NULL },
		{ "since nine o\xE2\x80\x99"
		  "clock",
		  "2026-11-26T09:00:00Z", NULL },
		{ "since about nine", "2026-11-26T09:00:00Z", NULL },
		{ "since 9 this morning", "2026-11-26T09:00:00Z", NULL },
		{ "since half past nine", "2026-11-26T09:30:00Z", NULL },
		{ "since quarter to ten", "2026-11-26T09:45:00Z", NULL },
		{ "since 20 past 9", "2026-11-26T09:20:00Z", NULL },
		{ "since nine thirty", "2026-11-26T09:30:00Z", NULL },
		{ "since 9pm yesterday", "2026-11-25T21:00:00Z", NULL },
		{ "since 9pm", "2026-11-25T21:00:00Z", NULL },
		{ "since 21:00 yesterday", "2026-11-25T21:00:00Z", NULL },
		{ "since yesterday 21:00", "2026-11-25T21:00:00Z", NULL },
		{ "since yesterday at 21:00", "2026-11-25T21:00:00Z", NULL },
		{ "since yesterday evening", "2026-11-25T17:00:00Z", NULL },
		{ "since 21:00", "2026-11-25T21:00:00Z", NULL },
		{ "since 2", "2026-11-26T14:00:00Z", NULL },
		{ "since 2pm", "2026-11-26T14:00:00Z", NULL },
		{ "since noon", "2026-11-26T12:00:00Z", NULL },
		{ "since midnight", "2026-11-26T00:00:00Z", NULL },
		{ "since this morning", "2026-11-26T05:00:00Z", NULL },
		{ "since last night", "2026-11-25T20:00:00Z", NULL },
		{ "since yesterday", "2026-11-25T00:00:00Z", NULL },
		{ "since monday", "2026-11-23T00:00:00Z", NULL },
		{ "since mon", "2026-11-23T00:00:00Z", NULL },
		{ "since Monday morning", "2026-11-23T05:00:00Z", NULL },
		{ "since monday at 9", "2026-11-23T09:00:00Z", NULL },
		{ "since 9 on monday", "2026-11-23T09:00:00Z", NULL },
		{ "since Thursday", "2026-11-19T00:00:00Z", NULL },
		{ "since 2026-11-24", "2026-11-24T00:00:00Z", NULL },
		{ "since 2026-11-24 21:00", "2026-11-24T21:00:00Z", NULL },
		{ "since 2026-11-24T21:00", "2026-11-24T21:00:00Z", NULL },
		{ "since 2026-11-24T21:00:00Z", "2026-11-24T21:00:00Z", NULL },
		{ "since 2026-11-24T21:00:00+09:00", "2026-11-24T12:00:00Z", NULL },
		{ "since 2026-11-24T21:00:30.123Z", "2026-11-24T21:00:30Z", NULL },
		{ "since 24 Nov", "2026-11-24T00:00:00Z", NULL },
		{ "since November 24th", "2026-11-24T00:00:00Z", NULL },
		{ "since the 24th of November", "2026-11-24T00:00:00Z", NULL },
		{ "since the 24th", "2026-11-24T00:00:00Z", NULL },
		{ "since 24.11.2026", "2026-11-24T00:00:00Z", NULL },
		{ "since 11/24", "2026-11-24T00:00:00Z", NULL },
		{ "since 2 hours ago", "2026-11-26T12:20:00Z", NULL },
		{ "since an hour ago", "2026-11-26T13:20:00Z", NULL },
		{ "since 3 days ago", "2026-11-23T00:00:00Z", NULL },
		{ "since 2 hours", "2026-11-26T12:20:00Z", NULL },
		{ "since a week ago", "2026-11-19T00:00:00Z", NULL },
		{ "since the weekend", "2026-11-21T00:00:00Z", NULL },
		{ "since last week", "2026-11-16T00:00:00Z", NULL },
		{ "since 9:00 UTC", "2026-11-26T09:00:00Z", NULL },
		{ "after 9:30 it got slow", "2026-11-26T09:30:00Z", NULL },
		{ "from 9 on", "2026-11-26T09:00:00Z", NULL },
		{ "starting at 9:15", "2026-11-26T09:15:00Z", NULL },
		{ "since 9 errors are up", "2026-11-26T09:00:00Z", NULL },
	};

	(void)state;
	CHECK(examples, "UTC", "2026-11-26T14:20:00Z");
}

static void between_two_times(void **state)
{
	static const struct example examples[] = {
		{ "between 2 and 4", "2026-11-26T02:00:00Z", "2026-11-26T04:00:00Z" }, /* over */
		{ "between 14:00 and 16:00", "2026-11-26T14:00:00Z", NULL },
		{ "between 2pm and 4pm", "2026-11-26T14:00:00Z", NULL },
		{ "between 2 and 4pm", "2026-11-26T14:00:00Z", NULL },
		{ "from 9 to 10:30", "2026-11-26T09:00:00Z", "2026-11-26T10:30:00Z" },
		{ "from 9-10:30", "2026-11-26T09:00:00Z", "2026-11-26T10:30:00Z" },
		{ "9:00-10:30 what happened", "2026-11-26T09:00:00Z", "2026-11-26T10:30:00Z" },
		{ "9:00 \xE2\x80\x93 10:30", "2026-11-26T09:00:00Z", "2026-11-26T10:30:00Z" },
		{ "9:00\xE2\x80\x93"
		  "10:30",
		  "2026-11-26T09:00:00Z", "2026-11-26T10:30:00Z" },
		{ "from nine until eleven", "2026-11-26T09:00:00Z", "2026-11-26T11:00:00Z" },
		{ "from 9 until now", "2026-11-26T09:00:00Z", NULL },
		{ "from 9 to 10:30 yesterday", "2026-11-25T09:00:00Z", "2026-11-25T10:30:00Z" },
		{ "yesterday from 9 to 10:30", "2026-11-25T09:00:00Z", "2026-11-25T10:30:00Z" },
		{ "Yesterday checkout was slow between 9 and 10:30", "2026-11-25T09:00:00Z",
		  "2026-11-25T10:30:00Z" },
		{ "between 22:00 and 2:00", "2026-11-25T22:00:00Z", "2026-11-26T02:00:00Z" },
		{ "from 11 to 2am", "2026-11-25T23:00:00Z", "2026-11-26T02:00:00Z" },
		{ "from 9 to 10pm", "2026-11-25T21:00:00Z", "2026-11-25T22:00:00Z" },
		{ "from 9 pm to 11", "2026-11-25T21:00:00Z", "2026-11-25T23:00:00Z" },
		{ "from monday to wednesday", "2026-11-23T00:00:00Z", "2026-11-26T00:00:00Z" },
		{ "from friday to monday", "2026-11-20T00:00:00Z", "2026-11-24T00:00:00Z" },
		{ "from monday 9:00 to tuesday 17:00", "2026-11-23T09:00:00Z", "2026-11-24T17:00:00Z" },
		{ "from yesterday 21:00 to today 3:00", "2026-11-25T21:00:00Z", "2026-11-26T03:00:00Z" },
		{ "2026-11-24 21:00 to 22:00", "2026-11-24T21:00:00Z", "2026-11-24T22:00:00Z" },
		{ "2026-11-20 to 2026-11-22", "2026-11-20T00:00:00Z", "2026-11-23T00:00:00Z" },
		{ "from 2026-11-24T09:00:00Z to 2026-11-24T10:00:00Z", "2026-11-24T09:00:00Z",
		  "2026-11-24T10:00:00Z" },
		{ "between 3 hours ago and 1 hour ago", "2026-11-26T11:20:00Z", "2026-11-26T13:20:00Z" },
		{ "between 2 and 4 this morning", "2026-11-26T02:00:00Z", "2026-11-26T04:00:00Z" },
		{ "between 2 and 4 yesterday afternoon", "2026-11-25T14:00:00Z", "2026-11-25T16:00:00Z" },
	};

	(void)state;
	CHECK(examples, "UTC", "2026-11-26T14:20:00Z");
}

static void spans_and_moments(void **state)
{
	static const struct example examples[] = {
		{ "what happened yesterday", "2026-11-25T00:00:00Z", "2026-11-26T00:00:00Z" },
		{ "errors today?", "2026-11-26T00:00:00Z", NULL },
		{ "the day before yesterday", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z" },
		{ "on Monday", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z" },
		{ "last monday", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z" },
		{ "on 2026-11-24", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z" },
		{ "2026-11-24?", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z" },
		{ "on the 24th", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z" },
		{ "nov 3", "2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z" },
		{ "3 days ago", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z" },
		{ "what was it like last night?", "2026-11-25T20:00:00Z", "2026-11-26T08:00:00Z" },
		{ "overnight", "2026-11-25T22:00:00Z", "2026-11-26T08:00:00Z" },
		{ "during the night", "2026-11-25T20:00:00Z", "2026-11-26T08:00:00Z" },
		{ "this morning", "2026-11-26T05:00:00Z", "2026-11-26T12:00:00Z" },
		{ "in the morning", "2026-11-26T05:00:00Z", "2026-11-26T12:00:00Z" },
		{ "this afternoon", "2026-11-26T12:00:00Z", NULL },
		{ "yesterday evening", "2026-11-25T17:00:00Z", "2026-11-26T00:00:00Z" },
		{ "Tuesday night", "2026-11-24T20:00:00Z", "2026-11-25T06:00:00Z" },
		{ "this week", "2026-11-23T00:00:00Z", NULL },
		{ "last week", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z" },
		{ "over the weekend", "2026-11-21T00:00:00Z", "2026-11-23T00:00:00Z" },
		{ "this month", "2026-11-01T00:00:00Z", NULL },
		{ "last month", "2026-10-02T00:00:00Z", "2026-11-01T00:00:00Z" }, /* at most 30 days */
		{ "at 3am", "2026-11-26T02:30:00Z", "2026-11-26T04:00:00Z" },
		{ "at 03:00", "2026-11-26T02:30:00Z", "2026-11-26T04:00:00Z" },
		{ "around 3am what was that spike", "2026-11-26T02:30:00Z", "2026-11-26T04:00:00Z" },
		{ "the 3am spike", "2026-11-26T02:30:00Z", "2026-11-26T04:00:00Z" },
		{ "@3am", "2026-11-26T02:30:00Z", "2026-11-26T04:00:00Z" },
		{ "at 14:00", "2026-11-26T13:30:00Z", NULL },
		{ "at 2", "2026-11-26T13:30:00Z", NULL },
		{ "at 3 on monday", "2026-11-23T02:30:00Z", "2026-11-23T04:00:00Z" },
		{ "on monday at 3", "2026-11-23T02:30:00Z", "2026-11-23T04:00:00Z" },
		{ "last night at 3", "2026-11-26T02:30:00Z", "2026-11-26T04:00:00Z" },
		{ "at 11 last night", "2026-11-25T22:30:00Z", "2026-11-26T00:00:00Z" },
		{ "at 9 in the evening", "2026-11-25T20:30:00Z", "2026-11-25T22:00:00Z" },
		{ "at noon", "2026-11-26T11:30:00Z", "2026-11-26T13:00:00Z" },
		{ "2 hours ago", "2026-11-26T11:50:00Z", "2026-11-26T13:20:00Z" },
		{ "last hour", "2026-11-26T13:20:00Z", NULL },
		{ "in the last hour", "2026-11-26T13:20:00Z", NULL },
		{ "last 2 hours", "2026-11-26T12:20:00Z", NULL },
		{ "last 2h", "2026-11-26T12:20:00Z", NULL },
		{ "last two hours", "2026-11-26T12:20:00Z", NULL },
		{ "over the last 90 min", "2026-11-26T12:50:00Z", NULL },
		{ "past 3 days", "2026-11-23T14:20:00Z", NULL },
		{ "past week", "2026-11-19T14:20:00Z", NULL },
		{ "the last half hour", "2026-11-26T13:50:00Z", NULL },
		{ "past couple of hours", "2026-11-26T12:20:00Z", NULL },
		{ "the last few days", "2026-11-23T14:20:00Z", NULL },
		{ "last 1.5 hours", "2026-11-26T12:50:00Z", NULL },
		{ "last 2h30m", "2026-11-26T11:50:00Z", NULL },
		{ "the past hour and a half", "2026-11-26T13:20:00Z", NULL },
		{ "slow for 2 hours", "2026-11-26T12:20:00Z", NULL },
		{ "for about an hour", "2026-11-26T13:20:00Z", NULL },
		{ "for the last 24 hours", "2026-11-25T14:20:00Z", NULL },
		{ "within the past day", "2026-11-25T14:20:00Z", NULL },
		{ "past 90 days", "2026-10-27T14:20:00Z", NULL },
		{ "is it slower than yesterday?", "2026-11-25T00:00:00Z", NULL },
		{ "today compared to last week", "2026-11-16T00:00:00Z", NULL },
		{ "before 9", "2026-11-25T09:00:00Z", "2026-11-26T09:00:00Z" },
	};

	(void)state;
	CHECK(examples, "UTC", "2026-11-26T14:20:00Z");
}

static void what_is_no_time(void **state)
{
	static const struct example examples[] = {
		{ "", NULL, NULL },
		{ "why is checkout slow", NULL, NULL },
		{ "what is the p99?", NULL, NULL },
		{ "i-09 is slow", NULL, NULL },
		{ "i-0123456789abcdef0", NULL, NULL },
		{ "what changed in v9", NULL, NULL },
		{ "9 instances are down", NULL, NULL },
		{ "why do 9 of 10 hosts fail", NULL, NULL },
		{ "since deploy", NULL, NULL },
		{ "since the last deploy", NULL, NULL },
		{ "after the deploy", NULL, NULL },
		{ "since v2.30 it is slow", NULL, NULL },
		{ "is it at 90 percent", NULL, NULL },
		{ "cpu at 9 %", NULL, NULL },
		{ "cpu at 9%", NULL, NULL },
		{ "latency at 5 ms", NULL, NULL },
		{ "latency went from 5 to 20 ms", NULL, NULL },
		{ "from 2 instances to 9", NULL, NULL },
		{ "from 200 to 900", NULL, NULL },
		{ "more than 9", NULL, NULL },
		{ "good morning, is all well?", NULL, NULL },
		{ "10.0.0.1:8080 does not answer", NULL, NULL },
		{ "http 500 at /cart", NULL, NULL },
		{ "why did it take 5 seconds", NULL, NULL },
		{ "requests that take over 5 seconds", NULL, NULL },
		{ "may I ask", NULL, NULL },
		{ "the sun is up", NULL, NULL },
		{ "we had a second problem", NULL, NULL },
		{ "right now", NULL, NULL },
		{ "since 25:00", NULL, NULL },
		{ "since 9:75", NULL, NULL },
		{ "on 2026-13-40", NULL, NULL },
		{ "on 2027-01-01", NULL, NULL }, /* has not begun */
		{ "tomorrow", NULL, NULL },
		{ "incident 7", NULL, NULL },
		{ "\xFF\xFE since", NULL, NULL },
	};

	(void)state;
	CHECK(examples, "UTC", "2026-11-26T14:20:00Z");
}

/* 03:12 in Tokyo is 18:12 in UTC of the day before. */
static void at_three_in_the_night_in_tokyo(void **state)
{
	static const struct example examples[] = {
		{ "since nine", "2026-11-26T12:00:00Z", NULL }, /* 21:00 */
		{ "since 9:00", "2026-11-26T00:00:00Z", NULL },
		{ "from 9 to 10:30", "2026-11-26T00:00:00Z", "2026-11-26T01:30:00Z" },
		{ "since midnight", "2026-11-26T15:00:00Z", NULL },
		{ "since last night", "2026-11-26T11:00:00Z", NULL },
		{ "last night", "2026-11-26T11:00:00Z", NULL },
		{ "tonight", "2026-11-26T09:00:00Z", NULL },
		{ "this morning", "2026-11-26T15:00:00Z", NULL },
		{ "this evening", "2026-11-26T08:00:00Z", "2026-11-26T15:00:00Z" },
		{ "at 3am", "2026-11-26T17:30:00Z", NULL },
		{ "at 3", "2026-11-26T17:30:00Z", NULL },
		{ "since 21:00 yesterday", "2026-11-26T12:00:00Z", NULL },
		{ "yesterday", "2026-11-25T15:00:00Z", "2026-11-26T15:00:00Z" },
		{ "since monday", "2026-11-22T15:00:00Z", NULL },
		{ "on friday", "2026-11-19T15:00:00Z", "2026-11-20T15:00:00Z" }, /* today is one */
		{ "this week", "2026-11-22T15:00:00Z", NULL },
		{ "since 12:00 UTC", "2026-11-26T12:00:00Z", NULL },
		{ "since 12:00Z", "2026-11-26T12:00:00Z", NULL },
		{ "between 12:00 and 13:00 UTC", "2026-11-26T12:00:00Z", "2026-11-26T13:00:00Z" },
		{ "since 2026-11-26T12:00:00Z", "2026-11-26T12:00:00Z", NULL },
		{ "2026-11-26 at 21:00", "2026-11-26T11:30:00Z", "2026-11-26T13:00:00Z" },
	};

	(void)state;
	CHECK(examples, "Asia/Tokyo", "2026-11-26T18:12:00Z");
}

/* Berlin: on 25 October 2026 at 03:00 summer time it is 02:00 again. */
static void when_the_clock_goes_back(void **state)
{
	static const struct example examples[] = {
		{ "since 1:30", "2026-10-24T23:30:00Z", NULL },
		{ "since 2:30", "2026-10-25T00:30:00Z", NULL }, /* the first of the two */
		{ "since 3:30", "2026-10-25T02:30:00Z", NULL },
		{ "today", "2026-10-24T22:00:00Z", NULL },
		{ "yesterday", "2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z" },
		{ "from 1:00 to 4:00", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z" }, /* four hours */
		{ "last 2 hours", "2026-10-25T06:00:00Z", NULL },
	};
	static const struct example next_day[] = {
		{ "yesterday", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z" }, /* 25 hours */
		{ "since saturday", "2026-10-23T22:00:00Z", NULL },
	};

	(void)state;
	CHECK(examples, "Europe/Berlin", "2026-10-25T08:00:00Z");
	CHECK(next_day, "Europe/Berlin", "2026-10-26T08:00:00Z");
}

/* New York: on 8 March 2026 at 02:00 it is 03:00. */
static void when_the_clock_goes_forward(void **state)
{
	static const struct example examples[] = {
		{ "since 1:30", "2026-03-08T06:30:00Z", NULL },
		{ "since 2:30", "2026-03-08T07:00:00Z", NULL }, /* there was none: the jump */
		{ "since 3:30", "2026-03-08T07:30:00Z", NULL },
		{ "today", "2026-03-08T05:00:00Z", NULL },
		{ "from 1 to 4am", "2026-03-08T06:00:00Z", "2026-03-08T08:00:00Z" }, /* two hours */
		{ "since 9pm yesterday", "2026-03-08T02:00:00Z", NULL },
	};

	(void)state;
	CHECK(examples, "America/New_York", "2026-03-08T12:00:00Z");
}

static void words_are(const char *text, const char *zone_name_, const char *now, const char *expected)
{
	struct err err;
	struct zone *zone = zone_load(zone_name_, &err);
	struct question question;

	assert_non_null(zone);
	question_read(&question, text, zone, at(now));
	assert_string_equal(question.range_words, expected);
	question_free(&question);
	zone_free(zone);
}

static void the_range_is_named(void **state)
{
	(void)state;
	words_are("since nine", "Asia/Tokyo", "2026-11-26T03:00:00Z", "since 09:00 (Asia/Tokyo)");
	words_are("since 21:00", "Asia/Tokyo", "2026-11-26T03:00:00Z", "since Wed 25 Nov 21:00 (Asia/Tokyo)");
	words_are("from 9 to 10:30", "UTC", "2026-11-26T14:00:00Z", "from 09:00 to 10:30 (UTC)");
	words_are("from 9 to 10:30 yesterday", "UTC", "2026-11-26T14:00:00Z",
	          "from Wed 25 Nov 09:00 to 10:30 (UTC)");
	words_are("from 22:00 to 2:00", "UTC", "2026-11-26T14:00:00Z",
	          "from Wed 25 Nov 22:00 to Thu 26 Nov 02:00 (UTC)");
	words_are("yesterday", "UTC", "2026-11-26T14:00:00Z", "on Wed 25 Nov (UTC)");
	words_are("2025-12-31", "UTC", "2026-11-26T14:00:00Z", "on Wed 31 Dec 2025 (UTC)");
	words_are("last 90 min", "UTC", "2026-11-26T14:00:00Z", "the last 90 minutes");
	words_are("last hour", "UTC", "2026-11-26T14:00:00Z", "the last hour");
	words_are("past week", "UTC", "2026-11-26T14:00:00Z", "the last 7 days");
	words_are("past 90 days", "UTC", "2026-11-26T14:00:00Z", "the last 30 days");
	words_are("hello", "UTC", "2026-11-26T14:00:00Z", "the last 24 hours");
}

/* --- words ------------------------------------------------------------------------------------------ */

static double score_of(const char *text, const char *title)
{
	struct question_bag *asked = question_bag(text);
	double score = question_suits(asked, title);

	free(asked);
	return score;
}

static void suits(const char *text, const char *better, const char *worse)
{
	double good = score_of(text, better), bad = score_of(text, worse);

	if (!(good > 0 && good > bad))
		fail_msg("\"%s\": %s has %g, %s %g", text, better, good, worse, bad);
}

static void titles_are_understood(void **state)
{
	(void)state;
	suits("why is checkout slow since nine?", "Checkout latency", "Checkout orders");
	suits("why is checkout slow since nine?", "TargetResponseTime", "RequestCount");
	suits("why is checkout slow", "checkout p99", "HealthyHostCount");
	suits("where do the errors come from", "HTTPCode_Target_5XX_Count", "RequestCount");
	suits("5xx?", "HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_2XX_Count");
	suits("is the load high?", "CPUUtilization i-09", "FreeStorageSpace");
	suits("requests per second", "RequestCount", "Errors");
	suits("is the database full", "FreeStorageSpace", "Requests");
	suits("is memory ok", "FreeableMemory", "CPUUtilization");
	suits("queue backlog", "ApproximateNumberOfMessagesVisible", "CPUUtilization");
	suits("what is i-0123456789abcdef0 doing", "CPU i-0123456789abcdef0", "CPU i-0fedcba9876543210");
	suits("auth is broken", "authentication failures", "orders");
	suits("\xE6\xB1\xBA\xE6\xB8\x88\xE3\x81\x8C\xE9\x81\x85\xE3\x81\x84", "\xE6\xB1\xBA\xE6\xB8\x88", "CPU");
	suits("load balancer", "ALB requests", "CPU load");
}

static void empty_words_suit_nothing(void **state)
{
	static const char *const texts[] = {
		"", "why?", "what is it since 9", "9 99 999", "is all well in the last hour", NULL
	};

	(void)state;
	for (size_t i = 0; texts[i] != NULL; i++) {
		assert_true(score_of(texts[i], "Checkout latency") == 0);
		assert_true(score_of(texts[i], "the time of what is 9") == 0);
	}
	assert_true(score_of(NULL, NULL) == 0);
	assert_true(score_of("latency", "CPUUtilization") == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_afternoon),
		cmocka_unit_test(between_two_times),
		cmocka_unit_test(spans_and_moments),
		cmocka_unit_test(what_is_no_time),
		cmocka_unit_test(at_three_in_the_night_in_tokyo),
		cmocka_unit_test(when_the_clock_goes_back),
		cmocka_unit_test(when_the_clock_goes_forward),
		cmocka_unit_test(the_range_is_named),
		cmocka_unit_test(titles_are_understood),
		cmocka_unit_test(empty_words_suit_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
