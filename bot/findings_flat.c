/* A series that always moved stands still. */
#include <math.h>

#include "bot/findings_private.h"

#define SURE_LEAST 15.0   /* -ln of how likely so many equal values would be by the series' habit */
#define EQUAL_LEAST 0.02
#define EQUAL_MOST 0.5    /* a series that so often stands still is no mover */
#define RUN_LEAST 6
#define RUN_LEAST_MS (30 * MINUTE_MS)
#define LONGER 2          /* than the longest run there was */
#define OFF 2.5           /* scales */
#define JUMP 4.0
#define MOSTLY 0.75       /* of the values */

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

/* The first bucket of the run that the judged range's first known value is of; view->end: none is known. */
static size_t run_begin(const struct view *view)
{
	size_t first = view->judged, begin;

	while (first < view->end && isnan(view->x[first]))
		first++;
	begin = first;
	for (size_t i = first; i > 0 && first < view->end; i--) {
		if (isnan(view->x[i - 1]))
			continue;
		if (!same(view->x[i - 1], view->x[first]))
			break;
		begin = i - 1;
	}
	return begin;
}

/* The longest run before `until`; *equal: how often a value was that of the one before. */
static size_t longest_run(const struct view *view, size_t until, double *equal)
{
	size_t longest = 0, pairs = 0, alike = 0;

	for (size_t i = 0; i < until;) {
		struct run run = run_at(view, i, until);

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
	text_first_time(&text, view, view_time(view, run->from));
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

/* Off what is expected on one side nearly all the time. */
static bool is_level(const struct view *view, const struct run *run)
{
	size_t above = 0, below = 0;

	for (size_t i = run->from; i < run->to && view->pattern != PATTERN_NONE; i++) {
		above += view->z[i] >= OFF ? 1 : 0; /* not NaN */
		below += view->z[i] <= -OFF ? 1 : 0;
	}
	return (double)(above > below ? above : below) >= MOSTLY * (double)run->values;
}

/* To another level, at which it then stands still: that is judged as the change it is. */
static bool jumped(const struct view *view, const struct run *run)
{
	return view->pattern != PATTERN_NONE && !(fabs(view->z[run->from]) < JUMP) && is_level(view, run);
}

struct habit {
	size_t begin;   /* of what is looked at */
	size_t longest; /* run before that */
	double equal;
	bool moves;
};

static struct habit find_habit(const struct view *view)
{
	struct habit habit = { .begin = run_begin(view) };

	habit.longest = longest_run(view, habit.begin < view->judged ? habit.begin : view->judged, &habit.equal);
	habit.moves = view->known >= 2 * RUN_LEAST && habit.equal <= EQUAL_MOST;
	return habit;
}

/* How unlikely the run is by that habit, 0: not worth a word. */
static double sureness(const struct view *view, const struct habit *habit, const struct run *run)
{
	double sure = -log(fmax(habit->equal, EQUAL_LEAST)) * (double)(run->values - 1);

	return run->values >= RUN_LEAST && (int64_t)(run->to - run->from) * view->step_ms >= RUN_LEAST_MS &&
	       run->values > LONGER * habit->longest && sure >= SURE_LEAST ? sure : 0;
}

bool findings_is_flat(const struct view *view, const struct episode *e)
{
	struct habit habit = find_habit(view);

	for (size_t i = habit.begin; i < e->to && habit.moves;) {
		struct run run = run_at(view, i, view->end);
		size_t from = run.from > e->from ? run.from : e->from, to = run.to < e->to ? run.to : e->to;

		if (run.values == 0)
			break;
		if (from < to && (double)(to - from) >= MOSTLY * (double)(e->to - e->from) &&
		    sureness(view, &habit, &run) > 0 && !jumped(view, &run))
			return true;
		i = run.to;
	}
	return false;
}

void findings_flat(struct findings *findings, const struct view *view)
{
	struct habit habit = find_habit(view);

	for (size_t i = habit.begin; i < view->end && habit.moves;) {
		struct run run = run_at(view, i, view->end);
		double sure;

		if (run.values == 0)
			return;
		i = run.to;
		sure = sureness(view, &habit, &run);
		if (sure > 0 && !jumped(view, &run) &&
		    !findings_overlap(findings, view, FINDING_SUDDEN, run.from, run.to) &&
		    !findings_overlap(findings, view, FINDING_LEVEL_SHIFT, run.from, run.to))
			add_flat(findings, view, &run, habit.longest, sure);
	}
}
