#include "bot/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "bot/clock.h"

static uint64_t test_state;

/* splitmix64: good enough for repeatable tests, never used otherwise. */
static uint64_t test_next(void)
{
	uint64_t z = (test_state += 0x9E3779B97F4A7C15u);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

uint64_t random_u64(void)
{
	uint64_t value;

	if (test_state != 0)
		return test_next();
	if (getrandom(&value, sizeof(value), 0) != (ssize_t)sizeof(value))
		abort(); /* cannot fail for 8 bytes after boot; keys made from nothing must not exist */
	return value;
}

int64_t random_up_to(int64_t limit)
{
	if (limit <= 0)
		return 0;
	return (int64_t)(random_u64() % ((uint64_t)limit + 1));
}

void random_hex(char *out, unsigned count)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < count; i++) {
		if (i % 8 == 0)
			value = random_u64();
		(void)snprintf(out + (size_t)i * 2, 3, "%02x", (unsigned)(value & 0xFF));
		value >>= 8;
	}
	out[(size_t)count * 2] = '\0';
}

void random_seed_for_tests(uint64_t seed)
{
	test_state = seed;
}

int64_t random_backoff_ms(unsigned attempt, int64_t base_ms, int64_t cap_ms)
{
	int64_t limit = base_ms;

	for (unsigned i = 1; i < attempt && limit < cap_ms; i++)
		limit *= 2;
	if (limit > cap_ms)
		limit = cap_ms;
	return clock_wait_ms(random_up_to(limit));
}
