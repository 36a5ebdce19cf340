/* config_list.h - a list of strings of the configuration. */
#ifndef BOT_CONFIG_LIST_H
#define BOT_CONFIG_LIST_H

#include <stddef.h>

struct config_list {
	char **items; /* ended by NULL; NULL: none */
	size_t count;
};

#endif
