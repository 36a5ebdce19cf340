/*
 * config_store.h - the members of struct config that the schema names: set, freed, compared.
 */
#ifndef BOT_CONFIG_STORE_H
#define BOT_CONFIG_STORE_H

struct config;
struct config_key;
struct config_list;
struct config_node;
struct json_object;
struct str;

/* Where a key's value lives below base (struct config or a list's entry); NULL: it is not kept. */
void *config_slot_of(const struct config_key *key, void *base);
/* Sets a slot from a text that has passed the key's check. */
void config_store(const struct config_key *key, const char *text, void *slot);
/* What a slot is when the file says nothing and there is no default, where that is not all zero. */
void config_store_absent(const struct config_key *key, void *slot);
/* The array for that many entries of a CONFIG_MAPS or CONFIG_NAMED key, all zero; NULL: they are not kept. */
char *config_store_entries(const struct config_key *key, void *base, size_t count);
void config_store_item(struct config_list *list, const char *text);
/* Adds to the array of struct config_pair, or the JSON object, that a CONFIG_NAMED key of values names. */
void config_store_pair(const struct config_key *key, void *base, const char *name, const char *value);
/* What a map of a CONFIG_ANYTHING key holds, as JSON: plain true, false, null and JSON's numbers are
 * what they look like; everything else, and whatever came from the environment, is a string. */
struct json_object *config_store_json(const struct config_node *node);

/* Everything that the schema names. */
void config_store_free(struct config *config);
/* Adds the paths of the keys that need a restart and differ, comma-separated. */
void config_store_compare(const struct config *old, const struct config *now, struct str *keys);

#endif
