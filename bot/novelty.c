#include "bot/novelty.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* What makes a value new: each is a ratio that must reach 1. docs/FINDINGS.md gives the reasons. */
#define DISTANCE_DEMAND 2.5    /* times the 99th percentile of all distances, both above their median */
#define SPREAD_DEMAND 0.74     /* times the median excursion: half a standard deviation of normal noise */
#define EXCURSION_DEMAND 0.06  /* times its own distance to the median */
#define RESOLUTION_DEMAND 1.5  /* times the least difference ever seen, for what is a multiple of it */
/* What makes a value extreme, though a few such were seen. */
#define EXTREME_DEMAND 10.0    /* mean excesses beyond the 99th percentile of the excursions */
#define PRECEDENTS 3           /* times that it may have happened before */
#define PRECEDENT_DEMAND 3.0   /* mean excesses that make it another thing than those */
#define PRECEDENT_APART 12     /* values between two times */

#define VALUES_LEAST 8
#define DISTANCES_LEAST 16
#define DOUBT 100.0            /* distances after which half of the doubt about them is gone */
#define TAIL_SHARE 100         /* the greatest 1 % are the tail, */
#define TAIL_LEAST 8           /* or as many */
#define DEVIATION_SHARE 0.1    /* of the 99th percentile: the spread of what mostly stands still */
#define TAIL_FLOOR 0.1         /* of the 99th percentile */
#define MULTIPLE 1e-6          /* of the resolution: what is nearer to a multiple is one */
#define ROUNDING 1e-9          /* of the level: what is smaller may be rounding */

void novelty_init(struct novelty *novelty, size_t capacity, double tail_demand)
{
	memset(novelty, 0, sizeof(*novelty));
	window_init(&novelty->values, capacity);
	window_init(&novelty->excursions, capacity);
	window_init(&novelty->distances, capacity);
	novelty->resolution = INFINITY;
	novelty->tail_demand = tail_demand;
}

void novelty_free(struct novelty *novelty)
{
	window_free(&novelty->values);
	window_free(&novelty->excursions);
	window_free(&novelty->distances);
}

double novelty_centre(const struct novelty *novelty)
{
	return window_quantile(&novelty->values, 0.5);
}

/* The value that came NOVELTY_LAG ago becomes a precedent. */
static void remember(struct novelty *novelty, double value)
{
	const size_t size = NOVELTY_LAG + 1;
	double *oldest = &novelty->waiting[novelty->seen % size];

	if (novelty->seen++ >= size) {
		double apart = window_nearest(&novelty->values, *oldest);

		if (apart > 0.0 && apart < novelty->resolution)
			novelty->resolution = apart;
		window_add(&novelty->values, *oldest);
	}
	*oldest = value;
}

struct tail {
	double begin;  /* the 99th percentile of the excursions */
	double excess; /* how far those beyond it lie beyond it, as the mean of an exponential tail */
	double spread;
};

static struct tail tail_of(const struct window *excursions, double rounding)
{
	size_t count = excursions->count, size = count / TAIL_SHARE;
	struct tail tail;
	double middle;

	size = size < TAIL_LEAST ? TAIL_LEAST : size;
	tail.begin = excursions->sorted[count - 1 - size];
	middle = window_quantile(excursions, 1.0 - (double)size / (double)count / 2.0);
	tail.spread = fmax(window_quantile(excursions, 0.5),
	                   DEVIATION_SHARE * window_quantile(excursions, 1.0 - 1.0 / TAIL_SHARE));
	tail.excess = (middle - tail.begin) / log(2.0);
	tail.excess = fmax(tail.excess, fmax(TAIL_FLOOR * tail.begin, SPREAD_DEMAND * tail.spread));
	tail.excess = fmax(tail.excess, rounding);
	return tail;
}

static double at_most(double ratio, double value, double demand)
{
	return demand > 0.0 ? fmin(ratio, value / demand) : ratio;
}

/* Never seen before. */
static double unseen(const struct novelty *novelty, const struct tail *tail, double excursion, double distance,
                     double rounding)
{
	double usual = window_quantile(&novelty->distances, 0.5);
	double rare = window_quantile(&novelty->distances, 0.99) - usual;
	double ratio = (distance - usual) / (DISTANCE_DEMAND * fmax(rare, rounding));

	ratio = at_most(ratio, distance, novelty->tail_demand * tail->excess);
	ratio = at_most(ratio, distance, SPREAD_DEMAND * tail->spread);
	return at_most(ratio, distance, EXCURSION_DEMAND * excursion);
}

/* Two values of a switch, 0 and 25, have no resolution of 25, as a 60 shows. A counter's 2 after 1 shows nothing. */
static bool is_multiple(double distance, double resolution, double rounding)
{
	return fabs(remainder(distance, resolution)) <= fmax(MULTIPLE * resolution, rounding);
}

/* What is one step beyond the known is no news where all values come in steps. */
static double at_most_resolved(const struct novelty *novelty, double ratio, double distance, double rounding)
{
	if (isinf(novelty->resolution) || !is_multiple(distance, novelty->resolution, rounding))
		return ratio;
	return at_most(ratio, distance, RESOLUTION_DEMAND * novelty->resolution);
}

/* Seen before, but so seldom and so far outside that it is news each time. */
static double extreme(const struct novelty *novelty, const struct tail *tail, double value, double excursion,
                      double rounding)
{
	double distance = window_nearest_episodes(&novelty->values, value, PRECEDENTS, PRECEDENT_APART);
	double ratio = (excursion - tail->begin) / (EXTREME_DEMAND * tail->excess);

	ratio = at_most(ratio, distance, PRECEDENT_DEMAND * tail->excess);
	return at_most_resolved(novelty, ratio, distance, rounding);
}

static double judge(const struct novelty *novelty, double value, double excursion, double distance, double centre)
{
	double rounding = fmax(ROUNDING * fabs(centre), 1e-300), ratio, known;
	struct tail tail;

	if (novelty->distances.count < DISTANCES_LEAST)
		return 0.0;
	tail = tail_of(&novelty->excursions, rounding);
	ratio = at_most_resolved(novelty, unseen(novelty, &tail, excursion, distance, rounding), distance, rounding);
	ratio = fmax(ratio, extreme(novelty, &tail, value, excursion, rounding));
	known = (double)novelty->distances.count;
	return fmax(ratio * known / (known + DOUBT), 0.0);
}

double novelty_add(struct novelty *novelty, double value)
{
	double centre, excursion, distance, surprise;

	remember(novelty, value);
	if (novelty->values.count < VALUES_LEAST)
		return 0.0;
	centre = novelty_centre(novelty);
	excursion = fabs(value - centre);
	distance = window_nearest(&novelty->values, value);
	surprise = judge(novelty, value, excursion, distance, centre);
	window_add(&novelty->excursions, excursion);
	window_add(&novelty->distances, distance);
	return surprise;
}
