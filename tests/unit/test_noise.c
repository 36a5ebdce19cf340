/* Proposed alarm settings: on made series with known episodes, by an oracle, on real series, and in words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/mem.h"
#include "bot/noise.h"
#include "bot/statistics.h"
#include "tests/unit/support/vectors.h"

#define MINUTE ((int64_t)60000)
#define DAY (1440 * MINUTE)
#define START (MINUTE * 29000000)
#define BEFORE 180 /* minutes to look back at */
#define JUDGED (START + BEFORE * MINUTE)
#define KEEP (10 * MINUTE)

static uint64_t seed;

static size_t below(size_t limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)((seed >> 33) % limit);
}

static const struct noise_alarm plain = {
	.comparison = ">", .threshold = 5, .statistic = "Average",
	.setting = { .period_ms = MINUTE, .evaluation_periods = 1, .datapoints = 1 },
};

/* A day of minutes that is judged, and what lies before it. */
static void calm(struct series *series)
{
	series_make_empty(series, START, MINUTE, BEFORE + 1440);
	for (size_t i = 0; i < series->count; i++)
		series->values[i] = 1;
}

/* minute: of the judged day. */
static void breach(struct series *series, size_t minute, size_t minutes)
{
	for (size_t i = 0; i < minutes; i++)
		series->values[BEFORE + minute + i] = 10;
}

static void report_of(struct noise_report *report, const struct noise_alarm *alarm, const struct series *series,
                      const struct noise_seen *seen, size_t seen_count)
{
	struct noise_request request = { .alarm = alarm, .series = series, .from_ms = JUDGED,
	                                 .to_ms = series_end(series), .keep_ms = KEEP, .seen = seen,
	                                 .seen_count = seen_count };
	struct err err;

	assert_true(noise_report_make(report, &request, &err));
}

static void text_is(const struct noise_report *report, const char *wanted)
{
	char *text = noise_text(report, "checkout-latency", "this week");

	assert_string_equal(text, wanted);
	free(text);
}

/* Eleven blips of up to 3 minutes, three real ones. */
static void fourteen(struct series *series)
{
	calm(series);
	for (size_t i = 0; i < 11; i++)
		breach(series, 30 + i * 60, 1 + i % 3);
	breach(series, 800, 25);
	breach(series, 1000, 14);
	breach(series, 1200, 40);
}

static void blips_go_and_the_rest_stays(void **state)
{
	struct series series;
	struct noise_report report;
	size_t kept = 0;

	(void)state;
	fourteen(&series);
	report_of(&report, &plain, &series, NULL, 0);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.before, 14);
	assert_int_equal(report.after, 3);
	assert_int_equal(report.count, 14);
	assert_int_equal(report.hidden, 11);
	assert_int_equal(report.longest_hidden_ms, 3 * MINUTE);
	assert_int_equal(report.worst_delay_ms, 3 * MINUTE);
	for (size_t i = 0; i < report.count; i++)
		if (report.episodes[i].fate == NOISE_KEPT) {
			kept++;
			assert_true(report.episodes[i].to_ms - report.episodes[i].from_ms >= KEEP);
			assert_int_equal(report.episodes[i].delay_ms, 3 * MINUTE);
		}
	assert_int_equal(kept, 3);
	assert_int_equal(report.proposed.datapoints, 4);
	text_is(&report, "checkout-latency fired 14 times this week, 11 of them for under 5 min. 4 of 5 datapoints instead "
	                 "of 1 of 1 would have fired 3 times: it would have hidden nothing longer than 3 min, and been 3 min "
	                 "later at worst.");
	noise_report_free(&report);
	series_free(&series);
}

