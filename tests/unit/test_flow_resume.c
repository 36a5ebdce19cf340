/* bot/flow_resume.c: what a new process makes of the flows of an earlier one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/flow_world.h"
#include "tests/unit/support/turn.h"

#define SWEEP_FLOWS 3
#define SWEEP_MAX 400 /* events of one run; far fewer are needed */
#define ROUNDS 60

static void saved_has(const char *id, const char *text)
{
	char *json = world_saved(id);

	if (strstr(json, text) == NULL)
		fail_msg("'%s' lacks '%s'", json, text);
	free(json);
}

static void save_text(const char *id, const char *json)
{
	journal_put(world_journal, "flow", id, json);
	journal_commit(world_journal, (struct done){ NULL, NULL });
}

static void test_a_step_without_check_runs_again(void **state)
{
	(void)state;
	WORLD_WILL_ANSWER({ .never = true });
	(void)world_start(&world_trip, "0");
	turn_until(world_loop_, world_holds, NULL);
	world_settle(); /* its save is not waited for */
	world_crash(world_plans);
	assert_string_equal(world_trace(), "prepare(0)"); /* resumed, but not yet run */
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) prepare(0)* effect(0) finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
}

static void crash_at_effect(bool happens)
{
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .never = true, .happens = happens });
	(void)world_start(&world_trip, "0");
	turn_until(world_loop_, world_holds, NULL);
	world_crash(world_plans);
}

static void test_an_effect_that_happened_is_found(void **state)
{
	(void)state;
	crash_at_effect(true);
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) look(0)* finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
}

static void test_an_effect_that_did_not_happen_is_made(void **state)
{
	(void)state;
	crash_at_effect(false);
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) look(0)* look(0)* look(0)* look(0)* effect(0)* "
	                                   "finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
}

static void test_the_state_comes_back(void **state)
{
	struct flow *flow;
	struct trip *trip;
	struct err err;
	char id[FLOW_ID_SIZE];
	int64_t started_ms, intent_ms;

	(void)state;
	flow = world_new(&world_trip, "7");
	trip = flow->state;
	trip->level = -0.125;
	trip->marked = true;
	trip->list = json_parse("{\"a\":[1,2.5,null,\"x\"]}", 22, &err);
	assert_non_null(trip->list);
	(void)snprintf(id, sizeof(id), "%s", flow->id);
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_UNKNOWN }, { .never = true });
	flow_start(flow);
	turn_until(world_loop_, world_holds, NULL);
	world_settle();
	started_ms = flow->started_ms;
	intent_ms = flow->intent_ms;
	WORLD_WILL_ANSWER({ .never = true });
	world_crash(world_plans);
	turn_until(world_loop_, world_holds, NULL);
	flow = flow_find(world_engine, id);
	assert_non_null(flow);
	assert_true(flow->resumed);
	assert_int_equal(flow->started_ms, started_ms);
	assert_int_equal(flow->intent_ms, intent_ms);
	assert_int_equal(flow->tries, 1);
	trip = flow->state;
	assert_string_equal(trip->name, "7");
	assert_int_equal(trip->rounds, 1);
	assert_true(trip->level > -0.1251 && trip->level < -0.1249);
	assert_true(trip->marked);
	assert_string_equal(json_print(trip->list), "{\"a\":[1,2.5,null,\"x\"]}");
}

static bool is_asleep(void *arg)
{
	char *json = world_saved(arg);
	bool found = strstr(json, "\"wake\":") != NULL;

	free(json);
	return found;
}

static void test_a_sleeper_keeps_its_time(void **state)
{
	struct flow *flow;
	char id[FLOW_ID_SIZE];

	(void)state;
	clock_set_scale(1000.0); /* it sleeps for eleven days */
	flow = world_start(&world_loop, "0");
	(void)snprintf(id, sizeof(id), "%s", flow->id);
	turn_until(world_loop_, is_asleep, id);
	world_crash(world_plans);
	turn_for(world_loop_, 50);
	assert_string_equal(world_trace(), "");
	saved_has(id, "\"wake\":");
	clock_set_scale(0.001);
	flow_cancel(flow_find(world_engine, id));
	turn_for(world_loop_, 20);
	/* One whose time came while nobody ran. */
	save_text("aa", "{\"plan\":\"loop\",\"step\":\"work\",\"started\":1,\"wake\":5,"
	                "\"state\":{\"name\":\"0\",\"rounds\":1}}");
	world_restart(world_plans);
	world_finish();
	assert_string_equal(world_trace(), "work(0) ended(0,well)"); /* not as a repetition */
}

