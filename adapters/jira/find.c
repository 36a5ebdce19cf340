/*
 * Finding the issue that a create may have made: by project, label and time, then by its key in the property,
 * or where that was refused, at the end of the description. When no issue with the label fits, those
 * without it are looked at too: the label may have been refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/jira/body.h"
#include "adapters/jira/core.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define PAGE_SIZE 50
#define PAGES_MAX 4
#define LAG_MS 30000 /* a new issue that is not found so far may still come; mails do not wait much longer */
#define MARGIN_MINUTES 5 /* between our clock and Jira's, and for the whole minutes of JQL */

struct find {
	struct jira *jira;
	struct done done;
	char *key, *label;
	int64_t since_ms;
	char **issue;
	struct json_object *rows; /* of the present page */
	size_t at;
	int64_t start_at;         /* Data Center's next page */
	char *page_token;         /* Cloud's */
	unsigned pages;
	bool last;
	bool any_label;           /* the second search, without the label */
};

static void search(struct find *find);

static void end_find(struct find *find, const struct err *err)
{
	find->done.fn(find->done.arg, err);
	json_free(find->rows);
	free(find->key);
	free(find->label);
	free(find->page_token);
	free(find);
}

static void end_found(struct find *find, const char *issue)
{
	mem_set_string(find->issue, issue);
	end_find(find, NULL);
}

static void end_not_found(struct find *find)
{
	bool early = clock_true_ms() - find->since_ms < clock_wait_ms(LAG_MS);
	struct err err = { 0 };

	(void)err_set(&err, early ? ERR_RETRY : ERR_NOT_FOUND,
	              "Jira shows no such issue in %.60s (a new one can take minutes to be found)",
	              find->jira->options.project);
	end_find(find, &err);
}

/* --- one candidate after the other --------------------------------------------------------- */

static void look_at_next(struct find *find);

static void search_any_label(struct find *find)
{
	find->any_label = true;
	find->pages = 0;
	find->start_at = 0;
	mem_set_string(&find->page_token, NULL);
	search(find);
}

/* property: its value, NULL: the issue has none. */
static bool is_ours(const struct find *find, struct json_object *row, struct json_object *property)
{
	const char *key = json_string(property, "key");
	char *words;
	bool marked;

	if (property != NULL)
		return key != NULL && strcmp(key, find->key) == 0;
	words = jira_body_words(json_get(row, "fields.description"));
	marked = jira_body_has_mark(words, find->key);
	free(words);
	return marked;
}

static void on_property(void *arg, struct jira_outcome *outcome)
{
	struct find *find = arg;
	struct json_object *row = json_at(find->rows, find->at);

	if (outcome->err.kind != ERR_NONE && outcome->status != 404) {
		end_find(find, &outcome->err);
		return;
	}
	if (is_ours(find, row, outcome->status == 404 ? NULL : json_get(outcome->json, "value"))) {
		end_found(find, json_string(row, "key"));
		return;
	}
	find->at++;
	look_at_next(find);
}

static void ask_property(struct find *find, const char *issue)
{
	struct str path;

	str_init(&path, 512);
	jira_core_path(find->jira, &path);
	str_addf(&path, "issue/%s/properties/" JIRA_PROPERTY, issue);
	jira_calls_send(find->jira->calls, &(struct jira_call){
		.name = "property", .method = "GET", .path = path.text, .what = "say whose issue it is",
		.idempotent = true, .wants_json = true, .done = on_property, .arg = find });
	str_free(&path);
}

/* Cloud gives the property with the search; elsewhere it is asked for, issue by issue. */
static void look_at_next(struct find *find)
{
	for (; find->at < json_count(find->rows); find->at++) {
		struct json_object *row = json_at(find->rows, find->at);
		const char *issue = json_string(row, "key");

		if (issue == NULL || !jira_address_is_issue(issue))
			continue;
		if (!json_has(row, "properties")) {
			ask_property(find, issue);
			return;
		}
		if (is_ours(find, row, json_get(row, "properties." JIRA_PROPERTY))) {
			end_found(find, issue);
			return;
		}
	}
	if (!find->last)
		search(find);
	else if (find->label != NULL && !find->any_label)
		search_any_label(find);
	else
		end_not_found(find);
}