static void what_was_acted_upon_stays(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_seen seen[14];

	(void)state;
	fourteen(&series);
	report_of(&report, &plain, &series, NULL, 0);
	for (size_t i = 0; i < report.count; i++)
		seen[i] = (struct noise_seen){ report.episodes[i].from_ms + 2 * MINUTE, report.episodes[i].to_ms + 2 * MINUTE,
		                               i == 2 }; /* of three minutes; recorded late, as they are */
	noise_report_free(&report);
	report_of(&report, &plain, &series, seen, 14);
	assert_int_equal(report.seen_alike, 14);
	assert_true(report.episodes[2].acted && !report.episodes[1].acted && !report.episodes[3].acted);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.episodes[2].fate, NOISE_KEPT);
	assert_int_equal(report.after, 6); /* the others of three minutes, too */
	assert_int_equal(report.longest_hidden_ms, 2 * MINUTE);
	noise_report_free(&report);
	seen[1].acted = true; /* of two minutes: ten of fourteen would stay, which is not worth it */
	report_of(&report, &plain, &series, seen, 14);
	assert_int_equal(report.outcome, NOISE_AS_GOOD);
	noise_report_free(&report);
	seen[0].acted = true; /* of one minute: nothing can hide the others and keep it */
	report_of(&report, &plain, &series, seen, 14);
	assert_int_equal(report.outcome, NOISE_AS_GOOD);
	assert_int_equal(report.after, report.before);
	text_is(&report, "checkout-latency fired 14 times this week, 11 of them for under 5 min. No other setting would be "
	                 "clearly quieter and hide nothing that counts.");
	noise_report_free(&report);
	series_free(&series);
}

static void another_history_proposes_nothing(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_seen seen[6];

	(void)state;
	fourteen(&series);
	for (size_t i = 0; i < 6; i++)
		seen[i] = (struct noise_seen){ JUDGED + (int64_t)(45 + i * 60) * MINUTE,
		                               JUDGED + (int64_t)(47 + i * 60) * MINUTE, false };
	report_of(&report, &plain, &series, seen, 6);
	assert_int_equal(report.outcome, NOISE_UNLIKE);
	text_is(&report, "checkout-latency fired 6 times this week. By its metric it should have fired 14 times, of which 0 "
	                 "agree with the record: not enough to propose a setting.");
	noise_report_free(&report);
	series_free(&series);
}

/* All but one are explained, and that one somebody acted upon. */
static void an_unexplained_incident_proposes_nothing(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_seen seen[15] = { { JUDGED + 5 * MINUTE, JUDGED + 6 * MINUTE, false } };

	(void)state;
	fourteen(&series);
	report_of(&report, &plain, &series, NULL, 0);
	for (size_t i = 0; i < report.count; i++)
		seen[i + 1] = (struct noise_seen){ report.episodes[i].from_ms, report.episodes[i].to_ms, true };
	for (size_t i = 0; i < 12; i++)
		seen[i + 1].acted = false;
	noise_report_free(&report);
	report_of(&report, &plain, &series, seen, 15);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	text_is(&report, "checkout-latency fired 14 times this week by its metric (15 were recorded), 11 of them for under 5 "
	                 "min. 4 of 5 datapoints instead of 1 of 1 would have fired 3 times: it would have hidden nothing longer "
	                 "than 3 min, and been 3 min later at worst.");
	noise_report_free(&report);
	seen[0].acted = true;
	report_of(&report, &plain, &series, seen, 15);
	assert_int_equal(report.outcome, NOISE_UNLIKE);
	assert_int_equal(report.seen_alike, 14);
	noise_report_free(&report);
	series_free(&series);
}

/* The first began before what is judged, and was recorded in it; the last one's record is yet to come. */
static void what_the_edges_cut_is_no_difference(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_seen seen[4] = { { JUDGED + MINUTE, JUDGED + 3 * MINUTE, true } };

	(void)state;
	calm(&series);
	series.values[BEFORE - 2] = 10;
	for (size_t i = 0; i < 3; i++) {
		breach(&series, 300 + i * 200, 1);
		seen[i + 1] = (struct noise_seen){ JUDGED + (int64_t)(302 + i * 200) * MINUTE,
		                                   JUDGED + (int64_t)(303 + i * 200) * MINUTE, false };
	}
	breach(&series, 1438, 1);
	report_of(&report, &plain, &series, seen, 4);
	assert_int_equal(report.before, 4);
	assert_int_equal(report.seen, 4);
	assert_int_equal(report.seen_alike, 3);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	noise_report_free(&report);
	seen[0].from_ms += 10 * MINUTE; /* too far from the edge: three of four agree */
	report_of(&report, &plain, &series, seen, 4);
	assert_int_equal(report.outcome, NOISE_UNLIKE);
	noise_report_free(&report);
	series_free(&series);
}

