#include "adapters/jira/jira.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/jira/body.h"
#include "adapters/jira/core.h"
#include "adapters/jira/waiters.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"

/* --- the kind of site ---------------------------------------------------------------------- */

static void take_browse_base(struct jira *jira, struct json_object *info)
{
	const char *url = json_string(info, "displayUrl");
	struct jira_address address;
	struct err ignored;

	if (url == NULL)
		url = json_string(info, "baseUrl");
	if (url == NULL || !jira_address_read(&address, url, &ignored))
		return;
	mem_set_string(&jira->browse_base, address.base);
	jira_address_free(&address);
}

static void take_kind(struct jira *jira, struct json_object *info)
{
	const char *kind = json_string(info, "deploymentType");

	if (jira->address.gateway)
		take_browse_base(jira, info);
	if (jira->api == JIRA_AUTO)
		jira->api = kind != NULL && strcasecmp(kind, "Cloud") == 0 ? JIRA_CLOUD : JIRA_DATACENTER;
	log_event(LOG_INFO, "jira.site", "api", jira->api == JIRA_CLOUD ? "cloud" : "datacenter", "said", kind, NULL);
}

/*
 * A Jira that answers and does not say is taken for Data Center. When nobody answers, or something
 * else than Jira (no JSON), nothing is guessed. Only where the kind is known this call may fail.
 */
static void on_server_info(void *arg, struct jira_outcome *outcome)
{
	struct jira *jira = arg;
	const struct err *err = outcome->err.kind == ERR_NONE ? NULL : &outcome->err;

	jira->asking = false;
	if (outcome->json != NULL || outcome->status == 404)
		take_kind(jira, outcome->json);
	if (jira->api != JIRA_AUTO && (err == NULL || err->kind != ERR_CANCELLED))
		err = NULL;
	jira_waiters_call(&jira->waiters, err);
}

static void ask_server_info(struct jira *jira)
{
	if (jira->asking)
		return;
	jira->asking = true;
	jira_calls_send(jira->calls, &(struct jira_call){
		.name = "serverInfo", .method = "GET", .path = "2/serverInfo", .what = "say what it is",
		.idempotent = true, .wants_json = true, .done = on_server_info, .arg = jira });
}

void jira_core_ready(struct jira *jira, jira_ready_fn *fn, void *arg)
{
	bool known = jira->api != JIRA_AUTO && (!jira->address.gateway || jira->browse_base != NULL);

	if (known) {
		fn(arg, NULL);
		return;
	}
	jira_waiters_add(&jira->waiters, fn, arg);
	ask_server_info(jira);
}

bool jira_core_is_cloud(const struct jira *jira)
{
	return jira->api == JIRA_CLOUD;
}

void jira_core_path(const struct jira *jira, struct str *path)
{
	str_add(path, jira_core_is_cloud(jira) ? "3/" : "2/");
}

/* --- shared by the operations -------------------------------------------------------------- */

struct late {
	struct done done;
	struct err err;
};

static void complete_late(void *arg)
{
	struct late *late = arg;

	late->done.fn(late->done.arg, &late->err);
	free(late);
}

void jira_core_fail_later(struct jira *jira, const struct err *err, struct done done)
{
	struct late *late = mem_alloc(sizeof(*late));

	late->done = done;
	late->err = *err;
	loop_defer(jira->options.loop, complete_late, late);
}

bool jira_core_check_issue(struct jira *jira, const char *issue, struct done done)
{
	struct err err = { 0 };

	if (issue != NULL && jira_address_is_issue(issue))
		return true;
	(void)err_set(&err, ERR_REFUSED, "\"%.40s\" is no issue key of Jira", issue == NULL ? "" : issue);
	jira_core_fail_later(jira, &err, done);
	return false;
}

void jira_core_render(const struct jira *jira, struct jira_body *body, const struct message *message,
                      const char *mark)
{
	*body = (struct jira_body){ 0 };
	if (jira->api != JIRA_DATACENTER)
		body->adf = jira_body_adf(message, mark);
	if (jira->api != JIRA_CLOUD)
		body->wiki = jira_body_wiki(message, mark);
}

struct json_object *jira_core_body(const struct jira *jira, const struct jira_body *body)
{
	return jira_core_is_cloud(jira) ? json_keep(body->adf) : json_new_string(body->wiki);
}

void jira_core_free_body(struct jira_body *body)
{
	json_free(body->adf);
	free(body->wiki);
	*body = (struct jira_body){ 0 };
}

char *jira_issue_url(const struct jira *jira, const char *issue)
{
	struct str url;

	str_init(&url, 8192);
	str_addf(&url, "%s/browse/", jira->browse_base == NULL ? jira->address.base : jira->browse_base);
	jira_address_add(&url, issue);
	return str_take(&url);
}

/* --- life ---------------------------------------------------------------------------------- */

struct jira *jira_new(const struct jira_options *options, struct err *err)
{
	struct jira *jira = mem_alloc(sizeof(*jira));

	jira->options = *options;
	if (!jira_address_read(&jira->address, options->url, err)) {
		free(jira);
		return NULL;
	}
	jira->api = options->api == JIRA_AUTO && jira->address.cloud_host ? JIRA_CLOUD : options->api;
	jira->calls = jira_calls_new(&(struct jira_calls_options){
		.loop = options->loop, .http = options->http, .base = jira->address.base, .user = options->user,
		.token = options->token });
	return jira;
}

void jira_free(struct jira *jira)
{
	if (jira == NULL)
		return;
	jira_calls_free(jira->calls);
	jira_meta_forget(&jira->meta);
	jira_address_free(&jira->address);
	free(jira->browse_base);
	free(jira);
}
