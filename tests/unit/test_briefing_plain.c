/* What a person reads when no model speaks: the whole messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/message.h"
#include "tests/unit/support/briefing_case.h"
#include "tests/unit/support/turn.h"

static int64_t before_now(int64_t minutes)
{
	return BRIEFING_CASE_NOW_MS - minutes * BRIEFING_CASE_MINUTE_MS;
}

static void answers(struct briefing_case *shop, const char *question, const char *why, const char *expected)
{
	struct briefing *briefing = briefing_case_read(shop, question);
	struct message message;
	char *text;

	briefing_plain(briefing, why, &message);
	text = message_plain(&message);
	if (strcmp(text, expected) != 0)
		(void)fprintf(stderr, "@@@%s@@%s@@@\n", question, text);
	assert_string_equal(text, expected);
	free(text);
	message_free(&message);
	briefing_free(briefing);
}

static void a_slow_checkout(void **state)
{
	struct briefing_case shop;

	(void)state;
	briefing_case_init(&shop);
	shop.slow = 5.3;
	shop.slow_from_ms = before_now(315); /* 09:05 */
	answers(&shop, "why is checkout slow since nine?", NULL,
	        "Checkout latency has been above its usual range since 09:05: 0.765 s at 14:10, usually 0.13 to 0.169 s (F1).\n"
	        "🔴 Checkout latency has been above its usual range since 09:05: 0.765 s at 14:10, usually 0.13 to 0.169 s (F1).\n"
	        "🔗 F2  Does the growth of Requests explain that of Checkout latency? No: Requests was about 2,844 (usual 2,806), Checkout latency about 0.815 s (usual 0.15 s); so much load used to go with about 0.15 s.\n"
	        "Requests, CPU and Errors are within their usual range.\n"
	        "                    last  usual change\n"
	        "Checkout latency 0.765 s 0.15 s   ×5.1\n"
	        "Requests           3,040  3,014   +1 %\n"
	        "CPU               34.8 % 35.1 %   −1 %\n"
	        "Errors                 2      5  −60 %\n"
	        "\n"
	        "4 metrics of web · since 09:00 (UTC) · usual is what the 14 days before were · times are UTC\n"
	        "No model is configured. These are the findings as they are, in my own words.");
	briefing_case_free(&shop);
}

static void all_is_quiet(void **state)
{
	struct briefing_case shop;

	(void)state;
	briefing_case_init(&shop);
	answers(&shop, "how is checkout latency in the last 2 hours?", "The model is throttled.",
	        "Checkout latency: nothing unusual in the last 2 hours; 0.144 s at 14:10, usually 0.128 to 0.172 s.\n"
	        "Checkout latency: nothing unusual in the last 2 hours; 0.144 s at 14:10, usually 0.128 to 0.172 s.\n"
	        "Requests, CPU and Errors are within their usual range.\n"
	        "                    last  usual change\n"
	        "Checkout latency 0.144 s 0.15 s   −4 %\n"
	        "Requests           3,040  3,014   +1 %\n"
	        "CPU               34.8 % 35.1 %   −1 %\n"
	        "Errors                 2      5  −60 %\n"
	        "\n"
	        "4 metrics of web · the last 2 hours · usual is what the 14 days before were · times are UTC\n"
	        "The model is throttled. These are the findings as they are, in my own words.");
	briefing_case_free(&shop);
}

static void it_is_elsewhere(void **state)
{
	struct briefing_case shop;

	(void)state;
	briefing_case_init(&shop);
	shop.slow = 5.3;
	shop.slow_from_ms = before_now(315);
	shop.slow_until_ms = before_now(220);
	answers(&shop, "is the cpu of the web dashboard high since nine", NULL,
	        "CPU: nothing unusual since 09:00 (UTC); 34.8 % at 14:10, usually 32.6 to 37.6 %. Something else stands out:\n"
	        "CPU: nothing unusual since 09:00 (UTC); 34.8 % at 14:10, usually 32.6 to 37.6 %. Something else stands out:\n"
	        "🔴 F1  Checkout latency rose to 0.891 s at 10:25 UTC (usual: 0.13 to 0.17 s), unusual since 09:05 UTC; back to usual at 10:40 UTC after 1 h 35 min.\n"
	        "🔗 F2  Does the growth of Requests explain that of Checkout latency? No: Requests was about 2,431 (usual 2,486), Checkout latency about 0.787 s (usual 0.15 s); so much load used to go with about 0.15 s.\n"
	        "Requests and Errors are within their usual range.\n"
	        "                    last  usual change\n"
	        "Checkout latency 0.144 s 0.15 s   −4 %\n"
	        "Requests           3,040  3,014   +1 %\n"
	        "CPU               34.8 % 35.1 %   −1 %\n"
	        "Errors                 2      5  −60 %\n"
	        "\n"
	        "4 metrics of web · since 09:00 (UTC) · usual is what the 14 days before were · times are UTC\n"
	        "No model is configured. These are the findings as they are, in my own words.");
	briefing_case_free(&shop);
}

