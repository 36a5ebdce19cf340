#include "adapters/slack/stream_mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/stream.h"
#include "adapters/slack/stream_body.h"
#include "adapters/slack/thread.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"

#define TRIES 8
#define RETRY_MS 1000
#define RETRY_MAX_MS 30000

struct slack_mender {
	struct loop *loop;
	struct slack_web *web;
	const struct slack_self *self;
	const struct slack_streams *streams;
	struct mend *first;
};

struct mend {
	struct mend *next;
	struct slack_mender *with;
	char *channel, *thread, key[64];
	int64_t since_ms;
	struct slack_content *parts; /* NULL: none */
	struct loop_timer *timer;
	unsigned tries;
	char *ts; /* that is being ended */
	struct json_object *told;
	bool last;
	char code[SLACK_CODE_SIZE];
	struct done done;
};

static void look(void *arg);

static void end(struct mend *mend, const struct err *err)
{
	struct done done = mend->done;
	struct mend **slot = &mend->with->first;

	while (*slot != mend)
		slot = &(*slot)->next;
	*slot = mend->next;
	loop_timer_free(mend->timer);
	slack_content_free(mend->parts);
	free(mend->parts);
	json_free(mend->told);
	free(mend->channel);
	free(mend->thread);
	free(mend->ts);
	free(mend);
	done.fn(done.arg, err);
}

/* Everything begins anew with a look: each step is found done. */
static void try_again(struct mend *mend, const struct err *err)
{
	struct err copy = *err;
	bool may_pass = err->kind == ERR_RETRY || err->kind == ERR_UNKNOWN;

	if (!may_pass || ++mend->tries > TRIES)
		end(mend, &copy);
	else
		loop_timer_set(mend->timer, clock_wait_ms(copy.retry_after_ms) +
		               random_backoff_ms(mend->tries, RETRY_MS, RETRY_MAX_MS));
}

static void on_ended(void *arg, struct json_object *answer, const struct err *err);

static void send_call(struct mend *mend, enum slack_method method, struct slack_call *call, slack_web_fn *done)
{
	call->method = method;
	call->priority = CHAT_NORMAL;
	call->channel = mend->channel;
	call->message = mend->ts;
	call->code = mend->code;
	call->done = done;
	call->arg = mend;
	mend->code[0] = '\0';
	slack_web_send(mend->with->web, call);
}

static struct slack_stream_body body_of(const struct mend *mend)
{
	return (struct slack_stream_body){ .channel = mend->channel, .thread = mend->thread, .ts = mend->ts,
		.key = mend->key, .parts = mend->last ? mend->parts : NULL };
}

/* Slack ended it already, without the parts. */
static void edit(struct mend *mend)
{
	struct slack_stream_body body = body_of(mend);
	struct slack_call call = { 0 };

	slack_stream_told_bodies(&call, &body, mend->told);
	send_call(mend, SLACK_UPDATE, &call, on_ended);
}

static void on_stopped(void *arg, struct json_object *answer, const struct err *err)
{
	struct mend *mend = arg;

	if (err != NULL && err->kind == ERR_REFUSED)
		edit(mend);
	else
		on_ended(arg, answer, err);
}

static void on_ended(void *arg, struct json_object *answer, const struct err *err)
{
	struct mend *mend = arg;

	(void)answer;
	if (err == NULL) {
		metrics_count("tocsin_slack_streams_mended_total", NULL, NULL);
		look(mend);
	} else {
		try_again(mend, err);
	}
}

static void finish(struct mend *mend, struct json_object *message, bool last)
{
	struct slack_stream_body body;
	struct slack_call call = { 0 };

	mem_set_string(&mend->ts, json_string(message, "ts"));
	json_free(mend->told);
	mend->told = json_copy(message);
	mend->last = last;
	if (slack_thread_key(message) != NULL) { /* posted and edited */
		edit(mend);
		return;
	}
	body = body_of(mend);
	slack_stream_stop_bodies(&call, &body);
	send_call(mend, SLACK_STREAM_STOP, &call, on_stopped);
}

static void on_posted(void *arg, struct json_object *answer, const struct err *err)
{
	(void)answer;
	if (err == NULL)
		end(arg, NULL);
	else
		try_again(arg, err);
}

static void post(struct mend *mend)
{
	struct slack_stream_body body;
	struct slack_call call = { 0 };

	mem_set_string(&mend->ts, NULL);
	mend->last = true;
	body = body_of(mend);
	slack_stream_message_bodies(&call, &body);
	send_call(mend, SLACK_POST, &call, on_posted);
}

static void on_messages(void *arg, struct json_object *messages, const struct err *err)
{
	struct mend *mend = arg;
	struct json_object *open = NULL;
	size_t opens = 0, ended = 0;

	if (err != NULL) {
		try_again(mend, err);
		return;
	}
	if (slack_streams_begin_in(mend->with->streams, mend->channel, mend->thread)) {
		look(mend);
		return;
	}
	for (size_t i = 0; i < json_count(messages); i++) {
		struct json_object *message = json_at(messages, i);

		if (slack_streams_own(mend->with->streams, mend->channel, json_string(message, "ts")))
			continue;
		if (!slack_thread_is_open(message)) {
			ended += json_has(message, "metadata.event_payload.open") ? 1 : 0;
		} else {
			open = opens == 0 ? message : open;
			opens++;
		}
	}
	if (opens > 0)
		finish(mend, open, opens == 1);
	else if (ended > 0 || mend->parts == NULL)
		end(mend, NULL);
	else
		post(mend);
}

static void look(void *arg)
{
	struct mend *mend = arg;

	/* One that has just been begun may be there without our knowing its id. */
	if (slack_streams_begin_in(mend->with->streams, mend->channel, mend->thread))
		loop_timer_set(mend->timer, clock_wait_ms(RETRY_MS));
	else
		slack_thread_own(mend->with->web, mend->with->self, mend->channel, mend->thread, mend->since_ms,
		                 on_messages, mend);
}

void slack_stream_mend(struct slack_mender *mender, const struct chat_stream_place *place, int64_t since_ms,
                       const struct message *last, struct done done)
{
	struct mend *mend = mem_alloc(sizeof(*mend));

	mend->with = mender;
	mend->next = mender->first;
	mender->first = mend;
	mend->channel = mem_copy_string(place->channel);
	mend->thread = mem_copy_string(place->thread);
	mend->since_ms = since_ms;
	mend->timer = loop_timer_new(mender->loop, look, mend);
	mend->done = done;
	(void)snprintf(mend->key, sizeof(mend->key), "mend:%.24s:%lld", place->thread, (long long)since_ms);
	if (last != NULL) {
		mend->parts = mem_alloc(sizeof(*mend->parts));
		slack_stream_parts(mend->parts, last);
	}
	look(mend);
}

struct slack_mender *slack_mender_new(struct loop *loop, struct slack_web *web, const struct slack_self *self,
                                      const struct slack_streams *streams)
{
	struct slack_mender *mender = mem_alloc(sizeof(*mender));

	*mender = (struct slack_mender){ .loop = loop, .web = web, .self = self, .streams = streams };
	return mender;
}

void slack_mender_free(struct slack_mender *mender)
{
	struct err err;

	if (mender == NULL)
		return;
	(void)err_set(&err, ERR_CANCELLED, "Slack: shutting down");
	while (mender->first != NULL)
		end(mender->first, &err);
	free(mender);
}
