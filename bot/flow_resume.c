/* Flows of an earlier process, and the plans as people read them. */
#include <string.h>

#include "bot/clock.h"
#include "bot/flow.h"
#include "bot/flow_private.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "bot/str.h"

/* A saved flow that this program cannot go on with. */
struct unknown {
	struct unknown *next;
	const char *id;
	struct json_object *json; /* NULL: not even JSON */
};

struct loading {
	struct flow_engine *engine;
	struct mem mem;
	struct unknown *unknown;
};

static const struct flow_plan *find_plan(const struct flow_engine *engine, const char *name)
{
	const struct flow_plan *const *plan = engine->plans;

	while (*plan != NULL && (name == NULL || strcmp((*plan)->name, name) != 0))
		plan++;
	return *plan;
}

static void add_task(struct flow_engine *engine, const struct flow_plan *plan,
                     const struct flow_step *step, const char *id, struct json_object *json)
{
	struct flow_task *task = flow_engine_adopt(engine, plan, id);
	struct flow *flow = &task->flow;

	task->step = step;
	task->wake_ms = json_int(json, "wake", 0);
	task->sleep_ms = json_int(json, "sleep", INT64_MAX);
	flow->started_ms = json_int(json, "started", 0);
	flow->intent_ms = json_int(json, "intent", 0);
	flow->tries = (unsigned)json_int(json, "tries", 0);
	flow->resumed = flow->intent_ms != 0; /* else a sleep or a shutdown came before its first run */
	if (plan->fields != NULL)
		fields_load(plan->fields, flow->state, json_get(json, "state"));
}

static void load_one(void *arg, const char *key, const char *text, int64_t revision)
{
	struct loading *loading = arg;
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);
	const struct flow_plan *plan = find_plan(loading->engine, json_string(json, "plan"));
	const char *name = json_string(json, "step");
	const struct flow_step *step =
		plan == NULL || name == NULL ? NULL : flow_step_named(plan, name);
	struct unknown *unknown;

	(void)revision;
	if (json == NULL) {
		journal_damage_unreadable(FLOW_KIND, key);
		return;
	}
	if (step != NULL && strlen(key) < FLOW_ID_SIZE) {
		add_task(loading->engine, plan, step, key, json);
		json_free(json);
		return;
	}
	unknown = mem_zalloc(&loading->mem, sizeof(*unknown));
	unknown->next = loading->unknown;
	unknown->id = mem_strdup(&loading->mem, key);
	unknown->json = json;
	loading->unknown = unknown;
}

/* Kept as it is, for a program that knows the plan; told only by the first one that does not. */
static void park(struct flow_engine *engine, const struct unknown *unknown,
                 void (*parked)(struct bot *bot, const char *flow_id, const char *plan,
                                const char *step, struct json_object *state))
{
	const char *plan = json_string(unknown->json, "plan");
	const char *step = json_string(unknown->json, "step");

	if (json_flag(unknown->json, "parked", false))
		return;
	log_event(LOG_WARN, "flow.parked", "flow", unknown->id, "plan", plan, "step", step, NULL);
	metrics_count("tocsin_flows_total", "outcome", "parked");
	if (parked != NULL)
		parked(engine->bot, unknown->id, plan != NULL ? plan : "", step != NULL ? step : "",
		       json_get(unknown->json, "state"));
	if (!json_is_object(unknown->json))
		return;
	json_put_bool(unknown->json, "parked", true);
	journal_put(engine->journal, FLOW_KIND, unknown->id, json_print(unknown->json));
	engine->put = true;
}

static void resume_one(struct flow_task *task)
{
	int64_t left_ms = task->wake_ms - clock_wall_ms();

	if (left_ms > task->sleep_ms) /* the clock was set back: it waits as long as it wanted at most */
		left_ms = task->sleep_ms;
	if (task->engine->quiescing)
		task->phase = FLOW_PHASE_HELD;
	else if (task->wake_ms != 0)
		flow_pause(task, FLOW_PHASE_SLEEP, left_ms);
	else if (!task->flow.resumed)
		flow_enter(task);
	else if (task->step->check == NULL)
		flow_run(task);
	else
		flow_look(task);
}

static void resume_all(void *arg)
{
	struct flow_engine *engine = arg;
	struct flow_task *task;

	while ((task = flow_engine_take(&engine->ready)) != NULL)
		resume_one(task);
	flow_engine_commit(engine);
}

bool flow_engine_resume(struct flow_engine *engine,
                        void (*parked)(struct bot *bot, const char *flow_id, const char *plan,
                                       const char *step, struct json_object *state),
                        struct err *err)
{
	struct loading loading = { .engine = engine };
	bool loaded = journal_load(engine->journal, FLOW_KIND, load_one, &loading, err);

	for (struct unknown *unknown = loading.unknown; unknown != NULL; unknown = unknown->next) {
		if (loaded)
			park(engine, unknown, parked);
		json_free(unknown->json);
	}
	mem_free_all(&loading.mem);
	flow_engine_commit(engine);
	if (loaded)
		loop_defer(engine->loop, resume_all, engine);
	return loaded;
}

void flow_print_plans(const struct flow_plan *const *plans, struct str *out)
{
	for (; *plans != NULL; plans++) {
		unsigned number = 0;

		str_addf(out, "%s\n", (*plans)->name);
		for (const struct flow_step *step = (*plans)->steps; step->name != NULL; step++)
			str_addf(out, "  %2u. %s%s\n", ++number, step->name,
			         step->check != NULL ? "  (looked up before it is repeated)" : "");
	}
}
