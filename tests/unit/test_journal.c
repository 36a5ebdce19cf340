/* bot/journal.c on a real file; the disk under it obeys the test where it must. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "bot/clock.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/turn.h"

static struct loop *loop;
static struct journal *journal;

/* One commit's outcome. */
struct told {
	unsigned times;
	unsigned order; /* 1 for the first of a test that was told */
	enum err_kind kind;
	char text[256];
};
static unsigned order;

static void tell(void *arg, const struct err *err)
{
	struct told *told = arg;

	told->times++;
	told->order = ++order;
	told->kind = err == NULL ? ERR_NONE : err->kind;
	(void)snprintf(told->text, sizeof(told->text), "%s", err == NULL ? "" : err->text);
}

static bool is_told(void *arg)
{
	return ((struct told *)arg)->times > 0;
}

static void commit(struct told *told)
{
	*told = (struct told){ 0 };
	journal_commit(journal, (struct done){ tell, told });
	assert_int_equal(told->times, 0);
}

static enum err_kind commit_and_wait(void)
{
	struct told told;

	commit(&told);
	turn_until(loop, is_told, &told);
	assert_int_equal(told.times, 1);
	return told.kind;
}

static void no_line(const char *line)
{
	(void)line;
}

static void open_it(void)
{
	struct err err;

	journal = journal_open(loop, scratch_path("db"), &err);
	if (journal == NULL)
		fail_msg("%s", err.text);
}

static void reopen(void)
{
	journal_close(journal);
	open_it();
}

static int set_up(void **state)
{
	(void)state;
	order = 0;
	log_sink(no_line);
	metrics_reset();
	clock_set_scale(0.001);
	scratch_make();
	fake_disk_install();
	loop = turn_new_loop();
	open_it();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	journal_close(journal);
	loop_free(loop);
	fake_disk_remove();
	scratch_remove();
	clock_set_scale(1.0);
	metrics_reset();
	log_sink(NULL);
	return 0;
}

/* "key=json@revision ..." of a kind, as the file has it. */
static char found[4096];

static void add_found(void *arg, const char *key, const char *json, int64_t revision)
{
	size_t length = strlen(found);

	(void)arg;
	(void)snprintf(found + length, sizeof(found) - length, "%s%s=%s@%lld", length > 0 ? " " : "", key, json,
	               (long long)revision);
}

static const char *contents(const char *kind)
{
	struct err err;

	found[0] = '\0';
	assert_true(journal_load(journal, kind, add_found, NULL, &err));
	return found;
}

static void test_documents_come_back_in_order_with_revisions(void **state)
{
	(void)state;
	journal_put(journal, "a", "two", "{\"n\":2}");
	journal_put(journal, "a", "one", "{}");
	journal_put(journal, "b", "one", "[1]");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	journal_put(journal, "a", "two", "{\"n\":3}");
	journal_put(journal, "a", "\xc3\xa9 'quoted'", "{}");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	reopen();
	assert_string_equal(contents("a"), "one={}@1 two={\"n\":3}@2 \xc3\xa9 'quoted'={}@1");
	assert_string_equal(contents("b"), "one=[1]@1");
	assert_string_equal(contents("c"), "");
}

static void test_a_deleted_document_begins_again_at_revision_1(void **state)
{
	(void)state;
	journal_put(journal, "a", "k", "1");
	journal_put(journal, "a", "k", "2");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "k=2@2");
	journal_delete(journal, "a", "k");
	journal_put(journal, "a", "k", "3");
	journal_delete(journal, "a", "never was");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "k=3@1");
	journal_delete(journal, "a", "k");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "");
	journal_put(journal, "a", "k", "4");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "k=4@1");
}

static void test_nothing_is_told_before_the_flush(void **state)
{
	struct told told;
	unsigned before = fake_disk_flushes();

	(void)state;
	fake_disk_stall(true);
	journal_put(journal, "a", "k", "1");
	commit(&told);
	turn_for(loop, 20);
	fake_disk_wait_for_stall();
	turn_for(loop, 20);
	assert_int_equal(told.times, 0);
	assert_int_equal(fake_disk_flushes(), before);
	fake_disk_stall(false);
	turn_until(loop, is_told, &told);
	assert_int_equal(told.kind, ERR_NONE);
	assert_int_equal(fake_disk_flushes(), before + 1);
}

