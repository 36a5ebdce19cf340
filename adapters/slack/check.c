/* check.c - is the bot token right, with every scope? Asked without a socket: auth.test. */
#include <stdlib.h>

#include "adapters/slack/manifest.h"
#include "adapters/slack/slack.h"
#include "adapters/slack/web_api.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"

struct check {
	struct slack_web *web;
	struct loop *loop;
	char **who;
	char *scopes; /* of the token; NULL: Slack did not say */
	struct done done;
	struct err err;
};

/* Not within the client's own callback. */
static void finish(void *arg)
{
	struct check *check = arg;
	struct done done = check->done;
	struct err err = check->err;

	slack_web_free(check->web);
	free(check->scopes);
	free(check);
	done.fn(done.arg, err.kind == ERR_NONE ? NULL : &err);
}

static void check_scopes(struct check *check)
{
	struct str missing;

	str_init(&missing, 400);
	if (check->scopes != NULL)
		slack_manifest_missing(&missing, check->scopes);
	if (missing.length > 0)
		(void)err_set(&check->err, ERR_REFUSED, "the Slack app lacks %s: add what is missing under "
		              "OAuth & Permissions and reinstall the app", missing.text);
	str_free(&missing);
}

static void on_identity(void *arg, struct json_object *answer, const struct err *err)
{
	struct check *check = arg;

	if (err != NULL) {
		check->err = *err;
	} else {
		mem_set_string(check->who, json_string(answer, "user"));
		check_scopes(check);
	}
	loop_defer(check->loop, finish, check);
}

static void ignore_fatal(void *arg, const struct err *err)
{
	(void)arg;
	(void)err; /* the call's own error says it */
}

void slack_check(const struct slack_options *options, char **who, struct done done)
{
	struct check *check = mem_alloc(sizeof(*check));
	const struct slack_web_options web = {
		.loop = options->loop, .http = options->http, .api_url = options->api_url,
		.token = options->bot_token, .fatal = ignore_fatal,
	};

	check->web = slack_web_new(&web);
	check->loop = options->loop;
	check->who = who;
	check->done = done;
	slack_web_send(check->web, &(struct slack_call){ .method = SLACK_AUTH_TEST, .priority = CHAT_URGENT,
		.body = mem_copy_string(""), .scopes = &check->scopes, .done = on_identity, .arg = check });
}
