/*
 * aws.h - signed calls to AWS: credentials, endpoints, retries and clock skew are settled below it.
 *
 * Contract of every asynchronous call in adapters/aws: `done` completes exactly once, on the loop,
 * never before the call has returned. Requests are borrowed until the call returns. Out-parameters
 * stay valid until `done`, are written on success only, and their strings are owned by the caller
 * (mem_set_string / free): what a slot held before is freed.
 *
 * Outcome: success; ERR_RETRY (certainly did not happen: throttled, retries spent, no connection);
 * ERR_UNKNOWN (may have happened; only for what is not idempotent); ERR_REFUSED (never will: no
 * credentials, access denied, bad parameters... the text names the IAM action or what to do);
 * ERR_NOT_FOUND where a header says so; ERR_CANCELLED at aws_free.
 *
 * Every call but those of bedrock.h and logs.h ends within 30 s: at most three tries (adapters/aws/retry.h), for
 * what is not idempotent only while it certainly did not happen.
 */
#ifndef ADAPTERS_AWS_AWS_H
#define ADAPTERS_AWS_AWS_H

#include "bot/err.h"

struct aws;
struct bot;

/* Where a call goes. NULL members: the program's own account; aws.region of the configuration (else
 * AWS_REGION, AWS_DEFAULT_REGION, the profile's). Another account: by AssumeRole of its role_arn in
 * aws.accounts; an account that is neither our own nor listed is ERR_REFUSED with what to add to the
 * configuration. A listed account without role_arn is reached with our own credentials. */
struct aws_target {
	const char *account; /* 12 digits */
	const char *region;  /* "us-east-1" */
};

/* Uses bot->loop and bot->http; reads bot->config at each call. When AWS_CA_BUNDLE (or the profile's
 * ca_bundle) names authorities and network.ca_file does not, calls to AWS trust those, by a client of their
 * own. ERR_USAGE: a file of AWS's shared configuration cannot be used. */
struct aws *aws_new(struct bot *bot, struct err *err) MUST_CHECK;
/* The process is about to end, and the loop still turns: what would go on costing money at AWS (queries of logs)
 * is stopped there, and completes with ERR_CANCELLED. */
void aws_stop(struct aws *aws);
/* What is under way completes with ERR_CANCELLED. Before http_client_free. */
void aws_free(struct aws *aws);
/* Read-only proof that there are credentials: STS GetCallerIdentity. *arn owned by the caller. */
void aws_whoami(struct aws *aws, const struct aws_target *target, char **arn, struct done done);

#endif
