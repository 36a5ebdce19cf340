/* Silences: what people type, what holds for which alarm, what is said while it holds and after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/card.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/incident_store.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/silence.h"
#include "bot/zone.h"
#include "commands/announce.h"
#include "commands/command.h"
#include "commands/respond.h"
#include "commands/silence_words.h"
#include "tests/unit/support/chat_double.h"
#include "tests/unit/support/turn.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define T0 INT64_C(1763780400000) /* Saturday, 2025-11-22T03:00:00Z */

static struct config config;
static struct bot bot;
static struct chat_double *twin;
static int64_t now_ms;
static size_t ended_count;

static int64_t now(void)
{
	return now_ms;
}

static void no_line(const char *line)
{
	(void)line;
}

static void ended(void *arg, const struct silence *silence)
{
	ended_count++;
	respond_to_silence(arg, silence);
}

static void open_process(void)
{
	struct err err;

	bot = (struct bot){ .loop = turn_new_loop(), .config = &config };
	twin = chat_double_new(bot.loop);
	bot.chat = chat_double_chat(twin);
	bot.journal = journal_open(bot.loop, scratch_path("journal.db"), &err);
	assert_non_null(bot.journal);
	bot.flows = flow_engine_new(&bot, bot.loop, bot.journal, all_plans());
	bot.incidents = incidents_new(&bot);
	bot.silences = silences_new(&bot);
	silences_on_end(bot.silences, ended, &bot);
	assert_true(incidents_load(bot.incidents, &err) && silences_load(bot.silences, &err));
}

static void close_process(void)
{
	chat_double_free(twin);
	flow_engine_free(bot.flows);
	silences_free(bot.silences);
	incidents_free(bot.incidents);
	journal_close(bot.journal);
	loop_free(bot.loop);
}

static int set_up(void **state)
{
	static char channel[] = "C0DEFAULT", utc[] = "UTC";

	(void)state;
	log_sink(no_line);
	config.slack.channel = channel;
	config.answers.timezone = utc;
	config.incidents.reopen_within_ms = 30 * MINUTE;
	now_ms = T0;
	ended_count = 0;
	clock_replace(now);
	scratch_make();
	open_process();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_process();
	scratch_remove();
	clock_replace(NULL);
	return 0;
}

static void restart(void)
{
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	turn_for(bot.loop, 20);
	close_process();
	open_process();
}

static struct alarm alarm_named(const char *name, const char *state)
{
	struct alarm alarm = { .changed_ms = now_ms };

	mem_set_string(&alarm.name, name);
	mem_set_string(&alarm.account, "123456789012");
	mem_set_string(&alarm.region, "us-east-1");
	mem_set_string(&alarm.state, state);
	return alarm;
}

static const struct silence *found(const char *name)
{
	struct alarm alarm = alarm_named(name, ALARM_STATE_ALARM);
	const struct silence *silence = silences_find(bot.silences, &alarm);

	fields_free(alarm_fields, &alarm);
	return silence;
}

static const struct silence *add(const char *pattern, int64_t for_ms, struct err *err)
{
	char text[SILENCE_PATTERN_MAX + 8], user[] = "U1", reason[] = "deploy";
	const struct silence draft = { .pattern = text, .by = user, .reason = reason, .until_ms = now_ms + for_ms };

	(void)snprintf(text, sizeof(text), "%s", pattern);
	return silences_add(bot.silences, &draft, err);
}

static void begin(const char *pattern, int64_t for_ms)
{
	struct err err;
	const struct silence *silence = add(pattern, for_ms, &err);

	assert_non_null(silence);
	respond_to_silence(&bot, silence);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
}

static void end(const char *id)
{
	struct silence *silence = silences_end(bot.silences, id);

	assert_non_null(silence);
	respond_to_silence(&bot, silence);
	silence_free(silence);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
}

/* Everything that is to be told is. */
static bool is_shown(void *arg)
{
	const struct incident *incident = arg;
	bool unseen = incident->message == NULL;

	if (incident->hushed)
		return incident->flow == NULL && (unseen || incident->shown == incident->revision);
	return !unseen && incident->shown == incident->revision && incident->pending.count == 0;
}

static struct incident *change(const char *state)
{
	struct alarm alarm = alarm_named("web-1", state);
	struct incident *incident;
	enum incident_change what;

