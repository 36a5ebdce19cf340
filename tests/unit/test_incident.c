/* Incidents: one a fingerprint, state by the alarm's own time, both paths one change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <sys/stat.h>

#include "bot/bot.h"
#include "bot/card.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/message.h"

#define MINUTE 60000LL
#define T0 1763780400000LL /* 2025-11-22T03:00:00Z */

static char directory[] = "/tmp/tocsin-incident-XXXXXX";
static char path[128];

struct world {
	struct bot bot;
	struct config config;
};

static void no_line(const char *line)
{
	(void)line;
}

static int set_up(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct err err;
	static char channel[] = "C0DEFAULT", checkout[] = "C0CHECKOUT", glob[] = "checkout-*";
	static struct config_route routes[] = { { .alarm = glob, .channel = checkout } };

	log_sink(no_line);
	w->config.slack.channel = channel;
	w->config.routes.items = routes;
	w->config.routes.count = 1;
	w->config.incidents.reopen_within_ms = 30 * MINUTE;
	w->bot.config = &w->config;
	w->bot.loop = loop_new(&err);
	w->bot.journal = journal_open(w->bot.loop, path, &err);
	assert_non_null(w->bot.journal);
	w->bot.incidents = incidents_new(&w->bot);
	assert_true(incidents_load(w->bot.incidents, &err));
	*state = w;
	return 0;
}

static void close_world(struct world *w)
{
	incidents_free(w->bot.incidents);
	journal_commit(w->bot.journal, (struct done){ NULL, NULL });
	journal_close(w->bot.journal);
	loop_free(w->bot.loop);
	free(w);
	log_sink(NULL);
}

static int tear_down(void **state)
{
	char name[160];
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };

	close_world(*state);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
	return 0;
}

static struct alarm change(const char *name, const char *from, const char *to, int64_t at_ms)
{
	struct alarm alarm = { .threshold = 80, .value = (double)NAN, .changed_ms = at_ms };

	mem_set_string(&alarm.name, name);
	mem_set_string(&alarm.account, "123456789012");
	mem_set_string(&alarm.region, "us-east-1");
	mem_set_string(&alarm.old_state, from);
	mem_set_string(&alarm.state, to);
	mem_set_string(&alarm.reason, "because");
	mem_set_string(&alarm.via, "SNS");
	return alarm;
}

static enum incident_change apply(struct world *w, const char *from, const char *to, int64_t at_ms,
                                  struct incident **incident)
{
	struct alarm alarm = change("cpu", from, to, at_ms);
	enum incident_change result = incidents_apply(w->bot.incidents, &alarm, false, incident);

	fields_free(alarm_fields, &alarm);
	return result;
}

static void an_alarm_opens_and_its_ok_resolves(void **state)
{
	struct world *w = *state;
	struct incident *incident, *same;

	assert_int_equal(apply(w, "OK", "ALARM", T0, &incident), INCIDENT_OPENED);
	assert_string_equal(incident->state, INCIDENT_FIRING);
	assert_string_equal(incident->channel, "C0DEFAULT");
	assert_int_equal(incidents_open_count(w->bot.incidents), 1);
	assert_int_equal(apply(w, "ALARM", "OK", T0 + 12 * MINUTE, &same), INCIDENT_CLOSED);
	assert_ptr_equal(same, incident);
	assert_int_equal(incident->resolved_ms - incident->opened_ms, 12 * MINUTE);
	assert_int_equal(incidents_open_count(w->bot.incidents), 0);
	assert_int_equal(json_count(incident->pending), 2);
	assert_int_equal(incident->revision, 2);
}

static void the_same_change_by_the_other_path_completes_it(void **state)
{
	struct world *w = *state;
	struct incident *incident, *same;
	struct alarm other = change("cpu", "OK", "ALARM", T0);

	assert_int_equal(apply(w, "OK", "ALARM", T0, &incident), INCIDENT_OPENED);
	mem_set_string(&other.via, "EventBridge");
	mem_set_string(&other.description, "only here");
	assert_int_equal(incidents_apply(w->bot.incidents, &other, false, &same), INCIDENT_DUPLICATE);
	assert_ptr_equal(same, incident);
	assert_string_equal(incident->alarm.description, "only here");
	assert_int_equal(incident->changes, 1);
	assert_int_equal(json_count(incident->pending), 1);
	fields_free(alarm_fields, &other);
}

