#include "bot/journal_sqlite.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/clock.h"
#include "bot/crash.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/journal_wal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/str.h"

#define FORMAT 1          /* PRAGMA user_version */
#define BUSY_MS 2000      /* patience with somebody who looks at the file with another program */
/* The write-ahead log is cut to this after a checkpoint: to what it grows to while somebody waits (journal.c). To write
 * over what is there costs less than to make a file longer. */
#define LOG_KEPT_BYTES (16 << 20)
#define USED "used\n" /* in the lock's file */
#define LOCK_TEXT_SIZE 40
#define COMPACT_FROM_BYTES (4 << 20) /* so much of the file is free pages, and they are half of it */

enum statement { BEGIN, COMMIT, ROLLBACK, REVISION, INSERT, UPSERT, REPLACE, DELETE, LOAD, STATEMENTS };

#define UPSERT_TEXT \
	"INSERT INTO documents (kind, key, json, revision) VALUES (?1, ?2, ?3, ?4) " \
	"ON CONFLICT DO UPDATE SET json = ?3, revision = revision + ?4"

static const char *const statement_texts[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[REVISION] = "SELECT revision FROM documents WHERE kind = ?1 AND key = ?2",
	[INSERT] = "INSERT INTO documents (kind, key, json, revision) VALUES (?1, ?2, ?3, 1) ON CONFLICT DO NOTHING",
	[UPSERT] = UPSERT_TEXT,
	[REPLACE] = "REPLACE INTO documents (kind, key, json, revision) VALUES (?1, ?2, ?3, ?4)",
	[DELETE] = "DELETE FROM documents WHERE kind = ?1 AND key = ?2",
	[LOAD] = "SELECT key, json, revision FROM documents WHERE kind = ?1 ORDER BY key",
};

/*
 * A document as the transaction leaves it: several puts of one document are one write. The
 * revision on the disk is looked up only for a condition.
 */
struct document {
	const struct journal_op *latest; /* NULL: only looked at */
	const struct journal_op *inserted; /* is on the disk already, as the first put; or NULL */
	const char *kind, *key;
	size_t key_length;
	uint64_t hash;
	int64_t puts;     /* since the transaction began, or since the delete within it */
	int64_t revision; /* on the disk; -1: not looked up */
	bool deleted, written; /* deleted: within the transaction; what is on the disk does not count */
};

struct journal_sqlite {
	sqlite3 *sqlite;
	sqlite3_stmt *statements[STATEMENTS];
	char *path;
	int lock_fd;
	bool was_used; /* by an earlier process, as the lock's file shows */
	bool is_new;   /* made now: of no worth when it cannot be opened */
	int64_t wal_pages;
	uint64_t seed;
	struct document *documents; /* of the present transaction */
	size_t document_count, document_capacity;
	uint32_t *slots; /* hash table: index into documents + 1, 0 = free; a power of two of them */
	size_t slot_count, slot_capacity;
};

/* The last error of the connection, with what a person can do. */
static bool explain(struct journal_sqlite *db, struct err *err)
{
	int code = sqlite3_errcode(db->sqlite) & 0xFF;
	int system_errno = sqlite3_system_errno(db->sqlite);
	const char *text = sqlite3_errmsg(db->sqlite);

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return err_set(err, ERR_LOCAL,
		               "%.120s is damaged (%.50s): move it away, then restore a copy or start empty",
		               db->path, text);
	if (code == SQLITE_FULL)
		return err_set(err, ERR_LOCAL, "%.120s: no space left on the disk", db->path);
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_set(err, ERR_LOCAL, "%.120s: %.50s: another program has it open; close that one",
		               db->path, text);
	if (system_errno != 0)
		return err_set(err, ERR_LOCAL, "%.120s: %.60s (%.40s)", db->path, text,
		               strerror(system_errno));
	return err_set(err, ERR_LOCAL, "%.120s: %.60s", db->path, text);
}

/* The PID, for others, and whether the file was ever opened well. Without them the lock still holds. */
static void write_lock(struct journal_sqlite *db)
{
	char text[LOCK_TEXT_SIZE];
	int length = snprintf(text, sizeof(text), "%ld\n%s", (long)getpid(), db->was_used ? USED : "");

	if (ftruncate(db->lock_fd, 0) == 0)
		(void)!pwrite(db->lock_fd, text, (size_t)length, 0);
}

