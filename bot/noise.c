/*
 * The search for a quieter setting.
 *
 * What the present setting fires for are episodes. A candidate must fire anew for every episode that somebody acted
 * upon or that lasted, no more than keep_ms later, and may not be in ALARM much longer than they last. Of those that
 * save clearly the one that costs least is proposed: in firings that remain, delay, what is hidden, what is changed.
 */
#include "bot/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/noise_private.h"

#define SAVED_LEAST 3        /* firings; and half of them */
#define WINDOW_MAX_MS ((int64_t)24 * 60 * 60 * 1000) /* CloudWatch's, of periods below an hour */
#define PERIOD_MAX_MS ((int64_t)60 * 60 * 1000) /* no longer one is proposed */
#define ON_MOST 2            /* times as long in ALARM as the episodes last */
#define DELAY_WEIGHT 0.5     /* of keep_ms, against the share of firings that remain; */
#define HIDDEN_WEIGHT 0.1    /* the share of episodes that are hidden; */
#define CHANGE_WEIGHT 0.05   /* each of period and missing data that changes; */
#define WIDTH_WEIGHT 0.005   /* each period that is looked at */

static const size_t widths[] = { 1, 2, 3, 5, 10, 15 };  /* N; M is each of 1 ... N */
static const int64_t multiples[] = { 1, 2, 3, 5 };      /* of the period */

struct search {
	const struct noise_request *request;
	struct noise_report *report;
	const signed char *points;  /* of the period that is looked at */
	struct noise_report best;   /* its episodes: as many as the report's */
	double best_cost;
};

static int64_t length_ms(const struct noise_episode *episode)
{
	return episode->to_ms - episode->from_ms;
}

/* The firings that began in what is judged: [*first, *first + count). */
static size_t judged(const struct noise_report *report, const struct noise_run *run, size_t *first)
{
	size_t count = 0;

	*first = 0;
	for (size_t i = 0; i < run->firing_count; i++) {
		if (run->firings[i].from_ms < report->from_ms)
			*first = i + 1;
		else if (run->firings[i].from_ms < report->to_ms)
			count++;
	}
	return count;
}

static int64_t firing_ms(const struct noise_firing *firings, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += firings[i].to_ms - firings[i].from_ms;
	return sum;
}

static void find_episodes(struct noise_report *report, const struct noise_request *request,
                          const struct noise_firing *firings, size_t count)
{
	report->episodes = mem_alloc((count + 1) * sizeof(*report->episodes));
	for (size_t i = 0; i < count; i++) {
		struct noise_episode *last = report->count == 0 ? NULL : &report->episodes[report->count - 1];

		if (last == NULL || firings[i].from_ms - last->to_ms > request->keep_ms / 2) {
			last = &report->episodes[report->count++];
			*last = (struct noise_episode){ .from_ms = firings[i].from_ms };
		}
		last->firings++;
		last->to_ms = firings[i].to_ms;
		last->open = firings[i].open;
	}
	for (size_t i = 0; i < report->count; i++) {
		struct noise_episode *episode = &report->episodes[i];

		episode->acted = noise_acted(request, episode->from_ms, episode->to_ms);
	}
}

static void find_short(struct noise_report *report, const struct noise_firing *firings, size_t count)
{
	static const int64_t minutes[] = { 2, 5, 10, 15, 30, 60 };

	for (size_t n = 0; n < sizeof(minutes) / sizeof(minutes[0]); n++) {
		int64_t limit = minutes[n] * 60 * 1000;
		size_t below = 0;

		for (size_t i = 0; i < count; i++)
			below += !firings[i].open && firings[i].to_ms - firings[i].from_ms < limit;
		if (below * 2 < count)
			continue;
		report->short_ms = limit;
		report->short_count = below;
		return;
	}
}

/* Fills fate and delay of one episode. after_ms: a firing that began by then began for something earlier. */
static void judge_episode(struct noise_episode *episode, int64_t after_ms, const struct noise_run *run)
{
	episode->fate = episode->open ? NOISE_UNDECIDED : NOISE_HIDDEN;
	episode->delay_ms = 0;
	for (size_t i = 0; i < run->firing_count; i++) {
		const struct noise_firing *firing = &run->firings[i];

		if (firing->from_ms >= episode->to_ms)
			return;
		if (firing->to_ms <= episode->from_ms)
			continue;
		if (firing->from_ms <= after_ms) {
			episode->fate = NOISE_MERGED;
			continue;
		}
		episode->fate = NOISE_KEPT;
		if (firing->from_ms > episode->from_ms)
			episode->delay_ms = firing->from_ms - episode->from_ms;
		return;
	}
}

