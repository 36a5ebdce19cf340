#include "bot/secret.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

#define SHORTEST 6 /* starring out shorter values would garble ordinary words */

/* What the filter looks for. Credentials come and go for as long as the process lives, so a value
 * is forgotten with the last struct that holds it. */
static struct known {
	char *value;
	size_t uses;
} *known;
static size_t known_count, known_room;
/* Credentials are renewed on the loop while a worker takes secrets out of a text. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct known *find_known(const char *value)
{
	for (size_t i = 0; i < known_count; i++)
		if (strcmp(known[i].value, value) == 0)
			return &known[i];
	return NULL;
}

static void register_value(const char *value)
{
	struct known *entry = find_known(value);

	if (strlen(value) < SHORTEST)
		return;
	if (entry != NULL) {
		entry->uses++;
		return;
	}
	if (known_count == known_room) {
		known_room = known_room == 0 ? 16 : 2 * known_room;
		known = mem_resize(known, known_room * sizeof(*known));
	}
	known[known_count++] = (struct known){ mem_copy_string(value), 1 };
}

static void forget_value(const char *value)
{
	struct known *entry = find_known(value);

	if (entry == NULL || --entry->uses > 0)
		return;
	explicit_bzero(entry->value, strlen(entry->value));
	free(entry->value);
	*entry = known[--known_count];
	if (known_count > 0)
		return;
	free(known);
	known = NULL;
	known_room = 0;
}

void secret_set(struct secret *secret, const char *value)
{
	secret_free(secret);
	if (value == NULL)
		return;
	secret->value = mem_copy_string(value);
	(void)pthread_mutex_lock(&lock);
	register_value(value);
	(void)pthread_mutex_unlock(&lock);
}

const char *secret_reveal(const struct secret *secret)
{
	return secret->value;
}

void secret_free(struct secret *secret)
{
	if (secret->value != NULL) {
		(void)pthread_mutex_lock(&lock);
		forget_value(secret->value);
		(void)pthread_mutex_unlock(&lock);
		explicit_bzero(secret->value, strlen(secret->value));
	}
	free(secret->value);
	secret->value = NULL;
}

void secret_each_in(const char *text, void (*each)(void *arg, size_t at, size_t length), void *arg)
{
	(void)pthread_mutex_lock(&lock);
	for (size_t i = 0; i < known_count; i++) {
		size_t length = strlen(known[i].value);

		for (const char *at = text; (at = strstr(at, known[i].value)) != NULL; at += length)
			each(arg, (size_t)(at - text), length);
	}
	(void)pthread_mutex_unlock(&lock);
}

static void put_stars(void *line, size_t at, size_t length)
{
	memset((char *)line + at, '*', length);
}

void secret_filter(char *line)
{
	secret_each_in(line, put_stars, line);
}
