#include "adapters/aws/logs_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/pages.h"
#include "bot/json.h"

#define FIELDS_MAX 100
#define FIELD_MAX 256
#define VALUE_MAX ((size_t)8 << 10)
#define SIZE_MAX_ROWS ((size_t)1 << 20)

static enum logs_phase phase_of(const char *status)
{
	if (strcmp(status, "Complete") == 0)
		return LOGS_COMPLETE;
	if (strcmp(status, "Cancelled") == 0 || strcmp(status, "Timeout") == 0)
		return LOGS_STOPPED;
	return strcmp(status, "Failed") == 0 ? LOGS_FAILED : LOGS_RUNNING;
}

/* Statistics are floating-point numbers of anything. */
static int64_t count_of(struct json_object *json, const char *path)
{
	double value = json_number(json, path, 0);

	return value > 0 && value < 9e18 ? llround(value) : 0;
}

static struct json_object *row_of(struct logs_look *look, struct json_object *fields)
{
	struct json_object *row = json_new_object();

	for (size_t i = 0; i < json_count(fields) && i < FIELDS_MAX; i++) {
		struct json_object *field = json_at(fields, i);
		char *name = aws_text(field, "field", FIELD_MAX), *value;

		if (name == NULL || strcmp(name, "@ptr") == 0) { /* leads to the whole line, for GetLogRecord only */
			free(name);
			continue;
		}
		value = aws_text(field, "value", VALUE_MAX);
		look->cut = look->cut || json_string_length(field, "value") > VALUE_MAX;
		look->size += strlen(name) + (value == NULL ? 0 : strlen(value));
		json_put_string(row, name, value == NULL ? "" : value);
		free(name);
		free(value);
	}
	return row;
}

void logs_look_add(struct logs_look *look, struct json_object *json, int64_t limit)
{
	struct json_object *list = json_get(json, "results");

	if (look->rows == NULL)
		look->rows = json_new_array();
	for (size_t i = 0; i < json_count(list) && (int64_t)json_count(look->rows) < limit; i++) {
		if (look->size > SIZE_MAX_ROWS) {
			look->cut = true;
			return;
		}
		json_append(look->rows, row_of(look, json_at(list, i)));
	}
}

bool logs_look_take(struct logs_look *look, struct json_object *json, int64_t limit)
{
	const char *status = json_string(json, "status");

	if (status == NULL)
		return false;
	json_free(look->rows);
	*look = (struct logs_look){
		.phase = phase_of(status),
		.scanned_bytes = count_of(json, "statistics.bytesScanned"),
		.matched = count_of(json, "statistics.recordsMatched"),
	};
	logs_look_add(look, json, limit);
	return true;
}

void logs_look_free(struct logs_look *look)
{
	json_free(look->rows);
	*look = (struct logs_look){ 0 };
}
