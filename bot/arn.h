/*
 * arn.h - Amazon resource names, and which partition of AWS a region belongs to.
 *
 * Facts: partitions.json of botocore (ids, region patterns, DNS suffixes); console hosts from the
 * partitions' own documentation. The secret partitions publish no console host.
 */
#ifndef BOT_ARN_H
#define BOT_ARN_H

#include <stdbool.h>

/* "arn:partition:service:region:account:resource"; region and account may be empty. */
struct arn {
	char partition[16];
	char service[32];
	char region[32];
	char account[16];     /* digits, "aws" or empty */
	const char *resource; /* the rest of the text it was split from; not empty */
};

/* False when it is no ARN or a field holds characters that AWS does not use there. */
bool arn_split(const char *text, struct arn *arn);

struct partition {
	const char *id;           /* "aws", "aws-cn" ... */
	const char *dns_suffix;   /* of service endpoints: "amazonaws.com" */
	const char *console_host; /* "console.aws.amazon.com"; NULL: none is published */
	const char *dual_stack_suffix; /* of endpoints that have IPv6: "api.aws" */
};

/* NULL when `region` cannot be a region code. Unknown regions of no known prefix are in "aws". */
const struct partition *partition_of_region(const char *region);

/* Letters, digits and hyphens, as in "us-east-1": safe to build host names from. NULL: false. */
bool region_is_plausible(const char *region);

#endif
