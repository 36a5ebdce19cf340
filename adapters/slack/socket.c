#include "adapters/slack/socket.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/slack/judge.h"
#include "adapters/slack/link.h"
#include "adapters/slack/waits.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/secret.h"
#include "bot/str.h"

#define OPEN_TIMEOUT_MS 10000
#define OPEN_ANSWER_MAX 65536

enum conn_state {
	CONN_OPENING,    /* apps.connections.open is on its way */
	CONN_CONNECTING, /* name, TCP, TLS, upgrade */
	CONN_HELLO_WAIT,
	CONN_LIVE,
	CONN_DRAINING, /* Slack will close it; its slot has or seeks a replacement; still read */
	CONN_CLOSING,  /* our CLOSE is out; nothing that comes is used */
};

static const char *const state_names[] = { "asking for an address", "connecting", "waiting for hello",
	"connected", "being replaced", "closing" };

/* One connection; `epoch` is its name for acks, so that none reaches another socket. */
struct conn {
	struct conn *next;
	struct slack_sockets *all; /* NULL: freed; only the answer to `opening` is still awaited */
	struct slot *slot;
	uint64_t epoch;
	enum conn_state state;
	struct http_call *opening;
	struct slack_link *link;
	struct loop_timer *deadline; /* hello, then refresh, then drain */
	struct loop_timer *pinger;
	int64_t hello_ms; /* clock_mono_ms; 0: none yet */
	bool is_late;     /* silent too long; one last look is taken */
};

struct slot {
	struct slack_sockets *all;
	unsigned number;         /* from 1 */
	struct conn *now;        /* NULL: none; draining ones belong to no slot's `now` */
	struct loop_timer *timer; /* the one reconnect timer */
	bool due;                /* wants a connection as soon as the number of sockets allows */
	unsigned failures;       /* in a row; a connection that lived slack_wait_proven_ms ends the row */
	unsigned too_many;       /* likewise */
	const char *trouble;     /* why it has none; a literal */
};

struct slack_sockets {
	struct slack_sockets_options options;
	char *api_url;
	struct slack_wire *wire;
	struct conn *conns;
	struct slot *slots;
	uint64_t last_epoch;
	int64_t seen_by_slack; /* num_connections of the newest hello */
	bool stopped;          /* fatal or quiesced: no new connections */
	struct done quiesced;  /* fn NULL: not asked, or told */
	struct loop_timer *quiesce_timer;
};

static void pump(struct slack_sockets *all);

static bool is_read(const struct conn *conn)
{
	return conn->state == CONN_LIVE || conn->state == CONN_DRAINING;
}

static unsigned count_conns(const struct slack_sockets *all)
{
	unsigned count = 0;

	for (const struct conn *conn = all->conns; conn != NULL; conn = conn->next)
		count++;
	return count;
}

unsigned slack_sockets_live(const struct slack_sockets *all)
{
	unsigned count = 0;

	for (const struct conn *conn = all->conns; conn != NULL; conn = conn->next)
		count += is_read(conn) ? 1 : 0;
	return count;
}

static void show_count(const struct slack_sockets *all)
{
	metrics_gauge("tocsin_slack_connections", NULL, NULL, slack_sockets_live(all));
}

static void want(struct slot *slot, int64_t wait_ms, const char *why)
{
	slot->trouble = why;
	if (slot->all->stopped)
		return;
	metrics_count("tocsin_slack_reconnects_total", "reason", why);
	slot->due = wait_ms <= 0;
	if (slot->due)
		loop_timer_stop(slot->timer);
	else
		loop_timer_set(slot->timer, wait_ms);
}

/* After a connection that had said hello has ended: the first time at once, for an outage of
 * both would lose clicks; then ever more slowly, until one has lived. While the old one is still
 * read its successor does not wait so long that there would be none between them. */
static void want_after(struct slot *slot, const struct conn *conn, const char *why)
{
	if (conn->hello_ms != 0 && clock_mono_ms() - conn->hello_ms >= slack_wait_proven_ms())
		slot->failures = slot->too_many = 0;
	slot->failures++;
	if (conn->hello_ms != 0 && slot->failures == 1)
		want(slot, 0, why);
	else if (conn->state == CONN_DRAINING)
		want(slot, slack_wait_replace_ms(slot->failures), why);
	else
		want(slot, slack_wait_backoff_ms(slot->failures), why);
}

