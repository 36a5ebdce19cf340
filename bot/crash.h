/*
 * crash.h - kill points for the crash sweep; nothing at all outside the test build.
 *
 * With -DTOCSIN_CRASH_POINTS every CRASH_POINT("name") counts; the process kills itself with
 * SIGKILL at number TOCSIN_CRASH_AT, and appends the name of each point passed to the file
 * TOCSIN_CRASH_LOG, so that the sweep enumerates them itself. With TOCSIN_CRASH_OF only points of that name count.
 * TOCSIN_CRASH_SLOW_MS makes each commit so much longer, as a slow disk does: what is done before it is durable, and
 * must not be, is then done long before.
 */
#ifndef BOT_CRASH_H
#define BOT_CRASH_H

#ifdef TOCSIN_CRASH_POINTS
void crash_point(const char *name); /* any thread */
#define CRASH_POINT(name) crash_point(name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
