#include "bot/seen.h"

#include <assert.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/journal.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/random.h"
#include "bot/str.h"

#define KIND "seen"
#define KEY_MAX 128 /* longer keys are replaced by their SHA-256 */
#define NAME_SIZE (KEY_MAX + 32)
#define PURGE_EVERY_MS (3600 * 1000)
#define SLOTS_AT_FIRST 1024
#define TIME_DIGITS 15
#define TIME_LIMIT_MS 1000000000000000LL /* that has more */

struct known {
	struct known *next; /* in its slot */
	int64_t expires_ms;
	uint64_t hash;
	const char *name; /* in key: "space:key", what is compared */
	char key[];       /* the document's: the name, or the delivery's time, a colon, the name */
};

struct seen {
	struct loop *loop;
	struct journal *journal;
	struct loop_timer *purge_timer;
	struct known **slots;
	size_t slot_count; /* a power of two */
	size_t count;
	uint64_t seed;
};

static uint64_t hash_of(const struct seen *seen, const char *name)
{
	return str_hash(seen->seed, name, strlen(name));
}

static struct known **find(const struct seen *seen, const char *name, uint64_t hash)
{
	struct known **slot = &seen->slots[hash & (seen->slot_count - 1)];

	while (*slot != NULL && ((*slot)->hash != hash || strcmp((*slot)->name, name) != 0))
		slot = &(*slot)->next;
	return slot;
}

static void grow(struct seen *seen)
{
	struct known **old = seen->slots;
	size_t old_count = seen->slot_count;

	seen->slot_count *= 2;
	seen->slots = mem_alloc(seen->slot_count * sizeof(struct known *));
	for (size_t i = 0; i < old_count; i++) {
		for (struct known *entry = old[i], *next; entry != NULL; entry = next) {
			struct known **slot = &seen->slots[entry->hash & (seen->slot_count - 1)];

			next = entry->next;
			entry->next = *slot;
			*slot = entry;
		}
	}
	free(old);
}

static struct known *known_new(const struct seen *seen, const char *key, int64_t expires_ms)
{
	size_t size = strlen(key) + 1, digits = strspn(key, "0123456789");
	struct known *entry = mem_alloc(sizeof(*entry) + size);

	entry->expires_ms = expires_ms;
	memcpy(entry->key, key, size);
	entry->name = entry->key + (digits == TIME_DIGITS && key[digits] == ':' ? digits + 1 : 0);
	entry->hash = hash_of(seen, entry->name);
	return entry;
}

/* "space:key", with the hash of a long key. */
static void make_name(char name[NAME_SIZE], const char *space, const char *key)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	size_t space_length = strlen(space), key_length = strlen(key);
	int length;

	assert(space_length + KEY_MAX + 2 <= NAME_SIZE);
	if (key_length <= KEY_MAX) { /* as nearly all: without printf */
		memcpy(name, space, space_length);
		name[space_length] = ':';
		memcpy(name + space_length + 1, key, key_length + 1);
		return;
	}
	(void)SHA256((const unsigned char *)key, key_length, digest);
	length = snprintf(name, NAME_SIZE, "%s:#", space);
	for (size_t i = 0; i < sizeof(digest); i++)
		length += snprintf(name + length, NAME_SIZE - (size_t)length, "%02x", digest[i]);
}

/* False, and the entry freed: its key is known already. */
static bool insert(struct seen *seen, struct known *entry)
{
	struct known **slot = find(seen, entry->name, entry->hash);

	if (*slot != NULL) {
		free(entry);
		return false;
	}
	*slot = entry;
	seen->count++;
	if (seen->count > seen->slot_count)
		grow(seen);
	return true;
}

static void load_one(void *arg, const char *key, const char *json, int64_t revision)
{
	(void)revision;
	(void)insert(arg, known_new(arg, key, strtoll(json, NULL, 10)));
}

static size_t purge_slot(struct seen *seen, struct known **slot, int64_t now_ms)
{
	size_t purged = 0;

	while (*slot != NULL) {
		struct known *entry = *slot;

		if (entry->expires_ms > now_ms) {
			slot = &entry->next;
			continue;
		}
		*slot = entry->next;
		journal_delete(seen->journal, KIND, entry->key);
		free(entry);
		purged++;
	}
	return purged;
}

static void purge(void *arg)
{
	struct seen *seen = arg;
	size_t purged = 0;

	for (size_t i = 0; i < seen->slot_count; i++)
		purged += purge_slot(seen, &seen->slots[i], clock_true_ms());
	seen->count -= purged;
	if (purged > 0)
		journal_commit(seen->journal, (struct done){ NULL, NULL });
	loop_timer_set(seen->purge_timer, PURGE_EVERY_MS);
}

struct seen *seen_new(struct loop *loop, struct journal *journal, struct err *err)
{
	struct seen *seen = mem_alloc(sizeof(*seen));

	seen->loop = loop;
	seen->journal = journal;
	seen->seed = random_u64();
	seen->slot_count = SLOTS_AT_FIRST;
	seen->slots = mem_alloc(seen->slot_count * sizeof(struct known *));
	if (!journal_load(journal, KIND, load_one, seen, err)) {
		seen_free(seen);
		return NULL;
	}
	seen->purge_timer = loop_timer_new(loop, purge, seen);
	loop_timer_set(seen->purge_timer, PURGE_EVERY_MS);
	return seen;
}

void seen_free(struct seen *seen)
{
	if (seen == NULL)
		return;
	for (size_t i = 0; i < seen->slot_count; i++) {
		for (struct known *entry = seen->slots[i], *next; entry != NULL; entry = next) {
			next = entry->next;
			free(entry);
		}
	}
	free(seen->slots);
	loop_timer_free(seen->purge_timer);
	free(seen);
}

bool seen_before(const struct seen *seen, const char *space, const char *key)
{
	char name[NAME_SIZE];

	make_name(name, space, key);
	return *find(seen, name, hash_of(seen, name)) != NULL;
}

void seen_remember_at(struct seen *seen, const char *space, const char *key, int64_t at_ms, int64_t ttl_ms)
{
	char timed[TIME_DIGITS + 1 + NAME_SIZE], *name = timed + TIME_DIGITS + 1, expires[STR_INT_SIZE];
	bool has_time = at_ms >= 0 && at_ms < TIME_LIMIT_MS;
	struct known *entry;

	make_name(name, space, key);
	if (has_time)
		timed[str_format_wide(timed, at_ms, TIME_DIGITS)] = ':';
	entry = known_new(seen, has_time ? timed : name, clock_true_ms() + ttl_ms);
	(void)str_format_int(expires, entry->expires_ms);
	/* journal_put_new: the engine checks too, for the day when two processes share a journal. */
	journal_put_new(seen->journal, KIND, entry->key, expires);
	(void)insert(seen, entry);
}

void seen_remember(struct seen *seen, const char *space, const char *key, int64_t ttl_ms)
{
	seen_remember_at(seen, space, key, -1, ttl_ms);
}

size_t seen_count(const struct seen *seen)
{
	return seen->count;
}
