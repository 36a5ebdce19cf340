/*
 * The ceilings hold: random calls at the same time, crashes, reloads and clocks that jump, against what the calls
 * truly cost. A call that costs more than was reserved for it (a token of less than a byte) may exceed a ceiling by
 * just that much; nothing else may.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/random.h"
#include "tests/unit/support/journal_case.h"

#define HOUR (3600 * 1000LL)
#define DAY (24 * HOUR)
#define T0 1764201600000LL /* 2025-11-27T00:00:00Z */
#define DAYS 400           /* that the clock may come to */
#define ANSWERS 40
#define CALLS 64
#define HISTORIES 5
#define STEPS 250
#define ADDED 1000 /* tokens that budget.c adds to every estimate */
#define EPSILON 1e-6

struct call {
	bool used, made; /* reserved; durable, so the model was asked */
	char id[24];
	int64_t day;
	int answer, model;
	int64_t bytes, output;
	double reserved;
	struct budget_tokens tokens; /* when it is made: what it truly takes */
};

static int64_t now_ms;
static bool far_jumps;
static struct bot bot;
static struct config config;
static struct config_price prices[2];
static struct call calls[CALLS];
static double day_cost[DAYS], day_excess[DAYS], answer_cost[ANSWERS], answer_excess[ANSWERS];
static int64_t number;
static unsigned refused, crashed, excesses;
static char models[2][4] = { "m-1", "m-2" };

static int64_t tell_time(void)
{
	return now_ms;
}

static void load(void)
{
	struct err err;

	bot.journal = case_journal;
	bot.budget = budget_new(&bot);
	if (!budget_load(bot.budget, &err))
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	(void)case_set_up(state);
	prices[0] = (struct config_price){ models[0], 3, 15, 0.3, 3.75 };
	prices[1] = (struct config_price){ models[1], 1, 5, (double)NAN, (double)NAN };
	config = (struct config){ .bedrock = {
		.model = models[0],
		.prices = prices,
		.price_count = 2,
	} };
	bot = (struct bot){ .config = &config };
	memset(calls, 0, sizeof(calls));
	memset(day_cost, 0, sizeof(day_cost));
	memset(day_excess, 0, sizeof(day_excess));
	memset(answer_cost, 0, sizeof(answer_cost));
	memset(answer_excess, 0, sizeof(answer_excess));
	number = 0;
	now_ms = T0;
	clock_replace(tell_time);
	load();
	return 0;
}

static int tear_down(void **state)
{
	budget_free(bot.budget);
	clock_replace(NULL);
	random_seed_for_tests(0);
	return case_tear_down(state);
}

static int64_t day_now(void)
{
	return (now_ms - T0) / DAY;
}

static double price_of(const struct call *call)
{
	const struct config priced = { .bedrock = { .model = models[call->model], .prices = prices, .price_count = 2 } };

	return budget_price(&priced, &call->tokens);
}

static struct call *pick(bool used)
{
	size_t start = (size_t)random_up_to(CALLS - 1);

	for (size_t i = 0; i < CALLS; i++)
		if (calls[(start + i) % CALLS].used == used)
			return &calls[(start + i) % CALLS];
	return NULL;
}

/* What the ceilings are about: the truth, not what was estimated or accounted. */
static void check(void)
{
	int64_t real_ms = now_ms;

	for (int64_t day = 0; day < DAYS; day++) {
		assert_true(day_cost[day] <= config.bedrock.max_cost_per_day + day_excess[day] + EPSILON);
		if (!far_jumps || day == day_now()) {
			now_ms = T0 + day * DAY;
			assert_true(budget_today(bot.budget) >= day_cost[day] - day_excess[day] - EPSILON);
			now_ms = real_ms;
		}
		if (!far_jumps && day == 1)
			break;
	}
	for (size_t i = 0; i < ANSWERS && !far_jumps; i++)
		assert_true(answer_cost[i] <= config.bedrock.max_cost_per_answer + answer_excess[i] + EPSILON);
}

