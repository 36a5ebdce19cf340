/*
 * credentials_fetch.h - credentials from what runs beside us: the container's agent or the instance's
 * metadata service (IMDSv2).
 *
 * Environment: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE (read anew each time) or
 * AWS_CONTAINER_AUTHORIZATION_TOKEN; AWS_EC2_METADATA_SERVICE_ENDPOINT, or
 * AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=ipv6. Short deadlines: where there is no such service, nobody
 * answers at all. The first version of the metadata protocol, which any forged request can read, is
 * not used.
 */
#ifndef ADAPTERS_AWS_CREDENTIALS_FETCH_H
#define ADAPTERS_AWS_CREDENTIALS_FETCH_H

#include <stdbool.h>

#include "adapters/aws/credentials.h"

struct aws_fetch;
struct bot;

/* Both complete once, later; the handle is valid until then. */
struct aws_fetch *aws_fetch_container(struct bot *bot, const char *url, aws_credentials_fn *done, void *arg);
struct aws_fetch *aws_fetch_instance(struct bot *bot, aws_credentials_fn *done, void *arg);
/* It will not complete. */
void aws_fetch_cancel(struct aws_fetch *fetch);

/* https, or a host that cannot be anybody else's: loopback, the agents' own addresses. */
bool aws_fetch_url_allowed(const char *url);

#endif
