/* commands/issue.c against a Jira that answers as a test tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/chat.h"
#include "bot/config.h"
#include "bot/flow.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/mem.h"
#include "commands/command.h"
#include "commands/issue.h"
#include "tests/unit/support/jira_world.h"
#include "tests/unit/support/turn.h"

#define MOVE "POST /rest/api/3/issue/OPS-1/transitions"

static struct config config;
static struct bot bot;
static struct incident *incident;
static size_t moves;  /* that is_moving waits for */
static time_t step_s; /* of the wall clock */

static void post(struct chat *chat, const struct chat_post *args, char **id, struct done done)
{
	(void)chat;
	(void)args;
	(void)id;
	(void)done; /* never answered */
}

static char *permalink(struct chat *chat, const char *channel, const char *id)
{
	(void)chat;
	(void)channel;
	(void)id;
	return NULL;
}

static const struct chat_ops ops = { .post = post, .permalink = permalink };
static struct chat chat = { &ops };

static int set_up(void **state)
{
	static char channel[] = "C0DEFAULT", done[] = "Done", open[] = "Open";
	struct alarm alarm = { .changed_ms = 1763780400000LL };
	struct err err;

	(void)jira_world_begin_cloud(state);
	scratch_make();
	config.slack.channel = channel;
	config.jira.resolve_to = done;
	config.jira.reopen_to = open;
	bot = (struct bot){ .loop = jira_world_loop, .chat = &chat, .config = &config, .jira = jira };
	bot.journal = journal_open(bot.loop, scratch_path("journal.db"), &err);
	assert_non_null(bot.journal);
	bot.flows = flow_engine_new(&bot, bot.loop, bot.journal, all_plans());
	bot.incidents = incidents_new(&bot);
	mem_set_string(&alarm.name, "orders");
	mem_set_string(&alarm.state, ALARM_STATE_ALARM);
	(void)incidents_apply(bot.incidents, &alarm, false, &incident);
	fields_free(alarm_fields, &alarm);
	incident->linked = true;
	return 0;
}

static int tear_down(void **state)
{
	flow_engine_free(bot.flows);
	incidents_free(bot.incidents);
	journal_close(bot.journal);
	scratch_remove();
	return jira_world_end(state);
}

static bool is_moving(void *arg)
{
	(void)arg;
	return jira_fake_count(fake, MOVE) == moves;
}

static bool is_told(void *arg)
{
	(void)arg;
	return incident->issue_flow == NULL;
}

static void answer_move(const char *from, const char *id, const char *to)
{
	char body[200];

	(void)snprintf(body, sizeof(body), "{\"fields\":{\"status\":{\"name\":\"%s\"}}}", from);
	jira_world_answer("GET issue/OPS-1", 200, body);
	(void)snprintf(body, sizeof(body), "{\"transitions\":[{\"id\":\"%s\",\"name\":\"x\",\"to\":{\"name\":\"%s\"}}]}",
	               id, to);
	jira_world_answer("GET issue/OPS-1/transitions", 200, body);
	jira_world_answer("POST issue/OPS-1/transitions", 204, "");
}

static void a_wish_that_comes_during_a_move_is_kept(void **state)
{
	(void)state;
	mem_set_string(&incident->issue_key, "OPS-1");
	incident_set_stage(bot.incidents, incident, &incident->issue, STAGE_DONE, "%s", "");
	answer_move("Open", "31", "Done");
	answer_move("Done", "11", "Open");
	issue_resolve(&bot, incident);
	moves = 1;
	turn_until(bot.loop, is_moving, NULL);
	issue_reopen(&bot, incident); /* the alarm flaps */
	turn_until(bot.loop, is_told, NULL);
	assert_int_equal(jira_fake_count(fake, MOVE), 2);
	assert_non_null(strstr(jira_fake_asked(fake, MOVE, 1)->body, "\"11\""));
	assert_null(incident->issue_wish);
	assert_string_equal(incident->issue.note, "moved to Open");
}

static void an_issue_is_sought_before_it_is_created_again(void **state)
{
	char found[300];

	(void)state;
	incident_set_stage(bot.incidents, incident, &incident->issue, STAGE_FAILED, "it may be there");
	(void)snprintf(found, sizeof(found), "{\"issues\":[{\"key\":\"OPS-1\",\"properties\":{\"tocsin\":"
	               "{\"key\":\"%s.issue\"}}}]}", incident->key);
	jira_world_answer("POST search/jql", 200, found);
	issue_open(&bot, incident);
	turn_until(bot.loop, is_told, NULL);
	assert_string_equal(incident->issue_key, "OPS-1");
	assert_true(incident_stage_is(&incident->issue, STAGE_DONE));
	assert_int_equal(jira_fake_count(fake, "POST /rest/api/3/issue"), 0);
}

