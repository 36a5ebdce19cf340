/* Data that should be there is not: judged by when this series used to have data. */
#include <math.h>

#include "bot/findings_private.h"

#define SURE_LEAST 7.5    /* -ln of how likely the gap would be by the series' habit */
#define PRESENT_MOST 0.98 /* no series is taken to be complete for ever */
#define GAP_LEAST_MS (10 * MINUTE_MS)
#define LONGER 1.5        /* than all gaps there were but one */
#define JOIN 2            /* buckets with data between two gaps that are one episode, unless gaps are its habit */

struct gap {
	size_t from, to;
};

/* By slot of the day, and by weekday or weekend where both are known: the share of buckets with data. */
struct presence {
	size_t slots;
	double *share; /* 2 * slots */
};

/* Where the baseline ends that is compared with: without a gap that is not over when the judged range begins. */
static size_t habit_end(const struct view *view)
{
	size_t i = view->judged;

	if (view->judged == view->end || !isnan(view->x[view->judged]))
		return i;
	while (i > 0 && isnan(view->x[i - 1]))
		i--;
	return i;
}

static size_t first_known(const struct view *view)
{
	size_t i = 0;

	while (i < view->judged && isnan(view->x[i]))
		i++;
	return i;
}

/* With a tenth of a bucket of doubt: two days of data do not make a certainty. */
static double share_of(double known, double all)
{
	return all > 0 ? known / (all + 0.1) : 0;
}

static struct presence count_presence(const struct view *view, size_t until)
{
	size_t keys = 2 * view->slots;
	struct presence p = { view->slots, mem_alloc(keys * sizeof(*p.share)) };
	double *all = mem_alloc((keys + 1) * sizeof(*all));

	for (size_t k = 0; k < keys; k++)
		all[k] = p.share[k] = 0;
	for (size_t i = first_known(view); i < until; i++) {
		size_t key = (size_t)view->slot[i] + (view_is_weekend(view->day[i]) ? view->slots : 0);

		all[key]++;
		p.share[key] += !isnan(view->x[i]);
	}
	for (size_t slot = 0; slot < view->slots; slot++) {
		double *work = &p.share[slot], *rest = &p.share[slot + view->slots];
		double of_work = all[slot], of_rest = all[slot + view->slots];
		double both = share_of(*work + *rest, of_work + of_rest);

		*work = of_work >= 2 ? share_of(*work, of_work) : both;
		*rest = of_rest >= 2 ? share_of(*rest, of_rest) : both;
	}
	free(all);
	return p;
}

/* The share around that time: a neighbour's data a step later is the same habit. */
static double share_at(const struct view *view, const struct presence *p, size_t i)
{
	size_t group = view_is_weekend(view->day[i]) ? p->slots : 0, slot = (size_t)view->slot[i];
	double sum = p->share[group + slot] + p->share[group + (slot + 1) % p->slots] +
	             p->share[group + (slot + p->slots - 1) % p->slots];

	return fmin(PRESENT_MOST, sum / 3);
}

/* The second longest gap of the baseline: one outage is no habit. */
static size_t usual_gap(const struct view *view, size_t until)
{
	size_t longest = 0, second = 0, run = 0;

	for (size_t i = first_known(view); i <= until; i++) {
		if (i < until && isnan(view->x[i])) {
			run++;
			continue;
		}
		if (run > longest) {
			second = longest;
			longest = run;
		} else if (run > second) {
			second = run;
		}
		run = 0;
	}
	return second;
}

static void say_gap(struct str *text, const struct view *view, const struct gap *gap, bool lasts)
{
	text_start(text, view);
	str_addf(text, " has no data %s ", lasts ? "since" : "from");
	text_first_time(text, view, view_time(view, gap->from));
	if (!lasts) {
		str_add(text, " to ");
		text_time(text, view, view_time(view, gap->to));
	}
	str_add(text, ", for ");
	text_duration(text, (int64_t)(gap->to - gap->from) * view->step_ms);
	str_add(text, lasts ? "; still none at the end." : "; then it goes on.");
}

/* The calendar ends with the series; beyond it the same hour of its last day stands for the bucket. */
static size_t day_before(const struct view *view, size_t i)
{
	if (i < view->end)
		return i;
	return view->end < view->slots ? 0 : view->end - view->slots + (i - view->end) % view->slots;
}

/* `whole`: the buckets up to the end of the range, also those that the series does not reach. */
static void judge_gap(struct findings *findings, const struct view *view, const struct presence *p, size_t usual,
                      const struct gap *gap, size_t whole)
{
	double sure = 0;
	size_t length = gap->to - gap->from;
	struct str text;

	/* What was missing before was judged then. */
	for (size_t i = gap->from > view->judged ? gap->from : view->judged; i < gap->to; i++)
		sure -= log(1 - share_at(view, p, day_before(view, i)));
	if (sure < SURE_LEAST || (int64_t)length * view->step_ms < GAP_LEAST_MS ||
	    (double)length <= LONGER * (double)usual)
		return;
	str_init(&text, FINDINGS_TEXT_MAX);
	say_gap(&text, view, gap, gap->to == whole);
	findings_add(findings, view, FINDING_MISSING, (struct finding){
		.from_ms = view_time(view, gap->from),
		.to_ms = view_time(view, gap->to),
		.at_ms = view_time(view, gap->from),
		.strength = finding_strength(1 + (sure - SURE_LEAST) / (2 * SURE_LEAST)),
		.value = NAN,
		.expected = NAN,
		.limit = NAN,
		.text = str_take(&text),
	});
}

void findings_missing(struct findings *findings, const struct view *view)
{
	size_t whole = (size_t)((view->range->to_ms - view->start_ms) / view->step_ms), begin = habit_end(view);
	size_t usual = usual_gap(view, begin);
	struct presence p;
	struct gap gap = { 0, 0 };

	if (view->known == 0 || view->judged == 0 || view->subject->unread)
		return;
	whole = whole > view->end + SERIES_COUNT_MAX ? view->end + SERIES_COUNT_MAX : whole;
	p = count_presence(view, begin);
	for (size_t i = begin; i < whole; i++) {
		if (i < view->end && !isnan(view->x[i]))
			continue;
		if (gap.to > gap.from && i - gap.to > (usual < JOIN ? JOIN : 0)) {
			judge_gap(findings, view, &p, usual, &gap, whole);
			gap.from = gap.to = 0;
		}
		if (gap.to == gap.from)
			gap.from = i;
		gap.to = i + 1;
	}
	if (gap.to > gap.from)
		judge_gap(findings, view, &p, usual, &gap, whole);
	free(p.share);
}