/* --- the search ---------------------------------------------------------------------------- */

/* A string of JQL: quoted, quotes and backslashes escaped. */
static void add_quoted(struct str *jql, const char *text)
{
	str_add_char(jql, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			str_add_char(jql, '\\');
		if ((unsigned char)*text >= ' ')
			str_add_char(jql, *text);
	}
	str_add_char(jql, '"');
}

/* Time is relative: absolute times would be in the time zone of the account. */
static void add_query(struct str *jql, const struct find *find)
{
	int64_t minutes = (clock_true_ms() - find->since_ms) / 60000 + MARGIN_MINUTES;

	str_add(jql, "project = ");
	add_quoted(jql, find->jira->options.project);
	if (find->label != NULL && !find->any_label) {
		str_add(jql, " AND labels = ");
		add_quoted(jql, find->label);
	}
	str_addf(jql, " AND created >= \"-%lldm\" ORDER BY created DESC",
	         (long long)(minutes < MARGIN_MINUTES ? MARGIN_MINUTES : minutes));
}

static void on_searched(void *arg, struct jira_outcome *outcome)
{
	struct find *find = arg;
	struct json_object *rows = json_get(outcome->json, "issues");
	const char *token = json_string(outcome->json, "nextPageToken");
	bool cloud;

	if (outcome->err.kind != ERR_NONE) {
		end_find(find, &outcome->err);
		return;
	}
	cloud = jira_core_is_cloud(find->jira);
	json_free(find->rows);
	find->rows = json_keep(rows);
	find->at = 0;
	find->start_at += (int64_t)json_count(rows);
	mem_set_string(&find->page_token, token);
	find->last = ++find->pages >= PAGES_MAX || json_count(rows) == 0 ||
	             (cloud ? token == NULL : find->start_at >= json_int(outcome->json, "total", 0));
	look_at_next(find);
}

static void search(struct find *find)
{
	struct jira *jira = find->jira;
	struct json_object *body = json_new_object(), *fields = json_new_array(), *properties = json_new_array();
	bool cloud = jira_core_is_cloud(jira);
	struct str jql;

	str_init(&jql, 2048);
	add_query(&jql, find);
	json_append_string(fields, "description");
	json_append_string(properties, JIRA_PROPERTY);
	json_put_string(body, "jql", jql.text);
	json_put_int(body, "maxResults", PAGE_SIZE);
	json_put(body, "fields", fields);
	if (cloud) {
		json_put_string(body, "nextPageToken", find->page_token);
		json_put(body, "properties", properties);
	} else {
		json_put_int(body, "startAt", find->start_at);
		json_free(properties);
	}
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "search", .method = "POST", .path = cloud ? "3/search/jql" : "2/search",
		.what = "search for the issue", .advice = "check jira.project and the permission Browse projects",
		.body = body, .idempotent = true, .wants_json = true, .done = on_searched, .arg = find });
	str_free(&jql);
}

static void on_ready(void *arg, const struct err *err)
{
	struct find *find = arg;

	if (err != NULL)
		end_find(find, err);
	else
		search(find);
}

void jira_find(struct jira *jira, const char *key, const char *label, int64_t since_ms, char **issue,
               struct done done)
{
	struct find *find = mem_alloc(sizeof(*find));

	find->jira = jira;
	find->done = done;
	find->key = mem_copy_string(key);
	find->label = mem_copy_string(label);
	find->since_ms = clock_true_since_ms(since_ms);
	find->issue = issue;
	jira_core_ready(jira, on_ready, find);
}
