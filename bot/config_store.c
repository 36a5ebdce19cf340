/* config_store.c - from the schema's offsets to the members of struct config. */
#include "bot/config_store.h"

#include <math.h>
#include <stdlib.h>

#include "bot/config.h"
#include "bot/config_schema.h"
#include "bot/config_yaml.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

void *config_slot_of(const struct config_key *key, void *base)
{
	return key->stored && base != NULL ? (char *)base + key->offset : NULL;
}

/* Enums are stored as the int that they are with our compilers. */
static void store_word(const struct config_key *key, const char *text, void *slot)
{
	int index = 0;

	while (strcmp(key->words[index], text) != 0)
		index++;
	memcpy(slot, &index, sizeof(index));
}

void config_store(const struct config_key *key, const char *text, void *slot)
{
	int64_t number = 0;

	switch (key->type->slot) {
	case CONFIG_SLOT_NONE:
		break;
	case CONFIG_SLOT_STRING:
		mem_set_string(slot, text);
		break;
	case CONFIG_SLOT_SECRET:
		secret_set(slot, text);
		break;
	case CONFIG_SLOT_DURATION:
		if (config_parse_duration(text, &number))
			*(int64_t *)slot = number;
		break;
	case CONFIG_SLOT_SIZE:
		if (config_parse_size(text, &number))
			*(int64_t *)slot = number;
		break;
	case CONFIG_SLOT_INTEGER:
		*(int *)slot = (int)strtol(text, NULL, 10);
		break;
	case CONFIG_SLOT_NUMBER:
		*(double *)slot = strtod(text, NULL);
		break;
	case CONFIG_SLOT_WORD:
		store_word(key, text, slot);
		break;
	case CONFIG_SLOT_BOOLEAN:
		*(bool *)slot = strcmp(text, "true") == 0;
		break;
	}
}

void config_store_absent(const struct config_key *key, void *slot)
{
	if (key->type != NULL && key->type->slot == CONFIG_SLOT_NUMBER)
		*(double *)slot = NAN;
}

char *config_store_entries(const struct config_key *key, void *base, size_t count)
{
	void *slot = config_slot_of(key, base);
	char *entries;

	if (slot == NULL || count == 0)
		return NULL;
	entries = mem_alloc(count * key->size);
	memcpy(slot, &entries, sizeof(entries));
	memcpy((char *)base + key->count_offset, &count, sizeof(count));
	return entries;
}

void config_store_item(struct config_list *list, const char *text)
{
	list->items = mem_resize(list->items, (list->count + 2) * sizeof(*list->items));
	list->items[list->count++] = mem_copy_string(text);
	list->items[list->count] = NULL;
}

void config_store_pair(const struct config_key *key, void *base, const char *name, const char *value)
{
	struct config_pair **pairs = config_slot_of(key, base);
	struct json_object **json = config_slot_of(key, base);
	size_t *count = (size_t *)(void *)((char *)base + key->count_offset);

	if ((key->flags & CONFIG_AS_JSON) != 0) {
		if (*json == NULL)
			*json = json_new_object();
		json_put_string(*json, name, value);
		return;
	}
	*pairs = mem_resize(*pairs, (*count + 1) * sizeof(**pairs));
	(*pairs)[*count] = (struct config_pair){ mem_copy_string(name), mem_copy_string(value) };
	(*count)++;
}

static struct json_object *scalar_json(const struct config_node *node)
{
	struct json_object *json;
	struct err err;

	if (config_yaml_is_absent(node))
		return NULL; /* JSON's null */
	if (node->plain && !node->foreign) {
		json = json_parse(node->text, strlen(node->text), &err);
		if (json != NULL)
			return json; /* plain text begins with no quote or bracket: it is no string, array or object */
	}
	return json_new_string(node->text);
}

struct json_object *config_store_json(const struct config_node *node)
{
	struct json_object *json;

