/* jira_world.h - a jira, a fake site for it, and one call at a time, for the tests of adapters/jira. */
#ifndef TESTS_JIRA_WORLD_H
#define TESTS_JIRA_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/jira/jira.h"
#include "tests/unit/support/jira_fake.h"

struct loop;

/* What the last call came to. */
struct jira_result {
	unsigned times;
	enum err_kind kind; /* ERR_NONE: success */
	char text[256];
	int64_t retry_after_ms;
};

extern struct jira *jira;
extern struct jira_fake *fake;
extern struct jira_result result;
extern struct jira_options jira_world_options; /* as the next jira_world_restart takes them */
extern struct loop *jira_world_loop;

/* cmocka's: waits a thousand times shorter, project OPS, issue type Incident, no user. */
int jira_world_begin_cloud(void **state);
int jira_world_begin_datacenter(void **state);
int jira_world_end(void **state);
/* A new jira with jira_world_options; its url becomes the fake's with path behind. */
void jira_world_restart(const char *path);
/* The same at a URL of example.atlassian.net or api.atlassian.com, whose port 80 is the fake's. */
void jira_world_restart_at(const char *url);

struct done jira_world_done(void); /* resets result */
void jira_world_wait(void);        /* until result.times is 1, and a moment longer: never twice */
#define RUN(call) do { struct done done = jira_world_done(); call; jira_world_wait(); } while (0)

/* The answers of createmeta: type Incident with the usual fields and what is added ("{...},{...}" or ""). */
void jira_world_meta(const char *more_fields);
/* As above for the API of the present kind: "POST /rest/api/3/issue". */
const char *jira_world_path(const char *what);
void jira_world_answer(const char *what, int status, const char *body);
const char *jira_world_body(const char *what, unsigned nth); /* of the nth request */

#endif
