/*
 * Creating an issue: the fields, what may be left out of them, and the two tries.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/jira/body.h"
#include "adapters/jira/core.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define META_MAX_AGE_MS (INT64_C(24) * 3600 * 1000)
#define META_FRESH_MS 60000 /* before something is refused on the word of the metadata it is read again */
#define NOTE_MAX 1000

struct create {
	struct jira *jira;
	struct done done;
	char *key, *label, *summary;
	struct jira_body body;
	char **issue, **note;
	struct json_object *fields, *properties;
	struct str left_out; /* names, for the note */
	struct err refusal;  /* of the first try */
	bool again, fresh;
};

static void on_created(void *arg, struct jira_outcome *outcome);
static void on_meta(void *arg, const struct err *err);

static void end_create(struct create *create)
{
	json_free(create->fields);
	json_free(create->properties);
	jira_core_free_body(&create->body);
	str_free(&create->left_out);
	free(create->key);
	free(create->label);
	free(create->summary);
	free(create);
}

static void fail_create(struct create *create, const struct err *err)
{
	create->done.fn(create->done.arg, err);
	end_create(create);
}

static void fail_later(struct create *create, const struct err *err)
{
	jira_core_fail_later(create->jira, err, create->done);
	end_create(create);
}

/* --- the fields ---------------------------------------------------------------------------- */

static bool is_own(const char *id)
{
	return strcmp(id, "project") == 0 || strcmp(id, "issuetype") == 0 || strcmp(id, "summary") == 0 ||
	       strcmp(id, "description") == 0;
}

static struct json_object *named(const char *name, const char *value)
{
	struct json_object *object = json_new_object();

	json_put_string(object, name, value);
	return object;
}

static bool add_raw(void *arg, const char *id, struct json_object *value)
{
	struct create *create = arg;
	struct json_object *field = jira_meta_field(&create->jira->meta, id);

	if (jira_core_is_cloud(create->jira) && json_is_string(value) && jira_meta_is_rich(field))
		json_put(create->fields, id, jira_body_adf_text(json_string(value, "")));
	else
		json_put(create->fields, id, json_keep(value));
	return true;
}

/* Our label beside the configured ones. Shared values are not altered in place. */
static void add_label(struct create *create)
{
	struct json_object *labels = json_new_array(), *raw = json_get(create->fields, "labels");

	for (size_t i = 0; i < json_count(raw); i++)
		json_append(labels, json_keep(json_at(raw, i)));
	json_append_string(labels, create->label);
	json_put(create->fields, "labels", labels);
}

static void build_fields(struct create *create)
{
	struct jira *jira = create->jira;
	const char *type_id = jira->meta.type_id;
	struct json_object *property = json_new_object();

	create->fields = json_new_object();
	/* First the configured ones: ours then stand over those of the same name. */
	if (jira->options.fields != NULL)
		json_each(jira->options.fields, add_raw, create);
	if (create->label != NULL)
		add_label(create);
	json_put(create->fields, "project", named("key", jira->options.project));
	json_put(create->fields, "issuetype",
	         type_id == NULL ? named("name", jira->options.issue_type) : named("id", type_id));
	json_put_string(create->fields, "summary", create->summary);
	json_put(create->fields, "description", jira_core_body(jira, &create->body));
	json_put_string(property, "key", JIRA_PROPERTY);
	json_put(property, "value", named("key", create->key));
	create->properties = json_new_array();
	json_append(create->properties, property);
}

/* --- what may go --------------------------------------------------------------------------- */

/* Does Jira's refusal speak of this field, by id or by its name on the screen? */
static bool speaks_of(struct json_object *refusal, const char *id, const char *name)
{
	struct json_object *messages = json_get(refusal, "errorMessages");
	struct json_object *errors = json_get(refusal, "errors");

	if (json_is_object(errors) && json_has(errors, id))
		return true;
	for (size_t i = 0; i < json_count(messages); i++) {
		const char *text = json_string(json_at(messages, i), "");

		if (text != NULL && (strcasestr(text, id) != NULL || (name != NULL && strcasestr(text, name) != NULL)))
			return true;
	}
	return false;
}

/* What to look for among the fields of a create. */
struct search {
	struct create *create;
	struct json_object *refusal; /* NULL: look for what is not on the screen */
	bool all;                    /* everything that may go */
	struct json_object *kept;
	bool found;
};

