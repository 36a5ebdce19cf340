/*
 * retry.h - the SDKs' standard retry mode: three tries, a token bucket that all calls share.
 *
 * The mode is the one that was standard until 2026 (and still is where AWS_NEW_RETRIES_2026 is not
 * set): full jitter over 1 s * 2^(n-1), at most 20 s; a retry costs 5 tokens, 10 after a timeout;
 * a success gives back what its last retry cost, or 1. From the newer one comes
 * x-amz-retry-after: milliseconds, kept within the back-off and 5 s more.
 * When AWS is down, the bucket (500) empties and calls fail at once instead of piling up.
 */
#ifndef ADAPTERS_AWS_RETRY_H
#define ADAPTERS_AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define AWS_RETRY_TOKENS 500
#define AWS_RETRY_TRIES 3
#define AWS_RETRY_PATIENT_TRIES 6 /* of what is not ready yet: five retries */
#define AWS_RETRY_CAP_MS 20000

struct aws_retry_bucket {
	int64_t tokens;    /* 0 ... AWS_RETRY_TOKENS */
	unsigned tries;    /* the most tries of a call */
	int64_t cap_ms;
};

struct aws_retry {
	unsigned tries; /* made so far */
	int64_t cost;   /* of the last retry */
	bool patient;   /* AWS_RETRY_PATIENT_TRIES */
};

void aws_retry_init(struct aws_retry_bucket *bucket);
/* After a try that failed: whether to make another, and after how long. asked_ms: the server's wish,
 * or 0. The caller counts tries. */
bool aws_retry_again(struct aws_retry_bucket *bucket, struct aws_retry *retry, bool timed_out, int64_t asked_ms,
                     int64_t *wait_ms);
void aws_retry_worked(struct aws_retry_bucket *bucket, const struct aws_retry *retry);
/* The value of x-amz-retry-after; 0 when it is no number of milliseconds. NULL is 0. */
int64_t aws_retry_asked_ms(const char *header);

#endif
