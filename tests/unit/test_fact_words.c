/* Words by which a figure is read for what it is: usual, a change, a last value, no ratio. Each beside a figure that is not so. */
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
	fact_case_series(evidence, "Gate wait time p95", "Seconds", 48, 240, 1, 116, 126);
	fact_case_series(evidence, "Ledger read latency", "Milliseconds", 15, 18, 1, 60, 66);
	fact_case_series(evidence, "Ferry bookings", "Count", 4120, 2710, 1, 60, 66);
	evidence_text(evidence, "title: No-show rate\nunit: Percent\nusual at these hours: median 1.75 %, 9 of 10 values 1.48 to 1.96 %\n"
	                        "title: Refused tickets\nunit: Count\nusual at these hours: median 30, 9 of 10 values 25 to 37\n");
	evidence_text(evidence, "F1 (limit): Gate wait time p95 was over its limit of 200 s from 09:40 UTC to 10:30 UTC: highest 244 s at "
	                        "10:10 UTC (usual: 48 to 52 s).\n"
	                        "F2 (sudden_change): Ferry bookings fell to 2,710 at 05:00 UTC (usual: 4,120 to 4,124), unusual since 05:00 UTC; "
	                        "back to usual at 05:30 UTC after 30 min.\n");
	evidence_text(evidence, "3 changes from 2026-11-27 03:00 on, newest first.\n2026-11-27 10:27 UpdateService (ecs.amazonaws.com) by k.wojcik on "
	                        "gate-api\n2026-11-27 09:34 UpdateService (ecs.amazonaws.com) by shipit on gate-api\n");
	return 0;
}

static void a_usual_value_may_be_of_a_name_with_hyphens(void **state)
{
	(void)state;
	stays("Compared with the usual no-show rate of 1.75 % the peak is high.");
	becomes("Compared with the usual no-show rate of 7.15 % the peak is high.",
	        "Compared with the usual no-show rate of 7.15 %" M " the peak is high.");
	stays("Compared with the usual gate wait time p95 of 50 s the peak is high.");
}

static void most_values_are_usual(void **state)
{
	(void)state;
	stays("For refused tickets the median is 30, and nine out of ten values lie between 25 and 37.");
	becomes("For refused tickets the median is 30, and nine out of ten values lie between 25 and 41.",
	        "For refused tickets the median is 30, and nine out of ten values lie between 25 and 41" M ".");
}

static void a_reading_is_a_value(void **state)
{
	(void)state;
	stays("Gate wait time p95 hit 244 s at worst. The latest reading is 52 s.");
	becomes("Gate wait time p95 hit 244 s at worst. The latest reading is 61 s.",
	        "Gate wait time p95 hit 244 s at worst. The latest reading is 61 s" M ".");
	stays("Ledger reads took 15 ms at least.");
}

static void twice_may_be_how_often(void **state)
{
	(void)state;
	stays("Ferry bookings fell twice: see F2.");
	becomes("At 244 s the gates waited twice as long as the usual 50 s.", "At 244 s the gates waited twice" M " as long as the usual 50 s.");
}

static void by_a_third_is_a_change(void **state)
{
	(void)state;
	stays("Ferry bookings fell by a third: from 4,120 to 2,710.");
	becomes("Ferry bookings fell by a fifth: from 4,120 to 2,710.", "Ferry bookings fell by a fifth" M ": from 4,120" M " to 2,710" M ".");
}

static void the_last_before_is_not_the_last(void **state)
{
	(void)state;
	stays("The last gate wait time p95 before it collapsed was 244 s.");
	becomes("The last gate wait time p95 before it collapsed was 274 s.",
	        "The last gate wait time p95 before it collapsed was 274 s" M ".");
}

static void under_it_is_a_change(void **state)
{
	(void)state;
	stays("Usual are 4,120 ferry bookings, so the low of 2,710 was 34 % under it.");
	becomes("Usual are 4,120 ferry bookings, so the low of 2,710 was 43 % under it.",
	        "Usual are 4,120 ferry bookings, so the low of 2,710 was 43 %" M " under it.");
	stays("Ferry bookings were as low as 2,710 where the median is 4,122: 1,412 fewer, or 34 %.");
	becomes("Ferry bookings were as low as 2,710 where the median is 4,122: 1,412 fewer, or 43 %.",
	        "Ferry bookings were as low as 2,710 where the median is 4,122: 1,412 fewer, or 43 %" M ".");
}

static void what_is_usual_has_a_unit(void **state)
{
	(void)state;
	stays("Ferry bookings fell to 2,710 at 05:00, where 4,120 to 4,124 are usual, and were normal again after 30 min. That is 34 % below the "
	      "usual range.");
	becomes("Ferry bookings fell to 2,710 at 05:00, where 4,120 to 4,124 are usual, and were normal again after 30 min. That is 66 % below the "
	        "usual range.",
	        "Ferry bookings fell to 2,710 at 05:00, where 4,120 to 4,124 are usual, and were normal again after 30 min. That is 66 %" M
	        " below the usual range.");
}

static void changes_are_told_in_their_order(void **state)
{
	(void)state;
	stays("There are 3 changes since 03:00, the last of them at 10:27, and gate wait time p95 over its limit.");
	becomes("There are 3 changes since 03:00, the last of them at 10:47, and gate wait time p95 over its limit.",
	        "There are 3 changes since 03:00, the last of them at 10:47" M ", and gate wait time p95 over its limit.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_usual_value_may_be_of_a_name_with_hyphens, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(most_values_are_usual, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_reading_is_a_value, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(twice_may_be_how_often, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(by_a_third_is_a_change, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(the_last_before_is_not_the_last, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(under_it_is_a_change, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_is_usual_has_a_unit, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(changes_are_told_in_their_order, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
