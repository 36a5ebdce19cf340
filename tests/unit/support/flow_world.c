#include "tests/unit/support/flow_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "bot/clock.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/turn.h"

#define MAX_ANSWERS 32

struct loop *world_loop_;
struct journal *world_journal;
struct flow_engine *world_engine;
enum flow_next (*world_step)(struct flow *flow);
void (*world_parked)(struct bot *bot, const char *flow_id, const char *plan, const char *step,
                     struct json_object *state);

static struct answer answers[MAX_ANSWERS];
static size_t answer_next, answer_count;
static unsigned effects[10];
static char trace[8192];
static struct done held;
static unsigned event, crash_event;
static bool crashed;

/* A call on its way. */
struct call {
	struct call *next;
	struct done done;
	struct err err;
	unsigned *effect; /* it happens on the way, or NULL */
	bool fails;
};
static struct call *calls;

static const struct field trip_fields[] = {
	FIELD(FIELD_STRING, trip, name), FIELD(FIELD_INT, trip, rounds), FIELD(FIELD_NUMBER, trip, level),
	FIELD(FIELD_BOOL, trip, marked), FIELD(FIELD_JSON, trip, list),  FIELDS_END,
};

void world_note(const char *format, ...)
{
	size_t length = strlen(trace);
	va_list args;

	va_start(args, format);
	if (length > 0 && length < sizeof(trace) - 1)
		trace[length++] = ' ';
	(void)vsnprintf(trace + length, sizeof(trace) - length, format, args);
	va_end(args);
}

const char *world_trace(void)
{
	return trace;
}

void world_trace_clear(void)
{
	trace[0] = '\0';
}

void world_will_answer(const struct answer *list, size_t count)
{
	assert_true(count <= MAX_ANSWERS);
	memcpy(answers, list, count * sizeof(*list));
	answer_next = 0;
	answer_count = count;
}

static struct answer next_answer(void)
{
	if (answer_next < answer_count)
		return answers[answer_next++];
	return (struct answer){ .kind = ERR_NONE };
}

void world_crash_at(unsigned number)
{
	event = 0;
	crash_event = number;
}

bool world_crashed(void *arg)
{
	(void)arg;
	return crashed;
}

/* True from the fatal event on: nothing leaves or enters the process any more. */
static bool is_dead(void)
{
	if (!crashed && crash_event != 0 && ++event == crash_event) {
		crashed = true;
		fake_disk_set(FAKE_DISK_FULL);
	}
	return crashed;
}

static unsigned *effect_of(const struct flow *flow)
{
	const struct trip *trip = flow->state;

	return &effects[trip->name[0] - '0'];
}

unsigned world_effects(const char *name)
{
	return effects[name[0] - '0'];
}

void world_forget_effects(void)
{
	memset(effects, 0, sizeof(effects));
}

static void arrive(void *arg)
{
	struct call *call = arg, **slot = &calls;

	while (*slot != call)
		slot = &(*slot)->next;
	*slot = call->next;
	if (!is_dead()) {
		if (call->effect != NULL)
			(*call->effect)++;
		if (!is_dead())
			call->done.fn(call->done.arg, call->fails ? &call->err : NULL);
	}
	free(call);
}

/* One remote call from a step. */
static enum flow_next remote(struct flow *flow, const char *what, bool is_effect, enum err_kind well)
{
	const struct trip *trip = flow->state;
	struct answer answer = next_answer();
	struct done done = flow_wake(flow);
	struct call *call;

	if (answer.kind == ERR_NONE)
		answer.kind = well;
	if (is_dead())
		return FLOW_WAIT;
	world_note("%s(%s)%s", what, trip->name, flow->resumed ? "*" : "");
	if (answer.never) {
		if (is_effect && answer.happens)
			(*effect_of(flow))++;
		held = done;
		return FLOW_WAIT;
	}
	call = mem_alloc(sizeof(*call));
	call->done = done;
	call->fails = answer.kind != ERR_NONE;
	if (is_effect && (!call->fails || answer.happens))
		call->effect = effect_of(flow);
	(void)err_set(&call->err, answer.kind, "%s was answered so", what);
	call->err.retry_after_ms = answer.retry_after_ms;
	call->next = calls;
	calls = call;
	loop_defer(world_loop_, arrive, call);
	return FLOW_WAIT;
}

bool world_holds(void *arg)
{
	(void)arg;
	return held.fn != NULL;
}

void world_answer_held(enum err_kind kind)
{
	struct done done = held;
	struct err err;

	(void)err_set(&err, kind, "held");
	held.fn = NULL;
	done.fn(done.arg, kind == ERR_NONE ? NULL : &err);
}

static enum flow_next prepare(struct flow *flow)
{
	struct trip *trip = flow->state;

	trip->rounds++;
	return remote(flow, "prepare", false, ERR_NONE);
}

static enum flow_next effect(struct flow *flow)
{
	return remote(flow, "effect", true, ERR_NONE);
}

static enum flow_next look(struct flow *flow)
{
	return remote(flow, "look", false, *effect_of(flow) > 0 ? ERR_NONE : ERR_NOT_FOUND);
}

static enum flow_next finish(struct flow *flow)
{
	return remote(flow, "finish", false, ERR_NONE);
}

static void ended(struct flow *flow, const struct err *err)
{
	const struct trip *trip = flow->state;

	world_note("ended(%s,%s)", trip->name, err == NULL ? "well" : err_kind_name(err->kind));
}

static const struct flow_step trip_steps[] = {
	{ "prepare", prepare, NULL },
	{ "effect", effect, look },
	{ "finish", finish, NULL },
	{ NULL, NULL, NULL },
};
const struct flow_plan world_trip = {
	.name = "trip",
	.state_size = sizeof(struct trip),
	.fields = trip_fields,
	.steps = trip_steps,
	.max_tries = 5,
	.ended = ended,
};

