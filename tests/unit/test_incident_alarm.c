/* What describes an incident's alarm is saved once, apart from what each change says; earlier journals are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident_store.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "tests/unit/support/fake_disk.h"

#define MINUTE 60000LL
#define T0 1763780400000LL /* 2025-11-22T03:00:00Z */

static char directory[] = "/tmp/tocsin-incident-alarm-XXXXXX";
static char path[128];
static struct config config;
static struct bot bot;

/* The only document of its kind. */
struct document {
	char text[4096];
	int64_t revision; /* 0: there is none */
};

static int lost; /* documents that could not be read, as the log says */

static void count_lost(const char *line)
{
	lost += strstr(line, "incident_alarm") != NULL;
}

static void open_all(void)
{
	static char channel[] = "C0DEFAULT";
	struct err err;

	config.slack.channel = channel;
	config.incidents.reopen_within_ms = 30 * MINUTE;
	bot = (struct bot){ .config = &config, .loop = loop_new(&err) };
	bot.journal = journal_open(bot.loop, path, &err);
	assert_non_null(bot.journal);
	bot.incidents = incidents_new(&bot);
}

static void close_all(void)
{
	incidents_free(bot.incidents);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	journal_close(bot.journal);
	loop_free(bot.loop);
}

static struct incident *restart(void)
{
	struct err err;

	close_all();
	open_all();
	assert_true(incidents_load(bot.incidents, &err));
	return incidents_find(bot.incidents, "1");
}

static int set_up(void **state)
{
	(void)state;
	log_sink(count_lost);
	open_all();
	return 0;
}

static int tear_down(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char name[160];

	(void)state;
	close_all();
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
	log_sink(NULL);
	return 0;
}

/* The n-th change of an alarm, whose first one fires. */
static struct incident *apply(int64_t n, const char *description, int zone)
{
	struct alarm alarm = { .threshold = 80, .value = 90, .changed_ms = T0 + n * MINUTE };
	struct incident *incident;

	mem_set_string(&alarm.name, "cpu");
	mem_set_string(&alarm.account, "123456789012");
	mem_set_string(&alarm.region, "us-east-1");
	mem_set_string(&alarm.description, description);
	mem_set_string(&alarm.state, n % 2 == 0 ? ALARM_STATE_ALARM : ALARM_STATE_OK);
	mem_set_string(&alarm.reason, n % 2 == 0 ? "too high" : "fine");
	alarm.dimensions = json_new_object();
	json_put_string(alarm.dimensions, "Zone", zone == 0 ? "a" : "b");
	(void)incidents_apply(bot.incidents, &alarm, false, &incident);
	fields_free(alarm_fields, &alarm);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	return incident;
}

static void keep_document(void *arg, const char *key, const char *json, int64_t revision)
{
	struct document *document = arg;

	assert_string_equal(key, "1");
	(void)snprintf(document->text, sizeof(document->text), "%s", json);
	document->revision = revision;
}

static struct document saved(const char *kind)
{
	struct document document = { .revision = 0 };
	struct err err;

	(void)restart();
	assert_true(journal_load(bot.journal, kind, keep_document, &document, &err));
	return document;
}

static void what_stays_is_saved_once(void **state)
{
	struct document document;

	(void)state;
	for (int64_t n = 0; n < 4; n++)
		(void)apply(n, "the web server's", 0);
	document = saved("incident_alarm");
	assert_int_equal(document.revision, 1);
	assert_non_null(strstr(document.text, "the web server's"));
	assert_null(strstr(document.text, "fine"));
	document = saved("incident");
	assert_int_equal(document.revision, 4);
	assert_null(strstr(document.text, "the web server's"));
	assert_non_null(strstr(document.text, "fine"));
}

