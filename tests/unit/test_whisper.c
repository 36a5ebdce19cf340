/* commands/whisper.h: a private word is said at most once, and one that only waits outlives the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/flow.h"
#include "bot/journal.h"
#include "bot/loop.h"
#include "commands/whisper.h"
#include "tests/unit/support/chat_double.h"
#include "tests/unit/support/turn.h"

#define HOUR_S 3600.0 /* of a retry's second */

static const struct flow_plan *const plans[] = { &whisper_plan, NULL };
static struct bot bot;
static struct chat_double *slack;

static void begin_process(void)
{
	struct err err;

	bot = (struct bot){ .loop = turn_new_loop() };
	bot.journal = journal_open(bot.loop, scratch_path("journal.db"), &err);
	assert_non_null(bot.journal);
	slack = chat_double_new(bot.loop);
	bot.chat = chat_double_chat(slack);
	bot.flows = flow_engine_new(&bot, bot.loop, bot.journal, plans);
	assert_true(flow_engine_resume(bot.flows, NULL, &err));
}

static void end_process(void)
{
	flow_engine_free(bot.flows);
	journal_close(bot.journal);
	chat_double_free(slack);
	loop_free(bot.loop);
}

static bool is_idle;

static void on_idle(void *arg)
{
	(void)arg;
	is_idle = true;
}

static bool so(void *arg)
{
	return *(const bool *)arg;
}

static bool was_asked(void *arg)
{
	(void)arg;
	return chat_double_count(slack, DOUBLE_RESPOND) == 1;
}

static bool nothing_is_left(void *arg)
{
	(void)arg;
	return flow_count(bot.flows) == 0;
}

static void stop_and_start(void)
{
	is_idle = false;
	flow_engine_quiesce(bot.flows, 60000, on_idle, NULL);
	turn_until(bot.loop, so, &is_idle);
	end_process();
	begin_process();
}

static void say(void)
{
	whisper(&bot, &(struct whisper){ .response_url = "https://hooks.example/1", .text = "Not allowed." });
	journal_commit(bot.journal, (struct done){ NULL, NULL });
}

static int set_up(void **state)
{
	(void)state;
	scratch_make();
	clock_set_scale(HOUR_S);
	begin_process();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	end_process();
	clock_set_scale(1);
	scratch_remove();
	return 0;
}

static void what_waits_for_another_try_is_said_by_the_next_process(void **state)
{
	(void)state;
	chat_double_fail_next(slack, DOUBLE_RESPOND, ERR_RETRY, "limited");
	say();
	turn_until(bot.loop, was_asked, NULL);
	turn_for(bot.loop, 20);
	stop_and_start();
	turn_until(bot.loop, nothing_is_left, NULL);
	assert_non_null(strstr(chat_double_said(slack, DOUBLE_RESPOND, 0)->text, "Not allowed."));
	assert_int_equal(chat_double_count(slack, DOUBLE_RESPOND), 1);
}

static void what_may_have_come_is_not_said_again(void **state)
{
	(void)state;
	chat_double_hold(slack, DOUBLE_RESPOND, true);
	say();
	turn_until(bot.loop, was_asked, NULL);
	end_process();
	begin_process();
	turn_until(bot.loop, nothing_is_left, NULL);
	assert_int_equal(chat_double_count(slack, DOUBLE_RESPOND), 0);
}

/* The stop comes while its intent is on its way to the disk: it was never tried. */
static void what_was_never_tried_is_said_by_the_next_process(void **state)
{
	(void)state;
	say();
	stop_and_start();
	turn_until(bot.loop, nothing_is_left, NULL);
	assert_int_equal(chat_double_count(slack, DOUBLE_RESPOND), 1);
}

static unsigned tries;

static void note_tries(void *arg, struct flow *flow)
{
	(void)arg;
	tries = flow->tries;
}

static bool has_tried(void *arg)
{
	flow_each(bot.flows, &whisper_plan, note_tries, NULL);
	return tries == *(const unsigned *)arg;
}

static bool asked_four_times(void *arg)
{
	(void)arg;
	return chat_double_count(slack, DOUBLE_RESPOND) == 4;
}

/* What certainly did not arrive three times waits in the chat's queue when the program ends. */
static void a_last_try_that_a_shutdown_took_is_none(void **state)
{
	(void)state;
	clock_set_scale(0.05);
	chat_double_fail_next(slack, DOUBLE_RESPOND, ERR_RETRY, "away");
	say();
	for (unsigned i = 1; i <= 3; i++) {
		turn_until(bot.loop, has_tried, &i);
		chat_double_fail_next(slack, DOUBLE_RESPOND, ERR_RETRY, "away");
	}
	chat_double_hold(slack, DOUBLE_RESPOND, true);
	turn_until(bot.loop, asked_four_times, NULL);
	is_idle = false;
	flow_engine_quiesce(bot.flows, 60000, on_idle, NULL);
	turn_for(bot.loop, 5);
	chat_double_hold(slack, DOUBLE_RESPOND, false);
	turn_until(bot.loop, so, &is_idle);
	end_process();
	begin_process();
	turn_until(bot.loop, nothing_is_left, NULL);
	assert_int_equal(chat_double_count(slack, DOUBLE_RESPOND), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_waits_for_another_try_is_said_by_the_next_process, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_may_have_come_is_not_said_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_never_tried_is_said_by_the_next_process, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_last_try_that_a_shutdown_took_is_none, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("whisper", tests, NULL, NULL);
}