static void note_left_out(struct create *create, const char *id, struct json_object *field)
{
	const char *name = json_string(field, "name");
	char *clean = utf8_clean(name == NULL ? id : name, true);

	str_addf(&create->left_out, "%s%s", create->left_out.length > 0 ? ", " : "", clean);
	free(clean);
}

static bool keep_or_drop(void *arg, const char *id, struct json_object *value)
{
	struct search *search = arg;
	struct create *create = search->create;
	struct json_object *field = jira_meta_field(&create->jira->meta, id);
	bool optional = (!is_own(id) || strcmp(id, "description") == 0) && !jira_meta_is_required(field);
	bool unwanted = search->refusal == NULL ? field == NULL && create->jira->meta.fields != NULL :
	                search->all             ? strcmp(id, "description") != 0 :
	                                          speaks_of(search->refusal, id, json_string(field, "name"));

	if (!optional || !unwanted) {
		json_put(search->kept, id, json_keep(value));
		return true;
	}
	search->found = true;
	note_left_out(create, id, field);
	return true;
}

/* Where the property is refused the description holds the key: jira_find looks there too. */
static void mark_description(struct create *create)
{
	struct json_object *description = json_get(create->fields, "description");

	if (description != NULL)
		json_put(create->fields, "description", jira_body_marked(json_keep(description), create->key));
}

/* True when something was left out. */
static bool leave_out(struct create *create, struct json_object *refusal, bool all)
{
	struct search search = {
		.create = create, .refusal = refusal, .all = all, .kept = json_new_object(),
	};

	json_each(create->fields, keep_or_drop, &search);
	json_free(create->fields);
	create->fields = search.kept;
	if (create->properties != NULL && refusal != NULL && (all || speaks_of(refusal, "properties", "property"))) {
		json_free(create->properties);
		create->properties = NULL;
		search.found = true;
		note_left_out(create, "the property " JIRA_PROPERTY, NULL);
		mark_description(create);
	}
	return search.found;
}

static bool stop_at_other(void *arg, const char *id, struct json_object *value)
{
	struct search *search = arg;

	(void)value;
	search->found = !json_has(search->create->fields, id) && strcmp(id, "properties") != 0;
	return !search->found;
}

/* A refusal that names fields we did not send is about what we lack. */
static bool wants_more(struct create *create, struct json_object *refusal)
{
	struct search search = { .create = create };
	struct json_object *errors = json_get(refusal, "errors");

	if (json_is_object(errors))
		json_each(errors, stop_at_other, &search);
	return search.found;
}

/* After a 400: is there anything to leave out so that a second try makes sense? */
static bool can_do_without(struct create *create, struct json_object *refusal)
{
	bool names = json_count(json_get(refusal, "errors")) > 0;

	if (create->again || wants_more(create, refusal))
		return false;
	if (leave_out(create, refusal, false))
		return true;
	return !names && leave_out(create, refusal, true);
}

/* The first required field that nothing fills; NULL: none. */
static struct json_object *missing_field(struct create *create)
{
	struct json_object *fields = create->jira->meta.fields;

	for (size_t i = 0; i < json_count(fields); i++) {
		struct json_object *field = json_at(fields, i);

		if (jira_meta_is_required(field) && !json_has(create->fields, jira_meta_field_id(field)))
			return field;
	}
	return NULL;
}

/* --- the calls ----------------------------------------------------------------------------- */

static void post(struct create *create)
{
	struct jira *jira = create->jira;
	struct json_object *body = json_new_object();
	struct str path, what;

	str_init(&path, 256);
	str_init(&what, 200);
	json_put(body, "fields", json_keep(create->fields));
	if (create->properties != NULL)
		json_put(body, "properties", json_keep(create->properties));
	jira_core_path(jira, &path);
	str_add(&path, "issue");
	str_addf(&what, "create an issue in %.60s", jira->options.project);
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "create", .method = "POST", .path = path.text, .what = what.text, .body = body,
		.wants_json = true, .done = on_created, .arg = create });
	str_free(&what);
	str_free(&path);
}

