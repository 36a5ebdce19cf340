/*
 * fake_disk.h - SQLite's own disk with a hand on it: writes and flushes can fail or stall.
 *
 * What is counted and disturbed are the write-ahead log's writes and flushes: a commit is one
 * flush of it. The calls may come from any thread.
 */
#ifndef TESTS_FAKE_DISK_H
#define TESTS_FAKE_DISK_H

#include <stdbool.h>

enum fake_disk_trouble { FAKE_DISK_WELL, FAKE_DISK_FULL, FAKE_DISK_BAD_FLUSH };

void fake_disk_install(void); /* files opened from now on are on it */
void fake_disk_remove(void);

void fake_disk_set(enum fake_disk_trouble trouble);
unsigned fake_disk_flushes(void);     /* that succeeded */
void fake_disk_stall(bool stalled);   /* flushes wait until false */
void fake_disk_wait_for_stall(void);  /* until a flush waits; blocks */

#endif