static void a_few_are_no_noise(void **state)
{
	struct series series;
	struct noise_report report;

	(void)state;
	calm(&series);
	report_of(&report, &plain, &series, NULL, 0);
	assert_int_equal(report.outcome, NOISE_QUIET);
	text_is(&report, "checkout-latency did not fire this week.");
	noise_report_free(&report);
	breach(&series, 100, 1);
	breach(&series, 300, 1);
	report_of(&report, &plain, &series, NULL, 0);
	assert_int_equal(report.outcome, NOISE_QUIET);
	text_is(&report, "checkout-latency fired 2 times this week, each time for under 2 min.");
	noise_report_free(&report);
	series_free(&series);
}

/* Comes and goes for half an hour, three times: one firing each, not none. */
static void restless_hours_are_joined(void **state)
{
	struct series series;
	struct noise_report report;

	(void)state;
	calm(&series);
	for (size_t hour = 0; hour < 3; hour++)
		for (size_t i = 0; i < 8; i++)
			breach(&series, 300 + hour * 240 + i * 4, 2);
	report_of(&report, &plain, &series, NULL, 0);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.before, 24);
	assert_int_equal(report.count, 3);
	assert_int_equal(report.episodes[0].firings, 8);
	assert_int_equal(report.episodes[0].to_ms - report.episodes[0].from_ms, 30 * MINUTE);
	assert_int_equal(report.after, 3);
	assert_int_equal(report.hidden, 0);
	assert_int_equal(report.worst_delay_ms, 0);
	text_is(&report, "checkout-latency fired 24 times this week, each time for under 5 min. 1 of 3 datapoints instead of "
	                 "1 of 1 would have fired 3 times: it would have hidden nothing, and been no later.");
	noise_report_free(&report);
	series_free(&series);
}

/* Blips every half hour, nothing else: no setting may answer by being in ALARM all day. */
static void never_on_all_day(void **state)
{
	struct series series;
	struct noise_report report;

	(void)state;
	calm(&series);
	for (size_t i = 0; i < 40; i++)
		breach(&series, 30 + i * 30, 1);
	report_of(&report, &plain, &series, NULL, 0);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.after, 0);
	assert_int_equal(report.hidden, 40);
	assert_true(report.on_after_ms <= 2 * report.on_before_ms);
	text_is(&report, "checkout-latency fired 40 times this week, each time for under 2 min. 2 of 2 datapoints instead of 1 "
	                 "of 1 would not have fired: it would have hidden nothing longer than 1 min; a breach that lasts would "
	                 "be told 1 min later.");
	noise_report_free(&report);
	series_free(&series);
}

/* The same every twelve minutes: one of fifteen would fire once, for as long as they go on. */
static void never_on_for_hours(void **state)
{
	struct series series;
	struct noise_report report;

	(void)state;
	calm(&series);
	for (size_t i = 0; i < 40; i++)
		breach(&series, 30 + i * 12, 1);
	report_of(&report, &plain, &series, NULL, 0);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.after, 0);
	assert_int_equal(report.hidden, 40);
	noise_report_free(&report);
	series_free(&series);
}

/* Six that lasted, seven minutes between them: one firing for all would be quieter, and five would go untold. */
static void each_that_lasted_is_told(void **state)
{
	struct series series;
	struct noise_report report;

	(void)state;
	calm(&series);
	for (size_t i = 0; i < 6; i++)
		breach(&series, 300 + i * 19, 12);
	report_of(&report, &plain, &series, NULL, 0);
	assert_int_equal(report.count, 6);
	assert_int_equal(report.outcome, NOISE_AS_GOOD);
	noise_report_free(&report);
	series_free(&series);
}

/* One minute in six breaches: one of ten joins them, if there is a history of twelve minutes to look back at. */
static void history_must_be_long_enough(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_request request = { .alarm = &plain, .series = &series, .keep_ms = KEEP };
	struct err err;

	(void)state;
	calm(&series);
	for (size_t i = 0; i < 10; i++)
		breach(&series, 300 + i * 6, 1);
	request.to_ms = series_end(&series);
	request.from_ms = START + 13 * MINUTE; /* the first evaluation is no firing that began */
	assert_true(noise_report_make(&report, &request, &err));
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.proposed.evaluation_periods, 10);
	noise_report_free(&report);
	request.from_ms = START; /* what is judged then begins when the alarm's own evaluation can */
	assert_true(noise_report_make(&report, &request, &err));
	assert_int_equal(report.from_ms, START + 6 * MINUTE + 1);
	assert_int_equal(report.outcome, NOISE_AS_GOOD);
	noise_report_free(&report);
	series_free(&series);
}

