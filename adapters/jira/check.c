/* What is wrong with the set-up, found by asking Jira: one sentence a finding, each with what to do. */
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/jira/core.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define FINDINGS_MAX 4000
#define FINDING_MAX 500
#define VALUES_MAX 120 /* bytes of a list of allowed values */

struct check {
	struct jira *jira;
	struct done done;
	char **findings;
	struct str text;
};

/* What tocsin does, and the permission for it. */
static const struct {
	const char *key, *name, *without;
} permissions[] = {
	{ "BROWSE_PROJECTS", "Browse projects", "find its issues" },
	{ "CREATE_ISSUES", "Create issues", "open issues" },
	{ "ADD_COMMENTS", "Add comments", "add the output of diagnoses" },
	{ "TRANSITION_ISSUES", "Transition issues", "close issues (jira.resolve_to)" },
	{ "LINK_ISSUES", "Link issues", "link issues to chat and console" },
	{ "ASSIGN_ISSUES", "Assign issues", "assign issues (jira.users)" },
};
#define PERMISSIONS (sizeof(permissions) / sizeof(permissions[0]))

static void end_check(struct check *check, const struct err *err)
{
	if (err == NULL) {
		if (check->text.length > 0 && check->text.text[check->text.length - 1] == '\n')
			check->text.text[--check->text.length] = '\0';
		mem_set_string(check->findings, check->text.text);
	}
	check->done.fn(check->done.arg, err);
	str_free(&check->text);
	free(check);
}

static void PRINTF(2, 3) add_finding(struct check *check, const char *format, ...)
{
	char line[FINDING_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	str_utf8_mend(line); /* names are cut above */
	str_add(&check->text, line);
	str_add_char(&check->text, '\n');
}

/* True when the check goes on; a refusal is a finding, no answer is the end. */
static bool heard(struct check *check, const struct err *err)
{
	if (err == NULL || err->kind == ERR_NONE)
		return true;
	if (err->kind != ERR_REFUSED) {
		end_check(check, err);
		return false;
	}
	add_finding(check, "%s", err->text);
	return true;
}

/* --- permissions --------------------------------------------------------------------------- */

static void on_permissions(void *arg, struct jira_outcome *outcome)
{
	struct check *check = arg;
	const struct jira_options *options = &check->jira->options;

	if (!heard(check, &outcome->err))
		return;
	for (size_t i = 0; i < PERMISSIONS; i++) {
		struct json_object *list = json_get(outcome->json, "permissions");
		struct json_object *one = json_get(list, permissions[i].key);

		if (one != NULL && !json_flag(one, "havePermission", true))
			add_finding(check, "tocsin's account lacks the permission %s in project %.40s and cannot %s: "
			            "grant it in the project's permissions", permissions[i].name, options->project,
			            permissions[i].without);
	}
	end_check(check, NULL);
}

static void ask_permissions(struct check *check)
{
	struct jira *jira = check->jira;
	struct str path;

	str_init(&path, 1024);
	jira_core_path(jira, &path);
	str_add(&path, "mypermissions?projectKey=");
	jira_address_add(&path, jira->options.project);
	str_add(&path, "&permissions=");
	for (size_t i = 0; i < PERMISSIONS; i++)
		str_addf(&path, "%s%s", i > 0 ? "," : "", permissions[i].key);
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "mypermissions", .method = "GET", .path = path.text, .what = "say what tocsin's account may do",
		.advice = "check jira.project", .idempotent = true, .wants_json = true, .done = on_permissions,
		.arg = check });
	str_free(&path);
}

/* --- fields -------------------------------------------------------------------------------- */

static bool is_filled(const struct jira_options *options, const char *id)
{
	static const char *const own[] = { "project", "issuetype", "summary", "description", "labels" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(own[i], id) == 0)
			return true;
	return options->fields != NULL && json_has(options->fields, id);
}

/* "; allowed: High, Low" of a field with a closed list. */
static void add_values(struct str *out, struct json_object *field)
{
	struct json_object *values = json_get(field, "allowedValues");

	for (size_t i = 0; i < json_count(values); i++) {
		struct json_object *value = json_at(values, i);
		const char *name = json_string(value, "value");
		char *clean = utf8_clean(name == NULL ? json_string(value, "name") : name, true);

		str_addf(out, "%s%s", i == 0 ? "; allowed: " : ", ", clean);
		free(clean);
	}
	out->text[str_utf8_prefix(out->text, out->length, VALUES_MAX)] = '\0';
}

