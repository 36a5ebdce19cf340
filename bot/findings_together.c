/* Which two moved together, and which of them first. Order and correlation; nothing is said about why. */
#include <math.h>

#include "bot/correlation.h"
#include "bot/findings_private.h"

#define LAG_MAX 12
#define MOVERS_MAX 8        /* each is compared with all others */
#define PAIRS_MAX 5         /* told */
#define RHO_DAY 0.5         /* of the changes from value to value, over the judged range */
#define USED_DAY 60
#define SIGMAS_DAY 5.0      /* rho * sqrt(n - 1): what chance gives among so many pairs and lags */
#define WINDOW_DAY 120
#define RHO_EPISODE 0.6     /* of the values around an episode that both have */
#define USED_EPISODE 30
#define ORDINARY 3.0        /* scales */

struct pair {
	const struct view *first, *second;
	struct correlation best;
	size_t from, to; /* buckets of `first` */
};

/* z of [from, to) in a's buckets, of a series that may begin elsewhere: the changes from value to value; or the values,
 * of which the ordinary ones count as equal, else noise would decide. */
static void take(const struct view *view, const struct view *a, size_t from, size_t to, bool changes, double *out)
{
	int64_t shift = (a->start_ms - view->start_ms) / view->step_ms;

	for (size_t i = from; i < to; i++) {
		int64_t at = (int64_t)i + shift;
		bool inside = at >= 0 && at < (int64_t)view->end;

		out[i - from] = inside ? view->z[at] : NAN;
		if (changes)
			out[i - from] -= inside && at > 0 ? view->z[at - 1] : NAN;
		else if (fabs(out[i - from]) < ORDINARY)
			out[i - from] = 0;
	}
}

static bool correlate(const struct view *a, const struct view *b, size_t from, size_t to, bool changes, size_t least,
                      struct pair *pair)
{
	size_t count = to - from;
	double *values = mem_alloc((2 * count + 1) * sizeof(*values));
	bool found;

	take(a, a, from, to, changes, values);
	take(b, a, from, to, changes, values + count);
	*pair = (struct pair){ .first = a, .second = b, .from = from, .to = to };
	found = correlation_best(values, values + count, count, LAG_MAX, least, &pair->best);
	free(values);
	return found;
}

static bool over_the_day(const struct view *a, const struct view *b, struct pair *pair)
{
	size_t from = a->judged;
	double rho;

	if (a->end - from < WINDOW_DAY)
		from = a->end > WINDOW_DAY ? a->end - WINDOW_DAY : 0;
	if (!correlate(a, b, from, a->end, true, USED_DAY, pair))
		return false;
	pair->from = a->judged;
	rho = fabs(pair->best.rho);
	return rho >= RHO_DAY && rho * sqrt((double)pair->best.used - 1) >= SIGMAS_DAY;
}

/* A single rise and fall moves few of a day's ranks: around it they are looked at closely. */
static bool around_episodes(const struct view *a, const struct view *b, struct pair *pair)
{
	int64_t shift = (b->start_ms - a->start_ms) / a->step_ms;
	int64_t from = (int64_t)a->moved.from, to = (int64_t)a->moved.to, begin, end, length;
	int64_t other_from = (int64_t)b->moved.from + shift, other_to = (int64_t)b->moved.to + shift;

	if (!a->moves || !b->moves || other_from > to + LAG_MAX || from > other_to + LAG_MAX)
		return false;
	begin = from < other_from ? from : other_from;
	end = to > other_to ? to : other_to;
	length = end - begin;
	from = begin - (length > LAG_MAX ? length / 2 : LAG_MAX / 2) - LAG_MAX;
	to = end + (length > LAG_MAX ? length / 2 : LAG_MAX / 2) + LAG_MAX;
	from = from < 0 ? 0 : from;
	to = to > (int64_t)a->end ? (int64_t)a->end : to;
	if (to - from < USED_EPISODE || !correlate(a, b, (size_t)from, (size_t)to, false, USED_EPISODE, pair))
		return false;
	pair->from = begin < 0 ? 0 : (size_t)begin;
	pair->to = (size_t)(end > (int64_t)a->end ? (int64_t)a->end : end);
	return pair->from < pair->to && fabs(pair->best.rho) >= RHO_EPISODE;
}

