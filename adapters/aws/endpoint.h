/*
 * endpoint.h - where an AWS service of a region listens.
 *
 * A configured endpoint, in botocore's order: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the
 * profile's `services` section, the profile's endpoint_url. All are switched off by
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or the profile's ignore_configured_endpoint_urls. Else
 * https://SERVICE.REGION.SUFFIX of the region's partition (bot/arn.h); AWS_USE_FIPS_ENDPOINT and
 * AWS_USE_DUALSTACK_ENDPOINT, or the profile's use_fips_endpoint and use_dualstack_endpoint, change
 * host and suffix. Blank values count as unset.
 */
#ifndef ADAPTERS_AWS_ENDPOINT_H
#define ADAPTERS_AWS_ENDPOINT_H

#include <stdbool.h>

#include "bot/err.h"

/*
 * service: the host prefix of the endpoint, as in "sns", "monitoring", "logs" or
 * "bedrock-runtime". *url: without trailing slash; a configured one may hold a path. free() it.
 * ERR_USAGE: no such service, an impossible region, a configured value that is no http(s) URL, or
 * an unreadable profile file.
 */
bool aws_endpoint(const char *service, const char *region, char **url, struct err *err) MUST_CHECK;

/* The region for calls whose target and configuration name none: AWS_REGION, AWS_DEFAULT_REGION, the
 * profile's region; else NULL. Borrowed until the profiles are read again. */
const char *aws_default_region(void);

#endif
