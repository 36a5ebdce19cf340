/* random.h - the only source of randomness; tests make it repeatable. */
#ifndef BOT_RANDOM_H
#define BOT_RANDOM_H

#include <stdint.h>

uint64_t random_u64(void);
/* Full jitter: uniform in 0...limit, both included. limit < 0 counts as 0. */
int64_t random_up_to(int64_t limit);
/* `count` random bytes as 2*count lower-case hex digits and a NUL. count <= 32. */
void random_hex(char *out, unsigned count);
/* For tests: from now on a fixed sequence made from the seed; 0 restores the system's source. */
void random_seed_for_tests(uint64_t seed);

/* Delay before try number `attempt` (1 = first retry): full jitter over base * 2^(attempt-1),
 * at most cap; already shortened by the time scale. Milliseconds. */
int64_t random_backoff_ms(unsigned attempt, int64_t base_ms, int64_t cap_ms);

#endif
