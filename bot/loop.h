/*
 * loop.h - the one thread on which everything happens.
 *
 * libwebsockets' poll loop is the outer loop (it owns the WebSockets); one private epoll descriptor
 * holds everything else and is adopted into it. Nothing here may block; what blocks by nature goes
 * to a worker.
 */
#ifndef BOT_LOOP_H
#define BOT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct loop;
struct loop_timer;
struct loop_worker;
struct lws_context;

struct loop *loop_new(struct err *err) MUST_CHECK;
void loop_free(struct loop *loop);
void loop_run(struct loop *loop);  /* returns after loop_stop */
void loop_stop(struct loop *loop);

/* Runs fn(arg) once, after the current callback has returned, before the loop sleeps again. */
void loop_defer(struct loop *loop, void (*fn)(void *arg), void *arg);
/* Drops deferred calls with this arg (an object that goes away). */
void loop_defer_cancel(struct loop *loop, void *arg);

/* Timers. One shot; setting again moves it. ms < 1 counts as 1. A freed timer never fires. */
struct loop_timer *loop_timer_new(struct loop *loop, void (*fn)(void *arg), void *arg);
void loop_timer_set(struct loop_timer *timer, int64_t ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/* Descriptors. events and the callback's argument: LOOP_READ | LOOP_WRITE. Level-triggered; with LOOP_EDGE each change
 * is told once, so that nothing has to be switched off and on, and the callback learns of an end behind unread bytes.
 * Watching again changes the events; 0 forgets the descriptor (before it is closed). */
#define LOOP_READ 1u
#define LOOP_WRITE 2u
#define LOOP_EDGE 4u
#define LOOP_ENDED 8u   /* told with LOOP_EDGE only: the peer will send no more than what is there */
#define LOOP_BROKEN 16u /* told: the connection has failed */
bool loop_watch(struct loop *loop, int fd, unsigned events,
                void (*fn)(void *arg, int fd, unsigned ready), void *arg);

/* Called at the end of every pass, after all ready descriptors and deferred calls; for those who
 * watch the loop. Cannot be taken back. */
void loop_on_pass(struct loop *loop, void (*fn)(void *arg), void *arg);

/* Signals arrive as ordinary callbacks. One handler a signal. */
void loop_on_signal(struct loop *loop, int signal_number, void (*fn)(void *arg), void *arg);

/*
 * A worker thread: jobs run one after the other, results come back on the loop.
 *   run(arg)  on the worker thread; must touch nothing but arg
 *   done(arg) on the loop thread, after run
 * loop_worker_free waits for the running job and completes queued ones.
 */
struct loop_worker *loop_worker_new(struct loop *loop, const char *thread_name);
void loop_worker_submit(struct loop_worker *worker, void (*run)(void *arg),
                        void (*done)(void *arg), void *arg);
void loop_worker_free(struct loop_worker *worker);

/* Only for adapters/slack/link.c, which owns sockets of libwebsockets. */
struct lws_context *loop_lws(struct loop *loop);

/* Counts of passes (wake-ups) since start, for /metrics and the benches. */
int64_t loop_passes(const struct loop *loop);
/* CPU time of the longest pass since this was last asked: how long everybody else had to wait at most. */
int64_t loop_longest_pass_us(struct loop *loop);

#endif