static void what_changes_is_saved_again(void **state)
{
	struct incident *incident;

	(void)state;
	(void)apply(0, "old", 0);
	(void)apply(1, "new", 0);
	assert_int_equal(saved("incident_alarm").revision, 2);
	(void)apply(2, "new", 0); /* after a restart it is known, too */
	assert_int_equal(saved("incident_alarm").revision, 2);
	(void)apply(3, "new", 1);
	assert_int_equal(saved("incident_alarm").revision, 3);
	(void)apply(4, NULL, 1);
	assert_int_equal(saved("incident_alarm").revision, 4);
	incident = restart();
	assert_null(incident->alarm.description);
	assert_string_equal(json_string(incident->alarm.dimensions, "Zone"), "b");
	assert_string_equal(incident->alarm.reason, "too high");
	assert_true(incident->alarm.threshold == 80 && incident->alarm.value == 90);
}

/* All of it was in the incident's own document, and each time in full. */
static void an_earlier_journal_is_read(void **state)
{
	struct incident *incident;
	struct document document;

	(void)state;
	journal_put(bot.journal, "incident", "1",
	            "{\"id\":\"1\",\"key\":\"ab\",\"fingerprint\":\"123456789012/us-east-1/cpu\",\"state\":\"firing\","
	            "\"opened_ms\":1763780400000,\"fired_ms\":1763780400000,\"changed_ms\":1763780400000,\"changes\":1,"
	            "\"channel\":\"C0DEFAULT\",\"recent\":[\"A1763780400000\"],\"alarm\":{\"name\":\"cpu\","
	            "\"account\":\"123456789012\",\"region\":\"us-east-1\",\"state\":\"ALARM\",\"reason\":\"too high\","
	            "\"description\":\"old\",\"threshold\":80,\"value\":90,\"dimensions\":{\"Zone\":\"a\"}}}");
	incident = restart();
	assert_string_equal(incident->alarm.description, "old");
	assert_string_equal(incident->alarm.reason, "too high");
	assert_ptr_equal(apply(1, "old", 0), incident);
	document = saved("incident_alarm");
	assert_int_equal(document.revision, 1);
	assert_non_null(strstr(document.text, "\"old\""));
	assert_string_equal(restart()->alarm.description, "old");
}

static void one_whose_alarm_is_lost_still_has_a_name(void **state)
{
	struct incident *incident;

	(void)state;
	(void)apply(0, "old", 0);
	journal_delete(bot.journal, "incident_alarm", "1");
	journal_put(bot.journal, "incident_alarm", "2", "{}"); /* of one that is gone */
	lost = 0;
	incident = restart();
	assert_string_equal(incident->alarm.name, "123456789012/us-east-1/cpu");
	assert_string_equal(incident->alarm.reason, "too high");
	assert_int_equal(lost, 2);
	assert_ptr_equal(apply(1, "old", 0), incident);
	assert_string_equal(restart()->alarm.name, "cpu");
}

