/* bot/flow.c: every transition that bot/flow.h promises. Restarts: test_flow_resume.c;
 * programming errors: test_flow_misuse.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/flow_world.h"
#include "tests/unit/support/turn.h"

static void saved_has(const char *id, const char *text)
{
	char *json = world_saved(id);

	if (strstr(json, text) == NULL)
		fail_msg("'%s' lacks '%s'", json, text);
	free(json);
}

static void saved_lacks(const char *id, const char *text)
{
	char *json = world_saved(id);

	if (strstr(json, text) != NULL)
		fail_msg("'%s' has '%s'", json, text);
	free(json);
}

static void nothing_is_left(void)
{
	world_settle();
	assert_int_equal(world_saved_count(), 0);
	assert_int_equal(metrics_value("tocsin_flows_active", NULL, NULL), 0);
}

static bool is_traced(void *arg)
{
	return strstr(world_trace(), arg) != NULL;
}

static void turn_until_traced(const char *text)
{
	char copy[64];

	(void)snprintf(copy, sizeof(copy), "%s", text);
	turn_until(world_loop_, is_traced, copy);
}

struct saved {
	const char *id, *part;
};

static bool is_saved(void *arg)
{
	const struct saved *saved = arg;
	char *json = world_saved(saved->id);
	bool found = strstr(json, saved->part) != NULL;

	free(json);
	return found;
}

static void turn_until_saved(const char *id, const char *part)
{
	turn_until(world_loop_, is_saved, &(struct saved){ id, part });
}

static void test_steps_run_in_turn(void **state)
{
	struct flow *flow = world_start(&world_trip, "0");

	(void)state;
	assert_ptr_equal(flow_find(world_engine, flow->id), flow);
	assert_int_equal(strlen(flow->id), FLOW_ID_SIZE - 1);
	assert_string_equal(world_trace(), "");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
	assert_int_equal(metrics_value("tocsin_flows_total", "outcome", "done"), 1);
	nothing_is_left();
}

static void test_nothing_runs_before_the_start_is_durable(void **state)
{
	struct flow *flow;

	(void)state;
	fake_disk_stall(true);
	journal_put(world_journal, "message", "m", "{}");
	flow = world_start(&world_trip, "0");
	journal_commit(world_journal, (struct done){ NULL, NULL });
	turn_for(world_loop_, 20);
	fake_disk_wait_for_stall();
	assert_string_equal(world_trace(), "");
	fake_disk_stall(false);
	WORLD_WILL_ANSWER({ .never = true });
	turn_until(world_loop_, world_holds, NULL);
	assert_string_equal(world_trace(), "prepare(0)");
	/* The message and the flow were one transaction; the engine's own commit cost none. */
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 1);
	assert_int_equal(metrics_value("tocsin_journal_rows_total", NULL, NULL), 2);
	saved_has(flow->id, "\"plan\":\"trip\",\"step\":\"prepare\"");
	world_answer_held(ERR_NONE);
	world_finish();
}

static void test_a_flow_is_durable_without_its_starter_committing(void **state)
{
	(void)state;
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_int_equal(world_effects("0"), 1);
}

static void test_the_intent_is_durable_before_the_effect(void **state)
{
	struct flow *flow;

	(void)state;
	WORLD_WILL_ANSWER({ .never = true }, { .never = true });
	flow = world_start(&world_trip, "0");
	turn_until(world_loop_, world_holds, NULL);
	world_settle();
	fake_disk_stall(true);
	world_answer_held(ERR_NONE);
	turn_for(world_loop_, 20);
	fake_disk_wait_for_stall();
	assert_string_equal(world_trace(), "prepare(0)");
	fake_disk_stall(false);
	turn_until(world_loop_, world_holds, NULL);
	saved_has(flow->id, "\"step\":\"effect\"");
	saved_has(flow->id, "\"intent\":");
	saved_has(flow->id, "\"rounds\":1"); /* what prepare left in the state */
	assert_true(flow->intent_ms >= flow->started_ms);
	world_answer_held(ERR_NONE);
	world_finish();
}

