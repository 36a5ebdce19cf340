/* bot/journal_damage.c: what SQLite leaves out of a write-ahead log without a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#include "bot/journal_damage.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "tests/unit/support/journal_case.h"
#include "tests/unit/support/turn.h"

#define COMMITS 10
#define HEADER 32
#define FRAME (24 + 4096)

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(scratch_path(from), "r"), *out;
	int byte;

	assert_non_null(in);
	out = fopen(scratch_path(to), "w");
	assert_non_null(out);
	while ((byte = fgetc(in)) != EOF)
		assert_int_equal(fputc(byte, out), byte);
	assert_int_equal(fclose(in), 0);
	assert_int_equal(fclose(out), 0);
}

/* A log of several transactions, as a crash leaves it; the number of its frames. */
static long make_log(void)
{
	FILE *file;
	long size;

	for (int i = 0; i < COMMITS; i++) {
		journal_put(case_journal, "a", "k", "1");
		assert_int_equal(case_commit_and_wait(), ERR_NONE);
	}
	copy_file("db-wal", "copy-wal");
	file = fopen(scratch_path("copy-wal"), "r");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_int_equal(fclose(file), 0);
	return (size - HEADER) / FRAME;
}

/* Turns one byte over. */
static void spoil(long at)
{
	FILE *file = fopen(scratch_path("copy-wal"), "r+");
	int byte;

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	byte = fgetc(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	assert_int_not_equal(fputc(byte ^ 0xFF, file), EOF);
	assert_int_equal(fclose(file), 0);
}

static int64_t lost(void)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s", scratch_path("copy"));
	(void)journal_damage_look(path);
	return metrics_value("tocsin_journal_lost_transactions", NULL, NULL);
}

static void test_a_whole_log_has_lost_nothing(void **state)
{
	struct mem mem = { 0 };

	(void)state;
	(void)make_log();
	assert_int_equal(lost(), 0);
	assert_null(journal_damage_text(&mem));
	assert_int_equal(unlink(scratch_path("copy-wal")), 0);
	assert_int_equal(lost(), 0);
}

/* Each transaction here is one frame. */
static void test_transactions_behind_damage_are_counted(void **state)
{
	long frames = make_log();

	(void)state;
	spoil(HEADER + (frames - 5) * FRAME + 1000);
	assert_int_equal(lost(), 5);
	spoil(HEADER + (frames - 7) * FRAME + 2); /* the number of the page */
	assert_int_equal(lost(), 7);
}

static struct journal *open_copy(struct err *err)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s", scratch_path("copy"));
	return journal_open(case_loop, path, err);
}

/* What is left behind the damage would be found again at each start after a kill. */
static void test_damage_is_told_once(void **state)
{
	struct journal *journal;
	struct err err;
	long frames = make_log();

	(void)state;
	copy_file("db", "copy");
	spoil(HEADER + (frames - 5) * FRAME + 1000);
	journal = open_copy(&err);
	assert_non_null(journal);
	assert_int_equal(metrics_value("tocsin_journal_lost_transactions", NULL, NULL), 5);
	assert_int_equal(lost(), 0); /* while it is open: as a kill would leave it */
	journal_close(journal);
}

/* A kill at its very first start leaves the lock and an empty file: nothing was lost. */
static void test_an_empty_file_is_a_loss_only_where_one_was_used(void **state)
{
	struct journal *journal;
	struct err err;
	FILE *file;

	(void)state;
	file = fopen(scratch_path("copy.lock"), "w");
	assert_non_null(file);
	assert_true(fputs("4711\n", file) >= 0);
	assert_int_equal(fclose(file), 0);
	file = fopen(scratch_path("copy"), "w");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	journal = open_copy(&err);
	assert_non_null(journal);
	journal_close(journal);
	for (int i = 0; i < 2; i++) { /* a start that is refused does not forget it */
		assert_int_equal(truncate(scratch_path("copy"), 0), 0);
		assert_null(open_copy(&err));
		assert_non_null(strstr(err.text, "is empty, but was in use before"));
	}
}

/* Nobody was told that it is durable. */
static void test_the_last_transaction_may_be_unfinished(void **state)
{
	long frames = make_log();

	(void)state;
	assert_int_equal(truncate(scratch_path("copy-wal"), HEADER + (frames - 1) * FRAME + 700), 0);
	assert_int_equal(lost(), 0);
	(void)make_log();
	spoil(HEADER + (make_log() - 1) * FRAME + 1000);
	assert_int_equal(lost(), 0);
}

/* After it was moved into the file, the log begins anew over what it held. */
static void test_an_earlier_run_through_the_log_is_no_damage(void **state)
{
	char *big = mem_alloc(4001), key[16];

	(void)state;
	memset(big, '1', 4000);
	for (int i = 0; i < 4500; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		journal_put(case_journal, "b", key, big);
	}
	free(big);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	turn_for(case_loop, 50);
	assert_true(make_log() > 3000);
	assert_int_equal(lost(), 0);
}

static void test_a_log_without_its_head(void **state)
{
	struct mem mem = { 0 };

	(void)state;
	(void)make_log();
	spoil(17);
	assert_int_equal(lost(), -1);
	assert_non_null(strstr(journal_damage_text(&mem), "could not be read at all"));
	mem_free_all(&mem);
	assert_int_equal(truncate(scratch_path("copy-wal"), 0), 0);
	assert_int_equal(lost(), 0);
	assert_int_equal(truncate(scratch_path("copy-wal"), 5000), 0); /* zeros */
	assert_int_equal(lost(), 0);
}

static void test_documents_that_cannot_be_read(void **state)
{
	struct mem mem = { 0 };

	(void)state;
	assert_int_equal(lost(), 0);
	journal_damage_unreadable("incident", "7");
	journal_damage_unreadable("flow", "x");
	assert_non_null(strstr(journal_damage_text(&mem), "2 of its documents"));
	mem_free_all(&mem);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, case_set_up, case_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_whole_log_has_lost_nothing),
		CASE(transactions_behind_damage_are_counted),
		CASE(the_last_transaction_may_be_unfinished),
		CASE(an_earlier_run_through_the_log_is_no_damage),
		CASE(damage_is_told_once),
		CASE(an_empty_file_is_a_loss_only_where_one_was_used),
		CASE(a_log_without_its_head),
		CASE(documents_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
