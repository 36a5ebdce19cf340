/* commands/mail.h: an incident's mails go in the order of its changes, and one whose patience is over holds up nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "commands/mail.h"
#include "tests/unit/support/turn.h"

#define T0 1763780400000LL /* 2025-11-22T03:00:00Z */
#define PATIENCE_MS 90000

static const struct flow_plan *const plans[] = { &mail_plan, NULL };
static char channel[] = "C0DEFAULT", topic[] = "arn:aws:sns:us-east-1:123456789012:mails";
static struct config config;
static struct bot bot;
static struct incident *incident;
static char ids[3][FLOW_ID_SIZE];

static void no_line(const char *line)
{
	(void)line;
}

static void open_process(void)
{
	struct err err;

	bot = (struct bot){ .loop = turn_new_loop(), .config = &config };
	bot.journal = journal_open(bot.loop, scratch_path("journal.db"), &err);
	assert_non_null(bot.journal);
	bot.flows = flow_engine_new(&bot, bot.loop, bot.journal, plans);
	bot.incidents = incidents_new(&bot);
	assert_true(incidents_load(bot.incidents, &err));
	assert_true(flow_engine_resume(bot.flows, NULL, &err));
}

static void close_process(void)
{
	flow_engine_free(bot.flows);
	incidents_free(bot.incidents);
	journal_close(bot.journal);
	loop_free(bot.loop);
}

/* One incident, whose diagnosis is under way, and a mail about each of its three changes. */
static int set_up(void **state)
{
	struct alarm alarm = { .changed_ms = T0 };

	(void)state;
	log_sink(no_line);
	config.slack.channel = channel;
	config.mail.topic = topic;
	scratch_make();
	open_process();
	mem_set_string(&alarm.name, "orders");
	mem_set_string(&alarm.state, ALARM_STATE_ALARM);
	(void)incidents_apply(bot.incidents, &alarm, false, &incident);
	fields_free(alarm_fields, &alarm);
	mem_set_string(&incident->flow, "at work"); /* the announcement, which says nothing by itself then */
	incident_set_stage(bot.incidents, incident, &incident->diagnosis, STAGE_RUNNING, "top");
	for (size_t i = 0; i < 3; i++) {
		mail_start(&bot, incident);
		(void)snprintf(ids[i], sizeof(ids[i]), "%s", incident->mail_flow);
	}
	turn_for(bot.loop, 20);
	config.mail.topic = NULL; /* whose turn it is ends without asking SNS */
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_process();
	scratch_remove();
	log_sink(NULL);
	return 0;
}

static bool is_over(void *arg)
{
	return flow_find(bot.flows, arg) == NULL;
}

static void take_output(size_t which)
{
	mail_take_output(&bot, ids[which], "top", "load 1");
}

static void waits(size_t which)
{
	turn_for(bot.loop, 20);
	assert_string_equal(flow_step_name(flow_find(bot.flows, ids[which])), "wait");
}

static void the_later_ones_wait_for_the_earlier_ones(void **state)
{
	(void)state;
	take_output(2);
	take_output(1);
	waits(2);
	waits(1);
	take_output(0);
	turn_until(bot.loop, is_over, ids[2]);
	assert_int_equal(flow_count(bot.flows), 0);
}

static void restart(void)
{
	config.mail.topic = topic; /* none goes on by itself */
	close_process();
	open_process();
	incident = incidents_find(bot.incidents, "1");
	assert_non_null(incident);
	turn_for(bot.loop, 20);
	config.mail.topic = NULL;
}

static void when_one_between_them_is_over_the_order_stays(void **state)
{
	(void)state;
	flow_find(bot.flows, ids[1])->started_mono_ms -= PATIENCE_MS;
	mail_poke(&bot, incident);
	turn_until(bot.loop, is_over, ids[1]);
	restart();
	take_output(2);
	waits(2);
	waits(0);
	take_output(0);
	turn_until(bot.loop, is_over, ids[0]);
	turn_until(bot.loop, is_over, ids[2]);
}

static void what_an_incident_waits_for_wakes_all_its_mails(void **state)
{
	(void)state;
	incident_set_stage(bot.incidents, incident, &incident->diagnosis, STAGE_DONE, "load 1");
	mail_poke(&bot, incident);
	turn_until(bot.loop, is_over, ids[2]);
	assert_int_equal(flow_count(bot.flows), 0);
	assert_null(incident->mail_flow);
}

static void a_new_one_waits_for_one_that_a_later_one_overtook(void **state)
{
	char fresh[FLOW_ID_SIZE];

	(void)state;
	take_output(2);
	flow_find(bot.flows, ids[2])->started_mono_ms -= PATIENCE_MS;
	mail_poke(&bot, incident);
	turn_until(bot.loop, is_over, ids[2]);
	waits(1);
	waits(0);
	config.mail.topic = topic;
	mail_start(&bot, incident);
	(void)snprintf(fresh, sizeof(fresh), "%s", incident->mail_flow);
	turn_for(bot.loop, 20);
	config.mail.topic = NULL;
	mail_take_output(&bot, fresh, "top", "load 1");
	turn_for(bot.loop, 20);
	assert_non_null(flow_find(bot.flows, fresh)); /* those before it are not sent yet */
	take_output(1);
	take_output(0);
	turn_until(bot.loop, is_over, fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_later_ones_wait_for_the_earlier_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(when_one_between_them_is_over_the_order_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_an_incident_waits_for_wakes_all_its_mails, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_new_one_waits_for_one_that_a_later_one_overtook, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("mail_order", tests, NULL, NULL);
}
