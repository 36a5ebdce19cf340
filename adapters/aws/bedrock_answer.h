/*
 * bedrock_answer.h - a model's answer, put together from the events of ConverseStream or read from Converse.
 *
 * Pure: no network, no clock. What is told on the way goes to the listener of bedrock.h. Events and members that
 * are not known here are passed over: Bedrock gains some every few months.
 */
#ifndef ADAPTERS_AWS_BEDROCK_ANSWER_H
#define ADAPTERS_AWS_BEDROCK_ANSWER_H

#include "adapters/aws/bedrock.h"

#define BEDROCK_BLOCKS_MAX 64
#define BEDROCK_ANSWER_SIZE ((size_t)1 << 20) /* bytes of all texts together */

struct bedrock_answer;

struct bedrock_answer *bedrock_answer_new(const struct bedrock_listener *listener, void *arg);
void bedrock_answer_free(struct bedrock_answer *answer); /* NULL: nothing */
/* Nothing is told from now on. */
void bedrock_answer_mute(struct bedrock_answer *answer);

/* One event of the stream: ":event-type" and the payload. ERR_UNKNOWN: it cannot be what Bedrock sends. */
bool bedrock_answer_event(struct bedrock_answer *answer, const char *type, const char *json, size_t length,
                          struct err *err) MUST_CHECK;
/* The whole answer of Converse; likewise. */
bool bedrock_answer_whole(struct bedrock_answer *answer, struct json_object *json, struct err *err) MUST_CHECK;

bool bedrock_answer_begun(const struct bedrock_answer *answer); /* anything of it has come */
bool bedrock_answer_over(const struct bedrock_answer *answer);  /* the reason why it stopped has come */
/* All but first_ms and streamed. Borrowed until the answer is freed; asked once. */
void bedrock_answer_result(struct bedrock_answer *answer, struct bedrock_result *result);

#endif
