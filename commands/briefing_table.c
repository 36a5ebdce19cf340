/* Values as lines of a table: the range that is asked about as fine as there is room, what was before it coarser.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

/* Groups that a person would choose: 1, 2, 3, 5, 6, 10... buckets. */
static size_t group_of(size_t buckets, size_t lines)
{
	static const size_t nice[] = { 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440 };

	for (size_t i = 0; i < sizeof(nice) / sizeof(nice[0]); i++)
		if (nice[i] * lines >= buckets)
			return nice[i];
	return (buckets + lines - 1) / lines;
}

void briefing_grids(const struct briefing *briefing, const struct series *series, size_t lines,
                    struct briefing_grids *grids)
{
	size_t begin = series_index(series, briefing->range.from_ms - briefing_before_ms(briefing));
	size_t from = series_index(series, briefing->range.from_ms);
	size_t until = series_index(series, briefing->range.until_ms);
	size_t of_range = lines - lines / 4, of_before = lines / 4 == 0 ? 1 : lines / 4;

	grids->range = (struct briefing_grid){ from, until,
		                               group_of(until - from, of_range == 0 ? 1 : of_range) };
	grids->before = (struct briefing_grid){ begin, from, group_of(from - begin, of_before) };
	if (grids->before.each < grids->range.each)
		grids->before.each = grids->range.each;
}

struct group {
	double sum, least, greatest;
	size_t known;
};

static struct group group_values(const struct series *series, size_t from, size_t until)
{
	struct group group = { 0, NAN, NAN, 0 };

	for (size_t i = from; i < until; i++) {
		double value = series->values[i];

		if (isnan(value))
			continue;
		group.least = group.known == 0 ? value : fmin(group.least, value);
		group.greatest = group.known == 0 ? value : fmax(group.greatest, value);
		group.sum += value;
		group.known++;
	}
	return group;
}

static size_t group_end(const struct briefing_grid *grid, size_t i)
{
	return i + grid->each < grid->until ? i + grid->each : grid->until;
}

static void say_row(struct str *out, const struct group *group, bool alone)
{
	if (group->known == 0)
		str_add(out, " -\n"); /* a gap is not zero */
	else if (alone)
		str_addf(out, " %.4g\n", group->sum);
	else
		str_addf(out, " %.4g %.4g %.4g\n", group->sum / (double)group->known, group->least,
		         group->greatest);
}

void briefing_say_table(struct str *out, const struct briefing *briefing, const struct series *series,
                        const struct briefing_grid *grid)
{
	bool alone = grid->each == 1;
	char step[CLOCK_TEXT_SIZE];

	if (grid->from >= grid->until)
		return;
	clock_format_duration((int64_t)grid->each * series->step_ms, step);
	str_addf(out, "a line each %s: %s\n", step, alone ? "time value" : "time mean least greatest");
	for (size_t i = grid->from; i < grid->until; i += grid->each) {
		struct group group = group_values(series, i, group_end(grid, i));

		briefing_say_time(out, briefing, series_time(series, i), briefing->now_ms);
		say_row(out, &group, alone);
	}
}

void briefing_grid_means(const struct series *series, const struct briefing_grid *grid, struct series *means)
{
	size_t count = grid->from >= grid->until ? 0 : (grid->until - grid->from + grid->each - 1) / grid->each;

	series_make_empty(means, series_time(series, grid->from), (int64_t)grid->each * series->step_ms, count);
	for (size_t i = 0; i < count; i++) {
		size_t from = grid->from + i * grid->each;
		struct group group = group_values(series, from, group_end(grid, from));

		means->values[i] = group.known == 0 ? NAN : group.sum / (double)group.known;
	}
}
