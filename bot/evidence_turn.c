/* Where the values of a line turn: they leave what is quiet, or return to it. A time is founded by that,
 * although no text of the data has it. */
#include <math.h>
#include <stdlib.h>

#include "bot/evidence_private.h"

#define OUT 0.3        /* of the greatest distance from the quiet level: surely outside */
#define QUIET_SPREAD 4 /* times the usual distance: still quiet */
#define POINTS_MIN 8

struct quiet {
	double level, out, near; /* outside from `out` on, quiet up to `near` from the level */
};

/* The quiet level is what most values lie around; where as much lies far from it as near, there is none. */
static bool find_quiet(struct evidence_line *line, struct quiet *quiet)
{
	const double *sorted = evidence_line_sorted(line);
	size_t count = line->count, far = 0;
	double low, high;

	if (count < POINTS_MIN)
		return false;
	quiet->level = sorted[count / 2];
	low = quiet->level - sorted[0];
	high = sorted[count - 1] - quiet->level;
	quiet->out = OUT * fmax(low, high);
	/* Half of all values lie within this. */
	quiet->near =
	    QUIET_SPREAD * fmax(sorted[count * 3 / 4] - quiet->level, quiet->level - sorted[count / 4]);
	quiet->near = fmin(quiet->near, quiet->out);
	for (size_t i = 0; i < count; i++)
		far += fabs(sorted[i] - quiet->level) > quiet->out ? 1 : 0;
	return quiet->out > 0 && far > 0 && far * 2 < count + 2;
}

/* Back from the first value outside to the first that was no longer quiet. */
static size_t left_quiet_at(const struct evidence_line *line, const struct quiet *quiet, size_t i)
{
	while (i > 0 && fabs(line->points[i - 1].value - quiet->level) > quiet->near)
		i--;
	return i;
}

/* On from the last value outside to the first that is quiet again. */
static size_t quiet_again_at(const struct evidence_line *line, const struct quiet *quiet, size_t i)
{
	while (i + 1 < line->count && fabs(line->points[i].value - quiet->level) > quiet->near)
		i++;
	return i;
}

size_t evidence_line_turns(struct evidence_line *line, struct evidence_turn *turns, size_t max)
{
	struct quiet quiet;
	bool was_out = false;
	size_t count = 0;

	if (line->coarse || !find_quiet(line, &quiet))
		return 0;
	for (size_t i = 0; i < line->count; i++) {
		bool out = fabs(line->points[i].value - quiet.level) > quiet.out;
		struct evidence_turn turn = { line->points[i].at_s, 0, out };

		if (i > 0 && out != was_out) {
			turn.also_s =
			    line->points[out ? left_quiet_at(line, &quiet, i) : quiet_again_at(line, &quiet, i)]
				.at_s;
			if (count == max) /* it turns all the time: none of them says anything */
				return 0;
			turns[count++] = turn;
		}
		was_out = out;
	}
	return count;
}
