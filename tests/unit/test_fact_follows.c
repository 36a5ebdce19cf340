/* What an engineer says of the data in his own words is not marked: a noun for a verb, the least of an episode, a stretch from the begin of the
 * incident, a figure that follows from others. Each beside a figure that is not so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/str.h"
#include "tests/unit/support/fact_case.h"

#define M FACT_CHECK_MARK
#define FROM 108 /* 09:00 */
#define TO 120   /* 10:00 */

static int set_up(void **state)
{
	struct evidence *evidence = fact_case_begin();

	(void)state;
	fact_case_series(evidence, "Booking latency p95", "Milliseconds", 480, 3900, 2, FROM, TO);
	fact_case_series(evidence, "Appointments booked", "Count", 140, 37, 1, FROM, TO);
	fact_case_series(evidence, "HTTP 5xx responses", "Count", 2, 294, 7, FROM, TO);
	fact_case_series(evidence, "Sync age", "Seconds", 48, 2400, 1, FROM, TO);
	evidence_text(evidence,
	              "Booking latency p95 was over its limit of 1.5 s from 09:00 UTC to 10:00 UTC: highest 3.91 s at 09:25 UTC (usual: 480 to 488 ms).\n"
	              "Appointments booked fell to 37 at 09:10 UTC (usual: 140 to 144), unusual since 09:00 UTC; back to usual at 10:00 UTC after 1 h.\n"
	              "Sync age was over its limit of 30 min from 09:40 UTC to 10:00 UTC: highest 40.1 min at 09:45 UTC (usual: 48 to 52 s).\n"
	              "Disk used rises slowly: from about 42.9 %, about 0.97 % a day.\n");
	evidence_text(evidence, "2026-11-27 08:54 UpdateService (ecs.amazonaws.com) by shipit on geo-indexer\n"
	                        "2026-11-27 09:56 UpdateService (ecs.amazonaws.com) by l.moreira on geo-indexer\n");
	evidence_text(evidence, "3 rows of 1131 that match; 2 GB scanned.\ntable=fact_orders  error=1216  count=812\n"
	                        "table=fact_order_lines  error=1216  count=264\ntable=dim_customer  error=1023  count=55\n");
	return 0;
}

static void a_noun_is_its_verb(void **state)
{
	(void)state;
	stays("Bookings were down to 37 at 09:10.");
	becomes("Bookings were down to 57 at 09:10.", "Bookings were down to 57" M " at 09:10.");
}

static void an_episode_has_extremes_of_its_own(void **state)
{
	(void)state;
	stays("HTTP 5xx responses were never fewer than 294 per interval during the incident.");
	becomes("HTTP 5xx responses were never fewer than 214 per interval during the incident.",
	        "HTTP 5xx responses were never fewer than 214" M " per interval during the incident.");
	stays("During the incident HTTP 5xx responses were between 294 and 322 per interval.");
}

static void what_stands_behind_to_is_the_other_end(void **state)
{
	(void)state;
	stays("Booking latency p95 climbed from roughly 484 ms to a maximum of 3.91 s at 09:25.");
}

static void a_stretch_may_begin_with_the_incident(void **state)
{
	(void)state;
	stays("Sync age crossed its limit at 09:40, 40 minutes after the start of the incident, and grew to 40.1 min at 09:45.");
	becomes("Sync age crossed its limit at 09:40, 70 minutes after the start of the incident, and grew to 40.1 min at 09:45.",
	        "Sync age crossed its limit at 09:40, 70 minutes" M " after the start of the incident, and grew to 40.1 min at 09:45.");
	stays("Booking latency p95 stayed over 1.5 s for 1 h, with a maximum of 3.91 s at 09:25.");
	becomes("Booking latency p95 stayed over 1.5 s for 2 h, with a maximum of 3.91 s at 09:25.",
	        "Booking latency p95 stayed over 1.5 s for 2 h" M ", with a maximum of 3.91 s at 09:25.");
}

