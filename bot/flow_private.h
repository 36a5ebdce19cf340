/*
 * flow_private.h - what flow.c (the steps of one flow), flow_engine.c (all flows: memory, journal,
 * start, end) and flow_resume.c share. Nobody else includes it.
 */
#ifndef BOT_FLOW_PRIVATE_H
#define BOT_FLOW_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/flow.h"

/* A ring of flows; an empty one points to itself. */
struct flow_link {
	struct flow_link *before, *after;
};

enum flow_phase {
	FLOW_PHASE_NEW,     /* not started */
	FLOW_PHASE_INTENT,  /* the journal does not have it yet; then the step runs */
	FLOW_PHASE_READY,   /* resumed; its turn comes after the present callback */
	FLOW_PHASE_RUNNING, /* the token of the step is out */
	FLOW_PHASE_LOOKING, /* the token of the step's check is out */
	FLOW_PHASE_RETRY,   /* timer: the step runs again */
	FLOW_PHASE_LOOK,    /* timer: the check runs again */
	FLOW_PHASE_SLEEP,   /* timer: the step is entered */
	FLOW_PHASE_HELD,    /* as saved, for the next process: the engine quiesces */
	FLOW_PHASE_ENDED,
};

struct flow_task {
	struct flow flow; /* first: the two are cast into each other */
	struct flow_engine *engine;
	struct flow_task *same_slot; /* in the engine's table */
	struct flow_link all;        /* in engine->all */
	struct flow_link waiting;    /* in engine->waiting, in a barrier, or alone */
	const struct flow_step *step;
	const struct flow_step *target; /* of flow_goto and flow_sleep, during a step; else NULL */
	struct loop_timer *timer;
	enum flow_phase phase;
	int64_t wake_ms;     /* wall clock; 0: it does not sleep */
	int64_t sleep_ms;    /* of that sleep as a whole */
	unsigned looks;      /* answered with "not there" since the last run */
	bool in_step, token_out, cancelled;
	bool unsure;         /* the present step was looked for: an earlier try may have happened */
};

/* A commit that flows wait for. */
struct flow_barrier {
	struct flow_engine *engine; /* NULL: gone */
	struct flow_barrier *next;
	struct flow_link tasks;
};

#define FLOW_KIND "flow" /* of the documents */
#define FLOW_SLOTS 4096 /* a power of two */

struct flow_engine {
	struct bot *bot;
	struct loop *loop;
	struct journal *journal;
	const struct flow_plan *const *plans;
	struct flow_task *slots[FLOW_SLOTS];
	struct flow_link all;
	struct flow_link waiting; /* for the next commit */
	struct flow_link ready;   /* resumed */
	struct flow_barrier *barriers;
	struct loop_timer *commit_again;
	size_t count;     /* started and not ended */
	size_t in_flight; /* tokens */
	bool put;         /* something is in the open batch of the journal */
	bool commit_deferred, quiescing;
	struct loop_timer *deadline;
	void (*idle)(void *arg);
	void *idle_arg;
};

/* flow.c */
void flow_run(struct flow_task *task);    /* the present step, and on until something waits */
void flow_enter(struct flow_task *task);  /* the present step, for the first time: intent first */
void flow_look(struct flow_task *task);   /* its check */
/* The present step did not happen, or was never tried: the next process need not look first. Into the open batch. */
void flow_withdraw(struct flow_task *task);
/* Then as the phase says. */
void flow_pause(struct flow_task *task, enum flow_phase phase, int64_t ms);
/* NULL: there is none. */
const struct flow_step *flow_step_named(const struct flow_plan *plan, const char *name);

/* flow_engine.c */
/* A saved flow, in engine->ready. */
struct flow_task *flow_engine_adopt(struct flow_engine *engine, const struct flow_plan *plan,
                                    const char *id);
/* The first one waiting in the ring, no longer in it; NULL: none. */
struct flow_task *flow_engine_take(struct flow_link *ring);
void flow_engine_put(struct flow_task *task);       /* into the open batch */
void flow_engine_await(struct flow_task *task);     /* run it when the open batch is durable */
void flow_engine_commit(struct flow_engine *engine); /* at the end of every entry into the engine */
void flow_engine_check_idle(struct flow_engine *engine);
void flow_engine_end(struct flow_task *task, const struct err *err); /* frees it */
void flow_engine_drop(struct flow_task *task);                       /* frees it, tells nobody */

#endif
