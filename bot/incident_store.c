#include "bot/incident_store.h"

#include <assert.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/fields.h"
#include "bot/incident_history.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/random.h"
#include "bot/str.h"

#define KIND "incident"
#define ALARM_KIND "incident_alarm" /* alarm_identity_fields, by the incident's id */
#define LINE_KEY_SIZE 64
#define LINE_DIGITS 12
#define KEY_BYTES 8
#define TEXT_MAX (64u << 20) /* far more than one message can bring */
#define TEXT_KEPT (64u << 10)
/* A resolved incident is forgotten this long after its last change, or after a person ended it: later than any
 * redelivery. */
#define KEEP_RESOLVED_MS (15LL * 24 * 3600 * 1000)
#define FORGET_EVERY_MS (3600 * 1000)
#define SLOTS_AT_FIRST 256

static const char *const queue_kinds[] = {
	[INCIDENT_THREAD] = "incident_line",
	[INCIDENT_ISSUE] = "incident_comment",
};

#define STAGE_FIELDS(stage) \
	{ #stage, FIELD_STRING, offsetof(struct incident, stage.state) }, \
	{ #stage "_note", FIELD_STRING, offsetof(struct incident, stage.note) }

static const struct field fields[] = {
	FIELD(FIELD_STRING, incident, id),
	FIELD(FIELD_STRING, incident, key),
	FIELD(FIELD_STRING, incident, fingerprint),
	FIELD(FIELD_STRING, incident, state),
	FIELD(FIELD_STRING, incident, previous),
	FIELD(FIELD_INT, incident, opened_ms),
	FIELD(FIELD_INT, incident, fired_ms),
	FIELD(FIELD_INT, incident, changed_ms),
	FIELD(FIELD_INT, incident, resolved_ms),
	FIELD(FIELD_INT, incident, fired_heard_ms),
	FIELD(FIELD_INT, incident, resolved_heard_ms),
	FIELD(FIELD_INT, incident, changes),
	FIELD(FIELD_INT, incident, acts),
	FIELD(FIELD_INT, incident, reopened),
	FIELD(FIELD_BOOL, incident, late),
	FIELD(FIELD_INT, incident, pending_skipped),
	FIELD(FIELD_INT, incident, revision),
	FIELD(FIELD_STRING, incident, channel),
	FIELD(FIELD_STRING, incident, message),
	FIELD(FIELD_INT, incident, cards),
	FIELD(FIELD_INT, incident, shown),
	FIELD(FIELD_INT, incident, replies),
	FIELD(FIELD_STRING, incident, flow),
	FIELD(FIELD_INT, incident, edited_ms),
	FIELD(FIELD_INT, incident, comments_skipped),
	STAGE_FIELDS(diagnosis),
	STAGE_FIELDS(issue),
	STAGE_FIELDS(mail),
	FIELD(FIELD_STRING, incident, holder),
	FIELD(FIELD_INT, incident, held_ms),
	FIELD(FIELD_BOOL, incident, hushed),
	FIELD(FIELD_BOOL, incident, held_back),
	FIELD(FIELD_STRING, incident, resolved_by),
	FIELD(FIELD_INT, incident, responses),
	FIELD(FIELD_INT, incident, responses_ms),
	FIELD(FIELD_STRING, incident, run),
	FIELD(FIELD_STRING, incident, proposal),
	FIELD(FIELD_STRING, incident, proposed),
	FIELD(FIELD_STRING, incident, decision),
	FIELD(FIELD_STRING, incident, decided_by),
	FIELD(FIELD_STRING, incident, issue_key),
	FIELD(FIELD_STRING, incident, issue_url),
	FIELD(FIELD_STRING, incident, issue_flow),
	FIELD(FIELD_STRING, incident, issue_wish),
	FIELD(FIELD_INT, incident, comments_told),
	FIELD(FIELD_BOOL, incident, linked),
	FIELD(FIELD_STRING, incident, mail_flow),
	FIELD(FIELD_STRING, incident, image),
	FIELD(FIELD_STRING, incident, image_alt),
	FIELD(FIELD_STRING, incident, image_trouble),
	FIELD(FIELD_STRING, incident, issue_trouble),
	FIELD(FIELD_STRING, incident, picture_flow),
	FIELDS_END,
};

/* Short names: many lines wait, each a document. */
static const struct field line_fields[] = {
	{ "n", FIELD_INT, offsetof(struct incident_line, number) },
	{ "t", FIELD_INT, offsetof(struct incident_line, at_ms) },
	{ "s", FIELD_STRING, offsetof(struct incident_line, state) },
	{ "o", FIELD_STRING, offsetof(struct incident_line, old_state) },
	{ "r", FIELD_STRING, offsetof(struct incident_line, reason) },
	FIELD(FIELD_BOOL, incident_line, late),
	FIELD(FIELD_BOOL, incident_line, loud),
	FIELD(FIELD_STRING, incident_line, title),
	FIELD(FIELD_STRING, incident_line, code),
	FIELD(FIELD_STRING, incident_line, by),
	FIELD(FIELD_STRING, incident_line, whom),
	{ "at", FIELD_INT, offsetof(struct incident_line, until_ms) },
	FIELD(FIELD_STRING, incident_line, why),
	FIELDS_END,
};

/* As numbers, so that they are visited in the order of their age. */
static int compare_ids(const void *a, const void *b)
{
	const char *one = ((const struct incident *)a)->id, *other = ((const struct incident *)b)->id;
	size_t one_length = strlen(one), other_length = strlen(other);

	if (one_length != other_length)
		return one_length < other_length ? -1 : 1;
	return strcmp(one, other);
}

void incident_store_free_line(struct incident_line *line)
{
	fields_free(line_fields, line);
}

/* The first `count`. */
static void forget_lines(struct incident_lines *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		incident_store_free_line(&lines->items[i]);
	lines->count -= count;
	if (lines->count > 0) {
		memmove(lines->items, lines->items + count, lines->count * sizeof(*lines->items));
		return;
	}
	free(lines->items);
	*lines = (struct incident_lines){ 0 };
}

static void incident_free(void *node)
{
	struct incident *incident = node;

	fields_free(fields, incident);
	fields_free(alarm_fields, &incident->alarm);
	forget_lines(&incident->pending, incident->pending.count);
	forget_lines(&incident->comments, incident->comments.count);
	free(incident->older);
	free(incident);
}

static void not_owned(void *node)
{
	(void)node;
}

static uint64_t hash_of(const struct incidents *incidents, const char *fingerprint)
{
	return str_hash(incidents->seed, fingerprint, strlen(fingerprint));
}

/* Where the latest of the fingerprint is, or would be. */
static struct incident **find_latest(const struct incidents *incidents, const char *fingerprint, uint64_t hash)
{
	struct incident **slot = &incidents->slots[hash & (incidents->slot_count - 1)];

	while (*slot != NULL && ((*slot)->fingerprint_hash != hash || strcmp((*slot)->fingerprint, fingerprint) != 0))
		slot = &(*slot)->next_latest;
	return slot;
}

static void grow_slots(struct incidents *incidents)
{
	struct incident **old = incidents->slots;
	size_t old_count = incidents->slot_count;

	incidents->slot_count *= 2;
	incidents->slots = mem_alloc(incidents->slot_count * sizeof(*incidents->slots));
	for (size_t i = 0; i < old_count; i++) {
		for (struct incident *incident = old[i], *next; incident != NULL; incident = next) {
			struct incident **slot;

			next = incident->next_latest;
			slot = &incidents->slots[incident->fingerprint_hash & (incidents->slot_count - 1)];
			incident->next_latest = *slot;
			*slot = incident;
		}
	}
	free(old);
}

/* Newer incidents have larger ids: the index keeps the latest. */
static void index_fingerprint(struct incidents *incidents, struct incident *incident)
{
	struct incident **slot, *older;

	incident->fingerprint_hash = hash_of(incidents, incident->fingerprint);
	slot = find_latest(incidents, incident->fingerprint, incident->fingerprint_hash);
	older = *slot;
	if (older != NULL && strtoll(older->id, NULL, 10) > strtoll(incident->id, NULL, 10))
		return;
	incident->next_latest = older == NULL ? NULL : older->next_latest;
	*slot = incident;
	incidents->latest_count += older == NULL ? 1 : 0;
	if (incidents->latest_count > incidents->slot_count)
		grow_slots(incidents);
}

static void add(struct incidents *incidents, struct incident *incident)
{
	if (tsearch(incident, &incidents->by_id, compare_ids) == NULL)
		mem_none_left();
	index_fingerprint(incidents, incident);
}

struct incident *incident_store_add(struct incidents *incidents, const char *fingerprint)
{
	struct incident *incident = mem_alloc(sizeof(*incident));
	char id[24], key[2 * KEY_BYTES + 1];

	(void)snprintf(id, sizeof(id), "%lld", (long long)++incidents->last_id);
	random_hex(key, KEY_BYTES);
	mem_set_string(&incident->id, id);
	mem_set_string(&incident->key, key);
	mem_set_string(&incident->fingerprint, fingerprint);
	mem_set_string(&incident->state, INCIDENT_RESOLVED);
	add(incidents, incident);
	return incident;
}

struct incident *incident_store_latest(struct incidents *incidents, const char *fingerprint)
{
	return *find_latest(incidents, fingerprint, hash_of(incidents, fingerprint));
}

/* An earlier one of its alarm is not in the index. */
static void forget_latest(struct incidents *incidents, const struct incident *incident)
{
	struct incident **slot = find_latest(incidents, incident->fingerprint, incident->fingerprint_hash);

	if (*slot != incident)
		return;
	*slot = incident->next_latest;
	incidents->latest_count--;
}

struct incident *incidents_find(struct incidents *incidents, const char *id)
{
	char *wanted;
	struct incident probe, **slot;

	if (id == NULL)
		return NULL;
	wanted = mem_copy_string(id);
	probe.id = wanted;
	slot = tfind(&probe, &incidents->by_id, compare_ids);
	free(wanted);
	return slot == NULL ? NULL : *slot;
}

static struct str *empty_text(struct incidents *incidents)
{
	if (incidents->text.capacity > TEXT_KEPT) {
		str_free(&incidents->text);
		str_init(&incidents->text, TEXT_MAX);
	}
	str_clear(&incidents->text);
	return &incidents->text;
}

void incident_store_note_alarm(struct incidents *incidents, struct incident *incident)
{
	uint64_t hash = alarm_identity_hash(&incident->alarm, incidents->seed);

	if (hash == incident->alarm_hash)
		return;
	incident->alarm_hash = hash;
	incident->alarm_is_saved = false;
}

static void put_alarm(struct incidents *incidents, struct incident *incident)
{
	struct str *text = empty_text(incidents);

	str_add_char(text, '{');
	fields_print(alarm_identity_fields, &incident->alarm, text);
	str_add_char(text, '}');
	journal_put(incidents->bot->journal, ALARM_KIND, incident->id, text->text);
	incident->alarm_is_saved = true;
}

static void put(struct incidents *incidents, struct incident *incident)
{
	struct str *text;

	if (!incident->alarm_is_saved)
		put_alarm(incidents, incident);
	text = empty_text(incidents);
	str_add_char(text, '{');
	fields_print(fields, incident, text);
	str_add(text, ",\"recent\":");
	recent_print(&incident->recent, text);
	str_add(text, ",\"alarm\":{");
	fields_print(alarm_change_fields, &incident->alarm, text);
	str_add(text, "}}");
	journal_put(incidents->bot->journal, KIND, incident->id, text->text);
}

static void put_unsaved(void *arg)
{
	struct incidents *incidents = arg;

	while (incidents->unsaved != NULL) {
		struct incident *incident = incidents->unsaved;

		incidents->unsaved = incident->next_unsaved;
		incident->is_unsaved = false;
		put(incidents, incident);
	}
}

/* Its text is made when the batch ends: most messages save an incident more than once. */
void incident_save(struct incidents *incidents, struct incident *incident)
{
	if (incident->is_unsaved)
		return;
	incident->is_unsaved = true;
	incident->next_unsaved = incidents->unsaved;
	incidents->unsaved = incident;
}

/* Sorted by key, lines come in their order. Those of all incidents that change at one time lie side by side on the
 * disk: the number comes first. */
static void line_key(const struct incident *incident, const struct incident_line *line, char key[LINE_KEY_SIZE])
{
	size_t length = str_format_wide(key, line->number, LINE_DIGITS), id_length = strlen(incident->id);

	assert(length + 1 + id_length < LINE_KEY_SIZE);
	key[length] = '.';
	memcpy(key + length + 1, incident->id, id_length + 1);
}

struct incident_lines *incident_store_lines(struct incident *incident, enum incident_queue queue)
{
	return queue == INCIDENT_THREAD ? &incident->pending : &incident->comments;
}

static void keep_line(struct incident_lines *lines, const struct incident_line *line)
{
	if (lines->count == lines->capacity) {
		lines->capacity = lines->capacity == 0 ? 2 : lines->capacity * 2;
		lines->items = mem_resize(lines->items, lines->capacity * sizeof(*lines->items));
	}
	lines->items[lines->count++] = *line;
}

void incident_store_add_line(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                             struct incident_line line)
{
	struct str *text = empty_text(incidents);
	char key[LINE_KEY_SIZE];

	line.number = ++incidents->last_line;
	line_key(incident, &line, key);
	str_add_char(text, '{');
	fields_print(line_fields, &line, text);
	str_add_char(text, '}');
	journal_put(incidents->bot->journal, queue_kinds[queue], key, text->text);
	keep_line(incident_store_lines(incident, queue), &line);
}

void incident_drop_lines(struct incidents *incidents, struct incident *incident, enum incident_queue queue,
                         size_t count)
{
	struct incident_lines *lines = incident_store_lines(incident, queue);
	char key[LINE_KEY_SIZE];

	if (count > lines->count)
		count = lines->count;
	for (size_t i = 0; i < count; i++) {
		line_key(incident, &lines->items[i], key);
		journal_delete(incidents->bot->journal, queue_kinds[queue], key);
	}
	forget_lines(lines, count);
}

struct line_loading {
	struct incidents *incidents;
	enum incident_queue queue;
};

/* After the incidents. */
static void load_line(void *arg, const char *key, const char *text, int64_t revision)
{
	const struct line_loading *loading = arg;
	struct incidents *incidents = loading->incidents;
	const char *dot = strchr(key, '.');
	struct incident *incident = incidents_find(incidents, dot == NULL ? NULL : dot + 1);
	struct incident_line line = { 0 };
	struct json_object *json;
	struct err err;

	(void)revision;
	json = json_parse(text, strlen(text), &err);
	fields_load(line_fields, &line, json);
	json_free(json);
	if (incident != NULL && (line.state != NULL || line.title != NULL)) {
		if (line.number > incidents->last_line)
			incidents->last_line = line.number;
		keep_line(incident_store_lines(incident, loading->queue), &line);
		return;
	}
	journal_damage_unreadable("incident_line", key);
	incident_store_free_line(&line);
}

static void load_one(void *arg, const char *key, const char *text, int64_t revision)
{
	struct incidents *incidents = arg;
	struct incident *incident;
	struct json_object *json;
	struct err err;

	(void)revision;
	json = json_parse(text, strlen(text), &err);
	if (json == NULL || json_string(json, "id") == NULL || json_string(json, "fingerprint") == NULL ||
	    json_string(json, "state") == NULL || json_string(json, "key") == NULL) {
		journal_damage_unreadable(KIND, key);
		json_free(json);
		if (strtoll(key, NULL, 10) > incidents->last_id) /* buttons still carry it */
			incidents->last_id = strtoll(key, NULL, 10);
		return;
	}
	incident = mem_alloc(sizeof(*incident));
	fields_load(fields, incident, json);
	recent_load(&incident->recent, json_get(json, "recent"));
	fields_load(alarm_fields, &incident->alarm, json_get(json, "alarm"));
	json_free(json);
	if (strtoll(incident->id, NULL, 10) > incidents->last_id)
		incidents->last_id = strtoll(incident->id, NULL, 10);
	incidents->open_count += incident_is_open(incident) ? 1 : 0;
	if (incident->opened_ms != 0 && incident->channel == NULL) {
		journal_damage_unreadable(KIND, key);
		mem_set_string(&incident->channel, incidents->bot->config->slack.channel);
	}
	add(incidents, incident);
	incident_find_index(incidents, incident);
}

/* After the incidents. Those of earlier versions have all of it in themselves. */
static void load_alarm(void *arg, const char *key, const char *text, int64_t revision)
{
	struct incidents *incidents = arg;
	struct incident *incident = incidents_find(incidents, key);
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);

	(void)revision;
	if (incident == NULL) {
		journal_damage_unreadable(ALARM_KIND, key);
	} else if (json_is_object(json)) {
		fields_load(alarm_identity_fields, &incident->alarm, json);
		incident_store_note_alarm(incidents, incident);
		incident->alarm_is_saved = true;
	}
	json_free(json);
}

/* One whose alarm got lost is called by what is left of it. */
static void finish_alarm(void *arg, struct incident *incident)
{
	if (incident->alarm.name == NULL) {
		journal_damage_unreadable(ALARM_KIND, incident->id);
		mem_set_string(&incident->alarm.name, incident->fingerprint);
	}
	if (!incident->alarm_is_saved)
		incident_store_note_alarm(arg, incident);
}

struct old_ones {
	struct incident **items;
	size_t count;
	int64_t before_ms, last_id;
};

static void collect_old(void *arg, struct incident *incident)
{
	struct old_ones *old = arg;

	if (incident_is_open(incident) || incident->flow != NULL || incident->issue_flow != NULL ||
	    incident->run != NULL || incident->is_waiting || incident->changed_ms >= old->before_ms ||
	    incident->resolved_ms >= old->before_ms ||
	    strtoll(incident->id, NULL, 10) == old->last_id) /* keeps the number from being used again */
		return;
	old->items = mem_resize(old->items, (old->count + 1) * sizeof(struct incident *));
	old->items[old->count++] = incident;
}

static void forget_old(void *arg)
{
	struct incidents *incidents = arg;
	struct old_ones old = { .before_ms = clock_wall_ms() - KEEP_RESOLVED_MS, .last_id = incidents->last_id };

	put_unsaved(incidents); /* not after what deletes it */
	incidents_each(incidents, collect_old, &old);
	for (size_t i = 0; i < old.count; i++) {
		struct incident *incident = old.items[i];

		forget_latest(incidents, incident);
		(void)tdelete(incident, &incidents->by_id, compare_ids);
		incident_find_forget(incidents, incident);
		incident_drop_lines(incidents, incident, INCIDENT_THREAD, incident->pending.count);
		incident_drop_lines(incidents, incident, INCIDENT_ISSUE, incident->comments.count);
		incident_history_forget(incidents, incident);
		journal_delete(incidents->bot->journal, ALARM_KIND, incident->id);
		journal_delete(incidents->bot->journal, KIND, incident->id);
		incident_free(incident);
	}
	if (old.count > 0)
		journal_commit(incidents->bot->journal, (struct done){ NULL, NULL });
	free(old.items);
	loop_timer_set(incidents->forget_timer, FORGET_EVERY_MS);
}

struct incidents *incidents_new(struct bot *bot)
{
	struct incidents *incidents = mem_alloc(sizeof(*incidents));

	incidents->bot = bot;
	incidents->seed = random_u64();
	incidents->slot_count = SLOTS_AT_FIRST;
	incidents->slots = mem_alloc(incidents->slot_count * sizeof(*incidents->slots));
	str_init(&incidents->text, TEXT_MAX);
	journal_before_commit(bot->journal, put_unsaved, incidents);
	incidents->forget_timer = loop_timer_new(bot->loop, forget_old, incidents);
	loop_timer_set(incidents->forget_timer, FORGET_EVERY_MS);
	return incidents;
}

bool incidents_load(struct incidents *incidents, struct err *err)
{
	struct line_loading loading = { .incidents = incidents };
	bool loaded = journal_load(incidents->bot->journal, KIND, load_one, incidents, err) &&
	              journal_load(incidents->bot->journal, ALARM_KIND, load_alarm, incidents, err);

	incidents_each(incidents, finish_alarm, incidents);
	for (size_t i = 0; loaded && i < sizeof(queue_kinds) / sizeof(queue_kinds[0]); i++) {
		loading.queue = (enum incident_queue)i;
		loaded = journal_load(incidents->bot->journal, queue_kinds[i], load_line, &loading, err);
	}
	return loaded && incident_history_load(incidents, err);
}

void incidents_free(struct incidents *incidents)
{
	if (incidents == NULL)
		return;
	put_unsaved(incidents);
	journal_before_commit(incidents->bot->journal, NULL, NULL);
	free(incidents->slots);
	tdestroy(incidents->by_message, not_owned);
	tdestroy(incidents->by_id, incident_free);
	loop_timer_free(incidents->forget_timer);
	str_free(&incidents->text);
	free(incidents);
}
