/*
 * All flows: in memory, in the journal, their start and their end.
 *
 * A flow that must be durable before its step runs is put into the open batch and into
 * engine->waiting; flow_engine_commit turns that list into one barrier behind one commit.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/flow.h"
#include "bot/flow_private.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "bot/random.h"

#define COMMIT_AGAIN_MS 500 /* after the journal failed */

static void link_init(struct flow_link *link)
{
	link->before = link->after = link;
}

static bool link_alone(const struct flow_link *link)
{
	return link->after == link;
}

static void link_remove(struct flow_link *link)
{
	link->before->after = link->after;
	link->after->before = link->before;
	link_init(link);
}

static void link_add(struct flow_link *ring, struct flow_link *link)
{
	link->before = ring->before;
	link->after = ring;
	link->before->after = link;
	ring->before = link;
}

/* Everything in `from` goes to the end of `to`. */
static void link_move_all(struct flow_link *to, struct flow_link *from)
{
	if (link_alone(from))
		return;
	from->after->before = to->before;
	from->before->after = to;
	to->before->after = from->after;
	to->before = from->before;
	link_init(from);
}

static struct flow_task *task_of_waiting(struct flow_link *link)
{
	return (struct flow_task *)(void *)((char *)link - offsetof(struct flow_task, waiting));
}

static struct flow_task *task_of_all(struct flow_link *link)
{
	return (struct flow_task *)(void *)((char *)link - offsetof(struct flow_task, all));
}

struct flow_task *flow_engine_take(struct flow_link *ring)
{
	struct flow_link *first = ring->after;

	if (first == ring)
		return NULL;
	link_remove(first);
	return task_of_waiting(first);
}

static struct flow_task **slot_of(struct flow_engine *engine, const char *id)
{
	uint32_t hash = 2166136261u; /* FNV-1a; ids are our own random numbers */

	for (; *id != '\0'; id++)
		hash = (hash ^ (unsigned char)*id) * 16777619u;
	return &engine->slots[hash & (FLOW_SLOTS - 1)];
}

static void add_to_table(struct flow_task *task)
{
	struct flow_task **slot = slot_of(task->engine, task->flow.id);

	task->same_slot = *slot;
	*slot = task;
	task->engine->count++;
	metrics_gauge("tocsin_flows_active", NULL, NULL, (int64_t)task->engine->count);
}

static void remove_from_table(struct flow_task *task)
{
	struct flow_task **slot = slot_of(task->engine, task->flow.id);

	while (*slot != task)
		slot = &(*slot)->same_slot;
	*slot = task->same_slot;
	task->engine->count--;
	metrics_gauge("tocsin_flows_active", NULL, NULL, (int64_t)task->engine->count);
}

struct flow *flow_find(struct flow_engine *engine, const char *id)
{
	if (id == NULL)
		return NULL;
	for (struct flow_task *task = *slot_of(engine, id); task != NULL; task = task->same_slot)
		if (strcmp(task->flow.id, id) == 0)
			return &task->flow;
	return NULL;
}

void flow_each(struct flow_engine *engine, const struct flow_plan *plan, void (*each)(void *arg, struct flow *flow),
               void *arg)
{
	for (struct flow_link *link = engine->all.after; link != &engine->all; link = link->after) {
		struct flow_task *task = task_of_all(link);

		if (task->flow.plan == plan && !task->cancelled && task->phase != FLOW_PHASE_NEW &&
		    task->phase != FLOW_PHASE_ENDED)
			each(arg, &task->flow);
	}
}

size_t flow_count(const struct flow_engine *engine)
{
	return engine->count;
}

static struct flow_task *task_new(struct flow_engine *engine, const struct flow_plan *plan)
{
	struct flow_task *task = mem_alloc(sizeof(*task));

	task->engine = engine;
	task->step = plan->steps;
	task->flow.bot = engine->bot;
	task->flow.plan = plan;
	task->flow.state = mem_alloc(plan->state_size);
	link_init(&task->waiting);
	link_add(&engine->all, &task->all);
	return task;
}

void flow_engine_drop(struct flow_task *task)
{
	if (task->flow.plan->release != NULL)
		task->flow.plan->release(task->flow.state);
	if (task->flow.plan->fields != NULL)
		fields_free(task->flow.plan->fields, task->flow.state);
	free(task->flow.state);
	mem_free_all(&task->flow.mem);
	loop_timer_free(task->timer);
	link_remove(&task->waiting);
	link_remove(&task->all);
	free(task);
}