/* Nothing that counts is hidden or told too late, and the alarm is not on all the time instead. */
static bool is_harmless(const struct search *search, const struct noise_report *tried)
{
	int64_t keep_ms = search->request->keep_ms, lasted_ms = 0;

	for (size_t i = 0; i < tried->count; i++) {
		const struct noise_episode *episode = &tried->episodes[i];

		lasted_ms += length_ms(episode);
		if ((episode->acted || length_ms(episode) >= keep_ms) && episode->fate != NOISE_KEPT)
			return false;
	}
	return tried->worst_delay_ms <= keep_ms && tried->lasting_delay_ms <= keep_ms &&
	       tried->on_after_ms <= ON_MOST * lasted_ms;
}

static double cost_of(const struct search *search, const struct noise_report *tried)
{
	const struct noise_setting *now = &tried->now, *new = &tried->proposed;
	int64_t delay_ms = tried->worst_delay_ms > tried->lasting_delay_ms ? tried->worst_delay_ms :
	                                                                     tried->lasting_delay_ms;

	return (double)tried->after / (double)tried->before +
	       DELAY_WEIGHT * (double)delay_ms / (double)search->request->keep_ms +
	       HIDDEN_WEIGHT * (double)tried->hidden / (double)tried->count +
	       CHANGE_WEIGHT * ((now->period_ms != new->period_ms) + (now->missing != new->missing)) +
	       WIDTH_WEIGHT * (double)new->evaluation_periods;
}

static int64_t told_after_ms(const struct noise_setting *setting)
{
	return (int64_t)setting->datapoints * setting->period_ms;
}

static void judge(struct noise_report *tried, const struct noise_setting *setting, const struct noise_run *run)
{
	int64_t lasting_ms = told_after_ms(setting) - told_after_ms(&tried->now);
	size_t first;

	tried->proposed = *setting;
	tried->after = judged(tried, run, &first);
	tried->on_after_ms = tried->after == 0 ? 0 : firing_ms(run->firings + first, tried->after);
	tried->lasting_delay_ms = lasting_ms > 0 ? lasting_ms : 0;
	tried->hidden = 0;
	tried->longest_hidden_ms = tried->worst_delay_ms = 0;
	for (size_t i = 0; i < tried->count; i++) {
		struct noise_episode *episode = &tried->episodes[i];

		judge_episode(episode, i == 0 ? tried->from_ms - 1 : episode[-1].to_ms, run);
		if (episode->fate == NOISE_HIDDEN) {
			tried->hidden++;
			if (length_ms(episode) > tried->longest_hidden_ms)
				tried->longest_hidden_ms = length_ms(episode);
		} else if (episode->delay_ms > tried->worst_delay_ms) {
			tried->worst_delay_ms = episode->delay_ms;
		}
	}
}

static void try_setting(struct search *search, const struct noise_setting *setting)
{
	struct noise_report tried = *search->report;
	struct noise_run run;
	double cost;

	noise_follow(&run, setting, search->request->series, search->points);
	judge(&tried, setting, &run); /* into the report's own episodes */
	noise_run_free(&run);
	if (tried.after + SAVED_LEAST > tried.before || tried.after * 2 > tried.before || !is_harmless(search, &tried))
		return;
	cost = cost_of(search, &tried);
	if (cost >= search->best_cost)
		return;
	search->best_cost = cost;
	memcpy(search->best.episodes, tried.episodes, tried.count * sizeof(*tried.episodes));
	tried.episodes = search->best.episodes;
	search->best = tried;
}

static bool fits(const struct search *search, const struct noise_setting *setting)
{
	const struct series *series = search->request->series;
	int64_t range_ms = (int64_t)noise_range(setting) * setting->period_ms;

	return (int64_t)setting->evaluation_periods * setting->period_ms <= WINDOW_MAX_MS &&
	       series_time(series, 0) + range_ms < search->report->from_ms;
}

