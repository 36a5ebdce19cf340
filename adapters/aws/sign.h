/*
 * sign.h - signing a request that another adapter sends itself, to a service of AWS whose protocol is not AWS's own
 * (Amazon Managed Prometheus).
 */
#ifndef ADAPTERS_AWS_SIGN_H
#define ADAPTERS_AWS_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

struct aws;
struct http_header;
struct str;

#define AWS_SIGN_HEADERS 8 /* of the request's own, at most */

/* Borrowed until the call returns, but for `aws`. */
struct aws_sign_request {
	const char *method;
	const char *url; /* as it is sent, without query */
	const char *service, *region; /* of the signature: "aps" */
	const struct http_header *headers; /* to be signed beside Host; ended by { NULL } */
	const char *body;
	size_t body_length;
	bool renew; /* what was signed before was refused (AWS_FAULT_EXPIRED): ask for new credentials first */
};

/*
 * headers: all to be sent, those of the request included, ended by { NULL }; borrowed during the callback, NULL on
 * error. The signature is good for five minutes. err: NULL on success, else why there are no credentials.
 */
typedef void aws_sign_fn(void *arg, const struct http_header *headers, const struct err *err);
/* With the program's own credentials. Completes once, never before it has returned; ERR_CANCELLED at aws_free. */
void aws_sign(struct aws *aws, const struct aws_sign_request *request, aws_sign_fn *done, void *arg);

/* "https://host:8443/prefix" to "host:8443" and "/prefix"; the port is left out where it is the scheme's own. */
void aws_sign_split_url(const char *url, struct str *host, struct str *path);

#endif
