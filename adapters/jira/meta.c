#include "adapters/jira/meta.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/jira/core.h"
#include "adapters/jira/waiters.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define PAGE_SIZE 200 /* Jira's greatest; more is a 400 */
#define PAGES_MAX 20
#define NAMES_MAX 150 /* bytes of the list of types */

/* One reading, page by page; then it replaces what was known. */
struct reading {
	struct jira *jira;
	unsigned pages;
	char *type_id;
	struct str type_names;
	struct json_object *fields;
};

static void ask_types(struct reading *reading, int64_t start_at);
static void ask_fields(struct reading *reading, int64_t start_at);

static void end_reading(struct reading *reading, const struct err *err)
{
	struct jira_meta *meta = &reading->jira->meta;

	if (err == NULL) {
		jira_meta_forget(meta);
		meta->known = true;
		meta->read_ms = clock_mono_ms();
		meta->type_id = reading->type_id;
		meta->type_names = str_take(&reading->type_names);
		meta->fields = reading->fields;
	} else {
		free(reading->type_id);
		str_free(&reading->type_names);
		json_free(reading->fields);
	}
	free(reading);
	meta->reading = false;
	jira_waiters_call(&meta->waiters, err);
}

/* --- pages --------------------------------------------------------------------------------- */

static struct json_object *rows_of(struct json_object *page, const char *cloud_name)
{
	struct json_object *rows = json_get(page, cloud_name);

	return rows != NULL ? rows : json_get(page, "values");
}

/* Where the next page begins; 0: this was the last one. */
static int64_t next_page(struct reading *reading, struct json_object *page, struct json_object *rows)
{
	int64_t next = json_int(page, "startAt", 0) + (int64_t)json_count(rows);

	if (json_count(rows) == 0 || json_flag(page, "isLast", false) || ++reading->pages >= PAGES_MAX)
		return 0;
	if (json_has(page, "total"))
		return next < json_int(page, "total", 0) ? next : 0;
	return json_has(page, "isLast") ? next : 0;
}

static void ask(struct reading *reading, const char *type_id, int64_t start_at, jira_calls_fn *done)
{
	struct jira *jira = reading->jira;
	struct str path, what;

	str_init(&path, 1024);
	str_init(&what, 200);
	jira_core_path(jira, &path);
	str_add(&path, "issue/createmeta/");
	jira_address_add(&path, jira->options.project);
	str_add(&path, "/issuetypes");
	if (type_id != NULL) {
		str_add_char(&path, '/');
		jira_address_add(&path, type_id);
	}
	str_addf(&path, "?startAt=%lld&maxResults=%d", (long long)start_at, PAGE_SIZE);
	str_addf(&what, "say what an issue in %.60s needs", jira->options.project);
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "createmeta", .method = "GET", .path = path.text, .what = what.text,
		.advice = "check jira.project, and that the account may see it and create issues there",
		.idempotent = true, .wants_json = true, .done = done, .arg = reading });
	str_free(&what);
	str_free(&path);
}

static void take_type(struct reading *reading, struct json_object *type)
{
	const char *wanted = reading->jira->options.issue_type, *name = json_string(type, "name");
	const char *id = json_text(type, "id");
	char *clean = utf8_clean(name, true);

	if (reading->type_names.length > 0)
		str_add(&reading->type_names, ", ");
	str_add(&reading->type_names, clean);
	free(clean);
	if (name != NULL && id != NULL && (strcasecmp(name, wanted) == 0 || strcmp(id, wanted) == 0))
		mem_set_string(&reading->type_id, id);
}

static void on_types(void *arg, struct jira_outcome *outcome)
{
	struct reading *reading = arg;
	struct json_object *rows = rows_of(outcome->json, "issueTypes");
	int64_t next;

	if (outcome->err.kind != ERR_NONE) {
		end_reading(reading, &outcome->err);
		return;
	}
	for (size_t i = 0; i < json_count(rows); i++)
		take_type(reading, json_at(rows, i));
	next = next_page(reading, outcome->json, rows);
	if (next > 0)
		ask_types(reading, next);
	else if (reading->type_id == NULL)
		end_reading(reading, NULL);
	else
		ask_fields(reading, 0);
}

static void on_fields(void *arg, struct jira_outcome *outcome)
{
	struct reading *reading = arg;
	struct json_object *rows = rows_of(outcome->json, "fields");
	int64_t next;

	if (outcome->err.kind != ERR_NONE) {
		end_reading(reading, &outcome->err);
		return;
	}
	for (size_t i = 0; i < json_count(rows); i++)
		json_append(reading->fields, json_keep(json_at(rows, i)));
	next = next_page(reading, outcome->json, rows);
	if (next > 0)
		ask_fields(reading, next);
	else
		end_reading(reading, NULL);
}

static void ask_types(struct reading *reading, int64_t start_at)
{
	ask(reading, NULL, start_at, on_types);
}

static void ask_fields(struct reading *reading, int64_t start_at)
{
	if (reading->fields == NULL) {
		reading->fields = json_new_array();
		reading->pages = 0;
	}
	ask(reading, reading->type_id, start_at, on_fields);
}

/* --- outside ------------------------------------------------------------------------------- */

void jira_meta_read(struct jira *jira, int64_t max_age_ms, void (*fn)(void *arg, const struct err *err), void *arg)
{
	struct jira_meta *meta = &jira->meta;
	struct reading *reading;

	if (meta->known && clock_mono_ms() - meta->read_ms <= max_age_ms) {
		fn(arg, NULL);
		return;
	}
	jira_waiters_add(&meta->waiters, fn, arg);
	if (meta->reading)
		return;
	meta->reading = true;
	reading = mem_alloc(sizeof(*reading));
	reading->jira = jira;
	str_init(&reading->type_names, NAMES_MAX);
	ask_types(reading, 0);
}

void jira_meta_forget(struct jira_meta *meta)
{
	free(meta->type_id);
	free(meta->type_names);
	json_free(meta->fields);
	meta->known = false;
	meta->type_id = meta->type_names = NULL;
	meta->fields = NULL;
}

const char *jira_meta_field_id(struct json_object *field)
{
	const char *id = json_string(field, "fieldId");

	return id != NULL ? id : json_string(field, "key");
}

struct json_object *jira_meta_field(const struct jira_meta *meta, const char *id)
{
	for (size_t i = 0; i < json_count(meta->fields); i++) {
		struct json_object *field = json_at(meta->fields, i);
		const char *own = jira_meta_field_id(field);

		if (own != NULL && strcmp(own, id) == 0)
			return field;
	}
	return NULL;
}

bool jira_meta_is_required(struct json_object *field)
{
	const char *id = jira_meta_field_id(field);

	/* The reporter is whoever asks, whatever the metadata says. */
	return json_flag(field, "required", false) && !json_flag(field, "hasDefaultValue", false) &&
	       id != NULL && strcmp(id, "reporter") != 0;
}

bool jira_meta_is_rich(struct json_object *field)
{
	const char *custom = json_string(field, "schema.custom"), *system = json_string(field, "schema.system");

	return (custom != NULL && str_ends(custom, ":textarea")) ||
	       (system != NULL && (strcmp(system, "environment") == 0 || strcmp(system, "description") == 0));
}
