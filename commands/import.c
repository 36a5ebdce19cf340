#include "commands/import.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/arn.h"
#include "bot/config_types.h"
#include "bot/json.h"
#include "bot/utf8.h"
#include "commands/import_private.h"

#define WIDGETS_MAX 500 /* that CloudWatch allows */
#define TITLE_UNITS 120
#define NAME_UNITS 80
#define ALARM_NAME_MAX 255

bool import_is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

char *import_shown(struct import *import, const char *text, size_t most)
{
	char *clean = utf8_clean(text, true), *shown = utf8_shorten(clean, most);

	mem_adopt(&import->mem, shown);
	free(clean);
	return shown;
}

void import_note(struct import *import, const struct import_widget *widget, const char *format, ...)
{
	char text[300];
	va_list args;

	if (import->note_count == IMPORT_NOTES_MAX) {
		import->hidden_notes++;
		return;
	}
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_utf8_mend(text);
	if (widget == NULL)
		import->notes[import->note_count++] = mem_strdup(&import->mem, text);
	else if (widget->title[0] != '\0')
		import->notes[import->note_count++] = mem_printf(&import->mem, "widget %zu, %s: %s", widget->number,
		                                                 widget->title, text);
	else
		import->notes[import->note_count++] = mem_printf(&import->mem, "widget %zu: %s", widget->number, text);
}

/* --- alarms --- */

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool has_alarm(const struct import *import, const char *name)
{
	for (size_t i = 0; i < import->alarm_count; i++)
		if (strcmp(import->alarms[i], name) == 0)
			return true;
	return false;
}

/* "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-slow" */
static void add_alarm(struct import *import, const struct import_widget *widget, const char *text)
{
	static const char kind[] = "alarm:";
	const char *own = import->source->account;
	struct arn arn;
	const char *account, *name;

	if (text == NULL || !arn_split(text, &arn) || !str_starts(arn.resource, kind) ||
	    !config_is_region(arn.region) || !config_is_account(arn.account) || !import_is_clean(arn.resource)) {
		import_note(import, widget, "an alarm that is none: %s",
		            import_shown(import, text == NULL ? "no text" : text, NAME_UNITS));
		return;
	}
	name = arn.resource + strlen(kind);
	account = is_same(arn.account, own) ? NULL : arn.account;
	if (*name == '\0' || strlen(name) > ALARM_NAME_MAX || has_alarm(import, name))
		return;
	if (import->alarm_count == IMPORT_ALARMS_MAX) {
		import_note(import, widget, "alarm %s: there are %d already", import_shown(import, name, NAME_UNITS),
		            IMPORT_ALARMS_MAX);
	} else if (import->alarm_count > 0 && (!is_same(import->alarms_region, arn.region) ||
	                                       !is_same(import->alarms_account, account))) {
		import_note(import, widget, "alarm %s: it is of another region or account than the first one",
		            import_shown(import, name, NAME_UNITS));
	} else {
		import->alarms_region = mem_strdup(&import->mem, arn.region);
		import->alarms_account = mem_strdup(&import->mem, account);
		import->alarms[import->alarm_count++] = mem_strdup(&import->mem, name);
	}
}

static void add_alarms(struct import *import, const struct import_widget *widget, struct json_object *list)
{
	for (size_t i = 0; i < json_count(list) && i < 2 * IMPORT_ALARMS_MAX; i++)
		add_alarm(import, widget, json_string(json_at(list, i), ""));
}

/* --- widgets --- */

static void take_metric_widget(struct import *import, const struct import_widget *widget)
{
	struct json_object *alarms = json_get(widget->properties, "annotations.alarms");

	add_alarms(import, widget, alarms);
	if (json_count(json_get(widget->properties, "metrics")) > 0)
		import_rows(import, widget);
	else if (json_count(alarms) == 0)
		import_note(import, widget, "it has no metrics");
}

static void take_widget(struct import *import, struct json_object *json, size_t number)
{
	const char *type = json_string(json, "type"), *title = json_string(json, "properties.title");
	struct import_widget widget = { number, json_get(json, "properties"), NULL };

	widget.title = import_shown(import, title == NULL ? "" : title, TITLE_UNITS);
	if (type == NULL)
		import_note(import, &widget, "it has no type");
	else if (strcmp(type, "metric") == 0)
		take_metric_widget(import, &widget);
	else if (strcmp(type, "log") == 0)
		import_logs(import, &widget);
	else if (strcmp(type, "alarm") == 0)
		add_alarms(import, &widget, json_get(widget.properties, "alarms"));
	else
		import_note(import, &widget, "type %s has no metrics that can be judged",
		            import_shown(import, type, NAME_UNITS));
}

static void take_body(struct import *import, struct json_object *body)
{
	struct json_object *widgets = json_get(body, "widgets");

	for (size_t i = 0; i < json_count(widgets) && i < WIDGETS_MAX; i++)
		take_widget(import, json_at(widgets, i), i + 1);
	if (json_count(json_get(body, "variables")) > 0)
		import_note(import, NULL, "the dashboard's variables: what they stand for is read as it is written");
	import_formulas(import);
}

/* --- the whole --- */

static bool is_empty(const struct import *import)
{
	for (size_t i = 0; i < import->count; i++)
		if (import->lines[i].state == IMPORT_TAKEN)
			return false;
	return import->alarm_count == 0;
}

static void free_import(struct import *import)
{
	for (size_t i = 0; i < import->count; i++)
		metric_free(&import->lines[i].metric);
	free(import->lines);
	mem_free_all(&import->mem);
}

char *import_yaml(const struct import_source *source, struct err *err)
{
	struct json_object *body = json_parse(source->body, source->length, err);
	struct import import = { .source = source, .room = IMPORT_ROOM };
	char *yaml = NULL;

	if (!json_is_array(json_get(body, "widgets"))) {
		json_free(body);
		(void)err_set(err, ERR_RETRY, "what CloudWatch gave for dashboard %.60s is no dashboard", source->name);
		return NULL;
	}
	import.lines = mem_alloc(IMPORT_LINES_MAX * sizeof(*import.lines));
	take_body(&import, body);
	if (is_empty(&import))
		(void)err_set(err, ERR_USAGE, "dashboard %.60s shows nothing that can be judged%s%.120s", source->name,
		              import.note_count > 0 ? ": " : "", import.note_count > 0 ? import.notes[0] : "");
	else
		yaml = import_write(&import);
	free_import(&import);
	json_free(body);
	return yaml;
}
