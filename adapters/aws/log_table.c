#include "adapters/aws/log_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define LABEL_MAX 200
#define WHOLE_MAX ((size_t)16 << 10) /* of a label before it is shortened */
#define KEPT_MAX 170                 /* of one that is: "...", a hash of the whole and a NUL follow */
#define SEPARATOR ": " /* between a value's name and its label */

void log_table_init(struct log_table *table, const struct log_query *query, int64_t from_ms, int64_t to_ms)
{
	*table = (struct log_table){ .query = query, .from_ms = from_ms, .to_ms = to_ms, .step_ms = query->bin_ms };
}

void log_table_free(struct log_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		metric_series_free(&table->series[i]);
	free(table->series);
	*table = (struct log_table){ 0 };
}

/* The series of this label, which is taken over; NULL: there are too many. */
static struct series *find_series(struct log_table *table, char *label)
{
	size_t at = 0;

	while (at < table->count && strcmp(table->series[at].label, label) < 0)
		at++;
	if (at < table->count && strcmp(table->series[at].label, label) == 0) {
		free(label);
		return &table->series[at].series;
	}
	if (table->count == LOG_TABLE_SERIES_MAX) {
		table->dropped++;
		free(label);
		return NULL;
	}
	table->series = mem_resize(table->series, (table->count + 1) * sizeof(*table->series));
	memmove(&table->series[at + 1], &table->series[at], (table->count - at) * sizeof(*table->series));
	table->count++;
	table->series[at].label = label;
	series_make_empty(&table->series[at].series, table->from_ms, table->step_ms,
	                  (size_t)((table->to_ms - table->from_ms) / table->step_ms));
	return &table->series[at].series;
}

/* --- one row --- */

struct row {
	struct log_table *table;
	int64_t at_ms; /* -1: not told */
	double values[LOG_QUERY_VALUES_MAX];
	struct str label;
};

static bool read_number(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && *end == '\0' && isfinite(*value);
}

static void add_label(struct row *row, const char *name, const char *value)
{
	char *clean = utf8_clean(value, true);

	str_addf(&row->label, "%s%s=%s", row->label.length > 0 ? ", " : "", name, clean);
	free(clean);
}

static bool read_column(void *arg, const char *name, struct json_object *value)
{
	struct row *row = arg;
	const struct log_query *query = row->table->query;
	const char *text = json_string(value, "");

	if (log_query_is_column(name, query->time)) {
		if (!clock_parse_iso(text, &row->at_ms))
			row->at_ms = -1;
		return true;
	}
	for (size_t i = 0; i < query->value_count; i++) {
		if (!log_query_is_column(name, query->values[i].name))
			continue;
		if (text == NULL || !read_number(text, &row->values[i]))
			row->values[i] = NAN;
		return true;
	}
	add_label(row, name, text == NULL ? "" : text);
	return true;
}

/* Different ones stay different. */
static void shorten(struct str *label)
{
	char hash[17], kept[LABEL_MAX];

	if (label->length <= LABEL_MAX)
		return;
	event_hash(label->text, hash);
	(void)snprintf(kept, sizeof(kept), "%.*s", KEPT_MAX, label->text);
	str_utf8_mend(kept);
	str_clear(label);
	str_addf(label, "%s...%s", kept, hash);
}

/* "errors: level=warn"; with one value "level=warn"; without labels "errors". */
static char *label_of(const struct row *row, size_t value)
{
	const struct log_query *query = row->table->query;
	struct str label;

	str_init(&label, WHOLE_MAX);
	if (query->value_count > 1 || row->label.length == 0)
		str_addf(&label, "%s%s", query->values[value].name, row->label.length > 0 ? SEPARATOR : "");
	str_add(&label, row->label.text);
	str_utf8_mend(label.text);
	if (row->label.length > 0)
		shorten(&label);
	return str_take(&label);
}

static void put(struct row *row, size_t value)
{
	struct log_table *table = row->table;
	struct series *series = find_series(table, label_of(row, value));

	if (series != NULL)
		series->values[(row->at_ms - table->from_ms) / table->step_ms] = row->values[value];
}

static void add_row(struct log_table *table, struct json_object *json)
{
	struct row row = { .table = table, .at_ms = -1 };

	for (size_t i = 0; i < LOG_QUERY_VALUES_MAX; i++)
		row.values[i] = NAN;
	str_init(&row.label, WHOLE_MAX);
	json_each(json, read_column, &row);
	if (row.at_ms < 0)
		table->odd++;
	if (row.at_ms >= table->from_ms && row.at_ms < table->to_ms)
		for (size_t i = 0; i < table->query->value_count; i++)
			if (!isnan(row.values[i]))
				put(&row, i);
	str_free(&row.label);
}

void log_table_add_rows(struct log_table *table, struct json_object *rows)
{
	for (size_t i = 0; i < json_count(rows); i++)
		add_row(table, json_at(rows, i));
}

/* --- what is known, and what is not there --- */

void log_table_add_known(struct log_table *table, const struct log_memory_entry *entry)
{
	if (entry->to_ms <= table->from_ms || entry->from_ms >= table->to_ms)
		return;
	for (size_t i = 0; i < entry->count; i++) {
		const struct series *from = &entry->series[i].series;
		struct series *to = find_series(table, mem_copy_string(entry->series[i].label));

		for (size_t k = 0; to != NULL && k < from->count; k++) {
			int64_t at_ms = series_time(from, k);

			if (at_ms >= table->from_ms && at_ms < table->to_ms)
				to->values[(at_ms - table->from_ms) / table->step_ms] = from->values[k];
		}
	}
}

/* Which value of the query a series is of. */
static bool is_counted(const struct log_table *table, const char *label)
{
	const struct log_query *query = table->query;

	for (size_t i = 0; query->value_count > 1 && i < query->value_count; i++) {
		size_t length = strlen(query->values[i].name);

		if (strncmp(label, query->values[i].name, length) == 0 &&
		    (label[length] == '\0' || str_starts(label + length, SEPARATOR)))
			return query->values[i].counts;
	}
	return query->values[0].counts;
}

void log_table_fill(struct log_table *table, int64_t from_ms, int64_t to_ms)
{
	const struct log_query *query = table->query;

	for (size_t i = 0; !query->labelled && i < query->value_count; i++)
		if (query->values[i].counts) /* nothing at all happened: it is a series of zeros */
			(void)find_series(table, mem_copy_string(query->values[i].name));
	for (size_t i = 0; i < table->count; i++) {
		struct series *series = &table->series[i].series;

		if (!is_counted(table, table->series[i].label))
			continue;
		for (size_t k = series_index(series, from_ms); k < series_index(series, to_ms); k++)
			if (isnan(series->values[k]))
				series->values[k] = 0;
	}
}
