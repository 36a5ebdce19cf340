/*
 * config_schema.h - every key of the configuration, as one tree of tables.
 *
 * A new key is one line in config_schema.c, a member of struct config when something reads it,
 * and a row in docs/CONFIGURATION.md (a test compares the two).
 */
#ifndef BOT_CONFIG_SCHEMA_H
#define BOT_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/config_types.h"

struct config_problems;

enum config_shape {
	CONFIG_VALUE = 1, /* one scalar of `type` */
	CONFIG_VALUES,    /* a list of scalars of `type`; stored as a struct config_list */
	CONFIG_MAP,       /* the members `keys`, stored in the struct that holds the map */
	CONFIG_MAPS,      /* a list of such maps; stored as an array of structs and a size_t */
	CONFIG_NAMED,     /* a map of free keys: values of `type`, or maps with the members `keys`, which are
	                     stored as CONFIG_MAPS are, the key in the struct's first member (a char *) */
	CONFIG_ANYTHING,  /* a map that is passed on as it is */
};

enum config_flag {
	CONFIG_REQUIRED = 1,    /* in a map that is present */
	CONFIG_EMPTY_OK = 2,    /* "" is the same as leaving it out */
	CONFIG_RESTART = 4,     /* cannot change while the program runs */
	CONFIG_NO_DUPLICATE = 8, /* CONFIG_VALUES: each value once */
	CONFIG_AS_JSON = 16,    /* CONFIG_NAMED: stored as a JSON object, NULL when empty; else as config_pairs */
};

struct config_key {
	const char *name; /* NULL ends a table */
	enum config_shape shape;
	unsigned flags;
	const struct config_type *type;
	const struct config_key *keys;   /* of the members */
	const struct config_type *named; /* CONFIG_NAMED: what each key must be; NULL: any text */
	const char *fallback;            /* as the file would have it; NULL: none */
	int64_t least, most;             /* in the type's unit: CONFIG_VALUE */
	const char *const *words;        /* of a word, ended by NULL */
	const char *help;                /* what to do when it is required and missing */
	const char *identity;            /* CONFIG_MAPS: the member that tells the entries apart */
	/* What one key alone cannot tell; called for a map, or each map of a list, that is good so far. */
	void (*rule)(struct config_problems *problems, const struct config_node *map,
	             const struct config_node *root);
	bool stored;
	size_t offset;       /* in struct config, or in the struct of the list's entry */
	size_t count_offset; /* CONFIG_MAPS, CONFIG_NAMED: of the number of entries */
	size_t size;         /* CONFIG_MAPS, CONFIG_NAMED of maps: of one entry */
};

/* The sections. */
extern const struct config_key config_schema[];

/* NULL when the table has no such key. */
const struct config_key *config_schema_find(const struct config_key *keys, const char *name);

/*
 * Calls back for every key of the tree with its path: "slack.channel", "routes[].match.alarm",
 * "bedrock.prices.*.input"; until false is returned.
 */
void config_schema_each(bool (*each)(void *arg, const char *path, const struct config_key *key),
                        void *arg);

#define CONFIG_ADVICE_SIZE 256
/* What to do about an unknown key: "did you mean ...?", or the known ones. */
void config_schema_advice(const struct config_key *keys, const char *name, const char *parent,
                          char advice[CONFIG_ADVICE_SIZE]);

#endif
