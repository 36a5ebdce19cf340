#include "bot/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bot/clock.h"
#include "bot/http_connection.h"
#include "bot/http_tls.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"

#define BACKLOG 511
#define ACCEPTS_A_PASS 64
#define ACCEPT_PAUSE_MS 100 /* while there is no free descriptor */
#define TELL_EVERY_MS 10000 /* in the log, of a crowd or that none can come in */
#define SMALL_BODY ((size_t)16 << 10)
#define SMALL_BODIES 4 /* kept for the next requests */

/* --- deadlines --------------------------------------------------------------------------- */

static void arm_wait_timer(struct http_server *server, int64_t at_ms, int64_t now_ms)
{
	if (loop_timer_is_set(server->wait_timer) && server->wait_timer_at_ms <= at_ms)
		return;
	server->wait_timer_at_ms = at_ms;
	loop_timer_set(server->wait_timer, at_ms - now_ms);
}

void http_server_wait_over(struct http_connection *connection)
{
	struct http_wait_queue *queue = &connection->server->waits[connection->wait];

	if (!connection->waits)
		return;
	connection->waits = false;
	if (connection->wait_previous != NULL)
		connection->wait_previous->wait_next = connection->wait_next;
	else
		queue->first = connection->wait_next;
	if (connection->wait_next != NULL)
		connection->wait_next->wait_previous = connection->wait_previous;
	else
		queue->last = connection->wait_previous;
}

void http_server_wait(struct http_connection *connection, enum http_wait wait)
{
	struct http_server *server = connection->server;
	struct http_wait_queue *queue = &server->waits[wait];
	int64_t now_ms = clock_mono_ms();

	http_server_wait_over(connection);
	connection->waits = true;
	connection->wait = wait;
	connection->deadline_ms = now_ms + queue->duration_ms;
	connection->wait_next = NULL;
	connection->wait_previous = queue->last;
	if (queue->last != NULL)
		queue->last->wait_next = connection;
	else
		queue->first = connection;
	queue->last = connection;
	arm_wait_timer(server, connection->deadline_ms, now_ms);
}

static void on_wait_timer(void *arg)
{
	struct http_server *server = arg;
	int64_t now_ms = clock_mono_ms();

	for (int kind = 0; kind < HTTP_WAIT_KINDS; kind++) {
		struct http_wait_queue *queue = &server->waits[kind];

		while (queue->first != NULL && queue->first->deadline_ms <= now_ms) {
			struct http_connection *connection = queue->first;

			http_server_wait_over(connection);
			http_connection_expired(connection);
		}
		if (queue->first != NULL)
			arm_wait_timer(server, queue->first->deadline_ms, now_ms);
	}
}

/* --- counting ---------------------------------------------------------------------------- */

static void gauge_connections(const struct http_server *server)
{
	metrics_gauge("tocsin_http_connections", NULL, NULL, (int64_t)server->connection_count);
}

/* Once a pass, however many replies it had. */
static void count_replies(void *arg)
{
	static const char *const classes[HTTP_STATUS_CLASSES] = { "0xx", "1xx", "2xx",
		                                                      "3xx", "4xx", "5xx" };
	struct http_server *server = arg;

	server->counting = false;
	for (int i = 0; i < HTTP_STATUS_CLASSES; i++) {
		if (server->replies[i] > 0)
			metrics_add("tocsin_http_requests_total", "status", classes[i], server->replies[i]);
		server->replies[i] = 0;
	}
}

void http_server_count(struct http_server *server, int status)
{
	server->replies[status >= 0 && status < 600 ? status / 100 : 0]++;
	if (server->counting)
		return;
	server->counting = true;
	loop_defer(server->loop, count_replies, server);
}

/* RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". */
const char *http_server_date(struct http_server *server)
{
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct tm parts;

	if (now != server->date_s || server->date[0] == '\0') {
		server->date_s = now;
		(void)strftime(server->date, sizeof(server->date), "%a, %d %b %Y %H:%M:%S GMT",
		               gmtime_r(&now, &parts));
	}
	return server->date;
}

/* --- connections ------------------------------------------------------------------------- */

static void add_connection(struct http_server *server, struct http_connection *connection)
{
	connection->server = server;
	connection->link = &server->connections;
	connection->next = server->connections;
	if (connection->next != NULL)
		connection->next->link = &connection->next;
	server->connections = connection;
	server->connection_count++;
	gauge_connections(server);
}

void http_server_drop(struct http_connection *connection)
{
	struct http_server *server = connection->server;

	*connection->link = connection->next;
	if (connection->next != NULL)
		connection->next->link = connection->link;
	server->connection_count--;
	gauge_connections(server);
	(void)loop_watch(server->loop, connection->socket.fd, 0, NULL, NULL);
	http_socket_close(&connection->socket);
	http_connection_free(connection);
}

static void set_peer(struct http_connection *connection, const struct sockaddr_storage *address)
{
	const void *raw = &((const struct sockaddr_in *)address)->sin_addr;

	if (address->ss_family == AF_INET6)
		raw = &((const struct sockaddr_in6 *)address)->sin6_addr;
	if (inet_ntop(address->ss_family, raw, connection->peer, sizeof(connection->peer)) == NULL)
		connection->peer[0] = '\0';
}

