/*
 * The steps of one flow. Every way in (on_timer, token_done, flow_enter and flow_run from
 * the engine) ends in flow_engine_commit, so that nothing of ours lingers in a batch that somebody
 * else's failing condition could take along.
 */
#include "bot/flow.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/crash.h"
#include "bot/flow_private.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/str.h"

#define RETRY_BASE_MS 1000
#define RETRY_CAP_MS 60000

/* Between looks for an effect that may have happened; the first look is made at once. */
static const int64_t flow_check_waits_ms[] = { 1000, 5000, 15000 };
#define CHECK_WAITS (sizeof(flow_check_waits_ms) / sizeof(flow_check_waits_ms[0]))

static struct flow_task *task_of(struct flow *flow)
{
	return (struct flow_task *)flow;
}

static void on_timer(void *arg);

void flow_pause(struct flow_task *task, enum flow_phase phase, int64_t ms)
{
	task->phase = phase;
	if (task->timer == NULL)
		task->timer = loop_timer_new(task->engine->loop, on_timer, task);
	loop_timer_set(task->timer, ms);
}

static void move_to(struct flow_task *task, const struct flow_step *step);
static const struct flow_step *sure_step(const struct flow *flow, const char *name);

/* The plan may have a step for it; then that is entered. */
static void fail(struct flow_task *task, const struct err *err)
{
	const struct flow_plan *plan = task->flow.plan;
	struct err why = *err; /* err may be flow->err itself */
	const char *step = NULL;

	task->flow.err = why;
	if (plan->rescue != NULL && why.kind != ERR_CANCELLED)
		step = plan->rescue(&task->flow, &why);
	if (step == NULL) {
		flow_engine_end(task, &why);
		return;
	}
	log_event(LOG_WARN, "flow.rescued", "flow", task->flow.id, "plan", plan->name, "step", task->step->name,
	          "error", why.text, "goes_to", step, NULL);
	move_to(task, sure_step(&task->flow, step));
	flow_enter(task);
}

static void tell_waits(struct flow_task *task, const struct err *err)
{
	if (task->flow.plan->waits != NULL)
		task->flow.plan->waits(&task->flow, err);
}

static void log_again(struct flow_task *task, const char *event, const struct err *err,
                      int64_t wait_ms)
{
	log_event(LOG_INFO, event, "flow", task->flow.id, "plan", task->flow.plan->name, "step",
	          task->step->name, "error", err->text, "kind", err_kind_name(err->kind), "tries",
	          LOG_INT(task->flow.tries), "wait_ms", LOG_INT(wait_ms), NULL);
}

static bool tries_are_spent(const struct flow_task *task)
{
	return task->flow.plan->max_tries > 0 && task->flow.tries >= task->flow.plan->max_tries;
}

/* The peer's own wish counts when it is longer than ours; both are shortened by the time scale. */
static int64_t retry_wait_ms(const struct err *err, unsigned attempt)
{
	int64_t ours_ms = random_backoff_ms(attempt, RETRY_BASE_MS, RETRY_CAP_MS);
	int64_t theirs_ms = clock_wait_ms(err->retry_after_ms);

	return theirs_ms > ours_ms ? theirs_ms : ours_ms;
}

static enum flow_next call(struct flow_task *task, flow_step_fn *fn)
{
	enum flow_next next;

	task->target = NULL;
	task->wake_ms = 0;
	task->flow.err.kind = ERR_NONE;
	task->in_step = true;
	next = fn(&task->flow);
	task->in_step = false;
	if (task->cancelled)
		return next;
	/* A step waits for exactly one thing, or for nothing. */
	assert((next == FLOW_WAIT) == (task->token_out || task->wake_ms != 0));
	assert(!(task->token_out && task->wake_ms != 0));
	assert(task->target == NULL || task->wake_ms != 0 || next == FLOW_NEXT);
	assert(next != FLOW_FAIL || task->flow.err.kind != ERR_NONE);
	return next;
}

static void move_to(struct flow_task *task, const struct flow_step *step)
{
	task->step = step;
	task->target = NULL;
	task->flow.tries = 0;
	task->flow.intent_ms = 0;
	task->flow.resumed = false;
	task->looks = task->flow.unanswered = 0;
	task->unsure = false;
}

void flow_withdraw(struct flow_task *task)
{
	if (task->step->check != NULL && !task->unsure)
		task->flow.intent_ms = 0;
	flow_engine_put(task);
}

static const struct flow_step *following(const struct flow_task *task)
{
	return task->target != NULL ? task->target : task->step + 1;
}

static void hold(struct flow_task *task)
{
	task->phase = FLOW_PHASE_HELD;
}

