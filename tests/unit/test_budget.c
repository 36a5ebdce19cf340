/* What the model costs: estimates, ceilings, accounts by day and month, and what a crash leaves. */
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
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"
#include "tests/unit/support/journal_case.h"
#include "tests/unit/support/turn.h"

#define HOUR (3600 * 1000LL)
#define DAY (24 * HOUR)
#define T0 1764201600000LL /* 2025-11-27T00:00:00Z */
#define ADDED 1000         /* tokens that budget.c adds to every estimate */

static int64_t now_ms;
static struct bot bot;
static struct config config;
static struct config_price prices[2];
static char model[] = "m-1", other_model[] = "m-2";

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

/* As after kill -9: what was not committed is gone. */
static void restart(void)
{
	budget_free(bot.budget);
	case_reopen();
	load();
}

static void commit(void)
{
	assert_int_equal(case_commit_and_wait(), ERR_NONE);
}

static int set_up(void **state)
{
	(void)case_set_up(state);
	prices[0] = (struct config_price){ model, 2, 10, 0.2, 2.5 }; /* dollars for a million tokens */
	prices[1] = (struct config_price){ other_model, 1, 1, (double)NAN, (double)NAN };
	config = (struct config){ .bedrock = {
		.model = model,
		.max_cost_per_answer = (double)NAN,
		.max_cost_per_day = (double)NAN,
		.prices = prices,
		.price_count = 2,
	} };
	bot = (struct bot){ .config = &config };
	now_ms = T0;
	clock_replace(tell_time);
	load();
	return 0;
}

static int tear_down(void **state)
{
	budget_free(bot.budget);
	clock_replace(NULL);
	return case_tear_down(state);
}

static void assert_dollars(double got, double expected)
{
	if (!(fabs(got - expected) < 1e-9))
		fail_msg("%.12f dollars, not %.12f", got, expected);
}

/* Bytes of a request whose input is estimated at so many tokens. */
static bool reserve(const char *id, const char *answer, int64_t input, int64_t output, struct err *err)
{
	return budget_reserve(bot.budget, &(struct budget_request){
		.id = id, .kind = BUDGET_QUESTION, .person = "U1", .answer = answer,
		.input_bytes = input - ADDED, .output_tokens = output,
	}, err);
}

static void must_reserve(const char *id, const char *answer, int64_t input, int64_t output)
{
	struct err err;

	if (!reserve(id, answer, input, output, &err))
		fail_msg("%s", err.text);
}

