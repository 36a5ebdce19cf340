/*
 * correlation.h - do two series rise and fall together, and which of them first? Spearman's rank correlation.
 *
 * NaN is a gap: a pair with one is left out.
 */
#ifndef BOT_CORRELATION_H
#define BOT_CORRELATION_H

#include <stdbool.h>
#include <stddef.h>

/* The ranks 1 ... n of the known values, equal ones their mean rank; NaN where the value is. */
void correlation_ranks(const double *values, size_t count, double *ranks);

/* -1 ... 1 over the pairs that are known on both sides, *used of them; NaN when one side stands still. */
double correlation_spearman(const double *a, const double *b, size_t count, size_t *used);

struct correlation {
	int lag;     /* b moves so many steps after a; negative: before */
	double rho;  /* at that lag */
	size_t used; /* pairs */
};

/*
 * The lag of -lag_max ... lag_max with the greatest |rho|, but none unless another is clearly better. Looked for with
 * the ranks of the whole series, stated for the pairs that meet. False when nowhere `least` pairs meet, when one side
 * stands still, or when |rho| is below 0.3 everywhere.
 */
bool correlation_best(const double *a, const double *b, size_t count, int lag_max, size_t least,
                      struct correlation *best);

#endif