/* True: the present step may run now. Otherwise it is taken care of. */
static bool may_run(struct flow_task *task)
{
	if (task->engine->quiescing) {
		/* No intent: the next process need not look for what was never tried. */
		flow_engine_put(task);
		hold(task);
		return false;
	}
	task->flow.intent_ms = clock_true_ms();
	if (task->step->check == NULL)
		return true;
	flow_engine_put(task);
	flow_engine_await(task);
	return false;
}

static void go_to_sleep(struct flow_task *task)
{
	int64_t wake_ms = task->wake_ms;

	move_to(task, task->target);
	flow_engine_put(task);
	if (task->engine->quiescing)
		hold(task);
	else
		flow_pause(task, FLOW_PHASE_SLEEP, wake_ms - clock_wall_ms());
}

/* What a step or a check returned. True: the (new) present step is to be run. */
static bool follow(struct flow_task *task, enum flow_next next)
{
	if (task->cancelled) {
		if (!task->token_out)
			flow_engine_drop(task);
		return false;
	}
	switch (next) {
	case FLOW_NEXT:
		if (following(task)->name != NULL) {
			move_to(task, following(task));
			return may_run(task);
		}
		flow_engine_end(task, NULL);
		return false;
	case FLOW_WAIT:
		if (task->wake_ms != 0)
			go_to_sleep(task);
		else if (task->step->check == NULL)
			flow_engine_put(task); /* a step with a check was saved before it ran */
		return false;
	case FLOW_DONE:
		flow_engine_end(task, NULL);
		return false;
	case FLOW_FAIL:
		break;
	}
	fail(task, &task->flow.err);
	return false;
}

void flow_run(struct flow_task *task)
{
	enum flow_next next;

	do {
		task->phase = FLOW_PHASE_RUNNING;
		CRASH_POINT("flow.before_step");
		next = call(task, task->step->run);
		CRASH_POINT("flow.after_step");
		task->flow.resumed = false;
	} while (follow(task, next));
}

void flow_enter(struct flow_task *task)
{
	if (may_run(task))
		flow_run(task);
}

static void go_on(struct flow_task *task)
{
	if (follow(task, FLOW_NEXT))
		flow_run(task);
}

static void try_again(struct flow_task *task, const struct err *err)
{
	int64_t wait_ms;

	if (task->engine->quiescing) { /* a shutdown may be why: the last try, too, is left to the next process */
		flow_withdraw(task);
		hold(task);
		return;
	}
	task->flow.tries++;
	if (tries_are_spent(task)) {
		fail(task, err);
		return;
	}
	flow_withdraw(task);
	wait_ms = retry_wait_ms(err, task->flow.tries);
	metrics_count("tocsin_flow_retries_total", NULL, NULL);
	log_again(task, "flow.retry", err, wait_ms);
	tell_waits(task, err);
	flow_pause(task, FLOW_PHASE_RETRY, wait_ms);
}

/* It is not there, by all we can see: the effect is tried again. */
static void run_again(struct flow_task *task)
{
	struct err err;

	(void)err_set(&err, ERR_UNKNOWN,
	              "may or may not have happened (%u look-ups did not find it)%s%.120s", task->looks,
	              task->flow.err.text[0] == '\0' ? "" : ": ", task->flow.err.text);
	if (tries_are_spent(task)) {
		fail(task, &err);
		return;
	}
	metrics_count("tocsin_flow_reruns_total", NULL, NULL);
	log_again(task, "flow.rerun", &err, 0);
	task->looks = 0;
	flow_run(task);
}

static void not_there(struct flow_task *task)
{
	unsigned looks = task->looks++;

	task->flow.unanswered = 0;
	if (looks < CHECK_WAITS)
		flow_pause(task, FLOW_PHASE_LOOK, clock_wait_ms(flow_check_waits_ms[looks]));
	else
		run_again(task);
}

/* The check's answer is in. */
static void looked(struct flow_task *task, const struct err *err)
{
	int64_t wait_ms;

	if (err == NULL) {
		metrics_count("tocsin_flow_found_total", NULL, NULL);
		go_on(task);
	} else if (task->engine->quiescing &&
	           (err->kind == ERR_NOT_FOUND || err->kind == ERR_RETRY || err->kind == ERR_UNKNOWN ||
	            err->kind == ERR_CANCELLED)) {
		hold(task);
	} else if (err->kind == ERR_NOT_FOUND) {
		not_there(task);
	} else if (err->kind != ERR_CANCELLED) {
		/* However long it takes, and even if a person must mend it first: without an answered look
		 * the effect is not repeated, nor forgotten. */
		wait_ms = retry_wait_ms(err, ++task->flow.unanswered);
		log_again(task, "flow.look_again", err, wait_ms);
		tell_waits(task, err);
		flow_pause(task, FLOW_PHASE_LOOK, wait_ms);
	} else {
		fail(task, err);
	}
}

