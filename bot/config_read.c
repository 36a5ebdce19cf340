/* config_read.c - walks the file's tree and the schema side by side. */
#include "bot/config_read.h"

#include "bot/config.h"
#include "bot/config_problems.h"
#include "bot/config_schema.h"
#include "bot/config_store.h"
#include "bot/config_types.h"
#include "bot/config_value.h"
#include "bot/config_yaml.h"
#include "bot/mem.h"
#include "bot/str.h"

struct reader {
	const struct config_source *source;
	struct config_problems *problems;
	const struct config_node *root;
};

static void read_members(struct reader *r, const struct config_key *keys, struct config_node *map,
                         int line, void *base);

/* The node is a scalar with a text that the type accepts; else a problem has been reported. */
static bool check_scalar(struct reader *r, const struct config_type *type,
                         const struct config_key *key, struct config_node *node)
{
	struct err err = { .kind = ERR_NONE };
	struct config_check check = { node, key, r->source, &err };

	if (node->bad)
		return false;
	if (node->kind != CONFIG_NODE_SCALAR) {
		config_problem(r->problems, node->line, "must be one value (%s), not %s; write just the value",
		               type->name, config_yaml_kind(node));
		node->bad = true;
		return false;
	}
	if (!config_value_expand(node, r->source, r->problems))
		return false;
	if (node->text[0] == '\0') {
		if ((key->flags & CONFIG_EMPTY_OK) != 0)
			return false;
		config_problem(r->problems, node->line, "is empty; give it a value, or remove it");
		node->bad = true;
	} else if (!type->check(&check)) {
		config_problem(r->problems, node->line, "%s", err.text);
		node->bad = true;
	}
	return !node->bad;
}

static void read_value(struct reader *r, const struct config_key *key, struct config_node *node,
                       void *base)
{
	if (check_scalar(r, key->type, key, node) && config_slot_of(key, base) != NULL)
		config_store(key, node->text, config_slot_of(key, base));
}

/* What the file does not say. A default is checked like any value: paths become absolute. */
static void read_default(struct reader *r, const struct config_key *key, void *base)
{
	struct config_node node = { .kind = CONFIG_NODE_SCALAR };

	if (key->shape == CONFIG_MAP) {
		for (const struct config_key *member = key->keys; member->name != NULL; member++)
			read_default(r, member, base);
	} else if (config_slot_of(key, base) == NULL) {
		return;
	} else if (key->fallback == NULL) {
		config_store_absent(key, config_slot_of(key, base));
	} else {
		node.text = mem_copy_string(key->fallback);
		read_value(r, key, &node, base);
		free(node.text);
	}
}

static void report_missing(struct reader *r, const struct config_key *key, int line)
{
	size_t before = config_enter(r->problems, key->name);

	if (key->shape == CONFIG_MAP)
		read_members(r, key->keys, NULL, line, NULL);
	else
		config_problem(r->problems, line, "is required and missing; %s", key->help);
	config_leave(r->problems, before);
}

/* The kind that the shape needs; false after a problem. */
static bool expect_kind(struct reader *r, struct config_node *node, enum config_node_kind kind)
{
	if (node->bad)
		return false;
	if (node->kind == kind)
		return true;
	node->bad = true;
	if (kind == CONFIG_NODE_LIST)
		config_problem(r->problems, node->line, "must be a list, not %s; write each entry on a line "
		               "below, as \"- ENTRY\"", config_yaml_kind(node));
	else
		config_problem(r->problems, node->line, "must be a map, not %s; write \"key: value\" lines "
		               "below, indented", config_yaml_kind(node));
	return false;
}

static void reject_same(struct reader *r, struct config_node *first, struct config_node *again,
                        int line, const char *what)
{
	config_problem(r->problems, line, "the same %s stands on line %d; remove one of them", what,
	               first->line);
	again->bad = true;
}

static bool same_text(const struct config_node *a, const struct config_node *b)
{
	return a != NULL && b != NULL && a->text != NULL && b->text != NULL && !a->bad &&
	       !b->bad && strcmp(a->text, b->text) == 0;
}

