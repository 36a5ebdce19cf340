/*
 * tool_call.h - what a tool is, and one call of it; between tool.c, which checks what comes in and makes safe what goes
 * out, and the files of the tools, which do the one thing that they are for.
 */
#ifndef COMMANDS_TOOL_CALL_H
#define COMMANDS_TOOL_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/aws.h"
#include "bot/str.h"
#include "commands/tool.h"
#include "commands/tool_names.h"

struct config;

#define TOOL_ARGUMENTS_MAX 12

enum tool_argument_type {
	TOOL_TEXT,  /* most: bytes */
	TOOL_COUNT, /* a whole number; most: the greatest */
	TOOL_LIST,  /* of texts; most: bytes of each */
	TOOL_MAP,   /* names to texts; most: bytes of each; only the texts are looked up */
};

struct tool_argument {
	const char *name; /* NULL ends the table */
	enum tool_argument_type type;
	enum tool_trust trust;
	bool required;
	int64_t most;
	const char *about;   /* for the model */
	const char *choices; /* "ALARM|OK": nothing else; NULL: anything */
};

struct tool_call;

struct tool {
	const char *name, *about; /* about: for the model */
	const char *title;        /* for people, while it runs: "reading logs" */
	const struct tool_argument *arguments;
	int64_t range_max_ms; /* takes `from` and `until`; 0: it has no range */
	bool placed;          /* takes `account` and `region` */
	bool (*offered)(const struct config *config); /* NULL: always */
	/* What else the model must know, of the configuration: behind `about`; NULL: nothing. */
	void (*more)(const struct config *config, struct str *about);
	/* Ends with tool_call_end, at once or later, once. */
	void (*run)(struct tool_call *call);
};

struct tool_call {
	const struct tool *tool;
	const struct tool_context *context;
	struct tool_session *session;
	struct json_object *input;  /* checked: types, limits, names */
	char *account;
	struct aws_target target;   /* of `account` and `region` */
	int64_t from_ms, until_ms;  /* of `from` and `until`, else of the question */
	struct str said;            /* ours, without a word of others */
	struct str found;           /* what was found: foreign, and fenced as a whole; only grows */
	void *state;                /* the tool's own */
};

/* err: the call came to nothing, and is told why. NULL: said and found are the result. */
void tool_call_end(struct tool_call *call, const struct err *err);
/* The same with our own words to the model: its arguments do not do. What was found so far follows them, fenced. */
void tool_call_refuse(struct tool_call *call, const char *format, ...) PRINTF(2, 3);
/* Something that the call could not see, for people as well; what the model is told of it is added beside. what: which
 * metric, say; NULL: all. Foreign, both. */
void tool_call_missed(struct tool_call *call, const char *what, const char *why);
/* A name that stands in a structured place of what was found: from now on the model may use it. */
void tool_call_learn(struct tool_call *call, const char *name);
void tool_call_learn_label(struct tool_call *call, const char *label); /* and its values; NULL: nothing */
bool tool_call_knows(const struct tool_call *call, const char *name, enum tool_trust trust);
/* False: this answer has as many as it may, or this very one. Copied. */
bool tool_call_propose(struct tool_call *call, const struct tool_proposal *proposal);
/* "T1", "T2"...: by which an answer may cite what a tool found; no other one of the answer has it. */
const char *tool_call_number(struct tool_call *call);
/* Adds a foreign text to `found`, on one line, redacted, then cut; NULL: "?". That takes long, so it is done on the
 * worker's thread when the call has ended: until then `found` holds the text as it is. */
void tool_call_add(struct tool_call *call, const char *text, size_t most);
/* The line that `found` ends with is something that a claim of a cause may rest on. */
void tool_call_reason(struct tool_call *call);
/* "2026-11-26 09:00", with seconds where there are some, in the zone of the question. */
void tool_call_add_time(const struct tool_call *call, struct str *out, int64_t wall_ms);

/* NULL: there is none of that name. Defined in commands/tool_table.c. */
const struct tool *tool_find(const char *name);
extern const struct tool *const tools[]; /* ended by NULL */

extern const struct tool tool_list_metrics, tool_read_metric, tool_judge_metrics, tool_list_alarms, tool_alarm_history,
	tool_list_incidents, tool_recent_changes, tool_list_log_groups, tool_query_logs, tool_propose_runbook;

#endif
