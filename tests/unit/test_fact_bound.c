/* Times at which something began or ended, of several things at once, of a limit beside an alarm, of several days. Each beside one that is
 * not so. */
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
	fact_case_series(evidence, "Kiln temperature", "None", 184, 160, 1, 111, 120);
	fact_case_series(evidence, "Gate timeouts", "Count", 1, 90, 1, 108, 120);
	evidence_text(evidence, "F1 (limit): Kiln temperature was under its limit of 175 from 09:15 UTC to 10:00 UTC: lowest 160 at 09:25 UTC.\n"
	                        "F2 (limit): Gate timeouts was over its limit of 30 from 09:00 UTC to 10:00 UTC: highest 94 at 09:35 UTC.\n"
	                        "F3 (sudden_change): Crane load fell to 3 at 09:05 UTC, unusual since 09:00 UTC; back to usual at 10:00 UTC.\n");
	fact_case_series(evidence, "Jobs waiting", "Count", 20, 390, 1, 85, 120);
	evidence_text(evidence, "F4 (limit): Jobs waiting was over its limit of 250 from 07:35 UTC to 10:00 UTC: highest 394 at 08:05 UTC.\n");
	evidence_text(evidence, "title: Jobs waiting\nunit: Count\nthe range, a line each 10 min: time mean least greatest\n"
	                        "06:20 22 20 24\n06:30 21 20 22\n06:40 22 20 24\n06:50 21 20 23\n07:00 206 20 390\n07:10 392 390 394\n07:20 391 390 394\n");
	evidence_text(evidence, "incident 1: alarm gate-timeouts is in ALARM since 09:08, for 2 h 52 min\n");
	evidence_text(evidence, "2026-11-25 12:49 PutLifecycleConfiguration (s3.amazonaws.com) by y.okabe on archive-cold\n"
	                        "2026-11-25 01:37 PutLifecycleConfiguration (s3.amazonaws.com) by tiering on archive-cold\n"
	                        "Thu 26 Nov 09:00 all was well, and Wed 25 Nov 09:00 and Wed 25 Nov 10:00 too.\n");
	return 0;
}

static void several_things_begin_together(void **state)
{
	(void)state;
	stays("The kiln took 15 minutes from the beginning of the stop at 09:00 to fall below 175.");
	becomes("The kiln took 15 minutes from the beginning of the stop at 09:20 to fall below 175.",
	        "The kiln took 15 minutes" M " from the beginning of the stop at 09:20" M " to fall below 175.");
}

static void a_limit_is_crossed_before_the_alarm(void **state)
{
	(void)state;
	stays("The alarm gate-timeouts was fast: gate timeouts crossed their limit at 09:00, and it fired at 09:08.");
	becomes("The alarm gate-timeouts was fast: gate timeouts crossed their limit at 09:20, and it fired at 09:08.",
	        "The alarm gate-timeouts was fast: gate timeouts crossed their limit at 09:20" M ", and it fired at 09:08.");
}

static void each_clause_has_bounds_of_its_own(void **state)
{
	(void)state;
	stays("Gate timeouts were over their limit since 09:00, and kiln temperature was under its limit since 09:15.");
	becomes("Gate timeouts were over their limit since 09:00, and kiln temperature was under its limit since 09:00.",
	        "Gate timeouts were over their limit since 09:00, and kiln temperature was under its limit since 09:00" M ".");
}

static void days_are_no_words_of_a_time(void **state)
{
	(void)state;
	stays("It lies between the two changes on archive-cold, of Wed 25 Nov 01:37 and Wed 25 Nov 12:49.");
	becomes("It lies between the two changes on archive-cold, of Wed 25 Nov 01:37 and Wed 25 Nov 12:19.",
	        "It lies between the two changes on archive-cold, of Wed 25 Nov 01:37 and Wed 25 Nov 12:19" M ".");
}

static void a_move_begins_before_the_limit_is_passed(void **state)
{
	(void)state;
	stays("The alarm came late: the jobs waiting began to climb at 07:00.");
	becomes("The alarm came late: the jobs waiting began to climb at 06:20.",
	        "The alarm came late: the jobs waiting began to climb at 06:20" M ".");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(several_things_begin_together, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_limit_is_crossed_before_the_alarm, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(each_clause_has_bounds_of_its_own, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(days_are_no_words_of_a_time, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_move_begins_before_the_limit_is_passed, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
