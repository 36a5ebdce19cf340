#include "bot/kept_memory.h"

#include <malloc.h>
#include <stdlib.h>

#include "bot/err.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/worker.h"

#define EVERY_MS 60000
#define MAPPED_BYTES (8 << 20)  /* larger ones are mapped, and given back at once */
#define KEPT_BYTES (32 << 20)   /* free memory that may be kept until then */
#define SPARED_BYTES (1 << 20)  /* and beyond */
#define SOME_BYTES (128 << 10)  /* glibc looks at the end of a thread's memory when so much is freed */

struct kept_memory {
	struct worker *worker;
	struct loop_timer *timer;
};

void kept_memory_begin(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
}

/* On the worker: it takes a while, and malloc_trim leaves out the end of what other threads than the first have, which
 * only a free() of that thread gives back. */
static bool give_back(void *arg, struct err *err)
{
	void *volatile some;

	(void)arg;
	(void)err;
	(void)mallopt(M_TRIM_THRESHOLD, SPARED_BYTES);
	some = malloc(SOME_BYTES);
	free(some);
	(void)malloc_trim(SPARED_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	return true;
}

/* A full worker is busy with what is to be kept. */
static void on_given_back(void *arg, const struct err *err)
{
	struct kept_memory *kept = arg;

	if (err == NULL || err->kind != ERR_CANCELLED)
		loop_timer_set(kept->timer, EVERY_MS);
}

static void on_timer(void *arg)
{
	struct kept_memory *kept = arg;

	worker_run(kept->worker, give_back, kept, (struct done){ on_given_back, kept });
}

struct kept_memory *kept_memory_new(struct loop *loop, struct worker *worker)
{
	struct kept_memory *kept = mem_alloc(sizeof(*kept));

	kept->worker = worker;
	kept->timer = loop_timer_new(loop, on_timer, kept);
	loop_timer_set(kept->timer, EVERY_MS);
	return kept;
}

void kept_memory_free(struct kept_memory *kept)
{
	if (kept == NULL)
		return;
	loop_timer_free(kept->timer);
	free(kept);
}
