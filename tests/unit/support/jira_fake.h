/*
 * jira_fake.h - a Jira on a loopback port that answers as a test tells it, and remembers what it was
 * asked. One request a TCP connection.
 */
#ifndef TESTS_JIRA_FAKE_H
#define TESTS_JIRA_FAKE_H

#include <stdbool.h>
#include <stddef.h>

struct jira_fake;
struct loop;

struct jira_asked {
	char *line;  /* "POST /rest/api/3/issue?x=y" */
	char *head;  /* request line and headers */
	char *body;
};

struct jira_fake *jira_fake_new(struct loop *loop);
void jira_fake_free(struct jira_fake *fake);
const char *jira_fake_url(const struct jira_fake *fake); /* "http://127.0.0.1:port" */

/*
 * The next request of that method and path ("POST /rest/api/3/issue", no query) gets this; those without one
 * get 404 with a body that says so. headers: lines that end in \r\n, or NULL. The content type is JSON unless
 * the headers name one. status 0: the connection is closed without an answer.
 */
void jira_fake_answer(struct jira_fake *fake, const char *what, int status, const char *headers, const char *body);
void jira_fake_hold(struct jira_fake *fake, bool hold); /* answers wait until it is false */
/* Answers that no request took. */
size_t jira_fake_unused(const struct jira_fake *fake);

/* what as above, or NULL for all. */
size_t jira_fake_count(const struct jira_fake *fake, const char *what);
/* The nth request (from 0) of these; fails the test when there is none. */
const struct jira_asked *jira_fake_asked(const struct jira_fake *fake, const char *what, size_t nth);

#endif