void flow_look(struct flow_task *task)
{
	enum flow_next next;
	struct err err;

	task->phase = FLOW_PHASE_LOOKING;
	task->unsure = true;
	next = call(task, task->step->check);
	if (!task->cancelled && next == FLOW_FAIL) {
		err = task->flow.err;
		looked(task, &err);
	} else if (follow(task, next)) {
		flow_run(task);
	}
}

/* The step's own outcome is in. */
static void ran(struct flow_task *task, const struct err *err)
{
	if (err == NULL) {
		go_on(task);
	} else if (err->kind == ERR_RETRY || (err->kind == ERR_UNKNOWN && task->step->check == NULL)) {
		try_again(task, err);
	} else if (err->kind == ERR_UNKNOWN) {
		task->flow.err = *err;
		task->flow.tries++;
		flow_engine_put(task);
		log_again(task, "flow.unknown", err, 0);
		tell_waits(task, err);
		if (task->engine->quiescing)
			hold(task);
		else
			flow_look(task);
	} else if (err->kind == ERR_CANCELLED && task->engine->quiescing) {
		hold(task); /* given up by a shutdown: as after a crash */
	} else {
		fail(task, err);
	}
}

static void token_done(void *arg, const struct err *err)
{
	struct flow_task *task = arg;
	struct flow_engine *engine = task->engine;

	assert(task->token_out); /* once */
	assert(!task->in_step);  /* and not before the call has returned */
	CRASH_POINT("flow.woken");
	task->token_out = false;
	engine->in_flight--;
	if (task->cancelled)
		flow_engine_drop(task);
	else if (task->phase == FLOW_PHASE_LOOKING)
		looked(task, err);
	else
		ran(task, err);
	flow_engine_commit(engine);
	flow_engine_check_idle(engine);
}

static void on_timer(void *arg)
{
	struct flow_task *task = arg;
	struct flow_engine *engine = task->engine;

	task->wake_ms = 0;
	if (task->phase == FLOW_PHASE_RETRY && task->flow.intent_ms != 0)
		flow_run(task);
	else if (task->phase == FLOW_PHASE_LOOK)
		flow_look(task);
	else
		flow_enter(task);
	flow_engine_commit(engine);
}

struct done flow_wake(struct flow *flow)
{
	struct flow_task *task = task_of(flow);

	assert(task->in_step && !task->token_out);
	task->token_out = true;
	task->engine->in_flight++;
	return (struct done){ token_done, task };
}

const struct flow_step *flow_step_named(const struct flow_plan *plan, const char *name)
{
	for (const struct flow_step *step = plan->steps; step->name != NULL; step++)
		if (strcmp(step->name, name) == 0)
			return step;
	return NULL;
}

/* A name in the program's own text: a wrong one is a programming error. */
static const struct flow_step *sure_step(const struct flow *flow, const char *name)
{
	const struct flow_step *step = flow_step_named(flow->plan, name);

	assert(step != NULL);
	return step;
}

void flow_start_at(struct flow *flow, const char *step)
{
	task_of(flow)->step = sure_step(flow, step);
	flow_start(flow);
}

enum flow_next flow_sleep(struct flow *flow, int64_t ms, const char *step)
{
	struct flow_task *task = task_of(flow);

	assert(task->in_step);
	task->target = sure_step(flow, step);
	task->sleep_ms = clock_wait_ms(ms);
	task->wake_ms = clock_wall_ms() + task->sleep_ms;
	return FLOW_WAIT;
}

enum flow_next flow_goto(struct flow *flow, const char *step)
{
	struct flow_task *task = task_of(flow);

	assert(task->in_step);
	task->target = sure_step(flow, step);
	return FLOW_NEXT;
}

enum flow_next flow_fail(struct flow *flow, enum err_kind kind, const char *format, ...)
{
	va_list args;

	flow->err = (struct err){ .kind = kind };
	va_start(args, format);
	(void)vsnprintf(flow->err.text, sizeof(flow->err.text), format, args);
	va_end(args);
	str_utf8_mend(flow->err.text);
	return FLOW_FAIL;
}

/* Saved, so that its sleep is over for the next process too. */
void flow_poke(struct flow *flow)
{
	struct flow_task *task = task_of(flow);

	if (flow == NULL || task->wake_ms == 0 || task->in_step || task->cancelled)
		return;
	task->wake_ms = clock_wall_ms();
	flow_save(flow);
	if (task->phase == FLOW_PHASE_SLEEP && !task->engine->quiescing)
		loop_timer_set(task->timer, 0);
}

const char *flow_step_name(const struct flow *flow)
{
	return ((const struct flow_task *)flow)->step->name;
}

const char *flow_key(struct flow *flow, unsigned n)
{
	return mem_printf(&flow->mem, "%s.%s.%u", flow->id, task_of(flow)->step->name, n);
}
