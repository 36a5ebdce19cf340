/* How far something is beyond its limit, at what pace it goes on, and what was so within the last hour. Each beside a figure that is not
 * so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "tests/unit/support/fact_case.h"

#define M FACT_CHECK_MARK

static int set_up(void **state)
{
	struct evidence *evidence = fact_case_begin();

	(void)state;
	fact_case_series(evidence, "Gate wait time", "Seconds", 431, 1110, 1, 108, 120);
	fact_case_series(evidence, "Waiting lorries", "Count", 339, 872, 0, 100, 110);
	fact_case_series(evidence, "Refused cards", "Percent", 56, 23.5, 0.1, 0, 72);
	evidence_text(evidence, "F1 (limit): Gate wait time was over its limit of 15 min from 09:00 UTC to 10:00 UTC: highest 18.6 min at 09:25 UTC "
	                        "(usual: 431 to 435 s).\n"
	                        "F2 (slow_change): Yard space used rises slowly: from about 82.5 % on Fri 13 Nov 12:00 UTC to about 92.3 % at 12:00 "
	                        "UTC, about 0.695 % a day. At this rate it reaches its limit of 95 % in about 3 d 22 h.\n");
	return 0;
}

static void what_is_over_its_limit_is_so_by_so_much(void **state)
{
	(void)state;
	stays("Gate wait was 18.6 min at worst. That is 2.6 times what is usual (431 s) and 3.6 min over the limit of 15 min.");
	becomes("Gate wait was 18.6 min at worst. That is 2.6 times what is usual (431 s) and 6.3 min over the limit of 15 min.",
	        "Gate wait was 18.6 min at worst. That is 2.6 times what is usual (431 s) and 6.3 min" M " over the limit of 15 min.");
}

static void a_pace_is_an_amount_by_its_stretch(void **state)
{
	(void)state;
	stays("Between 08:20 and 09:10, that is in 50 minutes, waiting lorries went from 872 to 339. At that pace (about 11 a minute) the yard is "
	      "empty in about half an hour.");
	becomes("Between 08:20 and 09:10, that is in 50 minutes, waiting lorries went from 872 to 339. At that pace (about 17 a minute) the yard is "
	        "empty in about half an hour.",
	        "Between 08:20 and 09:10, that is in 50 minutes, waiting lorries went from 872 to 339. At that pace (about 17 a minute" M
	        ") the yard is empty in about half an hour.");
	becomes("Between 08:20 and 09:10, that is in 50 minutes, waiting lorries went from 872 to 339. At that pace the yard is empty in about 47 min.",
	        "Between 08:20 and 09:10, that is in 50 minutes, waiting lorries went from 872 to 339. At that pace the yard is empty in about "
	        "47 min" M ".");
}

static void what_is_counted_has_a_rate(void **state)
{
	(void)state;
	stays("Compared with its 339 per 5 minutes, the 872 waiting lorries are 2.6 times as many.");
	stays("Compared with its 4,068 an hour, the 872 waiting lorries are 2.6 times as many.");
	becomes("Compared with its 4,068 an hour, the 872 waiting lorries are 3.6 times as many.",
	        "Compared with its 4,068 an hour, the 872 waiting lorries are 3.6 times" M " as many.");
}

static void the_last_hour_is_a_stretch(void **state)
{
	(void)state;
	stays("Refused cards averaged 56.2 % in the last hour.");
	becomes("Refused cards averaged 62.5 % in the last hour.", "Refused cards averaged 62.5 %" M " in the last hour.");
	becomes("Refused cards averaged 26.2 % in the last hour.", "Refused cards averaged 26.2 %" M " in the last hour.");
}

static void points_may_be_of_what_a_finding_tells(void **state)
{
	(void)state;
	stays("There are 2.7 percentage points left between 92.3 % of the yard space and its limit of 95 %; in two weeks it has used 9.8 points.");
	becomes("There are 2.7 percentage points left between 92.3 % of the yard space and its limit of 95 %; in two weeks it has used 8.9 points.",
	        "There are 2.7 percentage points left between 92.3 % of the yard space and its limit of 95 %; in two weeks it has used 8.9" M
	        " points.");
}

static void more_each_day_is_a_rate(void **state)
{
	(void)state;
	stays("Of the yard space 92.3 % are used, 0.695 % more each day.");
	becomes("Of the yard space 92.3 % are used, 0.965 % more each day.", "Of the yard space 92.3 % are used, 0.965 %" M " more each day.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_over_its_limit_is_so_by_so_much, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_pace_is_an_amount_by_its_stretch, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_is_counted_has_a_rate, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(the_last_hour_is_a_stretch, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(points_may_be_of_what_a_finding_tells, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(more_each_day_is_a_rate, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
