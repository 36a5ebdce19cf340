/*
 * Which metrics are read for a question: those whose words suit it, then others of the same dashboards, because
 * what explains a metric stands beside it; of a dashboard that is named, all; when nothing suits, the first ones.
 */
#include <stdlib.h>
#include <string.h>

#include "bot/config.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric_math.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

#define HOUR_MS (3600 * 1000LL)
#define DAY_MS (24 * HOUR_MS)
#define JUDGED_MS HOUR_MS /* at least, so that findings have something to judge */
#define WORDS_MAX 4000    /* bytes of a metric's words */
/* What the words stand for: a title says more than a place. */
#define OF_TITLE 1.0
#define OF_DETAIL 0.5
#define OF_PLACE 0.8
#define OF_NAMED 0.1 /* all of the dashboard that is named are concerned, and alike */
#define SUITS 0.6    /* of the best score: less is read along, and is not what was asked for */

void briefing_add_candidate(struct briefing *briefing, size_t place, const struct metric *metric)
{
	struct briefing_candidate *candidate;

	briefing->candidates = mem_resize(briefing->candidates,
	                                  (briefing->candidate_count + 1) * sizeof(*candidate));
	candidate = &briefing->candidates[briefing->candidate_count++];
	*candidate = (struct briefing_candidate){ .place = place };
	metric_copy(&candidate->metric, metric);
}

/* --- ranking --------------------------------------------------------------------------------------------- */

static void add_words(struct str *words, const char *text)
{
	if (text == NULL)
		return;
	str_add(words, text);
	str_add_char(words, ' ');
}

static double suits_title(const struct briefing_candidate *candidate, const struct question_bag *asked)
{
	const struct metric *metric = &candidate->metric;
	struct str words;
	double score;

	str_init(&words, WORDS_MAX);
	add_words(&words, metric->title);
	add_words(&words, metric->id);
	add_words(&words, metric->metric);
	if (metric->title == NULL)
		add_words(&words, metric->query);
	score = question_suits(asked, words.text);
	str_free(&words);
	return score;
}

static double suits_detail(const struct briefing_candidate *candidate, const struct question_bag *asked)
{
	const struct metric *metric = &candidate->metric;
	struct str words;
	double score;

	str_init(&words, WORDS_MAX);
	add_words(&words, metric->namespace_);
	add_words(&words, metric->about);
	add_words(&words, metric->stat);
	if (metric->dimensions != NULL)
		json_add(&words, metric->dimensions);
	score = question_suits(asked, words.text);
	str_free(&words);
	return score;
}

/* "the web dashboard": its index; place_count: none is named. */
static size_t named_place(const struct briefing *briefing)
{
	size_t best = briefing->place_count;
	double best_score = 0;
	struct question_bag *asked;

	if (strcasestr(briefing->question, "dashboard") == NULL)
		return best;
	asked = question_bag(briefing->question);
	for (size_t i = 0; i < briefing->place_count; i++) {
		double score = question_suits(asked, briefing->places[i].name);

		if (score >= 1 && score > best_score && !briefing->places[i].is_alarm) {
			best = i;
			best_score = score;
		}
	}
	free(asked);
	return best;
}

static bool is_of_alarm(const struct briefing *briefing, const struct briefing_candidate *candidate)
{
	return briefing->places[candidate->place].is_alarm || candidate->watched;
}

/* False: nothing suits. */
static bool score_all(struct briefing *briefing, const char *text)
{
	size_t named = named_place(briefing);
	struct question_bag *asked = question_bag(text);

	briefing->best = 0;
	for (size_t i = 0; i < briefing->candidate_count; i++) {
		struct briefing_candidate *candidate = &briefing->candidates[i];
		const char *place = briefing->places[candidate->place].name;

		candidate->score = 0;
		if (candidate->metric.hidden || (named < briefing->place_count && candidate->place != named))
			continue;
		candidate->score = OF_TITLE * suits_title(candidate, asked) +
		                   OF_DETAIL * suits_detail(candidate, asked);
		candidate->score += candidate->place == named ? OF_NAMED : OF_PLACE * question_suits(asked, place);
		if (candidate->score > briefing->best)
			briefing->best = candidate->score;
	}
	free(asked);
	return briefing->best > 0;
}

/* --- picking --------------------------------------------------------------------------------------------- */

static void take(struct briefing *briefing, struct briefing_candidate *candidate)
{
	candidate->chosen = true;
	briefing->chosen++;
}

static bool may_take(const struct briefing *briefing, const struct briefing_candidate *candidate)
{
	return !candidate->metric.hidden && !candidate->chosen && briefing->chosen < BRIEFING_METRICS_MAX;
}

static void take_watched(struct briefing *briefing)
{
	for (size_t i = 0; i < briefing->candidate_count; i++)
		if (is_of_alarm(briefing, &briefing->candidates[i]) &&
		    may_take(briefing, &briefing->candidates[i]))
			take(briefing, &briefing->candidates[i]);
}

static void take_standing_out(struct briefing *briefing)
{
	for (size_t i = 0; i < briefing->candidate_count; i++)
		if (briefing_topic_stands_out(briefing, &briefing->candidates[i]) &&
		    may_take(briefing, &briefing->candidates[i]))
			take(briefing, &briefing->candidates[i]);
}

static void take_best(struct briefing *briefing)
{
	while (briefing->chosen < BRIEFING_METRICS_MAX) {
		struct briefing_candidate *best = NULL;

		for (size_t i = 0; i < briefing->candidate_count; i++) {
			struct briefing_candidate *candidate = &briefing->candidates[i];

			if (may_take(briefing, candidate) && candidate->score > (best == NULL ? 0 : best->score))
				best = candidate;
		}
		if (best == NULL)
			return;
		take(briefing, best);
	}
}

