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
#include "bot/str.h"

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
	assert_int_equal(incident->pending.count, 2);
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
	assert_int_equal(incident->pending.count, 1);
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
	assert_int_equal((int64_t)first->pending.count + first->pending_skipped, 301);
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
	assert_true(incident->pending.items[3].late);
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
	incident_set_message(w->bot.incidents, incident, "1763780401.000100");
	incident_drop_lines(w->bot.incidents, incident, INCIDENT_THREAD, 2);
	incident_save(w->bot.incidents, incident);
	close_world(w);
	assert_int_equal(set_up(&again), 0);
	*state = w = again;
	assert_int_equal(incidents_open_count(w->bot.incidents), 1);
	incident = incidents_find(w->bot.incidents, "1");
	assert_non_null(incident);
	assert_string_equal(incident->message, "1763780401.000100");
	assert_string_equal(incident->alarm.name, "cpu");
	assert_int_equal(incident->pending.count, 11); /* the lines not dropped, in their order */
	for (size_t i = 0; i < 11; i++)
		assert_int_equal(incident->pending.items[i].at_ms, T0 + 2 + (int64_t)i);
	assert_int_equal(apply(w, "ALARM", "OK", T0 + MINUTE, &incident), INCIDENT_CLOSED);
}

static void both_lines_of_an_overtaken_alarm_survive_a_restart(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	void *again;

	(void)apply(w, "ALARM", "OK", T0 + 5 * MINUTE, &incident);
	(void)apply(w, "OK", "ALARM", T0, &incident);
	assert_int_equal(incident->pending.count, 2);
	close_world(w);
	assert_int_equal(set_up(&again), 0);
	*state = w = again;
	incident = incidents_find(w->bot.incidents, "1");
	assert_non_null(incident);
	assert_int_equal(incident->pending.count, 2);
	assert_string_equal(incident->pending.items[0].state, "ALARM");
	assert_string_equal(incident->pending.items[1].state, "OK");
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
	assert_int_equal(second->pending.count, 1);
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
	card_build(&message, incident, NULL, &w->config);
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
	card_build(&message, incident, NULL, &w->config);
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
	for (size_t i = 100; i < incident->pending.count; i++)
		loud += incident->pending.items[i].loud;
	assert_int_equal(loud, 15);
	assert_int_equal((int64_t)incident->pending.count + incident->pending_skipped, 130);
}