static void flapping_is_one_incident(void **state)
{
	struct world *w = *state;
	struct incident *first, *incident;

	assert_int_equal(apply(w, "OK", "ALARM", T0, &first), INCIDENT_OPENED);
	for (int64_t i = 1; i <= 300; i++) {
		bool fires = i % 2 == 0;

		(void)apply(w, fires ? "OK" : "ALARM", fires ? "ALARM" : "OK", T0 + i * MINUTE, &incident);
		assert_ptr_equal(incident, first);
	}
	assert_int_equal(first->changes, 301);
	assert_int_equal(first->reopened, 150);
	assert_int_equal(first->recent.count, 16);
	/* Nothing grows without end, and nothing is lost from the count. */
	assert_int_equal((int64_t)json_count(first->pending) + first->pending_skipped, 301);
	assert_string_equal(first->state, INCIDENT_FIRING);
}

static void a_late_refire_is_a_new_incident(void **state)
{
	struct world *w = *state;
	struct incident *first, *second;

	(void)apply(w, "OK", "ALARM", T0, &first);
	(void)apply(w, "ALARM", "OK", T0 + MINUTE, &first);
	assert_int_equal(apply(w, "OK", "ALARM", T0 + 31 * MINUTE, &second), INCIDENT_REOPENED);
	assert_ptr_equal(first, second);
	(void)apply(w, "ALARM", "OK", T0 + 32 * MINUTE, &first);
	assert_int_equal(apply(w, "OK", "ALARM", T0 + 62 * MINUTE + 1, &second), INCIDENT_OPENED);
	assert_ptr_not_equal(first, second);
	assert_string_equal(second->id, "2");
}

static void order_is_by_state_change_time(void **state)
{
	struct world *w = *state;
	struct incident *incident;

	/* The OK overtook its ALARM on the way: over, not firing. */
	assert_int_equal(apply(w, "ALARM", "OK", T0 + 5 * MINUTE, &incident), INCIDENT_NOTHING);
	assert_null(incident);
	assert_int_equal(apply(w, "OK", "ALARM", T0, &incident), INCIDENT_UPDATED);
	assert_string_equal(incident->state, INCIDENT_RESOLVED);
	assert_int_equal(incident->opened_ms, T0);
	assert_int_equal(incident->resolved_ms, T0 + 5 * MINUTE);
	/* Older news of an open incident is history, not state. */
	assert_int_equal(apply(w, "OK", "ALARM", T0 + 10 * MINUTE, &incident), INCIDENT_REOPENED);
	assert_int_equal(apply(w, "ALARM", "OK", T0 + 7 * MINUTE, &incident), INCIDENT_UPDATED);
	assert_string_equal(incident->state, INCIDENT_FIRING);
	assert_true(json_flag(json_at(incident->pending, 3), "late", false));
	assert_int_equal(incident->recent.changes[2].at_ms, T0 + 7 * MINUTE);
}

static void an_ok_alone_shows_nothing(void **state)
{
	struct world *w = *state;
	struct incident *incident;

	assert_int_equal(apply(w, "INSUFFICIENT_DATA", "OK", T0, &incident), INCIDENT_NOTHING);
	assert_int_equal(apply(w, "OK", "OK", T0 + MINUTE, &incident), INCIDENT_NOTHING);
	assert_int_equal(incidents_open_count(w->bot.incidents), 0);
	assert_int_equal(apply(w, "OK", "ALARM", T0 + 2 * MINUTE, &incident), INCIDENT_OPENED);
}

static void no_data_is_a_state_of_its_own(void **state)
{
	struct world *w = *state;
	struct incident *incident;

	assert_int_equal(apply(w, "OK", "INSUFFICIENT_DATA", T0, &incident), INCIDENT_OPENED);
	assert_string_equal(incident->state, INCIDENT_NO_DATA);
	assert_int_equal(apply(w, "INSUFFICIENT_DATA", "ALARM", T0 + MINUTE, &incident), INCIDENT_UPDATED);
	assert_string_equal(incident->state, INCIDENT_FIRING);
}