static void a_change_is_called_so(void **state)
{
	(void)state;
	stays("Booking latency p95 peaked at 3.91 s. The second deployment at 09:56 looks like a rollback.");
	becomes("Booking latency p95 peaked at 3.91 s. The second deployment at 09:36 looks like a rollback.",
	        "Booking latency p95 peaked at 3.91 s. The second deployment at 09:36" M " looks like a rollback.");
}

static void a_figure_follows_from_its_neighbours(void **state)
{
	(void)state;
	stays("Against its limit of 1.5 s, booking latency p95 of 3.91 s was too high by 2.41 s, or 161 %.");
	becomes("Against its limit of 1.5 s, booking latency p95 of 3.91 s was too high by 2.41 s, or 116 %.",
	        "Against its limit of 1.5 s, booking latency p95 of 3.91 s was too high by 2.41 s, or 116 %" M ".");
	stays("Disk used grows by 0.97 % a day.");
	becomes("Disk used grows by 0.79 % a day.", "Disk used grows by 0.79 % a day" M ".");
}

static void rows_have_shares_and_ratios(void **state)
{
	(void)state;
	stays("fact_orders failed 3.1 times as often as fact_order_lines.");
	becomes("fact_orders failed 4.1 times as often as fact_order_lines.",
	        "fact_orders failed 4.1 times" M " as often as fact_order_lines.");
	stays("72 % of the 1131 matching log records are about fact_orders (812).");
	becomes("27 % of the 1131 matching log records are about fact_orders (812).",
	        "27 %" M " of the 1131 matching log records are about fact_orders (812).");
}

static void a_step_is_of_one_series(void **state)
{
	(void)state;
	stays("Appointments booked fell at 09:00 from 141 to 41.");
	becomes("Appointments booked fell at 09:00 from 41 to 41.", "Appointments booked fell at 09:00 from 41" M " to 41" M ".");
	becomes("Appointments booked fell at 09:00 from 38 to 41.",
	        "Appointments booked fell at 09:00" M " from 38" M " to 41" M ".");
}

static void what_a_value_is_held_against_is_usual(void **state)
{
	(void)state;
	stays("Appointments booked were 37 instead of 144.");
	becomes("Appointments booked were 37 instead of 194.", "Appointments booked were 37 instead of 194" M ".");
}

static void what_is_normal_ends_where_something_begins(void **state)
{
	(void)state;
	stays("Until 09:00 everything was ordinary.");
	becomes("Until 08:20 everything was ordinary.", "Until 08:20" M " everything was ordinary.");
}

static void of_a_pair_both_are_marked(void **state)
{
	(void)state;
	stays("Booking latency p95 was 3.91 s at 09:25.");
	becomes("Booking latency p95 was 3.91 s at 08:30.", "Booking latency p95 was 3.91 s" M " at 08:30" M ".");
	becomes("Booking latency p95 was over its limit from 10:00 to 09:00.",
	        "Booking latency p95 was over its limit from 10:00" M " to 09:00" M ".");
}

static void a_million_ends_its_sentence(void **state)
{
	(void)state;
	becomes("HTTP 5xx responses were 75.5 million.", "HTTP 5xx responses were 75.5 million" M ".");
}

static void errors_are_the_responses(void **state)
{
	(void)state;
	stays("Errors rose to 322 at 09:05.");
	becomes("Errors rose to 722 at 09:05.", "Errors rose to 722" M " at 09:05" M ".");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_noun_is_its_verb, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(an_episode_has_extremes_of_its_own, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_stands_behind_to_is_the_other_end, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_stretch_may_begin_with_the_incident, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_change_is_called_so, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_figure_follows_from_its_neighbours, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(rows_have_shares_and_ratios, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_step_is_of_one_series, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_a_value_is_held_against_is_usual, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_is_normal_ends_where_something_begins, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(of_a_pair_both_are_marked, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_million_ends_its_sentence, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(errors_are_the_responses, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
