/*
 * aws_world.h - a process that calls AWS, as far as it knows: a loop, a client, a configuration, an
 * environment without AWS_ variables and an empty home, and one peer on a loopback port that is every
 * service and answers as a test tells it. Waits are shortened a thousandfold.
 */
#ifndef TESTS_AWS_WORLD_H
#define TESTS_AWS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/aws.h"
#include "adapters/aws/credentials.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/str.h"

struct aws_asked {
	char *head; /* request line and headers */
	char *body;
};

struct aws_world {
	struct loop *loop;
	struct bot bot;
	struct config config; /* region us-east-1, no accounts */
	struct str log;       /* every line written */
	struct aws_asked asked[64];
	size_t count;
};
extern struct aws_world cloud;

/* cmocka's setup and teardown of each test. */
int aws_world_begin(void **state);
int aws_world_end(void **state);
/* bot.aws with static keys AKIDTEST and every endpoint at the peer. */
struct aws *aws_world_start(void);
const char *aws_world_url(void); /* "http://127.0.0.1:port" */
int aws_world_port(void);
/* The client of the process, with CONNECT_TO lines (NULL: none). Before aws_world_start. */
void aws_world_client(const char *const *connect_to);

/* The next request that holds `needle` (NULL: any) gets this; without one 404. headers: whole lines with
 * "\r\n". AWS_WORLD_CUT: the connection ends without an answer; AWS_WORLD_SILENT: nothing ever comes. */
#define AWS_WORLD_CUT 0
#define AWS_WORLD_SILENT (-1)
void aws_world_answer(const char *needle, int status, const char *headers, const char *body);
/* The same with any bytes as the body. */
void aws_world_answer_bytes(const char *needle, int status, const char *headers, const void *body, size_t length);
/* The next request that holds `needle` gets a 200 whose body comes by aws_world_send, until aws_world_close. */
void aws_world_stream(const char *needle);
void aws_world_send(const void *bytes, size_t length);
void aws_world_close(void);
bool aws_world_hung_up(void); /* the caller has closed that connection */
void aws_world_until(size_t count); /* turns the loop until so many requests have come */
void aws_world_forget(void); /* the requests so far; counts from 0 again */
size_t aws_world_unused(void); /* answers that nobody fetched */
/* The value of a header of request `nth`; "" when absent; valid until the next but three calls. */
const char *aws_world_header(size_t nth, const char *name);

/* The environment as a test wants it: undone at the end. */
void aws_world_env(const char *name, const char *value);
/* Writes HOME/path (with its folders) and returns its full name, valid until the next but three such calls. */
const char *aws_world_file(const char *path, const char *text, size_t length);

/* An operation's end. */
struct aws_end {
	bool done;
	unsigned times;
	struct err err; /* ERR_NONE: success */
};
struct done aws_end_token(struct aws_end *end);
void aws_end_wait(struct aws_end *end); /* turns the loop */

/* The end of a question for credentials. */
struct aws_given {
	struct aws_end end;
	struct aws_credentials *credentials; /* kept; aws_given_drop */
};
void aws_given_take(void *given, struct aws_credentials *credentials, const struct err *err);
void aws_given_drop(struct aws_given *given);

#endif
