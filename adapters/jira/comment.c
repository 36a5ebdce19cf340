/* Comments, and how one of ours is found again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/jira/body.h"
#include "adapters/jira/core.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MARK_MAX 64
#define PAGE_SIZE 100
#define PAGES_MAX 60 /* Jira stops taking comments at 5,000 */

struct comment {
	struct jira *jira;
	struct done done;
	char *issue, *mark;
	struct jira_body body;
	unsigned pages;
};

static void ask_page(struct comment *comment, int64_t start_at);

static void end_comment(struct comment *comment, const struct err *err)
{
	comment->done.fn(comment->done.arg, err);
	jira_core_free_body(&comment->body);
	free(comment->issue);
	free(comment->mark);
	free(comment);
}

static struct comment *new_comment(struct jira *jira, const char *issue, const char *mark, struct done done)
{
	struct comment *comment;
	struct err err = { 0 };
	size_t length = strspn(mark, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

	if (!jira_core_check_issue(jira, issue, done))
		return NULL;
	if (length == 0 || length > MARK_MAX || mark[length] != '\0') {
		(void)err_set(&err, ERR_REFUSED, "the mark of a comment is 1 to %d letters, digits and -", MARK_MAX);
		jira_core_fail_later(jira, &err, done);
		return NULL;
	}
	comment = mem_alloc(sizeof(*comment));
	comment->jira = jira;
	comment->done = done;
	comment->issue = mem_copy_string(issue);
	comment->mark = mem_copy_string(mark);
	return comment;
}

static void add_path(const struct comment *comment, struct str *path)
{
	jira_core_path(comment->jira, path);
	str_addf(path, "issue/%s/comment", comment->issue);
}

/* --- writing ------------------------------------------------------------------------------- */

static void on_written(void *arg, struct jira_outcome *outcome)
{
	end_comment(arg, outcome->err.kind == ERR_NONE ? NULL : &outcome->err);
}

static void write_comment(void *arg, const struct err *err)
{
	struct comment *comment = arg;
	struct json_object *body;
	struct str path, what;

	if (err != NULL) {
		end_comment(comment, err);
		return;
	}
	body = json_new_object();
	json_put(body, "body", jira_core_body(comment->jira, &comment->body));
	str_init(&path, 512);
	str_init(&what, 200);
	add_path(comment, &path);
	str_addf(&what, "comment on %s", comment->issue);
	jira_calls_send(comment->jira->calls, &(struct jira_call){
		.name = "comment", .method = "POST", .path = path.text, .what = what.text, .issue = comment->issue,
		.advice = "the account needs the permission Add comments", .body = body, .done = on_written,
		.arg = comment });
	str_free(&what);
	str_free(&path);
}

void jira_comment(struct jira *jira, const char *issue, const char *mark, const struct message *message,
                  struct done done)
{
	struct comment *comment = new_comment(jira, issue, mark, done);

	if (comment == NULL)
		return;
	jira_core_render(jira, &comment->body, message, mark);
	jira_core_ready(jira, write_comment, comment);
}

/* --- finding ------------------------------------------------------------------------------- */

static bool is_marked(struct json_object *row, const char *mark)
{
	char *words = jira_body_words(json_get(row, "body"));
	bool marked = jira_body_has_mark(words, mark);

	free(words);
	return marked;
}

static void end_not_found(struct comment *comment)
{
	struct err err = { 0 };

	(void)err_set(&err, ERR_NOT_FOUND, "%s has no such comment", comment->issue);
	end_comment(comment, &err);
}

static void on_page(void *arg, struct jira_outcome *outcome)
{
	struct comment *comment = arg;
	struct json_object *rows = json_get(outcome->json, "comments");
	int64_t next = json_int(outcome->json, "startAt", 0) + (int64_t)json_count(rows);

	if (outcome->err.kind != ERR_NONE) {
		end_comment(comment, &outcome->err);
		return;
	}
	for (size_t i = 0; i < json_count(rows); i++) {
		if (is_marked(json_at(rows, i), comment->mark)) {
			end_comment(comment, NULL);
			return;
		}
	}
	if (json_count(rows) == 0 || next >= json_int(outcome->json, "total", 0) || ++comment->pages >= PAGES_MAX)
		end_not_found(comment);
	else
		ask_page(comment, next);
}

/* Newest first: a comment that comes meanwhile shifts others onto the next page, never off it. */
static void ask_page(struct comment *comment, int64_t start_at)
{
	struct str path, what;

	str_init(&path, 512);
	str_init(&what, 200);
	add_path(comment, &path);
	str_addf(&path, "?startAt=%lld&maxResults=%d&orderBy=-created", (long long)start_at, PAGE_SIZE);
	str_addf(&what, "list the comments of %s", comment->issue);
	jira_calls_send(comment->jira->calls, &(struct jira_call){
		.name = "comments", .method = "GET", .path = path.text, .what = what.text, .idempotent = true,
		.wants_json = true, .done = on_page, .arg = comment });
	str_free(&what);
	str_free(&path);
}

static void list_comments(void *arg, const struct err *err)
{
	if (err != NULL)
		end_comment(arg, err);
	else
		ask_page(arg, 0);
}

void jira_find_comment(struct jira *jira, const char *issue, const char *mark, struct done done)
{
	struct comment *comment = new_comment(jira, issue, mark, done);

	if (comment != NULL)
		jira_core_ready(jira, list_comments, comment);
}
