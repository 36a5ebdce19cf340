/* Does the growth of requests explain the growth of latency? By how the two went together in the baseline. */
#include <math.h>

#include "bot/findings_private.h"
#include "bot/trend.h"

#define GREW 0.1       /* requests: less is no growth */
#define PAIRS_MAX 300
#define PAIRS_LEAST 30
#define EXPLAINED 0.7  /* of the growth of latency */
#define PARTLY 0.25
#define ANSWERS_MAX 5  /* for the latencies that moved most, one each */
#define LOADS_MAX 3    /* of which it is asked: those that grew most */

struct growth {
	const struct view *load_view;
	double latency, latency_usual, load, load_usual;
	double with_load; /* latency that used to go with so many requests; NaN: unknown */
};

static int64_t shift_of(const struct view *latency, const struct view *load)
{
	return (latency->start_ms - load->start_ms) / load->step_ms;
}

/* The slope of latency over requests in the baseline, from pairs spread evenly over it; NaN: too few. */
static double usual_slope(const struct view *latency, const struct view *load)
{
	double requests[PAIRS_MAX], times[PAIRS_MAX];
	size_t stride = latency->judged / PAIRS_MAX + 1, count = 0;
	int64_t shift = shift_of(latency, load);

	for (size_t i = 0; i < latency->judged && count < PAIRS_MAX; i += stride) {
		int64_t at = (int64_t)i + shift;

		if (at < 0 || at >= (int64_t)load->judged || isnan(latency->x[i]) || isnan(load->x[at]))
			continue;
		requests[count] = load->x[at];
		times[count++] = latency->x[i];
	}
	return count < PAIRS_LEAST ? NAN : trend_slope(requests, times, count);
}

/* All but with_load, which costs more. */
static bool measure(const struct view *latency, const struct view *load, struct growth *growth)
{
	const struct episode *e = &latency->moved;
	int64_t from = (int64_t)e->from + shift_of(latency, load), to = from + (int64_t)(e->to - e->from);

	if (from < 0 || to > (int64_t)load->end)
		return false;
	*growth = (struct growth){
		.load_view = load,
		.latency = view_median(latency->x, e->from, e->to),
		.latency_usual = view_median(latency->expected, e->from, e->to),
		.load = view_median(load->x, (size_t)from, (size_t)to),
		.load_usual = view_median(load->expected, (size_t)from, (size_t)to),
	};
	return growth->latency > growth->latency_usual && growth->load_usual > 0 && !isnan(growth->load);
}

static double times_usual(const struct growth *growth)
{
	return growth->load / growth->load_usual;
}

/* The loads that grew most, the greatest growth first. */
static size_t grown(const struct view *latency, const struct view *views, size_t count, struct growth most[LOADS_MAX])
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct growth growth;
		size_t at;

		if (!views[i].subject->load || &views[i] == latency || views[i].pattern == PATTERN_NONE ||
		    !view_same_grid(&views[i], latency) || !measure(latency, &views[i], &growth))
			continue;
		for (at = kept; at > 0 && times_usual(&most[at - 1]) < times_usual(&growth); at--)
			if (at < LOADS_MAX)
				most[at] = most[at - 1];
		if (at < LOADS_MAX)
			most[at] = growth;
		kept = kept < LOADS_MAX ? kept + 1 : kept;
	}
	return kept;
}

static double share(const struct growth *growth)
{
	if (growth->load < (1 + GREW) * growth->load_usual)
		return 0;
	return fmin(1, (growth->with_load - growth->latency_usual) / (growth->latency - growth->latency_usual));
}

static void say(struct str *text, const struct view *latency, const struct growth *growth)
{
	const struct view *load = growth->load_view;
	double part = share(growth);
	const char *answer = part >= EXPLAINED ? "Yes, as far as the numbers go" : part >= PARTLY ? "Partly" : "No";

	str_add(text, "Does the growth of ");
	text_start(text, load);
	str_add(text, " explain that of ");
	text_start(text, latency);
	str_addf(text, "? %s: ", answer);
	text_start(text, load);
	str_add(text, " was about ");
	text_quantity(text, load, growth->load);
	str_add(text, " (usual ");
	text_quantity(text, load, growth->load_usual);
	str_add(text, "), ");
	text_start(text, latency);
	str_add(text, " about ");
	text_quantity(text, latency, growth->latency);
	str_add(text, " (usual ");
	text_quantity(text, latency, growth->latency_usual);
	str_add(text, "); so much load used to go with about ");
	text_quantity(text, latency, growth->with_load);
	str_add_char(text, '.');
}

static void add_load(struct findings *findings, const struct view *latency, const struct growth *growth)
{
	struct str text;

	str_init(&text, 2 * FINDINGS_TEXT_MAX);
	say(&text, latency, growth);
	findings_add(findings, latency, FINDING_LOAD, (struct finding){
		.other = growth->load_view->index,
		.from_ms = view_time(latency, latency->moved.from),
		.to_ms = view_time(latency, latency->moved.to),
		.at_ms = view_time(latency, latency->moved.from),
		.strength = 0.5 * latency->moved.ratio / (1 + latency->moved.ratio),
		.value = share(growth),
		.expected = growth->with_load,
		.limit = NAN,
		.text = str_take(&text),
	});
}

/* One answer a latency, by the load that explains most of it: where everything moves, the answers stay few. */
static void answer(struct findings *findings, const struct view *latency, const struct view *views, size_t count)
{
	struct growth most[LOADS_MAX], *best = NULL;
	size_t kept = grown(latency, views, count, most);

	for (size_t i = 0; i < kept; i++) {
		double slope = usual_slope(latency, most[i].load_view);

		if (isnan(slope))
			continue;
		most[i].with_load = most[i].latency_usual + fmax(0, slope * (most[i].load - most[i].load_usual));
		if (best == NULL || share(&most[i]) > share(best))
			best = &most[i];
	}
	if (best != NULL)
		add_load(findings, latency, best);
}

static bool is_slow(const struct view *view)
{
	return view->subject->latency && view->moves && view->moved.sign > 0;
}

void findings_load(struct findings *findings, const struct view *views, size_t count)
{
	bool *answered = mem_alloc((count + 1) * sizeof(*answered));

	for (size_t n = 0; n < ANSWERS_MAX; n++) {
		size_t slowest = count;

		for (size_t i = 0; i < count; i++)
			if (!answered[i] && is_slow(&views[i]) &&
			    (slowest == count || views[i].moved.ratio > views[slowest].moved.ratio))
				slowest = i;
		if (slowest == count)
			break;
		answered[slowest] = true;
		answer(findings, &views[slowest], views, count);
	}
	free(answered);
}