/* Just beyond the threshold for two minutes, and once far beyond it every other minute: the mean of three tells. */
static void a_longer_period_smooths(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_alarm alarm = plain;

	(void)state;
	calm(&series);
	for (size_t i = 0; i < 20; i++)
		series.values[BEFORE + 30 + i * 40] = series.values[BEFORE + 31 + i * 40] = 6;
	for (size_t i = 0; i < 15; i++)
		series.values[BEFORE + 1000 + i * 2] = 100;
	report_of(&report, &alarm, &series, NULL, 0);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.proposed.period_ms, 3 * MINUTE);
	assert_int_equal(report.after, 1);
	text_is(&report, "checkout-latency fired 35 times this week, each time for under 5 min. 1 of 1 datapoint of 3 min instead "
	                 "of 1 of 1 datapoint of 1 min would have fired once: it would have hidden nothing longer than 2 min, and "
	                 "been no later.");
	noise_report_free(&report);
	alarm.statistic = "p99"; /* cannot be put together */
	report_of(&report, &alarm, &series, NULL, 0);
	assert_int_equal(report.proposed.period_ms, MINUTE);
	noise_report_free(&report);
	series_free(&series);
}

/* Too few for two minutes, and once hardly any: a sum over two minutes is never below what one over one minute is. */
static void a_longer_sum_is_another(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_alarm alarm = plain;

	(void)state;
	alarm.statistic = "Sum";
	alarm.comparison = "<";
	calm(&series);
	for (size_t i = 0; i < series.count; i++)
		series.values[i] = 10;
	for (size_t i = 0; i < 20; i++)
		series.values[BEFORE + 30 + i * 40] = series.values[BEFORE + 31 + i * 40] = 4;
	for (size_t i = 0; i < 30; i++)
		series.values[BEFORE + 1000 + i] = 0;
	report_of(&report, &alarm, &series, NULL, 0);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.proposed.period_ms, MINUTE);
	noise_report_free(&report);
	series_free(&series);
}

/* Silences of seven minutes, for each of which it fires: they become rarer, but it goes on to watch for silence. */
static void silence_is_watched_on(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_alarm alarm = plain;

	(void)state;
	calm(&series);
	alarm.setting.missing = NOISE_BREACHING;
	for (size_t i = 0; i < 12; i++)
		for (size_t minute = 0; minute < 7; minute++)
			series.values[BEFORE + 100 + i * 60 + minute] = NAN;
	report_of(&report, &alarm, &series, NULL, 0);
	assert_int_equal(report.before, 12);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_equal(report.proposed.missing, NOISE_BREACHING);
	noise_report_free(&report);
	series_free(&series);
}

/* Errors that are counted only when there are some, and few minutes have any. */
static void missing_data_counts(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_alarm alarm = plain;

	(void)state;
	series_make_empty(&series, START, MINUTE, BEFORE + 1440);
	alarm.statistic = "Sum";
	for (size_t i = 0; i < 30; i++)
		series.values[BEFORE + 10 + i * 45] = 10;
	alarm.setting.missing = NOISE_BREACHING;
	report_of(&report, &alarm, &series, NULL, 0);
	assert_int_equal(report.now.missing, report.proposed.missing); /* it watches for silence */
	assert_int_equal(report.now.period_ms, report.proposed.period_ms); /* another sum */
	noise_report_free(&report);
	alarm.setting.missing = NOISE_MISSING;
	report_of(&report, &alarm, &series, NULL, 0);
	assert_int_equal(report.before, 30); /* each for the six minutes that its value is looked at */
	assert_int_equal(report.short_ms, 10 * MINUTE);
	assert_int_equal(report.outcome, NOISE_PROPOSED);
	assert_int_not_equal(report.proposed.missing, NOISE_BREACHING);
	noise_report_free(&report);
	series_free(&series);
}

