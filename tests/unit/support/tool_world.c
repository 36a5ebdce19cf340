#include "tests/unit/support/tool_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bot/alarm.h"
#include "bot/answer_check.h"
#include "bot/clock.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/worker.h"
#include "bot/zone.h"
#include "tests/unit/support/turn.h"

struct tool_world tools_world;
static struct zone *zone;

static int64_t begun_ms;

/* Goes on as the real one does, so that timers work, from a time that texts can be compared with. */
static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return TOOL_WORLD_NOW - begun_ms + (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int tool_world_begin(void **state)
{
	struct err err;

	begun_ms = 0;
	begun_ms = now_ms() - TOOL_WORLD_NOW;
	aws_world_begin(state);
	clock_replace(now_ms);
	scratch_make();
	cloud.bot.worker = worker_new(cloud.loop);
	cloud.bot.aws = aws_world_start();
	cloud.bot.journal = journal_open(cloud.loop, scratch_path("journal.db"), &err);
	assert_non_null(cloud.bot.journal);
	cloud.bot.incidents = incidents_new(&cloud.bot);
	assert_true(incidents_load(cloud.bot.incidents, &err));
	zone = zone_load("Asia/Tokyo", &err);
	assert_non_null(zone);
	tools_world = (struct tool_world){ .context = {
		.bot = &cloud.bot, .user = "U1", .channel = "C1", .fence = TOOL_WORLD_FENCE, .zone = zone,
		.from_ms = TOOL_WORLD_NOW - 3600000, .until_ms = TOOL_WORLD_NOW, .now_ms = TOOL_WORLD_NOW,
		.check = answer_check_new(cloud.loop, cloud.bot.worker, zone, NULL, NULL, NULL),
	} };
	tool_world_ask("why is it slow?");
	return 0;
}

int tool_world_end(void **state)
{
	tool_session_free(tools_world.session);
	answer_check_free(tools_world.context.check);
	free(tools_world.result);
	incidents_free(cloud.bot.incidents);
	journal_close(cloud.bot.journal);
	zone_free(zone);
	scratch_remove();
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	worker_free(cloud.bot.worker);
	return aws_world_end(state);
}

void tool_world_ask(const char *question)
{
	tool_session_free(tools_world.session);
	tools_world.context.question = question;
	tools_world.session = tool_session_new(&tools_world.context);
}

void tool_world_alarm(const char *name, const char *state, const char *instance, const char *reason)
{
	struct incident *incident;
	struct mem mem = { 0 };
	struct alarm alarm = {
		.name = mem_strdup(&mem, name), .account = mem_strdup(&mem, "123456789012"),
		.region = mem_strdup(&mem, "us-east-1"), .state = mem_strdup(&mem, state),
		.reason = mem_strdup(&mem, reason), .type = mem_strdup(&mem, "metric"),
		.namespace_ = mem_strdup(&mem, "AWS/EC2"), .metric = mem_strdup(&mem, "CPUUtilization"),
		.changed_ms = TOOL_WORLD_NOW - 600000, .dimensions = json_new_object(), .via = mem_strdup(&mem, "SNS"),
	};

	json_put_string(alarm.dimensions, "InstanceId", instance);
	incidents_apply(cloud.bot.incidents, &alarm, false, &incident);
	json_free(alarm.dimensions);
	mem_free_all(&mem);
}

void tool_world_call(const char *name, const char *input)
{
	struct aws_end end = { 0 };
	struct err err;
	struct json_object *json = json_parse(input, strlen(input), &err);

	assert_non_null(json);
	free(tools_world.result);
	tools_world.result = NULL;
	tool_run(tools_world.session, name, json, &tools_world.result, &tools_world.failed, aws_end_token(&end));
	json_free(json);
	assert_false(end.done);
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_non_null(tools_world.result);
	assert_true(strlen(tools_world.result) <= TOOL_OUTPUT_MAX);
}
