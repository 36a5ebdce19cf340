#include "adapters/slack/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/history.h"
#include "adapters/slack/inbound.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/mem.h"

#define PAGE_SIZE "200"
#define PAGES_MAX 10
#define CLOCKS_DIFFER_MS 60000

struct look {
	struct slack_web *web;
	const struct slack_self *self;
	char *channel, *thread, *cursor;
	int64_t oldest_ms;
	unsigned pages;
	struct json_object *found;
	slack_thread_fn *done;
	void *arg;
};

static void ask(struct look *look);

const char *slack_thread_key(struct json_object *message)
{
	const char *type = json_string(message, "metadata.event_type");

	return type != NULL && strcmp(type, SLACK_KEY_EVENT_TYPE) == 0 ?
	       json_string(message, "metadata.event_payload.key") : NULL;
}

bool slack_thread_is_open(struct json_object *message)
{
	return slack_thread_key(message) == NULL || json_flag(message, "metadata.event_payload.open", false);
}

static void end(struct look *look, const struct err *err)
{
	look->done(look->arg, err == NULL ? look->found : NULL, err);
	json_free(look->found);
	free(look->channel);
	free(look->thread);
	free(look->cursor);
	free(look);
}

static bool equal(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool is_ours(const struct slack_self *self, struct json_object *message)
{
	return equal(json_string(message, "bot_id"), self->bot_id) ||
	       equal(json_string(message, "user"), self->user_id);
}

static void collect(struct look *look, struct json_object *messages)
{
	for (size_t i = 0; i < json_count(messages); i++) {
		struct json_object *message = json_at(messages, i);
		const char *ts = json_string(message, "ts");

		if (ts != NULL && strcmp(ts, look->thread) != 0 && is_ours(look->self, message))
			json_append(look->found, json_keep(message));
	}
}

static void on_page(void *arg, struct json_object *answer, const struct err *err)
{
	struct look *look = arg;
	const char *cursor = json_string(answer, "response_metadata.next_cursor");
	struct err too_long;

	if (err != NULL) {
		end(look, err);
		return;
	}
	collect(look, json_get(answer, "messages"));
	if (cursor == NULL || cursor[0] == '\0') {
		end(look, NULL);
	} else if (look->pages < PAGES_MAX) {
		mem_set_string(&look->cursor, cursor);
		ask(look);
	} else {
		(void)err_set(&too_long, ERR_RETRY, "Slack: the thread in %.40s is too long to look through",
		              look->channel);
		end(look, &too_long);
	}
}

static void ask(struct look *look)
{
	char oldest[40];
	struct http_header pairs[8] = {
		{ "channel", look->channel }, { "ts", look->thread }, { "limit", PAGE_SIZE }, { "oldest", oldest },
		{ "inclusive", "true" }, { "include_all_metadata", "true" },
	};

	(void)snprintf(oldest, sizeof(oldest), "%lld.%03d000", (long long)(look->oldest_ms / 1000),
	               (int)(look->oldest_ms % 1000));
	if (look->cursor != NULL)
		pairs[6] = (struct http_header){ "cursor", look->cursor };
	look->pages++;
	slack_web_send(look->web, &(struct slack_call){ .method = SLACK_REPLIES, .priority = CHAT_URGENT,
		.channel = look->channel, .body = http_form_encode(pairs), .done = on_page, .arg = look });
}

void slack_thread_own(struct slack_web *web, const struct slack_self *self, const char *channel, const char *thread,
                      int64_t since_ms, slack_thread_fn *done, void *arg)
{
	struct look *look = mem_alloc(sizeof(*look));
	struct err unknown;

	look->web = web;
	look->self = self;
	look->channel = mem_copy_string(channel);
	look->thread = mem_copy_string(thread);
	since_ms = clock_true_since_ms(since_ms);
	look->oldest_ms = since_ms > CLOCKS_DIFFER_MS ? since_ms - CLOCKS_DIFFER_MS : 0;
	look->found = json_new_array();
	look->done = done;
	look->arg = arg;
	if (self->bot_id != NULL) {
		ask(look);
		return;
	}
	/* Anybody's message would be taken for ours. */
	(void)err_set(&unknown, ERR_RETRY, "Slack: auth.test has not answered yet");
	slack_web_fail_later(web, &unknown, on_page, look);
}
