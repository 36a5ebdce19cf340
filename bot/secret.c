#include "bot/secret.h"

#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

#define MAX_SECRETS 32
#define SHORTEST 6 /* starring out shorter values would garble ordinary words */

static char *known[MAX_SECRETS];

static void register_value(const char *value)
{
	if (strlen(value) < SHORTEST)
		return;
	for (size_t i = 0; i < MAX_SECRETS; i++) {
		if (known[i] != NULL && strcmp(known[i], value) == 0)
			return;
		if (known[i] == NULL) {
			known[i] = mem_copy_string(value);
			return;
		}
	}
}

void secret_set(struct secret *secret, const char *value)
{
	secret_free(secret);
	if (value == NULL)
		return;
	secret->value = mem_copy_string(value);
	register_value(value);
}

const char *secret_reveal(const struct secret *secret)
{
	return secret->value;
}

void secret_free(struct secret *secret)
{
	if (secret->value != NULL)
		explicit_bzero(secret->value, strlen(secret->value));
	free(secret->value);
	secret->value = NULL;
}

void secret_filter(char *line)
{
	for (size_t i = 0; i < MAX_SECRETS && known[i] != NULL; i++) {
		size_t length = strlen(known[i]);

		for (char *at = line; (at = strstr(at, known[i])) != NULL; at += length)
			memset(at, '*', length);
	}
}