	now_ms += 1000;
	alarm.changed_ms = now_ms;
	what = incidents_apply(bot.incidents, &alarm, false, &incident);
	assert_non_null(incident);
	respond(&bot, incident, what, &alarm);
	announce(&bot, incident);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	fields_free(alarm_fields, &alarm);
	now_ms += MINUTE; /* edits are paced */
	turn_until(bot.loop, is_shown, incident);
	return incident;
}

/* --- what people type ----------------------------------------------------------------------------- */

struct typed {
	const char *words;
	const char *what; /* NULL: nothing */
	int64_t until_ms; /* 0: it is refused */
	const char *reason;
};

static void words_say_which_until_when_and_why(void **state)
{
	/* T0 is noon in Tokyo. */
	static const struct typed cases[] = {
		{ "web-1 2h", "web-1", T0 + 2 * HOUR, NULL },
		{ "  web-*  90m  deploy of 4.2 ", "web-*", T0 + 90 * MINUTE, "deploy of 4.2" },
		{ "1h30m", NULL, T0 + 90 * MINUTE, NULL },
		{ "1h30m too loud", NULL, T0 + 90 * MINUTE, "too loud" },
		{ "My big alarm for 2d known", "My big alarm", T0 + 48 * HOUR, "known" },
		{ "\"CPU 5m high\" 1w", "CPU 5m high", T0 + 168 * HOUR, NULL },
		{ "“CPU 5m high” 1h because 2h", "CPU 5m high", T0 + HOUR, "because 2h" },
		{ "web-1 until 14:00 lunch", "web-1", T0 + 2 * HOUR, "lunch" },
		{ "web-1 until 9:30", "web-1", T0 + 21 * HOUR + 30 * MINUTE, NULL },
		{ "web-1 until tomorrow", "web-1", T0 + 21 * HOUR, NULL },
		{ "7 tomorrow", "7", T0 + 21 * HOUR, NULL },
		{ "7 TOMORROW 14:00 x", "7", T0 + 26 * HOUR, "x" },
		{ "", NULL, 0, NULL },
		{ "web-1", NULL, 0, NULL },
		{ "web-1 until", NULL, 0, NULL },
		{ "web-1 until friday 3h", NULL, 0, NULL },
		{ "web-1 until 25:00", NULL, 0, NULL },
		{ "web-1 2 hours", NULL, 0, NULL },
		{ "web-1 0h", NULL, 0, NULL },
		{ "\"web-1\" please 2h", NULL, 0, NULL },
		{ "web-1 9999999999999999999999h", NULL, 0, NULL },
	};
	struct err err;
	struct zone *zone = zone_load("Asia/Tokyo", &err);

	(void)state;
	assert_non_null(zone);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct silence_words words = { 0 };
		bool is_read = silence_words_read(&words, cases[i].words, zone, T0, &err);

		print_message("%s\n", cases[i].words);
		assert_int_equal(is_read, cases[i].until_ms != 0);
		assert_int_equal(words.until_ms, cases[i].until_ms);
		assert_true(is_read || strstr(err.text, "until when") != NULL);
		assert_string_equal(words.what == NULL ? "-" : words.what, cases[i].what == NULL ? "-" : cases[i].what);
		assert_string_equal(words.reason == NULL ? "-" : words.reason,
		                    cases[i].reason == NULL ? "-" : cases[i].reason);
		silence_words_free(&words);
	}
	zone_free(zone);
}

/* --- which alarms, until when ---------------------------------------------------------------------- */

static void it_holds_for_its_alarms_and_its_time(void **state)
{
	struct err err;

	(void)state;
	assert_null(found("web-1"));
	assert_null(silences_find(NULL, NULL));
	assert_non_null(add("web-*", HOUR, &err));
	assert_non_null(add("web-1", 2 * HOUR, &err));
	assert_string_equal(found("web-1")->id, "2"); /* the one that holds longest */
	assert_string_equal(found("web-2")->id, "1");
	assert_null(found("db"));
	now_ms += HOUR;
	assert_null(found("web-2"));
	assert_non_null(found("web-1"));
	now_ms -= 2 * HOUR; /* the clock was set back: it is not over yet */
	assert_non_null(found("web-2"));
}

