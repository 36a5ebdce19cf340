#include "tests/unit/support/fake_disk.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

struct file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct */
	bool is_log;
};

static sqlite3_vfs vfs, *real_vfs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static enum fake_disk_trouble trouble;
static unsigned flushes;
static bool stalled, waiting;

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct file *)(void *)file)->real;
}

static int on_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int on_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
	return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int on_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
	bool full;

	(void)pthread_mutex_lock(&lock);
	full = trouble == FAKE_DISK_FULL && ((struct file *)(void *)file)->is_log;
	(void)pthread_mutex_unlock(&lock);
	if (full)
		return SQLITE_FULL;
	return real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int on_sync(sqlite3_file *file, int flags)
{
	bool bad;

	if (!((struct file *)(void *)file)->is_log)
		return real_of(file)->pMethods->xSync(real_of(file), flags);
	(void)pthread_mutex_lock(&lock);
	while (stalled) {
		waiting = true;
		(void)pthread_cond_broadcast(&changed);
		(void)pthread_cond_wait(&changed, &lock);
	}
	waiting = false;
	bad = trouble == FAKE_DISK_BAD_FLUSH;
	if (!bad)
		flushes++;
	(void)pthread_mutex_unlock(&lock);
	return bad ? SQLITE_IOERR_FSYNC : real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int on_lock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int on_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int on_check(sqlite3_file *file, int *reserved)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), reserved);
}

static int on_control(sqlite3_file *file, int what, void *arg)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), what, arg);
}

static int on_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int on_device(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int on_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **where)
{
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, where);
}

static int on_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void on_shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int on_shm_unmap(sqlite3_file *file, int delete_it)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), delete_it);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_check,
	.xFileControl = on_control,
	.xSectorSize = on_sector,
	.xDeviceCharacteristics = on_device,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
};

static int on_open(sqlite3_vfs *self, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
	struct file *file = (struct file *)(void *)base;
	int code;

	(void)self;
	file->real = (sqlite3_file *)(void *)(file + 1);
	file->is_log = (flags & SQLITE_OPEN_WAL) != 0;
	code = real_vfs->xOpen(real_vfs, name, file->real, flags, out_flags);
	base->pMethods = file->real->pMethods != NULL ? &methods : NULL;
	return code;
}

void fake_disk_install(void)
{
	(void)sqlite3_initialize();
	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "fake_disk";
	vfs.szOsFile = (int)sizeof(struct file) + real_vfs->szOsFile;
	vfs.xOpen = on_open;
	(void)sqlite3_vfs_register(&vfs, 1);
	fake_disk_set(FAKE_DISK_WELL);
	fake_disk_stall(false);
}

void fake_disk_remove(void)
{
	(void)sqlite3_vfs_unregister(&vfs);
	(void)sqlite3_vfs_register(real_vfs, 1);
}

void fake_disk_set(enum fake_disk_trouble value)
{
	(void)pthread_mutex_lock(&lock);
	trouble = value;
	(void)pthread_mutex_unlock(&lock);
}

unsigned fake_disk_flushes(void)
{
	unsigned value;

	(void)pthread_mutex_lock(&lock);
	value = flushes;
	(void)pthread_mutex_unlock(&lock);
	return value;
}

void fake_disk_stall(bool value)
{
	(void)pthread_mutex_lock(&lock);
	stalled = value;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&lock);
}

void fake_disk_wait_for_stall(void)
{
	struct timespec patience;
	bool in_time = true;

	(void)clock_gettime(CLOCK_REALTIME, &patience);
	patience.tv_sec += 60;
	(void)pthread_mutex_lock(&lock);
	while (!waiting && in_time)
		in_time = pthread_cond_timedwait(&changed, &lock, &patience) == 0;
	(void)pthread_mutex_unlock(&lock);
	assert_true(in_time);
}
