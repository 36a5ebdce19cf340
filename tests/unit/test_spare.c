/* bot/spare.c: blocks that are kept, and no more than those. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/spare.h"

#ifdef __has_feature /* clang's way to say it */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define KEPT(count) 0
#else
#define KEPT(count) (count)
#endif

static void test_no_more_than_most(void **state)
{
	struct spare spare = { .size = 100, .most = 2 };
	void *blocks[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		memset(blocks[i] = spare_take(&spare), 0xFF, spare.size);
	assert_int_equal(spare.count, 0);
	for (int i = 0; i < 3; i++)
		spare_give(&spare, blocks[i]);
	assert_int_equal(spare.count, KEPT(2));
	spare_free_all(&spare);
	assert_int_equal(spare.count, 0);
	assert_null(spare.first);
}

static void test_the_next_one_is_one_of_them(void **state)
{
	struct spare spare = { .size = 100, .most = 4 };
	void *first = spare_take(&spare), *second = spare_take(&spare), *taken[3];

	(void)state;
	assert_ptr_not_equal(first, second);
	spare_give(&spare, first);
	spare_give(&spare, second);
	for (int i = 0; i < 3; i++)
		memset(taken[i] = spare_take(&spare), 0xFF, spare.size);
	assert_true(taken[0] != taken[1] && taken[1] != taken[2] && taken[0] != taken[2]);
	if (KEPT(1)) {
		assert_ptr_equal(taken[0], second);
		assert_ptr_equal(taken[1], first);
	}
	for (int i = 0; i < 3; i++)
		free(taken[i]); /* a taken block is malloc's own */
	spare_free_all(&spare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_more_than_most),
		cmocka_unit_test(test_the_next_one_is_one_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