/* The lock dies with the process, whatever ends it; its file stays and holds the PID for others. */
static bool take_lock(struct journal_sqlite *db, struct err *err)
{
	struct mem mem = { 0 };
	char *name = mem_printf(&mem, "%s.lock", db->path);
	char text[LOCK_TEXT_SIZE] = "";
	bool locked = false;

	db->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (db->lock_fd < 0) {
		(void)err_set(err, ERR_LOCAL, "cannot open %.120s: %s%s", name, strerror(errno),
		              errno == ENOENT ? "; create the directory first" : "");
	} else if (flock(db->lock_fd, LOCK_EX | LOCK_NB) == 0) {
		db->was_used = pread(db->lock_fd, text, sizeof(text) - 1, 0) > 0 && strstr(text, USED) != NULL;
		write_lock(db);
		locked = true;
	} else {
		if (pread(db->lock_fd, text, sizeof(text) - 1, 0) < 0)
			text[0] = '\0';
		text[strspn(text, "0123456789")] = '\0';
		(void)err_set(err, ERR_CONFLICT, "%.120s is in use by process %s: only one may run on it",
		              db->path, text[0] != '\0' ? text : "(unknown)");
	}
	mem_free_all(&mem);
	return locked;
}

/*
 * SQLite would create it readable for all; the log beside it takes over this mode. An empty file that SQLite would take
 * for a new one was cut off where a tocsin has run on it before: its log would be thrown away.
 */
static bool make_file(struct journal_sqlite *db, struct err *err)
{
	struct stat file = { 0 };
	int fd;

	db->is_new = access(db->path, F_OK) != 0;
	fd = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ERR_LOCAL, "cannot open %.120s: %s", db->path, strerror(errno));
	(void)fchmod(fd, 0600);
	(void)fstat(fd, &file);
	(void)close(fd);
	if (file.st_size > 0 || db->is_new || !db->was_used)
		return true;
	return err_set(err, ERR_LOCAL,
	               "%.120s is empty, but was in use before: restore a copy, or remove it to start empty", db->path);
}

static bool execute(struct journal_sqlite *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK || explain(db, err);
}

/* The first column of the only row of a PRAGMA or a count. */
static bool ask_int(struct journal_sqlite *db, const char *sql, int *value, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	bool answered = sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL) == SQLITE_OK &&
	                sqlite3_step(statement) == SQLITE_ROW;

	if (answered)
		*value = sqlite3_column_int(statement, 0);
	else
		(void)explain(db, err);
	(void)sqlite3_finalize(statement);
	return answered;
}

