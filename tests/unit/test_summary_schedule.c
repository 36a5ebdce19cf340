/* Which summaries a configuration asks for, and since when each of them tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "commands/summary_schedule.h"
#include "tests/unit/support/config_cases.h"

#define MORNING "'0 9 * * 1-5'"

static int64_t at(const char *iso)
{
	int64_t ms;

	assert_true(clock_parse_iso(iso, &ms));
	return ms;
}

/* "daily=a,b weekly=a,b": each group with its dashboards; '|' between groups, its channel behind '@'. */
static void groups_are(const char *yaml, const char *expected)
{
	struct mem mem = { 0 };
	struct config *config = config_good(mem_printf(&mem, "%s%s", GOOD, yaml));
	struct summary_group *groups;
	size_t count = summary_groups(config, &mem, &groups);
	struct str text;

	str_init(&text, 4096);
	for (size_t i = 0; i < count; i++) {
		struct json_object *names = summary_group_dashboards(config, &groups[i]);

		str_addf(&text, "%s%s@%s=", i == 0 ? "" : "|", groups[i].name, groups[i].channel);
		for (size_t k = 0; k < json_count(names); k++)
			str_addf(&text, "%s%s", k == 0 ? "" : ",", json_string(json_at(names, k), ""));
		json_free(names);
	}
	assert_string_equal(text.text, expected);
	str_free(&text);
	config_free(config);
	mem_free_all(&mem);
}

#define BOARD(name, more) "  - {name: " name ", metrics_table: abc" more "}\n"

static void dashboards_that_agree_share_one(void **state)
{
	(void)state;
	groups_are("", "");
	groups_are("dashboards:\n" BOARD("a", "") BOARD("b", ""), "");
	groups_are("summary: {schedule: " MORNING "}\n", "daily@C0123456789=");
	groups_are("summary: {schedule: " MORNING ", weekly: '0 9 * * mon'}\ndashboards:\n" BOARD("a", "") BOARD("b", ""),
	           "daily@C0123456789=a,b|weekly@C0123456789=a,b");
	/* The same words are the same summary, wherever they stand. */
	groups_are("summary: {schedule: " MORNING "}\ndashboards:\n" BOARD("a", ", schedule: " MORNING) BOARD("b", ""),
	           "daily@C0123456789=a,b");
}

static void a_schedule_of_its_own_is_another_summary(void **state)
{
	(void)state;
	groups_are("dashboards:\n" BOARD("a", ", schedule: '0 8 * * *'") BOARD("b", "") BOARD("c", ", schedule: '0 8 * * *'"),
	           "C0123456789 UTC@C0123456789=a,c");
	groups_are("summary: {schedule: " MORNING ", weekly: '0 9 * * mon'}\ndashboards:\n"
	           BOARD("a", ", schedule: '0 8 * * *'") BOARD("b", "") BOARD("c", ", channel: C0CHECKOUT")
	           BOARD("d", ", timezone: Asia/Tokyo"),
	           "daily@C0123456789=b|weekly@C0123456789=a,b,c,d|C0123456789 UTC@C0123456789=a"
	           "|C0CHECKOUT UTC@C0CHECKOUT=c|C0123456789 Asia/Tokyo@C0123456789=d");
}

/* When the line of a channel changes, its schedule remembers what it told; two lines of one channel are two. */
static void a_summary_keeps_its_name_when_its_line_changes(void **state)
{
	(void)state;
	groups_are("dashboards:\n" BOARD("a", ", schedule: '0 8 * * *'"), "C0123456789 UTC@C0123456789=a");
	groups_are("dashboards:\n" BOARD("a", ", schedule: '30 9 * * *'"), "C0123456789 UTC@C0123456789=a");
	groups_are("dashboards:\n" BOARD("a", ", schedule: '0 8 * * *'") BOARD("b", ", schedule: '0 9 * * *'"),
	           "C0123456789 UTC@C0123456789=a|C0123456789 UTC 0 9 * * *@C0123456789=b");
}

static void the_same_times_in_other_words_are_one_summary(void **state)
{
	(void)state;
	groups_are("summary: {schedule: " MORNING "}\ndashboards:\n" BOARD("a", ", schedule: '0  9 * * mon-fri'")
	           BOARD("b", ", schedule: '0 09 * * 1,2,3,4,5'"), "daily@C0123456789=a,b");
	/* Every hour by the clock is not each hour once, where the clock is set back. */
	groups_are("dashboards:\n" BOARD("a", ", schedule: '0 * * * *'") BOARD("b", ", schedule: '0 0-23 * * *'"),
	           "C0123456789 UTC@C0123456789=a|C0123456789 UTC 0 0-23 * * *@C0123456789=b");
}

static void one_zone_has_several_names(void **state)
{
	(void)state;
	groups_are("summary: {schedule: " MORNING "}\ndashboards:\n" BOARD("a", ", timezone: Etc/UTC")
	           BOARD("b", ", timezone: UTC") BOARD("c", ", timezone: Europe/London"),
	           "daily@C0123456789=a,b|C0123456789 Europe/London@C0123456789=c");
}

static void since_is(const char *line, enum summary_kind kind, const char *last, const char *now, const char *expected)
{
	const struct summary_group group = { .name = "x", .kind = kind, .cron = line, .timezone = "Europe/Berlin" };
	int64_t since_ms = summary_since(&group, last == NULL ? 0 : at(last), at(now));
	char text[CLOCK_TEXT_SIZE];

	clock_format_iso(since_ms, text);
	if (since_ms != at(expected))
		fail_msg("%s at %s: since %s, not %s", line, now, text, expected);
}

static void what_is_told_begins_with_the_run_before(void **state)
{
	const char *weekdays = "0 9 * * 1-5", *monday = "0 9 * * mon";

	(void)state;
	/* Monday reaches back over the weekend; the line is in Berlin's time. */
	since_is(weekdays, SUMMARY_DAILY, NULL, "2026-11-23T08:00:00Z", "2026-11-20T08:00:00Z");
	since_is(weekdays, SUMMARY_DAILY, NULL, "2026-11-24T08:00:00Z", "2026-11-23T08:00:00Z");
	/* Over the end of summer time it is an hour more. */
	since_is("0 9 * * *", SUMMARY_DAILY, NULL, "2026-10-25T08:00:00Z", "2026-10-24T07:00:00Z");
	/* What was not run is made up for. */
	since_is(weekdays, SUMMARY_DAILY, "2026-11-18T08:00:00Z", "2026-11-23T08:00:00Z", "2026-11-18T08:00:00Z");
	since_is(monday, SUMMARY_WEEKLY, NULL, "2026-11-23T08:00:00Z", "2026-11-16T08:00:00Z");
	/* A clock that was set back, and a last run that is too long ago. */
	since_is(weekdays, SUMMARY_DAILY, "2026-11-24T08:00:00Z", "2026-11-23T08:00:00Z", "2026-11-20T08:00:00Z");
	since_is(weekdays, SUMMARY_DAILY, "2026-01-05T08:00:00Z", "2026-11-23T08:00:00Z", "2026-10-23T08:00:00Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dashboards_that_agree_share_one),
		cmocka_unit_test(a_schedule_of_its_own_is_another_summary),
		cmocka_unit_test(a_summary_keeps_its_name_when_its_line_changes),
		cmocka_unit_test(the_same_times_in_other_words_are_one_summary),
		cmocka_unit_test(one_zone_has_several_names),
		cmocka_unit_test(what_is_told_begins_with_the_run_before),
	};

	return cmocka_run_group_tests(tests, config_cases_setup, config_cases_teardown);
}
