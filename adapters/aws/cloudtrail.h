/*
 * cloudtrail.h - who changed what: LookupEvents, without what only reads.
 *
 * What came before a later page failed is a success with `more`. Calls take turns.
 *
 * Facts: the service model of CloudTrail (2013-11-01): 50 events a page, one attribute, 90 days, about two calls a
 * second; CloudTrailEvent is JSON in a string.
 */
#ifndef ADAPTERS_AWS_CLOUDTRAIL_H
#define ADAPTERS_AWS_CLOUDTRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/aws.h"

#define CLOUDTRAIL_MAX 200 /* events of one answer */

struct cloudtrail_event { /* owned strings; NULL where absent */
	int64_t at_ms;
	char *name;      /* "UpdateService" */
	char *source;    /* "ecs.amazonaws.com" */
	char *user;
	char *resources; /* names, comma-separated */
	char *error;     /* errorCode: it was refused */
};

struct cloudtrail_events {
	struct cloudtrail_event *items; /* newest first */
	size_t count;
	bool more;
};

/* resource: a name or id ("i-..."); NULL: all. [from_ms, until_ms). */
void cloudtrail_changes(struct aws *aws, const struct aws_target *target, const char *resource, int64_t from_ms,
                        int64_t until_ms, struct cloudtrail_events *events, struct done done);
void cloudtrail_free(struct cloudtrail_events *events); /* members */

#endif
