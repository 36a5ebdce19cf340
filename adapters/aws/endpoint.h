/*
 * region.h - where an AWS service of a region listens.
 *
 * Environment (botocore's names and order): AWS_ENDPOINT_URL_<SERVICE>, then AWS_ENDPOINT_URL;
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true switches both off. A blank value counts as unset.
 * It is read once, at the first question or by aws_region_read_environment.
 */
#ifndef ADAPTERS_AWS_REGION_H
#define ADAPTERS_AWS_REGION_H

#include <stdbool.h>

#include "bot/err.h"

/*
 * service: the host prefix of the endpoint, as in "sns", "monitoring", "logs" or
 * "bedrock-runtime". *url: without trailing slash; a configured one may hold a path. free() it.
 * ERR_USAGE: no such service, an impossible region, or a configured value that is no http(s) URL.
 */
bool aws_endpoint(const char *service, const char *region, char **url, struct err *err) MUST_CHECK;

/* Takes the environment again; for tests and for main at start. */
void aws_region_read_environment(void);

#endif
