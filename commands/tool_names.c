#include "commands/tool_names.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

struct known {
	char *name;
	enum tool_trust trust;
};

struct tool_names {
	struct known *items; /* sorted by name, once `sorted` */
	size_t count, capacity;
	bool sorted;
	struct known *texts;
	size_t text_count;
	bool (*knows)(void *arg, const char *name, enum tool_trust trust); /* NULL: nobody is asked */
	void *arg;
};

struct tool_names *tool_names_new(void)
{
	return mem_alloc(sizeof(struct tool_names));
}

void tool_names_free(struct tool_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i].name);
	for (size_t i = 0; i < names->text_count; i++)
		free(names->texts[i].name);
	free(names->items);
	free(names->texts);
	free(names);
}

void tool_names_add(struct tool_names *names, const char *name, enum tool_trust trust)
{
	if (name == NULL || name[0] == '\0')
		return;
	if (names->count == names->capacity) {
		names->capacity = names->capacity == 0 ? 64 : 2 * names->capacity;
		names->items = mem_resize(names->items, names->capacity * sizeof(*names->items));
	}
	names->items[names->count++] = (struct known){ mem_copy_string(name), trust };
	names->sorted = false;
}

void tool_names_add_text(struct tool_names *names, const char *text, enum tool_trust trust)
{
	if (text == NULL)
		return;
	names->texts = mem_resize(names->texts, (names->text_count + 1) * sizeof(*names->texts));
	names->texts[names->text_count++] = (struct known){ mem_copy_string(text), trust };
}

void tool_names_ask(struct tool_names *names, bool (*knows)(void *arg, const char *name, enum tool_trust trust),
                    void *arg)
{
	names->knows = knows;
	names->arg = arg;
}

/* Of two that are the same, the one that is trusted more comes first. */
static int by_name(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : (int)y->trust - (int)x->trust;
}

static void sort(struct tool_names *names)
{
	size_t kept = 0;

	names->sorted = true;
	if (names->count == 0)
		return;
	qsort(names->items, names->count, sizeof(*names->items), by_name);
	for (size_t i = 0; i < names->count; i++) {
		if (kept > 0 && strcmp(names->items[kept - 1].name, names->items[i].name) == 0)
			free(names->items[i].name);
		else
			names->items[kept++] = names->items[i];
	}
	names->count = kept;
}

static int compare(const void *name, const void *known)
{
	return strcmp(name, ((const struct known *)known)->name);
}

/* What may stand within a name: "web-1" is no word of "web-1.internal", nor "/shop" of "/shop/checkout". Scripts
 * without blanks between words end a name. */
static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("_-/.:@#$+", c) != NULL);
}

/* The name goes on behind `end`; a sign at the end of a sentence is none of it. */
static bool goes_on(const char *end)
{
	size_t signs = strspn(end, ".:");

	if (signs > 0)
		return is_of_name(end[signs]);
	return is_of_name(*end);
}

static bool stands_in(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; (at = strcasestr(at, name)) != NULL; at++)
		if ((at == text || !is_of_name(at[-1]) || at[-1] == ':') && !goes_on(at + length))
			return true;
	return false;
}

bool tool_names_has(struct tool_names *names, const char *name, enum tool_trust trust)
{
	const struct known *found = NULL;

	if (trust == TOOL_FREE)
		return true;
	if (name == NULL || name[0] == '\0')
		return false;
	if (!names->sorted)
		sort(names);
	if (names->count > 0)
		found = bsearch(name, names->items, names->count, sizeof(*names->items), compare);
	if (found != NULL && found->trust >= trust)
		return true;
	for (size_t i = 0; i < names->text_count; i++)
		if (names->texts[i].trust >= trust && stands_in(names->texts[i].name, name))
			return true;
	return names->knows != NULL && names->knows(names->arg, name, trust);
}
