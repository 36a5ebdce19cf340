/* A series that always moved stands still. */
#include <math.h>

#include "bot/findings_private.h"

#define SURE_LEAST 15.0   /* -ln of how likely so many equal values would be by the series' habit */
#define EQUAL_LEAST 0.02
#define EQUAL_MOST 0.5    /* a series that so often stands still is no mover */
#define RUN_LEAST 6
#define RUN_LEAST_MS (30 * MINUTE_MS)
#define LONGER 2          /* than the longest run there was */

struct run {
	size_t from, to, values; /* known ones, all equal */
};

static bool same(double a, double b)
{
	return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

/* The run of equal values that begins at the first known value from `from` on, before `to`; gaps are passed over. */
static struct run run_at(const struct view *view, size_t from, size_t to)
{
	struct run run = { from, from, 0 };

	for (size_t i = from; i < to; i++) {
		if (isnan(view->x[i]))
			continue;
		if (run.values != 0 && !same(view->x[i], view->x[run.from]))
			break;
		if (run.values++ == 0)
			run.from = i;
		run.to = i + 1;
	}
	return run;
}

/* The baseline's longest run; *equal: how often a value was that of the one before. */
static size_t habit(const struct view *view, double *equal)
{
	size_t longest = 0, pairs = 0, alike = 0;

	for (size_t i = 0; i < view->judged;) {
		struct run run = run_at(view, i, view->judged);

		if (run.values == 0)
			break;
		longest = run.values > longest ? run.values : longest;
		alike += run.values - 1;
		pairs += run.values;
		i = run.to;
	}
	*equal = pairs == 0 ? 1 : (double)alike / (double)pairs;
	return longest;
}

static void add_flat(struct findings *findings, const struct view *view, const struct run *run, size_t longest,
                     double sure)
{
	bool lasts = run->to == view->end;
	struct str text;

	str_init(&text, FINDINGS_TEXT_MAX);
	text_start(&text, view);
	str_add(&text, " stands still at ");
	text_quantity(&text, view, view->x[run->from]);
	str_addf(&text, " %s ", lasts ? "since" : "from");
	text_time(&text, view, view_time(view, run->from));
	if (!lasts) {
		str_add(&text, " to ");
		text_time(&text, view, view_time(view, run->to));
	}
	str_addf(&text, ": %zu equal values in a row, before that never more than %zu%s", run->values, longest,
	         lasts ? "; still so at the end." : ".");
	findings_add(findings, view, FINDING_FLAT, (struct finding){
		.from_ms = view_time(view, run->from),
		.to_ms = view_time(view, run->to),
		.at_ms = view_time(view, run->from),
		.strength = finding_strength(sure / SURE_LEAST),
		.value = view->x[run->from],
		.expected = NAN,
		.limit = NAN,
		.text = str_take(&text),
	});
}

/* One that begins with a jump is told as the change it is: "fell to 0". */
static bool jumped(const struct view *view, const struct run *run)
{
	return view->pattern != PATTERN_NONE && !(fabs(view->z[run->from]) < 4);
}

void findings_flat(struct findings *findings, const struct view *view)
{
	double equal, sure;
	size_t longest = habit(view, &equal);

	if (view->known < 2 * RUN_LEAST || equal > EQUAL_MOST)
		return;
	for (size_t i = view->judged; i < view->end;) {
		struct run run = run_at(view, i, view->end);

		if (run.values == 0)
			return;
		i = run.to;
		sure = -log(fmax(equal, EQUAL_LEAST)) * (double)(run.values - 1);
		if (run.values >= RUN_LEAST && (int64_t)(run.to - run.from) * view->step_ms >= RUN_LEAST_MS &&
		    run.values > LONGER * longest && sure >= SURE_LEAST && !jumped(view, &run))
			add_flat(findings, view, &run, longest, sure);
	}
}
