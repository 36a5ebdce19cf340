#include "adapters/slack/web_api.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/late.h"
#include "adapters/slack/rate.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/secret.h"
#include "bot/str.h"

#define CALL_TIMEOUT_MS 20000
#define ANSWER_MAX (8u << 20)  /* a page of history with all its blocks */
#define POSTS_AT_ONCE 3        /* in one channel */
#define WHEN_FULL_RETRY_MS 10000
#define PRIORITIES 3

static const struct rate channel_rate = { 1000, 3 };

struct channel {
	struct channel *next;
	char *name; /* "" for calls without one */
	struct call *waiting[PRIORITIES];
	struct bucket posts;
	unsigned posts_running;
	unsigned running;
	int64_t paused_until_ms[SLACK_METHODS];
};

struct call {
	struct call *next; /* in its channel's list, or in web->running */
	struct slack_web *web;
	struct channel *channel;
	enum slack_method method;
	enum chat_priority priority;
	char *message, *url, *body, *without_pictures, *text_only;
	size_t body_length;
	char **scopes, *code;
	slack_web_fn *done; /* NULL: the owner was told already */
	void *arg;
	struct http_call *http; /* while running */
	bool joined;
};

struct slack_web {
	struct slack_web_options options;
	char *api_url;
	struct channel *channels;
	struct call *running;
	struct bucket methods[SLACK_METHODS];
	struct loop_timer *timer;
	size_t waiting;
	bool dead, told_fatal;
};

static void pump(struct slack_web *web);

/* --- calls ---------------------------------------------------------------------------------- */

static void free_call(struct call *call)
{
	free(call->message);
	free(call->url);
	free(call->body);
	free(call->without_pictures);
	free(call->text_only);
	free(call);
}

static void complete(struct call *call, struct json_object *answer, const struct err *err)
{
	if (call->done != NULL)
		call->done(call->arg, answer, err);
	free_call(call);
}

/* --- channels ------------------------------------------------------------------------------- */

static bool is_idle(const struct channel *channel, int64_t now_ms)
{
	if (channel->running > 0 || channel->posts.free_at_ms > now_ms)
		return false;
	for (size_t i = 0; i < PRIORITIES; i++)
		if (channel->waiting[i] != NULL)
			return false;
	for (size_t i = 0; i < SLACK_METHODS; i++)
		if (channel->paused_until_ms[i] > now_ms)
			return false;
	return true;
}

/* Also forgets channels that have nothing to remember, so that their number stays small. */
static struct channel *find_channel(struct slack_web *web, const char *name)
{
	int64_t now_ms = clock_mono_ms();
	struct channel **slot = &web->channels;

	while (*slot != NULL) {
		struct channel *channel = *slot;

		if (strcmp(channel->name, name) == 0)
			return channel;
		if (is_idle(channel, now_ms)) {
			*slot = channel->next;
			free(channel->name);
			free(channel);
			continue;
		}
		slot = &channel->next;
	}
	*slot = mem_alloc(sizeof(**slot));
	(*slot)->name = mem_copy_string(name);
	return *slot;
}

static void count_waiting(struct slack_web *web, int change)
{
	web->waiting += (size_t)change;
	metrics_gauge("tocsin_slack_waiting", NULL, NULL, (int64_t)web->waiting);
}

static void enqueue(struct call *call, bool first)
{
	struct call **slot = &call->channel->waiting[call->priority];

	while (!first && *slot != NULL)
		slot = &(*slot)->next;
	call->next = *slot;
	*slot = call;
	count_waiting(call->web, 1);
}

static struct call **waiting_edit(struct channel *channel, const char *message)
{
	for (size_t i = 0; i < PRIORITIES; i++)
		for (struct call **slot = &channel->waiting[i]; *slot != NULL; slot = &(*slot)->next)
			if ((*slot)->method == SLACK_UPDATE && strcmp((*slot)->message, message) == 0)
				return slot;
	return NULL;
}

/* --- pacing --------------------------------------------------------------------------------- */

static bool edit_is_running(const struct call *call)
{
	for (const struct call *other = call->web->running; other != NULL; other = other->next)
		if (other->method == SLACK_UPDATE && other->channel == call->channel &&
		    strcmp(other->message, call->message) == 0)
			return true;
	return false;
}

/* When the call may go; INT64_MAX: when another one has come back. */
static int64_t call_ready_at(const struct call *call)
{
	const struct channel *channel = call->channel;
	int64_t at = rate_ready_at(&slack_method_facts(call->method)->rate, &call->web->methods[call->method]);

	if (channel->paused_until_ms[call->method] > at)
		at = channel->paused_until_ms[call->method];
	if (call->method == SLACK_POST) {
		if (channel->posts_running >= POSTS_AT_ONCE)
			return INT64_MAX;
		if (rate_ready_at(&channel_rate, &channel->posts) > at)
			at = rate_ready_at(&channel_rate, &channel->posts);
	}
	/* Two edits of one message on the way at once could arrive the wrong way round. */
	if (call->method == SLACK_UPDATE && edit_is_running(call))
		return INT64_MAX;
	return at;
}

