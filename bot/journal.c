/*
 * One transaction runs at a time, on the worker; what is committed meanwhile waits in the queue
 * and shares the next one. So the disk sets the pace: a fast one sees small groups soon, a slow
 * one large groups. Of many, half go at a time: were all peers to wait for one transaction, the loop
 * would have nothing to do until it ends.
 */
#include "bot/journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/crash.h"
#include "bot/journal_sqlite.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/spare.h"

#define KEY_MAX 512
#define GROUP_BYTES (4u << 20) /* of one transaction: bounds its time and its memory */
#define GROUP_LEAST 16 /* batches; so many are never parted */
#define RETRY_FIRST_MS 200
#define RETRY_LAST_MS 5000
/* The write-ahead log is moved into the file when nothing was committed for IDLE_MS and it is longer
 * than IDLE_PAGES; without such a pause, for the sake of the disk, when it is longer than BUSY_PAGES. */
#define CHECKPOINT_IDLE_MS 500
#define CHECKPOINT_IDLE_PAGES 1000
#define CHECKPOINT_BUSY_PAGES 4000

/* What a message puts fits into one, and this many messages may wait for one transaction. */
#define PIECE_BYTES 4096
#define PIECES_KEPT 64
#define ALIGNMENT 8

struct journal_piece {
	struct journal_piece *next;
	size_t used, size; /* of bytes[] */
	char bytes[];
};

struct batch_list {
	struct journal_batch *first, **last;
	size_t count;
};

struct journal {
	struct loop *loop;
	struct loop_worker *worker;
	struct loop_timer *retry;
	struct loop_timer *pause; /* set when a long log may be moved unless a commit comes first */
	struct journal_sqlite *db;
	void (*before)(void *arg);  /* a batch ends; NULL: nothing to do then */
	void *before_arg;
	struct spare pieces;        /* those of PIECE_BYTES */
	struct journal_batch *open; /* NULL: nothing put since the last commit */
	struct batch_list queue;    /* committed, waiting for a transaction */
	bool busy;                  /* the worker owns db, group and the fields below it */
	bool flushing, telling;     /* deferred */
	bool healthy, closing;
	size_t kept_bytes;          /* of all batches that are not on the disk */
	int64_t retry_ms;
	int64_t wal_pages, checkpoint_at_pages;
	struct err why;             /* it is not healthy */

	struct batch_list group;
	size_t last_count; /* batches of the transaction before */
	struct journal_commit commit;
	int64_t left_pages;
	bool succeeded;
	struct err err;
};

static void flush(void *arg);

static void list_init(struct batch_list *list)
{
	list->first = NULL;
	list->last = &list->first;
	list->count = 0;
}

static void list_add(struct batch_list *list, struct journal_batch *batch)
{
	batch->next = NULL;
	*list->last = batch;
	list->last = &batch->next;
	list->count++;
}

static struct journal_batch *list_take(struct batch_list *list)
{
	struct journal_batch *batch = list->first;

	list->first = batch->next;
	if (list->first == NULL)
		list->last = &list->first;
	list->count--;
	return batch;
}

/* Puts `front` before everything in the list. */
static void list_prepend(struct batch_list *list, struct batch_list *front)
{
	if (front->first == NULL)
		return;
	*front->last = list->first;
	if (list->first == NULL)
		list->last = front->last;
	list->first = front->first;
	list->count += front->count;
	list_init(front);
}

static struct journal_piece *piece_new(struct journal *journal, size_t size)
{
	struct journal_piece *piece;

	if (sizeof(*piece) + size <= PIECE_BYTES) {
		piece = spare_take(&journal->pieces);
		size = PIECE_BYTES - sizeof(*piece);
	} else {
		piece = mem_resize(NULL, sizeof(*piece) + size);
	}
	*piece = (struct journal_piece){ .size = size };
	return piece;
}

static void piece_free(struct journal *journal, struct journal_piece *piece)
{
	if (sizeof(*piece) + piece->size == PIECE_BYTES)
		spare_give(&journal->pieces, piece);
	else
		free(piece);
}

/* Not zeroed. The newest piece comes first. */
static void *take_room(struct journal *journal, struct journal_piece **pieces, size_t size)
{
	struct journal_piece *piece = *pieces;
	void *room;

	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (piece == NULL || size > piece->size - piece->used) {
		piece = piece_new(journal, size);
		piece->next = *pieces;
		*pieces = piece;
	}
	room = piece->bytes + piece->used;
	piece->used += size;
	return room;
}

static struct journal_batch *batch_new(struct journal *journal)
{
	struct journal_piece *pieces = NULL;
	struct journal_batch *batch = take_room(journal, &pieces, sizeof(*batch));

	*batch = (struct journal_batch){ .pieces = pieces };
	batch->last = &batch->first;
	return batch;
}

