/* bot/journal.c: batches, conditions, order, group commit. Trouble: test_journal_disk.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bot/metrics.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/journal_case.h"
#include "tests/unit/support/turn.h"

static void test_documents_come_back_in_order_with_revisions(void **state)
{
	(void)state;
	journal_put(case_journal, "a", "two", "{\"n\":2}");
	journal_put(case_journal, "a", "one", "{}");
	journal_put(case_journal, "b", "one", "[1]");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	journal_put(case_journal, "a", "two", "{\"n\":3}");
	journal_put(case_journal, "a", "\xc3\xa9 'quoted'", "{}");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	case_reopen();
	assert_string_equal(case_contents("a"), "one={}@1 two={\"n\":3}@2 \xc3\xa9 'quoted'={}@1");
	assert_string_equal(case_contents("b"), "one=[1]@1");
	assert_string_equal(case_contents("c"), "");
}

static void test_a_deleted_document_begins_again_at_revision_1(void **state)
{
	(void)state;
	journal_put(case_journal, "a", "k", "1");
	journal_put(case_journal, "a", "k", "2");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "k=2@2");
	journal_delete(case_journal, "a", "k");
	journal_put(case_journal, "a", "k", "3");
	journal_delete(case_journal, "a", "never was");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "k=3@1");
	journal_delete(case_journal, "a", "k");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "");
	journal_put(case_journal, "a", "k", "4");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "k=4@1");
}

static void put_latest(void *arg)
{
	char **latest = arg;

	if (*latest != NULL)
		journal_put(case_journal, "a", "late", *latest);
	*latest = NULL;
}

/* What is put as the batch ends is in it, with the same flush and fate as the rest. */
static void test_what_ends_a_batch_is_part_of_it(void **state)
{
	static char text[] = "\"last\"";
	char *latest = text;

	(void)state;
	journal_before_commit(case_journal, put_latest, &latest);
	assert_int_equal(case_commit_and_wait(), ERR_NONE); /* nothing else was put */
	assert_string_equal(case_contents("a"), "late=\"last\"@1");
	latest = text;
	journal_put_new(case_journal, "a", "late", "1"); /* does not hold: all of the batch is left out */
	assert_int_equal(case_commit_and_wait(), ERR_CONFLICT);
	assert_string_equal(case_contents("a"), "late=\"last\"@1");
	journal_before_commit(case_journal, NULL, NULL);
	latest = text;
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_ptr_equal(latest, text);
}

static void test_nothing_is_told_before_the_flush(void **state)
{
	struct told told;
	unsigned before = fake_disk_flushes();

	(void)state;
	fake_disk_stall(true);
	journal_put(case_journal, "a", "k", "1");
	case_commit(&told);
	turn_for(case_loop, 20);
	fake_disk_wait_for_stall();
	turn_for(case_loop, 20);
	assert_int_equal(told.times, 0);
	assert_int_equal(fake_disk_flushes(), before);
	fake_disk_stall(false);
	turn_until(case_loop, case_is_told, &told);
	assert_int_equal(told.kind, ERR_NONE);
	assert_int_equal(fake_disk_flushes(), before + 1);
}

static void test_what_is_not_committed_is_not_kept(void **state)
{
	(void)state;
	journal_put(case_journal, "a", "k", "1");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	journal_put(case_journal, "a", "k", "2");
	case_reopen();
	assert_string_equal(case_contents("a"), "k=1@1");
}

static void test_empty_commits_wait_for_those_before_them(void **state)
{
	struct told first, empty, second, last;

	(void)state;
	assert_int_equal(case_commit_and_wait(), ERR_NONE); /* nothing at all to wait for */
	case_order_anew();
	fake_disk_stall(true);
	journal_put(case_journal, "a", "k", "1");
	case_commit(&first);
	case_commit(&empty);
	turn_for(case_loop, 20);
	fake_disk_wait_for_stall();
	journal_put(case_journal, "a", "k", "2");
	case_commit(&second);
	case_commit(&last);
	turn_for(case_loop, 20);
	assert_int_equal(empty.times + last.times, 0);
	fake_disk_stall(false);
	turn_until(case_loop, case_is_told, &last);
	assert_int_equal(first.order, 1);
	assert_int_equal(empty.order, 2);
	assert_int_equal(second.order, 3);
	assert_int_equal(last.order, 4);
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 2);
}

static void test_a_commit_without_done_is_written(void **state)
{
	(void)state;
	journal_put(case_journal, "a", "k", "1");
	journal_commit(case_journal, (struct done){ NULL, NULL });
	journal_commit(case_journal, (struct done){ NULL, NULL });
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "k=1@1");
}

/* Two puts in each of `count` batches while the transaction of the first is being written; all told in order. */
static void commit_behind_one(unsigned count)
{
	struct told told[101];
	char key[16];

	fake_disk_stall(true);
	journal_put(case_journal, "a", "same", "0");
	case_commit(&told[0]);
	turn_for(case_loop, 20);
	fake_disk_wait_for_stall();
	for (unsigned i = 1; i <= count; i++) {
		(void)snprintf(key, sizeof(key), "%u", i % 10);
		journal_put(case_journal, "a", "same", key);
		journal_put(case_journal, "b", key, "{}");
		case_commit(&told[i]);
	}
	fake_disk_stall(false);
	turn_until(case_loop, case_is_told, &told[count]);
	for (unsigned i = 0; i <= count; i++) {
		assert_int_equal(told[i].times, 1);
		assert_int_equal(told[i].order, i + 1);
		assert_int_equal(told[i].kind, ERR_NONE);
	}
}