static void read_values(struct reader *r, const struct config_key *key, struct config_node *list,
                        void *base)
{
	struct config_list *slot = config_slot_of(key, base);
	size_t index = 0;

	if (!expect_kind(r, list, CONFIG_NODE_LIST))
		return;
	if (list->count == 0 && (key->flags & CONFIG_REQUIRED) != 0)
		config_problem(r->problems, list->line, "is empty; %s", key->help);
	for (struct config_node *node = list->first; node != NULL; node = node->next) {
		size_t before = config_enter_index(r->problems, index++);
		bool good = check_scalar(r, key->type, key, node);
		for (struct config_node *other = list->first; good && other != node; other = other->next)
			if ((key->flags & CONFIG_NO_DUPLICATE) != 0 && same_text(other, node)) {
				reject_same(r, other, node, node->line, "value");
				break;
			}
		if (good && !node->bad && slot != NULL)
			config_store_item(slot, node->text);
		config_leave(r->problems, before);
	}
}

/* Nothing in it was refused, not even before the schema was looked at (an alias, say). */
static bool is_whole(const struct config_node *node)
{
	for (const struct config_node *child = node->first; child != NULL; child = child->next)
		if (!is_whole(child))
			return false;
	return !node->bad;
}

/* One map with the members `keys`, and the rule on all of them together. */
static void read_map(struct reader *r, const struct config_key *key, struct config_node *map,
                     void *base)
{
	size_t before = r->problems->count;

	if (!expect_kind(r, map, CONFIG_NODE_MAP))
		return;
	read_members(r, key->keys, map, map->line, base);
	if (key->rule != NULL && r->problems->count == before && is_whole(map))
		key->rule(r->problems, map, r->root);
}

static void check_identity(struct reader *r, const struct config_key *key, struct config_node *list,
                           struct config_node *entry)
{
	struct config_node *id = config_yaml_member(entry, key->identity);

	for (struct config_node *other = list->first; other != entry; other = other->next) {
		struct config_node *same = config_yaml_member(other, key->identity);
		if (!same_text(same, id))
			continue;
		size_t before = config_enter(r->problems, key->identity);
		reject_same(r, same, id, id->line, key->identity);
		config_leave(r->problems, before);
		return;
	}
}

static void read_maps(struct reader *r, const struct config_key *key, struct config_node *list,
                      void *base)
{
	char *entries;
	size_t index = 0;

	if (!expect_kind(r, list, CONFIG_NODE_LIST))
		return;
	entries = config_store_entries(key, base, list->count);
	for (struct config_node *entry = list->first; entry != NULL; entry = entry->next, index++) {
		size_t before = config_enter_index(r->problems, index);
		read_map(r, key, entry, entries == NULL ? NULL : entries + index * key->size);
		if (key->identity != NULL)
			check_identity(r, key, list, entry);
		config_leave(r->problems, before);
	}
}

/* Free keys, such as the users of Slack: their form is checked like a value's. */
static bool check_member_name(struct reader *r, const struct config_key *key,
                              const struct config_node *member)
{
	struct err err = { .kind = ERR_NONE };
	struct config_node name = { .text = member->key, .line = member->key_line, .plain = true };
	struct config_check check = { &name, key, r->source, &err };

	if (member->bad || (key->named == NULL && member->key[0] != '\0'))
		return !member->bad;
	if (member->key[0] == '\0')
		err_set(&err, ERR_USAGE, "the key is empty; write one before the colon");
	else if (key->named->check(&check))
		return true;
	config_problem(r->problems, member->key_line, "%s", err.text);
	return false;
}