static void the_card_says_it_all(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	struct message message;
	char *plain;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	card_build(&message, incident, NULL, &w->config);
	plain = message_plain(&message);
	assert_string_equal(message.headline, "ALARM  cpu  123456789012/us-east-1");
	assert_non_null(strstr(message.text, "ALARM: cpu in 123456789012/us-east-1 since 2025-11-22T03:00:00.000Z"));
	assert_non_null(strstr(plain, "Incident 1"));
	assert_int_equal(message.tone, TONE_FIRING);
	free(plain);
	message_free(&message);
	(void)apply(w, "ALARM", "OK", T0 + 12 * MINUTE, &incident);
	card_build(&message, incident, NULL, &w->config);
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

/* --- what tocsin does about it -------------------------------------------------------------- */

static struct world *reopened(struct world *w, void **state)
{
	journal_commit(w->bot.journal, (struct done){ NULL, NULL });
	close_world(w);
	(void)set_up(state);
	return *state;
}

static void a_stage_says_what_it_is_at_once_and_after_a_restart(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	int64_t revision;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	assert_null(incident->diagnosis.state);
	assert_false(incident_stage_is_over(&incident->diagnosis));
	revision = incident->revision;
	incident_set_stage(w->bot.incidents, incident, &incident->diagnosis, STAGE_RUNNING, "top on %s", "i-1");
	assert_int_equal(incident->revision, revision + 1);
	assert_true(incident_stage_is(&incident->diagnosis, STAGE_RUNNING));
	assert_false(incident_stage_is_over(&incident->diagnosis));
	incident_set_stage(w->bot.incidents, incident, &incident->diagnosis, STAGE_RUNNING, "top on %s", "i-1");
	assert_int_equal(incident->revision, revision + 1); /* nothing new to show */
	incident_set_stage(w->bot.incidents, incident, &incident->diagnosis, STAGE_FAILED, "no such instance");
	assert_true(incident_stage_is_over(&incident->diagnosis));
	w = reopened(w, state);
	incident = incidents_find(w->bot.incidents, "1");
	assert_string_equal(incident->diagnosis.state, STAGE_FAILED);
	assert_string_equal(incident->diagnosis.note, "no such instance");
	assert_null(incident->mail.state);
}

static void a_long_note_is_cut_between_characters(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	char text[1000];

	(void)apply(w, "OK", "ALARM", T0, &incident);
	text[0] = 'a';
	for (size_t i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[sizeof(text) - 1] = '\0';
	incident_set_stage(w->bot.incidents, incident, &incident->issue, STAGE_FAILED, "%s", text);
	assert_true(strlen(incident->issue.note) < 400);
	assert_true(str_utf8_valid(incident->issue.note, strlen(incident->issue.note)));
}

static void both_queues_keep_their_lines_apart_and_across_a_restart(void **state)
{
	struct world *w = *state;
	struct incident *incident;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	incident_add_line(w->bot.incidents, incident, INCIDENT_THREAD, "top on i-1", "PID 1");
	incident_add_line(w->bot.incidents, incident, INCIDENT_ISSUE, "top on i-1", "PID 1");
	incident_add_line(w->bot.incidents, incident, INCIDENT_ISSUE, "no output", NULL);
	(void)apply(w, "ALARM", "OK", T0 + MINUTE, &incident);
	incident_add_comment_of_change(w->bot.incidents, incident);
	w = reopened(w, state);
	incident = incidents_find(w->bot.incidents, "1");
	assert_int_equal(incident->pending.count, 3);
	assert_int_equal(incident->comments.count, 3);
	assert_string_equal(incident->pending.items[1].code, "PID 1");
	assert_string_equal(incident->comments.items[0].title, "top on i-1");
	assert_null(incident->comments.items[1].code);
	assert_string_equal(incident->comments.items[2].state, "OK");
	incident_drop_lines(w->bot.incidents, incident, INCIDENT_ISSUE, 2);
	w = reopened(w, state);
	incident = incidents_find(w->bot.incidents, "1");
	assert_int_equal(incident->pending.count, 3);
	assert_int_equal(incident->comments.count, 1);
	assert_string_equal(incident->comments.items[0].state, "OK");
}

static void an_incident_is_found_by_its_message_and_the_newest_open_one(void **state)
{
	struct world *w = *state;
	struct alarm other = change("disk", "OK", "ALARM", T0 + MINUTE);
	struct incident *cpu, *disk;

	assert_null(incidents_newest_open(w->bot.incidents));
	(void)apply(w, "OK", "ALARM", T0, &cpu);
	(void)incidents_apply(w->bot.incidents, &other, false, &disk);
	fields_free(alarm_fields, &other);
	incident_set_message(w->bot.incidents, cpu, "0.0001");
	incident_set_message(w->bot.incidents, cpu, "1.0001");
	incident_set_message(w->bot.incidents, disk, "2.0001");
	assert_ptr_equal(incidents_find_message(w->bot.incidents, "C0DEFAULT", "1.0001"), cpu);
	assert_ptr_equal(incidents_find_message(w->bot.incidents, "C0DEFAULT", "2.0001"), disk);
	assert_null(incidents_find_message(w->bot.incidents, "C0DEFAULT", "0.0001"));
	assert_null(incidents_find_message(w->bot.incidents, "C0OTHER", "1.0001"));
	assert_null(incidents_find_message(w->bot.incidents, "C0DEFAULT", "3.0001"));
	assert_null(incidents_find_message(w->bot.incidents, NULL, NULL));
	assert_ptr_equal(incidents_newest_open(w->bot.incidents), disk);
	other = change("disk", "ALARM", "OK", T0 + 2 * MINUTE);
	(void)incidents_apply(w->bot.incidents, &other, false, &disk);
	fields_free(alarm_fields, &other);
	assert_ptr_equal(incidents_newest_open(w->bot.incidents), cpu);
	incident_set_message(w->bot.incidents, disk, NULL); /* given up */
	assert_null(incidents_find_message(w->bot.incidents, "C0DEFAULT", "2.0001"));
	w = reopened(w, state);
	assert_ptr_equal(incidents_find_message(w->bot.incidents, "C0DEFAULT", "1.0001"),
	                 incidents_find(w->bot.incidents, "1"));
	assert_null(incidents_find_message(w->bot.incidents, "C0DEFAULT", "2.0001"));
}

/* Its buttons and its thread are still there. */
static void an_incident_that_lost_its_channel_is_found_in_the_usual_one(void **state)
{
	struct world *w = *state;

	journal_put(w->bot.journal, "incident", "1",
	            "{\"id\":\"1\",\"key\":\"ab\",\"fingerprint\":\"123456789012/us-east-1/cpu\",\"state\":\"firing\","
	            "\"opened_ms\":1763780400000,\"changed_ms\":1763780400000,\"message\":\"1.0001\","
	            "\"alarm\":{\"name\":\"cpu\",\"state\":\"ALARM\"}}");
	w = reopened(w, state);
	assert_ptr_equal(incidents_find_message(w->bot.incidents, "C0DEFAULT", "1.0001"),
	                 incidents_find(w->bot.incidents, "1"));
}

static char *card_of(struct world *w, const struct incident *incident)
{
	struct message message;
	char *plain;

	card_build(&message, incident, NULL, &w->config);
	plain = message_plain(&message);
	message_free(&message);
	return plain;
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' is missing in\n%s", part, text);
}

static void the_card_shows_each_stage_and_what_a_person_can_do(void **state)
{
	struct world *w = *state;
	struct incidents *all = w->bot.incidents;
	struct incident *incident;
	char *card;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	card = card_of(w, incident);
	assert_null(strstr(card, "Diagnosis")); /* not begun, so not spoken of */
	free(card);
	incident->alarm.dimensions = json_new_object();
	json_put_string(incident->alarm.dimensions, "InstanceId", "i-0123456789abcdef0");
	incident_set_stage(all, incident, &incident->diagnosis, STAGE_RUNNING, "top on i-1");
	incident_set_stage(all, incident, &incident->issue, STAGE_FAILED, "Jira refuses the token");
	incident_set_stage(all, incident, &incident->mail, STAGE_SKIPPED, "held back");
	mem_set_string(&incident->run, "f1");
	card = card_of(w, incident);
	has(card, "Diagnosis: ⏳ top on i-1");
	has(card, "Ticket: ⚠️ Jira refuses the token");
	has(card, "Mail: ➖ held back");
	has(card, "[Try the ticket again]");
	assert_null(strstr(card, "[Diagnose again]")); /* it is at it */
	free(card);
	mem_set_string(&incident->run, NULL);
	incident_set_stage(all, incident, &incident->diagnosis, STAGE_DONE, "top on i-1: 99 %% stress");
	incident_set_stage(all, incident, &incident->issue, STAGE_DONE, "%s", "");
	mem_set_string(&incident->issue_key, "OPS-1");
	mem_set_string(&incident->issue_url, "https://jira.example.com/browse/OPS-1");
	card = card_of(w, incident);
	has(card, "Diagnosis: ✅ top on i-1: 99 % stress");
	has(card, "Ticket: ✅ OPS-1 (https://jira.example.com/browse/OPS-1)");
	has(card, "[Diagnose again]");
	assert_null(strstr(card, "[Try the ticket again]"));
	free(card);
}

static void a_proposal_has_its_buttons_until_it_is_decided(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	char *card;

	(void)apply(w, "OK", "INSUFFICIENT_DATA", T0, &incident);
	mem_set_string(&incident->proposed, "Run agent-restart on i-1?");
	mem_set_string(&incident->proposal, "f1");
	card = card_of(w, incident);
	has(card, "Proposal: Run agent-restart on i-1?");
	has(card, "[Approve] [Reject]");
	free(card);
	mem_set_string(&incident->proposal, NULL);
	mem_set_string(&incident->decision, "✅ done, approved");
	mem_set_string(&incident->decided_by, "U0123");
	card = card_of(w, incident);
	has(card, "Run agent-restart on i-1?  ✅ done, approved by @U0123");
	assert_null(strstr(card, "[Approve]"));
	free(card);
}

static void an_output_is_a_thread_message_of_its_own(void **state)
{
	struct world *w = *state;
	struct incident *incident;
	struct message message;
	char *plain;

	(void)apply(w, "OK", "ALARM", T0, &incident);
	incident_drop_lines(w->bot.incidents, incident, INCIDENT_THREAD, 1);
	incident_add_line(w->bot.incidents, incident, INCIDENT_THREAD, "top on i-1", "PID 1\nPID 2");
	card_build_thread(&message, incident, 1, 0);
	plain = message_plain(&message);
	assert_string_equal(message.text, "top on i-1");
	has(plain, "PID 1\nPID 2");
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
		cmocka_unit_test_setup_teardown(a_stage_says_what_it_is_at_once_and_after_a_restart, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_long_note_is_cut_between_characters, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(both_queues_keep_their_lines_apart_and_across_a_restart, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(an_incident_is_found_by_its_message_and_the_newest_open_one, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(an_incident_that_lost_its_channel_is_found_in_the_usual_one, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(the_card_shows_each_stage_and_what_a_person_can_do, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(a_proposal_has_its_buttons_until_it_is_decided, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(an_output_is_a_thread_message_of_its_own, set_up,
		                                tear_down),
	};
	int failed;

	if (mkdtemp(directory) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/tocsin.db", directory);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(directory);
	return failed;
}
