/* log_table.h - rows of a query of logs to series. Pure. Private to adapters/aws. */
#ifndef ADAPTERS_AWS_LOG_TABLE_H
#define ADAPTERS_AWS_LOG_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/log_memory.h"
#include "bot/log_query.h"
#include "bot/metric.h"

struct json_object;

#define LOG_TABLE_SERIES_MAX 200 /* while it is made; of them METRIC_SERIES_MAX are kept */

struct log_table {
	const struct log_query *query; /* borrowed */
	int64_t from_ms, to_ms, step_ms;
	struct metric_series *series; /* ordered by label */
	size_t count;
	size_t dropped; /* rows of series beyond LOG_TABLE_SERIES_MAX */
	size_t odd;     /* rows without a time or a number */
};

void log_table_init(struct log_table *table, const struct log_query *query, int64_t from_ms, int64_t to_ms);
void log_table_free(struct log_table *table); /* members */
void log_table_add_rows(struct log_table *table, struct json_object *rows);
void log_table_add_known(struct log_table *table, const struct log_memory_entry *entry);
/* Over [from_ms, to_ms), which was asked for whole, a count without a row is zero. */
void log_table_fill(struct log_table *table, int64_t from_ms, int64_t to_ms);

#endif