static void one_that_is_nowhere_is_created(void **state)
{
	(void)state;
	incident_set_stage(bot.incidents, incident, &incident->issue, STAGE_FAILED, "Jira was down");
	jira_world_answer("POST search/jql", 200, "{\"issues\":[]}");
	jira_world_answer("POST search/jql", 200, "{\"issues\":[]}"); /* without the label */
	jira_world_meta("");
	jira_world_answer("POST issue", 201, "{\"key\":\"OPS-1\"}");
	issue_open(&bot, incident);
	turn_until(bot.loop, is_told, NULL);
	assert_string_equal(incident->issue_key, "OPS-1");
}

static bool is_shown_as_failed(void *arg)
{
	(void)arg;
	return incident_stage_is(&incident->issue, STAGE_FAILED);
}

/* An outage: first shown to a person, then outlived. */
static void a_jira_that_was_down_gets_its_issue_later(void **state)
{
	(void)state;
	for (int i = 0; i < 7 * 3; i++)
		jira_world_answer("GET issue/createmeta/OPS/issuetypes", 503, "{}");
	jira_world_meta("");
	jira_world_answer("POST search/jql", 200, "{\"issues\":[]}");
	jira_world_answer("POST search/jql", 200, "{\"issues\":[]}");
	jira_world_answer("POST issue", 201, "{\"key\":\"OPS-1\"}");
	issue_open(&bot, incident);
	turn_until(bot.loop, is_shown_as_failed, NULL);
	assert_non_null(strstr(incident->issue.note, "I try again"));
	turn_until(bot.loop, is_told, NULL);
	assert_string_equal(incident->issue_key, "OPS-1");
	assert_true(incident_stage_is(&incident->issue, STAGE_DONE));
}

/* Its create was refused while it fired: somebody has to want it now. */
static void what_is_over_gets_its_issue_only_by_a_person(void **state)
{
	(void)state;
	incident_set_stage(bot.incidents, incident, &incident->issue, STAGE_FAILED, "Jira cannot create an issue");
	mem_set_string(&incident->state, INCIDENT_RESOLVED);
	issue_tell(&bot, incident, "said", "something");
	issue_tell_change(&bot, incident);
	issue_resolve(&bot, incident);
	issue_all_waiting(&bot);
	assert_null(incident->issue_flow);
	jira_world_answer("POST search/jql", 200, "{\"issues\":[]}");
	jira_world_answer("POST search/jql", 200, "{\"issues\":[]}");
	jira_world_meta("");
	jira_world_answer("POST issue", 201, "{\"key\":\"OPS-1\"}");
	jira_world_answer("POST issue/OPS-1/comment", 201, "{}");
	jira_world_answer("POST issue/OPS-1/comment", 201, "{}");
	answer_move("Open", "31", "Done");
	issue_open(&bot, incident);
	turn_until(bot.loop, is_told, NULL);
	assert_string_equal(incident->issue_key, "OPS-1");
	assert_int_equal(incident->comments.count, 0);
	assert_int_equal(jira_fake_count(fake, MOVE), 1);
}

/* The wall clock alone, and of all that ask it: what a person does who sets it. */
int clock_gettime(clockid_t id, struct timespec *now)
{
	long failed = syscall(SYS_clock_gettime, id, now);

	if (failed == 0 && id == CLOCK_REALTIME)
		now->tv_sec += step_s;
	return (int)failed;
}

static bool has_failed_again(void *arg)
{
	(void)arg;
	return jira_fake_count(fake, "GET /rest/api/3/issue/createmeta/OPS/issuetypes") > 7 * 3;
}

static void a_clock_that_is_set_gives_nothing_up(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * 7 * 3; i++)
		jira_world_answer("GET issue/createmeta/OPS/issuetypes", 503, "{}");
	for (int i = 0; i < 4; i++)
		jira_world_answer("POST search/jql", 200, "{\"issues\":[]}");
	jira_world_meta("");
	jira_world_answer("POST issue", 201, "{\"key\":\"OPS-1\"}");
	issue_open(&bot, incident);
	turn_until(bot.loop, is_shown_as_failed, NULL);
	step_s = 3 * 24 * 3600;
	turn_until(bot.loop, has_failed_again, NULL);
	turn_until(bot.loop, is_told, NULL);
	step_s = 0;
	assert_string_equal(incident->issue_key, "OPS-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_wish_that_comes_during_a_move_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_issue_is_sought_before_it_is_created_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_is_nowhere_is_created, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_jira_that_was_down_gets_its_issue_later, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_over_gets_its_issue_only_by_a_person, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_clock_that_is_set_gives_nothing_up, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("issue", tests, NULL, NULL);
}
