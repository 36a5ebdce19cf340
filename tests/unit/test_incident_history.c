/* Every firing one by one: blocks in the journal, bounded, the same after a restart; and what people did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/incident_history.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "tests/unit/support/turn.h"

#define MINUTE 60000LL
#define T0 1763780400000LL

static struct bot bot;
static struct config config;
static int64_t wall_ms;

static int64_t now_ms(void)
{
	return wall_ms;
}

static void no_line(const char *line)
{
	(void)line;
}

static void begin(void)
{
	struct err err;

	bot.journal = journal_open(bot.loop, scratch_path("journal.db"), &err);
	assert_non_null(bot.journal);
	bot.incidents = incidents_new(&bot);
	assert_true(incidents_load(bot.incidents, &err));
}

static void end(void)
{
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	incidents_free(bot.incidents);
	journal_close(bot.journal);
}

static int set_up(void **state)
{
	(void)state;
	log_sink(no_line);
	wall_ms = T0;
	clock_replace(now_ms);
	scratch_make();
	config.incidents.reopen_within_ms = 30 * MINUTE;
	bot = (struct bot){ .config = &config, .loop = turn_new_loop() };
	begin();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	end();
	loop_free(bot.loop);
	scratch_remove();
	clock_replace(NULL);
	log_sink(NULL);
	return 0;
}

static void restart(void)
{
	end();
	begin();
}

static struct incident *change(bool fires, int64_t at_ms)
{
	struct alarm alarm = { .changed_ms = at_ms };
	struct incident *incident;

	mem_set_string(&alarm.name, "cpu");
	mem_set_string(&alarm.account, "123456789012");
	mem_set_string(&alarm.region, "us-east-1");
	mem_set_string(&alarm.state, fires ? "ALARM" : "OK");
	(void)incidents_apply(bot.incidents, &alarm, false, &incident);
	fields_free(alarm_fields, &alarm);
	return incident;
}

/* Changes 0 ... count - 1, a minute apart: it fires with the even ones. */
static struct incident *flap(int64_t from, int64_t count)
{
	struct incident *incident = NULL;

	for (int64_t i = from; i < from + count; i++)
		incident = change(i % 2 == 0, T0 + i * MINUTE);
	return incident;
}

/* All that is known, and whether that is all. */
static void is_known(int64_t first, int64_t count, bool whole)
{
	struct incident *incident = incidents_find(bot.incidents, "1");
	size_t known;
	struct recent_change *changes = incident_history_take(incident, &known);

	assert_int_equal(known, count);
	for (int64_t i = 0; i < count; i++) {
		assert_int_equal(changes[i].at_ms, T0 + (first + i) * MINUTE);
		assert_int_equal(changes[i].state, (first + i) % 2 == 0 ? 'A' : 'O');
	}
	assert_true(incident_history_is_whole(incident, known) == whole);
	assert_int_equal(incident_history_count(incident, 0, INT64_MAX), (count + (first % 2 == 0)) / 2);
	assert_int_equal(incident_history_count(incident, changes[2].at_ms, changes[5].at_ms), first % 2 == 0 ? 2 : 1);
	free(changes);
}

static void each_firing_of_a_flapping_alarm_is_known(void **state)
{
	(void)state;
	flap(0, 15);
	is_known(0, 15, true);
	flap(15, 1);
	is_known(0, 16, true);
	flap(16, 85);
	is_known(0, 101, true);
	restart();
	is_known(0, 101, true);
	flap(101, 30); /* and it goes on where it was */
	is_known(0, 131, true);
	restart();
	is_known(0, 131, true);
}

static void what_comes_late_takes_its_place(void **state)
{
	(void)state;
	for (int64_t i = 0; i < 20; i++)
		if (i != 12 && i != 13)
			(void)change(i % 2 == 0, T0 + i * MINUTE);
	(void)change(false, T0 + 13 * MINUTE);
	(void)change(true, T0 + 12 * MINUTE);
	is_known(0, 20, true);
	restart();
	is_known(0, 20, true);
}

static void the_oldest_go_and_it_is_known_that_they_do(void **state)
{
	int64_t most = INCIDENT_HISTORY_BLOCKS * RECENT_MAX, more = 3 * RECENT_MAX + 5;

	(void)state;
	flap(0, most);
	is_known(0, most, true);
	flap(most, more);
	is_known(3 * RECENT_MAX, most + 5, false);
	restart();
	is_known(3 * RECENT_MAX, most + 5, false);
	flap(most + more, RECENT_MAX); /* the same ones go after a restart */
	is_known(4 * RECENT_MAX, most + 5, false);
}

static void what_people_did_is_noted_once_a_change(void **state)
{
	struct incident *incident = flap(0, 3);
	size_t count;
	struct recent_change *changes;

	(void)state;
	wall_ms = T0 + 2 * MINUTE + 1;
	incident_acted(bot.incidents, incident);
	wall_ms++;
	incident_acted(bot.incidents, incident);
	assert_int_equal(incident->acts, 1);
	flap(3, 40);
	wall_ms = T0 + 43 * MINUTE;
	incident_acted(bot.incidents, incident);
	restart();
	incident = incidents_find(bot.incidents, "1");
	assert_int_equal(incident->acts, 2);
	assert_int_equal(incident->changes, 43);
	changes = incident_history_take(incident, &count);
	assert_int_equal(count, 45);
	assert_true(incident_history_is_whole(incident, count));
	assert_int_equal(changes[3].state, RECENT_ACTED[0]);
	assert_int_equal(changes[3].at_ms, T0 + 2 * MINUTE + 1);
	assert_int_equal(changes[44].state, RECENT_ACTED[0]);
	free(changes);
}

/* Its document of an earlier version: sixteen changes of thirty-seven, and nothing else. */
static void an_earlier_version_remembers_less(void **state)
{
	char text[2048] = "{\"id\":\"1\",\"key\":\"ab\",\"fingerprint\":\"f\",\"state\":\"firing\",\"changes\":37,"
	                  "\"opened_ms\":1763780400000,\"fired_ms\":1763782560000,\"changed_ms\":1763782560000,"
	                  "\"alarm\":{\"name\":\"cpu\"},\"recent\":[";

	(void)state;
	for (int64_t i = 21; i < 37; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\"%c%lld\"", i == 21 ? "" : ",",
		               i % 2 == 0 ? 'A' : 'O', (long long)(T0 + i * MINUTE));
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "]}");
	journal_put(bot.journal, "incident", "1", text);
	journal_put(bot.journal, "incident_changes", "00000001.7", "[\"A1\"]"); /* of one that is gone */
	journal_put(bot.journal, "incident_changes", "00000002.1", "\"x\"");
	restart();
	is_known(21, 16, false);
}

static void they_go_with_the_incident(void **state)
{
	size_t count;
	struct incident *incident = flap(0, 100);

	(void)state;
	incident_history_forget(bot.incidents, incident);
	restart();
	incident = incidents_find(bot.incidents, "1");
	assert_int_equal(incident->older_count, 0);
	free(incident_history_take(incident, &count));
	assert_int_equal(count, RECENT_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_firing_of_a_flapping_alarm_is_known),
		T(what_comes_late_takes_its_place),
		T(the_oldest_go_and_it_is_known_that_they_do),
		T(what_people_did_is_noted_once_a_change),
		T(an_earlier_version_remembers_less),
		T(they_go_with_the_incident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
