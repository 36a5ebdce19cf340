#include "commit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define SEEN_BYTES 13

struct commit {
	sqlite3 *db;
	sqlite3_stmt *insert;
	char *text;
	int bytes;
	unsigned count;
};

struct commit *commit_open(const char *path, size_t bytes)
{
	static const char start[] =
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
		"CREATE TABLE documents (kind TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL, "
		"revision INTEGER NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID";
	static const char insert[] = "INSERT INTO documents (kind, key, json, revision) VALUES (?1, ?2, ?3, 1)";
	struct commit *commit = calloc(1, sizeof(*commit));

	commit->bytes = (int)bytes;
	commit->text = malloc(bytes);
	memset(commit->text, 'x', bytes);
	if (sqlite3_open(path, &commit->db) != SQLITE_OK ||
	    sqlite3_exec(commit->db, start, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(commit->db, insert, -1, &commit->insert, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(commit->db));
	return commit;
}

static void put(struct commit *commit, const char *kind, int bytes)
{
	char key[24];

	/* Keys far apart, as random ids are. */
	(void)snprintf(key, sizeof(key), "%08x%u", commit->count * 2654435761u, commit->count);
	(void)sqlite3_bind_text(commit->insert, 1, kind, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(commit->insert, 2, key, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(commit->insert, 3, commit->text, bytes, SQLITE_STATIC);
	if (sqlite3_step(commit->insert) != SQLITE_DONE)
		fail(sqlite3_errmsg(commit->db));
	(void)sqlite3_reset(commit->insert);
}

int64_t commit_one(struct commit *commit)
{
	int64_t started_ns = now_ns();

	if (sqlite3_exec(commit->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(commit->db));
	put(commit, "seen", SEEN_BYTES);
	put(commit, "flow", commit->bytes / 4);
	put(commit, "incident", commit->bytes - commit->bytes / 4 - SEEN_BYTES);
	if (sqlite3_exec(commit->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(commit->db));
	commit->count++;
	return now_ns() - started_ns;
}

void commit_close(struct commit *commit)
{
	(void)sqlite3_finalize(commit->insert);
	(void)sqlite3_close(commit->db);
	free(commit->text);
	free(commit);
}
