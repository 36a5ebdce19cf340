#include "bot/worker.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "bot/loop.h"
#include "bot/mem.h"

struct job {
	struct worker *worker;
	struct job *next; /* among the refused */
	bool (*run)(void *arg, struct err *err);
	void *arg;
	struct done done;
	struct err err;
	bool good;
};

struct worker {
	struct loop *loop;
	struct loop_worker *thread;
	atomic_bool ending;
	size_t count;        /* jobs that wait or run */
	struct job *refused; /* newest first; completed by drop_refused */
};

/* On the worker's thread. */
static void run(void *arg)
{
	struct job *job = arg;

	if (atomic_load(&job->worker->ending))
		job->good = err_set(&job->err, ERR_CANCELLED, "stopped before its turn came");
	else
		job->good = job->run(job->arg, &job->err);
}

static void complete(struct job *job)
{
	job->done.fn(job->done.arg, job->good ? NULL : &job->err);
	free(job);
}

static void finished(void *arg)
{
	struct job *job = arg;

	job->worker->count--;
	complete(job);
}

static void drop_refused(void *arg)
{
	struct worker *worker = arg;
	struct job *job = worker->refused, *oldest = NULL;

	worker->refused = NULL;
	while (job != NULL) {
		struct job *next = job->next;

		job->next = oldest;
		oldest = job;
		job = next;
	}
	for (job = oldest; job != NULL; job = oldest) {
		oldest = job->next;
		complete(job);
	}
}

static void refuse(struct worker *worker, struct job *job)
{
	if (worker->refused == NULL)
		loop_defer(worker->loop, drop_refused, worker);
	job->next = worker->refused;
	worker->refused = job;
}

struct worker *worker_new(struct loop *loop)
{
	struct worker *worker = mem_alloc(sizeof(*worker));

	worker->loop = loop;
	worker->thread = loop_worker_new(loop, "worker");
	return worker;
}

void worker_free(struct worker *worker)
{
	if (worker == NULL)
		return;
	atomic_store(&worker->ending, true);
	loop_worker_free(worker->thread);
	while (worker->refused != NULL) /* whoever is told may have asked for more */
		drop_refused(worker);
	loop_defer_cancel(worker->loop, worker);
	free(worker);
}

void worker_run(struct worker *worker, bool (*fn)(void *arg, struct err *err), void *arg, struct done done)
{
	struct job *job = mem_alloc(sizeof(*job));

	job->worker = worker;
	job->run = fn;
	job->arg = arg;
	job->done = done;
	if (atomic_load(&worker->ending)) {
		(void)err_set(&job->err, ERR_CANCELLED, "stopped before its turn came");
		refuse(worker, job);
		return;
	}
	if (worker->count == WORKER_QUEUE_MAX) {
		(void)err_set(&job->err, ERR_RETRY, "too much work waits (%d jobs); try again later", WORKER_QUEUE_MAX);
		refuse(worker, job);
		return;
	}
	worker->count++;
	loop_worker_submit(worker->thread, run, finished, job);
}
