/* A sentence of an answer is about one record of the data: one change, one finding, one row, one metric's unit. What is taken from another one is
 * marked, although each part of it is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/series.h"
#include "bot/str.h"
#include "tests/unit/support/fact_case.h"

#define M FACT_CHECK_MARK
#define BEGIN_MS 1795737600000 /* 2026-11-27 00:00 UTC, a Friday */
#define STEP_MS 300000
#define FROM 108 /* 09:00 */
#define TO 120   /* 10:00 */

static void add_series(struct evidence *evidence, const char *name, const char *unit, double level, double during)
{
	struct series series;

	series_make_empty(&series, BEGIN_MS, STEP_MS, 144);
	for (size_t i = 0; i < 144; i++)
		series.values[i] = (i >= FROM && i < TO ? during : level) * (1 + 0.004 * sin((double)i / 3));
	evidence_series(evidence, name, &series, BEGIN_MS, BEGIN_MS + 144 * STEP_MS, unit);
	series_free(&series);
}

static int set_up(void **state)
{
	struct evidence *evidence = fact_case_begin();

	(void)state;
	add_series(evidence, "gateway battery", "V", 3.68, 3.31);
	add_series(evidence, "gateway signal", "dBm", -71, -85.1);
	add_series(evidence, "rejected uploads", "Count", 310, 9850);
	add_series(evidence, "upload latency", "Seconds", 0.888, 8.98);
	evidence_text(evidence, "upload latency was over its limit of 2.5 s from 09:00 UTC to 10:00 UTC: highest 9.02 s at 09:20 UTC, outside in 12 of 12 values "
	                        "(usual: 0.817 to 0.963 s).\n"
	                        "rejected uploads rose to 9,889 at 09:25 UTC (usual: 300 to 320), unusual since 09:05 UTC; back to usual at 10:05 UTC after 1 h.\n"
	                        "gateway signal and upload latency moved together (rank correlation -0.98 over 41 values).\n"
	                        "gateway signal and rejected uploads moved together (rank correlation -0.91 over 40 values).\n");
	evidence_text(evidence, "2026-11-27 08:51 UpdateThingGroup (iot.amazonaws.com) by fw-campaign on gw-south-4\n"
	                        "2026-11-27 09:58 UpdateCACertificate (iot.amazonaws.com) by s.menon on field-root-ca\n");
	evidence_text(evidence, "firmware=4.12.0  gateways=218\nfirmware=4.12.3  gateways=94\nfirmware=4.9.7  gateways=11\n");
	evidence_text(evidence, "host=relay-1  code=451  count=17203\nhost=relay-1  code=421  count=9412\n");
	evidence_text(evidence, "alarm uploads-slow is in ALARM since 09:12, for 48 min\n");
	evidence_reason(evidence, "2026-11-27 08:51 UpdateThingGroup (iot.amazonaws.com) by fw-campaign on gw-south-4");
	return 0;
}

static void units_of_devices_are_kinds_of_their_own(void **state)
{
	(void)state;
	stays("The gateway battery is at 3.68 V.");
	becomes("The gateway battery is at 3.68 mV.", "The gateway battery is at 3.68 mV" M ".");
	stays("Gateway signal fell to -85.4 dBm.");
	becomes("Gateway signal fell to -85.4 %.", "Gateway signal fell to -85.4 %" M ".");
	becomes("Upload latency has a limit of 2.5 GB.", "Upload latency has a limit of 2.5 GB" M ".");
}

static void a_change_is_told_whole(void **state)
{
	(void)state;
	stays("`fw-campaign` updated gw-south-4 at 08:51, and s.menon updated field-root-ca at 09:58.");
	becomes("`fw-campaign` updated field-root-ca.", "`fw-campaign` updated field-root-ca" M ".");
	becomes("The update of gw-south-4 was made at 09:58.", "The update of gw-south-4 was made at 09:58" M ".");
	stays("At 08:51, fw-campaign changed gw-south-4.");
}

static void a_row_keeps_its_figures(void **state)
{
	(void)state;
	stays("From the logs: 218 gateways run 4.12.0, 94 run 4.12.3 and 11 are still on 4.9.7.");
	becomes("From the logs: 94 gateways run 4.12.0.", "From the logs: 94" M " gateways run 4.12.0.");
	becomes("Only 12 are on 4.9.7.", "Only 12" M " are on 4.9.7.");
	stays("relay-1 answered 17,203 times with 451 and 9,412 times with 421.");
	becomes("relay-1 answered 9,412 times with 451.", "relay-1 answered 9,412 times" M " with 451.");
}

static void a_count_of_values_is_that_findings(void **state)
{
	(void)state;
	stays("Gateway signal and upload latency move together (rank correlation -0.98 over 41 values).");
	becomes("Gateway signal and upload latency move together (rank correlation -0.98 over 40 values).",
	        "Gateway signal and upload latency move together (rank correlation -0.98 over 40" M " values).");
	stays("All 12 of 12 values of upload latency were over the limit.");
}

static void what_began_has_its_own_times(void **state)
{
	(void)state;
	stays("Upload latency was over its limit from 09:00 to 10:00.");
	becomes("Upload latency was over its limit since 09:20.", "Upload latency was over its limit since 09:20" M ".");
	becomes("Rejected uploads were unusual from 09:25 on.", "Rejected uploads were unusual from 09:25" M " on.");
	stays("The alarm uploads-slow fired at 09:12, both on Friday.");
	becomes("Upload latency rose since 09:03.", "Upload latency rose since 09:03" M ".");
}

static void a_ratio_that_refers_back_is_of_what_was_told(void **state)
{
	(void)state;
	stays("Upload latency peaked at 9.02 s. That is about 10 times the usual 0.89 s.");
	becomes("Upload latency peaked at 9.02 s. That is about 7 times the usual 0.89 s.",
	        "Upload latency peaked at 9.02 s. That is about 7 times" M " the usual 0.89 s.");
}

static void causes_are_told_in_many_ways(void **state)
{
	(void)state;
	becomes("Slow queries made the latency climb.", "Slow queries possibly made the latency climb.");
	becomes("Uploads were slow since the cache was cold.", "Uploads were slow possibly since the cache was cold.");
	becomes("Memory pressure brought the uploads down.", "Memory pressure possibly brought the uploads down.");
	becomes("Uploads dropped as a result of a failing gateway modem.", "Uploads dropped possibly as a result of a failing gateway modem.");
	stays("Uploads are slow since 09:00.");
	stays("The uploads made are fewer, and changes were made.");
	stays("The outage was caused by fw-campaign's update of gw-south-4.");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fact_case_end)
	const struct CMUnitTest tests[] = {
		TEST(units_of_devices_are_kinds_of_their_own),
		TEST(a_change_is_told_whole),
		TEST(a_row_keeps_its_figures),
		TEST(a_count_of_values_is_that_findings),
		TEST(what_began_has_its_own_times),
		TEST(a_ratio_that_refers_back_is_of_what_was_told),
		TEST(causes_are_told_in_many_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
