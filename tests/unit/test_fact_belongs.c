/* What a sentence tells belongs together: names and times to the finding that it cites, what is over its limit to the times of
 * that, a row's figure to the row's names. */
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
	fact_case_series(evidence, "Booking latency p95", "Milliseconds", 480, 3900, 1, 108, 120);
	fact_case_series(evidence, "Sync age", "Seconds", 48, 2400, 1, 116, 126);
	fact_case_series(evidence, "Refused cards", "Percent", 2, 40, 1, 60, 66);
	evidence_text(evidence, "F1 (limit): Booking latency p95 was over its limit of 1.5 s from 09:00 UTC to 10:00 UTC: highest 3.9 s at "
	                        "09:20 UTC (usual: 480 to 484 ms).\n"
	                        "F2 (limit): Sync age was over its limit of 30 min from 09:40 UTC to 10:30 UTC: highest 40.1 min at 10:15 UTC "
	                        "(usual: 48 to 52 s).\n"
	                        "F3 (limit): Refused cards was over its limit of 20 % from 05:00 UTC to 05:30 UTC: highest 44 % at 05:15 UTC.\n");
	evidence_text(evidence, "3 rows of 9871 that match; 2 GB scanned.\nanalyzer=kuromoji-v7  took=slow  queries=8420\n"
	                        "analyzer=kuromoji-v6  took=slow  queries=1035\nanalyzer=ngram-2  took=slow  queries=416\n");
	return 0;
}

static void a_cited_finding_tells_of_what_is_named(void **state)
{
	(void)state;
	stays("Booking latency p95 reached 3.9 s (F1).");
	stays("Sync age rose after the latency of bookings did (F2).");
	becomes("Refused cards were never usual again (F1).", "Refused cards were never usual again (F1" M ").");
}

static void a_time_beside_a_citation_is_of_what_it_tells(void **state)
{
	(void)state;
	stays("1. 09:00 booking latency too high (F1)");
	becomes("1. 10:15 booking latency too high (F1)", "1. 10:15" M " booking latency too high (F1)");
	stays("Booking latency p95 reached 3.9 s, at 09:20 (F1), and sync age 40.1 min, at 10:15 (F2).");
	becomes("Booking latency p95 reached 3.9 s, at 10:15 (F1), and sync age 40.1 min, at 10:15 (F2).",
	        "Booking latency p95 reached 3.9 s, at 10:15" M " (F1), and sync age 40.1 min, at 10:15 (F2).");
}

static void no_extreme_bounds_what_is_over_its_limit(void **state)
{
	(void)state;
	stays("Sync age has been over its limit of 30 min since 09:40.");
	becomes("Sync age has been over its limit of 30 min since 10:15.",
	        "Sync age has been over its limit of 30 min since 10:15" M ".");
}

static void what_is_normal_again_has_ended(void **state)
{
	(void)state;
	stays("Sync age was normal again at 10:30.");
	becomes("Sync age was normal again at 09:40.", "Sync age was normal again at 09:40" M ".");
}

static void a_row_has_its_own_names(void **state)
{
	(void)state;
	stays("8,420 used `kuromoji-v7`, and 1,035 used `kuromoji-v6`.");
	becomes("8,420, the most, used `kuromoji-v6`.", "8,420" M ", the most, used `kuromoji-v6`.");
	stays("`kuromoji-v7` was used 8,420 times, `kuromoji-v6` 1,035 times.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cited_finding_tells_of_what_is_named, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_time_beside_a_citation_is_of_what_it_tells, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(no_extreme_bounds_what_is_over_its_limit, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_is_normal_again_has_ended, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_row_has_its_own_names, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