static void cannot_be_followed(void **state)
{
	struct series series;
	struct noise_report report;
	struct noise_alarm alarm = plain;
	struct noise_request request = { .alarm = &alarm, .series = &series, .from_ms = JUDGED,
	                                 .to_ms = JUDGED + DAY, .keep_ms = KEEP };
	struct err err;

	(void)state;
	calm(&series);
	alarm.comparison = "outside";
	assert_false(noise_report_make(&report, &request, &err));
	assert_string_equal(err.text, "only alarms with a fixed threshold can be followed over their metric");
	series_free(&series);
}

/* Blips, gaps and longer ones at random. */
static void at_random(struct series *series, size_t gaps)
{
	calm(series);
	for (size_t i = 0; i < 10 + below(20); i++)
		breach(series, below(1400), 1 + below(4));
	for (size_t i = 0; i < below(4); i++)
		breach(series, below(1300), 8 + below(40));
	for (size_t i = 0; i < gaps; i++)
		series->values[below(series->count)] = NAN;
}

static bool fires_anew(const struct noise_run *run, int64_t after_ms, const struct noise_episode *episode)
{
	for (size_t i = 0; i < run->firing_count; i++)
		if (run->firings[i].from_ms > after_ms && run->firings[i].from_ms < episode->to_ms &&
		    run->firings[i].to_ms > episode->from_ms)
			return true;
	return false;
}

/* What a report says, worked out again from the two simulations. */
static void check_report(const struct noise_report *report, const struct noise_alarm *alarm,
                         const struct series *series)
{
	struct noise_run now, then;
	size_t before = 0, after = 0, in_episodes = 0, hidden = 0;

	noise_simulate(&now, alarm, &report->now, series);
	noise_simulate(&then, alarm, &report->proposed, series);
	for (size_t i = 0; i < now.firing_count; i++)
		before += now.firings[i].from_ms >= report->from_ms && now.firings[i].from_ms < report->to_ms;
	for (size_t i = 0; i < then.firing_count; i++)
		after += then.firings[i].from_ms >= report->from_ms && then.firings[i].from_ms < report->to_ms;
	assert_int_equal(report->before, before);
	assert_int_equal(report->after, after);
	assert_true(after * 2 <= before && after + 3 <= before);
	for (size_t i = 0; i < report->count; i++) {
		const struct noise_episode *episode = &report->episodes[i];
		int64_t before_ms = i == 0 ? report->from_ms - 1 : episode[-1].to_ms;

		in_episodes += episode->firings;
		hidden += episode->fate == NOISE_HIDDEN;
		assert_int_equal(episode->fate == NOISE_KEPT, fires_anew(&then, before_ms, episode));
		assert_true(episode->delay_ms <= report->worst_delay_ms && report->worst_delay_ms <= KEEP);
		if (episode->to_ms - episode->from_ms >= KEEP)
			assert_int_equal(episode->fate, NOISE_KEPT);
		if (episode->fate == NOISE_HIDDEN)
			assert_true(episode->to_ms - episode->from_ms <= report->longest_hidden_ms);
	}
	assert_int_equal(in_episodes, before);
	assert_int_equal(report->hidden, hidden);
	noise_run_free(&now);
	noise_run_free(&then);
}

/* Is there a setting of that period and those gaps which keeps all that counts and fires as the report's does, sooner? */
static bool is_beaten(const struct noise_report *report, const struct noise_alarm *alarm, const struct series *series)
{
	for (size_t n = 1; n <= 5; n++) {
		for (size_t m = 1; m < report->proposed.datapoints && m <= n; m++) {
			struct noise_setting setting = report->proposed;
			struct noise_run run;
			size_t after = 0;
			bool keeps = true;

			if (n == 4 || n > report->proposed.evaluation_periods)
				continue;
			setting.evaluation_periods = n;
			setting.datapoints = m;
			noise_simulate(&run, alarm, &setting, series);
			for (size_t i = 0; i < run.firing_count; i++)
				after += run.firings[i].from_ms >= report->from_ms && run.firings[i].from_ms < report->to_ms;
			for (size_t i = 0; i < report->count; i++)
				keeps = keeps && (report->episodes[i].fate != NOISE_KEPT ||
				                  fires_anew(&run, i == 0 ? report->from_ms - 1 : report->episodes[i - 1].to_ms,
				                             &report->episodes[i]));
			noise_run_free(&run);
			if (keeps && after < report->after)
				return true;
		}
	}
	return false;
}

