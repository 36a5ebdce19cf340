/*
 * judge.h - what an answer of Slack's Web API means for the call that got it. Pure.
 *
 * HTTP status is 200 even for errors; only "ok" counts. Classes: docs.slack.dev, each method's
 * table of errors; "It's possible some aspect of the operation succeeded" makes internal_error and
 * fatal_error ambiguous for calls that are not idempotent. What did not come from Slack (a
 * certificate that does not fit, a 4xx that is not Slack's JSON) is ERR_RETRY: it did not happen.
 */
#ifndef ADAPTERS_SLACK_JUDGE_H
#define ADAPTERS_SLACK_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/slack/method.h"
#include "bot/err.h"

struct http_answer;
struct json_object;

#define SLACK_CODE_SIZE 64

enum slack_verdict {
	SLACK_OK,
	SLACK_LIMITED,    /* wait_ms, then send it again: it certainly did not happen */
	SLACK_JOIN_FIRST, /* the bot is not in the channel; err says what a person can do instead */
	SLACK_PLAINER,  /* blocks or attachments were refused, so nothing is shown: something plainer may pass */
	SLACK_FAILED,     /* err says how */
};

struct slack_outcome {
	enum slack_verdict verdict;
	struct err err;           /* not with SLACK_OK and SLACK_LIMITED */
	bool fatal;               /* nothing will work until a person changes the app or its tokens */
	int64_t wait_ms;          /* SLACK_LIMITED: as Slack wishes */
	char code[SLACK_CODE_SIZE];            /* Slack's error word, safe to log; "" when there is none */
	char place[200];          /* where Slack says the blocks are wrong */
	struct json_object *json; /* SLACK_OK: the answer, the caller's to free; NULL for SLACK_UPLOAD_BYTES; may be
	                             NULL for SLACK_RESPOND */
};

/* Exactly one of answer and err is set. channel may be NULL. */
void slack_judge(struct slack_outcome *out, enum slack_method method, const char *channel,
                 const struct http_answer *answer, const struct err *err);

#endif
