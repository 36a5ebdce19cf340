#include "bot/http_connection.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bot/crash.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"

#define REPLY_HEAD_MAX 512
#define OUT_KEPT ((size_t)16 << 10)

static void resume(void *arg);

/* Soon, not now: the caller is still at work with it. */
static void resume_soon(struct http_connection *connection)
{
	if (connection->resuming)
		return;
	connection->resuming = true;
	loop_defer(connection->server->loop, resume, connection);
}

static void kill_soon(struct http_connection *connection)
{
	connection->phase = HTTP_DEAD;
	http_server_wait_over(connection);
	resume_soon(connection);
}

void http_connection_start(struct http_connection *connection)
{
	h1_init(&connection->h1, connection->server->max_body);
	/* The first request has to start, and a TLS handshake to end, as fast as a request. */
	http_server_wait(connection, HTTP_WAIT_REQUEST);
}

/* Only the sending half: closing outright makes a reset of unread bytes, and the peer would lose
 * the answer. */
static void linger(struct http_connection *connection)
{
	http_socket_shut(&connection->socket);
	connection->phase = HTTP_LINGERING;
	free(connection->rest);
	connection->rest = NULL;
	connection->rest_length = 0;
	http_server_wait(connection, HTTP_WAIT_LINGER);
}

/* The whole reply has left. */
static void replied(struct http_connection *connection)
{
	if (connection->out_capacity > OUT_KEPT) {
		free(connection->out);
		connection->out = NULL;
		connection->out_capacity = 0;
	}
	h1_next(&connection->h1);
	http_server_hold(connection);
	if (connection->closes || connection->server->quiescing) {
		linger(connection);
	} else {
		connection->phase = HTTP_READING;
		http_server_wait(connection, HTTP_WAIT_IDLE);
	}
	if (connection->rest_length > 0 || connection->socket.readable)
		resume_soon(connection);
}

static void write_some(struct http_connection *connection)
{
	while (connection->out_sent < connection->out_length) {
		ssize_t sent = http_socket_write(&connection->socket, connection->out + connection->out_sent,
		                                 connection->out_length - connection->out_sent);

		if (sent == HTTP_SOCKET_OVER)
			kill_soon(connection);
		if (sent <= 0)
			return;
		connection->out_sent += (size_t)sent;
	}
	/* While the handler is on the stack its request stays. */
	if (!connection->in_handler)
		replied(connection);
}

/* Hardly ever does the socket not take these few bytes: only when its peer reads no replies at all. */
static void send_continue(struct http_connection *connection)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (http_socket_write(&connection->socket, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1)
		kill_soon(connection);
}

static void send_reply(struct http_connection *connection, size_t length)
{
	connection->phase = HTTP_WRITING;
	connection->out_length = length;
	connection->out_sent = 0;
	CRASH_POINT("http_server.reply");
	write_some(connection);
	CRASH_POINT("http_server.replied");
	if (connection->phase == HTTP_WRITING)
		http_server_wait(connection, HTTP_WAIT_REQUEST); /* for the peer to take it */
}