static void test_retry(void **state)
{
	struct flow *flow;
	int64_t started_ms = clock_mono_ms();

	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_RETRY },
	                  { .kind = ERR_RETRY, .retry_after_ms = 100000 },
	                  { .never = true, .happens = true }, { .never = true });
	flow = world_start(&world_trip, "0");
	turn_until(world_loop_, world_holds, NULL);
	assert_string_equal(world_trace(), "prepare(0) effect(0) effect(0) effect(0)");
	assert_true(clock_mono_ms() - started_ms >= 100); /* the peer's wish, shortened */
	assert_int_equal(flow->tries, 2);
	world_settle();
	saved_has(flow->id, "\"tries\":2");
	world_answer_held(ERR_NONE);
	turn_until(world_loop_, world_holds, NULL);
	world_settle();
	saved_has(flow->id, "\"step\":\"finish\"");
	saved_lacks(flow->id, "tries");
	world_answer_held(ERR_NONE);
	world_finish();
	assert_int_equal(world_effects("0"), 1);
}

static void test_tries_end(void **state)
{
	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_RETRY }, { .kind = ERR_RETRY }, { .kind = ERR_RETRY },
	                  { .kind = ERR_RETRY }, { .kind = ERR_RETRY });
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) prepare(0) prepare(0) prepare(0) "
	                                   "prepare(0) ended(0,retry)");
	assert_int_equal(metrics_value("tocsin_flows_total", "outcome", "failed"), 1);
	nothing_is_left();
}

static void test_unknown_without_check_is_tried_again(void **state)
{
	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_UNKNOWN });
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) prepare(0) effect(0) finish(0) ended(0,well)");
}

static void test_unknown_and_found_is_not_repeated(void **state)
{
	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_UNKNOWN, .happens = true });
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) look(0) finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
	assert_int_equal(metrics_value("tocsin_flow_found_total", NULL, NULL), 1);
}

static void test_unknown_and_found_late(void **state)
{
	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_UNKNOWN, .happens = true },
	                  { .kind = ERR_NOT_FOUND }, { .kind = ERR_NOT_FOUND });
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_string_equal(world_trace(),
	                    "prepare(0) effect(0) look(0) look(0) look(0) finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
}

static void test_unknown_and_never_found_is_repeated(void **state)
{
	int64_t started_ms = clock_mono_ms();

	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_UNKNOWN });
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) look(0) look(0) look(0) look(0) effect(0) "
	                                   "finish(0) ended(0,well)");
	assert_true(clock_mono_ms() - started_ms >= 1 + 5 + 15);
	assert_int_equal(world_effects("0"), 1);
	assert_int_equal(metrics_value("tocsin_flow_reruns_total", NULL, NULL), 1);
}

static void test_unknown_for_ever_ends(void **state)
{
	const struct answer unknown = { .kind = ERR_UNKNOWN }, absent = { .kind = ERR_NOT_FOUND };

	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, unknown, absent, absent, absent, absent, unknown, absent,
	                  absent, absent, absent, unknown, absent, absent, absent, absent, unknown, absent,
	                  absent, absent, absent, unknown, absent, absent, absent, absent);
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_non_null(strstr(world_trace(), "look(0) ended(0,unknown)"));
	assert_int_equal(metrics_value("tocsin_flow_reruns_total", NULL, NULL), 4);
}

static void test_no_repeat_without_an_answered_look(void **state)
{
	const struct answer retry = { .kind = ERR_RETRY }, unknown = { .kind = ERR_UNKNOWN };

	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_UNKNOWN, .happens = true }, retry, unknown, retry,
	                  retry, retry, retry, retry, retry);
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) look(0) look(0) look(0) look(0) look(0) look(0) "
	                                   "look(0) look(0) look(0) finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
}

static void test_a_look_that_is_refused_looks_again(void **state)
{
	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_UNKNOWN }, { .kind = ERR_REFUSED });
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) look(0) look(0) look(0) look(0) look(0) effect(0) finish(0) "
	                    "ended(0,well)");
	nothing_is_left();
}

static void test_refused(void **state)
{
	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_REFUSED });
	(void)world_start(&world_trip, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) ended(0,refused)");
	assert_int_equal(world_effects("0"), 0);
	nothing_is_left();
}

static enum flow_next fail_at_once(struct flow *flow)
{
	return flow_fail(flow, ERR_USAGE, "%d is not a number", 7);
}

static struct err seen_err;

