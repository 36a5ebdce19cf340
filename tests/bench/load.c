/*
 * load - posts prepared HTTP requests over keep-alive connections, each as soon as the one before
 * it on its connection is answered, and prints how it went as JSON.
 *
 * usage: load PORT FILE CONNECTIONS [RATE]   FILE: blocks in pairs, the request and a name (not used)
 * RATE: so many begin a second, evenly; without it, each as soon as it can.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "tool.h"

#define PATIENCE_MS 30000

struct connection {
	int fd;
	const struct block *request; /* NULL: nothing left to do */
	size_t sent;
	int64_t started_ns;
	struct bytes in;
};

struct load {
	int epoll_fd;
	const struct block *blocks;
	size_t count, next, answered; /* requests */
	size_t statuses[600];
	int64_t *took_ns;
	int64_t started_ns, ended_ns;
	int64_t every_ns;             /* 0: as soon as they can */
	struct connection **idle;     /* a ring of those that wait for the next one to be due */
	size_t idle_first, idle_count, connections;
};

static void send_some(struct connection *c)
{
	const struct block *request = c->request;

	while (c->sent < request->length) {
		ssize_t sent = send(c->fd, request->data + c->sent, request->length - c->sent,
		                    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EAGAIN)
			return; /* the kernel tells when there is room: the interest is edge-triggered */
		if (sent < 0)
			fail("send");
		c->sent += (size_t)sent;
	}
}

/* Until the next one is due. */
static int64_t left_ns(const struct load *load)
{
	return load->started_ns + (int64_t)load->next * load->every_ns - now_ns();
}

static void begin(struct load *load, struct connection *c)
{
	c->request = NULL;
	if (load->next == load->count)
		return;
	if (left_ns(load) > 0) {
		load->idle[(load->idle_first + load->idle_count++) % load->connections] = c;
		return;
	}
	c->request = &load->blocks[2 * load->next++];
	c->sent = 0;
	c->started_ns = now_ns();
	send_some(c);
}

static void take_answer(struct load *load, struct connection *c)
{
	size_t head, length = http_length(&c->in, &head);
	int status;

	if (length == 0)
		return;
	status = (int)strtol(c->in.data + sizeof("HTTP/1.1"), NULL, 10);
	load->statuses[status > 0 && status < 600 ? status : 0]++;
	bytes_drop(&c->in, length);
	load->ended_ns = now_ns();
	load->took_ns[load->answered++] = load->ended_ns - c->started_ns;
	begin(load, c);
}

static void serve(struct load *load, struct connection *c, uint32_t ready)
{
	if ((ready & EPOLLOUT) && c->request != NULL)
		send_some(c);
	if (!(ready & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	if (!receive(c->fd, &c->in) && c->request != NULL) {
		errno = ECONNRESET;
		fail("a connection was closed");
	}
	if (c->request != NULL)
		take_answer(load, c);
}

/* By turns, so that none is silent for long. */
static struct connection *next_idle(struct load *load)
{
	struct connection *c = load->idle[load->idle_first];

	load->idle_first = (load->idle_first + 1) % load->connections;
	load->idle_count--;
	return c;
}

static void run(struct load *load)
{
	struct epoll_event events[64];

	while (load->answered < load->count) {
		bool due_later = load->idle_count > 0 && load->next < load->count;
		int count = epoll_wait(load->epoll_fd, events, 64, due_later ? 1 : PATIENCE_MS);

		if (count < 0 || (count == 0 && !due_later))
			fail("no answer for a long time");
		while (load->idle_count > 0 && load->next < load->count && left_ns(load) <= 0)
			begin(load, next_idle(load));
		for (int i = 0; i < count; i++)
			serve(load, events[i].data.ptr, events[i].events);
	}
}

static void print_result(const struct load *load)
{
	(void)printf("{\"count\": %zu, \"started_ns\": %lld, \"seconds\": %.6f, \"statuses\": {", load->count,
	             (long long)load->started_ns, (double)(load->ended_ns - load->started_ns) / 1e9);
	for (int i = 0, printed = 0; i < 600; i++)
		if (load->statuses[i] > 0)
			(void)printf("%s\"%d\": %zu", printed++ > 0 ? ", " : "", i, load->statuses[i]);
	(void)printf("}, ");
	print_list("took_us", load->took_ns, load->count, 1000);
	(void)printf("}\n");
}

int main(int argc, char **argv)
{
	struct load load = { .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
	size_t blocks, connections;
	struct connection *all;

	if (argc != 4 && argc != 5) {
		(void)fprintf(stderr, "usage: load PORT FILE CONNECTIONS [RATE]\n");
		return 2;
	}
	load.blocks = read_blocks(argv[2], &blocks);
	load.count = blocks / 2;
	load.took_ns = calloc(load.count, sizeof(*load.took_ns));
	connections = (size_t)number(argv[3]);
	all = calloc(connections, sizeof(*all));
	load.connections = connections;
	load.idle = calloc(connections, sizeof(struct connection *));
	load.every_ns = argc == 5 ? 1000000000 / number(argv[4]) : 0;
	for (size_t i = 0; i < connections; i++) {
		struct epoll_event interest = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &all[i] };

		all[i].fd = connect_to((int)number(argv[1]));
		if (epoll_ctl(load.epoll_fd, EPOLL_CTL_ADD, all[i].fd, &interest) != 0)
			fail("epoll_ctl");
	}
	load.started_ns = now_ns();
	for (size_t i = 0; i < connections; i++)
		begin(&load, &all[i]);
	run(&load);
	print_result(&load);
	return 0;
}
