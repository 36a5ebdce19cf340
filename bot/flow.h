/*
 * flow.h - work in named steps that survives kill -9 at any instruction.
 *
 * A plan is a table of steps over one small state struct described by a field table. A step
 * starts at most one remote operation and returns FLOW_WAIT; the completion of its token
 * (flow_wake) decides what comes next:
 *
 *   success        -> the next step
 *   ERR_RETRY      -> the same step again, after a wait with full jitter (or what the peer wished);
 *                     a process that comes in between need not look whether it happened
 *   ERR_UNKNOWN    -> a step with `check`: look whether it happened, before doing it again;
 *                     a step without: it is safe to repeat, so as ERR_RETRY
 *   anything else  -> the flow fails: plan->rescue may send it to a step that deals with that,
 *                     else plan->ended is told
 *
 * `check` marks a step whose effect must not happen twice. The engine makes the flow durable at
 * that step before it runs (the intent), and after a restart runs `check` instead. `check` starts
 * the look-up; its token's completion means: success = it happened (the state has its result),
 * ERR_NOT_FOUND = not (yet) there; any other error = no answer, so it looks again.
 * After the waits in flow_check_waits_ms without finding it, the
 * step is run again.
 *
 * The engine saves a flow as one journal document (kind "flow"); a step is saved by its name. A
 * plan or step unknown after an upgrade parks the flow: it is kept, logged, and told to
 * flow_engine.parked.
 */
#ifndef BOT_FLOW_H
#define BOT_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/fields.h"
#include "bot/mem.h"

struct bot;
struct flow;
struct flow_engine;
struct journal;
struct loop;
struct str;

enum flow_next {
	FLOW_NEXT, /* go on with the next step at once */
	FLOW_WAIT, /* a token of flow_wake is out, or flow_sleep was called */
	FLOW_DONE, /* the flow has ended well */
	FLOW_FAIL, /* flow_fail filled the error */
};

typedef enum flow_next flow_step_fn(struct flow *flow);

struct flow_step {
	const char *name; /* unique within the plan; saved */
	flow_step_fn *run;
	flow_step_fn *check; /* NULL: the step may simply be repeated */
};

struct flow_plan {
	const char *name; /* unique; saved */
	size_t state_size;
	const struct field *fields;     /* of the state */
	const struct flow_step *steps;  /* ended by { NULL } */
	unsigned max_tries;             /* of one step with ERR_RETRY in a row; 0 = no end */
	/* Told that the present step waits for another try or another look, and why; may be NULL. */
	void (*waits)(struct flow *flow, const struct err *err);
	/* A step failed for good: the name of the step to go on with, or NULL: the flow ends. It keeps
	 * what it needs of err in the state. Not asked on ERR_CANCELLED; may be NULL. */
	const char *(*rescue)(struct flow *flow, const struct err *err);
	/* Told once when the flow ends (err NULL: well), before it is freed; may put to the journal. */
	void (*ended)(struct flow *flow, const struct err *err);
	/* Frees what the state holds beyond its fields: large results that are read again after a crash.
	 * Told whenever a flow leaves memory, after its token is back; may be NULL. */
	void (*release)(void *state);
};

#define FLOW_ID_SIZE 25 /* 12 random bytes as hex, NUL */

struct flow {
	struct bot *bot;
	const struct flow_plan *plan;
	void *state;      /* plan->state_size bytes; strings in it are owned (mem_set_string) */
	struct mem mem;   /* scratch that lives until the flow ends; not saved */
	struct err err;   /* why it failed */
	char id[FLOW_ID_SIZE];
	int64_t started_ms; /* clock_true_ms; saved */
	int64_t started_mono_ms; /* monotonic; 0: by an earlier process */
	int64_t intent_ms;  /* clock_true_ms when the present step became durable: look-ups start here; saved */
	unsigned tries;     /* of the present step; saved */
	unsigned unanswered; /* look-ups of the present step in a row that got no answer */
	bool resumed;       /* the present step is run for the first time after a restart */
};

struct flow_engine *flow_engine_new(struct bot *bot, struct loop *loop, struct journal *journal,
                                    const struct flow_plan *const *plans /* ended by NULL */);
void flow_engine_free(struct flow_engine *engine); /* frees flows in memory; the journal keeps them */
/* At start: loads saved flows and resumes them (deferred). parked may be NULL. */
bool flow_engine_resume(struct flow_engine *engine,
                        void (*parked)(struct bot *bot, const char *flow_id, const char *plan,
                                       const char *step, struct json_object *state),
                        struct err *err) MUST_CHECK;
/* Stops starting steps; what runs may finish. idle() is then called once nothing is in flight, or
 * at the deadline; unfinished flows stay in the journal. */
void flow_engine_quiesce(struct flow_engine *engine, int64_t deadline_ms, void (*idle)(void *arg), void *arg);

/* New flow; fill flow->state, then flow_start. */
struct flow *flow_new(struct flow_engine *engine, const struct flow_plan *plan);
/*
 * Puts the flow into the open journal batch, at its first step, and runs that step after the
 * caller's journal_commit of the same callback is durable (engine commits an empty batch behind
 * it): the message, the incident, the flow and the intent of its first effect are one commit.
 */
void flow_start(struct flow *flow);
/* The same, at a step of the caller's choice: with `check`, its intent is in the caller's commit. */
void flow_start_at(struct flow *flow, const char *step);
/* Saves the state into the open batch now (a flow that changed its state outside a step). */
void flow_save(struct flow *flow);
/* Waits for nothing any more; plan->ended is not told. It is gone from the journal
 * (open batch), and freed once its token is back. */
void flow_cancel(struct flow *flow);
struct flow *flow_find(struct flow_engine *engine, const char *id); /* NULL when ended; id may be NULL */
/* Every flow of the plan that was started and has not ended. each() may save and poke. */
void flow_each(struct flow_engine *engine, const struct flow_plan *plan, void (*each)(void *arg, struct flow *flow),
               void *arg);
/* A flow that sleeps enters the step behind its sleep at once, if need be in the next process; any other one is
 * left alone. Saves the flow. */
void flow_poke(struct flow *flow);
/* Name of the present step: for those who show what a flow waits for. */
const char *flow_step_name(const struct flow *flow);
size_t flow_count(const struct flow_engine *engine);
/* How long ago it was started, also across restarts: what limits of patience are held against. A step of the wall
 * clock changes nothing, since a restart once Slack's time was heard. Never negative. */
int64_t flow_age_ms(const struct flow *flow);

/* Within a step. */
struct done flow_wake(struct flow *flow); /* the token for one asynchronous call */
/* Then go there; durable, and never longer after a restart; ms is scaled. */
enum flow_next flow_sleep(struct flow *flow, int64_t ms, const char *step);
enum flow_next flow_goto(struct flow *flow, const char *step); /* go there at once (a loop, a branch) */
enum flow_next flow_fail(struct flow *flow, enum err_kind kind, const char *format, ...) PRINTF(3, 4);
/* A key for one effect: "<flow id>.<step>.<n>", unguessable, the same after a restart. In mem. */
const char *flow_key(struct flow *flow, unsigned n);

/* `tocsin steps`: every plan with its steps, for people. */
void flow_print_plans(const struct flow_plan *const *plans, struct str *out);

#endif