static void see_err(struct flow *flow, const struct err *err)
{
	assert_ptr_not_equal(flow->state, NULL);
	assert_string_equal(flow->err.text, err->text);
	seen_err = *err;
	journal_put(world_journal, "result", "r", "{}");
}

static void test_a_step_may_fail(void **state)
{
	const struct flow_step steps[] = { { "only", fail_at_once, NULL }, { NULL, NULL, NULL } };
	const struct flow_plan plan = { .name = "p", .steps = steps, .ended = see_err };

	(void)state;
	flow_start(flow_new(world_engine, &plan));
	world_finish();
	assert_int_equal(seen_err.kind, ERR_USAGE);
	assert_string_equal(seen_err.text, "7 is not a number");
	nothing_is_left();
	/* What ended() puts is one transaction with the end. */
	assert_int_equal(metrics_value("tocsin_journal_commits_total", NULL, NULL), 2);
	assert_int_equal(metrics_value("tocsin_journal_rows_total", NULL, NULL), 3);
}

static void test_sleep_and_goto(void **state)
{
	struct flow *flow = world_start(&world_loop, "0");

	(void)state;
	world_finish();
	assert_string_equal(world_trace(), "work(0) work(0) ended(0,well)");
	flow = world_start(&world_loop, "1");
	clock_set_scale(1000.0);
	turn_until_saved(flow->id, "\"wake\":");
	saved_has(flow->id, "\"step\":\"work\"");
	clock_set_scale(0.001);
	flow_cancel(flow);
	nothing_is_left();
}

static void test_flow_save(void **state)
{
	struct flow *flow;
	struct trip *trip;
	struct err err;

	(void)state;
	WORLD_WILL_ANSWER({ .never = true });
	flow = world_start(&world_trip, "0");
	turn_until(world_loop_, world_holds, NULL);
	trip = flow->state;
	trip->level = 2.5;
	trip->marked = true;
	trip->list = json_parse("[1,\"\\u00e9\"]", 12, &err);
	mem_set_string(&trip->name, "1 \"quoted\"");
	flow_save(flow);
	world_settle();
	saved_has(flow->id, "\"state\":{\"name\":\"1 \\\"quoted\\\"\",\"rounds\":1,\"level\":2.5,"
	                    "\"marked\":true,\"list\":[1,");
	world_answer_held(ERR_NONE);
	world_finish();
	assert_int_equal(world_effects("1"), 1);
}

static enum flow_next keep_key(struct flow *flow)
{
	world_note("%s", flow_key(flow, 3));
	return FLOW_NEXT;
}

static void test_keys(void **state)
{
	char expected[64];

	(void)state;
	world_step = keep_key;
	(void)snprintf(expected, sizeof(expected), "%s.any.3 last(0) ended(0,well)",
	               world_start(&world_any, "0")->id);
	world_finish();
	assert_string_equal(world_trace(), expected);
}

static void test_cancel_while_a_token_is_out(void **state)
{
	struct flow *flow;
	char id[FLOW_ID_SIZE];

	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .never = true });
	flow = world_start(&world_trip, "0");
	(void)snprintf(id, sizeof(id), "%s", flow->id);
	turn_until(world_loop_, world_holds, NULL);
	flow_cancel(flow);
	assert_null(flow_find(world_engine, id));
	nothing_is_left();
	world_answer_held(ERR_REFUSED); /* frees it: ASan and LSan watch */
	turn_for(world_loop_, 20);
	assert_string_equal(world_trace(), "prepare(0) effect(0)");
	assert_int_equal(metrics_value("tocsin_flows_total", "outcome", "cancelled"), 1);
}

static enum flow_next cancel_myself(struct flow *flow)
{
	flow_cancel(flow);
	return FLOW_NEXT;
}

