/* What rows of keys and values make together, by what the sentence names of them. Each beside a figure that is not so. */
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
	fact_case_series(evidence, "Gate wait time", "Seconds", 48, 2400, 1, 116, 126);
	evidence_text(evidence, "4 rows of 9870 that match; 57 MB scanned.\npier=north  reason=no_reader  count=6021\n"
	                        "pier=north  reason=bad_ticket  count=1188\npier=south  reason=bad_ticket  count=774\n"
	                        "pier=south  reason=torn-v27  count=402\n");
	evidence_text(evidence, "status=503  count=12\n");
	return 0;
}

static void rows_with_one_value_add_up(void **state)
{
	(void)state;
	stays("The gates wrote 1,962 lines with `bad_ticket`, which is 20 % of all.");
	becomes("The gates wrote 1,692 lines with `bad_ticket`, which is 20 % of all.",
	        "The gates wrote 1,692" M " lines with `bad_ticket`, which is 20 % of all.");
	becomes("The gates wrote 1,962 lines with `bad_ticket`, which is 40 % of all.",
	        "The gates wrote 1,962" M " lines with `bad_ticket`, which is 40 %" M " of all.");
}

static void a_row_is_compared_with_what_was_told(void **state)
{
	(void)state;
	stays("Torn tickets of the south pier (402) are few. `no_reader` is 15 times as frequent.");
	becomes("Torn tickets of the south pier (402) are few. `no_reader` is 25 times as frequent.",
	        "Torn tickets of the south pier (402) are few. `no_reader` is 25 times" M " as frequent.");
}

static void a_ratio_may_be_of_a_sum(void **state)
{
	(void)state;
	stays("All 9,870 lines are 5 times the 1,962 that have `bad_ticket`.");
	becomes("All 9,870 lines are 8 times the 1,962 that have `bad_ticket`.",
	        "All 9,870 lines are 8 times" M " the 1,962 that have `bad_ticket`.");
}

static void the_one_figure_before_is_a_part(void **state)
{
	(void)state;
	stays("The query found 9,870 lines. 6,021 of them are `no_reader` of the north pier, so 61 %; another 1,188 are `bad_ticket`.");
	becomes("The query found 9,870 lines. 6,021 of them are `no_reader` of the north pier, so 31 %; another 1,188 are `bad_ticket`.",
	        "The query found 9,870 lines. 6,021 of them are `no_reader` of the north pier, so 31 %" M
	        "; another 1,188 are `bad_ticket`.");
}

static void what_makes_up_is_no_change(void **state)
{
	(void)state;
	stays("Bad tickets make up 1,188 lines of the north pier.");
	becomes("Bad tickets make up 1,818 lines of the north pier.", "Bad tickets make up 1,818" M " lines of the north pier.");
}

static void a_version_is_no_figure(void **state)
{
	(void)state;
	stays("Version 27 of the reader tears few.");
	becomes("Version 72 of the reader tears few.", "Version 72" M " of the reader tears few.");
}

static void a_code_is_no_count_of_a_share(void **state)
{
	(void)state;
	stays("Of the 9,870 lines 6,021 are of code 503, which is 61 %.");
	becomes("Of the 9,870 lines 6,021 are of code 503, which is 31 %.",
	        "Of the 9,870 lines 6,021 are of code 503, which is 31 %" M ".");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_with_one_value_add_up, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_row_is_compared_with_what_was_told, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_ratio_may_be_of_a_sum, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(the_one_figure_before_is_a_part, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_makes_up_is_no_change, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_version_is_no_figure, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_code_is_no_count_of_a_share, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
