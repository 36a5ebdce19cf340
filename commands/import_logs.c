/* import_logs.c - a widget of logs, where its query's rows are a series. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/config_types.h"
#include "bot/json.h"
#include "bot/log_query.h"
#include "commands/import_private.h"

#define QUERY_MAX 10000
#define GROUP_MAX 512
#define GROUPS_MAX 50
#define LINE_ROOM 300
#define DAY_MS (24 * 3600 * 1000LL)

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t\r\n");
}

static bool add_group(struct metric *metric, const char *name, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/.#";
	struct config_list *groups = &metric->log_groups;
	char *copy = mem_copy_bytes(name, length);

	if (length == 0 || length > GROUP_MAX || strspn(copy, letters) != length || groups->count == GROUPS_MAX) {
		free(copy);
		return false;
	}
	for (size_t i = 0; i < groups->count; i++)
		if (strcmp(groups->items[i], copy) == 0) {
			free(copy);
			return true;
		}
	groups->items = mem_resize(groups->items, (groups->count + 2) * sizeof(char *));
	groups->items[groups->count++] = copy;
	groups->items[groups->count] = NULL;
	return true;
}

/* "SOURCE 'a' | SOURCE 'b' | fields ...": what follows the groups, which are taken; NULL: they are named otherwise. */
static const char *take_groups(struct metric *metric, const char *query)
{
	const char *at = skip_blanks(query);

	while (strncasecmp(at, "SOURCE", strlen("SOURCE")) == 0 && isspace((unsigned char)at[strlen("SOURCE")])) {
		const char *name = skip_blanks(at + strlen("SOURCE"));
		size_t length;

		if (*name != '\'' && *name != '"')
			return NULL;
		length = strcspn(name + 1, "'\"");
		if (name[1 + length] != *name || !add_group(metric, name + 1, length))
			return NULL;
		at = skip_blanks(name + length + 2);
		if (*at != '|')
			return NULL;
		at = skip_blanks(at + 1);
	}
	return metric->log_groups.count > 0 ? at : NULL;
}

static bool is_text(const char *query)
{
	for (; *query != '\0'; query++)
		if (*query != '\n' && *query != '\t' && iscntrl((unsigned char)*query))
			return false;
	return true;
}

/* NULL: it can be read. */
static const char *set_query(struct metric *metric, const char *query)
{
	struct log_query read;
	struct err err;

	if (query == NULL || strlen(query) > QUERY_MAX || !is_text(query))
		return "it has no query that can be read";
	query = take_groups(metric, query);
	if (query == NULL)
		return "its log groups are not named one by one";
	if (!log_query_read(query, &read, &err))
		return "its rows are no series: it has no stats command with a bin, or a limit cuts them";
	metric->period_ms = read.bin_ms;
	log_query_free(&read);
	if (metric->period_ms % 60000 != 0 || metric->period_ms > DAY_MS)
		return "its bin is no number of minutes, or longer than a day";
	metric->query = mem_copy_string(query);
	return NULL;
}

static const char *set_place(struct import *import, struct metric *metric, struct json_object *properties)
{
	const char *region = json_string(properties, "region"), *account = json_string(properties, "accountId");
	const char *own = import->source->account;

	if (region == NULL)
		region = import->source->region;
	if ((region != NULL && !config_is_region(region)) || (account != NULL && !config_is_account(account)))
		return "it is of a region or account that is none";
	metric->region = mem_copy_string(region);
	metric->account = mem_copy_string(account != NULL && own != NULL && strcmp(account, own) == 0 ? NULL : account);
	return NULL;
}

static size_t size_of(const struct metric *metric)
{
	size_t size = LINE_ROOM + strlen(metric->query);

	for (size_t i = 0; i < metric->log_groups.count; i++)
		size += strlen(metric->log_groups.items[i]) + LINE_ROOM / 10;
	return size;
}

void import_logs(struct import *import, const struct import_widget *widget)
{
	struct import_line *line = &import->lines[import->count];
	const char *why;

	if (import->count == IMPORT_LINES_MAX) {
		import_note(import, widget, "there are %d lines already", IMPORT_LINES_MAX);
		return;
	}
	*line = (struct import_line){ .metric = { .normal_below = NAN, .normal_above = NAN }, .old = "",
		.widget = widget->number, .same = import->count, .state = IMPORT_TAKEN };
	line->metric.source = mem_copy_string(METRIC_SOURCE_LOGS);
	why = set_query(&line->metric, json_string(widget->properties, "query"));
	if (why == NULL)
		why = set_place(import, &line->metric, widget->properties);
	if (why == NULL && size_of(&line->metric) > import->room)
		why = "there is too much else";
	if (why != NULL) {
		import_note(import, widget, "%s", why);
		metric_free(&line->metric);
		return;
	}
	import->room -= size_of(&line->metric);
	line->metric.title = mem_copy_string(widget->title);
	line->metric.id = import_id(import, widget->title[0] != '\0' ? widget->title : "logs");
	import->count++;
}