static void assert_refused(const char *id, const char *answer, int64_t input, int64_t output, const char *text)
{
	struct err err;

	assert_false(reserve(id, answer, input, output, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_string_equal(err.text, text);
}

static void settle(const char *id, int64_t input, int64_t output)
{
	budget_settle(bot.budget, id, &(struct budget_tokens){ .input = input, .output = output });
}

static struct str table;

static void add_row(void *arg, const struct budget_row *row)
{
	(void)arg;
	str_addf(&table, "%s %s %lld/%lld/%lld %lld %lld %lld %lld %.6f\n", row->person == NULL ? "-" : row->person,
	         row->kind, (long long)row->uses, (long long)row->guessed, (long long)row->unpriced,
	         (long long)row->tokens.input, (long long)row->tokens.output, (long long)row->tokens.cache_read,
	         (long long)row->tokens.cache_write, row->dollars);
}

/* "person kind uses/guessed/unpriced input output cache_read cache_write dollars\n" each. */
static void assert_month(int64_t month_ms, const char *rows)
{
	str_init(&table, 65536);
	budget_month(bot.budget, month_ms, add_row, NULL);
	assert_string_equal(table.text, rows);
	str_free(&table);
}

/* --- prices --- */

static void cached_tokens_have_their_own_price(void **state)
{
	const struct budget_tokens tokens = { .input = 1000000, .output = 100000, .cache_read = 2000000,
	                                      .cache_write = 1000000 };

	(void)state;
	assert_dollars(budget_price(&config, &tokens), 2 + 1 + 0.4 + 2.5);
	config.bedrock.model = other_model; /* cached ones cost as input does */
	assert_dollars(budget_price(&config, &tokens), 1 + 0.1 + 2 + 1);
	config.bedrock.price_count = 1;
	assert_true(isnan(budget_price(&config, &tokens)));
	config.bedrock.model = NULL;
	assert_true(isnan(budget_price(&config, &tokens)));
}

static void dollars_are_written_for_people(void **state)
{
	static const struct {
		double dollars;
		const char *text;
	} cases[] = { { 0, "$0.00" }, { 0.00001, "under $0.0001" }, { 0.0042, "$0.0042" }, { 0.42, "$0.42" },
	              { 1234.5, "$1234.50" } };
	char text[BUDGET_DOLLARS_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		budget_dollars(cases[i].dollars, text);
		assert_string_equal(text, cases[i].text);
	}
}

/* --- reservations --- */

/* A token for each byte, at the dearest price of input, and all of the output. */
static void a_reservation_is_the_most_that_a_call_can_cost(void **state)
{
	(void)state;
	must_reserve("c1", "a1", 100000, 2000);
	assert_dollars(budget_today(bot.budget), 0.25 + 0.02);
	assert_dollars(budget_answer(bot.budget, "a1"), 0.27);
	assert_dollars(budget_answer(bot.budget, "a2"), 0);
	assert_dollars(budget_set_aside(bot.budget), 0.27);
	must_reserve("c1", "a1", 100000, 2000); /* the same again */
	assert_dollars(budget_set_aside(bot.budget), 0.27);
	settle("c1", 25000, 300);
	assert_dollars(budget_set_aside(bot.budget), 0);
	assert_dollars(budget_today(bot.budget), 0.05 + 0.003);
	assert_dollars(budget_answer(bot.budget, "a1"), 0.053);
	assert_month(T0, "U1 question 1/0/0 25000 300 0 0 0.053000\n");
}

static void what_was_not_charged_is_given_back(void **state)
{
	(void)state;
	must_reserve("c1", "a1", 100000, 2000);
	budget_release(bot.budget, "c1");
	budget_release(bot.budget, "c1");
	budget_settle(bot.budget, "never", NULL);
	assert_dollars(budget_today(bot.budget), 0);
	assert_dollars(budget_answer(bot.budget, "a1"), 0);
	assert_month(T0, "");
	commit();
	assert_string_equal(case_contents("reservation"), "");
}

static void an_unknown_usage_counts_as_reserved(void **state)
{
	(void)state;
	must_reserve("c1", "a1", 100000, 2000);
	budget_settle(bot.budget, "c1", NULL);
	assert_dollars(budget_today(bot.budget), 0.27);
	assert_dollars(budget_answer(bot.budget, "a1"), 0.27);
	assert_month(T0, "U1 question 1/1/0 100000 2000 0 0 0.270000\n");
}

/* What the earlier call read is known: only what came since is estimated. */
static void a_call_that_goes_on_is_estimated_by_the_one_before(void **state)
{
	struct budget_request next = { .id = "c2", .kind = BUDGET_QUESTION, .person = "U1", .answer = "a1",
	                               .input_bytes = 110000, .extends = "c1" };
	struct err err;

	(void)state;
	must_reserve("c1", "a1", 100000 + ADDED, 0);
	assert_true(budget_reserve(bot.budget, &next, &err));
	assert_dollars(budget_set_aside(bot.budget), (101000 + 111000) * 2.5e-6); /* not settled: not known */
	budget_release(bot.budget, "c2");
	budget_settle(bot.budget, "c1", &(struct budget_tokens){ .input = 5000, .cache_read = 15000, .cache_write = 5000 });
	assert_true(budget_reserve(bot.budget, &next, &err));
	assert_dollars(budget_set_aside(bot.budget), (25000 + 10000) * 2.5e-6);
	budget_release(bot.budget, "c2");

	next.input_bytes = 99000; /* shorter than the one that it repeats? */
	assert_true(budget_reserve(bot.budget, &next, &err));
	assert_dollars(budget_set_aside(bot.budget), 100000 * 2.5e-6);
	budget_release(bot.budget, "c2");
	next.input_bytes = 110000;
	config.bedrock.model = other_model; /* has other tokens */
	assert_true(budget_reserve(bot.budget, &next, &err));
	assert_dollars(budget_set_aside(bot.budget), 111000 * 1e-6);
}

static void a_reload_does_not_change_what_was_reserved(void **state)
{
	(void)state;
	must_reserve("c1", "a1", 100000, 0);
	prices[0].input = 1000;
	config.bedrock.model = other_model;
	assert_dollars(budget_set_aside(bot.budget), 0.25);
	settle("c1", 100000, 0);
	assert_dollars(budget_today(bot.budget), 0.2);
}

static void a_model_without_a_price_counts_tokens_only(void **state)
{
	(void)state;
	config.bedrock.price_count = 0;
	must_reserve("c1", "a1", 100000, 2000);
	assert_dollars(budget_today(bot.budget), 0);
	settle("c1", 25000, 300);
	must_reserve("c2", "a1", 100000, 2000);
	budget_settle(bot.budget, "c2", NULL);
	assert_dollars(budget_today(bot.budget), 0);
	assert_month(T0, "U1 question 2/1/2 125000 2300 0 0 0.000000\n");
}

static void without_a_model_nothing_is_reserved(void **state)
{
	(void)state;
	config.bedrock.model = NULL;
	assert_refused("c1", NULL, 2000, 1, "no model is configured: add bedrock.model");
}

/* --- ceilings --- */

static void the_ceiling_of_a_day_holds_until_midnight(void **state)
{
	(void)state;
	config.bedrock.max_cost_per_day = 0.5;
	now_ms = T0 + 20 * HOUR + 40 * 60000;
	must_reserve("c1", "a1", 100000, 0);
	settle("c1", 50000, 0);              /* 0.10 */
	must_reserve("c2", "a2", 160000, 0); /* 0.40: exactly what is left */
	assert_refused("c3", "a3", 4000, 0, "the ceiling of $0.50 a day: $0.10 is spent, $0.40 set aside, and asking the "
	               "model would take up to $0.0100; there is money again at 00:00 UTC, in 3 h 20 min");
	assert_refused("c4", "a4", 400000, 0, "the ceiling of $0.50 a day: asking the model this once would take up to "
	               "$1.00; ask about less, or raise bedrock.max_cost_per_day");
	assert_int_equal(metrics_value("tocsin_budget_refused_total", "ceiling", "day"), 2);
	now_ms = T0 + DAY;
	must_reserve("c3", "a3", 200000, 0);
	/* What was reserved yesterday is yesterday's, whenever it ends. */
	settle("c2", 160000, 0);
	assert_dollars(budget_today(bot.budget), 0.5);
	now_ms = T0 + DAY - 1;
	assert_dollars(budget_today(bot.budget), 0.1 + 0.32);
}

static void the_ceiling_of_an_answer_counts_all_its_calls(void **state)
{
	(void)state;
	config.bedrock.max_cost_per_answer = 0.5;
	must_reserve("c1", "a1", 100000, 0);
	settle("c1", 100000, 0); /* 0.20 */
	must_reserve("c2", "a1", 100000, 0);
	assert_refused("c3", "a1", 40000, 0, "the ceiling of $0.50 an answer: $0.45 is used, and asking the model would "
	               "take up to $0.10 more; ask about less, or raise bedrock.max_cost_per_answer");
	must_reserve("c4", "a2", 200000, 0);
	must_reserve("c5", NULL, 400000, 0); /* a part of no answer */
	assert_int_equal(metrics_value("tocsin_budget_refused_total", "ceiling", "answer"), 1);
}

static void a_ceiling_of_nothing_lets_only_free_models_work(void **state)
{
	struct err err;

	(void)state;
	config.bedrock.max_cost_per_day = 0;
	assert_false(reserve("c1", NULL, 2000, 0, &err));
	prices[0] = (struct config_price){ model, 0, 0, 0, 0 };
	must_reserve("c1", NULL, 2000, 0);
}

/* --- restarts --- */

static void spending_survives_a_restart(void **state)
{
	(void)state;
	config.bedrock.max_cost_per_day = config.bedrock.max_cost_per_answer = 0.5;
	must_reserve("c1", "a1", 100000, 0);
	settle("c1", 100000, 50);
	commit();
	restart();
	assert_dollars(budget_today(bot.budget), 0.2005);
	assert_dollars(budget_answer(bot.budget, "a1"), 0.2005);
	assert_month(T0, "U1 question 1/0/0 100000 50 0 0 0.200500\n");
	must_reserve("c2", "a1", 100000, 0);
	assert_int_equal(metrics_value("tocsin_budget_input_tokens_total", "kind", "question"), 100000);
	assert_int_equal(metrics_value("tocsin_budget_microdollars_total", "kind", "question"), 200500);
}

static void a_call_that_was_lost_counts_as_spent(void **state)
{
	(void)state;
	config.bedrock.max_cost_per_day = 0.5;
	must_reserve("c1", "a1", 100000, 2000);
	commit();
	restart();
	assert_dollars(budget_set_aside(bot.budget), 0);
	assert_dollars(budget_today(bot.budget), 0.27);
	assert_dollars(budget_answer(bot.budget, "a1"), 0.27);
	commit();
	assert_string_equal(case_contents("reservation"), "");
	must_reserve("c1", "a1", 40000, 0); /* its flow goes on: this is another call */
	assert_dollars(budget_today(bot.budget), 0.37);
	restart();
	assert_dollars(budget_today(bot.budget), 0.27); /* that one was never durable, and so never made */
	assert_month(T0, "U1 question 1/1/0 100000 2000 0 0 0.270000\n");
}

static void a_document_that_is_no_account_lifts_no_ceiling(void **state)
{
	(void)state;
	must_reserve("c1", "a1", 100000, 0);
	settle("c1", 100000, 0);
	journal_put(case_journal, "cost", "2025-11-27.7", "{\"day\":20419,\"dollars\":\"much\"}");
	journal_put(case_journal, "answer_cost", "a2", "{}");
	journal_put(case_journal, "reservation", "c9", "[]");
	commit();
	restart();
	assert_dollars(budget_today(bot.budget), 0.2);
	assert_dollars(budget_answer(bot.budget, "a2"), 0);
	must_reserve("c2", "a1", 100000, 0);
	budget_settle(bot.budget, "c2", &(struct budget_tokens){ .input = INT64_MAX, .output = INT64_MIN });
	assert_true(isfinite(budget_today(bot.budget)));
}

/* --- accounts --- */

static void use(const char *id, const char *person, const char *kind, int64_t output)
{
	struct err err;

	assert_true(budget_reserve(bot.budget, &(struct budget_request){
		.id = id, .kind = kind, .person = person, .answer = id, .input_bytes = 1, .output_tokens = output }, &err));
	settle(id, 0, output);
}

static void a_month_has_a_row_for_each_person_and_kind(void **state)
{
	(void)state;
	use("1", "U1", BUDGET_QUESTION, 1000);
	use("2", "U2", BUDGET_QUESTION, 9000);
	now_ms += 4 * DAY - 1; /* the last moment of the month */
	use("3", "U1", BUDGET_QUESTION, 500);
	use("4", NULL, BUDGET_SUMMARY, 2000);
	config.bedrock.model = other_model;
	use("5", "U1", BUDGET_QUESTION, 100);
	now_ms += 1;
	use("6", "U1", BUDGET_SUMMARY, 7);
	assert_month(T0, "U2 question 1/0/0 0 9000 0 0 0.090000\n"
	                 "- summary 1/0/0 0 2000 0 0 0.020000\n"
	                 "U1 question 3/0/0 0 1600 0 0 0.015100\n");
	assert_month(now_ms, "U1 summary 1/0/0 0 7 0 0 0.000007\n");
	assert_month(T0 - 40 * DAY, "");
}

static void a_day_is_one_document(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		char id[24];

		(void)snprintf(id, sizeof(id), "call-%d", i);
		use(id, "U1", BUDGET_QUESTION, 100);
	}
	commit();
	assert_string_equal(case_contents("reservation"), "");
	assert_true(str_starts(case_contents("cost"),
	                       "2025-11-27.1={\"person\":\"U1\",\"kind\":\"question\",\"model\":\"m-1\",\"day\":20419,"
	                       "\"uses\":50,\"output\":5000,\"dollars\":0.05"));
	assert_true(str_ends(case_contents("cost"), "}@50"));
	assert_null(strchr(case_contents("cost"), ' '));
}

static void old_months_and_answers_are_deleted(void **state)
{
	(void)state;
	use("1", "U1", BUDGET_QUESTION, 1000);
	must_reserve("open", "long", 2000, 0);
	now_ms += 396 * DAY; /* 2026-12-28: the 13th month after */
	use("2", "U1", BUDGET_QUESTION, 1000);
	commit();
	assert_string_equal(case_contents("answer_cost"), "2={\"id\":\"2\",\"day\":20815,\"dollars\":0.01}@1");
	assert_month(T0, "U1 question 1/0/0 0 1000 0 0 0.010000\n");
	now_ms += 5 * DAY; /* 2027-01-02 */
	use("3", "U1", BUDGET_QUESTION, 1000);
	assert_month(T0, "");
	budget_settle(bot.budget, "open", NULL);
	commit();
	assert_null(strstr(case_contents("cost"), "2025-11-27.1="));
	now_ms += 430 * DAY;
	restart(); /* so does a start */
	commit();
	assert_string_equal(case_contents("cost"), "");
	assert_string_equal(case_contents("answer_cost"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cached_tokens_have_their_own_price, set_up, tear_down),
		cmocka_unit_test_setup_teardown(dollars_are_written_for_people, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reservation_is_the_most_that_a_call_can_cost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_not_charged_is_given_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_unknown_usage_counts_as_reserved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_call_that_goes_on_is_estimated_by_the_one_before, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reload_does_not_change_what_was_reserved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_model_without_a_price_counts_tokens_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_model_nothing_is_reserved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_ceiling_of_a_day_holds_until_midnight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_ceiling_of_an_answer_counts_all_its_calls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_ceiling_of_nothing_lets_only_free_models_work, set_up, tear_down),
		cmocka_unit_test_setup_teardown(spending_survives_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_call_that_was_lost_counts_as_spent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_document_that_is_no_account_lifts_no_ceiling, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_month_has_a_row_for_each_person_and_kind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_day_is_one_document, set_up, tear_down),
		cmocka_unit_test_setup_teardown(old_months_and_answers_are_deleted, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