static void test_cancel_at_other_times(void **state)
{
	struct flow *flow;

	(void)state;
	flow_cancel(NULL);
	flow_cancel(world_new(&world_trip, "0")); /* not started */
	flow = world_start(&world_trip, "0");     /* not durable */
	flow_cancel(flow);
	nothing_is_left();
	flow = world_start(&world_trip, "0");
	fake_disk_stall(true);
	turn_for(world_loop_, 20);
	fake_disk_wait_for_stall();
	flow_cancel(flow); /* while its commit is under way */
	fake_disk_stall(false);
	nothing_is_left();
	world_step = cancel_myself;
	(void)world_start(&world_any, "0");
	world_finish();
	nothing_is_left();
	WORLD_WILL_ANSWER({ .kind = ERR_RETRY, .retry_after_ms = 3600000 });
	flow = world_start(&world_trip, "0");
	turn_until_traced("prepare");
	turn_for(world_loop_, 20);
	flow_cancel(flow); /* while it waits for another try */
	nothing_is_left();
	assert_string_equal(world_trace(), "prepare(0)");
}

/* The intake's way: its condition fails, and the flow was never to be. */
static struct flow *doubled;

static void told_conflict(void *arg, const struct err *err)
{
	(void)arg;
	assert_int_equal(err->kind, ERR_CONFLICT);
	flow_cancel(doubled);
	doubled = NULL;
}

static bool was_doubled(void *arg)
{
	(void)arg;
	return doubled == NULL;
}

static void test_a_condition_of_the_starter_that_fails(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		journal_put_new(world_journal, "message", "m", "{}");
		doubled = world_start(&world_trip, "0");
		journal_commit(world_journal, (struct done){ i == 0 ? NULL : told_conflict, NULL });
		world_finish();
	}
	turn_until(world_loop_, was_doubled, NULL);
	nothing_is_left();
	assert_string_equal(world_trace(), "prepare(0) effect(0) finish(0) ended(0,well)");
}

static enum flow_next put_what_is_there(struct flow *flow)
{
	(void)flow;
	journal_put_new(world_journal, "message", "m", "{}");
	return FLOW_NEXT;
}

/* A step that leaves its condition in the batch of the engine costs nobody an intent. */
static void test_a_condition_of_a_step_that_fails(void **state)
{
	const struct flow_step steps[] = {
		{ "put", put_what_is_there, NULL },
		{ "effect", world_trip.steps[1].run, world_trip.steps[1].check },
		{ NULL, NULL, NULL },
	};
	struct flow_plan plan = world_trip;
	struct flow *flow;

	(void)state;
	plan.steps = steps;
	journal_put(world_journal, "message", "m", "{}");
	WORLD_WILL_ANSWER({ .never = true });
	flow = world_start(&plan, "0");
	turn_until(world_loop_, world_holds, NULL);
	assert_string_equal(world_trace(), "effect(0)");
	saved_has(flow->id, "\"step\":\"effect\"");
	world_answer_held(ERR_NONE);
	world_finish();
}

static bool has_failed(void *arg)
{
	(void)arg;
	return metrics_value("tocsin_journal_failures_total", NULL, NULL) > 0;
}

static void test_no_effect_while_the_disk_fails(void **state)
{
	struct flow *flow;

	(void)state;
	WORLD_WILL_ANSWER({ .never = true }, { .never = true, .happens = true });
	flow = world_start(&world_trip, "0");
	turn_until(world_loop_, world_holds, NULL);
	world_settle();
	fake_disk_set(FAKE_DISK_FULL);
	world_answer_held(ERR_NONE);
	turn_until(world_loop_, has_failed, NULL);
	turn_for(world_loop_, 50);
	assert_string_equal(world_trace(), "prepare(0)");
	assert_false(journal_healthy(world_journal));
	saved_lacks(flow->id, "\"step\":\"effect\"");
	fake_disk_set(FAKE_DISK_WELL);
	turn_until(world_loop_, world_holds, NULL);
	saved_has(flow->id, "\"step\":\"effect\"");
	world_answer_held(ERR_NONE);
	world_finish();
	assert_int_equal(world_effects("0"), 1);
	nothing_is_left();
}

static void test_a_start_while_the_disk_fails(void **state)
{
	(void)state;
	fake_disk_set(FAKE_DISK_FULL);
	(void)world_start(&world_trip, "0");
	turn_until(world_loop_, has_failed, NULL);
	(void)world_start(&world_trip, "1");
	turn_for(world_loop_, 30);
	assert_string_equal(world_trace(), "");
	fake_disk_set(FAKE_DISK_WELL);
	world_finish();
	assert_int_equal(world_effects("0"), 1);
	assert_int_equal(world_effects("1"), 1);
}

