/*
 * judge.h - what an answer of Jira means for the call that got it: the one place that reads statuses.
 *
 * Shape of refusals: {"errorMessages":[...],"errors":{field:text}}; one of the two is often empty. Sources:
 * Atlassian's OpenAPI of Jira Cloud v3, its pages on rate limiting; Data Center answers alike, with
 * CAPTCHA and login headers of its own.
 */
#ifndef ADAPTERS_JIRA_JUDGE_H
#define ADAPTERS_JIRA_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct http_answer;
struct json_object;

/* What was asked. Strings borrowed. */
struct jira_question {
	const char *what;   /* completes "Jira cannot ...": "create an issue in OPS" */
	const char *advice; /* what a person can do about a refusal; may be NULL */
	bool idempotent;    /* may be repeated without harm: nothing is ERR_UNKNOWN */
	bool wants_json;    /* a success without a readable body is none */
};

struct jira_outcome {
	int status;               /* 0: no answer came */
	struct err err;           /* kind ERR_NONE: success */
	struct json_object *json; /* the body of success or refusal, when it is JSON; else NULL */
	bool limited;             /* 429; err.retry_after_ms is set */
	bool of_issue;            /* only writes to this one issue are limited */
	bool may_pass;            /* an idempotent call is worth another try */
};

/* Exactly one of answer and err is set. json_free(out->json). */
void jira_judge(struct jira_outcome *out, const struct jira_question *question,
                const struct http_answer *answer, const struct err *err);

#endif
