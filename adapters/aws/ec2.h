/* ec2.h - what EC2 says of an instance (ec2 query protocol, XML). */
#ifndef ADAPTERS_AWS_EC2_H
#define ADAPTERS_AWS_EC2_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/aws/aws.h"

struct ec2_instance {
	char *state;   /* "pending", "running", "shutting-down", "terminated", "stopping", "stopped" */
	char *reason;  /* StateTransitionReason, or NULL */
	char *type;    /* "t3.micro", or NULL */
	char *name;    /* tag Name, or NULL */
	bool windows;
	int64_t launched_ms; /* 0: unknown */
};
void ec2_instance_free(struct ec2_instance *instance); /* members */

/* DescribeInstances with the filter instance-id, so that an unknown id is an empty answer:
 * ERR_NOT_FOUND. Stopped and terminated instances are found (the latter for about an hour). */
void ec2_describe(struct aws *aws, const struct aws_target *target, const char *instance,
                  struct ec2_instance *out, struct done done);

#endif
