#include "tests/unit/support/jira_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "bot/secret.h"
#include "bot/str.h"
#include "tests/unit/support/turn.h"

struct jira *jira;
struct jira_fake *fake;
struct jira_result result;
struct jira_options jira_world_options;
struct loop *jira_world_loop;

static struct http_client *http;
static struct secret token;
static char url[200];

static void silent(const char *line)
{
	(void)line;
}

static int begin(enum jira_api api)
{
	static char cloud[100], gateway[100];
	const char *const connect_to[] = { cloud, gateway, NULL };
	struct err err;

	clock_set_scale(0.001);
	log_sink(silent);
	metrics_reset();
	jira_world_loop = turn_new_loop();
	fake = jira_fake_new(jira_world_loop);
	(void)snprintf(cloud, sizeof(cloud), "example.atlassian.net:80:%s", jira_fake_url(fake) + strlen("http://"));
	(void)snprintf(gateway, sizeof(gateway), "api.atlassian.com:80:%s", jira_fake_url(fake) + strlen("http://"));
	http = http_client_new(jira_world_loop, &(struct http_client_options){ .connect_to = connect_to }, &err);
	assert_non_null(http);
	secret_set(&token, "t0ken-of-a-test");
	jira_world_options = (struct jira_options){
		.loop = jira_world_loop, .http = http, .token = &token, .project = "OPS",
		.issue_type = "incident", .api = api,
	};
	jira = NULL;
	jira_world_restart("");
	return 0;
}

int jira_world_begin_cloud(void **state)
{
	(void)state;
	return begin(JIRA_CLOUD);
}

int jira_world_begin_datacenter(void **state)
{
	(void)state;
	return begin(JIRA_DATACENTER);
}

int jira_world_end(void **state)
{
	(void)state;
	jira_free(jira);
	http_client_free(http);
	jira_fake_free(fake);
	loop_free(jira_world_loop);
	secret_free(&token);
	clock_set_scale(1);
	log_sink(NULL);
	metrics_reset();
	return 0;
}

void jira_world_restart(const char *path)
{
	char whole[200];

	(void)snprintf(whole, sizeof(whole), "%s%s", jira_fake_url(fake), path);
	jira_world_restart_at(whole);
}

void jira_world_restart_at(const char *whole)
{
	struct err err = { 0 };

	jira_free(jira);
	(void)snprintf(url, sizeof(url), "%s", whole);
	jira_world_options.url = url;
	jira = jira_new(&jira_world_options, &err);
	if (jira == NULL)
		fail_msg("%s", err.text);
}

static void on_done(void *arg, const struct err *err)
{
	(void)arg;
	result.times++;
	result.kind = err == NULL ? ERR_NONE : err->kind;
	result.retry_after_ms = err == NULL ? 0 : err->retry_after_ms;
	(void)snprintf(result.text, sizeof(result.text), "%s", err == NULL ? "" : err->text);
}

struct done jira_world_done(void)
{
	result = (struct jira_result){ 0 };
	return (struct done){ on_done, NULL };
}

static bool is_done(void *arg)
{
	(void)arg;
	return result.times > 0;
}

void jira_world_wait(void)
{
	assert_int_equal(result.times, 0); /* never before the call has returned */
	turn_until(jira_world_loop, is_done, NULL);
	turn_for(jira_world_loop, 1);
	assert_int_equal(result.times, 1);
}

const char *jira_world_path(const char *what)
{
	static char paths[4][200];
	static unsigned next;
	char *path = paths[next++ % 4];
	size_t method = strcspn(what, " ");

	(void)snprintf(path, sizeof(paths[0]), "%.*s /rest/api/%d/%s", (int)method, what,
	               jira_world_options.api == JIRA_CLOUD ? 3 : 2, what + method + 1);
	return path;
}

void jira_world_answer(const char *what, int status, const char *body)
{
	jira_fake_answer(fake, jira_world_path(what), status, NULL, body);
}

const char *jira_world_body(const char *what, unsigned nth)
{
	return jira_fake_asked(fake, jira_world_path(what), nth)->body;
}

void jira_world_meta(const char *more_fields)
{
	bool cloud = jira_world_options.api == JIRA_CLOUD;
	struct str fields;

	jira_world_answer("GET issue/createmeta/OPS/issuetypes", 200, cloud ?
	    "{\"startAt\":0,\"maxResults\":200,\"total\":2,\"issueTypes\":[{\"id\":\"1\",\"name\":\"Task\"},"
	    "{\"id\":\"7\",\"name\":\"Incident\"}]}" :
	    "{\"startAt\":0,\"maxResults\":200,\"total\":2,\"isLast\":true,\"values\":[{\"id\":\"1\",\"name\":\"Task\"},"
	    "{\"id\":\"7\",\"name\":\"Incident\"}]}");
	str_init(&fields, 100000);
	str_addf(&fields, "{\"startAt\":0,\"maxResults\":200,\"total\":5,\"%s\":["
	    "{\"fieldId\":\"project\",\"name\":\"Project\",\"required\":true,\"hasDefaultValue\":false},"
	    "{\"fieldId\":\"issuetype\",\"name\":\"Issue Type\",\"required\":true,\"hasDefaultValue\":false},"
	    "{\"fieldId\":\"summary\",\"name\":\"Summary\",\"required\":true,\"hasDefaultValue\":false},"
	    "{\"fieldId\":\"description\",\"name\":\"Description\",\"required\":false,\"hasDefaultValue\":false},"
	    "{\"fieldId\":\"reporter\",\"name\":\"Reporter\",\"required\":true,\"hasDefaultValue\":false}%s%s]}",
	    cloud ? "fields" : "values", *more_fields == '\0' ? "" : ",", more_fields);
	jira_world_answer("GET issue/createmeta/OPS/issuetypes/7", 200, fields.text);
	str_free(&fields);
}
