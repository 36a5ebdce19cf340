/*
 * may.h - whether calls that cost money would be allowed, asked so that nothing is charged.
 *
 * What is sent cannot be carried out: a request of a model without its question, a query that is none, a query id that
 * nobody has. AWS looks at the rights first, so a refusal of what was sent says that we may send it. Used by
 * `tocsin check --live`.
 *
 * done: success: we may; ERR_REFUSED: we may not, and the text says what to do; others as in aws.h.
 */
#ifndef ADAPTERS_AWS_MAY_H
#define ADAPTERS_AWS_MAY_H

#include "adapters/aws/aws.h"

/*
 * Both permissions that Converse and ConverseStream need (InvokeModel, InvokeModelWithResponseStream), that the model
 * is known in the region and that the account has access to it; signed, or with AWS_BEARER_TOKEN_BEDROCK, as
 * adapters/aws/bedrock.h does. Not: quotas, and the guardrail.
 */
void may_use_model(struct aws *aws, const struct aws_target *target, const char *model, struct done done);
/* Whether the log group may be queried (logs:StartQuery), and queries be looked at and stopped. It need not exist. */
void may_query_logs(struct aws *aws, const struct aws_target *target, const char *group, struct done done);

#endif