static void try_widths(struct search *search, struct noise_setting setting)
{
	for (size_t n = 0; n < sizeof(widths) / sizeof(widths[0]); n++) {
		setting.evaluation_periods = widths[n];
		if (!fits(search, &setting))
			continue;
		for (setting.datapoints = 1; setting.datapoints <= widths[n]; setting.datapoints++)
			try_setting(search, &setting);
	}
}

static bool has_gap(const struct series *series)
{
	for (size_t i = 0; i < series->count; i++)
		if (!isfinite(series->values[i]))
			return true;
	return false;
}

/*
 * An alarm that treats missing data as breaching watches for silence: that is kept. Nor does one begin to. Without
 * gaps the history says nothing about them.
 */
static bool may_treat(enum noise_missing now, enum noise_missing then, bool gaps)
{
	return then == now || (gaps && now != NOISE_BREACHING && then != NOISE_BREACHING);
}

/* A longer period's sum is another quantity, for which the threshold is not meant. */
static bool may_lengthen(const struct search *search, int64_t period_ms)
{
	const char *statistic = search->request->alarm->statistic;
	struct noise_setting setting = { .period_ms = period_ms, .evaluation_periods = 1, .datapoints = 1 };
	struct err ignored;

	if (period_ms == search->report->now.period_ms)
		return true;
	if (period_ms > PERIOD_MAX_MS || period_ms % 60000 != 0 || statistic == NULL || strcmp(statistic, "Sum") == 0 ||
	    strcmp(statistic, "SampleCount") == 0)
		return false;
	return noise_check(search->request->alarm, &setting, search->request->series, &ignored);
}

static void search_all(struct search *search)
{
	const struct noise_setting *now = &search->report->now;
	bool gaps = has_gap(search->request->series);

	for (size_t i = 0; i < sizeof(multiples) / sizeof(multiples[0]); i++) {
		struct noise_setting setting = { .period_ms = now->period_ms * multiples[i] };
		signed char *points;

		if (!may_lengthen(search, setting.period_ms))
			continue;
		points = noise_points(search->request->alarm, setting.period_ms, search->request->series);
		search->points = points;
		for (int missing = NOISE_MISSING; missing <= NOISE_NOT_BREACHING; missing++) {
			setting.missing = (enum noise_missing)missing;
			if (may_treat(now->missing, setting.missing, gaps))
				try_widths(search, setting);
		}
		free(points);
	}
}

static void propose(struct noise_report *report, const struct noise_request *request)
{
	struct search search = { .request = request, .report = report, .best_cost = INFINITY };

	search.best.episodes = mem_alloc((report->count + 1) * sizeof(*report->episodes));
	search_all(&search);
	if (isfinite(search.best_cost)) {
		free(report->episodes);
		*report = search.best;
		report->outcome = NOISE_PROPOSED;
		return;
	}
	free(search.best.episodes);
	for (size_t i = 0; i < report->count; i++) {
		report->episodes[i].fate = NOISE_KEPT;
		report->episodes[i].delay_ms = 0;
	}
}

bool noise_report_make(struct noise_report *report, const struct noise_request *request, struct err *err)
{
	const struct noise_setting *now = &request->alarm->setting;
	int64_t ready_ms;
	struct noise_run run;
	size_t first;

	if (!noise_check(request->alarm, now, request->series, err))
		return false;
	ready_ms = series_time(request->series, 0) + (int64_t)noise_range(now) * now->period_ms;
	*report = (struct noise_report){ .outcome = NOISE_AS_GOOD, .now = *now, .proposed = *now,
		.from_ms = ready_ms + 1 > request->from_ms ? ready_ms + 1 : request->from_ms, .to_ms = request->to_ms };
	noise_simulate(&run, request->alarm, now, request->series);
	report->before = report->after = judged(report, &run, &first);
	report->on_before_ms = report->on_after_ms = firing_ms(run.firings + first, report->before);
	find_episodes(report, request, run.firings + first, report->before);
	find_short(report, run.firings + first, report->before);
	if (!noise_alike(report, request, run.firings + first, report->before))
		report->outcome = NOISE_UNLIKE;
	else if (report->before < SAVED_LEAST)
		report->outcome = NOISE_QUIET;
	else
		propose(report, request);
	noise_run_free(&run);
	return true;
}

void noise_report_free(struct noise_report *report)
{
	free(report->episodes);
	*report = (struct noise_report){ 0 };
}