/* --- the exchange --------------------------------------------------------------------------- */

static void on_answer(void *arg, const struct http_answer *answer, const struct err *err);

static void transmit(struct call *call)
{
	struct slack_web *web = call->web;
	struct str url, authorization;
	const struct slack_method_facts *method = slack_method_facts(call->method);
	struct http_header headers[3] = { { "Content-Type", method->type } };
	struct http_request_out request = {
		.method = "POST", .headers = headers, .body = call->body,
		.body_length = call->body_length > 0 ? call->body_length : strlen(call->body),
		.timeout_ms = CALL_TIMEOUT_MS, .max_answer = ANSWER_MAX,
		.idempotent = method->idempotent, .metric = "slack",
	};

	str_init(&url, 4096);
	str_init(&authorization, 4096);
	if (call->url != NULL) {
		str_add(&url, call->url);
	} else {
		str_addf(&url, "%s%s", web->api_url, method->name);
		str_addf(&authorization, "Bearer %s", secret_reveal(web->options.token));
		headers[1] = (struct http_header){ "Authorization", authorization.text };
	}
	request.url = url.text;
	call->http = http_client_send(web->options.http, &request, on_answer, call);
	str_free(&authorization);
	str_free(&url);
}

static void start(struct call *call, int64_t now_ms)
{
	struct slack_web *web = call->web;

	rate_take(&slack_method_facts(call->method)->rate, &web->methods[call->method], now_ms);
	if (call->method == SLACK_POST) {
		rate_take(&channel_rate, &call->channel->posts, now_ms);
		call->channel->posts_running++;
	}
	call->channel->running++;
	call->next = web->running;
	web->running = call;
	transmit(call);
}

static void unlink_running(struct call *call)
{
	struct call **slot = &call->web->running;

	while (*slot != call)
		slot = &(*slot)->next;
	*slot = call->next;
	call->http = NULL;
	call->channel->running--;
	if (call->method == SLACK_POST)
		call->channel->posts_running--;
}

/* --- answers -------------------------------------------------------------------------------- */

static void tell_fatal(struct slack_web *web, const struct err *err)
{
	if (web->told_fatal || web->options.fatal == NULL)
		return;
	web->told_fatal = true;
	web->options.fatal(web->options.arg, err);
}

static void fail(struct call *call, const struct slack_outcome *outcome)
{
	struct slack_web *web = call->web;
	struct err err = outcome->err;
	bool fatal = outcome->fatal;
	const char *name = slack_method_name(call->method);

	log_event(LOG_WARN, "slack.call_failed", "method", name, "channel", call->channel->name,
	          "outcome", err_kind_name(err.kind), "why", err.text, NULL);
	metrics_count(err.kind == ERR_REFUSED ? "tocsin_slack_calls_refused_total" :
	              err.kind == ERR_UNKNOWN ? "tocsin_slack_calls_unknown_total" :
	                                        "tocsin_slack_calls_retry_total", "method", name);
	if (call->code != NULL)
		(void)snprintf(call->code, SLACK_CODE_SIZE, "%s", outcome->code);
	complete(call, NULL, &err);
	if (fatal)
		tell_fatal(web, &err);
}

/* To be sent again, before those that came later; an edit not at all when a newer one of its message waits. */
static void requeue(struct call *call)
{
	if (call->method != SLACK_UPDATE || waiting_edit(call->channel, call->message) == NULL) {
		enqueue(call, true);
		return;
	}
	metrics_count("tocsin_slack_edits_coalesced_total", NULL, NULL);
	complete(call, NULL, NULL);
}

static void pause_and_requeue(struct call *call, const struct slack_outcome *outcome)
{
	const char *name = slack_method_name(call->method);

	log_event(LOG_WARN, "slack.limited", "method", name, "channel", call->channel->name,
	          "wait_ms", LOG_INT(outcome->wait_ms), NULL);
	metrics_count("tocsin_slack_calls_limited_total", "method", name);
	call->channel->paused_until_ms[call->method] = clock_mono_ms() + clock_wait_ms(outcome->wait_ms);
	requeue(call);
}

