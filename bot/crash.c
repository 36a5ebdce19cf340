#include "bot/crash.h"

#ifdef TOCSIN_CRASH_POINTS

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all below */
static bool ready;
static unsigned long passed, deadly; /* deadly: the point that kills, from 1; 0: none */
static const char *counted; /* NULL: every point */
static int log_fd, slow_ms;

static void read_environment(void)
{
	const char *at = getenv("TOCSIN_CRASH_AT");
	const char *log = getenv("TOCSIN_CRASH_LOG");
	const char *slow = getenv("TOCSIN_CRASH_SLOW_MS");

	counted = getenv("TOCSIN_CRASH_OF");
	slow_ms = slow == NULL ? 0 : (int)strtol(slow, NULL, 10);
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
	bool counts;

	(void)pthread_mutex_lock(&lock);
	if (!ready)
		read_environment();
	counts = counted == NULL || strcmp(name, counted) == 0;
	passed += counts ? 1 : 0;
	log_name(name);
	if (counts && passed == deadly) {
		(void)kill(getpid(), SIGKILL);
		for (;;)
			(void)pause();
	}
	(void)pthread_mutex_unlock(&lock);
	if (slow_ms > 0 && strcmp(name, "journal.before_commit") == 0)
		(void)poll(NULL, 0, slow_ms);
}

#endif