static void one_alarm_is_not_its_namesake_elsewhere(void **state)
{
	char name[] = "web-1", user[] = "U1";
	struct alarm here = alarm_named(name, ALARM_STATE_ALARM), there = alarm_named(name, ALARM_STATE_ALARM);
	char *fingerprint = alarm_fingerprint(&here);
	const struct silence draft = {
		.pattern = name, .fingerprint = fingerprint, .by = user, .until_ms = now_ms + HOUR,
	};
	struct err err;

	(void)state;
	mem_set_string(&there.region, "eu-west-1");
	assert_non_null(silences_add(bot.silences, &draft, &err));
	assert_non_null(silences_find(bot.silences, &here));
	assert_null(silences_find(bot.silences, &there));
	free(fingerprint);
	fields_free(alarm_fields, &here);
	fields_free(alarm_fields, &there);
}

static void what_is_too_long_or_too_much_is_refused(void **state)
{
	char name[SILENCE_PATTERN_MAX + 8];
	struct err err;

	(void)state;
	assert_non_null(add("web", SILENCE_LONGEST_MS, &err));
	assert_null(add("web", SILENCE_LONGEST_MS + 1, &err)); /* and the one before still holds */
	assert_non_null(strstr(err.text, "7 days at most"));
	assert_non_null(found("web"));
	assert_null(add("web", 0, &err));
	memset(name, 'n', sizeof(name));
	name[SILENCE_PATTERN_MAX + 1] = '\0';
	assert_null(add(name, HOUR, &err));
	for (size_t i = 1; i < SILENCES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "web-%zu", i);
		assert_non_null(add(name, HOUR, &err));
	}
	assert_null(add("one more", HOUR, &err));
	assert_non_null(strstr(err.text, "200 silences"));
	assert_non_null(add("web", HOUR, &err)); /* in the place of the first */
	assert_string_equal(found("web")->id, "201");
}

static void ids_are_never_used_twice(void **state)
{
	struct err err;

	(void)state;
	assert_non_null(add("web", HOUR, &err));
	assert_non_null(add("db", HOUR, &err));
	restart();
	assert_string_equal(found("db")->id, "2");
	silence_free(silences_end(bot.silences, "2"));
	assert_null(silences_end(bot.silences, "2"));
	restart();
	assert_null(found("db"));
	assert_string_equal(add("db", HOUR, &err)->id, "3");
}

static bool has_posted(void *arg)
{
	return chat_double_count(twin, DOUBLE_POST) == *(size_t *)arg;
}

static void what_ended_while_nobody_ran_is_told_once(void **state)
{
	(void)state;
	begin("web-*", HOUR);
	(void)change(ALARM_STATE_ALARM);
	now_ms += 2 * HOUR;
	restart();
	turn_until(bot.loop, has_posted, &(size_t){ 3 }); /* the message; in its thread the change and the end */
	restart();
	turn_for(bot.loop, 20);
	assert_int_equal(ended_count, 1);
	assert_null(silences_get(bot.silences, "1"));
}

/* --- what is said ------------------------------------------------------------------------------------- */

static void nothing_is_said_until_it_ends(void **state)
{
	struct incident *incident;

	(void)state;
	begin("web-*", HOUR);
	incident = change(ALARM_STATE_ALARM);
	assert_true(incident->hushed && incident_is_open(incident));
	assert_int_equal(incidents_open_count(bot.incidents), 1);
	assert_int_equal(chat_double_count(twin, DOUBLE_POST), 0);
	restart();
	announce_all_waiting(&bot);
	turn_for(bot.loop, 20);
	assert_int_equal(chat_double_count(twin, DOUBLE_POST), 0);
	end("1");
	turn_until(bot.loop, has_posted, &(size_t){ 3 });
	assert_non_null(strstr(chat_double_said(twin, DOUBLE_POST, 0)->text, "ALARM  web-1"));
	assert_null(strstr(chat_double_said(twin, DOUBLE_POST, 0)->text, "Silenced"));
	assert_string_equal(chat_double_said(twin, DOUBLE_POST, 0)->actions, "ack silence resolve ");
	assert_non_null(strstr(chat_double_said(twin, DOUBLE_POST, 2)->text, "The silence is over. It has been firing since"));
}

