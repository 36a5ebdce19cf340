/*
 * credentials_chain.h - where our own credentials come from.
 *
 * The order (that of botocore and the Kotlin SDK where they agree):
 *   1. environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
 *   2. web identity by environment: AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME
 *   3. the profile (adapters/aws/profile.h): role_arn with source_profile or credential_source; web
 *      identity; static keys; credential_process
 *   4. container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI
 *   5. the instance's metadata (IMDSv2)
 * The first that is configured decides: if it fails, that is the error. Going on to the next would
 * silently act as somebody else. Files and environment are read at each question.
 */
#ifndef ADAPTERS_AWS_CREDENTIALS_CHAIN_H
#define ADAPTERS_AWS_CREDENTIALS_CHAIN_H

#include "adapters/aws/aws.h"
#include "adapters/aws/credentials.h"

struct aws_chain;

struct aws_chain *aws_chain_new(struct aws *aws);
/* Ends a question under way without completing it. */
void aws_chain_free(struct aws_chain *chain);
/* An aws_credentials_ask_fn; arg: the chain. One question at a time. */
void aws_chain_ask(void *arg, aws_credentials_fn *done, void *done_arg);

#endif
