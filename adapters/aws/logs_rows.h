/* logs_rows.h - what one look at a query of CloudWatch Logs shows (GetQueryResults). Private to logs.c. */
#ifndef ADAPTERS_AWS_LOGS_ROWS_H
#define ADAPTERS_AWS_LOGS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

enum logs_phase {
	LOGS_RUNNING, /* or scheduled */
	LOGS_COMPLETE,
	LOGS_STOPPED, /* by somebody, or after an hour */
	LOGS_FAILED,
};

struct logs_look {
	enum logs_phase phase;
	struct json_object *rows; /* array; NULL: none yet */
	size_t size;              /* bytes of the rows' names and values */
	int64_t scanned_bytes, matched;
	bool cut;                 /* rows or values were left out because they are too long */
};

/* All zero before the first look; each takes the place of the one before. At most `limit` rows. False: it is no answer
 * of GetQueryResults, and nothing was changed. */
bool logs_look_take(struct logs_look *look, struct json_object *json, int64_t limit);
/* Adds the rows of a further page. */
void logs_look_add(struct logs_look *look, struct json_object *json, int64_t limit);
void logs_look_free(struct logs_look *look); /* members */

#endif