static void what_is_over_by_then_stays_unsaid_but_not_unrecorded(void **state)
{
	struct incident *incident;

	(void)state;
	begin("web-*", HOUR);
	(void)change(ALARM_STATE_ALARM);
	incident = change(ALARM_STATE_OK);
	end("1");
	restart();
	announce_all_waiting(&bot);
	turn_for(bot.loop, 50);
	assert_int_equal(chat_double_count(twin, DOUBLE_POST), 0);
	incident = change(ALARM_STATE_ALARM); /* again, and nobody silences it now */
	assert_int_equal(incident->reopened, 1);
	assert_int_equal(incident->changes, 3);
	assert_int_equal(chat_double_count(twin, DOUBLE_POST), 2);
	assert_null(strstr(chat_double_said(twin, DOUBLE_POST, 1)->text, "FIRED AGAIN"));
}

static void none_is_held_back_when_its_silence_is_gone(void **state)
{
	struct incident *incident;

	(void)state;
	begin("web-*", HOUR);
	(void)change(ALARM_STATE_ALARM);
	respond_to_silence(&bot, NULL); /* it holds: nothing happens */
	assert_true(incidents_find(bot.incidents, "1")->hushed);
	journal_delete(bot.journal, "silence", "1"); /* as if it could not be read any more */
	restart();
	incident = incidents_find(bot.incidents, "1");
	assert_true(incident->hushed);
	respond_to_silence(&bot, NULL);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	turn_until(bot.loop, has_posted, &(size_t){ 3 });
	assert_false(incident->hushed);
}

static void a_message_that_is_there_is_edited_only(void **state)
{
	const struct chat_double_said *last;
	struct incident *incident = change(ALARM_STATE_ALARM);
	size_t posts = chat_double_count(twin, DOUBLE_POST);

	(void)state;
	begin("web-1", HOUR);
	(void)change(ALARM_STATE_NO_DATA);
	(void)change(ALARM_STATE_OK);
	(void)change(ALARM_STATE_ALARM);
	assert_int_equal(chat_double_count(twin, DOUBLE_POST), posts);
	last = chat_double_said(twin, DOUBLE_EDIT, chat_double_count(twin, DOUBLE_EDIT) - 1);
	assert_non_null(strstr(last->text, "Silenced: until 2025-11-22 04:"));
	assert_non_null(strstr(last->text, "by @U1"));
	assert_string_equal(last->actions, "ack unsilence resolve ");
	assert_int_equal(incident->pending.count, 3);
	incident_add_line(bot.incidents, incident, INCIDENT_THREAD, "a person wanted to know", NULL);
	announce(&bot, incident);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	turn_until(bot.loop, has_posted, &(size_t){ posts + 2 }); /* what stood before it comes with it */
}

static void by_hand_it_is_over_until_it_fires_again(void **state)
{
	struct incident *incident = change(ALARM_STATE_ALARM);

	(void)state;
	incident_set_holder(bot.incidents, incident, "U2");
	incidents_resolve(bot.incidents, incident, "U1");
	assert_int_equal(incidents_open_count(bot.incidents), 0);
	restart();
	incident = incidents_find(bot.incidents, "1");
	assert_string_equal(incident->resolved_by, "U1");
	assert_int_equal(incident->resolved_ms, now_ms);
	now_ms += MINUTE;
	incident = change(ALARM_STATE_ALARM);
	assert_true(incident_is_open(incident));
	assert_null(incident->resolved_by);
	assert_string_equal(incident->holder, "U2"); /* kept when it reopens */
	assert_string_equal(incident->id, "1");
	(void)change(ALARM_STATE_OK);
	now_ms += HOUR;
	incident = change(ALARM_STATE_ALARM);
	assert_string_equal(incident->id, "2");
	assert_null(incident->holder);
}

/* --- whole texts ---------------------------------------------------------------------------------------- */

static void the_message_says_who_has_it_and_who_silenced_it(void **state)
{
	struct incident *incident = change(ALARM_STATE_ALARM);
	struct err err;
	const struct silence *silence = add("web-*", HOUR, &err);
	struct message message;
	char *plain;

	(void)state;
	assert_non_null(silence);
	incident_set_holder(bot.incidents, incident, "U2");
	card_build(&message, incident, silence, &config);
	plain = message_plain(&message);
	assert_string_equal(plain, "ALARM  web-1  123456789012/us-east-1\n"
	                           "Why: no reason given\n"
	                           "Since: 2025-11-22 03:00:01 UTC\n"
	                           "Acknowledged: @U2 has it since 2025-11-22 03:01:01 UTC\n"
	                           "Silenced: until 2025-11-22 04:01:01 UTC by @U1: deploy\n"
	                           "[Take over] [End the silence] [Mark as resolved]\n"
	                           "Incident 1 · CloudWatch console "
	                           "(https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
	                           "#alarmsV2:alarm/web-1)");
	assert_int_equal(message.tone, TONE_ACKNOWLEDGED);
	free(plain);
	message_free(&message);
	incident_set_holder(bot.incidents, incident, NULL);
	card_build(&message, incident, NULL, &config);
	plain = message_plain(&message);
	assert_non_null(strstr(plain, "\n[Acknowledge] [Silence…: for 1 hour | for 4 hours | until tomorrow 09:00 UTC] "
	                              "[Mark as resolved]\n"));
	free(plain);
	message_free(&message);
}

