/* Turns in a channel: four post at a time, who waits is told in its order and lost in no case, and one card says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "commands/announce.h"
#include "commands/command.h"
#include "commands/storm.h"
#include "tests/unit/support/chat_double.h"
#include "tests/unit/support/turn.h"

#define MINUTE INT64_C(60000)
#define T0 INT64_C(1763780400000)
#define TURNS 4
#define CARD_FROM 8
#define FOR_EVER 1000.0 /* a time scale: nothing that sleeps wakes within a test, unless it is poked */
#define AT_ONCE 0.001

static char channel[] = "C0DEFAULT", other_channel[] = "C0OTHER";
static struct config config;
static struct bot bot;
static struct chat_double *twin;
static struct chat_ops ops;
static const struct chat_ops *plain;
static int64_t now_ms;
static bool held; /* posts have no answer until let_go */
static const char *stuck; /* posts with this text fail so: */
static enum err_kind stuck_kind;
static size_t most_turns; /* at one time, in one channel */

static int64_t now(void)
{
	return now_ms;
}

static void no_line(const char *line)
{
	(void)line;
}

/* --- a chat whose answers wait ------------------------------------------------------------------------ */

static void post(struct chat *chat, const struct chat_post *args, char **id, struct done done)
{
	char *text = message_plain(args->message);

	if (stuck != NULL && strstr(text, stuck) != NULL)
		chat_double_fail_next(twin, DOUBLE_POST, stuck_kind, "stuck");
	free(text);
	plain->post(chat, args, id, done);
	chat_double_hold(twin, DOUBLE_POST, held);
}

/* Of what fails for an unknown reason nobody can say what became of it. */
static void find(struct chat *chat, const char *place, const char *thread, const char *key, int64_t since_ms, char **id,
                 struct done done)
{
	if (stuck != NULL)
		chat_double_fail_next(twin, DOUBLE_FIND, ERR_RETRY, "no answer");
	plain->find(chat, place, thread, key, since_ms, id, done);
}

/* What has been asked so far is answered; the next post waits again. */
static void let_go(void)
{
	chat_double_hold(twin, DOUBLE_POST, false);
}

/* --- a process ---------------------------------------------------------------------------------------- */

static void open_process(void)
{
	struct err err;

	bot = (struct bot){ .loop = turn_new_loop(), .config = &config, .storm = storm_new() };
	twin = chat_double_new(bot.loop);
	bot.chat = chat_double_chat(twin);
	plain = bot.chat->ops;
	ops = *plain;
	ops.post = post;
	ops.find = find;
	bot.chat->ops = &ops;
	bot.journal = journal_open(bot.loop, scratch_path("journal.db"), &err);
	assert_non_null(bot.journal);
	bot.flows = flow_engine_new(&bot, bot.loop, bot.journal, all_plans());
	bot.incidents = incidents_new(&bot);
	assert_true(incidents_load(bot.incidents, &err));
}

static void close_process(void)
{
	chat_double_free(twin);
	flow_engine_free(bot.flows);
	incidents_free(bot.incidents);
	storm_free(bot.storm);
	journal_close(bot.journal);
	loop_free(bot.loop);
}

static int set_up(void **state)
{
	(void)state;
	log_sink(no_line);
	metrics_reset();
	config.slack.channel = channel;
	config.incidents.reopen_within_ms = 30 * MINUTE;
	now_ms = T0;
	held = true;
	stuck = NULL;
	most_turns = 0;
	clock_replace(now);
	clock_set_scale(FOR_EVER);
	scratch_make();
	open_process();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_process();
	scratch_remove();
	clock_set_scale(1.0);
	clock_replace(NULL);
	return 0;
}

static void settled(void *arg, const struct err *err)
{
	assert_null(err);
	*(bool *)arg = true;
}

static bool is_true(void *arg)
{
	return *(bool *)arg;
}

static void settle(void)
{
	bool done = false;

	journal_commit(bot.journal, (struct done){ settled, &done });
	turn_until(bot.loop, is_true, &done);
}

/* kill -9, and the next process finds its work as run.c lets it. */
static void restart(void)
{
	struct err err;

	settle();
	close_process();
	metrics_reset();
	open_process();
	assert_true(flow_engine_resume(bot.flows, NULL, &err));
	announce_all_waiting(&bot);
}

