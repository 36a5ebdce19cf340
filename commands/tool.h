/*
 * tool.h - what a model may ask for while it answers. One table; a new tool is one file and one line.
 *
 * Tools read, and one proposes; none changes anything. What they give is foreign text: tool_run redacts, fences and
 * bounds it, and adds it to the evidence, off the loop's thread.
 *
 * What a model asks for is hostile too: arguments are checked against the schema's types and limits, and a name (log
 * group, instance, alarm, metric...) must be known from the question, the configuration, an incident or a structured
 * answer: one that stands only in free text (a log line, a description, a reason) is refused.
 */
#ifndef COMMANDS_TOOL_H
#define COMMANDS_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct answer_check;
struct bot;
struct briefing;
struct json_object;
struct tool_session;
struct zone;

#define TOOL_OUTPUT_MAX (16 * 1024) /* bytes for the model, of one call */
#define TOOL_PROPOSALS_MAX 3        /* of one answer */
#define TOOL_FAILURES_MAX 4         /* that are remembered of one answer */

struct tool_proposal { /* becomes a button; never run by itself */
	char *runbook, *target, *arguments; /* arguments: as a person would type them; NULL: none */
	char *reason; /* the model's; foreign; checked once its call has ended */
};

struct tool_failure { /* not by the model's own mistake */
	const char *title; /* "reading logs" */
	char *what;        /* the metric; NULL: the call as a whole, or several */
	char *why;         /* for people */
};

struct tool_context {
	struct bot *bot;
	const char *user, *channel;  /* who asked, where */
	const char *question;
	const char *fence;           /* of this answer */
	const struct zone *zone; /* never NULL */
	int64_t from_ms, until_ms;   /* the question's range: what a tool takes when it is given none */
	int64_t now_ms;
	struct answer_check *check;  /* what a tool gives is evidence */
};

/* Of one answer; context and what it points to are borrowed. */
struct tool_session *tool_session_new(const struct tool_context *context);
void tool_session_free(struct tool_session *session); /* cancels nothing: not while a call runs */
/* The metrics that were read for the model before it was asked, those of tables too, and the labels of their series:
 * their names are known from now on. */
void tool_session_know(struct tool_session *session, const struct briefing *briefing);
/* A question that the thread asked before: what it names may be looked at; what is to be proposed is named anew. */
void tool_session_asked(struct tool_session *session, const char *question);
size_t tool_session_proposals(const struct tool_session *session, const struct tool_proposal **proposals);
/* What the first calls could not see, each reason once. */
size_t tool_session_failures(const struct tool_session *session, const struct tool_failure **failures);

/* The toolConfig of Converse: only what the configuration allows (no CloudTrail with answers.changes false, no logs
 * without answers.log_groups, no Jira...). Owned by the caller. */
struct json_object *tool_config(struct bot *bot);
/* "reading logs of /shop/checkout": for people, while it runs; by name only: foreign arguments do not stand in it
 * unless they were checked. free() it. */
char *tool_title(const char *name, struct json_object *input);
/*
 * Runs one call: *result becomes a toolResult block's "content" text (owned), *failed whether its
 * status is "error". done:
 * always success, once, later: what goes wrong is told to the model in plain words. Calls may run in parallel.
 */
void tool_run(struct tool_session *session, const char *name, struct json_object *input, char **result, bool *failed,
              struct done done);

#endif