static const char *status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} known[] = {
		{ 200, "OK" }, { 202, "Accepted" }, { 204, "No Content" }, { 400, "Bad Request" },
		{ 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" },
		{ 405, "Method Not Allowed" }, { 408, "Request Timeout" }, { 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" }, { 417, "Expectation Failed" },
		{ 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 503, "Service Unavailable" }, { 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return known[i].text;
	return "Status";
}

static const char *connection_header(const struct http_connection *connection)
{
	if (connection->closes)
		return "Connection: close\r\n";
	return connection->h1.http_1_0 ? "Connection: keep-alive\r\n" : "";
}

static char *add(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length);
	return at + length;
}

/* Returns its end: at most REPLY_HEAD_MAX behind `at`. content_type and length: NULL, or at most 100 bytes. */
static char *add_head(char *at, const struct http_connection *connection, int status, const char *content_type,
                      const char *length)
{
	char number[STR_INT_SIZE];

	(void)str_format_int(number, status);
	at = add(add(add(add(at, "HTTP/1.1 "), number), " "), status_text(status));
	at = add(add(add(at, "\r\nDate: "), http_server_date(connection->server)), "\r\n");
	if (length != NULL)
		at = add(add(add(at, "Content-Length: "), length), "\r\n");
	if (content_type != NULL)
		at = add(add(add(at, "Content-Type: "), content_type), "\r\n");
	return add(add(at, connection_header(connection)), "\r\n");
}

static void reply(struct http_connection *connection, int status, const char *content_type,
                  const char *body, size_t length)
{
	const char *method = connection->h1.method;
	bool bodiless = status == 204 || status == 304;
	size_t body_sent = bodiless || (method != NULL && strcmp(method, "HEAD") == 0) ? 0 : length;
	size_t needed = REPLY_HEAD_MAX + body_sent;
	char length_text[STR_INT_SIZE];
	char *end;

	assert(content_type == NULL || strlen(content_type) <= 100);

	if (connection->out_capacity < needed) {
		connection->out = mem_resize(connection->out, needed);
		connection->out_capacity = needed;
	}
	(void)str_format_int(length_text, (int64_t)length);
	end = add_head(connection->out, connection, status, content_type, bodiless ? NULL : length_text);
	if (body_sent > 0)
		memcpy(end, body, body_sent);
	http_server_count(connection->server, status);
	send_reply(connection, (size_t)(end - connection->out) + body_sent);
}

void http_reply(struct http_exchange *exchange, int status, const char *content_type,
                const char *body, size_t length)
{
	struct http_connection *connection = exchange->connection;

	if (connection == NULL) { /* the peer did not wait for it */
		free(exchange);
		return;
	}
	connection->owed = false;
	if (connection->phase != HTTP_HANDLING)
		return; /* it is dying */
	connection->closes = !connection->h1.keep_alive || connection->server->quiescing;
	reply(connection, status, content_type, body, length);
}

/* The stream cannot be read any further: say so and close. */
static void refuse(struct http_connection *connection, int status, const char *reason)
{
	metrics_count("tocsin_http_refused_total", "reason", reason);
	log_event(LOG_INFO, "http.refused", "peer", connection->peer, "status", LOG_INT(status),
	          "reason", reason, NULL);
	connection->closes = true;
	reply(connection, status, NULL, NULL, 0);
}

static void keep_body(struct http_connection *connection)
{
	char *body = h1_take_body(&connection->h1);

	if (body != NULL)
		spare_give(&connection->server->small_bodies, body);
}

static void lend_body(struct http_connection *connection)
{
	struct spare *bodies = &connection->server->small_bodies;

	if (connection->h1.body == NULL && bodies->count > 0)
		h1_give_body(&connection->h1, spare_take(bodies));
}

static void handle(struct http_connection *connection)
{
	const struct h1 *h1 = &connection->h1;
	struct http_request_in request = {
		.method = h1->method,
		.path = h1->path,
		.query = h1->query,
		.body = h1->body,
		.body_length = h1->body_length,
		.peer = connection->peer,
	};

	if (connection->exchange == NULL) {
		connection->exchange = mem_alloc(sizeof(*connection->exchange));
		connection->exchange->connection = connection;
	}
	connection->phase = HTTP_HANDLING;
	connection->owed = true;
	http_server_wait_over(connection);
	/* The request stays as it is until the handler has returned, even when it replies at once. */
	connection->in_handler = true;
	connection->server->handler(connection->server->arg, &request, connection->exchange);
	connection->in_handler = false;
	keep_body(connection);
	if (connection->phase == HTTP_WRITING && connection->out_sent == connection->out_length)
		replied(connection);
}

static size_t feed_some(struct http_connection *connection, const char *bytes, size_t length)
{
	struct h1 *h1 = &connection->h1;
	bool first = !h1_started(h1);
	size_t used;

	if (first)
		lend_body(connection);
	used = h1_feed(h1, bytes, length);
	if (h1->state == H1_READY) {
		handle(connection);
		return used;
	}
	if (h1->state == H1_REFUSED) {
		refuse(connection, h1->status, h1->reason);
		return used;
	}
	if (first)
		http_server_wait(connection, HTTP_WAIT_REQUEST);
	if (h1->wants_continue) {
		h1->wants_continue = false;
		send_continue(connection);
	}
	return used;
}

static void feed(struct http_connection *connection, const char *bytes, size_t length)
{
	size_t used = 0;

	while (used < length && connection->phase == HTTP_READING)
		used += feed_some(connection, bytes + used, length - used);
	http_server_hold(connection);
	if (used == length || connection->phase > HTTP_WRITING)
		return;
	connection->rest = mem_copy_bytes(bytes + used, length - used);
	connection->rest_length = length - used;
}

static bool wants_bytes(const struct http_connection *connection)
{
	return connection->phase == HTTP_READING || connection->phase == HTTP_LINGERING;
}

/* One piece: then it is the others' turn. */
static void read_some(struct http_connection *connection)
{
	char *received = connection->server->received;
	ssize_t got;

	if (!wants_bytes(connection) || !connection->socket.readable)
		return;
	got = http_socket_read(&connection->socket, received, HTTP_READ_SIZE);
	if (got == HTTP_SOCKET_OVER)
		kill_soon(connection);
	else if (got > 0)
		feed(connection, received, (size_t)got);
	if (connection->socket.readable && wants_bytes(connection))
		resume_soon(connection);
}

/* Goes on with pipelined requests after a reply, with what else can be read, or ends it. */
static void resume(void *arg)
{
	struct http_connection *connection = arg;
	char *rest = connection->rest;
	size_t length = connection->rest_length;

	connection->resuming = false;
	if (connection->phase == HTTP_DEAD) {
		http_server_drop(connection);
		return;
	}
	if (!wants_bytes(connection))
		return;
	connection->rest = NULL;
	connection->rest_length = 0;
	if (length > 0)
		feed(connection, rest, length);
	free(rest);
	read_some(connection);
}

void http_connection_ready(void *arg, int fd, unsigned ready)
{
	struct http_connection *connection = arg;

	(void)fd;
	if (connection->phase == HTTP_DEAD)
		return;
	if (ready & LOOP_BROKEN) {
		kill_soon(connection);
		return;
	}
	if (ready & LOOP_ENDED)
		connection->socket.ended = true;
	/* A handshake that waited for room to write goes on by reading. */
	if ((ready & LOOP_READ) || (connection->socket.ssl != NULL && (ready & LOOP_WRITE)))
		connection->socket.readable = true;
	if (connection->phase == HTTP_WRITING)
		write_some(connection);
	if (connection->rest_length == 0)
		read_some(connection);
}

void http_connection_expired(struct http_connection *connection)
{
	if (connection->phase == HTTP_READING && h1_started(&connection->h1))
		refuse(connection, 408, "slow");
	else
		kill_soon(connection); /* idle, does not take its reply, or does not close */
}

void http_connection_quiesce(struct http_connection *connection)
{
	if (connection->phase == HTTP_READING && !h1_started(&connection->h1) &&
	    connection->rest_length == 0)
		kill_soon(connection);
}

void http_connection_free(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;

	http_server_wait_over(connection);
	if (connection->resuming)
		loop_defer_cancel(connection->server->loop, connection);
	if (connection->owed) {
		exchange->connection = NULL; /* http_reply frees it */
		metrics_count("tocsin_http_refused_total", "reason", "peer_gone");
	} else {
		free(exchange);
	}
	h1_free(&connection->h1);
	http_server_hold(connection);
	free(connection->rest);
	free(connection->out);
	free(connection);
}

const char *http_request_header(const struct http_exchange *exchange, const char *name)
{
	return h1_header(&exchange->connection->h1, name);
}