/* Memory; nothing for an empty one, which never waits for the disk. */
static size_t kept_by(const struct journal_batch *batch)
{
	size_t bytes = 0;

	if (batch->first == NULL)
		return 0;
	for (const struct journal_piece *piece = batch->pieces; piece != NULL; piece = piece->next)
		bytes += sizeof(*piece) + piece->size;
	return bytes;
}

static void batch_free(struct journal *journal, struct journal_batch *batch)
{
	struct journal_piece *piece = batch == NULL ? NULL : batch->pieces;

	while (piece != NULL) { /* the last of them holds the batch itself */
		struct journal_piece *next = piece->next;

		piece_free(journal, piece);
		piece = next;
	}
}

static void describe_metrics(void)
{
	metrics_describe("tocsin_journal_commits_total", "counter", "Transactions made durable.");
	metrics_describe("tocsin_journal_rows_total", "counter", "Documents written or deleted.");
	metrics_describe("tocsin_journal_failures_total", "counter", "Transactions that failed.");
	metrics_describe("tocsin_journal_conflicts_total", "counter",
	                 "Batches left out because a condition did not hold.");
	metrics_describe("tocsin_journal_commit_microseconds", "gauge",
	                 "Duration of the last transaction.");
	metrics_describe("tocsin_journal_kept_bytes", "gauge", "Memory of what is not on the disk yet.");
	metrics_describe("tocsin_journal_healthy", "gauge", "1 when the last transaction succeeded.");
}

static void complete(struct done done, const struct err *err)
{
	if (done.fn != NULL)
		done.fn(done.arg, err);
}

/* Completes whoever waits in the queue with the failure. Batches with something to write stay. */
static void tell_failure(void *arg)
{
	struct journal *journal = arg;
	struct batch_list queue = journal->queue;
	struct done *waiting;
	size_t count = 0;
	struct err why = journal->why;

	journal->telling = false;
	if (journal->healthy) /* again, before this deferred call came: the queue will be written */
		return;
	for (struct journal_batch *batch = queue.first; batch != NULL; batch = batch->next)
		count++;
	if (count == 0)
		return;
	waiting = mem_alloc(count * sizeof(*waiting));
	list_init(&journal->queue);
	count = 0;
	while (queue.first != NULL) {
		struct journal_batch *batch = list_take(&queue);

		if (!batch->told)
			waiting[count++] = batch->done;
		batch->told = true;
		if (batch->first != NULL)
			list_add(&journal->queue, batch);
		else
			batch_free(journal, batch);
	}
	/* Only now: they may commit again. */
	for (size_t i = 0; i < count; i++)
		complete(waiting[i], &why);
	free(waiting);
}

static void finish_batch(struct journal *journal, struct journal_batch *batch)
{
	struct err conflict;

	if (batch->conflict) {
		const struct journal_op *op = batch->first;

		while (op->expected == JOURNAL_ANY)
			op = op->next;
		metrics_count("tocsin_journal_conflicts_total", NULL, NULL);
		(void)err_set(&conflict, ERR_CONFLICT, "the condition on %s %.100s does not hold", op->kind,
		              op->key);
		if (batch->told) /* when it was put the disk failed, and now it is too late */
			log_event(LOG_WARN, "journal.left_out", "why", conflict.text, NULL);
	}
	if (!batch->told)
		complete(batch->done, batch->conflict ? &conflict : NULL);
	batch_free(journal, batch);
}

static void finish_group(struct journal *journal)
{
	struct batch_list group = journal->group;

	list_init(&journal->group);
	for (struct journal_batch *batch = group.first; batch != NULL; batch = batch->next)
		journal->kept_bytes -= batch->bytes;
	if (!journal->healthy)
		log_event(LOG_INFO, "journal.recovered", "kept_bytes", LOG_INT(journal->kept_bytes), NULL);
	journal->healthy = true;
	journal->retry_ms = 0;
	journal->wal_pages = journal->commit.wal_pages;
	metrics_count("tocsin_journal_commits_total", NULL, NULL);
	metrics_add("tocsin_journal_rows_total", NULL, NULL, journal->commit.rows);
	metrics_gauge("tocsin_journal_commit_microseconds", NULL, NULL, journal->commit.duration_us);
	metrics_gauge("tocsin_journal_kept_bytes", NULL, NULL, (int64_t)journal->kept_bytes);
	metrics_gauge("tocsin_journal_healthy", NULL, NULL, 1);
	CRASH_POINT("journal.told");
	while (group.first != NULL)
		finish_batch(journal, list_take(&group));
}

