/* The standard retry mode: the token bucket and the waits, against the SDKs' own scenarios. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/retry.h"
#include "bot/clock.h"
#include "bot/random.h"
#include "bot/str.h"
#include "tests/unit/support/vectors.h"

#define LEGACY "retry/smithy-kotlin-standard-legacy"
#define SAMPLES 400

/* The longest of many waits is close to what jitter is drawn from. */
static int64_t longest_wait_ms(const struct aws_retry_bucket *bucket, const struct aws_retry *retry, int64_t asked_ms)
{
	int64_t longest_ms = 0;

	for (int i = 0; i < SAMPLES; i++) {
		struct aws_retry_bucket b = *bucket;
		struct aws_retry r = *retry;
		int64_t wait_ms = 0;

		if (aws_retry_again(&b, &r, false, asked_ms, &wait_ms) && wait_ms > longest_ms)
			longest_ms = wait_ms;
	}
	return longest_ms;
}

static void waits_double_up_to_the_cap(void **state)
{
	struct aws_retry_bucket bucket;
	struct aws_retry retry = { 0 };
	static const int64_t limits_ms[] = { 1000, 2000, 4000, 8000, 16000, 20000, 20000 };

	(void)state;
	aws_retry_init(&bucket);
	bucket.tries = 100;
	for (unsigned i = 0; i < 7; i++) {
		int64_t ms;

		retry.tries = i + 1;
		ms = longest_wait_ms(&bucket, &retry, 0);
		assert_in_range(ms, limits_ms[i] * 9 / 10, limits_ms[i]);
	}
}

static void three_tries_are_made(void **state)
{
	struct aws_retry_bucket bucket;
	struct aws_retry retry = { .tries = 1 };
	int64_t wait_ms;

	(void)state;
	aws_retry_init(&bucket);
	assert_true(aws_retry_again(&bucket, &retry, false, 0, &wait_ms));
	retry.tries++;
	assert_true(aws_retry_again(&bucket, &retry, true, 0, &wait_ms));
	assert_int_equal(bucket.tokens, AWS_RETRY_TOKENS - 15); /* a timeout costs twice */
	retry.tries++;
	assert_false(aws_retry_again(&bucket, &retry, false, 0, &wait_ms));
	assert_int_equal(bucket.tokens, AWS_RETRY_TOKENS - 15);
	aws_retry_worked(&bucket, &retry);
	assert_int_equal(bucket.tokens, AWS_RETRY_TOKENS - 5);
	aws_retry_worked(&bucket, &(struct aws_retry){ .tries = 1 });
	assert_int_equal(bucket.tokens, AWS_RETRY_TOKENS - 4);
}

static void the_bucket_has_a_floor_and_a_brim(void **state)
{
	struct aws_retry_bucket bucket;
	struct aws_retry retry = { .tries = 1 };
	int64_t wait_ms;

	(void)state;
	aws_retry_init(&bucket);
	for (int i = 0; i < AWS_RETRY_TOKENS / 5; i++)
		assert_true(aws_retry_again(&bucket, &retry, false, 0, &wait_ms));
	assert_false(aws_retry_again(&bucket, &retry, false, 0, &wait_ms));
	assert_int_equal(bucket.tokens, 0);
	for (int i = 0; i < 2 * AWS_RETRY_TOKENS; i++)
		aws_retry_worked(&bucket, &(struct aws_retry){ 0 });
	assert_int_equal(bucket.tokens, AWS_RETRY_TOKENS);
}

