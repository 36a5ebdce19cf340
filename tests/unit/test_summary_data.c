/* What a summary tells of incidents: each opening and each end once, in the first summary after it was heard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/fields.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/recent.h"
#include "commands/summary_data.h"
#include "tests/unit/support/tool_world.h"

#define MINUTE 60000LL
#define HOUR (60 * MINUTE)
#define DUE TOOL_WORLD_NOW

static const struct chat_ops ops; /* nothing is posted here */
static struct chat chat = { .ops = &ops };
static int64_t wall_ms;

static int64_t read_wall(void)
{
	return wall_ms;
}

static int set_up(void **state)
{
	(void)tool_world_begin(state);
	cloud.bot.chat = &chat;
	clock_replace(read_wall);
	return 0;
}

/* An alarm that changed to that state at changed_ms, and was heard at heard_ms. */
static void hear(const char *state, int64_t changed_ms, int64_t heard_ms)
{
	struct alarm alarm = { .threshold = 5, .value = (double)NAN, .changed_ms = changed_ms };
	struct incident *incident;

	wall_ms = heard_ms;
	mem_set_string(&alarm.name, "queue-age");
	mem_set_string(&alarm.region, "eu-west-1");
	mem_set_string(&alarm.state, state);
	(void)incidents_apply(cloud.bot.incidents, &alarm, false, &incident);
	fields_free(alarm_fields, &alarm);
}

static void tells(int64_t since_ms, int64_t until_ms, size_t open, size_t resolved, bool is_new)
{
	struct err err;
	struct summary_data *data = summary_data_new(&cloud.bot, SUMMARY_DAILY, "daily", "UTC", since_ms, until_ms, &err);

	assert_non_null(data);
	assert_int_equal(data->open_count, open);
	assert_int_equal(data->incident_count, open + resolved);
	if (data->incident_count > 0)
		assert_int_equal(data->incidents[0].is_new, is_new);
	summary_data_free(data);
}

static void an_end_that_is_heard_late_is_told_by_the_next(void **state)
{
	(void)state;
	hear("ALARM", DUE - HOUR, DUE - HOUR + 1000);
	hear("OK", DUE - 1000, DUE + 2000);
	tells(DUE - 24 * HOUR, DUE, 1, 0, true); /* not known then */
	tells(DUE, DUE + 24 * HOUR, 0, 1, false);
	tells(DUE + 24 * HOUR, DUE + 48 * HOUR, 0, 0, false);
}

/* The process was down; the summary is caught up before the queue is read. */
static void what_came_while_nobody_listened_is_told_by_the_next(void **state)
{
	(void)state;
	hear("ALARM", DUE - 2 * HOUR, DUE + 1000);
	tells(DUE - 24 * HOUR, DUE, 0, 0, false);
	tells(DUE, DUE + 24 * HOUR, 1, 0, true);
	hear("OK", DUE - HOUR, DUE + 1500);
	tells(DUE - 24 * HOUR, DUE, 0, 0, false);
	tells(DUE, DUE + 24 * HOUR, 0, 1, true);
}

/* The OK came first, its ALARM after the summary. */
static void an_alarm_that_its_ok_overtook_is_told_once(void **state)
{
	(void)state;
	hear("OK", DUE - 1000, DUE - 500);
	hear("ALARM", DUE - 2000, DUE + 500);
	tells(DUE - 24 * HOUR, DUE, 0, 0, false);
	tells(DUE, DUE + 24 * HOUR, 0, 1, true);
}

/* An alarm that flaps is one incident: what the mean is of are its firings, with the one that somebody ended. */
static void each_firing_of_a_flapping_alarm_counts(void **state)
{
	struct err err;
	struct summary_data *data;
	struct summary_firings all;

	(void)state;
	cloud.config.incidents.reopen_within_ms = 30 * MINUTE;
	for (int64_t i = 0; i < 20; i++) { /* more than an incident itself remembers; three before the time that is told */
		int64_t from_ms = DUE - (25 * 20 - i * 25) * MINUTE, to_ms = from_ms + (i + 1) * MINUTE;

		hear("ALARM", from_ms, from_ms);
		hear("OK", to_ms, to_ms);
	}
	data = summary_data_new(&cloud.bot, SUMMARY_DAILY, "daily", "UTC", DUE - 17 * 25 * MINUTE, DUE, &err);
	assert_non_null(data);
	assert_int_equal(data->incident_count, 1);
	all = summary_data_ended(data);
	assert_int_equal(all.count, 17);
	assert_int_equal(all.longest_ms, 20 * MINUTE);
	assert_int_equal(summary_firings_mean(&all), 12 * MINUTE); /* of 4 ... 20 */
	summary_data_free(data);
}

static void ended_are(const char *changes, size_t count, int64_t sum_ms)
{
	struct recent_change list[16] = { 0 };
	struct summary_firings firings = { 0 };
	size_t length = strlen(changes);

	for (size_t i = 0; i < length; i++)
		list[i] = (struct recent_change){ (int64_t)(i + 1) * MINUTE, changes[i] };
	summary_firings_of(&firings, list, length, 3 * MINUTE, 9 * MINUTE);
	if (firings.count != count || firings.sum_ms != sum_ms)
		fail_msg("%s: %zu firings, %lld ms", changes, firings.count, (long long)firings.sum_ms);
}

/* A change a minute, told of from the third to the eighth. */
static void firings_end_with_an_ok(void **state)
{
	(void)state;
	ended_are("", 0, 0);
	ended_are("AOAOAO", 2, 2 * MINUTE); /* the first ended before */
	ended_are("AAAAO", 1, MINUTE);      /* three ends were not heard of */
	ended_are("AIAO", 1, 3 * MINUTE);   /* without data it is as open as before */
	ended_are("APPO", 1, 3 * MINUTE);   /* what people do is no change */
	ended_are("OOAO", 1, MINUTE);       /* where the history begins with an end */
	ended_are("IAPIO", 1, 4 * MINUTE);
	ended_are("AAAIPAAAO", 0, 0);       /* after the time */
	ended_are("OOOA", 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_end_that_is_heard_late_is_told_by_the_next, set_up, tool_world_end),
		cmocka_unit_test_setup_teardown(what_came_while_nobody_listened_is_told_by_the_next, set_up, tool_world_end),
		cmocka_unit_test_setup_teardown(an_alarm_that_its_ok_overtook_is_told_once, set_up, tool_world_end),
		cmocka_unit_test_setup_teardown(each_firing_of_a_flapping_alarm_counts, set_up, tool_world_end),
		cmocka_unit_test(firings_end_with_an_ok),
	};

	return cmocka_run_group_tests_name("summary_data", tests, NULL, NULL);
}
