/*
 * dashboards.h - CloudWatch's own dashboards: GetDashboard, ListDashboards.
 *
 * Facts: the service model of CloudWatch (monitoring, 2010-08-01): the body is JSON within a string; a dashboard that
 * is not there is ResourceNotFound (DashboardNotFoundError). Dashboards belong to an account, not to a region: their
 * ARN has none.
 */
#ifndef ADAPTERS_AWS_DASHBOARDS_H
#define ADAPTERS_AWS_DASHBOARDS_H

#include <stddef.h>

#include "adapters/aws/aws.h"

struct aws_dashboard { /* owned */
	char *body;    /* JSON; commands/import.h reads it */
	size_t length; /* of the body */
	char *account; /* that it belongs to; NULL: CloudWatch did not say */
};
void aws_dashboard_free(struct aws_dashboard *dashboard); /* members */

/* ERR_NOT_FOUND: there is none of this name; the text says which there are. */
void dashboards_get(struct aws *aws, const struct aws_target *target, const char *name,
                    struct aws_dashboard *dashboard, struct done done);

#endif
