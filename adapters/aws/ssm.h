/*
 * ssm.h - run commands on instances by SSM Run Command (awsJson1.1, AmazonSSM.*).
 *
 * Facts: the service model of SSM (AmazonSSM, 2014-11-06) and its user guide: limits at each field;
 * GetCommandInvocation answers InvocationDoesNotExist for a while after SendCommand.
 */
#ifndef ADAPTERS_AWS_SSM_H
#define ADAPTERS_AWS_SSM_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/aws/aws.h"

struct ssm_instance {
	char *platform;      /* "Linux", "Windows", "MacOS" */
	char *ping;          /* "Online", "ConnectionLost", "Inactive" */
	char *computer;      /* its own name, or NULL */
	int64_t last_ping_ms; /* wall clock; 0: unknown */
};
void ssm_instance_free(struct ssm_instance *instance); /* members */
/* ERR_NOT_FOUND: SSM does not know the instance (the text lists the four usual causes). DescribeInstanceInformation. */
void ssm_describe(struct aws *aws, const struct aws_target *target, const char *instance,
                  struct ssm_instance *out, struct done done);

struct ssm_command {
	struct aws_target target;
	const char *instance;
	bool windows;          /* AWS-RunPowerShellScript instead of AWS-RunShellScript */
	const char *script;    /* sent as one element a line in `commands` */
	int64_t timeout_s;     /* executionTimeout, 1...172800 */
	const char *comment;   /* the nonce by which ssm_find finds it; at most 100 characters */
};
/* Not idempotent: on ERR_UNKNOWN use ssm_find. SendCommand, TimeoutSeconds 30 (delivery). */
void ssm_send(struct aws *aws, const struct ssm_command *command, char **command_id, struct done done);
/* ERR_NOT_FOUND: no command with that comment since then (ListCommands, InvokedAfter, paged). since_ms is
 * of our wall clock; some minutes before it are looked at too, as clocks differ. ERR_RETRY: more than
 * 1000 commands since then. */
void ssm_find(struct aws *aws, const struct aws_target *target, const char *instance, const char *comment,
              int64_t since_ms, char **command_id, struct done done);

enum ssm_phase {
	SSM_WAITING, /* sent, not there yet or not started (InvocationDoesNotExist too) */
	SSM_RUNNING,
	SSM_DONE,    /* exit 0 */
	SSM_FAILED,  /* everything else that is over; `why` says what, for people */
};
struct ssm_result {
	enum ssm_phase phase;
	char *status;     /* StatusDetails as AWS says it */
	char *why;        /* SSM_FAILED: a sentence: "timed out on the instance after 60 s"... ; else NULL */
	int64_t exit_code; /* -1: not started */
	char *output;     /* StandardOutputContent; "" when empty; at most 24,000 characters */
	char *errors;     /* StandardErrorContent; "" when empty; at most 8,000 */
	bool cut;         /* SSM kept only the beginning of the output */
};
void ssm_result_free(struct ssm_result *result); /* members */
/* One look (GetCommandInvocation). Success for every phase. */
void ssm_poll(struct aws *aws, const struct aws_target *target, const char *command_id,
              const char *instance, struct ssm_result *out, struct done done);
/* No guarantee that it stops: SSM tries (CancelCommand). Of one that is over: success. */
void ssm_cancel(struct aws *aws, const struct aws_target *target, const char *command_id, const char *instance,
                struct done done);

#endif
