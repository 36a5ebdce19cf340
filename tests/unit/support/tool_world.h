/*
 * tool_world.h - an answer under way: a session of tools over the peer of aws_world.h, in Asia/Tokyo; `cloud.bot` with
 * incidents, a worker, and what `cloud.config` says.
 */
#ifndef TESTS_TOOL_WORLD_H
#define TESTS_TOOL_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "commands/tool.h"
#include "tests/unit/support/aws_world.h"

#define TOOL_WORLD_FENCE "f00dface0badcafe"
#define TOOL_WORLD_NOW 1763781000000LL /* 2025-11-22T03:10:00Z */

struct tool_world {
	struct tool_context context; /* asks about the last hour */
	struct tool_session *session;
	char *result; /* of the last call */
	bool failed;
};
extern struct tool_world tools_world;

/* cmocka's setup and teardown of each test. */
int tool_world_begin(void **state);
int tool_world_end(void **state);
/* A new session, of this question. */
void tool_world_ask(const char *question);
/* An alarm of AWS/EC2 CPUUtilization changed to that state ten minutes ago; reason may be NULL. */
void tool_world_alarm(const char *name, const char *state, const char *instance, const char *reason);
/* Calls a tool and turns the loop until it is over. */
void tool_world_call(const char *name, const char *input);

#endif