/* --- alarms ------------------------------------------------------------------------------------------- */

/* Into that channel, when it is a new one. */
static struct incident *alarm_in(const char *place, const char *name, const char *state)
{
	struct alarm alarm = { .changed_ms = now_ms += 1000 };
	struct incident *incident;

	mem_set_string(&alarm.name, name);
	mem_set_string(&alarm.account, "123456789012");
	mem_set_string(&alarm.region, "us-east-1");
	mem_set_string(&alarm.state, state);
	(void)incidents_apply(bot.incidents, &alarm, false, &incident);
	assert_non_null(incident);
	if (incident->message == NULL)
		mem_set_string(&incident->channel, place);
	announce(&bot, incident);
	journal_commit(bot.journal, (struct done){ NULL, NULL });
	fields_free(alarm_fields, &alarm);
	return incident;
}

static struct incident *change(const char *name, const char *state)
{
	return alarm_in(channel, name, state);
}

/* prefix-00, prefix-01... */
static void fire(const char *prefix, size_t count)
{
	char name[32];

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(name, sizeof(name), "%s-%02zu", prefix, i);
		(void)change(name, ALARM_STATE_ALARM);
	}
}

struct turns {
	size_t here, elsewhere, waiting;
};

static void count_turn(void *arg, struct incident *incident)
{
	struct turns *turns = arg;

	if (incident->has_turn)
		*(strcmp(incident->channel, channel) == 0 ? &turns->here : &turns->elsewhere) += 1;
	turns->waiting += incident->is_waiting ? 1 : 0;
}

static struct turns turns_now(void)
{
	struct turns turns = { 0 };

	incidents_each(bot.incidents, count_turn, &turns);
	if (turns.here > most_turns)
		most_turns = turns.here;
	return turns;
}

static bool is_card(const struct chat_double_said *said)
{
	return strstr(said->text, "Many alarms at once") != NULL;
}

/* Messages in the channel, but for cards; with a text: those that have it. */
static size_t posts_with(const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < chat_double_count(twin, DOUBLE_POST); i++) {
		const struct chat_double_said *said = chat_double_said(twin, DOUBLE_POST, i);

		if (said->thread == NULL && !is_card(said) && (text == NULL || strstr(said->text, text) != NULL))
			count++;
	}
	return count;
}

static size_t cards(void)
{
	size_t count = 0;

	for (size_t i = 0; i < chat_double_count(twin, DOUBLE_POST); i++)
		count += is_card(chat_double_said(twin, DOUBLE_POST, i)) ? 1 : 0;
	return count;
}

static int64_t waiting(void)
{
	return metrics_value("tocsin_storm_waiting", NULL, NULL);
}

static bool has_posts(void *arg)
{
	(void)turns_now();
	return posts_with(NULL) >= *(size_t *)arg;
}

/* Waits for so many posts in all; there are no more of them. */
static void turn_until_posts(size_t count)
{
	turn_until(bot.loop, has_posts, &count);
	settle();
	assert_int_equal(posts_with(NULL), count);
}

static bool all_are_through(void *arg)
{
	struct turns turns = turns_now();

	(void)arg;
	let_go();
	return turns.here + turns.elsewhere + turns.waiting == 0;
}

/* Every post is answered, until nobody has anything to post any more. */
static void answer_all(void)
{
	held = false;
	let_go();
	turn_until(bot.loop, all_are_through, NULL);
	assert_int_equal(waiting(), 0);
}

/* prefix-00 to prefix-(count - 1): each has exactly one message. */
static void each_is_posted_once(const char *prefix, size_t count)
{
	char name[32];

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(name, sizeof(name), "%s-%02zu", prefix, i);
		assert_int_equal(posts_with(name), 1);
	}
}

/* --- turns -------------------------------------------------------------------------------------------- */

static void four_post_at_a_time_and_none_is_lost(void **state)
{
	struct turns turns;

	(void)state;
	fire("web", 11);
	turns = turns_now();
	assert_int_equal(turns.here, TURNS);
	assert_int_equal(turns.waiting, 7);
	assert_int_equal(waiting(), 7);
	turn_until_posts(TURNS);
	let_go();
	turn_until_posts(2 * TURNS);
	assert_int_equal(waiting(), 3);
	answer_all();
	each_is_posted_once("web", 11);
	assert_int_equal(most_turns, TURNS);
	assert_int_equal(cards(), 0);
}

