/*
 * logs.h - CloudWatch Logs Insights: StartQuery, GetQueryResults, StopQuery.
 *
 * A query that scans more than its limit, or lasts longer than its deadline, is stopped, and so are all at aws_stop:
 * what was scanned so far is charged and told. It is looked at once a second at most and scans gigabytes meanwhile,
 * so max_bytes is passed before it is seen. StopQuery and a last look have 5 s each, by which a call may end after its
 * deadline. At most four run at once (ERR_RETRY beyond).
 *
 * Facts: the service model of CloudWatch Logs (2014-03-28): StartQuery takes seconds; rows grow while it runs; the
 * charge is by statistics.bytesScanned.
 */
#ifndef ADAPTERS_AWS_LOGS_H
#define ADAPTERS_AWS_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/aws.h"

struct json_object;

struct logs_query {
	const char *const *groups; /* names, 1 ... 50, ended by NULL */
	const char *query;         /* Logs Insights QL, at most 10,000 bytes; SOURCE is refused: see groups */
	int64_t from_ms, until_ms;
	int64_t limit;             /* rows; 1 ... 10,000 */
	int64_t max_bytes;         /* scanned; 0: no limit */
	int64_t deadline_ms;       /* 0: 60 s */
};

struct logs_result {
	struct json_object *rows; /* array of {"field":"value"}, without @ptr; owned */
	int64_t scanned_bytes, matched;
	bool stopped;             /* by max_bytes or the deadline: not all was seen */
	bool malformed;           /* nothing was read: the query's own text is wrong */
	bool cut;                 /* rows or values were left out: over 1 MiB in all, or 8 KiB in one value */
};

/* What *result held is freed. After an error it says what was scanned and whether the query was malformed.
 * ERR_REFUSED: access, an unknown group, a query that cannot be parsed (the text says where). */
void logs_read(struct aws *aws, const struct aws_target *target, const struct logs_query *query,
               struct logs_result *result, struct done done);
void logs_result_free(struct logs_result *result); /* members */
/* Names of log groups by prefix (NULL: all), at most 200; owned, ended by NULL; what *groups held is freed. */
void logs_groups(struct aws *aws, const struct aws_target *target, const char *prefix, char ***groups,
                 struct done done);

#endif