static void routes_choose_the_channel(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	struct alarm alarm = change("checkout-latency", "OK", "ALARM", T0);

	(void)incidents_apply(w->bot.incidents, &alarm, false, &incident);
	assert_string_equal(incident->channel, "C0CHECKOUT");
	fields_free(alarm_fields, &alarm);
}

static void incidents_survive_a_restart(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	void *again;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	for (int64_t i = 1; i <= 12; i++)
		(void)apply(w, i % 2 != 0 ? "ALARM" : "OK", i % 2 != 0 ? "OK" : "ALARM", T0 + i, &incident);
	mem_set_string(&incident->message, "1763780401.000100");
	incident_drop_lines(w->bot.incidents, incident, 2);
	incident_save(w->bot.incidents, incident);
	close_world(w);
	assert_int_equal(set_up(&again), 0);
	*state = w = again;
	assert_int_equal(incidents_open_count(w->bot.incidents), 1);
	incident = incidents_find(w->bot.incidents, "1");
	assert_non_null(incident);
	assert_string_equal(incident->message, "1763780401.000100");
	assert_string_equal(incident->alarm.name, "cpu");
	assert_int_equal(json_count(incident->pending), 11); /* the lines not dropped, in their order */
	for (size_t i = 0; i < 11; i++)
		assert_int_equal(json_int(json_at(incident->pending, i), "t", 0), T0 + 2 + (int64_t)i);
	assert_int_equal(apply(w, "ALARM", "OK", T0 + MINUTE, &incident), INCIDENT_CLOSED);
}

static void both_lines_of_an_overtaken_alarm_survive_a_restart(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	void *again;

	(void)apply(w, "ALARM", "OK", T0 + 5 * MINUTE, &incident);
	(void)apply(w, "OK", "ALARM", T0, &incident);
	assert_int_equal(json_count(incident->pending), 2);
	close_world(w);
	assert_int_equal(set_up(&again), 0);
	*state = w = again;
	incident = incidents_find(w->bot.incidents, "1");
	assert_non_null(incident);
	assert_int_equal(json_count(incident->pending), 2);
	assert_string_equal(json_string(json_at(incident->pending, 0), "s"), "ALARM");
	assert_string_equal(json_string(json_at(incident->pending, 1), "s"), "OK");
}

static void an_older_unseen_ok_is_known_after_a_restart(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	void *again;

	(void)apply(w, "ALARM", "OK", T0 + 5 * MINUTE, &incident);
	assert_int_equal(apply(w, "ALARM", "OK", T0, &incident), INCIDENT_NOTHING);
	close_world(w);
	assert_int_equal(set_up(&again), 0);
	*state = w = again;
	assert_int_equal(apply(w, "ALARM", "OK", T0, &incident), INCIDENT_DUPLICATE);
}

static void a_slow_copy_of_an_earlier_incident_is_not_told_again(void **state)
{
	struct world *w = *state;
	struct incident *first, *second, *copy;

	(void)apply(w, "OK", "ALARM", T0, &first);
	(void)apply(w, "ALARM", "OK", T0 + 60 * MINUTE, &first);
	assert_int_equal(apply(w, "OK", "ALARM", T0 + 300 * MINUTE, &second), INCIDENT_OPENED);
	assert_int_equal(apply(w, "OK", "ALARM", T0, &copy), INCIDENT_DUPLICATE);
	assert_int_equal(second->opened_ms, T0 + 300 * MINUTE);
	assert_int_equal(json_count(second->pending), 1);
	/* Old, and never told: a line, but no earlier start. */
	assert_int_equal(apply(w, "OK", "ALARM", T0 + 30 * MINUTE, &copy), INCIDENT_UPDATED);
	assert_int_equal(second->opened_ms, T0 + 300 * MINUTE);
	assert_int_equal(second->fired_ms, T0 + 300 * MINUTE);
}

