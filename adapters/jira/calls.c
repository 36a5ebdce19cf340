#include "adapters/jira/calls.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/secret.h"
#include "bot/str.h"

#define TRY_TIMEOUT_MS 20000
#define ANSWER_MAX ((size_t)4 << 20) /* a page of comments of 32,767 characters each */
#define TRIES_MAX 3
#define RETRY_BASE_MS 1000
#define RETRY_CAP_MS 10000
#define WAIT_MAX_MS 30000    /* longer ones are the caller's */
#define QUEUED_MAX_MS 90000  /* deadline: from the send to the last start; not scaled */
#define WRITE_PAUSE_MS 500   /* between writes to one issue; Atlassian publishes no number */
#define WHEN_FULL_RETRY_MS 10000
#define BODY_MAX ((size_t)1 << 20)

struct call {
	struct call *next; /* in waiting or running */
	struct jira_calls *calls;
	const char *name, *method, *advice;
	char *path, *what, *issue, *body;
	bool idempotent, wants_json;
	jira_calls_fn *done; /* NULL: the owner was told already */
	void *arg;
	unsigned tries;
	int64_t not_before_ms, expires_ms; /* monotonic */
	struct http_call *http;            /* while running */
};

/* An issue, or a kind of call, that must be left alone for a while. */
struct pace {
	struct pace *next;
	char *key;
	int64_t free_at_ms;
};

struct jira_calls {
	struct jira_calls_options options;
	struct call *waiting, *running;
	unsigned waiting_count, running_count;
	struct pace *paces;
	struct loop_timer *timer;
	bool dead;
};

static void pump(struct jira_calls *calls);

/* --- ends ---------------------------------------------------------------------------------- */

static void free_call(struct call *call)
{
	free(call->path);
	free(call->what);
	free(call->issue);
	free(call->body);
	free(call);
}

static void complete(struct call *call, struct jira_outcome *outcome)
{
	enum err_kind kind = outcome->err.kind;

	metrics_count("tocsin_jira_calls_total", "outcome", kind == ERR_NONE ? "ok" : err_kind_name(kind));
	if (kind != ERR_NONE)
		log_event(LOG_WARN, "jira.call_failed", "call", call->name, "issue", call->issue,
		          "outcome", err_kind_name(kind), "why", outcome->err.text, NULL);
	call->done(call->arg, outcome);
	free_call(call);
}

static void complete_failed(struct call *call, enum err_kind kind, const char *why, int64_t retry_after_ms)
{
	struct jira_outcome outcome = { .status = 0 };

	(void)err_set(&outcome.err, kind, "Jira could not %s: %s", call->what, why);
	outcome.err.retry_after_ms = retry_after_ms;
	complete(call, &outcome);
}

static void count_waiting(struct jira_calls *calls, int change)
{
	calls->waiting_count += (unsigned)change;
	metrics_gauge("tocsin_jira_waiting", NULL, NULL, calls->waiting_count);
}

/* --- pacing -------------------------------------------------------------------------------- */

/* Also forgets what is free again, so that the list stays short. */
static int64_t free_at(struct jira_calls *calls, const char *key)
{
	int64_t now_ms = clock_mono_ms(), at_ms = 0;
	struct pace **slot = &calls->paces;

	while (*slot != NULL) {
		struct pace *pace = *slot;

		if (pace->free_at_ms <= now_ms) {
			*slot = pace->next;
			free(pace->key);
			free(pace);
			continue;
		}
		if (strcmp(pace->key, key) == 0 && pace->free_at_ms > at_ms)
			at_ms = pace->free_at_ms;
		slot = &pace->next;
	}
	return at_ms;
}

static void slow_down(struct jira_calls *calls, const char *key, int64_t wait_ms)
{
	struct pace *pace = mem_alloc(sizeof(*pace));

	pace->key = mem_copy_string(key);
	pace->free_at_ms = clock_mono_ms() + clock_wait_ms(wait_ms);
	pace->next = calls->paces;
	calls->paces = pace;
}

static bool writes_same(const struct call *list, const struct call *end, const struct call *call)
{
	for (; list != NULL && list != end; list = list->next)
		if (list->issue != NULL && strcmp(list->issue, call->issue) == 0)
			return true;
	return false;
}

/* When the call may start; INT64_MAX: when another one has come back. */
static int64_t ready_at(struct jira_calls *calls, const struct call *call)
{
	int64_t at_ms = call->not_before_ms, other_ms = free_at(calls, call->name);

	if (calls->running_count >= JIRA_CALLS_AT_ONCE)
		return INT64_MAX;
	at_ms = other_ms > at_ms ? other_ms : at_ms;
	if (call->issue == NULL)
		return at_ms;
	if (writes_same(calls->running, NULL, call) || writes_same(calls->waiting, call, call))
		return INT64_MAX;
	other_ms = free_at(calls, call->issue);
	return other_ms > at_ms ? other_ms : at_ms;
}

/* --- the exchange -------------------------------------------------------------------------- */