/* --- plans that deal with trouble themselves ------------------------------------------------ */

static const char *to_finish(struct flow *flow, const struct err *err)
{
	world_note("rescue(%s,%s)", flow_step_name(flow), err_kind_name(err->kind));
	return strcmp(flow_step_name(flow), "finish") == 0 ? NULL : "finish";
}

static void told_of_wait(struct flow *flow, const struct err *err)
{
	world_note("waits(%s,%s)", flow_step_name(flow), err_kind_name(err->kind));
}

static void test_a_failed_step_may_lead_to_another(void **state)
{
	struct flow_plan plan = world_trip;

	(void)state;
	plan.rescue = to_finish;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_REFUSED });
	(void)world_start(&plan, "0");
	world_finish();
	assert_string_equal(world_trace(),
	                    "prepare(0) effect(0) rescue(effect,refused) finish(0) ended(0,well)");
	assert_int_equal(metrics_value("tocsin_flows_total", "outcome", "done"), 1);
	nothing_is_left();
}

static void test_a_rescue_may_decline(void **state)
{
	struct flow_plan plan = world_trip;

	(void)state;
	plan.rescue = to_finish;
	WORLD_WILL_ANSWER({ .kind = ERR_REFUSED }, { .kind = ERR_REFUSED });
	(void)world_start(&plan, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) rescue(prepare,refused) finish(0) "
	                                   "rescue(finish,refused) ended(0,refused)");
	nothing_is_left();
}

static void test_spent_tries_are_rescued_and_cancelling_is_not(void **state)
{
	struct flow_plan plan = world_trip;

	(void)state;
	plan.rescue = to_finish;
	plan.max_tries = 2;
	WORLD_WILL_ANSWER({ .kind = ERR_RETRY }, { .kind = ERR_RETRY }, { .kind = ERR_CANCELLED });
	(void)world_start(&plan, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) prepare(0) rescue(prepare,retry) finish(0) "
	                                   "ended(0,cancelled)");
}

static void test_a_rescued_flow_is_saved_at_its_new_step(void **state)
{
	struct flow_plan plan = world_trip;
	struct flow *flow;

	(void)state;
	plan.rescue = to_finish;
	WORLD_WILL_ANSWER({ .kind = ERR_REFUSED }, { .never = true });
	flow = world_start(&plan, "0");
	turn_until(world_loop_, world_holds, NULL);
	world_settle();
	saved_has(flow->id, "\"step\":\"finish\"");
	world_answer_held(ERR_NONE);
	world_finish();
}

static void test_waits_are_told(void **state)
{
	struct flow_plan plan = world_trip;

	(void)state;
	plan.waits = told_of_wait;
	WORLD_WILL_ANSWER({ .kind = ERR_RETRY }, { .kind = ERR_NONE }, { .kind = ERR_UNKNOWN, .happens = true },
	                  { .kind = ERR_RETRY });
	(void)world_start(&plan, "0");
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) waits(prepare,retry) prepare(0) effect(0) "
	                                   "waits(effect,unknown) look(0) waits(effect,retry) look(0) "
	                                   "finish(0) ended(0,well)");
}

static enum flow_next sleep_long(struct flow *flow)
{
	return flow_sleep(flow, INT64_C(1000000000), "last");
}

static void test_a_poked_flow_wakes(void **state)
{
	struct flow *flow;

	(void)state;
	world_step = sleep_long;
	flow = world_start(&world_any, "0");
	turn_until_saved(flow->id, "\"wake\":");
	assert_string_equal(world_trace(), "");
	flow_poke(flow);
	assert_string_equal(world_trace(), ""); /* not within the call */
	world_finish();
	assert_string_equal(world_trace(), "last(0) ended(0,well)");
}

static void test_poking_what_does_not_sleep(void **state)
{
	struct flow *flow;

	(void)state;
	flow_poke(NULL);
	assert_null(flow_find(world_engine, NULL));
	WORLD_WILL_ANSWER({ .never = true });
	flow = world_start(&world_trip, "0");
	flow_poke(flow);
	turn_until(world_loop_, world_holds, NULL);
	flow_poke(flow);
	turn_for(world_loop_, 20);
	assert_string_equal(world_trace(), "prepare(0)");
	world_answer_held(ERR_NONE);
	world_finish();
}