static void each_channel_has_turns_of_its_own(void **state)
{
	struct incident *there;
	struct turns turns;

	(void)state;
	fire("web", TURNS + 1);
	there = alarm_in(other_channel, "db-00", ALARM_STATE_ALARM);
	turns = turns_now();
	assert_true(turns.here == TURNS && turns.elsewhere == 1 && turns.waiting == 1);
	assert_true(there->has_turn);
	assert_true(storm_is_on(&bot, channel));
	assert_false(storm_is_on(&bot, other_channel));
	assert_false(storm_is_on(&bot, "C0NEVER"));
	answer_all();
	assert_false(storm_is_on(&bot, channel));
	each_is_posted_once("web", TURNS + 1);
	each_is_posted_once("db", 1);
}

static void asking_twice_changes_nothing(void **state)
{
	struct incident *incident;

	(void)state;
	fire("web", TURNS);
	incident = change("late", ALARM_STATE_ALARM);
	assert_false(storm_enter(&bot, incident));
	assert_int_equal(waiting(), 1);
	storm_leave(&bot, incident); /* it has none */
	assert_int_equal(turns_now().here, TURNS);
	answer_all();
	fire("more", 1);
	incident = incidents_newest_open(bot.incidents);
	assert_true(storm_enter(&bot, incident) && storm_enter(&bot, incident));
	storm_hold(&bot, incident);
	storm_leave(&bot, incident);
	storm_leave(&bot, incident);
	fire("last", TURNS); /* neither a turn too few nor one too many is left */
	assert_int_equal(turns_now().here, TURNS);
	assert_int_equal(turns_now().waiting, 0);
	answer_all();
}

static void what_is_most_pressing_comes_first(void **state)
{
	size_t before;
	static const char *const order[] = {
		"ALARM  fires-1", "ALARM  fires-2", "NO DATA  silent-1", "ALARM  worse", "NO DATA  silent-2",
		"RESOLVED  over", "History: old",
	};

	(void)state;
	(void)change("old", ALARM_STATE_ALARM);
	answer_all();
	held = true;
	fire("web", TURNS);
	(void)change("old", ALARM_STATE_OK); /* edited at once; its thread can wait longest */
	(void)change("over", ALARM_STATE_ALARM);
	(void)change("silent-1", ALARM_STATE_NO_DATA);
	(void)change("worse", ALARM_STATE_NO_DATA);
	(void)change("fires-1", ALARM_STATE_ALARM);
	(void)change("silent-2", ALARM_STATE_NO_DATA);
	(void)change("fires-2", ALARM_STATE_ALARM);
	(void)change("over", ALARM_STATE_OK);
	(void)change("worse", ALARM_STATE_ALARM);
	turn_until_posts(1 + TURNS);
	before = chat_double_count(twin, DOUBLE_POST);
	answer_all();
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		print_message("%s\n", order[i]);
		assert_non_null(strstr(chat_double_said(twin, DOUBLE_POST, before + i)->text, order[i]));
	}
}

static void who_was_silenced_meanwhile_gives_its_turn_on(void **state)
{
	(void)state;
	fire("web", TURNS);
	change("quiet", ALARM_STATE_ALARM)->hushed = true;
	fire("more", TURNS);
	answer_all();
	each_is_posted_once("more", TURNS);
	assert_int_equal(posts_with("quiet"), 0);
	held = true;
	fire("last", TURNS + 1);
	assert_int_equal(turns_now().here, TURNS);
	answer_all();
	each_is_posted_once("last", TURNS + 1);
}

static bool has_edits(void *arg)
{
	return chat_double_count(twin, DOUBLE_EDIT) == *(size_t *)arg;
}

static bool is_fired_again(void *arg)
{
	bool found = false;

	(void)arg;
	for (size_t i = 0; i < chat_double_count(twin, DOUBLE_POST) && !found; i++)
		found = strstr(chat_double_said(twin, DOUBLE_POST, i)->text, "FIRED AGAIN  old") != NULL;
	return found;
}

