#include "adapters/slack/link.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/url.h"
#include "bot/clock.h"
#include "bot/crash.h"
#include "bot/http_client.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"

#define RX_BUFFER_SIZE 65536
#define PROTOCOL_NAME "slack"
#define PREPARE_AFTER_MS 5 /* the first call is on its way */

struct slack_wire {
	struct loop *loop;
	struct http_client *http;
	char *ca_file;
	struct lws_vhost *vhosts[2]; /* without and with TLS; NULL until needed */
	struct loop_timer *prepare_timer;
	struct slack_url proxy; /* host "" : none */
	bool loopback;
	unsigned turn; /* of the addresses of a name: each failed connect takes the next one */
};

struct frame {
	struct frame *next;
	size_t length;
	unsigned char bytes[]; /* LWS_PRE bytes of room first */
};

enum link_state { LINK_RESOLVING, LINK_CONNECTING, LINK_OPEN, LINK_CLOSING };

struct slack_link {
	struct loop *loop;
	struct slack_wire *wire; /* gone once the link is dropped */
	struct slack_link_events events;
	void *arg; /* events.ended == NULL: dropped, nobody listens */
	enum link_state state;
	struct slack_url url;
	struct lws *wsi; /* NULL before connecting and after its last callback */
	struct loop_timer *kill_timer;
	struct str message; /* being put together */
	bool in_message, is_binary;
	bool in_connect; /* within libwebsockets' own call, whose result tells of failure */
	struct frame *first, **last;
	size_t waiting;
	bool ping_due, close_sent; /* close_sent: or just about to be */
	int64_t heard_ms;
	const char *why;
};

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length);

static const struct lws_protocols protocols[] = {
	{ .name = PROTOCOL_NAME, .callback = on_lws, .rx_buffer_size = RX_BUFFER_SIZE },
	{ 0 },
};

/* --- what all share ------------------------------------------------------------------------- */

static struct lws_vhost *vhost_for(struct slack_wire *wire, bool tls)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols, .vhost_name = PROTOCOL_NAME,
	};

	if (tls) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.client_ssl_ca_filepath = wire->ca_file;
		if (wire->ca_file != NULL)
			info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	}
	if (wire->vhosts[tls] == NULL)
		wire->vhosts[tls] = lws_create_vhost(loop_lws(wire->loop), &info);
	return wire->vhosts[tls];
}

/* Reading the system's certificates takes some 30 ms: they pass while Slack answers our first call. */
static void prepare(void *arg)
{
	(void)vhost_for(arg, true);
}

struct slack_wire *slack_wire_new(const struct slack_wire_options *options, struct err *err)
{
	struct slack_wire *wire = mem_alloc(sizeof(*wire));

	wire->loop = options->loop;
	wire->http = options->http;
	wire->loopback = options->loopback;
	if (options->proxy != NULL && options->proxy[0] != '\0' &&
	    !slack_url_parse(&wire->proxy, options->proxy, err)) {
		free(wire);
		return NULL;
	}
	wire->ca_file = mem_copy_string(options->ca_file);
	wire->prepare_timer = loop_timer_new(options->loop, prepare, wire);
	if (!options->loopback)
		loop_timer_set(wire->prepare_timer, PREPARE_AFTER_MS);
	return wire;
}

void slack_wire_free(struct slack_wire *wire)
{
	/* The vhosts live as long as the loop's context: they may still be closing sockets. */
	loop_timer_free(wire->prepare_timer);
	free(wire->ca_file);
	free(wire);
}

/* --- life of a link ------------------------------------------------------------------------- */

static void free_link(struct slack_link *link)
{
	loop_timer_free(link->kill_timer);
	str_free(&link->message);
	while (link->first != NULL) {
		struct frame *next = link->first->next;

		free(link->first);
		link->first = next;
	}
	free(link);
}

static void end(struct slack_link *link, const char *why)
{
	struct slack_link_events events = link->events;
	void *arg = link->arg;

	if (link->why != NULL)
		why = link->why;
	free_link(link);
	if (events.ended != NULL)
		events.ended(arg, why);
}

