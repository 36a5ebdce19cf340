/* Does the growth of requests explain the growth of latency? By how the two went together in the baseline. */
#include <math.h>

#include "bot/findings_private.h"
#include "bot/trend.h"

#define GREW 0.1       /* requests: less is no growth */
#define PAIRS_MAX 300
#define PAIRS_LEAST 30
#define EXPLAINED 0.7  /* of the growth of latency */
#define PARTLY 0.25

struct growth {
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

static bool measure(const struct view *latency, const struct view *load, struct growth *growth)
{
	const struct episode *e = &latency->moved;
	int64_t from = (int64_t)e->from + shift_of(latency, load), to = from + (int64_t)(e->to - e->from);
	double slope = usual_slope(latency, load);

	if (from < 0 || to > (int64_t)load->end || isnan(slope))
		return false;
	*growth = (struct growth){
		.latency = view_median(latency->x, e->from, e->to),
		.latency_usual = view_median(latency->expected, e->from, e->to),
		.load = view_median(load->x, (size_t)from, (size_t)to),
		.load_usual = view_median(load->expected, (size_t)from, (size_t)to),
	};
	growth->with_load = growth->latency_usual + fmax(0, slope * (growth->load - growth->load_usual));
	return growth->latency > growth->latency_usual && growth->load_usual > 0 && !isnan(growth->load);
}

static double share(const struct growth *growth)
{
	if (growth->load < (1 + GREW) * growth->load_usual)
		return 0;
	return fmin(1, (growth->with_load - growth->latency_usual) / (growth->latency - growth->latency_usual));
}

static void say(struct str *text, const struct view *latency, const struct view *load, const struct growth *growth)
{
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

static void add_load(struct findings *findings, const struct view *latency, const struct view *load)
{
	struct growth growth;
	struct str text;

	if (!measure(latency, load, &growth))
		return;
	str_init(&text, 2 * FINDINGS_TEXT_MAX);
	say(&text, latency, load, &growth);
	findings_add(findings, latency, FINDING_LOAD, (struct finding){
		.other = load->index,
		.from_ms = view_time(latency, latency->moved.from),
		.to_ms = view_time(latency, latency->moved.to),
		.at_ms = view_time(latency, latency->moved.from),
		.strength = 0.5 * latency->moved.ratio / (1 + latency->moved.ratio),
		.value = share(&growth),
		.expected = growth.with_load,
		.limit = NAN,
		.text = str_take(&text),
	});
}

void findings_load(struct findings *findings, const struct view *views, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct view *latency = &views[i];

		if (!latency->subject->latency || !latency->moves || latency->moved.sign < 0)
			continue;
		for (size_t j = 0; j < count; j++) {
			const struct view *load = &views[j];

			if (load->subject->load && i != j && load->pattern != PATTERN_NONE &&
			    view_same_grid(load, latency))
				add_load(findings, latency, load);
		}
	}
}
