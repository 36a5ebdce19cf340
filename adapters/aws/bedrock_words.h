/* bedrock_words.h - Bedrock's errors in words: what happened, and what to do. Private to bedrock.c and may.c. */
#ifndef ADAPTERS_AWS_BEDROCK_WORDS_H
#define ADAPTERS_AWS_BEDROCK_WORDS_H

#include <stdbool.h>

#include "adapters/aws/fault.h"

/* err: complete, as client.c made it; replaced where more is known of the error. */
void bedrock_words(const struct aws_fault *fault, const char *model, bool bearer, struct err *err);
/* An exception within the stream, for which there is nothing in *err yet. */
void bedrock_words_in_stream(const struct aws_fault *fault, const char *model, struct err *err);
/* What was sent is no request that the model can read; nothing is wrong with the model itself, and we may use it. */
bool bedrock_refuses_form(const struct aws_fault *fault);
/* The model itself failed at what it was sent, so it had read it. */
bool bedrock_model_ran(const struct aws_fault *fault);
/* The model, or the policy, has no objection to Converse. */
bool bedrock_refuses_streaming(const struct aws_fault *fault);

#endif
