/* bot/journal.c: disks that fail, files that are not what they should be, and chance. */
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
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/journal_case.h"
#include "tests/unit/support/turn.h"

static bool is_healthy(void *arg)
{
	(void)arg;
	return journal_healthy(case_journal);
}

static void disk_fails_and_comes_back(enum fake_disk_trouble trouble)
{
	struct told first, second, empty;

	journal_put(case_journal, "a", "before", "1");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	fake_disk_set(trouble);
	journal_put(case_journal, "a", "k", "1");
	journal_put(case_journal, "a", "l", "1");
	case_commit(&first);
	turn_until(case_loop, case_is_told, &first);
	assert_int_equal(first.kind, ERR_LOCAL);
	assert_non_null(strstr(first.text, scratch_path("db")));
	assert_false(journal_healthy(case_journal));
	/* Later ones fail fast, and are kept. */
	journal_put(case_journal, "a", "k", "2");
	case_commit(&second);
	case_commit(&empty);
	turn_until(case_loop, case_is_told, &empty);
	assert_int_equal(second.kind, ERR_LOCAL);
	assert_int_equal(empty.kind, ERR_LOCAL);
	turn_for(case_loop, 30); /* some retries */
	assert_false(journal_healthy(case_journal));
	assert_false(journal_full(case_journal));
	fake_disk_set(FAKE_DISK_WELL);
	turn_until(case_loop, is_healthy, NULL);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "before=1@1 k=2@2 l=1@1");
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

/* The next try is far away: who commits now need not wait for it. */
static void test_later_commits_fail_fast(void **state)
{
	struct told first, second, empty;

	(void)state;
	clock_set_scale(100000.0);
	fake_disk_set(FAKE_DISK_FULL);
	journal_put(case_journal, "a", "k", "1");
	case_commit(&first);
	turn_until(case_loop, case_is_told, &first);
	journal_put(case_journal, "a", "k", "2");
	case_commit(&second);
	case_commit(&empty);
	turn_until(case_loop, case_is_told, &empty);
	assert_int_equal(second.kind, ERR_LOCAL);
	assert_int_equal(empty.kind, ERR_LOCAL);
	assert_int_equal(metrics_value("tocsin_journal_failures_total", NULL, NULL), 1);
	fake_disk_set(FAKE_DISK_WELL);
	case_reopen(); /* the end is a last try */
	assert_string_equal(case_contents("a"), "k=2@2");
}

static void test_what_failed_goes_before_what_came_later(void **state)
{
	struct told first, second;

	(void)state;
	fake_disk_stall(true);
	journal_put(case_journal, "a", "k", "1");
	case_commit(&first);
	turn_for(case_loop, 20);
	fake_disk_wait_for_stall();
	journal_put_if(case_journal, "a", "k", "2", 1);
	case_commit(&second);
	fake_disk_set(FAKE_DISK_BAD_FLUSH);
	fake_disk_stall(false);
	turn_until(case_loop, case_is_told, &second);
	assert_int_equal(first.kind, ERR_LOCAL);
	assert_int_equal(second.kind, ERR_LOCAL);
	fake_disk_set(FAKE_DISK_WELL);
	turn_until(case_loop, is_healthy, NULL);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "k=2@2");
}

/* What a storm left behind: its documents are gone, its pages were not. */
static void test_free_pages_are_given_back_at_a_start(void **state)
{
	static char large[100000];
	struct mem mem = { 0 };
	struct stat after;

	(void)state;
	(void)memset(large, '1', sizeof(large) - 1);
	for (int i = 0; i < 60; i++)
		journal_put(case_journal, "a", mem_printf(&mem, "%d", i), large);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	for (int i = 1; i < 60; i++)
		journal_delete(case_journal, "a", mem_printf(&mem, "%d", i));
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	journal_put(case_journal, "a", "0", "1");
	journal_put(case_journal, "a", "k", "2");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	case_reopen();
	assert_true(metrics_value("tocsin_journal_compacted_bytes_total", NULL, NULL) > 5000000);
	assert_string_equal(case_contents("a"), "0=1@2 k=2@1");
	assert_int_equal(stat(scratch_path("db"), &after), 0);
	assert_true(after.st_size < 100000);
	mem_free_all(&mem);
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
	journal_put(case_journal, "a", "k", "1");
	enum err_kind kind = case_commit_and_wait();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(kind, ERR_LOCAL);
	turn_until(case_loop, is_healthy, NULL);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_string_equal(case_contents("a"), "k=1@1");
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
		assert_false(journal_full(case_journal));
		(void)snprintf(key, sizeof(key), "%02d", i);
		journal_put(case_journal, "a", key, big);
		journal_commit(case_journal, (struct done){ NULL, NULL });
	}
	assert_true(journal_full(case_journal));
	assert_int_equal(case_commit_and_wait(), ERR_LOCAL);
	assert_true(journal_full(case_journal));
	fake_disk_set(FAKE_DISK_WELL);
	turn_until(case_loop, is_healthy, NULL);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	assert_false(journal_full(case_journal));
	journal_put_if(case_journal, "a", "63", "1", 1);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
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
		case_tell(&recommit->told, NULL);
		return;
	}
	recommit->failures++;
	fake_disk_set(recommit->failures > 3 ? FAKE_DISK_WELL : FAKE_DISK_FULL);
	journal_put(case_journal, "a", "again", "1");
	journal_commit(case_journal, (struct done){ commit_again, recommit });
}

