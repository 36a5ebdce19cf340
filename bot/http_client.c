#include "bot/http_client.h"

#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/crash.h"
#include "bot/http_call.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"

#define TIMEOUT_MAX_MS 300000
#define RETRY_BASE_MS 250
#define RETRY_CAP_MS 20000
#define RETRY_AFTER_OBEYED_MS 60000
#define ANSWER_DEFAULT ((size_t)1 << 20)

/* --- lists ------------------------------------------------------------------------------- */

static struct http_call_list *list_of(const struct http_call *call)
{
	if (call->state == HTTP_CALL_QUEUED)
		return &call->client->queued;
	return call->state == HTTP_CALL_RUNNING ? &call->client->running : &call->client->others;
}

static void list_add(struct http_call *call)
{
	struct http_call_list *list = list_of(call);

	call->next = NULL;
	call->previous = list->last;
	if (list->last != NULL)
		list->last->next = call;
	else
		list->first = call;
	list->last = call;
}

static void list_remove(struct http_call *call)
{
	struct http_call_list *list = list_of(call);

	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		list->first = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	else
		list->last = call->previous;
}

static void move_to(struct http_call *call, enum http_call_state state)
{
	list_remove(call);
	call->state = state;
	list_add(call);
}

/* --- ends -------------------------------------------------------------------------------- */

/* Takes the easy handle away from curl, whatever it is doing; the handle keeps its answer. */
static void stop_try(struct http_call *call)
{
	if (call->state != HTTP_CALL_RUNNING)
		return;
	(void)curl_multi_remove_handle(call->client->multi, call->easy);
	call->client->running_count--;
	move_to(call, HTTP_CALL_ENDED);
}

static void give_back_easy(struct http_call *call)
{
	struct http_client *client = call->client;

	if (call->easy == NULL)
		return;
	if (client->spare_count < client->max_connections) {
		curl_easy_reset(call->easy);
		client->spare[client->spare_count++] = call->easy;
	} else {
		curl_easy_cleanup(call->easy);
	}
	call->easy = NULL;
}

static void free_call(struct http_call *call)
{
	give_back_easy(call);
	loop_timer_free(call->timer);
	loop_defer_cancel(call->client->loop, call);
	list_remove(call);
	call->client->call_count--;
	curl_slist_free_all(call->headers);
	str_free(&call->answer);
	free(call->method);
	free(call->url);
	free(call->host);
	free(call->body);
	free(call);
}

static void schedule_pump(struct http_client *client);

static void complete(struct http_call *call, const struct http_answer *answer,
                     const struct err *err)
{
	struct http_client *client = call->client;

	metrics_count("tocsin_http_client_requests_total", "to", call->metric);
	if (err != NULL)
		metrics_count("tocsin_http_client_errors_total", "kind", err_kind_name(err->kind));
	CRASH_POINT("http_client.answered");
	call->done(call->arg, answer, err);
	free_call(call);
	if (client->queued.first != NULL)
		schedule_pump(client);
}

static void complete_early(void *arg)
{
	struct http_call *call = arg;

	complete(call, NULL, &call->early);
}

/* The end without an answer, from outside of curl's results. */
static void end_later(struct http_call *call)
{
	stop_try(call);
	loop_timer_stop(call->timer);
	move_to(call, HTTP_CALL_ENDED);
	loop_defer(call->client->loop, complete_early, call);
}

/* --- tries ------------------------------------------------------------------------------- */

void http_call_tell(void *arg)
{
	struct http_call *call = arg;
	struct str told = call->answer;

	call->telling = false;
	if (call->early.kind != ERR_NONE)
		return; /* cancelled */
	str_init(&call->answer, call->max_answer);
	call->piece(call->arg, told.text, told.length);
	str_free(&told);
}

void http_call_listen(struct http_call *call, int64_t ms)
{
	int64_t left_ms = call->deadline_ms - clock_mono_ms();

	loop_timer_set(call->timer, ms > 0 && ms < left_ms ? ms : left_ms);
}