static void load_and_trouble(void **state)
{
	struct briefing_case shop;

	(void)state;
	briefing_case_init(&shop);
	shop.slow = 3;
	shop.more = 2.5;
	shop.gone = "cpu";
	shop.slow_from_ms = before_now(315);
	answers(&shop, "what happened?", NULL,
	        "Requests has been above its usual range since 09:05: 7,599 at 14:10, usually 2,222 to 2,360 (F1).\n"
	        "🔴 Requests has been above its usual range since 09:05: 7,599 at 14:10, usually 2,222 to 2,360 (F1).\n"
	        "🔴 F2  Checkout latency has been higher since Thu 26 Nov 09:05 UTC: about 0.462 s, where about 0.15 s was usual; for 5 h 10 min now, and still so at 14:15 UTC.\n"
	        "🔗 F3  Checkout latency and Requests moved together, in the same direction, the first one 55 min before the second (rank correlation 0.78 over 94 values).\n"
	        "🔗 F4  Does the growth of Requests explain that of Checkout latency? No: Requests was about 7,110 (usual 2,806), Checkout latency about 0.462 s (usual 0.15 s); so much load used to go with about 0.154 s.\n"
	        "Errors, Database CPU and Free storage are within their usual range.\n"
	        "                    last  usual change\n"
	        "Requests           7,599  3,013   ×2.5\n"
	        "Checkout latency 0.433 s 0.15 s   ×2.9\n"
	        "Errors                 2      5  −60 %\n"
	        "Database CPU      42.1 %   40 %   +5 %\n"
	        "Free storage      200 GB 200 GB    0 %\n"
	        "\n"
	        "⚠️ Nothing in the question named a metric, so all 6 were looked at.\n"
	        "⚠️ CPU: cloudwatch:GetMetricData is not allowed.\n"
	        "6 metrics of web and db · the last 24 hours · usual is what the 14 days before were · times are UTC\n"
	        "No model is configured. These are the findings as they are, in my own words.");
	briefing_case_free(&shop);
}

static void an_incident_is_open(void **state)
{
	struct briefing_case shop;

	(void)state;
	scratch_make();
	briefing_case_init(&shop);
	shop.slow = 5.3;
	shop.slow_from_ms = before_now(25);
	shop.metrics[0][0].normal_below = 0.5;
	(void)briefing_case_alarm(&shop, "checkout-latency", "latency", 15);
	answers(&shop, "is checkout slow? last 20 minutes", "The model did not answer in time.",
	        "Checkout latency has been above its limit of 0.5 s since 13:55: 0.765 s at 14:10, usually 0.128 to 0.172 s (F1).\n"
	        "🔴 Checkout latency has been above its limit of 0.5 s since 13:55: 0.765 s at 14:10, usually 0.128 to 0.172 s (F1).\n"
	        "🔗 F2  Does the growth of Requests explain that of Checkout latency? No: Requests was about 3,034 (usual 2,998), Checkout latency about 0.771 s (usual 0.15 s); so much load used to go with about 0.15 s.\n"
	        "Requests, CPU and Errors are within their usual range.\n"
	        "                    last  usual change\n"
	        "Checkout latency 0.765 s 0.15 s   ×5.1\n"
	        "Requests           3,040  3,014   +1 %\n"
	        "CPU               34.8 % 35.1 %   −1 %\n"
	        "Errors                 2      5  −60 %\n"
	        "\n"
	        "🚨 Open: checkout-latency since 14:05 (15 min, incident 1): latency 0.765 s > 0.5 s (Average over 5 min, 2 of 3)\n"
	        "4 metrics of web · the last 20 minutes · usual is what the 14 days before were · times are UTC\n"
	        "The model did not answer in time. These are the findings as they are, in my own words.");
	briefing_case_free(&shop);
	scratch_remove();
}

