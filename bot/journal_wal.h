/*
 * journal_wal.h - how SQLite writes its write-ahead log: many small pieces as one.
 *
 * SQLite hands a frame over as a header of 24 bytes and a page, each by a system call of its own, all at rising
 * places. This file system (a "VFS" of SQLite's) keeps such pieces until anything else is asked of the log, above all
 * its flush, and writes them together before that. So nothing is durable later, and nobody can read what is not written
 * yet. When that write fails, what asked for it fails: SQLite then takes the transaction back.
 */
#ifndef BOT_JOURNAL_WAL_H
#define BOT_JOURNAL_WAL_H

/* The name for sqlite3_open_v2. Underneath is what is SQLite's default at this call; NULL when it has none. */
const char *journal_wal_vfs(void);

#endif