/* "Basic base64(user:token)" or "Bearer token"; wiped by the caller. */
static void add_login(struct str *out, const struct jira_calls_options *options)
{
	const char *token = secret_reveal(options->token);
	size_t size;
	char *plain, *coded;

	if (token == NULL)
		token = "";
	if (options->user == NULL) {
		str_addf(out, "Bearer %s", token);
		return;
	}
	size = strlen(options->user) + 1 + strlen(token);
	plain = mem_alloc(size + 1);
	coded = mem_alloc(size / 3 * 4 + 5);
	(void)snprintf(plain, size + 1, "%s:%s", options->user, token);
	(void)EVP_EncodeBlock((unsigned char *)coded, (const unsigned char *)plain, (int)size);
	str_addf(out, "Basic %s", coded);
	OPENSSL_cleanse(plain, size);
	OPENSSL_cleanse(coded, strlen(coded));
	free(plain);
	free(coded);
}

static void on_answer(void *arg, const struct http_answer *answer, const struct err *err);

static void transmit(struct call *call)
{
	const struct jira_calls_options *options = &call->calls->options;
	struct str url, login;
	struct http_header headers[] = {
		{ "Authorization", NULL }, { "Accept", "application/json" }, { "Accept-Language", "en" },
		{ call->body == NULL ? NULL : "Content-Type", "application/json" }, { NULL, NULL },
	};
	struct http_request_out request = {
		.method = call->method, .headers = headers, .body = call->body,
		.body_length = call->body == NULL ? 0 : strlen(call->body), .timeout_ms = TRY_TIMEOUT_MS,
		.max_answer = ANSWER_MAX, .idempotent = call->idempotent, .metric = "jira",
	};

	str_init(&url, 4096);
	str_init(&login, (size_t)32 << 10);
	str_addf(&url, "%s/rest/api/%s", options->base, call->path);
	add_login(&login, options);
	headers[0].value = login.text;
	request.url = url.text;
	call->tries++;
	call->http = http_client_send(options->http, &request, on_answer, call);
	OPENSSL_cleanse(login.text, login.length);
	str_free(&login);
	str_free(&url);
}

static void start(struct call *call)
{
	struct jira_calls *calls = call->calls;

	calls->running_count++;
	call->next = calls->running;
	calls->running = call;
	transmit(call);
}

static void enqueue(struct call *call, bool first)
{
	struct call **slot = &call->calls->waiting;

	while (!first && *slot != NULL)
		slot = &(*slot)->next;
	call->next = *slot;
	*slot = call;
	count_waiting(call->calls, 1);
}

static void unlink_running(struct call *call)
{
	struct call **slot = &call->calls->running;

	while (*slot != call)
		slot = &(*slot)->next;
	*slot = call->next;
	call->calls->running_count--;
	call->http = NULL;
}

/* True when the call waits for another try. */
static bool retry(struct call *call, const struct jira_outcome *outcome)
{
	int64_t wait_ms = outcome->err.retry_after_ms;

	if (!call->idempotent || !outcome->may_pass || call->tries >= TRIES_MAX || wait_ms > WAIT_MAX_MS)
		return false;
	wait_ms = wait_ms > 0 ? clock_wait_ms(wait_ms + random_up_to(wait_ms / 8)) :
	                        random_backoff_ms(call->tries, RETRY_BASE_MS, RETRY_CAP_MS);
	call->not_before_ms = clock_mono_ms() + wait_ms;
	metrics_count("tocsin_jira_retries_total", NULL, NULL);
	enqueue(call, true); /* later writes to its issue stay behind it */
	return true;
}

static void on_answer(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct call *call = arg;
	struct jira_calls *calls = call->calls;
	struct jira_outcome outcome;
	const struct jira_question question = {
		.what = call->what, .advice = call->advice, .idempotent = call->idempotent,
		.wants_json = call->wants_json,
	};

	if (call->done == NULL) { /* jira_calls_free was here; calls is gone */
		free_call(call);
		return;
	}
	unlink_running(call);
	jira_judge(&outcome, &question, answer, err);
	if (outcome.limited) {
		slow_down(calls, outcome.of_issue && call->issue != NULL ? call->issue : call->name,
		          outcome.err.retry_after_ms);
		metrics_count("tocsin_jira_limited_total", "scope", outcome.of_issue ? "issue" : "call");
	} else if (call->issue != NULL) {
		slow_down(calls, call->issue, WRITE_PAUSE_MS);
	}
	if (!retry(call, &outcome))
		complete(call, &outcome);
	json_free(outcome.json);
	pump(calls);
}

/* --- the queue ----------------------------------------------------------------------------- */

static void take_waiting(struct call **slot)
{
	struct call *call = *slot;

	*slot = call->next;
	count_waiting(call->calls, -1);
}

static void pump(struct jira_calls *calls)
{
	int64_t now_ms = clock_mono_ms(), next_ms = INT64_MAX;
	struct call **slot = &calls->waiting;

	while (*slot != NULL && !calls->dead) {
		struct call *call = *slot;
		int64_t at_ms = ready_at(calls, call);

		if (at_ms <= now_ms) {
			take_waiting(slot);
			start(call);
			continue;
		}
		at_ms = at_ms < call->expires_ms ? at_ms : call->expires_ms;
		next_ms = at_ms < next_ms ? at_ms : next_ms;
		slot = &call->next;
	}
	if (next_ms != INT64_MAX)
		loop_timer_set(calls->timer, next_ms - now_ms);
}