/* Whose thread waits, and who is being edited when its turn comes: it asks again when it has come to the thread. */
static void who_is_edited_meanwhile_keeps_no_turn_and_asks_again(void **state)
{
	struct incident *old = change("old", ALARM_STATE_ALARM);

	(void)state;
	answer_all();
	held = true;
	fire("web", TURNS);
	turn_until_posts(1 + TURNS);
	(void)change("old", ALARM_STATE_OK);
	turn_until(bot.loop, has_edits, &(size_t){ 1 });
	settle();
	assert_true(old->is_waiting && old->flow == NULL);
	chat_double_hold(twin, DOUBLE_EDIT, true);
	now_ms += 20 * MINUTE; /* edits are paced, by the time scale */
	(void)change("old", ALARM_STATE_ALARM);
	turn_until(bot.loop, has_edits, &(size_t){ 2 });
	assert_true(old->is_waiting && old->flow != NULL);
	held = false;
	let_go();
	turn_until(bot.loop, all_are_through, NULL);
	assert_false(is_fired_again(NULL));
	chat_double_hold(twin, DOUBLE_EDIT, false);
	turn_until(bot.loop, is_fired_again, NULL);
	answer_all();
}

static void others_do_not_wait_for_what_cannot_be_posted(void **state)
{
	static const enum err_kind kinds[] = { ERR_RETRY, ERR_UNKNOWN };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		stuck = "stuck-";
		stuck_kind = kinds[i];
		held = false;
		clock_set_scale(AT_ONCE);
		fire("stuck", TURNS);
		fire("web", TURNS);
		(void)turns_now();
		while (posts_with("web-") < TURNS)
			turn_until(bot.loop, has_posts, &(size_t){ posts_with(NULL) + 1 });
		each_is_posted_once("web", TURNS);
		assert_true(posts_with("stuck-") >= TURNS);
		stuck = NULL;
		answer_all();
		(void)tear_down(state);
		(void)set_up(state);
	}
}

/* --- the card ----------------------------------------------------------------------------------------- */

static void poke(void *arg, struct flow *flow)
{
	(void)arg;
	flow_poke(flow);
}

static void count_flow(void *arg, struct flow *flow)
{
	(void)flow;
	++*(size_t *)arg;
}

static size_t card_flows(void)
{
	size_t count = 0;

	flow_each(bot.flows, &storm_plan, count_flow, &count);
	return count;
}

static bool shows(const char *text)
{
	const struct chat_double_said *said;
	size_t count = chat_double_count(twin, DOUBLE_EDIT);

	for (size_t i = 0; i < count; i++) {
		said = chat_double_said(twin, DOUBLE_EDIT, i);
		if (is_card(said) && strstr(said->text, text) != NULL)
			return true;
	}
	return false;
}

static bool is_shown(void *arg)
{
	return shows(arg);
}

static void note_busy(void *arg, struct flow *flow)
{
	if (strcmp(flow_step_name(flow), "look") != 0) /* it goes there when it wakes */
		*(bool *)arg = true;
}

static bool is_asleep(void *arg)
{
	bool busy = false;

	(void)arg;
	flow_each(bot.flows, &storm_plan, note_busy, &busy);
	return !busy;
}

/* Its sleep is over. While it is at something else nobody can wake it. */
static void poke_card(void)
{
	turn_until(bot.loop, is_asleep, NULL);
	settle();
	flow_each(bot.flows, &storm_plan, poke, NULL);
	settle();
}

static bool are_waiting(void *arg)
{
	return waiting() == *(int64_t *)arg;
}

static void the_card_shows(const char *text)
{
	char copy[64];

	(void)snprintf(copy, sizeof(copy), "%s", text);
	turn_until(bot.loop, is_asleep, NULL);
	settle();
	if (!is_shown(copy)) /* a card that lingers already would be ended */
		flow_each(bot.flows, &storm_plan, poke, NULL);
	turn_until(bot.loop, is_shown, copy);
	turn_until(bot.loop, is_asleep, NULL);
}

static bool has_cards(void *arg)
{
	return cards() == *(size_t *)arg;
}

static bool has_no_card_flow(void *arg)
{
	(void)arg;
	return card_flows() == 0;
}

