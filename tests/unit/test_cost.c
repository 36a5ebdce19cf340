/* What "cost" says: a table that lines up, persons beside it, months, ceilings, and nothing. */
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
#include "bot/message.h"
#include "bot/str.h"
#include "commands/cost_message.h"
#include "tests/unit/support/journal_case.h"

#define DAY (24 * 3600 * 1000LL)
#define NOW 1764201600000LL /* 2025-11-27T00:00:00Z */
#define FOOTER "\nDays and months are UTC; prices are those of bedrock.prices."

static int64_t now_ms;
static struct bot bot;
static struct config config;
static struct config_price price;
static char model[] = "m-1";

static int64_t tell_time(void)
{
	return now_ms;
}

static int set_up(void **state)
{
	struct err err;

	(void)case_set_up(state);
	price = (struct config_price){ model, 3, 15, 0.3, 3.75 };
	config = (struct config){ .bedrock = {
		.model = model,
		.max_cost_per_answer = (double)NAN,
		.max_cost_per_day = 20,
		.prices = &price,
		.price_count = 1,
	} };
	bot = (struct bot){ .config = &config, .journal = case_journal };
	now_ms = NOW;
	clock_replace(tell_time);
	bot.budget = budget_new(&bot);
	assert_true(budget_load(bot.budget, &err));
	return 0;
}

static int tear_down(void **state)
{
	budget_free(bot.budget);
	clock_replace(NULL);
	return case_tear_down(state);
}

static void reserve(const char *id, const char *person, const char *kind)
{
	struct err err;

	if (!budget_reserve(bot.budget, &(struct budget_request){ .id = id, .kind = kind, .person = person, .answer = id,
	                                                          .input_bytes = 19000, .output_tokens = 1000 }, &err))
		fail_msg("%s", err.text);
}

static void use(const char *person, const char *kind, struct budget_tokens tokens)
{
	reserve("call", person, kind);
	budget_settle(bot.budget, "call", &tokens);
}

static void assert_says(const char *month, const char *expected)
{
	struct message message;
	char *plain;

	cost_message(&message, &bot, month);
	plain = message_plain(&message);
	assert_string_equal(plain, expected);
	free(plain);
	message_free(&message);
}

static void a_table_that_lines_up(void **state)
{
	struct message message;

	(void)state;
	use("U2", BUDGET_QUESTION, (struct budget_tokens){ 512345, 48000, 1600000, 48000 });
	use(NULL, BUDGET_SUMMARY, (struct budget_tokens){ 9999, 10000, 0, 0 });
	use("U1", BUDGET_QUESTION, (struct budget_tokens){ 999949, 7, 999951, 0 });
	use("U2", BUDGET_SUMMARY, (struct budget_tokens){ 10, 1, 0, 0 });
	reserve("open", "U1", BUDGET_QUESTION);
	assert_says(NULL, "What the model cost in November 2025\n"
	                  "So far: $6.40 for 4 calls\n"
	                  "Today: $6.49 of $20.00; $0.0900 set aside for calls under way\n"
	                  "#  for        calls    input from cache to cache   output           $\n"
	                  "1  questions      1   999.9k      1.00M        0        7      3.2999\n"
	                  "2  questions      1   512.3k      1.60M    48.0k    48.0k      2.9170\n"
	                  "-  summaries      1     9999          0        0    10.0k      0.1800\n"
	                  "2  summaries      1       10          0        0        1      0.0000\n"
	                  "   total          4    1.52M      2.60M    48.0k    58.0k      6.3970\n"
	                  "1 U1 · 2 U2 · - tocsin itself" FOOTER);
	cost_message(&message, &bot, NULL);
	assert_string_equal(message.text, "The model cost $6.40 in November 2025 so far, for 4 calls");
	message_free(&message);
}