static void test_what_is_not_committed_is_not_kept(void **state)
{
	(void)state;
	journal_put(journal, "a", "k", "1");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	journal_put(journal, "a", "k", "2");
	reopen();
	assert_string_equal(contents("a"), "k=1@1");
}

static void test_empty_commits_wait_for_those_before_them(void **state)
{
	struct told first, empty, second, last;

	(void)state;
	assert_int_equal(commit_and_wait(), ERR_NONE); /* nothing at all to wait for */
	order = 0;
	fake_disk_stall(true);
	journal_put(journal, "a", "k", "1");
	commit(&first);
	commit(&empty);
	turn_for(loop, 20);
	fake_disk_wait_for_stall();
	journal_put(journal, "a", "k", "2");
	commit(&second);
	commit(&last);
	turn_for(loop, 20);
	assert_int_equal(empty.times + last.times, 0);
	fake_disk_stall(false);
	turn_until(loop, is_told, &last);
	assert_int_equal(first.order, 1);
	assert_int_equal(empty.order, 2);
	assert_int_equal(second.order, 3);
	assert_int_equal(last.order, 4);
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 2);
}

static void test_a_commit_without_done_is_written(void **state)
{
	(void)state;
	journal_put(journal, "a", "k", "1");
	journal_commit(journal, (struct done){ NULL, NULL });
	journal_commit(journal, (struct done){ NULL, NULL });
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "k=1@1");
}

static void test_what_waits_shares_one_transaction(void **state)
{
	struct told told[101];
	char key[16];

	(void)state;
	fake_disk_stall(true);
	journal_put(journal, "a", "same", "0");
	commit(&told[0]);
	turn_for(loop, 20);
	fake_disk_wait_for_stall();
	for (int i = 1; i <= 100; i++) {
		(void)snprintf(key, sizeof(key), "%d", i % 10);
		journal_put(journal, "a", "same", key);
		journal_put(journal, "b", key, "{}");
		commit(&told[i]);
	}
	fake_disk_stall(false);
	turn_until(loop, is_told, &told[100]);
	for (unsigned i = 0; i <= 100; i++) {
		assert_int_equal(told[i].times, 1);
		assert_int_equal(told[i].order, i + 1);
		assert_int_equal(told[i].kind, ERR_NONE);
	}
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 2);
	/* Documents put often are written once, and count all the same. */
	assert_int_equal(metrics_value("tocsin_journal_rows_total", NULL, NULL), 1 + 1 + 10);
	assert_string_equal(contents("a"), "same=0@101");
	assert_true(strstr(contents("b"), "9={}@10") != NULL);
}

static void test_put_new(void **state)
{
	(void)state;
	journal_put_new(journal, "a", "k", "1");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	journal_put(journal, "b", "with it", "1");
	journal_put_new(journal, "a", "k", "2");
	assert_int_equal(commit_and_wait(), ERR_CONFLICT);
	assert_string_equal(contents("a"), "k=1@1");
	assert_string_equal(contents("b"), ""); /* the whole batch */
	journal_delete(journal, "a", "k");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	journal_put_new(journal, "a", "k", "3");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "k=3@1");
}

static void test_put_if(void **state)
{
	(void)state;
	journal_put_if(journal, "a", "k", "0", 1);
	assert_int_equal(commit_and_wait(), ERR_CONFLICT);
	journal_put(journal, "a", "k", "1");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	journal_put_if(journal, "a", "k", "2", 1);
	assert_int_equal(commit_and_wait(), ERR_NONE);
	journal_put_if(journal, "a", "k", "3", 1);
	assert_int_equal(commit_and_wait(), ERR_CONFLICT);
	journal_put_if(journal, "a", "k", "4", JOURNAL_ANY);
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "k=4@3");
}

