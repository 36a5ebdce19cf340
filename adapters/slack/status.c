#include "adapters/slack/status.h"

#include <stdlib.h>

#include "adapters/slack/text.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/utf8.h"

#define REFUSED_MS (60 * 60 * 1000)

struct slack_status {
	struct slack_web *web;
	int64_t refused_until_ms; /* mono; 0: not refused */
};

static void on_set(void *arg, struct json_object *answer, const struct err *err)
{
	struct slack_status *status = arg;

	(void)answer;
	if (err == NULL || err->kind != ERR_REFUSED)
		return;
	log_event(LOG_INFO, "slack.no_status", "why", err->text, NULL);
	status->refused_until_ms = clock_mono_ms() + clock_wait_ms(REFUSED_MS);
}

void slack_status_set(struct slack_status *status, const struct chat_stream_place *place, const char *text)
{
	struct json_object *body;
	char *clean, *fit;

	if (clock_mono_ms() < status->refused_until_ms)
		return;
	body = json_new_object();
	clean = utf8_clean(text, true);
	fit = slack_text_escape(clean, SLACK_STATUS_MAX, SLACK_STATUS_MAX * 4);
	json_put_string(body, "channel_id", place->channel);
	json_put_string(body, "thread_ts", place->thread);
	json_put_string(body, "status", fit);
	slack_web_send(status->web, &(struct slack_call){ .method = SLACK_STATUS, .priority = CHAT_NORMAL,
		.channel = place->channel, .body = mem_copy_string(json_print(body)), .done = on_set, .arg = status });
	json_free(body);
	free(fit);
	free(clean);
}

struct slack_status *slack_status_new(struct slack_web *web)
{
	struct slack_status *status = mem_alloc(sizeof(*status));

	status->web = web;
	return status;
}

void slack_status_free(struct slack_status *status)
{
	free(status);
}
