#include "slack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define CLIENTS 256
#define PING_EVERY_NS 5000000000
#define WS_TEXT 1
#define WS_CLOSE 8
#define WS_PING 9
#define WS_PONG 10

struct client {
	int fd; /* -1: this place is free */
	bool websocket, ended;
	struct bytes in;
};

struct slack {
	struct slack_ears ears;
	int epoll_fd, listener, port;
	struct client clients[CLIENTS];
	int64_t pinged_ns, messages;
};

static void watch(const struct slack *slack, int fd, void *what)
{
	struct epoll_event interest = { .events = EPOLLIN, .data.ptr = what };

	if (epoll_ctl(slack->epoll_fd, EPOLL_CTL_ADD, fd, &interest) != 0)
		fail("epoll_ctl");
}

struct slack *slack_new(const struct slack_ears *ears)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	struct slack *slack = calloc(1, sizeof(*slack));

	slack->ears = *ears;
	for (int i = 0; i < CLIENTS; i++)
		slack->clients[i].fd = -1;
	slack->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	slack->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(slack->listener, (struct sockaddr *)&address, length) != 0 ||
	    listen(slack->listener, CLIENTS) != 0 ||
	    getsockname(slack->listener, (struct sockaddr *)&address, &length) != 0)
		fail("listen");
	slack->port = ntohs(address.sin_port);
	watch(slack, slack->listener, &slack->listener);
	slack->pinged_ns = now_ns();
	return slack;
}

int slack_port(const struct slack *slack)
{
	return slack->port;
}

void slack_wake_for(struct slack *slack, int fd)
{
	watch(slack, fd, NULL);
}