/* As the newer mode has it: at least the back-off, at most 5 s more. */
static void wishes_are_obeyed_within_bounds(void **state)
{
	struct aws_retry_bucket bucket;
	struct aws_retry retry = { .tries = 1 };

	(void)state;
	aws_retry_init(&bucket);
	assert_int_equal(longest_wait_ms(&bucket, &retry, 1500), 1500);
	assert_in_range(longest_wait_ms(&bucket, &retry, 1), 900, 1000);
	assert_in_range(longest_wait_ms(&bucket, &retry, 60000), 5900, 6000);
	assert_int_equal(aws_retry_asked_ms("1500"), 1500);
	assert_int_equal(aws_retry_asked_ms(NULL), 0);
	assert_int_equal(aws_retry_asked_ms(""), 0);
	assert_int_equal(aws_retry_asked_ms("-1"), 0);
	assert_int_equal(aws_retry_asked_ms("1.5"), 0);
	assert_int_equal(aws_retry_asked_ms("soon"), 0);
	assert_int_equal(aws_retry_asked_ms("99999999999999999999"), 0);
}

/* --- the SDKs' scenarios: a few lines of YAML of one fixed form --- */

static int64_t number_of(const char *text, const char *key, int64_t fallback)
{
	const char *found = text == NULL ? NULL : strstr(text, key);

	return found == NULL ? fallback : strtoll(found + strlen(key), NULL, 10);
}

static bool outcome_is(const char *step, const char *outcome)
{
	const char *found = strstr(step, "outcome: ");

	assert_non_null(found);
	return strncmp(found + 9, outcome, strlen(outcome)) == 0;
}

static void check_step(struct aws_retry_bucket *bucket, struct aws_retry *retry, char *step)
{
	int64_t status = number_of(step, "status_code: ", 0), limit_ms = number_of(step, "delay: ", 0) * 1000, wait_ms;

	retry->tries++;
	if (status == 200) {
		assert_true(outcome_is(step, "success"));
		aws_retry_worked(bucket, retry);
	} else if (outcome_is(step, "retry_request")) {
		assert_in_range(longest_wait_ms(bucket, retry, 0), limit_ms * 9 / 10, limit_ms);
		assert_true(aws_retry_again(bucket, retry, false, 0, &wait_ms));
	} else {
		assert_true(outcome_is(step, "max_attempts_exceeded") || outcome_is(step, "retry_quota_exceeded"));
		assert_false(aws_retry_again(bucket, retry, false, 0, &wait_ms));
	}
	assert_int_equal(bucket->tokens, number_of(step, "retry_quota: ", -1));
}

static unsigned checked;

static void check_scenario(const char *name)
{
	char path[256], *text, *step, *next;
	size_t length;
	struct aws_retry_bucket bucket;
	struct aws_retry retry = { 0 };

	(void)snprintf(path, sizeof(path), LEGACY "/%s", name);
	text = vector_read(path, &length);
	assert_non_null(text);
	aws_retry_init(&bucket);
	bucket.tries = (unsigned)number_of(text, "max_attempts: ", 3);
	bucket.tokens = number_of(text, "initial_retry_tokens: ", 500);
	bucket.cap_ms = number_of(text, "max_backoff_time: ", 20) * 1000;
	for (step = strstr(text, "- response:"); step != NULL; step = next) {
		next = strstr(step + 1, "- response:");
		if (next != NULL)
			next[-1] = '\0';
		check_step(&bucket, &retry, step);
	}
	assert_true(retry.tries > 0);
	checked++;
	free(text);
}

static void agrees_with_the_sdks(void **state)
{
	(void)state;
	if (vector_each_name(LEGACY, check_scenario) == 0)
		skip();
	assert_int_equal(checked, 6);
}

static int repeatable(void **state)
{
	(void)state;
	random_seed_for_tests(42);
	return 0;
}

static int unrepeatable(void **state)
{
	(void)state;
	random_seed_for_tests(0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_the_cap),
		cmocka_unit_test(three_tries_are_made),
		cmocka_unit_test(the_bucket_has_a_floor_and_a_brim),
		cmocka_unit_test(wishes_are_obeyed_within_bounds),
		cmocka_unit_test(agrees_with_the_sdks),
	};

	return cmocka_run_group_tests(tests, repeatable, unrepeatable);
}
