#include "bot/incident_history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/incident.h"
#include "bot/incident_store.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define KIND "incident_changes"
#define KEY_SIZE 64
#define TEXT_MAX 1024 /* of one block */
#define OLDER_MAX ((size_t)INCIDENT_HISTORY_BLOCKS * RECENT_MAX)

/* All that was ever added to its recent changes. */
static int64_t noted(const struct incident *incident)
{
	return incident->changes + incident->acts;
}

/* Sorted by key, the blocks of an incident come in their order; those that are written together lie together. */
static void block_key(const struct incident *incident, int64_t block, char key[KEY_SIZE])
{
	(void)snprintf(key, KEY_SIZE, "%08lld.%s", (long long)block, incident->id);
}

static void keep_block(struct incident *incident, const struct recent *block)
{
	size_t most = OLDER_MAX - block->count;

	if (incident->older_count > most) {
		size_t gone = incident->older_count - most;

		memmove(incident->older, incident->older + gone, most * sizeof(*incident->older));
		incident->older_count = most;
	}
	incident->older = mem_resize(incident->older,
	                             (incident->older_count + block->count) * sizeof(*incident->older));
	memcpy(incident->older + incident->older_count, block->changes, block->count * sizeof(*block->changes));
	incident->older_count += block->count;
}

static void add_block(struct incidents *incidents, struct incident *incident)
{
	int64_t block = noted(incident) / RECENT_MAX;
	char key[KEY_SIZE];
	struct str text;

	str_init(&text, TEXT_MAX);
	recent_print(&incident->recent, &text);
	block_key(incident, block, key);
	journal_put(incidents->bot->journal, KIND, key, text.text);
	str_free(&text);
	keep_block(incident, &incident->recent);
	if (block <= INCIDENT_HISTORY_BLOCKS)
		return;
	block_key(incident, block - INCIDENT_HISTORY_BLOCKS, key);
	journal_delete(incidents->bot->journal, KIND, key);
}

void incident_history_note(struct incidents *incidents, struct incident *incident)
{
	if (noted(incident) % RECENT_MAX == 0)
		add_block(incidents, incident);
}

void incident_acted(struct incidents *incidents, struct incident *incident)
{
	const struct recent *recent = &incident->recent;

	if (recent->count > 0 && recent->changes[recent->count - 1].state == RECENT_ACTED[0])
		return;
	recent_add(&incident->recent, clock_wall_ms(), RECENT_ACTED);
	incident->acts++;
	incident_history_note(incidents, incident);
	incident_save(incidents, incident);
}

void incident_history_forget(struct incidents *incidents, const struct incident *incident)
{
	int64_t last = noted(incident) / RECENT_MAX;
	char key[KEY_SIZE];

	for (int64_t block = last; block > 0 && block > last - INCIDENT_HISTORY_BLOCKS; block--) {
		block_key(incident, block, key);
		journal_delete(incidents->bot->journal, KIND, key);
	}
}

static void load_block(void *arg, const char *key, const char *text, int64_t revision)
{
	struct incidents *incidents = arg;
	const char *dot = strchr(key, '.');
	struct incident *incident = incidents_find(incidents, dot == NULL ? NULL : dot + 1);
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);
	struct recent block;

	(void)revision;
	if (incident == NULL || !json_is_array(json)) {
		journal_damage_unreadable(KIND, key);
	} else {
		recent_load(&block, json);
		keep_block(incident, &block);
	}
	json_free(json);
}

bool incident_history_load(struct incidents *incidents, struct err *err)
{
	return journal_load(incidents->bot->journal, KIND, load_block, incidents, err);
}

static int by_time(const void *a, const void *b)
{
	const struct recent_change *first = a, *second = b;

	if (first->at_ms != second->at_ms)
		return first->at_ms < second->at_ms ? -1 : 1;
	return (first->state > second->state) - (first->state < second->state);
}

/* As they nearly always are; an alarm that flaps for days has thousands. */
static bool is_in_order(const struct recent_change *changes, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (by_time(&changes[i - 1], &changes[i]) > 0)
			return false;
	return true;
}

struct recent_change *incident_history_take(const struct incident *incident, size_t *count)
{
	const struct recent *recent = &incident->recent;
	size_t all = incident->older_count + recent->count, kept = 0;
	struct recent_change *changes = mem_alloc((all + 1) * sizeof(*changes));

	if (incident->older_count > 0)
		memcpy(changes, incident->older, incident->older_count * sizeof(*changes));
	memcpy(changes + incident->older_count, recent->changes, recent->count * sizeof(*changes));
	if (!is_in_order(changes, all))
		qsort(changes, all, sizeof(*changes), by_time);
	for (size_t i = 0; i < all; i++)
		if (kept == 0 || by_time(&changes[kept - 1], &changes[i]) != 0)
			changes[kept++] = changes[i];
	*count = kept;
	return changes;
}

static size_t count_firings(const struct recent_change *changes, size_t count, int64_t from_ms, int64_t until_ms)
{
	size_t firings = 0;

	for (size_t i = 0; i < count; i++)
		firings += changes[i].state == ALARM_STATE_ALARM[0] && changes[i].at_ms >= from_ms &&
		           changes[i].at_ms < until_ms;
	return firings;
}

size_t incident_history_count(const struct incident *incident, int64_t from_ms, int64_t until_ms)
{
	const struct recent *recent = &incident->recent;
	size_t in_block = incident->older_count == 0 ? 0 : RECENT_MAX - (size_t)(noted(incident) % RECENT_MAX);

	if (in_block > recent->count)
		in_block = recent->count;
	return count_firings(incident->older, incident->older_count, from_ms, until_ms) +
	       count_firings(recent->changes + in_block, recent->count - in_block, from_ms, until_ms);
}

bool incident_history_is_whole(const struct incident *incident, size_t count)
{
	return (int64_t)count >= noted(incident);
}