static int64_t a_day_ahead(void)
{
	return (int64_t)time(NULL) * 1000 + 86400000;
}

/* Between two processes the clock is put right: what would wake in a moment does not sleep for a day. */
static void test_a_sleeper_does_not_mind_a_clock_that_is_set_back(void **state)
{
	struct flow *flow;
	char id[FLOW_ID_SIZE];

	(void)state;
	clock_set_scale(0.3);
	clock_replace(a_day_ahead);
	flow = world_start(&world_loop, "0");
	(void)snprintf(id, sizeof(id), "%s", flow->id);
	turn_until(world_loop_, is_asleep, id);
	clock_replace(NULL);
	clock_set_scale(0.001);
	world_crash(world_plans);
	world_finish();
	assert_string_equal(world_trace(), "work(0) work(0) ended(0,well)");
}

static unsigned parked_count;
static char parked_text[256];

static void note_parked(struct bot *bot, const char *flow_id, const char *plan, const char *step,
                        struct json_object *state)
{
	(void)bot;
	parked_count++;
	(void)snprintf(parked_text, sizeof(parked_text), "%s %s %s %s", flow_id, plan, step,
	               state == NULL ? "-" : json_print(state));
}

static void test_unknown_plans_and_steps_are_parked(void **state)
{
	static const struct flow_plan *const fewer[] = { &world_loop, NULL };

	(void)state;
	world_parked = note_parked;
	parked_count = 0;
	crash_at_effect(true);
	world_restart(fewer);
	assert_int_equal(parked_count, 1);
	assert_non_null(strstr(parked_text, " trip effect {\"name\":\"0\""));
	assert_int_equal(flow_count(world_engine), 0);
	world_settle();
	world_restart(fewer); /* told once */
	assert_int_equal(parked_count, 1);
	save_text("bb", "{\"plan\":\"loop\",\"step\":\"dance\",\"started\":1}");
	world_settle();
	world_restart(fewer);
	assert_int_equal(parked_count, 2);
	assert_string_equal(parked_text, "bb loop dance -");
	save_text("cc", "{ not JSON");
	world_settle();
	world_restart(fewer);
	assert_int_equal(parked_count, 2); /* it is damage (bot/journal_damage.h), and stays where it is */
	assert_int_equal(metrics_value("tocsin_journal_unreadable_total", "kind", "flow"), 1);
	assert_int_equal(world_saved_count(), 3);
	/* The program that knows the plan goes on with it. */
	world_trace_clear();
	world_restart(world_plans);
	world_finish();
	assert_string_equal(world_trace(), "look(0)* finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
}

static unsigned idle_count;

static void count_idle(void *arg)
{
	(void)arg;
	idle_count++;
}

static bool is_idle(void *arg)
{
	(void)arg;
	return idle_count > 0;
}

static bool is_retrying(void *arg)
{
	(void)arg;
	return metrics_value("tocsin_flow_retries_total", NULL, NULL) > 0;
}

static void test_quiesce_lets_tokens_finish(void **state)
{
	struct flow *flow;
	char id[FLOW_ID_SIZE];

	(void)state;
	idle_count = 0;
	WORLD_WILL_ANSWER({ .never = true });
	flow = world_start(&world_trip, "0");
	(void)snprintf(id, sizeof(id), "%s", flow->id);
	turn_until(world_loop_, world_holds, NULL);
	flow_engine_quiesce(world_engine, 60000, count_idle, NULL);
	turn_for(world_loop_, 30);
	assert_int_equal(idle_count, 0);
	world_answer_held(ERR_NONE);
	turn_until(world_loop_, is_idle, NULL);
	(void)world_start(&world_trip, "1"); /* too late to run, not to be kept */
	turn_for(world_loop_, 30);
	assert_int_equal(idle_count, 1);
	assert_string_equal(world_trace(), "prepare(0)");
	saved_has(id, "\"step\":\"effect\"");
	world_restart(world_plans);
	world_finish();
	/* The effect was never tried: nothing to look for, and no repetition. */
	assert_null(strstr(world_trace(), "look"));
	assert_null(strstr(world_trace(), "effect(0)*"));
	assert_int_equal(world_effects("0"), 1);
	assert_int_equal(world_effects("1"), 1);
}

static void test_quiesce_has_a_deadline(void **state)
{
	(void)state;
	idle_count = 0;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .never = true, .happens = true });
	(void)world_start(&world_trip, "0");
	turn_until(world_loop_, world_holds, NULL);
	flow_engine_quiesce(world_engine, 30, count_idle, NULL);
	assert_int_equal(idle_count, 0);
	turn_until(world_loop_, is_idle, NULL);
	/* What a shutdown gives up is neither failed nor done. */
	world_answer_held(ERR_CANCELLED);
	turn_for(world_loop_, 20);
	assert_int_equal(idle_count, 1);
	world_restart(world_plans);
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) look(0)* finish(0) ended(0,well)");
}