static void on_slot_timer(void *arg)
{
	struct slot *slot = arg;

	slot->due = true;
	pump(slot->all);
}

static void free_conn(struct conn *conn)
{
	loop_timer_free(conn->deadline);
	loop_timer_free(conn->pinger);
	free(conn);
}

static void unlink_conn(struct conn *conn)
{
	struct conn **place = &conn->all->conns;

	while (*place != conn)
		place = &(*place)->next;
	*place = conn->next;
	if (conn->slot->now == conn)
		conn->slot->now = NULL;
}

static void tell_quiesced(void *arg)
{
	struct slack_sockets *all = arg;
	struct done done = all->quiesced;

	all->quiesced = (struct done){ 0 };
	loop_timer_stop(all->quiesce_timer);
	if (done.fn != NULL)
		done.fn(done.arg, NULL);
}

static void forget(struct conn *conn)
{
	struct slack_sockets *all = conn->all;

	unlink_conn(conn);
	free_conn(conn);
	show_count(all);
	if (all->stopped && all->conns == NULL)
		tell_quiesced(all);
	else
		pump(all);
}

/* Gives the connection up and says CLOSE; forget follows from the link. */
static void retire(struct conn *conn)
{
	loop_timer_stop(conn->deadline);
	loop_timer_stop(conn->pinger);
	if (conn->slot->now == conn)
		conn->slot->now = NULL;
	conn->state = CONN_CLOSING;
	show_count(conn->all);
	if (conn->link != NULL)
		slack_link_close(conn->link);
	else if (conn->opening != NULL)
		http_client_cancel(conn->opening);
}

static void replace(struct conn *conn, const char *why)
{
	struct slot *slot = conn->slot;

	log_event(LOG_INFO, "slack.replacing", "socket", LOG_INT(slot->number), "reason", why, NULL);
	conn->state = CONN_DRAINING;
	slot->now = NULL;
	loop_timer_set(conn->deadline, SLACK_DRAIN_MS);
	want_after(slot, conn, why);
	pump(conn->all);
}

static void on_deadline(void *arg)
{
	struct conn *conn = arg;
	struct slot *slot = conn->slot;

	switch (conn->state) {
	case CONN_LIVE:
		replace(conn, "scheduled");
		break;
	case CONN_DRAINING:
		/* Better an old connection than none. */
		if (slot->now != NULL && slot->now->state == CONN_LIVE)
			retire(conn);
		else
			loop_timer_set(conn->deadline, SLACK_DRAIN_AGAIN_MS);
		break;
	case CONN_CONNECTING:
	case CONN_HELLO_WAIT:
		log_event(LOG_WARN, "slack.no_hello", "socket", LOG_INT(slot->number), NULL);
		retire(conn);
		want_after(slot, conn, "no_hello");
		pump(conn->all);
		break;
	case CONN_OPENING:
	case CONN_CLOSING:
		break;
	}
}

static void on_pinger(void *arg)
{
	struct conn *conn = arg;
	struct slot *slot = conn->slot;
	bool was_current = slot->now == conn;

	if (clock_mono_ms() - slack_link_heard_ms(conn->link) < slack_wait_silence_ms()) {
		conn->is_late = false;
		slack_link_ping(conn->link);
		loop_timer_set(conn->pinger, slack_wait_ping_ms());
		return;
	}
	if (!conn->is_late) { /* was it us who slept? */
		conn->is_late = true;
		loop_timer_set(conn->pinger, SLACK_GRACE_MS);
		return;
	}
	log_event(LOG_WARN, "slack.silent", "socket", LOG_INT(slot->number), NULL);
	retire(conn);
	if (was_current)
		want_after(slot, conn, "silent");
	pump(conn->all);
}

static void warn_of_ghosts(struct slack_sockets *all)
{
	int64_t own = count_conns(all);

	if (all->seen_by_slack <= own)
		return;
	log_event(LOG_WARN, "slack.ghosts", "seen_by_slack", LOG_INT(all->seen_by_slack), "own", LOG_INT(own),
	          "note", "Slack still counts dead sockets, or another process uses this app token: "
	          "commands may go astray", NULL);
	metrics_count("tocsin_slack_ghosts_total", NULL, NULL);
}

