/*
 * novelty.h - how new a value is to a stream, measured by how new its values usually are.
 *
 * The surprise of a value is 1 where it is worth a person's attention, whatever the scale and the level.
 */
#ifndef BOT_NOVELTY_H
#define BOT_NOVELTY_H

#include <stddef.h>

#include "bot/window.h"

#define NOVELTY_LAG 6 /* the last values are no precedents yet: an episode must not explain itself */

struct novelty {
	struct window values;     /* without the last NOVELTY_LAG */
	struct window excursions; /* |value - median|, as they were when each value came */
	struct window distances;  /* to the nearest earlier value, likewise */
	double waiting[NOVELTY_LAG + 1];
	size_t seen;
	double resolution;        /* the least distance between two different values; infinite at first */
	double tail_demand;       /* how many mean excesses of its tail a value must be away from all others */
};

void novelty_init(struct novelty *novelty, size_t capacity, double tail_demand);
void novelty_free(struct novelty *novelty);
double novelty_centre(const struct novelty *novelty); /* the median so far; NaN at first */
/* 0: nothing new, or too little is known. The value then belongs to what is known. */
double novelty_add(struct novelty *novelty, double value);

#endif