static void test_a_done_may_commit_again(void **state)
{
	struct recommit recommit = { 0 };

	(void)state;
	fake_disk_set(FAKE_DISK_FULL);
	journal_put(case_journal, "a", "k", "1");
	journal_commit(case_journal, (struct done){ commit_again, &recommit });
	turn_until(case_loop, case_is_told, &recommit.told);
	assert_true(recommit.failures > 3);
	assert_true(strncmp(case_contents("a"), "again=1@", 8) == 0);
}

static void test_close_completes_everything(void **state)
{
	struct told told[3];

	(void)state;
	fake_disk_stall(true);
	journal_put(case_journal, "a", "k", "1");
	case_commit(&told[0]);
	turn_for(case_loop, 20);
	fake_disk_wait_for_stall();
	journal_put(case_journal, "a", "k", "2");
	case_commit(&told[1]);
	case_commit(&told[2]);
	fake_disk_stall(false);
	case_reopen();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(told[i].times, 1);
		assert_int_equal(told[i].kind, ERR_NONE);
	}
	assert_string_equal(case_contents("a"), "k=2@2");
	/* And when the disk fails to the end. */
	fake_disk_set(FAKE_DISK_FULL);
	journal_put(case_journal, "a", "k", "3");
	case_commit(&told[0]);
	case_commit(&told[1]);
	journal_close(case_journal);
	fake_disk_set(FAKE_DISK_WELL);
	case_open_it();
	assert_int_equal(told[0].times, 1);
	assert_int_equal(told[0].kind, ERR_LOCAL);
	assert_int_equal(told[1].times, 1);
	assert_int_equal(told[1].kind, ERR_LOCAL);
	assert_string_equal(case_contents("a"), "k=2@2");
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
	for (int i = 0; i < 4500; i++) {
		(void)snprintf(key, sizeof(key), "%04d", i);
		journal_put(case_journal, "a", key, big);
	}
	assert_true(size_of("db") < 100000);
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	turn_until(case_loop, file_has_grown, NULL);
	/* And is used from its start again, cut to what is allowed to stay. */
	turn_for(case_loop, 20);
	for (int i = 0; i < 3; i++) {
		journal_put(case_journal, "a", "small", "1");
		assert_int_equal(case_commit_and_wait(), ERR_NONE);
	}
	assert_true(size_of("db-wal") <= 16777216);
	free(big);
}

static int note_kind(void *arg, int columns, char **values, char **names)
{
	char *kinds = arg;

	(void)columns;
	(void)names;
	kinds[strlen(kinds)] = values[0][0]; /* zeros follow */
	return 0;
}

