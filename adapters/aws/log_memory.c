#include "adapters/aws/log_memory.h"

#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

static size_t values_of(const struct log_memory_entry *entry)
{
	size_t values = 0;

	for (size_t i = 0; i < entry->count; i++)
		values += entry->series[i].series.count;
	return values;
}

static void drop(struct log_memory *memory, size_t index)
{
	struct log_memory_entry *entry = &memory->entries[index];

	memory->values -= values_of(entry);
	for (size_t i = 0; i < entry->count; i++)
		metric_series_free(&entry->series[i]);
	free(entry->series);
	free(entry->key);
	*entry = memory->entries[--memory->count];
}

void log_memory_free(struct log_memory *memory)
{
	while (memory->count > 0)
		drop(memory, 0);
}

static struct log_memory_entry *find(struct log_memory *memory, const char *key)
{
	for (size_t i = 0; i < memory->count; i++)
		if (strcmp(memory->entries[i].key, key) == 0)
			return &memory->entries[i];
	return NULL;
}

const struct log_memory_entry *log_memory_find(struct log_memory *memory, const char *key)
{
	struct log_memory_entry *entry = find(memory, key);

	if (entry != NULL)
		entry->used = ++memory->clock;
	return entry;
}

static void drop_oldest(struct log_memory *memory)
{
	size_t oldest = 0;

	for (size_t i = 1; i < memory->count; i++)
		if (memory->entries[i].used < memory->entries[oldest].used)
			oldest = i;
	drop(memory, oldest);
}

/* The part of a series within [from_ms, to_ms), which it covers. */
static void copy_part(struct series *to, const struct series *from, int64_t from_ms, int64_t to_ms)
{
	size_t first = (size_t)((from_ms - from->start_ms) / from->step_ms);

	series_make_empty(to, from_ms, from->step_ms, (size_t)((to_ms - from_ms) / from->step_ms));
	memcpy(to->values, from->values + first, to->count * sizeof(*to->values));
}

void log_memory_keep(struct log_memory *memory, const char *key, int64_t from_ms, int64_t to_ms,
                     const struct metric_series *series, size_t count)
{
	struct log_memory_entry *known = find(memory, key), *entry;
	size_t values = count == 0 ? 0 : count * (size_t)((to_ms - from_ms) / series[0].series.step_ms);

	if (known != NULL)
		drop(memory, (size_t)(known - memory->entries));
	if (to_ms <= from_ms || values > LOG_MEMORY_VALUES / 4)
		return;
	while (memory->count == LOG_MEMORY_ENTRIES || memory->values + values > LOG_MEMORY_VALUES)
		drop_oldest(memory);
	entry = &memory->entries[memory->count++];
	*entry = (struct log_memory_entry){ .key = mem_copy_string(key), .from_ms = from_ms, .to_ms = to_ms,
		.series = mem_alloc((count + 1) * sizeof(*entry->series)), .count = count, .used = ++memory->clock };
	for (size_t i = 0; i < count; i++) {
		entry->series[i].label = mem_copy_string(series[i].label);
		copy_part(&entry->series[i].series, &series[i].series, from_ms, to_ms);
	}
	memory->values += values;
}
