/*
 * ask_turn.h - one answer of the model while it is made: what it is told, its rounds with tools, the check of its
 * words, and the stream that shows them.
 *
 * In memory only: a process that dies takes it along, and the answer counts as interrupted. commands/ask.c leads it
 * from step to step: prepare, reserve, converse, judge, then tools and again, or the end. What takes long is done on
 * the worker's thread (bot/answer_check.h).
 */
#ifndef COMMANDS_ASK_TURN_H
#define COMMANDS_ASK_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/budget.h"
#include "bot/err.h"
#include "bot/fact_check.h"

struct ask_turn;
struct bot;
struct briefing;
struct conversation;
struct message;
struct tool_failure;
struct tool_proposal;

#define ASK_TURN_ROUNDS_MAX 6 /* with tools, of one answer; then the model answers with what it has */
#define ASK_TURN_CALLS_MAX 12 /* of tools, of one answer */

/* All texts are copied. */
struct ask_turn_start {
	struct bot *bot;
	const char *id; /* of the answer: the flow's */
	const char *user, *channel, *thread;
	const char *question;
	const char *incident;               /* what is known of the thread's; NULL: it is no incident's */
	const struct conversation *earlier; /* borrowed during the call; NULL: nothing was asked here before */
	const struct briefing *briefing;    /* read; borrowed, outlives the turn */
	int64_t now_ms;                     /* the question's time */
	void (*progress)(void *arg, const char *what); /* "reading logs of /shop/checkout" */
	void (*stopped)(void *arg);                    /* by the chat's own stop button */
	void *arg;
};

struct ask_turn *ask_turn_new(const struct ask_turn_start *start);
void ask_turn_free(struct ask_turn *turn); /* not while a token is out; may be NULL */

/* Makes what the model is told; before the first call, and when ask_turn_judge wants it anew. done: success, or
 * ERR_CANCELLED: the program ends. */
bool ask_turn_is_prepared(const struct ask_turn *turn);
void ask_turn_prepare(struct ask_turn *turn, struct done done);
/* Sets money aside for the next call of the model, in the open journal batch: ask when that is durable. False: the
 * answer is over (a ceiling, or the stop button). */
bool ask_turn_reserve(struct ask_turn *turn);
/* One call of the model, its text shown as it comes. done: success, whatever became of it; ERR_CANCELLED: the program
 * ends. */
void ask_turn_converse(struct ask_turn *turn, struct done done);

enum ask_turn_next {
	ASK_TURN_TOOLS, /* ask_turn_tools, then the model again */
	ASK_TURN_AGAIN, /* the model again, prepared if need be */
	ASK_TURN_OVER,
};
enum ask_turn_next ask_turn_judge(struct ask_turn *turn);
/* All that the model called for, side by side. done: success. */
void ask_turn_tools(struct ask_turn *turn, struct done done);

/* A person wants no more: what is under way ends soon. */
void ask_turn_stop(struct ask_turn *turn);
/* Ends the stream, the parts of `last` below it. done: success, or ERR_CANCELLED: the program ends; what could not be
 * shown is in the result's `trouble`. */
void ask_turn_end(struct ask_turn *turn, const struct message *last, struct done done);

enum ask_turn_end {
	ASK_TURN_WHOLE,
	ASK_TURN_STOPPED,   /* by a person */
	ASK_TURN_CUT,       /* at the model's limit */
	ASK_TURN_REFUSED,   /* by a guardrail, or the model's filter */
	ASK_TURN_BROKE_OFF, /* what was shown is not all */
	ASK_TURN_SILENT,    /* nothing was shown */
};

/* Borrowed from the turn. */
struct ask_turn_result {
	enum ask_turn_end end;
	const char *why;     /* a sentence; NULL: there is nothing to say */
	const char *text;    /* as it was shown; "" */
	const char *trouble; /* of showing it; NULL: none */
	struct fact_check_counts counts;
	struct budget_tokens tokens; /* of all calls, as far as they are known */
	bool tokens_known;
	int64_t calls; /* of tools */
	const struct tool_proposal *proposals;
	size_t proposal_count;
	const struct tool_failure *failures;
	size_t failure_count;
};

/* Once it is over. */
void ask_turn_result(const struct ask_turn *turn, struct ask_turn_result *result);

#endif
