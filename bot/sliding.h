/*
 * sliding.h - the median of a window from which a few values go while a few others come: each costs the same few steps,
 * however many are in it.
 *
 * The values are ranked once, for as many windows as one likes. A window is the set of the ranks that are in it; its
 * median is found from where the last one was. NaN has no rank: it may be put and taken, and counts for nothing.
 */
#ifndef BOT_SLIDING_H
#define BOT_SLIDING_H

#include <stddef.h>
#include <stdint.h>

struct sliding_ranks {
	const double *values; /* the caller's, and must stay */
	size_t count, known;
	uint32_t *rank;       /* of each value */
	double *sorted;       /* those that are known */
};

struct sliding {
	const struct sliding_ranks *ranks;
	uint64_t *bits;         /* one for each rank: it is in the window */
	unsigned char *in_word; /* how many of them are, in each 64 */
	size_t count;
	size_t word, below;     /* where the last median was, and how many are in the words before it */
};

/* Sorts by radix: count < 2^32. */
void sliding_rank(struct sliding_ranks *ranks, const double *values, size_t count);
void sliding_ranks_free(struct sliding_ranks *ranks);

/* An empty window. */
void sliding_begin(struct sliding *window, const struct sliding_ranks *ranks);
void sliding_end(struct sliding *window);
/* By index. A value must not be put twice, nor taken that is not in it. */
void sliding_put(struct sliding *window, size_t i);
void sliding_take(struct sliding *window, size_t i);
/* As statistics_median of what is in it: NaN when that is nothing. */
double sliding_median(struct sliding *window);

#endif
