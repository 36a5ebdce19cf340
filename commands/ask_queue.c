/*
 * ask_queue.c - which question has its turn: some at one time, one in a thread, in the order in which they came. The
 * others wait, not too many of them.
 */
#include <string.h>

#include "bot/bot.h"
#include "bot/flow.h"
#include "commands/answer.h"
#include "commands/ask.h"
#include "commands/ask_private.h"

#define ANSWERED_AT_ONCE 4
#define WAITING_MAX 20
#define WAITING_IN_THREAD_MAX 3

struct queue {
	struct flow *own;
	size_t active, before, waiting, waiting_here;
};

static bool is_same_thread(const struct flow *a, const struct flow *b)
{
	const struct ask *x = a->state, *y = b->state;
	const char *p = answer_thread(&x->origin), *q = answer_thread(&y->origin);

	return p != NULL && q != NULL && strcmp(p, q) == 0 && strcmp(x->origin.channel, y->origin.channel) == 0;
}

static bool is_older(const struct flow *a, const struct flow *b)
{
	return a->started_ms < b->started_ms || (a->started_ms == b->started_ms && strcmp(a->id, b->id) < 0);
}

struct hold {
	const struct flow *own;
	bool held;
};

static void look_at_thread(void *arg, struct flow *flow)
{
	struct hold *hold = arg;
	const struct ask *ask = flow->state;

	if (flow != hold->own && ask->outcome == NULL && (ask->active || is_older(flow, hold->own)) &&
	    is_same_thread(flow, hold->own))
		hold->held = true;
}

/* Its thread has a question at work, or an older one that waits. */
static bool is_held(const struct flow *flow)
{
	struct hold hold = { .own = flow };

	flow_each(flow->bot->flows, &ask_plan, look_at_thread, &hold);
	return hold.held;
}

static void look_at(void *arg, struct flow *flow)
{
	struct queue *queue = arg;
	const struct ask *ask = flow->state;

	if (flow == queue->own || ask->outcome != NULL)
		return;
	if (ask->active) {
		queue->active++;
		return;
	}
	queue->waiting++;
	queue->waiting_here += is_same_thread(flow, queue->own) ? 1 : 0;
	queue->before += is_older(flow, queue->own) && !is_held(flow) ? 1 : 0;
}

static struct queue look_around(struct flow *flow)
{
	struct queue queue = { .own = flow };

	flow_each(flow->bot->flows, &ask_plan, look_at, &queue);
	return queue;
}

/* Those of the oldest that are not held up by their own threads come first. */
bool ask_queue_has_turn(struct flow *flow)
{
	struct queue queue = look_around(flow);

	return !is_held(flow) && queue.active + queue.before < ANSWERED_AT_ONCE;
}

static void wake(void *arg, struct flow *flow)
{
	const struct ask *ask = flow->state;

	(void)arg;
	if (!ask->active && ask->outcome == NULL)
		flow_poke(flow);
}

const char *ask_queue_full(struct flow *flow)
{
	struct queue queue = look_around(flow);

	if (queue.waiting >= WAITING_MAX)
		return "too many questions wait for their answers already. Ask again in a few minutes.";
	if (queue.waiting_here >= WAITING_IN_THREAD_MAX)
		return "some questions of this thread wait for their answers already. Ask again then.";
	return NULL;
}

void ask_queue_leave(struct flow *flow)
{
	struct ask *ask = flow->state;

	if (!ask->active)
		return;
	ask->active = false;
	flow_each(flow->bot->flows, &ask_plan, wake, NULL);
}