static enum flow_next sleep_long(struct flow *flow)
{
	return flow_sleep(flow, INT64_C(1000000000), "last");
}

static void test_quiesce_when_nothing_runs(void **state)
{
	(void)state;
	idle_count = 0;
	world_step = sleep_long;
	(void)world_start(&world_any, "0");
	turn_for(world_loop_, 1);
	flow_engine_quiesce(world_engine, 60000, count_idle, NULL);
	assert_int_equal(idle_count, 0);
	turn_until(world_loop_, is_idle, NULL);
	turn_for(world_loop_, 30);
	assert_int_equal(idle_count, 1);
	assert_null(strstr(world_trace(), "last"));
}

static void test_quiesce_stops_what_waits_for_another_try(void **state)
{
	(void)state;
	idle_count = 0;
	WORLD_WILL_ANSWER({ .kind = ERR_RETRY, .retry_after_ms = 50000 }, { .kind = ERR_NONE });
	(void)world_start(&world_trip, "0");
	turn_until(world_loop_, is_retrying, NULL);
	flow_engine_quiesce(world_engine, 60000, count_idle, NULL);
	turn_until(world_loop_, is_idle, NULL);
	turn_for(world_loop_, 100);
	assert_string_equal(world_trace(), "prepare(0)");
	world_restart(world_plans);
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) prepare(0)* effect(0) finish(0) ended(0,well)");
}

/* By whichever end of the process: there is nothing to look for. */
static void test_what_certainly_did_not_happen_is_not_looked_for(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_RETRY, .retry_after_ms = 50000000 });
		(void)world_start(&world_trip, "0");
		turn_until(world_loop_, is_retrying, NULL);
		world_settle();
		if (i == 0)
			world_crash(world_plans);
		else
			world_restart(world_plans);
		world_finish();
		assert_string_equal(world_trace(), "prepare(0) effect(0) effect(0) finish(0) ended(0,well)");
		metrics_reset();
		world_trace_clear();
	}
}

/* The first try may have happened all the same. */
static void test_what_may_have_happened_before_is_looked_for(void **state)
{
	(void)state;
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_UNKNOWN, .happens = true }, { .kind = ERR_NOT_FOUND },
	                  { .kind = ERR_NOT_FOUND }, { .kind = ERR_NOT_FOUND }, { .kind = ERR_NOT_FOUND },
	                  { .kind = ERR_RETRY, .retry_after_ms = 50000000 });
	(void)world_start(&world_trip, "0");
	turn_until(world_loop_, is_retrying, NULL);
	world_settle();
	world_crash(world_plans);
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) look(0) look(0) look(0) look(0) effect(0) look(0)* "
	                                   "finish(0) ended(0,well)");
	assert_int_equal(world_effects("0"), 1);
}

/* An orderly end between the intent and the try: it was not tried. */
static void test_quiesce_withdraws_an_intent(void **state)
{
	(void)state;
	idle_count = 0;
	WORLD_WILL_ANSWER({ .never = true });
	(void)world_start(&world_trip, "0");
	turn_until(world_loop_, world_holds, NULL);
	world_settle();
	fake_disk_stall(true);
	world_answer_held(ERR_NONE);
	turn_for(world_loop_, 20);
	fake_disk_wait_for_stall();
	flow_engine_quiesce(world_engine, 60000, count_idle, NULL);
	fake_disk_stall(false);
	turn_until(world_loop_, is_idle, NULL);
	world_settle();
	world_restart(world_plans);
	world_finish();
	assert_string_equal(world_trace(), "prepare(0) effect(0) finish(0) ended(0,well)");
}

/* Who poked believes that it goes on now: so it does, also when the process ends before it could. */
static void test_a_poke_outlives_the_process(void **state)
{
	struct flow *flow;

	(void)state;
	idle_count = 0;
	world_step = sleep_long;
	flow = world_start(&world_any, "0");
	turn_for(world_loop_, 30);
	flow_engine_quiesce(world_engine, 60000, count_idle, NULL);
	flow_poke(flow);
	turn_until(world_loop_, is_idle, NULL);
	world_settle();
	assert_string_equal(world_trace(), "");
	world_restart(world_plans);
	world_finish();
	assert_string_equal(world_trace(), "last(0) ended(0,well)");
}

