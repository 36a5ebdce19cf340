/*
 * slack.h - a Slack that costs nearly nothing: Web API and Socket Mode on one loopback port.
 *
 * For measuring only. It accepts whatever it is asked, keeps nothing, and takes the time of every
 * arrival right after the bytes were read. (tests/sandbox is the Slack that judges.)
 */
#ifndef TESTS_BENCH_SLACK_H
#define TESTS_BENCH_SLACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slack;

struct slack_ears {
	/* A whole HTTP request; `request` is NUL-terminated. */
	void (*request)(void *arg, const char *request, size_t length, int64_t at_ns);
	/* A text message from a socket: acknowledgements. Not NUL-terminated. */
	void (*message)(void *arg, const char *text, size_t length, int64_t at_ns);
	/* A socket was upgraded; hello is on its way to it. */
	void (*opened)(void *arg, int64_t at_ns);
	void *arg;
};

struct slack *slack_new(const struct slack_ears *ears);
int slack_port(const struct slack *slack);
/* Waits for anything to happen, at most so long, and serves it. */
void slack_serve(struct slack *slack, int timeout_ms);
/* Also wakes slack_serve when this descriptor is readable. */
void slack_wake_for(struct slack *slack, int fd);
void slack_forget(struct slack *slack, int fd);
unsigned slack_sockets(const struct slack *slack); /* open now */
/* Sends a text message to the n-th open socket (n < slack_sockets); it has left when this returns. */
void slack_send(struct slack *slack, unsigned n, const char *text, size_t length);

#endif