/* Within one transaction each batch sees what those before it did. */
static void test_conditions_see_the_batches_before_them(void **state)
{
	struct told told[7];
	const enum err_kind expected[] = { ERR_NONE, ERR_CONFLICT, ERR_NONE, ERR_CONFLICT,
	                                   ERR_NONE, ERR_NONE,     ERR_NONE };

	(void)state;
	fake_disk_stall(true);
	journal_put(journal, "a", "k", "1"); /* revision 1, on its own */
	commit(&told[0]);
	turn_for(loop, 20);
	fake_disk_wait_for_stall();
	journal_put_new(journal, "a", "k", "no");
	journal_put(journal, "a", "left out", "no");
	commit(&told[1]);
	journal_put_if(journal, "a", "k", "2", 1);
	commit(&told[2]);
	journal_put_if(journal, "a", "k", "no", 1);
	commit(&told[3]);
	journal_put_if(journal, "a", "k", "3", 2);
	commit(&told[4]);
	journal_delete(journal, "a", "k");
	commit(&told[5]);
	journal_put_new(journal, "a", "k", "4");
	commit(&told[6]);
	fake_disk_stall(false);
	turn_until(loop, is_told, &told[6]);
	for (int i = 0; i < 7; i++)
		assert_int_equal(told[i].kind, expected[i]);
	assert_non_null(strstr(told[1].text, "a k"));
	assert_string_equal(contents("a"), "k=4@1");
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 2);
	assert_int_equal(metrics_value("tocsin_journal_conflicts_total", NULL, NULL), 2);
}

static bool is_healthy(void *arg)
{
	(void)arg;
	return journal_healthy(journal);
}

static void disk_fails_and_comes_back(enum fake_disk_trouble trouble)
{
	struct told first, second, empty;

	journal_put(journal, "a", "before", "1");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	fake_disk_set(trouble);
	journal_put(journal, "a", "k", "1");
	journal_put(journal, "a", "l", "1");
	commit(&first);
	turn_until(loop, is_told, &first);
	assert_int_equal(first.kind, ERR_LOCAL);
	assert_non_null(strstr(first.text, scratch_path("db")));
	assert_false(journal_healthy(journal));
	/* Later ones fail fast, and are kept. */
	journal_put(journal, "a", "k", "2");
	commit(&second);
	commit(&empty);
	turn_until(loop, is_told, &empty);
	assert_int_equal(second.kind, ERR_LOCAL);
	assert_int_equal(empty.kind, ERR_LOCAL);
	turn_for(loop, 30); /* some retries */
	assert_false(journal_healthy(journal));
	assert_false(journal_full(journal));
	fake_disk_set(FAKE_DISK_WELL);
	turn_until(loop, is_healthy, NULL);
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "before=1@1 k=2@2 l=1@1");
	assert_int_equal(first.times + second.times + empty.times, 3);
	assert_int_equal(metrics_value("tocsin_journal_kept_bytes", NULL, NULL), 0);
	assert_true(metrics_value("tocsin_journal_failures_total", NULL, NULL) >= 2);
}

static void test_a_full_disk(void **state)
{
	(void)state;
	disk_fails_and_comes_back(FAKE_DISK_FULL);
}

static void test_a_disk_that_cannot_flush(void **state)
{
	(void)state;
	disk_fails_and_comes_back(FAKE_DISK_BAD_FLUSH);
}

/* The kernel's own refusal instead of the fake's. */
static void test_a_file_that_may_not_grow(void **state)
{
	struct rlimit before, small;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 1;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	journal_put(journal, "a", "k", "1");
	enum err_kind kind = commit_and_wait();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(kind, ERR_LOCAL);
	turn_until(loop, is_healthy, NULL);
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_string_equal(contents("a"), "k=1@1");
}

