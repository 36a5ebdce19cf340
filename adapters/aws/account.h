/*
 * account.h - whose credentials a call is signed with: ours, or those of a role in another account.
 *
 * Roles come from aws.accounts; each is assumed once (STS AssumeRole, session "tocsin") and kept fresh.
 * Which account is ours is learnt once by GetCallerIdentity, when a call first names an account that is
 * not listed as reachable without a role: our own needs none, even when one is listed.
 */
#ifndef ADAPTERS_AWS_ACCOUNT_H
#define ADAPTERS_AWS_ACCOUNT_H

#include "adapters/aws/aws.h"
#include "adapters/aws/credentials.h"

struct aws_accounts;

struct aws_accounts *aws_accounts_new(struct aws *aws);
void aws_accounts_free(struct aws_accounts *accounts); /* who waits is told ERR_CANCELLED */
void aws_accounts_get(struct aws_accounts *accounts, const char *account /* NULL: ours */,
                      aws_credentials_fn *done, void *arg);
void aws_accounts_refused(struct aws_accounts *accounts, const struct aws_credentials *refused);
const char *aws_accounts_own(const struct aws_accounts *accounts); /* NULL: not learnt yet */

#endif
