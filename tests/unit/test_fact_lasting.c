/* How long something took by the data's own begin and end, and what is told of a table's steps. Each beside one that is not so. */
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
	fact_case_series(evidence, "Gate wait time", "Seconds", 48, 2400, 1, 116, 144);
	fact_case_series(evidence, "Ferry bookings", "Count", 4120, 2710, 2, 114, 144);
	fact_case_series(evidence, "Pump flow", "Count", 31, 11, 1, 114, 120);
	evidence_text(evidence, "F1 (limit): Kiln temperature was under its limit of 175 from 09:00 UTC to 10:00 UTC: lowest 160 at 09:10 UTC "
	                        "(usual: 184 to 188).\n"
	                        "F2 (limit): Gate wait time was over its limit of 30 min since 09:40 UTC: highest 40.1 min at 10:15 UTC "
	                        "(usual: 48 to 52 s); still so at the end.\n"
	                        "F3 (limit): Ferry bookings was under its limit of 3,000 since 09:30 UTC: lowest 2,710 at 09:40 UTC; still so at "
	                        "the end.\n"
	                        "F4 (sudden_change): Pier power fell to 12 at 07:30 UTC, unusual since 07:20 UTC; back to usual at 07:45 UTC.\n"
	                        "F5 (sudden_change): Crane load fell to 3 at 07:25 UTC, unusual since 07:20 UTC; back to usual at 07:45 UTC.\n"
	                        "F6 (sudden_change): Kiln draught rose to 9 at 09:25 UTC, unusual since 09:00 UTC; back to usual at 10:00 UTC.\n"
	                        "F7 (sudden_change): Kiln smoke rose to 7 at 09:20 UTC, unusual since 09:00 UTC; back to usual at 10:00 UTC.\n");
	evidence_text(evidence, "3 state changes, newest first.\n2026-11-27 09:27 OK -> ALARM: Threshold Crossed\n"
	                        "2026-11-27 06:18 ALARM -> OK: Threshold Crossed\n2026-11-27 03:44 OK -> ALARM: Threshold Crossed\n");
	evidence_text(evidence, "incident 1: alarm gate-wait-high is in ALARM since 09:51, for 2 h 9 min\n");
	evidence_text(evidence, "2026-11-27 07:16 UpdateService (ecs.amazonaws.com) by shipit on dock-lights\n");
	evidence_text(evidence, "title: Ferry bookings\nunit: Count\nthe range, a line each 40 min: time mean least greatest\n"
	                        "04:40 4124.2 4120 4128\n05:20 4124.1 4120 4128\n06:00 4123.8 4120 4128\n06:40 4123.9 4120 4128\n"
	                        "07:20 4124.3 4120 4128\n08:00 4123 4120 4128\n08:40 4124.5 4120 4128\n09:20 3061.25 2710 4128\n10:00 2714 2710 2718\n10:40 2713.5 2710 2718\n");
	evidence_text(evidence, "title: Pump flow\nunit: Count\nthe range, a line each 15 min: time mean least greatest\n"
	                        "09:00 33.1 32 35\n09:15 31.5 30 33\n09:30 12.2 11 14\n09:45 11.9 11 13\n10:00 32.8 31 34\n");
	return 0;
}

static void what_is_still_so_lasts_until_now(void **state)
{
	(void)state;
	stays("Impact so far: gate wait over its limit for 2 h 20 min, and few ferry bookings for 2 h 30 min.");
	becomes("Impact so far: gate wait over its limit for 2 h 20 min, and few ferry bookings for 3 h 10 min.",
	        "Impact so far: gate wait over its limit for 2 h 20 min, and few ferry bookings for 3 h 10 min" M ".");
}

static void a_stretch_of_something_is_its_whole(void **state)
{
	(void)state;
	stays("The update of `dock-lights` by `shipit` at 07:16 preceded 1 h of kiln temperature below 175.");
	becomes("The update of `dock-lights` by `shipit` at 07:16 preceded 1 h 35 min of kiln temperature below 175.",
	        "The update of `dock-lights` by `shipit` at 07:16 preceded 1 h 35 min" M " of kiln temperature below 175.");
}

static void an_alarm_is_in_a_state_until_the_next(void **state)
{
	(void)state;
	stays("By its history it was in ALARM for 2 h 34 min and fired again 3 h 9 min later.");
	becomes("By its history it was in ALARM for 2 h 43 min and fired again 3 h 9 min later.",
	        "By its history it was in ALARM for 2 h 43 min" M " and fired again 3 h 9 min later.");
}

static void an_alarm_needs_its_time(void **state)
{
	(void)state;
	stays("The kiln got cold at 09:00, and the alarm on gate wait needed 11 minutes after its limit had been passed at 09:40 to fire.");
	becomes("The kiln got cold at 09:00, and the alarm on gate wait needed 16 minutes after its limit had been passed at 09:40 to fire.",
	        "The kiln got cold at 09:00, and the alarm on gate wait needed 16 minutes" M " after its limit had been passed at 09:40 to fire.");
}

static void what_took_a_while_took_so_many_steps(void **state)
{
	(void)state;
	stays("Kiln temperature was too low during 12 intervals.");
	becomes("Kiln temperature was too low during 14 intervals.", "Kiln temperature was too low during 14" M " intervals.");
}

static void a_table_has_steps(void **state)
{
	(void)state;
	stays("Ferry bookings, as means of forty minutes, are in the table.");
	becomes("Ferry bookings, as means of fifty minutes, are in the table.",
	        "Ferry bookings, as means of fifty minutes" M ", are in the table.");
	stays("Ferry bookings are few in the forty minutes from 09:20.");
	becomes("Ferry bookings are few in the forty minutes from 09:50.",
	        "Ferry bookings are few in the forty minutes from 09:50" M ".");
}

