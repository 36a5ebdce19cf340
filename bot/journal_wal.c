#include "bot/journal_wal.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

#define NAME "tocsin"
#define HELD_MAX ((size_t)124 << 10) /* thirty frames; SQLite's own file system takes 128 KiB less one byte at a time */

/* SQLite allocates it with room for the file underneath behind it. */
struct log {
	sqlite3_file file; /* first: what SQLite sees */
	char *held;        /* HELD_MAX bytes of room */
	size_t length;     /* bytes held, for `at` and behind */
	sqlite3_int64 at;
};

static sqlite3_vfs *under; /* the default one: SQLite's own, a test's */

static struct log *log_of(sqlite3_file *file)
{
	return (struct log *)(void *)file;
}

static sqlite3_file *under_of(sqlite3_file *file)
{
	return (sqlite3_file *)(void *)(log_of(file) + 1);
}

/* What cannot be written is forgotten: the transaction that it belongs to ends here. */
static int write_held(sqlite3_file *file)
{
	struct log *log = log_of(file);
	size_t length = log->length;

	log->length = 0;
	if (length == 0)
		return SQLITE_OK;
	return under_of(file)->pMethods->xWrite(under_of(file), log->held, (int)length, log->at);
}

static int on_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
	struct log *log = log_of(file);
	size_t length = (size_t)count;
	int code = SQLITE_OK;

	if (at != log->at + (sqlite3_int64)log->length || length > HELD_MAX - log->length)
		code = write_held(file);
	if (code != SQLITE_OK || length > HELD_MAX)
		return code != SQLITE_OK ? code : under_of(file)->pMethods->xWrite(under_of(file), bytes, count, at);
	if (log->length == 0)
		log->at = at;
	memcpy(log->held + log->length, bytes, length);
	log->length += length;
	return SQLITE_OK;
}

static int on_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 at)
{
	int code = write_held(file);

	return code != SQLITE_OK ? code : under_of(file)->pMethods->xRead(under_of(file), bytes, count, at);
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int code = write_held(file);

	return code != SQLITE_OK ? code : under_of(file)->pMethods->xTruncate(under_of(file), size);
}

static int on_sync(sqlite3_file *file, int flags)
{
	int code = write_held(file);

	return code != SQLITE_OK ? code : under_of(file)->pMethods->xSync(under_of(file), flags);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int code = write_held(file);

	return code != SQLITE_OK ? code : under_of(file)->pMethods->xFileSize(under_of(file), size);
}

static int on_control(sqlite3_file *file, int what, void *arg)
{
	int code = write_held(file);

	return code != SQLITE_OK ? code : under_of(file)->pMethods->xFileControl(under_of(file), what, arg);
}

static int on_close(sqlite3_file *file)
{
	int code = write_held(file), closed = under_of(file)->pMethods->xClose(under_of(file));

	free(log_of(file)->held);
	return code != SQLITE_OK ? code : closed;
}

/* The log has one user: the lock beside the journal sees to that, and SQLite's own locks are on the main file. */
static int on_lock(sqlite3_file *file, int level)
{
	return under_of(file)->pMethods->xLock(under_of(file), level);
}

static int on_unlock(sqlite3_file *file, int level)
{
	return under_of(file)->pMethods->xUnlock(under_of(file), level);
}

static int on_check_lock(sqlite3_file *file, int *locked)
{
	return under_of(file)->pMethods->xCheckReservedLock(under_of(file), locked);
}

static int on_sector_size(sqlite3_file *file)
{
	return under_of(file)->pMethods->xSectorSize(under_of(file));
}

static int on_characteristics(sqlite3_file *file)
{
	return under_of(file)->pMethods->xDeviceCharacteristics(under_of(file));
}

/* Version 1: later ones map memory, which is only done with the main file. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_check_lock,
	.xFileControl = on_control,
	.xSectorSize = on_sector_size,
	.xDeviceCharacteristics = on_characteristics,
};

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
	struct log *log = log_of(file);
	int code;

	(void)vfs;
	if ((flags & SQLITE_OPEN_WAL) == 0)
		return under->xOpen(under, path, file, flags, out_flags);
	*log = (struct log){ 0 };
	code = under->xOpen(under, path, under_of(file), flags, out_flags);
	if (code != SQLITE_OK)
		return code;
	log->file.pMethods = &methods;
	log->held = mem_resize(NULL, HELD_MAX);
	return SQLITE_OK;
}

const char *journal_wal_vfs(void)
{
	static sqlite3_vfs vfs;

	(void)sqlite3_vfs_unregister(&vfs);
	under = sqlite3_vfs_find(NULL);
	if (under == NULL)
		return NULL;
	vfs = *under;
	vfs.zName = NAME;
	vfs.szOsFile = (int)sizeof(struct log) + under->szOsFile;
	vfs.xOpen = open_file;
	return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? NAME : NULL;
}