static enum flow_next nap(struct flow *flow)
{
	return flow_sleep(flow, 1000, "work");
}

static enum flow_next work(struct flow *flow)
{
	struct trip *trip = flow->state;

	trip->rounds++;
	return remote(flow, "work", false, ERR_NONE);
}

static enum flow_next again(struct flow *flow)
{
	const struct trip *trip = flow->state;

	if (trip->rounds < 2)
		return flow_goto(flow, "nap");
	return FLOW_DONE;
}

static enum flow_next not_reached(struct flow *flow)
{
	(void)flow;
	fail_msg("the step after FLOW_DONE was run");
	return FLOW_DONE;
}

static const struct flow_step loop_steps[] = {
	{ "nap", nap, NULL },     { "work", work, NULL },
	{ "again", again, NULL }, { "not reached", not_reached, NULL },
	{ NULL, NULL, NULL },
};
const struct flow_plan world_loop = {
	.name = "loop",
	.state_size = sizeof(struct trip),
	.fields = trip_fields,
	.steps = loop_steps,
	.ended = ended,
};

static enum flow_next any(struct flow *flow)
{
	return world_step(flow);
}

static enum flow_next last(struct flow *flow)
{
	const struct trip *trip = flow->state;

	world_note("last(%s)", trip->name);
	return FLOW_NEXT;
}

static const struct flow_step any_steps[] = {
	{ "any", any, NULL }, { "last", last, NULL }, { NULL, NULL, NULL },
};
const struct flow_plan world_any = {
	.name = "any",
	.state_size = sizeof(struct trip),
	.fields = trip_fields,
	.steps = any_steps,
	.ended = ended,
};

const struct flow_plan *const world_plans[] = { &world_trip, &world_loop, &world_any, NULL };

static void no_line(const char *line)
{
	(void)line;
}

static void open_process(const struct flow_plan *const *plans)
{
	struct err err;

	world_journal = journal_open(world_loop_, scratch_path("db"), &err);
	if (world_journal == NULL)
		fail_msg("%s", err.text);
	world_engine =
		flow_engine_new(NULL, world_loop_, world_journal, plans != NULL ? plans : world_plans);
	if (plans != NULL && !flow_engine_resume(world_engine, world_parked, &err))
		fail_msg("%s", err.text);
}

static void drop_calls(void)
{
	while (calls != NULL) {
		struct call *call = calls;

		calls = call->next;
		loop_defer_cancel(world_loop_, call);
		free(call);
	}
	held.fn = NULL;
}

static void close_process(void)
{
	drop_calls();
	flow_engine_free(world_engine);
	journal_close(world_journal);
}

void world_crash(const struct flow_plan *const *plans)
{
	fake_disk_set(FAKE_DISK_FULL);
	close_process();
	fake_disk_set(FAKE_DISK_WELL);
	crashed = false;
	crash_event = 0;
	open_process(plans);
}

void world_restart(const struct flow_plan *const *plans)
{
	close_process();
	open_process(plans);
}

struct flow *world_new(const struct flow_plan *plan, const char *name)
{
	struct flow *flow = flow_new(world_engine, plan);
	struct trip *trip = flow->state;

	mem_set_string(&trip->name, name);
	return flow;
}

struct flow *world_start(const struct flow_plan *plan, const char *name)
{
	struct flow *flow = world_new(plan, name);

	flow_start(flow);
	return flow;
}

bool world_is_over(void *arg)
{
	(void)arg;
	return flow_count(world_engine) == 0;
}

void world_finish(void)
{
	turn_until(world_loop_, world_is_over, NULL);
}

static void settled(void *arg, const struct err *err)
{
	assert_null(err);
	*(bool *)arg = true;
}

static bool is_settled(void *arg)
{
	return *(bool *)arg;
}

void world_settle(void)
{
	bool done = false;

	journal_commit(world_journal, (struct done){ settled, &done });
	turn_until(world_loop_, is_settled, &done);
}

static sqlite3_stmt *ask(sqlite3 **db, const char *sql, const char *id)
{
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_open(scratch_path("db"), db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(*db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC), SQLITE_OK);
	return statement;
}

char *world_saved(const char *id)
{
	sqlite3 *db;
	sqlite3_stmt *statement = ask(&db, "SELECT json FROM documents WHERE kind = 'flow' AND key = ?1", id);
	bool there = sqlite3_step(statement) == SQLITE_ROW;
	char *json = mem_copy_string(there ? (const char *)sqlite3_column_text(statement, 0) : "");

	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return json;
}

unsigned world_saved_count(void)
{
	sqlite3 *db;
	sqlite3_stmt *statement = ask(&db, "SELECT count(*) FROM documents WHERE kind = ?1", "flow");
	int count = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;

	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	assert_true(count >= 0);
	return (unsigned)count;
}

int world_set_up(void **state)
{
	(void)state;
	world_forget_effects();
	answer_next = answer_count = 0;
	world_trace_clear();
	world_step = NULL;
	world_parked = NULL;
	crashed = false;
	world_crash_at(0);
	log_sink(no_line);
	metrics_reset();
	clock_set_scale(0.001);
	random_seed_for_tests(1);
	scratch_make();
	fake_disk_install();
	world_loop_ = turn_new_loop();
	open_process(NULL);
	return 0;
}

int world_tear_down(void **state)
{
	(void)state;
	close_process();
	loop_free(world_loop_);
	fake_disk_remove();
	scratch_remove();
	random_seed_for_tests(0);
	clock_set_scale(1.0);
	metrics_reset();
	log_sink(NULL);
	return 0;
}
