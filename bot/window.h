/*
 * window.h - the last values of a stream, always sorted: quantiles and nearest neighbours at any moment.
 *
 * Adding costs a binary search and a move of memory; a full window forgets its oldest value. Finite values only.
 */
#ifndef BOT_WINDOW_H
#define BOT_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct window {
	double *sorted;
	uint32_t *serials; /* of the values in `sorted`: the how-manieth it was */
	double *ring;    /* in order of arrival */
	size_t count, capacity;
	size_t added;    /* ever; the next one's serial; below 2^32 */
};

void window_init(struct window *window, size_t capacity); /* capacity > 0 */
void window_free(struct window *window);
void window_add(struct window *window, double value);

double window_quantile(const struct window *window, double q); /* q: 0 ... 1; type 7; NaN when empty */
double window_nearest(const struct window *window, double value); /* distance to it; infinite when empty */
/*
 * How far one must go from `value` until values of `episodes` (at most 8) different times were met: two
 * values less than `apart` additions from each other are of one time. Infinite when there are not so many.
 */
double window_nearest_episodes(const struct window *window, double value, size_t episodes, size_t apart);

#endif
