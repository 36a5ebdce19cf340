/*
 * flow_world.h - a flow engine on a real journal, with a far side that answers as it is told to.
 *
 * The far side (effects, the trace) survives world_crash; everything of the engine does not.
 */
#ifndef TESTS_FLOW_WORLD_H
#define TESTS_FLOW_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/flow.h"

struct json_object;

/* The state of every plan here. */
struct trip {
	char *name; /* its number on the far side, as text: "0" to "9" */
	int64_t rounds;
	double level;
	bool marked;
	struct json_object *list;
};

/* prepare, effect (with check), finish */
extern const struct flow_plan world_trip;
/* nap (sleeps 1000 ms for work), work, again (back to nap until rounds is 2) */
extern const struct flow_plan world_loop;
/* one step that does what world_step says; then "last" */
extern const struct flow_plan world_any;
extern const struct flow_plan *const world_plans[];

/* What world_any's first step does, when not NULL. */
extern enum flow_next (*world_step)(struct flow *flow);

extern struct loop *world_loop_;
extern struct journal *world_journal;
extern struct flow_engine *world_engine;

/* What the far side answers to the next calls, in turn; afterwards all goes well. A look that goes
 * well is answered with the truth. */
struct answer {
	enum err_kind kind;
	bool happens; /* with ERR_UNKNOWN: the effect took place all the same */
	int64_t retry_after_ms;
	bool never;   /* the token is kept: world_answer_held */
};
void world_will_answer(const struct answer *answers, size_t count);
#define WORLD_WILL_ANSWER(...) \
	world_will_answer((const struct answer[]){ __VA_ARGS__ }, \
	                  sizeof((const struct answer[]){ __VA_ARGS__ }) / sizeof(struct answer))
void world_answer_held(enum err_kind kind); /* completes the token that was kept */
bool world_holds(void *arg);                /* for turn_until */

unsigned world_effects(const char *name); /* how often it happened on the far side */
void world_forget_effects(void);
/* "prepare(0) effect(0) look(0) ended(0,refused)": what was called, in order. */
const char *world_trace(void);
void world_trace_clear(void);
void world_note(const char *format, ...) PRINTF(1, 2);

/* An event number n makes the engine stop dead (world_crash follows); 0: never. Events are the
 * moments just before and after each effect, each call and each answer. */
void world_crash_at(unsigned event);
bool world_crashed(void *arg);
/* As kill -9: what is not on the disk is lost, tokens never come back. Then a new process, whose
 * flows are resumed when `plans` is not NULL. */
void world_crash(const struct flow_plan *const *plans);
/* As an ordinary end and a new process. */
void world_restart(const struct flow_plan *const *plans);
extern void (*world_parked)(struct bot *bot, const char *flow_id, const char *plan, const char *step,
                            struct json_object *state);

struct flow *world_new(const struct flow_plan *plan, const char *name); /* flow_new with a state */
struct flow *world_start(const struct flow_plan *plan, const char *name); /* and started */
bool world_is_over(void *arg); /* for turn_until: no flow is left */
void world_finish(void);       /* turns until then */
void world_settle(void);       /* turns until everything put so far is on the disk */

/* The saved document of a flow as another process sees it, "" when there is none. Free() it. */
char *world_saved(const char *id);
unsigned world_saved_count(void);

int world_set_up(void **state);
int world_tear_down(void **state);

#endif