static void kill_socket(struct slack_link *link)
{
	if (link->wsi != NULL)
		lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static void on_kill_timer(void *arg)
{
	kill_socket(arg);
}

/* An end that must not come within the call that brought it about. */
static void end_unresolved(void *arg)
{
	struct slack_link *link = arg;
	struct slack_link_events events = link->events;

	link->events = (struct slack_link_events){ 0 }; /* on_resolved frees it */
	if (events.ended != NULL)
		events.ended(link->arg, "closed");
}

void slack_link_close(struct slack_link *link)
{
	enum link_state before = link->state;

	if (before == LINK_CLOSING)
		return;
	link->state = LINK_CLOSING;
	link->why = "closed";
	if (before == LINK_RESOLVING) {
		loop_defer(link->loop, end_unresolved, link);
	} else if (before == LINK_CONNECTING) {
		kill_socket(link);
	} else {
		loop_timer_set(link->kill_timer, SLACK_CLOSE_WAIT_MS);
		lws_callback_on_writable(link->wsi);
	}
}

void slack_link_drop(struct slack_link *link)
{
	if (link == NULL)
		return;
	link->events = (struct slack_link_events){ 0 };
	loop_defer_cancel(link->loop, link);
	link->state = LINK_CLOSING;
	if (link->wsi != NULL)
		lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
	/* else on_resolved frees it */
}

/* --- connecting ----------------------------------------------------------------------------- */

static void connect_to(struct slack_link *link, const char *address, int port)
{
	struct slack_wire *wire = link->wire;
	char host[SLACK_HOST_MAX + 16];
	struct lws_client_connect_info info = {
		.context = loop_lws(wire->loop), .vhost = vhost_for(wire, link->url.tls),
		.address = address, .port = port,
		.path = link->url.path, .host = host, .alpn = "http/1.1", .local_protocol_name = PROTOCOL_NAME,
		.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT, .userdata = link, .pwsi = &link->wsi,
	};
	bool failed;

	if (link->url.tls)
		info.ssl_connection |= LCCSCF_USE_SSL;
	/* libwebsockets sends Host as it stands and checks the certificate without the port. */
	if (link->url.port == (link->url.tls ? 443 : 80))
		(void)snprintf(host, sizeof(host), "%s", link->url.host);
	else
		(void)snprintf(host, sizeof(host), "%s:%d", link->url.host, link->url.port);
	link->state = LINK_CONNECTING;
	if (info.vhost == NULL)
		log_event(LOG_ERROR, "slack.no_certificates", "ca_file", wire->ca_file, NULL);
	link->in_connect = true;
	failed = info.vhost == NULL || lws_client_connect_via_info(&info) == NULL;
	link->in_connect = false;
	if (failed) {
		/* Without a callback: libwebsockets keeps the error to itself until the call returns. */
		link->wsi = NULL;
		wire->turn++;
		end(link, "connect");
	}
}

static void connect_by_proxy(struct slack_link *link, const char *address, int port)
{
	const struct slack_url *proxy = &link->wire->proxy;
	struct lws_vhost *vhost = vhost_for(link->wire, link->url.tls);
	bool is_v6 = strchr(address, ':') != NULL;
	struct str text;

	str_init(&text, 1024);
	if (proxy->user[0] != '\0')
		str_addf(&text, "%s@", proxy->user);
	str_addf(&text, is_v6 ? "[%s]:%d" : "%s:%d", address, port);
	if (vhost != NULL)
		(void)lws_set_proxy(vhost, text.text);
	str_free(&text);
	/* The proxy resolves the name: this network may not be able to. */
	connect_to(link, link->url.host, link->url.port);
}

static void on_resolved(void *arg, const char *const *addresses, unsigned count, int port,
                        const struct err *err)
{
	struct slack_link *link = arg;

	if (link->state == LINK_CLOSING) { /* closed or dropped meanwhile; who listened was told */
		loop_defer_cancel(link->loop, link);
		end(link, "closed");
		return;
	}
	if (count == 0) {
		log_event(LOG_WARN, "slack.name", "host", link->url.host, "why", err->text, NULL);
		end(link, "name");
		return;
	}
	if (link->wire->proxy.host[0] != '\0')
		connect_by_proxy(link, addresses[0], port);
	else
		connect_to(link, addresses[link->wire->turn % count], port);
}

bool slack_link_open(struct slack_link **out, struct slack_wire *wire, const char *url,
                     const struct slack_link_events *events, void *arg, struct err *err)
{
	struct slack_link *link = mem_alloc(sizeof(*link));
	const struct slack_url *first = &link->url;

	if (!slack_url_parse(&link->url, url, err)) {
		free(link);
		return false;
	}
	if (!link->url.websocket || (!link->url.tls && !(wire->loopback && slack_url_is_loopback(&link->url)))) {
		free(link);
		return err_set(err, ERR_REFUSED, "Slack gave a WebSocket address that is not wss://");
	}
	link->loop = wire->loop;
	link->wire = wire;
	link->events = *events;
	link->arg = arg;
	link->last = &link->first;
	link->kill_timer = loop_timer_new(wire->loop, on_kill_timer, link);
	str_init(&link->message, SLACK_MESSAGE_MAX);
	if (wire->proxy.host[0] != '\0')
		first = &wire->proxy;
	*out = link;
	http_client_resolve(wire->http, first->host, first->port, on_resolved, link);
	return true;
}

/* --- receiving ------------------------------------------------------------------------------ */

static int receive(struct slack_link *link, struct lws *wsi, const char *bytes, size_t length)
{
	if (link->state == LINK_CLOSING)
		return 0;
	if (!link->in_message) {
		str_clear(&link->message);
		link->is_binary = lws_frame_is_binary(wsi) != 0;
		link->in_message = true;
	}
	link->heard_ms = clock_mono_ms();
	if (!link->is_binary)
		str_add_bytes(&link->message, bytes, length);
	if (link->message.cut) {
		log_event(LOG_ERROR, "slack.message_too_large", "limit", LOG_INT(SLACK_MESSAGE_MAX), NULL);
		/* Not by -1 from here: 4.1.6 then fills its buffer beyond the end while it waits for the CLOSE. */
		slack_link_close(link);
		link->why = "too_large";
		return 0;
	}
	if (lws_remaining_packet_payload(wsi) > 0 || !lws_is_final_fragment(wsi))
		return 0;
	link->in_message = false;
	if (link->is_binary || link->message.length == 0)
		metrics_count("tocsin_slack_frames_ignored_total", "reason", link->is_binary ? "binary" : "empty");
	else if (link->events.text != NULL)
		link->events.text(link->arg, link->message.text, link->message.length);
	return 0;
}

/* --- sending -------------------------------------------------------------------------------- */

bool slack_link_send(struct slack_link *link, const char *text, size_t length)
{
	struct frame *frame;

	if (link->state != LINK_OPEN || length > SLACK_FRAME_OUT_MAX || link->waiting >= SLACK_FRAMES_WAITING_MAX)
		return false;
	frame = mem_alloc(sizeof(*frame) + LWS_PRE + length);
	memcpy(frame->bytes + LWS_PRE, text, length);
	frame->length = length;
	*link->last = frame;
	link->last = &frame->next;
	link->waiting++;
	lws_callback_on_writable(link->wsi);
	return true;
}

void slack_link_ping(struct slack_link *link)
{
	if (link->state != LINK_OPEN)
		return;
	link->ping_due = true;
	lws_callback_on_writable(link->wsi);
}

int64_t slack_link_heard_ms(const struct slack_link *link)
{
	return link->heard_ms;
}

static int write_first(struct slack_link *link, struct lws *wsi)
{
	struct frame *frame = link->first;
	int written = lws_write(wsi, frame->bytes + LWS_PRE, frame->length, LWS_WRITE_TEXT);

	link->first = frame->next;
	if (link->first == NULL)
		link->last = &link->first;
	link->waiting--;
	free(frame);
	if (written < 0)
		return -1;
	CRASH_POINT("slack.after_ack");
	return 0;
}

/* One write per call, as libwebsockets wants it. */
static int write_next(struct slack_link *link, struct lws *wsi)
{
	unsigned char ping[LWS_PRE + 6];
	int written = 0;

	if (link->close_sent)
		return 0;
	if (link->first != NULL) {
		written = write_first(link, wsi);
	} else if (link->state == LINK_CLOSING) {
		link->close_sent = true;
		lws_set_timer_usecs(wsi, 1); /* see say_close */
		return 0;
	} else if (link->ping_due) {
		link->ping_due = false;
		memcpy(ping + LWS_PRE, "tocsin", 6);
		written = lws_write(wsi, ping + LWS_PRE, 6, LWS_WRITE_PING) < 0 ? -1 : 0;
	} else {
		return 0;
	}
	lws_callback_on_writable(wsi);
	return written;
}

/*
 * Asking to close from the writeable callback counts as a failed write: libwebsockets then drops
 * TCP behind, or even before, the CLOSE, and Slack keeps a ghost. From its timer it sends the CLOSE
 * and waits for the peer's.
 */
static int say_close(struct lws *wsi)
{
	lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
	return -1;
}

static void on_connect_error(struct slack_link *link, const char *text, size_t length)
{
	char why[128] = "";

	if (text != NULL)
		(void)snprintf(why, sizeof(why), "%.*s", (int)(length < 100 ? length : 100), text);
	link->wsi = NULL;
	if (link->state != LINK_CLOSING) {
		link->wire->turn++;
		log_event(LOG_WARN, "slack.connect_failed", "host", link->url.host, "why", why, NULL);
	}
	end(link, "connect");
}

/* The link's last callback: later ones of the same wsi find no link. */
static void on_closed(struct slack_link *link, struct lws *wsi, const char *why)
{
	link->wsi = NULL;
	lws_set_wsi_user(wsi, NULL);
	end(link, why);
}

static int on_peer_close(struct slack_link *link, const unsigned char *in, size_t length)
{
	int code = length >= 2 ? in[0] << 8 | in[1] : 1005;

	log_event(LOG_INFO, "slack.closed_by_peer", "code", LOG_INT(code), NULL);
	if (link->why == NULL)
		link->why = "peer";
	return 0;
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct slack_link *link = user;

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		link->heard_ms = clock_mono_ms();
		if (link->state == LINK_CLOSING)
			return -1;
		link->state = LINK_OPEN;
		if (link->events.opened != NULL)
			link->events.opened(link->arg);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(link, wsi, in, length);
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		link->heard_ms = clock_mono_ms();
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_next(link, wsi);
	case LWS_CALLBACK_TIMER:
		return say_close(wsi);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return on_peer_close(link, in, length);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lws_set_wsi_user(wsi, NULL);
		on_connect_error(link, in, length);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		on_closed(link, wsi, "reset");
		return 0;
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		/* All that is heard of a socket that ended, by us or a timeout, before its upgrade was answered. */
		if (link != NULL && !link->in_connect)
			on_closed(link, wsi, "connect");
		return 0;
	default:
		return 0;
	}
}
