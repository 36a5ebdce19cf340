#include "bot/seen.h"

#include <openssl/sha.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/journal.h"
#include "bot/loop.h"
#include "bot/mem.h"

#define KIND "seen"
#define KEY_MAX 128 /* longer keys are replaced by their SHA-256 */
#define PURGE_EVERY_MS (3600 * 1000)

struct known {
	int64_t expires_ms;
	char key[]; /* "space:key" */
};

struct seen {
	struct loop *loop;
	struct journal *journal;
	struct loop_timer *purge_timer;
	void *tree; /* of struct known, by key (tsearch) */
	size_t count;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->key, ((const struct known *)b)->key);
}

static struct known *known_new(const char *key, int64_t expires_ms)
{
	size_t size = strlen(key) + 1;
	struct known *entry = mem_alloc(sizeof(*entry) + size);

	entry->expires_ms = expires_ms;
	memcpy(entry->key, key, size);
	return entry;
}

static struct known *known_for(const char *space, const char *key, int64_t expires_ms)
{
	char text[KEY_MAX + 32];
	unsigned char digest[SHA256_DIGEST_LENGTH];
	int length;

	if (strlen(key) <= KEY_MAX) {
		(void)snprintf(text, sizeof(text), "%s:%s", space, key);
		return known_new(text, expires_ms);
	}
	(void)SHA256((const unsigned char *)key, strlen(key), digest);
	length = snprintf(text, sizeof(text), "%s:#", space);
	for (size_t i = 0; i < sizeof(digest); i++)
		length += snprintf(text + length, sizeof(text) - (size_t)length, "%02x", digest[i]);
	return known_new(text, expires_ms);
}

static bool insert(struct seen *seen, struct known *entry)
{
	struct known **slot = tsearch(entry, &seen->tree, compare);

	if (slot == NULL)
		abort();
	if (*slot == entry) {
		seen->count++;
		return true;
	}
	free(entry);
	return false;
}

static void load_one(void *arg, const char *key, const char *json, int64_t revision)
{
	(void)revision;
	(void)insert(arg, known_new(key, strtoll(json, NULL, 10)));
}

struct expired {
	struct known **entries;
	size_t count;
	int64_t now_ms;
};

static void collect_expired(const void *node, VISIT visit, void *closure)
{
	struct known *entry = *(struct known *const *)node;
	struct expired *expired = closure;

	if ((visit != postorder && visit != leaf) || entry->expires_ms > expired->now_ms)
		return;
	expired->entries = mem_resize(expired->entries, (expired->count + 1) * sizeof(struct known *));
	expired->entries[expired->count++] = entry;
}

static void purge(void *arg)
{
	struct seen *seen = arg;
	struct expired expired = { .now_ms = clock_wall_ms() };

	twalk_r(seen->tree, collect_expired, &expired);
	for (size_t i = 0; i < expired.count; i++) {
		(void)tdelete(expired.entries[i], &seen->tree, compare);
		journal_delete(seen->journal, KIND, expired.entries[i]->key);
		free(expired.entries[i]);
		seen->count--;
	}
	if (expired.count > 0)
		journal_commit(seen->journal, (struct done){ NULL, NULL });
	free(expired.entries);
	loop_timer_set(seen->purge_timer, PURGE_EVERY_MS);
}

struct seen *seen_new(struct loop *loop, struct journal *journal, struct err *err)
{
	struct seen *seen = mem_alloc(sizeof(*seen));

	seen->loop = loop;
	seen->journal = journal;
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
	tdestroy(seen->tree, free);
	loop_timer_free(seen->purge_timer);
	free(seen);
}

bool seen_before(const struct seen *seen, const char *space, const char *key)
{
	struct known *wanted = known_for(space, key, 0);
	bool found = tfind(wanted, &seen->tree, compare) != NULL;

	free(wanted);
	return found;
}

void seen_remember(struct seen *seen, const char *space, const char *key, int64_t ttl_ms)
{
	struct known *entry = known_for(space, key, clock_wall_ms() + ttl_ms);
	char expires[24];

	(void)snprintf(expires, sizeof(expires), "%lld", (long long)entry->expires_ms);
	/* journal_put_new: the engine checks too, for the day when two processes share a journal. */
	journal_put_new(seen->journal, KIND, entry->key, expires);
	(void)insert(seen, entry);
}

size_t seen_count(const struct seen *seen)
{
	return seen->count;
}