static void try_call(void)
{
	struct call *call = pick(false);
	double before = budget_set_aside(bot.budget);
	char answer[24];
	struct err err;

	if (call == NULL)
		return;
	*call = (struct call){ .used = true, .day = day_now(), .answer = (int)random_up_to(ANSWERS - 1),
	                       .model = config.bedrock.model == models[0] ? 0 : 1,
	                       .bytes = random_up_to(60000), .output = random_up_to(4000) };
	(void)snprintf(call->id, sizeof(call->id), "call-%lld", (long long)number++);
	(void)snprintf(answer, sizeof(answer), "answer-%d", call->answer);
	call->used = budget_reserve(bot.budget, &(struct budget_request){
		.id = call->id, .kind = BUDGET_QUESTION, .person = number % 3 == 0 ? NULL : "U1", .answer = answer,
		.input_bytes = call->bytes, .output_tokens = call->output }, &err);
	call->reserved = budget_set_aside(bot.budget) - before;
	refused += call->used ? 0 : 1;
}

static struct budget_tokens true_tokens(const struct call *call)
{
	int64_t most = call->bytes + ADDED, input = random_up_to(most), cached = random_up_to(input);

	switch (random_up_to(9)) {
	case 0:
		return (struct budget_tokens){ 0 }; /* it refused */
	case 1:
		return (struct budget_tokens){ .input = 4 * most, .output = call->output }; /* a token of less than a byte */
	case 2: case 3: case 4: case 5:
		return (struct budget_tokens){ .cache_write = most, .output = call->output }; /* as dear as can be */
	default:
		return (struct budget_tokens){ input - cached, random_up_to(call->output), cached, most - input };
	}
}

/* The model answers, and it is charged. */
static void make(struct call *call)
{
	double cost;

	call->tokens = true_tokens(call);
	call->made = true;
	cost = price_of(call);
	day_cost[call->day] += cost;
	answer_cost[call->answer] += cost;
	if (cost <= call->reserved + EPSILON)
		return;
	assert_true(call->tokens.input > call->bytes + ADDED); /* or the estimate was too low */
	excesses++;
	day_excess[call->day] += cost - call->reserved;
	answer_excess[call->answer] += cost - call->reserved;
}

static void commit(void)
{
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
	for (size_t i = 0; i < CALLS; i++)
		if (calls[i].used && !calls[i].made)
			make(&calls[i]);
}

static void end_call(void)
{
	struct call *call = pick(true);
	bool charged;

	if (call == NULL)
		return;
	charged = call->made && price_of(call) > 0;
	if (!charged && random_up_to(1) == 0)
		budget_release(bot.budget, call->id); /* also of what was not sent yet */
	else if (!call->made)
		return;
	else
		budget_settle(bot.budget, call->id, random_up_to(4) == 0 ? NULL : &call->tokens);
	call->used = false;
}

static void crash(void)
{
	crashed++;
	budget_free(bot.budget);
	case_reopen();
	memset(calls, 0, sizeof(calls));
	load();
}

static void move_clock(void)
{
	int64_t range = far_jumps ? DAYS * DAY : 2 * DAY, small = random_up_to(2 * HOUR);

	if (random_up_to(3) == 0)
		now_ms = T0 + random_up_to(range - 1);
	else if (now_ms + small < T0 + range)
		now_ms += small;
}

static void do_something(void)
{
	switch (random_up_to(19)) {
	case 0:
		crash();
		break;
	case 1:
		move_clock();
		break;
	case 2:
		config.bedrock.model = models[random_up_to(1)];
		break;
	case 3: case 4: case 5: case 6: case 7:
		commit();
		break;
	case 8: case 9: case 10: case 11: case 12:
		end_call();
		break;
	default:
		try_call();
	}
}

/* refused etc. count over all histories: without them it proves little. */
static void run(void **state, double per_answer, double per_day)
{
	bool light = getenv("TOCSIN_UNDER_VALGRIND") != NULL;

	refused = crashed = excesses = 0;
	for (uint64_t seed = 1; seed <= (light ? 2 : HISTORIES); seed++) {
		(void)set_up(state);
		random_seed_for_tests(seed);
		config.bedrock.max_cost_per_answer = per_answer;
		config.bedrock.max_cost_per_day = per_day;
		for (int i = 0; i < STEPS; i++) {
			do_something();
			check();
		}
		(void)tear_down(state);
	}
	assert_true(refused > 0 && crashed > 0 && excesses > 0);
}

static void ceilings_of_days_and_answers_hold(void **state)
{
	far_jumps = false;
	run(state, 0.5, 2.5);
}

/* Months forth and back: answers of before yesterday may be forgotten, days are not. */
static void ceilings_of_days_hold_whatever_the_clock_does(void **state)
{
	far_jumps = true;
	run(state, (double)NAN, 0.3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ceilings_of_days_and_answers_hold),
		cmocka_unit_test(ceilings_of_days_hold_whatever_the_clock_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
