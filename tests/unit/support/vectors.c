#include "tests/unit/support/vectors.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/mem.h"
#include "bot/str.h"

#define ROOT "../shared/vectors/"
#define MAX_FILE (1u << 20)

static void say_once(const char *path)
{
	static bool said;

	if (!said)
		printf("skipped: what needs " ROOT "%s (not in this checkout)\n", path);
	said = true;
}

char *vector_read(const char *path, size_t *length)
{
	char full[512];
	char *text;
	FILE *file;

	(void)snprintf(full, sizeof(full), ROOT "%s", path);
	file = fopen(full, "rb");
	if (file == NULL) {
		say_once(path);
		return NULL;
	}
	text = mem_alloc(MAX_FILE + 1);
	*length = fread(text, 1, MAX_FILE, file);
	(void)fclose(file);
	return text;
}

bool vector_exists(const char *path)
{
	char full[512];

	(void)snprintf(full, sizeof(full), ROOT "%s", path);
	return access(full, R_OK) == 0;
}

static int is_json(const struct dirent *entry)
{
	return str_ends(entry->d_name, ".json");
}

size_t vector_each(const char *folder,
                   void (*each)(const char *name, const char *text, size_t length))
{
	struct dirent **entries;
	char path[512];
	int count;

	(void)snprintf(path, sizeof(path), ROOT "%s", folder);
	count = scandir(path, &entries, is_json, alphasort);
	if (count < 0) {
		say_once(folder);
		return 0;
	}
	for (int i = 0; i < count; i++) {
		size_t length;
		char *text;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		text = vector_read(path, &length);
		if (text != NULL)
			each(entries[i]->d_name, text, length);
		free(text);
		free(entries[i]);
	}
	free(entries);
	return (size_t)count;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

size_t vector_each_name(const char *folder, void (*each)(const char *name))
{
	struct dirent **entries;
	char path[512];
	int count;

	(void)snprintf(path, sizeof(path), ROOT "%s", folder);
	count = scandir(path, &entries, is_visible, alphasort);
	if (count < 0) {
		say_once(folder);
		return 0;
	}
	for (int i = 0; i < count; i++) {
		each(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return (size_t)count;
}
