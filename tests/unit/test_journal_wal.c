/* bot/journal_wal.c: when what SQLite writes reaches the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "bot/journal_wal.h"
#include "bot/mem.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/turn.h"

#define PAGE 4096
#define FRAME (PAGE + 24)

static sqlite3_file *file;
static char pages[64 * FRAME];

static int64_t size_on_disk(void)
{
	struct stat about;

	assert_int_equal(stat(scratch_path("db-wal"), &about), 0);
	return about.st_size;
}

/* SQLite gives the log the mode of the file that it belongs to. */
static void write_database(void)
{
	FILE *database = fopen(scratch_path("db"), "we");

	assert_non_null(database);
	assert_int_equal(fclose(database), 0);
}

static int set_up(void **state)
{
	sqlite3_vfs *vfs;

	(void)state;
	scratch_make();
	write_database();
	fake_disk_install();
	vfs = sqlite3_vfs_find(journal_wal_vfs());
	assert_non_null(vfs);
	for (size_t i = 0; i < sizeof(pages); i++)
		pages[i] = (char)(i * 31 % 251);
	file = mem_alloc((size_t)vfs->szOsFile);
	return vfs->xOpen(vfs, scratch_path("db-wal"), file,
	                  SQLITE_OPEN_WAL | SQLITE_OPEN_CREATE | SQLITE_OPEN_READWRITE, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	if (file->pMethods != NULL)
		(void)file->pMethods->xClose(file);
	free(file);
	fake_disk_remove();
	scratch_remove();
	return 0;
}

/* As SQLite does: a frame's header, then its page. */
static void write_frames(int first, int count)
{
	for (int i = first; i < first + count; i++) {
		sqlite3_int64 at = (sqlite3_int64)i * FRAME;

		assert_int_equal(file->pMethods->xWrite(file, pages + at, 24, at), SQLITE_OK);
		assert_int_equal(file->pMethods->xWrite(file, pages + at + 24, PAGE, at + 24), SQLITE_OK);
	}
}

static void expect_frames(int count)
{
	char *found = mem_alloc((size_t)count * FRAME);

	assert_int_equal(file->pMethods->xRead(file, found, count * FRAME, 0), SQLITE_OK);
	assert_memory_equal(found, pages, (size_t)count * FRAME);
	free(found);
}

static void test_written_before_the_flush(void **state)
{
	unsigned before = fake_disk_flushes();

	(void)state;
	write_frames(0, 3);
	assert_int_equal(size_on_disk(), 0);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(size_on_disk(), 3 * FRAME);
	assert_int_equal(fake_disk_flushes(), before + 1);
	expect_frames(3);
}

static void test_whoever_looks_sees_all(void **state)
{
	sqlite3_int64 size = 0;

	(void)state;
	write_frames(0, 2);
	expect_frames(2);
	write_frames(2, 2);
	assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
	assert_int_equal(size, 4 * FRAME);
	write_frames(4, 1);
	assert_int_equal(file->pMethods->xTruncate(file, FRAME), SQLITE_OK);
	assert_int_equal(size_on_disk(), FRAME);
	write_frames(1, 1);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	file->pMethods = NULL;
	assert_int_equal(size_on_disk(), 2 * FRAME);
}

/* More than is held at once, and a log that begins anew over its old frames. */
static void test_many_frames_and_a_jump_back(void **state)
{
	(void)state;
	write_frames(0, 64);
	assert_true(size_on_disk() >= 32 * FRAME);
	memset(pages, 'x', FRAME);
	write_frames(0, 1);
	assert_int_equal(size_on_disk(), 64 * FRAME);
	expect_frames(64);
	/* More than it would hold, in one piece: at once. */
	assert_int_equal(file->pMethods->xWrite(file, pages, 31 * FRAME, 64 * FRAME), SQLITE_OK);
	assert_int_equal(size_on_disk(), 95 * FRAME);
}

static void test_a_failure_is_told_once(void **state)
{
	(void)state;
	write_frames(0, 1);
	fake_disk_set(FAKE_DISK_FULL);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_FULL);
	fake_disk_set(FAKE_DISK_WELL);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(size_on_disk(), 0); /* nothing of a transaction that was taken back */
	write_frames(0, 2);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	expect_frames(2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_written_before_the_flush, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_whoever_looks_sees_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_frames_and_a_jump_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_failure_is_told_once, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