static bool over_or_crashed(void *arg)
{
	return world_crashed(arg) || world_is_over(arg);
}

static const char *const names[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };

/* Every flow that was durably started has had its effect exactly once; no other has had one. */
static void check_effects(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (world_effects(names[i]) != 1)
			fail_msg("flow %u had %u effects: %s", i, world_effects(names[i]), world_trace());
	assert_int_equal(world_saved_count(), 0);
}

/* One run that dies at its n-th event, goes on after, and must be none the worse for it. */
static bool sweep_at(unsigned n)
{
	bool died;

	world_forget_effects();
	world_trace_clear();
	for (unsigned i = 0; i < SWEEP_FLOWS; i++)
		(void)world_start(&world_trip, names[i]);
	world_settle();
	world_crash_at(n);
	WORLD_WILL_ANSWER({ .kind = ERR_NONE }, { .kind = ERR_UNKNOWN, .happens = true }, { .kind = ERR_NONE },
	                  { .kind = ERR_UNKNOWN }, { .kind = ERR_RETRY });
	turn_until(world_loop_, over_or_crashed, NULL);
	died = world_crashed(NULL);
	world_crash(world_plans);
	world_finish();
	world_settle();
	check_effects(SWEEP_FLOWS);
	return died;
}

static void test_a_crash_at_every_event(void **state)
{
	unsigned n = 1;

	(void)state;
	clock_set_scale(0.0);
	while (sweep_at(n))
		assert_true(++n < SWEEP_MAX);
	assert_true(n > 20); /* it did die at that many places */
}

static struct answer random_answer(void)
{
	const enum err_kind kinds[] = { ERR_NONE, ERR_NONE, ERR_NONE, ERR_RETRY, ERR_UNKNOWN };
	struct answer answer = { .kind = kinds[random_up_to(4)], .retry_after_ms = random_up_to(2000) };

	answer.happens = answer.kind == ERR_UNKNOWN && random_up_to(1) == 1;
	return answer;
}

/* Random answers, crashes and ordinary restarts, over and over, on the same file. */
static void test_random_faults(void **state)
{
	struct flow_plan patient = world_trip;
	const struct flow_plan *const plans[] = { &patient, NULL };

	(void)state;
	patient.max_tries = 0; /* five bad answers in a row are an end like others, but not what is asked here */
	random_seed_for_tests(20261121);
	clock_set_scale(0.0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct answer answers[24];

		world_forget_effects();
		world_trace_clear();
		for (unsigned i = 0; i < 10; i++)
			(void)world_start(&patient, names[i]);
		world_settle();
		for (unsigned deaths = 0; deaths < 4; deaths++) {
			for (size_t i = 0; i < 24; i++)
				answers[i] = random_answer();
			world_will_answer(answers, 24);
			world_crash_at((unsigned)random_up_to(60) + 1);
			turn_until(world_loop_, over_or_crashed, NULL);
			if (!world_crashed(NULL) && random_up_to(1) == 1)
				world_restart(plans);
			else
				world_crash(plans);
		}
		WORLD_WILL_ANSWER({ .kind = ERR_NONE });
		world_crash_at(0);
		world_finish();
		world_settle();
		check_effects(10);
	}
	world_restart(world_plans);
	assert_true(metrics_value("tocsin_flow_found_total", NULL, NULL) > 20);
	assert_true(metrics_value("tocsin_flow_reruns_total", NULL, NULL) > 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

static const struct CMUnitTest tests[] = {
	TEST(test_a_step_without_check_runs_again),
	TEST(test_an_effect_that_happened_is_found),
	TEST(test_an_effect_that_did_not_happen_is_made),
	TEST(test_the_state_comes_back),
	TEST(test_a_sleeper_keeps_its_time),
	TEST(test_a_sleeper_does_not_mind_a_clock_that_is_set_back),
	TEST(test_unknown_plans_and_steps_are_parked),
	TEST(test_quiesce_lets_tokens_finish),
	TEST(test_quiesce_has_a_deadline),
	TEST(test_a_poke_outlives_the_process),
	TEST(test_quiesce_when_nothing_runs),
	TEST(test_quiesce_stops_what_waits_for_another_try),
	TEST(test_what_certainly_did_not_happen_is_not_looked_for),
	TEST(test_what_may_have_happened_before_is_looked_for),
	TEST(test_quiesce_withdraws_an_intent),
	TEST(test_a_crash_at_every_event),
	TEST(test_random_faults),
};

int main(void)
{
	return cmocka_run_group_tests_name("flow_resume", tests, NULL, NULL);
}