static bool open_socket(struct http_server *server, struct http_socket *socket, int fd)
{
	const int on = 1;

	*socket = (struct http_socket){ .fd = fd };
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (server->tls == NULL)
		return true;
	socket->ssl = http_tls_accept(server->tls, fd);
	return socket->ssl != NULL;
}

static void adopt(struct http_server *server, int fd, const struct sockaddr_storage *address)
{
	struct http_connection *connection = mem_alloc(sizeof(*connection));
	bool opened = open_socket(server, &connection->socket, fd);

	set_peer(connection, address);
	add_connection(server, connection);
	http_connection_start(connection);
	if (!opened ||
	    !loop_watch(server->loop, fd, LOOP_READ | LOOP_WRITE | LOOP_EDGE, http_connection_ready, connection))
		http_server_drop(connection);
}

/* A crowd must not be able to write the log full. */
static void tell_of_crowd(struct http_server *server)
{
	int64_t now_ms = clock_mono_ms();

	if (server->crowd_told_ms != 0 && now_ms - server->crowd_told_ms < TELL_EVERY_MS)
		return;
	server->crowd_told_ms = now_ms;
	log_event(LOG_WARN, "http.too_many_connections", "limit", LOG_INT(server->max_connections), NULL);
}

/* Those that are given time the longest, for a request or between two; of equals those that ask for nothing. NULL: all
 * are at work. */
static struct http_connection *longest_waiting(const struct http_server *server)
{
	struct http_connection *longest = NULL;
	int64_t since_ms = INT64_MAX;

	for (int kind = 0; kind < HTTP_WAIT_KINDS; kind++) {
		const struct http_wait_queue *queue = &server->waits[kind];

		if (queue->first == NULL || queue->first->deadline_ms - queue->duration_ms > since_ms)
			continue;
		longest = queue->first;
		since_ms = longest->deadline_ms - queue->duration_ms;
	}
	return longest;
}

/* Idle and slow peers, however many, keep nobody out who comes with a request. */
static bool make_room(struct http_server *server)
{
	struct http_connection *longest;

	if (server->connection_count < server->max_connections)
		return true;
	tell_of_crowd(server);
	longest = longest_waiting(server);
	metrics_count("tocsin_http_refused_total", "reason", longest == NULL ? "connections" : "crowded_out");
	if (longest != NULL)
		http_server_drop(longest);
	return longest != NULL;
}

/* The one that has been sending for longest, and holds more than a small body. */
static struct http_connection *longest_sending(const struct http_server *server, const struct http_connection *except)
{
	for (struct http_connection *c = server->waits[HTTP_WAIT_REQUEST].first; c != NULL; c = c->wait_next)
		if (c != except && c->held > SMALL_BODY)
			return c;
	return NULL;
}

void http_server_hold(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	size_t before = connection->held;
	struct http_connection *longest;

	connection->held = connection->h1.body_capacity;
	server->bodies += connection->held - before;
	while (connection->held > before && server->bodies > server->max_bodies) {
		longest = longest_sending(server, connection);
		if (longest == NULL)
			return;
		metrics_count("tocsin_http_refused_total", "reason", "memory");
		http_server_drop(longest);
	}
}

static void on_accept_again(void *arg);

/* Logged now and then, not ten times a second. */
static void tell_cannot_accept(struct http_server *server, int problem)
{
	int64_t now_ms = clock_mono_ms();

	metrics_count("tocsin_http_cannot_accept_total", NULL, NULL);
	if (server->cannot_accept_told_ms != 0 && now_ms - server->cannot_accept_told_ms < TELL_EVERY_MS)
		return;
	server->cannot_accept_told_ms = now_ms;
	log_event(LOG_ERROR, "http.cannot_accept", "reason", strerror(problem), NULL);
}

static void on_listen_ready(void *arg, int fd, unsigned ready)
{
	struct http_server *server = arg;

	(void)ready;
	for (int i = 0; i < ACCEPTS_A_PASS && server->listen_fd >= 0; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t length = sizeof(address);
		int accepted =
			accept4(fd, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (accepted >= 0 && make_room(server)) {
			adopt(server, accepted, &address);
		} else if (accepted >= 0) {
			(void)close(accepted);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			tell_cannot_accept(server, errno);
			(void)loop_watch(server->loop, fd, 0, NULL, NULL);
			loop_timer_set(server->accept_timer, ACCEPT_PAUSE_MS);
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			return;
		}
	}
}

static void on_accept_again(void *arg)
{
	struct http_server *server = arg;

	if (server->listen_fd >= 0)
		(void)loop_watch(server->loop, server->listen_fd, LOOP_READ, on_listen_ready, server);
}

/* --- start and end ----------------------------------------------------------------------- */

static bool parse_address(const struct http_server_options *options,
                          struct sockaddr_storage *address, socklen_t *length)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, options->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)options->port);
		*length = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, options->address, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)options->port);
		*length = sizeof(*v6);
		return true;
	}
	return false;
}