/* What a command without words answers. */
static const char *asked(const char *command)
{
	struct flow *flow = flow_new(bot.flows, command_find(command)->plan);
	struct origin *origin = flow->state;
	size_t posts = chat_double_count(twin, DOUBLE_POST) + 1;

	mem_set_string(&origin->user, "U1");
	mem_set_string(&origin->channel, "C0DEFAULT");
	flow_start(flow);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	turn_until(bot.loop, has_posted, &posts);
	return chat_double_said(twin, DOUBLE_POST, posts - 1)->text;
}

static void the_lists_say_what_is_open_and_what_is_silenced(void **state)
{
	struct incident *incident;

	(void)state;
	assert_string_equal(asked("silences"), "Silences\nNo alarm is silenced.");
	assert_string_equal(asked("incidents"), "0 open incidents\nNothing was resolved in the last 24 hours.");
	begin("web-*", HOUR);
	incident = change(ALARM_STATE_ALARM);
	incident_set_holder(bot.incidents, incident, "U2");
	mem_set_string(&incident->issue_key, "OPS-7");
	mem_set_string(&incident->issue_url, "https://jira.example.com/browse/OPS-7");
	assert_string_equal(asked("silences"), "Silences\n"
	                                       "1. web-*  until 2025-11-22 04:00:00 UTC by @U1: deploy · 1 open incident\n"
	                                       "[End 1]");
	assert_string_equal(asked("incidents"),
	                    "1 open incident\n"
	                    "1. ALARM  web-1 · for 1 min · @U2 has it · silenced until 2025-11-22 04:00:00 UTC"
	                    " · OPS-7 (https://jira.example.com/browse/OPS-7)\n"
	                    "Nothing was resolved in the last 24 hours.");
	incidents_resolve(bot.incidents, incident, "U2");
	assert_string_equal(asked("incidents"),
	                    "0 open incidents\n"
	                    "Resolved in the last 24 hours:\n"
	                    "1. RESOLVED  web-1 · 2025-11-22 03:01:01 UTC after 1 min by @U2 · silenced"
	                    " · OPS-7 (https://jira.example.com/browse/OPS-7)");
}

/* What a command with words answers, said in the channel. */
static const char *said(const char *command, const char *words)
{
	const struct command *found_command = command_find(command);
	struct flow *flow = flow_new(bot.flows, found_command->plan);
	struct origin *origin = flow->state;
	size_t posts = chat_double_count(twin, DOUBLE_POST) + 1;

	mem_set_string(&origin->user, "U1");
	mem_set_string(&origin->channel, "C0DEFAULT");
	found_command->parse(flow->state, words);
	flow_start(flow);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	turn_until(bot.loop, has_posted, &posts);
	return chat_double_said(twin, DOUBLE_POST, posts - 1)->text;
}

static void a_number_that_no_incident_has_silences_nothing(void **state)
{
	struct alarm quiet = alarm_named("db", ALARM_STATE_OK);
	struct incident *incident;

	(void)state;
	assert_int_equal(incidents_apply(bot.incidents, &quiet, false, &incident), INCIDENT_NOTHING);
	fields_free(alarm_fields, &quiet);
	assert_non_null(strstr(said("silence", "1 2h"), "I know no incident 1")); /* its number was never shown */
	assert_non_null(strstr(said("silence", "#77 2h gone"), "I know no incident 77"));
	assert_string_equal(asked("silences"), "Silences\nNo alarm is silenced.");
}

static void a_clock_that_was_ahead_silences_nothing_for_years(void **state)
{
	struct err err;

	(void)state;
	now_ms += 4 * 365 * 24 * HOUR;
	assert_non_null(add("web-*", HOUR, &err));
	respond_to_silence(&bot, found("web-1"));
	now_ms -= 4 * 365 * 24 * HOUR;
	assert_null(found("web-1"));
	assert_null(silences_get(bot.silences, "1"));
	assert_non_null(add("db", 1, &err));
	now_ms += 1;
	turn_for(bot.loop, 20);
	assert_int_equal(ended_count, 2); /* with the first one that is looked at */
}