/* What is written again and again shares no page with what is not. */
static void test_rows_of_one_kind_lie_together(void **state)
{
	struct told told[3];
	char kinds[16] = "";
	sqlite3 *db;

	(void)state;
	for (int i = 0; i < 3; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "%d", i);
		journal_put(case_journal, "a", key, "1");
		journal_put(case_journal, "b", key, "1");
		journal_put(case_journal, "c", key, "1");
		journal_delete(case_journal, "b", "1");
		case_commit(&told[i]);
	}
	turn_until(case_loop, case_is_told, &told[2]);
	assert_int_equal(sqlite3_open(scratch_path("db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "SELECT kind FROM documents ORDER BY rowid", note_kind, kinds, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_string_equal(kinds, "aaabbccc");
}

static void test_only_the_owner_may_read_the_files(void **state)
{
	const char *const names[] = { "db", "db-wal", "db-shm", "db.lock" };
	struct stat info;

	(void)state;
	journal_put(case_journal, "a", "k", "1");
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
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
	assert_null(journal_open(case_loop, path, &err));
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
		journal_put(case_journal, "a", key, "{\"some\":\"text of some length, so that there are pages\"}");
	}
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	journal_close(case_journal);
	overwrite("db", 4096, 0xA5, 16384);
	case_journal = journal_open(case_loop, scratch_path("db"), &err);
	if (case_journal != NULL)
		assert_false(journal_load(case_journal, "a", ignore, NULL, &err));
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

/* Against a model: random batches, conditions, failing disks and restarts. */
struct model {
	int64_t revision; /* 0: absent */
	int value;
};

#define MODEL_KEYS 8
#define MODEL_BATCHES 3000

static int model_value;

/* One random op into the open batch and into `next`. False: its condition does not hold in `now`. */
static bool random_op(const struct model *now, struct model *next)
{
	size_t key = (size_t)random_up_to(MODEL_KEYS - 1);
	char name[4], json[16];
	int64_t what = random_up_to(9), revision = now[key].revision;
	bool holds = true;

	(void)snprintf(name, sizeof(name), "%zu", key);
	(void)snprintf(json, sizeof(json), "%d", ++model_value);
	if (what == 0) {
		journal_delete(case_journal, "a", name);
		next[key].revision = 0;
		return true;
	}
	if (what == 1) {
		journal_put_new(case_journal, "a", name, json);
		holds = revision == 0;
	} else if (what <= 4) {
		revision = random_up_to(2) == 0 ? random_up_to(4) : revision;
		journal_put_if(case_journal, "a", name, json, revision);
		holds = revision == now[key].revision;
	} else {
		journal_put(case_journal, "a", name, json);
	}
	next[key].revision++;
	next[key].value = model_value;
	return holds;
}

static enum err_kind random_batch(struct model *model)
{
	struct model next[MODEL_KEYS];
	bool holds = true;

	memcpy(next, model, sizeof(next));
	for (int64_t ops = random_up_to(4); ops > 0; ops--)
		holds &= random_op(model, next);
	if (holds)
		memcpy(model, next, sizeof(next));
	return holds ? ERR_NONE : ERR_CONFLICT;
}

static void compare(const struct model *model)
{
	char expected[1024] = "";

	for (size_t i = 0; i < MODEL_KEYS; i++)
		if (model[i].revision > 0)
			(void)snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), "%s%zu=%d@%lld",
			               expected[0] != '\0' ? " " : "", i, model[i].value,
			               (long long)model[i].revision);
	assert_string_equal(case_contents("a"), expected);
}

static void change_disk(enum fake_disk_trouble trouble)
{
	fake_disk_set(trouble);
	if (trouble == FAKE_DISK_WELL)
		turn_until(case_loop, is_healthy, NULL);
}

static void test_random_batches(void **state)
{
	struct model model[MODEL_KEYS] = { { 0, 0 } };
	struct told *told = mem_alloc(MODEL_BATCHES * sizeof(*told));
	enum err_kind *expected = mem_alloc(MODEL_BATCHES * sizeof(*expected));
	unsigned conflicts = 0, failures = 0;

	(void)state;
	random_seed_for_tests(20261121);
	for (int i = 0; i < MODEL_BATCHES; i++) {
		expected[i] = random_batch(model);
		case_commit(&told[i]);
		if (random_up_to(19) == 0)
			change_disk((enum fake_disk_trouble)random_up_to(2));
		if (random_up_to(9) == 0)
			turn_for(case_loop, random_up_to(2));
		if (random_up_to(9) == 0) /* however slow this machine is, there are batches of each fate */
			turn_until(case_loop, case_is_told, &told[i]);
		if (random_up_to(199) == 0) {
			fake_disk_set(FAKE_DISK_WELL);
			case_reopen();
			compare(model);
		}
	}
	fake_disk_set(FAKE_DISK_WELL);
	turn_until(case_loop, case_is_told, &told[MODEL_BATCHES - 1]);
	case_reopen();
	compare(model);
	for (int i = 0; i < MODEL_BATCHES; i++) {
		assert_int_equal(told[i].times, 1);
		if (told[i].kind != ERR_LOCAL)
			assert_int_equal(told[i].kind, expected[i]);
		conflicts += told[i].kind == ERR_CONFLICT;
		failures += told[i].kind == ERR_LOCAL;
	}
	assert_true(conflicts > 100 && failures > 100);
	random_seed_for_tests(0);
	free(told);
	free(expected);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, case_set_up, case_tear_down)

static const struct CMUnitTest tests[] = {
	TEST(test_a_full_disk),
	TEST(test_a_disk_that_cannot_flush),
	TEST(test_later_commits_fail_fast),
	TEST(test_what_failed_goes_before_what_came_later),
	TEST(test_free_pages_are_given_back_at_a_start),
	TEST(test_a_file_that_may_not_grow),
	TEST(test_too_much_kept_is_full),
	TEST(test_a_done_may_commit_again),
	TEST(test_close_completes_everything),
	TEST(test_the_log_is_moved_into_the_file),
	TEST(test_rows_of_one_kind_lie_together),
	TEST(test_only_the_owner_may_read_the_files),
	TEST(test_files_that_are_not_ours),
	TEST(test_a_damaged_file),
	TEST(test_the_lock),
	TEST(test_random_batches),
};

int main(void)
{
	return cmocka_run_group_tests_name("journal_disk", tests, NULL, NULL);
}
