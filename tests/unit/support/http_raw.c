#include "http_raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "bot/loop.h"

struct run {
	struct loop *loop;
	void (*play)(void *arg);
	void *arg;
	int event_fd;
};

static void *run_thread(void *arg)
{
	struct run *run = arg;

	run->play(run->arg);
	if (eventfd_write(run->event_fd, 1) != 0)
		abort();
	return NULL;
}

static void on_played(void *arg, int fd, unsigned ready)
{
	struct run *run = arg;

	(void)ready;
	(void)loop_watch(run->loop, fd, 0, NULL, NULL);
	loop_stop(run->loop);
}

void http_raw_run(struct loop *loop, void (*play)(void *arg), void *arg)
{
	struct run run = { loop, play, arg, eventfd(0, EFD_CLOEXEC) };
	pthread_t thread;

	if (!loop_watch(loop, run.event_fd, LOOP_READ, on_played, &run) ||
	    pthread_create(&thread, NULL, run_thread, &run) != 0)
		abort();
	loop_run(loop);
	(void)pthread_join(thread, NULL);
	(void)close(run.event_fd);
}

struct wait {
	struct loop *loop;
	const bool *done;
	struct loop_timer *timer;
	int turns;
};

static void look(void *arg)
{
	struct wait *wait = arg;

	if (*wait->done || wait->turns++ > HTTP_RAW_PATIENCE_S * 1000)
		loop_stop(wait->loop);
	else
		loop_timer_set(wait->timer, 1);
}

void http_raw_run_until(struct loop *loop, const bool *done)
{
	struct wait wait = { .loop = loop, .done = done };

	wait.timer = loop_timer_new(loop, look, &wait);
	loop_timer_set(wait.timer, 1);
	loop_run(loop);
	loop_timer_free(wait.timer);
}

void http_raw_pause(long ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

static void be_patient(int fd)
{
	struct timeval patience = { .tv_sec = HTTP_RAW_PATIENCE_S };

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

int http_raw_connect(const char *address, int port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	bool is_v6 = strchr(address, ':') != NULL;
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)inet_pton(AF_INET, address, &v4.sin_addr);
	(void)inet_pton(AF_INET6, address, &v6.sin6_addr);
	be_patient(fd);
	if (connect(fd, is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4,
	            is_v6 ? sizeof(v6) : sizeof(v4)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

bool http_raw_send(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		at += sent;
		length -= (size_t)sent;
	}
	return true;
}

bool http_raw_send_text(int fd, const char *text)
{
	return http_raw_send(fd, text, strlen(text));
}

void http_raw_reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	(void)close(fd);
}

bool http_raw_ended(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, 0);

	return got == 0 || (got < 0 && errno == ECONNRESET);
}

/* Up to and with the empty line; byte by byte, so that nothing of what follows is taken. */
static bool read_head(int fd, char *head, size_t size)
{
	size_t length = 0;

	while (length + 1 < size) {
		if (recv(fd, head + length, 1, 0) != 1)
			return false;
		head[++length] = '\0';
		if (length >= 4 && strcmp(head + length - 4, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

static size_t content_length(const char *head)
{
	const char *line = strcasestr(head, "\r\nContent-Length:");

	return line == NULL ? 0 : strtoul(line + 17, NULL, 10);
}

static bool read_exactly(int fd, char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t got = recv(fd, bytes, length, 0);

		if (got <= 0)
			return false;
		bytes += got;
		length -= (size_t)got;
	}
	return true;
}

bool http_raw_read(int fd, struct http_raw_reply *reply, bool has_body)
{
	memset(reply, 0, sizeof(*reply));
	if (!read_head(fd, reply->head, sizeof(reply->head)) ||
	    strncmp(reply->head, "HTTP/1.1 ", 9) != 0)
		return false;
	reply->status = (int)strtol(reply->head + 9, NULL, 10);
	reply->closes = strcasestr(reply->head, "\r\nConnection: close") != NULL;
	if (has_body)
		reply->body_length = content_length(reply->head);
	reply->body = calloc(1, reply->body_length + 1);
	return reply->body != NULL && read_exactly(fd, reply->body, reply->body_length);
}

int http_raw_status(int fd)
{
	struct http_raw_reply reply;
	bool whole = http_raw_read(fd, &reply, true);

	free(reply.body);
	return whole ? reply.status : 0;
}

static void set_serving(struct http_peer *peer, int fd)
{
	(void)pthread_mutex_lock(&peer->lock);
	peer->serving_fd = fd;
	(void)pthread_mutex_unlock(&peer->lock);
}

static void *peer_thread(void *arg)
{
	struct http_peer *peer = arg;

	for (;;) {
		int fd = accept4(peer->listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0 && errno == EMFILE) { /* a test of the program's want of descriptors; the limit is ours, too */
			(void)poll(NULL, 0, 1);
			continue;
		}
		if (fd < 0)
			return NULL;
		be_patient(fd);
		set_serving(peer, fd);
		peer->serve(peer, fd, atomic_fetch_add(&peer->connections, 1));
		set_serving(peer, -1);
		(void)close(fd);
	}
}

void http_peer_start(struct http_peer *peer, void (*serve)(struct http_peer *, int, int),
                     const void *arg)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);

	memset(peer, 0, sizeof(*peer));
	peer->serve = serve;
	peer->arg = arg;
	peer->serving_fd = -1;
	(void)pthread_mutex_init(&peer->lock, NULL);
	peer->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(peer->listen_fd, (struct sockaddr *)&address, length) != 0 ||
	    listen(peer->listen_fd, 64) != 0 ||
	    getsockname(peer->listen_fd, (struct sockaddr *)&address, &length) != 0)
		abort();
	peer->port = ntohs(address.sin_port);
	if (pthread_create(&peer->thread, NULL, peer_thread, peer) != 0)
		abort();
}

void http_peer_stop(struct http_peer *peer)
{
	(void)shutdown(peer->listen_fd, SHUT_RDWR);
	(void)pthread_mutex_lock(&peer->lock);
	if (peer->serving_fd >= 0)
		(void)shutdown(peer->serving_fd, SHUT_RDWR);
	(void)pthread_mutex_unlock(&peer->lock);
	(void)pthread_join(peer->thread, NULL);
	(void)close(peer->listen_fd);
	(void)pthread_mutex_destroy(&peer->lock);
}

bool http_peer_read(struct http_peer *peer, int fd)
{
	char head[16384];
	size_t head_length, body_length;

	if (!read_head(fd, head, sizeof(head)))
		return false;
	head_length = strlen(head);
	body_length = content_length(head);
	if (head_length + body_length >= sizeof(peer->last_request))
		return false;
	memcpy(peer->last_request, head, head_length);
	if (!read_exactly(fd, peer->last_request + head_length, body_length))
		return false;
	peer->last_request[head_length + body_length] = '\0';
	(void)atomic_fetch_add(&peer->requests, 1);
	return true;
}