static void on_hello(struct conn *conn, struct json_object *message)
{
	struct slack_sockets *all = conn->all;
	int64_t life_s = json_int(message, "debug_info.approximate_connection_time", 0);
	int64_t refresh_ms = life_s > INT32_MAX ? 0 : slack_wait_refresh_ms(life_s * 1000);

	if (conn->state != CONN_HELLO_WAIT)
		return;
	conn->state = CONN_LIVE;
	conn->hello_ms = clock_mono_ms();
	conn->slot->trouble = NULL;
	all->seen_by_slack = json_int(message, "num_connections", 0);
	metrics_gauge("tocsin_slack_hello_connections", NULL, NULL, all->seen_by_slack);
	loop_timer_stop(conn->deadline);
	if (refresh_ms > 0)
		loop_timer_set(conn->deadline, refresh_ms);
	loop_timer_set(conn->pinger, slack_wait_ping_ms());
	log_event(LOG_INFO, "slack.connected", "socket", LOG_INT(conn->slot->number), "seen_by_slack",
	          LOG_INT(all->seen_by_slack), NULL);
	show_count(all);
	warn_of_ghosts(all);
}

static void on_disconnect(struct conn *conn, struct json_object *message)
{
	const char *reason = json_string(message, "reason");
	struct slot *slot = conn->slot;
	bool current = slot->now == conn;

	if (reason == NULL)
		reason = "";
	if (strcmp(reason, "too_many_websockets") == 0) {
		log_event(LOG_WARN, "slack.too_many_websockets", "socket", LOG_INT(slot->number), NULL);
		retire(conn);
		slot->too_many++;
		if (current)
			want(slot, slack_wait_too_many_ms(slot->too_many), "too_many_websockets");
	} else if (strcmp(reason, "link_disabled") == 0) {
		log_event(LOG_ERROR, "slack.link_disabled", "note",
		          "Socket Mode is switched off in the app's settings: switch it on again", NULL);
		metrics_count("tocsin_slack_link_disabled_total", NULL, NULL);
		retire(conn);
		if (current)
			want(slot, slack_wait_disabled_ms(), "link_disabled");
	} else if (conn->state == CONN_LIVE) {
		replace(conn, strcmp(reason, "warning") == 0 ? "warning" :
		              strcmp(reason, "refresh_requested") == 0 ? "refresh_requested" : "disconnect");
	}
}

static void on_text(void *arg, const char *text, size_t length)
{
	struct conn *conn = arg;
	struct err err;
	struct json_object *message;
	const char *type;

	if (conn->state == CONN_CLOSING)
		return;
	message = json_parse(text, length, &err);
	type = json_string(message, "type");
	if (type == NULL)
		metrics_count("tocsin_slack_frames_ignored_total", "reason", message == NULL ? "not_json" : "no_type");
	else if (strcmp(type, "hello") == 0)
		on_hello(conn, message);
	else if (strcmp(type, "disconnect") == 0)
		on_disconnect(conn, message);
	else
		conn->all->options.envelope(conn->all->options.arg, conn->epoch, message);
	json_free(message);
}

bool slack_sockets_ack(struct slack_sockets *all, uint64_t connection, const char *envelope_id)
{
	struct str text;
	bool sent = false;

	str_init(&text, SLACK_FRAME_OUT_MAX);
	str_add(&text, "{\"envelope_id\":");
	str_add_json(&text, envelope_id, strlen(envelope_id));
	str_add_char(&text, '}');
	for (struct conn *conn = all->conns; conn != NULL; conn = conn->next)
		if (conn->epoch == connection && is_read(conn) && !text.cut)
			sent = slack_link_send(conn->link, text.text, text.length);
	str_free(&text);
	return sent;
}

static void on_opened(void *arg)
{
	struct conn *conn = arg;

	if (conn->state == CONN_CONNECTING)
		conn->state = CONN_HELLO_WAIT;
}

