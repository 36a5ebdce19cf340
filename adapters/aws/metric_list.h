/*
 * metric_list.h - which metrics CloudWatch has: ListMetrics.
 *
 * What came before a later page failed is a success with `more`.
 *
 * Facts: the service model of CloudWatch (monitoring, 2010-08-01): 500 a page; metrics without values for two weeks
 * are not listed.
 */
#ifndef ADAPTERS_AWS_METRIC_LIST_H
#define ADAPTERS_AWS_METRIC_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/aws/aws.h"

struct json_object;

#define METRIC_LIST_MAX 500 /* of one answer; more are said by `more` */

struct metric_list_item {
	char *namespace_, *metric;
	struct json_object *dimensions; /* {"InstanceId":"i-1"} */
};

struct metric_list {
	struct metric_list_item *items;
	size_t count;
	bool more;
};

/* namespace_, metric, and a dimension's name and value: NULL: any. recent: only those with values in the
 * last 3 hours. */
void metric_list_read(struct aws *aws, const struct aws_target *target, const char *namespace_, const char *metric,
                      const char *dimension, const char *value, bool recent, struct metric_list *list,
                      struct done done);
void metric_list_free(struct metric_list *list); /* members */

#endif