static void since_is_the_present_firing(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	struct message message;
	char *plain;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	incident->late = true;
	(void)apply(w, "ALARM", "OK", T0 + MINUTE, &incident);
	assert_int_equal(apply(w, "OK", "ALARM", T0 + 29 * MINUTE, &incident), INCIDENT_REOPENED);
	assert_false(incident->late);
	card_build(&message, incident, &w->config);
	plain = message_plain(&message);
	assert_non_null(strstr(message.text, "since 2025-11-22T03:29:00.000Z"));
	assert_non_null(strstr(plain, ", first "));
	assert_non_null(strstr(plain, "fired again 1 time"));
	free(plain);
	message_free(&message);
	/* An ALARM between the OK and the re-fire is the same firing's true start; one before the OK is not. */
	(void)apply(w, "OK", "ALARM", T0 + 20 * MINUTE, &incident);
	assert_int_equal(incident->fired_ms, T0 + 20 * MINUTE);
	(void)apply(w, "OK", "ALARM", T0 + MINUTE / 2, &incident);
	assert_int_equal(incident->fired_ms, T0 + 20 * MINUTE);
	(void)apply(w, "ALARM", "OK", T0 + 32 * MINUTE, &incident);
	card_build(&message, incident, &w->config);
	assert_non_null(strstr(message.headline, "after 12 min"));
	message_free(&message);
}

static void thread_text_does_not_call_old_news_the_present(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	struct message message;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	(void)apply(w, "ALARM", "OK", T0 - MINUTE, &incident);
	card_build_thread(&message, incident, 2, 7);
	assert_non_null(strstr(message.text, "it is ALARM now"));
	message_free(&message);
}

static void an_overtaken_alarm_gives_the_ok_no_value(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	struct alarm alarm = change("cpu", "OK", "ALARM", T0);

	(void)apply(w, "ALARM", "OK", T0 + MINUTE, &incident);
	alarm.value = 95;
	mem_set_string(&alarm.metric, "CPUUtilization");
	(void)incidents_apply(w->bot.incidents, &alarm, false, &incident);
	assert_true(isnan(incident->alarm.value));
	assert_string_equal(incident->alarm.metric, "CPUUtilization");
	fields_free(alarm_fields, &alarm);
}

static void what_rings_is_kept_longer(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	size_t loud = 0;

	for (int64_t i = 0; i < 130; i++)
		(void)apply(w, i % 2 ? "ALARM" : "OK", i % 2 ? "OK" : "ALARM", T0 + i * MINUTE, &incident);
	for (size_t i = 100; i < json_count(incident->pending); i++)
		loud += json_flag(json_at(incident->pending, i), "loud", false);
	assert_int_equal(loud, 15);
	assert_int_equal((int64_t)json_count(incident->pending) + incident->pending_skipped, 130);
}

static void the_card_says_it_all(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	struct message message;
	char *plain;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	card_build(&message, incident, &w->config);
	plain = message_plain(&message);
	assert_string_equal(message.headline, "ALARM  cpu  123456789012/us-east-1");
	assert_non_null(strstr(message.text, "ALARM: cpu in 123456789012/us-east-1 since 2025-11-22T03:00:00.000Z"));
	assert_non_null(strstr(plain, "Incident 1"));
	assert_int_equal(message.tone, TONE_FIRING);
	free(plain);
	message_free(&message);
	(void)apply(w, "ALARM", "OK", T0 + 12 * MINUTE, &incident);
	card_build(&message, incident, &w->config);
	assert_string_equal(message.headline, "RESOLVED  cpu  123456789012/us-east-1  after 12 min");
	assert_int_equal(message.tone, TONE_RESOLVED);
	message_free(&message);
	card_build_thread(&message, incident, 2, 0);
	plain = message_plain(&message);
	assert_non_null(strstr(plain, "OK → ALARM"));
	assert_non_null(strstr(plain, "ALARM → OK"));
	free(plain);
	message_free(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_alarm_opens_and_its_ok_resolves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_change_by_the_other_path_completes_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flapping_is_one_incident, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_late_refire_is_a_new_incident, set_up, tear_down),
		cmocka_unit_test_setup_teardown(order_is_by_state_change_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_ok_alone_shows_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_data_is_a_state_of_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(routes_choose_the_channel, set_up, tear_down),
		cmocka_unit_test_setup_teardown(incidents_survive_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(both_lines_of_an_overtaken_alarm_survive_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_older_unseen_ok_is_known_after_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_slow_copy_of_an_earlier_incident_is_not_told_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(since_is_the_present_firing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(thread_text_does_not_call_old_news_the_present, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_overtaken_alarm_gives_the_ok_no_value, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_rings_is_kept_longer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_card_says_it_all, set_up, tear_down),
	};
	int failed;

	if (mkdtemp(directory) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/tocsin.db", directory);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(directory);
	return failed;
}