static void keep_group(struct journal *journal)
{
	journal->healthy = false;
	journal->why = journal->err;
	journal->retry_ms = journal->retry_ms == 0 ? RETRY_FIRST_MS : journal->retry_ms * 2;
	if (journal->retry_ms > RETRY_LAST_MS)
		journal->retry_ms = RETRY_LAST_MS;
	list_prepend(&journal->queue, &journal->group);
	metrics_count("tocsin_journal_failures_total", NULL, NULL);
	metrics_gauge("tocsin_journal_kept_bytes", NULL, NULL, (int64_t)journal->kept_bytes);
	metrics_gauge("tocsin_journal_healthy", NULL, NULL, 0);
	log_event(LOG_ERROR, "journal.failed", "why", journal->why.text, "kept_bytes",
	          LOG_INT(journal->kept_bytes), NULL);
	if (!journal->closing)
		loop_timer_set(journal->retry, clock_wait_ms(journal->retry_ms));
	tell_failure(journal);
}

static void schedule_flush(struct journal *journal)
{
	if (journal->flushing || journal->closing)
		return;
	journal->flushing = true;
	loop_defer(journal->loop, flush, journal);
}

/* On the worker. */
static void run_commit(void *arg)
{
	struct journal *journal = arg;

	journal->succeeded = journal_sqlite_apply(journal->db, journal->group.first, &journal->commit,
	                                          &journal->err);
}

static void commit_done(void *arg)
{
	struct journal *journal = arg;

	journal->busy = false;
	if (journal->succeeded)
		finish_group(journal);
	else
		keep_group(journal);
	schedule_flush(journal);
}

/* On the worker. */
static void run_checkpoint(void *arg)
{
	struct journal *journal = arg;

	journal->succeeded =
		journal_sqlite_checkpoint(journal->db, &journal->left_pages, &journal->err);
}

static void checkpoint_done(void *arg)
{
	struct journal *journal = arg;

	journal->busy = false;
	if (!journal->succeeded) {
		log_event(LOG_WARN, "journal.checkpoint_failed", "why", journal->err.text, NULL);
		journal->left_pages = journal->wal_pages;
	}
	/* Left over because somebody reads, or the disk fails: not again at once. */
	journal->checkpoint_at_pages = journal->left_pages + CHECKPOINT_IDLE_PAGES;
	journal->wal_pages = journal->left_pages;
	schedule_flush(journal);
}

/* Empty batches wait only for those before them. */
static void finish_empty(struct journal *journal)
{
	while (journal->queue.first != NULL && journal->queue.first->first == NULL)
		finish_batch(journal, list_take(&journal->queue));
}

/* Half of those that came lately. What the last transaction has let go is worked on while this one is written. */
static size_t group_size(const struct journal *journal)
{
	size_t half = (journal->queue.count + journal->last_count + 1) / 2;

	return half < GROUP_LEAST ? GROUP_LEAST : half;
}

static bool take_group(struct journal *journal)
{
	size_t bytes = 0, most = group_size(journal);

	while (journal->queue.first != NULL && bytes < GROUP_BYTES && journal->group.count < most) {
		struct journal_batch *batch = list_take(&journal->queue);

		bytes += batch->bytes;
		list_add(&journal->group, batch);
	}
	journal->last_count = journal->group.count;
	return journal->group.first != NULL;
}

static bool wants_checkpoint(const struct journal *journal)
{
	return journal->wal_pages >= journal->checkpoint_at_pages;
}

static void checkpoint(struct journal *journal)
{
	journal->busy = true;
	loop_worker_submit(journal->worker, run_checkpoint, checkpoint_done, journal);
}

static void work(struct journal *journal)
{
	if (journal->busy || loop_timer_is_set(journal->retry))
		return;
	if (journal->healthy)
		finish_empty(journal);
	if (wants_checkpoint(journal) && journal->wal_pages > CHECKPOINT_BUSY_PAGES) {
		checkpoint(journal);
	} else if (take_group(journal)) {
		journal->busy = true;
		loop_timer_stop(journal->pause);
		loop_worker_submit(journal->worker, run_commit, commit_done, journal);
	} else if (wants_checkpoint(journal)) {
		loop_timer_set(journal->pause, CHECKPOINT_IDLE_MS);
	}
}

static void on_pause(void *arg)
{
	struct journal *journal = arg;

	if (!journal->busy && journal->queue.first == NULL && wants_checkpoint(journal))
		checkpoint(journal);
}

/* Deferred twice, so that what this pass's deferred calls commit is in the group too. */
static void flush_last(void *arg)
{
	struct journal *journal = arg;

	journal->flushing = false;
	work(journal);
}

static void flush(void *arg)
{
	struct journal *journal = arg;

	loop_defer(journal->loop, flush_last, journal);
}

static void retry_now(void *arg)
{
	work(arg);
}

struct journal *journal_open(struct loop *loop, const char *path, struct err *err)
{
	struct journal_sqlite *db = journal_sqlite_open(path, err);
	struct journal *journal;

