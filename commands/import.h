/*
 * import.h - a dashboard of CloudWatch, written as tocsin's configuration.
 *
 * What comes out loads as it is: ids are unique, texts are quoted, and what tocsin cannot read is a comment that says
 * why.
 *
 * Facts: "Dashboard Body Structure and Syntax" (CloudWatch API reference): widgets of type metric, log, alarm, text,
 * explorer, custom; a metric is an array [Namespace, MetricName, DimensionName, DimensionValue, ..., {rendering
 * properties}], in which "." stands for what the row above has there, and "..." for all that it has from there on.
 */
#ifndef COMMANDS_IMPORT_H
#define COMMANDS_IMPORT_H

#include <stddef.h>

#include "bot/err.h"

struct import_source {
	const char *name;    /* of the dashboard */
	const char *body;    /* JSON */
	size_t length;
	const char *region;  /* of widgets that name none; NULL: the configuration's */
	const char *account; /* that it belongs to, which need not be written; NULL: unknown */
};

/*
 * The section `dashboards` as YAML, at most 1 MiB; free() it. Pure, for any thread. NULL and ERR_USAGE: nothing on it
 * can be read. ERR_RETRY: the body is no dashboard's.
 */
char *import_yaml(const struct import_source *source, struct err *err);

#endif