static void a_card_from_eight_that_wait(void **state)
{
	const struct chat_double_said *said;

	(void)state;
	fire("web", TURNS + CARD_FROM - 1);
	turn_until_posts(TURNS);
	assert_int_equal(card_flows(), 0);
	(void)change("silent", ALARM_STATE_NO_DATA);
	assert_int_equal(card_flows(), 1);
	turn_until(bot.loop, has_cards, &(size_t){ 1 });
	said = chat_double_said(twin, DOUBLE_POST, TURNS);
	assert_string_equal(said->channel, channel);
	assert_non_null(strstr(said->text, "8 wait for their message"));
	assert_non_null(strstr(said->text, "7 firing, 1 without data"));
	fire("more", 20);
	assert_int_equal(card_flows(), 1);
	let_go(); /* the card is there, and four messages */
	turn_until_posts(2 * TURNS);
	the_card_shows("24 wait for their message");
	answer_all();
	assert_int_equal(cards(), 1);
	assert_int_equal(metrics_value("tocsin_storm_cards_total", NULL, NULL), 1);
	each_is_posted_once("web", TURNS + CARD_FROM - 1);
	each_is_posted_once("more", 20);
}

static void the_card_names_the_most_pressing_and_newest(void **state)
{
	const char *text;

	(void)state;
	fire("web", TURNS);
	(void)change("over", ALARM_STATE_ALARM);
	(void)change("over", ALARM_STATE_OK);
	(void)change("silent", ALARM_STATE_NO_DATA);
	fire("more", CARD_FROM - 2);
	turn_until(bot.loop, has_cards, &(size_t){ 1 });
	text = chat_double_said(twin, DOUBLE_POST, chat_double_count(twin, DOUBLE_POST) - 1)->text;
	assert_non_null(strstr(text, "6 firing, 1 without data, 1 over already"));
	assert_true(strstr(text, "more-00") < strstr(text, "more-05"));
	assert_true(strstr(text, "more-05") < strstr(text, "silent") && strstr(text, "silent") < strstr(text, "over  "));
	fire("late", 9);
	let_go();
	turn_until_posts(2 * TURNS);
	the_card_shows("more-05"); /* ten have room: nine new ones and the one before them */
	text = chat_double_said(twin, DOUBLE_EDIT, chat_double_count(twin, DOUBLE_EDIT) - 1)->text;
	assert_null(strstr(text, "more-04"));
	assert_null(strstr(text, "silent"));
	assert_non_null(strstr(text, "and 3 more"));
	answer_all();
}

/* Woken as often as it takes: one that edits just now hears nothing. */
static void end_card(void)
{
	for (int tries = 0; card_flows() > 0 && tries < 20; tries++)
		poke_card();
	assert_int_equal(card_flows(), 0);
}

static void the_card_ends_when_all_have_their_messages(void **state)
{
	(void)state;
	fire("web", TURNS + CARD_FROM);
	turn_until(bot.loop, has_cards, &(size_t){ 1 });
	turn_until_posts(TURNS);
	let_go();
	turn_until_posts(2 * TURNS);
	let_go();
	turn_until_posts(3 * TURNS);
	assert_int_equal(waiting(), 0);
	poke_card(); /* the last four have no messages yet: it does not say so */
	assert_false(shows("all are posted"));
	answer_all();
	the_card_shows("all are posted");
	assert_true(shows("At most 8 waited at one time"));
	settle();
	assert_int_equal(card_flows(), 1); /* it lingers */
	end_card();
	assert_int_equal(cards(), 1);
}

static void what_comes_soon_after_is_told_by_the_same_card(void **state)
{
	(void)state;
	fire("web", TURNS + CARD_FROM);
	answer_all();
	the_card_shows("all are posted");
	held = true;
	fire("more", TURNS + CARD_FROM + 1);
	turn_until(bot.loop, are_waiting, &(int64_t){ CARD_FROM + 1 });
	the_card_shows("9 wait for their message");
	answer_all();
	assert_int_equal(cards(), 1);
	end_card();
	held = true;
	fire("last", TURNS + CARD_FROM); /* long after: a card of its own */
	turn_until(bot.loop, has_cards, &(size_t){ 2 });
	answer_all();
}

