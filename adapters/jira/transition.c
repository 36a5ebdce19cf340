/* The status of an issue, and how it is moved to another. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/jira/core.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define RANKS 4       /* ways to name a transition */
#define NAMES_MAX 120 /* bytes of a list in an error */

struct status {
	struct jira *jira;
	struct done done;
	char *issue;
	char **name, **category;
};

struct transition {
	struct jira *jira;
	struct done done;
	char *issue, *to;
	char *status, *category; /* present ones */
	char *target;            /* the status that the chosen transition leads to */
	struct err doubt;        /* what the POST came to, while the status is looked at again */
};

/* --- one issue's status -------------------------------------------------------------------- */

static void ask_status(struct jira *jira, const char *issue, jira_calls_fn *done, void *arg)
{
	struct str path, what;

	str_init(&path, 512);
	str_init(&what, 200);
	jira_core_path(jira, &path);
	str_addf(&path, "issue/%s?fields=status", issue);
	str_addf(&what, "tell the status of %s", issue);
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "status", .method = "GET", .path = path.text, .what = what.text, .idempotent = true,
		.wants_json = true, .done = done, .arg = arg });
	str_free(&what);
	str_free(&path);
}

static void take_status(struct json_object *json, char **name, char **category)
{
	const char *key = json_string(json, "fields.status.statusCategory.key");
	char *clean = utf8_clean(json_string(json, "fields.status.name"), true);

	mem_set_string(name, clean);
	mem_set_string(category, key == NULL ? "" : key);
	free(clean);
}

static void end_status(struct status *status, const struct err *err)
{
	status->done.fn(status->done.arg, err);
	free(status->issue);
	free(status);
}

static void on_status(void *arg, struct jira_outcome *outcome)
{
	struct status *status = arg;

	if (outcome->status == 404)
		outcome->err.kind = ERR_NOT_FOUND;
	if (outcome->err.kind == ERR_NONE)
		take_status(outcome->json, status->name, status->category);
	end_status(status, outcome->err.kind == ERR_NONE ? NULL : &outcome->err);
}

static void on_status_ready(void *arg, const struct err *err)
{
	struct status *status = arg;

	if (err != NULL)
		end_status(status, err);
	else
		ask_status(status->jira, status->issue, on_status, status);
}

void jira_status(struct jira *jira, const char *issue, char **name, char **category, struct done done)
{
	struct status *status;

	if (!jira_core_check_issue(jira, issue, done))
		return;
	status = mem_alloc(sizeof(*status));
	*status = (struct status){
		.jira = jira, .done = done, .issue = mem_copy_string(issue), .name = name, .category = category,
	};
	jira_core_ready(jira, on_status_ready, status);
}

/* --- transitions --------------------------------------------------------------------------- */

static void end_transition(struct transition *transition, const struct err *err)
{
	transition->done.fn(transition->done.arg, err);
	free(transition->issue);
	free(transition->to);
	free(transition->status);
	free(transition->category);
	free(transition->target);
	free(transition);
}

static bool same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

static bool is_there(const struct transition *transition)
{
	return same(transition->status, transition->to) || same(transition->category, transition->to);
}

/* The names of required screen fields, which nobody here could fill. Empty: none. */
struct names {
	struct str text;
};

static bool add_required(void *arg, const char *id, struct json_object *field)
{
	struct names *names = arg;
	const char *name = json_string(field, "name");
	char *clean;

	if (!json_flag(field, "required", false) || json_flag(field, "hasDefaultValue", false))
		return true;
	clean = utf8_clean(name == NULL ? id : name, true);
	str_addf(&names->text, "%s%s", names->text.length > 0 ? ", " : "", clean);
	free(clean);
	return true;
}

static void read_required(struct json_object *row, struct names *names)
{
	struct json_object *fields = json_get(row, "fields");

	str_init(&names->text, NAMES_MAX);
	if (json_is_object(fields))
		json_each(fields, add_required, names);
}

static bool has_required(struct json_object *row)
{
	struct names names;
	bool some;

	read_required(row, &names);
	some = names.text.length > 0;
	str_free(&names.text);
	return some;
}

/* 0: does not fit; smaller fits better. */
static unsigned rank(struct json_object *row, const char *to)
{
	static const char *const paths[RANKS] = { "id", "name", "to.name", "to.statusCategory.key" };

	for (unsigned i = 0; i < RANKS; i++)
		if (same(json_text(row, paths[i]), to))
			return has_required(row) ? RANKS + 1 + i : 1 + i;
	return 0;
}

static struct json_object *choose(struct json_object *rows, const char *to)
{
	struct json_object *best = NULL;
	unsigned least = 0;

	for (size_t i = 0; i < json_count(rows); i++) {
		unsigned found = rank(json_at(rows, i), to);

		if (found > 0 && (least == 0 || found < least)) {
			least = found;
			best = json_at(rows, i);
		}
	}
	return best;
}

