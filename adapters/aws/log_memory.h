/*
 * log_memory.h - what queries of logs came to, for buckets that do not change any more: so that a look every morning
 * scans a day and not two weeks. In memory, bounded; gone with the process. Private to adapters/aws.
 */
#ifndef ADAPTERS_AWS_LOG_MEMORY_H
#define ADAPTERS_AWS_LOG_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "bot/metric.h"

#define LOG_MEMORY_ENTRIES 64
#define LOG_MEMORY_VALUES 2000000 /* of all entries: 16 MB */

/* One metric: its series over [from_ms, to_ms), which is known whole. */
struct log_memory_entry {
	char *key;
	int64_t from_ms, to_ms;
	struct metric_series *series; /* each on the grid from_ms + n * step */
	size_t count;
	uint64_t used; /* the higher, the later */
};

struct log_memory {
	struct log_memory_entry entries[LOG_MEMORY_ENTRIES];
	size_t count, values;
	uint64_t clock;
};

void log_memory_free(struct log_memory *memory); /* members */
/* NULL: nothing is known. Borrowed until the memory changes. */
const struct log_memory_entry *log_memory_find(struct log_memory *memory, const char *key);
/* Takes the place of what was known of this metric. The series are copied; of a metric with too many values nothing
 * is kept. */
void log_memory_keep(struct log_memory *memory, const char *key, int64_t from_ms, int64_t to_ms,
                     const struct metric_series *series, size_t count);

#endif