static bool is_worth_retry(int status)
{
	return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/* True when the call will be tried again after `wait_ms`, or -1 for the usual back-off. */
static bool retry(struct http_call *call, int64_t asked_ms)
{
	int64_t wait_ms, now_ms = clock_mono_ms();

	if (call->tries >= call->max_tries || asked_ms > RETRY_AFTER_OBEYED_MS || call->client->closing)
		return false;
	wait_ms = asked_ms > 0 ? clock_wait_ms(asked_ms) :
	                         random_backoff_ms(call->tries, RETRY_BASE_MS, RETRY_CAP_MS);
	if (now_ms + wait_ms >= call->deadline_ms)
		return false;
	metrics_count("tocsin_http_client_retries_total", "to", call->metric);
	call->maybe_sent = call->maybe_sent || call->handed;
	give_back_easy(call);
	move_to(call, HTTP_CALL_PAUSED);
	loop_timer_set(call->timer, wait_ms);
	return true;
}

static void finish_try(struct http_call *call, CURLcode code)
{
	struct http_answer answer;
	struct err err = { 0 };

	stop_try(call);
	if (call->telling)
		http_call_tell(call);
	if (call->early.kind != ERR_NONE)
		return; /* whom it was told has cancelled the call */
	if (code == CURLE_OK && !http_try_is_whole(call))
		code = CURLE_PARTIAL_FILE;
	if (code == CURLE_OK) {
		http_try_answer(call, &answer);
		if (!is_worth_retry(answer.status) || !retry(call, answer.retry_after_ms))
			complete(call, &answer, NULL);
		return;
	}
	http_try_failed(call, code, &err);
	if ((err.kind != ERR_RETRY && err.kind != ERR_UNKNOWN) || !retry(call, 0))
		complete(call, NULL, &err);
}

static void on_call_timer(void *arg)
{
	struct http_call *call = arg;
	struct err err = { 0 };

	if (call->state == HTTP_CALL_PAUSED) {
		loop_timer_set(call->timer, call->deadline_ms - clock_mono_ms());
		move_to(call, HTTP_CALL_QUEUED);
		schedule_pump(call->client);
		return;
	}
	http_try_timed_out(call, &err);
	stop_try(call);
	complete(call, NULL, &err);
}

/* Reading the results is safe here only: outside of every callback of curl. */
static void reap(struct http_client *client)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
		struct http_call *call = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
		finish_try(call, message->data.result);
	}
}

static void start_try(struct http_call *call)
{
	struct http_client *client = call->client;

	call->easy = client->spare_count > 0 ? client->spare[--client->spare_count] : curl_easy_init();
	if (call->easy == NULL)
		mem_none_left();
	call->tries++;
	move_to(call, HTTP_CALL_RUNNING);
	client->running_count++;
	http_try_prepare(call);
	if (call->first_ms > 0)
		http_call_listen(call, call->first_ms);
	CRASH_POINT("http_client.send");
	(void)curl_multi_add_handle(client->multi, call->easy);
}

/* Starts what may start and gives curl a turn at once instead of after its timer. */
static void pump(void *arg)
{
	struct http_client *client = arg;
	int running;

	client->pumping = false;
	while (client->queued.first != NULL && client->running_count < client->max_connections)
		start_try(client->queued.first);
	(void)curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(client);
}

static void schedule_pump(struct http_client *client)
{
	if (client->pumping || client->closing)
		return;
	client->pumping = true;
	loop_defer(client->loop, pump, client);
}

/* --- curl and the loop ------------------------------------------------------------------- */

static void on_curl_timer_due(void *arg)
{
	struct http_client *client = arg;
	int running;

	(void)curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(client);
}

/* Only arms: curl must not be entered from its own callback. */
static int on_curl_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http_client *client = arg;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_stop(client->timer);
	else
		loop_timer_set(client->timer, timeout_ms);
	return 0;
}

static void on_socket_ready(void *arg, int fd, unsigned ready)
{
	struct http_client *client = arg;
	int events = 0;
	int running;

	if (ready & LOOP_READ)
		events |= CURL_CSELECT_IN;
	if (ready & LOOP_WRITE)
		events |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(client->multi, fd, events, &running);
	reap(client);
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct http_client *client = arg;
	unsigned events = 0;

	(void)easy;
	(void)socket_arg;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= LOOP_READ;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= LOOP_WRITE;
	/* An error returned here would end every transfer; an unwatched one ends at its deadline. */
	if (!loop_watch(client->loop, fd, events, on_socket_ready, client) && events != 0)
		log_event(LOG_ERROR, "http_client.cannot_watch", NULL);
	return 0;
}

/* --- the client -------------------------------------------------------------------------- */

static bool copy_connect_to(struct http_client *client, const char *const *lines, struct err *err)
{
	size_t count = 0;

	while (lines != NULL && lines[count] != NULL)
		count++;
	client->connect_to = mem_alloc((count + 1) * sizeof(*client->connect_to));
	for (size_t i = 0; i < count; i++) {
		if (!http_connect_to_valid(lines[i]))
			return err_set(err, ERR_USAGE,
			               "connect_to: \"%.100s\" is not HOST:PORT:CONNECT-HOST:CONNECT-PORT",
			               lines[i]);
		client->connect_to[i] = mem_copy_string(lines[i]);
		client->connect_to_list = curl_slist_append(client->connect_to_list, lines[i]);
		if (client->connect_to_list == NULL)
			mem_none_left();
	}
	return true;
}