static void end_without(struct transition *transition, struct json_object *rows)
{
	struct err err = { 0 };
	struct str names;

	str_init(&names, NAMES_MAX);
	for (size_t i = 0; i < json_count(rows); i++) {
		char *name = utf8_clean(json_string(json_at(rows, i), "name"), true);

		str_addf(&names, "%s%s", i > 0 ? ", " : "", name);
		free(name);
	}
	if (json_count(rows) == 0)
		(void)err_set(&err, ERR_REFUSED, "%s (%.40s) has no transition for tocsin's account: does it have the "
		              "permission Transition issues?", transition->issue, transition->status);
	else
		(void)err_set(&err, ERR_REFUSED, "%s (%.30s) has no transition to \"%.30s\" now; there are: %s; "
		              "set jira.resolve_to", transition->issue, transition->status, transition->to, names.text);
	str_free(&names);
	end_transition(transition, &err);
}

static void end_wanting(struct transition *transition, struct json_object *row)
{
	struct err err = { 0 };
	struct names names;
	char *name = utf8_clean(json_string(row, "name"), true);

	read_required(row, &names);
	(void)err_set(&err, ERR_REFUSED, "the transition \"%.40s\" of %s asks for %s: choose another "
	              "jira.resolve_to, or take it off the screen", name, transition->issue, names.text.text);
	str_free(&names.text);
	free(name);
	end_transition(transition, &err);
}

/* After a POST without a clear answer: the status tells whether it was done. */
static void on_second_look(void *arg, struct jira_outcome *outcome)
{
	struct transition *transition = arg;

	if (outcome->err.kind == ERR_CANCELLED) {
		end_transition(transition, &outcome->err);
		return;
	}
	if (outcome->err.kind == ERR_NONE) {
		take_status(outcome->json, &transition->status, &transition->category);
		if (is_there(transition) || same(transition->status, transition->target)) {
			end_transition(transition, NULL);
			return;
		}
	}
	end_transition(transition, &transition->doubt);
}

static void on_moved(void *arg, struct jira_outcome *outcome)
{
	struct transition *transition = arg;

	if (outcome->err.kind != ERR_UNKNOWN && outcome->status != 400 && outcome->status != 409) {
		end_transition(transition, outcome->err.kind == ERR_NONE ? NULL : &outcome->err);
		return;
	}
	transition->doubt = outcome->err;
	if (outcome->err.kind == ERR_UNKNOWN)
		transition->doubt.kind = ERR_RETRY; /* the next call looks first */
	ask_status(transition->jira, transition->issue, on_second_look, transition);
}

static void move(struct transition *transition, struct json_object *row)
{
	struct jira *jira = transition->jira;
	struct json_object *body = json_new_object(), *chosen = json_new_object();
	struct str path, what;

	str_init(&path, 512);
	str_init(&what, 200);
	jira_core_path(jira, &path);
	str_addf(&path, "issue/%s/transitions", transition->issue);
	str_addf(&what, "move %s", transition->issue);
	json_put_string(chosen, "id", json_text(row, "id"));
	json_put(body, "transition", chosen);
	mem_set_string(&transition->target, json_string(row, "to.name"));
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "transition", .method = "POST", .path = path.text, .what = what.text,
		.issue = transition->issue, .advice = "the account needs the permission Transition issues",
		.body = body, .done = on_moved, .arg = transition });
	str_free(&what);
	str_free(&path);
}

static void on_transitions(void *arg, struct jira_outcome *outcome)
{
	struct transition *transition = arg;
	struct json_object *rows = json_get(outcome->json, "transitions");
	struct json_object *row = choose(rows, transition->to);

	if (outcome->err.kind != ERR_NONE)
		end_transition(transition, &outcome->err);
	else if (row == NULL)
		end_without(transition, rows);
	else if (has_required(row))
		end_wanting(transition, row);
	else
		move(transition, row);
}

static void on_present(void *arg, struct jira_outcome *outcome)
{
	struct transition *transition = arg;
	struct jira *jira = transition->jira;
	struct str path, what;

	if (outcome->err.kind != ERR_NONE) {
		end_transition(transition, &outcome->err);
		return;
	}
	take_status(outcome->json, &transition->status, &transition->category);
	if (is_there(transition)) {
		end_transition(transition, NULL);
		return;
	}
	str_init(&path, 512);
	str_init(&what, 200);
	jira_core_path(jira, &path);
	str_addf(&path, "issue/%s/transitions?expand=transitions.fields", transition->issue);
	str_addf(&what, "tell where %s can go", transition->issue);
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "transitions", .method = "GET", .path = path.text, .what = what.text, .idempotent = true,
		.wants_json = true, .done = on_transitions, .arg = transition });
	str_free(&what);
	str_free(&path);
}

static void on_transition_ready(void *arg, const struct err *err)
{
	struct transition *transition = arg;

	if (err != NULL)
		end_transition(transition, err);
	else
		ask_status(transition->jira, transition->issue, on_present, transition);
}

void jira_transition(struct jira *jira, const char *issue, const char *to, struct done done)
{
	struct transition *transition;

	if (!jira_core_check_issue(jira, issue, done))
		return;
	transition = mem_alloc(sizeof(*transition));
	*transition = (struct transition){
		.jira = jira, .done = done, .issue = mem_copy_string(issue), .to = mem_copy_string(to),
	};
	jira_core_ready(jira, on_transition_ready, transition);
}
