#include "bot/seen.h"

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

/* FNV-1a from a secret start: keys come from outside. */
static uint64_t hash_of(const struct seen *seen, const char *key)
{
	uint64_t hash = seen->seed;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001B3u;
	return hash ^ (hash >> 32);
}

static struct known **find(const struct seen *seen, const struct known *wanted)
{
	struct known **slot = &seen->slots[wanted->hash & (seen->slot_count - 1)];

	while (*slot != NULL && ((*slot)->hash != wanted->hash || strcmp((*slot)->name, wanted->name) != 0))
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

/* at_ms < 0: without a time. */
static struct known *known_for(const struct seen *seen, const char *space, const char *key, int64_t at_ms,
                               int64_t expires_ms)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct known *entry;
	struct str text;

	str_init(&text, KEY_MAX + 64);
	if (at_ms >= 0 && at_ms < TIME_LIMIT_MS)
		str_addf(&text, "%0*lld:", TIME_DIGITS, (long long)at_ms);
	str_add(&text, space);
	str_add_char(&text, ':');
	if (strlen(key) <= KEY_MAX) {
		str_add(&text, key);
	} else {
		(void)SHA256((const unsigned char *)key, strlen(key), digest);
		str_add_char(&text, '#');
		for (size_t i = 0; i < sizeof(digest); i++)
			str_addf(&text, "%02x", digest[i]);
	}
	entry = known_new(seen, text.text, expires_ms);
	str_free(&text);
	return entry;
}

/* False, and the entry freed: its key is known already. */
static bool insert(struct seen *seen, struct known *entry)
{
	struct known **slot = find(seen, entry);

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
		purged += purge_slot(seen, &seen->slots[i], clock_wall_ms());
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
	struct known *wanted = known_for(seen, space, key, -1, 0);
	bool found = *find(seen, wanted) != NULL;

	free(wanted);
	return found;
}

void seen_remember_at(struct seen *seen, const char *space, const char *key, int64_t at_ms, int64_t ttl_ms)
{
	struct known *entry = known_for(seen, space, key, at_ms, clock_wall_ms() + ttl_ms);
	char expires[24];

	(void)snprintf(expires, sizeof(expires), "%lld", (long long)entry->expires_ms);
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
