/*
 * command.h - one entry describes a command whole: words, help, and its plan of steps.
 *
 * A new command is one file with one `const struct command` and one line in commands/all.c. Its
 * state begins with a struct origin, its field table with ORIGIN_FIELDS, and its answer is one
 * step made with the helpers of commands/answer.h.
 */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include <stdbool.h>

#include "bot/err.h"
#include "bot/flow.h"

/* Where a command came from, and so where its answer belongs. First member of every state. */
struct origin {
	char *user;
	char *channel;
	char *thread;       /* NULL: the channel itself */
	char *response_url; /* slash commands and clicks; a secret */
	char *posted;       /* id of the answer */
};

#define ORIGIN_FIELDS(struct_) \
	{ "user", FIELD_STRING, offsetof(struct struct_, origin.user) }, \
	{ "channel", FIELD_STRING, offsetof(struct struct_, origin.channel) }, \
	{ "thread", FIELD_STRING, offsetof(struct struct_, origin.thread) }, \
	{ "response_url", FIELD_STRING, offsetof(struct struct_, origin.response_url) }, \
	{ "posted", FIELD_STRING, offsetof(struct struct_, origin.posted) }

struct command {
	const char *name;    /* the word people type: "ping" */
	bool own_slash;      /* also registered as /name; every command is /tocsin name */
	const char *usage;   /* "ping" or "top <instance>" */
	const char *summary; /* for help and the Slack manifest */
	/* Reads the words behind the name into the state; NULL: the command takes none. */
	void (*parse)(void *state, const char *arguments);
	const struct flow_plan *plan;
	/* What its first word may choose instead when another word follows: "dashboard import NAME". NULL: nothing. */
	const struct command *sub;
	/* Several words behind it that end in "?" are a question instead: "cost of checkout since nine?" */
	bool yields_to_question;
};

extern const struct command *const commands[];      /* in the order of help; ended by NULL */
const struct flow_plan *const *all_plans(void);      /* of commands and alarm flows; ended by NULL */

const struct command *command_find(const char *name); /* NULL: no such command */
const struct command *command_nearest(const char *name); /* what a mistyped word may have meant, or NULL */

#endif
