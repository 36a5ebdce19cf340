/*
 * journal.h - what must survive: small JSON documents, durable before anyone is told.
 *
 * Documents live in memory with their owners; the journal is their second copy, read only at
 * start. The engine (SQLite, WAL, synchronous=FULL) runs on a worker; what is committed while a
 * transaction is being written shares the next one and its fsync (group commit). No other part of
 * the program knows which engine it is.
 *
 * A batch is everything put or deleted since the last journal_commit. It is applied whole or not
 * at all; batches are applied in order. When the disk fails, `done` gets ERR_LOCAL, the batch is
 * kept and tried again ahead of all later ones: memory and disk never part for good. Until then
 * journal_healthy is false and later commits fail fast with ERR_LOCAL (kept likewise, up to
 * JOURNAL_KEPT_MAX bytes; beyond that journal_full is true and intake must refuse).
 */
#ifndef BOT_JOURNAL_H
#define BOT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct journal;
struct loop;

#define JOURNAL_KEPT_MAX (64u << 20)

/* Creates or opens the file (mode 0600) and locks it; a lock held elsewhere gives ERR_CONFLICT
 * and a text that names the holder's PID. A damaged file gives ERR_LOCAL and what to do. */
struct journal *journal_open(struct loop *loop, const char *path, struct err *err) MUST_CHECK;
void journal_close(struct journal *journal); /* waits for what was committed; completes every done */

/* kind: a literal such as "incident". key: at most 512 bytes. Both texts are copied. */
void journal_put(struct journal *journal, const char *kind, const char *key, const char *json);
void journal_delete(struct journal *journal, const char *kind, const char *key);

/* Conditions. The whole batch is left out when one does not hold; done gets ERR_CONFLICT. */
void journal_put_new(struct journal *journal, const char *kind, const char *key, const char *json);
#define JOURNAL_ANY (-1)
/* The document must be at `revision` (1 after its first put, one more after each). */
void journal_put_if(struct journal *journal, const char *kind, const char *key, const char *json,
                    int64_t revision);

/* `before` runs as each batch ends and may put into it: what changes often within one batch is put
 * once, as it is at the end. It must not commit. NULL: nothing (any more). */
void journal_before_commit(struct journal *journal, void (*before)(void *arg), void *arg);

/* Ends the batch. done: NULL error once it is on the disk. An empty batch is allowed: it
 * completes when everything committed before it is durable. done.fn may be NULL. */
void journal_commit(struct journal *journal, struct done done);

/* At start, before the loop runs: every document of a kind, ordered by key; blocking. */
bool journal_load(struct journal *journal, const char *kind,
                  void (*each)(void *arg, const char *key, const char *json, int64_t revision),
                  void *arg, struct err *err) MUST_CHECK;

bool journal_healthy(const struct journal *journal); /* the last transaction succeeded */
bool journal_full(const struct journal *journal);    /* too much is kept: refuse intake */

#endif
