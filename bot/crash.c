#include "bot/crash.h"

#ifdef TOCSIN_CRASH_POINTS

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the three below */
static bool ready;
static unsigned long passed, deadly; /* deadly: the point that kills, from 1; 0: none */
static int log_fd;

static void read_environment(void)
{
	const char *at = getenv("TOCSIN_CRASH_AT");
	const char *log = getenv("TOCSIN_CRASH_LOG");

	deadly = at == NULL ? 0 : strtoul(at, NULL, 10);
	log_fd = log == NULL ? -1 : open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ready = true;
}

static void log_name(const char *name)
{
	char line[128];
	size_t length = strlen(name);

	if (log_fd < 0)
		return;
	if (length > sizeof(line) - 1)
		length = sizeof(line) - 1;
	memcpy(line, name, length);
	line[length] = '\n';
	/* A lost line would shift the sweep's numbers without a word. */
	if (write(log_fd, line, length + 1) != (ssize_t)(length + 1))
		abort();
}

/* Under the lock until the end: the order in the log is the order of the numbers. */
void crash_point(const char *name)
{
	(void)pthread_mutex_lock(&lock);
	if (!ready)
		read_environment();
	passed++;
	log_name(name);
	if (passed == deadly) {
		(void)kill(getpid(), SIGKILL);
		for (;;)
			(void)pause();
	}
	(void)pthread_mutex_unlock(&lock);
}

#endif