/* A picture is worth less than the text it stands with, and the text more than its form. */
static void requeue_plainer(struct call *call, const struct slack_outcome *outcome)
{
	bool pictures = call->without_pictures != NULL;
	char **plainer = pictures ? &call->without_pictures : &call->text_only;

	log_event(LOG_ERROR, pictures ? "slack.pictures_refused" : "slack.blocks_refused", "method",
	          slack_method_name(call->method), "channel", call->channel->name, "error", outcome->code,
	          "place", outcome->place, NULL);
	metrics_count(pictures ? "tocsin_slack_pictures_refused_total" : "tocsin_slack_blocks_refused_total",
	              NULL, NULL);
	free(call->body);
	call->body = *plainer;
	*plainer = NULL;
	requeue(call);
}

/* A call that waits for the bot to join its channel; not in any queue meanwhile. */
struct joining {
	struct call *call;
	struct slack_outcome refusal; /* what the call gets when joining is refused */
};

static void on_joined(void *arg, struct json_object *answer, const struct err *err)
{
	struct joining *joining = arg;
	struct call *call = joining->call;

	(void)answer;
	call->channel->running--;
	if (err == NULL) {
		log_event(LOG_INFO, "slack.joined", "channel", call->channel->name, NULL);
		requeue(call);
	} else if (err->kind == ERR_CANCELLED) {
		complete(call, NULL, err);
	} else {
		if (err->kind != ERR_REFUSED) /* try again later, the join first */
			joining->refusal.err = *err;
		fail(call, &joining->refusal);
	}
	free(joining);
}

static void join_first(struct call *call, const struct slack_outcome *outcome)
{
	struct joining *joining = mem_alloc(sizeof(*joining));
	struct json_object *body = json_new_object();

	call->joined = true;
	call->channel->running++; /* keeps the channel */
	joining->call = call;
	joining->refusal = *outcome;
	json_put_string(body, "channel", call->channel->name);
	slack_web_send(call->web, &(struct slack_call){
		.method = SLACK_JOIN, .priority = call->priority, .channel = call->channel->name,
		.body = mem_copy_string(json_print(body)), .done = on_joined, .arg = joining });
	json_free(body);
}

static void act(struct call *call, struct slack_outcome *outcome)
{
	switch (outcome->verdict) {
	case SLACK_OK:
		metrics_count("tocsin_slack_calls_ok_total", "method", slack_method_name(call->method));
		complete(call, outcome->json, NULL);
		break;
	case SLACK_LIMITED:
		pause_and_requeue(call, outcome);
		break;
	case SLACK_JOIN_FIRST:
		if (call->joined || call->method == SLACK_JOIN || call->url != NULL)
			fail(call, outcome);
		else
			join_first(call, outcome);
		break;
	case SLACK_PLAINER:
		if (call->without_pictures == NULL && call->text_only == NULL)
			fail(call, outcome);
		else
			requeue_plainer(call, outcome);
		break;
	case SLACK_FAILED:
		fail(call, outcome);
		break;
	}
}

static void free_web(struct slack_web *web)
{
	while (web->channels != NULL) {
		struct channel *next = web->channels->next;

		free(web->channels->name);
		free(web->channels);
		web->channels = next;
	}
	free(web->api_url);
	free(web);
}

static void on_answer(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct call *call = arg;
	struct slack_web *web = call->web;
	struct slack_outcome outcome;

	unlink_running(call);
	if (web->dead) {
		free_call(call);
		if (web->running == NULL)
			free_web(web);
		return;
	}
	if (answer != NULL)
		clock_heard(answer->date_ms);
	if (call->scopes != NULL && answer != NULL)
		mem_set_string(call->scopes, http_answer_header(answer, "x-oauth-scopes"));
	slack_judge(&outcome, call->method, call->channel->name[0] == '\0' ? NULL : call->channel->name, answer, err);
	act(call, &outcome);
	json_free(outcome.json);
	pump(web);
}

/* --- the queue ------------------------------------------------------------------------------ */

static int64_t pump_list(struct slack_web *web, struct call **slot, int64_t now_ms)
{
	bool blocked[SLACK_METHODS] = { false };
	int64_t next_ms = INT64_MAX;

	while (*slot != NULL) {
		struct call *call = *slot;
		int64_t at;

		if (blocked[call->method]) {
			slot = &call->next;
			continue;
		}
		at = call_ready_at(call);
		if (at <= now_ms) {
			*slot = call->next;
			count_waiting(web, -1);
			start(call, now_ms);
			continue;
		}
		/* Those behind it wait for the same; only edits of other messages may overtake an edit. */
		blocked[call->method] = call->method != SLACK_UPDATE || at != INT64_MAX;
		next_ms = at < next_ms ? at : next_ms;
		slot = &call->next;
	}
	return next_ms;
}

static void pump(struct slack_web *web)
{
	int64_t now_ms = clock_mono_ms(), next_ms = INT64_MAX;

	if (web->waiting == 0)
		return;
	/* Priority first, across channels: they share the workspace's rate. */
	for (size_t i = 0; i < PRIORITIES; i++) {
		for (struct channel *channel = web->channels; channel != NULL; channel = channel->next) {
			int64_t at = channel->waiting[i] == NULL ? INT64_MAX :
			                                           pump_list(web, &channel->waiting[i], now_ms);

			next_ms = at < next_ms ? at : next_ms;
		}
	}
	if (next_ms != INT64_MAX)
		loop_timer_set(web->timer, next_ms - now_ms);
}

