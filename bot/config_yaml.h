/*
 * config_yaml.h - YAML text to a tree with line numbers: the strict part of YAML that a
 * configuration needs.
 *
 * One document of maps, lists and scalars. Refused: aliases, anchors and merge keys (they make
 * small files grow without bound and hide what is configured), tags, duplicate keys, keys that are
 * not plain text, NUL. Bounds: CONFIG_YAML_SIZE bytes, _DEPTH levels, _NODES nodes in all,
 * _WIDTH members of one map or list.
 */
#ifndef BOT_CONFIG_YAML_H
#define BOT_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

#define CONFIG_YAML_SIZE (1024 * 1024)
#define CONFIG_YAML_DEPTH 32
#define CONFIG_YAML_NODES 50000
#define CONFIG_YAML_WIDTH 2000

struct config_problems;

enum config_node_kind { CONFIG_NODE_SCALAR, CONFIG_NODE_MAP, CONFIG_NODE_LIST };

struct config_node {
	enum config_node_kind kind;
	int line;     /* from 1 */
	int key_line; /* as a member of a map */
	char *key;    /* as a member of a map, else NULL */
	char *text;   /* of a scalar, else NULL */
	bool plain;   /* a scalar without quotes */
	bool bad;     /* its problem has been reported: later checks pass over it */
	bool foreign; /* holds text from the environment or another file: never shown */
	size_t count; /* of members or elements */
	struct config_node *first, *last, *next;
};

/*
 * False: nothing further can be said about this file. *root is NULL for an empty document; it is
 * owned by the caller, also after false, and the text of its scalars is wiped when it is freed.
 */
bool config_yaml_read(const char *text, size_t length, struct config_problems *problems,
                      struct config_node **root) MUST_CHECK;
void config_yaml_free(struct config_node *node);

/* The member of a map; NULL when absent, or when node is NULL or no map. */
struct config_node *config_yaml_member(const struct config_node *node, const char *key);
/* Absent, or present without a value (`key:`, `key: null`, `key: ~`), which is the same. */
bool config_yaml_is_absent(const struct config_node *node);
/* "a list", "a map", "one value". */
const char *config_yaml_kind(const struct config_node *node);

#endif