static void reports_are_true(void **state)
{
	size_t proposed = 0, rounds = getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 3 : 24;

	(void)state;
	seed = 11;
	for (size_t round = 0; round < rounds; round++) {
		struct series series;
		struct noise_report report;
		struct noise_alarm alarm = plain;

		at_random(&series, round % 2 == 0 ? 0 : 400);
		alarm.statistic = round % 3 == 0 ? "Maximum" : round % 3 == 1 ? "Average" : "p99";
		alarm.setting.missing = (enum noise_missing)below(4);
		report_of(&report, &alarm, &series, NULL, 0);
		if (report.outcome == NOISE_PROPOSED) {
			check_report(&report, &alarm, &series);
			assert_false(is_beaten(&report, &alarm, &series));
			proposed++;
		}
		noise_report_free(&report);
		series_free(&series);
	}
	assert_true(proposed * 2 >= rounds);
}

/* Nine real series: alarms at their 98th percentile. What is proposed is true, and no report says too much. */
static void one_real(const char *name)
{
	struct noise_alarm alarm = { .comparison = ">=", .statistic = "Average", .setting = {
		.period_ms = 5 * MINUTE, .evaluation_periods = 1, .datapoints = 1 } };
	char path[200];
	struct series_point *points;
	size_t count;
	struct series series;
	struct noise_report report;
	struct err err;

	(void)snprintf(path, sizeof(path), "../shared/vectors/nab/realAWSCloudwatch/%s", name);
	assert_true(series_read_csv(path, &points, &count, &err));
	assert_true(series_make(&series, points, count, 5 * MINUTE, &err));
	free(points);
	alarm.threshold = statistics_quantile(series.values, series.count, 0.98);
	for (int64_t keep = 10; keep <= 30; keep += 20) {
		struct noise_request request = { .alarm = &alarm, .series = &series, .from_ms = series.start_ms + DAY,
		                                 .to_ms = series_end(&series), .keep_ms = keep * MINUTE };

		assert_true(noise_report_make(&report, &request, &err));
		for (size_t i = 0; i < report.count; i++)
			if (report.episodes[i].to_ms - report.episodes[i].from_ms >= request.keep_ms)
				assert_int_equal(report.episodes[i].fate, NOISE_KEPT);
		assert_true(report.after <= report.before && report.longest_hidden_ms < request.keep_ms);
		noise_report_free(&report);
	}
	series_free(&series);
}

static void real_series(void **state)
{
	(void)state;
	if (getenv("TOCSIN_UNDER_VALGRIND") == NULL && vector_exists("nab/windows.json"))
		assert_int_equal(vector_each_name("nab/realAWSCloudwatch", one_real), 9);
	else
		printf("skipped: alarms over real series\n");
}

static void settings_in_words(void **state)
{
	struct noise_setting now = { 5 * MINUTE, 1, 1, NOISE_MISSING }, new = { 90000, 3, 2, NOISE_NOT_BREACHING };
	char *text = noise_setting_text(&new, &now);

	(void)state;
	assert_string_equal(text, "2 of 3 datapoints of 1 min 30 s, missing data as notBreaching");
	free(text);
	text = noise_setting_text(&now, NULL);
	assert_string_equal(text, "1 of 1 datapoint");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blips_go_and_the_rest_stays),
		cmocka_unit_test(what_was_acted_upon_stays),
		cmocka_unit_test(another_history_proposes_nothing),
		cmocka_unit_test(an_unexplained_incident_proposes_nothing),
		cmocka_unit_test(a_few_are_no_noise),
		cmocka_unit_test(what_the_edges_cut_is_no_difference),
		cmocka_unit_test(restless_hours_are_joined),
		cmocka_unit_test(never_on_all_day),
		cmocka_unit_test(never_on_for_hours),
		cmocka_unit_test(each_that_lasted_is_told),
		cmocka_unit_test(history_must_be_long_enough),
		cmocka_unit_test(a_longer_period_smooths),
		cmocka_unit_test(a_longer_sum_is_another),
		cmocka_unit_test(silence_is_watched_on),
		cmocka_unit_test(missing_data_counts),
		cmocka_unit_test(cannot_be_followed),
		cmocka_unit_test(reports_are_true),
		cmocka_unit_test(real_series),
		cmocka_unit_test(settings_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
