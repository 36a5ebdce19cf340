/* Small writes that may be repeated: a remote link, the assignee. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/jira/core.h"
#include "adapters/jira/markup.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define TEXT_MAX 255 /* of a global id, and of a title */

struct edit {
	struct jira *jira;
	struct done done;
	char *issue;
	struct json_object *body; /* of a link */
	char *user;               /* of an assignment */
};

static void end_edit(struct edit *edit, const struct err *err)
{
	edit->done.fn(edit->done.arg, err);
	json_free(edit->body);
	free(edit->issue);
	free(edit->user);
	free(edit);
}

static void on_edited(void *arg, struct jira_outcome *outcome)
{
	end_edit(arg, outcome->err.kind == ERR_NONE ? NULL : &outcome->err);
}

static struct edit *new_edit(struct jira *jira, const char *issue, struct done done)
{
	struct edit *edit;

	if (!jira_core_check_issue(jira, issue, done))
		return NULL;
	edit = mem_alloc(sizeof(*edit));
	edit->jira = jira;
	edit->done = done;
	edit->issue = mem_copy_string(issue);
	return edit;
}

static void send_edit(struct edit *edit, struct jira_call call, const char *tail, struct json_object *body)
{
	struct str path;

	str_init(&path, 512);
	jira_core_path(edit->jira, &path);
	str_addf(&path, "issue/%s/%s", edit->issue, tail);
	call.path = path.text;
	call.issue = edit->issue;
	call.body = body;
	call.idempotent = true;
	call.done = on_edited;
	call.arg = edit;
	jira_calls_send(edit->jira->calls, &call);
	str_free(&path);
}

/* --- remote link --------------------------------------------------------------------------- */

static void put_shortened(struct json_object *object, const char *name, const char *text)
{
	char *clean = utf8_clean(text, true), *shortened = utf8_shorten(clean, TEXT_MAX);

	json_put_string(object, name, shortened);
	free(shortened);
	free(clean);
}

/* The whole link: what an update leaves out becomes null. */
static struct json_object *link_body(const char *global_id, const char *url, const char *title)
{
	struct json_object *body = json_new_object(), *object = json_new_object();
	struct str safe;

	str_init(&safe, 8192);
	jira_markup_url(&safe, url);
	json_put_string(object, "url", safe.text);
	put_shortened(object, "title", *title == '\0' ? url : title);
	put_shortened(body, "globalId", global_id);
	json_put_string(body, "relationship", "tocsin");
	json_put(body, "object", object);
	str_free(&safe);
	return body;
}

static void send_link(void *arg, const struct err *err)
{
	struct edit *edit = arg;
	struct str what;

	if (err != NULL) {
		end_edit(edit, err);
		return;
	}
	str_init(&what, 200);
	str_addf(&what, "link %s", edit->issue);
	send_edit(edit, (struct jira_call){ .name = "remotelink", .method = "POST", .what = what.text,
		.advice = "issue linking must be switched on and the account needs the permission Link issues" },
		"remotelink", json_keep(edit->body));
	str_free(&what);
}

void jira_link(struct jira *jira, const char *issue, const char *global_id, const char *url, const char *title,
               struct done done)
{
	struct edit *edit = new_edit(jira, issue, done);

	if (edit == NULL)
		return;
	edit->body = link_body(global_id, url, title);
	jira_core_ready(jira, send_link, edit);
}

/* --- assignee ------------------------------------------------------------------------------ */

static void send_assignee(void *arg, const struct err *err)
{
	struct edit *edit = arg;
	bool cloud;
	struct json_object *body;
	struct str what;

	if (err != NULL) {
		end_edit(edit, err);
		return;
	}
	cloud = jira_core_is_cloud(edit->jira);
	body = json_new_object();
	json_put_string(body, cloud ? "accountId" : "name", edit->user);
	str_init(&what, 200);
	str_addf(&what, "assign %s to %.60s", edit->issue, edit->user);
	send_edit(edit, (struct jira_call){ .name = "assign", .method = "PUT", .what = what.text,
		.advice = cloud ? "jira.users wants the accountId of a user who may be assigned" :
		                  "jira.users wants the name of a user who may be assigned" },
		"assignee", body);
	str_free(&what);
}

void jira_assign(struct jira *jira, const char *issue, const char *user, struct done done)
{
	struct edit *edit = new_edit(jira, issue, done);

	if (edit == NULL)
		return;
	edit->user = utf8_clean(user, true);
	jira_core_ready(jira, send_assignee, edit);
}
