/*
 * iam.h - the least IAM policy for what a configuration turns on (`tocsin iam`).
 *
 * What each operation needs: AWS's service authorization reference for Systems Manager, EC2, CloudWatch, CloudWatch
 * Logs, CloudTrail, Bedrock, DynamoDB, Managed Prometheus, SNS, STS; for inference profiles Bedrock's user guide
 * ("Prerequisites for inference profiles"). Alarms get charts, so metrics may always be read.
 * GetCallerIdentity needs no permission, and ConfirmSubscription is not signed.
 */
#ifndef ADAPTERS_AWS_IAM_H
#define ADAPTERS_AWS_IAM_H

struct config;

/* JSON, indented; config NULL: what the built-in runbooks need. free() it. */
char *iam_policy(const struct config *config);

#endif