static void put_first(struct pair *pair)
{
	const struct view *first = pair->first;

	if (pair->best.lag >= 0)
		return;
	pair->first = pair->second;
	pair->second = first;
	pair->best.lag = -pair->best.lag;
}

static void add_pair(struct findings *findings, const struct pair *pair)
{
	int64_t lag_ms = abs(pair->best.lag) * pair->first->step_ms;
	int64_t from_ms = view_time(pair->first, pair->from), to_ms = view_time(pair->first, pair->to);
	struct pair ordered = *pair;
	struct str text;

	put_first(&ordered);
	str_init(&text, FINDINGS_TEXT_MAX);
	text_start(&text, ordered.first);
	str_add(&text, " and ");
	text_start(&text, ordered.second);
	str_addf(&text, " moved together, in %s direction, ", ordered.best.rho > 0 ? "the same" : "opposite");
	if (lag_ms == 0) {
		str_add(&text, "at the same time");
	} else {
		str_add(&text, "the first one ");
		text_duration(&text, lag_ms);
		str_add(&text, " before the second");
	}
	str_addf(&text, " (rank correlation %.2f over %zu values).", ordered.best.rho, ordered.best.used);
	findings_add(findings, ordered.first, FINDING_TOGETHER, (struct finding){
		.other = ordered.second->index,
		.from_ms = from_ms,
		.to_ms = to_ms,
		.at_ms = from_ms,
		.strength = fabs(ordered.best.rho),
		.value = ordered.best.rho,
		.expected = NAN,
		.limit = NAN,
		.lag_ms = lag_ms,
		.text = str_take(&text),
	});
}

/* The strongest ones, best first. */
static size_t keep(struct pair *pairs, size_t count, const struct pair *pair)
{
	size_t at = count;

	while (at > 0 && fabs(pairs[at - 1].best.rho) < fabs(pair->best.rho))
		at--;
	if (at == PAIRS_MAX)
		return count;
	count = count < PAIRS_MAX ? count + 1 : count;
	for (size_t i = count - 1; i > at; i--)
		pairs[i] = pairs[i - 1];
	pairs[at] = *pair;
	return count;
}

static bool is_mover(const struct findings *findings, const struct view *view)
{
	if (view->pattern == PATTERN_NONE)
		return false;
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].subject == view->index && finding_is_abnormal(findings->items[i].kind))
			return true;
	return view->moves;
}

static bool find_pair(const struct view *a, const struct view *b, struct pair *best)
{
	struct pair pair;
	bool day = over_the_day(a, b, best), episode = around_episodes(a, b, &pair);

	if (episode && (!day || fabs(pair.best.rho) > fabs(best->best.rho)))
		*best = pair;
	return day || episode;
}

void findings_together(struct findings *findings, const struct view *views, size_t count)
{
	struct pair pairs[PAIRS_MAX + 1], pair;
	size_t kept = 0, movers = 0;
	bool *mover = mem_alloc((count + 1) * sizeof(*mover));

	for (size_t i = 0; i < count && movers < MOVERS_MAX; i++) {
		mover[i] = is_mover(findings, &views[i]);
		movers += mover[i];
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count && mover[i]; j++) {
			if (j == i || (mover[j] && j < i) || views[j].pattern == PATTERN_NONE ||
			    !view_same_grid(&views[i], &views[j]))
				continue;
			if (find_pair(&views[i], &views[j], &pair))
				kept = keep(pairs, kept, &pair);
		}
	}
	for (size_t i = 0; i < kept; i++)
		add_pair(findings, &pairs[i]);
	free(mover);
}