	if (db == NULL)
		return NULL;
	journal = mem_alloc(sizeof(*journal));
	journal->loop = loop;
	journal->db = db;
	journal->healthy = true;
	journal->pieces = (struct spare){ .size = PIECE_BYTES, .most = PIECES_KEPT };
	journal->checkpoint_at_pages = CHECKPOINT_IDLE_PAGES;
	list_init(&journal->queue);
	list_init(&journal->group);
	journal->worker = loop_worker_new(loop, "journal");
	journal->retry = loop_timer_new(loop, retry_now, journal);
	journal->pause = loop_timer_new(loop, on_pause, journal);
	describe_metrics();
	metrics_gauge("tocsin_journal_healthy", NULL, NULL, 1);
	return journal;
}

/* The worker has ended: the connection is ours again. A failure here is final. */
static void write_last(struct journal *journal)
{
	bool failed = false;

	while (!failed && take_group(journal)) {
		run_commit(journal);
		failed = !journal->succeeded;
		commit_done(journal);
	}
	while (journal->queue.first != NULL) {
		struct journal_batch *batch = list_take(&journal->queue);

		if (!batch->told)
			complete(batch->done, &journal->why);
		batch_free(journal, batch);
	}
}

void journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	journal->closing = true;
	loop_timer_free(journal->retry);
	loop_timer_free(journal->pause);
	loop_worker_free(journal->worker);
	loop_defer_cancel(journal->loop, journal);
	write_last(journal);
	if (journal->kept_bytes > 0)
		log_event(LOG_ERROR, "journal.lost", "bytes", LOG_INT(journal->kept_bytes), "why",
		          journal->why.text, NULL);
	batch_free(journal, journal->open);
	spare_free_all(&journal->pieces);
	journal_sqlite_close(journal->db);
	free(journal);
}

static void add_op(struct journal *journal, const char *kind, const char *key, const char *json,
                   int64_t expected)
{
	size_t key_length = strlen(key), json_length = json == NULL ? 0 : strlen(json);
	struct journal_op *op;
	char *text;

	assert(key_length <= KEY_MAX);
	if (journal->open == NULL)
		journal->open = batch_new(journal);
	op = take_room(journal, &journal->open->pieces, sizeof(*op) + key_length + json_length + 2);
	text = (char *)(op + 1);
	*op = (struct journal_op){
		.kind = kind,
		.key = memcpy(text, key, key_length + 1),
		.json = json == NULL ? NULL : memcpy(text + key_length + 1, json, json_length + 1),
		.key_length = key_length,
		.json_length = json_length,
		.expected = expected,
	};
	*journal->open->last = op;
	journal->open->last = &op->next;
}

void journal_put(struct journal *journal, const char *kind, const char *key, const char *json)
{
	assert(json != NULL);
	add_op(journal, kind, key, json, JOURNAL_ANY);
}

void journal_delete(struct journal *journal, const char *kind, const char *key)
{
	add_op(journal, kind, key, NULL, JOURNAL_ANY);
}

void journal_put_new(struct journal *journal, const char *kind, const char *key, const char *json)
{
	assert(json != NULL);
	add_op(journal, kind, key, json, JOURNAL_ABSENT);
}

void journal_put_if(struct journal *journal, const char *kind, const char *key, const char *json,
                    int64_t revision)
{
	assert(json != NULL && revision >= JOURNAL_ANY);
	add_op(journal, kind, key, json, revision);
}

void journal_before_commit(struct journal *journal, void (*before)(void *arg), void *arg)
{
	journal->before = before;
	journal->before_arg = arg;
}

void journal_commit(struct journal *journal, struct done done)
{
	struct journal_batch *batch;

	if (journal->before != NULL)
		journal->before(journal->before_arg);
	batch = journal->open;
	journal->open = NULL;
	if (batch == NULL && done.fn == NULL)
		return;
	if (batch == NULL)
		batch = batch_new(journal);
	batch->done = done;
	batch->bytes = kept_by(batch);
	list_add(&journal->queue, batch);
	journal->kept_bytes += batch->bytes;
	if (journal->healthy) {
		schedule_flush(journal);
	} else if (!journal->telling && !journal->closing) {
		journal->telling = true;
		loop_defer(journal->loop, tell_failure, journal);
	}
}

bool journal_load(struct journal *journal, const char *kind,
                  void (*each)(void *arg, const char *key, const char *json, int64_t revision),
                  void *arg, struct err *err)
{
	assert(!journal->busy);
	return journal_sqlite_load(journal->db, kind, each, arg, err);
}

bool journal_healthy(const struct journal *journal)
{
	return journal->healthy;
}

bool journal_full(const struct journal *journal)
{
	return journal->kept_bytes > JOURNAL_KEPT_MAX;
}