static bool start_curl(struct http_client *client, struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_LOCAL, "libcurl cannot start");
	client->multi = curl_multi_init();
	if (client->multi == NULL)
		mem_none_left();
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)client->max_connections);
	curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	return true;
}

static void describe_metrics(void)
{
	metrics_describe("tocsin_http_client_requests_total", "counter",
	                 "Finished outgoing calls by peer");
	metrics_describe("tocsin_http_client_errors_total", "counter",
	                 "Outgoing calls that ended without an answer, by kind of error");
	metrics_describe("tocsin_http_client_retries_total", "counter",
	                 "Repeated tries of outgoing calls");
}

struct http_client *http_client_new(struct loop *loop, const struct http_client_options *options,
                                    struct err *err)
{
	struct http_client *client = mem_alloc(sizeof(*client));

	client->loop = loop;
	client->ca_file = mem_copy_string(options->ca_file);
	client->proxy = mem_copy_string(options->proxy == NULL ? "" : options->proxy);
	client->max_connections = options->max_connections > 0 ? options->max_connections : 32;
	client->max_queued = options->max_queued > 0 ? options->max_queued : 1024;
	client->spare = mem_alloc(client->max_connections * sizeof(CURL *));
	client->timer = loop_timer_new(loop, on_curl_timer_due, client);
	describe_metrics();
	if (copy_connect_to(client, options->connect_to, err) && start_curl(client, err))
		return client;
	http_client_free(client);
	return NULL;
}

static void cancel_all(struct http_call_list *list)
{
	while (list->first != NULL) {
		struct http_call *call = list->first;

		stop_try(call);
		if (call->early.kind == ERR_NONE)
			(void)err_set(&call->early, ERR_CANCELLED, "%s: given up at shutdown", call->host);
		complete_early(call);
	}
}

void http_client_free(struct http_client *client)
{
	if (client == NULL)
		return;
	client->closing = true;
	loop_defer_cancel(client->loop, client);
	do {
		cancel_all(&client->running);
		cancel_all(&client->queued);
		cancel_all(&client->others);
	} while (client->call_count > 0); /* a callback may have sent another */
	http_resolve_end(client);
	while (client->spare_count > 0)
		curl_easy_cleanup(client->spare[--client->spare_count]);
	if (client->multi != NULL) {
		(void)curl_multi_cleanup(client->multi);
		curl_global_cleanup();
	}
	curl_slist_free_all(client->connect_to_list);
	for (size_t i = 0; client->connect_to != NULL && client->connect_to[i] != NULL; i++)
		free(client->connect_to[i]);
	free(client->connect_to);
	free(client->spare);
	loop_timer_free(client->timer);
	free(client->ca_file);
	free(client->proxy);
	free(client);
}

/* --- calls ------------------------------------------------------------------------------- */

static int64_t bounded_timeout(int64_t ms)
{
	if (ms < 1)
		return 1;
	return ms > TIMEOUT_MAX_MS ? TIMEOUT_MAX_MS : ms;
}

struct http_call *http_client_send(struct http_client *client,
                                   const struct http_request_out *request, http_done_fn *done,
                                   void *arg)
{
	struct http_call *call = mem_alloc(sizeof(*call));
	int64_t timeout_ms = bounded_timeout(request->timeout_ms);

	call->client = client;
	call->done = done;
	call->arg = arg;
	call->metric = request->metric == NULL ? "other" : request->metric;
	call->max_answer = request->max_answer > 0 ? request->max_answer : ANSWER_DEFAULT;
	call->idempotent = request->idempotent;
	call->max_tries = 1;
	if (request->idempotent && request->max_tries > 1 && request->piece == NULL)
		call->max_tries = request->max_tries;
	call->piece = request->piece;
	call->first_ms = request->first_ms;
	call->silence_ms = request->silence_ms;
	call->started_ms = clock_mono_ms();
	call->deadline_ms = call->started_ms + timeout_ms;
	call->timer = loop_timer_new(client->loop, on_call_timer, call);
	str_init(&call->answer, call->max_answer);
	call->state = HTTP_CALL_QUEUED;
	list_add(call);
	if (http_request_copy(call, request) && client->call_count >= client->max_queued)
		(void)err_set(&call->early, ERR_RETRY, "%s: too many calls are waiting", call->host);
	client->call_count++;
	if (call->early.kind != ERR_NONE) {
		end_later(call);
		return call;
	}
	loop_timer_set(call->timer, timeout_ms);
	schedule_pump(client);
	return call;
}

void http_client_cancel(struct http_call *call)
{
	if (call->early.kind != ERR_NONE)
		return; /* it is ending already */
	(void)err_set(&call->early, ERR_CANCELLED, "%s: cancelled", call->host);
	end_later(call);
}