static bool cannot_listen(const struct http_server_options *options, int problem, struct err *err)
{
	bool v6 = strchr(options->address, ':') != NULL;

	return err_set(err, ERR_LOCAL, "cannot listen on %s%s%s:%d: %s; %s", v6 ? "[" : "",
	               options->address, v6 ? "]" : "", options->port, strerror(problem),
	               problem == EADDRINUSE ? "change http.listen or stop the program that has it"
	               : problem == EACCES
	                   ? "use a port of 1024 or above, or grant CAP_NET_BIND_SERVICE"
	                   : "change http.listen");
}

static bool start_listening(struct http_server *server, const struct http_server_options *options,
                            struct err *err)
{
	struct sockaddr_storage address;
	socklen_t length;
	const int on = 1;

	if (options->port < 0 || options->port > 65535 || !parse_address(options, &address, &length))
		return err_set(err, ERR_USAGE, "http.listen: %s:%d is not a numeric address and a port",
		               options->address, options->port);
	server->listen_fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server->listen_fd < 0)
		return cannot_listen(options, errno, err);
	(void)setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(server->listen_fd, (struct sockaddr *)&address, length) != 0 ||
	    listen(server->listen_fd, BACKLOG) != 0 ||
	    getsockname(server->listen_fd, (struct sockaddr *)&address, &length) != 0 ||
	    !loop_watch(server->loop, server->listen_fd, LOOP_READ, on_listen_ready, server))
		return cannot_listen(options, errno, err);
	server->port =
		ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
	                                        : ((struct sockaddr_in *)&address)->sin_port);
	return true;
}

static bool start(struct http_server *server, const struct http_server_options *options,
                  struct err *err)
{
	if (options->certificate != NULL) {
		if (options->key == NULL)
			return err_set(err, ERR_USAGE, "http.tls has a certificate but no key");
		server->tls = http_tls_new(options->certificate, options->key, err);
		if (server->tls == NULL)
			return false;
	}
	return start_listening(server, options, err);
}

static void describe_metrics(void)
{
	metrics_describe("tocsin_http_requests_total", "counter",
	                 "Replies of the listening port by status");
	metrics_describe("tocsin_http_refused_total", "counter",
	                 "Requests and connections that never reached a handler or lost their peer");
	metrics_describe("tocsin_http_cannot_accept_total", "counter",
	                 "Times that no descriptor was left for a connection");
	metrics_describe("tocsin_http_connections", "gauge", "Open connections of the listening port");
}

struct http_server *http_server_new(struct loop *loop, const struct http_server_options *options,
                                    http_handler_fn *handler, void *arg, struct err *err)
{
	struct http_server *server = mem_alloc(sizeof(*server));

	server->loop = loop;
	server->handler = handler;
	server->arg = arg;
	server->listen_fd = -1;
	server->small_bodies = (struct spare){ .size = H1_SMALL_BODY, .most = SMALL_BODIES };
	server->max_body = options->max_body > 0 ? options->max_body : (size_t)2 << 20;
	server->max_bodies = options->max_bodies > 0 ? options->max_bodies : (size_t)32 << 20;
	server->max_connections = options->max_connections > 0 ? options->max_connections : 512;
	server->waits[HTTP_WAIT_REQUEST].duration_ms =
		options->request_timeout_ms > 0 ? options->request_timeout_ms : 10000;
	server->waits[HTTP_WAIT_IDLE].duration_ms =
		options->idle_timeout_ms > 0 ? options->idle_timeout_ms : 30000;
	server->waits[HTTP_WAIT_LINGER].duration_ms = 2000;
	server->wait_timer = loop_timer_new(loop, on_wait_timer, server);
	server->accept_timer = loop_timer_new(loop, on_accept_again, server);
	describe_metrics();
	if (start(server, options, err))
		return server;
	http_server_free(server);
	return NULL;
}

static void stop_listening(struct http_server *server)
{
	loop_timer_stop(server->accept_timer);
	if (server->listen_fd < 0)
		return;
	(void)loop_watch(server->loop, server->listen_fd, 0, NULL, NULL);
	(void)close(server->listen_fd);
	server->listen_fd = -1;
}

void http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	stop_listening(server);
	while (server->connections != NULL)
		http_server_drop(server->connections);
	if (server->counting) {
		loop_defer_cancel(server->loop, server);
		count_replies(server);
	}
	http_tls_free(server->tls);
	loop_timer_free(server->wait_timer);
	loop_timer_free(server->accept_timer);
	spare_free_all(&server->small_bodies);
	free(server);
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

bool http_server_reload_tls(struct http_server *server, struct err *err)
{
	return server->tls == NULL || http_tls_reload(server->tls, err);
}

void http_server_quiesce(struct http_server *server)
{
	stop_listening(server);
	server->quiescing = true;
	for (struct http_connection *connection = server->connections; connection != NULL;
	     connection = connection->next)
		http_connection_quiesce(connection);
}
