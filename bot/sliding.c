#include "bot/sliding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

#define NO_RANK UINT32_MAX
#define SIGN (UINT64_C(1) << 63)
#define DIGITS 8 /* of a key, of eight bits each */
#define WORD 64

struct item {
	uint64_t key;
	uint32_t at;
};

/* In the order of the values: a double's bits are, but for the sign. */
static uint64_t key_of(double value)
{
	double plain = value + 0.0; /* -0 is 0 */
	uint64_t bits;

	memcpy(&bits, &plain, sizeof(bits));
	return (bits & SIGN) != 0 ? ~bits : bits | SIGN;
}

static double value_of(uint64_t key)
{
	uint64_t bits = (key & SIGN) != 0 ? key & ~SIGN : ~key;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static unsigned digit_of(uint64_t key, unsigned digit)
{
	return (unsigned)(key >> (8 * digit)) & 0xff;
}

/* By one digit, those that have the same in the order they have. */
static void sort_by_digit(const struct item *from, struct item *to, size_t count, unsigned digit, const uint32_t *many)
{
	uint32_t next[256], sum = 0;

	for (unsigned d = 0; d < 256; d++) {
		next[d] = sum;
		sum += many[d];
	}
	for (size_t i = 0; i < count; i++)
		to[next[digit_of(from[i].key, digit)]++] = from[i];
}

/* Returns the sorted ones: items or spare. */
static struct item *sort_items(struct item *items, struct item *spare, size_t count)
{
	uint32_t many[DIGITS][256] = { { 0 } };
	struct item *sorted = items, *other = spare;

	for (size_t i = 0; i < count; i++)
		for (unsigned digit = 0; digit < DIGITS; digit++)
			many[digit][digit_of(items[i].key, digit)]++;
	for (unsigned digit = 0; digit < DIGITS && count > 0; digit++) {
		struct item *before = sorted;

		if (many[digit][digit_of(sorted[0].key, digit)] == count)
			continue; /* all have the same */
		sort_by_digit(sorted, other, count, digit, many[digit]);
		sorted = other;
		other = before;
	}
	return sorted;
}

void sliding_rank(struct sliding_ranks *ranks, const double *values, size_t count)
{
	struct item *items = mem_alloc((2 * count + 1) * sizeof(*items)), *sorted;

	*ranks = (struct sliding_ranks){ .values = values, .count = count };
	ranks->rank = mem_alloc((count + 1) * sizeof(*ranks->rank));
	ranks->sorted = mem_alloc((count + 1) * sizeof(*ranks->sorted));
	for (size_t i = 0; i < count; i++) {
		ranks->rank[i] = NO_RANK;
		if (!isnan(values[i]))
			items[ranks->known++] = (struct item){ key_of(values[i]), (uint32_t)i };
	}
	sorted = sort_items(items, items + count, ranks->known);
	for (size_t r = 0; r < ranks->known; r++) {
		ranks->rank[sorted[r].at] = (uint32_t)r;
		ranks->sorted[r] = value_of(sorted[r].key);
	}
	free(items);
}

void sliding_ranks_free(struct sliding_ranks *ranks)
{
	free(ranks->rank);
	free(ranks->sorted);
	*ranks = (struct sliding_ranks){ 0 };
}

void sliding_begin(struct sliding *window, const struct sliding_ranks *ranks)
{
	size_t words = ranks->known / WORD + 1;

	*window = (struct sliding){ .ranks = ranks };
	window->bits = mem_alloc(words * sizeof(*window->bits));
	window->in_word = mem_alloc(words);
}

void sliding_end(struct sliding *window)
{
	free(window->bits);
	free(window->in_word);
}

void sliding_put(struct sliding *window, size_t i)
{
	uint32_t rank = window->ranks->rank[i];

	if (rank == NO_RANK)
		return;
	window->bits[rank / WORD] |= UINT64_C(1) << rank % WORD;
	window->in_word[rank / WORD]++;
	window->below += rank / WORD < window->word;
	window->count++;
}

void sliding_take(struct sliding *window, size_t i)
{
	uint32_t rank = window->ranks->rank[i];

	if (rank == NO_RANK)
		return;
	window->bits[rank / WORD] &= ~(UINT64_C(1) << rank % WORD);
	window->in_word[rank / WORD]--;
	window->below -= rank / WORD < window->word;
	window->count--;
}

/* The value at that place among those in the window. */
static double at_place(struct sliding *window, size_t place)
{
	uint64_t bits;

	while (window->below > place)
		window->below -= window->in_word[--window->word];
	while (window->below + window->in_word[window->word] <= place)
		window->below += window->in_word[window->word++];
	bits = window->bits[window->word];
	for (size_t n = window->below; n < place; n++)
		bits &= bits - 1; /* without its lowest */
	return window->ranks->sorted[window->word * WORD + (size_t)__builtin_ctzll(bits)];
}

double sliding_median(struct sliding *window)
{
	double below;

	if (window->count == 0)
		return NAN;
	below = at_place(window, (window->count - 1) / 2);
	if (window->count % 2 != 0)
		return below;
	return below * 0.5 + at_place(window, window->count / 2) * 0.5;
}