/* Those that waited too long are given back before others start. */
static void on_timer(void *arg)
{
	struct jira_calls *calls = arg;
	struct call **slot = &calls->waiting;
	int64_t now_ms = clock_mono_ms();

	while (*slot != NULL) {
		struct call *call = *slot;

		if (call->expires_ms > now_ms) {
			slot = &call->next;
			continue;
		}
		take_waiting(slot);
		complete_failed(call, ERR_RETRY, "it waited too long behind others", WHEN_FULL_RETRY_MS);
		slot = &calls->waiting; /* the owner may have sent another */
	}
	pump(calls);
}

/* A completion that must not happen within the call that caused it. */
struct late {
	struct call *call;
	enum err_kind kind;
	int64_t retry_after_ms;
	const char *why;
};

static void complete_late(void *arg)
{
	struct late *late = arg;

	complete_failed(late->call, late->kind, late->why, late->retry_after_ms);
	free(late);
}

static void refuse(struct call *call, enum err_kind kind, const char *why, int64_t retry_after_ms)
{
	struct late *late = mem_alloc(sizeof(*late));

	*late = (struct late){ .call = call, .kind = kind, .why = why, .retry_after_ms = retry_after_ms };
	loop_defer(call->calls->options.loop, complete_late, late);
}

static struct call *copy_call(struct jira_calls *calls, const struct jira_call *call)
{
	struct call *own = mem_alloc(sizeof(*own));

	*own = (struct call){
		.calls = calls, .name = call->name, .method = call->method, .advice = call->advice,
		.path = mem_copy_string(call->path), .what = mem_copy_string(call->what),
		.issue = mem_copy_string(call->issue), .idempotent = call->idempotent,
		.wants_json = call->wants_json, .done = call->done, .arg = call->arg,
		.expires_ms = clock_mono_ms() + QUEUED_MAX_MS,
	};
	if (call->body != NULL) {
		struct str body;

		str_init(&body, BODY_MAX);
		json_add(&body, call->body);
		own->body = str_take(&body);
		json_free(call->body);
	}
	return own;
}

void jira_calls_send(struct jira_calls *calls, const struct jira_call *call)
{
	struct call *own = copy_call(calls, call);
	int64_t name_ms = free_at(calls, own->name), issue_ms = own->issue == NULL ? 0 : free_at(calls, own->issue);
	int64_t pause_ms = (name_ms > issue_ms ? name_ms : issue_ms) - clock_mono_ms();

	if (calls->dead) {
		refuse(own, ERR_CANCELLED, "shutting down", 0);
	} else if (calls->waiting_count >= JIRA_CALLS_WAITING) {
		refuse(own, ERR_RETRY, "too many calls wait already", WHEN_FULL_RETRY_MS);
	} else if (pause_ms > clock_wait_ms(WAIT_MAX_MS)) {
		refuse(own, ERR_RETRY, "Jira wants us to slow down", pause_ms);
	} else {
		enqueue(own, false);
		pump(calls);
	}
}

/* --- life ---------------------------------------------------------------------------------- */

struct jira_calls *jira_calls_new(const struct jira_calls_options *options)
{
	struct jira_calls *calls = mem_alloc(sizeof(*calls));

	calls->options = *options;
	calls->timer = loop_timer_new(options->loop, on_timer, calls);
	metrics_describe("tocsin_jira_calls_total", "counter", "Finished calls to Jira by outcome");
	metrics_describe("tocsin_jira_retries_total", "counter", "Repeated tries of calls to Jira");
	metrics_describe("tocsin_jira_limited_total", "counter", "Answers 429 of Jira by what they slow down");
	metrics_describe("tocsin_jira_waiting", "gauge", "Calls to Jira that wait for their turn");
	return calls;
}

void jira_calls_free(struct jira_calls *calls)
{
	struct call *call;

	if (calls == NULL)
		return;
	calls->dead = true;
	while ((call = calls->waiting) != NULL) {
		take_waiting(&calls->waiting);
		complete_failed(call, ERR_CANCELLED, "shutting down", 0);
	}
	/* The HTTP client gives these back to on_answer later, which then only frees them. */
	while ((call = calls->running) != NULL) {
		struct jira_outcome outcome = { .status = 0 };
		jira_calls_fn *done = call->done;

		http_client_cancel(call->http);
		unlink_running(call);
		call->done = NULL;
		call->calls = NULL;
		(void)err_set(&outcome.err, ERR_CANCELLED, "Jira could not %s: shutting down", call->what);
		done(call->arg, &outcome);
	}
	while (calls->paces != NULL) {
		struct pace *next = calls->paces->next;

		free(calls->paces->key);
		free(calls->paces);
		calls->paces = next;
	}
	loop_timer_free(calls->timer);
	free(calls);
}
