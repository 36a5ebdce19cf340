/*
 * fault.h - what AWS said went wrong: read from JSON, XML and headers, sorted, and put into words.
 *
 * Facts: awsJson and query protocol descriptions (Smithy), botocore's parsers; the lists of codes are
 * those of botocore's standard retry mode, of the clock-skew interceptors and of STS.
 */
#ifndef ADAPTERS_AWS_FAULT_H
#define ADAPTERS_AWS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

enum aws_protocol {
	AWS_JSON_1_0,
	AWS_JSON_1_1,
	AWS_REST_JSON, /* the path says what is called */
	AWS_QUERY,
	AWS_EC2_QUERY,
};

struct aws_fault {
	int status;
	char code[96];       /* bare: "ThrottlingException"; "" when none was given */
	char message[512];   /* printable characters only; "" when none */
	char request_id[80]; /* "" when none */
};

/* Headers of the answer; NULL where absent. */
struct aws_fault_headers {
	const char *error_type;  /* x-amzn-ErrorType */
	const char *query_error; /* x-amzn-query-error: the code of old, of a service that left the query protocol */
	const char *request_id;  /* x-amzn-RequestId or x-amz-request-id */
};

/* Never fails: what cannot be read stays empty. */
void aws_fault_read(struct aws_fault *fault, enum aws_protocol protocol, int status, const char *body,
                    size_t length, const struct aws_fault_headers *headers);

enum aws_fault_kind {
	AWS_FAULT_FINAL,     /* the request is refused for good */
	AWS_FAULT_TRANSIENT, /* it may work later; it may have worked */
	AWS_FAULT_THROTTLED, /* it was not done; later */
	AWS_FAULT_NOT_READY, /* it was not done: what it needs is being made ready; later, and with patience */
	AWS_FAULT_SKEWED,    /* not done: our clock differs */
	AWS_FAULT_SIGNATURE, /* not done: the signature is wrong, perhaps because of the clock */
	AWS_FAULT_EXPIRED,   /* not done: the credentials are over or no longer known */
};
enum aws_fault_kind aws_fault_kind(const struct aws_fault *fault);
/* The code says that permission is missing. */
bool aws_fault_is_denied(const struct aws_fault *fault);

#endif