/* What came and went is not said to have been above all the time. */
static void it_comes_and_goes(void **state)
{
	struct briefing_case shop;

	(void)state;
	briefing_case_init(&shop);
	shop.database = 30;
	shop.slow_from_ms = before_now(400);
	answers(&shop, "database cpu", NULL,
	        "Database CPU has been higher since Thu 26 Nov 08:00 UTC: about 67.1 %, where about 40.1 % was usual; for 6 h 15 min now, and still so at 14:15 UTC (F1).\n"
	        "🔴 Database CPU has been higher since Thu 26 Nov 08:00 UTC: about 67.1 %, where about 40.1 % was usual; for 6 h 15 min now, and still so at 14:15 UTC (F1).\n"
	        "Checkout latency, Requests, CPU, Errors and Free storage are within their usual range.\n"
	        "                    last  usual change\n"
	        "Database CPU      72.1 %   40 %  +80 %\n"
	        "Checkout latency 0.144 s 0.15 s   −4 %\n"
	        "Requests           3,040  3,013   +1 %\n"
	        "CPU               34.8 % 35.1 %   −1 %\n"
	        "Errors                 2      5  −60 %\n"
	        "Free storage      200 GB 200 GB    0 %\n"
	        "\n"
	        "6 metrics of web and db · the last 24 hours · usual is what the 14 days before were · times are UTC\n"
	        "No model is configured. These are the findings as they are, in my own words.");
	briefing_case_free(&shop);
}

static void yesterday(void **state)
{
	struct briefing_case shop;

	(void)state;
	briefing_case_init(&shop);
	shop.slow = 4;
	shop.slow_from_ms = before_now(24 * 60);
	shop.slow_until_ms = before_now(23 * 60);
	answers(&shop, "was checkout slow yesterday?", NULL,
	        "Checkout latency was above its usual range from Wed 25 Nov 14:20 to 15:20: 0.675 s at 14:30, usually 0.128 to 0.172 s (F1).\n"
	        "🔴 Checkout latency was above its usual range from Wed 25 Nov 14:20 to 15:20: 0.675 s at 14:30, usually 0.128 to 0.172 s (F1).\n"
	        "🔗 F2  Does the growth of Requests explain that of Checkout latency? No: Requests was about 2,968 (usual 2,968), Checkout latency about 0.58 s (usual 0.15 s); so much load used to go with about 0.15 s.\n"
	        "Requests, CPU and Errors are within their usual range.\n"
	        "                    last  usual change\n"
	        "Checkout latency 0.142 s 0.15 s   −5 %\n"
	        "Requests           1,120  1,144   −2 %\n"
	        "CPU               27.1 % 25.8 %   +5 %\n"
	        "Errors                 7      5  +40 %\n"
	        "\n"
	        "4 metrics of web · on Wed 25 Nov (UTC) · usual is what the 14 days before were · times are UTC\n"
	        "No model is configured. These are the findings as they are, in my own words.");
	briefing_case_free(&shop);
}

static void nothing_can_be_read(void **state)
{
	struct briefing_case shop;

	(void)state;
	briefing_case_init(&shop);
	shop.gone = "db_cpu";
	shop.dashboards[1].metric_count = 1;
	answers(&shop, "database cpu since 21:00", "This month's money is spent.",
	        "I have no values of Database CPU since Wed 25 Nov 21:00 (UTC).\n"
	        "I have no values of Database CPU since Wed 25 Nov 21:00 (UTC).\n"
	        "Checkout latency, Requests, CPU and Errors are within their usual range.\n"
	        "                    last  usual change\n"
	        "Checkout latency 0.144 s 0.15 s   −4 %\n"
	        "Requests           3,040  3,014   +1 %\n"
	        "CPU               34.8 %   35 %   −1 %\n"
	        "Errors                 2      5  −60 %\n"
	        "\n"
	        "⚠️ Database CPU: cloudwatch:GetMetricData is not allowed.\n"
	        "5 metrics of web and db · since Wed 25 Nov 21:00 (UTC) · usual is what the 14 days before were · times are UTC\n"
	        "This month's money is spent. These are the findings as they are, in my own words.");
	shop.dashboards[1].metric_count = 2;
	briefing_case_free(&shop);
}

static void nothing_is_configured(void **state)
{
	struct briefing_case shop;

	(void)state;
	briefing_case_init(&shop);
	shop.config.dashboards.count = 0;
	answers(&shop, "is all well?", NULL,
	        "I have no values for that in the last 24 hours.\n"
	        "I have no values for that in the last 24 hours.\n"
	        "⚠️ No metric is configured, so no values were looked at.\n"
	        "the last 24 hours · times are UTC\n"
	        "No model is configured. These are the findings as they are, in my own words.");
	briefing_case_free(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_checkout),     cmocka_unit_test(all_is_quiet),
		cmocka_unit_test(it_is_elsewhere),     cmocka_unit_test(load_and_trouble),
		cmocka_unit_test(an_incident_is_open), cmocka_unit_test(it_comes_and_goes),
		cmocka_unit_test(yesterday),           cmocka_unit_test(nothing_can_be_read),
		cmocka_unit_test(nothing_is_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
