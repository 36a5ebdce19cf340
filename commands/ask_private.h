/*
 * ask_private.h - what a question's flow remembers; for commands/ask*.c alone.
 */
#ifndef COMMANDS_ASK_PRIVATE_H
#define COMMANDS_ASK_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "commands/command.h"

struct ask_turn;
struct ask_turn_result;
struct briefing;
struct flow;
struct message;

/* What became of it; ask->outcome. */
#define ASK_ANSWERED "answered"
#define ASK_PARTLY "partly"           /* it broke off, was cut, or not all could be shown */
#define ASK_PLAIN "plain"             /* without a model */
#define ASK_STOPPED "stopped"
#define ASK_INTERRUPTED "interrupted" /* by the end of the process */
#define ASK_FAILED "failed"

struct ask {
	struct origin origin;
	char *question;   /* without secrets, cut */
	bool cut;
	int64_t now_ms;   /* the question's time; the same after a crash */
	int64_t metrics;  /* chosen */
	char *range;      /* the question's, in words: "since 09:00 (Asia/Tokyo)" */
	bool waited;      /* for its turn, and the head says so */
	bool active;      /* it has its turn: see commands/ask.c on waiting */
	bool asked;       /* a model was, or is just about to be */
	int64_t asked_ms; /* since when there may be a stream; clock_true_ms */
	bool stopped;
	char *stopped_by; /* NULL: by the chat's own button */
	bool plain;       /* answered without a model */
	char *why;        /* no model speaks, a sentence; NULL: none is configured */
	char *outcome;    /* NULL: not over */
	char *said;       /* about the outcome, for people; NULL: nothing */
	char *again;      /* the question that the button asks; NULL: no button */
	bool again_is_rest; /* that button goes on with what was cut */
	char *answer;     /* as it was shown */
	bool head_waits;  /* the head is not right: it could not be edited, or a chart failed afterwards */
	char *chart_why;  /* why a chart of it is missing; NULL: none is */
	int64_t charts;   /* of cited findings: so many are due */
	int64_t told;     /* so many of them were shown, or are missing */
	char *chart, *chart_alt, *told_message, *context; /* scratch, as is all below */
	struct message *plain_message; /* the answer without a model; NULL: not made, or lost with its process */
	struct briefing *briefing; /* NULL: to be read (again) */
	struct ask_turn *turn;     /* NULL: none, or lost with its process */
	int64_t progress_ms;       /* when it was last told; monotonic */
};

/* Over before there is an answer. For steps. */
enum flow_next ask_conclude(struct flow *flow, const char *outcome, const char *said);
/* Beside the bot's name; NULL: nothing any more. */
void ask_status(struct flow *flow, const char *what);
/* user NULL: by the chat's own button. */
void ask_stop_flow(struct flow *flow, const char *user);

/* commands/ask_queue.c. */
bool ask_queue_has_turn(struct flow *flow);
/* Why one more may not even wait; NULL: it may. */
const char *ask_queue_full(struct flow *flow);
/* Its place is free. */
void ask_queue_leave(struct flow *flow);

/* commands/ask.c: frees what was read for the answer, and the talk with the model, which is over. */
void ask_forget(struct ask *ask);

/* commands/ask_end.c: steps of ask_plan. */
enum flow_next ask_end_conclude(struct flow *flow);
enum flow_next ask_end_show(struct flow *flow);
enum flow_next ask_end_shown(struct flow *flow);
enum flow_next ask_end_recall(struct flow *flow);
enum flow_next ask_end_remember(struct flow *flow);
enum flow_next ask_end_head(struct flow *flow);
enum flow_next ask_end_last_head(struct flow *flow);
enum flow_next ask_end_head_again(struct flow *flow);
enum flow_next ask_end_wait_for_head(struct flow *flow);
enum flow_next ask_end_say(struct flow *flow);
enum flow_next ask_end_find_said(struct flow *flow);
enum flow_next ask_end_plain(struct flow *flow);
void ask_end_free_plain(struct ask *ask);
enum flow_next ask_end_plain_worded(struct flow *flow);
enum flow_next ask_end_say_plain(struct flow *flow);
enum flow_next ask_end_find_plain(struct flow *flow);
enum flow_next ask_end_plain_told(struct flow *flow);
enum flow_next ask_end_mend(struct flow *flow);
enum flow_next ask_end_mended(struct flow *flow);

/* commands/ask_chart.c: how many charts the answer is due, while what it rests on is there; then steps of ask_plan. */
void ask_chart_count(struct ask *ask);
/* Those that were not shown yet will not be. Goes to the head, which says so. */
const char *ask_chart_missing(struct ask *ask, const char *why);
enum flow_next ask_chart_next(struct flow *flow);
enum flow_next ask_chart_upload(struct flow *flow);
enum flow_next ask_chart_post(struct flow *flow);
enum flow_next ask_chart_find(struct flow *flow);
enum flow_next ask_chart_told(struct flow *flow);

/* commands/ask_message.c; each initialises the message. */

/* The head while something is under way, with its stop button. */
void ask_message_busy(struct message *message, struct flow *flow, const char *what);
/* The head when it is over. */
void ask_message_over(struct message *message, struct flow *flow);
/* Below the streamed answer: what could not be seen, what the check did, tokens and cost, proposals. */
void ask_message_last(struct message *message, struct flow *flow, const struct ask_turn_result *result);
/* Below an answer that a restart cut off. */
void ask_message_interrupted(struct message *message, struct flow *flow);
/* Below what briefing_plain made, which it is added to: what it cost, and how to ask once more where that helps. */
void ask_message_plain(struct message *message, struct flow *flow);
/* Why no model speaks, as briefing_plain takes it. */
const char *ask_message_why(struct flow *flow);

#endif