static void it_keeps_an_old_incident_that_a_person_ended_just_now(void **state)
{
	struct incident *incident = change(ALARM_STATE_ALARM), *newer;
	struct alarm other = alarm_named("db", ALARM_STATE_OK);

	(void)state;
	now_ms += 20 * 24 * HOUR;
	(void)incidents_apply(bot.incidents, &other, false, &newer); /* the newest is kept in any case */
	fields_free(alarm_fields, &other);
	incidents_resolve(bot.incidents, incident, "U1");
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	loop_timer_set(bot.incidents->forget_timer, 0);
	turn_for(bot.loop, 20);
	assert_non_null(incidents_find(bot.incidents, "1"));
	now_ms += MINUTE;
	incident = change(ALARM_STATE_ALARM);
	assert_string_equal(incident->id, "1");
	assert_int_equal(incident->reopened, 1);
}

static void what_waits_for_a_decision_is_not_void_for_a_change_that_was_none(void **state)
{
	struct incident *incident = change(ALARM_STATE_ALARM);

	(void)state;
	begin("web-*", HOUR);
	(void)change(ALARM_STATE_NO_DATA);
	mem_set_string(&incident->proposal, "12");
	end("1");
	assert_null(incident->proposal);
	assert_string_equal(incident->decision, "no longer needed: its silence is over, and it is diagnosed anew");
}

/* It was diagnosed and mailed when it began to fire; a silence that nothing happened in changes nothing of that. */
static void what_was_done_before_a_silence_is_not_done_again(void **state)
{
	struct incident *incident = change(ALARM_STATE_ALARM);
	int64_t responses = incident->responses;
	size_t posts = chat_double_count(twin, DOUBLE_POST);

	(void)state;
	begin("web-*", HOUR);
	mem_set_string(&incident->proposal, "12");
	end("1");
	turn_until(bot.loop, has_posted, &(size_t){ posts + 1 }); /* that it still fires */
	assert_int_equal(incident->responses, responses);
	assert_string_equal(incident->proposal, "12");
}

static void its_issue_says_what_the_alarm_says_all_the_while(void **state)
{
	static max_align_t jira; /* its flow never runs here */
	struct incident *incident = change(ALARM_STATE_ALARM);

	(void)state;
	bot.jira = (struct jira *)&jira;
	mem_set_string(&incident->issue_key, "OPS-7");
	mem_set_string(&incident->issue_flow, "at work");
	begin("web-*", HOUR);
	(void)change(ALARM_STATE_OK);
	assert_string_equal(incident->issue_wish, "resolve");
	(void)change(ALARM_STATE_ALARM);
	assert_string_equal(incident->issue_wish, "reopen");
	mem_set_string(&incident->issue_wish, NULL); /* done; since then a person may have moved it elsewhere */
	end("1");
	assert_null(incident->issue_wish);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_say_which_until_when_and_why),
		TEST(it_holds_for_its_alarms_and_its_time),
		TEST(one_alarm_is_not_its_namesake_elsewhere),
		TEST(what_is_too_long_or_too_much_is_refused),
		TEST(ids_are_never_used_twice),
		TEST(what_ended_while_nobody_ran_is_told_once),
		TEST(nothing_is_said_until_it_ends),
		TEST(what_is_over_by_then_stays_unsaid_but_not_unrecorded),
		TEST(none_is_held_back_when_its_silence_is_gone),
		TEST(a_message_that_is_there_is_edited_only),
		TEST(by_hand_it_is_over_until_it_fires_again),
		TEST(the_message_says_who_has_it_and_who_silenced_it),
		TEST(the_lists_say_what_is_open_and_what_is_silenced),
		TEST(a_number_that_no_incident_has_silences_nothing),
		TEST(a_clock_that_was_ahead_silences_nothing_for_years),
		TEST(it_keeps_an_old_incident_that_a_person_ended_just_now),
		TEST(what_waits_for_a_decision_is_not_void_for_a_change_that_was_none),
		TEST(what_was_done_before_a_silence_is_not_done_again),
		TEST(its_issue_says_what_the_alarm_says_all_the_while),
	};

	return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
