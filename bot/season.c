#include "bot/season.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/statistics.h"

#define DAY_MS 86400000
#define SLOTS 288
#define SLOT_MS (DAY_MS / SLOTS)
#define DAYS 28
#define USUAL_DAYS 14      /* that say what is usual now */
#define RECENT_DAYS 3
#define HOUR_SLOTS 12
#define NEIGHBOUR_SLOTS 1  /* to each side: a single slot's mean is noisy */
#define WIDEST_SLOTS (SLOTS / 4)
#define LEAST_SPREAD 0.25  /* of the usual excursion: what is a quarter more than usual still recurs */
#define NO_SLOT INT64_MIN

struct slot {
	int64_t number;
	size_t count;
	double mean, least, greatest;
};

struct season {
	struct slot slots[SLOTS * DAYS];
};

struct season *season_new(void)
{
	struct season *season = mem_alloc(sizeof(*season));

	for (size_t i = 0; i < SLOTS * DAYS; i++)
		season->slots[i].number = NO_SLOT;
	return season;
}

void season_free(struct season *season)
{
	free(season);
}

static int64_t floor_divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0 ? 1 : 0);
}

static int64_t remainder_of(int64_t value, int64_t by)
{
	return value - by * floor_divide(value, by);
}

/* Slots are numbered through all days since 1970, so that midnight is no border. */
static size_t place_of(int64_t number)
{
	return (size_t)remainder_of(number, (int64_t)SLOTS * DAYS);
}

static const struct slot *known_slot(const struct season *season, int64_t number)
{
	const struct slot *slot = &season->slots[place_of(number)];

	return slot->number == number ? slot : NULL;
}

void season_add(struct season *season, int64_t at_ms, double value)
{
	int64_t number = floor_divide(at_ms, SLOT_MS);
	struct slot *slot = &season->slots[place_of(number)];

	if (slot->number != number)
		*slot = (struct slot){ .number = number, .least = value, .greatest = value };
	slot->count++;
	slot->mean += (value - slot->mean) / (double)slot->count;
	slot->least = value < slot->least ? value : slot->least;
	slot->greatest = value > slot->greatest ? value : slot->greatest;
}

static double mean_around(const struct season *season, int64_t number)
{
	double sum = 0.0, count = 0.0;

	for (int64_t n = number - NEIGHBOUR_SLOTS; n <= number + NEIGHBOUR_SLOTS; n++) {
		const struct slot *slot = known_slot(season, n);

		if (slot != NULL) {
			sum += slot->mean * (double)slot->count;
			count += (double)slot->count;
		}
	}
	return count > 0.0 ? sum / count : NAN;
}

static bool is_weekend(int64_t day)
{
	return remainder_of(day + 3, 7) >= 5; /* 1970 began on a Thursday */
}

static double closest(const double *means, size_t count, double value, double residual)
{
	double other;

	if (count == 0)
		return residual;
	other = value - statistics_median(means, count);
	return fabs(other) < fabs(residual) ? other : residual;
}

bool season_residual(const struct season *season, int64_t at_ms, double value, bool any_day, double *residual)
{
	int64_t number = floor_divide(at_ms, SLOT_MS), today = floor_divide(number, SLOTS);
	double same_kind[DAYS], same_weekday[DAYS / 7];
	size_t kinds = 0, weekdays = 0, usual = 0;

	for (int64_t ago = 1; ago < DAYS; ago++) {
		double mean;

		if (!any_day && is_weekend(today - ago) != is_weekend(today))
			continue;
		mean = mean_around(season, number - ago * SLOTS);
		if (isnan(mean))
			continue;
		same_kind[kinds++] = mean;
		usual += ago <= USUAL_DAYS ? 1 : 0;
		if (ago % 7 == 0)
			same_weekday[weekdays++] = mean;
	}
	if (usual < SEASON_DAYS_LEAST)
		return false;
	*residual = closest(same_kind, kinds < RECENT_DAYS ? kinds : RECENT_DAYS, value, INFINITY);
	*residual = closest(same_kind, usual, value, *residual);
	*residual = closest(same_weekday, weekdays, value, *residual);
	return true;
}

/* The greatest excursion from the centre, to one side, in slots [first, end); negative when all lay on the other. */
static double excursion(const struct season *season, int64_t first, int64_t end, double centre, bool up)
{
	double most = -INFINITY;

	for (int64_t n = first; n < end; n++) {
		const struct slot *slot = known_slot(season, n);

		if (slot != NULL)
			most = fmax(most, up ? slot->greatest - centre : centre - slot->least);
	}
	return most;
}

/* The greatest excursion of that day within `width` slots of this time of day; not finite when there are no values. */
static double excursion_of_day(const struct season *season, int64_t number, int64_t ago, int64_t width, double centre,
                               bool up)
{
	int64_t today = floor_divide(number, SLOTS) * SLOTS, middle = number - ago * SLOTS, end = middle + width + 1;

	return excursion(season, middle - width, end < today ? end : today, centre, up);
}

/* In standard deviations; of one day alone nobody knows them. */
static double beyond(double excursion, double usual, double scale)
{
	return (excursion - usual) / fmax(fmax(scale, LEAST_SPREAD * fabs(usual)), 1e-300);
}

double season_excess(const struct season *season, int64_t at_ms, int64_t step_ms, double value, double centre)
{
	int64_t number = floor_divide(at_ms, SLOT_MS), width = step_ms / SLOT_MS + 1;
	double reached[USUAL_DAYS], most = fabs(value - centre), median, excess, last_week;
	bool up = value >= centre;
	size_t days = 0;

	width = width < HOUR_SLOTS ? HOUR_SLOTS : width > WIDEST_SLOTS ? WIDEST_SLOTS : width;
	for (int64_t ago = 1; ago <= USUAL_DAYS; ago++) {
		double of_day = excursion_of_day(season, number, ago, width, centre, up);

		if (isfinite(of_day))
			reached[days++] = of_day;
	}
	if (days < SEASON_DAYS_LEAST)
		return INFINITY;
	median = statistics_median(reached, days);
	excess = beyond(most, median, STATISTICS_MAD_TO_SIGMA * statistics_mad(reached, days, median));
	/* To come at the same hour of the week by chance is as unlikely as at the same hour of two days running. */
	last_week = excursion_of_day(season, number, 7, width, centre, up);
	return last_week > 0 ? fmin(excess, beyond(most, last_week, 0)) : excess;
}
