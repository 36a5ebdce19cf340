#include "adapters/aws/retry.h"

#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/random.h"

#define COST 5
#define COST_TIMEOUT 10
#define BASE_MS 1000
#define ASKED_ABOVE_BACKOFF_MS 5000
#define ASKED_DIGITS 9

void aws_retry_init(struct aws_retry_bucket *bucket)
{
	*bucket = (struct aws_retry_bucket){ AWS_RETRY_TOKENS, AWS_RETRY_TRIES, AWS_RETRY_CAP_MS };
}

static int64_t between(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

bool aws_retry_again(struct aws_retry_bucket *bucket, struct aws_retry *retry, bool timed_out, int64_t asked_ms,
                     int64_t *wait_ms)
{
	int64_t cost = timed_out ? COST_TIMEOUT : COST;

	if (retry->tries >= (retry->patient ? AWS_RETRY_PATIENT_TRIES : bucket->tries) || bucket->tokens < cost)
		return false;
	bucket->tokens -= cost;
	retry->cost = cost;
	*wait_ms = random_backoff_ms(retry->tries, BASE_MS, bucket->cap_ms);
	if (asked_ms > 0)
		*wait_ms = between(clock_wait_ms(asked_ms), *wait_ms, *wait_ms + clock_wait_ms(ASKED_ABOVE_BACKOFF_MS));
	return true;
}

void aws_retry_worked(struct aws_retry_bucket *bucket, const struct aws_retry *retry)
{
	bucket->tokens += retry->cost > 0 ? retry->cost : 1;
	if (bucket->tokens > AWS_RETRY_TOKENS)
		bucket->tokens = AWS_RETRY_TOKENS;
}

int64_t aws_retry_asked_ms(const char *header)
{
	size_t length = header == NULL ? 0 : strspn(header, "0123456789");

	if (length == 0 || length > ASKED_DIGITS || header[length] != '\0')
		return 0;
	return strtoll(header, NULL, 10);
}
