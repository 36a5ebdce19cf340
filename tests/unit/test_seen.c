/* What has been received: known at once and after a restart, forgotten when it has expired. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/seen.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/journal_case.h"

#define NOW 1763780400000LL

static struct seen *seen;

static int64_t now_ms(void)
{
	return NOW;
}

static void start(void)
{
	struct err err;

	seen = seen_new(case_loop, case_journal, &err);
	assert_non_null(seen);
}

static void restart(void)
{
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	seen_free(seen);
	case_reopen();
	start();
}

static void one_key_is_known_whatever_its_time(void **state)
{
	(void)state;
	start();
	seen_remember_at(seen, "sns", "a-b-c", NOW, 1000);
	seen_remember(seen, "slack", "a-b-c", 1000);
	seen_remember_at(seen, "sns", "old", -5, 1000);
	for (int i = 0; i < 2; i++) {
		assert_true(seen_before(seen, "sns", "a-b-c"));
		assert_true(seen_before(seen, "slack", "a-b-c"));
		assert_true(seen_before(seen, "sns", "old"));
		assert_false(seen_before(seen, "sns", "a-b"));
		assert_int_equal(seen_count(seen), 3);
		restart();
	}
	seen_free(seen);
}

static void keys_of_one_time_lie_side_by_side(void **state)
{
	(void)state;
	clock_replace(now_ms);
	start();
	seen_remember_at(seen, "sns", "z", 1000, 7);
	seen_remember_at(seen, "sns", "a", 999, 7);
	seen_remember(seen, "slack", "k", 7);
	clock_replace(NULL);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("seen"), "000000000000999:sns:a=1763780400007@1 "
	                                           "000000000001000:sns:z=1763780400007@1 slack:k=1763780400007@1");
	seen_free(seen);
}

static void long_keys_are_kept_as_their_hash(void **state)
{
	char key[1000];

	(void)state;
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	start();
	seen_remember_at(seen, "sns", key, NOW, 1000);
	restart();
	assert_true(seen_before(seen, "sns", key));
	key[sizeof(key) - 2] = 'l';
	assert_false(seen_before(seen, "sns", key));
	seen_free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_key_is_known_whatever_its_time, case_set_up, case_tear_down),
		cmocka_unit_test_setup_teardown(keys_of_one_time_lie_side_by_side, case_set_up, case_tear_down),
		cmocka_unit_test_setup_teardown(long_keys_are_kept_as_their_hash, case_set_up, case_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
