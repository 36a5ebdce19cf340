/*
 * commit.h - one commit as the journal does it (SQLite, WAL, synchronous=FULL, three documents),
 * without thread and loop: the disk's own price.
 */
#ifndef TESTS_BENCH_COMMIT_H
#define TESTS_BENCH_COMMIT_H

#include <stddef.h>
#include <stdint.h>

struct commit;

struct commit *commit_open(const char *path, size_t bytes); /* bytes: of the documents of one commit */
int64_t commit_one(struct commit *commit);                  /* ns */
void commit_close(struct commit *commit);

#endif
