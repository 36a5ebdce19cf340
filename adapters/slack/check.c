/* check.c - is the bot token right? Asked without a socket: auth.test. */
#include <stdlib.h>

#include "adapters/slack/slack.h"
#include "adapters/slack/web_api.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"

struct check {
	struct slack_web *web;
	struct loop *loop;
	char **who;
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
	free(check);
	done.fn(done.arg, err.kind == ERR_NONE ? NULL : &err);
}

static void on_identity(void *arg, struct json_object *answer, const struct err *err)
{
	struct check *check = arg;

	if (err != NULL)
		check->err = *err;
	else
		mem_set_string(check->who, json_string(answer, "user"));
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
		.body = mem_copy_string(""), .done = on_identity, .arg = check });
}
