/*
 * config_value.h - one scalar of the configuration: ${NAME}, file:PATH, how it may be shown.
 */
#ifndef BOT_CONFIG_VALUE_H
#define BOT_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

struct config_node;
struct config_problems;

/* Where a configuration comes from: what its environment and relative paths mean. */
struct config_source {
	const char *directory; /* absolute, of the file; borrowed */
	bool sealed;           /* neither environment nor files are read: every name is unset */
};

/*
 * Replaces ${NAME} by the environment's value, "$${" by "${". Every name that is unset is a
 * problem of its own. False: the node is `bad` now.
 */
bool config_value_expand(struct config_node *node, const struct config_source *source,
                         struct config_problems *problems);

/* Replaces "file:PATH" by the file's text without its last line break. */
bool config_value_from_file(struct config_node *node, const struct config_source *source,
                            struct err *err) MUST_CHECK;

/* Makes a relative path absolute. */
void config_value_absolute(struct config_node *node, const struct config_source *source);

/* A regular file that can be read? Always yes in a sealed source. */
bool config_value_is_readable(const char *path, const struct config_source *source);

/*
 * At most `max` bytes of a file; NULL and *err ("cannot be read (No such file or directory)")
 * when it cannot be read or is larger. `regular_only` refuses what could block (a FIFO).
 */
char *config_read_file(const char *path, size_t max, bool regular_only, size_t *length,
                       struct err *err) MUST_CHECK;

#define CONFIG_SHOWN_SIZE 96
/* The text in quotes, cut; or the words "the value" for what may be a secret. */
const char *config_value_shown(const struct config_node *node, char out[CONFIG_SHOWN_SIZE]);

#endif