static void on_timer(void *arg)
{
	pump(arg);
}

/* An edit that still waits is out of date now: its owner is told that all is well. */
static bool replace_edit(struct channel *channel, const struct slack_call *now)
{
	struct call **slot = waiting_edit(channel, now->message), *call;

	if (slot == NULL)
		return false;
	call = *slot;
	(void)slack_late(call->web->options.loop, call->done, call->arg);
	free(call->body);
	free(call->without_pictures);
	free(call->text_only);
	call->body = now->body;
	call->without_pictures = now->without_pictures;
	call->text_only = now->text_only;
	call->done = now->done;
	call->arg = now->arg;
	if (now->priority < call->priority) {
		*slot = call->next;
		count_waiting(call->web, -1);
		call->priority = now->priority;
		enqueue(call, false);
	}
	metrics_count("tocsin_slack_edits_coalesced_total", NULL, NULL);
	return true;
}

static void refuse(struct slack_web *web, const struct slack_call *call)
{
	struct err *err = slack_late(web->options.loop, call->done, call->arg);

	if (web->dead)
		(void)err_set(err, ERR_CANCELLED, "Slack: shutting down");
	else
		(void)err_set(err, ERR_RETRY, "Slack: %d calls wait already", SLACK_WAITING_MAX);
	err->retry_after_ms = WHEN_FULL_RETRY_MS;
	metrics_count("tocsin_slack_calls_full_total", NULL, NULL);
	free(call->body);
	free(call->without_pictures);
	free(call->text_only);
}

void slack_web_send(struct slack_web *web, const struct slack_call *call)
{
	struct channel *channel = find_channel(web, call->channel == NULL ? "" : call->channel);
	struct call *own;

	if (web->dead || web->waiting >= SLACK_WAITING_MAX) {
		refuse(web, call);
		return;
	}
	if (call->method == SLACK_UPDATE && replace_edit(channel, call)) {
		pump(web);
		return;
	}
	own = mem_alloc(sizeof(*own));
	*own = (struct call){
		.web = web, .channel = channel, .method = call->method, .priority = call->priority,
		.message = mem_copy_string(call->message), .url = mem_copy_string(call->url),
		.body = call->body, .body_length = call->body_length, .without_pictures = call->without_pictures,
		.text_only = call->text_only, .scopes = call->scopes, .code = call->code, .done = call->done,
		.arg = call->arg,
	};
	enqueue(own, false);
	pump(web);
}

void slack_web_fail_later(struct slack_web *web, const struct err *err, slack_web_fn *done, void *arg)
{
	*slack_late(web->options.loop, done, arg) = *err;
}

size_t slack_web_waiting(const struct slack_web *web)
{
	return web->waiting;
}

/* --- life ----------------------------------------------------------------------------------- */

struct slack_web *slack_web_new(const struct slack_web_options *options)
{
	struct slack_web *web = mem_alloc(sizeof(*web));

	web->options = *options;
	web->api_url = mem_copy_string(options->api_url);
	web->timer = loop_timer_new(options->loop, on_timer, web);
	return web;
}

/* None of them has happened; of a private answer that is said, since Slack could not be asked. */
static void cancel_waiting(struct slack_web *web, const struct err *err)
{
	const struct err unsent = { .kind = ERR_RETRY, .text = "Slack: shutting down" };

	for (struct channel *channel = web->channels; channel != NULL; channel = channel->next) {
		for (size_t i = 0; i < PRIORITIES; i++) {
			while (channel->waiting[i] != NULL) {
				struct call *call = channel->waiting[i];

				channel->waiting[i] = call->next;
				count_waiting(web, -1);
				complete(call, NULL, call->method == SLACK_RESPOND ? &unsent : err);
			}
		}
	}
}

void slack_web_free(struct slack_web *web)
{
	struct err err;

	if (web == NULL)
		return;
	(void)err_set(&err, ERR_CANCELLED, "Slack: shutting down");
	loop_timer_free(web->timer);
	web->timer = NULL;
	cancel_waiting(web, &err);
	web->dead = true;
	if (web->running == NULL) {
		free_web(web);
		return;
	}
	/* The HTTP client gives each back to on_answer, the last of which frees the rest. */
	for (struct call *call = web->running; call != NULL; call = call->next) {
		slack_web_fn *done = call->done;

		call->done = NULL;
		http_client_cancel(call->http);
		if (done != NULL)
			done(call->arg, NULL, &err);
	}
}
