/*
 * log_query.h - a query of CloudWatch Logs Insights as a metric: which columns its rows have. Read by its words alone;
 * its grammar stays CloudWatch's.
 *
 * Facts: "CloudWatch Logs Insights query syntax": commands stand between '|'; stats FUNCTION [as NAME], ... by FIELD,
 * bin(PERIOD) [as NAME]; a column without a name is called as it was written; bins begin at multiples of their length.
 */
#ifndef BOT_LOG_QUERY_H
#define BOT_LOG_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

#define LOG_QUERY_VALUES_MAX 5

struct log_query_value {
	char *name;
	bool counts; /* count, count_distinct or sum: of nothing it is 0, unless a later command hides rows */
};

struct log_query {
	int64_t bin_ms;
	char *time; /* the column of the bins */
	struct log_query_value values[LOG_QUERY_VALUES_MAX];
	size_t value_count;
	bool labelled; /* it groups by something besides the bin */
};

/* The last stats command counts. ERR_USAGE: it gives no series; the text says what to write. */
bool log_query_read(const char *text, struct log_query *query, struct err *err) MUST_CHECK;
void log_query_free(struct log_query *query); /* members */
/* Whether a row's column is the one that the query calls so: blanks and backticks do not count. */
bool log_query_is_column(const char *column, const char *name);

#endif