static void find_missing(struct check *check, struct json_object *field)
{
	const struct jira_options *options = &check->jira->options;
	const char *id = jira_meta_field_id(field);
	char *name;
	struct str values;

	if (id == NULL || !jira_meta_is_required(field) || is_filled(options, id))
		return;
	name = utf8_clean(json_string(field, "name"), true);
	str_init(&values, VALUES_MAX + 3);
	add_values(&values, field);
	add_finding(check, "project %.20s requires the field %.40s for issue type %.30s: add %.40s to jira.fields%s",
	            options->project, name, options->issue_type, id, values.text);
	str_free(&values);
	free(name);
}

static bool find_useless(void *arg, const char *id, struct json_object *value)
{
	struct check *check = arg;
	const struct jira_options *options = &check->jira->options;
	static const char *const own[] = { "project", "issuetype", "summary", "description" };

	(void)value;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strcmp(own[i], id) == 0) {
			add_finding(check, "jira.fields.%s is not used, tocsin fills that field itself: take it out",
			            id);
			return true;
		}
	}
	if (check->jira->meta.fields != NULL && jira_meta_field(&check->jira->meta, id) == NULL)
		add_finding(check, "jira.fields.%.60s is not on the create screen of %.30s in %.20s and is left out: "
		            "put it on the screen or take it out of jira.fields", id, options->issue_type,
		            options->project);
	return true;
}

static void find_off_screen(struct check *check, const char *id, const char *loss)
{
	if (jira_meta_field(&check->jira->meta, id) == NULL)
		add_finding(check, "the field %s is not on the create screen of %.40s in %.40s, so %s: "
		            "put it on the screen", id, check->jira->options.issue_type,
		            check->jira->options.project, loss);
}

static void look_at_fields(struct check *check)
{
	struct jira_meta *meta = &check->jira->meta;
	const struct jira_options *options = &check->jira->options;

	if (options->fields != NULL)
		json_each(options->fields, find_useless, check);
	if (meta->known && meta->type_id == NULL && *meta->type_names == '\0')
		add_finding(check, "no issue can be created in project %.40s: check jira.project and the permission "
		            "Create issues", options->project);
	else if (meta->known && meta->type_id == NULL)
		add_finding(check, "issue type '%.40s' does not exist in project %.40s; there are: %s; "
		            "set jira.issue_type", options->issue_type, options->project, meta->type_names);
	if (meta->fields == NULL)
		return;
	for (size_t i = 0; i < json_count(meta->fields); i++)
		find_missing(check, json_at(meta->fields, i));
	find_off_screen(check, "description", "issues have no description");
	find_off_screen(check, "labels", "issues of one alarm are not marked as such");
}

static void on_meta(void *arg, const struct err *err)
{
	struct check *check = arg;

	if (!heard(check, err))
		return;
	if (err != NULL)
		jira_meta_forget(&check->jira->meta);
	look_at_fields(check);
	ask_permissions(check);
}

/* --- login --------------------------------------------------------------------------------- */

static void on_myself(void *arg, struct jira_outcome *outcome)
{
	struct check *check = arg;
	const char *name = json_string(outcome->json, "displayName");

	if (!heard(check, &outcome->err))
		return;
	if (outcome->err.kind != ERR_NONE) { /* all else would be refused alike */
		end_check(check, NULL);
		return;
	}
	log_event(LOG_INFO, "jira.login", "account", name, "project", check->jira->options.project, NULL);
	jira_meta_read(check->jira, -1, on_meta, check);
}

static void on_ready(void *arg, const struct err *err)
{
	struct check *check = arg;
	struct jira *jira = check->jira;
	struct str path;

	if (!heard(check, err))
		return;
	if (err != NULL) {
		end_check(check, NULL);
		return;
	}
	str_init(&path, 64);
	jira_core_path(jira, &path);
	str_add(&path, "myself");
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "myself", .method = "GET", .path = path.text, .what = "say who tocsin is", .idempotent = true,
		.wants_json = true, .done = on_myself, .arg = check });
	str_free(&path);
}

void jira_check(struct jira *jira, char **findings, struct done done)
{
	struct check *check = mem_alloc(sizeof(*check));

	check->jira = jira;
	check->done = done;
	check->findings = findings;
	str_init(&check->text, FINDINGS_MAX);
	jira_core_ready(jira, on_ready, check);
}
