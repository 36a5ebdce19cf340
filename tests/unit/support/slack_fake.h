/*
 * slack_fake.h - a Web API on a loopback port that answers as a test tells it, and remembers what
 * it was asked. One request a TCP connection.
 */
#ifndef TESTS_SLACK_FAKE_H
#define TESTS_SLACK_FAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/str.h"

struct loop;
struct slack_fake;

struct slack_asked {
	char *method; /* the last part of the path: "chat.postMessage" */
	char *head;   /* request line and headers */
	char *body;   /* NUL-terminated, whatever it holds */
	size_t length;
};

struct slack_fake *slack_fake_new(struct loop *loop);
void slack_fake_free(struct slack_fake *fake);
const char *slack_fake_url(const struct slack_fake *fake); /* "http://127.0.0.1:port/api/" */

/* The next request of that method gets this; without one {"ok":true,"ts":"<number>.000000"}.
 * status 0: the connection is closed without an answer. retry_after_s 0: no such header. */
void slack_fake_answer(struct slack_fake *fake, const char *method, int status, int retry_after_s,
                       const char *body);
/* Requests for which nothing is scripted are answered by this. */
struct slack_said {
	int status, retry_after_s;
	bool late;       /* it arrives when slack_fake_hold(fake, false) is called */
	struct str body; /* to be added to */
};
typedef void slack_fake_fn(void *arg, const struct slack_asked *asked, struct slack_said *said);
void slack_fake_answer_by(struct slack_fake *fake, slack_fake_fn *by, void *arg);
void slack_fake_hold(struct slack_fake *fake, bool hold); /* answers wait until it is false */

size_t slack_fake_count(const struct slack_fake *fake, const char *method); /* NULL: all */
/* The nth request (from 0) of that method, or of all; fails the test when there is none. */
const struct slack_asked *slack_fake_asked(const struct slack_fake *fake, const char *method, size_t nth);

#endif
