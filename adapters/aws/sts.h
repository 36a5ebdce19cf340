/*
 * sts.h - AWS Security Token Service: who we are, and temporary credentials (query protocol, XML).
 */
#ifndef ADAPTERS_AWS_STS_H
#define ADAPTERS_AWS_STS_H

#include "adapters/aws/aws.h"
#include "adapters/aws/credentials.h"

struct sts_role {
	const char *arn;
	const char *session;     /* 2 ... 64 of A-Z a-z 0-9 _ = , . @ - */
	const char *external_id; /* NULL: none */
	int64_t duration_s;      /* 0: the role's default, an hour */
	const char *region;      /* NULL: as for any call */
};

/* Signed with `credentials`. */
void sts_assume_role(struct aws *aws, const struct sts_role *role, struct aws_credentials *credentials,
                     aws_credentials_fn *done, void *arg);
/* Not signed: the token is the proof. */
void sts_assume_role_with_web_identity(struct aws *aws, const struct sts_role *role, const char *token,
                                       aws_credentials_fn *done, void *arg);
/* account and arn: slots as aws.h describes, both may be NULL. credentials: NULL for the target's. */
void sts_caller_identity(struct aws *aws, const struct aws_target *target, struct aws_credentials *credentials,
                         char **account, char **arn, struct done done);

#endif