static bool is_concerned(const struct briefing *briefing, size_t place)
{
	for (size_t i = 0; i < briefing->candidate_count; i++)
		if (briefing->candidates[i].place == place && briefing->candidates[i].chosen)
			return true;
	return false;
}

/* Whether all of a place is read when nothing is named: in a summary's thread what that is about, else everything. */
static bool is_meant(const struct briefing *briefing, size_t place)
{
	return briefing->topic == NULL || briefing_topic_has(briefing, place);
}

/* What explains a metric stands beside it. */
static void take_others(struct briefing *briefing, bool nothing_named)
{
	for (size_t place = 0; place < briefing->place_count; place++) {
		if (!is_concerned(briefing, place) && !(nothing_named && is_meant(briefing, place)))
			continue;
		for (size_t i = 0; i < briefing->candidate_count; i++)
			if (briefing->candidates[i].place == place &&
			    may_take(briefing, &briefing->candidates[i]))
				take(briefing, &briefing->candidates[i]);
	}
}

static size_t count_left_out(const struct briefing *briefing)
{
	size_t count = 0;

	for (size_t i = 0; i < briefing->candidate_count; i++) {
		const struct briefing_candidate *candidate = &briefing->candidates[i];

		count += !candidate->chosen && !candidate->metric.hidden &&
		         (candidate->score > 0 || briefing->names_nothing);
	}
	return count;
}

/* What a formula that is read computes with, in turn. */
static void mark_needed(struct briefing *briefing)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < briefing->candidate_count; i++) {
			const struct briefing_candidate *formula = &briefing->candidates[i];

			if (!(formula->chosen || formula->needed) || formula->metric.expression == NULL)
				continue;
			for (size_t k = 0; k < briefing->candidate_count; k++) {
				struct briefing_candidate *input = &briefing->candidates[k];

				if (input->place != formula->place || k == i || input->chosen || input->needed ||
				    !metric_math_uses(formula->metric.expression, input->metric.id))
					continue;
				input->needed = more = true;
			}
		}
	}
}

void briefing_choose(struct briefing *briefing)
{
	bool suits = score_all(briefing, briefing->question), watched = false;

	if (!suits && briefing->earlier != NULL)
		suits = score_all(briefing, briefing->earlier);
	briefing->chosen = 0;
	for (size_t i = 0; i < briefing->candidate_count; i++) {
		briefing->candidates[i].chosen = briefing->candidates[i].needed = false;
		watched = watched || is_of_alarm(briefing, &briefing->candidates[i]);
	}
	briefing->names_nothing = !suits && !watched;
	take_watched(briefing);
	if (briefing->names_nothing)
		take_standing_out(briefing);
	take_best(briefing);
	take_others(briefing, briefing->names_nothing);
	briefing->left_out = count_left_out(briefing);
	mark_needed(briefing);
}

bool briefing_suits(const struct briefing *briefing, size_t look, size_t metric)
{
	const struct dashboard_data *data = briefing->looks[look].data;

	for (size_t i = 0; i < briefing->candidate_count; i++) {
		const struct briefing_candidate *candidate = &briefing->candidates[i];

		if (candidate->place == briefing->looks[look].place &&
		    strcmp(candidate->metric.id, data->metrics[metric].id) == 0)
			return is_of_alarm(briefing, candidate) ||
			       (candidate->score > 0 && candidate->score >= SUITS * briefing->best);
	}
	return false;
}

/* --- laying out the looks ---------------------------------------------------------------------------------- */

/* Short ranges are judged with some time before them; a bucket must fit. */
static int64_t judged_ms(const struct briefing *briefing, size_t place)
{
	int64_t judged = briefing->range.until_ms - briefing->range.from_ms;

	judged = judged < JUDGED_MS ? JUDGED_MS : judged;
	for (size_t i = 0; i < briefing->candidate_count; i++) {
		const struct briefing_candidate *candidate = &briefing->candidates[i];

		if (candidate->place == place && candidate->chosen && judged < 2 * candidate->metric.period_ms)
			judged = 2 * candidate->metric.period_ms;
	}
	return judged;
}

static void add_look(struct briefing *briefing, size_t place)
{
	struct metric *metrics = mem_alloc((briefing->candidate_count + 1) * sizeof(*metrics));
	struct config_dashboard dashboard = {
		.name = briefing->places[place].name,
		.timezone = briefing->timezone,
		.range_ms = judged_ms(briefing, place),
		.baseline_ms = briefing->places[place].baseline_ms,
		.metrics = metrics,
	};
	struct briefing_look *look = &briefing->looks[briefing->look_count];
	struct err err;

	for (size_t i = 0; i < briefing->candidate_count; i++) {
		const struct briefing_candidate *candidate = &briefing->candidates[i];

		if (candidate->place != place || !(candidate->chosen || candidate->needed))
			continue;
		metrics[dashboard.metric_count] = candidate->metric; /* borrowed: the look makes copies */
		metrics[dashboard.metric_count++].hidden = !candidate->chosen;
	}
	*look = (struct briefing_look){ .briefing = briefing, .place = place };
	look->data = dashboard_data_new(&dashboard, briefing->range.until_ms, &err);
	if (look->data != NULL)
		briefing->look_count++;
	free(metrics);
}

void briefing_make_looks(struct briefing *briefing)
{
	briefing->looks = mem_alloc((briefing->place_count + 1) * sizeof(*briefing->looks));
	for (size_t i = 0; i < briefing->place_count; i++)
		if (is_concerned(briefing, i))
			add_look(briefing, i);
}
