/* config_read.h - a tree of nodes checked against the schema and stored in struct config. */
#ifndef BOT_CONFIG_READ_H
#define BOT_CONFIG_READ_H

#include <stdbool.h>

struct config;
struct config_node;
struct config_problems;
struct config_source;

/*
 * Checks everything below `root` (NULL: an empty file) and stores what is good, and the defaults
 * of what is absent, in *config. Texts of `root` get their normal form.
 */
void config_read(struct config_node *root, const struct config_source *source,
                 struct config_problems *problems, struct config *config);

#endif
