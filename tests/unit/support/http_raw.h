/*
 * http_raw.h - the other side of the HTTP tests: blocking sockets in a thread of its own, so that
 * every byte and every pause is the test's.
 *
 * Threads must not assert (cmocka leaves by longjmp): they note what they saw, the test judges.
 */
#ifndef TESTS_HTTP_RAW_H
#define TESTS_HTTP_RAW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct loop;

/* Longer than anything here takes, even under valgrind: only a defect waits for it. */
#define HTTP_RAW_PATIENCE_S 30

/* Runs play(arg) in a thread and the loop until it has returned. */
void http_raw_run(struct loop *loop, void (*play)(void *arg), void *arg);
/* Runs the loop until *done is true; fails the test when that takes too long. */
void http_raw_run_until(struct loop *loop, const bool *done);

void http_raw_pause(long ms);
int http_raw_connect(const char *address, int port); /* -1 when refused */
bool http_raw_send(int fd, const void *bytes, size_t length);
bool http_raw_send_text(int fd, const char *text);
/* With a reset instead of an orderly end. */
void http_raw_reset(int fd);
/* True when the peer ends the connection before sending another byte. */
bool http_raw_ended(int fd);

struct http_raw_reply {
	int status; /* 0: none came */
	bool closes;
	char head[4096];
	char *body; /* free() it */
	size_t body_length;
};

/* Reads one reply with a Content-Length (or none for 1xx, 204, HEAD: has_body false). */
bool http_raw_read(int fd, struct http_raw_reply *reply, bool has_body);
/* The status alone. 0: the connection ended. */
int http_raw_status(int fd);

/* A server that does exactly what `serve` does with each connection, one after the other. */
struct http_peer {
	int listen_fd, port;
	void (*serve)(struct http_peer *peer, int fd, int number); /* number from 0; closes nothing */
	const void *arg;
	atomic_int connections;
	atomic_int requests; /* http_peer_read counts */
	char last_request[65536];
	pthread_t thread;
	pthread_mutex_t lock; /* guards serving_fd */
	int serving_fd;       /* -1: none */
};

void http_peer_start(struct http_peer *peer, void (*serve)(struct http_peer *, int, int),
                     const void *arg);
/* Also ends the connection that is being served. */
void http_peer_stop(struct http_peer *peer);
/* Reads one whole request (head and Content-Length body) into last_request; false at the end. */
bool http_peer_read(struct http_peer *peer, int fd);

#endif