static void test_what_waits_shares_one_transaction(void **state)
{
	(void)state;
	commit_behind_one(16);
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 2);
	/* Documents put often are written once, and count all the same. */
	assert_int_equal(metrics_value("tocsin_journal_rows_total", NULL, NULL), 1 + 1 + 10);
	assert_string_equal(case_contents("a"), "same=6@17");
	assert_true(strstr(case_contents("b"), "6={}@2") != NULL);
}

/* 51 and 49: while the one half is written, the loop has the other's peers to work for. */
static void test_many_that_wait_go_by_halves(void **state)
{
	(void)state;
	commit_behind_one(100);
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 3);
	assert_int_equal(metrics_value("tocsin_journal_rows_total", NULL, NULL), 1 + 2 * (1 + 10));
	assert_string_equal(case_contents("a"), "same=0@101");
	assert_true(strstr(case_contents("b"), "9={}@10") != NULL);
}

static void test_put_new(void **state)
{
	(void)state;
	journal_put_new(case_journal, "a", "k", "1");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	journal_put(case_journal, "b", "with it", "1");
	journal_put_new(case_journal, "a", "k", "2");
	assert_int_equal(case_commit_and_wait(), ERR_CONFLICT);
	assert_string_equal(case_contents("a"), "k=1@1");
	assert_string_equal(case_contents("b"), ""); /* the whole batch */
	journal_delete(case_journal, "a", "k");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	journal_put_new(case_journal, "a", "k", "3");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "k=3@1");
}

static void test_put_if(void **state)
{
	(void)state;
	journal_put_if(case_journal, "a", "k", "0", 1);
	assert_int_equal(case_commit_and_wait(), ERR_CONFLICT);
	journal_put(case_journal, "a", "k", "1");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	journal_put_if(case_journal, "a", "k", "2", 1);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	journal_put_if(case_journal, "a", "k", "3", 1);
	assert_int_equal(case_commit_and_wait(), ERR_CONFLICT);
	journal_put_if(case_journal, "a", "k", "4", JOURNAL_ANY);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "k=4@3");
}

/* Within one transaction each batch sees what those before it did. */
static void test_conditions_see_the_batches_before_them(void **state)
{
	struct told told[7];
	const enum err_kind expected[] = { ERR_NONE, ERR_CONFLICT, ERR_NONE, ERR_CONFLICT,
	                                   ERR_NONE, ERR_NONE,     ERR_NONE };

	(void)state;
	fake_disk_stall(true);
	journal_put(case_journal, "a", "k", "1"); /* revision 1, on its own */
	case_commit(&told[0]);
	turn_for(case_loop, 20);
	fake_disk_wait_for_stall();
	journal_put_new(case_journal, "a", "k", "no");
	journal_put(case_journal, "a", "left out", "no");
	case_commit(&told[1]);
	journal_put_if(case_journal, "a", "k", "2", 1);
	case_commit(&told[2]);
	journal_put_if(case_journal, "a", "k", "no", 1);
	case_commit(&told[3]);
	journal_put_if(case_journal, "a", "k", "3", 2);
	case_commit(&told[4]);
	journal_delete(case_journal, "a", "k");
	case_commit(&told[5]);
	journal_put_new(case_journal, "a", "k", "4");
	case_commit(&told[6]);
	fake_disk_stall(false);
	turn_until(case_loop, case_is_told, &told[6]);
	for (int i = 0; i < 7; i++)
		assert_int_equal(told[i].kind, expected[i]);
	assert_non_null(strstr(told[1].text, "a k"));
	assert_string_equal(case_contents("a"), "k=4@1");
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 2);
	assert_int_equal(metrics_value("tocsin_journal_conflicts_total", NULL, NULL), 2);
}

/* A new document is inserted when its condition is looked at: nothing of that stays when another one does not hold. */
static void test_a_batch_left_out_leaves_nothing_new(void **state)
{
	struct told told[4];

	(void)state;
	fake_disk_stall(true);
	journal_put(case_journal, "a", "k", "1"); /* on its own */
	case_commit(&told[0]);
	turn_for(case_loop, 20);
	fake_disk_wait_for_stall();
	journal_put_new(case_journal, "a", "n", "no");
	journal_put_new(case_journal, "a", "m", "no");
	journal_put_if(case_journal, "a", "k", "no", 7);
	case_commit(&told[1]);
	journal_put_new(case_journal, "a", "n", "2");
	journal_put(case_journal, "a", "n", "3"); /* one document, twice put: the second is what stays */
	case_commit(&told[2]);
	journal_put_if(case_journal, "a", "n", "4", 2);
	case_commit(&told[3]);
	fake_disk_stall(false);
	turn_until(case_loop, case_is_told, &told[3]);
	assert_int_equal(told[1].kind, ERR_CONFLICT);
	assert_int_equal(told[2].kind, ERR_NONE);
	assert_int_equal(told[3].kind, ERR_NONE);
	assert_string_equal(case_contents("a"), "k=1@1 n=4@3");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, case_set_up, case_tear_down)

static const struct CMUnitTest tests[] = {
	TEST(test_documents_come_back_in_order_with_revisions),
	TEST(test_a_deleted_document_begins_again_at_revision_1),
	TEST(test_what_ends_a_batch_is_part_of_it),
	TEST(test_nothing_is_told_before_the_flush),
	TEST(test_what_is_not_committed_is_not_kept),
	TEST(test_empty_commits_wait_for_those_before_them),
	TEST(test_a_commit_without_done_is_written),
	TEST(test_what_waits_shares_one_transaction),
	TEST(test_many_that_wait_go_by_halves),
	TEST(test_put_new),
	TEST(test_put_if),
	TEST(test_conditions_see_the_batches_before_them),
	TEST(test_a_batch_left_out_leaves_nothing_new),
};

int main(void)
{
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