static void test_too_much_kept_is_full(void **state)
{
	const size_t size = 1 << 20;
	char *big = mem_alloc(size + 1);
	char key[16];

	(void)state;
	memset(big, '1', size);
	fake_disk_set(FAKE_DISK_FULL);
	for (int i = 0; i < 64; i++) {
		assert_false(journal_full(journal));
		(void)snprintf(key, sizeof(key), "%02d", i);
		journal_put(journal, "a", key, big);
		journal_commit(journal, (struct done){ NULL, NULL });
	}
	assert_true(journal_full(journal));
	assert_int_equal(commit_and_wait(), ERR_LOCAL);
	assert_true(journal_full(journal));
	fake_disk_set(FAKE_DISK_WELL);
	turn_until(loop, is_healthy, NULL);
	assert_int_equal(commit_and_wait(), ERR_NONE);
	assert_false(journal_full(journal));
	journal_put_if(journal, "a", "63", "1", 1);
	assert_int_equal(commit_and_wait(), ERR_NONE);
	free(big);
}

struct recommit {
	struct told told;
	unsigned failures;
};

static void commit_again(void *arg, const struct err *err)
{
	struct recommit *recommit = arg;

	if (err == NULL) {
		tell(&recommit->told, NULL);
		return;
	}
	recommit->failures++;
	fake_disk_set(recommit->failures > 3 ? FAKE_DISK_WELL : FAKE_DISK_FULL);
	journal_put(journal, "a", "again", "1");
	journal_commit(journal, (struct done){ commit_again, recommit });
}

static void test_a_done_may_commit_again(void **state)
{
	struct recommit recommit = { 0 };

	(void)state;
	fake_disk_set(FAKE_DISK_FULL);
	journal_put(journal, "a", "k", "1");
	journal_commit(journal, (struct done){ commit_again, &recommit });
	turn_until(loop, is_told, &recommit.told);
	assert_true(recommit.failures > 3);
	assert_true(strncmp(contents("a"), "again=1@", 8) == 0);
}

static void test_close_completes_everything(void **state)
{
	struct told told[3];

	(void)state;
	fake_disk_stall(true);
	journal_put(journal, "a", "k", "1");
	commit(&told[0]);
	turn_for(loop, 20);
	fake_disk_wait_for_stall();
	journal_put(journal, "a", "k", "2");
	commit(&told[1]);
	commit(&told[2]);
	fake_disk_stall(false);
	reopen();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(told[i].times, 1);
		assert_int_equal(told[i].kind, ERR_NONE);
	}
	assert_string_equal(contents("a"), "k=2@2");
	/* And when the disk fails to the end. */
	fake_disk_set(FAKE_DISK_FULL);
	journal_put(journal, "a", "k", "3");
	commit(&told[0]);
	commit(&told[1]);
	journal_close(journal);
	fake_disk_set(FAKE_DISK_WELL);
	open_it();
	assert_int_equal(told[0].times, 1);
	assert_int_equal(told[0].kind, ERR_LOCAL);
	assert_int_equal(told[1].times, 1);
	assert_int_equal(told[1].kind, ERR_LOCAL);
	assert_string_equal(contents("a"), "k=2@2");
}

static off_t size_of(const char *name)
{
	struct stat info;

	return stat(scratch_path(name), &info) == 0 ? info.st_size : 0;
}

static bool file_has_grown(void *arg)
{
	(void)arg;
	return size_of("db") > 2000000;
}

static void test_the_log_is_moved_into_the_file(void **state)
{
	char *big = mem_alloc(4001);
	char key[16];

	(void)state;
	memset(big, '1', 4000);
	for (int i = 0; i < 1500; i++) {
		(void)snprintf(key, sizeof(key), "%04d", i);
		journal_put(journal, "a", key, big);
	}
	assert_true(size_of("db") < 100000);
	assert_int_equal(commit_and_wait(), ERR_NONE);
	turn_until(loop, file_has_grown, NULL);
	/* And is used from its start again, cut to what is allowed to stay. */
	turn_for(loop, 20);
	for (int i = 0; i < 3; i++) {
		journal_put(journal, "a", "small", "1");
		assert_int_equal(commit_and_wait(), ERR_NONE);
	}
	assert_true(size_of("db-wal") <= 4194304);
	free(big);
}

