/*
 * calls.h - calls to one Jira site: login, pacing, bounded queue, retries.
 *
 * At most JIRA_CALLS_AT_ONCE run, at most JIRA_CALLS_WAITING wait (more are ERR_RETRY at once). Writes to one
 * issue go one after the other with a pause between, in the order given. A 429 slows down what it
 * names: that issue, or that kind of call. Each try has 20 s; idempotent calls are tried three times with full
 * jitter, or when Jira says, unless that is over half a minute; all others once.
 */
#ifndef ADAPTERS_JIRA_CALLS_H
#define ADAPTERS_JIRA_CALLS_H

#include <stdbool.h>

#include "adapters/jira/judge.h"

struct http_client;
struct jira_calls;
struct json_object;
struct loop;
struct secret;

#define JIRA_CALLS_AT_ONCE 4
#define JIRA_CALLS_WAITING 256

/* outcome is borrowed; its json too, unless json_keep. */
typedef void jira_calls_fn(void *arg, struct jira_outcome *outcome);

struct jira_call {
	const char *name;   /* literal, of this kind of call: "create"; for log and pacing */
	const char *method; /* literal */
	const char *path;   /* below "/rest/api/": "3/issue/OPS-1/comment?startAt=0"; copied */
	const char *what;   /* see struct jira_question; copied */
	const char *advice; /* literal, or NULL */
	const char *issue;  /* a write to this issue, or NULL; copied */
	struct json_object *body; /* taken over; or NULL */
	bool idempotent;
	bool wants_json;
	jira_calls_fn *done;
	void *arg;
};

struct jira_calls_options { /* borrowed, strings too */
	struct loop *loop;
	struct http_client *http;
	const char *base;           /* struct jira_address */
	const char *user;           /* NULL: bearer token */
	const struct secret *token;
};

struct jira_calls *jira_calls_new(const struct jira_calls_options *options);
/* All that waits or runs completes with ERR_CANCELLED before it returns. */
void jira_calls_free(struct jira_calls *calls);
/* Completes later, exactly once. */
void jira_calls_send(struct jira_calls *calls, const struct jira_call *call);

#endif