static void succeed(struct create *create, const char *issue)
{
	char *note = NULL;
	struct str text;

	if (create->left_out.length > 0) {
		str_init(&text, NOTE_MAX + 300);
		str_addf(&text, "Jira took the issue without: %s", create->left_out.text);
		if (create->refusal.kind != ERR_NONE)
			str_addf(&text, " (%s)", create->refusal.text);
		log_event(LOG_WARN, "jira.left_out", "issue", issue, "note", text.text, NULL);
		note = str_take(&text);
	}
	mem_set_string(create->issue, issue);
	free(*create->note);
	*create->note = note;
	create->done.fn(create->done.arg, NULL);
	end_create(create);
}

static void on_created(void *arg, struct jira_outcome *outcome)
{
	struct create *create = arg;
	const char *issue = json_string(outcome->json, "key");
	struct err err = outcome->err;

	if (err.kind == ERR_CANCELLED) {
		fail_create(create, &err);
	} else if (err.kind == ERR_NONE && issue != NULL && jira_address_is_issue(issue)) {
		succeed(create, issue);
	} else if (err.kind == ERR_NONE) {
		(void)err_set(&err, ERR_UNKNOWN, "Jira answered without the new issue's key; it may be there");
		fail_create(create, &err);
	} else if (outcome->status == 400 && outcome->json != NULL && can_do_without(create, outcome->json)) {
		create->again = true;
		create->refusal = err;
		jira_meta_forget(&create->jira->meta);
		post(create);
	} else {
		if (err.kind == ERR_REFUSED)
			jira_meta_forget(&create->jira->meta);
		fail_create(create, outcome->status == 400 && create->again ? &create->refusal : &err);
	}
}

/* --- before the first try ------------------------------------------------------------------ */

/* False: *err says what the project wants and the configuration does not give. */
static bool judge_meta(struct create *create, struct err *err)
{
	const struct jira_options *options = &create->jira->options;
	const struct jira_meta *meta = &create->jira->meta;
	struct json_object *missing;
	char *name;

	if (meta->known && meta->type_id == NULL && *meta->type_names != '\0')
		return err_set(err, ERR_REFUSED, "issue type '%.30s' does not exist in project %.20s; "
		               "there are: %.120s; set jira.issue_type", options->issue_type, options->project,
		               meta->type_names);
	missing = missing_field(create);
	if (missing == NULL)
		return true;
	name = utf8_clean(json_string(missing, "name"), true);
	(void)err_set(err, ERR_REFUSED, "project %.20s requires the field %.50s for issue type %.30s: "
	              "add %.40s to jira.fields",
	              options->project, name, options->issue_type, jira_meta_field_id(missing));
	free(name);
	return false;
}

static void on_meta(void *arg, const struct err *err)
{
	struct create *create = arg;
	struct err why = { 0 };

	if (err != NULL && err->kind != ERR_REFUSED) {
		fail_create(create, err);
		return;
	}
	if (err != NULL) /* Jira does not show them: it then judges the fields itself */
		jira_meta_forget(&create->jira->meta);
	json_free(create->fields);
	json_free(create->properties);
	str_clear(&create->left_out);
	build_fields(create);
	if (!judge_meta(create, &why)) {
		if (create->fresh) {
			fail_later(create, &why);
			return;
		}
		create->fresh = true;
		jira_meta_read(create->jira, META_FRESH_MS, on_meta, create);
		return;
	}
	(void)leave_out(create, NULL, false);
	post(create);
}

static void on_ready(void *arg, const struct err *err)
{
	struct create *create = arg;

	if (err != NULL)
		fail_create(create, err);
	else
		jira_meta_read(create->jira, META_MAX_AGE_MS, on_meta, create);
}

static char *summary_of(const char *text)
{
	char *clean = utf8_clean(text, true);
	char *summary = utf8_shorten(clean, JIRA_SUMMARY_MAX);

	if (strspn(summary, " ") == strlen(summary))
		mem_set_string(&summary, "(no summary)");
	free(clean);
	return summary;
}

void jira_create(struct jira *jira, const struct jira_draft *draft, char **issue, char **note,
                 struct done done)
{
	struct create *create = mem_alloc(sizeof(*create));

	create->jira = jira;
	create->done = done;
	create->key = mem_copy_string(draft->key);
	create->label = mem_copy_string(draft->label);
	create->summary = summary_of(draft->summary);
	create->issue = issue;
	create->note = note;
	str_init(&create->left_out, NOTE_MAX);
	jira_core_render(jira, &create->body, draft->message, NULL);
	jira_core_ready(jira, on_ready, create);
}
