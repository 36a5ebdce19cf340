#include "adapters/slack/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"

#define PAGE_SIZE "200"
#define PAGES_MAX 50 /* a minute and a half at the method's rate */
#define CLOCKS_DIFFER_MS 60000 /* Slack's clock sets ts, ours set since_ms */

struct search {
	struct slack_web *web;
	const struct slack_self *self;
	char *channel, *thread, *key, *cursor;
	int64_t oldest_ms;
	unsigned pages;
	char **id;
	struct done done;
};

static void ask(struct search *search);

static void end(struct search *search, const struct err *err)
{
	struct done done = search->done;

	free(search->channel);
	free(search->thread);
	free(search->key);
	free(search->cursor);
	free(search);
	done.fn(done.arg, err);
}

static bool equal(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool is_ours(const struct slack_self *self, struct json_object *message)
{
	if (self->bot_id == NULL) /* auth.test has not answered: keys cannot be guessed */
		return true;
	return equal(json_string(message, "bot_id"), self->bot_id) ||
	       equal(json_string(message, "user"), self->user_id);
}

static const char *find_in(const struct search *search, struct json_object *messages)
{
	for (size_t i = 0; i < json_count(messages); i++) {
		struct json_object *message = json_at(messages, i);

		if (equal(json_string(message, "metadata.event_type"), SLACK_KEY_EVENT_TYPE) &&
		    equal(json_string(message, "metadata.event_payload.key"), search->key) &&
		    is_ours(search->self, message))
			return json_string(message, "ts");
	}
	return NULL;
}

/* Not everything was looked at: that is no "not there". */
static void give_up(struct search *search)
{
	struct err err;

	log_event(LOG_WARN, "slack.find_gave_up", "channel", search->channel, "pages", LOG_INT(PAGES_MAX), NULL);
	(void)err_set(&err, ERR_RETRY, "Slack: no message with this key in the last %s x %d of %.40s", PAGE_SIZE,
	              PAGES_MAX, search->channel);
	end(search, &err);
}

static void on_page(void *arg, struct json_object *answer, const struct err *err)
{
	struct search *search = arg;
	const char *ts, *cursor;
	struct err none;

	if (err != NULL) {
		end(search, err);
		return;
	}
	ts = find_in(search, json_get(answer, "messages"));
	cursor = json_string(answer, "response_metadata.next_cursor");
	if (ts != NULL) {
		mem_set_string(search->id, ts);
		end(search, NULL);
	} else if (cursor == NULL || cursor[0] == '\0') {
		(void)err_set(&none, ERR_NOT_FOUND, "Slack: no message with this key in %.40s", search->channel);
		end(search, &none);
	} else if (search->pages < PAGES_MAX) {
		mem_set_string(&search->cursor, cursor);
		ask(search);
	} else {
		give_up(search);
	}
}

static void ask(struct search *search)
{
	char oldest[40];
	struct http_header pairs[8] = {
		{ "channel", search->channel }, { "limit", PAGE_SIZE }, { "oldest", oldest },
		{ "inclusive", "true" }, { "include_all_metadata", "true" },
	};
	size_t count = 5;

	(void)snprintf(oldest, sizeof(oldest), "%lld.%03d000", (long long)(search->oldest_ms / 1000),
	               (int)(search->oldest_ms % 1000));
	if (search->thread != NULL)
		pairs[count++] = (struct http_header){ "ts", search->thread };
	if (search->cursor != NULL)
		pairs[count++] = (struct http_header){ "cursor", search->cursor };
	search->pages++;
	slack_web_send(search->web, &(struct slack_call){
		.method = search->thread != NULL ? SLACK_REPLIES : SLACK_HISTORY, .priority = CHAT_URGENT,
		.channel = search->channel, .body = http_form_encode(pairs), .done = on_page, .arg = search });
}

void slack_history_find(struct slack_web *web, const struct slack_self *self, const char *channel,
                        const char *thread, const char *key, int64_t since_ms, char **id, struct done done)
{
	struct search *search = mem_alloc(sizeof(*search));
	struct err nowhere;

	search->web = web;
	search->self = self;
	search->channel = mem_copy_string(channel);
	search->thread = mem_copy_string(thread);
	search->key = mem_copy_string(key);
	since_ms = clock_true_since_ms(since_ms);
	search->oldest_ms = since_ms > CLOCKS_DIFFER_MS ? since_ms - CLOCKS_DIFFER_MS : 0;
	search->id = id;
	search->done = done;
	if (channel != NULL) {
		ask(search);
		return;
	}
	/* Where there is no channel nothing can have been posted. */
	(void)err_set(&nowhere, ERR_NOT_FOUND, "Slack: a message without a channel");
	slack_web_fail_later(web, &nowhere, on_page, search);
}