static void months_by_name(void **state)
{
	static const char *const this_one[] = { "", "this month", "This Month", "2025-11" };
	static const char *const last[] = { "last month", "2025-10" };

	(void)state;
	now_ms = NOW - 27 * DAY; /* 31 October */
	use("U1", BUDGET_QUESTION, (struct budget_tokens){ .output = 1000 });
	now_ms = NOW;
	for (size_t i = 0; i < sizeof(this_one) / sizeof(this_one[0]); i++)
		assert_says(this_one[i], "What the model cost in November 2025\nNothing so far.\nToday: $0.00 of $20.00" FOOTER);
	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++)
		assert_says(last[i], "What the model cost in October 2025\n"
		                     "Sum: $0.0150 for 1 call\n"
		                     "#  for        calls    input from cache to cache   output           $\n"
		                     "1  questions      1        0          0        0     1000      0.0150\n"
		                     "   total          1        0          0        0     1000      0.0150\n"
		                     "1 U1" FOOTER);
	assert_says("2025-09", "What the model cost in September 2025\nNothing." FOOTER);
	now_ms = NOW + 40 * DAY; /* January's last month was in another year */
	assert_says("last month", "What the model cost in December 2025\nNothing." FOOTER);
}

static void other_words_are_no_month(void **state)
{
	static const char *const words[] = { "october", "2025-13", "2025-1", "2025-10-01", "202510x", "-000-10" };
	char expected[200];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		(void)snprintf(expected, sizeof(expected), "I do not know that month\nI do not know the month %s: write "
		               "cost 2026-10, cost last month, or just cost.", words[i]);
		assert_says(words[i], expected);
	}
	assert_says("<!channel>\n\x1b[31m", "I do not know that month\nI do not know the month <!channel> : write "
	            "cost 2026-10, cost last month, or just cost.");
}

static void nothing_is_said_with_its_reason(void **state)
{
	(void)state;
	config.bedrock.max_cost_per_day = (double)NAN;
	assert_says(NULL, "What the model cost in November 2025\nNothing so far.\nToday: $0.00, without a ceiling" FOOTER);
	config.bedrock.model = NULL;
	assert_says(NULL, "What the model cost in November 2025\nNothing so far. No model is configured (section "
	            "bedrock): findings speak without one.\nToday: $0.00, without a ceiling" FOOTER);
}

static void what_is_not_exact_is_said(void **state)
{
	struct message message;
	char *plain;

	(void)state;
	reserve("lost", "U1", BUDGET_QUESTION);
	budget_settle(bot.budget, "lost", NULL);
	config.bedrock.price_count = 0;
	use("U1", BUDGET_QUESTION, (struct budget_tokens){ .output = 1000 });
	use("U1", BUDGET_QUESTION, (struct budget_tokens){ .output = 1000 });
	cost_message(&message, &bot, NULL);
	plain = message_plain(&message);
	assert_non_null(strstr(plain, "1 call broke off before the tokens were told"));
	assert_non_null(strstr(plain, "2 calls of a model without a price"));
	free(plain);
	message_free(&message);
}

static void of_many_people_the_dearest_are_shown(void **state)
{
	struct message message;
	char *plain, person[24];

	(void)state;
	for (int i = 0; i < 20; i++) {
		(void)snprintf(person, sizeof(person), "U%d", i);
		use(person, BUDGET_QUESTION, (struct budget_tokens){ .output = 1000 + i });
	}
	cost_message(&message, &bot, NULL);
	plain = message_plain(&message);
	assert_non_null(strstr(plain, "\n15 questions      1"));
	assert_null(strstr(plain, "\n16 "));
	assert_non_null(strstr(plain, "\n   others         5        0          0        0     5010      0.0751\n"));
	assert_non_null(strstr(plain, "\n   total         20        0          0        0    20.2k "));
	assert_non_null(strstr(plain, "1 U19 · 2 U18 "));
	free(plain);
	message_free(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_table_that_lines_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(months_by_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_words_are_no_month, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_said_with_its_reason, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_exact_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_many_people_the_dearest_are_shown, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