static void test_many_flows_share_commits(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		(void)world_start(&world_trip, "0");
	assert_int_equal(flow_count(world_engine), 1000);
	world_finish();
	assert_int_equal(world_effects("0"), 1000);
	assert_true(metrics_value("tocsin_journal_commits_total", NULL, NULL) < 100);
	nothing_is_left();
}

static void test_plans_are_printed(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 4096);
	flow_print_plans(world_plans, &out);
	assert_non_null(strstr(out.text, "trip\n"
	                                 "   1. prepare\n"
	                                 "   2. effect  (looked up before it is repeated)\n"
	                                 "   3. finish\n"
	                                 "loop\n"));
	str_free(&out);
}

static unsigned released;

static void count_release(void *state)
{
	assert_non_null(state);
	released++;
}

static enum flow_next end_at_once(struct flow *flow)
{
	(void)flow;
	return FLOW_DONE;
}

static struct done kept_token;

static enum flow_next keep_token(struct flow *flow)
{
	kept_token = flow_wake(flow);
	return FLOW_WAIT;
}

static bool has_token(void *arg)
{
	(void)arg;
	return kept_token.fn != NULL;
}

/* Each once, and only when nobody can still write into the state. */
static void test_what_the_fields_do_not_hold_is_released(void **state)
{
	static const struct flow_step ends[] = { { "only", end_at_once, NULL }, { NULL, NULL, NULL } };
	static const struct flow_step hangs[] = { { "only", keep_token, NULL }, { NULL, NULL, NULL } };
	static const struct flow_plan short_one = { .name = "s", .steps = ends, .release = count_release };
	static const struct flow_plan long_one = { .name = "l", .steps = hangs, .release = count_release };
	struct flow *flow;

	(void)state;
	released = 0;
	kept_token.fn = NULL;
	flow_start(flow_new(world_engine, &short_one));
	world_finish();
	assert_int_equal(released, 1);
	flow = flow_new(world_engine, &long_one);
	flow_start(flow);
	turn_until(world_loop_, has_token, NULL);
	flow_cancel(flow);
	assert_int_equal(released, 1); /* its token is still out */
	kept_token.fn(kept_token.arg, NULL);
	assert_int_equal(released, 2);
	flow_start(flow_new(world_engine, &short_one));
	world_restart(NULL); /* it never ran */
	assert_int_equal(released, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

static const struct CMUnitTest tests[] = {
	TEST(test_steps_run_in_turn),
	TEST(test_nothing_runs_before_the_start_is_durable),
	TEST(test_a_flow_is_durable_without_its_starter_committing),
	TEST(test_the_intent_is_durable_before_the_effect),
	TEST(test_retry),
	TEST(test_tries_end),
	TEST(test_unknown_without_check_is_tried_again),
	TEST(test_unknown_and_found_is_not_repeated),
	TEST(test_unknown_and_found_late),
	TEST(test_unknown_and_never_found_is_repeated),
	TEST(test_unknown_for_ever_ends),
	TEST(test_no_repeat_without_an_answered_look),
	TEST(test_a_look_that_is_refused_looks_again),
	TEST(test_refused),
	TEST(test_a_step_may_fail),
	TEST(test_sleep_and_goto),
	TEST(test_flow_save),
	TEST(test_keys),
	TEST(test_cancel_while_a_token_is_out),
	TEST(test_cancel_at_other_times),
	TEST(test_a_condition_of_the_starter_that_fails),
	TEST(test_a_condition_of_a_step_that_fails),
	TEST(test_no_effect_while_the_disk_fails),
	TEST(test_a_start_while_the_disk_fails),
	TEST(test_a_failed_step_may_lead_to_another),
	TEST(test_a_rescue_may_decline),
	TEST(test_spent_tries_are_rescued_and_cancelling_is_not),
	TEST(test_a_rescued_flow_is_saved_at_its_new_step),
	TEST(test_waits_are_told),
	TEST(test_a_poked_flow_wakes),
	TEST(test_poking_what_does_not_sleep),
	TEST(test_many_flows_share_commits),
	TEST(test_plans_are_printed),
	TEST(test_what_the_fields_do_not_hold_is_released),
};

int main(void)
{
	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