void flow_engine_put(struct flow_task *task)
{
	const struct flow *flow = &task->flow;
	struct json_object *json = json_new_object();

	json_put_string(json, "plan", flow->plan->name);
	json_put_string(json, "step", task->step->name);
	json_put_int(json, "started", flow->started_ms);
	if (flow->intent_ms != 0)
		json_put_int(json, "intent", flow->intent_ms);
	if (flow->tries != 0)
		json_put_int(json, "tries", flow->tries);
	if (task->wake_ms != 0) {
		json_put_int(json, "wake", task->wake_ms);
		json_put_int(json, "sleep", task->sleep_ms);
	}
	if (flow->plan->fields != NULL)
		json_put(json, "state", fields_save(flow->plan->fields, flow->state));
	journal_put(task->engine->journal, FLOW_KIND, flow->id, json_print(json));
	json_free(json);
	task->engine->put = true;
}

void flow_engine_await(struct flow_task *task)
{
	task->phase = FLOW_PHASE_INTENT;
	link_add(&task->engine->waiting, &task->waiting);
}

static void run_durable(struct flow_engine *engine, struct flow_link *ring)
{
	struct flow_task *task;

	while ((task = flow_engine_take(ring)) != NULL) {
		if (!engine->quiescing) {
			flow_run(task);
			continue;
		}
		flow_withdraw(task);
		task->phase = FLOW_PHASE_HELD;
	}
	flow_engine_commit(engine);
}

static void barrier_done(void *arg, const struct err *err)
{
	struct flow_barrier *barrier = arg, **slot;
	struct flow_engine *engine = barrier->engine;
	struct flow_link *first;

	if (engine == NULL) {
		free(barrier);
		return;
	}
	for (slot = &engine->barriers; *slot != barrier;)
		slot = &(*slot)->next;
	*slot = barrier->next;
	if (err == NULL) {
		run_durable(engine, &barrier->tasks);
	} else if (err->kind == ERR_CONFLICT) {
		/* Somebody left a failing condition in the batch that our intents were in. */
		for (first = barrier->tasks.after; first != &barrier->tasks; first = first->after)
			flow_engine_put(task_of_waiting(first));
		link_move_all(&engine->waiting, &barrier->tasks);
		flow_engine_commit(engine);
	} else {
		/* The journal keeps what was put. No effect before it says so. */
		link_move_all(&engine->waiting, &barrier->tasks);
		if (!loop_timer_is_set(engine->commit_again))
			loop_timer_set(engine->commit_again, clock_wait_ms(COMMIT_AGAIN_MS));
	}
	free(barrier);
	flow_engine_check_idle(engine);
}

void flow_engine_commit(struct flow_engine *engine)
{
	struct flow_barrier *barrier;

	if (!link_alone(&engine->waiting)) {
		barrier = mem_alloc(sizeof(*barrier));
		barrier->engine = engine;
		barrier->next = engine->barriers;
		engine->barriers = barrier;
		link_init(&barrier->tasks);
		link_move_all(&barrier->tasks, &engine->waiting);
		journal_commit(engine->journal, (struct done){ barrier_done, barrier });
	} else if (engine->put) {
		journal_commit(engine->journal, (struct done){ NULL, NULL });
	}
	engine->put = false;
}

static void commit_again(void *arg)
{
	flow_engine_commit(arg);
}

static void deferred_commit(void *arg)
{
	struct flow_engine *engine = arg;

	engine->commit_deferred = false;
	flow_engine_commit(engine);
}

/* What was put on behalf of a caller is the caller's to commit; this is for those who do not. */
static void defer_commit(struct flow_engine *engine)
{
	if (engine->commit_deferred)
		return;
	engine->commit_deferred = true;
	loop_defer(engine->loop, deferred_commit, engine);
}

static void describe_metrics(void)
{
	metrics_describe("tocsin_flows_active", "gauge", "Flows that have not ended.");
	metrics_describe("tocsin_flows_total", "counter", "Flows by how they ended.");
	metrics_describe("tocsin_flow_retries_total", "counter", "Steps that are tried again.");
	metrics_describe("tocsin_flow_found_total", "counter",
	                 "Effects that a look-up found done, so that they were not repeated.");
	metrics_describe("tocsin_flow_reruns_total", "counter",
	                 "Effects tried again because no look-up found them.");
}

struct flow_engine *flow_engine_new(struct bot *bot, struct loop *loop, struct journal *journal,
                                    const struct flow_plan *const *plans)
{
	struct flow_engine *engine = mem_alloc(sizeof(*engine));

	engine->bot = bot;
	engine->loop = loop;
	engine->journal = journal;
	engine->plans = plans;
	link_init(&engine->all);
	link_init(&engine->waiting);
	link_init(&engine->ready);
	engine->commit_again = loop_timer_new(loop, commit_again, engine);
	describe_metrics();
	return engine;
}

void flow_engine_free(struct flow_engine *engine)
{
	if (engine == NULL)
		return;
	loop_defer_cancel(engine->loop, engine);
	while (!link_alone(&engine->all))
		flow_engine_drop(task_of_all(engine->all.after));
	for (struct flow_barrier *barrier = engine->barriers; barrier != NULL; barrier = barrier->next)
		barrier->engine = NULL; /* the journal still holds it */
	loop_timer_free(engine->commit_again);
	loop_timer_free(engine->deadline);
	free(engine);
}