/* Reads the file's head, so here a damaged one shows. Before anything is set: what is not ours stays as it is. */
static bool is_ours(struct journal_sqlite *db, bool *empty, struct err *err)
{
	int format, tables, ours;

	if (!ask_int(db, "PRAGMA user_version", &format, err) ||
	    !ask_int(db, "SELECT count(*) FROM sqlite_schema", &tables, err) ||
	    !ask_int(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'documents'", &ours, err))
		return false;
	if (format > FORMAT)
		return err_set(err, ERR_USAGE,
		               "%.120s was written by a newer tocsin (format %d, this one knows %d): "
		               "install that version again", db->path, format, FORMAT);
	*empty = tables == 0;
	if (*empty || (format == FORMAT && ours == 1))
		return true;
	return err_set(err, ERR_USAGE, "%.120s belongs to another program: name another file", db->path);
}

/*
 * With a rowid: without one, every document over a quarter of a page has a page of its own, which
 * measured twice the time per commit.
 */
static bool make_schema(struct journal_sqlite *db, struct err *err)
{
	return execute(db, "BEGIN IMMEDIATE;"
	                   "CREATE TABLE documents (kind TEXT NOT NULL, key TEXT NOT NULL, "
	                   "json TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (kind, key));"
	                   "PRAGMA user_version = 1;"
	                   "COMMIT", err);
}

static int on_wal(void *arg, sqlite3 *sqlite, const char *name, int pages)
{
	struct journal_sqlite *db = arg;

	(void)sqlite;
	(void)name;
	db->wal_pages = pages;
	return SQLITE_OK;
}

static bool configure(struct journal_sqlite *db, struct err *err)
{
	char settings[160];
	bool empty;

	(void)snprintf(settings, sizeof(settings),
	               "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	               "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = %d", LOG_KEPT_BYTES);
	(void)sqlite3_busy_timeout(db->sqlite, BUSY_MS);
	if (!is_ours(db, &empty, err) || !execute(db, settings, err) || (empty && !make_schema(db, err)))
		return false;
	(void)sqlite3_wal_hook(db->sqlite, on_wal, db);
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(db->sqlite, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
		                       &db->statements[i], NULL) != SQLITE_OK)
			return explain(db, err);
	return true;
}

/* A storm's ten thousand incidents leave a file of free pages behind. It is made small at a start: what lives is little
 * by then, and nobody waits yet. A disk without room for it leaves all as it is. */
static void compact(struct journal_sqlite *db)
{
	int unused, pages, page_bytes;
	int64_t unused_bytes;
	struct err err;

	if (!ask_int(db, "PRAGMA freelist_count", &unused, &err) || !ask_int(db, "PRAGMA page_count", &pages, &err) ||
	    !ask_int(db, "PRAGMA page_size", &page_bytes, &err))
		return;
	unused_bytes = (int64_t)unused * page_bytes;
	if (unused_bytes < COMPACT_FROM_BYTES || unused < pages / 2)
		return;
	if (execute(db, "VACUUM", &err))
		metrics_add("tocsin_journal_compacted_bytes_total", NULL, NULL, unused_bytes);
	else
		log_event(LOG_WARN, "journal.not_compacted", "why", err.text, NULL);
	/* Also the log, which is as long as all that lives was, whether that went well or not. */
	(void)sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

struct journal_sqlite *journal_sqlite_open(const char *path, struct err *err)
{
	struct journal_sqlite *db = mem_alloc(sizeof(*db));
	bool damaged;
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	db->path = mem_copy_string(path);
	db->seed = random_u64();
	/* Its allocation counters are behind a lock shared by all threads; nobody reads them. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (!take_lock(db, err) || !make_file(db, err))
		goto failed;
	damaged = journal_damage_look(path);
	if (sqlite3_open_v2(path, &db->sqlite, flags, journal_wal_vfs()) != SQLITE_OK) {
		(void)explain(db, err);
		goto failed;
	}
	(void)sqlite3_extended_result_codes(db->sqlite, 1);
	if (configure(db, err)) {
		if (damaged) /* what is left behind the damage would be found again */
			(void)sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
		db->was_used = true;
		write_lock(db);
		compact(db);
		return db;
	}
	if (db->is_new)
		(void)unlink(path); /* else the next start would find it empty */
failed:
	journal_sqlite_close(db);
	return NULL;
}

void journal_sqlite_close(struct journal_sqlite *db)
{
	if (db == NULL)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(db->statements[i]);
	if (db->sqlite != NULL)
		(void)sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_close(db->sqlite);
	if (db->lock_fd >= 0)
		(void)close(db->lock_fd);
	free(db->documents);
	free(db->slots);
	free(db->path);
	free(db);
}

static bool bind_name(struct journal_sqlite *db, enum statement which, const char *kind,
                      const char *key, size_t key_length)
{
	sqlite3_stmt *statement = db->statements[which];

	return sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK &&
	       sqlite3_bind_text(statement, 2, key, (int)key_length, SQLITE_STATIC) == SQLITE_OK;
}

/* Runs a statement that gives no rows. */
static bool run(struct journal_sqlite *db, enum statement which, struct err *err)
{
	bool ran = sqlite3_step(db->statements[which]) == SQLITE_DONE;

	if (!ran && err != NULL)
		(void)explain(db, err);
	(void)sqlite3_reset(db->statements[which]);
	return ran;
}

static bool look_up(struct journal_sqlite *db, struct document *document, struct err *err)
{
	sqlite3_stmt *statement = db->statements[REVISION];
	int code = SQLITE_ERROR;

	if (bind_name(db, REVISION, document->kind, document->key, document->key_length))
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		document->revision = sqlite3_column_int64(statement, 0);
	else if (code == SQLITE_DONE)
		document->revision = JOURNAL_ABSENT;
	else
		(void)explain(db, err);
	(void)sqlite3_reset(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

static uint64_t hash_name(const struct journal_sqlite *db, const struct journal_op *op)
{
	return str_hash(str_hash(db->seed, op->kind, strlen(op->kind)), op->key, op->key_length);
}

static bool is_named(const struct document *document, uint64_t hash, const struct journal_op *op)
{
	return document->hash == hash && document->key_length == op->key_length &&
	       memcmp(document->key, op->key, op->key_length) == 0 &&
	       strcmp(document->kind, op->kind) == 0;
}

/* The op's document in this transaction; made when it is the first to touch it. */
static struct document *find_document(struct journal_sqlite *db, const struct journal_op *op)
{
	uint64_t hash = hash_name(db, op);
	size_t slot = hash & (db->slot_count - 1);

	for (; db->slots[slot] != 0; slot = (slot + 1) & (db->slot_count - 1))
		if (is_named(&db->documents[db->slots[slot] - 1], hash, op))
			return &db->documents[db->slots[slot] - 1];
	db->documents[db->document_count++] = (struct document){
		.kind = op->kind,
		.key = op->key,
		.key_length = op->key_length,
		.hash = hash,
		.revision = -1,
	};
	db->slots[slot] = (uint32_t)db->document_count;
	return &db->documents[db->document_count - 1];
}

static void make_room(struct journal_sqlite *db, const struct journal_batch *batches)
{
	size_t ops = 0;

	for (const struct journal_batch *batch = batches; batch != NULL; batch = batch->next)
		for (const struct journal_op *op = batch->first; op != NULL; op = op->next)
			ops++;
	assert(ops < UINT32_MAX);
	for (db->slot_count = 16; db->slot_count < ops * 2; db->slot_count *= 2)
		continue;
	if (db->slot_count > db->slot_capacity) {
		db->slots = mem_resize(db->slots, db->slot_count * sizeof(*db->slots));
		db->slot_capacity = db->slot_count;
	}
	memset(db->slots, 0, db->slot_count * sizeof(*db->slots));
	if (ops > db->document_capacity) {
		db->documents = mem_resize(db->documents, ops * sizeof(*db->documents));
		db->document_capacity = ops;
	}
	db->document_count = 0;
}

static void start_documents(struct journal_sqlite *db, struct journal_batch *batches)
{
	make_room(db, batches);
	for (struct journal_batch *batch = batches; batch != NULL; batch = batch->next)
		for (struct journal_op *op = batch->first; op != NULL; op = op->next)
			op->document = find_document(db, op);
}

/* Condition and write by one search of the index: by far the most conditions are that nothing is there. */
static bool insert(struct journal_sqlite *db, struct document *document, const struct journal_op *op,
                   struct err *err)
{
	if (!bind_name(db, INSERT, document->kind, document->key, document->key_length) ||
	    sqlite3_bind_text(db->statements[INSERT], 3, op->json, (int)op->json_length, SQLITE_STATIC) != SQLITE_OK)
		return explain(db, err);
	if (!run(db, INSERT, err))
		return false;
	if (sqlite3_changes(db->sqlite) == 0)
		return look_up(db, document, err);
	document->inserted = op;
	document->revision = JOURNAL_ABSENT;
	return true;
}

/* Finds out the document's revision on the disk. */
static bool examine(struct journal_sqlite *db, struct document *document, const struct journal_op *op,
                    struct err *err)
{
	if (document->deleted || document->revision >= 0)
		return true;
	if (op->expected == JOURNAL_ABSENT && op->json != NULL && document->latest == NULL)
		return insert(db, document, op, err);
	return look_up(db, document, err);
}

/* What the batch, which is left out, has inserted for its conditions. */
static bool take_back(struct journal_sqlite *db, const struct journal_batch *batch, struct err *err)
{
	for (const struct journal_op *op = batch->first; op != NULL; op = op->next) {
		struct document *document = op->document;

		if (document->inserted != op)
			continue;
		if (!bind_name(db, DELETE, document->kind, document->key, document->key_length))
			return explain(db, err);
		if (!run(db, DELETE, err))
			return false;
		document->inserted = NULL;
	}
	return true;
}

static bool conditions_hold(struct journal_sqlite *db, const struct journal_batch *batch, bool *hold,
                            struct err *err)
{
	*hold = true;
	for (const struct journal_op *op = batch->first; op != NULL && *hold; op = op->next) {
		struct document *document = op->document;

		if (op->expected == JOURNAL_ANY)
			continue;
		if (!examine(db, document, op, err))
			return false;
		*hold = op->expected == document->puts + (document->deleted ? 0 : document->revision);
	}
	return *hold || take_back(db, batch, err);
}

static void note(const struct journal_op *op)
{
	struct document *document = op->document;

	document->latest = op;
	if (op->json != NULL) {
		document->puts++;
	} else {
		document->deleted = true;
		document->puts = 0;
	}
}

/* Those that the disk does not count yet. */
static int64_t new_puts(const struct document *document)
{
	return document->puts - (document->inserted != NULL && !document->deleted ? 1 : 0);
}

static bool write_document(struct journal_sqlite *db, const struct document *document,
                           struct err *err)
{
	const struct journal_op *op = document->latest;
	enum statement which = op->json == NULL ? DELETE : document->deleted ? REPLACE : UPSERT;
	sqlite3_stmt *statement = db->statements[which];

	if (document->inserted == op && document->puts == 1)
		return true;
	if (!bind_name(db, which, document->kind, document->key, document->key_length))
		return explain(db, err);
	if (op->json != NULL &&
	    (sqlite3_bind_text(statement, 3, op->json, (int)op->json_length, SQLITE_STATIC) !=
	             SQLITE_OK ||
	     sqlite3_bind_int64(statement, 4, new_puts(document)) != SQLITE_OK))
		return explain(db, err);
	return run(db, which, err);
}

static bool write_like(struct journal_sqlite *db, const struct document *first, int64_t *rows, struct err *err)
{
	for (struct document *d = db->documents; d < db->documents + db->document_count; d++) {
		if (d->kind != first->kind || d->latest == NULL)
			continue;
		if (!write_document(db, d, err))
			return false;
		d->written = true;
		(*rows)++;
	}
	return true;
}

/* Rows lie in the order in which they come. Those of one kind together: incidents, which are written again and again,
 * would else share their pages with lines and seen messages, which never are, and a page is written whole. */
static bool write_documents(struct journal_sqlite *db, int64_t *rows, struct err *err)
{
	for (size_t i = 0; i < db->document_count; i++)
		if (!db->documents[i].written && db->documents[i].latest != NULL &&
		    !write_like(db, &db->documents[i], rows, err))
			return false;
	return true;
}

static bool write_batches(struct journal_sqlite *db, struct journal_batch *batches, int64_t *rows,
                          struct err *err)
{
	start_documents(db, batches);
	for (struct journal_batch *batch = batches; batch != NULL; batch = batch->next) {
		bool hold;

		if (!conditions_hold(db, batch, &hold, err))
			return false;
		batch->conflict = !hold;
		for (const struct journal_op *op = batch->first; hold && op != NULL; op = op->next)
			note(op);
	}
	return write_documents(db, rows, err);
}

bool journal_sqlite_apply(struct journal_sqlite *db, struct journal_batch *batches,
                          struct journal_commit *commit, struct err *err)
{
	int64_t started_us = clock_mono_us();
	bool written;

	*commit = (struct journal_commit){ 0 };
	written = run(db, BEGIN, err) && write_batches(db, batches, &commit->rows, err);
	if (written) {
		CRASH_POINT("journal.before_commit");
		written = run(db, COMMIT, err);
		CRASH_POINT("journal.after_commit");
	}
	if (!written && sqlite3_get_autocommit(db->sqlite) == 0)
		(void)run(db, ROLLBACK, NULL);
	commit->wal_pages = db->wal_pages;
	commit->duration_us = clock_mono_us() - started_us;
	return written;
}

bool journal_sqlite_checkpoint(struct journal_sqlite *db, int64_t *left_pages, struct err *err)
{
	int pages = 0, moved = 0;
	int code = sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages,
	                                     &moved);

	*left_pages = pages - moved;
	return code == SQLITE_OK || explain(db, err);
}

bool journal_sqlite_load(struct journal_sqlite *db, const char *kind,
                         void (*each)(void *arg, const char *key, const char *json, int64_t revision),
                         void *arg, struct err *err)
{
	sqlite3_stmt *statement = db->statements[LOAD];
	int code = SQLITE_ERROR;

	if (sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK)
		while ((code = sqlite3_step(statement)) == SQLITE_ROW)
			each(arg, (const char *)sqlite3_column_text(statement, 0),
			     (const char *)sqlite3_column_text(statement, 1),
			     sqlite3_column_int64(statement, 2));
	if (code != SQLITE_DONE)
		(void)explain(db, err);
	(void)sqlite3_reset(statement);
	return code == SQLITE_DONE;
}