static void on_ended(void *arg, const char *why)
{
	struct conn *conn = arg;
	struct slot *slot = conn->slot;

	conn->link = NULL;
	if (conn->state != CONN_CLOSING) {
		log_event(conn->state == CONN_DRAINING ? LOG_INFO : LOG_WARN, "slack.disconnected", "socket",
		          LOG_INT(slot->number), "reason", why, NULL);
		if (slot->now == conn)
			want_after(slot, conn, why);
	}
	forget(conn);
}

static const struct slack_link_events link_events = { on_opened, on_text, on_ended };

static void stop_slots(struct slack_sockets *all)
{
	all->stopped = true;
	for (unsigned i = 0; i < all->options.connections; i++)
		loop_timer_stop(all->slots[i].timer);
}

static void give_up(struct slack_sockets *all, const struct err *err)
{
	stop_slots(all);
	if (all->options.fatal != NULL)
		all->options.fatal(all->options.arg, err);
}

static void on_open_failed(struct conn *conn, const struct slack_outcome *outcome)
{
	struct slack_sockets *all = conn->all;
	struct slot *slot = conn->slot;
	int64_t wait_ms;

	slot->failures++;
	wait_ms = slack_wait_backoff_ms(slot->failures);
	if (outcome->verdict == SLACK_LIMITED && clock_wait_ms(outcome->wait_ms) > wait_ms)
		wait_ms = clock_wait_ms(outcome->wait_ms);
	log_event(LOG_WARN, "slack.open_failed", "socket", LOG_INT(slot->number), "why",
	          outcome->verdict == SLACK_LIMITED ? "rate limit" : outcome->err.text, "retry_ms",
	          LOG_INT(wait_ms), NULL);
	if (outcome->fatal)
		give_up(all, &outcome->err);
	else
		want(slot, wait_ms, outcome->verdict == SLACK_LIMITED ? "rate_limit" : "open");
	forget(conn);
}

static void on_url(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct conn *conn = arg;
	struct slack_outcome outcome;
	const char *url;

	conn->opening = NULL;
	if (conn->all == NULL) {
		free_conn(conn);
		return;
	}
	if (conn->state == CONN_CLOSING) {
		forget(conn);
		return;
	}
	slack_judge(&outcome, SLACK_CONNECT, NULL, answer, err);
	url = json_string(outcome.json, "url");
	if (outcome.verdict == SLACK_OK && url == NULL) {
		outcome.verdict = SLACK_FAILED;
		(void)err_set(&outcome.err, ERR_RETRY, "Slack apps.connections.open: no url");
	} else if (outcome.verdict == SLACK_OK) {
		conn->state = CONN_CONNECTING;
		loop_timer_set(conn->deadline, SLACK_HELLO_WAIT_MS);
		if (!slack_link_open(&conn->link, conn->all->wire, url, &link_events, conn, &outcome.err))
			outcome.verdict = SLACK_FAILED;
	}
	json_free(outcome.json); /* the url holds a ticket: it is not kept */
	if (outcome.verdict != SLACK_OK)
		on_open_failed(conn, &outcome);
}

static void open_conn(struct slot *slot)
{
	struct slack_sockets *all = slot->all;
	struct conn *conn = mem_alloc(sizeof(*conn));
	struct str url, authorization;
	struct http_header headers[] = {
		{ "Content-Type", "application/x-www-form-urlencoded" }, { "Authorization", NULL }, { NULL, NULL },
	};
	struct http_request_out request = {
		.method = "POST", .headers = headers, .body = "", .timeout_ms = OPEN_TIMEOUT_MS,
		.max_answer = OPEN_ANSWER_MAX, .idempotent = true, .metric = "slack",
	};

	conn->all = all;
	conn->slot = slot;
	conn->epoch = ++all->last_epoch;
	conn->deadline = loop_timer_new(all->options.loop, on_deadline, conn);
	conn->pinger = loop_timer_new(all->options.loop, on_pinger, conn);
	conn->next = all->conns;
	all->conns = conn;
	slot->now = conn;
	slot->due = false;
	str_init(&url, 4096);
	str_init(&authorization, 4096);
	str_addf(&url, "%s%s", all->api_url, slack_method_name(SLACK_CONNECT));
	str_addf(&authorization, "Bearer %s", secret_reveal(all->options.app_token));
	headers[1].value = authorization.text;
	request.url = url.text;
	conn->opening = http_client_send(all->options.http, &request, on_url, conn);
	str_free(&authorization);
	str_free(&url);
}

