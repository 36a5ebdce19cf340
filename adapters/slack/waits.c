#include "adapters/slack/waits.h"

#include "bot/clock.h"
#include "bot/random.h"

#define REFRESH_EARLY_MS 60000
#define LONGEST_LIFE_MS (INT64_C(30) * 24 * 3600 * 1000) /* more is nonsense */

int64_t slack_wait_stagger_ms(unsigned slot)
{
	return clock_wait_ms((int64_t)slot * 10000);
}

int64_t slack_wait_ping_ms(void)
{
	return clock_wait_ms(10000);
}

int64_t slack_wait_silence_ms(void)
{
	int64_t ms = clock_wait_ms(30000);

	return ms < 5000 ? 5000 : ms;
}

int64_t slack_wait_proven_ms(void)
{
	return clock_wait_ms(60000);
}

int64_t slack_wait_disabled_ms(void)
{
	return clock_wait_ms(300000);
}

static int64_t growing_ms(unsigned n, int64_t base_ms, int64_t max_ms)
{
	int64_t wait_ms = base_ms;

	for (unsigned i = 1; i < n && wait_ms < max_ms; i++)
		wait_ms *= 2;
	if (wait_ms > max_ms)
		wait_ms = max_ms;
	return clock_wait_ms(wait_ms / 2 + random_up_to(wait_ms / 2));
}

int64_t slack_wait_backoff_ms(unsigned n)
{
	return growing_ms(n, 1000, 60000);
}

int64_t slack_wait_replace_ms(unsigned n)
{
	return growing_ms(n, 1000, SLACK_DRAIN_MS / 2);
}

int64_t slack_wait_too_many_ms(unsigned n)
{
	return growing_ms(n, 60000, 600000);
}

int64_t slack_wait_refresh_ms(int64_t life_ms)
{
	if (life_ms <= 0 || life_ms > LONGEST_LIFE_MS)
		return 0;
	return life_ms > 2 * REFRESH_EARLY_MS ? life_ms - REFRESH_EARLY_MS : life_ms / 2;
}
