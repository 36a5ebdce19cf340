/* What is marked beside a figure that does not fit, what limits and shares are held against, and which of several things that are called
 * alike is meant. */
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
	fact_case_series(evidence, "Lock filling time", "Seconds", 120, 960, 7, 108, 120);
	fact_case_series(evidence, "Water pressure pump=\"pump-a\"", "None", 412, 655, 3, 108, 120);
	fact_case_series(evidence, "Water pressure pump=\"pump-b\"", "None", 305, 306, 1, 108, 120);
	fact_case_series(evidence, "Gate current", "None", 72, 15, 1, 116, 126);
	evidence_text(evidence, "F1 (limit): Lock filling time was over its limit of 300 s from 09:00 UTC to 10:00 UTC: highest 988 s at 09:25 UTC "
	                        "(usual: 120 to 148 s).\n"
	                        "F2 (sudden_change): Gate current fell to 18 at 09:40 UTC (usual at that hour: 72 to 76), unusual since 09:40 UTC; "
	                        "back to usual at 10:30 UTC after 50 min.\n");
	evidence_text(evidence, "normal: below 300\n");
	evidence_text(evidence, "F3 (limit): Gate current was under its limit of 40 from 09:40 UTC to 10:30 UTC: lowest 15 at 09:50 UTC "
	                        "(usual: 72 to 76).\n");
	evidence_text(evidence, "incident 1: alarm lock-too-slow is in ALARM since 09:07, for 2 h 53 min\n"
	                        "incident 2: alarm gate-current-low is in ALARM since 09:46, for 2 h 14 min\n");
	evidence_text(evidence, "2026-11-27 08:52 UpdateProgram by lock-keeper on lock-control\n"
	                        "2026-11-27 09:31 UpdateProgram by pump-crew on gate-control\n");
	evidence_text(evidence, "3 rows of 8140 that match.\nlock=east  reason=valve_stuck  count=5210\n"
	                        "lock=east  reason=no_power  count=1904\nlock=west  reason=no_power  count=1026\n");
	return 0;
}

static void a_ratio_blames_what_it_is_made_of(void **state)
{
	(void)state;
	stays("Lock filling time rose from a usual 134 s to 988 s at 09:25, 7.4 times as much.");
	becomes("Lock filling time rose from a usual 148 s to 988 s at 09:25, 7.4 times as much.",
	        "Lock filling time rose from a usual 148 s" M " to 988 s" M " at 09:25, 7.4 times" M " as much.");
	becomes("Lock filling time rose from a usual 134 s to 988 s at 09:25, 5.1 times as much.",
	        "Lock filling time rose from a usual 134 s to 988 s at 09:25, 5.1 times" M " as much.");
}

static void a_stretch_blames_the_time_that_does_not_fit(void **state)
{
	(void)state;
	stays("The alarm lock-too-slow fired at 09:07, 7 minutes after lock filling time had crossed its limit at 09:00.");
	becomes("The alarm lock-too-slow fired at 09:07, 7 minutes after lock filling time had crossed its limit at 10:00.",
	        "The alarm lock-too-slow fired at 09:07, 7 minutes" M " after lock filling time had crossed its limit at 10:00" M ".");
}

static void a_value_of_another_time_blames_the_time(void **state)
{
	(void)state;
	stays("Lock filling time was 967 s in the five minutes from 09:20 on.");
	becomes("Lock filling time was 967 s in the five minutes from 10:00 on.",
	        "Lock filling time was 967 s" M " in the five minutes from 10:00" M " on.");
}

static void a_limit_is_as_the_data_writes_it(void **state)
{
	(void)state;
	stays("Lock filling time was over its limit of 300 s from 09:00 to 10:00 (F1).");
	becomes("Lock filling time was over its limit of 300 ms from 09:00 to 10:00 (F1).",
	        "Lock filling time was over its limit of 300 ms" M " from 09:00 to 10:00 (F1).");
	becomes("Lock filling time was over its limit of 3,600 s from 09:00 to 10:00, highest 988 s at 09:25.",
	        "Lock filling time was over its limit of 3,600 s" M " from 09:00 to 10:00, highest 988 s at 09:25.");
}

static void what_passed_its_limit_exceeded_that(void **state)
{
	(void)state;
	stays("Lock filling time exceeded 300 s from 09:00 to 10:00.");
	becomes("Lock filling time went over 500 s at 09:00.", "Lock filling time went over 500 s" M " at 09:00.");
	stays("Lock filling time exceeded 900 s at 09:15.");
}

static void a_clause_without_a_name_is_about_the_one_before(void **state)
{
	(void)state;
	stays("Gate current fell to 18 at 09:40, where 72 to 76 are usual, and water pressure of pump-b was 305.");
	becomes("Gate current fell to 18 at 09:40, where 305 to 309 are usual, and water pressure of pump-b was 305.",
	        "Gate current fell to 18 at 09:40, where 305" M " to 309" M " are usual, and water pressure of pump-b was 305.");
	becomes("Gate current fell to 18 at 09:40, where 68 to 76 are usual (F2).",
	        "Gate current fell to 18 at 09:40, where 68" M " to 76 are usual (F2).");
}

static void names_that_differ_in_one_letter_are_two(void **state)
{
	(void)state;
	stays("Water pressure of pump-b was 308 at 08:00.");
	becomes("On pump-a it was 308 at 08:00.", "On pump-a it was 308" M " at 08:00" M ".");
	stays("- Water pressure, pump-a: last 424\n- Water pressure, pump-b: last 309\n");
	becomes("- Water pressure, pump-a: last 309\n", "- Water pressure, pump-a: last 309" M "\n");
}

static void a_share_is_of_the_count_before_it(void **state)
{
	(void)state;
	stays("Of 8,140 rows, 5,210 are `valve_stuck`, 64 %; 1,904 are `no_power` of the east lock, 23 %.");
	becomes("Of 8,140 rows, 5,210 are `valve_stuck`, 23 %; 1,904 are `no_power` of the east lock.",
	        "Of 8,140 rows, 5,210" M " are `valve_stuck`, 23 %" M "; 1,904 are `no_power` of the east lock.");
}

static void a_time_behind_an_alarm_is_its_own(void **state)
{
	(void)state;
	stays("Both lock-too-slow has been in ALARM since 09:07 and gate-current-low since 09:46.");
	becomes("The alarms: lock-too-slow since 09:07 (2 h 53 min) and gate-current-low since 09:50 (2 h 14 min).",
	        "The alarms: lock-too-slow since 09:07 (2 h 53 min) and gate-current-low since 09:50" M " (2 h 14 min" M ").");
	becomes("`lock-keeper` touched lock-control at 09:31, as `pump-crew` did gate-control.",
	        "`lock-keeper` touched lock-control at 09:31" M ", as `pump-crew` did gate-control.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_ratio_blames_what_it_is_made_of, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_stretch_blames_the_time_that_does_not_fit, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_value_of_another_time_blames_the_time, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_limit_is_as_the_data_writes_it, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_passed_its_limit_exceeded_that, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_clause_without_a_name_is_about_the_one_before, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(names_that_differ_in_one_letter_are_two, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_share_is_of_the_count_before_it, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_time_behind_an_alarm_is_its_own, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
