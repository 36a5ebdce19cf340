/*
 * model_call.h - what all calls of the configured model have in common: how it is asked, and what becomes of the money.
 */
#ifndef COMMANDS_MODEL_CALL_H
#define COMMANDS_MODEL_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/aws/bedrock.h"

struct bot;
struct config;
struct json_object;

/* Model, region, guardrail and max_tokens of the configuration, which must live until the call has returned; all else
 * is as the call has it by default. */
struct bedrock_request model_call_request(const struct config *config);
/* A whole call came to this: a model that refuses to stream is not asked to stream again. */
void model_call_note(const struct config *config, const struct bedrock_result *result);
/* Of the request as it is sent, for the budget. tools: NULL: none. */
int64_t model_call_bytes(const char *system, struct json_object *messages, struct json_object *tools);
/* The reservation of that id becomes what was used, or goes when nothing was charged; in the open journal batch.
 * maybe_charged: see bedrock_maybe_charged. */
void model_call_settle(struct bot *bot, const char *id, const struct bedrock_usage *usage, bool maybe_charged);

/* A message with this content (taken over), and one more text in a content. */
struct json_object *model_call_message(const char *role, struct json_object *content);
void model_call_append_text(struct json_object *content, const char *text);

#endif
