#include "bot/window.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

#define EPISODES_MAX 8
#define NEIGHBOURS_MAX 512 /* that are looked at; more of them lie that close only when the value is quite usual */

void window_init(struct window *window, size_t capacity)
{
	memset(window, 0, sizeof(*window));
	window->capacity = capacity;
	window->sorted = mem_alloc(capacity * sizeof(*window->sorted));
	window->serials = mem_alloc(capacity * sizeof(*window->serials));
	window->ring = mem_alloc(capacity * sizeof(*window->ring));
}

void window_free(struct window *window)
{
	free(window->sorted);
	free(window->serials);
	free(window->ring);
	memset(window, 0, sizeof(*window));
}

/* How many values are smaller; or, with `equal`, not greater. */
static size_t place_of(const struct window *window, double value, bool equal)
{
	size_t low = 0, high = window->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		double there = window->sorted[middle];

		if (there < value || (equal && there <= value))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Equal values stand in order of arrival, so the first of them is the oldest. */
static void forget_oldest(struct window *window)
{
	size_t at = place_of(window, window->ring[window->added % window->capacity], false);
	size_t behind = --window->count - at;

	memmove(window->sorted + at, window->sorted + at + 1, behind * sizeof(*window->sorted));
	memmove(window->serials + at, window->serials + at + 1, behind * sizeof(*window->serials));
}

void window_add(struct window *window, double value)
{
	size_t at, behind;

	if (window->count == window->capacity)
		forget_oldest(window);
	at = place_of(window, value, true);
	behind = window->count++ - at;
	memmove(window->sorted + at + 1, window->sorted + at, behind * sizeof(*window->sorted));
	memmove(window->serials + at + 1, window->serials + at, behind * sizeof(*window->serials));
	window->sorted[at] = value;
	window->serials[at] = (uint32_t)window->added;
	window->ring[window->added++ % window->capacity] = value;
}

double window_quantile(const struct window *window, double q)
{
	double place, share;
	size_t rank;

	if (window->count == 0)
		return NAN;
	place = q * (double)(window->count - 1);
	rank = (size_t)place;
	if (rank + 1 >= window->count)
		return window->sorted[window->count - 1];
	share = place - (double)rank;
	return window->sorted[rank] * (1.0 - share) + window->sorted[rank + 1] * share;
}

static bool is_new_episode(const size_t *met, size_t count, size_t serial, size_t apart)
{
	for (size_t i = 0; i < count; i++)
		if ((met[i] > serial ? met[i] - serial : serial - met[i]) < apart)
			return false;
	return true;
}

double window_nearest_episodes(const struct window *window, double value, size_t episodes, size_t apart)
{
	size_t met[EPISODES_MAX], count = 0;
	size_t above = place_of(window, value, false), below = above; /* below: one behind the next */
	double distance = INFINITY;

	for (size_t i = 0; count < episodes && i < NEIGHBOURS_MAX; i++) {
		double down = below > 0 ? value - window->sorted[below - 1] : INFINITY;
		double up = above < window->count ? window->sorted[above] - value : INFINITY;
		size_t serial;

		if (isinf(down) && isinf(up))
			return INFINITY;
		distance = down <= up ? down : up;
		serial = window->serials[down <= up ? --below : above++];
		if (is_new_episode(met, count, serial, apart))
			met[count++] = serial;
	}
	return distance;
}

double window_nearest(const struct window *window, double value)
{
	return window_nearest_episodes(window, value, 1, 0);
}