static void a_card_that_is_refused_holds_up_nobody(void **state)
{
	(void)state;
	stuck = "Many alarms at once";
	stuck_kind = ERR_REFUSED;
	fire("web", TURNS + CARD_FROM);
	turn_until(bot.loop, has_cards, &(size_t){ 1 });
	let_go();
	turn_until(bot.loop, has_no_card_flow, NULL);
	now_ms += 4 * 1000 * MINUTE; /* by the time scale */
	fire("more", CARD_FROM);
	assert_int_equal(card_flows(), 0);
	now_ms += 2 * 1000 * MINUTE;
	fire("last", 1);
	assert_int_equal(card_flows(), 1);
	answer_all();
	each_is_posted_once("web", TURNS + CARD_FROM);
	each_is_posted_once("more", CARD_FROM);
	each_is_posted_once("last", 1);
}

/* --- a restart ---------------------------------------------------------------------------------------- */

static void after_a_restart_all_wait_again_and_four_are_looked_for(void **state)
{
	(void)state;
	fire("web", 30);
	turn_until(bot.loop, has_cards, &(size_t){ 1 });
	turn_until_posts(TURNS);
	let_go();
	turn_until_posts(2 * TURNS); /* four have their messages, four are on their way */
	clock_set_scale(AT_ONCE); /* looks wait for each other */
	restart();
	answer_all();
	assert_int_equal(posts_with(NULL), 30 - TURNS);
	assert_int_equal(posts_with("web-03"), 0);
	for (size_t i = 0; i < chat_double_count(twin, DOUBLE_FIND); i++)
		assert_ptr_equal(chat_double_said(twin, DOUBLE_FIND, i)->thread, NULL);
	assert_int_equal(chat_double_count(twin, DOUBLE_FIND), TURNS * 4); /* each once, and after three waits */
}

static void after_a_restart_the_card_is_the_same(void **state)
{
	const struct chat_double_said *last;
	char *id;

	(void)state;
	fire("web", 30);
	turn_until(bot.loop, has_cards, &(size_t){ 1 });
	turn_until_posts(TURNS);
	id = mem_copy_string(chat_double_said(twin, DOUBLE_POST, TURNS)->id);
	let_go();
	turn_until_posts(2 * TURNS);
	restart();
	assert_int_equal(card_flows(), 1);
	assert_int_equal(metrics_value("tocsin_storm_cards_total", NULL, NULL), 0);
	the_card_shows("wait for their message");
	last = chat_double_said(twin, DOUBLE_EDIT, chat_double_count(twin, DOUBLE_EDIT) - 1);
	assert_string_equal(last->id, id);
	free(id);
	chat_double_finds(twin, "1700000000.000100");
	clock_set_scale(AT_ONCE);
	assert_int_equal(cards(), 0);
}

static void without_storms_everybody_posts(void **state)
{
	(void)state;
	storm_free(bot.storm);
	bot.storm = NULL;
	fire("web", 3 * TURNS);
	turn_until_posts(3 * TURNS);
	storm_leave(&bot, incidents_newest_open(bot.incidents));
	storm_free(NULL);
	assert_int_equal(cards(), 0);
	assert_false(storm_is_on(&bot, channel));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
	TEST(four_post_at_a_time_and_none_is_lost),
	TEST(each_channel_has_turns_of_its_own),
	TEST(asking_twice_changes_nothing),
	TEST(what_is_most_pressing_comes_first),
	TEST(who_was_silenced_meanwhile_gives_its_turn_on),
	TEST(who_is_edited_meanwhile_keeps_no_turn_and_asks_again),
	TEST(others_do_not_wait_for_what_cannot_be_posted),
	TEST(a_card_from_eight_that_wait),
	TEST(the_card_names_the_most_pressing_and_newest),
	TEST(the_card_ends_when_all_have_their_messages),
	TEST(what_comes_soon_after_is_told_by_the_same_card),
	TEST(a_card_that_is_refused_holds_up_nobody),
	TEST(after_a_restart_all_wait_again_and_four_are_looked_for),
	TEST(after_a_restart_the_card_is_the_same),
	TEST(without_storms_everybody_posts),
};

int main(void)
{
	return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