static void read_named(struct reader *r, const struct config_key *key, struct config_node *map,
                       void *base)
{
	char *entry = NULL;

	if (!expect_kind(r, map, CONFIG_NODE_MAP))
		return;
	if (key->keys != NULL)
		entry = config_store_entries(key, base, map->count);
	for (struct config_node *node = map->first; node != NULL; node = node->next) {
		size_t before = config_enter(r->problems, node->key);
		if (entry != NULL)
			mem_set_string((char **)(void *)entry, node->key);
		if (!check_member_name(r, key, node))
			node->bad = true;
		else if (key->keys != NULL)
			read_map(r, key, node, entry);
		else if (check_scalar(r, key->type, key, node) && config_slot_of(key, base) != NULL)
			config_store_pair(key, base, node->key, node->text);
		if (entry != NULL)
			entry += key->size;
		config_leave(r->problems, before);
	}
}

/* ${NAME} is replaced wherever a value stands below the map. */
static void expand_all(struct reader *r, struct config_node *node)
{
	size_t index = 0;

	if (node->kind == CONFIG_NODE_SCALAR && !node->bad)
		config_value_expand(node, r->source, r->problems);
	for (struct config_node *child = node->first; child != NULL; child = child->next) {
		size_t before = child->key != NULL ? config_enter(r->problems, child->key)
		                                   : config_enter_index(r->problems, index++);
		expand_all(r, child);
		config_leave(r->problems, before);
	}
}

/* Whatever the map holds is passed on. */
static void read_anything(struct reader *r, const struct config_key *key, struct config_node *map,
                          void *base)
{
	size_t before = r->problems->count;

	if (!expect_kind(r, map, CONFIG_NODE_MAP))
		return;
	expand_all(r, map);
	if (r->problems->count == before && config_slot_of(key, base) != NULL)
		*(struct json_object **)config_slot_of(key, base) = config_store_json(map);
}

static void read_shape(struct reader *r, const struct config_key *key, struct config_node *node,
                       void *base)
{
	switch (key->shape) {
	case CONFIG_VALUE:
		read_value(r, key, node, base);
		break;
	case CONFIG_VALUES:
		read_values(r, key, node, base);
		break;
	case CONFIG_MAP:
		read_map(r, key, node, base);
		break;
	case CONFIG_MAPS:
		read_maps(r, key, node, base);
		break;
	case CONFIG_NAMED:
		read_named(r, key, node, base);
		break;
	case CONFIG_ANYTHING:
		read_anything(r, key, node, base);
		break;
	}
}

static void report_unknown(struct reader *r, const struct config_key *keys,
                           struct config_node *node)
{
	char parent[sizeof(r->problems->place)], advice[CONFIG_ADVICE_SIZE];

	(void)snprintf(parent, sizeof(parent), "%s", r->problems->place);
	config_schema_advice(keys, node->key, parent, advice);
	size_t before = config_enter(r->problems, node->key);
	config_problem(r->problems, node->key_line, "unknown key; %s", advice);
	config_leave(r->problems, before);
	node->bad = true;
}

static void read_members(struct reader *r, const struct config_key *keys, struct config_node *map,
                         int line, void *base)
{
	struct config_node *first = map == NULL ? NULL : map->first;

	for (struct config_node *node = first; node != NULL; node = node->next)
		if (!node->bad && config_schema_find(keys, node->key) == NULL)
			report_unknown(r, keys, node);
	for (const struct config_key *key = keys; key->name != NULL; key++) {
		struct config_node *node = config_yaml_member(map, key->name);
		if (!config_yaml_is_absent(node)) {
			size_t before = config_enter(r->problems, key->name);
			read_shape(r, key, node, base);
			config_leave(r->problems, before);
		} else if ((key->flags & CONFIG_REQUIRED) != 0) {
			report_missing(r, key, node == NULL ? line : node->key_line);
		} else {
			read_default(r, key, base);
		}
	}
}

void config_read(struct config_node *root, const struct config_source *source,
                 struct config_problems *problems, struct config *config)
{
	struct reader r = { .source = source, .problems = problems, .root = root };

	if (config_yaml_is_absent(root))
		root = NULL;
	if (root != NULL && !expect_kind(&r, root, CONFIG_NODE_MAP))
		return;
	read_members(&r, config_schema, root, 1, config);
}
