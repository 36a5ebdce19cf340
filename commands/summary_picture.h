/*
 * summary_picture.h - the summary's small multiples: the most abnormal metrics of all its dashboards, then the first
 * ones of each.
 */
#ifndef COMMANDS_SUMMARY_PICTURE_H
#define COMMANDS_SUMMARY_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

struct summary_data;

struct summary_picture {
	const struct summary_data *data; /* borrowed; not altered while it is drawn */
	unsigned char *png; /* NULL: there is nothing to draw */
	size_t png_size;
	char *alt;
};

bool summary_picture_draw(void *arg, struct err *err); /* for the worker; arg: the picture */
void summary_picture_free(struct summary_picture *picture); /* members */

#endif