/* Opens what is due. Where that would be one socket too many, an old one whose replacement is
 * live has to go first; its end comes back here. */
static void pump(struct slack_sockets *all)
{
	for (unsigned i = 0; i < all->options.connections && !all->stopped; i++) {
		struct slot *slot = &all->slots[i];

		if (!slot->due || slot->now != NULL)
			continue;
		if (count_conns(all) < all->options.connections + 1) {
			open_conn(slot);
			continue;
		}
		for (struct conn *conn = all->conns; conn != NULL; conn = conn->next) {
			if (conn->state != CONN_DRAINING || conn->slot->now == NULL ||
			    conn->slot->now->state != CONN_LIVE)
				continue;
			retire(conn);
			break;
		}
	}
}

struct slack_sockets *slack_sockets_new(const struct slack_sockets_options *options, struct err *err)
{
	struct slack_sockets *all = mem_alloc(sizeof(*all));
	struct slack_wire_options wire = {
		.loop = options->loop, .http = options->http, .ca_file = options->ca_file,
		.proxy = options->proxy, .loopback = options->loopback,
	};

	all->options = *options;
	all->wire = slack_wire_new(&wire, err);
	if (all->wire == NULL) {
		free(all);
		return NULL;
	}
	all->api_url = mem_copy_string(options->api_url);
	all->quiesce_timer = loop_timer_new(options->loop, tell_quiesced, all);
	all->slots = mem_alloc(options->connections * sizeof(*all->slots));
	for (unsigned i = 0; i < options->connections; i++) {
		struct slot *slot = &all->slots[i];

		slot->all = all;
		slot->number = i + 1;
		slot->trouble = "starting";
		slot->timer = loop_timer_new(options->loop, on_slot_timer, slot);
		if (i > 0)
			loop_timer_set(slot->timer, slack_wait_stagger_ms(i));
	}
	all->slots[0].due = true;
	pump(all);
	return all;
}

void slack_sockets_quiesce(struct slack_sockets *all, struct done done)
{
	stop_slots(all);
	all->quiesced = done;
	loop_timer_set(all->quiesce_timer, all->conns == NULL ? 1 : SLACK_QUIESCE_MS);
	for (struct conn *conn = all->conns; conn != NULL; conn = conn->next)
		if (conn->state != CONN_CLOSING)
			retire(conn);
}

void slack_sockets_free(struct slack_sockets *all)
{
	if (all == NULL)
		return;
	while (all->conns != NULL) {
		struct conn *conn = all->conns;

		all->conns = conn->next;
		slack_link_drop(conn->link);
		if (conn->opening == NULL) {
			free_conn(conn);
			continue;
		}
		conn->all = NULL; /* on_url frees it */
		http_client_cancel(conn->opening);
	}
	for (unsigned i = 0; i < all->options.connections; i++)
		loop_timer_free(all->slots[i].timer);
	loop_timer_free(all->quiesce_timer);
	slack_wire_free(all->wire);
	free(all->slots);
	free(all->api_url);
	free(all);
}

const char *slack_sockets_trouble(const struct slack_sockets *all)
{
	for (unsigned i = 0; i < all->options.connections; i++)
		if (all->slots[i].trouble != NULL)
			return all->slots[i].trouble;
	return "none";
}

void slack_sockets_describe(const struct slack_sockets *all, struct str *out)
{
	for (unsigned i = 0; i < all->options.connections; i++) {
		const struct slot *slot = &all->slots[i];
		char age[CLOCK_TEXT_SIZE];

		str_addf(out, "socket %u: ", slot->number);
		if (slot->now != NULL && slot->now->state == CONN_LIVE) {
			clock_format_duration(clock_mono_ms() - slot->now->hello_ms, age);
			str_addf(out, "connected %s, %lld of %u seen by Slack\n", age, (long long)all->seen_by_slack,
			         slack_sockets_live(all));
		} else {
			str_add(out, slot->now == NULL ? "waiting to connect" : state_names[slot->now->state]);
			str_addf(out, " (%s)\n", slot->trouble == NULL ? "replacing" : slot->trouble);
		}
	}
}
