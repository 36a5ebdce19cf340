/*
 * worker.h - work that takes long without waiting for anybody (statistics, drawing), off the loop's thread.
 *
 * One thread; jobs run in order. A job touches nothing but what it was given. At most WORKER_QUEUE_MAX wait or run.
 */
#ifndef BOT_WORKER_H
#define BOT_WORKER_H

#include <stdbool.h>

#include "bot/err.h"

struct loop;
struct worker;

#define WORKER_QUEUE_MAX 256

struct worker *worker_new(struct loop *loop);
/* Waits for the job that runs; those that wait complete with ERR_CANCELLED, and so does what their dones ask for. */
void worker_free(struct worker *worker);
/*
 * fn(arg, err) on the worker's thread: false fills err. Then done, on the loop, never before this call has
 * returned. A full queue: done gets ERR_RETRY.
 */
void worker_run(struct worker *worker, bool (*fn)(void *arg, struct err *err), void *arg, struct done done);

#endif