static void a_row_is_told_by_its_length(void **state)
{
	(void)state;
	stays("Ferry bookings went from a mean of 4,123 in the forty minutes from 08:00 to 3,061 in those from 09:20.");
	becomes("Ferry bookings went from a mean of 4,123 in the forty minutes from 08:00 to 3,061 in those from 10:00.",
	        "Ferry bookings went from a mean of 4,123 in the forty minutes from 08:00 to 3,061" M " in those from 10:00" M ".");
	stays("In the quarter of an hour from 09:15 the mean of pump flow was 31.5, and 12.2 in the next.");
	becomes("In the quarter of an hour from 09:15 the mean of pump flow was 12.2.",
	        "In the quarter of an hour from 09:15" M " the mean of pump flow was 12.2" M ".");
	becomes("In the quarter of an hour from 09:15 the mean of pump flow was 31.5, and 13.2 in the next.",
	        "In the quarter of an hour from 09:15 the mean of pump flow was 31.5, and 13.2" M " in the next.");
}

static void means_of_steps_have_extremes(void **state)
{
	(void)state;
	stays("From 08:00 to 08:40 the 40-minute means of ferry bookings lay between 4,123 and 4,124.5.");
	becomes("From 08:00 to 08:40 the 40-minute means of ferry bookings lay between 4,123 and 4,142.5.",
	        "From 08:00" M " to 08:40" M " the 40-minute means of ferry bookings lay between 4,123 and 4,142.5" M ".");
}

static void their_stretch_ends_where_they_do(void **state)
{
	(void)state;
	stays("From 04:40 to 06:40 the 40-minute means of ferry bookings lay between 4,123.8 and 4,124.2.");
	becomes("From 04:40 to 08:40 the 40-minute means of ferry bookings lay between 4,123.8 and 4,124.2.",
	        "From 04:40" M " to 08:40" M " the 40-minute means of ferry bookings lay between 4,123.8" M " and 4,124.2.");
}

static void a_bracket_tells_a_vague_time(void **state)
{
	(void)state;
	stays("Ferry bookings averaged 4,124.5 around 09:00 (the forty minutes from 08:40).");
	becomes("Ferry bookings averaged 4,142.5 around 09:00 (the forty minutes from 08:40).",
	        "Ferry bookings averaged 4,142.5" M " around 09:00" M " (the forty minutes from 08:40" M ").");
}

static void those_hours_were_told_of(void **state)
{
	(void)state;
	stays("It was in ALARM from 03:44 to 06:18. Of those 154 minutes none was like those from 09:00 to 10:00, when kiln temperature was under its limit.");
	becomes("It was in ALARM from 03:44 to 06:18. Of those 145 minutes none was like those from 09:00 to 10:00, when kiln temperature was under "
	        "its limit.",
	        "It was in ALARM from 03:44 to 06:18. Of those 145 minutes" M " none was like those from 09:00 to 10:00, when kiln temperature was "
	        "under its limit.");
}

static void there_may_be_two_incidents(void **state)
{
	(void)state;
	stays("Before the first stop `shipit` updated `dock-lights` at 07:16, 4 minutes earlier.");
	becomes("Before the first stop `shipit` updated `dock-lights` at 07:16, 17 minutes earlier.",
	        "Before the first stop `shipit` updated `dock-lights` at 07:16, 17 minutes" M " earlier.");
}

static void a_range_is_held_against_a_value(void **state)
{
	(void)state;
	stays("Kiln temperature: 160 at the lowest instead of 184 to 188 (F1).");
	becomes("Kiln temperature: 160 at the lowest instead of 184 to 198 (F1).",
	        "Kiln temperature: 160 at the lowest instead of 184 to 198" M " (F1).");
}

static void what_stays_so_is_usual(void **state)
{
	(void)state;
	stays("Without trouble gate wait time stays between 48 and 52 s (F2).");
	becomes("Without trouble gate wait time stays between 48 and 62 s (F2).",
	        "Without trouble gate wait time stays between 48 and 62 s" M " (F2).");
}

static void a_gain_is_a_difference(void **state)
{
	(void)state;
	stays("From 48 s at 09:35 to 2,403 s at 09:40 gate wait time gained 2,355 s.");
	becomes("From 48 s at 09:35 to 2,403 s at 09:40 gate wait time gained 2,533 s.",
	        "From 48 s at 09:35 to 2,403 s at 09:40 gate wait time gained 2,533 s" M ".");
}

static void a_sentence_goes_on_from_the_time_before(void **state)
{
	(void)state;
	stays("`shipit` updated `dock-lights` at 07:16. 4 minutes later, at 07:20, kiln temperature was 188 after 184 at 07:05.");
	becomes("`shipit` updated `dock-lights` at 07:16. 14 minutes later, at 07:20, kiln temperature was 188 after 184 at 07:05.",
	        "`shipit` updated `dock-lights` at 07:16. 14 minutes" M " later, at 07:20, kiln temperature was 188 after 184 at 07:05.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_still_so_lasts_until_now, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_stretch_of_something_is_its_whole, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(an_alarm_is_in_a_state_until_the_next, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(an_alarm_needs_its_time, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_took_a_while_took_so_many_steps, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_table_has_steps, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_row_is_told_by_its_length, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(means_of_steps_have_extremes, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(their_stretch_ends_where_they_do, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_bracket_tells_a_vague_time, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(those_hours_were_told_of, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(there_may_be_two_incidents, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_range_is_held_against_a_value, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(what_stays_so_is_usual, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_gain_is_a_difference, set_up, fact_case_end),
		cmocka_unit_test_setup_teardown(a_sentence_goes_on_from_the_time_before, set_up, fact_case_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
