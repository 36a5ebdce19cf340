/*
 * bedrock.h - one turn of a conversation with a model on Amazon Bedrock: ConverseStream, or Converse where
 * streaming is refused.
 *
 * Calls are signed like all others of this folder, or carry the key of AWS_BEARER_TOKEN_BEDROCK when that is set.
 * Throttling, errors of the service and dead connections are tried again as adapters/aws/retry.h does, a model that
 * is not ready yet five times (ModelNotReadyException is modelled retryable), a model's own failure or time-out
 * never; nor is anything once some of the answer was told. At most 8 turns run at once, more are ERR_RETRY.
 *
 * Outcome, as in aws.h: success; ERR_RETRY (no whole answer; asking again does no harm, but what the model read and
 * wrote may be charged: bedrock_maybe_charged); ERR_REFUSED (the text says what to do: the IAM action, access to the
 * model, a quota...); ERR_CANCELLED by bedrock_cancel, or at aws_free.
 *
 * Facts: the service model of Bedrock Runtime (2023-09-30) and its API reference: Converse, ConverseStream.
 */
#ifndef ADAPTERS_AWS_BEDROCK_H
#define ADAPTERS_AWS_BEDROCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/aws.h"

struct bedrock_call; /* one running turn */
struct json_object;

struct bedrock_request {
	const char *model;        /* id, inference profile, or any ARN that Bedrock takes; at most 2048 characters */
	struct aws_target target;
	const char *system;       /* instructions; NULL: none */
	bool cache_system;        /* a cachePoint behind the instructions: what is before it costs less next time */
	struct json_object *messages; /* array in Converse's form: the first is the user's, roles take turns */
	int64_t max_tokens;       /* of the answer; 0: the model's own limit */
	double temperature;       /* 0 ... 1; NAN: the model's own */
	struct json_object *tools; /* a toolConfig; NULL: none */
	const char *guardrail, *guardrail_version; /* id or ARN, and "1" or "DRAFT"; NULL: none */
	bool unstreamed;          /* Converse at once, for a model known to refuse streaming: see bedrock_result */
	/* How long to wait for the first byte, for the next one, and for the whole with all tries; 0: 60 s, 60 s, 300 s
	 * (the longest). Unstreamed, only the last one counts. */
	int64_t first_ms, silence_ms, whole_ms;
};

enum bedrock_stop {
	BEDROCK_STOP_UNKNOWN,   /* none, or a word that is newer than this file: see stop_word */
	BEDROCK_STOP_END,       /* end_turn */
	BEDROCK_STOP_TOOL,      /* tool_use: the content has toolUse blocks, each wants a toolResult */
	BEDROCK_STOP_LENGTH,    /* max_tokens */
	BEDROCK_STOP_SEQUENCE,  /* stop_sequence */
	BEDROCK_STOP_GUARDRAIL, /* guardrail_intervened: the text is the guardrail's, not the model's */
	BEDROCK_STOP_FILTERED,  /* content_filtered */
	BEDROCK_STOP_MALFORMED, /* malformed_model_output, malformed_tool_use, or tool_use with broken arguments */
	BEDROCK_STOP_CONTEXT,   /* model_context_window_exceeded */
};

struct bedrock_usage {
	bool known; /* false: the numbers did not come, though they may be charged */
	int64_t input, output, cache_read, cache_write; /* tokens; input is without those of the cache */
};

/* Borrowed during the callback; json_keep keeps the content. */
struct bedrock_result {
	/* Array of content blocks, to be appended to the messages as they are under the role "assistant" (if there are
	 * any: an empty content is refused). Blank texts and toolUse blocks that cannot be answered are left out. */
	struct json_object *content;
	enum bedrock_stop stop;
	const char *stop_word; /* as Bedrock says it; "" when the answer broke off before */
	struct bedrock_usage usage;
	int64_t latency_ms; /* by Bedrock's own clock; 0: not told */
	int64_t first_ms;   /* from the call to the first text or tool, by ours; 0: there was none */
	bool streamed;      /* false: streaming was refused, or not wanted */
};

/* Any may be NULL but done. They may call bedrock_cancel; nothing but `done` is told afterwards. */
struct bedrock_listener {
	/* The next piece of the answer's text: valid UTF-8 that splits no character. */
	void (*text)(void *arg, const char *text, size_t length);
	/* The model begins a call of a tool. name: 1 to 64 of A-Z a-z 0-9 _ - */
	void (*tool)(void *arg, const char *name);
	/* The end, once. err: NULL on success. result: with an error NULL, or what came before the answer broke off. */
	void (*done)(void *arg, const struct bedrock_result *result, const struct err *err);
};

/* Never completes before it has returned. The request is copied, the listener must stay. The handle is valid until
 * `done` is called. */
struct bedrock_call *bedrock_converse(struct aws *aws, const struct bedrock_request *request,
                                      const struct bedrock_listener *listener, void *arg);
/* The stop button: `done` comes later with ERR_CANCELLED, the connection is closed and the model stops. */
void bedrock_cancel(struct bedrock_call *call);

/* While `done` is called, without usage: whether what the model read and wrote may be charged nevertheless. Not when
 * nothing was sent, or all that was sent was throttled or refused. */
bool bedrock_maybe_charged(const struct bedrock_call *call);

/* Whether this may stand where a model is named. */
bool bedrock_model_valid(const char *model);

#endif