void slack_forget(struct slack *slack, int fd)
{
	(void)epoll_ctl(slack->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

unsigned slack_sockets(const struct slack *slack)
{
	unsigned count = 0;

	for (int i = 0; i < CLIENTS; i++)
		count += slack->clients[i].fd >= 0 && slack->clients[i].websocket;
	return count;
}

static void end(struct client *client)
{
	(void)close(client->fd);
	client->fd = -1;
	client->websocket = client->ended = false;
	client->in.length = 0;
}

/* A peer that is gone is seen as such by the next read. */
static void send_bytes(const struct client *client, const void *data, size_t length)
{
	(void)!send(client->fd, data, length, MSG_NOSIGNAL);
}

/* One frame of the server, so without mask (RFC 6455, section 5.2). */
static void send_frame(const struct client *client, int opcode, const char *text, size_t length)
{
	unsigned char head[4] = { (unsigned char)(0x80 | opcode) };
	size_t head_length = 2;
	struct bytes frame = { NULL, 0, 0 };

	if (length < 126) {
		head[1] = (unsigned char)length;
	} else {
		head[1] = 126;
		head[2] = (unsigned char)(length >> 8);
		head[3] = (unsigned char)length;
		head_length = 4;
	}
	bytes_add(&frame, head, head_length);
	bytes_add(&frame, text, length);
	send_bytes(client, frame.data, frame.length);
	free(frame.data);
}

void slack_send(struct slack *slack, unsigned n, const char *text, size_t length)
{
	for (int i = 0; i < CLIENTS; i++)
		if (slack->clients[i].fd >= 0 && slack->clients[i].websocket && n-- == 0) {
			send_frame(&slack->clients[i], WS_TEXT, text, length);
			return;
		}
}

/* --- HTTP --- */

static void upgrade(struct slack *slack, struct client *client)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	const char *key = strcasestr(client->in.data, "\r\nsec-websocket-key:");
	unsigned char digest[SHA_DIGEST_LENGTH], accept[32];
	char text[200];
	int length;

	if (key == NULL) {
		end(client);
		return;
	}
	key += sizeof("\r\nsec-websocket-key:") - 1;
	key += strspn(key, " ");
	length = snprintf(text, sizeof(text), "%.*s%s", (int)strcspn(key, "\r"), key, guid);
	(void)SHA1((const unsigned char *)text, (size_t)length, digest);
	(void)EVP_EncodeBlock(accept, digest, sizeof(digest));
	length = snprintf(text, sizeof(text), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
	                  "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
	send_bytes(client, text, (size_t)length);
	client->websocket = true;
	length = snprintf(text, sizeof(text), "{\"type\":\"hello\",\"num_connections\":%u,\"debug_info\":{"
	                  "\"host\":\"applink-1\",\"build_number\":10,\"approximate_connection_time\":18060},"
	                  "\"connection_info\":{\"app_id\":\"A0BENCH0001\"}}", slack_sockets(slack));
	slack->ears.opened(slack->ears.arg, now_ns());
	send_frame(client, WS_TEXT, text, (size_t)length);
}

static bool asks(const struct client *client, const char *method)
{
	const char *end_of_line = strchr(client->in.data, '\r'), *at = strstr(client->in.data, method);

	return at != NULL && at < end_of_line;
}

static void answer(struct slack *slack, struct client *client)
{
	char body[512] = "{\"ok\":true}", text[800];
	int length;

	if (asks(client, "auth.test"))
		(void)snprintf(body, sizeof(body), "{\"ok\":true,\"url\":\"https://bench.slack.com/\",\"team\":\"bench\","
		               "\"user\":\"tocsin\",\"team_id\":\"T0BENCH001\",\"user_id\":\"U0BENCH001\","
		               "\"bot_id\":\"B0BENCH001\",\"is_enterprise_install\":false}");
	else if (asks(client, "apps.connections.open"))
		(void)snprintf(body, sizeof(body), "{\"ok\":true,\"url\":\"ws://127.0.0.1:%d/link/?ticket=%lld\"}",
		               slack->port, (long long)slack->messages++);
	else if (asks(client, "chat.postMessage") || asks(client, "chat.update"))
		(void)snprintf(body, sizeof(body), "{\"ok\":true,\"channel\":\"C0BENCH001\",\"ts\":\"1700000000.%06lld\"}",
		               (long long)slack->messages++);
	else if (asks(client, "conversations."))
		(void)snprintf(body, sizeof(body), "{\"ok\":true,\"messages\":[],\"has_more\":false}");
	length = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
	                  "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	send_bytes(client, text, (size_t)length);
}

static void take_requests(struct slack *slack, struct client *client, int64_t at_ns)
{
	size_t head, length;

	while (!client->websocket && (length = http_length(&client->in, &head)) > 0) {
		slack->ears.request(slack->ears.arg, client->in.data, length, at_ns);
		if (strncmp(client->in.data, "GET /link", 9) == 0)
			upgrade(slack, client);
		else
			answer(slack, client);
		if (client->fd >= 0)
			bytes_drop(&client->in, length);
	}
}

/* --- WebSocket --- */

static void take_frame(struct slack *slack, struct client *client, int opcode, char *text, size_t length,
                       int64_t at_ns)
{
	if (opcode == WS_TEXT) {
		slack->ears.message(slack->ears.arg, text, length, at_ns);
	} else if (opcode == WS_PING) {
		send_frame(client, WS_PONG, text, length);
	} else if (opcode == WS_CLOSE) {
		send_frame(client, WS_CLOSE, text, length);
		client->ended = true;
	}
}

/* Frames of a client: masked, whole, below 64 KiB. */
static void take_frames(struct slack *slack, struct client *client, int64_t at_ns)
{
	while (client->in.length >= 6 && !client->ended) {
		unsigned char *bytes = (unsigned char *)client->in.data;
		size_t length = bytes[1] & 0x7F, head = 2;
		char *text;

		if (length == 126) {
			length = (size_t)bytes[2] << 8 | bytes[3];
			head = 4;
		}
		if (client->in.length < head + 4 + length)
			return;
		text = client->in.data + head + 4;
		for (size_t i = 0; i < length; i++)
			text[i] = (char)(text[i] ^ (char)bytes[head + i % 4]);
		take_frame(slack, client, bytes[0] & 0x0F, text, length, at_ns);
		bytes_drop(&client->in, head + 4 + length);
	}
}

static void ping_all(struct slack *slack)
{
	static const char text[] = "Ping from applink-1";

	if (now_ns() - slack->pinged_ns < PING_EVERY_NS)
		return;
	slack->pinged_ns = now_ns();
	for (int i = 0; i < CLIENTS; i++)
		if (slack->clients[i].fd >= 0 && slack->clients[i].websocket)
			send_frame(&slack->clients[i], WS_PING, text, sizeof(text) - 1);
}

/* --- both --- */

static void admit(struct slack *slack)
{
	int fd = accept4(slack->listener, NULL, NULL, SOCK_CLOEXEC), on = 1;

	if (fd < 0)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (int i = 0; i < CLIENTS; i++)
		if (slack->clients[i].fd < 0) {
			slack->clients[i].fd = fd;
			watch(slack, fd, &slack->clients[i]);
			return;
		}
	(void)close(fd);
}

static void serve(struct slack *slack, struct client *client)
{
	bool there = receive(client->fd, &client->in);
	int64_t at_ns = now_ns();

	if (!client->websocket)
		take_requests(slack, client, at_ns);
	if (client->fd >= 0 && client->websocket)
		take_frames(slack, client, at_ns);
	if (client->fd >= 0 && (!there || client->ended))
		end(client);
}

void slack_serve(struct slack *slack, int timeout_ms)
{
	struct epoll_event events[64];
	int count = epoll_wait(slack->epoll_fd, events, 64, timeout_ms);

	for (int i = 0; i < count; i++) {
		void *what = events[i].data.ptr;

		if (what == &slack->listener)
			admit(slack);
		else if (what != NULL && ((struct client *)what)->fd >= 0)
			serve(slack, what);
	}
	ping_all(slack);
}
