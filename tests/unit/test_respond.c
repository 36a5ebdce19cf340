/* What tocsin does by itself, and what people decide: commands/respond.h and commands/runbook_run.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "commands/command.h"
#include "commands/respond.h"
#include "commands/runbook_run.h"
#include "tests/unit/support/turn.h"

#define T0 1763780400000LL /* 2025-11-22T03:00:00Z */

static struct config config;
static struct bot bot;
static struct done asked, edited; /* of the chat, held back */
static char **asked_id;

static void no_line(const char *line)
{
	(void)line;
}

static void post(struct chat *chat, const struct chat_post *args, char **id, struct done done)
{
	(void)chat;
	(void)args;
	asked = done;
	asked_id = id;
}

static void edit(struct chat *chat, const char *channel, const char *id, const struct message *message,
                 enum chat_priority priority, struct done done)
{
	(void)chat;
	(void)channel;
	(void)id;
	(void)message;
	(void)priority;
	edited = done;
}

static const struct chat_ops ops = { .post = post, .edit = edit };
static struct chat chat = { &ops };

static void open_process(void)
{
	struct err err;

	bot = (struct bot){ .loop = turn_new_loop(), .chat = &chat, .config = &config };
	bot.journal = journal_open(bot.loop, scratch_path("journal.db"), &err);
	assert_non_null(bot.journal);
	bot.flows = flow_engine_new(&bot, bot.loop, bot.journal, all_plans());
	bot.incidents = incidents_new(&bot);
	assert_true(incidents_load(bot.incidents, &err));
}

static void close_process(void)
{
	flow_engine_free(bot.flows);
	incidents_free(bot.incidents);
	journal_close(bot.journal);
	loop_free(bot.loop);
}

static int set_up(void **state)
{
	static char channel[] = "C0DEFAULT";

	(void)state;
	log_sink(no_line);
	config.slack.channel = channel;
	asked = edited = (struct done){ NULL, NULL };
	scratch_make();
	open_process();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_process();
	scratch_remove();
	return 0;
}

static bool is_asked(void *arg)
{
	(void)arg;
	return asked.fn != NULL;
}

static bool is_edited(void *arg)
{
	(void)arg;
	return edited.fn != NULL;
}

static struct incident *change(const char *state, int64_t after_ms)
{
	struct alarm alarm = { .changed_ms = T0 + after_ms };
	struct incident *incident;
	enum incident_change what;

	mem_set_string(&alarm.name, "orders");
	mem_set_string(&alarm.state, state);
	mem_set_string(&alarm.metric, "OrdersPerMinute");
	what = incidents_apply(bot.incidents, &alarm, false, &incident);
	assert_non_null(incident);
	mem_set_string(&incident->flow, "at work"); /* the announcement, which saves nothing by itself then */
	respond(&bot, incident, what, &alarm);
	fields_free(alarm_fields, &alarm);
	return incident;
}

/* Everything that was put is on the disk, and read by the next process. */
static struct incident *after_restart(void)
{
	struct incident *incident;

	journal_commit(bot.journal, (struct done){ NULL, NULL });
	turn_for(bot.loop, 50);
	close_process();
	open_process();
	incident = incidents_find(bot.incidents, "1");
	assert_non_null(incident);
	return incident;
}

static void a_click_before_the_question_is_answered_counts(void **state)
{
	struct flow *flow = flow_new(bot.flows, &runbook_plan);
	struct runbook_run *run = flow->state;
	char id[FLOW_ID_SIZE];
	struct err err;

	(void)state;
	memcpy(id, flow->id, sizeof(id));
	mem_set_string(&run->origin.user, "U1");
	mem_set_string(&run->origin.channel, "C0DEFAULT");
	runbook_parse(run, "agent-restart", "i-0123456789abcdef0");
	flow_start(flow);
	turn_until(bot.loop, is_asked, NULL);
	assert_int_equal(runbook_decide(&bot, id, (struct permit_act){ "U2", "C0DEFAULT" }, true, &err), RUNBOOK_DECIDED);
	mem_set_string(asked_id, "1763780400.000100");
	asked.fn(asked.arg, NULL);
	turn_until(bot.loop, is_edited, NULL); /* the question becomes "running" */
	assert_string_equal(run->decision, "approved");
	edited.fn(edited.arg, &(struct err){ .kind = ERR_CANCELLED });
}

static void what_is_withdrawn_stays_so_after_a_crash(void **state)
{
	struct incident *incident = change(ALARM_STATE_ALARM, 0);

	(void)state;
	mem_set_string(&incident->proposal, "a flow that is gone");
	incident_save(bot.incidents, incident);
	(void)change(ALARM_STATE_OK, 1000);
	incident = after_restart();
	assert_null(incident->proposal);
	assert_non_null(incident->decision);
}

static void an_old_diagnosis_is_not_the_new_ones(void **state)
{
	struct incident *incident = change(ALARM_STATE_NO_DATA, 0);

	(void)state;
	incident_set_stage(bot.incidents, incident, &incident->diagnosis, STAGE_DONE, "i-1 is stopped");
	incident = change(ALARM_STATE_ALARM, 1000);
	assert_null(incident->diagnosis.state);
	assert_null(incident->diagnosis.note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_click_before_the_question_is_answered_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_withdrawn_stays_so_after_a_crash, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_old_diagnosis_is_not_the_new_ones, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("respond", tests, NULL, NULL);
}