struct flow *flow_new(struct flow_engine *engine, const struct flow_plan *plan)
{
	struct flow_task *task = task_new(engine, plan);

	random_hex(task->flow.id, (FLOW_ID_SIZE - 1) / 2);
	return &task->flow;
}

struct flow_task *flow_engine_adopt(struct flow_engine *engine, const struct flow_plan *plan,
                                    const char *id)
{
	struct flow_task *task = task_new(engine, plan);

	(void)snprintf(task->flow.id, sizeof(task->flow.id), "%s", id);
	task->phase = FLOW_PHASE_READY;
	add_to_table(task);
	link_add(&engine->ready, &task->waiting);
	return task;
}

void flow_start(struct flow *flow)
{
	struct flow_task *task = (struct flow_task *)flow;

	assert(task->phase == FLOW_PHASE_NEW);
	flow->started_ms = clock_true_ms();
	flow->started_mono_ms = clock_mono_ms();
	if (!task->engine->quiescing) /* else the next process begins it, with no look-up first */
		flow->intent_ms = clock_true_ms();
	add_to_table(task);
	flow_engine_put(task);
	flow_engine_await(task);
	defer_commit(task->engine);
}

int64_t flow_age_ms(const struct flow *flow)
{
	int64_t age_ms = clock_true_ms() - flow->started_ms;

	if (flow->started_mono_ms != 0)
		return clock_mono_ms() - flow->started_mono_ms;
	return age_ms < 0 ? 0 : age_ms;
}

void flow_save(struct flow *flow)
{
	struct flow_task *task = (struct flow_task *)flow;

	assert(task->phase != FLOW_PHASE_NEW && task->phase != FLOW_PHASE_ENDED);
	flow_engine_put(task);
	defer_commit(task->engine);
}

void flow_cancel(struct flow *flow)
{
	struct flow_task *task = (struct flow_task *)flow;
	struct flow_engine *engine;

	if (flow == NULL || task->cancelled || task->phase == FLOW_PHASE_ENDED)
		return;
	engine = task->engine;
	if (task->phase != FLOW_PHASE_NEW) {
		remove_from_table(task);
		journal_delete(engine->journal, FLOW_KIND, flow->id);
		engine->put = true;
		defer_commit(engine);
		metrics_count("tocsin_flows_total", "outcome", "cancelled");
	}
	task->cancelled = true;
	if (!task->token_out && !task->in_step)
		flow_engine_drop(task);
}

void flow_engine_end(struct flow_task *task, const struct err *err)
{
	struct flow *flow = &task->flow;

	metrics_count("tocsin_flows_total", "outcome", err == NULL ? "done" : "failed");
	if (err != NULL)
		log_event(LOG_WARN, "flow.failed", "flow", flow->id, "plan", flow->plan->name, "step",
		          task->step->name, "error", err->text, "kind", err_kind_name(err->kind), "tries",
		          LOG_INT(flow->tries), NULL);
	task->phase = FLOW_PHASE_ENDED;
	remove_from_table(task);
	if (flow->plan->ended != NULL)
		flow->plan->ended(flow, err);
	journal_delete(task->engine->journal, FLOW_KIND, flow->id);
	task->engine->put = true;
	flow_engine_drop(task);
}

static void tell_idle(void *arg)
{
	struct flow_engine *engine = arg;
	void (*idle)(void *arg) = engine->idle;

	engine->idle = NULL; /* once */
	loop_timer_stop(engine->deadline);
	if (idle != NULL)
		idle(engine->idle_arg);
}

void flow_engine_check_idle(struct flow_engine *engine)
{
	/* An intent on its way to the disk is withdrawn once it is there: it was never tried. */
	if (engine->idle != NULL && engine->in_flight == 0 && engine->barriers == NULL)
		tell_idle(engine);
}

static void check_idle_deferred(void *arg)
{
	flow_engine_check_idle(arg);
}

void flow_engine_quiesce(struct flow_engine *engine, int64_t deadline_ms, void (*idle)(void *arg),
                         void *arg)
{
	assert(!engine->quiescing);
	engine->quiescing = true;
	engine->idle = idle;
	engine->idle_arg = arg;
	for (struct flow_link *link = engine->all.after; link != &engine->all; link = link->after)
		if (task_of_all(link)->timer != NULL)
			loop_timer_stop(task_of_all(link)->timer);
	engine->deadline = loop_timer_new(engine->loop, tell_idle, engine);
	loop_timer_set(engine->deadline, deadline_ms);
	loop_defer(engine->loop, check_idle_deferred, engine);
}