/* One document is one loss, however it shows. */
static void an_alarm_that_cannot_be_read_is_told_once(void **state)
{
	(void)state;
	(void)apply(0, "old", 0);
	journal_put(bot.journal, "incident_alarm", "1", "[]");
	lost = 0;
	assert_string_equal(restart()->alarm.name, "123456789012/us-east-1/cpu");
	assert_int_equal(lost, 1);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static struct loop_timer *look_again;
static bool wanted;

static void stop_when_wanted(void *arg)
{
	if (journal_healthy(bot.journal) == wanted)
		loop_stop(arg);
	else
		loop_timer_set(look_again, 1);
}

static void turn_until_healthy(bool healthy)
{
	wanted = healthy;
	look_again = loop_timer_new(bot.loop, stop_when_wanted, bot.loop);
	loop_timer_set(look_again, 1);
	loop_run(bot.loop);
	loop_timer_free(look_again);
}

/* What describes the alarm is put once, into a batch that the disk refuses; the repeat, which has it no more, comes
 * behind that batch or not at all. */
static void what_a_failing_disk_held_up_is_whole(void **state)
{
	(void)state;
	fake_disk_set(FAKE_DISK_FULL);
	(void)apply(0, "old", 0);
	turn_until_healthy(false);
	(void)apply(1, "old", 0);
	fake_disk_set(FAKE_DISK_WELL);
	turn_until_healthy(true);
	(void)apply(2, "old", 0);
	assert_string_equal(restart()->alarm.description, "old");
}

/* The process ends before the disk is well again: nothing is there, rather than a half. */
static void what_a_failing_disk_never_took_is_not_there(void **state)
{
	(void)state;
	fake_disk_set(FAKE_DISK_FULL);
	(void)apply(0, "old", 0);
	turn_until_healthy(false);
	(void)apply(1, "old", 0);
	close_all();
	fake_disk_set(FAKE_DISK_WELL);
	open_all();
	lost = 0;
	assert_null(restart());
	assert_int_equal(lost, 0);
}

/* They would be taken for damage. */
static void what_is_forgotten_leaves_nothing(void **state)
{
	struct loop_timer *timer = loop_timer_new(bot.loop, stop, bot.loop);

	(void)state;
	(void)apply(0, "old", 0);
	(void)apply(1, "old", 0);
	(void)apply(60, "old", 0); /* another incident: the newest one stays */
	loop_timer_set(bot.incidents->forget_timer, 0);
	loop_timer_set(timer, 5);
	loop_run(bot.loop);
	loop_timer_free(timer);
	lost = 0;
	assert_null(restart());
	assert_string_equal(incidents_find(bot.incidents, "2")->alarm.description, "old");
	assert_int_equal(lost, 0);
}

static void a_hash_is_of_what_describes_the_alarm(void **state)
{
	char text[] = "x";

	(void)state;
	for (const struct field *f = alarm_fields; f->name != NULL; f++) {
		struct alarm none = { .threshold = 0 }, one = { .threshold = 0 };
		struct json_object *json = json_new_object();
		bool identity = false;

		for (const struct field *i = alarm_identity_fields; i->name != NULL; i++)
			identity = identity || i->offset == f->offset;
		if (f->type == FIELD_STRING)
			*(char **)(void *)((char *)&one + f->offset) = text;
		else if (f->type == FIELD_INT)
			*(int64_t *)(void *)((char *)&one + f->offset) = 1;
		else if (f->type == FIELD_NUMBER)
			*(double *)(void *)((char *)&one + f->offset) = 1;
		else
			*(struct json_object **)(void *)((char *)&one + f->offset) = json;
		assert_int_equal(alarm_identity_hash(&none, 7) != alarm_identity_hash(&one, 7), identity);
		assert_int_not_equal(alarm_identity_hash(&one, 7), alarm_identity_hash(&one, 8));
		json_free(json);
	}
}

/* What is there may stand in another place, beyond what is not. */
static void a_hash_is_of_places_too(void **state)
{
	char text[] = "x";
	struct alarm one = { .threshold = NAN, .description = text }, other = { .threshold = NAN, .namespace_ = text };
	struct alarm soon = { .threshold = 1, .period_s = 2 }, late = { .threshold = 1, .datapoints_to_alarm = 2 };

	(void)state;
	assert_int_not_equal(alarm_identity_hash(&one, 7), alarm_identity_hash(&other, 7));
	assert_int_not_equal(alarm_identity_hash(&soon, 7), alarm_identity_hash(&late, 7));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_stays_is_saved_once),
		T(what_changes_is_saved_again),
		T(an_earlier_journal_is_read),
		T(one_whose_alarm_is_lost_still_has_a_name),
		T(an_alarm_that_cannot_be_read_is_told_once),
		T(what_a_failing_disk_held_up_is_whole),
		T(what_a_failing_disk_never_took_is_not_there),
		T(what_is_forgotten_leaves_nothing),
		cmocka_unit_test(a_hash_is_of_what_describes_the_alarm),
		cmocka_unit_test(a_hash_is_of_places_too),
	};
	int failed;

	if (mkdtemp(directory) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/tocsin.db", directory);
	fake_disk_install();
	clock_set_scale(0.001);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	clock_set_scale(1);
	fake_disk_remove();
	(void)rmdir(directory);
	return failed;
}
