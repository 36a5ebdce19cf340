/*
 * journal_sqlite.h - the engine under journal.c: one SQLite file, one connection, one caller.
 *
 * Only journal.c includes this. After journal_sqlite_open every call is made by one thread at a
 * time: the loop at start and at the end, the journal's worker in between.
 */
#ifndef BOT_JOURNAL_SQLITE_H
#define BOT_JOURNAL_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct journal_sqlite;

#define JOURNAL_ABSENT 0 /* the revision of a document that does not exist */

struct document;

/* One put or delete, in a piece of its batch, with both texts behind it. */
struct journal_op {
	struct journal_op *next;
	const char *kind; /* a literal */
	char *key, *json; /* json NULL: a delete */
	size_t key_length, json_length;
	struct document *document; /* journal_sqlite.c, during its transaction */
	int64_t expected; /* revision that must be there before the batch; JOURNAL_ANY: no condition */
};

struct journal_piece;

struct journal_batch {
	struct journal_batch *next;
	struct journal_op *first, **last;
	struct journal_piece *pieces; /* journal.c's: where the batch and its ops lie */
	size_t bytes;  /* of memory, set when it is committed */
	struct done done;
	bool told;     /* done was completed */
	bool conflict; /* set by journal_sqlite_apply: left out, a condition did not hold */
};

/* What one transaction was. */
struct journal_commit {
	int64_t rows;        /* written or deleted */
	int64_t duration_us;
	int64_t wal_pages;   /* length of the write-ahead log after it */
};

/* Locks, creates (mode 0600) or opens, and checks. Errors as journal_open. */
struct journal_sqlite *journal_sqlite_open(const char *path, struct err *err) MUST_CHECK;
/* Moves the write-ahead log into the file, closes it, lets the lock go. */
void journal_sqlite_close(struct journal_sqlite *db);

/* Every batch of the list in one transaction, durable on return; or nothing at all of it. */
bool journal_sqlite_apply(struct journal_sqlite *db, struct journal_batch *batches,
                          struct journal_commit *commit, struct err *err) MUST_CHECK;

/* Moves what it can of the write-ahead log into the file; *left_pages of it could not be moved. */
bool journal_sqlite_checkpoint(struct journal_sqlite *db, int64_t *left_pages,
                               struct err *err) MUST_CHECK;

bool journal_sqlite_load(struct journal_sqlite *db, const char *kind,
                         void (*each)(void *arg, const char *key, const char *json, int64_t revision),
                         void *arg, struct err *err) MUST_CHECK;

#endif
