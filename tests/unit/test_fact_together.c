/* What figures and times of one sentence make together: sums, what is told again and compared, and times that lie as far
 * apart as it says. */
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
	fact_case_series(evidence, "Kiln temperature", "None", 184, 160, 1, 108, 120);
	fact_case_series(evidence, "Gate wait time", "Seconds", 48, 2400, 1, 116, 126);
	fact_case_series(evidence, "Ferry bookings", "Count", 4120, 2710, 1, 60, 66);
	evidence_text(evidence, "F1 (limit): Kiln temperature was under its limit of 175 from 09:00 UTC to 10:00 UTC: lowest 160 at 09:10 UTC "
	                        "(usual: 184 to 188).\n"
	                        "F2 (limit): Gate wait time was over its limit of 30 min from 09:40 UTC to 10:30 UTC: highest 40.1 min at 10:15 UTC "
	                        "(usual: 48 to 52 s).\n");
	evidence_text(evidence, "F3 (recurring): Ferry bookings fell to 2,710 at 05:00 UTC, as at that hour on 12 of 12 days before: recurring.\n");
	evidence_text(evidence, "alarm gate-wait-high is in ALARM since 09:43\nalarm kiln-cold is in ALARM since 09:04\n");
	evidence_text(evidence, "3 rows of 9870 that match.\npier=north  reason=no_reader  count=6021\n"
	                        "pier=north  reason=bad_ticket  count=1188\npier=south  reason=bad_ticket  count=774\n");
	return 0;
}

static void counts_make_a_sum(void **state)
{
	(void)state;
	stays("6,021 are `no_reader` and 1,188 are `bad_ticket` of the north pier, together 7,209 or 73 % of 9,870.");
	becomes("6,021 are `no_reader` and 1,188 are `bad_ticket` of the north pier, together 7,109.",
	        "6,021 are `no_reader` and 1,188 are `bad_ticket` of the north pier, together 7,109" M ".");
	stays("The gates wrote 1,962 `bad_ticket` (1,188 for the north pier, 774 for the south pier).");
}

static void values_of_a_series_make_a_sum(void **state)
{
	(void)state;
	stays("Ferry bookings were 4,120 at 04:35 and 2,710 at 05:00, together 6,830.");
	becomes("Ferry bookings were 4,120 at 04:35 and 2,710 at 05:00, together 6,380.",
	        "Ferry bookings were 4,120 at 04:35 and 2,710 at 05:00, together 6,380" M ".");
	stays("There were 6,830 ferry bookings (4,120 at 04:35, 2,710 at 05:00).");
	stays("Ferry bookings were 4,120 at 04:35 and 2,710 at 05:00. These are 6,830 bookings.");
}

static void what_is_told_again_is_compared(void **state)
{
	(void)state;
	stays("6,021 of 9,870 rows are `no_reader`. Those 6,021 are 5.1 times the 1,188 of `bad_ticket` on the north pier.");
	becomes("6,021 of 9,870 rows are `no_reader`. Those 6,221 are 5.2 times the 1,188 of `bad_ticket` on the north pier.",
	        "6,021 of 9,870 rows are `no_reader`. Those 6,221" M " are 5.2 times" M
	        " the 1,188 of `bad_ticket` on the north pier.");
}

static void a_row_ends_where_the_next_count_stands(void **state)
{
	(void)state;
	stays("Of the north pier 6,021 are `no_reader`, 1,188 with `bad_ticket`, against 774 for the south pier.");
	becomes("Of 9,870 rows, 1,188 are `no_reader`.", "Of 9,870 rows, 1,188" M " are `no_reader`.");
}

static void a_stretch_ties_two_times(void **state)
{
	(void)state;
	stays("The alarm kiln-cold went off at 09:04. The second one, gate-wait-high, followed at 09:43, 39 minutes after the first at 09:04.");
	becomes("Gate wait time was over its limit at 09:40, 20 minutes before its maximum at 10:15.",
	        "Gate wait time was over its limit at 09:40, 20 minutes" M " before its maximum at 10:15.");
	becomes("Gate wait time was over its limit from 09:40 to 10:30, 20 minutes (F2).",
	        "Gate wait time was over its limit from 09:40 to 10:30, 20 minutes" M " (F2).");
}

static void a_count_before_a_percentage_is_none(void **state)
{
	(void)state;
	stays("Ferry bookings fell from 4,120 at 04:35 to 2,710 at 05:00, that is by 1,410 or 34 %.");
}

static void a_usual_value_stands_behind_what_it_is_of(void **state)
{
	(void)state;
	stays("Compared with the usual gate wait time of 50 s the peak is high.");
	becomes("Compared with the usual gate wait time of 70 s the peak is high.",
	        "Compared with the usual gate wait time of 70 s" M " the peak is high.");
}

static void people_write_units_that_cloudwatch_lacks(void **state)
{
	(void)state;
	stays("Kiln temperature was 160 °C at 09:10, under its limit of 175 °C.");
	becomes("Kiln temperature was 149 °C at 09:10.", "Kiln temperature was 149 °C" M " at 09:10" M ".");
}

static void a_change_of_a_time_is_no_stretch(void **state)
{
	(void)state;
	stays("Gate wait time was 48 s at 09:35 and 2,403 s at 09:40. So from 09:35 to 09:40, 5 minutes, gate wait time grew from 48 s to 2,403 s, by 2,355 s.");
}

static void nobody_has_more_than_all(void **state)
{
	(void)state;
	stays("It did so on 12 of 12 days.");
	becomes("It did so on 13 of 12 days.", "It did so on 13" M " of 12 days.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts_make_a_sum, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(values_of_a_series_make_a_sum, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_is_told_again_is_compared, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_row_ends_where_the_next_count_stands, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_stretch_ties_two_times, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_count_before_a_percentage_is_none, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_usual_value_stands_behind_what_it_is_of, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(people_write_units_that_cloudwatch_lacks, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(nobody_has_more_than_all, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_change_of_a_time_is_no_stretch, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