static void test_only_the_owner_may_read_the_files(void **state)
{
	const char *const names[] = { "db", "db-wal", "db-shm", "db.lock" };
	struct stat info;

	(void)state;
	journal_put(journal, "a", "k", "1");
	assert_int_equal(commit_and_wait(), ERR_NONE);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(stat(scratch_path(names[i]), &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
	}
}

static void refused(const char *name, enum err_kind kind, const char *text)
{
	struct err err;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s", scratch_path(name));
	assert_null(journal_open(loop, path, &err));
	assert_int_equal(err.kind, kind);
	if (strstr(err.text, text) == NULL)
		fail_msg("'%s' lacks '%s'", err.text, text);
}

static void make_database(const char *name, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(scratch_path(name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void overwrite(const char *name, long offset, int byte, size_t count)
{
	FILE *file = fopen(scratch_path(name), "r+");

	if (file == NULL)
		file = fopen(scratch_path(name), "w");
	assert_non_null(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	while (count-- > 0)
		assert_int_equal(fputc(byte, file), byte);
	assert_int_equal(fclose(file), 0);
}

static void test_files_that_are_not_ours(void **state)
{
	(void)state;
	refused("no/such/directory", ERR_LOCAL, "create the directory");
	overwrite("text", 0, 'x', 5000);
	refused("text", ERR_LOCAL, "move it away");
	refused("text", ERR_LOCAL, scratch_path("text"));
	make_database("newer", "CREATE TABLE documents (x); PRAGMA user_version = 2");
	refused("newer", ERR_USAGE, "newer tocsin (format 2, this one knows 1)");
	make_database("other", "CREATE TABLE invoices (x)");
	refused("other", ERR_USAGE, "another program");
}

static void ignore(void *arg, const char *key, const char *json, int64_t revision)
{
	(void)arg;
	(void)key;
	(void)json;
	(void)revision;
}

static void test_a_damaged_file(void **state)
{
	struct err err = { 0 };
	char key[16];

	(void)state;
	for (int i = 0; i < 500; i++) {
		(void)snprintf(key, sizeof(key), "%04d", i);
		journal_put(journal, "a", key, "{\"some\":\"text of some length, so that there are pages\"}");
	}
	assert_int_equal(commit_and_wait(), ERR_NONE);
	journal_close(journal);
	overwrite("db", 4096, 0xA5, 16384);
	journal = journal_open(loop, scratch_path("db"), &err);
	if (journal != NULL)
		assert_false(journal_load(journal, "a", ignore, NULL, &err));
	assert_int_equal(err.kind, ERR_LOCAL);
	assert_non_null(strstr(err.text, "is damaged"));
	assert_non_null(strstr(err.text, "move it away"));
}

static void test_the_lock(void **state)
{
	char pid[32];

	(void)state;
	(void)snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	refused("db", ERR_CONFLICT, pid);
}

static const struct CMUnitTest journal_tests[] = {
	cmocka_unit_test_setup_teardown(test_documents_come_back_in_order_with_revisions, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_a_deleted_document_begins_again_at_revision_1, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_nothing_is_told_before_the_flush, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_what_is_not_committed_is_not_kept, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_empty_commits_wait_for_those_before_them, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_a_commit_without_done_is_written, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_what_waits_shares_one_transaction, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_put_new, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_put_if, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_conditions_see_the_batches_before_them, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_a_full_disk, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_a_disk_that_cannot_flush, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_a_file_that_may_not_grow, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_too_much_kept_is_full, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_a_done_may_commit_again, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_close_completes_everything, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_the_log_is_moved_into_the_file, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_only_the_owner_may_read_the_files, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_files_that_are_not_ours, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_a_damaged_file, set_up, tear_down),
	cmocka_unit_test_setup_teardown(test_the_lock, set_up, tear_down),
};

int main(void)
{
	return cmocka_run_group_tests_name("journal", journal_tests, NULL, NULL);
}