	if (node->kind == CONFIG_NODE_SCALAR)
		return scalar_json(node);
	json = node->kind == CONFIG_NODE_MAP ? json_new_object() : json_new_array();
	for (const struct config_node *child = node->first; child != NULL; child = child->next)
		if (node->kind == CONFIG_NODE_MAP)
			json_put(json, child->key, config_store_json(child));
		else
			json_append(json, config_store_json(child));
	return json;
}

static void free_members(const struct config_key *keys, void *base);

static void free_list(struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct config_list){ 0 };
}

static void free_maps(const struct config_key *key, void *base)
{
	char *entries;
	size_t count;

	memcpy(&entries, (char *)base + key->offset, sizeof(entries));
	memcpy(&count, (char *)base + key->count_offset, sizeof(count));
	for (size_t i = 0; i < count; i++) {
		free_members(key->keys, entries + i * key->size);
		if (key->shape == CONFIG_NAMED)
			mem_set_string((char **)(void *)(entries + i * key->size), NULL);
	}
	free(entries);
}

static void free_pairs(const struct config_key *key, void *base, struct config_pair **pairs)
{
	size_t count;

	memcpy(&count, (char *)base + key->count_offset, sizeof(count));
	for (size_t i = 0; i < count; i++) {
		free((*pairs)[i].name);
		free((*pairs)[i].value);
	}
	free(*pairs);
}

static void free_members(const struct config_key *keys, void *base)
{
	for (const struct config_key *key = keys; key->name != NULL; key++) {
		void *slot = config_slot_of(key, base);
		if (key->shape == CONFIG_MAP)
			free_members(key->keys, base);
		else if (slot == NULL)
			continue;
		else if (key->shape == CONFIG_VALUES)
			free_list(slot);
		else if (key->shape == CONFIG_MAPS || (key->shape == CONFIG_NAMED && key->keys != NULL))
			free_maps(key, base);
		else if (key->shape == CONFIG_ANYTHING || (key->flags & CONFIG_AS_JSON) != 0)
			json_free(*(struct json_object **)slot);
		else if (key->shape == CONFIG_NAMED)
			free_pairs(key, base, slot);
		else if (key->type->slot == CONFIG_SLOT_SECRET)
			secret_free(slot);
		else if (key->type->slot == CONFIG_SLOT_STRING)
			mem_set_string(slot, NULL);
	}
}

void config_store_free(struct config *config)
{
	free_members(config_schema, config);
}

static bool same_string(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_list(const struct config_list *a, const struct config_list *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = same_string(a->items[i], b->items[i]);
	return same;
}

static bool same_json(struct json_object *a, struct json_object *b)
{
	if (a == NULL || b == NULL || a == b) /* of one document the second text would free the first */
		return a == b;
	return strcmp(json_print(a), json_print(b)) == 0;
}

static bool same_slot(const struct config_key *key, const void *a, const void *b)
{
	if (key->shape == CONFIG_VALUES)
		return same_list(a, b);
	if (key->shape == CONFIG_ANYTHING)
		return same_json(*(struct json_object *const *)a, *(struct json_object *const *)b);
	if (key->type->slot == CONFIG_SLOT_STRING)
		return same_string(*(char *const *)a, *(char *const *)b);
	if (key->type->slot == CONFIG_SLOT_SECRET)
		return same_string(secret_reveal(a), secret_reveal(b));
	return memcmp(a, b, key->type->slot == CONFIG_SLOT_DURATION ? sizeof(int64_t) : sizeof(int)) == 0;
}

struct comparison {
	const struct config *old, *now;
	struct str *keys;
};

static bool compare(void *arg, const char *path, const struct config_key *key)
{
	struct comparison *c = arg;
	const void *old, *now;

	if ((key->flags & CONFIG_RESTART) == 0)
		return true;
	old = (const char *)c->old + key->offset;
	now = (const char *)c->now + key->offset;
	if (!same_slot(key, old, now))
		str_addf(c->keys, "%s%s", c->keys->length > 0 ? ", " : "", path);
	return true;
}

void config_store_compare(const struct config *old, const struct config *now, struct str *keys)
{
	struct comparison c = { old, now, keys };

	config_schema_each(compare, &c);
}
