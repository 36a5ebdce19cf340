/*
 * faults.c - a disk, a clock and a resolver that fail on demand, preloaded into tocsin by tests/e2e/test_local_faults.py.
 *
 * TOCSIN_FAULTS names a file that both map: numbers of 64 bits, which the test changes while the program lives. Only files
 * whose path begins with TOCSIN_FAULTS_DISK are hit by the first four.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define THIS_MACHINE "this-machine.test" /* a name that is resolved when the fault is over */

/* errno of the call, 0: the call is made. The order is that of test_local_faults.py. */
struct faults {
	int64_t writes, flushes, opens, reads;
	int64_t clock_ms;   /* added to the wall clock */
	int64_t resolve;    /* EAI_ value of lookups; 0: they are made */
	int64_t resolve_ms; /* they take so long */
	int64_t hits;       /* calls that failed by this: what shows that a test tested something */
};

static struct faults *faults;
static const char *disk;

__attribute__((constructor)) static void attach(void)
{
	const char *name = getenv("TOCSIN_FAULTS");
	int fd = name == NULL ? -1 : open(name, O_RDWR | O_CLOEXEC);
	void *room = MAP_FAILED;

	if (fd >= 0)
		room = mmap(NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (room == MAP_FAILED)
		return;
	(void)close(fd);
	disk = getenv("TOCSIN_FAULTS_DISK");
	faults = room;
}

/* The next one of that name: the C library's. POSIX lets dlsym's pointer be a function's, ISO C knows no such cast. */
#define NEXT(name) (__extension__(__typeof__(&name))dlsym(RTLD_NEXT, #name))

static bool on_disk(const char *path)
{
	return disk != NULL && strncmp(path, disk, strlen(disk)) == 0;
}

static bool is_on_disk(int fd)
{
	char link[40], path[4096];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	return on_disk(path);
}

static bool fails(const int64_t *fault, int fd)
{
	if (faults == NULL || *fault == 0 || !is_on_disk(fd))
		return false;
	(void)__atomic_add_fetch(&faults->hits, 1, __ATOMIC_RELAXED);
	errno = (int)*fault;
	return true;
}

#define FAULT(which) (faults == NULL ? NULL : &faults->which)

ssize_t write(int fd, const void *bytes, size_t count)
{
	return fails(FAULT(writes), fd) ? -1 : NEXT(write)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
	return fails(FAULT(writes), fd) ? -1 : NEXT(pwrite)(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
	return fails(FAULT(writes), fd) ? -1 : NEXT(pwrite64)(fd, bytes, count, at);
}

int ftruncate(int fd, off_t length)
{
	return fails(FAULT(writes), fd) ? -1 : NEXT(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
	return fails(FAULT(writes), fd) ? -1 : NEXT(ftruncate64)(fd, length);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t at)
{
	return fails(FAULT(reads), fd) ? -1 : NEXT(pread)(fd, bytes, count, at);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t at)
{
	return fails(FAULT(reads), fd) ? -1 : NEXT(pread64)(fd, bytes, count, at);
}

int fsync(int fd)
{
	return fails(FAULT(flushes), fd) ? -1 : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
	return fails(FAULT(flushes), fd) ? -1 : NEXT(fdatasync)(fd);
}

static bool open_fails(const char *path)
{
	if (faults == NULL || faults->opens == 0 || !on_disk(path))
		return false;
	(void)__atomic_add_fetch(&faults->hits, 1, __ATOMIC_RELAXED);
	errno = (int)faults->opens;
	return true;
}

static mode_t mode_of(int flags, va_list args)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? (mode_t)va_arg(args, unsigned) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return open_fails(path) ? -1 : NEXT(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return open_fails(path) ? -1 : NEXT(open64)(path, flags, mode);
}

static int64_t clock_ms(void)
{
	return faults == NULL ? 0 : faults->clock_ms;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int status = NEXT(clock_gettime)(id, now);

	if (status != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return status;
	now->tv_sec += clock_ms() / 1000; /* whole seconds */
	return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	int status = NEXT(gettimeofday)(now, zone);

	now->tv_sec += clock_ms() / 1000;
	return status;
}

time_t time(time_t *out)
{
	time_t now = NEXT(time)(NULL) + clock_ms() / 1000;

	if (out != NULL)
		*out = now;
	return now;
}

int getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict found)
{
	unsigned char number[16];

	if (name == NULL || inet_pton(AF_INET, name, number) == 1 || inet_pton(AF_INET6, name, number) == 1)
		return NEXT(getaddrinfo)(name, service, hints, found); /* no name server is asked for these */
	if (faults != NULL && faults->resolve_ms > 0)
		(void)usleep((useconds_t)(faults->resolve_ms * 1000));
	if (faults != NULL && faults->resolve != 0) {
		(void)__atomic_add_fetch(&faults->hits, 1, __ATOMIC_RELAXED);
		return (int)faults->resolve;
	}
	if (strcmp(name, THIS_MACHINE) == 0)
		name = "127.0.0.1";
	return NEXT(getaddrinfo)(name, service, hints, found);
}
